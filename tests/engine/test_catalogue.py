"""The catalogue finds what is there by name, loads it when asked, and survives plug-ins."""

from __future__ import annotations

import logging
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from engine.catalogue import Catalogue, built_in_modules, catalogue, plug_ins
from engine.errors import FileFormatError, UnknownKeyError
from engine.exhibit import Exhibit
from engine.exhibits.lattices.edge_of_chaos_eca import EXHIBIT
from engine.look import ASSETS
from engine.systems import Systems, systems


class Point:
    """An entry point as ``importlib.metadata`` has them."""

    def __init__(self, name: str, value: Any) -> None:
        self.name = name
        self._value = value

    def load(self) -> Any:
        if isinstance(self._value, Exception):
            raise self._value
        return self._value


def test_systems_and_exhibits_are_all_there_under_their_own_keys() -> None:
    found = catalogue()
    assert {"edge-of-chaos-eca", "deep-linear-exact", *systems()} <= set(found)
    assert len(found) == len(list(found))
    for key, exhibit in found.items():
        assert isinstance(exhibit, Exhibit)
        assert exhibit.key == key
        assert exhibit.title
        assert exhibit.summary
        assert exhibit.family


def test_the_same_exhibit_every_time() -> None:
    assert catalogue()["lorenz"] is catalogue()["lorenz"]
    assert catalogue()["edge-of-chaos-eca"] is EXHIBIT


def test_a_mistyped_key_is_answered_with_the_nearest() -> None:
    with pytest.raises(UnknownKeyError, match=r"no exhibit 'lorentz'.*'lorenz'"):
        _ = catalogue()["lorentz"]
    assert "lorentz" not in catalogue()


def test_files_of_helpers_are_no_exhibits() -> None:
    assert not [key for key in built_in_modules() if key.startswith("-")]


def test_a_plug_in_that_fails_is_logged_and_left_out(caplog: pytest.LogCaptureFixture) -> None:
    points = [
        Point("broken", ImportError("no module named 'nothing'")),
        Point("odd", 7),
        Point("good", EXHIBIT),
        Point("flow", systems()["rossler"]),
    ]
    with caplog.at_level(logging.WARNING):
        found = plug_ins(points)
    assert set(found) == {"edge-of-chaos-eca", "rossler"}
    assert "'broken' was left out: ImportError" in caplog.text
    assert "'odd' was left out" in caplog.text


def test_a_plug_in_never_replaces_what_is_built_in() -> None:
    impostor = plug_ins([Point("flow", systems()["rossler"])])["rossler"]
    found = Catalogue(systems(), built_in_modules(), {"lorenz": impostor, "mine": impostor})
    assert found["lorenz"] is not impostor
    assert found["mine"] is impostor


def test_an_own_file_that_cannot_be_read_is_left_out_and_says_why_when_asked_for(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (own / "broken.toml").write_text("title = ", encoding="utf-8")
    with caplog.at_level(logging.WARNING):
        found = Systems((tmp_path, own))
    assert [record.getMessage().count("broken.toml") for record in caplog.records] == [1]
    listed = Catalogue(found, {}, {}, found.refused)
    assert list(listed) == []
    assert len(listed) == 0
    assert "broken" not in listed
    with pytest.raises(FileFormatError, match=r"broken\.toml"):
        _ = listed["broken"]


def test_one_line_a_broken_own_file_and_none_for_a_good_one(tmp_path: Path) -> None:

    folder = tmp_path / "systems"
    folder.mkdir()
    good = (ASSETS / "systems" / "henon.toml").read_text(encoding="utf-8")
    (folder / "My_own map.toml").write_text(good, encoding="utf-8")
    (folder / "bad.toml").write_text(
        re.sub(r'^x = "', 'x = "nosuch(x) + ', good, flags=re.MULTILINE), encoding="utf-8"
    )
    script = (
        "from engine.catalogue import catalogue\n"
        "from engine.errors import FileFormatError\nfound = catalogue()\n"
        "assert 'my-own-map' in found and 'bad' not in found\n"
        "try: found['bad']\n"
        "except FileFormatError as error: assert 'nosuch' in str(error)\n"
        "else: raise SystemExit('a broken file was opened')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "PHASESCOPE_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("was left out") == 1
