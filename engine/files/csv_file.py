"""Tables as text: ``# key: value`` lines, a line of names, then numbers that read back exactly.

Every number is written in the fewest digits that give the same float64 again. Reading
takes our files and any other comma-separated table of numbers with or without a line of
names; nothing in a file is evaluated.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from engine.errors import FileFormatError
from engine.files.provenance import Provenance
from engine.files.table import KINDS, Table, TableKind, checked

MARK = "phasescope"
_CHUNK = 8192
"""Rows turned into text at a time: about 20 ms of work."""


def header(table: Table) -> str:
    """The ``# key: value`` lines and, for rows and diagrams, the line of names."""
    lines = [f"# {MARK}: {table.kind}"]
    if table.provenance is not None:
        for key, value in table.provenance.as_dict().items():
            text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
            lines.append(f"# {key}: {' '.join(text.split())}")
    names = io.StringIO()
    csv.writer(names, lineterminator="").writerow(table.names)
    if table.kind == "field":
        lines.append(f"# names: {names.getvalue()}")
        lines += [
            f"# {axis}: {json.dumps(table.arrays[axis].tolist())}"
            for axis in ("x", "y")
            if axis in table.arrays
        ]
    else:
        lines.append(names.getvalue())
    return "\n".join(lines) + "\n"


def write(path: Path, table: Table) -> Iterator[float]:
    """Write `table` to `path`, yielding the fraction done every 20 ms or so."""
    with open(path, "w", encoding="utf-8", newline="\n") as file:
        for text, done in pieces(table):
            file.write(text)
            yield done


def pieces(table: Table) -> Iterator[tuple[str, float]]:
    """The text of `table`, piece by piece, each with the fraction done after it."""
    yield header(table), 0.0
    if table.kind == "diagram":
        yield from _diagram_pieces(table)
        return
    body = (
        np.column_stack([table.arrays["t"], table.arrays["states"]])
        if table.kind == "rows"
        else _countable(table.arrays["field"])
    )
    chunk = max(1, _CHUNK * 4 // max(1, body.shape[1]))
    for start in range(0, len(body), chunk):
        rows = body[start : start + chunk].tolist()
        text = "\n".join([",".join(map(repr, row)) for row in rows])
        yield f"{text}\n", min(1.0, (start + chunk) / len(body))


def _countable(field: NDArray[Any]) -> NDArray[Any]:
    """`field`, with 0 and 1 for False and True."""
    return field.astype(np.int8) if field.dtype == np.bool_ else field


def _diagram_pieces(table: Table) -> Iterator[tuple[str, float]]:
    """One line a sample: parameter value, variable."""
    parameters, samples = table.arrays["parameter_values"], table.arrays["samples"]
    if not samples.size:
        return
    for i, value in enumerate(parameters.tolist()):
        start = f"{value!r},"
        line = f"\n{start}"
        text = f"{start}{line.join(map(repr, samples[i].tolist()))}\n"
        yield text, (i + 1) / len(parameters)


def read(path: Path) -> Table:
    """The table in `path`.

    Raises
    ------
    FileFormatError
        If it is not a table of numbers, with the line at fault.
    """
    shown = str(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise FileFormatError("expected text in UTF-8", shown) from error
    comments: dict[str, str] = {}
    position, line_number = 0, 1
    while text.startswith("#", position):
        stop = text.find("\n", position)
        stop = len(text) if stop < 0 else stop
        key, _, value = text[position + 1 : stop].partition(":")
        comments[key.strip()] = value.strip()
        position, line_number = stop + 1, line_number + 1
    kind = comments.pop(MARK, "")
    if kind and kind not in KINDS:
        raise FileFormatError(
            f"'{kind}' is none of {', '.join(KINDS)}; it may be from a newer version", shown, MARK
        )
    provenance = _provenance(comments, shown) if kind else None
    names: tuple[str, ...] = ()
    if kind == "field":
        names = _split(comments.get("names", ""))
    else:
        stop = text.find("\n", position)
        first = text[position : len(text) if stop < 0 else stop].strip()
        if kind or not _numeric(first):
            names = _split(first)
            position, line_number = (len(text) if stop < 0 else stop + 1), line_number + 1
    body = _numbers(text[position:], line_number, shown)
    if not kind:
        names = names or tuple(f"column {i}" for i in range(body.shape[1]))
        kind = "rows"
    if kind == "field":
        arrays: dict[str, NDArray[Any]] = {"field": body}
        for axis in ("x", "y"):
            if axis in comments:
                numbers = _json(comments[axis])
                if not isinstance(numbers, list):
                    raise FileFormatError("expected a list of numbers", shown, axis)
                arrays[axis] = np.array(numbers)
    elif kind == "diagram":
        body = body if body.size else np.empty((0, 2))
        if body.shape[1] != 2:
            raise FileFormatError(f"expected two columns, got {body.shape[1]}", shown)
        first_of = np.flatnonzero(np.diff(body[:, 0], prepend=np.nan) != 0)
        keep = len(body) // max(1, len(first_of))
        if keep * len(first_of) != len(body):
            raise FileFormatError("expected as many samples for every parameter value", shown)
        arrays = {
            "parameter_values": body[first_of, 0],
            "samples": body[:, 1].reshape(len(first_of), keep),
        }
    else:
        body = body if body.size else np.empty((0, len(names)))
        if not names or body.shape[1] != len(names):
            raise FileFormatError(
                f"{len(names)} names stand over {body.shape[1]} columns of numbers", shown
            )
        arrays = {"t": body[:, 0], "states": body[:, 1:]}
    return checked(Table(cast(TableKind, kind), names, arrays, provenance), shown)


def _split(line: str) -> tuple[str, ...]:
    """The names in a line of comma-separated words."""
    return tuple(word.strip() for word in next(csv.reader([line]), []))


def _numeric(line: str) -> bool:
    """True where every cell of `line` is a number."""
    try:
        return bool([float(cell) for cell in line.split(",")])
    except ValueError:
        return False


def _json(text: str) -> Any:
    """JSON where it is JSON, else the text itself."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _provenance(comments: dict[str, str], path: str) -> Provenance:
    """The provenance in the comment lines of one of our files."""
    words = {"exhibit", "title", "method", "version", "created"}
    data = {key: text if key in words else _json(text) for key, text in comments.items()}
    return Provenance.from_dict(data, path)


def _numbers(text: str, line_number: int, path: str) -> NDArray[np.float64]:
    """The numbers in `text`, which starts at line `line_number` of the file."""
    if not text.strip():
        return np.empty((0, 0))
    try:
        return np.loadtxt(io.StringIO(text), delimiter=",", ndmin=2, comments=None)
    except ValueError as error:
        for i, line in enumerate(text.splitlines()):
            if line.strip() and not _numeric(line):
                cell = next(part for part in line.split(",") if not _numeric(part))
                raise FileFormatError(
                    f"expected a number, got '{cell.strip()[:40]}'", path, f"line {line_number + i}"
                ) from error
        raise FileFormatError("expected as many numbers on every line", path) from error
