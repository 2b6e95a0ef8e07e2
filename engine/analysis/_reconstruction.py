"""What all methods that rebuild states from one series share: delay vectors, time scales, checks.

Nothing here chooses a dimension; see ``delay_embedding``.

References
----------
F. Takens, Detecting strange attractors in turbulence, Lecture Notes in Mathematics 898,
366-381 (1981).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from engine.analysis.method import measured
from engine.errors import ParameterError

Array = NDArray[np.float64]

_SMALL, _LARGE = 1e-140, 1e140
MOST_LAGS = 200
"""Lags looked at where nobody says how many."""


def varied(values: object, what: str, least: int = 2) -> Array:
    """A series ``(m,)`` of finite numbers that are not all the same.

    Raises
    ------
    ParameterError
        If there are too few, some are not finite, all are equal, or they are of a size whose
        squares no float holds.
    """
    series = np.ascontiguousarray(measured(values, what, least, columns=1)[:, 0])
    spread = float(np.ptp(series))
    if spread <= 1e-13 * float(np.abs(series).max()):
        raise ParameterError(
            f"{what} needs numbers that vary; all {len(series)} are {series[0]:.6g}: "
            "take another column or discard less of the start"
        )
    if not _SMALL < spread < _LARGE:
        raise ParameterError(
            f"{what} needs numbers whose squares can be summed; these spread over {spread:.3g}: "
            "take another unit"
        )
    return series


def positive(value: float, name: str, what: str) -> float:
    """`value`, which must be finite and above zero."""
    if not (math.isfinite(value) and value > 0.0):
        raise ParameterError(f"the {name} of {what} must be above zero, got {value!r}")
    return float(value)


def whole(value: int, name: str, what: str, low: int, high: int) -> int:
    """`value`, which must be a whole number from `low` to `high`."""
    if value != int(value) or not low <= value <= high:
        raise ParameterError(
            f"the {name} of {what} must be a whole number from {low} to {high}, got {value!r}"
        )
    return int(value)


def vectors(series: Array, dimension: int, delay: int, what: str, least: int = 2) -> Array:
    """Delay vectors ``(m - (dimension - 1) delay, dimension)``, oldest value first.

    Raises
    ------
    ParameterError
        If there are fewer than `least` of them.
    """
    rows = len(series) - (dimension - 1) * delay
    if rows < least:
        raise ParameterError(
            f"{what} needs {least} states; {len(series)} points leave {max(rows, 0)} in "
            f"{dimension} dimensions at a delay of {delay}: "
            "take more points, fewer dimensions or a shorter delay"
        )
    columns = [series[d * delay : d * delay + rows] for d in range(dimension)]
    return np.ascontiguousarray(np.column_stack(columns))


def correlations(series: Array, lags: int) -> Array:
    """Autocorrelation at lags 0 to `lags`, shape ``(lags + 1,)``, by Fourier transform."""
    count = len(series)
    padded = 1 << (count + lags).bit_length()
    transform = np.fft.rfft(series - series.mean(), padded)
    power = transform.real**2 + transform.imag**2
    found = np.fft.irfft(power, padded)[: lags + 1]
    return np.asarray(found / found[0])


def falls_below(values: Array, level: float) -> float:
    """First place, between whole ones, where `values` come down to a level; NaN if nowhere."""
    below = np.flatnonzero(values <= level)
    if not len(below):
        return math.nan
    last = int(below[0])
    if last == 0:
        return 0.0
    before, after = float(values[last - 1]), float(values[last])
    return last - 1 + (before - level) / (before - after)


def mean_period(series: Array) -> float:
    """Reciprocal of the mean frequency of the power spectrum, in rows.

    The time that must lie between neighbours so that they are not the same passage
    (M. T. Rosenstein et al. 1993).
    """
    size = float(np.abs(series).max()) if len(series) else 0.0
    if not 0.0 < size < math.inf:
        return float(len(series))  # nobody has checked these numbers yet
    middle = series / size
    middle -= middle.mean()
    power = np.abs(np.fft.rfft(middle * np.hanning(len(series)))) ** 2
    power[0] = 0.0
    total = float(power.sum())
    if total <= 0.0:
        return float(len(series))
    return len(series) * total / float(power @ np.arange(len(power)))


def apart_in_time(series: Array) -> int:
    """How many rows must lie between neighbours: a mean period, a tenth of all at most."""
    return max(1, min(math.ceil(mean_period(series)), len(series) // 10))


def first_minimum(values: Array, noise: float) -> int:
    """Index of the first minimum that is left by more than `noise`, -1 where there is none."""
    lowest = 0
    for i in range(1, len(values)):
        if values[i] < values[lowest]:
            lowest = i
        elif lowest > 0 and values[i] - values[lowest] > noise:
            return lowest
    return -1
