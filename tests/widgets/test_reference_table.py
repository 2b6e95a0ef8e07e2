"""The reference figures in the About panel: ours, theirs, a flag where they differ."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from engine.analysis import reference
from engine.analysis.reference import Comparison, Row, digest
from engine.catalogue import catalogue
from engine.look import Tokens
from engine.systems import systems
from engine.systems.system import System
from widgets.inspector import Inspector
from widgets.reference_table import MOST, ReferenceTable, lines


@pytest.fixture
def lorenz() -> System:
    return systems()["lorenz"]


@pytest.fixture
def row(lorenz: System) -> Row:
    return Row(
        digest(lorenz),
        method="DOP853",
        step=0.026,
        duration=7200.0,
        exponents=(0.9053, -0.00001, -14.572),
        stderr=(0.0027, 0.0008, 0.0023),
        kaplan_yorke=2.0621,
        kaplan_yorke_stderr=0.0001,
        divergence=-41.0 / 3.0,
        period=0.754,
        period_how="mean return time of z",
        checks={"sum": True, "zero": True, "dimension": True},
        known=(
            Comparison("lyapunov-largest", 0.9056, 0.9053, 0.0027, "Sprott 2003"),
            Comparison("kaplan-yorke", 2.5, 2.0621, 0.0001, "A wrong table"),
        ),
    )


def words(widget: ReferenceTable) -> str:
    return "\n".join(label.text() for label in widget.findChildren(QLabel))


def test_figures_stand_with_errors_and_sources(qtbot: QtBot, lorenz: System, row: Row) -> None:
    table = ReferenceTable(row, lorenz)
    qtbot.addWidget(table)
    text = words(table)
    for part in (
        "0.9053 ± 0.0027",
        "-0.00001 ± 0.00080",
        "2.06210 ± 0.00010",
        "-13.6667",
        "mean return time of z",
        "Sprott 2003",
        "over 7,200 time units",
    ):
        assert part in text
    assert not table.stale


def test_disagreement_is_flagged(
    qtbot: QtBot, lorenz: System, row: Row, dark: Tokens, light: Tokens
) -> None:
    table = ReferenceTable(row, lorenz)
    qtbot.addWidget(table)
    assert [mark.holds for mark in table.marks] == [True, True, True, True, False]
    assert "differs from ours" in table.marks[-1].accessibleName()
    assert "more than three standard errors" in words(table)
    for tokens in (dark, light):
        table.set_theme(tokens)
        assert not table.marks[-1].mark.pixmap().isNull()


def test_stale_figures_say_so(qtbot: QtBot, lorenz: System, row: Row) -> None:
    table = ReferenceTable(replace(row, digest="of other equations"), lorenz)
    qtbot.addWidget(table)
    assert table.stale
    assert "have changed since" in words(table)
    assert "reference --only lorenz" in words(table)


def test_system_without_figures_says_why(qtbot: QtBot, lorenz: System, row: Row) -> None:
    table = ReferenceTable(Row(row.digest, failed="the orbit left the region"), lorenz)
    qtbot.addWidget(table)
    assert "There are no figures: the orbit left the region" in words(table)


def test_many_exponents_are_cut_in_the_middle(lorenz: System, row: Row) -> None:
    many = replace(row, exponents=tuple(range(40, 0, -1)), stderr=(0.5,) * 40)
    text = dict(lines(many, lorenz))["Lyapunov exponents"].split("\n")
    assert len(text) == MOST + 1
    assert text[MOST - 1] == "… 34 more"
    assert text[-1].startswith("1.0")


def test_inspector_shows_the_table_that_comes_with_the_program(
    qtbot: QtBot, dark: Tokens, row: Row, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "spectra.json"
    reference.write({"lorenz": row}, place)
    monkeypatch.setattr(reference, "PLACE", place)
    inspector = Inspector(dark)
    qtbot.addWidget(inspector)
    inspector.show_exhibit(catalogue()["lorenz"])
    assert inspector.reference is not None
    assert "0.9053 ± 0.0027" in words(inspector.reference)
    inspector.show_exhibit(catalogue()["rossler"])
    assert inspector.reference is None
    place.write_text("no table")
    inspector.show_exhibit(catalogue()["lorenz"])
    assert inspector.reference is None
