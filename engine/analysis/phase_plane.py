"""The plane of a two-dimensional system: nullclines, fixed points and their types, arrows.

`phase_plane_job` is the whole analysis as a job; `phase_plane` runs it. `arrows` and
`streamlines` are what a picture of the flow is made of. Only for systems with two state
variables; equilibria of larger ones are a matter of continuation.
"""

from __future__ import annotations

import cmath
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from engine.drawing.ranges import Window
from engine.errors import ParameterError
from engine.exhibit import Values
from engine.job import Job, Partial, run
from engine.systems.system import System

FixedPointKind = Literal[
    "stable node",
    "unstable node",
    "stable focus",
    "unstable focus",
    "saddle",
    "centre",
    "degenerate",
]
Array = NDArray[np.float64]


@dataclass(frozen=True)
class FixedPoint:
    """A state that stays.

    Attributes
    ----------
    state : tuple of float
    eigenvalues : tuple of complex
        Of the Jacobian; multipliers for a map.
    kind : str
        What the linearisation says: node, focus, saddle, centre. A centre of the
        linearisation need not be one of the system.
    stability : str
        ``stable``, ``unstable``, ``saddle`` or ``neutral``.
    """

    state: tuple[float, float]
    eigenvalues: tuple[complex, complex]
    kind: FixedPointKind

    @property
    def stability(self) -> str:
        """One word for the marker."""
        if self.kind == "saddle":
            return "saddle"
        return self.kind.split()[0] if " " in self.kind else "neutral"


@dataclass(frozen=True)
class PhasePlane:
    """What `phase_plane` found.

    Attributes
    ----------
    window : Window
    time : float
        The moment the field was taken at.
    nullclines : tuple of array, each of shape (k, 4)
        Segments x0, y0, x1, y1 on which the first, the second equation vanishes.
    fixed_points : tuple of FixedPoint
        From left to right.
    """

    window: Window
    time: float
    nullclines: tuple[Array, Array]
    fixed_points: tuple[FixedPoint, ...]


def depends_on_time(system: System) -> bool:
    """True where the right-hand side contains ``t``."""
    return not system.model.autonomous


def classify(eigenvalues: Sequence[complex], kind: str = "flow") -> FixedPointKind:
    """Type of a fixed point in the plane from the eigenvalues of its linearisation.

    Parameters
    ----------
    eigenvalues : sequence of two complex
    kind : str
        ``flow`` (compared with zero real part) or ``map`` (with the unit circle).
    """
    first, second = complex(eigenvalues[0]), complex(eigenvalues[1])
    scale = max(abs(first), abs(second), 1e-300)
    if kind == "map":
        growth = (abs(first) - 1.0, abs(second) - 1.0)
        small = 1e-9
        turning = abs(first.imag) > 1e-12 * scale
    else:
        growth = (first.real, second.real)
        small = 1e-9 * scale
        turning = abs(first.imag) > 1e-9 * scale
    if abs(growth[0]) <= small and abs(growth[1]) <= small and turning:
        return "centre"
    if min(abs(growth[0]), abs(growth[1])) <= small:
        return "degenerate"
    if growth[0] * growth[1] < 0.0:
        return "saddle"
    if growth[0] < 0.0:
        return "stable focus" if turning else "stable node"
    return "unstable focus" if turning else "unstable node"


def phase_plane(
    system: System,
    window: Window,
    values: Values | None = None,
    time: float = 0.0,
    grid: tuple[int, int] = (161, 121),
) -> PhasePlane:
    """Nullclines and fixed points inside a window; see `phase_plane_job`."""
    return run(phase_plane_job(system, window, values, time, grid))


def phase_plane_job(
    system: System,
    window: Window,
    values: Values | None = None,
    time: float = 0.0,
    grid: tuple[int, int] = (161, 121),
) -> Job[PhasePlane]:
    """Nullclines and fixed points inside a window, as a job.

    Parameters
    ----------
    system : System
        With two state variables; for a map, fixed points of ``x' = f(x)``.
    window : Window
        Left, right, bottom, top in units of the two variables.
    values : mapping, optional
        Parameter values.
    time : float
        The moment to freeze a field that depends on time at.
    grid : tuple of int
        Columns and rows of the grid that zeros are looked for on.

    Yields
    ------
    Partial of PhasePlane
        With the nullclines, before the fixed points.

    Raises
    ------
    ParameterError
        If the system has not two variables, or a value cannot be used.

    Notes
    -----
    Fixed points are found by Newton's method with the exact Jacobian from every grid cell
    in which both components change sign, and from a coarse grid besides for those at which
    nullclines touch. They are solutions of the equations, but the list may miss some.
    """
    from engine.analysis import flow_field

    _two_variables(system)
    parameters = system.values(values)
    compiled = system.model.compiled
    minus = 1.0 if system.kind == "map" else 0.0
    xs = np.linspace(window.left, window.right, grid[0])
    ys = np.linspace(window.bottom, window.top, grid[1])
    u, v = np.empty((grid[1], grid[0])), np.empty((grid[1], grid[0]))
    flow_field.field(compiled.rhs, time, parameters, minus, xs, ys, u, v)
    room = np.empty((8 * (grid[0] + grid[1]), 4))
    lines = []
    for component, values_on_grid in enumerate((u, v)):
        count = flow_field.zero_line(
            compiled.rhs, time, parameters, minus, component, xs, ys, values_on_grid, room
        )
        lines.append(room[:count].copy())
    nullclines = (lines[0], lines[1])
    yield Partial(PhasePlane(window, time, nullclines, ()), 1.0, 2.0, "nullclines")
    starts = _starts(xs, ys, u, v)
    roots = np.empty((64, 2))
    count = flow_field.newton(
        compiled.rhs,
        compiled.jacobian,
        time,
        parameters,
        minus,
        starts,
        window.width,
        window.height,
        roots,
    )
    points = []
    matrix = np.empty((2, 2))
    for x, y in sorted(roots[:count].tolist()):
        if not (window.left <= x <= window.right and window.bottom <= y <= window.top):
            continue
        compiled.jacobian(time, np.array([x, y]), parameters, matrix)
        pair = eigenvalues(matrix)
        points.append(FixedPoint((x, y), pair, classify(pair, system.kind)))
    return PhasePlane(window, time, nullclines, tuple(points))


