"""Lyapunov exponents of one orbit, largest first, and the dimension that follows from them.

Tangent vectors are carried along the orbit by the exact Jacobian and made orthonormal
again every few steps; the mean growth of their lengths are the exponents. Flows are
integrated by RK4, whatever the run itself uses, because orbit and vectors must be advanced
by one and the same map. Not for measured data.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from engine.errors import ParameterError
from engine.exhibit import Values
from engine.job import Job, Partial, run
from engine.systems.system import System

Array = NDArray[np.float64]
_SLICE = 0.015  # seconds of work between two yields


@dataclass(frozen=True)
class LyapunovSpectrum:
    """Exponents of an orbit.

    Attributes
    ----------
    exponents : array (k,)
        Per unit of time (per iteration for maps), largest first, natural logarithm.
    duration : float
        Time they were averaged over.
    """

    exponents: Array
    duration: float

    @property
    def kaplan_yorke(self) -> float:
        """Kaplan-Yorke dimension; not a number where the spectrum is not complete enough."""
        return kaplan_yorke(self.exponents)


def kaplan_yorke(exponents: Sequence[float] | Array) -> float:
    """Kaplan-Yorke dimension of a spectrum given largest first.

    The number of exponents whose sum stays at or above zero, plus that sum over the size of
    the next exponent. It is the number of exponents where the sum of all is not negative.

    References
    ----------
    J. L. Kaplan, J. A. Yorke, Chaotic behavior of multidimensional difference equations,
    Lecture Notes in Mathematics 730, Springer 1979.
    """
    total = 0.0
    for i, exponent in enumerate(map(float, exponents)):
        if total + exponent < 0.0:
            return i + total / abs(exponent)
        total += exponent
    return float(len(exponents))


def lyapunov_spectrum_job(
    system: System,
    steps: int = 200_000,
    count: int | None = None,
    values: Values | None = None,
    initial: Sequence[float] | Array | None = None,
    step: float | None = None,
    transient: float | None = None,
    every: int | None = None,
) -> Job[LyapunovSpectrum]:
    """The exponents as a job, yielding the running estimate.

    Parameters
    ----------
    system : System
    steps : int
        Steps (iterations for maps) to average over.
    count : int, optional
        How many exponents, from the largest; all by default.
    values, initial
        Parameter values and initial state; the system's own by default.
    step : float, optional
        Time step of a flow; that of the system's run by default.
    transient : float, optional
        Time (iterations) discarded first, in which the vectors turn to their directions;
        that of the system's run by default.
    every : int, optional
        Steps between orthonormalisations; 10 for flows and 1 for maps by default.

    Raises
    ------
    ParameterError
        If a setting cannot be used or the orbit leaves the bound.

    References
    ----------
    G. Benettin, L. Galgani, A. Giorgilli, J.-M. Strelcyn, Lyapunov characteristic exponents
    for smooth dynamical systems and for Hamiltonian systems, Meccanica 15, 9-30 (1980).
    """
    from engine.analysis.tangent import advance

    n = system.dimension
    count = n if count is None else count
    flow = system.kind == "flow"
    h = (system.run.step if step is None else step) if flow else 0.0
    every = (10 if flow else 1) if every is None else every
    transient = system.run.transient if transient is None else transient
    _check(system, steps, count, h, transient, every)
    compiled = system.model.compiled
    parameters = system.values(values)
    state = system.state(initial)
    # Directions of no special kind: unit vectors may span a subspace that the flow keeps.
    generic = np.random.default_rng(0).standard_normal((n, n))
    vectors = np.ascontiguousarray(np.linalg.qr(generic)[0][:count])
    growth = np.zeros(count)
    work = np.empty((n + 5 * (count + 1) + 1, n))
    unit = h if flow else 1.0
    skipped = _multiple(transient / unit, every)
    total = skipped + _multiple(steps, every)

    def estimate(done: int) -> LyapunovSpectrum | None:
        over = (done - skipped) * unit
        if over <= 0.0:
            return None
        return LyapunovSpectrum(np.sort(growth / over)[::-1], over)

    done, chunk = 0, 50 * every
    while done < total:
        goal = skipped if done < skipped else total
        began = perf_counter()
        made, left = advance(
            compiled.rhs,
            compiled.jacobian,
            state,
            vectors,
            parameters,
            0.0,
            h,
            done,
            min(chunk, goal - done),
            every,
            system.run.bound,
            growth,
            work,
        )
        done += made
        if left:
            raise ParameterError(
                f"'{system.key}' has no Lyapunov exponents from here: the orbit left the "
                f"region |x| <= {system.run.bound:g} at t = {done * unit:g}"
            )
        if done == skipped:
            growth[:] = 0.0
        taken = max(perf_counter() - began, 1e-6)
        chunk = every * max(1, int(chunk * min(2.0, _SLICE / taken)) // every)
        yield Partial(estimate(done), done, total, "Lyapunov exponents")
    result = estimate(total)
    assert result is not None
    return result


def lyapunov_spectrum(
    system: System,
    steps: int = 200_000,
    count: int | None = None,
    values: Values | None = None,
    initial: Sequence[float] | Array | None = None,
    step: float | None = None,
    transient: float | None = None,
    every: int | None = None,
) -> LyapunovSpectrum:
    """Lyapunov exponents of one orbit, largest first; see `lyapunov_spectrum_job`."""
    return run(lyapunov_spectrum_job(system, steps, count, values, initial, step, transient, every))


def _multiple(steps: float, every: int) -> int:
    return every * math.ceil(steps / every - 1e-9)


def _check(
    system: System, steps: int, count: int, step: float, transient: float, every: int
) -> None:
    if not 1 <= count <= system.dimension:
        raise ParameterError(
            f"'{system.key}' has {system.dimension} Lyapunov exponents; {count} cannot be computed"
        )
    if steps < 1 or every < 1:
        raise ParameterError(
            f"Lyapunov exponents need at least one step and one between orthonormalisations, "
            f"got steps = {steps} and every = {every}"
        )
    if system.kind == "flow" and not (math.isfinite(step) and step > 0.0):
        raise ParameterError(f"the step must be a positive number, got {step}")
    if not (math.isfinite(transient) and transient >= 0.0):
        raise ParameterError(f"the transient must be zero or more, got {transient}")
