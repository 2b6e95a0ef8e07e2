"""Equilibria and fixed points against closed forms, in any dimension."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import engine
from engine.analysis.fixed_points import FixedPoints, fixed_points, fixed_points_job, kind_of
from engine.analysis.method import Subject
from engine.analysis.methods import methods
from engine.errors import ParameterError
from engine.systems import files
from engine.systems.system import System


def system(kind: str, **equations: str) -> System:
    lines = ["title = 'Made'", f"kind = '{kind}'", "[variables]"]
    lines += [f"{name} = 0.1" for name in equations]
    lines += ["[equations]", *(f'{name} = "{text}"' for name, text in equations.items())]
    return files.from_text("\n".join(lines), "made")


def named(key: str) -> System:
    found: System = engine.systems()[key]
    return found


def test_lorenz_has_its_three_equilibria_with_their_eigenvalues() -> None:
    """At C the eigenvalues solve l^3 + (s + b + 1) l^2 + b (s + r) l + 2 s b (r - 1) = 0."""
    s, r, b = 10.0, 28.0, 8.0 / 3.0
    found = engine.fixed_points(named("lorenz"))
    root = math.sqrt(b * (r - 1.0))
    expected = np.array([[-root, -root, r - 1.0], [0.0, 0.0, 0.0], [root, root, r - 1.0]])
    np.testing.assert_allclose(found.points, expected, atol=1e-12)
    assert found.kinds == ("saddle-focus", "saddle", "saddle-focus")
    half = math.sqrt((s + 1.0) ** 2 + 4.0 * s * (r - 1.0))
    origin = sorted([-b, 0.5 * (-s - 1.0 + half), 0.5 * (-s - 1.0 - half)], reverse=True)
    np.testing.assert_allclose(found.eigenvalues[1], origin, rtol=1e-12)
    cubic = np.roots([1.0, s + b + 1.0, b * (s + r), 2.0 * s * b * (r - 1.0)])
    for row in (0, 2):
        np.testing.assert_allclose(
            np.sort_complex(found.eigenvalues[row]), np.sort_complex(cubic), rtol=1e-10
        )
    assert found.unstable_dimensions.tolist() == [2, 1, 2]


@pytest.mark.parametrize(("rho", "stable"), [(24.73, True), (24.75, False)])
def test_lorenz_loses_stability_at_the_hopf_point(rho: float, stable: bool) -> None:
    """rho_H = s (s + b + 3) / (s - b - 1) = 24.7368 (Sparrow 1982)."""
    found = fixed_points(named("lorenz"), [[-30, 30], [-30, 30], [-5, 60]], {"rho": rho})
    assert found.stable.tolist() == [stable, False, stable]
    assert found.kinds[0] == ("stable focus" if stable else "saddle-focus")


def test_eigenvectors_belong_to_the_eigenvalues() -> None:
    lorenz = named("lorenz")
    found = fixed_points(lorenz)
    for point, values, vectors in zip(
        found.points, found.eigenvalues, found.eigenvectors, strict=True
    ):
        np.testing.assert_allclose(
            lorenz.jacobian(0.0, point) @ vectors, vectors * values, atol=1e-9
        )
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=0), 1.0)


def test_lotka_volterra_is_a_saddle_and_a_centre() -> None:
    prey = system("flow", x="x*(1.5 - y)", y="y*(0.5*x - 2)")
    found = fixed_points(prey, [[-1.0, -1.0], [8.0, 5.0]])
    np.testing.assert_allclose(found.points, [[0.0, 0.0], [4.0, 1.5]], atol=1e-12)
    assert found.kinds == ("saddle", "centre")
    np.testing.assert_allclose(np.abs(found.eigenvalues[1].imag), math.sqrt(3.0))


def test_henon_has_the_two_known_fixed_points() -> None:
    """x = (b - 1 +- sqrt((1 - b)^2 + 4 a)) / (2 a); multipliers l^2 + 2 a x l - b = 0."""
    a, b = 1.4, 0.3
    found = fixed_points(named("henon"))
    root = math.sqrt((1.0 - b) ** 2 + 4.0 * a)
    x = np.array([(b - 1.0 - root) / (2.0 * a), (b - 1.0 + root) / (2.0 * a)])
    np.testing.assert_allclose(found.points, np.column_stack([x, b * x]), rtol=1e-12)
    for i in range(2):
        np.testing.assert_allclose(
            np.sort(found.eigenvalues[i].real), np.sort(np.roots([1.0, 2.0 * a * x[i], -b]))
        )
    assert found.kinds == ("saddle", "saddle")
    assert found.map


def test_eighty_one_equilibria_in_four_dimensions_are_all_found() -> None:
    """x' = x - x^3 four times over: every combination of -1, 0 and 1, stable without zeros."""
    names = "abcd"
    cubes = system("flow", **{name: f"{name} - {name}^3" for name in names})
    found = fixed_points(cubes, np.array([[-2.0] * 4, [2.0] * 4]))
    assert len(found) == 81
    np.testing.assert_allclose(found.points, np.round(found.points), atol=1e-10)
    np.testing.assert_array_equal(found.stable, (np.round(found.points) != 0.0).all(axis=1))


