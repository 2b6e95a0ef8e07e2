"""A dock's title bar reports its buttons and gives way where it is narrow."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from engine.look import Tokens
from widgets.dock import DockTitle


def test_every_button_has_its_signal(qtbot: QtBot, dark: Tokens) -> None:
    title = DockTitle("Attractor", ("options", "export", "float", "close"), dark)
    qtbot.addWidget(title)
    title.resize(300, 28)
    title.show()
    heard: list[object] = []
    title.options_clicked.connect(heard.append)
    title.export_clicked.connect(lambda: heard.append("export"))
    title.float_clicked.connect(lambda: heard.append("float"))
    title.close_clicked.connect(lambda: heard.append("close"))
    for name in ("options", "export", "float", "close"):
        QTest.mouseClick(title.buttons[name], Qt.MouseButton.LeftButton)
    assert isinstance(heard[0], QPoint)
    assert heard[1:] == ["export", "float", "close"]


def test_a_long_title_is_shortened_with_an_ellipsis(qtbot: QtBot, dark: Tokens) -> None:
    title = DockTitle("A view with a title that is longer than its dock", ("close",), dark)
    qtbot.addWidget(title)
    title.resize(120, 28)
    title.show()
    assert title.label.shown().endswith("…")
    assert title.width() == 120
    title.set_title("z")
    assert title.label.shown() == "z"
    title.set_current(True)
    title.grab()
