"""Axes: ranges that hold still and round numbers."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.drawing.ranges import (
    SteadyRange,
    finite_bounds,
    nice,
    padded,
    readable,
    tick_text,
    ticks,
)

numbers = st.floats(-1e9, 1e9)
pairs = st.tuples(numbers, numbers).map(sorted).map(tuple)


@given(st.lists(pairs, min_size=1, max_size=20))
def test_a_steady_range_always_holds_the_data(bounds: list[tuple[float, float]]) -> None:
    steady = SteadyRange()
    for low, high in bounds:
        left, right = steady.follow((low, high))
        assert left <= low <= high <= right
        assert right > left


def test_a_steady_range_ignores_small_changes_and_takes_large_ones() -> None:
    steady = SteadyRange()
    first = steady.follow((0.0, 1.0))
    assert steady.follow((0.1, 0.95)) == first
    assert steady.follow((0.0, 1.03)) == first
    assert steady.follow((0.0, 0.2)) != first


def test_a_steady_range_grows_on_the_side_that_needs_it() -> None:
    steady = SteadyRange()
    left, _ = steady.follow((0.0, 1.0))
    grown = steady.follow((0.0, 1.3))
    assert grown[0] == left
    assert grown[1] > 1.3


def test_a_range_that_grew_much_has_a_margin_on_both_sides() -> None:
    steady = SteadyRange(margin=0.05)
    steady.follow((0.001, 0.0011))
    low, high = steady.follow((0.001, 3.0))
    assert low < 0.001 - 0.1
    assert high > 3.1


@pytest.mark.parametrize("high", [1.0, 2.4, 480.0, 0.07])
def test_two_ticks_can_be_asked_for(high: float) -> None:
    places, _ = ticks(0.0, high, 1, least=2)
    assert 2 <= len(places) <= 4


@given(st.floats(-1e12, 1e12))
def test_a_single_value_gets_a_range_around_it(value: float) -> None:
    low, high = padded(value, value)
    assert low < value < high


@given(pairs, st.integers(1, 12))
def test_ticks_lie_inside_and_are_evenly_spaced(pair: tuple[float, float], most: int) -> None:
    low, high = pair
    if not high - low > 1e-6 * max(1.0, abs(low), abs(high)):
        return
    places, step = ticks(low, high, most)
    assert len(places) <= most + 1
    assert all(low - 1e-6 * step <= place <= high + 1e-6 * step for place in places)
    mantissa = step / 10.0 ** math.floor(math.log10(step * (1 + 1e-12)))
    assert mantissa == pytest.approx(round(mantissa))
    assert round(mantissa) in (1, 2, 5, 10)


@given(st.floats(1e-12, 1e12))
def test_nice_is_one_two_or_five_and_not_below(value: float) -> None:
    assert value * (1 - 1e-8) <= nice(value) <= 2.5 * value * (1 + 1e-8)


@pytest.mark.parametrize(
    ("value", "step", "largest", "text"),
    [
        (0.1 + 0.2, 0.1, 1.0, "0.3"),
        (-2.0, 1.0, 5.0, "−2"),
        (1e-17, 0.5, 1.0, "0"),
        (2.5e6, 5e5, 3e6, "2.5·10⁶"),
        (-4e-5, 1e-5, 6e-5, "−4·10⁻⁵"),
        (1500.0, 500.0, 2e3, "1500"),
    ],
)
def test_tick_text(value: float, step: float, largest: float, text: str) -> None:
    assert tick_text(value, step, largest) == text


def test_bounds_pass_over_what_is_not_finite() -> None:
    assert finite_bounds(np.array([np.nan, 1.0, -np.inf, 3.0])) == (1.0, 3.0)
    assert finite_bounds(np.array([np.nan])) is None
    assert finite_bounds(np.array([])) is None


def test_read_outs_have_a_true_minus_and_admit_failure() -> None:
    assert readable(-0.5) == "−0.5"
    assert readable(math.nan) == "not finite"
