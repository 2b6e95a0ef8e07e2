"""Typed equations: what they mean, where their errors are, and the way back to text."""

from __future__ import annotations

import math
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.equations.words import FUNCTIONS, RESERVED, suggestion
from engine.systems import systems
from engine.systems.system import System
from engine.systems.typed import Typed, read
from engine.systems.typed_writing import to_typed
from engine.systems.understanding import understand

LORENZ = """\
title: My Lorenz
# The equations of convection.
x' = sigma*(y - x)
y' = x*(rho - z) - y
z' = x*y - beta*z
sigma = 10 in 0..30  # Prandtl number
rho = 28
beta = 8/3
x(0) = 1
y(0) = 2
"""


def system(text: str, base: System | None = None) -> System:
    found = read(text, "typed", base)
    assert found.system is not None, found.problems
    return found.system


def flat(text: str) -> str:
    return "".join(text.split())


def test_a_flow_has_the_right_hand_side_that_was_typed() -> None:
    lorenz = system(LORENZ)
    assert lorenz.kind == "flow"
    assert (lorenz.title, lorenz.notes) == ("My Lorenz", "The equations of convection.")
    assert lorenz.initial == (1.0, 2.0, 0.1)
    sigma = lorenz.parameters["sigma"]
    assert (sigma.default, sigma.low, sigma.high, sigma.help) == (10, 0, 30, "Prandtl number")
    built_in = systems()["lorenz"]
    state = (1.5, -2.0, 20.0)
    assert lorenz.model.digest == built_in.model.digest
    assert lorenz.parameters["beta"].default == pytest.approx(8 / 3, abs=0)
    assert lorenz.model.partition is None
    assert lorenz.values().tolist() == built_in.values().tolist()
    assert len(state) == lorenz.dimension


@pytest.mark.parametrize(
    ("text", "kind", "check"),
    [
        ("x(n+1) = r*x(n)*(1 - x(n))\nr = 3.9", "map", lambda s: s.equations["x"] == "r*x*(1 - x)"),
        ("dx/dt = -x", "flow", lambda s: s.equations["x"] == "-x"),
        ("x' = -k*x + s*w\nnoise: w\nk = 1\ns = 0.1", "sde", lambda s: s.noise == ("w",)),
        (
            "x' = -x(t - tau)\ntau = 2\nx(t <= 0) = cos(t)",
            "dde",
            lambda s: dict(s.history) == {"x": "cos(t)"},
        ),
        (
            "x[i]' = (x[i+1] - x[i-2])*x[i-1] - x[i] + F\nN = 12\nF = 8\nx[0..N-1](0) = 8 + i",
            "flow",
            lambda s: s.families == {"x": 12} and s.sizes == {"N": 12} and s.initial[3] == 11,
        ),
        (
            "x[i]' = sum(j, 0, 4, K[i, j]*x[j])\nx[0..4](0) = 1\narray K[5, 5] = i == j",
            "flow",
            lambda s: s.arrays["K"].shape == (5, 5),
        ),
        (
            "v' = 1\nwhen v > 2 : v = 0\n",
            "flow",
            lambda s: (s.events[0].when, s.events[0].direction) == ("v - (2)", "up"),
        ),
        ("v' = 1\nwhen v - 3 down: stop", "flow", lambda s: s.events[0].terminal),
        ("x' = f(x)\nf(u) = u^3 - u", "flow", lambda s: s.functions == {"f(u)": "u^3 - u"}),
        ("x' = f(x)\ntable f(0..2) = [0, 1, 4]", "flow", lambda s: s.tables["f"].high == 2),
        ("x' = -q\nq := x^2", "flow", lambda s: s.quantities == {"q": "x^2"}),
        ("x' = -q\nq = x^2", "flow", lambda s: s.quantities == {"q": "x^2"}),
        ("x' = x +\n    1", "flow", lambda s: s.equations["x"] == "x + 1"),
        ("   x' = y\n   y' = -x", "flow", lambda s: s.variables == ("x", "y")),
        ("x' = -x\nrun: method tsit5, step 0.02", "flow", lambda s: s.run.step == 0.02),
    ],
)
def test_what_can_be_typed(text: str, kind: str, check: object) -> None:
    made = system(text)
    assert made.kind == kind
    assert check(made)  # type: ignore[operator]


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("x' = 2x", (1, 7), "operator is missing"),
        ("x' = -x\ny' = (x", (2, 6), "never closed"),
        ("x' = sine(x)", (1, 6), "did you mean 'sin'"),
        ("x' = x(1 - x)", (1, 6), "write x*(...)"),
        ("x' = -x\nsin = 3", (2, 1), "function of the language"),
        ("sin' = 1", (1, 1), "function of the language"),
        ("x' = a\na := b\nb := a", (2, 1), "defined through itself"),
        ("x' = -x\nx' = x", (2, 1), "second time"),
        ("x' = -x\ny(n+1) = y", (2, 1), "one of them"),
        ("x' = 1/x\nx(0) = 0", (1, 6), "no finite value at the start (x = 0)"),
        ("x' = log(x)\nx(0) = -1", (1, 6), "no finite value"),
        ("x'' = -x", (1, 1), "two equations"),
        ("x' = -k*x\nk = 1e999", (2, 5), "too large"),
        ("x' = -x\nz(0) = 1", (2, 1), "no equation for 'z'"),
        ("x' = -x\nx = 3", (2, 1), "x(0) = ..."),
        ("hello", (1, 1), "no statement"),
        ("", (1, 1), "no equation yet"),
        ("x[i]' = -x[i]", (1, 1), "how many places"),
        ("f(t) = sin(t)\nx' = 1", (1, 1), "f := ..."),
        ("x' = -x\ncolour: red", (2, 1), "no word of this notation"),
        ("x' = -x\nk = 1 in 5..2", (2, 5), "low must be less"),
        ("x' = -x\narray K = [1, 2", (2, 11), "square brackets"),
    ],
)
def test_an_error_is_a_sentence_at_its_place(text: str, place: tuple[int, int], words: str) -> None:
    found = read(text)
    assert found.system is None
    first = found.problems[0]
    assert (first.line, first.column) == place
    assert words in " ".join(problem.message for problem in found.problems)
    assert 0 <= first.first < first.last <= max(1, len(text))


