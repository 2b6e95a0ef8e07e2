"""The period of what drives a system, read off its equations.

A flow that depends on time only through sines and cosines of multiples of it, and through
remainders, repeats itself; strobed once a period it is a map. Nothing is integrated here.
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
    graph, outputs = system.model.graph()
    symbols = {f"p{j}": float(value) for j, value in enumerate(system.values(values))}
    periods: set[float] = set()
    seen: set[int] = set()
    stack = list(outputs)
    while stack:
        node = stack.pop()
        if node in seen:
            continue
        seen.add(node)
        if graph.leaves[node] == "t":
            return None
        if (found := _period(graph, node, symbols)) is not None:
            if not 0.0 < found < math.inf:
                return None
            periods.add(found)
            continue
        stack.extend(graph.arguments[node])
    return _common(sorted(periods))


def _period(graph: Graph, node: int, symbols: dict[str, float]) -> float | None:
    """The period of a sine, cosine or remainder of time; None for other nodes."""
    operation, arguments = graph.operations[node], graph.arguments[node]
    if operation not in ("sin", "cos", "tan", "mod"):
        return None
    inner = arguments[0]
    if "t" not in graph.symbols([inner]):
        return None
    (slope,) = graph.derivatives([inner], "t")
    if graph.symbols([slope]) & {"t"} or any(s.startswith("s") for s in graph.symbols([slope])):
        return math.nan
    (rate,) = evaluate.nodes(graph, [slope], symbols)
    turn: float | None = math.pi if operation == "tan" else 2.0 * math.pi
    if operation == "mod":
        (turn,) = evaluate.nodes(graph, [arguments[1]], symbols)
    if not rate or turn is None:
        return math.nan
    return abs(turn / rate)


def _common(periods: list[float]) -> float | None:
    """The shortest time that is a multiple of all of them."""
    if not periods:
        return None
    for times in range(1, _MOST + 1):
        whole = times * periods[-1]
        if all(abs(whole / p - round(whole / p)) < 1e-9 * whole / p for p in periods):
            return whole
    return None
