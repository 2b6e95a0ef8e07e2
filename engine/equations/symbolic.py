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

from engine.equations.nodes import Apply, Call, Name, Node, Number, postorder
from engine.equations.words import CONSTANTS

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
    """Write a model in sympy."""
    import sympy

    operations = _operations(sympy)
    time = sympy.Symbol("t", real=True)
    scope: dict[str, Any] = {"t": time}
    scope |= {name: sympy.Symbol(name, real=True) for name in (*model.variables, *model.parameters)}

    def convert(tree: Node, inner: Mapping[str, Any]) -> Any:
        done: list[Any] = []
        for node in postorder(tree):
            match node:
                case Number(value):
                    done.append(_exact(sympy, value))
                case Name(name):
                    done.append(lookup(name, inner))
                case Call(function, arguments):
                    given = _take(done, len(arguments))
                    body = model.function_trees[function]
                    done.append(convert(body.body, dict(zip(body.arguments, given, strict=True))))
                case Apply(operation, arguments):
                    done.append(operations[operation](*_take(done, len(arguments))))
        return done[0]

    def lookup(name: str, inner: Mapping[str, Any]) -> Any:
        if name in inner:
            return inner[name]
        if name not in scope:
            if name in model.quantity_trees:
                scope[name] = convert(model.quantity_trees[name], {})
            else:
                assert name in CONSTANTS
                return sympy.pi if name == "pi" else sympy.E
        return scope[name]

    return Symbolic(
        time,
        tuple(scope[name] for name in model.variables),
        tuple(scope[name] for name in model.parameters),
        tuple(convert(rule.tree, {}) for rule in sorted(model.rules, key=lambda r: r.rows())),
    )


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
