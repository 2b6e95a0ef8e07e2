"""Runs at a fixed step with events: a step in which one happens is made in parts.

The place is found on the cubic through both ends of the step and then on the method's own
steps, so that an event costs no order. The grid stays: what is left of the step is made up.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from engine.integrate import codes
from engine.integrate.base import Array, Flags, Run
from engine.integrate.fixed_run import doubling
from engine.integrate.methods import Tableau
from engine.integrate.watch import Watch

if TYPE_CHECKING:
    from engine.systems.system import System

EVENTS = 100
"""Events between two looks at the caller."""
MOST = 10_000
"""Events in one step after which they are said to pile up."""


class HybridRun(Run):
    """A flow with events at a fixed step."""

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
    ) -> None:
        super().__init__(system, values, state, start, step, bound, cancel, every)
        from engine.integrate.drivers import events, hybrid

        n, stages = system.dimension, tableau.stages
        self.tableau = tableau
        self._rhs = system.model.compiled.rhs
        self._driver, self._locate = hybrid.trajectory, events.locate
        self._unit = np.ascontiguousarray(tableau.weights[:stages, :stages])
        self._times = np.ascontiguousarray(tableau.nodes[:stages])
        self._weights, self._nodes = self._unit * step, self._times * step
        self._work, self._spare = np.empty((stages + 3, n)), np.empty((stages, n))
        self._watch = Watch(system, values, step)
        self._watch.arm(start, state)

    def advance(self, steps: int, rows: Array) -> int:
        goal, written, events = self.grid + steps, 0, len(self._watch.log)
        if self.stopped is not None:
            return 0
        handled = 0
        while self.grid < goal and handled < EVENTS:
            code, made, more = self._driver(
                self._rhs,
                self._watch.event,
                self._weights,
                self._nodes,
                self.state,
                self.values,
                self.start,
                self.step,
                self.grid,
                goal - self.grid,
                self.every,
                self.bound,
                self.cancel,
                rows[written:],
                self._work,
                self._watch.gauge,
            )
            self.grid += made
            written += more
            if code == codes.LEFT:
                refused = self._work[self.tableau.stages]
                self._stop(code, self.start + (self.grid + 1) * self.step, self.grid, refused)
            if code != codes.HAPPENED:
                break
            events = self._through()
            if events < 0:
                break
            handled += events
            self.grid += 1
            if self.grid % self.every == 0:
                rows[written, 0], rows[written, 1:] = self.time, self.state
                written += 1
        return int(written)

    @property
    def time(self) -> float:
        return self.start + self.grid * self.step

    @property
    def steps(self) -> int:
        return self.grid

    @property
    def happened(self) -> Array:
        return self._watch.record

    def error(self, rows: Array) -> float:
        def ends(state: Array, time: float, size: float, count: int) -> None:
            for i in range(count):
                state[:] = self._part(time + i * size, state, size)

        return doubling(ends, self.tableau.order, self.step, rows)

    def follow(self, former: Run) -> None:
        if isinstance(former, HybridRun):
            self._watch.log = former._watch.log

    # ------------------------------------------------------------ one step with events

    def _through(self) -> int:
        """Make the step in which something may happen; how many events did, or -1 at an end."""
        watch = self._watch
        t, goal = self.time, self.start + (self.grid + 1) * self.step
        state = self.state.copy()
        for count in range(MOST):
            length = goal - t
            if length <= 4.0 * math.ulp(goal):
                self.state[:] = state
                return count
            new = self._part(t, state, length)
            # A place where an event is found comes before one where the state is refused.
            polynomial = self._cubic(t, state, length, new)
            k, theta = self._locate(
                watch.event,
                polynomial,
                t,
                length,
                watch.fine(t, length),
                self.values,
                watch.point,
                watch.gauge,
            )
            if k < 0:
                if not (np.abs(new) <= self.bound).all():
                    self._stop(codes.LEFT, goal, self.grid, new)
                    return -1
                watch.settle(goal, new)
                self.state[:] = new
                return count
            part = self._refined(int(k), t, state, length, float(theta) * length)
            t, state = t + part, self._part(t, state, part)
            state, code = watch.fire(int(k), t, state)
            if code != codes.DONE:
                self._stop_at(code, t, self.grid, int(k))
                return -1
            if not (np.abs(state) <= self.bound).all():
                self._stop(codes.LEFT, t, self.grid, state)
                return -1
        self._stop_at(codes.PILED, t, self.grid, int(k))
        return -1

    def _refined(self, k: int, t: float, state: Array, length: float, part: float) -> float:
        """Newton's steps from the place on the cubic to that on the method's own step."""
        watch = self._watch
        fine, first = watch.fine(t, length) * length, part
        for _ in range(5):
            here = self._part(t, state, part)
            slope = watch.slope(k, t + part, here)
            size = float(watch.measure(t + part, here)[k])
            change = -size / slope if slope else math.inf
            if not (abs(change) <= 0.25 * length and 0.0 < part + change <= length):
                return first
            part += change
            if abs(change) <= fine:
                break
        return part

    def _part(self, t: float, state: Array, length: float) -> Array:
        """The state a part of a step later. Here and not in a driver: entering one takes longer."""
        slopes, unit = self._spare, self._unit
        self._rhs(t, state, self.values, slopes[0])
        for stage in range(1, len(unit)):
            place = state + length * (unit[stage - 1, :stage] @ slopes[:stage])
            self._rhs(t + length * self._times[stage], place, self.values, slopes[stage])
        new: Array = state + length * (unit[-1] @ slopes)
        return new

    def _cubic(self, t: float, state: Array, length: float, new: Array) -> Array:
        """Hermite's cubic through both ends, by powers of the share of the step."""
        first, last = np.empty_like(state), np.empty_like(state)
        self._rhs(t, state, self.values, first)
        self._rhs(t + length, new, self.values, last)
        first, last, rise = first * length, last * length, new - state
        return np.array([state, first, 3.0 * rise - 2.0 * first - last, first + last - 2.0 * rise])

    # ------------------------------------------------------------ memory

    def _save(self) -> list[Array]:
        return self._watch.save()

    def _load(self, parts: list[Array]) -> None:
        if not self._fit(parts, [self._watch.gauge, self._watch.recent]):
            raise self._foreign()
        self._watch.load(parts)
