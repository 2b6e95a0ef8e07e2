"""Thinned lines show what the full ones showed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from engine.decimate import by_column, to_grid

# The first call may have to compile.
compiled = settings(deadline=None)
values = arrays(np.float64, st.integers(1, 300), elements=st.floats(-1e6, 1e6))


@compiled
@given(values, st.floats(0.05, 3.0))
def test_every_column_keeps_its_extremes(y: np.ndarray, scale: float) -> None:
    x = np.arange(len(y), dtype=float)
    thin_x, thin_y = by_column(x, y, 0.0, scale)
    column, thin_column = np.floor(x * scale), np.floor(thin_x * scale)
    for k in np.unique(column):
        here, kept = y[column == k], thin_y[thin_column == k]
        assert kept.min() == here.min()
        assert kept.max() == here.max()
        assert (kept[0], kept[-1]) == (here[0], here[-1])
        assert len(kept) <= max(4, min(len(here), 4))


@compiled
@given(values)
def test_thinned_points_are_points_of_the_line_in_order(y: np.ndarray) -> None:
    x = np.arange(len(y), dtype=float)
    thin_x, thin_y = by_column(x, y, 0.0, 0.1)
    assert (np.diff(thin_x) > 0).all()
    assert (y[thin_x.astype(int)] == thin_y).all()


def test_a_gap_stays_a_gap() -> None:
    y = np.r_[np.zeros(50), [np.nan, np.inf], np.ones(50)]
    _, thin = by_column(np.arange(102.0), y, 0.0, 0.01)
    assert np.isnan(thin).sum() == 1
    assert not np.isinf(thin).any()


def test_a_line_that_turns_back_is_kept() -> None:
    x = np.r_[np.linspace(0.0, 10.0, 500), np.linspace(10.0, 0.0, 500)]
    thin_x, _ = by_column(x, np.arange(1000.0), 0.0, 1.0)
    assert thin_x.max() == 10.0
    assert len(thin_x) <= 4 * 21


walks = arrays(np.float64, st.tuples(st.integers(3, 200), st.just(2)),
               elements=st.floats(-3.0, 3.0))


@compiled
@given(walks)
def test_dropped_points_lie_within_a_pixel_of_the_thinned_curve(steps: np.ndarray) -> None:
    path = np.cumsum(steps, axis=0)
    thin_x, thin_y = to_grid(path[:, 0].copy(), path[:, 1].copy(), (1.0, 1.0))
    a = np.column_stack([thin_x[:-1], thin_y[:-1]])
    d = np.column_stack([np.diff(thin_x), np.diff(thin_y)])
    length = np.maximum((d**2).sum(axis=1), 1e-300)
    for point in path:
        along = np.clip(((point - a) * d).sum(axis=1) / length, 0.0, 1.0)
        distance = np.hypot(*(a + along[:, None] * d - point).T).min()
        assert distance <= 1.0


def test_a_circle_of_a_million_points_needs_few() -> None:
    angle = np.linspace(0.0, 2.0 * np.pi, 1_000_000)
    x, y = to_grid(100.0 * np.cos(angle), 100.0 * np.sin(angle), (1.0, 1.0))
    assert len(x) < 100
    assert np.hypot(x, y) == pytest.approx(np.full(len(x), 100.0))
    assert (x[0], y[0]) == (100.0, 0.0)
