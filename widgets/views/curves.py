"""Curves: what a process measures of itself, against its abscissa, with theory over it.

Linear or logarithmic axes. A channel that says it belongs ``over`` the one shown is drawn
dashed on top, in the same colours. Names stand at the right end of the curves. States
against time, which scroll, are the time series'.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtWidgets import QWidget

from engine.drawing.ranges import Range, SteadyRange, Window, finite_bounds, readable
from engine.exhibit import Channel, Exhibit, Parameter, Value
from engine.look import Tokens
from engine.tape import Data
from widgets.symbols import plain
from widgets.views.axes import Margins
from widgets.views.curve_layer import EndLabels, Label, Line, draw_lines, label_width, series_colour
from widgets.views.flat import WINDOW_OPTIONS, FlatView, chosen_range, sound, window_settings
from widgets.views.view import Context

Array = NDArray[np.float64]
SHOWN_AT_FIRST = 8
DASH = 7.0


@dataclass(frozen=True)
class Curve:
    """One curve of the picture: name, colour, and its ordinates at `Picture.x`."""

    name: str
    colour: str
    values: Array


@dataclass(frozen=True)
class Picture:
    """What `compose` returns.

    Attributes
    ----------
    pixels : array of uint32
    window : Window
        In the coordinates of the axes: exponents of ten on a logarithmic one.
    scales : tuple of str
        ``linear`` or ``log`` for abscissa and ordinate.
    x : array, shape (m,)
        Abscissae in data units, thinned, for the read-out.
    curves : tuple of Curve
    theory : tuple of str
        Channels drawn dashed.
    """

    pixels: NDArray[np.uint32]
    window: Window
    scales: tuple[str, str]
    x: Array
    curves: tuple[Curve, ...]
    theory: tuple[str, ...]


class Curves(FlatView):
    """See the module docstring."""

    kind: ClassVar[str] = "curves"
    title: ClassVar[str] = "Curves"
    accepts: ClassVar[frozenset[str]] = frozenset({"scalar"})

    def __init__(self, tokens: Tokens, parent: QWidget | None = None) -> None:
        super().__init__(tokens, parent)
        self._picture: Picture | None = None
        self._at: float | None = None
        self._labels = EndLabels()
        self.plot.scene().addItem(self._labels)
        self._cursor = pg.InfiniteLine(angle=90, movable=False)
        self._cursor.hide()
        self._cursor.setPen(pg.mkPen(tokens.muted, width=1))
        self.plot.add(self._cursor, 20.0)
        self.follow_hand()

    @classmethod
    def options_for(cls, exhibit: Exhibit, channel: Channel) -> dict[str, Parameter]:
        scales = ("linear", "log")
        options = [
            Parameter(
                "x scale",
                channel.scale[0],
                scale="choice",
                choices=scales,
                help="Scale of the abscissa",
            ),
            Parameter(
                "y scale",
                channel.scale[1],
                scale="choice",
                choices=scales,
                help="Scale of the ordinate",
            ),
        ]
        if any(other.over == channel.name for other in exhibit.channels.values()):
            options.append(
                Parameter(
                    "theory",
                    "shown",
                    scale="choice",
                    choices=("shown", "hidden"),
                    help="The dashed curves",
                )
            )
        if len(channel.names) > 1:
            options += [
                Parameter(
                    f"show.{name}",
                    "shown" if place < SHOWN_AT_FIRST else "hidden",
                    scale="choice",
                    choices=("shown", "hidden"),
                    help=f"Show {name}",
                )
                for place, name in enumerate(channel.names)
            ]
        return {option.name: option for option in (*options, *WINDOW_OPTIONS)}

    def bind(self, exhibit: Exhibit, channel: Channel, settings: Mapping[str, Value]) -> None:
        super().bind(exhibit, channel, settings)
        self._picture = None
        words = [*channel.axes, "", ""][:2]
        units = [*channel.units, "", ""][:2]
        self.plot.frame_item.labels = (
            *(
                f"{plain(word)} ({unit})" if unit else plain(word)
                for word, unit in zip(words, units, strict=True)
            ),
        )
        several = len(channel.names) > 1
        room = label_width([_short(channel, name) for name in channel.names]) if several else 18
        self.plot.set_margins(Margins(right=max(18, room)))

    def set_theme(self, tokens: Tokens) -> None:
        super().set_theme(tokens)
        self._cursor.setPen(pg.mkPen(tokens.muted, width=1))

    @staticmethod
    def compose(data: Data, context: Context) -> Picture | None:
        return Composer()(data, context)

    def composer(self) -> Composer:
        return Composer()

    def show_picture(self, picture: Picture) -> None:
        self._picture = picture
        frame = self.plot.frame_item
        if picture.scales != frame.scales:
            frame.scales = picture.scales
            frame.update()
        self.plot.raster.show_pixels(picture.pixels, picture.window)
        self.plot.show_window(picture.window, glide=False)
        labels = []
        if len(picture.curves) > 1 and len(picture.x) and self.channel is not None:
            for curve in picture.curves:
                y = float(to_axis(curve.values[-1:], picture.scales[1])[0])
                labels.append(
                    Label(
                        y if math.isfinite(y) else picture.window.bottom,
                        _short(self.channel, curve.name),
                        curve.colour,
                    )
                )
        self._labels.show_labels(labels, picture.window, frame.area, frame.boundingRect())
        dashed = "<span style='letter-spacing:1px'>– –</span> theory" if picture.theory else ""
        self.plot.caption.say(dashed)
        self._show_values()

    def hover(self, place: tuple[float, float] | None) -> None:
        self._at = place[0] if place is not None else None
        self._show_values()

    def ask_window(self, window: Window | None, label: str) -> None:
        if window is None or self._picture is None:
            super().ask_window(None, label)
            return
        if sound(window):
            self.plot.show_window(window, glide=False)
            low_x, high_x = from_axis((window.left, window.right), self._picture.scales[0])
            low_y, high_y = from_axis((window.bottom, window.top), self._picture.scales[1])
            self.settings_edited.emit(window_settings(Window(low_x, high_x, low_y, high_y)), label)

    def _show_values(self) -> None:
        """The values under the pointer, or the newest where there is none."""
        picture = self._picture
        if picture is None or len(picture.x) == 0:
            return
        place = len(picture.x) - 1
        if self._at is None:
            self._cursor.hide()
        else:
            self._cursor.setPos(self._at)
            self._cursor.show()
            wanted = self._at if picture.scales[0] == "linear" else 10.0**self._at
            place = int(np.argmin(np.abs(picture.x - wanted)))
        label = self.plot.frame_item.labels[0] or "x"
        words = [f"{label} {readable(float(picture.x[place]), 6)}"]
        words += [
            f"<span style='color:{curve.colour}'>{readable(float(curve.values[place]), 4)}</span>"
            for curve in picture.curves[:6]
        ]
        self.plot.readout.say(" &nbsp; ".join(words))


def to_axis(values: Array, scale: str) -> Array:
    """Data units as axis coordinates; what has no logarithm becomes NaN."""
    if scale != "log":
        return values
    out = np.full(values.shape, np.nan)
    np.log10(values, out=out, where=values > 0.0)
    return out


def from_axis(place: Range, scale: str) -> Range:
    """A range in axis coordinates as data units."""
    if scale != "log":
        return place
    low, high = (10.0 ** min(300.0, max(-300.0, value)) for value in place)
    return low, high


class Composer:
    """Draws curves; keeps the ranges, so that axes hold still. Engine thread only."""

    def __init__(self) -> None:
        self._x = SteadyRange(margin=0.0, least_fill=0.3)
        self._y = SteadyRange(margin=0.06, least_fill=0.3)
        self._context: Context | None = None
        self._seen: object = None
        self._scales = ("", "")

    def __call__(self, data: Data, context: Context) -> Picture | None:
        channel, settings, tokens = context.channel, context.settings, context.tokens
        tape = data.tapes.get(channel.name)
        if tape is None or len(tape.rows) == 0:
            return None
        theory = [
            name
            for name, other in context.exhibit.channels.items()
            if other.over == channel.name
            and name in data.tapes
            and settings.get("theory", "shown") == "shown"
            and len(data.tapes[name].rows)
        ]
        tapes = [tape, *(data.tapes[name] for name in theory)]
        seen = [(t.generation, t.appended) for t in tapes]
        if context is self._context and seen == self._seen:
            return None
        self._context, self._seen = context, seen
        scales = (str(settings["x scale"]), str(settings["y scale"]))
        if scales != self._scales:
            self._scales = scales
            self._x.forget()
            self._y.forget()
        chosen = [
            (place, name)
            for place, name in enumerate(channel.names)
            if settings.get(f"show.{name}", "shown") == "shown"
        ]
        rows = tape.rows
        solid = _axis_columns(rows, [place for place, _ in chosen], scales)
        dashed = [
            _axis_columns(
                data.tapes[name].rows,
                [place for place, _ in chosen if place + 1 < data.tapes[name].rows.shape[1]],
                scales,
            )
            for name in theory
        ]
        window = self._window(settings, scales, [solid, *dashed])
        ratio = context.ratio
        lines = [
            Line(
                solid[0],
                y,
                series_colour(tokens, place),
                (2.6 if theory else 1.5) * ratio,
                opacity=0.5 if theory else 1.0,
                head=not theory,
            )
            for (place, _), y in zip(chosen, solid[1:], strict=True)
        ]
        for columns in dashed:
            lines += [
                Line(columns[0], y, series_colour(tokens, place), 1.4 * ratio, DASH * ratio)
                for (place, _), y in zip(chosen, columns[1:], strict=False)
            ]
        every = max(1, len(rows) // 3000)
        kept = np.r_[0 : len(rows) : every, len(rows) - 1] if every > 1 else np.arange(len(rows))
        curves = tuple(
            Curve(name, series_colour(tokens, place), rows[kept, 1 + place])
            for place, name in chosen
        )
        return Picture(
            draw_lines(lines, window, context.size),
            window,
            scales,
            rows[kept, 0],
            curves,
            tuple(theory),
        )

    def _window(
        self, settings: Mapping[str, Value], scales: tuple[str, str], groups: list[list[Array]]
    ) -> Window:
        x = _wished(settings, "left", "right", scales[0])
        y = _wished(settings, "bottom", "top", scales[1])
        if x is None:
            x = self._x.follow(_union([finite_bounds(group[0]) for group in groups]))
        if y is None:
            # Theory may leave the picture; what was measured must not.
            y = self._y.follow(_union([finite_bounds(values) for values in groups[0][1:]]))
        return Window(*x, *y)


def _wished(settings: Mapping[str, Value], low: str, high: str, scale: str) -> Range | None:
    wished = chosen_range(settings, low, high)
    if wished is None or scale != "log":
        return wished
    return (math.log10(wished[0]), math.log10(wished[1])) if wished[0] > 0.0 else None


def _axis_columns(rows: Array, places: list[int], scales: tuple[str, str]) -> list[Array]:
    """Abscissa and the chosen ordinates in axis coordinates."""
    return [
        to_axis(np.ascontiguousarray(rows[:, 0]), scales[0]),
        *(to_axis(np.ascontiguousarray(rows[:, 1 + place]), scales[1]) for place in places),
    ]


def _union(bounds: list[Range | None]) -> Range | None:
    known = [pair for pair in bounds if pair is not None]
    if not known:
        return None
    return min(low for low, _ in known), max(high for _, high in known)


def _short(channel: Channel, name: str) -> str:
    """A name that fits beside the plot: its symbol where the words are too long."""
    symbols = dict(zip(channel.names, channel.symbols, strict=False))
    if len(name) > 13 and symbols.get(name):
        return plain(symbols[name])
    return name if len(name) <= 16 else name[:15] + "…"


VIEW = Curves
