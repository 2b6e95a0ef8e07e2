"""A copied script makes the same picture from the same numbers, with the engine alone."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import engine
from engine import figures
from engine.files.script import as_python

ROOT = Path(__file__).resolve().parents[3]


def run_script(script: str, folder: Path) -> str:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", script],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_orbit_is_the_same_and_the_picture_is_there(tmp_path: Path) -> None:
    exhibit = engine.catalogue()["lorenz"]
    values = {"rho": 30.123456789, "run.length": 3000, "initial.x": -2.0}
    settings = {"x_axis": "y", "colour": "z", "camera": "top"}
    script = as_python(exhibit, exhibit.checked(values), 5, "attractor", settings)
    out = run_script(script + "import numpy\nnumpy.save('rows.npy', content.rows)\n", tmp_path)
    assert out == "wrote lorenz-attractor.pdf\n"
    assert (tmp_path / "lorenz-attractor.pdf").read_bytes().startswith(b"%PDF")
    here = figures.content_from_run(exhibit, values, 5, "attractor")
    np.testing.assert_array_equal(np.load(tmp_path / "rows.npy"), here.rows)


def test_an_orbit_diagram_and_an_exhibit_that_is_no_system(tmp_path: Path) -> None:
    logistic = engine.catalogue()["logistic"]
    script = as_python(
        logistic, {"run.length": 1000}, 0, "orbit_diagram", {"columns": 50, "low": 3.0, "high": 4.0}
    )
    run_script(script + "assert diagram.samples.shape[0] == 50\n", tmp_path)
    automaton = engine.catalogue()["edge-of-chaos-eca"]
    script = as_python(automaton, {"rule": 30}, 1, "field", {}, channel="damage", duration=10)
    out = run_script(script + "print(int(exhibit.checked(values)['rule']))\n", tmp_path)
    assert out.splitlines()[-1] == "30"
    assert len(list(tmp_path.glob("*.pdf"))) == 2


def test_it_is_short_and_only_speaks_of_the_engine() -> None:
    exhibit = engine.catalogue()["lorenz"]
    script = as_python(exhibit, exhibit.checked({}), 0, "phase_portrait", {"x": "x", "y": "z"})
    assert len(script.splitlines()) < 25
    assert max(map(len, script.splitlines())) <= 100
    modules = {
        node.names[0].name if isinstance(node, ast.Import) else node.module
        for node in ast.walk(ast.parse(script))
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    assert modules == {"engine"}


@pytest.mark.parametrize("text", ['"""', "\\", "'); import os; ('", "\n", "{x}"])
def test_nothing_typed_becomes_code(text: str) -> None:
    exhibit = engine.catalogue()["lorenz"]
    script = as_python(exhibit, {}, 0, "curves", {text: text}, channel=text)
    tree = ast.parse(script)
    literals = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)]
    assert literals.count(text) == 3
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.Import)]
    assert len(imports) == 1
