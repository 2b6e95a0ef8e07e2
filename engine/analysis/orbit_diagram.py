"""Orbit diagrams: where the orbits of a system go, over a parameter.

For a map every column shows the values of a variable after a transient; for a flow the
heights of its local maxima. Columns are computed side by side (see ``_orbit_sweep``) or,
with `follow`, one after the other from the last state, so that hysteresis shows. This is
no bifurcation diagram: unstable branches need continuation.

For developers: `orbit_diagram` is for scripts, `orbit_diagram_job` the same as a job, and
`orbit_image_job` counts the samples in the cells of a picture without keeping them.
"""

from __future__ import annotations

import math
import time as clock
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from engine.analysis import _orbit_sweep as sweep
from engine.analysis._orbit_plan import Plan, check_size, checked_plan, finite, whole
from engine.analysis._orbit_sweep import Bins, Samples
from engine.errors import ParameterError
from engine.exhibit import Values
from engine.job import Job, Partial, run

if TYPE_CHECKING:
    from engine.systems.system import System

Array = NDArray[np.float64]

COLUMNS, ROWS = 2000, 600
PICTURE_EVERY = 0.05
"""Seconds between two pictures of a job; progress is told more often."""


@dataclass(frozen=True, eq=False)
class OrbitDiagram:
    """Samples of a variable over a parameter.

    Attributes
    ----------
    parameter, variable : str
    parameter_values : array (columns,)
    samples : array (columns, keep)
        Values of a map, heights of local maxima of a flow; NaN where there are fewer. An
        orbit of a flow that came to rest without a maximum has one sample: where it rests.
    counts : array (columns,) of int64
        Samples of each column.
    stopped : array (columns,)
        Time (iteration) at which a column left the system's bound or the finite numbers and
        was left empty; NaN for the others.
    computed : array (columns,) of bool
        False for columns that a job has not come to yet.
    system : str
    values : mapping of str to float
        The other parameters.
    initial : array (n,)
    step : float
    transient : float
        Time (iterations) discarded.
    follow : str
        ``no``, ``up`` or ``down``.
    seconds : float
    """

    parameter: str
    variable: str
    parameter_values: Array
    samples: Array = field(repr=False)
    counts: NDArray[np.int64] = field(repr=False)
    stopped: Array = field(repr=False)
    computed: NDArray[np.bool_] = field(repr=False)
    system: str
    values: Mapping[str, float]
    initial: Array
    step: float
    transient: float
    follow: str = "no"
    seconds: float = 0.0


@dataclass(frozen=True, eq=False)
class OrbitImage:
    """An orbit diagram as a picture: how often each cell was visited.

    Attributes
    ----------
    parameter, variable : str
    parameter_values : array (columns,)
    image : array (rows, columns) of float32
        Counts; row 0 is the lowest. Columns not computed yet repeat their nearest neighbour.
    value_range : (float, float)
        Lower edge of row 0, upper edge of the last row.
    stopped, computed : array (columns,)
        As in `OrbitDiagram`.
    clipped : bool
        True where samples lie outside `value_range`.
    """

    parameter: str
    variable: str
    parameter_values: Array
    image: NDArray[np.float32] = field(repr=False)
    value_range: tuple[float, float]
    stopped: Array = field(repr=False)
    computed: NDArray[np.bool_] = field(repr=False)
    clipped: bool
    system: str
    values: Mapping[str, float]
    initial: Array
    step: float
    transient: float
    follow: str = "no"
    seconds: float = 0.0


