"""What a parameter plane is asked for and what it leaves: settings checked, the result.

How it is computed stands in ``parameter_plane``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from engine.analysis._plane_measures import MEASURES, words
from engine.analysis._plane_order import centres, narrowest
from engine.analysis.method import Image, Plot, Scalar
from engine.errors import ParameterError
from engine.exhibit import Values
from engine.systems.system import System

Array = NDArray[np.float64]
Range = tuple[str, float, float]

MOST_CELLS = 2048 * 2048
LARGEST = 16
"""Variables up to which a tangent vector is carried."""


@dataclass(frozen=True, eq=False)
class ParameterPlane:
    """A number for every pair of values of two parameters.

    Attributes
    ----------
    x, y : str
        The parameters.
    x_values, y_values : array (columns,), (rows,)
        Their values at the centres of the cells.
    x_range, y_range : (float, float)
        Outer edges.
    values : array (rows, columns)
        What was measured; NaN where the orbit left the bound (for escape times: where it did
        not). A cell that is not computed yet shows a neighbour. Periods: `longest` + 1 means
        none so short; 0 that a flow is at rest.
    errors : array (rows, columns)
        Half the difference between the exponents of the two halves of the orbit; the standard
        error of a method's scalar where it knows one; else NaN.
    computed : array (rows, columns) of bool
    measure, title, unit : str
    variable : str
    system : str
    parameters : mapping of str to float
        The others.
    initial : array (n,)
    step : float
        Of RK4; 1 for maps.
    iterations, transient, longest : int
    narrowest : (float, float)
        Widths of the ranges below which neighbouring cells have the same numbers.
    seconds : float
    """

    x: str
    y: str
    x_values: Array
    y_values: Array
    x_range: tuple[float, float]
    y_range: tuple[float, float]
    values: Array = field(repr=False)
    errors: Array = field(repr=False)
    computed: NDArray[np.bool_] = field(repr=False)
    measure: str
    title: str
    unit: str
    variable: str
    system: str
    parameters: Mapping[str, float]
    initial: Array
    step: float
    iterations: int
    transient: int
    longest: int
    narrowest: tuple[float, float]
    seconds: float = 0.0

    @property
    def warning(self) -> str:
        """What is to be said about the numbers' own limit; empty where it is far."""
        for name, (low, high), least in (
            (self.x, self.x_range, self.narrowest[0]),
            (self.y, self.y_range, self.narrowest[1]),
        ):
            if high - low < least:
                return (
                    f"neighbouring cells have the same {name}: a range of {high - low:.3g} is "
                    f"below {least:.3g}, the narrowest that 64-bit numbers resolve here"
                )
        return ""

    def point(self, x: float, y: float) -> dict[str, float]:
        """The values of the two parameters in the cell at a place of the picture."""
        column = int(np.abs(self.x_values - x).argmin())
        row = int(np.abs(self.y_values - y).argmin())
        return {self.x: float(self.x_values[column]), self.y: float(self.y_values[row])}

    def scalars(self) -> tuple[Scalar, ...]:
        """Shares of the plane, and the extremes."""
        known = self.values[self.computed]
        total = max(1, known.size)
        bounded = known[~np.isnan(known)]
        found = []
        if self.measure == "lyapunov-largest":
            errors = self.errors[self.computed]
            # Halves of an orbit agree by chance now and then, and neighbours of an orbit that
            # is not chaotic may still part in proportion to time.
            floor = (2.0 + math.log1p(self._time)) / self._time
            sure = known > np.maximum(3.0 * np.nan_to_num(errors), floor)
            found.append(Scalar("chaotic_share", "Share of chaotic cells", float(sure.mean())))
        if self.measure == "period":
            periodic = (bounded >= 1) & (bounded <= self.longest)
            found.append(
                Scalar("periodic_share", "Share of periodic cells", periodic.sum() / total)
            )
        title = "stay" if self.measure == "escape-time" else "escape"
        missing = 1.0 - bounded.size / total
        found.append(Scalar(f"{title}_share", f"Share of cells that {title}", missing))
        finite = bounded[np.isfinite(bounded)]
        if finite.size:
            for name, value in (("largest", finite.max()), ("smallest", finite.min())):
                told = f"{name.capitalize()}: {self.title}"
                found.append(Scalar(name, told, float(value), unit=self.unit))
        return tuple(found)

    @property
    def _time(self) -> float:
        return self.iterations * self.step

    def plots(self) -> tuple[Plot, ...]:
        """The plane as an image."""
        title = f"{self.title} ({self.unit})" if self.unit else self.title
        categories: tuple[str, ...] = ()
        if self.measure == "period":
            categories = ("at rest", *map(str, range(1, self.longest + 1)), "longer or none")
        image = Image(
            self.values,
            *self.x_range,
            *self.y_range,
            title=title,
            categories=categories,
            diverging=self.measure == "lyapunov-largest",
        )
        return (Plot(self.title, self.x, self.y, (image,)),)


