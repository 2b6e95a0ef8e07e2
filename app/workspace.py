"""The docks that hold the views: a main window inside the main window.

Nested, so that views dock among themselves and the panels at the sides stay what they are.
It arranges docks and reports what a person asks of them; what a view shows is the stage's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import (
    QApplication,
    QDockWidget,
    QLabel,
    QMainWindow,
    QTabBar,
    QTabWidget,
    QWidget,
)

from engine.look import Tokens
from widgets.dock import DockTitle
from widgets.views.view import View

NARROW = 860
"""Below this width the views at the right share one place as tabs."""


class ViewDock(QDockWidget):
    """A dock around one view."""

    closed = Signal(str)

    def __init__(self, name: str, view: View, title: str, tokens: Tokens, parent: QWidget) -> None:
        super().__init__(title, parent)
        self.name = name
        self.view = view
        self.setObjectName(f"dock.{name}")
        self.bar = DockTitle(title, ("options", "export", "float", "close"), tokens)
        self.setTitleBarWidget(self.bar)
        self.setWidget(view)
        self.bar.float_clicked.connect(lambda: self.setFloating(not self.isFloating()))
        self.bar.close_clicked.connect(self.close)
        self.setMinimumSize(160, 120)

    def closeEvent(self, event: QCloseEvent) -> None:
        # The document decides: closing a view is an edit that can be undone.
        event.ignore()
        self.closed.emit(self.name)


class Workspace(QMainWindow):
    """Holds the view docks. See the module docstring."""

    closed = Signal(str)
    """(view id): the person closed it."""
    options_requested = Signal(str, QPoint)
    export_requested = Signal(str)
    activated = Signal(str)
    """(view id): the person works in it now."""

    def __init__(self, tokens: Tokens, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("workspace")
        # A plain child widget, not a window of its own.
        self.setWindowFlags(Qt.WindowType.Widget)
        self.setDockNestingEnabled(True)
        self.setTabPosition(Qt.DockWidgetArea.AllDockWidgetAreas, QTabWidget.TabPosition.North)
        self.setDocumentMode(True)
        self._tokens = tokens
        self._docks: dict[str, ViewDock] = {}
        self.active = ""
        self._empty = QLabel(
            "Every view is closed. Add one from View › Add a view, or choose View › Reset layout.",
            self,
        )
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setWordWrap(True)
        self.setCentralWidget(self._empty)
        self._empty.hide()
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        # A click or a key inside a view counts, and the parts of a view take them themselves.
        application.focusChanged.connect(self._focus_moved)

    @property
    def docks(self) -> Mapping[str, ViewDock]:
        """View id -> dock."""
        return self._docks

    def add(self, name: str, view: View, title: str, spec: Mapping[str, Any]) -> None:
        """Add a dock for a view beside those of its area."""
        dock = ViewDock(name, view, title, self._tokens, self)
        dock.closed.connect(self.closed)
        dock.bar.options_clicked.connect(lambda place: self.options_requested.emit(name, place))
        dock.bar.export_clicked.connect(lambda: self.export_requested.emit(name))
        neighbour = next(
            (
                other
                for other in reversed(list(self._docks.values()))
                if not other.isFloating() and other.property("area") == spec.get("area")
            ),
            next((other for other in self._docks.values() if not other.isFloating()), None),
        )
        dock.setProperty("area", spec.get("area", "right"))
        dock.setProperty("tab", spec.get("tab", ""))
        self._docks[name] = dock
        self.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, dock)
        if neighbour is not None:
            self.tabifyDockWidget(neighbour, dock)
        dock.show()
        dock.raise_()
        self._show_emptiness()

    def remove(self, name: str) -> None:
        """Take a dock and its view away."""
        dock = self._docks.pop(name, None)
        if dock is None:
            return
        self.removeDockWidget(dock)
        dock.view.setParent(None)
        dock.view.deleteLater()
        dock.deleteLater()
        if self.active == name:
            self.active = next(iter(self._docks), "")
        self._show_emptiness()

    def arrange(self) -> None:
        """Put every dock where its area says: main, right of it, below it."""
        docks = list(self._docks.values())
        if not docks:
            return
        for dock in docks:
            dock.setFloating(False)
            self.removeDockWidget(dock)
        by_area: dict[str, list[ViewDock]] = {"main": [], "right": [], "bottom": []}
        for dock in docks:
            by_area.get(str(dock.property("area")), by_area["right"]).append(dock)
        if not by_area["main"]:
            by_area["main"].append(by_area["right" if by_area["right"] else "bottom"].pop(0))
        main = by_area["main"]
        self.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, main[0])
        for dock in main[1:]:
            self.tabifyDockWidget(main[0], dock)
        narrow = self.width() < NARROW
        self._column(by_area["right"], main[0], Qt.Orientation.Horizontal, tabbed=narrow)
        self._column(by_area["bottom"], main[0], Qt.Orientation.Vertical, tabbed=True)
        for dock in docks:
            dock.show()
        main[0].raise_()
        if by_area["right"]:
            right = by_area["right"][0]
            self.resizeDocks([main[0], right], [60, 40], Qt.Orientation.Horizontal)
            if narrow:
                right.raise_()
            elif len(by_area["right"]) > 1:
                share = [100] * len(by_area["right"])
                self.resizeDocks(by_area["right"], share, Qt.Orientation.Vertical)
        if by_area["bottom"]:
            self.resizeDocks([main[0], by_area["bottom"][0]], [62, 38], Qt.Orientation.Vertical)
        self.active = main[0].name
        self._mark_active()
        for bar in self.findChildren(QTabBar):
            # Tabs share the room there is; a title that is cut stands whole in its tip.
            bar.setUsesScrollButtons(False)
            for place in range(bar.count()):
                bar.setTabToolTip(place, bar.tabText(place))

    def _column(
        self, docks: list[ViewDock], beside: ViewDock, direction: Qt.Orientation, *, tabbed: bool
    ) -> None:
        placed: list[ViewDock] = []
        for dock in docks:
            mate = next((other for other in placed if tabbed or _share_a_tab(dock, other)), None)
            if mate is not None:
                self.tabifyDockWidget(mate, dock)
            elif placed:
                self.splitDockWidget(placed[-1], dock, Qt.Orientation.Vertical)
            else:
                self.splitDockWidget(beside, dock, direction)
            placed.append(dock)

    def set_theme(self, tokens: Tokens) -> None:
        """Recolour the title bars."""
        self._tokens = tokens
        for dock in self._docks.values():
            dock.bar.set_theme(tokens)

    def activate(self, name: str) -> None:
        """Make a view the active one and bring it to the front."""
        if name in self._docks:
            self.active = name
            self._docks[name].show()
            self._docks[name].raise_()
            self._mark_active()

    def _focus_moved(self, _before: QWidget | None, now: QWidget | None) -> None:
        if now is None:
            return
        name = next((dock.name for dock in self._docks.values() if dock.isAncestorOf(now)), "")
        if name and name != self.active:
            self.active = name
            self._mark_active()
            self.activated.emit(name)

    def _mark_active(self) -> None:
        for dock in self._docks.values():
            dock.bar.set_current(dock.name == self.active)

    def _show_emptiness(self) -> None:
        self._empty.setVisible(not self._docks)


def _share_a_tab(dock: ViewDock, other: ViewDock) -> bool:
    return bool(dock.property("tab")) and dock.property("tab") == other.property("tab")
