"""The largest Lyapunov exponent estimated from a measured series: one neighbour after another.

One orbit of delay vectors is followed with a neighbour. After every stretch of some points the
growth of their distance is noted; a neighbour that has gone too far is replaced by a near one
in about the same direction. The mean growth is the exponent. An estimate: where
the equations are known, ``lyapunov_spectrum`` computes what this guesses.

Memory: the delay vectors and a few arrays as long. At most 5,000 stretches are followed.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.analysis._reconstruction import (
    apart_in_time,
    mean_period,
    positive,
    varied,
    vectors,
    whole,
)
from engine.analysis.method import Curve, Method, Plot, Scalar, Subject
from engine.analysis.rosenstein import embedding_job
from engine.errors import ParameterError
from engine.exhibit import Parameter, Reference, Value
from engine.job import Job, Partial, run

Array = NDArray[np.float64]
_WHAT = "Wolf's estimate"
_FEWEST = 200
_MOST = 5_000  # stretches
_PARTS = 16  # of time, whose scatter says how sure the mean is
_ANGLES = (0.3, 0.6, 1.2, 3.2)  # radians: wider ones where narrow ones hold nobody
_MULTIPLES = (1, 2, 3, 4, 5)  # of the largest distance, where it holds nobody
_LARGEST, _LEAST = 0.1, 1e-4  # of the attractor's width


@dataclass(frozen=True, eq=False)
class Wolf:
    """Growth of the distance to a neighbour, replaced again and again.

    Attributes
    ----------
    exponent, stderr : float
        Per unit of time; the error is from the scatter of 16 parts of the time and
        knows nothing of what the method itself does wrong.
    times : array (k,)
        At the ends of the stretches.
    running : array (k,)
        The estimate so far.
    growth : array (k,)
        Logarithm of the growth in every stretch.
    angles : array (k,)
        By how much the direction was turned when the neighbour was replaced, in radians.
    dimension, delay, apart, evolution : int
        Of the embedding, of neighbours in time, and points of a stretch.
    step : float
        Time between two numbers.
    """

    exponent: float
    stderr: float
    times: Array
    running: Array
    growth: Array
    angles: Array
    dimension: int
    delay: int
    apart: int
    evolution: int
    step: float

    def scalars(self) -> tuple[Scalar, ...]:
        """The exponent, how often the neighbour was replaced, and by what angle."""
        angles = self.angles[np.isfinite(self.angles)]
        angle = float(np.median(angles)) if len(angles) else math.nan
        return (
            Scalar(
                "exponent",
                "Largest Lyapunov exponent (Wolf)",
                self.exponent,
                self.stderr,
                "1/time",
                "estimate",
            ),
            Scalar("stretches", "Stretches followed", len(self.growth)),
            Scalar("angle", "Median angle of replacements (radians)", angle),
            Scalar("dimension", "Dimension", self.dimension),
            Scalar("delay", "Delay", self.delay * self.step),
        )

    def plots(self) -> tuple[Plot, ...]:
        """The estimate in the course of time, and the sum of the growth."""
        ends = self.times[[0, -1]]
        return (
            Plot(
                "Convergence",
                "time",
                "largest exponent so far",
                (
                    Curve(ends, np.full(2, self.exponent), "estimate", reference=True),
                    Curve(self.times, self.running, "so far"),
                ),
            ),
            Plot(
                "Divergence",
                "time",
                "sum of the logarithms of growth",
                (
                    Curve(self.times, np.cumsum(self.growth), "growth"),
                    Curve(self.times, self.exponent * self.times, "estimate", reference=True),
                ),
            ),
        )


def wolf(
    series: object,
    step: float = 1.0,
    dimension: int | None = None,
    delay: int | None = None,
    apart: int | None = None,
    evolution: int | None = None,
    largest: float = _LARGEST,
    least: float = _LEAST,
) -> Wolf:
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
    evolution : int, optional
        Points after which the neighbour may be replaced; half a mean period by default.
    largest, least : float
        How far a neighbour is at most and at least, in parts of the attractor's width: beyond
        the largest distance it is replaced, below the least there is only noise.

    Raises
    ------
    ParameterError
        If the series is too short, constant or not finite, there are no neighbours, or a
        setting cannot be used.

    References
    ----------
    A. Wolf, J. B. Swift, H. L. Swinney and J. A. Vastano, Determining Lyapunov exponents from a
    time series, Physica D 16, 285-317 (1985): the variant of fixed evolution time.
    """
    return run(wolf_job(series, step, dimension, delay, apart, evolution, largest, least))


