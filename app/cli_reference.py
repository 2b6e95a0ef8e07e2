"""The commands ``lyapunov`` and ``reference``: the spectrum of one system, and of all.

As in ``app.cli_commands``: one function a command, returning its status. What a row of the
table means is said in ``engine.analysis.reference``.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from app.cli import drive
from app.cli_commands import say, say_json, values_of
from app.opening import exhibit_of
from engine.analysis.reference import with_error
from engine.errors import ParameterError


def do_lyapunov(arguments: argparse.Namespace) -> int:
    """The Lyapunov spectrum of one system."""
    exhibit = exhibit_of(arguments.key)
    if exhibit.system is None:
        raise ParameterError(
            f"'{exhibit.key}' is no system of equations, so it has no Lyapunov exponents"
        )
    from engine.analysis.lyapunov_spectrum import lyapunov_spectrum_job

    system = exhibit.system
    values = values_of(exhibit, arguments.set)
    initial = arguments.initial
    if initial is None and any(name.startswith("initial.") for name in values):
        initial = [
            float(values.get(f"initial.{name}", start))
            for name, start in zip(system.variables, system.initial, strict=True)
        ]
    found = drive(
        lyapunov_spectrum_job(
            system,
            arguments.duration,
            arguments.step,
            {name: value for name, value in values.items() if name in system.parameters},
            initial,
            arguments.transient,
            arguments.seed,
            arguments.count,
        )
    )
    if arguments.json:
        say_json(
            [
                {
                    "key": exhibit.key,
                    "exponents": found.exponents.tolist(),
                    "stderr": found.stderr.tolist(),
                    "kaplan_yorke": found.kaplan_yorke,
                    "kaplan_yorke_stderr": found.kaplan_yorke_stderr,
                    "divergence": found.divergence,
                    "rests": found.rests,
                    "duration": found.duration,
                    "transient": found.transient,
                    "method": found.method,
                    "step": found.step,
                    "seed": found.seed,
                    "values": dict(values),
                }
            ]
        )
        return 0
    unit = "iteration" if system.kind == "map" else "unit of time"
    say(f"{system.title}: Lyapunov exponents per {unit}")
    for exponent, error in zip(found.exponents, found.stderr, strict=True):
        say(f"  {with_error(exponent, error)}")
    if math.isfinite(found.kaplan_yorke):
        say(f"Kaplan-Yorke dimension {with_error(found.kaplan_yorke, found.kaplan_yorke_stderr)}")
    if math.isfinite(found.divergence):
        say(
            f"The exponents sum to {found.exponents.sum():.6g}; the mean divergence is "
            f"{found.divergence:.6g}"
        )
    where = "at the fixed point" if found.rests else f"over {found.duration:g} {unit}s"
    say(f"{found.method}, {where.replace('unit of times', 'units of time')}")
    return 0


def do_reference(arguments: argparse.Namespace) -> int:
    """Reference figures of every system."""
    from engine.analysis import reference

    path = Path(arguments.out) if arguments.out else reference.PLACE
    failed = unsound = done = 0
    rows: list[dict[str, Any]] = []
    for progress in reference.update(
        arguments.only or (),
        arguments.quick,
        arguments.all,
        arguments.jobs,
        arguments.seed,
        path,
    ):
        done += 1
        row = progress.row
        failed += bool(row.failed)
        unsound += not row.failed and not row.sound
        if arguments.json:
            rows.append({"key": progress.key, **vars(row), "known": list(map(vars, row.known))})
        else:
            say(f"{progress.done:4}/{progress.total} {line(progress.key, row, progress.seconds)}")
    if arguments.json:
        say_json(rows)
    elif not done:
        say(f"every row of {path} is fresh")
    else:
        say(f"{done} rows are in {path}: {failed} without figures, {unsound} fail a check")
    return 1 if failed or unsound else 0


def line(key: str, row: Any, seconds: float) -> str:
    """One row of the table in a line of text."""
    if row.failed:
        return f"{key}: NO FIGURES: {row.failed}"
    words = [f"{key}: {few(row.exponents, row.stderr)}"]
    if math.isfinite(row.kaplan_yorke):
        words.append(f"dimension {row.kaplan_yorke:.4g}")
    if row.period is not None:
        words.append(f"period {row.period:.4g}")
    words += [f"FAILS {name}" for name, holds in row.checks.items() if not holds]
    for known in row.known:
        if not known.agrees:
            words.append(f"DIFFERS from {known.quantity} {known.theirs:.6g} ({known.ours:.6g})")
    words.append(f"{seconds:.1f} s")
    return ", ".join(words)


def few(exponents: Sequence[float], errors: Sequence[float]) -> str:
    """The first exponents and the last."""
    shown = [
        with_error(value, error).replace(" ", "")
        for value, error in zip(exponents, errors, strict=True)
    ]
    return "  ".join(shown if len(shown) <= 4 else [*shown[:3], "..", shown[-1]])
