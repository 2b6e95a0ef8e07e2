"""The texts of a system's equations, read and checked.

What a model declares and what its texts are as trees: names, places, equations, quantities,
functions, history and events. What is derived from them is in ``model``.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import KW_ONLY, dataclass, field, replace
from functools import cached_property
from graphlib import CycleError, TopologicalSorter

from engine.equations import heads
from engine.equations.grammar import parse
from engine.equations.heads import Rule
from engine.equations.nodes import Call, Index, Name, Node, Total, postorder
from engine.equations.parts import Event, Table
from engine.equations.vocabulary import Vocabulary
from engine.errors import EquationError


@dataclass(frozen=True)
class Function:
    """A function of the model: name, arguments, body."""

    name: str
    arguments: tuple[str, ...]
    body: Node


@dataclass(frozen=True)
class Texts:
    """Equations of a system as texts and as trees; abstract, `Model` is made of it.

    Attributes
    ----------
    variables, parameters : tuple of str
        State variables (places of families too: ``x0``, ``x1`` ...) and parameters; their
        order is that of the arrays.
    equations : mapping of str to str
        ``"y"``, ``"x[i]"`` or ``"x[0]"`` -> text of the right-hand side.
    quantities : mapping of str to str
        ``"q"`` or ``"r[i < N]"`` -> text of an intermediate quantity.
    functions : mapping of str to str
        ``"f(u, v)"`` -> text of its body.
    families : mapping of str to int
        Family -> number of its variables, which stand together in `variables`.
    sizes : mapping of str to int
        Names of sizes -> their values.
    edges : mapping of str to str
        Family or indexed quantity -> what a place past its ends is: one of `EDGES`.
    arrays : mapping of str to tuple of int
        Array parameter -> shape; their entries follow `parameters` in the parameter array.
    tables : mapping of str to Table
    noise : tuple of str
        Independent white noises; those of `noise_families` stand together.
    interpretation : str
        ``ito`` or ``stratonovich``.
    delays : bool
        Whether ``x(t - tau)`` may occur.
    history : mapping of str to str
        What a variable was for t <= 0, in t, the parameters and the initial values.
    events : tuple of Event
    """

    variables: tuple[str, ...]
    parameters: tuple[str, ...]
    equations: Mapping[str, str]
    quantities: Mapping[str, str] = field(default_factory=dict)
    functions: Mapping[str, str] = field(default_factory=dict)
    _: KW_ONLY
    families: Mapping[str, int] = field(default_factory=dict)
    sizes: Mapping[str, int] = field(default_factory=dict)
    edges: Mapping[str, str] = field(default_factory=dict)
    arrays: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    tables: Mapping[str, Table] = field(default_factory=dict)
    noise: tuple[str, ...] = ()
    noise_families: Mapping[str, int] = field(default_factory=dict)
    interpretation: str = "ito"
    delays: bool = False
    history: Mapping[str, str] = field(default_factory=dict)
    events: tuple[Event, ...] = ()

    # ------------------------------------------------------------ where things stand

    @cached_property
    def rows(self) -> Mapping[str, int]:
        """Variable -> place in the state."""
        return {name: row for row, name in enumerate(self.variables)}

    @cached_property
    def family_rows(self) -> Mapping[str, tuple[int, int]]:
        """Family -> row of its first variable, number of variables."""
        return {name: (self.rows[f"{name}0"], size) for name, size in self.families.items()}

    @cached_property
    def noise_rows(self) -> Mapping[str, tuple[int, int]]:
        """Family of noises -> number of its first noise, number of noises."""
        rows = {name: row for row, name in enumerate(self.noise)}
        return {name: (rows[f"{name}0"], size) for name, size in self.noise_families.items()}

    @cached_property
    def array_offsets(self) -> Mapping[str, int]:
        """Array -> where its first entry stands in the parameter array."""
        offsets = {}
        at = len(self.parameters)
        for name, shape in self.arrays.items():
            offsets[name] = at
            at += math.prod(shape)
        return offsets

    @cached_property
    def parameter_count(self) -> int:
        """Parameters and entries of arrays; the delayed terms follow them."""
        return len(self.parameters) + sum(math.prod(shape) for shape in self.arrays.values())

    @cached_property
    def quantity_places(self) -> Mapping[str, tuple[str, int]]:
        """Quantity -> name of its index and number of its places; "" and 0 for a plain one."""
        return {name: (index, size) for name, index, size in self._quantity_heads}

    @cached_property
    def place_counts(self) -> Mapping[str, int]:
        """Number of places of all that has one index."""
        return {
            **self.families,
            **self.noise_families,
            **{name: size for name, _, size in self._quantity_heads if size},
            **{name: shape[0] for name, shape in self.arrays.items() if len(shape) == 1},
        }

    @cached_property
    def names(self) -> Mapping[str, None]:
        """Plain names, in order."""
        plain = (name for name, _, size in self._quantity_heads if not size)
        return dict.fromkeys((*self.parameters, *self.sizes, *plain, *self.noise, *self.variables))

    # ------------------------------------------------------------ checked parts

    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        """The equations as rules, own equations of single places first."""
        rules = self._rules("equation", self.equations, self._words)
        covered = {row for rule in rules for row in rule.rows()}
        for row, name in enumerate(self.variables):
            if row not in covered:
                raise EquationError(f"the variable '{name}' has no equation", name)
        return rules

    @cached_property
    def history_rules(self) -> tuple[Rule, ...]:
        """The history as rules; variables without one keep their initial value."""
        return self._rules("history", self.history, replace(self._words, delayed=()))

    @cached_property
    def event_trees(self) -> tuple[Node, ...]:
        """What passes through zero, for every event."""
        return tuple(
            self._read(f"event {k + 1}", event.when, self._words)
            for k, event in enumerate(self.events)
        )

    @cached_property
    def event_rules(self) -> tuple[tuple[Rule, ...], ...]:
        """The changes of every event as rules."""
        return tuple(
            self._rules(f"change at event {k + 1}", event.changes, self._words)
            for k, event in enumerate(self.events)
        )

    @cached_property
    def quantity_trees(self) -> Mapping[str, Node]:
        """Quantities as trees, in an order in which each uses earlier ones only."""
        trees = self._quantity_trees
        return {name: trees[name] for name in self.order if name in trees}

    @cached_property
    def function_trees(self) -> Mapping[str, Function]:
        """Functions by name, with arguments and body."""
        out: dict[str, Function] = {}
        for (name, arguments), text in zip(self._heads, self.functions.values(), strict=True):
            words = replace(self._words, names={**self.names, **dict.fromkeys(arguments)})
            out[name] = Function(name, arguments, self._read(f"function '{name}'", text, words))
        return out

    @cached_property
    def function_texts(self) -> Mapping[str, str]:
        """Functions by name, as typed."""
        return dict(zip((name for name, _ in self._heads), self.functions.values(), strict=True))

    # ------------------------------------------------------------ reading

    @cached_property
    def _heads(self) -> list[tuple[str, tuple[str, ...]]]:
        return [heads.function(text) for text in self.functions]

    @cached_property
    def _quantity_heads(self) -> list[tuple[str, str, int]]:
        return [heads.quantity(text, self.sizes) for text in self.quantities]

    @cached_property
    def quantity_texts(self) -> Mapping[str, str]:
        names = (name for name, _, _ in self._quantity_heads)
        return dict(zip(names, self.quantities.values(), strict=True))

    @cached_property
    def _words(self) -> Vocabulary:
        functions = {name: len(arguments) for name, arguments in self._heads}
        indexed = {name: len(shape) for name, shape in self.arrays.items()}
        return Vocabulary(
            self.names,
            {**functions, **dict.fromkeys(self.tables, 1)},
            {**dict.fromkeys(self.place_counts, 1), **indexed},
            self.sizes,
            (),
            {**self.rows, **self.families} if self.delays else (),
        )

    @cached_property
    def _quantity_trees(self) -> Mapping[str, Node]:
        return {
            name: self._read(
                f"quantity '{name}'",
                self.quantity_texts[name],
                replace(self._words, indices=(index,) if index else ()),
            )
            for name, index, _ in self._quantity_heads
        }

    def _rules(self, what: str, texts: Mapping[str, str], words: Vocabulary) -> tuple[Rule, ...]:
        def read(label: str, text: str, index: str) -> Node:
            if index in self._taken:
                raise EquationError(
                    f"{label}: '{index}' cannot be an index, it is something else already", text
                )
            return self._read(label, text, replace(words, indices=(index,) if index else ()))

        return heads.rules(what, texts, self.rows, self.family_rows, self.sizes, read)

    def _read(self, label: str, text: str, words: Vocabulary) -> Node:
        try:
            return parse(text, words)
        except EquationError as error:
            raise EquationError(
                f"{label}: {error.message}", error.text, error.line, error.column
            ) from None

    @cached_property
    def _taken(self) -> Collection[str]:
        return {*self.names, *self._words.functions, *(self._words.indexed or ())}

    @cached_property
    def order(self) -> tuple[str, ...]:
        """Quantities and functions, each after those it uses."""
        uses: dict[str, set[str]] = {}
        for name, tree in self._quantity_trees.items():
            uses[name] = self._used(tree, ())
        for name, function in self.function_trees.items():
            uses[name] = self._used(function.body, function.arguments)
        try:
            return tuple(TopologicalSorter(uses).static_order())
        except CycleError as error:
            # graphlib lists each name before the one that uses it; told from user to used.
            chain = list(reversed(error.args[1]))
            raise EquationError(
                f"'{chain[0]}' is defined through itself: {' -> '.join(chain)}",
                self.quantity_texts.get(chain[0], chain[0]),
            ) from None

    def _used(self, tree: Node, hidden: Collection[str]) -> set[str]:
        used = set()
        for node in postorder(tree):
            match node:
                case Name(name) if name in self.quantity_texts and name not in hidden:
                    used.add(name)
                case Index(name) | Total(_, name) if name in self.quantity_texts:
                    used.add(name)
                case Call(name) if name not in self.tables:
                    used.add(name)
        return used