def test_every_line_has_its_own_error_and_unknown_names_are_listed_once() -> None:
    found = read("x' = sigma*(y - x) + sigma\ny' = k*x - 2z\n")
    assert found.unknown == ("sigma",)
    assert [problem.line for problem in found.problems] == [1, 2]
    found = read("x' = a*x + b\ny' = c*sum(j, 0, 3, x)*a")
    assert found.unknown == ("a", "b", "c")
    text = "x' = a*x + b"
    places = [text[p.first : p.last] for p in read(text).problems]
    assert places == ["a", "b"]


def test_a_branch_that_is_not_taken_may_have_no_value() -> None:
    assert system("x' = where(x == 0, 1, sin(x)/x)\nx(0) = 0").initial == (0.0,)


@pytest.mark.parametrize(
    "text",
    [
        "x' = " + "+".join(["x"] * 6_000),
        "x' = " + "(" * 5_000 + "x" + ")" * 5_000,
        "x' = " + "-" * 9_000 + "x",
        "x[i]' = -x[i]\nx[0..999999](0) = 1",
        "x' = -x\narray K[1000, 1000] = 1",
        "x' = -x\narray w = [" + "1, " * 999_999 + "1]",
        "x' = -x\n" * 5_000,
        "a" * 300_000,
        "x' = " + "a" * 9_000,
        "[" * 1_000,
        "x' = \x00",
        "when " * 2_000,
        "\u2028x' = \U0001f600",
    ],
)
def test_bad_input_is_refused_in_bounded_time(text: str) -> None:
    began = time.process_time()
    found = read(text)
    # A hundred times what it takes: a bound on growth, not on speed.
    assert time.process_time() - began < 20
    assert found.system is None
    assert 0 < len(found.problems) <= 100
    assert all(len(problem.message) < 500 for problem in found.problems)


@given(st.text(max_size=300))
@settings(max_examples=150)
def test_any_text_is_read_or_refused(text: str) -> None:
    found = read(text)
    assert (found.system is None) == bool(found.problems)


_NAMES = st.from_regex(r"[a-hk-mo-z][a-z]{0,3}[0-9]?", fullmatch=True).filter(
    lambda name: (
        name not in {*RESERVED, *FUNCTIONS, "d", "e", "in", "or", "as", "is", "if"}
        and name not in {"and", "not", "for", "def", "del", "try", "with", "from", "pass", "else"}
        and name not in {"when", "log", "elif"}
    )
)
_NUMBERS = st.one_of(
    st.integers(-50, 50).map(float),
    st.floats(-1e6, 1e6, allow_nan=False),
    st.sampled_from([8 / 3, 1 / 7, 0.1, 1e-9]),
)


@st.composite
def typed_texts(draw: st.DrawFn) -> str:
    names = draw(st.lists(_NAMES, min_size=3, max_size=7, unique=True))
    count = draw(st.integers(1, min(3, len(names) - 1)))
    variables, parameters = names[:count], names[count:]
    sign = draw(st.sampled_from(["'", "(n+1)"]))
    lines = []
    for variable in variables:
        terms = draw(st.lists(st.sampled_from(names), min_size=1, max_size=4))
        shape = draw(st.sampled_from(["{}", "sin({})", "({})^2", "-({})", "{}/(1 + abs({}))"]))
        joined = draw(st.sampled_from([" + ", "*", " - "])).join(terms)
        lines.append(f"{variable}{sign} = {shape.replace('{}', joined)}")
    for parameter in parameters:
        value = draw(_NUMBERS)
        words = draw(st.sampled_from(["", ", log", "  # help words"]))
        if words == ", log":
            value = abs(value) + 1
            lines.append(f"{parameter} = {value!r} in 0.5..{value + 2!r}, log")
        else:
            lines.append(f"{parameter} = {value!r}{words}")
    starts = draw(st.lists(_NUMBERS, min_size=count, max_size=count))
    lines += [f"{v}(0) = {n!r}" for v, n in zip(variables, starts, strict=True)]
    if draw(st.booleans()):
        lines.append(f"when {variables[0]} > 1: {variables[0]} = 0" if sign == "'" else "# note")
    return "\n".join(draw(st.permutations(lines)))


