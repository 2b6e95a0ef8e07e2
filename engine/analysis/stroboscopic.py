"""States of a driven system once a period of what drives it: the stroboscopic section.

A forced oscillator that follows its force leaves one point, one that swings every other
time two, a chaotic one a fractal. The period is read off the equations where it is not
given. Flows are followed by DOP853 to exactly these times; noise, delays, events and
stiffness by the system's own method, with a step that divides the period. Systems that
nothing drives have a ``poincare_section``.

Memory: one row a period; for other methods the trajectory, in pieces.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.analysis.method import Curve, Method, Plot, Points, Scalar, Subject
from engine.errors import EquationError, ParameterError
from engine.exhibit import Parameter, Reference, Value, Values
from engine.job import Job, Partial, run
from engine.systems.system import System

if TYPE_CHECKING:
    from collections.abc import Iterator

Array = NDArray[np.float64]

MOST = 1_000_000
"""Points of one section."""
_LONGEST = 64  # periods up to which a cycle is recognised
_SAME = 1e-6  # states nearer than this, in units of what the section fills, are one


@dataclass(frozen=True, eq=False)
class Stroboscopic:
    """States once a period.

    Attributes
    ----------
    points : array (m, n)
    times : array (m,)
    period : float
        Time between two of them.
    phase : float
        Share of the period at which they are taken.
    cycle : int
        After how many periods the orbit repeats itself, 0 where it does not within 64.
    names : tuple of n str
    how : str
        How the orbit was followed.
    """

    points: Array
    times: Array
    period: float
    phase: float
    cycle: int
    names: tuple[str, ...]
    how: str

    def __len__(self) -> int:
        return len(self.points)

    @property
    def return_map(self) -> Array:
        """Successive values of the first variable, shape ``(m - 1, 2)``."""
        return np.column_stack([self.points[:-1, 0], self.points[1:, 0]])

    def scalars(self) -> tuple[Scalar, ...]:
        """The period, how many points, the length of the cycle."""
        return (
            Scalar("period", "Period of the force", self.period),
            Scalar("points", "Points", float(len(self))),
            Scalar(
                "cycle",
                "Periods until the orbit repeats itself",
                float(self.cycle) if self.cycle else math.nan,
            ),
        )

    def plots(self) -> tuple[Plot, ...]:
        """The section and its first-return map."""
        x = self.points[:, 0]
        many = len(self.names) > 1
        y = self.points[:, 1] if many else np.zeros_like(x)
        pairs, name = self.return_map, self.names[0]
        ends = np.array([pairs.min(), pairs.max()]) if len(pairs) else np.zeros(2)
        return (
            Plot(
                f"Once every {self.period:.6g} time units",
                name,
                self.names[1] if many else "",
                (Points(x, y, self.how),),
            ),
            Plot(
                "First-return map",
                name,
                f"{name} a period later",
                (
                    Curve(ends, ends, "no change", reference=True),
                    Points(pairs[:, 0], pairs[:, 1]),
                ),
                square=True,
            ),
        )


def stroboscopic(
    system: System,
    period: float | None = None,
    points: int = 2000,
    phase: float = 0.0,
    values: Values | None = None,
    initial: Sequence[float] | Array | None = None,
    transient: float | None = None,
    tolerance: float = 1e-9,
) -> Stroboscopic:
    """States of a driven system once a period.

    Parameters
    ----------
    system : System
        A flow.
    period : float, optional
        Time between two states; read off the equations where it is absent.
    points : int
    phase : float
        Share of the period, from 0 to 1, at which states are taken.
    values, initial, transient
        Parameter values, initial state, and the time discarded; the system's own by default.
    tolerance : float
        Relative error of a step.

    Returns
    -------
    Stroboscopic

    Raises
    ------
    ParameterError
        If a number cannot be used, or the equations do not repeat themselves and no period
        is given.

    References
    ----------
    J. Guckenheimer, P. Holmes, Nonlinear Oscillations, Dynamical Systems, and Bifurcations of
    Vector Fields, Springer 1983, section 1.5.
    """
    return run(
        stroboscopic_job(system, period, points, phase, values, initial, transient, tolerance)
    )


def stroboscopic_job(
    system: System,
    period: float | None = None,
    points: int = 2000,
    phase: float = 0.0,
    values: Values | None = None,
    initial: Sequence[float] | Array | None = None,
    transient: float | None = None,
    tolerance: float = 1e-9,
) -> Job[Stroboscopic]:
    """`stroboscopic` as a job, yielding the points so far."""
    from engine.analysis._flow_orbit import followable

    if system.kind == "map":
        raise ParameterError(
            f"'{system.key}' is a map: its orbit is a section already; plot its states instead"
        )
    system = system.at(values)
    if not 2 <= points <= MOST:
        raise ParameterError(f"points must be from 2 to {MOST:,}, got {points}")
    if not 0.0 <= phase <= 1.0:
        raise ParameterError(f"the phase is a share of the period from 0 to 1, got {phase}")
    time = period_of_force(system, period, values)
    transient = system.run.transient if transient is None else float(transient)
    if not (math.isfinite(transient) and transient >= 0.0):
        raise ParameterError(f"the transient must be zero or more, got {transient}")
    first = math.ceil(transient / time - 1e-9)
    other = bool(followable(system)) or system.run.method == "rodas5p"
    how = f"{system.run.method}, step divides the period" if other else f"DOP853, {tolerance:g}"
    rows = np.empty((points, 1 + system.dimension))
    road = _sampled if other else _exact

    def result(count: int) -> Stroboscopic:
        states = rows[:count, 1:].copy()
        times = rows[:count, 0].copy()
        cycle = _cycle(states)
        return Stroboscopic(states, times, time, phase, cycle, system.variables, how)

    count = 0
    for count in road(system, time, phase, first, values, initial, tolerance, rows):
        yield Partial(
            result(count) if 1 < count <= 10_000 else None,
            float(count),
            float(points),
            f"{count} points" if count else "discarding the transient",
        )
    if count < points:
        raise ParameterError(
            f"the orbit of '{system.key}' ended after {count} of {points} periods; it left the "
            "region the run is bound to"
        )
    return result(points)


def period_of_force(system: System, period: float | None, values: Values | None) -> float:
    """The period as it is given, or as the equations have it.

    Raises
    ------
    ParameterError
        If it is no positive number or there is none.
    """
    if period is not None:
        if not (math.isfinite(period) and period > 0.0):
            raise ParameterError(f"the period must be a positive number, got {period}")
        return float(period)
    if system.model.autonomous:
        raise ParameterError(
            f"nothing drives '{system.key}': its equations do not depend on time; cut it by a "
            "plane instead (Poincaré section), or give a period"
        )
    found = _read_off(system, values)
    if not found:
        raise ParameterError(
            f"the equations of '{system.key}' do not repeat themselves in time as far as can be "
            "seen (two frequencies, or jumps); give the period"
        )
    return found


def _read_off(system: System, values: Values | None) -> float | None:
    """The period that the equations have, None where it cannot be told."""
    from engine.analysis._forcing import forcing_period

    try:
        return forcing_period(system, values) or None
    except EquationError:  # equations that are too many to be written out
        return None


def _exact(
    system: System,
    period: float,
    phase: float,
    first: int,
    values: Values | None,
    initial: Sequence[float] | Array | None,
    tolerance: float,
    rows: Array,
) -> Iterator[int]:
    """Fill `rows`; yields how many there are."""
    from time import perf_counter

    from engine.analysis._flow_orbit import SLICE, Orbit

    orbit = Orbit(system, system.values(values), system.state(initial), tolerance=tolerance)
    began = perf_counter()
    for i in range(len(rows)):
        goal = (first + i + phase) * period
        try:
            for _ in orbit.follow(goal):
                yield i
        except ParameterError:
            yield i
            return
        rows[i, 0], rows[i, 1:] = goal, orbit.state
        if perf_counter() - began > SLICE:
            yield i + 1
            began = perf_counter()
    yield len(rows)


def _sampled(
    system: System,
    period: float,
    phase: float,
    first: int,
    values: Values | None,
    initial: Sequence[float] | Array | None,
    tolerance: float,
    rows: Array,
) -> Iterator[int]:
    """As `_exact`, by the system's own method at a step that divides the period."""
    from engine.integrate.methods import checked_method
    from engine.integrate.runs import start_run

    parts = max(8, math.ceil(period / system.run.step))
    step = period / parts
    shift = round(phase * parts)
    orbit = start_run(
        system,
        system.values(values),
        system.state(initial),
        key=checked_method(system, None),
        step=step,
        rtol=tolerance,
        atol=tolerance,
    )
    piece = np.empty((min(parts, 64), 1 + system.dimension))
    last = np.concatenate(([0.0], system.state(initial)))
    for i in range(len(rows)):
        goal = (first + i) * parts + shift
        while orbit.grid < goal:
            before = orbit.grid
            written = orbit.advance(min(len(piece), goal - orbit.grid), piece)
            if written:
                last = piece[written - 1].copy()
            if orbit.stopped is not None:
                yield i
                return
            if orbit.grid > before:
                yield i
        rows[i] = last
    yield len(rows)


