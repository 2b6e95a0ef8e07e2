"""Formulas of ours in the language of XPPAUT: the way back from ``translate``.

Works on the trees of a `Model`, for one place of a family at a time: families, sums and
arrays come out written as single variables and numbers. Brackets are set wherever the
precedences of the two languages differ.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from engine.equations import indices
from engine.equations.model import Model
from engine.equations.nodes import (
    Apply,
    Call,
    Delayed,
    Index,
    Name,
    Node,
    Number,
    Sum,
    Total,
)
from engine.errors import EquationError

MAXIMUM_LENGTH = 900
"""Characters of an expression; the program reads about 1,000."""
MAXIMUM_BODY = 180
"""Characters of a function's body; longer functions are written out where they are called."""
SUM, PRODUCT, SIGN, POWER, ATOM = range(5)

# fmt: off
_SAME = frozenset({
    "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "exp", "log10", "sqrt",
    "abs", "sign", "erf",
})
# fmt: on
_BINARY = frozenset({"atan2", "min", "max"})


@dataclass
class Formulas:
    """Writes trees of one model.

    Attributes
    ----------
    model : Model
    names : mapping of str to str
        Our plain name (places of families too: ``x3``) -> the name there.
    arrays : mapping of str to array
        Entries of array parameters, written as numbers.
    functions : set of str
        Functions that are declared there; others are written out.
    """

    model: Model
    names: Mapping[str, str]
    arrays: Mapping[str, NDArray[np.float64]]
    functions: set[str] = field(default_factory=set)
    tables: Mapping[str, Callable[[str], str]] = field(default_factory=dict)
    """Table -> how a call of it with that argument is written."""
    broken: Callable[[list[str]], str] | None = None
    """What writes a long sum over temporary variables, where those are allowed."""
    event: bool = False
    """Whether this is for an event, where an equals sign cannot stand inside a formula."""

    def text(
        self,
        tree: Node,
        places: Mapping[str, int] | None = None,
        arguments: Mapping[str, str] | None = None,
    ) -> str:
        """A tree as an expression.

        Parameters
        ----------
        tree : Node
        places : mapping of str to int, optional
            Indices in force.
        arguments : mapping of str to str, optional
            Arguments of the function whose body this is, as they are written.

        Raises
        ------
        EquationError
            If it cannot be said there.
        """
        return _Writer(self, dict(places or {}), dict(arguments or {})).write(tree)[0]

    def terms(self, tree: Node, places: Mapping[str, int] | None = None) -> list[str]:
        """The terms of a sum, each with its sign, to be written on several lines."""
        return _Writer(self, dict(places or {}), {}).terms(tree)


