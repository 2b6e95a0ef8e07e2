"""Manifolds against curves that are known in closed form."""

from __future__ import annotations

import math

import numpy as np
import pytest

import engine
from engine.analysis.manifolds import Manifolds, manifolds, manifolds_job
from engine.analysis.method import Subject
from engine.analysis.methods import methods
from engine.errors import ParameterError
from engine.job import run
from engine.systems import files
from engine.systems.system import System


def system(kind: str, x: str, y: str) -> System:
    return files.from_text(
        f"title = 'Made'\nkind = '{kind}'\n[variables]\nx = 0.5\ny = 0.7\n[equations]\n"
        f'x = "{x}"\ny = "{y}"\n[run]\nbound = 30\nstep = 0.05\n',
        "made",
    )


def named(key: str) -> System:
    found: System = engine.systems()[key]
    return found


def test_manifolds_of_the_cat_map_are_straight_lines() -> None:
    """Along the eigenvectors, whose slopes are (sqrt(5) + 1) / 2 and -(sqrt(5) - 1) / 2."""
    found = engine.manifolds(named("arnold-cat"), length=3.0)
    golden = 0.5 * (math.sqrt(5.0) + 1.0)
    for branches, slope in ((found.unstable, golden), (found.stable, -1.0 / golden)):
        assert len(branches) == 2
        for branch in branches:
            whole = np.isfinite(branch).all(axis=1)
            steps = np.diff(branch, axis=0)[whole[1:] & whole[:-1]]
            # Angles within a piece; the first ones are too short to have a slope.
            steps = steps[np.abs(steps).max(axis=1) > 1e-6]
            np.testing.assert_allclose(steps[:, 1] / steps[:, 0], slope, rtol=1e-6)
            assert (branch[whole] > -1e-9).all()
            assert (branch[whole] < 1.0 + 1e-9).all()


@pytest.mark.parametrize("rate", [2.0, -2.0])
def test_a_curved_unstable_manifold(rate: float) -> None:
    """(x, y) -> (a x, b (y - x^2) + a^2 x^2) keeps y = x^2 and, backwards, x = 0."""
    made = system("map", f"{rate}*x", f"0.3*(y - x^2) + {rate * rate}*x^2")
    found = manifolds(made, [0.0, 0.0], length=5.0)
    for branch in found.unstable:
        np.testing.assert_allclose(branch[:, 1], branch[:, 0] ** 2, atol=1e-9)
    for branch in found.stable:
        np.testing.assert_allclose(branch[:, 0], 0.0, atol=1e-9)
    assert {math.copysign(1.0, branch[-1, 0]) for branch in found.unstable} == {1.0, -1.0}
    assert found.ends == ("left the bound",) * 4


@pytest.mark.parametrize("rate", [0.5, -0.5])
def test_a_curved_stable_manifold(rate: float) -> None:
    """The same with the rates the other way round: preimages stay on y = x^2."""
    made = system("map", f"{rate}*x", f"3*(y - x^2) + {rate * rate}*x^2")
    found = manifolds(made, [0.0, 0.0], length=5.0)
    for branch in found.stable:
        np.testing.assert_allclose(branch[:, 1], branch[:, 0] ** 2, rtol=1e-6, atol=1e-9)