def _cycle(points: Array) -> int:
    """After how many rows the second half repeats itself, 0 where it does not."""
    tail = points[len(points) // 2 :]
    spread = np.ptp(tail, axis=0)
    size = np.maximum(spread, 1e-3 * np.abs(tail).max(axis=0, initial=0.0)) + 1e-300
    for length in range(1, min(_LONGEST, len(tail) // 3) + 1):
        if (np.abs(tail[length:] - tail[:-length]) <= _SAME * size).all():
            return length
    return 0


def _automatic(subject: Subject) -> Mapping[str, Value]:
    system = subject.system
    if system is None or system.kind == "map" or system.model.autonomous:
        return {}
    found = _read_off(system.at(subject.values), subject.values)
    return {"period": found} if found else {}


def _job(subject: Subject, options: Mapping[str, Value]) -> Job[Stroboscopic]:
    assert subject.system is not None
    period = float(options["period"])
    return stroboscopic_job(
        subject.system,
        period or None,
        int(options["points"]),
        float(options["phase"]),
        subject.values,
        subject.initial,
    )


METHOD = Method(
    title="Stroboscopic section",
    group="Sections",
    summary=(
        "The state of a driven system once a period of what drives it, as if seen by a flash: "
        "one point where it follows the force, several where it repeats itself after several "
        "periods, a closed curve where it has a rhythm of its own, a fractal where it is "
        "chaotic."
    ),
    trust=(
        "The period must be that of the whole right-hand side; it is found where that repeats "
        "itself exactly and smoothly, and must be given where a force switches or several "
        "frequencies have a long common period. Discard enough of the beginning: weak damping "
        "takes many periods. Some thousands of points show a fractal."
    ),
    takes="system",
    job=_job,
    options=(
        Parameter(
            "period",
            0.0,
            0.0,
            100.0,
            help="Time between two flashes; 0 reads it off the equations",
        ),
        Parameter("points", 2000, 10, 100_000, scale="integer", help="How many flashes"),
        Parameter("phase", 0.0, 0.0, 1.0, help="Share of the period at which it flashes"),
    ),
    automatic=_automatic,
    references=(
        Reference(
            "J. Guckenheimer and P. Holmes",
            1983,
            "Nonlinear Oscillations, Dynamical Systems, and Bifurcations of Vector Fields",
            "Springer",
            "10.1007/978-1-4612-1140-2",
        ),
    ),
)
