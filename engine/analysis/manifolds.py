"""One-dimensional stable and unstable manifolds of a saddle, of maps and of flows.

Where exactly one eigenvalue grows (or shrinks) and is real, the states that come from the
saddle (or go to it) form a curve of two branches. It is grown from the eigenvector on, point
after point, as densely as its bends ask for, to a length. Of a flow they are orbits;
manifolds of more dimensions are not computed.

Memory: at most 200,000 points a branch.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.analysis._manifold_branch import MOST, Branch
from engine.analysis.method import Curve, Item, Method, Plot, Points, Scalar, Subject
from engine.errors import ParameterError
from engine.exhibit import Parameter, Reference, Value, Values
from engine.job import Job, Partial, run
from engine.systems.system import System

if TYPE_CHECKING:
    from engine.analysis._solutions import Search

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]
Branches = tuple[Array, ...]

_BEND = 0.2  # largest angle between points, radians


@dataclass(frozen=True, eq=False)
class Manifolds:
    """The curves of one saddle; those of more dimensions are absent.

    Attributes
    ----------
    point : array (n,)
        The saddle.
    period : int
        Length of its cycle; 1 for fixed points.
    eigenvalues : array (n,)
        Complex, the least stable first.
    eigenvectors : array (n, n)
        Columns.
    unstable, stable : tuple of array (m, n)
        Branches, both beginning at the saddle; rows of not-a-number where an angle was
        folded back.
    unstable_lengths, stable_lengths : tuple of float
        Their lengths, every variable in widths of `box`.
    ends : tuple of str
        Why each branch ends, unstable ones first.
    box : array (2, n)
    names : tuple of n str
    axes : tuple of two int
        Variables of the picture.
    """

    point: Array
    period: int
    eigenvalues: Complex
    eigenvectors: Complex
    unstable: Branches
    stable: Branches
    unstable_lengths: tuple[float, ...]
    stable_lengths: tuple[float, ...]
    ends: tuple[str, ...]
    box: Array
    names: tuple[str, ...]
    axes: tuple[int, int]

    def scalars(self) -> tuple[Scalar, ...]:
        """The eigenvalues, then the lengths."""
        rows = [
            Scalar(f"eigenvalue_{i + 1}", f"Eigenvalue {i + 1}, real part", float(value.real))
            for i, value in enumerate(self.eigenvalues[:8])
        ]
        for word, lengths in (
            ("unstable", self.unstable_lengths),
            ("stable", self.stable_lengths),
        ):
            for i, length in enumerate(lengths):
                title = f"Length of {word} branch {i + 1}, in widths"
                rows.append(Scalar(f"{word}_length_{i + 1}", title, length))
        return tuple(rows)

    def plots(self) -> tuple[Plot, ...]:
        """The branches and the saddle over two variables."""
        i, j = self.axes
        items: list[Item] = []
        for word, branches in (("stable", self.stable), ("unstable", self.unstable)):
            for branch in branches:
                items.append(Curve(branch[:, i].copy(), branch[:, j].copy(), f"{word} manifold"))
        items.append(Points(self.point[[i]], self.point[[j]], "saddle"))
        return (Plot("Manifolds of a saddle", self.names[i], self.names[j], tuple(items)),)


def manifolds(
    system: System,
    point: Sequence[float] | Array | None = None,
    length: float = 20.0,
    values: Values | None = None,
    period: int = 1,
    spacing: float = 0.005,
    saddle: int = 1,
) -> Manifolds:
    """The one-dimensional manifolds of a saddle.

    Parameters
    ----------
    system : System
        A map, or a flow that does not depend on time.
    point : sequence of n floats, optional
        The saddle, or a state near it. Where absent, a search finds it.
    length : float
        To what length a branch is grown; every variable counts in widths of what a run from
        the initial state fills.
    values : mapping, optional
        Parameter values.
    period : int
        Length of the cycle of a map that the point belongs to.
    spacing : float
        Largest distance between two points, in the same units.
    saddle : int
        Which of the saddles a search found, in the order of their coordinates, from 1.

    Returns
    -------
    Manifolds

    Raises
    ------
    ParameterError
        If there is no saddle, neither of its manifolds is a curve, or a number cannot be
        used.

    References
    ----------
    D. Hobson, An efficient method for computing invariant manifolds of planar maps, Journal
    of Computational Physics 104, 14-22 (1993).
    """
    return run(manifolds_job(system, point, length, values, period, spacing, saddle))


def manifolds_job(
    system: System,
    point: Sequence[float] | Array | None = None,
    length: float = 20.0,
    values: Values | None = None,
    period: int = 1,
    spacing: float = 0.005,
    saddle: int = 1,
) -> Job[Manifolds]:
    """`manifolds` as a job, yielding the curves so far."""
    from engine.analysis._solutions import Search, sample
    from engine.analysis.crossings import bounding_box

    system = system.at(values)
    _check(system, length, spacing, period)
    discrete, parameters = system.kind == "map", system.values(values)
    box = bounding_box(sample(system, parameters), 0.0)
    wide = bounding_box(box, 1.0)
    search = Search(system, parameters, wide, period if discrete else 1)
    if point is None:
        for _ in search.run(64, box, 256):
            yield Partial(None, 0.0, 1.0, "searching for saddles")
        chain = _saddle(search, saddle)
    else:
        found = search.solution(system.state(point))
        if found is None:
            what = "equilibrium" if not discrete else f"cycle of length {period}"
            raise ParameterError(
                f"Newton's method leads from {np.asarray(point).tolist()} to no {what} of "
                f"'{system.key}'; give a state that is nearer to it"
            )
        chain = found
    eigenvalues, vectors = _eigen(search, chain)
    sides = _curves(eigenvalues, discrete)
    if not any(sides):
        raise ParameterError(
            f"the point {np.array2string(chain[0], precision=6)} of '{system.key}' has no "
            "manifold that is a curve: that needs exactly one eigenvalue that grows, or exactly "
            "one that shrinks"
        )
    size = box[1] - box[0]
    limits = np.array([spacing, _BEND if discrete else 1e-12, length, system.run.bound])
    grown: list[list[Branch]] = [[], []]
    for backwards, index in enumerate(sides):
        for sign in (1.0, -1.0) if index else ():
            at = index - 1
            vector = sign * np.ascontiguousarray(vectors[:, at].real)
            value = float(eigenvalues[at].real)
            branch = Branch(search, chain, vector, value, backwards, size, limits)
            grown[backwards].append(branch)
            for _ in branch.grow():
                done = sum(len(side) for side in grown) - 1.0 + branch.length / length
                whole = 2.0 * sum(bool(side) for side in sides)
                yield Partial(
                    _result(search, chain, eigenvalues, vectors, grown, box),
                    done,
                    whole,
                    "unstable manifold" if not backwards else "stable manifold",
                )
    return _result(search, chain, eigenvalues, vectors, grown, box)


def _check(system: System, length: float, spacing: float, period: int) -> None:
    from engine.analysis._flow_orbit import followable

    if system.kind != "map" and (why := followable(system)):
        raise ParameterError(f"'{system.key}' {why}: manifolds are grown of plain flows and maps")
    if system.kind != "map" and not system.model.autonomous:
        raise ParameterError(
            f"the equations of '{system.key}' depend on time, so that nothing rests; look at it "
            "once a period instead (stroboscopic section)"
        )
    if system.dimension < 2:
        raise ParameterError(
            f"'{system.key}' has one variable; a saddle needs two or more directions"
        )
    if not (math.isfinite(length) and length > 0.0):
        raise ParameterError(f"the length must be a positive number of widths, got {length}")
    if not 1e-5 <= spacing <= 0.5:
        raise ParameterError(f"the spacing must be from 1e-5 to 0.5 widths, got {spacing}")
    if length / spacing > MOST:
        raise ParameterError(
            f"a branch of {length:g} widths needs more than {MOST:,} points {spacing:g} apart; "
            f"take a spacing of {length / MOST * 1.5:.2g} or a shorter length"
        )
    if period < 1:
        raise ParameterError(f"a period is a whole number of at least 1, got {period}")


def _saddle(search: Search, number: int) -> Array:
    """The saddle of that number, from 1, among what a search found."""
    system = search.system
    found = [
        chain
        for chain in search.cycles()
        if any(_curves(_eigen(search, chain)[0], system.kind == "map"))
    ]
    if not found:
        what = "equilibrium" if system.kind != "map" else f"cycle of length {search.period}"
        raise ParameterError(
            f"'{system.key}' has no saddle here: no {what} with a manifold that is a curve was "
            "found; take other parameter values, or give a state near one"
        )
    if not 1 <= number <= len(found):
        raise ParameterError(
            f"'{system.key}' has {len(found)} saddles here; there is no number {number}"
        )
    return found[number - 1]


def _eigen(search: Search, chain: Array) -> tuple[Complex, Complex]:
    """Eigenvalues, the least stable first, and eigenvectors, of a solution."""
    found, vectors = np.linalg.eig(search.derivative(chain))
    order = np.argsort(-(np.abs(found) if search.system.kind == "map" else found.real))
    return found[order].astype(np.complex128), vectors[:, order].astype(np.complex128)


def _curves(eigenvalues: Complex, discrete: bool) -> tuple[int, int]:
    """Which eigenvalue, from 1, has an unstable and a stable curve; 0 for none."""
    growth = np.abs(eigenvalues) - 1.0 if discrete else eigenvalues.real
    small = 1e-9 * max(1.0, float(np.abs(growth).max()))
    grows, shrinks = np.flatnonzero(growth > small), np.flatnonzero(growth < -small)
    if not (grows.size and shrinks.size):
        return 0, 0
    out = [int(side[0]) + 1 if side.size == 1 else 0 for side in (grows, shrinks)]
    if discrete and out[1] and abs(eigenvalues[out[1] - 1]) < 1e-12:
        out[1] = 0  # no way back
    return out[0], out[1]


def _result(
    search: Search,
    chain: Array,
    eigenvalues: Complex,
    vectors: Complex,
    grown: list[list[Branch]],
    box: Array,
) -> Manifolds:
    system = search.system
    axes = [system.variables.index(name) for name in system.axes if name in system.variables]
    axes += [j for j in range(system.dimension) if j not in axes]
    return Manifolds(
        chain[0].copy(),
        len(chain),
        eigenvalues,
        vectors,
        tuple(branch.points for branch in grown[0]),
        tuple(branch.points for branch in grown[1]),
        tuple(branch.length for branch in grown[0]),
        tuple(branch.length for branch in grown[1]),
        tuple(branch.end for side in grown for branch in side),
        box,
        system.variables,
        (axes[0], axes[1]),
    )


def _job(subject: Subject, options: Mapping[str, Value]) -> Job[Manifolds]:
    assert subject.system is not None
    return manifolds_job(
        subject.system,
        None,
        float(options["length"]),
        subject.values,
        int(options["period"]),
        float(options["spacing"]),
        int(options["saddle"]),
    )


METHOD = Method(
    title="Manifolds of a saddle",
    group="Equilibria",
    summary=(
        "The curves along which states leave a saddle and come to it. Where they cross, orbits "
        "are as complicated as they can be; between them lie the edges of basins."
    ),
    trust=(
        "Points lie on the curve to about a millionth of its width at the saddle, and closer "
        "along it: errors across the unstable manifold shrink as it grows. The picture is "
        "complete only up to its length. Only curves are grown: manifolds of two and more "
        "dimensions are absent."
    ),
    takes="system",
    job=_job,
    options=(
        Parameter("saddle", 1, 1, 20, scale="integer", help="Which saddle, by its coordinates"),
        Parameter("period", 1, 1, 12, scale="integer", help="Length of its cycle, for maps"),
        Parameter(
            "length",
            20.0,
            1.0,
            500.0,
            scale="log",
            help="Length of a branch, in widths of what the orbit fills",
        ),
        Parameter(
            "spacing",
            0.005,
            0.0005,
            0.05,
            scale="log",
            help="Largest distance between two points, in the same widths",
        ),
    ),
    references=(
        Reference(
            "D. Hobson",
            1993,
            "An efficient method for computing invariant manifolds of planar maps",
            "Journal of Computational Physics 104, 14-22",
            "10.1006/jcph.1993.1002",
        ),
        Reference(
            "B. Krauskopf and H. M. Osinga",
            1998,
            "Growing 1D and quasi-2D unstable manifolds of maps",
            "Journal of Computational Physics 146, 404-419",
            "10.1006/jcph.1998.6059",
        ),
    ),
)