def eigenvalues(matrix: Array) -> tuple[complex, complex]:
    """Both eigenvalues of a matrix of shape (2, 2), the larger real part first."""
    half_trace = 0.5 * (matrix[0, 0] + matrix[1, 1])
    # This form of the discriminant loses no digits when both diagonal terms are alike.
    root = cmath.sqrt((0.5 * (matrix[0, 0] - matrix[1, 1])) ** 2 + matrix[0, 1] * matrix[1, 0])
    return complex(half_trace + root), complex(half_trace - root)


def arrows(
    system: System,
    window: Window,
    values: Values | None = None,
    time: float = 0.0,
    columns: int = 20,
    rows: int = 15,
) -> tuple[Array, Array, Array, Array]:
    """The field in the middle of every cell of a grid.

    Returns
    -------
    xs, ys : array, shape (columns,) and (rows,)
    u, v : array, shape (rows, columns)
        The right-hand side; for a map the displacement ``f(x) - x``.

    Raises
    ------
    ParameterError
        If the system has not two variables, or a value cannot be used.
    """
    from engine.analysis import flow_field

    _two_variables(system)
    xs = window.left + window.width * (np.arange(columns) + 0.5) / columns
    ys = window.bottom + window.height * (np.arange(rows) + 0.5) / rows
    u, v = np.empty((rows, columns)), np.empty((rows, columns))
    flow_field.field(
        system.model.compiled.rhs,
        time,
        system.values(values),
        1.0 if system.kind == "map" else 0.0,
        xs,
        ys,
        u,
        v,
    )
    return xs, ys, u, v


def streamlines(
    system: System,
    window: Window,
    values: Values | None = None,
    time: float = 0.0,
    size: tuple[int, int] = (480, 320),
    spacing: float = 18.0,
) -> tuple[Array, Array]:
    """Streamlines of a flow, evenly spread over a picture.

    Parameters
    ----------
    size : tuple of int
        Width and height of the picture in pixels.
    spacing : float
        Least distance between lines, in pixels, about.

    Returns
    -------
    points : array, shape (k, 2)
        Pixel coordinates from the upper left corner, lines separated by NaN.
    heads : array, shape (lines, 4)
        Place and direction, in pixels, where an arrow head belongs.

    Raises
    ------
    ParameterError
        If the system has not two variables, is a map, or a value cannot be used.
    """
    from engine.analysis import flow_lines

    _two_variables(system)
    if system.kind != "flow":
        raise ParameterError(f"'{system.key}' is a map; streamlines belong to flows")
    columns, rows = size
    across = np.arange(0.5 * spacing, columns, spacing)
    down = np.arange(0.5 * spacing, rows, spacing)
    seeds = np.array([(x, y) for y in down for x in across], dtype=np.float64).reshape(-1, 2)
    # A fixed shuffle: neighbours one after the other would make combs.
    seeds = np.ascontiguousarray(seeds[np.random.default_rng(0).permutation(len(seeds))])
    points = np.empty((60_000, 2))
    heads = np.zeros((max(1, len(seeds)), 4))
    used = flow_lines.streamlines(
        system.model.compiled.rhs,
        time,
        system.values(values),
        seeds,
        window.left,
        window.top,
        columns / window.width,
        rows / window.height,
        float(columns),
        float(rows),
        spacing,
        2.0 * spacing,
        points,
        heads,
    )
    drawn = np.flatnonzero((heads[:, 2] != 0.0) | (heads[:, 3] != 0.0))
    return points[:used].copy(), heads[drawn].copy()


def _two_variables(system: System) -> None:
    if system.dimension != 2:
        raise ParameterError(
            f"'{system.key}' has {system.dimension} state variables; the phase plane needs "
            "a system with 2"
        )


def _starts(xs: Array, ys: Array, u: Array, v: Array) -> Array:
    """Middles of the cells in which both components change sign, and a coarse grid."""
    both = np.ones((len(ys) - 1, len(xs) - 1), dtype=bool)
    for grid in (u, v):
        corners = np.stack([grid[:-1, :-1], grid[1:, :-1], grid[:-1, 1:], grid[1:, 1:]])
        with np.errstate(invalid="ignore"):
            both &= (corners.min(axis=0) <= 0.0) & (corners.max(axis=0) >= 0.0)
    rows, columns = np.nonzero(both)
    # Where a whole region vanishes, a sample of it is enough.
    chosen = np.linspace(0, len(rows) - 1, min(len(rows), 400)).astype(int)
    rows, columns = rows[chosen], columns[chosen]
    cells = np.column_stack(
        [0.5 * (xs[columns] + xs[columns + 1]), 0.5 * (ys[rows] + ys[rows + 1])]
    )
    coarse = np.array(
        [(x, y) for y in ys[:: max(1, len(ys) // 8)] for x in xs[:: max(1, len(xs) // 8)]]
    )
    return np.ascontiguousarray(np.concatenate([cells.reshape(-1, 2), coarse]))
