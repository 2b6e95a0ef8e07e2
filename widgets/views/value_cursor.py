"""A vertical line at a value of the abscissa, with the value beside it.

Lies over the plot area; flips its words to the other side near the right edge.
"""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from engine.drawing.ranges import Window
from engine.look import Tokens
from widgets import theme


class ValueCursor(QGraphicsItem):
    """See the module docstring."""

    def __init__(self, tokens: Tokens) -> None:
        super().__init__()
        self._area = QRectF()
        self._window = Window(0.0, 1.0, 0.0, 1.0)
        self._value: float | None = None
        self._words = ""
        self.setZValue(60)
        self.set_theme(tokens)

    def set_theme(self, tokens: Tokens) -> None:
        """Take the colours of another theme."""
        self._line = QColor(tokens.warm)
        self._ground = QColor(tokens.panel)
        self._ground.setAlpha(215)
        self.update()

    @property
    def value(self) -> float | None:
        """Where it stands; None where there is none."""
        return self._value

    def show_value(self, value: float | None, words: str) -> None:
        """Stand at a value and say it."""
        if (value, words) != (self._value, self._words):
            self._value, self._words = value, words
            self.update()

    def set_plot(self, area: QRectF, window: Window) -> None:
        """Where the plot lies in the scene, and what it shows."""
        if area != self._area:
            self.prepareGeometryChange()
            self._area = QRectF(area)
        self._window = window
        self.update()

    def boundingRect(self) -> QRectF:
        return self._area

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        value, window, area = self._value, self._window, self._area
        if value is None or not window.left <= value <= window.right:
            return
        x = round(area.left() + (value - window.left) / window.width * area.width()) + 0.5
        painter.setPen(QPen(self._line, 1))
        painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
        font = theme.font(theme.SMALL)
        painter.setFont(font)
        width = QFontMetricsF(font).horizontalAdvance(self._words) + 10.0
        left = x + 4.0 if x + 6.0 + width < area.right() else x - 4.0 - width
        plate = QRectF(left, area.bottom() - 22.0, width, 18.0)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._ground)
        painter.drawRoundedRect(plate, 4.0, 4.0)
        painter.setPen(self._line)
        painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, self._words)
