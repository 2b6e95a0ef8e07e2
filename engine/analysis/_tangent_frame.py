"""Orthonormalises tangent vectors and keeps the logarithms of their lengths.

One compiled function that every driver of tangent vectors takes as an argument: the vectors
are the columns of a matrix, so that rows, which are what the drivers combine, lie together.
It knows nothing of systems.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit, types

_vector, _matrix = types.float64[::1], types.float64[:, ::1]
FRAME = types.FunctionType(types.void(_matrix, _vector))
"""Type of `orthonormalise` where a driver takes it."""


@njit(types.void(_matrix, _vector), nogil=True, cache=True, error_model="numpy")
def orthonormalise(vectors, growth):  # type: ignore[no-untyped-def]
    """Modified Gram-Schmidt on columns, first to last, in place.

    Parameters
    ----------
    vectors : array (n, k or more)
        The first k columns become orthonormal; others are left alone.
    growth : array (k,)
        Receives the logarithms of the lengths, added to what is there.
    """
    n, k = vectors.shape[0], growth.size
    # Many vectors are projected at once, row by row; for few that would cost more.
    many = k > 6
    along = np.empty(k if many else 0)
    for v in range(k):
        square = 0.0
        for j in range(n):
            square += vectors[j, v] ** 2
        length = math.sqrt(square)
        growth[v] += math.log(length) if length > 0.0 else -math.inf
        if not length > 0.0:
            # A singular step: go on from any direction; the next time makes it orthogonal.
            for j in range(n):
                vectors[j, v] = 1.0 if j == v else 0.0
            continue
        for j in range(n):
            vectors[j, v] /= length
        if many:
            along[v + 1 :] = 0.0
            for j in range(n):
                part = vectors[j, v]
                for u in range(v + 1, k):
                    along[u] += part * vectors[j, u]
            for j in range(n):
                part = vectors[j, v]
                for u in range(v + 1, k):
                    vectors[j, u] -= part * along[u]
            continue
        for u in range(v + 1, k):
            share = 0.0
            for j in range(n):
                share += vectors[j, v] * vectors[j, u]
            for j in range(n):
                vectors[j, u] -= share * vectors[j, v]
