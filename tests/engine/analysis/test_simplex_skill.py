"""Forecasts from neighbours: exact where the future is known, none where there is none."""

from __future__ import annotations

import numpy as np
import pytest

import engine
from engine.analysis.method import Sampled, Subject
from engine.analysis.simplex_skill import METHOD, simplex_skill
from engine.errors import ParameterError
from engine.job import run


def logistic(count: int = 2000, r: float = 3.9) -> np.ndarray:
    out = np.empty(count)
    x = 0.3
    for i in range(count):
        x = r * x * (1.0 - x)
        out[i] = x
    return out


@pytest.mark.parametrize("library", ["first half", "all others"])
def test_chaos_is_foretold_for_a_while(library: str) -> None:
    found = simplex_skill(logistic(), library=library, horizon=30)
    assert found.dimension <= 3
    assert found.skill[0] > 0.99
    # Errors of a ten-thousandth grow by e^0.5 a step, so nothing is left after thirty.
    assert abs(found.skill[-1]) < 0.2
    assert found.skill[0] > found.skill[9] > found.skill[19]


def test_noise_is_not_foretold() -> None:
    found = simplex_skill(np.random.default_rng(0).standard_normal(3000), dimension=2)
    assert np.abs(found.skill).max() < 0.1  # five standard errors of 1,500 pairs
    assert found.error.min() > 1.0


def test_a_rhythm_stays_foretold() -> None:
    # G. Sugihara and R. M. May (1990): a sine with added noise keeps its skill.
    times = np.arange(3000)
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, 3000)
    found = simplex_skill(np.sin(0.5 * times) + noise, dimension=3, horizon=10)
    assert found.skill.min() > 0.7
    assert np.ptp(found.skill) < 0.12


def test_a_cycle_is_foretold_exactly() -> None:
    found = simplex_skill(np.tile([0.1, 0.9, 0.4, 0.7], 100), dimension=2, horizon=8)
    np.testing.assert_allclose(found.skill, 1.0, atol=1e-4)
    # Nothing is as it was but after a whole cycle.
    np.testing.assert_allclose(found.persistence[[3, 7]], 1.0)
    assert found.persistence[0] < 0.5


@pytest.mark.parametrize("origin", [3.0, 1e7])
def test_neither_unit_nor_origin_counts(origin: float) -> None:
    one, other = (simplex_skill(s, dimension=2) for s in (logistic(), origin - 100.0 * logistic()))
    np.testing.assert_allclose(one.skill[:8], other.skill[:8], atol=1e-5)


@pytest.mark.parametrize(
    ("series", "options", "words"),
    [
        (np.ones(100), {}, "numbers that vary"),
        (np.arange(30.0), {}, "at least 40 points"),
        (logistic(50), {"horizon": 30}, "take more points"),
        (logistic(50), {"library": "both halves"}, "first half, all others"),
        (logistic(50), {"dimension": 40}, "from 1 to 32, got 40"),
    ],
)
def test_bad_input_is_told(series: np.ndarray, options: dict[str, object], words: str) -> None:
    with pytest.raises(ParameterError, match=words):
        simplex_skill(series, **options)  # type: ignore[arg-type]


def test_the_method_gives_what_the_function_gives() -> None:
    orbit = engine.iterate(engine.systems()["henon"], 600).states[:, :1]
    found = run(METHOD.start(Subject(Sampled(np.ascontiguousarray(orbit)))))
    np.testing.assert_array_equal(found.skill, simplex_skill(orbit[:, 0]).skill)
    assert len(found.plots()) == 3
