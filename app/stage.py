"""Keeps the views fed: contexts out, pictures in. The window's side of the data path.

For every visible view the stage captures a `Context` when something it depends on changed,
hands it to the host (live pictures) and to the scheduler (jobs of its own), and sixty times a
second shows whatever is newest. Views never meet the engine thread, and the engine thread
never meets a widget.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any

from PySide6.QtCore import QEvent, QObject, QTimer, Signal

from app.document import Document
from app.host import Host, Report
from app.scheduler import Mailbox, Outcome, Scheduler
from engine.exhibit import Value
from engine.look import Tokens
from engine.tape import Data
from widgets.views.view import Context, View

log = logging.getLogger(__name__)


LATE = 0.018
"""Seconds between two calls of the timer beyond which the window has fallen behind."""
SHOWN_WHEN_LATE = 1
TOLD_SECONDS = 0.1
"""Seconds after which cursors follow the values even where the window has fallen behind."""
PATIENCE = 0.5
"""Seconds without a picture of a new run after which views say that it is being prepared."""


class _Composer:
    """A view's composer that remembers whether it was asked since a run began."""

    def __init__(self, compose: Callable[[Data, Context], Any]) -> None:
        self._compose = compose
        self.asked = False

    def __call__(self, data: Data, context: Context) -> Any:
        try:
            return self._compose(data, context)
        finally:
            self.asked = True


@dataclass
class _Seat:
    view: View
    compose: _Composer
    outcomes: Mailbox[Outcome] = field(default_factory=Mailbox)
    depends: Hashable = None
    watched: bool = False
    failed: str = ""
    shown: float = 0.0
    awaits: bool = False
    said: bool = False


