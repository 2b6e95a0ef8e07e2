"""The kernel that carries tangent vectors along the orbit of a delay equation.

The state of a delay equation is a piece of history as long as the longest delay. Orbit and
vectors are advanced by RK4; what they were between the steps is read from Hermite cubics.
Every tangent vector is a piece of history too: its present value and its values at the
steps before, and these are made orthonormal as one long vector. Compiled once; the model's
kernels come in as first-class functions.

References
----------
J. D. Farmer, Chaotic attractors of an infinite-dimensional dynamical system, Physica D 4,
366-393 (1982).
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numba import njit, types

from engine.analysis._tangent_frame import FRAME
from engine.equations.first_class import JACOBIAN, RIGHT_HAND_SIDE

DONE: Final = 0
LEFT: Final = 1

_real, _whole = types.float64, types.int64
_vector, _matrix = types.float64[::1], types.float64[:, ::1]
_cube = types.float64[:, :, ::1]
_places = types.int64[::1]


@njit(nogil=True, cache=True, error_model="numpy", inline="always")
def _cubic(a, b, slope_a, slope_b, h, s):  # type: ignore[no-untyped-def]
    """Hermite's cubic between two values, at share `s` of the step."""
    r = 1.0 - s
    return (
        (1.0 + 2.0 * s) * r * r * a
        + s * s * (3.0 - 2.0 * s) * b
        + h * s * r * (r * slope_a - s * slope_b)
    )


