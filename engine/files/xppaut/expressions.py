"""Expressions as XPPAUT writes and reads them: text to a tree.

The format has precedences of its own, which this follows: comparisons stand on the level of
the power and both group from the left (``2^3^2`` is 64, ``a+b<c`` is ``a+(b<c)``), then the
sign and ``not``, then products together with ``&``, then sums together with ``|``, all
grouping from the left. A sign stands at the start or after a bracket or comma only; ``not``
also within sums. Names are the same in small and capital letters. What a tree means in our
language is in ``translate``.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import NamedTuple

from engine.equations.words import MAXIMUM_DEPTH, error_at
from engine.errors import EquationError

# fmt: off
FUNCTIONS: dict[str, int] = {
    "sin": 1, "cos": 1, "tan": 1, "asin": 1, "acos": 1, "atan": 1, "atan2": 2, "sinh": 1,
    "cosh": 1, "tanh": 1, "exp": 1, "ln": 1, "log": 1, "log10": 1, "sqrt": 1, "abs": 1,
    "max": 2, "min": 2, "mod": 2, "heav": 1, "sign": 1, "flr": 1, "ceil": 1, "erf": 1,
    "erfc": 1, "ran": 1, "normal": 2, "poisson": 1, "lgamma": 1, "besselj": 2, "bessely": 2,
    "besseli": 2, "hom_bcs": 1, "delay": 2, "shift": 2, "del_shft": 3,
}
# fmt: on
"""Function -> number of arguments."""
WORDS = frozenset({*FUNCTIONS, "if", "then", "else", "sum", "of", "not", "int", "t", "pi"})
"""What a name cannot be."""


@dataclass(frozen=True)
class Literal:
    """A number, as written."""

    text: str
    at: int = 0


@dataclass(frozen=True)
class Variable:
    """A name, in small letters; ``i'`` is the index of a sum."""

    name: str
    at: int = 0


@dataclass(frozen=True)
class Minus:
    """A sign before something."""

    operand: Tree
    at: int = 0


@dataclass(frozen=True)
class Chain:
    """A sum, product or power: ``first``, then operators with their right sides, left to right.

    `level` is ``+``, ``*`` or ``^``. Kept flat, as a sum may have thousands of terms.
    """

    level: str
    first: Tree
    rest: tuple[tuple[str, Tree], ...]
    at: int = 0


@dataclass(frozen=True)
class Compare:
    """A comparison: 1 or 0."""

    operation: str
    left: Tree
    right: Tree
    at: int = 0


@dataclass(frozen=True)
class Logic:
    """``and``, ``or`` or ``not`` of truth values: what is not 0 is true."""

    operation: str
    operands: tuple[Tree, ...]
    at: int = 0


@dataclass(frozen=True)
class Choice:
    """``if(..)then(..)else(..)``."""

    test: Tree
    yes: Tree
    no: Tree
    at: int = 0


@dataclass(frozen=True)
class Apply:
    """A function, of the format or of the file, with its arguments."""

    function: str
    arguments: tuple[Tree, ...]
    at: int = 0


@dataclass(frozen=True)
class Series:
    """``sum(first,last)of(term)`` over ``i'``."""

    first: Tree
    last: Tree
    term: Tree
    at: int = 0


@dataclass(frozen=True)
class Place:
    """``u[j+1]`` on a line with a range that is not written out; ``[j+1]`` where `name` is empty.

    `operation` is one of ``+ - *``, and `number` follows it.
    """

    name: str
    operation: str
    number: int
    at: int = 0

    def value(self, j: int) -> int:
        """Which place that is for a j."""
        match self.operation:
            case "-":
                return j - self.number
            case "*":
                return j * self.number
        return j + self.number


Tree = Literal | Variable | Minus | Chain | Compare | Logic | Choice | Apply | Series | Place


class _Token(NamedTuple):
    kind: str
    text: str
    at: int


