"""Fields: colours, cells, gestures."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytestqt.qtbot import QtBot

from engine.drawing.ranges import Window
from engine.exhibit import Channel
from engine.look import colormap, tokens
from engine.tape import Data
from tests.widgets.flat_exhibits import Shown, click, context_of, drag
from widgets.views.field import VIEW, Composer, Field, _cells_between, category_colours

CELLS = Channel(
    "cells", "field", axes=("cell", "generation"), categories=("dead", "alive"), gestures=("flip",)
)
HEIGHTS = Channel("heights", "field", colormap="vik")
EXHIBIT = Shown({"cells": CELLS, "heights": HEIGHTS}, kind="lattice")


@pytest.fixture
def view(qtbot: QtBot) -> Field:
    shown = Field(tokens("dark"))
    qtbot.addWidget(shown)
    shown.bind(EXHIBIT, CELLS, {})
    shown.resize(480, 320)
    shown.show()
    qtbot.waitExposed(shown)
    return shown


def show(view: Field, values: np.ndarray, **settings: object) -> None:
    assert view.channel is not None
    data = Data(latest={view.channel.name: values})
    view.show_picture(Composer()(data, context_of(view, **settings)))


def words(colours: np.ndarray) -> list[int]:
    red, green, blue, alpha = (np.round(255 * colours[:, k]).astype(np.int64) for k in range(4))
    return ((alpha << 24) | (red << 16) | (green << 8) | blue).tolist()


def test_it_is_found_by_its_kind() -> None:
    assert VIEW is Field


def test_categories_have_colours_of_their_own(view: Field) -> None:
    values = np.array([[0, 1, 0], [1, 1, 0]])
    show(view, values)
    dead, alive = words(category_colours(tokens("dark"), 2))
    assert dead != alive
    assert view.plot.raster.pixels is not None
    assert np.array_equal(view.plot.raster.pixels, np.where(values == 1, alive, dead))


def test_zero_has_the_middle_colour_of_a_diverging_map(view: Field) -> None:
    view.bind(EXHIBIT, HEIGHTS, {})
    show(view, np.array([[-1.0, 0.0, 4.0]]))
    pixels = view.plot.raster.pixels
    assert pixels is not None
    table = words(colormap("vik").astype(float))
    assert pixels[0, 1] in table[127:129]
    assert pixels[0, 2] == table[-1]


def test_what_is_not_a_number_is_transparent(view: Field) -> None:
    view.bind(EXHIBIT, HEIGHTS, {})
    show(view, np.array([[np.nan, 0.0], [1.0, np.inf]]))
    assert view.plot.raster.pixels is not None
    assert view.plot.raster.pixels[0, 0] == 0


def test_colours_hold_still_while_values_change_a_little(view: Field) -> None:
    view.bind(EXHIBIT, HEIGHTS, {})
    composer, context = Composer(), context_of(view)
    first = composer(Data(latest={"heights": np.array([[-1.0, 1.0]])}), context)
    second = composer(Data(latest={"heights": np.array([[-0.9, 0.9]])}), context)
    assert first is not None
    assert second is not None
    assert first.bounds == second.bounds == (-1.0, 1.0)


def test_a_click_sends_the_cell_under_it(view: Field, qtbot: QtBot) -> None:
    show(view, np.zeros((20, 40), dtype=int))
    with qtbot.waitSignal(view.acted) as acted:
        # Row 0 is at the top: ordinate 16.5 of 20 is row 3.
        click(view.plot, 12.5, 16.5)
    assert acted.args == ["flip", {"row": 3, "column": 12}]


def test_a_brush_stroke_sends_every_cell_once(view: Field) -> None:
    show(view, np.zeros((20, 40), dtype=int))
    cells: list[tuple[int, int]] = []
    view.acted.connect(lambda _, cell: cells.append((cell["row"], cell["column"])))
    drag(view.plot, (5.5, 10.5), (30.5, 10.5), steps=4)
    assert len(cells) == len(set(cells))
    assert {row for row, _ in cells} == {9}
    columns = sorted(column for _, column in cells)
    assert columns == list(range(columns[0], 31))


def test_outside_the_image_nothing_is_sent(view: Field, qtbot: QtBot) -> None:
    show(view, np.zeros((40, 20), dtype=int))
    with qtbot.assertNotEmitted(view.acted):
        click(view.plot, view.plot.window.left + 1.0, 5.0)


def test_cells_are_square_unless_the_image_is_very_long(view: Field) -> None:
    show(view, np.zeros((20, 40), dtype=int))
    area, window = view.plot.frame_item.area, view.plot.window
    assert area.width() / window.width == pytest.approx(area.height() / window.height)
    show(view, np.zeros((4, 400), dtype=int))
    assert view.plot.window == Window(0.0, 400.0, 0.0, 4.0)


def test_the_read_out_names_the_category(view: Field) -> None:
    values = np.zeros((20, 40), dtype=int)
    values[3, 12] = 1
    show(view, values)
    view.hover((12.5, 16.5))
    assert "alive" in view.plot.readout.text()
    view.hover((13.5, 16.5))
    assert "dead" in view.plot.readout.text()


@pytest.mark.parametrize("values", [np.zeros((0, 3)), np.zeros(5), None])
def test_no_image_is_no_picture(view: Field, values: np.ndarray | None) -> None:
    data = Data(latest={} if values is None else {"cells": values})
    assert Composer()(data, context_of(view)) is None


places = st.tuples(st.integers(-50, 50), st.integers(-50, 50))


@given(places, places)
def test_a_stroke_has_no_gaps(start: tuple[int, int], stop: tuple[int, int]) -> None:
    cells = _cells_between(start, stop)
    assert cells[0] == start
    assert cells[-1] == stop
    for a, b in pairwise(cells):
        assert max(abs(a[0] - b[0]), abs(a[1] - b[1])) <= 1
