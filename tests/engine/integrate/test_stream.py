"""Streams: pieces that add up to one run, changes under way, ends that are told."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import engine
from engine.errors import ParameterError
from engine.integrate.solve import simulate
from engine.integrate.stream import Stream
from engine.integrate.tableaus import TABLEAUS
from engine.systems.system import System

METHOD = pytest.mark.parametrize("method", list(TABLEAUS))


@METHOD
def test_pieces_are_the_same_as_one_run(lorenz: System, method: str) -> None:
    whole = simulate(lorenz, 20.0, 0.01, method)
    stream = Stream(lorenz, method=method, step=0.01)
    pieces = [stream.row, *(stream.advance(n) for n in (1, 10, 100, 889, 1000))]
    np.testing.assert_array_equal(np.concatenate(pieces), whole.rows)
    assert stream.t == pytest.approx(20.0)
    np.testing.assert_array_equal(stream.state, whole.states[-1])
    assert stream.steps == whole.steps


@settings(max_examples=25, deadline=None)
@given(
    pieces=st.lists(st.integers(0, 40), max_size=12),
    every=st.integers(1, 7),
    method=st.sampled_from(["rk4", "tsit5"]),
)
def test_every_so_many_steps_whatever_the_pieces(
    pieces: list[int], every: int, method: str
) -> None:
    lorenz = engine.systems()["lorenz"]
    stream = Stream(lorenz, method=method, step=0.01, every=every, background=False)
    rows = np.concatenate([np.empty((0, 4)), *(stream.advance(n) for n in pieces)])
    every_row = Stream(lorenz, method=method, step=0.01, background=False).advance(sum(pieces))
    expected = every_row[every - 1 :: every]
    assert rows.shape == expected.shape
    np.testing.assert_allclose(rows, expected, rtol=1e-9, atol=1e-12)


@METHOD
def test_changed_values_act_from_the_present_state(oscillator: System, method: str) -> None:
    stream = Stream(oscillator, method=method, step=0.001, rtol=1e-11, atol=1e-11)
    stream.advance(700)
    here = stream.state
    stream.set_values({"k": 4.0})
    assert stream.values == {"k": 4.0}
    np.testing.assert_array_equal(stream.state, here)
    rows = stream.advance(500)
    # From (x, v) with frequency 2: x cos 2s + v / 2 sin 2s.
    s = rows[:, 0] - 0.7
    exact = here[0] * np.cos(2 * s) + here[1] / 2 * np.sin(2 * s)
    np.testing.assert_allclose(rows[:, 1], exact, atol=3e-3 if method == "euler" else 1e-9)
    np.testing.assert_allclose(rows[:, 0], np.linspace(0.701, 1.2, 500))


def test_values_not_named_stay(lorenz: System) -> None:
    stream = Stream(lorenz, {"rho": 99.65})
    stream.set_values({"sigma": 9.0})
    assert stream.values == {"sigma": 9.0, "rho": 99.65, "beta": pytest.approx(8 / 3)}


def test_a_value_that_cannot_be_used_changes_nothing(lorenz: System) -> None:
    stream = Stream(lorenz)
    for bad in ({"rho": float("nan")}, {"rho": 20.0, "nothing": 1.0}):
        with pytest.raises(ParameterError):
            stream.set_values(bad)
    assert stream.values["rho"] == 28.0


def test_a_run_that_stopped_says_so_and_can_go_on_with_other_values(logistic: System) -> None:
    stream = Stream(logistic, {"r": 4.5}, initial=[0.4])
    rows = stream.advance(1000)
    assert stream.stopped is not None
    assert "left the region |x| > 1e6 at iteration" in stream.stopped.reason
    assert len(rows) == stream.stopped.step
    assert len(stream.advance(10)) == 0
    stream.set_values({"r": 3.0})
    assert stream.stopped is None
    stream.restart([0.4])
    assert len(stream.advance(10)) == 10
    assert stream.t == 10


def test_the_bound_is_the_callers_where_given(lorenz: System) -> None:
    stream = Stream(lorenz, bound=15.0)
    stream.advance(10_000)
    assert stream.stopped is not None
    assert stream.stopped.reason.startswith("left the region |")
    assert "| > 15 at t = " in stream.stopped.reason
    assert np.abs(stream.state).max() <= 15.0


@METHOD
def test_a_cancelled_stream_returns_at_once(lorenz: System, method: str) -> None:
    flag = np.ones(1, np.int64)
    stream = Stream(lorenz, method=method, cancel=flag)
    assert len(stream.advance(10**7)) == 0
    flag[0] = 0
    assert len(stream.advance(10)) == 10


def test_the_method_can_change_under_way(oscillator: System) -> None:
    stream = Stream(oscillator, method="rk4", step=0.01)
    stream.advance(100)
    stream.set_method("dop853", 0.02)
    rows = stream.advance(100)
    assert stream.method == "dop853"
    np.testing.assert_allclose(rows[:, 1], np.cos(rows[:, 0]), atol=1e-7)
    np.testing.assert_allclose(rows[:, 0], 1 + 0.02 * np.arange(1, 101))


def test_rows_belong_to_the_caller(lorenz: System) -> None:
    stream = Stream(lorenz)
    rows = stream.advance(100)
    kept = rows.copy()
    stream.advance(1000)
    np.testing.assert_array_equal(rows, kept)
    assert rows.base is None
