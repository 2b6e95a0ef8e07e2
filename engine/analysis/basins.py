"""Basins of attraction: which initial states of a plane go to which attractor.

Attractors need not be known: they are found by recurrences and told apart by the cells of
state space that they visit. The picture is computed coarse to fine from the centre outwards.
What it says about the boundary, its uncertainty exponent and whether it is Wada, comes with
the last picture. Attractors over parameters are ``parameter_plane``'s business.

Memory: about 80 bytes a cell of the plane, pictures included, and less than 100 MB for the
orbits at work and the cells of the attractors; at most 450 MB, for 2,048 x 2,048 cells.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from engine.analysis._basin_plan import Basins, Range, limits, planned
from engine.analysis._forcing import forcing_period
from engine.analysis._plane_measures import SLICE, loaded
from engine.analysis._plane_order import paint, passes
from engine.analysis.method import Method, Subject
from engine.exhibit import Parameter, Reference, Value, Values
from engine.job import Job, Partial, run
from engine.systems.system import System

__all__ = ["METHOD", "Basins", "basins", "basins_job"]

Array = NDArray[np.float64]
T = TypeVar("T")

BATCH = 8192
"""Orbits that are moved together."""
SETTLERS = 4096
"""Orbits that attractors are first sought among."""
MOST = 64
"""Attractors that are told apart."""
PICTURE_EVERY = 0.05
"""Seconds between two pictures of a job; progress is told more often."""


def basins(
    system: System,
    x: Range,
    y: Range,
    shape: tuple[int, int] = (512, 512),
    values: Values | None = None,
    initial: Sequence[float] | Array | None = None,
    interval: float | None = None,
    settle: int | None = None,
    patience: int | None = None,
    hits: int = 10,
    cells: int = 100,
    step: float | None = None,
    bound: float | None = None,
) -> Basins:
    """Which initial states of a plane go to which attractor.

    Parameters
    ----------
    system : System
        A flow or a map without events, which depends on time periodically or not at all.
    x, y : (str, float, float)
        Variable, lower and upper edge of the picture.
    shape : (int, int)
        Rows and columns.
    values : mapping, optional
        Parameter values.
    initial : array (n,), optional
        Where the other variables start; the system's own by default.
    interval : float, optional
        Time between two looks at an orbit of a flow. Where absent: the period of what drives
        it, else 20 steps. Maps are looked at after every iteration.
    settle, patience : int, optional
        Looks before attractors are sought, and looks after which an orbit that has found
        none is given up: 100 and 2,000 of a driven flow, 500 and 10,000 else.
    hits : int
        Looks in a row in the cells of an attractor that decide.
    cells : int
        Cells of state space along the extent of all attractors, a variable.
    step : float, optional
        Of RK4; about the system's own where absent.
    bound : float, optional
        An orbit escapes where the size of a variable exceeds it; the system's own by default.

    Returns
    -------
    Basins

    Raises
    ------
    ParameterError
        If a name, a range or a number cannot be used.

    References
    ----------
    G. Datseris, A. Wagemakers, Effortless estimation of basins of attraction, Chaos 32,
    023104 (2022).
    """
    return run(
        basins_job(
            system,
            x,
            y,
            shape,
            values,
            initial,
            interval,
            settle,
            patience,
            hits,
            cells,
            step,
            bound,
        )
    )


def basins_job(
    system: System,
    x: Range,
    y: Range,
    shape: tuple[int, int] = (512, 512),
    values: Values | None = None,
    initial: Sequence[float] | Array | None = None,
    interval: float | None = None,
    settle: int | None = None,
    patience: int | None = None,
    hits: int = 10,
    cells: int = 100,
    step: float | None = None,
    bound: float | None = None,
    batch: int = BATCH,
) -> Job[Basins]:
    """`basins` as a job, whose every picture is complete in shape.

    Parameters
    ----------
    batch : int
        Orbits that are moved together; the answer does not depend on it.
    """
    from engine.integrate import compile
    from engine.integrate.lanes import part

    system = system.at(values)
    plan, rules, start = planned(
        system,
        x,
        y,
        shape,
        values,
        initial,
        interval,
        settle,
        patience,
        hits,
        cells,
        step,
        bound,
        MOST,
    )
    name = part(system)
    if compile.best(system, name) is None:
        compile.request(system, [name])
        while not compile.ready(system, name) and not compile.wait(SLICE):
            yield Partial(None, 0.0, 1.0, "compiling")
    for _ in loaded("_basin_kernels"):
        yield Partial(None, 0.0, 1.0, "compiling")
    from engine.analysis import _basin_boundary as edges
    from engine.analysis._basin_search import UNDECIDED, Atlas, Flock, widths

    began = pictured = time.perf_counter()
    atlas = Atlas(system, system.values(values), rules, plan.turns)
    labels = plan.labels
    rows, columns = labels.shape
    across, up = system.variables.index(plan.x), system.variables.index(plan.y)
    spans = np.zeros(system.dimension)
    spans[[across, up]] = x[2] - x[1], y[2] - y[1]
    total, done = 1.02 * labels.size, 0.0
    shown: Basins | None = None
    words = "basins of attraction"

    def picture() -> Basins:
        return replace(
            plan,
            labels=labels.copy(),
            computed=plan.computed.copy(),
            attractors=tuple(atlas.samples),
            widths=atlas.widths,
            seconds=time.perf_counter() - began,
        )

    for index, order in enumerate(passes(rows, columns)):
        count = len(order.rows)
        # How wide cells are follows from the first orbits, however many go together later.
        size = batch if index else SETTLERS
        found = np.full(count, UNDECIDED, np.int64)
        late_cells, late_states = [], []
        for low in range(0, count, size):
            here = slice(low, min(count, low + size))
            first = index == 0 and low == 0
            states = np.repeat(start[:, None], here.stop - low, axis=1)
            states[across] = plan.x_values[order.columns[here]]
            states[up] = plan.y_values[order.rows[here]]
            flock = Flock(atlas, states, np.arange(low, here.stop), found)
            for made in flock.run(rules.settle, watch=first):
                # Most arrive soon; those who do not are few.
                share = min(1.0, made / (rules.settle if first else 40.0))
                yield Partial(shown, done + 0.9 * share * (here.stop - low), total, words)
            if first:
                atlas.widths = widths(flock, spans, cells)
            flock.part()
            if len(flock):
                late_cells.append(flock.cells)
                late_states.append(flock.lanes.state)
            done += here.stop - low
            if index:
                paint(labels, order, here, found[here])
                plan.computed[order.rows[here], order.columns[here]] = True
                if time.perf_counter() - pictured > PICTURE_EVERY:
                    shown, pictured = picture(), time.perf_counter()
            yield Partial(shown, done, total, words)
        if late_cells:
            late = Flock(
                atlas, np.concatenate(late_states, axis=1), np.concatenate(late_cells), found
            )
            looks = rules.settle
            while len(late) and looks <= rules.patience and not atlas.full:
                known = len(atlas.samples)
                label = UNDECIDED
                follow = atlas.follow(late.lanes.state[:, 0].copy())
                while True:
                    try:
                        next(follow)
                    except StopIteration as stop:
                        label = stop.value
                        break
                    yield Partial(shown, done, total, "looking for attractors")
                late.drop_first(label)
                # Nothing new: those that are left need time.
                more = 4 * rules.hits if len(atlas.samples) > known else looks
                for _ in late.run(more) if len(late) else ():
                    yield Partial(shown, done, total, "looking for attractors")
                looks += more
        if index == 0:
            fresh = atlas.sort()
            found = np.where(found > 0, fresh[np.maximum(found, 0)], found)
        paint(labels, order, slice(0, count), found)
        plan.computed[order.rows, order.columns] = True
        shown, pictured = picture(), time.perf_counter()
        yield Partial(shown, done, total, words)
    distances, shares = yield from _told(edges.uncertain(labels), shown, done, total)
    alpha, error = edges.exponent(distances, shares)
    present = [int(label) for label in np.unique(labels) if label >= 0]
    apart = []
    for grid in (labels, np.ascontiguousarray(labels[::2, ::2])):
        work = edges.merged_distance(grid, present)
        apart.append((yield from _told(work, shown, done, total)))
    return replace(
        picture(),
        distances=distances,
        uncertain=shares,
        exponent=alpha,
        exponent_stderr=error,
        merged_distance=apart[0],
        merged_distance_coarse=apart[1],
    )


def _told(
    work: Generator[None, None, T], shown: Basins | None, done: float, total: float
) -> Generator[Partial[Basins], None, T]:
    """Drive work that shows nothing new."""
    while True:
        try:
            next(work)
        except StopIteration as stop:
            return stop.value  # type: ignore[no-any-return]
        yield Partial(shown, done, total, "boundary")


_WHOLE = ("rows", "columns", "settle", "patience", "hits", "cells")


def _job(subject: Subject, options: Mapping[str, Value]) -> Job[Basins]:
    assert subject.system is not None
    chosen = {name: float(options[name]) for name in _EDGES}
    whole = {name: int(options[name]) for name in _WHOLE}
    return basins_job(
        subject.system,
        (str(options["x"]), chosen["x_low"], chosen["x_high"]),
        (str(options["y"]), chosen["y_low"], chosen["y_high"]),
        (whole["rows"], whole["columns"]),
        subject.values,
        subject.initial,
        float(options["interval"]) or None,
        whole["settle"],
        whole["patience"],
        whole["hits"],
        whole["cells"],
        float(options["step"]) or None,
        float(options["bound"]) or None,
    )


_EDGES = ("x_low", "x_high", "y_low", "y_high")


def _automatic(subject: Subject) -> Mapping[str, Value]:
    """The first two variables, over what is likely to hold their attractors."""
    system = subject.system
    assert system is not None
    found: dict[str, Value] = {}
    names = (*system.axes, *system.variables)
    state = system.state(subject.initial)
    two = list(dict.fromkeys(name for name in names if name in system.variables))[:2]
    for axis, name in zip("xy", two, strict=False):
        reach = 2.0 * max(1.0, abs(float(state[system.variables.index(name)])))
        if turn := system.period(name):
            reach = 0.5 * turn
        found |= {axis: name, f"{axis}_low": -reach, f"{axis}_high": reach}
    driven = system.kind == "flow" and bool(forcing_period(system, subject.values))
    settle, patience = limits(driven)
    found |= {"settle": settle, "patience": patience, "bound": system.run.bound}
    return found


METHOD = Method(
    "Basins of attraction",
    "Planes",
    "Where must one start to end where? Every cell of a plane of initial states is coloured by "
    "the attractor that its orbit reaches. Attractors are found on the way, by the recurrences "
    "of orbits to cells of state space. The share of each basin measures how likely its "
    "attractor is; the uncertainty exponent tells how much a better knowledge of the start "
    "helps, and the merging test whether every boundary point touches all basins.",
    "For systems that lose volume: where volume is kept there are no attractors, and every "
    "orbit is one of its own. Attractors nearer to each other than a cell count as one; more "
    "cells part them. Shares of a random start are sure to about their errors; the exponent "
    "needs boundaries that the grid resolves, 300 cells a side or more.",
    "system",
    _job,
    (
        Parameter("x", "", scale="text", help="Variable along the picture"),
        Parameter("x_low", -2.0, help="Left edge"),
        Parameter("x_high", 2.0, help="Right edge"),
        Parameter("y", "", scale="text", help="Variable up the picture"),
        Parameter("y_low", -2.0, help="Lower edge"),
        Parameter("y_high", 2.0, help="Upper edge"),
        Parameter("rows", 512, 32, 2048, scale="integer", help="Cells up the picture"),
        Parameter("columns", 512, 32, 2048, scale="integer", help="Cells along the picture"),
        Parameter(
            "interval",
            0.0,
            help="Time between two looks at a flow; 0 for the period of its drive, or 20 steps",
        ),
        Parameter(
            "settle",
            500,
            10,
            10_000,
            scale="integer",
            help="Looks before attractors are sought among the orbits that found none",
        ),
        Parameter(
            "patience",
            10_000,
            100,
            100_000,
            scale="integer",
            help="Looks after which an orbit counts as undecided",
        ),
        Parameter(
            "hits",
            10,
            2,
            100,
            scale="integer",
            help="Looks in a row in the cells of an attractor that decide",
        ),
        Parameter(
            "cells",
            100,
            20,
            1000,
            scale="integer",
            help="Cells of state space along all attractors, a variable",
        ),
        Parameter("step", 0.0, help="Step of RK4; 0 for about the system's own"),
        Parameter("bound", 0.0, help="An orbit beyond it has escaped; 0 for the system's own"),
    ),
    _automatic,
    (
        Reference(
            "G. Datseris and A. Wagemakers",
            2022,
            "Effortless estimation of basins of attraction",
            "Chaos 32, 023104",
            "10.1063/5.0076568",
        ),
        Reference(
            "C. Grebogi, S. W. McDonald, E. Ott and J. A. Yorke",
            1983,
            "Final state sensitivity: an obstruction to predictability",
            "Physics Letters A 99, 415-418",
            "10.1016/0375-9601(83)90945-3",
        ),
        Reference(
            "A. Daza, A. Wagemakers and M. A. F. Sanjuán",
            2018,
            "Ascertaining when a basin is Wada: the merging method",
            "Scientific Reports 8, 9954",
            "10.1038/s41598-018-28119-0",
        ),
    ),
)
