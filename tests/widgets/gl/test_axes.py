"""Ticks are round and inside, and nothing of the frame crosses the picture."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from widgets.gl.axes import axes_picture, tick_words, ticks
from widgets.gl.camera import Camera

NAMES = ("x", "y", "z")


@given(st.floats(-1e6, 1e6), st.floats(1e-6, 1e6), st.integers(2, 8))
def test_ticks_are_inside_even_and_no_more_than_asked(low: float, span: float, most: int) -> None:
    high = low + span
    assume(high > low + 1e-9 * abs(low))
    places = ticks(low, high, most)
    assert len(places) <= most
    if places:
        room = 1e-6 * (span + abs(low))
        assert low - room <= places[0]
        assert places[-1] <= high + room
    steps = np.diff(places)
    if len(steps):
        assert steps == pytest.approx(np.full(len(steps), steps[0]), rel=1e-6)
        mantissa = steps[0] / 10 ** np.floor(np.log10(steps[0]) + 1e-9)
        assert min(abs(mantissa - round_one) for round_one in (1, 2, 2.5, 5, 10)) < 1e-6


@pytest.mark.parametrize(("low", "high"), [(0.0, 0.0), (1.0, 0.0), (0.0, float("inf"))])
def test_an_empty_range_has_no_ticks(low: float, high: float) -> None:
    assert ticks(low, high, 5) == []


def test_words_say_the_numbers_with_equal_decimals() -> None:
    assert tick_words([-0.5, 0.0, 0.5]) == ["−0.5", "0.0", "0.5"]
    assert tick_words([-20.0, 0.0, 20.0]) == ["−20", "0", "20"]
    assert tick_words([2e6]) == ["2e+06"]
    assert tick_words([]) == []


@settings(deadline=None, max_examples=100)
@given(st.floats(-180, 180), st.floats(-85, 85))
def test_edges_before_the_picture_are_left_out(azimuth: float, elevation: float) -> None:
    size, shape = (900, 700), np.array([1.0, 0.8, 0.6])
    axes = axes_picture(Camera(azimuth, elevation), size, shape, -shape, shape, NAMES, room=46.0)
    # Nine edges behind or on the outline, at most; each axis adds its own once more with ticks.
    plain = int((axes.strength < 0.5).sum())
    assert 8 <= plain <= 12
    assert {label.text for label in axes.labels if label.name} <= set(NAMES)
    assert np.isfinite(axes.lines).all()
    for label in axes.labels:
        assert -5.0 <= label.x <= size[0] + 5.0
        assert -5.0 <= label.y <= size[1] + 5.0


@settings(deadline=None, max_examples=60)
@given(st.floats(-180, 180), st.floats(-55, 55), st.integers(260, 900))
def test_names_are_not_cut_at_the_sides(azimuth: float, elevation: float, width: int) -> None:
    names, shape = ("theta_0", "theta_30", "x(t - 2 tau)"), np.ones(3)
    size = (width, 500)
    axes = axes_picture(Camera(azimuth, elevation), size, shape, -shape, shape, names, room=46.0)
    for label in axes.labels:
        if label.name:
            reach = 7.5 * len(label.text)
            left = label.x - label.anchor[0] * reach
            assert left >= -1e-6
            assert left + reach <= width + 1e-6


def test_inside_the_box_there_is_no_frame() -> None:
    axes = axes_picture(Camera(zoom=30.0), (900, 700), np.ones(3), -np.ones(3), np.ones(3), NAMES)
    assert len(axes.lines) == 0
    assert axes.labels == ()


def test_a_flat_picture_names_two_axes_below_and_at_the_left() -> None:
    shape = np.array([1.0, 0.7, 0.0])
    axes = axes_picture(
        Camera(-90.0, 90.0), (800, 600), shape, np.zeros(3), np.ones(3), ("x", "y", ""), room=60.0
    )
    names = {label.text: label for label in axes.labels if label.name}
    assert set(names) == {"x", "y"}
    assert names["x"].y > 540
    assert names["y"].x < 60
