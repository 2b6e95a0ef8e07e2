"""The words every exhibit is written in."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import ParameterError
from engine.exhibit import Parameter, Reference


def test_several_authors_are_parted_as_bibtex_parts_them() -> None:
    entry = Reference("J. Nagumo, S. Arimoto and S. Yoshizawa", 1962, "A line").bibtex()
    assert "author = {J. Nagumo and S. Arimoto and S. Yoshizawa}," in entry
    assert entry.startswith("@article{nagumo1962,")


def test_the_label_of_a_citation_is_ascii() -> None:
    assert Reference("O. E. Rössler", 1976, "An equation").bibtex().startswith("@article{rossler")


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_finite_number_stays_itself(value: float) -> None:
    assert Parameter("a", 0.0).check(value) == value
    assert Parameter("a", 0.0).check(repr(value)) == value


@pytest.mark.parametrize(
    "value",
    [
        "abc",
        None,
        math.nan,
        math.inf,
        "inf",
        [],
        {},
        pytest.param(10**400, id="1e400"),
        pytest.param(10**5000, id="1e5000"),
    ],
)
def test_what_is_no_finite_number_is_refused_by_name(value: object) -> None:
    with pytest.raises(ParameterError, match="parameter 'a' of 'toy' must be a finite number"):
        Parameter("a", 0.0).check(value, "toy")


def test_whole_numbers_and_choices() -> None:
    count = Parameter("n", 1, scale="integer")
    assert count.check("3.0") == 3
    assert isinstance(count.check(3.0), int)
    with pytest.raises(ParameterError, match=r"whole number, got 2\.5"):
        count.check(2.5)
    kind = Parameter("rule", "a", scale="choice", choices=("a", "b"))
    assert kind.check("b") == "b"
    with pytest.raises(ParameterError, match="one of a, b, got 'c'"):
        kind.check("c")
