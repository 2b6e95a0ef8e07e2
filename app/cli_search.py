"""The command ``search``: parameter values at which a system is chaotic.

As in ``app.cli_commands``: one function a command, returning its status.
"""

from __future__ import annotations

import argparse

from app.cli import drive
from app.cli_commands import say, say_json, values_of
from app.opening import exhibit_of
from engine.errors import ParameterError
from engine.exhibit import Value


def do_search(arguments: argparse.Namespace) -> int:
    """Search for chaos; 1 where nothing was found."""
    exhibit = exhibit_of(arguments.key)
    if exhibit.system is None:
        raise ParameterError(f"'{exhibit.key}' is no system of equations, so it cannot be searched")
    from engine.analysis.chaos_search import chaos_search_job

    values = values_of(exhibit, arguments.set)
    system = exhibit.sized(values).system or exhibit.system
    names = None
    if arguments.free is not None:
        names = [name.strip() for name in arguments.free.split(",") if name.strip()]
    found = drive(
        chaos_search_job(
            system,
            names,
            values={name: value for name, value in values.items() if name in system.parameters},
            initial=[
                float(values.get(f"initial.{name}", start))
                for name, start in zip(system.variables, system.initial, strict=True)
            ],
            around=arguments.around,
            wanted=arguments.wanted,
            most=arguments.most,
            seed=arguments.seed,
        )
    )
    if arguments.json:
        say_json(
            [
                {
                    "key": exhibit.key,
                    "values": dict(find.values),
                    "exponent": find.exponent,
                    "stderr": find.stderr,
                    "state": list(find.state),
                }
                for find in found.finds
            ]
        )
        return 0 if found.finds else 1
    for number, find in enumerate(found.finds, 1):
        places = "  ".join(f"{name}={_text(value)}" for name, value in find.values.items())
        say(f"{number:>3}  {find.exponent:.4g} ± {find.stderr:.1g}  {places}")
    say(
        f"{len(found.finds)} found, {found.bounded:,} bounded of {found.tried:,} tried in "
        f"{found.seconds:.1f} s, {found.rate:,.0f} a second"
    )
    return 0 if found.finds else 1


def _text(value: Value) -> str:
    return value if isinstance(value, str) else f"{value:.7g}"
