"""Where an orbit passes through a plane: the section, the first-return map, return times.

A flow is followed by DOP853, and a step that ends beyond the plane is made anew, with
another length, until it ends in it: the crossing is as exact as the orbit. Where there is
only a trajectory, or noise, delays, events or stiffness ask for another method, crossings
are found on the cubic through four samples, which the result says. Forced systems seen once
a period are ``stroboscopic``.

Memory: one row a crossing, of which there are at most 1,000,000, and for other methods the
trajectory.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.analysis._section_plane import DIRECTIONS, Plane, middle, plane_of, sampled_crossings
from engine.analysis._section_result import PoincareSection, section_of
from engine.analysis.method import Method, Subject
from engine.errors import ParameterError
from engine.exhibit import Parameter, Reference, Value, Values
from engine.integrate.trajectory import Trajectory
from engine.job import Job, Partial, run
from engine.systems.system import System

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["METHOD", "PoincareSection", "poincare_section", "poincare_section_job"]

Array = NDArray[np.float64]

MOST = 1_000_000
"""Crossings of one section."""
_STIFF = ("rodas5p",)
_PATIENCE = 20_000  # steps of the system's run without a crossing
_SHOWN = 10_000  # crossings up to which a result on the way is made
_SPARSE = 16.0  # longest step of the method, in steps of the system's run


def poincare_section(
    source: System | Trajectory,
    plane: tuple[ArrayLike, float] | None = None,
    variable: str | None = None,
    value: float = 0.0,
    direction: str = "up",
    crossings: int = 2000,
    duration: float | None = None,
    values: Values | None = None,
    initial: Sequence[float] | Array | None = None,
    transient: float | None = None,
    tolerance: float = 1e-10,
) -> PoincareSection:
    """Where an orbit passes through a plane.

    Parameters
    ----------
    source : System or Trajectory
        A flow, or samples of an orbit.
    plane : (normal, offset), optional
        The plane ``normal . x = offset``; the normal has n numbers.
    variable, value : str, float, optional
        Instead, the plane where a variable has a value; whole turns of an angle count.
    direction : str
        ``up`` (towards the normal), ``down`` or ``both``.
    crossings : int
        How many are wanted.
    duration : float, optional
        Time after which the search ends, however many there are; by default 1,000 steps of
        the system's run a crossing, and no more than 20,000 without one.
    values, initial, transient
        Parameter values, initial state, and the time discarded; the system's own by default.
    tolerance : float
        Relative error of a step.

    Returns
    -------
    PoincareSection

    Raises
    ------
    ParameterError
        If the plane or a number cannot be used, or the orbit crosses it less than twice.

    References
    ----------
    M. Hénon, On the numerical computation of Poincaré maps, Physica D 5, 412-414 (1982), of
    which the crossing found here is a variant: the last step is solved for its length.
    """
    return run(
        poincare_section_job(
            source, plane, variable, value, direction, crossings, duration, values, initial,
            transient, tolerance,
        )
    )  # fmt: skip


def poincare_section_job(
    source: System | Trajectory,
    plane: tuple[ArrayLike, float] | None = None,
    variable: str | None = None,
    value: float = 0.0,
    direction: str = "up",
    crossings: int = 2000,
    duration: float | None = None,
    values: Values | None = None,
    initial: Sequence[float] | Array | None = None,
    transient: float | None = None,
    tolerance: float = 1e-10,
) -> Job[PoincareSection]:
    """`poincare_section` as a job, yielding the crossings so far."""
    if direction not in DIRECTIONS:
        raise ParameterError(f"a direction is up, down or both, got {direction!r}")
    if not 2 <= crossings <= MOST:
        raise ParameterError(f"crossings must be from 2 to {MOST:,}, got {crossings}")
    if (source.states.shape[1] if isinstance(source, Trajectory) else source.dimension) < 2:
        raise ParameterError("a section needs two or more variables; here is only one")
    if isinstance(source, Trajectory):
        cut = plane_of(source.names, plane, variable, value)
        found = sampled_crossings(cut, source.t, source.states, DIRECTIONS[direction])[:crossings]
        _enough(found, cut, direction, source.states, source.names, float(np.ptp(source.t)))
        yield Partial(None, 1.0, 1.0, "crossings")
        return section_of(found, cut, "cubic through four samples")
    if source.kind == "map":
        raise ParameterError(
            f"'{source.key}' is a map: its orbit is a section already; plot its states instead"
        )
    system = source.at(values)
    turn = system.period(variable) if variable in system.variables else 0.0
    cut = plane_of(system.variables, plane, variable, value, turn)
    sense = 0.0 if turn > 0.0 and direction == "both" else DIRECTIONS[direction]
    transient = system.run.transient if transient is None else float(transient)
    if not (math.isfinite(transient) and transient >= 0.0):
        raise ParameterError(f"the transient must be zero or more, got {transient}")
    # Hundreds of steps of the run are one oscillation or more.
    longest = 1000.0 * crossings * system.run.step if duration is None else float(duration)
    if not (math.isfinite(longest) and longest > 0.0):
        raise ParameterError(f"the duration must be a positive number, got {duration!r}")
    from engine.analysis._flow_orbit import followable

    other = bool(followable(system)) or system.run.method in _STIFF
    road = _sampled if other else _exact
    patience = math.inf if duration is not None else _PATIENCE * system.run.step
    rows: list[Array] = []
    seen = np.array([system.state(initial)] * 2)
    how = "cubic through four samples" if other else f"step solved for, tolerance {tolerance:g}"
    job = road(
        system,
        cut,
        sense,
        crossings,
        longest,
        values,
        initial,
        transient,
        tolerance,
        patience,
        rows,
        seen,
    )
    for done in job:
        partial = section_of(np.array(rows), cut, how) if 1 < len(rows) <= _SHOWN else None
        share = max(done, len(rows) / crossings)
        yield Partial(partial, share, 1.0, f"{len(rows)} crossings")
    found = np.array(rows).reshape(-1, 1 + system.dimension)
    _enough(found, cut, direction, seen, system.variables, min(longest, patience))
    return section_of(found, cut, how)


def _exact(
    system: System,
    plane: Plane,
    sense: float,
    crossings: int,
    duration: float,
    values: Values | None,
    initial: Sequence[float] | Array | None,
    transient: float,
    tolerance: float,
    patience: float,
    rows: list[Array],
    seen: Array,
) -> Iterator[float]:
    """Follow an orbit and append its crossings to `rows`; yields the share of time done."""
    from engine.analysis._flow_orbit import Orbit

    parameters, state = system.values(values), system.state(initial)
    free = Orbit(system, parameters, state, tolerance=tolerance)
    for _ in free.follow(transient):
        yield 0.0
    orbit = Orbit(
        system,
        parameters,
        free.state.copy(),
        free.time,
        tolerance=tolerance,
        extent=free.reach,
        plane=(plane.normal, plane.offset, plane.turn),
        direction=sense,
        longest=_SPARSE * system.run.step,
    )
    room = np.empty((crossings, 1 + system.dimension))
    former, count = orbit.time, 0
    for found in orbit.collect(transient + duration, room):
        # Crossings after too long a pause do not count, whether this slice saw them or not.
        gaps = np.diff(room[count:found, 0], prepend=former)
        late = np.flatnonzero(gaps > patience)
        end = count + int(late[0]) if late.size else found
        rows.extend(room[count:end])
        former = float(room[end - 1, 0]) if end else former
        count = end
        seen[:] = orbit.reach
        yield (orbit.time - transient) / duration
        if late.size or orbit.time - former > patience:
            break


def _sampled(
    system: System,
    plane: Plane,
    sense: float,
    crossings: int,
    duration: float,
    values: Values | None,
    initial: Sequence[float] | Array | None,
    transient: float,
    tolerance: float,
    patience: float,
    rows: list[Array],
    seen: Array,
) -> Iterator[float]:
    """As `_exact`, by the system's own method and cubics through its samples."""
    from engine.integrate.solve import LARGEST_RESULT, simulate_job

    step = system.run.step
    # What a trajectory may take bounds the time.
    most = LARGEST_RESULT / 64 / (8 * (1 + system.dimension))
    job = simulate_job(
        system,
        min(duration, most * step),
        step,
        values=values,
        initial=initial,
        transient=transient,
    )
    while True:
        try:
            partial = next(job)
        except StopIteration as stop:
            trajectory = stop.value
            break
        yield partial.fraction
    states = trajectory.states
    seen[0], seen[1] = states.min(axis=0), states.max(axis=0)
    rows.extend(sampled_crossings(plane, trajectory.t, states, sense)[:crossings])


