"""Derivatives of a large model: which items of a loop add them to a matrix.

A template depends on its symbols: plain ones, references, sums and indexed quantities. Each
contributes its slope to one column, to the columns of the terms of a sum, or to the whole
gradient of a quantity, which is an array of its own (``g_<quantity>``). What does not depend
on the place is worked out once (``h_<number>``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from engine.equations.loop_writer import Add, Item, Loop
from engine.equations.looped import Looped
from engine.equations.references import Part
from engine.equations.rewriting import lifted

Sink = Callable[[str, int, int], list[Item]]
"""``sink(column, slope, level)``: what is done with one contribution."""

_FREE = 200
"""Levels beyond this one belong to indices that had to be renamed."""
_COLUMN = 999
"""Level of the loop over columns: deeper than any sum."""


@dataclass(frozen=True)
class Columns:
    """What is differentiated by.

    Attributes
    ----------
    kind : str
        ``state``, ``noise``, ``delay``, ``time``, or ``state and time``.
    count : int
        How many columns there are.
    """

    kind: str
    count: int

    def of(self, symbol: str, looped: Looped) -> str | None:
        """The column of a symbol as code, None where it has none."""
        model = looped.model
        reference = looped.references.get(symbol)
        if reference is not None:
            kind = "state" if self.kind == "state and time" else self.kind
            if reference.kind != kind:
                return None
            base = reference.base - (model.parameter_count if kind == "delay" else 0)
            return f"{base} + @{symbol}@" if base else f"@{symbol}@"
        if symbol == "t":
            return {"time": "0", "state and time": str(self.count - 1)}.get(self.kind)
        if symbol in looped.sums or symbol.startswith("i"):
            return None
        letter, number = symbol[0], int(symbol[1:])
        if letter == "s" and self.kind.startswith("state"):
            return str(number)
        if letter == "w" and self.kind == "noise":
            return str(number)
        if letter == "p" and self.kind == "delay" and number >= model.parameter_count:
            return str(number - model.parameter_count)
        return None


class Gradients:
    """Writes the derivatives of nodes of one model by one kind of columns.

    Attributes
    ----------
    before : list of Item
        What must be done first: gradients of quantities and of sums that are the same for
        all places.
    arrays : dict of str to (int, int)
        Arrays that these need, all zero at the start: name -> shape.
    """

    def __init__(self, looped: Looped, columns: Columns, hold: bool = True) -> None:
        """Derivatives of `looped`; `hold` is False where they are differentiated again."""
        self.looped = looped
        self.hold = hold
        self.columns = columns
        self.before: list[Item] = []
        self.arrays: dict[str, tuple[int, int]] = {}
        self._held: dict[str, str] = {}
        self._matters: dict[str, bool] = {}

    def rows(self, node: int, row: str, level: int, matrix: str = "out") -> list[Item]:
        """Items that add the gradient of a node to a row of a matrix."""

        def sink(column: str, slope: int, level: int) -> list[Item]:
            return [Add(f"{matrix}[{row}, {column}] += {{v}}", slope)]

        return self.spread(node, level, sink)

    def spread(self, node: int, level: int, sink: Sink, factor: int | None = None) -> list[Item]:
        """Hand every contribution of a node to the sink, inside the loops it needs."""
        items: list[Item] = []
        for symbol, slope in self._slopes(node):
            if factor is not None:
                slope = self.looped.graph.apply("*", factor, slope)
            items += self._contribution(symbol, slope, level, sink)
        return items

    def _slopes(self, node: int) -> list[tuple[str, int]]:
        """Symbols of a node that matter, and the derivatives by them."""
        graph = self.looped.graph
        zero = graph.number(0.0)
        found = []
        for symbol in sorted(graph.symbols([node])):
            if self.matters(symbol):
                (slope,) = graph.derivatives([node], symbol)
                if slope != zero:
                    found.append((symbol, slope))
        return found

    def _contribution(self, symbol: str, slope: int, level: int, sink: Sink) -> list[Item]:
        """What one symbol adds, whose slope is known."""
        looped = self.looped
        column = self.columns.of(symbol, looped)
        if column is not None:
            return sink(column, slope, level)
        if symbol in looped.sums:
            return self._sum(symbol, slope, level, sink)
        name = looped.references[symbol].name
        self._quantity(name)
        return self._whole(f"g_{name}[@{symbol}@, {{k}}]", slope, level, sink)

    def matters(self, symbol: str) -> bool:
        """Whether a symbol depends on any column."""
        if symbol not in self._matters:
            looped = self.looped
            if self.columns.of(symbol, looped) is not None:
                found = True
            elif symbol in looped.sums:
                found = any(
                    self.matters(each) for each in looped.graph.symbols([looped.sums[symbol].term])
                )
            elif symbol in looped.references and looped.references[symbol].kind == "quantity":
                template = looped.quantities[looped.references[symbol].name]
                found = any(self.matters(each) for each in looped.graph.symbols([template]))
            else:
                found = False
            self._matters[symbol] = found
        return self._matters[symbol]

    def _whole(self, value: str, slope: int, level: int, sink: Sink) -> list[Item]:
        """A whole row of columns at once; `value` is what to multiply with in column {k}."""
        index = f"i{_COLUMN}"
        times = "{v} * " + value.format(k=index)
        inner = _replaced(sink(index, slope, level), times)
        return [Loop(_COLUMN, "0", str(self.columns.count), inner, self.columns.count)]

    def _sum(self, symbol: str, slope: int, level: int, sink: Sink) -> list[Item]:
        part = self.looped.sums[symbol]
        if self.hold and part.depth == 0 and level > 0:
            return self._whole(f"{self._hold(symbol, part)}[0, {{k}}]", slope, level, sink)
        if part.level <= level:
            # The index is in use already by a loop around this one.
            part = lifted(self.looped, part, max(level, _FREE) + 1)
        graph = self.looped.graph
        outside: list[Item] = []
        inside: list[Item] = []
        for each, steep in self._slopes(part.term):
            if part.level in self.looped.symbol_free(each):
                total = graph.apply("*", slope, steep)
                inside += self._contribution(each, total, part.level, sink)
            else:
                # The same in every term: the slopes are summed, and the rest done once.
                total = graph.apply("*", slope, self.looped.like(part, steep))
                outside += self._contribution(each, total, level, sink)
        return [*outside, *([_loop(part, inside)] if inside else [])]

    def _hold(self, symbol: str, part: Part) -> str:
        """The name of the gradient of a sum that is the same everywhere."""
        if symbol not in self._held:
            name = f"h_{len(self._held)}"
            self._held[symbol] = name
            self.arrays[name] = (1, self.columns.count)

            def sink(column: str, slope: int, level: int) -> list[Item]:
                return [Add(f"{name}[0, {column}] += {{v}}", slope)]

            # Level 0: sums inside are loops here and not held in turn.
            items = self.spread(part.term, part.level, sink)
            self.before += [_loop(part, items)] if items else []
        return self._held[symbol]

    def _quantity(self, name: str) -> None:
        """See to it that the gradient of an indexed quantity is there."""
        if f"g_{name}" in self.arrays:
            return
        _, size = self.looped.model.quantity_places[name]
        self.arrays[f"g_{name}"] = (size, self.columns.count)
        items = self.rows(self.looped.quantities[name], "i1", 1, f"g_{name}")
        if items:
            self.before.append(Loop(1, "0", str(size), tuple(items), size))


def _loop(part: Part, items: list[Item]) -> Loop:
    return Loop(part.level, part.first, f"{part.last} + 1", tuple(items), part.most)


def _replaced(items: Iterable[Item], times: str) -> tuple[Item, ...]:
    """Items whose values are multiplied with something."""
    return tuple(
        replace(item, items=_replaced(item.items, times))
        if isinstance(item, Loop)
        else replace(item, text=item.text.replace("{v}", times))
        for item in items
    )
