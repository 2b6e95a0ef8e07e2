"""The equations as sympy expressions, for algebra that a person or a test asks for.

Kernels are not made from here (``graph`` and ``emit`` are thousands of times faster); this is
the independent road, and the tests hold one against the other. Symbols are real and carry the
names of the model, as `sympy.Symbol` objects and never through a parser of names, so that a
parameter called ``I`` or ``S`` is just that.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.equations import indices
from engine.equations.nodes import (
    Apply,
    Call,
    Delayed,
    Index,
    Name,
    Node,
    Number,
    Special,
    Sum,
    Total,
    postorder,
)
from engine.equations.words import CONSTANTS
from engine.errors import EquationError

if TYPE_CHECKING:
    from engine.equations.model import Model


@dataclass(frozen=True)
class Symbolic:
    """A model in sympy.

    Attributes
    ----------
    time : sympy.Symbol
    variables, parameters : tuple of sympy.Symbol
    equations : tuple of sympy.Expr
        Right-hand sides, quantities and functions written out.
    """

    time: Any
    variables: tuple[Any, ...]
    parameters: tuple[Any, ...]
    equations: tuple[Any, ...]

    def jacobian(self) -> Any:
        """The Jacobian as a sympy matrix of shape ``(n, n)``."""
        import sympy

        return sympy.Matrix(self.equations).jacobian(list(self.variables))

    def divergence(self) -> Any:
        """Trace of the Jacobian: the local rate of volume growth of a flow."""
        return sum(self.jacobian().diagonal())


def symbolic(model: Model) -> Symbolic:
    """Write a model in sympy.

    White noises are symbols of their own names, delayed terms functions of time, entries of
    arrays symbols such as ``K[0, 1]``, tables undefined functions.

    Raises
    ------
    EquationError
        If the model is too large to write out.
    """
    if model.loops:
        raise EquationError(
            f"{len(model.variables)} variables are too large to write out for algebra"
        )
    writer = _Writer(model)
    equations: list[Any] = [None] * len(model.variables)
    for rule in model.rules:
        for place in rule.places():
            env = {rule.index: place} if rule.index else {}
            equations[rule.base + place] = writer.convert(rule.tree, {}, env)
    return Symbolic(
        writer.scope["t"],
        tuple(writer.scope[name] for name in model.variables),
        tuple(writer.scope[name] for name in model.parameters),
        tuple(equations),
    )


class _Writer:
    """Takes the trees of one model over into sympy."""

    def __init__(self, model: Model) -> None:
        import sympy

        self.sympy = sympy
        self.model = model
        self.operations = _operations(sympy)
        names = ("t", *model.variables, *model.parameters, *model.noise)
        self.scope: dict[str, Any] = {name: sympy.Symbol(name, real=True) for name in names}
        # A size is a number in the equations, though it stands among the parameters.
        self.sizes = {name: sympy.Integer(size) for name, size in model.sizes.items()}

    def convert(self, tree: Node, inner: Mapping[str, Any], env: Mapping[str, int]) -> Any:
        """One tree; `inner` are arguments of a function, `env` indices."""
        sympy, model = self.sympy, self.model
        done: list[Any] = []
        for node in postorder(tree, Special):
            match node:
                case Number(value):
                    done.append(_exact(sympy, value))
                case Name(name):
                    done.append(self.name(name, inner, env))
                case Call(function, arguments) if function in model.tables:
                    done.append(sympy.Function(function)(*_take(done, 1)))
                case Call(function, arguments):
                    given = _take(done, len(arguments))
                    body = model.function_trees[function]
                    local = dict(zip(body.arguments, given, strict=True))
                    done.append(self.convert(body.body, local, {}))
                case Apply(operation, arguments):
                    done.append(self.operations[operation](*_take(done, len(arguments))))
                case Index(name, arguments):
                    known = {**model.sizes, **env}
                    done.append(self.place(name, [indices.whole(a, known) for a in arguments]))
                case Sum(index, (first, last, term)):
                    known = {**model.sizes, **env}
                    ends = indices.whole(first, known), indices.whole(last, known)
                    terms = [
                        self.convert(term, inner, {**env, index: place})
                        for place in range(ends[0], ends[1] + 1)
                    ]
                    done.append(sympy.Add(*terms))
                case Total(kind, name):
                    count = model.place_counts[name]
                    total = sympy.Add(*(self.place(name, [place]) for place in range(count)))
                    done.append(total / count if kind == "mean" else total)
                case Delayed((variable, time)):
                    what = self.convert(variable, inner, env)
                    at = self.convert(time, inner, env)
                    done.append(what if what == 0 else sympy.Function(what.name)(at))
        return done[0]

    def name(self, name: str, inner: Mapping[str, Any], env: Mapping[str, int]) -> Any:
        if name in inner:
            return inner[name]
        if name in env:
            return self.sympy.Integer(env[name])
        if name in self.sizes:
            return self.sizes[name]
        if name not in self.scope:
            if name in self.model.quantity_trees:
                self.scope[name] = self.convert(self.model.quantity_trees[name], {}, {})
            else:
                assert name in CONSTANTS
                return self.sympy.pi if name == "pi" else self.sympy.E
        return self.scope[name]

    def place(self, name: str, where: list[int]) -> Any:
        """One place of a family, an array or an indexed quantity."""
        model = self.model
        if name in model.arrays:
            shown = f"{name}[{', '.join(map(str, where))}]"
            return self.sympy.Symbol(shown, real=True)
        at = indices.place(where[0], model.place_counts[name], model.edges.get(name, "wrap"))
        if at is None:
            return self.sympy.Integer(0)
        if name not in model.quantity_trees:
            return self.scope[f"{name}{at}"]
        index, _ = model.quantity_places[name]
        key = f"{name}[{at}]"
        if key not in self.scope:
            self.scope[key] = self.convert(model.quantity_trees[name], {}, {index: at})
        return self.scope[key]


def _take(done: list[Any], count: int) -> list[Any]:
    taken = done[len(done) - count :]
    del done[len(done) - count :]
    return taken


def _exact(sympy: Any, value: float) -> Any:
    # Short decimals are meant exactly: 0.1 is a tenth.
    return sympy.Integer(int(value)) if value == int(value) else sympy.Rational(repr(value))


def _operations(sympy: Any) -> dict[str, Callable[..., Any]]:
    s = sympy
    return {
        "+": lambda a, b: a + b,
        "-": lambda a, b: a - b,
        "*": lambda a, b: a * b,
        "/": lambda a, b: a / b,
        "^": lambda a, b: a**b,
        "negate": lambda a: -a,
        "<": s.Lt,
        "<=": s.Le,
        ">": s.Gt,
        ">=": s.Ge,
        "==": s.Eq,
        "!=": s.Ne,
        "and": s.And,
        "or": s.Or,
        "not": s.Not,
        "where": lambda test, yes, no: s.Piecewise((yes, test), (no, True)),
        "heaviside": lambda x, half=1: s.Heaviside(x, half),
        "sign": s.sign,
        "abs": s.Abs,
        "min": s.Min,
        "max": s.Max,
        "mod": lambda a, b: a - b * s.floor(a / b),
        "floor": s.floor,
        "ceil": s.ceiling,
        "exp": s.exp,
        "expm1": lambda x: s.exp(x) - 1,
        "log": s.log,
        "log10": lambda x: s.log(x, 10),
        "log2": lambda x: s.log(x, 2),
        "log1p": lambda x: s.log(1 + x),
        "sqrt": s.sqrt,
        "hypot": lambda a, b: s.sqrt(a**2 + b**2),
        "erf": s.erf,
        "sin": s.sin,
        "cos": s.cos,
        "tan": s.tan,
        "asin": s.asin,
        "acos": s.acos,
        "atan": s.atan,
        "atan2": s.atan2,
        "sinh": s.sinh,
        "cosh": s.cosh,
        "tanh": s.tanh,
        "asinh": s.asinh,
        "acosh": s.acosh,
        "atanh": s.atanh,
    }