def _enough(
    rows: Array, plane: Plane, direction: str, seen: Array, names: Sequence[str], time: float
) -> None:
    """Refuse a section that there is nothing to see in, with a proposal."""
    if len(rows) >= 2:
        return
    low, high = seen.min(axis=0), seen.max(axis=0)
    ways = {"up": " upwards", "down": " downwards", "both": ""}[direction]
    often = "never crosses" if not len(rows) else "crosses only once"
    single = np.flatnonzero(plane.normal)
    if single.size == 1:
        j = int(single[0])
        advice = f"{names[j]} runs from {low[j]:.5g} to {high[j]:.5g}: take a value between"
    else:
        along = 0.5 * (low + high) @ plane.normal
        advice = f"the middle of what the orbit fills has offset {along:.5g}: try that"
    raise ParameterError(
        f"the orbit {often} {plane.label}{ways} in {time:g} time units; {advice}, the other "
        "direction, or a longer duration"
    )


def _automatic(subject: Subject) -> Mapping[str, Value]:
    """A plane through the middle of what the orbit fills."""
    system = subject.system
    if system is None or system.kind == "map":
        return {}
    from engine.analysis._solutions import sample

    system = system.at(subject.values)
    if system.delayed or system.stochastic:
        return {"variable": system.variables[0], "value": float(system.state()[0])}
    states = sample(system, system.values(subject.values))
    at, value = middle(states[len(states) // 2 :], system.variables)
    return {"variable": system.variables[at], "value": float(f"{value:.3g}")}


def _job(subject: Subject, options: Mapping[str, Value]) -> Job[PoincareSection]:
    assert subject.system is not None
    normal = str(options["normal"]).replace(",", " ").split()
    plane, variable = None, str(options["variable"]) or subject.system.variables[0]
    if normal:
        try:
            plane = ([float(number) for number in normal], float(options["value"]))
        except ValueError:
            raise ParameterError(
                f"the normal must be numbers with spaces between, got {options['normal']!r}"
            ) from None
    return poincare_section_job(
        subject.system,
        plane,
        None if plane else variable,
        float(options["value"]),
        str(options["direction"]),
        int(options["crossings"]),
        values=subject.values,
        initial=subject.initial,
    )


METHOD = Method(
    title="Poincaré section",
    group="Sections",
    summary=(
        "Where the orbit of a flow passes through a plane: a limit cycle leaves points, a "
        "torus closed curves, chaos a fractal. With it the first-return map, one coordinate "
        "against its next value, and how long returns take."
    ),
    trust=(
        "Crossings of equations lie in the plane to rounding error; those of noisy, delayed, "
        "stiff or hybrid systems are found between samples, with an error of the fourth power "
        "of the step. An orbit that only touches the plane, or crosses it twice within a step, "
        "may be missed. A hundred points show a cycle, some thousands a fractal."
    ),
    takes="system",
    job=_job,
    options=(
        Parameter("variable", "", scale="text", help="Variable that has a fixed value there"),
        Parameter("value", 0.0, -50.0, 50.0, help="That value, or the offset of the plane"),
        Parameter(
            "normal",
            "",
            scale="text",
            help="Normal of a slanted plane, a number a variable; empty for a variable's value",
        ),
        Parameter(
            "direction",
            "up",
            scale="choice",
            choices=tuple(DIRECTIONS),
            help="Which crossings count: towards the normal, against it, or both",
        ),
        Parameter("crossings", 2000, 10, 100_000, scale="integer", help="How many are wanted"),
    ),
    automatic=_automatic,
    references=(
        Reference(
            "M. Hénon",
            1982,
            "On the numerical computation of Poincaré maps",
            "Physica D 5, 412-414",
            "10.1016/0167-2789(82)90034-3",
        ),
    ),
)
