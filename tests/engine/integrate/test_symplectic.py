"""Symplectic methods: order, energy that stays, the way back, and what they refuse."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from engine.errors import ParameterError
from engine.integrate.methods import COMPOSITIONS, methods_for
from engine.integrate.solve import simulate
from engine.systems.system import System

ALL = pytest.mark.parametrize("method", list(COMPOSITIONS))


@pytest.fixture(scope="module")
def forced(read: Callable[..., System]) -> System:
    """x'' = -x + cos 2t: A cos t + B sin t - cos(2t) / 3. The momentum comes first."""
    return read(
        """
        kind = "flow"
        [variables]
        p = 0.5
        x = 1.0
        [equations]
        p = "-x + cos(2*t)"
        x = "p*(1 + 0*t)"
        """,
        "forced",
    )


def energy(states: np.ndarray) -> np.ndarray:
    x, y, u, v = states.T
    return 0.5 * (u**2 + v**2) - 1 / np.hypot(x, y)


@ALL
def test_the_parts_are_symmetric_and_meet_the_conditions_of_their_order(method: str) -> None:
    # Hairer, Lubich, Wanner, section V.3: a symmetric composition of symmetric steps of order 2
    # has order 4 where the cubes add up to 0, and order 6 needs the fifth powers as well.
    composition = COMPOSITIONS[method]
    parts = composition.parts
    np.testing.assert_array_equal(parts, parts[::-1])
    assert parts.sum() == pytest.approx(1.0, abs=1e-15)
    for power in range(3, composition.order + 1, 2):
        assert (parts**power).sum() == pytest.approx(0.0, abs=1e-13)


@ALL
def test_measured_order(forced: System, method: str) -> None:
    end, order = 3.0, COMPOSITIONS[method].order
    # x(0) = 1 gives A = 4/3, p(0) = 1/2 gives B = 1/2.
    exact = [
        -4 / 3 * math.sin(end) + 0.5 * math.cos(end) + 2 / 3 * math.sin(2 * end),
        4 / 3 * math.cos(end) + 0.5 * math.sin(end) - math.cos(2 * end) / 3,
    ]
    errors = [
        float(np.linalg.norm(simulate(forced, end, end / steps, method).states[-1] - exact))
        for steps in (24, 48)
    ]
    assert math.log2(errors[0] / errors[1]) == pytest.approx(order, abs=0.3)


@ALL
def test_the_energy_of_a_planet_does_not_drift(kepler: System, method: str) -> None:
    period = 2 * math.pi
    orbit = simulate(kepler, 400 * period, period / 400, method)
    error = np.abs(energy(orbit.states) - energy(orbit.states[:1]))
    early, late = error[:8000].max(), error[-8000:].max()
    bound = {"verlet": 1e-3, "yoshida4": 1e-5, "yoshida6": 1e-7}[method]
    assert early < bound
    # In each twenty periods the same error: what a drift would add shows in none.
    assert late < 1.1 * early
    momentum = orbit.states[:, 0] * orbit.states[:, 3] - orbit.states[:, 1] * orbit.states[:, 2]
    np.testing.assert_allclose(momentum, 0.8, atol=1e-11)


def test_rk4_drifts_where_symplectic_methods_do_not(kepler: System) -> None:
    period = 2 * math.pi
    orbit = simulate(kepler, 400 * period, period / 400, "rk4")
    error = np.abs(energy(orbit.states) - energy(orbit.states[:1]))
    assert error[-8000:].max() > 10 * error[:8000].max()


@ALL
def test_turned_round_it_goes_back_to_where_it_began(kepler: System, method: str) -> None:
    there = simulate(kepler, 50.0, 0.02, method)
    turned = there.states[-1] * [1, 1, -1, -1]
    back = simulate(kepler, 50.0, 0.02, method, initial=turned)
    np.testing.assert_allclose(back.states, there.states[::-1] * [1, 1, -1, -1], atol=1e-9)


def test_phase_space_area_is_kept(read: Callable[..., System]) -> None:
    pendulum = read(
        """
        kind = "flow"
        [variables]
        q = 1.0
        p = 0.0
        [equations]
        q = "p"
        p = "-sin(q)"
        """,
        "pendulum",
    )

    def end(q: float, p: float) -> np.ndarray:
        return simulate(pendulum, 5.0, 0.1, "yoshida4", initial=[q, p]).states[-1]

    h = 1e-5
    columns = [
        (end(1.0 + h, 0.3) - end(1.0 - h, 0.3)) / (2 * h),
        (end(1.0, 0.3 + h) - end(1.0, 0.3 - h)) / (2 * h),
    ]
    assert np.linalg.det(np.array(columns)) == pytest.approx(1.0, abs=1e-8)


def test_only_separable_systems_take_them(kepler: System, lorenz: System) -> None:
    assert set(COMPOSITIONS) <= set(methods_for(kepler))
    assert not set(COMPOSITIONS) & set(methods_for(lorenz))
    with pytest.raises(
        ParameterError,
        match=r"'lorenz' is not separable into positions and momenta.* it takes .*rk4.*, got the "
        r"method 'verlet'",
    ):
        simulate(lorenz, method="verlet")


@ALL
def test_leaving_the_bound_is_told(kepler: System, method: str) -> None:
    orbit = simulate(kepler, 100.0, 0.01, method, initial=[1.0, 0.0, 0.0, 5.0e5])
    assert orbit.stopped is not None
    assert "left the region |y| > 1e6" in orbit.stopped.reason
