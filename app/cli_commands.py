"""What the commands of the command line do: one function a command, returning its status.

Arguments are read by ``app.cli``; the work is the engine's. Nothing here opens a window but
the tour.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import numpy as np

from app.cli import PICTURES, drive
from app.opening import exhibit_of
from engine.errors import EquationError, ParameterError
from engine.exhibit import APPENDED, Exhibit, Parameter, Value
from engine.files.provenance import from_run, from_trajectory, plain


def say(words: str = "", problem: bool = False) -> None:
    """A line on standard output, or on standard error where it tells of a problem."""
    stream = sys.stderr if problem else sys.stdout
    stream.write(f"{words}\n")
    stream.flush()


def say_json(rows: Iterable[Mapping[str, Any]]) -> None:
    """One JSON list; ASCII, so that every terminal and file can hold it."""
    say(json.dumps([plain(row) for row in rows], indent=1, allow_nan=False))


def values_of(exhibit: Exhibit, pairs: Iterable[tuple[str, str]]) -> dict[str, Value]:
    """The values set on the command line, checked.

    Raises
    ------
    ParameterError
        If a name is unknown or a value cannot be used.
    """
    return {name: _value(_known(exhibit, name), text, exhibit.key) for name, text in pairs}


def _known(exhibit: Exhibit, name: str, among: Iterable[str] = ()) -> Parameter:
    names = list(among) or list(exhibit.parameters)
    if name not in names:
        close = get_close_matches(name, names, n=1)
        meant = f"did you mean '{close[0]}'?" if close else f"it has {', '.join(names)}"
        raise ParameterError(f"'{exhibit.key}' has no parameter '{name}'; {meant}")
    return exhibit.parameters[name]


def _value(parameter: Parameter, text: str, key: str) -> Value:
    if parameter.scale in ("choice", "text", "source"):
        return parameter.check(text, key)
    from engine.equations.evaluate import number

    try:
        return parameter.check(number(text), key)
    except EquationError as error:
        raise ParameterError(
            f"parameter '{parameter.name}' of '{key}' must be a number or arithmetic such as "
            f"8/3, got '{text}': {error.message}"
        ) from error


# ------------------------------------------------------------------------------- simulate


def do_simulate(arguments: argparse.Namespace) -> int:
    """Run an exhibit and write its numbers."""
    exhibit = exhibit_of(arguments.key)
    values = values_of(exhibit, arguments.set)
    if exhibit.system is None:
        return _simulate_exhibit(exhibit, values, arguments)
    if arguments.channel:
        raise ParameterError(
            f"'{exhibit.key}' is a system: its orbit is what is written, so "
            "--channel does not apply"
        )
    from engine.files import tables
    from engine.integrate.solve import simulate_job

    system = exhibit.system.at(values)
    initial = arguments.initial
    if initial is None:
        initial = [
            float(values.get(f"initial.{name}", start))
            for name, start in zip(system.variables, system.initial, strict=True)
        ]
    step = arguments.step if arguments.step is not None else values.get("run.step")
    trajectory = drive(
        simulate_job(
            system,
            100.0 if arguments.duration is None else arguments.duration,
            None if step is None else float(step),
            arguments.method or _word(values.get("run.method")),
            {name: value for name, value in values.items() if name in system.parameters},
            initial,
            arguments.transient or 0.0,
            seed=arguments.seed,
        )
    )
    made_by = from_trajectory(system, trajectory, arguments.seed)
    _write(arguments.out, tables.trajectory_table(trajectory, made_by), len(trajectory.t))
    if trajectory.stopped:
        say(f"phasescope: the run stopped early: {trajectory.stopped.reason}", problem=True)
        return 1
    return 0


def _word(value: Value | None) -> str | None:
    return None if value is None else str(value)


def _simulate_exhibit(
    exhibit: Exhibit, values: dict[str, Value], arguments: argparse.Namespace
) -> int:
    for name in ("step", "method", "initial", "transient"):
        if getattr(arguments, name) is not None:
            raise ParameterError(
                f"'{exhibit.key}' is no system of equations, so --{name} does "
                "not apply; its parameters are set with --set"
            )
    from engine.figures import content_job
    from engine.files.table import Table, table_of_rows

    channel = arguments.channel or next(
        (name for name, found in exhibit.channels.items() if found.kind in APPENDED), ""
    )
    content = drive(
        content_job(exhibit, values, arguments.seed, "", channel, {}, arguments.duration)
    )
    made_by = content.provenance
    if content.channel.kind in APPENDED:
        axes = content.channel.axes
        names = (axes[0] if axes else "t", *content.names)
        table = table_of_rows(names, content.rows, made_by)
    else:
        array = np.atleast_2d(np.asarray(content.array))
        names = (*content.channel.axes, "column", "row")[:2]
        table = Table("field", names, {"field": array}, made_by)
    _write(arguments.out, table, len(content.array))
    return 0


def _write(out: str | None, table: Any, rows: int) -> None:
    """Write a table to a file, or as CSV to standard output."""
    from engine.files import csv_file, tables

    if out is None:
        for text, _ in csv_file.pieces(table):
            sys.stdout.write(text)
        return
    drive(tables.writing(out, table))
    say(f"{rows:,} rows are in {out}")


# ------------------------------------------------------------------------------- pictures


def do_figure(arguments: argparse.Namespace) -> int:
    """Run an exhibit and draw a view of it."""
    from engine import figures

    exhibit = exhibit_of(arguments.key)
    kind = (arguments.view or (exhibit.views[0].kind if exhibit.views else "")).replace("-", "_")
    if arguments.view and kind not in figures.kinds():
        close = get_close_matches(kind, figures.kinds(), n=1)
        meant = (
            f"did you mean '{close[0]}'?" if close else (f"there are {', '.join(figures.kinds())}")
        )
        raise ParameterError(f"there is no view '{arguments.view}'; {meant}")
    settings: dict[str, Value] | None = None
    if arguments.option:
        suggested = next((spec.settings for spec in exhibit.views if spec.kind == kind), {})
        settings = {**suggested, **{name: _setting(text) for name, text in arguments.option}}
    content = drive(
        figures.content_job(
            exhibit,
            values_of(exhibit, arguments.set),
            arguments.seed,
            kind,
            arguments.channel,
            settings,
            arguments.duration,
        )
    )
    if (job := figures.preparation(kind, content)) is not None:
        content = drive(job)
    _render(kind, content, arguments)
    return 0


def _setting(text: str) -> Value:
    """An option of a view: a number where it is one, else a word."""
    from engine.equations.evaluate import number

    try:
        return number(text)
    except EquationError:
        return text


def _render(kind: str, content: Any, arguments: argparse.Namespace) -> None:
    from engine import figures

    figures.render(
        kind,
        content,
        arguments.out,
        size_mm=arguments.size,
        font_size=arguments.font_size,
        dpi=arguments.dpi,
        theme=arguments.theme,
    )
    say(f"the figure is in {arguments.out}")


def do_orbit_diagram(arguments: argparse.Namespace) -> int:
    """Where orbits go, over a parameter."""
    exhibit = exhibit_of(arguments.key)
    system = exhibit.system
    if system is None:
        raise ParameterError(
            f"'{exhibit.key}' is no system of equations, so it has no orbit diagram"
        )
    from engine.analysis.orbit_diagram import orbit_diagram_job

    opened = system.orbit_diagram
    parameter = arguments.parameter or opened.parameter or next(iter(system.parameters), "")
    known = _known(exhibit, parameter, system.parameters)
    if arguments.range is not None:
        low, high = arguments.range
    elif parameter == opened.parameter:
        low, high = opened.low, opened.high
    elif known.low is not None and known.high is not None:
        low, high = known.low, known.high
    else:
        raise ParameterError(f"'{parameter}' has no range of its own; give one with --range")
    values = values_of(exhibit, arguments.set)
    initial = arguments.initial or [
        float(values.get(f"initial.{name}", start))
        for name, start in zip(system.variables, system.initial, strict=True)
    ]
    diagram = drive(
        orbit_diagram_job(
            system,
            parameter,
            low,
            high,
            columns=arguments.columns,
            transient=arguments.transient,
            keep=arguments.keep,
            variable=arguments.variable,
            initial=initial,
            values={name: value for name, value in values.items() if name in system.parameters},
        )
    )
    made_by = from_run(
        exhibit,
        {
            **values,
            **{
                f"initial.{name}": start
                for name, start in zip(system.variables, initial, strict=True)
            },
        },
        status={"step": diagram.step},
        parameter=parameter,
        low=low,
        high=high,
        columns=arguments.columns,
        variable=diagram.variable,
        transient=diagram.transient,
    )
    if Path(arguments.out).suffix.lower() in PICTURES:
        from engine.figures import Content

        channel = exhibit.channels[next(iter(exhibit.channels))]
        content = Content(exhibit, channel, {}, {}, exhibit.checked(values), made_by, diagram)
        _render("orbit_diagram", content, arguments)
    else:
        from engine.files import tables

        drive(tables.writing(arguments.out, tables.diagram_table(diagram, made_by)))
        say(f"{len(diagram.parameter_values):,} columns are in {arguments.out}")
    return 0


# -------------------------------------------------------------------- verify, tour, bench

CLAIM_FIELDS = (
    "exhibit",
    "claim",
    "measured",
    "expected",
    "tolerance",
    "passed",
    "seconds",
    "source",
)
BENCH_FIELDS = ("name", "value", "unit", "peer", "ratio", "target", "passed")


def do_verify(arguments: argparse.Namespace) -> int:
    """Measure claims on fresh runs."""
    from engine.claims import verify

    results = []
    for result in verify(arguments.keys or None, arguments.quick, arguments.seed):
        results.append(result)
        if not arguments.json:
            detail = f"  {result.detail}" if result.detail and not result.passed else ""
            say(
                f"{'holds ' if result.passed else 'FAILS '} {result.exhibit}: {result.claim}  "
                f"measured {result.measured:.6g}, expected {result.expected:.6g} "
                f"within {result.tolerance:.3g}  ({result.seconds:.1f} s){detail}"
            )
    failed = sum(not result.passed for result in results)
    if arguments.json:
        say_json([{name: result.as_dict()[name] for name in CLAIM_FIELDS} for result in results])
    else:
        say(f"{len(results) - failed} of {len(results)} claims hold")
    return 1 if failed else 0


def do_prepare(arguments: argparse.Namespace) -> int:
    """Compile, once for this machine, what all systems share."""
    from engine.integrate import prepare

    if prepare.prepared():
        say("everything that systems share is compiled")
        return 0
    said = ""
    for name in prepare.steps(arguments.quick):
        if name != said:
            said = name
            print(f"compiling {name}", file=sys.stderr)  # noqa: T201
    return 0


def do_tour(arguments: argparse.Namespace) -> int:
    """Open the window, use it, and leave pictures and data."""
    from app.tour import run

    return int(run(arguments.out))


def _figure_of(row: Mapping[str, Any]) -> str:
    """What a benchmark measured, in words."""
    words = [f"{row['value']:.4g} {row['unit']}" if row["value"] is not None else "no figure"]
    if row["peer"] is not None:
        peer = row["peer"]
        words.append(f"peer {peer:.4g}" if isinstance(peer, float) else f"peer {peer}")
    if row["ratio"] is not None:
        words.append(f"ratio {row['ratio']:.3g}")
    return ", ".join(words)


def do_bench(arguments: argparse.Namespace) -> int:
    """Measure the speed of this machine."""
    from app.benchmarking import measure

    rows, status = [], 0
    for row in measure(arguments.names):
        rows.append(row)
        status = status or int(not row["passed"])
        if not arguments.json:
            say(
                f"{'meets ' if row['passed'] else 'MISSES'} {row['name']}: {_figure_of(row)}  "
                f"(target {row['target']})"
            )
    if arguments.json:
        say_json([{name: row[name] for name in BENCH_FIELDS} for row in rows])
    return status
