"""Ordinal patterns: hand-counted examples, published figures, bounds, invariance."""

from __future__ import annotations

import math
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

import engine.analysis.permutation_complexity as module
from engine.analysis._ordinal_plane import bounds, entropy_complexity, extremes
from engine.analysis.method import Sampled, Subject
from engine.analysis.methods import methods
from engine.analysis.permutation_complexity import (
    ideal_delay,
    permutation_complexity,
    permutation_complexity_job,
    trial_delays,
)
from engine.errors import ParameterError
from engine.job import run

Array = NDArray[np.float64]


def logistic(count: int, r: float = 4.0, x: float = 0.3141) -> Array:
    out = np.empty(count)
    for _ in range(500):
        x = r * x * (1.0 - x)
    for i in range(count):
        out[i] = x
        x = r * x * (1.0 - x)
    return out


LOGISTIC = logistic(60_000)
NOISE = np.random.default_rng(1).normal(size=200_000)


def test_the_example_of_bandt_and_pompe() -> None:
    # Six neighbours, four of them rising; five triples in the patterns 123, 123, 231, 213, 231
    # (Physical Review Letters 88, 174102, 2002): 0.918 bit and 1.522 bit.
    series = [4.0, 7.0, 9.0, 10.0, 6.0, 11.0, 3.0]
    assert permutation_complexity(series, 2).entropy == pytest.approx(0.918296, abs=1e-6)
    three = permutation_complexity(series, 3)
    assert three.entropy * math.log2(6) == pytest.approx(1.521928, abs=1e-6)
    assert sorted(three.counts.tolist()) == [0, 0, 0, 1, 2, 2]


@pytest.mark.parametrize(
    ("order", "entropy", "complexity", "allowed"),
    [(5, 0.680, 0.399, 31), (6, 0.630, 0.484, 75)],
)
def test_the_logistic_map_at_its_place_in_the_plane(
    order: int, entropy: float, complexity: float, allowed: int
) -> None:
    # The published plane (Rosso et al., Physical Review Letters 99, 154102, 2007); 31 of the
    # 120 patterns of order 5 and 75 of the 720 of order 6 can occur.
    found = permutation_complexity(LOGISTIC, order)
    assert found.entropy == pytest.approx(entropy, abs=0.01)
    assert found.complexity == pytest.approx(complexity, abs=0.01)
    assert found.missing == math.factorial(order) - allowed


def test_white_noise_has_all_the_entropy_and_no_complexity() -> None:
    found = permutation_complexity(NOISE, 6)
    assert found.entropy > 0.998
    assert found.complexity < 0.005
    assert found.missing == 0


