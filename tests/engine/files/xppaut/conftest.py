"""The program itself, where it is installed: it runs files, ours are held against it.

Debian's package ``xppaut`` brings the program and its examples. Each example is run once a
session as ``xppaut FILE -silent``. Where its own answer depends on its error control it is run
once more: with tight tolerances where the method is adaptive (1e-3 is the default), with small
steps where there are events (it finds them by a straight line over a step), and with two
small steps, extrapolated, where there are delays (its delayed terms are of first order).
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.errors import PhasescopeError
from engine.files.xppaut import read
from engine.systems.system import System

EXAMPLES = Path("/usr/share/doc/xppaut/examples/ode")
ADAPTIVE = frozenset({"gear", "qualrk", "stiff", "cvode", "5dp", "83dp", "2rb"})
FINER = 20
"""How many times smaller the steps are of a run that must find events."""
SECONDS = 60
TRIES = 3
"""It crashes now and then, on the same file as well."""


@dataclass
class Example:
    """A file of the package, what we make of it, and what the program answers.

    `answers` and `tight` are its rows by set; the empty name stands for no set.
    """

    name: str
    system: System | None
    refused: str
    answers: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    tight: dict[str, NDArray[np.float64]] = field(default_factory=dict)


@pytest.fixture(scope="session")
def program() -> str:
    """Path of the program."""
    found = shutil.which("xppaut")
    if found is None:
        pytest.skip("xppaut is not installed (Debian: apt-get install xppaut)")
    return found


def run(program: str, file: Path, sets: tuple[str, ...] = ()) -> dict[str, NDArray[np.float64]]:
    """Rows that the program writes for a file, by set."""
    for _ in range(TRIES):
        try:
            done = subprocess.run(
                [program, file.name, "-silent"],
                cwd=file.parent,
                capture_output=True,
                timeout=SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return {}
        answers = {}
        for name in sets or ("",):
            rows = file.with_name(f"{name}.dat" if name else "output.dat")
            if rows.is_file() and rows.stat().st_size:
                answers[name] = np.atleast_2d(np.genfromtxt(rows))
        if done.returncode == 0 and answers:
            return answers
    return {}


def refined(text: str, options: Mapping[str, Any], finer: int) -> str:
    """The text of a file with options that leave the program little error of its own."""
    more = "@ tol=1e-11,atol=1e-11\n"
    if finer > 1:
        every = finer * int(options.get("nout", 1))
        more += f"@ dt={options['dt'] / finer!r},nout={every}\n@ maxstor=100000\n"
    ended = re.sub(r"^(d|done)[ \t]*$", f"{more}done", text, count=1, flags=re.MULTILINE)
    return ended if ended != text else f"{text}\n{more}done\n"


@pytest.fixture(scope="session")
def examples(program: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Example]:
    """Every example of the package."""
    files = sorted(EXAMPLES.glob("*.ode"))
    if not files:
        pytest.skip(f"the examples of xppaut are not in {EXAMPLES}")
    folder = tmp_path_factory.mktemp("xppaut")

    def answer(file: Path) -> Example:
        # Each has a folder of its own: files of sets bear the same names.
        own = folder / file.stem
        own.mkdir()
        for other in (file, *EXAMPLES.glob("*.tab")):
            shutil.copy(other, own / other.name)
        try:
            example = Example(file.stem, read(file), "")
        except PhasescopeError as error:
            return Example(file.stem, None, str(error))
        system = example.system
        assert system is not None
        sets = tuple(system.options.get("sets", ()))
        example.answers = run(program, own / file.name, sets)
        text = file.read_text("latin-1")

        def again(finer: int) -> dict[str, NDArray[np.float64]]:
            other = own / f"finer{finer}"
            other.mkdir()
            (other / file.name).write_text(refined(text, system.options, finer), "latin-1")
            return run(program, other / file.name, sets)

        said = [options.get("meth", "r") for options in system.options.get("sets", {}).values()]
        adaptive = system.options["method"] in ADAPTIVE or any(m[0] in "gqsc582" for m in said)
        if system.delayed:
            coarse, fine = again(FINER // 2)[""], again(FINER)[""]
            example.tight = {"": 2.0 * fine - coarse}
        elif adaptive or system.hybrid:
            example.tight = again(FINER if system.hybrid else 1)
        return example

    with ThreadPoolExecutor(2) as pool:
        return {example.name: example for example in pool.map(answer, files)}
