"""The equations of one system, parsed and checked, and what is derived from them.

A `Model` is made of texts; making one refuses whatever the equations cannot mean. Kernels,
programs and LaTeX are derived from it on demand. It holds no parameter values, ranges or
initial state (``engine.systems``) and does not integrate (``engine.integrate``).

Quantities and functions may stand in any order and use each other, the variables, the
parameters and ``t``, as long as none depends on itself. The arguments of a function hide
other things of the same name.

Small models are written out place by place (``unroll``); large ones with families or sums
become loops (``loops``): `Model.loops` says which.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import KW_ONLY, dataclass, field, replace
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.equations import content, declared, evaluate, heads
from engine.equations import noise as white_noise
from engine.equations.compiled import Compiled
from engine.equations.examine import Examiner
from engine.equations.grammar import Vocabulary, parse
from engine.equations.heads import Rule
from engine.equations.nodes import Call, Index, Name, Node, Total, postorder
from engine.equations.parts import Event, Table
from engine.equations.unroll import Unrolled
from engine.errors import EquationError

if TYPE_CHECKING:
    from engine.equations.graph import Graph
    from engine.equations.looped import Looped
    from engine.equations.symbolic import Symbolic

Array = NDArray[np.float64]

LARGEST_UNROLLED = 24
"""Variables up to which a model with families is written out place by place."""
MOST_UNROLLED = 600
"""Operations up to which it is."""


@dataclass(frozen=True)
class Function:
    """A function of the model: name, arguments, body."""

    name: str
    arguments: tuple[str, ...]
    body: Node


@dataclass(frozen=True)
class Model:
    """Equations of a system. See the module docstring.

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

    Raises
    ------
    EquationError
        If a name is unknown, used twice, reserved or defined through itself, or a text
        cannot be read. The message says which equation, quantity or function is at fault.
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

    def __post_init__(self) -> None:
        declared.check(self)
        white_noise.check_linear(self)
        if self.loops:
            from engine.equations.loops import check_work

            check_work(self)
            self.looped(noise=True)
        else:
            self.unrolled(noise=True)

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

    @cached_property
    def loops(self) -> bool:
        """Whether the kernels are loops over places; then there are no programs."""
        examiner = Examiner(self)
        cost = 0
        for name, tree in self.quantity_trees.items():
            index, size = self.quantity_places[name]
            ranges = {index: (0, size - 1)} if index else {}
            text = self.quantity_texts[name]
            cost += max(1, size) * examiner.cost(tree, text, f"quantity '{name}'", ranges)
        labelled = [("equation", rule) for rule in self.rules]
        labelled += [("history", rule) for rule in self.history_rules]
        labelled += [("change at an event", r) for rules in self.event_rules for r in rules]
        for what, rule in labelled:
            count = rule.count
            if not count:
                continue
            ranges = {rule.index: (rule.segments[0][0], rule.segments[-1][1] - 1)}
            label = f"{what} of '{rule.head.strip()}'"
            cost += count * examiner.cost(rule.tree, rule.text, label, ranges if rule.index else {})
        for k, tree in enumerate(self.event_trees):
            cost += examiner.cost(tree, self.events[k].when, f"event {k + 1}")
        if not examiner.indexed:
            return False
        return len(self.variables) > LARGEST_UNROLLED or cost > MOST_UNROLLED

    @cached_property
    def autonomous(self) -> bool:
        """Whether the right-hand side does not depend on ``t``."""
        if self.loops:
            return "t" not in self.looped(noise=True).symbols()
        noisy = self.unrolled(noise=True)
        return "t" not in noisy.graph.symbols(noisy.outputs)

    @cached_property
    def noise_kind(self) -> str:
        """``none``, ``additive``, ``diagonal``, ``commutative`` or ``general``.

        Additive: no coefficient depends on the state. Diagonal: every noise enters one
        equation, every equation has one noise, and its coefficient depends on that variable
        only. Commutative: the coefficients' derivatives along each other are the same.
        """
        if self.loops:
            return self.looped(noise=True).noise_kind()
        noisy = self.unrolled(noise=True)
        found = white_noise.coefficients(noisy.graph, noisy.outputs, len(self.noise))
        return white_noise.kind(noisy.graph, found, len(self.noise), len(self.variables))

    @cached_property
    def delayed(self) -> tuple[int, ...]:
        """Row of the variable of every delayed term."""
        if self.loops:
            return self.looped().delayed
        return tuple(row for row, _ in self.unrolled().delayed)

    def lags(self, parameters: Array) -> Array:
        """How far back every delayed term looks, shape ``(d,)``, for values of the parameters.

        Raises
        ------
        EquationError
            If one is negative or no finite number.
        """
        values = {f"p{i}": float(parameters[i]) for i in range(self.parameter_count)}
        if self.loops:
            lags = self.looped().lags(values)
        else:
            unrolled = self.unrolled()
            lags = evaluate.nodes(unrolled.graph, [lag for _, lag in unrolled.delayed], values)
        for row, lag in zip(self.delayed, lags, strict=True):
            if lag is None or lag < 0:
                raise EquationError(
                    f"the delay of '{self.variables[row]}' must be a number not below zero, got "
                    f"{lag}"
                )
        return np.array([lag for lag in lags if lag is not None])

    @cached_property
    def partition(self) -> tuple[bool, ...] | None:
        """True where a variable is a position, or None where there is no such split.

        The derivative of every position depends on momenta and t only, that of every
        momentum on positions and t only.
        """
        from engine.equations.structure import partition

        return partition(self)

    def unrolled(self, noise: bool = False) -> Unrolled:
        """The model written out in a fresh graph; white noises are zero unless asked for.

        Raises
        ------
        EquationError
            If the model is too large for that.
        """
        if self.loops:
            raise EquationError(
                f"{len(self.variables)} variables are too large to write out: a model of this "
                "size runs in loops"
            )
        if self.interpretation == "stratonovich" and not noise:
            return self._converted()
        return Unrolled(self, noise)

    def _converted(self) -> Unrolled:
        """The model written out with the drift of Ito."""
        noisy = Unrolled(self, noise=True)
        found = white_noise.coefficients(noisy.graph, noisy.outputs, len(self.noise))
        plain = Unrolled(self, graph=noisy.graph)
        plain.outputs = white_noise.correction(noisy.graph, found, plain.outputs)
        return plain

    def looped(self, noise: bool = False) -> Looped:
        """The model as loops in a fresh graph; white noises are zero unless asked for."""
        from engine.equations.loop_noise import convert
        from engine.equations.looped import Looped

        looped = Looped(self, noise)
        if self.interpretation == "stratonovich" and not noise:
            looped.converted = convert(Looped(self, noise=True), looped)
        return looped

    def graph(self) -> tuple[Graph, list[int]]:
        """A fresh graph with the right-hand sides: the graph, and a node per variable.

        The symbols are ``t``, ``s<i>`` for variables and ``p<i>`` for the numbers of the
        parameter array.
        """
        unrolled = self.unrolled()
        return unrolled.graph, unrolled.outputs

    # ------------------------------------------------------------ derived things

    @cached_property
    def digest(self) -> str:
        """Content hash: equal for equal mathematics, generator, Numba and Python."""
        return content.digest(self)

    @cached_property
    def compiled(self) -> Compiled:
        """Kernels of the model, each compiled or loaded when first asked for."""
        return Compiled(self)

    def symbolic(self) -> Symbolic:
        """The equations as sympy expressions."""
        from engine.equations.symbolic import symbolic

        return symbolic(self)

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
