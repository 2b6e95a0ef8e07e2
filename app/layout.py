"""Where the panels stand: sizes that suit the window, and geometry that comes back.

On a small screen the catalogue folds to pictures and the panels at the right share one place.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QObject, QSize, Qt, QTimer
from PySide6.QtGui import QGuiApplication

if TYPE_CHECKING:
    from app.window import MainWindow

SMALL = 1400
"""Below this width the catalogue folds to pictures and the side panels share one place."""
EDITOR, SMALL_EDITOR = 404, 332
"""Width of the equation editor in a large and a small window."""
LOW = 840
"""Below this height the side panels share one place."""
VERSION = 1
"""Raised when docks are named anew, so that an old state is not applied to them."""


class Layout(QObject):
    """Keeps the panels of a window where they belong.

    Parameters
    ----------
    window : MainWindow
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._fitted: tuple[bool, bool] | None = None

    def reset(self) -> None:
        """Panels and views where they belong, at sizes that suit the window."""
        window = self._window
        left, right = Qt.DockWidgetArea.LeftDockWidgetArea, Qt.DockWidgetArea.RightDockWidgetArea
        for dock, area in (
            (window.browser_dock, left),
            (window.parameter_dock, right),
            (window.inspector_dock, right),
        ):
            dock.setFloating(False)
            window.addDockWidget(area, dock)
            dock.show()
        self.place_editor()
        self._fitted = None
        self.fit()
        QTimer.singleShot(0, window, window.workspace.arrange)

    @property
    def editing(self) -> bool:
        """Whether the equation editor stands at the left."""
        dock = self._window.equations_dock
        return not dock.isHidden() and not dock.isFloating()

    def place_editor(self) -> None:
        """The equation editor in the place of the catalogue, which becomes a tab beside it."""
        window = self._window
        window.equations_dock.setFloating(False)
        if window.equations_dock not in window.tabifiedDockWidgets(window.browser_dock):
            hidden = window.equations_dock.isHidden()
            window.tabifyDockWidget(window.browser_dock, window.equations_dock)
            window.equations_dock.setVisible(not hidden)

    def editor_toggled(self) -> None:
        """The equation editor was shown or hidden: it needs more room than the catalogue."""
        self._fitted = None
        self.fit()

    def fit(self) -> None:
        """Fold or unfold panels where the window has become small or large."""
        window = self._window
        now = self._needs()
        if now == self._fitted:
            return
        self._fitted = now
        small = now[0]
        if any(now):
            window.tabifyDockWidget(window.parameter_dock, window.inspector_dock)
            window.parameter_dock.raise_()
        else:
            # Qt would leave tabbed docks tabbed: take the second one out first.
            shown = not window.inspector_dock.isHidden()
            window.removeDockWidget(window.inspector_dock)
            window.splitDockWidget(
                window.parameter_dock, window.inspector_dock, Qt.Orientation.Vertical
            )
            window.inspector_dock.setVisible(shown)
            # Once the split has taken effect: sizes asked for before are lost.
            QTimer.singleShot(0, window, self._share_height)
        left = (SMALL_EDITOR if small else EDITOR) if self.editing else 76 if small else 232
        window.resizeDocks([window.browser_dock], [left], Qt.Orientation.Horizontal)
        window.resizeDocks(
            [window.parameter_dock], [288 if small else 312], Qt.Orientation.Horizontal
        )

    def state(self) -> dict[str, str]:
        """Geometry and docks as text, for preferences and sessions."""
        window = self._window
        return {
            "geometry": _text(window.saveGeometry()),
            "window": _text(window.saveState(VERSION)),
            "workspace": _text(window.workspace.saveState(VERSION)),
        }

    def restore(self, state: Mapping[str, str]) -> None:
        """Put back what `state` returned; what does not fit is left as it is."""
        window = self._window
        if state.get("geometry"):
            window.restoreGeometry(_data(state["geometry"]))
        self._clamp_to_screen()
        if state.get("window") and window.restoreState(_data(state["window"]), VERSION):
            self._fitted = self._needs()
        if state.get("workspace"):
            window.workspace.restoreState(_data(state["workspace"]), VERSION)

    def _needs(self) -> tuple[bool, bool]:
        return self._window.width() < SMALL, self._window.height() < LOW

    def _share_height(self) -> None:
        docks = [self._window.parameter_dock, self._window.inspector_dock]
        half = sum(dock.height() for dock in docks) // 2
        self._window.resizeDocks(docks, [half, half], Qt.Orientation.Vertical)

    def _clamp_to_screen(self) -> None:
        # A layout saved on a larger or another screen must not open out of sight.
        window = self._window
        screen = QGuiApplication.primaryScreen()
        if screen is None or window.isMaximized() or window.isFullScreen():
            return
        room = screen.availableGeometry()
        frame = window.geometry()
        size = frame.size().boundedTo(QSize(room.width(), room.height()))
        window.resize(size)
        x = min(max(frame.x(), room.left()), max(room.left(), room.right() - size.width() + 1))
        y = min(max(frame.y(), room.top()), max(room.top(), room.bottom() - size.height() + 1))
        window.move(x, y)


def _text(data: QByteArray) -> str:
    return base64.b64encode(data.data()).decode("ascii")


def _data(text: str) -> QByteArray:
    try:
        return QByteArray(base64.b64decode(text, validate=True))
    except ValueError:
        return QByteArray()
