"""Fixed points over a plot: filled where stable, open where unstable, half filled: saddle.

A few circles painted directly: a field that depends on time moves them with every frame.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from engine.drawing.ranges import Window
from engine.look import Tokens

RADIUS = 5.0


@dataclass(frozen=True)
class Mark:
    """A fixed point as drawn: place, stability and the words of the read-out.

    `stability` is ``stable``, ``unstable``, ``saddle`` or ``neutral``.
    """

    x: float
    y: float
    stability: str
    words: str


class MarkLayer(QGraphicsItem):
    """See the module docstring."""

    def __init__(self, tokens: Tokens) -> None:
        super().__init__()
        self._area = QRectF()
        self._window = Window(0.0, 1.0, 0.0, 1.0)
        self.marks: tuple[Mark, ...] = ()
        self.setZValue(40)
        self.set_theme(tokens)

    def set_theme(self, tokens: Tokens) -> None:
        """Take the colours of another theme."""
        self._colours = {
            "stable": QColor(tokens.stable),
            "unstable": QColor(tokens.unstable),
            "saddle": QColor(tokens.unstable),
            "neutral": QColor(tokens.muted),
        }
        self._ground = QColor(tokens.panel)
        self.update()

    def show_marks(self, marks: Sequence[Mark]) -> None:
        """Show these instead."""
        if tuple(marks) != self.marks:
            self.marks = tuple(marks)
            self.update()

    def set_plot(self, area: QRectF, window: Window) -> None:
        """Where the plot lies in the scene, and what it shows."""
        if area != self._area:
            self.prepareGeometryChange()
            self._area = QRectF(area)
        if window != self._window:
            self._window = window
            self.update()

    def at(self, x: float, y: float, reach: float = 10.0) -> Mark | None:
        """The mark within so many pixels of a place of the data."""
        here = self._place(x, y)
        for mark in self.marks:
            apart = self._place(mark.x, mark.y) - here
            if apart.x() ** 2 + apart.y() ** 2 < reach**2:
                return mark
        return None

    def boundingRect(self) -> QRectF:
        return self._area

    def _place(self, x: float, y: float) -> QPointF:
        area, window = self._area, self._window
        return QPointF(
            area.left() + (x - window.left) / window.width * area.width(),
            area.bottom() - (y - window.bottom) / window.height * area.height(),
        )

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        if not self.marks:
            return
        painter.setClipRect(self._area)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        for mark in self.marks:
            colour, centre = self._colours[mark.stability], self._place(mark.x, mark.y)
            disc = QRectF(centre.x() - RADIUS, centre.y() - RADIUS, 2 * RADIUS, 2 * RADIUS)
            painter.setPen(QPen(colour, 1.8))
            painter.setBrush(colour if mark.stability == "stable" else self._ground)
            painter.drawEllipse(disc)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour)
            if mark.stability == "saddle":
                painter.drawPie(disc, 90 * 16, 180 * 16)
            elif mark.stability == "neutral":
                painter.drawEllipse(centre, 1.6, 1.6)
