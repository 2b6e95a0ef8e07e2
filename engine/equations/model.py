"""The equations of one system, parsed and checked, and what is derived from them.

A `Model` is made of texts; making one refuses whatever the equations cannot mean. Kernels,
programs and LaTeX are derived from it on demand. It holds no parameter values, ranges or
initial state (``engine.systems``) and does not integrate (``engine.integrate``).

Quantities and functions may stand in any order and use each other, the variables, the
parameters and ``t``, as long as none depends on itself. The arguments of a function hide
other things of the same name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.equations import kernel_cache
from engine.equations.grammar import Call, Name, Node, canonical, parse, postorder
from engine.equations.graph import MAXIMUM_NODES, Graph
from engine.equations.words import MAXIMUM_LENGTH, check_name, suggestion
from engine.errors import EquationError

if TYPE_CHECKING:
    from engine.equations.symbolic import Symbolic

Array = NDArray[np.float64]
Kernel = Callable[[float, Array, Array, Array], None]

_HEAD = re.compile(r"\s*([^\W\d]\w*)\s*\(([^()]*)\)\s*\Z")


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
        State variables and parameters; their order is that of the arrays.
    equations : mapping of str to str
        Variable -> text of its right-hand side; one for every variable.
    quantities : mapping of str to str
        Name -> text of an intermediate quantity.
    functions : mapping of str to str
        ``"f(u, v)"`` -> text of its body.

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

    def __post_init__(self) -> None:
        self._check_names()
        self.graph()

    # ------------------------------------------------------------ checked parts

    @cached_property
    def trees(self) -> Mapping[str, Node]:
        """The equations as trees by variable, in the order of `variables`."""
        return {
            name: self._read(f"equation of '{name}'", self.equations[name], self._names)
            for name in self.variables
        }

    @cached_property
    def quantity_trees(self) -> Mapping[str, Node]:
        """Quantities as trees, in an order in which each uses earlier ones only."""
        order = self._order
        trees = self._quantity_trees
        return {name: trees[name] for name in order if name in trees}

    @cached_property
    def function_trees(self) -> Mapping[str, Function]:
        """Functions by name, with arguments and body."""
        out: dict[str, Function] = {}
        for (name, arguments), text in zip(self._heads, self.functions.values(), strict=True):
            body = self._read(f"function '{name}'", text, {*self._names, *arguments})
            out[name] = Function(name, arguments, body)
        return out

    @cached_property
    def autonomous(self) -> bool:
        """Whether the right-hand side does not depend on ``t``."""
        graph, outputs = self.graph()
        return "t" not in graph.symbols(outputs)

    def graph(self) -> tuple[Graph, list[int]]:
        """A fresh graph with the right-hand sides: the graph, and a node per variable.

        The symbols are ``t``, ``s<i>`` for variables and ``p<i>`` for parameters.
        """
        graph = Graph()
        scope = {name: graph.symbol(f"s{i}") for i, name in enumerate(self.variables)}
        scope |= {name: graph.symbol(f"p{i}") for i, name in enumerate(self.parameters)}
        known: dict[tuple[object, ...], int] = {}

        def call(name: str, arguments: tuple[int, ...]) -> int:
            key = (name, *arguments)
            if key not in known:
                if len(known) > MAXIMUM_NODES:
                    raise EquationError("the functions call each other too often")
                function = self.function_trees[name]
                local = scope | dict(zip(function.arguments, arguments, strict=True))
                known[key] = graph.insert(function.body, local, call)
            return known[key]

        try:
            for name, tree in self.quantity_trees.items():
                scope[name] = graph.insert(tree, scope, call)
            return graph, [graph.insert(tree, scope, call) for tree in self.trees.values()]
        except RecursionError:
            raise EquationError("the functions call each other too deeply") from None

    # ------------------------------------------------------------ derived things

    @cached_property
    def digest(self) -> str:
        """Content hash: equal for equal mathematics, generator, Numba and Python."""
        functions = [
            f"{f.name}({','.join(f.arguments)})={canonical(f.body)}"
            for f in self.function_trees.values()
        ]
        return kernel_cache.digest(
            _generator(),
            ",".join(self.variables),
            ",".join(self.parameters),
            *(canonical(tree) for tree in self.trees.values()),
            "quantities",
            *(f"{name}={canonical(tree)}" for name, tree in self.quantity_trees.items()),
            "functions",
            *functions,
        )

    @cached_property
    def compiled(self) -> Compiled:
        """Kernels of the model, each compiled or loaded when first asked for."""
        return Compiled(self)

    def symbolic(self) -> Symbolic:
        """The equations as sympy expressions."""
        from engine.equations.symbolic import symbolic

        return symbolic(self)

    # ------------------------------------------------------------ checks

    @cached_property
    def _names(self) -> frozenset[str]:
        return frozenset((*self.variables, *self.parameters, *self.quantities))

    @cached_property
    def _heads(self) -> list[tuple[str, tuple[str, ...]]]:
        heads = []
        for text in self.functions:
            match = _HEAD.match(text) if len(text) < MAXIMUM_LENGTH else None
            arguments = [a.strip() for a in match.group(2).split(",")] if match else []
            if match is None or not all(arguments):
                raise EquationError(
                    f'a function is declared as "f(u)" or "f(u, v)", got {text[:60]!r}', text
                )
            heads.append((match.group(1), tuple(arguments)))
        return heads

    @cached_property
    def _arities(self) -> Mapping[str, int]:
        return {name: len(arguments) for name, arguments in self._heads}

    @cached_property
    def _quantity_trees(self) -> Mapping[str, Node]:
        return {
            name: self._read(f"quantity '{name}'", text, self._names)
            for name, text in self.quantities.items()
        }

    def _read(self, label: str, text: str, names: Collection[str]) -> Node:
        try:
            return parse(text, names, self._arities)
        except EquationError as error:
            raise EquationError(
                f"{label}: {error.message}", error.text, error.line, error.column
            ) from None

    def _check_names(self) -> None:
        if not self.variables:
            raise EquationError("a system needs at least one variable")
        owners: dict[str, str] = {}
        groups = (
            ("a variable", self.variables),
            ("a parameter", self.parameters),
            ("a quantity", tuple(self.quantities)),
            ("a function", tuple(name for name, _ in self._heads)),
        )
        for what, names in groups:
            for name in names:
                check_name(name, what)
                if name in owners:
                    raise EquationError(
                        f"'{name}' is {what} and also {owners[name]}; names must differ", name
                    )
                owners[name] = what
        for name, arguments in self._heads:
            for argument in arguments:
                check_name(argument, f"an argument of '{name}'")
                if arguments.count(argument) > 1:
                    raise EquationError(
                        f"function '{name}' names the argument '{argument}' twice", name
                    )
        for name in self.equations:
            if name not in self.variables:
                raise EquationError(
                    f"there is an equation for '{name}', which is no variable"
                    + suggestion(name, self.variables),
                    name,
                )
        for name in self.variables:
            if name not in self.equations:
                raise EquationError(f"the variable '{name}' has no equation", name)

    @cached_property
    def _order(self) -> tuple[str, ...]:
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
                self.quantities.get(chain[0], chain[0]),
            ) from None

    def _used(self, tree: Node, hidden: Collection[str]) -> set[str]:
        used = set()
        for node in postorder(tree):
            match node:
                case Name(name) if name in self.quantities and name not in hidden:
                    used.add(name)
                case Call(name):
                    used.add(name)
        return used


class Compiled:
    """What a model is compiled to. Importing Numba and compiling wait for the first use.

    Attributes
    ----------
    rhs : callable
        ``rhs(t, state, parameters, out)``; state and out of shape ``(n,)``, contiguous
        float64. A Numba function with the one signature ``engine.equations.emit.SIGNATURE``
        that drivers take as a `types.FunctionType`; `out` may be `state`.
    jacobian : callable
        ``jacobian(t, state, parameters, out)`` with out of shape ``(n, n)``.
    """

    def __init__(self, model: Model) -> None:
        self._model = model

    @cached_property
    def rhs(self) -> Kernel:
        from engine.equations.emit import rhs_module

        module = kernel_cache.load("rhs", self._model.digest, lambda: rhs_module(self._model))
        return module.rhs  # type: ignore[no-any-return]

    @cached_property
    def jacobian(self) -> Kernel:
        from engine.equations.emit import jacobian_module

        module = kernel_cache.load(
            "jacobian", self._model.digest, lambda: jacobian_module(self._model)
        )
        return module.jacobian  # type: ignore[no-any-return]

    def latex(self, kind: str, symbols: Mapping[str, str] | None = None) -> tuple[str, ...]:
        """LaTeX lines that matplotlib's mathtext can draw, without dollar signs.

        Parameters
        ----------
        kind : str
            ``flow`` for ``\\dot{x} = ...``, ``map`` for ``x_{n+1} = ...``.
        symbols : mapping of str to str, optional
            LaTeX for names; others are derived from the name (``rho`` -> ``\\rho``).

        Returns
        -------
        tuple of str
            One line a function, one a quantity, then one an equation.
        """
        from engine.equations.latex import lines

        return lines(self._model, kind, symbols or {})


@lru_cache(maxsize=1)
def _generator() -> str:
    return kernel_cache.fingerprint(Path(__file__).parent.glob("*.py"))
