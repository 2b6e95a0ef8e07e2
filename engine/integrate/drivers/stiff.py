"""A trajectory by a Rosenbrock method at a step it chooses, sampled on an even grid.

As ``adaptive``, for stiff equations: every step solves linear systems with the exact
Jacobian, decomposed here with partial pivoting. The clock, the rows and the events are those
of ``adaptive``.

References
----------
E. Hairer, G. Wanner, Solving Ordinary Differential Equations II, second edition, Springer
1996, sections IV.7 (Rosenbrock methods) and IV.8 (step size).
"""

from __future__ import annotations

import math

from numba import njit, types

from engine.equations.first_class import JACOBIAN, RIGHT_HAND_SIDE
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

# The first entries of the clock, as in ``adaptive``.
_TIME, _LAST, _NEXT, _FORMER, _WORST = range(5)

_real, _whole = types.float64, types.int64
_vector, _matrix = types.float64[::1], types.float64[:, ::1]


@njit(error_model="numpy")
def _decompose(matrix, order):  # type: ignore[no-untyped-def]
    """Replace a matrix by its triangular factors; False where it is singular."""
    n = order.size
    for i in range(n):
        order[i] = i
    for column in range(n):
        best, pivot = abs(matrix[column, column]), column
        for i in range(column + 1, n):
            if abs(matrix[i, column]) > best:
                best, pivot = abs(matrix[i, column]), i
        if not (best > 0.0 and best < math.inf):
            return False
        if pivot != column:
            order[column], order[pivot] = order[pivot], order[column]
            for j in range(n):
                matrix[column, j], matrix[pivot, j] = matrix[pivot, j], matrix[column, j]
        inverse = 1.0 / matrix[column, column]
        for i in range(column + 1, n):
            factor = matrix[i, column] * inverse
            matrix[i, column] = factor
            if factor != 0.0:
                for j in range(column + 1, n):
                    matrix[i, j] -= factor * matrix[column, j]
    return True


@njit(error_model="numpy")
def _solve(matrix, order, right, out):  # type: ignore[no-untyped-def]
    """Solve with the factors of `_decompose`."""
    n = order.size
    for i in range(n):
        total = right[order[i]]
        for j in range(i):
            total -= matrix[i, j] * out[j]
        out[i] = total
    for i in range(n - 1, -1, -1):
        total = out[i]
        for j in range(i + 1, n):
            total -= matrix[i, j] * out[j]
        out[i] = total / matrix[i, i]


@njit(error_model="numpy")
def _first_step(rhs, t, state, values, slopes, probe, bent, rtol, atol, exponent):  # type: ignore[no-untyped-def]
    """A step to begin with: an Euler step's worth of the tolerance, corrected by its bend."""
    n = state.size
    size = slope = bend = 0.0
    for j in range(n):
        scale = atol + rtol * abs(state[j])
        size += (state[j] / scale) ** 2
        slope += (slopes[j] / scale) ** 2
    size, slope = math.sqrt(size / n), math.sqrt(slope / n)
    h = 1e-6 if size < 1e-5 or slope < 1e-5 else 0.01 * size / slope
    for j in range(n):
        probe[j] = state[j] + h * slopes[j]
    rhs(t + h, probe, values, bent)
    for j in range(n):
        scale = atol + rtol * abs(state[j])
        bend += ((bent[j] - slopes[j]) / scale) ** 2
    bend = math.sqrt(bend / n) / h
    sharp = max(slope, bend)
    guess = max(1e-6, h * 1e-3) if sharp <= 1e-15 else (0.01 / sharp) ** exponent
    h = min(100.0 * h, guess)
    return h if h > 0.0 and h < math.inf else 1e-6


