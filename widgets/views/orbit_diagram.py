"""The orbit diagram: where orbits settle, for every value of one parameter.

A job of the engine counts the values of one variable into columns of pixels, coarse first;
this view colours the counts, shows the window asked for, and turns gestures into edits: a
box zooms and is computed anew, a click sets the parameter. The value in use stands as a
line across the diagram. Branches of equilibria and cycles are for continuation.
"""

from __future__ import annotations

import time as clock
from collections.abc import Hashable, Mapping
from typing import Any, ClassVar

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import QFrame, QToolButton, QWidget

from engine.drawing.ranges import Window, readable
from engine.exhibit import Channel, Exhibit, Parameter, Value
from engine.job import Job, Partial
from engine.look import Tokens
from engine.systems.system import System
from widgets import icons, theme
from widgets.symbols import plain, symbol_of
from widgets.views.diagram_job import (
    REUSE,
    Picture,
    coloured,
    depends,
    diagram_job,
    swept,
    window_for,
)
from widgets.views.flat import FlatView, sound
from widgets.views.value_cursor import ValueCursor
from widgets.views.view import Context
from widgets.views.zoom_stack import ZoomStack

MERGE = 0.7
"""Turns of the wheel within so many seconds are one zoom."""


class OrbitDiagram(FlatView):
    """See the module docstring."""

    kind: ClassVar[str] = "orbit_diagram"
    title: ClassVar[str] = "Orbit diagram"
    accepts: ClassVar[frozenset[str]] = frozenset({"trajectory"})

    def __init__(self, tokens: Tokens, parent: QWidget | None = None) -> None:
        super().__init__(tokens, parent)
        self._picture: Picture | None = None
        self._zooms = ZoomStack()
        self._zoomed_at = 0.0
        self._values: dict[str, Value] = {}
        self.cursor_line = ValueCursor(tokens)
        self.plot.scene().addItem(self.cursor_line)
        self.plot.box.drag = "box"
        self.plot.box.boxed.connect(lambda window: self._go(window, merge=False))
        self.plot.box.zoomed.connect(self._turn_wheel)
        self.plot.box.dragged.connect(self._pull)
        self.plot.box.double_clicked.connect(self.reset_view)
        self.plot.box.sigRangeChanged.connect(lambda *_: self._place_cursor())
        # A first click must not act when it turns out to be half of a double click.
        self._pending_click = QTimer(self)
        self._pending_click.setSingleShot(True)
        self._pending_click.timeout.connect(self._set_parameter)
        self._clicked_at = 0.0
        self.back_button = self._button(
            "Back to the window before (Alt+Left)", "Alt+Left", self.back
        )
        self.forward_button = self._button("Forward again (Alt+Right)", "Alt+Right", self.forward)
        self._progress = QFrame(self.plot)
        self._progress.setFixedHeight(2)
        self._progress.hide()
        self._dress()

    # -- settings -------------------------------------------------------------------------

    @classmethod
    def options_for(cls, exhibit: Exhibit, channel: Channel) -> dict[str, Parameter]:
        system = exhibit.system
        if system is None:
            return {}
        names = swept(system)
        if not names:
            return {}
        first = system.orbit_diagram.parameter or names[0]
        variable = system.orbit_diagram.variable or system.variables[0]
        options = (
            Parameter(
                "parameter",
                first,
                scale="choice",
                choices=names,
                help="The parameter along the abscissa",
            ),
            Parameter(
                "variable",
                variable,
                scale="choice",
                choices=system.variables,
                help="The variable whose values are counted",
            ),
            Parameter(
                "reuse",
                "fresh start",
                scale="choice",
                choices=tuple(REUSE),
                help="Start every column anew, or from the last state of the column "
                "before: hysteresis then shows",
            ),
            Parameter("low", 0.0, help="Left edge; low and high both 0: automatic"),
            Parameter("high", 0.0, help="Right edge; low and high both 0: automatic"),
            Parameter("bottom", 0.0, help="Lower edge; bottom and top both 0: automatic"),
            Parameter("top", 0.0, help="Upper edge; bottom and top both 0: automatic"),
        )
        return {option.name: option for option in options}

    def bind(self, exhibit: Exhibit, channel: Channel, settings: Mapping[str, Value]) -> None:
        super().bind(exhibit, channel, settings)
        self._picture = None
        self.plot.raster.show_pixels(None, self.plot.window)
        self._zooms.clear()
        self._show_buttons()
        if not self.settings:
            self.plot.veil.say(
                "An orbit diagram needs a system with equations and a parameter "
                "to vary. Open one from the catalogue."
            )

    def apply_settings(self, settings: Mapping[str, Value]) -> None:
        before = self.settings.get("parameter"), self.settings.get("variable")
        super().apply_settings(settings)
        if not self.settings or self.exhibit is None or self.exhibit.system is None:
            return
        # A window belongs to the axes it was drawn on; see `window_for`.
        self.settings["window of"] = settings.get("window of", "")
        system = self.exhibit.system
        names = str(self.settings["parameter"]), str(self.settings["variable"])
        if names != before:
            self._zooms.clear()
            self._show_buttons()
        labels = (_parameter_label(system, names[0]), _variable_label(system, names[1]))
        if labels != self.plot.frame_item.labels:
            self.plot.frame_item.labels = labels
            self.plot.frame_item.update()
        across, upward = window_for(self.settings, system)
        if upward is not None:
            self.plot.show_window(Window(*across, *upward))
        elif self._picture is None:
            # Where it will be is known, how high not yet.
            self.plot.frame_item.custom = (None, ())
            self.plot.show_window(Window(*across, 0.0, 1.0), glide=False)
            self.plot.veil.say("Computing the orbit diagram")
        self._place_cursor()

    def set_theme(self, tokens: Tokens) -> None:
        super().set_theme(tokens)
        self.cursor_line.set_theme(tokens)
        self._dress()
        if self._picture is not None and self._picture.theme != tokens.name:
            picture = self._picture
            self._picture = Picture(
                picture.counts, coloured(picture.counts, tokens), picture.window, tokens.name
            )
            self.plot.raster.show_pixels(self._picture.pixels, picture.window)

    def set_values(self, values: Mapping[str, Value]) -> None:
        self._values = dict(values)
        self._place_cursor()

    # -- the job --------------------------------------------------------------------------

    @staticmethod
    def depends(context: Context) -> Hashable:
        return depends(context)

    @staticmethod
    def job(context: Context) -> Job[Picture]:
        return diagram_job(context)

    def show_partial(self, partial: Partial[Picture]) -> None:
        finished = partial.done >= partial.total
        area = self.plot.frame_item.area.toRect()
        self._progress.setVisible(not finished)
        self._progress.setGeometry(
            area.left(), area.top(), max(1, round(area.width() * partial.fraction)), 2
        )
        if partial.result is None:
            return
        self.plot.veil.say("")
        self._picture = partial.result
        self.plot.frame_item.custom = (None, None)
        self.plot.raster.show_pixels(partial.result.pixels, partial.result.window)
        self.plot.show_window(partial.result.window)
        self._place_cursor()

    def empty(self, message: str) -> None:
        # The diagram stays true when the run on screen leaves its bounds.
        if self._picture is None or not message:
            super().empty(message)
        self._progress.hide()

    # -- gestures -------------------------------------------------------------------------

    def reset_view(self) -> None:
        self._pending_click.stop()
        if self._zooms.current is not None:
            self._go(None, merge=False)
        elif any(float(self.settings.get(name, 0.0)) for name in ("low", "high", "bottom", "top")):
            self._ask(None, "Reset the view")

    def back(self) -> None:
        """Show the window before."""
        if self._zooms.can_go_back:
            self._ask(self._zooms.back(), "Back")

    def forward(self) -> None:
        """Show the window that Back left."""
        if self._zooms.can_go_forward:
            self._ask(self._zooms.forward(), "Forward")

    def hover(self, place: tuple[float, float] | None) -> None:
        if place is None:
            self.plot.readout.say("")
            return
        across, up = self.plot.frame_item.labels
        self.plot.readout.say(
            f"{across} = {readable(place[0], 6)} &nbsp; {up} = {readable(place[1], 5)}"
        )

    def click(self, x: float, y: float) -> None:
        self._clicked_at = x
        if self._zooms.current is None:
            self._set_parameter()
        else:
            self._pending_click.start(QGuiApplication.styleHints().mouseDoubleClickInterval())

    def _set_parameter(self) -> None:
        if self.exhibit is None or "parameter" not in self.settings:
            return
        name = str(self.settings["parameter"])
        parameter = self.exhibit.parameters.get(name)
        if parameter is None:
            return
        whole = parameter.scale == "integer"
        value: Value = round(self._clicked_at) if whole else self._clicked_at
        self.edited.emit({name: value}, f"Set {name}")

    def _turn_wheel(self, factor: float, x: float, y: float) -> None:
        now = clock.monotonic()
        self._go(self.plot.scaled(factor, x, y), merge=now - self._zoomed_at < MERGE)
        self._zoomed_at = now

    def _pull(self, dx: float, dy: float, finished: bool) -> None:
        now = clock.monotonic()
        self._go(self.plot.moved(dx, dy), merge=now - self._zoomed_at < MERGE)
        self._zoomed_at = 0.0 if finished else now

    def _go(self, window: Window | None, *, merge: bool) -> None:
        if "parameter" not in self.settings or (window is not None and not sound(window)):
            return
        self._zooms.push(window, merge=merge)
        self._ask(window, "Zoom" if window is not None else "Reset the view")

    def _ask(self, window: Window | None, label: str) -> None:
        if window is not None:
            self.plot.show_window(window)
        values = window or (0.0, 0.0, 0.0, 0.0)
        of = f"{self.settings['parameter']} {self.settings['variable']}"
        settings: dict[str, Value] = dict(
            zip(("low", "high", "bottom", "top"), values, strict=True)
        )
        self.settings_edited.emit({**settings, "window of": of}, label)
        self._show_buttons()

    # -- the parts on top -----------------------------------------------------------------

    def _button(self, tip: str, keys: str, action: Any) -> QToolButton:
        button = QToolButton(self.plot)
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        button.setIconSize(QSize(14, 14))
        button.setFixedSize(22, 22)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(action)
        button.hide()
        shortcut = QShortcut(QKeySequence(keys), self)
        shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        shortcut.activated.connect(action)
        return button

    def _show_buttons(self) -> None:
        shown = self._zooms.can_go_back or self._zooms.can_go_forward
        area = self.plot.frame_item.area.toRect()
        for place, (button, usable) in enumerate(
            (
                (self.back_button, self._zooms.can_go_back),
                (self.forward_button, self._zooms.can_go_forward),
            )
        ):
            button.move(area.left() + 6 + 25 * place, area.top() + 6)
            button.setVisible(shown)
            button.setEnabled(usable)

    def _dress(self) -> None:
        for button, name in ((self.back_button, "back"), (self.forward_button, "forward")):
            button.setIcon(icons.icon(name, self.tokens, "text"))
            button.setStyleSheet(
                f"QToolButton {{ background: {self.tokens.raised}; border: none;"
                f" border-radius: 4px; }} QToolButton:hover {{ background:"
                f" {theme.mix(self.tokens.raised, self.tokens.text, 0.12)}; }}"
            )
        self._progress.setStyleSheet(f"background: {self.tokens.accent}; border: none;")

    def _place_cursor(self) -> None:
        name = str(self.settings.get("parameter", ""))
        value = self._values.get(name)
        label = self.plot.frame_item.labels[0] or name
        if isinstance(value, int | float):
            self.cursor_line.show_value(float(value), f"{label} = {readable(float(value), 6)}")
        else:
            self.cursor_line.show_value(None, "")
        (left, right), (bottom, top) = self.plot.box.viewRange()
        self.cursor_line.set_plot(self.plot.frame_item.area, Window(left, right, bottom, top))


def _parameter_label(system: System, name: str) -> str:
    symbol = system.parameters[name].symbol or system.symbols.get(name) or symbol_of(name)
    return plain(symbol) or name


def _variable_label(system: System, name: str) -> str:
    return plain(system.symbols.get(name) or symbol_of(name)) or name


VIEW = OrbitDiagram
