"""Trajectories and ensembles for whoever wants a result: simulate, iterate, ensemble.

These check what they are given, choose the kernels and hand back arrays. Runs that feed a
screen are ``stream.Stream``; methods are data in ``methods``.
"""

from __future__ import annotations

import math
import time as clock
from collections.abc import Iterator, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.errors import ParameterError
from engine.exhibit import Values
from engine.integrate import compile
from engine.integrate.lanes import Lanes, LaneValues
from engine.integrate.methods import METHODS
from engine.integrate.runs import (
    Run,
    Stop,
    checked_method,
    checked_seed,
    checked_step,
    positive,
    start_run,
)
from engine.integrate.trajectory import Trajectory
from engine.job import Job, Partial, run

if TYPE_CHECKING:
    from engine.systems.system import System

Array = NDArray[np.float64]

SLICE = 0.012
"""Seconds of work between two yields of a job."""

LONG = 20_000_000
"""Steps from which compiling a specialised kernel first is faster than starting at once."""

BUSY = 1_000_000
"""Steps made of one system from which a specialised kernel is compiled in the background."""

MOST_STEPS = 1e12
"""Steps of one run: hours on any machine."""
LARGEST_RESULT = 4 * 2**30
"""Bytes a trajectory may take."""


def simulate(
    system: System,
    duration: float = 100.0,
    step: float | None = None,
    method: str | None = None,
    values: Values | None = None,
    initial: Sequence[float] | Array | None = None,
    transient: float = 0.0,
    rtol: float = 1e-8,
    atol: float = 1e-8,
    seed: int = 0,
) -> Trajectory:
    """An orbit of a system.

    Parameters
    ----------
    system : System
        For example ``engine.systems()["lorenz"]``.
    duration : float
        Time units; iterations for maps.
    step : float, optional
        Time between rows, and the step of methods that do not choose theirs. The system's own
        where absent.
    method : str, optional
        One of ``engine.integrate.methods.methods_for(system)``: ``euler``, ``rk4``, ``tsit5``,
        ``dop853``, ``rodas5p`` (stiff) for flows, ``verlet``, ``yoshida4``, ``yoshida6`` for
        separable ones; ``euler-maruyama``, ``milstein``, ``sra1`` with noise; ``steps-rk4``
        with delays; ``iterate`` for maps. The system's own where absent.
    values : mapping, optional
        Parameter values; missing ones take their defaults. A size gives the system of that
        size.
    initial : sequence of n floats, optional
        The system's own initial state where absent.
    transient : float
        Time discarded before the first row, whose time is `transient` then.
    rtol, atol : float
        Tolerances of adaptive methods.
    seed : int
        Of the noise, where there is any: same seed, same path.

    Returns
    -------
    Trajectory
        Shorter than asked for where the run left the system's bound or the finite numbers;
        `Trajectory.stopped` says so.

    Raises
    ------
    ParameterError, UnknownKeyError
        If a value, the initial state, a time or the method cannot be used.

    References
    ----------
    E. Hairer, S. P. Norsett, G. Wanner, Solving Ordinary Differential Equations I, Springer
    1993. The tableaus name their own sources.
    """
    job = simulate_job(
        system, duration, step, method, values, initial, transient, rtol, atol, seed=seed
    )
    return run(job)


def iterate(
    system: System,
    iterations: int = 1000,
    values: Values | None = None,
    initial: Sequence[float] | Array | None = None,
    transient: int = 0,
    seed: int = 0,
) -> Trajectory:
    """An orbit of a map: `simulate` with the words that maps have.

    Nothing in a map is random, so `seed` changes nothing.

    Raises
    ------
    ParameterError
        If the system is a flow, or a value cannot be used.
    """
    return simulate(
        system,
        iterations,
        method=compile.ITERATE,
        values=values,
        initial=initial,
        transient=transient,
        seed=seed,
    )


