"""A stored trajectory of a flow with delays, by RK4 with a history of cubic pieces.

Every step leaves a node: time, state, and the slope on either side of it. What a variable
was in the past is the cubic of Hermite between two nodes, so that the whole is of order 4.
The solution has kinks at the start plus sums of lags; steps land on those that matter, and a
step is never longer than the shortest lag, so that no stage asks for what is yet to come. A
jump at the start (a history that does not end at the initial state) is seen from the side
that the step is on.

References
----------
A. Bellen, M. Zennaro, Numerical Methods for Delay Differential Equations, Oxford University
Press 2003, chapters 4 and 6.
"""

from __future__ import annotations

import math
from typing import Final

from numba import njit, types

from engine.equations.first_class import RIGHT_HAND_SIDE
from engine.integrate.codes import CANCELLED, DONE, LEFT

NEWEST: Final = 0  # number of the newest node, -1 before the first
OLDEST: Final = 1  # number of the oldest node that is held
STALE: Final = 2  # 1 where the slope after the newest node is not that of the present values
RING: Final = 3  # entries of `ring`

_real, _whole = types.float64, types.int64
_vector, _matrix = types.float64[::1], types.float64[:, ::1]
_counts = types.int64[::1]


@njit(error_model="numpy")
def _look_back(  # type: ignore[no-untyped-def]
    history,
    t,
    side,
    near,
    present,
    initial,
    values,
    lags,
    lag_of,
    variable_of,
    hints,
    ring,
    times,
    nodes,
    past,
):
    """Fill the delayed terms, the tail of `values`, for a stage at `t`.

    `side` is -1 for what was before a jump in the past, 1 for what came after.
    """
    n, capacity = present.size, times.size
    tail = values.size - lag_of.size
    newest, oldest = ring[NEWEST], ring[OLDEST]
    origin = initial[n]
    for lag in range(lags.size):
        if lags[lag] == 0.0:
            for k in range(lag_of.size):
                if lag_of[k] == lag:
                    values[tail + k] = present[variable_of[k]]
            continue
        when = t - lags[lag]
        chosen = when + side * near
        if chosen < origin:
            history(min(when - origin, 0.0), initial[:n], values, past)
            for k in range(lag_of.size):
                if lag_of[k] == lag:
                    values[tail + k] = past[variable_of[k]]
            continue
        at = min(max(hints[lag], oldest), max(newest - 1, oldest))
        while at + 1 < newest and times[(at + 1) % capacity] <= chosen:
            at += 1
        while at > oldest and times[at % capacity] > chosen:
            at -= 1
        hints[lag] = at
        low, high = at % capacity, (at + 1) % capacity
        if newest == oldest or times[low] > chosen:
            # Before all that is held, or nothing but one node: what was there first.
            for k in range(lag_of.size):
                if lag_of[k] == lag:
                    values[tail + k] = nodes[low, variable_of[k]]
            continue
        length = times[high] - times[low]
        theta = (when - times[low]) / length
        rest = 1.0 - theta
        one, two = rest * rest * (1.0 + 2.0 * theta), theta * theta * (3.0 - 2.0 * theta)
        three, four = theta * rest * rest * length, -theta * theta * rest * length
        for k in range(lag_of.size):
            if lag_of[k] == lag:
                j = variable_of[k]
                values[tail + k] = (
                    one * nodes[low, j]
                    + two * nodes[high, j]
                    + three * nodes[low, 2 * n + j]
                    + four * nodes[high, n + j]
                )


