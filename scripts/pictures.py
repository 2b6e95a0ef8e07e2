"""Takes the pictures of the window in the README: both themes, at 1440 by 900.

Usage::

    python scripts/pictures.py [FOLDER] [--size 1440x900]

On a machine without a screen a virtual one is used.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

# name, theme, exhibit, parameter values
PICTURES: tuple[tuple[str, str, str, dict[str, Any]], ...] = (
    ("window-dark", "dark", "lorenz", {}),
    ("window-light", "light", "rossler", {}),
    ("logistic-dark", "dark", "logistic", {}),
    ("van-der-pol-light", "light", "van-der-pol", {}),
    ("automaton-dark", "dark", "edge-of-chaos-eca", {}),
    ("deep-linear-light", "light", "deep-linear-exact", {}),
    ("catalogue-dark", "dark", "aizawa", {"browser": "chaotic"}),
    ("editor-light", "light", "halvorsen", {"editor": "error"}),
    ("zoo-dark", "dark", "dysts-zoo", {}),
    ("mackey-glass-dark", "dark", "mackey-glass", {}),
    ("lorenz-96-light", "light", "lorenz-96", {}),
)
# key, view: six systems in one picture
SHEET = (
    ("thomas", "attractor"),
    ("mackey-glass", "attractor"),
    ("halvorsen", "attractor"),
    ("clifford", "attractor"),
    ("lorenz-96", "field"),
    ("aizawa", "attractor"),
)


def main() -> int:
    parser = argparse.ArgumentParser(description="Takes the pictures of the window.")
    parser.add_argument("folder", nargs="?", default=str(ROOT / "assets" / "pictures"))
    parser.add_argument("--size", default="1440x900")
    parser.add_argument("--only", default="", help="the name of one picture")
    parser.add_argument("--seconds", type=float, default=6.0)
    arguments = parser.parse_args()
    if not os.environ.get("DISPLAY") and sys.platform.startswith("linux"):
        if not shutil.which("xvfb-run"):
            print("there is no display and no xvfb-run; install the package xvfb", file=sys.stderr)
            return 2
        screen = "-screen 0 3840x2160x24 +extension GLX"
        return subprocess.call(["xvfb-run", "-a", "-s", screen, sys.executable, *sys.argv])
    width, height = (int(part) for part in arguments.size.split("x"))
    folder = Path(arguments.folder)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="phasescope-pictures-") as home:
        os.environ["PHASESCOPE_HOME"] = home
        if arguments.only in ("", "systems-dark"):
            draw_sheet(folder / "systems-dark.png")
        take(folder, width, height, arguments.only, arguments.seconds)
    return 0


def draw_sheet(path: Path) -> None:
    """Six systems side by side, drawn as figures are."""
    import matplotlib.image
    import numpy as np

    with tempfile.TemporaryDirectory(prefix="phasescope-sheet-") as scratch:
        pictures = []
        for key, view in SHEET:
            file = Path(scratch) / f"{key}.png"
            size = ["--size", "110x82mm", "--dpi", "110", "--font-size", "8", "--theme", "dark"]
            main_file = [sys.executable, str(ROOT / "main.py")]
            words = [*main_file, "figure", key, "--view", view, *size, "--out", str(file)]
            subprocess.run(words, check=True, cwd=ROOT)
            pictures.append(matplotlib.image.imread(file))
        height = min(picture.shape[0] for picture in pictures)
        width = min(picture.shape[1] for picture in pictures)
        cells = [picture[:height, :width] for picture in pictures]
        rows = [np.hstack(cells[i : i + 3]) for i in (0, 3)]
        matplotlib.image.imsave(path, np.vstack(rows))
    print(path)


def take(folder: Path, width: int, height: int, only: str, seconds: float) -> None:
    """Open each exhibit, let it settle, and save the window as it stands."""
    from app import launch

    app, window = launch([])
    window.resize(width, height)
    for name, theme, exhibit, values in PICTURES:
        if only and name != only:
            continue
        window.set_theme(theme)
        window.open(exhibit)
        window.reset_layout()
        if "browser" in values:
            window.browser.search.setText(values["browser"])
        if "editor" in values:
            show_editor(window)
        window.set_running(True)
        wait(app, lambda: False, seconds)
        wait(app, lambda: not window.scheduler.busy_with, 30.0)
        window.set_running(False)
        wait(app, lambda: False, 0.7)
        path = folder / f"{name}.png"
        screen = app.primaryScreen()
        # From the screen: a picture of the widgets alone would leave OpenGL out.
        picture = screen.grabWindow(0, window.x(), window.y(), window.width(), window.height())
        picture.save(str(path))
        print(path)
    window.close()


def show_editor(window: Any) -> None:
    """Open the equation editor and mistype a name."""
    window.actions_by_id["view.equations"].trigger()
    text = window.equation_editor.text
    text.setPlainText(text.toPlainText().replace("y^2", "yy^2", 1))


def wait(app: Any, condition: Callable[[], bool], seconds: float) -> None:
    """Run the event loop until `condition` holds or the time is over."""
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        app.processEvents()
        time.sleep(0.003)


if __name__ == "__main__":
    sys.exit(main())
