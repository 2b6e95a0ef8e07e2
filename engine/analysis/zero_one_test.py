"""The 0-1 test for chaos: does a walk driven by the series diffuse or stay bounded?

Every value is one step of a walk in the plane whose direction turns by a fixed angle c.
Chaos makes the walk diffuse, and the mean square displacement grows in proportion to time;
regular motion keeps it bounded. K is the correlation of the displacement with time, near 1
or near 0; the median over many angles puts aside those that resonate with the series.

The mean is taken off first, so that the oscillating term of the displacement, which only the
mean brings about, is not there. Displacements come from a Fourier transform.

Memory: 100 bytes a point of those used, 100,000 at most.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.analysis._natural_time import quarter
from engine.analysis.method import Curve, Method, Plot, Points, Scalar, Subject, measured
from engine.errors import ParameterError
from engine.exhibit import Parameter, Reference, Value
from engine.job import Job, Partial, run

Array = NDArray[np.float64]
_TITLE = "0-1 test for chaos"
_LOW, _HIGH = math.pi / 5.0, 4.0 * math.pi / 5.0
_MOST = 100_000
_LEAST = 100
_SHARE = 10  # of the series, over which displacements are followed
_PATH = 5_000


@dataclass(frozen=True, eq=False)
class ZeroOneTest:
    """What the walks say.

    Attributes
    ----------
    K : float
        Median of the correlations.
    frequencies : array (k,)
        Angles c by which the direction turns, radians a step, rising.
    correlations : array (k,)
        Correlation of displacement and time at each.
    middle : int
        Index of the angle whose correlation is nearest the median; its walk is shown.
    displacement : array (n,)
        Its mean square displacement after 1, 2, ..., n steps.
    path : array (m, 2)
        Its walk, at most the first 5,000 steps.
    every : int
        Every so many rows one was used.
    points : int
        How many were used.
    """

    K: float
    frequencies: Array
    correlations: Array
    middle: int
    displacement: Array
    path: Array
    every: int
    points: int

    def scalars(self) -> tuple[Scalar, ...]:
        """K first."""
        low, high = np.quantile(self.correlations, (0.25, 0.75))
        # Of a median of k values that scatter like normal ones.
        stderr = 1.2533 * float(high - low) / 1.349 / math.sqrt(len(self.correlations))
        return (
            Scalar("K", "K, median over the frequencies", self.K, stderr),
            Scalar("lower_quartile", "Lower quartile of K", float(low)),
            Scalar("upper_quartile", "Upper quartile of K", float(high)),
            Scalar("points", "Points used", float(self.points)),
        )

    def plots(self) -> tuple[Plot, ...]:
        """K over the frequency, the walk in the plane, and its displacement."""
        c = self.frequencies
        ends = np.array([_LOW, _HIGH])
        at = float(c[self.middle])
        steps = np.arange(1.0, len(self.displacement) + 1.0)
        return (
            Plot(
                "K over the frequency",
                "c [rad/step]",
                "K",
                (
                    Curve(ends, np.full(2, self.K), f"median {self.K:.3f}", reference=True),
                    Points(c, self.correlations, "K"),
                ),
            ),
            Plot(
                f"Walk at c = {at:.3f}",
                "p",
                "q",
                (Curve(self.path[:, 0], self.path[:, 1], "walk"),),
                square=True,
            ),
            Plot(
                f"Mean square displacement at c = {at:.3f}",
                "steps",
                "displacement",
                (Curve(steps, self.displacement, "displacement"),),
            ),
        )


def zero_one_test(
    series: ArrayLike, frequencies: int = 100, every: int = 1, seed: int = 0
) -> ZeroOneTest:
    """The 0-1 test of a series.

    Parameters
    ----------
    series : array (m,)
    frequencies : int
        How many angles, drawn evenly from pi / 5 to 4 pi / 5.
    every : int
        Every so many rows one is used: a finely sampled flow needs it. Of what is then left
        the first 100,000 are used.
    seed : int
        Of the angles.

    Returns
    -------
    ZeroOneTest

    Raises
    ------
    ParameterError
        If fewer than 100 points are left, or all are equal.

    References
    ----------
    G. A. Gottwald and I. Melbourne, SIAM Journal on Applied Dynamical Systems 8, 129 (2009).
    """
    return run(zero_one_test_job(series, frequencies, every, seed))


def zero_one_test_job(
    series: ArrayLike, frequencies: int = 100, every: int = 1, seed: int = 0
) -> Job[ZeroOneTest]:
    """`zero_one_test` as a job."""
    x = measured(series, _TITLE, _LEAST, 1)[:, 0]
    frequencies, every = int(frequencies), int(every)
    if every < 1:
        raise ParameterError(f"{_TITLE} uses one of every so many rows, at least 1, got {every}")
    if frequencies < 1:
        raise ParameterError(f"{_TITLE} needs at least one frequency, got {frequencies}; take 100")
    used = np.ascontiguousarray(x[::every][:_MOST])
    if len(used) < _LEAST:
        raise ParameterError(
            f"{_TITLE} needs at least {_LEAST} points; one of every {every} of {len(x)} leaves "
            f"{len(used)}: take every {max(1, len(x) // _LEAST)} or a longer run"
        )
    if used.min() == used.max():
        raise ParameterError(
            f"{_TITLE} needs a series that moves; all {len(used)} values are {used[0]:g}: choose "
            "another column or a longer run"
        )
    used = used - used.mean()
    used /= np.abs(used).max()  # K does not know the unit, and squares of tiny ones vanish
    angles = np.random.default_rng(seed).uniform(_LOW, _HIGH, frequencies)
    found = np.empty(frequencies)
    for k, c in enumerate(angles.tolist()):
        words = f"frequency {k + 1} of {frequencies}"
        walk = _walk(used, c)
        yield Partial(None, k + 0.5, float(frequencies), words)
        found[k] = _correlation(_displacement(walk))
        yield Partial(None, k + 1.0, float(frequencies), words)
    order = np.argsort(angles)
    angles, found = angles[order], found[order]
    median = float(np.median(found))
    middle = int(np.argmin(np.abs(found - median)))
    walk = _walk(used, float(angles[middle]))
    path = np.stack([walk.real[:_PATH], walk.imag[:_PATH]], axis=1)
    return ZeroOneTest(median, angles, found, middle, _displacement(walk), path, every, len(used))


def _walk(series: Array, c: float) -> NDArray[np.complex128]:
    """Places of the walk after every step, as complex numbers."""
    turns = np.exp(1j * c * np.arange(1.0, len(series) + 1.0))
    return np.asarray(np.cumsum(series * turns), dtype=np.complex128)


def _displacement(walk: NDArray[np.complex128]) -> Array:
    """Mean square displacement after 1 to len / 10 steps, over starts that have all of them."""
    count = len(walk)
    longest = count // _SHARE
    starts = count - longest
    walk = walk - walk.mean()
    square = np.concatenate(([0.0], np.cumsum(np.abs(walk) ** 2)))
    # No lag reaches beyond the last place, so that nothing wraps round.
    size = 1 << (count - 1).bit_length()
    products = np.fft.ifft(np.fft.fft(walk, size) * np.conj(np.fft.fft(walk[:starts], size)))
    lags = np.arange(1, longest + 1)
    later = square[lags + starts] - square[lags]
    return np.asarray((later + square[starts] - 2.0 * products.real[lags]) / starts)


def _correlation(displacement: Array) -> float:
    """Correlation with time; 0 where nothing moves."""
    time = np.arange(len(displacement)) - 0.5 * (len(displacement) - 1)
    apart = displacement - displacement.mean()
    size = math.sqrt(float(time @ time) * float(apart @ apart))
    return float(time @ apart) / size if size > 0.0 else 0.0


def _automatic(subject: Subject) -> Mapping[str, Value]:
    assert subject.sampled is not None
    x = measured(subject.sampled.values, _TITLE)[:, 0]
    return {"every": max(1, min(quarter(x), len(x) // _LEAST))}


def _start(subject: Subject, options: Mapping[str, Value]) -> Job[ZeroOneTest]:
    assert subject.sampled is not None
    return zero_one_test_job(
        subject.sampled.series,
        int(options["frequencies"]),
        int(options["every"]),
        int(options["seed"]),
    )


METHOD = Method(
    title=_TITLE,
    group="Complexity",
    summary=(
        "One number, near 1 for chaos and near 0 for regular motion, without any embedding: the "
        "series drives a walk in the plane, and K tells whether it diffuses. The median over "
        "many frequencies is taken."
    ),
    trust=(
        "With a thousand points or more, and without noise: noise diffuses too, and K is near 1 "
        "for it. Weak chaos and slow drifts need longer series, in which K still moves towards 0 "
        "or 1. A finely sampled flow gives 0 whatever it does: one row a quarter of the natural "
        "time is used by automatic choice."
    ),
    takes="series",
    job=_start,
    options=(
        Parameter("frequencies", 100, 10, 500, scale="integer", help="how many frequencies"),
        Parameter("every", 1, 1, 100, scale="integer", help="one of every so many rows is used"),
        Parameter("seed", 0, 0, 1000, scale="integer", help="of the frequencies"),
    ),
    automatic=_automatic,
    references=(
        Reference(
            "G. A. Gottwald and I. Melbourne",
            2009,
            "On the implementation of the 0-1 test for chaos",
            "SIAM Journal on Applied Dynamical Systems 8, 129-145",
            "10.1137/080718851",
        ),
        Reference(
            "G. A. Gottwald and I. Melbourne",
            2004,
            "A new test for chaos in deterministic systems",
            "Proceedings of the Royal Society A 460, 603-611",
            "10.1098/rspa.2003.1183",
        ),
    ),
)
