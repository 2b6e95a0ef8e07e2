"""One orbit of a flow, followed exactly: to a time, to a plane, with its derivatives.

DOP853 with error control by the kernel of ``_tangent_flow``: the derivatives by the initial
state are advanced by the same steps as the state (the variational equations), and a plane
is met by making the step anew until its end lies in it. For flows without noise, delays or
events; importing this imports the compiler.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from engine.analysis import _section_kernels as kernels
from engine.analysis import _tangent_flow as flow
from engine.errors import ParameterError
from engine.integrate.methods import METHODS, Tableau
from engine.systems.system import System

Array = NDArray[np.float64]

SLICE = 0.01
"""Seconds of work between two yields."""
_TRIES = 64  # steps of the kernel in the first call


class Orbit:
    """A state that moves.

    Parameters
    ----------
    system : System
    parameters : array (p,)
    state : array (n,)
    time : float
    vectors : bool
        Whether the derivatives by the initial state are wanted.
    tolerance : float
        Relative, of the state; the derivatives have a hundred times as much.
    extent : array (2, n), optional
        Lowest and highest state of what the orbit moves in: it says which size counts.
    plane : (normal, offset, turn), optional
        Of which `collect` writes the crossings.
    direction : float
        1 where it must be crossed upwards, -1 downwards, 0 both.
    longest : float
        Longest step, so that no crossing is stepped over.

    Attributes
    ----------
    time : float
    state : array (n,)
    derivative : array (n, n)
    logarithm : float
        Integral of the divergence along the way, of which the exponential is the
        derivative's determinant (Liouville).
    steps : int
    """

    def __init__(
        self,
        system: System,
        parameters: Array,
        state: Array,
        time: float = 0.0,
        vectors: bool = False,
        tolerance: float = 1e-11,
        extent: Array | None = None,
        plane: tuple[Array, float, float] | None = None,
        direction: float = 0.0,
        longest: float = math.inf,
    ) -> None:
        n = state.size
        self.system = system
        self.steps = 0
        found = METHODS["dop853"]
        assert isinstance(found, Tableau)
        self._tableau = found
        self._columns = n if vectors else 0
        wide = (n + 3) // 4 * 4 if vectors else 0
        size = n + n * wide + 1
        self._z = np.zeros((size + 3) // 4 * 4)
        self._z[:n] = state
        self._block = self._z[n : n + n * wide].reshape(n, wide)
        if vectors:
            self._block[:, :n] = np.eye(n)
        self._at = n + n * wide
        self._clock = np.zeros(flow.CLOCK)
        self._clock[flow.FORMER] = 1e-4
        self._clock[flow.TIME] = time
        self._settings = np.zeros(flow.SETTINGS)
        self._settings[flow.TOLERANCE] = tolerance
        self._settings[flow.LONGEST] = longest
        self._settings[flow.BOUND] = max(system.run.bound, 10.0 * float(np.abs(state).max()))
        reach = np.abs(state) if extent is None else np.abs(extent).max(axis=0)
        least = np.maximum(0.02 * reach, 1e-3 * (float(reach.max()) or 1.0))
        self._extent = np.array([state, state, least])
        self._growth = np.zeros(self._columns)
        self._matrix = np.zeros((n, n))
        self._work = np.zeros((found.stages + 3, self._z.size))
        self._scale = np.ones(n)
        self._gauges = np.zeros((3, 0 if plane is None else 1))
        self._parameters = parameters
        if plane is not None:
            normal, offset, turn = plane
            self._parameters = np.concatenate([parameters, normal, [offset, turn]])
            self._gauges[1, 0] = direction
            kernels.plane(time, self.state, self._parameters, self._gauges[0])
        self._limit = _TRIES

    @property
    def time(self) -> float:
        return float(self._clock[flow.TIME])

    @property
    def state(self) -> Array:
        return self._z[: self._scale.size]

    @property
    def derivative(self) -> Array:
        return self._block[:, : self._columns].copy()

    @property
    def logarithm(self) -> float:
        return float(self._z[self._at])

    @property
    def reach(self) -> Array:
        """Lowest and highest state so far, shape (2, n)."""
        return self._extent[:2].copy()

    def follow(self, goal: float) -> Iterator[None]:
        """Move on to time `goal`, yielding between slices.

        Raises
        ------
        ParameterError
            If the orbit cannot be followed.
        """
        while self._slice(goal, None, 0)[0] != flow.REACHED:
            yield

    def collect(self, goal: float, rows: Array) -> Iterator[int]:
        """Write time and state at every crossing of the plane into `rows` (m, 1 + n).

        Yields how many there are between slices, and ends at time `goal` or when all are
        filled, after having yielded the last number.

        Raises
        ------
        ParameterError
            As `follow`.
        """
        code, count = flow.LIMIT, 0
        while code != flow.REACHED and count < len(rows):
            code, count = self._slice(goal, rows, count)
            yield count

    def _slice(self, goal: float, rows: Array | None, count: int) -> tuple[int, int]:
        """Work for some milliseconds; what came of it, and how many rows are filled."""
        compiled, tableau = self.system.model.compiled, self._tableau
        self._settings[flow.GOAL] = goal
        began = perf_counter()
        arguments = (
            compiled.rhs,
            compiled.jacobian,
            kernels.plane if self._gauges.size else compiled.rhs,
            kernels.keep,
            tableau.weights,
            tableau.nodes,
            tableau.error,
            tableau.stages,
            self._clock,
            self._settings,
            self._z,
            self._parameters,
            self._scale,
            self._extent,
            self._gauges,
            self._growth,
            self._limit,
            self._matrix,
            self._work,
        )
        if rows is None:
            code, tried, _ = flow.advance(*arguments)
        else:
            code, tried, count = kernels.collect(flow.advance, *arguments, rows, count)
        spent = max(perf_counter() - began, 1e-7)
        self.steps += tried
        if code == flow.LEFT:
            raise ParameterError(
                f"the orbit of '{self.system.key}' left the region "
                f"|x| <= {self._settings[flow.BOUND]:g} at t = {self.time:.7g}"
            )
        if code == flow.STUCK:
            raise ParameterError(
                f"no step of '{self.system.key}' is short enough at t = {self.time:.7g}"
            )
        if code == flow.LIMIT:
            self._limit = max(1, int(self._limit * min(4.0, SLICE / spent)))
        return int(code), int(count)


def followable(system: System) -> str:
    """Why an orbit of a system cannot be followed here, as words; empty where it can."""
    if system.kind == "map":
        return "is a map"
    if system.stochastic:
        return "has noise"
    if system.delayed:
        return "has delays"
    if system.hybrid:
        return "has events"
    return ""
