"""Curves and points drawn into arrays of pixels, so that the window only has to copy them.

A hundred thousand segments take a painter tens of milliseconds on the thread that must not
wait; drawn here, on the engine thread, they take two, with smooth edges and with a density
that shows where an orbit comes back. Coverage is counted first (`ink`, `dots`, `stroke`),
coloured afterwards (`colour_density`, `colour_coverage`).

Pixels are ``float32`` coverage or ``uint32`` words 0xAARRGGBB with premultiplied alpha, row
0 at the top. Nothing here knows where a picture is shown.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from engine.drawing._kernel import kernel
from engine.drawing.ranges import Window
from engine.look import rgb

Coverage = NDArray[np.float32]
Pixels = NDArray[np.uint32]


def pixel_x(x: NDArray[np.float64], window: Window, columns: int) -> NDArray[np.float64]:
    """Abscissae as pixel coordinates; whole numbers are pixel centres."""
    return np.asarray((x - window.left) * (columns / window.width) - 0.5)


def pixel_y(y: NDArray[np.float64], window: Window, rows: int) -> NDArray[np.float64]:
    """Ordinates as pixel coordinates counted from the top; whole numbers are centres."""
    return np.asarray((window.top - y) * (rows / window.height) - 0.5)


@kernel("void(f4[:,::1], f8[:,::1], i8, i8, f8, f8, f8, f8)", fastmath={"contract", "arcp"})
def ink(
    density: Coverage,
    rows: NDArray[np.float64],
    column_x: int,
    column_y: int,
    left: float,
    scale_x: float,
    top: float,
    scale_y: float,
) -> None:
    """Add a curve to `density`: one unit a pixel of length, edges smoothed.

    Parameters
    ----------
    density : array, shape (height, width)
        Added to.
    rows : array, shape (m, columns)
        The points in order; a point that is not finite interrupts the curve.
    column_x, column_y : int
        Which columns of `rows` are drawn.
    left, top : float
        Data coordinates of the picture's upper left corner.
    scale_x, scale_y : float
        Pixels a data unit.

    Notes
    -----
    Along its longer direction every segment covers a half-open interval of pixel centres,
    so that joints are counted once; across, two pixels share the unit (after X. Wu,
    Computer Graphics 25, 143 (1991)).
    """
    height, width = density.shape
    x0 = math.nan
    y0 = math.nan
    for k in range(rows.shape[0]):
        x1 = (rows[k, column_x] - left) * scale_x - 0.5
        y1 = (top - rows[k, column_y]) * scale_y - 0.5
        dx = x1 - x0
        dy = y1 - y0
        reach = max(abs(dx), abs(dy))
        # The comparison is false for anything that is not finite, and stops absurd jumps.
        if reach > 0.0 and reach < 1e7:
            if abs(dx) >= abs(dy):
                slope = dy / dx
                weight = math.sqrt(1.0 + slope * slope)
                first = max(0, math.ceil(min(x0, x1)))
                stop = min(width, math.ceil(max(x0, x1)))
                y = y0 + (first - x0) * slope
                if min(y0, y1) >= 1.0 and max(y0, y1) <= height - 3:
                    for column in range(first, stop):
                        row = int(y)
                        share = (y - row) * weight
                        density[row, column] += np.float32(weight - share)
                        density[row + 1, column] += np.float32(share)
                        y += slope
                    x0 = x1
                    y0 = y1
                    continue
                for column in range(first, stop):
                    if -1.0 < y < height:
                        row = math.floor(y)
                        share = (y - row) * weight
                        if row >= 0:
                            density[row, column] += np.float32(weight - share)
                        if row + 1 < height:
                            density[row + 1, column] += np.float32(share)
                    y += slope
            else:
                slope = dx / dy
                weight = math.sqrt(1.0 + slope * slope)
                first = max(0, math.ceil(min(y0, y1)))
                stop = min(height, math.ceil(max(y0, y1)))
                x = x0 + (first - y0) * slope
                if min(x0, x1) >= 1.0 and max(x0, x1) <= width - 3:
                    for row in range(first, stop):
                        column = int(x)
                        share = (x - column) * weight
                        density[row, column] += np.float32(weight - share)
                        density[row, column + 1] += np.float32(share)
                        x += slope
                    x0 = x1
                    y0 = y1
                    continue
                for row in range(first, stop):
                    if -1.0 < x < width:
                        column = math.floor(x)
                        share = (x - column) * weight
                        if column >= 0:
                            density[row, column] += np.float32(weight - share)
                        if column + 1 < width:
                            density[row, column + 1] += np.float32(share)
                    x += slope
        x0 = x1
        y0 = y1


@kernel("void(f4[:,::1], f8[:,::1], i8, i8, f8, f8, f8, f8, f8)")
def dots(
    density: Coverage,
    rows: NDArray[np.float64],
    column_x: int,
    column_y: int,
    left: float,
    scale_x: float,
    top: float,
    scale_y: float,
    spread: float,
) -> None:
    """Add one unit to the pixel of every row that lies inside; parameters as for `ink`.

    `spread` is added to the four pixels around it, so that few points can be seen.
    """
    height, width = density.shape
    beside = np.float32(spread)
    for k in range(rows.shape[0]):
        x = (rows[k, column_x] - left) * scale_x
        y = (top - rows[k, column_y]) * scale_y
        # A margin of a pixel keeps the neighbours inside.
        if 1.0 <= x < width - 1 and 1.0 <= y < height - 1:
            row, column = int(y), int(x)
            density[row, column] += np.float32(1.0)
            if spread > 0.0:
                density[row - 1, column] += beside
                density[row + 1, column] += beside
                density[row, column - 1] += beside
                density[row, column + 1] += beside


@kernel("void(f4[:,::1], f8[::1], f8[::1], f8, f8[::1], f8)")
def stroke(
    coverage: Coverage,
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    thickness: float,
    strength: NDArray[np.float64],
    dash: float,
) -> None:
    """Draw a polyline of some thickness, keeping the larger coverage where it crosses itself.

    Parameters
    ----------
    coverage : array, shape (height, width)
        Between 0 and 1; raised where the line passes.
    x, y : array, shape (m,)
        Pixel coordinates, whole numbers at pixel centres; NaN interrupts the line.
    thickness : float
        In pixels.
    strength : array, shape (m,) or (1,)
        Coverage of the line's middle at each point, or everywhere.
    dash : float
        Length of a dash in pixels, the gap being two thirds of it; 0 for a solid line.
    """
    height, width = coverage.shape
    walked = 0.0
    for k in range(1, x.shape[0]):
        dx = x[k] - x[k - 1]
        dy = y[k] - y[k - 1]
        reach = max(abs(dx), abs(dy))
        if not reach < 1e7:
            walked = 0.0
            continue
        level = strength[k] if strength.shape[0] > 1 else strength[0]
        length = math.sqrt(dx * dx + dy * dy)
        flat = abs(dx) >= abs(dy)
        if flat:
            a0, b0, da, db, limit_a, limit_b = x[k - 1], y[k - 1], dx, dy, width, height
        else:
            a0, b0, da, db, limit_a, limit_b = y[k - 1], x[k - 1], dy, dx, height, width
        slope = db / da if da != 0.0 else 0.0
        stretch = math.sqrt(1.0 + slope * slope)
        half = 0.5 * thickness * stretch
        first = max(0, round(min(a0, a0 + da)))
        last = min(limit_a - 1, round(max(a0, a0 + da)))
        for a in range(first, last + 1):
            along = (a - a0) / da if da != 0.0 else 0.0
            along = min(1.0, max(0.0, along))
            if dash > 0.0:
                phase = (walked + along * length) % (dash * (5.0 / 3.0))
                if phase > dash:
                    continue
            middle = b0 + along * db
            if not -half - 1.0 < middle < limit_b + half:
                continue
            low = max(0, math.floor(middle - half))
            high = min(limit_b - 1, math.ceil(middle + half))
            for b in range(low, high + 1):
                inside = min(1.0, half + 0.5 - abs(b - middle)) * min(1.0, thickness) * level
                if flat:
                    if inside > coverage[b, a]:
                        coverage[b, a] = inside
                elif inside > coverage[a, b]:
                    coverage[a, b] = inside
        walked += length


@kernel("void(f4[:,::1], f8, f8, f8, f8)")
def disc(coverage: Coverage, x: float, y: float, radius: float, softness: float) -> None:
    """Draw a filled disc at pixel coordinates, its edge fading over `softness` pixels."""
    height, width = coverage.shape
    if not (abs(x) < 1e7 and abs(y) < 1e7):
        return
    reach = radius + softness
    for row in range(max(0, math.floor(y - reach)), min(height, math.ceil(y + reach) + 1)):
        for column in range(max(0, math.floor(x - reach)), min(width, math.ceil(x + reach) + 1)):
            distance = math.sqrt((row - y) ** 2 + (column - x) ** 2)
            inside = min(1.0, (reach - distance) / softness) if distance < reach else 0.0
            inside = inside * inside if softness > 2.0 else inside
            if inside > coverage[row, column]:
                coverage[row, column] = inside


@kernel("void(u4[:,::1], f4[:,::1], f8[::1])")
def colour_coverage(pixels: Pixels, coverage: Coverage, colour: NDArray[np.float64]) -> None:
    """Lay a colour over `pixels` where there is coverage.

    Parameters
    ----------
    pixels : array of uint32, shape (height, width)
        Drawn into.
    coverage : array, shape (height, width)
        Opacity, 0 to 1.
    colour : array, shape (4,)
        Red, green, blue and opacity between 0 and 1.
    """
    height, width = pixels.shape
    for row in range(height):
        for column in range(width):
            share = coverage[row, column]
            if share > 0.0:
                alpha = min(1.0, share) * colour[3]
                pixels[row, column] = _over(
                    pixels[row, column],
                    colour[0] * alpha,
                    colour[1] * alpha,
                    colour[2] * alpha,
                    alpha,
                )


@kernel("void(u4[:,::1], f4[:,::1], f8[:,::1], f8, f8)")
def colour_density(
    pixels: Pixels, density: Coverage, ramp: NDArray[np.float64], top: float, floor: float
) -> None:
    """Lay a density over `pixels`, its logarithm through a ramp of colours.

    Parameters
    ----------
    pixels : array of uint32, shape (height, width)
        Drawn into.
    density : array, shape (height, width)
        Not negative.
    ramp : array, shape (steps, 4)
        Red, green, blue, opacity, faint to strong.
    top : float
        Density that takes the last colour; more than 1.
    floor : float
        Where on the ramp (0 to 1) a density of one lies; below it the colour fades away.
    """
    height, width = pixels.shape
    steps = ramp.shape[0] - 1
    slope = (1.0 - floor) / math.log(top)
    for row in range(height):
        for column in range(width):
            amount = density[row, column]
            if amount > 0.0:
                fade = 1.0
                level = floor
                if amount >= 1.0:
                    level = min(1.0, floor + slope * math.log(amount))
                else:
                    fade = amount
                step = int(level * steps)
                alpha = ramp[step, 3] * fade
                pixels[row, column] = _over(
                    pixels[row, column],
                    ramp[step, 0] * alpha,
                    ramp[step, 1] * alpha,
                    ramp[step, 2] * alpha,
                    alpha,
                )


@njit(nogil=True, cache=True, inline="always")
def _over(word: int, red: float, green: float, blue: float, alpha: float) -> np.uint32:
    keep = 1.0 - alpha
    below = np.uint32(word)
    a = int(255.0 * alpha + keep * ((below >> np.uint32(24)) & np.uint32(255)) + 0.5)
    r = int(255.0 * red + keep * ((below >> np.uint32(16)) & np.uint32(255)) + 0.5)
    g = int(255.0 * green + keep * ((below >> np.uint32(8)) & np.uint32(255)) + 0.5)
    b = int(255.0 * blue + keep * (below & np.uint32(255)) + 0.5)
    # Rounding must not make a colour brighter than its own opacity allows.
    r, g, b = min(r, a), min(g, a), min(b, a)
    return np.uint32((a << 24) | (r << 16) | (g << 8) | b)


def colour(code: str, opacity: float = 1.0) -> NDArray[np.float64]:
    """``#RRGGBB`` and an opacity as the four numbers that `colour_coverage` takes."""
    return np.array([*rgb(code), opacity], dtype=np.float64)


