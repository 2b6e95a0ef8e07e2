"""The time series: variables of the orbit against time, the newest at the right.

Each variable gets a lane of its own, or all share one axis. Only the last `window` time
units are shown; the picture is thinned and drawn on the engine thread. Angles are shown
within one turn. The pointer moves the linked cursor. Scalars that a process reports over its
whole life are the curves view's.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtWidgets import QWidget

from engine.drawing.ranges import Range, SteadyRange, Window, finite_bounds, nice, readable, ticks
from engine.drawing.ranges import tick_text as words_of_tick
from engine.exhibit import Channel, Exhibit, Parameter, Value
from engine.look import Tokens
from engine.systems.angles import broken_at_turns, within_turn
from engine.tape import Data
from widgets.symbols import plain, symbol_of
from widgets.views.axes import Margins, Tick
from widgets.views.curve_layer import EndLabels, Label, Line, draw_lines, label_width, series_colour
from widgets.views.flat import FlatView
from widgets.views.view import Context

Array = NDArray[np.float64]
MOST_LANES = 6
LANE = 0.86
"""Share of a lane that its curve may fill."""


@dataclass(frozen=True)
class Lane:
    """One variable: its name, colour, and how its values become ordinates."""

    name: str
    symbol: str
    colour: str
    low: float
    scale: float
    offset: float

    def place(self, value: Array | float) -> Array | float:
        """Values of the variable as ordinates of the picture."""
        return (value - self.low) * self.scale + self.offset


@dataclass(frozen=True)
class Picture:
    """What `compose` returns.

    Attributes
    ----------
    pixels : array of uint32
    window : Window
        Time to the right; ordinates of the lanes upwards.
    lanes : tuple of Lane
    y_ticks : tuple of (float, str) or None
        Ticks of the lanes; None for those of a shared axis.
    separators : tuple of float
        Ordinates between lanes.
    times, values : array, shape (m,) and (m, lanes)
        The rows in the window (at most a few thousand), for the read-out.
    """

    pixels: NDArray[np.uint32]
    window: Window
    lanes: tuple[Lane, ...]
    y_ticks: tuple[Tick, ...] | None
    separators: tuple[float, ...]
    times: Array
    values: Array


class TimeSeries(FlatView):
    """See the module docstring."""

    kind: ClassVar[str] = "time_series"
    title: ClassVar[str] = "Time series"
    accepts: ClassVar[frozenset[str]] = frozenset({"trajectory"})

    def __init__(self, tokens: Tokens, parent: QWidget | None = None) -> None:
        super().__init__(tokens, parent)
        self._picture: Picture | None = None
        self._cursor_time: float | None = None
        self._labels = EndLabels()
        self.plot.scene().addItem(self._labels)
        self._cursor = pg.InfiniteLine(angle=90, movable=False)
        self._cursor.hide()
        self.plot.add(self._cursor, 20.0)
        self.plot.box.zoomed.connect(self._zoom_time)
        self.plot.box.dragged.connect(self._drag_time)
        self._recolour()

    @classmethod
    def options_for(cls, exhibit: Exhibit, channel: Channel) -> dict[str, Parameter]:
        options = [
            Parameter(
                "layout",
                "stacked" if len(channel.names) > 1 else "overlaid",
                scale="choice",
                choices=("stacked", "overlaid"),
                help="A lane for each variable, or one axis for all",
            ),
            Parameter(
                "window",
                0.0,
                0.0,
                200.0 * exhibit.pace.default,
                help="Time shown; 0 chooses it from the data",
            ),
            Parameter(
                "behind",
                0.0,
                0.0,
                200.0 * exhibit.pace.default,
                help="How far before the newest moment the picture ends",
            ),
        ]
        if len(channel.names) > 1:
            options += [
                Parameter(
                    f"show.{name}",
                    "shown" if place < MOST_LANES else "hidden",
                    scale="choice",
                    choices=("shown", "hidden"),
                    help=f"Show {name}",
                )
                for place, name in enumerate(channel.names)
            ]
        return {option.name: option for option in options}

    def bind(self, exhibit: Exhibit, channel: Channel, settings: Mapping[str, Value]) -> None:
        super().bind(exhibit, channel, settings)
        self._picture = None
        time = channel.axes[0] if channel.axes else "time"
        unit = f" ({channel.units[0]})" if channel.units and channel.units[0] else ""
        self.plot.frame_item.labels = (time + unit, "")
        names = [_symbol(channel, name) for name in channel.names]
        self.plot.set_margins(Margins(left=46, right=max(18, label_width(names))))

    def set_theme(self, tokens: Tokens) -> None:
        super().set_theme(tokens)
        self._recolour()

    @staticmethod
    def compose(data: Data, context: Context) -> Picture | None:
        return Composer()(data, context)

    def composer(self) -> Composer:
        return Composer()

    def show_picture(self, picture: Picture) -> None:
        self._picture = picture
        frame = self.plot.frame_item
        frame.custom = (None, picture.y_ticks)
        frame.separators = picture.separators
        self.plot.raster.show_pixels(picture.pixels, picture.window)
        self.plot.show_window(picture.window, glide=False)
        labels = (
            [
                Label(float(lane.place(picture.values[-1, place])), lane.symbol, lane.colour)
                for place, lane in enumerate(picture.lanes)
            ]
            if len(picture.values)
            else []
        )
        self._labels.show_labels(labels, picture.window, frame.area, frame.boundingRect())
        self._show_cursor()

    def set_cursor_time(self, time: float | None) -> None:
        self._cursor_time = time
        self._show_cursor()

    def hover(self, place: tuple[float, float] | None) -> None:
        self._cursor_time = place[0] if place is not None else None
        self._show_cursor()
        self.cursor_moved.emit(self._cursor_time)

    def reset_view(self) -> None:
        if float(self.settings.get("window", 0.0)) or float(self.settings.get("behind", 0.0)):
            self.settings_edited.emit({"window": 0.0, "behind": 0.0}, "Reset the view")

    def _recolour(self) -> None:
        self._cursor.setPen(pg.mkPen(self.tokens.muted, width=1))
        if self._picture is not None:
            frame = self.plot.frame_item
            self._labels.show_labels((), self._picture.window, frame.area, frame.boundingRect())

    def _show_cursor(self) -> None:
        picture, time = self._picture, self._cursor_time
        if (
            picture is None
            or time is None
            or len(picture.times) == 0
            or not (picture.window.left <= time <= picture.window.right)
        ):
            self._cursor.hide()
            self.plot.readout.say("")
            return
        self._cursor.setPos(time)
        self._cursor.show()
        nearest = min(int(np.searchsorted(picture.times, time)), len(picture.times) - 1)
        if nearest and time - picture.times[nearest - 1] < picture.times[nearest] - time:
            nearest -= 1
        words = [f"{readable(float(picture.times[nearest]), 5)}"]
        words += [
            f"<span style='color:{lane.colour}'>{lane.symbol} "
            f"{readable(float(picture.values[nearest, place]), 4)}</span>"
            for place, lane in enumerate(picture.lanes)
        ]
        self.plot.readout.say(" &nbsp; ".join(words))

    def _zoom_time(self, factor: float, _x: float, _y: float) -> None:
        if self._picture is not None:
            wanted = self._picture.window.width * factor
            if 1e-9 < wanted < 1e12:
                self.settings_edited.emit({"window": wanted}, "Zoom")

    def _drag_time(self, dx: float, _dy: float, _finished: bool) -> None:
        behind = max(0.0, float(self.settings.get("behind", 0.0)) + dx)
        self.settings_edited.emit({"behind": behind}, "Pan")


def _symbol(channel: Channel, name: str) -> str:
    symbols = dict(zip(channel.names, channel.symbols, strict=False))
    return plain(symbols.get(name) or symbol_of(name)) or name


@dataclass(frozen=True)
class _Curve:
    """What is drawn of one variable: of an angle a line that is broken at every turn."""

    x: Array
    y: Array
    period: float
    bounds: Range | None

    @classmethod
    def of(cls, time: Array, values: Array, period: float) -> _Curve:
        if not period:
            return cls(time, values, 0.0, finite_bounds(values))
        x, y = broken_at_turns(time, values, period)
        # Whatever turns has the whole turn for its lane, so that the axis holds still.
        turning = (-0.5 * period, 0.5 * period) if len(x) > len(time) else finite_bounds(y)
        return cls(x, y, period, turning)


class Composer:
    """Draws time series; keeps the ranges, so that axes hold still. Engine thread only."""

    def __init__(self) -> None:
        self._ranges: dict[str, SteadyRange] = {}
        self._context: Context | None = None
        self._seen = (-1, -1)

    def __call__(self, data: Data, context: Context) -> Picture | None:
        tape = data.tapes.get(context.channel.name)
        if tape is None or len(tape.rows) == 0:
            return None
        seen = (tape.generation, tape.appended)
        if context is self._context and seen == self._seen:
            return None
        self._context, self._seen = context, seen
        settings = context.settings
        maps = _is_map(context)
        rows = tape.rows
        length = float(settings.get("window", 0.0)) or automatic_window(rows, maps)
        last = float(rows[-1, 0])
        first = float(rows[0, 0])
        # A run shorter than the window fills it from the left.
        right = max(last - float(settings.get("behind", 0.0)), first + length)
        window_time = (right - length, right)
        # Not numpy's search: it would copy the column of a hundred thousand times first.
        begin = max(0, bisect_left(rows[:, 0], window_time[0]) - 1)
        end = min(len(rows), bisect_right(rows[:, 0], right) + 1)
        part = rows[begin:end]
        system = context.exhibit.system
        chosen = [
            (place, name)
            for place, name in enumerate(context.channel.names)
            if settings.get(f"show.{name}", "shown") == "shown"
        ]
        stacked = settings.get("layout") == "stacked" and len(chosen) > 1
        curves = [
            _Curve.of(
                part[:, 0], part[:, 1 + place], system.period(name) if system is not None else 0.0
            )
            for place, name in chosen
        ]
        lanes, separators, y_range = self._lanes(curves, chosen, context, stacked)
        # Room at the right for the head.
        reach = 0.012 * length
        window = Window(window_time[0], right + reach, *y_range)
        pace = 1.0 if maps else 1.4
        lines = [
            Line(
                curve.x,
                np.asarray(lane.place(curve.y)),
                lane.colour,
                pace * context.ratio,
                head=True,
            )
            for curve, lane in zip(curves, lanes, strict=True)
        ]
        every = max(1, len(part) // 4000)
        kept = np.r_[0 : len(part) : every, len(part) - 1] if every > 1 else slice(None)
        values = part[kept][:, [1 + place for place, _ in chosen]]
        for lane, curve in enumerate(curves):
            if curve.period:
                values[:, lane] = within_turn(values[:, lane], curve.period)
        return Picture(
            draw_lines(lines, window, context.size),
            window,
            lanes,
            _lane_ticks(lanes, context) if stacked else None,
            separators,
            part[kept, 0].copy(),
            values.copy(),
        )

    def _lanes(
        self,
        curves: list[_Curve],
        chosen: list[tuple[int, str]],
        context: Context,
        stacked: bool,
    ) -> tuple[tuple[Lane, ...], tuple[float, ...], Range]:
        def follow(key: str, bounds: Range | None) -> Range:
            steady = self._ranges.setdefault(key, SteadyRange(least_fill=0.4))
            return steady.follow(bounds)

        channel, tokens = context.channel, context.tokens
        if not stacked:
            ends = [curve.bounds for curve in curves if curve.bounds is not None]
            all_bounds = (min(e[0] for e in ends), max(e[1] for e in ends)) if ends else None
            low, high = follow("all", all_bounds)
            lanes = tuple(
                Lane(name, _symbol(channel, name), series_colour(tokens, place), 0.0, 1.0, 0.0)
                for place, name in chosen
            )
            return lanes, (), (low, high)
        count = len(chosen)
        out = []
        for rank, (place, name) in enumerate(chosen):
            low, high = follow(name, curves[rank].bounds)
            out.append(
                Lane(
                    name,
                    _symbol(channel, name),
                    series_colour(tokens, place),
                    low,
                    LANE / (high - low),
                    count - 1 - rank + 0.5 * (1.0 - LANE),
                )
            )
        return tuple(out), tuple(float(k) for k in range(1, count)), (0.0, float(count))


def automatic_window(rows: Array, maps: bool) -> float:
    """Time to show: about 2,000 samples of a flow, 200 iterations of a map.

    Rounded up to 1, 2 or 5 times a power of ten, so that it holds still while the step
    changes.
    """
    if len(rows) < 2:
        return 1.0
    recent = rows[-min(len(rows), 4000) :, 0]
    step = float(recent[-1] - recent[0]) / (len(recent) - 1)
    if not step > 0.0:
        return 1.0
    return nice((200.0 if maps else 2000.0) * step)


def _lane_ticks(lanes: tuple[Lane, ...], context: Context) -> tuple[Tick, ...]:
    """Two or three round numbers for each lane."""
    room = context.size[1] / max(context.ratio, 1e-6) / max(1, len(lanes))
    most = 3 if room > 110 else 2 if room > 44 else 1
    out: list[Tick] = []
    for lane in lanes:
        low, high = lane.low, lane.low + LANE / lane.scale
        places, step = ticks(low, high, most, least=min(2, most))
        places = places[:: max(1, -(-len(places) // most))]
        largest = max(abs(low), abs(high))
        out += [(float(lane.place(p)), words_of_tick(p, step, largest)) for p in places]
    return tuple(out)


def _is_map(context: Context) -> bool:
    system = context.exhibit.system
    return (system.kind if system is not None else context.exhibit.kind) == "map"


VIEW = TimeSeries
