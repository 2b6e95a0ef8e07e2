"""Numbers from expressions of XPPAUT: the entries of a table, an initial value.

Works on the tree, for all places of a table at once. Right-hand sides never pass through
here; they become equations of our language (``translate``).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.equations.words import error_at, suggestion
from engine.errors import EquationError
from engine.files.xppaut.expressions import (
    Apply,
    Chain,
    Choice,
    Compare,
    Literal,
    Logic,
    Minus,
    Tree,
    Variable,
    parse,
)

Numbers = float | NDArray[np.float64]

_OPERATIONS: dict[str, Callable[[Any, Any], Any]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
    "^": np.float_power,
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
    "==": np.equal,
    "!=": np.not_equal,
    "and": np.logical_and,
    "or": np.logical_or,
}
_ERROR_FUNCTION = np.vectorize(math.erf, otypes=[float])
_FUNCTIONS: dict[str, Callable[..., Any]] = {
    **{name: getattr(np, name) for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh")},
    **{name: getattr(np, name) for name in ("exp", "sqrt", "sign", "ceil")},
    "asin": np.arcsin,
    "acos": np.arccos,
    "atan": np.arctan,
    "atan2": np.arctan2,
    "ln": np.log,
    "log": np.log,
    "log10": np.log10,
    "abs": np.abs,
    "max": np.maximum,
    "min": np.minimum,
    "flr": np.floor,
    "heav": lambda x: np.heaviside(x, 1.0),
    "mod": lambda a, b: np.fmod(a, b) + np.where(np.fmod(a, b) < 0, b, 0.0),
    "erf": _ERROR_FUNCTION,
    "erfc": lambda x: 1.0 - _ERROR_FUNCTION(x),
}
_DEEPEST = 30
"""Functions that call functions."""


def evaluate(
    text: str,
    names: Mapping[str, Numbers],
    functions: Mapping[str, tuple[tuple[str, ...], str]],
) -> Numbers:
    """The value of an expression.

    Parameters
    ----------
    text : str
    names : mapping of str to float or array
        In small letters.
    functions : mapping of str to (arguments, body)
        Functions of the file, all in small letters.

    Raises
    ------
    EquationError
        If it uses anything else, with line and column in `text`.
    """
    with np.errstate(all="ignore"):
        value: Numbers = _value(parse(text), text, names, functions, 0)
    return value


def _value(
    tree: Tree,
    text: str,
    names: Mapping[str, Numbers],
    functions: Mapping[str, tuple[tuple[str, ...], str]],
    depth: int,
) -> Any:
    def value(part: Tree) -> Any:
        return _value(part, text, names, functions, depth)

    match tree:
        case Literal(number):
            return float(number)
        case Variable("pi"):
            return math.pi
        case Variable(name) if name in names:
            return names[name]
        case Variable(name):
            raise error_at(f"'{name}' is not known here{suggestion(name, names)}", text, tree.at)
        case Minus(operand):
            return -value(operand)
        case Chain(_, first, rest):
            result = value(first)
            for operator, part in rest:
                result = _OPERATIONS[operator](result, value(part))
            return result
        case Compare(operation, left, right):
            return 1.0 * _OPERATIONS[operation](value(left), value(right))
        case Logic("not", (operand,)):
            return 1.0 * (np.asarray(value(operand)) == 0)
        case Logic(operation, (left, right)):
            return 1.0 * _OPERATIONS[operation](value(left), value(right))
        case Choice(test, yes, no):
            return np.where(np.asarray(value(test)) != 0, value(yes), value(no))
        case Apply(name, arguments) if name in functions and depth < _DEEPEST:
            heads, body = functions[name]
            if len(heads) != len(arguments):
                raise error_at(f"'{name}' takes {len(heads)} arguments", text, tree.at)
            inner = {**names, **dict(zip(heads, map(value, arguments), strict=True))}
            try:
                return _value(parse(body), body, inner, functions, depth + 1)
            except EquationError as error:
                raise error_at(f"'{name}': {error.message}", text, tree.at) from None
        case Apply(name, arguments) if name in _FUNCTIONS:
            return _FUNCTIONS[name](*map(value, arguments))
        case Apply(name):
            raise error_at(f"'{name}' cannot be used here", text, tree.at)
    raise error_at("this cannot be used here", text, tree.at)
