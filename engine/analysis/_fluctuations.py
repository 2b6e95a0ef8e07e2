"""Residuals of windows of a profile about polynomial trends: the core of fluctuation analysis.

The profile is the running sum of a series less its mean. It is cut into windows of one length,
from both ends so that nothing is left over, and a polynomial is taken off each by projection
on orthonormal ones. Plain array arithmetic in pieces that fit the cache; no compiler.

References
----------
C.-K. Peng et al., Physical Review E 49, 1685 (1994). J. W. Kantelhardt et al., Physica A 295,
441 (2001): polynomial orders, and windows from both ends.
"""

from __future__ import annotations

import math
from collections.abc import Generator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.analysis.method import measured
from engine.errors import ParameterError
from engine.job import Partial

Array = NDArray[np.float64]
Whole = NDArray[np.int64]
SHORTEST = 16
"""Windows that a slope begins with where nothing else is asked for."""
WINDOWS = 10
"""Windows of the longest length that fit into the series."""
ORDERS = (1, 5)
_LENGTHS = 30
_PIECE = 1 << 15  # values at once
_BLOCKS = 4
_ROUNDING = 1e-28
"""Squares of residuals below this share of the profile's are rounding."""


def checked_series(series: object, what: str) -> Array:
    """A series that may be analysed, shape ``(m,)``.

    Raises
    ------
    ParameterError
        If it is no series, constant, or too short.
    """
    values = measured(series, what, 4 * SHORTEST, 1)[:, 0]
    with np.errstate(over="ignore"):
        extent = float(values.max() - values.min())
    if not math.isfinite(extent):
        raise ParameterError(f"{what} needs numbers within 1e307 of each other: scale them first")
    if extent <= 1e-13 * float(np.abs(values).max()):
        raise ParameterError(
            f"{what} needs a series that changes; all values are {values[0]:g}: choose another "
            "column, or a run that does not rest"
        )
    return np.ascontiguousarray(values)


def lengths(
    count: int, low: int | None, high: int | None, what: str, least: int, most: int
) -> Whole:
    """Lengths of windows, evenly spaced in their logarithms.

    Parameters
    ----------
    count : int
        Values of the series.
    low, high : int or None
        Shortest and longest; `SHORTEST` (or `least`) and a tenth of the series by default.
    what : str
    least, most : int
        What they may be.

    Raises
    ------
    ParameterError
        If there is no room for a slope between them.
    """
    first = max(SHORTEST, least) if low is None else low
    last = max(count // WINDOWS, 2 * first) if high is None else high
    if not least <= first < last <= most:
        raise ParameterError(
            f"{what} of {count} values takes windows from {least} to {most}, the shorter first, "
            f"got {first} to {last}"
        )
    found = np.unique(np.round(np.geomspace(first, last, _LENGTHS)).astype(np.int64))
    if len(found) < 3:
        raise ParameterError(
            f"{what} needs three lengths of windows for a slope; there are {len(found)} from "
            f"{first} to {last}: take a longer series"
        )
    return found


def profile(series: Array) -> tuple[Array, float]:
    """The running sum of a series less its mean, scaled to a largest size of one; that scale."""
    size = float(np.abs(series).max())
    scaled = series / size
    summed = np.cumsum(scaled - scaled.mean())
    largest = max(float(np.abs(summed).max()), 1e-300)
    return np.asarray(summed / largest), largest * size


def residuals(
    path: Array, length: int, order: int, done: int, total: int
) -> Generator[Partial[Any], None, Array]:
    """Mean squares of the residuals of all windows of a length, in order of time.

    Returns the array ``(2 * (m // length),)``; windows from the beginning and from the end
    take turns. `done` of `total` lengths are behind.
    """
    count = len(path) // length
    basis = _basis(length, order)
    squares = np.empty((count, 2))
    rows = max(1, _PIECE // length)
    for side, start in enumerate((0, len(path) - count * length)):
        windows = path[start : start + count * length].reshape(count, length)
        for first in range(0, count, rows):
            piece = windows[first : first + rows]
            piece = piece - piece[:, :1]
            for row in basis:
                # Not a matrix product: its threads wait for each other on a busy machine.
                piece -= np.einsum("ij,j->i", piece, row)[:, None] * row
            squares[first : first + rows, side] = np.einsum("ij,ij->i", piece, piece) / length
            yield Partial(None, done, total, "fluctuations of windows")
    squares[squares <= _ROUNDING * float(np.square(path).mean())] = 0.0
    return squares.ravel()


def _basis(length: int, order: int) -> Array:
    """Orthonormal polynomials up to an order on evenly spaced points, ``(order + 1, length)``."""
    x = np.linspace(-1.0, 1.0, length)
    found = np.polynomial.legendre.legvander(x, order).T.copy()
    for k, row in enumerate(found):
        # Twice is enough: Legendre's own are nearly orthogonal on even points.
        for _ in range(2):
            for other in found[:k]:
                row -= np.einsum("i,i->", row, other) * other
        row /= math.sqrt(float(np.einsum("i,i->", row, row)))
    return np.asarray(found, dtype=np.float64)


def check_order(order: int, what: str) -> None:
    """Refuse a polynomial order that is none."""
    if not ORDERS[0] <= order <= ORDERS[1]:
        raise ParameterError(
            f"{what} takes trends of order {ORDERS[0]} to {ORDERS[1]}, got {order}; 1 is usual"
        )


def block_means(squares: Array) -> Array:
    """Root mean squares in blocks of time, ``(4,)``."""
    parts = np.array_split(squares, _BLOCKS)
    return np.array([math.sqrt(float(part.mean())) if len(part) else math.nan for part in parts])
