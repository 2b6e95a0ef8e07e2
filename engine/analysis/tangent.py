"""Orbits that carry tangent vectors, one class a kind of system, behind one door.

A `Carrier` moves a state forward in time, first alone and, after `carry`, with orthonormal
tangent vectors, and sums up how the vectors grow and how volume shrinks. What follows from
those sums is ``lyapunov_spectrum``; the loops are in the compiled ``_tangent_*`` modules.
Importing this imports the compiler.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from time import perf_counter
from typing import final

import numpy as np
from numpy.typing import NDArray

from engine.analysis import _tangent_flow as flow
from engine.analysis import _tangent_map as mapping
from engine.analysis._tangent_frame import orthonormalise
from engine.errors import ParameterError
from engine.integrate.methods import METHODS, Tableau
from engine.systems.system import System

Array = NDArray[np.float64]

TOLERANCE = 1e-9
"""Relative tolerance of the state where the step is chosen by its error."""
_STIFF = ("rodas5p",)  # methods of systems whose equations are stiff
_LARGEST_STIFF = 16  # variables; the exponential of a matrix costs their number cubed
SLICE = 0.012  # seconds of work between two returns


class LeftError(ParameterError):
    """The orbit left the system's bound, at `time`."""

    def __init__(self, message: str, time: float) -> None:
        super().__init__(message)
        self.time = time


class Carrier(ABC):
    """A state that moves and may carry tangent vectors.

    Attributes
    ----------
    time : float
    state : array (n,)
    growth : array (k,)
        Sums of the logarithms of the vectors' growth.
    volume : float
        Logarithm of the growth of volume, found without the vectors; not a number where
        there is no such thing.
    steps : int
        Steps made so far.
    method : str
        How, in words.
    """

    method = ""

    def __init__(self, system: System, parameters: Array, state: Array) -> None:
        self.system = system
        self.parameters = parameters
        self.state = state
        self.time = 0.0
        self.steps = 0
        self.growth = np.zeros(0)
        self.volume = math.nan
        n = state.size
        # Smallest, largest, and the smallest size that counts, of every variable.
        self.extent = np.array([state, state, self._least(np.abs(state))])
        self.scale = np.ones(n)

    def settle(self) -> None:
        """Forget how far the orbit went so far: it was on its way."""
        reach = np.maximum(self.extent[1] - self.extent[0], np.abs(self.extent[:2]).max(axis=0))
        # Not much less than it was: one that passes zero must not make the steps tiny.
        self.extent[2] = self._least(reach)
        self.extent[:2] = self.state

    def _least(self, reach: Array) -> Array:
        """The smallest size that counts of variables that go so far.

        One that has hardly moved yet is measured by the others, those of its own family
        first.
        """
        floor = np.where(reach > 0.0, 1e-9, 1e-3) * (reach.max() or 1.0)
        for first, size in self.system.model.family_rows.values():
            floor[first : first + size] = 1e-3 * (reach[first : first + size].max() or 1.0)
        return np.maximum(0.02 * reach, floor)

    def _units(self) -> Array:
        """A unit for every variable from how far it goes: a power of two, near 1 on the whole.

        Exponents do not depend on it; the accuracy of the vectors does where variables
        differ by many orders of magnitude. A family has one unit.
        """
        reach = 0.5 * (self.extent[1] - self.extent[0])
        size = np.abs(self.extent[:2]).max(axis=0)
        reach = np.where(reach > 1e-6 * size, reach, size)
        for first, size_of in self.system.model.family_rows.values():
            reach[first : first + size_of] = reach[first : first + size_of].max()
        logarithm = np.log2(np.maximum(reach, 1e-6 * (reach.max() or 1.0)))
        return np.asarray(2.0 ** np.round(logarithm - logarithm.mean()))

    def carry(self, count: int, seed: int = 0) -> None:
        """Begin to carry `count` tangent vectors of no special direction."""
        self.scale = self._units()
        # Not unit vectors: these may span a subspace that the flow keeps.
        generic = np.random.default_rng(seed).standard_normal((self.room, count))
        self.growth = np.zeros(count)
        self.volume = 0.0
        self._begin(np.ascontiguousarray(np.linalg.qr(generic)[0]))

    @property
    def room(self) -> int:
        """Dimension of the space the vectors live in."""
        return self.state.size

    @abstractmethod
    def _begin(self, vectors: Array) -> None: ...

    @abstractmethod
    def advance(self, goal: float) -> bool:
        """Work for some milliseconds towards time `goal`; whether it was reached.

        Raises
        ------
        ParameterError
            If the orbit cannot be followed that far.
        """

    def left(self) -> LeftError:
        """What is raised where the orbit leaves the bound."""
        return LeftError(
            f"'{self.system.key}' has no Lyapunov exponents from here: the orbit left the "
            f"region |x| <= {self.system.run.bound:g} at t = {self.time:.7g}",
            self.time,
        )


