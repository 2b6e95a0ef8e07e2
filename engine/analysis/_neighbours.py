"""Near neighbours among the states of a series, with those near in time left out.

A tree is built once, level by level, and asked for many states at once on all cores, in
slices of a few milliseconds. Distances of all pairs are never held: memory is a few times
that of the states. Which distances mean something is for the methods to say.
"""

from __future__ import annotations

import time
from collections.abc import Generator
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from engine.job import Partial

Array = NDArray[np.float64]
Moments = NDArray[np.int64]
T = TypeVar("T")
Work = Generator[float, None, T]
"""Work in slices: yields how much of it is done, from 0 to 1."""

_PART = 12  # points in the smallest parts, about
_SLICE = 0.008  # seconds of a slice
FAR = -(1 << 60)
"""A moment that is near none."""


def told(
    work: Work[T], message: str, begin: float = 0.0, end: float = 1.0
) -> Generator[Partial[Any], None, T]:
    """`work` as a part of a job, from `begin` to `end` of the whole."""
    while True:
        try:
            share = next(work)
        except StopIteration as stop:
            return stop.value  # type: ignore[no-any-return]
        yield Partial(None, begin + share * (end - begin), 1.0, message)


class Tree:
    """States in which neighbours are looked for; `grow` makes one.

    Parameters
    ----------
    points : array (m, n)
        In the order of time.
    """

    def __init__(self, points: Array) -> None:
        self.points = np.ascontiguousarray(points, dtype=np.float64)
        count, n = self.points.shape
        self.depth = 0
        while (count >> (self.depth + 1)) >= _PART:
            self.depth += 1
        self.order: Moments = np.arange(count, dtype=np.int64)
        self.floor = np.empty((2 << self.depth, n))
        self.roof = np.empty((2 << self.depth, n))
        self.sorted = self.points

    def nearest(
        self,
        queries: Array | None = None,
        moments: Moments | None = None,
        count: int = 1,
        apart: int = 0,
        least: float = -1.0,
        largest: bool = False,
    ) -> Work[tuple[Array, Moments]]:
        """Distances and indices ``(queries, count)`` of the nearest points, nearest first.

        Parameters
        ----------
        queries : array (q, n), optional
            The points themselves by default.
        moments : array (q,), optional
            When the queries were, as indices of points; by default as the points are, or far
            from all where `queries` are given.
        count : int
            How many neighbours.
        apart : int
            Points no more than so many moments away are left out.
        least : float
            Points no further away than this are left out; 0 leaves out copies.
        largest : bool
            Whether the distance is the largest difference instead of the Euclidean.

        Returns
        -------
        distances, found : array
            Infinity and -1 where there are too few.
        """
        from engine.analysis._neighbour_kernels import nearest
        from engine.integrate.lanes import spread

        if moments is None:
            moments = np.arange(len(self.points)) if queries is None else np.full(len(queries), FAR)
        asked = self.points if queries is None else np.ascontiguousarray(queries)
        moments = np.ascontiguousarray(moments, dtype=np.int64)
        distances = np.empty((len(asked), count))
        found = np.empty((len(asked), count), dtype=np.int64)

        begun, width = 0, 64
        while begun < len(asked):
            now = min(width, len(asked) - begun)

            def work(low: int, high: int, begun: int = begun) -> None:
                nearest(
                    self.sorted,
                    self.order,
                    self.depth,
                    self.floor,
                    self.roof,
                    asked,
                    moments,
                    apart,
                    least,
                    1 if largest else 0,
                    distances,
                    found,
                    begun + low,
                    begun + high,
                )

            clock = time.perf_counter()
            spread(work, now, 16)
            begun += now
            taken = time.perf_counter() - clock
            width = max(16, min(4 * now, int(now * _SLICE / max(taken, 1e-6))))
            yield begun / len(asked)
        return distances, found


def grow(points: Array) -> Work[Tree]:
    """The tree of some states ``(m, n)``, at least one."""
    from engine.analysis._neighbour_kernels import split

    tree = Tree(points)
    for level in range(tree.depth + 1):
        split(tree.points, tree.order, level, tree.floor, tree.roof)
        yield (level + 1.0) / (tree.depth + 1.0)
    tree.sorted = np.ascontiguousarray(tree.points[tree.order])
    return tree
