"""Runs of flows with delays: RK4 by steps, with the past kept as cubic pieces.

A run holds as much of the past as its longest lag reaches back, in a ring of nodes; before
its beginning the system's history stands. Where parameters change under way, the past
stays what it was: a longer lag than before may then reach behind what is held, where the
oldest state is taken to have been there all along.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from engine.errors import EquationError, ParameterError
from engine.integrate import codes
from engine.integrate.base import Array, Flags, Run

if TYPE_CHECKING:
    from engine.systems.system import System

ORDERS = 5
"""How often a kink is followed from lag to lag: each time it is one derivative smoother."""
MOST_KINKS = 2000
MOST_ROOTS = 30
"""Changes of values that are followed from lag to lag; a hand on a slider makes many."""
SHORTEST = 1000
"""Steps by steps: a lag may be this many times shorter than the step."""
LARGEST = 2**30
"""Bytes that the past may take."""


class DelayRun(Run):
    """A flow with delays at a fixed step."""

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
    ) -> None:
        super().__init__(system, values, state, start, step, bound, cancel, every)
        from engine.integrate.drivers import delay

        compiled = system.model.compiled
        self._driver, self._layout = delay.trajectory, delay
        self._rhs, self._history = compiled.rhs, compiled.history
        self._variables = np.array(system.model.delayed, dtype=np.int64)
        self._lags, self._lag_of = checked_lags(system, values, step)
        self._hints = np.zeros(self._lags.size, np.int64)
        self._work = np.empty((7, system.dimension))
        # The state where the history ends, and when that is.
        self._initial = np.append(state, start)
        self._roots = [start]
        self._ring = np.zeros(delay.RING, np.int64)
        self._ring[delay.NEWEST] = -1
        self._prepare()

    def advance(self, steps: int, rows: Array) -> int:
        if self.stopped is not None:
            return 0
        # About 10 ms a call: the past is looked up four times a step.
        most = max(16, 20_000 // max(1, self.system.dimension // 16) // self._pieces)
        code, made, written = self._driver(
            self._rhs,
            self._history,
            self.state,
            self.values,
            self._initial,
            self.start,
            self.step,
            self.grid,
            min(steps, most),
            self.every,
            self.bound,
            self.cancel,
            rows,
            self._work,
            self._kinks,
            self._longest,
            self._lags,
            self._lag_of,
            self._variables,
            self._hints,
            self._ring,
            self._times,
            self._nodes,
        )
        self.grid += made
        if code == codes.LEFT:
            self._stop(code, self.start + (self.grid + 1) * self.step, self.grid, self._work[4])
        return int(written)

    @property
    def time(self) -> float:
        return self.start + self.grid * self.step

    @property
    def steps(self) -> int:
        return self.grid

    def error(self, rows: Array) -> float:
        return math.nan

    def follow(self, former: Run) -> None:
        """Take over the past."""
        if not isinstance(former, DelayRun) or former._ring[self._layout.NEWEST] < 0:
            return
        terms = len(self._variables)
        own = self.values.size - terms
        same = self.step == former.step and np.array_equal(self.values[:own], former.values[:own])
        self._initial = former._initial
        reach = ORDERS * max(self._lags.max(), former._lags.max())
        self._roots = [root for root in former._roots if root + reach > self.start]
        if not same:
            # The slope changes here at once.
            self._roots = [*self._roots[-MOST_ROOTS:], self.start]
        times, nodes = former._past(0.0)
        held = times <= former.time + 1e-9 * former.step
        self._prepare()
        self._fill(times[held], nodes[held])
        self._ring[self._layout.STALE] = int(not same)

    # ------------------------------------------------------------ the past

    def _prepare(self) -> None:
        """Where to land, how far to step, and room for the past."""
        positive = self._lags[self._lags > 0.0]
        longest_lag = float(positive.max()) if positive.size else 0.0
        self._longest = float(positive.min()) if positive.size else self.step
        self._pieces = max(1, math.ceil(self.step / self._longest))
        self._kinks = kinks(self._roots, positive)
        capacity = (int(longest_lag / self.step) + 3) * self._pieces + 2 * self._kinks.size + 16
        size = 8 * capacity * (3 * self.system.dimension + 1)
        if size > LARGEST:
            raise ParameterError(
                f"the past of '{self.system.key}' over its longest lag {longest_lag:g} would take "
                f"{size / 2**30:,.4g} GiB at the step {self.step:g}, more than the "
                f"{LARGEST // 2**30} GiB allowed; take a longer step"
            )
        self._times = np.zeros(capacity)
        self._nodes = np.zeros((capacity, 3 * self.system.dimension))

    def _past(self, reach: float) -> tuple[Array, Array]:
        """Nodes from oldest to newest; with `reach`, those from that long ago on."""
        layout, ring = self._layout, self._ring
        if ring[layout.NEWEST] < 0:
            return np.empty(0), np.empty((0, 3 * self.system.dimension))
        numbers = np.arange(ring[layout.OLDEST], ring[layout.NEWEST] + 1) % self._times.size
        times = self._times[numbers]
        first = 0
        if reach > 0.0:
            first = max(0, int(np.searchsorted(times, self.time - reach, "right")) - 2)
        return times[first:], self._nodes[numbers[first:]]

    def _fill(self, times: Array, nodes: Array) -> None:
        count = len(times)
        if count > len(self._times):
            self._times = np.zeros(count + 16)
            self._nodes = np.zeros((count + 16, self._nodes.shape[1]))
        self._times[:count], self._nodes[:count] = times, nodes
        self._ring[self._layout.NEWEST], self._ring[self._layout.OLDEST] = count - 1, 0
        self._hints[:] = 0

    def _save(self) -> list[Array]:
        times, nodes = self._past(float(self._lags.max()) + self.step if self._lags.size else 0.0)
        stale = float(self._ring[self._layout.STALE])
        return [self._initial, np.array([*self._roots, stale]), times, nodes]

    def _load(self, parts: list[Array]) -> None:
        n = self.state.size
        if (
            len(parts) != 4
            or parts[0].size != n + 1
            or parts[1].size < 1
            or parts[3].size != parts[2].size * 3 * n
        ):
            raise self._foreign()
        self._initial = parts[0].copy()
        self._roots = parts[1][:-1].tolist()
        self._prepare()
        self._fill(parts[2], parts[3].reshape(-1, 3 * n))
        self._ring[self._layout.STALE] = int(parts[1][-1])


def checked_lags(system: System, values: Array, step: float) -> tuple[Array, Flags]:
    """The different lags, and for every delayed term which of them it has.

    Raises
    ------
    ParameterError
        If a lag is below 0, no finite number, or far shorter than the step.
    """
    try:
        lags = np.asarray(system.model.lags(values), dtype=np.float64)
    except EquationError as error:
        raise ParameterError(f"'{system.key}': {error.message}") from None
    for lag, variable in zip(lags.tolist(), system.model.delayed, strict=True):
        if not (math.isfinite(lag) and lag >= 0.0):
            raise ParameterError(
                f"the lag of {system.variables[variable]} in '{system.key}' must be a finite "
                f"number of at least 0, got {lag:g}"
            )
        if 0.0 < lag * SHORTEST < step:
            raise ParameterError(
                f"the lag {lag:g} of {system.variables[variable]} in '{system.key}' is less than "
                f"a thousandth of the step {step:g}; take a step of at most {lag * SHORTEST:g}, "
                "or a lag of 0"
            )
    found, places = np.unique(lags, return_inverse=True)
    return found, places.astype(np.int64)


def kinks(roots: list[float], lags: Array) -> Array:
    """Times where the solution is less smooth: roots plus sums of up to `ORDERS` lags."""
    sums = {0.0}
    every = set(sums)
    for _ in range(ORDERS):
        sums = {total + lag for total in sums for lag in lags.tolist()}
        if len(every) + len(sums) > MOST_KINKS:
            break
        every |= sums
    return np.unique([root + total for root in roots for total in every])
