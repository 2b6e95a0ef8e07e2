"""Closed orbits of a flow: guesses from a run that almost returns, closed, each kept once.

It serves ``periodic_orbits``. A run is cut by the plane through the middle of what it fills;
passages that come back near to where an earlier one was are guesses. Driven flows are seen
once a period of the force instead.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.analysis._shooting import SAMPLES, Closed, Shooter, Steps, returns
from engine.analysis._solutions import turns
from engine.errors import ParameterError
from engine.exhibit import Values
from engine.job import Partial
from engine.systems.system import System

Array = NDArray[np.float64]
Found = tuple[list[Closed], Array]

_FEW = 40  # passages of a first look
_PASSAGES = 1200  # among which close returns are looked for
_LONGEST = 120_000  # steps of the run that is looked at
_NEAR = 0.1  # distance of a close return, in units of what the run fills
_GUESSES = 6  # for every number of passages
_SAME = 1e-5  # two orbits closer than this, in the same units, are one
_ARCS = 4  # a passage


def closed_orbits_job(
    system: System,
    period: float | None,
    values: Values | None,
    initial: Sequence[float] | Array | None,
    passages: int,
    transient: float | None,
) -> Steps[Found]:
    """Closed orbits in the order of their periods, and units of the variables; a job."""
    road = _free if system.model.autonomous else _driven
    return (yield from road(system, period, values, initial, passages, transient))


def _free(
    system: System,
    period: float | None,
    values: Values | None,
    initial: Sequence[float] | Array | None,
    passages: int,
    transient: float | None,
) -> Steps[Found]:
    """Of a flow that nothing drives."""
    from engine.analysis._section_plane import middle
    from engine.analysis.poincare_section import poincare_section_job
    from engine.analysis.stroboscopic import stroboscopic_job

    # A coarse look, to know where the middle is.
    job = stroboscopic_job(
        system, 4.0 * system.run.step, 1000, 0.0, values, initial, transient, 1e-7
    )
    while True:
        try:
            partial = next(job)
        except StopIteration as stop:
            states = stop.value.points
            break
        yield Partial(None, 0.1 * partial.fraction, 1.0, "following a run")
    spread = np.ptp(states, axis=0)
    if not (spread > 1e-6 * (1.0 + np.abs(states).max(axis=0))).any():
        raise ParameterError(
            f"'{system.key}' comes to rest at these values: there is an equilibrium and no "
            "oscillation to find; take other parameter values or another initial state"
        )
    at, value = middle(states, system.variables)
    size = np.maximum(spread, 1e-3 * (float(spread.max()) or 1.0))
    # A limit cycle is known after a few passages; chaos has to come back by chance.
    for crossings, share in ((_FEW, 0.1), (_PASSAGES, 0.3)):
        section = poincare_section_job(
            system,
            variable=system.variables[at],
            value=value,
            crossings=crossings,
            duration=_LONGEST * system.run.step,
            values=values,
            initial=initial,
            transient=transient,
            tolerance=1e-9,
        )
        while True:
            try:
                rest = next(section)
            except StopIteration as stop:
                cut = stop.value
                break
            yield Partial(None, share * (1.0 + rest.fraction), 1.0, "looking for close returns")
        guesses = returns(cut.times, cut.points, size, passages, _NEAR, _GUESSES)
        gaps = np.abs(cut.points[passages:] - cut.points[:-passages]) / size
        if len(cut) > 2 * passages and float(gaps[len(gaps) // 2 :].max()) < _NEAR / 10.0:
            break
    if period is not None:
        guesses = [guess for guess in guesses if abs(guess[2] - period) < 0.2 * period]
        if not guesses:
            # Nothing returns just then: what is asked for may still be near.
            guesses = [(len(cut.points) - 1, passages, float(period))]
    parameters = system.values(values)
    shooter = Shooter(system, parameters, size, turns(system, parameters))
    found: list[Closed] = []
    for done, (i, count, time) in enumerate(guesses):
        closed = yield from _closing(
            shooter, cut.points[i], time, _ARCS * count, 0.4 + 0.6 * done / len(guesses)
        )
        if closed is not None:
            closed = yield from _prime(shooter, closed, passages)
        if closed is not None and all(_differ(closed, other, size) for other in found):
            found.append(closed)
    if period is not None:
        found = [closed for closed in found if abs(closed.period - period) < 0.2 * period]
    return sorted(found, key=lambda closed: (round(closed.period, 6), *closed.state)), size


def _driven(
    system: System,
    period: float | None,
    values: Values | None,
    initial: Sequence[float] | Array | None,
    passages: int,
    transient: float | None,
) -> Steps[Found]:
    """Of a flow whose equations repeat themselves."""
    from engine.analysis.stroboscopic import period_of_force, stroboscopic_job

    force = period_of_force(system, None, values)
    most = passages
    if period is not None:
        most = round(period / force)
        if most < 1 or abs(most * force - period) > 1e-6 * period:
            raise ParameterError(
                f"'{system.key}' is driven with the period {force:.8g}: its orbits return after "
                f"whole multiples of that, not after {period:g}"
            )
    job = stroboscopic_job(system, force, 800, 0.0, values, initial, transient)
    while True:
        try:
            partial = next(job)
        except StopIteration as stop:
            seen = stop.value
            break
        yield Partial(None, 0.4 * partial.fraction, 1.0, "looking for close returns")
    # A limit cycle leaves one point: its own size then is what it moves within a period.
    spread = np.ptp(seen.points, axis=0)
    size = np.maximum(spread, 0.1 * np.abs(seen.points).max(axis=0))
    size = np.maximum(size, 1e-2 * (float(size.max()) or 1.0))
    guesses = returns(seen.times, seen.points, size, most, _NEAR, _GUESSES)
    parameters = system.values(values)
    shooter = Shooter(system, parameters, size, turns(system, parameters))
    found: list[Closed] = []
    for done, (i, count, _) in enumerate(guesses):
        if period is not None and count != most:
            continue
        closed = yield from _closing(
            shooter,
            seen.points[i],
            count * force,
            2 * _ARCS * count,
            0.4 + 0.6 * done / len(guesses),
        )
        if closed is not None:
            closed = yield from _prime(shooter, closed, count, count)
        if closed is not None and all(_differ(closed, other, size) for other in found):
            found.append(closed)
    return sorted(found, key=lambda closed: (round(closed.period, 6), *closed.state)), size


def _closing(
    shooter: Shooter, state: Array, time: float, arcs: int, done: float
) -> Steps[Closed | None]:
    job = shooter.close(state, time, arcs)
    while True:
        try:
            next(job)
        except StopIteration as stop:
            return stop.value  # type: ignore[no-any-return]
        yield Partial(None, done, 1.0, "closing orbits")


def _prime(shooter: Shooter, closed: Closed, most: int, only: int = 0) -> Steps[Closed | None]:
    """The orbit once round, where it was closed after several times."""
    for times in range(most, 1, -1):
        if SAMPLES % times or (only and only % times):
            continue
        gap = shooter.gap(closed.orbit[SAMPLES // times], closed.orbit[0])
        if float(np.abs(gap / shooter.size).max()) < 1e-6:
            period = closed.period / times
            arcs = max(1, round(_ARCS * most / times))
            return (yield from _closing(shooter, closed.state, period, arcs, 0.9))
    return closed


def _differ(one: Closed, other: Closed, size: Array) -> bool:
    """Whether two orbits are not the same, wherever they begin."""
    if abs(one.period - other.period) > 1e-6 * one.period:
        return True
    # Means over a period do not depend on where it begins, nor do those of squares.
    a, b = one.orbit[:-1] / size, other.orbit[:-1] / size
    moments = [
        float(np.abs((a**power).mean(axis=0) - (b**power).mean(axis=0)).max()) for power in (1, 2)
    ]
    scale = 1.0 + float(np.abs(a).max()) ** 2
    return not math.isclose(max(moments), 0.0, abs_tol=_SAME * scale)
