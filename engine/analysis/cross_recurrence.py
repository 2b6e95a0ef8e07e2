"""Cross-recurrence plot of two series: when one is where the other is.

A point of the plot is a moment of the first series and one of the second at which their
states are near. Its diagonals are lags: lines on one of them are stretches along which the
second follows the first. Not for a series with itself: see ``recurrence_quantification``.

Time grows with the product of both lengths, memory with their sum, as there.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
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
from engine.analysis._recurrence_states import (
    OPTIONS,
    Settings,
    automatic,
    embedded,
    settings_of,
    settled,
    staged,
    states_of,
)
from engine.analysis.method import Curve, Image, Method, Plot, Scalar, Subject, measured
from engine.analysis.recurrence_quantification import MARWAN, chosen_radius_job, refuse_none
from engine.errors import ParameterError
from engine.exhibit import Parameter, Reference, Value
from engine.job import Job, run

Array = NDArray[np.float64]
Counts = NDArray[np.int64]
_WHAT = "Cross-recurrence"


@dataclass(frozen=True, eq=False)
class CrossRecurrence(Measures):
    """A cross-recurrence plot in numbers: those of `Measures`, and these.

    Attributes
    ----------
    radius : float
        Distance within which states are recurrent; of standardised series in deviations.
    sampled_pairs : int
        Pairs that the radius of a rate was estimated from; 0 where it is exact or was given.
    lags : array (l,)
        Every lag, in points: by how many the second series comes after the first.
    rate_by_lag, determinism_by_lag : array (l,)
        RR and DET of every diagonal.
    best_lag : int
        The lag of the highest rate, among those that at least half of the shorter series
        takes part in; the one nearest to zero of equals.
    diagonal_lengths, vertical_lengths : array of int
        Lines by length: entry l counts those of l points. A vertical line is one state of the
        first series near which the second stays.
    plot : array (k2, k1) of float32
        Share of recurrent points in squares of `cell` states, a column a time of the first
        series.
    cell : int
    standardised : bool
    names : tuple of two str
    step, start : float
        Time between points, and of the first.
    """

    radius: float
    sampled_pairs: int
    lags: Counts
    rate_by_lag: Array
    determinism_by_lag: Array
    best_lag: int
    diagonal_lengths: Counts
    vertical_lengths: Counts
    plot: NDArray[np.float32]
    cell: int
    standardised: bool
    names: tuple[str, str] = ("first", "second")
    step: float = 1.0
    start: float = 0.0

    def scalars(self) -> tuple[Scalar, ...]:
        """The measures, the lag of the most recurrences, and the radius."""
        label = "estimate" if self.sampled_pairs else ""
        return (
            *scalars_of(self),
            Scalar("best_lag", "Lag of the most recurrences", self.best_lag, unit="points"),
            Scalar("radius", "Radius", self.radius, label=label),
        )

    def plots(self) -> tuple[Plot, ...]:
        """The plot, rate and determinism by lag, and the lines by length."""
        low = self.start - 0.5 * self.step
        high, wide = self.plot.shape
        side = self.step * self.cell
        image = Image(
            self.plot, low, low + side * wide, low, low + side * high, "share of recurrent pairs"
        )
        lags = self.lags.astype(np.float64) * self.step
        pairs = int(_lengths(self.lags).sum())
        noise = of_noise(pairs, self.recurrence_rate, len(self.diagonal_lengths))
        first, second = self.names
        words = f"lag of {second} after {first} (time)"
        return (
            Plot(
                "Cross-recurrence plot",
                f"time of {first}",
                f"time of {second}",
                (image,),
                square=True,
            ),
            Plot(
                "Recurrences by lag",
                words,
                "share of recurrent pairs",
                (Curve(lags, self.rate_by_lag),),
            ),
            Plot("Determinism by lag", words, "DET", (Curve(lags, self.determinism_by_lag),)),
            histogram(self.diagonal_lengths, "Diagonal lines", "length (points)", noise),
            histogram(self.vertical_lengths, "Vertical lines", "length (points)"),
        )


def cross_recurrence(
    first: ArrayLike,
    second: ArrayLike,
    dimension: int = 1,
    delay: int = 1,
    radius: float | None = None,
    rate: float | None = None,
    norm: str = "euclidean",
    least_diagonal: int = 2,
    least_vertical: int = 2,
    standardised: bool = True,
    step: float = 1.0,
    start: float = 0.0,
) -> CrossRecurrence:
    """Cross-recurrence plot of two series, and its quantification.

    Parameters
    ----------
    first, second : array (m,) or (m, n)
        Series, or rows of states of as many columns; they may differ in length.
    dimension, delay, radius, rate, norm, least_diagonal, least_vertical
        As for ``recurrence_quantification``; every pair of moments counts.
    standardised : bool
        Whether every column has its mean taken off and is divided by its deviation first, so
        that series of other units can be compared.
    step, start : float
        Time between points, and of the first, for the plots.

    Returns
    -------
    CrossRecurrence

    Raises
    ------
    ParameterError
        If a setting cannot be used, a series is constant, too short or not finite, or no two
        states are within the radius.

    References
    ----------
    N. Marwan and J. Kurths, Nonlinear analysis of bivariate data with cross recurrence plots,
    Physics Letters A 302, 299-307 (2002).
    """
    settings = Settings(dimension, delay, radius, rate, norm, 0, least_diagonal, least_vertical)
    return run(cross_recurrence_job(first, second, settings, standardised, step, start))


def cross_recurrence_job(
    first: ArrayLike,
    second: ArrayLike,
    settings: Settings,
    standardised: bool = True,
    step: float = 1.0,
    start: float = 0.0,
    names: tuple[str, str] = ("first", "second"),
) -> Job[CrossRecurrence]:
    """`cross_recurrence` as a job."""
    chosen = settled(replace(settings, theiler=0), _WHAT)
    pair = measured(first, _WHAT), measured(second, _WHAT)
    if pair[0].shape[1] != pair[1].shape[1]:
        raise ParameterError(
            f"{_WHAT} needs as many columns in both series, got {pair[0].shape[1]} and "
            f"{pair[1].shape[1]}"
        )
    a, b = (
        embedded(_standard(rows) if standardised else rows, chosen.dimension, chosen.delay, _WHAT)
        for rows in pair
    )
    states = states_of(a, chosen.norm, 0, b)
    radius, sampled = yield from staged(chosen_radius_job(states, chosen), 0.0, 0.3)
    lines = yield from staged(lines_job(states, radius, chosen.least_diagonal), 0.3, 1.0)
    refuse_none(lines.longest, states, radius, _WHAT)
    found = measures_of(lines, states.pairs, chosen.least_diagonal, chosen.least_vertical)
    lags = np.arange(*states.lags)
    lengths = np.array([states.length(int(lag)) for lag in lags])
    by_lag = lines.recurrent / lengths
    with np.errstate(invalid="ignore"):
        straight = lines.lined / lines.recurrent
    enough = np.flatnonzero(2 * lengths >= min(states.first, states.second))
    best = enough[by_lag[enough] == by_lag[enough].max()]
    return CrossRecurrence(
        **vars(found),
        radius=math.ldexp(radius, states.exponent),
        sampled_pairs=sampled,
        lags=lags,
        rate_by_lag=by_lag,
        determinism_by_lag=straight,
        best_lag=int(lags[best[np.argmin(np.abs(lags[best]))]]),
        diagonal_lengths=trimmed(lines.diagonal),
        vertical_lengths=trimmed(lines.vertical),
        plot=picture(lines, states),
        cell=lines.size,
        standardised=standardised,
        names=names,
        step=step,
        start=start,
    )


def _standard(rows: Array) -> Array:
    """Every column less its mean, over its deviation; one that stands still becomes zero."""
    if (rows == rows[0]).all():
        return rows
    middle = rows - rows.mean(axis=0)
    size = middle.std(axis=0)
    still = (rows == rows[0]).all(axis=0)
    return np.where(still, 0.0, middle / np.where(still | (size == 0.0), 1.0, size))


def _lengths(lags: Counts) -> Counts:
    """Points of the diagonals at all lags of a plot."""
    first, second = 1 - int(lags[0]), 1 + int(lags[-1])
    return np.asarray(np.minimum(first - np.maximum(0, -lags), second - np.maximum(0, lags)))


def _job(subject: Subject, options: Mapping[str, Value]) -> Job[Any]:
    assert subject.sampled is not None
    sampled = subject.sampled
    rows = measured(sampled.values, _WHAT)
    if rows.shape[1] != 2:
        raise ParameterError(
            f"{_WHAT} compares two columns, got {rows.shape[1]}: choose two of them"
        )
    first, second = sampled.names if len(sampled.names) == 2 else ("first", "second")
    return cross_recurrence_job(
        rows[:, 0],
        rows[:, 1],
        settings_of(options),
        options["standardised"] == "yes",
        sampled.step,
        sampled.start,
        (first, second),
    )


def _automatic(subject: Subject) -> dict[str, Value]:
    """The delay at which both series have lost their correlation; three values where it is long."""
    delay = automatic(subject)["delay"]
    return {"delay": delay, "dimension": 1 if delay == 1 else 3}


METHOD = Method(
    "Cross-recurrence",
    "Recurrence",
    "Marks every pair of a moment of one series and a moment of another at which both are in "
    "nearly the same state. Lines along a diagonal are stretches that both run through alike, "
    "shifted by that lag; a bent line says that one runs faster. The share of marks by lag shows "
    "which of the two comes first, also where the relation is not linear.",
    "For series of the same kind, or standardised ones whose values have similar distributions: "
    "a state that one never visits has no marks. Two independent periodic series also make long "
    "lines, so compare with surrogates before calling two series coupled. Some thousand points "
    "show lags of a tenth of the length; diagonals near the corners hold few points.",
    "states",
    _job,
    (
        *OPTIONS,
        Parameter(
            "standardised",
            "yes",
            scale="choice",
            choices=("yes", "no"),
            help="Whether means are taken off and deviations made one first",
        ),
    ),
    _automatic,
    (
        Reference(
            "N. Marwan and J. Kurths",
            2002,
            "Nonlinear analysis of bivariate data with cross recurrence plots",
            "Physics Letters A 302, 299-307",
            "10.1016/S0375-9601(02)01170-2",
        ),
        MARWAN,
    ),
)
