"""The kernel that carries tangent vectors along the orbit of a stiff flow.

A step solves the equations, linearised in its middle, exactly: by the exponential of the
Jacobian, which moves the vectors too. So no fast decay keeps the step short, and even the
fastest exponents come out right. Steps are doubled to control the error of both. Compiled
once; for flows without events, noise and delays.

References
----------
M. Hochbruck, A. Ostermann, Exponential integrators, Acta Numerica 19, 209-286 (2010).
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numba import njit, types

from engine.analysis._tangent_frame import FRAME
from engine.equations.first_class import JACOBIAN, RIGHT_HAND_SIDE

REACHED: Final = 0
LIMIT: Final = 1
LEFT: Final = 2
STUCK: Final = 3

_TERMS: Final = 13  # of the exponential's series, for a matrix of norm one half
_TAME: Final = 5  # doublings after which the norm is 16
_FLOOR: Final = -25.0  # logarithm of growth in a step below which rounding hides it
_SUBSTEPS: Final = 64
_LOOSER: Final = 30.0  # tolerance of the vectors in units of that of the state

_real, _whole = types.float64, types.int64
_vector, _matrix = types.float64[::1], types.float64[:, ::1]


@njit(nogil=True, cache=True, error_model="numpy")
def _product(a, b, out):  # type: ignore[no-untyped-def]
    for i in range(a.shape[0]):
        for j in range(b.shape[1]):
            out[i, j] = 0.0
        for c in range(a.shape[1]):
            entry = a[i, c]
            if entry != 0.0:
                for j in range(b.shape[1]):
                    out[i, j] += entry * b[c, j]


@njit(nogil=True, cache=True, error_model="numpy")
def _exponential(matrix, tame):  # type: ignore[no-untyped-def]
    """Exponential of a matrix, and how often that of `tame` must be squared to give it."""
    n = matrix.shape[0]
    norm = 0.0
    for i in range(n):
        total = 0.0
        for j in range(n):
            total += abs(matrix[i, j])
        norm = norm if norm > total else total
    doublings = 0
    while norm > 0.5 and doublings < 60:
        norm *= 0.5
        doublings += 1
    small = matrix * 2.0**-doublings
    found, next_ = np.eye(n), np.empty((n, n))
    for term in range(_TERMS, 0, -1):
        _product(small, found, next_)
        for i in range(n):
            for j in range(n):
                found[i, j] = next_[i, j] / term
            found[i, i] += 1.0
    tame[:, :] = found
    for doubling in range(doublings):
        _product(found, found, next_)
        found, next_ = next_, found
        if doubling < _TAME:
            tame[:, :] = found
    return found, max(0, doublings - _TAME)


@njit(nogil=True, cache=True, error_model="numpy")
def _middle(rhs, jacobian, drift, forced, t, h, x, parameters, scale, slope, matrix, large, tame):  # type: ignore[no-untyped-def]
    """One step: the new state, exponential, doublings and trace of the middle's Jacobian.

    The state is measured in units of `scale` within the exponentials, so that their norm
    says how fast things happen. Beside the state stand the share of the step that has
    passed, which forcing asks for, and a one.
    """
    n = x.size
    where, pull = x.copy(), np.zeros(n)
    found, doublings, trace = large, 0, 0.0
    for half in range(2):
        # From here to the middle with what is known here, then the whole step with what
        # is known in the middle.
        now = t + 0.5 * h * half
        length = 0.5 * h if half == 0 else h
        rhs(now, where, parameters, slope)
        jacobian(now, where, parameters, matrix)
        if forced != 0:
            drift(now, where, parameters, pull)
        trace = 0.0
        for i in range(n):
            push = slope[i] - 0.5 * h * half * pull[i]
            for j in range(n):
                push += matrix[i, j] * (x[j] - where[j])
                large[i, j] = length * matrix[i, j] * scale[j] / scale[i]
            large[i, n] = length * length * pull[i] / scale[i]
            large[i, n + 1] = length * push / scale[i]
            trace += matrix[i, i]
        large[n:, :] = 0.0
        large[n, n + 1] = 1.0
        found, doublings = _exponential(large, tame)
        for i in range(n):
            where[i] = x[i] + scale[i] * found[i, n + 1]
    return where, found, doublings, trace


@njit(nogil=True, cache=True, error_model="numpy")
def _carry(found, tame, doublings, trace, orthonormalise, vectors, growth):  # type: ignore[no-untyped-def]
    """Move the vectors by an exponential and make them orthonormal."""
    n, k = vectors.shape
    moved, gain = np.empty((n, k)), np.zeros(k)
    _product(found[:n, :n].copy(), vectors, moved)
    orthonormalise(moved, gain)
    fast = 0
    for v in range(k):
        # Not "< _FLOOR": a vector that vanished is fast too.
        fast += not gain[v] >= _FLOOR
    if fast > 0:
        # What decayed below rounding: rates from pieces of the step, their sum from the trace.
        again = np.zeros(k)
        orthonormalise(moved, again)
        piece, copy, next_ = tame[:n, :n].copy(), vectors.copy(), np.empty((n, k))
        pieces = 2.0**doublings
        tried = min(_SUBSTEPS, int(pieces)) if pieces < 1e9 else _SUBSTEPS
        rates = np.zeros(k)
        for i in range(tried):
            if i == tried // 2:
                rates[:] = 0.0
            _product(piece, copy, next_)
            orthonormalise(next_, rates)
            copy, next_ = next_, copy
        kept = tried - tried // 2
        left, guess = trace, 0.0
        for v in range(k):
            if gain[v] >= _FLOOR:
                left -= gain[v]
            else:
                gain[v] = rates[v] / kept * pieces
                guess += gain[v]
        if k == n and guess != 0.0:
            for v in range(k):
                if gain[v] < _FLOOR:
                    gain[v] *= left / guess
    vectors[:, :] = moved
    for v in range(k):
        growth[v] += gain[v]


@njit(
    types.UniTuple(_whole, 2)(
        RIGHT_HAND_SIDE,
        JACOBIAN,
        RIGHT_HAND_SIDE,
        _whole,
        FRAME,
        _vector,
        _vector,
        _matrix,
        _vector,
        _vector,
        _real,
        _real,
        _real,
        _matrix,
        _vector,
        _whole,
    ),
    nogil=True,
    cache=True,
    error_model="numpy",
)
def advance(  # type: ignore[no-untyped-def]
    rhs,
    jacobian,
    drift,
    forced,
    orthonormalise,
    clock,
    state,
    vectors,
    parameters,
    scale,
    goal,
    rtol,
    bound,
    extent,
    growth,
    limit,
):
    """Advance to time `goal` or by at most `limit` trial steps.

    Parameters
    ----------
    rhs, jacobian, drift : function
        First-class functions of the model; `drift` is the derivative in time, called only
        where `forced` is not 0.
    clock : array (3,)
        Time reached, step to try (0 to choose one), and the integral of the divergence.
    state : array (n,)
    vectors : array (n, k)
        Columns; orthonormal after every step. With k = 0 only the state moves.
    scale : array (n,)
        Unit in which each component of the vectors is measured.
    extent : array (3, n)
        Smallest and largest of each variable so far, updated; and the smallest size of it
        that counts.
    growth : array (k,)
        Receives the logarithms of the lengths.

    Returns
    -------
    (code, steps tried)
    """
    n, k = vectors.shape
    slope, matrix = np.empty(n), np.empty((n, n))
    large, tame = np.empty((n + 2, n + 2)), np.empty((n + 2, n + 2))
    first_tame, second_tame = tame.copy(), tame.copy()
    one, two, between = np.empty((n, k)), np.empty((n, k)), np.empty((n, k))
    for tried in range(limit):
        t = clock[0]
        left = goal - t
        if left <= 4e-16 * abs(goal):
            return REACHED, tried
        if clock[1] <= 0.0:
            rhs(t, state, parameters, slope)
            fast = 0.0
            for j in range(n):
                size = max(abs(state[j]), extent[1, j] - extent[0, j], extent[2, j])
                fast = max(fast, abs(slope[j]) / size)
            clock[1] = 1e-3 / fast if fast > 0.0 else left
        h = min(clock[1], left)
        cut = h >= left
        if not h > 4e-16 * max(abs(t), 1e-300):
            return STUCK, tried
        coarse, whole, _, _ = _middle(
            rhs, jacobian, drift, forced, t, h, state, parameters, scale, slope, matrix, large, tame
        )
        half, first, first_doublings, first_trace = _middle(
            rhs,
            jacobian,
            drift,
            forced,
            t,
            0.5 * h,
            state,
            parameters,
            scale,
            slope,
            matrix,
            large,
            first_tame,
        )
        fine, second, second_doublings, second_trace = _middle(
            rhs, jacobian, drift, forced, t + 0.5 * h, 0.5 * h, half, parameters, scale, slope,
            matrix, large, second_tame,
        )  # fmt: skip
        estimate = 0.0
        for j in range(n):
            size = max(abs(fine[j]), 0.02 * (extent[1, j] - extent[0, j]), extent[2, j])
            off = abs(fine[j] - coarse[j]) / (3.0 * rtol * size)
            estimate = off if not off <= estimate else estimate
        if k > 0:
            _product(whole[:n, :n].copy(), vectors, one)
            _product(first[:n, :n].copy(), vectors, between)
            _product(second[:n, :n].copy(), between, two)
            for j in range(n):
                for v in range(k):
                    off = abs(one[j, v] - two[j, v]) / (3.0 * _LOOSER * rtol)
                    estimate = off if not off <= estimate else estimate
        if not estimate <= 1.0:
            shrink = 0.9 * estimate ** (-1.0 / 3.0) if estimate < math.inf else 0.1
            clock[1] = h * max(0.1, shrink)
            continue
        if k > 0:
            before = growth.copy()
            sharp = np.zeros(k)
            orthonormalise(one, sharp)
            _carry(
                first, first_tame, first_doublings, 0.5 * h * first_trace, orthonormalise, vectors,
                growth,
            )  # fmt: skip
            _carry(
                second, second_tame, second_doublings, 0.5 * h * second_trace, orthonormalise,
                vectors, growth,
            )  # fmt: skip
            clock[2] += 0.5 * h * (first_trace + second_trace)
            for v in range(k):
                # Two half steps and the whole one tell where ever shorter ones would lead.
                gain = growth[v] - before[v]
                if sharp[v] >= _FLOOR and gain >= 2.0 * _FLOOR:
                    growth[v] += (gain - sharp[v]) / 3.0
        clock[0] = goal if cut else t + h
        grow = min(4.0, 0.9 * max(estimate, 1e-4) ** (-1.0 / 3.0))
        if not cut or grow < 1.0:
            clock[1] = h * grow
        for j in range(n):
            state[j] = fine[j]
            if not abs(state[j]) <= bound:
                return LEFT, tried + 1
            extent[0, j] = min(extent[0, j], state[j])
            extent[1, j] = max(extent[1, j], state[j])
    return LIMIT, limit
