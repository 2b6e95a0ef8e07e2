"""Other forms of a system: another number of variables, a variant its file gives.

Both are made by changing the document of the system's file and reading it again, so that
every rule of the format holds for them as well.
"""

from __future__ import annotations

import tomllib
from dataclasses import replace
from functools import lru_cache
from typing import Any

from engine.errors import ParameterError
from engine.systems.system import System


@lru_cache(maxsize=64)
def resized(system: System, sizes: tuple[tuple[str, int], ...]) -> System:
    """`System.resized`; `sizes` are pairs of a size parameter and its value."""
    document = tomllib.loads(system.to_toml())
    for name, value in sizes:
        if name not in system.sizes:
            raise ParameterError(
                f"'{system.key}' has no size '{name}'; it has {', '.join(system.sizes) or 'none'}"
            )
        checked = system.parameters[name].check(value, system.key)
        document["parameters"][name]["default"] = checked
    # What names single variables may name some that are no more.
    for field in ("known", "presets", "axes", "orbit_diagram"):
        document.pop(field, None)
    found = _read(document, system.key)
    diagram = system.orbit_diagram
    return replace(
        found,
        axes=tuple(name for name in system.axes if name in found.variables) or found.axes,
        orbit_diagram=diagram if diagram.variable in found.variables else found.orbit_diagram,
    )


@lru_cache(maxsize=64)
def variant(system: System, key: str) -> System:
    """`System.variant`."""
    document = tomllib.loads(system.to_toml())
    form = document.pop("variants")[key]
    for name, value in form.get("values", {}).items():
        document["parameters"][name]["default"] = value
    if form.get("variables"):
        document["variables"] = form["variables"]
        document["equations"] = {}
        document.pop("orbit_diagram", None)
        document.pop("axes", None)
    for name in ("equations", "quantities", "functions"):
        document.setdefault(name, {}).update(form.get(name, {}))
    for name in ("known", "presets"):
        document.pop(name, None)
    return _read(document, f"{system.key}-{key}")


def _read(document: dict[str, Any], key: str) -> System:
    from engine.systems.files import from_document

    return from_document(document, key, check=False)
