"""How an orbit diagram is computed: columns as lanes, coarse to fine, or one after the other.

A `Plan` (``_orbit_plan``) says what is wanted; `sweep` and `follow` move the orbits and feed
a `Sink`, which keeps samples or counts them in bins. What a diagram looks like to a caller
stands in ``orbit_diagram``.
"""

from __future__ import annotations

import sys
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from importlib import import_module

import numpy as np
from numpy.typing import NDArray

from engine.analysis._orbit_plan import Plan
from engine.integrate import compile
from engine.integrate.kernels import LARGEST
from engine.integrate.lanes import Lanes
from engine.integrate.runs import start_run

Array = NDArray[np.float64]
Whole = NDArray[np.int64]

SLICE = 0.006
"""Seconds of work between two yields."""

SKETCHED = 400
"""Samples a column of a sketch, at most."""

FIRST_PASS = 64
"""Columns that the first, coarsest pass has at least."""

RESTING = 1e-3
"""An orbit without maxima rests where it would move by less than this share of itself in all
the time it was watched."""


class Sink(ABC):
    """Where the samples of one pass go; row i of every array belongs to its i-th column."""

    def __init__(self, plan: Plan, columns: int) -> None:
        self.plan = plan
        self.counts: Whole = np.zeros(columns, np.int64)
        self.span = np.empty((columns, 2))
        self.span[:, 0], self.span[:, 1] = np.inf, -np.inf

    @abstractmethod
    def take(self, trace: Array, steps: int, low: int, high: int) -> None:
        """Take the trace of columns `low` to `high`; called from several threads."""

    def full(self, failed: Whole) -> bool:
        """True where no column can take more."""
        return bool(((self.counts >= self.plan.keep) | (failed >= 0)).all())


class Samples(Sink):
    """Keeps every value of a map, the local maxima of a flow.

    `samples` (columns, keep) are filled with NaN beforehand; any strides will do.
    """

    def __init__(self, plan: Plan, samples: Array) -> None:
        columns = len(samples)
        super().__init__(plan, columns)
        self.samples = samples
        self.former = np.full((columns, 2), np.nan)

    def take(self, trace: Array, steps: int, low: int, high: int) -> None:
        from engine.analysis import _orbit_kernels as kernels

        if self.plan.flow:
            kernels.maxima(
                trace, steps, self.former, self.samples, self.counts, low, high, self.span
            )
        else:
            kernels.collect(trace, steps, self.samples, self.counts, low, high, self.span)

    def rest(self, lanes: Lanes) -> None:
        """One sample, the last value, for orbits that came to rest without a maximum."""
        for i in np.flatnonzero((self.counts == 0) & (lanes.failed < 0)):
            state = np.ascontiguousarray(lanes.state[:, i])
            if _rests(self.plan, lanes.t, state, np.ascontiguousarray(lanes.values[:, i])):
                self.samples[i, 0] = self.span[i] = state[self.plan.variable]
                self.counts[i] = 1


def _rests(plan: Plan, time: float, state: Array, values: Array) -> bool:
    """Whether an orbit would hardly move in all the time that it was watched."""
    out = np.empty(plan.system.dimension)
    plan.system.model.compiled.rhs(time, state, values, out)
    way = float(np.abs(out).max()) * plan.watched * plan.step
    return way <= RESTING * (1.0 + abs(float(state[plan.variable])))


class Bins(Sink):
    """Counts every value of a map: `bins` (columns, rows + 1) from `bottom` to `top`.

    The last bin counts what lies outside.
    """

    def __init__(self, plan: Plan, columns: int, rows: int, bottom: float, top: float) -> None:
        super().__init__(plan, columns)
        self.bins = np.zeros((columns, rows + 1), np.uint32)
        self.bottom, self.top = bottom, top

    def take(self, trace: Array, steps: int, low: int, high: int) -> None:
        from engine.analysis._orbit_kernels import bin_trace

        bin_trace(trace, steps, self.bins, self.bottom, self.top, low, high, self.span)
        self.counts[low:high] += steps


