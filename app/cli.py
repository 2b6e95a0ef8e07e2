"""The command line: ``python main.py`` opens the window, a command does without it.

This module reads the arguments, says what is wrong in one sentence and shows progress; what
the commands do is in ``app.cli_commands``. With ``--json`` one JSON list stands on standard
output and nothing else. The status is 0 where all went well, 1 where something failed, 2 for
wrong usage, 130 after Ctrl-C. Qt is imported only where a window is opened.
"""

from __future__ import annotations

import argparse
import math
import os
import re
import sys
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

from engine.errors import EquationError, ParameterError, PhasescopeError, UnknownKeyError
from engine.job import Job, Partial, run

FAILED, WRONG_USAGE, PIPE_CLOSED, INTERRUPTED = 1, 2, 141, 130
DATA = (".csv", ".npz", ".h5")
PICTURES = (".png", ".svg", ".pdf")


class UsageError(PhasescopeError):
    """The command line cannot be understood."""


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one sentence, without the usage text before it."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message}; '{self.prog} --help' says more")


def main(argv: Sequence[str] | None = None) -> int:
    """Do what the arguments say; the exit status.

    Parameters
    ----------
    argv : sequence of str, optional
        Those of the process where absent.
    """
    for stream in (sys.stdout, sys.stderr):
        # A console that cannot show a letter is no reason to fail.
        if (reconfigure := getattr(stream, "reconfigure", None)) is not None:
            reconfigure(errors="backslashreplace")
    try:
        status = _run(list(sys.argv[1:] if argv is None else argv))
        sys.stdout.flush()
        return status
    except (UsageError, ParameterError, UnknownKeyError, EquationError) as error:
        return _fail(str(error), WRONG_USAGE)
    except PhasescopeError as error:
        return _fail(str(error), FAILED)
    except MemoryError:
        return _fail("this needs more memory than there is; ask for less", FAILED)
    except BrokenPipeError:
        # The reader has gone (as with "| head"): nothing more may be written, not even at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PIPE_CLOSED
    except KeyboardInterrupt:
        return _fail("interrupted", INTERRUPTED)
    except OSError as error:
        where = f" '{error.filename}'" if error.filename else ""
        return _fail(f"cannot read or write{where}: {error.strerror or error}", FAILED)
    except SystemExit as stop:  # --help and --version
        return stop.code if isinstance(stop.code, int) else 0
    except Exception as error:
        # Ours to mend; whoever mends it needs the place, everybody else one sentence.
        if os.environ.get("PHASESCOPE_TRACEBACK") == "1":
            raise
        return _fail(
            f"something went wrong that should not have ({type(error).__name__}: {error}); "
            "PHASESCOPE_TRACEBACK=1 shows where",
            FAILED,
        )


def _fail(words: str, status: int) -> int:
    one_line = " ".join(words.split())
    print(f"phasescope: {one_line}", file=sys.stderr)
    return status


def _run(argv: list[str]) -> int:
    commands = tuple(_COMMANDS)
    if not argv or (argv[0] not in commands and not argv[0].startswith("-")):
        return _window(argv)
    # A leading space keeps "-8/3" and "-1,0,1" from being taken for options.
    protected = [f" {word}" if re.match(r"-[\d.(]", word) else word for word in argv]
    arguments = _parser().parse_args(protected)
    if arguments.command != "tour" and getattr(arguments, "out", None):
        from engine.files.atomic import check_place

        check_place(arguments.out)
    name = f"do_{arguments.command.replace('-', '_')}"
    home = import_module(f"app.{_HOMES.get(arguments.command, 'cli_commands')}")
    command: Callable[[argparse.Namespace], int] = getattr(home, name)
    return command(arguments)


