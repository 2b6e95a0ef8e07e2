"""Recurrence plots counted by hand, of noise and of cycles whose lines are known."""

from __future__ import annotations

import math
import tracemalloc
from itertools import groupby
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.analysis import _recurrence_radius, _recurrence_states
from engine.analysis._recurrence_lines import TITLES
from engine.analysis._recurrence_states import Settings
from engine.analysis.method import Sampled, Subject
from engine.analysis.methods import methods
from engine.analysis.recurrence_quantification import (
    RecurrenceQuantification,
    recurrence_quantification,
    recurrence_quantification_job,
)
from engine.errors import ParameterError
from engine.integrate import lanes
from engine.job import run

Array = NDArray[np.float64]


def noise(count: int, seed: int = 0) -> Array:
    return np.random.default_rng(seed).standard_normal(count)


def logistic(count: int, r: float = 4.0, transient: int = 1000) -> Array:
    x, out = 0.3, np.empty(count)
    for k in range(-transient, count):
        x = r * x * (1.0 - x)
        if k >= 0:
            out[k] = x
    return out


def runs(bits: NDArray[np.bool_]) -> list[tuple[bool, int]]:
    return [(bool(key), len(list(group))) for key, group in groupby(bits.tolist())]


def by_hand(
    states: Array, radius: float, norm: str, theiler: int, least: tuple[int, int]
) -> dict[str, float]:
    """Every measure from the whole matrix, in Python."""
    size = np.abs(states[:, None, :] - states[None, :, :])
    apart = size.max(axis=2) if norm == "maximum" else np.sqrt((size**2).sum(axis=2))
    near, m = apart <= radius, len(states)
    diagonal, vertical, first, second = [], [], [], []
    counted = 0
    for k in range(-m + 1, m):
        if abs(k) >= theiler:
            bits = np.diagonal(near, k)
            counted += len(bits)
            diagonal += [(n, k) for black, n in runs(bits) if black]
    for i in range(m):
        halves = [near[i]] if theiler == 0 else [near[i, : max(0, i - theiler + 1)]]
        halves += [near[i, i + theiler :]] if theiler else []
        for half in halves:
            vertical += [n for black, n in runs(half) if black]
            places = np.flatnonzero(half)
            first += np.diff(places).tolist()
            begins = [p for p in places if p == 0 or not half[p - 1]]
            second += np.diff(begins).tolist()
    lengths = [n for n, _ in diagonal]
    long = [n for n in lengths if n >= least[0]]
    high = [n for n in vertical if n >= least[1]]
    shares = np.bincount(long)[np.bincount(long) > 0] / len(long)
    return {
        "recurrence_rate": sum(lengths) / counted,
        "determinism": sum(long) / sum(lengths),
        "mean_diagonal": float(np.mean(long)),
        "longest_diagonal": max(n for n, k in diagonal if k != 0),
        "entropy": float(-(shares * np.log(shares)).sum()),
        "laminarity": sum(high) / sum(vertical),
        "trapping_time": float(np.mean(high)),
        "longest_vertical": max(vertical),
        "first_recurrence_time": float(np.mean(first)),
        "second_recurrence_time": float(np.mean(second)),
    }


@pytest.mark.parametrize(
    ("count", "columns", "norm", "theiler", "least"),
    [
        (64, 1, "euclidean", 0, (2, 2)),
        (65, 1, "maximum", 1, (2, 3)),
        (150, 2, "euclidean", 1, (3, 2)),
        (193, 3, "maximum", 7, (2, 2)),
        (128, 1, "euclidean", 40, (2, 2)),
    ],
)
def test_every_measure_is_what_the_matrix_says(
    count: int, columns: int, norm: str, theiler: int, least: tuple[int, int]
) -> None:
    t = np.arange(count)[:, None]
    states = np.sin(0.3 * t * (1 + np.arange(columns))) + 0.3 * noise(count * columns).reshape(
        count, columns
    )
    found = recurrence_quantification(
        states,
        radius=0.4,
        norm=norm,
        theiler=theiler,
        least_diagonal=least[0],
        least_vertical=least[1],
    )
    for name, value in by_hand(states, 0.4, norm, theiler, least).items():
        assert getattr(found, name) == pytest.approx(value, rel=1e-12), name