def passes(columns: int) -> list[slice]:
    """Columns of every pass, coarse to fine; together every column once."""
    stride = 1
    while columns // (2 * stride) >= FIRST_PASS:
        stride *= 2
    found = [slice(0, columns, stride)]
    while stride > 1:
        found.append(slice(stride // 2, columns, stride))
        stride //= 2
    return found


def nearest(done: NDArray[np.bool_]) -> Whole:
    """For every column the nearest one that is done, itself where it is; -1 for none."""
    known = np.flatnonzero(done)
    if not len(known):
        return np.full(len(done), -1, np.int64)
    places = np.arange(len(done))
    right = np.clip(np.searchsorted(known, places), 0, len(known) - 1)
    left = np.clip(right - 1, 0, None)
    closer = np.abs(known[left] - places) <= np.abs(known[right] - places)
    return np.asarray(known[np.where(closer, left, right)], dtype=np.int64)


def prepare(plan: Plan, ordered: bool) -> Iterator[None]:
    """Have the kernel compiled; yields while the compiler works, so that a caller may go."""
    loops = "engine.analysis._orbit_kernels"
    if loops not in sys.modules:
        loading = threading.Thread(
            target=import_module, args=(loops,), daemon=True, name="phasescope-compiler"
        )
        loading.start()
        while loading.is_alive():
            loading.join(SLICE)
            yield
    if ordered:
        name = "trajectory"
        if plan.system.dimension > LARGEST:
            return
    else:
        name = "lanes"
    part = compile.part(name, "rk4" if plan.flow else compile.ITERATE)
    if compile.best(plan.system, part) is None:
        compile.request(plan.system, [part])
        while not compile.ready(plan.system, part) and not compile.wait(SLICE):
            yield
        # Raises here, with its own words, what went wrong in the background.
        compile.kernel(plan.system, part)


def sweep(plan: Plan, columns: slice, sink: Sink) -> Iterator[tuple[float, Whole]]:
    """Move the orbits of `columns` side by side; yields (share done, failed).

    `failed` is -1 or the index of the step at which a column left the bound.
    """
    places = plan.places[columns]
    lanes = Lanes(plan.system, plan.initial, plan.values | {plan.parameter: places}, plan.step)
    total = float(plan.transient + plan.watched)
    pace = _Pace(lanes.lanes)
    while lanes.made < plan.transient:
        pace.run(plan.transient - lanes.made, lanes.advance)
        yield lanes.made / total, lanes.failed

    def watch(steps: int) -> None:
        lanes.watch(steps, plan.variable, sink.take)

    while lanes.made < plan.transient + plan.watched and not sink.full(lanes.failed):
        pace.run(plan.transient + plan.watched - lanes.made, watch)
        yield lanes.made / total, lanes.failed
    if plan.flow and isinstance(sink, Samples):
        sink.rest(lanes)
    yield 1.0, lanes.failed


def follow(plan: Plan, downwards: bool) -> Iterator[tuple[int, Array, int]]:
    """Column after column, each from the last state of the one before.

    Yields (column, its samples, -1 or the index of the step that failed); the samples of a
    column that is not ready yet are empty and its column is -1. After a column that left the
    bound the next one begins at the initial state.
    """
    order = range(plan.columns - 1, -1, -1) if downwards else range(plan.columns)
    yield from _one_by_one(plan, order, chained=True)


def sketchbook(plan: Plan) -> Array:
    """Where the samples of a sketch go, shape ``(columns, few)``, filled with NaN."""
    few = max(1, min(plan.keep, SKETCHED, 4_000_000 // plan.columns))
    return np.full((plan.columns, few), np.nan)


def sketch(plan: Plan, few: int) -> Iterator[tuple[int, Array, int]]:
    """Some columns, coarse to fine, by whatever driver is there; yields as `follow` does.

    At most `few` samples each.
    """
    columns = [
        column
        for places in passes(plan.columns)[:2]
        for column in range(*places.indices(plan.columns))
    ]
    most = plan.watched if plan.flow else few
    plan = replace(plan, keep=few, watched=most)
    yield from _one_by_one(plan, columns, chained=False)


def _one_by_one(
    plan: Plan, order: Iterable[int], chained: bool
) -> Iterator[tuple[int, Array, int]]:
    state = plan.initial.copy()
    began = time.perf_counter()
    method = "rk4" if plan.flow else compile.ITERATE
    piece = 100_000
    rows = np.empty((min(piece, plan.watched), 1 + plan.system.dimension))
    for column in order:
        values = plan.system.values(plan.values | {plan.parameter: float(plan.places[column])})
        orbit = start_run(
            plan.system, values, state.copy(), key=method, step=plan.step, every=plan.transient + 1
        )
        while orbit.grid < plan.transient and orbit.stopped is None:
            orbit.advance(min(piece, plan.transient - orbit.grid), rows[:0])
            if time.perf_counter() - began > SLICE:
                yield -1, rows[0, :0], -1
                began = time.perf_counter()
        discarded, stopped = orbit.steps, orbit.stopped
        found: list[Array] = []
        count, former = 0, np.full(2, np.nan)
        orbit = start_run(
            plan.system, values, orbit.state, key=method, step=plan.step, time=orbit.time
        )
        while stopped is None and orbit.grid < plan.watched and count < plan.keep:
            written = orbit.advance(min(len(rows), plan.watched - orbit.grid), rows)
            stopped = orbit.stopped
            samples = rows[:written, 1 + plan.variable]
            if plan.flow:
                samples, former = _maxima(np.concatenate((former, samples)))
            found.append(samples[: plan.keep - count].copy())
            count += len(found[-1])
            if time.perf_counter() - began > SLICE:
                yield -1, rows[0, :0], -1
                began = time.perf_counter()
        if stopped is None:
            end = np.ascontiguousarray(orbit.state)
            if plan.flow and not count and _rests(plan, orbit.time, end, values):
                found.append(end[plan.variable : plan.variable + 1].copy())
            state = end if chained else plan.initial.copy()
            yield column, np.concatenate(found), -1
        else:
            state = plan.initial.copy()
            yield column, rows[0, :0], discarded + orbit.steps


def _maxima(values: Array) -> tuple[Array, Array]:
    """Heights of the local maxima, by a parabola through three values; and the last two."""
    left, middle, right = values[:-2], values[1:-1], values[2:]
    top = np.flatnonzero((middle > left) & (middle >= right))
    a, b, c = left[top], middle[top], right[top]
    return b - 0.125 * (c - a) ** 2 / (a - 2.0 * b + c), values[-2:].copy()


class _Pace:
    """How many steps fit a slice of time."""

    def __init__(self, lanes: int) -> None:
        self._steps = max(16, 200_000 // max(lanes, 64))

    def run(self, most: int, work: Callable[[int], None]) -> None:
        """Do as many steps as fit, at most `most`."""
        steps = min(self._steps, most)
        began = time.perf_counter()
        work(steps)
        spent = max(time.perf_counter() - began, 1e-6)
        self._steps = int(min(max(steps * SLICE / spent, 16), 2 * self._steps))
