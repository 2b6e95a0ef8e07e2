"""What a model declares, checked before any text is read: names, sizes, shapes, tables."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from engine.equations import heads
from engine.equations.parts import DIRECTIONS, EDGES, INTERPRETATIONS, Table
from engine.equations.words import check_name, suggestion
from engine.errors import EquationError

if TYPE_CHECKING:
    from engine.equations.model import Model

MAXIMUM_VARIABLES = 20_000
MAXIMUM_ENTRIES = 250_000
"""Entries of all arrays together, and of a table."""
MAXIMUM_PAIRS = 20_000_000
"""Of variables and noises: so many numbers are worked out at every step."""


def check(model: Model) -> None:
    """Refuse what no text could make good.

    Raises
    ------
    EquationError
        If a name is unfit or used twice, or a size, a shape or a table makes no sense.
    """
    if not model.variables:
        raise EquationError("a system needs at least one variable")
    for what, names in (("variables", model.variables), ("noises", model.noise)):
        if len(names) > MAXIMUM_VARIABLES:
            raise EquationError(
                f"a system may have {MAXIMUM_VARIABLES} {what}, this has {len(names)}"
            )
    pairs = len(model.variables) * len(model.noise)
    if pairs > MAXIMUM_PAIRS:
        raise EquationError(
            f"the variables and the noises of a system may make {MAXIMUM_PAIRS:,} pairs, as every "
            f"pair has a coefficient; {len(model.variables):,} times {len(model.noise):,} are "
            f"{pairs:,}"
        )
    _check_shapes(model)
    _check_names(model)
    _check_families(model.families, model.variables, "variables")
    _check_families(model.noise_families, model.noise, "noises")
    for name, table in model.tables.items():
        _check_table(name, table)
    _check_words(model)


def _check_names(model: Model) -> None:
    owners: dict[str, str] = {}
    functions = [heads.function(text) for text in model.functions]
    quantities = [heads.quantity(text, model.sizes) for text in model.quantities]
    groups: tuple[tuple[str, Iterable[str]], ...] = (
        ("a variable", model.variables),
        ("a parameter", model.parameters),
        ("a size", (name for name in model.sizes if name not in model.parameters)),
        ("a family", model.families),
        ("an array", model.arrays),
        ("a table", model.tables),
        ("a noise", model.noise),
        ("a family of noises", model.noise_families),
        ("a quantity", (name for name, _, _ in quantities)),
        ("a function", (name for name, _ in functions)),
    )
    for what, names in groups:
        for name in names:
            check_name(name, what)
            if name in owners:
                raise EquationError(
                    f"'{name}' is {what} and also {owners[name]}; names must differ", name
                )
            owners[name] = what
    for name, arguments in functions:
        for argument in arguments:
            check_name(argument, f"an argument of '{name}'")
            if arguments.count(argument) > 1:
                raise EquationError(
                    f"function '{name}' names the argument '{argument}' twice", name
                )
    for name, index, _ in quantities:
        if index:
            check_name(index, f"the index of '{name}'")
            if index in owners:
                raise EquationError(
                    f"the index of '{name}' cannot be '{index}', which is {owners[index]}", name
                )


def _check_shapes(model: Model) -> None:
    for name, size in model.sizes.items():
        if not isinstance(size, int) or isinstance(size, bool):
            raise EquationError(f"the size '{name}' must be a whole number, got {size!r}", name)
    entries = 0
    for name, shape in model.arrays.items():
        if len(shape) not in (1, 2) or not all(
            isinstance(size, int) and size > 0 for size in shape
        ):
            raise EquationError(
                f"the array '{name}' needs one or two positive sizes, got {list(shape)}", name
            )
        entries += math.prod(shape)
        if entries > MAXIMUM_ENTRIES:
            raise EquationError(
                f"the arrays of a system may have {MAXIMUM_ENTRIES} entries together; with "
                f"'{name}' of shape {list(shape)} they have {entries}",
                name,
            )


def _check_families(families: Mapping[str, int], names: tuple[str, ...], what: str) -> None:
    rows = {name: row for row, name in enumerate(names)}
    for name, size in families.items():
        first = rows.get(f"{name}0")
        expected = tuple(f"{name}{place}" for place in range(size))
        if not size or first is None or names[first : first + size] != expected:
            raise EquationError(
                f"the family '{name}' of {size} needs the {what} {name}0 to {name}{size - 1} "
                "one after the other",
                name,
            )


def _check_table(name: str, table: Table) -> None:
    if not 2 <= len(table.values) <= MAXIMUM_ENTRIES:
        raise EquationError(
            f"the table '{name}' needs 2 to {MAXIMUM_ENTRIES} values, got {len(table.values)}",
            name,
        )
    if not (math.isfinite(table.low) and math.isfinite(table.high) and table.low < table.high):
        raise EquationError(
            f"the table '{name}' must run from a lower to a higher number, got {table.low} to "
            f"{table.high}",
            name,
        )
    if not 1e-300 < (table.high - table.low) / (len(table.values) - 1) < 1e300:
        raise EquationError(
            f"the values of the table '{name}' stand too close or too far apart to count with, "
            f"from {table.low} to {table.high}",
            name,
        )
    for at, value in enumerate(table.values):
        if not math.isfinite(value):
            raise EquationError(
                f"value {at + 1} of the table '{name}' must be finite, got {value}", name
            )


def _check_words(model: Model) -> None:
    """Words out of a short list: edges, interpretation, directions."""
    if model.interpretation not in INTERPRETATIONS:
        raise EquationError(
            f"the interpretation of noise is one of {', '.join(INTERPRETATIONS)}, got "
            f"'{model.interpretation}'"
        )
    quantities = (heads.quantity(text, model.sizes) for text in model.quantities)
    places = [*model.families, *model.noise_families, *(n for n, _, size in quantities if size)]
    for name, edge in model.edges.items():
        if name not in places:
            raise EquationError(
                f"there is an edge for '{name}', which has no places{suggestion(name, places)}",
                name,
            )
        if edge not in EDGES:
            raise EquationError(
                f"the edge of '{name}' is one of {', '.join(EDGES)}, got '{edge}'", name
            )
    for k, event in enumerate(model.events):
        if event.direction not in DIRECTIONS:
            raise EquationError(
                f"the direction of event {k + 1} is one of {', '.join(DIRECTIONS)}, got "
                f"'{event.direction}'"
            )
