"""Which attractor each of many states goes to, found by recurrences.

Orbits are looked at every so often (an iteration, a period of what drives them, some steps)
and state space is cut into cells. An orbit that keeps coming back to cells where it was has
found an attractor, whose cells are entered into an `Atlas`; another orbit that stays in
those cells for a number of looks in a row goes there too. New attractors are looked for only
between passes, in the order of the cells, so that the answer does not depend on how many
orbits are moved together or by how many threads.
"""

from __future__ import annotations

from collections.abc import Generator

import numpy as np
from numpy.typing import NDArray

from engine.analysis import _basin_kernels as kernels
from engine.analysis._basin_plan import Rules
from engine.analysis._plane_measures import Slices
from engine.integrate import compile
from engine.integrate.kernels import LARGEST
from engine.integrate.lanes import Lanes, spread
from engine.integrate.runs import start_run
from engine.systems.system import System

Array = NDArray[np.float64]
Whole = NDArray[np.int64]

UNDECIDED, ESCAPED = -1, 0
"""Labels of orbits that found no attractor in time, and of those that left the bound."""
FIRST_LOOKS, MOST_LOOKS = 2048, 131_072
"""Looks at an orbit before it is asked whether it comes back, and at most.

Few would take a slow spiral for a closed orbit.
"""
MOST_STEPS = 30_000_000
"""Steps that one orbit is followed at most."""
GIVEN_UP = 3
"""Orbits that may prove not to close before no more attractors are sought."""
CLOSED = 0.98
"""Share of the looks that must be in cells where the orbit was in the other window."""
COARSE = 4.0
"""Times the width of cells with which it is tried once more."""
SHOWN = 2000
"""States of an attractor that are kept for pictures."""
PIECE = 50_000
"""Steps of a single orbit between two returns."""
QUICK = 4
"""Times the looks that are needed, after which the next attractor is looked for."""


