"""The box the axes span, which follows the data calmly, and the shape it has in the world.

Dragging a parameter changes the extent of an orbit at every step. The box grows when it
must, shrinks only when the orbit has become much smaller, and glides instead of jumping, so
that what moves on the screen is the attractor and not its frame.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

PAD = 0.03
"""Room on each side of the data, as a share of its extent."""
SHRINK = 0.62
"""The box shrinks when the data needs less than this share of it."""
GLIDE = 0.13
"""Seconds in which the distance to the goal falls to a third."""
THINNEST = 0.45
"""Shortest side of a box in natural proportions, over the longest."""


def padded(low: Numbers, high: Numbers) -> tuple[Numbers, Numbers]:
    """The extent with room around it; never empty, always finite."""
    good = np.isfinite(low) & np.isfinite(high)
    low, high = np.where(good, low, -1.0), np.where(good, high, 1.0)
    extent = high - low
    largest = float(extent.max())
    # An axis on which nothing happens gets a window in proportion to the others.
    least = np.maximum(1e-6 * np.maximum(np.abs(low), np.abs(high)), 1e-9)
    still = extent <= least
    room = np.where(still, max(0.5 * largest, float(least.max()), 1e-6), PAD * extent)
    return low - room, high + room


class EasedBox:
    """Low and high corner, on their way to where the data is."""

    def __init__(self) -> None:
        self.low = -np.ones(3)
        self.high = np.ones(3)
        self._goal_low, self._goal_high = self.low.copy(), self.high.copy()
        self._empty = True

    def fit(self, low: Numbers, high: Numbers) -> None:
        """Take the extent at once and exactly."""
        self._goal_low, self._goal_high = padded(low, high)
        self.low, self.high = self._goal_low.copy(), self._goal_high.copy()
        self._empty = False

    def aim(self, low: Numbers, high: Numbers) -> None:
        """Head for the extent, where it has left the box or become much smaller."""
        if self._empty:
            self.fit(low, high)
            return
        new_low, new_high = padded(low, high)
        extent = self._goal_high - self._goal_low
        # The data may use the padding: only what passes the goal itself moves it.
        beyond = (new_low < self._goal_low - PAD * extent) | (
            new_high > self._goal_high + PAD * extent
        )
        smaller = (new_high - new_low) < SHRINK * extent
        renew = beyond | smaller
        self._goal_low = np.where(renew, new_low, self._goal_low)
        self._goal_high = np.where(renew, new_high, self._goal_high)

    def aim_exactly(self, low: Numbers, high: Numbers) -> None:
        """Head for exactly this extent, gliding."""
        self._goal_low, self._goal_high = padded(low, high)
        if self._empty:
            self.arrive()

    def arrive(self) -> None:
        """Be at the goal now."""
        self.low, self.high = self._goal_low.copy(), self._goal_high.copy()
        self._empty = False

    @property
    def settled(self) -> bool:
        """True where the goal is reached."""
        extent = np.maximum(self._goal_high - self._goal_low, 1e-300)
        off = np.maximum(np.abs(self.low - self._goal_low), np.abs(self.high - self._goal_high))
        return bool((off <= 1e-3 * extent).all())

    def glide(self, seconds: float) -> None:
        """Move on towards the goal."""
        share = 1.0 - math.exp(-max(0.0, seconds) / GLIDE)
        self.low = self.low + share * (self._goal_low - self.low)
        self.high = self.high + share * (self._goal_high - self.high)
        if self.settled:
            self.arrive()


def shape_of(low: Numbers, high: Numbers, proportions: str, flat: bool, aspect: float) -> Numbers:
    """Half the sides of the box in the world, the longest being 1.

    Parameters
    ----------
    low, high : ndarray, shape (3,)
    proportions : str
        ``natural`` (equal units as far as the box stays a box), ``equal`` or ``cube``.
    flat : bool
        No third axis: the sides follow the picture's instead.
    aspect : float
        Width over height of the picture, for flat ones.
    """
    extent = np.maximum(high - low, 1e-300)
    if flat:
        extent = extent[:2]
    ratio = extent / extent.max()
    if proportions == "equal":
        ratio = np.maximum(ratio, 0.02)
    elif proportions == "cube":
        ratio = np.ones_like(ratio)
    elif flat:
        wide = min(2.2, max(0.6, aspect))
        ratio = np.array([wide, 1.0]) / max(wide, 1.0)
    else:
        ratio = np.maximum(ratio, THINNEST)
    return np.append(ratio, 0.0) if flat else ratio
