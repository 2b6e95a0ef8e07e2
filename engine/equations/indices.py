"""Arithmetic of places: whole numbers made of whole numbers, sizes and indices.

What ``i + 1`` is for a given ``i``, between which ends it stays, how it is written in
generated code, and what a place past the ends of a family means. No parameter or variable
ever decides on a place, so all of this is known before anything runs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from engine.equations.nodes import Apply, Name, Node, Number, postorder
from engine.errors import EquationError

LARGEST = 2**53
Interval = tuple[int, int]


def whole(tree: Node, known: Mapping[str, int]) -> int:
    """The whole number that an index expression is worth.

    Parameters
    ----------
    tree : Node
    known : mapping of str to int
        Sizes and indices.

    Raises
    ------
    EquationError
        If the expression is no whole number, divides by zero or is beyond 2^53.
    """
    low, high = bounds(tree, {name: (value, value) for name, value in known.items()})
    assert low == high
    return low


def bounds(tree: Node, known: Mapping[str, Interval]) -> Interval:
    """Between which whole numbers an index expression stays, both ends reached or beyond it.

    Exact where every index occurs once, otherwise at worst too wide.
    """
    if isinstance(tree, Number):
        return _number(tree.value)
    done: list[Interval] = []
    for node in postorder(tree):
        match node:
            case Number(value):
                done.append(_number(value))
            case Name(name) if name in known:
                done.append(known[name])
            case Apply("/"):
                # Only inside floor: both sides wait for it.
                continue
            case Apply("floor", (Apply("/"),)):
                right, left = done.pop(), done.pop()
                done.append(_divided(left, right))
            case Apply(operation, arguments) if operation in _INTERVALS:
                first = len(done) - len(arguments)
                given = done[first:]
                del done[first:]
                done.append(_INTERVALS[operation](*given))
            case _:
                named = f", not '{node.name}'" if isinstance(node, Name) else ""
                raise EquationError(
                    f"a whole number is expected, made of whole numbers and sizes{named}"
                )
        if max(abs(done[-1][0]), abs(done[-1][1])) > LARGEST:
            raise EquationError("this whole number is too large")
    if len(done) != 1:
        raise EquationError("a whole number is expected; divide with // here")
    return done[0]


def place(index: int, size: int, edge: str) -> int | None:
    """Which of the places 0 .. size - 1 an index means, or None for nothing there (zero).

    ``wrap`` goes on at the other end, ``hold`` stays at the last place, ``reflect`` turns
    back at it (-1 is 1), ``zero`` finds nothing.
    """
    if 0 <= index < size:
        return index
    match edge:
        case "wrap":
            return index % size
        case "hold":
            return 0 if index < 0 else size - 1
        case "reflect":
            if size == 1:
                return 0
            turned = index % (2 * size - 2)
            return turned if turned < size else 2 * size - 2 - turned
    return None


def code(tree: Node, names: Mapping[str, str]) -> str:
    """An index expression as Python on integers; `names` says what sizes and indices are."""
    done: list[str] = []
    for node in postorder(tree):
        match node:
            case Number(value):
                done.append(str(int(value)))
            case Name(name):
                done.append(names[name])
            case Apply("/"):
                right, left = done.pop(), done.pop()
                done.append(f"{left} // {right}")
            case Apply("floor"):
                done.append(f"({done.pop()})")
            case Apply(operation, arguments):
                first = len(done) - len(arguments)
                given = done[first:]
                del done[first:]
                done.append(_CODE[operation].format(*given))
    return done[0]


def _number(value: float) -> Interval:
    if value != int(value):
        raise EquationError(f"a whole number is expected, got {value!r}")
    if abs(value) > LARGEST:
        raise EquationError("this whole number is too large")
    return int(value), int(value)


def _divided(a: Interval, b: Interval) -> Interval:
    if b[0] <= 0 <= b[1]:
        raise EquationError("an index divides by zero")
    ends = [x // y for x in a for y in b]
    return min(ends), max(ends)


def _remainder(a: Interval, b: Interval) -> Interval:
    if b[0] <= 0 <= b[1]:
        raise EquationError("an index divides by zero")
    if b[0] == b[1] and a[0] // b[0] == a[1] // b[0]:
        ends = (a[0] % b[0], a[1] % b[0])
        return min(ends), max(ends)
    return (0, b[1] - 1) if b[0] > 0 else (b[0] + 1, 0)


def _product(a: Interval, b: Interval) -> Interval:
    ends = [x * y for x in a for y in b]
    return min(ends), max(ends)


def _absolute(a: Interval) -> Interval:
    ends = (abs(a[0]), abs(a[1]))
    return (0 if a[0] <= 0 <= a[1] else min(ends)), max(ends)


_INTERVALS: Mapping[str, Callable[..., Interval]] = {
    "+": lambda a, b: (a[0] + b[0], a[1] + b[1]),
    "-": lambda a, b: (a[0] - b[1], a[1] - b[0]),
    "*": _product,
    "negate": lambda a: (-a[1], -a[0]),
    "mod": _remainder,
    "min": lambda a, b: (min(a[0], b[0]), min(a[1], b[1])),
    "max": lambda a, b: (max(a[0], b[0]), max(a[1], b[1])),
    "abs": _absolute,
}
_CODE: Mapping[str, str] = {
    "+": "({0} + {1})",
    "-": "({0} - {1})",
    "*": "({0} * {1})",
    "negate": "(-{0})",
    "mod": "({0} % {1})",
    "min": "min({0}, {1})",
    "max": "max({0}, {1})",
    "abs": "abs({0})",
}
