"""Runs whose step is chosen by the method: explicit ones and Rosenbrock, with events.

The method steps as it likes and rows are taken from its dense output, so neither the grid
nor the pieces change the numbers. An event is found on the dense output; the orbit begins
anew behind it. With events a step is a few steps of the grid at most, because between two
looks an event could come and go.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from engine.integrate import codes
from engine.integrate.base import Array, Flags, Run, plain
from engine.integrate.methods import Rosenbrock, Tableau
from engine.integrate.watch import Watch

if TYPE_CHECKING:
    from engine.systems.system import System

ATTEMPTS = 20_000
"""Steps of a small system tried between two looks at the caller."""
EVENTS = 100
"""Events between two looks at the caller."""

SPARSEST = 4.0
"""Steps of the grid that a step may take where there are events, lest one is stepped over."""

Advance = Callable[[int, Array], tuple[int, int, int]]
"""``(samples, rows)`` -> code, steps tried, rows written."""


@dataclass(frozen=True)
class Pending:
    """An event found in the last step, which rows have not reached yet."""

    event: int
    time: float
    state: Array
    begin: float
    length: float


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
        tableau: Tableau | Rosenbrock,
        every: int = 1,
        rtol: float = 1e-8,
        atol: float = 1e-8,
    ) -> None:
        super().__init__(system, values, state, start, step, bound, cancel, every)
        from engine.integrate.drivers import adaptive

        n, total = system.dimension, tableau.nodes.size
        self.tableau = tableau
        self.rtol, self.atol = rtol, atol
        self._layout = adaptive
        self._clock = np.zeros(adaptive.CLOCK)
        self._clock[adaptive.TIME] = start
        self._front = state.copy()
        stiff = isinstance(tableau, Rosenbrock)
        self._work = np.zeros((total + (5 if stiff else 2), n))
        degree = 4 if stiff else tableau.dense.shape[1]
        self._polynomial = np.zeros((degree + 1, n))
        self._watch = Watch(system, values, step)
        if self._watch:
            self._watch.arm(start, state)
        self._pending: Pending | None = None
        self._samples = 0
        self._tried = 0
        self._last = start
        self._call = (
            _stiff(self, tableau) if isinstance(tableau, Rosenbrock) else _explicit(self, tableau)
        )

    def advance(self, steps: int, rows: Array) -> int:
        if self.stopped is not None:
            return 0
        wanted = (self.grid + steps) // self.every - self._samples
        written, code = 0, codes.LIMIT
        for _ in range(EVENTS):
            if self._pending is not None:
                written += self._fill(wanted - written, rows[written:])
                if written == wanted:
                    code = codes.DONE
                    break
                if not self._take_event():
                    code = codes.TERMINAL
                    break
            code, tried, more = self._call(wanted - written, rows[written:])
            self._samples += more
            self._tried += tried
            written += more
            if code != codes.HAPPENED:
                break
            self._find_event()
        done = code == codes.DONE
        self.grid = self.grid + steps if done else max(self.grid, self._samples * self.every)
        if written:
            self._last = float(rows[written - 1, 0])
            self.state[:] = rows[written - 1, 1:]
        if code in (codes.LEFT, codes.STUCK):
            clock, layout = self._clock, self._layout
            time = clock[layout.TIME] + (clock[layout.LAST] if code == codes.LEFT else 0.0)
            refused = (
                self.tableau.places.shape[0]
                if isinstance(self.tableau, Rosenbrock)
                else self.tableau.nodes.size
            )
            self._stop(code, float(time), self._tried, self._work[refused])
        return int(written)

    @property
    def time(self) -> float:
        return self._last

    @property
    def steps(self) -> int:
        return self._tried

    @property
    def suggestion(self) -> str:
        if not self._clock[self._layout.STIFF]:
            return ""
        where = plain(float(self._clock[self._layout.WHERE]))
        return (
            f"the equations are stiff at t = {where}: {self.tableau.key} takes short steps for "
            "the sake of stability, not of accuracy; rodas5p would take far fewer"
        )

    @property
    def happened(self) -> Array:
        return self._watch.record

    def error(self, rows: Array) -> float:
        return float(self._clock[self._layout.WORST])

    def follow(self, former: Run) -> None:
        if isinstance(former, AdaptiveRun):
            self._watch.log = former._watch.log

    # ------------------------------------------------------------ events

    def _find_event(self) -> None:
        from engine.integrate.drivers.events import locate

        clock, layout, watch = self._clock, self._layout, self._watch
        end, length = float(clock[layout.TIME]), float(clock[layout.LAST])
        begin = end - length
        k, theta = locate(
            watch.event,
            self._polynomial,
            begin,
            length,
            watch.fine(begin, length),
            self.values,
            watch.point,
            watch.gauge,
        )
        if k < 0:
            watch.settle(end, self._front)
            return
        state = self._polynomial[-1].copy()
        for row in self._polynomial[-2::-1]:
            state = row + theta * state
        self._pending = Pending(int(k), begin + theta * length, state, begin, length)

    def _fill(self, samples: int, rows: Array) -> int:
        """Rows between the last one and the event."""
        from engine.integrate.drivers.events import fill

        assert self._pending is not None
        found = self._pending
        step = self.step * self.every
        written = fill(
            self._polynomial,
            found.begin,
            found.length,
            self.start,
            step,
            self._samples,
            samples,
            found.time,
            rows,
        )
        self._samples += written
        return int(written)

    def _take_event(self) -> bool:
        """Go behind the event; False where the run ends there."""
        assert self._pending is not None
        found, self._pending = self._pending, None
        after, code = self._watch.fire(found.event, found.time, found.state)
        if code != codes.DONE:
            self._stop_at(code, found.time, self._tried, found.event)
            return False
        if not (np.abs(after) <= self.bound).all():
            self._stop(codes.LEFT, found.time, self._tried, after)
            return False
        self._front[:] = after
        clock, layout = self._clock, self._layout
        clock[layout.TIME] = found.time
        # A new beginning: no last step, and a first one to be chosen.
        clock[layout.LAST] = clock[layout.NEXT] = 0.0
        return True

    # ------------------------------------------------------------ memory

    def _save(self) -> list[Array]:
        found = self._pending
        pending = np.zeros(4 + self.state.size)
        if found is not None:
            pending[:4] = found.event + 1, found.time, found.begin, found.length
            pending[4:] = found.state
        return [
            np.array([self._samples, self._tried, self._last], np.float64),
            *self._arrays,
            pending,
            *self._watch.save(),
        ]

    @property
    def _arrays(self) -> list[Array]:
        return [self._clock, self._front, self._work, self._polynomial]

    def _load(self, parts: list[Array]) -> None:
        watch, arrays = self._watch, self._arrays
        wanted = [np.empty(3), *arrays, np.empty(4 + self.state.size), watch.gauge, watch.recent]
        if not self._fit(parts, wanted):
            raise self._foreign()
        self._samples, self._tried = int(parts[0][0]), int(parts[0][1])
        self._last = float(parts[0][2])
        for array, part in zip(arrays, parts[1:5], strict=True):
            array[:] = part.reshape(array.shape)
        kept = parts[5]
        self._pending = None
        if kept[0]:
            numbers = kept[1:4].tolist()
            self._pending = Pending(int(kept[0]) - 1, numbers[0], kept[4:].copy(), *numbers[1:])
        watch.load(parts[6:])


def _explicit(run: AdaptiveRun, method: Tableau) -> Advance:
    from engine.integrate.drivers.adaptive import trajectory

    rhs, watch = run.system.model.compiled.rhs, run._watch
    attempts = max(50, ATTEMPTS * 16 // max(16, run.system.dimension))
    longest = SPARSEST * run.step if watch else math.inf

    def call(samples: int, rows: Array) -> tuple[int, int, int]:
        return trajectory(  # type: ignore[no-any-return]
            rhs,
            watch.event,
            method.weights,
            method.nodes,
            method.error,
            method.dense,
            method.stages,
            method.error_order,
            method.reach,
            run._clock,
            run._front,
            run.values,
            run.start,
            run.step * run.every,
            run._samples,
            samples,
            attempts,
            longest,
            run.rtol,
            run.atol,
            run.bound,
            run.cancel,
            rows,
            run._work,
            run._polynomial,
            watch.gauge,
        )

    return call


def _stiff(run: AdaptiveRun, method: Rosenbrock) -> Advance:
    from engine.integrate.drivers.stiff import trajectory

    model, watch, n = run.system.model, run._watch, run.system.dimension
    compiled, autonomous = model.compiled, model.autonomous
    slope = compiled.rhs if autonomous else compiled.time_derivative
    linear, factors, order = np.empty((n, n)), np.empty((n, n)), np.empty(n, np.int64)
    # About ten nanoseconds an entry of the decomposition and of the solutions.
    attempts = int(min(ATTEMPTS, max(1.0, 1e7 / (n**3 / 3 + 20 * n**2 + 500))))
    longest = SPARSEST * run.step if watch else math.inf

    def call(samples: int, rows: Array) -> tuple[int, int, int]:
        return trajectory(  # type: ignore[no-any-return]
            compiled.rhs,
            compiled.jacobian,
            slope,
            watch.event,
            method.gamma,
            method.places,
            method.couplings,
            method.nodes,
            method.slopes,
            method.dense,
            method.error_order,
            autonomous,
            run._clock,
            run._front,
            run.values,
            run.start,
            run.step * run.every,
            run._samples,
            samples,
            attempts,
            longest,
            run.rtol,
            run.atol,
            run.bound,
            run.cancel,
            rows,
            run._work,
            linear,
            factors,
            order,
            run._polynomial,
            watch.gauge,
        )

    return call
