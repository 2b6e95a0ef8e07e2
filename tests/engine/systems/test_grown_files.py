"""Families, arrays, tables, noise, events and variants in system files."""

from __future__ import annotations

import numpy as np
import pytest

from engine.errors import FileFormatError, ParameterError, UnknownKeyError
from engine.systems.files import from_text

RING = """
title = "Ring"
kind = "flow"
axes = ["x0", "x1"]

[variables]
"x[N]" = "cos(2*pi*i/N) + b"
y = 2.0

[equations]
"x[i]" = "x[i+1] - x[i]"
"x[0]" = "K[0, 1]*w[2] - x[0]"
y = "-y"

[edges]
x = "hold"

[periods]
x = "2*pi"

[parameters.N]
default = 4
low = 2
high = 50
scale = "integer"
size = true

[parameters.b]
default = 0.5

[arrays.K]
shape = ["N", "N + 1"]
value = "where(i == j, b, i - j)"

[arrays.w]
values = [1, 2, 3]

[arrays.z]
shape = [5]
value = "b*r"
random = "normal"
seed = 7

[tables.f]
low = -1.0
high = 1.0
values = [0.0, 1.0, 0.0]

[[events]]
when = "y - 1"
direction = "down"
set = { y = "2*y" }

[variants.other]
note = "With another decay"
values = { b = 0.25 }
equations = { y = "-2*y" }
"""


def ring(text: str = RING):
    return from_text(text, "ring", "ring.toml", check=False)


def test_a_family_is_written_out_with_its_initial_values() -> None:
    system = ring()
    assert system.variables == ("x0", "x1", "x2", "x3", "y")
    assert system.families == {"x": 4}
    assert np.allclose(system.initial, [1.5, 0.5, -0.5, 0.5, 2.0])
    assert system.sizes == {"N": 4}


def test_values_hold_parameters_then_arrays_row_by_row() -> None:
    values = ring().values({"b": 3.0})
    matrix = [[3.0 if i == j else i - j for j in range(5)] for i in range(4)]
    assert np.allclose(values[:2], [4.0, 3.0])
    assert np.allclose(values[2:22], np.ravel(matrix))
    assert np.allclose(values[22:25], [1, 2, 3])
    drawn = np.random.default_rng(7).standard_normal(5)
    assert np.allclose(values[25:], 3.0 * drawn)


def test_an_array_may_be_given() -> None:
    values = ring().values({"w": [4.0, 5.0, 6.0]})
    assert np.allclose(values[22:25], [4, 5, 6])
    with pytest.raises(ParameterError, match="array 'w' must have the shape"):
        ring().values({"w": [1.0]})


def test_another_size_is_another_system() -> None:
    system = ring().resized({"N": 6})
    assert len(system.variables) == 7
    assert system.arrays["K"].shape == (6, 7)
    assert np.isclose(system.initial[3], np.cos(np.pi) + 0.5)
    assert ring().at({"N": 4, "b": 1.0}) == ring()
    with pytest.raises(ParameterError, match="another model"):
        ring().values({"N": 6})


def test_a_variant_replaces_what_it_gives() -> None:
    other = ring().variant("other")
    assert other.equations["y"] == "-2*y"
    assert other.parameters["b"].default == 0.25
    with pytest.raises(UnknownKeyError, match="it has other"):
        ring().variant("third")


def test_text_and_back() -> None:
    system = ring()
    assert from_text(system.to_toml(), "ring", check=False) == system


def test_noise_is_written_out() -> None:
    text = """
title = "W"
kind = "sde"
noise = ["w", "u[2]"]
[variables]
x = 0
[equations]
x = "w"
"""
    system = from_text(text, "w", check=False)
    assert system.noise == ("w", "u0", "u1")
    assert system.run.method == "euler-maruyama"
    assert from_text(system.to_toml(), "w", check=False) == system


REFUSED = [
    ('"x[N]"', '"x[M]"', "variables.x[M]", "cannot say how many"),
    ('"x[N]"', '"x[1000000]"', "variables.x[1000000]", "from 1 to 20,000"),
    ('"x[N]"', '"x[N/3]"', "variables.x[N/3]", "whole number"),
    ('"cos(2*pi*i/N) + b"', '"1/(i - 2)"', "variables.x[N]", "not finite at i = 2"),
    ("y = 2.0", "x2 = 2.0", "variables.x2", "exists already"),
    ('x = "2*pi"', 'x = "-1"', "periods.x", "must be greater than 0"),
    ('x = "hold"', 'x = "glue"', "edges.x", "there is no edge 'glue'"),
    ('"N", "N + 1"', '"100*N", "1000*N"', "arrays.K", "250,000 entries"),
    ('"N", "N + 1"', "10000, 10000", "arrays.K", "250,000 entries"),
    ("[1, 2, 3]", "[[1, 2], [3]]", "arrays.w.values", "row 1 must have 2 numbers"),
    ('direction = "down"', 'direction = "left"', "events[0].direction", "no direction 'left'"),
    ('set = { y = "2*y" }', "", "events[0]", "changes nothing"),
    ('random = "normal"', 'random = "dice"', "arrays.z.random", "no distribution 'dice'"),
    ('scale = "integer"\n', "", "parameters.N", 'a size needs scale = "integer"'),
    ('kind = "flow"', 'kind = "sde"', "kind", "names its noise"),
    ('kind = "flow"', 'kind = "map"', "events", "a map has no events"),
    ("values = { b = 0.25 }", "values = { c = 1 }", "variants.other.values.c", "no such field"),
]


