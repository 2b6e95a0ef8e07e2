"""Python source of loops over the templates of a `Looped` model.

What is to be computed is a list of `Add` and `Loop` items; the writer puts every node where
the indices it depends on are known, as far outside as possible, once. A place past the ends
of a family costs a comparison, so the loop over places is written twice: for the places
whose neighbours all exist, and for the few at the ends. The writer knows no equations.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from engine.equations.emit import ATOM, DEEPEST, Written, expression, number
from engine.equations.looped import Looped
from engine.equations.references import Part, Reference

_TOKEN = re.compile(r"@([^@]+)@")
SHORTEST = 8
"""Places up to which a loop is not split into ends and inside."""


@dataclass(frozen=True)
class Add:
    """A statement: `text` with the value of `node` for ``{v}``.

    ``@symbol@`` in the text is the place that a reference means; where there is none (an
    edge of zeros) the statement is left out.
    """

    text: str
    node: int | None = None


@dataclass(frozen=True)
class Loop:
    """Items for ``i<level>`` from `first` up to before `last` (code); `most` times at most.

    `only` names a constant array of flags: places without one are left out. `split` allows
    the loop to be written twice, for the ends and the inside.
    """

    level: int
    first: str
    last: str
    items: tuple[Item, ...]
    most: int
    only: str = ""
    split: bool = False


Item = Add | Loop


@dataclass
class _Scope:
    """What has been written inside one loop body."""

    level: int
    values: dict[int, Written] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)
    inside: bool = False


class Writer:
    """Writes items of one function; see the module docstring.

    Attributes
    ----------
    lines : list of str
        Statements, indented from 0.
    symbols : set of str
        Plain symbols (``t``, ``s3``, ``p0``) that occur.
    work : int
        Operations of one call, roughly.
    """

    def __init__(self, looped: Looped, items: Sequence[Item]) -> None:
        self.looped = looped
        self.lines: list[str] = []
        self.symbols: set[str] = set()
        self.operations: set[str] = set()
        self.work = 0
        self._weight = 1
        self._indent = ""
        self._count = 0
        roots = self._roots(items)
        self.graph, placed = looped.graph.lowered(roots)
        self._place = dict(zip(roots, placed, strict=True))
        self._levels: dict[int, frozenset[int]] = {}
        self._outside: dict[str, set[int]] = {}
        self._count_uses(items, placed)
        self._scopes = [_Scope(0)]
        for item in items:
            self._scope_items([item])

    # ------------------------------------------------------------ what is needed

    def _roots(self, items: Iterable[Item]) -> list[int]:
        """Nodes of the items, and the terms of all sums behind them."""
        found: dict[int, None] = {}
        waiting = [item.node for item in _adds(items) if item.node is not None]
        while waiting:
            node = waiting.pop()
            if node not in found:
                found[node] = None
                for symbol in self.looped.graph.symbols([node]):
                    if symbol in self.looped.sums:
                        waiting.append(self.looped.sums[symbol].term)
        return sorted(found)

    def _count_uses(self, items: Sequence[Item], placed: Sequence[int]) -> None:
        """How often each node is used, and how deep its innermost user stands."""
        graph = self.graph
        self._uses: Counter[int] = Counter()
        self._user: dict[int, int] = {}

        def use(node: int, depth: int, times: int = 1) -> None:
            self._uses[node] += times
            self._user[node] = max(depth, self._user.get(node, 0))

        for node in graph.reachable(placed):
            # What a template writes twice must be a name.
            twice = graph.operations[node] in ("mod", "sign", "heaviside")
            for argument in graph.arguments[node]:
                use(argument, self._depth(node), 1 + twice)
            leaf = graph.leaves[node]
            if isinstance(leaf, str) and leaf in self.looped.sums:
                part = self.looped.sums[leaf]
                use(self._place[part.term], part.level)
        for item, level in _levels(items, 0):
            if item.node is not None:
                use(self._place[item.node], level)

    def _free(self, node: int) -> frozenset[int]:
        if node not in self._levels:
            leaf = self.graph.leaves[node]
            if isinstance(leaf, str):
                self._levels[node] = self.looped.symbol_free(leaf)
            else:
                given = (self._free(argument) for argument in self.graph.arguments[node])
                self._levels[node] = frozenset[int]().union(*given)
        return self._levels[node]

    def _depth(self, node: int) -> int:
        return max(self._free(node), default=0)

    def _behind(self, symbol: str) -> set[int]:
        """Nodes that a sum needs and that are the same for all its terms."""
        if symbol not in self._outside:
            part = self.looped.sums[symbol]
            nodes = self._needed([self._place[part.term]])
            self._outside[symbol] = {n for n in nodes if part.level not in self._free(n)}
        return self._outside[symbol]

    def _needed(self, nodes: Sequence[int]) -> set[int]:
        """Nodes that must be known outside all sums before the given ones are."""
        found = set(self.graph.reachable(nodes))
        for node in list(found):
            leaf = self.graph.leaves[node]
            if isinstance(leaf, str) and leaf in self.looped.sums:
                found |= self._behind(leaf)
        return found

    def _closure(self, items: Iterable[Item]) -> tuple[set[int], set[str]]:
        """Nodes that items need outside their loops, and references whose place they need."""
        nodes: set[int] = set()
        tokens: set[str] = set()
        for item in items:
            if isinstance(item, Loop):
                inner, places = self._closure(item.items)
                nodes |= {node for node in inner if item.level not in self._free(node)}
                references = self.looped.references
                tokens |= {s for s in places if item.level not in references[s].free}
            else:
                tokens.update(_TOKEN.findall(item.text))
                if item.node is not None:
                    nodes |= self._needed([self._place[item.node]])
        return nodes, tokens

    # ------------------------------------------------------------ writing

    def _line(self, text: str) -> None:
        self.lines.append(self._indent + text)

    def _name(self, letter: str) -> str:
        self._count += 1
        return f"{letter}_{self._count}"

    def _scope_items(self, items: Sequence[Item]) -> None:
        """What the items need at this level, then the items."""
        scope = self._scopes[-1]
        nodes, tokens = self._closure(items)
        for symbol in sorted(tokens):
            if self.looped.references[symbol].depth == scope.level:
                self._located(symbol)
        for node in sorted(nodes):
            if node not in scope.values and self._depth(node) == scope.level:
                scope.values[node] = self._written(node)
        for item in items:
            if isinstance(item, Loop):
                self._loop(item)
            else:
                self._add(item)

    def _value(self, node: int) -> Written:
        for scope in reversed(self._scopes):
            if node in scope.values:
                return scope.values[node]
        raise AssertionError(f"node {node} is used before it is computed")

    def _written(self, node: int) -> Written:
        """The text of a node; a name where it is used more than once or further inside."""
        graph = self.graph
        leaf = graph.leaves[node]
        if isinstance(leaf, float):
            return number(leaf)
        if isinstance(leaf, str):
            return self._symbol(leaf)
        self.work += self._weight
        self.operations.add(graph.operations[node])
        given = [self._value(argument) for argument in graph.arguments[node]]
        written = expression(graph.operations[node], given)
        alone = self._uses[node] == 1 and self._user[node] == self._depth(node)
        if alone and written[2] <= DEEPEST:
            return written
        return self._named("c", written[0])

    def _named(self, letter: str, text: str) -> Written:
        name = self._name(letter)
        self._line(f"{name} = {text}")
        return name, ATOM, 0

    def _symbol(self, symbol: str) -> Written:
        if symbol in self.looped.sums:
            return self._summed(self.looped.sums[symbol])
        if symbol in self.looped.references:
            reference = self.looped.references[symbol]
            where = self._located(symbol)
            text = f"{_array(reference)}[{_at(reference, where)}]"
            if self._edge(reference) == "zero":
                text = f"({text} if {where} >= 0 else 0.0)"
            self.work += self._weight
            return self._named("v", text)
        if symbol.startswith("i"):
            return f"float({symbol})", ATOM, 0
        self.symbols.add(symbol)
        return symbol, ATOM, 0

    def _summed(self, part: Part) -> Written:
        name = self._name("a")
        self._line(f"{name} = 0.0")
        node = self._place[part.term]
        self._loop(
            Loop(part.level, part.first, f"{part.last} + 1", (), part.most), add=(name, node)
        )
        return name, ATOM, 0

    def _loop(self, loop: Loop, add: tuple[str, int] | None = None) -> None:
        weight = self._weight
        self._weight *= max(1, loop.most)
        inside = self._inside(loop) if loop.split else None
        index = f"i{loop.level}"
        if inside is None:
            self._line(f"for {index} in range({loop.first}, {loop.last}):")
            self._body(loop, add)
        else:
            low, high = inside
            before = low - int(loop.first)
            ends = before + int(loop.last) - high
            self._line(f"for e_{index} in range({ends}):")
            self._line(
                f"    {index} = e_{index} + {int(loop.first)} if e_{index} < {before} "
                f"else e_{index} + {high - before}"
            )
            self._body(loop, add)
            work = self.work
            self._line(f"for {index} in range({low}, {high}):")
            self._body(loop, add, inside=True)
            self.work = work
        self._weight = weight

    def _body(self, loop: Loop, add: tuple[str, int] | None, inside: bool = False) -> None:
        outer = self._indent
        self._indent += "    "
        self._scopes.append(_Scope(loop.level, inside=inside))
        if loop.only:
            self._line(f"if not {loop.only}[i{loop.level}]:")
            self._line("    continue")
        if add is None:
            self._scope_items(loop.items)
        else:
            self._accumulate(*add)
        self._scopes.pop()
        self._indent = outer

    def _accumulate(self, name: str, node: int) -> None:
        """One more term of a sum."""
        scope = self._scopes[-1]
        for each in sorted(self._needed([node])):
            if self._depth(each) == scope.level:
                scope.values[each] = self._written(each)
        self._line(f"{name} += {self._value(node)[0]}")

    def _add(self, item: Add) -> None:
        text = item.text
        tests = []
        for symbol in dict.fromkeys(_TOKEN.findall(text)):
            where = self._located(symbol)
            text = text.replace(f"@{symbol}@", where)
            if self._edge(self.looped.references[symbol]) == "zero":
                tests.append(f"{where} >= 0")
        if item.node is not None:
            value, strength, _ = self._value(self._place[item.node])
            bare = text.endswith("{v}") or strength == ATOM
            text = text.replace("{v}", value if bare else f"({value})")
        self.work += self._weight
        if tests:
            self._line(f"if {' and '.join(tests)}:")
            text = f"    {text}"
        self._line(text)

    # ------------------------------------------------------------ places

    def _inside(self, loop: Loop) -> tuple[int, int] | None:
        """The places of a loop whose neighbours all exist, where splitting it pays."""
        low, high = int(loop.first), int(loop.last)
        if high - low <= SHORTEST:
            return None
        nodes, tokens = self._closure(loop.items)
        used = {leaf for node in nodes if isinstance(leaf := self.graph.leaves[node], str)}
        found = False
        for symbol in used | tokens:
            reference = self.looped.references.get(symbol)
            if reference and reference.edge and reference.depth == 1:
                if reference.offset is None:
                    continue
                found = True
                low = max(low, -reference.offset)
                high = min(high, reference.size - reference.offset)
        return (low, high) if found and high - low > SHORTEST else None

    def _edge(self, reference: Reference) -> str:
        """The edge rule of a reference, empty where its place surely exists."""
        surely = any(scope.inside and scope.level == 1 for scope in self._scopes)
        return "" if surely and reference.offset is not None else reference.edge

    def _located(self, symbol: str) -> str:
        """The name or code of the place that a reference means."""
        reference = self.looped.references[symbol]
        for scope in reversed(self._scopes):
            if symbol in scope.places:
                return scope.places[symbol]
        code, size = reference.code, reference.size
        match self._edge(reference):
            case "":
                text = code
            case "wrap":
                text = f"{code} % {size}"
            case "hold":
                text = f"min(max({code}, 0), {size - 1})"
            case "reflect":
                turn = max(1, 2 * size - 2)
                text = f"{size - 1} - abs({code} % {turn} - {size - 1})"
                if size == 1:
                    text = "0"
            case _:
                text = f"{code} if 0 <= {code} < {size} else -1"
        if text != code:
            name = self._name("k")
            self._line(f"{name} = {text}")
            text = name
        at = next(scope for scope in self._scopes if scope.level == reference.depth)
        at.places[symbol] = text
        return text


def _adds(items: Iterable[Item]) -> Iterator[Add]:
    for item, _ in _levels(items, 0):
        yield item


def _levels(items: Iterable[Item], level: int) -> Iterator[tuple[Add, int]]:
    for item in items:
        if isinstance(item, Loop):
            yield from _levels(item.items, item.level)
        else:
            yield item, level


_ARRAYS: Mapping[str, str] = {"state": "state", "delay": "parameters", "entry": "parameters"}


def _array(reference: Reference) -> str:
    return _ARRAYS.get(reference.kind, f"q_{reference.name}")


def _at(reference: Reference, where: str) -> str:
    return f"{reference.base} + {where}" if reference.base else where