def simulate_job(
    system: System,
    duration: float = 100.0,
    step: float | None = None,
    method: str | None = None,
    values: Values | None = None,
    initial: Sequence[float] | Array | None = None,
    transient: float = 0.0,
    rtol: float = 1e-8,
    atol: float = 1e-8,
    cancel: NDArray[np.int64] | None = None,
    seed: int = 0,
) -> Job[Trajectory]:
    """`simulate` as a job: yields the orbit so far about every 12 ms.

    Parameters
    ----------
    cancel : array (1,) of int64, optional
        Set to anything but 0 by another thread, it ends the job at once with what there is.
    """
    system = system.at(values)
    key = checked_method(system, method)
    grid = checked_step(system, step)
    relative, absolute = positive("rtol", rtol), positive("atol", atol)
    numbers, state, chance = system.values(values), system.state(initial), checked_seed(seed)
    count = _steps("duration", duration, grid)
    before = _steps("transient", transient, grid)
    check_steps("transient", transient, grid)
    _check_size(system, count)
    adaptive = key in METHODS and METHODS[key].adaptive
    if compile.specialises(system, key) and not adaptive:
        _specialise(system, compile.part("trajectory", key), count + before)
    flag = np.zeros(1, np.int64) if cancel is None else cancel
    began = clock.perf_counter()
    total = float(count + before)
    made, start, first, stopped = 0, 0.0, state.copy(), None
    warm: Run | None = None

    if before:
        # No row is wanted on the way, save the last one of an adaptive run: it is the state
        # at just that time.
        every = before if adaptive else before + 1
        warm = start_run(
            system,
            numbers,
            first,
            key=key,
            step=grid,
            every=every,
            cancel=flag,
            rtol=relative,
            atol=absolute,
            seed=chance,
        )
        scratch = np.empty((1, 1 + system.dimension))
        for _ in _drive(warm, before, scratch):
            yield Partial(None, float(warm.grid), total, "discarding the transient")
        made, start, first, stopped = warm.steps, warm.time, warm.state, warm.stopped

    rows = np.empty((1 + (0 if stopped else count), 1 + system.dimension))
    rows[0, 0], rows[0, 1:] = start, first
    orbit = start_run(
        system,
        numbers,
        first,
        key=key,
        step=grid,
        time=start,
        cancel=flag,
        rtol=relative,
        atol=absolute,
        seed=chance,
        former=warm,
    )
    named = MappingProxyType(dict(zip(system.parameters, numbers.tolist(), strict=False)))

    def result(written: int, error: float, events: Array) -> Trajectory:
        return Trajectory(
            rows[:written],
            system.variables,
            system.key,
            named,
            state,
            key,
            grid,
            before * grid,
            relative if adaptive else math.nan,
            absolute if adaptive else math.nan,
            stopped or orbit.stopped,
            error,
            made + orbit.steps,
            clock.perf_counter() - began,
            chance,
            orbit.suggestion or (warm.suggestion if warm else ""),
            events,
        )

    written, none = 1, np.empty((0, 2 + system.dimension))
    if stopped is None:
        for more in _drive(orbit, count, rows[1:]):
            written = 1 + more
            yield Partial(
                result(written, math.nan, none), float(before + orbit.grid), total, "integrating"
            )
    # A few places spread over the orbit say how the step is doing.
    events = orbit.happened
    return result(
        written,
        orbit.error(rows[: written : max(1, written // 4)]),
        # A run also remembers what happened in the transient.
        events[events[:, 0] > start],
    )


def ensemble(
    system: System,
    initial: ArrayLike | None = None,
    steps: int = 1000,
    step: float | None = None,
    values: LaneValues | None = None,
    method: str | None = None,
    seed: int = 0,
) -> Array:
    """Many orbits at once, each with its own initial state and parameter values.

    RK4 for flows and iteration for maps go through lanes, thousands of times faster than
    orbit by orbit; other methods, and systems with noise, delays, events or many variables,
    are run one by one on all cores.

    Parameters
    ----------
    system : System
    initial : array (n, lanes) or (n,)
        Initial states; one state serves all lanes, the system's own where absent.
    steps : int
        Steps (iterations) to make.
    step : float, optional
        Time step; the system's own where absent.
    values : mapping, optional
        Parameter name -> a number, or an array ``(lanes,)``; array parameters are the same in
        all lanes.
    method : str, optional
        Where absent: RK4 for flows, iteration for maps, else the system's own.
    seed : int
        Of the noise; every lane has noise of its own.

    Returns
    -------
    array (n, lanes)
        Final states. A lane that left the system's bound or the finite numbers is NaN and
        touches no other; ``engine.integrate.lanes.Lanes`` also tells at which step.

    Raises
    ------
    ParameterError
        If a shape, a name or a value cannot be used.
    """
    if int(steps) != steps or steps < 0:
        raise ParameterError(f"steps must be a whole number of at least 0, got {steps!r}")
    lanes = Lanes(system, initial, values, step, method=method, seed=seed)
    left = int(steps)
    # Back in Python about twice a second, so that Ctrl+C works.
    piece = max(1, 300_000_000 // lanes.lanes) if lanes.together else 256
    while left > 0:
        now = min(piece, left)
        lanes.advance(now)
        left -= now
    return lanes.final()


def _drive(orbit: Run, steps: int, rows: Array) -> Iterator[int]:
    """Advance `orbit` by `steps`, in pieces of about `SLICE` seconds."""
    # A step of a large system takes long: the first piece must not hold up whoever waits.
    piece, written = max(16, min(16_384, 500_000 // orbit.system.dimension)), 0
    while orbit.grid < steps and orbit.stopped is None and not orbit.cancel[0]:
        now = min(piece, steps - orbit.grid)
        before, began = orbit.grid, clock.perf_counter()
        written += orbit.advance(now, rows[written:])
        spent = clock.perf_counter() - began
        rate = (orbit.grid - before) / max(spent, 1e-9)
        piece = int(min(max(rate * SLICE, 16), 8 * piece))
        yield written


_made: dict[tuple[str, str], int] = {}


def _specialise(system: System, part: str, steps: int) -> None:
    """Have a specialised kernel made where that pays; the numbers are the same without."""
    key = system.model.digest, part
    _made[key] = _made.get(key, 0) + steps
    if steps >= LONG:
        compile.kernel(system, part)
    elif _made[key] >= BUSY and compile.best(system, part) is None:
        compile.request(system, [part])


def check_steps(name: str, time: float, step: float) -> None:
    """Refuse a time that no machine would see the end of.

    Raises
    ------
    ParameterError
        If it is more than `MOST_STEPS` steps.
    """
    if time / step > MOST_STEPS:
        raise ParameterError(
            f"{name} {time:g} is more than {MOST_STEPS:g} steps of {step:g}; take a shorter "
            f"{name} or a longer step"
        )


def _steps(name: str, time: float, step: float) -> int:
    """Whole steps in a time, which rounding is not to cost one."""
    try:
        number = float(time)
    except (TypeError, ValueError):
        number = math.nan
    if not math.isfinite(number) or number < 0.0:
        raise ParameterError(f"{name} must be a finite number of at least 0, got {time!r}")
    return math.floor(number / step * (1.0 + 1e-12) + 1e-9)


def _check_size(system: System, count: int) -> None:
    size = 8 * (count + 1) * (1 + system.dimension)
    if size > LARGEST_RESULT:
        raise ParameterError(
            f"a trajectory of '{system.key}' with {count:,} steps would take "
            f"{size / 2**30:,.0f} GiB, more than the {LARGEST_RESULT // 2**30} GiB allowed; "
            "take a shorter duration or a longer step"
        )


__all__ = ["Stop", "Trajectory", "ensemble", "iterate", "simulate", "simulate_job"]
