"""The main window: panels at the sides, views in the middle, transport below.

It lays out, connects and keeps panels in step with the document. Commands live in
``app.commands``, feeding the views in ``app.stage``, docking in ``app.workspace``.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QAction, QCloseEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import (
    QApplication,
    QDockWidget,
    QMainWindow,
    QMenu,
    QSizePolicy,
    QToolBar,
    QWidget,
)

from app.actions import ACTIONS, MENUS, handler_name
from app.catalogue_panel import CataloguePanel
from app.chaos import Chaos
from app.commands import Commands
from app.document import Document
from app.equations import Equations
from app.gallery import Gallery
from app.history import Path as DocumentPath
from app.host import Host, Report
from app.keeper import Keeper
from app.layout import Layout
from app.preferences import Preferences
from app.scheduler import Scheduler
from app.stage import Stage
from app.workspace import Workspace
from engine.errors import PhasescopeError
from engine.exhibit import Exhibit, Parameter, Preset, Value
from engine.look import tokens as theme_tokens
from widgets import icons, theme
from widgets.browser import Browser, Entry
from widgets.dock import DockTitle
from widgets.equation_editor import EquationEditor
from widgets.inspector import Inspector
from widgets.parameters import ParameterPanel
from widgets.status_line import StatusLine
from widgets.transport import Transport

log = logging.getLogger(__name__)

SAYING_SECONDS = 6.0


class MainWindow(QMainWindow):
    """The application's window.

    Parameters
    ----------
    exhibits : mapping of str to Exhibit
        What can be opened.
    preferences : Preferences
        What is remembered between starts.
    """

    def __init__(self, exhibits: Mapping[str, Exhibit], preferences: Preferences) -> None:
        super().__init__()
        self.setObjectName("window")
        self.setWindowTitle("Phasescope")
        self.setMinimumSize(900, 560)
        self.exhibits = exhibits
        self.preferences = preferences
        self.tokens = theme_tokens(preferences.theme)
        self.document = Document(exhibits)
        self.scheduler = Scheduler()
        self.host = Host(self.scheduler)
        self.stage = Stage(self.document, self.host, self.scheduler, self.tokens, self)
        self.keeper = Keeper(self)
        self.running = False
        self._shown = ""
        self._rows: list[str] = []
        self._given: Mapping[str, Parameter] = {}
        self._saying = ""
        self._said_until = 0.0
        self._generation = self._left_generation = -1
        self.entries: list[Entry] = []
        self._build_panels()
        self.chaos = Chaos(self)
        self.layout_keeper = Layout(self)
        self.gallery = Gallery(self)
        self.catalogue = CataloguePanel(self)
        self.commands = Commands(self)
        self.equations = Equations(self)
        self._build_actions()
        self._connect()
        self.document.changed.connect(self._document_changed)
        self.set_theme(preferences.theme)

    # -- building --------------------------------------------------------------------------

    def _build_panels(self) -> None:
        self.workspace = Workspace(self.tokens, self)
        self.setCentralWidget(self.workspace)
        self.browser = Browser(self.tokens)
        self.parameters = ParameterPanel()
        self.inspector = Inspector()
        self.browser_dock = self._panel(
            "Catalogue", "panel.browser", self.browser, Qt.DockWidgetArea.LeftDockWidgetArea
        )
        self.parameter_dock = self._panel(
            "Parameters", "panel.parameters", self.parameters, Qt.DockWidgetArea.RightDockWidgetArea
        )
        self.inspector_dock = self._panel(
            "About", "panel.inspector", self.inspector, Qt.DockWidgetArea.RightDockWidgetArea
        )
        self.equation_editor = EquationEditor()
        self.equations_dock = self._panel(
            "Equations",
            "panel.equations",
            self.equation_editor,
            Qt.DockWidgetArea.LeftDockWidgetArea,
        )
        self.equations_dock.hide()
        self.setCorner(Qt.Corner.BottomLeftCorner, Qt.DockWidgetArea.LeftDockWidgetArea)
        self.setCorner(Qt.Corner.BottomRightCorner, Qt.DockWidgetArea.RightDockWidgetArea)
        self.transport = Transport()
        self.status_line = StatusLine()
        bar = QToolBar("Transport", self)
        bar.setObjectName("bar.transport")
        bar.setMovable(False)
        bar.setFloatable(False)
        bar.toggleViewAction().setEnabled(False)
        bar.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self.transport.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        bar.addWidget(self.transport)
        self.status_line.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        bar.addWidget(self.status_line)
        self.addToolBar(Qt.ToolBarArea.BottomToolBarArea, bar)

    def _panel(
        self, title: str, name: str, widget: QWidget, area: Qt.DockWidgetArea
    ) -> QDockWidget:
        dock = QDockWidget(title, self)
        dock.setObjectName(name)
        dock.setAllowedAreas(
            Qt.DockWidgetArea.LeftDockWidgetArea | Qt.DockWidgetArea.RightDockWidgetArea
        )
        bar = DockTitle(title, ("float", "close"), self.tokens)
        bar.float_clicked.connect(lambda: dock.setFloating(not dock.isFloating()))
        bar.close_clicked.connect(dock.close)
        dock.setTitleBarWidget(bar)
        dock.setWidget(widget)
        self.addDockWidget(area, dock)
        return dock

    def _build_actions(self) -> None:
        self.actions_by_id: dict[str, QAction] = {}
        menus: dict[str, QMenu] = {}
        for name in MENUS:
            menus[name] = self.menuBar().addMenu(f"&{name}")
            menus[name].setToolTipsVisible(True)
        for row in ACTIONS:
            action = QAction(row.text, self)
            action.setObjectName(f"action.{row.id}")
            action.setToolTip(row.hint)
            action.setStatusTip(row.hint)
            if row.shortcut:
                action.setShortcuts([QKeySequence(keys) for keys in row.shortcut.split()])
            if row.checkable:
                action.setCheckable(True)
                action.setChecked(row.checked)
            action.triggered.connect(getattr(self.commands, handler_name(row.id)))
            self.addAction(action)
            self.actions_by_id[row.id] = action
            if row.menu:
                if row.separator:
                    menus[row.menu].addSeparator()
                menus[row.menu].addAction(action)
        self.add_view_menu = QMenu("Add a view", self)
        self.add_view_menu.setObjectName("menu.add-view")
        self.add_view_menu.aboutToShow.connect(partial(self.gallery.fill_menu, self.add_view_menu))
        menus["View"].insertMenu(self.actions_by_id["view.reset-view"], self.add_view_menu)
        self.recent_menu = QMenu("Recent sessions", self)
        self.recent_menu.aboutToShow.connect(self.commands.fill_recent_menu)
        menus["File"].insertMenu(self.actions_by_id["file.save"], self.recent_menu)
        for dock, name in (
            (self.browser_dock, "view.browser"),
            (self.parameter_dock, "view.parameters"),
            (self.inspector_dock, "view.inspector"),
            (self.equations_dock, "view.equations"),
        ):
            dock.visibilityChanged.connect(
                lambda _visible, dock=dock, name=name: self.actions_by_id[name].setChecked(
                    not dock.isHidden()
                )
            )
        self.actions_by_id["view.motion"].setChecked(self.preferences.motion)

    def _connect(self) -> None:
        self.browser.opened.connect(self.open)
        self.browser.star_toggled.connect(self._starred)
        self.parameters.changing.connect(self._parameter_changing)
        self.parameters.changed.connect(self._parameter_changed)
        self.parameters.preset_chosen.connect(self.use_preset)
        self.parameters.reset_requested.connect(self._reset_parameter)
        self.transport.run_toggled.connect(self.set_running)
        self.transport.step_clicked.connect(self.commands.do_run_step)
        self.transport.reset_clicked.connect(self.commands.do_run_reset)
        self.transport.speed_changing.connect(self._speed)
        self.transport.speed_changed.connect(self._speed_settled)
        self.inspector.copy_citation.connect(self.commands.copy_text)
        self.inspector.check_claims.connect(self.commands.do_help_claims)
        self.inspector.edit_requested.connect(self.commands.do_edit_equations)
        self.workspace.export_requested.connect(self.commands.export_view)
        self.stage.reported.connect(self._show_report)
        self.stage.progressed.connect(self._show_progress)
        self.stage.view_failed.connect(lambda name, words: self.say(words))

    def set_entries(self) -> None:
        """Fill the catalogue's list."""
        self.catalogue.fill()

    # -- opening ---------------------------------------------------------------------------

    def open(self, key: str) -> None:
        """Open an exhibit at its defaults."""
        try:
            self.document.open(key)
        except PhasescopeError as error:
            self.say(str(error))

    def _document_changed(self, paths: frozenset[DocumentPath]) -> None:
        if {("exhibit",), ("system",), ("values",), ("seed",)} & paths:
            self._show_exhibit(("system",) in paths, ("views",) in paths)
        else:
            changed = {
                path[1]: self.document.values[path[1]] for path in paths if path[0] == "values"
            }
            if changed:
                self.parameters.set_values(changed)
                self.stage.values_changed(changed)
            self.gallery.follow(paths)
        if ("speed",) in paths:
            self.host.set_speed(self.document.speed)
            self.transport.set_speed(self.document.speed)
        self._show_undo()
        self.keeper.touch()

    def _show_exhibit(self, edited: bool = False, others: bool = False) -> None:
        exhibit = self.document.exhibit
        if exhibit is None:
            return
        # Other variables need other views, though it is the same system being edited.
        others = others and edited and bool(self.document.system)
        fresh = exhibit.key != self._shown or others
        if fresh:
            self.gallery.clear()
            self._shown = exhibit.key
        typed = edited and (exhibit.parameters != self._given or exhibit.presets)
        if fresh or typed or list(exhibit.parameters) != self._rows:
            self._rows = list(exhibit.parameters)
            self._given = exhibit.parameters
            self.parameters.show_exhibit(exhibit.parameters, self.document.values, exhibit.presets)
        else:
            # The row under the hand must outlive a change of size.
            self.parameters.set_values(dict(self.document.values))
        if not fresh:
            self.gallery.rebind()
        if fresh or edited:
            self.inspector.show_exhibit(exhibit)
            # What the exhibit before still says is not about this one.
            self._left_generation = self._generation
            self.status_line.clear()
        pace = exhibit.pace
        self.transport.set_pace(pace.unit, pace.low, pace.high, self.document.speed)
        self.host.set_speed(self.document.speed)
        self.host.open(exhibit, self.document.values, self.document.seed)
        self.stage.await_run()
        self.gallery.sync()
        if fresh:
            self.workspace.arrange()
        else:
            for name in self.stage.views:
                self.stage.refresh(name)
        if fresh:
            self.catalogue.opened(exhibit.key)
        self.browser.set_current(exhibit.key)
        self.host.set_running(self.running)
        self.show_title()
        self.equations.follow()

    # -- parameters ------------------------------------------------------------------------

    def change(self, changes: Mapping[str, Value], label: str = "", merge: str = "") -> None:
        """Change parameters; what cannot be used is said in the status line."""
        try:
            self.document.set(changes, label, merge)
        except PhasescopeError as error:
            self.say(str(error))

    def _parameter_changing(self, name: str, value: Value) -> None:
        self.change({name: value}, f"Change {name}", f"drag {name}")

    def _parameter_changed(self, name: str, value: Value) -> None:
        self.change({name: value}, f"Change {name}", f"drag {name}")
        self.document.history.seal()
        self._show_undo()

    def use_preset(self, preset: Preset) -> None:
        """Go to a preset's values; what it does not name goes back to its default."""
        exhibit = self.document.exhibit
        if exhibit is None:
            return
        # How it is computed stays as the person set it.
        values = {
            name: preset.values.get(name, parameter.default)
            for name, parameter in exhibit.parameters.items()
            if parameter.group != "run" or name in preset.values
        }
        self.change(values, f"Preset {preset.title}")

    def _reset_parameter(self, name: str) -> None:
        exhibit = self.document.exhibit
        if exhibit is not None:
            self.change({name: exhibit.parameters[name].default}, f"Reset {name}")

    # -- running ---------------------------------------------------------------------------

    def set_running(self, running: bool) -> None:
        """Run or pause the exhibit."""
        self.running = running
        self.host.set_running(running)
        self.transport.set_running(running)

    def _speed(self, speed: float) -> None:
        self.document.edit({("speed",): speed}, "Change speed", "drag speed")

    def _speed_settled(self, speed: float) -> None:
        self._speed(speed)
        self.document.history.seal()

    def _show_report(self, report: Report) -> None:
        self._generation = report.generation
        if report.generation <= self._left_generation:
            return
        words = report.error or str(report.status.get("message", ""))
        if self._saying and time.monotonic() < self._said_until:
            words = self._saying
        self.status_line.update_status({**report.status, "time": report.time, "message": words})

    def _show_progress(self, words: str, fraction: float) -> None:
        self.status_line.update_status(
            {"computing": (f"{words}", fraction) if words and fraction < 1.0 else None}
        )

    def say(self, words: str) -> None:
        """One sentence in the status line, for a while."""
        self._saying = words
        self._said_until = time.monotonic() + SAYING_SECONDS
        self.status_line.update_status({"message": words})
        QTimer.singleShot(int(SAYING_SECONDS * 1000), self, self._hush)
        log.info("%s", words)

    def _hush(self) -> None:
        if self._saying and time.monotonic() >= self._said_until - 0.05:
            self._saying = ""
            self.status_line.update_status({"message": ""})
            self.scheduler.nudge()

    # -- look ------------------------------------------------------------------------------

    def set_theme(self, name: str) -> None:
        """Change between ``dark`` and ``light``."""
        self.tokens = theme_tokens(name)
        self.preferences.theme = name
        app = QApplication.instance()
        if isinstance(app, QApplication):
            theme.apply(app, self.tokens)
        for part in (
            self.browser,
            self.parameters,
            self.inspector,
            self.transport,
            self.status_line,
            self.equation_editor,
            self.workspace,
            self.stage,
        ):
            part.set_theme(self.tokens)
        for dock in (
            self.browser_dock,
            self.parameter_dock,
            self.inspector_dock,
            self.equations_dock,
        ):
            bar = dock.titleBarWidget()
            if isinstance(bar, DockTitle):
                bar.set_theme(self.tokens)
        self.chaos.set_theme(self.tokens)
        for row in ACTIONS:
            if row.icon and row.menu:
                self.actions_by_id[row.id].setIcon(icons.icon(row.icon, self.tokens, "muted"))
        self.actions_by_id["view.theme"].setChecked(name == "light")

    def show_title(self) -> None:
        """Name the exhibit and the session file in the title bar."""
        exhibit = self.document.exhibit
        name = Path(self.keeper.path).name if self.keeper.path else ""
        parts = [part for part in (exhibit.title if exhibit else "", name, "Phasescope") if part]
        self.setWindowTitle(" · ".join(parts))

    def _show_undo(self) -> None:
        for which, label in (
            ("undo", self.document.history.undo_label),
            ("redo", self.document.history.redo_label),
        ):
            action = self.actions_by_id[f"edit.{which}"]
            text = f"{which.capitalize()} {label[:1].lower()}{label[1:]}".rstrip()
            # Every move of a drag comes by here; a menu is told only what is new.
            if action.text() != text or action.isEnabled() != bool(label):
                action.setText(text)
                action.setEnabled(bool(label))

    def _starred(self, key: str, starred: bool) -> None:
        kept = [other for other in self.preferences.favourites if other != key]
        self.preferences.favourites = [*kept, key] if starred else kept

    # -- layout ----------------------------------------------------------------------------

    def reset_layout(self) -> None:
        """Panels and views where they belong, at sizes that suit the window."""
        self.layout_keeper.reset()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        QTimer.singleShot(0, self, self.layout_keeper.fit)

    # -- the end ---------------------------------------------------------------------------

    def closeEvent(self, event: QCloseEvent) -> None:
        self.equations.close()
        self.keeper.close()
        self.commands.close()
        self.catalogue.close()
        self.preferences.geometry = self.layout_keeper.state()["geometry"]
        self.preferences.save()
        self.gallery.close()
        self.document.changed.disconnect(self._document_changed)
        self.stage.close()
        self.host.close()
        if not self.scheduler.close():
            log.warning("the engine thread did not end in time")
        super().closeEvent(event)
