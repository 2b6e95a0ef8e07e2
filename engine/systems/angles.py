"""Angles as they are shown: within one turn, their lines broken where the turn is over.

Orbits keep angles as the equations make them, growing for ever where something rotates.
Serves pictures of them; computing with angles needs none of this.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def within_turn(values: Array, period: float) -> Array:
    """Angles between minus and plus half a turn, the lower end included."""
    turned: Array = values - period * np.floor(values / period + 0.5)
    return turned


def broken_at_turns(x: Array, y: Array, period: float) -> tuple[Array, Array]:
    """A line of angles within one turn.

    Parameters
    ----------
    x, y : array, shape (m,)
        Abscissae; angles.
    period : float
        A whole turn.

    Returns
    -------
    x, y : array
        Where the line passes half a turn it goes on to the edge, is interrupted by NaN and
        begins again at the other edge. Steps of more than a turn are interrupted only.
    """
    turns = np.floor(y / period + 0.5)
    steps = np.diff(turns)
    # Where either end is not finite the line is interrupted already.
    at = np.flatnonzero(np.isfinite(steps) & (steps != 0.0))
    inside = y - period * turns
    if len(at) == 0:
        return x, inside
    step = steps[at]
    half = 0.5 * period * np.sign(step)
    rise = y[at + 1] - y[at]
    # The share of the step at which the edge is met; a turn at once has no one place for it.
    share = np.where(np.abs(step) == 1.0, (half - inside[at]) / rise, np.nan)
    edge = x[at] + share * (x[at + 1] - x[at])
    single = np.isfinite(share)
    above, below = np.where(single, half, np.nan), np.where(single, -half, np.nan)
    gap = np.full(len(at), np.nan)
    places = np.repeat(at + 1, 3)
    across = np.column_stack([edge, gap, edge]).ravel()
    upward = np.column_stack([above, gap, below]).ravel()
    return np.insert(x, places, across), np.insert(inside, places, upward)