class Stage(QObject):
    """The views of the open document.

    Parameters
    ----------
    document : Document
    host : Host
    scheduler : Scheduler
    tokens : Tokens
        The theme.
    """

    reported = Signal(object)
    """The newest `Report` of the host."""
    progressed = Signal(str, float)
    """(what is being computed, fraction between 0 and 1; 1 when idle)"""
    view_failed = Signal(str, str)
    """(view id, sentence)"""

    def __init__(
        self,
        document: Document,
        host: Host,
        scheduler: Scheduler,
        tokens: Tokens,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._document = document
        self._host = host
        self._scheduler = scheduler
        self._tokens = tokens
        self._seats: dict[str, _Seat] = {}
        self._message = ""
        self._pumped = 0.0
        self._told = True
        self._told_at = 0.0
        self._generation = 0
        self._awaited = 0
        self._awaited_since = 0.0
        self.done: set[str] = set()
        """Ids of the views whose own job has finished and is shown."""
        self.pictured: set[str] = set()
        """Ids of the views that have shown a picture, live or of their own job."""
        self.view_times: list[float] | None = None
        """Set to a list to collect seconds of view updates per pump (benchmarks)."""
        self._timer = QTimer(self)
        self._timer.setInterval(16)
        self._timer.timeout.connect(self.pump)
        self._timer.start()

    @property
    def views(self) -> dict[str, View]:
        """View id -> widget."""
        return {name: seat.view for name, seat in self._seats.items()}

    def add(self, name: str, view: View) -> None:
        """Feed `view` from now on, whenever it is visible."""
        waits = self._awaited > self._generation
        self._seats[name] = _Seat(view, _Composer(view.composer()), awaits=waits)
        view.installEventFilter(self)
        view.stale.connect(lambda: self._later(name))
        view.cursor_moved.connect(lambda moment, source=view: self._share_cursor(source, moment))
        self.refresh(name)

    def remove(self, name: str) -> None:
        """Feed it no more."""
        seat = self._seats.pop(name, None)
        if seat is None:
            return
        self.done.discard(name)
        self.pictured.discard(name)
        seat.view.removeEventFilter(self)
        self._host.unwatch(name)
        self._scheduler.cancel(name)

    def set_theme(self, tokens: Tokens) -> None:
        """Change the colours of every view."""
        self._tokens = tokens
        for name, seat in self._seats.items():
            seat.view.set_theme(tokens)
            self.refresh(name)

    def await_run(self) -> None:
        """A run was asked of the host: where its first pictures keep us waiting, views say so."""
        # The host counts the runs it begins; a report of this number is the first of this run.
        self._awaited = max(self._awaited, self._generation) + 1
        self._awaited_since = time.perf_counter()
        for name, seat in self._seats.items():
            if seat.watched:
                # A picture of the run before is not what is awaited.
                self._host.take(name)
            seat.awaits, seat.compose.asked = True, False

    def values_changed(self, changes: dict[str, Value]) -> None:
        """Parameter values changed: the process and all views follow, together."""
        contexts = {}
        for name, seat in self._seats.items():
            if not seat.view.isVisible():
                continue
            context = self._context(seat)
            contexts[name] = context
            self._request(name, seat, context)
        self._host.set(changes, contexts)
        self._told = False

    def refresh(self, name: str) -> None:
        """Something else that this view depends on changed: its settings, size, theme."""
        seat = self._seats[name]
        if not seat.view.isVisible():
            # Hidden tabs cost nothing; they catch up when they are shown.
            if seat.watched:
                self._host.unwatch(name)
                seat.watched = False
            return
        context = self._context(seat)
        seat.view.set_values(self._document.values)
        self._host.watch(name, seat.compose, context)
        seat.watched = True
        self._request(name, seat, context)

    def pump(self) -> None:
        """Show what is newest. Called by the timer."""
        began = time.perf_counter()
        # Painting costs more than showing: a window that falls behind shows a part of its
        # views now and the others at the next call, so that the hand is never kept waiting.
        late = began - self._pumped > LATE
        self._pumped = began
        left = SHOWN_WHEN_LATE if late else len(self._seats)
        shown = False
        if not self._told and (not late or began - self._told_at > TOLD_SECONDS):
            # Cursors at the values: the first thing that may wait, though not for long.
            self._told, self._told_at = True, began
            for seat in self._seats.values():
                seat.view.set_values(self._document.values)
        for name in sorted(self._seats, key=lambda name: self._seats[name].shown):
            seat = self._seats[name]
            picture = self._host.take(name) if seat.watched and left > 0 else None
            outcome = seat.outcomes.take()
            if picture is not None:
                left -= 1
                seat.shown = began
            try:
                if picture is not None:
                    shown = True
                    seat.view.show_picture(picture)
                    self.pictured.add(name)
                    self._arrived(seat)
                if outcome is not None:
                    shown = True
                    self._show_outcome(name, seat, outcome)
            except Exception as error:
                # One view that cannot draw must not take the others with it.
                log.exception("view %s failed", name)
                if not seat.failed:
                    seat.failed = f"this view failed: {type(error).__name__}: {error}"
                    seat.view.empty(seat.failed)
                    self.view_failed.emit(name, seat.failed)
        report = self._host.reports.take()
        if report is not None:
            self._show_report(report)
        self._say_what_waits(began)
        if shown and self.view_times is not None:
            self.view_times.append(time.perf_counter() - began)

    def close(self) -> None:
        """Stop feeding."""
        self._timer.stop()
        for name in list(self._seats):
            self.remove(name)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Show, QEvent.Type.Hide, QEvent.Type.Resize):
            for name, seat in self._seats.items():
                if seat.view is watched:
                    # After the event has taken effect.
                    QTimer.singleShot(0, self, lambda name=name: self._later(name))
        return super().eventFilter(watched, event)

    def _later(self, name: str) -> None:
        if name in self._seats:
            self.refresh(name)

    def _context(self, seat: _Seat) -> Context:
        view = seat.view
        assert view.exhibit is not None
        assert view.channel is not None
        return Context(
            exhibit=view.exhibit,
            channel=view.channel,
            values=dict(self._document.values),
            seed=self._document.seed,
            settings=dict(view.settings),
            size=view.pixel_size(),
            tokens=self._tokens,
            ratio=view.devicePixelRatioF(),
        )

    def _request(self, name: str, seat: _Seat, context: Context) -> None:
        depends = seat.view.depends(context)
        if depends is None or depends == seat.depends:
            return
        seat.depends = depends
        job = seat.view.job
        seat.outcomes.take()
        self.done.discard(name)
        self._scheduler.submit(name, lambda: job(context), seat.outcomes.put)

    def _show_outcome(self, name: str, seat: _Seat, outcome: Outcome) -> None:
        if outcome.error:
            seat.view.empty(outcome.error)
            self.progressed.emit("", 1.0)
        elif outcome.partial is not None:
            seat.view.show_partial(outcome.partial)
            if outcome.partial.result is not None:
                self.pictured.add(name)
            if outcome.finished:
                self.done.add(name)
            fraction = 1.0 if outcome.finished else outcome.partial.fraction
            self.progressed.emit("" if outcome.finished else seat.view.title, fraction)

    def _say_what_waits(self, now: float) -> None:
        if now - self._awaited_since < PATIENCE:
            return
        for seat in self._seats.values():
            # A view with a job of its own says itself how far that is.
            if seat.awaits and not seat.said and seat.watched and seat.depends is None:
                seat.said = True
                seat.view.empty(_preparing(seat.view))

    def _arrived(self, seat: _Seat) -> None:
        """Nothing is awaited any more: the words about it go."""
        if seat.said:
            seat.view.empty(self._message)
        seat.awaits = seat.said = False

    def _show_report(self, report: Report) -> None:
        self._generation = report.generation
        message = str(report.status.get("message", "")) if report.finished else ""
        message = report.error or message
        if report.generation >= self._awaited:
            for seat in self._seats.values():
                # A view that was asked and has no picture has nothing to show yet.
                if seat.compose.asked or report.error:
                    self._arrived(seat)
        if message != self._message:
            self._message = message
            for seat in self._seats.values():
                if seat.watched and seat.view.channel is not None:
                    seat.view.empty(message)
        self.reported.emit(report)

    def _share_cursor(self, source: View, moment: object) -> None:
        for seat in self._seats.values():
            if seat.view is not source:
                seat.view.set_cursor_time(moment if isinstance(moment, float) else None)


def _preparing(view: View) -> str:
    exhibit = view.exhibit
    if exhibit is None:
        return ""
    # What takes long is compiling the right-hand side.
    return f"Preparing {'the equations' if exhibit.system is not None else exhibit.title}"