class _Writer:
    def __init__(self, owner: Formulas, places: dict[str, int], arguments: dict[str, str]) -> None:
        self.owner = owner
        self.model = owner.model
        self.places = places
        self.arguments = arguments

    def part(self, tree: Node, tightness: int) -> str:
        text, binds = self.write(tree)
        return text if binds >= tightness and not text.startswith("-") else f"({text})"

    def write(self, tree: Node) -> tuple[str, int]:
        match tree:
            case Number(value):
                return _number(value), ATOM
            case Name(name):
                return self.name(name)
            case Call(name, arguments):
                return self.call(name, arguments)
            case Apply(operation, arguments):
                return self.apply(operation, arguments)
            case Index() | Total() | Sum():
                if isinstance(tree, Index):
                    return self.index(tree)
                terms = self.terms(tree)
                text = _joined(terms) if terms else "0"
                if len(text) > MAXIMUM_LENGTH // 2 and self.owner.broken is not None:
                    text = self.owner.broken(terms)
                if isinstance(tree, Total) and tree.kind == "mean":
                    return f"({text})/{self.model.place_counts[tree.name]}", PRODUCT
                return text, SUM
            case Delayed():
                return self.delayed(tree)
        raise EquationError("this cannot be written")

    def terms(self, tree: Node) -> list[str]:
        """The terms of a sum with their signs; the left spine is walked in a loop."""
        match tree:
            case Sum(index, (first, last, term)):
                found = []
                for place in range(self.whole(first), self.whole(last) + 1):
                    inner = _Writer(self.owner, {**self.places, index: place}, self.arguments)
                    found.append(f"+{inner.part(term, PRODUCT)}")
                return found
            case Total(_, name):
                size = self.model.place_counts[name]
                return [f"+{self.at(name, [place])}" for place in range(size)]
            case Apply("+" | "-"):
                parts: list[tuple[str, Node]] = []
                while isinstance(tree, Apply) and tree.operation in ("+", "-"):
                    parts.append((tree.operation, tree.arguments[1]))
                    tree = tree.arguments[0]
                pieces = self.terms(tree)
                for sign, part in reversed(parts):
                    if sign == "+" and isinstance(part, (Sum, Total)) and not _mean(part):
                        pieces += self.terms(part)
                    else:
                        pieces.append(f"{sign}{self.part(part, PRODUCT)}")
                return pieces
        text, binds = self.write(tree)
        if text.startswith("-") and binds >= PRODUCT:
            return [text]
        return [f"+{text if binds >= PRODUCT else f'({text})'}"]

    def name(self, name: str) -> tuple[str, int]:
        if name in self.places:
            place = self.places[name]
            return (str(place), ATOM) if place >= 0 else (f"({place})", ATOM)
        if name in self.arguments:
            text = self.arguments[name]
            return text, ATOM
        if name in self.owner.names:
            return self.owner.names[name], ATOM
        if name in ("t", "pi"):
            return name, ATOM
        if name == "e":
            return "exp(1)", ATOM
        raise EquationError(f"'{name}' has no name there")

    def whole(self, tree: Node) -> int:
        return indices.whole(tree, {**self.model.sizes, **self.places})

    def index(self, tree: Index) -> tuple[str, int]:
        where = [self.whole(argument) for argument in tree.arguments]
        if tree.name not in self.model.arrays:
            size = self.model.place_counts[tree.name]
            place = indices.place(where[0], size, self.model.edges.get(tree.name, "wrap"))
            if place is None:
                return "0", ATOM
            where = [place]
        return self.at(tree.name, where), ATOM

    def at(self, name: str, where: list[int]) -> str:
        if name in self.model.arrays:
            value = float(self.owner.arrays[name][tuple(where)])
            return _number(value) if value >= 0 else f"(-{_number(-value)})"
        return self.owner.names[f"{name}{where[0]}"]

    def call(self, name: str, arguments: tuple[Node, ...]) -> tuple[str, int]:
        if name in self.owner.tables:
            return self.owner.tables[name](self.write(arguments[0])[0]), ATOM
        if name in self.owner.functions:
            given = ",".join(self.write(argument)[0] for argument in arguments)
            return f"{self.owner.names[name]}({given})", ATOM
        function = self.model.function_trees[name]
        texts = [self.part(argument, ATOM) for argument in arguments]
        inner = dict(zip(function.arguments, texts, strict=True))
        return _Writer(self.owner, {}, inner).write(function.body)

    def delayed(self, tree: Delayed) -> tuple[str, int]:
        variable, time = tree.arguments
        lags = []
        while isinstance(time, Apply) and time.operation == "-":
            lags.append(self.part(time.arguments[1], PRODUCT))
            time = time.arguments[0]
        if not isinstance(time, Name) or time.name != "t" or not lags:
            raise EquationError("a delayed term is written x(t - tau)")
        return f"delay({self.write(variable)[0]},{'+'.join(reversed(lags))})", ATOM

    def apply(self, operation: str, arguments: tuple[Node, ...]) -> tuple[str, int]:
        match operation:
            case "+" | "-":
                return _joined(self.terms(Apply(operation, arguments))), SUM
            case "*" | "/":
                return self.product(Apply(operation, arguments))
            case "^":
                left, right = (self.part(argument, ATOM) for argument in arguments)
                return f"{left}^{right}", POWER
            case "negate":
                return f"-{self.part(arguments[0], POWER)}", SIGN
            case "<" | "<=" | ">" | ">=" | "==" | "!=":
                left, right = (self.part(argument, ATOM) for argument in arguments)
                if self.owner.event and "=" in operation:
                    return _without_equals(operation, left, right)
                # A number before '!=' is misread there.
                left = f"({left})" if operation == "!=" else left
                return f"({left}{operation}{right})", ATOM
            case "and" | "or":
                sign = "&" if operation == "and" else "|"
                left, right = (self.part(_truth(argument), ATOM) for argument in arguments)
                return f"({left}{sign}{right})", ATOM
            case "not":
                return f"1-{self.part(arguments[0], ATOM)}", SUM
            case "where" if arguments[1:] == (Number(1.0), Number(0.0)):
                return self.write(arguments[0])
            case "where":
                test = self.write(_truth(arguments[0]))[0]
                yes, no = (self.write(argument)[0] for argument in arguments[1:])
                return f"if({test})then({yes})else({no})", ATOM
        return self.function(operation, arguments)

    def product(self, tree: Apply) -> tuple[str, int]:
        parts: list[tuple[str, Node]] = []
        first: Node = tree
        while isinstance(first, Apply) and first.operation in ("*", "/"):
            parts.append((first.operation, first.arguments[1]))
            first = first.arguments[0]
        text, binds = self.write(first)
        pieces = [text if binds >= SIGN else f"({text})"]
        pieces += [f"{sign}{self.part(part, POWER)}" for sign, part in reversed(parts)]
        return "".join(pieces), PRODUCT

    def function(self, operation: str, arguments: tuple[Node, ...]) -> tuple[str, int]:
        texts = [self.write(argument)[0] for argument in arguments]
        first = texts[0]
        bracketed = self.part(arguments[0], ATOM)
        if operation in _SAME or operation in _BINARY:
            return f"{operation}({','.join(texts)})", ATOM
        match operation:
            case "log":
                return f"ln({first})", ATOM
            case "log2":
                return f"ln({first})/ln(2)", PRODUCT
            case "log1p":
                return f"ln(1+{self.part(arguments[0], PRODUCT)})", ATOM
            case "expm1":
                return f"exp({first})-1", SUM
            case "floor":
                return f"flr({first})", ATOM
            case "ceil":
                return f"-flr(-{bracketed})", SIGN
            case "heaviside" if len(texts) == 1:
                return f"heav({first})", ATOM
            case "heaviside":
                # The step is 1 at 0; what the second argument lacks of it is taken off there.
                return f"heav({first})-(1-({texts[1]}))*(1-abs(sign({first})))", SUM
            case "hypot":
                other = self.part(arguments[1], ATOM)
                return f"sqrt({bracketed}^2+{other}^2)", ATOM
            case "mod":
                other = self.part(arguments[1], POWER)
                if isinstance(arguments[1], Number) or (
                    isinstance(arguments[1], Name) and arguments[1].name == "pi"
                ):
                    return f"mod({','.join(texts)})", ATOM
                left = self.part(arguments[0], PRODUCT)
                over = self.part(arguments[0], SIGN)
                return f"{left}-{other}*flr({over}/{other})", SUM
            case "asinh":
                return f"sign({first})*ln(abs({first})+sqrt({bracketed}^2+1))", PRODUCT
            case "acosh":
                return f"ln({bracketed}+sqrt({bracketed}^2-1))", ATOM
            case "atanh":
                left = self.part(arguments[0], PRODUCT)
                return f".5*ln((1+{left})/(1-{left}))", PRODUCT
        raise EquationError(f"'{operation}' has no counterpart there")


def _truth(tree: Node) -> Node:
    """What is tested; a test for not being 0 is implied there."""
    match tree:
        case Apply("!=", (inner, Number(0.0))):
            return inner
    return tree


def _without_equals(operation: str, left: str, right: str) -> tuple[str, int]:
    match operation:
        case "<=":
            return f"1-({left}>{right})", SUM
        case ">=":
            return f"1-({left}<{right})", SUM
    apart = f"abs(sign({left}-{right}))"
    return (apart, ATOM) if operation == "!=" else (f"1-{apart}", SUM)


def _mean(tree: Node) -> bool:
    return isinstance(tree, Total) and tree.kind == "mean"


def _joined(terms: list[str]) -> str:
    return "".join(terms).removeprefix("+")


def _number(value: float) -> str:
    if value == int(value) and abs(value) < 1e15:
        return str(int(value))
    return repr(float(value))
