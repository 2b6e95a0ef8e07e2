"""Rodas5P by its order conditions, its measured order, and on stiff problems that are known."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from engine.errors import ParameterError
from engine.integrate.methods import checked_method
from engine.integrate.rosenbrock import RODAS5P
from engine.integrate.solve import simulate
from engine.integrate.tableaus import TABLEAUS
from engine.systems.system import System
from tests.engine.integrate.rooted_trees import Tree, density, trees


def classical() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Hairer and Wanner's alpha, Gamma, and b of the new and of the embedded state."""
    stages = RODAS5P.nodes.size
    gamma = np.linalg.inv(np.eye(stages) / RODAS5P.gamma - RODAS5P.couplings)
    new = np.append(RODAS5P.places[-1, :-1], 1.0)
    embedded = new.copy()
    embedded[-1] = 0.0
    return RODAS5P.places @ gamma, gamma, new @ gamma, embedded @ gamma


def stage_values(tree: Tree, alpha: np.ndarray, gamma: np.ndarray) -> np.ndarray:
    """As for Runge-Kutta methods, with alpha + Gamma where a vertex has a single branch."""
    out = np.ones(len(alpha))
    for branch in tree:
        matrix = alpha + gamma if len(tree) == 1 else alpha
        out = out * (matrix @ stage_values(branch, alpha, gamma))
    return out


def test_order_conditions_of_rosenbrock_methods() -> None:
    # Hairer and Wanner, volume II, section IV.7, theorem 7.3 and 7.4.
    alpha, gamma, new, embedded = classical()
    for order in range(1, 6):
        for tree in trees(order):
            weights = stage_values(tree, alpha, gamma)
            assert new @ weights == pytest.approx(1 / density(tree), abs=1e-13)
            if order <= RODAS5P.error_order:
                assert embedded @ weights == pytest.approx(1 / density(tree), abs=1e-13)
    sixth = [abs(new @ stage_values(tree, alpha, gamma) - 1 / density(tree)) for tree in trees(6)]
    assert max(sixth) > 1e-4


def test_rows_add_up_to_the_nodes_and_the_method_is_stiffly_accurate() -> None:
    alpha, gamma, new, _ = classical()
    np.testing.assert_allclose(alpha.sum(axis=1), RODAS5P.nodes, atol=1e-13)
    np.testing.assert_allclose(gamma.sum(axis=1), RODAS5P.slopes, atol=1e-13)
    np.testing.assert_allclose((alpha + gamma)[-1], new, atol=1e-14)


def test_the_method_is_l_stable_on_the_negative_axis() -> None:
    alpha, gamma, new, _ = classical()

    def damping(z: float) -> float:
        one = np.ones(len(new))
        return 1.0 + z * float(new @ np.linalg.solve(np.eye(len(new)) - z * (alpha + gamma), one))

    assert max(abs(damping(-(10.0**k))) for k in np.linspace(-3, 9, 200)) < 1.0
    assert abs(damping(-1e9)) < 1e-7


def test_dense_output_satisfies_its_order_conditions_within_the_step() -> None:
    alpha, gamma, _, _ = classical()
    new = np.append(RODAS5P.places[-1, :-1], 1.0)
    for theta in (0.1, 0.5, 0.83):
        inner = RODAS5P.dense[0] + theta * RODAS5P.dense[1] + theta**2 * RODAS5P.dense[2]
        weights = (theta * new + theta * (1.0 - theta) * inner) @ gamma
        for order in range(1, RODAS5P.dense_order + 1):
            for tree in trees(order):
                assert weights @ stage_values(tree, alpha, gamma) == pytest.approx(
                    theta**order / density(tree), abs=1e-13
                )


