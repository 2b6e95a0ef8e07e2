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
from typing import Any

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
from app.commands import Commands
from app.document import Document, new_view_id, suggested_views
from app.history import ABSENT
from app.history import Path as DocumentPath
from app.host import Host, Report
from app.keeper import Keeper
from app.layout import Layout
from app.preferences import Preferences
from app.scheduler import Scheduler
from app.stage import Stage
from app.workspace import Workspace
from engine.errors import PhasescopeError, UnknownKeyError
from engine.exhibit import Exhibit, Preset, Value
from engine.look import ASSETS
from engine.look import tokens as theme_tokens
from widgets import icons, theme
from widgets.browser import Browser, Entry
from widgets.dock import DockTitle
from widgets.inspector import Inspector
from widgets.options_popup import OptionsPopup
from widgets.parameters import ParameterPanel
from widgets.status_line import StatusLine
from widgets.transport import Transport
from widgets.views.registry import kinds, view_class

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
        self.left_out = ""
        """A sentence on the views of the document that cannot be shown; empty where all are."""
        self._popup: OptionsPopup | None = None
        self._saying = ""
        self._said_until = 0.0
        self._generation = self._left_generation = -1
        self.entries: list[Entry] = []
        self._build_panels()
        self.layout_keeper = Layout(self)
        self.commands = Commands(self)
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
        self.add_view_menu.aboutToShow.connect(self._fill_add_view_menu)
        menus["View"].insertMenu(self.actions_by_id["view.reset-view"], self.add_view_menu)
        self.recent_menu = QMenu("Recent sessions", self)
        self.recent_menu.aboutToShow.connect(self.commands.fill_recent_menu)
        menus["File"].insertMenu(self.actions_by_id["file.save"], self.recent_menu)
        for dock, name in (
            (self.browser_dock, "view.browser"),
            (self.parameter_dock, "view.parameters"),
            (self.inspector_dock, "view.inspector"),
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
        self.workspace.closed.connect(self._close_view)
        self.workspace.options_requested.connect(self._show_options)
        self.workspace.export_requested.connect(self.commands.export_view)
        self.stage.reported.connect(self._show_report)
        self.stage.progressed.connect(self._show_progress)
        self.stage.view_failed.connect(lambda name, words: self.say(words))

    def set_entries(self) -> None:
        """Fill the catalogue's list."""
        entries = []
        for key, exhibit in self.exhibits.items():
            picture = ASSETS / "thumbnails" / f"{key}.png"
            references = exhibit.references
            entries.append(
                Entry(
                    key,
                    exhibit.title,
                    exhibit.family,
                    exhibit.kind,
                    exhibit.tags,
                    references[0].year if references else None,
                    references[0].authors if references else "",
                    picture if picture.exists() else None,
                )
            )
        self.entries = entries
        self.browser.set_entries(entries)
        self.browser.set_starred(self.preferences.favourites)

    # -- opening ---------------------------------------------------------------------------

    def open(self, key: str) -> None:
        """Open an exhibit at its defaults."""
        try:
            self.document.open(key)
        except PhasescopeError as error:
            self.say(str(error))

    def _document_changed(self, paths: frozenset[DocumentPath]) -> None:
        if ("exhibit",) in paths or ("values",) in paths or ("seed",) in paths:
            self._show_exhibit()
        else:
            changed = {
                path[1]: self.document.values[path[1]] for path in paths if path[0] == "values"
            }
            if changed:
                self.parameters.set_values(self.document.values)
                self.stage.values_changed(changed)
            self._views_changed(paths)
        if ("speed",) in paths:
            self.host.set_speed(self.document.speed)
            self.transport.set_speed(self.document.speed)
        self._show_undo()
        self.keeper.touch()

    def _show_exhibit(self) -> None:
        exhibit = self.document.exhibit
        if exhibit is None:
            return
        fresh = exhibit.key != self._shown
        if fresh:
            for name in list(self.workspace.docks):
                self.stage.remove(name)
                self.workspace.remove(name)
            self._shown = exhibit.key
        self.parameters.show_exhibit(exhibit.parameters, self.document.values, exhibit.presets)
        if fresh:
            self.inspector.show_exhibit(exhibit)
            # What the exhibit before still says is not about this one.
            self._left_generation = self._generation
            self.status_line.clear()
        pace = exhibit.pace
        self.transport.set_pace(pace.unit, pace.low, pace.high, self.document.speed)
        self.host.set_speed(self.document.speed)
        self.host.open(exhibit, self.document.values, self.document.seed)
        self._sync_views()
        if fresh:
            self.workspace.arrange()
        else:
            for name in self.stage.views:
                self.stage.refresh(name)
        self.browser.set_current(exhibit.key)
        self.host.set_running(self.running)
        self.show_title()

    def _views_changed(self, paths: frozenset[DocumentPath]) -> None:
        touched = {path[1] if len(path) > 1 else "" for path in paths if path[0] == "views"}
        if not touched:
            return
        self._sync_views()
        for name in touched & set(self.workspace.docks):
            view = self.workspace.docks[name].view
            view.apply_settings(self.document.views[name]["settings"])
            self.stage.refresh(name)

    def _sync_views(self) -> None:
        exhibit = self.document.exhibit
        assert exhibit is not None
        wanted = self.document.views
        left_out: list[str] = []
        for name in [name for name in self.workspace.docks if name not in wanted]:
            self.stage.remove(name)
            self.workspace.remove(name)
        for name, spec in wanted.items():
            if name in self.workspace.docks:
                continue
            # A session from a version that had other views: the rest still opens, and what
            # cannot be shown stays in the document for that version to show again.
            channel = exhibit.channels.get(str(spec["channel"]))
            if channel is None:
                left_out.append(f"'{exhibit.key}' has no channel '{spec['channel']}'")
                continue
            try:
                kind = view_class(str(spec["kind"]))
            except UnknownKeyError as error:
                left_out.append(str(error))
                continue
            if channel.kind not in kind.accepts:
                left_out.append(
                    f"a view '{spec['kind']}' cannot show '{channel.name}', a {channel.kind}"
                )
                continue
            view = kind(self.tokens)
            view.bind(exhibit, channel, spec["settings"])
            view.edited.connect(self._view_edited)
            view.settings_edited.connect(
                lambda settings, label, name=name: self._view_settings(name, settings, label)
            )
            view.acted.connect(self.host.act)
            title = view.title if view.kind == "attractor" or not channel.title else channel.title
            if exhibit.system is not None:
                title = view.title
            self.workspace.add(name, view, title, spec)
            self.stage.add(name, view)
        words = f"left out: {'; '.join(dict.fromkeys(left_out))}" if left_out else ""
        if words and words != self.left_out:
            self.say(words)
        self.left_out = words

    def _fill_add_view_menu(self) -> None:
        self.add_view_menu.clear()
        exhibit = self.document.exhibit
        if exhibit is None:
            return
        for kind in kinds():
            view = view_class(kind)
            for channel in exhibit.channels.values():
                if channel.kind not in view.accepts or channel.over or channel.name == "twins":
                    continue
                words = view.title
                if sum(other.kind in view.accepts for other in exhibit.channels.values()) > 1:
                    words = f"{view.title}: {channel.title or channel.name}"
                self.add_view_menu.addAction(words, partial(self.add_view, kind, channel.name))

    def add_view(self, kind: str, channel: str) -> str:
        """Add a view of a channel at the right; its id."""
        name = new_view_id(kind, self.document.views)
        spec: dict[str, Any] = {
            "kind": kind,
            "channel": channel,
            "area": "right",
            "tab": "",
            "settings": {},
        }
        self.document.edit({("views", name): spec}, f"Add {view_class(kind).title}")
        return name

    def _close_view(self, name: str) -> None:
        view = self.workspace.docks[name].view
        self.document.edit({("views", name): ABSENT}, f"Close {view.title}")

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

    def _view_edited(self, changes: Mapping[str, Value], label: str) -> None:
        self.change(changes, label)

    def change_view(self, name: str, settings: Mapping[str, Value], label: str) -> None:
        """Change options of a view, as an undoable edit."""
        self._view_settings(name, settings, label)
        self.document.history.seal()

    def _view_settings(self, name: str, settings: Mapping[str, Value], label: str) -> None:
        if name in self.document.views:
            self.document.edit(
                {("views", name, "settings", option): value for option, value in settings.items()},
                label,
                f"option {name} {' '.join(settings)}",
            )

    def _show_options(self, name: str, place: Any) -> None:
        view = self.workspace.docks[name].view
        if view.exhibit is None or view.channel is None:
            return
        options = view.options_for(view.exhibit, view.channel)
        self._popup = OptionsPopup(view.title, options, view.settings, self.tokens)
        self._popup.edited.connect(
            lambda option, value: self._view_settings(
                name, {option: value}, f"{view.title}: {option}"
            )
        )
        self._popup.settled.connect(self.document.history.seal)
        self._popup.reset_view.connect(view.reset_view)
        self._popup.open_at(place)

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
            self.workspace,
            self.stage,
        ):
            part.set_theme(self.tokens)
        for dock in (self.browser_dock, self.parameter_dock, self.inspector_dock):
            bar = dock.titleBarWidget()
            if isinstance(bar, DockTitle):
                bar.set_theme(self.tokens)
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
            action.setText(f"{which.capitalize()} {label[:1].lower()}{label[1:]}".rstrip())
            action.setEnabled(bool(label))

    def _starred(self, key: str, starred: bool) -> None:
        kept = [other for other in self.preferences.favourites if other != key]
        self.preferences.favourites = [*kept, key] if starred else kept

    # -- layout ----------------------------------------------------------------------------

    def restore_suggested_views(self) -> None:
        """Bring back the views this exhibit suggests; others are closed."""
        exhibit = self.document.exhibit
        if exhibit is None:
            return
        suggested = suggested_views(exhibit.views)
        changes: dict[DocumentPath, Any] = {
            ("views", name): ABSENT for name in self.document.views if name not in suggested
        }
        changes |= {
            ("views", name): spec
            for name, spec in suggested.items()
            if name not in self.document.views
        }
        if changes:
            self.document.edit(changes, "Reset layout")

    def reset_layout(self) -> None:
        """Panels and views where they belong, at sizes that suit the window."""
        self.layout_keeper.reset()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        QTimer.singleShot(0, self, self.layout_keeper.fit)

    # -- the end ---------------------------------------------------------------------------

    def closeEvent(self, event: QCloseEvent) -> None:
        self.keeper.close()
        self.commands.close()
        self.preferences.geometry = self.layout_keeper.state()["geometry"]
        self.preferences.save()
        if self._popup is not None:
            self._popup.close()
        self.document.changed.disconnect(self._document_changed)
        self.stage.close()
        self.host.close()
        if not self.scheduler.close():
            log.warning("the engine thread did not end in time")
        super().closeEvent(event)
