"""Data files read back exactly, carry what made them, and refuse bad input with a sentence."""

from __future__ import annotations

import json
from pathlib import Path

import h5py
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from engine.errors import FileFormatError, ParameterError
from engine.files import tables
from engine.files.atomic import ExportError
from engine.files.provenance import Provenance
from engine.files.table import Table

SUFFIXES = [".csv", ".npz", ".h5"]
MADE_BY = Provenance(
    exhibit="lorenz",
    title="Lorenz",
    values={"rho": 28.0, "beta": 8 / 3, "mode": "fast"},
    initial=(1.0, 0.1, -3e-300),
    method="rk4",
    step=0.005,
    seed=7,
    extra={"transient": 50.0, "note": "one: two, # three"},
)


def circle(m: int = 1000) -> np.ndarray:
    t = np.linspace(0.0, 2 * np.pi, m)
    return np.column_stack([t, np.cos(t), np.sin(t)])


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_rows_read_back_bit_for_bit_with_their_provenance(tmp_path: Path, suffix: str) -> None:
    rows = circle()
    rows[3, 1] = np.nan
    rows[4, 2] = -np.inf
    rows[5, 1] = 5e-324
    path = tmp_path / f"circle{suffix}"
    tables.write_rows(path, ("t", "x", "y"), rows, MADE_BY)
    table = tables.read(path)
    assert table.names == ("t", "x", "y")
    assert table.kind == "rows"
    np.testing.assert_array_equal(table.rows, rows)
    assert table.provenance == MADE_BY


