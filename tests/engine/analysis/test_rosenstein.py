"""Exponents estimated from series of systems whose exponents are known."""

from __future__ import annotations

import math

import numpy as np
import pytest

import engine
from engine.analysis.method import Sampled, Subject
from engine.analysis.rosenstein import METHOD, region, rosenstein
from engine.errors import ParameterError
from engine.job import run


def logistic(count: int = 3000) -> np.ndarray:
    orbit = engine.iterate(engine.systems()["logistic"], count, {"r": 4.0}, transient=50)
    return np.ascontiguousarray(orbit.states[:, 0])


def lorenz_x(count: int = 10_000, step: float = 0.02) -> np.ndarray:
    system = engine.systems()["lorenz"]
    orbit = engine.simulate(system, count * step, step, method="rk4", transient=20.0)
    return np.ascontiguousarray(orbit.states[:, 0])


def test_lorenz() -> None:
    # 0.906: J. C. Sprott, Chaos and Time-Series Analysis, Oxford (2003).
    found = rosenstein(lorenz_x(), 0.02)
    assert found.exponent == pytest.approx(0.906, rel=0.15)
    assert found.scalars()[0].label == "estimate"
    assert 0.0 < found.low < found.high < found.times[-1]


def test_the_logistic_map() -> None:
    assert rosenstein(logistic()).exponent == pytest.approx(math.log(2.0), rel=0.1)


def test_the_henon_map() -> None:
    # 0.419: J. C. Sprott, Chaos and Time-Series Analysis, Oxford (2003).
    orbit = engine.iterate(engine.systems()["henon"], 4000, transient=100).states[:, 0]
    assert rosenstein(orbit).exponent == pytest.approx(0.419, rel=0.15)


def test_a_rhythm_does_not_diverge() -> None:
    two = np.sin(0.2 * np.arange(4000)) + np.sin(0.2 * math.sqrt(2.0) * np.arange(4000))
    found = rosenstein(two, dimension=4, delay=5)
    assert abs(found.exponent) < 0.01


def test_time_is_counted_in_its_unit_and_values_in_none() -> None:
    series = logistic(1000)
    one, other = rosenstein(series), rosenstein(100.0 - 7.0 * series, step=0.1)
    assert other.exponent == pytest.approx(10.0 * one.exponent, rel=1e-6)


def test_the_region_can_be_chosen() -> None:
    found = rosenstein(logistic(), low=1.0, high=6.0)
    assert (found.low, found.high) == (1.0, 6.0)
    inside = slice(1, 7)
    slope = np.polyfit(found.times[inside], found.divergence[inside], 1)[0]
    assert found.exponent == pytest.approx(slope)


def test_the_region_of_a_line_with_a_plateau_is_on_the_line() -> None:
    curve = np.minimum(0.1 * np.arange(100), 4.0)
    first, last = region(curve)
    assert 0 < first < last < 40


@pytest.mark.parametrize(
    ("series", "options", "words"),
    [
        (np.ones(200), {}, "numbers that vary"),
        (np.arange(50.0), {}, "at least 100 points"),
        (np.tile([0.0, 1.0, 0.5, 0.2], 100), {"dimension": 2, "delay": 1}, "repeats itself"),
        (logistic(200), {"dimension": 1, "delay": 1, "low": 5.0, "high": 2.0}, "scaling region"),
        (logistic(200), {"dimension": 30, "delay": 6}, "take more points"),
    ],
)
def test_bad_input_is_told(series: np.ndarray, options: dict[str, float], words: str) -> None:
    with pytest.raises(ParameterError, match=words):
        rosenstein(series, **options)  # type: ignore[arg-type]


def test_the_method_gives_what_the_function_gives() -> None:
    series = logistic(1000)
    found = run(METHOD.start(Subject(Sampled(series[:, None]))))
    assert found.exponent == rosenstein(series).exponent
    assert len(found.plots()) == 2
