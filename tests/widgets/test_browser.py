"""The catalogue finds what is typed, opens what is meant, and keeps up with typing."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit, QListView, QPushButton
from pytestqt.qtbot import QtBot

from engine.look import Tokens
from widgets.browser import Browser, Entry
from widgets.browser_delegate import star_rect
from widgets.browser_model import CatalogueModel, Header, family_title, line_of, short_authors

ENTRIES = [
    Entry(
        "lorenz", "Lorenz", "chaos-catalogue", "flow", ("chaotic", "fluid"), 1963, "E. N. Lorenz"
    ),
    Entry("rossler", "Rössler", "chaos-catalogue", "flow", ("chaotic",), 1976, "O. E. Rössler"),
    Entry(
        "van-der-pol",
        "van der Pol",
        "oscillators",
        "flow",
        ("limit cycle",),
        1926,
        "B. van der Pol",
    ),
    Entry("henon", "Hénon map", "maps", "map", ("chaotic",), 1976, "M. Hénon"),
    Entry("logistic", "Logistic map", "maps", "map", ("ecology",), 1976, "R. M. May"),
]


@pytest.fixture
def browser(qtbot: QtBot, dark: Tokens) -> Browser:
    browser = Browser(dark)
    qtbot.addWidget(browser)
    browser.set_entries(ENTRIES)
    browser.resize(260, 600)
    browser.show()
    return browser


def shown(browser: Browser) -> list[str]:
    return [row.key for row in browser.model.rows if isinstance(row, Entry)]


def headers(browser: Browser) -> list[str]:
    return [row.title for row in browser.model.rows if isinstance(row, Header)]


def test_its_parts_can_be_found(browser: Browser) -> None:
    assert isinstance(browser.findChild(QLineEdit, "browser.search"), QLineEdit)
    assert isinstance(browser.findChild(QListView, "browser.list"), QListView)


def test_entries_stand_by_family_with_a_heading(browser: Browser) -> None:
    assert headers(browser) == ["Chaos catalogue", "Oscillators", "Maps"]
    assert shown(browser) == [entry.key for entry in ENTRIES]


@pytest.mark.parametrize(
    ("query", "keys"),
    [
        ("lor", ["lorenz"]),
        ("rossler", ["rossler"]),
        ("RÖSSLER", ["rossler"]),
        ("van-der", ["van-der-pol"]),
        ("1926", ["van-der-pol"]),
        ("may", ["logistic"]),
        ("fluid", ["lorenz"]),
        ("map 1976", ["henon", "logistic"]),
        ("ecology map", ["logistic"]),
        ("oscill", ["van-der-pol"]),
        ("zzz", []),
    ],
)
def test_every_word_is_looked_for_everywhere(browser: Browser, query: str, keys: list[str]) -> None:
    browser.search.setText(query)
    assert shown(browser) == keys


def test_a_title_goes_before_a_tag(browser: Browser) -> None:
    browser.set_entries(
        [
            Entry("a", "Oregonator", "chemistry", tags=("map",)),
            Entry("b", "A map of two", "other"),
            Entry("c", "Map", "third"),
        ]
    )
    browser.search.setText("map")
    assert shown(browser) == ["c", "b", "a"]


def test_enter_opens_the_first_match(browser: Browser, qtbot: QtBot) -> None:
    with qtbot.waitSignal(browser.opened) as signal:
        QTest.keyClicks(browser.search, "hen")
        QTest.keyClick(browser.search, Qt.Key.Key_Return)
    assert signal.args == ["henon"]


def test_arrows_move_over_headings(browser: Browser, qtbot: QtBot) -> None:
    for _ in range(3):
        QTest.keyClick(browser.search, Qt.Key.Key_Down)
    with qtbot.waitSignal(browser.opened) as signal:
        QTest.keyClick(browser.search, Qt.Key.Key_Return)
    assert signal.args == ["van-der-pol"]


def test_a_click_opens(browser: Browser, qtbot: QtBot) -> None:
    index = browser.model.index(browser.model.row_of("rossler"))
    with qtbot.waitSignal(browser.opened) as signal:
        QTest.mouseClick(
            browser.list.viewport(),
            Qt.MouseButton.LeftButton,
            pos=browser.list.visualRect(index).center(),
        )
    assert signal.args == ["rossler"]


def test_a_star_stars_and_does_not_open(browser: Browser, qtbot: QtBot) -> None:
    opened: list[str] = []
    browser.opened.connect(opened.append)
    place = star_rect(browser.list.visualRect(browser.model.index(browser.model.row_of("henon"))))
    with qtbot.waitSignal(browser.star_toggled) as signal:
        QTest.mouseClick(browser.list.viewport(), Qt.MouseButton.LeftButton, pos=place.center())
    assert signal.args == ["henon", True]
    assert opened == []
    assert headers(browser)[0] == "Starred"
    browser.set_starred([])
    assert "Starred" not in headers(browser)


def test_setting_the_current_entry_emits_nothing(browser: Browser) -> None:
    opened: list[str] = []
    browser.opened.connect(opened.append)
    browser.set_current("logistic")
    assert opened == []
    assert browser.list.currentIndex().row() == browser.model.row_of("logistic")


def test_nothing_found_says_so_and_offers_a_way_back(browser: Browser) -> None:
    browser.search.setText("zzz")
    words = browser.findChild(QLabel, "browser.empty")
    button = browser.findChild(QPushButton, "browser.clear")
    assert words is not None
    assert button is not None
    assert words.isVisible()
    assert "zzz" in words.text()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert browser.search.text() == ""
    assert shown(browser) == [entry.key for entry in ENTRIES]


def test_a_thumbnail_is_drawn(qtbot: QtBot, dark: Tokens, tmp_path: Path) -> None:
    picture = QImage(112, 80, QImage.Format.Format_RGB32)
    picture.fill(QColor("#ff0000"))
    picture.save(str(tmp_path / "red.png"))
    browser = Browser(dark)
    qtbot.addWidget(browser)
    browser.set_entries(
        [
            Entry("red", "Red", "colours", thumbnail=tmp_path / "red.png"),
            Entry("gone", "Gone", "colours", thumbnail=tmp_path / "gone.png"),
        ]
    )
    browser.resize(260, 300)
    browser.show()
    rect = browser.list.visualRect(browser.model.index(1))
    image = browser.list.viewport().grab().toImage()
    assert image.pixelColor(rect.left() + 40, rect.center().y()).name() == "#ff0000"


def test_a_narrow_catalogue_shows_pictures_only(browser: Browser) -> None:
    browser.resize(80, 600)
    assert not browser.search.isVisible()
    browser.grab()
    browser.resize(260, 600)
    assert browser.search.isVisible()


def test_headings_cannot_be_chosen() -> None:
    model = CatalogueModel()
    model.set_entries(ENTRIES)
    assert model.flags(model.index(0)) == Qt.ItemFlag.NoItemFlags
    assert model.flags(model.index(1)) & Qt.ItemFlag.ItemIsSelectable


@pytest.mark.parametrize(
    ("authors", "short"),
    [
        ("E. N. Lorenz", "Lorenz"),
        ("M. I. Rabinovich and A. L. Fabrikant", "Rabinovich & Fabrikant"),
        ("A. M. Saxe, J. L. McClelland and S. Ganguli", "Saxe et al."),
        ("", ""),
    ],
)
def test_authors_in_short(authors: str, short: str) -> None:
    assert short_authors(authors) == short


def test_the_muted_line() -> None:
    assert line_of(ENTRIES[0]) == "Lorenz 1963 · flow"
    assert family_title("chaos-catalogue") == "Chaos catalogue"
