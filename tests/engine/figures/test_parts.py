"""The arithmetic behind the figures: projection, colours, ink."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.figures import _orbit
from engine.figures._projection import PRESETS, directions, projection
from engine.figures.orbit_diagram import ink

ANGLES = st.floats(-180, 180), st.floats(-90, 90)


@given(*ANGLES)
def test_the_directions_are_orthonormal_and_right_handed(azimuth: float, elevation: float) -> None:
    rows = directions(azimuth, elevation)
    np.testing.assert_allclose(rows @ rows.T, np.eye(3), atol=1e-12)
    assert math.isclose(float(np.linalg.det(rows)), 1.0)


def test_the_presets_look_where_they_say() -> None:
    corners = np.array([[x, y, z] for x in (-1, 1) for y in (-2, 2) for z in (-3, 3)], float)
    front = projection(corners, *PRESETS["front"], "equal", perspective=False)
    places, depths = front(corners)
    # First axis to the right, third up, and what has a small second coordinate is near.
    np.testing.assert_allclose(places[:, 0] / places[:, 1], corners[:, 0] / corners[:, 2])
    assert (np.sign(depths) == -np.sign(corners[:, 1])).all()
    places, depths = projection(corners, *PRESETS["top"], "equal", perspective=False)(corners)
    assert (np.sign(depths) == np.sign(corners[:, 2])).all()
    assert (np.sign(places[:, 0]) == np.sign(corners[:, 0])).all()


def test_what_is_near_is_larger_in_perspective() -> None:
    points = np.array([[-1, -1, -1], [1, -1, 1], [-1, 1, -1], [1, 1, 1.0]])
    places, depths = projection(points, *PRESETS["front"])(points)
    near, far = depths > 0, depths < 0
    assert np.abs(places[near, 0]).min() > np.abs(places[far, 0]).max()


def test_an_orbit_in_one_point_has_a_projection() -> None:
    point = np.full((3, 3), 2.5)
    places, depths = projection(point, 10, 20)(point)
    np.testing.assert_allclose(places, 0)
    np.testing.assert_allclose(depths, 0)


def test_a_fast_swing_does_not_darken_all_the_rest() -> None:
    values = np.append(np.linspace(0, 1, 1000), 1e6)
    scaled, _, high = _orbit.shades(values)
    assert high < 2
    assert scaled[500] == pytest.approx(0.5, abs=0.02)
    assert scaled.max() == 1.0


@given(st.lists(st.floats(), max_size=30))
def test_shades_are_between_0_and_1_whatever_comes(values: list[float]) -> None:
    with np.errstate(over="ignore", invalid="ignore"):
        scaled, _, _ = _orbit.shades(np.array(values))
    assert len(scaled) == len(values)
    assert ((scaled >= 0) & (scaled <= 1)).all()


def test_a_curve_that_fills_the_paper_is_thinner() -> None:
    random = np.random.default_rng(0).random((50_000, 2)) * 100
    circle = 50 + 40 * np.column_stack([np.cos(np.arange(500)), np.sin(np.arange(500))])
    thin, thick = (_orbit.line_width(places, (100, 100)) for places in (random, circle))
    assert thin < 0.3 * thick
    # Going round again changes nothing.
    assert _orbit.line_width(np.tile(circle, (20, 1)), (100, 100)) == thick


def test_ink_is_where_the_samples_are_and_nowhere_else() -> None:
    samples = np.array([[0.05, 0.05, 0.95], [0.55, np.nan, np.inf], [7.0, -7.0, np.nan]])
    shade = ink(samples, (0.0, 1.0), 10)
    assert shade.shape == (10, 3)
    assert set(zip(*np.nonzero(shade), strict=True)) == {(0, 0), (9, 0), (5, 1)}
    # Two samples leave more ink than one.
    assert shade[0, 0] > shade[9, 0] > 0
    assert shade.max() <= 1