def test_a_sine_has_the_entropy_of_its_phases() -> None:
    # A window of half a period: the order changes where two of the five values lie evenly
    # about a turning point, at seven phases a sixteenth of the period apart. So twelve patterns
    # hold for 1 / 16 of the time each, and the rising and the falling one for 2 / 16.
    period = 8_000
    series = np.sin(2.0 * np.pi * (np.arange(81_000) + 0.5) / period)
    found = permutation_complexity(series, 5, period // 8)
    expected = (0.75 * math.log(16) + 0.25 * math.log(8)) / math.log(120)
    assert expected == pytest.approx(0.54, abs=0.005)
    assert found.entropy == pytest.approx(expected, abs=0.005)
    assert found.missing == 120 - 14


def test_a_rising_series_has_neither() -> None:
    found = permutation_complexity(np.arange(100.0), 4)
    assert (found.entropy, found.complexity, found.missing) == (0.0, 0.0, 23)


def test_every_order_of_values_is_a_pattern_of_its_own() -> None:
    from engine.analysis._ordinal_kernels import count_patterns

    counts = np.zeros(24, dtype=np.int64)
    for each in permutations((1.0, 2.0, 3.0, 4.0)):
        count_patterns(np.array(each), 4, 1, 0, 1, counts)
    assert (counts == 1).all()


def test_equal_values_count_as_rising() -> None:
    found = permutation_complexity([1.0, 1.0, 2.0, 2.0, 3.0], 3)
    assert found.counts[0] == 3
    assert found.ties == 0.5


@pytest.mark.parametrize("bend", [np.exp, lambda x: 3.0 * x - 7.0, np.cbrt])
def test_a_rising_function_changes_nothing(bend: object) -> None:
    plain = permutation_complexity(NOISE[:5000], 4, 3)
    bent = permutation_complexity(bend(NOISE[:5000]), 4, 3)  # type: ignore[operator]
    assert np.array_equal(plain.counts, bent.counts)


def test_turning_time_or_the_sign_round_keeps_both_numbers() -> None:
    plain = permutation_complexity(LOGISTIC[:5000], 5)
    for other in (LOGISTIC[:5000][::-1], -LOGISTIC[:5000]):
        found = permutation_complexity(other, 5)
        assert found.entropy == pytest.approx(plain.entropy, abs=1e-12)
        assert found.complexity == pytest.approx(plain.complexity, abs=1e-12)


def test_the_slices_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = permutation_complexity(NOISE[:3000], 5, 2).counts
    monkeypatch.setattr(module, "_AT_ONCE", 7)
    assert np.array_equal(permutation_complexity(NOISE[:3000], 5, 2).counts, whole)


@settings(max_examples=60, deadline=None)
@given(
    count=st.sampled_from([2, 6, 24, 120]),
    sharpness=st.floats(0.01, 20.0),
    seed=st.integers(0, 10_000),
)
def test_no_distribution_lies_outside_the_bounds(count: int, sharpness: float, seed: int) -> None:
    chance = np.random.default_rng(seed)
    p = chance.dirichlet(np.full(count, sharpness), 20)
    # Those near the bounds are the ones to fear.
    p[10:] = np.sort(p[10:], axis=1)
    p[15:, : count // 2] = 0.0
    p[15:] /= p[15:].sum(axis=1, keepdims=True)
    entropy, complexity = entropy_complexity(p)
    lower, upper = extremes(entropy, count)
    assert (complexity >= lower - 1e-9).all()
    assert (complexity <= upper + 1e-9).all()


def test_bounds_at_known_places() -> None:
    # Equally likely outcomes, k of 6: corners of the upper bound. The figures are those of
    # the definition, worked out for k = 2 and 3.
    for k, expected in ((2, 0.27123863), (3, 0.29145164)):
        entropy = math.log(k) / math.log(6)
        own = entropy_complexity([1.0 / k] * k + [0.0] * (6 - k))
        assert float(own[0]) == pytest.approx(entropy, abs=1e-12)
        assert float(own[1]) == pytest.approx(expected, abs=1e-8)
        assert float(extremes(entropy, 6)[1]) == pytest.approx(expected, abs=1e-6)
    plane = bounds(720)
    for end, entropy in ((0, 0.0), (-1, 1.0)):
        assert plane.entropy[end] == entropy
        assert plane.lower[end] == pytest.approx(0.0, abs=1e-6)
        assert plane.upper[end] == pytest.approx(0.0, abs=1e-6)
    assert (plane.upper >= plane.lower).all()


def test_the_path_over_the_delay_stays_between_the_bounds() -> None:
    series = np.convolve(NOISE[:20_000], np.ones(12), "valid")
    found = permutation_complexity(series, 5, 1, trial_delays(series, 5))
    lower, upper = extremes(found.entropies, 120)
    assert len(found.delays) > 5
    assert (found.complexities >= lower - 1e-9).all()
    assert (found.complexities <= upper + 1e-9).all()
    at = int(np.flatnonzero(found.delays == 1)[0])
    assert found.entropies[at] == pytest.approx(found.entropy, abs=1e-12)


def test_the_ideal_band_of_a_sine() -> None:
    # A period of 100 rows of 0.1: windows of 5 values span 30 to 50 rows in all.
    series = np.sin(2.0 * np.pi * (np.arange(5_000) + 0.5) / 100.0)
    found = permutation_complexity(series, 5, 10, trial_delays(series, 5), 0.1)
    assert found.natural == pytest.approx(10.0, rel=0.02)
    assert found.ideal == pytest.approx((7.5, 12.5), rel=0.02)
    assert 7 <= found.suggested <= 13
    assert ideal_delay(series, 5) == 10


def test_numbers_of_too_little_are_called_estimates() -> None:
    def label(series: Array, order: int) -> str:
        return permutation_complexity(series, order).scalars()[0].label

    assert label(NOISE[:700], 5) == ""
    assert label(NOISE[:500], 5) == "estimate"  # fewer than five windows for every pattern
    cycles = np.sin(2.0 * np.pi * np.arange(700) / 800.0 + 0.1)
    assert label(cycles, 4) == "estimate"  # less than a cycle


def test_the_standard_error_is_the_scatter_of_repetitions() -> None:
    chance = np.random.default_rng(5)
    found = []
    for _ in range(60):
        series = np.convolve(chance.normal(size=2_010), np.ones(4), "valid")
        found.append(permutation_complexity(series, 4))
    for number, error in (("entropy", "entropy_stderr"), ("complexity", "complexity_stderr")):
        scatter = np.std([getattr(each, number) for each in found], ddof=1)
        told = np.mean([getattr(each, error) for each in found])
        assert 0.7 < told / scatter < 1.4


@pytest.mark.parametrize(
    ("series", "order", "delay", "words"),
    [
        (np.ones(50), 3, 1, "all 50 values are 1"),
        ([1.0, math.nan, 2.0, 4.0], 3, 1, "row 1 and 0 more"),
        (np.arange(10.0), 5, 3, "delay of at most 2"),
        (np.arange(5.0), 5, 1, "take more points"),
        (np.arange(50.0), 9, 1, "must be 2 to 8, got 9"),
        (np.arange(50.0), 3, 0, "at least 1 row, got 0"),
    ],
)
def test_what_has_no_patterns_is_told(series: object, order: int, delay: int, words: str) -> None:
    with pytest.raises(ParameterError, match=words):
        permutation_complexity(series, order, delay)  # type: ignore[arg-type]


def test_it_can_be_left_at_any_time() -> None:
    job = permutation_complexity_job(NOISE, 5, 1, range(1, 40))
    seen = [next(job) for _ in range(20)]
    job.close()
    assert seen[-1].fraction < 1.0
    assert seen[-1].result is not None


def test_the_method_chooses_by_itself() -> None:
    method = methods()["permutation-complexity"]
    series = np.sin(0.01 * np.arange(4_000))[:, None]
    subject = Subject(Sampled(series, 0.5, ("x",)))
    options = method.chosen(subject)
    assert options["order"] == 6
    span = 5 * int(options["delay"]) * 0.01 / (2.0 * np.pi)
    assert 0.3 < span < 0.5
    found = run(method.start(subject))
    assert found.step == 0.5
    assert {scalar.name for scalar in found.scalars()} >= {"entropy", "complexity", "delay"}
    assert [len(plot.items) > 1 for plot in found.plots()] == [True, True, True]
