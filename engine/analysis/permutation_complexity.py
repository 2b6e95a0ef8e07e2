"""Permutation entropy and statistical complexity, and where they lie in the plane of both.

The order of the values in every window is all that counts, so that nothing changes where the
series is stretched or bent by a rising function. Few patterns give a low entropy, all
equally often the greatest; the complexity is high between, where some patterns never occur.

What comes out depends on the time a window spans. Over many delays the two numbers draw a
path in the plane, and the PECCARY procedure says which part of it to read: windows that span
between 0.3 and 0.5 of the natural time. A window of up to half a cycle holds one turning
point of a smooth cycle at most, which bounds its entropy; much shorter ones see little but
rises and falls.

Memory: 200 bytes for every pattern of the order, besides the series.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.analysis._natural_time import natural_time
from engine.analysis._ordinal_plane import entropy_complexity
from engine.analysis._permutation_result import ENOUGH, IDEAL, PermutationComplexity
from engine.analysis.method import Method, Subject, measured
from engine.errors import ParameterError
from engine.exhibit import Parameter, Reference, Value
from engine.job import Job, Partial, run

__all__ = [
    "METHOD",
    "PermutationComplexity",
    "ideal_delay",
    "permutation_complexity",
    "permutation_complexity_job",
    "trial_delays",
]

Array = NDArray[np.float64]
ORDERS = (2, 8)
_TITLE = "Permutation entropy and complexity"
_AT_ONCE = 1 << 20  # windows counted between two returns, about 10 ms
_BLOCKS = 16
_SPANS = 2.0  # natural times that the longest window of a scan spans


def permutation_complexity(
    series: ArrayLike,
    order: int = 6,
    delay: int = 1,
    delays: Sequence[int] | NDArray[np.int64] = (),
    step: float = 1.0,
) -> PermutationComplexity:
    """Permutation entropy and Jensen-Shannon complexity of a series.

    Parameters
    ----------
    series : array (m,)
    order : int
        Values in a window, 2 to 8.
    delay : int
        Rows between two of them.
    delays : sequence of int
        Others at which the two numbers are found as well; see `trial_delays`.
    step : float
        Time between two rows.

    Returns
    -------
    PermutationComplexity

    Raises
    ------
    ParameterError
        If order or delay cannot be used, or the series is too short or constant.

    References
    ----------
    C. Bandt and B. Pompe, Physical Review Letters 88, 174102 (2002).
    """
    return run(permutation_complexity_job(series, order, delay, delays, step))


def permutation_complexity_job(
    series: ArrayLike,
    order: int = 6,
    delay: int = 1,
    delays: Sequence[int] | NDArray[np.int64] = (),
    step: float = 1.0,
) -> Job[PermutationComplexity]:
    """`permutation_complexity` as a job; the path over the delays grows while it runs."""
    x = measured(series, _TITLE, 3, 1)[:, 0]
    order, delay = int(order), int(delay)
    others = np.asarray(delays, dtype=np.int64).ravel()
    for each in (delay, *others.tolist()):
        _check(x, order, each)
    if not (math.isfinite(step) and step > 0.0):
        raise ParameterError(f"{_TITLE} needs a positive time between two rows, got {step!r}")
    total = float(1 + len(others))
    windows = len(x) - (order - 1) * delay
    edges = np.linspace(0, windows, min(_BLOCKS, windows) + 1).astype(np.int64)
    blocks = np.zeros((len(edges) - 1, math.factorial(order)), dtype=np.int64)
    for block, (first, last) in enumerate(
        zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True)
    ):
        for now in _count(x, order, delay, first, last, blocks[block]):
            yield Partial(None, now / windows, total, "ordinal patterns")
    found = _found(x, order, delay, step, blocks)
    entropies, complexities = [], []
    for done, other in enumerate(others.tolist(), 1):
        counts = np.zeros(math.factorial(order), dtype=np.int64)
        windows = len(x) - (order - 1) * other
        for now in _count(x, order, other, 0, windows, counts):
            yield Partial(found, done + now / windows, total, "over the delay")
        entropy, complexity = entropy_complexity(counts / windows)
        entropies.append(float(entropy))
        complexities.append(float(complexity))
        found = replace(
            found,
            delays=others[:done].copy(),
            entropies=np.array(entropies),
            complexities=np.array(complexities),
        )
        yield Partial(found, done + 1.0, total, "over the delay")
    return found


def trial_delays(series: ArrayLike, order: int = 6, count: int = 48) -> NDArray[np.int64]:
    """Delays worth a look: from 1 row to windows of two natural times, ever farther apart.

    Parameters
    ----------
    series : array (m,)
    order : int
    count : int
        How many there are at most.
    """
    x = measured(series, _TITLE, 3, 1)[:, 0]
    longest = (len(x) - 1) // (2 * (order - 1))
    last = min(longest, math.ceil(_SPANS * natural_time(x) / (order - 1)))
    if last < 1 or count < 1:
        return np.zeros(0, dtype=np.int64)
    return np.unique(np.round(np.geomspace(1.0, last, int(count))).astype(np.int64))


def ideal_delay(series: ArrayLike, order: int = 6) -> int:
    """The delay in the middle of the PECCARY band: windows of 0.4 natural times, at least 1."""
    x = measured(series, _TITLE, 3, 1)[:, 0]
    return max(1, round(sum(IDEAL) / 2.0 * natural_time(x) / (order - 1)))


def _count(
    x: Array, order: int, delay: int, first: int, last: int, counts: NDArray[np.int64]
) -> Iterator[int]:
    """Count a range of windows in slices, yielding how far it is."""
    from engine.analysis._ordinal_kernels import count_patterns

    for begun in range(first, last, _AT_ONCE):
        end = min(last, begun + _AT_ONCE)
        count_patterns(x, order, delay, begun, end, counts)
        yield end


def _found(
    x: Array, order: int, delay: int, step: float, blocks: NDArray[np.int64]
) -> PermutationComplexity:
    """What the counts of blocks of windows say."""
    counts = blocks.sum(axis=0)
    every = np.concatenate((counts[None], counts - blocks)) if len(blocks) > 1 else counts[None]
    entropy, complexity = entropy_complexity(every / every.sum(axis=1, keepdims=True))
    errors = [math.nan, math.nan]
    if counts.sum() >= 2 * _BLOCKS:
        # Leaving one block out moves a mean by 1 / (k - 1) of its deviation.
        k = len(blocks)
        errors = [
            float((k - 1) / math.sqrt(k) * left_out[1:].std(ddof=1))
            for left_out in (entropy, complexity)
        ]
    return PermutationComplexity(
        float(entropy[0]),
        float(complexity[0]),
        errors[0],
        errors[1],
        order,
        delay,
        step,
        counts,
        float(np.mean(x[delay:] == x[:-delay])),
        natural_time(x) * step,
    )


def _check(x: Array, order: int, delay: int) -> None:
    """Refuse what has no patterns."""
    if not ORDERS[0] <= order <= ORDERS[1]:
        raise ParameterError(
            f"the order of {_TITLE.lower()} must be {ORDERS[0]} to {ORDERS[1]}, got {order}; "
            "5 or 6 suits most series"
        )
    if delay < 1:
        raise ParameterError(f"the delay of {_TITLE.lower()} must be at least 1 row, got {delay}")
    if len(x) < (order - 1) * delay + 2:
        longest = (len(x) - 2) // (order - 1)
        advice = f"take a delay of at most {longest}" if longest > 0 else "take more points"
        raise ParameterError(
            f"windows of order {order} and delay {delay} span {(order - 1) * delay + 1} rows, and "
            f"the series has {len(x)}; {advice}"
        )
    if x.min() == x.max():
        raise ParameterError(
            f"{_TITLE} needs a series that moves; all {len(x)} values are {x[0]:g}: choose another "
            "column or a longer run"
        )


def _automatic(subject: Subject) -> Mapping[str, Value]:
    assert subject.sampled is not None
    x = measured(subject.sampled.values, _TITLE, 3)[:, 0]
    order = 3
    while order < 6 and len(x) >= ENOUGH * math.factorial(order + 1):
        order += 1
    longest = max(1, (len(x) - 2) // (order - 1))
    return {"order": order, "delay": min(longest, ideal_delay(x, order))}


def _start(subject: Subject, options: Mapping[str, Value]) -> Job[PermutationComplexity]:
    sampled = subject.sampled
    assert sampled is not None
    order = int(options["order"])
    _check(sampled.series, order, int(options["delay"]))
    delays = trial_delays(sampled.series, order, int(options["scan"]))
    return permutation_complexity_job(
        sampled.series, order, int(options["delay"]), delays, sampled.step
    )


METHOD = Method(
    title=_TITLE,
    group="Complexity",
    summary=(
        "How evenly the possible orders of neighbouring values occur, and how much structure "
        "there is between perfect order and perfect chance. White noise lies at H = 1, C = 0, "
        "smooth cycles on the left, chaos high in the middle, near the greatest complexity. "
        "Bounds of the plane are drawn; the path over the delay shows on which time scale the "
        "series is complex."
    ),
    trust=(
        "With at least five times as many points as the order has patterns (600 at order 5, "
        "3,600 at order 6) over 1.5 natural times or more; with fewer the entropy comes out too "
        "low, and the numbers are called estimates. Read it at a delay in the ideal band: a "
        "finely sampled flow at delay 1 looks regular whatever it does. Many equal values count "
        "as rises and lower the entropy; noise raises it at short delays first. Coloured noise "
        "shares its place with weak chaos: compare with surrogates."
    ),
    takes="series",
    job=_start,
    options=(
        Parameter("order", 6, 3, 7, scale="integer", help="values in a window"),
        Parameter("delay", 1, 1, 100, scale="integer", help="rows between two values of a window"),
        Parameter(
            "scan", 48, 0, 96, scale="integer", help="other delays for the path in the plane"
        ),
    ),
    automatic=_automatic,
    references=(
        Reference(
            "C. Bandt and B. Pompe",
            2002,
            "Permutation entropy: a natural complexity measure for time series",
            "Physical Review Letters 88, 174102",
            "10.1103/PhysRevLett.88.174102",
        ),
        Reference(
            "O. A. Rosso, H. A. Larrondo, M. T. Martin, A. Plastino and M. A. Fuentes",
            2007,
            "Distinguishing noise from chaos",
            "Physical Review Letters 99, 154102",
            "10.1103/PhysRevLett.99.154102",
        ),
        Reference(
            "M. T. Martin, A. Plastino and O. A. Rosso",
            2006,
            "Generalized statistical complexity measures: geometrical and analytical properties",
            "Physica A 369, 439-462",
            "10.1016/j.physa.2005.11.053",
        ),
        Reference(
            "S. Ó. Hyman, K. J. Daniel and D. A. Schaffner",
            2025,
            "PECCARY: A novel approach for characterizing orbital complexity, stochasticity, and "
            "regularity",
            "The Astrophysical Journal 987, 195",
            "10.3847/1538-4357/adda3e",
        ),
    ),
)
