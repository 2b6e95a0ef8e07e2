"""System files: TOML text to `System` and back, checked field by field.

A file in ``assets/systems`` or in a person's own folder is data; its equations are read by
our grammar and nothing in it is evaluated. Every field is checked, an unknown one is refused
with the one that was probably meant, and the file and the field at fault are named.

The file::

    title = "Lorenz"              # required, as are kind, [variables] and [equations]
    kind = "flow"                 # or "map"
    year, family, tags, summary, notes, axes

    [variables]                   # name = initial value; arithmetic in quotes is allowed
    [equations]                   # name = "text", one for every variable
    [quantities]                  # name = "text", usable in the equations
    [functions]                   # "f(u, v)" = "text"
    [symbols]                     # name = LaTeX, where the name does not say it
    [parameters.rho]              # default (required), low, high, scale, symbol, unit, help
    [run]                         # method, step, length, transient, bound, speed
    [orbit_diagram]               # parameter, low, high, variable
    [[presets]]                   # title, values = {..}, initial = {..}, summary
    [[references]]                # authors, year, title, source, doi
    [[known]]                     # quantity, value, tolerance, source, values = {..}, label
    [aliases]                     # collection = "name"
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path
from types import MappingProxyType
from typing import Any

from engine.equations.evaluate import number
from engine.errors import EquationError, FileFormatError
from engine.exhibit import Parameter, Preset, Reference, Value
from engine.systems.system import KnownFigure, OrbitDiagramDefaults, RunDefaults, System

MAXIMUM_BYTES = 1_000_000
_TOP = (
    "title", "kind", "year", "family", "tags", "summary", "notes", "axes", "variables",
    "equations", "quantities", "functions", "symbols", "parameters", "run", "orbit_diagram",
    "presets", "references", "known", "aliases",
)
_PARAMETER = ("default", "low", "high", "scale", "symbol", "unit", "help")
_RUN = ("method", "step", "length", "transient", "bound", "speed")
_LABELS = ("exact", "published", "estimate", "qualitative", "not verified")


def read(path: Path) -> System:
    """Read a system file; the key is the file's name without suffix.

    Raises
    ------
    FileFormatError
        If the file is too large, no UTF-8, no TOML, or says something that is not understood.
    """
    try:
        if path.stat().st_size > MAXIMUM_BYTES:
            raise FileFormatError(
                f"a system file may have {MAXIMUM_BYTES:,} bytes, this has "
                f"{path.stat().st_size:,}", str(path))
        text = path.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise FileFormatError(f"this is no UTF-8 text (byte {error.start})", str(path)) from None
    except OSError as error:
        raise FileFormatError(f"it cannot be read: {error.strerror}", str(path)) from None
    return from_text(text, path.stem, str(path))


def from_text(text: str, key: str, path: str = "") -> System:
    """A system from the text of a file.

    Parameters
    ----------
    text : str
        TOML; see the module docstring.
    key : str
        The system's key.
    path : str
        Named in errors.

    Raises
    ------
    FileFormatError
        With path and field, whatever is wrong.
    """
    if len(text) > MAXIMUM_BYTES:
        raise FileFormatError(
            f"a system may have {MAXIMUM_BYTES:,} characters, this has {len(text):,}", path)
    try:
        data = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, ValueError) as error:
        raise FileFormatError(f"this is no TOML: {error}", path) from None
    except RecursionError:
        raise FileFormatError("this is nested too deeply", path) from None
    return _Reader(data, key, path or key).system()


class _Reader:
    """Takes checked fields out of a TOML document."""

    def __init__(self, data: dict[str, Any], key: str, path: str) -> None:
        self.data = data
        self.key = key
        self.path = path

    def fail(self, message: str, where: str) -> FileFormatError:
        return FileFormatError(message, self.path, where)

    def system(self) -> System:
        data = self.data
        self.known_fields(data, _TOP, "")
        kind = self.text(data, "kind", required=True)
        if kind not in ("flow", "map"):
            raise self.fail(f"must be 'flow' or 'map', got {kind!r}", "kind")
        variables = self.table(data, "variables", required=True)
        initial = tuple(self.number(value, f"variables.{name}")
                        for name, value in variables.items())
        equations = self.texts(data, "equations", required=True)
        parameters = self.parameters()
        system = System(
            key=self.key,
            title=self.text(data, "title", required=True),
            kind=kind,  # type: ignore[arg-type]
            variables=tuple(variables),
            equations=MappingProxyType(equations),
            parameters=MappingProxyType(parameters),
            initial=initial,
            quantities=MappingProxyType(self.texts(data, "quantities")),
            functions=MappingProxyType(self.texts(data, "functions")),
            symbols=MappingProxyType(
                {name: row.symbol for name, row in parameters.items() if row.symbol}
                | self.texts(data, "symbols")
            ),
            year=self.year(data, "year"),
            family=self.text(data, "family"),
            summary=_paragraph(self.text(data, "summary")),
            notes=_paragraph(self.text(data, "notes")),
            tags=self.words(data, "tags"),
            run=self.run(kind),
            orbit_diagram=self.orbit_diagram(tuple(variables), parameters),
            axes=self.axes(tuple(variables)),
            presets=self.presets(tuple(variables), parameters),
            references=self.references(),
            known=self.known(parameters),
            aliases=MappingProxyType(self.texts(data, "aliases")),
        )
        try:
            _ = system.model
        except EquationError as error:
            where = "equations" if error.text else ""
            raise self.fail(f"{error}\n{error.picture()}" if error.text else str(error),
                            where) from error
        return system

    # -- fields ------------------------------------------------------------------------------

    def known_fields(self, table: Mapping[str, Any], known: Iterable[str], where: str) -> None:
        known = tuple(known)
        for name in table:
            if name not in known:
                close = get_close_matches(str(name), known, 1)
                hint = f"did you mean '{close[0]}'?" if close else f"there are {', '.join(known)}"
                raise self.fail(f"there is no such field; {hint}", _join(where, str(name)))

    def text(self, table: Mapping[str, Any], name: str, where: str = "", *,
             required: bool = False) -> str:
        value = table.get(name, "")
        if not isinstance(value, str):
            raise self.fail(f"must be text, got {_shown(value)}", _join(where, name))
        if required and not value.strip():
            raise self.fail("is missing", _join(where, name))
        return value

    def number(self, value: Any, where: str) -> float:
        try:
            return number(value)
        except EquationError as error:
            raise self.fail(f"must be a finite number, got {_shown(value)} ({error.message})",
                            where) from None

    def numbers(self, value: Any, names: Iterable[str], where: str, prefix: str = "",
                ) -> dict[str, Value]:
        if not isinstance(value, dict):
            raise self.fail(f"must be a table name = number, got {_shown(value)}", where)
        self.known_fields(value, names, where)
        return {prefix + name: self.number(entry, _join(where, name))
                for name, entry in value.items()}

    def table(self, table: Mapping[str, Any], name: str, *, required: bool = False
              ) -> dict[str, Any]:
        value = table.get(name, {})
        if not isinstance(value, dict):
            raise self.fail(f"must be a table, got {_shown(value)}", name)
        if required and not value:
            raise self.fail("is missing or empty", name)
        return value

    def tables(self, name: str) -> list[dict[str, Any]]:
        value = self.data.get(name, [])
        if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
            raise self.fail(f"must be tables, each written [[{name}]]", name)
        return value

    def texts(self, table: Mapping[str, Any], name: str, *, required: bool = False
              ) -> dict[str, str]:
        found = self.table(table, name, required=required)
        for entry, value in found.items():
            if not isinstance(value, str):
                raise self.fail(f"must be text in quotes, got {_shown(value)}",
                                f"{name}.{entry}")
        return dict(found)

    def words(self, table: Mapping[str, Any], name: str) -> tuple[str, ...]:
        value = table.get(name, [])
        if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
            raise self.fail(f"must be a list of words, got {_shown(value)}", name)
        return tuple(value)

    def year(self, table: Mapping[str, Any], name: str, where: str = "") -> int | None:
        value = table.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.fail(f"must be a whole number, got {_shown(value)}", _join(where, name))
        return value

    # -- sections ----------------------------------------------------------------------------

    def parameters(self) -> dict[str, Parameter]:
        rows = {}
        for name, row in self.table(self.data, "parameters").items():
            where = f"parameters.{name}"
            if not isinstance(row, dict):
                raise self.fail(f"must be a table with a default, got {_shown(row)}", where)
            self.known_fields(row, _PARAMETER, where)
            if "default" not in row:
                raise self.fail("is missing", f"{where}.default")
            default = self.number(row["default"], f"{where}.default")
            low = self.number(row.get("low", min(0.0, 2 * default)), f"{where}.low")
            high = self.number(row.get("high", max(2 * default, low + 1.0)), f"{where}.high")
            if not low < high:
                raise self.fail(f"low must be less than high, got {low} and {high}", where)
            scale = self.text(row, "scale", where) or "linear"
            if scale not in ("linear", "log", "integer"):
                raise self.fail(f"must be linear, log or integer, got {scale!r}",
                                f"{where}.scale")
            if scale == "log" and low <= 0:
                raise self.fail(f"a log scale needs low > 0, got {low}", f"{where}.low")
            rows[name] = Parameter(
                name, default, low, high, self.text(row, "symbol", where),
                scale,  # type: ignore[arg-type]
                self.text(row, "unit", where), self.text(row, "help", where),
            )
        return rows

    def run(self, kind: str) -> RunDefaults:
        row = self.table(self.data, "run")
        self.known_fields(row, _RUN, "run")
        base = RunDefaults() if kind == "flow" else RunDefaults(
            "iterate", 1.0, 40_000, 1000.0, 1e6, 20.0)
        values: dict[str, Any] = {}
        for name in _RUN:
            if name == "method":
                values[name] = self.text(row, "method", "run") or base.method
                continue
            value = self.number(row.get(name, getattr(base, name)), f"run.{name}")
            if value < 0 or (value == 0 and name != "transient"):
                raise self.fail(f"must be positive, got {value:g}", f"run.{name}")
            values[name] = int(value) if name == "length" else value
        return RunDefaults(**values)

    def orbit_diagram(self, variables: tuple[str, ...], parameters: Mapping[str, Parameter]
                      ) -> OrbitDiagramDefaults:
        row = self.table(self.data, "orbit_diagram")
        self.known_fields(row, ("parameter", "low", "high", "variable"), "orbit_diagram")
        if not row and not parameters:
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

    def presets(self, variables: tuple[str, ...], parameters: Mapping[str, Parameter]
                ) -> tuple[Preset, ...]:
        found = []
        for i, row in enumerate(self.tables("presets")):
            where = f"presets[{i}]"
            self.known_fields(row, ("title", "values", "initial", "summary"), where)
            values = self.numbers(row.get("values", {}), parameters, f"{where}.values")
            values |= self.numbers(row.get("initial", {}), variables, f"{where}.initial",
                                   "initial.")
            found.append(Preset(self.text(row, "title", where, required=True),
                                MappingProxyType(values),
                                _paragraph(self.text(row, "summary", where))))
        return tuple(found)

    def references(self) -> tuple[Reference, ...]:
        found = []
        for i, row in enumerate(self.tables("references")):
            where = f"references[{i}]"
            self.known_fields(row, ("authors", "year", "title", "source", "doi"), where)
            year = self.year(row, "year", where)
            if year is None:
                raise self.fail("is missing", f"{where}.year")
            found.append(Reference(
                self.text(row, "authors", where, required=True), year,
                self.text(row, "title", where, required=True),
                self.text(row, "source", where), self.text(row, "doi", where)))
        return tuple(found)

    def known(self, parameters: Mapping[str, Parameter]) -> tuple[KnownFigure, ...]:
        found = []
        for i, row in enumerate(self.tables("known")):
            where = f"known[{i}]"
            self.known_fields(row, ("quantity", "value", "tolerance", "source", "values",
                                    "label"), where)
            label = self.text(row, "label", where) or "published"
            self.one_of(label, _LABELS, "label", f"{where}.label")
            for name in ("value", "tolerance"):
                if name not in row:
                    raise self.fail("is missing", f"{where}.{name}")
            found.append(KnownFigure(
                self.text(row, "quantity", where, required=True),
                self.number(row["value"], f"{where}.value"),
                self.number(row["tolerance"], f"{where}.tolerance"),
                self.text(row, "source", where, required=True),
                MappingProxyType(self.numbers(row.get("values", {}), parameters,
                                              f"{where}.values")),
                label))
        return tuple(found)

    def one_of(self, name: str, known: Iterable[str], what: str, where: str) -> None:
        names = tuple(known)
        if name not in names:
            raise self.fail(f"there is no {what} '{name}'; there are {', '.join(names)}", where)


def _join(where: str, name: str) -> str:
    return f"{where}.{name}" if where else name


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _paragraph(text: str) -> str:
    """Line ends become spaces, empty lines stay."""
    parts = [" ".join(part.split()) for part in text.replace("\r\n", "\n").split("\n\n")]
    return "\n\n".join(part for part in parts if part)


# ---------------------------------------------------------------- writing

def to_toml(system: System) -> str:
    """The text of a system's file; `from_text` of it gives an equal system."""
    lines: list[str] = []

    def put(name: str, value: Any) -> None:
        if value not in ("", None, (), []):
            lines.append(f"{_key(name)} = {_value(value)}")

    def section(header: str, rows: Mapping[str, Any]) -> None:
        if rows:
            lines.extend(["", header])
            for name, value in rows.items():
                put(name, value)

    for name in ("title", "kind", "year", "family", "tags", "summary", "notes", "axes"):
        put(name, getattr(system, name))
    section("[variables]", dict(zip(system.variables, system.initial, strict=True)))
    for name in ("equations", "quantities", "functions"):
        section(f"[{name}]", getattr(system, name))
    section("[symbols]", {name: text for name, text in system.symbols.items()
                          if name not in system.parameters
                          or system.parameters[name].symbol != text})
    for name, row in system.parameters.items():
        section(f"[parameters.{_key(name)}]", {
            field: getattr(row, field) for field in _PARAMETER
            if not (field == "scale" and row.scale == "linear")
        })
    section("[run]", {name: getattr(system.run, name) for name in _RUN})
    if system.orbit_diagram.parameter:
        section("[orbit_diagram]", vars(system.orbit_diagram))
    for preset in system.presets:
        values, initial = {}, {}
        for name, value in preset.values.items():
            if name.startswith("initial."):
                initial[name.removeprefix("initial.")] = value
            else:
                values[name] = value
        section("[[presets]]", {"title": preset.title, "values": values,
                                **({"initial": initial} if initial else {}),
                                "summary": preset.summary})
    for reference in system.references:
        section("[[references]]", vars(reference))
    for known in system.known:
        section("[[known]]", {name: getattr(known, name) for name in (
            "quantity", "value", "tolerance", "source", "values", "label")})
    section("[aliases]", system.aliases)
    return "\n".join([*lines, ""])


def _key(name: str) -> str:
    bare = name.replace("_", "").replace("-", "")
    return name if bare.isascii() and bare.isalnum() else _string(name)


_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r", "\b": "\\b",
            "\f": "\\f"}


def _string(text: str) -> str:
    return '"' + "".join(
        _ESCAPES.get(c, c if ord(c) >= 32 and ord(c) != 127 else f"\\u{ord(c):04x}")
        for c in text) + '"'


_WRITERS: tuple[tuple[type | tuple[type, ...], Callable[[Any], str]], ...] = (
    (str, _string),
    (int, str),
    (float, repr),
    (Mapping, lambda rows: "{ " + ", ".join(  # type: ignore[type-abstract]
        f"{_key(name)} = {_value(value)}" for name, value in rows.items()) + " }"),
    ((list, tuple), lambda items: f"[{', '.join(_value(item) for item in items)}]"),
)


def _value(value: Any) -> str:
    for kind, write in _WRITERS:
        if isinstance(value, kind):
            return write(value)
    raise TypeError(f"{type(value).__name__} cannot stand in a system file")
