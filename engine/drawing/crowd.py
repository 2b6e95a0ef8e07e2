"""Which of many little pictures have room, and which become dots. Numbers in, places out.

Pictures are taken in a fixed order and kept where they cover none kept before, so that the
same ones stay while points drift a little. Nothing is drawn here.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def with_room(
    places: Array, width: float, height: float, order: NDArray[np.int64] | None = None
) -> NDArray[np.bool_]:
    """Which points may have a picture of that size around them without overlap.

    Parameters
    ----------
    places : array (k, 2)
        In pixels; a point that is not finite gets none.
    width, height : float
        Of a picture.
    order : array (k,) of int, optional
        Who comes first; as they stand by default.

    Returns
    -------
    array (k,) of bool
    """
    kept = np.zeros(len(places), dtype=bool)
    taken = np.empty((len(places), 2))
    count = 0
    ok = np.isfinite(places[:, 0]) & np.isfinite(places[:, 1])
    for k in range(len(places)) if order is None else order:
        if not ok[k]:
            continue
        gap = np.abs(taken[:count] - places[k])
        if not ((gap[:, 0] < width) & (gap[:, 1] < height)).any():
            taken[count] = places[k]
            count += 1
            kept[k] = True
    return kept


def nearest(places: Array, x: float, y: float, reach: float) -> int:
    """The point nearest to (x, y), or -1 where none is within `reach`."""
    if not len(places):
        return -1
    apart = np.hypot(places[:, 0] - x, places[:, 1] - y)
    apart = np.where(np.isfinite(apart), apart, np.inf)
    best = int(apart.argmin())
    return best if apart[best] <= reach else -1
