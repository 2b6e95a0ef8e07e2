"""What the growth of tangent vectors in many blocks of time says: means and their errors.

Pure arithmetic on arrays; it knows neither systems nor kernels.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
_FEWEST = 8  # groups of blocks that still say something about their scatter
CERTAIN = 3.0
"""An exponent within so many standard errors of zero is taken for zero."""


def kaplan_yorke(exponents: Sequence[float] | Array) -> float:
    """Kaplan-Yorke dimension of a spectrum given largest first.

    The number of exponents whose sum stays at or above zero, plus that sum over the size of
    the next exponent. It is the number of exponents where the sum of all is not negative.

    References
    ----------
    J. L. Kaplan, J. A. Yorke, Chaotic behavior of multidimensional difference equations,
    Lecture Notes in Mathematics 730, Springer 1979.
    """
    total = 0.0
    for i, exponent in enumerate(map(float, exponents)):
        if total + exponent < 0.0:
            return i + total / abs(exponent)
        total += exponent
    return float(len(exponents))


def settled(exponents: Array, errors: Array) -> Array:
    """Exponents of an orbit that is not chaotic, those that may be zero set to zero.

    The dimension of a limit cycle is 1, whichever side of zero its exponent came out. Of a
    chaotic orbit they are left alone: there the dimension hardly depends on it.
    """
    if exponents.size and exponents[0] > CERTAIN * errors[0]:
        return exponents
    return np.where(np.abs(exponents) <= CERTAIN * errors, 0.0, exponents)


def sheared(exponents: Array, errors: Array, duration: float, steps: int) -> Array:
    """Standard errors that allow for shear.

    Where neighbouring orbits only slide past each other a vector grows in proportion to
    time, and its rate falls towards zero like log(t) / t. All blocks agree on that, so their
    scatter does not tell; but a vector that grew no more than so over the whole run cannot
    be told from one that does not grow at all.

    Parameters
    ----------
    exponents, errors : array (k,)
    duration : float
        Time averaged over.
    steps : int
        Steps it took.
    """
    still = np.abs(exponents) * duration <= math.log1p(max(0, steps))
    return np.where(still, np.fmax(errors, np.abs(exponents)), errors)


def boundaries(number: int) -> Array:
    """Where to cut a run into blocks: their ends as shares of it, shape ``(number,)``.

    The lengths vary by a half around their mean. With equal ones a periodic orbit may be
    met in nearly the same phase again and again, and the scatter would say nothing.
    """
    ends = np.arange(1, number + 1, dtype=np.float64)
    ends[:-1] += 0.5 * ((ends[:-1] * 0.6180339887498949) % 1.0 - 0.5)
    return np.asarray(ends / number)


def standard_error(growth: Array, lengths: Array) -> Array:
    """Standard error of mean rates from blocks of time that follow each other.

    Neighbouring blocks may be related, one way or the other; so blocks are joined two, four,
    eight at a time while enough are left, and the largest of the errors counts.

    Parameters
    ----------
    growth : array (b, k)
        Growth in each block.
    lengths : array (b,)

    Returns
    -------
    array (k,)
        Not a number with fewer than two blocks.

    References
    ----------
    H. Flyvbjerg, H. G. Petersen, Error estimates on averages of correlated data, Journal of
    Chemical Physics 91, 461-466 (1989).
    """
    if len(lengths) < 2:
        return np.full(growth.shape[1], np.nan)
    found: Array = np.zeros(growth.shape[1])
    while True:
        rates = growth / lengths[:, None]
        with np.errstate(invalid="ignore"):
            scatter = rates.std(axis=0, ddof=1) / np.sqrt(len(rates))
        found = np.asarray(np.fmax(found, scatter))
        if len(lengths) < 2 * _FEWEST:
            return found
        even = len(lengths) // 2 * 2
        growth = growth[0:even:2] + growth[1:even:2]
        lengths = lengths[0:even:2] + lengths[1:even:2]


def dimension_error(growth: Array, lengths: Array, errors: Array) -> float:
    """Standard error of the Kaplan-Yorke dimension: blocks are left out in turn.

    Parameters
    ----------
    growth : array (b, k)
        Growth in each block, exponents in falling order.
    lengths : array (b,)
    errors : array (k,)
        Of the exponents.
    """
    groups = np.array_split(np.arange(len(lengths)), min(16, len(lengths)))
    if len(groups) < 2:
        return float("nan")
    total, time = growth.sum(axis=0), lengths.sum()
    found = []
    for group in groups:
        with np.errstate(invalid="ignore"):
            rest = (total - growth[group].sum(axis=0)) / (time - lengths[group].sum())
        rest[np.isnan(rest)] = -np.inf  # minus infinity without a part of it
        found.append(kaplan_yorke(settled(rest, errors)))
    many = len(found)
    return float(np.sqrt((many - 1) * np.var(found)))