_PATTERN = re.compile(
    r"(?P<space>\s+)"
    r"|(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)"
    r"|(?P<index>[iI]')"
    r"|(?P<name>[A-Za-z_]\w*)"
    r"|(?P<place>\[j(?:[-+*]\d{1,9})?\])"
    r"|(?P<operator>\*\*|<=|>=|==|!=|[-+*/^(),<>&|])",
    re.ASCII,
)
_COMPARE = frozenset({"<", "<=", ">", ">=", "==", "!="})


def parse(text: str, places: bool = False) -> Tree:
    """Read an expression.

    Parameters
    ----------
    text : str
    places : bool
        Whether ``[j]`` may occur.

    Raises
    ------
    EquationError
        With line and column in `text`, whatever cannot be read.
    """
    reader = _Reader(text, places)
    try:
        tree = reader.sum(0)
    except RecursionError:
        raise EquationError("too deeply nested; split it into named quantities", text) from None
    if reader.token.kind != "end":
        raise reader.unexpected()
    return tree


def _scan(text: str, places: bool) -> list[_Token]:
    tokens = []
    at = 0
    while at < len(text):
        match = _PATTERN.match(text, at)
        if match is None or (match.lastgroup == "place" and not places):
            raise error_at(_refusal(text, at), text, at)
        kind, word = str(match.lastgroup), match.group()
        if kind == "number":
            after = text[match.end() : match.end() + 1]
            if after == "." or after.isalpha() or after == "_":
                raise error_at(f"'{word}{after}' is no number; a product needs '*'", text, at)
            if not math.isfinite(float(word)):
                raise error_at("this number is too large", text, at)
        if kind != "space":
            tokens.append(_Token(kind, word if kind == "number" else word.lower(), at))
        at = match.end()
    tokens.append(_Token("end", "", len(text)))
    return tokens


def _refusal(text: str, at: int) -> str:
    match text[at]:
        case "[" | "]":
            return (
                "a place in brackets is written [j], [j+1], [j-1] or [j*2], on a line with a range "
                "such as x[1..10] or inside a block"
            )
        case "{" | "}" | "#":
            return "'{', '}' and '#' belong to integral equations, which are not supported"
        case "=":
            return "one '=' says nothing here; compare with '=='"
        case "'":
            return "a prime says nothing inside an expression"
        case other:
            return f"unexpected character {other if other.isprintable() else repr(other)}"


