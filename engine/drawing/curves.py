"""Orbits as vertices: rows of a tape simplified, normalised, coloured and laid out in float32.

What stands between a tape of 100,000 rows and a picture of it: drop points that no eye could
tell from a straight line, leave out what is not finite, subtract an origin and rescale in
float64 before anything becomes float32, and write a strip of two vertices a point that a
shader (or the rasteriser) widens to pixels. No renderer and no Qt here, and no
decisions either: which variables, which colour and when to rebuild is for
`engine.drawing.orbit_picture`. The loops themselves are in ``_curve_kernels``.

A strip has two arrays of four numbers a vertex. ``place``: position in the unit cube, then
``side * (1 + value)``, where side is -1 or 1 and value between 0 and 1 picks the colour.
``along``: direction of the curve, then the time since the curve's origin. Where the orbit is
interrupted the vertices on both sides are repeated, which makes triangles of no area.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.drawing import _curve_kernels
from engine.drawing._curve_kernels import BEND, REACH, SPEED, Rows, Vertices, Whole

__all__ = [
    "BEND",
    "CELLS",
    "REACH",
    "SPEED",
    "Rows",
    "Selection",
    "Vertices",
    "Whole",
    "colour_values",
    "crowding",
    "dots",
    "extent",
    "readable",
    "simplify",
    "strip",
]


@dataclass(frozen=True)
class Selection:
    """Which columns of the rows are the three axes.

    Attributes
    ----------
    columns : ndarray of int, shape (3,)
        Column of each axis; -1 where the axis is absent (a flat picture).
    shifts : ndarray of int, shape (3,)
        Rows further on at which the axis is read: 1 for "the next value" of a map.
    """

    columns: Whole
    shifts: Whole

    @property
    def flat(self) -> bool:
        """True where the third axis is absent."""
        return int(self.columns[2]) < 0


def readable(rows: Rows, selection: Selection) -> int:
    """Rows that have all their axes: fewer than all where an axis reads the next row."""
    return max(0, len(rows) - int(selection.shifts.max()))


def extent(rows: Rows, selection: Selection) -> tuple[Rows, Rows]:
    """Lowest and highest finite value on each axis.

    Parameters
    ----------
    rows : ndarray, shape (m, 1 + n)
        Time, then the variables.
    selection : Selection

    Returns
    -------
    low, high : ndarray, shape (3,)
        Infinite with the wrong sign (``low > high``) where an axis has no finite value;
        zero where the axis is absent.
    """
    low, high = np.full(3, np.inf), np.full(3, -np.inf)
    _curve_kernels.extent(
        np.ascontiguousarray(rows), selection.columns, selection.shifts, low, high
    )
    absent = selection.columns < 0
    low[absent] = high[absent] = 0.0
    return low, high


def simplify(rows: Rows, selection: Selection, centre: Rows, scale: Rows, limit: float) -> Whole:
    """Row numbers of a polyline that cannot be told from the whole one.

    Parameters
    ----------
    rows : ndarray, shape (m, 1 + n)
    selection : Selection
    centre, scale : ndarray, shape (3,)
        ``(value - centre) * scale`` is the place in the unit cube [-1, 1].
    limit : float
        Radius of the tube the curve may leave its tangent by, in unit-cube units. No
        dropped point is further than twice this from the chord that replaces it.

    Returns
    -------
    ndarray of int, shape (k,)
        Increasing row numbers; -1 where rows that are not finite interrupt the orbit.
    """
    stop = readable(rows, selection)
    kept = np.empty(2 * stop + 2, dtype=np.int64)
    count = _curve_kernels.simplify(
        np.ascontiguousarray(rows),
        selection.columns,
        selection.shifts,
        centre,
        scale,
        float(limit),
        stop,
        kept,
    )
    while count and kept[count - 1] < 0:
        count -= 1
    return kept[:count]


def colour_values(rows: Rows, selection: Selection, colour: int, kept: Whole) -> Rows:
    """What colours each kept row: a column, or `SPEED` for the speed along the three axes.

    Returns
    -------
    ndarray, shape (k,)
        In the units of the column, or of the axes over time; NaN at interruptions.
    """
    out = np.empty(len(kept))
    _curve_kernels.values(
        np.ascontiguousarray(rows),
        selection.columns,
        selection.shifts,
        readable(rows, selection),
        int(colour),
        kept,
        out,
    )
    return out


def strip(
    rows: Rows,
    selection: Selection,
    centre: Rows,
    scale: Rows,
    origin: float,
    value_range: tuple[float, float],
    kept: Whole,
    values: Rows,
) -> tuple[Vertices, Vertices, float]:
    """The vertices of a curve through the kept rows. See the module docstring.

    Parameters
    ----------
    origin : float
        Time that counts as zero.
    value_range : tuple of float
        Values of `values` that become 0 and 1.

    Returns
    -------
    place, along : ndarray of float32, shape (v, 4)
    length : float
        Of the curve, in unit-cube units.
    """
    least, most = value_range
    place = np.empty((5 * len(kept) + 4, 4), dtype=np.float32)
    along = np.empty_like(place)
    count, length = _curve_kernels.strip(
        np.ascontiguousarray(rows),
        selection.columns,
        selection.shifts,
        centre,
        scale,
        float(origin),
        least,
        max(most - least, 1e-300),
        kept,
        values,
        place,
        along,
    )
    return place[: int(count)], along[: int(count)], length


def dots(
    rows: Rows,
    selection: Selection,
    centre: Rows,
    scale: Rows,
    origin: float,
    value_range: tuple[float, float],
    kept: Whole,
    values: Rows,
) -> tuple[Vertices, Vertices]:
    """One vertex a finite kept row.

    Returns
    -------
    place : ndarray of float32, shape (k, 4)
        Position in the unit cube, then the value between 0 and 1.
    moment : ndarray of float32, shape (k,)
        Time since `origin`.
    """
    least, most = value_range
    place = np.empty((len(kept) + 1, 4), dtype=np.float32)
    moment = np.empty(len(kept) + 1, dtype=np.float32)
    count = _curve_kernels.dots(
        np.ascontiguousarray(rows),
        selection.columns,
        selection.shifts,
        centre,
        scale,
        float(origin),
        least,
        max(most - least, 1e-300),
        kept,
        values,
        place,
        moment,
    )
    return place[:count], moment[:count]


CELLS = 16
"""Cells along a side of the unit cube, to tell how crowded a curve is."""


def crowding(place: Vertices, length: float) -> float:
    """How many strands of a strip run through a cell that it passes, on average.

    About 1 for a curve that never comes back, the number of rounds for a closed one.

    Parameters
    ----------
    place : ndarray of float32, shape (v, 4)
        From `strip`.
    length : float
        Of the curve.
    """
    seen = np.zeros((CELLS, CELLS, CELLS), dtype=np.uint8)
    return float(_curve_kernels.crowding(place, length, seen))
