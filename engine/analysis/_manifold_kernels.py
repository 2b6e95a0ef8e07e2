"""Compiled loops that grow the one-dimensional manifolds of a saddle, point after point.

Of a map: a short piece along the eigenvector, from a point to its image, is iterated; where
on the piece and how often is one number that rises along the manifold, so that points are
set as closely as the curve asks for and never moved. Backwards, preimages are solved for,
each from that of the neighbour. Of a flow: one orbit, with steps no longer than the curve
asks for. All release the interpreter lock and return after a number of evaluations.

References
----------
D. Hobson, An efficient method for computing invariant manifolds of planar maps, Journal of
Computational Physics 104, 14-22 (1993): the conditions on distance and angle.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numba import njit, types

from engine.analysis._newton_kernels import nearest, solve
from engine.equations.first_class import JACOBIAN, RIGHT_HAND_SIDE

LIMIT: Final = 0  # call again
LONG: Final = 1  # as long as was asked for
FULL: Final = 2  # no room for more points
LEFT: Final = 3  # left the bound
LOST: Final = 4  # no preimage
DEEP: Final = 5  # more iterations than there is room for
RESTS: Final = 6  # came to rest

# Entries of `clock`.
PLACE: Final = 0  # how far along: iterations and share of the first piece; time of a flow
STEP: Final = 1  # by how much to go on
LENGTH: Final = 2  # so far
COUNT: Final = 3  # rows written
SEEN: Final = 4  # points before this one: 0, 1 or more; the largest speed of a flow
CLOCK: Final = 5

_FINEST: Final = 1e-13
_LARGEST: Final = 0.2

_real, _whole = types.float64, types.int64
_vector, _matrix = types.float64[::1], types.float64[:, ::1]


@njit(nogil=True, cache=True, error_model="numpy")
def _preimage(rhs, jacobian, image, guess, parameters, turns, low, size, matrix, gap, out):  # type: ignore[no-untyped-def]
    """Solve ``rhs(out) = image`` from a guess, in `out`; whether it worked."""
    n = image.size
    for j in range(n):
        out[j] = guess[j]
    former = math.inf
    for _ in range(40):
        rhs(0.0, out, parameters, gap)
        jacobian(0.0, out, parameters, matrix)
        for j in range(n):
            gap[j] = nearest(image[j] - gap[j], turns[j])
        if not solve(matrix, gap):
            return False
        length = 0.0
        for j in range(n):
            length = max(length, abs(gap[j]) / (size[j] + abs(out[j])))
            out[j] += gap[j]
        if not length < 1e3:
            return False
        if length <= 4e-16 or (length >= former and former < 1e-11):
            for j in range(n):
                if turns[j] > 0.0:
                    out[j] -= turns[j] * math.floor((out[j] - low[j]) / turns[j])
            return True
        former = length
    return former < 1e-11


@njit(
    _whole(
        RIGHT_HAND_SIDE,
        JACOBIAN,
        _matrix,
        _vector,
        _real,
        _real,
        _whole,
        _whole,
        _vector,
        _vector,
        _vector,
        _vector,
        _vector,
        _vector,
        _matrix,
        _matrix,
        _matrix,
        _matrix,
        _whole,
    ),
    nogil=True,
    cache=True,
    error_model="numpy",
)
def grow(  # type: ignore[no-untyped-def]
    rhs,
    jacobian,
    cycle,
    vector,
    epsilon,
    stretch,
    times,
    backwards,
    parameters,
    turns,
    low,
    size,
    limits,
    clock,
    last,
    chain,
    trial,
    rows,
    limit,
):
    """Add points to one branch of a map's manifold.

    Parameters
    ----------
    cycle : array (p, n)
        The saddle and its images; the branch begins at its first state.
    vector : array (n,)
        Direction of the branch.
    epsilon, stretch : float
        Length of the first piece's beginning, and by how much it is stretched once round.
    times : int
        Iterations once round, after which the branch comes back to itself.
    backwards : int
        1 where preimages are taken.
    turns, low, size : array (n,)
        Whole turns of angles, 0 else; their lowest values; units of the variables.
    limits : array (4,)
        Longest distance and largest angle between points, length to reach, bound.
    clock : array (CLOCK,)
    last : array (2, n)
        The last two points.
    chain, trial : array (levels, n)
        Preimages of the last point, and room for the next.
    rows : array (most, n)
    limit : int
        Evaluations of the map in this call.
    """
    n = vector.size
    spacing, bend, length, bound = limits[0], limits[1], limits[2], limits[3]
    point, gap = np.empty(n), np.empty(n)
    matrix = np.empty((n, n))
    done = 0
    period = cycle.shape[0]
    while done < limit:
        if clock[COUNT] + 2 > rows.shape[0]:
            return FULL
        place = clock[PLACE] + clock[STEP]
        rounds = math.floor(place)
        depth = rounds * times
        if depth + 1 > trial.shape[0]:
            return DEEP
        far = epsilon * stretch ** (place - rounds)
        for j in range(n):
            point[j] = cycle[0, j] + far * vector[j]
        good = True
        if backwards == 0:
            for i in range(depth):
                rhs(float(i), point, parameters, point)
                done += 1
        else:
            shift = (rounds - math.floor(clock[PLACE])) * times
            for j in range(n):
                trial[0, j] = point[j]
            for i in range(1, depth + 1):
                if i - shift >= 0:
                    guess = chain[i - shift]
                else:
                    guess = cycle[(period * i - i) % period]
                good = _preimage(
                    rhs, jacobian, trial[i - 1], guess, parameters, turns, low, size, matrix, gap,
                    trial[i],
                )  # fmt: skip
                done += 6
                if not good:
                    break
            for j in range(n):
                point[j] = trial[depth, j]
        done += 1
        inside = True
        for j in range(n):
            if turns[j] > 0.0:
                point[j] -= turns[j] * math.floor((point[j] - low[j]) / turns[j])
            inside &= abs(point[j]) <= bound
        distance = before = along = 0.0
        jumps = False
        for j in range(n):
            raw = point[j] - last[1, j]
            piece = nearest(raw, turns[j]) / size[j]
            former = nearest(last[1, j] - last[0, j], turns[j]) / size[j]
            distance += piece * piece
            before += former * former
            along += piece * former
            jumps |= turns[j] > 0.0 and abs(raw) > 0.5 * turns[j]
        distance, before = math.sqrt(distance), math.sqrt(before)
        angle = 0.0
        if before > 0.0 and distance > 0.0 and clock[SEEN] > 1.0:
            angle = math.acos(min(1.0, max(-1.0, along / (before * distance))))
        finest = clock[STEP] <= _FINEST * max(1.0, place)
        sharp = angle > bend and distance > 1e-3 * spacing
        if not (good and inside and distance <= spacing and not sharp):
            if not finest:
                clock[STEP] *= 0.5
                continue
            if not inside:
                return LEFT
            if not good:
                return LOST
            jumps |= distance > spacing
        count = int(clock[COUNT])
        if jumps:
            for j in range(n):
                rows[count, j] = math.nan
            count += 1
        for j in range(n):
            rows[count, j] = point[j]
            last[0, j] = last[1, j]
            last[1, j] = point[j]
        clock[COUNT] = count + 1.0
        clock[SEEN] += 1.0
        clock[PLACE] = place
        if distance <= spacing:
            clock[LENGTH] += distance
        else:
            clock[SEEN] = 1.0
        if backwards == 1:
            for i in range(depth + 1):
                for j in range(n):
                    chain[i, j] = trial[i, j]
        if finest:
            clock[STEP] *= 1e3
        elif distance < 0.6 * spacing and angle < 0.6 * bend:
            clock[STEP] = min(_LARGEST, 1.5 * clock[STEP])
        if clock[LENGTH] >= length:
            return LONG
    return LIMIT


@njit(
    _whole(
        RIGHT_HAND_SIDE,
        _real,
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
        _whole,
    ),
    nogil=True,
    cache=True,
    error_model="numpy",
)
def trace(  # type: ignore[no-untyped-def]
    rhs,
    sign,
    weights,
    nodes,
    error,
    stages,
    parameters,
    size,
    limits,
    clock,
    state,
    work,
    rows,
    limit,
):
    """Add points to one branch of a flow's manifold: an orbit, forwards or backwards.

    Parameters
    ----------
    sign : float
        1 forwards in time, -1 backwards.
    weights, nodes, error, stages
        Of the method.
    size, limits, clock, rows
        As for `grow`; the angle is not looked at, its entry is the tolerance.
    state : array (n,)
    work : array (stages + 2, n)
    limit : int
        Steps to try.
    """
    n = state.size
    spacing, tolerance, length, bound = limits[0], limits[1], limits[2], limits[3]
    new = work[stages + 1]
    for _ in range(limit):
        count = int(clock[COUNT])
        if count >= rows.shape[0]:
            return FULL
        rhs(0.0, state, parameters, work[0])
        speed = 0.0
        for j in range(n):
            speed += (work[0, j] / size[j]) ** 2
        speed = math.sqrt(speed)
        clock[SEEN] = max(clock[SEEN], speed)
        if not speed > 1e-7 * clock[SEEN]:
            return RESTS
        h = min(clock[STEP], spacing / speed) if clock[STEP] > 0.0 else spacing / speed
        for stage in range(1, stages + 1):
            for j in range(n):
                value = 0.0
                for earlier in range(stage):
                    value += weights[stage - 1, earlier] * work[earlier, j]
                new[j] = state[j] + sign * h * value
            rhs(0.0, new, parameters, work[stage])
        finer = coarser = 0.0
        for j in range(n):
            one = two = 0.0
            for stage in range(stages + 1):
                one += error[0, stage] * work[stage, j]
                two += error[1, stage] * work[stage, j]
            unit = tolerance * (0.01 * size[j] + abs(new[j]))
            finer += (one / unit) ** 2
            coarser += (two / unit) ** 2
        blend = finer + 0.01 * coarser
        estimate = 0.0 if blend == 0.0 else h * finer / math.sqrt(n * blend)
        if not estimate <= 1.0:
            clock[STEP] = h * (max(0.1, 0.9 * estimate**-0.125) if estimate < math.inf else 0.1)
            if not clock[STEP] > 1e-15 * max(1e-300, clock[PLACE]):
                return LOST
            continue
        distance = 0.0
        inside = True
        for j in range(n):
            distance += ((new[j] - state[j]) / size[j]) ** 2
            inside &= abs(new[j]) <= bound
        if not inside:
            return LEFT
        for j in range(n):
            state[j] = new[j]
            rows[count, j] = new[j]
        clock[COUNT] = count + 1.0
        clock[PLACE] += h
        clock[LENGTH] += math.sqrt(distance)
        clock[STEP] = h * min(5.0, 0.9 * max(estimate, 1e-10) ** -0.125)
        if clock[LENGTH] >= length:
            return LONG
    return LIMIT
