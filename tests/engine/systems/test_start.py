"""What equations are worth at the start; every road tells a division by zero there."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.equations import evaluate
from engine.equations.unroll import Unrolled
from engine.errors import EquationError, FileFormatError
from engine.files import xppaut
from engine.systems import files, systems, typed
from engine.systems.start import event_values, right_hand_side, troubles
from engine.systems.system import System

WORDS = "this has no finite value at the start"
RING = """
title = "Ring"
kind = "flow"
summary = "Repelled by the origin, and pulled by the next."

[variables]
"x[N]" = "i - {shift}"

[parameters.N]
default = 60
low = 2
high = 100
scale = "integer"
size = true

[equations]
"x[i]" = "1/x[i] - x[i + 1]"
"""


def written_out(system: System) -> list[float | None]:
    """The right-hand side by the graph in which every place has nodes of its own."""
    model = system.model
    unrolled = Unrolled(model)
    symbols = {f"s{row}": value for row, value in enumerate(system.initial)} | {"t": 0.0}
    symbols |= {f"p{i}": float(value) for i, value in enumerate(system.values())}
    first = model.parameter_count
    symbols |= {f"p{first + k}": system.initial[row] for k, (row, _) in enumerate(unrolled.delayed)}
    return evaluate.nodes(unrolled.graph, unrolled.outputs, symbols)


def test_families_are_worth_what_their_places_are_worth_one_by_one() -> None:
    compared = 0
    for key in systems():
        system = systems()[key]
        if not system.families:
            continue
        try:
            expected = written_out(system)
        except EquationError:
            # Too large to be written out.
            continue
        np.testing.assert_allclose(right_hand_side(system), expected, rtol=1e-12, atol=1e-12)
        compared += 1
    assert compared > 20


def test_every_built_in_system_can_begin() -> None:
    assert [key for key in systems() if troubles(systems()[key])] == []


EDGES = {"wrap": 5.0, "zero": 0.0, "hold": 9.0, "reflect": 8.0}


@pytest.mark.parametrize("edge", EDGES)
def test_past_the_ends_stands_what_the_edge_says(edge: str) -> None:
    read = typed.read(f"x[0..4](0) = i + 5\nedges: x {edge}\nx[i]' = x[i + 1] + sum(j, 0, i, 1)")
    assert read.system is not None
    expected = np.array([6.0, 7.0, 8.0, 9.0, EDGES[edge]]) + np.arange(1.0, 6.0)
    np.testing.assert_array_equal(right_hand_side(read.system), expected)


def test_tables_functions_and_events_have_values() -> None:
    text = "table f(0..2) = [0, 4, 6]\ng(u) = f(u)/2\nx' = g(x)\nx(0) = 1.5\nwhen x - 4 up: x = 0"
    read = typed.read(text)
    assert read.system is not None
    np.testing.assert_array_equal(right_hand_side(read.system), [2.5])
    assert event_values(read.system) == [-2.5]


TYPED = [
    ("x' = 1/x\nx(0) = 0", 1, "(x = 0)"),
    ("x[0..59](0) = i\nx[i]' = 1/x[i] - x[i + 1]", 2, "as in x[0..59](0) = 1"),
    ("N = 60 in 2..90, integer\nx[0..N-1](0) = i\nx[i]' = 1/x[i]", 3, "x0 = 0, x1 = 1"),
    ("x[0..59](0) = i\nx[0]' = 1\nx[i]' = sqrt(x[i] - 30)", 3, "x1 = 1"),
    ("x[0..59](0) = i\ny' = sum(j, 0, 59, 1/x[j])\nx[i]' = 1", 2, "y = 0.1"),
    ("table f(0..1) = [0, 0.3, 1]\nx' = f(x)/x\nx(0) = 0", 2, "(x = 0)"),
    ("x' = 1\nx(0) = 0\nwhen 1/x - 5 up: x = 1", 3, "(x = 0)"),
]


@pytest.mark.parametrize(("text", "line", "words"), TYPED)
def test_typed_equations_without_a_value_are_told_at_their_line(
    text: str, line: int, words: str
) -> None:
    read = typed.read(text)
    assert read.system is None
    (problem,) = read.problems
    assert problem.message.startswith(WORDS)
    assert words in problem.message
    assert problem.line == line


@pytest.mark.parametrize(
    "text",
    [
        # What is not taken, or multiplied with a zero that is written, has no part in it.
        "x' = where(x > 0, 1/x, 1)\nx(0) = 0",
        "x' = 0*log(x) + 1\nx(0) = 0",
        "x[0..59](0) = i + 1\nx[i]' = 1/x[i]",
        "x[0..59](0) = i\nx[i]' = sum(j, 1, 59, 1/x[j])",
    ],
)
def test_what_has_a_value_is_not_refused(text: str) -> None:
    assert typed.read(text).problems == ()


def test_a_system_file_tells_it_in_the_same_sentence() -> None:
    with pytest.raises(FileFormatError, match=rf"equations\.x\[i\]: {WORDS} \(x0 = 0"):
        files.from_text(RING.format(shift=0), "ring")
    assert files.from_text(RING.format(shift=0.5), "ring").dimension == 60


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("x'=1/x-y\ny'=x\ninit x=0,y=1\ndone\n", f"line 1: {WORDS} (x = 0, y = 1)"),
        ("x'=1\nglobal 1 {1/x-5} {x=0}\ninit x=0\ndone\n", f"event 1: {WORDS} (x = 0)"),
    ],
)
def test_an_xppaut_file_tells_it_in_the_same_sentence(
    tmp_path: Path, text: str, words: str
) -> None:
    path = tmp_path / "bad.ode"
    path.write_text(text)
    with pytest.raises(FileFormatError) as told:
        xppaut.read(path)
    assert str(told.value).startswith(f"{path}: {words}")