class _Reader:
    def __init__(self, text: str, places: bool) -> None:
        self.text = text
        self.tokens = _scan(text, places)
        self.next = 0

    @property
    def token(self) -> _Token:
        return self.tokens[self.next]

    def take(self) -> _Token:
        token = self.token
        self.next += 1
        return token

    def error(self, message: str, at: int) -> EquationError:
        return error_at(message, self.text, at)

    def unexpected(self) -> EquationError:
        token = self.token
        if token.kind == "end":
            return self.error("something is missing at the end", token.at)
        if token.text in ("-", "+") and self.next:
            return self.error(
                f"a sign cannot follow '{self.tokens[self.next - 1].text}'; write brackets around "
                "it",
                token.at,
            )
        return self.error(f"'{token.text}' cannot stand here", token.at)

    def expect(self, what: str, why: str) -> None:
        if self.token.text != what or self.token.kind == "end":
            raise self.error(f"'{what}' is expected here{why}", self.token.at)
        self.take()

    # ------------------------------------------------------------ levels, loosest first

    def sum(self, depth: int) -> Tree:
        if depth > MAXIMUM_DEPTH:
            raise self.error(
                f"nested more than {MAXIMUM_DEPTH} deep; split it into named quantities",
                self.token.at,
            )
        first: Tree = self.product(depth, signed=True)
        rest: list[tuple[str, Tree]] = []
        at = self.token.at
        while self.token.text in ("+", "-", "|"):
            operator = self.take().text
            right = self.product(depth, signed=False)
            if operator == "|":
                left = Chain("+", first, tuple(rest), at) if rest else first
                first, rest = Logic("or", (left, right), at), []
            else:
                rest.append((operator, right))
        return Chain("+", first, tuple(rest), at) if rest else first

    def product(self, depth: int, *, signed: bool) -> Tree:
        at = self.token.at
        if signed and self.token.text == "-":
            self.take()
            first: Tree = Minus(self.power(depth), at)
        elif self.token.text == "not":
            self.take()
            first = Logic("not", (self.power(depth),), at)
        else:
            first = self.power(depth)
        rest: list[tuple[str, Tree]] = []
        while self.token.text in ("*", "/", "&"):
            operator = self.take().text
            right = self.power(depth)
            if operator == "&":
                left = Chain("*", first, tuple(rest), at) if rest else first
                first, rest = Logic("and", (left, right), at), []
            else:
                rest.append((operator, right))
        return Chain("*", first, tuple(rest), at) if rest else first

    def power(self, depth: int) -> Tree:
        result = self.atom(depth)
        while self.token.text in ("^", "**") or self.token.text in _COMPARE:
            token = self.take()
            right = self.atom(depth)
            if token.text in _COMPARE:
                result = Compare(token.text, result, right, token.at)
            else:
                result = Chain("^", result, (("^", right),), token.at)
        return result

    def atom(self, depth: int) -> Tree:
        token = self.token
        if token.kind == "number":
            self.take()
            return Literal(token.text, token.at)
        if token.kind == "index":
            self.take()
            return Variable("i'", token.at)
        if token.kind == "place":
            self.take()
            return _place("", token)
        if token.text == "(":
            self.take()
            result = self.sum(depth + 1)
            self.expect(")", "")
            return result
        if token.kind != "name":
            raise self.unexpected()
        self.take()
        match token.text:
            case "if":
                return self.choice(token.at, depth)
            case "sum":
                return self.series(token.at, depth)
            case "not":
                raise self.error("write brackets around 'not' here", token.at)
            case "then" | "else" | "of":
                raise self.error(f"'{token.text}' cannot stand here", token.at)
        if self.token.kind == "place" and self.token.at == token.at + len(token.text):
            return _place(token.text, self.take())
        if self.token.text == "(":
            return self.call(token, depth)
        if token.text in FUNCTIONS:
            raise self.error(f"'{token.text}' is a function; write {token.text}(..)", token.at)
        return Variable(token.text, token.at)

    def bracketed(self, depth: int, why: str) -> Tree:
        self.expect("(", why)
        result = self.sum(depth + 1)
        self.expect(")", "")
        return result

    def choice(self, at: int, depth: int) -> Tree:
        usage = ", as in if(..)then(..)else(..)"
        test = self.bracketed(depth, usage)
        self.expect("then", usage)
        yes = self.bracketed(depth, usage)
        self.expect("else", usage)
        return Choice(test, yes, self.bracketed(depth, usage), at)

    def series(self, at: int, depth: int) -> Tree:
        usage = ", as in sum(0,9)of(..)"
        self.expect("(", usage)
        first = self.sum(depth + 1)
        self.expect(",", usage)
        last = self.sum(depth + 1)
        self.expect(")", usage)
        self.expect("of", usage)
        return Series(first, last, self.bracketed(depth, usage), at)

    def call(self, name: _Token, depth: int) -> Tree:
        self.take()
        arguments = [self.sum(depth + 1)]
        while self.token.text == ",":
            self.take()
            arguments.append(self.sum(depth + 1))
        self.expect(")", "")
        wanted = FUNCTIONS.get(name.text, len(arguments))
        if len(arguments) != wanted:
            plural = "argument" if wanted == 1 else "arguments"
            raise self.error(
                f"'{name.text}' takes {wanted} {plural}, got {len(arguments)}", name.at
            )
        return Apply(name.text, tuple(arguments), name.at)


def _place(name: str, token: _Token) -> Place:
    inside = token.text[2:-1]
    return Place(name, inside[:1] or "+", int(inside[1:] or 0), token.at)
