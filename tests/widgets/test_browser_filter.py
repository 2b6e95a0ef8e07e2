"""Filters and orders of the catalogue: what they let through, what they say, how to undo them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtGui import QColor, QContextMenuEvent, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QMenu
from pytestqt.qtbot import QtBot

from engine.look import Tokens
from widgets.browser import Browser, Entry
from widgets.browser_filter import DIMENSION, KIND, SORTS, STAR, TAG, Filter, facets, words
from widgets.browser_list import entry_menu
from widgets.browser_model import MIME, CatalogueModel, Header, line_of
from widgets.neighbours import Neighbours
from widgets.thumbnails import Thumbnails

ENTRIES = [
    Entry(
        "lorenz", "Lorenz", "chaos", "flow", ("chaotic", "fluid"), 1963, "E. N. Lorenz",
        dimension=3, equations="x = sigma*(y - x) ; y = x*(rho - z) - y", largest=0.9056,
    ),
    Entry(
        "rossler", "Rössler", "chaos", "flow", ("chaotic",), 1976, "O. E. Rössler",
        dimension=3, equations="z = b + z*(x - c)", words="aka Roessler band", largest=0.0714,
    ),
    Entry("henon", "Hénon map", "maps", "map", ("chaotic",), 1976, "M. Hénon", dimension=2),
    Entry("decay", "Decay", "maps", "map", ("minimal",), None, "", dimension=1, largest=-0.5),
    Entry("brain", "Brain", "neurons", "sde", ("fluid",), 2001, "A. B. C.", dimension=6, own=True),
    Entry("rule", "Rule 90", "lattices", "lattice", ("chaotic",), 1983, "S. Wolfram"),
]  # fmt: skip


@pytest.fixture
def browser(qtbot: QtBot, dark: Tokens) -> Iterator[Browser]:
    browser = Browser(dark)
    qtbot.addWidget(browser)
    browser.set_entries(ENTRIES)
    browser.resize(260, 700)
    browser.show()
    yield browser
    for popup in browser.findChildren(QMenu):
        popup.close()


def shown(browser: Browser) -> list[str]:
    return [row.key for row in browser.model.rows if isinstance(row, Entry)]


def headers(browser: Browser) -> list[str]:
    return [row.title for row in browser.model.rows if isinstance(row, Header)]


# ------------------------------------------------------------------------------ filtering


def test_kinds_add_and_tags_narrow() -> None:
    both = Filter(kinds=frozenset({"flow", "map"}))
    assert [e.key for e in ENTRIES if both.passes(e, False)] == [
        "lorenz", "rossler", "henon", "decay",
    ]  # fmt: skip
    tags = Filter(tags=frozenset({"chaotic", "fluid"}))
    assert [e.key for e in ENTRIES if tags.passes(e, False)] == ["lorenz"]


def test_large_dimensions_share_a_chip_and_what_has_none_has_none() -> None:
    many = Filter(dimensions=frozenset({5}))
    assert [e.key for e in ENTRIES if many.passes(e, False)] == ["brain"]
    assert words(DIMENSION, 5) == "5+ variables"
    assert words(DIMENSION, 1) == "1 variable"


choices = st.lists(
    st.one_of(
        st.tuples(st.just(KIND), st.sampled_from(["flow", "map", "sde", "lattice"])),
        st.tuples(st.just(DIMENSION), st.integers(1, 5)),
        st.tuples(st.just(TAG), st.sampled_from(["chaotic", "fluid", "minimal"])),
        st.tuples(st.just(STAR), st.just(True)),
    ),
    unique=True,
    max_size=6,
)


@given(choices)
def test_choosing_twice_takes_back_and_the_chips_are_the_choices(
    made: list[tuple[str, object]],
) -> None:
    chosen = Filter()
    for group, value in made:
        chosen = chosen.toggled(group, value)
    assert set(chosen.chosen()) == set(made)
    for group, value in made:
        chosen = chosen.toggled(group, value)
    assert chosen == Filter()
    assert not chosen.active


@given(choices)
def test_a_count_is_what_the_choice_leaves(made: list[tuple[str, object]]) -> None:
    chosen = Filter()
    for group, value in made:
        chosen = chosen.toggled(group, value)
    entries = ENTRIES * 3  # so that no tag is too rare for a chip
    starred = frozenset({"lorenz", "brain"})
    counts = facets(entries, chosen, starred)
    for group, value in ((KIND, "flow"), (DIMENSION, 3), (TAG, "fluid")):
        alone = chosen if group == TAG else chosen.without(group)
        if (group, value) not in alone.chosen():
            alone = alone.toggled(group, value)
        left = sum(alone.passes(entry, entry.key in starred) for entry in entries)
        assert counts[group][value] == left


def test_chips_say_what_is_filtered_and_take_it_away(browser: Browser) -> None:
    browser._toggle_choice(KIND, "flow")
    browser._toggle_choice(TAG, "fluid")
    assert shown(browser) == ["lorenz"]
    assert [chip.text() for chip in browser.bar.chips.values()] == ["flow", "fluid"]
    count = browser.findChild(QLabel, "browser.count")
    assert count is not None
    assert count.text() == "1/6"
    browser.bar.chips[TAG, "fluid"].click()
    assert shown(browser) == ["lorenz", "rossler"]
    browser.bar.clear_button.click()
    assert shown(browser) == [entry.key for entry in ENTRIES]
    assert not browser.bar.chips
    assert count.text() == "6"


def test_the_popup_counts_and_chooses(browser: Browser) -> None:
    browser.set_entries(ENTRIES + [replace(e, key=f"{e.key}-2") for e in ENTRIES])
    browser.bar.filter_button.click()
    popup = browser._popup
    assert popup is not None
    assert popup.chips[KIND, "map"].text() == "map  4"
    popup.chips[TAG, "fluid"].click()
    assert set(shown(browser)) == {"lorenz", "lorenz-2", "brain", "brain-2"}
    assert popup.chips[KIND, "map"].text() == "map  0"
    assert not popup.chips[KIND, "map"].isEnabled()
    assert popup.chips[KIND, "sde"].text() == "noisy  2"
    QTest.keyClick(popup, Qt.Key.Key_Escape)
    assert not popup.isVisible()


def test_escape_clears_the_search_then_the_filter(browser: Browser) -> None:
    browser._toggle_choice(KIND, "flow")
    browser.search.setText("lor")
    QTest.keyClick(browser.search, Qt.Key.Key_Escape)
    assert browser.search.text() == ""
    assert browser.model.filter.active
    QTest.keyClick(browser.search, Qt.Key.Key_Escape)
    assert not browser.model.filter.active


def test_nothing_left_says_what_was_asked_and_one_click_shows_all(browser: Browser) -> None:
    browser._toggle_choice(KIND, "map")
    browser.search.setText("lorenz")
    assert browser.empty_text.isVisible()
    assert "map" in browser.empty_text.text()
    assert "lorenz" in browser.empty_text.text()
    browser.clear_button.click()
    assert shown(browser) == [entry.key for entry in ENTRIES]


@pytest.mark.parametrize(
    ("query", "keys"),
    [
        ("sigma", ["lorenz"]),
        ("sigma*(y", ["lorenz"]),
        ("z*(x", ["rossler"]),
        ("roessler", ["rossler"]),
        ("noisy", ["brain"]),
        ("rho chaotic", ["lorenz"]),
    ],
)
def test_equations_and_other_names_are_found(browser: Browser, query: str, keys: list[str]) -> None:
    browser.search.setText(query)
    assert shown(browser) == keys


# -------------------------------------------------------------------------------- sorting


@pytest.mark.parametrize(
    ("sort", "first", "last"),
    [
        ("name", "brain", "rule"),
        ("year", "lorenz", "decay"),
        ("largest", "lorenz", "rule"),
        ("dimension", "decay", "rule"),
    ],
)
def test_an_order_is_one_list_and_what_is_unknown_stands_last(
    browser: Browser, sort: str, first: str, last: str
) -> None:
    browser.sort_by(sort)
    assert headers(browser) == []
    assert (shown(browser)[0], shown(browser)[-1]) == (first, last)
    browser.sort_by(sort, reverse=True)
    assert set(shown(browser)) == {entry.key for entry in ENTRIES}
    if sort != "name":
        assert shown(browser)[-1] == last
    browser.sort_by("family")
    assert headers(browser) == ["Chaos", "Maps", "Neurons", "Lattices"]


def test_the_menu_of_orders_sorts(browser: Browser, qtbot: QtBot) -> None:
    with qtbot.waitSignal(browser.sorting) as signal:
        browser.bar.sorts["largest"].trigger()
    assert signal.args == ["largest"]
    assert shown(browser)[:3] == ["lorenz", "rossler", "decay"]
    assert set(browser.bar.sorts) == set(SORTS)


def test_the_line_of_an_entry_says_what_it_is_sorted_by() -> None:
    assert line_of(ENTRIES[0], sort="largest").startswith("λ₁ 0.906")
    assert line_of(ENTRIES[3], sort="largest").startswith("λ₁ −0.5")
    assert line_of(ENTRIES[2], sort="largest").startswith("λ₁ unknown")
    assert line_of(ENTRIES[0], sort="dimension").startswith("3 variables")


def test_exponents_come_later(browser: Browser) -> None:
    browser.sort_by("largest")
    browser.set_exponents({"henon": 0.419, "lorenz": 0.1})
    assert shown(browser)[:2] == ["henon", "lorenz"]


# ------------------------------------------------------------- recent, starred, surprising


def test_what_was_opened_lately_stands_at_the_top(browser: Browser) -> None:
    browser.set_recent(["henon", "gone", "lorenz"])
    assert headers(browser)[0] == "Recent"
    assert shown(browser)[:2] == ["henon", "lorenz"]
    browser.set_starred(["brain"])
    assert headers(browser)[:2] == ["Recent", "Starred"]
    browser.search.setText("h")
    assert "Recent" not in headers(browser)
    browser.search.clear()
    browser.sort_by("name")
    assert headers(browser) == []


def test_what_is_in_sight_stays_when_an_entry_joins_the_top(browser: Browser, qtbot: QtBot) -> None:
    many = [Entry(f"k{i}", f"Entry {i:03d}", "family", "flow") for i in range(100)]
    browser.set_entries(many)
    browser.list.scrollTo(browser.model.index(browser.model.row_of("k60")))
    index = browser.model.index(browser.model.row_of("k55"))
    before = browser.list.visualRect(index).top()
    browser.set_recent(["k55"])
    browser.set_current("k55")
    after = browser.list.visualRect(browser.model.index(browser.model.row_of("k55"))).top()
    assert after == before


def test_a_surprise_is_among_what_is_shown_and_not_what_is_open(
    browser: Browser, qtbot: QtBot
) -> None:
    browser.set_current("lorenz")
    browser._toggle_choice(KIND, "flow")
    for _ in range(5):
        with qtbot.waitSignal(browser.opened) as signal:
            browser.surprise_button.click()
        assert signal.args == ["rossler"]


# ------------------------------------------------------------------------ menu, drag, keys


def test_the_menu_of_an_entry(browser: Browser, qtbot: QtBot) -> None:
    names = [a.objectName() for a in entry_menu(ENTRIES[0], False, browser).actions()]
    assert [name for name in names if name] == ["open", "star", "copy"]
    own = entry_menu(ENTRIES[4], True, browser)
    assert own.actions()[-1].objectName() == "file"
    browser._open_menu(ENTRIES[4], QPoint(0, 0))
    menu = browser.findChildren(QMenu, "browser.menu")[-1]
    with qtbot.waitSignal(browser.copied) as signal:
        next(a for a in menu.actions() if a.objectName() == "copy").trigger()
    assert signal.args == ["brain"]


def test_the_menu_key_asks_for_the_menu_of_the_chosen_entry(browser: Browser, qtbot: QtBot) -> None:
    browser.set_current("henon")
    event = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(0, 0), QPoint(0, 0))
    with qtbot.waitSignal(browser.list.menu_wanted) as signal:
        QApplication.sendEvent(browser.list.viewport(), event)
    assert signal.args[0].key == "henon"


def test_control_d_stars_the_chosen_entry(browser: Browser, qtbot: QtBot) -> None:
    browser.set_current("henon")
    with qtbot.waitSignal(browser.star_toggled) as signal:
        browser._star_chosen()
    assert signal.args == ["henon", True]


def test_a_dragged_entry_carries_its_key() -> None:
    model = CatalogueModel()
    model.set_entries(ENTRIES)
    index = model.index(model.row_of("henon"))
    assert model.flags(index) & Qt.ItemFlag.ItemIsDragEnabled
    data = model.mimeData([index])
    assert bytes(data.data(MIME).data()) == b"henon"
    assert not model.flags(model.index(0)) & Qt.ItemFlag.ItemIsDragEnabled


def test_folded_it_offers_to_unfold(browser: Browser, qtbot: QtBot) -> None:
    browser.resize(80, 600)
    assert browser.unfold_button.isVisible()
    assert not browser.bar.isVisible()
    with qtbot.waitSignal(browser.room_wanted):
        browser.unfold_button.click()


# ------------------------------------------------------------------------------- pictures


def test_pictures_arrive_a_few_at_a_time_and_all_of_them(qtbot: QtBot, tmp_path: Path) -> None:
    paths = []
    for i in range(40):
        picture = QImage(160, 120, QImage.Format.Format_RGB32)
        picture.fill(QColor.fromHsv(9 * i, 255, 255))
        paths.append(tmp_path / f"{i}.png")
        picture.save(str(paths[-1]))
    thumbnails = Thumbnails(QSize(56, 40))
    first = [thumbnails.get(path) for path in paths]
    assert first[0] is not None
    qtbot.waitUntil(lambda: all(thumbnails.get(path) is not None for path in paths))
    last = thumbnails.get(paths[-1])
    assert last is not None
    assert last.size() == QSize(56, 40)
    assert thumbnails.get(tmp_path / "none.png") is None
    assert not thumbnails.awaited(paths[0])


def test_a_neighbour_opens_by_click_and_key(qtbot: QtBot, dark: Tokens) -> None:
    row = Neighbours(ENTRIES[:3], dark)
    qtbot.addWidget(row)
    row.resize(300, 200)
    row.show()
    with qtbot.waitSignal(row.opened) as signal:
        QTest.mouseClick(row.buttons[1], Qt.MouseButton.LeftButton)
    assert signal.args == ["rossler"]
    with qtbot.waitSignal(row.opened) as signal:
        QTest.keyClick(row.buttons[0], Qt.Key.Key_Space)
    assert signal.args == ["lorenz"]
    row.grab()
