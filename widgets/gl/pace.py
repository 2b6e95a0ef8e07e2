"""How often and how finely to draw, so that drawing never takes the window's time.

A graphics card draws the whole curve in a millisecond; a software renderer may need sixty.
Measured costs decide: at most two fifths of the time goes into drawing, and what moves is
drawn with fewer segments where the whole curve would be slow.
"""

from __future__ import annotations

SHARE = 0.4
"""Of the time, at most this goes into drawing."""
FRAME = 1.0 / 60.0
SLOW = 0.022
"""Seconds for the fine curve beyond which moving pictures use the coarse one."""


class Pace:
    """Costs of drawing, smoothed, and what follows from them."""

    def __init__(self) -> None:
        self.fine = 0.0
        self.coarse = 0.0
        self._unsure = 1

    def note(self, seconds: float, coarse: bool) -> None:
        """A drawing took so long; a single hitch counts little, the first not at all."""
        if self._unsure:  # it compiled shaders and uploaded the curve
            self._unsure -= 1
            return
        old = self.coarse if coarse else self.fine
        new = seconds if old == 0.0 else old + (0.5 if seconds < old else 0.25) * (seconds - old)
        if coarse:
            self.coarse = new
        else:
            self.fine = new

    def forget(self) -> None:
        """Another curve: measure anew."""
        self.fine = self.coarse = 0.0
        self._unsure = 1

    @property
    def needs_coarse(self) -> bool:
        """True where moving pictures should use the coarse curve."""
        return self.fine > SLOW

    def interval(self, coarse: bool) -> float:
        """Seconds from the start of one drawing to the start of the next."""
        cost = self.coarse if coarse and self.coarse > 0.0 else self.fine
        return max(FRAME, cost / SHARE) if cost > 0.75 * FRAME else FRAME
