"""Equilibria of a flow, or fixed points of a map, in a box of any dimension.

Newton's method with the exact Jacobian starts from many places; what it has found is
deflated, so that the next search from the same place goes elsewhere. Types are read off the
eigenvalues, eigenvectors are kept for drawing. A list may miss a point that no start leads
to; it never holds a state that is not a solution. Where points meet or lose stability along
a parameter is told by ``crossings``; cycles by ``periodic_orbits``.

Memory: a few numbers a point, of which there are at most 1,000.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.analysis._fixed_points_result import FixedPoints
from engine.analysis.method import Method, Subject
from engine.errors import ParameterError
from engine.exhibit import Parameter, Reference, Value, Values
from engine.job import Job, Partial, run
from engine.systems.system import System

if TYPE_CHECKING:
    from engine.analysis._solutions import Search

__all__ = ["METHOD", "FixedPoints", "fixed_points", "fixed_points_job", "kind_of"]

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]

MOST = 1000
"""Points after which a search ends: there may be whole curves of them."""
_QUICK = 20_000  # points times variables cubed up to which a result on the way is made
_ZERO = 1e-7  # of the largest eigenvalue: what counts as none


def kind_of(eigenvalues: Complex, discrete: bool) -> tuple[str, bool, int]:
    """Type of a fixed point, whether it is stable, and how many directions grow.

    Parameters
    ----------
    eigenvalues : array (n,)
        Of the Jacobian; multipliers for a map.
    discrete : bool
        True for maps.
    """
    growth = np.abs(eigenvalues) - 1.0 if discrete else eigenvalues.real
    scale = max(1.0, float(np.abs(eigenvalues).max())) if discrete else np.abs(eigenvalues).max()
    small = _ZERO * float(scale)
    turning = np.abs(eigenvalues.imag) > _ZERO * float(scale)
    grows, shrinks = growth > small, growth < -small
    rests = ~grows & ~shrinks
    unstable = int(grows.sum())
    stable = bool(shrinks.all())
    if (rests & ~turning).any():
        return "degenerate", False, unstable
    if rests.all():
        return "centre", False, unstable
    if rests.any():
        both = grows.any() and shrinks.any()
        return ("saddle-centre" if both else "degenerate"), False, unstable
    if grows.any() and shrinks.any():
        return ("saddle-focus" if turning.any() else "saddle"), False, unstable
    shape = "focus" if turning.any() else "node"
    return f"{'stable' if stable else 'unstable'} {shape}", stable, unstable


def fixed_points(
    system: System,
    box: ArrayLike | None = None,
    values: Values | None = None,
    time: float | None = None,
    starts: int = 64,
) -> FixedPoints:
    """All equilibria of a flow, or fixed points of a map, that are found in a box.

    Parameters
    ----------
    system : System
        With noise, the drift is meant.
    box : array (2, n) or (n, 2), optional
        Lowest and highest state of what is searched. By default, what a run from the initial
        state fills, three times as wide, and eleven times where nothing is found.
    values : mapping, optional
        Parameter values.
    time : float, optional
        The moment at which equations that depend on time are frozen; needed for these.
    starts : int
        Starts that must bring nothing new, one after the other, before the search ends.

    Returns
    -------
    FixedPoints

    Raises
    ------
    ParameterError
        If a value or the box cannot be used, or the system has no fixed points to speak of:
        delays, or equations that depend on time.

    References
    ----------
    P. E. Farrell, Á. Birkisson, S. W. Funke, Deflation techniques for finding distinct
    solutions of nonlinear partial differential equations, SIAM J. Sci. Comput. 37,
    A2026-A2045 (2015).
    """
    return run(fixed_points_job(system, box, values, time, starts))


def fixed_points_job(
    system: System,
    box: ArrayLike | None = None,
    values: Values | None = None,
    time: float | None = None,
    starts: int = 64,
    nullclines: bool = False,
) -> Job[FixedPoints]:
    """`fixed_points` as a job, yielding what there is.

    Parameters
    ----------
    nullclines : bool
        Whether those of a system of two variables are wanted too.
    """
    from engine.analysis._solutions import Search, checked_box, sample
    from engine.analysis.crossings import bounding_box

    system = system.at(values)
    parameters = system.values(values)
    moment = _moment(system, time)
    if starts < 1:
        raise ParameterError(f"a search needs at least one start, got {starts}")
    states = sample(system, parameters)
    # Points may lie far from where a run goes: where there is none, the box grows once.
    regions = [checked_box(system, box, states)]
    if box is None:
        regions.append(bounding_box(states, 5.0))
    near = states[:: max(1, len(states) // 16)]
    for region in regions:
        lines = (yield from _nullclines(system, region, values, moment)) if nullclines else ()
        search = Search(system, parameters, region, time=moment)
        shown, found = -1, None
        for _ in search.run(starts, near, MOST):
            if len(search.chains) != shown and len(search.chains) * len(near[0]) ** 3 < _QUICK:
                shown, found = len(search.chains), _result(search, lines)
            yield Partial(found, search.tried, search.tried + starts, "searching")
        result = _result(search, lines)
        if len(result):
            break
    return result


def _moment(system: System, time: float | None) -> float:
    if system.delayed:
        raise ParameterError(
            f"'{system.key}' has delays: the stability of its equilibria does not follow from "
            "finitely many eigenvalues; follow an orbit that starts near one instead"
        )
    if time is None and system.kind != "map" and not system.model.autonomous:
        raise ParameterError(
            f"the equations of '{system.key}' depend on time, so that nothing rests; look at it "
            "once a period (stroboscopic, periodic orbits), or give the time at which they are "
            "frozen"
        )
    moment = 0.0 if time is None else float(time)
    if not np.isfinite(moment):
        raise ParameterError(f"the time must be a finite number, got {time!r}")
    return moment


def _result(search: Search, lines: tuple[Array, ...]) -> FixedPoints:
    system, discrete = search.system, search.system.kind == "map"
    n, rows = system.dimension, search.cycles()
    points = np.array([chain[0] for chain in rows]).reshape(-1, n)
    eigenvalues = np.empty((len(points), n), np.complex128)
    vectors = np.empty((len(points), n, n), np.complex128)
    matrix = np.empty((n, n))
    kinds, stable, unstable = [], [], []
    for i, point in enumerate(points):
        system.model.compiled.jacobian(search.time, point, search.parameters, matrix)
        found, columns = np.linalg.eig(matrix)
        order = np.argsort(-np.abs(found) if discrete else -found.real, kind="stable")
        eigenvalues[i], vectors[i] = found[order], columns[:, order]
        kind, holds, growing = kind_of(eigenvalues[i], discrete)
        kinds.append(kind)
        stable.append(holds)
        unstable.append(growing)
    return FixedPoints(
        points,
        eigenvalues,
        vectors,
        np.array(stable, dtype=bool),
        tuple(kinds),
        np.array(unstable, dtype=np.int64),
        search.box,
        system.variables,
        discrete,
        search.tried,
        search.limited,
        lines,
    )


def _nullclines(
    system: System, box: Array, values: Values | None, time: float
) -> Generator[Partial[FixedPoints], None, tuple[Array, ...]]:
    """Nullclines of a system of two variables as lines, none of others."""
    if system.dimension != 2 or system.kind not in ("flow", "map"):
        return ()
    from engine.analysis.phase_plane import phase_plane_job
    from engine.drawing.ranges import Window

    window = Window(box[0, 0], box[1, 0], box[0, 1], box[1, 1])
    job = phase_plane_job(system, window, values, time)
    found = next(job).result
    job.close()
    yield Partial(None, 0.0, 1.0, "nullclines")
    assert found is not None
    lines = []
    for segments in found.nullclines:
        broken = np.full((len(segments), 3, 2), np.nan)
        broken[:, 0], broken[:, 1] = segments[:, :2], segments[:, 2:]
        lines.append(broken.reshape(-1, 2))
    return tuple(lines)


def _job(subject: Subject, options: Mapping[str, Value]) -> Job[FixedPoints]:
    system = subject.system
    assert system is not None
    margin, starts = float(options["margin"]), int(options["starts"])
    from engine.analysis._solutions import sample
    from engine.analysis.crossings import bounding_box

    system = system.at(subject.values)
    moment = float(options["time"])
    _moment(system, moment)
    if margin < 0.0:
        raise ParameterError(f"the margin must be 0 or more, got {margin:g}; 1 is usual")
    states = sample(system, system.values(subject.values))
    box = bounding_box(states, margin) if margin else None
    found = yield from fixed_points_job(system, box, subject.values, moment, starts, True)
    if not len(found):
        raise ParameterError(
            f"'{system.key}' has no fixed point here that {found.starts} starts lead to; take a "
            "wider margin, more starts or other parameter values"
        )
    return found


METHOD = Method(
    title="Fixed points",
    group="Equilibria",
    summary=(
        "States that stay: equilibria of a flow, fixed points of a map, in a box of any "
        "dimension. Newton's method with the exact Jacobian starts from many places; points "
        "that are known are deflated, so that other ones are found. The eigenvalues say what "
        "each is: node, focus, saddle, centre."
    ),
    trust=(
        "Every point listed solves the equations to rounding error. One may be missing where "
        "the box is large and only a tiny part of it leads there: raise the number of starts "
        "and see whether the list grows. Centre and degenerate are what the linearisation "
        "says; there the nonlinear terms decide. A thousand points or more mean that they "
        "form a curve."
    ),
    takes="system",
    job=_job,
    options=(
        Parameter(
            "margin",
            0.0,
            0.0,
            10.0,
            help="How far the box reaches beyond a run from the initial state, in its widths; 0 "
            "takes 1, and 5 where nothing is found",
        ),
        Parameter(
            "starts",
            64,
            8,
            4096,
            scale="integer",
            help="Starts in a row that must bring nothing new before the search ends",
        ),
        Parameter(
            "time",
            0.0,
            0.0,
            100.0,
            help="The moment at which equations that depend on time are frozen",
        ),
    ),
    references=(
        Reference(
            "P. E. Farrell, Á. Birkisson and S. W. Funke",
            2015,
            "Deflation techniques for finding distinct solutions of nonlinear partial "
            "differential equations",
            "SIAM Journal on Scientific Computing 37, A2026-A2045",
            "10.1137/140984798",
        ),
        Reference(
            "Y. A. Kuznetsov",
            2004,
            "Elements of Applied Bifurcation Theory",
            "Springer, third edition",
            "10.1007/978-1-4757-3978-7",
        ),
    ),
)
