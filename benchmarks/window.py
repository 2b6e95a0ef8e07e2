"""Runs `window_probe` in a process of its own, on a virtual screen where there is no other."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
SCREEN = "-screen 0 1600x1000x24 +extension GLX"


def probe(what: str, cache: str | None = None) -> dict[str, Any]:
    """What the probe measured.

    Parameters
    ----------
    what : str
        ``startup`` or ``slider``.
    cache : str, optional
        Folder of compiled kernels; the person's own where absent.

    Raises
    ------
    RuntimeError
        If the window could not be measured.
    """
    command = [sys.executable, "-m", "benchmarks.window_probe", what]
    if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")) and shutil.which(
        "xvfb-run"
    ):
        command = ["xvfb-run", "-a", "-s", SCREEN, *command]
    with tempfile.TemporaryDirectory(prefix="phasescope-bench-") as home:
        env = {**os.environ, "PHASESCOPE_HOME": home}
        # A person's interpreter keeps its bytecode: warm means that too.
        env.pop("PYTHONDONTWRITEBYTECODE", None)
        if cache is not None:
            env["PHASESCOPE_CACHE"] = env["NUMBA_CACHE_DIR"] = cache
        answer = subprocess.run(
            command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=400, check=False
        )
    lines = answer.stdout.strip().splitlines()
    if answer.returncode != 0 or not lines:
        raise RuntimeError(f"the window could not be measured: {answer.stderr[-400:]}")
    measured: dict[str, Any] = json.loads(lines[-1])
    return measured
