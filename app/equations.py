"""The equation editor's side of the window: what is typed is read, run, kept and saved.

A text that came to rest is read on the engine thread; where it has no error the document's
system is replaced by it and runs at once. Drafts are kept on the disk until they are saved or
reverted, so that nothing typed is lost.
"""

from __future__ import annotations

import contextlib
import logging
import re
import time
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QInputDialog, QLineEdit, QMessageBox

from app.preferences import home
from app.scheduler import Outcome, Scheduler
from engine.errors import PhasescopeError, UnknownKeyError
from engine.files.atomic import write_bytes
from engine.systems import key_of, own_folder
from engine.systems.typed_writing import to_typed
from engine.systems.understanding import Understood, understand

if TYPE_CHECKING:
    from app.window import MainWindow
    from engine.systems.system import System

log = logging.getLogger(__name__)

PREFIX = "untitled-"
BURST_SECONDS = 2.0
"""A longer pause between two edits begins another step of undo."""
KEEP_MILLISECONDS = 2_000
COMPILE_AFTER_SECONDS = 4.0
"""A pause after which kernels that only make things faster may be compiled, while the cursor
stays in the text; one that is being compiled keeps the next picture waiting."""
TEMPLATE = """\
title: New system

x' = y
y' = -k*x - c*y

k = 1 in 0..4
c = 0.1 in 0..1

x(0) = 1
y(0) = 0
"""
_TITLE = re.compile(r"^title:.*$", re.MULTILINE)
_UNNAMED = ("Untitled", "New system")


def _hold_back(seconds: float) -> None:
    from engine.integrate import compile as kernels

    kernels.hold_back(seconds)


