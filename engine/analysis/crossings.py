"""Fixed points and cycles of any system by Newton's method, and where they lose stability.

A point is searched from many starts spread over a box, so that a list may miss one that is
hard to reach; it never holds a state that is not a solution. `crossings` follows points
along a parameter and finds where an eigenvalue reaches the edge of stability. Not a
continuation: a branch that turns back is followed only up to its fold. Types, eigenvectors
and a search that leaves out what it has found are ``fixed_points``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from engine.errors import ParameterError
from engine.exhibit import Values
from engine.systems.system import System

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]
Test = Callable[[Complex], float]
Loss = Literal["hopf", "period-doubling"]
_STARTS = 48
_ITERATIONS = 30
_CLOSE = 1e-7  # two solutions nearer than this, in units of the box, are one


@dataclass(frozen=True)
class Point:
    """A state that returns after `period` iterations; an equilibrium where that is 0.

    Attributes
    ----------
    state : array (n,)
    matrix : array (n, n)
        Jacobian of the flow's right-hand side, or of the map iterated `period` times.
    period : int
        0 for flows.
    """

    state: Array
    matrix: Array
    period: int

    @property
    def eigenvalues(self) -> Complex:
        """Eigenvalues of `matrix`: growth rates for flows, multipliers for maps."""
        return np.linalg.eigvals(self.matrix).astype(np.complex128)


class Solver:
    """Solves for the fixed points of one system.

    Parameters
    ----------
    system : System
    period : int
        Iterations after which a state of a map returns; ignored for flows.
    time : float
        The moment an equation that depends on time is frozen at.
    """

    def __init__(self, system: System, period: int = 1, time: float = 0.0) -> None:
        self.system = system
        self.period = period if system.kind == "map" else 0
        self.time = time
        self._compiled = system.model.compiled
        n = system.dimension
        self._out, self._matrix = np.empty(n), np.empty((n, n))

    def residual(self, state: Array, values: Array) -> tuple[Array, Array]:
        """What must vanish at `state`, and its derivative; also for maps iterated."""
        x, n = np.array(state), self.system.dimension
        total = np.eye(n)
        for _ in range(max(1, self.period)):
            self._compiled.jacobian(self.time, x, values, self._matrix)
            self._compiled.rhs(self.time, x, values, self._out)
            total = self._matrix @ total
            x = self._out.copy()
        return (x, total) if self.period == 0 else (x - state, total - np.eye(n))

    def newton(self, start: Array, values: Array) -> Point | None:
        """The solution that Newton's method reaches from `start`, or None."""
        state = np.array(start, dtype=np.float64)
        with np.errstate(all="ignore"):
            for _ in range(_ITERATIONS):
                residual, derivative = self.residual(state, values)
                if not (np.isfinite(residual).all() and np.isfinite(derivative).all()):
                    return None
                try:
                    move = np.linalg.solve(derivative, residual)
                except np.linalg.LinAlgError:
                    return None
                state = state - move
                if not np.isfinite(state).all():
                    return None
                if np.abs(move).max() <= 1e-13 * (1.0 + np.abs(state).max()):
                    return self._accept(state, values)
        return None

    def points(
        self,
        box: Array,
        values: Array,
        starts: int = _STARTS,
        first: int = 0,
        near: Sequence[Array] = (),
    ) -> list[Point]:
        """All solutions reached from starts spread over the box.

        Parameters
        ----------
        box : array (2, n)
            Lowest and highest state. Solutions outside are kept.
        values : array (p,)
        starts, first : int
            How many starts, and how many of the sequence to leave out.
        near : sequence of array (n,)
            Further starts, tried first.
        """
        low, high = box
        size = np.maximum(high - low, 1e-12)
        places = spread(first + starts, self.system.dimension)[first:]
        found: list[Point] = []
        for start in (*near, *(low + places * size)):
            point = self.newton(start, values)
            if point is None:
                continue
            if all(np.abs((point.state - other.state) / size).max() > _CLOSE for other in found):
                found.append(point)
        return sorted(found, key=lambda point: tuple(point.state))

    def _accept(self, state: Array, values: Array) -> Point | None:
        """The point, unless it returns already after fewer iterations."""
        residual, derivative = self.residual(state, values)
        scale = 1.0 + np.abs(state).max()
        if not np.abs(residual).max() <= 1e-9 * scale * (1.0 + np.abs(derivative).max()):
            return None
        for divisor in range(1, self.period):
            if self.period % divisor == 0:
                shorter, _ = Solver(self.system, divisor, self.time).residual(state, values)
                if np.abs(shorter).max() <= 1e-6 * scale:
                    return None
        matrix = derivative if self.period == 0 else derivative + np.eye(state.size)
        return Point(state, matrix, self.period)


