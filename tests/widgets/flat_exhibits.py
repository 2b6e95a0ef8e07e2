"""Exhibits and tapes for the tests of the flat views: real systems, rows made by hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from engine.exhibit import Channel, Exhibit, Pace, Parameter, Process, Values
from engine.look import tokens
from engine.systems.system import System
from engine.tape import Data, Tape
from widgets.views.plotting import Plot
from widgets.views.view import Context, View

# A hand never moves twice within ten milliseconds; a test does.
pg.setConfigOption("mouseRateLimit", -1)


class Shown(Exhibit):
    """An exhibit that is looked at and never started."""

    family = "test"
    summary = ""

    def __init__(
        self,
        channels: Mapping[str, Channel],
        system: System | None = None,
        kind: str = "flow",
        pace: float = 2.0,
    ) -> None:
        self.key = self.title = "shown"
        self.kind = system.kind if system is not None else kind
        self.channels = channels
        self.system = system
        self.parameters = dict(system.parameters) if system is not None else {}
        self.pace = Pace(default=pace)

    def start(self, values: Values, seed: int = 0) -> Process:
        raise NotImplementedError


def plane_system(key: str, x: str, y: str, kind: Any = "flow", **parameters: float) -> System:
    """A system with two variables x and y from the text of its equations."""
    return System(
        key=key,
        title=key,
        kind=kind,
        variables=("x", "y"),
        equations={"x": x, "y": y},
        parameters={name: Parameter(name, value, 0.0, 10.0) for name, value in parameters.items()},
        initial=(0.5, 0.0),
    )


def exhibit_of(system: System, names: tuple[str, ...] = ()) -> Shown:
    """The exhibit of a system with its orbit channel, initial states bound."""
    names = names or system.variables
    orbit = Channel(
        "orbit",
        "trajectory",
        names=names,
        axes=("time",),
        bindings={name: f"initial.{name}" for name in names},
    )
    return Shown({"orbit": orbit}, system)


def tape_of(rows: NDArray[np.float64], length: int = 100_000) -> Tape:
    """A tape that holds `rows`."""
    tape = Tape(rows.shape[1], length)
    tape.restart(np.asarray(rows, dtype=np.float64))
    return tape


def context_of(
    view: View,
    size: tuple[int, int] = (480, 320),
    theme: str = "dark",
    values: Mapping[str, Any] | None = None,
    **settings: Any,
) -> Context:
    """What the window would capture for `view`."""
    assert view.exhibit is not None
    assert view.channel is not None
    given = {name: parameter.default for name, parameter in view.exhibit.parameters.items()}
    return Context(
        view.exhibit,
        view.channel,
        given | dict(values or {}),
        0,
        {**view.settings, **settings},
        size,
        tokens(theme),
    )


def data_of(time: float | None = None, **tapes: Tape) -> Data:
    """What the process has shown: the given tapes."""
    last = max((float(t.rows[-1, 0]) for t in tapes.values() if len(t.rows)), default=0.0)
    return Data(tapes=dict(tapes), time=last if time is None else time)


def lorenz_rows(m: int = 100_000, step: float = 0.005) -> NDArray[np.float64]:
    """Rows (t, x, y, z) of the Lorenz system by RK4, for pictures that look like one."""

    def f(s: NDArray[np.float64]) -> NDArray[np.float64]:
        x, y, z = s
        return np.array([10.0 * (y - x), x * (28.0 - z) - y, x * y - 8.0 / 3.0 * z])

    rows = np.empty((m, 4))
    state = np.ones(3)
    for k in range(m):
        rows[k] = k * step, *state
        a = f(state)
        b = f(state + 0.5 * step * a)
        c = f(state + 0.5 * step * b)
        d = f(state + step * c)
        state = state + step / 6.0 * (a + 2.0 * b + 2.0 * c + d)
    return rows


def position(plot: Plot, x: float, y: float) -> QPoint:
    """Where a place of the data lies on the plot's viewport."""
    area, window = plot.frame_item.area, plot.window
    return QPoint(
        round(area.left() + (x - window.left) / window.width * area.width()),
        round(area.bottom() - (y - window.bottom) / window.height * area.height()),
    )


def _send(plot: Plot, kind: QEvent.Type, place: QPoint, held: bool) -> None:
    button = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseMove else Qt.MouseButton.LeftButton
    buttons = Qt.MouseButton.LeftButton if held else Qt.MouseButton.NoButton
    viewport = plot.viewport()
    event = QMouseEvent(
        kind,
        QPointF(place),
        QPointF(viewport.mapToGlobal(place)),
        button,
        buttons,
        Qt.KeyboardModifier.NoModifier,
    )
    QApplication.sendEvent(viewport, event)


def click(plot: Plot, x: float, y: float) -> None:
    """A click at a place of the data."""
    place = position(plot, x, y)
    _send(plot, QEvent.Type.MouseButtonPress, place, True)
    _send(plot, QEvent.Type.MouseButtonRelease, place, False)


def double_click(plot: Plot, x: float, y: float) -> None:
    """A double click at a place of the data."""
    place = position(plot, x, y)
    click(plot, x, y)
    _send(plot, QEvent.Type.MouseButtonDblClick, place, True)
    _send(plot, QEvent.Type.MouseButtonRelease, place, False)


def drag(plot: Plot, start: tuple[float, float], stop: tuple[float, float], steps: int = 5) -> None:
    """A drag with the left button from one place of the data to another."""
    a, b = position(plot, *start), position(plot, *stop)
    _send(plot, QEvent.Type.MouseButtonPress, a, True)
    for k in range(1, steps + 1):
        here = QPoint(a.x() + (b.x() - a.x()) * k // steps, a.y() + (b.y() - a.y()) * k // steps)
        _send(plot, QEvent.Type.MouseMove, here, True)
    _send(plot, QEvent.Type.MouseButtonRelease, b, False)
