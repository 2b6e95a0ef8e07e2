"""Trajectories: closed forms, conservation, other solvers, and how runs end."""

from __future__ import annotations

import math

import numpy as np
import pytest

import engine
from engine.errors import ParameterError, UnknownKeyError
from engine.integrate.solve import iterate, simulate, simulate_job
from engine.integrate.stream import Stream
from engine.integrate.tableaus import TABLEAUS
from engine.job import run
from engine.systems.system import System

FLOW_METHODS = pytest.mark.parametrize("method", list(TABLEAUS))
ADAPTIVE = pytest.mark.parametrize("method", [k for k, t in TABLEAUS.items() if t.adaptive])


def energy(rows: np.ndarray) -> np.ndarray:
    return (rows**2).sum(axis=1)


@FLOW_METHODS
def test_the_first_row_is_the_initial_point_and_the_grid_is_even(
    oscillator: System, method: str
) -> None:
    orbit = simulate(oscillator, 2.0, 0.01, method, initial=[0.3, 0.4])
    assert orbit.states[0].tolist() == [0.3, 0.4]
    np.testing.assert_allclose(orbit.t, np.linspace(0, 2, 201), rtol=0, atol=1e-14)
    assert orbit.states.shape == (201, 2)
    assert orbit.names == ("x", "v")
    assert orbit.stopped is None
    assert orbit.values == {"k": 1.0}


@pytest.mark.parametrize(
    ("method", "factor"),
    [
        # |R(i h)|^2 of the stability polynomial: what each step does to the energy.
        ("euler", lambda h: 1 + h**2),
        ("rk4", lambda h: 1 - h**6 / 72 + h**8 / 576),
    ],
)
def test_energy_of_the_harmonic_oscillator_decays_as_the_stability_polynomial_says(
    oscillator: System, method: str, factor
) -> None:
    step, steps = 0.1, 1000
    orbit = simulate(oscillator, steps * step, step, method)
    expected = factor(step) ** np.arange(steps + 1)
    np.testing.assert_allclose(energy(orbit.states), expected, rtol=1e-11)


@ADAPTIVE
def test_adaptive_methods_follow_the_harmonic_oscillator(oscillator: System, method: str) -> None:
    orbit = simulate(oscillator, 50.0, 0.05, method, rtol=1e-10, atol=1e-10)
    exact = np.column_stack((np.cos(orbit.t), -np.sin(orbit.t)))
    np.testing.assert_allclose(orbit.states, exact, atol=2e-8)
    np.testing.assert_allclose(energy(orbit.states), 1.0, atol=2e-8)


@ADAPTIVE
def test_a_smaller_tolerance_gives_a_smaller_error(oscillator: System, method: str) -> None:
    errors = []
    for tolerance in (1e-5, 1e-7, 1e-9):
        orbit = simulate(oscillator, 20.0, 0.1, method, rtol=tolerance, atol=tolerance)
        errors.append(np.abs(orbit.states[:, 0] - np.cos(orbit.t)).max())
    assert errors[0] > 10 * errors[1] > 100 * errors[2]


@ADAPTIVE
def test_the_grid_does_not_change_the_steps(lorenz: System, method: str) -> None:
    coarse = simulate(lorenz, 20.0, 0.1, method)
    fine = simulate(lorenz, 20.0, 0.025, method)
    np.testing.assert_allclose(coarse.states, fine.states[::4], rtol=1e-8)


def test_lorenz_agrees_with_scipy_while_trajectories_still_agree(lorenz: System) -> None:
    from scipy.integrate import solve_ivp

    values = lorenz.values()
    grid = np.linspace(0, 15, 301)
    theirs = solve_ivp(
        lambda t, s: (
            values[0] * (s[1] - s[0]),
            s[0] * (values[1] - s[2]) - s[1],
            s[0] * s[1] - values[2] * s[2],
        ),
        (0, 15),
        lorenz.initial,
        method="DOP853",
        t_eval=grid,
        rtol=1e-12,
        atol=1e-12,
    ).y.T
    for method, rtol, tolerance in (("dop853", 1e-12, 1e-6), ("tsit5", 1e-12, 1e-5)):
        ours = simulate(lorenz, 15.0, 0.05, method, rtol=rtol, atol=rtol)
        np.testing.assert_allclose(ours.states, theirs, atol=tolerance)
    ours = simulate(lorenz, 15.0, 0.0005, "rk4")
    np.testing.assert_allclose(ours.states[::100], theirs, atol=1e-4)


