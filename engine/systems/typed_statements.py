"""What each kind of typed statement declares.

The middle of ``engine.systems.typed``: statements go into a `Draft`, and are refused where
they contradict each other.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from engine.equations import heads
from engine.equations.evaluate import number
from engine.errors import EquationError
from engine.systems.system import System
from engine.systems.typed_document import Draft
from engine.systems.typed_lines import NAME, Lines, Piece, Statement

_INDEX = re.compile(rf"{NAME}\Z")
_VALUE = re.compile(r"(?P<value>[^,]*?)(?:\s+in\s+(?P<low>[^,]*?)\.\.(?P<high>[^,]*?))?\s*\Z")
_CROSSING = re.compile(r"(?P<before>[^<>=!]*)(?P<sign>[<>])(?P<after>[^<>=!]*)\Z")
_DIRECTION = re.compile(r"(?P<when>.*?)\s+(?P<direction>up|down|both)\Z")
_RANDOM = re.compile(
    r"(?P<value>.*?)\s+with\s+(?P<random>normal|uniform)(?:\s+seed\s+(?P<seed>\d{1,9}))?\Z"
)
_NOW = re.compile(r"(?<![\w.])(?P<name>[^\W\d]\w*)(?:\[[^\[\]]*\])?(?P<gone>\(\s*n\s*\))")
_WORDS = ("title", "noise", "interpretation", "kind", "edges", "axes", "run")
_OPTIONS = ("log", "integer", "size")
_NUMBERS_RUN = ("step", "length", "transient", "bound", "speed")
START = 0.1
"""Where a variable starts if nothing is said: not 0, which so often is a fixed point."""


def draft(lines: Lines, base: System | None = None) -> Draft:
    """Gather what the statements declare."""
    found = Draft(base)
    found.stepped = {s.name for s in lines.statements if s.kind == "map"}
    if lines.notes:
        found.words["notes"] = "\n\n".join(lines.notes)
    if lines.statements:
        found.first = lines.statements[0].head
    # Equations first: the order of the variables is that of their equations, and whether
    # a name is a variable decides what else a line may say about it.
    order = sorted(lines.statements, key=lambda s: s.kind not in ("flow", "map", "family"))
    for statement in order:
        _TAKERS.get(statement.kind, _nothing)(found, statement)
    _finish(found)
    return found


def _finish(found: Draft) -> None:
    for name in found.families:
        if not any(head.partition("[")[0] == name for head in found.part("equations")):
            found.refuse(
                f"there is no equation for '{name}'; write {name}[i]' = ... ", found.heads[name]
            )
    for head in found.part("equations"):
        name, bracket, _ = head.partition("[")
        if bracket and name not in found.families:
            found.refuse(
                f"how many places has '{name}'? Write {name}[0..N-1](0) = 1 with N = 10, or "
                f"{name}[0..9](0) = 1",
                found.heads[name],
            )
            found.families[name] = "1"
    if len(found.kinds) > 1:
        found.refuse(
            "an equation with ' is of a flow and one with (n+1) of a map; a system is one of them",
            found.kinds["map"],
        )
    if not found.variables and not found.problems:
        message = "there is no equation yet: write one, such as x' = -x"
        found.problems.append((message, *(found.first.span() if found.first else (0, 1))))
    edges = found.words.get("edges", {})
    for name in [name for name in edges if name not in found.families]:
        found.refuse(f"'{name}' has no places, so it has no ends", found.fields["edges"])
        del edges[name]


# ---------------------------------------------------------------- one kind of line each


def _equation(found: Draft, statement: Statement) -> None:
    name, place = statement.name, statement.place
    found.kinds.setdefault(statement.kind, statement.head)
    head = f"{name}[{place}]" if place else name
    body = statement.body
    if statement.kind == "map":
        # People write x(n) for what is plainly x.
        body = body.without(_NOW, found.stepped)
    if not found.put("equations", head, body.text, statement, name):
        return
    label = f"equation of '{head}'"
    found.bodies[label] = body
    found.indices[label] = place if _INDEX.match(place) else ""
    found.variables.setdefault(name, f"{START}" if place else START)


def _family(found: Draft, statement: Statement) -> None:
    name, last = statement.name, statement.place
    one_less = re.fullmatch(r"(.*\S)\s*-\s*1", last)
    if one_less:
        size = one_less[1]
        if size.startswith("(") and size.endswith(")") and "(" not in size[1:-1]:
            size = size[1:-1]
    else:
        size = str(int(last) + 1) if re.fullmatch(r"\d{1,9}", last) else f"{last} + 1"
    if name in found.families:
        found.refuse(f"the family '{name}' stands here a second time", statement.head)
        return
    found.families[name] = size
    found.heads.setdefault(name, statement.head)
    found.variables[name] = statement.body.text or f"{START}"
    found.fields[f"variables.{name}[{size}]"] = (
        statement.body if statement.body.text else statement.head
    )


def _start(found: Draft, statement: Statement) -> None:
    name, place = statement.name, statement.place
    if name not in found.variables:
        found.refuse(f"there is no equation for '{name}'; write {name}' = ...", statement.head, 0)
        return
    if place and place != "i":
        found.refuse(
            f"write one text for all places of '{name}', such as {name}[i](0) = "
            f"where(i == 0, 1, 0)",
            statement.head,
        )
        return
    if name in found.part("starts") or (place and name in found.families and _given(found, name)):
        found.refuse(f"'{name}' starts twice", statement.head)
        return
    found.part("starts")[name] = True
    value: Any = statement.body.text
    if not place:
        if name in found.families:
            found.refuse(f"'{name}' has many places; write {name}[i](0) = ...", statement.head)
            return
        value = _number(found, statement.body, f"where '{name}' starts")
    found.variables[name] = value
    size = found.families.get(name)
    found.fields[f"variables.{name}[{size}]" if size else f"variables.{name}"] = statement.body


def _given(found: Draft, name: str) -> bool:
    return bool(found.variables[name] != f"{START}")


def _history(found: Draft, statement: Statement) -> None:
    head = f"{statement.name}[{statement.place}]" if statement.place else statement.name
    if found.put("history", head, statement.body.text, statement):
        label = f"history of '{head}'"
        found.bodies[label] = statement.body
        found.indices[label] = statement.place if _INDEX.match(statement.place) else ""


def _function(found: Draft, statement: Statement) -> None:
    head = f"{statement.name}({statement.place})"
    if statement.name in found.heads:
        found.refuse(f"'{statement.name}' is something else already", statement.head, 0)
        return
    try:
        name, arguments = heads.function(head)
    except EquationError as error:
        found.refuse(error.message, statement.head)
        return
    if arguments == ("t",):
        found.refuse(
            f"'{name}(t)' is no equation; write {name}' = ... for a flow, {name} := ... for a "
            "quantity that depends on t",
            statement.head,
        )
        return
    if found.put("functions", head, statement.body.text, statement, name):
        found.bodies[f"function '{name}'"] = statement.body
        found.indices[f"function '{name}'"] = " ".join(arguments)


def _quantity(found: Draft, statement: Statement) -> None:
    name, place = statement.name, statement.place
    head = f"{name}[{place}]" if place else name
    index = place.partition("<")[0].strip()
    if place and "<" not in place:
        found.refuse(
            f"say for how many places: {name}[{place} < N] := ..., with N a number or a parameter",
            statement.head,
        )
        return
    if name in found.heads:
        found.refuse(f"'{name}' is something else already", statement.head, 0)
        return
    if found.put("quantities", head, statement.body.text, statement, name):
        found.bodies[f"quantity '{name}'"] = statement.body
        found.indices[f"quantity '{name}'"] = index


def _value(found: Draft, statement: Statement) -> None:
    """A parameter; a text that is no number is a quantity."""
    name = statement.name
    if name in found.variables:
        found.refuse(
            f"'{name}' is a variable; where it starts is written {name}(0) = ...", statement.head, 0
        )
        return
    if name in found.heads:
        found.refuse(f"'{name}' is something else already", statement.head, 0)
        return
    first, *options = _listed(statement.body)
    match = _VALUE.match(first.text)
    assert match is not None  # every text without a comma fits
    value = first.part(*match.span("value"))
    if not match["low"] and not options and _letters(value.text):
        _quantity(found, Statement("quantity", name, "", statement.head, statement.body))
        return
    row: dict[str, Any] = {"default": _number(found, value, f"the parameter '{name}'")}
    for end in ("low", "high"):
        if match[end] is not None:
            row[end] = _number(found, first.part(*match.span(end)), f"the range of '{name}'")
    for option in options:
        word, _, rest = option.text.partition(" ")
        if word in ("unit", "symbol") and rest:
            row[word] = rest.strip('"')
        elif option.text in _OPTIONS:
            row |= {"size": True, "scale": "integer"} if word == "size" else {"scale": word}
        else:
            found.refuse(
                f"after the value of '{name}' can stand: in low..high, log, integer, size, "
                "unit ..., symbol ...",
                option,
            )
    if statement.comment:
        row["help"] = statement.comment
    found.put("parameters", name, row, statement, name)


def _letters(text: str) -> bool:
    """Whether a text holds more than numbers."""
    try:
        number(text)
    except EquationError:
        return any(character.isalpha() for character in text)
    return False


def _when(found: Draft, statement: Statement) -> None:
    place = len(found.events)
    when, direction = statement.head, ""
    match = _DIRECTION.match(when.text)
    if match:
        when, direction = when.part(*match.span("when")), match["direction"]
    crossing = _CROSSING.match(when.text)
    text = when.text
    if crossing and not direction:
        direction = "up" if crossing["sign"] == ">" else "down"
        before = when.part(*crossing.span("before"))
        after = when.part(*crossing.span("after"))
        text = f"{before.text} - ({after.text})"
        when = Piece(
            text,
            [*before.places, *[before.end] * 4, *after.places, after.end],
            after.end,
        )
    row: dict[str, Any] = {"when": text}
    if direction:
        row["direction"] = direction
    found.bodies[f"event {place + 1}"] = when
    found.fields[f"events[{place}]"] = statement.head
    changes: dict[str, str] = {}
    for change in _listed(statement.body):
        if change.text == "stop":
            row["terminal"] = True
            continue
        sign = re.search(r"(?<![=<>!])=(?!=)", change.text)
        if sign is None:
            found.refuse(
                "after the colon stands what changes, as in v = c, u = u + d, or stop", change
            )
            continue
        name = change.part(0, sign.start()).text
        changes[name] = change.part(sign.end()).text
        found.bodies[f"change at event {place + 1} of '{name}'"] = change.part(sign.end())
        index = re.fullmatch(rf"{NAME}\s*\[\s*({NAME})\s*\]", name)
        found.indices[f"change at event {place + 1} of '{name}'"] = index[1] if index else ""
    if changes:
        row["set"] = changes
    found.events.append(row)


def _array(found: Draft, statement: Statement) -> None:
    row: dict[str, Any] = {"help": statement.comment} if statement.comment else {}
    text = statement.body.text
    if text.startswith("["):
        row["values"] = _json(found, statement)
    else:
        match = _RANDOM.match(text)
        row["value"] = match["value"] if match else text
        if match:
            row |= {"random": match["random"], "seed": int(match["seed"] or 0)}
        row["shape"] = [
            int(n) if n.isdigit() and len(n) < 10 else n
            for n in (part.strip() for part in statement.place.split(","))
        ]
    found.put("arrays", statement.name, row, statement, statement.name)


def _table(found: Draft, statement: Statement) -> None:
    low, dots, high = statement.place.partition("..")
    if not dots:
        found.refuse(
            f"say from where to where: table {statement.name}(0..1) = [0, 0.3, 1]", statement.head
        )
        return
    row = {"low": low.strip(), "high": high.strip(), "values": _json(found, statement)}
    found.put("tables", statement.name, row, statement, statement.name)


def _word(found: Draft, statement: Statement) -> None:
    name, body = statement.name, statement.body
    if name not in _WORDS:
        found.refuse(
            f"'{name}:' is no word of this notation; there are {', '.join(_WORDS)}", statement.head
        )
        return
    if name in found.words:
        found.refuse(f"'{name}:' stands here a second time", statement.head)
        return
    found.fields[name] = body if body.text else statement.head
    if name in ("title", "interpretation", "kind"):
        found.words[name] = body.text
    elif name == "axes":
        found.words[name] = [piece.text for piece in _listed(body)]
    elif name == "noise":
        entries = [piece.text for piece in _listed(body)]
        found.words["noise"] = entries
        placed = [entry.partition("[") for entry in entries if "[" in entry]
        found.words["noise_single"] = [entry for entry in entries if "[" not in entry]
        found.words["noise_families"] = [entry[0].strip() for entry in placed]
        found.words["noise_sizes"] = [entry[2].rstrip("] ") for entry in placed]
        for entry in entries:
            found.heads.setdefault(entry.partition("[")[0].strip(), body)
    else:
        rows: dict[str, Any] = {}
        for piece in _listed(body):
            key, _, rest = piece.text.partition(" ")
            numeric = name == "run" and key in _NUMBERS_RUN
            rows[key] = _number(found, piece.part(len(key)), f"the {key}") if numeric else rest
            found.fields[f"{name}.{key}"] = piece
        found.words[name] = rows


def _nothing(found: Draft, statement: Statement) -> None:
    name = statement.name
    if statement.kind == "second":
        message = f"a second derivative is written as two equations: {name}' = v and v' = ... "
    elif statement.kind == "placed":
        message = (
            f"what is said about '{name}'? {name}[i]' = ... is an equation, {name}[i](0) = ... a "
            f"start, {name}[i < N] := ... a quantity, array {name}[N] = ... an array"
        )
    else:
        message = (
            "this is no statement; write an equation as x' = ..., a parameter as k = 1, a start "
            "as x(0) = 1"
        )
    found.refuse(message, statement.head)


def _json(found: Draft, statement: Statement) -> Any:
    try:
        return json.loads(statement.body.text)
    except (ValueError, RecursionError):
        found.refuse("numbers in square brackets are expected, as in [1, 2, 3]", statement.body)
        return [0.0, 1.0]


def _number(found: Draft, piece: Piece, what: str) -> float:
    try:
        return number(piece.text)
    except EquationError as error:
        found.refuse(f"{what} must be a finite number: {error.message}", piece)
        return 1.0


def _listed(piece: Piece) -> list[Piece]:
    """What stands between the commas that are in no brackets."""
    return [piece.part(first, last) for first, last in _between(piece.text)]


def _between(text: str) -> Iterator[tuple[int, int]]:
    depth = first = 0
    quoted = False
    for at, character in enumerate(text):
        quoted ^= character == '"'
        depth += (character in "([") - (character in ")]")
        if character == "," and depth == 0 and not quoted:
            yield first, at
            first = at + 1
    yield first, len(text)


_TAKERS: Mapping[str, Any] = {
    "flow": _equation,
    "map": _equation,
    "family": _family,
    "start": _start,
    "history": _history,
    "function": _function,
    "quantity": _quantity,
    "value": _value,
    "when": _when,
    "array": _array,
    "table": _table,
    "word": _word,
}
