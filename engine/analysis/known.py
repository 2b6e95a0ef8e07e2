"""Measures the published figures that a system's file lists, each on a fresh run.

`measure` knows every quantity a ``[[known]]`` row may name; what each means is said in
`engine.systems.system.KnownFigure` and beside the function that measures it. Nothing here
knows the published value, except to choose among several answers the nearest one: a system
with two Hopf bifurcations has both. Judging the result is the claim's matter.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from engine.analysis.crossings import Loss, bounding_box, crossings, solutions
from engine.analysis.lyapunov_spectrum import LyapunovSpectrum, lyapunov_spectrum_job
from engine.errors import ParameterError
from engine.exhibit import Values
from engine.job import run
from engine.systems.system import KnownFigure, System

Array = NDArray[np.float64]
_STEPS = 1_000_000
_SURE = 0.1  # standard error, in units of the tolerance, at which an average is long enough
_SAMPLES = 400
CONSERVED = ("energy", "invariant")
"""Names of quantities that a system's file may define and that its flow keeps."""


def measure(system: System, known: KnownFigure) -> float:
    """What `known` says about `system`, measured.

    Parameters
    ----------
    system : System
    known : KnownFigure
        Its `quantity` says what is measured, its `values` at which parameter values; its
        `value` is used only to choose among several answers.

    Returns
    -------
    float

    Raises
    ------
    ParameterError
        If the quantity is unknown, or there is nothing to measure.
    """
    method = MEASURES.get(known.quantity)
    if method is None:
        raise ParameterError(
            f"'{known.quantity}' of '{system.key}' is no quantity that can be measured; there "
            f"are {', '.join(MEASURES)}"
        )
    return method(system, known)


def largest_exponent(system: System, known: KnownFigure) -> float:
    """Largest Lyapunov exponent, per unit of time or iteration."""
    return float(_spectrum(system, known, 1, lambda found: found.stderr[0]).exponents[0])


def dimension(system: System, known: KnownFigure) -> float:
    """Kaplan-Yorke dimension from the whole spectrum."""
    return _spectrum(system, known, None, lambda found: found.kaplan_yorke_stderr).kaplan_yorke


def divergence(system: System, known: KnownFigure) -> float:
    """Trace of the Jacobian on the attractor, where it differs most from the known value."""
    return _extreme(known, [float(np.trace(matrix)) for matrix in _jacobians(system, known)])


def determinant(system: System, known: KnownFigure) -> float:
    """Determinant of the Jacobian, where it differs most from the known value."""
    return _extreme(known, [float(np.linalg.det(m)) for m in _jacobians(system, known)])


def conserved(system: System, known: KnownFigure) -> float:
    """Largest departure of the conserved quantity from its first value in the default run."""
    from engine import simulate

    run = system.run
    trajectory = simulate(
        system,
        duration=run.length * run.step,
        step=run.step,
        method=run.method,
        values=known.values,
    )
    worth = quantity(system, CONSERVED, trajectory.states, known.values)
    return float(np.abs(worth - worth[0]).max())


def fixed_point(system: System, known: KnownFigure) -> float:
    """First coordinate of the fixed point that is nearest to the known one."""
    points = solutions(system, _box(system, known), known.values)
    return _nearest(system, known, [float(point.state[0]) for point in points])


def two_cycle(system: System, known: KnownFigure) -> float:
    """First coordinate of the state of a two-cycle that is nearest to the known one."""
    points = solutions(system, _box(system, known), known.values, period=2)
    return _nearest(system, known, [float(point.state[0]) for point in points])


def hopf(system: System, known: KnownFigure) -> float:
    """Parameter of the orbit diagram at which a pair of eigenvalues becomes imaginary."""
    return _crossing(system, known, "hopf", 1)


def period_doubling(system: System, known: KnownFigure) -> float:
    """Parameter of the orbit diagram at which a multiplier of a fixed point passes -1."""
    return _crossing(system, known, "period-doubling", 1)


def two_cycle_doubling(system: System, known: KnownFigure) -> float:
    """Parameter of the orbit diagram at which a multiplier of a two-cycle passes -1."""
    return _crossing(system, known, "period-doubling", 2)


def period(system: System, known: KnownFigure) -> float:
    """Mean time between upward passages of the first variable through its middle.

    The passage within a step is solved for on the cubic through both states and slopes.
    """
    from engine import simulate

    run = system.run
    trajectory = simulate(
        system,
        duration=40_000 * run.step,
        step=run.step,
        method=run.method,
        values=known.values,
        transient=run.transient,
    )
    x, t = trajectory.states[:, 0], trajectory.t
    middle = 0.5 * (x.min() + x.max())
    before = np.nonzero((x[:-1] < middle) & (x[1:] >= middle))[0]
    if before.size < 3:
        raise ParameterError(f"'{system.key}' does not oscillate at these values")
    times = [
        t[i]
        + _passage(system, known, trajectory.t[i : i + 2], trajectory.states[i : i + 2], middle)
        for i in (before[0], before[-1])
    ]
    return float((times[1] - times[0]) / (before.size - 1))


