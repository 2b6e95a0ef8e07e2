"""Families, arrays, tables, noise, events and variants of a system file, field by field.

The part of ``engine.systems.files`` that most files do not need.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from engine.equations.parts import DIRECTIONS, EDGES, INTERPRETATIONS, Event, Table
from engine.errors import EquationError
from engine.systems.fields import Fields, join, paragraph, shown
from engine.systems.parts import (
    MOST_ENTRIES,
    MOST_EVENTS,
    MOST_VARIABLES,
    MOST_VARIANTS,
    ArrayDefinition,
    Family,
    Variant,
)

if TYPE_CHECKING:
    from engine.exhibit import Parameter

_FAMILY = re.compile(r"\s*([^\W\d]\w*)\s*\[([^\[\]]{1,60})\]\s*\Z")
_VARIANT = ("note", "values", "variables", "equations", "quantities", "functions")
_ARRAY = ("shape", "value", "values", "random", "seed", "help")


class GrownFields(Fields):
    """Takes what only some systems have out of a TOML document."""

    # ------------------------------------------------------------ sizes and families

    def size(self, text: Any, sizes: Mapping[str, int], where: str, most: int) -> int:
        """A number of places, from a number or text in size parameters."""
        from engine.systems.formula import evaluate

        try:
            if isinstance(text, bool) or not isinstance(text, (int, str)):
                raise EquationError("a whole number or the name of a size is expected")
            value = float(text) if isinstance(text, int) else float(evaluate(text, dict(sizes), ()))
        except (EquationError, OverflowError) as error:
            message = error.message if isinstance(error, EquationError) else "it is too large"
            known = ", ".join(sizes) or "none: mark a parameter with size = true"
            raise self.fail(
                f"cannot say how many: got {shown(text)} ({message}; sizes are {known})", where
            ) from None
        if most < 1:
            raise self.fail(
                "leaves no place: the ones before it are as many as there may be", where
            )
        if value != math.floor(value) or not 1 <= value <= most:
            raise self.fail(f"must be a whole number from 1 to {most:,}, got {value:.12g}", where)
        return int(value)

    def variables(
        self, parameters: Mapping[str, Parameter], sizes: Mapping[str, int]
    ) -> tuple[dict[str, float], dict[str, Family], dict[str, int]]:
        """Variables with initial values, families written out; the families; their sizes."""
        initial: dict[str, float] = {}
        definitions: dict[str, Family] = {}
        families: dict[str, int] = {}
        for head, value in self.table(self.data, "variables", required=True).items():
            where = f"variables.{head}"
            match = _FAMILY.match(head)
            if match is None:
                self.add(initial, {head: self.number(value, where)}, where)
                continue
            name, text = match.group(1), match.group(2).strip()
            count = self.size(text, sizes, where, MOST_VARIABLES - len(initial))
            given = value if isinstance(value, str) else repr(self.number(value, where))
            values = self.along(given, count, parameters, where)
            if name in families:
                raise self.fail(f"the family '{name}' is declared twice", where)
            definitions[name] = Family(text, given)
            families[name] = count
            self.add(initial, {f"{name}{i}": v for i, v in enumerate(values)}, where)
        return initial, definitions, families

    def add(self, initial: dict[str, float], more: Mapping[str, float], where: str) -> None:
        """Add variables whose names must be new."""
        for name in more:
            if name in initial:
                raise self.fail(f"the variable '{name}' exists already", where)
        initial.update(more)

    def along(
        self, text: str, count: int, parameters: Mapping[str, Parameter], where: str
    ) -> list[float]:
        """The values of a text for i = 0, 1, ..."""
        import numpy as np

        from engine.systems.formula import evaluate

        names: dict[str, Any] = {name: float(row.default) for name, row in parameters.items()}
        names["i"] = np.arange(count, dtype=np.float64)
        try:
            return [float(v) for v in evaluate(text, names, (count,))]
        except EquationError as error:
            raise self.fail(f"cannot be worked out: {error.message}", where) from error

    def edges(self, families: Mapping[str, int]) -> dict[str, str]:
        """What lies beyond the ends of each family."""
        found = self.texts(self.data, "edges")
        self.known_fields(found, families, "edges")
        for name, edge in found.items():
            self.one_of(edge, EDGES, "edge", f"edges.{name}")
        return found

    def periods(self, names: tuple[str, ...]) -> dict[str, float]:
        """What a whole turn of each angle is."""
        found = {}
        for name, value in self.table(self.data, "periods").items():
            self.known_fields({name: value}, names, "periods")
            found[name] = self.number(value, f"periods.{name}")
            if found[name] <= 0:
                raise self.fail(f"must be greater than 0, got {found[name]:g}", f"periods.{name}")
        return found

    # ------------------------------------------------------------ arrays and tables

    def arrays(
        self, parameters: Mapping[str, Parameter], sizes: Mapping[str, int]
    ) -> dict[str, ArrayDefinition]:
        """Array parameters, their entries worked out once to check them."""
        found = {}
        together = 0
        defaults = {name: float(row.default) for name, row in parameters.items()}
        for name, row in self.table(self.data, "arrays").items():
            where = f"arrays.{name}"
            if not isinstance(row, dict):
                raise self.fail("must be a table with values, or with shape and value", where)
            self.known_fields(row, _ARRAY, where)
            array = self.array(row, sizes, where)
            together += math.prod(array.shape)
            if together > MOST_ENTRIES:
                raise self.fail(
                    f"the arrays of a system may have {MOST_ENTRIES:,} entries together, with this "
                    f"they have {together:,}",
                    where,
                )
            try:
                array.entries(defaults)
            except EquationError as error:
                raise self.fail(error.message, join(where, "value")) from error
            found[name] = array
        return found

    def array(
        self, row: Mapping[str, Any], sizes: Mapping[str, int], where: str
    ) -> ArrayDefinition:
        """One array parameter."""
        if "values" in row:
            shape, values = self.nested(row["values"], join(where, "values"))
            given = tuple(str(n) for n in shape)
        else:
            listed = row.get("shape")
            if not isinstance(listed, list) or not 1 <= len(listed) <= 2:
                raise self.fail(f"must be [rows] or [rows, columns], got {shown(listed)}", where)
            given = tuple(str(n) for n in listed)
            shape = tuple(self.size(n, sizes, join(where, "shape"), MOST_ENTRIES) for n in listed)
            values = ()
        if math.prod(shape) > MOST_ENTRIES:
            raise self.fail(
                f"an array may have {MOST_ENTRIES:,} entries, this has {math.prod(shape):,}", where
            )
        value = self.text(row, "value", where)
        if bool(value) == bool(values):
            raise self.fail("one of value and values is needed", where)
        random = self.text(row, "random", where)
        if random:
            self.one_of(random, ("normal", "uniform"), "distribution", join(where, "random"))
        seed = self.number(row.get("seed", 0), join(where, "seed"))
        if seed < 0 or seed != int(seed):
            raise self.fail(f"must be a whole number of at least 0, got {seed:g}", where)
        return ArrayDefinition(
            shape,
            given,
            value,
            values,
            random,  # type: ignore[arg-type]
            int(seed),
            self.text(row, "help", where),
        )

    def nested(self, values: Any, where: str) -> tuple[tuple[int, ...], tuple[float, ...]]:
        """The shape and the numbers of a list, or of a list of equally long lists."""
        if not isinstance(values, list) or not values:
            raise self.fail(f"must be a list of numbers, got {shown(values)}", where)
        if not isinstance(values[0], list):
            return (len(values),), tuple(self.listed(values, where))
        width = len(values[0])
        numbers: list[float] = []
        for i, row in enumerate(values):
            if not isinstance(row, list) or len(row) != width or not width:
                raise self.fail(f"row {i} must have {width} numbers as the first has", where)
            numbers.extend(self.listed(row, where))
        return (len(values), width), tuple(numbers)

    def listed(self, values: Iterable[Any], where: str) -> list[float]:
        """A list of numbers."""
        return [self.number(value, f"{where}[{i}]") for i, value in enumerate(values)]

    def lookup_tables(self) -> dict[str, Table]:
        """Functions given by numbers."""
        found = {}
        together = 0
        for name, row in self.table(self.data, "tables").items():
            where = f"tables.{name}"
            if not isinstance(row, dict):
                raise self.fail("must be a table with low, high and values", where)
            self.known_fields(row, ("low", "high", "values"), where)
            low = self.number(row.get("low", 0.0), f"{where}.low")
            high = self.number(row.get("high", 1.0), f"{where}.high")
            values = row.get("values")
            if not isinstance(values, list) or not 2 <= len(values) <= MOST_ENTRIES:
                raise self.fail(
                    f"must be a list of 2 to {MOST_ENTRIES:,} numbers", f"{where}.values"
                )
            if not low < high:
                raise self.fail(f"low must be less than high, got {low} and {high}", where)
            together += len(values)
            if together > MOST_ENTRIES:
                raise self.fail(
                    f"the tables of a system may have {MOST_ENTRIES:,} values together, with this "
                    f"they have {together:,}",
                    where,
                )
            found[name] = Table(low, high, tuple(self.listed(values, f"{where}.values")))
        return found

    # ------------------------------------------------------------ noise, past, events

    def noise(
        self, sizes: Mapping[str, int]
    ) -> tuple[dict[str, str], dict[str, int], tuple[str, ...]]:
        """White noises as declared, the sizes of families, and all names written out."""
        definitions: dict[str, str] = {}
        families: dict[str, int] = {}
        names: list[str] = []
        for head in self.words(self.data, "noise"):
            match = _FAMILY.match(head)
            name, text = (match.group(1), match.group(2).strip()) if match else (head.strip(), "")
            if name in definitions:
                raise self.fail(f"the noise '{name}' is declared twice", "noise")
            definitions[name] = text
            if match is None:
                names.append(name)
                continue
            families[name] = self.size(text, sizes, "noise", MOST_VARIABLES - len(names))
            names.extend(f"{name}{i}" for i in range(families[name]))
        return definitions, families, tuple(names)

    def check_kind(self, kind: str) -> None:
        """Refuse what does not go with the kind of system."""
        if (kind == "sde") != bool(self.data.get("noise")):
            raise self.fail(
                'a system with noise has kind = "sde" and names its noise, one without has neither',
                "noise" if kind != "sde" else "kind",
            )
        if self.data.get("history") and kind != "dde":
            raise self.fail("only a system of kind dde has a history", "history")
        if self.data.get("events") and kind == "map":
            raise self.fail("a map has no events; use where(...) in its equations", "events")
        if self.data.get("events") and kind == "dde":
            raise self.fail("a system with delays has no events; no method takes both", "events")
        word = self.text(self.data, "interpretation") or "ito"
        self.one_of(word, INTERPRETATIONS, "interpretation", "interpretation")

    def events(self, variables: Iterable[str]) -> tuple[Event, ...]:
        """What happens where something passes through zero."""
        known = tuple(variables)
        found = []
        if len(self.tables("events")) > MOST_EVENTS:
            raise self.fail(
                f"a system may have {MOST_EVENTS} events, this has {len(self.tables('events')):,}",
                "events",
            )
        for i, row in enumerate(self.tables("events")):
            where = f"events[{i}]"
            self.known_fields(row, ("when", "direction", "set", "terminal"), where)
            direction = self.text(row, "direction", where) or "both"
            self.one_of(direction, DIRECTIONS, "direction", f"{where}.direction")
            changes = row.get("set", {})
            if not isinstance(changes, dict):
                raise self.fail(f"must be a table variable = text, got {shown(changes)}", where)
            self.known_fields(changes, known, f"{where}.set")
            texts = {
                name: value if isinstance(value, str) else repr(self.number(value, where))
                for name, value in changes.items()
            }
            terminal = row.get("terminal", False)
            if not isinstance(terminal, bool):
                raise self.fail(f"must be true or false, got {shown(terminal)}", where)
            if not texts and not terminal:
                raise self.fail("changes nothing; give set = {...} or terminal = true", where)
            found.append(
                Event(
                    self.text(row, "when", where, required=True),
                    direction,  # type: ignore[arg-type]
                    MappingProxyType(texts),
                    terminal,
                )
            )
        return tuple(found)

    # ------------------------------------------------------------ other forms

    def variants(self, parameters: Mapping[str, Parameter]) -> dict[str, Variant]:
        """Other forms of the system."""
        found = {}
        if len(self.table(self.data, "variants")) > MOST_VARIANTS:
            raise self.fail(
                f"a system may have {MOST_VARIANTS} variants, this has "
                f"{len(self.data['variants']):,}",
                "variants",
            )
        for key, row in self.table(self.data, "variants").items():
            where = f"variants.{key}"
            if not isinstance(row, dict):
                raise self.fail("must be a table", where)
            self.known_fields(row, _VARIANT, where)
            variables = row.get("variables", {})
            if not isinstance(variables, dict):
                raise self.fail("must be a table name = number", f"{where}.variables")
            texts = {
                name: MappingProxyType(self.texts(row, name))
                for name in ("equations", "quantities", "functions")
            }
            found[key] = Variant(
                paragraph(self.text(row, "note", where)),
                MappingProxyType(
                    self.numbers(row.get("values", {}), parameters, f"{where}.values")
                ),
                MappingProxyType(
                    {
                        name: self.number(value, f"{where}.variables.{name}")
                        for name, value in variables.items()
                    }
                ),
                **texts,
            )
        return found
