"""Lempel-Ziv complexity: published parsings, a slow parser, known entropies."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import engine.analysis.lempel_ziv as module
from engine.analysis.lempel_ziv import lempel_ziv, lempel_ziv_job
from engine.analysis.method import Sampled, Subject
from engine.analysis.methods import methods
from engine.errors import ParameterError
from engine.job import run


def slow_ends(text: str) -> list[int]:
    """Where words end, by searching all that came before."""
    ends, begun = [], 0
    while begun < len(text):
        end = begun + 1
        while end < len(text) and text[begun:end] in text[: end - 1]:
            end += 1
        ends.append(end)
        begun = end
    return ends


def digits(text: str) -> np.ndarray:
    return np.array([float(each) for each in text])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        # A. Lempel and J. Ziv (1976): 0 | 001 | 10 | 100 | 1000 | 101.
        ("0001101001000101", [1, 4, 6, 9, 13, 16]),
        # 1 | 0 | 01 | 1110 | 1100 | 0010
        ("1001111011000010", [1, 2, 4, 8, 12, 16]),
        # F. Kaspar and H. G. Schuster (1987): 0 | 1 and then what repeats.
        ("0101010101", [1, 2, 10]),
        ("0000000001", [1, 10]),
    ],
)
def test_published_parsings(text: str, words: list[int]) -> None:
    assert lempel_ziv(digits(text)).ends.tolist() == words


@settings(max_examples=150, deadline=None)
@given(st.text("0123", min_size=4, max_size=80))
def test_the_automaton_parses_as_the_slow_search_does(text: str) -> None:
    if len(set(text)) < 2:
        return
    assert lempel_ziv(digits(text), 4).ends.tolist() == slow_ends(text)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 1000), st.integers(2, 5), st.floats(0.05, 0.95))
def test_so_it_does_for_long_series_with_long_repeats(
    seed: int, period: int, change: float
) -> None:
    chance = np.random.default_rng(seed)
    bits = np.tile(chance.integers(0, 2, period), 300 // period)
    flips = chance.random(len(bits)) < 0.05 * change
    text = "".join(str(int(bit)) for bit in np.where(flips, 1 - bits, bits))
    if len(set(text)) == 2:
        assert lempel_ziv(digits(text)).ends.tolist() == slow_ends(text)


def test_the_slices_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    series = np.random.default_rng(0).normal(size=4_000)
    whole = lempel_ziv(series, 3).ends
    monkeypatch.setattr(module, "_AT_ONCE", 17)
    assert np.array_equal(lempel_ziv(series, 3).ends, whole)


def test_independent_symbols_have_complexity_one() -> None:
    chance = np.random.default_rng(4)
    for symbols in (2, 4):
        found = lempel_ziv(chance.random(200_000), symbols)
        assert 0.98 < found.complexity < 1.08


def test_the_logistic_map_is_a_fair_coin_seen_through_its_median() -> None:
    # At r = 4 the two halves of the interval are a generating partition: Bernoulli(1/2, 1/2).
    x, series = 0.3141, np.empty(100_000)
    for i in range(len(series)):
        x = 4.0 * x * (1.0 - x)
        series[i] = x
    coin = lempel_ziv(np.random.default_rng(9).random(len(series))).complexity
    assert lempel_ziv(series).complexity == pytest.approx(coin, rel=0.02)


def test_an_uneven_coin_has_its_entropy() -> None:
    p = 0.1
    entropy = -(p * math.log2(p) + (1.0 - p) * math.log2(1.0 - p))
    series = (np.random.default_rng(6).random(500_000) < p).astype(np.float64)
    assert lempel_ziv(series).complexity == pytest.approx(entropy, rel=0.1)


def test_what_repeats_has_little() -> None:
    assert lempel_ziv(np.sin(0.1 * np.arange(10_000))).complexity < 0.05
    assert lempel_ziv(np.tile([0.0, 1.0], 5_000)).words == 3


def test_a_rising_function_changes_nothing() -> None:
    series = np.random.default_rng(8).normal(size=1_001)
    assert np.array_equal(lempel_ziv(series, 3).symbols, lempel_ziv(np.exp(series), 3).symbols)


@pytest.mark.parametrize(
    ("series", "symbols", "words"),
    [
        (np.ones(20), 2, "all 20 values are 1"),
        (np.arange(20.0), 1, "takes 2 to 32 symbols, got 1"),
        (np.array([0.0] * 50 + [1.0, 2.0, 3.0, 4.0, 5.0]), 3, "take 2 symbols"),
        (np.arange(3.0), 2, "at least 4 points"),
    ],
)
def test_what_cannot_be_parsed_is_told(series: np.ndarray, symbols: int, words: str) -> None:
    with pytest.raises(ParameterError, match=words):
        lempel_ziv(series, symbols)


def test_half_of_the_values_may_be_the_least_one() -> None:
    found = lempel_ziv(np.array([0.0] * 50 + [1.0, 2.0, 3.0, 4.0, 5.0]))
    assert found.symbols.tolist() == [0] * 50 + [1] * 5


def test_it_can_be_left_and_runs_as_a_method(monkeypatch: pytest.MonkeyPatch) -> None:
    series = np.random.default_rng(0).normal(size=2_000)
    monkeypatch.setattr(module, "_AT_ONCE", 100)
    job = lempel_ziv_job(series)
    assert next(job).fraction < next(job).fraction < 0.2
    job.close()
    found = run(methods()["lempel-ziv"].start(Subject(Sampled(series[:, None]))))
    assert found.scalars()[0].name == "complexity"
    (plot,) = found.plots()
    assert plot.items[1].y[-1] == np.searchsorted(found.ends, 2_000, "right")
