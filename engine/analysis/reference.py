"""Reference figures: the Lyapunov spectrum of every system that comes with the program.

For each system at its default values: exponents with standard errors, Kaplan-Yorke
dimension, dominant period, the checks that hold such figures together, and published
figures beside ours. `row` computes them for one system, `update` for all of them in worker
processes; the table is ``assets/reference/spectra.json``. How a row is written and judged
is ``_reference_rows``; importing this imports no compiler.
"""

from __future__ import annotations

import math
import multiprocessing
import os
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from engine import __version__
from engine.analysis._reference_rows import (
    CHECKS,
    GENERATOR,
    PLACE,
    Comparison,
    Row,
    checks,
    compared,
    digest,
    read,
    with_error,
    write,
)
from engine.errors import ParameterError, PhasescopeError, UnknownKeyError
from engine.exhibit import Values
from engine.job import Job
from engine.look import ASSETS
from engine.systems.system import KnownFigure, System

if TYPE_CHECKING:
    from engine.analysis.lyapunov_spectrum import LyapunovSpectrum

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
_WORK = (0.7e6, 14e6)  # microseconds of a common processor for the spectrum: quick, full
_LIMIT = (40.0, 1200.0)  # seconds after which a system is given up: quick, full
_MOST = 64  # exponents of one system
_DELAYED = 12  # exponents of a system with delays


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


# ------------------------------------------------------------------------------ one row


def row(system: System, quick: bool = True, seed: int = 0) -> Row:
    """The reference figures of one system at its default values.

    Parameters
    ----------
    system : System
    quick : bool
        A second of work instead of twenty.
    seed : int

    Returns
    -------
    Row
        With the reason in `Row.failed` where there are no figures; nothing is raised that
        the system is to blame for.
    """
    base = Row(digest(system), GENERATOR, __version__, quick, seed)
    limit = perf_counter() + _LIMIT[not quick]
    try:
        spectrum = _timed(_spectrum_job(system, {}, quick, seed), limit)
    except PhasescopeError as error:
        return replace(base, failed=str(error))
    except (ArithmeticError, ValueError, MemoryError, RecursionError) as error:
        return replace(base, failed=f"{type(error).__name__}: {error}")
    period, how = _period(system, limit)
    found = replace(
        base,
        method=spectrum.method,
        step=spectrum.step,
        duration=spectrum.duration,
        transient=spectrum.transient,
        rests=spectrum.rests,
        exponents=tuple(spectrum.exponents.tolist()),
        stderr=tuple(spectrum.stderr.tolist()),
        kaplan_yorke=spectrum.kaplan_yorke,
        kaplan_yorke_stderr=spectrum.kaplan_yorke_stderr,
        divergence=spectrum.divergence,
        period=period,
        period_how=how,
    )
    complete = not system.delayed and len(found.exponents) == system.dimension
    runs_on = (
        system.kind != "map"
        and not system.stochastic
        and not spectrum.rests
        and system.model.autonomous
    )
    judged = checks(
        found,
        10**9 if system.delayed else system.dimension,
        complete=complete,
        runs_on=runs_on,
        hamiltonian=_hamiltonian(system),
    )
    beside = tuple(_comparisons(system, spectrum, quick, seed, limit))
    return replace(found, checks=judged, known=beside)


def _spectrum_job(system: System, values: Values, quick: bool, seed: int) -> Job[LyapunovSpectrum]:
    from engine.analysis.lyapunov_spectrum import lyapunov_spectrum_job
    from engine.analysis.tangent import LeftError

    count = _DELAYED if system.delayed else min(system.dimension, _MOST)
    steps = max(2000, int(_WORK[not quick] / _cost(system, count)))

    def job(duration: float, steps: int | None) -> Job[LyapunovSpectrum]:
        return lyapunov_spectrum_job(
            system, duration, values=values, seed=seed, count=count, steps=steps
        )

    try:
        return (yield from job(1.0, steps))
    except LeftError as error:
        # Chaos that does not last: the figures are of the time before the orbit leaves.
        before = float(f"{0.7 * (error.time - system.run.transient):.1g}")
        if system.kind == "map":
            before = math.floor(before)
        if before < 100.0 * system.run.step:
            raise
        found = yield from job(before, None)
        return replace(
            found, method=f"{found.method}; the orbit leaves for good at t = {error.time:.4g}"
        )


def _cost(system: System, count: int) -> float:
    """Microseconds of a common processor for one step, roughly."""
    from engine.analysis.tangent import STIFF

    entries = system.dimension * (4 * math.ceil(count / 4))
    if system.kind == "map":
        return 0.15 + 0.01 * entries
    if system.run.method in STIFF:
        return 2.0 + 0.5 * entries
    return 1.3 + 0.1 * entries


def _timed(job: Job[LyapunovSpectrum], limit: float) -> LyapunovSpectrum:
    """Drive a job to its end, or give it up when its time is over."""
    try:
        while True:
            partial = next(job)
            if perf_counter() > limit:
                job.close()
                raise ParameterError(
                    f"given up: it would take too long ({partial.message}, "
                    f"{100 * partial.fraction:.0f} % done)"
                )
    except StopIteration as stop:
        result: LyapunovSpectrum = stop.value
        return result


def _period(system: System, limit: float) -> tuple[float | None, str]:
    from engine.analysis.dominant_period import dominant_period_job

    job = dominant_period_job(system)
    try:
        while True:
            next(job)
            if perf_counter() > limit:
                return None, "given up: it would take too long"
    except StopIteration as stop:
        return stop.value.value, stop.value.how
    except (PhasescopeError, ArithmeticError, ValueError, TypeError) as error:
        return None, str(error)


def _hamiltonian(system: System) -> bool:
    """Whether the equations are those of a Hamiltonian system."""
    if system.kind != "flow" or system.stochastic or system.delayed or system.hybrid:
        return False
    from engine.equations.structure import structure

    return structure(system.model, system.values()).hamiltonian


def _comparisons(
    system: System, spectrum: LyapunovSpectrum, quick: bool, seed: int, limit: float
) -> Iterator[Comparison]:
    """Published figures beside ours, measured at the values they hold at."""
    others: dict[tuple[tuple[str, object], ...], LyapunovSpectrum | None] = {}
    for known in system.known:
        if not compared(known):
            continue
        found: LyapunovSpectrum | None = spectrum
        if _elsewhere(system, known):
            at = tuple(sorted(known.values.items()))
            if at not in others:
                try:
                    others[at] = _timed(_spectrum_job(system, known.values, quick, seed), limit)
                except (PhasescopeError, ArithmeticError, ValueError):
                    others[at] = None
            found = others[at]
        if found is not None:
            ours, error = _figure(found, known)
            if math.isfinite(ours):
                yield Comparison(
                    known.quantity,
                    known.value,
                    ours,
                    error,
                    known.source,
                    known.label,
                    dict(known.values),
                )


def _elsewhere(system: System, known: KnownFigure) -> bool:
    """Whether a published figure holds at other values than the defaults."""
    return any(system.parameters[name].default != value for name, value in known.values.items())


def _figure(spectrum: LyapunovSpectrum, known: KnownFigure) -> tuple[float, float]:
    match known.quantity:
        case "lyapunov-largest":
            return float(spectrum.exponents[0]), float(spectrum.stderr[0])
        case "kaplan-yorke":
            return spectrum.kaplan_yorke, spectrum.kaplan_yorke_stderr
        case _:
            return spectrum.divergence, 0.0


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
