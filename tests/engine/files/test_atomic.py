"""A file is the old one or the whole new one, and what goes wrong is one sentence."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from engine.files.atomic import ExportError, check_place, replacing, suffix_of, write_bytes


def test_a_failed_block_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    write_bytes(path, b"old")
    places = []

    def half_written() -> None:
        with replacing(path) as temporary:
            places.append(temporary)
            temporary.write_bytes(b"half")
            raise KeyError

    with pytest.raises(KeyError):
        half_written()
    assert places[0].parent == tmp_path
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_block_that_succeeds_replaces_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    write_bytes(path, b"old")
    write_bytes(path, b"new", durable=True)
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(os.name == "nt", reason="POSIX permissions")
def test_the_file_has_the_permissions_of_any_new_file(tmp_path: Path) -> None:
    (tmp_path / "plain.txt").write_text("a")
    write_bytes(tmp_path / "ours.txt", b"a")
    assert (tmp_path / "ours.txt").stat().st_mode == (tmp_path / "plain.txt").stat().st_mode


@pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real.txt").write_text("old")
    (tmp_path / "link.txt").symlink_to(tmp_path / "real.txt")
    write_bytes(tmp_path / "link.txt", b"new")
    assert (tmp_path / "link.txt").is_symlink()
    assert (tmp_path / "real.txt").read_text() == "new"


def test_places_that_cannot_be_written_are_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("a")
    (tmp_path / "folder.csv").mkdir()
    cases = [
        (tmp_path / "none" / "a.csv", "does not exist"),
        (tmp_path / "file" / "a.csv", "a file, not a folder"),
        (tmp_path / "folder.csv", "a folder of that name"),
        (tmp_path / ("a" * 300 + ".csv"), "too long"),
        (Path(os.devnull), "a device"),
    ]
    for path, says in cases:
        with pytest.raises(ExportError, match=says) as caught:
            write_bytes(path, b"a")
        assert str(path) in str(caught.value)
        assert "\n" not in str(caught.value)


def test_a_suffix_is_read_whatever_its_case() -> None:
    assert suffix_of("A.PDF", (".pdf", ".svg")) == ".pdf"
    with pytest.raises(ExportError, match=r"\.pdf or \.svg"):
        suffix_of("a.gif", (".pdf", ".svg"))


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs /proc and /dev/full")
def test_a_folder_that_takes_no_files_is_not_said_to_be_missing() -> None:
    with pytest.raises(ExportError, match="no file can be made in the folder '/proc'"):
        write_bytes("/proc/orbit.csv", b"x")
    with pytest.raises(ExportError, match="is a device"):
        write_bytes("/dev/full", b"x")


def test_a_place_is_checked_before_the_content_is_made(tmp_path: Path) -> None:
    kept = tmp_path / "kept.csv"
    kept.write_text("1")
    check_place(kept)
    check_place(tmp_path / "new.csv")
    assert {path.name for path in tmp_path.iterdir()} == {"kept.csv"}
    assert kept.read_text() == "1"
    for bad in (tmp_path, tmp_path / "missing" / "a.csv"):
        with pytest.raises(ExportError):
            check_place(bad)
