"""Events: closed forms, directions, what happens together, what piles up, and the end."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import ParameterError
from engine.integrate.methods import FLOW, methods_for
from engine.integrate.solve import simulate
from engine.integrate.stream import Stream
from engine.systems.system import System

METHOD = pytest.mark.parametrize("method", FLOW)
ACCURATE = pytest.mark.parametrize("method", [key for key in FLOW if key != "euler"])


def bounces(count: int, g: float = 9.81, e: float = 0.8) -> np.ndarray:
    """Times at which the ball of height 1 is on the floor."""
    flights = 2 * math.sqrt(2 / g) * e ** np.arange(count)
    return np.cumsum(flights) - math.sqrt(2 / g)


@ACCURATE
def test_a_ball_bounces_when_it_should_and_is_told_to_rest(ball: System, method: str) -> None:
    orbit = simulate(ball, 5.0, 0.01, method)
    times = orbit.events[:, 0]
    assert len(times) > 60
    np.testing.assert_allclose(times, bounces(len(times)), atol=1e-11)
    np.testing.assert_allclose(orbit.events[:, 2], 0.0, atol=1e-11)
    # Where all flights end: sqrt(2 / g) (1 + e) / (1 - e).
    assert orbit.stopped is not None
    assert orbit.stopped.time == pytest.approx(math.sqrt(2 / 9.81) * 9.0, abs=1e-9)
    assert orbit.stopped.reason.startswith("event x happens ever faster and piles up at t = 4.0637")
    assert orbit.t[-1] == pytest.approx(4.06)
    # Between two bounces each row lies on its parabola.
    flight = np.searchsorted(times, orbit.t) - 1
    late = flight >= 0
    since = orbit.t[late] - times[flight[late]]
    speed = math.sqrt(2 * 9.81) * 0.8 ** (flight[late] + 1)
    np.testing.assert_allclose(
        orbit.states[late, 0], speed * since - 9.81 / 2 * since**2, atol=1e-11
    )


@METHOD
def test_a_neuron_fires_with_its_period(neuron: System, method: str) -> None:
    orbit = simulate(neuron, 40.0, 0.01, method, rtol=1e-10, atol=1e-10)
    period = math.log(1.5 / 0.5)
    if method == "euler":
        period = -0.01 * math.log(3.0) / math.log(1 - 0.01)
    times = orbit.events[:, 0]
    assert len(times) == math.floor(40.0 / period)
    # Euler's last part of a step is shorter than the others.
    expected = period * np.arange(1, len(times) + 1)
    np.testing.assert_allclose(times, expected, rtol=1e-3 if method == "euler" else 1e-8)
    phase = (orbit.t % math.log(3.0)) if method != "euler" else None
    if phase is not None:
        clear = (phase > 1e-3) & (phase < math.log(3.0) - 1e-3)
        exact = 1.5 * (1 - np.exp(-phase))
        np.testing.assert_allclose(orbit.states[clear, 0], exact[clear], atol=1e-7)


def test_an_event_costs_rk4_no_order(neuron: System) -> None:
    errors = []
    for steps in (50, 100):
        # Not a multiple of the period, so that events fall anywhere in a step.
        orbit = simulate(neuron, 5.0, 5.0 / steps, "rk4")
        exact = 1.5 * (1 - math.exp(-(5.0 % math.log(3.0))))
        errors.append(abs(float(orbit.states[-1, 0]) - exact))
    assert math.log2(errors[0] / errors[1]) == pytest.approx(4.0, abs=0.5)


@METHOD
def test_pieces_are_the_same_as_one_run(ball: System, neuron: System, method: str) -> None:
    for system in (ball, neuron):
        whole = simulate(system, 6.0, 0.02, method)
        stream = Stream(system, method=method, step=0.02)
        rows = [stream.row, *(stream.advance(n) for n in (1, 30, 7, 62, 100, 100))]
        np.testing.assert_array_equal(np.concatenate(rows), whole.rows)
        np.testing.assert_array_equal(stream.events, whole.events)
        assert stream.stopped == whole.stopped


@pytest.fixture(scope="module")
def circle(read: Callable[..., System]) -> System:
    """x = cos t: events where x passes zero down, up, and either way; nothing is changed."""
    return read(
        """
        kind = "flow"
        [variables]
        x = 1.0
        v = 0.0
        [equations]
        x = "v"
        v = "-x"
        [[events]]
        when = "x"
        direction = "down"
        set = { x = "x" }
        [[events]]
        when = "x"
        direction = "up"
        set = { x = "x" }
        [[events]]
        when = "v + 0.25"
        set = { v = "v" }
        """,
        "circle",
    )


@ACCURATE
def test_directions_count_and_an_event_without_change_changes_nothing(
    circle: System, oscillator: System, method: str
) -> None:
    orbit = simulate(circle, 30.0, 0.1, method, rtol=1e-11, atol=1e-11)
    down, up, both = (orbit.events[orbit.events[:, 1] == k, 0] for k in range(3))
    tolerance = 3e-5 if method == "rk4" else 1e-8
    np.testing.assert_allclose(down, np.arange(0.5, 9.0, 2.0) * math.pi, atol=tolerance)
    np.testing.assert_allclose(up, np.arange(1.5, 9.6, 2.0) * math.pi, atol=tolerance)
    # sin t = 1/4
    first = math.asin(0.25)
    turns = 2 * math.pi * np.arange(6)
    expected = np.sort(np.concatenate([first + turns, math.pi - first + turns]))
    np.testing.assert_allclose(both, expected[expected < 30.0], atol=tolerance)
    plain = simulate(oscillator, 30.0, 0.1, method, rtol=1e-11, atol=1e-11)
    np.testing.assert_allclose(orbit.states, plain.states, atol=tolerance)


def test_two_crossings_within_a_step_are_both_seen(circle: System) -> None:
    # v + 1/4 is below zero from t = 0.25 to 2.89: with one step from 0 to 3 both ends are above.
    orbit = simulate(circle, 3.0, 3.0, "tsit5", rtol=1e-3, atol=10.0)
    both = orbit.events[orbit.events[:, 1] == 2, 0]
    assert len(both) == 2


@METHOD
def test_a_terminal_event_ends_the_run(read: Callable[..., System], method: str) -> None:
    fall = read(
        """
        kind = "flow"
        [variables]
        x = 2.0
        [equations]
        x = "-1"
        [[events]]
        when = "x - 0.75"
        terminal = true
        set = { x = "0" }
        """,
        "fall",
    )
    orbit = simulate(fall, 10.0, 0.1, method)
    assert orbit.stopped is not None
    assert orbit.stopped.reason == "event x - 0.75 ended the run at t = 1.25"
    assert orbit.stopped.time == pytest.approx(1.25, abs=1e-12)
    assert orbit.t[-1] == pytest.approx(1.2)
    np.testing.assert_allclose(orbit.events, [[1.25, 0.0, 0.75]], atol=1e-12)


@pytest.fixture(scope="module")
def pair(read: Callable[..., System]) -> System:
    """Two balls, of which the second begins at a height of its own."""
    return read(
        """
        kind = "flow"
        [variables]
        x = 1.0
        v = 0.0
        y = 1.0
        w = 0.0
        [equations]
        x = "v"
        v = "-2"
        y = "w"
        w = "-2"
        [[events]]
        when = "x"
        direction = "down"
        set = { v = "-v" }
        [[events]]
        when = "y"
        direction = "down"
        set = { w = "-w" }
        """,
        "pair",
    )


@ACCURATE
def test_events_at_the_same_time_all_happen(pair: System, method: str) -> None:
    orbit = simulate(pair, 10.5, 0.07, method)
    # Height 1 and g = 2: on the floor at 1, 3, 5 ...
    for k in (0, 1):
        times = orbit.events[orbit.events[:, 1] == k, 0]
        np.testing.assert_allclose(times, [1.0, 3.0, 5.0, 7.0, 9.0], atol=1e-9)
    np.testing.assert_allclose(orbit.states[:, 0], orbit.states[:, 2], atol=1e-9)


@settings(max_examples=20, deadline=None)
@given(height=st.floats(0.1, 3.0), step=st.floats(0.01, 0.5), method=st.sampled_from(FLOW[1:]))
def test_energy_of_elastic_balls_stays_whatever_the_step(
    pair_of_balls: System, height: float, step: float, method: str
) -> None:
    orbit = simulate(pair_of_balls, 12.0, step, method, initial=[1.0, 0.0, height, 0.0])
    assert orbit.stopped is None
    x, v, y, w = orbit.states.T
    np.testing.assert_allclose(2 * x + v**2 / 2, 2.0, atol=1e-7)
    np.testing.assert_allclose(2 * y + w**2 / 2, 2 * height, atol=1e-7)
    assert orbit.states[:, [0, 2]].min() > -1e-9


@pytest.fixture(scope="module")
def pair_of_balls(pair: System) -> System:
    return pair


@METHOD
def test_a_start_on_the_event_is_no_event(ball: System, method: str) -> None:
    # Thrown up from the floor: on it again after 2 v / g, and nothing at the start.
    orbit = simulate(ball, 0.3, 0.01, method, initial=[0.0, 1.0])
    assert len(orbit.events) == 1
    tolerance = 0.02 if method == "euler" else 1e-10
    assert orbit.events[0, 0] == pytest.approx(2 / 9.81, abs=tolerance)


@METHOD
def test_a_right_side_sees_the_state_before_the_event(
    read: Callable[..., System], method: str
) -> None:
    swap = read(
        """
        kind = "flow"
        [variables]
        x = 0.0
        y = 5.0
        [equations]
        x = "1"
        y = "0"
        [[events]]
        when = "x - 1"
        direction = "up"
        set = { x = "y - 6", y = "x + 2" }
        """,
        "swap",
    )
    orbit = simulate(swap, 1.5, 0.1, method)
    # At t = 1: x = 5 - 6, y = 1 + 2.
    np.testing.assert_allclose(orbit.states[-1], [-0.5, 3.0], atol=1e-9)
    assert len(orbit.events) == 1


@METHOD
def test_switching_back_and_forth_is_stopped(read: Callable[..., System], method: str) -> None:
    relay = read(
        """
        kind = "flow"
        [variables]
        x = 1.0
        s = -1.0
        [equations]
        x = "s"
        s = "0"
        [[events]]
        when = "x"
        set = { s = "-s" }
        direction = "down"
        [[events]]
        when = "x - 1e-15"
        direction = "up"
        set = { s = "-1" }
        """,
        "relay",
    )
    orbit = simulate(relay, 2.0, 0.01, method)
    assert orbit.stopped is not None
    assert "happens ever faster and piles up at t = 1" in orbit.stopped.reason


def test_a_change_of_values_under_way_is_seen_by_events(neuron: System) -> None:
    stream = Stream(neuron, method="rk4", step=0.01)
    stream.advance(50)
    stream.set_values({"I": 3.0})
    stream.advance(200)
    # v is 1.5 (1 - exp(-1/2)) at t = 1/2, and then 3 - (3 - v) exp(-t).
    v = 1.5 * (1 - math.exp(-0.5))
    first = 0.5 + math.log((3 - v) / 2)
    expected = first + math.log(1.5) * np.arange(len(stream.events))
    np.testing.assert_allclose(stream.events[:, 0], expected, atol=1e-8)
    assert len(stream.events) > 4


def test_methods_suit_events(ball: System, neuron: System) -> None:
    assert methods_for(ball) == FLOW
    with pytest.raises(ParameterError, match="'ball' is a flow with events, which takes euler"):
        simulate(ball, method="verlet")


@ACCURATE
def test_events_in_time_are_not_stepped_over_where_the_state_is_at_rest(
    read: Callable[..., System], method: str
) -> None:
    kicked = read(
        """
        kind = "flow"
        [variables]
        x = 0.0
        [equations]
        x = "-0.01*x"
        [[events]]
        when = "sin(2*pi*t)"
        direction = "up"
        set = { x = "x + 1" }
        """,
        "kicked",
    )
    orbit = simulate(kicked, 40.5, 0.05, method)
    np.testing.assert_allclose(orbit.events[:, 0], np.arange(1, 41), atol=1e-9)
    ratio = math.exp(-0.01)
    total = (1 - ratio**40) / (1 - ratio) * math.exp(-0.005)
    assert orbit.states[-1, 0] == pytest.approx(total, rel=1e-9)
