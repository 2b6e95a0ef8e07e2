"""The same scene without OpenGL: rasterised by the engine, finished with Qt's painter.

Used where no context can be made (a remote display, a driver that refuses), where OpenGL
itself is drawn in software, which is several times slower than this, and for pictures of a
view that is not on screen. Same camera, same simplified curve, same axes and words.

A `Sketch` is taken on the window's thread and holds all that a drawing needs; the curve is
drawn from it on another thread, so that the window never waits for it.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QObject, QPointF, QRectF, Qt, QThreadPool, Signal
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
    from engine.drawing.orbit_picture import Piece

log = logging.getLogger(__name__)

Spot = tuple[float, float, QColor, float]


@dataclass
class Sketch:
    """All that a drawing needs, taken from a `Scene` at one moment.

    Attributes
    ----------
    size : tuple of int
        In device pixels.
    ratio : float
        Device pixels a pixel.
    background : str
    strokes : list of (str, tuple)
        Functions of ``engine.drawing.raster`` and their arguments after the light.
    veil : bool
        Whether the picture is dimmed.
    spots : list
        Heads: place, colour, radius.
    axes : object
        What ``Scene.axes_picture`` returned, or None.
    """

    size: tuple[int, int]
    ratio: float
    background: str
    strokes: list[tuple[str, tuple[Any, ...]]] = field(default_factory=list)
    veil: bool = False
    dark: bool = True
    spots: list[Spot] = field(default_factory=list)
    axes: Any = None
    text: str = ""
    muted: str = ""

    def picture(self) -> QImage:
        """The whole picture; any thread."""
        image = self.develop()
        painter = QPainter(image)
        self.finish(painter)
        painter.end()
        return image

    def develop(self) -> QImage:
        """The curves as an image; any thread, and the interpreter is free meanwhile."""
        width, height = self.size
        if not self.strokes:
            # Nothing to draw yet is no reason to wait for a compiler.
            empty = QImage(width, height, QImage.Format.Format_RGB32)
            empty.fill(QColor(self.background))
            return empty
        from engine.drawing import raster

        light = np.empty((height, width, 3), dtype=np.float32)
        light[:] = np.array(rgb(self.background), dtype=np.float32)
        for name, arguments in self.strokes:
            getattr(raster, name)(light, *arguments)
        pixels = np.empty((height, width, 4), dtype=np.uint8)
        raster.expose(light, pixels)
        image = QImage(pixels.data, width, height, 4 * width, QImage.Format.Format_RGBX8888)
        # The format of the window, so that showing it is a plain copy.
        return image.convertToFormat(QImage.Format.Format_RGB32)

    def finish(self, painter: QPainter) -> None:
        """Veil, heads, axes and words, in device pixels."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.veil:
            veil = QColor(self.background)
            veil.setAlphaF(0.62)
            painter.fillRect(0, 0, *self.size, veil)
        else:
            for spot in self.spots:
                _paint_spot(painter, spot, self.ratio, self.dark)
        if self.axes is not None:
            _paint_axes(painter, self)


def take_sketch(scene: Scene, size: tuple[int, int], ratio: float) -> Sketch:
    """What there is to draw of `scene` now, `size` in device pixels."""
    scene.ratio = ratio
    theme = scene.tokens
    sketch = Sketch(size, ratio, theme.window, dark=theme.dark, text=theme.text, muted=theme.muted)
    picture = scene.picture
    if picture is None:
        return sketch
    if picture.ghost is not None and picture.twins is None:
        sketch.strokes.append(_stroke(scene, picture.ghost, "ghost", size))
    for piece, kind in ((picture.body, "body"), (picture.fresh, "fresh"), (picture.twins, "twins")):
        if piece is not None:
            sketch.strokes.append(_stroke(scene, piece, kind, size))
    sketch.veil = bool(scene.dimmed)
    sketch.spots = _spots(scene, size, ratio)
    sketch.axes = scene.axes_picture(size, ratio) if scene.axes else None
    return sketch