def steps_of(system: System, step: float, count: int, **values: float) -> np.ndarray:
    """The state after so many steps of one length, whatever the error estimate says."""
    from engine.integrate.drivers import adaptive
    from engine.integrate.drivers.stiff import trajectory

    n, compiled = system.dimension, system.model.compiled
    clock, state = np.zeros(adaptive.CLOCK), system.state()
    for _ in range(count):
        clock[adaptive.NEXT] = step
        trajectory(
            compiled.rhs,
            compiled.jacobian,
            compiled.time_derivative,
            compiled.rhs,
            RODAS5P.gamma,
            RODAS5P.places,
            RODAS5P.couplings,
            RODAS5P.nodes,
            RODAS5P.slopes,
            RODAS5P.dense,
            RODAS5P.error_order,
            False,
            clock,
            state,
            system.values(values),
            0.0,
            1e9,
            0,
            1,
            1,
            math.inf,
            1.0,
            1e12,
            1e12,
            np.zeros(1, np.int64),
            np.empty((1, 1 + n)),
            np.zeros((RODAS5P.nodes.size + 5, n)),
            np.empty((n, n)),
            np.empty((n, n)),
            np.empty(n, np.int64),
            np.zeros((5, n)),
            np.zeros((3, 0)),
        )
    assert clock[adaptive.TIME] == pytest.approx(step * count)
    return state


def order_of(
    system: System, exact: Callable[[float], list[float]], end: float, steps: int
) -> float:
    errors = [
        float(np.linalg.norm(steps_of(system, end / count, count) - exact(end)))
        for count in (steps, 2 * steps)
    ]
    return math.log2(errors[0] / errors[1])


@pytest.fixture(scope="module")
def prothero(read: Callable[..., System]) -> System:
    """Prothero and Robinson's: cos t, to which everything else decays at the rate L."""
    return read(
        """
        kind = "flow"
        [variables]
        x = 1.0
        [equations]
        x = "-L*(x - cos(t)) - sin(t)"
        [parameters.L]
        default = 1e5
        """,
        "prothero",
    )


@pytest.fixture(scope="module")
def growth(read: Callable[..., System]) -> System:
    """Solved by exp(sin t) and 1 / (1 + t^2)."""
    return read(
        """
        kind = "flow"
        [variables]
        x = 1.0
        y = 1.0
        [equations]
        x = "x*cos(t)"
        y = "-2*t*y^2"
        """,
        "growth",
    )


def test_measured_order_without_stiffness(growth: System) -> None:
    def exact(t: float) -> list[float]:
        return [math.exp(math.sin(t)), 1 / (1 + t * t)]

    assert order_of(growth, exact, 2.0, 32) == pytest.approx(5.0, abs=0.3)


def test_order_four_however_stiff(prothero: System) -> None:
    # The largest error over all rates; a method with order reduction falls to order 2 here.
    errors = [
        max(
            abs(float(steps_of(prothero, 2.0 / count, count, L=10.0**rate)[0]) - math.cos(2.0))
            for rate in np.linspace(0, 7, 29)
        )
        for count in (8, 16, 32)
    ]
    assert math.log2(errors[0] / errors[1]) > 3.7
    assert math.log2(errors[1] / errors[2]) > 3.7
    assert errors[2] < 2e-9


@pytest.fixture(scope="module")
def robertson(read: Callable[..., System]) -> System:
    """Robertson's reactions: rates that differ by nine powers of ten."""
    return read(
        """
        kind = "flow"
        [variables]
        x = 1.0
        y = 0.0
        z = 0.0
        [equations]
        x = "-0.04*x + 1e4*y*z"
        y = "0.04*x - 1e4*y*z - 3e7*y^2"
        z = "3e7*y^2"
        """,
        "robertson",
    )


@pytest.fixture(scope="module")
def relaxation(read: Callable[..., System]) -> System:
    """Van der Pol's oscillator, which creeps and jumps where mu is large."""
    return read(
        """
        kind = "flow"
        [variables]
        x = 2.0
        v = 0.0
        [equations]
        x = "v"
        v = "mu*(1 - x^2)*v - x"
        [parameters.mu]
        default = 1000
        """,
        "relaxation",
    )


