"""The table of shape features: what a row holds, how it is read, written and kept fresh.

Plain data and text: nothing here integrates, and no system file is parsed. Whether a row is
still true of a system is decided from the lines of its file that decide how it moves, so
that three hundred rows are checked in milliseconds. Computing rows is ``features``.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.errors import FileFormatError
from engine.look import ASSETS

PLACE = ASSETS / "reference" / "features.json"
"""Where the table of the built-in systems is."""
FOLDER = ASSETS / "systems"
GENERATOR = 1
"""Raised whenever rows of older versions must be computed again."""
_MAXIMUM_BYTES = 4_000_000
_FORMAT = 1
_LEFT_OUT = ("references", "known", "presets", "aliases", "variants", "orbit_diagram", "symbols")
_TOP = ("kind", "noise", "interpretation")
_OF_A_PARAMETER = ("default", "size")


@dataclass(frozen=True)
class ShapeRow:
    """Shape features of one system at its default values.

    Attributes
    ----------
    content : str
        Hash of the lines it was computed from; see `content_of`.
    generator : int
    shape : mapping of str to float
        Name of a feature -> its value; not a number where it does not apply.
    rate : float
        Mean speed of the standardised orbit: by how many standard deviations a variable
        moves in a unit of time.
    period : float
        Time units or iterations; not a number where there is none.
    failed : str
        Why there are no features; empty where there are.
    """

    content: str
    generator: int = GENERATOR
    shape: Mapping[str, float] | None = None
    rate: float = math.nan
    period: float = math.nan
    failed: str = ""


def content_of(text: str) -> str:
    """Hash of what decides how a system moves, from the text of its file.

    Titles, ranges, sources and comments do not count. Lines are taken as they stand: a line
    written in another way makes another hash, which costs a row computed once more.
    """
    kept: list[str] = []
    section = ""
    for raw in text.splitlines():
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        if line.startswith("[") and line.endswith("]"):
            section = line.strip("[]").strip()
            if section.partition(".")[0] not in _LEFT_OUT:
                kept.append(line)
            continue
        head, word = section.partition(".")[0], line.partition("=")[0].strip()
        if head in _LEFT_OUT:
            continue
        if not section and word not in _TOP:
            continue
        if head == "parameters" and word not in _OF_A_PARAMETER:
            continue
        kept.append(line)
    return hashlib.sha256("\n".join(kept).encode("utf-8")).hexdigest()[:16]


def content_of_built_in(key: str) -> str:
    """`content_of` the file of a built-in system; empty where there is none."""
    try:
        return content_of((FOLDER / f"{key}.toml").read_text("utf-8"))
    except (OSError, UnicodeDecodeError):
        return ""


def read(path: Path = PLACE) -> dict[str, ShapeRow]:
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
        raise FileFormatError(f"this is no table of features of format {_FORMAT}", str(path))
    names, rows = data.get("names"), data.get("systems")
    if not isinstance(rows, dict) or not isinstance(names, list):
        raise FileFormatError("must have names and systems", str(path))
    return {
        str(key): _row(row, [str(name) for name in names], str(path), f"systems.{key}")
        for key, row in rows.items()
    }


def write(rows: Mapping[str, ShapeRow], names: tuple[str, ...], path: Path = PLACE) -> None:
    """Write a table, one line a system, under a temporary name first."""
    from engine.files.atomic import write_bytes

    lines = (
        f"{json.dumps(key)}: {json.dumps(_written(row, names), allow_nan=False)}"
        for key, row in sorted(rows.items())
    )
    head = f'{{"format": {_FORMAT}, "names": {json.dumps(names)}, "systems": {{\n'
    path.parent.mkdir(parents=True, exist_ok=True)
    write_bytes(path, (head + ",\n".join(lines) + "\n}}\n").encode("utf-8"))


def _written(row: ShapeRow, names: tuple[str, ...]) -> dict[str, Any]:
    out: dict[str, Any] = {"content": row.content, "generator": row.generator}
    if row.failed:
        return out | {"failed": row.failed}
    shape = row.shape or {}
    out["shape"] = [_number(shape.get(name, math.nan)) for name in names]
    return out | {"rate": _number(row.rate), "period": _number(row.period)}


def _number(value: float) -> float | None:
    """Five figures; null for what is not a number, which JSON has no word for."""
    return float(f"{value:.5g}") if math.isfinite(value) else None


def _row(data: Any, names: list[str], path: str, where: str) -> ShapeRow:
    if not isinstance(data, dict):
        raise FileFormatError("must be a table", path, where)
    try:
        content, generator = str(data["content"]), int(data["generator"])
        if "failed" in data:
            return ShapeRow(content, generator, failed=str(data["failed"]))
        values = [_read_number(value) for value in data["shape"]]
        if len(values) != len(names):
            raise ValueError(f"expected {len(names)} features, got {len(values)}")
        return ShapeRow(
            content,
            generator,
            dict(zip(names, values, strict=True)),
            _read_number(data["rate"]),
            _read_number(data["period"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise FileFormatError(f"cannot be read: {error}", path, where) from None


def _read_number(value: Any) -> float:
    return math.nan if value is None else float(value)
