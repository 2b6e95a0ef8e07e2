"""What made a file survives JSON, whatever was put into it."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import FileFormatError
from engine.files.provenance import Provenance, plain

VALUES = st.dictionaries(
    st.text(max_size=8),
    st.one_of(st.floats(allow_nan=False, allow_infinity=False), st.integers(), st.text(max_size=8)),
)


@given(
    values=VALUES,
    initial=st.lists(st.floats(allow_nan=False, allow_infinity=False)),
    step=st.one_of(st.none(), st.floats(allow_nan=False, allow_infinity=False)),
    seed=st.integers(0, 2**63),
    title=st.text(),
)
def test_it_survives_json(
    values: dict[str, float | int | str],
    initial: list[float],
    step: float | None,
    seed: int,
    title: str,
) -> None:
    before = Provenance("key", title, values, tuple(initial), "rk4", step, seed)
    assert Provenance.from_dict(json.loads(before.json())) == before


def test_what_is_not_finite_becomes_a_word() -> None:
    assert plain({"a": math.nan, "b": (np.float64(math.inf), np.int64(3))}) == {
        "a": "nan",
        "b": ["inf", 3],
    }
    assert plain(np.arange(3)) == [0, 1, 2]
    assert plain({1: {2}}) == {"1": [2]}


def test_the_date_can_be_fixed_for_reproducible_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "0")
    assert Provenance().created == "1970-01-01T00:00:00Z"


@given(
    data=st.dictionaries(
        st.sampled_from(["values", "initial", "step", "seed", "extra", "title"]),
        st.recursive(
            st.one_of(st.none(), st.booleans(), st.floats(), st.text(max_size=3)),
            lambda inner: st.lists(inner, max_size=3),
            max_leaves=5,
        ),
    )
)
def test_wrong_types_are_refused_with_the_field(data: dict[str, object]) -> None:
    said = "a.csv: provenance."
    try:
        Provenance.from_dict(data, "a.csv")
    except FileFormatError as error:
        said = str(error)
    assert said.startswith("a.csv: provenance.")
