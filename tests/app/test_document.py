"""The document and its history: what undo brings back is what stood there."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.document import Document
from engine.errors import ParameterError, UnknownKeyError
from tests.app.toys import EXHIBITS


@pytest.fixture
def document() -> Document:
    document = Document(EXHIBITS)
    document.open("counter")
    return document


def test_opening_shows_defaults_and_the_suggested_views(document: Document) -> None:
    assert document.values == {"gain": 1.0, "mode": "a"}
    assert list(document.views) == ["curves", "curves-2"]
    assert document.views["curves-2"]["area"] == "right"
    assert document.speed == 100.0


def test_a_drag_is_one_step(document: Document) -> None:
    before = len(document.history)
    for gain in (2.0, 3.0, 4.0):
        document.set({"gain": gain}, "Change gain", "drag gain")
    document.history.seal()
    document.set({"gain": 5.0}, "Change gain", "drag gain")
    assert len(document.history) == before + 2
    assert document.undo() == "Change gain"
    assert document.values["gain"] == 4.0
    document.undo()
    assert document.values["gain"] == 1.0
    document.redo()
    assert document.values["gain"] == 4.0


def test_a_drag_that_comes_back_is_no_step(document: Document) -> None:
    before = len(document.history)
    document.set({"gain": 2.0}, merge="drag gain")
    document.set({"gain": 1.0}, merge="drag gain")
    document.history.seal()
    assert len(document.history) == before


def test_closing_a_view_can_be_undone_with_its_settings(document: Document) -> None:
    from app.history import ABSENT

    document.edit({("views", "curves", "settings", "x"): "log"}, "Log axis")
    document.edit({("views", "curves"): ABSENT}, "Close")
    assert "curves" not in document.views
    document.undo()
    assert document.views["curves"]["settings"] == {"x": "log"}


def test_a_bad_value_changes_nothing(document: Document) -> None:
    before = document.tree()
    with pytest.raises(ParameterError, match=r"'gain' of 'counter'.*finite number.*'abc'"):
        document.set({"gain": "abc"})
    with pytest.raises(ParameterError, match="no parameter 'gian'"):
        document.set({"gian": 1.0})
    with pytest.raises(ParameterError, match="one of a, b"):
        document.set({"gain": 3.0, "mode": "c"})
    with pytest.raises(UnknownKeyError, match="no exhibit 'nothing'"):
        document.open("nothing")
    assert document.tree() == before


def test_the_signal_names_the_paths_once_per_edit(document: Document) -> None:
    seen = []
    document.changed.connect(seen.append)
    document.set({"gain": 2.0, "mode": "b"})
    document.set({"gain": 2.0})
    document.undo()
    paths = frozenset({("values", "gain"), ("values", "mode")})
    assert seen == [paths, paths]


steps = st.lists(
    st.one_of(
        st.tuples(st.just("gain"), st.floats(0, 10), st.sampled_from(["", "drag"])),
        st.tuples(st.just("mode"), st.sampled_from("ab"), st.just("")),
        st.tuples(st.sampled_from(["undo", "redo", "seal"]), st.none(), st.just("")),
    ),
    max_size=40,
)


@given(steps)
def test_undoing_everything_brings_back_the_start(edits) -> None:  # type: ignore[no-untyped-def]
    document = Document(EXHIBITS)
    start = document.tree()
    document.open("counter")
    for name, value, merge in edits:
        if name in ("undo", "redo"):
            getattr(document, name)()
        elif name == "seal":
            document.history.seal()
        elif document.key:
            document.set({name: value}, merge=merge)
    end = document.tree()
    undone = 0
    while document.undo():
        undone += 1
    assert document.tree() == start
    for _ in range(undone):
        document.redo()
    assert document.tree() == end or not document.history.redo_label


def test_what_is_open_outlives_its_file() -> None:
    exhibits = {"counter": EXHIBITS["counter"], "other": EXHIBITS["counter"]}
    document = Document(exhibits)
    document.open("counter")
    document.set({"gain": 2.0})
    document.open("other")
    del exhibits["counter"]
    document.undo()
    assert document.exhibit is EXHIBITS["counter"]
    assert document.values["gain"] == 2.0
    document.set({"gain": 3.0})
    with pytest.raises(UnknownKeyError):
        document.open("counter")
    assert document.values["gain"] == 3.0