@pytest.mark.parametrize("key", ["logistic", "henon", "ikeda", "standard"])
def test_an_orbit_of_a_map_is_the_right_hand_side_applied_again_and_again(key: str) -> None:
    system = engine.systems()[key]
    orbit = iterate(system, 200)
    assert orbit.t.tolist() == list(range(201))
    for i in range(200):
        assert system.rhs(float(i), orbit.states[i]).tolist() == orbit.states[i + 1].tolist()


def test_the_logistic_map_at_four_has_its_closed_solution(logistic: System) -> None:
    # x_n = sin^2(2^n theta); rounding doubles every iteration, so only a few agree.
    orbit = iterate(logistic, 20, values={"r": 4.0}, initial=[math.sin(0.7) ** 2])
    exact = np.sin(0.7 * 2.0 ** np.arange(21)) ** 2
    np.testing.assert_allclose(orbit.states[:, 0], exact, atol=1e-9)


def test_a_transient_is_the_same_orbit_from_later_on(lorenz: System) -> None:
    whole = simulate(lorenz, 10.0, 0.01, "rk4")
    late = simulate(lorenz, 6.0, 0.01, "rk4", transient=4.0)
    assert late.t[0] == 4.0
    np.testing.assert_array_equal(late.states, whole.states[400:])
    assert late.steps == whole.steps


def test_a_transient_of_an_adaptive_method_ends_where_it_says(oscillator: System) -> None:
    late = simulate(oscillator, 1.0, 0.1, "dop853", transient=7.0, rtol=1e-11, atol=1e-11)
    np.testing.assert_allclose(late.t, np.linspace(7, 8, 11))
    np.testing.assert_allclose(late.states[:, 0], np.cos(late.t), atol=1e-9)


def test_time_dependent_right_hand_sides_see_the_time(make_system) -> None:
    system = make_system("clock", "flow", {"x": "a*cos(t)"}, (0.0,), a=1.0)
    for method in TABLEAUS:
        orbit = simulate(system, 6.0, 0.01, method, transient=1.0)
        # Euler lags by half a step of the slope's change: 0.005 |cos t - cos 0|.
        atol = 0.0101 if method == "euler" else 1e-7
        np.testing.assert_allclose(orbit.states[:, 0], np.sin(orbit.t), atol=atol)


@pytest.mark.parametrize("method", ["rk4", "tsit5", "dop853"])
def test_a_solution_that_explodes_stops_with_a_sentence(explosion: System, method: str) -> None:
    orbit = simulate(explosion, 5.0, 0.001, method)
    assert orbit.stopped is not None
    # Passes 1e6 a millionth before t = 1; a fixed step comes a few steps late.
    assert orbit.stopped.time == pytest.approx(1.0, abs=0.01)
    assert orbit.stopped.reason.startswith("left the region |x| > 1e6 at t = ")
    assert orbit.stopped.variable == "x"
    assert np.isfinite(orbit.states).all()
    assert orbit.t[-1] <= orbit.stopped.time
    inside = orbit.t < 0.99
    np.testing.assert_allclose(orbit.states[inside, 0], 1 / (1 - orbit.t[inside]), rtol=1e-4)


@pytest.mark.parametrize("method", list(TABLEAUS))
def test_what_is_no_number_stops_the_run(make_system, method: str) -> None:
    system = make_system("root", "flow", {"x": "-a*sqrt(x)"}, (1.0,), a=1.0)
    orbit = simulate(system, 10.0, 0.01, method)
    # (1 - t / 2)^2 reaches 0 at t = 2, and the root of what is below 0 is no number.
    assert orbit.stopped is not None
    assert orbit.stopped.time == pytest.approx(2.0, abs=0.1)
    assert np.isfinite(orbit.states).all()
    assert "t = " in orbit.stopped.reason


def test_a_map_that_escapes_says_at_which_iteration(logistic: System) -> None:
    orbit = iterate(logistic, 100, values={"r": 5.0}, initial=[0.5])
    assert orbit.stopped is not None
    assert len(orbit) == orbit.stopped.step + 1
    assert orbit.stopped.reason == (
        f"left the region |x| > 1e6 at iteration {orbit.stopped.step + 1}"
    )


def test_the_local_error_of_rk4_is_that_of_the_taylor_series(oscillator: System) -> None:
    # What RK4 leaves out of exp(A h) begins with (A h)^5 / 120, and |A| = 1.
    step = 0.1
    orbit = simulate(oscillator, 50.0, step, "rk4")
    assert orbit.error == pytest.approx(step**5 / 120, rel=0.25)


def test_the_local_error_of_adaptive_methods_stays_within_the_tolerance(lorenz: System) -> None:
    for method in ("tsit5", "dop853"):
        orbit = simulate(lorenz, 20.0, 0.01, method, rtol=1e-8, atol=1e-8)
        largest = np.abs(orbit.states).max()
        assert 0 < orbit.error <= 1.1e-8 * (1 + largest)


