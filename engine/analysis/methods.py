"""The list of all methods of analysis, found by their files.

A file of ``engine/analysis`` that declares a ``METHOD`` is one; its key is its name in kebab
case. Listing the keys imports none of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from difflib import get_close_matches
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import final

from engine.analysis.method import Method
from engine.errors import UnknownKeyError

FOLDER = Path(__file__).resolve().parent


@cache
def keys(folder: Path = FOLDER) -> tuple[str, ...]:
    """Keys of the methods in a folder, sorted."""
    return tuple(
        path.stem.replace("_", "-")
        for path in sorted(folder.glob("[a-z]*.py"))
        if "\nMETHOD = " in path.read_text(encoding="utf-8")
    )


@final
class Methods(Mapping[str, Method]):
    """Key -> `Method`; a method is imported when it is asked for."""

    def __getitem__(self, key: str) -> Method:
        if key not in keys():
            close = get_close_matches(key, keys(), n=1)
            meant = f"did you mean '{close[0]}'?" if close else f"there are {', '.join(keys())}"
            raise UnknownKeyError(f"there is no method '{key}'; {meant}")
        found: Method = import_module(f"engine.analysis.{key.replace('-', '_')}").METHOD
        return replace(found, key=key)

    def __iter__(self) -> Iterator[str]:
        return iter(keys())

    def __len__(self) -> int:
        return len(keys())


def methods() -> Methods:
    """All methods of analysis."""
    return Methods()
