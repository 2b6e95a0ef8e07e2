"""What a picture of basins says about their boundary: uncertainty exponent, Wada property.

Both work on a grid of whole numbers, one a basin, and know nothing of the system.
"""

from __future__ import annotations

from collections.abc import Generator

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Whole = NDArray[np.int64]

FARTHEST = 64
"""Cells up to which two boundaries are told apart."""


def uncertain(labels: Whole) -> Generator[None, None, tuple[Array, Array]]:
    """Shares of cells whose basin is uncertain, over how far their place is.

    A cell is uncertain at distance d where one of the four cells d away from it along the
    axes belongs to another basin. Distances grow by about a factor of 1.5 up to an eighth of
    the smaller side.

    Returns
    -------
    distances, shares : array (d,), (d,)
    """
    distances, shares = [], []
    d = 1
    while d <= max(1, min(labels.shape) // 8) and min(labels.shape) > 2 * d:
        middle = labels[d:-d, d:-d]
        other = labels[d:-d, : -2 * d] != middle
        other |= labels[d:-d, 2 * d :] != middle
        other |= labels[: -2 * d, d:-d] != middle
        other |= labels[2 * d :, d:-d] != middle
        distances.append(d)
        shares.append(float(other.mean()))
        d = max(d + 1, int(1.5 * d))
        yield
    return np.array(distances, np.float64), np.array(shares)


def exponent(distances: Array, shares: Array) -> tuple[float, float]:
    """Slope of the logarithm of shares over that of distances, and its standard error.

    NaN with fewer than three distances at which some but not nearly all cells are uncertain.
    """
    use = (shares > 0.0) & (shares < 0.9)
    if use.sum() < 3:
        return float("nan"), float("nan")
    x, y = np.log(distances[use]), np.log(shares[use])
    x = x - x.mean()
    slope = float(x @ y / (x @ x))
    rest = y - y.mean() - slope * x
    error = float(np.sqrt(rest @ rest / max(1, len(x) - 2) / (x @ x)))
    return slope, error


def boundary(mine: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Cells on either side of the boundary of a set."""
    edge = np.zeros_like(mine)
    across = mine[:, 1:] != mine[:, :-1]
    edge[:, 1:] |= across
    edge[:, :-1] |= across
    down = mine[1:] != mine[:-1]
    edge[1:] |= down
    edge[:-1] |= down
    return edge


def merged_distance(labels: Whole, basins: list[int]) -> Generator[None, None, float]:
    """How far apart the boundaries are when all basins but one are merged, in cells.

    For every basin the others count as one, which leaves one boundary; that of a Wada
    picture is the same whichever basin it is. The greatest distance of a cell of one of the
    boundaries from another boundary, larger than `FARTHEST` counting as infinite; NaN for
    fewer than three basins.

    References
    ----------
    A. Daza, A. Wagemakers, M. A. F. Sanjuán, Ascertaining when a basin is Wada: the merging
    method, Scientific Reports 8, 9954 (2018).
    """
    if len(basins) < 3:
        return float("nan")
    edges = []
    for basin in basins:
        edges.append(boundary(labels == basin))
        yield
    union = np.logical_or.reduce(edges)
    farthest = 0
    for edge in edges:
        grown, steps = edge, 0
        # What is not covered yet grows no further once all is.
        while steps < FARTHEST and (union & ~grown).any():
            grown, steps = _grown(grown), steps + 1
            yield
        if (union & ~grown).any():
            return float("inf")
        farthest = max(farthest, steps)
    return float(farthest)


def _grown(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """A set with all cells beside and diagonally beside it."""
    wide = mask.copy()
    wide[:, 1:] |= mask[:, :-1]
    wide[:, :-1] |= mask[:, 1:]
    high = wide.copy()
    high[1:] |= wide[:-1]
    high[:-1] |= wide[1:]
    return high
