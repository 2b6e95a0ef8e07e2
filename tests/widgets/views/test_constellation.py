"""Constellations: names under the pointer, a click picks, a double click opens."""

from __future__ import annotations

from types import MappingProxyType

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from engine.exhibit import Channel
from engine.look import tokens
from engine.tape import Data
from tests.widgets.flat_exhibits import Shown, click, context_of
from widgets.views.constellation import NONE, VIEW, Composer, ConstellationView

STARS = Channel(
    "map",
    "points",
    names=("x", "y", "kind", "dimension"),
    bindings=MappingProxyType({"row": "system"}),
    labels=("Lorenz", "Hénon map", "Nobody", "Rössler"),
    opens=("lorenz", "henon", "no-such-picture", "rossler"),
    legends=MappingProxyType({"kind": ("flow", "map")}),
)
EXHIBIT = Shown({"map": STARS}, kind="map of systems")
ARRAY = np.array([[0.0, 0.0, 0, 3], [10.0, 0.0, 1, 2], [0.0, 10.0, 0, 3], [np.nan, np.nan, 0, 3]])


@pytest.fixture
def view(qtbot: QtBot) -> ConstellationView:
    shown = ConstellationView(tokens("dark"))
    qtbot.addWidget(shown)
    shown.bind(EXHIBIT, STARS, {})
    shown.resize(480, 320)
    shown.show()
    qtbot.waitExposed(shown)
    return shown


def show(view: ConstellationView, array: np.ndarray = ARRAY, **settings: object) -> None:
    data = Data(latest={"map": array}, status={"left_out": 4})
    picture = Composer()(data, context_of(view, **settings))
    assert picture is not None
    view.show_picture(picture)


def test_it_is_found_by_its_kind() -> None:
    assert VIEW is ConstellationView


def test_the_pointer_names_what_is_under_it(view: ConstellationView) -> None:
    show(view)
    view.hover((10.0, 0.0))
    assert "Hénon map" in view.plot.readout.text()
    assert "map" in view.plot.readout.text()
    view.hover((5.0, 5.0))
    assert view.plot.readout.text() == ""


def test_a_click_asks_for_the_bound_parameter(view: ConstellationView, qtbot: QtBot) -> None:
    show(view)
    with qtbot.waitSignal(view.edited) as edited:
        click(view.plot, 10.0, 0.0)
    assert edited.args == [{"system": "henon"}, "Pick Hénon map"]
    with qtbot.assertNotEmitted(view.edited):
        click(view.plot, 5.0, 5.0)


def test_a_double_click_opens_what_is_under_the_pointer(
    view: ConstellationView, qtbot: QtBot
) -> None:
    show(view)
    view.hover((0.0, 0.0))
    with qtbot.waitSignal(view.opened) as opened:
        view.plot.box.double_clicked.emit()
    assert opened.args == ["lorenz"]
    view.hover(None)
    with qtbot.assertNotEmitted(view.opened):
        view.plot.box.double_clicked.emit()


def test_the_picked_one_follows_the_values(view: ConstellationView) -> None:
    view.set_values({"system": "rossler"})
    assert view.item.picked == 3
    view.set_values({"system": "no-such"})
    assert view.item.picked == -1


def test_those_without_a_place_are_counted_not_drawn(view: ConstellationView) -> None:
    show(view)
    assert view.plot.caption.text() == "5 without features, left out"
    assert view.row_at(0.0, 0.0) == 0


def test_crowded_points_are_dots_until_one_comes_closer(view: ConstellationView) -> None:
    close = np.array([[0.0, 0.0, 0, 3], [0.2, 0.0, 1, 2], [10.0, 10.0, 0, 3]])
    data = Data(latest={"map": close})
    far = Composer()(data, context_of(view))
    near = Composer()(data, context_of(view, left=-0.2, right=0.4, bottom=-0.2, top=0.2))
    assert far is not None
    assert near is not None
    assert far.pictured.tolist() == [True, False, True]
    assert near.pictured.tolist()[:2] == [True, True]


def test_a_dot_above_a_picture_is_hit_before_it(view: ConstellationView) -> None:
    show(view, np.array([[0.0, 0.0, 0, 3], [0.2, 0.0, 1, 2], [10.0, 10.0, 0, 3]]))
    assert view.row_at(0.2, 0.0) == 1
    assert view.row_at(-0.2, 0.0) == 0


@pytest.mark.parametrize("colour", ["kind", "dimension", NONE])
@pytest.mark.parametrize("theme", ["dark", "light"])
def test_it_is_painted_in_every_colour(view: ConstellationView, colour: str, theme: str) -> None:
    view.set_theme(tokens(theme))
    view.apply_settings({"colour": colour})
    show(view)
    image = view.grab().toImage()
    seen = {image.pixel(x, y) for x in range(0, 480, 3) for y in range(0, 320, 3)}
    assert len(seen) > 20


def test_no_points_are_no_picture(view: ConstellationView) -> None:
    assert Composer()(Data(), context_of(view)) is None
