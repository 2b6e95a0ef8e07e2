"""Kernels that draw streamlines of a planar flow at a distance from each other.

Compiled once, like those of ``flow_field``; `engine.analysis.phase_plane.streamlines` is what
to call. Distances are pixels, because what is too close depends on the picture.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numba import njit, types
from numpy.typing import NDArray

from engine.equations.first_class import RIGHT_HAND_SIDE

Array = NDArray[np.float64]
Function = Callable[..., None]

_f = types.float64
_a = types.float64[::1]
_aa = types.float64[:, ::1]
_options: dict[str, Any] = {"nogil": True, "cache": True, "error_model": "numpy"}

STRIDE = 2.0
"""Pixels from one point of a streamline to the next."""
MOST_STRIDES = 600
"""Points of a streamline on either side of its seed."""


@njit(inline="always", **_options)
def _direction(
    rhs: Function,
    t: float,
    values: Array,
    place: tuple[float, float],
    frame: tuple[float, float, float, float],
    state: Array,
    out: Array,
) -> tuple[float, float]:
    """Unit direction of the flow on the screen at a pixel; zero where it has none.

    `frame` is left, top, scale_x and scale_y of `streamlines`.
    """
    left, top, scale_x, scale_y = frame
    state[0] = left + place[0] / scale_x
    state[1] = top - place[1] / scale_y
    rhs(t, state, values, out)
    u = out[0] * scale_x
    v = -out[1] * scale_y
    speed = math.sqrt(u * u + v * v)
    if not speed > 1e-12 or not math.isfinite(speed):
        return 0.0, 0.0
    return u / speed, v / speed


@njit(inline="always", **_options)
def _walk(
    rhs: Function,
    t: float,
    values: Array,
    frame: tuple[float, float, float, float],
    size: tuple[float, float],
    spacing: float,
    sense: int,
    line: int,
    owner: Array,
    trace: Array,
    state: Array,
    out: Array,
) -> int:
    """Follow the flow (`sense` 1) or go against it (-1) from the middle of `trace`.

    Stops at the edge, where the flow does and in a cell that another line owns. Returns the
    row of `trace` reached.
    """
    at = len(trace) // 2
    x, y = trace[at, 0], trace[at, 1]
    step = sense * STRIDE
    for _ in range(len(trace) // 2):
        u, v = _direction(rhs, t, values, (x, y), frame, state, out)
        if u == 0.0 and v == 0.0:
            break
        half = (x + 0.5 * step * u, y + 0.5 * step * v)
        u, v = _direction(rhs, t, values, half, frame, state, out)
        if u == 0.0 and v == 0.0:
            break
        x += step * u
        y += step * v
        if not (0.0 <= x < size[0] and 0.0 <= y < size[1]):
            break
        column, row = int(x / spacing), int(y / spacing)
        if owner[row, column] != 0 and owner[row, column] != line:
            break
        owner[row, column] = line
        at += sense
        trace[at, 0] = x
        trace[at, 1] = y
    return at


@njit(
    types.int64(RIGHT_HAND_SIDE, _f, _a, _aa, _f, _f, _f, _f, _f, _f, _f, _f, _aa, _aa),
    **_options,
)
def streamlines(
    rhs: Function,
    t: float,
    values: Array,
    seeds: Array,
    left: float,
    top: float,
    scale_x: float,
    scale_y: float,
    columns: float,
    rows: float,
    spacing: float,
    least: float,
    points: Array,
    heads: Array,
) -> int:
    """Streamlines that keep a distance, in pixel coordinates.

    Parameters
    ----------
    seeds : array, shape (k, 2)
        Where to try a line, in pixels, the most wanted first.
    left, top, scale_x, scale_y : float
        Data coordinates of the upper left corner, and pixels a data unit.
    columns, rows : float
        Size of the picture in pixels.
    spacing : float
        Least distance between lines, about.
    least : float
        Shorter lines are dropped.
    points : array, shape (most, 2)
        Filled with the lines, separated by NaN.
    heads : array, shape (seeds, 4)
        Place and direction of an arrow head for each line; zero direction at the end.

    Returns
    -------
    int
        How many rows of `points` are used.

    Notes
    -----
    A grid of occupied cells keeps lines apart; steps of two pixels by the midpoint rule
    along the unit direction on the screen.

    References
    ----------
    After B. Jobard, W. Lefer, Creating evenly-spaced streamlines of arbitrary density,
    Visualization in Scientific Computing '97, 43-55; with cells in place of distances.
    """
    owner = np.zeros((int(rows / spacing) + 1, int(columns / spacing) + 1), dtype=np.int64)
    trace = np.empty((2 * MOST_STRIDES + 1, 2))
    state = np.empty(2)
    out = np.empty(2)
    frame = (left, top, scale_x, scale_y)
    size = (columns, rows)
    used = 0
    lines = 0
    for k in range(len(seeds)):
        if owner[int(seeds[k, 1] / spacing), int(seeds[k, 0] / spacing)] != 0:
            continue
        trace[MOST_STRIDES] = seeds[k]
        line = lines + 1
        first = _walk(rhs, t, values, frame, size, spacing, -1, line, owner, trace, state, out)
        last = _walk(rhs, t, values, frame, size, spacing, 1, line, owner, trace, state, out)
        if (last - first) * STRIDE < least or used + (last - first) + 2 > len(points):
            continue
        for j in range(first, last + 1):
            points[used, 0], points[used, 1] = trace[j, 0], trace[j, 1]
            used += 1
        points[used, 0] = points[used, 1] = math.nan
        used += 1
        middle = (first + last) // 2
        heads[lines, :2] = trace[middle]
        heads[lines, 2:] = trace[middle] - trace[middle - 1]
        lines += 1
    return used
