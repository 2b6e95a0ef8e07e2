"""Facts about simplified and laid out curves: lines, circles, bounds, interruptions."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from engine.drawing import curves

Rows = NDArray[np.float64]
ONE = (np.zeros(3), np.ones(3))
"""Centre and scale that leave places as they are."""


def space() -> curves.Selection:
    return curves.Selection(np.array([1, 2, 3]), np.zeros(3, dtype=np.int64))


def circle(steps: int, rounds: float = 1.0, radius: float = 1.0) -> Rows:
    """A circle at unit angular speed in the plane of the first two axes."""
    angle = np.linspace(0.0, 2 * math.pi * rounds, steps)
    return np.column_stack([angle, radius * np.cos(angle), radius * np.sin(angle), np.zeros(steps)])


def lay(rows: Rows, limit: float = 0.003) -> tuple[NDArray[np.float32], NDArray[np.float32], float]:
    kept = curves.simplify(rows, space(), *ONE, limit)
    values = curves.colour_values(rows, space(), curves.SPEED, kept)
    return curves.strip(rows, space(), *ONE, 0.0, (0.0, 1.0), kept, values)


def triangle_areas(place: NDArray[np.float32], along: NDArray[np.float32]) -> NDArray[np.float64]:
    """Areas of the strip's triangles when it is widened a little across its direction."""
    side = np.sign(place[:, 3:4])
    across = np.cross(along[:, :3].astype(float), [0.0, 0.0, 1.0])
    size = np.linalg.norm(across, axis=1, keepdims=True)
    spots = place[:, :3] + 0.01 * side * across / np.maximum(size, 1e-12)
    first, second = spots[1:-1] - spots[:-2], spots[2:] - spots[:-2]
    return 0.5 * np.linalg.norm(np.cross(first, second), axis=1)


def test_a_straight_line_needs_points_only_for_its_colours() -> None:
    steps = 1001
    t = np.linspace(0.0, 1.0, steps)
    rows = np.column_stack([t, 2 * t - 1, np.zeros(steps), np.zeros(steps)])
    kept = curves.simplify(rows, space(), *ONE, 1e-6)
    assert kept[0] == 0
    assert kept[-1] == steps - 1
    assert len(kept) <= 2.0 / curves.REACH + 3


def test_a_circle_has_its_length_and_its_tangents() -> None:
    place, along, length = lay(circle(20_000))
    assert length == pytest.approx(2 * math.pi, rel=2e-3)
    inner = place[4:-4], along[4:-4]
    radial = (inner[0][:, :3] * inner[1][:, :3]).sum(axis=1)
    assert np.abs(radial).max() < 1e-3 * curves.BEND
    assert np.abs(np.linalg.norm(along[:, :3], axis=1) - curves.BEND).max() < 1e-5


def test_the_speed_of_a_uniform_rotation_is_its_radius() -> None:
    rows = circle(5_000, radius=0.7)
    kept = np.arange(5_000)
    speed = curves.colour_values(rows, space(), curves.SPEED, kept)
    assert speed == pytest.approx(np.full(5_000, 0.7), rel=1e-5)


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 2**32 - 1), st.floats(0.001, 0.1), st.floats(0.0, 1.0))
def test_no_dropped_point_is_further_than_twice_the_tube(
    seed: int, limit: float, roughness: float
) -> None:
    draw = np.random.default_rng(seed)
    turn = np.cumsum(draw.normal(0.0, 0.05 + roughness, (300, 3)), axis=0)
    walk = np.cumsum(
        0.02 * np.column_stack([np.cos(turn[:, 0]), np.sin(turn[:, 1]), np.sin(turn[:, 2])]), axis=0
    )
    rows = np.column_stack([np.arange(300.0), walk])
    kept = curves.simplify(rows, space(), *ONE, limit)
    assert kept[0] == 0
    assert kept[-1] == 299
    assert (np.diff(kept) > 0).all()
    for first, last in pairwise(kept):
        start, run = walk[first], walk[last] - walk[first]
        between = walk[first + 1 : last] - start
        if not len(between):
            continue
        share = np.clip(between @ run / max(float(run @ run), 1e-300), 0.0, 1.0)
        away = np.linalg.norm(between - share[:, None] * run, axis=1)
        assert away.max() <= 2 * limit + 1e-9


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_what_is_not_finite_interrupts_the_curve(bad: float) -> None:
    rows = circle(2_000)
    whole = triangle_areas(*lay(rows)[:2]).sum()
    rows[1_000:1_010, 2] = bad
    kept = curves.simplify(rows, space(), *ONE, 0.003)
    assert (kept == -1).sum() == 1
    place, along, length = lay(rows)
    assert np.isfinite(place).all()
    assert np.isfinite(along).all()
    assert length < 2 * math.pi
    # Nothing is drawn across the gap: what is drawn is what was drawn, less the gap.
    assert triangle_areas(place, along).sum() == pytest.approx(whole * 1_990 / 2_000, rel=5e-3)


