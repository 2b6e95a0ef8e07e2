"""The command palette: what was meant comes first, and only what can be done is done."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from engine.look import Tokens
from widgets.fuzzy import match
from widgets.palette import Command, CommandPalette

COMMANDS = [
    Command("file.open", "Open session", "Ctrl+O"),
    Command("fixed.next", "Next fixed point"),
    Command("export.figure", "Export figure", "Ctrl+Shift+E", "PNG, SVG or PDF"),
    Command("edit.undo", "Undo", "Ctrl+Z", enabled=False),
    Command("theme.toggle", "Switch theme", "", "dark or light"),
]


@pytest.fixture
def palette(qtbot: QtBot, dark: Tokens) -> CommandPalette:
    palette = CommandPalette(None, dark)
    qtbot.addWidget(palette)
    palette.open_with(COMMANDS)
    return palette


def shown(palette: CommandPalette) -> list[str]:
    return [command.id for command, _ in palette.model.found]


def test_it_opens_with_everything_and_takes_typing(palette: CommandPalette) -> None:
    assert palette.isVisible()
    assert shown(palette) == [command.id for command in COMMANDS]
    assert palette.list.currentIndex().row() == 0


def test_initials_find_and_enter_triggers(palette: CommandPalette, qtbot: QtBot) -> None:
    QTest.keyClicks(palette.search, "exf")
    assert shown(palette)[0] == "export.figure"
    with qtbot.waitSignal(palette.triggered) as signal:
        QTest.keyClick(palette.search, Qt.Key.Key_Return)
    assert signal.args == ["export.figure"]
    assert not palette.isVisible()


def test_a_hint_is_searched_too(palette: CommandPalette) -> None:
    palette.search.setText("light")
    assert shown(palette) == ["theme.toggle"]


def test_what_cannot_be_done_is_passed_over(palette: CommandPalette) -> None:
    heard: list[str] = []
    palette.triggered.connect(heard.append)
    palette.search.setText("undo")
    QTest.keyClick(palette.search, Qt.Key.Key_Return)
    assert heard == []
    assert palette.isVisible()
    palette.search.clear()
    for _ in range(3):
        QTest.keyClick(palette.search, Qt.Key.Key_Down)
    QTest.keyClick(palette.search, Qt.Key.Key_Return)
    assert heard == ["theme.toggle"]


def test_what_was_used_last_comes_first(palette: CommandPalette) -> None:
    palette.search.setText("switch")
    QTest.keyClick(palette.search, Qt.Key.Key_Return)
    palette.open_with(COMMANDS)
    assert shown(palette)[0] == "theme.toggle"


def test_escape_closes_and_triggers_nothing(palette: CommandPalette) -> None:
    heard: list[str] = []
    palette.triggered.connect(heard.append)
    QTest.keyClick(palette.search, Qt.Key.Key_Escape)
    assert heard == []
    assert not palette.isVisible()


def test_no_match_says_so(palette: CommandPalette) -> None:
    palette.search.setText("qqqq")
    assert palette.empty.isVisible()
    assert not palette.list.isVisible()
    QTest.keyClick(palette.search, Qt.Key.Key_Return)
    assert palette.isVisible()


def test_it_is_as_high_as_what_it_shows(palette: CommandPalette, qtbot: QtBot) -> None:
    tall = palette.height()
    palette.search.setText("exf")
    qtbot.waitUntil(lambda: palette.height() < tall)
    palette.grab()


@given(st.text(max_size=30), st.text(max_size=8))
def test_a_match_names_the_letters_in_order(text: str, query: str) -> None:
    found = match(query, text)
    if found is not None and found.places:
        assert list(found.places) == sorted(set(found.places))
        letters = [c for c in query.casefold() if not c.isspace()]
        assert len(found.places) == len(letters)


@given(st.text(alphabet="abcdef ", min_size=1, max_size=20), st.data())
def test_every_subsequence_is_found(text: str, data: st.DataObject) -> None:
    places = sorted(data.draw(st.sets(st.integers(0, len(text) - 1))))
    assert match("".join(text[i] for i in places), text) is not None


def test_beginnings_of_words_count_more_than_letters_inside() -> None:
    first, second = match("rl", "Reset layout"), match("rl", "Curl")
    assert first is not None
    assert second is not None
    assert first.score > second.score
    assert match("xyz", "Reset layout") is None
