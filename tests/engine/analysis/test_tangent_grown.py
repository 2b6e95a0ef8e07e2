"""Lyapunov spectra of systems with events, noise and delays against closed forms."""

from __future__ import annotations

import math

import pytest

from engine.analysis.lyapunov_spectrum import lyapunov_spectrum
from engine.errors import ParameterError
from engine.systems import files
from engine.systems.system import System


def system(kind: str, body: str) -> System:
    return files.from_text(f'title = "Test"\nkind = "{kind}"\n{body}', "test")


# ------------------------------------------------------------------------------- events


def test_integrate_and_fire_neuron_only_keeps_time() -> None:
    """One variable that fires again and again: its neighbour stays the same time apart."""
    neuron = system(
        "flow",
        """
[variables]
v = 0.2
[equations]
v = "1.2 - v"
[run]
transient = 10
[[events]]
when = "v - 1"
direction = "up"
set = { v = "0" }
""",
    )
    spectrum = lyapunov_spectrum(neuron, 200.0)
    assert abs(spectrum.exponents[0]) <= 3.0 * spectrum.stderr[0]
    assert abs(spectrum.exponents[0]) < 0.01


def test_events_turn_and_shrink_vectors_by_the_saltation_matrix() -> None:
    """A clock that halves y every time unit; its rate depends on y, which changes nothing."""
    clock = system(
        "flow",
        """
[variables]
x = 0.2
y = 0.3
[equations]
x = "1 + y"
y = "0"
[run]
transient = 40
[[events]]
when = "x - 1"
direction = "up"
set = { x = "0", y = "y/2" }
""",
    )
    spectrum = lyapunov_spectrum(clock, 640.0)
    assert spectrum.exponents == pytest.approx([0.0, -math.log(2.0)], abs=1e-2)
    assert spectrum.exponents.sum() == pytest.approx(spectrum.divergence, abs=1e-6)
    assert spectrum.kaplan_yorke == 1.0


def test_events_at_the_same_moment_come_to_an_end() -> None:
    """Each of two clocks in step is never earlier than the other; the reset brings both down."""
    clocks = system(
        "flow",
        """
[variables]
x = 0.2
y = 0.2
[equations]
x = "1.5 - x"
y = "1.5 - y"
[run]
transient = 0
[[events]]
when = "x - 1"
direction = "up"
set = { x = "0", y = "where(y >= 0.9, 0, y)" }
[[events]]
when = "y - 1"
direction = "up"
set = { y = "0", x = "where(x >= 0.9, 0, x)" }
""",
    )
    spectrum = lyapunov_spectrum(clocks, 50.0)
    assert abs(spectrum.exponents[0]) <= 3.0 * spectrum.stderr[0]
    assert spectrum.exponents[1] == -math.inf


def test_elastic_bounces_keep_volume() -> None:
    """A driven oscillator that hits a wall without loss is Hamiltonian between the hits."""
    wall = system(
        "flow",
        """
[variables]
x = -0.5
v = 0.0
[equations]
x = "v"
v = "-x + 0.5*cos(2.8*t)"
[run]
step = 0.05
transient = 10
[[events]]
when = "x"
direction = "up"
set = { v = "-v" }
""",
    )
    spectrum = lyapunov_spectrum(wall, 300.0)
    assert spectrum.divergence == pytest.approx(0.0, abs=1e-6)
    assert spectrum.exponents.sum() == pytest.approx(0.0, abs=1e-6)


def relay(damping: float, push: str) -> System:
    return system(
        "flow",
        f"""
[variables]
x = 1.0
v = 0.0
[quantities]
push = "{push}"
[equations]
x = "v"
v = "-2*{damping}*v - x + push"
[run]
step = 0.05
transient = 100
""",
    )


def test_relay_that_drives_an_oscillator_parts_neighbours() -> None:
    """A damped oscillator pushed along by sign(v) has a cycle, which is left at half the rate.

    Between the switches the distance from the middle of the oscillation shrinks by a factor
    r in every half turn, and r is the multiplier of the half turn; so the second exponent is
    minus the damping, while the divergence between the switches is minus twice that.
    """
    spectrum = lyapunov_spectrum(relay(0.1, "sign(v)"), 400.0)
    assert "saltation at switches" in spectrum.method
    assert spectrum.exponents == pytest.approx([0.0, -0.1], abs=2e-3)
    assert spectrum.divergence == pytest.approx(-0.1, abs=2e-3)


def test_block_that_sticks_is_smoothed() -> None:
    """Dry friction stops the oscillator: it rests, held by the smoothed force."""
    spectrum = lyapunov_spectrum(relay(0.1, "-0.5*sign(v)"), 100.0, transient=40.0)
    assert "smoothed" in spectrum.method
    assert spectrum.exponents[-1] < -100.0


def test_run_that_ends_at_an_event_has_no_exponents() -> None:
    ends = system(
        "flow",
        """
[variables]
x = 0.0
[equations]
x = "1"
[run]
transient = 0
[[events]]
when = "x - 5"
terminal = true
""",
    )
    with pytest.raises(ParameterError, match="the run ends at t = 5"):
        lyapunov_spectrum(ends, 100.0)


