"""Rescaled ranges of noises whose memory is known."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.analysis.hurst import hurst, hurst_job, independent
from engine.analysis.method import Sampled, Subject
from engine.analysis.methods import methods
from engine.errors import ParameterError
from engine.job import run
from tests.engine.analysis.fractional_noise import fractional_gaussian_noise

Array = NDArray[np.float64]


def test_the_expected_range_of_few_values() -> None:
    # Two values: the range is half their distance, so is the deviation.
    assert independent(2) == pytest.approx(1.0)
    # Many: the square root of pi n / 2, W. Feller, Ann. Math. Stat. 22, 427 (1951).
    assert independent(10**6) == pytest.approx(math.sqrt(math.pi * 1e6 / 2), rel=0.01)


def test_independent_values_have_the_expected_ranges() -> None:
    noise = np.random.default_rng(0).standard_normal(100_000)
    found = hurst(noise, 16, 1000)
    assert found.ranges == pytest.approx(found.expected, rel=0.06)
    assert found.exponent == pytest.approx(0.5, abs=0.03)


@pytest.mark.parametrize("exponent", [0.5, 0.6, 0.7, 0.8])
def test_fractional_noise_has_its_exponent(exponent: float) -> None:
    found = hurst(fractional_gaussian_noise(exponent, 50_000, 3))
    assert found.exponent == pytest.approx(exponent, abs=0.06)
    assert 0.0 < found.stderr < 0.1


def test_short_windows_mislead_without_the_correction() -> None:
    noise = np.random.default_rng(1).standard_normal(50_000)
    assert hurst(noise, 16, 500, "none").exponent > 0.53
    assert hurst(noise, 16, 500).exponent == pytest.approx(0.5, abs=0.03)


def test_neither_units_nor_sign_matter() -> None:
    noise = fractional_gaussian_noise(0.7, 4000, 3)
    first = hurst(noise)
    assert hurst(-1e5 * noise + 7.0).exponent == pytest.approx(first.exponent, abs=1e-9)
    assert hurst(-noise).ranges == pytest.approx(first.ranges)


def test_the_method_chooses_windows_and_can_be_closed() -> None:
    method, noise = methods()["hurst"], fractional_gaussian_noise(0.5, 4000, 3)
    subject = Subject(Sampled(noise[:, None]))
    found = run(method.start(subject))
    assert found.exponent == pytest.approx(hurst(noise).exponent)
    assert found.scalars()[0].label == "estimate"
    assert len(found.plots()) == 2
    job = hurst_job(noise)
    next(job)
    job.close()
    with pytest.raises(StopIteration):
        next(job)


def test_stretches_that_rest_are_left_out() -> None:
    noise = np.random.default_rng(1).standard_normal(5000)
    noise[1000:1300] = 0.25
    assert hurst(noise).exponent == pytest.approx(0.5, abs=0.08)


@pytest.mark.parametrize(
    ("series", "options", "words"),
    [
        (np.full(500, 2.0), {}, "all values are 2"),
        (np.arange(30.0), {}, "at least 64 points"),
        (np.append(np.arange(200.0), np.nan), {}, "row 200"),
        (np.arange(500.0), {"correction": "luck"}, "anis-lloyd and none"),
        (np.arange(500.0), {"low": 400, "high": 20}, "windows from 8 to 250"),
    ],
)
def test_what_cannot_be_analysed_is_told(series: Array, options: dict, words: str) -> None:
    with pytest.raises(ParameterError, match=words):
        hurst(series, **options)
