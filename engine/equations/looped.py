"""A large model as loops: one graph of templates that hold for every place.

In the templates ``i1`` is the index of the place, ``i2`` and so on the indices of sums. A
reference such as ``x[i + 1]`` is one symbol of the graph, whatever the place, and so is the
value of a sum; `references` and `sums` say what they stand for. So derivatives remain exact
and cost no more than the text is long. Sources are written by ``loops``.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from engine.equations import evaluate, indices
from engine.equations.graph import MAXIMUM_NODES, Graph
from engine.equations.indices import Interval
from engine.equations.nodes import Delayed, Index, Name, Node, Sum, Total, postorder
from engine.equations.references import ALONE, NOWHERE, Part, Place, Reference, offset
from engine.equations.unroll import MAXIMUM_DELAYED, lag_of
from engine.errors import EquationError

if TYPE_CHECKING:
    from engine.equations.heads import Rule
    from engine.equations.model import Model


_NONE: frozenset[int] = frozenset()


class Looped:
    """The graph of a large model.

    Attributes
    ----------
    graph : Graph
    references, sums : mapping of str to Reference, Part
        What symbols of the graph stand for.
    quantities : mapping of str to int
        Indexed quantity -> node of its template.
    outputs : tuple of int
        The node of every rule of the model.
    converted : bool
        False where `outputs` are the drift of Stratonovich and that of Ito is not local.
    """

    def __init__(self, model: Model, noise: bool = False) -> None:
        """Take a model over; white noises are zero unless `noise` is given."""
        self.model = model
        self.noise = noise
        self.graph = Graph()
        self.references: dict[str, Reference] = {}
        self.sums: dict[str, Part] = {}
        self.quantities: dict[str, int] = {}
        self._scope = _Scope(self)
        self._known: dict[tuple[object, ...], int] = {}
        self._parts: dict[tuple[object, ...], int] = {}
        self._free: dict[int, frozenset[int]] = {}
        self._blocks: dict[tuple[str, int], int] = {}
        self._delayed: list[tuple[int, int]] = []
        self.converted = True
        try:
            for name, tree in model.quantity_trees.items():
                index, size = model.quantity_places[name]
                if index:
                    self.quantities[name] = self.insert(tree, NOWHERE.inside(index, 0, size - 1))
                else:
                    self._scope.known[name] = self.insert(tree)
            self.outputs = tuple(self.rule(rule) for rule in model.rules)
            if noise:
                self._check_quantities()
        except RecursionError:
            raise EquationError("the functions call each other too deeply") from None

    def rule(self, rule: Rule) -> int:
        """The node of a rule of the model."""
        place = ALONE
        if rule.index and rule.count:
            low, high = rule.segments[0][0], rule.segments[-1][1] - 1
            place = NOWHERE.inside(rule.index, low, high)
        elif rule.index:
            # Every place has a text of its own: this one is never used.
            return self.graph.number(0.0)
        try:
            return self.insert(rule.tree, place)
        except EquationError as error:
            raise EquationError(f"'{rule.head.strip()}': {error.message}", rule.text) from None

    # ------------------------------------------------------------ what there is

    @property
    def delayed(self) -> tuple[int, ...]:
        """Row of the variable of every delayed term."""
        return tuple(row for row, _ in self._delayed)

    def lags(self, values: Mapping[str, float]) -> list[float | None]:
        """How far back every delayed term looks."""
        nodes = list(dict.fromkeys(lag for _, lag in self._delayed))
        found = dict(zip(nodes, evaluate.nodes(self.graph, nodes, values), strict=True))
        return [found[lag] for _, lag in self._delayed]

    def closure(self, nodes: list[int]) -> set[str]:
        """Symbols that nodes depend on, through sums and indexed quantities too."""
        seen: set[str] = set()
        waiting = list(nodes)
        while waiting:
            for symbol in self.graph.symbols([waiting.pop()]) - seen:
                seen.add(symbol)
                if symbol in self.sums:
                    waiting.append(self.sums[symbol].term)
                elif symbol in self.references and self.references[symbol].kind == "quantity":
                    waiting.append(self.quantities[self.references[symbol].name])
        return seen

    def symbols(self) -> set[str]:
        """Symbols that the right-hand sides depend on."""
        return self.closure(list(self.outputs))

    def free(self, node: int) -> frozenset[int]:
        """Levels of the indices that a node depends on."""
        for each in self.graph.reachable([node]):
            if each not in self._free:
                leaf = self.graph.leaves[each]
                if isinstance(leaf, str):
                    self._free[each] = self.symbol_free(leaf)
                else:
                    given = (self._free[argument] for argument in self.graph.arguments[each])
                    self._free[each] = frozenset().union(*given)
        return self._free[node]

    def symbol_free(self, symbol: str) -> frozenset[int]:
        """Levels of the indices that a symbol depends on."""
        if symbol in self.references:
            return self.references[symbol].free
        if symbol in self.sums:
            return self.sums[symbol].free
        return frozenset((int(symbol[1:]),)) if symbol.startswith("i") else frozenset()

    def symbol_depth(self, symbol: str) -> int:
        """The innermost index that a symbol depends on; 0 for none."""
        return max(self.symbol_free(symbol), default=0)

    def noise_kind(self) -> str:
        """``none``, ``additive``, ``diagonal``, ``commutative`` or ``general``."""
        from engine.equations.loop_noise import kind

        return kind(self)

    def take(self, other: Looped, outputs: Sequence[int]) -> None:
        """Go on with the graph of another, with right-hand sides of its own."""
        self.graph = other.graph
        self.references = other.references
        self.sums = other.sums
        self.quantities = other.quantities
        self.outputs = tuple(outputs)
        self._scope = other._scope
        self._known, self._parts, self._free = other._known, other._parts, other._free

    def is_noise(self, symbol: str) -> bool:
        """Whether a symbol is a noise."""
        reference = self.references.get(symbol)
        return reference.kind == "noise" if reference else symbol.startswith("w")

    def _check_quantities(self) -> None:
        for name, node in self.quantities.items():
            if any(self.is_noise(symbol) for symbol in self.closure([node])):
                raise EquationError(
                    f"quantity '{name}': in a model of this size a quantity with places cannot "
                    "hold noise; write the noise in the equations"
                )

    # ------------------------------------------------------------ inserting

    def insert(
        self, tree: Node, place: Place = ALONE, local: Mapping[str, int] | None = None
    ) -> int:
        """Take a tree into the graph; `local` are the nodes of a function's arguments."""
        scope: Mapping[str, int] = self._scope
        if place.names or local:
            running = {name: self.graph.symbol(text) for name, text in place.names.items()}
            scope = ChainMap({**running, **(local or {})}, self._scope)  # type: ignore[arg-type]

        def special(node: Index | Sum | Total | Delayed) -> int:
            match node:
                case Index():
                    return self._at(node, place)
                case Sum():
                    return self._sum(node, place, local)
                case Total(kind, name):
                    return self._total(kind, name, place)
                case Delayed():
                    return self._late(node, place, scope)

        def call(name: str, arguments: tuple[int, ...]) -> int:
            return self._call(name, arguments, place.level)

        return self.graph.insert(tree, scope, call, special)

    def _call(self, name: str, arguments: tuple[int, ...], level: int) -> int:
        if name in self.model.tables:
            return self.graph.apply(f"table:{name}", *arguments)
        # Sums inside the body use indices that the arguments do not: so the level counts.
        key = (name, level, *arguments)
        if key not in self._known:
            if len(self._known) > MAXIMUM_NODES:
                raise EquationError("the functions call each other too often")
            function = self.model.function_trees[name]
            local = dict(zip(function.arguments, arguments, strict=True))
            self._known[key] = self.insert(function.body, Place(level, {}, {}), local)
        return self._known[key]

    def _code(self, tree: Node, place: Place) -> tuple[str, Interval, frozenset[int]]:
        """An index as code, its ends, and the levels of the indices in it."""
        sizes = self.model.sizes
        code = indices.code(tree, {**{n: str(s) for n, s in sizes.items()}, **place.names})
        known = {**{name: (size, size) for name, size in sizes.items()}, **place.ranges}
        low, high = indices.bounds(tree, known)
        if low == high:
            return str(low), (low, high), _NONE
        used = {part.name for part in postorder(tree) if isinstance(part, Name)}
        free = frozenset(int(place.names[name][1:]) for name in used if name in place.names)
        return code, (low, high), free

    def _at(self, node: Index, place: Place) -> int:
        name = node.name
        if name in self.model.arrays:
            return self._entry(name, node.arguments, place)
        model = self.model
        if name in model.noise_families:
            if not self.noise:
                return self.graph.number(0.0)
            kind, base, letter = "noise", model.noise_rows[name][0], "w"
        elif name in model.families:
            kind, base, letter = "state", model.family_rows[name][0], "s"
        else:
            kind, base, letter = "quantity", 0, ""
        return self._refer(kind, name, node.arguments[0], place, base, letter)

    def _refer(
        self, kind: str, name: str, argument: Node, place: Place, base: int, letter: str
    ) -> int:
        """A symbol for one place of a family; what needs no index is a plain symbol."""
        size = self.model.place_counts[name]
        edge = self.model.edges.get(name, "wrap")
        code, (low, high), free = self._code(argument, place)
        if not free:
            where = indices.place(low, size, edge)
            if where is None:
                return self.graph.number(0.0)
            if letter:
                return self.graph.symbol(f"{letter}{base + where}")
            code, low, high = str(where), where, where
        inside = low >= 0 and high < size
        shift = offset(argument, place, self.model.sizes) if free == {1} else None
        reference = Reference(kind, name, code, base, size, "" if inside else edge, free, shift)
        symbol = f"{kind}:{base}:{name}[{code}]{reference.edge}"
        self.references[symbol] = reference
        return self.graph.symbol(symbol)

    def _entry(self, name: str, arguments: tuple[Node, ...], place: Place) -> int:
        model = self.model
        parts = [self._code(argument, place) for argument in arguments]
        base = model.array_offsets[name]
        shape = model.arrays[name]
        free = parts[0][2].union(*(part[2] for part in parts))
        if not free:
            row, column = ([low for _, (low, _), _ in parts] + [0])[:2]
            return self.graph.symbol(f"p{base + (row * shape[1] + column if shape[1:] else row)}")
        code = parts[0][0] if len(parts) == 1 else f"({parts[0][0]} * {shape[1]} + {parts[1][0]})"
        symbol = f"entry:{name}[{code}]"
        self.references[symbol] = Reference("entry", name, code, base, 0, "", free, None)
        return self.graph.symbol(symbol)

    def _sum(self, node: Sum, place: Place, local: Mapping[str, int] | None) -> int:
        first, last, term = node.arguments
        start, (low, _), _ = self._code(first, place)
        stop, (_, high), _ = self._code(last, place)
        if high < low:
            return self.graph.number(0.0)
        inner = place.inside(node.index, low, high)
        body = self.insert(term, inner, local)
        bounds = self._code(first, place)[2] | self._code(last, place)[2]
        return self.part(inner.level, start, stop, body, high - low + 1, bounds)

    def part(
        self, level: int, first: str, last: str, term: int, most: int, bounds: frozenset[int]
    ) -> int:
        """The symbol of a sum."""
        if self.graph.value(term) == 0.0:
            return term
        key = (level, first, last, term)
        if key not in self._parts:
            free = (self.free(term) - {level}) | bounds
            symbol = f"sum:{len(self.sums)}"
            self.sums[symbol] = Part(level, first, last, term, free, most, bounds)
            self._parts[key] = self.graph.symbol(symbol)
        return self._parts[key]

    def like(self, part: Part, term: int) -> int:
        """The sum of another term over the same values of the index."""
        return self.part(part.level, part.first, part.last, term, part.most, part.bounds)

    def _total(self, kind: str, name: str, place: Place) -> int:
        count = self.model.place_counts[name]
        # A name that no text can contain.
        inner = Place(place.level, {}, {}).inside("#", 0, count - 1)
        term = self._at(Index(name, (Name("#"),)), inner)
        total = self.part(inner.level, "0", str(count - 1), term, count, _NONE)
        if kind == "mean":
            total = self.graph.apply("/", total, self.graph.number(float(count)))
        return total

    def _late(self, node: Delayed, place: Place, scope: Mapping[str, int]) -> int:
        variable, time = node.arguments

        def entry(part: Index | Sum | Total | Delayed) -> int:
            assert isinstance(part, Index)
            return self._at(part, place)

        lag = lag_of(self.graph, self.graph.insert(time, scope, None, entry))
        if self.free(lag):
            raise EquationError(
                "in a model of this size a delay cannot differ from place to place: write it "
                "without an index"
            )
        model = self.model
        assert isinstance(variable, (Name, Index))
        name = variable.name
        first, size = (
            model.family_rows[name] if isinstance(variable, Index) else (model.rows[name], 1)
        )
        if (name, lag) not in self._blocks:
            if len(self._delayed) + size > MAXIMUM_DELAYED:
                raise EquationError(f"there are more than {MAXIMUM_DELAYED} delayed terms")
            self._blocks[name, lag] = len(self._delayed)
            self._delayed += [(row, lag) for row in range(first, first + size)]
        base = model.parameter_count + self._blocks[name, lag]
        if isinstance(variable, Name):
            return self.graph.symbol(f"p{base}")
        return self._refer("delay", name, variable.arguments[0], place, base, "p")


class _Scope(Mapping[str, int]):
    """Nodes of plain names, made when first asked for: a family may have 20,000."""

    def __init__(self, looped: Looped) -> None:
        model, graph = looped.model, looped.graph
        self._looped = looped
        self._noises = {name: k for k, name in enumerate(model.noise)}
        self.known = {name: graph.symbol(f"p{i}") for i, name in enumerate(model.parameters)}
        self.known |= {name: graph.number(float(size)) for name, size in model.sizes.items()}

    def __contains__(self, name: object) -> bool:
        return name in self.known or name in self._looped.model.rows or name in self._noises

    def __getitem__(self, name: str) -> int:
        if name in self.known:
            return self.known[name]
        graph, rows = self._looped.graph, self._looped.model.rows
        if name in rows:
            return graph.symbol(f"s{rows[name]}")
        if name not in self._noises:
            raise KeyError(name)
        return graph.symbol(f"w{self._noises[name]}") if self._looped.noise else graph.number(0.0)

    def __iter__(self) -> Iterator[str]:
        return iter(self.known)

    def __len__(self) -> int:
        return len(self.known)