def test_delay_vectors_are_states() -> None:
    x = noise(300)
    vectors = np.column_stack([x[:-6], x[3:-3], x[6:]])
    embedded = recurrence_quantification(x, dimension=3, delay=3, radius=0.8)
    assert embedded.points == 294
    same(embedded, recurrence_quantification(vectors, radius=0.8), "dimension", "delay")


def test_gaussian_noise_recurs_as_theory_says() -> None:
    """Two Gaussian numbers are within r with probability p = erf(r / 2), whatever came before:
    lines of l points have probability p**l (1 - p)**2 (Marwan et al. 2007, section 3.5)."""
    found = recurrence_quantification(noise(3000), radius=0.5)
    p = math.erf(0.25)
    assert found.recurrence_rate == pytest.approx(p, rel=0.03)
    p = found.recurrence_rate
    assert found.determinism == pytest.approx(p * (2.0 - p), rel=0.01)
    assert found.mean_diagonal == pytest.approx(2.0 + p / (1.0 - p), rel=0.005)
    geometric = -(p * math.log(p) + (1.0 - p) * math.log(1.0 - p)) / (1.0 - p)
    assert found.entropy == pytest.approx(geometric, rel=0.02)


def test_uniform_noise_is_laminar_by_chance() -> None:
    """At a place x of the unit interval a share q = min(x, r) + min(1 - x, r) is within r."""
    r = 0.1
    x = (np.arange(3000) + 0.5) / 3000
    q = np.minimum(x, r) + np.minimum(1.0 - x, r)
    found = recurrence_quantification(np.random.default_rng(1).permutation(x), radius=r)
    assert found.recurrence_rate == pytest.approx(2.0 * r - r * r, rel=0.01)
    assert found.laminarity == pytest.approx((q * q * (2.0 - q)).mean() / q.mean(), rel=0.01)
    # A column of rate q has a line every 1 / (q (1 - q)) points; the busy ones count most.
    starts = q * (1.0 - q)
    assert found.second_recurrence_time == pytest.approx(1.0 / starts.mean(), rel=0.02)


SERIES = (np.sin(0.1 * np.arange(2000)), noise(2000), logistic(2000))


def test_determinism_tells_a_sine_from_noise() -> None:
    """At a rate of 5 %: sine above 0.95, white noise below 0.2, the logistic map between.

    Two values a quarter of the sine's period apart tell where it goes up and where down.
    """
    sine, white, chaos = (
        recurrence_quantification(x, dimension=2, delay=16, rate=0.05) for x in SERIES
    )
    assert sine.determinism > 0.95
    assert white.determinism < 0.2
    assert white.determinism < chaos.determinism < sine.determinism
    for found in (sine, white, chaos):
        assert found.recurrence_rate == pytest.approx(0.05, abs=1e-6)


def test_determinism_as_the_method_chooses() -> None:
    method = methods()["recurrence-quantification"]
    sine, white, chaos = (
        run(method.start(Subject(Sampled(x[:, None])), {"rate": 0.05})) for x in SERIES
    )
    assert sine.determinism > 0.95
    assert white.determinism < 0.2
    assert white.determinism < chaos.determinism < sine.determinism


@pytest.mark.parametrize("choice", [{"radius": 1e-6}, {"rate": 0.05}])
def test_a_cycle_has_lines_at_multiples_of_its_period(choice: dict[str, float]) -> None:
    """The logistic map at r = 3.5 has period 4. All lines are as long as their diagonals."""
    m = 402
    found = recurrence_quantification(logistic(m, 3.5, 10_000), **choice)
    lag = np.arange(m)
    assert np.array_equal(found.rate_by_lag[1:], (lag[1:] % 4 == 0).astype(float))
    lengths = m - lag[4::4]
    assert found.determinism == 1.0
    assert found.mean_diagonal == pytest.approx(lengths.mean())
    assert found.longest_diagonal == m - 4
    assert found.entropy == pytest.approx(math.log(len(lengths)))
    assert np.array_equal(np.flatnonzero(found.diagonal_lengths), lengths[::-1])
    assert found.laminarity == 0.0
    assert found.first_recurrence_time == found.second_recurrence_time == 4.0
    assert found.recurrence_rate == 2.0 * lengths.sum() / (m * (m - 1))


