"""The kernel that carries tangent vectors along the orbit of a flow.

State, vectors and the integral of the divergence are advanced together by one explicit
Runge-Kutta method, so that the vectors belong to the very map that moves the state; the
step is controlled by the error of both. Compiled once: equations, Jacobian and events come
in as first-class functions. It stops where an event happens and leaves what follows from
it to ``tangent``. Not for maps, noise or delays.
"""

from __future__ import annotations

import math
from typing import Final

from numba import njit, types

from engine.analysis._tangent_frame import FRAME
from engine.equations.first_class import JACOBIAN, RIGHT_HAND_SIDE

# Entries of `clock`.
TIME: Final = 0  # the time reached
NEXT: Final = 1  # length of the step to try, 0 to choose one
READY: Final = 2  # what is known at the state: one of the three below
FORMER: Final = 3  # error of the last step, in units of the tolerance
CLOCK: Final = 4

NOTHING: Final = 0.0
STATE: Final = 1.0  # slopes of the state and the Jacobian, not those of the vectors
ALL: Final = 2.0

# Entries of `settings`.
GOAL: Final = 0  # time to reach
FIXED: Final = 1  # length of all steps, or 0
TOLERANCE: Final = 2  # relative, of the state
LONGEST: Final = 3  # longest step
BOUND: Final = 4  # the run stops where |x| <= bound fails
SETTINGS: Final = 5

REACHED: Final = 0
LIMIT: Final = 1
LEFT: Final = 2
STUCK: Final = 3
EVENT: Final = 4

LOOSER: Final = 100.0  # tolerance of the vectors in units of that of the state

_real, _whole = types.float64, types.int64
_vector, _matrix = types.float64[::1], types.float64[:, ::1]


@njit(nogil=True, cache=True, error_model="numpy", fastmath={"contract"})
def _slope(rhs, jacobian, t, z, n, k, parameters, scale, matrix, ready, out):  # type: ignore[no-untyped-def]
    """Slopes of state, vectors and volume; with `ready` only those of the vectors."""
    if not ready:
        rhs(t, z[:n], parameters, out[:n])
    if k == 0:
        return
    if not ready:
        jacobian(t, z[:n], parameters, matrix)
        trace = 0.0
        for j in range(n):
            trace += matrix[j, j]
        out[n + n * k] = trace
    for j in range(n):
        inverse = 1.0 / scale[j]
        if k > 16:
            # Long rows: look at each entry of a Jacobian that is mostly zeros only once.
            row = out[n + j * k : n + j * k + k]
            row[:] = 0.0
            for i in range(n):
                entry = matrix[j, i]
                if entry != 0.0:
                    entry *= scale[i] * inverse
                    given = z[n + i * k : n + i * k + k]
                    for v in range(k):
                        row[v] += entry * given[v]
            continue
        for v in range(n + j * k, n + j * k + k, 4):
            # Four sums side by side, in registers: rows are short and there are many of them.
            a = b = c = d = 0.0
            column = v - j * k
            for i in range(n):
                entry = matrix[j, i]
                if entry != 0.0:
                    entry *= scale[i] * inverse
                    a += entry * z[column]
                    b += entry * z[column + 1]
                    c += entry * z[column + 2]
                    d += entry * z[column + 3]
                column += k
            out[v] = a
            out[v + 1] = b
            out[v + 2] = c
            out[v + 3] = d


@njit(nogil=True, cache=True, error_model="numpy", fastmath={"contract"})
def _stages(  # type: ignore[no-untyped-def]
    rhs, jacobian, weights, nodes, stages, t, h, z, n, k, parameters, scale, matrix, work
):
    """One step from the slopes in row 0 of `work`; the result is in its last row."""
    last = work.shape[0] - 1
    trial = work[last]
    size = n + n * k + 1 if k > 0 else n
    for stage in range(1, stages + 1):
        for j in range(0, size, 4):
            a = b = c = d = 0.0
            for earlier in range(stage):
                weight = weights[stage - 1, earlier]
                if weight != 0.0:
                    a += weight * work[earlier, j]
                    b += weight * work[earlier, j + 1]
                    c += weight * work[earlier, j + 2]
                    d += weight * work[earlier, j + 3]
            trial[j] = z[j] + h * a
            trial[j + 1] = z[j + 1] + h * b
            trial[j + 2] = z[j + 2] + h * c
            trial[j + 3] = z[j + 3] + h * d
        if stage < stages:
            when = t + h * nodes[stage]
            out = work[stage]
            _slope(rhs, jacobian, when, trial, n, k, parameters, scale, matrix, False, out)


