"""Whether a series is nonlinear: forecasts by linear maps that are local to a degree.

Every state is forecast by a linear map fitted to all known states, near ones counting more:
by exp(-theta d / mean d). At theta = 0 that is one linear (autoregressive) model for all;
where larger theta forecasts better, what happens next depends on the state in a nonlinear
way (G. Sugihara 1994).

Memory: blocks of half a million distances; at most 5,000 states are known and 2,000 forecast.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.analysis import _forecast as forecasts
from engine.analysis._reconstruction import positive, varied, whole
from engine.analysis.method import Curve, Method, Plot, Scalar, Subject
from engine.analysis.simplex_skill import dimension_job
from engine.errors import ParameterError
from engine.exhibit import Parameter, Reference, Value
from engine.job import Job, Partial, run

Array = NDArray[np.float64]
_WHAT = "An S-map"
_NAME = "an S-map"
_FEWEST = 40
_KNOWN, _ASKED = 5_000, 2_000
_BLOCK = 200_000  # distances held at once
_CUT = 1e-10  # eigenvalues below this share of the largest are left out
_PARTS = 16  # of time, whose scatter says how sure the gain is
THETAS = (0.0, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 16.0)


@dataclass(frozen=True, eq=False)
class SMapSkill:
    """Skill of local linear forecasts.

    Attributes
    ----------
    thetas : array (k,)
        How local the maps are; 0 is one map for all.
    skill : array (k,)
        Correlation of forecast and truth.
    error : array (k,)
        Root mean square error over the standard deviation.
    best : float
        Theta of the least error.
    gain : float
        By what share the error is smaller there than at theta = 0.
    gain_stderr : float
        From the scatter of 16 parts of the time.
    dimension, delay, horizon : int
    library : str
        ``first half`` or ``all others``.
    """

    thetas: Array
    skill: Array
    error: Array
    best: float
    gain: float
    gain_stderr: float
    dimension: int
    delay: int
    horizon: int
    library: str

    def scalars(self) -> tuple[Scalar, ...]:
        """What being local gains, where it is best, and the skill there and at zero."""
        top = int(self.error.argmin())
        return (
            Scalar("gain", "Error saved by being local", self.gain, self.gain_stderr),
            Scalar("theta", "Theta of the least error", self.best),
            Scalar("skill", "Skill there", float(self.skill[top])),
            Scalar("skill_linear", "Skill at the least theta", float(self.skill[0])),
            Scalar("dimension", "Dimension", self.dimension),
        )

    def plots(self) -> tuple[Plot, ...]:
        """Skill and error over theta."""
        linear = Curve(
            self.thetas[[0, -1]], np.full(2, self.skill[0]), "one linear map", reference=True
        )
        shown = Curve(self.thetas, self.skill, "S-map")
        error = Curve(self.thetas, self.error, "S-map")
        return (
            Plot("S-map skill", "theta", "correlation of forecast and truth", (linear, shown)),
            Plot("S-map error", "theta", "error / standard deviation", (error,)),
        )


def s_map_skill(
    series: object,
    dimension: int | None = None,
    delay: int = 1,
    horizon: int = 1,
    thetas: Sequence[float] | Array = THETAS,
    library: str = "first half",
) -> SMapSkill:
    """Forecast skill against theta.

    Parameters
    ----------
    series : array-like (m,)
    dimension : int, optional
        That of the best simplex forecast where absent.
    delay : int
        In points.
    horizon : int
        Steps ahead.
    thetas : sequence of float
        Not below 0, rising; the first is what the gain is measured from.
    library : str
        ``first half`` or ``all others``, as in `simplex_skill`.

    Raises
    ------
    ParameterError
        If the series is too short, constant or not finite, or a setting cannot be used.

    References
    ----------
    G. Sugihara, Philosophical Transactions of the Royal Society A 348, 477-495 (1994).
    """
    return run(s_map_skill_job(series, dimension, delay, horizon, thetas, library))


def s_map_skill_job(
    series: object,
    dimension: int | None = None,
    delay: int = 1,
    horizon: int = 1,
    thetas: Sequence[float] | Array = THETAS,
    library: str = "first half",
) -> Job[SMapSkill]:
    """`s_map_skill` as a job."""
    numbers = varied(series, _WHAT, _FEWEST)
    local = np.asarray(thetas, dtype=np.float64)
    good = local.ndim == 1 and len(local) > 0 and np.isfinite(local).all()
    if not good or local[0] < 0.0 or (np.diff(local) <= 0.0).any():
        raise ParameterError(
            f"the thetas of {_NAME} must be rising numbers from 0 on, got {thetas!r}"
        )
    horizon = whole(horizon, "horizon", _NAME, 1, len(numbers) - 1)
    if dimension is None:
        dimensions, tried = yield from dimension_job(numbers, delay, library)
        dimension = int(dimensions[tried.argmax()])
    parts = forecasts.split(numbers, dimension, delay, horizon, library, _NAME, _KNOWN, _ASKED)
    # Coordinates about the middle, in deviations, keep the equations well posed.
    middle, spread = float(numbers.mean()), float(numbers.std())
    known, asked = (parts.known - middle) / spread, (parts.asked - middle) / spread
    futures = (parts.futures[:, -1] - middle) / spread
    truth = parts.truths[:, -1]
    rows = np.column_stack([np.ones(len(known)), known])
    width = rows.shape[1]
    products = (rows[:, :, None] * rows[:, None, :]).reshape(len(rows), width * width)
    sides = np.ascontiguousarray(np.hstack([products, rows * futures[:, None]]))
    found = np.empty((len(asked), len(local)))
    together = max(1, _BLOCK // len(known))
    times = np.arange(len(known))
    for begun in range(0, len(asked), together):
        some = asked[begun : begun + together]
        square = np.zeros((len(some), len(known)))
        for d in range(dimension):
            square += (some[:, d : d + 1] - known[:, d]) ** 2
        distances = np.sqrt(square)
        near = np.abs(times - parts.moments[begun : begun + together, None]) <= parts.apart
        scale = np.where(near, 0.0, distances).sum(axis=1) / np.maximum((~near).sum(axis=1), 1)
        distances /= np.maximum(scale, 1e-300)[:, None]
        distances[near] = np.inf
        here = np.column_stack([np.ones(len(some)), some])
        for k, theta in enumerate(local):
            # Infinity times zero is no number, so those left out are set by hand.
            weights = np.exp(-theta * np.where(near, 0.0, distances))
            weights[near] = 0.0
            found[begun : begun + len(some), k] = _solved(weights @ sides, here)
            done = (begun + len(some) * (k + 1.0) / len(local)) / len(asked)
            yield Partial(None, done, 1.0, "local maps")
    found = found * spread + middle
    error = forecasts.error(found, np.repeat(truth[:, None], len(local), axis=1))
    skill = forecasts.skill(found, np.repeat(truth[:, None], len(local), axis=1))
    top = int(error.argmin())
    gain, stderr = _gain((found[:, 0] - truth) ** 2, (found[:, top] - truth) ** 2)
    return SMapSkill(
        local,
        skill,
        error,
        float(local[top]),
        gain,
        stderr,
        dimension,
        delay,
        horizon,
        library,
    )


def _solved(sums: Array, here: Array) -> Array:
    """Forecasts ``(q,)`` at `here` ``(q, n)`` of the maps that the weighted sums belong to.

    Directions in which the near states hardly differ are left out, as by singular values.
    """
    width = here.shape[1]
    matrices = sums[:, : width * width].reshape(-1, width, width)
    values, axes = np.linalg.eigh(matrices)
    kept = values > _CUT * np.maximum(values[:, -1:], 1e-300)
    inverse = np.where(kept, 1.0 / np.where(kept, values, 1.0), 0.0)
    right = np.einsum("qji,qj->qi", axes, sums[:, width * width :])
    left = np.einsum("qji,qj->qi", axes, here)
    return np.asarray((left * inverse * right).sum(axis=1))


def _gain(linear: Array, local: Array) -> tuple[float, float]:
    """By what share the root mean square error is smaller, and how sure that is."""
    if not linear.sum() > 0.0:
        return 0.0, math.nan
    gain = 1.0 - math.sqrt(float(local.sum() / linear.sum()))
    if len(linear) < 2 * _PARTS:
        return gain, math.nan
    # Leave one part out at a time.
    ones = np.array([part.sum() for part in np.array_split(linear, _PARTS)])
    twos = np.array([part.sum() for part in np.array_split(local, _PARTS)])
    rest = np.maximum(linear.sum() - ones, 1e-300)
    others = 1.0 - np.sqrt(np.maximum(local.sum() - twos, 0.0) / rest)
    return gain, float(np.sqrt((_PARTS - 1) * others.var()))


def _job(subject: Subject, options: Mapping[str, Value]) -> Job[SMapSkill]:
    sampled = subject.sampled
    assert sampled is not None
    highest = positive(float(options["theta"]), "largest theta", _NAME)
    return s_map_skill_job(
        sampled.series,
        int(options["dimension"]) or None,
        int(options["delay"]),
        int(options["horizon"]),
        highest * np.array(THETAS) / THETAS[-1],
        str(options["library"]),
    )


METHOD = Method(
    "S-map skill",
    "Embedding",
    "Whether what comes next depends on the state in a nonlinear way. Every state is forecast by "
    "a linear map fitted to the others, near ones counting more the larger theta is. If the "
    "error falls as theta rises from zero, the series is nonlinear; if it only rises, one "
    "linear model with noise is as good.",
    "Some hundred points, no trend. A gain within two or three standard errors of zero is none. "
    "Measurement noise lowers the best theta and hides the gain; a linear process seen through a "
    "nonlinear instrument may show one. Surrogates are the control.",
    "series",
    _job,
    (
        Parameter("dimension", 0, 0, 10, scale="integer", help="0 takes that of the best simplex"),
        Parameter(
            "delay", 1, 1, 100, scale="integer", help="Points from one coordinate to the next"
        ),
        Parameter("horizon", 1, 1, 50, scale="integer", help="How many steps ahead"),
        Parameter(
            "theta", 16.0, 1.0, 64.0, help="The largest theta; 14 smaller ones are tried too"
        ),
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
            "G. Sugihara",
            1994,
            "Nonlinear forecasting for the classification of natural time series",
            "Philosophical Transactions of the Royal Society A 348, 477-495",
            "10.1098/rsta.1994.0106",
        ),
    ),
)