# ---------------------------------------------------------------------------- stiffness


def test_stiff_flow_has_its_fastest_exponents_too() -> None:
    """Forced and triangular: the exponents are the diagonal, a millionfold apart."""
    stiff = system(
        "flow",
        """
[variables]
x = 1.0
y = 1.0
z = 1.0
[equations]
x = "-0.1*x + y"
y = "-1e3*(y - sin(t))"
z = "-1e5*(z - x)"
[run]
method = "rodas5p"
transient = 10
""",
    )
    spectrum = lyapunov_spectrum(stiff, 50.0)
    assert spectrum.exponents == pytest.approx([-0.1, -1e3, -1e5], rel=1e-6)
    assert spectrum.step > 1e-4


def test_stiff_method_agrees_with_the_explicit_one_on_a_relaxation_cycle() -> None:
    text = """
[variables]
x = 2.0
y = 0.0
[equations]
x = "y"
y = "20*(1 - x^2)*y - x"
[run]
method = "{}"
step = 0.1
transient = 40
"""
    slow, fast = (
        lyapunov_spectrum(system("flow", text.format(method)), 300.0)
        for method in ("dop853", "rodas5p")
    )
    assert "exponential" in fast.method
    assert fast.exponents == pytest.approx(slow.exponents, rel=1e-3, abs=1e-3)
    assert fast.divergence == pytest.approx(slow.divergence, rel=1e-3)
    assert fast.kaplan_yorke == 1.0


# -------------------------------------------------------------------------------- noise


@pytest.mark.parametrize(
    ("interpretation", "exponent"), [("ito", -0.1 - 0.125), ("stratonovich", -0.1)]
)
def test_multiplicative_noise_shifts_the_exponent(interpretation: str, exponent: float) -> None:
    """dx = a x dt + b x dW: a - b^2 / 2 by Ito, a by Stratonovich."""
    wiener = system(
        "sde",
        f"""
noise = ["w"]
interpretation = "{interpretation}"
[variables]
x = 1.0
[equations]
x = "-0.1*x + 0.5*x*w"
[run]
step = 0.02
transient = 1
""",
    )
    spectrum = lyapunov_spectrum(wiener, 1000.0, seed=1)
    assert abs(spectrum.exponents[0] - exponent) <= 3.0 * spectrum.stderr[0]
    assert spectrum.exponents.sum() == pytest.approx(spectrum.divergence, rel=0.02)
    again = lyapunov_spectrum(wiener, 1000.0, seed=1)
    assert again.exponents.tolist() == spectrum.exponents.tolist()


def test_additive_noise_leaves_the_exponents_of_a_linear_system() -> None:
    ornstein = system(
        "sde",
        """
noise = ["w"]
[variables]
x = 1.0
y = 0.0
[equations]
x = "-0.7*x + 0.5*w"
y = "x - 2*y"
[run]
step = 0.01
transient = 1
""",
    )
    spectrum = lyapunov_spectrum(ornstein, 200.0)
    assert spectrum.exponents == pytest.approx([-0.7, -2.0], rel=1e-3)


# ------------------------------------------------------------------------------- delays


def test_linear_delay_equation_has_the_real_parts_of_its_characteristic_roots() -> None:
    """x' = -x(t - 1): the roots of s = -exp(-s), in pairs (branches of Lambert's W)."""
    linear = system(
        "dde",
        """
[variables]
x = 1.0
[equations]
x = "-x(t - 1)"
[run]
step = 0.02
transient = 5
""",
    )
    spectrum = lyapunov_spectrum(linear, 300.0, count=4)
    for s in (complex(-0.3181315052, 1.3372357014), complex(-2.0622777296, 7.5886311785)):
        assert abs(s + 2.718281828459045 ** (-s)) < 1e-8
    assert spectrum.exponents == pytest.approx([-0.318132] * 2 + [-2.062278] * 2, abs=5e-3)
    assert math.isnan(spectrum.divergence)


def test_mackey_glass_is_weakly_chaotic() -> None:
    """J. D. Farmer 1982: a little above two dimensions at a delay of 17."""
    blood = system(
        "dde",
        """
[variables]
x = 0.5
[equations]
x = "0.2*x(t - 17)/(1 + x(t - 17)^10) - 0.1*x"
[run]
step = 0.2
transient = 500
""",
    )
    spectrum = lyapunov_spectrum(blood, 10_000.0, count=5)
    assert 0.003 < spectrum.exponents[0] < 0.009
    assert abs(spectrum.exponents[1]) <= 3.0 * spectrum.stderr[1]
    assert spectrum.kaplan_yorke == pytest.approx(2.1, abs=0.1)


def test_kinds_that_do_not_go_together_are_named() -> None:
    both = system(
        "sde",
        """
noise = ["w"]
[variables]
x = 0.0
[equations]
x = "1 + w"
[[events]]
when = "x - 5"
set = { x = "0" }
""",
    )
    with pytest.raises(ParameterError, match="noise and events together"):
        lyapunov_spectrum(both)
