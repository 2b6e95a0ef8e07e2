"""The search for chaos in the window: the panel, the job on the engine thread, the finds.

Choosing a find sets its values and its state on the attractor as one undoable step. What a
search does is ``engine.analysis.chaos_search``; how it looks is ``widgets.chaos_panel``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtWidgets import QDockWidget

from app.history import Path as DocumentPath
from app.scheduler import Mailbox, Outcome
from engine.exhibit import Exhibit, Value
from engine.job import Job
from engine.look import Tokens
from widgets.chaos_panel import NOTHING, ChaosPanel

if TYPE_CHECKING:
    from app.window import MainWindow
    from engine.analysis.chaos_search import ChaosSearch, Find
    from engine.systems.system import System

JOB = "search-for-chaos"
MOST = 2_000_000
"""Candidates after which a search ends however little it found."""
PERIOD = 50
"""Milliseconds between two looks at what was found."""


class Chaos(QObject):
    """The search for chaos of a window.

    Parameters
    ----------
    window : MainWindow

    Attributes
    ----------
    panel : ChaosPanel
    dock : QDockWidget
        Its objectName is ``panel.search``; hidden until it is asked for.
    finds : tuple of Find
        Those of the newest search.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.panel = ChaosPanel()
        self.dock: QDockWidget = window._panel(
            "Search for chaos", "panel.search", self.panel, Qt.DockWidgetArea.RightDockWidgetArea
        )
        self.dock.hide()
        self.finds: tuple[Find, ...] = ()
        self._outcomes: Mailbox[Outcome] = Mailbox()
        self._followed: Exhibit | None = None
        self._system: System | None = None
        self._round = 0
        self._applying = False
        self.running = False
        self._timer = QTimer(self)
        self._timer.setInterval(PERIOD)
        self._timer.timeout.connect(self.collect)
        self.panel.start_requested.connect(self.start)
        self.panel.stop_requested.connect(self.stop)
        self.panel.chosen.connect(self.use)
        self.dock.visibilityChanged.connect(self._visibility)
        window.document.changed.connect(self._document_changed)

    # -- what the window calls -------------------------------------------------------------

    def show(self, shown: bool = True) -> None:
        """Show or hide the panel; shown, it is in front."""
        if shown and self.dock.isHidden() and not self.dock.isFloating():
            self._window.tabifyDockWidget(self._window.inspector_dock, self.dock)
        self.dock.setVisible(shown)
        if shown:
            self.dock.raise_()
            self.follow()

    def follow(self) -> None:
        """Offer the parameters of what is open; another system ends a search."""
        exhibit = self._window.document.exhibit
        system = exhibit.system if exhibit is not None else None
        if exhibit is self._followed:
            return
        self.stop()
        self._followed, self._system, self.finds = exhibit, system, ()
        if exhibit is None:
            self.panel.show_parameters({}, NOTHING)
            return
        if system is None:
            self.panel.show_parameters(
                {}, f"'{exhibit.key}' is no system of equations, so it cannot be searched"
            )
            return
        from engine.analysis.chaos_search import free_parameters, refusal

        free = {name: system.parameters[name] for name in free_parameters(system)}
        self.panel.show_parameters(free, refusal(system))

    def start(self) -> None:
        """Search from the values as they are, with what the panel asks for."""
        self.follow()
        system, names = self._system, self.panel.free()
        if system is None or not names:
            return
        from engine.analysis.chaos_search import chaos_search_job

        values = {name: self._window.document.values[name] for name in system.parameters}
        initial = [float(self._window.document.values[f"initial.{x}"]) for x in system.variables]
        around, wanted, seed = self.panel.spread(), self.panel.wanted(), self._round
        self._round += 1

        def make() -> Job[ChaosSearch]:
            return chaos_search_job(
                system,
                names,
                values=values,
                initial=initial,
                around=around,
                wanted=wanted,
                most=MOST,
                seed=seed,
            )

        self.finds = ()
        # What an older search still says is not about this one.
        self._outcomes = outcomes = Mailbox[Outcome]()
        self.running = True
        self.panel.begin()
        self._window.scheduler.submit(JOB, make, outcomes.put)
        self._timer.start()

    def stop(self) -> None:
        """End the search and keep what it found."""
        if not self.running:
            return
        self.collect()
        self._window.scheduler.cancel(JOB)
        if self.running:
            self._ended("stopped")

    def collect(self) -> None:
        """Show what the engine thread has found. Called by the timer."""
        outcome = self._outcomes.take()
        if outcome is None or not self.running:
            return
        if outcome.error:
            self._ended(outcome.error)
            return
        partial = outcome.partial
        if partial is not None and partial.result is not None:
            self.finds = partial.result.finds
            self.panel.show_search(partial.result)
        if outcome.finished:
            self._ended("done" if self.finds else "nothing found: try wider ranges")
        elif partial is not None:
            self.panel.set_running(True, partial.message)

    def use(self, number: int) -> None:
        """Set the values and the state of a find, as one undoable step."""
        system = self._system
        if system is None or not 0 <= number < len(self.finds):
            return
        find = self.finds[number]
        changes: dict[str, Value] = dict(find.values)
        changes |= {
            f"initial.{name}": value
            for name, value in zip(system.variables, find.state, strict=True)
        }
        self._window.document.history.seal()
        self._window.change(changes, f"Chaos: find {number + 1}")
        self._window.document.history.seal()
        self._window.say(
            f"find {number + 1}: largest exponent {find.exponent:.3g} ± {find.stderr:.1g}"
        )

    def step(self, steps: int) -> None:
        """Go to the next or the previous find."""
        if not self.finds:
            self._window.say("there are no finds yet: Run › Search for chaos looks for some")
            return
        self.panel.move(steps)

    def toggle(self) -> None:
        """Show the panel and start, or stop what is running."""
        if self.running:
            self.stop()
            return
        self.show()
        if self.panel.button.isEnabled():
            self.start()
        else:
            self._window.say(self.panel.words.text())

    def set_theme(self, tokens: Tokens) -> None:
        """Take the colours of another theme."""
        self.panel.set_theme(tokens)
        bar = self.dock.titleBarWidget()
        if hasattr(bar, "set_theme"):
            bar.set_theme(tokens)

    # -- how it is done --------------------------------------------------------------------

    def _ended(self, words: str) -> None:
        self.running = False
        self._timer.stop()
        self.panel.set_running(False, words)

    def _document_changed(self, paths: frozenset[DocumentPath]) -> None:
        if ("exhibit",) in paths or ("values",) in paths:
            if not self.dock.isHidden():
                self.follow()
            elif self.running:
                self.stop()

    def _visibility(self, _visible: bool) -> None:
        # Docks come before actions.
        action = getattr(self._window, "actions_by_id", {}).get("view.chaos")
        if action is not None:
            action.setChecked(not self.dock.isHidden())
        if not self.dock.isHidden():
            self.follow()