def _tableau(key: str) -> Tableau:
    found = METHODS[key]
    assert isinstance(found, Tableau)
    return found


def _fours(size: int) -> int:
    """The next multiple of four."""
    return (size + 3) // 4 * 4


class Pace:
    """How many steps fit into a slice."""

    def __init__(self) -> None:
        self.steps = 16
        self._began = 0.0

    def start(self) -> int:
        self._began = perf_counter()
        return self.steps

    def stop(self, made: int) -> None:
        taken = max(perf_counter() - self._began, 1e-7)
        if made >= self.steps or taken > SLICE:
            self.steps = max(1, int(max(made, 1) * min(4.0, SLICE / taken)))


@final
class MapCarrier(Carrier):
    """A map; time counts iterations."""

    method = "iteration, QR after every one"

    def __init__(self, system: System, parameters: Array, state: Array) -> None:
        super().__init__(system, parameters, state)
        self._vectors = np.zeros((state.size, 0))
        self._work = np.empty((2 * state.size, state.size))
        self._volume = np.zeros(1)
        self._pace = Pace()

    def _begin(self, vectors: Array) -> None:
        self._vectors = vectors
        self._volume[0] = 0.0

    def advance(self, goal: float) -> bool:
        first = round(self.time)
        compiled = self.system.model.compiled
        n, k = self._vectors.shape
        code, made = mapping.advance(
            compiled.rhs,
            compiled.jacobian,
            orthonormalise,
            self.state,
            self._vectors,
            self.parameters,
            self.scale,
            first,
            min(self._pace.start(), round(goal) - first),
            int(k == n),
            self.system.run.bound,
            self.extent,
            self.growth,
            self._volume,
            self._work,
        )
        self._pace.stop(made)
        self.time += made
        self.steps += made
        self.volume = float(self._volume[0]) if k == n else math.nan
        if code == mapping.LEFT:
            raise self.left()
        return round(self.time) >= round(goal)


