"""Counting templates that are close to each other.

Templates come sorted by their first coordinate, so that those near one in that coordinate are
neighbours in memory and the others need not be looked at.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numba import njit, types

_whole, _wholes = types.int64, types.int64[::1]
_matrix = types.float64[:, ::1]
_options: dict[str, Any] = {"nogil": True, "cache": True, "error_model": "numpy"}

BLOCK: Final = 256
"""Candidates judged together, in the nearest cache."""


@njit(
    types.void(_matrix, _wholes, _wholes, _wholes, types.float64, _whole, _whole, _wholes, _wholes),
    **_options,
)
def count_close(  # type: ignore[no-untyped-def]
    templates, chosen, lows, highs, radius, first, last, short, long
):
    """Count for chosen templates `first` to `last` - 1 those within `radius`, each itself too.

    `templates` has a row a coordinate; candidates for the k-th chosen one are those from
    ``lows[k]`` to ``highs[k]`` - 1. `short` counts those close in all coordinates but the last one,
    `long` those close in all. Distances are the greatest of the coordinates'.
    """
    rows = templates.shape[0]
    mask = np.empty(BLOCK, np.int64)
    for k in range(first, last):
        i = chosen[k]
        some = 0
        every = 0
        for begun in range(lows[k], highs[k], BLOCK):
            size = min(BLOCK, highs[k] - begun)
            line = templates[0, begun : begun + size]
            own = templates[0, i]
            for j in range(size):
                mask[j] = abs(line[j] - own) <= radius
            for row in range(1, rows - 1):
                line = templates[row, begun : begun + size]
                own = templates[row, i]
                for j in range(size):
                    mask[j] &= abs(line[j] - own) <= radius
            line = templates[rows - 1, begun : begun + size]
            own = templates[rows - 1, i]
            for j in range(size):
                some += mask[j]
                every += mask[j] & (abs(line[j] - own) <= radius)
        short[k] = some
        long[k] = every
