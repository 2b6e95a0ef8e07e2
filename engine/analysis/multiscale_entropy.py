"""Multiscale entropy: the sample entropy of ever coarser averages of a series.

The series is averaged over neighbouring groups of 1, 2, 3, ... values, and each of these has
a sample entropy, all with one and the same radius. That of white noise falls, since averages
of it are ever smaller; that of a series with structure on many scales stays.

Memory: 150 bytes a point. Nearly all the work is that of the first scales.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.analysis._template_matches import template_matches, widths
from engine.analysis.method import Curve, Method, Plot, Scalar, Subject, measured
from engine.analysis.sample_entropy import checked, white_noise
from engine.errors import ParameterError
from engine.exhibit import Parameter, Reference, Value
from engine.job import Job, Partial, run

Array = NDArray[np.float64]
_TITLE = "Multiscale entropy"
_LEAST = 100  # groups that the coarsest scale keeps by automatic choice


@dataclass(frozen=True, eq=False)
class MultiscaleEntropy:
    """Sample entropies of coarser and coarser averages.

    Attributes
    ----------
    scales : array (k,) of int
        Values averaged together.
    entropies : array (k,)
        Sample entropy at each; not a number where no stretches were close.
    stderrs : array (k,)
        Their standard errors.
    m : int
        Values in a stretch.
    r : float
        Radius in standard deviations of the series as it was.
    step : float
        Time between two rows.
    """

    scales: NDArray[np.int64]
    entropies: Array
    stderrs: Array
    m: int
    r: float
    step: float = 1.0

    @property
    def index(self) -> float:
        """Complexity index: the sum of all entropies there are."""
        return float(np.nansum(self.entropies))

    def scalars(self) -> tuple[Scalar, ...]:
        """The complexity index, then the first and last entropy."""
        known = np.flatnonzero(np.isfinite(self.entropies))
        out = [Scalar("index", f"Complexity index, {known.size} scales", self.index)]
        for name, title, where in (
            ("first", "finest", known[:1]),
            ("last", "coarsest", known[-1:]),
        ):
            for i in where.tolist():
                scale = int(self.scales[i])
                out.append(
                    Scalar(
                        f"{name}_entropy",
                        f"Sample entropy of the {title} scale, {scale}",
                        float(self.entropies[i]),
                        float(self.stderrs[i]),
                    )
                )
        return tuple(out)

    def plots(self) -> tuple[Plot, ...]:
        """The entropy over the scale."""
        scales = self.scales.astype(np.float64)
        noise = np.array([white_noise(self.r * math.sqrt(scale)) for scale in scales])
        low, high = self.entropies - self.stderrs, self.entropies + self.stderrs
        return (
            Plot(
                "Sample entropy over the scale",
                "values averaged",
                "sample entropy",
                (
                    Curve(scales, noise, "Gaussian white noise", reference=True),
                    Curve(scales, self.entropies, f"m = {self.m}, r = {self.r:g}", low, high),
                ),
            ),
        )


def multiscale_entropy(
    series: ArrayLike, m: int = 2, r: float = 0.15, scales: int = 20, step: float = 1.0
) -> MultiscaleEntropy:
    """Sample entropy over scales 1 to `scales`.

    Parameters
    ----------
    series : array (n,)
    m : int
        Values compared first.
    r : float
        Radius in standard deviations of the series itself, the same at all scales.
    scales : int
        The coarsest scale.
    step : float
        Time between two rows.

    Raises
    ------
    ParameterError
        If something cannot be used, or the series is too short for the coarsest scale.

    References
    ----------
    M. Costa, A. L. Goldberger and C.-K. Peng, Physical Review Letters 89, 068102 (2002).
    """
    return run(multiscale_entropy_job(series, m, r, scales, step))


def multiscale_entropy_job(
    series: ArrayLike, m: int = 2, r: float = 0.15, scales: int = 20, step: float = 1.0
) -> Job[MultiscaleEntropy]:
    """`multiscale_entropy` as a job; scales come one by one."""
    m, scales = int(m), int(scales)
    x = checked(series, _TITLE, m, r, 1)
    if scales < 1:
        raise ParameterError(f"{_TITLE} needs at least one scale, got {scales}; 20 are usual")
    if len(x) // scales < m + 3:
        raise ParameterError(
            f"averages over {scales} of {len(x)} values leave {len(x) // scales}, and m = {m} "
            f"needs {m + 3}; take {max(1, len(x) // (m + 3))} scales or a longer run"
        )
    radius, moved = r * float(x.std()), widths(x)
    costs = 1.0 / np.arange(1, scales + 1) ** 2
    entropies, stderrs = np.full(scales, math.nan), np.full(scales, math.nan)
    numbers = np.arange(1, scales + 1)
    found: MultiscaleEntropy | None = None
    for scale in range(1, scales + 1):
        before = float(costs[: scale - 1].sum())
        for step_ in template_matches(coarse(x, scale), m, radius, widths=coarse(moved, scale)):
            if isinstance(step_, float):
                done = before + step_ * costs[scale - 1]
                yield Partial(found, float(done), float(costs.sum()), f"scale {scale}")
            elif step_.long:
                entropies[scale - 1], stderrs[scale - 1] = step_.entropy, step_.stderr
        found = MultiscaleEntropy(
            numbers, entropies.copy(), stderrs.copy(), m, float(r), float(step)
        )
    assert found is not None
    if not np.isfinite(entropies).any():
        raise ParameterError(
            f"no two stretches of {m + 1} averages are within r = {r:g} standard deviations at any "
            f"scale; take r = {2.0 * r:g}, a smaller m or more points"
        )
    return found


def coarse(series: Array, scale: int) -> Array:
    """Averages over neighbouring groups of `scale` values; what is left over is dropped."""
    count = len(series) // scale
    return np.ascontiguousarray(series[: count * scale].reshape(count, scale).mean(axis=1))


def _automatic(subject: Subject) -> Mapping[str, Value]:
    assert subject.sampled is not None
    points = len(measured(subject.sampled.values, _TITLE))
    return {"scales": max(1, min(20, points // _LEAST))}


def _start(subject: Subject, options: Mapping[str, Value]) -> Job[MultiscaleEntropy]:
    assert subject.sampled is not None
    return multiscale_entropy_job(
        subject.sampled.series,
        int(options["m"]),
        float(options["r"]),
        int(options["scales"]),
        subject.sampled.step,
    )


METHOD = Method(
    title=_TITLE,
    group="Complexity",
    summary=(
        "The sample entropy of averages over 1, 2, 3, ... neighbouring values, with one radius "
        "for all. It falls for white noise, as the dashed curve does, and stays level for a "
        "series that has something new on every scale, such as 1/f noise; where it rises the "
        "fine scales are the regular ones."
    ),
    trust=(
        "As long as the coarsest scale keeps some hundred averages; the error bands tell. The "
        "radius does not follow the falling scatter of the averages, so part of the curve is the "
        "variance over the scale: compare with surrogates that have the same spectrum. Trends "
        "and outliers widen the radius on all scales."
    ),
    takes="series",
    job=_start,
    options=(
        Parameter("m", 2, 1, 5, scale="integer", help="values compared first"),
        Parameter(
            "r", 0.15, 0.05, 1.0, scale="log", help="radius in standard deviations of the series"
        ),
        Parameter("scales", 20, 1, 100, scale="integer", help="the coarsest scale"),
    ),
    automatic=_automatic,
    references=(
        Reference(
            "M. Costa, A. L. Goldberger and C.-K. Peng",
            2002,
            "Multiscale entropy analysis of complex physiologic time series",
            "Physical Review Letters 89, 068102",
            "10.1103/PhysRevLett.89.068102",
        ),
        Reference(
            "M. Costa, A. L. Goldberger and C.-K. Peng",
            2005,
            "Multiscale entropy analysis of biological signals",
            "Physical Review E 71, 021906",
            "10.1103/PhysRevE.71.021906",
        ),
    ),
)
