"""The attractor view without OpenGL: options, pictures, camera, words, export."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

import engine
from engine.exhibit import Channel, Exhibit
from engine.look import rgb, tokens
from engine.tape import Data
from tests.widgets.flat_exhibits import Shown, context_of, data_of, tape_of
from widgets.gl.camera import PRESETS, Camera
from widgets.views.attractor import AttractorView, place_at
from widgets.views.registry import view_class


@pytest.fixture(autouse=True)
def without_opengl(monkeypatch: pytest.MonkeyPatch) -> None:
    """These tests say the same with and without a screen, and nothing moves by itself."""
    monkeypatch.setenv("PHASESCOPE_OPENGL", "0")
    monkeypatch.setenv("PHASESCOPE_STILL", "1")


def knot(steps: int = 6_000, scale: float = 1.0) -> NDArray[np.float64]:
    """Rows of a trefoil knot, run through three times."""
    t = np.linspace(0.0, 6 * np.pi, steps)
    return np.column_stack(
        [
            t,
            scale * (np.sin(t) + 2 * np.sin(2 * t)),
            scale * (np.cos(t) - 2 * np.cos(2 * t)),
            -scale * np.sin(3 * t),
        ]
    )


def shown(names: tuple[str, ...] = ("x", "y", "z"), kind: str = "flow") -> tuple[Exhibit, Channel]:
    channel = Channel("orbit", "trajectory", names=names)
    return Shown({"orbit": channel}, kind=kind), channel


@pytest.fixture
def view(qtbot: QtBot) -> Iterator[AttractorView]:
    made = AttractorView(tokens("dark"))
    qtbot.addWidget(made)
    made.bind(*shown(), {})
    made.resize(480, 360)
    yield made
    made.close()


def feed(view: AttractorView, data: Data, **settings: Any) -> Any:
    picture = view.composer()(data, context_of(view, **settings))
    view.show_picture(picture)
    return picture


def brightness(image: NDArray[np.uint8]) -> NDArray[np.float64]:
    """How far each pixel is from the window's colour."""
    window = 255 * np.array(rgb(tokens("dark").window))
    return np.abs(image[..., :3] - window).max(axis=2)


def test_it_is_found_by_its_kind(view: AttractorView) -> None:
    assert view_class("attractor") is AttractorView
    assert view.objectName() == "view.attractor"


def test_every_system_opens_with_its_own_axes() -> None:
    for key, exhibit in engine.catalogue().items():
        if exhibit.system is None:
            continue
        options = AttractorView.options_for(exhibit, exhibit.channels["orbit"])
        for name in ("x_axis", "y_axis", "z_axis"):
            assert options[name].default in options[name].choices, key
        wanted = exhibit.system.axes[:3]
        given = [str(options[f"{axis}_axis"].default) for axis in "xyz"]
        if len(wanted) == 1 and exhibit.kind != "map":
            given = given[1:]  # upwards, over time
        assert given[: len(wanted)] == list(wanted), key


def test_maps_open_as_points_and_may_show_their_next_value(view: AttractorView) -> None:
    options = AttractorView.options_for(*shown(("x",), "map"))
    assert options["draw"].default == "points"
    assert options["y_axis"].default == "next x"
    assert options["z_axis"].default == "none"


def test_without_opengl_it_is_drawn_all_the_same_with_a_note(
    view: AttractorView, qtbot: QtBot
) -> None:
    view.show()
    assert not view.opengl
    note = view.findChild(QLabel, "view.attractor.note")
    assert note is not None
    assert note.isVisible()
    assert "no OpenGL" in note.text()
    feed(view, data_of(orbit=tape_of(knot())))
    assert brightness(view.grab_image((480, 360), 1)).max() > 100


def test_the_picture_is_neither_blank_nor_clipped(view: AttractorView) -> None:
    feed(view, data_of(orbit=tape_of(knot())))
    light = brightness(view.grab_image((480, 360), 1))
    assert (light > 60).mean() > 0.01
    border = np.concatenate([light[0], light[-1], light[:, 0], light[:, -1]])
    assert border.max() == 0


