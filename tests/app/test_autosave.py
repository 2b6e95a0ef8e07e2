"""Two autosaves roll, a clean exit leaves none, and a crash offers the newest whole one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.autosave import Autosave
from app.session_file import Session
from engine.files.atomic import ExportError


def sessions(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.phasescope"))


def crashed(folder: Path, *notes: str) -> None:
    """A process that autosaves and then dies without a word."""
    script = (
        "import os, sys\n"
        "from app.autosave import Autosave\n"
        "from app.session_file import Session\n"
        "autosave = Autosave(sys.argv[1])\n"
        "for note in sys.argv[2:]:\n"
        "    autosave.write(Session('lorenz', {'rho': 30.0}, notes=note))\n"
        "os._exit(9)\n"
    )
    done = subprocess.run([sys.executable, "-c", script, str(folder), *notes], check=False)
    assert done.returncode == 9


def test_two_roll_and_a_clean_exit_leaves_none(tmp_path: Path) -> None:
    autosave = Autosave(tmp_path / "autosaves")
    places = [autosave.write(Session("lorenz", notes=str(i))) for i in range(5)]
    assert len(sessions(autosave.folder)) == 2
    assert places[0] == places[2] == places[4]
    autosave.close()
    autosave.close()
    assert list(autosave.folder.iterdir()) == []
    after = Autosave(autosave.folder)
    assert after.candidates() == []
    after.close()


def test_after_a_crash_the_newest_is_offered_once(tmp_path: Path) -> None:
    crashed(tmp_path, "first", "second", "third")
    autosave = Autosave(tmp_path)
    offered = autosave.candidates()
    assert [candidate.session.notes for candidate in offered] == ["third"]
    assert offered[0].session.values == {"rho": 30.0}
    autosave.discard()
    assert autosave.candidates() == []
    autosave.close()
    assert list(tmp_path.iterdir()) == []


def test_where_the_newest_is_damaged_the_other_is_offered(tmp_path: Path) -> None:
    crashed(tmp_path, "first", "second")
    newest = max(sessions(tmp_path), key=lambda path: path.stat().st_mtime_ns)
    newest.write_bytes(newest.read_bytes()[:100])
    os.utime(newest)
    autosave = Autosave(tmp_path)
    assert [candidate.session.notes for candidate in autosave.candidates()] == ["first"]
    autosave.close()


def test_a_window_that_still_runs_is_left_alone(tmp_path: Path) -> None:
    running, other = Autosave(tmp_path), Autosave(tmp_path)
    running.write(Session("lorenz"))
    assert other.candidates() == []
    other.discard()
    other.close()
    assert len(sessions(tmp_path)) == 1
    running.close()


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ExportError, match="autosaves cannot be kept there"):
        Autosave(tmp_path / "file" / "autosaves")
