"""The plane that the flat views draw on: a themed pyqtgraph scene with gestures.

A `Plot` holds a frame (axes, grid), one `Raster` (the picture made on the engine thread),
whatever pyqtgraph items a view adds, a read-out, a caption and a veil for "nothing to
draw". It turns the mouse into plain signals and eases its window; what they mean is the
view's business. The only place that sets pyqtgraph's global options.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import (
    QAbstractAnimation,
    QEasingCurve,
    QEvent,
    QPointF,
    QRect,
    QRectF,
    Qt,
    QVariantAnimation,
    Signal,
)
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QResizeEvent
from PySide6.QtWidgets import QGraphicsItem, QGraphicsRectItem, QLabel, QWidget

from engine.drawing.ranges import Window
from engine.look import Tokens
from widgets import theme
from widgets.views.axes import Frame, Margins

pg.setConfigOptions(imageAxisOrder="row-major", antialias=False)

MOTION = 120
"""Milliseconds that a change of the axes takes; see `set_motion`."""
_moving = True


def set_motion(wanted: bool) -> None:
    """Let axes ease to a new range, or jump there."""
    global _moving
    _moving = wanted


class Raster(pg.GraphicsObject):
    """An image of ready pixels laid over a window of the plane."""

    def __init__(self, smooth: bool = True) -> None:
        super().__init__()
        self._image: QImage | None = None
        self._pixels: NDArray[Any] | None = None
        self._window = Window(0.0, 1.0, 0.0, 1.0)
        self.smooth = smooth

    def show_pixels(self, pixels: NDArray[np.uint32] | None, window: Window) -> None:
        """Show words 0xAARRGGBB (premultiplied), row 0 at the top of `window`."""
        if window != self._window:
            self.prepareGeometryChange()
            self._window = window
        # Qt does not copy: the array must live as long as the image.
        self._pixels = pixels
        self._image = None
        if pixels is not None:
            height, width = pixels.shape
            self._image = QImage(
                pixels.data, width, height, 4 * width, QImage.Format.Format_ARGB32_Premultiplied
            )
        self.update()

    @property
    def pixels(self) -> NDArray[Any] | None:
        """What is shown."""
        return self._pixels

    def boundingRect(self) -> QRectF:
        w = self._window
        return QRectF(w.left, w.bottom, w.width, w.height)

    def paint(self, painter: QPainter, *_: object) -> None:
        if self._image is None:
            return
        target = painter.transform().mapRect(self.boundingRect())
        painter.save()
        painter.resetTransform()
        device = painter.device()
        ratio = device.devicePixelRatioF() if device is not None else 1.0
        width, height = self._image.width() / ratio, self._image.height() / ratio
        if abs(target.width() - width) < 0.6 and abs(target.height() - height) < 0.6:
            # Pixel for pixel: resampling by a fraction of a pixel would only blur.
            self._image.setDevicePixelRatio(ratio)
            painter.drawImage(
                QPointF(round(target.left() * ratio) / ratio, round(target.top() * ratio) / ratio),
                self._image,
            )
        else:
            self._image.setDevicePixelRatio(1.0)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, self.smooth)
            painter.drawImage(target, self._image)
        painter.restore()


class Box(pg.ViewBox):
    """The plot area; it turns the mouse into signals and moves nothing by itself."""

    clicked = Signal(float, float)
    double_clicked = Signal()
    boxed = Signal(object)
    """A `Window` drawn with the left button, where ``drag`` is ``box``."""
    dragged = Signal(float, float, bool)
    """Data units dragged since the last call, and True at the end."""
    brushed = Signal(float, float, bool)
    """A place under a drag, where ``drag`` is ``brush``, and True at the end."""
    zoomed = Signal(float, float, float)
    """Factor (less than 1 comes closer), and the place that stays."""

    def __init__(self) -> None:
        super().__init__(enableMenu=False, defaultPadding=0.0)
        self.disableAutoRange()
        self.drag = "pan"
        self._band = QGraphicsRectItem(self)
        self._band.setZValue(100)
        self._band.hide()

    def set_band_colour(self, colour: str) -> None:
        """Colour of the rubber band."""
        pen = QPen(QColor(colour), 1)
        pen.setCosmetic(True)
        self._band.setPen(pen)
        fill = QColor(colour)
        fill.setAlpha(40)
        self._band.setBrush(fill)

    def place(self, position: Any) -> QPointF:
        """A position in this item as data coordinates."""
        return self.mapToView(position)

    def mouseDragEvent(self, ev: Any, axis: Any = None) -> None:
        ev.accept()
        if ev.button() == Qt.MouseButton.LeftButton and self.drag == "box":
            self._draw_band(ev)
            return
        here, before = self.place(ev.pos()), self.place(ev.lastPos())
        if ev.button() == Qt.MouseButton.LeftButton and self.drag == "brush":
            self.brushed.emit(here.x(), here.y(), bool(ev.isFinish()))
            return
        self.dragged.emit(here.x() - before.x(), here.y() - before.y(), bool(ev.isFinish()))

    def _draw_band(self, ev: Any) -> None:
        rect = QRectF(ev.buttonDownPos(), ev.pos()).normalized() & self.rect()
        self._band.setRect(rect)
        self._band.setVisible(not ev.isFinish())
        if ev.isFinish() and rect.width() > 4 and rect.height() > 4:
            corner, other = self.place(rect.bottomLeft()), self.place(rect.topRight())
            self.boxed.emit(Window(corner.x(), other.x(), corner.y(), other.y()))

    def mouseClickEvent(self, ev: Any) -> None:
        if ev.button() != Qt.MouseButton.LeftButton:
            return
        ev.accept()
        if ev.double():
            self.double_clicked.emit()
        else:
            place = self.place(ev.pos())
            self.clicked.emit(place.x(), place.y())

    def wheelEvent(self, ev: Any, axis: Any = None) -> None:
        place = self.place(ev.pos())
        self.zoomed.emit(0.999 ** ev.delta(), place.x(), place.y())
        ev.accept()


class Plot(pg.GraphicsView):
    """A plot with axes, gestures, a read-out and a veil. See the module docstring.

    Parameters
    ----------
    tokens : Tokens
        The theme.
    """

    hovered = Signal(object)
    """(x, y) under the pointer, or None when it left the plot."""

    def __init__(self, tokens: Tokens, parent: QWidget | None = None) -> None:
        super().__init__(parent, background=None)
        self.setFrameShape(self.Shape.NoFrame)
        self.setMouseTracking(True)
        self.frame_item = Frame(tokens)
        self.scene().addItem(self.frame_item)
        self.box = Box()
        self.scene().addItem(self.box)
        self.raster = Raster()
        self.add(self.raster)
        self.caption = _Note(self, tokens, "caption")
        self.readout = _Note(self, tokens, "readout", beside=self.caption)
        self.veil = _Veil(self, tokens)
        self._window = Window(0.0, 1.0, 0.0, 1.0)
        self._glide = QVariantAnimation(self)
        self._glide.setEasingCurve(QEasingCurve.Type.OutCubic)
        self._glide.setStartValue(0.0)
        self._glide.setEndValue(1.0)
        self._glide.valueChanged.connect(self._glided)
        self._from = self._to = self._window
        self._shown_once = False
        self.box.sigRangeChanged.connect(self._range_changed)
        self.scene().sigMouseMoved.connect(self._mouse_moved)
        self.set_theme(tokens)

    # -- the window -----------------------------------------------------------------------

    @property
    def window(self) -> Window:
        """What is shown, or is being eased to."""
        return self._to

    def add(self, item: QGraphicsItem, z: float = 0.0) -> None:
        """Add a pyqtgraph item in data coordinates."""
        item.setZValue(z)
        self.box.addItem(item, ignoreBounds=True)

    def show_window(self, window: Window, *, glide: bool = True) -> None:
        """Show this part of the plane, easing there where that helps the eye."""
        if window == self._to and self._shown_once:
            return
        first, self._shown_once = not self._shown_once, True
        self._from, self._to = self._window, window
        self._glide.stop()
        far = (
            window.left >= self._from.right
            or window.right <= self._from.left
            or window.bottom >= self._from.top
            or window.top <= self._from.bottom
        )
        if first or far or not (glide and _moving and self.isVisible()):
            self._apply(window)
        else:
            self._glide.setDuration(MOTION)
            self._glide.start(QAbstractAnimation.DeletionPolicy.KeepWhenStopped)

    def _glided(self, share: float) -> None:
        a, b = self._from, self._to
        if share >= 1.0:
            self._apply(b)
        else:
            self._apply(Window(*((1 - share) * p + share * q for p, q in zip(a, b, strict=True))))

    def _apply(self, window: Window) -> None:
        self._window = window
        self.box.setRange(
            xRange=(window.left, window.right), yRange=(window.bottom, window.top), padding=0.0
        )
        self.frame_item.show_window(window)

    def _range_changed(self, _: object, ranges: Any) -> None:
        (left, right), (bottom, top) = ranges
        # The locked aspect of an image makes the window larger than asked for.
        self._window = Window(left, right, bottom, top)
        if self._shown_once:
            self.frame_item.show_window(self._window)

    def moved(self, dx: float, dy: float) -> Window:
        """The window after a drag by so many data units."""
        w = self._to
        return Window(w.left - dx, w.right - dx, w.bottom - dy, w.top - dy)

    def scaled(self, factor: float, x: float, y: float) -> Window:
        """The window after a zoom by `factor` about a place."""
        w = self._to
        return Window(
            x + (w.left - x) * factor,
            x + (w.right - x) * factor,
            y + (w.bottom - y) * factor,
            y + (w.top - y) * factor,
        )

    # -- size and look --------------------------------------------------------------------

    def set_margins(self, margins: Margins) -> None:
        """Change the room around the plot."""
        if margins != self.frame_item.margins:
            self.frame_item.margins = margins
            self._lay_out()

    def plot_pixels(self) -> tuple[int, int]:
        """Width and height of the plot area in device pixels."""
        self._lay_out()
        ratio = self.devicePixelRatioF()
        area = self.frame_item.area
        return max(1, round(area.width() * ratio)), max(1, round(area.height() * ratio))

    def resizeEvent(self, ev: QResizeEvent | None) -> None:
        super().resizeEvent(ev)
        if hasattr(self, "veil"):
            self._lay_out()

    def _lay_out(self) -> None:
        extent = QRectF(self.rect())
        self.frame_item.resize(extent)
        area = self.frame_item.area
        if self.box.geometry() != area:
            self.box.setGeometry(area)
        inner = area.toRect()
        self.caption.put(inner)
        self.readout.put(inner)
        self.veil.setGeometry(inner)

    def set_theme(self, tokens: Tokens) -> None:
        """Take the colours of another theme."""
        self.setBackground(tokens.panel)
        self.frame_item.set_theme(tokens)
        self.box.set_band_colour(tokens.accent)
        self.readout.set_theme(tokens)
        self.caption.set_theme(tokens)
        self.veil.set_theme(tokens)

    # -- the pointer ----------------------------------------------------------------------

    def _mouse_moved(self, position: Any) -> None:
        inside = self.frame_item.area.contains(position)
        if not inside:
            self.hovered.emit(None)
            return
        place = self.box.mapSceneToView(position)
        self.hovered.emit((place.x(), place.y()))

    def leaveEvent(self, ev: QEvent) -> None:
        super().leaveEvent(ev)
        self.hovered.emit(None)


class _Note(QLabel):
    """A line of text inside the plot: the caption at the left, the read-out at the right.

    The read-out goes below the caption where both do not fit side by side, and is not shown
    where it does not fit at all.
    """

    def __init__(
        self, parent: QWidget, tokens: Tokens, name: str, beside: QLabel | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self._beside = beside
        self._area = QRect()
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFont(theme.font(theme.SMALL))
        self.setTextFormat(Qt.TextFormat.RichText)
        self.hide()

    def set_theme(self, tokens: Tokens) -> None:
        fill = QColor(tokens.panel)
        self.setStyleSheet(
            f"background: rgba({fill.red()}, {fill.green()}, {fill.blue()}, 205);"
            f"color: {tokens.muted}; border-radius: 4px; padding: 1px 5px;"
        )

    def say(self, text: str) -> None:
        """Show this; empty to hide."""
        if text != self.text():
            self.setText(text)
            if text:
                self.adjustSize()
            self._place()

    def put(self, area: QRect) -> None:
        """Take the rectangle of the plot."""
        if area != self._area:
            self._area = area
            self._place()

    def _place(self) -> None:
        area, beside = self._area, self._beside
        self.setVisible(bool(self.text()) and self.width() <= area.width() - 8)
        if beside is None:
            self.move(area.left() + 4, area.top() + 4)
            return
        left = area.right() - self.width() - 4
        crowded = bool(beside.text()) and left < area.left() + 12 + beside.width()
        self.move(left, area.top() + 4 + (beside.height() + 2 if crowded else 0))


class _Veil(QLabel):
    """Dims the last picture and says why there is no new one."""

    def __init__(self, parent: QWidget, tokens: Tokens) -> None:
        super().__init__(parent)
        self.setObjectName("veil")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setWordWrap(True)
        self.setFont(theme.font(theme.BODY))
        self.hide()

    def set_theme(self, tokens: Tokens) -> None:
        fill = QColor(tokens.panel)
        self.setStyleSheet(
            f"background: rgba({fill.red()}, {fill.green()}, {fill.blue()}, 190);"
            f"color: {tokens.text}; padding: 24px;"
        )

    def say(self, text: str) -> None:
        """Show this; empty to lift the veil."""
        self.setText(text[:1].upper() + text[1:])
        self.setVisible(bool(text))
        self.raise_()