def test_a_job_tells_progress_and_ends_with_the_same_numbers(lorenz: System) -> None:
    seen = []
    orbit = run(simulate_job(lorenz, 400.0, 0.005, "rk4"), seen.append)
    assert [partial.done for partial in seen] == sorted(partial.done for partial in seen)
    assert seen[-1].fraction == 1.0
    for partial in seen:
        np.testing.assert_array_equal(partial.result.rows, orbit.rows[: len(partial.result)])
    np.testing.assert_array_equal(orbit.rows, simulate(lorenz, 400.0, 0.005, "rk4").rows)


@FLOW_METHODS
def test_the_cancel_flag_ends_a_job_with_what_there_is(lorenz: System, method: str) -> None:
    flag = np.zeros(1, np.int64)
    job = simulate_job(lorenz, 5e4, 0.01, method, cancel=flag)
    first = next(job).result
    flag[0] = 1
    orbit = run(job)
    assert len(first) <= len(orbit) < 5_000_000
    assert orbit.stopped is None


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"duration": float("nan")}, "duration must be a finite number of at least 0, got nan"),
        ({"duration": -1}, "duration must be a finite number"),
        ({"duration": "long"}, "duration must be a finite number of at least 0, got 'long'"),
        ({"step": 0}, "step must be a finite number above 0, got 0"),
        ({"step": float("inf")}, "step must be a finite number above 0"),
        ({"rtol": -1e-3, "method": "tsit5"}, "rtol must be a finite number above 0"),
        ({"transient": -3}, "transient must be"),
        ({"initial": [1.0, 2.0]}, "initial state of 'lorenz' must have 3 numbers"),
        ({"initial": [1.0, 2.0, float("nan")]}, "must be finite"),
        ({"values": {"rho": "abc"}}, "parameter 'rho' of 'lorenz' must be a finite number"),
        ({"values": {"row": 1.0}}, "'lorenz' has no parameter 'row'"),
        ({"method": "iterate"}, "'lorenz' is a flow and cannot be iterated"),
        ({"duration": 1e12}, "GiB.*shorter duration"),
    ],
)
def test_what_cannot_be_used_is_refused_with_a_sentence(
    lorenz: System, settings: dict[str, object], message: str
) -> None:
    with pytest.raises(ParameterError, match=message):
        simulate(lorenz, **settings)


def test_methods_and_kinds_must_fit(lorenz: System, logistic: System) -> None:
    with pytest.raises(UnknownKeyError, match="no integration method 'leapfrog'"):
        simulate(lorenz, method="leapfrog")
    with pytest.raises(ParameterError, match="'logistic' is a map and can only be iterated"):
        simulate(logistic, method="rk4")
    with pytest.raises(ParameterError, match="'lorenz' is a flow"):
        iterate(lorenz)


def test_a_transient_without_end_is_refused() -> None:
    with pytest.raises(ParameterError, match=r"transient 1e\+300 is more than 1e\+12 steps"):
        simulate(engine.systems()["lorenz"], duration=1.0, transient=1e300)


# ---------------------------------------------------------------- large systems


def ring(x: np.ndarray, weight: np.ndarray) -> np.ndarray:
    return (np.roll(x, -1) - np.roll(x, 2)) * np.roll(x, 1) - weight * x + 8.0


@pytest.mark.parametrize("method", ["rk4", "dop853", "rodas5p"])
def test_a_large_system_agrees_with_scipy(chain: System, method: str) -> None:
    from scipy.integrate import solve_ivp

    weight = np.linspace(0.8, 1.2, 40)
    orbit = simulate(chain, 0.5, 0.002, method, values={"w": weight}, rtol=1e-10, atol=1e-10)
    assert orbit.states.shape == (251, 40)
    assert orbit.values == {"N": 40.0, "F": 8.0}
    theirs = solve_ivp(
        lambda _, x: ring(x, weight), (0, 0.5), chain.initial, "DOP853", rtol=1e-12, atol=1e-12
    )
    np.testing.assert_allclose(orbit.states[-1], theirs.y[:, -1], atol=2e-8)


def test_a_size_among_the_values_gives_the_system_of_that_size(chain: System) -> None:
    orbit = simulate(chain, 0.1, 0.01, "rk4", values={"N": 45})
    assert orbit.states.shape == (11, 45)
    assert orbit.names[-1] == "x44"
    stream = Stream(chain, {"N": 45}, method="rk4", step=0.01)
    np.testing.assert_array_equal(stream.advance(10), orbit.rows[1:])
