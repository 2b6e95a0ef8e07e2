"""States from one series: delay vectors, with the delay and the dimension chosen and shown.

The delay is the first minimum of the mutual information, else the time in which the
autocorrelation falls to 1/e. The dimension is the least one in which hardly any nearest
neighbours are false, that is near only because the attractor is seen from one side
(M. B. Kennel et al. 1992). Cao's E1 says the same without a threshold of distance, and his
E2 whether there is anything determined at all (L. Cao 1997).

Memory: the vectors in the highest dimension looked at, and a tree of them; at most 20,000
states are asked for their neighbours. No distances of all pairs.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.analysis._neighbours import grow, told
from engine.analysis._reconstruction import (
    apart_in_time,
    correlations,
    falls_below,
    positive,
    varied,
    vectors,
    whole,
)
from engine.analysis.method import Curve, Method, Plot, Points, Scalar, Subject
from engine.analysis.mutual_information import longest_lag, until_minimum_job
from engine.exhibit import Parameter, Reference, Value
from engine.job import Job, Partial, run

Array = NDArray[np.float64]
_WHAT = "A delay embedding"
_FEWEST = 100
_HIGHEST = 8  # dimensions looked at
_ASKED = 20_000  # states asked for their neighbours
_RATIO, _SIZE = 15.0, 2.0  # Kennel's two tolerances
_FALSE = 0.01  # share of false neighbours that is hardly any
_LEVEL = 0.15  # change of E1 that is none: false neighbours change it by more


@dataclass(frozen=True, eq=False)
class DelayEmbedding:
    """Delay vectors and how they were chosen.

    Attributes
    ----------
    states : array (m, dimension)
        Row i holds the numbers i, i + delay, i + 2 delay ... of the series.
    dimension, delay : int
        The delay in points.
    delay_from, dimension_from : str
        How they were chosen.
    dimensions : array (k,)
        1, 2 ... those looked at; empty where the dimension was given.
    false_neighbours : array (k,)
        Share of nearest neighbours in so many dimensions that are false.
    e1, e2 : array (k,)
        Cao's two ratios.
    kennel, cao : int
        What either says; 0 where it says that no dimension looked at is enough.
    lags, information : array (l,)
        Mutual information; empty where the delay was given.
    apart : int
        Points between a state and what may be its neighbour.
    step : float
        Time between two numbers.
    """

    states: Array
    dimension: int
    delay: int
    delay_from: str
    dimension_from: str
    dimensions: NDArray[np.int64]
    false_neighbours: Array
    e1: Array
    e2: Array
    kennel: int
    cao: int
    lags: NDArray[np.int64]
    information: Array
    apart: int
    step: float

    def scalars(self) -> tuple[Scalar, ...]:
        """Dimension and delay, what either method says, and how far E2 is from 1."""
        shown = [
            Scalar("dimension", f"Dimension ({self.dimension_from})", self.dimension),
            Scalar("delay", f"Delay ({self.delay_from})", self.delay * self.step),
        ]
        if len(self.dimensions):
            far = float(np.abs(self.e2 - 1.0).max())
            shown += [
                Scalar("kennel", "Dimension by false neighbours", self.kennel or math.nan),
                Scalar("cao", "Dimension by Cao's E1", self.cao or math.nan),
                Scalar("e2", "Largest |E2 - 1| (noise: 0)", far),
            ]
        return tuple(shown)

    def plots(self) -> tuple[Plot, ...]:
        """False neighbours, Cao's ratios, mutual information, and the attractor."""
        shown: list[Plot] = []
        d = self.dimensions.astype(np.float64)
        if len(d):
            enough = Curve(d[[0, -1]], np.full(2, _FALSE), "hardly any", reference=True)
            share = Curve(d, self.false_neighbours, "false neighbours")
            words = ("dimension", "share of nearest neighbours")
            shown.append(Plot("False nearest neighbours", *words, (enough, share)))
            one = Curve(d[[0, -1]], np.ones(2), "1", reference=True)
            ratios = (one, Curve(d, self.e1, "E1"), Curve(d, self.e2, "E2"))
            shown.append(Plot("Cao's method", "dimension", "E1, E2", ratios))
        if len(self.lags):
            times = np.asarray(self.step * self.lags, dtype=np.float64)
            items: list[Curve | Points] = [Curve(times, self.information, "mutual information")]
            at = np.flatnonzero(self.lags == self.delay)
            items.append(Points(times[at], self.information[at], "delay"))
            words = ("lag (time)", "information (nats)")
            shown.append(Plot("Choice of the delay", *words, tuple(items)))
        if self.dimension > 1:
            x, y = self.states[:, 0], self.states[:, 1]
            # What jumps from one moment to the next is no line.
            jumps = float(np.abs(np.diff(x)).mean()) > 0.5 * float(x.std())
            drawn = Points(x, y, "states") if jumps else Curve(x, y, "states")
            shown.insert(0, Plot("Delay embedding", "x(t)", "x(t + delay)", (drawn,), square=True))
        return tuple(shown)