def paint_scene(scene: Scene, size: tuple[int, int], ratio: float) -> QImage:
    """The whole picture at once, `size` in device pixels."""
    return take_sketch(scene, size, ratio).picture()


def _stroke(
    scene: Scene, piece: Piece, kind: str, size: tuple[int, int]
) -> tuple[str, tuple[Any, ...]]:
    main = scene.picture.body if scene.picture is not None else None
    matrix = np.ascontiguousarray(scene.matrix(piece, size))
    depth = np.array(scene.depth(size))
    colours = np.array(_colours(scene, kind), order="C")
    style = "body" if kind == "fresh" else kind
    if piece.dots:
        count = main.length if main is not None else piece.length
        diameter, alpha = scene.dot_size(size, count)
        return "draw_dots", (
            piece.place,
            piece.along,
            matrix,
            colours,
            np.array(scene.fade(piece, kind == "ghost")),
            depth,
            0.0 if scene.flat else 1.0,
            diameter,
            alpha * (0.3 if kind == "ghost" else 1.0),
            0.75 if scene.tokens.dark else 1.0,
        )
    like = main if kind == "fresh" and main is not None and not main.dots else piece
    stroke = scene.stroke(like, size, style)
    fade = stroke.fade if like is piece else scene.fade(piece)
    place, along = piece.place, piece.along
    if piece.coarse is not None and (scene.coarse or kind == "ghost"):
        place, along = piece.coarse
    return "draw_strip", (
        place,
        along,
        matrix,
        colours,
        np.array(fade),
        depth,
        stroke.cue,
        stroke.half,
        stroke.alpha,
        stroke.cover,
    )


def _colours(scene: Scene, kind: str) -> NDArray[np.float32]:
    if kind == "ghost":
        return scene.plain(scene.tokens.muted)
    if kind == "twins" and scene.picture is not None:
        return scene.series(max(1, len(scene.picture.twin_heads)))
    return scene.colours()


def _spots(scene: Scene, size: tuple[int, int], ratio: float) -> list[Spot]:
    picture = scene.picture
    assert picture is not None
    theme = scene.tokens
    wanted: list[tuple[NDArray[np.float64], QColor, float]] = []
    if len(picture.twin_heads):
        for i, head in enumerate(picture.twin_heads):
            wanted.append((head, QColor(theme.series[i % len(theme.series)]), 7.0))
    elif picture.head is not None:
        shade = scene.colours()[int(0.85 * 255)] if theme.dark else (*rgb(theme.text), 1.0)
        wanted.append((picture.head, QColor.fromRgbF(*(float(c) for c in shade[:3])), 10.0))
    if scene.cursor is not None:
        wanted.append((scene.cursor, QColor(theme.accent), 8.0))
    matrix = scene.projection(size)
    spots: list[Spot] = []
    for place, colour, radius in wanted:
        x, y, w = project(matrix, scene.world(place[None], size), size)[0]
        if w > 0:
            spots.append((float(x), float(y), colour, radius * ratio))
    return spots


def _paint_spot(painter: QPainter, spot: Spot, ratio: float, dark: bool) -> None:
    x, y, colour, reach = spot
    painter.setPen(Qt.PenStyle.NoPen)
    glow = QRadialGradient(QPointF(x, y), reach)
    faint = QColor(colour)
    faint.setAlphaF(0.0)
    half = QColor(colour)
    half.setAlphaF(0.45)
    glow.setColorAt(0.0, half)
    glow.setColorAt(1.0, faint)
    painter.setBrush(glow)
    painter.drawEllipse(QPointF(x, y), reach, reach)
    if not dark:
        # Dark ink on dark ink is not seen: a white ring sets the head off.
        painter.setPen(QPen(QColor("white"), 1.6 * ratio))
    painter.setBrush(colour.lighter(140) if dark else colour)
    size = (2.6 if dark else 4.4) * ratio
    painter.drawEllipse(QPointF(x, y), size, size)


