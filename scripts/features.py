"""Computes the shape features of the built-in systems, ``assets/reference/features.json``.

Only rows that are missing or no longer true of their system are computed; the table is
written now and then and at the end. Keys as arguments compute just those, again.

    python scripts/features.py [KEY ...]
"""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from engine.analysis import _feature_rows as rows_of  # noqa: E402
from engine.analysis.features import SHAPE, shape_job  # noqa: E402
from engine.errors import PhasescopeError  # noqa: E402
from engine.systems import files  # noqa: E402

LIMIT = 40.0
"""Seconds after which a system is given up."""


def main(keys: list[str]) -> None:
    """Compute the rows of the systems named, or all that are missing or stale."""
    known = sorted(path.stem for path in rows_of.FOLDER.glob("*.toml"))
    rows = {key: row for key, row in rows_of.read().items() if key in known}
    wanted = keys or [
        key
        for key in known
        if key not in rows
        or rows[key].generator != rows_of.GENERATOR
        or rows[key].content != rows_of.content_of_built_in(key)
    ]
    written = time.perf_counter()
    for done, key in enumerate(wanted, 1):
        began = time.perf_counter()
        content = rows_of.content_of_built_in(key)
        row = replace(row_of(key), content=content, generator=rows_of.GENERATOR)
        rows[key] = row
        words = row.failed or f"period {row.period:.4g}, rate {row.rate:.4g}"
        print(f"{done}/{len(wanted)} {key}: {words} ({time.perf_counter() - began:.1f} s)")
        sys.stdout.flush()
        if time.perf_counter() - written > 20.0:
            rows_of.write(rows, SHAPE)
            written = time.perf_counter()
    rows_of.write(rows, SHAPE)
    size = rows_of.PLACE.stat().st_size
    print(
        f"{len(rows)} rows, {sum(not row.failed for row in rows.values())} with features, "
        f"{size / 1000:.0f} kB"
    )


def row_of(key: str) -> rows_of.ShapeRow:
    """The row of one system, without its hash."""
    limit = time.perf_counter() + LIMIT
    try:
        job = shape_job(files.read(rows_of.FOLDER / f"{key}.toml", key))
        while True:
            next(job)
            if time.perf_counter() > limit:
                job.close()
                return rows_of.ShapeRow("", failed="given up: it would take too long")
    except StopIteration as stop:
        row: rows_of.ShapeRow = stop.value
        return row
    except (PhasescopeError, ArithmeticError, ValueError, MemoryError) as error:
        return rows_of.ShapeRow("", failed=str(error).partition("\n")[0])


if __name__ == "__main__":
    main(sys.argv[1:])
