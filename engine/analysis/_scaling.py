"""Straight parts of double logarithmic plots: local slopes, a region chosen, a line fitted.

What all measures of scaling share. A region is chosen by a rule that can be told and set
aside: of all runs of neighbouring points the one that is longest for the scatter of the local
slopes within it. A slope fitted so is an estimate; its error holds the line's own and the
change of the slope when nearly as good a region is taken instead. Not for judging whether
there is scaling at all: that is what the plot of local slopes is for.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.errors import ParameterError

Array = NDArray[np.float64]
_TOLERANCE = 0.02
"""Relative scatter of local slopes below which a region gains nothing by being shorter."""
_NEARLY = 0.7
"""Share of the best score that regions have whose slopes say how much the choice matters."""


@dataclass(frozen=True)
class Line:
    """A straight line through points `first` to `last` (both included).

    Attributes
    ----------
    slope, intercept : float
    stderr : float
        Standard error of the slope.
    first, last : int
        Indices of the points.
    """

    slope: float
    intercept: float
    stderr: float
    first: int
    last: int


def local_slopes(x: Array, y: Array, half: int) -> Array:
    """Slope of the line through each point and its neighbours, `half` on either side.

    Parameters
    ----------
    x, y : array (k,)
        Increasing `x`; what is not finite in `y` has no slope.
    half : int
        Neighbours on either side; fewer at the ends, with at least one.

    Returns
    -------
    array (k,)
        Not a number where there are not two points.
    """
    known = np.isfinite(y)
    if known.sum() < 2:
        return np.full(len(x), np.nan)
    u = np.where(known, x - x[known].mean(), 0.0)
    v = np.where(known, y - y[known].mean(), 0.0)
    i = np.arange(len(x))
    low, high = np.maximum(i - half, 0), np.minimum(i + half, len(x) - 1)
    count = np.maximum(_sums(known.astype(np.float64), low, high), 1.0)
    sum_u, sum_v = _sums(u, low, high), _sums(v, low, high)
    spread = _sums(u * u, low, high) - sum_u**2 / count
    cross = _sums(u * v, low, high) - sum_u * sum_v / count
    enough = known & (count >= 2.0)
    return np.where(enough, cross / np.where(enough, spread, 1.0), np.nan)


def straight_line(x: Array, y: Array, first: int, last: int) -> Line:
    """The line of least squares through the points `first` to `last`."""
    u, v = x[first : last + 1], y[first : last + 1]
    known = np.isfinite(v)
    u, v = u[known], v[known]
    centre = float(u.mean())
    spread = float(((u - centre) ** 2).sum())
    slope = float((u - centre) @ v) / spread
    rest = v - v.mean() - slope * (u - centre)
    freedom = max(1, len(u) - 2)
    stderr = math.sqrt(float(rest @ rest) / freedom / spread)
    return Line(slope, float(v.mean()) - slope * centre, stderr, first, last)


def chosen_line(x: Array, y: Array, slopes: Array, least: float) -> Line:
    """The line through the run of points that is straightest for its length.

    Parameters
    ----------
    x, y : array (k,)
    slopes : array (k,)
        Local slopes; points without one are in no region.
    least : float
        Shortest region, in units of `x`.

    Returns
    -------
    Line
        With an error that includes the scatter over regions that are nearly as good.

    Raises
    ------
    ParameterError
        If no run of known points is as long as that.
    """
    known = np.isfinite(slopes) & np.isfinite(y)
    best, candidates = -math.inf, []
    for first, last in _runs(known):
        u, v, s = x[first : last + 1], y[first : last + 1], slopes[first : last + 1]
        low, high = np.triu_indices(len(u), 2)
        keep = u[high] - u[low] >= least * (1.0 - 1e-9)
        low, high = low[keep], high[keep]
        if not low.size:
            continue
        count = (high - low + 1).astype(np.float64)
        centred, middle = u - u.mean(), s - s.mean()
        level = s.mean() + _sums(middle, low, high) / count
        square = _sums(middle**2, low, high) / count - (level - s.mean()) ** 2
        scatter = np.sqrt(np.maximum(square, 0.0)) / np.maximum(np.abs(level), 0.1)
        score = (u[high] - u[low]) / (scatter + _TOLERANCE)
        sum_u, sum_v = _sums(centred, low, high), _sums(v - v[0], low, high)
        cross = _sums(centred * (v - v[0]), low, high) - sum_u * sum_v / count
        slope = cross / (_sums(centred**2, low, high) - sum_u**2 / count)
        candidates.append((score, slope))
        top = int(score.argmax())
        if score[top] > best:
            best = float(score[top])
            place = first + int(low[top]), first + int(high[top])
    if not candidates:
        raise ParameterError(
            f"no part of the plot is long enough for a slope: it needs {math.exp(least):.3g} "
            "times from one end to the other; take more points, or set the region by hand"
        )
    near = np.concatenate([slope[score >= _NEARLY * best] for score, slope in candidates])
    line = straight_line(x, y, *place)
    return Line(
        line.slope,
        line.intercept,
        math.hypot(line.stderr, float(np.sqrt(((near - line.slope) ** 2).mean()))),
        line.first,
        line.last,
    )


def line_between(x: Array, y: Array, low: float, high: float, what: str) -> Line:
    """The line through all points with ``low <= exp(x) <= high``.

    Raises
    ------
    ParameterError
        If fewer than three known points lie there.
    """
    inside = np.isfinite(y) & (x >= math.log(low) - 1e-9) & (x <= math.log(high) + 1e-9)
    places = np.flatnonzero(inside)
    if len(places) < 3:
        known = np.exp(x[np.isfinite(y)])
        around = f"between {known[0]:.3g} and {known[-1]:.3g}" if len(known) else "nowhere"
        raise ParameterError(
            f"the scaling region from {low:g} to {high:g} holds {len(places)} {what}, and a "
            f"slope needs 3; there are {what} {around}"
        )
    return straight_line(x, y, int(places[0]), int(places[-1]))


def _runs(known: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """First and last index of every run of known points."""
    edges = np.diff(np.concatenate([[0], known.astype(np.int8), [0]]))
    starts, ends = np.flatnonzero(edges > 0), np.flatnonzero(edges < 0)
    return [(int(a), int(b) - 1) for a, b in zip(starts, ends, strict=True)]


def _sums(values: Array, low: NDArray[np.intp], high: NDArray[np.intp]) -> Array:
    """Sums of ``values[low:high + 1]``."""
    total = np.concatenate([[0.0], np.cumsum(values)])
    return np.asarray(total[high + 1] - total[low])
