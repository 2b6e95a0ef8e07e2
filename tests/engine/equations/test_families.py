"""Families, sums, arrays and tables: against numpy, and loops against the written-out form."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.equations import indices
from engine.equations.grammar import Vocabulary, parse
from engine.equations.model import LARGEST_UNROLLED, Model
from engine.equations.parts import EDGES, Table
from engine.errors import EquationError
from tests.engine.equations.grown import both, differences, numbers, places, value

LORENZ_96 = {"x[i]": "(x[i+1] - x[i-2])*x[i-1] - x[i] + F"}


def lorenz_96(size: int) -> tuple[Model, Model]:
    return both(places("x", size), ("F", "N"), LORENZ_96, families={"x": size}, sizes={"N": size})


def test_lorenz_96_both_ways_is_that_of_numpy() -> None:
    # E. N. Lorenz, Predictability: a problem partly solved, ECMWF (1996).
    state, parameters = np.random.default_rng(1).normal(size=8), np.array([8.0, 8.0])
    wanted = (np.roll(state, -1) - np.roll(state, 2)) * np.roll(state, 1) - state + 8.0
    jacobian = np.zeros((8, 8))
    for i in range(8):
        jacobian[i, (i + 1) % 8] += state[i - 1]
        jacobian[i, (i - 2) % 8] -= state[i - 1]
        jacobian[i, (i - 1) % 8] += state[(i + 1) % 8] - state[i - 2]
        jacobian[i, i] -= 1.0
    for model in lorenz_96(8):
        assert value(model, "rhs", (8,), state, parameters) == pytest.approx(wanted, abs=1e-14)
        found = value(model, "jacobian", (8, 8), state, parameters)
        np.testing.assert_allclose(found, jacobian, atol=1e-14)


def test_a_family_is_its_hand_written_expansion() -> None:
    by_hand = Model(
        places("x", 3),
        ("k",),
        {
            "x0": "k*(x1 - x2) + 0*x0 + 2*x0",
            "x1": "k*(x2 - x0) + 1*x1 + 2*x1",
            "x2": "x0 + x1 + x2",
        },
    )
    family = Model(
        places("x", 3),
        ("k",),
        {"x[i]": "k*(x[i+1] - x[i-1]) + i*x[i] + r[i]", "x[N - 1]": "sum(x)"},
        {"r[j < N]": "2*x[j]"},
        families={"x": 3},
        sizes={"N": 3},
    )
    state, parameters = numbers(by_hand)
    for kernel, shape in (("rhs", (3,)), ("jacobian", (3, 3))):
        np.testing.assert_allclose(
            value(family, kernel, shape, state, parameters),
            value(by_hand, kernel, shape, state, parameters),
            rtol=1e-15,
        )


@pytest.mark.parametrize("edge", EDGES)
def test_a_lattice_has_the_edge_that_was_asked_for(edge: str) -> None:
    size = 11
    out, looped = both(
        places("x", size),
        ("D",),
        {"x[i]": "D*(r[i+1] - 2*r[i] + r[i-1]) + x[i-1]^2 + x[i+13]"},
        {"r[i < N]": "sin(x[i])"},
        families={"x": size},
        sizes={"N": size},
        edges={"x": edge, "r": edge},
    )
    state, parameters = numbers(out)
    modes = {"wrap": "wrap", "zero": "constant", "hold": "edge", "reflect": "reflect"}
    x = np.pad(state, 13, mode=modes[edge])  # type: ignore[call-overload]
    r = np.sin(x) if edge != "zero" else np.pad(np.sin(state), 13)
    middle = slice(13, 13 + size)
    wanted = (
        parameters[0] * (np.roll(r, -1) - 2 * r + np.roll(r, 1))[middle]
        + np.roll(x, 1)[middle] ** 2
        + x[26:]
    )
    jacobian = differences(lambda s: value(out, "rhs", (size,), s, parameters), state)
    for model in (out, looped):
        assert value(model, "rhs", (size,), state, parameters) == pytest.approx(wanted, abs=1e-13)
        found = value(model, "jacobian", (size, size), state, parameters)
        np.testing.assert_allclose(found, jacobian, atol=1e-8)


def network() -> tuple[Model, Model]:
    """Kuramoto oscillators with a coupling matrix, own frequencies, and one thing of each sort."""
    return both(
        (*places("theta", 7), "y"),
        ("k",),
        {
            "theta[i]": "w[i] + k/N*sum(j, 0, N - 1, K[i, j]*sin(theta[j] - theta[i])) + mean(r)",
            "theta[2]": "q + theta[0] + cos(t) + sum(j, 0, N - 1, K[2, j]*theta[j])",
            "y": "sum(i, 0, N - 1, sum(j, 0, i, K[i - j, j]*theta[j])*i) - f(y)*sum(w)",
        },
        {"q": "sum(i, 0, N - 1, r[i]^2*cos(t))", "r[l < N]": "g(l, theta[l])*y"},
        {"g(u, v)": "u*v + sum(j, 1, 2, v^j*theta[j])"},
        families={"theta": 7},
        sizes={"N": 7},
        arrays={"K": (7, 7), "w": (7,)},
        tables={"f": Table(0.0, 1.0, (0.0, 1.0, 0.3, 0.4))},
    )


def test_a_network_is_that_of_numpy_both_ways() -> None:
    models = network()
    state, parameters = numbers(models[0], seed=3)
    theta, y, t = state[:7], state[7], 0.3
    k, coupling, w = parameters[0], parameters[1:50].reshape(7, 7), parameters[50:57]
    g = np.arange(7) * theta + theta * theta[1] + theta**2 * theta[2]
    r = g * y
    wanted = np.empty(8)
    wanted[:7] = w + k / 7 * (coupling * np.sin(theta[None] - theta[:, None])).sum(1) + r.mean()
    wanted[2] = (r**2).sum() * math.cos(t) + theta[0] + math.cos(t) + coupling[2] @ theta
    total = sum(i * sum(coupling[i - j, j] * theta[j] for j in range(i + 1)) for i in range(7))
    wanted[7] = total - np.interp(y, np.linspace(0, 1, 4), (0.0, 1.0, 0.3, 0.4)) * w.sum()
    for model in models:
        np.testing.assert_allclose(value(model, "rhs", (8,), state, parameters), wanted, rtol=1e-12)


def test_the_derivatives_of_a_network_are_exact_both_ways() -> None:
    models = network()
    state, parameters = numbers(models[0], seed=4)
    by_state = differences(lambda s: value(models[0], "rhs", (8,), s, parameters), state)
    by_time = differences(
        lambda t: value(models[0], "rhs", (8,), state, parameters, t[0]), np.array([0.3])
    )[:, 0]
    for model in models:
        found = value(model, "jacobian", (8, 8), state, parameters)
        np.testing.assert_allclose(found, by_state, atol=2e-8)
        found = value(model, "time_derivative", (8,), state, parameters)
        np.testing.assert_allclose(found, by_time, atol=2e-8)
        assert not model.autonomous


def test_small_models_are_written_out_and_large_ones_run_in_loops() -> None:
    def size(n: int) -> Model:
        return Model(places("x", n), ("F",), LORENZ_96, families={"x": n})

    assert not size(8).loops
    assert not size(LARGEST_UNROLLED).loops
    large = size(LARGEST_UNROLLED + 1)
    assert large.loops
    with pytest.raises(EquationError, match="too large to write out"):
        large.graph()
    # Without families there is nothing to loop over.
    many = places("x", 40)
    assert not Model(many, (), dict.fromkeys(many, "x0")).loops


def test_the_largest_family_is_made_and_evaluated_in_no_time() -> None:
    size = 20_000
    model = Model(
        places("x", size), (), {"x[i]": "mean(x) - x[i]"}, families={"x": size}, edges={"x": "hold"}
    )
    state = np.random.default_rng(2).normal(size=size)
    found = value(model, "rhs", (size,), state, np.empty(0))
    np.testing.assert_allclose(found, state.mean() - state, atol=1e-12)


def test_out_may_be_the_state_in_loops_too() -> None:
    shift = Model(places("x", 30), (), {"x[i]": "x[i+1]"}, families={"x": 30})
    state = np.arange(30.0)
    shift.compiled.rhs(0.0, state, np.empty(0), state)
    assert state.tolist() == np.roll(np.arange(30.0), -1).tolist()


def test_many_own_equations_stand_before_the_general_one() -> None:
    own = {f"x[{place}]": f"{place}*100" for place in range(0, 26, 5)}
    model = Model(places("x", 26), (), {"x[i]": "i", **own}, families={"x": 26})
    wanted = [place * 100.0 if place % 5 == 0 else float(place) for place in range(26)]
    assert value(model, "rhs", (26,), np.zeros(26), np.empty(0)).tolist() == wanted


@given(st.integers(-200, 200), st.integers(1, 9))
@settings(deadline=None)
def test_edges_are_those_of_numpy(index: int, size: int) -> None:
    padded = np.arange(size)
    modes = {"wrap": "wrap", "hold": "edge", "reflect": "reflect"}
    for edge, mode in modes.items():
        wanted = np.pad(padded, 220, mode=mode)[220 + index]  # type: ignore[call-overload]
        assert indices.place(index, size, edge) == wanted
    assert indices.place(index, size, "zero") == (index if 0 <= index < size else None)


@given(st.integers(0, 5), st.integers(1, 5), st.integers(0, 4))
@settings(deadline=None, max_examples=60)
def test_the_ends_of_an_index_hold_all_its_values(low: int, width: int, choice: int) -> None:
    text = ("i*i - 3", "abs(2 - i)", "mod(i + 1, 4)", "min(i, 3) - max(i, 1)", "(7 - i)//2")[choice]
    tree = parse(text, Vocabulary(("i",), {}, {}, ("i",)))
    found = indices.bounds(tree, {"i": (low, low + width)})
    values = [indices.whole(tree, {"i": i}) for i in range(low, low + width + 1)]
    assert found[0] <= min(values) <= max(values) <= found[1]


@given(st.floats(-2, 5), st.integers(0, 2**32 - 1))
@settings(deadline=None, max_examples=40)
def test_a_table_is_linear_interpolation(at: float, seed: int) -> None:
    state = np.array([at])
    wanted = np.interp(at, np.linspace(-0.5, 2.5, 7), TABLE_VALUES)
    assert value(TABLE, "rhs", (1,), state, np.empty(0))[0] == pytest.approx(wanted, abs=1e-13)
    slope = value(TABLE, "jacobian", (1, 1), state, np.empty(0))[0, 0]
    piece = math.floor((at + 0.5) / 0.5)
    inside = 0 <= piece < 6
    rise = TABLE_VALUES[piece + 1] - TABLE_VALUES[piece] if inside else 0.0
    assert slope == pytest.approx(rise / 0.5, abs=1e-13)


TABLE_VALUES = (1.0, -2.0, 0.25, 0.25, 7.0, 3.0, -1.0)
TABLE = Model(("x",), (), {"x": "f(x)"}, tables={"f": Table(-0.5, 2.5, TABLE_VALUES)})


def test_a_table_of_no_number_is_no_number() -> None:
    assert np.isnan(value(TABLE, "rhs", (1,), np.array([np.nan]), np.empty(0)))


def test_sympy_agrees_with_the_kernels() -> None:
    out, _ = both(
        places("x", 3),
        ("a", "N"),
        {"x[i]": "sum(j, 0, i, K[i, j]*x[j]) + mean(x)*r[i+1] + N*i + f(x[i])", "x[1]": "sum(r)"},
        {"r[i < N]": "a*x[i]^2"},
        {"f(u)": "sum(k, 1, 3, u^k)"},
        families={"x": 3},
        sizes={"N": 3},
        arrays={"K": (3, 3)},
        edges={"r": "zero"},
    )
    state, parameters = numbers(out)
    symbolic = out.symbolic()
    known = dict(zip(symbolic.variables, state, strict=True))
    known[symbolic.parameters[0]] = parameters[0]
    entries = {f"K[{i}, {j}]": parameters[2 + 3 * i + j] for i in range(3) for j in range(3)}
    for found, expression in zip(
        value(out, "rhs", (3,), state, parameters), symbolic.equations, strict=True
    ):
        named = {s: entries[s.name] for s in expression.free_symbols if s.name in entries}
        assert float(expression.subs({**known, **named})) == pytest.approx(found, rel=1e-12)
