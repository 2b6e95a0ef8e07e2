"""Compiled loops of the orbit diagram: traces of lanes into samples and pictures.

They know no system: a trace of one variable comes in, as ``Lanes.watch`` shows it, and what
is read off it is written to arrays with a row a column of the diagram. All release the
interpreter lock.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numba import njit, types

_real, _whole = types.float64, types.int64
_matrix, _flags = types.float64[:, ::1], types.int64[::1]
_trace = types.float64[:, :, ::1]
_any = types.Array(types.float64, 2, "A")  # every so many columns of a larger array
_options = {"nogil": True, "cache": True, "error_model": "numpy"}

BLOCK: Final = 64
GROUP: Final = 8
"""Lanes counted side by side: one line of the trace, and histograms that fit the cache."""


@njit(types.void(_trace, _whole, _any, _flags, _whole, _whole, _matrix), **_options)
def collect(trace, steps, samples, counts, low, high, span):  # type: ignore[no-untyped-def]
    """Append every value to `samples` (columns, keep) from `counts` on; note their span.

    `span` (columns, 2) holds the least and greatest value of every column.
    """
    keep = samples.shape[1]
    for column in range(low, high):
        block, lane = (column - low) // BLOCK, column % BLOCK
        count = counts[column]
        for i in range(min(steps, keep - count)):
            value = trace[block, i, lane]
            samples[column, count + i] = value
            if value < span[column, 0]:
                span[column, 0] = value
            if value > span[column, 1]:
                span[column, 1] = value
        counts[column] = min(keep, count + steps)


@njit(types.void(_trace, _whole, _matrix, _any, _flags, _whole, _whole, _matrix), **_options)
def maxima(trace, steps, former, samples, counts, low, high, span):  # type: ignore[no-untyped-def]
    """Append the local maxima to `samples` (columns, keep); note their span.

    A maximum is a value above the one before and not below the one after; the parabola
    through the three says how high it is. `former` (columns, 2) holds the last two values
    before this trace, the first of them NaN where there is none, and is brought up to date.
    """
    keep = samples.shape[1]
    for column in range(low, high):
        block, lane = (column - low) // BLOCK, column % BLOCK
        count = counts[column]
        left, middle = former[column, 0], former[column, 1]
        for i in range(steps):
            right = trace[block, i, lane]
            if middle > left and middle >= right and count < keep:
                slope = 0.5 * (right - left)
                bend = left - 2.0 * middle + right
                value = middle - 0.5 * slope * slope / bend
                samples[column, count] = value
                count += 1
                if value < span[column, 0]:
                    span[column, 0] = value
                if value > span[column, 1]:
                    span[column, 1] = value
            left, middle = middle, right
        former[column, 0], former[column, 1] = left, middle
        counts[column] = count


@njit(
    types.void(_trace, _whole, types.uint32[:, ::1], _real, _real, _whole, _whole, _matrix),
    **_options,
)
def bin_trace(trace, steps, bins, bottom, top, low, high, span):  # type: ignore[no-untyped-def]
    """Count every value in `bins` (columns, rows + 1), which run evenly from bottom to top.

    The last bin counts the values outside, NaN among them; `span` (columns, 2) takes in the
    least and greatest of them.
    """
    rows = bins.shape[1] - 1
    scale = rows / (top - bottom)
    places = np.empty(steps * GROUP, np.uint32)
    cells = bins.reshape(bins.size)
    for start in range(low, high, GROUP):
        block, lane = (start - low) // BLOCK, start % BLOCK
        width = min(GROUP, high - start)
        # Where each value goes, with neither branch nor store, so that it vectorises ...
        outside = 0
        for i in range(steps):
            for l in range(GROUP):
                place = (trace[block, i, lane + l] - bottom) * scale
                inside = (place >= 0.0) & (place < rows)
                cell = np.int32(place if inside else rows) + l * (rows + 1)
                places[i * GROUP + l] = np.uint32(cell)
                outside += 0 if inside else 1
        # ... then the counting, one column of the first-level cache after the other.
        column = cells[start * (rows + 1) :]
        if width == GROUP:
            for k in range(steps * GROUP):
                column[places[k]] += np.uint32(1)
        else:
            for i in range(steps):
                for l in range(width):
                    column[places[i * GROUP + l]] += np.uint32(1)
        if outside > 0:
            for i in range(steps):
                for l in range(width):
                    if places[i * GROUP + l] == l * (rows + 1) + rows:
                        value = trace[block, i, lane + l]
                        span[start + l, 0] = min(span[start + l, 0], value)
                        span[start + l, 1] = max(span[start + l, 1], value)


@njit(types.void(_any, _flags, types.uint32[:, ::1], _real, _real), **_options)
def bin_samples(samples, counts, bins, bottom, top):  # type: ignore[no-untyped-def]
    """Count the first ``counts[c]`` samples of every column in `bins` (columns, rows + 1)."""
    rows = bins.shape[1] - 1
    scale = rows / (top - bottom)
    for column in range(samples.shape[0]):
        for i in range(counts[column]):
            place = (samples[column, i] - bottom) * scale
            inside = (place >= 0.0) & (place < rows)
            bins[column, int(place) if inside else rows] += np.uint32(1)


@njit(types.void(types.uint32[:, ::1], _flags, types.float32[:, ::1]), **_options)
def picture(bins, source, image):  # type: ignore[no-untyped-def]
    """`bins` (columns, rows + 1) turned into `image` (rows, columns).

    Column c of the image shows column ``source[c]`` of the bins, nothing where that is -1.
    """
    rows, columns = image.shape
    tile = 32
    for first in range(0, columns, tile):
        last = min(columns, first + tile)
        for row in range(rows):
            for column in range(first, last):
                origin = source[column]
                image[row, column] = bins[origin, row] if origin >= 0 else 0.0