def _window(argv: list[str]) -> int:
    """Open the window, with a session file where one is named."""
    if len(argv) > 1:
        raise UsageError(f"at most one file can be opened, got {len(argv)}")
    if argv and not Path(argv[0]).exists():
        close = get_close_matches(argv[0], list(_COMMANDS), n=1)
        meant = f"; did you mean '{close[0]}'?" if close else ""
        raise UsageError(f"there is no command and no file '{argv[0]}'{meant}")
    from app import display

    if words := display.problem():
        raise UsageError(
            f"{words}; 'python main.py tour --out out' takes a "
            "tour of it on a virtual screen, and 'python main.py --help' lists the commands that "
            "need none"
        )
    from app.application import run as open_window

    return open_window(argv)


# ------------------------------------------------------------------------------ arguments


def number(text: str) -> float:
    """A number, arithmetic allowed."""
    from engine.equations.evaluate import number as evaluated

    try:
        return evaluated(text.strip())
    except EquationError as error:
        raise argparse.ArgumentTypeError(f"{error.message} (in '{text.strip()}')") from error


def whole(text: str) -> int:
    """A whole number from 0 on, such as a count or a seed."""
    value = number(text)
    if value != math.floor(value) or value < 0:
        raise argparse.ArgumentTypeError(f"expected a whole number from 0 on, got '{text.strip()}'")
    return int(value)


def numbers(text: str) -> list[float]:
    """Numbers separated by commas."""
    return [number(part) for part in text.split(",")]


def assignment(text: str) -> tuple[str, str]:
    """``name=value``."""
    name, equals, value = text.partition("=")
    if not equals or not name.strip() or not value.strip():
        raise argparse.ArgumentTypeError(f"expected name=value, got '{text}'")
    return name.strip(), value.strip()


def size(text: str) -> tuple[float, float]:
    """``160x120mm``; centimetres and inches too, millimetres where nothing is said."""
    match = re.fullmatch(r"([\d.]+)\s*[x×]\s*([\d.]+)\s*(mm|cm|in|)", text.strip().lower())
    try:
        if match is None:
            raise ValueError
        unit = {"mm": 1.0, "": 1.0, "cm": 10.0, "in": 25.4}[match[3]]
        return float(match[1]) * unit, float(match[2]) * unit
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"expected a size such as 160x120mm, got '{text.strip()}'"
        ) from None


def path_in(suffixes: tuple[str, ...]) -> Callable[[str], str]:
    """A path that ends in one of `suffixes`."""

    def checked(text: str) -> str:
        if Path(text).suffix.lower() not in suffixes:
            few = " or ".join(filter(None, (", ".join(suffixes[:-1]), suffixes[-1])))
            raise argparse.ArgumentTypeError(f"'{text}' must end in {few}")
        return text

    return checked


_KEY = "an exhibit ('list' shows them), or a .toml or .ode file"


def _model(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("key", metavar="KEY", help=_KEY)
    parser.add_argument(
        "--set",
        metavar="NAME=VALUE",
        type=assignment,
        action="append",
        default=[],
        help="a parameter's value, such as rho=30 or beta=8/3; may be given again",
    )


def _seed(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--seed", type=whole, default=0, metavar="N", help="same seed, same numbers (default 0)"
    )


def _json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="one JSON list and nothing else")


def _picture(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--size",
        type=size,
        default=(160.0, 120.0),
        metavar="160x120mm",
        help="width and height (default 160x120mm)",
    )
    parser.add_argument(
        "--font-size", type=number, default=9.0, metavar="PT", help="points (default 9)"
    )
    parser.add_argument(
        "--dpi",
        type=number,
        default=300.0,
        metavar="N",
        help="pixels an inch of a PNG (default 300)",
    )
    parser.add_argument(
        "--theme",
        choices=("print", "dark"),
        default="print",
        help="light background or dark (default print)",
    )


def _list(parser: argparse.ArgumentParser) -> None:
    _json(parser)


