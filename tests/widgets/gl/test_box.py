"""The box is steady under small changes, follows large ones, and always holds the data."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from widgets.gl.box import EasedBox, padded, shape_of

LOW, HIGH = np.array([-20.0, -27.0, 0.0]), np.array([20.0, 27.0, 48.0])


def test_the_first_box_is_taken_at_once() -> None:
    box = EasedBox()
    box.aim(LOW, HIGH)
    assert box.settled
    assert (box.low <= LOW).all()
    assert (box.high >= HIGH).all()


def test_a_slightly_smaller_orbit_does_not_move_the_box() -> None:
    box = EasedBox()
    box.fit(LOW, HIGH)
    box.aim(0.9 * LOW, 0.9 * HIGH)
    assert box.settled


def test_a_larger_orbit_is_reached_by_gliding_and_never_overshot() -> None:
    box = EasedBox()
    box.fit(LOW, HIGH)
    box.aim(2 * LOW, 2 * HIGH)
    goal = padded(2 * LOW, 2 * HIGH)
    before = box.high.copy()
    steps = 0
    while not box.settled:
        box.glide(1 / 60)
        assert (box.high >= before - 1e-12).all()
        assert (box.high <= goal[1] + 1e-9).all()
        before = box.high.copy()
        steps += 1
        assert steps < 120
    assert box.low == pytest.approx(goal[0])
    assert box.high == pytest.approx(goal[1])


def test_a_much_smaller_orbit_gets_a_smaller_box() -> None:
    box = EasedBox()
    box.fit(LOW, HIGH)
    box.aim(0.3 * LOW, 0.3 * HIGH)
    assert not box.settled
    box.arrive()
    assert box.high == pytest.approx(padded(0.3 * LOW, 0.3 * HIGH)[1])


number = st.floats(-1e9, 1e9) | st.sampled_from([math.inf, -math.inf])


@given(st.tuples(number, number, number), st.tuples(number, number, number))
def test_any_extent_gives_a_box_with_room(
    low: tuple[float, float, float], high: tuple[float, float, float]
) -> None:
    a, b = padded(np.minimum(low, high), np.maximum(low, high))
    assert np.isfinite(a).all()
    assert np.isfinite(b).all()
    assert (b > a).all()


def test_shapes_keep_the_longest_side_and_stay_boxes() -> None:
    natural = shape_of(LOW, HIGH, "natural", False, 1.5)
    assert natural == pytest.approx([40 / 54, 1.0, 48 / 54])
    assert shape_of(LOW, HIGH, "cube", False, 1.5) == pytest.approx([1, 1, 1])
    long = shape_of(np.zeros(3), np.array([1.0, 1.0, 1000.0]), "natural", False, 1.5)
    assert long.min() > 0.3
    flat = shape_of(LOW, HIGH, "natural", True, 1.5)
    assert flat[2] == 0.0
    assert flat[0] / flat[1] == pytest.approx(1.5)
    equal = shape_of(LOW, HIGH, "equal", True, 1.5)
    assert equal[0] / equal[1] == pytest.approx(40 / 54)
