"""One engine thread that runs everything: commands, the live process, and jobs.

A job is a generator (``engine.job``); the scheduler drives it a step at a time, so that
cancelling is closing it and the newest request of a key replaces the running one. One
thread, because kernels that use all cores must not be entered from two threads at once, and
because then nothing here needs a lock but the queue. Results go to whoever submitted, on the
engine thread: put them into a `Mailbox` and let the window's timer collect them.

No Qt here, and nothing of views.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from engine.errors import PhasescopeError
from engine.job import Job, Partial

log = logging.getLogger(__name__)
T = TypeVar("T")


class Mailbox(Generic[T]):
    """A place for one thing: whoever puts overwrites, whoever takes gets the newest."""

    def __init__(self) -> None:
        # A deque of one does both atomically, without a lock of ours.
        self._slot: deque[T] = deque(maxlen=1)

    def put(self, item: T) -> None:
        """Leave `item`, in place of what was not taken yet."""
        self._slot.append(item)

    def take(self) -> T | None:
        """The newest item, once; None where there is none."""
        try:
            return self._slot.pop()
        except IndexError:
            return None

    @property
    def full(self) -> bool:
        """True where something waits to be taken."""
        return bool(self._slot)


@dataclass(frozen=True)
class Outcome:
    """What a job has to say.

    Attributes
    ----------
    partial : Partial or None
        The newest partial result, or the final one (then ``finished``).
    finished : bool
        True where nothing more will come.
    error : str
        One sentence, where the job failed.
    """

    partial: Partial[Any] | None
    finished: bool = False
    error: str = ""


@dataclass
class _Request:
    make: Callable[[], Job[Any]]
    deliver: Callable[[Outcome], None]
    generator: Job[Any] | None = None


class Scheduler:
    """Runs commands, a ticker and jobs on one thread of its own.

    Parameters
    ----------
    name : str
        The thread's name.
    """

    def __init__(self, name: str = "engine") -> None:
        self._wake = threading.Condition()
        self._commands: deque[Callable[[], None]] = deque()
        self._requests: dict[str, _Request] = {}
        self._ticker: Callable[[], float | None] | None = None
        self._tick_due: float | None = None
        self._nudged = False
        self._closing = False
        self._turn: deque[str] = deque()
        self.busy_with = ""
        """Key of the job being driven, for the status line; empty when idle."""
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    # -- any thread ----------------------------------------------------------------------

    def submit(
        self, key: str, make: Callable[[], Job[Any]], deliver: Callable[[Outcome], None]
    ) -> None:
        """Run the job that `make` returns; an older one of the same key is closed.

        Parameters
        ----------
        key : str
            Whose request this is: the newest per key wins.
        make : callable
            Called on the engine thread; returns the generator.
        deliver : callable
            Called on the engine thread with every `Outcome`.
        """
        self._command(lambda: self._replace(key, _Request(make, deliver)))

    def cancel(self, key: str) -> None:
        """Close the job of that key, if there is one."""
        self._command(lambda: self._replace(key, None))

    def call(self, function: Callable[[], T]) -> Future[T]:
        """Run `function` on the engine thread between two steps of work."""
        future: Future[T] = Future()

        def command() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                future.set_result(function())
            except BaseException as error:
                future.set_exception(error)

        self._command(command)
        return future

    def set_ticker(self, ticker: Callable[[], float | None] | None) -> None:
        """Call `ticker` again and again; it returns the seconds until it is due next.

        None means: not before `nudge`.
        """
        self._command(lambda: self._set_ticker(ticker))

    def nudge(self) -> None:
        """Make the ticker due now."""
        with self._wake:
            self._nudged = True
            self._wake.notify()

    @property
    def asked(self) -> bool:
        """True where a command waits: whoever works on the engine thread may want to yield."""
        return bool(self._commands)

    @property
    def closed(self) -> bool:
        """True once `close` was called: nothing submitted now is run."""
        return self._closing

    def close(self, timeout: float = 5.0) -> bool:
        """Close every job and end the thread; True where it ended in time."""
        with self._wake:
            self._closing = True
            self._wake.notify()
        if threading.current_thread() is not self._thread:
            self._thread.join(timeout)
        return not self._thread.is_alive()

    # -- engine thread -------------------------------------------------------------------

    def _command(self, command: Callable[[], None]) -> None:
        with self._wake:
            self._commands.append(command)
            self._wake.notify()

    def _set_ticker(self, ticker: Callable[[], float | None] | None) -> None:
        self._ticker = ticker
        self._tick_due = 0.0 if ticker else None

    def _replace(self, key: str, request: _Request | None) -> None:
        old = self._requests.pop(key, None)
        if old is not None and old.generator is not None:
            old.generator.close()
        if request is not None:
            self._requests[key] = request
            if key not in self._turn:
                self._turn.append(key)

    def _run(self) -> None:
        while True:
            with self._wake:
                while not (self._closing or self._commands or self._requests or self._nudged):
                    if self._tick_due is None:
                        self._wake.wait()
                    else:
                        delay = self._tick_due - time.perf_counter()
                        if delay <= 0:
                            break
                        self._wake.wait(delay)
                if self._closing:
                    break
                commands = list(self._commands)
                self._commands.clear()
                if self._nudged:
                    self._nudged = False
                    if self._ticker is not None:
                        self._tick_due = 0.0
            for command in commands:
                try:
                    command()
                except Exception:
                    log.exception("a command failed on the engine thread")
            self._tick()
            self._step_a_job()
        for key in list(self._requests):
            self._replace(key, None)
        self.busy_with = ""
        for command in self._commands:
            # Whoever waits for a call must not wait for ever.
            try:
                command()
            except Exception:
                log.exception("a command failed while closing")

    def _tick(self) -> None:
        if self._ticker is None or self._tick_due is None:
            return
        if time.perf_counter() < self._tick_due:
            return
        try:
            delay = self._ticker()
        except Exception:
            log.exception("the live process failed; it is not called again before a change")
            delay = None
        self._tick_due = None if delay is None else time.perf_counter() + delay

    def _step_a_job(self) -> None:
        while self._turn and self._turn[0] not in self._requests:
            self._turn.popleft()
        if not self._turn:
            self.busy_with = ""
            return
        # One step each, in turn, so that a long job does not starve a short one.
        key = self._turn[0]
        self._turn.rotate(-1)
        request = self._requests[key]
        self.busy_with = key
        try:
            if request.generator is None:
                request.generator = request.make()
            partial = next(request.generator)
        except StopIteration as stop:
            self._end(key)
            request.deliver(Outcome(Partial(stop.value, 1.0, 1.0), finished=True))
        except PhasescopeError as error:
            self._end(key)
            request.deliver(Outcome(None, finished=True, error=str(error)))
        except Exception as error:
            log.exception("job %s failed", key)
            self._end(key)
            request.deliver(Outcome(None, finished=True, error=f"{type(error).__name__}: {error}"))
        else:
            request.deliver(Outcome(partial))

    def _end(self, key: str) -> None:
        del self._requests[key]
        # Said at once: with nothing more to do the thread goes to sleep.
        self.busy_with = next(iter(self._requests), "")
