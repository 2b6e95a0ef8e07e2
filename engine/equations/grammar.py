"""The language of equations: text in, checked tree out, nothing ever evaluated.

The text is cut into tokens, each token is checked, ``^`` becomes ``**``, and the result is
parsed by `ast` in expression mode; of what comes back only a whitelist of node types is
taken over into the frozen nodes below. Attributes, indexing, strings, imports, calls of
anything but the functions listed here: refused with an `EquationError` that says where.
The module does not know models, derivatives or kernels.

The language: ``+ - * / // % ** ^``, comparisons (also chained: ``0 < x < 1``), ``and or
not``, ``a if c else b``, numbers, names, the functions of `FUNCTIONS`, ``pi``, ``t``, and
``e`` unless something else bears that name. A power binds tighter than a sign on its left
(``-x^2`` is ``-(x^2)``) and groups from the right. ``mod(a, b)`` and ``a % b`` have the
sign of ``b``; ``heaviside(x)`` is 1 at 0 unless a second argument says otherwise. A
condition used as a number counts as 1 or 0.
"""

from __future__ import annotations

import ast
from bisect import bisect_right
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from engine.equations.tokens import Token, scan
from engine.equations.words import (
    ALIASES,
    CONSTANTS,
    FUNCTIONS,
    MAXIMUM_DEPTH,
    RESERVED,
    error_at,
    suggestion,
)
from engine.errors import EquationError

COMPARISONS = frozenset({"<", "<=", ">", ">=", "==", "!="})
CONDITIONS = COMPARISONS | {"and", "or", "not"}


@dataclass(frozen=True)
class Number:
    """A number; `at` is where it stands in the text, counted from 0."""

    value: float
    at: int = field(default=0, compare=False, repr=False)


@dataclass(frozen=True)
class Name:
    """A variable, parameter, quantity, argument, ``t`` or a constant."""

    name: str
    at: int = field(default=0, compare=False, repr=False)


@dataclass(frozen=True)
class Apply:
    """An operation of the language: an operator, ``negate``, or a key of `FUNCTIONS`."""

    operation: str
    arguments: tuple[Node, ...]
    at: int = field(default=0, compare=False, repr=False)


@dataclass(frozen=True)
class Call:
    """A call of a function that the model defines."""

    function: str
    arguments: tuple[Node, ...]
    at: int = field(default=0, compare=False, repr=False)


Node = Number | Name | Apply | Call


def parse(
    text: str, names: Collection[str] | None = None, functions: Mapping[str, int] | None = None
) -> Node:
    """Read an expression.

    Parameters
    ----------
    text : str
        At most `MAXIMUM_LENGTH` characters; may run over several lines.
    names : collection of str, optional
        Names that may occur besides ``t``, ``pi`` and ``e``; any name where None.
    functions : mapping of str to int, optional
        Functions of the model with their number of arguments.

    Returns
    -------
    Node
        A number-valued tree.

    Raises
    ------
    EquationError
        Whatever the text is that cannot be read, with line and column.
    """
    if not isinstance(text, str):
        raise EquationError(f"an equation must be text, got {type(text).__name__}")
    try:
        tokens = scan(text)
        return _Reader(text, tokens, names, functions or {}).read()
    except (RecursionError, MemoryError):
        raise EquationError("too deeply nested; split it into named quantities", text) from None


def postorder(tree: Node) -> Iterator[Node]:
    """Every node after its arguments, without recursion: a sum may have 5,000 terms."""
    stack: list[tuple[Node, bool]] = [(tree, False)]
    while stack:
        node, ready = stack.pop()
        if ready or isinstance(node, (Number, Name)):
            yield node
        else:
            stack.append((node, True))
            stack.extend((argument, False) for argument in reversed(node.arguments))


def canonical(tree: Node) -> str:
    """The tree in postfix notation: equal for texts that differ in spaces or brackets only."""
    words = []
    for node in postorder(tree):
        match node:
            case Number(value):
                words.append(repr(value))
            case Name(name):
                words.append(name)
            case Apply(operation, arguments):
                words.append(f"{operation}/{len(arguments)}")
            case Call(function, arguments):
                words.append(f"@{function}/{len(arguments)}")
    return " ".join(words)


# ---------------------------------------------------------------- from ast to our nodes

_BINARY: dict[type[ast.operator], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.Pow: "^",
    ast.Mod: "mod",
    ast.FloorDiv: "//",
}
_COMPARE: dict[type[ast.cmpop], str] = {
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
}


