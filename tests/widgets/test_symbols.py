"""Symbols read as a person would write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from widgets import symbols


@pytest.mark.parametrize(
    ("latex", "text"),
    [
        (r"\sigma", "σ"),
        (r"\rho", "ρ"),
        ("x_{0}", "x₀"),
        ("x_0", "x₀"),
        ("a_{12}", "a₁₂"),
        ("x^{10}", "x¹⁰"),
        (r"\tau_m", "τₘ"),
        (r"\mathrm{Re}", "Re"),
        (r"\frac{a}{b}", "a/b"),
        (r"\frac{a + b}{c}", "(a + b)/c"),
        (r"\sqrt{x}", "√(x)"),
        ("$a$", "a"),
        (r"\sigma \left(y - x\right)", "σ (y - x)"),
        (r"\dot{x}", "ẋ"),
        (r"\dot x", "ẋ"),
    ],
)
def test_latex_as_plain_text(latex: str, text: str) -> None:
    assert symbols.plain(latex) == text.replace("ẋ", "x\u0307")


@pytest.mark.parametrize(
    ("latex", "text"),
    [
        ("a", "<i>a</i>"),
        (r"\sigma", "σ"),
        ("x_{0}", "<i>x</i><sub>0</sub>"),
        (r"\gamma_{max}", "γ<sub>max</sub>"),
        ("x^2", "<i>x</i><sup>2</sup>"),
        ("a<b", "<i>a</i>&lt;<i>b</i>"),
    ],
)
def test_latex_as_rich_text(latex: str, text: str) -> None:
    assert symbols.rich(latex) == text


@pytest.mark.parametrize(
    ("name", "symbol", "shown"),
    [
        ("rho", r"\rho", "ρ"),
        ("sigma", "", "σ"),
        ("tau_m", "", "τₘ"),
        ("a", "", "a"),
        ("k2", "", "k₂"),
        ("initial.x", "", "x"),
        ("learning_rate", "", ""),
        ("rule", "", ""),
    ],
)
def test_the_symbol_of_a_parameter(name: str, symbol: str, shown: str) -> None:
    assert symbols.plain(symbols.symbol_of(name, symbol)) == shown


def test_a_name_is_read_as_words() -> None:
    assert symbols.words_of("learning_rate") == "learning rate"
    assert symbols.words_of("initial.x") == "x"


@given(st.text(alphabet=r"\{}_^abdotfrcsqx ()=+-<>&", max_size=60))
def test_no_text_is_too_broken_to_show(text: str) -> None:
    assert isinstance(symbols.plain(text), str)
    assert isinstance(symbols.rich(text), str)
