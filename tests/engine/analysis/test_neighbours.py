"""The tree finds what looking at all pairs finds."""

from __future__ import annotations

import numpy as np
import pytest

from engine.analysis._neighbours import grow


def finished(work):  # type: ignore[no-untyped-def]
    while True:
        try:
            next(work)
        except StopIteration as stop:
            return stop.value


def all_distances(points: np.ndarray, queries: np.ndarray, largest: bool) -> np.ndarray:
    apart = np.abs(queries[:, None] - points)
    return apart.max(axis=2) if largest else np.sqrt((apart**2).sum(axis=2))


@pytest.mark.parametrize("count", [1, 2, 11, 700])
@pytest.mark.parametrize("n", [1, 3])
@pytest.mark.parametrize("largest", [False, True])
@pytest.mark.parametrize("apart", [0, 5])
def test_neighbours_are_those_of_all_pairs(count: int, n: int, largest: bool, apart: int) -> None:
    # Walks: near in time is near in space, so that leaving those out matters.
    points = np.cumsum(np.random.default_rng(count).standard_normal((count, n)), axis=0)
    expected = all_distances(points, points, largest)
    times = np.arange(count)
    expected[np.abs(times[:, None] - times) <= apart] = np.inf
    tree = finished(grow(points))
    distances, found = finished(tree.nearest(count=3, apart=apart, largest=largest))
    wanted = np.full((count, 3), np.inf)
    few = np.sort(expected, axis=1)[:, :3]
    wanted[:, : few.shape[1]] = few
    np.testing.assert_allclose(distances, wanted, rtol=1e-12)
    there = found >= 0
    np.testing.assert_array_equal(there, np.isfinite(wanted))
    rows = np.broadcast_to(times[:, None], found.shape)[there]
    np.testing.assert_allclose(expected[rows, found[there]], wanted[there], rtol=1e-12)


def test_other_queries_and_copies() -> None:
    generator = np.random.default_rng(1)
    points = np.repeat(generator.standard_normal((200, 2)), 3, axis=0)
    queries = generator.standard_normal((50, 2))
    tree = finished(grow(points))
    distances, _ = finished(tree.nearest(queries, count=4))
    wanted = np.sort(all_distances(points, queries, False), axis=1)[:, :4]
    np.testing.assert_allclose(distances, wanted)
    with_copies, _ = finished(tree.nearest())
    np.testing.assert_array_equal(with_copies, 0.0)
    without, _ = finished(tree.nearest(least=0.0))
    assert (without > 0.0).all()


def test_nothing_but_copies_has_no_neighbours() -> None:
    tree = finished(grow(np.ones((300, 2))))
    distances, found = finished(tree.nearest(least=0.0))
    assert np.isinf(distances).all()
    assert (found == -1).all()


def test_each_query_is_answered_for_itself() -> None:
    points = np.random.default_rng(2).standard_normal((3000, 3))
    tree = finished(grow(points))
    together = finished(tree.nearest(count=2, apart=3))
    for rows in (slice(0, 1), slice(1, 1700), slice(1700, 3000)):
        some = finished(tree.nearest(points[rows], np.arange(3000)[rows], 2, 3))
        np.testing.assert_array_equal(some[0], together[0][rows])
        np.testing.assert_array_equal(some[1], together[1][rows])
