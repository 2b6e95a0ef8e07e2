"""Slopes of lines are exact, and the region chosen is the straight one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.analysis._scaling import chosen_line, line_between, local_slopes, straight_line
from engine.errors import ParameterError


@given(st.floats(-5.0, 5.0), st.floats(-50.0, 50.0), st.integers(1, 6))
def test_a_line_has_its_slope_everywhere(slope: float, level: float, half: int) -> None:
    x = np.linspace(-30.0, 0.0, 120)
    y = slope * x + level
    y[:7] = np.nan
    found = local_slopes(x, y, half)
    assert np.isnan(found[:7]).all()
    assert found[7:] == pytest.approx(np.full(113, slope), abs=1e-6)
    line = straight_line(x, y, 10, 100)
    assert (line.slope, line.intercept) == pytest.approx((slope, level), abs=1e-9)


def test_local_slopes_are_those_of_least_squares() -> None:
    random = np.random.default_rng(0)
    x, y = np.sort(random.random(40)), random.random(40)
    y[[3, 20, 21]] = np.nan
    found = local_slopes(x, y, 3)
    for i in (0, 1, 5, 19, 22, 39):
        near = np.arange(max(0, i - 3), min(40, i + 4))
        near = near[np.isfinite(y[near])]
        assert found[i] == pytest.approx(np.polyfit(x[near], y[near], 1)[0], rel=1e-9)


def test_the_straight_part_is_chosen() -> None:
    x = np.linspace(0.0, 10.0, 101)
    # A steep bend, a line of slope two, and saturation.
    slope = np.where(x < 2.0, 5.0 - 1.5 * x, np.where(x < 8.0, 2.0, 2.0 * (10.0 - x) / 2.0))
    y = np.concatenate([[0.0], np.cumsum(0.5 * (slope[1:] + slope[:-1]) * np.diff(x))])
    line = chosen_line(x, y, local_slopes(x, y, 2), 1.0)
    assert line.slope == pytest.approx(2.0, abs=0.02)
    assert x[line.first] == pytest.approx(2.0, abs=0.4)
    assert x[line.last] == pytest.approx(8.0, abs=0.4)


def test_a_longer_region_beats_a_shorter_one_as_straight() -> None:
    x = np.linspace(0.0, 10.0, 101)
    y = np.where(x < 3.0, 3.0 * x, 9.0 + (x - 3.0))
    line = chosen_line(x, y, local_slopes(x, y, 2), 1.0)
    assert line.slope == pytest.approx(1.0, abs=0.01)


def test_gaps_are_in_no_region() -> None:
    x = np.linspace(0.0, 10.0, 101)
    y = np.where(np.abs(x - 4.0) < 0.5, np.nan, x)
    line = chosen_line(x, y, local_slopes(x, y, 2), 1.0)
    assert x[line.first] > 4.0


def test_what_is_too_short_is_told() -> None:
    x = np.linspace(0.0, 1.0, 20)
    with pytest.raises(ParameterError, match="no part of the plot"):
        chosen_line(x, x, np.ones(20), 2.0)
    with pytest.raises(ParameterError, match="holds 0 radii"):
        line_between(x, x, 100.0, 200.0, "radii")
