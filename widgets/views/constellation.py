"""The constellation: points that stand for something, as little pictures with names.

A point is drawn as the picture of what it opens where there is room, and as a dot where it
is crowded; coming closer makes room. Colour tells a column of the points. Hovering names a
point, a click picks it (where the channel binds ``row`` to a parameter), a double click
opens it. Where the points are is the process' business.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtWidgets import QWidget

from engine.drawing.crowd import nearest, with_room
from engine.drawing.ranges import SteadyRange, Window, finite_bounds, readable
from engine.exhibit import Channel, Exhibit, Parameter, Value
from engine.look import Tokens, colormap
from engine.tape import Data
from widgets.views.axes import Margins
from widgets.views.colour_key import BAR_ROOM, ColourKey, swatch_room
from widgets.views.constellation_item import Constellation as Item
from widgets.views.constellation_item import Star
from widgets.views.flat import WINDOW_OPTIONS, FlatView, chosen_range
from widgets.views.view import Context

Array = NDArray[np.float64]

NONE = "nothing"
ON, REACH = 5.0, 14.0
"""Pixels within which a dot is hit above a picture, and where there is none."""
MAP = "viridis"
SHAPE = 0.75
"""Height of a picture over its width."""


@dataclass(frozen=True)
class Picture:
    """What `compose` returns.

    Attributes
    ----------
    places : array (k, 2)
        In data units; not a number for those left out.
    pictured : array (k,) of bool
        Who has room for a picture.
    colours : array (k, 4)
        Between 0 and 1.
    table : array, shape (steps, 4)
        Colours of the key.
    bounds : tuple of float or None
        Values at its ends; None for words.
    words : tuple of str
    values : array (k,)
        What is coloured; empty where nothing is.
    window : Window
    missing : int
        How many have no place, or are not even points: ``left_out`` of the frame's status.
    """

    places: Array
    pictured: NDArray[np.bool_]
    colours: Array
    table: Array
    bounds: tuple[float, float] | None
    words: tuple[str, ...]
    values: Array
    window: Window
    missing: int


class ConstellationView(FlatView):
    """See the module docstring."""

    kind: ClassVar[str] = "constellation"
    title: ClassVar[str] = "Constellation"
    accepts: ClassVar[frozenset[str]] = frozenset({"points"})

    def __init__(self, tokens: Tokens, parent: QWidget | None = None) -> None:
        super().__init__(tokens, parent)
        self._picture: Picture | None = None
        self._hovered = -1
        self._key = ColourKey(tokens)
        self.plot.scene().addItem(self._key)
        self.item = Item(tokens)
        self.plot.add(self.item, 10.0)
        self.plot.frame_item.grid = False
        self.plot.frame_item.labels = ("", "")
        self.plot.box.double_clicked.connect(self._open)
        self.follow_hand()

    @classmethod
    def options_for(cls, exhibit: Exhibit, channel: Channel) -> dict[str, Parameter]:
        coloured = channel.names[2:]
        options = [
            Parameter(
                "colour",
                coloured[0] if coloured else NONE,
                scale="choice",
                choices=(*coloured, NONE),
                help="What the colours tell",
            ),
            Parameter("size", 48.0, 16.0, 160.0, help="Width of a picture in pixels"),
            Parameter(
                "names",
                "shown",
                scale="choice",
                choices=("shown", "hidden"),
                help="Names under the pictures",
            ),
        ]
        return {option.name: option for option in (*options, *WINDOW_OPTIONS)}

    def bind(self, exhibit: Exhibit, channel: Channel, settings: Mapping[str, Value]) -> None:
        super().bind(exhibit, channel, settings)
        self._picture, self._hovered = None, -1
        self.item.show_stars((), channel.opens)

    def apply_settings(self, settings: Mapping[str, Value]) -> None:
        super().apply_settings(settings)
        room = 12
        if self.channel is not None and self.settings.get("colour", NONE) != NONE:
            words = self.channel.legends.get(str(self.settings["colour"]), ())
            room = swatch_room(words) if words else BAR_ROOM
        # Places mean nothing but for who is near whom: no numbers at the axes.
        self.plot.set_margins(Margins(left=12, top=8, right=room, bottom=10))
        self.plot.frame_item.custom = ([], [])

    def set_theme(self, tokens: Tokens) -> None:
        super().set_theme(tokens)
        self._key.set_theme(tokens)
        self.item.set_theme(tokens)

    def set_values(self, values: Mapping[str, Value]) -> None:
        name = self.channel.bindings.get("row", "") if self.channel is not None else ""
        chosen = str(values.get(name, "")) if name else ""
        opens = self.channel.opens if self.channel is not None else ()
        self.item.set_picked(opens.index(chosen) if chosen in opens else -1)

    @staticmethod
    def compose(data: Data, context: Context) -> Picture | None:
        return Composer()(data, context)

    def composer(self) -> Composer:
        return Composer()

    def show_picture(self, picture: Picture) -> None:
        self._picture = picture
        assert self.channel is not None
        labels = self.channel.labels
        names = self.settings.get("names") == "shown"
        self.item.show_stars(
            tuple(
                Star(
                    k,
                    QPointF(*picture.places[k].tolist()),
                    bool(picture.pictured[k]),
                    labels[k] if k < len(labels) else "",
                    tuple(picture.colours[k].tolist()),
                )
                for k in np.nonzero(np.isfinite(picture.places).all(axis=1))[0].tolist()
            ),
            self.channel.opens,
            float(self.settings["size"]),
            names,
            picture.window,
        )
        frame = self.plot.frame_item
        self.plot.show_window(picture.window, glide=False)
        if self.settings.get("colour", NONE) == NONE:
            self._key.hide()
        else:
            self._key.show()
            self._key.show_key(
                picture.table, picture.bounds, picture.words, frame.area, frame.boundingRect()
            )
        left_out = f"{picture.missing} without features, left out" if picture.missing else ""
        self.plot.caption.say(left_out)

    # -- the hand --------------------------------------------------------------------------

    def hover(self, place: tuple[float, float] | None) -> None:
        self._hovered = self.row_at(*place) if place is not None else -1
        self.item.set_hovered(self._hovered)
        self.plot.setCursor(
            Qt.CursorShape.PointingHandCursor if self._hovered >= 0 else Qt.CursorShape.ArrowCursor
        )
        if self._hovered < 0 or self.channel is None or self._picture is None:
            self.plot.readout.say("")
            return
        labels = self.channel.labels
        words = labels[self._hovered] if self._hovered < len(labels) else str(self._hovered)
        self.plot.readout.say(
            f"<span style='font-weight:600'>{words}</span>{self._told(self._hovered)}"
        )

    def click(self, x: float, y: float) -> None:
        row = self.row_at(x, y)
        if row < 0 or self.channel is None or row >= len(self.channel.opens):
            return
        name = self.channel.bindings.get("row", "")
        if name:
            label = self.channel.labels[row] if row < len(self.channel.labels) else str(row)
            self.edited.emit({name: self.channel.opens[row]}, f"Pick {label}")

    def _open(self) -> None:
        if self.channel is not None and 0 <= self._hovered < len(self.channel.opens):
            self.opened.emit(self.channel.opens[self._hovered])

    def row_at(self, x: float, y: float) -> int:
        """The point whose picture or dot is at a place in data units, or -1."""
        picture = self._picture
        if picture is None:
            return -1
        scale_x, scale_y = self._scale()
        pixels = np.column_stack([picture.places[:, 0] * scale_x, picture.places[:, 1] * scale_y])
        here = np.array([x * scale_x, y * scale_y])
        # Dots stand above the pictures.
        dots = np.where(picture.pictured[:, np.newaxis], np.nan, pixels)
        if (row := nearest(dots, float(here[0]), float(here[1]), ON)) >= 0:
            return row
        width = float(self.settings["size"])
        gap = np.abs(pixels - here)
        inside = picture.pictured & (gap[:, 0] <= width / 2) & (gap[:, 1] <= SHAPE * width / 2)
        if inside.any():
            return int(np.nonzero(inside)[0][0])
        return nearest(pixels, float(here[0]), float(here[1]), REACH)

    def _scale(self) -> tuple[float, float]:
        area: QRectF = self.plot.frame_item.area
        window = self.plot.window
        return area.width() / window.width, area.height() / window.height

    def _told(self, row: int) -> str:
        picture = self._picture
        if picture is None or not picture.values.size or not np.isfinite(picture.values[row]):
            return ""
        value = float(picture.values[row])
        if picture.words:
            return f" &nbsp; {picture.words[int(value)]}"
        return f" &nbsp; {self.settings['colour']} {readable(value, 4)}"


class Composer:
    """Places, colours and room; keeps the ranges, so that the picture holds still."""

    def __init__(self) -> None:
        self._x = SteadyRange(margin=0.05, least_fill=0.5)
        self._y = SteadyRange(margin=0.05, least_fill=0.5)
        self._seen: tuple[Any, Context] | None = None

    def __call__(self, data: Data, context: Context) -> Picture | None:
        array = data.latest.get(context.channel.name)
        if array is None or np.ndim(array) != 2 or np.shape(array)[1] < 2:
            return None
        if self._seen is not None and self._seen[0] is array and self._seen[1] is context:
            return None
        self._seen = (array, context)
        settings = context.settings
        places = np.asarray(array[:, :2], dtype=np.float64)
        x = chosen_range(settings, "left", "right")
        y = chosen_range(settings, "bottom", "top")
        width = float(settings.get("size", 48.0))
        if x is None:
            x = self._x.follow(finite_bounds(np.ascontiguousarray(places[:, 0])))
        if y is None:
            y = self._y.follow(finite_bounds(np.ascontiguousarray(places[:, 1])))
        window = Window(*x, *y)
        across, up = (side / context.ratio for side in context.size)
        pixels = places * (across / window.width, up / window.height)
        named = 14.0 if settings.get("names") == "shown" else 2.0
        pictured = with_room(pixels, width + 8.0, SHAPE * width + named)
        colours, table, bounds, words, values = _coloured(array, context)
        missing = int((~np.isfinite(places).all(axis=1)).sum())
        missing += int(data.status.get("left_out", 0))
        return Picture(places, pictured, colours, table, bounds, words, values, window, missing)


def _coloured(
    array: NDArray[Any], context: Context
) -> tuple[Array, Array, tuple[float, float] | None, tuple[str, ...], Array]:
    """A colour for every point, and what the colours mean."""
    from engine.drawing.brush import colour

    channel, tokens = context.channel, context.tokens
    chosen = str(context.settings.get("colour", NONE))
    plain = np.tile(np.array(colour(tokens.accent)), (len(array), 1))
    if chosen not in channel.names:
        return plain, plain[:1], None, (), np.empty(0)
    values = np.asarray(array[:, channel.names.index(chosen)], dtype=np.float64)
    known = np.isfinite(values)
    out = np.tile(np.array(colour(tokens.muted)), (len(array), 1))
    words = channel.legends.get(chosen, ())
    if words:
        table = words_colours(tokens, len(words))
        out[known] = table[values[known].astype(int) % len(table)]
        return out, table, None, words, values
    table = colormap(MAP).astype(np.float64)
    table = table[20:] if tokens.dark else table[: int(0.92 * len(table))]
    if not known.any():
        return out, table, (0.0, 1.0), (), values
    # A few extremes must not leave one colour for all others.
    low, high = (float(v) for v in np.quantile(values[known], (0.02, 0.96)))
    high = high if high > low else low + 1.0
    share = np.clip((values[known] - low) / (high - low), 0.0, 1.0)
    out[known] = table[(share * (len(table) - 1)).astype(int)]
    return out, table, (low, high), (), values


def words_colours(tokens: Tokens, count: int) -> Array:
    """Colours for words: those of the theme, then evenly from a map of all hues."""
    from engine.drawing.brush import colour

    series = [colour(name) for name in tokens.series]
    if count <= len(series):
        return np.array(series[:count])
    hues = colormap("romaO").astype(np.float64)
    return np.asarray(hues[np.linspace(0, len(hues) * (1 - 1 / count), count).astype(int)])


VIEW = ConstellationView