def test_the_points_of_thomas_have_its_symmetries() -> None:
    """Turning x, y, z in a ring and changing all signs keep the equations: and the list."""
    found = fixed_points(named("thomas"), [[-6.0] * 3, [6.0] * 3])
    assert len(found) == 27

    def rows(points: np.ndarray) -> list[tuple[float, ...]]:
        return sorted(tuple(row) for row in (np.round(points, 7) + 0.0).tolist())

    assert rows(found.points[:, [1, 2, 0]]) == rows(found.points)
    assert rows(-found.points) == rows(found.points)


def test_points_outside_the_box_are_left_out() -> None:
    pitchfork = system("flow", x="x - x^3", y="-y")
    found = fixed_points(pitchfork, [[0.5, -1.0], [3.0, 1.0]])
    np.testing.assert_allclose(found.points, [[1.0, 0.0]], atol=1e-12)
    empty = fixed_points(pitchfork, [[2.0, -1.0], [3.0, 1.0]])
    assert len(empty) == 0
    assert empty.points.shape == (0, 2)


def test_a_point_that_plain_newton_seldom_reaches_is_found() -> None:
    """Lorenz 1984 at F = 8, G = 1: x solves (F - x)((1 - x)^2 + b^2 x^2) = G^2, near 8."""
    found = fixed_points(named("lorenz-84"))
    a = _default("lorenz-84", "a")
    b, f, g = (_default("lorenz-84", name) for name in ("b", "F", "G"))
    x = np.roots(np.polyadd(np.polymul([-a, a * f], [1.0 + b * b, -2.0, 1.0]), [-g * g]))
    real = np.sort(x[np.abs(x.imag) < 1e-9].real)
    np.testing.assert_allclose(found.points[:, 0], real, rtol=1e-9)


def test_a_double_point_is_degenerate() -> None:
    found = fixed_points(system("flow", x="x^2", y="-y"), [[-1.0, -1.0], [2.0, 1.5]])
    assert found.kinds == ("degenerate",)
    np.testing.assert_allclose(found.points, 0.0, atol=1e-6)


def test_the_cat_map_has_one_fixed_point_on_the_torus() -> None:
    """A has |det(A - 1)| = 1 fixed point, at the origin; multipliers (3 +- sqrt 5) / 2."""
    found = fixed_points(named("arnold-cat"))
    assert len(found) == 1
    np.testing.assert_allclose(found.points % 1.0, 0.0, atol=1e-12)
    golden = 0.5 * (3.0 + math.sqrt(5.0))
    np.testing.assert_allclose(found.eigenvalues[0], [golden, 1.0 / golden])


@pytest.mark.parametrize(
    ("values", "discrete", "kind"),
    [
        ([-1, -2], False, "stable node"),
        ([-1 + 2j, -1 - 2j, -3], False, "stable focus"),
        ([1 + 2j, 1 - 2j], False, "unstable focus"),
        ([1, -2], False, "saddle"),
        ([1 + 2j, 1 - 2j, -1], False, "saddle-focus"),
        ([2j, -2j], False, "centre"),
        ([2j, -2j, 1, -1], False, "saddle-centre"),
        ([0, -1], False, "degenerate"),
        ([0.5, -0.2], True, "stable node"),
        ([1.5, -2], True, "unstable node"),
        ([-1.5, 0.2], True, "saddle"),
        ([0.6 + 0.8j, 0.6 - 0.8j], True, "centre"),
        ([-1, 0.5], True, "degenerate"),
        ([0.9j, -0.9j], True, "stable focus"),
    ],
)
def test_types_are_those_of_the_field(values: list[complex], discrete: bool, kind: str) -> None:
    assert kind_of(np.array(values, dtype=np.complex128), discrete)[0] == kind


