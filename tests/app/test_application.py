"""The start: what is wrong with a person's own files is said, and nothing keeps it from opening."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

import app

SCRIPT = """
import logging, sys
import app
_, window = app.launch([])
print(window.document.key)
print(window.status_line.message.text())
window.open("henon")
print(window.document.key)
window.close()
print(window.scheduler.closed)
"""


def start(**environment: str) -> list[str]:
    """Open a window in a process of its own; the lines that it prints."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout.splitlines()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs /proc")
def test_a_broken_own_system_is_said_and_no_cache_is_needed(own_home: Path) -> None:
    (own_home / "systems").mkdir(parents=True)
    (own_home / "systems" / "mine.toml").write_text("title = ", encoding="utf-8")
    shown, words, later, closed = start(PHASESCOPE_CACHE="/proc/nowhere")
    assert (shown, later, closed) == ("lorenz", "henon", "True")
    assert words.startswith("a system file was left out: ")
    assert "mine.toml" in words


@pytest.mark.parametrize("name", ["preferences.json", "last.phasescope"])
@pytest.mark.parametrize("content", [b"{", b"\xff\xfe\x00", b'{"theme": 7, "views": 3}'])
def test_a_damaged_file_of_ours_does_not_keep_it_from_opening(
    qtbot: QtBot, own_home: Path, name: str, content: bytes
) -> None:
    own_home.mkdir(parents=True)
    (own_home / name).write_bytes(content)
    _, window = app.launch([])
    try:
        assert window.document.key == "lorenz"
        assert window.tokens.name == "dark"
    finally:
        window.close()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs /proc")
def test_a_home_that_cannot_be_written_does_not_keep_it_from_opening(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PHASESCOPE_HOME", "/proc/nowhere")
    _, window = app.launch([])
    try:
        window.keeper.autosave()
        window.open("henon")
        assert window.document.key == "henon"
    finally:
        window.close()
