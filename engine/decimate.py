"""Fewer points, same picture: polylines thinned to what a grid of pixels can show.

`by_column` is for anything drawn against time: of the points that fall into one column of
pixels it keeps the first, the least, the greatest and the last, so no spike is lost and the
drawn line is the same. `to_grid` is for curves in the plane, where abscissae turn back:
it drops points that stay within a pixel of the straight line between kept ones.
Thinning spatial curves is not for here.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Points = tuple[NDArray[np.float64], NDArray[np.float64]]


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


@njit(nogil=True, cache=True)
def _by_column(x, y, left, scale, out_x, out_y):  # type: ignore[no-untyped-def]
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
        while (
            stop < m
            and np.isfinite(y[stop])
            and np.floor((x[stop] - left) * scale) == column
        ):
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


def to_grid(
    x: NDArray[np.float64], y: NDArray[np.float64], pixel: tuple[float, float]
) -> Points:
    """Drop points that a grid of pixels cannot tell from a straight line.

    Parameters
    ----------
    x, y : array, shape (m,)
        The curve; not finite points interrupt it and are kept as one NaN.
    pixel : tuple of float
        Width and height of a pixel in data units.

    Returns
    -------
    x, y : array
        Fresh arrays. Every dropped point lies within half a pixel (in each direction) of
        the line between the kept points around it, up to that pixel's own rounding.

    Notes
    -----
    A cone of directions through half a pixel around every dropped point is narrowed until
    the next point leaves it (J. Sklansky and V. Gonzalez, Pattern Recognition 12, 327
    (1980)); a turn back always keeps the turning point.
    """
    if len(x) <= 2:
        return np.array(x), np.array(y)
    keep = np.zeros(len(x), dtype=np.bool_)
    _to_grid(x, y, pixel[0], pixel[1], keep)
    kept_x, kept_y = x[keep], y[keep]
    broken = ~(np.isfinite(kept_x) & np.isfinite(kept_y))
    kept_x[broken] = np.nan
    kept_y[broken] = np.nan
    return kept_x, kept_y


@njit(nogil=True, cache=True)
def _to_grid(x, y, width, height, keep):  # type: ignore[no-untyped-def]
    m = len(x)
    anchor = -1
    low = high = farthest = 0.0
    aimed = False
    for k in range(m):
        u = x[k] / width
        v = y[k] / height
        if not (np.isfinite(u) and np.isfinite(v)):
            if k > 0 and anchor >= 0:
                keep[k - 1] = True
                keep[k] = True
            anchor = -1
            continue
        if anchor < 0:
            anchor = k
            keep[k] = True
            aimed = False
            continue
        du = u - x[anchor] / width
        dv = v - y[anchor] / height
        distance = np.sqrt(du * du + dv * dv)
        if not aimed:
            if distance <= 0.5:
                continue
            farthest = distance
            towards = np.arctan2(dv, du)
            opening = np.arcsin(min(1.0, 0.5 / distance))
            low, high = -opening, opening
            axis = towards
            aimed = True
            continue
        turn = np.arctan2(dv, du) - axis
        turn = (turn + np.pi) % (2.0 * np.pi) - np.pi
        if distance >= farthest - 0.25 and low <= turn <= high:
            opening = np.arcsin(min(1.0, 0.5 / distance))
            low = max(low, turn - opening)
            high = min(high, turn + opening)
            farthest = max(farthest, distance)
            continue
        # The point before was the last that the straight line reached.
        anchor = k - 1
        keep[anchor] = True
        du = u - x[anchor] / width
        dv = v - y[anchor] / height
        distance = np.sqrt(du * du + dv * dv)
        aimed = distance > 0.5
        if aimed:
            farthest = distance
            axis = np.arctan2(dv, du)
            opening = np.arcsin(min(1.0, 0.5 / distance))
            low, high = -opening, opening
    if m > 0 and anchor >= 0:
        keep[m - 1] = True
