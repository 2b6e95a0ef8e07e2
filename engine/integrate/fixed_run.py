"""Runs at a fixed step without noise, delays or events: explicit, symplectic, and maps.

Explicit methods and maps take a kernel made for the system as soon as one is there; the
numbers are the same with and without it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from engine.integrate import codes, compile
from engine.integrate.base import Array, Flags, Run
from engine.integrate.methods import Composition, Tableau

if TYPE_CHECKING:
    from engine.systems.system import System

Ends = Callable[[Array, float, float, int], None]
"""``(state, time, step, count)``: advance `state` by `count` steps of length `step`."""


class FixedRun(Run):
    """A flow at a fixed step, or a map (`tableau` None).

    Attributes
    ----------
    part : str
        Name of the kernel that would be made for it, see ``compile``.
    specialises : bool
        Whether such a kernel may be made.
    """

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
        key = tableau.key if tableau else compile.ITERATE
        self.part = compile.part("trajectory", key)
        self._kernel: Any = None
        self.specialises = fast and compile.specialises(system, key)
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
        found = compile.best(self.system, self.part) if self.specialises else None
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
        none, flag = np.empty((0, 1 + rows.shape[1])), np.zeros(1, np.int64)

        def ends(state: Array, time: float, size: float, count: int) -> None:
            self._kernel(
                self._unit * size,
                self._times * size,
                state,
                self.values,
                time,
                size,
                0,
                count,
                3,
                sys.float_info.max,
                flag,
                none,
                self.work,
            )

        return doubling(ends, self.tableau.order, self.step, rows)

    def _save(self) -> list[Array]:
        return []

    def _load(self, parts: list[Array]) -> None:
        if parts:
            raise self._foreign()


class SymplecticRun(Run):
    """A separable flow by a symplectic method."""

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
        composition: Composition,
        every: int = 1,
        positions: NDArray[np.bool_] | None = None,
    ) -> None:
        super().__init__(system, values, state, start, step, bound, cancel, every)
        from engine.integrate.drivers.symplectic import trajectory

        self.composition = composition
        split = system.model.partition if positions is None else positions
        self._positions = np.array(split, dtype=np.bool_)
        self._kernel = partial(trajectory, system.model.compiled.rhs)
        self.work = np.empty((3, system.dimension))

    def advance(self, steps: int, rows: Array) -> int:
        if self.stopped is not None:
            return 0
        code, made, written = self._kernel(
            self._positions,
            self.composition.parts,
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
        none, flag = np.empty((0, 1 + rows.shape[1])), np.zeros(1, np.int64)

        def ends(state: Array, time: float, size: float, count: int) -> None:
            self._kernel(
                self._positions,
                self.composition.parts,
                state,
                self.values,
                time,
                size,
                0,
                count,
                3,
                sys.float_info.max,
                flag,
                none,
                self.work,
            )

        return doubling(ends, self.composition.order, self.step, rows)

    def _save(self) -> list[Array]:
        return []

    def _load(self, parts: list[Array]) -> None:
        if parts:
            raise self._foreign()


def doubling(ends: Ends, order: int, step: float, rows: Array) -> float:
    """The largest local error of a step at some rows, by one step against two halves.

    By Richardson the difference, times ``2**order / (2**order - 1)``, is the error of the
    whole step.
    """
    worst = 0.0
    for row in rows:
        found = []
        for count in (1, 2):
            state = row[1:].copy()
            ends(state, float(row[0]), step / count, count)
            found.append(state)
        worst = max(worst, float(np.abs(found[0] - found[1]).max()))
    return worst * 2.0**order / (2.0**order - 1.0)


def _tier_one(system: System, tableau: Tableau | None) -> Any:
    rhs = system.model.compiled.rhs
    if tableau is None:
        from engine.integrate.drivers.iterate import trajectory
    else:
        from engine.integrate.drivers.fixed import trajectory
    return partial(trajectory, rhs)
