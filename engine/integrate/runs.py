"""One orbit in pieces: a state, a clock, and the fastest kernel there is to move it.

A run advances by as many rows as it is asked for, writes them into an array it is given,
and knows where and why it stopped. `Stream` and `simulate` are made of runs; whatever the
pieces and whichever tier computes them, the numbers are the same.
"""

from __future__ import annotations

import math
import sys
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from engine.errors import ParameterError
from engine.integrate import codes, compile
from engine.integrate.methods import Tableau, method

if TYPE_CHECKING:
    from engine.systems.system import System

Array = NDArray[np.float64]
Flags = NDArray[np.int64]

ATTEMPTS = 20_000
"""Steps an adaptive run tries between two looks at the caller."""


@dataclass(frozen=True)
class Stop:
    """Why and where a run stopped.

    Attributes
    ----------
    time : float
        Of the state that was refused; the last row is before it.
    step : int
        Index of the step that failed, counted from the start of the run.
    variable : str
        The variable at fault, empty where there is none.
    reason : str
        A sentence, for example ``left the region |x| > 1e6 at t = 3.2``.
    """

    time: float
    step: int
    variable: str
    reason: str


def plain(value: float) -> str:
    """A number as people write it: ``1e6``, not ``1e+06``."""
    mantissa, mark, exponent = f"{value:.6g}".partition("e")
    return f"{mantissa}e{int(exponent)}" if mark else mantissa


def finite_bound(bound: float) -> float:
    """A bound that infinity does not pass."""
    return min(abs(float(bound)), sys.float_info.max)


class Run(ABC):
    """One orbit in pieces.

    Attributes
    ----------
    state : array (n,)
        Where the orbit is at `time`.
    stopped : Stop or None
    grid : int
        Steps of the grid, each `step` long, made so far.
    cancel : array (1,) of int64
        Anything but 0 makes `advance` return soon; another thread may set it.
    """

    stopped: Stop | None = None
    grid: int = 0

    def __init__(
        self,
        system: System,
        values: Array,
        state: Array,
        start: float,
        step: float,
        bound: float,
        cancel: Flags | None,
        every: int,
    ) -> None:
        self.system = system
        self.values = values
        self.state = state
        self.start = start
        self.step = step
        self.bound = bound
        self.cancel = np.zeros(1, np.int64) if cancel is None else cancel
        self.every = every

    def rows(self, steps: int) -> int:
        """How many rows the next `steps` steps of the grid write, one every `every`."""
        return (self.grid + steps) // self.every - self.grid // self.every

    @abstractmethod
    def advance(self, steps: int, rows: Array) -> int:
        """Make `steps` steps of the grid, write `rows`, return how many rows were written.

        Fewer come where the run stops, is cancelled or, in an adaptive run, has tried
        `ATTEMPTS` steps: look at `stopped` and `grid`, and call again.
        """

    @property
    @abstractmethod
    def time(self) -> float:
        """Time of `state`."""

    @property
    @abstractmethod
    def steps(self) -> int:
        """Steps the method made so far, rejected ones included."""

    @abstractmethod
    def error(self, rows: Array) -> float:
        """Estimated local error of one step, in units of the state.

        `rows` ``(k, 1 + n)`` are places of the orbit where a fixed step is examined.
        """

    def _stop(self, code: int, time: float, step: int, refused: Array) -> None:
        map_ = self.system.kind == "map"
        where = f"at iteration {round(time)}" if map_ else f"at t = {plain(time)}"
        if code == codes.STUCK and np.isfinite(refused).all():
            self.stopped = Stop(
                time,
                step,
                "",
                f"the step fell below what time resolves {where}; "
                "the equations may be stiff or singular there",
            )
            return
        bad = np.flatnonzero(~(np.abs(refused) <= self.bound))
        index = int(bad[0]) if bad.size else 0
        name = self.system.variables[index]
        if math.isnan(refused[index]):
            reason = f"{name} stopped being a number {where}"
        else:
            reason = f"left the region |{name}| > {plain(self.bound)} {where}"
        self.stopped = Stop(time, step, name, reason)


