"""Texts with places, sums and sizes that mean nothing: refused with place and reason, in time."""

from __future__ import annotations

import time
from typing import Any

import pytest

from engine.equations.model import Model
from engine.equations.parts import Event, Table
from engine.errors import EquationError
from tests.engine.equations.grown import places


def make(equation: str = "x[i]", **more: Any) -> Model:
    whole: dict[str, Any] = {
        "variables": places("x", 40),
        "parameters": ("a", "N"),
        "equations": {"x[i]": equation},
        "families": {"x": 40},
        "sizes": {"N": 40},
        "arrays": {"K": (40, 40), "w": (40,)},
        "tables": {"f": Table(0.0, 1.0, (0.0, 1.0))},
    }
    return Model(**(whole | more))


@pytest.mark.parametrize(
    ("equation", "says", "column"),
    [
        ("x", "'x' has many places; write x[i] for one of them", 1),
        ("1 + K", "'K' has many places; write K[i, j]", 5),
        ("x[40]", "'x' has the places 0 to 39, this asks for 40", 3),
        ("w[i + 1]", "'w' has the places 0 to 39, this asks for 40", 3),
        ("sum(j, 0, N, K[i, j])", "'K' has the places 0 to 39, this asks for 40", 19),
        ("x[j]", "unknown name 'j'", 3),
        ("y[i]", "indexing of the unknown name 'y'", 1),
        ("a[0]", "'a' has no places; indexing", 2),
        ("a*x[i, i]", "'x' takes 1 index, got 2", 4),
        ("K[i]", "'K' takes 2 indices, got 1", 2),
        ("x[i + 0.5]", "a place is a whole number", 7),
        ("x[i/2]", "divide with // here", 3),
        ("x[i + a]", "made of whole numbers, sizes and index names", 7),
        ("x[x[i]]", "made of whole numbers, sizes and index names", 3),
        ("x[sin(i)]", "made of whole numbers", 3),
        ("x[3//i]", "an index divides by zero", 1),
        ("x[1e300]", "too large", 1),
        ("x[]", "nothing between these brackets", 3),
        ("x[i", "this '[' is never closed", 2),
        ("x[i)", "this '[' is never closed", 2),
        ("(x[i])]", "closes nothing", 7),
        ("(x[i])[0]", "indexing with '[' needs a name", 7),
        ("x[i](t)", "only a variable can be asked for at an earlier time", 1),
        ("sum(j, 0, x[i], 1)", "made of whole numbers", 11),
        ("sum(j, 0, a, 1)", "made of whole numbers", 11),
        ("sum(a, 0, 3, 1)", "'a' cannot be an index here", 5),
        ("sum(i, 0, 3, 1)", "'i' cannot be an index here", 5),
        ("sum(t, 0, 3, 1)", "'t' cannot be an index here", 5),
        ("sum(2, 0, 3, 1)", "the name of an index is expected", 5),
        ("sum(x, 1)", "'sum' is used as sum(x) or sum(j, 0, N - 1, x[j]), got 2", 1),
        ("mean(j, 0, 3, 1)", "'mean' is used as mean(x)", 1),
        ("sum(a)", "takes the name of a family", 5),
        ("sum(K)", "takes the name of a family", 5),
        ("sum(x[i])", "takes the name of a family", 5),
        ("f(1, 2)", "'f' takes 1 argument, got 2", 1),
        ("f", "'f' is a function", 1),
        ("x[" * 120 + "0" + "]" * 120, "nested more than 100 deep", 202),
        ("x[" + "*".join(["99999"] * 1500) + "]", "too large", 1),
    ],
)
def test_a_place_that_is_none_is_refused_where_it_stands(
    equation: str, says: str, column: int
) -> None:
    with pytest.raises(EquationError) as caught:
        make(equation)
    assert says in caught.value.message
    assert caught.value.column == column


