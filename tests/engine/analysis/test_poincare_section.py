"""Sections against orbits that are known in closed form."""

from __future__ import annotations

import math

import numpy as np
import pytest

import engine
from engine.analysis.method import Subject
from engine.analysis.methods import methods
from engine.analysis.poincare_section import poincare_section, poincare_section_job
from engine.errors import ParameterError
from engine.job import run
from engine.systems import files
from engine.systems.system import System

OSCILLATOR = files.from_text(
    "title = 'Oscillator'\nkind = 'flow'\n[variables]\nx = 1.0\nv = 0.0\n[equations]\n"
    'x = "v"\nv = "-x"\n[run]\nstep = 0.05\ntransient = 0\n',
    "oscillator",
)
TORUS = files.from_text(
    "title = 'Torus'\nkind = 'flow'\n[variables]\nx = 1.0\ny = 0.0\nu = 0.5\nv = 0.0\n"
    '[equations]\nx = "-y"\ny = "x"\nu = "-sqrt(2)*v"\nv = "sqrt(2)*u"\n'
    "[run]\nstep = 0.05\ntransient = 0\n",
    "two-rhythms",
)
ROTOR = files.from_text(
    "title = 'Rotor'\nkind = 'flow'\n[variables]\nx = 0.5\nphase = 0.0\n[equations]\n"
    'x = "cos(phase)"\nphase = "2"\n[periods]\nphase = "2*pi"\n[run]\nstep = 0.05\ntransient = 0\n',
    "rotor",
)


def named(key: str) -> System:
    found: System = engine.systems()[key]
    return found


def test_the_harmonic_oscillator_returns_after_two_pi() -> None:
    """x = cos t passes zero upwards at 3 pi / 2 + 2 pi k, with v = 1."""
    found = engine.poincare_section(OSCILLATOR, variable="x", value=0.0, crossings=50)
    np.testing.assert_allclose(found.times, 1.5 * np.pi + 2.0 * np.pi * np.arange(50), rtol=1e-9)
    np.testing.assert_allclose(found.points[:, 1], 1.0, rtol=1e-8)
    np.testing.assert_allclose(found.return_times, 2.0 * np.pi, rtol=1e-9)
    assert found.residual < 1e-12
    mean = {scalar.name: scalar.value for scalar in found.scalars()}["return_time"]
    assert mean == pytest.approx(2.0 * math.pi, rel=1e-10)


@pytest.mark.parametrize(
    ("direction", "first", "gap"), [("up", 1.5, 2.0), ("down", 0.5, 2.0), ("both", 0.5, 1.0)]
)
def test_directions(direction: str, first: float, gap: float) -> None:
    found = poincare_section(OSCILLATOR, variable="x", value=0.0, direction=direction, crossings=10)
    np.testing.assert_allclose(found.times, np.pi * (first + gap * np.arange(10)), rtol=1e-9)


def test_a_slanted_plane_is_the_same_plane_whatever_the_length_of_its_normal() -> None:
    """x - v = cos t + sin t = sqrt(2) cos(t - pi/4) passes 1 upwards at t = 2 pi k."""
    one = poincare_section(OSCILLATOR, ([1.0, -1.0], 1.0), crossings=8)
    other = poincare_section(OSCILLATOR, ([5.0, -5.0], 5.0), crossings=8)
    np.testing.assert_allclose(one.times, 2.0 * np.pi * np.arange(1, 9), rtol=1e-9)
    np.testing.assert_allclose(other.times, one.times, rtol=1e-11)
    np.testing.assert_allclose(one.points @ [1.0, -1.0], 1.0, atol=1e-12)


def test_the_section_of_a_torus_is_a_circle_turned_by_the_rotation_number() -> None:
    """u is seen at the turns of x: the angle grows by 2 pi sqrt 2 from one to the next."""
    found = poincare_section(TORUS, variable="y", value=0.0, crossings=200)
    u, v = found.points[:, 2], found.points[:, 3]
    np.testing.assert_allclose(np.hypot(u, v), 0.5, rtol=1e-7)
    turned = np.diff(np.unwrap(np.arctan2(v, u)))
    expected = (2.0 * np.pi * math.sqrt(2.0) + np.pi) % (2.0 * np.pi) - np.pi
    np.testing.assert_allclose(turned, expected, atol=1e-7)


def test_an_angle_is_cut_once_a_turn() -> None:
    found = poincare_section(ROTOR, variable="phase", value=1.0, crossings=20)
    np.testing.assert_allclose(found.times, 0.5 + np.pi * np.arange(20), rtol=1e-9)