@given(typed_texts())
@settings(max_examples=80)
def test_text_to_system_to_text_to_system(text: str) -> None:
    found = read(text)
    if found.system is None:
        # Numbers may be such that the right-hand side overflows at the start.
        assert all("no finite value" in problem.message for problem in found.problems)
        return
    written = to_typed(found.system)
    assert read(written).system == found.system
    again = read(written).system
    assert again is not None
    assert to_typed(again) == written
    assert System.from_text(found.system.to_toml(), "untitled") == found.system


def _sample() -> list[str]:
    kinds: dict[str, list[str]] = {}
    for key in sorted(systems()):
        kinds.setdefault(systems().header(key).kind, []).append(key)
    return [key for keys in kinds.values() for key in keys[:: max(1, len(keys) // 8)]]


@pytest.mark.parametrize("key", _sample())
def test_a_system_of_the_catalogue_is_typed_and_read_again(key: str) -> None:
    whole = systems()[key]
    again = system(to_typed(whole), whole)
    assert again.to_toml().split() == whole.to_toml().split() or flat(again.to_toml()) == flat(
        whole.to_toml()
    ).replace("\\n", "")
    assert again.initial == whole.initial
    assert again.presets == whole.presets
    assert again.references == whole.references


def test_what_the_text_does_not_say_is_kept_as_far_as_it_fits() -> None:
    lorenz = systems()["lorenz"]
    text = to_typed(lorenz).replace("z' = x*y - beta*z", "z' = x*y - beta*z + k")
    changed = system(f"{text}\nk = 0.5", lorenz)
    assert changed.references == lorenz.references
    assert not changed.known
    assert not changed.aliases
    assert changed.presets
    fewer = system("x' = -sigma*x\nsigma = 1", lorenz)
    assert all(set(preset.values) <= {"sigma", "initial.x"} for preset in fewer.presets)


def test_understanding_says_first_whether_it_runs_and_then_what_it_is() -> None:
    job = understand("x' = y\ny' = -k*x\nk = 4", "mine")
    first = next(job).result
    assert first is not None
    assert first.system is not None
    assert not first.latex
    with pytest.raises(StopIteration) as stopped:
        next(job)
    found = stopped.value.value
    assert found.structure.divergence_value == 0
    assert found.structure.pairs == (("x", "y"),)
    assert len(found.latex) == 2
    assert found.structure.volume == "kept"


def test_a_text_with_an_error_is_understood_as_such() -> None:
    results = list(understand("x' = )", "mine"))
    assert isinstance(results[0].result.typed, Typed)  # type: ignore[union-attr]
    assert len(results) == 1


def test_places_beyond_ascii_are_counted_in_characters() -> None:
    text = "# \u03b1\u03b2\u03b3 \U0001f600\nx' = -x + k"
    problem = read(text).problems[0]
    assert text[problem.first : problem.last] == "k"
    assert (problem.line, problem.column) == (2, 11)


def test_numbers_are_written_as_short_as_they_can_be() -> None:
    text = to_typed(system("x' = -b*x\nb = 2.6666666666666665 in 0..3\nx(0) = 0.1"))
    assert "b = 8/3 in 0..3" in text
    assert "x(0) = 0.1" in text
    assert math.isclose(system(text).parameters["b"].default, 8 / 3, rel_tol=0)


def test_what_a_whole_turn_is_stays_when_equations_are_edited() -> None:
    whole = systems()["noisy-kuramoto"]
    assert system(to_typed(whole), whole).periods == whole.periods != {}


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(f"x{i}' = -y{i}" for i in range(5000)),
        "\n".join(f"x{i}' = {'+'.join(f'a{7 * i + k}' for k in range(7))}" for i in range(1500)),
        "\n".join(f"x{i}' = {'+'.join(f'zz{i}_{k}' for k in range(500))}" for i in range(25)),
        "\n".join(f"q{i} := q{(i + 1) % 3000}" for i in range(3000)) + "\nx' = q0",
    ],
)
def test_thousands_of_typos_are_told_in_two_seconds(text: str) -> None:
    began = time.process_time()
    found = read(text)
    assert found.problems
    assert time.process_time() - began < 2.0


def test_the_closest_of_thousands_of_names_is_meant() -> None:
    names = [f"a{i}" for i in range(900)]
    assert suggestion("a5000", names) == "; did you mean 'a500' or 'a50'?"


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("x' = -x\nrun: method zzz", 2, "no integration method 'zzz'"),
        ("x' = -x\nrun: method sra1", 2, "without noise"),
        ("x' = -x(t - 1/a)\na = 0", 1, "not finite"),
        ("y' = -y\nx' = -x(t - a)\na = -1", 2, "got -1"),
    ],
)
def test_what_no_run_could_begin_with_is_refused(text: str, line: int, words: str) -> None:
    (problem,) = read(text).problems
    assert problem.line == line
    assert words in problem.message
