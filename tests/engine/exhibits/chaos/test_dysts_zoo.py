"""The collection: every system with features has a place, and the picked one is sampled."""

from __future__ import annotations

import math

import numpy as np
import pytest

import engine
from engine.errors import ParameterError
from engine.exhibits.chaos._zoo_portrait import portrait
from engine.exhibits.chaos.dysts_zoo import EXHIBIT, KINDS


def test_every_point_says_what_it_is_and_opens() -> None:
    channel = EXHIBIT.channels["map"]
    places = EXHIBIT.start({}).advance(1.0, 0.0).channels["map"]
    assert places.shape == (len(channel.opens), len(channel.names))
    assert len(channel.labels) == len(channel.opens) == len(set(channel.opens))
    catalogue = engine.catalogue()
    kinds = places[:, channel.names.index("kind")].astype(int)
    for key, kind in list(zip(channel.opens, kinds, strict=True))[::25]:
        assert catalogue[key].kind == KINDS[kind]
    families = channel.legends["family"]
    lorenz = places[channel.opens.index("lorenz")]
    assert families[int(lorenz[3])] == catalogue["lorenz"].family
    assert lorenz[4] == 3


def test_the_cost_falls_while_points_drift() -> None:
    process = EXHIBIT.start({"features": "shape"})
    first = process.advance(1.0, 0.0)
    before = first.channels["cost"][-1, 1]
    frame = process.advance(20.0, 150.0)
    assert frame.time == 150.0
    assert frame.channels["cost"][-1, 1] < before
    assert (frame.channels["map"][:, :2] != first.channels["map"][:, :2]).any()


def test_another_aim_leaves_points_where_they_are() -> None:
    process = EXHIBIT.start({"features": "shape"})
    process.advance(1.0, 0.0)
    places = process.advance(9.0, 5.0).channels["map"][:, :2]
    process.set("method", "distances")
    again = process.advance(1.0, 0.0)
    assert again.restarted
    np.testing.assert_array_equal(again.channels["map"][:, :2], places)


def test_points_of_a_period_are_what_is_asked_for() -> None:
    system = engine.systems()["van-der-pol"]
    period = 6.66328686  # mu = 1; P. Amore, arXiv:2111.12198
    rows, words = portrait(system, period, 20)
    assert not words
    np.testing.assert_allclose(np.diff(rows[:, 0]), 1 / 20)
    # Twenty rows on, the cycle is where it was.
    np.testing.assert_allclose(rows[20:, 1:3], rows[:-20, 1:3], atol=2e-3)


@pytest.mark.parametrize("key", ["logistic", "henon", "rossler"])
def test_any_number_of_variables_has_three_columns(key: str) -> None:
    rows, words = portrait(engine.systems()[key], math.nan, 32)
    assert rows.shape[1] == 4
    assert len(rows) > 100
    assert np.isfinite(rows).all()
    assert not words


def test_what_is_left_out_is_counted() -> None:
    frame = EXHIBIT.start({}).advance(1.0, 0.0)
    assert frame.status["left_out"] == len(EXHIBIT.table.lacking)
    for key in EXHIBIT.table.lacking:
        assert key not in EXHIBIT.keys


def test_values_out_of_bounds_are_refused() -> None:
    process = EXHIBIT.start({})
    with pytest.raises(ParameterError, match="'neighbours' of 'dysts-zoo' must lie between"):
        process.set("neighbours", 0.0)
    with pytest.raises(ParameterError, match="'system' of 'dysts-zoo' must be one of"):
        EXHIBIT.start({"system": "no-such"})
