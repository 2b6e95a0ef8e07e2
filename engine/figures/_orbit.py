"""What the figures of an orbit share: which columns are axes, what colours the curve.

Options carry the names of the attractor view's; variables may also be ``time`` and, for
maps, ``next x``. Nothing is drawn here.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.exhibit import Channel, Exhibit
from engine.figures._content import Content
from engine.figures._style import label

NONE, TIME, SPEED = "none", "time", "speed"
NEXT = "next "

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Axis:
    """An axis of a picture.

    Attributes
    ----------
    name : str
        A variable, ``time``, ``next`` and a variable, or ``none``.
    words : str
        Its label.
    """

    name: str
    words: str


def symbol_of(channel: Channel, name: str) -> str:
    """LaTeX of a column, empty where it has none."""
    symbols = dict(zip(channel.names, channel.symbols, strict=False))
    return symbols.get(name, "")


def axis(content: Content, name: str) -> Axis:
    """The axis called `name`."""
    later = name.startswith(NEXT) and name not in content.names
    bare = name.removeprefix(NEXT) if later else name
    if bare == TIME and bare not in content.names:
        return Axis(name, time_label(content.channel))
    words = label(bare, symbol_of(content.channel, bare))
    return Axis(name, f"next {words}" if later else words)


def time_label(channel: Channel) -> str:
    """The label of the abscissa of an appended channel."""
    name = channel.axes[0] if channel.axes else "t"
    unit = channel.units[0] if channel.units else ""
    return label(name, "", unit)


def default_axes(exhibit: Exhibit, names: tuple[str, ...]) -> tuple[str, str, str]:
    """The axes a picture opens with: the system's own choice, or the first variables."""
    chosen = tuple(exhibit.system.axes) if exhibit.system is not None else ()
    wanted = [name for name in chosen if name in names] or list(names[:3])
    if len(wanted) == 1:
        if exhibit.kind == "map":
            return wanted[0], NEXT + wanted[0], NONE
        return TIME, wanted[0], NONE
    if not wanted:
        return TIME, TIME, NONE
    return wanted[0], wanted[1], wanted[2] if len(wanted) > 2 else NONE


def column(content: Content, name: str) -> Numbers:
    """The numbers along an axis, one a row; the last is missing for a ``next`` one."""
    rows, names = content.rows, content.names
    if name in names:
        return rows[:, 1 + names.index(name)]
    if name.startswith(NEXT) and (bare := name.removeprefix(NEXT)) in names:
        return np.append(rows[1:, 1 + names.index(bare)], np.nan)
    return rows[:, 0]


def discrete(content: Content) -> bool:
    """True where the orbit is drawn as points."""
    opened = "points" if content.exhibit.kind == "map" else "curve"
    return content.option("draw", opened) == "points"


def tail(content: Content) -> Content:
    """`content` with the rows before its tail left out, where the view shows only that."""
    if content.option("show", "whole orbit") != "tail":
        return content
    from dataclasses import replace

    rows = content.rows
    kept = rows[rows[:, 0] >= rows[-1, 0] - content.number("tail", np.inf)]
    return replace(content, data={**content.data, content.channel.name: kept})


def colour_values(content: Content) -> tuple[Numbers, str]:
    """What colours the curve, one number a row, and its label.

    Speed is the distance between neighbouring rows over the time between them.
    """
    name = content.option("colour", SPEED)
    if name in content.names:
        return column(content, name), axis(content, name).words
    if name == TIME:
        return content.rows[:, 0], time_label(content.channel)
    rows = content.rows
    words = "distance per iteration" if content.exhibit.kind == "map" else SPEED
    if len(rows) < 2:
        return np.zeros(len(rows)), words
    steps = np.diff(rows, axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        speed = np.sqrt((steps[:, 1:] ** 2).sum(axis=1)) / np.abs(steps[:, 0])
    speed[~np.isfinite(speed)] = np.nan
    return np.append(speed, speed[-1]), words


def line_width(places: Numbers, size: tuple[float, float], factor: float = 1.0) -> float:
    """Width of a curve in points: the thinner, the more of the paper it covers.

    Parameters
    ----------
    places : array (m, 2)
        The curve on the page, in points.
    size : tuple of float
        Of the picture, in points.
    factor : float
        Multiplies the result.
    """
    cell = 2.0
    columns = int(size[0] / cell) + 2
    finite = places[np.isfinite(places).all(axis=1)]
    cells = np.clip((finite / cell).astype(np.int64), 0, columns + int(size[1] / cell) + 2)
    covered = len(np.unique(cells[:, 1] * columns + cells[:, 0])) * cell**2 / (size[0] * size[1])
    return factor * float(np.clip(0.8 * (0.05 / max(covered, 1e-6)) ** 0.6, 0.15, 0.9))


def shades(values: Numbers, clip: float = 1.0) -> tuple[Numbers, float, float]:
    """Numbers between 0 and 1 for colours, and the values at both ends.

    The range leaves out `clip` per cent at each side, so that a single fast swing does not
    darken all the rest; what lies outside takes the colour of the end.
    """
    finite = values[np.isfinite(values)]
    if not finite.size:
        return np.zeros(len(values)), 0.0, 1.0
    low, high = (float(number) for number in np.percentile(finite, [clip, 100 - clip]))
    if not high > low:
        low, high = float(finite.min()), float(finite.max())
    if not high > low:
        return np.full(len(values), 0.5), low, low
    scaled = np.clip((values - low) / (high - low), 0.0, 1.0)
    return np.nan_to_num(scaled, nan=0.5), low, high
