"""Counting ordinal patterns.

The pattern of a window is kept as the number its inversions spell in the factorial number
system, so that every pattern of an order has a number of its own below its factorial. Of
equal values the earlier one counts as the smaller.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numba import njit, types

BLOCK: Final = 2048
"""Windows whose numbers are built together, in the nearest cache."""

_options: dict[str, Any] = {"nogil": True, "cache": True, "error_model": "numpy"}
_whole = types.int64


@njit(
    types.void(types.float64[::1], _whole, _whole, _whole, _whole, types.int64[::1]),
    **_options,
)
def count_patterns(series, order, delay, first, last, counts):  # type: ignore[no-untyped-def]
    """Add the patterns of the windows that begin at `first` to `last` - 1 to `counts`."""
    codes = np.empty(BLOCK, np.int64)
    for begun in range(first, last, BLOCK):
        size = min(BLOCK, last - begun)
        for w in range(size):
            codes[w] = 0
        weight = 1
        for k in range(1, order):
            later = series[begun + k * delay : begun + k * delay + size]
            for j in range(k):
                earlier = series[begun + j * delay : begun + j * delay + size]
                for w in range(size):
                    codes[w] += weight if earlier[w] > later[w] else 0
            weight *= k + 1
        for w in range(size):
            counts[codes[w]] += 1
