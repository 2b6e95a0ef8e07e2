"""A system as the text of its file: the way back from ``engine.systems.files``.

Writes what the format says and nothing else; reading it again gives an equal `System`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from engine.systems.parts import ArrayDefinition
from engine.systems.system import System

PARAMETER_FIELDS = ("default", "low", "high", "scale", "symbol", "unit", "help", "size")
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
    put("noise", [f"{name}[{n}]" if n else name for name, n in system.noise_definitions.items()])
    if system.interpretation != "ito":
        put("interpretation", system.interpretation)
    section("[variables]", _variables(system))
    for name in ("equations", "edges", "periods", "quantities", "functions", "history"):
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
                and not (field == "size" and not row.size)
            },
        )
    for name, array in system.arrays.items():
        section(f"[arrays.{_key(name)}]", _array(array))
    for name, table in system.tables.items():
        section(f"[tables.{_key(name)}]", vars(table))
    section("[run]", {name: getattr(system.run, name) for name in RUN_FIELDS})
    if system.orbit_diagram.parameter:
        section("[orbit_diagram]", vars(system.orbit_diagram))
    for event in system.events:
        section(
            "[[events]]",
            {
                "when": event.when,
                "direction": event.direction,
                **({"set": event.changes} if event.changes else {}),
                **({"terminal": True} if event.terminal else {}),
            },
        )
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
    for key, variant in system.variants.items():
        section(
            f"[variants.{_key(key)}]",
            {name: value for name, value in vars(variant).items() if value or name == "note"},
        )
    section("[aliases]", system.aliases)
    return "\n".join([*lines, ""])


def _variables(system: System) -> dict[str, float | str]:
    """Initial values by variable, a family as one row."""
    rows: dict[str, float | str] = {}
    at = 0
    heads = {f"{name}0": name for name in system.families}
    while at < len(system.variables):
        name = system.variables[at]
        family = heads.get(name)
        if family is None:
            rows[name] = system.initial[at]
            at += 1
        else:
            definition = system.family_definitions[family]
            rows[f"{family}[{definition.size}]"] = definition.initial
            at += system.families[family]
    return rows


def _array(array: ArrayDefinition) -> dict[str, Any]:
    rows: dict[str, Any] = {}
    if array.value:
        rows["shape"] = [int(n) if n.isdigit() else n for n in array.sizes]
        rows["value"] = array.value
    elif len(array.shape) == 1:
        rows["values"] = list(array.values)
    else:
        width = array.shape[1]
        rows["values"] = [
            list(array.values[i : i + width]) for i in range(0, len(array.values), width)
        ]
    if array.random:
        rows |= {"random": array.random, "seed": array.seed}
    return rows | {"help": array.help}


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
    (bool, lambda value: "true" if value else "false"),
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
