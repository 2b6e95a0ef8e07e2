"""Exponents by Wolf's method, of systems whose exponents are known."""

from __future__ import annotations

import math

import numpy as np
import pytest

import engine
from engine.analysis.method import Sampled, Subject
from engine.analysis.wolf import METHOD, wolf
from engine.errors import ParameterError
from engine.job import run


def logistic(count: int = 3000) -> np.ndarray:
    orbit = engine.iterate(engine.systems()["logistic"], count, {"r": 4.0}, transient=50)
    return np.ascontiguousarray(orbit.states[:, 0])


def test_lorenz() -> None:
    # 0.906: J. C. Sprott, Chaos and Time-Series Analysis, Oxford (2003). The method is good to
    # some twenty per cent.
    system = engine.systems()["lorenz"]
    orbit = engine.simulate(system, 300.0, 0.02, method="rk4", transient=20.0)
    found = wolf(orbit.states[:, 0], 0.02)
    assert found.exponent == pytest.approx(0.906, rel=0.2)
    assert found.scalars()[0].label == "estimate"


def test_the_logistic_map() -> None:
    found = wolf(logistic(), dimension=1, delay=1, evolution=1)
    assert found.exponent == pytest.approx(math.log(2.0), rel=0.1)


def test_a_rhythm_does_not_diverge() -> None:
    two = np.sin(0.2 * np.arange(4000)) + np.sin(0.2 * math.sqrt(2.0) * np.arange(4000))
    assert abs(wolf(two, dimension=4, delay=5).exponent) < 0.01


def test_time_is_counted_in_its_unit_and_values_in_none() -> None:
    series = logistic(800)
    one = wolf(series, dimension=1, delay=1)
    other = wolf(100.0 - 7.0 * series, 0.1, dimension=1, delay=1)
    assert other.exponent == pytest.approx(10.0 * one.exponent, rel=1e-6)


def test_the_last_running_estimate_is_the_estimate() -> None:
    found = wolf(logistic(800), 0.5, dimension=1, delay=1)
    assert found.running[-1] == found.exponent
    assert found.growth.sum() == pytest.approx(found.exponent * found.times[-1])


@pytest.mark.parametrize(
    ("series", "options", "words"),
    [
        (np.ones(300), {}, "numbers that vary"),
        (np.arange(50.0), {}, "at least 200 points"),
        (logistic(300), {"dimension": 1, "delay": 1, "largest": 0.0}, "rise between 0 and 1"),
        (np.tile([0.0, 1.0, 0.5], 100), {"dimension": 2, "delay": 1, "apart": 2}, "no neighbours"),
    ],
)
def test_bad_input_is_told(series: np.ndarray, options: dict[str, float], words: str) -> None:
    with pytest.raises(ParameterError, match=words):
        wolf(series, **options)  # type: ignore[arg-type]


def test_the_method_gives_what_the_function_gives() -> None:
    series = logistic(800)
    options = {"dimension": 1, "delay": 1}
    found = run(METHOD.start(Subject(Sampled(series[:, None])), options))
    assert found.exponent == wolf(series, dimension=1, delay=1).exponent
    assert len(found.plots()) == 2
