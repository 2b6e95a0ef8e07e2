"""A guided tour of the window that leaves files: for machines without a screen, and as proof.

The window is opened as a person would open it, rho is dragged with the mouse, the orbit
diagram is waited for, and a screenshot, a figure in three formats and a trajectory in three
are written. Where there is no display a virtual one is used.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from app import display
from engine.errors import PhasescopeError

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from app.window import MainWindow

SCREEN = "-screen 0 1600x1000x24 +extension GLX"
PATIENCE = 90.0
"""Seconds that anything may take, the first compilation included."""


def run(out: str) -> int:
    """Take the tour; the exit status.

    Parameters
    ----------
    out : str
        Folder for the files; made where it does not exist.
    """
    folder = Path(out)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise PhasescopeError(f"the folder '{out}' cannot be made: {error.strerror}") from None
    if display.problem():
        if shutil.which("xvfb-run"):
            main = Path(__file__).resolve().parent.parent / "main.py"
            return subprocess.call(
                ["xvfb-run", "-a", "-s", SCREEN, sys.executable, str(main), "tour", "--out", out]
            )
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    # A tour starts from scratch, whatever was open last, and leaves no trace of itself.
    with tempfile.TemporaryDirectory(prefix="phasescope-tour-") as own:
        before = os.environ.get("PHASESCOPE_HOME")
        os.environ["PHASESCOPE_HOME"] = own
        try:
            return _tour(folder)
        finally:
            if before is None:
                del os.environ["PHASESCOPE_HOME"]
            else:
                os.environ["PHASESCOPE_HOME"] = before


def _tour(folder: Path) -> int:
    from app.application import launch

    began = time.perf_counter()
    app, window = launch([])
    try:
        _wait(app, lambda: _rows(window) >= 1000, "the first orbit")
        print(
            f"the window is open, with its first picture after {time.perf_counter() - began:.1f} s"
        )
        window.set_running(False)
        moves = drag(app, window, "rho", 20.0, 30.0)
        rho = float(window.document.values["rho"])
        print(f"rho was dragged from 20 to {rho:.4g} in {moves} moves of its slider")
        _wait(app, lambda: not window.scheduler.busy_with and _diagram(window), "the orbit diagram")
        print("the orbit diagram is computed")
        _settle(app, 1.0)
        written = _export(app, window, folder)
    finally:
        window.close()
        app.processEvents()
    for path in written:
        print(path)
    missing = [path for path in written if not path.exists() or path.stat().st_size == 0]
    if missing:
        print(f"not written: {', '.join(map(str, missing))}", file=sys.stderr)
    return 1 if missing else 0


def drag(
    app: QApplication, window: MainWindow, name: str, start: float, stop: float, moves: int = 40
) -> int:
    """Drag a parameter's slider with the mouse from one value to another; moves made."""
    from PySide6.QtCore import QPoint, Qt
    from PySide6.QtTest import QTest

    from widgets.slider import NumberSlider

    window.change({name: start}, f"Change {name}")
    app.processEvents()
    slider = window.findChild(NumberSlider, f"parameter.{name}")
    if slider is None:
        raise PhasescopeError(f"the window shows no slider called 'parameter.{name}'")
    first, last = slider.point_of(start).x(), slider.point_of(stop).x()
    y = slider.height() // 2
    QTest.mousePress(slider, Qt.MouseButton.LeftButton, pos=QPoint(first, y))
    for move in range(1, moves + 1):
        QTest.mouseMove(slider, QPoint(first + round((last - first) * move / moves), y))
        _settle(app, 1 / 60)
    QTest.mouseRelease(slider, Qt.MouseButton.LeftButton, pos=QPoint(last, y))
    # A pixel of the slider is more than the digits of the value: finish in the number box.
    window.change({name: stop}, f"Change {name}")
    _settle(app, 0.1)
    return moves


def _export(app: QApplication, window: MainWindow, folder: Path) -> list[Path]:
    from app.export import DataChoice, FigureChoice

    screenshot = folder / "window.png"
    window.commands.save_screenshot(str(screenshot))
    written = [screenshot]
    for suffix in ("png", "svg", "pdf"):
        path = folder / f"lorenz.{suffix}"
        window.commands.export_figure(FigureChoice("attractor", str(path)))
        written.append(path)
    for suffix in ("csv", "npz", "h5"):
        path = folder / f"lorenz.{suffix}"
        window.commands.export_data(DataChoice("orbit", str(path)))
        written.append(path)
    for path in written:
        _wait(app, path.exists, str(path))
    return written


def _rows(window: MainWindow) -> int:
    rows = window.host.snapshot("orbit").result(PATIENCE)
    return 0 if rows is None else len(rows)


def _diagram(window: MainWindow) -> bool:
    return "orbit_diagram" in window.stage.done


def _wait(app: QApplication, condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            raise PhasescopeError(f"{what} did not appear within {PATIENCE:.0f} s")
        app.processEvents()
        time.sleep(0.005)


def _settle(app: QApplication, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        app.processEvents()
        time.sleep(0.002)
