"""The mapping of systems: lazy, with a person's own files beside the built-in ones."""

from __future__ import annotations

import logging
import os
from pathlib import Path

import pytest

from engine.errors import FileFormatError, UnknownKeyError
from engine.systems import Systems, key_of, own_folder

DECAY = 'title = "{title}"\nkind = "flow"\n[variables]\nx = 1\n[equations]\nx = "{equation}"\n'


def write(folder: Path, name: str, title: str = "Decay", equation: str = "-x") -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}.toml"
    path.write_text(DECAY.format(title=title, equation=equation))
    return path


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    built_in, own = tmp_path / "built-in", tmp_path / "own"
    write(built_in, "decay")
    write(built_in, "growth", "Growth", "x")
    return built_in, own


def test_keys_are_file_names_and_files_are_read_once(folders: tuple[Path, Path]) -> None:
    found = Systems(folders)
    assert list(found) == ["decay", "growth"]
    assert len(found) == 2
    assert "decay" in found
    assert "lorenz" not in found
    assert found["growth"].title == "Growth"
    assert found["growth"] is found["growth"]
    assert found.header("growth").title == "Growth"


def test_an_unknown_key_is_answered_with_close_ones(folders: tuple[Path, Path]) -> None:
    found = Systems(folders)
    for ask in (found.__getitem__, found.header):
        with pytest.raises(UnknownKeyError, match="did you mean growth"):
            ask("grwth")


def test_own_files_come_beside_and_before_built_in_ones(folders: tuple[Path, Path]) -> None:
    write(folders[1], "My Own_system 2", "Mine")
    write(folders[1], "decay", "My decay")
    found = Systems(folders)
    assert set(found) == {"decay", "growth", "my-own-system-2"}
    assert found["my-own-system-2"].key == "my-own-system-2"
    assert found["decay"].title == "My decay"


def test_a_broken_own_file_hides_no_other(
    folders: tuple[Path, Path], caplog: pytest.LogCaptureFixture
) -> None:
    write(folders[1], "broken", equation="-q")
    write(folders[1], "sound", "Sound")
    with caplog.at_level(logging.WARNING):
        found = Systems(folders)
    assert "broken.toml" in caplog.text
    assert [system.title for system in found.values()] == ["Decay", "Growth", "Sound"]
    with pytest.raises(FileFormatError, match="unknown name 'q'"):
        found["broken"]


def test_an_own_file_that_changed_is_read_again(folders: tuple[Path, Path]) -> None:
    path = write(folders[1], "mine", "First")
    found = Systems(folders)
    first = found["mine"]
    assert found["mine"] is first
    write(folders[1], "mine", "Second")
    os.utime(path, (1, 1))
    assert found["mine"].title == "Second"
    write(folders[1], "newer")
    assert "newer" not in found
    found.refresh()
    assert "newer" in found
    path.unlink()
    found.refresh()
    assert "mine" not in found


def test_the_own_folder_lies_in_the_home_of_the_program(own_home: Path) -> None:
    assert own_folder() == own_home / "systems"


@pytest.mark.parametrize(
    ("name", "key"),
    [("Van der Pol", "van-der-pol"), ("a_b", "a-b"), ("Rössler", "r-ssler"), ("---", "untitled")],
)
def test_keys_are_kebab_case(name: str, key: str) -> None:
    assert key_of(name) == key
