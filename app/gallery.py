"""The open views: made as the document says, changed as a person asks.

The document says which views there are; the gallery makes and removes them, and turns what
is asked in them (another option, a closed dock, a view of another channel) into edits of the
document. Docking is the workspace's, feeding the stage's.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QPoint
from PySide6.QtWidgets import QMenu

from app.document import new_view_id, suggested_views
from app.history import ABSENT, Path
from engine.errors import UnknownKeyError
from engine.exhibit import Channel, Exhibit, Value
from widgets.options_popup import OptionsPopup
from widgets.views.registry import kinds, view_class
from widgets.views.view import View

if TYPE_CHECKING:
    from app.window import MainWindow


class Gallery(QObject):
    """The views of a window.

    Parameters
    ----------
    window : MainWindow

    Attributes
    ----------
    left_out : str
        What a session holds that cannot be shown here, and why; empty where all is shown.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._popup: OptionsPopup | None = None
        self.left_out = ""
        window.workspace.closed.connect(self._closed)
        window.workspace.options_requested.connect(self._show_options)

    def clear(self) -> None:
        """Remove every view: another exhibit is being opened."""
        for name in list(self._window.workspace.docks):
            self._remove(name)

    def close(self) -> None:
        """Close what stands in front of the views."""
        if self._popup is not None:
            self._popup.close()

    def follow(self, paths: frozenset[Path]) -> None:
        """Follow a change of the document at these paths."""
        touched = {path[1] if len(path) > 1 else "" for path in paths if path[0] == "views"}
        if not touched:
            return
        self.sync()
        for name in touched & set(self._window.workspace.docks):
            view = self._window.workspace.docks[name].view
            view.apply_settings(self._window.document.views[name]["settings"])
            self._window.stage.refresh(name)

    def sync(self) -> None:
        """Make the views that the document has, remove those it has not."""
        window = self._window
        exhibit = window.document.exhibit
        assert exhibit is not None
        wanted = window.document.views
        for name in [name for name in window.workspace.docks if name not in wanted]:
            self._remove(name)
        reasons: list[str] = []
        for name, spec in wanted.items():
            if name in window.workspace.docks:
                continue
            # A session from a version that had other views: the rest still opens, and what
            # cannot be shown stays in the document for that version to show again.
            try:
                kind, channel = _kind_and_channel(exhibit, spec)
            except UnknownKeyError as error:
                reasons.append(str(error))
                continue
            self._make(name, kind, exhibit, channel, spec)
        words = f"left out: {'; '.join(dict.fromkeys(reasons))}" if reasons else ""
        if words and words != self.left_out:
            window.say(words)
        self.left_out = words

    def rebind(self) -> None:
        """Show the exhibit as it is now in the views there are: its channels may have grown."""
        exhibit = self._window.document.exhibit
        if exhibit is None:
            return
        for name, dock in self._window.workspace.docks.items():
            view, spec = dock.view, self._window.document.views.get(name)
            if spec is None or view.exhibit is exhibit or view.channel is None:
                continue
            channel = exhibit.channels.get(view.channel.name)
            if channel is not None:
                view.bind(exhibit, channel, spec["settings"])

    def fill_menu(self, menu: QMenu) -> None:
        """List the views that could be added."""
        menu.clear()
        exhibit = self._window.document.exhibit
        if exhibit is None:
            return
        for kind in kinds():
            view = view_class(kind)
            for channel in exhibit.channels.values():
                if channel.kind not in view.accepts or channel.over or channel.name == "twins":
                    continue
                words = view.title
                channels = [c for c in exhibit.channels.values() if c.kind in view.accepts]
                if len(channels) > 1 or (channel.kind == "field" and channel.title):
                    words = f"{view.title}: {channel.title or channel.name}"
                menu.addAction(words, partial(self.add, kind, channel.name))

    def add(self, kind: str, channel: str) -> str:
        """Add a view of a channel at the right, as an undoable edit; its id."""
        document = self._window.document
        name = new_view_id(kind, document.views)
        spec: dict[str, Any] = {
            "kind": kind,
            "channel": channel,
            "area": "right",
            "tab": "",
            "settings": {},
        }
        document.edit({("views", name): spec}, f"Add {view_class(kind).title}")
        return name

    def change(self, name: str, settings: Mapping[str, Value], label: str) -> None:
        """Change options of a view, as an undoable edit."""
        self._change(name, settings, label)
        self._window.document.history.seal()

    def suggest(self) -> None:
        """Bring back the views this exhibit suggests; others are closed."""
        document = self._window.document
        if document.exhibit is None:
            return
        suggested = suggested_views(document.exhibit.views)
        changes: dict[Path, Any] = {
            ("views", name): ABSENT for name in document.views if name not in suggested
        }
        changes |= {
            ("views", name): spec for name, spec in suggested.items() if name not in document.views
        }
        if changes:
            document.edit(changes, "Reset layout")

    def _make(
        self,
        name: str,
        kind: type[View],
        exhibit: Exhibit,
        channel: Channel,
        spec: Mapping[str, Any],
    ) -> None:
        window = self._window
        view = kind(window.tokens)
        view.bind(exhibit, channel, spec["settings"])
        view.edited.connect(window.change)
        view.settings_edited.connect(partial(self._change, name))
        view.acted.connect(window.host.act)
        view.opened.connect(window.open)
        # Several views of one orbit differ by what they are, other views by what they show.
        own = not channel.title or (exhibit.system is not None and channel.kind == "trajectory")
        window.workspace.add(name, view, view.title if own else channel.title, spec)
        window.stage.add(name, view)

    def _remove(self, name: str) -> None:
        self._window.stage.remove(name)
        self._window.workspace.remove(name)

    def _closed(self, name: str) -> None:
        title = self._window.workspace.docks[name].windowTitle()
        self._window.document.edit({("views", name): ABSENT}, f"Close {title}")

    def _change(self, name: str, settings: Mapping[str, Value], label: str) -> None:
        document = self._window.document
        if name in document.views:
            document.edit(
                {("views", name, "settings", option): value for option, value in settings.items()},
                label,
                f"option {name} {' '.join(settings)}",
            )

    def _show_options(self, name: str, place: QPoint) -> None:
        window = self._window
        dock = window.workspace.docks[name]
        view, title = dock.view, dock.windowTitle()
        if view.exhibit is None or view.channel is None:
            return
        options = view.options_for(view.exhibit, view.channel)
        self._popup = OptionsPopup(title, options, view.settings, window.tokens)
        self._popup.edited.connect(
            lambda option, value: self._change(name, {option: value}, f"{title}: {option}")
        )
        self._popup.settled.connect(window.document.history.seal)
        self._popup.reset_view.connect(view.reset_view)
        self._popup.open_at(place)


def _kind_and_channel(exhibit: Exhibit, spec: Mapping[str, Any]) -> tuple[type[View], Channel]:
    """The class and the channel of a view; raises `UnknownKeyError` where they do not fit."""
    channel = exhibit.channels.get(str(spec["channel"]))
    if channel is None:
        raise UnknownKeyError(f"'{exhibit.key}' has no channel '{spec['channel']}'")
    kind = view_class(str(spec["kind"]))
    if channel.kind not in kind.accepts:
        raise UnknownKeyError(
            f"a view '{spec['kind']}' cannot show '{channel.name}', a {channel.kind}"
        )
    return kind, channel