@settings(max_examples=20, deadline=None)
@given(
    st.lists(st.integers(-20, 20), min_size=1, max_size=6, unique=True),
    st.floats(0.1, 10.0),
)
def test_every_zero_of_a_polynomial_is_found(zeros: list[int], rate: float) -> None:
    """All real zeros, whatever the scale; stability alternates from one to the next."""
    # Evaluated with one compiled model: a polynomial of degree six with chosen coefficients.
    coefficients = np.polynomial.polynomial.polyfromroots(np.array(zeros) / 10.0) * rate
    padded = np.zeros(7)
    padded[: coefficients.size] = coefficients
    values = {f"c{i}": float(value) for i, value in enumerate(padded)}
    found = fixed_points(POLYNOMIAL, [[-2.5], [2.5]], values)
    np.testing.assert_allclose(found.points[:, 0], np.sort(zeros) / 10.0, atol=1e-6)
    rising = np.polynomial.polynomial.polyval(
        found.points[:, 0], np.polynomial.polynomial.polyder(padded)
    )
    np.testing.assert_array_equal(found.stable, rising < 0.0)


POLYNOMIAL = files.from_text(
    "title = 'Polynomial'\nkind = 'flow'\n[variables]\nx = 0.1\n[equations]\n"
    'x = "c0 + x*(c1 + x*(c2 + x*(c3 + x*(c4 + x*(c5 + x*c6)))))"\n'
    + "".join(f"[parameters.c{i}]\ndefault = 0.0\nlow = -1\nhigh = 1\n" for i in range(7)),
    "polynomial",
)


def test_a_closed_search_leaves_nothing_and_partial_results_are_whole() -> None:
    job = fixed_points_job(named("lorenz"), starts=4096)
    partial = next(job)
    assert isinstance(partial.result, FixedPoints)
    job.close()


def test_the_method_gives_scalars_and_plots_with_nullclines() -> None:
    found = _run(methods()["fixed-points"].start(Subject(system=named("van-der-pol"))))
    assert [scalar.value for scalar in found.scalars()[:2]] == [1.0, 0.0]
    assert len(found.nullclines) == 2
    place, spectrum = found.plots()
    assert (place.x_label, place.y_label) == ("x", "v")
    assert spectrum.title == "Eigenvalues"
    # v = 0 is the first nullcline.
    assert np.nanmax(np.abs(found.nullclines[0][:, 1])) < 1e-9


@pytest.mark.parametrize(
    ("key", "options", "words"),
    [
        ("duffing", {}, "depend on time"),
        ("mackey-glass", {}, "delays"),
        ("lorenz", {"box": [[0, 1], [0, 1]]}, "a box of 'lorenz'"),
        ("lorenz", {"box": [[0, 0, 0], [1, 1, 0]]}, "greater highest state"),
        ("lorenz", {"starts": 0}, "at least one start"),
    ],
)
def test_what_cannot_be_searched_is_refused(
    key: str, options: dict[str, object], words: str
) -> None:
    with pytest.raises(ParameterError, match=words):
        fixed_points(named(key), **options)  # type: ignore[arg-type]


def test_a_driven_system_is_frozen_where_a_time_is_given() -> None:
    """At t = 0 the forced oscillator rests where -alpha x - beta x^3 + gamma = 0."""
    found = fixed_points(named("duffing"), time=0.0)
    roots = np.roots([-1.0, 0.0, 1.0, _default("duffing", "gamma")])
    real = np.sort(roots[np.abs(roots.imag) < 1e-9].real)
    np.testing.assert_allclose(found.points[:, 0], real, rtol=1e-10)


def _default(key: str, name: str) -> float:
    return float(named(key).parameters[name].default)


def _run(job: object) -> FixedPoints:
    from engine.job import run

    found = run(job)  # type: ignore[arg-type]
    assert isinstance(found, FixedPoints)
    return found
