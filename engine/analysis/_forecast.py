"""What both forecasts by neighbours share: which states are known, which are asked, how well.

The library is the first half and the second half is forecast, so that nothing forecast was
ever seen; or every state is forecast from all others that are far enough in time.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.analysis._neighbours import FAR
from engine.analysis._reconstruction import apart_in_time, vectors, whole
from engine.errors import ParameterError

Array = NDArray[np.float64]
Moments = NDArray[np.int64]
LIBRARIES = ("first half", "all others")
_ROUNDING = 1e-28  # of the sum of squares: less than that is a constant


@dataclass(frozen=True, eq=False)
class Split:
    """States whose future is known, and states whose future is forecast.

    Attributes
    ----------
    known, asked : array (m, n), (q, n)
        States, newest value last.
    futures : array (m, h)
        Values 1 to h steps after the known states.
    truths : array (q, h)
        The same after those asked.
    moments : array (q,)
        When those asked were, as rows of `known`; far from all where these are the first half.
    now : array (q,)
        Newest values of those asked: the forecast that nothing changes.
    apart : int
        Rows that known states are apart from those asked.
    """

    known: Array
    asked: Array
    futures: Array
    truths: Array
    moments: Moments
    now: Array
    apart: int


def split(
    series: Array,
    dimension: int,
    delay: int,
    horizon: int,
    library: str,
    what: str,
    most_known: int,
    most_asked: int,
) -> Split:
    """The states of a series, in two.

    Raises
    ------
    ParameterError
        If there are too few, or `library` is none of `LIBRARIES`.
    """
    if library not in LIBRARIES:
        raise ParameterError(
            f"the library of {what} must be one of {', '.join(LIBRARIES)}, got {library!r}"
        )
    whole(dimension, "dimension", what, 1, 32)
    whole(delay, "delay", what, 1, len(series) - 1)
    whole(horizon, "horizon", what, 1, len(series) - 1)
    least = 4 * (dimension + 2)
    reach = (dimension - 1) * delay
    if library == "first half":
        half = len(series) // 2
        known, futures = _states(series[:half], dimension, delay, horizon, what, least)
        asked, truths = _states(series[half:], dimension, delay, horizon, what, least)
        known, futures = known[-most_known:], futures[-most_known:]
        chosen = _spread(len(asked), most_asked)
        moments = np.full(len(chosen), FAR)
        apart = 0
    else:
        known, futures = _states(series, dimension, delay, horizon, what, 2 * least)
        known, futures = known[:most_known], futures[:most_known]
        chosen = _spread(len(known), most_asked)
        asked, truths, moments = known, futures, chosen
        # Neither a state that shares values with the one asked nor the same passage.
        apart = max(reach + horizon, apart_in_time(series))
        apart = min(apart, max(1, len(known) // 4))
    asked = np.ascontiguousarray(asked[chosen])
    now = np.ascontiguousarray(asked[:, -1])
    return Split(known, asked, futures, truths[chosen], moments, now, apart)


def _states(
    series: Array, dimension: int, delay: int, horizon: int, what: str, least: int
) -> tuple[Array, Array]:
    """Delay vectors and the values 1 to `horizon` steps after them."""
    shorter = series[: max(0, len(series) - horizon)]
    states = vectors(shorter, dimension, delay, what, least)
    last = (dimension - 1) * delay
    rows = len(states)
    futures = np.lib.stride_tricks.sliding_window_view(series[last + 1 :], horizon)[:rows]
    return states, np.ascontiguousarray(futures)


def _spread(count: int, most: int) -> Moments:
    return np.unique(np.linspace(0, count - 1, min(count, most)).round().astype(np.int64))


def skill(forecast: Array, truth: Array) -> Array:
    """Correlation of forecast and truth in every column; 0 where either does not vary."""
    one, two = forecast - forecast.mean(axis=0), truth - truth.mean(axis=0)
    size = np.sqrt((one**2).sum(axis=0) * (two**2).sum(axis=0))
    scale = float((truth**2).sum()) + 1e-300
    with np.errstate(divide="ignore", invalid="ignore"):
        found = np.where(size > _ROUNDING * scale, (one * two).sum(axis=0) / size, 0.0)
    return np.asarray(found)


def error(forecast: Array, truth: Array) -> Array:
    """Root of the mean square error in every column, in deviations of the truth."""
    spread = np.maximum(truth.std(axis=0), 1e-300)
    return np.asarray(np.sqrt(((forecast - truth) ** 2).mean(axis=0)) / spread)
