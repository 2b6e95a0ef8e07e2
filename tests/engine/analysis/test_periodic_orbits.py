"""Periodic orbits against closed forms and published periods."""

from __future__ import annotations

import math

import numpy as np
import pytest

import engine
from engine.analysis.method import Subject
from engine.analysis.methods import methods
from engine.analysis.periodic_orbits import periodic_orbits, periodic_orbits_job
from engine.errors import ParameterError
from engine.job import run
from engine.systems import files
from engine.systems.system import System

# r' = mu r (1 - r^2), angle' = 1: the circle, with multiplier exp(-2 mu 2 pi).
CIRCLE = files.from_text(
    "title = 'Circle'\nkind = 'flow'\n[variables]\nx = 0.5\ny = 0.0\nz = 1.0\n[equations]\n"
    'x = "mu*x*(1 - x^2 - y^2) - y"\ny = "mu*y*(1 - x^2 - y^2) + x"\nz = "-0.3*z"\n'
    "[parameters.mu]\ndefault = 0.1\nlow = 0\nhigh = 1\n[run]\nstep = 0.05\ntransient = 100\n",
    "circle-flow",
)
DRIVEN = files.from_text(
    "title = 'Driven'\nkind = 'flow'\n[variables]\nx = 1.0\nv = 0.0\n[equations]\n"
    'x = "v"\nv = "-x - 0.4*v + cos(1.7*t)"\n[run]\nstep = 0.05\ntransient = 80\n',
    "driven",
)


def named(key: str) -> System:
    found: System = engine.systems()[key]
    return found


def prime_cycles(period: int) -> int:
    """Cycles of that length of a map with 2^n fixed points of its n-th iterate (Moebius)."""
    points = {}
    for n in range(1, period + 1):
        points[n] = 2**n - sum(points[d] for d in range(1, n) if n % d == 0)
    return points[period] // period


@pytest.mark.parametrize("period", [1, 2, 3, 4, 5, 6, 8])
def test_every_cycle_of_the_logistic_map_is_found_once(period: int) -> None:
    """At r = 4 there are 2, 1, 2, 3, 6, 9, ..., 30; multipliers have the size 2^n.

    The fixed point at the edge, x = 0, has 4. Points are sin^2(pi k / (2^n +- 1)).
    """
    found = engine.periodic_orbits(named("logistic"), period, {"r": 4.0})
    assert len(found) == prime_cycles(period)
    sizes = np.abs(found.multipliers[:, 0])
    inner = found.points[:, 0] > 1e-9
    np.testing.assert_allclose(sizes[inner], 2.0**period, rtol=1e-9)
    np.testing.assert_allclose(sizes[~inner], 4.0, rtol=1e-9)
    assert not found.stable.any()
    states = np.concatenate(found.orbits)[:, 0]
    angle = np.arcsin(np.sqrt(np.clip(states, 0.0, 1.0))) / np.pi
    for wanted in angle:
        near = [abs(wanted * n - round(wanted * n)) for n in (2**period - 1, 2**period + 1)]
        assert min(near) < 1e-7
    assert found.gaps.max() < 1e-12


def test_the_stable_two_cycle_of_the_logistic_map() -> None:
    """x = (r + 1 +- sqrt((r + 1)(r - 3))) / (2 r), multiplier 4 + 2 r - r^2."""
    r = 3.3
    found = periodic_orbits(named("logistic"), 2, {"r": r})
    root = math.sqrt((r + 1.0) * (r - 3.0))
    np.testing.assert_allclose(
        found.orbits[0][:, 0], [(r + 1.0 - root) / (2.0 * r), (r + 1.0 + root) / (2.0 * r)]
    )
    assert found.multipliers[0, 0].real == pytest.approx(4.0 + 2.0 * r - r * r)
    assert found.stable.tolist() == [True]


def test_cycles_of_the_cat_map_are_counted_by_the_determinant() -> None:
    """A^n has |det(A^n - 1)| = L_2n - 2 fixed points: 1, 5, 16, so 1, 2 and 5 cycles."""
    matrix = np.array([[1, 1], [1, 2]])
    fixed = [
        round(abs(np.linalg.det(np.linalg.matrix_power(matrix, n) - np.eye(2)))) for n in (1, 2, 3)
    ]
    assert fixed == [1, 5, 16]
    for period, count in ((1, 1), (2, 2), (3, 5)):
        found = periodic_orbits(named("arnold-cat"), period)
        assert len(found) == count
        np.testing.assert_allclose(found.logarithms, 0.0, atol=1e-12)


def test_cycles_of_henon_and_the_product_of_their_multipliers() -> None:
    """Z. Galias, International Journal of Bifurcation and Chaos 11, 2427-2450 (2001): 1, 1, 0,
    1, 0, 2, 4, 7 cycles on the attractor; one more fixed point lies beside it. Multipliers
    multiply to the determinant, (-b)^n.
    """
    for period, count in ((1, 2), (2, 1), (3, 0), (4, 1), (5, 0), (6, 2), (7, 4), (8, 7)):
        found = periodic_orbits(named("henon"), period)
        assert len(found) == count
        np.testing.assert_allclose(np.abs(found.multipliers.prod(axis=1)), 0.3**period, rtol=1e-7)


def test_the_circle_has_its_floquet_multipliers() -> None:
    """1 along the flow, exp(-4 pi mu) across, exp(-0.6 pi) along z."""
    found = periodic_orbits(CIRCLE)
    np.testing.assert_allclose(found.periods, [2.0 * math.pi], rtol=1e-11)
    expected = sorted([1.0, math.exp(-0.4 * math.pi), math.exp(-0.6 * math.pi)], reverse=True)
    np.testing.assert_allclose(found.multipliers[0], expected, rtol=1e-7)
    np.testing.assert_allclose(np.hypot(*found.orbits[0].T[:2]), 1.0, rtol=1e-10)
    assert found.kinds == ("stable node",)
    assert found.stable.tolist() == [True]


