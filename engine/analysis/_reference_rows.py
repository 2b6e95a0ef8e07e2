"""Rows of the table of reference figures: what one holds, how it is written and checked.

Plain data: nothing here integrates. ``reference`` makes rows, ``widgets.reference_table``
shows them.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from types import MappingProxyType
from typing import Any

from engine.errors import FileFormatError
from engine.look import ASSETS
from engine.systems.system import KnownFigure, System

PLACE = ASSETS / "reference" / "spectra.json"
"""Where the table of the built-in systems is."""
GENERATOR = 3
"""Raised whenever rows of older versions must be computed again."""
COMPARED = ("lyapunov-largest", "kaplan-yorke", "divergence")
"""Quantities of published figures that stand beside ours."""
CERTAIN = 3.0
"""Standard errors within which two figures agree."""
CLOSE = 0.01
"""Share of a figure within which another agrees with it, whatever its error."""
_ROUNDING = 1e-8  # what is left of zero by the tolerance of the integration
_MAXIMUM_BYTES = 20_000_000
_FORMAT = 1


@dataclass(frozen=True)
class Comparison:
    """A published figure beside ours."""

    quantity: str
    theirs: float
    ours: float
    stderr: float
    source: str
    label: str = "published"
    values: Mapping[str, float | int | str] = field(default_factory=dict)

    @property
    def agrees(self) -> bool:
        """Whether they are within three standard errors or one per cent."""
        apart = abs(self.ours - self.theirs)
        error = self.stderr if math.isfinite(self.stderr) else 0.0
        # The size of rounding counts where the published figure is zero.
        return apart <= max(CERTAIN * error, CLOSE * abs(self.theirs), 1e-9)


@dataclass(frozen=True)
class Row:
    """Reference figures of one system at its default values.

    Attributes
    ----------
    digest : str
        Of the equations and defaults it was computed from; see `digest`.
    generator, version, quick, seed
        What made it: version of the generator and of the program, whether in the quick
        mode, from which seed.
    method, step, duration, transient
        How; see `engine.analysis.lyapunov_spectrum.LyapunovSpectrum`.
    rests : bool
        Whether the orbit ends at a fixed point, whose exponents these are.
    exponents, stderr : tuple of float
        Largest first, with standard errors.
    kaplan_yorke, kaplan_yorke_stderr, divergence : float
        Not a number where unknown.
    period : float or None
    period_how : str
        How the period was found, or why there is none.
    checks : mapping of str to bool
        Consistency checks by name: those of `CHECKS` that apply.
    known : tuple of Comparison
    failed : str
        Why there are no figures; empty where there are.
    """

    digest: str
    generator: int = GENERATOR
    version: str = ""
    quick: bool = True
    seed: int = 0
    method: str = ""
    step: float = math.nan
    duration: float = 0.0
    transient: float = 0.0
    rests: bool = False
    exponents: tuple[float, ...] = ()
    stderr: tuple[float, ...] = ()
    kaplan_yorke: float = math.nan
    kaplan_yorke_stderr: float = math.nan
    divergence: float = math.nan
    period: float | None = None
    period_how: str = ""
    checks: Mapping[str, bool] = field(default_factory=dict)
    known: tuple[Comparison, ...] = ()
    failed: str = ""

    @property
    def sound(self) -> bool:
        """Whether there are figures and every check holds."""
        return not self.failed and all(self.checks.values())

    def fresh(self, system: System) -> bool:
        """Whether it was computed from this very system by this generator."""
        return self.generator == GENERATOR and self.digest == digest(system)


CHECKS: Mapping[str, str] = MappingProxyType(
    {
        "sum": "Exponents sum to the mean divergence within 1 %",
        "zero": "One exponent is zero within three standard errors",
        "pairs": "Exponents come in pairs of opposite sign",
        "dimension": "Dimension between 0 and the number of variables",
    }
)
"""What every consistency check says."""


def checks(
    row: Row, dimension: int, *, complete: bool, runs_on: bool, hamiltonian: bool
) -> dict[str, bool]:
    """Which consistency checks apply to a row, and whether they hold.

    Parameters
    ----------
    row : Row
    dimension : int
        Number of variables; infinite for delays.
    complete : bool
        Whether the whole spectrum is there.
    runs_on : bool
        Whether the system is a flow without forcing that does not rest, so that moving
        along the orbit neither grows nor shrinks.
    hamiltonian : bool
        Where the divergence is not zero all the same, the equations are Hamiltonian in a
        part of the space only, and nothing has to pair.
    """
    found: dict[str, bool] = {}
    largest = max((abs(value) for value in row.exponents if math.isfinite(value)), default=0.0)
    if complete and math.isfinite(row.divergence):
        apart = abs(sum(row.exponents) - row.divergence)
        # Where volume is kept the exponents themselves say what one per cent is of.
        sizes = sum(map(abs, row.exponents))
        found["sum"] = apart <= max(CLOSE * abs(row.divergence), 0.001 * sizes, _ROUNDING)
    pairs = list(zip(row.exponents, row.stderr, strict=True))
    if runs_on:
        found["zero"] = any(
            abs(value) <= max(CERTAIN * error, 1e-6 * largest) for value, error in pairs
        )
    if hamiltonian and complete and abs(row.divergence) <= 1e-4 * max(1.0, largest):
        found["pairs"] = all(
            abs(a + b) <= max(CERTAIN * (p + q), 1e-3 * largest, _ROUNDING)
            for (a, p), (b, q) in zip(pairs, reversed(pairs), strict=True)
        )
    if math.isfinite(row.kaplan_yorke):
        found["dimension"] = 0.0 <= row.kaplan_yorke <= dimension
    return found


def compared(known: KnownFigure) -> bool:
    """Whether a published figure is one that stands beside ours."""
    return known.quantity in COMPARED


def with_error(value: float, error: float) -> str:
    """A figure and its error, to the digits that the error allows.

    >>> with_error(0.905647, 0.00213)
    '0.9056 ± 0.0021'
    """
    if not math.isfinite(value):
        return str(value)
    if not (math.isfinite(error) and error > 0.0):
        return f"{value:.7g}"
    digits = max(0, min(12, 1 - math.floor(math.log10(error))))
    if digits > 8:
        return f"{value if abs(value) > 0.01 * error else 0.0:.8g} ± {error:.1e}"
    # Adding zero takes the sign from a value that rounds to nothing.
    return f"{round(value, digits) + 0.0:.{digits}f} ± {error:.{digits}f}"


# --------------------------------------------------------------------------- the digest


_CONTENT = (
    "kind",
    "variables",
    "initial",
    "equations",
    "quantities",
    "functions",
    "families",
    "edges",
    "arrays",
    "tables",
    "noise",
    "interpretation",
    "history",
    "events",
)


def digest(system: System) -> str:
    """Content hash of everything the figures of a system depend on.

    Texts as they are written, defaults, initial state, how it is run, and the published
    figures; titles, ranges and notes do not count.
    """
    content: dict[str, Any] = {name: getattr(system, name, None) for name in _CONTENT}
    content["parameters"] = {name: row.default for name, row in system.parameters.items()}
    content["run"] = [system.run.method, system.run.step, system.run.length]
    content["run"] += [system.run.transient, system.run.bound]
    content["known"] = [known for known in system.known if compared(known)]
    text = json.dumps(content, sort_keys=True, default=_plain)
    return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()[:16]


def _plain(value: Any) -> Any:
    """Mappings and dataclasses as what JSON knows."""
    if isinstance(value, Mapping):
        return dict(value)
    if hasattr(value, "__dataclass_fields__"):
        return {name.name: getattr(value, name.name) for name in fields(value)}
    return repr(value)


# ----------------------------------------------------------------------------- the file


def read(path: Path = PLACE) -> dict[str, Row]:
    """The rows of a table by key; none where there is no such file.

    Raises
    ------
    FileFormatError
        If the file cannot be read as such a table.
    """
    try:
        with path.open("rb") as file:
            content = file.read(_MAXIMUM_BYTES + 1)
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise FileFormatError(f"it cannot be read: {error.strerror}", str(path)) from None
    if len(content) > _MAXIMUM_BYTES:
        raise FileFormatError(f"a table may have {_MAXIMUM_BYTES:,} bytes", str(path))
    try:
        data = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise FileFormatError(f"this is no JSON: {error}", str(path)) from None
    if not isinstance(data, dict) or data.get("format") != _FORMAT:
        raise FileFormatError(
            f"this is no table of reference figures of format {_FORMAT}", str(path)
        )
    rows = data.get("systems")
    if not isinstance(rows, dict):
        raise FileFormatError("must be a table", str(path), "systems")
    return {str(key): _row(row, str(path), f"systems.{key}") for key, row in rows.items()}


def write(rows: Mapping[str, Row], path: Path = PLACE) -> None:
    """Write a table, one line a system, under a temporary name first."""
    from engine.files.atomic import write_bytes

    lines = (
        f"{json.dumps(key)}: {json.dumps(_written(row), ensure_ascii=False, allow_nan=False)}"
        for key, row in sorted(rows.items())
    )
    text = f'{{"format": {_FORMAT}, "systems": {{\n' + ",\n".join(lines) + "\n}}\n"
    path.parent.mkdir(parents=True, exist_ok=True)
    write_bytes(path, text.encode("utf-8"))


_EMPTY = Row("")
_NUMBERS = ("step", "duration", "transient", "kaplan_yorke", "kaplan_yorke_stderr", "divergence")


def _written(row: Row) -> dict[str, Any]:
    """A row as JSON knows it, without what is as in an empty one."""
    out = {
        name: _number(value)
        for name, value in asdict(row).items()
        if _number(value) != _number(getattr(_EMPTY, name)) or name in ("digest", "generator")
    }
    out["known"] = [
        {name: _number(value) for name, value in figure.items() if value != {}}
        for figure in map(vars, row.known)
    ]
    if not row.known:
        del out["known"]
    return out


def _number(value: Any) -> Any:
    """Numbers in seven figures; those that JSON has no word for as texts."""
    if isinstance(value, Mapping):
        return {name: _number(inner) for name, inner in value.items()}
    if isinstance(value, (tuple, list)):
        return [_number(inner) for inner in value]
    if isinstance(value, float):
        return float(f"{value:.7g}") if math.isfinite(value) else str(value)
    return value


def _row(data: Any, path: str, where: str) -> Row:
    """A row from JSON.

    Raises
    ------
    FileFormatError
        If a field is unknown or of another type.
    """
    if not isinstance(data, dict):
        raise FileFormatError("must be a table", path, where)
    names = {name.name for name in fields(Row)}
    for name in data:
        if name not in names:
            raise FileFormatError("there is no such field", path, f"{where}.{name}")
    try:
        given = dict(data)
        for name in _NUMBERS:
            given[name] = float(given.get(name, getattr(_EMPTY, name)))
        for name in ("exponents", "stderr"):
            given[name] = tuple(map(float, _sequence(given.get(name, ()))))
        if given.get("period") is not None:
            given["period"] = float(given["period"])
        given["checks"] = {
            str(name): bool(value) for name, value in dict(given.get("checks", {})).items()
        }
        given["known"] = tuple(_comparison(figure) for figure in _sequence(given.get("known", ())))
        row = Row(**given)
    except (TypeError, ValueError, KeyError) as error:
        raise FileFormatError(f"cannot be read: {error}", path, where) from None
    if len(row.exponents) != len(row.stderr):
        raise FileFormatError("must have an error for every exponent", path, f"{where}.stderr")
    return row


def _sequence(value: Any) -> Iterable[Any]:
    if not isinstance(value, (list, tuple)):
        raise ValueError(f"expected a list, got {type(value).__name__}")
    return value


def _comparison(data: Any) -> Comparison:
    given = dict(data)
    for name in ("theirs", "ours", "stderr"):
        given[name] = float(given[name])
    for name in ("quantity", "source"):
        if not isinstance(given.get(name), str):
            raise ValueError(f"{name} must be a text")
    given["values"] = dict(given.get("values", {}))
    return Comparison(**given)
