"""What basins are asked for and what they leave: settings checked, the result.

How they are computed stands in ``basins``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from engine.analysis._forcing import forcing_period, turn
from engine.analysis._plane_order import centres
from engine.analysis._plane_plan import MOST_CELLS, whole
from engine.analysis.method import Curve, Image, Plot, Points, Scalar
from engine.errors import ParameterError
from engine.exhibit import Values
from engine.systems.system import System

Array = NDArray[np.float64]
Range = tuple[str, float, float]

STEPS = 20
"""Steps between two looks at a flow that nothing drives."""
NEAR, SAME_CELLS = 0.05, 1.5
"""Distance of merged boundaries up to which they may be one: as a share of the picture's side,
and over that on the grid of every other cell, in cells of each. What is really apart has twice
as many cells between on a grid twice as fine."""
_SAME = 1e-6


@dataclass(frozen=True)
class Rules:
    """How it is decided.

    Attributes
    ----------
    interval : int
        Steps between two looks.
    step : float
    bound : float
    settle, patience : int
        Looks before attractors are sought, and at most.
    hits : int
        Looks in a row that an orbit must be in the cells of an attractor.
    most : int
        Attractors that are told apart.
    """

    interval: int
    step: float
    bound: float
    settle: int
    patience: int
    hits: int
    most: int


@dataclass(frozen=True, eq=False)
class Basins:
    """Which initial states of a plane go where.

    Attributes
    ----------
    x, y : str
        The variables of the plane.
    x_values, y_values : array (columns,), (rows,)
        Initial values at the centres of the cells.
    x_range, y_range : (float, float)
        Outer edges.
    labels : array (rows, columns) of int64
        -1 where no attractor was found in time, 0 where the orbit left the bound, else the
        number of its attractor from 1 on: those of the first pass by where they are, then in
        the order they were found. A cell that is not computed yet shows a neighbour.
    computed : array (rows, columns) of bool
    attractors : tuple of array (m, n)
        States of every attractor at successive looks.
    interval : float
        Time between two looks; iterations for maps.
    driven : bool
        Whether that is the period of what drives the system.
    flow : bool
    system : str
    variables : tuple of n str
    turns : array (n,)
        What a whole turn of a variable is, 0 where it is no angle.
    parameters : mapping of str to float
    initial : array (n,)
        Where the other variables start.
    step, bound : float
    widths : array (n,)
        Of the cells by which attractors are told apart.
    distances, uncertain : array (d,)
        Shares of cells whose basin is uncertain, over how far their place is, in cells.
    exponent, exponent_stderr : float
        Uncertainty exponent: the slope of the logarithm of one over that of the other.
    merged_distance : float
        How far apart, in cells, boundaries are that remain when all basins but one are
        merged; NaN for fewer than three basins.
    merged_distance_coarse : float
        The same on the grid of every other cell, in its cells.
    seconds : float
    """

    x: str
    y: str
    x_values: Array
    y_values: Array
    x_range: tuple[float, float]
    y_range: tuple[float, float]
    labels: NDArray[np.int64] = field(repr=False)
    computed: NDArray[np.bool_] = field(repr=False)
    attractors: tuple[Array, ...] = field(repr=False)
    interval: float
    driven: bool
    flow: bool
    system: str
    variables: tuple[str, ...]
    turns: Array
    parameters: Mapping[str, float]
    initial: Array
    step: float
    bound: float
    widths: Array
    distances: Array = field(default_factory=lambda: np.zeros(0), repr=False)
    uncertain: Array = field(default_factory=lambda: np.zeros(0), repr=False)
    exponent: float = math.nan
    exponent_stderr: float = math.nan
    merged_distance: float = math.nan
    merged_distance_coarse: float = math.nan
    seconds: float = 0.0

    @property
    def fractions(self) -> Array:
        """Shares of the plane: of those that escape, then of every attractor's basin."""
        known = self.labels[self.computed]
        counts = np.bincount(known[known >= 0], minlength=1 + len(self.attractors))
        return np.asarray(counts / max(1, known.size), dtype=np.float64)

    @property
    def errors(self) -> Array:
        """Standard errors of `fractions` were the cells drawn at random; a grid does better."""
        share = self.fractions
        return np.sqrt(share * (1.0 - share) / max(1, int(self.computed.sum())))

    @property
    def undecided(self) -> float:
        """Share of cells whose orbit found no attractor in time."""
        known = self.labels[self.computed]
        return float((known < 0).mean()) if known.size else 0.0

    @property
    def boundary_dimension(self) -> float:
        """Dimension of the boundary in the plane: 2 less the uncertainty exponent."""
        return 2.0 - self.exponent

    @property
    def wada(self) -> bool | None:
        """Whether every boundary is that of all basins, None where there are too few.

        As far as this grid and the grid of every other cell tell: the distance of merged
        boundaries is small, and in cells it does not grow with the grid.
        """
        distance, coarse = self.merged_distance, self.merged_distance_coarse
        if math.isnan(distance) or math.isnan(coarse):
            return None
        near = distance <= NEAR * min(self.labels.shape)
        return near and distance <= SAME_CELLS * coarse

    @property
    def kinds(self) -> tuple[str, ...]:
        """What every attractor is, as far as successive looks tell."""
        return tuple(self._kind(states) for states in self.attractors)

    def _kind(self, states: Array) -> str:
        apart = states - states[-1]
        safe = np.where(self.turns > 0.0, self.turns, 1.0)
        apart = np.where(self.turns > 0.0, apart - self.turns * np.round(apart / safe), apart)
        size = np.maximum(100.0 * self.widths, np.abs(states[-1]) * (self.turns == 0.0))
        back = np.flatnonzero((np.abs(apart[:-1]) <= _SAME * size).all(axis=1))
        if not len(back):
            return "moves for ever" if self._flows else "does not repeat"
        period = len(states) - 1 - int(back[-1])
        if period == 1:
            return "cycle of the drive" if self.driven else "fixed point"
        if self._flows:
            return "moves for ever"
        return f"cycle of {period} periods" if self.driven else f"cycle of {period}"

    @property
    def _flows(self) -> bool:
        return self.flow and not self.driven

    @property
    def warning(self) -> str:
        """Why there may be nothing to see; empty where there is."""
        if self.undecided > 0.05:
            return (
                f"{100 * self.undecided:.0f} % of the orbits found no attractor: the system may "
                "keep volume and have none, have one that wants fewer cells, or need more patience"
            )
        if not self.attractors and self.computed.all():
            return "every orbit left the bound: there is no attractor here; take a wider bound"
        return ""

    def scalars(self) -> tuple[Scalar, ...]:
        """Shares of basins, what the boundary is like."""
        found = []
        shares, errors = self.fractions, self.errors
        for label, kind in enumerate(self.kinds, 1):
            title = f"Share of basin {label} ({kind})"
            share, error = float(shares[label]), float(errors[label])
            found.append(Scalar(f"fraction_{label}", title, share, error))
        if shares[0] > 0.0:
            escaped = float(shares[0]), float(errors[0])
            found.append(Scalar("fraction_escaped", "Share that escapes", *escaped))
        if self.undecided:
            found.append(Scalar("undecided", "Share undecided", self.undecided))
        error = self.exponent_stderr
        found += [
            Scalar("attractors", "Attractors", float(len(self.attractors))),
            Scalar(
                "uncertainty_exponent", "Uncertainty exponent", self.exponent, error, "", "estimate"
            ),
            Scalar(
                "boundary_dimension",
                "Dimension of the boundary",
                self.boundary_dimension,
                error,
                "",
                "estimate",
            ),
            Scalar(
                "merged_distance",
                "Distance of merged boundaries",
                self.merged_distance,
                unit="cells",
            ),
        ]
        if self.wada is not None:
            found.append(Scalar("wada", "Wada (1: yes)", float(self.wada), label="estimate"))
        return tuple(found)

    def plots(self) -> tuple[Plot, ...]:
        """The basins with their attractors, then uncertain shares over distance."""
        image = Image(
            self.labels + 1,
            *self.x_range,
            *self.y_range,
            title="Attractor",
            categories=(
                "undecided",
                "escapes",
                *(f"{label}: {kind}" for label, kind in enumerate(self.kinds, 1)),
            ),
        )
        across, up = self.variables.index(self.x), self.variables.index(self.y)
        points = []
        for label, states in enumerate(self.attractors, 1):
            wrapped = [self._wrapped(states[:, j], j) for j in (across, up)]
            points.append(Points(wrapped[0], wrapped[1], f"attractor {label}"))
        found = [Plot("Basins of attraction", self.x, self.y, (image, *points))]
        if (self.uncertain > 0.0).sum() > 1:
            use = self.uncertain > 0.0
            x, y = self.distances[use], self.uncertain[use]
            items = [Curve(x, y, "uncertain cells")]
            if math.isfinite(self.exponent):
                line = np.exp(np.log(y).mean()) * (x / np.exp(np.log(x).mean())) ** self.exponent
                items.append(Curve(x, line, f"slope {self.exponent:.3g}", reference=True))
            found.append(
                Plot(
                    "Uncertainty of the final state",
                    "distance (cells)",
                    "share of cells",
                    tuple(items),
                    x_log=True,
                    y_log=True,
                )
            )
        return tuple(found)

    def _wrapped(self, values: Array, variable: int) -> Array:
        """Values of an angle within the turn that the picture begins with."""
        turn = float(self.turns[variable])
        if not turn:
            return np.ascontiguousarray(values)
        low = (self.x_range if self.variables[variable] == self.x else self.y_range)[0]
        return np.asarray(values - turn * np.floor((values - low) / turn))


