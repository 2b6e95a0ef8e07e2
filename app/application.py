"""Starts the application: Qt's attributes, theme, the window, what was open last time."""

from __future__ import annotations

import ctypes
import faulthandler
import logging
import os
import sys
import time
import traceback
from collections.abc import Sequence
from types import TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from app.window import MainWindow

log = logging.getLogger(__name__)

STARTED = time.perf_counter()
FIRST_EXHIBIT = "lorenz"


def launch(argv: Sequence[str] = ()) -> tuple[QApplication, MainWindow]:
    """Open the window without entering the event loop.

    Parameters
    ----------
    argv : sequence of str
        At most one session file to open.

    Returns
    -------
    tuple
        The application and its window, shown.
    """
    from PySide6.QtCore import Qt
    from PySide6.QtWidgets import QApplication

    # Painting takes and gives the interpreter hundreds of times a frame; with the usual 5 ms
    # each of them may wait that long for the engine thread.
    sys.setswitchinterval(0.0002)
    _keep_memory()
    existing = QApplication.instance()
    if isinstance(existing, QApplication):
        app = existing
    else:
        # Where graphics are drawn in software, one core is left to the engine.
        os.environ.setdefault("LP_NUM_THREADS", str(max(1, (os.cpu_count() or 2) - 1)))
        # Without it a floated dock loses its OpenGL context and goes blank.
        QApplication.setAttribute(Qt.ApplicationAttribute.AA_ShareOpenGLContexts)
        app = QApplication([sys.argv[0] or "phasescope"])
    app.setApplicationName("phasescope")
    app.setApplicationDisplayName("Phasescope")
    app.setDesktopFileName("phasescope")

    from app.preferences import Preferences
    from app.window import MainWindow
    from engine.catalogue import catalogue
    from engine.look import tokens
    from widgets import icons, theme

    app.setWindowIcon(icons.application_icon())
    preferences = Preferences.load()
    theme.apply(app, tokens(preferences.theme))
    window = MainWindow(catalogue(), preferences)
    window.resize(1440, 900)
    if preferences.geometry:
        window.layout_keeper.restore({"geometry": preferences.geometry})
    window.set_entries()
    window.show()
    window.reset_layout()
    if argv:
        window.keeper.open_file(argv[0])
    elif not window.keeper.restore_last():
        window.open(FIRST_EXHIBIT)
        window.document.history.clear()
        window.document.modified = False
    window.set_running(os.environ.get("PHASESCOPE_STILL") != "1")
    if words := _refused():
        window.say(words)
    return app, window


def _refused() -> str:
    """A sentence on the person's own system files that cannot be used; empty where all can."""
    from engine.systems import systems

    refused = list(systems().refused.values())
    if not refused:
        return ""
    # The line with the caret needs lines of its own; it stands in the log.
    first = str(refused[0]).partition("\n")[0]
    more = f" ({len(refused) - 1} more in the log)" if len(refused) > 1 else ""
    return f"a system file was left out: {first}{more}"


def _keep_memory() -> None:
    """Have the C library keep freed memory for the next frame, where it can be told to.

    An orbit of 100,000 rows is 3 MB, made and dropped at every move of a slider; given back to
    the system each time, most of its cost would be the system handing it out again.
    """
    trim_threshold, mmap_threshold = -1, -3  # glibc's numbers, from malloc.h
    try:
        library = ctypes.CDLL(None)
        library.mallopt(mmap_threshold, 64 << 20)
        library.mallopt(trim_threshold, 256 << 20)
    except (AttributeError, OSError, TypeError):
        # Another C library: it works as well, only slower.
        return


def run(argv: Sequence[str] = ()) -> int:
    """Open the window and stay until it is closed; the exit status."""
    faulthandler.enable()
    app, window = launch(argv)
    sys.excepthook = _report_crash
    window.keeper.offer_recovery()
    return app.exec()


def _report_crash(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """Say what went wrong in a dialog that can be copied; the window goes on."""
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    details = "".join(traceback.format_exception(kind, error, trace))
    log.error("unexpected error\n%s", details)
    from PySide6.QtWidgets import QMessageBox

    box = QMessageBox(
        QMessageBox.Icon.Warning,
        "Phasescope",
        "Something went wrong that should not have. Your work is still open; "
        "saving it now is a good idea.",
    )
    box.setInformativeText(f"{kind.__name__}: {error}")
    box.setDetailedText(details)
    box.exec()