def _paint_axes(painter: QPainter, sketch: Sketch) -> None:
    axes, ratio = sketch.axes, sketch.ratio
    for (x1, y1, x2, y2), strength in zip(axes.lines, axes.strength, strict=True):
        colour = QColor(sketch.muted)
        colour.setAlphaF(0.62 * float(strength))
        painter.setPen(QPen(colour, ratio))
        painter.drawLine(QLineF(x1, y1, x2, y2))
    for label in axes.labels:
        font = label_font(label.name, ratio)
        measure = QFontMetricsF(font)
        width, height = measure.horizontalAdvance(label.text) + 4, measure.height()
        painter.setFont(font)
        painter.setPen(QColor(sketch.text if label.name else sketch.muted))
        box = QRectF(
            label.x - label.anchor[0] * width, label.y - label.anchor[1] * height, width, height
        )
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, label.text)


class _Answer(QObject):
    """Carries a drawing from the thread that made it to the window's."""

    done = Signal(object, float)


class PaintedOrbit(QWidget):
    """A plain widget that draws a `Scene`; the surface where there is no OpenGL."""

    drawn = Signal(float)
    """Seconds that a drawing took, on its own thread."""

    def __init__(self, scene: Scene, parent: QWidget) -> None:
        super().__init__(parent)
        self.scene = scene
        self._image: QImage | None = None
        self._wanted: Sketch | None = None
        self._busy = False
        self._answer = _Answer()
        self._answer.done.connect(self._show)
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

    def update(self) -> None:
        """Draw the scene as it is now; the newest request wins."""
        ratio = self.devicePixelRatioF()
        size = max(1, round(self.width() * ratio)), max(1, round(self.height() * ratio))
        sketch = take_sketch(self.scene, size, ratio)
        if self._busy:
            self._wanted = sketch
        else:
            self._start(sketch)

    def _start(self, sketch: Sketch) -> None:
        self._busy = True
        QThreadPool.globalInstance().start(partial(_develop, sketch, self._answer.done.emit))

    def _show(self, image: QImage | None, seconds: float) -> None:
        self._busy = False
        if image is not None:
            self._image = image
            super().update()
        if self._wanted is not None:
            sketch, self._wanted = self._wanted, None
            self._start(sketch)
        self.drawn.emit(seconds)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        if self._image is None:
            painter.fillRect(self.rect(), QColor(self.scene.tokens.window))
            painter.end()
            return
        ratio = self.devicePixelRatioF()
        painter.scale(1.0 / ratio, 1.0 / ratio)
        width, height = round(self.width() * ratio), round(self.height() * ratio)
        if (self._image.width(), self._image.height()) == (width, height):
            painter.drawImage(0, 0, self._image)
        else:
            # Being resized: the last drawing serves until the next one is there.
            painter.drawImage(QRectF(0, 0, width, height), self._image)
        painter.end()


def _develop(sketch: Sketch, answer: Callable[[QImage | None, float], None]) -> None:
    began = time.perf_counter()
    image: QImage | None = None
    try:
        image = sketch.picture()
    except Exception:
        log.exception("the attractor could not be drawn")
    try:
        answer(image, time.perf_counter() - began)
    except RuntimeError:
        # The view was closed while its picture was drawn.
        return


def render_painted(
    scene: Scene, size: tuple[int, int], supersample: int, like: tuple[int, int]
) -> NDArray[np.uint8]:
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
    image = image.convertToFormat(QImage.Format.Format_RGBX8888)
    flat = np.frombuffer(image.constBits(), dtype=np.uint8)
    pixels = flat.reshape(image.height(), image.bytesPerLine() // 4, 4)[:, : image.width()]
    parts = pixels.reshape(height, supersample, width, supersample, 4).astype(np.float32)
    out: NDArray[np.uint8] = np.round(parts.mean(axis=(1, 3))).astype(np.uint8)
    out[..., 3] = 255
    return out
