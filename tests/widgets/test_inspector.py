"""The About panel says what an exhibit is, how to cite it, and what its claims measured."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from engine.claims import ClaimResult
from engine.exhibit import Claim, Exhibit, Measurement, Process, Reference, Values
from engine.look import Tokens
from widgets.claim_rows import figures_text
from widgets.inspector import Inspector, reference_text
from widgets.latex import typesetter

LORENZ_1963 = Reference(
    "E. N. Lorenz",
    1963,
    "Deterministic Nonperiodic Flow",
    "Journal of the Atmospheric Sciences 20, 130-141",
    "10.1175/1520-0469(1963)020<0130:DNF>2.0.CO;2",
)


def unmeasured(seed: int) -> Measurement:
    raise AssertionError("a panel measures nothing")


class Small(Exhibit):
    """An exhibit with two claims and an equation."""

    key, title, family, kind = "small", "Small & simple", "tests", "flow"
    summary = "It holds x < 1\nwhatever happens.\n\nA second paragraph."
    parameters, channels = {}, {}
    references = (LORENZ_1963,)
    claims = (
        Claim("first", "The divergence is -13.67.", "Lorenz 1963", unmeasured, label="exact"),
        Claim("second", "The exponent is 0.9056.", "Sprott 2003", unmeasured),
    )

    def start(self, values: Values, seed: int = 0) -> Process:
        raise AssertionError("a panel starts nothing")

    def latex(self) -> tuple[str, ...]:
        return (r"\dot{x} = -x",)


class Bare(Small):
    """An exhibit with nothing but a title."""

    key, title, summary = "bare", "Bare", ""
    references, claims = (), ()

    def latex(self) -> tuple[str, ...]:
        return ()


def result(name: str, measured: float, expected: float, passed: bool) -> ClaimResult:
    return ClaimResult("small", name, measured, expected, 0.02, passed, 0.1, "source", "exact")


@pytest.fixture
def inspector(qtbot: QtBot, dark: Tokens) -> Iterator[Inspector]:
    inspector = Inspector(dark)
    qtbot.addWidget(inspector)
    inspector.show_exhibit(Small())
    inspector.resize(280, 700)
    inspector.show()
    yield inspector
    typesetter().wait()


def press(inspector: Inspector, name: str) -> None:
    button = inspector.findChild(QPushButton, name)
    assert button is not None
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def test_it_says_what_the_exhibit_is(inspector: Inspector) -> None:
    words = " ".join(label.text() for label in inspector.findChildren(QLabel))
    for part in ("Small & simple", "1963", "flow", "x &lt; 1 whatever", "Nonperiodic"):
        assert part in words


def test_the_citation_is_bibtex(inspector: Inspector, qtbot: QtBot) -> None:
    with qtbot.waitSignal(inspector.copy_citation) as signal:
        press(inspector, "inspector.copy-citation.0")
    assert signal.args[0] == LORENZ_1963.bibtex()
    assert signal.args[0].startswith("@article{lorenz1963,")


def test_the_equations_can_be_copied(inspector: Inspector, qtbot: QtBot) -> None:
    with qtbot.waitSignal(inspector.copy_latex) as signal:
        press(inspector, "inspector.copy-latex")
    assert signal.args == [r"\dot{x} = -x"]


def test_claims_are_asked_for_once_and_shown(inspector: Inspector, qtbot: QtBot) -> None:
    button = inspector.findChild(QPushButton, "inspector.check-claims")
    assert button is not None
    with qtbot.waitSignal(inspector.check_claims):
        press(inspector, "inspector.check-claims")
    assert not button.isEnabled()
    assert button.text().startswith("Checking")
    inspector.set_claims(
        [result("first", -13.667, -13.667, True), result("second", 0.7, 0.9056, False)]
    )
    assert button.isEnabled()
    assert inspector.claims is not None
    assert [row.verdict for row in inspector.claims.rows.values()] == [True, False]
    assert inspector.claims.state.text() == "1 of 2 hold."
    inspector.set_claims([result("second", 0.9, 0.9056, True)])
    assert inspector.claims.state.text() == "All hold."


def test_figures_name_measured_expected_and_tolerance() -> None:
    assert figures_text(result("x", 0.90611, 0.9056, True)) == (
        "measured 0.90611, expected 0.9056\u00a0±\u00a00.02"
    )
    assert "no number" in figures_text(result("x", float("nan"), 1.0, False))


def test_a_doi_becomes_a_link_to_the_registry_and_nothing_else() -> None:
    hostile = Reference("A <b>Author</b>", 2000, "T", doi='10.1/x" onclick="evil')
    text = reference_text(hostile, "#ffffff")
    assert 'href="https://doi.org/10.1/x%22%20onclick%3D%22evil"' in text
    assert "&lt;b&gt;Author" in text


def test_nothing_is_wider_than_the_panel(inspector: Inspector, qtbot: QtBot) -> None:
    inspector.resize(240, 700)
    for child in inspector.findChildren(QPushButton):
        qtbot.waitUntil(
            lambda child=child: child.mapTo(inspector, QPoint(child.width(), 0)).x() <= 240
        )


def test_an_exhibit_may_have_nothing_to_say(inspector: Inspector) -> None:
    inspector.show_exhibit(Bare())
    assert inspector.formula is None
    assert inspector.claims is None
    inspector.set_claims([])
    inspector.show_exhibit(None)
    words = " ".join(label.text() for label in inspector.findChildren(QLabel))
    assert "Open an exhibit" in words
