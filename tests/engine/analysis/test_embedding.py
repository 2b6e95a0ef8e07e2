"""Embeddings: exact where exactness is possible, never worse where descent is promised."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from engine.analysis.embedding import DISTANCES, NEIGHBOURS, Layout, affinities, classical_scaling


def apart(places: np.ndarray) -> np.ndarray:
    return np.linalg.norm(places[:, None] - places, axis=2)


def three_groups() -> np.ndarray:
    """Thirty points in ten dimensions, in three groups far from each other."""
    generator = np.random.default_rng(0)
    centres = 6.0 * np.eye(10)[:3]
    return np.concatenate([generator.normal(c, 0.3, (10, 10)) for c in centres])


@pytest.mark.parametrize("count", [2, 5, 60])
def test_points_of_a_plane_come_back(count: int) -> None:
    known = apart(np.random.default_rng(count).standard_normal((count, 2)))
    np.testing.assert_allclose(apart(classical_scaling(known)), known, atol=1e-9)


@pytest.mark.parametrize("count", [0, 1])
def test_hardly_any_points_have_places_too(count: int) -> None:
    layout = Layout(np.zeros((count, count)))
    layout.advance(3)
    np.testing.assert_array_equal(layout.places.shape, (count, 2))
    assert layout.iteration == 3


@pytest.mark.parametrize("perplexity", [3.0, 12.0])
def test_everyone_has_as_many_neighbours_as_asked_for(perplexity: float) -> None:
    # Points evenly on a circle: all alike, so the joint shares are the conditional ones.
    turn = 2 * np.pi * np.arange(40) / 40
    joint = affinities(apart(np.column_stack([np.cos(turn), np.sin(turn)])), perplexity)
    assert joint.sum() == pytest.approx(1.0)
    np.testing.assert_allclose(joint, joint.T)
    share = 40 * joint[0]
    share = share[share > 1e-9]
    assert math.exp(-(share * np.log(share)).sum()) == pytest.approx(perplexity, rel=1e-3)


def test_stress_never_grows() -> None:
    layout = Layout(apart(three_groups()), DISTANCES)
    costs = []
    for _ in range(60):
        costs.append(layout.cost)
        layout.advance()
    assert all(later <= earlier + 1e-12 for earlier, later in itertools.pairwise(costs))
    assert costs[-1] < costs[0]


def test_groups_stay_groups() -> None:
    layout = Layout(apart(three_groups()), NEIGHBOURS, perplexity=6.0)
    before = layout.cost
    layout.advance(400)
    assert layout.cost < 0.6 * before
    near = apart(layout.places) + 1e9 * np.eye(30)
    np.testing.assert_array_equal(near.argmin(axis=1) // 10, np.arange(30) // 10)
    np.testing.assert_allclose(layout.places.mean(axis=0), 0.0, atol=1e-9)


def test_it_goes_on_from_a_state_as_if_nothing_had_been() -> None:
    known = apart(three_groups())
    one, other = Layout(known, seed=1), Layout(known, seed=2)
    assert (one.places != other.places).any()
    one.advance(20)
    other.restore(one.state())
    one.advance(7)
    other.advance(7)
    np.testing.assert_array_equal(one.places, other.places)
    assert one.cost == other.cost


def test_another_aim_moves_on_from_where_the_points_are() -> None:
    known = apart(three_groups())
    layout = Layout(known)
    layout.advance(50)
    places = layout.places.copy()
    layout.change(known, DISTANCES, 15.0)
    np.testing.assert_array_equal(layout.places, places)
    layout.advance()
    assert (layout.places != places).any()
