"""Periodic orbits: all cycles of a map of a length, closed orbits of a flow near an attractor.

Of maps every cycle is searched from many starts, its states solved for together, and what is
known deflated, so that each comes once. Of flows, places where a run almost returns are
guesses; multiple shooting closes them, stable or not. Multipliers come from the exact
derivatives along the orbit. Nothing here follows an orbit along a parameter.

Memory: a few hundred rows an orbit; at most 5,000 cycles.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.analysis.fixed_points import kind_of
from engine.analysis.method import Curve, Item, Method, Plot, Points, Scalar, Subject
from engine.errors import ParameterError
from engine.exhibit import Parameter, Reference, Value, Values
from engine.job import Job, Partial, run
from engine.systems.system import System

if TYPE_CHECKING:
    from engine.analysis._solutions import Search

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]

MOST = 5000
"""Solutions after which a search ends."""
_FEWEST = 64  # starts that must bring nothing before a search ends


@dataclass(frozen=True, eq=False)
class PeriodicOrbits:
    """Periodic orbits, in the order of their periods, then of their first coordinates.

    Attributes
    ----------
    points : array (k, n)
        A state of each.
    periods : array (k,)
        Iterations, or time.
    multipliers : array (k, n)
        Complex, the largest first. Of an orbit of a flow that does not depend on time one
        of them is 1, that along the flow.
    stable : array (k,) of bool
        Whether every neighbour comes closer; that along the flow does not count.
    kinds : tuple of k str
        As ``fixed_points`` calls them.
    orbits : tuple of array (m, n)
        All states of a cycle; states at even times of a closed orbit, the first again at
        the end.
    logarithms : array (k,)
        Logarithm of the size of the multipliers' product, found without them: the sum of
        the logarithms of determinants, or the integral of the divergence.
    gaps : array (k,)
        By how much each fails to close, in units of what was searched.
    names : tuple of n str
    map : bool
    axes : tuple of int
        Variables of the picture.
    """

    points: Array
    periods: Array
    multipliers: Complex
    stable: NDArray[np.bool_]
    kinds: tuple[str, ...]
    orbits: tuple[Array, ...]
    logarithms: Array
    gaps: Array
    names: tuple[str, ...]
    map: bool
    axes: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.points)

    def scalars(self) -> tuple[Scalar, ...]:
        """How many there are, then the period and largest multiplier of each."""
        rows = [
            Scalar("orbits", "Cycles" if self.map else "Closed orbits", float(len(self))),
            Scalar("stable", "Stable ones", float(self.stable.sum())),
        ]
        for i in range(min(len(self), 20)):
            rows.append(Scalar(f"period_{i + 1}", f"Period {i + 1}", float(self.periods[i])))
            size = float(np.abs(self.multipliers[i, 0]))
            rows.append(Scalar(f"multiplier_{i + 1}", f"Largest multiplier {i + 1}, size", size))
        return tuple(rows)

    def plots(self) -> tuple[Plot, ...]:
        """The orbits over two variables, and their multipliers."""
        i, j = (*self.axes, -1)[:2]
        items: list[Item] = []
        for orbit, period, holds in zip(
            self.orbits[:50], self.periods, self.stable.tolist(), strict=False
        ):
            name = f"{'stable' if holds else 'unstable'}, {period:.6g}"
            x = orbit[:, i].copy()
            # Of one variable, against the next state.
            y = orbit[:, j].copy() if j >= 0 else np.roll(x, -1)
            if self.map:
                items.append(Points(x, y, name))
            else:
                items.append(Curve(x, y, name, reference=not holds))
        turn = np.linspace(0.0, 2.0 * np.pi, 181)
        edge = Curve(np.cos(turn), np.sin(turn), "edge of stability", reference=True)
        values = self.multipliers.ravel()
        return (
            Plot(
                "Cycles" if self.map else "Closed orbits",
                self.names[i],
                self.names[j] if j >= 0 else f"next {self.names[i]}",
                tuple(items),
            ),
            Plot(
                "Multipliers",
                "real part",
                "imaginary part",
                (edge, Points(values.real.copy(), values.imag.copy(), "multipliers")),
                square=True,
            ),
        )


def periodic_orbits(
    system: System,
    period: float | None = None,
    values: Values | None = None,
    initial: Sequence[float] | Array | None = None,
    box: ArrayLike | None = None,
    passages: int = 2,
    transient: float | None = None,
    starts: int = _FEWEST,
) -> PeriodicOrbits:
    """Periodic orbits of a map or of a flow.

    Parameters
    ----------
    system : System
        A map, or a flow without noise, delays and events.
    period : float, optional
        Of a map, the length of the cycles, 1 by default; only those that need all of it.
        Of a flow that does not depend on time, a guess: orbits within a fifth of it are
        kept; where absent, all with up to `passages` through a section. Of a driven flow the
        time after which the orbit returns; that of the force by default.
    values, initial
        Parameter values and initial state; the system's own by default.
    box : array (2, n), optional
        What is searched for cycles of a map; what a run fills, three times as wide, by
        default. A cycle counts that has a state in it.
    passages : int
        How often a closed orbit passes the section at most.
    transient : float, optional
        Time before guesses are looked for; that of the system's run by default.
    starts : int
        Starts that must bring nothing new before the search for cycles ends.

    Returns
    -------
    PeriodicOrbits

    Raises
    ------
    ParameterError
        If a number cannot be used or a flow does not oscillate. Where no orbit is found
        there are none in the result.

    References
    ----------
    P. E. Farrell, Á. Birkisson, S. W. Funke, Deflation techniques for finding distinct
    solutions of nonlinear partial differential equations, SIAM J. Sci. Comput. 37,
    A2026-A2045 (2015); R. Seydel, Practical Bifurcation and Stability Analysis, third
    edition, Springer 2010, chapter 7.
    """
    return run(
        periodic_orbits_job(system, period, values, initial, box, passages, transient, starts)
    )


def periodic_orbits_job(
    system: System,
    period: float | None = None,
    values: Values | None = None,
    initial: Sequence[float] | Array | None = None,
    box: ArrayLike | None = None,
    passages: int = 2,
    transient: float | None = None,
    starts: int = _FEWEST,
) -> Job[PeriodicOrbits]:
    """`periodic_orbits` as a job, yielding what there is."""
    system = system.at(values)
    if period is not None and not (math.isfinite(period) and period > 0.0):
        raise ParameterError(f"the period must be a positive number, got {period}")
    if system.kind == "map":
        return (yield from _cycles(system, period, values, box, starts))
    if not 1 <= passages <= 16:
        raise ParameterError(f"passages must be from 1 to 16, got {passages}")
    return (yield from _closed(system, period, values, initial, passages, transient))


def _cycles(
    system: System, period: float | None, values: Values | None, box: ArrayLike | None, starts: int
) -> Job[PeriodicOrbits]:
    """All cycles of a map of one length."""
    from engine.analysis._solutions import Search, checked_box, sample

    length = 1 if period is None else round(period)
    if period is not None and length != period:
        raise ParameterError(f"the period of a map is a whole number, got {period}")
    parameters = system.values(values)
    states = sample(system, parameters)
    region = checked_box(system, box, states)
    search = Search(system, parameters, region, length)
    fewest = max(starts, 2 * length)
    for _ in search.run(fewest, states[len(states) // 2 :: 8], MOST):
        yield Partial(None, search.tried, search.tried + fewest, f"{len(search.chains)} solutions")
    return _of_map(search)


def _of_map(search: Search) -> PeriodicOrbits:
    n = search.system.dimension
    chains = search.cycles()
    multipliers = np.empty((len(chains), n), np.complex128)
    kinds, stable = [], []
    logarithms, gaps = np.zeros(len(chains)), np.zeros(len(chains))
    matrix, image = np.empty((n, n)), np.empty(n)
    compiled = search.system.model.compiled
    for i, chain in enumerate(chains):
        found = np.linalg.eigvals(search.derivative(chain))
        multipliers[i] = found[np.argsort(-np.abs(found), kind="stable")]
        kind, holds, _ = kind_of(multipliers[i], True)
        kinds.append(kind)
        stable.append(holds)
        for k, state in enumerate(chain):
            compiled.jacobian(search.time, state, search.parameters, matrix)
            compiled.rhs(search.time, state, search.parameters, image)
            logarithms[i] += float(np.linalg.slogdet(matrix)[1])
            gap = search.difference(image, chain[(k + 1) % len(chain)])
            gaps[i] = max(gaps[i], float(np.abs(gap / search.size).max()))
    return PeriodicOrbits(
        np.array([chain[0] for chain in chains]).reshape(-1, n),
        np.full(len(chains), float(search.period)),
        multipliers,
        np.array(stable, dtype=bool),
        tuple(kinds),
        tuple(chains),
        logarithms,
        gaps,
        search.system.variables,
        True,
        _axes(search.system),
    )


def _axes(system: System) -> tuple[int, ...]:
    chosen = [system.variables.index(name) for name in system.axes if name in system.variables]
    rest = [j for j in range(system.dimension) if j not in chosen]
    return tuple((chosen + rest)[:2])


def _closed(
    system: System,
    period: float | None,
    values: Values | None,
    initial: Sequence[float] | Array | None,
    passages: int,
    transient: float | None,
) -> Job[PeriodicOrbits]:
    """Closed orbits of a flow near its attractor."""
    from engine.analysis._closed_orbits import closed_orbits_job
    from engine.analysis._flow_orbit import followable

    if why := followable(system):
        raise ParameterError(
            f"'{system.key}' {why}: closed orbits are found of plain flows and of maps"
        )
    job = closed_orbits_job(system, period, values, initial, passages, transient)
    while True:
        try:
            partial = next(job)
        except StopIteration as stop:
            found, _ = stop.value
            break
        yield Partial(None, partial.done, partial.total, partial.message)
    kinds, stable = [], []
    for closed in found:
        others = closed.multipliers
        if system.model.autonomous and others.size > 1:
            others = np.delete(others, np.argmin(np.abs(others - 1.0)))
        kind, holds, _ = kind_of(others, True)
        kinds.append(kind)
        stable.append(holds)
    n = system.dimension
    return PeriodicOrbits(
        np.array([closed.state for closed in found]).reshape(-1, n),
        np.array([closed.period for closed in found]),
        np.array([closed.multipliers for closed in found]).reshape(-1, n),
        np.array(stable, dtype=bool),
        tuple(kinds),
        tuple(closed.orbit for closed in found),
        np.array([closed.logarithm for closed in found]),
        np.array([closed.gap for closed in found]),
        system.variables,
        False,
        _axes(system),
    )


def _job(subject: Subject, options: Mapping[str, Value]) -> Job[PeriodicOrbits]:
    assert subject.system is not None
    period = float(options["period"])
    found = yield from periodic_orbits_job(
        subject.system,
        period or None,
        subject.values,
        subject.initial,
        passages=int(options["passages"]),
        starts=int(options["starts"]),
    )
    if not len(found):
        raise ParameterError(
            f"no periodic orbit of '{subject.system.key}' was found with these settings; take "
            "another period, more passages or more starts"
        )
    return found


METHOD = Method(
    title="Periodic orbits",
    group="Equilibria",
    summary=(
        "Orbits that return, stable or not, with their multipliers: all cycles of a map of a "
        "length, and of a flow the closed orbits near its attractor, the skeleton that a "
        "chaotic orbit follows a while and leaves."
    ),
    trust=(
        "Every orbit listed closes to rounding error. Cycles of maps are all found unless the "
        "length is large: compare with more starts. Of flows those are found that a run of "
        "some hundred passages comes near to; strongly unstable and isolated ones are missed. "
        "Multipliers smaller than 1e-10 of the largest are rounding."
    ),
    takes="system",
    job=_job,
    options=(
        Parameter(
            "period",
            0.0,
            0.0,
            100.0,
            help="Length of the cycles of a map; of a flow a guess of the time; 0 for 1 or all",
        ),
        Parameter(
            "passages",
            2,
            1,
            8,
            scale="integer",
            help="How often a closed orbit of a flow passes a section at most",
        ),
        Parameter(
            "starts",
            _FEWEST,
            8,
            4096,
            scale="integer",
            help="Starts in a row that must bring nothing before the search for cycles ends",
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
            "R. Seydel",
            2010,
            "Practical Bifurcation and Stability Analysis",
            "Springer, third edition",
            "10.1007/978-1-4419-1740-9",
        ),
    ),
)
