"""What lists show of every system, without reading every file at every start.

A `Card` is small enough to hold all of them in memory and says enough to search, filter and
sort. Cards are made from the files and kept in the cache folder under the size and time of
each file; a missing, old or broken cache costs the time of reading the files and nothing
else. Exhibits that are no systems have no cards.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.errors import PhasescopeError

if TYPE_CHECKING:
    from engine.systems import Systems
    from engine.systems.system import System

log = logging.getLogger(__name__)
_VERSION = 1


@dataclass(frozen=True)
class Card:
    """A system in a list.

    Attributes
    ----------
    key, title, kind, family : str
    year : int or None
    tags : tuple of str
    dimension : int
        Number of variables.
    authors : str
        Of all references, for searching.
    equations : str
        Equations and quantities, for searching.
    aliases : str
        Names other collections use.
    """

    key: str
    title: str
    kind: str
    family: str
    year: int | None
    tags: tuple[str, ...]
    dimension: int
    authors: str
    equations: str
    aliases: str


def cards(systems: Systems, cache: Path | None = None) -> dict[str, Card]:
    """A card for every system, in the order of their keys.

    Parameters
    ----------
    systems : Systems
    cache : Path, optional
        The file they are kept in; in the cache folder by default.
    """
    path = _cache_file() if cache is None else cache
    kept = _load(path)
    found: dict[str, Card] = {}
    rows: dict[str, Any] = {}
    for key in systems:
        stamp = systems.stamp(key)
        row = kept.get(key)
        if not (isinstance(row, dict) and row.get("stamp") == stamp):
            try:
                row = {"stamp": stamp, "card": asdict(card(systems[key]))}
            except PhasescopeError as error:
                log.warning("'%s' is left out of the list: %s", key, error)
                continue
        try:
            found[key] = _card(row["card"])
        except (TypeError, KeyError):
            row = {"stamp": stamp, "card": asdict(card(systems[key]))}
            found[key] = _card(row["card"])
        rows[key] = row
    if rows != kept:
        _save(path, rows)
    return found


def card(system: System) -> Card:
    """The card of one system."""
    texts: Iterable[str] = (
        *(f"{name} = {text}" for name, text in system.equations.items()),
        *(f"{name} = {text}" for name, text in system.quantities.items()),
    )
    return Card(
        system.key,
        system.title,
        system.kind,
        system.family,
        system.year,
        system.tags,
        system.dimension,
        "; ".join(reference.authors for reference in system.references),
        " ; ".join(texts)[:2000],
        " ".join(system.aliases.values()),
    )


def _card(row: dict[str, Any]) -> Card:
    return Card(**{**row, "tags": tuple(row["tags"])})


def _cache_file() -> Path:
    from engine.equations.kernel_cache import folder

    return folder() / "cards.json"


def _load(path: Path) -> dict[str, Any]:
    try:
        document = json.loads(path.read_text("utf-8"))
        rows = document["rows"] if document["version"] == _VERSION else {}
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    return rows if isinstance(rows, dict) else {}


def _save(path: Path, rows: dict[str, Any]) -> None:
    from engine.files.atomic import write_bytes

    try:
        content = json.dumps({"version": _VERSION, "rows": rows}).encode()
        write_bytes(path, content)
    except (OSError, PhasescopeError) as error:
        log.info("the list of systems could not be kept: %s", error)
