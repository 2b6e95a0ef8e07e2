"""Paints the points of a constellation: little pictures, dots, names, and the one in hand.

Pictures are read from the thumbnails when they are first seen, a few at a time, so that
opening three hundred stops nothing; until then a point is a dot. The view says what to paint.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt, QTimer
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QPixmap

from engine.drawing.ranges import Window
from engine.look import ASSETS, Tokens
from widgets import theme

A_TIME = 12
"""Pictures read between two frames."""
SHAPE = 0.75
DOT = 3.5


@dataclass(frozen=True)
class Star:
    """A point: its row, place, whether it has room for a picture, its name and colour."""

    row: int
    place: QPointF
    pictured: bool
    label: str
    colour: tuple[float, ...]


class Constellation(pg.GraphicsObject):
    """See the module docstring."""

    def __init__(self, tokens: Tokens) -> None:
        super().__init__()
        self._stars: tuple[Star, ...] = ()
        self._opens: Sequence[str] = ()
        self._size, self._names = 48.0, True
        self._window = Window(0.0, 1.0, 0.0, 1.0)
        self._area = QRectF()
        self._budget = A_TIME
        self._pictures: dict[str, QPixmap] = {}
        self._scaled: dict[tuple[str, int], QPixmap] = {}
        self._hovered = self._picked = -1
        self._later = QTimer()
        self._later.setSingleShot(True)
        self._later.timeout.connect(self.update)
        self.set_theme(tokens)

    def set_theme(self, tokens: Tokens) -> None:
        """Take the colours of another theme."""
        self._tokens = tokens
        self.update()

    def show_stars(
        self,
        stars: Sequence[Star],
        opens: Sequence[str],
        size: float = 48.0,
        names: bool = True,
        window: Window | None = None,
    ) -> None:
        """Paint these from now on; `opens` names the picture of every row."""
        if window is not None and window != self._window:
            self.prepareGeometryChange()
            self._window = window
        self._stars, self._opens = tuple(stars), opens
        if size != self._size:
            self._scaled.clear()
        self._size, self._names = size, names
        self.update()

    def set_hovered(self, row: int) -> None:
        """Bring a row to the front; -1 for none."""
        if row != self._hovered:
            self._hovered = row
            self.update()

    def set_picked(self, row: int) -> None:
        """Mark a row as the one picked; -1 for none."""
        if row != self._picked:
            self._picked = row
            self.update()

    @property
    def picked(self) -> int:
        """The row that is marked, or -1."""
        return self._picked

    def boundingRect(self) -> QRectF:
        w = self._window
        # Pictures at the edge reach over it.
        return QRectF(w.left - w.width, w.bottom - w.height, 3.0 * w.width, 3.0 * w.height)

    def paint(self, painter: QPainter, *_: object) -> None:
        transform = painter.transform()
        w = self._window
        self._area = transform.mapRect(QRectF(w.left, w.bottom, w.width, w.height))
        painter.save()
        painter.resetTransform()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, True)
        painter.setFont(theme.font(theme.SMALL))
        self._budget = A_TIME
        front: list[tuple[Star, QPointF]] = []
        pictured: list[tuple[Star, QPointF]] = []
        dots: list[tuple[Star, QPointF]] = []
        for star in self._stars:
            where = transform.map(star.place)
            if star.row in (self._hovered, self._picked):
                front.append((star, where))
            else:
                (pictured if star.pictured else dots).append((star, where))
        for star, where in pictured:
            self._paint_picture(painter, star, where, self._size, self._names)
        # Above the pictures: none may hide a point.
        for star, where in dots:
            self._paint_dot(painter, star, where)
        front.sort(key=lambda pair: pair[0].row == self._hovered)
        for star, where in front:
            self._paint_front(painter, star, where)
        painter.restore()
        if self._budget <= 0:
            self._later.start(0)

    def _paint_dot(self, painter: QPainter, star: Star, where: QPointF) -> None:
        painter.setPen(QPen(QColor(self._tokens.panel), 1.0))
        painter.setBrush(_colour(star))
        painter.drawEllipse(where, DOT, DOT)

    def _paint_picture(
        self, painter: QPainter, star: Star, where: QPointF, width: float, named: bool
    ) -> None:
        ratio = painter.device().devicePixelRatioF()
        picture = self._picture(self._opens[star.row], round(width * ratio))
        if picture is None:
            self._paint_dot(painter, star, where)
            return
        frame = _around(where, width)
        painter.setPen(QPen(_colour(star), 1.4))
        painter.setBrush(QColor(self._tokens.panel))
        painter.drawRoundedRect(frame, 5.0, 5.0)
        inner = frame.adjusted(2.0, 2.0, -2.0, -2.0)
        painter.drawPixmap(inner, picture, QRectF(picture.rect()))
        if named:
            self._paint_name(painter, star.label, frame, width + 8.0, self._tokens.muted)

    def _paint_front(self, painter: QPainter, star: Star, where: QPointF) -> None:
        picked = star.row == self._picked
        width = 1.35 * self._size if star.row == self._hovered else 1.15 * self._size
        frame = _inside(_around(where, width), self._area)
        painter.setPen(QPen(QColor(self._tokens.accent if picked else self._tokens.text), 2.0))
        painter.setBrush(QColor(self._tokens.raised))
        painter.drawRoundedRect(frame, 6.0, 6.0)
        ratio = painter.device().devicePixelRatioF()
        picture = self._picture(self._opens[star.row], round(width * ratio))
        if picture is not None:
            inner = frame.adjusted(3.0, 3.0, -3.0, -3.0)
            painter.drawPixmap(inner, picture, QRectF(picture.rect()))
        else:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(_colour(star))
            painter.drawEllipse(frame.center(), 1.5 * DOT, 1.5 * DOT)
        self._paint_name(painter, star.label, frame, 400.0, self._tokens.text, plate=True)

    def _paint_name(
        self,
        painter: QPainter,
        words: str,
        frame: QRectF,
        width: float,
        colour: str,
        plate: bool = False,
    ) -> None:
        metrics = QFontMetricsF(painter.font())
        shown = metrics.elidedText(words, Qt.TextElideMode.ElideRight, width)
        size = QSizeF(metrics.horizontalAdvance(shown) + 8.0, metrics.height())
        place = QRectF(QPointF(frame.center().x() - size.width() / 2, frame.bottom() + 1.0), size)
        if plate:
            place = _inside(place, self._area)
            ground = QColor(self._tokens.panel)
            ground.setAlpha(225)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(ground)
            painter.drawRoundedRect(place, 4.0, 4.0)
        painter.setPen(QColor(colour))
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, shown)

    def _picture(self, key: str, width: int) -> QPixmap | None:
        """The picture of a key at a width in device pixels; None while there is none."""
        found = self._scaled.get((key, width))
        if found is not None:
            return None if found.isNull() else found
        whole = self._pictures.get(key)
        if whole is None:
            if self._budget <= 0:
                return None
            self._budget -= 1
            path = ASSETS / "thumbnails" / f"{key}.png"
            whole = self._pictures[key] = QPixmap(str(path)) if path.exists() else QPixmap()
        if len(self._scaled) > 2000:
            self._scaled.clear()
        scaled = whole
        if not whole.isNull():
            scaled = whole.scaledToWidth(max(8, width), Qt.TransformationMode.SmoothTransformation)
        self._scaled[key, width] = scaled
        return None if scaled.isNull() else scaled


def _around(where: QPointF, width: float) -> QRectF:
    return QRectF(where.x() - width / 2, where.y() - SHAPE * width / 2, width, SHAPE * width)


def _inside(frame: QRectF, area: QRectF) -> QRectF:
    """The frame moved into an area, where it fits."""
    x = min(max(frame.left(), area.left() + 2.0), area.right() - frame.width() - 2.0)
    y = min(max(frame.top(), area.top() + 2.0), area.bottom() - frame.height() - 2.0)
    return QRectF(QPointF(x, y), frame.size())


def _colour(star: Star) -> QColor:
    return QColor.fromRgbF(*(min(1.0, max(0.0, part)) for part in star.colour[:3]))