def planned(
    system: System,
    x: Range,
    y: Range,
    shape: tuple[int, int],
    measure: str,
    iterations: int | None,
    transient: int | None,
    values: Values | None,
    initial: Sequence[float] | Array | None,
    variable: str | None,
    longest: int,
) -> ParameterPlane:
    """A plane with nothing computed, of settings that can be used."""
    from engine.integrate.lanes import together

    if not together(system):
        raise ParameterError(
            f"a plane of '{system.key}' cannot be computed: only flows and maps without events, "
            "noise, delays and long families can"
        )
    if measure not in MEASURES and "." not in measure:
        raise ParameterError(
            f"a plane cannot show '{measure}'; it can show {', '.join(MEASURES)}, and as "
            "METHOD.SCALAR the scalars of methods that analyse a series"
        )
    if measure == "lyapunov-largest" and system.dimension > LARGEST:
        raise ParameterError(
            f"exponents over a plane need at most {LARGEST} variables, '{system.key}' has "
            f"{system.dimension}; lyapunov_spectrum finds those of single points"
        )
    free = [name for name, row in system.parameters.items() if not row.size]
    if len(free) < 2:
        raise ParameterError(
            f"a plane needs two parameters, and '{system.key}' has {', '.join(free) or 'none'}; "
            "an orbit diagram shows one"
        )
    for name, low, high in (x, y):
        check_range(system, name, low, high)
    if x[0] == y[0]:
        raise ParameterError(f"a plane needs two different parameters, got '{x[0]}' twice")
    rows, columns = (whole("a side of the shape", side, 1) for side in shape)
    if rows * columns > MOST_CELLS:
        raise ParameterError(
            f"a plane of {rows} x {columns} cells is too large; at most {MOST_CELLS:,} cells"
        )
    flow = system.kind != "map"
    if iterations is None:
        iterations = 6000 if flow else 2000
    if transient is None:
        transient = 3000 if flow else 500
    if measure == "escape-time":
        transient = 0
    variable = system.variables[0] if variable is None else variable
    if variable not in system.variables:
        raise ParameterError(
            f"'{system.key}' has no variable '{variable}'; it has {', '.join(system.variables)}"
        )
    given = dict(zip(system.parameters, system.values(values).tolist(), strict=False))
    others = {name: value for name, value in given.items() if name not in (x[0], y[0])}
    title, unit = words(measure, system, variable)
    return ParameterPlane(
        x[0],
        y[0],
        centres(x[1], x[2], columns),
        centres(y[1], y[2], rows),
        (float(x[1]), float(x[2])),
        (float(y[1]), float(y[2])),
        np.full((rows, columns), np.nan),
        np.full((rows, columns), np.nan),
        np.zeros((rows, columns), bool),
        measure,
        title,
        unit,
        variable,
        system.key,
        MappingProxyType(others),
        system.state(initial),
        1.0,
        whole("the number of iterations", iterations, 2),
        whole("the transient", transient, 0),
        whole("the longest period", longest, 1),
        (narrowest(x[1], x[2], columns), narrowest(y[1], y[2], rows)),
    )


def check_range(system: System, name: str, low: float, high: float) -> None:
    if name not in system.parameters or system.parameters[name].size:
        free = [key for key, row in system.parameters.items() if not row.size]
        raise ParameterError(
            f"'{system.key}' has no parameter '{name}' for a plane; it has "
            f"{', '.join(free) or 'none'}"
        )
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise ParameterError(
            f"the range of '{name}' must be two finite numbers, the lower one first, got "
            f"{low} to {high}"
        )


def whole(what: str, value: object, least: int) -> int:
    try:
        number = int(value)  # type: ignore[call-overload]
    except (TypeError, ValueError, OverflowError):
        number = least - 1
    if number < least or number != value:
        raise ParameterError(f"{what} must be a whole number from {least} on, got {value!r}")
    return int(number)
