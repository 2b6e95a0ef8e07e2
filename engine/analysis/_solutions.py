"""All fixed points, or cycles of a length, that a search from many starts finds in a box.

Every start is first followed by Newton's method alone and then, again and again, with all
that is known deflated, until it leads nowhere new. The search ends when a number of starts
in a row brought nothing. What a solution means is said in ``fixed_points`` and
``periodic_orbits``.
"""

from __future__ import annotations

from collections.abc import Iterator
from time import perf_counter

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.analysis.crossings import bounding_box, spread
from engine.errors import ParameterError
from engine.systems.system import System

Array = NDArray[np.float64]

SLICE = 0.01
"""Seconds of work between two yields."""
LARGEST = 100
"""Variables of a system that is searched; Newton's method costs their number cubed."""
EFFORT = 1e8
"""Starts times the length of a cycle times the variables cubed, after which a search ends."""
HARDEST = 2_000_000
"""Length of a cycle times the variables cubed."""
_LONGEST = 20_000  # steps of the orbit that says where to look
_BATCH = 20_000  # starts times length of a cycle times variables cubed in a call
_STEPS = 60  # of Newton's method from one start
_CLOSE = 1e-6  # two solutions nearer than this, in units of the box, are one


def checked_box(system: System, box: ArrayLike | None, states: Array | None) -> Array:
    """A box of shape (2, n), round `states` and widened where none is given.

    Raises
    ------
    ParameterError
        If its shape or a number is wrong.
    """
    if box is None:
        assert states is not None
        return bounding_box(states)
    try:
        rows = np.array(box, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ParameterError(f"a box needs numbers: {error}") from error
    n = system.dimension
    if rows.shape != (2, n) and rows.shape == (n, 2):
        rows = rows.T.copy()
    if rows.shape != (2, n) or not np.isfinite(rows).all() or not (rows[0] < rows[1]).all():
        raise ParameterError(
            f"a box of '{system.key}' has a lowest and a greater highest state, each of {n} "
            f"finite numbers ({', '.join(system.variables)}), got {np.asarray(box).tolist()}"
        )
    return rows


def sample(system: System, parameters: Array, count: int = 2000) -> Array:
    """States along an orbit from the initial state, shape (count + 1, n) or fewer rows.

    Quick and coarse, for where a search is to look: neither noise nor delays.
    """
    from engine.integrate.runs import start_run

    rows = np.empty((1 + count, 1 + system.dimension))
    rows[0] = np.concatenate(([0.0], system.state()))
    map_ = system.kind == "map"
    # Coarse steps cover more ground; what the method makes of them stays bounded or is cut.
    orbit = start_run(
        system,
        parameters,
        system.state(),
        key="iterate" if map_ else "dop853",
        step=1.0 if map_ else 4.0 * system.run.step,
        rtol=1e-5,
        atol=1e-5,
    )
    written = 1
    while written <= count and orbit.stopped is None and orbit.steps < _LONGEST:
        written += orbit.advance(min(256, 1 + count - written), rows[written:])
    return np.ascontiguousarray(rows[:written, 1:])


def turns(system: System, parameters: Array) -> Array:
    """What a whole turn of every variable is, shape (n,); 0 where it is no angle.

    Of maps also variables that are folded back by the equations: a shift of 1 or of a circle
    changes no image, and images stay within one turn.
    """
    found = np.array([system.period(name) for name in system.variables])
    if system.kind != "map":
        return found
    rhs, n = system.model.compiled.rhs, system.dimension
    generator = np.random.default_rng(0)
    places = np.concatenate([generator.uniform(-900.0, 900.0, (40, n)), system.state()[None]])

    def images(states: Array) -> Array:
        out = np.empty_like(states)
        for state, image in zip(states, out, strict=True):
            rhs(0.0, np.ascontiguousarray(state), parameters, image)
        return out

    here = images(places)
    if not np.isfinite(here).all():
        return found
    for turn in (1.0, 2.0 * np.pi):
        slack = 1e-12 * turn
        above = (here >= -slack).all(axis=0) & (here <= turn + slack).all(axis=0)
        around = (np.abs(here) <= 0.5 * turn + slack).all(axis=0)
        folded = (above | around) & (np.ptp(here, axis=0) > 0.5 * turn) & (found == 0.0)
        # A shift of one changes none, but for whole turns of those that are folded as well.
        for _ in range(n):
            for j in np.flatnonzero(folded):
                moved = places.copy()
                moved[:, j] += turn
                gap = images(moved) - here
                gap[:, folded] -= turn * np.round(gap[:, folded] / turn)
                folded[j] = bool((np.abs(gap) < 1e-8).all())
        found[folded] = turn
    return found


class Search:
    """Looks for solutions of one system.

    Parameters
    ----------
    system : System
    parameters : array (p,)
    box : array (2, n)
    period : int
        Length of the cycles of a map; 1 for fixed points and for flows.
    time : float
        The moment the equations are taken at.

    Attributes
    ----------
    chains : list of array (period, n)
        The solutions so far, in no order; states outside the box among them.
    tried : int
        Starts so far.
    limited : bool
        Whether the search ended before starts in a row brought nothing.
    """

    def __init__(
        self,
        system: System,
        parameters: Array,
        box: Array,
        period: int = 1,
        time: float = 0.0,
        turn: Array | None = None,
    ) -> None:
        if system.dimension > LARGEST:
            raise ParameterError(
                f"'{system.key}' has {system.dimension} variables; Newton's method is run for at "
                f"most {LARGEST}: take a smaller size"
            )
        if period * system.dimension**3 > HARDEST:
            raise ParameterError(
                f"cycles of {period} states are too long to search for with {system.dimension} "
                f"variables; take at most {HARDEST // system.dimension**3}"
            )
        self.system = system
        self.parameters = parameters
        self.box = box
        self.period = period
        self.time = time
        self.turns = turns(system, parameters) if turn is None else turn
        self.size = np.asarray(box[1] - box[0])
        self.chains: list[Array] = []
        self.tried = 0
        self.limited = False
        self._known = np.empty((16, system.dimension))
        self._sequence = np.empty((0, system.dimension))
        self._count = 0

    def run(self, starts: int, near: Array, most: int) -> Iterator[None]:
        """Search until many starts brought nothing new; yields between slices.

        Parameters
        ----------
        starts : int
            How many starts in a row must bring nothing: at least so many, and three times as
            many as there are solutions.
        near : array (k, n)
            Starts besides those spread over the box, taken in turn with them.
        most : int
            Solutions after which the search ends.
        """
        began, idle, way = perf_counter(), 0, 0
        cost = self.period * self.system.dimension**3
        dearest = max(starts, int(EFFORT / cost))
        # As many starts in a call as take milliseconds, or one way of one of them.
        batch, ways = max(1, _BATCH // cost), 4
        # Where there are many solutions the last ones are seldom led to.
        while (left := max(starts, 3 * len(self.chains)) - idle) > 0:
            if len(self.chains) >= most or self.tried >= dearest:
                self.limited = True
                break
            last = way + 1 if cost > _BATCH else ways
            rows = self._starts(self.tried, min(batch, left), near)
            start, found, chain = self._hunt(rows, way, last)
            if start:
                self.tried, idle, way = self.tried + start, idle + start, 0
            if chain is not None:
                self._keep(chain)
                idle = -1
            if found >= 0:
                # With what is known avoided the same way may lead to another one.
                way = found if found % 2 and chain is not None else found + 1
            elif last < ways:
                self.tried, idle, way = self.tried - 1, idle - 1, last
            if way >= ways:
                self.tried, idle, way = self.tried + 1, idle + 1, 0
            if perf_counter() - began > SLICE:
                yield
                began = perf_counter()

    def _starts(self, first: int, count: int, near: Array) -> Array:
        """Starts from number `first` on, those of `near` in turn with places in the box."""
        if first + count > len(self._sequence):
            places = spread(2 * (first + count) + 64 + len(near), self.system.dimension)
            places = self.box[0] + places * self.size
            k = len(near)
            both = np.stack([places[:k], near], axis=1).reshape(-1, self.system.dimension)
            # The sequence does not depend on how long it gets.
            self._sequence = np.concatenate([both, places[k:]])
        return np.ascontiguousarray(self._sequence[first : first + count])

    @property
    def lowest(self) -> Array:
        """Where the turn of an angle begins, shape (n,): at 0, or half a turn below."""
        image, orbit = np.empty(self.system.dimension), self.system.state()
        low = np.zeros(self.system.dimension)
        for _ in range(64):
            self.system.model.compiled.rhs(0.0, orbit, self.parameters, image)
            low = np.minimum(low, image)
            orbit = image.copy()
        return np.where(low < 0.0, -0.5 * self.turns, 0.0)

    def solution(self, start: Array) -> Array | None:
        """What Newton's method reaches from a state, if it needs the whole period."""
        self._count = 0
        _, _, chain = self._hunt(np.array([start]), 0, 4)
        return chain if chain is not None and self._prime(chain) == self.period else None

    def derivative(self, chain: Array) -> Array:
        """Derivative of the equations at a solution; of a map, once round the cycle."""
        compiled, n = self.system.model.compiled, self.system.dimension
        matrix, total = np.empty((n, n)), np.eye(n)
        for state in chain:
            compiled.jacobian(self.time, state, self.parameters, matrix)
            total = matrix @ total
        return total

    def inside(self, state: Array) -> bool:
        """Whether a state lies in the box, but for rounding; angles by whole turns."""
        slack = 1e-9 * self.size
        middle = 0.5 * (self.box[0] + self.box[1])
        gap = self.difference(state, middle)
        return bool((np.abs(gap) <= 0.5 * self.size + slack).all())

    def difference(self, state: Array, other: Array) -> Array:
        """What lies between two states, angles by the shorter way."""
        gap = np.asarray(state - other)
        where = self.turns > 0.0
        gap[where] -= self.turns[where] * np.round(gap[where] / self.turns[where])
        return gap

    def _hunt(self, starts: Array, first: int, last: int) -> tuple[int, int, Array | None]:
        """The number of starts that led nowhere, and the way to the solution after them."""
        from engine.analysis import _newton_kernels as kernels

        compiled, n = self.system.model.compiled, self.system.dimension
        chain = np.empty((self.period, n))
        start, way = kernels.hunt(
            compiled.rhs,
            compiled.jacobian,
            self.time,
            starts,
            chain,
            self.parameters,
            int(self.system.kind == "map"),
            self.turns,
            self.size,
            self._known,
            self._count,
            int(min(_STEPS, max(12, (2e7 if last < 3 else 5e6) / (self.period * n**3)))),
            first,
            last,
            _CLOSE,
        )
        good = way >= 0 and self._solved(chain)
        return int(start), int(way), chain if good else None

    def _solved(self, chain: Array) -> bool:
        """Whether the equations hold, to what rounding leaves of them."""
        compiled, n = self.system.model.compiled, self.system.dimension
        image, matrix = np.empty(n), np.empty((n, n))
        for i, state in enumerate(chain):
            compiled.rhs(self.time, state, self.parameters, image)
            compiled.jacobian(self.time, state, self.parameters, matrix)
            scale = self.size + np.abs(state)
            if self.system.kind == "map":
                image = self.difference(image, chain[(i + 1) % len(chain)])
                allowed = np.abs(matrix) @ scale + scale
            else:
                allowed = np.abs(matrix) @ scale
            if not (np.abs(image) <= 1e-9 * allowed + 1e-300).all():
                return False
        return True

    def _keep(self, chain: Array) -> None:
        """Add a solution; its states are deflated from then on."""
        self.chains.append(self._folded(chain))
        # A cycle that is shorter comes more than once in its chain; deflated once is enough.
        for state in self.chains[-1][: self._prime(chain)]:
            if self._count == len(self._known):
                self._known = np.concatenate([self._known, np.empty_like(self._known)])
            self._known[self._count] = state
            self._count += 1

    def _folded(self, chain: Array) -> Array:
        """The chain with angles where the box has them."""
        middle = 0.5 * (self.box[0] + self.box[1])
        return np.array([middle + self.difference(state, middle) for state in chain])

    def _prime(self, chain: Array) -> int:
        """After how many states the chain repeats itself."""
        for length in range(1, len(chain)):
            if len(chain) % length == 0:
                gap = self.difference(chain[0], chain[length])
                if (np.abs(gap) <= _CLOSE * self.size).all():
                    return length
        return len(chain)

    def cycles(self) -> list[Array]:
        """Solutions that need the whole period to return and have a state in the box.

        Each begins with its lowest state, and they stand in the order of these.
        """
        found = []
        for chain in self.chains:
            if self._prime(chain) == self.period and any(map(self.inside, chain)):
                rows = chain.tolist()
                found.append(np.roll(chain, -rows.index(min(rows)), axis=0))
        return sorted(found, key=lambda chain: tuple(chain[0].tolist()))
