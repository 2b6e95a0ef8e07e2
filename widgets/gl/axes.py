"""The axes of a three-dimensional picture as lines and words in pixels.

From a camera and a box this decides which edges are seen behind the picture, where ticks
and names stand so that they stay outside it and legible, and returns them as plain numbers.
Drawing them is for the canvas (OpenGL) or the painter of the fallback; both draw the same.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from widgets.gl.camera import Camera, project

Numbers = NDArray[np.float64]

_CORNERS = np.array([[(i >> axis & 1) * 2.0 - 1.0 for axis in range(3)] for i in range(8)])
_EDGES = tuple((axis, i, i | 1 << axis) for axis in range(3) for i in range(8) if not i >> axis & 1)
"""Axis, lower corner, upper corner."""

TICK = 5.0
"""Length of a tick in logical pixels."""
PADDING = 5.0
LETTER, LINE = 6.4, 14.0
"""About the width of a digit and the height of a number, in logical pixels."""
NAME = 7.5
"""About the width of a letter of a name."""
NARROW = 46.0
"""An edge shorter than this on the screen gets a name but no ticks."""


@dataclass(frozen=True)
class Label:
    """A word on the picture.

    Attributes
    ----------
    text : str
    x, y : float
        Device pixels from the upper left.
    anchor : tuple of float
        Which point of the word stands there: (0, 0) its upper left, (1, 1) its lower right.
    name : bool
        True for the name of an axis, False for a tick's number.
    """

    text: str
    x: float
    y: float
    anchor: tuple[float, float]
    name: bool


@dataclass(frozen=True)
class AxesPicture:
    """Lines and words in device pixels.

    Attributes
    ----------
    lines : ndarray, shape (k, 4)
        x and y of both ends.
    strength : ndarray, shape (k,)
        1 for the edges that carry ticks, less for the others.
    labels : tuple of Label
    """

    lines: Numbers
    strength: Numbers
    labels: tuple[Label, ...]


def ticks(low: float, high: float, most: int) -> list[float]:
    """Round numbers between `low` and `high`, at most `most` of them, evenly spaced."""
    span = high - low
    if not (span > 0.0 and math.isfinite(span)) or most < 1:
        return []
    power = 10.0 ** math.floor(math.log10(span / most))
    for size in (1.0, 2.0, 2.5, 5.0, 10.0, 20.0):
        step = size * power
        # A hair of tolerance, or rounding would drop a tick at the very end.
        first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
        if last - first + 1 <= most:
            return [0.0 if i == 0 else i * step for i in range(first, last + 1)]
    return []


def tick_words(places: list[float]) -> list[str]:
    """The numbers as words, all with as many decimals as the finest step needs."""
    if not places:
        return []
    largest = max(abs(place) for place in places)
    step = min((abs(b - a) for a, b in pairwise(places)), default=largest)
    if largest >= 1e5 or (0.0 < largest < 1e-3):
        words = [f"{place:.3g}" for place in places]
    else:
        decimals = 0
        while decimals < 8 and abs(round(step, decimals) - step) > 1e-9 * max(step, 1e-12):
            decimals += 1
        words = [f"{place:.{decimals}f}" for place in places]
    return [word.replace("-", "−") for word in words]


def axes_picture(
    camera: Camera,
    size: tuple[int, int],
    shape: Numbers,
    low: Numbers,
    high: Numbers,
    names: tuple[str, str, str],
    ratio: float = 1.0,
    room: float = 0.0,
) -> AxesPicture:
    """The axes of a box as the camera sees them.

    Parameters
    ----------
    camera : Camera
    size : tuple of int
        Device pixels.
    shape : ndarray, shape (3,)
        Half the sides of the box in the world; a side of zero is a flat picture.
    low, high : ndarray, shape (3,)
        What the axes read at both ends of the box.
    names : tuple of str
        What stands at the axes; empty for none.
    ratio : float
        Device pixels a logical pixel.
    room : float
        Device pixels left free around the box.
    """
    matrix = camera.matrix(size, shape, room)
    corners = project(matrix, _CORNERS * shape, size)
    if (corners[:, 2] <= 1e-3).any():
        return AxesPicture(np.zeros((0, 4)), np.zeros(0), ())
    spots = corners[:, :2]
    middle = spots.mean(axis=0)
    flat = shape[2] == 0.0
    eye = camera.axes()[2] * camera.distance(size, shape, room) - (
        camera.axes()[0] * camera.pan[0] + camera.axes()[1] * camera.pan[1]
    )
    # A face is seen from outside where the eye is beyond its plane.
    outside = {
        (axis, sign): eye[axis] * sign > shape[axis] for axis in range(3) for sign in (-1, 1)
    }

    lines: list[tuple[float, float, float, float]] = []
    strength: list[float] = []
    candidates: list[list[tuple[float, int, int]]] = [[], [], []]
    for axis, i, j in _EDGES:
        if flat and (axis == 2 or i & 4):
            continue
        others = [other for other in range(3) if other != axis]
        faces = [(other, 1 if i >> other & 1 else -1) for other in others]
        seen = sum(outside[face] for face in faces if not (flat and face[0] == 2))
        if seen == 2:
            continue  # in front of the picture
        lines.append((*spots[i], *spots[j]))
        strength.append(0.42)
        merit = _merit(axis, (spots[i] + spots[j]) / 2, seen, i, flat, camera.elevation)
        if merit is not None:
            candidates[axis].append((merit, i, j))

    labels: list[Label] = []
    steep: set[int] = set()  # corners beside which another axis has its numbers already
    for axis in range(3):
        if not candidates[axis] or not names[axis]:
            continue
        _, i, j = max(
            (merit - (1e5 if axis == 2 and {first, last} & steep else 0.0), first, last)
            for merit, first, last in candidates[axis]
        )
        run = np.abs(spots[j] - spots[i])
        if axis < 2 and run[1] > 0.6 * run[0]:
            steep |= {i, j}
        marked, words = _scale(
            spots[i],
            spots[j],
            middle,
            float(low[axis]),
            float(high[axis]),
            (matrix, _CORNERS[i] * shape, _CORNERS[j] * shape, size),
            names[axis],
            ratio,
        )
        lines.append((*spots[i], *spots[j]))
        strength.append(0.6)
        lines.extend(marked)
        strength.extend([1.0] * len(marked))
        labels.extend(words)
    return AxesPicture(
        np.array(lines, dtype=np.float64).reshape(-1, 4), np.array(strength), tuple(labels)
    )


def _merit(
    axis: int, centre: Numbers, seen: int, corner: int, flat: bool, elevation: float
) -> float | None:
    """How well an edge carries ticks; None where it must not.

    The floor carries two axes (the ceiling where one looks from below), on the edge nearest
    to the eye; the third stands at the left. Looking along an axis of the floor both its
    edges lead away at the sides: then the right one, as the left belongs to the third axis.
    """
    if axis == 2:
        return -float(centre[0]) if seen == 1 else None
    if flat:
        return float(centre[1]) if axis == 0 else -float(centre[0])
    if abs(elevation) > 60.0:
        return float(centre[1]) if seen == 1 else None
    above = elevation >= 0.0
    if bool(corner & 4) == above:
        return None
    lower = float(centre[1]) if above else -float(centre[1])
    return lower if seen == 1 else float(centre[0]) - 1e6


def _scale(
    start: Numbers,
    stop: Numbers,
    middle: Numbers,
    low: float,
    high: float,
    place: tuple[Numbers, Numbers, Numbers, tuple[int, int]],
    name: str,
    ratio: float,
) -> tuple[list[tuple[float, float, float, float]], list[Label]]:
    """Ticks, numbers and name along one edge."""
    run = stop - start
    length = float(np.hypot(*run))
    centre = (start + stop) / 2
    outward = np.array([-run[1], run[0]]) / max(length, 1e-9)
    if float(outward @ (centre - middle)) < 0.0:
        outward = -outward
    anchor = _anchor(outward)
    if length < NARROW * ratio:
        return [], []
    matrix, first, last, size = place
    logical = length / ratio
    places = ticks(low, high, max(2, min(5, int(logical / 44.0))))
    share = np.array([(value - low) / (high - low) for value in places]).reshape(-1, 1)
    spots = project(matrix, first + share * (last - first), size)[:, :2]
    marks = []
    labels = []
    words = tick_words(places)
    for spot, word in zip(spots, words, strict=True):
        end = spot + outward * TICK * ratio
        at = spot + outward * (TICK + PADDING) * ratio
        marks.append((float(spot[0]), float(spot[1]), float(end[0]), float(end[1])))
        labels.append(Label(word, float(at[0]), float(at[1]), anchor, name=False))
    # The name stands beyond the longest number.
    wide, high = LETTER * max((len(word) for word in words), default=0), LINE
    clear = TICK + PADDING + abs(outward[0]) * wide + abs(outward[1]) * high + PADDING
    away = centre + outward * (clear * ratio)
    reach = NAME * len(name) * ratio
    left = float(away[0]) - anchor[0] * reach
    if not 0.0 <= left <= size[0] - reach:
        # No room beside the edge: beyond its upper end, as far inside as it takes.
        end = start if start[1] < stop[1] else stop
        middle_x = min(max(float(end[0]), reach / 2), max(reach / 2, size[0] - reach / 2))
        top = max(float(end[1]) - 0.6 * LINE * ratio, LINE * ratio)
        labels.append(Label(name, middle_x, top, (0.5, 1.0), name=True))
        return marks, labels
    labels.append(Label(name, float(away[0]), float(away[1]), anchor, name=True))
    return marks, labels


def _anchor(outward: Numbers) -> tuple[float, float]:
    """Which point of a word touches the axis, given the way out of the picture."""
    return 0.5 - 0.5 * float(outward[0]), 0.5 - 0.5 * float(outward[1])
