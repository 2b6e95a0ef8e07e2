"""Compiled loops over pairs of points: distances sorted into bins of any width.

Points come with a row a coordinate, so that distances from one centre to many points are
plain loops over memory; the bits of a distance say its bin by a table, without a logarithm.
Nothing here is larger than the points and the bins. All release the interpreter lock.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numba import njit, types

_whole, _real = types.int64, types.float64
_points, _numbers = types.float64[:, ::1], types.float64[::1]
_indices, _table = types.int64[::1], types.int32[::1]
_options = {"nogil": True, "cache": True, "error_model": "numpy"}

CHUNK: Final = 512
"""Distances that are found before they are counted: what stays in the first-level cache."""
FINE: Final = 44
"""Bits dropped where distances are sorted finely: 256 cells to an octave of their squares."""
CELLS: Final = 25_600
"""Cells of that sorting: squares from 2 to the -80 to 2 to the 20."""
_BEGIN: Final = (1023 - 80) << 8


@njit(
    types.void(_points, _whole, _whole, _whole, _whole, _whole, types.boolean, _numbers),
    **_options,
)
def _extend(points, centre, start, width, done, upto, maximum, out):  # type: ignore[no-untyped-def]
    """Take coordinates `done` to `upto` into the distances from a centre.

    `out` holds squares of Euclidean distances, or distances of the maximum norm.
    """
    for c in range(done, upto):
        place = points[c, centre]
        if c == 0:
            if maximum:
                for j in range(width):
                    out[j] = abs(points[c, start + j] - place)
            else:
                for j in range(width):
                    away = points[c, start + j] - place
                    out[j] = away * away
        elif maximum:
            for j in range(width):
                out[j] = max(out[j], abs(points[c, start + j] - place))
        else:
            for j in range(width):
                away = points[c, start + j] - place
                out[j] += away * away


@njit(
    types.void(
        _points,
        _indices,
        _whole,
        _whole,
        _whole,
        _indices,
        types.boolean,
        _table,
        _whole,
        _whole,
        _numbers,
        types.int64[:, :, ::1],
    ),
    **_options,
)
def count_pairs(  # type: ignore[no-untyped-def]
    points, centres, low, high, theiler, levels, maximum, table, shift, offset, edges, counts
):
    """Count pairs of points by their distance; every pair belongs to one of its two centres.

    A centre takes the half of all points that follows it, going round at the end, so that
    all centres have as many pairs. `counts` (blocks, levels, bins) has the centres' block of
    time first; `levels` says after how many coordinates distances are counted. The last
    edge is infinite.
    """
    count, blocks = points.shape[1], counts.shape[0]
    near = np.empty(CHUNK)
    bits = near.view(np.int64)
    last = len(table) - 1
    for l in range(low, high):
        i = centres[l]
        block = i * blocks // count
        # Of an even number the one opposite would be met from both sides.
        reach = (count - 1) // 2 + (1 if count % 2 == 0 and i < count // 2 else 0)
        for part in range(2):
            begin = i + theiler + 1 if part == 0 else 0
            end = min(count, i + reach + 1) if part == 0 else i + reach + 1 - count
            for start in range(begin, end, CHUNK):
                width = min(CHUNK, end - start)
                done = 0
                for k in range(len(levels)):
                    _extend(points, i, start, width, done, levels[k], maximum, near)
                    done = levels[k]
                    for j in range(width):
                        cell = min(max((bits[j] >> shift) - offset, 0), last)
                        b = table[cell]
                        b += 1 if near[j] > edges[b] else 0
                        counts[block, k, b] += 1


@njit(
    types.void(
        _points,
        _indices,
        _whole,
        _whole,
        _whole,
        types.boolean,
        _table,
        _whole,
        _whole,
        _numbers,
        types.int32[:, ::1],
    ),
    **_options,
)
def count_around(  # type: ignore[no-untyped-def]
    points, centres, low, high, theiler, maximum, table, shift, offset, edges, counts
):
    """Count the neighbours of every centre within every radius: `counts` (centres, radii)."""
    count, radii = points.shape[1], counts.shape[1]
    near = np.empty(CHUNK)
    bits = near.view(np.int64)
    last = len(table) - 1
    row = np.empty(radii + 1, np.int64)
    for l in range(low, high):
        i = centres[l]
        for b in range(radii + 1):
            row[b] = 0
        for part in range(2):
            begin = 0 if part == 0 else i + theiler + 1
            end = i - theiler if part == 0 else count
            for start in range(begin, end, CHUNK):
                width = min(CHUNK, end - start)
                _extend(points, i, start, width, 0, points.shape[0], maximum, near)
                for j in range(width):
                    cell = min(max((bits[j] >> shift) - offset, 0), last)
                    b = table[cell]
                    b += 1 if near[j] > edges[b] else 0
                    row[b] += 1
        total = 0
        for b in range(radii):
            total += row[b]
            counts[l, b] = total


@njit(
    types.void(
        _points, _indices, _whole, _whole, _whole, types.boolean, _indices, types.float64[:, ::1]
    ),
    **_options,
)
def radii_around(points, centres, low, high, theiler, maximum, masses, radii):  # type: ignore[no-untyped-def]
    """Logarithm of the radius round every centre that holds given numbers of points.

    `masses` increases; `radii` (centres, masses) is minus infinity where points coincide, and
    otherwise known to a thousandth, the width of a cell over the root of twelve.
    """
    count = points.shape[1]
    near = np.empty(CHUNK)
    bits = near.view(np.int64)
    row = np.empty(CELLS + 1, np.int32)
    edge = np.empty(2)
    edge_bits = edge.view(np.int64)
    for l in range(low, high):
        i = centres[l]
        for b in range(CELLS + 1):
            row[b] = 0
        for part in range(2):
            begin = 0 if part == 0 else i + theiler + 1
            end = i - theiler if part == 0 else count
            for start in range(begin, end, CHUNK):
                width = min(CHUNK, end - start)
                _extend(points, i, start, width, 0, points.shape[0], maximum, near)
                for j in range(width):
                    # Cell 0 is for points that coincide.
                    cell = (bits[j] >> FINE) - _BEGIN
                    row[min(max(cell, 0), CELLS)] += 1
        total, b = 0, -1
        for k in range(len(masses)):
            while total < masses[k] and b < CELLS:
                b += 1
                total += row[b]
            if b <= 0 or total < masses[k]:
                radii[l, k] = -np.inf if b <= 0 else np.inf
                continue
            edge_bits[0] = (b + _BEGIN) << FINE
            edge_bits[1] = (b + 1 + _BEGIN) << FINE
            share = (masses[k] - (total - row[b]) - 0.5) / row[b]
            distance = edge[0] + share * (edge[1] - edge[0])
            radii[l, k] = np.log(distance) if maximum else 0.5 * np.log(distance)
