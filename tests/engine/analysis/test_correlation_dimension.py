"""The correlation sum is a count of pairs, and its slope the published dimension."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

import engine
from engine.analysis._correlation_kernels import count_pairs
from engine.analysis._pairs import _bins, all_radii
from engine.analysis._point_cloud import centres, cloud, forgetting, table
from engine.analysis.correlation_dimension import (
    CorrelationDimension,
    correlation_dimension,
    correlation_dimension_job,
)
from engine.analysis.method import Sampled, Subject
from engine.analysis.methods import methods
from engine.errors import ParameterError
from engine.job import run
from tests.engine.analysis.fractional_noise import cantor_points, henon_orbit

Array = NDArray[np.float64]


def counted(points: Array, radii: Array, theiler: int, norm: str) -> list[int]:
    """Pairs within radii, one by one."""
    away = np.abs(points[:, None, :] - points[None, :, :])
    distances = away.max(axis=2) if norm == "maximum" else np.sqrt((away**2).sum(axis=2))
    i, j = np.triu_indices(len(points), theiler + 1)
    pairs = distances[i, j]
    return [int((pairs <= radius).sum()) for radius in radii]


@pytest.mark.parametrize("norm", ["euclidean", "maximum"])
@pytest.mark.parametrize(("count", "theiler"), [(300, 0), (301, 0), (300, 17), (333, 40)])
def test_the_sum_counts_every_pair_once(norm: str, count: int, theiler: int) -> None:
    points = np.random.default_rng(count).normal(size=(count, 3))
    found = correlation_dimension(points, theiler=theiler, norm=norm)
    assert found.pairs == (count - theiler) * (count - theiler - 1) // 2
    # Between the radii, so that rounding of a distance that equals one decides nothing.
    expected = counted(points, found.radii * (1 + 1e-9), theiler, norm)
    assert np.array_equal(np.round(found.sums[-1] * found.pairs), expected)


def test_a_series_is_counted_in_all_embeddings() -> None:
    series = np.random.default_rng(3).normal(size=400)
    found = correlation_dimension(series, dimension=3, delay=2, theiler=5)
    assert found.embeddings.tolist() == [1, 2, 3]
    for m in (1, 2, 3):
        points = np.column_stack([series[2 * k : 2 * k + 396] for k in range(m)])
        expected = counted(points, found.radii * (1 + 1e-9), 5, "euclidean")
        assert np.array_equal(np.round(found.sums[m - 1] * found.pairs), expected)


def test_neither_slices_nor_blocks_change_a_count() -> None:
    points = cloud(np.random.default_rng(0).normal(size=(500, 2)), "", theiler=3)
    radii, levels = all_radii(points, False), np.array([2])
    order = centres(500, 500)
    assert sorted(order.tolist()) == list(range(500))
    totals = []
    for width, blocks in ((500, 8), (7, 8), (133, 3)):
        counts = np.zeros((blocks, 1, len(radii) + 1), dtype=np.int64)
        bins = _bins(radii, False)
        for low in range(0, 500, width):
            high = min(500, low + width)
            count_pairs(points.points, order, low, high, 3, levels, False, *bins, counts)
        totals.append(counts.sum(axis=0))
    assert np.array_equal(totals[0], totals[1])
    assert np.array_equal(totals[0], totals[2])


def test_bits_find_the_bin_that_a_search_finds() -> None:
    edges = 1e-7 * np.cumprod(1.001 + 0.1 * np.random.default_rng(1).random(300))
    cells, shift, offset = table(edges)
    numbers = np.concatenate([edges, np.random.default_rng(2).random(5000), [0.0, 9.0, 1e-30]])
    places = np.clip((numbers.view(np.int64) >> shift) - offset, 0, len(cells) - 1)
    found = cells[places]
    found = found + (numbers > np.append(edges, np.inf)[found])
    assert np.array_equal(found, np.searchsorted(edges, numbers, side="left"))


def test_henon() -> None:
    # P. Grassberger and I. Procaccia, Physica D 9, 189 (1983), table I: 1.21 +- 0.01.
    found = correlation_dimension(henon_orbit(20_000))
    assert found.dimension == pytest.approx(1.21, abs=0.05)
    assert found.stderr < 0.05
    assert found.high / found.low > 10.0


def test_henon_from_one_column() -> None:
    found = correlation_dimension(henon_orbit(6000)[:, 0])
    assert found.dimension == pytest.approx(1.21, abs=0.07)
    # One coordinate cannot hold it, two can: the slope saturates.
    assert found.dimensions[0] < 1.05
    assert found.dimensions[2] == pytest.approx(found.dimensions[3], abs=0.1)


def test_lorenz() -> None:
    # P. Grassberger and I. Procaccia, Physica D 9, 189 (1983), table I: 2.05 +- 0.01.
    trajectory = engine.simulate(engine.systems()["lorenz"], 1500.0, 0.1, transient=50.0)
    found = correlation_dimension(trajectory.states)
    assert found.dimension == pytest.approx(2.05, abs=0.1)


@pytest.mark.parametrize("columns", [1, 2, 3])
def test_uniform_points_fill_their_space(columns: int) -> None:
    points = np.random.default_rng(columns).random((8000, columns))
    found = correlation_dimension(points, theiler=0)
    assert found.dimension == pytest.approx(columns, abs=0.03 * columns)


def test_a_line_in_space_has_dimension_one() -> None:
    along = np.random.default_rng(5).random(5000)
    found = correlation_dimension(np.outer(along, [1.0, -2.0, 0.5]), theiler=0)
    assert found.dimension == pytest.approx(1.0, abs=0.03)


def test_a_torus_has_as_many_dimensions_as_frequencies() -> None:
    t = 2.0 * math.pi * np.arange(6000.0)
    first, second = t * (math.sqrt(5.0) - 1.0) / 2.0, t * math.sqrt(2.0)
    angles = np.column_stack([np.cos(first), np.sin(first), np.cos(second), np.sin(second)])
    assert correlation_dimension(angles[:, :2]).dimension == pytest.approx(1.0, abs=0.03)
    assert correlation_dimension(angles).dimension == pytest.approx(2.0, abs=0.1)


def test_the_cantor_set() -> None:
    found = correlation_dimension(cantor_points(0.5, 10_000, 0)[:, None], theiler=0)
    assert found.dimension == pytest.approx(math.log(2) / math.log(3), abs=0.03)


def test_noise_fills_every_embedding() -> None:
    series = np.random.default_rng(8).random(6000)
    found = correlation_dimension(series, dimension=3, delay=1)
    assert found.dimensions == pytest.approx([1.0, 2.0, 3.0], abs=0.25)


@pytest.fixture(scope="module")
def henon() -> tuple[Array, CorrelationDimension]:
    states = henon_orbit(3000)
    return states, correlation_dimension(states, theiler=2)


def test_neither_units_nor_order_of_columns_matter(
    henon: tuple[Array, CorrelationDimension],
) -> None:
    states, first = henon
    second = correlation_dimension(states[:, ::-1] * 1e6 + 3e5, theiler=2)
    assert second.dimension == pytest.approx(first.dimension, abs=1e-6)
    assert second.radii == pytest.approx(first.radii * 1e6)


def test_a_region_by_hand_is_kept(henon: tuple[Array, CorrelationDimension]) -> None:
    found = correlation_dimension(henon[0], theiler=2, low=0.01, high=0.2)
    assert 0.01 <= found.low < 0.011
    assert 0.18 < found.high <= 0.2
    inside = (found.radii >= 0.01) & (found.radii <= 0.2)
    slope = np.polyfit(np.log(found.radii[inside]), np.log(found.sums[-1][inside]), 1)[0]
    assert found.dimension == pytest.approx(slope)


def test_what_is_shown(henon: tuple[Array, CorrelationDimension]) -> None:
    found = henon[1]
    first = found.scalars()[0]
    assert (first.value, first.label) == (found.dimension, "estimate")
    assert first.stderr > 0.0
    slopes, sums = found.plots()
    assert slopes.x_log
    assert not slopes.y_log
    assert sums.x_log
    assert sums.y_log


def test_options_suit_what_is_given() -> None:
    method = methods()["correlation-dimension"]
    states = henon_orbit(3000)
    assert method.chosen(Subject(Sampled(states)))["dimension"] == 1
    options = method.chosen(Subject(Sampled(states[:, :1])))
    assert (options["dimension"], options["delay"], options["theiler"]) == (4, 1, 3)
    found = run(method.start(Subject(Sampled(states))))
    assert found.dimension == pytest.approx(1.21, abs=0.1)


def test_how_fast_a_wave_forgets_itself() -> None:
    t = np.arange(5000.0)
    # The cosine of 1/e is met at 0.1901 of the period.
    assert forgetting(np.sin(2 * np.pi * t / 100.0)[:, None]) == 20


def test_estimates_come_on_the_way_and_closing_leaves_nothing() -> None:
    job = correlation_dimension_job(henon_orbit(6000))
    first = next(job)
    assert 0.0 < first.fraction < 0.5
    while first.result is None:
        first = next(job)
    assert first.fraction < 1.0
    assert first.result.dimension == pytest.approx(1.21, abs=0.15)
    job.close()
    with pytest.raises(StopIteration):
        next(job)


@pytest.mark.parametrize(
    ("points", "options", "words"),
    [
        (np.ones(500), {}, "all are 1: choose another column"),
        (np.arange(20.0), {}, "at least 100 points, got 20"),
        (np.append(np.arange(200.0), np.nan), {}, "row 200"),
        (np.random.default_rng(0).random(150), {"dimension": 5, "delay": 20}, "leave 70"),
        (np.tile([0.1, 0.9, 0.4, 0.6], 100)[:, None], {}, "cycle"),
        (np.random.default_rng(0).random((300, 2)), {"low": 5.0, "high": 9.0}, "holds 0 radii"),
        (np.random.default_rng(0).random((300, 2)), {"low": 0.2, "high": 0.1}, "begin below"),
        (np.random.default_rng(0).random((300, 2)), {"norm": "taxi"}, "euclidean and maximum"),
        (np.random.default_rng(0).random((300, 2)), {"theiler": 200}, "0 to 75 rows"),
        (np.random.default_rng(0).random((300, 2)), {"references": 301}, "1 to all 300"),
        (np.random.default_rng(0).random((120, 20)), {}, "no scaling region"),
    ],
)
def test_what_cannot_be_analysed_is_told(points: Array, options: dict, words: str) -> None:
    with pytest.raises(ParameterError, match=words):
        correlation_dimension(points, **options)


def test_rounding_is_not_taken_for_a_rest() -> None:
    rounded = henon_orbit(5000).round(2)
    assert correlation_dimension(rounded).dimension == pytest.approx(1.21, abs=0.1)
