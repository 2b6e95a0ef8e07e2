"""Many orbits at once: lanes with their own parameters and initial states.

Flows move by RK4, maps by iteration. Blocks of lanes go to a few threads that run kernels
outside the interpreter lock; no Numba threading layer is involved, so any number of
callers may do this at the same time. The numbers of a lane depend on that lane alone.

Other methods, and systems with noise, delays, events or many variables, have no such kernel:
their lanes are runs, one after the other on every thread, with the same interface.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.errors import ParameterError
from engine.integrate import compile
from engine.integrate.kernels import BLOCK
from engine.integrate.runs import (
    NoiseRun,
    Run,
    checked_method,
    checked_seed,
    checked_step,
    finite_bound,
    start_run,
)

if TYPE_CHECKING:
    from engine.systems.system import System

Array = NDArray[np.float64]
LaneValues = Mapping[str, ArrayLike]

TRACE = 512
"""Steps of a block that are traced at once: as much as a core keeps in its cache."""

_NO_TRACE = np.empty((0, 0, 0))
_GOLDEN = 0.6180339887498949


class Lanes:
    """Orbits side by side.

    Parameters
    ----------
    system : System
    initial : array (n, lanes) or (n,)
        Initial states; one state serves all lanes.
    values : mapping
        Parameter name -> a number, or an array with a number for every lane.
    step : float, optional
        Of RK4; the system's own where absent. Maps take none.
    lanes : int, optional
        Needed only where neither `initial` nor `values` has a lane axis.
    bound : float, optional
        A lane fails where ``|x| > bound`` for any variable.
    method : str, optional
        Where absent: RK4 for flows, iteration for maps, else the system's own.
    seed : int
        Of the noise; every lane has noise of its own.
    tangent : bool
        Whether every lane carries a tangent vector, moved by the exact Jacobian. Only where
        a kernel moves lanes together.

    Attributes
    ----------
    together : bool
        Whether a kernel moves whole blocks of lanes; else every lane is a run.
    state : array (n, lanes)
        Present states, and below them the tangent vectors where there are any: (2 n, lanes).
        Those of failed lanes mean nothing; `final` shows them as NaN.
    failed : array (lanes,) of int64
        -1, or the index of the step that left the bound or the finite numbers.
    made : int
        Steps made so far.

    Raises
    ------
    ParameterError
        If a shape, a name or a value cannot be used.
    """

    def __init__(
        self,
        system: System,
        initial: ArrayLike | None = None,
        values: LaneValues | None = None,
        step: float | None = None,
        *,
        lanes: int | None = None,
        bound: float | None = None,
        time: float = 0.0,
        cancel: NDArray[np.int64] | None = None,
        method: str | None = None,
        seed: int = 0,
        tangent: bool = False,
    ) -> None:
        sizes = {name: (values or {}).get(name, size) for name, size in system.sizes.items()}
        self.system = system = system.at(sizes)  # type: ignore[arg-type]
        key = lane_method(system, method)
        self.together = _together(system, key)
        self.step = checked_step(system, step)
        self.start = float(time)
        self.bound = finite_bound(system.run.bound if bound is None else bound)
        self.cancel = np.zeros(1, np.int64) if cancel is None else cancel
        self.made = 0
        given = {name: np.asarray(value) for name, value in dict(values or {}).items()}
        states = np.asarray(system.initial if initial is None else initial, dtype=np.float64)
        count = _lanes(system, states, given, lanes)
        self.state = _states(system, states, count)
        self.values = _values(system, given, count)
        self.failed = np.full(count, -1, dtype=np.int64)
        self._runs: list[Run] = []
        self._growth = np.zeros(count)
        self._more: tuple[Array, ...] = ()
        if tangent and not self.together:
            raise ParameterError(f"lanes of '{system.key}' cannot carry tangent vectors")
        if self.together:
            self._kernel = compile.kernel(system, part(system, tangent))
            if tangent:
                # No special direction: such a one may span a subspace that the flow keeps.
                vector = np.modf(np.arange(1, system.dimension + 1) * _GOLDEN)[0] + 0.5
                vectors = np.repeat(vector[:, np.newaxis], count, axis=1)
                self.state = np.concatenate((self.state, vectors))
                self._more = (self._growth,)
            return
        chance = checked_seed(seed)
        for lane in range(count):
            run = start_run(
                system,
                np.ascontiguousarray(self.values[:, lane]),
                np.ascontiguousarray(self.state[:, lane]),
                key=key,
                step=self.step,
                time=self.start,
                bound=self.bound,
                cancel=self.cancel,
                seed=chance,
                lane=lane,
            )
            self._runs.append(run)

    @property
    def lanes(self) -> int:
        """How many there are."""
        return int(self.state.shape[1])

    @property
    def t(self) -> float:
        """Present time; iterations for maps."""
        return self.start + self.made * self.step

    def advance(self, steps: int) -> None:
        """Make `steps` steps."""
        if not self.together:
            self._one_by_one(steps, -1, None)
            return

        def work(low: int, high: int) -> None:
            self._kernel(
                self.state,
                self.values,
                self.start,
                self.step,
                self.made,
                steps,
                self.bound,
                self.failed,
                self.cancel,
                -1,
                _NO_TRACE,
                low,
                high,
                *self._more,
            )

        spread(work, self.lanes)
        self.made += steps

    def watch(
        self, steps: int, variable: int, take: Callable[[Array, int, int, int], None]
    ) -> None:
        """Make `steps` steps and show a variable after each of them.

        Parameters
        ----------
        steps : int
        variable : int
            Index of the variable.
        take : callable
            ``take(trace, now, low, high)`` is called for `now` steps of lanes `low` to `high`,
            in order of time for every lane, by several threads at once, while the trace is
            still in the cache. Lane l after step i is ``trace[(l - low) // BLOCK, i, l %
            BLOCK]``; that of failed lanes means nothing. The trace is used again afterwards.
            `take` is to release the interpreter lock.
        """
        if not self.together:
            self._one_by_one(steps, variable, take)
            return

        def work(low: int, high: int) -> None:
            blocks = -(-(high - low) // BLOCK)
            trace = np.empty((blocks, min(steps, max(1, TRACE // blocks)), BLOCK))
            for begun in range(0, steps, trace.shape[1]):
                now = min(trace.shape[1], steps - begun)
                self._kernel(
                    self.state,
                    self.values,
                    self.start,
                    self.step,
                    self.made + begun,
                    now,
                    self.bound,
                    self.failed,
                    self.cancel,
                    variable,
                    trace,
                    low,
                    high,
                    *self._more,
                )
                take(trace, now, low, high)

        spread(work, self.lanes)
        self.made += steps

    def _one_by_one(
        self, steps: int, variable: int, take: Callable[[Array, int, int, int], None] | None
    ) -> None:
        """Make `steps` steps of every run, and show them where `take` is given."""

        def work(low: int, high: int) -> None:
            rows = np.empty((min(steps, TRACE), 1 + self.system.dimension))
            # Whoever takes the trace counts lanes from the start of their block.
            blocks = -(-(high - low) // BLOCK)
            trace = np.full((blocks, len(rows), BLOCK), np.nan) if take else _NO_TRACE
            for begun in range(0, steps, TRACE):
                now = min(TRACE, steps - begun)
                for lane in range(low, high):
                    written = self._move(lane, now, rows)
                    if take:
                        line = trace[(lane - low) // BLOCK, :, (lane - low) % BLOCK]
                        line[:written] = rows[:written, 1 + variable]
                        line[written:] = np.nan
                if take:
                    take(trace, now, low, high)
            for lane in range(low, high):
                run = self._runs[lane]
                if isinstance(run, NoiseRun):
                    run.rest()

        spread(work, self.lanes, BLOCK if take else 1)
        self.made += steps

    def _move(self, lane: int, steps: int, rows: Array) -> int:
        """Move one run, and return how many rows it wrote."""
        run, goal, written = self._runs[lane], self._runs[lane].grid + steps, 0
        while run.grid < goal and run.stopped is None and not self.cancel[0]:
            written += run.advance(goal - run.grid, rows[written:])
        if run.stopped is not None and self.failed[lane] < 0:
            self.failed[lane] = run.grid
        self.state[:, lane] = run.state
        return written

    def final(self) -> Array:
        """States ``(n, lanes)`` with NaN for failed lanes; a copy."""
        out = self.state[: self.system.dimension].copy()
        out[:, self.failed >= 0] = np.nan
        return out

    def growth(self) -> Array:
        """Logarithms of how much the tangent vectors have grown so far, ``(lanes,)``.

        Lengths are largest components. Minus infinity where a vector has vanished.
        """
        largest = np.abs(self.state[self.system.dimension :]).max(axis=0)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(self._growth + np.log(largest))


def lane_method(system: System, method: str | None) -> str:
    """The method of lanes: RK4 and iteration where nothing else is asked for or needed."""
    if not method and system.kind == "flow":
        return "rk4"
    return checked_method(system, method)


def _together(system: System, key: str) -> bool:
    return (
        key in ("rk4", compile.ITERATE)
        and system.kind in ("flow", "map")
        and not system.hybrid
        and not system.model.loops
    )


def part(system: System, tangent: bool = False) -> str:
    """Name of the kernel that lanes of this system need, for ``compile.request``."""
    kind = "tangent" if tangent else "lanes"
    return compile.part(kind, compile.ITERATE if system.kind == "map" else "rk4")


def together(system: System) -> bool:
    """Whether a kernel moves lanes of a system together by the method they have by default."""
    return _together(system, lane_method(system, None))


def threads() -> int:
    """How many threads lanes are spread over."""
    if hasattr(os, "sched_getaffinity"):
        return max(1, len(os.sched_getaffinity(0)))
    return max(1, os.cpu_count() or 1)


def spread(work: Callable[[int, int], None], lanes: int, block: int = BLOCK) -> None:
    """Call ``work(low, high)`` for ranges that cover all lanes, on all cores.

    `work` is to release the interpreter lock; ranges start at multiples of `block`. Returns
    when all are done, and raises what the first failing call raised.
    """
    workers = min(threads(), -(-lanes // block))
    if workers <= 1:
        work(0, lanes)
        return
    # Many ranges a thread even out cores that are busy with something else.
    width = block * max(1, -(-lanes // (block * workers * 16)))
    ranges = iter([(low, min(lanes, low + width)) for low in range(0, lanes, width)])
    guard = threading.Lock()

    def drain() -> None:
        for low, high in _locked(ranges, guard):
            work(low, high)

    helpers: list[Future[None]] = []
    try:
        with suppress(RuntimeError):  # the program is ending: no helpers any more
            helpers = [_pool().submit(drain) for _ in range(workers - 1)]
        drain()
    finally:
        for helper in helpers:
            helper.result()


def _locked(ranges: Iterator[tuple[int, int]], guard: threading.Lock) -> Iterator[tuple[int, int]]:
    while True:
        with guard:
            item = next(ranges, None)
        if item is None:
            return
        yield item


@lru_cache(maxsize=1)
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max(1, threads() - 1), thread_name_prefix="phasescope-lanes")


def _lanes(
    system: System, states: Array, values: Mapping[str, NDArray[np.generic]], lanes: int | None
) -> int:
    """The number of lanes that all of these agree on."""
    sizes: dict[str, int] = {} if lanes is None else {"lanes": int(lanes)}
    if states.ndim == 2:
        sizes["the initial states"] = states.shape[1]
    for name, value in values.items():
        if name in system.arrays:
            continue
        if value.ndim == 1:
            sizes[f"the values of '{name}'"] = value.shape[0]
        elif value.ndim > 1:
            raise ParameterError(
                f"the values of '{name}' must be a number or one number a lane, "
                f"got an array of shape {value.shape}"
            )
    if len(set(sizes.values())) > 1:
        told = ", ".join(f"{name}: {size}" for name, size in sizes.items())
        raise ParameterError(
            f"lanes of '{system.key}' must be the same number everywhere, got {told}"
        )
    return next(iter(sizes.values()), 1)


def _states(system: System, states: Array, lanes: int) -> Array:
    n = system.dimension
    if states.ndim not in (1, 2) or states.shape[0] != n:
        raise ParameterError(
            f"the initial states of '{system.key}' must have shape ({n}, lanes) or ({n},) for "
            f"{', '.join(system.variables)}, got {states.shape}"
        )
    if states.ndim == 1:
        states = np.repeat(states[:, np.newaxis], lanes, axis=1)
    if not np.isfinite(states).all():
        lane = int(np.flatnonzero(~np.isfinite(states).all(axis=0))[0])
        raise ParameterError(
            f"the initial states of '{system.key}' must be finite, got "
            f"{states[:, lane].tolist()} in lane {lane}"
        )
    return np.array(states, dtype=np.float64, order="C")


def _values(system: System, given: Mapping[str, NDArray[np.generic]], lanes: int) -> Array:
    single: dict[str, Any] = {
        name: value if name in system.arrays else value.item()
        for name, value in given.items()
        if value.ndim == 0 or name in system.arrays
    }
    many = {
        name: value
        for name, value in given.items()
        if value.ndim == 1 and name not in system.arrays
    }
    for name, value in many.items():
        if name in system.parameters:
            try:
                numbers = value.astype(np.float64)
            except (TypeError, ValueError):
                numbers = np.array([np.nan])
            if not np.isfinite(numbers).all():
                raise ParameterError(
                    f"the values of '{name}' of '{system.key}' must be finite numbers in every lane"
                )
    # An unknown name is refused with the sentence that single runs have.
    unknown: Sequence[str] = [name for name in many if name not in system.parameters]
    base = system.values(single | dict.fromkeys(unknown, 0.0))
    out = np.repeat(base[:, np.newaxis], lanes, axis=1)
    for j, name in enumerate(system.parameters):
        if name in many:
            out[j] = many[name]
    return out
