"""How well a series foretells itself, over how far: forecasts from the nearest past states.

Every state is forecast as its nearest neighbours went on, the nearer ones counting more. In
chaos the skill is high at first and falls with the horizon, in noise that only adds up it is
low and stays as it is; that tells one from the other (G. Sugihara and R. May 1990). The
dimension, where none is given, is that of the best forecast one step ahead.

Memory: the states, their futures and a tree; at most 20,000 states are known and as many
forecast.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.analysis import _forecast as forecasts
from engine.analysis._neighbours import Work, grow, told
from engine.analysis._reconstruction import positive, varied, whole
from engine.analysis.method import Curve, Method, Plot, Points, Scalar, Subject
from engine.errors import ParameterError
from engine.exhibit import Parameter, Reference, Value
from engine.job import Job, Partial, run

Array = NDArray[np.float64]
_WHAT = "A simplex forecast"
_NAME = "a simplex forecast"
_FEWEST = 40
_MOST = 20_000
_HIGHEST = 10


@dataclass(frozen=True, eq=False)
class SimplexSkill:
    """Skill of forecasts.

    Attributes
    ----------
    horizons : array (h,)
        Steps ahead.
    skill : array (h,)
        Correlation of forecast and truth.
    error : array (h,)
        Root mean square error over the standard deviation: 1 is no better than the mean.
    persistence : array (h,)
        Skill of the forecast that nothing changes.
    dimension, delay : int
    dimensions, by_dimension : array (k,)
        Those tried, and their skill one step ahead; empty where the dimension was given.
    forecast, truth : array (q,)
        One step ahead.
    library : str
        ``first half`` or ``all others``.
    step : float
        Time between two numbers.
    """

    horizons: NDArray[np.int64]
    skill: Array
    error: Array
    persistence: Array
    dimension: int
    delay: int
    dimensions: NDArray[np.int64]
    by_dimension: Array
    forecast: Array
    truth: Array
    library: str
    step: float

    def scalars(self) -> tuple[Scalar, ...]:
        """Skill at the first and the last horizon, and how long it stays above a half."""
        below = np.flatnonzero(self.skill < 0.5)
        lasts = float(self.horizons[below[0]] - 1) if len(below) else float("nan")
        end = int(self.horizons[-1])
        return (
            Scalar("skill", "Skill one step ahead", float(self.skill[0])),
            Scalar("skill_end", f"Skill {end} steps ahead", float(self.skill[-1])),
            Scalar("lasts", "Time with a skill of a half or more", lasts * self.step),
            Scalar("dimension", "Dimension", self.dimension),
        )

    def plots(self) -> tuple[Plot, ...]:
        """Skill over horizon, skill over dimension, forecast against truth."""
        ahead = np.asarray(self.step * self.horizons, dtype=np.float64)
        shown = [
            Plot(
                "Forecast skill",
                "horizon (time)",
                "correlation of forecast and truth",
                (
                    Curve(ahead, self.persistence, "nothing changes", reference=True),
                    Curve(ahead, self.skill, "simplex"),
                ),
            )
        ]
        if len(self.dimensions):
            line = Curve(self.dimensions.astype(np.float64), self.by_dimension, "one step ahead")
            shown.append(Plot("Choice of the dimension", "dimension", "skill", (line,)))
        ends = np.array([self.truth.min(), self.truth.max()])
        items = (Curve(ends, ends, "equal", reference=True), Points(self.truth, self.forecast))
        shown.append(Plot("One step ahead", "truth", "forecast", items, square=True))
        return tuple(shown)


def simplex_skill(
    series: object,
    dimension: int | None = None,
    delay: int = 1,
    horizon: int = 20,
    library: str = "first half",
    step: float = 1.0,
) -> SimplexSkill:
    """Forecast skill against horizon.

    Parameters
    ----------
    series : array-like (m,)
    dimension : int, optional
        The best one up to 10 where absent.
    delay : int
        In points.
    horizon : int
        Steps ahead.
    library : str
        ``first half``: it forecasts the second; ``all others``: every state from all others
        that are far enough in time.
    step : float
        Time between two numbers.

    Raises
    ------
    ParameterError
        If the series is too short, constant or not finite, or a setting cannot be used.

    References
    ----------
    G. Sugihara and R. M. May, Nature 344, 734-741 (1990).
    """
    return run(simplex_skill_job(series, dimension, delay, horizon, library, step))


def simplex_skill_job(
    series: object,
    dimension: int | None = None,
    delay: int = 1,
    horizon: int = 20,
    library: str = "first half",
    step: float = 1.0,
) -> Job[SimplexSkill]:
    """`simplex_skill` as a job."""
    numbers = varied(series, _WHAT, _FEWEST)
    step = positive(step, "step", _NAME)
    dimensions: NDArray[np.int64] = np.zeros(0, dtype=np.int64)
    tried = np.zeros(0)
    begin = 0.0
    if dimension is None:
        dimensions, tried = yield from dimension_job(numbers, delay, library)
        dimension, begin = int(dimensions[tried.argmax()]), 0.8
    horizon = whole(horizon, "horizon", _NAME, 1, len(numbers) - 1)
    parts = forecasts.split(numbers, dimension, delay, horizon, library, _NAME, _MOST, _MOST)
    found = yield from told(_forecast(parts), "forecasts", begin, 1.0)
    stays = np.repeat(parts.now[:, None], horizon, axis=1)
    return SimplexSkill(
        np.arange(1, horizon + 1),
        forecasts.skill(found, parts.truths),
        forecasts.error(found, parts.truths),
        forecasts.skill(stays, parts.truths),
        dimension,
        delay,
        dimensions,
        tried,
        np.ascontiguousarray(found[:, 0]),
        np.ascontiguousarray(parts.truths[:, 0]),
        library,
        step,
    )


def dimension_job(
    numbers: Array, delay: int, library: str
) -> Generator[Partial[Any], None, tuple[NDArray[np.int64], Array]]:
    """Dimensions that there are states for, and the skill one step ahead in each."""
    tried: list[float] = []
    for d in range(1, _HIGHEST + 1):
        try:
            parts = forecasts.split(numbers, d, delay, 1, library, _NAME, _MOST, _MOST)
        except ParameterError:
            if not tried:
                raise
            break
        share = 0.8 * (d - 1) / _HIGHEST
        work = _forecast(parts)
        ahead = yield from told(work, "dimension", share, share + 0.8 / _HIGHEST)
        tried.append(float(forecasts.skill(ahead, parts.truths)[0]))
    return np.arange(1, len(tried) + 1), np.array(tried)


def _forecast(parts: forecasts.Split) -> Work[Array]:
    """Forecasts ``(q, h)``: weighted means of the futures of ``n + 1`` neighbours."""
    tree = yield from grow(parts.known)
    count = parts.known.shape[1] + 1
    distances, found = yield from tree.nearest(parts.asked, parts.moments, count, parts.apart)
    if not (found >= 0).all():
        raise ParameterError(
            f"{_NAME} finds fewer than {count} neighbours more than {parts.apart} points apart: "
            "take more points or a shorter horizon"
        )
    # Distances are counted in that of the nearest; copies of a state count alone.
    nearest = distances[:, :1]
    with np.errstate(divide="ignore", invalid="ignore"):
        weights = np.where(
            nearest > 0.0, np.exp(-distances / nearest), (distances == 0.0).astype(np.float64)
        )
    weights = np.maximum(weights, 1e-6)
    weights /= weights.sum(axis=1, keepdims=True)
    out = np.zeros_like(parts.truths)
    for k in range(count):
        out += weights[:, k : k + 1] * parts.futures[found[:, k]]
        yield 1.0
    return out


def _job(subject: Subject, options: Mapping[str, Value]) -> Job[SimplexSkill]:
    sampled = subject.sampled
    assert sampled is not None
    return simplex_skill_job(
        sampled.series,
        int(options["dimension"]) or None,
        int(options["delay"]),
        int(options["horizon"]),
        str(options["library"]),
        sampled.step,
    )


METHOD = Method(
    "Simplex forecast skill",
    "Embedding",
    "How well a series foretells itself from its own past, over how far. Every state is forecast "
    "as its nearest neighbours in the past went on. A skill that is high at first and falls "
    "with the horizon is the mark of chaos; a rhythm stays foretold, noise never is.",
    "Some hundred points that visit the same places repeatedly, and no trend. Compare with the "
    "forecast that nothing changes: a slow series is foretold by that alone. Correlated noise "
    "loses skill with the horizon as well; S-map tells it from chaos.",
    "series",
    _job,
    (
        Parameter("dimension", 0, 0, 10, scale="integer", help="0 takes that of the best forecast"),
        Parameter(
            "delay", 1, 1, 100, scale="integer", help="Points from one coordinate to the next"
        ),
        Parameter("horizon", 20, 1, 200, scale="integer", help="How many steps ahead"),
        Parameter(
            "library",
            "first half",
            scale="choice",
            choices=forecasts.LIBRARIES,
            help="Which states are known: the first half forecasts the second, or all others",
        ),
    ),
    references=(
        Reference(
            "G. Sugihara and R. M. May",
            1990,
            "Nonlinear forecasting as a way of distinguishing chaos from measurement error in "
            "time series",
            "Nature 344, 734-741",
            "10.1038/344734a0",
        ),
    ),
)
