"""Features: known signals have known shapes, units do not count, rows keep what they are of."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import engine
from engine.analysis import _feature_rows as rows_of
from engine.analysis import features
from engine.analysis._feature_rows import ShapeRow, content_of
from engine.analysis.features import SHAPE, SPECTRUM, Table, distances, shape_of, spectrum_of
from engine.analysis.reference import Row
from engine.errors import FileFormatError, ParameterError
from engine.job import run

TEXT = """title = "One"
kind = "flow"   # as it is
summary = "What it is"
[variables]
x = 1.0
[equations]
x = "-a*x"
[parameters.a]
default = 2.0
low = 0.0
high = 4.0
help = "How fast"
[[references]]
title = "Nothing"
"""


def signal(name: str) -> np.ndarray:
    t = np.arange(4096.0)
    if name == "sine":
        return np.column_stack([np.sin(2 * np.pi * t / 32), np.cos(2 * np.pi * t / 32)])
    if name == "noise":
        return np.random.default_rng(2).standard_normal((4096, 2))
    return np.column_stack([(t % 32.0) / 32.0, ((t + 8) % 32.0) / 32.0])


def test_a_sine_and_noise_are_at_the_ends_of_the_scales() -> None:
    sine, _ = shape_of(signal("sine"), 8)
    noise, _ = shape_of(signal("noise"), 1)
    assert set(sine) == set(SHAPE)
    assert sine["spectral entropy"] < 0.25 < 0.9 < noise["spectral entropy"] <= 1.0
    # A Hann window keeps a sine in three bins but for what lies between them.
    assert sine["spectral peak"] == pytest.approx(1.0, abs=0.03)
    # All orders of independent numbers are equally likely (C. Bandt, B. Pompe 2002).
    assert noise["permutation entropy"] == pytest.approx(1.0, abs=0.01)
    # Fourth moments over squared second ones: 3/2 of a sine, 3 of a Gaussian.
    assert sine["kurtosis"] == pytest.approx(math.asinh(-1.5), abs=0.01)
    assert noise["kurtosis"] == pytest.approx(0.0, abs=0.2)
    for name in ("skewness", "irreversibility", "asymmetry"):
        assert sine[name] == pytest.approx(0.0, abs=0.03)
    assert sine["speed variation"] == pytest.approx(0.0, abs=1e-6)
    # A circle turns by the same angle at every step.
    assert sine["turning"] == pytest.approx(2 / 32, abs=1e-6)
    assert sine["spread of axes"] == pytest.approx(1.0, abs=1e-6)
    # A cycle remembers for ever, noise for one row.
    assert sine["memory"] == pytest.approx(3.0, abs=0.05)
    assert noise["memory"] == pytest.approx(0.0, abs=1e-9)


def test_a_saw_tooth_cannot_be_reversed() -> None:
    saw, _ = shape_of(signal("saw"), 1)
    assert saw["irreversibility"] > 1.0


@settings(max_examples=20, deadline=None)
@given(st.lists(st.floats(0.001, 1000.0), min_size=2, max_size=2), st.floats(-50.0, 50.0))
def test_units_and_origin_do_not_count(units: list[float], origin: float) -> None:
    whole, standard = shape_of(signal("noise"), 1)
    other, same = shape_of(signal("noise") * units + origin, 1)
    np.testing.assert_allclose(same, standard, atol=1e-6)
    for name in SHAPE:
        assert other[name] == pytest.approx(whole[name], abs=1e-5), name


def test_what_rests_has_no_shape() -> None:
    assert shape_of(np.ones((500, 3)))[0] == {}
    moving, standard = shape_of(np.column_stack([np.ones(4096), signal("sine")]), 8)
    assert standard.shape[1] == 2
    assert moving == shape_of(signal("sine"), 8)[0]


def test_the_unit_of_time_does_not_count() -> None:
    slow = Row(
        "",
        exponents=(0.9, 0.0, -14.5),
        stderr=(0.01, 0.01, 0.01),
        kaplan_yorke=2.06,
        divergence=-13.6,
    )
    fast = replace(slow, exponents=(90.0, 0.0, -1450.0), stderr=(1.0, 1.0, 1.0), divergence=-1360.0)
    one, other = spectrum_of(slow, 6.4, 3), spectrum_of(fast, 640.0, 3)
    assert set(one) == set(SPECTRUM)
    assert one == pytest.approx(other)
    assert one["positive exponents"] == 1.0
    assert spectrum_of(replace(slow, failed="no"), 6.4, 3) == {}


def test_only_what_decides_the_motion_counts() -> None:
    same = TEXT.replace("One", "Other").replace("4.0", "9.0").replace("How fast", "Speed")
    same = same.replace("What it is", "More").replace('"Nothing"', '"Something"')
    assert content_of(same) == content_of(TEXT)
    for before, after in (
        ("2.0", "3.0"),
        ("-a*x", "-a*x*x"),
        ("x = 1.0", "x = 1.5"),
        ('kind = "flow"', 'kind = "map"'),
    ):
        assert content_of(TEXT.replace(before, after)) != content_of(TEXT), after


def test_rows_come_back_as_they_were_written(tmp_path: Path) -> None:
    path = tmp_path / "features.json"
    shape = {name: 0.1 * k for k, name in enumerate(SHAPE)} | {"memory": math.nan}
    rows = {"a": ShapeRow("12", 1, shape, 2.5, math.nan), "b": ShapeRow("34", failed="it rests")}
    rows_of.write(rows, SHAPE, path)
    back = rows_of.read(path)
    assert back["b"] == rows["b"]
    assert back["a"].shape == pytest.approx(shape, nan_ok=True)
    assert (back["a"].content, back["a"].rate) == ("12", 2.5)
    assert math.isnan(back["a"].period)
    assert rows_of.read(tmp_path / "none.json") == {}


@pytest.mark.parametrize(
    "text",
    [
        "no json",
        "[]",
        '{"format": 1}',
        '{"format": 1, "names": ["a"], "systems": {"x": 3}}',
        '{"format": 1, "names": ["a"], "systems": {"x": {"content": "", "generator": 1, '
        '"shape": [1, 2], "rate": 1, "period": 1}}}',
    ],
)
def test_a_broken_table_is_refused_with_its_place(tmp_path: Path, text: str) -> None:
    path = tmp_path / "features.json"
    path.write_text(text, "utf-8")
    with pytest.raises(FileFormatError, match=r"features\.json"):
        rows_of.read(path)


def test_distances_are_those_of_the_features_both_have() -> None:
    values = np.array([[0.0, 0.0, 0.0], [3.0, 0.0, 4.0], [np.nan, 1.0, 1.0], [np.nan] * 3])
    found = distances(values)
    assert found[0, 1] == pytest.approx(math.sqrt(25 / 3))
    assert found[0, 2] == pytest.approx(1.0)
    assert np.isnan(found[3, :]).all()
    np.testing.assert_allclose(found, found.T)


def test_a_group_that_is_none_is_named() -> None:
    table = Table(("a",), np.zeros((1, len(SPECTRUM) + len(SHAPE))))
    with pytest.raises(ParameterError, match="spectrum and shape, spectrum, shape, got 'smell'"):
        table.standardised("smell")


@pytest.mark.parametrize("key", ["lorenz", "henon"])
def test_a_stored_row_is_what_comes_out_again(key: str) -> None:
    stored = rows_of.read()[key]
    row = run(features.shape_job(engine.systems()[key]))
    assert row.rate == pytest.approx(stored.rate, rel=0.02)
    assert row.shape == pytest.approx(dict(stored.shape or {}), abs=0.05)


def test_kin_lie_near() -> None:
    table = features.table()
    assert len(table.keys) > 100
    for key, found in (("lorenz", features.neighbours("lorenz", 8, "shape")),):
        assert key not in [name for name, _ in found]
        assert [apart for _, apart in found] == sorted(apart for _, apart in found)
    # One system in two forms: Chen's is Lorenz' with time reversed, up to scale; both are
    # nearer to each other than to Kepler's problem.
    apart = table.distances("shape")
    place = {name: table.keys.index(name) for name in ("lorenz", "chen", "double-pendulum")}
    assert apart[place["lorenz"], place["chen"]] < apart[place["lorenz"], place["double-pendulum"]]
    assert features.neighbours("no-such-system") == []