def distances(x: Array, theiler: int) -> Array:
    return np.concatenate([np.abs(x[k:] - x[:-k]) for k in range(theiler, len(x))])


@pytest.mark.parametrize("kept", [_recurrence_radius.KEPT, 3000])
@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize("norm", ["euclidean", "maximum"])
def test_the_radius_of_a_rate_is_the_quantile_of_all_distances(
    kept: int, whole: bool, norm: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also of whole numbers, most of whose distances are the same."""
    monkeypatch.setattr(_recurrence_radius, "KEPT", kept)
    x = 20.0 * noise(1100)
    x = np.round(x) if whole else x
    found = recurrence_quantification(x, rate=0.07, theiler=3, norm=norm)
    every = np.sort(distances(x, 3))
    assert found.radius == pytest.approx(every[math.ceil(0.07 * len(every)) - 1], rel=1e-15)
    assert found.recurrence_rate == (every <= found.radius).mean() >= 0.07
    assert found.sampled_pairs == 0


def test_sampled_pairs_are_drawn_evenly() -> None:
    """Six states and a window of three leave six pairs."""
    states = _recurrence_states.states_of(np.arange(6.0)[None, :], "euclidean", 3)
    first, second = states.chance(np.random.default_rng(0), 60_000)
    pairs, counts = np.unique(np.column_stack([first, second]), axis=0, return_counts=True)
    assert pairs.tolist() == [[0, 3], [0, 4], [0, 5], [1, 4], [1, 5], [2, 5]]
    # Five standard deviations of a binomial count.
    assert np.abs(counts - 10_000).max() < 5.0 * math.sqrt(60_000 / 6 * 5 / 6)


def test_the_main_diagonal_counts_where_no_window_leaves_it_out() -> None:
    x = noise(500)
    found = recurrence_quantification(x, rate=0.1, theiler=0)
    assert found.recurrence_rate == pytest.approx(0.1, abs=2 / 500**2)
    assert found.rate_by_lag[0] == 1.0
    assert found.diagonal_lengths[500] == 1
    assert found.longest_diagonal < 500


def same(a: RecurrenceQuantification, b: RecurrenceQuantification, *other: str) -> None:
    for name, value in vars(a).items():
        if name not in other:
            np.testing.assert_array_equal(value, getattr(b, name), name)


@pytest.mark.parametrize("factor", [2.0**-40, 1e-3, 7.3, 1e200])
def test_units_do_not_matter_at_a_fixed_rate(factor: float) -> None:
    states = np.column_stack([logistic(400), noise(400)])
    one = recurrence_quantification(states, rate=0.1)
    other = recurrence_quantification(factor * states, rate=0.1)
    assert other.radius == pytest.approx(factor * one.radius, rel=1e-12)
    for name in TITLES:
        assert getattr(other, name) == pytest.approx(getattr(one, name), rel=1e-3), name


def test_order_of_columns_does_not_matter() -> None:
    states = noise(1200).reshape(300, 4)
    one = recurrence_quantification(states, radius=1.5)
    same(one, recurrence_quantification(np.roll(states, 1, axis=1), radius=1.5))


def test_time_reversal_leaves_all_lines() -> None:
    x = logistic(500)
    one, back = (recurrence_quantification(y, radius=0.05) for y in (x, x[::-1]))
    assert np.array_equal(one.diagonal_lengths, back.diagonal_lengths)
    assert np.array_equal(one.vertical_lengths, back.vertical_lengths)


def test_slices_and_threads_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    x = np.sin(0.05 * np.arange(1500)) + 0.1 * noise(1500)
    found = recurrence_quantification(x, rate=0.05)
    monkeypatch.setattr(_recurrence_states, "_START", 20_000)
    monkeypatch.setattr(_recurrence_states, "_SMALL", 1)
    monkeypatch.setattr(_recurrence_states, "_SLICE", 1e-9)
    same(found, recurrence_quantification(x, rate=0.05))
    monkeypatch.setattr(lanes, "threads", lambda: 1)
    same(found, recurrence_quantification(x, rate=0.05))


def test_a_job_can_be_left_at_any_time() -> None:
    x = noise(3000)
    for steps in (1, 2, 3):
        job = recurrence_quantification_job(x, Settings(rate=0.05))
        told = [next(job).fraction for _ in range(steps)]
        assert all(0.0 <= share <= 1.0 for share in told)
        job.close()
        with pytest.raises(StopIteration):
            next(job)


def test_many_points_stream() -> None:
    """21,000 points: their matrix takes 441 MB, its bits 55 MB."""
    tracemalloc.start()
    found = recurrence_quantification(noise(21_000), rate=0.05)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 50e6
    assert found.sampled_pairs == 1 << 20
    assert found.recurrence_rate == pytest.approx(0.05, abs=1e-3)  # five standard errors
    p = found.recurrence_rate
    assert found.determinism == pytest.approx(p * (2.0 - p), rel=0.01)
    assert found.plot.shape[0] <= 1024


def test_the_picture_is_the_matrix() -> None:
    x = noise(300)
    found = recurrence_quantification(x, radius=0.3, theiler=20)
    assert np.array_equal(found.plot, np.abs(x[:, None] - x) <= 0.3)


def test_a_picture_of_many_points_shows_their_share() -> None:
    x = noise(2500)
    found = recurrence_quantification(x, radius=0.3)
    near = np.abs(x[:, None] - x) <= 0.3
    assert found.cell == 4
    assert found.plot.shape == (625, 625)
    squares = near.reshape(625, 4, 625, 4).mean(axis=(1, 3))
    assert np.array_equal(found.plot, squares.astype(np.float32))


@pytest.mark.parametrize(
    ("values", "settings", "words"),
    [
        (np.full(100, 3.0), {}, "this one is 3 throughout"),
        ([1.0, math.nan, 2.0], {}, "row 1 and 0 more"),
        (noise(20), {"dimension": 5, "delay": 5}, "at least 23 points.*got 20: lower"),
        (noise(20), {"theiler": 30}, "at least 32 points"),
        (noise(200), {"radius": 1e-9}, "no two states.*a radius of about 0.0"),
        (noise(200), {"radius": 1.0, "rate": 0.1}, "not both"),
        (noise(200), {"rate": 5.0}, "between 0 and 1, got 5.0; 0.05 is usual"),
        (noise(200), {"radius": -1.0}, "zero or more"),
        (noise(200), {"norm": "taxi"}, "euclidean or maximum, got taxi"),
        (noise(200), {"dimension": 1.5}, "'dimension'.*whole number"),
        (np.zeros((200_000, 60)), {}, "10,000,000 numbers.*take one row of 2"),
    ],
)
def test_what_cannot_be_analysed_is_told(values: Any, settings: dict[str, Any], words: str) -> None:
    with pytest.raises(ParameterError, match=words):
        recurrence_quantification(values, **settings)


def test_the_method_chooses_for_the_series() -> None:
    """The autocorrelation of a sine is its cosine, below 1/e after acos(1/e) of 2 pi."""
    sampled = Sampled(np.sin(2.0 * np.pi * np.arange(2000) / 110)[:, None], 0.01, ("x",))
    method, subject = methods()["recurrence-quantification"], Subject(sampled)
    lag = math.ceil(110 * math.acos(1.0 / math.e) / (2.0 * math.pi))
    assert method.automatic(subject)["delay"] == method.automatic(subject)["theiler"] == lag
    found = run(method.start(subject))
    assert found.theiler == lag
    assert found.first_recurrence_time >= 1.0
    assert found.second_recurrence_time == pytest.approx(110, rel=0.02)
    by_radius = run(method.start(subject, {"threshold": "radius"}))
    assert by_radius.recurrence_rate == pytest.approx(0.05, abs=0.005)
    assert [scalar.name for scalar in found.scalars()] == [*TITLES, "radius"]
    picture = found.plots()[0].items[0]
    assert picture.right - picture.left == pytest.approx(0.01 * (2000 - 2 * lag))