def orbit_diagram(
    system: System,
    parameter: str,
    low: float,
    high: float,
    columns: int = COLUMNS,
    transient: float | None = None,
    keep: int | None = None,
    variable: str | None = None,
    values: Values | None = None,
    initial: Sequence[float] | Array | None = None,
    step: float | None = None,
    follow: bool | str = False,
    duration: float | None = None,
) -> OrbitDiagram:
    """Where the orbits of a system go, over a parameter.

    Parameters
    ----------
    system : System
    parameter : str
        The parameter that runs along the columns.
    low, high : float
        Its first and last value.
    columns : int
    transient : float, optional
        Iterations discarded for maps (1000), time units for flows (the system's own).
    keep : int, optional
        Samples a column: iterations for maps (5000), local maxima for flows (200).
    variable : str, optional
        The variable sampled; the system's own choice where absent.
    values : mapping, optional
        Values of the other parameters.
    initial : sequence of n floats, optional
        Where every column starts.
    step : float, optional
        Of RK4, for flows.
    follow : bool or str
        ``True`` or ``"up"``: each column starts from the last state of the one to its left,
        ``"down"``: to its right. Slower, as columns then wait for each other.
    duration : float, optional
        Time units for which the maxima of a flow are waited for; as long as the system keeps
        on screen where absent.

    Returns
    -------
    OrbitDiagram

    Raises
    ------
    ParameterError
        If a name is unknown or a number cannot be used.

    References
    ----------
    R. M. May, Simple mathematical models with very complicated dynamics, Nature 261, 459-467
    (1976).
    """
    return run(
        orbit_diagram_job(
            system,
            parameter,
            low,
            high,
            columns,
            transient,
            keep,
            variable,
            values,
            initial,
            step,
            follow,
            duration,
        )
    )


def orbit_diagram_job(
    system: System,
    parameter: str,
    low: float,
    high: float,
    columns: int = COLUMNS,
    transient: float | None = None,
    keep: int | None = None,
    variable: str | None = None,
    values: Values | None = None,
    initial: Sequence[float] | Array | None = None,
    step: float | None = None,
    follow: bool | str = False,
    duration: float | None = None,
) -> Job[OrbitDiagram]:
    """`orbit_diagram` as a job: coarse to fine, or column after column with `follow`."""
    plan, direction = checked_plan(
        system,
        parameter,
        low,
        high,
        columns,
        transient,
        keep,
        variable,
        values,
        initial,
        step,
        follow,
        duration,
    )
    check_size(plan)
    return _diagram(plan, direction)


def orbit_image_job(
    system: System,
    parameter: str,
    low: float,
    high: float,
    columns: int = COLUMNS,
    rows: int = ROWS,
    value_range: tuple[float, float] | None = None,
    transient: float | None = None,
    keep: int | None = None,
    variable: str | None = None,
    values: Values | None = None,
    initial: Sequence[float] | Array | None = None,
    step: float | None = None,
    follow: bool | str = False,
    duration: float | None = None,
) -> Job[OrbitImage]:
    """An orbit diagram counted into the cells of a picture, as a job.

    Parameters
    ----------
    rows : int
    value_range : (float, float), optional
        Of the variable; found from the samples where absent, leaving out far outliers.
    others
        As in `orbit_diagram`.

    Raises
    ------
    ParameterError
        If a name is unknown or a number cannot be used.
    """
    plan, direction = checked_plan(
        system,
        parameter,
        low,
        high,
        columns,
        transient,
        keep,
        variable,
        values,
        initial,
        step,
        follow,
        duration,
    )
    rows = whole("rows", rows, 1)
    if value_range is not None:
        bottom, top = (finite("value_range", edge) for edge in value_range)
        if not bottom < top:
            raise ParameterError(f"value_range must rise, got {bottom:g} to {top:g}")
        value_range = bottom, top
    return _image(plan, rows, value_range, direction)


# ---------------------------------------------------------------- jobs


class _Columns:
    """What is known of the columns, whatever becomes of their samples."""

    def __init__(self, plan: Plan, direction: str) -> None:
        self.plan = plan
        self.direction = direction
        self.stopped = np.full(plan.columns, np.nan)
        self.computed = np.zeros(plan.columns, dtype=bool)
        self.began = clock.perf_counter()
        self.shown = -math.inf

    def settle(self, columns: slice, failed: NDArray[np.int64] | int) -> None:
        """Note that `columns` are done and which of them failed at which step."""
        self.computed[columns] = True
        steps = np.asarray(failed)
        self.stopped[columns] = np.where(steps >= 0, (steps + 1) * self.plan.step, np.nan)

    def due(self) -> bool:
        """Whether it is time for another picture."""
        now = clock.perf_counter()
        if now - self.shown < PICTURE_EVERY:
            return False
        self.shown = now
        return True

    def made_of(self) -> dict[str, object]:
        """What diagrams and pictures have in common."""
        plan = self.plan
        return {
            "parameter": plan.parameter,
            "variable": plan.system.variables[plan.variable],
            "parameter_values": plan.places,
            "stopped": self.stopped.copy(),
            "computed": self.computed.copy(),
            "system": plan.system.key,
            "values": MappingProxyType(plan.values),
            "initial": plan.initial,
            "step": plan.step,
            "transient": plan.transient * plan.step,
            "follow": self.direction,
            "seconds": clock.perf_counter() - self.began,
        }


