"""Parameter planes: one number for every pair of values of two parameters.

The largest Lyapunov exponent, the period, the time to escape or a plain statistic of a
variable, each cell an orbit of its own from the same initial state. Cells are computed
coarse to fine from the centre outwards, so that a whole picture is there at once and every
next one is finer. For one parameter and all that an orbit does see ``orbit_diagram``; this
does not continue attractors from cell to cell, so where several coexist it shows the one that
the initial state finds.

Memory: about 80 bytes a cell of the plane, pictures included, and less than 64 MB for the
orbits at work; at most 400 MB, for 2,048 x 2,048 cells.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from engine.analysis._plane_measures import MEASURES, SLICE, Measured, Task, loaded
from engine.analysis._plane_order import paint, passes
from engine.analysis._plane_plan import ParameterPlane, Range, planned
from engine.analysis.method import Method, Subject
from engine.errors import ParameterError
from engine.exhibit import Parameter, Reference, Value, Values
from engine.job import Job, Partial, run
from engine.systems.system import System

__all__ = ["METHOD", "ParameterPlane", "parameter_plane", "parameter_plane_job"]

Array = NDArray[np.float64]

BATCH = 8192
"""Orbits that are moved together."""
PICTURE_EVERY = 0.05
"""Seconds between two pictures of a job; progress is told more often."""


def parameter_plane(
    system: System,
    x: Range,
    y: Range,
    shape: tuple[int, int] = (512, 512),
    measure: str = "lyapunov-largest",
    iterations: int | None = None,
    transient: int | None = None,
    values: Values | None = None,
    initial: Sequence[float] | Array | None = None,
    variable: str | None = None,
    step: float | None = None,
    bound: float | None = None,
    longest: int = 32,
    tolerance: float | None = None,
) -> ParameterPlane:
    """One number for every pair of values of two parameters.

    Parameters
    ----------
    system : System
        A flow or a map without events.
    x, y : (str, float, float)
        Parameter, lower and upper edge of the picture.
    shape : (int, int)
        Rows and columns.
    measure : str
        ``lyapunov-largest``, ``period`` (of maps; of flows the number of local maxima of
        `variable` in a cycle), ``escape-time`` (the first time at which a variable is outside
        the bound, counted from the initial state), ``mean``, ``minimum``, ``maximum`` or
        ``range`` of `variable`, or any scalar of a method that analyses a series, written
        ``method.scalar``: ``zero-one-test.K``.
    iterations : int, optional
        Iterations of a map, steps of a flow: 2,000 and 6,000 where absent.
    transient : int, optional
        As many are discarded before: 500 and 3,000 where absent, none for escape times.
    values, initial
        Values of the other parameters, and the initial state of every cell; the system's own
        by default.
    variable : str, optional
        The first one where absent.
    step : float, optional
        Of RK4; the system's own where absent.
    bound : float, optional
        An orbit leaves where the size of a variable exceeds it; the system's own where absent.
    longest : int
        Period up to which is looked.
    tolerance : float, optional
        How near is the same, as a share of the size: 1e-6 for maps and 1e-3 for flows.

    Returns
    -------
    ParameterPlane

    Raises
    ------
    ParameterError
        If a name, a range or a number cannot be used.

    References
    ----------
    J. A. C. Gallas, Structure of the parameter space of the Hénon map, Physical Review
    Letters 70, 2714-2717 (1993).
    """
    return run(
        parameter_plane_job(
            system,
            x,
            y,
            shape,
            measure,
            iterations,
            transient,
            values,
            initial,
            variable,
            step,
            bound,
            longest,
            tolerance,
        )
    )


def parameter_plane_job(
    system: System,
    x: Range,
    y: Range,
    shape: tuple[int, int] = (512, 512),
    measure: str = "lyapunov-largest",
    iterations: int | None = None,
    transient: int | None = None,
    values: Values | None = None,
    initial: Sequence[float] | Array | None = None,
    variable: str | None = None,
    step: float | None = None,
    bound: float | None = None,
    longest: int = 32,
    tolerance: float | None = None,
    batch: int = BATCH,
) -> Job[ParameterPlane]:
    """`parameter_plane` as a job, whose every picture is complete in shape.

    Parameters
    ----------
    batch : int
        Orbits that are moved together; the numbers do not depend on it.
    """
    from engine.integrate import compile
    from engine.integrate.lanes import Lanes, part
    from engine.integrate.runs import checked_step, finite_bound

    system = system.at(values)
    plane = planned(
        system, x, y, shape, measure, iterations, transient, values, initial, variable, longest
    )
    plane = replace(plane, step=checked_step(system, step))
    near = (1e-6 if system.kind == "map" else 1e-3) if tolerance is None else tolerance
    if not 0.0 < near < 1.0:
        raise ParameterError(f"the tolerance must be between 0 and 1, got {tolerance}")
    limit = finite_bound(system.run.bound if bound is None else bound)
    task = Task(
        plane.iterations,
        plane.transient,
        system.variables.index(plane.variable),
        plane.longest,
        near,
    )
    tangent = measure == "lyapunov-largest"
    measured = MEASURES.get(measure)
    if measured is None:
        from engine.analysis._plane_scalars import ScalarMeasure, named
        from engine.analysis._plane_scalars import batch as most

        measured = ScalarMeasure(*named(measure), plane.variable)
        batch = min(batch, most(plane.iterations))
    name = part(system, tangent)
    if compile.best(system, name) is None:
        compile.request(system, [name])
        while not compile.ready(system, name) and not compile.wait(SLICE):
            yield Partial(None, 0.0, 1.0, "compiling")
    if not tangent and measure != "escape-time":
        for _ in loaded("_orbit_kernels", "_plane_kernels"):
            yield Partial(None, 0.0, 1.0, "compiling")
    began = pictured = time.perf_counter()
    total, done = float(plane.values.size), 0
    shown: ParameterPlane | None = None

    def picture() -> ParameterPlane:
        copies = {name: getattr(plane, name).copy() for name in ("values", "errors", "computed")}
        return replace(plane, seconds=time.perf_counter() - began, **copies)

    for index, cells in enumerate(passes(*plane.values.shape)):
        for low in range(0, len(cells.rows), batch):
            here = slice(low, low + batch)
            places = {
                plane.x: plane.x_values[cells.columns[here]],
                plane.y: plane.y_values[cells.rows[here]],
            }
            lanes = Lanes(
                system,
                plane.initial,
                {**plane.parameters, **places},
                plane.step,
                bound=limit,
                tangent=tangent,
            )
            work = measured(lanes, task)
            while True:
                try:
                    share = next(work) / (task.transient + task.iterations)
                except StopIteration as stop:
                    found: Measured = stop.value
                    break
                yield Partial(shown, done + share * lanes.lanes, total, plane.title)
            paint(plane.values, cells, here, found[0])
            paint(plane.errors, cells, here, found[1])
            plane.computed[cells.rows[here], cells.columns[here]] = True
            done += lanes.lanes
            if index and time.perf_counter() - pictured > PICTURE_EVERY:
                shown, pictured = picture(), time.perf_counter()
            yield Partial(shown, done, total, plane.title)
        if index == 0:
            # From here on every picture is complete.
            shown, pictured = picture(), time.perf_counter()
            yield Partial(shown, done, total, plane.title)
    return picture()


def _job(subject: Subject, options: Mapping[str, Value]) -> Job[ParameterPlane]:
    assert subject.system is not None
    chosen = {name: float(options[name]) for name in _NUMBERS}
    x, y = str(options["x"]), str(options["y"])
    measure = str(options["measure"])
    if measure == SCALAR:
        measure = str(options["scalar"])
    return parameter_plane_job(
        subject.system,
        (x, chosen["x_low"], chosen["x_high"]),
        (y, chosen["y_low"], chosen["y_high"]),
        (int(options["rows"]), int(options["columns"])),
        measure,
        int(options["iterations"]),
        int(options["transient"]),
        {name: value for name, value in subject.values.items() if name not in (x, y)},
        subject.initial,
        str(options["variable"]) or None,
        chosen["step"] or None,
        chosen["bound"] or None,
        int(options["longest"]),
    )


SCALAR = "scalar"
"""The choice that stands for any scalar of a method."""
_NUMBERS = ("x_low", "x_high", "y_low", "y_high", "step", "bound")


def _automatic(subject: Subject) -> Mapping[str, Value]:
    """The first two parameters that have a range, over all of it."""
    system = subject.system
    assert system is not None
    flow = system.kind != "map"
    found: dict[str, Value] = {
        "iterations": 6000 if flow else 2000,
        "transient": 3000 if flow else 500,
        "variable": system.variables[0],
        "step": system.run.step if flow else 1.0,
        "bound": system.run.bound,
    }
    free = [
        row
        for row in system.parameters.values()
        if row.low is not None and row.high is not None and not row.size
    ]
    for axis, row in zip("xy", free, strict=False):
        found |= {axis: row.name, f"{axis}_low": float(row.low or 0.0)}
        found |= {f"{axis}_high": float(row.high or 0.0)}
    return found


METHOD = Method(
    "Parameter plane",
    "Planes",
    "Two parameters span a picture, and every cell of it is a run of its own: coloured by its "
    "largest Lyapunov exponent, its period, the time it takes to escape or a plain statistic. "
    "Regions of order and chaos, and the shrimps between them, are seen at a glance.",
    "Every cell starts from the same state: where attractors coexist, edges of basins show as "
    "edges in the plane. Exponents of a few thousand iterations are good to a few hundredths; "
    "slow transients near bifurcations look like long periods, and a longer transient tells. "
    "Below a range of some 1e-13 of the parameter's size, cells have the same numbers.",
    "system",
    _job,
    (
        Parameter("x", "", scale="text", help="Parameter along the picture"),
        Parameter("x_low", 0.0, help="Left edge"),
        Parameter("x_high", 1.0, help="Right edge"),
        Parameter("y", "", scale="text", help="Parameter up the picture"),
        Parameter("y_low", 0.0, help="Lower edge"),
        Parameter("y_high", 1.0, help="Upper edge"),
        Parameter(
            "measure",
            "lyapunov-largest",
            scale="choice",
            choices=(*MEASURES, SCALAR),
            help="What the colour means",
        ),
        Parameter(
            "scalar",
            "zero-one-test.K",
            scale="text",
            help="Where the measure is a scalar: method and scalar, with a point between",
        ),
        Parameter("rows", 512, 32, 2048, scale="integer", help="Cells up the picture"),
        Parameter("columns", 512, 32, 2048, scale="integer", help="Cells along the picture"),
        Parameter(
            "iterations",
            2000,
            100,
            100_000,
            scale="integer",
            help="Iterations of a map, steps of a flow, that are looked at in every cell",
        ),
        Parameter(
            "transient",
            500,
            0,
            100_000,
            scale="integer",
            help="Iterations or steps that are discarded before; none for escape times",
        ),
        Parameter("variable", "", scale="text", help="Whose maxima, mean, extremes or range"),
        Parameter("longest", 32, 1, 64, scale="integer", help="Longest period looked for"),
        Parameter("step", 0.0, help="Step of RK4 for flows; 0 for the system's own"),
        Parameter("bound", 0.0, help="An orbit beyond it has escaped; 0 for the system's own"),
    ),
    _automatic,
    (
        Reference(
            "J. A. C. Gallas",
            1993,
            "Structure of the parameter space of the Hénon map",
            "Physical Review Letters 70, 2714-2717",
            "10.1103/PhysRevLett.70.2714",
        ),
        Reference(
            "G. Benettin, L. Galgani and J.-M. Strelcyn",
            1976,
            "Kolmogorov entropy and numerical experiments",
            "Physical Review A 14, 2338-2345",
            "10.1103/PhysRevA.14.2338",
        ),
    ),
)
