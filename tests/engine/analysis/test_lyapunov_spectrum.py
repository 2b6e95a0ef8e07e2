"""Lyapunov spectra against systems whose exponents are known on paper."""

from __future__ import annotations

import math

import numpy as np
import pytest

from engine.analysis.lyapunov_spectrum import (
    kaplan_yorke,
    lyapunov_spectrum,
    lyapunov_spectrum_job,
)
from engine.errors import ParameterError
from engine.job import run
from engine.systems import files
from engine.systems.system import System

LINEAR = """
title = "Linear"
kind = "{kind}"
[variables]
x = 1.0
y = 0.5
z = 0.25
[equations]
x = "a*x + y"
y = "b*y + z"
z = "c*z"
[parameters.a]
default = {a}
low = -10
high = 10
[parameters.b]
default = {b}
low = -10
high = 10
[parameters.c]
default = {c}
low = -10
high = 10
[run]
step = 0.01
transient = 80
"""


def linear(kind: str, a: float, b: float, c: float) -> System:
    return files.from_text(LINEAR.format(kind=kind, a=a, b=b, c=c), "linear")


def test_linear_flow_has_its_eigenvalues_as_exponents() -> None:
    spectrum = lyapunov_spectrum(linear("flow", -0.1, -1.0, -0.4), 20_000)
    assert spectrum.exponents == pytest.approx([-0.1, -0.4, -1.0], abs=1e-6)


def test_linear_map_has_the_logarithms_of_its_multipliers_as_exponents() -> None:
    spectrum = lyapunov_spectrum(linear("map", 0.9, -0.5, 0.2), 4_000, transient=100)
    assert spectrum.exponents == pytest.approx(np.log([0.9, 0.5, 0.2]), abs=1e-9)


def test_some_exponents_are_the_largest_ones() -> None:
    spectrum = lyapunov_spectrum(linear("flow", -0.1, -1.0, -0.4), 20_000, count=2)
    assert spectrum.exponents == pytest.approx([-0.1, -0.4], abs=1e-6)


def test_singular_map_forgets_a_direction_in_one_step() -> None:
    """The exponent is minus infinity; in double precision it is below log(1e-12)."""
    spectrum = lyapunov_spectrum(linear("map", 0.9, 0.0, 0.5), 1_000, transient=100)
    assert spectrum.exponents[0] == pytest.approx(math.log(0.9))
    assert spectrum.exponents[-1] < math.log(1e-12)
    assert spectrum.kaplan_yorke == 0.0


@pytest.mark.parametrize(
    ("exponents", "dimension"),
    [
        ((-1.0, -2.0), 0.0),
        ((0.5, -1.0), 1.5),
        ((0.9, 0.0, -14.5), 2.0 + 0.9 / 14.5),
        ((0.1, -0.1), 2.0),
        ((0.2, -0.1), 2.0),
        ((0.5, -math.inf), 1.0),
    ],
)
def test_kaplan_yorke_formula(exponents: tuple[float, ...], dimension: float) -> None:
    assert kaplan_yorke(exponents) == pytest.approx(dimension)


def test_exponents_sum_to_the_mean_logarithm_of_the_determinant() -> None:
    system = linear("map", 0.9, -0.5, 0.2)
    total = lyapunov_spectrum(system, 500, transient=0).exponents.sum()
    assert total == pytest.approx(math.log(0.9 * 0.5 * 0.2))


def test_job_reports_estimates_on_the_way() -> None:
    job = lyapunov_spectrum_job(linear("flow", -0.1, -1.0, -0.4), 50_000)
    seen = []
    run(job, seen.append)
    assert seen[-1].done == seen[-1].total
    assert [partial.done for partial in seen] == sorted(partial.done for partial in seen)


def test_orbit_that_leaves_is_an_error_in_words() -> None:
    with pytest.raises(ParameterError, match="left the region"):
        lyapunov_spectrum(linear("flow", 3.0, -1.0, -0.4), 20_000)


@pytest.mark.parametrize(
    "options", [{"count": 0}, {"count": 4}, {"steps": 0}, {"step": -1.0}, {"transient": -1.0}]
)
def test_impossible_settings_are_refused(options: dict[str, float]) -> None:
    with pytest.raises(ParameterError):
        lyapunov_spectrum(linear("flow", -0.1, -1.0, -0.4), **options)  # type: ignore[arg-type]
