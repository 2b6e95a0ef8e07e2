"""The command line keeps its contract: what it prints, what it writes, how it ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import engine
from app import benchmarking, cli
from engine.errors import PhasescopeError, UnknownKeyError
from engine.files import tables

ROOT = Path(__file__).resolve().parents[2]
Capture = pytest.CaptureFixture[str]


def run(capsys: Capture, *words: str) -> tuple[int, str, str]:
    status = cli.main(list(words))
    shown = capsys.readouterr()
    return status, shown.out, shown.err


def rows_of(text: str) -> list[dict[str, Any]]:
    def no_constant(word: str) -> None:
        raise AssertionError(f"{word} is no JSON")

    rows = json.loads(text, parse_constant=no_constant)
    assert isinstance(rows, list)
    return rows


# -------------------------------------------------------------------------- list and show


def test_list_as_json_keeps_its_contract(capsys: Capture) -> None:
    status, out, err = run(capsys, "list", "--json")
    assert (status, err) == (0, "")
    rows = rows_of(out)
    assert {row["key"] for row in rows} == set(engine.catalogue())
    for row in rows:
        assert list(row) == ["key", "title", "family", "kind", "tags", "aliases", "references"]
        assert row["references"]
    (lorenz,) = [row for row in rows if row["key"] == "lorenz"]
    assert lorenz["aliases"]["dysts"] == "Lorenz"
    assert lorenz["references"][0]["year"] == 1963


def test_list_and_show_for_people(capsys: Capture) -> None:
    status, out, _ = run(capsys, "list")
    assert status == 0
    (lorenz,) = [line for line in out.splitlines() if line.startswith("lorenz ")]
    words = lorenz.split()
    assert words[:5] == ["lorenz", "flow", "Lorenz", "Lorenz", "1963"]
    # E. N. Lorenz's system: 0.9056, 0, -14.572 (J. C. Sprott 2003).
    largest, error = map(float, words[5].split("±"))
    assert largest == pytest.approx(0.9056, abs=max(0.01, 3.0 * error))
    status, out, _ = run(capsys, "show", "lorenz")
    assert status == 0
    assert "rho = 28" in out
    assert "Deterministic Nonperiodic Flow" in out
    assert "Kaplan-Yorke dimension 2.06" in out
    (row,) = rows_of(run(capsys, "show", "lorenz", "--json")[1])
    assert sum(row["spectrum"]["exponents"]) == pytest.approx(-41.0 / 3.0, rel=0.01)
    status, out, _ = run(capsys, "show", "deep-linear-exact", "--json")
    (row,) = rows_of(out)
    assert row["parameters"][0]["name"] == "depth"
    assert row["claims"]


# ------------------------------------------------------------------------------- simulate


@pytest.mark.parametrize("suffix", [".csv", ".npz", ".h5"])
def test_simulate_writes_the_engine_s_own_numbers(
    capsys: Capture, tmp_path: Path, suffix: str
) -> None:
    path = tmp_path / f"t{suffix}"
    status, out, err = run(
        capsys,
        "simulate",
        "lorenz",
        "--set",
        "rho=30",
        "--set",
        "beta=8/3",
        "--duration",
        "2",
        "--step",
        "1/200",
        "--method",
        "dop853",
        "--initial",
        "-1,0,3/2",
        "--transient",
        "1",
        "--out",
        str(path),
    )
    assert (status, err) == (0, "")
    assert out == f"401 rows are in {path}\n"
    table = tables.read(path)
    expected = engine.simulate(
        engine.systems()["lorenz"],
        duration=2.0,
        step=0.005,
        method="dop853",
        values={"rho": 30.0, "beta": 8 / 3},
        initial=[-1.0, 0.0, 1.5],
        transient=1.0,
    )
    np.testing.assert_array_equal(table.arrays["states"], expected.states)
    np.testing.assert_array_equal(table.arrays["t"], expected.t)
    made_by = table.provenance
    assert made_by is not None
    assert (made_by.exhibit, made_by.method, made_by.step) == ("lorenz", "dop853", 0.005)
    assert made_by.values == {"sigma": 10.0, "rho": 30.0, "beta": 8 / 3}
    assert made_by.initial == (-1.0, 0.0, 1.5)
    assert made_by.version == engine.__version__


def test_without_a_file_csv_goes_to_standard_output(capsys: Capture) -> None:
    status, out, _ = run(
        capsys, "simulate", "henon", "--duration", "3", "--set", "initial.x=0", "--initial", "0,0"
    )
    assert status == 0
    # x' = 1 - 1.4 x^2 + y and y' = 0.3 x from the origin, by hand.
    numbers = [[float(cell) for cell in line.split(",")] for line in out.splitlines()[-4:]]
    np.testing.assert_allclose(
        numbers, [[0, 0, 0], [1, 1, 0], [2, -0.4, 0.3], [3, 1.076, -0.12]], atol=1e-15
    )
    assert "n,x,y" in out or "t,x,y" in out


def test_a_run_that_leaves_is_written_and_fails(capsys: Capture, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    status, _, err = run(
        capsys, "simulate", "henon", "--set", "a=3", "--duration", "100", "--out", str(path)
    )
    assert status == 1
    assert err.startswith("phasescope: the run stopped early: ")
    assert err.count("\n") == 1
    assert len(tables.read(path).rows) < 100


def test_an_exhibit_that_is_no_system_is_simulated_too(capsys: Capture, tmp_path: Path) -> None:
    path = tmp_path / "cells.npz"
    status, _, _ = run(
        capsys,
        "simulate",
        "edge-of-chaos-eca",
        "--set",
        "rule=90",
        "--set",
        "start=single cell",
        "--channel",
        "space-time",
        "--duration",
        "0",
        "--out",
        str(path),
    )
    assert status == 0
    field = tables.read(path).arrays["field"]
    # Rule 90 is Pascal's triangle modulo two: row n has 2^(ones in n) live cells.
    assert [int(row.sum()) for row in field[:32]] == [2 ** n.bit_count() for n in range(32)]
    status, _, err = run(capsys, "simulate", "edge-of-chaos-eca", "--method", "rk4")
    assert status == 2
    assert "--method does not apply" in err


# ------------------------------------------------------------------------------- pictures


def test_figure_has_the_size_asked_for(capsys: Capture, tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    status, out, _ = run(
        capsys,
        "figure",
        "lorenz",
        "--view",
        "attractor",
        "--size",
        "8x6cm",
        "--dpi",
        "100",
        "--set",
        "run.length=2000",
        "--out",
        str(path),
    )
    assert (status, out) == (0, f"the figure is in {path}\n")
    with Image.open(path) as image:
        assert image.size == (round(80 / 25.4 * 100), round(60 / 25.4 * 100))
        assert json.loads(image.text["Provenance"])["exhibit"] == "lorenz"


def test_figure_takes_options_of_the_view_and_dashes_in_its_name(
    capsys: Capture, tmp_path: Path
) -> None:
    for i, options in enumerate((["--option", "x=y"], [])):
        assert (
            run(
                capsys,
                "figure",
                "lorenz",
                "--view",
                "phase-portrait",
                "--theme",
                "dark",
                "--set",
                "run.length=2000",
                *options,
                "--dpi",
                "50",
                "--out",
                str(tmp_path / f"{i}.png"),
            )[0]
            == 0
        )
    pictures = [np.asarray(Image.open(tmp_path / f"{i}.png").convert("RGB")) for i in range(2)]
    assert (pictures[0] != pictures[1]).any()


def test_orbit_diagram_as_numbers_and_as_a_picture(capsys: Capture, tmp_path: Path) -> None:
    words = [
        "orbit-diagram",
        "logistic",
        "--parameter",
        "r",
        "--range",
        "5/2",
        "2.9",
        "--columns",
        "21",
        "--transient",
        "2000",
        "--keep",
        "8",
        "--out",
    ]
    assert run(capsys, *words, str(tmp_path / "d.npz"))[0] == 0
    table = tables.read(tmp_path / "d.npz")
    r = table.arrays["parameter_values"]
    assert (r[0], r[-1], len(r)) == (2.5, 2.9, 21)
    # Below r = 3 every orbit ends in the fixed point 1 - 1/r.
    np.testing.assert_allclose(
        table.arrays["samples"], (1 - 1 / r)[:, None] * np.ones(8), atol=1e-9
    )
    assert table.names == ("r", "x")
    assert run(capsys, *words, str(tmp_path / "d.svg"))[0] == 0
    assert b"<image" in (tmp_path / "d.svg").read_bytes()


# ----------------------------------------------------------------------- verify and bench


def test_verify_as_json_keeps_its_contract(capsys: Capture) -> None:
    status, out, err = run(capsys, "verify", "logistic", "henon", "--quick", "--json")
    rows = rows_of(out)
    assert err == ""
    assert {row["exhibit"] for row in rows} <= {"logistic", "henon"}
    assert rows
    for row in rows:
        assert list(row) == [
            "exhibit",
            "claim",
            "measured",
            "expected",
            "tolerance",
            "passed",
            "seconds",
            "source",
        ]
    assert status == (0 if all(row["passed"] for row in rows) else 1)


BENCH = """
from dataclasses import dataclass

