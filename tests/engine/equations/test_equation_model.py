"""What a model refuses, and what it keeps the same."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from engine.equations.model import Model
from engine.errors import EquationError

XY = {"x": "y", "y": "-x"}


@pytest.mark.parametrize(
    ("parts", "says"),
    [
        ({"variables": ()}, "at least one variable"),
        ({"variables": ("x", "x")}, "'x' is a variable and also a variable"),
        ({"parameters": ("x",)}, "'x' is a parameter and also a variable"),
        ({"parameters": ("lambda",)}, "call it 'lam'"),
        ({"parameters": ("if",)}, "call it 'if_'"),
        ({"parameters": ("sin",)}, "'sin', which is a function"),
        ({"parameters": ("t",)}, "'t', which is time"),
        ({"parameters": ("pi",)}, "'pi', which is a number"),
        ({"parameters": ("2a",)}, "a letter, then"),
        ({"parameters": ("a b",)}, "a letter, then"),
        ({"parameters": ("_a",)}, "a letter, then"),
        ({"parameters": ("",)}, "a letter, then"),
        ({"parameters": ("a" * 61,)}, "a letter, then"),
        ({"parameters": ("a\nimport os",)}, "a letter, then"),
        ({"parameters": ("\u03d5",)}, "write '\u03c6'"),
        ({"equations": {"x": "y"}}, "the variable 'y' has no equation"),
        ({"equations": {**XY, "z": "1"}}, "equation for 'z', which is no variable"),
        ({"equations": {"x": "y", "y": "q"}}, "equation of 'y': unknown name 'q'"),
        ({"equations": {"x": "y", "y": "x +"}}, "equation of 'y': something is missing"),
        ({"quantities": {"x": "1"}}, "'x' is a quantity and also a variable"),
        ({"quantities": {"q": "q + 1"}}, "'q' is defined through itself: q -> q"),
        ({"quantities": {"q": "r", "r": "x*q"}}, "is defined through itself"),
        ({"quantities": {"q": "nope"}}, "quantity 'q': unknown name 'nope'"),
        ({"functions": {"f": "1"}}, "declared as"),
        ({"functions": {"f()": "1"}}, "declared as"),
        ({"functions": {"f(u,)": "1"}}, "declared as"),
        ({"functions": {"f(u": "1"}}, "declared as"),
        ({"functions": {"f(u)(v)": "1"}}, "declared as"),
        ({"functions": {"f(u, u)": "u"}}, "argument 'u' twice"),
        ({"functions": {"sin(u)": "u"}}, "'sin', which is a function"),
        ({"functions": {"x(u)": "u"}}, "'x' is a function and also a variable"),
        ({"functions": {"f(t)": "t"}}, "an argument of 'f' cannot be called 't'"),
        ({"functions": {"f(u)": "v"}}, "function 'f': unknown name 'v'"),
        ({"functions": {"f(u)": "f(u - 1)"}}, "'f' is defined through itself: f -> f"),
        ({"functions": {"f(u)": "g(u)", "g(u)": "f(u)"}}, "is defined through itself"),
        ({"functions": {"f(u)": "q*u"}, "quantities": {"q": "f(x)"}}, "is defined through itself"),
        ({"functions": {"f(u)": "u", "f(u, v)": "v"}}, "'f' is a function and also a function"),
    ],
)
def test_what_equations_cannot_mean_is_refused(parts: dict[str, object], says: str) -> None:
    whole: dict[str, object] = {"variables": ("x", "y"), "parameters": ("a",), "equations": XY}
    with pytest.raises(EquationError) as caught:
        Model(**(whole | parts))  # type: ignore[arg-type]
    assert says in caught.value.message


def test_functions_that_multiply_for_ever_are_refused_in_time() -> None:
    functions = {"f0(u)": "sin(u)"}
    functions |= {f"f{i}(u)": f"f{i - 1}(u + 1) * f{i - 1}(u + pi)" for i in range(1, 40)}
    with pytest.raises(EquationError, match="expand to more than"):
        Model(("x",), (), {"x": "f39(x)"}, functions=functions)


def test_a_chain_of_functions_may_be_long_or_is_refused() -> None:
    functions = {"f0(u)": "u"} | {f"f{i}(u)": f"f{i - 1}(u)" for i in range(1, 2000)}
    with pytest.raises(EquationError, match="too deeply"):
        Model(("x",), (), {"x": "f1999(x)"}, functions=functions)
    quantities = {"q0": "x"} | {f"q{i}": f"q{i - 1} + 1" for i in range(1, 2000)}
    assert Model(("x",), (), {"x": "q1999"}, quantities=quantities).autonomous


def test_quantities_and_functions_stand_in_any_order() -> None:
    model = Model(
        ("x",),
        ("k",),
        {"x": "first + f(x)"},
        quantities={"first": "2*second", "second": "k*x"},
        functions={"f(u)": "g(u, second)", "g(u, v)": "u - v"},
    )
    assert list(model.quantity_trees) == ["second", "first"]
    out = np.empty(1)
    model.compiled.rhs(0.0, np.array([3.0]), np.array([5.0]), out)
    assert out[0] == 2 * (5 * 3) + (3 - 5 * 3)


def test_an_argument_hides_a_variable_of_its_name() -> None:
    model = Model(("x", "y"), (), {"x": "f(y)", "y": "f(2*y) + x"}, functions={"f(x)": "x^2 + y"})
    out = np.empty(2)
    model.compiled.rhs(0.0, np.array([10.0, 3.0]), np.empty(0), out)
    assert out.tolist() == [3.0**2 + 3.0, 6.0**2 + 3.0 + 10.0]


def test_names_of_other_collections_are_only_names() -> None:
    # In sympy I is imaginary, S a converter, N a function, beta and gamma special functions.
    names = ("I", "S", "N", "E", "Q", "O", "beta", "gamma", "zeta", "s0", "p0", "c0", "math", "np")
    model = Model(("x", "out"), names, {"x": "+".join(names), "out": "I*S - N^2 + x"})
    out = np.empty(2)
    model.compiled.rhs(0.0, np.zeros(2), np.arange(1.0, 15.0), out)
    assert out.tolist() == [105.0, 1.0 * 2.0 - 9.0]
    assert {symbol.name for symbol in model.symbolic().parameters} == set(names)


def test_the_digest_is_that_of_the_mathematics() -> None:
    def digest(**changed: object) -> str:
        whole: dict[str, object] = {
            "variables": ("x", "y"),
            "parameters": ("a", "b"),
            "equations": {"x": "a*y^2", "y": "-x"},
        }
        return Model(**(whole | changed)).digest  # type: ignore[arg-type]

    assert digest() == digest(equations={"x": "( a * y ** 2 )", "y": "-(x)"})
    different = {
        digest(),
        digest(equations={"x": "a*y^3", "y": "-x"}),
        digest(equations={"x": "b*y^2", "y": "-x"}),
        digest(parameters=("b", "a")),
        digest(variables=("y", "x")),
        digest(quantities={"q": "x"}),
        digest(functions={"f(u)": "u"}),
    }
    assert len(different) == 7


def test_whether_time_matters_is_known() -> None:
    assert Model(("x",), (), {"x": "-x"}).autonomous
    assert not Model(("x",), (), {"x": "cos(t)"}).autonomous
    assert Model(("x",), (), {"x": "x"}, quantities={"unused": "t"}).autonomous


def test_divergence_of_lorenz_is_minus_sigma_minus_one_minus_beta() -> None:
    # E. N. Lorenz, J. Atmos. Sci. 20, 130 (1963): volumes shrink at this constant rate.
    symbolic = Model(
        ("x", "y", "z"),
        ("sigma", "rho", "beta"),
        {"x": "sigma*(y - x)", "y": "x*(rho - z) - y", "z": "x*y - beta*z"},
    ).symbolic()
    sigma, _, beta = symbolic.parameters
    assert symbolic.divergence() + sigma + 1 + beta == 0


def test_making_a_model_imports_neither_numba_nor_sympy() -> None:
    program = (
        "import sys; from engine.equations.model import Model; import engine.systems.files; "
        "from engine.equations.sources import source; "
        "m = Model(('x',), (), {'x': '-x'}); source(m, 'jacobian'); m.digest; "
        "m.compiled.latex('flow'); "
        "print([n for n in ('numba', 'sympy', 'scipy', 'matplotlib', 'pydantic') "
        "if n in sys.modules])"
    )
    result = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        cwd=Path(__file__).resolve().parents[3],
        check=True,
    )
    assert result.stdout.strip() == "[]"
