"""What the growth of tangent vectors in many blocks of time says: means and their errors.

Pure arithmetic on arrays; it knows neither systems nor kernels.
"""

from __future__ import annotations

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
    """Exponents with those that cannot be told from zero set to zero.

    The dimension of a limit cycle is 1, whichever side of zero its exponent came out.
    """
    return np.where(np.abs(exponents) <= CERTAIN * errors, 0.0, exponents)


def standard_error(rates: Array) -> Array:
    """Standard error of the mean of rates in equal blocks that follow each other.

    Neighbouring blocks may be related, one way or the other; so blocks are joined two, four,
    eight at a time while enough are left, and the largest of the errors counts.

    Parameters
    ----------
    rates : array (b, k)

    Returns
    -------
    array (k,)
        Not a number with fewer than two blocks.

    References
    ----------
    H. Flyvbjerg, H. G. Petersen, Error estimates on averages of correlated data, Journal of
    Chemical Physics 91, 461-466 (1989).
    """
    if len(rates) < 2:
        return np.full(rates.shape[1], np.nan)
    found: Array = np.zeros(rates.shape[1])
    while True:
        with np.errstate(invalid="ignore"):
            scatter = rates.std(axis=0, ddof=1) / np.sqrt(len(rates))
        found = np.asarray(np.fmax(found, scatter))
        if len(rates) < 2 * _FEWEST:
            return found
        even = len(rates) // 2 * 2
        rates = 0.5 * (rates[0:even:2] + rates[1:even:2])


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
        rest = (total - growth[group].sum(axis=0)) / (time - lengths[group].sum())
        found.append(kaplan_yorke(settled(rest, errors)))
    many = len(found)
    return float(np.sqrt((many - 1) * np.var(found)))
