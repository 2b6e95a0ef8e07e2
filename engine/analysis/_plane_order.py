"""The order in which the cells of a plane are computed, and what stands in for the others.

A plane is refined in passes: first every 2^k-th cell of every 2^k-th row, then those between
them, and so on. A pass goes in tiles from the centre outwards, because that is where a person
looks. Until a cell is computed it shows the one at the corner of its block.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FIRST = 32
"""Rows and columns that the first pass has at least."""
TILE = 8
"""Rows and columns of a tile, in cells of its pass."""

Whole = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Pass:
    """Cells that are computed before any finer ones.

    Attributes
    ----------
    stride : int
        Side of the block that each of them stands for.
    rows, columns : array (k,)
        Their places, in the order in which they come.
    """

    stride: int
    rows: Whole
    columns: Whole


def passes(rows: int, columns: int) -> Iterator[Pass]:
    """All cells of a plane, coarse to fine; every cell is in one pass."""
    stride = 1
    while min(rows, columns) // (2 * stride) >= FIRST:
        stride *= 2
    former = 0
    while stride:
        yield _pass(rows, columns, stride, former)
        former, stride = stride, stride // 2


def _pass(rows: int, columns: int, stride: int, former: int) -> Pass:
    """Cells of one stride that are not of the former one, tile by tile from the centre on."""
    side = TILE * stride
    down, across = np.meshgrid(
        np.arange(-(-rows // side)), np.arange(-(-columns // side)), indexing="ij"
    )
    tile_down, tile_across = down.ravel(), across.ravel()
    away = np.maximum(
        np.abs((tile_down + 0.5) * side - 0.5 * rows) / rows,
        np.abs((tile_across + 0.5) * side - 0.5 * columns) / columns,
    )
    order = np.lexsort((tile_across, tile_down, away))
    inner_down, inner_across = np.divmod(np.arange(TILE * TILE), TILE)
    r = ((tile_down[order, None] * TILE + inner_down) * stride).ravel()
    c = ((tile_across[order, None] * TILE + inner_across) * stride).ravel()
    fresh = (r < rows) & (c < columns)
    if former:
        fresh &= (r % former != 0) | (c % former != 0)
    return Pass(stride, r[fresh], c[fresh])


def paint(
    image: NDArray[np.generic], cells: Pass, part: slice, values: NDArray[np.generic]
) -> None:
    """Show the values of some cells of a pass over the whole of their blocks.

    Parameters
    ----------
    image : array (rows, columns)
    part : slice
        Which cells of the pass.
    values : array (k,)
        One a cell.
    """
    rows, columns = cells.rows[part], cells.columns[part]
    for down in range(cells.stride):
        for across in range(cells.stride):
            r, c = rows + down, columns + across
            inside = (r < image.shape[0]) & (c < image.shape[1])
            image[r[inside], c[inside]] = values[inside]


def centres(low: float, high: float, count: int) -> NDArray[np.float64]:
    """Centres of `count` cells between two edges."""
    return np.asarray(low + (high - low) * ((np.arange(count) + 0.5) / count))


def narrowest(low: float, high: float, count: int) -> float:
    """The width below which `count` cells near here no longer have numbers of their own."""
    return float(2.0 * count * np.spacing(max(abs(low), abs(high))))
