"""Finds and runs the benchmarks: every file of ``benchmarks/`` that has a ``run``.

A benchmark returns rows with name, value, unit, peer, ratio, target and passed. One that
cannot be measured is a failed row, not the end of the others.
"""

from __future__ import annotations

import logging
import math
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from engine.errors import PhasescopeError, UnknownKeyError

log = logging.getLogger(__name__)

FOLDER = Path(__file__).resolve().parent.parent / "benchmarks"
FIELDS = ("name", "value", "unit", "peer", "ratio", "target", "passed")


def names(folder: Path = FOLDER) -> dict[str, str]:
    """Benchmark -> its module's name, found without importing anything."""
    return {
        file.stem.replace("_", "-"): file.stem
        for file in sorted(folder.glob("*.py"))
        if not file.stem.startswith("_")
        and re.search(r"^def run\(", file.read_text("utf-8"), re.MULTILINE)
    }


def measure(wanted: Sequence[str] = (), folder: Path = FOLDER) -> Iterator[dict[str, Any]]:
    """Run benchmarks, yielding each row as it is there.

    Parameters
    ----------
    wanted : sequence of str
        Names; all where empty.

    Raises
    ------
    UnknownKeyError
        If there is no such benchmark; before anything is measured.
    """
    known = names(folder)
    if not known:
        raise PhasescopeError(
            f"there are no benchmarks in '{folder}'; they come with the source, not with the "
            "installed package"
        )
    chosen = [name.replace("_", "-") for name in wanted] or list(known)
    for name in chosen:
        if name not in known:
            close = get_close_matches(name, list(known), n=1)
            meant = f"did you mean '{close[0]}'?" if close else f"there are {', '.join(known)}"
            raise UnknownKeyError(f"there is no benchmark '{name}'; {meant}")
    return _measured({name: known[name] for name in chosen}, folder)


def _measured(chosen: Mapping[str, str], folder: Path) -> Iterator[dict[str, Any]]:
    root = str(folder.parent)
    if root not in sys.path:
        sys.path.insert(0, root)
    for name, stem in chosen.items():
        try:
            rows = [_row(row) for row in import_module(f"{folder.name}.{stem}").run()]
        except Exception as error:
            log.exception("benchmark '%s' could not be measured", name)
            rows = [
                {
                    "name": name,
                    "value": None,
                    "unit": "",
                    "peer": None,
                    "ratio": None,
                    "target": f"could not be measured: {type(error).__name__}: {error}",
                    "passed": False,
                }
            ]
        yield from rows


def _row(row: Any) -> dict[str, Any]:
    """A row as a mapping, whether it came as one or as an object; numbers as plain ones."""
    fields = row if isinstance(row, Mapping) else {name: getattr(row, name) for name in FIELDS}
    out = {name: fields[name] for name in FIELDS}
    for name in ("value", "ratio", "peer"):
        # JSON has no "not a number": such a figure is None.
        if isinstance(out[name], int | float | np.number):
            number = float(out[name])
            out[name] = number if math.isfinite(number) else None
    out["passed"] = bool(out["passed"])
    return out