Measure = Callable[[System, KnownFigure], float]
MEASURES: Mapping[str, Measure] = MappingProxyType(
    {
        "lyapunov-largest": largest_exponent,
        "kaplan-yorke": dimension,
        "divergence": divergence,
        "jacobian-determinant": determinant,
        "energy": conserved,
        "fixed-point": fixed_point,
        "two-cycle": two_cycle,
        "hopf": hopf,
        "period-doubling": period_doubling,
        "two-cycle-doubling": two_cycle_doubling,
        "period": period,
    }
)


def quantity(
    system: System,
    names: tuple[str, ...],
    states: Array,
    values: Values | None = None,
    time: float = 0.0,
) -> Array:
    """A named intermediate quantity of the system at many states.

    Parameters
    ----------
    system : System
    names : tuple of str
        The first that the system defines is taken.
    states : array (m, n)
    values : mapping, optional
        Parameter values.

    Returns
    -------
    array (m,)

    Raises
    ------
    ParameterError
        If the system defines none of them.
    """
    name = next((name for name in names if name in system.quantities), None)
    if name is None:
        raise ParameterError(f"'{system.key}' defines no quantity named {' or '.join(names)}")
    # The same checked road as the equations: a system whose first equation is the quantity.
    first, *others = system.variables
    probe = replace(system, equations={first: name, **dict.fromkeys(others, "0")})
    rhs, parameters = probe.model.compiled.rhs, system.values(values)
    out, worth = np.empty(system.dimension), np.empty(len(states))
    for i, state in enumerate(np.ascontiguousarray(states, dtype=np.float64)):
        rhs(time, state, parameters, out)
        worth[i] = out[0]
    return worth


def _spectrum(
    system: System,
    known: KnownFigure,
    count: int | None,
    error: Callable[[LyapunovSpectrum], float],
) -> LyapunovSpectrum:
    """A spectrum over a million steps of the run, fewer where its error is soon small.

    Five times as many where the error is large even then: orbits that stick to islands of
    order. How large it is is asked at set times, so that the same numbers come out on every
    machine.
    """
    step = 1.0 if system.kind == "map" else system.run.step
    for share, sure in ((0.05, _SURE), (0.2, _SURE), (1.0, 2.0 * _SURE), (5.0, math.inf)):
        job = lyapunov_spectrum_job(system, share * _STEPS * step, values=known.values, count=count)
        found = run(job)
        if error(found) <= sure * known.tolerance:
            break
    return found


def _crossing(system: System, known: KnownFigure, loss: Loss, cycle: int) -> float:
    diagram = system.orbit_diagram
    found = crossings(
        system,
        diagram.parameter,
        diagram.low,
        diagram.high,
        _box(system, known),
        loss,
        known.values,
        cycle,
    )
    return _nearest(system, known, found)


def _orbit(system: System, known: KnownFigure, steps: int) -> tuple[Array, Array]:
    from engine import simulate

    run = system.run
    step = 1.0 if system.kind == "map" else run.step
    trajectory = simulate(
        system, duration=steps * step, step=step, method=run.method, values=known.values
    )
    return trajectory.t, trajectory.states


def _box(system: System, known: KnownFigure) -> Array:
    return bounding_box(_orbit(system, known, 4000)[1])


def _jacobians(system: System, known: KnownFigure) -> list[Array]:
    """Jacobians at states spread over a run."""
    times, states = _orbit(system, known, 20_000)
    every = max(1, len(states) // _SAMPLES)
    return [
        system.jacobian(t, state, known.values)
        for t, state in zip(times[::every], states[::every], strict=True)
    ]


def _extreme(known: KnownFigure, measured: list[float]) -> float:
    return max(measured, key=lambda value: abs(value - known.value))


def _nearest(system: System, known: KnownFigure, measured: list[float]) -> float:
    if not measured:
        raise ParameterError(f"no {known.quantity} of '{system.key}' was found")
    return min(measured, key=lambda value: abs(value - known.value))


def _passage(
    system: System, known: KnownFigure, times: Array, states: Array, middle: float
) -> float:
    """When, after the first of two times, the cubic through both states reaches `middle`."""
    h = times[1] - times[0]
    slopes = [system.rhs(t, state, known.values)[0] for t, state in zip(times, states, strict=True)]
    a, b, da, db = states[0, 0], states[1, 0], h * slopes[0], h * slopes[1]
    roots = np.roots([2 * (a - b) + da + db, 3 * (b - a) - 2 * da - db, da, a - middle])
    inside = [
        float(root.real)
        for root in np.asarray(roots, dtype=np.complex128)
        if abs(root.imag) < 1e-9 and -1e-9 <= root.real <= 1.0 + 1e-9
    ]
    return float(h * (inside[0] if inside else (middle - a) / (b - a)))
