"""Runs the open exhibit's process on the engine thread and lets views follow it.

The window asks (open, set, run, step, act) and never waits: requests are merged and taken at
the next tick. After every frame the views that watch are composed on the engine thread and
their pictures left in mailboxes; the window's timer takes the newest. A view whose last
picture was not taken yet is not composed again before it is, so a slow screen slows nothing
down and every picture is made from the newest rows.

No Qt here: a view is a callable and an opaque context.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from app.scheduler import Mailbox, Scheduler
from engine.errors import PhasescopeError
from engine.exhibit import APPENDED, Array, Exhibit, Frame, Process, Value
from engine.tape import Data

log = logging.getLogger(__name__)

PERIOD = 1.0 / 60.0
BUDGET = 0.008
"""Seconds a live tick may compute: half a frame, the other half is for jobs."""

Composer = Callable[[Data, Any], Any]


@dataclass(frozen=True)
class Report:
    """What the status line shows.

    Attributes
    ----------
    time : float
        On the exhibit's clock.
    status : mapping
        The process' own words; see ``engine.exhibit.Frame``.
    error : str
        One sentence where a request was refused or the process failed.
    finished : bool
    generation : int
        Grows at every `Host.open`.
    """

    time: float
    status: Mapping[str, Any]
    error: str
    finished: bool
    generation: int


@dataclass
class _Watcher:
    compose: Composer
    context: Any
    pictures: Mailbox[Any] = field(default_factory=Mailbox)
    stale: bool = True
    composed: float = 0.0
    failed: bool = False


class Host:
    """Runs one process at a time. Public methods may be called from the window's thread.

    Parameters
    ----------
    scheduler : Scheduler
        Whose thread to use.
    """

    def __init__(self, scheduler: Scheduler) -> None:
        self._scheduler = scheduler
        self._watchers: dict[str, _Watcher] = {}
        self.reports: Mailbox[Report] = Mailbox()
        self._process: Process | None = None
        self._exhibit: Exhibit | None = None
        self._data = Data()
        self._pending: dict[str, Value] = {}
        self._running = False
        self._speed = 1.0
        self._owed = 0.0
        self._steps_owed = 0.0
        self._last_tick = 0.0
        self._fresh = False
        self._settled = False
        self._error = ""
        self._held = False
        self._generation = 0
        self._moves: list[float] = []
        self.latencies: list[float] | None = None
        """Set to a list to collect seconds from a `set` to its result (benchmarks)."""
        scheduler.set_ticker(self._tick)

    # -- the window's thread ---------------------------------------------------------------

    def open(self, exhibit: Exhibit, values: Mapping[str, Value], seed: int) -> None:
        """Start a run of `exhibit`; the one before is dropped."""
        values = dict(values)
        self._do(lambda: self._open(exhibit, values, seed))

    def close(self) -> None:
        """Drop the process."""

        def command() -> None:
            self._drop()
            self._let_go()

        self._do(command)

    def set(self, changes: Mapping[str, Value], contexts: Mapping[str, Any] | None = None) -> None:
        """Change parameter values; several calls before the next tick act as one.

        Parameters
        ----------
        changes : mapping
            Parameter name -> value, already checked.
        contexts : mapping, optional
            Watcher name -> the context its next picture is to be composed with, so that no
            picture of the old run is made with the new values.
        """
        asked = time.perf_counter()
        changes = dict(changes)
        contexts = dict(contexts or {})

        def command() -> None:
            self._pending.update(changes)
            for name, context in contexts.items():
                if name in self._watchers:
                    self._watchers[name].context = context
                    self._watchers[name].stale = True
            if self.latencies is not None:
                self._moves.append(asked)

        self._do(command)

    def set_running(self, running: bool) -> None:
        """Run or pause."""

        def command() -> None:
            self._running = running
            self._last_tick = time.perf_counter()
            self._owed = 0.0

        self._do(command)

    def set_speed(self, speed: float) -> None:
        """Units of the exhibit's clock a second."""

        def command() -> None:
            self._speed = speed

        self._do(command)

    def step(self) -> None:
        """Advance by the exhibit's own step."""

        def command() -> None:
            if self._exhibit is not None:
                # At least one step of the method, whatever it was changed to.
                step = self._data.status.get("step", 0.0)
                least = float(step) if isinstance(step, int | float) else 0.0
                self._steps_owed += max(self._exhibit.pace.step, least) * (1 + 1e-9)

        self._do(command)

    def act(self, name: str, payload: Mapping[str, Any]) -> None:
        """Hand a gesture to the process."""

        def command() -> None:
            if self._process is None:
                return
            try:
                self._process.act(name, payload)
            except PhasescopeError as error:
                self._error = str(error)
            self._settled = False

        self._do(command)

    def watch(self, name: str, compose: Composer, context: Any) -> None:
        """Compose pictures for the view called `name` from now on, or with a new context."""

        def command() -> None:
            watcher = self._watchers.get(name)
            if watcher is None or watcher.compose is not compose:
                self._watchers[name] = _Watcher(compose, context)
            else:
                watcher.context = context
                watcher.stale = True

        self._do(command)

    def unwatch(self, name: str) -> None:
        """Compose no more pictures for that view."""
        self._do(lambda: self._watchers.pop(name, None))

    def take(self, name: str) -> Any:
        """The newest picture of that view, once; None where there is none."""
        watcher = self._watchers.get(name)
        if watcher is None:
            return None
        picture = watcher.pictures.take()
        if picture is not None and watcher.stale:
            self._scheduler.nudge()
        return picture

    def read(self, function: Callable[[Data], Any]) -> Future[Any]:
        """Run `function` on what the process has shown so far (copy what you keep)."""
        return self._scheduler.call(lambda: function(self._data))

    def snapshot(self, channel: str) -> Future[Array | None]:
        """A copy of all that a channel holds."""

        def copy(data: Data) -> Array | None:
            if channel in data.tapes:
                return np.array(data.tapes[channel].rows)
            return np.array(data.latest[channel]) if channel in data.latest else None

        return self.read(copy)

    # -- the engine thread -----------------------------------------------------------------

    def _do(self, command: Callable[[], Any]) -> None:
        self._scheduler.call(command)
        self._scheduler.nudge()

    def _drop(self) -> None:
        self._process = None
        self._exhibit = None
        self._data = Data()

    def _open(self, exhibit: Exhibit, values: Mapping[str, Value], seed: int) -> None:
        from engine.integrate import compile as kernels

        self._drop()
        kernels.elsewhere()
        kernels.hold()
        self._held = True
        self._generation += 1
        self._pending.clear()
        self._steps_owed = self._owed = 0.0
        self._error = ""
        self._last_tick = time.perf_counter()
        try:
            self._process = exhibit.start(values, seed)
            self._exhibit = exhibit
        except PhasescopeError as error:
            self._error = str(error)
        except Exception as error:
            log.exception("'%s' could not be started", exhibit.key)
            self._error = f"'{exhibit.key}' could not be started: {error}"
        self._settled = False
        self._fresh = True

    def _tick(self) -> float | None:
        now = time.perf_counter()
        if self._process is not None:
            try:
                self._advance(self._process, now)
            except Exception as error:
                # A process that fails is dropped, the window and its last picture stay.
                log.exception("the process failed")
                key = self._exhibit.key if self._exhibit else ""
                self._error = f"'{key}' stopped: {type(error).__name__}: {error}"
                self._process = None
        self._compose()
        self._let_compile()
        self._report()
        return self._next_due(time.perf_counter() - now)

    def _advance(self, process: Process, now: float) -> None:
        changed, moves = bool(self._pending), self._moves
        if changed:
            pending, self._pending, self._moves = self._pending, {}, []
            self._error = ""
            for name, value in pending.items():
                try:
                    process.set(name, value)
                except PhasescopeError as error:
                    self._error = str(error)
        elapsed, self._last_tick = now - self._last_tick, now
        limit = self._steps_owed
        if self._running and not process.finished:
            # What a slow process cannot do is forgotten after a tenth of a second.
            self._owed = min(self._owed + elapsed * self._speed, max(0.1, PERIOD) * self._speed)
            limit += self._owed
        if changed or self._fresh:
            limit = 0.0
        elif limit == 0.0 and self._settled:
            return
        frame = process.advance(BUDGET, limit)
        if limit > 0.0 and not frame.restarted:
            done = max(0.0, frame.time - self._data.time)
            steps = self._steps_owed
            # What is left of a step is rounding, unless the process ran out of time.
            self._steps_owed = steps - done if 0.0 < done < 0.99 * steps else 0.0
            self._owed = max(0.0, self._owed - max(0.0, done - steps))
        self._take_in(frame)
        channels = self._exhibit.channels if self._exhibit else {}
        self._settled = (
            limit == 0.0
            and not frame.restarted
            and not any(
                channels[name].kind in APPENDED and len(array)
                for name, array in frame.channels.items()
            )
        )
        self._fresh = False
        if changed and self.latencies is not None and moves:
            # The pictures follow; the result itself is there now.
            self.latencies.extend(time.perf_counter() - moved for moved in moves[-1:])

    def _take_in(self, frame: Frame) -> None:
        assert self._exhibit is not None
        self._data.update(frame, self._exhibit.channels)
        for watcher in self._watchers.values():
            watcher.stale = True

    def _compose(self) -> None:
        # Whoever was composed last stands last, so that all get their turn when the hand is
        # faster than the pictures.
        waiting = sorted(self._watchers.items(), key=lambda item: item[1].composed)
        for name, watcher in waiting:
            if not watcher.stale or watcher.pictures.full:
                continue
            watcher.stale = False
            watcher.composed = time.perf_counter()
            if not self._data.tapes and not self._data.latest:
                continue
            try:
                picture = watcher.compose(self._data, watcher.context)
            except Exception as error:
                # Said once: the next context or run may well be drawn again.
                if not watcher.failed:
                    log.exception("view %s could not be composed", name)
                    self._error = f"{name} cannot be drawn: {type(error).__name__}: {error}"
                watcher.failed = True
                continue
            if picture is not None:
                watcher.failed = False
                watcher.pictures.put(picture)
                # What takes longer is drawn after the picture that shows already.
                watcher.stale = getattr(picture, "unfinished", False)
            if self._scheduler.asked:
                # A newer value is already here: the rest is composed with that one.
                break

    def _let_compile(self) -> None:
        """The first pictures are there: kernels that make later ones faster may follow."""
        if (
            self._held
            and self._data.tapes | self._data.latest
            and not any(watcher.stale for watcher in self._watchers.values())
        ):
            self._let_go()

    def _let_go(self) -> None:
        """Background compiling may go on."""
        if self._held:
            from engine.integrate import compile as kernels

            kernels.release()
            kernels.prepare()
            self._held = False

    def _report(self) -> None:
        self.reports.put(
            Report(
                self._data.time,
                dict(self._data.status),
                self._error,
                self._process is not None and self._process.finished,
                self._generation,
            )
        )

    def _next_due(self, spent: float) -> float | None:
        process = self._process
        if process is None:
            return None
        if self._running and not process.finished:
            return max(0.0, PERIOD - spent)
        if self._steps_owed > 0.0 or not self._settled:
            return 0.0
        left = any(
            w.stale and not w.failed and not w.pictures.full for w in self._watchers.values()
        )
        return 0.0 if left and (self._data.tapes or self._data.latest) else None
