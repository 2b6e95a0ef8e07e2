"""What a session holds: the document, and how the window stood. Data only.

``app.session_file`` turns it into a file and back; ``app.document`` holds the live one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.exhibit import Exhibit, Value
from engine.files.provenance import now
from engine.files.provenance import version as program_version


@dataclass(frozen=True)
class SessionView:
    """A view: what `Document.views` holds, and its id."""

    id: str
    kind: str
    channel: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    area: str = "right"
    tab: str = ""


@dataclass(frozen=True)
class Session:
    """Everything a session file holds.

    Attributes
    ----------
    exhibit : str
        Key of the open exhibit.
    system : str
        The open system as TOML, where it is not saved: then no file of it is needed.
    typed : str
        The text that it was typed as.
    values : mapping
        Parameter values, all of them.
    seed : int
    speed : float
        Units of the exhibit's clock a second.
    running : bool
    theme : str
        ``dark``, ``light``, or empty for the person's own.
    views : tuple of SessionView
        In order.
    layout : mapping of str to str
        Base64 of what Qt saved about windows and docks.
    notes : str
    app_version, created : str
        What wrote the file, and when.
    """

    exhibit: str
    values: Mapping[str, Value] = field(default_factory=dict)
    seed: int = 0
    speed: float = 1.0
    running: bool = False
    theme: str = ""
    views: tuple[SessionView, ...] = ()
    layout: Mapping[str, str] = field(default_factory=dict)
    notes: str = ""
    app_version: str = field(default_factory=program_version)
    created: str = field(default_factory=now)
    system: str = ""
    typed: str = ""

    def opened(self, exhibits: Mapping[str, Exhibit]) -> Exhibit:
        """The exhibit that is open in this session.

        Raises
        ------
        FileFormatError
            If the unsaved system cannot be read.
        UnknownKeyError
            If there is no such exhibit.
        """
        from app.document import unsaved

        return unsaved(self.exhibit, self.system) if self.system else exhibits[self.exhibit]

    def tree(self) -> dict[str, Any]:
        """What ``Document.load`` takes."""
        return {
            "exhibit": self.exhibit,
            "system": self.system,
            "typed": self.typed,
            "values": dict(self.values),
            "seed": self.seed,
            "speed": self.speed,
            "notes": self.notes,
            "views": {
                view.id: {
                    "kind": view.kind,
                    "channel": view.channel,
                    "area": view.area,
                    "tab": view.tab,
                    "settings": dict(view.settings),
                }
                for view in self.views
            },
        }

    @classmethod
    def from_tree(
        cls,
        tree: Mapping[str, Any],
        running: bool = False,
        theme: str = "",
        layout: Mapping[str, str] | None = None,
    ) -> Session:
        """The session of what ``Document.tree`` returned."""
        views = tuple(
            SessionView(
                str(name),
                str(view["kind"]),
                str(view["channel"]),
                dict(view.get("settings", {})),
                str(view.get("area", "right")),
                str(view.get("tab", "")),
            )
            for name, view in tree.get("views", {}).items()
        )
        return cls(
            exhibit=str(tree["exhibit"]),
            values=dict(tree["values"]),
            seed=int(tree["seed"]),
            speed=float(tree["speed"]),
            running=running,
            theme=theme,
            views=views,
            layout=dict(layout or {}),
            notes=str(tree.get("notes", "")),
            system=str(tree.get("system", "")),
            typed=str(tree.get("typed", "")),
        )