def ramp(
    faint: str, strong: str, opacity: tuple[float, float], steps: int = 256, turn: float = 0.55
) -> NDArray[np.float64]:
    """A ramp for `colour_density`: `faint` up to `turn`, then towards `strong`.

    Parameters
    ----------
    faint, strong : str
        ``#RRGGBB``.
    opacity : tuple of float
        At the first and at the last step.
    steps : int
        Length of the ramp.
    turn : float
        Where, between 0 and 1, the colour begins to change.
    """
    at = np.linspace(0.0, 1.0, steps)
    mix = np.clip((at - turn) / (1.0 - turn), 0.0, 1.0)[:, None]
    colours = (1.0 - mix) * np.array(rgb(faint)) + mix * np.array(rgb(strong))
    alpha = opacity[0] + (opacity[1] - opacity[0]) * at
    return np.column_stack([colours, alpha])


@kernel("void(u4[:,::1], f4[:,::1], f8[:,::1], f8, f8)")
def colour_field(
    pixels: Pixels, values: Coverage, table: NDArray[np.float64], low: float, high: float
) -> None:
    """Colour an image through a table; what is not a number stays transparent.

    Parameters
    ----------
    pixels : array of uint32, shape (rows, columns)
        Filled.
    values : array of float32, shape (rows, columns)
    table : array, shape (steps, 4)
        Red, green, blue, opacity between 0 and 1.
    low, high : float
        Values at the outer edges of the first and the last step; what lies beyond takes
        the colour of that end.
    """
    steps = table.shape[0]
    words = np.empty(steps, dtype=np.uint32)
    for step in range(steps):
        alpha = table[step, 3]
        words[step] = _over(
            0, table[step, 0] * alpha, table[step, 1] * alpha, table[step, 2] * alpha, alpha
        )
    scale = steps / (high - low) if high > low else 0.0
    for row in range(values.shape[0]):
        for column in range(values.shape[1]):
            place = (values[row, column] - low) * scale
            if place >= steps:
                pixels[row, column] = words[steps - 1]
            elif place > 0.0:
                pixels[row, column] = words[int(place)]
            elif place <= 0.0:
                pixels[row, column] = words[0]
            else:
                pixels[row, column] = 0