class Equations(QObject):
    """What the equation editor of a window does.

    Parameters
    ----------
    window : MainWindow
    """

    _read = Signal(object)

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._editor = window.equation_editor
        self._key = ""
        """Key under which the text runs while it is not saved."""
        self._base: System | None = None
        self._clean = ""
        self._found: Understood | None = None
        self._mine = False
        self._edited = 0.0
        self._followed = ""
        self._keep = QTimer(self)
        self._keep.setSingleShot(True)
        self._keep.setInterval(KEEP_MILLISECONDS)
        self._keep.timeout.connect(self.keep)
        self._read.connect(self._take)
        # Not the engine thread: what is wrong is said while that one compiles, too.
        self._reader = Scheduler("equations")
        editor = self._editor
        editor.typing.connect(partial(_hold_back, COMPILE_AFTER_SECONDS))
        editor.left.connect(partial(_hold_back, 0.0))
        editor.edited.connect(self._typed)
        editor.save_requested.connect(self.save)
        editor.revert_requested.connect(self.revert)
        editor.new_requested.connect(self.new)
        editor.draft_chosen.connect(self._open_draft)
        editor.file_dropped.connect(self._take_file)
        editor.toml_given.connect(self._take_toml)
        window.equations_dock.visibilityChanged.connect(lambda _visible: self.follow())

    # -- what the window calls -------------------------------------------------------------

    def show(self, shown: bool = True) -> None:
        """Show or hide the editor."""
        dock = self._window.equations_dock
        if shown:
            self._window.layout_keeper.place_editor()
        dock.setVisible(shown)
        if shown:
            dock.raise_()
            self.follow()
        self._window.layout_keeper.editor_toggled()

    def edit(self) -> None:
        """Open the equations of the open system, and type."""
        self.show()
        self._editor.text.setFocus()

    def new(self) -> None:
        """Begin another system with a small one that runs."""
        # Shown first: then it has followed what is open, and turns away from it.
        self.show()
        self.keep()
        self._begin(self._free_key(), None, TEMPLATE, TEMPLATE)
        self._editor.text.setFocus()
        self._typed(TEMPLATE)

    def open_file(self, path: str) -> bool:
        """Open a file of equations as a system that is not saved yet; what is wrong is said.

        Parameters
        ----------
        path : str
            A ``.toml`` file, or an XPPAUT ``.ode`` file.
        """
        from app.opening import system_from

        try:
            system = system_from(Path(path))
            text = to_typed(system)
        except PhasescopeError as error:
            self._window.say(str(error).partition("\n")[0])
            return False
        self.show()
        self.keep()
        key = self._free_key()
        # Clean is what no text is: the system is in no catalogue yet, so it runs as typed.
        self._begin(key, system, text, TEMPLATE)
        self._run(replace(system, key=key), text)
        self._ask(text)
        return True

    def follow(self) -> None:
        """Show the equations of what is open now, unless the editor itself has opened it."""
        document = self._window.document
        exhibit = document.exhibit
        if self._mine or exhibit is None or self._window.equations_dock.isHidden():
            return
        opened = f"{document.key}\n{document.typed or document.system}"
        if opened == self._followed:
            return
        self.keep()
        self._followed = opened
        if document.system:
            base = self._origin(document.key)
            clean = to_typed(base) if base is not None else TEMPLATE
            typed = document.typed or (to_typed(exhibit.system) if exhibit.system else "")
            self._begin(document.key, base, typed, clean)
        elif exhibit.system is not None:
            text = to_typed(exhibit.system)
            self._begin(f"{PREFIX}{document.key}", exhibit.system, text, text)
        else:
            self._begin(self._free_key(), None, "", "")
        self._ask(self._editor.content)

    def close(self) -> None:
        """Keep what is not saved."""
        self._keep.stop()
        self.keep()
        self._reader.close()

    # -- typing ----------------------------------------------------------------------------

    def _begin(self, key: str, base: System | None, text: str, clean: str) -> None:
        # Undo of the window within one system is a step for the undo of the text, too.
        same = key == self._key and bool(self._clean)
        self._key, self._base, self._clean = key, base, clean
        self._found = None
        self._editor.set_content(text, undoable=same)
        self._editor.set_title(base.title if base else "New system")
        self._editor.set_changed(text != clean)
        self._show_drafts()

    def _typed(self, text: str) -> None:
        self._editor.set_changed(text != self._clean, self._saveable())
        self._keep.start()
        self._ask(text)

    def _ask(self, text: str) -> None:
        key, base = self._key, self._base

        def deliver(outcome: Outcome) -> None:
            # From the engine thread; the window may be gone by now.
            with contextlib.suppress(RuntimeError):
                self._read.emit((key, outcome))

        self._reader.submit("equations", lambda: understand(text, key, base), deliver)

    def _take(self, sent: tuple[str, Outcome]) -> None:
        key, outcome = sent
        if outcome.partial is None:
            self._window.say(f"the equations cannot be read: {outcome.error}")
            return
        found = outcome.partial.result
        if (
            not isinstance(found, Understood)
            or key != self._key
            or found.text != self._editor.content
        ):
            return
        self._found = found
        self._editor.show_understood(found)
        self._editor.set_changed(found.text != self._clean, self._saveable())
        if found.system is not None:
            self._editor.set_title(found.system.title)
            if not outcome.finished:
                self._run(found.system, found.text)

    def _run(self, system: System, text: str) -> None:
        from engine.exhibits.system import SystemExhibit

        document = self._window.document
        if text == self._clean and not document.system and self._base is not None:
            return  # what is open, as it stands in the catalogue
        toml = system.to_toml()
        if document.key == self._key and document.system == toml:
            return
        now = time.monotonic()
        if now - self._edited > BURST_SECONDS:
            document.history.seal()
        self._edited = now
        self._mine = True
        try:
            document.revise(SystemExhibit(system), toml, text)
        except PhasescopeError as error:
            self._window.say(str(error))
        finally:
            self._mine = False
        self._followed = f"{document.key}\n{document.typed}"

    def _saveable(self) -> bool:
        found = self._found
        return (
            found is not None
            and found.system is not None
            and (bool(self._window.document.system) or found.text != self._clean)
        )

    # -- files and TOML --------------------------------------------------------------------

    def _take_file(self, path: str) -> None:
        from engine.systems.files import read
        from engine.systems.system import System

        try:
            if path.lower().endswith(".ode"):
                self._take_system(System.from_ode(path))
            else:
                self._take_system(read(Path(path)))
        except PhasescopeError as error:
            self._window.say(str(error).partition("\n")[0])

    def _take_toml(self, text: str) -> None:
        from engine.systems.system import System

        try:
            self._take_system(System.from_text(text, self._key or "untitled"))
        except PhasescopeError as error:
            self._window.say(str(error).partition("\n")[0])

    def _take_system(self, system: System) -> None:
        self._base = system
        self._editor.set_content(to_typed(system), undoable=True)
        self._typed(self._editor.content)

    # -- saving ----------------------------------------------------------------------------

    def save(self) -> None:
        """Write the system into the person's folder; its name is asked for where it is none."""
        text = self._editor.content
        found = self._found
        if found is None or found.text != text:
            self._window.say("the equations are still being read; save again in a moment")
            return
        if found.system is None:
            line = found.problems[0].line if found.problems else 1
            self._window.say(f"line {line} has an error: mend it, then save")
            return
        title = found.system.title
        if title in _UNNAMED:
            self._ask_name("What is the system called?", "")
        elif self._built_in(key_of(title)):
            self._ask_name(
                f"“{title}” comes with the program and stays as it is. What is yours called?",
                f"My {title}",
            )
        elif self._own_file(key_of(title)).exists():
            self._ask_replace(found.system)
        else:
            self.write(found.system)

    def write(self, system: System) -> None:
        """Write the system under the key of its title, and open it as an exhibit."""
        from engine.systems import systems

        key = key_of(system.title)
        path = self._own_file(key)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_bytes(path, system.to_toml().encode(), durable=True)
            systems().refresh()
            self._mine = True
            self._window.set_entries()
            self._window.document.adopt(key)
        except (PhasescopeError, OSError) as error:
            self._window.say(f"the system was not saved: {error}")
            return
        finally:
            self._mine = False
        self._draft_file(self._key).unlink(missing_ok=True)
        self._key, self._base = f"{PREFIX}{key}", self._window.exhibits[key].system
        self._clean = self._editor.content
        self._followed = f"{key}\n"
        self._editor.set_changed(False)
        self._show_drafts()
        self._window.say(f"saved as {path}")

    def revert(self) -> None:
        """Back to the text before it was edited; undo in the text brings it forth again."""
        self._draft_file(self._key).unlink(missing_ok=True)
        document = self._window.document
        self._editor.set_content(self._clean, undoable=True)
        key = self._key.removeprefix(PREFIX)
        if document.system and self._base is not None and key in self._window.exhibits:
            self._followed = f"{key}\n"
            self._window.open(key)
        self._typed(self._clean)
        self._keep.stop()

    def _ask_name(self, words: str, name: str) -> None:
        dialog = QInputDialog(self._window)
        dialog.setObjectName("equations.name")
        dialog.setWindowTitle("Save to my systems")
        dialog.setLabelText(words)
        dialog.setTextEchoMode(QLineEdit.EchoMode.Normal)
        dialog.setTextValue(name)
        dialog.setOkButtonText("Save")
        dialog.textValueSelected.connect(self.rename)
        dialog.open()

    def rename(self, title: str) -> None:
        """Give the system a title in its text, and save it under that."""
        title = " ".join(title.split())
        if not title or title in _UNNAMED:
            self._window.say("a system needs a name of its own to be saved")
            return
        text = self._editor.content
        line = f"title: {title}"
        changed = (
            _TITLE.sub(lambda _: line, text, count=1) if _TITLE.search(text) else f"{line}\n{text}"
        )
        self._editor.set_content(changed, undoable=True)
        for outcome in understand(changed, self._key, self._base):
            self._found = outcome.result
            break
        self.save()

    def _ask_replace(self, system: System) -> None:
        box = QMessageBox(self._window)
        box.setObjectName("equations.replace")
        box.setWindowTitle("Save to my systems")
        box.setText(f"There is a system “{system.title}” of yours already.")
        box.setInformativeText("Replace it? To keep both, change the title.")
        replace = box.addButton("Replace", QMessageBox.ButtonRole.AcceptRole)
        box.addButton(QMessageBox.StandardButton.Cancel)
        replace.clicked.connect(lambda: self.write(system))
        box.open()

    def _own_file(self, key: str) -> Path:
        folder = own_folder()
        there = (path for path in sorted(folder.glob("*.toml")) if key_of(path.stem) == key)
        return next(there, folder / f"{key}.toml")

    def _built_in(self, key: str) -> bool:
        return key in self._window.exhibits and not self._own_file(key).exists()

    # -- drafts ----------------------------------------------------------------------------

    def keep(self) -> None:
        """Put what is not saved into its draft file."""
        text = self._editor.content
        if not self._key or text in (self._clean, TEMPLATE) or not text.strip():
            return
        try:
            write_bytes(self._draft_file(self._key), text.encode("utf-8", "replace"))
        except (PhasescopeError, OSError) as error:
            log.warning("a draft cannot be kept: %s", error)

    def drafts(self) -> dict[str, str]:
        """Key -> title of what is typed and not saved, but for what is in the editor."""
        found = {}
        for path in sorted(self._draft_folder().glob(f"{PREFIX}*.txt")):
            if path.stem == self._key:
                continue
            try:
                match = _TITLE.search(path.read_text("utf-8"))
            except (OSError, UnicodeDecodeError):
                continue
            found[path.stem] = match[0].partition(":")[2].strip() if match else path.stem
        return found

    def _open_draft(self, key: str) -> None:
        try:
            text = self._draft_file(key).read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            self._window.say(f"the draft cannot be read: {error}")
            return
        self.keep()
        base = self._origin(key)
        self._begin(key, base, text, to_typed(base) if base is not None else TEMPLATE)
        self._typed(text)

    def _show_drafts(self) -> None:
        self._editor.set_drafts(self.drafts())

    def _draft_folder(self) -> Path:
        folder = home() / "drafts"
        with contextlib.suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
        return folder

    def _draft_file(self, key: str) -> Path:
        return self._draft_folder() / f"{key}.txt"

    def _origin(self, key: str) -> System | None:
        """The system of the catalogue that a draft began as."""
        try:
            return self._window.exhibits[key.removeprefix(PREFIX)].system
        except UnknownKeyError:
            return None

    def _free_key(self) -> str:
        number = 1
        while self._draft_file(f"{PREFIX}{number}").exists() or self._key == f"{PREFIX}{number}":
            number += 1
        return f"{PREFIX}{number}"