@pytest.mark.parametrize(
    ("parts", "says"),
    [
        ({"equations": {"x": "1"}}, "'x' has many places; write \"x[i]\""),
        ({"equations": {"x[0]": "1"}}, "the variable 'x1' has no equation"),
        ({"equations": {"x[i]": "1", "x[j]": "2"}}, "two texts for every place of 'x'"),
        ({"equations": {"x[i]": "1", "x[39]": "1", "x[N - 1]": "1"}}, "for the same place"),
        ({"equations": {"x[i]": "1", "x0": "1", "x[0]": "1"}}, "for the same place"),
        ({"equations": {"x[i]": "1", "x[40]": "1"}}, "has the places 0 to 39, 'x[40]' asks"),
        ({"equations": {"x[i]": "1", "x[-1]": "1"}}, "asks for -1"),
        ({"equations": {"x[i + 1]": "1"}}, "'i + 1': a whole number is expected"),
        ({"equations": {"x[i": "1"}}, "a name is expected"),
        ({"equations": {"x[a]": "1"}}, "'a' cannot be an index"),
        ({"equations": {"x[sin]": "1"}}, "an index cannot be called 'sin'"),
        ({"equations": {"x[i]": "1", "y[i]": "1"}}, "an equation for 'y', which is no variable"),
        ({"quantities": {"r[i]": "1"}}, 'is declared as "r[i < N]"'),
        ({"quantities": {"r[i < a]": "1"}}, "a whole number is expected"),
        ({"quantities": {"r[i < N - N]": "1"}}, "1 to 20000 places, 'N - N' gives 0"),
        ({"quantities": {"r[i < N*N*N]": "1"}}, "'N*N*N' gives 64000"),
        ({"quantities": {"r[a < N]": "1"}}, "the index of 'r' cannot be 'a'"),
        ({"quantities": {"r[i < N]": "r[i - 1]"}}, "'r' is defined through itself"),
        ({"quantities": {"r[i < N]": "s", "s": "mean(r)"}}, "is defined through itself"),
        ({"families": {"x": 41}}, "the family 'x' of 41 needs the variables x0 to x40"),
        ({"families": {"x": 40, "a": 1}}, "'a' is a family and also a parameter"),
        ({"arrays": {"K": (1000, 1000)}}, "may have 250000 entries together"),
        ({"arrays": {"K": (2, 2, 2)}}, "one or two positive sizes"),
        ({"arrays": {"K": (0,)}}, "one or two positive sizes"),
        ({"edges": {"x": "mirror"}}, "one of wrap, zero, hold, reflect, got 'mirror'"),
        ({"edges": {"y": "wrap"}}, "an edge for 'y', which has no places"),
        ({"tables": {"f": Table(1.0, 0.0, (0.0, 1.0))}}, "from a lower to a higher number"),
        ({"tables": {"f": Table(0.0, 1.0, (0.0,))}}, "2 to 250000 values, got 1"),
        ({"tables": {"f": Table(0.0, 1.0, (0.0, float("nan")))}}, "must be finite, got nan"),
        ({"interpretation": "strato"}, "one of ito, stratonovich, got 'strato'"),
        ({"events": (Event("b"),)}, "event 1: unknown name 'b'"),
        ({"events": (Event("a", changes={"a": "1"}),)}, "for 'a', which is no variable"),
        ({"events": (Event("a", "left"),)}, "one of up, down, both"),  # type: ignore[arg-type]
        ({"history": {"b": "1"}}, "a history for 'b', which is no variable"),
        ({"variables": places("x", 30_000)}, "may have 20000 variables, this has 30000"),
    ],
)
def test_what_a_model_cannot_declare_is_refused(parts: dict[str, Any], says: str) -> None:
    with pytest.raises(EquationError) as caught:
        make(**parts)
    assert says in caught.value.message


def test_indices_that_stay_inside_are_accepted() -> None:
    assert make("sum(j, 0, i, w[i - j]*x[j])").loops
    assert make("w[mod(i + 1, N)] + w[abs(i - 3)]").loops
    assert make(equations={"x[i]": "w[i - 1]", "x[0]": "1"}).loops
    # An index hides a constant.
    assert make(equations={"x[e]": "x[e + 1]*e"}).loops


@pytest.mark.parametrize(
    "equation",
    [
        "sum(j, 1, 1000000000, x[i]/j^2)",
        "sum(j, 0, N - 1, sum(k, 0, N - 1, sum(l, 0, N - 1, sum(m, 0, N - 1, "
        "x[j + i]*x[k]*x[l]*x[m]*i))))",
    ],
)
def test_endless_work_is_refused_at_once(equation: str) -> None:
    began = time.perf_counter()
    with pytest.raises(EquationError, match="operations, at most 20,000,000 are possible"):
        make(equation)
    assert time.perf_counter() - began < 5.0


def test_a_sum_of_a_million_terms_is_one_loop() -> None:
    import math

    import numpy as np

    model = Model(("x",), (), {"x": "sum(j, 1, 1000000, x/j^2)"})
    assert model.loops
    out = np.empty(1)
    model.compiled.rhs(0.0, np.ones(1), np.empty(0), out)
    # The rest of the series beyond a million is a millionth.
    assert out[0] == pytest.approx(math.pi**2 / 6 - 1e-6, abs=1e-11)
