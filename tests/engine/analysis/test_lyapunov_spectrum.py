"""Lyapunov spectra against systems whose exponents are known on paper or published."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import pytest

from engine.analysis.lyapunov_spectrum import (
    LyapunovSpectrum,
    kaplan_yorke,
    lyapunov_spectrum,
    lyapunov_spectrum_job,
)
from engine.errors import ParameterError
from engine.job import run
from engine.look import ASSETS
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
transient = 0
"""
FORCED = """
title = "Forced line"
kind = "flow"
[variables]
x = 1.0
y = 0.5
[equations]
x = "-a*(1 + cos(t))*x + y + sin(3*t)"
y = "-2*y + cos(t)"
[parameters.a]
default = 0.5
[run]
transient = 20
"""


def linear(kind: str, a: float, b: float, c: float) -> System:
    return files.from_text(LINEAR.format(kind=kind, a=a, b=b, c=c), "linear")


@cache
def built_in(key: str) -> System:
    return files.read(ASSETS / "systems" / f"{key}.toml")


def sound(spectrum: LyapunovSpectrum) -> bool:
    """Whether the exponents sum to the divergence that was measured without them."""
    total = float(spectrum.exponents.sum())
    return total == pytest.approx(spectrum.divergence, rel=1e-2, abs=1e-6)


# ------------------------------------------------------------------------ closed forms


@pytest.mark.parametrize("step", [None, 0.01])
def test_linear_flow_has_its_eigenvalues_as_exponents(step: float | None) -> None:
    spectrum = lyapunov_spectrum(linear("flow", -0.1, -1.0, -0.4), 300.0, step)
    assert spectrum.exponents == pytest.approx([-0.1, -0.4, -1.0], abs=1e-6)
    assert spectrum.divergence == pytest.approx(-1.5, abs=1e-9)
    assert sound(spectrum)


def test_linear_map_has_the_logarithms_of_its_multipliers_as_exponents() -> None:
    spectrum = lyapunov_spectrum(linear("map", 0.9, -0.5, 0.2), 400, initial=(5.0, 1.0, 1.0))
    assert spectrum.exponents == pytest.approx(np.log([0.9, 0.5, 0.2]), abs=1e-9)
    assert spectrum.divergence == pytest.approx(math.log(0.09))


def test_forced_linear_flow_has_the_mean_rates() -> None:
    """The mean of -a (1 + cos t) over many periods is -a, whatever drives the state."""
    spectrum = lyapunov_spectrum(files.from_text(FORCED, "forced"), 200.0 * math.pi)
    assert spectrum.exponents == pytest.approx([-0.5, -2.0], abs=1e-6)
    assert spectrum.kaplan_yorke == 0.0


def test_orbit_at_rest_has_the_eigenvalues_of_the_fixed_point() -> None:
    spectrum = lyapunov_spectrum(linear("flow", -0.1, -1.0, -0.4), 10.0, transient=300.0)
    assert spectrum.rests
    assert spectrum.exponents == pytest.approx([-0.1, -0.4, -1.0], rel=1e-12)
    assert spectrum.stderr.tolist() == [0.0, 0.0, 0.0]
    assert spectrum.kaplan_yorke == 0.0


def test_map_at_rest_has_the_multipliers_of_the_fixed_point() -> None:
    spectrum = lyapunov_spectrum(linear("map", 0.9, -0.5, 0.2), 10, transient=300)
    assert spectrum.rests
    assert spectrum.exponents == pytest.approx(np.log([0.9, 0.5, 0.2]), rel=1e-9)


def test_orbit_that_begins_on_a_saddle_stays_there() -> None:
    spectrum = lyapunov_spectrum(built_in("lorenz"), 10.0, initial=(0.0, 0.0, 0.0))
    roots = -5.5 + math.sqrt(30.25 + 270), -8 / 3, -5.5 - math.sqrt(30.25 + 270)
    assert spectrum.exponents == pytest.approx(roots, rel=1e-12)


def test_limit_cycle_has_one_zero_exponent_and_dimension_one() -> None:
    spectrum = lyapunov_spectrum(built_in("van-der-pol"), 500.0)
    assert abs(spectrum.exponents[0]) <= 3.0 * spectrum.stderr[0]
    assert spectrum.kaplan_yorke == 1.0
    assert sound(spectrum)


def test_some_exponents_are_the_largest_ones() -> None:
    spectrum = lyapunov_spectrum(linear("flow", -0.1, -1.0, -0.4), 300.0, count=2)
    assert spectrum.exponents == pytest.approx([-0.1, -0.4], abs=1e-4)
    spectrum = lyapunov_spectrum(built_in("lorenz"), 100.0, count=1)
    assert math.isnan(spectrum.kaplan_yorke)


