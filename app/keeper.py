"""Keeps the work: session files, the last session, autosaves and their recovery.

Closing saves what is open and the next start brings it back. While a window runs its work is
saved every few seconds after a change, two files in turn; after a crash the next start offers
the newest of them.
"""

from __future__ import annotations

import logging
import time
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QMessageBox

from app.autosave import Autosave, Candidate
from app.opening import EQUATIONS
from app.preferences import home
from app.session import Session
from app.session_file import SUFFIX, load, save
from engine.errors import PhasescopeError

if TYPE_CHECKING:
    from app.window import MainWindow

log = logging.getLogger(__name__)

AUTOSAVE_MILLISECONDS = 10_000


class Keeper(QObject):
    """Saves and brings back the work of a window.

    Parameters
    ----------
    window : MainWindow

    Attributes
    ----------
    path : str
        The session file that is open; empty where the work was never saved by name.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.path = ""
        self._autosave: Autosave | None = None
        try:
            self._autosave = Autosave(home() / "autosave")
        except PhasescopeError as error:
            log.warning("%s", error)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(AUTOSAVE_MILLISECONDS)
        self._timer.timeout.connect(self.autosave)

    def session(self) -> Session:
        """What is open, as a session."""
        window = self._window
        return Session.from_tree(
            window.document.tree(), window.running, window.tokens.name, window.layout_keeper.state()
        )

    def apply(self, session: Session, *, with_theme: bool = False) -> None:
        """Show a session."""
        window = self._window
        if with_theme and session.theme:
            window.set_theme(session.theme)
        window.document.load(session.tree())
        window.layout_keeper.restore(session.layout)
        window.set_running(session.running)

    def open_file(self, path: str, *_: object) -> bool:
        """Open a session file, or one of equations.

        What is wrong with it is said, and the work stays as it is.
        """
        if Path(path).suffix.lower() in EQUATIONS:
            return self._window.equations.open_file(str(path))
        try:
            session = load(path, self._window.exhibits)
            self.apply(session)
        except PhasescopeError as error:
            self._window.say(str(error))
            self._refuse("This session cannot be opened", str(error))
            return False
        self.path = str(path)
        self._window.preferences.remember_file(self.path)
        self._window.show_title()
        left_out = f", {self._window.gallery.left_out}" if self._window.gallery.left_out else ""
        self._window.say(f"{Path(path).name} is open{left_out}")
        return True

    def save_file(self, path: str) -> bool:
        """Save to a session file; True where it is written."""
        try:
            save(path, self.session())
        except PhasescopeError as error:
            self._window.say(str(error))
            self._refuse("The session was not saved", str(error))
            return False
        self.path = str(path)
        self._window.document.modified = False
        self._window.preferences.remember_file(self.path)
        self._window.show_title()
        self._window.say(f"saved as {path}")
        return True

    def touch(self) -> None:
        """The document changed: an autosave is due before long."""
        if not self._timer.isActive():
            self._timer.start()

    def autosave(self) -> None:
        """Save beside the person's own files, for a crash."""
        if self._autosave is None or not self._window.document.key:
            return
        try:
            self._autosave.write(self.session())
        except PhasescopeError as error:
            log.warning("no autosave: %s", error)

    def restore_last(self) -> bool:
        """Bring back what was open when the application was closed; True where it is back."""
        path = home() / f"last{SUFFIX}"
        if not path.exists():
            return False
        try:
            self.apply(load(path, self._window.exhibits))
        except PhasescopeError as error:
            log.warning("the last session cannot be brought back: %s", error)
            return False
        return True

    def candidates(self) -> list[Candidate]:
        """What crashed windows left behind."""
        return self._autosave.candidates(self._window.exhibits) if self._autosave else []

    def offer_recovery(self) -> None:
        """Ask whether work that a crash left behind is wanted."""
        found = self.candidates()
        if not found:
            return
        newest = found[0]
        title = newest.session.opened(self._window.exhibits).title
        saved = time.strftime("%H:%M on %d %B", time.localtime(newest.saved))
        box = QMessageBox(self._window)
        box.setWindowTitle("Recover work")
        box.setText("Phasescope did not end well the last time.")
        box.setInformativeText(f"Your work on “{title}”, saved at {saved}, is still here.")
        take = box.addButton("Recover it", QMessageBox.ButtonRole.AcceptRole)
        box.addButton("Discard it", QMessageBox.ButtonRole.DestructiveRole)
        box.setDefaultButton(take)
        box.exec()
        if box.clickedButton() is take:
            self.recover(newest)
        if self._autosave is not None:
            self._autosave.discard()

    def recover(self, candidate: Candidate) -> None:
        """Show the work that a crash left behind."""
        try:
            self.apply(candidate.session)
            self._window.document.modified = True
            self._window.say("the work from before the crash is back; save it to keep it")
        except PhasescopeError as error:
            self._refuse("The work cannot be brought back", str(error))

    def close(self) -> None:
        """Save for the next start; a clean end leaves no autosaves."""
        self._timer.stop()
        if self._window.document.key:
            try:
                home().mkdir(parents=True, exist_ok=True)
                save(home() / f"last{SUFFIX}", self.session())
            except (PhasescopeError, OSError) as error:
                log.warning("the session cannot be kept for the next start: %s", error)
        if self._autosave is not None:
            self._autosave.close()

    def _refuse(self, title: str, sentence: str) -> None:
        box = QMessageBox(QMessageBox.Icon.Warning, title, title, parent=self._window)
        box.setInformativeText(sentence)
        box.setModal(False)
        box.open()
