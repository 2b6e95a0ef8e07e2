"""Cross-recurrence plots counted by hand, and of series whose lag is known."""

from __future__ import annotations

import math
from itertools import groupby
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.analysis.cross_recurrence import cross_recurrence, cross_recurrence_job
from engine.analysis.method import Sampled, Subject
from engine.analysis.methods import methods
from engine.analysis.recurrence_quantification import recurrence_quantification
from engine.errors import ParameterError
from engine.job import run

Array = NDArray[np.float64]


def noise(count: int, seed: int = 0) -> Array:
    return np.random.default_rng(seed).standard_normal(count)


def runs(bits: NDArray[np.bool_]) -> list[tuple[bool, int]]:
    return [(bool(key), len(list(group))) for key, group in groupby(bits.tolist())]


def test_every_line_is_what_the_matrix_says() -> None:
    x, y = noise(130), noise(201, 1)
    found = cross_recurrence(x, y, radius=0.6, standardised=False)
    near = np.abs(x[:, None] - y[None, :]) <= 0.6
    assert np.array_equal(found.plot, near.T)
    assert found.recurrence_rate == near.mean()
    assert np.array_equal(found.lags, np.arange(-129, 201))
    diagonals = [runs(np.diagonal(near, k)) for k in found.lags]
    assert found.rate_by_lag == pytest.approx([np.diagonal(near, k).mean() for k in found.lags])
    lengths = [n for line in diagonals for black, n in line if black]
    assert np.array_equal(found.diagonal_lengths, np.bincount(lengths))
    high = [n for column in near for black, n in runs(column) if black]
    assert np.array_equal(found.vertical_lengths, np.bincount(high))
    long = [sum(n for black, n in line if black and n > 1) for line in diagonals]
    every = [sum(n for black, n in line if black) for line in diagonals]
    with np.errstate(invalid="ignore"):
        np.testing.assert_allclose(found.determinism_by_lag, np.array(long) / np.array(every))


def test_independent_noise_recurs_as_theory_says() -> None:
    """Two Gaussian numbers are within r with probability erf(r / 2)."""
    found = cross_recurrence(noise(1500), noise(1500, 1), radius=0.3, standardised=False)
    p = found.recurrence_rate
    assert p == pytest.approx(math.erf(0.15), rel=0.03)
    assert found.determinism == pytest.approx(p * (2.0 - p), rel=0.02)


@pytest.mark.parametrize("lag", [-23, 0, 7])
def test_the_lag_of_a_copy_is_found(lag: int) -> None:
    x = noise(600)
    found = cross_recurrence(x[50:550], 3.0 + 5.0 * x[50 - lag : 550 - lag], rate=0.05)
    assert found.best_lag == lag
    at = np.flatnonzero(found.lags == lag)[0]
    assert found.rate_by_lag[at] == pytest.approx(1.0, abs=0.05)
    assert found.longest_diagonal >= 50


def test_of_a_series_with_itself_it_is_the_recurrence_plot() -> None:
    x = noise(300)
    cross = cross_recurrence(x, x, radius=0.4, standardised=False)
    own = recurrence_quantification(x, radius=0.4, theiler=0)
    for name in ("recurrence_rate", "determinism", "entropy", "laminarity", "trapping_time"):
        assert getattr(cross, name) == getattr(own, name)


def test_the_radius_of_a_rate_is_exact() -> None:
    x, y = noise(800), noise(900, 1)
    found = cross_recurrence(x, y, rate=0.02, standardised=False)
    every = np.sort(np.abs(x[:, None] - y), axis=None)
    assert found.radius == pytest.approx(every[math.ceil(0.02 * every.size) - 1], rel=1e-15)
    assert found.recurrence_rate == pytest.approx(0.02, abs=2e-6)


@pytest.mark.parametrize(
    ("second", "settings", "words"),
    [
        (np.zeros(100), {}, "this one is 0 throughout"),
        (noise(100).reshape(50, 2), {}, "as many columns in both series, got 1 and 2"),
        (9.0 + noise(100), {"radius": 0.1, "standardised": False}, "no two states"),
        (noise(3), {"dimension": 4}, "at least 5 points"),
    ],
)
def test_what_cannot_be_compared_is_told(second: Any, settings: dict[str, Any], words: str) -> None:
    with pytest.raises(ParameterError, match=words):
        cross_recurrence(noise(100), second, **settings)


def test_the_method_takes_two_columns() -> None:
    x = noise(500)
    method = methods()["cross-recurrence"]
    pair = Sampled(np.column_stack([x[5:], x[:-5]]), 0.1, ("x", "y"))
    found = run(method.start(Subject(pair)))
    assert (found.best_lag, found.names) == (5, ("x", "y"))
    assert found.plots()[1].x_label == "lag of y after x (time)"
    assert {scalar.name for scalar in found.scalars()} >= {"determinism", "best_lag", "radius"}
    with pytest.raises(ParameterError, match="compares two columns, got 1"):
        method.start(Subject(Sampled(x[:, None])))


def test_a_job_can_be_left() -> None:
    from engine.analysis._recurrence_states import Settings

    job = cross_recurrence_job(noise(2000), noise(2000, 1), Settings(rate=0.05))
    next(job)
    job.close()
    with pytest.raises(StopIteration):
        next(job)
