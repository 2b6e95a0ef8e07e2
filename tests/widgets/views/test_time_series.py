"""The time series: extremes survive thinning, lanes, window, linked cursor."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pytestqt.qtbot import QtBot

from engine.look import tokens
from tests.widgets.flat_exhibits import (
    context_of,
    data_of,
    exhibit_of,
    lorenz_rows,
    plane_system,
    position,
    tape_of,
)
from widgets.views.curve_layer import apart
from widgets.views.time_series import VIEW, Composer, TimeSeries, automatic_window

SYSTEM = plane_system("turning", "y", "-x")
SIZE = (200, 150)


def waves(m: int = 5000, step: float = 0.01) -> np.ndarray:
    t = np.arange(m) * step
    return np.column_stack([t, np.sin(t), 100.0 * np.cos(t)])


@pytest.fixture
def view(qtbot: QtBot) -> TimeSeries:
    shown = TimeSeries(tokens("dark"))
    qtbot.addWidget(shown)
    exhibit = exhibit_of(SYSTEM)
    shown.bind(exhibit, exhibit.channels["orbit"], {})
    shown.resize(480, 320)
    shown.show()
    qtbot.waitExposed(shown)
    return shown


def test_it_is_found_by_its_kind(view: TimeSeries) -> None:
    assert VIEW is TimeSeries
    assert view.objectName() == "view.time_series"
    assert view.plot.frame_item.labels[0] == "time"


@pytest.mark.parametrize("place", [3, 1777, 4990])
def test_one_spike_among_thousands_of_samples_is_seen(view: TimeSeries, place: int) -> None:
    rows = np.zeros((5000, 3))
    rows[:, 0] = np.arange(5000.0)
    rows[place, 1] = 1.0
    context = context_of(view, SIZE, window=5000.0, **{"show.y": "hidden"})
    picture = Composer()(data_of(orbit=tape_of(rows)), context)
    assert picture is not None
    window = picture.window
    column = int((place - window.left) / window.width * 200)
    row = int((window.top - 1.0) / window.height * 150)
    near = picture.pixels[max(0, row - 2) : row + 3, max(0, column - 2) : column + 3]
    assert (near >> 24).max() > 100


def test_a_lane_for_each_variable(view: TimeSeries) -> None:
    picture = Composer()(data_of(orbit=tape_of(waves())), context_of(view, SIZE))
    assert picture is not None
    assert [lane.name for lane in picture.lanes] == ["x", "y"]
    upper, lower = picture.lanes
    for value in (-1.0, 1.0):
        assert 1.0 < upper.place(value) < 2.0
        assert 0.0 < lower.place(100.0 * value) < 1.0
    assert picture.separators == (1.0,)
    assert picture.y_ticks is not None
    # A tick of a lane stands where its value is drawn.
    for place, word in picture.y_ticks:
        lane = upper if place > 1.0 else lower
        assert lane.place(float(word.replace("−", "-"))) == pytest.approx(place)


def test_one_axis_for_all(view: TimeSeries) -> None:
    picture = Composer()(data_of(orbit=tape_of(waves())), context_of(view, SIZE, layout="overlaid"))
    assert picture is not None
    assert picture.y_ticks is None
    assert picture.window.bottom < -100.0
    assert picture.window.top > 100.0


def test_hidden_variables_are_left_out(view: TimeSeries) -> None:
    context = context_of(view, SIZE, **{"show.x": "hidden"})
    picture = Composer()(data_of(orbit=tape_of(waves())), context)
    assert picture is not None
    assert [lane.name for lane in picture.lanes] == ["y"]
    assert picture.values.shape[1] == 1


def test_nothing_chosen_is_an_empty_picture(view: TimeSeries) -> None:
    hidden = {"show.x": "hidden", "show.y": "hidden"}
    picture = Composer()(data_of(orbit=tape_of(waves())), context_of(view, SIZE, **hidden))
    assert picture is not None
    assert picture.pixels.max() == 0
    view.show_picture(picture)


def test_the_window_ends_at_the_newest_moment(view: TimeSeries) -> None:
    tape, composer = tape_of(waves()), Composer()
    picture = composer(data_of(orbit=tape), context_of(view, SIZE, window=10.0))
    assert picture is not None
    assert picture.window.left == pytest.approx(49.99 - 10.0)
    assert picture.window.right == pytest.approx(49.99, abs=0.2)
    earlier = composer(data_of(orbit=tape), context_of(view, SIZE, window=10.0, behind=20.0))
    assert earlier is not None
    assert earlier.window.left == pytest.approx(19.99)


def test_a_short_run_starts_at_the_left(view: TimeSeries) -> None:
    picture = Composer()(data_of(orbit=tape_of(waves(100))), context_of(view, SIZE, window=10.0))
    assert picture is not None
    assert picture.window.left == pytest.approx(0.0)


@given(st.floats(1e-6, 1e3))
@settings(max_examples=30)
def test_the_automatic_window_shows_about_two_thousand_samples(step: float) -> None:
    rows = np.column_stack([np.arange(6000) * step])
    assert 2000.0 * (1 - 1e-6) <= automatic_window(rows, False) / step <= 5000.0 * (1 + 1e-6)
    assert 200.0 * (1 - 1e-6) <= automatic_window(rows, True) / step <= 500.0 * (1 + 1e-6)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -1e300])
def test_broken_rows_neither_raise_nor_spoil_the_axes(view: TimeSeries, bad: float) -> None:
    rows = waves()
    rows[3000:3010, 1] = bad
    picture = Composer()(data_of(orbit=tape_of(rows)), context_of(view, SIZE))
    assert picture is not None
    assert np.isfinite(picture.window).all()
    view.show_picture(picture)


def test_a_single_row_is_shown(view: TimeSeries) -> None:
    picture = Composer()(data_of(orbit=tape_of(waves(1))), context_of(view, SIZE))
    assert picture is not None
    view.show_picture(picture)


def test_the_pointer_moves_the_linked_cursor(view: TimeSeries, qtbot: QtBot) -> None:
    view.show_picture(Composer()(data_of(orbit=tape_of(waves())), context_of(view, SIZE)))
    place = position(view.plot, 42.0, 1.0)
    with qtbot.waitSignal(view.cursor_moved) as moved:
        view.plot.scene().sigMouseMoved.emit(view.plot.mapToScene(place))
    assert moved.args[0] == pytest.approx(42.0, abs=0.2)
    with qtbot.waitSignal(view.cursor_moved) as moved:
        view.plot.hovered.emit(None)
    assert moved.args[0] is None


def test_the_cursor_reads_the_values_at_its_time(view: TimeSeries) -> None:
    view.show_picture(Composer()(data_of(orbit=tape_of(waves())), context_of(view, SIZE)))
    view.set_cursor_time(14.0 * np.pi)
    assert view.plot.readout.isVisible()
    # sin = 0 and 100 cos = 100, at the nearest sample.
    assert "100" in view.plot.readout.text()
    view.set_cursor_time(None)
    assert not view.plot.readout.isVisible()


def test_the_wheel_asks_for_a_longer_window(view: TimeSeries, qtbot: QtBot) -> None:
    view.show_picture(Composer()(data_of(orbit=tape_of(waves())), context_of(view, SIZE)))
    with qtbot.waitSignal(view.settings_edited) as asked:
        view.plot.box.zoomed.emit(2.0, 0.0, 0.0)
    assert asked.args[0]["window"] == pytest.approx(2.0 * view.plot.window.width)


@given(st.lists(st.floats(-50.0, 350.0), min_size=1, max_size=12))
def test_names_at_the_right_end_do_not_overlap(wanted: list[float]) -> None:
    places = apart(wanted, 15.0, 10.0, 290.0)
    ordered = sorted(places)
    assert min(ordered) >= 10.0 - 1e-9
    assert max(ordered) <= 290.0 + 1e-9
    assert all(b - a >= 15.0 - 1e-9 for a, b in pairwise(ordered))
    for a, b in zip(wanted, places, strict=True):
        for c, d in zip(wanted, places, strict=True):
            assert a >= c or b <= d


def test_every_variable_of_a_real_orbit_is_drawn(view: TimeSeries) -> None:
    system = plane_system("lorenz", "y", "-x")
    exhibit = exhibit_of(system, ("x", "y", "z"))
    view.bind(exhibit, exhibit.channels["orbit"], {})
    picture = Composer()(data_of(orbit=tape_of(lorenz_rows(3000))), context_of(view, SIZE))
    assert picture is not None
    for lane in range(3):
        band = picture.pixels[lane * 50 + 2 : (lane + 1) * 50 - 2]
        assert (band.max(axis=0) > 0).mean() > 0.9


def test_an_angle_that_rotates_is_shown_within_one_turn(view: TimeSeries) -> None:
    turning = replace(SYSTEM, periods={"x": 2.0 * np.pi})
    exhibit = exhibit_of(turning)
    view.bind(exhibit, exhibit.channels["orbit"], {})
    time = np.arange(2000) * 0.01
    rows = np.column_stack([time, 3.0 * time, 3.0 * time])
    context = context_of(view, (400, 300), window=20.0)
    picture = Composer()(data_of(orbit=tape_of(rows)), context)
    assert picture is not None
    assert np.abs(picture.values[:, 0]).max() <= np.pi
    np.testing.assert_allclose(picture.values[:, 1], 3.0 * picture.times)
    # A column of pixels is touched where the line rises through it, never from edge to edge.
    lane = picture.pixels[:150] >> 24 > 100
    assert lane.any()
    assert lane.sum(axis=0).max() < 30
