"""Compiled Newton's method with deflation, for equilibria of flows and for cycles of maps.

A cycle is solved for as a whole, state by state (multiple shooting), which converges from
farther away than iterating one state does; a fixed point is a cycle of one. Solutions that
are known are deflated: every one multiplies the equations by a factor that grows beyond all
bounds near it, so that Newton's method goes elsewhere. The factor changes nothing but the
length of the step, which is why no larger system is ever solved.

Compiled once: equations and Jacobian come in as first-class functions.

References
----------
P. E. Farrell, Á. Birkisson, S. W. Funke, Deflation techniques for finding distinct solutions
of nonlinear partial differential equations, SIAM Journal on Scientific Computing 37,
A2026-A2045 (2015).
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numba import njit, types

from engine.equations.first_class import JACOBIAN, RIGHT_HAND_SIDE

FOUND: Final = 0
LIMIT: Final = 1  # not there after so many steps
LOST: Final = 2  # no number, a singular matrix, or far away

FAR: Final = 1e4  # in units of the box, from where nothing comes back

_real, _whole = types.float64, types.int64
_vector, _matrix = types.float64[::1], types.float64[:, ::1]


@njit(types.boolean(_matrix, _vector), nogil=True, cache=True, error_model="numpy")
def solve(matrix, right):  # type: ignore[no-untyped-def]
    """Solve ``matrix @ x = right`` by elimination; `right` becomes x, `matrix` is used up.

    False where the matrix is singular.
    """
    n = right.size
    for i in range(n):
        pivot = i
        for j in range(i + 1, n):
            if abs(matrix[j, i]) > abs(matrix[pivot, i]):
                pivot = j
        size = abs(matrix[pivot, i])
        if not (size > 0.0 and size < math.inf):
            return False
        if pivot != i:
            for c in range(i, n):
                held = matrix[i, c]
                matrix[i, c] = matrix[pivot, c]
                matrix[pivot, c] = held
            value = right[i]
            right[i] = right[pivot]
            right[pivot] = value
        for j in range(i + 1, n):
            ratio = matrix[j, i] / matrix[i, i]
            if ratio != 0.0:
                for c in range(i + 1, n):
                    matrix[j, c] -= ratio * matrix[i, c]
                right[j] -= ratio * right[i]
    for i in range(n - 1, -1, -1):
        total = right[i]
        for c in range(i + 1, n):
            total -= matrix[i, c] * right[c]
        right[i] = total / matrix[i, i]
    return True


@njit(types.float64(_real, _real), nogil=True, cache=True, error_model="numpy")
def nearest(difference, turn):  # type: ignore[no-untyped-def]
    """The difference of two angles, at most half a turn; the difference itself without turn."""
    if turn > 0.0:
        return difference - turn * math.floor(difference / turn + 0.5)
    return difference


@njit(
    types.UniTuple(_whole, 2)(
        RIGHT_HAND_SIDE,
        JACOBIAN,
        _real,
        _matrix,
        _vector,
        _whole,
        _vector,
        _vector,
        _matrix,
        _whole,
        _whole,
        _whole,
    ),
    nogil=True,
    cache=True,
    error_model="numpy",
)
def search(  # type: ignore[no-untyped-def]
    rhs, jacobian, time, chain, parameters, discrete, turns, size, known, count, limit, damped
):
    """Newton's method from `chain`, which becomes the solution.

    Parameters
    ----------
    time : float
        The moment the equations are taken at.
    chain : array (m, n)
        The states of a cycle one after the other, one row for a point.
    discrete : int
        1 for maps, 0 for flows.
    turns : array (n,)
        What a whole turn of each variable is, 0 where it is no angle.
    size : array (n,)
        Units of the variables; no step is longer than one.
    known : array (k, n)
        States whose first `count` are to be avoided by the first state of the chain.
    limit : int
        Steps to try.
    damped : int
        1 where steps are halved until the next one would be shorter (P. Deuflhard, Newton
        Methods for Nonlinear Problems, Springer 2004, section 3.3). It comes from farther
        away, but may come to a halt. For one state only.

    Returns
    -------
    (FOUND, LIMIT or LOST, steps made)
    """
    m, n = chain.shape
    matrices = np.empty((m, n, n))
    gaps = np.empty((m, n))
    image = np.empty(n)
    closing = np.empty((n, n))
    other = np.empty((n, n))
    move, trial = np.empty(n), np.empty(n)
    centre = chain[0].copy()
    former = math.inf
    for step in range(limit):
        for i in range(m):
            state = chain[i]
            rhs(time, state, parameters, image)
            jacobian(time, state, parameters, matrices[i])
            for j in range(n):
                gap = image[j]
                if discrete == 1:
                    gap = nearest(gap - chain[(i + 1) % m, j], turns[j])
                gaps[i, j] = gap
        if discrete == 0:
            for j in range(n):
                move[j] = -gaps[0, j]
                for c in range(n):
                    closing[j, c] = matrices[0, j, c]
        else:
            # What a first move does once round, and what is added on the way.
            for j in range(n):
                move[j] = gaps[0, j]
                for c in range(n):
                    closing[j, c] = matrices[0, j, c]
            for i in range(1, m):
                for j in range(n):
                    image[j] = gaps[i, j]
                    for k in range(n):
                        image[j] += matrices[i, j, k] * move[k]
                    for c in range(n):
                        total = 0.0
                        for k in range(n):
                            total += matrices[i, j, k] * closing[k, c]
                        other[j, c] = total
                for j in range(n):
                    move[j] = image[j]
                    for c in range(n):
                        closing[j, c] = other[j, c]
            for j in range(n):
                for c in range(n):
                    closing[j, c] = (1.0 if j == c else 0.0) - closing[j, c]
        if damped == 1:
            for j in range(n):
                for c in range(n):
                    other[j, c] = closing[j, c]
        if not solve(closing, move):
            return LOST, step
        length = 0.0
        for j in range(n):
            length = max(length, abs(move[j]) / size[j])
        if not length < math.inf:
            return LOST, step
        # Deflation: the step times 1 / (1 - slope of the logarithm of the factor along it).
        slope = 0.0
        for k in range(count):
            square = along = 0.0
            for j in range(n):
                gap = nearest(chain[0, j] - known[k, j], turns[j]) / size[j]
                square += gap * gap
                along += gap * move[j] / size[j]
            if square == 0.0:
                return LOST, step
            slope -= 2.0 * along / (square * (1.0 + square))
        factor = 1.0 - slope
        factor = 1.0 / factor if abs(factor) > 1e-12 else 1e12
        factor = min(1e12, max(-1e12, factor))
        if abs(factor) * length > 1.0:
            factor = math.copysign(1.0 / length, factor)
        if damped == 1 and length > 1e-9:
            stalled = True
            for _ in range(12):
                for j in range(n):
                    trial[j] = chain[0, j] + factor * move[j]
                rhs(time, trial, parameters, image)
                for j in range(n):
                    gap = image[j]
                    if discrete == 1:
                        gap = nearest(gap - trial[j], turns[j])
                    image[j] = gap if discrete == 1 else -gap
                    for c in range(n):
                        closing[j, c] = other[j, c]
                solve(closing, image)
                after = 0.0
                for j in range(n):
                    after = max(after, abs(image[j]) / size[j])
                for k in range(count):
                    here = away = 0.0
                    for j in range(n):
                        here += (nearest(chain[0, j] - known[k, j], turns[j]) / size[j]) ** 2
                        away += (nearest(trial[j] - known[k, j], turns[j]) / size[j]) ** 2
                    after *= (1.0 + 1.0 / away) / (1.0 + 1.0 / here) if away > 0.0 else 1e300
                if after <= (1.0 - 0.25 * min(1.0, abs(factor))) * length:
                    stalled = False
                    break
                factor *= 0.5
            if stalled:
                return LOST, step
        small = 1e-13
        there = True
        for j in range(n):
            there &= abs(move[j]) <= small * (size[j] + abs(chain[0, j]))
        # Rounding may keep it from getting any better.
        there |= length >= former and former < 1e-9
        former = length
        for i in range(m):
            for j in range(n):
                chain[i, j] += factor * move[j]
            if i + 1 < m:
                for j in range(n):
                    total = gaps[i, j]
                    for k in range(n):
                        total += matrices[i, j, k] * move[k]
                    image[j] = total
                for j in range(n):
                    move[j] = image[j]
        for i in range(m):
            for j in range(n):
                if not abs(chain[i, j] - centre[j]) <= FAR * size[j]:
                    return LOST, step + 1
        if there:
            return FOUND, step + 1
    return LIMIT, limit


@njit(
    types.UniTuple(_whole, 2)(
        RIGHT_HAND_SIDE,
        JACOBIAN,
        _real,
        _matrix,
        _matrix,
        _vector,
        _whole,
        _vector,
        _vector,
        _matrix,
        _whole,
        _whole,
        _whole,
        _whole,
        _real,
    ),
    nogil=True,
    cache=True,
    error_model="numpy",
)
def hunt(  # type: ignore[no-untyped-def]
    rhs,
    jacobian,
    time,
    starts,
    chain,
    parameters,
    discrete,
    turns,
    size,
    known,
    count,
    limit,
    first,
    last,
    close,
):
    """The first new solution that starts lead to: plainly, deflated, damped, damped and deflated.

    Parameters
    ----------
    starts : array (k, n)
        Tried one after the other.
    first, last : int
        Which of the four ways to begin with, for the first start, and which not to try.
    close : float
        Units within which a solution is one of those known.

    Returns
    -------
    (start, way) that led to a solution, which is in `chain` then; else (k, -1).
    """
    m, n = chain.shape
    for start in range(starts.shape[0]):
        for way in range(first if start == 0 else 0, last):
            if (way >= 2 and m > 1) or (way % 2 == 1 and count == 0):
                continue
            for j in range(n):
                chain[0, j] = starts[start, j]
            for i in range(1, m):
                rhs(time, chain[i - 1], parameters, chain[i])
            finite = True
            for i in range(m):
                for j in range(n):
                    finite &= abs(chain[i, j]) < 1e100
            if not finite:
                break
            avoided = count if way % 2 == 1 else 0
            code, _ = search(
                rhs, jacobian, time, chain, parameters, discrete, turns, size, known, avoided,
                limit, way // 2,
            )  # fmt: skip
            if code != FOUND:
                continue
            new = True
            for k in range(count):
                same = True
                for j in range(n):
                    gap = nearest(chain[0, j] - known[k, j], turns[j])
                    same &= abs(gap) <= close * size[j]
                new &= not same
            if new:
                return start, way
    return starts.shape[0], -1
