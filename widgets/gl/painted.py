"""The same scene without OpenGL: rasterised by the engine, finished with Qt's painter.

Used where no context can be made (a remote display, a driver that refuses) and for pictures
of a view that is not on screen. Same camera, same simplified curve, same axes and words.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QImage,
    QPainter,
    QPaintEvent,
    QPen,
    QRadialGradient,
)
from PySide6.QtWidgets import QWidget

from engine.look import rgb
from widgets.gl.camera import project
from widgets.gl.labels import label_font
from widgets.gl.scene import Scene, affordable, export_ratio

if TYPE_CHECKING:
    from engine.orbit_picture import Piece


def paint_scene(scene: Scene, size: tuple[int, int], ratio: float) -> QImage:
    """The picture, `size` in device pixels."""
    from engine.raster import expose

    scene.ratio = ratio
    width, height = size
    light = np.empty((height, width, 3), dtype=np.float32)
    light[:] = np.array(rgb(scene.tokens.window), dtype=np.float32)
    picture = scene.picture
    if picture is not None:
        if picture.ghost is not None and picture.twins is None:
            _piece(light, scene, picture.ghost, "ghost", size, ratio)
        for piece, kind in (
            (picture.body, "body"), (picture.fresh, "fresh"), (picture.twins, "twins")
        ):
            if piece is not None:
                _piece(light, scene, piece, kind, size, ratio)
    pixels = np.empty((height, width, 4), dtype=np.uint8)
    expose(light, pixels)
    image = QImage(pixels.data, width, height, 4 * width, QImage.Format.Format_RGBX8888).copy()
    if picture is not None:
        painter = QPainter(image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if scene.dimmed:
            veil = QColor(scene.tokens.window)
            veil.setAlphaF(0.62)
            painter.fillRect(image.rect(), veil)
        else:
            _heads(painter, scene, size, ratio)
        if scene.axes:
            _axes(painter, scene, size, ratio)
        painter.end()
    return image


def _piece(light: NDArray[np.float32], scene: Scene, piece: Piece, kind: str,
           size: tuple[int, int], ratio: float) -> None:
    from engine import raster

    main = scene.picture.body if scene.picture is not None else None
    matrix = np.ascontiguousarray(scene.matrix(piece, size))
    depth = np.array(scene.depth(size))
    colours = np.ascontiguousarray(_colours(scene, kind))
    style = "body" if kind == "fresh" else kind
    if piece.dots:
        count = main.length if main is not None else piece.length
        diameter, alpha = scene.dot_size(size, count)
        raster.draw_dots(
            light, piece.place, piece.along, matrix, colours,
            np.array(scene.fade(piece, kind == "ghost")), depth, 0.0 if scene.flat else 1.0,
            diameter, alpha * (0.3 if kind == "ghost" else 1.0),
            0.75 if scene.tokens.dark else 1.0,
        )
        return
    like = main if kind == "fresh" and main is not None and not main.dots else piece
    stroke = scene.stroke(like, size, style)
    fade = stroke.fade if like is piece else scene.fade(piece)
    place, along = piece.place, piece.along
    if piece.coarse is not None and (scene.coarse or kind == "ghost"):
        place, along = piece.coarse
    raster.draw_strip(
        light, place, along, matrix, colours, np.array(fade), depth, stroke.cue, stroke.half,
        stroke.alpha, stroke.cover,
    )


def _colours(scene: Scene, kind: str) -> NDArray[np.float32]:
    if kind == "ghost":
        return scene.plain(scene.tokens.muted)
    if kind == "twins" and scene.picture is not None:
        return scene.series(max(1, len(scene.picture.twin_heads)))
    return scene.colours()


def _heads(painter: QPainter, scene: Scene, size: tuple[int, int], ratio: float) -> None:
    picture = scene.picture
    assert picture is not None
    theme = scene.tokens
    spots: list[tuple[NDArray[np.float64], QColor, float]] = []
    if len(picture.twin_heads):
        for i, head in enumerate(picture.twin_heads):
            spots.append((head, QColor(theme.series[i % len(theme.series)]), 7.0))
    elif picture.head is not None:
        shade = scene.colours()[int(0.85 * 255)] if theme.dark else (*rgb(theme.text), 1.0)
        spots.append((picture.head, QColor.fromRgbF(*(float(c) for c in shade[:3])), 10.0))
    if scene.cursor is not None:
        spots.append((scene.cursor, QColor(theme.accent), 8.0))
    matrix = scene.projection(size)
    painter.setPen(Qt.PenStyle.NoPen)
    for place, colour, radius in spots:
        x, y, w = project(matrix, scene.world(place[None], size), size)[0]
        if w <= 0:
            continue
        reach = radius * ratio
        glow = QRadialGradient(QPointF(x, y), reach)
        faint = QColor(colour)
        faint.setAlphaF(0.0)
        half = QColor(colour)
        half.setAlphaF(0.45)
        glow.setColorAt(0.0, half)
        glow.setColorAt(1.0, faint)
        painter.setBrush(glow)
        painter.drawEllipse(QPointF(x, y), reach, reach)
        painter.setBrush(colour.lighter(140) if theme.dark else colour)
        painter.drawEllipse(QPointF(x, y), 2.6 * ratio, 2.6 * ratio)


def _axes(painter: QPainter, scene: Scene, size: tuple[int, int], ratio: float) -> None:
    axes = scene.axes_picture(size, ratio)
    for (x1, y1, x2, y2), strength in zip(axes.lines, axes.strength, strict=True):
        colour = QColor(scene.tokens.muted)
        colour.setAlphaF(0.62 * float(strength))
        painter.setPen(QPen(colour, ratio))
        painter.drawLine(QLineF(x1, y1, x2, y2))
    for label in axes.labels:
        font = label_font(label.name, ratio)
        measure = QFontMetricsF(font)
        width, height = measure.horizontalAdvance(label.text) + 4, measure.height()
        painter.setFont(font)
        painter.setPen(QColor(scene.tokens.text if label.name else scene.tokens.muted))
        box = QRectF(label.x - label.anchor[0] * width, label.y - label.anchor[1] * height,
                     width, height)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, label.text)


class PaintedOrbit(QWidget):
    """A plain widget that draws a `Scene`; the surface where there is no OpenGL."""

    drawn = Signal(float)
    """Seconds that a drawing took."""

    def __init__(self, scene: Scene, parent: QWidget) -> None:
        super().__init__(parent)
        self.scene = scene
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    @property
    def widget(self) -> QWidget:
        """The widget itself."""
        return self

    def render_scene(self, size: tuple[int, int], supersample: int = 2) -> NDArray[np.uint8]:
        """The picture at any size, ``(height, width, 4)``."""
        return render_painted(
            self.scene, size, supersample, (max(1, self.width()), max(1, self.height()))
        )

    def paintEvent(self, event: QPaintEvent) -> None:
        began = time.perf_counter()
        ratio = self.devicePixelRatioF()
        size = max(1, round(self.width() * ratio)), max(1, round(self.height() * ratio))
        image = paint_scene(self.scene, size, ratio)
        image.setDevicePixelRatio(ratio)
        painter = QPainter(self)
        painter.drawImage(0, 0, image)
        painter.end()
        self.drawn.emit(time.perf_counter() - began)


def render_painted(scene: Scene, size: tuple[int, int], supersample: int,
                   like: tuple[int, int]) -> NDArray[np.uint8]:
    """The scene at any size, ``(height, width, 4)``.

    Parameters
    ----------
    size : tuple of int
    supersample : int
        Drawn so many times larger and averaged.
    like : tuple of int
        The size on screen whose line widths and words are kept in proportion.
    """
    width, height = size
    supersample = affordable(size, supersample)
    ratio = supersample * export_ratio(size, like)
    coarse, scene.coarse = scene.coarse, False
    try:
        image = paint_scene(scene, (width * supersample, height * supersample), ratio)
    finally:
        scene.coarse = coarse
    flat = np.frombuffer(image.constBits(), dtype=np.uint8)
    pixels = flat.reshape(image.height(), image.bytesPerLine() // 4, 4)[:, : image.width()]
    parts = pixels.reshape(height, supersample, width, supersample, 4).astype(np.float32)
    out: NDArray[np.uint8] = np.round(parts.mean(axis=(1, 3))).astype(np.uint8)
    out[..., 3] = 255
    return out
