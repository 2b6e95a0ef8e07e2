"""The phase portrait: two variables against each other, as light left by the orbit.

The orbit is drawn into pixels on the engine thread, so that a hundred thousand points cost
the window one image; where it comes back often it glows. Two-dimensional systems get their
flow behind it: arrows or streamlines, nullclines and fixed points by type. A click sets the
initial state. Three variables at once are the attractor view's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from PySide6.QtWidgets import QWidget

from engine.drawing.ranges import Window, readable
from engine.exhibit import Channel, Exhibit, Parameter, Value
from engine.look import Tokens
from engine.tape import Data
from widgets.symbols import plain, symbol_of
from widgets.views.flat import WINDOW_OPTIONS, FlatView
from widgets.views.marks import MarkLayer
from widgets.views.phase_composer import Composer, Picture
from widgets.views.view import Context


class PhasePortrait(FlatView):
    """See the module docstring."""

    kind: ClassVar[str] = "phase_portrait"
    title: ClassVar[str] = "Phase portrait"
    accepts: ClassVar[frozenset[str]] = frozenset({"trajectory"})

    def __init__(self, tokens: Tokens, parent: QWidget | None = None) -> None:
        super().__init__(tokens, parent)
        self.marks = MarkLayer(tokens)
        self.plot.scene().addItem(self.marks)
        self.plot.box.sigRangeChanged.connect(lambda *_: self._place_marks())
        self.follow_hand()

    @classmethod
    def options_for(cls, exhibit: Exhibit, channel: Channel) -> dict[str, Parameter]:
        names = channel.names or ("x",)
        second = names[min(1, len(names) - 1)]
        axes = exhibit.system.axes if exhibit.system is not None else ()
        # Beside an attractor in three dimensions the first and the last axis say most.
        if len(axes) >= 3 and axes[2] in names:
            second = axes[2]
        options = [
            Parameter("x", names[0], scale="choice", choices=names, help="Variable to the right"),
            Parameter("y", second, scale="choice", choices=names, help="Variable upwards"),
        ]
        if exhibit.system is not None and exhibit.system.dimension == 2:
            flow = exhibit.system.kind == "flow"
            fields = ("none", "arrows", "streamlines") if flow else ("none", "arrows")
            options += [
                Parameter(
                    "field",
                    "arrows" if flow else "none",
                    scale="choice",
                    choices=fields,
                    help="How the flow is drawn",
                ),
                Parameter(
                    "fixed points",
                    "shown",
                    scale="choice",
                    choices=("shown", "hidden"),
                    help="Filled: stable; open: unstable; half filled: saddle",
                ),
            ]
            if flow:
                options.insert(
                    3,
                    Parameter(
                        "nullclines",
                        "shown",
                        scale="choice",
                        choices=("shown", "hidden"),
                        help="Where one of the two equations vanishes",
                    ),
                )
        options.append(
            Parameter(
                "aspect",
                "fill",
                scale="choice",
                choices=("fill", "equal"),
                help="Equal: a circle is a circle; else the whole area is filled",
            )
        )
        options.append(
            Parameter(
                "ghost",
                "shown",
                scale="choice",
                choices=("shown", "hidden"),
                help="The last run, dim, to compare with",
            )
        )
        return {option.name: option for option in (*options, *WINDOW_OPTIONS)}

    def apply_settings(self, settings: Mapping[str, Value]) -> None:
        super().apply_settings(settings)
        if self.channel is not None:
            labels = tuple(_label(self.channel, str(self.settings[axis])) for axis in "xy")
            if labels != self.plot.frame_item.labels:
                self.plot.frame_item.labels = labels
                self.plot.frame_item.update()

    def set_theme(self, tokens: Tokens) -> None:
        super().set_theme(tokens)
        self.marks.set_theme(tokens)

    @staticmethod
    def compose(data: Data, context: Context) -> Picture | None:
        return Composer()(data, context)

    def composer(self) -> Composer:
        return Composer()

    def show_picture(self, picture: Picture) -> None:
        self.plot.raster.show_pixels(picture.pixels, picture.window)
        self.plot.show_window(picture.window)
        self.plot.caption.say(picture.caption)
        self.marks.show_marks(picture.marks)
        self._place_marks()

    def hover(self, place: tuple[float, float] | None) -> None:
        if place is None:
            self.plot.readout.say("")
            return
        x, y = place
        near = self.marks.at(x, y)
        labels = self.plot.frame_item.labels
        words = f"{labels[0]} = {readable(x, 4)} &nbsp; {labels[1]} = {readable(y, 4)}"
        self.plot.readout.say(near.words if near is not None else words)

    def click(self, x: float, y: float) -> None:
        if self.channel is None:
            return
        bindings = self.channel.bindings
        names = (str(self.settings["x"]), str(self.settings["y"]))
        changes = {
            bindings[name]: value
            for name, value in zip(names, (x, y), strict=True)
            if name in bindings
        }
        if changes:
            self.edited.emit(changes, "Set the initial state")

    def _place_marks(self) -> None:
        (left, right), (bottom, top) = self.plot.box.viewRange()
        self.marks.set_plot(self.plot.frame_item.area, Window(left, right, bottom, top))


def _label(channel: Channel, name: str) -> str:
    symbols = dict(zip(channel.names, channel.symbols, strict=False))
    return plain(symbols.get(name) or symbol_of(name)) or name


VIEW = PhasePortrait
