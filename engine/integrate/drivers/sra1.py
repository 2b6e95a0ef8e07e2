"""A stored path of an equation with additive noise, by SRA1. Strong order 3/2, weak 2.

Two stages that see, beside the increment of every noise, the integral of its path over the
step. The coefficients of the noise may depend on time, not on the state. Events are looked
for at the ends of steps only.

References
----------
A. Rößler, Runge-Kutta methods for the strong approximation of solutions of stochastic
differential equations, SIAM Journal on Numerical Analysis 48, 922-952 (2010), table 6.3.
"""

from __future__ import annotations

import math

from numba import njit, types

from engine.equations.first_class import JACOBIAN, RIGHT_HAND_SIDE
from engine.integrate.codes import CANCELLED, DIRECTION, DONE, FRESH, HAPPENED, LEFT, SIGN

_real, _whole = types.float64, types.int64
_vector, _matrix = types.float64[::1], types.float64[:, ::1]


@njit(
    types.UniTuple(_whole, 3)(
        RIGHT_HAND_SIDE,
        JACOBIAN,
        RIGHT_HAND_SIDE,
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
    diffusion,
    event,
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
    before,
    after,
    normals,
    gauge,
):
    """Advance `state` in place and store every `every`-th state.

    Parameters
    ----------
    rhs, diffusion : function
        Drift and the matrix of the noise's coefficients.
    event : function
        ``event(t, state, values, out)``; not called without events.
    normals : array (steps, 2 * noises)
        Standard normal numbers, one row a step: the increments, then what
        the integrals of the paths have beyond them.
    work : array (3, n)
        Scratch; where the run stops, its last row holds the state that was refused.
    before, after : array (n, noises)
        Scratch.
    gauge : array (GAUGE, events)
        See ``codes``. Where the driver returns `HAPPENED`, the last step is made and its row
        is not written.

    The other parameters are those of ``fixed.trajectory``.

    Returns
    -------
    (code, steps made, rows written)
    """
    n, noises, events = state.size, before.shape[1], gauge.shape[1]
    root = math.sqrt(step)
    row = 0
    since = first % every
    slopes, ahead, new = work[0], work[1], work[2]
    third = 1.0 / math.sqrt(3.0)
    for i in range(steps):
        if (i & 4095) == 0 and cancel[0] != 0:
            return CANCELLED, i, row
        t = start + (first + i) * step
        then = start + (first + i + 1) * step
        rhs(t, state, values, slopes)
        diffusion(t, state, values, before)
        diffusion(then, state, values, after)
        for j in range(n):
            mean = 0.0
            for k in range(noises):
                mean += after[j, k] * 0.5 * (normals[i, k] + third * normals[i, noises + k])
            new[j] = state[j] + 0.75 * step * slopes[j] + 1.5 * root * mean
        rhs(t + 0.75 * step, new, values, ahead)
        for j in range(n):
            kick = 0.0
            for k in range(noises):
                # The mean of the path over the step, from its beginning.
                mean = 0.5 * (normals[i, k] + third * normals[i, noises + k])
                kick += after[j, k] * (normals[i, k] - mean) + before[j, k] * mean
            drift = (slopes[j] + 2.0 * ahead[j]) / 3.0
            new[j] = state[j] + step * drift + root * kick
        inside = True
        for j in range(n):
            inside &= abs(new[j]) <= bound
        if not inside:
            return LEFT, i, row
        for j in range(n):
            state[j] = new[j]
        if events > 0:
            event(then, new, values, gauge[FRESH])
            happened = False
            for k in range(events):
                value, former = gauge[FRESH, k], gauge[SIGN, k]
                side = 1.0 if value > 0.0 else (-1.0 if value < 0.0 else former)
                wanted = gauge[DIRECTION, k] == 0.0 or gauge[DIRECTION, k] == side
                happened |= side != former and former != 0.0 and wanted
            if happened:
                return HAPPENED, i + 1, row
            for k in range(events):
                value = gauge[FRESH, k]
                if value != 0.0:
                    gauge[SIGN, k] = 1.0 if value > 0.0 else -1.0
        since += 1
        if since == every:
            since = 0
            rows[row, 0] = then
            for j in range(n):
                rows[row, j + 1] = new[j]
            row += 1
    return DONE, steps, row
