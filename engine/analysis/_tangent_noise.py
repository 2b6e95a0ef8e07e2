"""The kernel that carries tangent vectors along a path of a stochastic system.

Ito equations. The drift is taken by the trapezoidal rule of Heun, the noise as Euler and
Maruyama take it, and the vectors by the derivative of that very step, so that they belong
to the map that moves the state. Compiled once; the model's kernels come in as first-class
functions, the random numbers as an array.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numba import njit, types

from engine.analysis._tangent_frame import FRAME
from engine.equations.first_class import JACOBIAN, RIGHT_HAND_SIDE

DONE: Final = 0
LEFT: Final = 1

_real, _whole = types.float64, types.int64
_vector, _matrix = types.float64[::1], types.float64[:, ::1]


@njit(nogil=True, cache=True, error_model="numpy")
def _push(matrix, factor, scale, vectors, out):  # type: ignore[no-untyped-def]
    """Add factor times a matrix times the vectors to `out`."""
    n, k = vectors.shape
    for j in range(n):
        for i in range(n):
            entry = matrix[j, i]
            if entry != 0.0:
                entry *= factor * scale[i] / scale[j]
                for v in range(k):
                    out[j, v] += entry * vectors[i, v]


@njit(
    types.UniTuple(_whole, 2)(
        RIGHT_HAND_SIDE,
        JACOBIAN,
        JACOBIAN,
        JACOBIAN,
        FRAME,
        _vector,
        _matrix,
        _vector,
        _vector,
        _whole,
        _real,
        _matrix,
        _real,
        _matrix,
        _vector,
        _vector,
    ),
    nogil=True,
    cache=True,
    error_model="numpy",
)
def advance(  # type: ignore[no-untyped-def]
    rhs,
    jacobian,
    diffusion,
    diffusion_slopes,
    orthonormalise,
    state,
    vectors,
    parameters,
    scale,
    first,
    step,
    noise,
    bound,
    extent,
    growth,
    volume,
):
    """Advance a state and its tangent vectors by as many steps as `noise` has rows.

    Parameters
    ----------
    rhs, jacobian, diffusion, diffusion_slopes : function
        First-class functions of the model.
    state : array (n,)
    vectors : array (n, k)
        Columns; orthonormal after every step. With k = 0 only the state moves.
    scale : array (n,)
        Unit in which each component of the vectors is measured.
    first, step : int, float
        Steps made before, and their length.
    noise : array (steps, m)
        Increments of the Wiener processes: normal with variance `step`.
    bound : float
        The run stops where ``|x| <= bound`` fails.
    extent : array (3, n)
        Smallest and largest of each variable so far, updated.
    growth : array (k,)
        Receives the logarithms of the lengths.
    volume : array (1,)
        Receives the logarithm of the growth of volume: the integral of the trace of the
        drift's Jacobian, less half the traces of the squared slopes of the noise, plus the
        noise's own traces.

    Returns
    -------
    (DONE or LEFT, steps made)
    """
    n, k = vectors.shape
    m = noise.shape[1]
    drift, later, trial = np.empty(n), np.empty(n), np.empty(n)
    matrix = np.empty((n, n))
    spread, slopes = np.empty((n, m)), np.empty((n * m, n))
    turn = np.empty((n, n))
    noisy, ahead, total = np.empty((n, k)), np.empty((n, k)), np.empty((n, k))
    for i in range(noise.shape[0]):
        t = (first + i) * step
        rhs(t, state, parameters, drift)
        diffusion(t, state, parameters, spread)
        for j in range(n):
            push = 0.0
            for w in range(m):
                push += spread[j, w] * noise[i, w]
            later[j] = push
            trial[j] = state[j] + step * drift[j] + push
        if k > 0:
            jacobian(t, state, parameters, matrix)
            diffusion_slopes(t, state, parameters, slopes)
            # The slopes of all noises, each times its increment, as one matrix.
            for j in range(n):
                for c in range(n):
                    turn[j, c] = 0.0
                    for w in range(m):
                        turn[j, c] += slopes[j * m + w, c] * noise[i, w]
            gain = 0.0
            for j in range(n):
                gain += step * matrix[j, j] + turn[j, j]
            for w in range(m):
                for j in range(n):
                    for c in range(n):
                        gain -= 0.5 * step * slopes[j * m + w, c] * slopes[c * m + w, j]
            volume[0] += gain
            noisy[:, :] = 0.0
            _push(turn, 1.0, scale, vectors, noisy)
            total[:, :] = 0.0
            _push(matrix, 0.5 * step, scale, vectors, total)
            for j in range(n):
                for v in range(k):
                    ahead[j, v] = vectors[j, v] + 2.0 * total[j, v] + noisy[j, v]
            jacobian(t + step, trial, parameters, matrix)
            _push(matrix, 0.5 * step, scale, ahead, total)
            for j in range(n):
                for v in range(k):
                    vectors[j, v] += total[j, v] + noisy[j, v]
            orthonormalise(vectors, growth)
        rhs(t + step, trial, parameters, trial)
        for j in range(n):
            state[j] += 0.5 * step * (drift[j] + trial[j]) + later[j]
            if not abs(state[j]) <= bound:
                return LEFT, i + 1
            extent[0, j] = min(extent[0, j], state[j])
            extent[1, j] = max(extent[1, j], state[j])
    return DONE, noise.shape[0]
