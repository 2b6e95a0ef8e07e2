"""Curves and points drawn into an array of light, for places without OpenGL.

A small rasteriser of what `engine.drawing.curves` lays out: the same projection, depth cue, fading
and blending as the shaders, one soft line a segment. It knows no window: the array is shown
by whoever asked for it.
"""

from __future__ import annotations

import math

import numba as nb
import numpy as np
from numpy.typing import NDArray

from engine.drawing._kernel import kernel

Light = NDArray[np.float32]
Numbers = NDArray[np.float64]


@nb.njit(inline="always")
def _shade(w: float, moment: float, fade: Numbers, depth: Numbers, cue: float) -> float:
    """Brightness from depth and age, as in ``curve.vert``."""
    far = min(max((w - depth[0]) / (depth[1] - depth[0]), 0.0), 1.0)
    age = fade[0] - moment
    if age < -1e-3 * fade[1]:
        return 0.0
    young = 1.0 - min(max(age / fade[1], 0.0), 1.0)
    bright = fade[2] + (fade[3] - fade[2]) * young * young
    shade: float = bright * (1.0 - 0.62 * far * cue)
    return shade


@nb.njit(inline="always")
def _blend(
    out: Light, row: int, column: int, r: float, g: float, b: float, light: float, cover: float
) -> None:
    rest = 1.0 - min(light, 1.0) * cover
    out[row, column, 0] = r * light + out[row, column, 0] * rest
    out[row, column, 1] = g * light + out[row, column, 1] * rest
    out[row, column, 2] = b * light + out[row, column, 2] * rest


@kernel(
    "void(f4[:,:,::1], f4[:,::1], f4[:,::1], f8[:,::1], f4[:,::1], f8[::1], f8[::1], f8, f8, f8,"
    " f8)"
)
def draw_strip(
    out: Light,
    place: Light,
    along: Light,
    matrix: Numbers,
    colours: Light,
    fade: Numbers,
    depth: Numbers,
    cue: float,
    half: float,
    alpha: float,
    cover: float,
) -> None:
    """Draw a strip of `engine.drawing.curves.strip`.

    Parameters
    ----------
    out : ndarray of float32, shape (height, width, 3)
        Light so far; added to.
    place, along : ndarray of float32, shape (v, 4)
    matrix : ndarray, shape (4, 4)
        Unit cube to clip.
    colours : ndarray of float32, shape (k, 4)
        Colour over the value.
    fade : ndarray, shape (4,)
        Head time, tail length, brightness beyond the tail, brightness at the head.
    depth : ndarray, shape (2,)
        w of the near and the far side.
    cue, half, alpha, cover : float
        Depth cue, half the width in pixels, strength of a layer, share that covers.
    """
    height, width = out.shape[0], out.shape[1]
    steps = colours.shape[0]
    last_x = last_y = last_shade = 0.0
    joined = False
    for v in range(0, place.shape[0] - 1, 2):
        x, y, z = place[v, 0], place[v, 1], place[v, 2]
        w = matrix[3, 0] * x + matrix[3, 1] * y + matrix[3, 2] * z + matrix[3, 3]
        if place[v, 3] > 0.0 or w < 1e-3:
            # A repeated vertex: the curve is interrupted here. Or behind the eye.
            joined = False
            continue
        px = matrix[0, 0] * x + matrix[0, 1] * y + matrix[0, 2] * z + matrix[0, 3]
        py = matrix[1, 0] * x + matrix[1, 1] * y + matrix[1, 2] * z + matrix[1, 3]
        px = (px / w + 1.0) * 0.5 * width - 0.5
        py = (1.0 - py / w) * 0.5 * height - 0.5
        shade = _shade(w, along[v, 3], fade, depth, cue) * alpha
        if joined and (shade > 0.004 or last_shade > 0.004):
            index = min(int((abs(place[v, 3]) - 1.0) * steps), steps - 1)
            r, g, b = colours[index, 0], colours[index, 1], colours[index, 2]
            dx, dy = px - last_x, py - last_y
            steep = abs(dy) > abs(dx)
            run = abs(dy) if steep else abs(dx)
            a0 = last_y if steep else last_x
            b0 = last_x if steep else last_y
            slope = 0.0
            if run > 1e-9:
                slope = (dx / dy) if steep else (dy / dx)
            way = dy if steep else dx
            sign = 1 if way >= 0.0 else -1
            limit = height if steep else width
            across = width if steep else height
            thick = half * math.sqrt(1.0 + slope * slope)
            # Pixels whose centre lies on this segment's part of the major axis.
            first = math.ceil(a0) if sign > 0 else math.floor(a0)
            end = a0 + way
            count = math.floor((end - first) * sign) + 1
            if (end - first) * sign == count - 1:
                count -= 1  # the end belongs to the next segment
            for k in range(count):
                at = first + sign * k
                if at < 0 or at >= limit:
                    continue
                centre = b0 + (at - a0) * slope
                part = (at - a0) / way if way != 0.0 else 0.0
                light = last_shade + (shade - last_shade) * part
                low = math.floor(centre - thick - 0.5) + 1
                high = math.ceil(centre + thick + 0.5) - 1
                for pixel in range(max(low, 0), min(high, across - 1) + 1):
                    near = min(1.0, max(0.0, thick + 0.5 - abs(pixel - centre)))
                    near = min(near, 2.0 * thick)
                    if steep:
                        _blend(out, at, pixel, r, g, b, light * near, cover)
                    else:
                        _blend(out, pixel, at, r, g, b, light * near, cover)
        last_x, last_y, last_shade = px, py, shade
        joined = True


