"""Formulas of XPPAUT: its precedences, its functions, and what they become in our language."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import EquationError
from engine.files.xppaut.evaluation import evaluate
from engine.files.xppaut.scope import Scope
from engine.files.xppaut.translate import REMAINDER, translate
from engine.systems.formula import evaluate as ours

VALUES = {"a": 2.0, "b": 3.0, "c": 5.0, "m": -1.0, "x": 0.0}

# What the program answers for a=2, b=3, c=5, m=-1, x=0: facts of its format.
ANSWERS = {
    "2^3^2": 64.0,
    "-2^2": -4.0,
    "2**3": 8.0,
    "3-2-1": 0.0,
    "8/4/2": 1.0,
    "a*b/c": 1.2,
    "1+1<2": 2.0,
    "a<b*c": 5.0,
    "2*b<c": 2.0,
    "c<b^a": 0.0,
    "a^2>b": 1.0,
    "-a<b": -1.0,
    "3>2>1": 0.0,
    "a==b+a": 2.0,
    "2*3&1": 1.0,
    "1&3*2": 2.0,
    "1+a&b": 2.0,
    "-a&b": 1.0,
    "1|0-1": 0.0,
    "a+b|0*0": 1.0,
    "1|1&0": 1.0,
    "not(0)+1": 2.0,
    "not(x)*a": 2.0,
    "not(1)<2": 0.0,
    "mod(m,b)": 2.0,
    "mod(5,-b)": 2.0,
    "mod(m,-b)": -4.0,
    "mod(5.5,b)": 2.5,
    "flr(-1.5)": -2.0,
    "sign(x)": 0.0,
    "heav(x)": 1.0,
    "log(2)": np.log(2.0),
    "log10(100)": 2.0,
    "atan2(1,2)": 0.4636476,
    "erfc(1)": 0.15729921,
    "if(a<b)then(a)else(b)+1": 3.0,
    "2^sum(1,2)of(i')": 8.0,
    "sum(0,4)of(i'*i')": 30.0,
    "sum(3,1)of(i')": 0.0,
    "sum(0.6,2)of(i')": 3.0,
    "max(a,-b)": 2.0,
    "A+SIN(0)": 2.0,
}


def scope() -> Scope:
    return Scope(names={name: name for name in VALUES}, remainder="remainder")


def value(text: str) -> float:
    """The value of a translated formula, by our own language."""
    here = scope()
    written = translate(text, here)
    if not here.uses_remainder:
        return float(ours(written, VALUES, ()))
    # The remainder for any sign is a function of the system, here called by itself.
    sides = re.fullmatch(r"remainder\((.*), (.*)\)", written)
    assert sides is not None
    left, right = (float(ours(side, VALUES, ())) for side in sides.groups())
    return float(ours(REMAINDER, {"a": left, "b": right}, ()))


@pytest.mark.parametrize("text", ANSWERS)
def test_formulas_are_worth_what_the_program_says(text: str) -> None:
    assert value(text) == pytest.approx(ANSWERS[text], rel=1e-7)


def test_the_program_says_so(program: str, tmp_path: Path) -> None:
    lines = [f"aux q{k}={text}" for k, text in enumerate(ANSWERS)]
    file = tmp_path / "answers.ode"
    file.write_text(
        "\n".join(["par a=2,b=3,c=5,m=-1", "x'=0", *lines, "@ total=0.1,bound=1e20", "done", ""])
    )
    subprocess.run([program, file.name, "-silent"], cwd=tmp_path, capture_output=True, timeout=30)
    row = np.loadtxt(tmp_path / "output.dat")[0]
    assert row[2:] == pytest.approx(list(ANSWERS.values()), rel=1e-6)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("2*-3", "a sign cannot follow '*'"),
        ("a<-b", "a sign cannot follow '<'"),
        ("2x", "is no number; a product needs '*'"),
        ("a(2)", "'a' is not a function; write a*(..)"),
        ("q+1", "unknown name 'q'"),
        ("sin", "'sin' is a function"),
        ("sin(1,2)", "'sin' takes 1 argument, got 2"),
        ("foo(1)", "unknown function 'foo'"),
        ("ran(1)", "'ran' draws a new random number"),
        ("normal(0,1)", "white noise is declared with wiener"),
        ("besselj(0,1)", "Bessel functions are not supported"),
        ("a=1", "one '=' says nothing here"),
        ("u[j]", "a place in brackets"),
        ("(a", "')' is expected here"),
        ("if(a)then(b)", "'else' is expected here"),
        ("2*not(1)", "write brackets around 'not'"),
        ("sum(0,a)of(i')", "the ends of a sum must be numbers"),
        ("i'+1", "i' is the index of a sum"),
        ("1e999", "this number is too large"),
        ("", "something is missing"),
        ("delay(a,1)", "only a variable that has an equation can be delayed"),
        ("sum(0,1e6)of(i')", "a sum may have 5,000 terms"),
    ],
)
def test_what_cannot_be_meant_is_refused(text: str, message: str) -> None:
    with pytest.raises(EquationError, match=re.escape(message)):
        translate(text, scope())


def test_a_delay_is_a_variable_at_an_earlier_time() -> None:
    here = Scope(names={"x": "x", "tau": "tau"}, variables=("x",), fixed=frozenset({"tau"}))
    assert translate("-x+delay(x,tau)", here) == "-x + x(t - tau)"
    assert translate("delay(x,tau+1)", here) == "x(t - (tau + 1))"
    assert translate("delay(x,0)", here) == "x"
    with pytest.raises(EquationError, match="one that changes with 'x'"):
        translate("delay(x,x)", here)
    with pytest.raises(EquationError, match="must not be negative"):
        translate("delay(x,-1)", here)


def test_shift_walks_along_what_is_declared() -> None:
    here = Scope(names={n: n for n in ("u0", "u1", "u2", "p")}, rows=(("u0", "u1", "u2"), ("p",)))
    assert translate("shift(u0,2)", here) == "u2"
    assert translate("sum(0,2)of(shift(u0,i'))", here) == "u0 + u1 + u2"
    with pytest.raises(EquationError, match="goes past the ends"):
        translate("shift(u2,1)", here)
    with pytest.raises(EquationError, match="must be a number"):
        translate("shift(u0,p)", here)


def test_deep_and_long_formulas_end_in_an_error() -> None:
    with pytest.raises(EquationError, match=r"nested|deeply"):
        translate("(" * 500 + "a" + ")" * 500, scope())
    with pytest.raises(EquationError, match="deeply"):
        translate("^".join(["a"] * 3_000), scope())
    with pytest.raises(EquationError, match="characters"):
        translate("+".join(["a"] * 4_000), scope())


# ---------------------------------------------------------------- two roads to one number

NUMBERS = st.sampled_from(["2", "0.5", "3", "1.25", "0"])
NAMES = st.sampled_from(["a", "b", "c", "m", "x"])


def grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    pair = st.tuples(inner, inner)
    return st.one_of(
        st.tuples(inner, st.sampled_from("+-*"), inner).map("".join),
        st.tuples(inner, st.sampled_from(["<", ">", "<=", ">=", "=="]), inner).map("".join),
        st.tuples(inner, st.sampled_from("&|"), inner).map("".join),
        pair.map(lambda p: f"max({p[0]},{p[1]})"),
        pair.map(lambda p: f"mod({p[0]},3)"),
        pair.map(lambda p: f"if({p[0]})then({p[1]})else({p[0]})"),
        inner.map(lambda text: f"({text})"),
        inner.map(lambda text: f"(-({text}))"),
        inner.map(lambda text: f"({text})^2"),
        inner.map(lambda text: f"cos({text})"),
        inner.map(lambda text: f"heav({text})"),
        inner.map(lambda text: f"(not({text}))"),
    )


FORMULAS = st.recursive(st.one_of(NUMBERS, NAMES), grown, max_leaves=12)


@given(FORMULAS)
@settings(max_examples=200, deadline=None)
def test_translated_and_direct_values_agree(text: str) -> None:
    direct = float(np.asarray(evaluate(text, VALUES, {})))
    if np.isfinite(direct) and abs(direct) < 1e12:
        assert value(text) == pytest.approx(direct, rel=1e-9, abs=1e-9)
