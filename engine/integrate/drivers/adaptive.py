"""A trajectory at a step that the method chooses, sampled on an even grid.

PI control of the step, dense output between the steps. The steps do not depend on the grid
or on where the run is cut into calls, so the same run gives the same numbers whichever way
it is asked for. Not for maps or lanes.

Where the system has events, a step in which one may have happened ends the call; whoever
called finds the place on the dense output. A crossing is seen where the event has another
sign in the middle or at the end of a step; two crossings within half a step are not.

Stiffness shows in steps that are as long as stability allows, again and again: the length
times the change of slope over a change of state beyond the method's real stability
interval. It is looked for every hundredth step and changes nothing but a note.

References
----------
E. Hairer, S. P. Norsett, G. Wanner, Solving Ordinary Differential Equations I, Springer
1993, section II.4 (step size, initial step); volume II, Springer 1996, section IV.2 (PI
control, detection of stiffness).
"""

from __future__ import annotations

import math
from typing import Final

from numba import njit, types

from engine.equations.first_class import RIGHT_HAND_SIDE
from engine.integrate.codes import (
    CANCELLED,
    DIRECTION,
    DONE,
    FRESH,
    HAPPENED,
    LEFT,
    LIMIT,
    SIGN,
    STUCK,
)

TIME: Final = 0  # of `state`, the end of the last step
LAST: Final = 1  # length of the last step, 0 before the first
NEXT: Final = 2  # length of the step to try, 0 to choose one
FORMER: Final = 3  # error of the last step, in units of the tolerance
WORST: Final = 4  # largest accepted local error, in units of the state
MADE: Final = 5  # steps accepted
HITS: Final = 6  # steps in a row that only stability kept short
MISSES: Final = 7  # steps since then that were not
STIFF: Final = 8  # 1 where the equations were found stiff
WHERE: Final = 9  # when that was
CLOCK: Final = 10  # entries of `clock`

LOOK: Final = 100  # accepted steps between two looks for stiffness
NEAR: Final = 0.9  # share of the stable interval that counts as its end

_real, _whole = types.float64, types.int64
_vector, _matrix = types.float64[::1], types.float64[:, ::1]


