"""Spectrograms show when a frequency was there, on the scale of the power spectrum."""

from __future__ import annotations

import numpy as np
import pytest

from engine.analysis.method import Image, Sampled, Subject
from engine.analysis.power_spectrum import power_spectrum
from engine.analysis.spectrogram import METHOD, spectrogram
from engine.errors import ParameterError
from engine.job import run

STEP = 0.01


def test_a_chirp_is_where_its_phase_turns() -> None:
    # Phase 2 pi (5 t + t^2 / 2): the frequency at time t is 5 + t.
    times = STEP * np.arange(2000)
    found = spectrogram(np.sin(2 * np.pi * (5.0 * times + 0.5 * times**2)), STEP, segment=256)
    np.testing.assert_allclose(found.ridge, 5.0 + found.times, atol=0.1)


def test_a_rhythm_that_begins_in_the_middle() -> None:
    times = STEP * np.arange(4000)
    late = np.where(times > 20.0, np.sin(2 * np.pi * 12.5 * times), 0.0)
    found = spectrogram(late, STEP, segment=128)
    power = found.density.sum(axis=0) * found.frequencies[1]
    np.testing.assert_allclose(power[found.times < 19.0], 0.0, atol=1e-20)
    np.testing.assert_allclose(power[found.times > 21.0], 0.5, rtol=1e-6)


def test_its_mean_is_welchs_spectrum() -> None:
    series = np.random.default_rng(0).standard_normal(2048)
    found = spectrogram(series, STEP, segment=256, overlap=0.5)
    expected = power_spectrum(series, STEP, segment=256, overlap=0.5)
    np.testing.assert_allclose(found.density.mean(axis=1), expected.density, rtol=1e-12)


def test_long_series_have_pictures_of_bounded_size() -> None:
    found = spectrogram(np.random.default_rng(0).standard_normal(100_000), segment=64, overlap=0.9)
    assert found.density.shape[1] <= 2000
    assert found.times[-1] > 99_900


def test_bad_input_is_told() -> None:
    with pytest.raises(ParameterError, match="numbers that vary"):
        spectrogram(np.zeros(100))
    with pytest.raises(ParameterError, match="from 8 to 100, got 101"):
        spectrogram(np.arange(100.0), segment=101)


def test_the_method_draws_an_image() -> None:
    series = np.random.default_rng(0).standard_normal(1000)
    found = run(METHOD.start(Subject(Sampled(series[:, None], STEP))))
    image = found.plots()[0].items[0]
    assert isinstance(image, Image)
    assert image.values.max() == 0.0
    assert np.isfinite(image.values).all()
