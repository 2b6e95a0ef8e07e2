"""The map of systems in the window: a click picks and is undone, a double click opens."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

import app
from app.window import MainWindow
from tests.widgets.flat_exhibits import click
from widgets.views.constellation import ConstellationView


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[MainWindow]:
    _, window = app.launch([])
    window.set_running(False)
    window.open("dysts-zoo")
    yield window
    window.close()


def test_pick_undo_and_open(window: MainWindow, qtbot: QtBot) -> None:
    view = window.stage.views["constellation"]
    assert isinstance(view, ConstellationView)
    qtbot.waitUntil(lambda: view._picture is not None, timeout=60_000)
    assert view._picture is not None
    assert view.channel is not None
    places, opens = view._picture.places, view.channel.opens
    # Somebody at the edge, whom nobody covers.
    row = int(np.nanargmax(places[:, 0]))
    key = opens[view.row_at(*places[row])]
    click(view.plot, *places[row])
    assert window.document.values["system"] == key
    window.commands.do_edit_undo()
    assert window.document.values["system"] == "lorenz"
    view.hover(tuple(places[row]))
    view.plot.box.double_clicked.emit()
    assert window.document.key == key
