"""Small systems with closed solutions."""

from __future__ import annotations

from collections.abc import Callable

import pytest

import engine
from engine.exhibit import Parameter
from engine.systems.system import RunDefaults, System


def make(
    key: str,
    kind: str,
    equations: dict[str, str],
    initial: tuple[float, ...],
    bound: float = 1e6,
    **parameters: float,
) -> System:
    return System(
        key,
        key.title(),
        kind,
        tuple(equations),
        equations,  # type: ignore[arg-type]
        {name: Parameter(name, value) for name, value in parameters.items()},
        initial,
        run=RunDefaults(step=0.01 if kind == "flow" else 1.0, bound=bound),
    )


@pytest.fixture(scope="session")
def oscillator() -> System:
    """Harmonic, of unit frequency: x = cos t, v = -sin t."""
    return make("oscillator", "flow", {"x": "v", "v": "-k*x"}, (1.0, 0.0), k=1.0)


@pytest.fixture(scope="session")
def explosion() -> System:
    """x' = x^2 from 1: x = 1 / (1 - t), infinite at t = 1."""
    return make("explosion", "flow", {"x": "a*x**2"}, (1.0,), a=1.0)


@pytest.fixture(scope="session")
def lorenz() -> System:
    return engine.systems()["lorenz"]


@pytest.fixture(scope="session")
def logistic() -> System:
    return engine.systems()["logistic"]


@pytest.fixture(scope="session")
def henon() -> System:
    return engine.systems()["henon"]


@pytest.fixture(scope="session")
def make_system() -> Callable[..., System]:
    """Makes a system of any kind; see `make`."""
    return make
