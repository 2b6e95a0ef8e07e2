"""A stored path of an equation with noise, by Milstein's method. Strong order 1.

For noise whose coefficients commute, of which diagonal and additive noise are special
cases: the double integrals then are products of increments. In the sense of Ito. Events are
looked for at the ends of steps only.

References
----------
P. E. Kloeden, E. Platen, Numerical Solution of Stochastic Differential Equations, Springer
1992, section 10.3.
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
    diffusion_slopes,
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
    spread,
    bends,
    normals,
    gauge,
):
    """Advance `state` in place and store every `every`-th state.

    Parameters
    ----------
    rhs, diffusion, diffusion_slopes : function
        Drift and the matrix of the noise's coefficients, and its derivative:
        row ``i * noises + k`` is that of coefficient k of variable i.
    event : function
        ``event(t, state, values, out)``; not called without events.
    normals : array (steps, noises)
        Standard normal numbers, one row a step.
    work : array (2, n)
        Scratch; where the run stops, its last row holds the state that was refused.
    spread : array (n, noises)
    bends : array (n * noises, n)
        Scratch.
    gauge : array (GAUGE, events)
        See ``codes``. Where the driver returns `HAPPENED`, the last step is made and its row
        is not written.

    The other parameters are those of ``fixed.trajectory``.

    Returns
    -------
    (code, steps made, rows written)
    """
    n, noises, events = state.size, spread.shape[1], gauge.shape[1]
    root = math.sqrt(step)
    row = 0
    since = first % every
    slopes, new = work[0], work[1]
    for i in range(steps):
        if (i & 4095) == 0 and cancel[0] != 0:
            return CANCELLED, i, row
        t = start + (first + i) * step
        then = start + (first + i + 1) * step
        rhs(t, state, values, slopes)
        diffusion(t, state, values, spread)
        diffusion_slopes(t, state, values, bends)
        for j in range(n):
            kick = 0.0
            for k in range(noises):
                kick += spread[j, k] * normals[i, k]
            new[j] = state[j] + step * slopes[j] + root * kick
        for j in range(n):
            for m in range(noises):
                for other in range(n):
                    # Most derivatives are zero: a coefficient depends on a variable or two.
                    bend = bends[j * noises + m, other]
                    if bend != 0.0:
                        for k in range(noises):
                            product = normals[i, k] * normals[i, m]
                            if k == m:
                                product -= 1.0
                            new[j] += 0.5 * step * spread[other, k] * bend * product
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
