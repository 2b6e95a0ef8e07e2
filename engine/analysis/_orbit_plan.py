"""What an orbit diagram is asked for, checked: names, ranges, how long, how many.

Nothing is computed here. Every refusal is a sentence for a person.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.errors import ParameterError
from engine.exhibit import Values
from engine.integrate.runs import checked_step
from engine.integrate.solve import check_steps

if TYPE_CHECKING:
    from engine.systems.system import System

Array = NDArray[np.float64]

MAP_TRANSIENT, MAP_KEEP, FLOW_KEEP = 1000, 5000, 200
LARGEST_RESULT = 4 * 2**30
"""Bytes the samples may take."""


@dataclass(frozen=True)
class Plan:
    """What is wanted; everything checked.

    Attributes
    ----------
    system, parameter, variable
        `variable` is an index.
    places : array (columns,)
        Parameter values.
    values : mapping
        Of the other parameters.
    initial : array (n,)
    step : float
    transient, watched : int
        Steps discarded, and steps watched at most after that.
    keep : int
        Samples a column.
    """

    system: System
    parameter: str
    variable: int
    places: Array
    values: dict[str, float]
    initial: Array
    step: float
    transient: int
    watched: int
    keep: int

    @property
    def columns(self) -> int:
        """How many there are."""
        return len(self.places)

    @property
    def flow(self) -> bool:
        """True where local maxima are kept, not every value."""
        return self.system.kind != "map"


def objection(system: System) -> str:
    """Why a system has no orbit diagram, as a sentence; empty where it has one."""
    because = {
        "noise": system.stochastic,
        "delays": system.delayed,
        "events": system.hybrid,
        "so many variables": system.model.loops,
    }
    found = next((word for word, is_so in because.items() if is_so), "")
    return found and (
        f"'{system.key}' has {found}: orbit diagrams are drawn of flows and maps that can move "
        "side by side; change the parameter by its slider instead"
    )


def checked_plan(
    system: System,
    parameter: str,
    low: float,
    high: float,
    columns: int,
    transient: float | None,
    keep: int | None,
    variable: str | None,
    values: Values | None,
    initial: Sequence[float] | Array | None,
    step: float | None,
    follow: bool | str,
    duration: float | None,
) -> tuple[Plan, str]:
    """A plan, and ``no``, ``up`` or ``down``; the arguments are those of `orbit_diagram`.

    Raises
    ------
    ParameterError
        If a name is unknown or a number cannot be used.
    """
    if words := objection(system):
        raise ParameterError(words)
    if parameter not in system.parameters or system.parameters[parameter].size:
        raise ParameterError(
            f"'{system.key}' has no parameter '{parameter}'; it has "
            f"{', '.join(n for n in system.parameters if n not in system.sizes) or 'none'}"
        )
    name = variable or system.orbit_diagram.variable or system.variables[0]
    if name not in system.variables:
        raise ParameterError(
            f"'{system.key}' has no variable '{name}'; it has {', '.join(system.variables)}"
        )
    low, high = finite("low", low), finite("high", high)
    count = whole("columns", columns, 1)
    if not (low < high or (low == high and count == 1)):
        raise ParameterError(f"an orbit diagram runs from low to high, got {low:g} to {high:g}")
    if follow not in (False, True, "no", "up", "down"):
        raise ParameterError(f"follow must be up, down or no, got {follow!r}")
    direction = (
        {False: "no", True: "up"}.get(follow, follow) if isinstance(follow, bool) else (follow)
    )
    grid = checked_step(system, step)
    numbers = system.values({k: v for k, v in (values or {}).items() if k != parameter})
    flow = system.kind == "flow"
    if transient is None:
        transient = system.run.transient if flow else MAP_TRANSIENT
    discarded = finite("transient", transient)
    if discarded < 0:
        raise ParameterError(f"transient must be at least 0, got {transient!r}")
    check_steps("transient", discarded, grid)
    kept = whole("keep", (FLOW_KEEP if flow else MAP_KEEP) if keep is None else keep, 1)
    watched = kept
    if flow:
        time = (
            system.run.length * system.run.step
            if duration is None
            else finite("duration", duration)
        )
        if time <= 0:
            raise ParameterError(f"duration must be above 0, got {duration!r}")
        check_steps("duration", time, grid)
        watched = max(3, math.ceil(time / grid))
    places = np.linspace(low, high, count)
    if system.parameters[parameter].scale == "integer":
        # Between whole numbers there is nothing: neighbouring columns show the same one.
        places = np.rint(places)
    plan = Plan(
        system,
        parameter,
        system.variables.index(name),
        places,
        {k: v for k, v in zip(system.parameters, numbers.tolist(), strict=True) if k != parameter},
        system.state(initial),
        grid,
        math.ceil(discarded / grid),
        watched,
        kept,
    )
    return plan, str(direction)


def finite(name: str, value: object) -> float:
    """`value` as a finite float; raises ParameterError otherwise."""
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        number = math.nan
    if not math.isfinite(number):
        raise ParameterError(f"{name} must be a finite number, got {value!r}")
    return number


def whole(name: str, value: object, least: int) -> int:
    """`value` as a whole number of at least `least`; raises ParameterError otherwise."""
    number = finite(name, value)
    if number != round(number) or number < least:
        raise ParameterError(f"{name} must be a whole number of at least {least}, got {value!r}")
    return int(number)


def check_size(plan: Plan) -> None:
    """Raise ParameterError where the samples would take too much memory."""
    size = 8 * plan.columns * plan.keep
    if size > LARGEST_RESULT:
        raise ParameterError(
            f"an orbit diagram of {plan.columns:,} columns with {plan.keep:,} samples each would "
            f"take {size / 2**30:,.0f} GiB, more than the {LARGEST_RESULT // 2**30} GiB allowed; "
            "take fewer columns or keep fewer samples"
        )
