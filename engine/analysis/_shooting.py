"""Multiple shooting: a closed orbit of a flow from a guess, with its Floquet multipliers.

The orbit is cut into arcs. Newton's method moves the beginnings of all arcs and the period
until every arc ends where the next begins; derivatives come from the variational equations
along the same steps. Of a flow that depends on time the period is given, else a phase
condition, that the first state moves across the flow only, makes it unknown. Guesses are
close returns of a run (``returns``).

References
----------
R. Seydel, Practical Bifurcation and Stability Analysis, third edition, Springer 2010,
chapter 7.
"""

from __future__ import annotations

import math
from collections.abc import Generator
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from engine.analysis._flow_orbit import Orbit
from engine.errors import ParameterError
from engine.job import Partial
from engine.systems.system import System

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]

T = TypeVar("T")
Steps = Generator[Partial[Any], None, T]
"""A part of a job, which says how it gets on and returns something of its own."""

SAMPLES = 480
"""Points along an orbit; many lengths divide it."""
_STEPS = 30  # of Newton's method
_TOLERANCE = 1e-12  # of the integration
_SMALL = 100  # unknowns up to which singular equations are solved
_LARGEST = 600  # unknowns of the linear equations


@dataclass(frozen=True, eq=False)
class Closed:
    """A closed orbit.

    Attributes
    ----------
    state : array (n,)
    period : float
    multipliers : array (n,)
        Complex, largest first.
    logarithm : float
        Integral of the divergence, of which the multipliers' product is the exponential.
    orbit : array (SAMPLES + 1, n)
        States at even times, the first again at the end.
    gap : float
        Largest gap between two arcs, in units of the orbit's size.
    """

    state: Array
    period: float
    multipliers: Complex
    logarithm: float
    orbit: Array
    gap: float


