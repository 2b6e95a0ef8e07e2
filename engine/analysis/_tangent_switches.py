"""Where the right-hand side of a flow jumps: friction, relays and other switches.

The Jacobian says nothing of a jump, but neighbours that meet it earlier or later part by
it, as at an event that changes nothing. This finds the quantities whose sign switches the
equations, for ``_tangent_events`` to take as such events. Where both sides push the orbit
into the switch it slides along it, as a block that sticks; then the jump is smoothed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from engine.equations.algebra import text
from engine.equations.parts import Event
from engine.errors import ParameterError
from engine.systems.system import System

_MOST = 12  # switches of one system that are followed
WIDTH = 1e-3
"""Over how much of its quantity a switch is smoothed."""


class SlidingError(ParameterError):
    """The orbit slides along a switch instead of passing through it."""


def with_switches(system: System) -> System | None:
    """The system with an event, that changes nothing, at every switch; None without any.

    Only what depends on the state counts: a switch at a given time meets all neighbours at
    once. Systems in loops have none that are followed.
    """
    model = system.model
    if model.loops or system.arrays or system.tables:
        return None
    graph, outputs = model.graph()
    names = {f"s{i}": name for i, name in enumerate(model.variables)}
    names |= {f"p{i}": name for i, name in enumerate(model.parameters)}
    found: dict[str, None] = {}
    for node in graph.reachable(outputs):
        if graph.operations[node] in ("sign", "heaviside"):
            quantity = graph.arguments[node][0]
            if any(symbol.startswith("s") for symbol in graph.symbols([quantity])):
                found[text(graph, quantity, names)] = None
    if not 0 < len(found) <= _MOST:
        return None
    return replace(system, events=tuple(Event(quantity) for quantity in found))


def smoothed(system: System) -> System:
    """The system with every sign and step in its texts smoothed over `WIDTH`."""
    names = {*system.variables, *system.parameters, *system.quantities}
    names |= {head.partition("(")[0].strip() for head in system.functions}
    soft = {"sign": "smooth_sign", "heaviside": "smooth_step"}
    while names & set(soft.values()):
        soft = {name: f"{other}_" for name, other in soft.items()}

    def changed(texts: Mapping[str, str]) -> dict[str, str]:
        return {
            name: re.sub(r"\b(sign|heaviside)(?=\s*\()", lambda m: soft[m[1]], text_)
            for name, text_ in texts.items()
        }

    functions = {
        f"{soft['sign']}(u)": f"tanh(u/{WIDTH!r})",
        f"{soft['heaviside']}(u)": f"0.5 + 0.5*tanh(u/{WIDTH!r})",
    }
    return replace(
        system,
        equations=changed(system.equations),
        quantities=changed(system.quantities),
        functions=changed(system.functions) | functions,
    )