@njit(
    types.UniTuple(_whole, 3)(
        RIGHT_HAND_SIDE,
        RIGHT_HAND_SIDE,
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
        _vector,
        _real,
        _vector,
        _counts,
        _counts,
        _counts,
        _counts,
        _vector,
        _matrix,
    ),
    nogil=True,
    cache=True,
    error_model="numpy",
)
def trajectory(  # type: ignore[no-untyped-def]
    rhs,
    history,
    state,
    values,
    initial,
    start,
    step,
    first,
    steps,
    every,
    bound,
    cancel,
    rows,
    work,
    kinks,
    longest,
    lags,
    lag_of,
    variable_of,
    hints,
    ring,
    times,
    nodes,
):
    """Advance `state` in place and store every `every`-th state.

    Parameters
    ----------
    rhs, history : function
        ``history(t, initial, values, out)`` is the state before the start, at t <= 0.
    values : array (p,)
        Its last entries are the delayed terms and are written here.
    initial : array (n + 1,)
        The state where the history ends, and the time of that.
    work : array (7, n)
        Scratch; where the run stops, its row 4 holds the state that was refused.
    kinks : array
        Times to land on, in order.
    longest : float
        No step is longer: the shortest lag above zero.
    lags, lag_of, variable_of
        The different lags; for every delayed term, which of them and of which variable.
    hints : array (lags,) of int64
        Where the last look into the past ended.
    ring : array (RING,) of int64
    times, nodes : array (capacity,), (capacity, 3 n)
        Node k lies at ``k % capacity``: state, slope before it, slope after it.

    The other parameters are those of ``fixed.trajectory``.

    Returns
    -------
    (code, steps of the grid made, rows written)
    """
    n, capacity = state.size, times.size
    new, present, past = work[4], work[5], work[6]
    row = 0
    since = first % every
    mark = 0
    for i in range(steps):
        if (i & 255) == 0 and cancel[0] != 0:
            return CANCELLED, i, row
        t = start + (first + i) * step
        goal = start + (first + i + 1) * step
        near = max(1e-10 * step, 1e-15 * abs(goal))
        if ring[NEWEST] < 0:
            ring[NEWEST] = ring[OLDEST] = 0
            ring[STALE] = 1
            times[0] = t
            for j in range(n):
                nodes[0, j] = state[j]
        if ring[STALE] != 0:
            ring[STALE] = 0
            last = ring[NEWEST] % capacity
            _look_back(
                history,
                t,
                1.0,
                near,
                state,
                initial,
                values,
                lags,
                lag_of,
                variable_of,
                hints,
                ring,
                times,
                nodes,
                past,
            )
            rhs(t, state, values, work[0])
            for j in range(n):
                nodes[last, 2 * n + j] = work[0, j]
        for j in range(n):
            present[j] = state[j]
        while t < goal:
            while mark < kinks.size and kinks[mark] <= t + near:
                mark += 1
            target = goal
            kink = mark < kinks.size and kinks[mark] <= goal + near
            if kink and kinks[mark] < goal - near:
                target = kinks[mark]
            pieces = max(1, math.ceil((target - t) / longest * (1.0 - 1e-12)))
            h, base = (target - t) / pieces, t
            for piece in range(pieces):
                t = base + piece * h
                then = target if piece == pieces - 1 else base + (piece + 1) * h
                last = ring[NEWEST] % capacity
                for j in range(n):
                    work[0, j] = nodes[last, 2 * n + j]
                for stage in range(1, 5):
                    share = 0.5 if stage < 3 else 1.0
                    for j in range(n):
                        if stage < 4:
                            new[j] = present[j] + share * h * work[stage - 1, j]
                        else:
                            new[j] = present[j] + h / 6.0 * (
                                work[0, j] + 2.0 * (work[1, j] + work[2, j]) + work[3, j]
                            )
                    _look_back(
                        history,
                        t + 0.5 * h if stage < 3 else then,
                        0.0 if stage < 3 else -1.0,
                        near,
                        new,
                        initial,
                        values,
                        lags,
                        lag_of,
                        variable_of,
                        hints,
                        ring,
                        times,
                        nodes,
                        past,
                    )
                    rhs(
                        t + 0.5 * h if stage < 3 else then,
                        new,
                        values,
                        work[stage] if stage < 4 else work[0],
                    )
                inside = True
                for j in range(n):
                    inside &= abs(new[j]) <= bound
                if not inside:
                    return LEFT, i, row
                ring[NEWEST] += 1
                if ring[NEWEST] - ring[OLDEST] >= capacity:
                    ring[OLDEST] += 1
                last = ring[NEWEST] % capacity
                times[last] = then
                for j in range(n):
                    present[j] = new[j]
                    nodes[last, j] = new[j]
                    nodes[last, n + j] = nodes[last, 2 * n + j] = work[0, j]
                if kink and piece == pieces - 1:
                    _look_back(
                        history,
                        then,
                        1.0,
                        near,
                        new,
                        initial,
                        values,
                        lags,
                        lag_of,
                        variable_of,
                        hints,
                        ring,
                        times,
                        nodes,
                        past,
                    )
                    rhs(then, new, values, work[0])
                    for j in range(n):
                        nodes[last, 2 * n + j] = work[0, j]
            t = target
        for j in range(n):
            state[j] = present[j]
        since += 1
        if since == every:
            since = 0
            rows[row, 0] = goal
            for j in range(n):
                rows[row, j + 1] = state[j]
            row += 1
    return DONE, steps, row
