"""The window's catalogue: light entries, what was opened lately, drops, neighbours, unfolding."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.catalogue_panel import entries_of
from app.preferences import Preferences
from app.window import MainWindow
from engine.catalogue import catalogue
from engine.systems import systems
from widgets.browser_model import MIME
from widgets.drop_area import DropArea

pytestmark = pytest.mark.usefixtures("own_home")


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[MainWindow]:
    window = MainWindow(catalogue(), Preferences())
    window.resize(1440, 900)
    window.set_entries()
    window.show()
    yield window
    window.close()


def until(qtbot: QtBot, condition: Callable[[], Any], seconds: float = 30.0) -> None:
    qtbot.waitUntil(lambda: bool(condition()), timeout=int(1000 * seconds))


def test_there_is_an_entry_for_everything_that_opens() -> None:
    entries = entries_of(catalogue())
    assert {entry.key for entry in entries} == set(catalogue())
    lorenz = next(entry for entry in entries if entry.key == "lorenz")
    assert (lorenz.title, lorenz.year, lorenz.kind, lorenz.dimension) == ("Lorenz", 1963, "flow", 3)
    assert lorenz.authors == systems()["lorenz"].references[0].authors
    assert "x*y" in lorenz.equations.replace(" ", "")
    assert not lorenz.own
    assert lorenz.thumbnail is not None
    families = list(dict.fromkeys(entry.family for entry in entries))
    assert families == sorted(families, key=lambda family: family.replace("-", " "))


def test_what_is_opened_is_remembered(window: MainWindow) -> None:
    for key in ("lorenz", "henon", "lorenz"):
        window.open(key)
    assert window.preferences.recent_exhibits == ["lorenz", "henon"]
    first = window.browser.model.rows[1]
    assert getattr(first, "key", "") == "lorenz"
    window.preferences.save()
    assert Preferences.load().recent_exhibits == ["lorenz", "henon"]


def test_an_entry_dropped_on_the_views_opens(window: MainWindow) -> None:
    window.open("lorenz")
    area = window.workspace.findChild(DropArea)
    assert area is not None
    window.browser.drag_began.emit(window.entries[0])
    assert area.isVisible()
    assert area.geometry() == window.workspace.rect()
    data = QMimeData()
    data.setData(MIME, b"henon")
    enter = QDragEnterEvent(
        QPoint(50, 50),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    QApplication.sendEvent(area, enter)
    assert enter.isAccepted()
    drop = QDropEvent(
        QPointF(50, 50),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    QApplication.sendEvent(area, drop)
    assert window.document.key == "henon"
    assert not area.isVisible()


def test_a_drop_of_what_there_is_not_is_a_sentence(window: MainWindow) -> None:
    window.open("lorenz")
    window.catalogue._drop.dropped.emit("no-such-thing")
    assert window.document.key == "lorenz"


def test_surprise_opens_another(window: MainWindow) -> None:
    window.open("lorenz")
    window.browser.search.setText("henon map")
    window.actions_by_id["view.surprise"].trigger()
    assert window.document.key != "lorenz"
    assert window.document.key in {entry.key for entry in window.browser.model.matches()}


def test_search_unfolds_a_folded_catalogue_and_opening_folds_it(
    window: MainWindow, qtbot: QtBot
) -> None:
    window.resize(1300, 760)
    until(qtbot, lambda: not window.browser.search.isVisible())
    window.actions_by_id["view.search"].trigger()
    until(qtbot, lambda: window.browser.search.isVisible())
    window.browser.opened.emit("henon")
    until(qtbot, lambda: not window.browser.search.isVisible())


def test_the_key_goes_to_the_clipboard(window: MainWindow) -> None:
    window.browser.copied.emit("lorenz")
    assert QApplication.clipboard().text() == "lorenz"


def test_neighbours_are_shown_where_the_tables_know_them(window: MainWindow, qtbot: QtBot) -> None:
    from engine.analysis.features import neighbours

    window.open("lorenz")
    alike = [key for key, _ in neighbours("lorenz")]
    if not alike:
        pytest.skip("the table of features has no row for lorenz")
    until(qtbot, lambda: window.inspector.neighbours is not None)
    assert window.inspector.neighbours is not None
    assert [button.entry.key for button in window.inspector.neighbours.buttons] == alike
    window.inspector.neighbours.buttons[0].click()
    assert window.document.key == alike[0]
    assert window.inspector.neighbours is None
