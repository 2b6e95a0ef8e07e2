"""How many templates of a series are close to each other: what sample entropies are made of.

Memory: 8 bytes for every coordinate of every template, and 100 more.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
_AT_ONCE = 4_000_000  # candidates judged between two returns, about 5 ms
_SOUGHT = 50_000  # templates whose candidates are sought between two returns
_BLOCKS = 32
_PROBED, _WIDER = 512, 1.2  # templates that tell how the entropy depends on the radius


@dataclass(frozen=True, eq=False)
class Matches:
    """Close templates.

    Attributes
    ----------
    short, long : int
        Ordered pairs of templates of length m, and of length m + 1, that are close.
    entropy : float
        Logarithm of their ratio; infinite without long ones, not a number without short ones.
    stderr : float
        Standard error of the entropy, from the scatter of 32 blocks of templates.
    """

    short: int
    long: int
    entropy: float
    stderr: float


def template_matches(
    series: Array, m: int, radius: float, delay: int = 1, widths: Array | None = None
) -> Iterator[float | Matches]:
    """Count close templates; yields progress between 0 and 1, at last the `Matches`.

    Parameters
    ----------
    series : array (n,)
        Longer than ``(m + 1) * delay``.
    m : int
        Length of the shorter templates.
    radius : float
        Templates are close where no coordinate differs by more.
    delay : int
        Rows between two coordinates.
    widths : array (n,), optional
        Where the radius was found from the very series: how much each row moved the
        logarithm of the radius, n times over. It counts in the error.
    """
    count = len(series) - m * delay
    order = np.argsort(series[:count])
    templates = np.empty((m + 1, count))
    for k in range(m + 1):
        yield 0.0
        templates[k] = series[order + k * delay]
    everyone = np.arange(count)
    numbers = np.empty((2, count), np.int64)
    yield from _count(templates, everyone, radius, numbers)
    partners = np.empty((2, count))
    partners[:, order] = numbers - 1.0
    influence = None
    if widths is not None and count >= 2 * _BLOCKS:
        some = np.arange(0, count, -(-count // _PROBED))
        wider = np.empty((2, len(some)), np.int64)
        for _ in _count(templates, some, _WIDER * radius, wider):
            pass  # a few templates, quick
        near, far = numbers[:, some].sum(axis=1) - len(some), wider.sum(axis=1) - len(some)
        slope = 0.0
        if near.min() > 0:
            slope = math.log(far[0] / far[1] * near[1] / near[0]) / math.log(_WIDER)
        influence = slope * widths[:count]
    yield _judged(partners, influence)


def _count(
    templates: Array, chosen: NDArray[np.int64], radius: float, numbers: NDArray[np.int64]
) -> Iterator[float]:
    """Count in slices; yields how far it is."""
    from engine.analysis._sample_entropy_kernels import count_close
    from engine.integrate.lanes import spread

    # A little wider than the radius, which the kernel then judges exactly.
    line = templates[0]
    reach = radius * (1.0 + 1e-9) + 1e-12 * float(np.abs(line).max())
    lows, highs = np.empty((2, len(chosen)), np.int64)
    for first in range(0, len(chosen), _SOUGHT):
        own = line[chosen[first : first + _SOUGHT]]
        lows[first : first + _SOUGHT] = np.searchsorted(line, own - reach, "left")
        highs[first : first + _SOUGHT] = np.searchsorted(line, own + reach, "right")
        yield 0.0
    done = np.concatenate(([0], np.cumsum(highs - lows)))
    first = 0
    while first < len(chosen):
        last = int(np.searchsorted(done, done[first] + _AT_ONCE, "right"))
        last = min(len(chosen), max(first + 1, last - 1))

        def work(low: int, high: int, first: int = first) -> None:
            count_close(templates, chosen, lows, highs, radius, first + low, first + high, *numbers)

        spread(work, last - first)
        first = last
        yield float(done[first] / done[-1])


def _judged(partners: Array, widths: Array | None) -> Matches:
    """Entropy and error from the numbers of partners (2, count) in order of time."""
    short, long = (int(total) for total in partners.sum(axis=1))
    if short == 0:
        return Matches(short, long, math.nan, math.nan)
    if long == 0:
        return Matches(short, long, math.inf, math.nan)
    count = partners.shape[1]
    stderr = math.nan
    if count >= 2 * _BLOCKS:
        # Both numbers are averages over pairs: one template has twice the weight it would
        # have in an average over templates. What is due to the single pairs, and not to the
        # templates they are made of, is then counted twice.
        means = partners.mean(axis=1)
        influence = 2.0 * (partners[0] / means[0] - partners[1] / means[1])
        if widths is not None:
            influence += widths
        size = count // _BLOCKS
        blocks = influence[: size * _BLOCKS].reshape(_BLOCKS, size).mean(axis=1)
        single = 2.0 / long - 2.0 / short
        stderr = math.sqrt(max(float(blocks.var(ddof=1)) / _BLOCKS - single, single))
    return Matches(short, long, math.log(short / long) + 0.0, stderr)


def widths(series: Array) -> Array:
    """How much each value moved the logarithm of the standard deviation, n times over."""
    return np.asarray(0.5 * ((series - series.mean()) ** 2 / series.var() - 1.0))
