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


@pytest.fixture(scope="session")
def read() -> Callable[..., System]:
    """Makes a system of the text of a file without its title."""

    def system(text: str, key: str = "example") -> System:
        return System.from_text(f'title = "Example"\n{text}', key)

    return system


@pytest.fixture(scope="session")
def geometric(read: Callable[..., System]) -> System:
    """Geometric Brownian motion: x = exp((mu - sigma^2 / 2) t + sigma W)."""
    return read(
        """
        kind = "sde"
        noise = ["w"]
        [variables]
        x = 1.0
        [equations]
        x = "mu*x + sigma*x*w"
        [parameters.mu]
        default = 1.0
        [parameters.sigma]
        default = 0.5
        """,
        "geometric",
    )


@pytest.fixture(scope="session")
def ornstein(read: Callable[..., System]) -> System:
    """Ornstein and Uhlenbeck's process: Gaussian, variance sigma^2 / 2 in the long run."""
    return read(
        """
        kind = "sde"
        noise = ["w"]
        [variables]
        x = 1.0
        [equations]
        x = "-x + sigma*w"
        [parameters.sigma]
        default = 0.5
        """,
        "ornstein",
    )


@pytest.fixture(scope="session")
def retarded(read: Callable[..., System]) -> System:
    """x' = -x(t - tau), 1 before the start: polynomials from lag to lag."""
    return read(
        """
        kind = "dde"
        [variables]
        x = 1.0
        [equations]
        x = "-x(t - tau)"
        [parameters.tau]
        default = 1.0
        """,
        "retarded",
    )


@pytest.fixture(scope="session")
def ball(read: Callable[..., System]) -> System:
    """A ball that bounces: each flight is shorter by the same factor."""
    return read(
        """
        kind = "flow"
        [variables]
        x = 1.0
        v = 0.0
        [equations]
        x = "v"
        v = "-g"
        [parameters.g]
        default = 9.81
        [parameters.e]
        default = 0.8
        [[events]]
        when = "x"
        direction = "down"
        set = { v = "-e*v" }
        """,
        "ball",
    )


@pytest.fixture(scope="session")
def neuron(read: Callable[..., System]) -> System:
    """Integrate and fire: v = I (1 - exp(-t)) up to 1, then from 0 again."""
    return read(
        """
        kind = "flow"
        [variables]
        v = 0.0
        [equations]
        v = "-v + I"
        [parameters.I]
        default = 1.5
        [[events]]
        when = "v - 1"
        direction = "up"
        set = { v = "0" }
        """,
        "neuron",
    )


@pytest.fixture(scope="session")
def kepler(read: Callable[..., System]) -> System:
    """A planet on an ellipse of eccentricity 0.6 and period 2 pi."""
    return read(
        """
        kind = "flow"
        [variables]
        x = 0.4
        y = 0.0
        u = 0.0
        v = 2.0
        [equations]
        x = "u"
        y = "v"
        u = "-x/(x^2 + y^2)^1.5"
        v = "-y/(x^2 + y^2)^1.5"
        """,
        "kepler",
    )


@pytest.fixture(scope="session")
def chain(read: Callable[..., System]) -> System:
    """Lorenz's ring of 1996, large enough to run in loops, with a weight for every place."""
    return read(
        """
        kind = "flow"
        [variables]
        "x[N]" = "8 + 0.01*(i == 0)"
        [equations]
        "x[i]" = "(x[i+1] - x[i-2])*x[i-1] - w[i]*x[i] + F"
        [parameters.N]
        default = 40
        scale = "integer"
        size = true
        [parameters.F]
        default = 8.0
        [arrays.w]
        shape = ["N"]
        value = "1"
        """,
        "chain",
    )
