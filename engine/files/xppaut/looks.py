"""How the system of an XPPAUT file is run and looked at: method, step, axes, presets, folding."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from engine.files.xppaut.draft import Draft
from engine.files.xppaut.options import METHODS
from engine.systems.system import System

MOST_ROWS = 1_000_000


def run(draft: Draft, kind: str, events: bool) -> dict[str, Any]:
    """The method nearest to the file's, its step and its bound."""
    options = draft.options
    step = 1.0 if kind == "map" else options.number("dt")
    total = options.number("total")
    method = METHODS[options.method[0]][1]
    if kind == "sde":
        method = "euler-maruyama"
    elif kind == "dde":
        method = "steps-rk4"
    elif events and method == "yoshida4":
        method = "rk4"
    found = {
        "method": method,
        "step": step,
        "length": max(1, min(MOST_ROWS, round(total / step))),
        "bound": options.number("bound"),
        # The whole run in about ten seconds.
        "speed": max(total / 10.0, step),
    }
    # Where the file says nothing our own holds: analyses need to wait for the attractor.
    if options.number("transient"):
        found["transient"] = options.number("transient")
    return found


def look(draft: Draft, parameters: dict[str, Any]) -> dict[str, Any]:
    """The plotted variables, and the range of the first parameter."""
    plotted = [draft.options.plotted.get(axis, "") for axis in "xyz"]
    three = str(draft.options.values.get("axes", "2")).startswith("3")
    names = plotted if three else plotted[:2]
    found: dict[str, Any] = {}
    if all(name in draft.scope.variables for name in names) and len(set(names)) == len(names):
        found["axes"] = [draft.scope.names[name] for name in names]
    low, high = draft.options.number("parmin", 0.0), draft.options.number("parmax", 0.0)
    first = next(iter(parameters), None)
    if first is not None and low < high and "parmax" in draft.options.values:
        found["orbit_diagram"] = {"parameter": first, "low": low, "high": high}
    return found


def presets(draft: Draft) -> list[dict[str, Any]]:
    """Named sets of values; what they say of options is kept with the options."""
    parameters = {entry.key for entry in draft.contents.parameters} - draft.frozen
    found = []
    for settings in draft.contents.settings:
        row: dict[str, Any] = {"title": settings.title, "values": {}, "initial": {}}
        for entry in settings.values:
            where = (
                "values"
                if entry.key in parameters
                else "initial"
                if entry.key in draft.scope.variables
                else ""
            )
            try:
                number = float(entry.text or "0")
            except ValueError:
                number = math.nan
            if where and not math.isfinite(number):
                raise draft.fail(
                    f"the value of '{entry.name}' must be a number, got {entry.text!r}",
                    settings.line,
                )
            if where:
                row[where][draft.scope.names[entry.key]] = number
        if row["values"] or row["initial"]:
            found.append(row)
    sets = {
        settings.title: {entry.key: entry.text for entry in settings.values}
        for settings in draft.contents.settings
    }
    if sets:
        draft.options.values["sets"] = sets
    return found


def fold(draft: Draft, system: System) -> None:
    """Variables on a circle: nothing changes where the equations have its period."""
    if not draft.options.folded:
        return
    period = draft.options.number("tor_per", 2 * math.pi)
    names = []
    generator = np.random.default_rng(0)
    for name, line in draft.options.folded:
        if name not in draft.scope.variables:
            raise draft.fail(f"'{name}' is folded, but is no variable", line)
        place = draft.scope.variables.index(name)
        for _ in range(3):
            state = generator.uniform(-3.0, 3.0, system.dimension)
            before = system.rhs(0.3, state)
            state[place] += period
            after = system.rhs(0.3, state)
            if not np.allclose(before, after, rtol=1e-6, atol=1e-6, equal_nan=True):
                raise draft.fail(
                    f"'{name}' is folded with period {period:g}, which its equations do not "
                    "have; that is not supported",
                    line,
                )
        names.append(system.variables[place])
    if system.events:
        raise draft.fail(
            "folding together with events is not supported", draft.options.folded[0][1]
        )
    draft.options.values["folded"] = tuple(names)
