"""Thinned lines show what the full ones showed."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from engine.drawing.decimate import by_column

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
