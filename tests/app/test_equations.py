"""Editing equations in the window: type, run, undo, switch, save, come back."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QAbstractSlider, QInputDialog, QMessageBox
from pytestqt.qtbot import QtBot

import app
from app import session_file
from app.document import Document
from app.equations import TEMPLATE
from app.session import Session
from app.window import MainWindow
from engine.catalogue import catalogue
from engine.errors import FileFormatError
from engine.exhibits.system import SystemExhibit
from engine.systems import systems
from engine.systems.typed import read


@pytest.fixture(autouse=True)
def fresh_catalogue(own_home: Path) -> Iterator[None]:
    """Systems of this test's own folder only."""
    for made in (systems, catalogue):
        made.cache_clear()
    yield
    for made in (systems, catalogue):
        made.cache_clear()


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[MainWindow]:
    _, window = app.launch([])
    yield window
    window.close()


def until(qtbot: QtBot, condition: Callable[[], Any], seconds: float = 60.0) -> None:
    qtbot.waitUntil(lambda: bool(condition()), timeout=int(seconds * 1000))


def type_in(window: MainWindow, text: str) -> None:
    window.equation_editor.text.replace_all(text)


def rows(window: MainWindow) -> int:
    held = window.host.snapshot("orbit").result(60)
    return 0 if held is None else len(held)


def revise(document: Document, text: str, key: str = "untitled-1") -> None:
    found = read(text, key)
    assert found.system is not None, found.problems
    document.revise(SystemExhibit(found.system), found.system.to_toml(), text)


def test_typing_runs_and_a_click_makes_a_slider(window: MainWindow, qtbot: QtBot) -> None:
    window.actions_by_id["file.new-system"].trigger()
    until(qtbot, lambda: window.document.key == "untitled-1")
    until(qtbot, lambda: rows(window) > 1000)
    assert window.actions_by_id["view.equations"].isChecked()
    editor = window.equation_editor
    type_in(window, TEMPLATE.replace("- c*y", "- c*y + gain*sin(x)"))
    until(qtbot, lambda: "gain" in editor.message.text())
    assert "gain" not in window.document.values
    editor.add_parameters(["gain"])
    until(qtbot, lambda: "gain" in window.document.values)
    assert window.findChild(QAbstractSlider, "parameter.gain")
    window.change({"gain": 0.5})
    type_in(window, editor.content.replace("c = 0.1", "c = 0.2"))
    until(qtbot, lambda: window.document.values.get("c") == 0.2)
    # A value set by hand stays while its own line does.
    assert window.document.values["gain"] == 0.5
    type_in(window, f"{editor.content}\nz' = x - z\n")
    until(qtbot, lambda: "initial.z" in window.document.values)
    until(qtbot, lambda: any(v.kind == "attractor" for v in window.stage.views.values()))
    until(qtbot, lambda: rows(window) > 1000)


def test_an_error_leaves_the_last_good_system_running(window: MainWindow, qtbot: QtBot) -> None:
    window.actions_by_id["edit.equations"].trigger()
    editor = window.equation_editor
    assert "x' = sigma*(y - x)" in editor.content
    until(qtbot, lambda: editor.message.text() == "No errors")
    assert window.document.key == "lorenz"
    type_in(window, editor.content.replace("- beta*z", "- beta*z)"))
    until(qtbot, lambda: "closes nothing" in editor.message.text())
    assert window.document.key == "lorenz"
    editor.text.undo()
    until(qtbot, lambda: editor.message.text() == "No errors")
    assert window.document.key == "lorenz"
    assert not editor.save_button.isEnabled()


def test_switching_keeps_a_draft_and_undo_brings_it_back(window: MainWindow, qtbot: QtBot) -> None:
    window.actions_by_id["edit.equations"].trigger()
    editor = window.equation_editor
    typed = editor.content.replace("- beta*z", "- beta*z + 1")
    type_in(window, typed)
    until(qtbot, lambda: window.document.key == "untitled-lorenz")
    window.open("henon")
    assert "x(n+1) =" in editor.content
    assert window.equations.drafts() == {"untitled-lorenz": "Lorenz"}
    window.actions_by_id["edit.undo"].trigger()
    assert (window.document.key, editor.content) == ("untitled-lorenz", typed)
    window.actions_by_id["edit.undo"].trigger()
    assert window.document.key == "lorenz"
    assert "+ 1" not in editor.content
    editor.draft_chosen.emit("untitled-lorenz")
    assert editor.content == typed
    until(qtbot, lambda: window.document.key == "untitled-lorenz")
    editor.revert_button.click()
    assert window.document.key == "lorenz"
    assert "+ 1" not in editor.content
    assert window.equations.drafts() == {}


