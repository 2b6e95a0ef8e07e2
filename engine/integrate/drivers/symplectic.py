"""A stored trajectory by symmetric steps of Störmer and Verlet. For separable flows only.

Half a kick of the momenta, a drift of the positions, half a kick; methods of higher order
are such steps of several lengths one after the other. A drift sees the time in the middle
of its step, the kicks that at the ends, so that forcing in t costs no order and the step
stays its own inverse.

References
----------
E. Hairer, C. Lubich, G. Wanner, Geometric Numerical Integration, second edition, Springer
2006, sections I.1.4 and V.3.
"""

from __future__ import annotations

from numba import njit, types

from engine.equations.first_class import RIGHT_HAND_SIDE
from engine.integrate.codes import CANCELLED, DONE, LEFT

_real, _whole = types.float64, types.int64
_vector, _matrix = types.float64[::1], types.float64[:, ::1]


@njit(
    types.UniTuple(_whole, 3)(
        RIGHT_HAND_SIDE,
        types.boolean[::1],
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
    nogil=True,
    cache=True,
    error_model="numpy",
)
def trajectory(  # type: ignore[no-untyped-def]
    rhs,
    positions,
    parts,
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
    positions : array (n,) of bool
        True for positions, False for momenta.
    parts : array (stages,)
        Lengths of the steps within a step, adding up to 1.
    step : float
        May be below 0: the way back.
    work : array (3, n)
        Scratch; where the run stops, its last row holds the state that was refused.

    The other parameters are those of ``fixed.trajectory``.

    Returns
    -------
    (code, steps made, rows written)
    """
    n = state.size
    slopes, new = work[0], work[2]
    kick = work[1]
    row = 0
    since = first % every
    if steps > 0:
        rhs(start + first * step, state, values, kick)
    for i in range(steps):
        if (i & 4095) == 0 and cancel[0] != 0:
            return CANCELLED, i, row
        t = start + (first + i) * step
        for j in range(n):
            new[j] = state[j]
        for part in range(parts.size):
            h = parts[part] * step
            for j in range(n):
                if not positions[j]:
                    new[j] += 0.5 * h * kick[j]
            rhs(t + 0.5 * h, new, values, slopes)
            for j in range(n):
                if positions[j]:
                    new[j] += h * slopes[j]
            t = start + (first + i + 1) * step if part == parts.size - 1 else t + h
            rhs(t, new, values, kick)
            for j in range(n):
                if not positions[j]:
                    new[j] += 0.5 * h * kick[j]
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
            rows[row, 0] = t
            for j in range(n):
                rows[row, j + 1] = new[j]
            row += 1
    return DONE, steps, row
