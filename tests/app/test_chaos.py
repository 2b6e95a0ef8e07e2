"""The search for chaos in the window and on the command line."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PySide6.QtWidgets import QDockWidget
from pytestqt.qtbot import QtBot

import app
from app.cli import main
from app.window import MainWindow


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[MainWindow]:
    _, window = app.launch([])
    window.set_running(False)
    window.open("logistic")
    yield window
    window.close()


def until(qtbot: QtBot, condition: Callable[[], Any], seconds: float = 60.0) -> None:
    qtbot.waitUntil(lambda: bool(condition()), timeout=int(seconds * 1000))


def test_finds_are_chaotic_and_each_is_one_undo_step(window: MainWindow, qtbot: QtBot) -> None:
    window.actions_by_id["run.search-chaos"].trigger()
    dock = window.findChild(QDockWidget, "panel.search")
    assert not dock.isHidden()
    assert window.actions_by_id["view.chaos"].isChecked()
    chaos = window.chaos
    until(qtbot, lambda: not chaos.running)
    assert len(chaos.finds) == chaos.panel.wanted() == chaos.panel.finds.count()
    steps = len(window.document.history)
    before = dict(window.document.values)
    window.actions_by_id["run.next-find"].trigger()
    window.actions_by_id["run.next-find"].trigger()
    find = chaos.finds[1]
    assert len(window.document.history) == steps + 2
    assert window.document.values["r"] == find.values["r"]
    # The cascade of period doublings ends at 3.569945672 (M. Feigenbaum 1978).
    assert float(window.document.values["r"]) > 3.5699456
    assert window.document.values["initial.x"] == find.state[0]
    window.commands.do_edit_undo()
    window.commands.do_edit_undo()
    assert dict(window.document.values) == before


def test_a_search_ends_when_it_is_stopped_or_another_system_is_opened(
    window: MainWindow, qtbot: QtBot
) -> None:
    chaos = window.chaos
    chaos.show()
    chaos.panel.wanted_row.set_value(500)
    chaos.start()
    chaos.stop()
    assert not chaos.running
    assert chaos.panel.state.text() == "stopped"
    chaos.start()
    window.open("mackey-glass")
    assert not chaos.running
    assert "cannot be searched" in chaos.panel.words.text()
    assert not chaos.panel.button.isEnabled()
    window.open("edge-of-chaos-eca")
    assert "no system of equations" in chaos.panel.words.text()


def test_the_command_line_searches(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["search", "logistic", "--wanted", "3", "--free", "r", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert len(rows) == 3
    for row in rows:
        assert row["values"]["r"] > 3.5699456
        assert row["exponent"] > 3 * row["stderr"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["mackey-glass"], "cannot be searched"),
        (["logistic", "--free", "q"], "no parameter 'q' to vary; it has r"),
        (["logistic", "--around", "-1"], "around must be a number above 0"),
        (["edge-of-chaos-eca"], "no system of equations"),
    ],
)
def test_what_cannot_be_searched_is_said(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["search", *words]) == 2
    assert said in capsys.readouterr().err
