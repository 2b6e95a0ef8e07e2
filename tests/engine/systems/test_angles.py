"""Angles within one turn: the same angle, and lines without vertical strokes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.systems import systems
from engine.systems.angles import broken_at_turns, within_turn

TURN = 2.0 * np.pi
angles = st.lists(st.floats(-1e4, 1e4), min_size=1, max_size=40).map(np.array)


@given(angles)
def test_an_angle_within_one_turn_is_the_same_angle(values: np.ndarray) -> None:
    turned = within_turn(values, TURN)
    assert np.all(np.abs(turned) <= 0.5 * TURN + 1e-9)
    np.testing.assert_allclose(np.cos(turned), np.cos(values), atol=1e-9)
    np.testing.assert_allclose(np.sin(turned), np.sin(values), atol=1e-9)


@given(angles, st.floats(0.5, 10.0))
def test_no_piece_of_a_line_is_longer_than_the_step_it_shows(
    values: np.ndarray, period: float
) -> None:
    x, y = broken_at_turns(np.arange(len(values), dtype=float), values, period)
    assert len(x) == len(y)
    longest = np.abs(np.diff(values)).max(initial=0.0)
    pieces = np.abs(np.diff(y))
    assert np.nanmax(pieces, initial=0.0) <= longest + 1e-6
    # All that is left out is what joins one edge to the other.
    inside = np.isin(x, np.arange(len(values))) & np.isfinite(y)
    assert inside.sum() >= len(values)


@pytest.mark.parametrize("rate", [1.0, -1.0, 0.3])
def test_a_steady_rotation_is_a_saw_from_edge_to_edge(rate: float) -> None:
    time = np.linspace(0.0, 30.0, 401)
    x, y = broken_at_turns(time, rate * time, TURN)
    gaps = np.flatnonzero(np.isnan(y))
    # The edges are met at odd multiples of half a turn, on the line and nowhere else.
    met = (np.arange(len(gaps)) + 0.5) * TURN / abs(rate)
    np.testing.assert_allclose(x[gaps - 1], met, rtol=1e-12)
    np.testing.assert_allclose(x[gaps + 1], met, rtol=1e-12)
    np.testing.assert_allclose(y[gaps - 1], np.sign(rate) * 0.5 * TURN)
    np.testing.assert_allclose(y[gaps + 1], -np.sign(rate) * 0.5 * TURN)


def test_what_does_not_turn_is_one_line() -> None:
    time = np.linspace(0.0, 10.0, 100)
    x, y = broken_at_turns(time, np.sin(time), TURN)
    np.testing.assert_array_equal(x, time)
    np.testing.assert_array_equal(y, np.sin(time))


def test_steps_of_several_turns_and_rows_that_are_not_finite_only_interrupt() -> None:
    x, y = broken_at_turns(np.arange(4.0), np.array([0.0, 3.25, np.nan, 0.5]), 1.0)
    np.testing.assert_array_equal(y, [0.0, np.nan, np.nan, np.nan, 0.25, np.nan, -0.5])
    assert (x[0], x[-1]) == (0.0, 3.0)


def test_a_family_of_angles_has_one_period_for_all() -> None:
    kuramoto, swing = systems()["kuramoto"], systems()["swing"]
    assert kuramoto.period("theta0") == kuramoto.period("theta59") == TURN
    assert swing.period("v3") == 0.0
    assert systems()["theta-neuron"].period("theta") == TURN
    assert systems()["lorenz"].period("x") == 0.0