def _show(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("key", metavar="KEY", help=_KEY)
    _json(parser)


def _simulate(parser: argparse.ArgumentParser) -> None:
    _model(parser)
    parser.add_argument(
        "--duration",
        type=number,
        metavar="T",
        help="time units, or iterations of a map (default 100)",
    )
    parser.add_argument("--step", type=number, metavar="H", help="time between two rows")
    parser.add_argument(
        "--method", metavar="NAME", help="such as rk4, dop853, rodas5p, yoshida4 or sra1"
    )
    parser.add_argument("--initial", type=numbers, metavar="X,Y,...", help="the initial state")
    parser.add_argument(
        "--transient", type=number, metavar="T", help="time discarded before the first row"
    )
    parser.add_argument(
        "--channel",
        default="",
        metavar="NAME",
        help="what is written, for exhibits that are no system",
    )
    _seed(parser)
    parser.add_argument(
        "--out",
        type=path_in((*DATA, ".hdf5")),
        metavar="FILE",
        help=".csv, .npz or .h5; CSV on standard output where absent",
    )


def _figure(parser: argparse.ArgumentParser) -> None:
    _model(parser)
    parser.add_argument(
        "--view",
        default="",
        metavar="KIND",
        help="attractor, phase_portrait, time_series, orbit_diagram, field or "
        "curves (default: the exhibit's first)",
    )
    parser.add_argument("--channel", default="", metavar="NAME", help="what the view shows")
    parser.add_argument(
        "--option",
        metavar="NAME=VALUE",
        type=assignment,
        action="append",
        default=[],
        help="an option of the view; may be given again",
    )
    parser.add_argument(
        "--duration", type=number, metavar="T", help="how far to run, on the exhibit's clock"
    )
    _seed(parser)
    _picture(parser)
    parser.add_argument(
        "--out", type=path_in(PICTURES), required=True, metavar="FILE", help=".pdf, .svg or .png"
    )


def _orbit_diagram(parser: argparse.ArgumentParser) -> None:
    _model(parser)
    parser.add_argument("--parameter", metavar="NAME", help="runs along the columns")
    parser.add_argument("--range", type=number, nargs=2, metavar=("LOW", "HIGH"))
    parser.add_argument(
        "--columns", type=whole, default=2000, metavar="N", help="parameter values (default 2000)"
    )
    parser.add_argument("--variable", metavar="NAME", help="is sampled")
    parser.add_argument(
        "--transient", type=number, metavar="T", help="time or iterations discarded"
    )
    parser.add_argument("--keep", type=whole, metavar="N", help="samples of each column")
    parser.add_argument("--initial", type=numbers, metavar="X,Y,...", help="the initial state")
    _picture(parser)
    parser.add_argument(
        "--out",
        type=path_in((*DATA, ".hdf5", *PICTURES)),
        required=True,
        metavar="FILE",
        help=".npz, .csv, .h5, .png, .svg or .pdf",
    )


def _lyapunov(parser: argparse.ArgumentParser) -> None:
    _model(parser)
    parser.add_argument(
        "--duration",
        type=number,
        default=1000.0,
        metavar="T",
        help="time units, or iterations of a map (default 1000)",
    )
    parser.add_argument("--step", type=number, metavar="H", help="step of RK4 (default: chosen)")
    parser.add_argument("--initial", type=numbers, metavar="X,Y,...", help="the initial state")
    parser.add_argument("--transient", type=number, metavar="T", help="time discarded first")
    parser.add_argument("--count", type=whole, metavar="N", help="how many exponents")
    _seed(parser)
    _json(parser)


def _reference(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--quick", action="store_true", help="a second of work for each system")
    parser.add_argument("--only", nargs="+", metavar="KEY", help="these systems")
    parser.add_argument("--all", action="store_true", help="compute fresh rows again too")
    parser.add_argument("--jobs", type=whole, metavar="N", help="processes (default: all cores)")
    parser.add_argument(
        "--out", type=path_in((".json",)), metavar="FILE", help="another table than the built-in"
    )
    _seed(parser)
    _json(parser)


def _search(parser: argparse.ArgumentParser) -> None:
    _model(parser)
    parser.add_argument(
        "--wanted", type=whole, default=12, metavar="N", help="end after so many (default 12)"
    )
    parser.add_argument(
        "--most", type=whole, default=200_000, metavar="N", help="try so many (default 200000)"
    )
    parser.add_argument(
        "--around",
        type=number,
        metavar="S",
        help="near the values, with this deviation as a part of each range",
    )
    parser.add_argument("--free", metavar="A,B", help="parameters to vary (default: all)")
    _seed(parser)
    _json(parser)


def _convert(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("key", metavar="KEY", help="a system, or a .ode or .toml file")
    parser.add_argument(
        "--out", type=path_in((".toml", ".ode")), required=True, metavar="FILE", help="the new file"
    )


def _verify(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("keys", nargs="*", metavar="KEY", help="exhibits (default: all)")
    parser.add_argument("--quick", action="store_true", help="only claims that take seconds")
    _seed(parser)
    _json(parser)


def _tour(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", required=True, metavar="DIR", help="folder for the files")


def _prepare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--quick", action="store_true", help="only what the first pictures need: seconds"
    )


def _bench(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("names", nargs="*", metavar="NAME", help="benchmarks (default: all)")
    _json(parser)


_COMMANDS: dict[str, tuple[str, Callable[[argparse.ArgumentParser], None]]] = {
    "list": ("list what can be opened", _list),
    "show": ("show one exhibit: equations, parameters, claims", _show),
    "simulate": ("run an exhibit and write its numbers", _simulate),
    "figure": ("run an exhibit and draw a view of it", _figure),
    "orbit-diagram": ("where orbits go, over a parameter", _orbit_diagram),
    "lyapunov": ("Lyapunov exponents and Kaplan-Yorke dimension of a system", _lyapunov),
    "reference": ("compute the table of reference figures of all systems", _reference),
    "search": ("search for parameter values at which a system is chaotic", _search),
    "convert": ("write a system as TOML or as an XPPAUT file", _convert),
    "verify": ("measure the claims of exhibits on fresh runs", _verify),
    "prepare": ("compile, once for this machine, what all systems share", _prepare),
    "tour": ("open the window, use it, and leave pictures and data", _tour),
    "bench": ("measure the speed of this machine", _bench),
}

_HOMES = {
    "list": "cli_catalogue",
    "show": "cli_catalogue",
    "lyapunov": "cli_reference",
    "reference": "cli_reference",
    "search": "cli_search",
    "convert": "cli_files",
}
"""Command -> the module that does it, where that is not ``cli_commands``."""


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="phasescope",
        description="Explore dynamical systems. Without a command the window opens.",
        epilog="phasescope [FILE] opens the window, with a .phasescope session where one is named.",
    )
    from engine import __version__

    parser.add_argument("--version", action="version", version=f"phasescope {__version__}")
    commands = parser.add_subparsers(
        dest="command", metavar="COMMAND", required=True, parser_class=_Parser
    )
    for name, (words, declare) in _COMMANDS.items():
        declare(commands.add_parser(name, help=words, description=words.capitalize() + "."))
    return parser


# ------------------------------------------------------------------------------- progress


def drive(job: Job[Any]) -> Any:
    """Run a job to its end, with a bar on standard error where that is a terminal."""
    if not sys.stderr.isatty():
        return run(job)
    shown = -1

    def progress(partial: Partial[Any]) -> None:
        nonlocal shown
        share = int(40 * partial.fraction)
        if share != shown:
            shown = share
            bar = "█" * share + "░" * (40 - share)
            print(f"\r{bar} {partial.message[:36]:36}", end="", file=sys.stderr, flush=True)

    try:
        return run(job, progress)
    finally:
        print(f"\r{' ' * 78}\r", end="", file=sys.stderr, flush=True)