class FixedRun(Run):
    """A flow at a fixed step, or a map (`tableau` None)."""

    def __init__(
        self,
        system: System,
        values: Array,
        state: Array,
        start: float,
        step: float,
        bound: float,
        cancel: Flags | None = None,
        *,
        every: int = 1,
        tableau: Tableau | None = None,
        fast: bool = True,
    ) -> None:
        super().__init__(system, values, state, start, step, bound, cancel, every)
        n = system.dimension
        self.tableau = tableau
        self.part = compile.part("trajectory", tableau.key if tableau else compile.ITERATE)
        self._kernel: Any = None
        self._fast = fast and n <= kernels_largest()
        self._specialised = False
        if tableau is None:
            self.work = np.empty((1, n))
        else:
            stages = tableau.stages
            self.work = np.empty((stages + 1, n))
            self._unit = np.ascontiguousarray(tableau.weights[:stages, :stages])
            self._times = np.ascontiguousarray(tableau.nodes[:stages])
            self._weights, self._nodes = self._unit * step, self._times * step
        self.select()

    def select(self) -> None:
        """Take the fastest kernel that is ready."""
        if self._specialised:
            return
        found = compile.best(self.system, self.part) if self._fast else None
        if found is not None:
            self._kernel, self._specialised = found, True
        elif self._kernel is None:
            self._kernel = _tier_one(self.system, self.tableau)

    def advance(self, steps: int, rows: Array) -> int:
        if self.stopped is not None:
            return 0
        self.select()
        if self.tableau is None:
            code, made, written = self._kernel(
                self.state,
                self.values,
                self.start,
                self.grid,
                steps,
                self.every,
                self.bound,
                self.cancel,
                rows,
                self.work,
            )
        else:
            code, made, written = self._kernel(
                self._weights,
                self._nodes,
                self.state,
                self.values,
                self.start,
                self.step,
                self.grid,
                steps,
                self.every,
                self.bound,
                self.cancel,
                rows,
                self.work,
            )
        self.grid += made
        if code == codes.LEFT:
            self._stop(code, self.start + (self.grid + 1) * self.step, self.grid, self.work[-1])
        return int(written)

    @property
    def time(self) -> float:
        return self.start + self.grid * self.step

    @property
    def steps(self) -> int:
        return self.grid

    def error(self, rows: Array) -> float:
        if self.tableau is None or len(rows) == 0:
            return 0.0
        # One whole step against two half steps from the same state; by Richardson the
        # difference, times this, is the error of the whole one.
        factor = 2.0**self.tableau.order / (2.0**self.tableau.order - 1.0)
        none, flag, worst = np.empty((0, 1 + rows.shape[1])), np.zeros(1, np.int64), 0.0
        for row in rows:
            ends = []
            for count in (1, 2):
                size, state = self.step / count, row[1:].copy()
                self._kernel(
                    self._unit * size,
                    self._times * size,
                    state,
                    self.values,
                    row[0],
                    size,
                    0,
                    count,
                    3,
                    sys.float_info.max,
                    flag,
                    none,
                    self.work,
                )
                ends.append(state)
            worst = max(worst, float(np.abs(ends[0] - ends[1]).max()))
        return factor * worst


