"""Runs of equations with noise, and where their random numbers come from.

The normal numbers of a run are cut into blocks, and a block is a function of seed, lane and
its number alone: where a run stands in them is a count of steps, so the pieces it is asked
for do not matter and a run can be taken up again anywhere. Methods are drivers; they take
the numbers as an array, so that tests can refine one path.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from engine.errors import ParameterError
from engine.integrate import codes
from engine.integrate.base import Array, Flags, Run
from engine.integrate.methods import Scheme
from engine.integrate.watch import Watch

if TYPE_CHECKING:
    from engine.systems.system import System

BLOCK = 2048
"""Normal numbers that are drawn at once, or those of one step where it takes more."""
EVENTS = 1000
"""Events between two looks at the caller."""


def checked_seed(seed: int) -> int:
    """A seed as a whole number.

    Raises
    ------
    ParameterError
        If it is none, or not from 0 to 2^63 - 1.
    """
    try:
        number = int(seed)
        sound = number == seed and 0 <= number < 2**63
    except (TypeError, ValueError, OverflowError):
        sound = False
    if not sound:
        raise ParameterError(f"seed must be a whole number from 0 to 2^63 - 1, got {seed!r}")
    return number


class Normals:
    """Standard normal numbers, a row of `width` for every step.

    Parameters
    ----------
    seed, lane : int
        Runs of other seeds or lanes have independent numbers.
    width : int
    """

    def __init__(self, seed: int, lane: int, width: int) -> None:
        self._key = np.random.SeedSequence([seed, lane]).generate_state(2, np.uint64)
        self.width = width
        self.size = max(1, BLOCK // max(1, width))
        self._number = -1
        self._block = np.empty((0, width))

    def after(self, steps: int) -> Array:
        """Rows from step `steps` on, as many as its block still has; at least one."""
        number, place = divmod(steps, self.size)
        if number != self._number:
            source = np.random.Philox(key=self._key, counter=[0, 0, number, 0])
            self._block = np.random.Generator(source).standard_normal((self.size, self.width))
            self._number = number
        return self._block[place:]

    def rest(self) -> None:
        """Give the block back; it is drawn again when it is asked for."""
        self._number, self._block = -1, np.empty((0, self.width))


class NoiseRun(Run):
    """A path of an equation with noise at a fixed step."""

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
        scheme: Scheme,
        seed: int = 0,
        lane: int = 0,
        every: int = 1,
    ) -> None:
        super().__init__(system, values, state, start, step, bound, cancel, every)
        n, noises = system.dimension, len(system.noise)
        self._watch = Watch(system, values, step)
        if self._watch:
            self._watch.arm(start, state)
        self._work = np.empty((3 if scheme.key == "sra1" else 2, n))
        self._call = _caller(system, scheme, self._watch)
        self.seed = checked_seed(seed)
        self._normals = Normals(self.seed, lane, scheme.normals * noises)
        self._before = 0

    def advance(self, steps: int, rows: Array) -> int:
        if self.stopped is not None:
            return 0
        goal, written, handled = self.grid + steps, 0, 0
        while self.grid < goal and handled < EVENTS:
            normals = self._normals.after(self._before + self.grid)
            code, made, more = self._call(
                self.state,
                self.values,
                self.start,
                self.step,
                self.grid,
                min(len(normals), goal - self.grid),
                self.every,
                self.bound,
                self.cancel,
                rows[written:],
                self._work,
                normals,
            )
            self.grid += made
            written += more
            if code == codes.LEFT:
                time = self.start + (self.grid + 1) * self.step
                self._stop(code, time, self.grid, self._work[-1])
            elif code == codes.HAPPENED:
                handled += 1
                if self._happen() and self.grid % self.every == 0:
                    rows[written, 0], rows[written, 1:] = self.time, self.state
                    written += 1
            if code not in (codes.DONE, codes.HAPPENED) or self.stopped is not None:
                break
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
        return float("nan")

    def follow(self, former: Run) -> None:
        """Go on with the numbers after those that were used."""
        if isinstance(former, NoiseRun):
            self._before = former._before + former.grid
            self._watch.log = former._watch.log

    def rest(self) -> None:
        """Hold as little memory as possible until the next `advance`."""
        self._normals.rest()

    def _happen(self) -> bool:
        """Let happen what lies between the last two states; False where the run ends."""
        crossed = self._watch.crossed(self.time, self.state)
        self._watch.settle(self.time, self.state, found=True)
        for k in crossed:
            after, code = self._watch.fire(k, self.time, self.state)
            if code == codes.TERMINAL:
                self._stop_at(code, self.time, self.grid, k)
                return False
            if not (np.abs(after) <= self.bound).all():
                self._stop(codes.LEFT, self.time, self.grid, after)
                return False
            self.state[:] = after
        return True

    def _save(self) -> list[Array]:
        # A seed may have more digits than a float.
        seed = [float(self.seed >> 32), float(self.seed & 0xFFFFFFFF)]
        return [np.array([*seed, float(self._before)]), *self._watch.save()]

    def _load(self, parts: list[Array]) -> None:
        if not self._fit(parts, [np.empty(3), self._watch.gauge, self._watch.recent]):
            raise self._foreign()
        if (int(parts[0][0]) << 32) + int(parts[0][1]) != self.seed:
            raise ParameterError(
                f"what was kept is a run of '{self.system.key}' with another seed, not {self.seed}"
            )
        self._before = int(parts[0][2])
        self._watch.load(parts[1:])


Call = Callable[..., tuple[int, int, int]]


def _caller(system: System, scheme: Scheme, watch: Watch) -> Call:
    """The driver of a method, with all that does not change from call to call."""
    compiled, n, noises = system.model.compiled, system.dimension, len(system.noise)
    rhs, diffusion, spread = compiled.rhs, compiled.diffusion, np.empty((n, noises))
    if scheme.key == "milstein":
        from engine.integrate.drivers import milstein

        slopes, bends = compiled.diffusion_slopes, np.empty((n * noises, n))
        return lambda *given: milstein.trajectory(
            rhs, diffusion, slopes, watch.event, *given[:-1], spread, bends, given[-1], watch.gauge
        )
    if scheme.key == "sra1":
        from engine.integrate.drivers import sra1

        after = np.empty((n, noises))
        return lambda *given: sra1.trajectory(
            rhs, diffusion, watch.event, *given[:-1], spread, after, given[-1], watch.gauge
        )
    from engine.integrate.drivers import euler_maruyama

    return lambda *given: euler_maruyama.trajectory(
        rhs, diffusion, watch.event, *given[:-1], spread, given[-1], watch.gauge
    )