def delay_embedding(
    series: object,
    dimension: int | None = None,
    delay: int | None = None,
    step: float = 1.0,
    highest: int = _HIGHEST,
    apart: int | None = None,
) -> DelayEmbedding:
    """Delay vectors of a series.

    Parameters
    ----------
    series : array-like (m,)
    dimension : int, optional
        Chosen by false neighbours where absent, by Cao's E1 where these do not end.
    delay : int, optional
        In points; chosen by mutual information where absent, else by autocorrelation.
    step : float
        Time between two numbers.
    highest : int
        The highest dimension looked at.
    apart : int, optional
        Neighbours are more than so many points apart; a mean period by default.

    Returns
    -------
    DelayEmbedding

    Raises
    ------
    ParameterError
        If the series is too short for the vectors, constant or not finite, or a setting cannot
        be used.

    References
    ----------
    M. B. Kennel, R. Brown and H. D. I. Abarbanel, Physical Review A 45, 3403-3411 (1992).
    L. Cao, Physica D 110, 43-50 (1997).
    """
    return run(delay_embedding_job(series, dimension, delay, step, highest, apart))


def delay_embedding_job(
    series: object,
    dimension: int | None = None,
    delay: int | None = None,
    step: float = 1.0,
    highest: int = _HIGHEST,
    apart: int | None = None,
) -> Job[DelayEmbedding]:
    """`delay_embedding` as a job."""
    numbers = varied(series, _WHAT, 4 if dimension and delay else _FEWEST)
    step = positive(step, "step", "a delay embedding")
    yield Partial(None, 0.0, 1.0, "embedding")
    most = len(numbers) - 1
    lags: NDArray[np.int64] = np.zeros(0, dtype=np.int64)
    information, delay_from = np.zeros(0), "given"
    if delay is None:
        delay, delay_from, lags, information = yield from delay_job(numbers)
    delay = whole(delay, "delay", "a delay embedding", 1, most)
    apart = apart_in_time(numbers) if apart is None else apart
    apart = whole(apart, "time between neighbours", "a delay embedding", 0, most)
    dimensions: NDArray[np.int64] = np.zeros(0, dtype=np.int64)
    false = e1 = e2 = np.zeros(0)
    kennel, cao, dimension_from = 0, 0, "given"
    if dimension is None:
        highest = whole(highest, "highest dimension", "a delay embedding", 2, 32)
        # As many as the series has vectors for.
        highest = min(highest, max(2, (len(numbers) - _FEWEST) // delay - 1))
        vectors(numbers, highest + 2, delay, _WHAT, apart + 10)
        false, e1, e2 = yield from _dimensions(numbers, highest, delay, apart)
        dimensions = np.arange(1, highest + 1)
        enough = np.flatnonzero(false < _FALSE)
        kennel = int(enough[0]) + 1 if len(enough) else 0
        cao = level_of(e1)
        dimension, dimension_from = kennel, "false neighbours"
        if not dimension and cao:
            dimension, dimension_from = cao, "Cao"
        elif not dimension:
            dimension, dimension_from = int(false.argmin()) + 1, "fewest false neighbours"
    dimension = whole(dimension, "dimension", "a delay embedding", 1, most)
    states = vectors(numbers, dimension, delay, _WHAT)
    return DelayEmbedding(
        states,
        dimension,
        delay,
        delay_from,
        dimension_from,
        dimensions,
        false,
        e1,
        e2,
        kennel,
        cao,
        lags,
        information,
        apart,
        step,
    )


def delay_job(
    series: Array,
) -> Generator[Partial[Any], None, tuple[int, str, NDArray[np.int64], Array]]:
    """The delay, how it was found, and the mutual information over lags."""
    job = until_minimum_job(series)
    while True:
        try:
            partial = next(job)
        except StopIteration as stop:
            delay, lags, information = stop.value
            break
        yield Partial(None, 0.2 * partial.fraction, 1.0, "delay")
    way = "first minimum of the mutual information"
    if delay < 1:
        fall = falls_below(correlations(series, longest_lag(series)), math.exp(-1.0))
        delay = 1 if math.isnan(fall) else max(1, round(fall))
        way = "neither falls off" if math.isnan(fall) else "autocorrelation of 1/e"
    return delay, way, lags, information


def level_of(e1: Array) -> int:
    """The dimension after which Cao's E1 is level, 0 where it never is.

    E1(d) compares d + 1 dimensions with d; where it is level from d on, d are enough.
    """
    if len(e1) < 2:
        return 0
    last = float(e1[-1])
    near = np.abs(e1 - last) <= _LEVEL * last
    for i in range(len(e1) - 1):
        if near[i:].all():
            return i + 1
    return 0


def _dimensions(
    series: Array, highest: int, delay: int, apart: int
) -> Generator[Partial[Any], None, tuple[Array, Array, Array]]:
    """Share of false neighbours, E1 and E2 in 1 to `highest` dimensions."""
    size = float(series.std())
    false = np.empty(highest)
    stretch, gap = np.empty(highest + 1), np.empty(highest + 1)
    for d in range(1, highest + 2):
        rows = vectors(series, d + 1, delay, _WHAT, apart + 10)
        states, beyond = np.ascontiguousarray(rows[:, :d]), rows[:, d]
        chosen = np.unique(
            np.linspace(0, len(rows) - 1, min(_ASKED, len(rows))).round().astype(np.int64)
        )
        share = 0.2 + 0.8 * (d - 1) / (highest + 1)
        part = 0.4 / (highest + 1)
        tree = yield from told(grow(states), "dimension", share, share)
        asked = states[chosen]
        # Copies are left out: a ratio to no distance says nothing.
        near, found = yield from told(
            tree.nearest(asked, chosen, 1, apart, 0.0), "dimension", share, share + part
        )
        wide, wider = yield from told(
            tree.nearest(asked, chosen, 1, apart, 0.0, largest=True),
            "dimension",
            share + part,
            share + 2 * part,
        )
        if d <= highest:
            good = found[:, 0] >= 0
            radius, moved = near[good, 0], beyond[chosen[good]] - beyond[found[good, 0]]
            away = np.abs(moved) / radius > _RATIO
            away |= np.hypot(radius, moved) / size > _SIZE
            false[d - 1] = float(away.mean()) if len(away) else 0.0
        good = wider[:, 0] >= 0
        moved = np.abs(beyond[chosen[good]] - beyond[wider[good, 0]])
        ratio = np.maximum(wide[good, 0], moved) / wide[good, 0]
        stretch[d - 1] = float(ratio.mean()) if len(ratio) else 1.0
        gap[d - 1] = float(moved.mean()) if len(moved) else 0.0
    with np.errstate(divide="ignore", invalid="ignore"):
        e1 = stretch[1:] / stretch[:-1]
        e2 = np.where(gap[:-1] > 0.0, gap[1:] / gap[:-1], 1.0)
    return false, e1, e2


def _job(subject: Subject, options: Mapping[str, Value]) -> Job[DelayEmbedding]:
    sampled = subject.sampled
    assert sampled is not None
    return delay_embedding_job(
        sampled.series,
        int(options["dimension"]) or None,
        int(options["delay"]) or None,
        sampled.step,
        int(options["highest"]),
        int(options["apart"]),
    )


def _automatic(subject: Subject) -> Mapping[str, Value]:
    return {"apart": apart_in_time(subject.sampled.series)} if subject.sampled else {}


METHOD = Method(
    "Delay embedding",
    "Embedding",
    "States rebuilt from one measured series: its value together with those some delays later. "
    "In enough dimensions the picture is the attractor's, up to a smooth change of coordinates. "
    "Delay and dimension are chosen by mutual information and by false nearest neighbours, with "
    "Cao's E1 and E2 as a second opinion.",
    "Some thousand points over many periods, little noise. False neighbours never end where "
    "noise is strong, and no series of finite length fills many dimensions: a dimension above "
    "five or six is a sign of noise rather than a finding. E2 near 1 in every dimension means "
    "that the past does not say what comes next.",
    "series",
    _job,
    (
        Parameter("dimension", 0, 0, 10, scale="integer", help="0 chooses by false neighbours"),
        Parameter(
            "delay", 0, 0, 1000, scale="integer", help="Points; 0 chooses by mutual information"
        ),
        Parameter(
            "highest", _HIGHEST, 2, 16, scale="integer", help="The highest dimension looked at"
        ),
        Parameter(
            "apart", 1, 0, 1000, scale="integer", help="Neighbours are more points apart than this"
        ),
    ),
    _automatic,
    (
        Reference(
            "M. B. Kennel, R. Brown and H. D. I. Abarbanel",
            1992,
            "Determining embedding dimension for phase-space reconstruction using a "
            "geometrical construction",
            "Physical Review A 45, 3403-3411",
            "10.1103/PhysRevA.45.3403",
        ),
        Reference(
            "L. Cao",
            1997,
            "Practical method for determining the minimum embedding dimension of a scalar time "
            "series",
            "Physica D 110, 43-50",
            "10.1016/S0167-2789(97)00118-8",
        ),
        Reference(
            "F. Takens",
            1981,
            "Detecting strange attractors in turbulence",
            "Lecture Notes in Mathematics 898, 366-381",
            "10.1007/BFb0091924",
        ),
    ),
)
