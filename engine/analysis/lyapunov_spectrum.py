"""Lyapunov exponents of one orbit, largest first, and the dimension that follows from them.

Tangent vectors are carried along the orbit by the exact Jacobian and made orthonormal
after every step; the mean growth of their lengths are the exponents. The time is cut into
blocks, whose scatter says how sure the means are. An orbit that has come to rest needs no
averages: there the exponents are those of the fixed point. Not for measured data.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.analysis._tangent_statistics import (
    boundaries,
    dimension_error,
    kaplan_yorke,
    settled,
    sheared,
    standard_error,
)
from engine.errors import ParameterError
from engine.exhibit import Values
from engine.job import Job, Partial, run
from engine.systems.system import System

if TYPE_CHECKING:
    from engine.analysis.tangent import Carrier

__all__ = ["LyapunovSpectrum", "kaplan_yorke", "lyapunov_spectrum", "lyapunov_spectrum_job"]

Array = NDArray[np.float64]
_BLOCKS = 64
_LEADING = 12  # exponents of a system with delays, which has no last one
_FEWEST = 16  # blocks that a run has at least, however long they take
_PATIENCE = 3.0  # times the work asked for that a run may take
_PILOT = 500  # steps that tell how long steps are
_TURN = 0.1  # share of the duration in which the vectors find their directions


@dataclass(frozen=True, eq=False)
class LyapunovSpectrum:
    """Exponents of an orbit.

    Attributes
    ----------
    exponents : array (k,)
        Per unit of time (per iteration for maps), largest first, natural logarithm.
    stderr : array (k,)
        Standard error of each, from the scatter of blocks of time; the accuracy of the
        integration counts too where the whole spectrum is there to tell it.
    kaplan_yorke : float
        Kaplan-Yorke dimension; where no exponent is surely positive, those within three
        standard errors of zero count as zero. Not a number where too few exponents are
        known. The time of a forced flow is no dimension here.
    kaplan_yorke_stderr : float
    divergence : float
        Mean of the Jacobian's trace along the same orbit (of the logarithm of its
        determinant's size for maps), which the exponents must sum to; it is found without
        the vectors. Not a number where it was not followed.
    duration : float
        Time they were averaged over.
    transient : float
        Time discarded before.
    method : str
        How the orbit and the vectors were moved.
    step : float
        Mean step; 1 for maps.
    seed : int
        Of the first vectors, and of the noise.
    rests : bool
        Whether the orbit rests at a fixed point.
    state : array (n,)
        The last state of the orbit.
    """

    exponents: Array
    stderr: Array
    kaplan_yorke: float
    kaplan_yorke_stderr: float
    divergence: float
    duration: float
    transient: float = 0.0
    method: str = ""
    step: float = math.nan
    seed: int = 0
    rests: bool = False
    state: Array = field(default_factory=lambda: np.zeros(0))


def lyapunov_spectrum(
    system: System,
    duration: float = 1000.0,
    step: float | None = None,
    values: Values | None = None,
    initial: Sequence[float] | Array | None = None,
    transient: float | None = None,
    seed: int = 0,
    count: int | None = None,
) -> LyapunovSpectrum:
    """Lyapunov exponents of one orbit, largest first.

    Parameters
    ----------
    system : System
    duration : float
        Time (iterations for maps) to average over.
    step : float, optional
        Step of RK4. Where absent, a flow takes DOP853 with a step that keeps the error of
        state and vectors within a tolerance.
    values, initial
        Parameter values and initial state; the system's own by default.
    transient : float, optional
        Time discarded first; that of the system's run by default. A tenth of `duration`
        more is spent on turning the vectors to their directions.
    seed : int
        Of the vectors' first directions, and of the noise of a stochastic system.
    count : int, optional
        How many exponents, from the largest; all by default, 12 of a system with delays.

    Returns
    -------
    LyapunovSpectrum

    Raises
    ------
    ParameterError
        If a setting cannot be used or the orbit cannot be followed.

    References
    ----------
    G. Benettin, L. Galgani, A. Giorgilli, J.-M. Strelcyn, Lyapunov characteristic exponents
    for smooth dynamical systems and for Hamiltonian systems, Meccanica 15, 9-30 (1980).
    """
    return run(
        lyapunov_spectrum_job(system, duration, step, values, initial, transient, seed, count)
    )


def lyapunov_spectrum_job(
    system: System,
    duration: float = 1000.0,
    step: float | None = None,
    values: Values | None = None,
    initial: Sequence[float] | Array | None = None,
    transient: float | None = None,
    seed: int = 0,
    count: int | None = None,
    steps: int | None = None,
) -> Job[LyapunovSpectrum]:
    """`lyapunov_spectrum` as a job, yielding the running estimate.

    Parameters
    ----------
    steps : int, optional
        Sets the duration by the work: about so many steps, as long as those that the orbit
        took in the second half of the transient, rounded to two figures.
    """
    from engine.analysis._tangent_switches import WIDTH, SlidingError, smoothed

    system = system.at(values)
    transient = system.run.transient if transient is None else transient
    _check(system, duration, step, transient)
    rest = (duration, step, values, initial, transient, seed, count, steps)
    try:
        return (yield from _follow(system, *rest))
    except SlidingError:
        found = yield from _follow(smoothed(system), *rest)
        return replace(found, method=f"{found.method}, switches smoothed over {WIDTH:g}")


def _follow(
    system: System,
    duration: float,
    step: float | None,
    values: Values | None,
    initial: Sequence[float] | Array | None,
    transient: float,
    seed: int,
    count: int | None,
    steps: int | None,
) -> Job[LyapunovSpectrum]:
    """The phases of a run: transient, turning of the vectors, blocks."""
    from engine.analysis._tangent_rest import resting
    from engine.analysis.tangent import carrier

    orbit = carrier(system, system.values(values), system.state(initial), step, seed)
    if count is None and system.delayed:
        count = min(_LEADING, orbit.room)
    count = _count(system, count, orbit.room)
    if system.kind == "map":
        duration, transient = math.ceil(duration), math.ceil(transient)
    middle = transient // 2 if system.kind == "map" else 0.5 * transient
    half = 0
    for goal in (middle, transient):
        while not orbit.advance(goal):
            yield Partial(None, orbit.time, transient, "discarding the transient")
        if goal < transient:
            orbit.settle()
            half = orbit.steps
    if (point := resting(system, orbit)) is not None:
        return _at_rest(system, orbit, point, count, transient)
    if steps is not None and system.kind == "map":
        duration = max(1.0, _rounded(steps))
    elif steps is not None:
        time, made = transient - middle, orbit.steps - half
        if made < _PILOT:
            # Too little was discarded to tell: a run that only measures how long steps are.
            pilot = carrier(system, orbit.parameters, orbit.state.copy(), step, seed)
            time = 4.0 * _PILOT * system.run.step
            while not pilot.advance(time):
                yield Partial(None, pilot.time, time, "how long steps are")
            made = pilot.steps
            orbit.extent[:] = pilot.extent
        duration = _rounded(steps * time / max(1, made))

    orbit.carry(count, seed)
    whole = system.kind == "map"
    turn = math.ceil(_TURN * duration) if whole else _TURN * duration
    total = transient + turn + duration
    for goal in _times(transient, turn, 4, whole):
        made = orbit.steps
        while not orbit.advance(goal):
            yield Partial(None, orbit.time, total, "turning the vectors")
        if steps is not None and orbit.steps - made > steps / 2:
            break
    if (point := resting(system, orbit)) is not None:
        return _at_rest(system, orbit, point, count, orbit.time)
    blocks = _Blocks(system, transient, seed, orbit)
    for goal in _times(orbit.time, duration, min(_BLOCKS, _most(system, duration)), whole):
        while not orbit.advance(goal):
            yield Partial(blocks.result(orbit), orbit.time, total, "Lyapunov exponents")
        blocks.mark(orbit)
        yield Partial(blocks.result(orbit), orbit.time, total, "Lyapunov exponents")
        if steps is not None and blocks.steps > _PATIENCE * steps and len(blocks) >= _FEWEST:
            # The orbit went where steps are short; what was to be a second's work ends here.
            break
    result = blocks.result(orbit)
    assert result is not None
    return result


def _times(start: float, duration: float, parts: int, whole: bool) -> list[float]:
    """The ends of parts of a time, iterations being whole."""
    times = start + duration * boundaries(parts)
    return list((np.round(times) if whole else times).tolist())


class _Blocks:
    """The growth at the ends of the blocks so far, and what it says."""

    def __init__(self, system: System, transient: float, seed: int, orbit: Carrier) -> None:
        self._system = system
        self._transient = transient
        self._seed = seed
        self._first = orbit.steps
        self.steps = 0
        self._times: list[float] = []
        self._growth: list[Array] = []
        self._volume: list[float] = []
        self.mark(orbit)

    def __len__(self) -> int:
        return len(self._times) - 1

    def mark(self, orbit: Carrier) -> None:
        """Keep what was reached at the end of a block."""
        self.steps = orbit.steps - self._first
        self._times.append(orbit.time)
        self._growth.append(orbit.growth.copy())
        self._volume.append(orbit.volume)

    def result(self, orbit: Carrier) -> LyapunovSpectrum | None:
        """The spectrum so far, None before the first block."""
        if not len(self):
            return None
        lengths = np.diff(self._times)
        with np.errstate(invalid="ignore"):
            growth = np.diff(np.array(self._growth), axis=0)
        growth[np.isnan(growth)] = -np.inf  # a singular map, from minus infinity on
        duration = float(lengths.sum())
        means = growth.sum(axis=0) / duration
        order = np.argsort(means)[::-1]
        exponents, growth = means[order], growth[:, order]
        divergence = (self._volume[-1] - self._volume[0]) / duration
        errors = standard_error(growth, lengths)
        errors = np.where(np.isneginf(exponents), 0.0, errors)
        complete = len(exponents) == orbit.room
        if complete and math.isfinite(divergence):
            errors = np.hypot(errors, abs(exponents.sum() - divergence) / len(exponents))
        errors = sheared(exponents, errors, duration, self.steps)
        sure = settled(exponents, np.nan_to_num(errors))
        dimension = kaplan_yorke(sure)
        known = complete or dimension < len(exponents)
        return LyapunovSpectrum(
            exponents,
            errors,
            dimension if known else math.nan,
            dimension_error(growth, lengths, np.nan_to_num(errors)) if known else math.nan,
            divergence,
            duration,
            self._transient,
            orbit.method,
            duration / max(1, self.steps),
            self._seed,
            False,
            orbit.state.copy(),
        )


def _at_rest(
    system: System, orbit: Carrier, point: Array, count: int, transient: float
) -> LyapunovSpectrum:
    """The spectrum of a fixed point."""
    from engine.analysis._tangent_rest import multipliers

    rates, divergence = multipliers(system, point, orbit.parameters)
    exponents = rates[:count]
    complete = count == len(rates)
    small = 1e-9 * max(1.0, float(np.abs(rates[np.isfinite(rates)]).max(initial=0.0)))
    dimension = kaplan_yorke(settled(exponents, np.full(count, small)))
    known = complete or dimension < count
    return LyapunovSpectrum(
        exponents,
        np.zeros(count),
        dimension if known else math.nan,
        0.0 if known else math.nan,
        divergence,
        0.0,
        transient,
        "eigenvalues of the fixed point",
        math.nan,
        0,
        True,
        point,
    )


def _rounded(duration: float) -> float:
    """A duration that can be told in two figures."""
    unit = 10.0 ** (math.floor(math.log10(duration)) - 1)
    return round(duration / unit) * unit


def _most(system: System, duration: float) -> int:
    """Blocks that a run can have."""
    return max(1, int(duration)) if system.kind == "map" else _BLOCKS


def _count(system: System, count: int | None, room: int) -> int:
    count = room if count is None else count
    if not 1 <= count <= room:
        raise ParameterError(
            f"'{system.key}' has {room} Lyapunov exponents; {count} cannot be computed"
        )
    return count


def _check(system: System, duration: float, step: float | None, transient: float) -> None:
    if not (math.isfinite(duration) and duration > 0.0):
        raise ParameterError(f"the duration must be a positive number, got {duration}")
    if step is not None and not (math.isfinite(step) and step > 0.0):
        raise ParameterError(f"the step must be a positive number, got {step}")
    if not (math.isfinite(transient) and transient >= 0.0):
        raise ParameterError(f"the transient must be zero or more, got {transient}")
    from engine.integrate.solve import check_steps

    # Steps of DOP853 are its own; the system's say what is far for it.
    usual = 1.0 if system.kind == "map" else system.run.step
    for name, time in (("duration", duration), ("transient", transient)):
        check_steps(name, time, usual if step is None else step)
