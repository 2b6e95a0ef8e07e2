"""What the commands do: one method an action, named by ``app.actions.handler_name``."""

from __future__ import annotations

import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeySequence
from PySide6.QtWidgets import QFileDialog, QMessageBox

from app import export
from app.actions import ACTIONS, BY_ID
from engine.claims import ClaimResult, check
from engine.errors import PhasescopeError
from engine.exhibit import Value
from widgets.latex import typesetter
from widgets.palette import Command, CommandPalette
from widgets.views.plotting import set_motion

if TYPE_CHECKING:
    from app.window import MainWindow

log = logging.getLogger(__name__)

SESSION_FILES = "Phasescope session (*.phasescope)"
EQUATION_FILES = "Phasescope system (*.toml);;XPPAUT file (*.ode)"
OPEN_PREFIX = "open:"


class Commands(QObject):
    """The commands of a window.

    Parameters
    ----------
    window : MainWindow
    """

    _claim_measured = Signal(object)
    _finished = Signal(str)

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._palette: CommandPalette | None = None
        self._claims: list[ClaimResult] = []
        self._stop = threading.Event()
        # Exports and claims: neither on the window's thread nor between two frames.
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="background")
        self._claim_measured.connect(self._show_claim)
        self._finished.connect(window.say)

    def close(self) -> None:
        """Stop what runs in the background."""
        self._stop.set()
        self._pool.shutdown(wait=True, cancel_futures=True)
        typesetter().wait()
        if self._palette is not None:
            self._window.preferences.palette_recent = list(self._palette.recent)[:20]
            self._palette.close()

    def background(self, work: Any) -> None:
        """Run ``work() -> sentence`` beside the window; the sentence is shown when it is done."""

        def guarded() -> None:
            try:
                words = work()
            except PhasescopeError as error:
                words = str(error)
            except Exception as error:
                log.exception("background work failed")
                words = f"that failed: {type(error).__name__}: {error}"
            if not self._stop.is_set():
                self._finished.emit(words)

        self._pool.submit(guarded)

    # -- file ------------------------------------------------------------------------------

    def do_file_new_system(self) -> None:
        self._window.equations.new()

    def do_file_save_system(self) -> None:
        self._window.equations.save()

    def do_file_open(self) -> None:
        path, _ = QFileDialog.getOpenFileName(
            self._window, "Open", self._folder(), ";;".join((SESSION_FILES, EQUATION_FILES))
        )
        if path:
            self._window.keeper.open_file(path)

    def do_file_save(self) -> None:
        if self._window.keeper.path:
            self._window.keeper.save_file(self._window.keeper.path)
        else:
            self.do_file_save_as()

    def do_file_save_as(self) -> None:
        start = self._window.keeper.path or str(
            Path(self._folder()) / f"{self._window.document.key}.phasescope"
        )
        path, _ = QFileDialog.getSaveFileName(self._window, "Save session", start, SESSION_FILES)
        if path:
            self._window.keeper.save_file(path if Path(path).suffix else f"{path}.phasescope")

    def fill_recent_menu(self) -> None:
        """List the sessions opened or saved lately."""
        menu = self._window.recent_menu
        menu.clear()
        for path in self._window.preferences.recent:
            action = menu.addAction(Path(path).name)
            action.triggered.connect(partial(self._window.keeper.open_file, path))
            action.setToolTip(path)
        if menu.isEmpty():
            menu.addAction("None yet").setEnabled(False)

    def do_file_export_equations(self) -> None:
        exhibit = self._window.document.exhibit
        if exhibit is None or exhibit.system is None:
            self._window.say("there are no equations to export: open a system first")
            return
        start = str(Path(self._folder()) / f"{exhibit.key}.toml")
        path, _ = QFileDialog.getSaveFileName(
            self._window, "Export equations", start, EQUATION_FILES
        )
        if path:
            self.export_equations(path)

    def export_equations(self, path: str) -> None:
        """Write the open system to a file of equations; the outcome is said."""
        from app.opening import write_system

        exhibit = self._window.document.exhibit
        assert exhibit is not None
        assert exhibit.system is not None
        try:
            write_system(exhibit.system, Path(path))
        except PhasescopeError as error:
            self._window.say(str(error).partition("\n")[0])
            return
        self._window.say(f"the equations are in {path}")

    def do_file_export_figure(self) -> None:
        self.export_view(self._window.workspace.active)

    def export_view(self, name: str) -> None:
        """Ask how, and export a view as a figure."""
        if name not in self._window.workspace.docks:
            self._window.say("there is no view to export: open an exhibit or add a view first")
            return
        dialog = export.FigureDialog(self._window, name)
        if dialog.exec():
            self.export_figure(dialog.choice())

    def export_figure(self, choice: export.FigureChoice) -> None:
        """Export a view as the dialog would; the outcome is said in the status line."""
        self.background(export.figure_work(self._window, choice))

    def do_file_export_data(self) -> None:
        exhibit = self._window.document.exhibit
        if exhibit is None:
            return
        dialog = export.DataDialog(self._window)
        if dialog.exec():
            self.export_data(dialog.choice())

    def export_data(self, choice: export.DataChoice) -> None:
        """Export data as the dialog would; the outcome is said in the status line."""
        self.background(export.data_work(self._window, choice))

    def do_file_screenshot(self) -> None:
        path, _ = QFileDialog.getSaveFileName(
            self._window,
            "Save picture of the window",
            str(Path(self._folder()) / "phasescope.png"),
            "PNG (*.png)",
        )
        if path:
            self.save_screenshot(path)

    def save_screenshot(self, path: str) -> None:
        """The window as it stands, as PNG."""
        if self._window.grab().save(path, "PNG"):
            self._window.say(f"the picture is in {path}")
        else:
            self._window.say(f"'{path}' cannot be written; choose another folder or name")

    def do_file_copy_python(self) -> None:
        window = self._window
        exhibit, name = window.document.exhibit, window.workspace.active
        if window.document.system:
            window.say("this system is not saved: save it first, so that a script can name it")
            return
        if exhibit is None or name not in window.workspace.docks:
            window.say("there is no view to copy: open an exhibit or add a view first")
            return
        from engine.files.script import as_python

        view = window.workspace.docks[name].view
        self.copy_text(
            as_python(
                exhibit,
                dict(window.document.values),
                window.document.seed,
                view.kind,
                view.figure_settings(),
                view.channel.name if view.channel else "",
            ),
            f"a script that makes this {view.title.lower()} is on the clipboard",
        )

    def do_file_quit(self) -> None:
        self._window.close()

    # -- edit ------------------------------------------------------------------------------

    def do_edit_undo(self) -> None:
        label = self._window.document.undo()
        self._window.say(f"undone: {label}" if label else "there is nothing to undo")

    def do_edit_redo(self) -> None:
        label = self._window.document.redo()
        self._window.say(f"done again: {label}" if label else "there is nothing to redo")

    def do_edit_reset_values(self) -> None:
        exhibit = self._window.document.exhibit
        if exhibit is not None:
            self._window.change(exhibit.checked({}), "Reset all parameters")

    def do_edit_randomise(self) -> None:
        exhibit = self._window.document.exhibit
        if exhibit is None:
            return
        import numpy as np

        names = [
            name
            for name, row in exhibit.parameters.items()
            if row.group == "initial" and row.scale in ("linear", "log")
        ]
        if not names:
            self._window.say(f"'{exhibit.key}' has no initial state made of numbers")
            return
        # Deterministic from what is there, so that undo and a session reproduce it.
        values = self._window.document.values
        seed = abs(hash(tuple(float(values[name]) for name in names))) % 2**32
        noise = np.random.default_rng(seed).normal(size=len(names))
        changes: dict[str, Value] = {
            name: float(values[name]) + 1e-3 * max(1.0, abs(float(values[name]))) * float(shift)
            for name, shift in zip(names, noise, strict=True)
        }
        self._window.change(changes, "Perturb the initial state")

    def do_edit_equations(self) -> None:
        self._window.equations.edit()

    # -- run -------------------------------------------------------------------------------

    def do_run_toggle(self) -> None:
        self._window.set_running(not self._window.running)

    def do_run_step(self) -> None:
        self._window.set_running(False)
        self._window.host.step()

    def do_run_reset(self) -> None:
        window = self._window
        if window.document.exhibit is not None:
            window.host.open(window.document.exhibit, window.document.values, window.document.seed)
            window.stage.await_run()

    def do_run_faster(self) -> None:
        self._scale_speed(2.0)

    def do_run_slower(self) -> None:
        self._scale_speed(0.5)

    def do_run_search_chaos(self) -> None:
        self._window.chaos.toggle()

    def do_run_previous_find(self) -> None:
        self._window.chaos.step(-1)

    def do_run_next_find(self) -> None:
        self._window.chaos.step(1)

    def _scale_speed(self, factor: float) -> None:
        exhibit = self._window.document.exhibit
        if exhibit is None:
            return
        speed = self._window.document.speed * factor
        speed = min(max(speed, exhibit.pace.low), exhibit.pace.high)
        self._window.document.edit({("speed",): speed}, "Change speed")

    # -- view ------------------------------------------------------------------------------

    def do_view_palette(self) -> None:
        window = self._window
        if self._palette is None:
            self._palette = CommandPalette(window, window.tokens)
            self._palette.recent = list(window.preferences.palette_recent)
            self._palette.triggered.connect(self.trigger)
        self._palette.set_theme(window.tokens)
        self._palette.open_with(self.palette_commands())

    def palette_commands(self) -> list[Command]:
        """Every command, every exhibit, every preset and view, for the palette."""
        window = self._window
        commands = [
            Command(
                row.id,
                row.text,
                QKeySequence(row.shortcut).toString(QKeySequence.SequenceFormat.NativeText)
                if row.shortcut
                else "",
                row.hint,
                window.actions_by_id[row.id].isEnabled(),
            )
            for row in ACTIONS
            if row.id != "view.palette"
        ]
        commands += [
            Command(OPEN_PREFIX + entry.key, f"Open {entry.title}", "", entry.family)
            for entry in window.entries
        ]
        exhibit = window.document.exhibit
        if exhibit is not None:
            commands += [
                Command(f"preset:{number}", f"Preset: {preset.title}", "", preset.summary)
                for number, preset in enumerate(exhibit.presets)
            ]
        return commands

    def trigger(self, identifier: str) -> None:
        """Do what a palette entry names."""
        window = self._window
        if identifier in BY_ID:
            window.actions_by_id[identifier].trigger()
        elif identifier.startswith(OPEN_PREFIX):
            window.open(identifier.removeprefix(OPEN_PREFIX))
        elif identifier.startswith("preset:") and window.document.exhibit is not None:
            number = int(identifier.removeprefix("preset:"))
            window.use_preset(window.document.exhibit.presets[number])

    def do_view_search(self) -> None:
        self._window.catalogue.search()

    def do_view_surprise(self) -> None:
        self._window.browser.surprise()

    def do_view_browser(self, shown: bool = True) -> None:
        self._window.browser_dock.setVisible(shown)

    def do_view_parameters(self, shown: bool = True) -> None:
        self._window.parameter_dock.setVisible(shown)

    def do_view_inspector(self, shown: bool = True) -> None:
        self._window.inspector_dock.setVisible(shown)

    def do_view_equations(self, shown: bool = True) -> None:
        self._window.equations.show(shown)

    def do_view_chaos(self, shown: bool = True) -> None:
        self._window.chaos.show(shown)

    def do_view_theme(self, light: bool = False) -> None:
        self._window.set_theme("light" if light else "dark")

    def do_view_motion(self, motion: bool = True) -> None:
        window = self._window
        window.preferences.motion = motion
        set_motion(motion)
        for name, view in window.stage.views.items():
            if "turning" in view.settings:
                window.gallery.change(
                    name, {"turning": "on" if motion else "off"}, "Turn the attractor"
                )

    def do_view_full_screen(self, full: bool = True) -> None:
        if full:
            self._window.showFullScreen()
        else:
            self._window.showNormal()

    def do_view_reset_view(self) -> None:
        docks = self._window.workspace.docks
        if self._window.workspace.active in docks:
            docks[self._window.workspace.active].view.reset_view()

    def do_view_reset_layout(self) -> None:
        self._window.gallery.suggest()
        self._window.reset_layout()

    # -- help ------------------------------------------------------------------------------

    def do_help_citation(self) -> None:
        exhibit = self._window.document.exhibit
        if exhibit is None or not exhibit.references:
            self._window.say("this exhibit has no citation")
            return
        self.copy_text(exhibit.references[0].bibtex())

    def copy_text(self, text: str, words: str = "the citation is on the clipboard") -> None:
        """Put text on the clipboard and say so."""
        QGuiApplication.clipboard().setText(text)
        self._window.say(words)

    def do_help_claims(self) -> None:
        window = self._window
        exhibit = window.document.exhibit
        if exhibit is None or not exhibit.claims:
            window.say("this exhibit makes no claims that a run could check")
            return
        self._claims = []
        window.inspector_dock.show()
        window.inspector_dock.raise_()
        window.inspector.set_checking(True)
        seed = window.document.seed
        claims = exhibit.claims

        def work() -> str:
            passed = 0
            for claim in claims:
                if self._stop.is_set():
                    return ""
                result = check(exhibit.key, claim, seed)
                passed += result.passed
                self._claim_measured.emit(result)
            return f"{passed} of {len(claims)} claims hold"

        self.background(work)

    def _show_claim(self, result: ClaimResult) -> None:
        window = self._window
        if result.exhibit != window.document.key:
            return
        self._claims.append(result)
        window.inspector.set_claims(self._claims)

    def do_help_shortcuts(self) -> None:
        rows = "".join(
            f"<tr><td style='padding:2px 32px 2px 0'>{row.text}</td><td style='font-weight:600'>"
            f"{QKeySequence(row.shortcut).toString(QKeySequence.SequenceFormat.NativeText)}"
            "</td></tr>"
            for row in ACTIONS
            if row.shortcut
        )
        self._message("Keyboard shortcuts", f"<table>{rows}</table>")

    def do_help_about(self) -> None:
        from engine import __version__

        self._message(
            "About Phasescope",
            f"<p style='font-size:16px; font-weight:600'>Phasescope {__version__}</p>"
            "<p>A desktop explorer of dynamical systems and of "
            "the recurrent networks that learn them.</p><p>BSD-3-Clause licence. The typeface is "
            "Inter, under the SIL Open Font Licence.</p>",
        )

    def _message(self, title: str, text: str) -> None:
        box = QMessageBox(self._window)
        box.setWindowTitle(title)
        box.setText(text)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.open()

    def _folder(self) -> str:
        recent = self._window.preferences.recent
        return str(Path(recent[0]).parent) if recent else str(Path.home())