def test_van_der_pol_period_and_multiplier() -> None:
    """E. Hairer, S. P. Norsett, G. Wanner, Solving Ordinary Differential Equations I, Springer
    1993, exercise 1 of section I.16: T = 6.66328685932313 and the amplitude 2.00861986087484 at
    mu = 1. Of two multipliers one is 1, so that the other is the exponential of the integral
    of the divergence (Liouville).
    """
    found = periodic_orbits(named("van-der-pol"), values={"mu": 1.0})
    np.testing.assert_allclose(found.periods, [6.66328685932313], rtol=1e-13)
    # Where v vanishes the amplitude is stationary: even times miss it by a square.
    assert found.orbits[0][:, 0].max() == pytest.approx(2.00861986087484, abs=1e-3)
    assert found.multipliers[0, 0].real == pytest.approx(1.0, abs=1e-9)
    assert found.multipliers[0, 1].real == pytest.approx(math.exp(found.logarithms[0]), rel=1e-6)


def test_the_shortest_orbits_of_the_lorenz_attractor() -> None:
    """D. Viswanath, Nonlinearity 16, 1035-1056 (2003) and Physica D 190, 115-128 (2004): AB
    has the period 1.5586522107162, AAB and its mirror image ABB 2.3059072639398.
    """
    found = periodic_orbits(named("lorenz"), passages=3, transient=20.0)
    np.testing.assert_allclose(found.periods[0], 1.5586522107162, rtol=1e-12)
    np.testing.assert_allclose(found.periods[1:3], 2.3059072639398, rtol=1e-12)
    mirrored = found.orbits[1].mean(axis=0) * [-1.0, -1.0, 1.0]
    np.testing.assert_allclose(found.orbits[2][:-1].mean(axis=0), mirrored, atol=0.1)
    assert not found.stable.any()
    # The divergence is -(sigma + beta + 1) everywhere.
    np.testing.assert_allclose(found.logarithms, -(11.0 + 8.0 / 3.0) * found.periods, rtol=1e-9)


def test_a_driven_oscillator_returns_with_its_force() -> None:
    """Multipliers exp((-0.2 +- i sqrt(0.96)) T), of which the force changes nothing."""
    found = periodic_orbits(DRIVEN)
    period = 2.0 * math.pi / 1.7
    np.testing.assert_allclose(found.periods, [period])
    expected = np.exp((-0.2 + 1j * math.sqrt(0.96)) * period)
    multipliers = found.multipliers[0][np.argsort(found.multipliers[0].imag)]
    np.testing.assert_allclose(
        multipliers, sorted([expected, expected.conj()], key=lambda z: z.imag), rtol=1e-8
    )
    assert found.kinds == ("stable focus",)


def test_one_of_a_family_of_orbits_is_found() -> None:
    """A pendulum that swings to the angle a has the period 2 pi / agm(1, cos(a / 2))."""
    pendulum = files.from_text(
        "title = 'Pendulum'\nkind = 'flow'\n[variables]\nq = 2.0\nv = 0.3\n[equations]\n"
        'q = "v"\nv = "-sin(q)"\n[run]\nstep = 0.05\n',
        "plain-pendulum",
    )
    found = periodic_orbits(pendulum)
    assert len(found) == 1
    q, v = found.points[0]
    one, other = 1.0, math.sqrt(1.0 - 0.5 * (0.5 * v * v + 1.0 - math.cos(q)))
    for _ in range(20):
        one, other = 0.5 * (one + other), math.sqrt(one * other)
    assert found.periods[0] == pytest.approx(2.0 * math.pi / one, rel=1e-9)
    # The derivative of the period by the energy shears: both multipliers are 1.
    np.testing.assert_allclose(found.multipliers[0], 1.0, atol=1e-3)


def test_a_guess_of_the_period_chooses() -> None:
    found = periodic_orbits(named("lorenz"), 1.6, passages=3, transient=20.0)
    np.testing.assert_allclose(found.periods, [1.5586522107162], rtol=1e-12)


def test_the_method_gives_scalars_and_plots() -> None:
    method = methods()["periodic-orbits"]
    found = run(method.start(Subject(system=named("henon")), {"period": 2.0}))
    assert found.scalars()[0].value == 1.0
    assert [plot.title for plot in found.plots()] == ["Cycles", "Multipliers"]
    one = run(method.start(Subject(system=named("logistic")), {"period": 3.0}))
    assert one.plots()[0].y_label.startswith("next")


@pytest.mark.parametrize(
    ("key", "period", "words"),
    [
        ("henon", 2.5, "whole number, got 2.5"),
        ("henon", -1.0, "positive number"),
        ("duffing", 1.0, "whole multiples of that"),
        ("mackey-glass", None, "has delays"),
    ],
)
def test_refusals(key: str, period: float | None, words: str) -> None:
    with pytest.raises(ParameterError, match=words):
        periodic_orbits(named(key), period)


def test_a_system_at_rest_has_no_closed_orbit() -> None:
    with pytest.raises(ParameterError, match="comes to rest"):
        periodic_orbits(named("lorenz"), values={"rho": 10.0})


def test_a_job_can_be_closed_on_the_way() -> None:
    job = periodic_orbits_job(named("lorenz"))
    for _ in range(3):
        next(job)
    job.close()
