"""Sample and multiscale entropy: closed forms, counting by hand, invariance."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

import engine.analysis._template_matches as module
from engine.analysis.method import Sampled, Subject
from engine.analysis.methods import methods
from engine.analysis.multiscale_entropy import multiscale_entropy
from engine.analysis.sample_entropy import sample_entropy, sample_entropy_job, white_noise
from engine.errors import ParameterError
from engine.job import run

Array = NDArray[np.float64]
NOISE = np.random.default_rng(11).normal(size=6_000)


def counted(x: Array, m: int, radius: float, delay: int) -> tuple[int, int]:
    """Pairs of close templates, by comparing all with all."""
    count = len(x) - m * delay
    rows = np.stack([x[k * delay : k * delay + count] for k in range(m + 1)], axis=1)
    apart = np.abs(rows[:, None] - rows[None])
    upper = np.triu(np.ones((count, count), dtype=bool), 1)
    short = (apart[:, :, :m].max(axis=2) <= radius) & upper
    return int(short.sum()), int(((apart.max(axis=2) <= radius) & upper).sum())


@pytest.mark.parametrize(("m", "r", "delay"), [(1, 0.2, 1), (2, 0.3, 1), (3, 0.5, 2), (2, 9.0, 1)])
def test_pairs_are_those_counted_by_hand(m: int, r: float, delay: int) -> None:
    x = np.round(NOISE[:301], 1)  # many pairs at exactly the same distance
    found = sample_entropy(x, m, r, delay)
    short, long = counted(x, m, found.radius, delay)
    assert (found.matches_short, found.matches_long) == (short, long)
    assert found.entropy == pytest.approx(math.log(short / long), abs=1e-12)


@pytest.mark.parametrize(("m", "r"), [(1, 0.2), (2, 0.2), (2, 0.6)])
def test_white_noise_has_its_closed_form(m: int, r: float) -> None:
    # Two independent normal values are within r with probability erf(r / 2).
    assert white_noise(0.2) == pytest.approx(-math.log(0.1124629160))  # tables of erf at 0.1
    found = sample_entropy(NOISE, m, r)
    assert found.stderr < 0.04
    assert abs(found.entropy - white_noise(r)) < 4.0 * found.stderr


def test_even_noise_has_its_closed_form() -> None:
    # Of two values even on 0 ... 1: probability 2 d - d^2 to be within d.
    x = np.random.default_rng(3).random(6_000)
    found = sample_entropy(x, 2, 0.4)
    d = 0.4 / math.sqrt(12.0)
    assert abs(found.entropy + math.log(2.0 * d - d * d)) < 4.0 * found.stderr


def test_what_repeats_has_none() -> None:
    assert sample_entropy(np.tile([0.0, 3.0, 1.0, 2.0], 100)).entropy == 0.0


def test_scale_and_shift_change_nothing() -> None:
    plain = sample_entropy(NOISE[:1000])
    other = sample_entropy(-4.0 * NOISE[:1000] + 16.0)
    assert plain.entropy == pytest.approx(other.entropy, abs=1e-3)
    assert other.radius == pytest.approx(4.0 * plain.radius)


def test_the_slices_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = sample_entropy(NOISE[:2000])
    monkeypatch.setattr(module, "_AT_ONCE", 1000)
    again = sample_entropy(NOISE[:2000])
    assert (whole.matches_short, whole.matches_long) == (again.matches_short, again.matches_long)
    assert whole.stderr == again.stderr


@pytest.mark.parametrize(("memory", "r"), [(0.0, 0.2), (0.0, 0.8), (0.9, 0.2)])
def test_the_standard_error_is_the_scatter_of_repetitions(memory: float, r: float) -> None:
    chance = np.random.default_rng(17)
    kernel = memory ** np.arange(60)
    found = []
    for _ in range(80):
        series = np.convolve(chance.normal(size=1_059), kernel, "valid")
        found.append(sample_entropy(series, r=r))
    scatter = np.std([each.entropy for each in found], ddof=1)
    assert 0.75 < np.mean([each.stderr for each in found]) / scatter < 1.35


def test_entropy_over_the_radius_follows_the_noise() -> None:
    radii = (0.1, 0.3, 0.8)
    found = sample_entropy(NOISE, radii=radii)
    noise = np.array([white_noise(r) for r in radii])
    assert (np.abs(found.entropies - noise) < 4.0 * found.stderrs).all()
    (plot,) = found.plots()
    assert plot.x_log


@pytest.mark.parametrize(
    ("series", "options", "words"),
    [
        (np.ones(50), {}, "all 50 values are 1"),
        (np.arange(4.0), {"m": 2}, "at least 5 points, got 4"),
        (NOISE[:50], {"m": 0}, "got m = 0; 2 is usual"),
        (NOISE[:50], {"r": -1.0}, "positive radius"),
        (NOISE[:50], {"delay": 0}, "at least 1 row"),
        (np.exp(np.arange(20.0)), {"r": 1e-9}, "within r = 1e-09 standard deviations; take"),
    ],
)
def test_what_has_no_entropy_is_told(series: Array, options: dict[str, float], words: str) -> None:
    with pytest.raises(ParameterError, match=words):
        sample_entropy(series, **options)  # type: ignore[arg-type]


def test_it_can_be_left_at_any_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_AT_ONCE", 10_000)
    job = sample_entropy_job(NOISE)
    fractions = [next(job).fraction for _ in range(30)]
    assert fractions == sorted(fractions)
    assert 0.0 < fractions[-1] < 0.1
    job.close()
    with pytest.raises(StopIteration):
        next(job)


def test_the_methods_run_with_what_they_choose() -> None:
    series = np.sin(0.02 * np.arange(3_000)) + 0.1 * NOISE[:3_000]
    subject = Subject(Sampled(series[:, None], 0.1, ("x",)))
    found = run(methods()["sample-entropy"].start(subject))
    assert found.delay > 1
    assert len(found.radii) == 13
    scales = run(methods()["multiscale-entropy"].start(subject))
    assert len(scales.scales) == 20
    assert scales.plots()
    assert scales.scalars()[0].name == "index"


def test_averages_of_white_noise_follow_their_closed_form() -> None:
    # Averages over s have variance 1 / s, and the radius stays: -ln erf(r sqrt(s) / 2).
    x = np.random.default_rng(23).normal(size=20_000)
    found = multiscale_entropy(x, 2, 0.2, 10)
    expected = np.array([white_noise(0.2 * math.sqrt(s)) for s in found.scales])
    assert (np.abs(found.entropies - expected) < 4.0 * found.stderrs).all()
    assert found.entropies[0] == pytest.approx(sample_entropy(x).entropy, abs=1e-12)
    assert found.index == pytest.approx(float(found.entropies.sum()))


def test_slow_noise_keeps_its_entropy_over_the_scales() -> None:
    # 1/f noise stays level where white noise falls (Costa, Goldberger and Peng, Physical
    # Review Letters 89, 068102, 2002).
    chance = np.random.default_rng(2)
    spectrum = np.fft.rfft(chance.normal(size=1 << 14))
    spectrum[1:] /= np.sqrt(np.arange(1, len(spectrum)))
    slow = multiscale_entropy(np.fft.irfft(spectrum), scales=10).entropies
    white = multiscale_entropy(chance.normal(size=1 << 14), scales=10).entropies
    assert np.ptp(slow) < 0.35
    assert white[0] - white[-1] > 0.9
    assert slow[0] < white[0]
    assert slow[-1] > white[-1]


@pytest.mark.parametrize(
    ("points", "scales", "words"), [(50, 20, "take 10 scales"), (50, 0, "at least one scale")]
)
def test_scales_that_do_not_fit_are_told(points: int, scales: int, words: str) -> None:
    with pytest.raises(ParameterError, match=words):
        multiscale_entropy(NOISE[:points], scales=scales)
