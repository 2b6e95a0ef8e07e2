"""What each operation of the language is worth for plain numbers.

Serves numeric entries (``8/3`` in a file or a number box) and constant folding. Models are
never evaluated through this; they are compiled.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from engine.equations.grammar import parse
from engine.equations.nodes import Apply, Name, Node, Number, postorder
from engine.equations.words import CONSTANTS
from engine.errors import EquationError

if TYPE_CHECKING:
    from engine.equations.graph import Graph

# fmt: off
EVALUATE: Mapping[str, Callable[..., float | bool]] = {
    "+": lambda a, b: a + b, "-": lambda a, b: a - b, "*": lambda a, b: a * b,
    # Always on floats: 9^9^9 overflows at once instead of growing an integer for ever.
    "/": lambda a, b: a / b, "^": lambda a, b: math.pow(a, b), "negate": lambda a: -a,
    "<": lambda a, b: a < b, "<=": lambda a, b: a <= b, ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b, "==": lambda a, b: a == b, "!=": lambda a, b: a != b,
    "and": lambda a, b: a and b, "or": lambda a, b: a or b, "not": lambda a: not a,
    "where": lambda c, a, b: a if c else b,
    "heaviside": lambda x, half=1.0: 1.0 if x > 0 else 0.0 if x < 0 else half,
    "sign": lambda x: float((x > 0) - (x < 0)), "abs": abs, "min": min, "max": max,
    "mod": lambda a, b: a - b * float(math.floor(a / b)),
    "floor": lambda x: float(math.floor(x)), "ceil": lambda x: float(math.ceil(x)),
    "exp": math.exp, "expm1": math.expm1, "log": math.log, "log10": math.log10,
    "log2": math.log2, "log1p": math.log1p, "sqrt": math.sqrt, "hypot": math.hypot,
    "erf": math.erf, "sin": math.sin, "cos": math.cos, "tan": math.tan, "asin": math.asin,
    "acos": math.acos, "atan": math.atan, "atan2": math.atan2, "sinh": math.sinh,
    "cosh": math.cosh, "tanh": math.tanh, "asinh": math.asinh, "acosh": math.acosh,
    "atanh": math.atanh,
}
# fmt: on


def number(text: str | float) -> float:
    """A finite number from a number or arithmetic such as ``"8/3"`` or ``"2*pi"``.

    Raises
    ------
    EquationError
        If the text is no arithmetic of numbers, or its value is not finite.
    """
    if isinstance(text, bool) or not isinstance(text, (str, int, float)):
        raise EquationError(f"a number is expected, got {type(text).__name__}")
    if not isinstance(text, str):
        if not abs(text) <= 1.7976931348623157e308:
            size = text if isinstance(text, float) else "a larger one than 1.8e308"
            raise EquationError(f"a finite number is expected, got {size}")
        return float(text)
    value = fold(parse(text, names=()))
    if value is None:
        raise EquationError(
            f"'{text.strip()[:60]}' has no finite value; a plain number is expected", text
        )
    return value


def fold(tree: Node) -> float | None:
    """The value of a tree of numbers, or None where it has none that is finite."""
    done: list[float | bool] = []
    for node in postorder(tree):
        match node:
            case Number(value):
                done.append(value)
            case Name(name) if name in CONSTANTS:
                done.append(CONSTANTS[name])
            case Apply(operation, arguments):
                first = len(done) - len(arguments)
                given = done[first:]
                del done[first:]
                result = fold_one(operation, given)
                if result is None:
                    return None
                done.append(result)
            case _:
                return None
    return float(done[0])


def nodes(graph: Graph, wanted: Sequence[int], symbols: Mapping[str, float]) -> list[float | None]:
    """What nodes of a graph are worth, None where that is not finite; tables are not known."""
    values: dict[int, float | bool | None] = {}
    for node in graph.reachable(wanted):
        leaf = graph.leaves[node]
        if isinstance(leaf, float):
            values[node] = leaf
        elif isinstance(leaf, str):
            values[node] = symbols.get(leaf)
        else:
            given = [values[argument] for argument in graph.arguments[node]]
            known = [value for value in given if value is not None]
            values[node] = (
                fold_one(graph.operations[node], known) if len(known) == len(given) else None
            )
    return [None if (value := values[node]) is None else float(value) for node in wanted]


def fold_one(operation: str, values: list[float | bool]) -> float | bool | None:
    """The value of one operation, or None where it is not finite or known to models only."""
    if operation not in EVALUATE:
        return None
    try:
        result = EVALUATE[operation](*values)
    except (ArithmeticError, ValueError):
        return None
    return result if math.isfinite(result) else None
