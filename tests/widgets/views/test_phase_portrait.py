"""The phase portrait: what is composed, where clicks go, what stays still."""

from __future__ import annotations

import math

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from engine.drawing.ranges import Window
from engine.exhibit import Channel
from engine.look import tokens
from tests.widgets.flat_exhibits import (
    Shown,
    click,
    context_of,
    data_of,
    drag,
    exhibit_of,
    plane_system,
    tape_of,
)
from widgets.views.flat import window_settings
from widgets.views.phase_composer import Composer
from widgets.views.phase_events import parted
from widgets.views.phase_portrait import VIEW, PhasePortrait

SYSTEM = plane_system("turning", "y", "mu*(1 - x^2)*y - x", mu=1.0)
SIZE = (200, 150)


@pytest.fixture(autouse=True)
def jacobian() -> None:
    """Where it is compiled already a picture is complete at once."""
    assert SYSTEM.model.compiled.jacobian


def circle(radius: float = 1.0, m: int = 400) -> np.ndarray:
    angle = np.linspace(0.0, 2.0 * np.pi, m)
    return np.column_stack([angle, radius * np.cos(angle), radius * np.sin(angle)])


@pytest.fixture
def view(qtbot: QtBot) -> PhasePortrait:
    shown = PhasePortrait(tokens("dark"))
    qtbot.addWidget(shown)
    exhibit = exhibit_of(SYSTEM)
    shown.bind(exhibit, exhibit.channels["orbit"], {})
    shown.resize(480, 320)
    shown.show()
    qtbot.waitExposed(shown)
    return shown


def opacity(pixels: np.ndarray) -> np.ndarray:
    return pixels >> 24


PLAIN = {"field": "none", "nullclines": "hidden", "fixed points": "hidden"}


def test_it_is_found_by_its_kind(view: PhasePortrait) -> None:
    assert VIEW is PhasePortrait
    assert view.objectName() == "view.phase_portrait"


def test_the_orbit_is_drawn_where_it_is(view: PhasePortrait) -> None:
    context = context_of(view, SIZE, **PLAIN)
    picture = Composer()(data_of(orbit=tape_of(circle())), context)
    assert picture is not None
    assert picture.pixels.shape == (150, 200)
    rows, columns = np.nonzero(opacity(picture.pixels))
    window = picture.window
    x = window.left + (columns + 0.5) / 200 * window.width
    y = window.top - (rows + 0.5) / 150 * window.height
    # All but the glow of the head, at (1, 0).
    far = np.hypot(x - 1.0, y) > 0.3
    assert np.hypot(x, y)[far] == pytest.approx(np.ones(far.sum()), abs=0.05)
    angles = np.unique(np.round(np.degrees(np.arctan2(y, x)) / 5.0))
    assert len(angles) >= 72


@pytest.mark.parametrize("bad", [np.nan, np.inf, 1e300])
def test_a_broken_orbit_is_drawn_as_far_as_it_goes(view: PhasePortrait, bad: float) -> None:
    rows = circle()
    rows[200:, 1:] = bad
    picture = Composer()(data_of(orbit=tape_of(rows)), context_of(view, SIZE, **PLAIN))
    assert picture is not None
    assert all(math.isfinite(edge) for edge in picture.window)
    view.show_picture(picture)


def test_nothing_is_composed_without_rows_or_change(view: PhasePortrait) -> None:
    composer = Composer()
    context = context_of(view, SIZE)
    assert composer(data_of(), context) is None
    tape = tape_of(circle())
    assert composer(data_of(orbit=tape), context) is not None
    assert composer(data_of(orbit=tape), context) is None
    tape.append(circle()[:5])
    assert composer(data_of(orbit=tape), context) is not None


def test_rows_added_one_by_one_give_the_picture_of_all(view: PhasePortrait) -> None:
    rows = circle(m=300)
    context = context_of(view, SIZE, **PLAIN, **window_settings(Window(-2.0, 2.0, -2.0, 2.0)))
    composer, tape = Composer(), tape_of(rows[:250])
    composer(data_of(orbit=tape), context)
    for k in range(250, 300):
        tape.append(rows[k : k + 1])
        live = composer(data_of(orbit=tape), context)
    whole = Composer()(data_of(orbit=tape_of(rows)), context)
    assert live is not None
    assert whole is not None
    # The scale of brightness was set when the picture was begun; the drawn pixels agree.
    assert np.array_equal(opacity(live.pixels) > 0, opacity(whole.pixels) > 0)


