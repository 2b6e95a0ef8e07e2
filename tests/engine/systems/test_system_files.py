"""System files: what is read, what is refused and where, and the way back to text."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import EquationError, FileFormatError
from engine.look import ASSETS
from engine.systems.files import MAXIMUM_BYTES, from_text, read, read_header, to_toml
from engine.systems.system import System

BUILT_IN = sorted((ASSETS / "systems").glob("*.toml"))

WHOLE = '''
title = "Pendulum"
kind = "flow"
year = 1602
family = "mechanics"
tags = ["oscillator"]
summary = """
A weight on a
rod.

Second paragraph."""
notes = "Angles in radians"
axes = ["theta", "omega"]

[variables]
theta = "pi/2"
omega = 0

[equations]
theta = "omega"
omega = "-k*sin(theta) - f(omega) + drive"

[quantities]
drive = "A*cos(t)"

[functions]
"f(u)" = "c*u*abs(u)"

[symbols]
theta = '\\theta'
drive = 'D'

[parameters.k]
default = "9.81/2"
low = 0.1
high = 20
scale = "log"
symbol = 'k'
unit = "1/s^2"
help = "Gravity over length, \\"g/l\\""

[parameters.c]
default = 0.1

[parameters.A]
default = 0.0
low = -1.0
high = 1.0

[run]
method = "dop853"
step = "1/100"
length = 5000
transient = 0
bound = 100.0
speed = 3.0

[orbit_diagram]
parameter = "A"
low = 0.0
high = "1/2"
variable = "omega"

[[presets]]
title = "Free"
values = { c = 0.0 }
initial = { theta = "pi - 0.1" }
summary = "No friction"

[[presets]]
title = "Driven"
values = { A = 0.5, c = 0.2 }

[[references]]
authors = "G. Galilei"
year = 1602
title = "Letter to Guidobaldo dal Monte"
source = "Padova"
doi = "10.0/none"

[[known]]
quantity = "energy"
value = "-9.81/2"
tolerance = 1e-9
source = "conservation"
values = { c = 0.0 }
label = "exact"

[aliases]
dysts = "Pendulum"
'''
SMALL = """
title = "Decay"
kind = "flow"
[variables]
x = 1
[equations]
x = "-x"
"""


def test_every_field_is_read() -> None:
    system = from_text(WHOLE, "pendulum")
    assert (system.key, system.title, system.kind, system.year) == (
        "pendulum",
        "Pendulum",
        "flow",
        1602,
    )
    assert system.variables == ("theta", "omega")
    assert system.initial == (math.pi / 2, 0.0)
    assert system.equations["theta"] == "omega"
    assert system.quantities == {"drive": "A*cos(t)"}
    assert system.functions == {"f(u)": "c*u*abs(u)"}
    assert system.symbols["theta"] == r"\theta"
    assert system.summary == "A weight on a rod.\n\nSecond paragraph."
    assert system.tags == ("oscillator",)
    assert system.axes == ("theta", "omega")
    k = system.parameters["k"]
    assert (k.default, k.low, k.high, k.scale, k.group) == (9.81 / 2, 0.1, 20.0, "log", "model")
    assert k.help == 'Gravity over length, "g/l"'
    assert (system.run.method, system.run.step, system.run.length) == ("dop853", 0.01, 5000)
    assert (system.run.transient, system.run.bound, system.run.speed) == (0.0, 100.0, 3.0)
    assert vars(system.orbit_diagram) == {
        "parameter": "A",
        "low": 0.0,
        "high": 0.5,
        "variable": "omega",
    }
    assert dict(system.presets[0].values) == {"c": 0.0, "initial.theta": math.pi - 0.1}
    assert system.presets[1].title == "Driven"
    assert system.references[0].year == 1602
    assert (system.known[0].value, dict(system.known[0].values)) == (-9.81 / 2, {"c": 0.0})
    assert system.aliases == {"dysts": "Pendulum"}


def test_what_is_not_said_takes_sensible_values() -> None:
    system = from_text(SMALL, "decay")
    assert system.parameters == {}
    assert system.axes == ("x",)
    assert system.run.method == "rk4"
    assert from_text(SMALL.replace("flow", "map"), "d").run.method == "iterate"
    for default in (-3.0, 0.0, 0.25, 1e9):
        text = f"{SMALL}[parameters.a]\ndefault = {default}"
        slider = from_text(text, "d").parameters["a"]
        assert slider.low is not None
        assert slider.high is not None
        assert slider.low < default < slider.high


def test_text_and_system_are_two_forms_of_one_thing() -> None:
    for text in (WHOLE, SMALL):
        system = System.from_text(text, key="a-key")
        again = System.from_text(system.to_toml(), key="a-key")
        assert again == system
        assert again.to_toml() == system.to_toml()


@pytest.mark.parametrize("path", BUILT_IN, ids=lambda path: path.stem)
def test_built_in_files_survive_the_way_there_and_back(path: Path) -> None:
    system = read(path)
    assert from_text(to_toml(system), path.stem) == system
    header = read_header(path)
    assert (header.title, header.kind, header.family, header.tags, header.summary) == (
        system.title,
        system.kind,
        system.family,
        system.tags,
        system.summary,
    )


def change(old: str, new: str) -> str:
    assert old in WHOLE
    return WHOLE.replace(old, new, 1)


# Text, field at fault, what the message must say.
REFUSED = [
    ("", "kind", "missing"),
    ("title = ", "", "no TOML"),
    ("\x00", "", "no TOML"),
    ("title = 'a'\ntitle = 'b'", "", "no TOML"),
    ("[" * 100_000, "", "no TOML"),
    ("x = " + "[" * 5_000, "", "nested too deeply"),
    (change('title = "Pendulum"', ""), "title", "missing"),
    (change('title = "Pendulum"', "title = 3"), "title", "must be text, got 3"),
    (change('kind = "flow"', ""), "kind", "missing"),
    (
        change('kind = "flow"', 'kind = "ode"'),
        "kind",
        "must be one of flow, map, sde, dde, got 'ode'",
    ),
    (change("year = 1602", "year = 1602.5"), "year", "whole number"),
    (change("year = 1602", "year = true"), "year", "whole number"),
    (change("year = 1602", "yaer = 1602"), "yaer", "did you mean 'year'"),
    (change("year = 1602", "created = 1602"), "created", "no such field"),
    (change('["oscillator"]', '"oscillator"'), "tags", "list of words"),
    (change('["oscillator"]', "[1]"), "tags", "list of words"),
    (change('["theta", "omega"]', '["theta", "psi"]'), "axes", "no variable 'psi'"),
    (change("omega = 0\n", 'omega = "zero"\n'), "variables.omega", "finite number"),
    (change("omega = 0\n", "omega = nan\n"), "variables.omega", "finite number"),
    (change("omega = 0\n", "omega = inf\n"), "variables.omega", "finite number"),
    (change("omega = 0\n", 'omega = "1/0"\n'), "variables.omega", "finite number"),
    (change("omega = 0\n", 'omega = "k"\n'), "variables.omega", "unknown name 'k'"),
    (change("omega = 0\n", "omega = 1979-05-27\n"), "variables.omega", "finite number"),
    (change("omega = 0\n", "omega = [0]\n"), "variables.omega", "finite number"),
    (change("omega = 0\n", f"omega = 0x{'f' * 10_000}\n"), "variables.omega", "finite number"),
    (change('theta = "omega"', "theta = 1"), "equations.theta", "text in quotes"),
    (change('theta = "omega"', 'theta = "omeg"'), "equations", "did you mean 'omega'"),
    (change('theta = "omega"', 'theta = "omega."'), "equations", "attributes"),
    (change('theta = "omega"', 'theta = "open(1)"'), "equations", "unknown function 'open'"),
    (change('theta = "omega"', ""), "equations", "'theta' has no equation"),
    (change('drive = "A*cos(t)"', 'drive = "drive"'), "equations", "through itself"),
    (change('"f(u)"', '"f"'), "equations", "declared as"),
    (change("[equations]", "[equation]"), "equation", "did you mean 'equations'"),
    (change('default = "9.81/2"', ""), "parameters.k.default", "missing"),
    (change("low = 0.1", "low = 0"), "parameters.k.low", "log scale"),
    (change("low = 0.1", "low = 30"), "parameters.k", "low must be less than high"),
    (change("low = 0.1", 'low = "a"'), "parameters.k.low", "finite number"),
    (change('scale = "log"', 'scale = "cubic"'), "parameters.k.scale", "linear, log or integer"),
    (change("unit =", "units ="), "parameters.k.units", "did you mean 'unit'"),
    (change("[parameters.k]", "[parameters.lambda]"), "equations", "call it 'lam'"),
    (
        change("[parameters.A]\ndefault = 0.0", "[parameters]\nA = 0.0"),
        "parameters.A",
        "with a default",
    ),
    (change("step = ", "setp = "), "run.setp", "did you mean 'step'"),
    (change('step = "1/100"', "step = 0"), "run.step", "positive"),
    (change('step = "1/100"', "step = -1"), "run.step", "positive"),
    (change("length = 5000", "length = 1e300"), "run.length", "whole number up to"),
    (change("length = 5000", "length = 0.5"), "run.length", "whole number"),
    (change("bound = 100.0", "bound = 0"), "run.bound", "positive"),
    (change('parameter = "A"', 'parameter = "B"'), "orbit_diagram.parameter", "no parameter 'B'"),
    (change('variable = "omega"', 'variable = "o"'), "orbit_diagram.variable", "no variable 'o'"),
    (change('high = "1/2"', "high = 0"), "orbit_diagram", "low must be less"),
    (SMALL + "[orbit_diagram]\nlow = 1", "orbit_diagram", "no parameter"),
    (change('title = "Free"', ""), "presets[0].title", "missing"),
    (change("{ c = 0.0 }", "{ d = 0.0 }"), "presets[0].values.d", "no such field"),
    (change("{ c = 0.0 }", "3"), "presets[0].values", "a table"),
    (change("{ A = 0.5,", '{ A = "x",'), "presets[1].values.A", "finite number"),
    (
        change('initial = { theta = "pi - 0.1" }', "initial = { phi = 1 }"),
        "presets[0].initial.phi",
        "no such field",
    ),
    (change('authors = "G. Galilei"', ""), "references[0].authors", "missing"),
    (change("year = 1602\ntitle", "title"), "references[0].year", "missing"),
    (change("tolerance = 1e-9", ""), "known[0].tolerance", "missing"),
    (change('label = "exact"', 'label = "sure"'), "known[0].label", "no label 'sure'"),
    (change('dysts = "Pendulum"', "dysts = 1"), "aliases.dysts", "text in quotes"),
    (SMALL.replace("x = 1", ""), "variables", "missing or empty"),
    ("presets = 3\n" + SMALL, "presets", "[[presets]]"),
    ("variables = 3\n" + SMALL.replace("[variables]\nx = 1", ""), "variables", "must be a table"),
    ("parameters = { a = 1 }\n" + SMALL, "parameters.a", "with a default"),
    ("#" * (MAXIMUM_BYTES + 1), "", "1,000,000"),
]


@pytest.mark.parametrize(("text", "field", "says"), REFUSED, ids=range(len(REFUSED)))
def test_what_is_wrong_is_named_with_its_field(text: str, field: str, says: str) -> None:
    with pytest.raises(FileFormatError) as caught:
        from_text(text, "pendulum", "some/file.toml")
    assert caught.value.path == "some/file.toml"
    assert caught.value.field == field
    assert says in str(caught.value)


def test_an_equation_error_keeps_its_place_and_its_caret() -> None:
    with pytest.raises(FileFormatError) as caught:
        from_text(change('theta = "omega"', 'theta = "2*omeg"'), "pendulum")
    cause = caught.value.__cause__
    assert isinstance(cause, EquationError)
    assert (cause.line, cause.column) == (1, 3)
    assert "2*omeg\n  ^" in str(caught.value)


@pytest.mark.parametrize("content", [b"\xff\xfe", b"title = '\x80'", b"a" * (MAXIMUM_BYTES + 1)])
def test_bytes_that_are_no_text_are_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "bad.toml"
    path.write_bytes(content)
    with pytest.raises(FileFormatError, match=r"bad\.toml"):
        read(path)


def test_a_path_that_is_no_file_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "absent.toml"):
        with pytest.raises(FileFormatError, match="no such file"):
            read(path)


def test_windows_line_ends_and_byte_order_mark_are_nothing(tmp_path: Path) -> None:
    path = tmp_path / "pendulum.toml"
    path.write_bytes(b"\xef\xbb\xbf" + WHOLE.replace("\n", "\r\n").encode())
    assert read(path) == from_text(WHOLE, "pendulum")


words = st.text(max_size=40)


@given(
    title=words.filter(str.strip),
    summary=words,
    unit=words,
    alias=words,
    value=st.floats(allow_nan=False, allow_infinity=False),
)
@settings(max_examples=150, deadline=None)
def test_any_text_survives_the_way_there_and_back(
    title: str, summary: str, unit: str, alias: str, value: float
) -> None:
    from dataclasses import replace

    from engine.exhibit import Parameter

    base = from_text(SMALL, "decay")
    try:
        "".join((title, summary, unit, alias)).encode()
    except UnicodeEncodeError:
        return  # lone surrogates are no text
    system = replace(
        base,
        title=title,
        summary=" ".join(summary.split()),
        initial=(value,),
        parameters={"a": Parameter("a", value, -1e300, 1e300, unit=unit)},
        aliases={"other": alias, 'a key.of "dots"': "x"},
    )
    again = from_text(to_toml(system), "decay")
    assert (again.title, again.summary, again.initial) == (title, system.summary, (value,))
    assert again.parameters["a"].unit == unit
    assert again.parameters["a"].default == value
    assert again.aliases.get("other", "") == alias
    assert again.aliases['a key.of "dots"'] == "x"


@given(st.text(max_size=80))
@settings(max_examples=200, deadline=None)
def test_no_text_raises_anything_else(text: str) -> None:
    for whole in (text, SMALL + text, WHOLE[:300] + text + WHOLE[300:]):
        try:
            from_text(whole, "any")
        except FileFormatError:
            continue
