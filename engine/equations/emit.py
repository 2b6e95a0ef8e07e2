"""Straight-line scalar code from a model, in the dialect that Numba compiles.

A `Program` is a list of temporaries and a list of outputs, written with the names ``t``,
``s0 ..`` (state), ``p0 ..`` (parameters) and ``c0 ..`` (temporaries). It has no loops and
no statements but assignments, so the integrators inline it into kernels for one trajectory
and for lanes alike; conditions are written as conditional expressions, which LLVM turns
into selects. Loading arrays, time stepping and storing belong to whoever inlines it.

The code around a program must have ``import math`` and ``import numpy as np`` and be
compiled with ``error_model="numpy"``, so that a division by zero is an infinity and not
an exception.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.equations.graph import Graph
from engine.equations.parts import Table

if TYPE_CHECKING:
    from engine.equations.model import Model

SIGNATURE = "void(float64, float64[::1], float64[::1], float64[::1])"
JACOBIAN_SIGNATURE = "void(float64, float64[::1], float64[::1], float64[:, ::1])"
DEEPEST = 12


@dataclass(frozen=True)
class Program:
    """Straight-line code: assign the temporaries in order, then the outputs are worth their
    expressions.

    Attributes
    ----------
    temporaries : tuple of (str, str)
        Name (``c0``, ``c1`` ...) and expression; each uses earlier ones only.
    outputs : tuple of str
        Expressions, in the order asked for.
    symbols : frozenset of str
        Which of ``t``, ``s<i>``, ``p<i>`` occur at all.
    helpers : str
        Functions of the module that the expressions call; whoever inlines the program puts
        them in front. They use ``np`` and ``njit``.
    """

    temporaries: tuple[tuple[str, str], ...]
    outputs: tuple[str, ...]
    symbols: frozenset[str] = frozenset()
    helpers: str = ""


def rhs_program(model: Model) -> Program:
    """Right-hand side: n outputs, in the order of the variables."""
    graph, outputs = model.graph()
    return write(graph, outputs, model.tables)


def jacobian_program(model: Model) -> Program:
    """Jacobian: n * n outputs, row by row (row i: derivatives of equation i)."""
    graph, outputs = model.graph()
    states = [f"s{i}" for i in range(len(model.variables))]
    return write(graph, matrix(graph, outputs, states), model.tables)


def matrix(graph: Graph, outputs: Sequence[int], symbols: Sequence[str]) -> list[int]:
    """Nodes of the derivatives of outputs with respect to symbols, row by row."""
    columns = [graph.derivatives(outputs, symbol) for symbol in symbols]
    return [column[row] for row in range(len(outputs)) for column in columns]


def vector_module(name: str, program: Program) -> str:
    """Source of a module with ``name(t, state, parameters, out)``, out of shape ``(n,)``.

    ``out`` may be `state` itself: everything is read before anything is written.
    """
    body = [
        # First all results, then all stores: out may be the state.
        *(f"r{i} = {text}" for i, text in enumerate(program.outputs)),
        *(f"out[{i}] = r{i}" for i in range(len(program.outputs))),
    ]
    return _module(name, SIGNATURE, program, body)


def matrix_module(name: str, program: Program) -> str:
    """Source of a module with ``name(t, state, parameters, out)``; outputs row by row.

    Only entries that can differ from zero are written one by one: compiling 1,600 stores of
    a system of 40 variables would take minutes.
    """
    size = len(program.outputs)
    body = [
        f"flat = out.reshape({size})",
        f"for k in range({size}):",
        "    flat[k] = 0.0",
        *(f"flat[{k}] = {text}" for k, text in enumerate(program.outputs) if text != "0.0"),
    ]
    return _module(name, JACOBIAN_SIGNATURE, program, body)


def _module(name: str, signature: str, program: Program, body: Sequence[str]) -> str:
    """Source of a module with one function that loads, runs a program and stores."""
    loads = sorted(
        (symbol for symbol in program.symbols if symbol != "t"),
        key=lambda s: (s[0] == "p", int(s[1:])),
    )
    arrays = {"s": "state", "p": "parameters"}
    statements = [
        *(f"{symbol} = {arrays[symbol[0]]}[{symbol[1:]}]" for symbol in loads),
        *(f"{temporary} = {text}" for temporary, text in program.temporaries),
        *body,
    ]
    lines = [
        "import math",
        "",
        "import numpy as np",
        "from numba import njit",
        "",
        program.helpers,
        "",
        f'@njit("{signature}", nogil=True, cache=True, error_model="numpy")',
        f"def {name}(t, state, parameters, out):",
        *(f"    {statement}" for statement in statements),
    ]
    return "\n".join([*lines, ""])


# ---------------------------------------------------------------- writing

# Binding strength of what has been written, as in Python.
_CHOICE, _COMPARE, _SUM, _PRODUCT, _SIGN, ATOM = range(6)
_INFIX = {
    "+": _SUM,
    "-": _SUM,
    "*": _PRODUCT,
    "/": _PRODUCT,
    "<": _COMPARE,
    "<=": _COMPARE,
    ">": _COMPARE,
    ">=": _COMPARE,
    "==": _COMPARE,
    "!=": _COMPARE,
}

# fmt: off
TEMPLATES: Mapping[str, str] = {
    "abs": "math.fabs({0})", "min": "min({0}, {1})", "max": "max({0}, {1})",
    "^": "math.pow({0}, {1})",
    # math.floor gives an integer in Numba, which overflows; np.floor stays a float.
    "floor": "np.floor({0})", "ceil": "np.ceil({0})",
    **{name: f"math.{name}({{0}})" for name in (
        "exp", "expm1", "log", "log10", "log2", "log1p", "sqrt", "erf", "sin", "cos", "tan",
        "asin", "acos", "atan", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh")},
    "atan2": "math.atan2({0}, {1})", "hypot": "math.hypot({0}, {1})",
}
# fmt: on

Written = tuple[str, int, int]  # text, binding strength, depth


def write(
    graph: Graph, outputs: Sequence[int], tables: Mapping[str, Table] | None = None
) -> Program:
    """The program that computes nodes of a graph; `tables` are those that may occur."""
    lower, wanted = graph.lowered(outputs)
    nodes = lower.reachable(wanted)
    uses = Counter(wanted)
    for node in nodes:
        uses.update(lower.arguments[node])
    # What a template writes twice must be a name.
    for node in nodes:
        if lower.operations[node] in ("mod", "sign", "heaviside"):
            uses.update(lower.arguments[node])
    written: dict[int, Written] = {}
    temporaries: list[tuple[str, str]] = []
    symbols: set[str] = set()
    for node in nodes:
        leaf = lower.leaves[node]
        if isinstance(leaf, str):
            symbols.add(leaf)
            written[node] = (leaf, ATOM, 0)
            continue
        if isinstance(leaf, float):
            written[node] = number(leaf)
            continue
        text, strength, depth = expression(
            lower.operations[node], [written[argument] for argument in lower.arguments[node]]
        )
        if uses[node] > 1 or depth > DEEPEST:
            name = f"c{len(temporaries)}"
            temporaries.append((name, text))
            text, strength, depth = name, ATOM, 0
        written[node] = (text, strength, depth)
    used = {lower.operations[node].partition(":")[2] for node in nodes}
    return Program(
        tuple(temporaries),
        tuple(written[node][0] for node in wanted),
        frozenset(symbols),
        "\n".join(
            table_source(name, table) for name, table in (tables or {}).items() if name in used
        ),
    )


def table_source(name: str, table: Table) -> str:
    """Functions ``table_<name>`` and ``slope_<name>``: linear between the values, held outside."""
    low, high, count = table.low, table.high, len(table.values)
    scale = (count - 1) / (high - low)
    values = ", ".join(map(repr, map(float, table.values)))
    return f"""
