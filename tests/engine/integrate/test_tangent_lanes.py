"""Lanes with a tangent vector: what it grows by is the product of the Jacobians."""

from __future__ import annotations

import math

import numpy as np
import pytest

import engine
from engine.errors import ParameterError
from engine.integrate.lanes import Lanes
from engine.systems.system import System


def test_vectors_grow_by_the_product_of_the_jacobians(henon: System) -> None:
    a = np.linspace(1.0, 1.4, 70)
    lanes = Lanes(henon, values={"a": a}, tangent=True)
    for lane in (0, 33, 69):
        state, vector = lanes.state[:2, lane].copy(), lanes.state[2:, lane].copy()
        total = 0.0
        for i in range(300):
            vector = henon.jacobian(float(i), state, {"a": a[lane]}) @ vector
            state = henon.rhs(float(i), state, {"a": a[lane]})
            total += math.log(np.abs(vector).max())
            vector /= np.abs(vector).max()
        own = Lanes(henon, values={"a": np.array([a[lane]])}, tangent=True)
        own.advance(300)
        assert own.growth()[0] == pytest.approx(total, rel=1e-9)
        np.testing.assert_allclose(own.final()[:, 0], state, rtol=1e-6)


def test_states_are_those_of_plain_lanes(henon: System) -> None:
    a = np.linspace(1.0, 1.6, 200)
    plain = Lanes(henon, values={"a": a})
    both = Lanes(henon, values={"a": a}, tangent=True)
    for steps in (7, 300, 93):
        plain.advance(steps)
        both.advance(steps)
    np.testing.assert_array_equal(plain.failed, both.failed)
    assert 0 < (plain.failed >= 0).sum() < 200
    np.testing.assert_array_equal(plain.final(), both.final())


def test_growth_does_not_depend_on_how_steps_are_cut_or_lanes_are_placed(henon: System) -> None:
    a = np.linspace(1.0, 1.6, 150)
    once = Lanes(henon, values={"a": a}, tangent=True)
    once.advance(500)
    order = np.random.default_rng(1).permutation(150)
    cut = Lanes(henon, values={"a": a[order]}, tangent=True)
    for steps in (1, 15, 17, 400, 67):
        cut.advance(steps)
    good = once.failed[order] < 0
    np.testing.assert_array_equal(cut.growth()[good], once.growth()[order][good])


def test_a_rotating_flow_grows_at_its_rate(make_system) -> None:
    system = make_system(
        "spiral", "flow", {"x": "a*x - w*y", "y": "w*x + a*y"}, (1.0, 0.0), a=-0.1, w=1.0
    )
    rates = np.array([-0.5, -0.1, 0.02])
    lanes = Lanes(system, values={"a": rates}, step=0.01, tangent=True)
    start = np.hypot(*lanes.state[2:])
    lanes.advance(2000)
    vectors = np.exp(lanes.growth()) / np.abs(lanes.state[2:]).max(axis=0) * lanes.state[2:]
    grown = np.log(np.hypot(*vectors) / start)
    np.testing.assert_allclose(grown, rates * 20.0, atol=1e-7)


def test_a_vector_that_vanishes_has_grown_by_minus_infinity(make_system) -> None:
    system = make_system("constant", "map", {"x": "a + 0*x"}, (1.0,), a=0.5)
    lanes = Lanes(system, tangent=True)
    lanes.advance(40)
    assert lanes.growth()[0] == -math.inf


def test_cancelled_lanes_return_at_once(henon: System) -> None:
    lanes = Lanes(henon, values={"a": np.full(64, 1.4)}, cancel=np.ones(1, np.int64), tangent=True)
    lanes.advance(10**9)


def test_systems_without_such_a_kernel_are_refused() -> None:
    system = engine.systems()["izhikevich"]
    with pytest.raises(ParameterError, match="cannot carry tangent vectors"):
        Lanes(system, tangent=True)
