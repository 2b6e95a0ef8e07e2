"""The ``@`` options of an XPPAUT file: which matter for the system, and what they mean.

Total time, step, method, bound, transient and the plotted variables say how a system is run
and looked at. Options of the program's own windows and of continuation are kept as they are.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from engine.errors import FileFormatError
from engine.files.xppaut.source import Line, failure
from engine.files.xppaut.statements import Entry

Option = float | str | tuple[str, ...] | dict[str, dict[str, str]]

METHODS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "d": ("discrete", "iterate"),
        "e": ("euler", "euler"),
        "m": ("modeuler", "rk4"),
        "r": ("rungekutta", "rk4"),
        "a": ("adams", "rk4"),
        "g": ("gear", "rodas5p"),
        "v": ("volterra", ""),
        "b": ("backeul", "rodas5p"),
        "q": ("qualrk", "tsit5"),
        "s": ("stiff", "rodas5p"),
        "c": ("cvode", "rodas5p"),
        "5": ("5dp", "tsit5"),
        "8": ("83dp", "dop853"),
        "2": ("2rb", "rodas5p"),
        "y": ("ymp", "yoshida4"),
    }
)
"""First character -> the method's name there, and the nearest of ours."""

_NUMBERS = {
    "total": "total",
    "dt": "dt",
    "bound": "bound",
    "bounds": "bound",
    "trans": "transient",
    "transient": "transient",
    "t0": "t0",
    "njmp": "nout",
    "nout": "nout",
    "delay": "delay",
    "tor_per": "tor_per",
    "tol": "tolerance",
    "toler": "tolerance",
    "atol": "absolute_tolerance",
    "atoler": "absolute_tolerance",
    "seed": "seed",
    "parmin": "parmin",
    "parmax": "parmax",
    "xlo": "xlo",
    "xhi": "xhi",
    "ylo": "ylo",
    "yhi": "yhi",
}
"""Option -> the name it has here; its value is a number."""
_PLOTTED = {"xp": "x", "xplot": "x", "yp": "y", "yplot": "y", "zp": "z", "zplot": "z"}


@dataclass
class Options:
    """Options with their defaults; `values` is what a `System` carries as ``options``."""

    values: dict[str, Option] = field(
        default_factory=lambda: {"total": 20.0, "dt": 0.05, "method": "rungekutta", "bound": 100.0}
    )
    plotted: dict[str, str] = field(default_factory=dict)
    folded: list[tuple[str, Line]] = field(default_factory=list)
    lines: dict[str, Line] = field(default_factory=dict)

    def number(self, name: str, default: float = 0.0) -> float:
        """An option that is a number."""
        return float(self.values.get(name, default))  # type: ignore[arg-type]

    @property
    def method(self) -> str:
        """The method's name in XPPAUT."""
        return str(self.values["method"])


def read_options(entries: Iterable[Entry], path: str) -> Options:
    """Read the options; a later one replaces an earlier one.

    Raises
    ------
    FileFormatError
        With the line, if a value cannot be used.
    """
    options = Options()
    for entry in entries:
        key, text = entry.key, entry.text
        if key in _NUMBERS:
            name = _NUMBERS[key]
            options.values[name] = _number(entry, path)
            options.lines[name] = entry.line
        elif key in ("meth", "method"):
            name, _ = METHODS.get(text[0].lower(), ("", ""))
            if not name:
                known = ", ".join(name for name, _ in METHODS.values())
                raise failure(f"there is no method {text!r}; there are {known}", path, entry.line)
            options.values["method"] = name
            options.lines["method"] = entry.line
        elif key in _PLOTTED:
            options.plotted[_PLOTTED[key]] = text.lower()
            options.values[f"{_PLOTTED[key]}_plot"] = text
        elif key == "fold":
            options.folded.append((text.lower(), entry.line))
        else:
            options.values[key] = text
    _check(options, path)
    return options


def _number(entry: Entry, path: str) -> float:
    try:
        value = float(entry.text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise failure(
            f"option '{entry.name}' must be a number, got {entry.text!r}", path, entry.line
        )
    return value


def _check(options: Options, path: str) -> None:
    def fail(message: str, name: str) -> FileFormatError:
        return failure(message, path, options.lines.get(name))

    step = options.number("dt")
    if step < 0:
        raise fail("a run backwards in time (dt < 0) is not supported", "dt")
    if step == 0:
        raise fail("dt must be positive", "dt")
    if options.number("bound") <= 0:
        raise fail("bound must be positive", "bound")
    # A negative total means that nothing is stored on the way; the time is the same.
    options.values["total"] = abs(options.number("total"))
    if options.number("total") == 0:
        raise fail("total must not be 0", "total")
    if options.number("transient") < 0:
        raise fail("trans must not be negative", "transient")
    if options.method == "volterra":
        raise fail("the Volterra method belongs to integral equations, not supported", "method")