@njit(nogil=True, cache=True, error_model="numpy", fastmath={"contract"})
def _error(error, stages, h, work, low, high, units):  # type: ignore[no-untyped-def]
    """Error of a step over entries `low` to `high`; `units` is the tolerance of each."""
    finer = coarser = 0.0
    for j in range(low, high):
        one = two = 0.0
        for stage in range(stages + 1):
            weight = error[0, stage]
            if weight != 0.0:
                one += weight * work[stage, j]
                two += error[1, stage] * work[stage, j]
        unit = 1.0 / units[j]
        finer += (one * unit) ** 2
        coarser += (two * unit) ** 2
    blend = finer + 0.01 * coarser
    return 0.0 if blend == 0.0 else h * finer / math.sqrt((high - low) * blend)


@njit(nogil=True, cache=True, error_model="numpy")
def _crossed(gauges, values, skip):  # type: ignore[no-untyped-def]
    """The first event but `skip` whose value passed zero in the sense that counts, or -1."""
    for e in range(values.size):
        before, after, sense = gauges[0, e], values[e], gauges[1, e]
        up = before < 0.0 <= after and sense >= 0.0
        down = before > 0.0 >= after and sense <= 0.0
        if (up or down) and e != skip:
            return e
    return -1


@njit(
    types.UniTuple(_whole, 3)(
        RIGHT_HAND_SIDE,
        JACOBIAN,
        RIGHT_HAND_SIDE,
        FRAME,
        _matrix,
        _vector,
        _matrix,
        _whole,
        _vector,
        _vector,
        _vector,
        _vector,
        _vector,
        _matrix,
        _matrix,
        _vector,
        _whole,
        _matrix,
        _matrix,
    ),
    nogil=True,
    cache=True,
    error_model="numpy",
)
def advance(  # type: ignore[no-untyped-def]
    rhs,
    jacobian,
    event,
    orthonormalise,
    weights,
    nodes,
    error,
    stages,
    clock,
    settings,
    z,
    parameters,
    scale,
    extent,
    gauges,
    growth,
    limit,
    matrix,
    work,
):
    """Advance to the goal, to an event, or by at most `limit` trial steps.

    Parameters
    ----------
    rhs, jacobian, event : function
        First-class functions of the model; `event` is called only where `gauges` has columns.
    orthonormalise : function
        See ``_tangent_frame``; called after every step.
    weights, nodes, error, stages
        Of the tableau.
    clock : array (CLOCK,)
        Time and step control, carried from call to call.
    settings : array (SETTINGS,)
    z : array
        The state (n), then the vectors as the first columns of a matrix (n, k), whose rows
        are filled up with zeros to a multiple of four, then the integral of the divergence,
        then zeros up to a multiple of four in all; advanced in place. Without vectors the
        integral is left alone.
    scale : array (n,)
        Unit in which each component of the vectors is measured.
    extent : array (3, n)
        Smallest and largest of each variable so far, updated; and the smallest size of it
        that counts.
    gauges : array (3, e)
        Values of the events at the state (zero: not armed), the senses that count (-1, 0
        for both, 1), and scratch.
    growth : array (k,)
        Receives the logarithms of the lengths.
    limit : int
    matrix : array (n, n)
        The Jacobian, kept between calls.
    work : array (stages + 3, z.size)
        Slopes, tolerances and trial state; kept between calls.

    Returns
    -------
    (code, steps tried, event that happened or -1)
    """
    n = scale.size
    k = (growth.size + 3) // 4 * 4
    vectors = z[n : n + n * k].reshape((n, k))
    events = gauges.shape[1]
    values = gauges[2]
    goal, fixed, rtol = settings[GOAL], settings[FIXED], settings[TOLERANCE]
    trial, units = work[stages + 2], work[stages + 1]
    units[:] = LOOSER * rtol
    order = 8.0 if stages > 6 else 5.0
    for tried in range(limit):
        t = clock[TIME]
        left = goal - t
        if left <= 4e-16 * abs(goal):
            return REACHED, tried, -1
        if clock[READY] != ALL:
            known = clock[READY] == STATE
            _slope(rhs, jacobian, t, z, n, k, parameters, scale, matrix, known, work[0])
            clock[READY] = ALL
        h = fixed
        if fixed == 0.0:
            if clock[NEXT] <= 0.0:
                fast = 0.0
                for j in range(n):
                    size = max(abs(z[j]), extent[1, j] - extent[0, j], extent[2, j])
                    fast = max(fast, abs(work[0, j]) / size)
                clock[NEXT] = 1e-3 / fast if fast > 0.0 else settings[LONGEST]
            h = min(clock[NEXT], settings[LONGEST])
        cut = h >= left * (1.0 - 1e-9)
        if cut:
            h = left
        elif fixed == 0.0 and 2.0 * h > left:
            # Two even steps to the goal, not a long and a tiny one.
            h, cut = 0.5 * left, True
        if not h > 4e-16 * max(abs(t), 1e-300):
            return STUCK, tried, -1
        _stages(
            rhs, jacobian, weights, nodes, stages, t, h, z, n, k, parameters, scale, matrix, work
        )
        estimate = 0.0
        if fixed == 0.0:
            # The slope after the step serves the estimate and opens the next step.
            out = work[stages]
            _slope(rhs, jacobian, t + h, trial, n, k, parameters, scale, matrix, False, out)
            for j in range(n):
                size = max(0.02 * (extent[1, j] - extent[0, j]), extent[2, j])
                units[j] = rtol * max(abs(z[j]), abs(trial[j]), size)
            estimate = _error(error, stages, h, work, 0, n, units)
            if k > 0:
                other = _error(error, stages, h, work, n, n + n * k, units)
                # Not max(): a value that is no number must not be lost.
                estimate = estimate if estimate > other else other
            if not estimate <= 1.0:
                shrink = 0.9 * estimate ** (-1.0 / order) if estimate < math.inf else 0.1
                clock[NEXT] = h * max(0.1, shrink)
                continue
        happened = -1
        if events > 0:
            event(t + h, trial[:n], parameters, values)
            happened = _crossed(gauges, values, -1)
        whole = h
        swaps = 0
        while happened >= 0:
            # Where in the step: false position (Illinois), the orbit made anew each time.
            low, high = 0.0, h
            below, above = gauges[0, happened], values[happened]
            side = 0
            for _ in range(80):
                if high - low <= 1e-13 * h + 4e-16 * abs(t) or above == 0.0:
                    break
                middle = low + (high - low) * below / (below - above)
                if not low < middle < high:
                    middle = 0.5 * (low + high)
                _stages(
                    rhs, jacobian, weights, nodes, stages, t, middle, z, n, 0, parameters, scale,
                    matrix, work,
                )  # fmt: skip
                event(t + middle, trial[:n], parameters, values)
                here = values[happened]
                if (here < 0.0) == (gauges[0, happened] < 0.0) and here != 0.0:
                    low, below = middle, here
                    above = 0.5 * above if side == -1 else above
                    side = -1
                else:
                    high, above = middle, here
                    below = 0.5 * below if side == 1 else below
                    side = 1
            h = high
            _stages(
                rhs, jacobian, weights, nodes, stages, t, h, z, n, k, parameters, scale, matrix,
                work,
            )  # fmt: skip
            event(t + h, trial[:n], parameters, values)
            earlier = _crossed(gauges, values, happened)
            # Events that happen at once would be earlier than each other for ever.
            if earlier < 0 or swaps == events:
                break
            swaps += 1
            happened = earlier
        inside = True
        for j in range(n):
            extent[0, j] = min(extent[0, j], trial[j])
            extent[1, j] = max(extent[1, j], trial[j])
            inside &= abs(trial[j]) <= settings[BOUND]
        size = n + n * k + 1 if k > 0 else n
        z[:size] = trial[:size]
        clock[TIME] = goal if cut and h == left else t + h
        if k > 0:
            orthonormalise(vectors, growth)
        clock[READY] = NOTHING
        if fixed == 0.0:
            if happened < 0:
                work[0, :] = work[stages, :]
                clock[READY] = STATE if k > 0 else ALL
            now = max(estimate, 1e-4)
            grow = 0.9 * now ** (-0.8 / order) * clock[FORMER] ** (0.1 / order)
            clock[FORMER] = now
            if not cut or grow < 1.0:
                clock[NEXT] = whole * min(6.0, max(0.2, grow))
        if not inside:
            return LEFT, tried + 1, -1
        gauges[0] = values
        if happened >= 0:
            return EVENT, tried + 1, happened
    return LIMIT, limit, -1
