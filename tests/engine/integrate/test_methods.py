"""Every tableau by its order conditions, by the order measured, and by other tables."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from engine.errors import UnknownKeyError
from engine.exhibit import Parameter
from engine.integrate.methods import Tableau, method
from engine.integrate.runs import FixedRun
from engine.integrate.tableaus import TABLEAUS
from engine.systems.system import System
from tests.engine.integrate.rooted_trees import Tree, density, trees

ALL = pytest.mark.parametrize("tableau", TABLEAUS.values(), ids=list(TABLEAUS))
ADAPTIVE = pytest.mark.parametrize(
    "tableau",
    [t for t in TABLEAUS.values() if t.adaptive],
    ids=[t.key for t in TABLEAUS.values() if t.adaptive],
)


def stage_values(tree: Tree, a: np.ndarray) -> np.ndarray:
    """Product over the branches of ``a @ (their stage values)``, for every stage."""
    out = np.ones(len(a))
    for branch in tree:
        out = out * (a @ stage_values(branch, a))
    return out


def square(tableau: Tableau) -> np.ndarray:
    """The whole table, with the row of the first stage."""
    total = tableau.nodes.size
    return np.vstack((np.zeros(total), tableau.weights))[:total]


def test_there_are_as_many_rooted_trees_as_cayley_counted() -> None:
    assert [len(trees(order)) for order in range(1, 9)] == [1, 1, 2, 4, 9, 20, 48, 115]


@ALL
def test_order_conditions(tableau: Tableau) -> None:
    # Butcher: order p if and only if b . Phi(t) = 1 / gamma(t) for all trees up to order p.
    a = square(tableau)
    b = tableau.weights[tableau.stages - 1]
    for order in range(1, tableau.order + 1):
        for tree in trees(order):
            assert b @ stage_values(tree, a) == pytest.approx(1 / density(tree), abs=2e-15 * 40)


@ALL
def test_order_is_not_higher_than_said(tableau: Tableau) -> None:
    a, b = square(tableau), tableau.weights[tableau.stages - 1]
    left = [abs(b @ stage_values(tree, a) - 1 / density(tree)) for tree in trees(tableau.order + 1)]
    assert max(left) > 1e-7


@ADAPTIVE
def test_dense_output_satisfies_its_order_conditions_within_the_step(tableau: Tableau) -> None:
    a = square(tableau)
    powers = np.arange(1, tableau.dense.shape[1] + 1)
    for theta in (0.1, 0.37, 0.5, 0.81, 1.0):
        b = tableau.dense @ theta**powers
        for order in range(1, tableau.dense_order + 1):
            for tree in trees(order):
                assert b @ stage_values(tree, a) == pytest.approx(
                    theta**order / density(tree), abs=2e-12
                )


@ADAPTIVE
def test_dense_output_ends_at_the_new_state(tableau: Tableau) -> None:
    b = np.zeros(tableau.nodes.size)
    b += tableau.weights[tableau.stages - 1]
    np.testing.assert_allclose(tableau.dense.sum(axis=1), b, atol=2e-13)


@ADAPTIVE
def test_error_weights_vanish_up_to_their_order(tableau: Tableau) -> None:
    total = tableau.error.shape[1]
    a = square(tableau)[:total, :total]
    orders = {"tsit5": (4, 8), "dop853": (5, 3)}[tableau.key]
    for weights, least in zip(tableau.error, orders, strict=True):
        for order in range(1, least + 1):
            for tree in trees(order):
                assert weights @ stage_values(tree, a) == pytest.approx(0.0, abs=1e-14)


def test_dop853_has_the_numbers_that_scipy_has() -> None:
    theirs = pytest.importorskip("scipy.integrate._ivp.dop853_coefficients")
    ours = method("dop853")
    np.testing.assert_array_equal(square(ours), theirs.A)
    np.testing.assert_array_equal(ours.nodes, theirs.C)
    np.testing.assert_array_equal(ours.error, [theirs.E5, theirs.E3])


@pytest.fixture(scope="module")
def growth() -> System:
    """x' = x cos t, y' = -2 t y^2: solved by exp(sin t) and 1 / (1 + t^2)."""
    return System(
        "growth",
        "Growth",
        "flow",
        ("x", "y"),
        {"x": "a*x*cos(t)", "y": "-2*t*y**2"},
        {"a": Parameter("a", 1.0)},
        (1.0, 1.0),
    )


@ALL
def test_measured_order(tableau: Tableau, growth: System) -> None:
    end = 2.0
    exact = np.array([math.exp(math.sin(end)), 1 / (1 + end**2)])
    # Steps small enough for the leading term, large enough for rounding to stay below it.
    most = {1: 128, 4: 32, 5: 96, 8: 6}[tableau.order]
    errors = []
    for steps in (most, 2 * most):
        run = FixedRun(
            growth,
            growth.values(),
            growth.state(),
            0.0,
            end / steps,
            1e6,
            tableau=tableau,
            fast=False,
        )
        run.advance(steps, np.empty((steps, 3)))
        errors.append(float(np.linalg.norm(run.state - exact)))
    assert math.log2(errors[0] / errors[1]) == pytest.approx(tableau.order, abs=0.3)


@ADAPTIVE
def test_measured_order_of_the_dense_output(tableau: Tableau) -> None:
    # One step of y' = y from 1, sampled within; the local error falls one order faster.
    def worst(step: float) -> float:
        total = tableau.nodes.size
        slopes = np.zeros(total)
        a = square(tableau)
        for i, j in itertools.pairwise(range(total + 1)):
            slopes[i:j] = 1.0 + step * a[i] @ slopes
        theta = np.linspace(0.05, 0.95, 10)[:, np.newaxis]
        powers = np.arange(1, tableau.dense.shape[1] + 1)
        sampled = 1.0 + step * (theta**powers) @ tableau.dense.T @ slopes
        return float(np.abs(sampled - np.exp(step * theta[:, 0])).max())

    step = {4: 0.05, 7: 0.4}[tableau.dense_order]
    measured = math.log2(worst(step) / worst(step / 2))
    assert measured == pytest.approx(tableau.dense_order + 1, abs=0.4)


def test_an_unknown_method_is_told_the_known_ones() -> None:
    with pytest.raises(UnknownKeyError, match=r"no integration method 'rk5'.*dop853"):
        method("rk5")
