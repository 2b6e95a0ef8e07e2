"""Expressions as a graph with shared parts: insertion, simplification, derivatives.

Every expression of a model lives in one `Graph`, where equal parts are the same node; so
common subexpressions cost nothing to find and derivatives never blow up. Simplification is
local and cheap (numbers folded, neutral elements dropped) and never reorders what a person
wrote. The module writes no code (``emit``) and needs no sympy: deriving a system takes
about a millisecond, so nothing has to be stored.

Derivatives are exact wherever they exist. Where a function jumps or bends, the derivative
of the branch that the function takes there is used: 0 for floor, ceil, sign and
heaviside; sign(x) for abs; the winner's for min and max; that of the branch for where.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from engine.equations.evaluate import fold_one
from engine.equations.grammar import CONDITIONS
from engine.equations.nodes import (
    Apply,
    Call,
    Delayed,
    Index,
    Name,
    Node,
    Number,
    Special,
    Sum,
    Total,
    postorder,
)
from engine.equations.words import CONSTANTS
from engine.errors import EquationError

MAXIMUM_NODES = 60_000
LARGEST_PRODUCT_POWER = 32
"""Integer powers up to here are written as products."""

_COMMUTATIVE = frozenset({"+", "*"})


class Graph:
    """A pool of nodes; a node is an integer, larger than those of its arguments.

    Attributes
    ----------
    operations : list of str
        Per node: an operation of the language, ``number`` or ``symbol``.
    arguments : list of tuple of int
        Per node.
    leaves : list
        Per node: the number, the symbol's name, or None.
    """

    def __init__(self) -> None:
        self.operations: list[str] = []
        self.arguments: list[tuple[int, ...]] = []
        self.leaves: list[float | str | None] = []
        self._known: dict[tuple[object, ...], int] = {}

    # ------------------------------------------------------------ making nodes

    def number(self, value: float) -> int:
        """The node of a number."""
        # repr tells 0.0 from -0.0.
        return self._intern(("number", repr(value)), "number", (), value)

    def symbol(self, name: str) -> int:
        """The node of a symbol."""
        return self._intern(("symbol", name), "symbol", (), name)

    def value(self, node: int) -> float | None:
        """The number a node is, or None."""
        leaf = self.leaves[node]
        return leaf if isinstance(leaf, float) else None

    def apply(self, operation: str, *arguments: int) -> int:
        """The node of an operation on nodes, simplified where that is safe and cheap."""
        simple = self._simplified(operation, arguments)
        if simple is not None:
            return simple
        key = tuple(sorted(arguments)) if operation in _COMMUTATIVE else arguments
        return self._intern((operation, *key), operation, arguments, None)

    def insert(
        self,
        tree: Node,
        scope: Mapping[str, int],
        call: Callable[[str, tuple[int, ...]], int] | None = None,
        special: Callable[[Index | Sum | Total | Delayed], int] | None = None,
    ) -> int:
        """Take a tree into the graph.

        Parameters
        ----------
        tree : Node
        scope : mapping of str to int
            Name -> node. Names beyond it are ``t`` and the constants.
        call : callable, optional
            ``call(function, arguments) -> node`` for functions of the model.
        special : callable, optional
            What gives the node of a place, a sum or a delayed variable.
        """
        done: list[int] = []
        for node in postorder(tree, Special):
            match node:
                case Index() | Sum() | Total() | Delayed():
                    if special is None:
                        raise EquationError("places, sums and delays need a model")
                    done.append(special(node))
                case Number(value):
                    done.append(self.number(value))
                case Name(name):
                    if name in scope:
                        done.append(scope[name])
                    elif name in CONSTANTS:
                        done.append(self.number(CONSTANTS[name]))
                    else:
                        done.append(self.symbol(name))
                case Apply(operation, arguments):
                    given = _pop(done, len(arguments))
                    done.append(self.apply(operation, *given))
                case Call(function, arguments):
                    given = _pop(done, len(arguments))
                    if call is None:
                        raise EquationError(f"unknown function '{function}'")
                    done.append(call(function, given))
        return done[0]

    def _intern(
        self,
        key: tuple[object, ...],
        operation: str,
        arguments: tuple[int, ...],
        leaf: float | str | None,
    ) -> int:
        node = self._known.get(key)
        if node is None:
            node = len(self.operations)
            if node >= MAXIMUM_NODES:
                raise EquationError(
                    f"the equations expand to more than {MAXIMUM_NODES} operations; "
                    "write functions that call each other less often"
                )
            self._known[key] = node
            self.operations.append(operation)
            self.arguments.append(arguments)
            self.leaves.append(leaf)
        return node

    def _simplified(self, operation: str, arguments: tuple[int, ...]) -> int | None:
        values = [self.value(argument) for argument in arguments]
        if all(value is not None for value in values) and operation != "where":
            result = fold_one(operation, [v for v in values if v is not None])
            if isinstance(result, float):
                return self.number(result)
        match operation:
            case "+" | "-" | "*" | "/" | "^":
                return self._simplified_arithmetic(operation, *arguments, *values)
            case "negate" if self.operations[arguments[0]] == "negate":
                return self.arguments[arguments[0]][0]
            case "where" | "min" | "max" if arguments[-1] == arguments[-2]:
                return arguments[-1]
        return None

    def _simplified_arithmetic(
        self, operation: str, a: int, b: int, left: float | None, right: float | None
    ) -> int | None:
        match operation, left, right:
            case ("+" | "-", _, 0.0):
                return a
            case "+", 0.0, _:
                return b
            case "-", 0.0, _:
                return self.apply("negate", b)
            case ("*", 0.0, _) | ("*", _, 0.0) | ("/", 0.0, _):
                return self.number(0.0)
            case ("*" | "/" | "^", _, 1.0):
                return a
            case "*", 1.0, _:
                return b
            case ("*" | "/", _, -1.0):
                return self.apply("negate", a)
            case "*", -1.0, _:
                return self.apply("negate", b)
            case "^", _, 0.0:
                return self.number(1.0)
        if operation in ("+", "-") and self.operations[b] == "negate":
            return self.apply("-" if operation == "+" else "+", a, self.arguments[b][0])
        return None

    # ------------------------------------------------------------ reading the graph

    def reachable(self, outputs: Sequence[int]) -> list[int]:
        """The nodes that outputs are made of, arguments before those that use them."""
        seen = set(outputs)
        stack = list(seen)
        while stack:
            for argument in self.arguments[stack.pop()]:
                if argument not in seen:
                    seen.add(argument)
                    stack.append(argument)
        return sorted(seen)

    def symbols(self, outputs: Sequence[int]) -> set[str]:
        """Names of the symbols that outputs depend on."""
        return {
            str(self.leaves[node])
            for node in self.reachable(outputs)
            if self.operations[node] == "symbol"
        }

    # ------------------------------------------------------------ new graphs from old

    def derivatives(self, outputs: Sequence[int], symbol: str) -> list[int]:
        """Nodes of the exact derivatives of outputs with respect to a symbol."""
        zero, one = self.number(0.0), self.number(1.0)
        slopes: dict[int, int] = {}
        for node in self.reachable(outputs):
            operation, arguments = self.operations[node], self.arguments[node]
            slope = zero
            if operation == "symbol":
                slope = one if self.leaves[node] == symbol else zero
            elif any(slopes[argument] != zero for argument in arguments):
                slope = self._slope(
                    operation, node, arguments, [slopes[argument] for argument in arguments], zero
                )
            slopes[node] = slope
        return [slopes[node] for node in outputs]

    def _slope(
        self, operation: str, node: int, arguments: tuple[int, ...], slopes: list[int], zero: int
    ) -> int:
        """Chain rule for one node."""
        if operation in FLAT or operation.startswith("slope:"):
            return zero
        if operation.startswith("table:"):
            steepness = self.apply(f"slope:{operation[6:]}", *arguments)
            return self.apply("*", steepness, slopes[0])
        if operation == "where":
            return self.apply("where", arguments[0], slopes[1], slopes[2])
        if operation in ("min", "max"):
            wins = self.apply("<" if operation == "min" else ">", *arguments)
            return self.apply("where", wins, *slopes)
        if operation == "/":
            # (a/b)' = (a' - (a/b) b') / b shares the quotient and never squares b.
            over = self.apply("-", slopes[0], self.apply("*", node, slopes[1]))
            return self.apply("/", over, arguments[1])
        total = zero
        for partial, slope in zip(PARTIALS[operation], slopes, strict=False):
            if slope != zero:
                factor = partial(self, node, *arguments)
                total = self.apply("+", total, self.apply("*", factor, slope))
        return total

    def lowered(self, outputs: Sequence[int]) -> tuple[Graph, list[int]]:
        """A graph in which powers are products, roots and quotients where they can be."""
        lower = Graph()
        place: dict[int, int] = {}
        for node in self.reachable(outputs):
            operation = self.operations[node]
            leaf = self.leaves[node]
            if isinstance(leaf, float):
                place[node] = lower.number(leaf)
            elif isinstance(leaf, str):
                place[node] = lower.symbol(leaf)
            else:
                arguments = [place[argument] for argument in self.arguments[node]]
                place[node] = (
                    lower._power(*arguments)
                    if operation == "^"
                    else lower.apply(operation, *arguments)
                )
        return lower, [place[node] for node in outputs]

    def _power(self, base: int, exponent: int) -> int:
        power = self.value(exponent)
        if power is None or abs(power) > LARGEST_PRODUCT_POWER or 2 * power != int(2 * power):
            return self.apply("^", base, exponent)
        whole = int(abs(power))
        result = self._product(base, whole) if whole else self.number(1.0)
        if abs(power) != whole:
            result = self.apply("*", result, self.apply("sqrt", base))
        return result if power > 0 else self.apply("/", self.number(1.0), result)

    def _product(self, base: int, power: int) -> int:
        if power == 1:
            return base
        half = self._product(base, power // 2)
        square = self.apply("*", half, half)
        return self.apply("*", square, base) if power % 2 else square


def _pop(done: list[int], count: int) -> tuple[int, ...]:
    first = len(done) - count
    given = tuple(done[first:])
    del done[first:]
    return given


# ---------------------------------------------------------------- partial derivatives

Partial = Callable[..., int]
FLAT = CONDITIONS | {"floor", "ceil", "sign", "heaviside"}
"""What has the derivative zero wherever it has one."""


def _of(build: Callable[..., int]) -> tuple[Partial, ...]:
    return (build,)


def _over(numerator: float, denominator: Callable[..., int]) -> tuple[Partial, ...]:
    return (lambda g, y, x: g.apply("/", g.number(numerator), denominator(g, x)),)


def _square_plus(sign: str, first: str = "one") -> Callable[..., int]:
    """1 + x^2, 1 - x^2 or x^2 - 1."""

    def build(g: Graph, x: int) -> int:
        square, one = g.apply("*", x, x), g.number(1.0)
        return g.apply(sign, one, square) if first == "one" else g.apply(sign, square, one)

    return build


def _root(inner: Callable[..., int]) -> Callable[..., int]:
    return lambda g, x: g.apply("sqrt", inner(g, x))


def _power_base(g: Graph, y: int, base: int, exponent: int) -> int:
    less = g.apply("-", exponent, g.number(1.0))
    return g.apply("*", exponent, g.apply("^", base, less))


def _power_exponent(g: Graph, y: int, base: int, exponent: int) -> int:
    # At base 0 the limit is 0, where y log(0) would be 0 times infinity.
    positive = g.apply(">", base, g.number(0.0))
    return g.apply("where", positive, g.apply("*", y, g.apply("log", base)), g.number(0.0))


def _radius_squared(g: Graph, a: int, b: int) -> int:
    return g.apply("+", g.apply("*", a, a), g.apply("*", b, b))


PARTIALS: Mapping[str, tuple[Partial, ...]] = {
    "+": (lambda g, y, a, b: g.number(1.0), lambda g, y, a, b: g.number(1.0)),
    "-": (lambda g, y, a, b: g.number(1.0), lambda g, y, a, b: g.number(-1.0)),
    "*": (lambda g, y, a, b: b, lambda g, y, a, b: a),
    "^": (_power_base, _power_exponent),
    "negate": _of(lambda g, y, x: g.number(-1.0)),
    "abs": _of(lambda g, y, x: g.apply("sign", x)),
    "mod": (
        lambda g, y, a, b: g.number(1.0),
        lambda g, y, a, b: g.apply("negate", g.apply("floor", g.apply("/", a, b))),
    ),
    "exp": _of(lambda g, y, x: y),
    "expm1": _of(lambda g, y, x: g.apply("+", y, g.number(1.0))),
    "log": _over(1.0, lambda g, x: x),
    "log10": _over(0.4342944819032518, lambda g, x: x),
    "log2": _over(1.4426950408889634, lambda g, x: x),
    "log1p": _over(1.0, lambda g, x: g.apply("+", x, g.number(1.0))),
    "sqrt": _of(lambda g, y, x: g.apply("/", g.number(0.5), y)),
    "hypot": (lambda g, y, a, b: g.apply("/", a, y), lambda g, y, a, b: g.apply("/", b, y)),
    "erf": _of(
        lambda g, y, x: g.apply(
            "*", g.number(1.1283791670955126), g.apply("exp", g.apply("negate", g.apply("*", x, x)))
        )
    ),
    "sin": _of(lambda g, y, x: g.apply("cos", x)),
    "cos": _of(lambda g, y, x: g.apply("negate", g.apply("sin", x))),
    "tan": _of(lambda g, y, x: _square_plus("+")(g, y)),
    "asin": _over(1.0, _root(_square_plus("-"))),
    "acos": _over(-1.0, _root(_square_plus("-"))),
    "atan": _over(1.0, _square_plus("+")),
    "atan2": (
        lambda g, y, a, b: g.apply("/", b, _radius_squared(g, a, b)),
        lambda g, y, a, b: g.apply("negate", g.apply("/", a, _radius_squared(g, a, b))),
    ),
    "sinh": _of(lambda g, y, x: g.apply("cosh", x)),
    "cosh": _of(lambda g, y, x: g.apply("sinh", x)),
    "tanh": _of(lambda g, y, x: _square_plus("-")(g, y)),
    "asinh": _over(1.0, _root(_square_plus("+"))),
    "acosh": _over(1.0, _root(_square_plus("-", first="square"))),
    "atanh": _over(1.0, _square_plus("-")),
}
"""Operation -> one builder ``(graph, node, *arguments) -> node`` an argument."""
