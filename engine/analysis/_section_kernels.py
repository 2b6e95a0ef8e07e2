"""Compiled pieces for orbits that are followed to a plane or round a cycle.

They go into the kernel of ``_tangent_flow`` in the place of events and of the frame: the
plane that is to be crossed, and tangent vectors that stay as they are. Compiled once.
"""

from __future__ import annotations

import math

from numba import njit, types

from engine.equations.emit import SIGNATURE

_vector, _matrix = types.float64[::1], types.float64[:, ::1]


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