@pytest.mark.parametrize(("old", "new", "field", "says"), REFUSED)
def test_what_is_wrong_is_named(old: str, new: str, field: str, says: str) -> None:
    assert old in RING
    with pytest.raises(FileFormatError) as caught:
        ring(RING.replace(old, new))
    assert caught.value.field == field
    assert says in str(caught.value)


def refused(text: str) -> str:
    with pytest.raises(FileFormatError) as caught:
        from_text(text, "bad", "bad.toml")
    return str(caught.value)


SMALL = """
title = "Small"
kind = "flow"
[variables]
x = 1.0
[equations]
x = "-x"
"""


def test_arrays_are_too_large_together_before_any_is_worked_out() -> None:
    many = "".join(f'[arrays.K{i}]\nshape = [500, 500]\nvalue = "erf(i*j)"\n' for i in range(1000))
    assert "arrays.K1: the arrays of a system may have 250,000 entries" in refused(SMALL + many)


def test_work_on_the_entries_of_an_array_is_bounded() -> None:
    text = "+".join(["erf(i*j)"] * 1000)
    message = refused(f'{SMALL}[arrays.K]\nshape = [500, 500]\nvalue = "{text}"\n')
    assert "arrays.K.value" in message
    assert "write a shorter text" in message


@pytest.mark.parametrize(("low", "high"), [(1e-320, 2e-320), (-1.7e308, 1.7e308)])
def test_a_table_whose_slopes_are_no_numbers_is_refused(low: float, high: float) -> None:
    table = f"[tables.f]\nlow = {low}\nhigh = {high}\nvalues = [0, 1]\n"
    assert "too close or too far apart" in refused(SMALL + table)


def test_events_and_variants_are_bounded() -> None:
    event = '[[events]]\nwhen = "x"\nset = { x = 1 }\n'
    assert "may have 100 events" in refused(SMALL + event * 101)
    forms = "".join(f"[variants.v{i}]\n" for i in range(101))
    assert "may have 100 variants" in refused(SMALL + forms)


@pytest.mark.parametrize(
    ("form", "reason"),
    [
        ('equations = { x = "-kk" }', "unknown name 'kk'"),
        ('equations = { z = "x" }', "'z', which is no variable"),
        ('quantities = { q = "q" }', "'q' is defined through itself"),
        ("variables = { k = 1 }", "equations"),
    ],
)
def test_a_variant_that_makes_no_system_is_refused_with_its_name(form: str, reason: str) -> None:
    message = refused(f"{SMALL}[variants.other]\n{form}\n")
    assert "variants.other" in message
    assert reason in message


def test_a_system_with_delays_and_events_is_refused_when_it_is_read() -> None:
    delayed = SMALL.replace("flow", "dde").replace("-x", "-x(t - 1)")
    message = refused(delayed + '[[events]]\nwhen = "x"\nset = { x = 1 }\n')
    assert "bad.toml: events: a system with delays has no events" in message


def test_coefficients_of_noise_are_bounded() -> None:
    message = refused(
        'title = "N"\nkind = "sde"\nnoise = ["w[20000]"]\n[variables]\n"x[10000]" = 1\n'
        '[equations]\n"x[i]" = "w[i]"\n'
    )
    assert "200,000,000" in message


@pytest.mark.parametrize(
    "key", ["a." * 100_000 + "a", '"a" . ' * 100_000 + "a", "'a'\t." * 100_000 + "a"]
)
def test_names_nested_a_hundred_thousand_deep_are_refused_at_once(key: str) -> None:
    assert refused(f"\n[{key}]\n") == "bad.toml: line 2: this is nested too deeply"


def test_a_long_list_of_names_is_cut_short_in_an_error() -> None:
    many = "".join(f"[parameters.p{i}]\ndefault = 1\n" for i in range(2000))
    message = refused(f'{SMALL}{many}[[presets]]\ntitle = "a"\nvalues = {{ zz = 1 }}\n')
    assert "and 1,960 more" in message
    assert len(message) < 500


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (SMALL + '[run]\nmethod = "zzz"\n', "run.method: there is no integration method 'zzz'"),
        (SMALL + '[run]\nmethod = "iterate"\n', "run.method: 'bad' is a flow"),
        (
            SMALL.replace("flow", "dde").replace("-x", "-x(t - 1/a)")
            + "[parameters.a]\ndefault = 0\n",
            "the delay of 'x' must be a number not below zero, got a value that is not finite",
        ),
        (SMALL + "notes = '\ud800'\n", "line 8: half a letter stands there"),
    ],
)
def test_what_no_run_could_begin_with_is_refused(text: str, reason: str) -> None:
    assert reason in refused(text)


def test_fewer_places_leave_out_axes_of_places_that_are_gone() -> None:
    fewer = from_text(RING.replace('["x0", "x1"]', '["x0", "x3"]'), "r", check=False)
    assert fewer.resized({"N": 2}).axes == ("x0",)
    assert fewer.resized({"N": 5}).axes == ("x0", "x3")