@pytest.mark.parametrize("size", [(333, 257), (800, 200), (200, 600)])
def test_an_image_has_the_size_that_was_asked_for(
    view: AttractorView, size: tuple[int, int]
) -> None:
    feed(view, data_of(orbit=tape_of(knot())))
    image = view.grab_image(size, 2)
    assert image.shape == (size[1], size[0], 4)
    assert image.dtype == np.uint8
    assert (image[..., 3] == 255).all()


def test_an_orbit_that_leaves_for_infinity_is_drawn_as_far_as_it_goes(view: AttractorView) -> None:
    rows = knot()
    rows[5_000:, 1:] = np.inf
    rows[100, 2] = np.nan
    feed(view, data_of(orbit=tape_of(rows)))
    assert (brightness(view.grab_image((480, 360), 1)) > 60).mean() > 0.01


def test_no_rows_no_picture(view: AttractorView) -> None:
    assert view.composer()(Data(), context_of(view)) is None


def test_a_new_context_always_gives_a_picture(view: AttractorView) -> None:
    data, compose = data_of(orbit=tape_of(knot())), view.composer()
    context = context_of(view)
    assert compose(data, context) is not None
    assert compose(data, context) is None
    # The window captures another context when the view comes back: its picture may be lost.
    assert compose(data, context_of(view)) is not None


def test_the_static_compose_says_the_same(view: AttractorView) -> None:
    data = data_of(orbit=tape_of(knot()))
    context = context_of(view)
    one, other = AttractorView.compose(data, context), view.composer()(data, context)
    assert (one.body.place == other.body.place).all()
    assert (one.body.along == other.body.along).all()


def test_the_colour_of_time_runs_from_first_to_last(view: AttractorView) -> None:
    picture = feed(view, data_of(orbit=tape_of(knot())), colour="time")
    shade = np.abs(picture.body.place[:, 3]) - 1.0
    assert shade[0] == pytest.approx(0.0, abs=1e-6)
    assert shade[-1] == pytest.approx(1.0, abs=1e-6)
    assert (np.diff(shade) >= -1e-6).all()


def test_axes_may_be_any_variables_time_or_none(view: AttractorView) -> None:
    rows = knot()
    data = data_of(orbit=tape_of(rows))
    picture = feed(view, data, x_axis="z", y_axis="time", z_axis="x")
    assert picture.low == pytest.approx([rows[:, 3].min(), 0.0, rows[:, 1].min()])
    assert picture.names == ("z", "t", "x")
    flat = feed(view, data, z_axis="none")
    assert flat.flat
    assert (flat.body.place[:, 2] == 0).all()


def test_words_dim_the_last_picture_and_go_again(view: AttractorView) -> None:
    view.show()
    feed(view, data_of(orbit=tape_of(knot())))
    bright = brightness(view.grab_image((480, 360), 1)).sum()
    view.empty("left the region |x| > 1e6 at t = 3.2")
    message = view.findChild(QLabel, "view.attractor.message")
    assert message is not None
    assert message.isVisible()
    assert message.text().startswith("Left the region")
    assert 0 < brightness(view.grab_image((480, 360), 1)).sum() < 0.6 * bright
    view.empty("")
    assert not message.isVisible()
    assert brightness(view.grab_image((480, 360), 1)).sum() == pytest.approx(bright)


def test_both_themes_use_their_own_colours(view: AttractorView) -> None:
    feed(view, data_of(orbit=tape_of(knot())))
    view.set_theme(tokens("light"))
    corner = view.grab_image((480, 360), 1)[0, 0, :3]
    assert corner == pytest.approx(255 * np.array(rgb(tokens("light").window)), abs=1)


def mouse(kind: QEvent.Type, x: float, y: float, shift: bool = False) -> QMouseEvent:
    keys = Qt.KeyboardModifier.ShiftModifier if shift else Qt.KeyboardModifier.NoModifier
    left = Qt.MouseButton.LeftButton
    moving = kind == QEvent.Type.MouseMove
    return QMouseEvent(
        kind, QPointF(x, y), QPointF(x, y), Qt.MouseButton.NoButton if moving else left, left, keys
    )


