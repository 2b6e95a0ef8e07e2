"""Places of families in formulas: ``u[j+1]``, ``shift(u0,i')`` and networks as ``u[i + 1]``.

Used by ``translate`` where a file keeps its ranges (``families``). A place must exist for
every j of its line and every index of its sum, as past the ends our families go on while the
file's names do not; where one does not, or a thing is no family, the file is `Unfolded`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from engine.files.xppaut.expressions import Chain, Literal, Minus, Place, Tree, Variable
from engine.files.xppaut.families import Plan, Unfolded
from engine.files.xppaut.networks import Network


@dataclass(frozen=True)
class Whole:
    """An index expression: its text and the ends between which it stays."""

    text: str
    low: int
    high: int

    def plus(self, number: int) -> Whole:
        """The same, so many places further."""
        if number == 0:
            return self
        if self.low == self.high:
            return whole(self.low + number)
        text = f"{self.text} {'+' if number > 0 else '-'} {abs(number)}"
        return Whole(text, self.low + number, self.high + number)


def whole(number: int) -> Whole:
    """A number as an index."""
    return Whole(str(number) if number >= 0 else f"({number})", number, number)


@dataclass
class Folding:
    """The families of a file while its formulas are translated.

    Attributes
    ----------
    plan : Plan
    index, running : str
        Our names for the place of a line and for the index of a sum.
    array : callable
        Table -> our name for the array of its values.
    span : (int, int) or None
        Ends of the line that is translated.
    """

    plan: Plan
    index: str
    running: str
    array: Callable[[str], str]
    span: tuple[int, int] | None = None
    arrays: dict[str, tuple[float, ...]] = field(default_factory=dict)
    """Arrays that were used: our name -> entries."""

    def size(self, base: str) -> int:
        """Places of a family.

        Raises
        ------
        Unfolded
            If it is none.
        """
        for groups in (self.plan.variables, self.plan.fixed, self.plan.noise):
            if base in groups:
                return groups[base].size
        raise Unfolded(base)

    def name(self, base: str) -> str:
        """Our name of a family."""
        for groups in (self.plan.variables, self.plan.fixed, self.plan.noise):
            if base in groups:
                return groups[base].name
        raise Unfolded(base)

    def member(self, key: str) -> str:
        """A place of a temporary variable's family, which has no name of its own."""
        home = self.plan.home(key)
        if home is None or home[0] not in self.plan.fixed:
            return ""
        return f"{self.name(home[0])}[{home[1]}]"

    def place(self, tree: Place) -> Whole:
        """The number that ``[j+1]`` is."""
        if self.span is None:
            raise Unfolded("a place without a range")
        ends = sorted(tree.value(j) for j in self.span)
        if self.span[0] == self.span[1]:
            return whole(ends[0])
        if not tree.number and tree.operation != "*":
            return Whole(self.index, ends[0], ends[1])
        return Whole(f"({self.index} {tree.operation} {tree.number})", ends[0], ends[1])

    def at(self, base: str, where: Whole) -> str:
        """One place of a family, which must exist."""
        if not 0 <= where.low <= where.high < self.size(base):
            raise Unfolded(f"{base}: places {where.low} to {where.high}")
        text = where.text
        if text.startswith("(") and text.endswith(")") and text.count("(") == 1:
            text = text[1:-1]
        return f"{self.name(base)}[{text}]"

    def expression(self, tree: Tree, running: tuple[int, int] | None) -> Whole:
        """An index expression made of numbers, places and the index of a sum."""
        match tree:
            case Literal(text) if text.isdigit():
                return whole(int(text))
            case Variable("i'") if running is not None:
                return Whole(self.running, *running)
            case Place("", _, _):
                return self.place(tree)
            case Minus(operand):
                negative = self.expression(operand, running)
                return Whole(f"(-{negative.text})", -negative.high, -negative.low)
            case Chain("+", first, rest):
                found = self.expression(first, running)
                for sign, term in rest:
                    right = self.expression(term, running)
                    if sign == "-":
                        right = Whole(right.text, -right.high, -right.low)
                    found = Whole(
                        f"({found.text} {sign} {right.text})",
                        found.low + right.low,
                        found.high + right.high,
                    )
                return found
        raise Unfolded("an index that is more than a sum")

    def shifted(self, start: str, distance: Tree, running: tuple[int, int] | None) -> str:
        """``shift(u0, distance)`` as a place of the family; empty where it starts elsewhere."""
        home = self.plan.home(start)
        if home is None:
            return ""
        base, first = home
        return self.at(base, self.expression(distance, running).plus(first))

    def network(self, network: Network, place: Tree, function: str) -> str:
        """A sum over a network at a place; `function` is our name of its function."""
        here = self.expression(place, None)
        if not 0 <= here.low <= here.high < network.count:
            raise Unfolded("a place of a network")
        weight = f"{self.array(network.table)}[{{}}]"
        self.arrays[self.array(network.table)] = network.weights
        k = self.running
        if network.kind == "conv":
            m, n = network.terms, network.count
            first, last = "0", str(2 * m)
            there = f"{here.text} + {k} - {m}"
            match network.edge:
                case "periodic":
                    there = f"({there}) % {n}"
                case "even":
                    there = f"{n - 1} - abs({n - 1} - abs({there}))"
                case _:
                    first = f"max(0, {m} - {here.text})"
                    last = f"min({2 * m}, {n - 1 + m} - {here.text})"
            cell, entry, reach = there, k, n
        elif network.kind == "mmult":
            first, last, cell, reach = "0", str(network.terms - 1), k, network.terms
            entry = f"{k} + {network.terms}*{here.text}"
            if network.terms * (here.high + 1) > len(network.weights):
                raise Unfolded("a matrix that is too short")
        else:
            raise Unfolded("a sparse network")
        value = self._cell(network.starts[0], cell, reach)
        if function:
            value = (
                f"{function}({value}, {self._cell(network.starts[1], here.text, network.count)})"
            )
        return f"sum({k}, {first}, {last}, {weight.format(entry)}*{value})"

    def _cell(self, start: str, there: str, reach: int) -> str:
        home = self.plan.home(start)
        if home is None or home[1] != 0 or self.size(home[0]) < reach:
            raise Unfolded("a network of what is no family")
        return f"{self.name(home[0])}[{there}]"
