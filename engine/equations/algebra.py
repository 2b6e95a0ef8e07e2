"""Nodes of a graph as short texts: like terms collected, what cancels left out.

Enough algebra to say that a divergence is ``-sigma - 1 - beta``, in well under a
millisecond. An expression is a sum of products of powers; whatever is neither (a sine, a
condition, a quotient by a sum) is an atom with a text of its own. For more there is
``symbolic``.
"""

from __future__ import annotations

from collections.abc import Mapping

from engine.equations.graph import Graph

Monomial = tuple[tuple[str, int], ...]
Polynomial = dict[Monomial, float]

MOST_TERMS = 200
"""Terms up to which products are multiplied out."""
HIGHEST_POWER = 6
_COMPARISONS = frozenset({"<", "<=", ">", ">=", "==", "!="})


def text(graph: Graph, node: int, names: Mapping[str, str]) -> str:
    """The text of a node in the language of equations.

    Parameters
    ----------
    graph : Graph
    node : int
    names : mapping of str to str
        Symbol of the graph -> what to call it.
    """
    texts: dict[int, str] = {}
    known: dict[int, Polynomial] = {}
    for each in graph.reachable([node]):
        operation, arguments = graph.operations[each], graph.arguments[each]
        leaf = graph.leaves[each]
        if isinstance(leaf, float):
            known[each] = {(): leaf} if leaf else {}
        elif isinstance(leaf, str):
            known[each] = _atom(names.get(leaf, leaf))
        elif operation in _COMPARISONS or operation in ("and", "or", "not"):
            texts[each] = _condition(operation, [_shown(a, texts, known) for a in arguments])
        else:
            given = [known.get(argument, {}) for argument in arguments]
            simple = _polynomial(operation, given)
            if simple is None:
                inner = ", ".join(_shown(argument, texts, known) for argument in arguments)
                simple = _atom(f"{operation.partition(':')[2] or operation}({inner})")
            known[each] = simple
    return _shown(node, texts, known)


def _shown(node: int, texts: Mapping[int, str], known: Mapping[int, Polynomial]) -> str:
    return texts[node] if node in texts else _written(known[node])


def _atom(name: str) -> Polynomial:
    return {((name, 1),): 1.0}


def _condition(operation: str, given: list[str]) -> str:
    if operation == "not":
        return f"not ({given[0]})"
    if operation in ("and", "or"):
        return f"({given[0]}) {operation} ({given[1]})"
    return f"{given[0]} {operation} {given[1]}"


def _polynomial(operation: str, given: list[Polynomial]) -> Polynomial | None:
    """The result of an operation, or None where it is an atom."""
    match operation:
        case "+":
            return _add(given[0], given[1], 1.0)
        case "-":
            return _add(given[0], given[1], -1.0)
        case "negate":
            return _add({}, given[0], -1.0)
        case "*":
            return _multiply(given[0], given[1])
        case "/":
            return _multiply(given[0], _inverse(given[1]))
        case "^":
            exponent = given[1].get((), 0.0) if set(given[1]) <= {()} else None
            if exponent is None:
                base = _written(given[0])
                return _atom(f"({base})^({_written(given[1])})")
            return _power(given[0], exponent)
    return None


def _add(a: Polynomial, b: Polynomial, sign: float) -> Polynomial:
    total = dict(a)
    for monomial, factor in b.items():
        value = total.get(monomial, 0.0) + sign * factor
        if value == 0.0:
            total.pop(monomial, None)
        else:
            total[monomial] = value
    return total


def _multiply(a: Polynomial, b: Polynomial) -> Polynomial:
    if len(a) * len(b) > MOST_TERMS:
        return _product(_whole(a), _whole(b))
    total: Polynomial = {}
    for left, factor in a.items():
        for right, other in b.items():
            total = _add(total, {_joined(left, right): factor * other}, 1.0)
    return total


def _product(a: Polynomial, b: Polynomial) -> Polynomial:
    (left,), (right,) = a, b
    return {_joined(left, right): a[left] * b[right]}


def _joined(left: Monomial, right: Monomial) -> Monomial:
    powers = dict(left)
    for name, power in right:
        powers[name] = powers.get(name, 0) + power
    # A set of factors, whatever their order: x*y is y*x.
    return tuple(sorted((name, power) for name, power in powers.items() if power))


def _whole(a: Polynomial) -> Polynomial:
    """As one term."""
    return a if len(a) == 1 else _atom(f"({_written(a)})")


def _inverse(a: Polynomial) -> Polynomial:
    if not a:
        return _atom("(1/0)")
    ((monomial, factor),) = _whole(a).items()
    return {tuple((name, -power) for name, power in monomial): 1.0 / factor}


def _power(base: Polynomial, exponent: float) -> Polynomial:
    whole = int(exponent)
    if whole != exponent or abs(whole) > HIGHEST_POWER:
        return _atom(f"({_written(base)})^{_bare(exponent)}")
    result: Polynomial = {(): 1.0}
    for _ in range(abs(whole)):
        result = _multiply(result, base)
    return result if whole >= 0 else _inverse(result)


def _bare(value: float) -> str:
    shown = f"{value:.12g}"
    return shown if value >= 0 else f"({shown})"


def _written(polynomial: Polynomial) -> str:
    out = ""
    for monomial, factor in polynomial.items():
        term = _term(monomial, abs(factor))
        if out:
            out += f" - {term}" if factor < 0 else f" + {term}"
        else:
            out = f"-{term}" if factor < 0 else term
    return out or "0"


def _term(monomial: Monomial, factor: float) -> str:
    above = [_factor(name, power) for name, power in monomial if power > 0]
    below = [_factor(name, -power) for name, power in monomial if power < 0]
    number = f"{factor:.12g}"
    if number != "1" or not above:
        above.insert(0, number)
    if not below:
        return "*".join(above)
    over = below[0] if len(below) == 1 else f"({'*'.join(below)})"
    return f"{'*'.join(above)}/{over}"


def _factor(name: str, power: int) -> str:
    return name if power == 1 else f"{name}^{power}"
