"""Recurrence measures in a window that moves along a series: when its dynamics change.

The series is embedded once; the states of every window are compared with each other as
``recurrence_quantification`` does, so that DET, LAM and the others become functions of time.
Not for lines longer than a window. Memory is that of one window besides the states.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import astuple, dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.analysis._recurrence_lines import TITLES, Measures, lines_job, measures_of
from engine.analysis._recurrence_radius import ROUNDING
from engine.analysis._recurrence_states import (
    OPTIONS,
    THEILER,
    Settings,
    automatic,
    embedded,
    settings_of,
    settled,
    staged,
    states_of,
)
from engine.analysis.method import Curve, Method, Plot, Scalar, Subject, measured
from engine.analysis.recurrence_quantification import MARWAN, chosen_radius_job
from engine.errors import ParameterError
from engine.exhibit import Parameter, Reference, Value
from engine.job import Job, Partial, run

Array = NDArray[np.float64]
_WHAT = "Windowed recurrence"
_NAMES = tuple(field.name for field in fields(Measures))


@dataclass(frozen=True, eq=False)
class WindowedRecurrence:
    """Measures of one window after the other; shape ``(k,)`` each.

    Not a number where a window has no line to measure.

    Attributes
    ----------
    times : array
        The middle of each window.
    recurrence_rate, determinism, mean_diagonal, longest_diagonal, entropy, laminarity,
    trapping_time, longest_vertical, first_recurrence_time, second_recurrence_time : array
        RR, DET, L, Lmax, ENTR, LAM, TT, Vmax, T1 and T2, lengths and times in points.
    radius : array
        Distance within which states are recurrent.
    window, shift : int
        States of a window, and by how many the next one begins later.
    """

    times: Array
    recurrence_rate: Array
    determinism: Array
    mean_diagonal: Array
    longest_diagonal: Array
    entropy: Array
    laminarity: Array
    trapping_time: Array
    longest_vertical: Array
    first_recurrence_time: Array
    second_recurrence_time: Array
    radius: Array
    window: int
    shift: int

    def scalars(self) -> tuple[Scalar, ...]:
        """Mean of every measure over the windows, and its standard deviation among them."""
        found = []
        for name, (title, unit) in TITLES.items():
            values = getattr(self, name)
            values = values[np.isfinite(values)]
            mean = float(values.mean()) if len(values) else math.nan
            found.append(Scalar(name, f"{title}, mean of windows", mean, unit=unit))
            if name == "determinism":
                spread = float(values.std()) if len(values) else math.nan
                found.append(
                    Scalar("determinism_deviation", "Deviation of DET among windows", spread)
                )
        return tuple(found)

    def plots(self) -> tuple[Plot, ...]:
        """Every measure against time, the telling ones first."""
        order = ("determinism", "laminarity", "entropy", "mean_diagonal", "trapping_time")
        rest = tuple(name for name in TITLES if name not in order)
        plots = []
        for name in (*order, *rest):
            title, unit = TITLES[name]
            label = f"{title.rpartition(' ')[2]} ({unit})" if unit else title.rpartition(" ")[2]
            plots.append(Plot(title, "time", label, (Curve(self.times, getattr(self, name)),)))
        return (*plots, Plot("Radius", "time", "distance", (Curve(self.times, self.radius),)))


def windowed_recurrence(
    series_or_states: ArrayLike,
    window: int = 500,
    shift: int = 50,
    dimension: int = 1,
    delay: int = 1,
    radius: float | None = None,
    rate: float | None = None,
    norm: str = "euclidean",
    theiler: int = 1,
    least_diagonal: int = 2,
    least_vertical: int = 2,
    step: float = 1.0,
    start: float = 0.0,
) -> WindowedRecurrence:
    """Recurrence quantification of windows that move along a series.

    Parameters
    ----------
    series_or_states : array (m,) or (m, n)
    window : int
        States of a window.
    shift : int
        By how many states the next window begins later.
    dimension, delay, radius, rate, norm, theiler, least_diagonal, least_vertical
        As for ``recurrence_quantification``. A rate is that of every window, each with its own
        radius.
    step, start : float
        Time between points, and of the first.

    Returns
    -------
    WindowedRecurrence

    Raises
    ------
    ParameterError
        If a setting cannot be used, or the series is constant, not finite or shorter than a
        window.

    References
    ----------
    L. L. Trulla, A. Giuliani, J. P. Zbilut, C. L. Webber Jr., Recurrence quantification analysis
    of the logistic equation with transients, Physics Letters A 223, 255-260 (1996).
    """
    settings = Settings(
        dimension, delay, radius, rate, norm, theiler, least_diagonal, least_vertical
    )
    return run(windowed_recurrence_job(series_or_states, settings, window, shift, step, start))


def windowed_recurrence_job(
    series_or_states: ArrayLike,
    settings: Settings,
    window: int = 500,
    shift: int = 50,
    step: float = 1.0,
    start: float = 0.0,
) -> Job[WindowedRecurrence]:
    """`windowed_recurrence` as a job, yielding the windows so far."""
    chosen = settled(settings, _WHAT)
    least = max(1, chosen.theiler) + 2
    for name, value, low in (("window", window, least), ("shift", shift, 1)):
        if isinstance(value, bool) or value != int(value) or value < low:
            raise ParameterError(
                f"'{name}' of {_WHAT} must be a whole number of {low} or more, got {value!r}"
            )
    rows = measured(series_or_states, _WHAT)
    coordinates = embedded(rows, chosen.dimension, chosen.delay, _WHAT, int(window))
    window, shift = int(window), int(shift)
    floor = ROUNDING * float(np.ptp(coordinates, axis=1).max())
    begins = np.arange(0, coordinates.shape[1] - window + 1, shift)
    span = window + (chosen.dimension - 1) * chosen.delay
    times = start + step * (begins + 0.5 * (span - 1))
    found = np.full((len(_NAMES) + 1, len(begins)), np.nan)
    for k, begin in enumerate(begins):
        part = np.ascontiguousarray(coordinates[:, begin : begin + window])
        states = states_of(part, chosen.norm, chosen.theiler)
        low, half, high = (np.array([k, k + 0.4, k + 1]) / len(begins)).tolist()
        radius, _ = yield from staged(chosen_radius_job(states, chosen), low, half)
        # A piece that stands still recurs everywhere, whatever its last digits do.
        radius = max(radius, math.ldexp(floor, -states.exponent)) if chosen.rate else radius
        lines = yield from staged(
            lines_job(states, radius, chosen.least_diagonal, False), half, high
        )
        measures = measures_of(lines, states.pairs, chosen.least_diagonal, chosen.least_vertical)
        found[:, k] = (*astuple(measures), math.ldexp(radius, states.exponent))
        if k % 10 == 9:
            partial = _result(times, found.copy(), window, shift)
            yield Partial(partial, k + 1.0, float(len(begins)), "windows")
    return _result(times, found, window, shift)


def _result(times: Array, found: Array, window: int, shift: int) -> WindowedRecurrence:
    """The result from a row a measure, the radius last."""
    rows: dict[str, Any] = dict(zip((*_NAMES, "radius"), found, strict=True))
    return WindowedRecurrence(times, window=window, shift=shift, **rows)


def _job(subject: Subject, options: Mapping[str, Value]) -> Job[Any]:
    assert subject.sampled is not None
    sampled = subject.sampled
    return windowed_recurrence_job(
        sampled.values,
        settings_of(options),
        int(options["window"]),
        int(options["shift"]),
        sampled.step,
        sampled.start,
    )


def _automatic(subject: Subject) -> dict[str, Value]:
    """As for one plot, with about a hundred windows of a tenth of the series."""
    assert subject.sampled is not None
    found = automatic(subject)
    points = len(subject.sampled.values)
    lag = int(found["theiler"])
    window = max(min(2000, points // 10), min(points // 2, 10 * lag), lag + 2, 50)
    return found | {"window": window, "shift": max(1, (points - window) // 100)}


METHOD = Method(
    "Windowed recurrence",
    "Recurrence",
    "The measures of recurrence plots in a window that moves along the series. Laminarity and "
    "trapping time peak where chaos gives way to intermittency and chaos to chaos, determinism "
    "rises in periodic windows: changes of the dynamics that mean and variance do not show.",
    "A window must hold several returns of the slowest motion, and some hundred points; windows "
    "that overlap are not independent. Every measure scatters from window to window: compare "
    "with the same windows of surrogates before believing a peak. A fixed rate is blind to a "
    "growing amplitude, a fixed radius is not. Near the beginning of a window all lines are cut, "
    "so that lengths of windows of different sizes cannot be compared.",
    "states",
    _job,
    (
        Parameter("window", 500, 50, 5000, scale="integer", help="States of a window"),
        Parameter(
            "shift", 50, 1, 1000, scale="integer", help="States by which the next begins later"
        ),
        *OPTIONS,
        THEILER,
    ),
    _automatic,
    (
        Reference(
            "L. L. Trulla, A. Giuliani, J. P. Zbilut and C. L. Webber",
            1996,
            "Recurrence quantification analysis of the logistic equation with transients",
            "Physics Letters A 223, 255-260",
            "10.1016/S0375-9601(96)00741-4",
        ),
        Reference(
            "N. Marwan, N. Wessel, U. Meyerfeldt, A. Schirdewan and J. Kurths",
            2002,
            "Recurrence-plot-based measures of complexity and their application to "
            "heart-rate-variability data",
            "Physical Review E 66, 026702",
            "10.1103/PhysRevE.66.026702",
        ),
        MARWAN,
    ),
)