def test_robertson_s_reactions_agree_with_radau_and_lose_nothing(robertson: System) -> None:
    from scipy.integrate import solve_ivp

    def rates(_: float, s: np.ndarray) -> list[float]:
        slow, middle, fast = 0.04 * s[0], 1e4 * s[1] * s[2], 3e7 * s[1] ** 2
        return [middle - slow, slow - middle - fast, fast]

    theirs = solve_ivp(
        rates, (0, 4e4), [1, 0, 0], method="Radau", rtol=1e-10, atol=1e-14, t_eval=[4e2, 4e4]
    ).y.T
    ours = simulate(robertson, 4e4, 4e2, "rodas5p", rtol=1e-8, atol=1e-12)
    np.testing.assert_allclose(ours.states[[1, -1]], theirs, rtol=1e-6)
    np.testing.assert_allclose(ours.states.sum(axis=1), 1.0, atol=1e-12)
    assert ours.steps < 400
    assert ours.suggestion == ""


def test_relaxation_oscillations_agree_with_radau(relaxation: System) -> None:
    from scipy.integrate import solve_ivp

    ours = simulate(relaxation, 1000.0, 10.0, "rodas5p", rtol=1e-9, atol=1e-9)
    theirs = solve_ivp(
        lambda _, s: [s[1], 1000 * (1 - s[0] ** 2) * s[1] - s[0]],
        (0, 1000),
        [2, 0],
        method="Radau",
        rtol=1e-10,
        atol=1e-10,
        t_eval=ours.t,
    ).y[0]
    # It jumps once on the way, at t = 807.
    assert ours.states[-1, 0] < 0 < ours.states[0, 0]
    np.testing.assert_allclose(ours.states[:, 0], theirs, atol=1e-6)


@pytest.mark.parametrize("method", ["tsit5", "dop853"])
def test_an_explicit_method_that_crawls_says_what_would_not(
    relaxation: System, method: str
) -> None:
    crawling = simulate(relaxation, 5.0, 1.0, method)
    assert "the equations are stiff at t = " in crawling.suggestion
    assert "rodas5p" in crawling.suggestion
    quick = simulate(relaxation, 5.0, 1.0, "rodas5p")
    assert quick.steps < crawling.steps / 20
    assert simulate(relaxation, 50.0, 0.1, method, values={"mu": 2.0}).suggestion == ""


@pytest.mark.parametrize("method", ["tsit5", "dop853"])
def test_chaos_is_not_stiff(lorenz: System, method: str) -> None:
    for tolerance in (1e-4, 1e-8):
        orbit = simulate(lorenz, 100.0, 0.1, method, rtol=tolerance, atol=tolerance)
        assert orbit.suggestion == ""


def test_the_stable_interval_is_where_the_literature_has_it() -> None:
    # Hairer and Wanner, volume II, section IV.2: Euler 2, RK4 2.785.
    assert TABLEAUS["euler"].reach == pytest.approx(2.0, abs=0.02)
    assert TABLEAUS["rk4"].reach == pytest.approx(2.785, abs=0.02)


def test_rows_of_the_dense_output_do_not_depend_on_the_grid(robertson: System) -> None:
    coarse = simulate(robertson, 40.0, 4.0, "rodas5p")
    fine = simulate(robertson, 40.0, 0.5, "rodas5p")
    np.testing.assert_allclose(coarse.states, fine.states[::8], rtol=1e-12, atol=1e-15)
    assert coarse.steps == fine.steps


def test_a_system_too_large_for_a_jacobian_is_told_what_takes_it(
    read: Callable[..., System],
) -> None:
    large = read(
        """
        kind = "flow"
        [variables]
        "x[N]" = 1.0
        [equations]
        "x[i]" = "x[i+1] - x[i]"
        [parameters.N]
        default = 600
        scale = "integer"
        size = true
        """,
        "large",
    )
    with pytest.raises(ParameterError, match="600 variables, of which rodas5p takes 500 at most"):
        checked_method(large, "rodas5p")
    assert checked_method(large, "tsit5") == "tsit5"