def test_the_axes_hold_still_while_the_orbit_changes_a_little(view: PhasePortrait) -> None:
    composer, context = Composer(), context_of(view, SIZE, **PLAIN)
    tape = tape_of(circle(1.0))
    first = composer(data_of(orbit=tape), context)
    tape.restart(circle(1.02))
    second = composer(data_of(orbit=tape), context)
    tape.restart(circle(1.5))
    third = composer(data_of(orbit=tape), context)
    assert first is not None
    assert second is not None
    assert third is not None
    assert first.window == second.window
    assert third.window.right > 1.5


def test_the_run_before_a_drag_stays_as_a_ghost(view: PhasePortrait) -> None:
    moments = iter([0.0, 1.0, 1.01, 1.02])
    composer = Composer(lambda: next(moments))
    wishes = {**PLAIN, **window_settings(Window(-2.0, 2.0, -2.0, 2.0))}
    tape, context = tape_of(circle(1.5)), context_of(view, SIZE, **wishes)
    composer(data_of(orbit=tape), context)
    pictures = []
    # Three moves of a slider, ten milliseconds apart.
    for radius in (1.0, 0.9, 0.8):
        tape.restart(circle(radius))
        pictures.append(composer(data_of(orbit=tape), context))
    left = [int((2.0 - radius) / 4.0 * 200) for radius in (1.5, 1.0, 0.8)]
    assert pictures[-1] is not None
    middle = opacity(pictures[-1].pixels)[70:80]
    ghost, between, orbit = (middle[:, k - 2 : k + 3].max() for k in left)
    assert 0 < ghost < orbit
    assert between == 0
    hidden = Composer()(data_of(orbit=tape), context_of(view, SIZE, **wishes, ghost="hidden"))
    assert hidden is not None
    assert opacity(hidden.pixels)[70:80, left[0] - 2 : left[0] + 3].max() == 0


def test_fixed_points_and_nullclines_belong_to_the_flow(view: PhasePortrait) -> None:
    picture = Composer()(data_of(orbit=tape_of(circle())), context_of(view, SIZE))
    assert picture is not None
    (mark,) = picture.marks
    assert (mark.x, mark.y) == pytest.approx((0.0, 0.0), abs=1e-9)
    assert mark.stability == "unstable"
    assert "unstable focus" in mark.words
    assert "dx/dt = 0" in picture.caption
    view.show_picture(picture)
    view.hover((0.0, 0.0))
    assert "unstable focus" in view.plot.readout.text()
    view.hover((picture.window.right, picture.window.top))
    assert "unstable focus" not in view.plot.readout.text()


def test_swapped_axes_swap_the_flow(view: PhasePortrait) -> None:
    shifted = exhibit_of(plane_system("shifted", "x - 0.5", "-(y + 0.25)"))
    view.bind(shifted, shifted.channels["orbit"], {"x": "y", "y": "x"})
    composer, data, context = Composer(), data_of(orbit=tape_of(circle())), context_of(view, SIZE)
    first = composer(data, context)
    assert first is not None
    # Nobody asked for its Jacobian before: the orbit does not wait for it.
    assert first.unfinished
    assert not first.marks
    picture = composer(data, context)
    assert picture is not None
    assert not picture.unfinished
    assert composer(data, context) is None
    (mark,) = picture.marks
    assert (mark.x, mark.y) == pytest.approx((-0.25, 0.5))
    assert mark.stability == "saddle"


@pytest.mark.parametrize("field", ["arrows", "streamlines"])
def test_the_flow_fills_the_picture(view: PhasePortrait, field: str) -> None:
    wishes = {**PLAIN, "field": field, **window_settings(Window(-3.0, 3.0, -3.0, 3.0))}
    tape = tape_of(circle(0.01))
    with_flow = Composer()(data_of(orbit=tape), context_of(view, SIZE, **wishes))
    assert with_flow is not None
    drawn = opacity(with_flow.pixels) > 0
    for part in (drawn[:75, :100], drawn[75:, :100], drawn[:75, 100:], drawn[75:, 100:]):
        assert 0.02 < part.mean() < 0.6


def test_a_click_asks_for_that_initial_state(view: PhasePortrait, qtbot: QtBot) -> None:
    view.plot.show_window(Window(-2.0, 2.0, -1.0, 1.0), glide=False)
    with qtbot.waitSignal(view.edited) as asked:
        click(view.plot, 1.0, 0.5)
    changes, label = asked.args
    assert set(changes) == {"initial.x", "initial.y"}
    assert changes["initial.x"] == pytest.approx(1.0, abs=4.0 / 300)
    assert changes["initial.y"] == pytest.approx(0.5, abs=2.0 / 200)
    assert "initial" in label


