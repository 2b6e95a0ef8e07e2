"""Bars: a handful of numbers side by side, such as a spectrum of Lyapunov exponents.

Above zero, at zero and below have colours of their own; few bars carry their numbers.
Quantities against time are the curves'.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QWidget

from engine.drawing.ranges import Window, padded, readable
from engine.exhibit import Channel, Exhibit, Value
from engine.look import Tokens
from engine.tape import Data
from widgets import theme
from widgets.symbols import plain
from widgets.views.flat import WINDOW_OPTIONS, FlatView, chosen_range
from widgets.views.view import Context

NUMBERED = 8
"""Up to so many bars carry their numbers."""
ZERO = 0.003
"""Share of the largest bar up to which one counts as zero."""


@dataclass(frozen=True)
class Picture:
    """What `compose` returns: the numbers, and what is seen of the plane."""

    values: NDArray[np.float64]
    window: Window


class Bars(FlatView):
    """See the module docstring."""

    kind: ClassVar[str] = "bars"
    title: ClassVar[str] = "Bars"
    accepts: ClassVar[frozenset[str]] = frozenset({"bars"})
    options = WINDOW_OPTIONS

    def __init__(self, tokens: Tokens, parent: QWidget | None = None) -> None:
        super().__init__(tokens, parent)
        self._picture: Picture | None = None
        self._bars = pg.BarGraphItem(x=[0.0], height=[0.0], width=0.7)
        self._zero = pg.InfiniteLine(angle=0, movable=False, pos=0.0)
        self._numbers: list[pg.TextItem] = []
        self.plot.add(self._bars, 5.0)
        self.plot.add(self._zero, 6.0)
        self.follow_hand()
        self._recolour()

    def bind(self, exhibit: Exhibit, channel: Channel, settings: Mapping[str, Value]) -> None:
        super().bind(exhibit, channel, settings)
        self._picture = None
        across, up = [*(plain(word) for word in channel.axes), "", ""][:2]
        self.plot.frame_item.labels = (across, up)

    def set_theme(self, tokens: Tokens) -> None:
        super().set_theme(tokens)
        self._recolour()
        if self._picture is not None:
            self.show_picture(self._picture)

    @staticmethod
    def compose(data: Data, context: Context) -> Picture | None:
        array = data.latest.get(context.channel.name)
        if array is None:
            return None
        values = np.asarray(array, dtype=np.float64).ravel()
        known = values[np.isfinite(values)]
        x = chosen_range(context.settings, "left", "right")
        y = chosen_range(context.settings, "bottom", "top")
        if y is None:
            low, high = min(0.0, float(known.min(initial=0.0))), float(known.max(initial=0.0))
            y = padded(low, max(0.0, high), 0.14)
        return Picture(values, Window(*(x or (0.4, len(values) + 0.6)), *y))

    def show_picture(self, picture: Picture) -> None:
        self._picture = picture
        values = picture.values
        for number in self._numbers:
            self.plot.box.removeItem(number)
        self._numbers = []
        self._bars.setVisible(bool(values.size))
        self.plot.veil.say("" if values.size else "There are no such figures of this system yet")
        if not values.size:
            return
        heights = np.where(np.isfinite(values), values, 0.0)
        places = np.arange(1.0, len(values) + 1.0)
        colours = [self._colour(value, float(np.abs(heights).max())) for value in heights]
        self._bars.setOpts(
            x=places,
            height=heights,
            width=0.62,
            brushes=[QColor(colour) for colour in colours],
            pens=[pg.mkPen(None)] * len(values),
        )
        if len(values) <= NUMBERED:
            for place, value, colour in zip(places, heights, colours, strict=True):
                item = pg.TextItem(
                    readable(float(value), 3),
                    color=colour,
                    anchor=(0.5, 1.0 if value >= 0 else 0.0),
                )
                item.setFont(theme.number_font(theme.SMALL))
                item.setPos(place, value)
                self.plot.add(item, 7.0)
                self._numbers.append(item)
        window = picture.window
        every = max(1, len(values) // 12)
        self.plot.frame_item.custom = (
            [(place, f"{place:.0f}") for place in places[::every]],
            None,
        )
        self.plot.show_window(window, glide=False)

    def hover(self, place: tuple[float, float] | None) -> None:
        picture = self._picture
        row = round(place[0]) - 1 if place is not None else -1
        if picture is None or not 0 <= row < len(picture.values):
            self.plot.readout.say("")
            return
        value = readable(float(picture.values[row]), 6)
        self.plot.readout.say(f"{row + 1} &nbsp; <span style='font-weight:600'>{value}</span>")

    def _colour(self, value: float, largest: float) -> str:
        tokens = self.tokens
        if abs(value) <= ZERO * largest:
            return tokens.muted
        return tokens.warm if value > 0.0 else tokens.accent

    def _recolour(self) -> None:
        self._zero.setPen(pg.mkPen(self.tokens.muted, width=1, style=Qt.PenStyle.SolidLine))


VIEW = Bars
