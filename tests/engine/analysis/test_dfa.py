"""The fluctuation exponent of noises whose memory is known."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.analysis._fluctuations import profile, residuals
from engine.analysis.dfa import dfa, dfa_job
from engine.analysis.method import Sampled, Subject
from engine.analysis.methods import methods
from engine.errors import ParameterError
from engine.job import run
from tests.engine.analysis.fractional_noise import fractional_gaussian_noise

Array = NDArray[np.float64]


@pytest.mark.parametrize("hurst", [0.3, 0.5, 0.7, 0.9])
@pytest.mark.parametrize("order", [1, 2])
def test_fractional_noise_has_its_exponent(hurst: float, order: int) -> None:
    found = dfa(fractional_gaussian_noise(hurst, 30_000, 1), order)
    assert found.alpha == pytest.approx(hurst, abs=0.05)
    assert 0.0 < found.stderr < 0.06


def test_noise_that_is_exact_has_its_covariance() -> None:
    noise = fractional_gaussian_noise(0.7, 200_000, 4)
    assert noise.var() == pytest.approx(1.0, abs=0.05)
    # (2^1.4 - 2) / 2: the covariance of neighbours.
    assert (noise[1:] * noise[:-1]).mean() == pytest.approx(0.5 * (2**1.4 - 2), abs=0.03)


def test_brownian_motion() -> None:
    path = np.cumsum(np.random.default_rng(2).standard_normal(30_000))
    assert dfa(path).alpha == pytest.approx(1.5, abs=0.05)


def test_the_mean_error_is_about_the_error_told() -> None:
    runs = [dfa(fractional_gaussian_noise(0.7, 4000, seed)) for seed in range(20)]
    miss = np.sqrt(np.mean([(found.alpha - 0.7) ** 2 for found in runs]))
    told = np.sqrt(np.mean([found.stderr**2 for found in runs]))
    assert 0.5 < told / miss < 2.5


@pytest.mark.parametrize("order", [1, 3])
def test_windows_are_those_of_polynomials(order: int) -> None:
    path, _ = profile(np.random.default_rng(0).standard_normal(1010))
    job = residuals(path, 50, order, 0, 1)
    squares = run(job)
    assert len(squares) == 40
    x = np.arange(50.0)
    for window, start in ((0, 0), (6, 150), (1, 10), (39, 960)):
        y = path[start : start + 50]
        rest = y - np.polyval(np.polyfit(x, y, order), x)
        assert squares[window] == pytest.approx((rest**2).mean(), rel=1e-9)


def test_trends_of_the_order_do_not_count() -> None:
    noise = fractional_gaussian_noise(0.6, 10_000, 7)
    t = np.linspace(-1.0, 1.0, 10_000)
    # A line in the series is a parabola in its sum.
    assert dfa(noise + 10.0 * t, 2).alpha == pytest.approx(dfa(noise, 2).alpha, abs=1e-6)
    assert dfa(noise + 10.0 * t, 1).alpha > 0.8


def test_neither_units_nor_direction_of_time_matter() -> None:
    noise = fractional_gaussian_noise(0.7, 5000, 3)
    first = dfa(noise)
    assert dfa(1e5 * noise - 40.0).alpha == pytest.approx(first.alpha, abs=1e-9)
    # Windows of the reversed sum are one value further on.
    assert dfa(noise[::-1]).alpha == pytest.approx(first.alpha, abs=1e-3)
    assert dfa(1e3 * noise).fluctuations == pytest.approx(1e3 * first.fluctuations)


def test_the_method_chooses_windows_and_can_be_closed() -> None:
    method, noise = methods()["dfa"], fractional_gaussian_noise(0.5, 4000, 3)
    subject = Subject(Sampled(noise[:, None]))
    assert method.chosen(subject) == {"order": 1, "low": 16, "high": 400}
    found = run(method.start(subject))
    assert found.alpha == pytest.approx(dfa(noise).alpha)
    assert found.scalars()[0].label == "estimate"
    assert len(found.plots()) == 2
    job = dfa_job(noise)
    next(job)
    job.close()
    with pytest.raises(StopIteration):
        next(job)


@pytest.mark.parametrize(
    ("series", "options", "words"),
    [
        (np.full(500, 2.0), {}, "all values are 2"),
        (np.arange(30.0), {}, "at least 64 points"),
        (np.ones((500, 2)), {}, "1 columns"),
        (np.append(np.arange(200.0), np.inf), {}, "row 200"),
        (np.random.default_rng(0).random(500), {"order": 9}, "order 1 to 5"),
        (np.random.default_rng(0).random(500), {"low": 50, "high": 20}, "windows from 4 to 125"),
        (np.arange(1000.0), {"order": 2}, "without any fluctuation"),
    ],
)
def test_what_cannot_be_analysed_is_told(series: Array, options: dict, words: str) -> None:
    with pytest.raises(ParameterError, match=words):
        dfa(series, **options)