def wolf_job(
    series: object,
    step: float = 1.0,
    dimension: int | None = None,
    delay: int | None = None,
    apart: int | None = None,
    evolution: int | None = None,
    largest: float = _LARGEST,
    least: float = _LEAST,
) -> Job[Wolf]:
    """`wolf` as a job, a stretch a step."""
    numbers = varied(series, _WHAT, _FEWEST)
    step = positive(step, "step", _WHAT)
    apart = apart_in_time(numbers) if apart is None else apart
    apart = whole(apart, "time between neighbours", _WHAT, 0, len(numbers) // 2)
    if not 0.0 <= least < largest <= 1.0:
        raise ParameterError(
            f"the least and the largest distance of {_WHAT} must rise between 0 and 1, "
            f"got {least!r} and {largest!r}"
        )
    dimension, delay = yield from embedding_job(numbers, dimension, delay, apart, _WHAT)
    stretch = stretch_of(numbers) if evolution is None else evolution
    stretch = whole(stretch, "evolution", _WHAT, 1, len(numbers) // 4)
    states = vectors(numbers, dimension, delay, _WHAT, 2 * apart + 4 * stretch)
    last = len(states) - stretch - 1  # the last state that has a stretch to go
    width = float(np.ptp(numbers))
    search = _Search(states[: last + 1], apart, least * width, largest * width)
    here = 0
    growth: list[float] = []
    turned: list[float] = []
    there, _ = search.nearest(0, None)
    while here <= last and len(growth) < _MOST:
        if there < 0:
            here += stretch
            there = search.nearest(here, None)[0] if here <= last else -1
            yield Partial(None, 0.4 + 0.6 * here / max(1, last), 1.0, "looking for a neighbour")
            continue
        before = _length(states[there] - states[here])
        here, there = here + stretch, there + stretch
        difference = states[there] - states[here]
        after = _length(difference)
        if after > 0.0:
            growth.append(math.log(after / before))
        if here <= last:
            there, angle = search.nearest(here, difference if after > 0.0 else None)
            turned.append(angle)
        yield Partial(None, 0.4 + 0.6 * here / max(1, last), 1.0, "following neighbours")
    if len(growth) < 2:
        raise ParameterError(
            f"{_WHAT} finds no neighbours between {least:g} and {largest:g} of the width: "
            "take more points or a wider range of distances"
        )
    gained = np.array(growth)
    spent = np.asarray(step * stretch * np.arange(1, len(gained) + 1), dtype=np.float64)
    running = np.cumsum(gained) / spent
    parts = [part.mean() for part in np.array_split(gained, min(_PARTS, len(gained)))]
    stderr = np.std(parts, ddof=1) / math.sqrt(len(parts)) / (step * stretch)
    return Wolf(
        float(running[-1]),
        float(stderr),
        spent,
        running,
        gained,
        np.array(turned) if turned else np.zeros(1),
        dimension,
        delay,
        apart,
        stretch,
        step,
    )


def stretch_of(series: Array) -> int:
    """Points until a neighbour may be replaced: half a mean period, 20 stretches at least."""
    return max(1, min(round(0.5 * mean_period(series)), len(series) // 20))


class _Search:
    """Looks for the next neighbour among all states that have a stretch to go."""

    def __init__(self, states: Array, apart: int, least: float, largest: float) -> None:
        self._states, self._apart = states, apart
        self._least, self._largest = least, largest

    def nearest(self, here: int, direction: Array | None) -> tuple[int, float]:
        """Index of the neighbour, -1 where there is none, and its angle to `direction`.

        The one in the direction most alike, if that is near enough: first among those within
        the largest distance, then within some multiples of it, then again with wider angles.
        The old neighbour has no angle and stays as long as it is near. Without a direction
        the nearest one.
        """
        apart = self._states - self._states[here]
        square = np.einsum("ij,ij->i", apart, apart)
        square[max(0, here - self._apart) : here + self._apart + 1] = np.inf
        reach = (_MULTIPLES[-1] * self._largest) ** 2
        good = np.flatnonzero((square > self._least**2) & (square <= reach))
        if not len(good):
            return -1, math.nan
        lengths = np.sqrt(square[good])
        if direction is None:
            nearest = int(lengths.argmin())
            return (int(good[nearest]) if lengths[nearest] <= self._largest else -1), 0.0
        cosines = np.clip((apart[good] @ direction) / (lengths * _length(direction)), -1.0, 1.0)
        angles = np.arccos(cosines)
        for widest in _ANGLES:
            for multiple in _MULTIPLES:
                within = np.where(lengths <= multiple * self._largest, angles, np.inf)
                found = int(within.argmin())
                if within[found] <= widest:
                    return int(good[found]), float(angles[found])
        return -1, math.nan


def _length(vector: Array) -> float:
    return math.sqrt(float(vector @ vector))


def _job(subject: Subject, options: Mapping[str, Value]) -> Job[Wolf]:
    sampled = subject.sampled
    assert sampled is not None
    return wolf_job(
        sampled.series,
        sampled.step,
        int(options["dimension"]) or None,
        int(options["delay"]) or None,
        int(options["apart"]),
        int(options["evolution"]) or None,
        float(options["largest"]),
        float(options["least"]),
    )


def _automatic(subject: Subject) -> Mapping[str, Value]:
    if subject.sampled is None:
        return {}
    series = subject.sampled.series
    return {"apart": apart_in_time(series), "evolution": stretch_of(series)}


METHOD = Method(
    "Largest exponent (Wolf)",
    "Lyapunov",
    "An estimate of the largest Lyapunov exponent from a measured series. One orbit is followed "
    "with a neighbour, which is replaced by a nearer one in about the same direction whenever "
    "it has gone too far; the mean growth of their distance is the exponent. Its convergence "
    "is shown.",
    "Some thousand points and hardly any noise. It is always positive where there is noise: "
    "compare with surrogates and with Rosenstein's estimate. The result is to stay about the "
    "same as evolution time, dimension and distances are changed by a factor of two; where it "
    "does not, there is none. Within twenty per cent at best.",
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
        Parameter("evolution", 0, 0, 1000, scale="integer", help="Points of a stretch; 0 chooses"),
        Parameter(
            "largest",
            _LARGEST,
            0.01,
            0.5,
            help="A neighbour further away is replaced; of the width",
        ),
        Parameter("least", _LEAST, 0.0, 0.05, help="A new neighbour is no nearer; of the width"),
    ),
    _automatic,
    (
        Reference(
            "A. Wolf, J. B. Swift, H. L. Swinney and J. A. Vastano",
            1985,
            "Determining Lyapunov exponents from a time series",
            "Physica D 16, 285-317",
            "10.1016/0167-2789(85)90011-9",
        ),
    ),
)
