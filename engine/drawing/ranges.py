"""Where an axis runs: finite bounds of data, ranges that hold still, round numbers.

An axis that follows every frame makes a moving picture unreadable. A `SteadyRange` grows
when data leave it and shrinks only when they fill less than half of it, so that most
frames keep the axis as it was. Pure arithmetic: no data are kept, nothing is drawn.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Range = tuple[float, float]


class Window(NamedTuple):
    """The part of the plane that a picture shows, in data units."""

    left: float
    right: float
    bottom: float
    top: float

    @property
    def width(self) -> float:
        """Extent along the abscissa."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """Extent along the ordinate."""
        return self.top - self.bottom


def finite_bounds(values: NDArray[np.float64]) -> Range | None:
    """Least and greatest finite number of an array, or None where there is none."""
    if values.size == 0:
        return None
    low, high = float(values.min()), float(values.max())
    if not (math.isfinite(low) and math.isfinite(high)):
        values = values[np.isfinite(values)]
        if values.size == 0:
            return None
        low, high = float(values.min()), float(values.max())
    return low, high


def padded(low: float, high: float, share: float = 0.06) -> Range:
    """The range with a margin on both sides; a single number gets a range around it."""
    extent = high - low
    # Below this the axis would show rounding noise as if it were data.
    least = 1e-9 * max(abs(low), abs(high), 1e-3)
    if not extent > least:
        largest = max(abs(high), abs(low))
        extent = largest if largest > 1e-12 else 1.0
        return low - 0.1 * extent, high + 0.1 * extent
    return low - share * extent, high + share * extent


class SteadyRange:
    """A range that follows data without fidgeting.

    Parameters
    ----------
    margin : float
        Empty share kept at each side when the range is set anew.
    least_fill : float
        The range shrinks when data fill less than this share of it.
    """

    def __init__(self, margin: float = 0.06, least_fill: float = 0.5) -> None:
        self.margin = margin
        self.least_fill = least_fill
        self.range: Range | None = None

    def forget(self) -> None:
        """Fit anew at the next `follow`."""
        self.range = None

    def follow(self, bounds: Range | None) -> Range:
        """The range to show data within `bounds`."""
        if bounds is None:
            return self.range or (0.0, 1.0)
        low, high = bounds
        fitted = padded(low, high, self.margin)
        if self.range is None:
            self.range = fitted
        old_low, old_high = self.range
        if high - low < self.least_fill * (old_high - old_low):
            self.range = fitted
        elif low < old_low or high > old_high:
            extent = high - low
            # A step beyond the need, so that steady growth moves the axis now and then only;
            # a side that did not grow keeps its place while it still has half its margin.
            step, margin = (0.08 + self.margin) * extent, self.margin * extent
            if low < old_low:
                old_low = low - step
            elif low - old_low < 0.5 * margin:
                old_low = low - margin
            if high > old_high:
                old_high = high + step
            elif old_high - high < 0.5 * margin:
                old_high = high + margin
            self.range = (old_low, old_high)
        return self.range


def nice(value: float) -> float:
    """The smallest of 1, 2, 5 times a power of ten that is not below `value` (> 0)."""
    power = 10.0 ** math.floor(math.log10(value))
    for step in (1.0, 2.0, 5.0):
        if value <= step * power * (1.0 + 1e-9):
            return step * power
    return 10.0 * power


def ticks(low: float, high: float, most: int, least: int = 1) -> tuple[list[float], float]:
    """Round numbers inside a range, and the step between them.

    Parameters
    ----------
    low, high : float
        The range, ``low < high``.
    most : int
        How many fit, one more at times.
    least : int
        Closer ones are taken, against `most`, until there are so many.
    """
    if not (math.isfinite(low) and math.isfinite(high) and high > low):
        return [], 1.0
    for wanted in range(max(1, most), max(1, most) + 4 * least):
        step = nice((high - low) / wanted)
        first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
        if last - first + 1 >= least:
            break
    if last - first > 10 * most + 10:
        # The numbers are too large for their differences.
        return [], step
    return [k * step for k in range(first, last + 1)], step


def tick_text(value: float, step: float, largest: float) -> str:
    """A tick as text, with as many digits as `step` needs.

    Parameters
    ----------
    value, step : float
        The tick, and the distance between ticks.
    largest : float
        Largest absolute value on the axis; decides for powers of ten.
    """
    if abs(value) < 1e-9 * step:
        return "0"
    if largest >= 1e5 or largest < 1e-3:
        digits = max(0, math.floor(math.log10(abs(value))) - math.floor(math.log10(step)))
        mantissa, power = f"{value:.{min(digits, 9)}e}".split("e")
        raised = str(int(power)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
        return f"{mantissa}·10{raised}".replace("-", "−")
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    return f"{value:.{min(decimals, 12)}f}".replace("-", "−")


def readable(value: float, digits: int = 5) -> str:
    """A number for a read-out: `digits` significant digits, a true minus sign."""
    if not math.isfinite(value):
        return "not finite"
    return f"{value:.{digits}g}".replace("-", "−")
