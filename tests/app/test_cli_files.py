"""Files of equations on the command line: opened by any command, written by ``convert``."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import engine
from app.cli import main

PENDULUM = """# A pendulum
par g=9.81, l=2
init th=1
th'=v
v'=-g/l*sin(th)
@ total=20, dt=0.01
done
"""


def test_an_ode_file_becomes_a_system_and_back(tmp_path: Path, capsys) -> None:  # type: ignore[no-untyped-def]
    ode, toml, again = (tmp_path / name for name in ("pendulum.ode", "own.toml", "again.ode"))
    ode.write_text(PENDULUM)
    assert main(["convert", str(ode), "--out", str(toml)]) == 0
    assert main(["convert", str(toml), "--out", str(again)]) == 0
    systems = [
        engine.System.from_ode(ode),
        engine.System.from_text(toml.read_text()),
        engine.System.from_ode(again),
    ]
    state = [0.3, -0.2]
    for system in systems:
        # By hand: th' = v and v' = -(g/l) sin(th).
        assert np.allclose(system.rhs(0.0, state), [-0.2, -9.81 / 2 * np.sin(0.3)], rtol=1e-15)
    assert "2 variables" in capsys.readouterr().out


def test_any_command_takes_a_file(tmp_path: Path, capsys) -> None:  # type: ignore[no-untyped-def]
    ode = tmp_path / "pendulum.ode"
    ode.write_text(PENDULUM)
    assert main(["show", str(ode)]) == 0
    assert "A pendulum" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["show", "nowhere.ode"], "there is no file 'nowhere.ode'"),
        (["convert", "deep-linear-exact", "--out", "x.toml"], "no system of equations"),
        (["convert", "lorenz", "--out", "x.txt"], ".toml"),
    ],
)
def test_what_cannot_be_is_said(words: list[str], says: str, capsys) -> None:  # type: ignore[no-untyped-def]
    assert main(words) != 0
    assert says in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (
            "bad.toml",
            'title = "Bad"\nkind = "flow"\nsummary = "Bad"\n[variables]\nx = 0\n'
            '[equations]\nx = "1/x"\n',
        ),
        ("bad.ode", "x'=1/x\ninit x=0\ndone\n"),
    ],
)
def test_a_file_that_divides_by_zero_at_the_start_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, text: str
) -> None:
    (tmp_path / name).write_text(text)
    assert main(["show", str(tmp_path / name)]) == 1
    assert "this has no finite value at the start (x = 0)" in capsys.readouterr().err