@njit(
    types.UniTuple(_whole, 3)(
        RIGHT_HAND_SIDE,
        RIGHT_HAND_SIDE,
        _matrix,
        _vector,
        _matrix,
        _matrix,
        _whole,
        _whole,
        _real,
        _vector,
        _vector,
        _vector,
        _real,
        _real,
        _whole,
        _whole,
        _whole,
        _real,
        _real,
        _real,
        _real,
        types.int64[::1],
        _matrix,
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
    error,
    dense,
    stages,
    error_order,
    reach,
    clock,
    state,
    values,
    start,
    step,
    first,
    samples,
    limit,
    longest,
    rtol,
    atol,
    bound,
    cancel,
    rows,
    work,
    polynomial,
    gauge,
):
    """Advance until `samples` rows are written or `limit` steps were tried.

    Parameters
    ----------
    event : function
        ``event(t, state, values, out)`` with one number an event; not called without events.
    weights, nodes, error, dense, stages, error_order, reach
        Of the tableau.
    clock : array (CLOCK,)
        Time and step control, carried from call to call; see the constants above.
    state : array (n,)
        At ``clock[TIME]``, which runs ahead of the last row by up to a step.
    start, step, first : float, float, int
        Row i is at ``start + (first + i + 1) * step``.
    longest : float
        No step is longer, so that events are looked for often enough; infinity without events.
    work : array (total + 2, n)
        Slopes, kept between calls: row `stages` is the slope at `state`.
    polynomial : array (degree + 1, n)
        Dense output of the last step, kept between calls.
    gauge : array (GAUGE, events)
        See ``codes``. Where the driver returns `HAPPENED`, the step is made, its polynomial
        is there, and the signs are those at its beginning.

    Returns
    -------
    (code, steps tried, rows written)
    """
    n = state.size
    total = nodes.size
    degree = dense.shape[1]
    events = gauge.shape[1]
    new, probe = work[total], work[total + 1]
    exponent = 1.0 / (error_order + 1.0)
    row = 0
    for tried in range(limit + 1):
        if (tried & 4095) == 0 and cancel[0] != 0:
            return CANCELLED, tried, row
        t = clock[TIME]
        while row < samples and clock[LAST] > 0.0:
            when = start + (first + row + 1) * step
            if when > t:
                break
            theta = (when - (t - clock[LAST])) / clock[LAST]
            rows[row, 0] = when
            for j in range(n):
                value = 0.0
                for power in range(degree, 0, -1):
                    value = (value + polynomial[power, j]) * theta
                rows[row, j + 1] = polynomial[0, j] + value
            row += 1
        if row == samples:
            return DONE, tried, row
        if tried == limit:
            break
        if clock[NEXT] <= 0.0:
            rhs(t, state, values, work[stages])
            # Initial step: an Euler step's worth of the tolerance, then corrected by the
            # change of the slope over it.
            size = slope = bend = 0.0
            for j in range(n):
                scale = atol + rtol * abs(state[j])
                size += (state[j] / scale) ** 2
                slope += (work[stages, j] / scale) ** 2
            size, slope = math.sqrt(size / n), math.sqrt(slope / n)
            h = 1e-6 if size < 1e-5 or slope < 1e-5 else 0.01 * size / slope
            for j in range(n):
                new[j] = state[j] + h * work[stages, j]
            rhs(t + h, new, values, probe)
            for j in range(n):
                scale = atol + rtol * abs(state[j])
                bend += ((probe[j] - work[stages, j]) / scale) ** 2
            bend = math.sqrt(bend / n) / h
            sharp = max(slope, bend)
            guess = max(1e-6, h * 1e-3) if sharp <= 1e-15 else (0.01 / sharp) ** exponent
            h = min(100.0 * h, guess)
            if not (h > 0.0 and h < math.inf):
                h = 1e-6
            clock[NEXT] = h
            clock[FORMER] = 1e-4
        h = min(clock[NEXT], longest)
        if not h > 4e-16 * max(abs(t), 1e-300):
            return STUCK, tried, row
        # The slope at the end of the last step opens this one.
        for j in range(n):
            work[0, j] = work[stages, j]
        for stage in range(1, stages + 1):
            for j in range(n):
                value = 0.0
                for earlier in range(stage):
                    value += weights[stage - 1, earlier] * work[earlier, j]
                new[j] = state[j] + h * value
            if stage == stages - 1:
                for j in range(n):
                    probe[j] = new[j]
            rhs(t + h * nodes[stage], new, values, work[stage])
        finer = coarser = 0.0
        roughest = 0.0
        for j in range(n):
            one = two = 0.0
            for stage in range(stages + 1):
                one += error[0, stage] * work[stage, j]
                two += error[1, stage] * work[stage, j]
            scale = atol + rtol * max(abs(state[j]), abs(new[j]))
            finer += (one / scale) ** 2
            coarser += (two / scale) ** 2
            roughest = max(roughest, scale)
        blend = finer + 0.01 * coarser
        estimate = 0.0 if blend == 0.0 else h * finer / math.sqrt(n * blend)
        if not estimate < math.inf:
            # No number at the end of this step: try a much shorter one.
            clock[NEXT] = 0.1 * h
            for j in range(n):
                work[stages, j] = work[0, j]
            continue
        if estimate > 1.0:
            clock[NEXT] = h * max(0.2, 0.9 * estimate**-exponent)
            for j in range(n):
                work[stages, j] = work[0, j]
            continue
        inside = True
        for j in range(n):
            inside &= abs(new[j]) <= bound
        if not inside:
            clock[LAST] = h
            return LEFT, tried, row
        clock[WORST] = max(clock[WORST], estimate * roughest)
        clock[MADE] += 1.0
        if clock[HITS] > 0.0 or clock[MADE] % LOOK == 0.0:
            # Two slopes at the same time and the states they belong to, one step's end apart.
            rise = run = 0.0
            for j in range(n):
                rise += (work[stages, j] - work[stages - 1, j]) ** 2
                run += (new[j] - probe[j]) ** 2
            if h * math.sqrt(rise) > NEAR * reach * math.sqrt(run) and run > 0.0:
                clock[MISSES] = 0.0
                clock[HITS] += 1.0
                if clock[HITS] == 15.0 and clock[STIFF] == 0.0:
                    clock[STIFF], clock[WHERE] = 1.0, t
            elif clock[HITS] > 0.0:
                clock[MISSES] += 1.0
                if clock[MISSES] == 6.0:
                    clock[HITS] = clock[MISSES] = 0.0
        happened = False
        if events > 0:
            for half in range(1, 3):
                if half == 1:
                    for j in range(n):
                        probe[j] = 0.5 * (state[j] + new[j]) + 0.125 * h * (
                            work[0, j] - work[stages, j]
                        )
                    event(t + 0.5 * h, probe, values, gauge[FRESH])
                else:
                    event(t + h, new, values, gauge[FRESH])
                for k in range(events):
                    value = gauge[FRESH, k]
                    side = 1.0 if value > 0.0 else (-1.0 if value < 0.0 else gauge[SIGN, k])
                    former = gauge[SIGN, k]
                    wanted = gauge[DIRECTION, k] == 0.0 or gauge[DIRECTION, k] == side
                    if side != former and former != 0.0 and wanted:
                        happened = True
                if happened:
                    break
                for k in range(events):
                    value = gauge[FRESH, k]
                    if value != 0.0:
                        gauge[SIGN, k] = 1.0 if value > 0.0 else -1.0
        if happened or start + (first + row + 1) * step <= t + h:
            for stage in range(stages + 1, total):
                for j in range(n):
                    value = 0.0
                    for earlier in range(stage):
                        value += weights[stage - 1, earlier] * work[earlier, j]
                    probe[j] = state[j] + h * value
                rhs(t + h * nodes[stage], probe, values, work[stage])
            for j in range(n):
                polynomial[0, j] = state[j]
                for power in range(degree):
                    value = 0.0
                    for stage in range(total):
                        value += dense[stage, power] * work[stage, j]
                    polynomial[power + 1, j] = h * value
        for j in range(n):
            state[j] = new[j]
        clock[TIME] = t + h
        # t + h - t may differ from h; the dense output needs the step as the clock sees it.
        clock[LAST] = clock[TIME] - t
        error_now = max(estimate, 1e-4)
        grow = 0.9 * error_now ** (-0.85 * exponent) * clock[FORMER] ** (0.2 * exponent)
        clock[FORMER] = error_now
        clock[NEXT] = h * min(10.0, max(0.2, grow))
        if happened:
            return HAPPENED, tried + 1, row
    return LIMIT, limit, row
