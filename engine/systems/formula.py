"""Numbers for many places from one text: initial values of a family, entries of an array.

``"8 + 0.01*(i == 0)"`` is read by the same grammar as the equations and worked out with
numpy for all places at once. Equations never pass through here; they are compiled.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.equations.grammar import Apply, Name, Number, parse, postorder
from engine.equations.words import CONSTANTS
from engine.errors import EquationError

Array = NDArray[np.float64]
MOST_WORK = 40_000_000
"""Operations times places of one text; a second or two at most."""
_DEAR = {"erf": 5}
"""What an operation costs, in plain ones."""


def evaluate(text: str, names: Mapping[str, float | Array], shape: tuple[int, ...]) -> Array:
    """The value of a text at every place.

    Parameters
    ----------
    text : str
    names : mapping of str to float or array
        What the text may use; arrays have a shape that broadcasts to `shape`.
    shape : tuple of int

    Returns
    -------
    array of `shape`

    Raises
    ------
    EquationError
        If the text cannot be read, or a value is not finite.
    """
    tree = parse(text, names)
    table = operations()
    places = math.prod(shape)
    work = places * sum(
        _DEAR.get(node.operation, 1) for node in postorder(tree) if isinstance(node, Apply)
    )
    if work > MOST_WORK:
        raise EquationError(
            f"this comes to {work:,} operations for {places:,} places, at most {MOST_WORK:,} are "
            "possible; write a shorter text",
            text,
        )
    done: list[Any] = []
    with np.errstate(all="ignore"):
        for node in postorder(tree):
            match node:
                case Number(value):
                    done.append(value)
                case Name(name) if name in names:
                    done.append(names[name])
                case Name(name) if name in CONSTANTS:
                    done.append(CONSTANTS[name])
                case Apply(operation, arguments) if operation in table:
                    first = len(done) - len(arguments)
                    given = done[first:]
                    del done[first:]
                    done.append(table[operation](*given))
                case _:
                    raise EquationError(
                        "only numbers, parameters, indices and functions of the language can "
                        "stand here",
                        text,
                    )
        result = np.broadcast_to(np.asarray(done[0], dtype=np.float64), shape).copy()
    if not np.isfinite(result).all():
        place = np.argwhere(~np.isfinite(result))[0]
        where = ", ".join(f"{name} = {i}" for name, i in zip("ijk", place, strict=False))
        raise EquationError(f"the value is not finite at {where or 'this place'}", text)
    return result


@cache
def operations() -> Mapping[str, Callable[..., Any]]:
    """What each operation of the language is for arrays."""
    error_function = np.vectorize(math.erf, otypes=[float])
    # fmt: off
    return {
        "+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide, "^": np.float_power,
        "negate": np.negative, "<": np.less, "<=": np.less_equal, ">": np.greater,
        ">=": np.greater_equal, "==": np.equal, "!=": np.not_equal, "and": np.logical_and,
        "or": np.logical_or, "not": np.logical_not, "where": np.where,
        "heaviside": lambda x, half=1.0: np.heaviside(x, half), "sign": np.sign,
        "abs": np.abs, "min": np.minimum, "max": np.maximum,
        "mod": lambda a, b: a - b * np.floor(np.divide(a, b)), "floor": np.floor,
        "ceil": np.ceil, "exp": np.exp, "expm1": np.expm1, "log": np.log, "log10": np.log10,
        "log2": np.log2, "log1p": np.log1p, "sqrt": np.sqrt, "hypot": np.hypot,
        "erf": error_function, "sin": np.sin, "cos": np.cos, "tan": np.tan, "asin": np.arcsin,
        "acos": np.arccos, "atan": np.arctan, "atan2": np.arctan2, "sinh": np.sinh,
        "cosh": np.cosh, "tanh": np.tanh, "asinh": np.arcsinh, "acosh": np.arccosh,
        "atanh": np.arctanh,
    }
    # fmt: on
