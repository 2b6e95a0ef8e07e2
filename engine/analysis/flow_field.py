"""Kernels over the plane of a two-dimensional system: field, zero lines, roots, streamlines.

They are compiled once and take the right-hand side as a first-class function, so a new
system costs nothing here. `engine.analysis.phase_plane` is what to call; this module only
computes.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numba import njit, types
from numba.core import sigutils
from numpy.typing import NDArray

from engine.equations.emit import JACOBIAN_SIGNATURE, SIGNATURE

Array = NDArray[np.float64]
Function = Callable[..., None]

RIGHT_HAND_SIDE = types.FunctionType(
    sigutils.normalize_signature(SIGNATURE)[1](*sigutils.normalize_signature(SIGNATURE)[0])
)
JACOBIAN = types.FunctionType(
    sigutils.normalize_signature(JACOBIAN_SIGNATURE)[1](
        *sigutils.normalize_signature(JACOBIAN_SIGNATURE)[0]
    )
)
_f = types.float64
_a = types.float64[::1]
_aa = types.float64[:, ::1]
_options: dict[str, Any] = {"nogil": True, "cache": True, "error_model": "numpy"}


@njit(types.void(RIGHT_HAND_SIDE, _f, _a, _f, _a, _a, _aa, _aa), **_options)
def field(
    rhs: Function,
    t: float,
    values: Array,
    minus_state: float,
    xs: Array,
    ys: Array,
    u: Array,
    v: Array,
) -> None:
    """Right-hand side over a grid, less `minus_state` times the state (1 for maps).

    `u` and `v` have shape ``(len(ys), len(xs))``.
    """
    state = np.empty(2)
    out = np.empty(2)
    for row in range(len(ys)):
        for column in range(len(xs)):
            state[0] = xs[column]
            state[1] = ys[row]
            rhs(t, state, values, out)
            u[row, column] = out[0] - minus_state * state[0]
            v[row, column] = out[1] - minus_state * state[1]


@njit(types.int64(RIGHT_HAND_SIDE, _f, _a, _f, types.int64, _a, _a, _aa, _aa), **_options)
def zero_line(
    rhs: Function,
    t: float,
    values: Array,
    minus_state: float,
    component: int,
    xs: Array,
    ys: Array,
    grid: Array,
    segments: Array,
) -> int:
    """Where one component vanishes: marching squares with refined crossings.

    Parameters
    ----------
    component : int
        0 or 1; `grid` holds its values, shape ``(len(ys), len(xs))``.
    segments : array, shape (most, 4)
        Filled with x0, y0, x1, y1.

    Returns
    -------
    int
        How many segments there are.

    Notes
    -----
    A crossing is refined by false position (Illinois variant). A sign change whose value
    does not become small is a pole or a jump, not a zero, and is dropped.
    """
    state = np.empty(2)
    out = np.empty(2)
    found_x = np.empty(4)
    found_y = np.empty(4)
    count = 0
    for row in range(len(ys) - 1):
        for column in range(len(xs) - 1):
            crossings = 0
            for edge in range(4):
                # Around the cell: bottom, right, top, left.
                r0 = row + (1 if edge == 2 else 0)
                c0 = column + (1 if edge == 1 else 0)
                r1 = row + (0 if edge == 0 else 1)
                c1 = column + (0 if edge == 3 else 1)
                a, b = grid[r0, c0], grid[r1, c1]
                if not (math.isfinite(a) and math.isfinite(b)) or (a >= 0.0) == (b >= 0.0):
                    continue
                low, high = 0.0, 1.0
                start = abs(a) + abs(b)
                share = 0.0
                value = start
                side = 0
                for _ in range(8):
                    share = low + (high - low) * a / (a - b)
                    state[0] = xs[c0] + share * (xs[c1] - xs[c0])
                    state[1] = ys[r0] + share * (ys[r1] - ys[r0])
                    rhs(t, state, values, out)
                    value = out[component] - minus_state * state[component]
                    if not abs(value) > 1e-9 * start:
                        break
                    if (value >= 0.0) == (a >= 0.0):
                        low, a = share, value
                        if side == 1:
                            b *= 0.5
                        side = 1
                    else:
                        high, b = share, value
                        if side == -1:
                            a *= 0.5
                        side = -1
                if abs(value) <= 0.02 * start:
                    found_x[crossings] = state[0]
                    found_y[crossings] = state[1]
                    crossings += 1
            pairs = 0
            if crossings == 2 or crossings == 3:
                pairs = 1
            elif crossings == 4:
                pairs = 2
                middle = 0.25 * (
                    grid[row, column]
                    + grid[row, column + 1]
                    + grid[row + 1, column]
                    + grid[row + 1, column + 1]
                )
                if (middle >= 0.0) == (grid[row, column] >= 0.0):
                    pass  # bottom with right, top with left
                else:  # bottom with left, right with top
                    found_x[1], found_x[3] = found_x[3], found_x[1]
                    found_y[1], found_y[3] = found_y[3], found_y[1]
            for pair in range(pairs):
                if count < len(segments):
                    segments[count, 0] = found_x[2 * pair]
                    segments[count, 1] = found_y[2 * pair]
                    segments[count, 2] = found_x[2 * pair + 1]
                    segments[count, 3] = found_y[2 * pair + 1]
                    count += 1
    return count


@njit(types.int64(RIGHT_HAND_SIDE, JACOBIAN, _f, _a, _f, _aa, _f, _f, _aa), **_options)
def newton(
    rhs: Function,
    jacobian: Function,
    t: float,
    values: Array,
    minus_state: float,
    starts: Array,
    width: float,
    height: float,
    roots: Array,
) -> int:
    """Roots reached by Newton's method from `starts`, each once.

    Parameters
    ----------
    starts : array, shape (k, 2)
    width, height : float
        Extent of the plane looked at: the scale of a step, and of what counts as the same.
    roots : array, shape (most, 2)
        Filled.
    """
    state = np.empty(2)
    out = np.empty(2)
    matrix = np.empty((2, 2))
    count = 0
    for k in range(len(starts)):
        state[0] = starts[k, 0]
        state[1] = starts[k, 1]
        settled = False
        for _ in range(40):
            rhs(t, state, values, out)
            jacobian(t, state, values, matrix)
            f = out[0] - minus_state * state[0]
            g = out[1] - minus_state * state[1]
            if f == 0.0 and g == 0.0:
                settled = True
                break
            a = matrix[0, 0] - minus_state
            d = matrix[1, 1] - minus_state
            b, c = matrix[0, 1], matrix[1, 0]
            determinant = a * d - b * c
            if not abs(determinant) > 1e-12 * (abs(a * d) + abs(b * c)):
                break
            dx = (d * f - b * g) / determinant
            dy = (a * g - c * f) / determinant
            reach = max(abs(dx) / width, abs(dy) / height)
            if not reach < 1e3:
                break
            damping = min(1.0, 0.5 / reach) if reach > 0.5 else 1.0
            state[0] -= damping * dx
            state[1] -= damping * dy
            if reach < 1e-11:
                settled = True
                break
        if not settled:
            continue
        known = False
        for j in range(count):
            if (
                abs(roots[j, 0] - state[0]) < 1e-6 * width
                and abs(roots[j, 1] - state[1]) < 1e-6 * height
            ):
                known = True
                break
        if not known and count < len(roots):
            roots[count, 0] = state[0]
            roots[count, 1] = state[1]
            count += 1
    return count


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
    """
    cells_x = int(columns / spacing) + 1
    cells_y = int(rows / spacing) + 1
    owner = np.zeros((cells_y, cells_x), dtype=np.int64)
    state = np.empty(2)
    out = np.empty(2)
    most_steps = 600
    trace = np.empty((2 * most_steps + 1, 2))
    step = 2.0
    used = 0
    lines = 0
    for k in range(len(seeds)):
        cx, cy = int(seeds[k, 0] / spacing), int(seeds[k, 1] / spacing)
        if owner[cy, cx] != 0:
            continue
        first = last = most_steps
        trace[first, 0] = seeds[k, 0]
        trace[first, 1] = seeds[k, 1]
        for sense in (-1.0, 1.0):
            x, y = seeds[k, 0], seeds[k, 1]
            for _ in range(most_steps):
                u = v = 0.0
                half_x, half_y = x, y
                stuck = False
                for stage in range(2):
                    state[0] = left + half_x / scale_x
                    state[1] = top - half_y / scale_y
                    rhs(t, state, values, out)
                    u = out[0] * scale_x * sense
                    v = -out[1] * scale_y * sense
                    speed = math.sqrt(u * u + v * v)
                    if not (speed > 1e-12) or not math.isfinite(speed):
                        stuck = True
                        break
                    u /= speed
                    v /= speed
                    if stage == 0:
                        half_x = x + 0.5 * step * u
                        half_y = y + 0.5 * step * v
                if stuck:
                    break
                x += step * u
                y += step * v
                if not (0.0 <= x < columns and 0.0 <= y < rows):
                    break
                cx, cy = int(x / spacing), int(y / spacing)
                if owner[cy, cx] != 0 and owner[cy, cx] != lines + 1:
                    break
                owner[cy, cx] = lines + 1
                if sense < 0.0:
                    first -= 1
                    trace[first, 0] = x
                    trace[first, 1] = y
                else:
                    last += 1
                    trace[last, 0] = x
                    trace[last, 1] = y
        length = (last - first) * step
        if length < least or used + (last - first) + 2 > len(points):
            continue
        for j in range(first, last + 1):
            points[used, 0] = trace[j, 0]
            points[used, 1] = trace[j, 1]
            used += 1
        points[used, 0] = math.nan
        points[used, 1] = math.nan
        used += 1
        middle = (first + last) // 2
        heads[lines, 0] = trace[middle, 0]
        heads[lines, 1] = trace[middle, 1]
        heads[lines, 2] = trace[middle, 0] - trace[middle - 1, 0]
        heads[lines, 3] = trace[middle, 1] - trace[middle - 1, 1]
        lines += 1
    return used
