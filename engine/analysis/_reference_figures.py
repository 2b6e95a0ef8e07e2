"""The reference figures of one system: its spectrum, period, checks and comparisons.

How much work a system takes is set beforehand and in steps, not in seconds, so that the
same figures come out on every machine; a limit in seconds only ends what would not end.
Importing this imports no compiler. The table of all rows is ``reference``.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from time import process_time
from typing import TYPE_CHECKING

import numpy as np

from engine import __version__
from engine.analysis._reference_rows import (
    GENERATOR,
    Comparison,
    Row,
    checks,
    compared,
    digest,
)
from engine.errors import ParameterError, PhasescopeError
from engine.exhibit import Values
from engine.job import Job
from engine.systems.system import KnownFigure, System

if TYPE_CHECKING:
    from engine.analysis.lyapunov_spectrum import LyapunovSpectrum

WORK = (0.7e6, 14e6)
"""Microseconds of a common processor for the spectrum: quick, full."""
LIMIT = (60.0, 1200.0)
"""Seconds of this processor after which a system is given up: quick, full."""
_LEAST = (2000, 1000)  # steps of small systems and of large ones
_MOST = 64  # exponents of one system
_DELAYED = 12  # exponents of a system with delays


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
    limit = process_time() + LIMIT[not quick]
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
    least = _LEAST[system.dimension > 8]
    steps = max(least, int(WORK[not quick] / _cost(system, count)))

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
    """Microseconds of a common processor for one step with `count` vectors, roughly."""
    from engine.analysis.tangent import stiff

    n = system.dimension
    if system.kind == "map":
        whole = 5e-4 * n**3 if count == n else 0.0
        return 0.15 + 0.01 * n * count + 1e-3 * n * count**2 + whole
    if system.delayed:
        return 1.0 + 0.1 * n * count
    if stiff(system):
        return 10.0 + 0.04 * (n + 2) ** 3
    matrix = system.jacobian(0.0, np.add(system.state(), 0.01))
    entries = int(np.count_nonzero(matrix))
    columns = 4 * math.ceil(count / 4)
    stage = 0.05 + entries * (0.01 + 5e-4 * columns) + 2e-3 * n * n + 4e-3 * n * columns
    return 13.0 * stage + 1e-3 * n * count**2


def _timed(job: Job[LyapunovSpectrum], limit: float) -> LyapunovSpectrum:
    """Drive a job to its end, or give it up when its time is over."""
    try:
        while True:
            partial = next(job)
            if process_time() > limit:
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
            if process_time() > limit:
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
