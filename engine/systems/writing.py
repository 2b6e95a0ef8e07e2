"""A system as the text of its file: the way back from ``engine.systems.files``.

Writes what the format says and nothing else; reading it again gives an equal `System`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from engine.systems.system import System

PARAMETER_FIELDS = ("default", "low", "high", "scale", "symbol", "unit", "help")
RUN_FIELDS = ("method", "step", "length", "transient", "bound", "speed")


def to_toml(system: System) -> str:
    """The text of a system's file; `from_text` of it gives an equal system."""
    lines: list[str] = []

    def put(name: str, value: Any) -> None:
        if value not in ("", None, (), []):
            lines.append(f"{_key(name)} = {_value(value)}")

    def section(header: str, rows: Mapping[str, Any]) -> None:
        if rows:
            lines.extend(["", header])
            for name, value in rows.items():
                put(name, value)

    for name in ("title", "kind", "year", "family", "tags", "summary", "notes", "axes"):
        put(name, getattr(system, name))
    section("[variables]", dict(zip(system.variables, system.initial, strict=True)))
    for name in ("equations", "quantities", "functions"):
        section(f"[{name}]", getattr(system, name))
    section(
        "[symbols]",
        {
            name: text
            for name, text in system.symbols.items()
            if name not in system.parameters or system.parameters[name].symbol != text
        },
    )
    for name, row in system.parameters.items():
        section(
            f"[parameters.{_key(name)}]",
            {
                field: getattr(row, field)
                for field in PARAMETER_FIELDS
                if not (field == "scale" and row.scale == "linear")
            },
        )
    section("[run]", {name: getattr(system.run, name) for name in RUN_FIELDS})
    if system.orbit_diagram.parameter:
        section("[orbit_diagram]", vars(system.orbit_diagram))
    for preset in system.presets:
        values, initial = {}, {}
        for name, value in preset.values.items():
            if name.startswith("initial."):
                initial[name.removeprefix("initial.")] = value
            else:
                values[name] = value
        section(
            "[[presets]]",
            {
                "title": preset.title,
                "values": values,
                **({"initial": initial} if initial else {}),
                "summary": preset.summary,
            },
        )
    for reference in system.references:
        section("[[references]]", vars(reference))
    for known in system.known:
        section(
            "[[known]]",
            {
                name: getattr(known, name)
                for name in ("quantity", "value", "tolerance", "source", "values", "label")
            },
        )
    section("[aliases]", system.aliases)
    return "\n".join([*lines, ""])


def _key(name: str) -> str:
    bare = name.replace("_", "").replace("-", "")
    return name if bare.isascii() and bare.isalnum() else _string(name)


_ESCAPES = {
    "\\": "\\\\",
    '"': '\\"',
    "\n": "\\n",
    "\t": "\\t",
    "\r": "\\r",
    "\b": "\\b",
    "\f": "\\f",
}


def _string(text: str) -> str:
    return (
        '"'
        + "".join(
            _ESCAPES.get(c, c if ord(c) >= 32 and ord(c) != 127 else f"\\u{ord(c):04x}")
            for c in text
        )
        + '"'
    )


_WRITERS: tuple[tuple[type | tuple[type, ...], Callable[[Any], str]], ...] = (
    (str, _string),
    (int, str),
    (float, repr),
    (
        Mapping,
        lambda rows: (
            "{ "
            + ", ".join(f"{_key(name)} = {_value(value)}" for name, value in rows.items())
            + " }"
        ),
    ),
    ((list, tuple), lambda items: f"[{', '.join(_value(item) for item in items)}]"),
)


def _value(value: Any) -> str:
    for kind, write in _WRITERS:
        if isinstance(value, kind):
            return write(value)
    raise TypeError(f"{type(value).__name__} cannot stand in a system file")
