"""What is said about the flow, for systems where the answer is known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.equations.algebra import text
from engine.equations.graph import Graph
from engine.equations.model import Model
from engine.equations.structure import structure
from tests.engine.equations.grown import places

LORENZ = Model(
    ("x", "y", "z"),
    ("sigma", "rho", "beta"),
    {"x": "sigma*(y - x)", "y": "x*(rho - z) - y", "z": "x*y - beta*z"},
)


def test_volumes_of_lorenz_shrink_at_a_constant_rate() -> None:
    # E. N. Lorenz, J. Atmos. Sci. 20, 130 (1963).
    found = structure(LORENZ, np.array([10.0, 28.0, 8 / 3]))
    assert found.divergence == "-sigma - 1 - beta"
    assert found.divergence_latex == r"-\sigma - 1 - \beta"
    assert found.divergence_value == pytest.approx(-41 / 3)
    assert found.dissipative
    assert not found.hamiltonian
    assert found.jacobian == (
        ("-sigma", "sigma", "0"),
        ("rho - z", "-1", "-x"),
        ("y", "x", "-beta"),
    )
    assert found.jacobian_latex[1] == (r"\rho - z", "-1", "-x")
    # Without values of the parameters nobody knows.
    assert structure(LORENZ).volume == "varies"


@pytest.mark.parametrize(
    ("equations", "pairs"),
    [
        # M. Henon and C. Heiles, Astronomical Journal 69, 73 (1964).
        (
            {"x": "px", "y": "py", "px": "-x - 2*x*y", "py": "-y - x^2 + y^2"},
            (("x", "px"), ("y", "py")),
        ),
        ({"x": "p", "p": "-sin(x) + cos(t)"}, (("x", "p"),)),
        # A charge in a magnetic field: momenta and positions mix.
        (
            {"x": "px + y", "y": "py - x", "px": "py - x", "py": "-px - y"},
            (("x", "px"), ("y", "py")),
        ),
        ({"a": "c", "b": "-d", "c": "-a - 2*a*d", "d": "b + a^2*0 + 0"}, ()),
        ({"x": "y", "y": "-x - 0.1*y"}, ()),
        ({"x": "x*(1 - y)", "y": "y*(x - 1)"}, ()),
    ],
)
def test_a_hamiltonian_system_is_known_by_its_pairs(
    equations: dict[str, str], pairs: tuple[tuple[str, str], ...]
) -> None:
    found = structure(Model(tuple(equations), (), equations))
    assert found.pairs == pairs
    assert found.hamiltonian == bool(pairs)
    if pairs:
        assert found.volume == "kept"


def test_pairs_are_found_in_any_order() -> None:
    model = Model(
        ("p", "y", "x", "q"), (), {"x": "p", "p": "-x - y^2", "y": "q", "q": "-y - 2*x*y"}
    )
    assert {frozenset(pair) for pair in structure(model).pairs} == {
        frozenset(("x", "p")),
        frozenset(("y", "q")),
    }


def test_positions_and_momenta_are_told_apart() -> None:
    assert Model(("x", "p"), (), {"x": "p", "p": "-sin(x) + cos(t)"}).partition == (True, False)
    kepler = {"x": "u", "y": "v", "u": "-x*r", "v": "-y*r"}
    model = Model(tuple(kepler), (), kepler, {"r": "(x^2 + y^2)^-1.5"})
    assert model.partition == (True, True, False, False)
    # Friction, a magnetic field, a rotating frame: no such split.
    for equations in (
        {"x": "y", "y": "-x - 0.1*y"},
        {"x": "x + y", "y": "-x"},
        {"x": "1"},
    ):
        assert Model(tuple(equations), (), equations).partition is None


@pytest.mark.parametrize("size", [4, 40])
def test_a_chain_of_springs_is_separable_and_hamiltonian(size: int) -> None:
    # E. Fermi, J. Pasta and S. Ulam, Los Alamos report LA-1940 (1955).
    model = Model(
        (*places("q", size), *places("p", size)),
        ("alpha",),
        {
            "q[i]": "p[i]",
            "p[i]": "q[i+1] - 2*q[i] + q[i-1] + alpha*((q[i+1] - q[i])^2 - (q[i] - q[i-1])^2)",
        },
        families={"q": size, "p": size},
        edges={"q": "zero"},
    )
    assert model.loops == (size == 40)
    found = structure(model, np.array([0.25]))
    assert model.partition == (True,) * size + (False,) * size
    assert found.separable
    assert found.pairs == tuple((f"q{i}", f"p{i}") for i in range(size))
    assert found.divergence_value == 0.0
    assert found.volume == "kept"


def test_volumes_of_maps() -> None:
    henon = Model(("x", "y"), ("a", "b"), {"x": "1 - a*x^2 + y", "y": "b*x"})
    assert structure(henon, np.array([1.4, 0.3]), "map").volume == "shrinks"
    standard = Model(("p", "q"), ("k",), {"p": "p + k*sin(q)", "q": "q + p + k*sin(q)"})
    assert structure(standard, None, "map").volume == "kept"


@pytest.mark.parametrize(
    ("written", "short"),
    [
        ("x + y - x", "y"),
        ("(x + y)*(x - y)", "x^2 - y^2"),
        ("2*x - x*2", "0"),
        ("x*y/y", "x"),
        ("1 - 3*x^2 + x^2", "1 - 2*x^2"),
        ("x/(1 + y)", "x/(1 + y)"),
        ("sin(x + x) - 1", "sin(2*x) - 1"),
        ("-x*2.5", "-2.5*x"),
        ("where(x > 0, y, -y)", "where(x > 0, y, -y)"),
        ("x^y", "(x)^(y)"),
        ("(x + 1)^0.5", "(x + 1)^0.5"),
        ("x^-2", "1/x^2"),
    ],
)
def test_like_terms_are_collected(written: str, short: str) -> None:
    graph, outputs = Model(("x", "y"), (), {"x": written, "y": "0"}).graph()
    assert text(graph, outputs[0], {"s0": "x", "s1": "y"}) == short


@given(st.integers(0, 2**32 - 1))
@settings(deadline=None, max_examples=40)
def test_a_short_text_is_worth_what_the_long_one_was(seed: int) -> None:
    from engine.equations import evaluate
    from engine.equations.grammar import parse

    random = np.random.default_rng(seed)
    graph = Graph()
    nodes = [graph.symbol("s0"), graph.symbol("s1"), graph.number(float(random.integers(-3, 4)))]
    for _ in range(12):
        operation = str(random.choice(["+", "-", "*", "negate", "sin"]))
        count = 1 if operation in ("negate", "sin") else 2
        nodes.append(graph.apply(operation, *(int(n) for n in random.choice(nodes, count))))
    shown = text(graph, nodes[-1], {"s0": "x", "s1": "y"})
    if len(shown) > 9000:
        return
    values = {"s0": 0.37, "s1": 1.41}
    (wanted,) = evaluate.nodes(graph, [nodes[-1]], values)
    again = graph.insert(parse(shown), {"x": graph.symbol("s0"), "y": graph.symbol("s1")})
    (found,) = evaluate.nodes(graph, [again], values)
    if wanted is not None and abs(wanted) < 1e6:
        assert found == pytest.approx(wanted, rel=1e-6, abs=1e-6)
