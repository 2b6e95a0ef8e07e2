"""The time after which a run more or less comes back: one number and how it was found.

An orbit whose spectrum has a clear peak has the peak's period; another one has the mean
time between its returns through the middle; a map that repeats itself has its cycle's
length. For the exact period of a limit cycle see ``known.period``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.exhibit import Values
from engine.job import Job, Partial
from engine.systems.system import System

Array = NDArray[np.float64]
_ROWS = 32_768
_CLEAR = 0.3  # share of the power that a clear peak holds
_LONGEST_CYCLE = 256
_FEWEST = 4  # periods in a run that can be told apart


@dataclass(frozen=True)
class Period:
    """A period and how it was found.

    Attributes
    ----------
    value : float or None
        Time units, or iterations; None where there is none.
    how : str
        ``spectral peak of x``, ``mean return time of x``, ``cycle``, or why there is none.
    """

    value: float | None
    how: str


def dominant_period_job(
    system: System, values: Values | None = None, transient: float | None = None
) -> Job[Period]:
    """The dominant period of the system's default run.

    Parameters
    ----------
    system : System
    values : mapping, optional
        Parameter values.
    transient : float, optional
        Time discarded first; that of the system's run by default.
    """
    from engine.integrate.solve import simulate_job

    step = 1.0 if system.kind == "map" else system.run.step
    rows = min(_ROWS, max(1024, system.run.length), max(1024, 4_000_000 // system.dimension))
    if transient is None:
        transient = system.run.transient
    found = Period(None, "not periodic on the time scale of the run")
    for longer in (1, 4):
        job = simulate_job(system, rows * longer * step, step, values=values, transient=transient)
        while True:
            try:
                partial = next(job)
            except StopIteration as stop:
                trajectory = stop.value
                break
            yield Partial(None, partial.done, partial.total, "dominant period")
        if trajectory.stopped is not None:
            return Period(None, trajectory.stopped.reason)
        states = trajectory.states[1:]
        found = period_of(states, step, system.variables, system.kind == "map")
        if found.value is not None:
            break
    return found


def period_of(states: Array, step: float, names: tuple[str, ...], discrete: bool) -> Period:
    """The dominant period of evenly sampled states.

    Parameters
    ----------
    states : array (m, n)
    step : float
        Time between rows.
    names : tuple of str
        The n variables.
    discrete : bool
        Whether the rows are iterations, which may repeat exactly.
    """
    spread = states.max(axis=0) - states.min(axis=0)
    size = np.abs(states).max(axis=0)
    moving = spread > 1e-6 * np.maximum(size, 1e-300)
    if not moving.any():
        return Period(None, "at rest")
    if discrete and (cycle := _cycle(states, spread)):
        return Period(float(cycle), "cycle")
    best, clear, peak = -1, 0.0, 0.0
    for j in np.nonzero(moving)[0]:
        found, share = _peak(states[:, j])
        if found > 0.0 and share > clear:
            best, clear, peak = int(j), share, found
    if best < 0:
        return Period(None, "not periodic on the time scale of the run")
    if clear >= _CLEAR:
        return Period(step / peak, f"spectral peak of {names[best]}")
    returns = _mean_return(_without_trend(states[:, best]))
    if returns is None:
        return Period(step / peak, f"spectral peak of {names[best]}")
    return Period(step * returns, f"mean return time of {names[best]}")


def _cycle(states: Array, spread: Array) -> int:
    """Length of the cycle that the last rows repeat, 0 where they do not."""
    tail = states[-min(len(states), 4 * _LONGEST_CYCLE) :]
    near = 1e-7 * np.maximum(spread, 1e-300)
    for length in range(1, min(_LONGEST_CYCLE, len(tail) // 2) + 1):
        if (np.abs(tail[length:] - tail[:-length]) <= near).all():
            return length
    return 0


def _without_trend(series: Array) -> Array:
    """The series less the line through it: an angle that goes round drifts."""
    t = np.linspace(-1.0, 1.0, len(series))
    middle = series - series.mean()
    return np.asarray(middle - t * (t @ middle) / (t @ t))


def _peak(series: Array) -> tuple[float, float]:
    """Frequency of the highest peak, in cycles a row (0: none), and its share of the power."""
    window = np.hanning(len(series))
    power = np.abs(np.fft.rfft(window * _without_trend(series))) ** 2
    total = float(power.sum())
    top = int(power.argmax())
    if total <= 0.0 or top < _FEWEST:
        return 0.0, 0.0
    low, high = max(top - 3, 0), min(top + 4, len(power))
    share = float(power[low:high].sum()) / total
    shift = 0.0
    if top + 1 < len(power) and power[top - 1] > 0.0 and power[top + 1] > 0.0:
        a, b, c = np.log(power[top - 1 : top + 2])
        bend = a - 2.0 * b + c
        shift = float(0.5 * (a - c) / bend) if bend < 0.0 else 0.0
    return (top + shift) / len(series), share


def _mean_return(series: Array) -> float | None:
    """Mean number of rows between upward passages of zero, None with too few.

    A passage counts once the series was a tenth of its deviation below.
    """
    edge = 0.1 * float(series.std())
    side = np.zeros(len(series), dtype=np.int8)
    side[series > edge] = 1
    side[series < -edge] = -1
    known = np.nonzero(side)[0]
    if known.size < 2:
        return None
    sides = side[known]
    up = known[1:][(sides[1:] > 0) & (sides[:-1] < 0)]
    if up.size <= _FEWEST:
        return None
    return float((up[-1] - up[0]) / (up.size - 1))
