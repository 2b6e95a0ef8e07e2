"""Fewer points, same picture: a line thinned to what a column of pixels can show.

For anything drawn against an abscissa: of the points that fall into one column of pixels
the first, the least, the greatest and the last are kept, so no spike is lost and the drawn
line is the same. Curves in the plane are drawn whole (``engine.drawing.brush``), and curves in
space are thinned elsewhere (``engine.drawing.curves``).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.drawing._kernel import kernel

Floats = NDArray[np.float64]
Points = tuple[Floats, Floats]


def by_column(x: NDArray[np.float64], y: NDArray[np.float64], left: float, scale: float) -> Points:
    """Keep first, least, greatest and last point of every column of pixels.

    Parameters
    ----------
    x, y : array, shape (m,)
        The line; abscissae need not be sorted, a run of points in one column counts as one.
    left : float
        Abscissa of the picture's left edge.
    scale : float
        Pixels a unit of `x`.

    Returns
    -------
    x, y : array
        Fresh arrays, at most four points for every run. Points that are not finite become
        a single NaN, where the line is interrupted.
    """
    if len(x) <= 4:
        return np.array(x), np.array(y)
    out_x = np.empty(len(x))
    out_y = np.empty(len(x))
    count = _by_column(x, y, left, scale, out_x, out_y)
    return out_x[:count].copy(), out_y[:count].copy()


@kernel("i8(f8[::1], f8[::1], f8, f8, f8[::1], f8[::1])")
def _by_column(
    x: Floats, y: Floats, left: float, scale: float, out_x: Floats, out_y: Floats
) -> int:
    m = len(x)
    count = 0
    start = 0
    while start < m:
        if not (np.isfinite(x[start]) and np.isfinite(y[start])):
            if count > 0 and not np.isnan(out_y[count - 1]):
                out_x[count] = np.nan
                out_y[count] = np.nan
                count += 1
            start += 1
            continue
        column = np.floor((x[start] - left) * scale)
        low = high = start
        stop = start + 1
        while stop < m and np.isfinite(y[stop]) and np.floor((x[stop] - left) * scale) == column:
            if y[stop] < y[low]:
                low = stop
            if y[stop] > y[high]:
                high = stop
            stop += 1
        one, two = min(low, high), max(low, high)
        last = -1
        for k in (start, one, two, stop - 1):
            if k > last:
                out_x[count] = x[k]
                out_y[count] = y[k]
                count += 1
                last = k
        start = stop
    return count
