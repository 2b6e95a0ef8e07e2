"""The equation editor as a person meets it: keys, underlines, tips, chips, drops."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QTextCharFormat
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from engine.look import Tokens
from engine.systems.understanding import understand
from widgets import theme
from widgets.equation_editor import EquationEditor
from widgets.equation_facts import matrix
from widgets.latex import typesetter

OSCILLATOR = "x' = y\ny' = -k*x\nk = 4\n"


@pytest.fixture
def editor(qtbot: QtBot, dark: Tokens) -> Iterator[EquationEditor]:
    widget = EquationEditor(dark)
    qtbot.addWidget(widget)
    widget.resize(400, 800)
    widget.show()
    yield widget
    typesetter().wait(10)


def show(editor: EquationEditor, text: str) -> None:
    """What the window does: the text, then what was made of it."""
    editor.set_content(text)
    job = understand(text, "mine")
    while True:
        try:
            editor.show_understood(next(job).result)  # type: ignore[arg-type]
        except StopIteration as stop:
            editor.show_understood(stop.value)
            return


def test_typing_is_told_once_it_rests(editor: EquationEditor, qtbot: QtBot) -> None:
    said: list[str] = []
    keys: list[int] = []
    editor.edited.connect(said.append)
    editor.typing.connect(lambda: keys.append(1))
    QTest.keyClicks(editor.text, "x' = -x")
    assert (said, len(keys)) == ([], 7)
    qtbot.waitUntil(lambda: bool(said))
    assert said == ["x' = -x"]


def test_text_that_is_set_is_not_told(editor: EquationEditor, qtbot: QtBot) -> None:
    editor.set_content(OSCILLATOR)
    with qtbot.assertNotEmitted(editor.edited, wait=250):
        pass


def test_an_error_is_underlined_with_its_sentence_below_and_as_a_tip(
    editor: EquationEditor, dark: Tokens
) -> None:
    text = "x' = y\ny' = -k*x)\nk = 4\n"
    show(editor, text)
    (selection,) = editor.text.extraSelections()
    assert selection.cursor.selectedText() == ")"
    style = selection.format.underlineStyle()
    assert style == QTextCharFormat.UnderlineStyle.WaveUnderline
    assert selection.format.underlineColor().name().upper() == dark.unstable.upper()
    assert editor.message.text().startswith("Line 2: this ')' closes nothing")
    assert editor.text.words_at(text.index(")")) == "this ')' closes nothing"
    assert editor.text.words_at(0) == ""
    assert not editor.save_button.isEnabled()


def test_what_is_known_is_shown(editor: EquationEditor) -> None:
    show(editor, OSCILLATOR)
    values = {name: label.text() for name, label in editor.facts.values.items()}
    assert values["kind"] == "flow, 2 variables, 1 parameter"
    assert values["volume"].startswith("are kept")
    assert values["hamiltonian"] == "yes, with the pairs (x, y); separable"
    assert editor.facts.jacobian.text().splitlines()[0].split() == ["\u23a1", "0", "1", "\u23a4"]
    assert not editor.text.extraSelections()


def test_nothing_is_shown_of_a_text_that_was_changed_since(editor: EquationEditor) -> None:
    found = next(iter(understand("x' = )", "mine"))).result
    editor.set_content("x' = -x")
    editor.show_understood(found)  # type: ignore[arg-type]
    assert not editor.text.extraSelections()


def test_unknown_names_become_parameters_on_a_click_and_undo_takes_them_back(
    editor: EquationEditor,
) -> None:
    text = "x' = y\ny' = -k*x - c*y\n\nx(0) = 1"
    show(editor, text)
    said: list[str] = []
    editor.edited.connect(said.append)
    chips = [b.text() for b in editor.findChildren(QPushButton) if "make" in b.objectName()]
    assert chips == ["Make k a parameter", "Make c a parameter", "All 2"]
    chip = editor.findChild(QPushButton, "equations.make.all")
    assert isinstance(chip, QPushButton)
    chip.click()
    assert said == ["x' = y\ny' = -k*x - c*y\n\nk = 1 in 0..2\nc = 1 in 0..2\nx(0) = 1"]
    show_again = next(iter(understand(said[0], "mine"))).result
    editor.show_understood(show_again)  # type: ignore[arg-type]
    assert editor._chip_area.isHidden()
    editor.text.undo()
    assert editor.content == text


def test_new_parameters_follow_the_old_ones(editor: EquationEditor) -> None:
    editor.set_content("x' = a*x + b\na = 1\n\nx(0) = 1")
    editor.add_parameters(["b"])
    assert editor.content == "x' = a*x + b\na = 1\nb = 1 in 0..2\n\nx(0) = 1"


def test_saving_by_key_is_asked_for(editor: EquationEditor, qtbot: QtBot) -> None:
    with qtbot.waitSignal(editor.save_requested):
        QTest.keyClick(editor.text, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)


def test_files_and_toml_are_handed_on_and_plain_text_is_typed(
    editor: EquationEditor, qtbot: QtBot, tmp_path: Path
) -> None:
    data = QMimeData()
    path = tmp_path / "mine.toml"
    data.setUrls([QUrl.fromLocalFile(str(path))])
    assert editor.text.canInsertFromMimeData(data)
    with qtbot.waitSignal(editor.file_dropped) as dropped:
        editor.text.insertFromMimeData(data)
    assert Path(dropped.args[0]) == path
    toml = QMimeData()
    toml.setText('title = "A"\n[variables]\nx = 1\n[equations]\nx = "-x"\n')
    with qtbot.waitSignal(editor.toml_given):
        editor.text.insertFromMimeData(toml)
    plain = QMimeData()
    plain.setText("x' = -x")
    editor.text.insertFromMimeData(plain)
    assert editor.content == "x' = -x"


def test_an_empty_text_says_what_to_do(editor: EquationEditor) -> None:
    show(editor, OSCILLATOR)
    show(editor, "")
    assert "Type an equation" in editor.message.text()
    assert not editor.text.extraSelections()
    assert editor.facts.notation.opened


def test_both_themes_and_a_very_long_line(
    editor: EquationEditor, dark: Tokens, light: Tokens
) -> None:
    show(editor, "x' = " + " + ".join(["x"] * 2_000))
    for tokens in (light, dark):
        editor.set_theme(tokens)
        editor.grab()
        assert theme.contrast(tokens.unstable, tokens.panel) > 3
        assert theme.contrast(tokens.warm, tokens.panel) > 3


def test_columns_of_a_matrix_are_aligned() -> None:
    lines = matrix([[r"-\sigma", r"\sigma", "0"], [r"\rho - z", "-1", "-x"]]).splitlines()
    assert len({len(line) for line in lines}) == 1
    assert matrix([["-1"]]) == "[ -1 ]"
    assert matrix([]) == ""
