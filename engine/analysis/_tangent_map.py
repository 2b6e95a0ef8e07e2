"""The kernel that carries tangent vectors along the orbit of a map.

Compiled once: map and Jacobian come in as first-class functions. The volume, the sum of the
logarithms of the Jacobian's determinant, is found by elimination and owes nothing to the
vectors.
"""

from __future__ import annotations

import math
from typing import Final

from numba import njit, types

from engine.analysis._tangent_frame import FRAME
from engine.equations.first_class import JACOBIAN, RIGHT_HAND_SIDE

DONE: Final = 0
LEFT: Final = 1

_real, _whole = types.float64, types.int64
_vector, _matrix = types.float64[::1], types.float64[:, ::1]


@njit(nogil=True, cache=True, error_model="numpy")
def _log_determinant(matrix):  # type: ignore[no-untyped-def]
    """Logarithm of the determinant's size; `matrix` is used up."""
    n = matrix.shape[0]
    total = 0.0
    for i in range(n):
        pivot = i
        for j in range(i + 1, n):
            if abs(matrix[j, i]) > abs(matrix[pivot, i]):
                pivot = j
        size = abs(matrix[pivot, i])
        if size == 0.0:
            return -math.inf
        total += math.log(size)
        if pivot != i:
            for c in range(i, n):
                held = matrix[i, c]
                matrix[i, c] = matrix[pivot, c]
                matrix[pivot, c] = held
        for j in range(i + 1, n):
            ratio = matrix[j, i] / matrix[i, i]
            if ratio != 0.0:
                for c in range(i + 1, n):
                    matrix[j, c] -= ratio * matrix[i, c]
    return total


@njit(
    types.UniTuple(_whole, 2)(
        RIGHT_HAND_SIDE,
        JACOBIAN,
        FRAME,
        _vector,
        _matrix,
        _vector,
        _vector,
        _whole,
        _whole,
        _whole,
        _real,
        _matrix,
        _vector,
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
    orthonormalise,
    state,
    vectors,
    parameters,
    scale,
    first,
    steps,
    complete,
    bound,
    extent,
    growth,
    volume,
    work,
):
    """Iterate a state and its tangent vectors.

    Parameters
    ----------
    state : array (n,)
    vectors : array (n, k)
        Columns; orthonormal after every iteration. With k = 0 only the state moves.
    scale : array (n,)
        Unit in which each component of the vectors is measured.
    first, steps : int
        Iterations made before (the map's time), and to make.
    complete : int
        Not 0 where the volume is wanted.
    bound : float
        The run stops where ``|x| <= bound`` fails.
    extent : array (2, n)
        Smallest and largest of each variable so far, updated.
    growth : array (k,)
        Receives the logarithms of the lengths.
    volume : array (1,)
        Receives the logarithm of the size of the determinant.
    work : array (2 * n, max(n, k))
        Scratch.

    Returns
    -------
    (DONE or LEFT, iterations made)
    """
    n, k = vectors.shape
    matrix = work[:n, :n].copy()
    for i in range(steps):
        t = float(first + i)
        if k > 0:
            jacobian(t, state, parameters, matrix)
            for j in range(n):
                row = work[n + j]
                row[:k] = 0.0
                for m in range(n):
                    entry = matrix[j, m]
                    if entry != 0.0:
                        entry *= scale[m] / scale[j]
                        for v in range(k):
                            row[v] += entry * vectors[m, v]
            vectors[:, :] = work[n:, :k]
            orthonormalise(vectors, growth)
            if complete != 0:
                volume[0] += _log_determinant(matrix)
        rhs(t, state, parameters, state)
        for j in range(n):
            if not abs(state[j]) <= bound:
                return LEFT, i + 1
            extent[0, j] = min(extent[0, j], state[j])
            extent[1, j] = max(extent[1, j], state[j])
    return DONE, steps
