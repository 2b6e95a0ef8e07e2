"""A stored trajectory at a fixed step, by any explicit tableau. Not for maps or lanes."""

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
    ),
    **_options,
)
def trajectory(  # type: ignore[no-untyped-def]
    rhs,
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
):
    """Advance `state` in place and store every `every`-th state.

    Parameters
    ----------
    rhs : function
        ``rhs(t, state, values, out)``.
    weights, nodes : array (stages, stages), (stages,)
        Of the tableau, already multiplied by the step.
    state, values : array (n,), (p,)
    start, step, first : float, float, int
        Time is ``start + i * step`` where i counts from `first`, the steps made before, so
        that a run in pieces has the same times as a run in one.
    steps, every : int
        Steps to make; `first` is counted in, so pieces store the same rows as one run.
    bound : float
        Finite. The run stops where ``|x| <= bound`` fails, which NaN does too.
    rows : array (m, 1 + n)
        Receives time and state.
    work : array (stages + 1, n)
        Scratch; where the run stops, its last row holds the state that was refused.

    Returns
    -------
    (code, steps made, rows written)
    """
    n = state.size
    stages = nodes.size
    new = work[stages]
    row = 0
    since = first % every
    for i in range(steps):
        if (i & 4095) == 0 and cancel[0] != 0:
            return CANCELLED, i, row
        t = start + (first + i) * step
        rhs(t, state, values, work[0])
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
        for j in range(n):
            state[j] = new[j]
        since += 1
        if since == every:
            since = 0
            rows[row, 0] = start + (first + i + 1) * step
            for j in range(n):
                rows[row, j + 1] = new[j]
            row += 1
    return DONE, steps, row
