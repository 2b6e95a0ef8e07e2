"""Expressions of XPPAUT in our language: a tree and what its names mean, to a text.

A `Scope` knows the file's names; `translate` writes a tree in the language of
``engine.equations``, with the same value for the same numbers. What has no counterpart there
(random numbers inside a formula, Bessel functions) is refused with the reason. Two things
differ at single points: XPPAUT replaces the quotient by exactly 0 with a large number, and
its ``mod`` by 0 is no number; ours are infinite and not a number.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from engine.equations.words import MAXIMUM_LENGTH, error_at, suggestion
from engine.errors import EquationError
from engine.files.xppaut.expressions import (
    Apply,
    Chain,
    Choice,
    Compare,
    Literal,
    Logic,
    Minus,
    Place,
    Series,
    Tree,
    Variable,
    parse,
)
from engine.files.xppaut.families import Unfolded
from engine.files.xppaut.scope import Scope

MAXIMUM_TERMS = 5_000

_RENAMED = {"heav": "heaviside", "flr": "floor", "ln": "log"}
# fmt: off
_SAME = frozenset({
    "sin", "cos", "tan", "asin", "acos", "atan", "atan2", "sinh", "cosh", "tanh", "exp", "log",
    "log10", "sqrt", "abs", "max", "min", "sign", "ceil", "erf",
})
# fmt: on
_REFUSED = {
    "ran": "'ran' draws a new random number at every step, which a formula here cannot",
    "normal": "'normal' draws a new random number at every step, which a formula here cannot; "
    "white noise is declared with wiener",
    "poisson": "'poisson' draws a new random number at every step, which a formula here cannot",
    "lgamma": "the logarithm of the gamma function is not supported",
    "besselj": "Bessel functions are not supported",
    "bessely": "Bessel functions are not supported",
    "besseli": "Bessel functions are not supported",
    "hom_bcs": "'hom_bcs' belongs in boundary conditions only",
}
OR, AND, NOT, COMPARE, SUM, PRODUCT, SIGN, POWER, ATOM = range(1, 10)
"""How tightly a text binds, as in our grammar."""

REMAINDER = (
    "where(b > 0, mod(a, b), mod(abs(a), abs(b))*sign(a) + b*(mod(abs(a), abs(b))*sign(a) < 0))"
)
"""The ``mod(a, b)`` of XPPAUT for a divisor of any sign."""


def translate(text: str, scope: Scope, arguments: Mapping[str, str] | None = None) -> str:
    """An expression in our language.

    Parameters
    ----------
    text : str
    scope : Scope
    arguments : mapping of str to str, optional
        Arguments of the function whose body this is, in small letters -> our name; they hide
        other names.

    Raises
    ------
    EquationError
        With line and column in `text`.
    """
    places = scope.folding is not None and scope.folding.span is not None
    return write(parse(text, places), text, scope, arguments)


def write(tree: Tree, text: str, scope: Scope, arguments: Mapping[str, str] | None = None) -> str:
    """A tree in our language; `text` is shown in errors."""
    writer = _Writer(text, scope, dict(arguments or {}))
    try:
        result = writer.write(tree)[0]
    except RecursionError:
        raise EquationError("too deeply nested; split it into named quantities", text) from None
    if len(result) > MAXIMUM_LENGTH:
        raise EquationError(
            f"written out it has {len(result):,} characters, {MAXIMUM_LENGTH:,} are allowed; "
            "split it into named quantities",
            text,
        )
    return result


def constant(tree: Tree, scope: Scope, index: int | None = None) -> float | None:
    """The value of a tree of numbers and constants, or None where it is made of more."""
    match tree:
        case Literal(number):
            return float(number)
        case Variable("i'"):
            return index
        case Variable("pi"):
            return math.pi
        case Variable(name):
            return scope.constants.get(name)
        case Minus(operand):
            value = constant(operand, scope, index)
            return None if value is None else -value
        case Chain(_, first, rest):
            value = constant(first, scope, index)
            for operator, part in rest:
                right = constant(part, scope, index)
                if value is None or right is None:
                    return None
                value = _calculated(operator, value, right)
            return value
    return None


def _calculated(operator: str, left: float, right: float) -> float | None:
    try:
        match operator:
            case "+":
                return left + right
            case "-":
                return left - right
            case "*":
                return left * right
            case "/":
                return left / right
        value = left**right
    except (ZeroDivisionError, OverflowError):
        return None
    return value if isinstance(value, float) else None


class _Writer:
    def __init__(self, text: str, scope: Scope, arguments: dict[str, str]) -> None:
        self.text = text
        self.scope = scope
        self.arguments = arguments
        self.index: int | None = None
        self.running: tuple[int, int] | None = None

    def error(self, message: str, tree: Tree) -> EquationError:
        return error_at(message, self.text, min(tree.at, len(self.text)))

    def part(self, tree: Tree, tightness: int, *, inner: bool = False) -> str:
        """A part in brackets where it binds less than `tightness`, or has a sign inside."""
        text, binds = self.write(tree)
        if binds < tightness or (inner and text.startswith("-")):
            return f"({text})"
        return text

    def write(self, tree: Tree) -> tuple[str, int]:
        match tree:
            case Literal(number):
                return number.lower(), ATOM
            case Variable(name):
                return self.name(name, tree)
            case Minus(operand):
                return f"-{self.part(operand, POWER)}", SIGN
            case Chain(level, first, rest):
                return self.chain(level, first, rest)
            case Compare(operation, left, right):
                return f"{self.part(left, SUM)} {operation} {self.part(right, SUM)}", COMPARE
            case Logic("not", (operand,)):
                return f"not {self.condition(operand, COMPARE)}", NOT
            case Logic(operation, (left, right)):
                binds = AND if operation == "and" else OR
                return (
                    f"{self.condition(left, binds)} {operation} {self.condition(right, binds + 1)}"
                ), binds
            case Choice(test, yes, no):
                parts = (self.condition(test, OR), self.write(yes)[0], self.write(no)[0])
                return f"where({', '.join(parts)})", ATOM
            case Series():
                return self.series(tree)
            case Place():
                return self.place(tree), ATOM
            case Apply():
                return self.apply(tree)
        raise self.error("this cannot be said in our language", tree)

    def chain(self, level: str, first: Tree, rest: tuple[tuple[str, Tree], ...]) -> tuple[str, int]:
        if level == "^":
            base, power = self.part(first, ATOM), self.part(rest[0][1], ATOM)
            return f"{base}^{power}", POWER
        binds, tight = (SUM, PRODUCT) if level == "+" else (PRODUCT, SIGN)
        pieces = [self.part(first, binds)]
        for operator, tree in rest:
            piece = self.part(tree, tight, inner=True)
            pieces.append(f" {operator} {piece}" if level == "+" else f"{operator}{piece}")
        return "".join(pieces), binds

    def condition(self, tree: Tree, tightness: int) -> str:
        if isinstance(tree, (Compare, Logic)):
            return self.part(tree, tightness)
        text = f"{self.part(tree, SUM)} != 0"
        return f"({text})" if tightness > COMPARE else text

    def name(self, name: str, tree: Tree) -> tuple[str, int]:
        scope = self.scope
        if name == "i'" and self.running is not None and scope.folding is not None:
            return scope.folding.running, ATOM
        if name == "i'":
            if self.index is None:
                raise self.error("i' is the index of a sum and stands inside one only", tree)
            return (str(self.index), ATOM) if self.index >= 0 else (str(self.index), SIGN)
        if name in self.arguments:
            return self.arguments[name], ATOM
        if name == "t":
            scope.used.add("t")
            return (f"(t + {scope.start})" if scope.start else "t"), ATOM
        if name == "pi":
            return "pi", ATOM
        if name in scope.names:
            scope.used.add(name)
            member = scope.folding.member(name) if scope.folding is not None else ""
            return member or scope.names[name], ATOM
        if name in scope.functions or name in scope.specials:
            raise self.error(f"'{name}' is a function; write {name}(..)", tree)
        known = [*scope.names, *self.arguments, "t", "pi"]
        raise self.error(f"unknown name '{name}'{suggestion(name, known)}", tree)

    # ------------------------------------------------------------ functions

    def apply(self, tree: Apply) -> tuple[str, int]:
        name, arguments = tree.function, tree.arguments
        if name in self.scope.specials:
            return self.special(tree)
        if name in self.scope.functions:
            ours, count = self.scope.functions[name]
            if len(arguments) != count:
                plural = "argument" if count == 1 else "arguments"
                raise self.error(f"'{name}' takes {count} {plural}, got {len(arguments)}", tree)
            self.scope.used.add(name)
            return self.call(ours, arguments)
        if name in _REFUSED:
            raise self.error(_REFUSED[name], tree)
        match name:
            case "delay":
                return self.delay(arguments[0], arguments[1], tree)
            case "shift":
                folded = self.folded(arguments[0], arguments[1])
                return (
                    (folded, ATOM)
                    if folded
                    else self.write(self.shifted(arguments[0], arguments[1], tree))
                )
            case "del_shft":
                moved = self.shifted(arguments[0], arguments[1], tree)
                return self.delay(moved, arguments[2], tree)
            case "erfc":
                return f"1 - {self.call('erf', arguments)[0]}", SUM
            case "mod":
                return self.remainder(arguments)
        if name in _SAME or name in _RENAMED:
            return self.call(_RENAMED.get(name, name), arguments)
        if name in self.scope.names or name in self.arguments:
            raise self.error(f"'{name}' is not a function; write {name}*(..) for a product", tree)
        known = [*_SAME, *_RENAMED, *self.scope.functions]
        raise self.error(f"unknown function '{name}'{suggestion(name, known)}", tree)

    def call(self, name: str, arguments: Sequence[Tree]) -> tuple[str, int]:
        return f"{name}({', '.join(self.write(a)[0] for a in arguments)})", ATOM

    def remainder(self, arguments: Sequence[Tree]) -> tuple[str, int]:
        divisor = constant(arguments[1], self.scope, self.index)
        if divisor is not None and divisor > 0:
            return self.call("mod", arguments)
        self.scope.uses_remainder = True
        return self.call(self.scope.remainder, arguments)

    def series(self, tree: Series) -> tuple[str, int]:
        if self.index is not None or self.running is not None:
            raise self.error("a sum cannot stand inside a sum: both would be over i'", tree)
        ends = [constant(end, self.scope) for end in (tree.first, tree.last)]
        if ends[0] is None or ends[1] is None:
            raise self.error("the ends of a sum must be numbers", tree)
        first, last = math.trunc(ends[0]), math.trunc(ends[1])
        if last < first:
            return "0", ATOM
        if last - first >= MAXIMUM_TERMS:
            raise self.error(f"a sum may have {MAXIMUM_TERMS:,} terms", tree)
        folding = self.scope.folding
        if folding is not None and last - first > 3:
            self.running = first, last
            term = self.write(tree.term)[0]
            self.running = None
            return f"sum({folding.running}, {first}, {last}, {term})", ATOM
        pieces = []
        for index in range(first, last + 1):
            self.index = index
            pieces.append(self.part(tree.term, PRODUCT, inner=index > first))
        self.index = None
        return " + ".join(pieces), SUM if len(pieces) > 1 else PRODUCT

    def shifted(self, start: Tree, places: Tree, tree: Tree) -> Variable:
        if not isinstance(start, Variable):
            raise self.error("'shift' starts from the name of something", tree)
        distance = constant(places, self.scope, self.index)
        if distance is None:
            raise self.error("the distance of a 'shift' must be a number", tree)
        for row in self.scope.rows:
            if start.name in row and start.name not in self.arguments:
                place = row.index(start.name) + math.trunc(distance)
                if not 0 <= place < len(row):
                    raise self.error(
                        f"'shift' goes past the ends of what is declared with '{start.name}'", tree
                    )
                return Variable(row[place], tree.at)
        raise self.error(f"'shift' starts from something declared, not from '{start.name}'", tree)

    def place(self, tree: Place) -> str:
        """``u[j+1]`` or ``[j+1]`` in a file that keeps its ranges."""
        folding = self.scope.folding
        if folding is None or tree.name in self.arguments:
            raise Unfolded(tree.name)
        where = folding.place(tree)
        if not tree.name:
            return where.text
        self.scope.used.add(f"{tree.name}{where.low}")
        return folding.at(tree.name, where)

    def folded(self, start: Tree, distance: Tree) -> str:
        """``shift`` as a place of a family; empty where it is none."""
        folding = self.scope.folding
        if folding is None or not isinstance(start, Variable) or start.name in self.arguments:
            return ""
        text = folding.shifted(start.name, distance, self.running)
        if text:
            self.scope.used.add(start.name)
        return text

    def delay(self, what: Tree, lag: Tree, tree: Tree) -> tuple[str, int]:
        if isinstance(what, Apply) and what.function == "shift":
            what = self.shifted(what.arguments[0], what.arguments[1], tree)
        folding = self.scope.folding
        family = isinstance(what, Place) and folding and what.name in folding.plan.variables
        if not family and (
            not isinstance(what, Variable)
            or what.name not in self.scope.variables
            or what.name in self.arguments
        ):
            raise self.error("only a variable that has an equation can be delayed", tree)
        value = constant(lag, self.scope, self.index)
        if value is not None and value < 0:
            raise self.error(f"a delay must not be negative, got {value:g}", tree)
        if value == 0:
            return self.write(what)
        before = set(self.scope.used)
        self.scope.used.clear()
        text = self.part(lag, PRODUCT, inner=True)
        moving = sorted(name for name in self.scope.used if name not in self.scope.fixed)
        self.scope.used |= before
        if moving or any(word in self.arguments for word in _variables(lag)):
            raise self.error(
                "a delay is made of numbers and parameters; one that changes"
                + (f" with '{moving[0]}'" if moving else "")
                + " is not supported",
                tree,
            )
        self.scope.delays = True
        return f"{self.write(what)[0]}(t - {text})", ATOM

    def special(self, tree: Apply) -> tuple[str, int]:
        folding = self.scope.folding
        if folding is not None and len(tree.arguments) == 1 and self.running is None:
            network = self.scope.specials[tree.function]
            self.scope.used |= {tree.function, *network.starts}
            function = self.scope.functions.get(network.function, ("", 0))[0]
            return folding.network(network, tree.arguments[0], function), ATOM
        place = constant(tree.arguments[0], self.scope, self.index)
        if len(tree.arguments) != 1 or place is None or place != int(place):
            raise self.error(
                f"'{tree.function}' is taken at a place that is a number, as in "
                f"{tree.function}([j])",
                tree,
            )
        self.scope.used.add(tree.function)
        try:
            value = self.scope.specials[tree.function].value(int(place))
        except EquationError as error:
            raise self.error(f"'{tree.function}': {error.message}", tree) from None
        return self.write(value)


def _variables(tree: Tree) -> list[str]:
    """Names in a tree, however deep."""
    found, stack = [], [tree]
    while stack:
        match stack.pop():
            case Variable(name):
                found.append(name)
            case Minus(operand):
                stack.append(operand)
            case Chain(_, first, rest):
                stack += [first, *(part for _, part in rest)]
            case Compare(_, left, right):
                stack += [left, right]
            case Logic(_, operands):
                stack += operands
            case Choice(test, yes, no):
                stack += [test, yes, no]
            case Apply(_, arguments):
                stack += arguments
            case Series(first, last, term):
                stack += [first, last, term]
    return found
