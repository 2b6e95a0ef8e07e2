"""What the application remembers between starts that is no part of a document.

A small JSON file in the person's configuration folder: theme, window geometry, recent files,
favourites, what was opened lately. A damaged file is set aside and defaults are used; it never
keeps the application from starting. No Qt.
"""

from __future__ import annotations

import json
import logging
import os
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path

log = logging.getLogger(__name__)


def home() -> Path:
    """The folder for preferences, last session and autosaves.

    ``PHASESCOPE_HOME`` overrides it, for tests and for portable copies.
    """
    override = os.environ.get("PHASESCOPE_HOME")
    if override:
        return Path(override)
    import platformdirs

    return Path(platformdirs.user_data_dir("phasescope", appauthor=False))


@dataclass
class Preferences:
    """Plain values with defaults; see the module docstring."""

    theme: str = "dark"
    motion: bool = True
    geometry: str = ""
    layout: str = ""
    recent: list[str] = field(default_factory=list)
    favourites: list[str] = field(default_factory=list)
    recent_exhibits: list[str] = field(default_factory=list)
    palette_recent: list[str] = field(default_factory=list)

    @classmethod
    def load(cls) -> Preferences:
        """The saved preferences, or defaults."""
        path = home() / "preferences.json"
        loaded = cls()
        try:
            raw = json.loads(path.read_text("utf-8"))
        except FileNotFoundError:
            return loaded
        except (OSError, ValueError) as error:
            log.warning("%s cannot be read (%s); defaults are used", path, error)
            return loaded
        for item in fields(cls):
            value = raw.get(item.name) if isinstance(raw, dict) else None
            default = getattr(loaded, item.name)
            if type(value) is not type(default):
                continue
            if isinstance(value, list):
                value = [entry for entry in value if isinstance(entry, str)][:100]
            setattr(loaded, item.name, value)
        if loaded.theme not in ("dark", "light"):
            loaded.theme = "dark"
        return loaded

    def save(self) -> None:
        """Write them; a folder that cannot be written is reported in the log only."""
        path = home() / "preferences.json"
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            temporary = path.with_suffix(f".{os.getpid()}.tmp")
            temporary.write_text(json.dumps(asdict(self), indent=1), "utf-8")
            temporary.replace(path)
        except OSError as error:
            log.warning("%s cannot be written: %s", path, error)

    def remember_file(self, path: str) -> None:
        """Put a file at the head of the recent ones."""
        self.recent = [path, *(other for other in self.recent if other != path)][:10]
