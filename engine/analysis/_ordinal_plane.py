"""Entropy and statistical complexity of a distribution, and how far they can go together.

Both are normalised to 0 ... 1. For a given entropy the complexity lies between two bounds,
which distributions of two levels reach: the least where one outcome stands out and all
others are equally likely, the greatest where as few outcomes as possible occur, equally
likely but for one that is rarer. Nothing here knows where a distribution comes from.

References
----------
M. T. Martin, A. Plastino and O. A. Rosso, Physica A 369, 439 (2006).
O. A. Rosso et al., Physical Review Letters 99, 154102 (2007).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
_HALVINGS = 60
_EVEN = 257  # entropies at which a curve is drawn, besides its corners
_CORNERS = 48


@dataclass(frozen=True, eq=False)
class Bounds:
    """The bounds of the complexity over the entropy.

    Attributes
    ----------
    entropy : array (k,)
        From 0 to 1, rising.
    lower, upper : array (k,)
        Least and greatest complexity at each of them, exact there.
    """

    entropy: Array
    lower: Array
    upper: Array


def entropy_complexity(probabilities: ArrayLike) -> tuple[Array, Array]:
    """Normalised Shannon entropy and Jensen-Shannon complexity.

    Parameters
    ----------
    probabilities : array (..., n)
        Sums of 1 along the last axis, n at least 2.

    Returns
    -------
    tuple of array (...)
    """
    p = np.asarray(probabilities, dtype=np.float64)
    count = p.shape[-1]
    own = _shannon(p).sum(axis=-1)
    mixed = _shannon(0.5 * (p + 1.0 / count)).sum(axis=-1)
    return _normalised(own, mixed, count)


def extremes(entropy: ArrayLike, count: int) -> tuple[Array, Array]:
    """Least and greatest complexity that a distribution over `count` outcomes can have.

    Parameters
    ----------
    entropy : array (...)
        Normalised entropies, 0 to 1.
    count : int
        At least 2.
    """
    wanted = np.clip(np.asarray(entropy, dtype=np.float64), 0.0, 1.0)
    one = np.ones_like(wanted)
    # Least: the entropy falls as the one outcome goes from 1 / count to 1.
    lower = _reached(wanted, one / count, one, (count - 1) * one, count, falling=True)
    # Greatest: with the rare outcome among `occurring` ones the entropy rises from the
    # logarithm of occurring - 1 to that of occurring.
    occurring = np.clip(np.ceil(np.exp(wanted * math.log(count)) - 1e-9), 2.0, float(count))
    upper = _reached(wanted, 0.0 * one, 1.0 / occurring, occurring - 1.0, count, falling=False)
    return lower, upper


@lru_cache(maxsize=16)
def bounds(count: int) -> Bounds:
    """The bounds as curves, for distributions over `count` outcomes.

    The upper one has a corner wherever all outcomes that occur are equally likely; the
    first ones are among the entropies, the others are too close together to be seen.
    """
    corners = np.log(np.arange(1, min(count, _CORNERS) + 1)) / math.log(count)
    entropy = np.union1d(0.5 - 0.5 * np.cos(np.linspace(0.0, math.pi, _EVEN)), corners)
    entropy = np.clip(entropy, 0.0, 1.0)
    lower, upper = extremes(entropy, count)
    for array in (entropy, lower, upper):
        array.flags.writeable = False  # it is shared by all who ask
    return Bounds(entropy, lower, upper)


def _reached(
    wanted: Array, low: Array, high: Array, others: Array, count: int, falling: bool
) -> Array:
    """Complexity of the two-level distribution that has the entropy wanted, by bisection."""
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        entropy, _complexity = _two_levels(middle, others, count)
        right = (entropy > wanted) == falling
        low, high = np.where(right, middle, low), np.where(right, high, middle)
    return _two_levels(0.5 * (low + high), others, count)[1]


def _two_levels(p: Array, others: Array, count: int) -> tuple[Array, Array]:
    """One outcome of probability p, `others` equally likely ones, and some that never occur."""
    q = (1.0 - p) / others
    own = _shannon(p) + others * _shannon(q)
    even = 1.0 / count
    mixed = (
        _shannon(0.5 * (p + even))
        + others * _shannon(0.5 * (q + even))
        + (count - 1.0 - others) * _shannon(np.asarray(0.5 * even))
    )
    return _normalised(own, mixed, count)


def _shannon(p: Array) -> Array:
    """The terms -p ln p, zero where p is."""
    positive = p > 0.0
    return np.asarray(-p * np.log(np.where(positive, p, 1.0)))


def _normalised(own: Array, mixed: Array, count: int) -> tuple[Array, Array]:
    """Entropy and complexity from the entropies of a distribution and of its even mixture."""
    most = math.log(count)
    farthest = math.log(2 * count) - 0.5 * most - 0.5 * (count + 1) / count * math.log(count + 1)
    entropy = np.clip(own / most, 0.0, 1.0)
    apart = np.maximum(mixed - 0.5 * own - 0.5 * most, 0.0)
    return np.asarray(entropy), np.asarray(entropy * apart / farthest)
