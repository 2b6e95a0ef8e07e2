"""Measures the window from inside, in a process of its own; prints one JSON object.

Run by the ``slider`` and ``startup`` benchmarks under a virtual screen. Not a benchmark itself.
"""

from __future__ import annotations

import json
import math
import os
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from app.window import MainWindow

MOVES_A_SECOND = 60.0
SECONDS = 6.0
FROM, TO = 2.0, 198.0
"""Far enough apart that nearly every move lands on a pixel, and so a value, of its own."""
IDLE_SECONDS = 5.0
EDITS = 12


def pump(app: QApplication, condition: Callable[[], Any], seconds: float) -> None:
    """Run the event loop until `condition` holds."""
    deadline = time.perf_counter() + seconds
    while not condition() and time.perf_counter() < deadline:
        app.processEvents()
        time.sleep(0.001)


def resident_megabytes() -> float:
    """Memory of this process that is in use, in MB."""
    with open("/proc/self/status") as file:
        for line in file:
            if line.startswith("VmRSS"):
                return int(line.split()[1]) / 1024
    return 0.0


def age() -> float:
    """Seconds since this process was started, the interpreter's own start included."""
    with open("/proc/self/stat") as file:
        # The name in brackets may hold anything; the start is the 20th field after it.
        ticks = int(file.read().rpartition(")")[2].split()[19])
    with open("/proc/uptime") as file:
        return float(file.read().split()[0]) - ticks / os.sysconf("SC_CLK_TCK")


def startup() -> dict[str, Any]:
    """Seconds to the first picture, memory when idle, and whether torch came along."""
    began = time.time() - age()
    import app as application

    app, window = application.launch([])
    given: list[float] = []
    shown: list[float] = []
    view = next(v for v in window.stage.views.values() if v.kind == "attractor")
    original = view.show_picture

    def show(picture: Any) -> None:
        original(picture)
        given.append(time.time())

    def drawn(seconds: float) -> None:
        # An empty box drawn before is no picture.
        if given and time.time() - seconds >= given[0]:
            shown.append(time.time())

    view.show_picture = show  # type: ignore[method-assign]
    view._surface.drawn.connect(drawn)  # type: ignore[attr-defined]
    pump(app, lambda: shown, 60.0)
    app.processEvents()
    seconds = shown[0] - began if shown else math.inf
    window.set_running(False)
    pump(app, lambda: False, IDLE_SECONDS)
    found = {
        "seconds": seconds,
        "megabytes": resident_megabytes(),
        "torch": "torch" in sys.modules,
    }
    window.close()
    return found


def opening() -> dict[str, Any]:
    """Seconds from asking for an exhibit to the first picture of its main view, for a sample."""
    from PySide6.QtCore import QCoreApplication, QEvent

    import app as application
    import engine

    app, window = application.launch([])
    pump(app, lambda: window.stage.done, 60.0)
    pump(app, lambda: False, 1.0)
    seconds = {}
    for key in _sample(engine.systems()):
        began = time.perf_counter()
        window.open(key)
        first = next(iter(window.document.views))
        pump(app, lambda first=first: first in window.stage.pictured, 20.0)
        shown = first in window.stage.pictured
        app.processEvents()
        seconds[key] = (time.perf_counter() if shown else math.inf) - began
        # What a running loop does by itself: views of the exhibit before are deleted.
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        pump(app, lambda: False, 0.3)
    window.close()
    return seconds


def _sample(systems: Any) -> list[str]:
    """Every twelfth system, so that all families are among them."""
    return sorted(systems, key=lambda key: (systems.header(key).family, key))[::12]


