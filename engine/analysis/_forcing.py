"""What repeats in a system: the drive of time, the turn of an angle, read off the equations.

A flow that depends on time only through sines and cosines of multiples of it, and through
remainders, repeats itself; strobed once a period it is a map. One that depends so on a
variable cannot tell the variable's turns apart. Nothing is integrated here.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from engine.equations import evaluate

if TYPE_CHECKING:
    from engine.equations.graph import Graph
    from engine.exhibit import Values
    from engine.systems.system import System

_MOST = 24
"""Periods of the slowest drive in which the others must fit."""


def forcing_period(system: System, values: Values | None = None) -> float | None:
    """The time after which the equations are the same again.

    Parameters
    ----------
    system : System
        A flow or a map whose equations are written out.
    values : mapping, optional
        Parameter values.

    Returns
    -------
    float or None
        0 where the equations do not depend on time, None where they do not repeat or it
        cannot be told.
    """
    if system.model.autonomous:
        return 0.0
    return _repeats(system, "t", values)


def turn(system: System, variable: str, values: Values | None = None) -> float:
    """What a whole turn of a variable is, 0 where it is no angle.

    Declared by the system, or told by the equations of a flow.
    """
    declared = system.period(variable)
    if declared or system.kind != "flow":
        return declared
    return _repeats(system, f"s{system.variables.index(variable)}", values) or 0.0


def _repeats(system: System, symbol: str, values: Values | None) -> float | None:
    """The period of the equations in one of their symbols, None where it cannot be told."""
    graph, outputs = system.model.graph()
    numbers = {f"p{j}": float(value) for j, value in enumerate(system.values(values))}
    periods: set[float] = set()
    seen: set[int] = set()
    stack = list(outputs)
    while stack:
        node = stack.pop()
        if node in seen:
            continue
        seen.add(node)
        if graph.leaves[node] == symbol:
            return None
        if (found := _period(graph, node, symbol, numbers)) is not None:
            if not 0.0 < found < math.inf:
                return None
            periods.add(found)
            continue
        stack.extend(graph.arguments[node])
    return _common(sorted(periods))


def _period(graph: Graph, node: int, symbol: str, numbers: dict[str, float]) -> float | None:
    """The period of a sine, cosine or remainder of a symbol; None for other nodes."""
    operation, arguments = graph.operations[node], graph.arguments[node]
    if operation not in ("sin", "cos", "tan", "mod"):
        return None
    inner = arguments[0]
    if symbol not in graph.symbols([inner]):
        return None
    (slope,) = graph.derivatives([inner], symbol)
    if any(name == "t" or name.startswith("s") for name in graph.symbols([slope])):
        return math.nan
    (rate,) = evaluate.nodes(graph, [slope], numbers)
    whole: float | None = math.pi if operation == "tan" else 2.0 * math.pi
    if operation == "mod":
        (whole,) = evaluate.nodes(graph, [arguments[1]], numbers)
    if not rate or whole is None:
        return math.nan
    return abs(whole / rate)


def _common(periods: list[float]) -> float | None:
    """The shortest time that is a multiple of all of them."""
    if not periods:
        return None
    for times in range(1, _MOST + 1):
        whole = times * periods[-1]
        if all(abs(whole / p - round(whole / p)) < 1e-9 * whole / p for p in periods):
            return whole
    return None
