"""The systems: `systems` is the mapping of them all, `System` is one.

Built-in files are found by name and read when asked for; files of a person's own folder
are read at once, so that a broken one is left out with a warning instead of breaking a list
later. This module finds files; reading one is ``engine.systems.files``.
"""

from __future__ import annotations

import logging
import os
import re
import sys
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from engine import CallableModule
from engine.errors import FileFormatError, UnknownKeyError
from engine.look import ASSETS

if TYPE_CHECKING:
    from engine.systems.files import Header
    from engine.systems.system import System

log = logging.getLogger(__name__)


class Systems(Mapping[str, "System"]):
    """System files by key.

    Parameters
    ----------
    folders : tuple of Path
        The first holds built-in files, read on access. Files of the others are a person's
        own: checked at once, read again when they have changed, and standing before a
        built-in file of the same key.

    Attributes
    ----------
    refused : dict of str to FileFormatError
        Own files that cannot be used. They are not among the keys; asking for one by key
        raises its error.
    """

    def __init__(self, folders: tuple[Path, ...]) -> None:
        self._folders = folders
        self._read: dict[str, tuple[tuple[int, int], System]] = {}
        self.refused: dict[str, FileFormatError] = {}
        self._paths: dict[str, Path] = {}
        self._own: set[str] = set()
        self.refresh()

    def refresh(self) -> None:
        """Look again at which files there are."""
        from engine.systems.files import read

        built_in, *own = self._folders
        paths = {path.stem: path for path in sorted(built_in.glob("*.toml"))}
        refused: dict[str, FileFormatError] = {}
        mine: set[str] = set()
        for path in (path for folder in own for path in sorted(folder.glob("*.toml"))):
            key = key_of(path.stem)
            try:
                self._read[key] = (_stamp(path), read(path, key))
            except FileFormatError as error:
                log.warning("a system file was left out: %s", error)
                refused[key] = error
            else:
                mine.add(key)
                paths[key] = path
        self._paths, self._own, self.refused = paths, mine, refused

    def __getitem__(self, key: str) -> System:
        path = self._paths.get(key)
        if path is None:
            if key in self.refused:
                raise self.refused[key]
            close = get_close_matches(str(key), self._paths, 3)
            hint = f"; did you mean {' or '.join(close)}?" if close else ""
            raise UnknownKeyError(f"there is no system '{key}'{hint}")
        known = self._read.get(key)
        if known is not None and (key not in self._own or known[0] == _stamp(path)):
            return known[1]
        from engine.systems.files import read

        system = read(path, key, check=key in self._own)
        self._read[key] = (_stamp(path), system)
        return system

    def header(self, key: str) -> Header:
        """Title, kind, family, tags and summary of a system, without reading the rest.

        Raises
        ------
        UnknownKeyError
            If there is no such system.
        """
        from engine.systems.files import read_header

        if key not in self._paths:
            self[key]  # raises
        return read_header(self._paths[key], key)

    def stamp(self, key: str) -> str:
        """Time and size of a system's file: another text says that it was written anew."""
        path = self._paths.get(key)
        return "" if path is None else "-".join(map(str, _stamp(path)))

    def own_file(self, key: str) -> Path | None:
        """The file of a person's own system; None where it is built in or unknown."""
        return self._paths[key] if key in self._own else None

    def __contains__(self, key: object) -> bool:
        return key in self._paths

    def __iter__(self) -> Iterator[str]:
        return iter(tuple(self._paths))

    def __len__(self) -> int:
        return len(self._paths)


def key_of(name: str) -> str:
    """A name in kebab-case: ``My Neuron_2`` becomes ``my-neuron-2``."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "untitled"


def own_folder() -> Path:
    """Where a person's own system files are: ``systems`` in the data folder.

    ``PHASESCOPE_HOME`` names another data folder.
    """
    override = os.environ.get("PHASESCOPE_HOME")
    if override:
        return Path(override) / "systems"
    import platformdirs

    return Path(platformdirs.user_data_dir("phasescope", appauthor=False)) / "systems"


@cache
def systems() -> Systems:
    """Every system: those that come with the program, then a person's own."""
    return Systems((ASSETS / "systems", own_folder()))


def _stamp(path: Path) -> tuple[int, int]:
    try:
        status = path.stat()
    except OSError:
        return (0, -1)
    return (status.st_mtime_ns, status.st_size)


# Whoever imports this module binds it to ``engine.systems``, which people call.
sys.modules[__name__].__class__ = CallableModule
