"""Compiled loops over recurrence plots: which states are near, and the lines that they form.

States come as coordinates: a row a coordinate, a column a moment, so that neighbours in time
are neighbours in memory. No matrix is ever made: a diagonal or a column of it lives as bits
in a buffer, is read off and forgotten. All release the interpreter lock; what they count is
added to arrays that one thread owns.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numba import njit, types

_real, _whole, _flag = types.float64, types.int64, types.boolean
_matrix, _numbers = types.float64[:, ::1], types.float64[::1]
_counts, _places = types.int64[::1], types.int32[::1]
_words, _cells = types.uint64[::1], types.uint32[:, ::1]
_options = {"nogil": True, "cache": True, "error_model": "numpy"}

CHUNK: Final = 2048
"""Distances computed at once: a multiple of 64 that stays in the first-level cache."""

# Where the only set bit of a word is: de Bruijn's sequence turns it into six bits of its own.
_SEQUENCE: Final = 0x03F79D71B4CB0A89
_BIT = np.zeros(64, np.int32)
for _k in range(64):
    _BIT[(((1 << _k) * _SEQUENCE) & 0xFFFFFFFFFFFFFFFF) >> 58] = _k


@njit(types.void(_matrix, _whole, _matrix, _whole, _whole, _whole, _flag, _numbers), **_options)
def apart(a, first, b, second, along, count, largest, out):  # type: ignore[no-untyped-def]
    """How far states `second` and on of `b` are from `first` (and on, `along` 1) of `a`.

    The square of the Euclidean distance, or the largest difference of a coordinate.
    """
    for d in range(a.shape[0]):
        right = b[d, second : second + count]
        if along == 1:
            left = a[d, first : first + count]
            if largest:
                for t in range(count):
                    size = abs(right[t] - left[t])
                    out[t] = size if d == 0 else max(out[t], size)
            elif d == 0:
                for t in range(count):
                    size = right[t] - left[t]
                    out[t] = size * size
            else:
                for t in range(count):
                    size = right[t] - left[t]
                    out[t] += size * size
        else:
            here = a[d, first]
            if largest:
                for t in range(count):
                    size = abs(right[t] - here)
                    out[t] = size if d == 0 else max(out[t], size)
            elif d == 0:
                for t in range(count):
                    size = right[t] - here
                    out[t] = size * size
            else:
                for t in range(count):
                    size = right[t] - here
                    out[t] += size * size


@njit(
    types.void(_matrix, _whole, _matrix, _whole, _whole, _whole, _flag, _real, _numbers, _words),
    **_options,
)
def near(a, first, b, second, along, count, largest, limit, room, words):  # type: ignore[no-untyped-def]
    """The same as bits: 1 where a distance is `limit` at most; `room` holds CHUNK numbers."""
    for begun in range(0, count, CHUNK):
        now = min(CHUNK, count - begun)
        apart(a, first + along * begun, b, second + begun, along, now, largest, room)
        for t in range(now, (now + 63) // 64 * 64):
            room[t] = np.inf
        for k in range((now + 63) // 64):
            part = room[64 * k : 64 * k + 64]
            word = np.uint64(0)
            for t in range(64):
                word |= np.uint64(part[t] <= limit) << np.uint64(t)
            words[begun // 64 + k] = word


@njit(_whole(_words, _whole, _whole, _places, _places), **_options)
def runs(words, low, high, begins, ends):  # type: ignore[no-untyped-def]
    """Runs of ones among bits `low` to `high`: where each begins, and the bit after its end."""
    count, inside, carry = 0, False, np.uint64(0)
    for k in range(low >> 6, (high + 63) >> 6):
        word = words[k]
        if 64 * k < low:
            word &= ~np.uint64(0) << np.uint64(low - 64 * k)
        if 64 * k + 64 > high:
            word &= ~np.uint64(0) >> np.uint64(64 * k + 64 - high)
        # Ones where the bit differs from the one before it.
        change = word ^ ((word << np.uint64(1)) | carry)
        carry = word >> np.uint64(63)
        while change != np.uint64(0):
            lowest = change & (~change + np.uint64(1))
            place = 64 * k + _BIT[(lowest * np.uint64(_SEQUENCE)) >> np.uint64(58)]
            change ^= lowest
            if inside:
                ends[count] = place
                count += 1
            else:
                begins[count] = place
            inside = not inside
    if inside:
        ends[count] = high
        count += 1
    return count


@njit(
    types.void(
        _matrix,
        _matrix,
        _whole,
        _whole,
        _flag,
        _real,
        _whole,
        _counts,
        _counts,
        _counts,
        _whole,
    ),
    **_options,
)
def diagonals(a, b, low, high, largest, limit, least, lengths, recurrent, lined, origin):  # type: ignore[no-untyped-def]
    """Count the lines of diagonals `low` to `high`, where state i of `a` meets i + k of `b`.

    `lengths` (m + 1,) counts lines by length, `recurrent` the points of diagonal k at
    ``k + origin``, `lined` those in lines of `least` points and more.
    """
    longest = max(a.shape[1], b.shape[1])
    room, words = np.empty(CHUNK), np.empty(longest // 64 + 1, np.uint64)
    begins, ends = np.empty(longest // 2 + 1, np.int32), np.empty(longest // 2 + 1, np.int32)
    for k in range(low, high):
        first, second = max(0, -k), max(0, k)
        count = min(a.shape[1] - first, b.shape[1] - second)
        near(a, first, b, second, 1, count, largest, limit, room, words)
        found, total, long = runs(words, 0, count, begins, ends), 0, 0
        for r in range(found):
            length = ends[r] - begins[r]
            lengths[length] += 1
            total += length
            long += length if length >= least else 0
        recurrent[k + origin] += total
        lined[k + origin] += long


@njit(
    types.void(
        _matrix,
        _matrix,
        _whole,
        _whole,
        _whole,
        _flag,
        _real,
        _counts,
        _counts,
        _counts,
        _cells,
        _whole,
    ),
    **_options,
)
def columns(a, b, low, high, theiler, largest, limit, lengths, gaps, returns, cells, fold):  # type: ignore[no-untyped-def]
    """Count the vertical lines of columns `low` to `high`: one state of `a`, all of `b`.

    Rows nearer than `theiler` to the column's own are left out, and interrupt it. `lengths`
    counts lines, `gaps` what is between two lines, `returns` from a line's begin to the
    next one's. `cells` counts points, left out or not, in squares of ``2**fold`` states.
    """
    m = b.shape[1]
    room, words = np.empty(CHUNK), np.empty(m // 64 + 1, np.uint64)
    begins, ends = np.empty(m // 2 + 1, np.int32), np.empty(m // 2 + 1, np.int32)
    for i in range(low, high):
        near(a, i, b, 0, 0, m, largest, limit, room, words)
        before, after = 0, 0
        if theiler > 0:
            before, after = max(0, i - theiler + 1), min(m, i + theiler)
        column = cells[i >> fold]
        for part in range(3):
            start = 0 if part == 0 else (before if part == 1 else after)
            stop = before if part == 0 else (after if part == 1 else m)
            if stop <= start:
                continue
            found = runs(words, start, stop, begins, ends)
            for r in range(found):
                begin, end = begins[r], ends[r]
                cell = begin >> fold
                while begin < end:
                    edge = min(end, (cell + 1) << fold)
                    column[cell] += np.uint32(edge - begin)
                    begin = edge
                    cell += 1
            if part == 1:
                continue
            for r in range(found):
                lengths[ends[r] - begins[r]] += 1
            for r in range(1, found):
                gaps[begins[r] - ends[r - 1]] += 1
                returns[begins[r] - begins[r - 1]] += 1


@njit(
    types.void(_matrix, _matrix, _whole, _whole, _flag, _real, _real, _numbers, _counts), **_options
)
def between(a, b, low, high, largest, least, most, out, found):  # type: ignore[no-untyped-def]
    """Collect the distances from `least` to `most` on diagonals `low` to `high`, in order.

    ``found[0]`` counts those below `least`, ``found[1]`` those between, of which `out` keeps
    as many as it holds.
    """
    room = np.empty(CHUNK)
    below, inside = 0, 0
    for k in range(low, high):
        first, second = max(0, -k), max(0, k)
        count = min(a.shape[1] - first, b.shape[1] - second)
        for begun in range(0, count, CHUNK):
            now = min(CHUNK, count - begun)
            apart(a, first + begun, b, second + begun, 1, now, largest, room)
            for t in range(now):
                below += room[t] < least
            for t in range(now):
                if least <= room[t] <= most:
                    if inside < out.size:
                        out[inside] = room[t]
                    inside += 1
    found[0] += below
    found[1] += inside
