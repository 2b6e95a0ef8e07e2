"""The language of equations: text in, checked tree out, nothing ever evaluated.

The text is cut into tokens, each token is checked, ``^`` becomes ``**``, and the result is
parsed by `ast` in expression mode; of what comes back only a whitelist of node types is
taken over into the frozen nodes of ``nodes``. Attributes, strings, imports, calls of
anything but the functions listed here: refused with an `EquationError` that says where.
The module does not know models, derivatives or kernels.

The language: ``+ - * / // % ** ^``, comparisons (also chained: ``0 < x < 1``), ``and or
not``, ``a if c else b``, numbers, names, the functions of `FUNCTIONS`, ``pi``, ``t``, and
``e`` unless something else bears that name. A power binds tighter than a sign on its left
(``-x^2`` is ``-(x^2)``) and groups from the right. ``mod(a, b)`` and ``a % b`` have the
sign of ``b``; ``heaviside(x)`` is 1 at 0 unless a second argument says otherwise. A
condition used as a number counts as 1 or 0.

Where a `Vocabulary` says so: ``x[i + 1]`` and ``K[i, j]`` for places of families and arrays,
``sum(j, first, last, term)``, ``sum(x)`` and ``mean(x)``, and ``x(t - tau)`` for a variable
at an earlier time. What stands in square brackets and the ends of a sum are whole numbers,
made of whole numbers, sizes and indices by ``+ - * // %``, ``min``, ``max`` and ``abs``.
"""

from __future__ import annotations

import ast
from bisect import bisect_right
from collections.abc import Collection, Mapping

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
    canonical,
    postorder,
)
from engine.equations.tokens import Token, scan
from engine.equations.vocabulary import Vocabulary, check_index, check_whole
from engine.equations.words import (
    ALIASES,
    CONSTANTS,
    FUNCTIONS,
    MAXIMUM_DEPTH,
    RESERVED,
    SUMS,
    error_at,
    suggestion,
)
from engine.errors import EquationError

__all__ = [
    "Apply",
    "Call",
    "Delayed",
    "Index",
    "Name",
    "Node",
    "Number",
    "Sum",
    "Total",
    "Vocabulary",
    "canonical",
    "parse",
    "postorder",
]

COMPARISONS = frozenset({"<", "<=", ">", ">=", "==", "!="})
CONDITIONS = COMPARISONS | {"and", "or", "not"}


