"""The arithmetic between a value and a place on a slider."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.exhibit import Parameter
from widgets.number_scale import NumberScale, number_text

ends = st.tuples(st.floats(-1e6, 1e6), st.floats(1e-3, 1e6)).map(lambda e: (e[0], e[0] + e[1]))


@given(ends, st.floats(0, 1))
def test_linear_values_stay_between_the_ends_and_near_the_place(
    where: tuple[float, float], fraction: float
) -> None:
    scale = NumberScale(*where)
    value = scale.value(fraction)
    assert scale.low <= value <= scale.high
    assert abs(scale.fraction(value) - fraction) <= 0.0051


@given(st.floats(1e-9, 1e3), st.floats(1.5, 1e9), st.floats(0, 1))
def test_a_logarithmic_slider_has_the_same_ratio_everywhere(
    low: float, ratio: float, fraction: float
) -> None:
    scale = NumberScale(low, low * ratio, "log")
    value = scale.value(fraction, fine=True)
    assert math.log(value / low) == pytest.approx(fraction * math.log(ratio), abs=1e-4)


@given(st.integers(-1000, 1000), st.integers(1, 1000), st.floats(0, 1))
def test_whole_numbers_stay_whole(low: int, span: int, fraction: float) -> None:
    value = NumberScale(low, low + span, "integer").value(fraction)
    assert value == round(value)


@given(ends, st.floats(0, 1))
def test_ticks_and_values_agree(where: tuple[float, float], fraction: float) -> None:
    scale = NumberScale(*where)
    tick = round(fraction * scale.ticks)
    assert abs(scale.tick(scale.at_tick(tick)) - tick) <= 1


def test_dragging_gives_round_numbers() -> None:
    assert NumberScale(0.0, 200.0).value(0.1503) == 30.0
    assert NumberScale(0.0, 200.0).grain == pytest.approx(0.2)
    assert NumberScale(0.001, 1000.0, "log").value(0.5) == 1.0


def test_an_end_of_the_range_is_reached_exactly() -> None:
    scale = NumberScale(0.123456789, 9.87654321)
    assert scale.value(0.0) == 0.123456789
    assert scale.value(1.0) == 9.87654321


def test_a_logarithm_that_would_meet_zero_becomes_linear() -> None:
    scale = NumberScale.of(Parameter("a", 1.0, 0.0, 10.0, scale="log"))
    assert scale.kind == "linear"


def test_a_missing_range_is_taken_around_the_default() -> None:
    scale = NumberScale.of(Parameter("a", 3.0))
    assert scale.low <= 3.0 <= scale.high
    assert NumberScale.of(Parameter("a", 0.0)).low < NumberScale.of(Parameter("a", 0.0)).high


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (28.0, "28"),
        (8 / 3, "2.66667"),
        (1e-7, "1e-7"),
        (0.1 + 0.2, "0.3"),
        (-5, "-5"),
        (1.5e12, "1.5e12"),
        ("ring", "ring"),
    ],
)
def test_numbers_as_they_are_shown(value: float | int | str, text: str) -> None:
    assert number_text(value) == text
