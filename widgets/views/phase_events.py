"""Where an orbit with events leaps, so that a phase portrait does not draw a leap as a curve.

An event is found in the rows alone: a step far longer than both its neighbours. No widget is
touched here.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.drawing.ranges import Window


def parted(
    rows: NDArray[np.float64], columns: tuple[int, int], window: Window, before: int = 0
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """An orbit with events as the smooth pieces and the leaps between them.

    Parameters
    ----------
    rows : array, shape (m, columns)
    columns : tuple of int
        The two that are drawn.
    window : Window
    before : int
        Rows at the beginning that are only looked at.

    Returns
    -------
    smooth, leaps : arrays
        Rows with a row of NaN where the curve is interrupted.
    """
    at = _events(rows, columns, window)
    at = at[at > before]
    smooth = np.insert(rows, at, np.nan, axis=0)[before:]
    gap = np.full((len(at), rows.shape[1]), np.nan)
    leaps = np.stack([rows[at - 1], rows[at], gap], axis=1)
    return smooth, leaps.reshape(-1, rows.shape[1])


def _events(
    rows: NDArray[np.float64], columns: tuple[int, int], window: Window
) -> NDArray[np.intp]:
    """Rows that an event led to: a step much longer than the one before and the one after."""
    extent = (window.width, window.height)
    steps = np.zeros(max(0, len(rows) - 1))
    with np.errstate(invalid="ignore", over="ignore"):
        for column, length in zip(columns, extent, strict=True):
            np.maximum(steps, np.abs(np.diff(rows[:, column])) / length, out=steps)
    padded = np.r_[0.0, steps, 0.0]
    beside = np.maximum(padded[:-2], padded[2:])
    return np.flatnonzero((steps > 0.01) & (steps > 3.0 * beside)) + 1


def last_event(rows: NDArray[np.float64], columns: tuple[int, int], window: Window) -> int:
    """The row that the newest event led to; 0 where there is none."""
    at = _events(rows, columns, window)
    return int(at[-1]) if len(at) else 0
