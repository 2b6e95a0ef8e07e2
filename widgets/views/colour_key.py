"""What the colours of an image mean: a bar with numbers, or a swatch for each category.

Stands in the margin at the right of a plot. It is told what to show and computes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from engine.drawing.ranges import tick_text, ticks
from engine.look import Tokens
from widgets import theme

BAR_ROOM = 74
"""Width of the margin that a bar needs, in logical pixels."""
_BAR = 10.0
_GAP = 12.0


def swatch_room(categories: Sequence[str]) -> int:
    """Width of the margin that swatches of these categories need."""
    metrics = QFontMetricsF(theme.font(theme.SMALL))
    return int(max((metrics.horizontalAdvance(word) for word in categories), default=0.0)) + 42


class ColourKey(QGraphicsItem):
    """A colour bar or a legend. See the module docstring."""

    def __init__(self, tokens: Tokens) -> None:
        super().__init__()
        self._area = QRectF()
        self._extent = QRectF()
        self._colours: NDArray[np.float64] = np.zeros((1, 4))
        self._bounds: tuple[float, float] | None = None
        self._categories: tuple[str, ...] = ()
        self._bar = QImage()
        self.setZValue(50)
        self.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)
        self.set_theme(tokens)

    def set_theme(self, tokens: Tokens) -> None:
        """Take the colours of another theme."""
        self._ink = QColor(tokens.muted)
        self._edge = QColor(tokens.line)
        self.update()

    def show_key(
        self,
        colours: NDArray[np.float64],
        bounds: tuple[float, float] | None,
        categories: Sequence[str],
        area: QRectF,
        extent: QRectF,
    ) -> None:
        """Show the key of a table of colours beside `area` inside `extent`.

        Parameters
        ----------
        colours : array, shape (steps, 4)
        bounds : tuple of float or None
            Values at the ends of the table; None for categories.
        categories : sequence of str
        """
        same_table = colours is self._colours or np.array_equal(colours, self._colours)
        if same_table and bounds == self._bounds and area == self._area and extent == self._extent:
            return
        if area != self._area or extent != self._extent:
            self.prepareGeometryChange()
        self._area, self._extent = QRectF(area), QRectF(extent)
        self._colours, self._bounds = colours, bounds
        self._categories = tuple(categories)
        if not same_table or self._bar.isNull():
            bar = (255.0 * colours[::-1, [2, 1, 0, 3]] + 0.5).astype(np.uint8)
            self._bar = QImage(
                np.ascontiguousarray(bar).data, 1, len(bar), 4, QImage.Format.Format_ARGB32
            ).copy()
        self.update()

    def boundingRect(self) -> QRectF:
        left = self._area.right()
        return QRectF(left, 0.0, max(0.0, self._extent.right() - left), self._extent.height())

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        font = theme.font(theme.SMALL)
        painter.setFont(font)
        metrics = QFontMetricsF(font)
        left = self._area.right() + _GAP
        if self._bounds is None:
            self._paint_swatches(painter, metrics, left)
        else:
            self._paint_bar(painter, metrics, left, self._bounds)

    def _paint_swatches(self, painter: QPainter, metrics: QFontMetricsF, left: float) -> None:
        y = self._area.top()
        for word, colour in zip(self._categories, self._colours, strict=False):
            if y + 12.0 > self._area.bottom():
                return
            painter.setPen(self._edge)
            painter.setBrush(QColor.fromRgbF(*(float(part) for part in colour[:3])))
            painter.drawRect(QRectF(left, y + 1.0, 10.0, 10.0))
            painter.setPen(self._ink)
            painter.drawText(QPointF(left + 16.0, y + 6.0 + metrics.capHeight() / 2), word)
            y += 18.0

    def _paint_bar(
        self,
        painter: QPainter,
        metrics: QFontMetricsF,
        left: float,
        bounds: tuple[float, float],
    ) -> None:
        area = self._area
        bar = QRectF(left, area.top(), _BAR, area.height())
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, True)
        painter.drawImage(bar, self._bar)
        painter.setPen(self._edge)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(bar)
        low, high = bounds
        if not high > low:
            return
        painter.setPen(self._ink)
        places, step = ticks(low, high, max(2, int(area.height() / 48)))
        for place in places:
            y = area.bottom() - (place - low) / (high - low) * area.height()
            y = min(
                max(y + metrics.capHeight() / 2, area.top() + metrics.capHeight()), area.bottom()
            )
            painter.drawText(
                QPointF(bar.right() + 6.0, y), tick_text(place, step, max(abs(low), abs(high)))
            )
