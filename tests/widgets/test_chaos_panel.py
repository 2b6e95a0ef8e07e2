"""The panel of the search for chaos: what it asks for is what is checked, greyed with a reason."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from engine.analysis.chaos_search import ChaosSearch, Find
from engine.exhibit import Parameter
from engine.look import tokens
from widgets.chaos_panel import ChaosPanel

FREE = {
    "a": Parameter("a", 1.0, 0.0, 2.0, help="First"),
    "rho": Parameter("rho", 1.0, 0.0, 2.0, symbol=r"\rho"),
}
FINDS = tuple(Find({"a": 0.1 * k, "rho": 1.0}, 0.5 + k, 0.01, (float(k), 0.0)) for k in range(3))


@pytest.fixture
def panel(qtbot: QtBot) -> ChaosPanel:
    shown = ChaosPanel()
    qtbot.addWidget(shown)
    shown.set_theme(tokens("dark"))
    shown.show_parameters(FREE)
    shown.resize(300, 700)
    shown.show()
    return shown


def test_all_are_free_at_first(panel: ChaosPanel) -> None:
    assert panel.free() == ("a", "rho")
    panel.boxes["a"].setChecked(False)
    assert panel.free() == ("rho",)
    panel.boxes["rho"].setChecked(False)
    assert not panel.button.isEnabled()


def test_whole_ranges_or_nearby(panel: ChaosPanel) -> None:
    assert panel.spread() is None
    panel.nearby.setChecked(True)
    assert panel.spread() == pytest.approx(0.05)


def test_the_button_starts_and_stops(panel: ChaosPanel, qtbot: QtBot) -> None:
    with qtbot.waitSignal(panel.start_requested):
        panel.button.click()
    panel.begin()
    assert panel.button.text() == "Stop"
    assert not panel.boxes["a"].isEnabled()
    with qtbot.waitSignal(panel.stop_requested):
        panel.button.click()


def test_counts_and_finds_are_shown_as_they_come(panel: ChaosPanel) -> None:
    panel.begin()
    panel.show_search(ChaosSearch(FINDS[:1], 1024, 200, 0.5))
    panel.show_search(ChaosSearch(FINDS, 4096, 800, 2.0))
    assert [panel.counts[name].text() for name in panel.counts] == ["4,096", "800", "3", "2,048"]
    assert panel.finds.count() == 3
    assert panel.place.text() == "3 finds"


def test_previous_and_next_go_round(panel: ChaosPanel) -> None:
    panel.show_search(ChaosSearch(FINDS, 10, 10, 1.0))
    chosen: list[int] = []
    panel.chosen.connect(chosen.append)
    for step in (1, 1, 1, 1, -1, -1):
        panel.move(step)
    assert chosen == [0, 1, 2, 0, 2, 1]
    assert panel.place.text() == "2 of 3"
    panel.finds.setFocus()
    QTest.keyClick(panel.finds, Qt.Key.Key_Down)
    assert chosen[-1] == 2


def test_what_cannot_be_searched_is_greyed_with_the_reason(panel: ChaosPanel) -> None:
    panel.show_parameters(FREE, "'x' cannot be searched: it has delays")
    assert "delays" in panel.words.text()
    for part in (panel.button, panel.nearby, panel.boxes["a"], panel.steps[0]):
        assert not part.isEnabled()
