"""The base of the views that draw on a `Plot`: theme, veil, window options, pan and zoom.

A view's window lies in its settings (0 and 0 mean automatic), so that a zoom is undone,
saved and restored like any other setting, and so that the engine thread draws exactly the
pixels that are seen. What is drawn is for the concrete views.
"""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtWidgets import QVBoxLayout, QWidget

from engine.drawing.ranges import Range, Window
from engine.exhibit import Parameter, Value
from engine.look import Tokens
from widgets.views.plotting import Plot
from widgets.views.view import View

WINDOW_OPTIONS = (
    Parameter("left", 0.0, help="Left edge; left and right both 0: automatic"),
    Parameter("right", 0.0, help="Right edge; left and right both 0: automatic"),
    Parameter("bottom", 0.0, help="Lower edge; bottom and top both 0: automatic"),
    Parameter("top", 0.0, help="Upper edge; bottom and top both 0: automatic"),
)
EDGES = tuple(option.name for option in WINDOW_OPTIONS)


def chosen_range(settings: Mapping[str, Value], low: str, high: str) -> Range | None:
    """The range that the settings ask for, or None for the automatic one."""
    a, b = float(settings.get(low, 0.0)), float(settings.get(high, 0.0))
    return (a, b) if b > a else None


def window_settings(window: Window | None) -> dict[str, Value]:
    """The settings that ask for a window; None for the automatic one."""
    return dict(zip(EDGES, window or (0.0, 0.0, 0.0, 0.0), strict=True))


class FlatView(View):
    """Abstract: a view with one `Plot`."""

    def __init__(self, tokens: Tokens, parent: QWidget | None = None) -> None:
        super().__init__(tokens, parent)
        self.plot = Plot(tokens, self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.plot)
        self.plot.hovered.connect(self.hover)
        self.plot.box.clicked.connect(self.click)
        self.setMinimumSize(160, 120)

    def set_theme(self, tokens: Tokens) -> None:
        super().set_theme(tokens)
        self.plot.set_theme(tokens)

    def empty(self, message: str) -> None:
        self.plot.veil.say(message)

    def pixel_size(self) -> tuple[int, int]:
        return self.plot.plot_pixels()

    def follow_hand(self) -> None:
        """Let a drag pan and the wheel zoom, as edits of the window settings."""
        self.plot.box.dragged.connect(self._pan)
        self.plot.box.zoomed.connect(self._zoom)

    def _pan(self, dx: float, dy: float, _finished: bool) -> None:
        self.ask_window(self.plot.moved(dx, dy), "Pan")

    def _zoom(self, factor: float, x: float, y: float) -> None:
        self.ask_window(self.plot.scaled(factor, x, y), "Zoom")

    def ask_window(self, window: Window | None, label: str) -> None:
        """Show a window at once, and ask for it in the settings; None for automatic."""
        if window is not None:
            if not sound(window):
                return
            self.plot.show_window(window, glide=False)
        self.settings_edited.emit(window_settings(window), label)

    def reset_view(self) -> None:
        if any(float(self.settings.get(name, 0.0)) != 0.0 for name in EDGES):
            self.ask_window(None, "Reset the view")

    def hover(self, place: tuple[float, float] | None) -> None:
        """The pointer is over a place of the plot, or left it. For concrete views."""

    def click(self, x: float, y: float) -> None:
        """A click, not the end of a drag. For concrete views."""


def sound(window: Window) -> bool:
    """True where a window can be drawn: not beyond what numbers resolve or reach."""
    for low, high in ((window.left, window.right), (window.bottom, window.top)):
        largest = max(abs(low), abs(high))
        if not (largest < 1e100 and high - low > 1e-12 * largest and high > low):
            return False
    return True
