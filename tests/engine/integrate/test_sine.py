"""The sine and cosine that lanes use, against the library's."""

from __future__ import annotations

import math
from types import ModuleType

import numpy as np
import pytest

import engine
from engine.equations import kernel_cache
from engine.integrate import sine
from engine.integrate.solve import ensemble, simulate


@pytest.fixture(scope="module")
def functions() -> ModuleType:
    text = (
        "import numpy as np\nfrom numba import njit\n\n\n"
        + sine.source(', fastmath={"contract", "nsz", "arcp", "afn"}')
        + (
            "@njit(cache=True)\ndef both(x, s, c):\n"
            "    for i in range(x.size):\n        s[i], c[i] = _sin(x[i]), _cos(x[i])\n"
        )
    )
    return kernel_cache.load("sine", kernel_cache.digest(text), lambda: text)


@pytest.mark.parametrize("reach", [0.5, 4.0, 100.0, 1e5])
def test_it_is_the_sine_to_the_last_bits(functions: ModuleType, reach: float) -> None:
    x = np.random.default_rng(5).uniform(-reach, reach, 50_000)
    s, c = np.empty_like(x), np.empty_like(x)
    functions.both(x, s, c)
    np.testing.assert_allclose(s, np.sin(x), rtol=0, atol=3e-16)
    np.testing.assert_allclose(c, np.cos(x), rtol=0, atol=3e-16)
    np.testing.assert_allclose(s**2 + c**2, 1.0, rtol=0, atol=8e-16)


def test_small_angles_keep_their_relative_accuracy(functions: ModuleType) -> None:
    x = np.concatenate((np.geomspace(1e-300, 1e-3, 500), -np.geomspace(1e-300, 1e-3, 500)))
    s, c = np.empty_like(x), np.empty_like(x)
    functions.both(x, s, c)
    np.testing.assert_allclose(s, np.sin(x), rtol=3e-16)


def test_multiples_of_a_quarter_turn(functions: ModuleType) -> None:
    x = np.arange(-40, 41) * (math.pi / 4)
    s, c = np.empty_like(x), np.empty_like(x)
    functions.both(x, s, c)
    np.testing.assert_allclose(s, [math.sin(v) for v in x], atol=3e-16)
    np.testing.assert_allclose(c, [math.cos(v) for v in x], atol=3e-16)


def test_what_has_no_sine_has_none(functions: ModuleType) -> None:
    x = np.array([np.nan, np.inf, -np.inf])
    s, c = np.empty(3), np.empty(3)
    functions.both(x, s, c)
    assert np.isnan(s).all()
    assert np.isnan(c).all()


def test_lanes_with_trigonometry_are_their_single_orbits() -> None:
    system = engine.systems()["double-pendulum"]
    generator = np.random.default_rng(2)
    initial = np.array(system.initial)[:, None] + 0.1 * generator.normal(size=(4, 20))
    final = ensemble(system, initial, steps=300, step=0.005)
    for lane in range(20):
        orbit = simulate(system, 1.5, 0.005, "rk4", initial=initial[:, lane])
        np.testing.assert_allclose(final[:, lane], orbit.states[-1], rtol=1e-10, atol=1e-10)
