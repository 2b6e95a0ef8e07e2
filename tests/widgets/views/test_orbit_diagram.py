"""The orbit diagram: what it depends on, what gestures ask for, the way back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytestqt.qtbot import QtBot

from engine.drawing.ranges import Window
from engine.exhibit import Channel, Parameter
from engine.job import Partial, run
from engine.look import tokens
from engine.systems.system import OrbitDiagramDefaults, System
from tests.widgets.flat_exhibits import (
    Shown,
    click,
    context_of,
    double_click,
    drag,
    exhibit_of,
)
from widgets.views.diagram_job import coloured, window_for
from widgets.views.orbit_diagram import VIEW, OrbitDiagram
from widgets.views.plotting import set_motion
from widgets.views.zoom_stack import ZoomStack

SIZE = (240, 160)
LOGISTIC = System(
    key="logistic",
    title="Logistic",
    kind="map",
    variables=("x",),
    equations={"x": "r*x*(1 - x) + c"},
    initial=(0.4,),
    parameters={"r": Parameter("r", 3.9, 2.5, 4.0), "c": Parameter("c", 0.0, -0.1, 0.1)},
    orbit_diagram=OrbitDiagramDefaults("r", 2.5, 4.0, "x"),
)


@pytest.fixture
def still() -> Iterator[None]:
    """Axes jump, so that the next gesture meets the window it was meant for."""
    set_motion(False)
    yield
    set_motion(True)


@pytest.fixture
def view(qtbot: QtBot, still: None) -> OrbitDiagram:
    shown = OrbitDiagram(tokens("dark"))
    qtbot.addWidget(shown)
    exhibit = exhibit_of(LOGISTIC)
    shown.bind(exhibit, exhibit.channels["orbit"], {})
    shown.resize(480, 320)
    shown.show()
    qtbot.waitExposed(shown)
    shown.plot.show_window(Window(2.5, 4.0, 0.0, 1.0), glide=False)
    # The document would answer like this.
    shown.settings_edited.connect(
        lambda settings, _: shown.apply_settings({**shown.settings, **settings})
    )
    return shown


def test_it_is_found_by_its_kind(view: OrbitDiagram) -> None:
    assert VIEW is OrbitDiagram
    assert view.plot.frame_item.labels == ("r", "x")


def test_the_swept_parameter_is_no_dependence_and_every_other_value_is(
    view: OrbitDiagram,
) -> None:
    base = context_of(view, SIZE, values={"initial.x": 0.4})
    before = OrbitDiagram.depends(base)
    for name, value, same in (
        ("r", 3.1, True),
        ("c", 0.01, False),
        ("initial.x", 0.5, False),
        ("run.method", "rk4", True),
    ):
        changed = replace(base, values={**base.values, name: value})
        assert (OrbitDiagram.depends(changed) == before) is same
    for name, setting in (("low", 3.0), ("reuse", "follow up"), ("parameter", "c")):
        settings = {**base.settings, name: setting, **({"high": 3.5} if name == "low" else {})}
        assert OrbitDiagram.depends(replace(base, settings=settings)) != before
    assert OrbitDiagram.depends(replace(base, size=(100, 100))) != before


def test_the_diagram_of_the_logistic_map_has_its_fixed_point_and_two_cycle(
    view: OrbitDiagram,
) -> None:
    context = context_of(view, SIZE, bottom=0.0, top=1.0)
    picture = run(OrbitDiagram.job(context))
    assert picture.window == Window(2.5, 4.0, 0.0, 1.0)
    assert picture.counts.shape == picture.pixels.shape == (160, 240)

    def values(r: float) -> np.ndarray:
        column = int((r - 2.5) / 1.5 * 240)
        return 1.0 - (np.flatnonzero(picture.counts[:, column]) + 0.5) / 160

    # x = 1 - 1/r below r = 3, and (r + 1 ± sqrt((r - 3)(r + 1))) / 2r above it.
    assert values(2.8) == pytest.approx([1.0 - 1.0 / 2.8], abs=0.01)
    root = np.sqrt(0.3 * 4.3)
    assert values(3.3) == pytest.approx([(4.3 + root) / 6.6, (4.3 - root) / 6.6], abs=0.01)
    assert len(values(3.99)) > 100
    view.show_partial(Partial(picture, 1.0, 1.0))
    assert view.plot.window == picture.window


def test_a_box_asks_for_that_window_and_the_way_back_leads_out(
    view: OrbitDiagram, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(view.settings_edited) as asked:
        drag(view.plot, (3.0, 0.2), (3.6, 0.8))
    settings = asked.args[0]
    first = [settings[name] for name in ("low", "high", "bottom", "top")]
    assert first == pytest.approx([3.0, 3.6, 0.2, 0.8], abs=0.02)
    drag(view.plot, (3.2, 0.4), (3.4, 0.6))
    assert view.settings["low"] == pytest.approx(3.2, abs=0.01)
    view.back()
    assert [view.settings[name] for name in ("low", "high")] == first[:2]
    assert view.forward_button.isEnabled()
    view.forward()
    assert view.settings["low"] == pytest.approx(3.2, abs=0.01)
    view.back()
    view.back()
    assert [view.settings[name] for name in ("low", "high", "bottom", "top")] == [0, 0, 0, 0]
    assert not view.back_button.isEnabled()


def test_a_click_sets_the_parameter(view: OrbitDiagram, qtbot: QtBot) -> None:
    with qtbot.waitSignal(view.edited) as asked:
        click(view.plot, 3.25, 0.5)
    assert asked.args[0] == {"r": pytest.approx(3.25, abs=0.01)}


def test_a_double_click_goes_back_to_the_whole_and_sets_nothing(
    view: OrbitDiagram, qtbot: QtBot
) -> None:
    drag(view.plot, (3.0, 0.2), (3.6, 0.8))
    with qtbot.assertNotEmitted(view.edited, wait=600), qtbot.waitSignal(view.settings_edited):
        double_click(view.plot, 3.3, 0.5)
    assert view.settings["low"] == view.settings["high"] == 0.0


def test_a_window_belongs_to_the_axes_it_was_drawn_on(view: OrbitDiagram) -> None:
    drag(view.plot, (3.0, 0.2), (3.6, 0.8))
    zoomed = dict(view.settings)
    assert window_for(zoomed, LOGISTIC)[0] == pytest.approx((3.0, 3.6), abs=0.02)
    across, upward = window_for({**zoomed, "parameter": "c"}, LOGISTIC)
    assert across == (-0.1, 0.1)
    assert upward is None


def test_the_cursor_stands_at_the_value_in_use(view: OrbitDiagram) -> None:
    view.set_values({"r": 3.14159, "c": 0.0})
    assert view.cursor_line.value == 3.14159


def test_progress_is_shown_until_the_end(view: OrbitDiagram) -> None:
    job = OrbitDiagram.job(context_of(view, SIZE))
    shares = []
    result = run(job, lambda partial: (shares.append(partial.fraction), view.show_partial(partial)))
    assert all(0.0 <= share <= 1.0 for share in shares)
    view.show_partial(Partial(result, 1.0, 1.0))
    assert not view._progress.isVisible()


def test_a_job_can_be_closed_at_any_step(view: OrbitDiagram) -> None:
    job = OrbitDiagram.job(context_of(view, SIZE))
    next(job)
    job.close()
    assert next(job, None) is None


def test_both_themes_are_recoloured_without_computing(view: OrbitDiagram) -> None:
    picture = run(OrbitDiagram.job(context_of(view, SIZE)))
    view.show_partial(Partial(picture, 1.0, 1.0))
    view.set_theme(tokens("light"))
    assert np.array_equal(view.plot.raster.pixels, coloured(picture.counts, tokens("light")))


def test_no_system_is_said_and_nothing_is_computed(view: OrbitDiagram) -> None:
    exhibit = Shown({"orbit": Channel("orbit", "trajectory", names=("a", "b"))}, kind="lattice")
    view.bind(exhibit, exhibit.channels["orbit"], {})
    assert OrbitDiagram.depends(context_of(view, SIZE)) is None
    assert view.plot.veil.isVisible()
    view.reset_view()
    click(view.plot, 0.5, 0.5)


windows = st.one_of(
    st.none(),
    st.tuples(st.integers(0, 5), st.integers(6, 9)).map(
        lambda pair: Window(pair[0], pair[1], 0.0, 1.0)
    ),
)


@given(st.lists(windows, max_size=12))
def test_back_and_forward_are_inverse(pushed: list[Window | None]) -> None:
    stack = ZoomStack()
    for window in pushed:
        stack.push(window)
    last = stack.current
    steps = 0
    while stack.can_go_back:
        stack.back()
        steps += 1
    assert stack.current is None
    for _ in range(steps):
        stack.forward()
    assert stack.current == last
    assert not stack.can_go_forward


def test_turns_of_a_wheel_are_one_zoom() -> None:
    stack = ZoomStack()
    stack.push(Window(0.0, 2.0, 0.0, 1.0))
    stack.push(Window(0.0, 1.5, 0.0, 1.0), merge=True)
    assert stack.back() is None
    assert stack.forward() == Window(0.0, 1.5, 0.0, 1.0)
