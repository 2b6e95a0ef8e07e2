"""Compiled pieces for orbits that are followed to a plane or round a cycle.

They go into the kernel of ``_tangent_flow`` in the place of events and of the frame: the
plane that is to be crossed, and tangent vectors that stay as they are; `collect` calls that
kernel from one crossing to the next. Compiled once.
"""

from __future__ import annotations

import math

from numba import njit, types

from engine.analysis import _tangent_flow as flow
from engine.analysis._tangent_frame import FRAME
from engine.equations.emit import SIGNATURE
from engine.equations.first_class import JACOBIAN, RIGHT_HAND_SIDE

_vector, _matrix, _whole = types.float64[::1], types.float64[:, ::1], types.int64
# An argument, not a call: a cached kernel does not notice changes of what it calls.
ADVANCE = types.FunctionType(flow.advance.nopython_signatures[0])


@njit(SIGNATURE, nogil=True, cache=True, error_model="numpy")
def plane(t, state, parameters, out):  # type: ignore[no-untyped-def]
    """Distance from a plane, which is what stands last in `parameters`.

    Its normal (n,), its offset, and what a turn is where the plane is a value of an angle,
    else 0: then the sine of the angle from there, which is zero after half a turn as well.
    """
    n = state.size
    first = parameters.size - n - 2
    total = -parameters[first + n]
    for j in range(n):
        total += parameters[first + j] * state[j]
    turn = parameters[first + n + 1]
    out[0] = math.sin(2.0 * math.pi * total / turn) if turn > 0.0 else total


@njit(types.void(_matrix, _vector), nogil=True, cache=True, error_model="numpy")
def keep(vectors, growth):  # type: ignore[no-untyped-def]
    """Leave tangent vectors as they are."""


@njit(
    types.UniTuple(_whole, 3)(
        ADVANCE,
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
        _matrix,
        _whole,
    ),
    nogil=True,
    cache=True,
    error_model="numpy",
)
def collect(  # type: ignore[no-untyped-def]
    advance,
    rhs,
    jacobian,
    event,
    frame,
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
    rows,
    count,
):
    """Follow an orbit and write time and state at every crossing of the plane.

    Parameters
    ----------
    advance : function
        That of ``_tangent_flow``, which says what the others are.
    limit : int
        Steps to try in this call, about.
    rows : array (m, 1 + n)
    count : int
        Rows that are filled already.

    Returns
    -------
    (code as of `advance`, steps tried, rows filled); LIMIT where all rows are filled.
    """
    n = scale.size
    turn = parameters[parameters.size - 1]
    made = 0
    while made < limit and count < rows.shape[0]:
        code, tried, _ = advance(
            rhs, jacobian, event, frame, weights, nodes, error, stages, clock, settings, z,
            parameters, scale, extent, gauges, growth, limit - made, matrix, work,
        )  # fmt: skip
        made += max(1, tried)
        if code != flow.EVENT:
            return code, made, count
        along = -parameters[parameters.size - 2]
        for j in range(n):
            along += parameters[parameters.size - n - 2 + j] * z[j]
        # Half a turn from the value of an angle the sine vanishes as well.
        if turn <= 0.0 or math.cos(2.0 * math.pi * along / turn) > 0.0:
            rows[count, 0] = clock[flow.TIME]
            for j in range(n):
                rows[count, 1 + j] = z[j]
            count += 1
    return flow.LIMIT, made, count