class Shooter:
    """Closes orbits of one system.

    Parameters
    ----------
    system : System
    parameters : array (p,)
    size : array (n,)
        Units of the variables.
    turns : array (n,)
        Whole turns of angles, 0 else.
    time : float
        When the first state is taken; matters where the equations depend on time.
    """

    def __init__(
        self, system: System, parameters: Array, size: Array, turns: Array, time: float = 0.0
    ) -> None:
        self.system, self.parameters, self.size, self.turns = system, parameters, size, turns
        self.time = time
        self.free = system.model.autonomous
        self._extent = np.stack([-size, size])

    def close(self, state: Array, period: float, arcs: int) -> Steps[Closed | None]:
        """The closed orbit that Newton's method reaches, or None; a job.

        Parameters
        ----------
        state : array (n,)
        period : float
            A guess; the period itself where the equations depend on time.
        arcs : int
            Into how many the orbit is cut, fewer where there are many variables.
        """
        try:
            return (yield from self._close(state, period, arcs))
        except (ParameterError, np.linalg.LinAlgError, FloatingPointError):
            return None

    def _close(self, state: Array, period: float, arcs: int) -> Steps[Closed | None]:
        n = state.size
        arcs = max(1, min(arcs, _LARGEST // n))
        starts = np.empty((arcs, n))
        starts[0] = state
        orbit = self._orbit(state, self.time, False)
        for i in range(1, arcs):
            yield from self._moved(orbit, self.time + period * i / arcs)
            starts[i] = orbit.state
        former, length = math.inf, period
        for _ in range(_STEPS):
            ends, blocks, logarithm = yield from self._arcs(starts, length)
            gaps = np.array([self.gap(ends[i], starts[(i + 1) % arcs]) for i in range(arcs)])
            worst = float(np.abs(gaps / self.size).max())
            if not worst < 1e6:
                return None
            if worst < 1e-11 or (worst < 1e-8 and worst > 0.3 * former):
                return (yield from self._finished(starts, length, blocks, logarithm, worst))
            former = worst
            move, stretch = self._move(starts, ends, blocks, gaps, length)
            # Not farther than the picture is reliable: a fifth of its size and of the period.
            share = min(
                1.0,
                0.2 / max(float(np.abs(move / self.size).max()), 1e-300),
                0.1 * length / max(abs(stretch), 1e-300),
            )
            starts = starts + share * move
            length += share * stretch
            if not 0.3 * period < length < 3.0 * period:
                return None
        return None

    def _orbit(self, state: Array, time: float, vectors: bool) -> Orbit:
        return Orbit(
            self.system,
            self.parameters,
            state,
            time,
            vectors,
            tolerance=_TOLERANCE,
            extent=self._extent,
        )

    def _moved(self, orbit: Orbit, goal: float) -> Steps[None]:
        for _ in orbit.follow(goal):
            yield Partial(None, 0.0, 1.0, "closing orbits")

    def gap(self, end: Array, start: Array) -> Array:
        """What lies between two states, angles by the shorter way."""
        gap = np.asarray(end - start)
        where = self.turns > 0.0
        gap[where] -= self.turns[where] * np.round(gap[where] / self.turns[where])
        return gap

    def _arcs(self, starts: Array, period: float) -> Steps[tuple[Array, Array, float]]:
        """Ends of the arcs, their derivatives, and the integral of the divergence."""
        arcs, n = starts.shape
        ends, blocks = np.empty((arcs, n)), np.empty((arcs, n, n))
        logarithm = 0.0
        for i in range(arcs):
            orbit = self._orbit(starts[i], self.time + period * i / arcs, True)
            for _ in orbit.follow(self.time + period * (i + 1) / arcs):
                yield Partial(None, 0.0, 1.0, "closing orbits")
            ends[i], blocks[i] = orbit.state, orbit.derivative
            logarithm += orbit.logarithm
            yield Partial(None, 0.0, 1.0, "closing orbits")
        return ends, blocks, logarithm

    def _move(
        self, starts: Array, ends: Array, blocks: Array, gaps: Array, period: float
    ) -> tuple[Array, float]:
        """Newton's step of all beginnings and of the period."""
        arcs, n = starts.shape
        whole = arcs * n + (1 if self.free else 0)
        matrix, right = np.zeros((whole, whole)), np.zeros(whole)
        slope = np.empty(n)
        rhs = self.system.model.compiled.rhs
        for i in range(arcs):
            row, after = slice(i * n, (i + 1) * n), ((i + 1) % arcs) * n
            matrix[row, row] += blocks[i]
            matrix[row, after : after + n] -= np.eye(n)
            right[row] = -gaps[i]
            if self.free:
                rhs(self.time + period * (i + 1) / arcs, ends[i], self.parameters, slope)
                matrix[row, -1] = slope / arcs
        if self.free:
            rhs(self.time, starts[0], self.parameters, slope)
            matrix[-1, :n] = slope / (self.size * self.size)
            scale = float(np.abs(matrix[-1, :n]).max())
            if not scale > 0.0:
                raise np.linalg.LinAlgError
            matrix[-1, :n] /= scale
        unit = np.tile(self.size, arcs)
        unit = np.append(unit, period) if self.free else unit
        rows = np.append(np.tile(self.size, arcs), 1.0)[:whole]
        scaled = matrix * unit / rows[:, None]
        if whole <= _SMALL:
            # The shortest of all steps: orbits of a system that keeps an energy are not alone.
            move = np.linalg.lstsq(scaled, right / rows, rcond=1e-10)[0] * unit
        else:
            move = np.linalg.solve(scaled, right / rows) * unit
        return move[: arcs * n].reshape(arcs, n), float(move[-1]) if self.free else 0.0

    def _finished(
        self, starts: Array, period: float, blocks: Array, logarithm: float, gap: float
    ) -> Steps[Closed | None]:
        total = np.eye(starts.shape[1])
        for block in blocks:
            total = block @ total
        found = np.linalg.eigvals(total)
        found = found[np.argsort(-np.abs(found), kind="stable")].astype(np.complex128)
        arcs, rows = len(starts), np.empty((SAMPLES + 1, starts.shape[1]))
        times = np.arange(SAMPLES + 1) * (period / SAMPLES)
        # Each arc from its own beginning, so that an unstable orbit is not left.
        arc = -1
        for k in range(SAMPLES):
            if k * arcs // SAMPLES != arc:
                arc = k * arcs // SAMPLES
                orbit = self._orbit(starts[arc], self.time + period * arc / arcs, False)
            yield from self._moved(orbit, self.time + float(times[k]))
            rows[k] = orbit.state
            if k % 32 == 0:
                yield Partial(None, 0.0, 1.0, "closing orbits")
        rows[-1] = rows[0] + self._turned(rows)
        spread = np.ptp(rows, axis=0)
        if self.free and not float((spread / self.size).max()) > 1e-5:
            return None  # an equilibrium
        return Closed(starts[0].copy(), period, found, logarithm, rows, gap)

    def _turned(self, rows: Array) -> Array:
        """Whole turns that angles make in a period."""
        gap = rows[-2] - rows[0]
        where = self.turns > 0.0
        out = np.zeros(gap.size)
        out[where] = self.turns[where] * np.round(gap[where] / self.turns[where])
        return out


def returns(
    times: Array, points: Array, size: Array, most: int, near: float, count: int
) -> list[tuple[int, int, float]]:
    """Close returns of a run to where it was, the closest first.

    Parameters
    ----------
    times : array (m,)
    points : array (m, n)
        Passages through a plane.
    size : array (n,)
    most : int
        Passages after which a return still counts.
    near : float
        Largest distance, in units of `size`.
    count : int
        Returns wanted for every number of passages; of places that are alike only one.

    Returns
    -------
    list of (index, passages, time)
    """
    scaled = points / size
    found: list[tuple[int, int, float]] = []
    for passages in range(1, most + 1):
        distances = np.abs(scaled[passages:] - scaled[:-passages]).max(axis=1)
        spans = times[passages:] - times[:-passages]
        chosen: list[int] = []
        for i in np.argsort(distances, kind="stable")[: 40 * count].tolist():
            if distances[i] > near or len(chosen) >= count:
                break
            alike = any(
                abs(spans[i] - spans[j]) < 0.01 * spans[j]
                and float(np.abs(scaled[i] - scaled[j]).max()) < 0.05
                for j in chosen
            )
            if not alike:
                chosen.append(i)
        found += [(i, passages, float(spans[i])) for i in chosen]
    return found
