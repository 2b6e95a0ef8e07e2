"""Kernels that carry tangent vectors along an orbit by the exact Jacobian.

Compiled once; the right-hand side and the Jacobian come in as first-class functions, so
that a new system costs only their own compiling. Only for a single orbit: ensembles of
exponents need lanes. `engine.analysis.lyapunov_spectrum` drives these.
"""

from __future__ import annotations

import math

from numba import njit, types

from engine.equations.first_class import JACOBIAN, RIGHT_HAND_SIDE

_real, _whole = types.float64, types.int64
_vector, _matrix = types.float64[::1], types.float64[:, ::1]
_signature = types.UniTuple(_whole, 2)(
    RIGHT_HAND_SIDE,
    JACOBIAN,
    _vector,
    _matrix,
    _vector,
    _real,
    _real,
    _whole,
    _whole,
    _whole,
    _real,
    _vector,
    _matrix,
)


@njit(nogil=True, cache=True, error_model="numpy")
def _orthonormalise(vectors, growth):  # type: ignore[no-untyped-def]
    """Modified Gram-Schmidt, row by row; logarithms of the lengths are added to `growth`."""
    n = vectors.shape[1]
    for v in range(vectors.shape[0]):
        for u in range(v):
            along = 0.0
            for j in range(n):
                along += vectors[u, j] * vectors[v, j]
            for j in range(n):
                vectors[v, j] -= along * vectors[u, j]
        square = 0.0
        for j in range(n):
            square += vectors[v, j] ** 2
        length = square**0.5
        growth[v] += math.log(length) if length > 0.0 else -math.inf
        if length > 0.0:
            for j in range(n):
                vectors[v, j] /= length
        else:
            # A singular step: go on from any direction; the next time makes it orthogonal.
            for j in range(n):
                vectors[v, j] = 1.0 if j == v else 0.0


@njit(_signature, nogil=True, cache=True, error_model="numpy")
def advance(  # type: ignore[no-untyped-def]
    rhs,
    jacobian,
    state,
    vectors,
    values,
    start,
    step,
    first,
    steps,
    every,
    bound,
    growth,
    work,
):
    """Advance a state and its tangent vectors, orthonormalising as it goes.

    Parameters
    ----------
    rhs, jacobian : function
        ``rhs(t, state, values, out)`` and ``jacobian(t, state, values, out)``.
    state : array (n,)
        Advanced in place.
    vectors : array (k, n)
        Tangent vectors as rows, advanced in place; orthonormal wherever `every` divides the
        number of steps made.
    start, step, first : float, float, int
        Time is ``start + (first + i) * step``. A step of 0 iterates a map at times 0, 1, 2.
    steps, every : int
        Steps to make, and how many between orthonormalisations.
    bound : float
        The run stops where ``|x| <= bound`` fails.
    growth : array (k,)
        Receives the sum of the logarithms of the lengths, added to what is there.
    work : array (n + 5 * (k + 1) + 1, n)
        Scratch: the Jacobian, then slopes and stages of state and vectors together.

    Returns
    -------
    (steps made, 1 where the orbit left the bound, else 0)
    """
    n = state.size
    count = vectors.shape[0]
    flow = step != 0.0
    matrix = work[:n]
    stages = 4 if flow else 1
    width = count + 1
    trial = n + 4 * width  # first row of the trial state, its vectors after it
    for i in range(steps):
        t = start + (first + i) * step if flow else start + (first + i)
        for stage in range(stages):
            h = 0.0 if stage == 0 else step if stage == 3 else 0.5 * step
            before = n + (stage - 1) * width
            now = n + stage * width
            for j in range(n):
                work[trial, j] = state[j] + (h * work[before, j] if stage > 0 else 0.0)
            for v in range(count):
                for j in range(n):
                    work[trial + 1 + v, j] = vectors[v, j] + (
                        h * work[before + 1 + v, j] if stage > 0 else 0.0
                    )
            rhs(t + h, work[trial], values, work[now])
            jacobian(t + h, work[trial], values, matrix)
            for v in range(count):
                for j in range(n):
                    total = 0.0
                    for m in range(n):
                        total += matrix[j, m] * work[trial + 1 + v, m]
                    work[now + 1 + v, j] = total
        inside = True
        if flow:
            a, b, c, d = n, n + width, n + 2 * width, n + 3 * width
            sixth = step / 6.0
            for j in range(n):
                state[j] += sixth * (work[a, j] + 2.0 * (work[b, j] + work[c, j]) + work[d, j])
                inside &= abs(state[j]) <= bound
            for v in range(1, width):
                for j in range(n):
                    vectors[v - 1, j] += sixth * (
                        work[a + v, j] + 2.0 * (work[b + v, j] + work[c + v, j]) + work[d + v, j]
                    )
        else:
            for j in range(n):
                state[j] = work[n, j]
                inside &= abs(state[j]) <= bound
            for v in range(count):
                for j in range(n):
                    vectors[v, j] = work[n + 1 + v, j]
        if not inside:
            return i + 1, 1
        if (first + i + 1) % every == 0:
            _orthonormalise(vectors, growth)
    return steps, 0