def test_lorenz_maxima_of_z_make_the_cusp_map() -> None:
    """Every return from z = rho - 1 downwards: points lie on the plane, none is missed.

    Between two passages of z = 27 downwards lies exactly one maximum of z, where x y = b z.
    """
    found = poincare_section(
        named("lorenz"), variable="z", value=27.0, direction="both", crossings=400
    )
    assert found.residual < 1e-11
    lorenz = named("lorenz")
    slopes = np.array([lorenz.rhs(0.0, state)[2] for state in found.points])
    # Up and down in turn, so that none is missed.
    assert (slopes[1:] * slopes[:-1] < 0.0).all()


def test_a_trajectory_is_cut_to_the_fourth_order() -> None:
    """Halving the step divides the error by about 16."""
    errors = []
    for step in (0.2, 0.1):
        orbit = engine.simulate(OSCILLATOR, 60.0, step, "dop853", rtol=1e-12, atol=1e-12)
        found = poincare_section(orbit, variable="x", value=0.0)
        exact = 1.5 * np.pi + 2.0 * np.pi * np.arange(len(found))
        errors.append(np.abs(found.times - exact).max())
    assert errors[1] < 1e-5
    assert 8.0 < errors[0] / errors[1] < 40.0


def test_the_return_map_pairs_each_value_with_the_next() -> None:
    found = poincare_section(named("rossler"), variable="y", value=0.0, crossings=60)
    values = found.coordinates[:, found.coordinate]
    np.testing.assert_array_equal(found.return_map[:, 0], values[:-1])
    np.testing.assert_array_equal(found.return_map[:, 1], values[1:])
    assert found.names == ("x", "z")


def test_the_coordinates_of_a_plane_keep_distances() -> None:
    found = poincare_section(named("lorenz"), ([1.0, 2.0, 0.5], 13.0), crossings=40)
    assert found.coordinates.shape == (40, 2)
    there = np.linalg.norm(found.points[1:] - found.points[:-1], axis=1)
    here = np.linalg.norm(found.coordinates[1:] - found.coordinates[:-1], axis=1)
    np.testing.assert_allclose(here, there, rtol=1e-9)


def test_a_noisy_system_is_cut_between_samples() -> None:
    found = poincare_section(
        named("noisy-stuart-landau"), variable="x", value=0.0, crossings=20, duration=400.0
    )
    assert len(found) >= 2
    assert found.how.startswith("cubic")


def test_the_method_chooses_a_plane_through_the_middle() -> None:
    method = methods()["poincare-section"]
    subject = Subject(system=named("lorenz"))
    chosen = method.chosen(subject)
    # The one that oscillates fastest: once round each wing.
    assert chosen["variable"] == "z"
    found = run(method.start(subject, {"crossings": 30}))
    assert len(found) == 30
    assert [plot.title for plot in found.plots()][1:] == ["First-return map", "Return times"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"variable": "x", "value": 5.0}, "never crosses x = 5 upwards.*x runs from -0.99"),
        ({"variable": "q"}, "no variable 'q'"),
        ({}, "either a plane"),
        ({"plane": ([0.0, 0.0], 1.0)}, "not all zero"),
        ({"variable": "x", "direction": "left"}, "up, down or both"),
        ({"variable": "x", "crossings": 1}, "from 2 to"),
    ],
)
def test_what_cannot_be_cut_is_refused_in_words(options: dict[str, object], words: str) -> None:
    with pytest.raises(ParameterError, match=words):
        poincare_section(OSCILLATOR, duration=50.0, **options)  # type: ignore[arg-type]


def test_a_map_needs_no_section() -> None:
    with pytest.raises(ParameterError, match="its orbit is a section already"):
        poincare_section(named("henon"), variable="x")


def test_a_job_can_be_closed_on_the_way() -> None:
    job = poincare_section_job(named("lorenz"), variable="z", value=27.0, crossings=100_000)
    seen = [next(job) for _ in range(3)]
    job.close()
    assert seen[-1].done >= seen[0].done


def test_where_a_run_is_cut_into_calls_changes_nothing() -> None:
    from engine.analysis._flow_orbit import Orbit

    lorenz = named("lorenz")
    whole, pieces = np.empty((60, 4)), np.empty((60, 4))
    for rows, size in ((whole, 60), (pieces, 7)):
        orbit = Orbit(
            lorenz,
            lorenz.values(),
            lorenz.state(),
            plane=(np.array([0.0, 0.0, 1.0]), 27.0, 0.0),
            direction=1.0,
            longest=0.05,
        )
        for low in range(0, 60, size):
            for _ in orbit.collect(1e3, rows[low : low + size]):
                pass
    np.testing.assert_array_equal(whole, pieces)
