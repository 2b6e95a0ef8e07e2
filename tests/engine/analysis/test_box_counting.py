"""Boxes of sets whose dimension is known."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.analysis.box_counting import box_counting, box_counting_job
from engine.analysis.method import Sampled, Subject
from engine.analysis.methods import methods
from engine.errors import ParameterError
from engine.job import run
from tests.engine.analysis.fractional_noise import cantor_points, henon_orbit

Array = NDArray[np.float64]


@pytest.mark.parametrize("columns", [1, 2, 3])
@pytest.mark.parametrize("base", [2, 3])
def test_boxes_are_those_that_one_would_count(columns: int, base: int) -> None:
    points = np.random.default_rng(columns).random((500, columns)) ** 3
    found = box_counting(points, base, low=1e-9, high=1.0)
    low, extent = points.min(axis=0), np.ptp(points, axis=0).max()
    for size, count, entropy in zip(found.sizes, found.counts, found.entropies, strict=True):
        parts = round(extent / size)
        cells = np.minimum(np.floor((points - low) / extent * parts), parts - 1)
        boxes, held = np.unique(cells, axis=0, return_counts=True)
        assert count == len(boxes)
        shares = held / 500
        assert entropy == pytest.approx(-(shares * np.log(shares)).sum(), abs=1e-12)


def test_the_cantor_set() -> None:
    exact = math.log(2) / math.log(3)
    # With its ends the set fills the boxes of its construction.
    points = np.append(cantor_points(0.5, 100_000, 0), [0.0, 1.0])[:, None]
    found = box_counting(points, 3)
    assert np.array_equal(found.counts[:11], 2 ** np.arange(11))
    assert found.dimension == pytest.approx(exact, abs=0.005)
    assert found.information == pytest.approx(exact, abs=0.01)
    # Divided by halves it takes longer to show.
    assert box_counting(points).dimension == pytest.approx(exact, abs=0.04)


def test_the_information_of_an_uneven_cantor_measure() -> None:
    share = 0.8
    found = box_counting(cantor_points(share, 200_000, 1)[:, None], 3)
    entropy = -(share * math.log(share) + (1 - share) * math.log(1 - share))
    assert found.information == pytest.approx(entropy / math.log(3), abs=0.01)
    assert found.information < found.dimension - 0.05


@pytest.mark.parametrize("columns", [1, 2, 3])
def test_uniform_points_fill_their_space(columns: int) -> None:
    points = np.random.default_rng(columns).random((60_000, columns))
    assert box_counting(points).dimension == pytest.approx(columns, abs=0.03)


def test_a_line_in_space_has_dimension_one() -> None:
    along = np.random.default_rng(5).random(20_000)
    found = box_counting(np.outer(along, [1.0, 2.0, 0.5]))
    assert found.dimension == pytest.approx(1.0, abs=0.03)


def test_henon() -> None:
    # D. A. Russell, J. D. Hanson and E. Ott, Phys. Rev. Lett. 45, 1175 (1980): 1.261 +- 0.003.
    found = box_counting(henon_orbit(60_000))
    assert found.dimension == pytest.approx(1.26, abs=0.06)


def test_neither_units_nor_order_of_points_matter() -> None:
    states = henon_orbit(5000)
    first, second = box_counting(states), box_counting(64.0 * states[::-1, ::-1])
    assert np.array_equal(first.counts, second.counts)
    assert second.sizes == pytest.approx(64.0 * first.sizes)


def test_the_method_can_be_asked_and_closed() -> None:
    method, states = methods()["box-counting"], henon_orbit(5000)
    assert method.chosen(Subject(Sampled(states)))["dimension"] == 1
    found = run(method.start(Subject(Sampled(states))))
    assert found.dimension == pytest.approx(box_counting(states).dimension)
    assert found.scalars()[0].label == "estimate"
    assert len(found.plots()) == 2
    job = box_counting_job(states)
    next(job)
    job.close()
    with pytest.raises(StopIteration):
        next(job)


@pytest.mark.parametrize(
    ("points", "options", "words"),
    [
        (np.ones((500, 2)), {}, "all are 1"),
        (np.random.default_rng(0).random((120, 6)), {}, "boxes of 4 sizes"),
        (np.random.default_rng(0).random((120, 40)), {}, "at most 15 coordinates"),
        (np.random.default_rng(0).random((500, 2)), {"base": 1}, "2 to 10 parts"),
        (np.random.default_rng(0).random((500, 2)), {"low": 5.0, "high": 9.0}, "holds 0 sizes"),
    ],
)
def test_what_cannot_be_analysed_is_told(points: Array, options: dict, words: str) -> None:
    with pytest.raises(ParameterError, match=words):
        box_counting(points, **options)
