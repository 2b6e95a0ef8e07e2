"""Lanes: each is its own orbit, and none touches another."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import engine
from engine.errors import ParameterError
from engine.integrate.kernels import BLOCK
from engine.integrate.lanes import Lanes, spread
from engine.integrate.solve import ensemble, simulate
from engine.systems.system import System


def test_lanes_of_a_flow_are_its_single_orbits(lorenz: System) -> None:
    generator = np.random.default_rng(3)
    initial = generator.normal(size=(3, 70))
    rho = np.linspace(10, 40, 70)
    final = ensemble(lorenz, initial, steps=500, step=0.005, values={"rho": rho})
    for lane in range(0, 70, 7):
        orbit = simulate(lorenz, 2.5, 0.005, "rk4", {"rho": rho[lane]}, initial[:, lane])
        np.testing.assert_allclose(final[:, lane], orbit.states[-1], rtol=1e-9)


@pytest.mark.parametrize("key", ["logistic", "henon", "standard"])
def test_lanes_of_a_map_are_its_single_orbits_bit_by_bit(key: str) -> None:
    system = engine.systems()[key]
    name = next(iter(system.parameters))
    values = np.linspace(0.9, 1.0, 100) * system.parameters[name].default
    final = ensemble(system, steps=300, values={name: values})
    for lane in range(0, 100, 9):
        orbit = simulate(system, 300, values={name: values[lane]})
        np.testing.assert_array_equal(final[:, lane], orbit.states[-1])


def test_time_goes_on_between_calls(make_system) -> None:
    system = make_system("clock", "flow", {"x": "a*cos(t)"}, (0.0,), a=1.0)
    lanes = Lanes(system, values={"a": np.array([1.0, 2.0, -3.0])}, step=0.01)
    for steps in (1, 50, 149, 100):
        lanes.advance(steps)
    assert lanes.t == pytest.approx(3.0)
    np.testing.assert_allclose(lanes.final()[0], np.array([1, 2, -3]) * np.sin(3.0), atol=1e-9)


def test_a_lane_fails_alone_and_at_the_step_its_orbit_fails(explosion: System) -> None:
    initial = np.linspace(0.1, 2.0, 130)[np.newaxis]
    steps, step = 800, 0.001
    lanes = Lanes(explosion, initial, step=step)
    lanes.advance(300)
    lanes.advance(500)
    final = lanes.final()
    for lane in range(0, 130, 3):
        orbit = simulate(explosion, steps * step, step, "rk4", initial=initial[:, lane])
        if orbit.stopped is None:
            assert lanes.failed[lane] == -1
            assert final[0, lane] == pytest.approx(orbit.states[-1, 0], rel=1e-7)
        else:
            assert lanes.failed[lane] == orbit.stopped.step
            assert np.isnan(final[0, lane])
    assert 0 < (lanes.failed >= 0).sum() < 130


def test_a_failing_lane_does_not_touch_the_others(logistic: System) -> None:
    r = np.linspace(3.0, 4.0, BLOCK)
    alone = ensemble(logistic, steps=200, values={"r": r})
    r_bad = r.copy()
    r_bad[[5, 40]] = 5.0
    beside = ensemble(logistic, steps=200, values={"r": r_bad})
    good = np.ones(BLOCK, dtype=bool)
    good[[5, 40]] = False
    np.testing.assert_array_equal(beside[:, good], alone[:, good])
    assert np.isnan(beside[:, ~good]).all()


def test_a_map_fails_at_the_iteration_its_orbit_fails(logistic: System) -> None:
    r = np.linspace(3.9, 5.0, 64)
    lanes = Lanes(logistic, values={"r": r})
    lanes.advance(7)
    lanes.advance(93)
    for lane in range(64):
        orbit = simulate(logistic, 100, values={"r": r[lane]})
        expected = -1 if orbit.stopped is None else orbit.stopped.step
        assert lanes.failed[lane] == expected


@settings(max_examples=20, deadline=None)
@given(count=st.integers(1, 200), seed=st.integers(0, 100), split=st.integers(0, 60))
def test_the_numbers_of_a_lane_depend_on_that_lane_alone(count: int, seed: int, split: int) -> None:
    lorenz = engine.systems()["lorenz"]
    generator = np.random.default_rng(seed)
    initial = generator.normal(size=(3, count))
    rho = generator.uniform(0, 60, count)
    order = generator.permutation(count)
    together = Lanes(lorenz, initial, {"rho": rho}, 0.01)
    together.advance(60)
    shuffled = Lanes(lorenz, initial[:, order], {"rho": rho[order]}, 0.01)
    shuffled.advance(split)
    shuffled.advance(60 - split)
    np.testing.assert_array_equal(shuffled.state, together.state[:, order])
    single = ensemble(lorenz, initial[:, :1], 60, 0.01, {"rho": float(rho[0])})
    np.testing.assert_array_equal(single, together.state[:, :1])


def test_what_is_watched_is_the_orbit(henon: System) -> None:
    a = np.linspace(1.0, 1.4, 150)
    seen = np.full((150, 1200), np.nan)
    at = np.zeros(150, int)

    def take(trace: np.ndarray, now: int, low: int, high: int) -> None:
        for lane in range(low, high):
            column = trace[(lane - low) // BLOCK, :now, lane % BLOCK]
            seen[lane, at[lane] : at[lane] + now] = column
            at[lane] += now

    lanes = Lanes(henon, values={"a": a})
    lanes.watch(1000, 1, take)
    lanes.watch(200, 1, take)
    for lane in (0, 63, 64, 149):
        orbit = simulate(henon, 1200, values={"a": a[lane]})
        np.testing.assert_array_equal(seen[lane], orbit.states[1:, 1])


def test_cancelled_lanes_return_at_once(lorenz: System) -> None:
    lanes = Lanes(lorenz, values={"rho": np.full(64, 28.0)}, cancel=np.ones(1, np.int64))
    lanes.advance(10**9)


@given(lanes=st.integers(1, 5000), block=st.sampled_from([1, 8, 64]))
def test_ranges_cover_every_lane_once_and_start_at_blocks(lanes: int, block: int) -> None:
    seen = np.zeros(lanes, int)

    def work(low: int, high: int) -> None:
        assert low % block == 0
        seen[low:high] += 1

    spread(work, lanes, block)
    assert (seen == 1).all()


def test_an_error_in_a_range_reaches_the_caller() -> None:
    def work(low: int, high: int) -> None:
        if low >= 128:
            raise ValueError("no such lane")

    with pytest.raises(ValueError, match="no such lane"):
        spread(work, 1000)


@pytest.mark.parametrize(
    ("initial", "values", "message"),
    [
        (np.zeros((2, 5)), {}, r"must have shape \(3, lanes\) or \(3,\) for x, y, z, got \(2, 5\)"),
        (np.full((3, 4), np.nan), {}, "must be finite, got .* in lane 0"),
        (
            np.zeros((3, 5)),
            {"rho": np.zeros(4)},
            "same number everywhere, got the initial states: 5, the values of 'rho': 4",
        ),
        (None, {"rho": np.zeros((2, 2))}, r"a number or one number a lane.*\(2, 2\)"),
        (None, {"rho": np.array([1.0, np.inf])}, "finite"),
        (None, {"roh": np.zeros(4)}, "'lorenz' has no parameter 'roh'"),
        (None, {"rho": "x"}, "parameter 'rho' of 'lorenz' must be a finite number"),
    ],
)
def test_what_cannot_be_used_is_refused(
    lorenz: System, initial: object, values: dict, message: str
) -> None:
    with pytest.raises(ParameterError, match=message):
        ensemble(lorenz, initial, 10, values=values)


def test_an_ensemble_needs_whole_steps(lorenz: System) -> None:
    for steps in (-1, 2.5):
        with pytest.raises(ParameterError, match="whole number"):
            ensemble(lorenz, steps=steps)


# ---------------------------------------------------------------- lanes that are runs


def test_lanes_of_delayed_systems_are_their_runs(retarded: System) -> None:
    taus = np.linspace(0.3, 1.2, 70)
    ends = ensemble(retarded, steps=40, step=0.1, values={"tau": taus})
    assert ends.shape == (1, 70)
    for lane in (0, 33, 69):
        orbit = simulate(retarded, 4.0, 0.1, values={"tau": taus[lane]})
        assert ends[0, lane] == orbit.states[-1, 0]


def test_lanes_of_systems_with_events_are_their_runs(neuron: System) -> None:
    currents = np.linspace(1.2, 3.0, 20)
    ends = ensemble(neuron, steps=700, step=0.01, values={"I": currents})
    for lane in (0, 19):
        orbit = simulate(neuron, 7.0, 0.01, "rk4", values={"I": currents[lane]})
        assert ends[0, lane] == orbit.states[-1, 0]


def test_every_lane_has_noise_of_its_own_and_a_seed_gives_it_again(ornstein: System) -> None:
    starts = np.full((1, 500), 1.0)
    one, again, other = (
        ensemble(ornstein, starts, 200, 0.02, method="sra1", seed=seed)[0] for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(one, again)
    assert len(np.unique(one)) == 500
    assert not (one == other).any()
    # exp(-4) left of the start, variance (1 - exp(-8)) / 8.
    assert one.mean() == pytest.approx(math.exp(-4), abs=4 * math.sqrt(0.125 / 500))
    assert one.var() == pytest.approx(0.125, rel=4 * math.sqrt(2 / 500))
    alone = simulate(ornstein, 4.0, 0.02, "sra1", seed=1)
    assert one[0] == alone.states[-1, 0]


def test_other_methods_run_lane_by_lane(kepler: System) -> None:
    start = np.array(kepler.initial)[:, np.newaxis] * np.ones(3)
    start[3] = [1.8, 2.0, 2.1]
    for method in ("yoshida4", "dop853", "rodas5p"):
        ends = ensemble(kepler, start, 100, 0.05, method=method)
        for lane in range(3):
            orbit = simulate(kepler, 5.0, 0.05, method, initial=start[:, lane])
            np.testing.assert_array_equal(ends[:, lane], orbit.states[-1])


def test_a_run_that_fails_is_its_own_lane_only(retarded: System) -> None:
    lanes = Lanes(retarded, values={"tau": [1.0, 3.0]}, step=0.1)
    lanes.advance(1000)
    lanes.advance(1000)
    orbit = simulate(retarded, 200.0, 0.1, values={"tau": 3.0})
    assert orbit.stopped is not None
    assert lanes.failed.tolist() == [-1, orbit.stopped.step]
    assert np.isnan(lanes.final()[0]).tolist() == [False, True]


def test_watched_runs_show_every_step_in_order(retarded: System) -> None:
    taus = np.linspace(0.5, 1.5, 130)
    seen = np.zeros((130, 1300))
    filled = np.zeros(130, int)

    def take(trace: np.ndarray, now: int, low: int, high: int) -> None:
        for lane in range(low, high):
            place = lane - low
            seen[lane, filled[lane] : filled[lane] + now] = trace[place // 64, :now, place % 64]
            filled[lane] += now

    lanes = Lanes(retarded, values={"tau": taus}, step=0.1)
    lanes.watch(1300, 0, take)
    assert (filled == 1300).all()
    for lane in (0, 64, 129):
        orbit = simulate(retarded, 130.0, 0.1, values={"tau": taus[lane]})
        np.testing.assert_array_equal(seen[lane], orbit.states[1:, 0])


def test_large_systems_run_lane_by_lane(chain: System) -> None:
    forces = np.array([4.0, 8.0])
    ends = ensemble(chain, steps=50, step=0.01, values={"F": forces})
    for lane in range(2):
        orbit = simulate(chain, 0.5, 0.01, "rk4", values={"F": forces[lane]})
        np.testing.assert_array_equal(ends[:, lane], orbit.states[-1])