def editor() -> dict[str, Any]:
    """Seconds of every key typed into equations, and from a finished edit to its first picture."""
    from PySide6.QtTest import QTest

    import app as application

    app, window = application.launch([])
    pump(app, lambda: window.stage.done, 60.0)
    window.actions_by_id["file.new-system"].trigger()
    pump(app, lambda: False, 4.0)
    text = window.equation_editor.text
    keys: list[float] = []
    pictures = []
    length = 0
    for edit in range(EDITS):
        lines = window.equation_editor.content.split("\n")
        row = next(i for i, line in enumerate(lines) if line.startswith("y' ="))
        cursor = text.textCursor()
        block = text.document().findBlockByNumber(row)
        # What the edit before typed is typed over.
        length = length or len(lines[row])
        cursor.setPosition(block.position() + length)
        cursor.movePosition(cursor.MoveOperation.EndOfBlock, cursor.MoveMode.KeepAnchor)
        text.setTextCursor(cursor)
        runs = window.host._generation
        # Another number every time, so that nothing of it was compiled before.
        number = f"{(time.time_ns() % 10**7 + edit) / 10**8:.8f}"
        for letter in f" + {number}*sin(x)":
            began = time.perf_counter()
            QTest.keyClick(text, letter)
            app.processEvents()
            keys.append(time.perf_counter() - began)
            pump(app, lambda: False, 0.01)
        began = time.perf_counter()
        # A run of the finished text, then the first picture of it and not of the one before.
        pump(app, lambda runs=runs: window.host._generation > runs, 10.0)
        first = next(iter(window.document.views))
        window.host.take(first)
        window.stage.pictured.discard(first)
        pump(app, lambda first=first: first in window.stage.pictured, 10.0)
        shown = first in window.stage.pictured
        pictures.append((time.perf_counter() if shown else math.inf) - began)
        pump(app, lambda: False, 1.0)
    window.close()
    return {"keys": keys, "pictures": pictures}


def slider() -> dict[str, Any]:
    """Latencies of a drag of rho at 60 moves (at least) a second over a 100,000-step attractor."""
    from PySide6.QtCore import QPoint, Qt, QTimer
    from PySide6.QtTest import QTest

    import app as application

    app, window = application.launch([])
    window.resize(1440, 900)
    # The orbit, the kernels of the second tier and the diagram are there before it begins.
    pump(app, lambda: "orbit_diagram" in window.stage.done, 60.0)
    pump(app, lambda: False, 4.0)
    rows = window.host.snapshot("orbit").result(30)
    slider = window.parameters.row("rho").slider
    assert slider is not None
    y = slider.height() // 2
    draws = _watch_draws(window)
    window.host.latencies = []
    window.stage.view_times = []
    beats: list[tuple[float, float]] = []
    last = time.perf_counter()

    def beat() -> None:
        nonlocal last
        now = time.perf_counter()
        beats.append((last, now))
        last = now

    left, right = slider.point_of(FROM).x(), slider.point_of(TO).x()
    moves = int(MOVES_A_SECOND * SECONDS)
    made = 0

    def move() -> None:
        nonlocal made
        made += 1
        share = abs(2.0 * made / moves - 1.0)
        QTest.mouseMove(slider, QPoint(round(right + (left - right) * share), y))
        if made == moves:
            app.exit()

    # The application's own loop, so that nothing of the measurement keeps it busy.
    hand, heart = QTimer(), QTimer()
    for timer, milliseconds, slot in ((hand, 1000 / MOVES_A_SECOND, move), (heart, 2, beat)):
        timer.setTimerType(Qt.TimerType.PreciseTimer)
        timer.setInterval(int(milliseconds))
        timer.timeout.connect(slot)
    QTest.mousePress(slider, Qt.MouseButton.LeftButton, pos=slider.point_of(FROM))
    last = time.perf_counter()
    hand.start()
    heart.start()
    app.exec()
    hand.stop()
    heart.stop()
    QTest.mouseRelease(slider, Qt.MouseButton.LeftButton, pos=slider.point_of(FROM))
    latencies, views = list(window.host.latencies), list(window.stage.view_times)
    window.host.latencies = window.stage.view_times = None
    gaps = []
    for start, stop in beats:
        drawing = sum(max(0.0, min(stop, b) - max(start, a)) for a, b in draws)
        gaps.append(stop - start - drawing)
    window.close()
    return {
        "rows": 0 if rows is None else len(rows),
        "moves": moves,
        "latency": [1000 * value for value in latencies],
        "views": [1000 * value for value in views],
        "gaps": [1000 * value for value in gaps],
        "draws": [1000 * (b - a) for a, b in draws],
    }


def _watch_draws(window: MainWindow) -> list[tuple[float, float]]:
    """Begin and end of every OpenGL drawing from now on."""
    spans: list[tuple[float, float]] = []
    for view in window.stage.views.values():
        surface = getattr(view, "_surface", None) if getattr(view, "opengl", False) else None
        if surface is not None:
            surface.drawn.connect(
                lambda seconds: spans.append((time.perf_counter() - seconds, time.perf_counter()))
            )
    return spans


if __name__ == "__main__":
    probes = {"startup": startup, "slider": slider, "opening": opening, "editor": editor}
    print(json.dumps(probes[sys.argv[1]]()))
