"""Mutual information of normal variables is known; of independent ones it is none."""

from __future__ import annotations

import math

import numpy as np
import pytest

from engine.analysis.method import Sampled, Subject
from engine.analysis.mutual_information import ESTIMATORS, METHOD, mutual_information
from engine.errors import ParameterError
from engine.job import run


def correlated(rho: float, count: int = 8000) -> tuple[np.ndarray, np.ndarray]:
    one, two = np.random.default_rng(8).standard_normal((2, count))
    return one, rho * one + math.sqrt(1.0 - rho**2) * two


@pytest.mark.parametrize("rho", [0.0, 0.3, 0.6, 0.9])
@pytest.mark.parametrize(("estimator", "tolerance"), [("bins", 0.1), ("kraskov", 0.03)])
def test_of_correlated_normals(estimator: str, rho: float, tolerance: float) -> None:
    one, two = correlated(rho)
    found = mutual_information(one, lags=0, estimator=estimator, other=two)
    expected = -0.5 * math.log(1.0 - rho**2)
    # Bins lose some of what is within one of them; both scatter by about a hundredth.
    assert found.values[0] == pytest.approx(expected, rel=tolerance, abs=0.02)


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_neither_order_nor_unit_counts(estimator: str) -> None:
    one, two = correlated(0.7, 2000)
    first = mutual_information(one, lags=0, estimator=estimator, other=two).values[0]
    second = mutual_information(7.0 * two - 3.0, lags=0, estimator=estimator, other=one).values[0]
    assert first == pytest.approx(second, abs=1e-3)


def test_bins_see_only_the_order_of_values() -> None:
    one, two = correlated(0.7, 2000)
    first = mutual_information(one, lags=3, other=two)
    second = mutual_information(np.exp(one), lags=3, other=two**3)
    np.testing.assert_array_equal(first.values, second.values)


def test_of_first_order_memory() -> None:
    from scipy.signal import lfilter

    series = lfilter([1.0], [1.0, -0.9], np.random.default_rng(3).standard_normal(20_000))
    found = mutual_information(series, lags=5, estimator="kraskov")
    expected = -0.5 * np.log(1.0 - 0.9 ** (2.0 * np.arange(1, 6)))
    assert math.isnan(found.values[0])
    np.testing.assert_allclose(found.values[1:], expected, atol=0.05)


def test_a_rhythm_tells_least_after_a_quarter_of_its_period() -> None:
    generator = np.random.default_rng(1)
    series = np.sin(2 * np.pi * np.arange(10_000) / 80.3) + 0.1 * generator.standard_normal(10_000)
    found = mutual_information(series, lags=60)
    assert found.first_minimum == pytest.approx(20, abs=4)


def test_noise_has_no_minimum() -> None:
    found = mutual_information(np.random.default_rng(1).standard_normal(5000), lags=50)
    assert found.first_minimum == -1
    assert np.abs(found.values[1:]).max() < 5.0 * found.stderr


def test_few_different_values_share_bins() -> None:
    coin = np.random.default_rng(0).integers(0, 2, 4000).astype(float)
    found = mutual_information(coin, lags=1)
    # A fair coin tells ln 2 about itself and nothing about the next throw.
    assert found.values[0] == pytest.approx(math.log(2.0), abs=1e-3)
    assert found.values[1] == pytest.approx(0.0, abs=2e-3)


@pytest.mark.parametrize(
    ("series", "options", "words"),
    [
        (np.ones(100), {}, "numbers that vary"),
        (np.arange(20.0), {}, "at least 50 points"),
        (np.arange(100.0), {"estimator": "kernel"}, "bins, kraskov"),
        (np.arange(100.0), {"other": np.arange(99.0)}, "got 100 and 99"),
        (np.arange(100.0), {"lags": 99}, "from 0 to 75, got 99"),
        (np.arange(100.0), {"bins": 1}, "from 2 to 1024"),
    ],
)
def test_bad_input_is_told(series: np.ndarray, options: dict[str, object], words: str) -> None:
    with pytest.raises(ParameterError, match=words):
        mutual_information(series, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_the_method_gives_what_the_function_gives(estimator: str) -> None:
    series = np.sin(0.1 * np.arange(600)) + np.sin(0.271 * np.arange(600))
    subject = Subject(Sampled(series[:, None], 0.5))
    found = run(METHOD.start(subject, {"estimator": estimator}))
    expected = mutual_information(series, 0.5, estimator=estimator)
    np.testing.assert_array_equal(found.values, expected.values)
    assert found.scalars()
    assert found.plots()[0].items
