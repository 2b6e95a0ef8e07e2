"""Words for a canvas: drawn once by Qt's own text engine, kept as a small texture.

The fonts are the window's own, sharp at any pixel ratio. Placing the words is for
`widgets.gl.axes`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QGuiApplication, QImage, QPainter

from engine.look import TYPE_SIZES


def label_font(name: bool, ratio: float) -> QFont:
    """The font of an axis' name, or of a tick's number."""
    font = QFont(QGuiApplication.font())
    font.setPixelSize(max(1, round((TYPE_SIZES[1] + 1 if name else TYPE_SIZES[0]) * ratio)))
    if name:
        font.setItalic(True)
        font.setWeight(QFont.Weight.DemiBold)
    return font


@dataclass(frozen=True)
class Spot:
    """Where a word stands in the atlas, in pixels."""

    x: int
    y: int
    width: int
    height: int


class Atlas:
    """A texture of words that grows as new ones are asked for.

    Parameters
    ----------
    width, height : int
        Of the texture in pixels. When it is full it starts anew.
    """

    def __init__(self, width: int = 1024, height: int = 512) -> None:
        self.width, self.height = width, height
        self.version = 0
        """Grows whenever `pixels` changed."""
        self._spots: dict[tuple[str, bool, float], Spot] = {}
        self._image = self._blank()
        self._x = self._y = self._row = 0

    def _blank(self) -> QImage:
        image = QImage(self.width, self.height, QImage.Format.Format_RGBA8888_Premultiplied)
        image.fill(Qt.GlobalColor.transparent)
        return image

    def spot(self, text: str, name: bool, ratio: float) -> Spot:
        """Where the word stands; it is drawn on first use."""
        key = (text, name, round(ratio, 3))
        found = self._spots.get(key)
        if found is not None:
            return found
        font = label_font(name, ratio)
        measure = QFontMetricsF(font)
        width = min(self.width, int(measure.horizontalAdvance(text)) + 4)
        height = int(measure.height()) + 2
        if self._x + width > self.width:
            self._x, self._y, self._row = 0, self._y + self._row + 1, 0
        if self._y + height > self.height:
            self._spots.clear()
            self._image = self._blank()
            self._x = self._y = self._row = 0
        painter = QPainter(self._image)
        painter.setFont(font)
        painter.setPen(QColor(255, 255, 255))
        painter.drawText(QPointF(self._x + 2, self._y + 1 + measure.ascent()), text)
        painter.end()
        found = Spot(self._x, self._y, width, height)
        self._spots[key] = found
        self._x += width + 1
        self._row = max(self._row, height)
        self.version += 1
        return found

    @property
    def pixels(self) -> NDArray[np.uint8]:
        """The texture, ``(height, width, 4)``, a copy."""
        flat = np.frombuffer(self._image.constBits(), dtype=np.uint8)
        return flat.reshape(self.height, self._image.bytesPerLine() // 4, 4)[:, : self.width].copy()
