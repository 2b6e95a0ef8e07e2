"""The system picked on the map: its default run, sampled so many times a period. No exhibit."""

from __future__ import annotations

import math
import time

import numpy as np
from numpy.typing import NDArray

from engine.errors import PhasescopeError
from engine.systems.system import System

Array = NDArray[np.float64]

PERIODS = 80.0
MOST_ROWS = 8000
MOST_STEPS = 600_000
SECONDS = 1.5
"""A system that takes longer is shown as far as it came."""
COLUMNS = ("1st axis", "2nd axis", "3rd axis")


def portrait(system: System, period: float, points: int) -> tuple[Array, str]:
    """Rows ``(periods, three coordinates)`` of the default run after its transient.

    Parameters
    ----------
    system : System
    period : float
        The dominant period; not a number where there is none, which takes a hundred steps
        of the run for one.
    points : int
        Rows a period; a map is shown at every iteration.

    Returns
    -------
    rows : array (m, 4)
        The axes the system opens with. One variable is shown against its past, two lie in a
        plane.
    words : str
        What kept the run from being whole; empty where nothing did.
    """
    discrete = system.kind == "map"
    if not (math.isfinite(period) and period > 0.0):
        period = 1.0 if discrete else 100.0 * system.run.step
    grid = 1.0 if discrete else period / points
    every = 1 if discrete else max(1, math.ceil(grid / system.run.step * (1.0 - 1e-9)))
    rows = 3000 if discrete else int(min(max(PERIODS * points, 300.0), MOST_ROWS))
    count = min(rows, max(100, MOST_STEPS // every))
    try:
        states, words = _run(system, grid / every, every, count)
    except PhasescopeError as error:
        return np.empty((0, 4)), str(error).partition("\n")[0]
    chosen = [system.variables.index(name) for name in (system.axes or system.variables)][:3]
    shown = _three(states[:, chosen], max(1, points // 4) if not discrete else 1)
    moments = np.arange(len(shown)) * (grid / period if not discrete else 1.0)
    good = np.isfinite(shown).all(axis=1)
    return np.column_stack([moments, shown])[good], words


def _run(system: System, step: float, every: int, count: int) -> tuple[Array, str]:
    from engine.integrate.solve import simulate_job

    # A whole number of steps, as the solver asks for.
    transient = round(system.run.transient / step) * step
    if system.run.transient > MOST_STEPS * step:
        transient = MOST_STEPS * step
    job = simulate_job(system, count * every * step, step, transient=transient)
    partial = None
    try:
        # Compiling comes before the first step and is nobody's fault.
        partial = next(job)
        limit = time.perf_counter() + SECONDS
        while True:
            partial = next(job)
            if time.perf_counter() > limit:
                job.close()
                break
    except StopIteration as stop:
        found = stop.value
        words = f"{system.title}: {found.stopped.reason}" if found.stopped else ""
        return found.rows[::every, 1:], words
    words = f"{system.title} takes longer than can be shown here; open it to see it whole"
    held = getattr(partial, "result", None)
    states = held.rows[::every, 1:] if held is not None else np.empty((0, system.dimension))
    return states, words


def _three(states: Array, lag: int) -> Array:
    """Three columns, whatever there are."""
    count = states.shape[1]
    if count >= 3:
        return states[:, :3]
    if count == 2:
        return np.column_stack([states, np.zeros(len(states))])
    lag = max(1, min(lag, len(states) // 4))
    end = len(states)
    if end < 3 * lag:
        return np.empty((0, 3))
    column = states[:, 0]
    return np.column_stack([column[2 * lag :], column[lag : end - lag], column[: end - 2 * lag]])
