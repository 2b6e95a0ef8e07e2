"""The frame around a plot: background, grid, ticks, tick labels and axis labels.

One scene item paints all of it, from a window and the tokens of the look, and Qt keeps the
result until the window changes: the axes of pyqtgraph redraw translucent grid lines with
every frame, which costs more than the picture. It knows no data and takes no gestures.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from engine.drawing.ranges import Window, tick_text, ticks
from engine.look import Tokens
from widgets import theme

Tick = tuple[float, str]
RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True)
class Margins:
    """Room around the plot in logical pixels."""

    left: int = 58
    right: int = 14
    top: int = 10
    bottom: int = 42


def axis_ticks(low: float, high: float, most: int, scale: str = "linear") -> list[Tick]:
    """Where the ticks of an axis are, and their words.

    Parameters
    ----------
    low, high : float
        The range; exponents of ten where `scale` is ``log``.
    most : int
        At most so many.
    scale : str
        ``linear``, ``log``, ``integer`` (whole numbers only) or ``none``.
    """
    if scale == "none":
        return []
    places, step = ticks(low, high, most, least=2)
    if scale == "integer" and step < 1.0:
        places = [float(k) for k in range(math.ceil(low), math.floor(high) + 1)]
        step = 1.0
    if scale == "log" and high - low >= 1.0:
        step = max(1.0, step)
        places = [
            float(k) for k in range(math.ceil(low), math.floor(high) + 1) if k % round(step) == 0
        ]
        return [(place, f"10{str(round(place)).translate(RAISED)}") for place in places]
    if scale == "log":
        # Less than a decade: round numbers of the quantity itself.
        places, step = ticks(10.0**low, 10.0**high, most, least=2)
        return [(math.log10(p), tick_text(p, step, 10.0**high)) for p in places if p > 0.0]
    largest = max(abs(low), abs(high))
    return [(place, tick_text(place, step, largest)) for place in places]


class Frame(QGraphicsItem):
    """Background, grid, ticks and labels. Call `show` whenever the window changes."""

    def __init__(self, tokens: Tokens) -> None:
        super().__init__()
        self.margins = Margins()
        self.area = QRectF()
        """The plot itself, in scene coordinates."""
        self.labels = ("", "")
        self.scales = ("linear", "linear")
        self.custom: tuple[Sequence[Tick] | None, Sequence[Tick] | None] = (None, None)
        """Ticks that replace the automatic ones, for (abscissa, ordinate)."""
        self.separators: Sequence[float] = ()
        """Ordinates of full lines across the plot (between lanes)."""
        self.grid = True
        self.blank = True
        """No ticks and no grid: there is no window yet."""
        self._window = Window(0.0, 1.0, 0.0, 1.0)
        self._extent = QRectF()
        # pyqtgraph puts its boxes at -100.
        self.setZValue(-200)
        self.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)
        self.set_theme(tokens)

    def set_theme(self, tokens: Tokens) -> None:
        """Take the colours of another theme."""
        self._panel = QColor(tokens.panel)
        self._grid = QColor(theme.mix(tokens.panel, tokens.line, 0.55))
        self._edge = QColor(theme.mix(tokens.panel, tokens.line, 1.0))
        self._tick = QColor(tokens.muted)
        self._label = QColor(theme.mix(tokens.muted, tokens.text, 0.45))
        self.update()

    def resize(self, extent: QRectF) -> None:
        """Take a new size; `area` is what is left for the plot."""
        self.prepareGeometryChange()
        self._extent = extent
        m = self.margins
        self.area = QRectF(
            m.left,
            m.top,
            max(8.0, extent.width() - m.left - m.right),
            max(8.0, extent.height() - m.top - m.bottom),
        )
        self.update()

    def show_window(self, window: Window) -> None:
        """Draw ticks for another window."""
        if window != self._window or self.blank:
            self._window, self.blank = window, False
            self.update()

    def boundingRect(self) -> QRectF:
        return self._extent

    def ticks(self) -> tuple[Sequence[Tick], Sequence[Tick]]:
        """The ticks shown now, for abscissa and ordinate."""
        window, area = self._window, self.area
        if self.blank:
            return (), ()
        x, y = self.custom
        if x is None:
            x = axis_ticks(
                window.left, window.right, max(2, int(area.width() / 76)), self.scales[0]
            )
        if y is None:
            y = axis_ticks(
                window.bottom, window.top, max(2, int(area.height() / 40)), self.scales[1]
            )
        return x, y

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        area, window = self.area, self._window
        painter.fillRect(self._extent, self._panel)
        xs, ys = self.ticks()
        across = area.width() / window.width if window.width else 0.0
        up = area.height() / window.height if window.height else 0.0
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        x_places = [(round(area.left() + (x - window.left) * across), word) for x, word in xs]
        y_places = [(round(area.bottom() - (y - window.bottom) * up), word) for y, word in ys]
        if self.grid:
            painter.setPen(QPen(self._grid, 1))
            for x, _ in x_places:
                painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
            for y, _ in y_places:
                painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
        painter.setPen(QPen(self._edge, 1))
        for place in self.separators:
            y = round(area.bottom() - (place - window.bottom) * up)
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
        painter.drawRect(area.adjusted(-1, -1, 0, 0))
        self._paint_words(painter, x_places, y_places)

    def _paint_words(
        self, painter: QPainter, xs: Sequence[tuple[int, str]], ys: Sequence[tuple[int, str]]
    ) -> None:
        area, extent = self.area, self._extent
        small = theme.font(theme.SMALL)
        metrics = QFontMetricsF(small)
        painter.setFont(small)
        painter.setPen(self._tick)
        free = -math.inf
        for x, word in xs:
            half = metrics.horizontalAdvance(word) / 2
            # A label at the very edge moves in rather than being cut.
            x = min(max(x, half + 2), extent.right() - half - 2)
            if x - half < free:
                continue
            painter.drawText(QPointF(x - half, area.bottom() + 5 + metrics.ascent()), word)
            free = x + half + 8
        free = math.inf
        for y, word in sorted(ys, reverse=True):
            base = y + metrics.capHeight() / 2
            base = min(max(base, metrics.capHeight() + 2), extent.bottom() - 2)
            if base > free:
                continue
            width = metrics.horizontalAdvance(word)
            # A word too long for the margin reaches into the plot rather than being cut.
            painter.drawText(QPointF(max(2.0, area.left() - 7 - width), base), word)
            free = base - metrics.height()
        painter.setFont(theme.font(theme.BODY))
        painter.setPen(self._label)
        if self.labels[0]:
            room = QRectF(area.left(), area.bottom() + 19, area.width(), 20)
            painter.drawText(room, Qt.AlignmentFlag.AlignCenter, self.labels[0])
        if self.labels[1]:
            painter.save()
            painter.translate(3, area.center().y())
            painter.rotate(-90)
            room = QRectF(-area.height() / 2, 0, area.height(), 17)
            painter.drawText(room, Qt.AlignmentFlag.AlignCenter, self.labels[1])
            painter.restore()