@njit(
    types.UniTuple(_whole, 2)(
        RIGHT_HAND_SIDE,
        JACOBIAN,
        JACOBIAN,
        FRAME,
        _vector,
        _matrix,
        _vector,
        _vector,
        _places,
        _places,
        _places,
        _matrix,
        _matrix,
        _cube,
        _cube,
        _whole,
        _real,
        _whole,
        _whole,
        _real,
        _matrix,
        _vector,
        _matrix,
    ),
    nogil=True,
    cache=True,
    error_model="numpy",
)
def advance(  # type: ignore[no-untyped-def]
    rhs,
    jacobian,
    delay_jacobian,
    orthonormalise,
    state,
    vectors,
    parameters,
    lags,
    which,
    slots,
    kept,
    past,
    past_slopes,
    old,
    old_slopes,
    first,
    step,
    steps,
    every,
    bound,
    extent,
    growth,
    whole,
):
    """Advance a state and its tangent vectors with all their history.

    Parameters
    ----------
    rhs, jacobian, delay_jacobian : function
        First-class functions of the model.
    state : array (n,)
    vectors : array (n, k)
        Present values of the vectors, as columns. With k = 0 only the state moves.
    parameters : array
        Delayed values are written to its last d entries.
    lags : array (d,)
        Delays; 0, or at least `step`.
    which : array (d,)
        Variable of each delayed term.
    slots : array (d,)
        Where in the history it is kept.
    kept : array (u,)
        The variables that are kept.
    past, past_slopes : array (m, u)
        The kept variables and their slopes at step i, in row ``i % m``; m is above the
        longest delay in steps by 2 at least.
    old, old_slopes : array (m, u, k)
        The same of the vectors.
    first, step, steps : int, float, int
        Steps made before, their length, and how many to make.
    every : int
        Steps between orthonormalisations, counted from the first step of all.
    bound : float
        The run stops where ``|x| <= bound`` fails.
    extent : array (3, n)
        Smallest and largest of each variable so far, updated.
    growth : array (k,)
        Receives the logarithms of the lengths.
    whole : array (n + 2 * m * u, k)
        Scratch: the vectors with all their history.

    Returns
    -------
    (DONE or LEFT, steps made)
    """
    n, k = vectors.shape
    d = lags.size
    m, u = past.shape
    slopes, trial = np.empty((4, n)), np.empty(n)
    changes, moved = np.empty((4, n, k)), np.empty((n, k))
    matrix, delayed = np.empty((n, n)), np.empty((n, d))
    tail = parameters.size - d
    for i in range(steps):
        now = first + i
        t = now * step
        here = now % m
        for stage in range(4):
            ahead = 0.0 if stage == 0 else 1.0 if stage == 3 else 0.5
            for j in range(n):
                trial[j] = state[j]
                if stage > 0:
                    trial[j] += ahead * step * slopes[stage - 1, j]
            for v in range(k):
                for j in range(n):
                    moved[j, v] = vectors[j, v]
                    if stage > 0:
                        moved[j, v] += ahead * step * changes[stage - 1, j, v]
            for e in range(d):
                if lags[e] == 0.0:
                    parameters[tail + e] = trial[which[e]]
                    continue
                place = now + ahead - lags[e] / step
                left = math.floor(place)
                s = place - left
                a, b = int(left) % m, (int(left) + 1) % m
                slot = slots[e]
                parameters[tail + e] = past[a, slot] if s == 0.0 else _cubic(
                    past[a, slot], past[b, slot], past_slopes[a, slot], past_slopes[b, slot],
                    step, s,
                )  # fmt: skip
            rhs(t + ahead * step, trial, parameters, slopes[stage])
            if stage == 0:
                for slot in range(u):
                    past[here, slot] = state[kept[slot]]
                    past_slopes[here, slot] = slopes[0, kept[slot]]
            if k == 0:
                continue
            jacobian(t + ahead * step, trial, parameters, matrix)
            delay_jacobian(t + ahead * step, trial, parameters, delayed)
            for j in range(n):
                for v in range(k):
                    changes[stage, j, v] = 0.0
                for c in range(n):
                    entry = matrix[j, c]
                    if entry != 0.0:
                        for v in range(k):
                            changes[stage, j, v] += entry * moved[c, v]
                for e in range(d):
                    entry = delayed[j, e]
                    if entry == 0.0:
                        continue
                    if lags[e] == 0.0:
                        for v in range(k):
                            changes[stage, j, v] += entry * moved[which[e], v]
                        continue
                    place = now + ahead - lags[e] / step
                    left = math.floor(place)
                    s = place - left
                    a, b = int(left) % m, (int(left) + 1) % m
                    slot = slots[e]
                    for v in range(k):
                        value = old[a, slot, v] if s == 0.0 else _cubic(
                            old[a, slot, v], old[b, slot, v], old_slopes[a, slot, v],
                            old_slopes[b, slot, v], step, s,
                        )  # fmt: skip
                        changes[stage, j, v] += entry * value
            if stage == 0:
                for slot in range(u):
                    for v in range(k):
                        old[here, slot, v] = vectors[kept[slot], v]
                        old_slopes[here, slot, v] = changes[0, kept[slot], v]
        for j in range(n):
            state[j] += step / 6.0 * (
                slopes[0, j] + 2.0 * (slopes[1, j] + slopes[2, j]) + slopes[3, j]
            )  # fmt: skip
            if not abs(state[j]) <= bound:
                return LEFT, i + 1
            extent[0, j] = min(extent[0, j], state[j])
            extent[1, j] = max(extent[1, j], state[j])
            for v in range(k):
                vectors[j, v] += step / 6.0 * (
                    changes[0, j, v] + 2.0 * (changes[1, j, v] + changes[2, j, v])
                    + changes[3, j, v]
                )  # fmt: skip
        if k > 0 and (now + 1) % every == 0:
            # Slopes are turned with the values; their weight in the length is small.
            for v in range(k):
                for j in range(n):
                    whole[j, v] = vectors[j, v]
                row = n
                for r in range(m):
                    for slot in range(u):
                        whole[row, v] = old[r, slot, v]
                        whole[row + m * u, v] = step * old_slopes[r, slot, v]
                        row += 1
            orthonormalise(whole, growth)
            for v in range(k):
                for j in range(n):
                    vectors[j, v] = whole[j, v]
                row = n
                for r in range(m):
                    for slot in range(u):
                        old[r, slot, v] = whole[row, v]
                        old_slopes[r, slot, v] = whole[row + m * u, v] / step
                        row += 1
    return DONE, steps
