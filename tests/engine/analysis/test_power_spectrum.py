"""Spectra are calibrated: noise has its level, a sine its power, and the band its confidence."""

from __future__ import annotations

import numpy as np
import pytest

from engine.analysis._tapers import slepian, window
from engine.analysis.method import Sampled, Subject
from engine.analysis.power_spectrum import METHOD, METHODS, power_spectrum
from engine.errors import ParameterError
from engine.job import run

STEP = 0.25


def noise(count: int = 16_384, deviation: float = 3.0) -> np.ndarray:
    return deviation * np.random.default_rng(4).standard_normal(count)


@pytest.mark.parametrize("method", METHODS)
def test_white_noise_has_its_level_in_its_band(method: str) -> None:
    # One-sided density of variance s, sampled every step: 2 s step.
    found = power_spectrum(noise(), STEP, method)
    level = 2.0 * 9.0 * STEP
    inner = slice(1, -1)
    assert found.density[inner].mean() == pytest.approx(level, rel=0.03)
    inside = (found.low <= level) & (level <= found.high)
    # Frequencies next to each other are not independent; 95 % to within five errors of 300.
    assert inside[inner].mean() == pytest.approx(0.95, abs=0.06)
    assert found.scalars()[-1].value == pytest.approx(1.0, abs=0.02)  # flat


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("frequency", [0.31, 0.777])
def test_a_sine_has_half_its_amplitude_squared(method: str, frequency: float) -> None:
    times = STEP * np.arange(5000)
    sine = 1.7 * np.sin(2 * np.pi * frequency * times + 0.4)
    found = power_spectrum(sine, STEP, method)
    near = 4.0 * found.resolution
    assert found.power(frequency - near, frequency + near) == pytest.approx(1.7**2 / 2, rel=0.01)
    assert found.peak == pytest.approx(frequency, abs=found.resolution)


@pytest.mark.parametrize("method", METHODS)
def test_the_area_is_the_variance(method: str) -> None:
    walk = noise(4096) + np.sin(0.05 * np.arange(4096))
    assert power_spectrum(walk, STEP, method).power() == pytest.approx(walk.var(), rel=0.05)


@pytest.mark.parametrize("method", METHODS)
def test_scales_go_with_the_unit_and_the_step(method: str) -> None:
    one, other = (power_spectrum(s * noise(2000), t, method) for s, t in ((1.0, 1.0), (3.0, 2.0)))
    np.testing.assert_allclose(other.density, 18.0 * one.density)
    np.testing.assert_allclose(other.frequencies, one.frequencies / 2.0)


@pytest.mark.parametrize("name", ["hann", "hamming", "blackman", "rectangle"])
@pytest.mark.parametrize("overlap", [0.0, 0.5, 0.7])
def test_welch_is_scipys(name: str, overlap: float) -> None:
    from scipy.signal import welch

    theirs = {"rectangle": "boxcar"}.get(name, name)
    series = noise(3001)
    shared = int(200 * overlap)
    expected = welch(series, 1 / STEP, theirs, 200, shared, detrend="constant")
    found = power_spectrum(series, STEP, segment=200, overlap=overlap, window=name)
    np.testing.assert_allclose(found.frequencies, expected[0])
    np.testing.assert_allclose(found.density, expected[1], rtol=1e-9)


def test_pieces_that_do_not_overlap_have_two_degrees_each() -> None:
    found = power_spectrum(noise(1000), segment=100, overlap=0.0, window="rectangle")
    assert found.freedom[1] == pytest.approx(20.0)
    assert found.freedom[0] == pytest.approx(10.0)
    # Half overlapping Hann pieces: P. D. Welch (1967), correlation of neighbours 1/36.
    found = power_spectrum(noise(100_000), segment=100)
    assert found.freedom[1] == pytest.approx(2.0 * found.pieces / (1.0 + 2.0 / 36.0), rel=0.01)


@pytest.mark.parametrize("length", [100, 50_001])
def test_slepian_tapers_are_orthonormal(length: int) -> None:
    tapers = slepian(length, 4.0, 7)
    np.testing.assert_allclose(tapers @ tapers.T, np.eye(7), atol=1e-6)


def test_windows_repeat() -> None:
    # A window that repeats is a few lines of a spectrum and nothing else.
    lines = np.abs(np.fft.fft(window("blackman", 64))) / 64
    np.testing.assert_allclose(lines[:3], [0.42, 0.25, 0.04], atol=1e-12)
    np.testing.assert_allclose(lines[3:62], 0.0, atol=1e-12)


def test_a_line_is_taken_away() -> None:
    times = np.arange(4096.0)
    sine = np.sin(2 * np.pi * 0.2 * times)
    drifting = power_spectrum(sine + 0.1 * times, trend="line", method="multitaper")
    still = power_spectrum(sine, trend="line", method="multitaper")
    np.testing.assert_allclose(drifting.density, still.density, atol=1e-9 * still.density.max())


@pytest.mark.parametrize(
    ("series", "options", "words"),
    [
        (np.ones(100), {}, "all 100 are 1"),
        (np.arange(5.0), {}, "at least 16 points"),
        (np.r_[np.arange(50.0), np.nan], {}, "row 50"),
        (np.arange(99.0), {"segment": 100}, "from 8 to 99, got 100"),
        (np.arange(99.0), {"method": "maximum entropy"}, "welch, multitaper"),
        (np.arange(99.0), {"overlap": 1.0}, "below 1"),
        (np.arange(99.0), {"method": "multitaper", "bandwidth": 30.0}, "from 1 to 24.75"),
        (np.arange(99.0), {"step": 0.0}, "above zero"),
        (np.arange(99.0), {"confidence": 1.0}, "between 0 and 1"),
    ],
)
def test_what_has_no_spectrum_is_told(
    series: np.ndarray, options: dict[str, object], words: str
) -> None:
    with pytest.raises(ParameterError, match=words):
        power_spectrum(series, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("method", METHODS)
def test_the_method_gives_what_the_function_gives(method: str) -> None:
    series = noise(1000)
    found = run(METHOD.start(Subject(Sampled(series[:, None], STEP)), {"method": method}))
    np.testing.assert_array_equal(found.density, power_spectrum(series, STEP, method).density)
    assert all(plot.items for plot in found.plots())