@njit(
    types.UniTuple(_whole, 3)(
        RIGHT_HAND_SIDE,
        JACOBIAN,
        RIGHT_HAND_SIDE,
        RIGHT_HAND_SIDE,
        _real,
        _matrix,
        _matrix,
        _vector,
        _vector,
        _matrix,
        _whole,
        types.boolean,
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
        types.int64[::1],
        _matrix,
        _matrix,
    ),
    nogil=True,
    cache=True,
    error_model="numpy",
)
def trajectory(  # type: ignore[no-untyped-def]
    rhs,
    jacobian,
    time_derivative,
    event,
    gamma,
    places,
    couplings,
    nodes,
    slopes,
    dense,
    error_order,
    autonomous,
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
    linear,
    factors,
    order,
    polynomial,
    gauge,
):
    """Advance until `samples` rows are written or `limit` steps were tried.

    Parameters
    ----------
    jacobian, time_derivative, event : function
        The last two are not called where the system is autonomous, or has no events.
    gamma, places, couplings, nodes, slopes, dense, error_order
        Of the method, see ``rosenbrock``.
    work : array (stages + 5, n)
        Scratch. Where the run stops, row `stages` holds the state that was refused.
    linear, factors : array (n, n)
    order : array (n,) of int64
        Scratch.
    polynomial : array (5, n)
        Dense output of the last step, kept between calls.

    The other parameters and what is returned are those of ``adaptive.trajectory``.
    """
    n = state.size
    stages = nodes.size
    events = gauge.shape[1]
    new, probe, right, slope, drift = (
        work[stages],
        work[stages + 1],
        work[stages + 2],
        work[stages + 3],
        work[stages + 4],
    )
    exponent = 1.0 / (error_order + 1.0)
    row = 0
    known = False
    again = False
    for tried in range(limit + 1):
        if (tried & 63) == 0 and cancel[0] != 0:
            return CANCELLED, tried, row
        t = clock[_TIME]
        while row < samples and clock[_LAST] > 0.0:
            when = start + (first + row + 1) * step
            if when > t:
                break
            theta = (when - (t - clock[_LAST])) / clock[_LAST]
            rows[row, 0] = when
            for j in range(n):
                value = 0.0
                for power in range(4, 0, -1):
                    value = (value + polynomial[power, j]) * theta
                rows[row, j + 1] = polynomial[0, j] + value
            row += 1
        if row == samples:
            return DONE, tried, row
        if tried == limit:
            break
        if not known:
            rhs(t, state, values, slope)
            jacobian(t, state, values, linear)
            if not autonomous:
                time_derivative(t, state, values, drift)
            known = True
        if clock[_NEXT] <= 0.0:
            clock[_NEXT] = _first_step(
                rhs, t, state, values, slope, probe, right, rtol, atol, exponent
            )
            clock[_FORMER] = 1.0
        h = min(clock[_NEXT], longest)
        if not h > 4e-16 * max(abs(t), 1e-300):
            return STUCK, tried, row
        for i in range(n):
            for j in range(n):
                factors[i, j] = -linear[i, j]
            factors[i, i] += 1.0 / (gamma * h)
        if not _decompose(factors, order):
            clock[_NEXT] = 0.5 * h
            again = True
            continue
        for stage in range(stages):
            for j in range(n):
                value = 0.0
                for earlier in range(stage):
                    value += places[stage, earlier] * work[earlier, j]
                new[j] = state[j] + value
            if stage == 0:
                for j in range(n):
                    right[j] = slope[j]
            else:
                rhs(t + h * nodes[stage], new, values, right)
            for j in range(n):
                value = 0.0
                for earlier in range(stage):
                    value += couplings[stage, earlier] * work[earlier, j]
                right[j] += value / h
                if not autonomous:
                    right[j] += h * slopes[stage] * drift[j]
            _solve(factors, order, right, work[stage])
        estimate = roughest = 0.0
        for j in range(n):
            new[j] += work[stages - 1, j]
            scale = atol + rtol * max(abs(state[j]), abs(new[j]))
            estimate += (work[stages - 1, j] / scale) ** 2
            roughest = max(roughest, scale)
        estimate = math.sqrt(estimate / n)
        if not estimate < math.inf:
            clock[_NEXT] = 0.1 * h
            again = True
            continue
        if estimate > 1.0:
            clock[_NEXT] = h * max(0.2, 0.9 * estimate**-exponent)
            again = True
            continue
        inside = True
        for j in range(n):
            inside &= abs(new[j]) <= bound
        if not inside:
            clock[_LAST] = h
            return LEFT, tried, row
        clock[_WORST] = max(clock[_WORST], estimate * roughest)
        if events > 0 or start + (first + row + 1) * step <= t + h:
            for j in range(n):
                one = two = three = 0.0
                for stage in range(stages):
                    one += dense[0, stage] * work[stage, j]
                    two += dense[1, stage] * work[stage, j]
                    three += dense[2, stage] * work[stage, j]
                polynomial[0, j] = state[j]
                polynomial[1, j] = new[j] - state[j] + one
                polynomial[2, j] = two - one
                polynomial[3, j] = three - two
                polynomial[4, j] = -three
        happened = False
        for half in range(1, 3):
            if events == 0 or happened:
                break
            theta = 0.5 * half
            for j in range(n):
                value = 0.0
                for power in range(4, 0, -1):
                    value = (value + polynomial[power, j]) * theta
                probe[j] = polynomial[0, j] + value
            event(t + theta * h, probe, values, gauge[FRESH])
            for k in range(events):
                value, former = gauge[FRESH, k], gauge[SIGN, k]
                side = 1.0 if value > 0.0 else (-1.0 if value < 0.0 else former)
                wanted = gauge[DIRECTION, k] == 0.0 or gauge[DIRECTION, k] == side
                happened |= side != former and former != 0.0 and wanted
            for k in range(events):
                value = gauge[FRESH, k]
                if value != 0.0 and not happened:
                    gauge[SIGN, k] = 1.0 if value > 0.0 else -1.0
        for j in range(n):
            state[j] = new[j]
        clock[_TIME] = t + h
        # t + h - t may differ from h; the dense output needs the step as the clock sees it.
        clock[_LAST] = clock[_TIME] - t
        grow = 0.9 * max(estimate, 1e-4) ** -exponent
        clock[_FORMER] = max(estimate, 1e-4)
        clock[_NEXT] = h * min(1.0 if again else 6.0, max(0.2, grow))
        known = again = False
        if happened:
            return HAPPENED, tried + 1, row
    return LIMIT, limit, row
