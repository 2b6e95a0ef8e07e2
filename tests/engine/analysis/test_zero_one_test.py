"""The 0-1 test: chaos and regular motion of known maps, and its definition."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.analysis.method import Sampled, Subject
from engine.analysis.methods import methods
from engine.analysis.zero_one_test import (
    _displacement,
    _walk,
    zero_one_test,
    zero_one_test_job,
)
from engine.errors import ParameterError
from engine.job import run

Array = NDArray[np.float64]


def logistic(r: float, count: int = 5_000) -> Array:
    x, out = 0.3141, np.empty(count)
    for _ in range(5_000):
        x = r * x * (1.0 - x)
    for i in range(count):
        out[i] = x
        x = r * x * (1.0 - x)
    return out


@pytest.mark.parametrize("r", [3.7, 3.9, 4.0])
def test_chaos_of_the_logistic_map(r: float) -> None:
    assert zero_one_test(logistic(r)).K > 0.95


@pytest.mark.parametrize("r", [3.2, 3.5, 3.55, 3.83])
def test_cycles_of_the_logistic_map(r: float) -> None:
    # Periods 2, 4, 8, and 3 in its window.
    assert abs(zero_one_test(logistic(r)).K) < 0.1


def test_a_torus_is_regular() -> None:
    t = np.arange(5_000)
    series = np.cos(t * 2.399963) + 0.5 * np.cos(t * 0.7548776 * 2.0)
    assert abs(zero_one_test(series).K) < 0.1


def test_the_displacement_is_that_of_the_definition() -> None:
    series = np.random.default_rng(0).normal(size=400)
    walk = _walk(series, 1.3)
    steps = np.exp(1.3j * np.arange(1, 401)) * series
    assert np.allclose(walk, np.cumsum(steps))
    longest = 40
    starts = 400 - longest
    slow = [np.mean(np.abs(walk[n : n + starts] - walk[:starts]) ** 2) for n in range(1, 41)]
    assert np.allclose(_displacement(walk), slow, rtol=1e-9)


def test_independent_steps_diffuse_at_their_variance() -> None:
    series = np.random.default_rng(1).normal(size=100_000)
    found = _displacement(_walk(series, 1.1))
    # Two standard errors of the variance over the walk, longer displacements scatter more.
    assert found[:50] / np.arange(1, 51) == pytest.approx(1.0, abs=0.05)


def test_scale_shift_and_seed() -> None:
    series = logistic(3.9, 1_000)
    plain = zero_one_test(series)
    other = zero_one_test(1e-150 * series + 3e-150)
    assert abs(other.K - plain.K) < 1e-9
    assert zero_one_test(series).K == plain.K
    assert zero_one_test(series, seed=1).K != plain.K
    assert (np.diff(plain.frequencies) > 0.0).all()
    assert np.median(plain.correlations) == plain.K


def test_a_finely_sampled_cycle_and_what_is_chosen_for_it() -> None:
    series = np.sin(0.05 * np.arange(20_000))
    method = methods()["zero-one-test"]
    subject = Subject(Sampled(series[:, None], 0.1))
    assert 25 <= method.chosen(subject)["every"] <= 38  # a quarter of 126 rows
    found = run(method.start(subject))
    assert abs(found.K) < 0.1
    assert found.plots()[1].square
    assert found.scalars()[0].name == "K"


@pytest.mark.parametrize(
    ("series", "options", "words"),
    [
        (np.arange(50.0), {}, "at least 100 points, got 50"),
        (np.arange(500.0), {"every": 10}, "take every 5"),
        (np.ones(500), {}, "all 500 values are 1"),
        (np.arange(500.0), {"frequencies": 0}, "at least one frequency"),
        (np.arange(500.0), {"every": 0}, "at least 1, got 0"),
    ],
)
def test_what_cannot_be_tested_is_told(series: Array, options: dict[str, int], words: str) -> None:
    with pytest.raises(ParameterError, match=words):
        zero_one_test(series, **options)


def test_it_can_be_left_at_any_time() -> None:
    job = zero_one_test_job(logistic(4.0, 1_000))
    assert 0.0 < next(job).fraction < next(job).fraction < 0.02
    job.close()
    with pytest.raises(StopIteration):
        next(job)
