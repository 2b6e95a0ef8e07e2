"""Recurrence plot of a series or of states, and what its lines say: RQA.

Two moments recur where their states are near: within a radius, or within the one at which a
given share of all pairs is. Diagonal lines are pieces of the orbit that run along each other,
vertical lines states that hardly move. Not for two different series: see
``cross_recurrence``.

All pairs are looked at, but no matrix of them is made: time grows with the square of the
number of points (half a minute for 100,000 on two cores), memory in proportion to it: 16
bytes a number, 40 bytes a point and 4 MB for every thread, and at most 50 MB for the
distances among which the radius of a rate is found.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.analysis._recurrence_lines import (
    Measures,
    histogram,
    lines_job,
    measures_of,
    of_noise,
    picture,
    scalars_of,
    trimmed,
)
from engine.analysis._recurrence_radius import EXACT, SAMPLE, estimated, radius_job
from engine.analysis._recurrence_states import (
    OPTIONS,
    THEILER,
    Settings,
    States,
    automatic,
    embedded,
    settings_of,
    settled,
    staged,
    states_of,
)
from engine.analysis.method import Curve, Image, Method, Plot, Scalar, Subject, measured
from engine.errors import ParameterError
from engine.exhibit import Reference, Value
from engine.job import Job, run

Array = NDArray[np.float64]
Counts = NDArray[np.int64]
_WHAT = "Recurrence quantification"


@dataclass(frozen=True, eq=False)
class RecurrenceQuantification(Measures):
    """A recurrence plot in numbers: those of `Measures`, and these.

    Attributes
    ----------
    radius : float
        Distance within which states are recurrent.
    sampled_pairs : int
        Pairs that the radius of a rate was estimated from; 0 where it is exact or was given.
    points : int
        States compared.
    diagonal_lengths, vertical_lengths : array of int
        Lines by length: entry l counts those of l points.
    recurrence_times : array of int
        Times from the begin of a vertical line to that of the next in a column, by length.
    rate_by_lag : array (points,)
        Share of recurrent points on every diagonal; not a number within the Theiler window.
    plot : array (k, k) of float32
        The recurrence plot as a screen shows it: share of recurrent points in squares of
        `cell` states.
    cell : int
    dimension, delay, theiler, least_diagonal, least_vertical, norm
        As given.
    step, start : float
        Time between points, and of the first.
    """

    radius: float
    sampled_pairs: int
    points: int
    diagonal_lengths: Counts
    vertical_lengths: Counts
    recurrence_times: Counts
    rate_by_lag: Array
    plot: NDArray[np.float32]
    cell: int
    dimension: int
    delay: int
    theiler: int
    least_diagonal: int
    least_vertical: int
    norm: str
    step: float = 1.0
    start: float = 0.0

    def scalars(self) -> tuple[Scalar, ...]:
        """The measures, then the radius."""
        label = "estimate" if self.sampled_pairs else ""
        return (*scalars_of(self), Scalar("radius", "Radius", self.radius, label=label))

    def plots(self) -> tuple[Plot, ...]:
        """The recurrence plot, recurrences by lag, and the lines by length."""
        low = self.start - 0.5 * self.step
        edge = low + self.step * self.cell * len(self.plot)
        image = Image(self.plot, low, edge, low, edge, "share of recurrent pairs")
        lag = np.arange(self.points, dtype=np.float64) * self.step
        rows = self.points - max(1, self.theiler)
        pairs = rows * (rows + 1)
        noise = of_noise(pairs, self.recurrence_rate, len(self.diagonal_lengths))
        return (
            Plot("Recurrence plot", "time", "time", (image,), square=True),
            Plot(
                "Recurrences by lag",
                "lag (time)",
                "share of recurrent pairs",
                (Curve(lag, self.rate_by_lag),),
            ),
            histogram(self.diagonal_lengths, "Diagonal lines", "length (points)", noise),
            histogram(self.vertical_lengths, "Vertical lines", "length (points)"),
            histogram(self.recurrence_times, "Recurrence times", "time (points)"),
        )


def recurrence_quantification(
    series_or_states: ArrayLike,
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
) -> RecurrenceQuantification:
    """Recurrence plot of a series or of states, and its quantification.

    Parameters
    ----------
    series_or_states : array (m,) or (m, n)
        A series, or a row a moment; columns are compared as they are, so give them like units.
    dimension, delay : int
        Delay vectors are made of every column; 1 takes the columns themselves.
    radius : float, optional
        Distance within which two states are recurrent.
    rate : float, optional
        Share of the pairs that are to be recurrent; the radius is then the exact quantile of
        their distances, of more than 20,000 states that of 1,048,576 pairs drawn with a fixed
        seed (standard error of the rate: 0.0002 at 5 %). 0.05 where neither is given.
    norm : str
        ``euclidean`` or ``maximum``.
    theiler : int
        Pairs with ``|i - j| < theiler`` do not count: 1 leaves out the main diagonal, 0
        nothing. Vertical lines end at this window.
    least_diagonal, least_vertical : int
        Points of the shortest lines that count in DET, L, ENTR and in LAM, TT.
    step, start : float
        Time between points, and of the first, for the plots.

    Returns
    -------
    RecurrenceQuantification

    Raises
    ------
    ParameterError
        If a setting cannot be used, the series is constant, too short or not finite, or no
        two states are within the radius.

    References
    ----------
    N. Marwan, M. C. Romano, M. Thiel, J. Kurths, Recurrence plots for the analysis of complex
    systems, Physics Reports 438, 237-329 (2007).
    """
    settings = Settings(
        dimension, delay, radius, rate, norm, theiler, least_diagonal, least_vertical
    )
    return run(recurrence_quantification_job(series_or_states, settings, step, start))


def recurrence_quantification_job(
    series_or_states: ArrayLike, settings: Settings, step: float = 1.0, start: float = 0.0
) -> Job[RecurrenceQuantification]:
    """`recurrence_quantification` as a job."""
    chosen = settled(settings, _WHAT)
    rows = measured(series_or_states, _WHAT)
    least = max(chosen.theiler, 1) + 2
    coordinates = embedded(rows, chosen.dimension, chosen.delay, _WHAT, least)
    states = states_of(coordinates, chosen.norm, chosen.theiler)
    radius, sampled = yield from staged(chosen_radius_job(states, chosen), 0.0, 0.3)
    lines = yield from staged(lines_job(states, radius, chosen.least_diagonal), 0.3, 1.0)
    refuse_none(lines.longest, states, radius, _WHAT)
    found = measures_of(lines, states.pairs, chosen.least_diagonal, chosen.least_vertical)
    m, window = states.first, max(1, chosen.theiler)
    by_lag = np.full(m, np.nan)
    by_lag[window:] = lines.recurrent / np.arange(m - window, 0, -1)
    if chosen.theiler == 0:
        by_lag[0] = 1.0
    return RecurrenceQuantification(
        **vars(found),
        radius=math.ldexp(radius, states.exponent),
        sampled_pairs=sampled,
        points=m,
        diagonal_lengths=trimmed(lines.diagonal),
        vertical_lengths=trimmed(lines.vertical),
        recurrence_times=trimmed(lines.returns),
        rate_by_lag=by_lag,
        plot=picture(lines, states),
        cell=lines.size,
        dimension=chosen.dimension,
        delay=chosen.delay,
        theiler=chosen.theiler,
        least_diagonal=chosen.least_diagonal,
        least_vertical=chosen.least_vertical,
        norm=chosen.norm,
        step=step,
        start=start,
    )


def chosen_radius_job(states: States, settings: Settings) -> Job[tuple[float, int]]:
    """The radius in the scale of the states, and how many pairs were drawn for it."""
    if settings.radius is not None:
        return math.ldexp(settings.radius, -states.exponent), 0
    assert settings.rate is not None
    return (yield from radius_job(states, settings.rate))


def refuse_none(longest: int, states: States, radius: float, what: str) -> None:
    """Raise a ParameterError where nothing is recurrent."""
    if longest == 0:
        usual = math.ldexp(estimated(states, 0.05), states.exponent)
        raise ParameterError(
            f"{what} found no two states within a radius of "
            f"{math.ldexp(radius, states.exponent):g}; a radius of about {usual:.2g} makes 5 % of "
            "the pairs recurrent, or give a rate instead"
        )


def _job(subject: Subject, options: Mapping[str, Value]) -> Job[Any]:
    assert subject.sampled is not None
    sampled = subject.sampled
    return recurrence_quantification_job(
        sampled.values, settings_of(options), sampled.step, sampled.start
    )


MARWAN = Reference(
    "N. Marwan, M. C. Romano, M. Thiel and J. Kurths",
    2007,
    "Recurrence plots for the analysis of complex systems",
    "Physics Reports 438, 237-329",
    "10.1016/j.physrep.2006.11.001",
)

METHOD = Method(
    "Recurrence quantification",
    "Recurrence",
    "Marks every pair of moments at which the states are near each other, and measures the lines "
    "that these marks form. Diagonal lines are pieces of the orbit that run along each other: "
    "determinism DET is the share of marks in them, their mean length L the time for which the "
    "orbit can be foretold. Vertical lines are states that hardly move: laminarity LAM and "
    "trapping time TT. The times between marks of a column are recurrence times.",
    "A thousand points show the lines; means of a few hundred scatter visibly. Compare at a fixed "
    "rate rather than a fixed radius: measures depend on how many pairs recur, and 1 to 10 % is "
    "usual. One variable of a flow passes the same value going up and down, and such false "
    "recurrences break lines: make states of delayed values. Independent noise at rate p has DET "
    "= p (2 - p) by chance; with a delay of 1 embedding makes lines out of nothing, so compare "
    "with surrogates embedded alike. Leave out pairs near in time (the Theiler window), else "
    "smoothness passes for determinism; noise wider than the radius breaks all lines. "
    f"The radius of a rate is exact up to {EXACT:,} points and taken from {SAMPLE:,} sampled "
    "pairs beyond.",
    "states",
    _job,
    (*OPTIONS, THEILER),
    automatic,
    (
        MARWAN,
        Reference(
            "J.-P. Eckmann, S. O. Kamphorst and D. Ruelle",
            1987,
            "Recurrence plots of dynamical systems",
            "Europhysics Letters 4, 973-977",
            "10.1209/0295-5075/4/9/004",
        ),
        Reference(
            "J. Gao and H. Cai",
            2000,
            "On the structures and quantification of recurrence plots",
            "Physics Letters A 270, 75-87",
            "10.1016/S0375-9601(00)00304-2",
        ),
    ),
)
