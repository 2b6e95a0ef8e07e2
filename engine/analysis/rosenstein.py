"""The largest Lyapunov exponent estimated from a measured series: how neighbours part.

Delay vectors are paired with their nearest neighbours that are not the same passage; the
mean logarithm of the distance of all pairs, as they go on, rises along a line whose slope is
the exponent, until the pairs are as far apart as the attractor is wide. Which part of the
curve is that line is chosen, shown, and can be set. An estimate: where the equations are
known, ``lyapunov_spectrum`` computes what this guesses.

Memory: the delay vectors and a tree of them; at most 10,000 pairs are followed.
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
    mean_period,
    positive,
    varied,
    vectors,
    whole,
)
from engine.analysis.delay_embedding import delay_embedding_job
from engine.analysis.method import Curve, Method, Plot, Points, Scalar, Subject
from engine.errors import ParameterError
from engine.exhibit import Parameter, Reference, Value
from engine.job import Job, Partial, run

Array = NDArray[np.float64]
_WHAT = "Rosenstein's estimate"
_FEWEST = 100
_PAIRS = 10_000
_PARTS = 8  # of time, whose scatter says how sure the slope is
_SHORTEST, _LONGEST = 20, 2000  # steps followed
_FROM, _TO = 0.2, 0.75  # of the way up, where the line is


@dataclass(frozen=True, eq=False)
class Rosenstein:
    """Divergence of neighbours, and its slope.

    Attributes
    ----------
    exponent, stderr : float
        Per unit of time; the error is from the scatter of eight parts of the series.
    times : array (k,)
        Since the pairs were nearest.
    divergence : array (k,)
        Mean logarithm of their distance.
    low, high : float
        The scaling region, in times.
    offset : float
        Of the line: at time t it is at ``offset + exponent t``.
    pairs : int
        Pairs followed.
    dimension, delay, apart : int
        Of the embedding, and how many points neighbours are apart at least.
    step : float
        Time between two numbers.
    """

    exponent: float
    stderr: float
    times: Array
    divergence: Array
    low: float
    high: float
    offset: float
    pairs: int
    dimension: int
    delay: int
    apart: int
    step: float

    def scalars(self) -> tuple[Scalar, ...]:
        """The exponent, its region, and the embedding."""
        return (
            Scalar(
                "exponent",
                "Largest Lyapunov exponent (Rosenstein)",
                self.exponent,
                self.stderr,
                "1/time",
                "estimate",
            ),
            Scalar("low", "Scaling region from", self.low),
            Scalar("high", "Scaling region to", self.high),
            Scalar("dimension", "Dimension", self.dimension),
            Scalar("delay", "Delay", self.delay * self.step),
        )

    def plots(self) -> tuple[Plot, ...]:
        """The divergence, with the line through the scaling region, and local slopes."""
        inside = (self.times >= self.low) & (self.times <= self.high)
        x = self.times[inside]
        line = self.offset + self.exponent * x
        slopes = np.gradient(self.divergence, self.times)
        ends = self.times[[0, -1]]
        return (
            Plot(
                "Divergence of neighbours",
                "time",
                "mean logarithm of the distance",
                (
                    Curve(self.times, self.divergence, "divergence"),
                    Curve(x, line, f"{self.exponent:.4g} per unit of time", reference=True),
                    Points(x[[0, -1]], line[[0, -1]], "scaling region"),
                ),
            ),
            Plot(
                "Slope of the divergence",
                "time",
                "local slope",
                (
                    Curve(ends, np.full(2, self.exponent), "estimate", reference=True),
                    Curve(self.times, slopes, "local slope"),
                ),
            ),
        )


def rosenstein(
    series: object,
    step: float = 1.0,
    dimension: int | None = None,
    delay: int | None = None,
    apart: int | None = None,
    duration: float | None = None,
    low: float | None = None,
    high: float | None = None,
) -> Rosenstein:
    """The largest Lyapunov exponent of a measured series, an estimate.

    Parameters
    ----------
    series : array-like (m,)
    step : float
        Time between two numbers.
    dimension, delay : int, optional
        Of the embedding; chosen as in `delay_embedding` where absent.
    apart : int, optional
        Neighbours are more than so many points apart; a mean period by default.
    duration : float, optional
        Time the pairs are followed.
    low, high : float, optional
        The scaling region. By default where the divergence is between 20 and 75 hundredths of
        its way from the start to its plateau.

    Raises
    ------
    ParameterError
        If the series is too short, constant or not finite, there are no neighbours, or a
        setting cannot be used.

    References
    ----------
    M. T. Rosenstein, J. J. Collins and C. J. De Luca, A practical method for calculating largest
    Lyapunov exponents from small data sets, Physica D 65, 117-134 (1993).
    """
    return run(rosenstein_job(series, step, dimension, delay, apart, duration, low, high))


def rosenstein_job(
    series: object,
    step: float = 1.0,
    dimension: int | None = None,
    delay: int | None = None,
    apart: int | None = None,
    duration: float | None = None,
    low: float | None = None,
    high: float | None = None,
) -> Job[Rosenstein]:
    """`rosenstein` as a job."""
    numbers = varied(series, _WHAT, _FEWEST)
    step = positive(step, "step", _WHAT)
    apart = apart_in_time(numbers) if apart is None else apart
    apart = whole(apart, "time between neighbours", _WHAT, 0, len(numbers) // 2)
    dimension, delay = yield from embedding_job(numbers, dimension, delay, apart, _WHAT)
    if duration is None:
        steps = min(max(_SHORTEST, math.ceil(16.0 * mean_period(numbers))), _LONGEST)
        steps = min(steps, len(numbers) // 5)
    else:
        steps = round(positive(duration, "duration", _WHAT) / step)
    steps = whole(steps, "number of steps followed", _WHAT, 3, len(numbers) // 2)
    states = vectors(numbers, dimension, delay, _WHAT, steps + apart + 20)
    firsts, seconds = yield from _pairs(states, steps, apart)
    sums, counts = np.zeros((_PARTS, steps + 1)), np.zeros((_PARTS, steps + 1))
    part = (firsts * _PARTS) // len(states)
    for k in range(steps + 1):
        distances = np.sqrt(((states[firsts + k] - states[seconds + k]) ** 2).sum(axis=1))
        known = distances > 0.0
        logs = np.log(distances[known])
        sums[:, k] = np.bincount(part[known], logs, _PARTS)
        counts[:, k] = np.bincount(part[known], minlength=_PARTS)
        yield Partial(None, 0.5 + 0.5 * k / steps, 1.0, "divergence")
    if not (counts.sum(axis=0) > 0).all():
        raise ParameterError(
            f"{_WHAT} finds only pairs that meet again at no distance: the series comes to rest "
            "or repeats itself"
        )
    times = np.asarray(step * np.arange(steps + 1), dtype=np.float64)
    curve = sums.sum(axis=0) / counts.sum(axis=0)
    first, last = region(curve)
    if low is not None:
        first = int(np.searchsorted(times, low - 1e-9 * step))
    if high is not None:
        last = int(np.searchsorted(times, high + 1e-9 * step)) - 1
    if not 0 <= first < last <= steps:
        raise ParameterError(
            f"the scaling region of {_WHAT} must hold two of the times 0 to {times[-1]:g} "
            f"in steps of {step:g}, got {low} to {high}"
        )
    inside = slice(first, last + 1)
    exponent, offset = np.polyfit(times[inside], curve[inside], 1)
    slopes = [
        float(np.polyfit(times[inside], sums[p, inside] / counts[p, inside], 1)[0])
        for p in range(_PARTS)
        if (counts[p, inside] > 0).all()
    ]
    stderr = np.std(slopes, ddof=1) / math.sqrt(len(slopes)) if len(slopes) > 2 else math.nan
    return Rosenstein(
        float(exponent),
        float(stderr),
        times,
        curve,
        float(times[first]),
        float(times[last]),
        float(offset),
        len(firsts),
        dimension,
        delay,
        apart,
        step,
    )


def embedding_job(
    numbers: Array, dimension: int | None, delay: int | None, apart: int, what: str
) -> Generator[Partial[Any], None, tuple[int, int]]:
    """Dimension and delay, those that are absent chosen as in `delay_embedding`."""
    if dimension is None or delay is None:
        job = delay_embedding_job(numbers, dimension, delay, apart=apart)
        while True:
            try:
                partial = next(job)
            except StopIteration as stop:
                return stop.value.dimension, stop.value.delay
            yield Partial(None, 0.4 * partial.fraction, 1.0, "embedding")
    most = len(numbers) - 1
    return (
        whole(dimension, "dimension", what, 1, 32),
        whole(delay, "delay", what, 1, most),
    )


def _pairs(
    states: Array, steps: int, apart: int
) -> Generator[Partial[Any], None, tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """States and their nearest neighbours, both with `steps` steps to go."""
    going = states[: len(states) - steps]
    tree = yield from told(grow(going), "neighbours", 0.4, 0.42)
    count = min(_PAIRS, len(going))
    chosen = np.unique(np.linspace(0, len(going) - 1, count).round().astype(np.int64))
    work = tree.nearest(going[chosen], chosen, 1, apart)
    distances, found = yield from told(work, "neighbours", 0.42, 0.46)
    copies = float((distances == 0.0).mean())
    if copies > 0.5:
        raise ParameterError(
            f"{_WHAT} finds an exact copy of {copies:.0%} of the states: the series repeats "
            "itself, or its numbers are too coarse for distances to grow"
        )
    if copies > 0.0:
        work = tree.nearest(going[chosen], chosen, 1, apart, 0.0)
        _, found = yield from told(work, "neighbours", 0.46, 0.5)
    good = found[:, 0] >= 0
    if good.sum() < 2:
        raise ParameterError(
            f"{_WHAT} finds no neighbours more than {apart} points apart and not the same: "
            "take more points or let neighbours be nearer in time"
        )
    return chosen[good], found[good, 0]


def region(curve: Array) -> tuple[int, int]:
    """First and last index of the part of a divergence curve that is its line.

    The plateau is the median of the last quarter, if the curve gets there. The line is
    between two shares of the way up from the lowest point to the plateau.
    """
    plateau = float(np.median(curve[-max(2, len(curve) // 4) :]))
    bottom = int(curve[: max(2, len(curve) // 4)].argmin())
    rise = plateau - float(curve[bottom])
    if rise <= 0.0:
        return 0, len(curve) - 1
    way = (curve - curve[bottom]) / rise
    first = bottom + int(np.argmax(way[bottom:] >= _FROM))
    last = bottom + int(np.argmax(way[bottom:] >= _TO))
    if last - first < 2:
        first, last = bottom, max(last, bottom + 2)
    return first, min(last, len(curve) - 1)


def _job(subject: Subject, options: Mapping[str, Value]) -> Job[Rosenstein]:
    sampled = subject.sampled
    assert sampled is not None
    low, high = float(options["low"]), float(options["high"])
    return rosenstein_job(
        sampled.series,
        sampled.step,
        int(options["dimension"]) or None,
        int(options["delay"]) or None,
        int(options["apart"]),
        float(options["duration"]) or None,
        low if high > low else None,
        high if high > low else None,
    )


def _automatic(subject: Subject) -> Mapping[str, Value]:
    return {"apart": apart_in_time(subject.sampled.series)} if subject.sampled else {}


METHOD = Method(
    "Largest exponent (Rosenstein)",
    "Lyapunov",
    "An estimate of the largest Lyapunov exponent from a measured series. Neighbours on the "
    "rebuilt attractor are followed; the mean logarithm of their distance rises along a line "
    "whose slope is the exponent. Curve, line and chosen region are shown.",
    "A thousand points or more, over many returns, little noise. Believe a slope only where the "
    "curve has a straight part that stays as the dimension is raised by one or two. Noise also "
    "makes neighbours part, at once and not along a line; a curve that jumps and is level is no "
    "chaos. Within ten or twenty per cent at best.",
    "series",
    _job,
    (
        Parameter("dimension", 0, 0, 10, scale="integer", help="0 chooses by false neighbours"),
        Parameter(
            "delay", 0, 0, 1000, scale="integer", help="Points; 0 chooses by mutual information"
        ),
        Parameter(
            "apart", 1, 0, 1000, scale="integer", help="Neighbours are more points apart than this"
        ),
        Parameter("duration", 0.0, 0.0, 100.0, help="Time pairs are followed; 0 chooses"),
        Parameter("low", 0.0, 0.0, 100.0, help="Scaling region from; 0 to 0 chooses"),
        Parameter("high", 0.0, 0.0, 100.0, help="Scaling region to; 0 chooses"),
    ),
    _automatic,
    (
        Reference(
            "M. T. Rosenstein, J. J. Collins and C. J. De Luca",
            1993,
            "A practical method for calculating largest Lyapunov exponents from small data sets",
            "Physica D 65, 117-134",
            "10.1016/0167-2789(93)90009-P",
        ),
    ),
)
