"""A stored orbit of a map, by iteration. Not for flows or lanes."""

from __future__ import annotations

from numba import njit, types

from engine.equations.first_class import RIGHT_HAND_SIDE
from engine.integrate.codes import CANCELLED, DONE, LEFT

_real, _whole = types.float64, types.int64
_vector, _matrix = types.float64[::1], types.float64[:, ::1]
_options = {"nogil": True, "cache": True, "error_model": "numpy"}


@njit(
    types.UniTuple(_whole, 3)(
        RIGHT_HAND_SIDE,
        _vector,
        _vector,
        _real,
        _whole,
        _whole,
        _whole,
        _real,
        types.int64[::1],
        _matrix,
        _matrix,
    ),
    **_options,
)
def trajectory(rhs, state, values, start, first, steps, every, bound, cancel, rows, work):  # type: ignore[no-untyped-def]
    """Iterate `state` in place and store every `every`-th state.

    As ``fixed.trajectory``, with a step of 1 and `work` of shape ``(1, n)``.

    Returns
    -------
    (code, iterations made, rows written)
    """
    n = state.size
    new = work[0]
    row = 0
    since = first % every
    for i in range(steps):
        if (i & 4095) == 0 and cancel[0] != 0:
            return CANCELLED, i, row
        rhs(start + (first + i), state, values, new)
        inside = True
        for j in range(n):
            inside &= abs(new[j]) <= bound
        if not inside:
            return LEFT, i, row
        for j in range(n):
            state[j] = new[j]
        since += 1
        if since == every:
            since = 0
            rows[row, 0] = start + (first + i + 1)
            for j in range(n):
                rows[row, j + 1] = new[j]
            row += 1
    return DONE, steps, row
