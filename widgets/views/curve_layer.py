"""Labelled lines drawn into pixels: what time series and curves have in common.

Engine thread: `Line` s in data coordinates become one image, thinned to the columns of
pixels first. GUI thread: `end_labels` places their names at the right end so that they do
not overlap. Where the axes run is decided by the callers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QFontMetricsF, QPainter
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from engine.drawing.ranges import Window, finite_bounds
from engine.look import Tokens
from widgets import theme

Array = NDArray[np.float64]
LINE_HEIGHT = 15.0


@dataclass(frozen=True)
class Line:
    """A line to draw.

    Attributes
    ----------
    x, y : array, shape (m,)
        In the coordinates of the window (already logarithms on a logarithmic axis).
    colour : str
    thickness : float
        In pixels.
    dash : float
        Length of a dash in pixels; 0 for a solid line.
    head : bool
        Whether the last point gets a dot.
    opacity : float
    """

    x: Array
    y: Array
    colour: str
    thickness: float = 1.4
    dash: float = 0.0
    head: bool = False
    opacity: float = 1.0


@dataclass(frozen=True)
class Label:
    """A name beside a place on the ordinate."""

    y: float
    text: str
    colour: str


def draw_lines(lines: Sequence[Line], window: Window, size: tuple[int, int]) -> NDArray[np.uint32]:
    """The lines as premultiplied pixels, shape (height, width).

    Parameters
    ----------
    lines : sequence of Line
        The first is at the bottom.
    window : Window
    size : tuple of int
        Width and height in pixels.
    """
    from engine.drawing.brush import colour, colour_coverage, disc, pixel_x, pixel_y, stroke
    from engine.drawing.decimate import by_column

    width, height = size
    canvas = np.zeros((height, width), dtype=np.uint32)
    coverage = np.zeros((height, width), dtype=np.float32)
    full = np.ones(1)
    for line in lines:
        if len(line.x) == 0:
            continue
        x, y = np.ascontiguousarray(line.x), np.ascontiguousarray(line.y)
        x, y = by_column(x, y, window.left, width / window.width)
        across, down = pixel_x(x, window, width), pixel_y(y, window, height)
        bounds = finite_bounds(down)
        if bounds is None:
            continue
        # Only the rows of pixels that this line can touch: lanes need a part of the picture.
        reach = int(3.0 * line.thickness) + 2
        first = int(min(max(bounds[0] - reach, 0.0), height))
        stop = int(min(max(bounds[1] + reach + 1.0, 0.0), height))
        if stop <= first:
            continue
        part = coverage[first:stop]
        part[:] = 0.0
        stroke(part, across, down - first, line.thickness, full, line.dash)
        if line.head:
            disc(part, across[-1], down[-1] - first, 2.0 * line.thickness, 1.0)
        colour_coverage(canvas[first:stop], part, colour(line.colour, line.opacity))
    return canvas


class EndLabels(QGraphicsItem):
    """Names of lines in the margin at the right of a plot, moved apart where they meet."""

    def __init__(self) -> None:
        super().__init__()
        self._area = QRectF()
        self._extent = QRectF()
        self._window = Window(0.0, 1.0, 0.0, 1.0)
        self._labels: tuple[Label, ...] = ()
        self.setZValue(50)

    def show_labels(
        self, labels: Sequence[Label], window: Window, area: QRectF, extent: QRectF
    ) -> None:
        """Show these, beside `area` inside `extent` (scene coordinates)."""
        shown = tuple(labels)
        if (shown, window, area, extent) == (self._labels, self._window, self._area, self._extent):
            return
        if extent != self._extent or area != self._area:
            self.prepareGeometryChange()
        self._labels, self._window, self._area, self._extent = shown, window, area, extent
        self.update()

    def boundingRect(self) -> QRectF:
        left = self._area.right()
        return QRectF(left, 0.0, max(0.0, self._extent.right() - left), self._extent.height())

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        if not self._labels:
            return
        area, window = self._area, self._window
        font = theme.font(theme.BODY)
        painter.setFont(font)
        metrics = QFontMetricsF(font)
        wanted = [
            area.bottom() - (label.y - window.bottom) / window.height * area.height()
            for label in self._labels
        ]
        places = apart(wanted, LINE_HEIGHT, area.top() + 6.0, area.bottom() - 6.0)
        for label, y in zip(self._labels, places, strict=True):
            painter.setPen(QColor(label.colour))
            painter.drawText(QPointF(area.right() + 6.0, y + metrics.capHeight() / 2), label.text)


def label_width(texts: Sequence[str]) -> int:
    """Room in logical pixels that names at the right end need, margin included."""
    metrics = QFontMetricsF(theme.font(theme.BODY))
    return int(max((metrics.horizontalAdvance(text) for text in texts), default=0.0)) + 14


def apart(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Places near the wanted ones, at least `gap` from each other and within the limits.

    Parameters
    ----------
    wanted : sequence of float
        In any order; the answer keeps that order.
    gap : float
        Least distance; smaller where there is not enough room.
    low, high : float
        Limits.
    """
    count = len(wanted)
    if count > 1:
        gap = min(gap, (high - low) / (count - 1))
    order = sorted(range(count), key=lambda k: wanted[k])
    places = [0.0] * count
    floor = low
    for rank, k in enumerate(order):
        ceiling = high - gap * (count - 1 - rank)
        here = wanted[k] if wanted[k] == wanted[k] else low
        places[k] = min(max(here, floor), ceiling)
        floor = places[k] + gap
    return places


def series_colour(tokens: Tokens, index: int) -> str:
    """The colour of the curve with that number; they repeat after the last."""
    return tokens.series[index % len(tokens.series)]