class FlowCarrier(Carrier):
    """A flow, forced or not: DOP853 with error control, or RK4 at a step that is given.

    Parameters
    ----------
    step : float or None
        The step of RK4.
    tolerance : float
    """

    def __init__(
        self,
        system: System,
        parameters: Array,
        state: Array,
        step: float | None = None,
        tolerance: float = TOLERANCE,
    ) -> None:
        super().__init__(system, parameters, state)
        self._tableau = _tableau("dop853" if step is None else "rk4")
        self._step = step
        self.method = (
            f"DOP853, tolerance {tolerance:g}, QR after every step"
            if step is None
            else "RK4, QR after every step"
        )
        self._clock = np.zeros(flow.CLOCK)
        self._clock[flow.FORMER] = 1e-4
        self._settings = np.zeros(flow.SETTINGS)
        self._settings[flow.FIXED] = step or 0.0
        self._settings[flow.TOLERANCE] = tolerance
        self._settings[flow.LONGEST] = math.inf
        self._settings[flow.BOUND] = system.run.bound
        self._gauges = np.zeros((3, 0))
        self._z = np.zeros(_fours(state.size + 1))
        self._z[: state.size] = state
        self._matrix = np.zeros((state.size, state.size))
        self._volume_at = 0
        self._make_room()
        self._pace = Pace()

    @property
    def state(self) -> Array:
        """The state, a part of the one array that is advanced."""
        return self._state

    @state.setter
    def state(self, state: Array) -> None:
        self._state = state

    def _make_room(self) -> None:
        self.state = self._z[: self.state.size]
        self._work = np.zeros((self._tableau.stages + 3, self._z.size))
        self._clock[flow.READY] = flow.NOTHING

    def _begin(self, vectors: Array) -> None:
        n, k = vectors.shape
        self._volume_at = n + n * _fours(k)
        z = np.zeros(_fours(self._volume_at + 1))
        z[:n] = self.state
        z[n : self._volume_at].reshape(n, _fours(k))[:, :k] = vectors
        self._z = z
        self._make_room()

    @property
    def vectors(self) -> Array:
        """The tangent vectors, columns of a view of shape ``(n, k)``."""
        n, k = self.state.size, self.growth.size
        return self._z[n : self._volume_at].reshape(n, _fours(k))[:, :k]

    def advance(self, goal: float) -> bool:
        self._settings[flow.GOAL] = goal
        return self._run() == flow.REACHED

    def _run(self) -> int:
        compiled = self.system.model.compiled
        tableau = self._tableau
        code, tried, self._happened = flow.advance(
            compiled.rhs,
            compiled.jacobian,
            self._event(),
            orthonormalise,
            tableau.weights,
            tableau.nodes,
            tableau.error,
            tableau.stages,
            self._clock,
            self._settings,
            self._z,
            self.parameters,
            self.scale,
            self.extent,
            self._gauges,
            self.growth,
            self._pace.start(),
            self._matrix,
            self._work,
        )
        self._pace.stop(tried)
        self.steps += tried
        self.time = float(self._clock[flow.TIME])
        self.volume = float(self._z[self._volume_at]) if self.growth.size else math.nan
        if code == flow.LEFT:
            raise self.left()
        if code == flow.STUCK:
            raise ParameterError(
                f"'{self.system.key}' has no Lyapunov exponents from here: no step is short "
                f"enough at t = {self.time:.7g}"
            )
        return int(code)

    def _event(self) -> object:
        """The events as one kernel; where there is none, something of the same type."""
        return self.system.model.compiled.rhs


def stiff(system: System) -> bool:
    """Whether a system is followed by exponentials instead of a Runge-Kutta method."""
    return system.run.method in _STIFF and system.dimension <= _LARGEST_STIFF


def carrier(
    system: System,
    parameters: Array,
    state: Array,
    step: float | None = None,
    seed: int = 0,
) -> Carrier:
    """What moves a state of `system`, by its kind.

    Raises
    ------
    ParameterError
        If its kinds do not go together.
    """
    kinds = [
        name
        for name, present in (
            ("noise", system.stochastic),
            ("delays", system.delayed),
            ("events", system.hybrid),
        )
        if present
    ]
    if len(kinds) > 1:
        raise ParameterError(
            f"Lyapunov exponents are not computed of {' and '.join(kinds)} together, which "
            f"'{system.key}' has"
        )
    if system.kind == "map":
        if kinds:
            raise ParameterError(
                f"Lyapunov exponents are not computed of maps with {kinds[0]}, which "
                f"'{system.key}' is"
            )
        return MapCarrier(system, parameters, state)
    if system.stochastic:
        from engine.analysis._tangent_grown import NoiseCarrier

        return NoiseCarrier(system, parameters, state, step, seed)
    if system.delayed:
        from engine.analysis._tangent_grown import DelayCarrier

        return DelayCarrier(system, parameters, state, step)
    if system.hybrid:
        from engine.analysis._tangent_events import EventCarrier

        return EventCarrier(system, parameters, state, step)
    if step is None and stiff(system):
        from engine.analysis._tangent_grown import StiffCarrier

        return StiffCarrier(system, parameters, state)
    from engine.analysis._tangent_switches import with_switches

    if (switched := with_switches(system)) is not None:
        from engine.analysis._tangent_events import EventCarrier

        return EventCarrier(switched, parameters, state, step, switches=True)
    return FlowCarrier(system, parameters, state, step)
