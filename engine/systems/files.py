"""System files: TOML text to `System` and back, checked field by field.

A file in ``assets/systems`` or in a person's own folder is data; its equations are read by
our grammar and nothing in it is evaluated. Every field is checked, an unknown one is refused
with the one that was probably meant, and the file and the field at fault are named.

The file::

    title = "Lorenz"              # required, as are kind, [variables] and [equations]
    kind = "flow"                 # "map", "sde" (with noise) or "dde" (with delays)
    year, family, tags, summary, notes, axes
    noise = ["w", "u[N]"]         # white noises; interpretation = "ito" or "stratonovich"

    [variables]                   # name = initial value; arithmetic in quotes is allowed
                                  # "x[N]" = "text in i": a family x0, x1, ...
    [equations]                   # name = "text", one for every variable; "x[i]" = "text in i"
    [periods]                     # name = what a whole turn is, of an angle: "2*pi"
    [edges]                       # family = "wrap", "zero", "hold" or "reflect"
    [quantities]                  # name = "text", usable in the equations; "r[i < N]" = "text"
    [functions]                   # "f(u, v)" = "text"
    [symbols]                     # name = LaTeX, where the name does not say it
    [parameters.rho]              # default (required), low, high, scale, symbol, unit, help,
                                  # size = true where it says how many variables there are
    [arrays.K]                    # values = [[..], ..], or shape = ["N", "N"] and value = "text
                                  # in i, j"; random = "normal" or "uniform" and seed give r
    [tables.f]                    # low, high, values = [..]: f(u), linear between them
    [history]                     # name = "text in t", before the start of a system with delays
    [[events]]                    # when = "text", direction, set = {name = "text"}, terminal
    [variants.other]              # note, values, variables, equations, quantities, functions
    [run]                         # method, step, length, transient, bound, speed
    [orbit_diagram]               # parameter, low, high, variable
    [[presets]]                   # title, values = {..}, initial = {..}, summary
    [[references]]                # authors, year, title, source, doi
    [[known]]                     # quantity, value, tolerance, source, values = {..}, label
    [aliases]                     # collection = "name"
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from engine.errors import EquationError, FileFormatError, ParameterError, UnknownKeyError
from engine.exhibit import Parameter, Preset, Reference
from engine.systems.fields import paragraph, shown
from engine.systems.reading import GrownFields
from engine.systems.system import (
    KINDS,
    KnownFigure,
    OrbitDiagramDefaults,
    RunDefaults,
    System,
    SystemKind,
)
from engine.systems.writing import PARAMETER_FIELDS, RUN_FIELDS, to_toml

__all__ = ["Header", "check_run", "from_document", "from_text", "read", "read_header", "to_toml"]

MAXIMUM_BYTES = 1_000_000
_TOP = (
    "title",
    "kind",
    "year",
    "family",
    "tags",
    "summary",
    "notes",
    "axes",
    "variables",
    "equations",
    "quantities",
    "functions",
    "symbols",
    "parameters",
    "run",
    "orbit_diagram",
    "presets",
    "references",
    "known",
    "aliases",
    "noise",
    "interpretation",
    "edges",
    "periods",
    "arrays",
    "tables",
    "history",
    "events",
    "variants",
)
_LONG_KEY = re.compile(r"""(?<![\w.-])(?:(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+){50}""")
"""Dotted names nested so deeply that the TOML reader takes minutes over them."""
_FIRST_TABLE = re.compile(r"^\s*\[", re.MULTILINE)
MAXIMUM_LENGTH = 10_000_000
_RUNS = {
    "flow": RunDefaults(),
    "map": RunDefaults("iterate", 1.0, 40_000, 1000.0, 1e6, 20.0),
    "sde": RunDefaults("euler-maruyama"),
    "dde": RunDefaults("steps-rk4"),
}
_LABELS = ("exact", "published", "estimate", "qualitative", "not verified")


@dataclass(frozen=True)
class Header:
    """What a list shows of a system."""

    key: str
    title: str
    kind: str
    year: int | None
    family: str
    tags: tuple[str, ...]
    summary: str


def read(path: Path, key: str = "", *, check: bool = True) -> System:
    """Read a system file.

    Parameters
    ----------
    path : Path
    key : str
        The system's key; the file's name without suffix where empty.
    check : bool
        False leaves the equations unread until they are needed: for built-in files.

    Raises
    ------
    FileFormatError
        If the file is too large, no UTF-8, no TOML, or says something that is not understood.
    """
    return from_text(_text(path), key or path.stem, str(path), check=check)


def read_header(path: Path, key: str = "") -> Header:
    """Read the fields before the first table of a system file, in a tenth of the time.

    Raises
    ------
    FileFormatError
        As `read`, for those fields.
    """
    text = _text(path)
    top = _FIRST_TABLE.split(text, maxsplit=1)[0]
    try:
        data = tomllib.loads(top)
    except ValueError:
        # A line of a long text may begin like a table; then all of it is read.
        data = _document(text, str(path))
    reader = _Reader(data, key or path.stem, str(path))
    return Header(
        reader.key,
        reader.text(data, "title", required=True),
        reader.kind(),
        reader.year(data, "year"),
        reader.text(data, "family"),
        reader.words(data, "tags"),
        paragraph(reader.text(data, "summary")),
    )


def from_text(text: str, key: str, path: str = "", *, check: bool = True) -> System:
    """A system from the text of a file.

    Parameters
    ----------
    text : str
        TOML; see the module docstring.
    key : str
        The system's key.
    path : str
        Named in errors; `key` where empty.
    check : bool
        Whether the equations are read at once.

    Raises
    ------
    FileFormatError
        With path and field, whatever is wrong; caused by an `EquationError` with line and
        column where it is an equation.
    """
    return from_document(_document(text, path or key), key, path, check=check)


def from_document(
    document: dict[str, Any], key: str, path: str = "", *, check: bool = True
) -> System:
    """A system from the document of a file; see `from_text`."""
    reader = _Reader(document, key, path or key)
    system = reader.system()
    if check:
        reader.check_equations(system)
    return system


def check_run(system: System) -> None:
    """Refuse what no run could begin with.

    Raises
    ------
    UnknownKeyError, ParameterError
        If there is no such method, or it does not suit the system.
    EquationError
        If a delay is negative or no finite number.
    """
    from engine.integrate.methods import checked_method

    checked_method(system, system.run.method)
    if system.delayed:
        system.model.lags(system.values())


def _text(path: Path) -> str:
    try:
        if not path.is_file():
            raise FileFormatError("there is no such file", str(path))
        with path.open("rb") as file:
            content = file.read(MAXIMUM_BYTES + 1)
    except OSError as error:
        raise FileFormatError(f"it cannot be read: {error.strerror}", str(path)) from None
    if len(content) > MAXIMUM_BYTES:
        raise FileFormatError(f"a system file may have {MAXIMUM_BYTES:,} bytes", str(path))
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise FileFormatError(f"this is no UTF-8 text (byte {error.start})", str(path)) from None


def _document(text: str, path: str) -> dict[str, Any]:
    if len(text) > MAXIMUM_BYTES:
        raise FileFormatError(
            f"a system may have {MAXIMUM_BYTES:,} characters, this has {len(text):,}", path
        )
    try:
        text.encode()
    except UnicodeEncodeError as error:
        line = text.count("\n", 0, error.start) + 1
        raise FileFormatError(f"line {line}: half a letter stands there", path) from None
    if (key := _LONG_KEY.search(text)) is not None:
        line = text.count("\n", 0, key.start()) + 1
        raise FileFormatError(f"line {line}: this is nested too deeply", path)
    try:
        return tomllib.loads(text)
    except ValueError as error:
        raise FileFormatError(f"this is no TOML: {error}", path) from None
    except RecursionError:
        raise FileFormatError("this is nested too deeply", path) from None


class _Reader(GrownFields):
    """Takes a system out of a TOML document."""

    def system(self) -> System:
        data = self.data
        self.known_fields(data, _TOP, "")
        kind = self.kind()
        self.check_kind(kind)
        equations = self.texts(data, "equations", required=True)
        parameters = self.parameters()
        sizes = {name: int(row.default) for name, row in parameters.items() if row.size}
        initial, definitions, families = self.variables(parameters, sizes)
        variables = tuple(initial)
        noise_definitions, noise_families, noise = self.noise(sizes)
        return System(
            key=self.key,
            title=self.text(data, "title", required=True),
            kind=kind,
            variables=variables,
            equations=MappingProxyType(equations),
            parameters=MappingProxyType(parameters),
            initial=tuple(initial.values()),
            quantities=MappingProxyType(self.texts(data, "quantities")),
            functions=MappingProxyType(self.texts(data, "functions")),
            symbols=MappingProxyType(
                {name: row.symbol for name, row in parameters.items() if row.symbol}
                | self.texts(data, "symbols")
            ),
            year=self.year(data, "year"),
            family=self.text(data, "family"),
            summary=paragraph(self.text(data, "summary")),
            notes=paragraph(self.text(data, "notes")),
            tags=self.words(data, "tags"),
            run=self.run(kind),
            orbit_diagram=self.orbit_diagram(variables, parameters),
            axes=self.axes(variables),
            presets=self.presets(variables, parameters),
            references=self.references(),
            known=self.known(parameters),
            aliases=MappingProxyType(self.texts(data, "aliases")),
            family_definitions=MappingProxyType(definitions),
            families=MappingProxyType(families),
            edges=MappingProxyType(self.edges(families)),
            periods=MappingProxyType(self.periods((*variables, *families))),
            arrays=MappingProxyType(self.arrays(parameters, sizes)),
            tables=MappingProxyType(self.lookup_tables()),
            noise_definitions=MappingProxyType(noise_definitions),
            noise_families=MappingProxyType(noise_families),
            noise=noise,
            interpretation=self.text(data, "interpretation") or "ito",
            history=MappingProxyType(self.texts(data, "history")),
            events=self.events(variables),
            variants=MappingProxyType(self.variants(parameters)),
        )

    def check_equations(self, system: System) -> None:
        try:
            _ = system.model
        except EquationError as error:
            where = "equations" if error.text else ""
            raise self.fail(
                f"{error}\n{error.picture()}" if error.text else str(error), where
            ) from error
        self.check_run(system)
        self.check_start(system)
        for key in system.variants:
            try:
                _ = system.variant(key).model
            except FileFormatError as error:
                raise self.fail(
                    str(error).removeprefix(f"{error.path}: "), f"variants.{key}"
                ) from error
            except EquationError as error:
                raise self.fail(str(error), f"variants.{key}") from error

    def check_start(self, system: System) -> None:
        from engine.systems.start import troubles

        for trouble in troubles(system):
            where = f"equations.{trouble.head}" if trouble.head else f"events[{trouble.event}].when"
            raise self.fail(trouble.sentence, where)

    def check_run(self, system: System) -> None:
        try:
            check_run(system)
        except (ParameterError, UnknownKeyError) as error:
            raise self.fail(str(error), "run.method") from error
        except EquationError as error:
            raise self.fail(error.message, "equations") from error

    def kind(self) -> SystemKind:
        kind = self.text(self.data, "kind", required=True)
        for known in KINDS:
            if kind == known:
                return known
        raise self.fail(f"must be one of {', '.join(KINDS)}, got {shown(kind)}", "kind")

    def parameters(self) -> dict[str, Parameter]:
        rows = {}
        for name, row in self.table(self.data, "parameters").items():
            where = f"parameters.{name}"
            if not isinstance(row, dict):
                raise self.fail(f"must be a table with a default, got {shown(row)}", where)
            self.known_fields(row, PARAMETER_FIELDS, where)
            if "default" not in row:
                raise self.fail("is missing", f"{where}.default")
            default = self.number(row["default"], f"{where}.default")
            reach = abs(default) or 1.0
            low = self.number(
                row.get("low", 0.0 if default > 0 else default - reach), f"{where}.low"
            )
            top = max(0.0 if default < 0 else default + reach, low + reach)
            high = self.number(row.get("high", top), f"{where}.high")
            if not low < high:
                raise self.fail(f"low must be less than high, got {low} and {high}", where)
            scale = self.text(row, "scale", where) or "linear"
            if scale not in ("linear", "log", "integer"):
                raise self.fail(f"must be linear, log or integer, got {scale!r}", f"{where}.scale")
            if scale == "log" and low <= 0:
                raise self.fail(f"a log scale needs low > 0, got {low}", f"{where}.low")
            size = row.get("size", False)
            if not isinstance(size, bool):
                raise self.fail(f"must be true or false, got {shown(size)}", f"{where}.size")
            if size and (scale != "integer" or default != int(default) or default < 1):
                raise self.fail(
                    'a size needs scale = "integer" and a whole default of at least 1', where
                )
            rows[name] = Parameter(
                name,
                int(default) if size else default,
                low,
                high,
                self.text(row, "symbol", where),
                scale,  # type: ignore[arg-type]
                self.text(row, "unit", where),
                self.text(row, "help", where),
                live=not size,
                size=size,
            )
        return rows

    def run(self, kind: str) -> RunDefaults:
        row = self.table(self.data, "run")
        self.known_fields(row, RUN_FIELDS, "run")
        base = _RUNS[kind]
        values: dict[str, Any] = {}
        for name in RUN_FIELDS:
            if name == "method":
                values[name] = self.text(row, "method", "run") or base.method
                continue
            value = self.number(row.get(name, getattr(base, name)), f"run.{name}")
            if value < 0 or (value == 0 and name != "transient"):
                raise self.fail(f"must be positive, got {value:g}", f"run.{name}")
            if name == "length" and (value != int(value) or value > MAXIMUM_LENGTH):
                raise self.fail(
                    f"must be a whole number up to {MAXIMUM_LENGTH:,}, got {value:g}", "run.length"
                )
            values[name] = int(value) if name == "length" else value
        return RunDefaults(**values)

    def orbit_diagram(
        self, variables: tuple[str, ...], parameters: Mapping[str, Parameter]
    ) -> OrbitDiagramDefaults:
        row = self.table(self.data, "orbit_diagram")
        self.known_fields(row, ("parameter", "low", "high", "variable"), "orbit_diagram")
        if not parameters:
            if row:
                raise self.fail("there is no parameter to draw it over", "orbit_diagram")
            return OrbitDiagramDefaults(variable=variables[0])
        first = next(iter(parameters))
        parameter = self.text(row, "parameter", "orbit_diagram") or first
        variable = self.text(row, "variable", "orbit_diagram") or variables[0]
        self.one_of(parameter, parameters, "parameter", "orbit_diagram.parameter")
        self.one_of(variable, variables, "variable", "orbit_diagram.variable")
        slider = parameters[parameter]
        low = self.number(row.get("low", slider.low), "orbit_diagram.low")
        high = self.number(row.get("high", slider.high), "orbit_diagram.high")
        if not low < high:
            raise self.fail(f"low must be less than high, got {low} and {high}", "orbit_diagram")
        return OrbitDiagramDefaults(parameter, low, high, variable)

    def axes(self, variables: tuple[str, ...]) -> tuple[str, ...]:
        axes = self.words(self.data, "axes")
        for name in axes:
            self.one_of(name, variables, "variable", "axes")
        return axes or variables[:3]

    def presets(
        self, variables: tuple[str, ...], parameters: Mapping[str, Parameter]
    ) -> tuple[Preset, ...]:
        found = []
        for i, row in enumerate(self.tables("presets")):
            where = f"presets[{i}]"
            self.known_fields(row, ("title", "values", "initial", "summary"), where)
            values = self.numbers(row.get("values", {}), parameters, f"{where}.values")
            values |= self.numbers(
                row.get("initial", {}), variables, f"{where}.initial", "initial."
            )
            found.append(
                Preset(
                    self.text(row, "title", where, required=True),
                    MappingProxyType(values),
                    paragraph(self.text(row, "summary", where)),
                )
            )
        return tuple(found)

    def references(self) -> tuple[Reference, ...]:
        found = []
        for i, row in enumerate(self.tables("references")):
            where = f"references[{i}]"
            self.known_fields(row, ("authors", "year", "title", "source", "doi"), where)
            year = self.year(row, "year", where)
            if year is None:
                raise self.fail("is missing", f"{where}.year")
            found.append(
                Reference(
                    self.text(row, "authors", where, required=True),
                    year,
                    self.text(row, "title", where, required=True),
                    self.text(row, "source", where),
                    self.text(row, "doi", where),
                )
            )
        return tuple(found)

    def known(self, parameters: Mapping[str, Parameter]) -> tuple[KnownFigure, ...]:
        found = []
        for i, row in enumerate(self.tables("known")):
            where = f"known[{i}]"
            self.known_fields(
                row, ("quantity", "value", "tolerance", "source", "values", "label"), where
            )
            label = self.text(row, "label", where) or "published"
            self.one_of(label, _LABELS, "label", f"{where}.label")
            for name in ("value", "tolerance"):
                if name not in row:
                    raise self.fail("is missing", f"{where}.{name}")
            found.append(
                KnownFigure(
                    self.text(row, "quantity", where, required=True),
                    self.number(row["value"], f"{where}.value"),
                    self.number(row["tolerance"], f"{where}.tolerance"),
                    self.text(row, "source", where, required=True),
                    MappingProxyType(
                        self.numbers(row.get("values", {}), parameters, f"{where}.values")
                    ),
                    label,
                )
            )
        return tuple(found)
