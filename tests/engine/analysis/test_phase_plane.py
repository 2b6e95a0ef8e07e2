"""Nullclines, fixed points and their types against closed forms."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.analysis.phase_plane import (
    arrows,
    classify,
    depends_on_time,
    eigenvalues,
    phase_plane,
    phase_plane_job,
    streamlines,
)
from engine.drawing.ranges import Window
from engine.errors import ParameterError
from engine.exhibit import Parameter
from engine.systems.system import System, SystemKind

SQUARE = Window(-3.0, 3.0, -3.0, 3.0)


def plane(x: str, y: str, kind: SystemKind = "flow", **parameters: float) -> System:
    return System(
        key="plane",
        title="plane",
        kind=kind,
        variables=("x", "y"),
        equations={"x": x, "y": y},
        initial=(1.0, 0.0),
        parameters={
            name: Parameter(name, value, -10.0, 10.0) for name, value in parameters.items()
        },
    )


OSCILLATOR = plane("y", "-x")
VAN_DER_POL = plane("y", "mu*(1 - x^2)*y - x", mu=1.0)


def test_the_harmonic_oscillator_turns_around_a_centre() -> None:
    (point,) = phase_plane(OSCILLATOR, SQUARE).fixed_points
    assert point.kind == "centre"
    assert point.stability == "neutral"
    assert point.state == pytest.approx((0.0, 0.0), abs=1e-12)
    assert sorted(value.imag for value in point.eigenvalues) == pytest.approx([-1.0, 1.0])


@pytest.mark.parametrize(
    ("mu", "kind"),
    [
        (1.0, "unstable focus"),
        (-1.0, "stable focus"),
        (3.0, "unstable node"),
        (-3.0, "stable node"),
        (0.0, "centre"),
    ],
)
def test_van_der_pol_at_the_origin(mu: float, kind: str) -> None:
    # Eigenvalues (mu ± sqrt(mu² - 4)) / 2.
    (point,) = phase_plane(VAN_DER_POL, SQUARE, {"mu": mu}).fixed_points
    assert point.kind == kind
    assert sum(point.eigenvalues) == pytest.approx(mu)
    assert point.eigenvalues[0] * point.eigenvalues[1] == pytest.approx(1.0)


def test_a_saddle() -> None:
    (point,) = phase_plane(plane("x", "-2*y"), SQUARE).fixed_points
    assert point.kind == point.stability == "saddle"
    assert [value.real for value in point.eigenvalues] == pytest.approx([1.0, -2.0])


def test_van_der_pol_nullclines_are_the_known_curves() -> None:
    found = phase_plane(VAN_DER_POL, SQUARE)
    first, second = found.nullclines
    assert first[:, [1, 3]] == pytest.approx(0.0, abs=1e-9)
    x, y = second.reshape(-1, 2).T
    # mu (1 - x²) y = x
    assert (1.0 - x**2) * y == pytest.approx(x, abs=1e-6)
    for branch in (x < -1.0, (x > -1.0) & (x < 1.0), x > 1.0):
        assert branch.sum() > 20


def test_a_circular_nullcline_has_the_length_of_the_circle() -> None:
    first, _ = phase_plane(plane("x^2 + y^2 - 4", "1"), SQUARE).nullclines
    ends = first.reshape(-1, 2)
    assert np.hypot(*ends.T) == pytest.approx(2.0, abs=1e-6)
    length = np.hypot(first[:, 2] - first[:, 0], first[:, 3] - first[:, 1]).sum()
    assert length == pytest.approx(4.0 * math.pi, rel=1e-3)


def test_a_pole_is_no_nullcline() -> None:
    first, second = phase_plane(plane("1/(x - 0.513)", "sign(y - 0.217)"), SQUARE).nullclines
    assert len(first) == 0
    assert len(second) == 0


def test_lotka_volterra_has_a_saddle_and_a_centre() -> None:
    prey = plane("a*x - b*x*y", "d*x*y - c*y", a=1.5, b=1.0, c=3.0, d=1.0)
    found = phase_plane(prey, Window(-1.0, 8.0, -1.0, 5.0)).fixed_points
    assert [point.kind for point in found] == ["saddle", "centre"]
    assert found[0].state == pytest.approx((0.0, 0.0), abs=1e-9)
    assert found[1].state == pytest.approx((3.0, 1.5))


def test_touching_nullclines_are_found() -> None:
    # y' = y - x² and x' = y touch at the origin: a saddle-node, eigenvalue zero.
    (point,) = phase_plane(plane("y - x^2", "y"), SQUARE).fixed_points
    assert point.kind == "degenerate"
    assert point.state == pytest.approx((0.0, 0.0), abs=1e-4)


def test_henon_has_the_two_known_fixed_points() -> None:
    henon = plane("1 - a*x^2 + y", "b*x", "map", a=1.4, b=0.3)
    found = phase_plane(henon, SQUARE).fixed_points
    # a x² + (1 - b) x - 1 = 0; M. Hénon, Commun. Math. Phys. 50, 69 (1976).
    root = math.sqrt(0.7**2 + 4.0 * 1.4)
    expected = [(-0.7 - root) / 2.8, (-0.7 + root) / 2.8]
    assert [point.state[0] for point in found] == pytest.approx(expected)
    assert [point.kind for point in found] == ["saddle", "saddle"]


def test_points_outside_the_window_are_not_listed() -> None:
    assert phase_plane(VAN_DER_POL, Window(1.0, 2.0, 1.0, 2.0)).fixed_points == ()


@given(st.floats(-5, 5), st.floats(-5, 5), st.floats(-5, 5), st.floats(-5, 5))
def test_types_follow_trace_and_determinant(a: float, b: float, c: float, d: float) -> None:
    trace, determinant = a + d, a * d - b * c
    if min(abs(trace), abs(determinant), abs(trace**2 - 4.0 * determinant)) < 1e-3:
        return
    pair = eigenvalues(np.array([[a, b], [c, d]]))
    assert sum(pair) == pytest.approx(trace, abs=1e-9)
    assert pair[0] * pair[1] == pytest.approx(determinant, abs=1e-9)
    if determinant < 0.0:
        expected = "saddle"
    else:
        shape = "focus" if trace**2 < 4.0 * determinant else "node"
        expected = f"{'stable' if trace < 0.0 else 'unstable'} {shape}"
    assert classify(pair) == expected


def test_streamlines_of_the_oscillator_are_circles() -> None:
    size = (400, 400)
    points, heads = streamlines(OSCILLATOR, SQUARE, size=size, spacing=20.0)
    breaks = np.flatnonzero(np.isnan(points[:, 0]))
    assert len(breaks) == len(heads) > 5
    start = 0
    for stop in breaks:
        x = SQUARE.left + points[start:stop, 0] / 400 * 6.0
        y = SQUARE.top - points[start:stop, 1] / 400 * 6.0
        radius = np.hypot(x, y)
        assert np.ptp(radius) < 0.02 * radius.mean() + 0.01
        start = stop + 1
    # Clockwise: at the right the flow points down, on the screen too.
    right = heads[heads[:, 0] > 300]
    assert (right[:, 3] > 0.0).all()


def test_arrows_are_the_right_hand_side() -> None:
    xs, ys, u, v = arrows(OSCILLATOR, SQUARE, columns=4, rows=3)
    assert xs.tolist() == [-2.25, -0.75, 0.75, 2.25]
    assert ys.tolist() == [-2.0, 0.0, 2.0]
    assert np.array_equal(u, np.repeat(ys[:, None], 4, axis=1))
    assert np.array_equal(v, -np.repeat(xs[None, :], 3, axis=0))


def test_a_driven_field_is_frozen_at_its_moment() -> None:
    driven = plane("y", "sin(t) - x")
    assert depends_on_time(driven)
    assert not depends_on_time(OSCILLATOR)
    (point,) = phase_plane(driven, SQUARE, time=math.pi / 2).fixed_points
    assert point.state == pytest.approx((1.0, 0.0), abs=1e-9)


def test_the_job_shows_nullclines_before_fixed_points() -> None:
    partial = next(phase_plane_job(VAN_DER_POL, SQUARE))
    assert partial.result is not None
    assert len(partial.result.nullclines[1]) > 0
    assert partial.result.fixed_points == ()


def test_three_variables_are_refused_with_a_sentence() -> None:
    system = System(
        "three",
        "three",
        "flow",
        ("x", "y", "z"),
        {"x": "y", "y": "z", "z": "x"},
        {},
        (0.0, 0.0, 0.0),
    )
    with pytest.raises(ParameterError, match="'three' has 3 state variables"):
        phase_plane(system, SQUARE)