@pytest.mark.parametrize("suffix", SUFFIXES)
@settings(
    max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(rows=arrays(np.float64, st.tuples(st.integers(0, 5), st.just(3))))
def test_any_float64_survives(tmp_path: Path, suffix: str, rows: np.ndarray) -> None:
    path = tmp_path / f"any{suffix}"
    tables.write_rows(path, ("t", "a, b", "ü"), rows)
    table = tables.read(path)
    np.testing.assert_array_equal(table.rows, rows)
    assert table.names == ("t", "a, b", "ü")


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_diagram_reads_back(tmp_path: Path, suffix: str) -> None:
    values = np.linspace(2.5, 4.0, 7)
    samples = np.random.default_rng(0).random((7, 11))
    samples[3] = np.nan
    table = Table("diagram", ("r", "x"), {"parameter_values": values, "samples": samples}, MADE_BY)
    tables.write(tmp_path / f"d{suffix}", table)
    back = tables.read(tmp_path / f"d{suffix}")
    assert back.names == ("r", "x")
    np.testing.assert_array_equal(back.arrays["parameter_values"], values)
    np.testing.assert_array_equal(back.arrays["samples"], samples)
    assert back.provenance == MADE_BY


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_field_reads_back_with_its_axes(tmp_path: Path, suffix: str) -> None:
    field = np.arange(12.0).reshape(3, 4) / 7
    path = tmp_path / f"f{suffix}"
    tables.write_field(path, field, MADE_BY, names=("place", "time"), x=np.arange(4) / 3)
    back = tables.read(path)
    np.testing.assert_array_equal(back.arrays["field"], field)
    np.testing.assert_array_equal(back.arrays["x"], np.arange(4) / 3)
    assert back.names == ("place", "time")


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_field_of_cells_reads_back(tmp_path: Path, suffix: str) -> None:
    cells = np.eye(4, dtype=bool)
    tables.write_field(tmp_path / f"f{suffix}", cells)
    np.testing.assert_array_equal(tables.read(tmp_path / f"f{suffix}").arrays["field"], cells)


def test_csv_is_what_other_programs_expect(tmp_path: Path) -> None:
    tables.write_rows(tmp_path / "a.csv", ("t", "x"), np.array([[0.0, 0.1], [0.5, 1 / 3]]), MADE_BY)
    lines = (tmp_path / "a.csv").read_text().splitlines()
    assert lines[0] == "# phasescope: rows"
    assert "# exhibit: lorenz" in lines
    assert '# values: {"rho": 28.0, "beta": 2.6666666666666665, "mode": "fast"}' in lines
    assert "# step: 0.005" in lines
    assert lines[-3:] == ["t,x", "0.0,0.1", "0.5,0.3333333333333333"]
    skip = sum(line.startswith("#") for line in lines) + 1
    assert np.loadtxt(tmp_path / "a.csv", delimiter=",", skiprows=skip).shape == (2, 2)


def test_npz_and_hdf5_are_what_other_programs_expect(tmp_path: Path) -> None:
    rows = circle(10)
    tables.write_rows(tmp_path / "a.npz", ("t", "x", "y"), rows, MADE_BY)
    with np.load(tmp_path / "a.npz", allow_pickle=False) as archive:
        np.testing.assert_array_equal(archive["t"], rows[:, 0])
        np.testing.assert_array_equal(archive["states"], rows[:, 1:])
        assert json.loads(str(archive["provenance"]))["values"]["rho"] == 28.0
    tables.write_rows(tmp_path / "a.h5", ("t", "x", "y"), rows, MADE_BY)
    with h5py.File(tmp_path / "a.h5") as file:
        np.testing.assert_array_equal(file["states"][()], rows[:, 1:])
        assert file.attrs["method"] == "rk4"
        assert file.attrs["seed"] == 7
        assert file["values"].attrs["beta"] == 8 / 3


def test_a_foreign_csv_table_reads_with_and_without_names(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("time,volt\n0,1\n1,2.5\n")
    assert tables.read(tmp_path / "a.csv").names == ("time", "volt")
    (tmp_path / "b.csv").write_text("# a remark\n0,1\n1,2.5\n")
    table = tables.read(tmp_path / "b.csv")
    np.testing.assert_array_equal(table.rows, [[0, 1], [1, 2.5]])
    assert table.provenance is None


def test_a_closed_job_leaves_nothing_behind_and_the_old_file_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("old")
    job = tables.writing(
        path,
        Table(
            "rows", ("t", "x"), {"t": np.arange(100_000.0), "states": np.zeros((100_000, 1))}, None
        ),
    )
    next(job)
    job.close()
    assert path.read_text() == "old"
    assert [file.name for file in tmp_path.iterdir()] == ["a.csv"]


def test_an_unknown_suffix_names_those_known(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match=r"'\.xls' is no format .*\.csv, \.npz"):
        tables.write_rows(tmp_path / "a.xls", ("t", "x"), circle()[:, :2])
    with pytest.raises(ExportError, match="a name without a suffix"):
        tables.write_rows(tmp_path / "a", ("t", "x"), circle()[:, :2])
    with pytest.raises(FileFormatError, match=r"'\.xls' is none of"):
        tables.read(tmp_path / "a.xls")


def test_names_must_fit_the_columns(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="2 column names"):
        tables.write_rows(tmp_path / "a.csv", ("t", "x"), circle())
    with pytest.raises(ParameterError, match="two dimensions"):
        tables.write_field(tmp_path / "a.csv", np.zeros(3))


BROKEN: list[tuple[str, str]] = [
    ("t,x\n0,1\n1,apple\n", "line 3: expected a number, got 'apple'"),
    ("t,x\n0,1\n1,2,3\n", "as many numbers"),
    ("t,x,y\n0,1\n", "3 names stand over 2 columns"),
    ("# phasescope: holograms\nt,x\n0,1\n", "'holograms' is none of"),
    ("# phasescope: diagram\nr,x\n1,0\n1,1\n2,0\n", "as many samples"),
    ("# phasescope: rows\n# initial: 3\nt,x\n0,1\n", "provenance.initial"),
    ("# phasescope: rows\n# values: [1]\nt,x\n0,1\n", "provenance.values"),
    ('# phasescope: rows\n# step: "a"\nt,x\n0,1\n', "provenance.step"),
    ("# phasescope: rows\n# seed: 1.5\nt,x\n0,1\n", "provenance.seed"),
    ("# phasescope: field\n# names: a,b\n# x: [1]\n0,1\n", "does not fit the field"),
]


@pytest.mark.parametrize(("text", "says"), BROKEN)
def test_a_broken_csv_file_is_refused_with_the_place(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "broken.csv"
    path.write_text(text)
    with pytest.raises(FileFormatError, match=says) as caught:
        tables.read(path)
    assert "broken.csv" in str(caught.value)


def test_broken_archives_are_refused(tmp_path: Path) -> None:
    tables.write_rows(tmp_path / "a.npz", ("t", "x", "y"), circle(), MADE_BY)
    tables.write_rows(tmp_path / "a.h5", ("t", "x", "y"), circle(), MADE_BY)
    for suffix in (".npz", ".h5"):
        whole = (tmp_path / f"a{suffix}").read_bytes()
        for size in (0, 100, len(whole) // 2):
            path = tmp_path / f"cut{suffix}"
            path.write_bytes(whole[:size])
            with pytest.raises(FileFormatError, match="damaged"):
                tables.read(path)
    np.savez(tmp_path / "foreign.npz", a=np.zeros(3))
    with pytest.raises(FileFormatError, match="has no 'kind'"):
        tables.read(tmp_path / "foreign.npz")
    with h5py.File(tmp_path / "foreign.h5", "w") as file:
        file["a"] = 1
    with pytest.raises(FileFormatError, match="kind"):
        tables.read(tmp_path / "foreign.h5")


def test_an_archive_with_a_pickle_runs_nothing(tmp_path: Path) -> None:
    np.savez(tmp_path / "p.npz", kind=np.array(["rows", object()], dtype=object))
    with pytest.raises(FileFormatError):
        tables.read(tmp_path / "p.npz")


def test_there_is_no_such_file(tmp_path: Path) -> None:
    for suffix in SUFFIXES:
        with pytest.raises(FileFormatError, match="no such file"):
            tables.read(tmp_path / f"none{suffix}")


@settings(
    max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(
    content=st.one_of(
        st.binary(max_size=200),
        st.text('#:,\n .0123456789-e[]{}"atphasecoprwx', max_size=120).map(str.encode),
        st.text('#:,\n .0123456789-e[]{}"atx', max_size=80).map(
            lambda text: f"# phasescope: rows\n{text}".encode()
        ),
    )
)
def test_no_content_raises_anything_but_a_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "fuzz.csv"
    path.write_bytes(content)
    said = "fuzz.csv"
    try:
        tables.read(path)
    except FileFormatError as error:
        said = str(error)
    assert "fuzz.csv" in said
