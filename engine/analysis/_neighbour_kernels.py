"""Compiled loops of the search for near neighbours: a tree of boxes, and walks through it.

The points of a tree are cut into halves along their widest side until few are left in a
part. All parts of a level are as large, give or take one, so that a part needs no more than
its number and its bounding box. Points are moments of a series: a walk leaves out those that
are near in time. All release the interpreter lock.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit, types

_real, _whole = types.float64, types.int64
_rows, _numbers = types.float64[:, ::1], types.int64[::1]
_table = types.int64[:, ::1]
_options = {"nogil": True, "cache": True, "error_model": "numpy"}


@njit(types.void(_rows, _numbers, _whole, _whole, _whole, _whole), **_options)
def select(points, order, low, high, middle, axis):  # type: ignore[no-untyped-def]
    """Reorder ``order[low:high]`` so that what is left of `middle` is not larger on `axis`."""
    left, right = low, high - 1
    while right > left:
        pivot = points[order[(left + right) // 2], axis]
        i, j = left, right
        while i <= j:
            while points[order[i], axis] < pivot:
                i += 1
            while points[order[j], axis] > pivot:
                j -= 1
            if i <= j:
                order[i], order[j] = order[j], order[i]
                i += 1
                j -= 1
        if middle <= j:
            right = j
        elif middle >= i:
            left = i
        else:
            return


@njit(types.void(_rows, _numbers, _whole, _rows, _rows), **_options)
def split(points, order, level, floor, roof):  # type: ignore[no-untyped-def]
    """Note the boxes of a level's parts and cut each in two along its widest side.

    Part p of the level is number ``2**level + p``, rows of `floor` and `roof` (parts, n).
    """
    count, n = points.shape
    parts = 1 << level
    for part in range(parts):
        low, high = count * part // parts, count * (part + 1) // parts
        middle = count * (2 * part + 1) // (2 * parts)
        node = parts + part
        for d in range(n):
            floor[node, d] = np.inf
            roof[node, d] = -np.inf
        for i in range(low, high):
            row = order[i]
            for d in range(n):
                value = points[row, d]
                if value < floor[node, d]:
                    floor[node, d] = value
                if value > roof[node, d]:
                    roof[node, d] = value
        axis = 0
        for d in range(1, n):
            if roof[node, d] - floor[node, d] > roof[node, axis] - floor[node, axis]:
                axis = d
        select(points, order, low, high, middle, axis)


@njit(_real(_rows, _whole, _rows, _rows, _whole, _whole), **_options)
def _gap(queries, query, floor, roof, node, largest):  # type: ignore[no-untyped-def]
    """Distance from a query to a box: its square, or the largest difference."""
    gap = 0.0
    for d in range(queries.shape[1]):
        value = queries[query, d]
        apart = max(floor[node, d] - value, value - roof[node, d], 0.0)
        if largest:
            gap = max(gap, apart)
        else:
            gap += apart * apart
    return gap


@njit(
    types.void(
        _rows,
        _numbers,
        _whole,
        _rows,
        _rows,
        _rows,
        _numbers,
        _whole,
        _real,
        _whole,
        _rows,
        _table,
        _whole,
        _whole,
    ),
    **_options,
)
def nearest(  # type: ignore[no-untyped-def]
    points,
    order,
    depth,
    floor,
    roof,
    queries,
    moments,
    apart,
    least,
    largest,
    distances,
    found,
    first,
    last,
):
    """The nearest points of queries `first` to `last`, in order of distance.

    `points` (m, n) are in the tree's order, ``order[i]`` is the moment of row i, `moments`
    those of the queries. Points no more than `apart` moments away do not count, nor those
    no further than `least`. `distances` and `found` (queries, k) hold infinity and -1 where
    there are too few. Distances are Euclidean, or the largest difference where `largest`.
    """
    count, n = points.shape
    wanted = distances.shape[1]
    bound = least if largest else least * abs(least)  # below zero it stays so
    stack = np.empty(2 * depth + 4, np.int64)
    gaps = np.empty(2 * depth + 4, np.float64)
    leaves = 1 << depth
    for query in range(first, last):
        for k in range(wanted):
            distances[query, k] = np.inf
            found[query, k] = -1
        moment = moments[query]
        stack[0], gaps[0] = 1, _gap(queries, query, floor, roof, 1, largest)
        top = 1
        while top > 0:
            top -= 1
            node = stack[top]
            if gaps[top] >= distances[query, wanted - 1]:
                continue
            if node < leaves:
                near, far = 2 * node, 2 * node + 1
                gap = _gap(queries, query, floor, roof, near, largest)
                other = _gap(queries, query, floor, roof, far, largest)
                if other < gap:
                    near, far, gap, other = far, near, other, gap
                # The nearer one is looked at first, so it goes on top.
                stack[top], gaps[top] = far, other
                stack[top + 1], gaps[top + 1] = near, gap
                top += 2
                continue
            part = node - leaves
            for i in range(count * part // leaves, count * (part + 1) // leaves):
                if abs(order[i] - moment) <= apart:
                    continue
                distance = 0.0
                for d in range(n):
                    step = queries[query, d] - points[i, d]
                    if largest:
                        distance = max(distance, abs(step))
                    else:
                        distance += step * step
                if distance <= bound or distance >= distances[query, wanted - 1]:
                    continue
                k = wanted - 1
                while k > 0 and distances[query, k - 1] > distance:
                    distances[query, k] = distances[query, k - 1]
                    found[query, k] = found[query, k - 1]
                    k -= 1
                distances[query, k] = distance
                found[query, k] = order[i]
        if not largest:
            for k in range(wanted):
                distances[query, k] = math.sqrt(distances[query, k])
