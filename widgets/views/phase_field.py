"""The flow behind a phase portrait of a two-dimensional system, drawn into pixels.

Arrows or streamlines, nullclines, and the fixed points to be marked. Runs on the engine
thread and keeps nothing: the phase portrait calls it when the window, the values or (for
fields that depend on it) the time change.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.analysis.phase_plane import (
    FixedPoint,
    arrows,
    phase_plane,
    streamlines,
)
from engine.drawing.brush import colour, colour_coverage, pixel_x, pixel_y, stroke
from engine.drawing.ranges import Window
from engine.exhibit import Values
from engine.look import Tokens
from engine.systems.system import System

Array = NDArray[np.float64]
ONE = np.ones(1)


@dataclass(frozen=True)
class Plane:
    """Where the two variables of the system lie on the picture.

    Attributes
    ----------
    window : Window
        What the picture shows, abscissa and ordinate as drawn.
    size : tuple of int
        Width and height in pixels.
    swapped : bool
        True where the second variable is the abscissa.
    """

    window: Window
    size: tuple[int, int]
    swapped: bool = False

    @property
    def natural(self) -> Window:
        """The window with the first variable as abscissa."""
        w = self.window
        return Window(w.bottom, w.top, w.left, w.right) if self.swapped else w

    def pixels(self, first: Array, second: Array) -> tuple[Array, Array]:
        """Both variables as pixel coordinates on the picture."""
        x, y = (second, first) if self.swapped else (first, second)
        return pixel_x(x, self.window, self.size[0]), pixel_y(y, self.window, self.size[1])


@dataclass(frozen=True)
class Wishes:
    """What of the flow a person wants to see, and how thick a line is in pixels."""

    field: str
    nullclines: bool
    fixed_points: bool
    ratio: float


def nullcline_colours(tokens: Tokens) -> tuple[str, str]:
    """Colours of the lines on which the first, the second equation vanishes."""
    return tokens.warm, tokens.series[3]


def draw(
    canvas: NDArray[np.uint32],
    system: System,
    values: Values,
    time: float,
    plane: Plane,
    wishes: Wishes,
    tokens: Tokens,
) -> tuple[FixedPoint, ...]:
    """Draw the flow into `canvas` and return the fixed points, as drawn (x, y).

    Parameters
    ----------
    canvas : array of uint32, shape (height, width)
        Drawn into.
    values : mapping
        Parameter values of the system.
    time : float
        For fields that depend on it.
    """
    ratio = wishes.ratio
    coverage = np.zeros(canvas.shape, dtype=np.float32)
    if wishes.field == "streamlines" and system.kind == "flow":
        _streamlines(coverage, system, values, time, plane, ratio)
    elif wishes.field != "none":
        _arrows(coverage, system, values, time, plane, ratio)
    if wishes.field != "none":
        colour_coverage(canvas, coverage, colour(tokens.muted, 0.5 if tokens.dark else 0.6))
    if not (wishes.nullclines or wishes.fixed_points):
        return ()
    found = phase_plane(system, plane.natural, values, time)
    if wishes.nullclines and system.kind == "flow":
        names = nullcline_colours(tokens)
        for segments, name in zip(found.nullclines, names, strict=True):
            coverage[:] = 0.0
            _segments(coverage, segments, plane, 1.5 * ratio)
            colour_coverage(canvas, coverage, colour(name, 0.9))
    return found.fixed_points if wishes.fixed_points else ()


def _segments(coverage: NDArray[np.float32], segments: Array, plane: Plane, width: float) -> None:
    path = np.full((3 * len(segments), 2), np.nan)
    path[0::3] = segments[:, :2]
    path[1::3] = segments[:, 2:]
    x, y = plane.pixels(path[:, 0], path[:, 1])
    stroke(coverage, np.ascontiguousarray(x), np.ascontiguousarray(y), width, ONE, 0.0)


def _arrows(
    coverage: NDArray[np.float32],
    system: System,
    values: Values,
    time: float,
    plane: Plane,
    ratio: float,
) -> None:
    spacing = 27.0 * ratio
    across = max(2, round(plane.size[0] / spacing))
    down = max(2, round(plane.size[1] / spacing))
    columns, rows = (down, across) if plane.swapped else (across, down)
    xs, ys, u, v = arrows(system, plane.natural, values, time, columns, rows)
    first, second = (grid.ravel() for grid in np.meshgrid(xs, ys))
    x, y = plane.pixels(first, second)
    a, b = (v, u) if plane.swapped else (u, v)
    with np.errstate(all="ignore"):
        dx = a.ravel() * (plane.size[0] / plane.window.width)
        dy = -b.ravel() * (plane.size[1] / plane.window.height)
        speed = np.hypot(dx, dy)
        usable = np.isfinite(speed) & (speed > 0.0)
        if not usable.any():
            return
        x, y, dx, dy, speed = x[usable], y[usable], dx[usable], dy[usable], speed[usable]
        # Fast places differ by powers of ten from slow ones; a root keeps both readable.
        length = np.clip((speed / np.quantile(speed, 0.9)) ** 0.4, 0.22, 1.0) * 0.8 * spacing
        dx, dy = dx / speed * length, dy / speed * length
    path = np.full((7 * len(x), 2), np.nan)
    tip_x, tip_y = x + 0.5 * dx, y + 0.5 * dy
    path[0::7] = np.column_stack([x - 0.5 * dx, y - 0.5 * dy])
    path[1::7] = np.column_stack([tip_x, tip_y])
    _barbs(path, tip_x, tip_y, dx / length, dy / length, np.minimum(4.5 * ratio, 0.4 * length))
    stroke(coverage, path[:, 0].copy(), path[:, 1].copy(), ratio, ONE, 0.0)


def _barbs(path: Array, x: Array, y: Array, dx: Array, dy: Array, size: Array) -> None:
    """Two short lines at the tip, in rows 3 to 5 of every seven (2 and 6 stay NaN)."""
    cos, sin = math.cos(math.radians(152.0)), math.sin(math.radians(152.0))
    path[3::7] = np.column_stack(
        [x + size * (cos * dx - sin * dy), y + size * (sin * dx + cos * dy)]
    )
    path[4::7] = np.column_stack([x, y])
    path[5::7] = np.column_stack(
        [x + size * (cos * dx + sin * dy), y + size * (-sin * dx + cos * dy)]
    )


def _streamlines(
    coverage: NDArray[np.float32],
    system: System,
    values: Values,
    time: float,
    plane: Plane,
    ratio: float,
) -> None:
    width, height = plane.size
    size = (height, width) if plane.swapped else (width, height)
    points, heads = streamlines(system, plane.natural, values, time, size, 15.0 * ratio)
    if plane.swapped:
        # The picture was drawn lying on its side: first variable to the right.
        points = np.column_stack([width - points[:, 1], height - points[:, 0]])
        heads = np.column_stack(
            [width - heads[:, 1], height - heads[:, 0], -heads[:, 3], -heads[:, 2]]
        )
    stroke(coverage, points[:, 0].copy(), points[:, 1].copy(), ratio, ONE, 0.0)
    if len(heads):
        length = np.hypot(heads[:, 2], heads[:, 3])
        path = np.full((7 * len(heads), 2), np.nan)
        _barbs(
            path,
            heads[:, 0],
            heads[:, 1],
            heads[:, 2] / length,
            heads[:, 3] / length,
            np.full(len(heads), 5.5 * ratio),
        )
        stroke(coverage, path[:, 0].copy(), path[:, 1].copy(), ratio, ONE, 0.0)
