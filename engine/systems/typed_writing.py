"""A system as a person would type it: the way back from ``engine.systems.typed``.

Writes what the notation says. What stands in the file of a system besides that (citations,
presets, variants) comes back when the text is read with the system as its base.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from fractions import Fraction

from engine.equations.latex import symbol
from engine.exhibit import Parameter
from engine.systems.files import _RUNS
from engine.systems.parts import ArrayDefinition
from engine.systems.system import System
from engine.systems.writing import RUN_FIELDS

WIDTH = 76


def to_typed(system: System) -> str:
    """The text that `read` makes `system` of, blocks apart by empty lines."""
    blocks = (
        _title(system),
        _equations(system),
        _quantities(system),
        [_parameter(row) for row in system.parameters.values()],
        [_array(name, array) for name, array in system.arrays.items()],
        _tables(system),
        _starts(system),
        _rest(system),
    )
    return "\n\n".join("\n".join(block) for block in map(list, blocks) if block) + "\n"


def _title(system: System) -> Iterator[str]:
    yield f"title: {_line(system.title)}"
    for number, paragraph in enumerate(filter(None, system.notes.split("\n\n"))):
        if number:
            yield "#"
        yield from (f"# {line}" for line in textwrap.wrap(paragraph, WIDTH))


def _equations(system: System) -> Iterator[str]:
    sign = "(n+1)" if system.kind == "map" else "'"
    rows = dict(system.equations)
    heads = {f"{name}0": name for name in system.families}
    for variable in system.variables:
        # A family's own places stand with the family, at its first variable.
        family = heads.get(variable)
        wanted = [head for head in rows if _name(head) == family] if family else []
        for head in [*wanted, *([variable] if variable in rows else [])]:
            yield f"{head.replace(' ', '')}{sign} = {_line(rows.pop(head))}"
    yield from (f"{head}{sign} = {_line(text)}" for head, text in rows.items())


def _name(head: str) -> str:
    return head.partition("[")[0].strip()


def _quantities(system: System) -> Iterator[str]:
    yield from (f"{head} := {_line(text)}" for head, text in system.quantities.items())
    yield from (f"{head} = {_line(text)}" for head, text in system.functions.items())
    for head, text in system.history.items():
        yield f"{head}(t <= 0) = {_line(text)}"


def _parameter(row: Parameter) -> str:
    text = f"{row.name} = {_number(row.default)}"
    if row.low is not None and row.high is not None:
        text += f" in {_number(row.low)}..{_number(row.high)}"
    if row.size:
        text += ", size"
    elif row.scale != "linear":
        text += f", {row.scale}"
    if row.unit:
        text += f", unit {_quoted(row.unit)}"
    if row.symbol and row.symbol != symbol(row.name):
        text += f", symbol {_quoted(row.symbol)}"
    return f"{text}  # {_line(row.help)}" if row.help else text


def _array(name: str, array: ArrayDefinition) -> str:
    if array.value:
        text = f"array {name}[{', '.join(array.sizes)}] = {_line(array.value)}"
        if array.random:
            text += f" with {array.random} seed {array.seed}"
    else:
        numbers = [_number(value) for value in array.values]
        if len(array.shape) == 2:
            width = array.shape[1]
            numbers = [
                f"[{', '.join(numbers[i : i + width])}]" for i in range(0, len(numbers), width)
            ]
        text = f"array {name} = [{', '.join(numbers)}]"
    return f"{text}  # {_line(array.help)}" if array.help else text


def _tables(system: System) -> Iterator[str]:
    for name, table in system.tables.items():
        numbers = ", ".join(repr(value) for value in table.values)
        yield f"table {name}({_number(table.low)}..{_number(table.high)}) = [{numbers}]"


def _starts(system: System) -> Iterator[str]:
    families = {f"{name}0": name for name in system.families}
    at = 0
    while at < len(system.variables):
        name = system.variables[at]
        if name in families:
            family = families[name]
            definition = system.family_definitions[family]
            yield f"{family}[0..{_last(definition.size)}](0) = {_line(definition.initial)}"
            at += system.families[family]
        else:
            yield f"{name}(0) = {_number(system.initial[at])}"
            at += 1


def _last(size: str) -> str:
    if size.isdigit():
        return str(int(size) - 1)
    return f"{size}-1" if size.isidentifier() else f"({size})-1"


def _rest(system: System) -> Iterator[str]:
    if system.noise_definitions:
        names = (f"{name}[{n}]" if n else name for name, n in system.noise_definitions.items())
        yield f"noise: {', '.join(names)}"
    if system.interpretation != "ito":
        yield f"interpretation: {system.interpretation}"
    if system.edges:
        yield f"edges: {', '.join(f'{name} {edge}' for name, edge in system.edges.items())}"
    for event in system.events:
        changes = [f"{name} = {_line(text)}" for name, text in event.changes.items()]
        done = ", ".join([*changes, *(["stop"] if event.terminal else [])])
        yield f"when {_line(event.when)} {event.direction}: {done}"
    if system.axes != system.variables[:3]:
        yield f"axes: {', '.join(system.axes)}"
    # A delay is seen in the equations, unless it stands in none of them.
    if system.kind == "dde" and not any("t -" in text for text in system.equations.values()):
        yield "kind: dde"
    run, usual = system.run, _RUNS[system.kind]
    words = [
        f"{name} {getattr(run, name) if name == 'method' else _number(getattr(run, name))}"
        for name in RUN_FIELDS
        if getattr(run, name) != getattr(usual, name)
    ]
    if words:
        yield f"run: {', '.join(words)}"


def _line(text: str) -> str:
    return " ".join(text.split())


def _quoted(text: str) -> str:
    """With quotation marks where a comma would be taken for the end."""
    line = _line(text)
    return f'"{line}"' if "," in line or "#" in line else line


def _number(value: object) -> str:
    """A number as short as it can be said: ``8/3`` where that is what it is."""
    if not isinstance(value, (int, float)):
        return str(value)
    if value == int(value) and abs(value) < 1e15:
        return str(int(value))
    shown = repr(float(value))
    fraction = Fraction(value).limit_denominator(64)
    short = f"{fraction.numerator}/{fraction.denominator}"
    if len(short) + 4 < len(shown) and fraction.numerator / fraction.denominator == value:
        return short
    return shown
