"""The Hurst exponent by rescaled range: how far sums of a series wander, for their spread.

The range of the running sum within a window, divided by the window's standard deviation,
grows like its length to the power H. For short windows that law bends even without memory;
what independent values would give is known exactly and is taken as the level for 0.5. For
series with trends detrended fluctuation analysis is the better choice.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.analysis._fluctuations import checked_series, lengths
from engine.analysis._scaling import local_slopes, straight_line
from engine.analysis.dfa import WINDOW_OPTIONS, window_range
from engine.analysis.method import Curve, Method, Plot, Points, Scalar, Subject
from engine.errors import ParameterError
from engine.exhibit import Parameter, Reference, Value
from engine.job import Job, Partial, run

Array = NDArray[np.float64]
WHAT = "the rescaled range"
CORRECTIONS = ("anis-lloyd", "none")
_PIECE = 1 << 17  # values at once
_HALF = 3
_SHORTEST = 8
_BLOCKS = 4


@dataclass(frozen=True, eq=False)
class Hurst:
    """A Hurst exponent and the ranges it was read from.

    Attributes
    ----------
    exponent : float
        H.
    stderr : float
        From the line and from quarters of the series.
    windows : array (k,) of int64
        Lengths of windows, in values.
    ranges : array (k,)
        Mean rescaled ranges R/S.
    expected : array (k,)
        What independent normal values give on average.
    slopes : array (k,)
        Local slopes, corrected as the exponent is.
    correction : str
    points : int
    """

    exponent: float
    stderr: float
    windows: NDArray[np.int64]
    ranges: Array
    expected: Array
    slopes: Array
    correction: str
    points: int

    def scalars(self) -> tuple[Scalar, ...]:
        """The exponent."""
        title = "Hurst exponent H"
        return (Scalar("hurst", title, self.exponent, self.stderr, label="estimate"),)

    def plots(self) -> tuple[Plot, ...]:
        """Rescaled ranges beside those of independent values, and local slopes."""
        n = self.windows.astype(np.float64)
        ends, level = np.array([n[0], n[-1]]), np.full(2, self.exponent)
        name = f"H = {self.exponent:.3f} ± {self.stderr:.3f}"
        fitted = np.log(self.ranges)
        shape = self.exponent * np.log(n)
        if self.correction != "none":
            shape = np.log(self.expected) + (self.exponent - 0.5) * np.log(n)
        line = np.exp(shape + (fitted - shape).mean())
        return (
            Plot(
                "Rescaled range",
                "window n [samples]",
                "R/S",
                (
                    Points(n, self.ranges),
                    Curve(n, line, name),
                    Curve(n, self.expected, "independent values", reference=True),
                ),
                x_log=True,
                y_log=True,
            ),
            Plot(
                "Local slopes",
                "window n [samples]",
                "H",
                (
                    Curve(n, self.slopes),
                    Curve(ends, level, name, level - self.stderr, level + self.stderr),
                    Curve(ends, np.full(2, 0.5), "no memory: 0.5", reference=True),
                ),
                x_log=True,
            ),
        )


def hurst(
    series: object,
    low: int | None = None,
    high: int | None = None,
    correction: str = "anis-lloyd",
) -> Hurst:
    """The Hurst exponent of a stationary series by its rescaled range.

    Parameters
    ----------
    series : array-like (m,)
        Evenly sampled; increments, not the path they sum up to.
    low, high : int, optional
        Shortest and longest window, in values; 16 and a tenth of the series by default.
    correction : str
        ``anis-lloyd`` measures slopes from those of independent values; ``none`` does not.

    Returns
    -------
    Hurst

    Raises
    ------
    ParameterError
        If the series or a setting cannot be used.

    References
    ----------
    H. E. Hurst, Long-term storage capacity of reservoirs, Transactions of the American Society
    of Civil Engineers 116, 770-799 (1951). A. A. Anis, E. H. Lloyd, The expected value of the
    adjusted rescaled Hurst range of independent normal summands, Biometrika 63, 111-116 (1976).
    """
    return run(hurst_job(series, low, high, correction))


def hurst_job(
    series: object,
    low: int | None = None,
    high: int | None = None,
    correction: str = "anis-lloyd",
) -> Job[Hurst]:
    """`hurst` as a job."""
    values = checked_series(series, WHAT)
    if correction not in CORRECTIONS:
        raise ParameterError(
            f"{WHAT} knows the corrections {' and '.join(CORRECTIONS)}, got {correction!r}"
        )
    windows = lengths(len(values), low, high, WHAT, _SHORTEST, len(values) // 2)
    values = values / float(np.abs(values).max())
    means, quarters = np.zeros(len(windows)), np.full((_BLOCKS, len(windows)), np.nan)
    for k, length in enumerate(windows):
        count = len(values) // int(length)
        cut = values[: count * length].reshape(count, length)
        rows = max(1, _PIECE // int(length))
        found = []
        for first in range(0, count, rows):
            found.append(_rescaled(cut[first : first + rows]))
            yield Partial(None, k + first / count, len(windows), "rescaled ranges")
        every = np.concatenate(found)
        if not np.isfinite(every).any():
            raise ParameterError(
                f"{WHAT} found only windows of {length} values that do not change: take longer "
                "windows"
            )
        means[k] = np.nanmean(every)
        for b, part in enumerate(np.array_split(every, _BLOCKS)):
            if np.isfinite(part).any():
                quarters[b, k] = np.nanmean(part)
    expected = np.array([independent(int(length)) for length in windows])
    x = np.log(windows)
    base = np.log(expected) - 0.5 * x if correction != "none" else np.zeros(len(x))
    y = np.log(means) - base
    line = straight_line(x, y, 0, len(x) - 1)
    whole = quarters[np.isfinite(quarters).all(axis=1)]
    slopes = [straight_line(x, np.log(row) - base, 0, len(x) - 1).slope for row in whole]
    chance = float(np.std(slopes, ddof=1)) / math.sqrt(len(slopes)) if len(slopes) > 1 else 0.0
    return Hurst(
        line.slope,
        math.hypot(line.stderr, chance),
        windows,
        means,
        expected,
        local_slopes(x, y, _HALF),
        correction,
        len(values),
    )


def independent(length: int) -> float:
    """Expected rescaled range of independent normal values.

    Exact; the sum of Anis and Lloyd.
    """
    i = np.arange(1, length)
    ratio = math.exp(math.lgamma(0.5 * (length - 1)) - math.lgamma(0.5 * length))
    return ratio / math.sqrt(math.pi) * float(np.sqrt((length - i) / i).sum())


def _rescaled(windows: Array) -> Array:
    """Rescaled range of every row; not a number where nothing changes."""
    middle = windows - windows.mean(axis=1, keepdims=True)
    path = np.cumsum(middle, axis=1)
    # The sum of all is zero, and the range begins there.
    reach = np.maximum(path.max(axis=1), 0.0) - np.minimum(path.min(axis=1), 0.0)
    deviation = np.sqrt((middle**2).mean(axis=1))
    flat = deviation <= 1e-13 * np.abs(windows).max(axis=1)
    return np.where(flat, np.nan, reach / np.where(flat, 1.0, deviation))


def _job(subject: Subject, options: Mapping[str, Value]) -> Job[Hurst]:
    assert subject.sampled is not None
    return hurst_job(
        subject.sampled.series,
        int(options["low"]),
        int(options["high"]),
        str(options["correction"]),
    )


METHOD = Method(
    "Hurst exponent",
    "Dimension",
    "How far the running sum of a series wanders in a window, in units of the window's standard "
    "deviation: it grows like the window's length to the power H. H is 0.5 without memory, "
    "above it where high values follow high ones for long, below it where they alternate. "
    "H. E. Hurst found values near 0.7 for the levels of rivers.",
    "An estimate with a bias: even with the correction for independent values it is too high "
    "for H below 0.5 and too low for H near one, by a few hundredths for thousands of values. "
    "It takes stationary increments; a trend or a path that is itself a sum gives values near "
    "one whatever the memory. Compare with detrended fluctuation analysis.",
    "series",
    _job,
    (
        *WINDOW_OPTIONS,
        Parameter(
            "correction",
            "anis-lloyd",
            scale="choice",
            choices=CORRECTIONS,
            help="whether slopes are measured from those of independent values",
        ),
    ),
    window_range,
    (
        Reference(
            "H. E. Hurst",
            1951,
            "Long-term storage capacity of reservoirs",
            "Transactions of the American Society of Civil Engineers 116, 770-799",
            "10.1061/TACEAT.0006518",
        ),
        Reference(
            "A. A. Anis and E. H. Lloyd",
            1976,
            "The expected value of the adjusted rescaled Hurst range of independent normal "
            "summands",
            "Biometrika 63, 111-116",
            "10.1093/biomet/63.1.111",
        ),
    ),
)
