"""Kernels and Jacobians against sympy and finite differences, for every word there is."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from engine.equations.emit import (
    TEMPLATES,
    jacobian_program,
    rhs_program,
    write,
)
from engine.equations.graph import FLAT, PARTIALS, Graph
from engine.equations.model import Model
from engine.equations.words import FUNCTIONS

# x, y and z range over (0.2, 0.9), a and b over (1.1, 1.9): smooth and real everywhere.
SMOOTH = (
    "a*(y - x)*z",
    "x/y - z/(a + x)",
    "x^2*y^3 - z^5",
    "x^-2 + y^-1*z",
    "x^0.5*y^1.5 + z^-0.5",
    "x^a*y^2.3",
    "a^x - 2^y",
    "x^y^z",
    "(x + y)^7",
    "x^40/2",
    "-x^2 + -y",
    "exp(x*y) - exp(-z)",
    "expm1(x)*log1p(y)",
    "log(x) + log10(y) + log2(z)",
    "sqrt(x + y*z)",
    "sin(x)*cos(y) + tan(z)",
    "asin(x) + acos(y)*atan(z)",
    "atan2(x, y + z)",
    "sinh(x)*cosh(y)*tanh(z)",
    "asinh(x) + acosh(a + y) + atanh(z)",
    "hypot(x, y*z)",
    "erf(x*y)",
    "abs(x - 2)*abs(y)",
    "min(x, y + 1, z + 2) + max(x, y + 1, z)",
    "where(x < 2 and y > 0, x*y, z)",
    "where(x > 2 or not y > 0, x*y, z^2)",
    "where(0 < x < 1, sin(x*y), 0)",
    "x^2 if y > 3 else z^2",
    "heaviside(x - 2)*x + heaviside(y + 1)*y^2",
    "heaviside(x + 1, 0.5)*y",
    "sign(x - 2)*y + sign(z)*x",
    "mod(x + 7, a)*y",
    "floor(x + 0.05)*y + ceil(z)*x",
    "(x > 0)*y",
    "cos(t)*x + t^2*y",
    "q*x - f(y, z)",
    "f(f(x, y), q)*g(z)",
    "1 - (x - (y - (z - a)))/b",
    "a/(x/(y/z))",
    "pi*e*x",
)
NAMES = ("x", "y", "z")


@pytest.fixture(scope="module")
def model() -> Model:
    rest = tuple(f"u{i}" for i in range(len(SMOOTH)))
    equations = dict(zip(rest, SMOOTH, strict=True))
    return Model(
        (*NAMES, *rest),
        ("a", "b"),
        {"x": "y", "y": "-x", "z": "0", **equations},
        quantities={"q": "r*y", "r": "x + a"},
        functions={"f(u, v)": "u*v + b*g(u)", "g(u)": "sin(u)/(1 + u^2)"},
    )


def point(seed: int, n: int) -> tuple[float, NDArray[np.float64], NDArray[np.float64]]:
    random = np.random.default_rng(seed)
    return random.uniform(0, 2), random.uniform(0.2, 0.9, n), random.uniform(1.1, 1.9, 2)


def rhs(
    model: Model, t: float, state: NDArray[np.float64], values: NDArray[np.float64]
) -> NDArray[np.float64]:
    out = np.empty(len(state))
    model.compiled.rhs(t, state, values, out)
    return out


def test_the_kernel_agrees_with_sympy(model: Model) -> None:
    import sympy

    symbolic = model.symbolic()
    function = sympy.lambdify(
        (symbolic.time, symbolic.variables, symbolic.parameters),
        symbolic.equations,
        modules=["scipy", "numpy"],
    )
    for seed in range(5):
        t, state, values = point(seed, len(model.variables))
        expected = [float(value) for value in function(t, state, values)]
        np.testing.assert_allclose(rhs(model, t, state, values), expected, rtol=1e-13, atol=1e-14)


def test_the_jacobian_agrees_with_central_differences(model: Model) -> None:
    n = len(model.variables)
    for seed in range(3):
        t, state, values = point(seed, n)
        jacobian = np.empty((n, n))
        model.compiled.jacobian(t, state, values, jacobian)
        step = 1e-6
        for j in range(3):
            shift = np.zeros(n)
            shift[j] = step
            slope = (
                rhs(model, t, state + shift, values) - rhs(model, t, state - shift, values)
            ) / (2 * step)
            np.testing.assert_allclose(
                jacobian[:, j], slope, rtol=2e-7, atol=2e-8, err_msg=f"column {NAMES[j]}"
            )
        assert not jacobian[:, 3:].any()


def test_the_jacobian_agrees_with_sympy(model: Model) -> None:
    import sympy

    smooth = [
        i
        for i, text in enumerate(SMOOTH)
        if not any(
            word in text
            for word in ("where", "if", "min", "floor", "mod", "sign", "heav", "abs", ">")
        )
    ]
    symbolic = model.symbolic()
    wanted = [symbolic.equations[3 + i] for i in smooth]
    exact = sympy.lambdify(
        (symbolic.time, symbolic.variables, symbolic.parameters),
        [[sympy.diff(row, column) for column in symbolic.variables[:3]] for row in wanted],
        modules=["scipy", "numpy"],
    )
    t, state, values = point(7, len(model.variables))
    jacobian = np.empty((len(model.variables),) * 2)
    model.compiled.jacobian(t, state, values, jacobian)
    np.testing.assert_allclose(
        jacobian[[3 + i for i in smooth], :3],
        np.array(exact(t, state, values), dtype=float),
        rtol=1e-12,
    )


def test_every_word_can_be_emitted_and_differentiated() -> None:
    for name, (least, _) in FUNCTIONS.items():
        graph = Graph()
        x, y = graph.symbol("s0"), graph.symbol("s1")
        given = [x, y][:least] if name != "where" else [graph.apply("<", x, y), x, y]
        node = graph.apply(name, *given)
        assert write(graph, [node, *graph.derivatives([node], "s0")]).outputs
        assert name in PARTIALS or name in FLAT or name in ("where", "min", "max")
    assert set(TEMPLATES) <= {*FUNCTIONS, "^"}


LORENZ = Model(
    ("x", "y", "z"),
    ("sigma", "rho", "beta"),
    {"x": "sigma*(y - x)", "y": "x*(rho - z) - y", "z": "x*y - beta*z"},
)


def test_programs_read_like_the_equations() -> None:
    program = rhs_program(LORENZ)
    assert program.temporaries == ()
    assert program.outputs == ("p0 * (s1 - s0)", "s0 * (p1 - s2) - s1", "s0 * s1 - p2 * s2")
    assert program.symbols == {"s0", "s1", "s2", "p0", "p1", "p2"}
    assert jacobian_program(LORENZ).outputs == (
        "-p0",
        "p0",
        "0.0",
        "p1 - s2",
        "-1.0",
        "-s0",
        "s1",
        "s0",
        "-p2",
    )


def test_powers_are_products_and_shared_parts_are_computed_once() -> None:
    program = rhs_program(Model(("x",), (), {"x": "x^4 + sin(x^2) - 1/sin(x^2)"}))
    assert [text for _, text in program.temporaries] == ["s0 * s0", "math.sin(c0)"]
    assert program.outputs == ("c0 * c0 + c1 - 1.0 / c1",)
    assert "pow" not in str(rhs_program(Model(("x",), (), {"x": "x^31 + x^-7 + x^2.5"})))


def test_a_long_product_of_functions_does_not_blow_up() -> None:
    # d^n of nested functions doubles at each level unless parts are shared.
    functions = {"f0(u)": "u*sin(u)"} | {
        f"f{i}(u)": f"f{i - 1}(u)*f{i - 1}(u)" for i in range(1, 25)
    }
    model = Model(("x",), (), {"x": "f24(x)"}, functions=functions)
    assert len(jacobian_program(model).temporaries) < 100


def test_out_may_be_the_state() -> None:
    rotate = Model(("x", "y", "z"), (), {"x": "y", "y": "z", "z": "x"})
    state = np.array([1.0, 2.0, 3.0])
    rotate.compiled.rhs(0.0, state, np.empty(0), state)
    assert state.tolist() == [2.0, 3.0, 1.0]


def test_singular_points_give_infinities_and_never_raise() -> None:
    model = Model(
        ("x", "y", "z"),
        ("a",),
        {"x": "1/a + mod(x, a) + floor(1e300*x)", "y": "log(a) + sqrt(a - 1)", "z": "a^-2.5"},
    )
    out = rhs(model, 0.0, np.ones(3), np.zeros(1))
    assert math.isnan(out[0])
    assert math.isnan(out[1])
    assert out[2] == math.inf
    # floor stays a float: as an integer it would wrap around.
    assert rhs(model, 0.0, np.ones(3), np.ones(1))[0] == 1e300


def test_the_slope_of_a_power_at_zero_is_finite() -> None:
    model = Model(("x", "y"), ("k",), {"x": "x^2 + x^3*y", "y": "(x + 0)^(y + k)"})
    jacobian = np.empty((2, 2))
    model.compiled.jacobian(0.0, np.array([0.0, 1.0]), np.array([1.0]), jacobian)
    assert jacobian.tolist() == [[0.0, 0.0], [0.0, 0.0]]


@given(st.integers(0, 2**32), st.floats(-50, 50), st.floats(0.1, 10))
@settings(max_examples=50, deadline=None)
def test_a_remainder_has_the_sign_of_its_divisor(seed: int, a: float, b: float) -> None:
    from engine.equations.evaluate import number

    value = number(f"mod({a!r}, {b!r})")
    assert -1e-12 <= value <= b * (1 + 1e-12)
    assert (
        value == pytest.approx(a % b, abs=1e-9)
        or value == pytest.approx(a % b + b, abs=1e-9)
        or value == pytest.approx(a % b - b, abs=1e-9)
    )
