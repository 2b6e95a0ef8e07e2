"""Dimensions of all orders of measures for which they are known in closed form."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.analysis._correlation_kernels import radii_around
from engine.analysis._pairs import mass_radii, neighbour_counts
from engine.analysis._point_cloud import centres, cloud
from engine.analysis.correlation_dimension import correlation_dimension
from engine.analysis.generalised_dimensions import (
    generalised_dimensions,
    generalised_dimensions_job,
)
from engine.analysis.method import Sampled, Subject
from engine.analysis.methods import methods
from engine.errors import ParameterError
from engine.job import run
from tests.engine.analysis.fractional_noise import cantor_points, henon_orbit

Array = NDArray[np.float64]


def cantor_dimensions(share: float, q: Array) -> Array:
    """D_q of the measure that gives left thirds a share: ln(p^q + (1-p)^q) / ((1-q) ln 3)."""
    sums = np.log(share**q + (1 - share) ** q)
    entropy = -(share * math.log(share) + (1 - share) * math.log(1 - share))
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(q == 1.0, entropy, sums / (1.0 - q)) / math.log(3)


def neighbours(points: Array, theiler: int, maximum: bool) -> list[Array]:
    """Sorted distances from every point to those that are far enough in time."""
    away = np.abs(points[:, None, :] - points[None, :, :])
    distances = away.max(axis=2) if maximum else np.sqrt((away**2).sum(axis=2))
    i = np.arange(len(points))
    return [np.sort(distances[k][np.abs(i - k) > theiler]) for k in i]


@pytest.mark.parametrize("maximum", [False, True])
def test_neighbours_are_counted_and_found(maximum: bool) -> None:
    points = np.random.default_rng(0).random((400, 3))
    points /= np.ptp(points, axis=0).max()
    ready = cloud(points, "", theiler=7)
    order = centres(400, 150)
    near = neighbours(points, 7, maximum)
    radii = np.array([0.01, 0.1, 0.2, 0.5, 2.0])
    counts = run(neighbour_counts(ready, order, radii, maximum))
    expected = [[(near[i] <= radius).sum() for radius in radii] for i in order]
    assert np.array_equal(counts, expected)
    masses = np.array([1, 2, 5, 50, 300, 399])
    logs = run(mass_radii(ready, order, masses, maximum))
    exact = np.log([near[i][masses[:5] - 1] for i in order])
    assert logs[:, :5] == pytest.approx(exact, abs=0.004)
    assert np.isposinf(logs[:, 5]).all()


def test_points_that_coincide_have_no_radius() -> None:
    ready = cloud(np.repeat(np.arange(100.0), 3)[:, None], "", theiler=0)
    logs = np.empty((2, 3))
    radii_around(ready.points, np.array([0, 150]), 0, 2, 0, False, np.array([1, 2, 3]), logs)
    assert np.isneginf(logs[:, :2]).all()
    assert logs[:, 2] == pytest.approx(math.log(1 / 99), abs=0.004)


@pytest.mark.parametrize("columns", [1, 2])
def test_a_uniform_measure_has_one_dimension(columns: int) -> None:
    points = np.random.default_rng(columns).random((8000, columns))
    q = np.array([-2.0, -1.0, 0.0, 1.0, 2.0, 3.0])
    found = generalised_dimensions(points, q, theiler=0)
    assert found.dimensions == pytest.approx(np.full(6, columns), abs=0.05 * columns)
    assert found.exponents == pytest.approx((q - 1.0) * found.dimensions)


@pytest.mark.parametrize("share", [0.5, 0.7])
def test_the_cantor_measure_by_fixed_mass(share: float) -> None:
    q = np.array([-2.0, -1.0, 0.0, 1.0, 2.0, 3.0, 4.0])
    found = generalised_dimensions(cantor_points(share, 20_000, 0)[:, None], q, theiler=0)
    assert found.dimensions == pytest.approx(cantor_dimensions(share, q), abs=0.05)


@pytest.mark.parametrize("share", [0.5, 0.7])
def test_the_cantor_measure_by_correlation_sums(share: float) -> None:
    q = np.array([1.0, 1.5, 2.0, 3.0, 4.0])
    points = cantor_points(share, 20_000, 0)[:, None]
    found = generalised_dimensions(points, q, "sums", theiler=0)
    assert found.dimensions == pytest.approx(cantor_dimensions(share, q), abs=0.05)


def test_dimensions_of_henon_fall_with_the_order() -> None:
    states = henon_orbit(15_000)
    found = generalised_dimensions(states, [0.0, 1.0, 2.0])
    # D0: D. A. Russell, J. D. Hanson and E. Ott, Phys. Rev. Lett. 45, 1175 (1980). D1: that of
    # Kaplan and Yorke. D2: P. Grassberger and I. Procaccia, Physica D 9, 189 (1983).
    assert found.dimensions == pytest.approx([1.261, 1.258, 1.21], abs=0.06)


def test_the_second_order_is_the_correlation_dimension() -> None:
    states = henon_orbit(4000)
    options = {"low": 0.01, "high": 0.3, "theiler": 3}
    sums = generalised_dimensions(states, [2.0], "sums", references=4000, **options)
    pairs = correlation_dimension(states, **options)
    assert sums.dimensions[0] == pytest.approx(pairs.dimension, abs=0.01)


def test_units_do_not_matter() -> None:
    states = henon_orbit(3000)
    first = generalised_dimensions(states, [0.0, 2.0])
    second = generalised_dimensions(states * 1e4 - 7e5, [0.0, 2.0])
    assert second.dimensions == pytest.approx(first.dimensions, abs=1e-5)


def test_the_method_can_be_asked_and_closed() -> None:
    method, states = methods()["generalised-dimensions"], henon_orbit(3000)
    found = run(method.start(Subject(Sampled(states)), {"orders": 11}))
    assert [scalar.name for scalar in found.scalars()] == ["d0", "d1", "d2", "span"]
    assert {scalar.label for scalar in found.scalars()} == {"estimate"}
    assert len(found.plots()) == 3
    job = generalised_dimensions_job(states)
    next(job)
    job.close()
    with pytest.raises(StopIteration):
        next(job)


@pytest.mark.parametrize(
    ("points", "options", "words"),
    [
        (np.ones(500), {}, "all are 1"),
        (np.random.default_rng(0).random((300, 2)), {"q": [2.0, 2.0]}, "orders q that increase"),
        (np.random.default_rng(0).random((300, 2)), {"method": "luck"}, "mass or sums"),
        (np.tile([0.1, 0.9, 0.4], 100)[:, None], {}, "no scaling region"),
        (np.random.default_rng(0).random((300, 2)), {"low": 1e6, "high": 1e7}, "holds 0 numbers"),
    ],
)
def test_what_cannot_be_analysed_is_told(points: Array, options: dict, words: str) -> None:
    with pytest.raises(ParameterError, match=words):
        generalised_dimensions(points, **options)