def test_saving_makes_an_exhibit_like_any_other(
    window: MainWindow, qtbot: QtBot, own_home: Path
) -> None:
    window.actions_by_id["edit.equations"].trigger()
    editor = window.equation_editor
    type_in(window, editor.content.replace("- beta*z", "- beta*z + 1"))
    until(qtbot, lambda: window.document.key == "untitled-lorenz")
    until(qtbot, editor.save_button.isEnabled)
    editor.save_button.click()
    # What comes with the program is not replaced: another name is asked for.
    dialog = window.findChild(QInputDialog, "equations.name")
    assert isinstance(dialog, QInputDialog)
    assert dialog.textValue() == "My Lorenz"
    dialog.accept()
    path = own_home / "systems" / "my-lorenz.toml"
    until(qtbot, path.exists)
    assert tomllib.loads(path.read_text("utf-8"))["equations"]["z"] == "x*y - beta*z + 1"
    assert window.document.key == "my-lorenz"
    assert not window.document.system
    assert "my-lorenz" in {entry.key for entry in window.entries}
    assert window.exhibits["my-lorenz"].title == "My Lorenz"
    assert window.equations.drafts() == {}
    # Once more: a file of one's own is replaced when one says so.
    type_in(window, editor.content.replace("z + 1", "z + 2"))
    until(qtbot, lambda: window.document.system)
    until(qtbot, editor.save_button.isEnabled)
    editor.save_button.click()
    box = window.findChild(QMessageBox, "equations.replace")
    assert isinstance(box, QMessageBox)
    assert "z + 2" not in path.read_text("utf-8")
    next(b for b in box.buttons() if b.text() == "Replace").click()
    until(qtbot, lambda: "z + 2" in path.read_text("utf-8"))
    assert window.document.key == "my-lorenz"


def test_an_unsaved_system_comes_back_without_a_file(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    window.actions_by_id["file.new-system"].trigger()
    until(qtbot, lambda: window.document.key == "untitled-1")
    typed = f"# mine\n{TEMPLATE}"
    type_in(window, typed)
    until(qtbot, lambda: window.document.typed == typed)
    window.change({"k": 2.5})
    path = tmp_path / "work.phasescope"
    assert window.keeper.save_file(str(path))
    tree = window.document.tree()
    window.open("henon")
    assert window.keeper.open_file(str(path))
    assert window.document.tree() == tree
    assert window.equation_editor.content == typed
    assert window.document.values["k"] == 2.5


def test_toml_given_to_the_editor_becomes_text(window: MainWindow, qtbot: QtBot) -> None:
    window.actions_by_id["file.new-system"].trigger()
    window.equation_editor.toml_given.emit(systems()["rossler"].to_toml())
    assert "x' = -y - z" in window.equation_editor.content
    window.equation_editor.toml_given.emit("[equations]\nx = ")
    assert "no TOML" in window.status_line.message.text()


# ---------------------------------------------------------------- the document alone


def test_undo_of_editing_is_a_step_of_the_document() -> None:
    document = Document(catalogue())
    document.open("lorenz")
    revise(document, "x' = -k*x\nk = 1")
    revise(document, "x' = -k*x + y\ny' = -y\nk = 1")
    assert document.exhibit is not None
    assert list(document.exhibit.system.variables) == ["x", "y"]  # type: ignore[union-attr]
    document.undo()
    assert (document.key, document.system) == ("lorenz", "")
    document.redo()
    assert document.key == "untitled-1"
    document.set({"k": 3.0})
    document.history.seal()
    revise(document, "x' = -k*x + y + 1\ny' = -y\nk = 1")
    assert document.values["k"] == 3.0
    revise(document, "x' = -k*x + y + 1\ny' = -y\nk = 2")
    assert document.values["k"] == 2.0
    document.undo()
    assert document.values["k"] == 3.0


def test_a_session_holds_an_unsaved_system_and_refuses_a_broken_one() -> None:
    document = Document(catalogue())
    revise(document, "x' = -k*x\nk = 1", "untitled-7")
    session = Session.from_tree(document.tree())
    again = session_file.loads(session_file.dumps(session).encode(), catalogue())
    assert again == session
    other = Document(catalogue())
    other.load(again.tree())
    assert other.tree() == document.tree()
    broken = session_file.dumps(session).replace("-k*x", "-k*(")
    with pytest.raises(FileFormatError, match="system"):
        session_file.loads(broken.encode(), catalogue())


def test_sessions_without_the_field_are_as_before() -> None:
    document = Document(catalogue())
    document.open("lorenz")
    text = session_file.dumps(Session.from_tree(document.tree()))
    assert '"system"' not in text
    assert session_file.loads(text.encode(), catalogue()).system == ""


def test_an_ode_file_opens_in_the_window_and_runs(window, qtbot, tmp_path) -> None:  # type: ignore[no-untyped-def]
    file = tmp_path / "pendulum.ode"
    file.write_text("# A pendulum\npar g=9.81, l=2\ninit th=1\nth'=v\nv'=-g/l*sin(th)\ndone\n")
    assert window.keeper.open_file(str(file))
    exhibit = window.document.exhibit
    assert exhibit.system.variables == ("th", "v")
    assert exhibit.system.parameters["l"].default == 2.0
    assert "th' = v" in window.equation_editor.content
    (tmp_path / "broken.ode").write_text("x' = (y\n")
    assert not window.keeper.open_file(str(tmp_path / "broken.ode"))
    assert window.document.exhibit is exhibit
