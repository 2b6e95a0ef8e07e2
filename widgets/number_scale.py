"""How a slider runs over numbers: linear, logarithmic or whole, and how numbers are shown.

Pure arithmetic between a value and a place on the slider, without any widget.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from engine.exhibit import Parameter

FINE = 1000
WHOLE_LIMIT = 100_000


@dataclass(frozen=True)
class NumberScale:
    """A range of numbers laid along a slider.

    Attributes
    ----------
    low, high : float
        The ends of the slider.
    kind : str
        ``linear``, ``log`` or ``integer``.
    """

    low: float
    high: float
    kind: str = "linear"

    @classmethod
    def of(cls, parameter: Parameter) -> NumberScale:
        """The scale of a parameter; a range that is missing is taken around its default."""
        value = float(parameter.default)
        reach = abs(value) or 1.0
        low = float(parameter.low) if parameter.low is not None else min(0.0, value - reach)
        high = float(parameter.high) if parameter.high is not None else value + reach
        low, high = min(low, high), max(low, high)
        if low == high:
            low, high = low - 1.0, high + 1.0
        kind = parameter.scale
        if kind == "log" and low <= 0.0:  # no logarithm reaches zero
            kind = "linear"
        return cls(low, high, kind if kind in ("log", "integer") else "linear")

    @property
    def ticks(self) -> int:
        """Number of steps along the slider."""
        if self.kind == "integer":
            return max(1, min(WHOLE_LIMIT, round(self.high - self.low)))
        if self.kind == "log":
            return FINE
        return max(1, min(5 * FINE, round((self.high - self.low) / self.grain)))

    @property
    def grain(self) -> float:
        """The round number that dragging moves by: a thousandth of the range or a little more."""
        if self.kind == "integer":
            return 1.0
        rough = (self.high - self.low) / FINE
        power = 10.0 ** math.floor(math.log10(rough))
        return next(power * m for m in (1.0, 2.0, 5.0, 10.0) if power * m >= rough * (1 - 1e-12))

    def fraction(self, value: float) -> float:
        """Where `value` lies, 0 at the low end and 1 at the high end, not clipped."""
        if self.kind == "log":
            if value <= 0.0:
                return -1.0
            return math.log(value / self.low) / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)

    def value(self, fraction: float, fine: bool = False) -> float:
        """The number at `fraction`, on a round value unless `fine`; never beyond the ends."""
        fraction = min(1.0, max(0.0, fraction))
        if self.kind == "log":
            number = self.low * (self.high / self.low) ** fraction
            number = float(f"{number:.{6 if fine else 3}g}")
        else:
            number = self.low + fraction * (self.high - self.low)
            grain = self.grain if self.kind == "integer" else self.grain / (10 if fine else 1)
            places = max(0, -math.floor(math.log10(grain)) + 1)
            number = round(round(number / grain) * grain, places)
        return min(self.high, max(self.low, number))

    def tick(self, value: float) -> int:
        """The slider's tick nearest to `value`, at an end where it lies outside."""
        return round(min(1.0, max(0.0, self.fraction(value))) * self.ticks)

    def at_tick(self, tick: int) -> float:
        """The number at a tick."""
        return self.value(tick / self.ticks)

    def moved(self, value: float, steps: float) -> float:
        """`value` moved by `steps` hundredths of the range (whole numbers: by one each)."""
        if self.kind == "integer":
            return round(value + (math.copysign(max(1.0, abs(steps)), steps)))
        if self.kind == "log":
            factor = (self.high / self.low) ** (steps / 100.0)
            return float(f"{value * factor:.4g}")
        step = (self.high - self.low) / 100.0 * steps
        places = max(0, -math.floor(math.log10(min(self.grain, abs(step)))) + 1)
        return round(value + step, places)


def number_text(value: float | int | str, digits: int = 6) -> str:
    """A number as it is shown: at most `digits` figures, a true minus sign never."""
    if isinstance(value, str):
        return value
    if isinstance(value, int):
        return str(value)
    text = f"{value:.{digits}g}"
    if "e" in text:
        mantissa, exponent = text.split("e")
        return f"{mantissa}e{int(exponent)}"
    return text
