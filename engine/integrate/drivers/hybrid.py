"""A stored trajectory at a fixed step that ends where an event may happen. Not for maps.

As ``fixed``, by any explicit tableau, with a look at the events in the middle and at the
end of every step. A step in which one may happen is not made: whoever called makes it in
parts, and comes back.
"""

from __future__ import annotations

from numba import njit, types

from engine.equations.first_class import RIGHT_HAND_SIDE
from engine.integrate.codes import CANCELLED, DIRECTION, DONE, FRESH, HAPPENED, LEFT, SIGN

_real, _whole = types.float64, types.int64
_vector, _matrix = types.float64[::1], types.float64[:, ::1]


@njit(
    types.UniTuple(_whole, 3)(
        RIGHT_HAND_SIDE,
        RIGHT_HAND_SIDE,
        _matrix,
        _vector,
        _vector,
        _vector,
        _real,
        _real,
        _whole,
        _whole,
        _whole,
        _real,
        types.int64[::1],
        _matrix,
        _matrix,
        _matrix,
    ),
    nogil=True,
    cache=True,
    error_model="numpy",
)
def trajectory(  # type: ignore[no-untyped-def]
    rhs,
    event,
    weights,
    nodes,
    state,
    values,
    start,
    step,
    first,
    steps,
    every,
    bound,
    cancel,
    rows,
    work,
    gauge,
):
    """Advance `state` in place and store every `every`-th state.

    Parameters as in ``fixed.trajectory``, and

    event : function
        ``event(t, state, values, out)``.
    work : array (stages + 3, n)
        Scratch; where the run stops, row `stages` holds the state that was refused.
    gauge : array (GAUGE, events)
        See ``codes``.

    Returns
    -------
    (code, steps made, rows written)
    """
    n = state.size
    stages = nodes.size
    new, middle, ahead = work[stages], work[stages + 1], work[stages + 2]
    row = 0
    since = first % every
    if steps > 0:
        rhs(start + first * step, state, values, work[0])
    for i in range(steps):
        if (i & 4095) == 0 and cancel[0] != 0:
            return CANCELLED, i, row
        t = start + (first + i) * step
        for stage in range(1, stages + 1):
            for j in range(n):
                total = 0.0
                for earlier in range(stage):
                    total += weights[stage - 1, earlier] * work[earlier, j]
                new[j] = state[j] + total
            if stage < stages:
                rhs(t + nodes[stage], new, values, work[stage])
        inside = True
        for j in range(n):
            inside &= abs(new[j]) <= bound
        if not inside:
            return LEFT, i, row
        then = start + (first + i + 1) * step
        rhs(then, new, values, ahead)
        for half in range(1, 3):
            if half == 1:
                for j in range(n):
                    middle[j] = 0.5 * (state[j] + new[j]) + 0.125 * step * (work[0, j] - ahead[j])
                event(t + 0.5 * step, middle, values, gauge[FRESH])
            else:
                event(then, new, values, gauge[FRESH])
            for k in range(gauge.shape[1]):
                value = gauge[FRESH, k]
                former = gauge[SIGN, k]
                side = 1.0 if value > 0.0 else (-1.0 if value < 0.0 else former)
                wanted = gauge[DIRECTION, k] == 0.0 or gauge[DIRECTION, k] == side
                if side != former and former != 0.0 and wanted:
                    return HAPPENED, i, row
            for k in range(gauge.shape[1]):
                value = gauge[FRESH, k]
                if value != 0.0:
                    gauge[SIGN, k] = 1.0 if value > 0.0 else -1.0
        for j in range(n):
            state[j] = new[j]
            work[0, j] = ahead[j]
        since += 1
        if since == every:
            since = 0
            rows[row, 0] = then
            for j in range(n):
                rows[row, j + 1] = new[j]
            row += 1
    return DONE, steps, row
