"""Kernels over the plane of a two-dimensional system: field, zero lines, roots.

They are compiled once and take the right-hand side as a first-class function, so a new
system costs nothing here. `engine.analysis.phase_plane` is what to call; this module only
computes. Streamlines are in ``flow_lines``.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numba import njit, types
from numpy.typing import NDArray

from engine.equations.first_class import JACOBIAN, RIGHT_HAND_SIDE

Array = NDArray[np.float64]
Function = Callable[..., None]

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


@njit(**_options)
def _zero_on_edge(
    rhs: Function,
    t: float,
    values: Array,
    minus_state: float,
    component: int,
    ends: tuple[float, float, float, float],
    a: float,
    b: float,
    state: Array,
    out: Array,
) -> bool:
    """Leave in `state` where a component vanishes between two places; False at a jump.

    `ends` are x0, y0, x1, y1, where the component is worth `a` and `b`, of unlike signs.
    """
    x0, y0, x1, y1 = ends
    low, high = 0.0, 1.0
    start = abs(a) + abs(b)
    value = start
    side = 0
    for _ in range(8):
        share = low + (high - low) * a / (a - b)
        state[0] = x0 + share * (x1 - x0)
        state[1] = y0 + share * (y1 - y0)
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
    return abs(value) <= 0.02 * start


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

    References
    ----------
    M. Dowell, P. Jarratt, A modified regula falsi method for computing the root of an
    equation, BIT 11, 168-174 (1971).
    """
    state = np.empty(2)
    out = np.empty(2)
    found = np.empty((4, 2))
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
                ends = (xs[c0], ys[r0], xs[c1], ys[r1])
                if _zero_on_edge(rhs, t, values, minus_state, component, ends, a, b, state, out):
                    found[crossings, 0], found[crossings, 1] = state[0], state[1]
                    crossings += 1
            if crossings == 4:
                corners = grid[row, column] + grid[row, column + 1]
                corners += grid[row + 1, column] + grid[row + 1, column + 1]
                if (corners >= 0.0) != (grid[row, column] >= 0.0):
                    # The middle goes with the other two corners: bottom with left, right
                    # with top, and not bottom with right, top with left.
                    for axis in range(2):
                        found[1, axis], found[3, axis] = found[3, axis], found[1, axis]
            for pair in range(crossings // 2):
                if count < len(segments):
                    for axis in range(2):
                        segments[count, axis] = found[2 * pair, axis]
                        segments[count, 2 + axis] = found[2 * pair + 1, axis]
                    count += 1
    return count


@njit(**_options)
def _settles(
    rhs: Function,
    jacobian: Function,
    t: float,
    values: Array,
    minus_state: float,
    width: float,
    height: float,
    state: Array,
) -> bool:
    """Move `state` to a root by damped Newton steps; False where it reaches none."""
    out = np.empty(2)
    matrix = np.empty((2, 2))
    for _ in range(40):
        rhs(t, state, values, out)
        jacobian(t, state, values, matrix)
        f = out[0] - minus_state * state[0]
        g = out[1] - minus_state * state[1]
        if f == 0.0 and g == 0.0:
            return True
        a = matrix[0, 0] - minus_state
        d = matrix[1, 1] - minus_state
        b, c = matrix[0, 1], matrix[1, 0]
        determinant = a * d - b * c
        if not abs(determinant) > 1e-12 * (abs(a * d) + abs(b * c)):
            return False
        dx = (d * f - b * g) / determinant
        dy = (a * g - c * f) / determinant
        reach = max(abs(dx) / width, abs(dy) / height)
        if not reach < 1e3:
            return False
        damping = min(1.0, 0.5 / reach) if reach > 0.5 else 1.0
        state[0] -= damping * dx
        state[1] -= damping * dy
        if reach < 1e-11:
            return True
    return False


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

    Returns
    -------
    int
        How many roots there are.
    """
    state = np.empty(2)
    count = 0
    for k in range(len(starts)):
        # One by one: the shape that an assignment of arrays checks costs seconds to compile.
        state[0], state[1] = starts[k, 0], starts[k, 1]
        if not _settles(rhs, jacobian, t, values, minus_state, width, height, state):
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
