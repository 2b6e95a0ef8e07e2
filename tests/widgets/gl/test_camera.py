"""The camera frames the box from everywhere and keeps what is under the hand there."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from widgets.gl.camera import PRESETS, Camera, project

CORNERS = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], dtype=float)
angles = st.floats(-180, 180), st.floats(-90, 90)
sides = st.floats(0.2, 1.0)
sizes = st.tuples(st.integers(240, 4000), st.integers(200, 2400))


@settings(deadline=None, max_examples=150)
@given(*angles, st.tuples(sides, sides, sides), sizes)
def test_the_whole_box_is_in_the_picture_however_it_turns(
    azimuth: float, elevation: float, shape: tuple[float, float, float], size: tuple[int, int]
) -> None:
    sides = np.array(shape)
    matrix = Camera(azimuth, elevation).matrix(size, sides, 20.0)
    seen = project(matrix, CORNERS * sides, size)
    assert (seen[:, 2] > 0).all()
    # A turning box is framed by a cylinder sampled at 24 angles: a hair may stand out.
    assert seen[:, 0].min() > 20.0 - 0.02 * size[0]
    assert seen[:, 0].max() < size[0] - 20.0 + 0.02 * size[0]
    assert seen[:, 1].min() > 20.0 - 0.02 * size[1]
    assert seen[:, 1].max() < size[1] - 20.0 + 0.02 * size[1]


@pytest.mark.parametrize(
    ("preset", "right", "up"),
    [
        ("front", [1, 0, 0], [0, 0, 1]),
        ("side", [0, 1, 0], [0, 0, 1]),
        ("top", [1, 0, 0], [0, 1, 0]),
    ],
)
def test_presets_show_the_axes_they_promise(preset: str, right: list[int], up: list[int]) -> None:
    axes = Camera(*PRESETS[preset]).axes()
    assert axes[0] == pytest.approx(right, abs=1e-12)
    assert axes[1] == pytest.approx(up, abs=1e-12)


@given(*angles)
def test_the_axes_of_the_eye_are_a_right_handed_frame(azimuth: float, elevation: float) -> None:
    axes = Camera(azimuth, elevation).axes()
    assert axes @ axes.T == pytest.approx(np.eye(3), abs=1e-12)
    assert np.linalg.det(axes) == pytest.approx(1.0)


def test_a_flat_picture_seen_from_above_is_undistorted() -> None:
    size, shape = (600, 400), np.array([1.0, 0.6, 0.0])
    matrix = Camera(*PRESETS["top"]).matrix(size, shape, 30.0)
    spots = project(matrix, np.array([[-1, 0, 0], [1, 0, 0], [0, -0.6, 0], [0, 0.6, 0.0]]), size)
    wide, high = spots[1, 0] - spots[0, 0], spots[2, 1] - spots[3, 1]
    assert wide / high == pytest.approx(1 / 0.6)
    assert wide == pytest.approx(540.0, abs=1.0) or high == pytest.approx(340.0, abs=1.0)


def test_a_pixel_of_pan_moves_the_picture_by_a_pixel() -> None:
    size, shape, camera = (800, 600), np.ones(3), Camera()
    unit = camera.world_per_pixel(size, shape)
    before = project(camera.matrix(size, shape), np.zeros((1, 3)), size)
    after = project(camera.panned(10 * unit, -5 * unit).matrix(size, shape), np.zeros((1, 3)), size)
    assert after[0, :2] - before[0, :2] == pytest.approx([10.0, 5.0], abs=1e-6)
    assert before[0, :2] == pytest.approx(camera.centre(size, shape))


def test_a_glide_takes_the_shorter_way_and_arrives() -> None:
    start, goal = Camera(170.0, 0.0, 1.0), Camera(-170.0, 30.0, 4.0)
    half = start.towards(goal, 0.5)
    assert abs(half.azimuth) == pytest.approx(180.0)
    assert half.zoom == pytest.approx(2.0)
    end = start.towards(goal, 1.0)
    assert end.axes() == pytest.approx(goal.axes(), abs=1e-12)


def test_the_poles_and_the_zoom_have_limits() -> None:
    assert Camera().turned(0, 500).elevation == 90.0
    assert Camera().turned(0, -500).elevation == -90.0
    assert Camera().zoomed(1e9).zoom < 100
    assert Camera().zoomed(1e-9).zoom > 0.01
