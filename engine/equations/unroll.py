"""A model written out: one node of a `Graph` for every place, every term of every sum.

What small models are made of. The symbols are ``t``, ``s<i>`` for variables, ``p<i>`` for
the numbers of the parameter array (parameters, entries of arrays, delayed terms) and
``w<k>`` for white noises. Large models go through ``loops`` instead.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from engine.equations import indices
from engine.equations.graph import MAXIMUM_NODES, Graph
from engine.equations.heads import Rule
from engine.equations.nodes import Delayed, Index, Name, Node, Number, Sum, Total
from engine.errors import EquationError

if TYPE_CHECKING:
    from engine.equations.model import Model

MAXIMUM_DELAYED = 20_000

_NOTHING: Mapping[str, int] = {}


class Unrolled:
    """The graph of a small model.

    Attributes
    ----------
    graph : Graph
    outputs : list of int
        A node per variable: its right-hand side.
    delayed : list of (int, int)
        Variable and node of the lag of every delayed term, in the order of their symbols.
    """

    def __init__(self, model: Model, noise: bool = False, graph: Graph | None = None) -> None:
        """Write a model out, into a graph; white noises are zero unless `noise` is given."""
        self.model = model
        self.graph = graph = graph or Graph()
        zero = graph.number(0.0)
        self._scope = {name: graph.symbol(f"s{i}") for i, name in enumerate(model.variables)}
        self._scope |= {name: graph.symbol(f"p{i}") for i, name in enumerate(model.parameters)}
        self._scope |= {name: graph.number(float(size)) for name, size in model.sizes.items()}
        self._scope |= {
            name: graph.symbol(f"w{k}") if noise else zero for k, name in enumerate(model.noise)
        }
        self._places = {
            name: [self._scope[model.variables[row]] for row in range(base, base + size)]
            for name, (base, size) in model.family_rows.items()
        }
        self._places |= {
            name: [self._scope[model.noise[row]] for row in range(base, base + size)]
            for name, (base, size) in model.noise_rows.items()
        }
        self._known: dict[tuple[object, ...], int] = {}
        self._lags: dict[tuple[int, int], int] = {}
        try:
            for name, tree in model.quantity_trees.items():
                index, size = model.quantity_places[name]
                if index:
                    self._places[name] = [self.insert(tree, {index: k}) for k in range(size)]
                else:
                    self._scope[name] = self.insert(tree)
            zeros = [zero] * len(model.variables)
            self.outputs = self.rows(model.rules, zeros)
        except RecursionError:
            raise EquationError("the functions call each other too deeply") from None

    @property
    def delayed(self) -> list[tuple[int, int]]:
        return list(self._lags)

    def rows(self, rules: Sequence[Rule], otherwise: Sequence[int]) -> list[int]:
        """A node per variable: what the rules say, or else the given node."""
        outputs = list(otherwise)
        for rule in rules:
            for place in rule.places():
                env = {rule.index: place} if rule.index else _NOTHING
                outputs[rule.base + place] = self.insert(rule.tree, env)
        return outputs

    def states(self) -> list[int]:
        """The nodes of the variables."""
        return [self.graph.symbol(f"s{i}") for i in range(len(self.model.variables))]

    def insert(
        self, tree: Node, env: Mapping[str, int] = _NOTHING, local: Mapping[str, int] = _NOTHING
    ) -> int:
        """Take a tree into the graph; `env` are indices, `local` the nodes of arguments."""
        scope: Mapping[str, int] = self._scope
        if env or local:
            indexed = {name: self.graph.number(float(place)) for name, place in env.items()}
            scope = ChainMap({**indexed, **local}, self._scope)

        def special(node: Index | Sum | Total | Delayed) -> int:
            match node:
                case Index():
                    return self._at(node, env)
                case Sum():
                    return self._sum(node, env, local)
                case Total(kind, name):
                    return self._total(kind, name)
                case Delayed():
                    return self._delayed(node, env, scope)

        return self.graph.insert(tree, scope, self._call, special)

    def _call(self, name: str, arguments: tuple[int, ...]) -> int:
        if name in self.model.tables:
            return self.graph.apply(f"table:{name}", *arguments)
        key = (name, *arguments)
        if key not in self._known:
            if len(self._known) > MAXIMUM_NODES:
                raise EquationError("the functions call each other too often")
            function = self.model.function_trees[name]
            local = dict(zip(function.arguments, arguments, strict=True))
            self._known[key] = self.insert(function.body, _NOTHING, local)
        return self._known[key]

    def _whole(self, tree: Node, env: Mapping[str, int]) -> int:
        if isinstance(tree, Number):
            return int(tree.value)
        return indices.whole(tree, {**self.model.sizes, **env})

    def _row(self, node: Index, env: Mapping[str, int]) -> int | None:
        """Which place of its family a reference means."""
        size = self.model.place_counts[node.name]
        edge = self.model.edges.get(node.name, "wrap")
        return indices.place(self._whole(node.arguments[0], env), size, edge)

    def _at(self, node: Index, env: Mapping[str, int]) -> int:
        if node.name in self.model.arrays:
            where = [self._whole(argument, env) for argument in node.arguments]
            return self._entry(node.name, where)
        place = self._row(node, env)
        return self.graph.number(0.0) if place is None else self._places[node.name][place]

    def _entry(self, name: str, where: Sequence[int]) -> int:
        offset = 0
        for place, size in zip(where, self.model.arrays[name], strict=True):
            if not 0 <= place < size:
                raise EquationError(f"'{name}' has no entry {list(where)}")
            offset = offset * size + place
        return self.graph.symbol(f"p{self.model.array_offsets[name] + offset}")

    def _sum(self, node: Sum, env: Mapping[str, int], local: Mapping[str, int]) -> int:
        first, last, term = node.arguments
        total = self.graph.number(0.0)
        for place in range(self._whole(first, env), self._whole(last, env) + 1):
            part = self.insert(term, {**env, node.index: place}, local)
            total = self.graph.apply("+", total, part)
        return total

    def _total(self, kind: str, name: str) -> int:
        count = self.model.place_counts[name]
        total = self.graph.number(0.0)
        for place in range(count):
            part = self._places[name][place] if name in self._places else self._entry(name, [place])
            total = self.graph.apply("+", total, part)
        if kind == "mean":
            total = self.graph.apply("/", total, self.graph.number(float(count)))
        return total

    def _delayed(self, node: Delayed, env: Mapping[str, int], scope: Mapping[str, int]) -> int:
        variable, time = node.arguments
        if isinstance(variable, Index):
            place = self._row(variable, env)
            if place is None:
                return self.graph.number(0.0)
            row = self.model.family_rows[variable.name][0] + place
        else:
            assert isinstance(variable, Name)
            row = self.model.rows[variable.name]

        def entry(part: Index | Sum | Total | Delayed) -> int:
            assert isinstance(part, Index)
            return self._at(part, env)

        lag = lag_of(self.graph, self.graph.insert(time, scope, None, entry))
        number = self._lags.setdefault((row, lag), len(self._lags))
        if number >= MAXIMUM_DELAYED:
            raise EquationError(f"there are more than {MAXIMUM_DELAYED} delayed terms")
        return self.graph.symbol(f"p{self.model.parameter_count + number}")


def lag_of(graph: Graph, time: int) -> int:
    """The node of ``tau`` where a node is ``t - tau`` or ``t - tau - more``."""
    lag = graph.number(0.0)
    while graph.operations[time] == "-":
        time, part = graph.arguments[time]
        lag = graph.apply("+", lag, part)
    return lag
