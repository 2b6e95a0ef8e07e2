"""Compiled loops of basins: states into cells, cells into attractors.

State space is cut into cells of given widths. A cell is known by a number that is mixed from
its places along the variables; a table with open addressing tells which attractor a cell
belongs to. All release the interpreter lock.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit, types

_real, _whole = types.float64, types.int64
_vector, _matrix, _flags = types.float64[::1], types.float64[:, ::1], types.int64[::1]
_options = {"nogil": True, "cache": True, "error_model": "numpy"}


@njit(_whole(_matrix, _whole, _vector, _vector), **_options)
def _cell(states, lane, widths, turns):  # type: ignore[no-untyped-def]
    """The number of the cell of a column of `states` (n, lanes); never 0."""
    key = np.int64(1469598103934665603)
    for j in range(states.shape[0]):
        value = states[j, lane]
        if turns[j] > 0.0:
            value -= turns[j] * math.floor(value / turns[j])
        # Fixed points like round numbers: those must not lie between two cells.
        place = value / widths[j] + 0.3819660112501051
        place = min(max(place, -9e15), 9e15)
        index = np.int64(math.floor(place))
        key = (key ^ (index * np.int64(-7046029254386353131))) * np.int64(1099511628211)
        key ^= (key >> 29) & np.int64(0x7FFFFFFFF)
    return key if key != 0 else np.int64(1)


@njit(_whole(_flags, _whole), **_options)
def _place(keys, key):  # type: ignore[no-untyped-def]
    """Where a cell stands in the table, or the empty place where it would."""
    mask = keys.size - 1
    place = key & mask
    while keys[place] != 0 and keys[place] != key:
        place = (place + 1) & mask
    return place


@njit(types.void(_matrix, _vector, _vector, _flags), **_options)
def cells(states, widths, turns, out):  # type: ignore[no-untyped-def]
    """The cells of the columns of `states` (n, lanes)."""
    for lane in range(states.shape[1]):
        out[lane] = _cell(states, lane, widths, turns)


@njit(_whole(_flags, _flags, _flags, _whole), **_options)
def enter(keys, labels, wanted, label):  # type: ignore[no-untyped-def]
    """Give cells that have no label one; returns how many are new.

    `keys` (2^k,) holds 0 where a place is empty; it must have room.
    """
    new = 0
    for i in range(wanted.size):
        place = _place(keys, wanted[i])
        if keys[place] == 0:
            keys[place] = wanted[i]
            labels[place] = label
            new += 1
    return new


@njit(types.void(_flags, _flags, _flags, _flags), **_options)
def look(keys, labels, wanted, out):  # type: ignore[no-untyped-def]
    """The labels of cells, 0 where they have none."""
    for i in range(wanted.size):
        place = _place(keys, wanted[i])
        out[i] = labels[place] if keys[place] != 0 else 0


@njit(
    types.void(_matrix, _vector, _vector, _flags, _flags, _flags, _flags, _whole, _whole),
    **_options,
)
def match(states, widths, turns, keys, labels, last, hits, low, high):  # type: ignore[no-untyped-def]
    """Count for how many looks in a row lanes `low` to `high` are in cells of one attractor.

    `last` (lanes,) is its label, `hits` (lanes,) the count; both are brought up to date.
    """
    for lane in range(low, high):
        place = _place(keys, _cell(states, lane, widths, turns))
        label = labels[place] if keys[place] != 0 else 0
        if label != 0 and label == last[lane]:
            hits[lane] += 1
        else:
            last[lane] = label
            hits[lane] = 1 if label != 0 else 0