@dataclass
class Row:
    name: str = "loop"; value: float = 2.0; unit: str = "ms"; peer: str = "C"
    ratio: float | None = 1.5; target: str = ">= 1"; passed: bool = {passed}

def run():
    {body}
"""


@pytest.fixture
def bench_folder(
    tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Path:
    # A name of its own: modules stay imported.
    folder = tmp_path / f"bench_{abs(hash(request.node.name))}"
    folder.mkdir()
    monkeypatch.setattr(sys, "path", list(sys.path))
    return folder


def test_benchmarks_are_found_by_their_run(bench_folder: Path) -> None:
    (bench_folder / "two_words.py").write_text(BENCH.format(passed=True, body="return [Row()]"))
    (bench_folder / "helper.py").write_text("raise RuntimeError('never imported')\n")
    assert list(benchmarking.names(bench_folder)) == ["two-words"]
    (row,) = benchmarking.measure(["two_words"], bench_folder)
    assert row == {
        "name": "loop",
        "value": 2.0,
        "unit": "ms",
        "peer": "C",
        "ratio": 1.5,
        "target": ">= 1",
        "passed": True,
    }
    with pytest.raises(UnknownKeyError, match="did you mean 'two-words'"):
        benchmarking.measure(["two-word"], bench_folder)


def test_a_benchmark_that_cannot_be_measured_is_a_failed_row(bench_folder: Path) -> None:
    (bench_folder / "a.py").write_text(BENCH.format(passed=True, body="raise OSError('no gcc')"))
    (bench_folder / "b.py").write_text(BENCH.format(passed=False, body="return [Row()]"))
    rows = list(benchmarking.measure([], bench_folder))
    assert [row["passed"] for row in rows] == [False, False]
    assert rows[0]["value"] is None
    assert "OSError: no gcc" in rows[0]["target"]


def test_where_there_are_no_benchmarks_it_is_said(tmp_path: Path) -> None:
    with pytest.raises(PhasescopeError, match="no benchmarks"):
        benchmarking.measure([], tmp_path)


# ------------------------------------------------------------------------------ bad input

WRONG: list[tuple[list[str], str]] = [
    (["lsit"], "no command and no file 'lsit'; did you mean 'list'"),
    (["a.phasescope"], "no file 'a.phasescope'"),
    (["README.md", "b"], "at most one file"),
    (["simulate"], "KEY"),
    (["simulate", "lorens"], "no exhibit 'lorens'. Did you mean 'lorenz'"),
    (["simulate", "lorenz", "--set", "rh=3"], "no parameter 'rh'; did you mean 'rho'"),
    (["simulate", "lorenz", "--set", "rho"], "expected name=value, got 'rho'"),
    (["simulate", "lorenz", "--set", "rho=1/0"], "parameter 'rho' of 'lorenz' must be a number"),
    (["simulate", "lorenz", "--set", "rho=__import__('os')"], "must be a number"),
    (["simulate", "lorenz", "--set", "run.method=rk5"], "must be one of"),
    (["simulate", "lorenz", "--duration", "long"], "--duration"),
    (["simulate", "lorenz", "--duration", "-1"], "duration"),
    (["simulate", "lorenz", "--initial", "1,2"], "must have 3 numbers"),
    (["simulate", "lorenz", "--method", "rk5"], "rk5"),
    (["simulate", "lorenz", "--out", "a.xls"], "must end in .csv, .npz"),
    (["simulate", "lorenz", "--seed", "-1"], "whole number"),
    (["simulate", "lorenz", "--channel", "orbit"], "does not apply"),
    (["figure", "lorenz", "--out", "a.gif"], "must end in .png, .svg or .pdf"),
    (["figure", "lorenz"], "--out"),
    (["figure", "lorenz", "--view", "atractor", "--out", "a.png"], "did you mean 'attractor'"),
    (["figure", "lorenz", "--size", "big", "--out", "a.png"], "such as 160x120mm, got 'big'"),
    (["figure", "lorenz", "--size", "0x0", "--out", "a.png"], "5 to 5000 mm"),
    (["figure", "lorenz", "--view", "field", "--out", "a.png"], "nothing that a view 'field'"),
    (
        ["orbit-diagram", "lorenz", "--parameter", "r", "--out", "a.npz"],
        "no parameter 'r'; it has sigma, rho, beta",
    ),
    (["orbit-diagram", "edge-of-chaos-eca", "--out", "a.npz"], "no orbit diagram"),
    (["orbit-diagram", "lorenz", "--range", "3", "2", "--out", "a.npz"], "3"),
    (["verify", "lorens"], "Did you mean 'lorenz'"),
    (["bench", "sliders-and-such"], "no benchmark 'sliders-and-such'"),
    (["--nonsense"], "COMMAND"),
    (["list", "--nonsense"], "--nonsense"),
]


@pytest.mark.parametrize(("words", "says"), WRONG, ids=[" ".join(words) for words, _ in WRONG])
def test_wrong_usage_is_one_sentence_and_status_2(
    capsys: Capture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], says: str
) -> None:
    monkeypatch.chdir(tmp_path)
    status, out, err = run(capsys, *words)
    assert (status, out) == (2, "")
    assert says in err
    assert err.startswith("phasescope: ")
    assert err.count("\n") == 1
    assert "Traceback" not in err
    assert [path.name for path in tmp_path.iterdir() if path.suffix] == []


def test_a_place_that_cannot_be_written_is_status_1(capsys: Capture, tmp_path: Path) -> None:
    status, _, err = run(
        capsys, "simulate", "lorenz", "--duration", "1", "--out", str(tmp_path / "none" / "a.csv")
    )
    assert status == 1
    assert "does not exist" in err


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only there displays are named")
def test_without_a_display_it_says_what_to_do(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    status, _, err = run(capsys)
    assert status == 2
    assert "tour --out out" in err


def test_version_and_help_end_well(capsys: Capture) -> None:
    assert run(capsys, "--version")[:2] == (0, f"phasescope {engine.__version__}\n")
    status, out, _ = run(capsys, "--help")
    assert status == 0
    assert "orbit-diagram" in out
    assert run(capsys, "simulate", "--help")[0] == 0


# ------------------------------------------------------------------------- as a process


def process(code: str, *words: str, **options: Any) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, "-c", code, *words],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
        **options,
    )


def test_the_list_needs_neither_qt_nor_a_compiler() -> None:
    done = process(
        "import sys\nfrom app.cli import main\nstatus = main(['list'])\n"
        "heavy = {'PySide6', 'numba', 'sympy', 'matplotlib', 'torch', 'scipy', 'h5py'}\n"
        "sys.stderr.write(' '.join(sorted(heavy & set(sys.modules))))\nsys.exit(status)"
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
@pytest.mark.skipif(
    signal.getsignal(signal.SIGINT) is signal.SIG_IGN, reason="a shell's background ignores it"
)
def test_ctrl_c_is_one_word_and_status_130() -> None:
    words = [sys.executable, str(ROOT / "main.py"), "simulate", "lorenz", "--duration", "2000"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        # The first line is there, and the pipe is too small for the rest: it is writing.
        assert running.stdout.readline() == b"# phasescope: rows\n"
        running.send_signal(signal.SIGINT)
        running.stdout.read()
        assert running.stderr.read() == b"phasescope: interrupted\n"
        assert running.wait() == 130


@pytest.mark.skipif(os.name == "nt", reason="pipes of POSIX")
def test_a_reader_that_goes_away_is_no_traceback() -> None:
    done = subprocess.run(
        f"{sys.executable} {ROOT / 'main.py'} simulate lorenz --duration 200 | head -n 1; "
        "echo ${PIPESTATUS[0]}",
        shell=True,
        executable="/bin/bash",
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    assert done.stdout.splitlines() == ["# phasescope: rows", "141"]


def test_a_run_that_stops_early_says_so_in_words(capsys: Capture) -> None:
    _, _, err = run(capsys, "simulate", "henon", "--set", "a=5", "--duration", "100")
    assert err == "phasescope: the run stopped early: left the region |x| > 100 at iteration 4\n"


def test_what_was_typed_is_quoted_as_it_was_typed(capsys: Capture) -> None:
    status, _, err = run(capsys, "simulate", "lorenz", "--seed", "-1")
    assert (status, "got '-1'" in err) == (2, True)


def test_a_fault_of_ours_is_one_sentence_too(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    # An unknown fault cannot be asked for from outside: a benchmark that fails stands for it.
    def broken(*_: object) -> None:
        raise ZeroDivisionError("a fault")

    monkeypatch.setattr(benchmarking, "measure", broken)
    status, out, err = run(capsys, "bench", "--json")
    assert (status, out, err.count("\n")) == (1, "", 1)
    assert "ZeroDivisionError: a fault" in err
    monkeypatch.setenv("PHASESCOPE_TRACEBACK", "1")
    with pytest.raises(ZeroDivisionError):
        cli.main(["bench", "--json"])


def test_a_place_that_takes_no_file_is_refused_before_the_run(
    capsys: Capture, tmp_path: Path
) -> None:
    # The run itself would take a day.
    path = tmp_path / "missing" / "a.csv"
    status, _, err = run(
        capsys, "simulate", "edge-of-chaos-eca", "--duration", "1e18", "--out", str(path)
    )
    assert status == 1
    assert "does not exist; make it first" in err
