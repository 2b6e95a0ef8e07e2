"""What every test may rely on: its own home folder, and nothing left running behind it."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# A busy machine is no reason to fail: time is measured in benchmarks, never in tests.
settings.register_profile("calm", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("calm")


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Preferences, sessions and autosaves of a test stay in its own folder."""
    home = tmp_path / "home"
    monkeypatch.setenv("PHASESCOPE_HOME", str(home))
    return home


@pytest.fixture(autouse=True)
def no_thread_left() -> Iterator[None]:
    """A test that leaves a thread of ours running fails."""
    before = set(threading.enumerate())
    yield
    if (core := sys.modules.get("PySide6.QtCore")) is not None:
        # No event loop runs between tests, and only such a loop deletes what asked for it.
        core.QCoreApplication.sendPostedEvents(None, core.QEvent.Type.DeferredDelete)
    deadline = time.monotonic() + 5.0
    while left := [
        thread
        for thread in threading.enumerate()
        if thread not in before
        and thread.is_alive()
        and thread.name.startswith(("engine", "background"))
    ]:
        if time.monotonic() > deadline:
            pytest.fail(f"threads left running: {[thread.name for thread in left]}")
        left[0].join(0.05)


def pytest_configure() -> None:
    """Without a screen Qt draws off it; tests that need OpenGL say so with a marker."""
    if not os.environ.get("DISPLAY") and not os.environ.get("WAYLAND_DISPLAY"):
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