class _Reader:
    """Takes an `ast` tree over into our nodes, whitelisted type by whitelisted type."""

    def __init__(
        self,
        text: str,
        tokens: list[Token],
        names: Collection[str] | None,
        functions: Mapping[str, int],
    ) -> None:
        self.text = text
        self.names = names
        self.functions = functions
        self.starts: list[int] = []
        self.places: list[int] = []
        pieces: list[str] = []
        offset = 0
        for token in tokens:
            piece = token.text
            if token.kind == "number":
                piece = repr(float(token.text))
            elif piece == "^":
                piece = "**"
            self.starts.append(offset)
            self.places.append(token.at)
            pieces.append(piece)
            offset += len(piece.encode("utf-8")) + 1  # ast counts columns in bytes
        self.source = " ".join(pieces)

    def read(self) -> Node:
        try:
            root = ast.parse(self.source, mode="eval").body
        except (SyntaxError, ValueError, OverflowError) as error:
            offset = getattr(error, "offset", None) or 1
            column = len(self.source[: offset - 1].encode("utf-8"))
            raise self.error("this cannot be read as an expression", column) from None
        return self.numeric(root, 0)

    def error(self, message: str, column: int) -> EquationError:
        return error_at(message, self.text, self.place(column))

    def place(self, column: int) -> int:
        return self.places[max(0, bisect_right(self.starts, column) - 1)]

    def numeric(self, node: ast.expr, depth: int) -> Node:
        """A number-valued node; a condition becomes 1 or 0."""
        result = self.convert(node, depth)
        if is_condition(result):
            return Apply(
                "where", (result, Number(1.0, result.at), Number(0.0, result.at)), result.at
            )
        return result

    def condition(self, node: ast.expr, depth: int) -> Node:
        result = self.convert(node, depth)
        if not is_condition(result):
            raise self.error("a condition such as x > 0 is expected here", node.col_offset)
        return result

    def convert(self, node: ast.expr, depth: int) -> Node:
        if depth > MAXIMUM_DEPTH:
            raise self.error(
                f"nested more than {MAXIMUM_DEPTH} deep; split it into named quantities",
                node.col_offset,
            )
        at = self.place(node.col_offset)
        match node:
            case ast.Constant(value=float(value)):
                return Number(value, at)
            case ast.Name(id=name):
                return self.name(name, at)
            case ast.BinOp():
                return self.binary(node, depth)
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return self.numeric(operand, depth + 1)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return Apply("negate", (self.numeric(operand, depth + 1),), at)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return Apply("not", (self.condition(operand, depth + 1),), at)
            case ast.Compare():
                return self.comparison(node, depth, at)
            case ast.BoolOp(op=operator, values=values):
                word = "and" if isinstance(operator, ast.And) else "or"
                return _fold(word, [self.condition(v, depth + 1) for v in values], at)
            case ast.IfExp(test=test, body=body, orelse=otherwise):
                return Apply(
                    "where",
                    (
                        self.condition(test, depth + 1),
                        self.numeric(body, depth + 1),
                        self.numeric(otherwise, depth + 1),
                    ),
                    at,
                )
            case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
                return self.call(name, arguments, depth, at)
        raise self.error("this is not part of the language", node.col_offset)

    def name(self, name: str, at: int) -> Node:
        known = self.names is None or name in self.names or name == "t" or name in CONSTANTS
        if known and not (name in RESERVED and name not in ("t", "pi")):
            return Name(name, at)
        if name in self.functions or name in RESERVED:
            raise error_at(f"'{name}' is a function; write {name}(...)", self.text, at)
        candidates = [*(self.names or ()), *CONSTANTS, "t"]
        raise error_at(f"unknown name '{name}'{suggestion(name, candidates)}", self.text, at)

    def binary(self, node: ast.BinOp, depth: int) -> Node:
        # The left spine of a long sum is walked in a loop: its depth is no nesting.
        spine: list[ast.BinOp] = []
        first: ast.expr = node
        while isinstance(first, ast.BinOp):
            spine.append(first)
            first = first.left
        result = self.numeric(first, depth + 1)
        for step in reversed(spine):
            operation = _BINARY.get(type(step.op))
            if operation is None:
                raise self.error("this operator is not part of the language", step.col_offset)
            right = self.numeric(step.right, depth + 1)
            at = self.place(step.col_offset)
            if operation == "//":
                result = Apply("floor", (Apply("/", (result, right), at),), at)
            else:
                result = Apply(operation, (result, right), at)
        return result

    def comparison(self, node: ast.Compare, depth: int, at: int) -> Node:
        sides = [self.numeric(side, depth + 1) for side in (node.left, *node.comparators)]
        parts: list[Node] = []
        for operator, left, right in zip(node.ops, sides, sides[1:], strict=False):
            operation = _COMPARE.get(type(operator))
            if operation is None:
                raise self.error("this comparison is not part of the language", node.col_offset)
            parts.append(Apply(operation, (left, right), at))
        return _fold("and", parts, at)

    def call(self, name: str, arguments: list[ast.expr], depth: int, at: int) -> Node:
        count = len(arguments)
        if name in self.functions:
            self.check_count(name, count, self.functions[name], self.functions[name], at)
            return Call(name, tuple(self.numeric(a, depth + 1) for a in arguments), at)
        operation = ALIASES.get(name, name)
        if operation == "pow":
            self.check_count(name, count, 2, 2, at)
            return Apply("^", tuple(self.numeric(a, depth + 1) for a in arguments), at)
        if operation not in FUNCTIONS:
            known = [*FUNCTIONS, *self.functions]
            if self.names is not None and name in self.names:
                raise error_at(
                    f"'{name}' is not a function; write {name}*(...) for a product", self.text, at
                )
            raise error_at(f"unknown function '{name}'{suggestion(name, known)}", self.text, at)
        self.check_count(name, count, *FUNCTIONS[operation], at)
        if operation == "where":
            return Apply(
                "where",
                (
                    self.condition(arguments[0], depth + 1),
                    *(self.numeric(a, depth + 1) for a in arguments[1:]),
                ),
                at,
            )
        converted = [self.numeric(argument, depth + 1) for argument in arguments]
        if operation in ("min", "max"):
            return _fold(operation, converted, at)
        return Apply(operation, tuple(converted), at)

    def check_count(self, name: str, count: int, least: int, most: int, at: int) -> None:
        if not least <= count <= most:
            wanted = (
                str(least)
                if least == most
                else (f"{least} or more" if most > 9 else f"{least} or {most}")
            )
            plural = "argument" if wanted == "1" else "arguments"
            raise error_at(f"'{name}' takes {wanted} {plural}, got {count}", self.text, at)


def is_condition(node: Node) -> bool:
    """Whether a node is true or false rather than a number."""
    return isinstance(node, Apply) and node.operation in CONDITIONS


def _fold(operation: str, parts: list[Node], at: int) -> Node:
    result = parts[0]
    for part in parts[1:]:
        result = Apply(operation, (result, part), at)
    return result
