"""Dominant periods of series whose period is known."""

from __future__ import annotations

import math

import numpy as np
import pytest

from engine.analysis.dominant_period import dominant_period_job, period_of
from engine.job import run
from engine.look import ASSETS
from engine.systems import files


def test_sine_on_a_drift_has_its_own_period() -> None:
    t = 0.01 * np.arange(20_000)
    states = np.column_stack([np.zeros_like(t), 0.3 * t + np.sin(2.0 * math.pi * t / 1.7)])
    found = period_of(states, 0.01, ("x", "y"), False)
    assert found.value == pytest.approx(1.7, rel=1e-3)
    assert found.how == "spectral peak of y"


def test_cycle_of_a_map_is_exact() -> None:
    states = np.tile([[0.1], [0.5], [0.9]], (400, 1))
    found = period_of(states, 1.0, ("x",), True)
    assert (found.value, found.how) == (3.0, "cycle")


def test_series_that_stands_still_has_none() -> None:
    found = period_of(np.full((500, 2), 3.0), 0.1, ("x", "y"), False)
    assert (found.value, found.how) == (None, "at rest")


def test_noise_of_known_return_time() -> None:
    """Independent signs return to plus every four rows on the mean."""
    series = np.random.default_rng(0).choice([-1.0, 1.0], 20_000)
    found = period_of(series[:, None], 0.5, ("x",), False)
    assert found.value == pytest.approx(2.0, rel=0.03)
    assert found.how == "mean return time of x"


def test_limit_cycle_of_van_der_pol() -> None:
    """At mu = 2 the period is 7.62987 (M. Urabe 1960)."""
    system = files.read(ASSETS / "systems" / "van-der-pol.toml")
    found = run(dominant_period_job(system, {"mu": 2.0}))
    assert found.value == pytest.approx(7.62987, rel=2e-3)