def _diagram(plan: Plan, direction: str) -> Job[OrbitDiagram]:
    known = _Columns(plan, direction)
    samples = np.empty((plan.columns, plan.keep))
    counts = np.zeros(plan.columns, np.int64)

    def result() -> OrbitDiagram:
        return OrbitDiagram(samples=samples, counts=counts.copy(), **known.made_of())  # type: ignore[arg-type]

    for share in _fill(known, samples, counts):
        # The samples are shared: a column is written once, when it is done.
        show = known.computed.any() and known.due()
        yield Partial(result() if show else None, share, 1.0, "orbit diagram")
    return result()


def _fill(known: _Columns, samples: Array, counts: NDArray[np.int64]) -> Iterator[float]:
    """Compute the samples of all columns; yields the share done."""
    plan = known.plan
    # A large result is laid out in pieces: even that takes more than a frame.
    piece = max(1, 500_000 // plan.keep)
    for first in range(0, plan.columns, piece):
        samples[first : first + piece] = np.nan
        yield 0.0
    for _ in sweep.prepare(plan, known.direction != "no"):
        yield 0.0
    if known.direction != "no":
        done = 0
        for column, found, step in sweep.follow(plan, known.direction == "down"):
            if column >= 0:
                samples[column, : len(found)] = found
                counts[column] = len(found)
                known.settle(slice(column, column + 1), step)
                done += 1
            if column < 0 or done == plan.columns:
                yield done / plan.columns
        return
    before = 0.0
    for columns in sweep.passes(plan.columns):
        sink = Samples(plan, samples[columns])
        weight = len(sink.counts) / plan.columns
        for share, failed in sweep.sweep(plan, columns, sink):
            if share == 1.0:
                sink.samples[failed >= 0] = np.nan
                sink.counts[failed >= 0] = 0
                counts[columns] = sink.counts
                known.settle(columns, failed)
            yield before + weight * share
        before += weight


def _image(
    plan: Plan, rows: int, value_range: tuple[float, float] | None, direction: str
) -> Job[OrbitImage]:
    if direction == "no":
        yield from _sketch(plan, rows, value_range)
    if plan.flow or direction != "no":
        return (yield from _image_of_samples(plan, rows, value_range, direction))
    known = _Columns(plan, direction)
    edges, generous = value_range, value_range is not None
    if edges is None:
        # A look at the coarse columns tells where the values are.
        probe = Plan(**{**vars(plan), "keep": min(plan.keep, 256), "watched": min(plan.keep, 256)})
        columns = sweep.passes(plan.columns)[0]
        seen = Samples(probe, np.full((plan.columns, probe.keep), np.nan)[columns])
        good = np.ones(len(seen.samples), dtype=bool)
        for share, failed in sweep.sweep(probe, columns, seen):
            good = failed < 0
            yield Partial(None, 0.02 * share, 1.0, "orbit diagram")
        edges, generous = _edges(seen.samples[good])
    while True:
        span = np.array([math.inf, -math.inf])
        bins = np.zeros((plan.columns, rows + 1), np.uint32)
        known.computed[:], known.stopped[:] = False, np.nan
        result = yield from _count(known, bins, edges, span)
        if generous or not span[0] <= span[1]:
            return result
        # Finer columns went further than the coarse ones: once more, with room for them.
        room = 0.04 * (edges[1] - edges[0])
        edges = (min(edges[0], span[0] - room), max(edges[1], span[1] + room))
        generous = False


def _count(
    known: _Columns, bins: NDArray[np.uint32], edges: tuple[float, float], span: Array
) -> Job[OrbitImage]:
    """Count the values of a map into `bins` (columns, rows + 1); `span` takes those outside."""
    plan, rows = known.plan, bins.shape[1] - 1
    before = 0.0
    for columns in sweep.passes(plan.columns):
        sink = Bins(plan, len(plan.places[columns]), rows, *edges)
        weight = len(sink.counts) / plan.columns
        for share, failed in sweep.sweep(plan, columns, sink):
            yield Partial(None, before + weight * share, 1.0, "orbit diagram")
            if share == 1.0:
                good = failed < 0
                sink.bins[~good] = 0
                bins[columns] = sink.bins
                known.settle(columns, failed)
                span[0] = min(span[0], sink.span[good, 0].min(initial=math.inf))
                span[1] = max(span[1], sink.span[good, 1].max(initial=-math.inf))
                if known.due() and not known.computed.all():
                    yield Partial(
                        _picture(known, bins, edges, span), before + weight, 1.0, "orbit diagram"
                    )
        before += weight
    return _picture(known, bins, edges, span)


def _sketch(
    plan: Plan, rows: int, value_range: tuple[float, float] | None
) -> Iterator[Partial[OrbitImage]]:
    """A few columns by the driver that is there, while the kernel for all of them compiles."""
    waiting = sweep.prepare(plan, False)
    known = _Columns(plan, "no")
    samples, counts = sweep.sketchbook(plan), np.zeros(plan.columns, np.int64)
    columns = sweep.sketch(plan, samples.shape[1])
    for _ in waiting:
        began, some = clock.perf_counter(), False
        while clock.perf_counter() - began < sweep.SLICE:
            column, found, step = next(columns, (-1, samples[0, :0], -1))
            if column >= 0:
                some = True
                samples[column, : len(found)] = found
                counts[column] = len(found)
                known.settle(slice(column, column + 1), step)
            elif known.computed.any():
                break
        show = some and known.computed.sum() >= min(sweep.FIRST_PASS, plan.columns)
        show = show and known.due()
        picture = _of_samples(known, samples, counts, rows, value_range) if show else None
        yield Partial(picture, 0.0, 1.0, "compiling")


def _of_samples(
    known: _Columns,
    samples: Array,
    counts: NDArray[np.int64],
    rows: int,
    value_range: tuple[float, float] | None,
) -> OrbitImage:
    from engine.analysis._orbit_kernels import bin_samples

    edges = _edges(samples)[0] if value_range is None else value_range
    bins = np.zeros((len(samples), rows + 1), np.uint32)
    bin_samples(samples, counts, bins, *edges)
    outside = bins[known.computed, rows].any()
    span = np.array([0.0, 0.0] if outside else [math.inf, -math.inf])
    return _picture(known, bins, edges, span)


def _image_of_samples(
    plan: Plan, rows: int, value_range: tuple[float, float] | None, direction: str
) -> Job[OrbitImage]:
    """For flows, whose samples are few, and for columns that follow each other."""
    check_size(plan)
    known = _Columns(plan, direction)
    samples = np.empty((plan.columns, plan.keep))
    counts = np.zeros(plan.columns, np.int64)

    def picture() -> OrbitImage:
        return _of_samples(known, samples, counts, rows, value_range)

    for share in _fill(known, samples, counts):
        # Told first, drawn after: a picture is a slice of work of its own.
        yield Partial(None, share, 1.0, "orbit diagram")
        if known.computed.any() and known.due():
            yield Partial(picture(), share, 1.0, "orbit diagram")
    return picture()


def _picture(
    known: _Columns, bins: NDArray[np.uint32], edges: tuple[float, float], span: Array
) -> OrbitImage:
    from engine.analysis._orbit_kernels import picture

    image = np.empty((bins.shape[1] - 1, bins.shape[0]), np.float32)
    picture(bins, sweep.nearest(known.computed), image)
    made_of: dict[str, Any] = known.made_of()
    return OrbitImage(image=image, value_range=edges, clipped=bool(span[0] <= span[1]), **made_of)


def _edges(samples: Array) -> tuple[tuple[float, float], bool]:
    """A range with room for the samples, and whether far outliers were left out of it."""
    finite = samples[np.isfinite(samples)]
    if not finite.size:
        return (0.0, 1.0), False
    low, high = float(finite.min()), float(finite.max())
    inner = np.percentile(finite[:: max(1, finite.size // 20_000)], [0.2, 99.8])
    most = float(inner[1] - inner[0])
    far = most > 0.0 and high - low > 4.0 * most
    if far:
        low, high = float(inner[0]), float(inner[1])
    room = 0.04 * (high - low) or 0.1 * abs(high) or 1.0
    return (low - room, high + room), far


__all__ = ["OrbitDiagram", "OrbitImage", "orbit_diagram", "orbit_diagram_job", "orbit_image_job"]
