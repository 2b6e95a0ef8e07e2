"""Reference figures: the Lyapunov spectrum of every system that comes with the program.

For each system at its default values: exponents with standard errors, Kaplan-Yorke
dimension, dominant period, the checks that hold such figures together, and published
figures beside ours. `row` computes them for one system, `update` for all of them in worker
processes; the table is ``assets/reference/spectra.json``. How a row is written and judged
is ``_reference_rows``; importing this imports no compiler.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from time import perf_counter

from engine.analysis._reference_figures import row
from engine.analysis._reference_rows import (
    CHECKS,
    GENERATOR,
    PLACE,
    Comparison,
    Row,
    digest,
    read,
    with_error,
    write,
)
from engine.errors import PhasescopeError, UnknownKeyError
from engine.look import ASSETS
from engine.systems.system import System

__all__ = [
    "CHECKS",
    "GENERATOR",
    "PLACE",
    "Comparison",
    "Progress",
    "Row",
    "digest",
    "lacking",
    "read",
    "row",
    "row_of",
    "update",
    "with_error",
    "write",
]

FOLDER = ASSETS / "systems"
"""The systems that the table is about."""


@dataclass(frozen=True)
class Progress:
    """One system done.

    Attributes
    ----------
    key : str
    row : Row
    done, total : int
        Systems done so far and to do in all.
    seconds : float
        What this one took.
    """

    key: str
    row: Row
    done: int
    total: int
    seconds: float


def keys() -> list[str]:
    """The systems that come with the program."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


@lru_cache(maxsize=4)
def _table(stamp: tuple[int, int]) -> Mapping[str, Row]:
    return read(PLACE)


def row_of(key: str) -> Row | None:
    """The row of a built-in system in the table that comes with the program.

    Raises
    ------
    FileFormatError
        If the table cannot be read.
    """
    try:
        status = PLACE.stat()
    except OSError:
        return None
    return _table((status.st_mtime_ns, status.st_size)).get(key)


def lacking(rows: Mapping[str, Row], quick: bool = True) -> list[str]:
    """Built-in systems with no row, a stale one, or one that failed.

    Parameters
    ----------
    rows : mapping of str to Row
    quick : bool
        Whether a row of the quick mode will do.
    """
    found = []
    for key in keys():
        known = rows.get(key)
        if known is None or known.failed or (known.quick and not quick):
            found.append(key)
            continue
        try:
            fresh = known.fresh(_read(key))
        except PhasescopeError:
            fresh = False
        if not fresh:
            found.append(key)
    return found


def _read(key: str) -> System:
    from engine.systems import files

    return files.read(FOLDER / f"{key}.toml", key)


# ---------------------------------------------------------------------------- all rows


def compute(key: str, quick: bool, seed: int) -> tuple[Row, float]:
    """The row of a built-in system and the seconds it took; runs in a worker process."""
    began = perf_counter()
    try:
        return row(_read(key), quick, seed), perf_counter() - began
    except PhasescopeError as error:
        return Row("", failed=str(error)), perf_counter() - began
    except Exception as error:  # one broken system must not end the run of all
        return Row("", failed=f"{type(error).__name__}: {error}"), perf_counter() - began


def update(
    only: Iterable[str] = (),
    quick: bool = True,
    everything: bool = False,
    jobs: int | None = None,
    seed: int = 0,
    path: Path = PLACE,
) -> Iterator[Progress]:
    """Compute the rows that are missing or stale and write the table.

    Parameters
    ----------
    only : iterable of str
        Systems; all where empty.
    quick : bool
        About a second of work for each instead of twenty. A row of the full mode is not
        replaced by a quick one while it is fresh.
    everything : bool
        Compute fresh rows again too.
    jobs : int, optional
        Worker processes; as many as there are processors by default. With 1 the work is
        done here.
    seed : int
    path : Path
        The table; rows of systems that no longer exist are dropped from it.

    Yields
    ------
    Progress
        For every system as it is done. The table is written now and then, and at the end
        however that comes.

    Raises
    ------
    UnknownKeyError
        If a key of `only` names no built-in system.
    """
    known = keys()
    wanted = list(dict.fromkeys(only)) or known
    for key in wanted:
        if key not in known:
            raise UnknownKeyError(
                f"there is no built-in system '{key}'; 'list' shows what can be opened"
            )
    rows = {key: found for key, found in read(path).items() if key in known}
    if not everything:
        missing = set(lacking(rows, quick))
        wanted = [key for key in wanted if key in missing]
    jobs = min(jobs or os.cpu_count() or 1, max(1, len(wanted)))
    written = perf_counter()
    try:
        results = _here(wanted, quick, seed) if jobs == 1 else _apart(wanted, quick, seed, jobs)
        for done, (key, found, seconds) in enumerate(results, 1):
            rows[key] = found
            if perf_counter() - written > 5.0:
                write(rows, path)
                written = perf_counter()
            yield Progress(key, found, done, len(wanted), seconds)
    finally:
        if wanted:
            write(rows, path)


def _here(wanted: list[str], quick: bool, seed: int) -> Iterator[tuple[str, Row, float]]:
    for key in wanted:
        yield (key, *compute(key, quick, seed))


def _apart(
    wanted: list[str], quick: bool, seed: int, jobs: int
) -> Iterator[tuple[str, Row, float]]:
    """In worker processes. One that dies takes no other system with it."""
    waiting = list(reversed(wanted))
    while waiting:
        running: dict[Future[tuple[Row, float]], str] = {}
        with _workers(jobs) as pool:
            try:
                while waiting or running:
                    while waiting and len(running) < jobs:
                        key = waiting.pop()
                        running[pool.submit(compute, key, quick, seed)] = key
                    for future in wait(running, return_when=FIRST_COMPLETED).done:
                        found, seconds = future.result()
                        yield running.pop(future), found, seconds
            except BrokenProcessPool:
                suspects = list(running.values())
            else:
                suspects = []
        # Nobody knows whose fault it was: each of them once more, alone.
        for key in suspects:
            yield (key, *_alone(key, quick, seed))


def _alone(key: str, quick: bool, seed: int) -> tuple[Row, float]:
    with _workers(1) as pool:
        try:
            return pool.submit(compute, key, quick, seed).result()
        except BrokenProcessPool:
            return Row("", failed="the process that computed it ended"), 0.0


def _workers(jobs: int) -> ProcessPoolExecutor:
    # Fresh processes, not forked ones: the parent may have threads and compiled kernels.
    return ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("spawn"))