def test_singular_map_forgets_a_direction_in_one_step() -> None:
    """The exponent is minus infinity; in double precision it is below log(1e-12)."""
    spectrum = lyapunov_spectrum(linear("map", 0.9, 0.0, 0.5), 300)
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


# --------------------------------------------------------------------------- published


@pytest.mark.parametrize(
    ("key", "duration", "values", "published"),
    [
        # J. C. Sprott, Chaos and Time-Series Analysis, Oxford University Press 2003, app. A
        ("lorenz", 1000.0, {}, (0.9056, 0.0, -14.5723)),
        ("rossler", 4000.0, {}, (0.0714, 0.0, -5.3943)),
        ("henon", 40_000, {}, (0.41922, -1.62319)),
        # the same appendix; Chen's third exponent follows from the divergence of -10
        ("chen", 1000.0, {}, (2.0272, 0.0, -12.0272)),
        ("sprott-b", 2000.0, {}, (0.210, 0.0, -1.210)),
        ("sprott-d", 2000.0, {}, (0.103, 0.0, -1.320)),
        # A. Wolf et al., Physica D 16, 285-317 (1985), table 1, from bits; their fourth is
        # not compared: it is that of a few hundred time units
        ("hyper-rossler", 4000.0, {}, (0.16 * math.log(2.0), 0.03 * math.log(2.0), 0.0)),
        # exact: both are conjugate to, or are, linear maps
        ("logistic", 40_000, {"r": 4.0}, (math.log(2.0),)),
        (
            "arnold-cat",
            5_000,
            {},
            (math.log((3.0 + math.sqrt(5.0)) / 2.0), math.log((3.0 - math.sqrt(5.0)) / 2.0)),
        ),
    ],
)
def test_published_spectrum(
    key: str, duration: float, values: dict[str, float], published: tuple[float, ...]
) -> None:
    spectrum = lyapunov_spectrum(built_in(key), duration, values=values)
    for ours, error, theirs in zip(spectrum.exponents, spectrum.stderr, published, strict=False):
        assert abs(ours - theirs) <= max(3.0 * error, 0.01 * abs(theirs))
    assert (spectrum.stderr[: len(published)] < 0.03).all()
    assert sound(spectrum)


# ---------------------------------------------------------------------------- the rest


def test_same_seed_gives_the_same_numbers_however_the_job_is_cut() -> None:
    first, second = (lyapunov_spectrum(built_in("lorenz"), 200.0) for _ in range(2))
    assert first.exponents.tolist() == second.exponents.tolist()
    assert first.stderr.tolist() == second.stderr.tolist()


def test_job_reports_estimates_on_the_way() -> None:
    job = lyapunov_spectrum_job(built_in("henon"), 2_000_000)
    seen = []
    result = run(job, seen.append)
    assert [partial.done for partial in seen] == sorted(partial.done for partial in seen)
    last = seen[-1]
    assert last.result is not None
    assert last.result.exponents == pytest.approx(result.exponents, abs=0.01)


def test_orbit_that_leaves_is_an_error_in_words() -> None:
    with pytest.raises(ParameterError, match="left the region"):
        lyapunov_spectrum(linear("flow", 3.0, -1.0, -0.4), 200.0)


@pytest.mark.parametrize(
    "options",
    [{"count": 0}, {"count": 4}, {"duration": 0.0}, {"step": -1.0}, {"transient": -1.0}],
)
def test_impossible_settings_are_refused(options: dict[str, float]) -> None:
    with pytest.raises(ParameterError):
        lyapunov_spectrum(linear("flow", -0.1, -1.0, -0.4), **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("key", "options", "words"),
    [
        ("logistic", {"duration": 1e13}, r"duration 1e\+13 is more than 1e\+12 steps of 1"),
        ("lorenz", {"duration": 1e300}, r"duration 1e\+300 is more than 1e\+12 steps of 0\.005"),
        ("lorenz", {"transient": 1e300}, r"transient 1e\+300 is more than"),
        ("lorenz", {"step": 1e-300}, "is more than"),
    ],
)
def test_a_job_that_no_machine_would_finish_never_begins(
    key: str, options: dict[str, float], words: str
) -> None:
    with pytest.raises(ParameterError, match=words):
        next(lyapunov_spectrum_job(built_in(key), **options))  # type: ignore[arg-type]
