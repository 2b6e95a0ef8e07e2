"""What a typed text does not say, taken over from the system it began as.

Citations, tags, presets, variants and the like stand in the file of a system and not in the
text a person edits. What names something that the text has no more is left out.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from typing import Any

from engine.systems.system import System

_ALWAYS = ("year", "family", "tags", "summary", "symbols", "references")
_MATHEMATICS = (
    "kind",
    "noise",
    "interpretation",
    "equations",
    "quantities",
    "functions",
    "history",
    "events",
    "tables",
)


def carried(document: dict[str, Any], base: System, families: Mapping[str, str]) -> dict[str, Any]:
    """The document, completed by what `base` says and `document` does not contradict."""
    given = tomllib.loads(base.to_toml())
    whole = dict(document)
    names = {*document.get("parameters", {}), *_variables(document, base, families)}
    if "title" not in whole or whole["title"] == "Untitled":
        whole["title"] = base.title
    for name in _ALWAYS:
        if name in given:
            whole[name] = given[name]
    for name, row in whole.get("parameters", {}).items():
        symbol = given.get("parameters", {}).get(name, {}).get("symbol")
        if symbol:
            row.setdefault("symbol", symbol)
    known = {*names, *families}
    whole["periods"] = {
        name: value for name, value in given.get("periods", {}).items() if name in known
    }
    whole["presets"] = [row for row in given.get("presets", []) if _fits(row, names)]
    diagram = given.get("orbit_diagram", {})
    if {diagram.get("parameter"), diagram.get("variable")} <= names:
        whole["orbit_diagram"] = diagram
    # What was measured or published, and other forms, are about these very equations.
    if all(_same(document.get(name), given.get(name)) for name in _MATHEMATICS):
        for name in ("known", "variants", "aliases"):
            if name in given:
                whole[name] = given[name]
        whole["known"] = [row for row in whole.get("known", []) if _fits(row, names)]
        whole["variants"] = {
            key: row for key, row in whole.get("variants", {}).items() if _fits(row, names)
        }
    return {name: value for name, value in whole.items() if value not in ([], {})}


def _variables(document: dict[str, Any], base: System, families: Mapping[str, str]) -> set[str]:
    names = {name.partition("[")[0] for name in document["variables"]}
    places = {
        f"{name}{i}" for name, n in base.families.items() if name in families for i in range(n)
    }
    return (names - set(families)) | places


def _fits(row: Mapping[str, Any], names: set[str]) -> bool:
    return {*row.get("values", {}), *row.get("initial", {})} <= names


def _same(first: Any, second: Any) -> bool:
    return bool(_flat(first) == _flat(second))


def _flat(value: Any) -> Any:
    """Texts without white space, so that a line that was broken elsewhere is the same."""
    if isinstance(value, str):
        return "".join(value.split())
    if isinstance(value, Mapping):
        return {"".join(key.split()): _flat(entry) for key, entry in value.items()} or None
    if isinstance(value, list):
        return [_flat(entry) for entry in value] or None
    return value