def test_a_drag_pans_and_sets_no_initial_state(view: PhasePortrait, qtbot: QtBot) -> None:
    view.plot.show_window(Window(-2.0, 2.0, -1.0, 1.0), glide=False)
    with qtbot.assertNotEmitted(view.edited), qtbot.waitSignal(view.settings_edited) as asked:
        drag(view.plot, (0.0, 0.0), (1.0, 0.0))
    settings, _ = asked.args
    assert set(settings) == {"left", "right", "bottom", "top"}
    assert settings["left"] < -2.0
    assert settings["right"] - settings["left"] == pytest.approx(4.0)


def test_reset_asks_for_the_automatic_window(view: PhasePortrait, qtbot: QtBot) -> None:
    view.apply_settings(window_settings(Window(-2.0, 2.0, -1.0, 1.0)))
    with qtbot.waitSignal(view.settings_edited) as asked:
        view.reset_view()
    assert set(asked.args[0].values()) == {0.0}


def test_a_chosen_window_is_what_is_drawn(view: PhasePortrait) -> None:
    window = Window(-0.5, 0.5, -4.0, 4.0)
    picture = Composer()(
        data_of(orbit=tape_of(circle())), context_of(view, SIZE, **window_settings(window))
    )
    assert picture is not None
    assert picture.window == window


def test_a_map_is_points(view: PhasePortrait) -> None:
    henon = exhibit_of(plane_system("henon", "1 - 1.4*x^2 + y", "0.3*x", "map"))
    view.bind(henon, henon.channels["orbit"], {})
    assert "nullclines" not in view.settings
    rows = np.array([[0.0, 0.0, 0.0], [1.0, 1.0, 1.0]])
    picture = Composer()(data_of(orbit=tape_of(rows)), context_of(view, SIZE, field="none"))
    assert picture is not None
    # Two dots, and nothing between them.
    assert opacity(picture.pixels)[60:90, 85:115].max() == 0


def test_any_trajectory_can_be_shown(view: PhasePortrait) -> None:
    channel = Channel("layers", "trajectory", names=("first layer", "last layer"))
    exhibit = Shown({"layers": channel}, kind="training-dynamics")
    view.bind(exhibit, channel, {})
    picture = view.composer()(data_of(layers=tape_of(circle())), context_of(view, SIZE))
    view.show_picture(picture)
    assert view.plot.frame_item.labels == ("first layer", "last layer")


def test_both_themes_draw_in_their_own_colours(view: PhasePortrait) -> None:
    data = data_of(orbit=tape_of(circle()))
    dark = Composer()(data, context_of(view, SIZE, theme="dark"))
    light = Composer()(data, context_of(view, SIZE, theme="light"))
    assert dark is not None
    assert light is not None
    assert not np.array_equal(dark.pixels, light.pixels)
    view.set_theme(tokens("light"))
    view.show_picture(light)
    view.empty("the run left its bounds")
    assert view.plot.veil.isVisible()
    view.empty("")
    assert not view.plot.veil.isVisible()


def test_events_part_an_orbit_and_nothing_else_does() -> None:
    time = np.arange(1000.0)
    # A saw: rises evenly for a hundred rows and falls back at once.
    rows = np.column_stack([time, np.mod(time, 100.0), time])
    smooth, leaps = parted(rows, (1, 2), Window(0.0, 100.0, 0.0, 1000.0))
    assert len(leaps) == 3 * 9
    assert leaps[0::3, 1] == pytest.approx(99.0)
    assert leaps[1::3, 1] == pytest.approx(0.0)
    assert np.isnan(leaps[2::3]).all()
    kept = smooth[np.isfinite(smooth[:, 0])]
    assert np.array_equal(kept, rows)
    assert np.isnan(smooth[100]).all()
    turning = circle()
    window = Window(-1.0, 1.0, -1.0, 1.0)
    assert len(parted(turning, (1, 2), window)[1]) == 0
    assert np.array_equal(parted(turning, (1, 2), window, 2)[0], turning[2:])


def test_a_circle_is_a_circle_where_units_are_equal(view: PhasePortrait) -> None:
    context = context_of(view, SIZE, **PLAIN, aspect="equal")
    picture = Composer()(data_of(orbit=tape_of(circle())), context)
    assert picture is not None
    window = picture.window
    assert window.width / SIZE[0] == pytest.approx(window.height / SIZE[1])
    assert window.left <= -1.0
    assert window.right >= 1.0
    assert (window.left + window.right) / 2 == pytest.approx(0.0, abs=0.1)