def parse(
    text: str,
    names: Collection[str] | Vocabulary | None = None,
    functions: Mapping[str, int] | None = None,
) -> Node:
    """Read an expression.

    Parameters
    ----------
    text : str
        At most `MAXIMUM_LENGTH` characters; may run over several lines.
    names : collection of str or Vocabulary, optional
        Names that may occur besides ``t``, ``pi`` and ``e``; any name where None. A plain
        collection of names allows no indices and no delays.
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
        if not isinstance(names, Vocabulary):
            nothing: dict[str, int] | None = None if names is None else {}
            names = Vocabulary(names, functions or {}, nothing, nothing)
        return _Reader(text, tokens, names).read()
    except (RecursionError, MemoryError):
        raise EquationError("too deeply nested; split it into named quantities", text) from None


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

    def __init__(self, text: str, tokens: list[Token], words: Vocabulary) -> None:
        self.text = text
        self.words = words
        self.indices = list(words.indices)
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
            case ast.Subscript(value=ast.Name(id=name)):
                return self.subscript(name, node, depth, at)
            case ast.Call(func=ast.Subscript() as place, args=arguments, keywords=[]):
                return self.delay(self.convert(place, depth + 1), arguments, depth, at)
            case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
                return self.call(name, arguments, depth, at)
        raise self.error("this is not part of the language", node.col_offset)

    def name(self, name: str, at: int) -> Node:
        names = self.words.names
        if name in self.indices:
            return Name(name, at)
        known = names is None or name in names or name == "t" or name in CONSTANTS
        if known and not (name in RESERVED and name not in ("t", "pi")):
            return Name(name, at)
        if name in self.words.functions or name in RESERVED:
            raise error_at(f"'{name}' is a function; write {name}(...)", self.text, at)
        if self.words.indexed and name in self.words.indexed:
            one = "[i, j]" if self.words.indexed[name] == 2 else "[i]"
            raise error_at(
                f"'{name}' has many places; write {name}{one} for one of them", self.text, at
            )
        candidates = [*(names or ()), *(self.words.indexed or ()), *self.indices, *CONSTANTS, "t"]
        raise error_at(f"unknown name '{name}'{suggestion(name, candidates)}", self.text, at)

    def subscript(self, name: str, node: ast.Subscript, depth: int, at: int) -> Node:
        bracket = self.place((node.value.end_col_offset or 0) + 1)
        counts = self.words.indexed
        given = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        if counts is not None and name not in counts:
            known = self.words.names is None or name in self.words.names
            says = (
                f"'{name}' has no places; indexing is for families, arrays and their like"
                if known
                else f"indexing of the unknown name '{name}'{suggestion(name, counts)}"
            )
            raise error_at(says, self.text, bracket if known else at)
        if counts is not None and counts[name] != len(given):
            raise error_at(
                f"'{name}' takes {counts[name]} {'index' if counts[name] == 1 else 'indices'}, "
                f"got {len(given)}",
                self.text,
                bracket,
            )
        return Index(name, tuple(self.whole(part, depth + 1) for part in given), at)

    def whole(self, node: ast.expr, depth: int) -> Node:
        """A whole number made of whole numbers, sizes and indices."""
        result = self.numeric(node, depth)
        check_whole(result, self.words, self.indices, self.text)
        return result

    def delay(self, variable: Node, arguments: list[ast.expr], depth: int, at: int) -> Node:
        assert isinstance(variable, (Name, Index))
        if variable.name not in self.words.delayed and self.words.names is not None:
            raise error_at(
                f"only a variable can be asked for at an earlier time, not '{variable.name}'; "
                "write * for a product",
                self.text,
                at,
            )
        self.check_count(variable.name, len(arguments), 1, 1, at)
        return Delayed((variable, self.numeric(arguments[0], depth + 1)), at)

    def total(self, kind: str, arguments: list[ast.expr], depth: int, at: int) -> Node:
        """``sum(j, 0, N - 1, term)``, ``sum(x)`` or ``mean(x)``."""
        if len(arguments) == 1:
            counts = self.words.indexed
            match arguments[0]:
                case ast.Name(id=name) if counts is None or counts.get(name) == 1:
                    return Total(kind, name, at)
            raise self.error(
                f"'{kind}' of one thing takes the name of a family, as in {kind}(x)",
                arguments[0].col_offset,
            )
        if kind == "mean" or len(arguments) != 4:
            usage = "sum(x) or sum(j, 0, N - 1, x[j])" if kind == "sum" else "mean(x)"
            raise error_at(
                f"'{kind}' is used as {usage}, got {len(arguments)} arguments", self.text, at
            )
        place = self.place(arguments[0].col_offset)
        match arguments[0]:
            case ast.Name(id=index):
                check_index(index, self.words, self.indices, self.text, place)
            case _:
                raise error_at(
                    "the name of an index is expected here, as in sum(j, 0, N - 1, x[j])",
                    self.text,
                    place,
                )
        first, last = (self.whole(part, depth + 1) for part in arguments[1:3])
        self.indices.append(index)
        term = self.numeric(arguments[3], depth + 1)
        self.indices.pop()
        return Sum(index, (first, last, term), at)

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
        functions = self.words.functions
        if name in functions:
            self.check_count(name, count, functions[name], functions[name], at)
            return Call(name, tuple(self.numeric(a, depth + 1) for a in arguments), at)
        if name in SUMS:
            return self.total(name, arguments, depth, at)
        if name in self.words.delayed and name in (self.words.names or ()):
            return self.delay(Name(name, at), arguments, depth, at)
        if name in self.words.delayed:
            raise error_at(
                f"'{name}' has many places; write {name}[i](...) for one at an earlier time",
                self.text,
                at,
            )
        operation = ALIASES.get(name, name)
        if operation == "pow":
            self.check_count(name, count, 2, 2, at)
            return Apply("^", tuple(self.numeric(a, depth + 1) for a in arguments), at)
        if operation not in FUNCTIONS:
            known = [*FUNCTIONS, *SUMS, *functions]
            if self.words.names is not None and name in self.words.names:
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