class AdaptiveRun(Run):
    """A flow at a step the method chooses; a row every `step`."""

    def __init__(
        self,
        system: System,
        values: Array,
        state: Array,
        start: float,
        step: float,
        bound: float,
        cancel: Flags | None = None,
        *,
        tableau: Tableau,
        every: int = 1,
        rtol: float = 1e-8,
        atol: float = 1e-8,
    ) -> None:
        super().__init__(system, values, state, start, step, bound, cancel, every)
        from engine.integrate.drivers import adaptive

        n, total = system.dimension, tableau.nodes.size
        self.tableau = tableau
        self.rtol, self.atol = rtol, atol
        self._driver, self._layout = adaptive.trajectory, adaptive
        self._clock = np.zeros(adaptive.CLOCK)
        self._clock[adaptive.TIME] = start
        self._front = state.copy()
        self._work = np.zeros((total + 2, n))
        self._polynomial = np.zeros((tableau.dense.shape[1] + 1, n))
        self._samples = 0
        self._tried = 0
        self._last = start

    def advance(self, steps: int, rows: Array) -> int:
        if self.stopped is not None:
            return 0
        method = self.tableau
        wanted = (self.grid + steps) // self.every - self._samples
        code, tried, written = self._driver(
            self.system.model.compiled.rhs,
            method.weights,
            method.nodes,
            method.error,
            method.dense,
            method.stages,
            method.error_order,
            self._clock,
            self._front,
            self.values,
            self.start,
            self.step * self.every,
            self._samples,
            wanted,
            ATTEMPTS,
            self.rtol,
            self.atol,
            self.bound,
            self.cancel,
            rows,
            self._work,
            self._polynomial,
        )
        self._samples += written
        self._tried += tried
        done = code == codes.DONE
        self.grid = self.grid + steps if done else max(self.grid, self._samples * self.every)
        if written:
            self._last = float(rows[written - 1, 0])
            self.state[:] = rows[written - 1, 1:]
        if code in (codes.LEFT, codes.STUCK):
            clock, layout = self._clock, self._layout
            time = clock[layout.TIME] + (clock[layout.LAST] if code == codes.LEFT else 0.0)
            self._stop(code, float(time), self._tried, self._work[method.nodes.size])
        return int(written)

    @property
    def time(self) -> float:
        return self._last

    @property
    def steps(self) -> int:
        return self._tried

    def error(self, rows: Array) -> float:
        return float(self._clock[self._layout.WORST])


def start_run(
    system: System,
    values: Array,
    state: Array,
    *,
    key: str,
    step: float,
    time: float = 0.0,
    every: int = 1,
    rtol: float = 1e-8,
    atol: float = 1e-8,
    bound: float | None = None,
    cancel: Flags | None = None,
    fast: bool = True,
) -> Run:
    """A run by the method `key`, which `checked_method` has checked."""
    limit = finite_bound(system.run.bound if bound is None else bound)
    if system.kind == "map":
        return FixedRun(system, values, state, time, 1.0, limit, cancel, every=every, fast=fast)
    tableau = method(key)
    if tableau.adaptive:
        return AdaptiveRun(
            system,
            values,
            state,
            time,
            step,
            limit,
            cancel,
            tableau=tableau,
            every=every,
            rtol=rtol,
            atol=atol,
        )
    return FixedRun(
        system, values, state, time, step, limit, cancel, every=every, tableau=tableau, fast=fast
    )


def checked_method(system: System, key: str | None) -> str:
    """The method's key, or the system's own where None.

    Raises
    ------
    UnknownKeyError
        If there is no such method.
    ParameterError
        If a map is to be integrated or a flow iterated.
    """
    key = (key or (compile.ITERATE if system.kind == "map" else system.run.method)).lower()
    if (key == compile.ITERATE) != (system.kind == "map"):
        what = (
            "a map and can only be iterated"
            if system.kind == "map"
            else ("a flow and cannot be iterated")
        )
        raise ParameterError(f"'{system.key}' is {what}, got the method '{key}'")
    return key if key == compile.ITERATE else method(key).key


def checked_step(system: System, step: float | None) -> float:
    """A step above 0, the system's own where None; 1 for maps.

    Raises
    ------
    ParameterError
        If it is not a finite number above 0.
    """
    if system.kind == "map":
        return 1.0
    return positive("step", system.run.step if step is None else step)


def positive(name: str, value: float) -> float:
    """`value` as a finite float above 0.

    Raises
    ------
    ParameterError
        If it is none.
    """
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not (math.isfinite(number) and number > 0.0):
        raise ParameterError(f"{name} must be a finite number above 0, got {value!r}")
    return number


def kernels_largest() -> int:
    """State variables up to which a specialised kernel is made."""
    from engine.integrate.kernels import LARGEST

    return LARGEST


def _tier_one(system: System, tableau: Tableau | None) -> Any:
    from functools import partial

    rhs = system.model.compiled.rhs
    if tableau is None:
        from engine.integrate.drivers.iterate import trajectory
    else:
        from engine.integrate.drivers.fixed import trajectory
    return partial(trajectory, rhs)