def drag(view: AttractorView, right: float, down: float, shift: bool = False) -> None:
    surface = view._surface.widget
    for kind, x, y in (
        (QEvent.Type.MouseButtonPress, 200, 150),
        (QEvent.Type.MouseMove, 200 + right, 150 + down),
        (QEvent.Type.MouseButtonRelease, 200 + right, 150 + down),
    ):
        QApplication.sendEvent(surface, mouse(kind, x, y, shift))


def test_a_drag_turns_shift_pans_the_wheel_zooms_and_a_double_click_resets(
    view: AttractorView,
) -> None:
    view.show()
    feed(view, data_of(orbit=tape_of(knot())))
    start = view._scene.camera
    drag(view, 40, 20)
    turned = view._scene.camera
    assert turned.azimuth < start.azimuth
    assert turned.elevation > start.elevation
    drag(view, 40, 20, shift=True)
    assert view._scene.camera.pan[0] > 0 > view._scene.camera.pan[1]
    surface = view._surface.widget
    wheel = QWheelEvent(
        QPointF(100, 100),
        QPointF(100, 100),
        QPoint(0, 0),
        QPoint(0, 240),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(surface, wheel)
    assert view._scene.camera.zoom > 1.2
    QApplication.sendEvent(surface, mouse(QEvent.Type.MouseButtonDblClick, 100, 100))
    assert view._scene.camera == Camera(*PRESETS["perspective"])


def test_a_preset_moves_the_eye_and_other_settings_do_not(view: AttractorView) -> None:
    feed(view, data_of(orbit=tape_of(knot())))
    drag(view, 30, 10)
    mine = view._scene.camera
    view.apply_settings({**view.settings, "width": 3.0})
    assert view._scene.camera == mine
    view.apply_settings({**view.settings, "camera": "top"})
    assert view._scene.camera == Camera(*PRESETS["top"])


def test_the_box_is_steady_while_dragging_and_refitted_on_reset(view: AttractorView) -> None:
    compose, tape = view.composer(), tape_of(knot())
    data = data_of(orbit=tape)
    view.show_picture(compose(data, context_of(view)))
    box = view._scene.box.high.copy()
    tape.restart(knot(scale=0.93))
    view.show_picture(compose(data, context_of(view)))
    assert (view._scene.box.high == box).all()
    view.reset_view()
    view._scene.box.arrive()
    assert (view._scene.box.high < box).all()


def test_the_linked_cursor_stands_where_the_orbit_was(view: AttractorView) -> None:
    rows = knot()
    picture = feed(view, data_of(orbit=tape_of(rows)))
    for row in (0, 1_234, 5_999):
        view.set_cursor_time(float(rows[row, 0]))
        assert view._scene.cursor == pytest.approx(rows[row, 1:], abs=0.03)
    assert place_at(picture.body, 1e9) is None
    view.set_cursor_time(None)
    assert view._scene.cursor is None


def test_a_hidden_view_has_no_clock(view: AttractorView) -> None:
    view.show()
    feed(view, data_of(orbit=tape_of(knot())))
    view.hide()
    QApplication.processEvents()
    feed(view, data_of(orbit=tape_of(knot(scale=2.0))))
    assert view._control is not None
    assert not view._control.active


def test_another_exhibit_is_framed_at_once(view: AttractorView) -> None:
    feed(view, data_of(orbit=tape_of(knot())))
    other = Shown({"orbit": Channel("orbit", "trajectory", names=("u", "v"))}, kind="map")
    other.key = "other"
    view.bind(other, other.channels["orbit"], {})
    rows = np.column_stack([np.arange(500.0), np.random.default_rng(1).random((500, 2))])
    picture = feed(view, data_of(orbit=tape_of(rows)))
    assert picture.flat
    assert picture.body.dots
    assert view._scene.camera == Camera(*PRESETS["top"])
    assert (brightness(view.grab_image((480, 360), 1)) > 60).mean() > 0.001
