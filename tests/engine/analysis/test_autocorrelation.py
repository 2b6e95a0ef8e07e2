"""Autocorrelations have their closed forms."""

from __future__ import annotations

import math

import numpy as np
import pytest

from engine.analysis.autocorrelation import METHOD, autocorrelation
from engine.analysis.method import Sampled, Subject
from engine.errors import ParameterError
from engine.job import run


def autoregressive(phi: float, count: int = 200_000) -> np.ndarray:
    from scipy.signal import lfilter

    return np.asarray(lfilter([1.0], [1.0, -phi], np.random.default_rng(2).standard_normal(count)))


@pytest.mark.parametrize("phi", [0.8, -0.5])
def test_of_first_order_memory_is_a_power(phi: float) -> None:
    found = autocorrelation(autoregressive(phi), lags=20)
    # Standard error at most sqrt((1 + phi^2) / (1 - phi^2) / m) = 0.005.
    np.testing.assert_allclose(found.values, phi ** np.arange(21.0), atol=0.02)


def test_the_time_of_memory() -> None:
    found = autocorrelation(autoregressive(0.9), step=0.5, lags=100)
    assert found.e_time == pytest.approx(-0.5 / math.log(0.9), rel=0.05)


def test_a_sine_is_first_zero_after_a_quarter_of_its_period() -> None:
    found = autocorrelation(np.sin(2 * np.pi * np.arange(40_000) / 400), step=0.1)
    assert found.first_zero == pytest.approx(10.0, rel=0.01)
    assert found.values[400] == pytest.approx(1.0, abs=0.011)  # 1 - 400 / 40,000


def test_it_is_the_sum_of_products() -> None:
    series = np.random.default_rng(0).standard_normal(77)
    x = series - series.mean()
    expected = [x[: 77 - lag] @ x[lag:] / (x @ x) for lag in range(77)]
    np.testing.assert_allclose(autocorrelation(series, lags=76).values, expected, atol=1e-12)


def test_white_noise_is_in_its_band() -> None:
    found = autocorrelation(np.random.default_rng(5).standard_normal(5000), lags=1000)
    inside = np.abs(found.values[1:]) < found.noise
    assert inside.mean() == pytest.approx(0.95, abs=0.03)


def test_what_is_beyond_the_last_lag_is_no_number() -> None:
    found = autocorrelation(np.sin(2 * np.pi * np.arange(4000) / 400), lags=20)
    assert math.isnan(found.first_zero)
    assert math.isnan(found.e_time)


def test_bad_input_is_told() -> None:
    with pytest.raises(ParameterError, match="numbers that vary"):
        autocorrelation(np.full(10, 2.5))
    with pytest.raises(ParameterError, match="take another unit"):
        autocorrelation(1e-200 * np.arange(10.0))
    with pytest.raises(ParameterError, match="from 1 to 9, got 10"):
        autocorrelation(np.arange(10.0), lags=10)


def test_the_method_gives_what_the_function_gives() -> None:
    series = autoregressive(0.5, 500)
    found = run(METHOD.start(Subject(Sampled(series[:, None], 0.1))))
    np.testing.assert_array_equal(found.values, autocorrelation(series, 0.1).values)
    assert found.plots()[0].items