@kernel(
    "void(f4[:,:,::1], f4[:,::1], f4[::1], f8[:,::1], f4[:,::1], f8[::1], f8[::1], f8, f8, f8, f8)"
)
def draw_dots(
    out: Light,
    place: Light,
    moment: Light,
    matrix: Numbers,
    colours: Light,
    fade: Numbers,
    depth: Numbers,
    cue: float,
    diameter: float,
    alpha: float,
    cover: float,
) -> None:
    """Draw the points of `engine.drawing.curves.dots`; parameters as for `draw_strip`."""
    height, width = out.shape[0], out.shape[1]
    steps = colours.shape[0]
    radius = 0.5 * diameter
    reach = math.ceil(radius)
    for v in range(place.shape[0]):
        x, y, z = place[v, 0], place[v, 1], place[v, 2]
        w = matrix[3, 0] * x + matrix[3, 1] * y + matrix[3, 2] * z + matrix[3, 3]
        if w < 1e-3:
            continue
        px = matrix[0, 0] * x + matrix[0, 1] * y + matrix[0, 2] * z + matrix[0, 3]
        py = matrix[1, 0] * x + matrix[1, 1] * y + matrix[1, 2] * z + matrix[1, 3]
        px = (px / w + 1.0) * 0.5 * width - 0.5
        py = (1.0 - py / w) * 0.5 * height - 0.5
        if not (px > -reach and px < width + reach and py > -reach and py < height + reach):
            continue
        shade = _shade(w, moment[v], fade, depth, cue) * alpha
        if shade < 0.004:
            continue
        index = min(int(place[v, 3] * steps), steps - 1)
        r, g, b = colours[index, 0], colours[index, 1], colours[index, 2]
        for row in range(max(0, int(py) - reach), min(height - 1, int(py) + reach + 1) + 1):
            for column in range(max(0, int(px) - reach), min(width - 1, int(px) + reach + 1) + 1):
                away = math.hypot(column - px, row - py)
                near = min(1.0, max(0.0, radius + 0.2 - away))
                if near > 0.0:
                    _blend(out, row, column, r, g, b, shade * near, cover)


@kernel("void(f4[:,:,::1], u1[:,:,::1])")
def expose(light: Light, out: NDArray[np.uint8]) -> None:
    """Light as bytes, clipped at white: (height, width, 3) to (height, width, 4)."""
    for row in range(light.shape[0]):
        for column in range(light.shape[1]):
            for channel in range(3):
                value = light[row, column, channel] * 255.0 + 0.5
                out[row, column, channel] = np.uint8(min(max(value, 0.0), 255.0))
            out[row, column, 3] = 255