def solutions(
    system: System, box: Array, values: Values | None = None, period: int = 1
) -> list[Point]:
    """Equilibria of a flow, or states of a map that return after exactly `period` iterations.

    Parameters
    ----------
    system : System
    box : array (2, n)
        Lowest and highest state of the region that is searched from.
    values : mapping, optional
        Parameter values.
    period : int
        Of a cycle of a map.

    Returns
    -------
    list of Point
        In the order of their first coordinate.

    Raises
    ------
    ParameterError
        If one of `values` cannot be used.
    """
    return Solver(system, period).points(np.asarray(box, float), system.values(values))


def crossings(
    system: System,
    parameter: str,
    low: float,
    high: float,
    box: Array,
    loss: Loss,
    values: Values | None = None,
    period: int = 1,
    columns: int = 60,
) -> list[float]:
    """Parameter values at which a fixed point or cycle loses or gains stability.

    Parameters
    ----------
    system : System
    parameter : str
        Followed from `low` to `high` in `columns` steps; crossings closer to each other
        than a step may be missed.
    loss : str
        ``hopf``: a complex pair of eigenvalues crosses the imaginary axis of a flow.
        ``period-doubling``: a real multiplier of a map passes -1.
    box, values, period
        As for `solutions`.

    Returns
    -------
    list of float
        Ascending, each to about nine digits.

    Raises
    ------
    ParameterError
        If the system has no such parameter, or one of `values` cannot be used.
    """
    if parameter not in system.parameters:
        raise ParameterError(
            f"'{system.key}' has no parameter '{parameter}'; it has {', '.join(system.parameters)}"
        )
    test = _pair if loss == "hopf" else _flip
    solver = Solver(system, period)
    at = list(system.parameters).index(parameter)
    base = system.values(values)

    def parameters(value: float) -> Array:
        changed = base.copy()
        changed[at] = value
        return changed

    grid = np.linspace(low, high, columns + 1)
    found: list[float] = []
    near: list[Array] = []
    for column, (left, right) in enumerate(pairwise(grid)):
        # Points once found are carried along; each column adds other starts to theirs.
        points = solver.points(np.asarray(box, float), parameters(left), 16, 16 * column, near)
        near = [point.state for point in points]
        for point in points:
            other = solver.newton(point.state, parameters(right))
            if other is None:
                continue
            before, after = test(point.eigenvalues), test(other.eigenvalues)
            if before * after > 0.0 or not np.isfinite(before * after):
                continue
            value = _refine(solver, parameters, test, point, left, right)
            if value is not None and all(abs(value - v) > 1e-6 * (high - low) for v in found):
                found.append(value)
    return sorted(found)


def _refine(
    solver: Solver,
    parameters: Callable[[float], Array],
    test: Test,
    point: Point,
    left: float,
    right: float,
) -> float | None:
    """Bisect between two parameter values, carrying the point along."""
    sign = test(point.eigenvalues)
    if sign == 0.0:
        return float(left)
    for _ in range(60):
        middle = 0.5 * (left + right)
        if middle in (left, right):
            break
        moved = solver.newton(point.state, parameters(middle))
        if moved is None:
            return None
        value = test(moved.eigenvalues)
        if not np.isfinite(value):
            return None
        if value * sign > 0.0:
            left, point = middle, moved
        else:
            right = middle
    return float(0.5 * (left + right))


def _pair(eigenvalues: Complex) -> float:
    """Real part of the complex pair nearest the imaginary axis; not a number without one."""
    pairs = eigenvalues[np.abs(eigenvalues.imag) > 1e-9]
    return float(pairs.real[np.argmin(np.abs(pairs.real))]) if pairs.size else float("nan")


def _flip(eigenvalues: Complex) -> float:
    """Smallest real multiplier plus one; not a number without a real one."""
    real = eigenvalues.real[np.abs(eigenvalues.imag) <= 1e-9]
    return float(real.min() + 1.0) if real.size else float("nan")


def spread(count: int, dimension: int) -> Array:
    """Points that fill the unit cube evenly, shape (count, dimension), the centre first.

    References
    ----------
    M. Roberts, The unreasonable effectiveness of quasirandom sequences, 2018: the additive
    recurrence with the generalised golden ratio.
    """
    ratio = 2.0
    for _ in range(64):
        ratio = (1.0 + ratio) ** (1.0 / (dimension + 1))
    slopes = ratio ** -np.arange(1.0, dimension + 1)
    fractions: Array = (0.5 + np.outer(np.arange(count), slopes)) % 1.0
    return fractions


def bounding_box(states: Sequence[Sequence[float]] | Array, margin: float = 1.0) -> Array:
    """The box round some states, shape (2, n), widened on every side by `margin` of its size."""
    rows = np.asarray(states, dtype=np.float64)
    low, high = rows.min(axis=0), rows.max(axis=0)
    widen = margin * np.maximum(high - low, 1e-3 * (1.0 + np.abs(high)))
    return np.stack([low - widen, high + widen])