values_{name} = np.array([{values}])


@njit(nogil=True, error_model="numpy")
def table_{name}(u):
    if not u > {low!r}:
        return values_{name}[0] if u <= {low!r} else u
    if u >= {high!r}:
        return values_{name}[{count - 1}]
    place = (u - {low!r}) * {scale!r}
    k = min(int(place), {count - 2})
    return values_{name}[k] + (place - k) * (values_{name}[k + 1] - values_{name}[k])


@njit(nogil=True, error_model="numpy")
def slope_{name}(u):
    if not ((u >= {low!r}) & (u < {high!r})):
        return 0.0
    k = min(int((u - {low!r}) * {scale!r}), {count - 2})
    return (values_{name}[k + 1] - values_{name}[k]) * {scale!r}
"""


def number(value: float) -> Written:
    """A number."""
    return repr(value), _SIGN if value < 0 else ATOM, 0


def expression(operation: str, given: list[Written]) -> Written:
    """One operation on what has been written: text, binding strength and depth."""
    depth = 1 + max(part[2] for part in given)
    if operation in _INFIX:
        strength = _INFIX[operation]
        left = _bracket(given[0], strength + (strength == _COMPARE))
        right = _bracket(given[1], strength + 1)
        return f"{left} {operation} {right}", strength, depth
    if operation in _WRITERS:
        strength, writer = _WRITERS[operation]
        return writer(*given), strength, depth
    if operation.startswith(("table:", "slope:")):
        return f"{operation.replace(':', '_')}({given[0][0]})", ATOM, depth
    return TEMPLATES[operation].format(*(part[0] for part in given)), ATOM, depth


def _bracket(part: Written, least: int) -> str:
    return part[0] if part[1] >= least else f"({part[0]})"


def _negate(x: Written) -> str:
    return f"-{_bracket(x, ATOM)}"


def _where(condition: Written, yes: Written, no: Written) -> str:
    return f"({yes[0]} if {condition[0]} else {no[0]})"


def _both(a: Written, b: Written) -> str:
    # & instead of `and`: no branch, so that lanes still vectorise.
    return f"(({a[0]}) & ({b[0]}))"


def _either(a: Written, b: Written) -> str:
    return f"(({a[0]}) | ({b[0]}))"


def _sign(x: Written) -> str:
    name = _bracket(x, _SUM)
    return f"(1.0 if {name} > 0.0 else (-1.0 if {name} < 0.0 else 0.0))"


def _heaviside(x: Written, half: Written | None = None) -> str:
    name = _bracket(x, _SUM)
    if half is None:
        return f"(1.0 if {name} >= 0.0 else 0.0)"
    return f"(1.0 if {name} > 0.0 else (0.0 if {name} < 0.0 else {half[0]}))"


def _mod(a: Written, b: Written) -> str:
    quotient = f"{_bracket(a, _PRODUCT)} / {_bracket(b, _SIGN)}"
    return f"{_bracket(a, _SUM)} - {_bracket(b, _PRODUCT)} * np.floor({quotient})"


_WRITERS: Mapping[str, tuple[int, Callable[..., str]]] = {
    "negate": (_SIGN, _negate),
    "where": (ATOM, _where),
    "and": (ATOM, _both),
    "or": (ATOM, _either),
    "not": (ATOM, lambda x: f"(not {x[0]})"),
    "sign": (ATOM, _sign),
    "heaviside": (ATOM, _heaviside),
    "mod": (_SUM, _mod),
}