class Atlas:
    """Attractors and their cells.

    Attributes
    ----------
    widths : array (n,)
        Of the cells.
    turns : array (n,)
        What a whole turn of a variable is, 0 where it is no angle.
    given_up : int
        Orbits that did not close.
    samples : list of array (m, n)
        States of every attractor; label k is entry k - 1.
    """

    def __init__(self, system: System, values: Array, rules: Rules, turns: Array) -> None:
        self.system, self.values, self.rules = system, values, rules
        self.turns = turns
        self.widths = np.ones(system.dimension)
        self.samples: list[Array] = []
        self.given_up = 0
        self._keys = np.zeros(1 << 16, np.int64)
        self._labels = np.zeros(1 << 16, np.int64)
        self._entered = 0

    def match(self, lanes: Lanes, last: Whole, hits: Whole) -> None:
        """Bring the counts of lanes in a row up to date."""

        def work(low: int, high: int) -> None:
            kernels.match(
                lanes.state,
                self.widths,
                self.turns,
                self._keys,
                self._labels,
                last,
                hits,
                low,
                high,
            )

        spread(work, lanes.lanes)

    @property
    def full(self) -> bool:
        """Whether no more attractors are sought."""
        return self.given_up >= GIVEN_UP or len(self.samples) >= self.rules.most

    def follow(self, state: Array) -> Generator[None, None, int]:
        """Follow an orbit until it has closed; its label, a new one where it is new."""
        rules, system = self.rules, self.system
        method = "rk4" if system.kind == "flow" else compile.ITERATE
        orbit = start_run(
            system,
            self.values.copy(),
            np.array(state),
            key=method,
            step=rules.step,
            every=rules.interval,
            bound=rules.bound,
            fast=system.dimension <= LARGEST,
        )
        looks = min(FIRST_LOOKS, max(64, MOST_STEPS // (8 * rules.interval)))
        former = np.zeros(0, np.int64)
        before = np.empty((system.dimension, 0))
        while True:
            rows = np.empty((looks, 1 + system.dimension))
            written = 0
            while written < looks and orbit.stopped is None:
                most = max(1, PIECE // rules.interval) * rules.interval
                goal = min(most, (looks - written) * rules.interval)
                written += orbit.advance(goal, rows[written:])
                yield
            if orbit.stopped is not None:
                return ESCAPED
            states = np.ascontiguousarray(rows[:, 1:].T)
            now = self._cells(states)
            yield
            if _closed(former, now):
                break
            if 4 * looks > MOST_LOOKS or 2 * looks * rules.interval > MOST_STEPS:
                # One of many cells, a chaotic sheet say, closes where they are wider.
                yield
                if not _closed(*(self._cells(part, COARSE) for part in (before, states))):
                    self.given_up += 1
                    return UNDECIDED
                break
            before, former, looks = states, now, 2 * looks
        known = np.empty(len(now), np.int64)
        kernels.look(self._keys, self._labels, now, known)
        label = int(np.bincount(known[known > 0]).argmax()) if 2 * (known > 0).sum() > looks else 0
        if not label:
            self.samples.append(np.ascontiguousarray(states[:, -SHOWN:].T))
            label = len(self.samples)
        for window in (former, now):
            yield
            keys = _table(window)[0]
            self._enter(keys[keys != 0], label)
        return label

    def sort(self) -> Whole:
        """Number the attractors by where they are; returns the new label of every old one.

        So that the same attractors have the same numbers on another grid.
        """
        middles = [np.round(states.mean(axis=0) / self.widths) for states in self.samples]
        order = sorted(range(len(middles)), key=lambda k: tuple(middles[k]))
        fresh = np.zeros(1 + len(order), np.int64)
        fresh[1 + np.array(order, np.int64)] = 1 + np.arange(len(order))
        self.samples = [self.samples[k] for k in order]
        self._labels = fresh[self._labels]
        return fresh

    def _cells(self, states: Array, times: float = 1.0) -> Whole:
        """The cells of states (n, m), `times` as wide as usual."""
        found = np.empty(states.shape[1], np.int64)
        kernels.cells(states, times * self.widths, self.turns, found)
        return found

    def _enter(self, wanted: Whole, label: int) -> None:
        size = len(self._keys)
        while 2 * (self._entered + len(wanted)) > size:
            size *= 2
        if size > len(self._keys):
            kept, names = self._keys[self._keys != 0], self._labels[self._keys != 0]
            self._keys, self._labels = np.zeros(size, np.int64), np.zeros(size, np.int64)
            for name in np.unique(names):
                kernels.enter(self._keys, self._labels, kept[names == name], int(name))
        self._entered += kernels.enter(self._keys, self._labels, wanted, label)


def _table(cells: Whole) -> tuple[Whole, Whole]:
    """Keys and labels of a table that holds some cells."""
    size = 1 << (2 * len(cells) + 1).bit_length()
    keys, labels = np.zeros(size, np.int64), np.zeros(size, np.int64)
    kernels.enter(keys, labels, cells, 1)
    return keys, labels


def _share(cells: Whole, others: Whole) -> float:
    """The share of some cells that are among others."""
    if not len(others):
        return 0.0
    found = np.empty(len(cells), np.int64)
    kernels.look(*_table(others), cells, found)
    return float(found.mean())


def _closed(former: Whole, now: Whole) -> bool:
    """Whether an orbit was in the same cells in two windows."""
    return _share(now, former) >= CLOSED and _share(former, now) >= CLOSED


class Flock:
    """Orbits that are still on their way.

    Attributes
    ----------
    cells : array (k,) of int64
        Which each of them is for whoever asked.
    found : array of int64
        Their labels, by cell; UNDECIDED where not known yet.
    low, high : array (n, k) or None
        Smallest and largest of every variable while they were watched.
    """

    def __init__(self, atlas: Atlas, states: Array, cells: Whole, found: Whole) -> None:
        self.atlas, self.cells, self.found = atlas, cells, found
        self._base = dict(zip(atlas.system.parameters, atlas.values.tolist(), strict=False))
        self.low: Array | None = None
        self.high: Array | None = None
        self._last = np.zeros(len(cells), np.int64)
        self._hits = np.zeros(len(cells), np.int64)
        self._start(states)

    def _start(self, states: Array) -> None:
        rules = self.atlas.rules
        self.lanes = Lanes(self.atlas.system, states, self._base, rules.step, bound=rules.bound)
        self._slices = Slices(self.lanes.lanes)
        self._done = np.zeros(self.lanes.lanes, bool)

    def __len__(self) -> int:
        return len(self.cells)

    def run(self, looks: int, watch: bool = False) -> Generator[int]:
        """Move on by so many looks; yields looks made. Those that are decided go.

        With `watch` nobody goes, and how far each went in the second half is kept.
        """
        rules, made = self.atlas.rules, 0
        while made < looks and len(self.cells):
            for _ in self._slices.move(self.lanes, rules.interval, self.lanes.advance):
                yield made
            # Every look is at the same phase of what drives the system: time begins anew.
            self.lanes.made = 0
            made += 1
            self.atlas.match(self.lanes, self._last, self._hits)
            self._decide()
            if watch and 2 * made > looks:
                state = self.lanes.state
                self.low = state.copy() if self.low is None else np.minimum(self.low, state)
                self.high = state.copy() if self.high is None else np.maximum(self.high, state)
            elif not watch and 4 * self._done.sum() >= len(self._done):
                self.part()
        if not watch:
            self.part()

    def _decide(self) -> None:
        """Label who has arrived; what happens to them later does not count any more."""
        escaped = self.lanes.failed >= 0
        now = (escaped | (self._hits >= self.atlas.rules.hits)) & ~self._done
        if now.any():
            self.found[self.cells[now]] = np.where(escaped, ESCAPED, self._last)[now]
            self._done |= now

    def part(self) -> None:
        """Leave out who is decided."""
        if self._done.any():
            self._keep(~self._done)

    def drop_first(self, label: int) -> None:
        """Give the first one a label and leave it out."""
        self.found[self.cells[0]] = label
        self._keep(np.arange(len(self.cells)) > 0)

    def _keep(self, stay: NDArray[np.bool_]) -> None:
        self._last, self._hits = self._last[stay], self._hits[stay]
        self.cells = self.cells[stay]
        self.low = self.high = None
        self._done = self._done[stay]
        if len(self.cells):
            self._start(np.ascontiguousarray(self.lanes.state[:, stay]))


def widths(flock: Flock, spans: Array, cells: int) -> Array:
    """Widths of cells by how far the orbits that stayed go.

    Parameters
    ----------
    flock : Flock
        After a run that was watched.
    spans : array (n,)
        Ranges of the initial states.
    cells : int
        Cells along the extent of all attractors.
    """
    stay = flock.lanes.failed < 0
    if flock.low is None or flock.high is None or not stay.any():
        return np.where(spans > 0.0, spans, 1.0) / cells
    # Not the extremes: a few may still be on their way.
    low = np.quantile(flock.low[:, stay], 0.01, axis=1)
    high = np.quantile(flock.high[:, stay], 0.99, axis=1)
    extent = high - low
    turns = flock.atlas.turns
    extent = np.where(turns > 0.0, np.minimum(extent, turns), extent)
    size = np.where(turns > 0.0, 0.0, np.maximum(np.abs(low), np.abs(high)))
    extent = np.maximum(extent, 0.01 * np.maximum(size, spans))
    return np.where(extent > 0.0, extent, 1.0) / cells