def test_the_unstable_manifold_of_henon_is_kept_by_the_map() -> None:
    """The image of every point lies on the curve again, within its own spacing."""
    henon = named("henon")
    found = manifolds(henon, [0.63, 0.19], length=30.0, spacing=0.002)
    curve = np.concatenate(found.unstable)
    size = found.box[1] - found.box[0]
    # The images of the first third of each branch are still within its length.
    for branch in found.unstable:
        for state in branch[: len(branch) // 3 : 40]:
            image = henon.rhs(0.0, state)
            assert (np.abs(curve - image) / size).max(axis=1).min() < 0.002


def test_points_are_as_close_as_was_asked_for() -> None:
    found = manifolds(named("henon"), [0.63, 0.19], length=10.0, spacing=0.01)
    size = found.box[1] - found.box[0]
    for branch in (*found.unstable, *found.stable):
        gaps = np.linalg.norm(np.diff(branch, axis=0) / size, axis=1)
        assert gaps.max() <= 0.01 * (1.0 + 1e-9)


def test_manifolds_of_a_flow_that_are_known() -> None:
    """x' = x, y' = -y + 3 x^2 keeps y = x^2; backwards x = 0."""
    found = manifolds(system("flow", "x", "-y + 3*x^2"), [0.0, 0.0], length=5.0)
    for branch in found.unstable:
        np.testing.assert_allclose(branch[:, 1], branch[:, 0] ** 2, atol=1e-9)
    for branch in found.stable:
        np.testing.assert_allclose(branch[:, 0], 0.0, atol=1e-9)


def test_the_separatrix_of_the_pendulum() -> None:
    """v^2 = 4 g cos^2(q / 2): both branches end at the neighbouring saddle."""
    pendulum = files.from_text(
        "title = 'Pendulum'\nkind = 'flow'\n[variables]\nq = 1.0\nv = 0.0\n[equations]\n"
        'q = "v"\nv = "-sin(q)"\n[run]\nstep = 0.05\n',
        "plain-pendulum",
    )
    found = manifolds(pendulum, [3.0, 0.0], length=50.0)
    assert set(found.ends) == {"came to rest"}
    for branch in (*found.unstable, *found.stable):
        np.testing.assert_allclose(
            branch[:, 1] ** 2, 4.0 * np.cos(0.5 * branch[:, 0]) ** 2, atol=1e-9
        )
    ends = sorted(round(float(branch[-1, 0] / math.pi)) for branch in found.unstable)
    assert ends == [-1, 3]


def test_the_origin_of_lorenz_has_one_curve_only() -> None:
    """Its unstable manifold is symmetric under x, y -> -x, -y; the stable one is a surface."""
    found = manifolds(named("lorenz"), [0.0, 0.0, 0.0], length=3.0)
    assert found.stable == ()
    one, other = found.unstable
    count = min(len(one), len(other))
    np.testing.assert_allclose(one[:count] * [-1.0, -1.0, 1.0], other[:count], atol=1e-9)


def test_a_cycle_has_manifolds_too() -> None:
    """The two-cycle of Henon is a saddle: x = (1 - b +- sqrt(4 a - 3 (1 - b)^2)) / (2 a)."""
    found = manifolds(named("henon"), period=2, length=2.0)
    a, b = 1.4, 0.3
    root = math.sqrt(4.0 * a - 3.0 * (1.0 - b) ** 2)
    assert found.point[0] == pytest.approx((1.0 - b - root) / (2.0 * a))
    assert found.period == 2
    assert np.abs(found.eigenvalues.prod()) == pytest.approx(0.09)


def test_the_method_gives_scalars_and_a_plot() -> None:
    found = run(methods()["manifolds"].start(Subject(system=named("henon")), {"length": 3.0}))
    assert isinstance(found, Manifolds)
    (plot,) = found.plots()
    assert (plot.x_label, plot.y_label) == ("x", "y")
    assert len(plot.items) == 5
    assert found.scalars()[-1].value >= 3.0


@pytest.mark.parametrize(
    ("key", "options", "words"),
    [
        ("logistic", {}, "one variable"),
        ("duffing", {}, "depend on time"),
        ("van-der-pol", {}, "no saddle here"),
        ("henon", {"saddle": 9}, "2 saddles"),
        ("henon", {"length": -1.0}, "positive number"),
        ("henon", {"spacing": 0.9}, "from 1e-5 to 0.5"),
        ("henon", {"length": 1e6}, "take a spacing of"),
        ("mackey-glass", {}, "has delays"),
    ],
)
def test_refusals(key: str, options: dict[str, float], words: str) -> None:
    with pytest.raises(ParameterError, match=words):
        manifolds(named(key), **options)  # type: ignore[arg-type]


def test_a_job_can_be_closed_on_the_way() -> None:
    job = manifolds_job(named("henon"), length=200.0)
    for _ in range(3):
        next(job)
    job.close()
