"""The field: an image of a channel, as coloured categories or through a colour map.

Row 0 is at the top, as in a space-time diagram. Cells stay sharp when there is room for
them. Where the channel takes gestures, a click or a brush stroke sends the cell to the
process. Heights in three dimensions are not for here.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from PySide6.QtWidgets import QWidget

from engine.drawing.ranges import SteadyRange, Window, finite_bounds, readable, ticks
from engine.exhibit import Channel, Exhibit, Parameter, Value
from engine.look import Tokens, colormap
from engine.tape import Data
from widgets import theme
from widgets.symbols import plain
from widgets.views.axes import Margins, Tick
from widgets.views.colour_key import BAR_ROOM, ColourKey, swatch_room
from widgets.views.flat import WINDOW_OPTIONS, FlatView, chosen_range
from widgets.views.view import Context

MAPS = ("batlow", "viridis", "magma", "vik", "romaO", "gray")
DIVERGING = frozenset({"vik", "broc", "cork", "roma", "RdBu", "coolwarm"})
MATRIX = 24
"""Up to so many rows and columns an image is a matrix, whose cells need not be square."""
SHARP = 3.0
"""Cells of so many pixels are drawn with hard edges; smaller ones would show moiré."""


@dataclass(frozen=True)
class Picture:
    """What `compose` returns.

    Attributes
    ----------
    pixels : array of uint32, shape (rows, columns)
    values : array, shape (rows, columns)
        What is coloured, for the read-out.
    window : Window
        As asked for, or the whole image.
    chosen : bool
        True where a person chose the window.
    colours : array, shape (steps, 4)
        The table the values went through.
    bounds : tuple of float or None
        Values at its ends; None for categories.
    """

    pixels: NDArray[np.uint32]
    values: NDArray[Any]
    window: Window
    chosen: bool
    colours: NDArray[np.float64]
    bounds: tuple[float, float] | None


class Field(FlatView):
    """See the module docstring."""

    kind: ClassVar[str] = "field"
    title: ClassVar[str] = "Field"
    accepts: ClassVar[frozenset[str]] = frozenset({"field"})

    def __init__(self, tokens: Tokens, parent: QWidget | None = None) -> None:
        super().__init__(tokens, parent)
        self._picture: Picture | None = None
        self._stroke: set[tuple[int, int]] = set()
        self._last: tuple[int, int] | None = None
        self._key = ColourKey(tokens)
        self.plot.scene().addItem(self._key)
        self.plot.frame_item.grid = False
        self.plot.box.brushed.connect(self._brush)
        self.follow_hand()

    @classmethod
    def options_for(cls, exhibit: Exhibit, channel: Channel) -> dict[str, Parameter]:
        options = [
            Parameter(
                "aspect",
                "automatic",
                scale="choice",
                choices=("automatic", "square cells", "fill"),
                help="Square cells, or the whole area filled",
            )
        ]
        if not channel.categories:
            default = channel.colormap or "batlow"
            names = MAPS if default in MAPS else (default, *MAPS)
            options += [
                Parameter("colours", default, scale="choice", choices=names, help="Colour map"),
                Parameter("low", 0.0, help="Value of the first colour; low = high: automatic"),
                Parameter("high", 0.0, help="Value of the last colour; low = high: automatic"),
            ]
        if len(channel.gestures) > 1:
            options.append(
                Parameter(
                    "gesture",
                    channel.gestures[0],
                    scale="choice",
                    choices=channel.gestures,
                    help="What a click does",
                )
            )
        return {option.name: option for option in (*options, *WINDOW_OPTIONS)}

    def bind(self, exhibit: Exhibit, channel: Channel, settings: Mapping[str, Value]) -> None:
        super().bind(exhibit, channel, settings)
        self._picture = None
        words = [plain(word) for word in [*channel.axes, "", ""][:2]]
        units = [*channel.units, "", ""][:2]
        self.plot.frame_item.labels = (
            *(
                f"{word} ({unit})" if unit else word
                for word, unit in zip(words, units, strict=True)
            ),
        )
        # The left button draws where the process takes it; the others still pan.
        self.plot.box.drag = "brush" if channel.gestures else "pan"
        room = swatch_room(channel.categories) if channel.categories else BAR_ROOM
        self.plot.set_margins(Margins(right=room))

    def set_theme(self, tokens: Tokens) -> None:
        super().set_theme(tokens)
        self._key.set_theme(tokens)

    @staticmethod
    def compose(data: Data, context: Context) -> Picture | None:
        return Composer()(data, context)

    def composer(self) -> Composer:
        return Composer()

    def show_picture(self, picture: Picture) -> None:
        self._picture = picture
        rows, columns = picture.values.shape
        frame = self.plot.frame_item
        window = picture.window if picture.chosen else self._whole(rows, columns)
        self.plot.raster.smooth = frame.area.width() / window.width < SHARP
        self.plot.raster.show_pixels(picture.pixels, Window(0.0, columns, 0.0, rows))
        # Row numbers run downwards, ordinates upwards.
        down = _cell_ticks(rows - window.top, rows - window.bottom, rows, frame.area.height(), 40.0)
        frame.custom = (
            _cell_ticks(window.left, window.right, columns, frame.area.width(), 70.0),
            [(rows - place, word) for place, word in down],
        )
        self.plot.show_window(window, glide=False)
        categories = self.channel.categories if self.channel is not None else ()
        self._key.show_key(
            picture.colours, picture.bounds, categories, frame.area, frame.boundingRect()
        )

    def hover(self, place: tuple[float, float] | None) -> None:
        cell = self._cell(*place) if place is not None else None
        if cell is None or self._picture is None or self.channel is None:
            self.plot.readout.say("")
            return
        value = self._picture.values[cell]
        categories = self.channel.categories
        words = readable(float(value), 5)
        if categories and 0 <= int(value) < len(categories):
            words = categories[int(value)]
        across, down = self.plot.frame_item.labels
        self.plot.readout.say(
            f"{across or 'column'} {cell[1]} &nbsp; {down or 'row'} {cell[0]} &nbsp; "
            f"<span style='font-weight:600'>{words}</span>"
        )

    def click(self, x: float, y: float) -> None:
        cell = self._cell(x, y)
        if cell is not None:
            self._act(cell)

    def _brush(self, x: float, y: float, finished: bool) -> None:
        cell = self._cell(x, y)
        if cell is not None:
            for step in _cells_between(self._last or cell, cell):
                # Once a stroke: a gesture may toggle.
                if step not in self._stroke:
                    self._stroke.add(step)
                    self._act(step)
            self._last = cell
        if finished:
            self._stroke.clear()
            self._last = None

    def _act(self, cell: tuple[int, int]) -> None:
        if self.channel is not None and self.channel.gestures:
            gesture = str(self.settings.get("gesture", self.channel.gestures[0]))
            self.acted.emit(gesture, {"row": cell[0], "column": cell[1]})

    def _cell(self, x: float, y: float) -> tuple[int, int] | None:
        if self._picture is None:
            return None
        rows, columns = self._picture.values.shape
        row, column = math.floor(rows - y), math.floor(x)
        return (row, column) if 0 <= row < rows and 0 <= column < columns else None

    def _whole(self, rows: int, columns: int) -> Window:
        """The window of the whole image, with square cells where that is sensible."""
        area = self.plot.frame_item.area
        wish = str(self.settings.get("aspect", "automatic"))
        long = max(rows, columns) / max(1, min(rows, columns))
        if wish == "fill" or (wish == "automatic" and (long > 4.0 or max(rows, columns) <= MATRIX)):
            return Window(0.0, columns, 0.0, rows)
        scale = min(area.width() / columns, area.height() / rows)
        spare_x = 0.5 * (area.width() / scale - columns)
        spare_y = 0.5 * (area.height() / scale - rows)
        return Window(-spare_x, columns + spare_x, -spare_y, rows + spare_y)


def _cell_ticks(low: float, high: float, count: int, length: float, room: float) -> list[Tick]:
    """Numbers of cells between two edges; in the middle of cells that are large enough.

    Parameters
    ----------
    low, high : float
        What is seen, in cells.
    count : int
        How many cells there are.
    length, room : float
        Pixels of the axis, and of a label.
    """
    low, high = max(0.0, low), min(float(count), high)
    shift = 0.5 if length > 10.0 * max(1.0, high - low) else 0.0
    places, _ = ticks(low, high, max(1, int(length / room)), least=2)
    return [
        (place + shift, f"{place:.0f}")
        for place in places
        if place == round(place) and place + shift <= high
    ]


def _cells_between(start: tuple[int, int], stop: tuple[int, int]) -> list[tuple[int, int]]:
    """Cells on the straight line between two, both included."""
    steps = max(abs(stop[0] - start[0]), abs(stop[1] - start[1]), 1)
    return [
        (
            round(start[0] + (stop[0] - start[0]) * k / steps),
            round(start[1] + (stop[1] - start[1]) * k / steps),
        )
        for k in range(steps + 1)
    ]


def category_colours(tokens: Tokens, count: int) -> NDArray[np.float64]:
    """A table of colours for categories: the first is the ground, the others stand out."""
    from engine.drawing.brush import colour

    ground = theme.mix(tokens.panel, tokens.line, 0.35)
    names = [ground, *(tokens.series[k % len(tokens.series)] for k in range(max(0, count - 1)))]
    return np.array([colour(name) for name in names])


class Composer:
    """Colours fields; keeps the value range, so that colours hold still. Engine thread only."""

    def __init__(self) -> None:
        self._range = SteadyRange(margin=0.0, least_fill=0.35)
        self._seen: tuple[Any, Context] | None = None

    def __call__(self, data: Data, context: Context) -> Picture | None:
        from engine.drawing.brush import colour_field

        values = data.latest.get(context.channel.name)
        if values is None or np.ndim(values) != 2 or 0 in np.shape(values):
            return None
        if self._seen is not None and self._seen[0] is values and self._seen[1] is context:
            return None
        self._seen = (values, context)
        settings, categories = context.settings, context.channel.categories
        rows, columns = values.shape
        numbers = np.ascontiguousarray(values, dtype=np.float32)
        pixels = np.zeros((rows, columns), dtype=np.uint32)
        bounds: tuple[float, float] | None = None
        if categories:
            count = len(categories)
            table = category_colours(context.tokens, count)
            colour_field(pixels, numbers, table, -0.5, count - 0.5)
        else:
            name = str(settings.get("colours") or context.channel.colormap or "batlow")
            table = colormap(name).astype(np.float64)
            bounds = chosen_range(settings, "low", "high")
            if bounds is None:
                bounds = self._range.follow(_bounds(numbers, name in DIVERGING))
            colour_field(pixels, numbers, table, *bounds)
        x = chosen_range(settings, "left", "right")
        y = chosen_range(settings, "bottom", "top")
        window = Window(*(x or (0.0, float(columns))), *(y or (0.0, float(rows))))
        return Picture(pixels, values, window, bool(x or y), table, bounds)


def _bounds(numbers: NDArray[np.float32], diverging: bool) -> tuple[float, float] | None:
    bounds = finite_bounds(numbers)
    if bounds is None or not diverging:
        return bounds
    # The middle colour of a diverging map means zero.
    reach = max(abs(bounds[0]), abs(bounds[1]))
    return -reach, reach


VIEW = Field