def test_an_orbit_that_is_nowhere_finite_is_empty() -> None:
    rows = np.full((50, 4), math.nan)
    assert len(curves.simplify(rows, space(), *ONE, 0.003)) == 0
    place, along, length = lay(rows)
    assert len(place) == len(along) == 0
    assert length == 0.0


def test_a_reversal_has_both_directions() -> None:
    t = np.linspace(0.0, 2.0, 201)
    rows = np.column_stack([t, np.where(t < 1, t, 2 - t), np.zeros(201), np.zeros(201)])
    _, along, _ = lay(rows)
    assert set(np.round(along[:, 0] / curves.BEND, 3)) == {-1.0, 1.0}


def test_the_extent_ignores_what_is_not_finite() -> None:
    rows = circle(1_001)
    rows[3] = [0.0, math.nan, math.inf, -math.inf]
    low, high = curves.extent(rows, space())
    assert low == pytest.approx([-1.0, -1.0, 0.0], abs=1e-4)
    assert high == pytest.approx([1.0, 1.0, 0.0], abs=1e-4)


def test_far_from_the_origin_the_shape_survives_float32() -> None:
    rows = circle(2_000)
    near = lay(rows)[0]
    rows[:, 1:] += 1e8
    kept = curves.simplify(rows, space(), np.full(3, 1e8), np.ones(3), 0.003)
    values = np.zeros(len(kept))
    far, _, _ = curves.strip(
        rows, space(), np.full(3, 1e8), np.ones(3), 0.0, (0.0, 1.0), kept, values
    )
    assert abs(len(far) - len(near)) <= 4
    assert np.abs(np.hypot(far[:, 0], far[:, 1]) - 1.0).max() < 1e-6


def test_the_next_value_of_the_logistic_map_lies_on_its_parabola() -> None:
    x = np.empty(500)
    x[0] = 0.3
    for i in range(499):
        x[i + 1] = 4 * x[i] * (1 - x[i])
    rows = np.column_stack([np.arange(500.0), x])
    delayed = curves.Selection(np.array([1, 1, -1]), np.array([0, 1, 0]))
    count = curves.readable(rows, delayed)
    assert count == 499
    kept = np.arange(count)
    place, moment = curves.dots(rows, delayed, *ONE, 0.0, (0.0, 1.0), kept, np.zeros(count))
    assert place[:, 1] == pytest.approx(4 * place[:, 0] * (1 - place[:, 0]), abs=1e-6)
    assert (place[:, 2] == 0).all()
    assert moment == pytest.approx(np.arange(499.0))


def test_dots_leave_out_what_is_not_finite() -> None:
    rows = circle(100)
    rows[10, 1] = math.nan
    rows[20, 2] = math.inf
    kept = np.arange(100)
    place, moment = curves.dots(rows, space(), *ONE, 0.0, (0.0, 1.0), kept, np.zeros(100))
    assert len(place) == len(moment) == 98


def test_crowding_counts_the_rounds_of_a_closed_curve() -> None:
    once = curves.crowding(*_crowd(1))
    many = curves.crowding(*_crowd(25))
    assert 0.5 < once < 1.6
    assert many / once == pytest.approx(25.0, rel=0.05)


def _crowd(rounds: int) -> tuple[NDArray[np.float32], float]:
    place, _, length = lay(circle(2_000 * rounds, rounds))
    return place, length
