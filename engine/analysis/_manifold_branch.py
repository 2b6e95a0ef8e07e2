"""One branch of a one-dimensional manifold, grown in slices; it serves ``manifolds``."""

from __future__ import annotations

from collections.abc import Iterator
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from engine.analysis._solutions import Search
    from engine.integrate.methods import Tableau

Array = NDArray[np.float64]

MOST = 200_000
"""Points of a branch."""
_LEVELS = 4096  # iterations from the first piece on
_SLICE = 0.01
_START = 1e-6  # length of the first piece, in widths of the box
_ENDS = {
    1: "as long as asked for",
    2: "no room for more points",
    3: "left the bound",
    4: "the map cannot be undone there",
    5: "too many iterations",
    6: "came to rest",
}


class Branch:
    """One branch that grows."""

    def __init__(
        self,
        search: Search,
        chain: Array,
        vector: Array,
        value: float,
        backwards: int,
        size: Array,
        limits: Array,
    ) -> None:
        from engine.analysis import _manifold_kernels as kernels

        self._search, self._cycle, self._backwards = search, chain, backwards
        self._size, self._limits = size, limits
        n = vector.size
        self._clock = np.zeros(kernels.CLOCK)
        self._rows = np.empty((MOST, n))
        self._rows[0] = chain[0]
        self._clock[kernels.COUNT] = 1.0
        reach = float(np.abs(vector / size).max())
        self._vector = vector / reach
        self.end = ""
        self._first = chain[0] + _START * self._vector
        # A multiplier below zero swaps the branches: twice round brings each back to itself.
        times = len(chain) * (2 if value < 0.0 else 1)
        factor = abs(value) ** (2 if value < 0.0 else 1)
        self._times, self._stretch = times, 1.0 / factor if backwards else factor

    @property
    def length(self) -> float:
        """So far."""
        return float(self._clock[2])

    @property
    def points(self) -> Array:
        """Rows so far; a copy."""
        return self._rows[: int(self._clock[3])].copy()

    def grow(self) -> Iterator[None]:
        """To the end; yields between slices."""
        from engine.analysis import _manifold_kernels as kernels

        search, discrete = self._search, self._search.system.kind == "map"
        n = self._size.size
        self._clock[kernels.STEP] = 0.1 if discrete else 0.0
        last = np.array([self._cycle[0]] * 2)
        chain, trial = np.empty((_LEVELS, n)), np.empty((_LEVELS, n))
        state, tableau = self._first.copy(), _tableau()
        work = np.empty((tableau.stages + 2, n))
        rhs, limit = search.system.model.compiled.rhs, 256
        while True:
            began = perf_counter()
            if discrete:
                code = kernels.grow(
                    rhs,
                    search.system.model.compiled.jacobian,
                    self._cycle,
                    self._vector,
                    _START,
                    self._stretch,
                    self._times,
                    self._backwards,
                    search.parameters,
                    search.turns,
                    search.lowest,
                    self._size,
                    self._limits,
                    self._clock,
                    last,
                    chain,
                    trial,
                    self._rows,
                    limit,
                )
            else:
                code = kernels.trace(
                    rhs,
                    -1.0 if self._backwards else 1.0,
                    tableau.weights,
                    tableau.nodes,
                    tableau.error,
                    tableau.stages,
                    search.parameters,
                    self._size,
                    self._limits,
                    self._clock,
                    state,
                    work,
                    self._rows,
                    limit,
                )
            if code != kernels.LIMIT:
                self.end = _ENDS[int(code)]
                return
            spent = max(perf_counter() - began, 1e-7)
            limit = max(16, int(limit * min(4.0, _SLICE / spent)))
            yield


def _tableau() -> Tableau:
    from engine.integrate.methods import METHODS, Tableau

    found = METHODS["dop853"]
    assert isinstance(found, Tableau)
    return found
