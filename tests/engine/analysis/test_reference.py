"""The table of reference figures: sound, fresh, complete, and true of fresh runs."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from engine.analysis import _reference_figures, reference
from engine.analysis.reference import Comparison, Row, digest, with_error
from engine.errors import FileFormatError, UnknownKeyError
from engine.look import ASSETS
from engine.systems import files
from engine.systems.system import System

SAMPLE = ("lorenz", "rossler", "henon", "logistic", "van-der-pol", "henon-heiles", "duffing")


@cache
def built_in(key: str) -> System:
    return files.read(ASSETS / "systems" / f"{key}.toml")


@cache
def table() -> dict[str, Row]:
    return reference.read()


def example() -> Row:
    return Row(
        digest(built_in("lorenz")),
        method="DOP853",
        step=0.0261,
        duration=7200.0,
        exponents=(0.9, 1e-5, -14.57),
        stderr=(0.002, 0.0008, 0.002),
        kaplan_yorke=2.0621,
        kaplan_yorke_stderr=0.0001,
        divergence=-13.67,
        period=0.754,
        period_how="mean return time of z",
        checks={"sum": True},
        known=(Comparison("kaplan-yorke", 2.062, 2.0621, 0.0001, "Sprott", values={"rho": 28.0}),),
    )


# ------------------------------------------------------------------ the table as shipped


@pytest.mark.skipif(not reference.PLACE.exists(), reason="no table has been computed yet")
def test_every_system_has_a_fresh_row() -> None:
    lacking = reference.lacking(table())
    assert not lacking, f"run 'python main.py reference' for {' '.join(lacking)}"


@pytest.mark.skipif(not reference.PLACE.exists(), reason="no table has been computed yet")
def test_every_row_is_sound() -> None:
    for key, row in table().items():
        assert row.exponents, key
        assert list(row.exponents) == sorted(row.exponents, reverse=True), key
        assert all(row.checks.values()), f"{key} fails {row.checks}"
        assert "dimension" in row.checks or math.isnan(row.kaplan_yorke), key
        assert row.method, key
        assert row.period_how, key
        if "sum" in row.checks:
            total = sum(row.exponents)
            sizes = sum(map(abs, row.exponents))
            if math.isfinite(total):
                assert total == pytest.approx(row.divergence, rel=1e-2, abs=1e-3 * sizes + 1e-8), (
                    key
                )


@pytest.mark.skipif(not reference.PLACE.exists(), reason="no table has been computed yet")
@pytest.mark.parametrize("key", SAMPLE)
def test_row_is_found_again(key: str) -> None:
    """A short fresh run from another seed, within the errors of both."""
    from engine.analysis.lyapunov_spectrum import lyapunov_spectrum

    row, system = table()[key], built_in(key)
    again = lyapunov_spectrum(system, max(1.0, row.duration / 10.0), seed=1)
    for old, old_error, new, new_error in zip(
        row.exponents, row.stderr, again.exponents, again.stderr, strict=True
    ):
        assert abs(old - new) <= max(4.0 * math.hypot(old_error, new_error), 0.01 * abs(old), 1e-6)


# --------------------------------------------------------------------------- one row


@pytest.mark.parametrize("key", ["lorenz", "henon", "van-der-pol"])
def test_row_of_a_system_is_sound(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_reference_figures, "WORK", (1e5, 1e5))
    row = reference.row(built_in(key))
    assert not row.failed
    assert row.sound
    assert row.fresh(built_in(key))
    assert "sum" in row.checks
    assert ("zero" in row.checks) == (key != "henon")
    assert row.period is not None


def test_system_that_escapes_gives_a_row_with_the_reason() -> None:
    text = 'title = "Out"\nkind = "flow"\n[variables]\nx = 1.0\n[equations]\nx = "x^2"\n'
    row = reference.row(files.from_text(text, "out"))
    assert "'out' has no Lyapunov exponents" in row.failed
    assert not row.sound


def test_digest_tells_equations_and_defaults_from_words() -> None:
    lorenz = built_in("lorenz")
    same = replace(lorenz, title="Other", notes="Other", presets=(), tags=())
    assert digest(same) == digest(lorenz)
    other = replace(lorenz, equations={**lorenz.equations, "x": "sigma*(y - x) + 0"})
    assert digest(other) != digest(lorenz)
    rho = replace(lorenz.parameters["rho"], default=28.5)
    assert digest(replace(lorenz, parameters={**lorenz.parameters, "rho": rho})) != digest(lorenz)
    assert digest(replace(lorenz, initial=(1.0, 1.0, 2.0))) != digest(lorenz)
    assert digest(replace(lorenz, known=())) != digest(lorenz)


@pytest.mark.parametrize(
    ("ours", "error", "agrees"),
    [(1.02, 0.01, True), (1.04, 0.01, False), (1.009, 0.0, True), (1.02, 0.0, False)],
)
def test_figures_agree_within_three_errors_or_one_per_cent(
    ours: float, error: float, agrees: bool
) -> None:
    assert Comparison("kaplan-yorke", 1.0, ours, error, "").agrees is agrees


@pytest.mark.parametrize(
    ("value", "error", "text"),
    [
        (0.905647, 0.00213, "0.9056 ± 0.0021"),
        (-1e-7, 0.001, "0.0000 ± 0.0010"),
        (-5106.2, 17.0, "-5106 ± 17"),
        (0.5, 0.0, "0.5"),
        (-math.inf, 0.0, "-inf"),
    ],
)
def test_figures_are_written_to_the_digits_their_error_allows(
    value: float, error: float, text: str
) -> None:
    assert with_error(value, error) == text


# --------------------------------------------------------------------------- the file


def test_table_round_trip(tmp_path: Path) -> None:
    place = tmp_path / "deep" / "spectra.json"
    rows = {"lorenz": example(), "broken": Row("", failed="no reason")}
    rows["singular"] = replace(example(), exponents=(0.1, 0.0, -math.inf))
    reference.write(rows, place)
    again = reference.read(place)
    # As text, because a figure that is no number equals nothing.
    assert {key: str(row) for key, row in again.items()} == {
        key: str(row) for key, row in rows.items()
    }
    assert len(place.read_text(encoding="utf-8").splitlines()) == 2 + len(rows)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("no table", "no JSON"),
        ("[]", "no table of reference figures"),
        ('{"format": 1, "systems": {"a": {"taste": 1}}}', "systems.a.taste: there is no such"),
        ('{"format": 1, "systems": {"a": {"digest": "", "exponents": 3}}}', "expected a list"),
        ('{"format": 1, "systems": {"a": {"digest": "", "exponents": [1]}}}', "an error for every"),
    ],
)
def test_file_that_is_no_table_is_refused(tmp_path: Path, text: str, words: str) -> None:
    place = tmp_path / "spectra.json"
    place.write_text(text)
    with pytest.raises(FileFormatError, match=words):
        reference.read(place)


def test_update_computes_what_is_missing_or_stale_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_reference_figures, "WORK", (1e4, 1e4))
    place = tmp_path / "spectra.json"
    keys = ["henon", "logistic"]
    first = list(reference.update(keys, jobs=1, path=place))
    assert [progress.key for progress in first] == keys
    assert not list(reference.update(keys, jobs=1, path=place))
    rows = reference.read(place)
    rows["henon"] = replace(rows["henon"], digest="old")
    reference.write(rows, place)
    assert [progress.key for progress in reference.update(keys, jobs=1, path=place)] == ["henon"]
    # A full row replaces a quick one, not the other way round.
    assert len(list(reference.update(["henon"], quick=False, jobs=1, path=place))) == 1
    assert not list(reference.update(["henon"], jobs=1, path=place))
    again = list(reference.update(["henon"], everything=True, jobs=1, path=place))
    assert [progress.key for progress in again] == ["henon"]


def test_workers_give_the_same_rows(tmp_path: Path) -> None:
    here, apart = tmp_path / "here.json", tmp_path / "apart.json"
    list(reference.update(["logistic", "henon"], jobs=1, path=here))
    list(reference.update(["logistic", "henon"], jobs=2, path=apart))
    assert here.read_text() == apart.read_text()


def test_unknown_key_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnknownKeyError, match="'nothing'"):
        list(reference.update(["nothing"], path=tmp_path / "spectra.json"))
