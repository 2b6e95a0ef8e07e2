"""What is measured in every cell of a parameter plane: one function a measure.

Each takes orbits side by side (`Lanes`), moves them in slices of some milliseconds, yields
after each, and returns a number a lane, NaN where the orbit left the bound; for measures
that know one, an error a lane as well.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.integrate.lanes import Lanes

if TYPE_CHECKING:
    from engine.systems.system import System

Array = NDArray[np.float64]
Measured = tuple[Array, Array]
Work = Generator[float, None, Measured]

SLICE = 0.008
"""Seconds between two yields."""


@dataclass(frozen=True)
class Task:
    """What is done with every orbit.

    Attributes
    ----------
    iterations, transient : int
        Iterations of a map or steps of a flow that are looked at, and discarded before.
    variable : int
        Whose mean, extremes or maxima.
    longest : int
        Longest period looked for.
    tolerance : float
        How near is the same, as a share of the size.
    """

    iterations: int
    transient: int
    variable: int
    longest: int
    tolerance: float


class Slices:
    """How many steps fit a slice of time."""

    def __init__(self, lanes: int) -> None:
        self._steps = max(16, 400_000 // max(lanes, 64))

    def move(self, lanes: Lanes, goal: int, work: Callable[[int], None]) -> Generator[float]:
        """Have `work` make steps until `goal`; ends early where every lane has left."""
        while lanes.made < goal and not (lanes.failed >= 0).all():
            steps = min(self._steps, goal - lanes.made)
            began = time.perf_counter()
            work(steps)
            spent = max(time.perf_counter() - began, 1e-6)
            self._steps = int(min(max(steps * SLICE / spent, 1), 4 * self._steps))
            yield float(lanes.made)


def loaded(*modules: str) -> Generator[None]:
    """Import modules of compiled loops; yields while the compiler works."""
    for name in (f"engine.analysis.{module}" for module in modules):
        if name in sys.modules:
            continue
        loading = threading.Thread(
            target=import_module, args=(name,), daemon=True, name="phasescope-compiler"
        )
        loading.start()
        while loading.is_alive():
            loading.join(SLICE)
            yield


def lyapunov(lanes: Lanes, task: Task) -> Work:
    """Largest exponent from the growth of a tangent vector; error: how far the halves differ."""
    slices, growth = Slices(lanes.lanes), []
    half = task.iterations // 2
    for goal in (task.transient, task.transient + half, task.transient + task.iterations):
        yield from slices.move(lanes, goal, lanes.advance)
        growth.append(lanes.growth())
    with np.errstate(invalid="ignore", divide="ignore"):
        first = (growth[1] - growth[0]) / (max(half, 1) * lanes.step)
        second = (growth[2] - growth[1]) / ((task.iterations - half) * lanes.step)
        whole = (growth[2] - growth[0]) / (task.iterations * lanes.step)
        whole[np.isneginf(growth[2])] = -np.inf
        errors = 0.5 * np.abs(first - second)
    return _kept(lanes, whole), _kept(lanes, errors)


def escape(lanes: Lanes, task: Task) -> Work:
    """When the bound is left, as a time; NaN where it is not."""
    yield from Slices(lanes.lanes).move(lanes, task.iterations, lanes.advance)
    found = np.where(lanes.failed >= 0, (lanes.failed + 1) * lanes.step, np.nan)
    return found, np.full(len(found), np.nan)


def period(lanes: Lanes, task: Task) -> Work:
    """Period of a cycle; 0 at rest (flows), ``longest + 1`` where there is none so short."""
    slices = Slices(lanes.lanes)
    yield from slices.move(lanes, task.transient, lanes.advance)
    if lanes.system.kind == "map":
        found = yield from _cycles(lanes, task)
    else:
        found = yield from _turns(lanes, task, slices)
    return _kept(lanes, found), np.full(len(found), np.nan)


def _cycles(lanes: Lanes, task: Task) -> Generator[float, None, Array]:
    """After how many iterations a map comes back to where it was, all variables at once."""
    system = lanes.system
    start = lanes.state.copy()
    turns = np.array([system.period(name) for name in system.variables])[:, None]
    with np.errstate(invalid="ignore", over="ignore"):
        near = task.tolerance * (1.0 + np.abs(start))
    found = np.full(lanes.lanes, float(task.longest + 1))
    began = time.perf_counter()
    for iteration in range(1, task.longest + 1):
        lanes.advance(1)
        with np.errstate(invalid="ignore", over="ignore"):
            apart = lanes.state - start
            if turns.any():
                safe = np.where(turns > 0.0, turns, 1.0)
                apart = np.where(turns > 0.0, apart - turns * np.round(apart / safe), apart)
            back = (np.abs(apart) <= near).all(axis=0)
        found[back & (found > task.longest)] = iteration
        if time.perf_counter() - began > SLICE:
            yield float(lanes.made)
            began = time.perf_counter()
    return found


def _turns(lanes: Lanes, task: Task, slices: Slices) -> Generator[float, None, Array]:
    """How many local maxima of a variable a cycle of a flow has."""
    from engine.analysis import _orbit_kernels as orbits
    from engine.analysis import _plane_kernels as kernels

    count = lanes.lanes
    samples = np.full((count, 2 * task.longest + 2), np.nan)
    counts = np.zeros(count, np.int64)
    former = np.full((count, 2), np.nan)
    span = np.empty((count, 2))
    span[:, 0], span[:, 1] = np.inf, -np.inf
    sums = _sums(count)

    def take(trace: Array, steps: int, low: int, high: int) -> None:
        orbits.maxima(trace, steps, former, samples, counts, low, high, span)
        kernels.summarise(trace, steps, low, high, sums)

    def watch(steps: int) -> None:
        lanes.watch(steps, task.variable, take)

    yield from slices.move(lanes, task.transient + task.iterations, watch)
    found = np.zeros(count)
    kernels.repeats(samples, counts, task.tolerance, task.longest, found)
    found[found == 0.0] = task.longest + 1.0
    with np.errstate(invalid="ignore"):
        reach = np.maximum(np.abs(sums[1]), np.abs(sums[2]))
        found[~(sums[2] - sums[1] > task.tolerance * reach)] = 0.0
    return found


def _summary(pick: Callable[[Array, int], Array]) -> Callable[[Lanes, Task], Work]:
    def measure(lanes: Lanes, task: Task) -> Work:
        from engine.analysis import _plane_kernels as kernels

        slices = Slices(lanes.lanes)
        yield from slices.move(lanes, task.transient, lanes.advance)
        sums = _sums(lanes.lanes)

        def take(trace: Array, steps: int, low: int, high: int) -> None:
            kernels.summarise(trace, steps, low, high, sums)

        def watch(steps: int) -> None:
            lanes.watch(steps, task.variable, take)

        yield from slices.move(lanes, task.transient + task.iterations, watch)
        with np.errstate(invalid="ignore"):
            found = pick(sums, task.iterations)
        return _kept(lanes, found), np.full(len(found), np.nan)

    return measure


def _sums(lanes: int) -> Array:
    sums = np.zeros((3, lanes))
    sums[1], sums[2] = np.inf, -np.inf
    return sums


def _kept(lanes: Lanes, found: Array) -> Array:
    return np.where(lanes.failed >= 0, np.nan, found)


MEASURES: Mapping[str, Callable[[Lanes, Task], Work]] = MappingProxyType(
    {
        "lyapunov-largest": lyapunov,
        "period": period,
        "escape-time": escape,
        "mean": _summary(lambda sums, steps: sums[0] / steps),
        "minimum": _summary(lambda sums, steps: sums[1]),
        "maximum": _summary(lambda sums, steps: sums[2]),
        "range": _summary(lambda sums, steps: sums[2] - sums[1]),
    }
)
"""Name -> what measures it."""


def words(measure: str, system: System, variable: str) -> tuple[str, str]:
    """What a measure is called above a picture, and its unit."""
    flow = system.kind != "map"
    titles = {
        "lyapunov-largest": "Largest Lyapunov exponent",
        "period": f"Maxima of {variable} in a cycle" if flow else "Period",
        "escape-time": "Escape time",
        "mean": f"Mean of {variable}",
        "minimum": f"Minimum of {variable}",
        "maximum": f"Maximum of {variable}",
        "range": f"Range of {variable}",
    }
    units = {
        "lyapunov-largest": "per time unit" if flow else "per iteration",
        "escape-time": "time units" if flow else "iterations",
    }
    if measure not in titles:
        return f"{measure.replace('.', ': ')} of {variable}", ""
    return titles[measure], units.get(measure, "")
