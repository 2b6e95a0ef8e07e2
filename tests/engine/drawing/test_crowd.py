"""Little pictures never cover each other, and whoever is covered would be."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from engine.drawing.crowd import nearest, with_room

places = arrays(np.float64, st.tuples(st.integers(0, 40), st.just(2)), elements=st.floats(-99, 99))


@given(places, st.floats(1.0, 60.0), st.floats(1.0, 60.0))
def test_kept_ones_have_room_and_the_others_have_none(
    found: np.ndarray, width: float, height: float
) -> None:
    kept = with_room(found, width, height)
    gap = np.abs(found[:, None] - found)
    covers = (gap[..., 0] < width) & (gap[..., 1] < height) & ~np.eye(len(found), dtype=bool)
    assert not covers[np.ix_(kept, kept)].any()
    assert covers[np.ix_(~kept, kept)].any(axis=1).all()


def test_what_has_no_place_has_no_picture() -> None:
    kept = with_room(np.array([[np.nan, 0.0], [0.0, 0.0], [np.inf, 1.0]]), 5.0, 5.0)
    np.testing.assert_array_equal(kept, [False, True, False])


def test_the_order_decides_who_is_kept() -> None:
    two = np.zeros((2, 2))
    np.testing.assert_array_equal(with_room(two, 5.0, 5.0), [True, False])
    np.testing.assert_array_equal(with_room(two, 5.0, 5.0, np.array([1, 0])), [False, True])


def test_the_nearest_within_reach() -> None:
    found = np.array([[0.0, 0.0], [10.0, 0.0], [np.nan, np.nan]])
    assert nearest(found, 8.0, 1.0, 5.0) == 1
    assert nearest(found, 5.0, 40.0, 5.0) == -1
    assert nearest(np.empty((0, 2)), 0.0, 0.0, 5.0) == -1
