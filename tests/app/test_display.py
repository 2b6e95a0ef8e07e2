"""A display is looked for before Qt, which ends the process where there is none."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from app import display

ROOT = Path(__file__).resolve().parents[2]
NAMES = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM", "XDG_RUNTIME_DIR")
pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="X11 and Wayland")


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)


def test_none_is_named() -> None:
    assert display.problem() == "there is no display to open a window on"


@pytest.mark.parametrize("name", [":9876", "unix:9876.0", "localhost:59000", ":x", "nonsense"])
def test_one_is_named_and_nobody_listens(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("DISPLAY", name)
    assert display.problem() == f"the display '{name}' cannot be reached"


def test_somebody_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    # pytest's own folders have names longer than a socket's path may be.
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as server:
        server.bind(f"{folder}/wayland-0")
        server.listen()
        monkeypatch.setenv("XDG_RUNTIME_DIR", folder)
        monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
        assert display.problem() == ""
        monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-1")
        assert "wayland-1" in display.problem()


def test_a_platform_that_draws_off_the_screen_needs_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    assert display.problem() == ""


@pytest.mark.parametrize("extra", [{}, {"DISPLAY": ":9876"}])
def test_the_window_is_refused_in_one_sentence(extra: dict[str, str]) -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "main.py")],
        env={name: value for name, value in os.environ.items() if name not in NAMES} | extra,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert "tour --out" in done.stderr