def limits(driven: bool) -> tuple[int, int]:
    """Looks before attractors are sought, and at most."""
    return (100, 2000) if driven else (500, 10_000)


def planned(
    system: System,
    x: Range,
    y: Range,
    shape: tuple[int, int],
    values: Values | None,
    initial: Sequence[float] | Array | None,
    interval: float | None,
    settle: int | None,
    patience: int | None,
    hits: int,
    cells: int,
    step: float | None,
    bound: float | None,
    most: int,
) -> tuple[Basins, Rules, Array]:
    """Basins with nothing computed, how they are decided, and where all orbits start."""
    from engine.integrate.lanes import together
    from engine.integrate.runs import checked_step, finite_bound

    if not together(system):
        raise ParameterError(
            f"basins of '{system.key}' cannot be computed: only those of flows and maps without "
            "events, noise, delays and long families can"
        )
    if system.dimension < 2:
        raise ParameterError(
            f"basins need a plane of two variables, and '{system.key}' has "
            f"{system.variables[0]} alone"
        )
    for name, low, high in (x, y):
        if name not in system.variables:
            raise ParameterError(
                f"'{system.key}' has no variable '{name}'; it has {', '.join(system.variables)}"
            )
        if not (math.isfinite(low) and math.isfinite(high) and low < high):
            raise ParameterError(
                f"the range of '{name}' must be two finite numbers, the lower one first, got "
                f"{low} to {high}"
            )
    if x[0] == y[0]:
        raise ParameterError(f"basins need two different variables, got '{x[0]}' twice")
    rows, columns = (whole("a side of the shape", side, 1) for side in shape)
    if rows * columns > MOST_CELLS:
        raise ParameterError(
            f"a plane of {rows} x {columns} cells is too large; at most {MOST_CELLS:,} cells"
        )
    whole("the number of cells", cells, 4)
    numbers = system.values(values)
    pace = checked_step(system, step)
    drive = forcing_period(system, values)
    if drive is None and (interval is None or system.kind == "map"):
        raise ParameterError(
            f"'{system.key}' depends on time and does not repeat as far as its equations tell; "
            "give the interval after which they are the same again"
        )
    if system.kind == "map" and drive:
        raise ParameterError(
            f"'{system.key}' depends on the number of the iteration, and its basins with it"
        )
    steps, driven = 1, bool(drive) or drive is None
    if system.kind != "map":
        time = interval if interval is not None else drive or STEPS * pace
        if not (math.isfinite(time) and time > 0.0):
            raise ParameterError(f"the interval must be a finite number above 0, got {interval}")
        if drive and abs(time / drive - round(time / drive)) > 1e-9 * time / drive:
            raise ParameterError(
                f"the interval must be a multiple of the drive's period {drive:.9g}, got {time:.9g}"
            )
        steps = max(1, math.ceil(time / pace - 1e-9))
        pace = time / steps
    given = limits(driven)
    settle = given[0] if settle is None else settle
    patience = given[1] if patience is None else patience
    rules = Rules(
        steps,
        pace,
        finite_bound(system.run.bound if bound is None else bound),
        whole("settle", settle, 2),
        whole("patience", patience, 2),
        whole("hits", hits, 1),
        most,
    )
    start = system.state(initial)
    parameters = dict(zip(system.parameters, numbers.tolist(), strict=False))
    plan = Basins(
        x[0],
        y[0],
        centres(x[1], x[2], columns),
        centres(y[1], y[2], rows),
        (float(x[1]), float(x[2])),
        (float(y[1]), float(y[2])),
        np.full((rows, columns), -1, np.int64),
        np.zeros((rows, columns), bool),
        (),
        steps * pace,
        driven,
        system.kind == "flow",
        system.key,
        system.variables,
        np.array([turn(system, name, values) for name in system.variables]),
        MappingProxyType(parameters),
        start,
        pace,
        rules.bound,
        np.ones(system.dimension),
    )
    return plan, rules, start
