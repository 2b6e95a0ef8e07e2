"""The commands that compute spectra: of one system, and of the table of all."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.cli import main
from engine.analysis import _reference_figures, reference


def test_spectrum_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lyapunov", "henon", "--duration", "4000"]) == 0
    said = capsys.readouterr().out
    assert "Lyapunov exponents per iteration" in said
    assert said.count("±") == 3
    assert "the mean divergence is -1.20397" in said


def test_spectrum_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["lyapunov", "logistic", "--set", "r=4", "--duration", "5000", "--json"]
    assert main(arguments) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert row["exponents"] == pytest.approx([0.6931], abs=0.01)
    assert row["values"] == {"r": 4.0}
    assert set(row) >= {"stderr", "kaplan_yorke", "divergence", "method", "seed"}


def test_count_and_initial_state_are_passed_on(capsys: pytest.CaptureFixture[str]) -> None:
    # From the origin, a saddle that the orbit never leaves.
    arguments = ["lyapunov", "lorenz", "--initial", "0,0,0", "--count", "1", "--duration", "10"]
    assert main([*arguments, "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert row["rests"] is True
    assert row["exponents"] == pytest.approx([-5.5 + (30.25 + 270.0) ** 0.5])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["lyapunov", "nothing"], "there is no exhibit 'nothing'"),
        (["lyapunov", "henon", "--count", "3"], "'henon' has 2 Lyapunov exponents"),
        (["lyapunov", "henon", "--duration", "-1"], "the duration must be a positive number"),
        (["lyapunov", "henon", "--duration", "1e300"], "is more than 1e+12 steps"),
        (["lyapunov", "lorenz", "--step", "1e-300"], "is more than 1e+12 steps"),
        (["lyapunov", "lorenz", "--transient", "1e300"], "is more than 1e+12 steps"),
        (["reference", "--only", "nothing"], "there is no built-in system 'nothing'"),
        (["reference", "--out", "table.txt"], "must end in .json"),
    ],
)
def test_what_cannot_be_done_is_said(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    assert words in capsys.readouterr().err


def test_table_is_written_and_then_fresh(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_reference_figures, "WORK", (1e4, 1e4))
    place = tmp_path / "spectra.json"
    arguments = ["reference", "--quick", "--only", "henon", "--jobs", "1", "--out", str(place)]
    assert main(arguments) == 0
    said = capsys.readouterr().out
    assert "1/1 henon: " in said
    assert "1 rows are in" in said
    assert list(reference.read(place)) == ["henon"]
    assert main(arguments) == 0
    assert "every row of" in capsys.readouterr().out
    assert main([*arguments, "--all", "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert row["key"] == "henon"
    assert row["checks"] == {"sum": True, "dimension": True}
