"""Curves: logarithmic axes, theory over measurement, read-outs."""

from __future__ import annotations

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from engine.drawing.ranges import Window
from engine.exhibit import Channel
from engine.look import tokens
from tests.widgets.flat_exhibits import Shown, context_of, data_of, tape_of
from widgets.views.curves import VIEW, Composer, Curves
from widgets.views.flat import window_settings

SIZE = (200, 150)
EXHIBIT = Shown(
    {
        "modes": Channel("modes", "scalar", names=("first", "second"), axes=("step", "strength")),
        "theory": Channel("theory", "scalar", names=("first", "second"), over="modes"),
        "loss": Channel(
            "loss", "scalar", names=("loss",), axes=("step", "loss"), scale=("linear", "log")
        ),
    },
    kind="training-dynamics",
)


@pytest.fixture
def view(qtbot: QtBot) -> Curves:
    shown = Curves(tokens("dark"))
    qtbot.addWidget(shown)
    shown.bind(EXHIBIT, EXHIBIT.channels["modes"], {})
    shown.resize(480, 320)
    shown.show()
    qtbot.waitExposed(shown)
    return shown


def rises(m: int = 500, scale: float = 1.0) -> np.ndarray:
    t = np.linspace(0.0, 10.0, m)
    return np.column_stack([t, scale * np.tanh(t), 0.5 * scale * np.tanh(t)])


def test_it_is_found_by_its_kind(view: Curves) -> None:
    assert VIEW is Curves
    assert view.plot.frame_item.labels == ("step", "strength")


def test_theory_is_drawn_over_the_measured_curves(view: Curves) -> None:
    measured, theory = tape_of(rises()), tape_of(rises(scale=0.9))
    alone = Composer()(data_of(modes=measured), context_of(view, SIZE))
    both = Composer()(data_of(modes=measured, theory=theory), context_of(view, SIZE))
    hidden = Composer()(
        data_of(modes=measured, theory=theory), context_of(view, SIZE, theory="hidden")
    )
    assert alone is not None
    assert both is not None
    assert hidden is not None
    assert both.theory == ("theory",)
    assert np.array_equal(alone.pixels, hidden.pixels)
    # Dashes stand where only the theory passes: 0.9 at the end, between 0.5 and 1.
    row = int((both.window.top - 0.9) / both.window.height * 150)
    dashes = (both.pixels[row - 1 : row + 2, 100:195] >> 24).max(axis=0) > 128
    assert 0.3 < dashes.mean() < 0.95
    view.show_picture(both)
    assert "theory" in view.plot.caption.text()


def test_a_logarithmic_axis_shows_exponents(view: Curves) -> None:
    view.bind(EXHIBIT, EXHIBIT.channels["loss"], {})
    t = np.linspace(0.0, 10.0, 300)
    picture = Composer()(
        data_of(loss=tape_of(np.column_stack([t, 10.0**-t]))), context_of(view, SIZE)
    )
    assert picture is not None
    assert picture.scales == ("linear", "log")
    assert picture.window.bottom < -10.0
    assert picture.window.top > 0.0
    # 10^-t is a straight line here.
    rows, columns = np.nonzero((picture.pixels >> 24) > 128)
    x = picture.window.left + (columns + 0.5) / 200 * picture.window.width
    y = picture.window.top - (rows + 0.5) / 150 * picture.window.height
    assert np.abs(x + y)[x < 9.7].max() < 3.0 * picture.window.height / 150


def test_what_has_no_logarithm_is_left_out(view: Curves) -> None:
    rows = np.array([[0.0, 1.0, -1.0], [1.0, 0.0, 1.0], [2.0, 10.0, np.nan]])
    picture = Composer()(
        data_of(modes=tape_of(rows)), context_of(view, SIZE, **{"y scale": "log", "x scale": "log"})
    )
    assert picture is not None
    assert np.isfinite(picture.window).all()
    view.show_picture(picture)


def test_a_window_in_the_settings_is_in_data_units(view: Curves) -> None:
    wish = window_settings(Window(0.0, 5.0, 0.01, 10.0))
    picture = Composer()(
        data_of(modes=tape_of(rises())), context_of(view, SIZE, **wish, **{"y scale": "log"})
    )
    assert picture is not None
    assert tuple(picture.window) == pytest.approx((0.0, 5.0, -2.0, 1.0))


def test_zooming_a_logarithmic_axis_asks_in_data_units(view: Curves, qtbot: QtBot) -> None:
    context = context_of(view, SIZE, **{"y scale": "log"})
    view.show_picture(Composer()(data_of(modes=tape_of(rises())), context))
    with qtbot.waitSignal(view.settings_edited) as asked:
        view.ask_window(Window(0.0, 5.0, -2.0, 1.0), "Zoom")
    assert asked.args[0] == pytest.approx({"left": 0.0, "right": 5.0, "bottom": 0.01, "top": 10.0})


def test_the_newest_values_are_read_out(view: Curves) -> None:
    rows = rises()
    rows[-1, 1:] = 0.123, 0.456
    view.show_picture(Composer()(data_of(modes=tape_of(rows)), context_of(view, SIZE)))
    assert "0.123" in view.plot.readout.text()
    view.hover((0.0, 0.0))
    assert "0.123" not in view.plot.readout.text()


def test_a_spike_in_a_hundred_thousand_rows_is_seen(view: Curves) -> None:
    rows = np.zeros((100_000, 3))
    rows[:, 0] = np.arange(100_000.0)
    rows[54_321, 1] = 1.0
    picture = Composer()(data_of(modes=tape_of(rows)), context_of(view, SIZE))
    assert picture is not None
    row = int((picture.window.top - 1.0) / picture.window.height * 150)
    assert (picture.pixels[row - 2 : row + 3] >> 24).max() > 100


def test_nothing_is_composed_without_rows_or_change(view: Curves) -> None:
    composer, context = Composer(), context_of(view, SIZE)
    assert composer(data_of(), context) is None
    measured, theory = tape_of(rises()), tape_of(rises())
    data = data_of(modes=measured, theory=theory)
    assert composer(data, context) is not None
    assert composer(data, context) is None
    theory.append(rises()[:1] + 10.0)
    assert composer(data, context) is not None
