"""The systems: `systems` is the mapping of them all, `System` is one.

Built-in files and those of a person's own folder are found by name and read when asked for.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import UnknownKeyError
from engine.look import ASSETS

if TYPE_CHECKING:
    from engine.systems.system import System

log = logging.getLogger(__name__)


class Systems(Mapping[str, "System"]):
    """System files of several folders by key, read on access; a later folder wins."""

    def __init__(self, folders: tuple[Path, ...]) -> None:
        self._paths = {
            path.stem: path for folder in folders for path in sorted(folder.glob("*.toml"))
        }
        self._read: dict[str, System] = {}

    def __getitem__(self, key: str) -> System:
        if key not in self._read:
            if key not in self._paths:
                close = get_close_matches(key, self._paths, 3)
                hint = f"; did you mean {' or '.join(close)}?" if close else ""
                raise UnknownKeyError(f"there is no system '{key}'{hint}")
            from engine.systems.files import read

            self._read[key] = read(self._paths[key])
        return self._read[key]

    def __contains__(self, key: object) -> bool:
        return key in self._paths

    def __iter__(self) -> Iterator[str]:
        return iter(self._paths)

    def __len__(self) -> int:
        return len(self._paths)


def own_folder() -> Path:
    """Where a person's own system files are: ``systems`` in the data folder."""
    override = os.environ.get("PHASESCOPE_HOME")
    if override:
        return Path(override) / "systems"
    import platformdirs

    return Path(platformdirs.user_data_dir("phasescope", appauthor=False)) / "systems"


@cache
def systems() -> Systems:
    """Every system: those that come with the program, then a person's own."""
    return Systems((ASSETS / "systems", own_folder()))
