"""Sample entropy: how likely what was alike stays alike for one more step.

The entropy is minus the logarithm of the probability that two stretches of the series that
are close over m values are close over the next one too. Small for what repeats, large for
what surprises; unlike the entropy of a source it depends on m and on the radius, so that
only numbers found with the same two are compared.

Memory: 150 bytes a point. The work grows with the square of the number of points.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.analysis._natural_time import quarter
from engine.analysis._template_matches import Matches, template_matches, widths
from engine.analysis.method import Curve, Method, Plot, Points, Scalar, Subject, measured
from engine.errors import ParameterError
from engine.exhibit import Parameter, Reference, Value
from engine.job import Job, Partial, run

Array = NDArray[np.float64]
_TITLE = "Sample entropy"
_RADII = tuple(np.round(np.geomspace(0.05, 0.8, 13), 3).tolist())
_SCANNED = 20_000  # points up to which the method looks at other radii by itself
_LONGEST = 16


@dataclass(frozen=True, eq=False)
class SampleEntropy:
    """Sample entropy of a series.

    Attributes
    ----------
    entropy : float
        Natural logarithm.
    stderr : float
        Standard error from the scatter of 32 blocks; not a number where they are too few.
    matches_short, matches_long : int
        Pairs of stretches of m and of m + 1 values that are close.
    m, delay : int
        Values in a stretch, and rows between two of them.
    r : float
        Radius in standard deviations.
    radius : float
        Radius in the unit of the series.
    points : int
        Length of the series.
    radii : array (k,)
        Other radii, in standard deviations.
    entropies, stderrs : array (k,)
        Entropy at each of them, not a number where there were no pairs.
    """

    entropy: float
    stderr: float
    matches_short: int
    matches_long: int
    m: int
    delay: int
    r: float
    radius: float
    points: int
    radii: Array = field(default_factory=lambda: np.zeros(0))
    entropies: Array = field(default_factory=lambda: np.zeros(0))
    stderrs: Array = field(default_factory=lambda: np.zeros(0))

    def scalars(self) -> tuple[Scalar, ...]:
        """The entropy first."""
        return (
            Scalar("entropy", "Sample entropy", self.entropy, self.stderr),
            Scalar("matches_short", f"Close pairs over {self.m} values", float(self.matches_short)),
            Scalar(
                "matches_long", f"Close pairs over {self.m + 1} values", float(self.matches_long)
            ),
            Scalar("white_noise", "White noise would have", white_noise(self.r)),
        )

    def plots(self) -> tuple[Plot, ...]:
        """The entropy over the radius."""
        radii = self.radii if len(self.radii) else np.array([0.5 * self.r, 2.0 * self.r])
        fine = np.geomspace(radii.min(), radii.max(), 65)
        noise = np.array([white_noise(r) for r in fine])
        items: list[Curve | Points] = [Curve(fine, noise, "Gaussian white noise", reference=True)]
        if len(self.radii):
            low, high = self.entropies - self.stderrs, self.entropies + self.stderrs
            items.append(Curve(self.radii, self.entropies, f"m = {self.m}", low, high))
        at = f"r = {self.r:g}"
        items.append(Points(np.array([self.r]), np.array([self.entropy]), at))
        return (
            Plot(
                "Sample entropy over the radius",
                "radius / standard deviation",
                "sample entropy",
                tuple(items),
                x_log=True,
            ),
        )


def white_noise(r: float) -> float:
    """Sample entropy of independent normal values, whatever m: -ln P(\\|x - y\\| <= r).

    The difference of two has variance 2, so that the probability is erf(r / 2).
    """
    return -math.log(math.erf(0.5 * r))


def sample_entropy(
    series: ArrayLike,
    m: int = 2,
    r: float = 0.2,
    delay: int = 1,
    radii: Sequence[float] = (),
) -> SampleEntropy:
    """Sample entropy of a series.

    Parameters
    ----------
    series : array (n,)
    m : int
        Values over which stretches are compared first, 1 to 16.
    r : float
        Radius in standard deviations of the series; pairs at exactly this distance count.
    delay : int
        Rows between two values of a stretch.
    radii : sequence of float
        Other radii at which the entropy is found as well.

    Returns
    -------
    SampleEntropy

    Raises
    ------
    ParameterError
        If m, r or the delay cannot be used, the series is too short or constant, or no
        stretches are close.

    References
    ----------
    J. S. Richman and J. R. Moorman, American Journal of Physiology - Heart and Circulatory
    Physiology 278, H2039 (2000).
    """
    return run(sample_entropy_job(series, m, r, delay, radii))


def sample_entropy_job(
    series: ArrayLike,
    m: int = 2,
    r: float = 0.2,
    delay: int = 1,
    radii: Sequence[float] = (),
) -> Job[SampleEntropy]:
    """`sample_entropy` as a job; the entropies at other radii come one by one."""
    m, delay = int(m), int(delay)
    x = checked(series, _TITLE, m, r, delay)
    deviation, moved = float(x.std()), widths(x)
    others = np.asarray(radii, dtype=np.float64).ravel()
    for other in others:
        _positive(_TITLE, float(other))
    total = 1.0 + len(others)
    found: SampleEntropy | None = None
    entropies = np.full(len(others), math.nan)
    stderrs = entropies.copy()
    for done, each in enumerate([r, *others.tolist()]):
        for step in template_matches(x, m, each * deviation, delay, moved):
            if isinstance(step, float):
                yield Partial(found, done + step, total, "close pairs")
                continue
            if done == 0:
                _refuse_lonely(step, m, r, len(x))
                found = SampleEntropy(
                    step.entropy,
                    step.stderr,
                    step.short // 2,
                    step.long // 2,
                    m,
                    delay,
                    float(r),
                    r * deviation,
                    len(x),
                )
            elif found is not None:
                entropies[done - 1] = step.entropy if step.long else math.nan
                stderrs[done - 1] = step.stderr
                found = replace(
                    found, radii=others, entropies=entropies.copy(), stderrs=stderrs.copy()
                )
    assert found is not None
    return found


def checked(series: ArrayLike, title: str, m: int, r: float, delay: int) -> Array:
    """The series, if a sample entropy can be found of it.

    Raises
    ------
    ParameterError
        If not.
    """
    x = measured(series, title, 3, 1)[:, 0]
    if not 1 <= m <= _LONGEST:
        raise ParameterError(f"{title} compares 1 to {_LONGEST} values, got m = {m}; 2 is usual")
    _positive(title, r)
    if delay < 1:
        raise ParameterError(f"{title} needs a delay of at least 1 row, got {delay}")
    if len(x) < m * delay + 3:
        raise ParameterError(
            f"{title} with m = {m} and delay {delay} needs at least {m * delay + 3} points, got "
            f"{len(x)}; take a smaller m or delay, or a longer run"
        )
    if x.min() == x.max():
        raise ParameterError(
            f"{title} needs a series that moves; all {len(x)} values are {x[0]:g}: choose another "
            "column or a longer run"
        )
    return np.ascontiguousarray(x)


def _positive(title: str, r: float) -> None:
    if not (math.isfinite(r) and r > 0.0):
        raise ParameterError(
            f"{title} needs a positive radius in standard deviations, got r = {r!r}; 0.2 is usual"
        )


def _refuse_lonely(found: Matches, m: int, r: float, points: int) -> None:
    """Say why there is no entropy."""
    if found.long:
        return
    length = m + 1 if found.short else m
    raise ParameterError(
        f"no two stretches of {length} values among {points} points are within r = {r:g} standard "
        f"deviations; take r = {2.0 * r:g}, a smaller m or more points"
    )


def _automatic(subject: Subject) -> Mapping[str, Value]:
    assert subject.sampled is not None
    x = measured(subject.sampled.values, _TITLE, 3)[:, 0]
    return {"delay": min(quarter(x), max(1, (len(x) - 3) // 2))}


def _start(subject: Subject, options: Mapping[str, Value]) -> Job[SampleEntropy]:
    assert subject.sampled is not None
    x = subject.sampled.series
    radii = _RADII if options["radii"] == "yes" and len(x) <= _SCANNED else ()
    return sample_entropy_job(
        x, int(options["m"]), float(options["r"]), int(options["delay"]), radii
    )


METHOD = Method(
    title=_TITLE,
    group="Complexity",
    summary=(
        "Minus the logarithm of the probability that stretches of the series that were close "
        "over m values are close over one more. Nearly zero for what repeats itself, "
        "-ln erf(r / 2) for Gaussian white noise (2.18 at r = 0.2), the growth of small "
        "differences for chaos between."
    ),
    trust=(
        "With at least some hundred points, a few thousand for an error of a few per cent; the "
        "error shown is that of the finite series. Only numbers with the same m and r compare. A "
        "trend or a few outliers widen the standard deviation, and with it the radius: remove "
        "them first. A finely sampled flow looks regular at delay 1, because neighbours in time "
        "are close: the automatic delay is a quarter of the natural time."
    ),
    takes="series",
    job=_start,
    options=(
        Parameter("m", 2, 1, 5, scale="integer", help="values compared first"),
        Parameter("r", 0.2, 0.05, 1.0, scale="log", help="radius in standard deviations"),
        Parameter("delay", 1, 1, 100, scale="integer", help="rows between two values compared"),
        Parameter(
            "radii",
            "yes",
            scale="choice",
            choices=("yes", "no"),
            help="find it at 13 other radii too, up to 20,000 points",
        ),
    ),
    automatic=_automatic,
    references=(
        Reference(
            "J. S. Richman and J. R. Moorman",
            2000,
            "Physiological time-series analysis using approximate entropy and sample entropy",
            "American Journal of Physiology - Heart and Circulatory Physiology 278, H2039-H2049",
            "10.1152/ajpheart.2000.278.6.H2039",
        ),
    ),
)
