"""The command ``convert``: a system as another kind of file of equations.

As in ``app.cli_commands``: one function a command, returning its status.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from app.cli_commands import say
from app.opening import exhibit_of, write_system
from engine.errors import ParameterError


def do_convert(arguments: argparse.Namespace) -> int:
    """Write a system as TOML or for XPPAUT."""
    exhibit = exhibit_of(arguments.key)
    system = exhibit.system
    if system is None:
        raise ParameterError(f"'{exhibit.key}' is no system of equations, so it has no such file")
    out = Path(arguments.out)
    write_system(system, out)
    say(f"{system.title}: {system.dimension} variables, {len(system.parameters)} parameters, {out}")
    return 0
