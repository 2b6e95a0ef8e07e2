"""The sums over networks that a ``special`` line of XPPAUT declares.

Each is a sum of a table's entries times variables, or times a function of two of them: a
convolution along a row of cells, a sparse network, a matrix.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.errors import EquationError, FileFormatError
from engine.files.xppaut.expressions import Apply, Chain, Literal, Minus, Tree, Variable
from engine.files.xppaut.source import failure
from engine.files.xppaut.statements import Entry
from engine.files.xppaut.tables import Lookup

_SPECIAL = re.compile(r"(\w+)\s*\(([^()]*)\)\s*\Z")
_WANTED = {"conv": 5, "fconv": 7, "sparse": 5, "fsparse": 7, "mmult": 4, "fmmult": 6}
"""Kind -> number of its arguments."""


@dataclass(frozen=True)
class Network:
    """A sum of weights times cells, for each of `count` places.

    Attributes
    ----------
    kind : str
        ``conv``, ``sparse`` or ``mmult``; ``f`` before it is told by `function`.
    edge : str
        What is past the ends of a convolution: ``even``, ``periodic`` or ``0``.
    count : int
    terms : int
        Cells on each side of a convolution, terms of the other sums.
    table : str
        The weights' name.
    weights : tuple of float
    cells : tuple of float
        Which cell each weight of a sparse network belongs to.
    starts : tuple of str
        The first cell, and with a function that of the cells it is compared with.
    function : str
        Empty where weights multiply cells.
    rows : sequence of sequence of str
        Lists in which cells stand one after the other.
    """

    kind: str
    edge: str
    count: int
    terms: int
    table: str
    weights: tuple[float, ...]
    cells: tuple[float, ...]
    starts: tuple[str, ...]
    function: str
    rows: Sequence[Sequence[str]]

    def value(self, place: int) -> Tree:
        """The sum at a place, written out.

        Raises
        ------
        EquationError
            If there is no such place, or nothing where a cell should be.
        """
        if not 0 <= place < self.count:
            raise EquationError(f"places run from 0 to {self.count - 1}, got {place}")
        parts = [self._term(weight, place, cell) for weight, cell in self._cells(place) if weight]
        if not parts:
            return Literal("0")
        return Chain("+", parts[0], tuple(("+", part) for part in parts[1:]))

    def _cells(self, place: int) -> list[tuple[float, int]]:
        if self.kind == "conv":
            reach = range(-self.terms, self.terms + 1)
            cells = [(self.weights[self.terms + i], self._at_edge(place + i)) for i in reach]
            return [(weight, cell) for weight, cell in cells if cell is not None]
        block = range(self.terms * place, self.terms * (place + 1))
        if block.stop > len(self.weights) or (self.cells and block.stop > len(self.cells)):
            raise EquationError(f"the table ends before place {place}")
        if self.kind == "mmult":
            return [(self.weights[k], k - block.start) for k in block]
        return [(self.weights[k], int(self.cells[k])) for k in block]

    def _at_edge(self, cell: int) -> int | None:
        """The cell that stands for one past the ends, None where there is nothing."""
        if 0 <= cell < self.count:
            return cell
        match self.edge:
            case "0":
                return None
            case "periodic":
                return cell % self.count
        return -cell if cell < 0 else 2 * (self.count - 1) - cell

    def _term(self, weight: float, place: int, cell: int) -> Tree:
        value: Tree = self._after(self.starts[0], cell)
        if self.function:
            value = Apply(self.function, (value, self._after(self.starts[1], place)))
        number: Tree = Literal(repr(abs(weight)))
        return Chain("*", Minus(number) if weight < 0 else number, (("*", value),))

    def _after(self, start: str, distance: int) -> Variable:
        for row in self.rows:
            if start in row:
                place = row.index(start) + distance
                if 0 <= place < len(row):
                    return Variable(row[place])
        raise EquationError(f"there is nothing {distance} places after '{start}'")


def read_network(
    entry: Entry,
    tables: Mapping[str, Lookup],
    rows: Sequence[Sequence[str]],
    path: str,
) -> Network:
    """The sum that a ``special`` line declares.

    Raises
    ------
    FileFormatError
        With the line, where it is none of ``conv``, ``fconv``, ``sparse``, ``fsparse``,
        ``mmult``, ``fmmult``, or its parts do not fit.
    """
    match = _SPECIAL.match(entry.text)
    kind = match.group(1).lower() if match else ""
    words = [word.strip().lower() for word in match.group(2).split(",")] if match else []
    if kind not in _WANTED or len(words) != _WANTED[kind]:
        known = ", ".join(_WANTED)
        raise failure(
            f"special '{entry.name}' cannot be read: there are {known}, each with its arguments"
            if kind in _WANTED or not kind
            else f"special '{kind}' is not supported; there are {known}",
            path,
            entry.line,
        )

    def fail(message: str) -> FileFormatError:
        return failure(f"special '{entry.name}': {message}", path, entry.line)

    def whole(word: str) -> int:
        if not word.isdigit() or len(word) > 6:
            raise fail(f"a whole number is expected, got {word!r}")
        return int(word)

    def table(word: str) -> tuple[float, ...]:
        if word not in tables:
            raise fail(f"there is no table {word!r}")
        return tables[word].values

    edge = words.pop(0) if "conv" in kind else "0"
    edge = "periodic" if edge == "period" else edge
    if edge not in ("even", "periodic", "0"):
        raise fail(f"the edge must be even, 0 or periodic, got {edge!r}")
    first, second = whole(words[0]), whole(words[1])
    # A matrix gives the number of terms before the number of places.
    count, terms = (second, first) if "mmult" in kind else (first, second)
    weights = table(words[2])
    cells, starts = (table(words[3]), words[4:]) if "sparse" in kind else ((), words[3:])
    if len(weights) < (2 * terms + 1 if "conv" in kind else terms):
        raise fail(f"the table has {len(weights)} values, too few for {terms} terms")
    if terms >= count and "conv" in kind and edge == "even":
        raise fail(f"{terms} cells a side are more than the {count} there are")
    function = starts.pop() if kind.startswith("f") else ""
    return Network(
        kind.removeprefix("f"),
        edge,
        count,
        terms,
        words[2],
        weights,
        cells,
        tuple(starts),
        function,
        rows,
    )
