"""Basins: symmetric halves, one attractor, Newton's three roots, forced and turning systems."""

from __future__ import annotations

import math

import numpy as np
import pytest

import engine
from engine.analysis._basin_boundary import exponent, merged_distance, uncertain
from engine.analysis._forcing import forcing_period, turn
from engine.analysis.basins import basins, basins_job
from engine.analysis.method import Subject
from engine.analysis.methods import methods
from engine.errors import ParameterError
from engine.exhibit import Parameter
from engine.job import run
from engine.systems.system import RunDefaults, System


def make(
    key: str, kind: str, equations: dict[str, str], initial: tuple[float, ...], **parameters: float
) -> System:
    return System(
        key,
        key.title(),
        kind,
        tuple(equations),
        equations,  # type: ignore[arg-type]
        {name: Parameter(name, value) for name, value in parameters.items()},
        initial,
        run=RunDefaults(step=0.05 if kind == "flow" else 1.0),
    )


@pytest.fixture(scope="module")
def wells() -> System:
    """A map with fixed points at x = -1 and 1 and the boundary at x = 0."""
    return make("wells", "map", {"x": "x + h*(x - x^3)", "y": "0.5*y"}, (0.0, 0.0), h=0.3)


def test_two_wells_share_the_plane(wells: System) -> None:
    found = basins(wells, ("x", -1.5, 1.5), ("y", -1.0, 1.0), (60, 80))
    assert found.kinds == ("fixed point", "fixed point")
    np.testing.assert_array_equal(found.fractions, [0.0, 0.5, 0.5])
    np.testing.assert_allclose(found.errors[1:], 0.5 / math.sqrt(4800))
    left, right = found.labels[0, 0], found.labels[0, -1]
    expected = np.where(found.x_values < 0.0, left, right)
    np.testing.assert_array_equal(found.labels, np.broadcast_to(expected, (60, 80)))
    assert {round(float(states[-1, 0])) for states in found.attractors} == {-1, 1}


def test_a_smooth_boundary_has_exponent_and_dimension_one(wells: System) -> None:
    found = basins(wells, ("x", -1.5, 1.5), ("y", -1.0, 1.0), (128, 128))
    assert found.exponent == pytest.approx(1.0, abs=0.1)
    assert found.boundary_dimension == pytest.approx(1.0, abs=0.1)
    assert found.wada is None


def test_a_damped_double_well_is_symmetric() -> None:
    system = engine.systems()["double-well"]
    found = basins(system, ("x", -2.0, 2.0), ("v", -2.0, 2.0), (64, 64), {"gamma": 0.3})
    assert len(found.attractors) == 2
    np.testing.assert_array_equal(found.labels, 3 - found.labels[::-1, ::-1])
    assert np.abs(found.fractions[1:] - 0.5).max() <= found.errors[1]


def test_one_attractor_has_one_basin() -> None:
    """A damped pendulum rests at the bottom, however often it went round before."""
    system = engine.systems()["pendulum"]
    found = basins(
        system,
        ("theta", -math.pi, math.pi),
        ("omega", -12.0, 12.0),
        (40, 40),
        {"gamma": 0.8},
        step=0.02,
    )
    np.testing.assert_array_equal(found.fractions, [0.0, 1.0])
    (states,) = found.attractors
    np.testing.assert_allclose(np.sin(states[-1]), 0.0, atol=1e-9)
    assert math.isnan(found.exponent)


def test_newton_finds_three_roots_whose_basins_are_wada() -> None:
    """A. Cayley, American Journal of Mathematics 2, 97 (1879); the Julia set of Newton's
    method bounds all three basins."""
    system = engine.systems()["newton-cubic"]
    found = basins(system, ("x", -2.0, 2.0), ("y", -2.0, 2.0), (300, 300), {"h": 1.0})
    roots = sorted((round(float(s[-1, 0]), 9), round(float(s[-1, 1]), 9)) for s in found.attractors)
    third = round(math.sqrt(3.0) / 2.0, 9)
    assert roots == [(-0.5, -third), (-0.5, third), (1.0, 0.0)]
    upper = next(k for k, s in enumerate(found.attractors, 1) if s[-1, 1] > 0.1)
    lower = next(k for k, s in enumerate(found.attractors, 1) if s[-1, 1] < -0.1)
    # Complex conjugates: mirror images of each other.
    np.testing.assert_array_equal(found.labels == upper, (found.labels == lower)[::-1])
    assert found.fractions.sum() == pytest.approx(1.0)
    assert found.wada
    assert found.exponent < 0.8


@pytest.mark.parametrize(
    ("key", "x", "y", "values"),
    [
        ("duffing", ("x", -2.0, 2.0), ("v", -2.0, 2.0), {"gamma": 0.2}),
        ("driven-pendulum", ("theta", -math.pi, math.pi), ("omega", -4.0, 4.0), {"A": 1.35}),
    ],
)
def test_shares_of_driven_systems_are_those_of_a_finer_grid(
    key: str, x: tuple, y: tuple, values: dict
) -> None:
    """Two swings about two wells, and two ways of turning: within 1 % between grids."""
    coarse, fine = (
        basins(engine.systems()[key], x, y, (side, side), values, step=0.1) for side in (90, 120)
    )
    assert len(coarse.attractors) == len(fine.attractors) == 2
    np.testing.assert_allclose(coarse.fractions, fine.fractions, atol=0.01)
    for one, other in zip(coarse.attractors, fine.attractors, strict=True):
        apart = one[-1] - other[-1]
        apart -= coarse.turns * np.round(apart / np.where(coarse.turns > 0.0, coarse.turns, 1.0))
        np.testing.assert_allclose(apart, 0.0, atol=1e-5)


def test_a_driven_linear_oscillator_follows_its_drive() -> None:
    """x'' + 0.5 x' + x = cos(2 t): at the strobe the closed solution, from everywhere."""
    system = make(
        "driven", "flow", {"x": "v", "v": "-c*v - x + cos(w*t)"}, (0.0, 0.0), c=0.5, w=2.0
    )
    found = basins(system, ("x", -3.0, 3.0), ("v", -3.0, 3.0), (33, 40))
    assert found.interval == pytest.approx(math.pi)
    assert found.kinds == ("cycle of the drive",)
    np.testing.assert_array_equal(found.fractions, [0.0, 1.0])
    answer = 1.0 / complex(1.0 - 4.0, 0.5 * 2.0)
    expected = [answer.real, (2j * answer).real]
    np.testing.assert_allclose(found.attractors[0][-1], expected, atol=1e-5)


def test_lorenz_chaos_beside_rest() -> None:
    """Between rho = 24.06 and 24.74 the chaotic attractor and two fixed points are all stable
    (J. L. Kaplan and J. A. Yorke, Communications in Mathematical Physics 67, 93, 1979)."""
    system = engine.systems()["lorenz"]
    rest = math.sqrt(8.0 / 3.0 * 23.4)
    found = basins(
        system,
        ("x", rest - 6.0, rest + 6.0),
        ("z", 23.4 - 6.0, 23.4 + 6.0),
        (21, 21),
        {"rho": 24.4},
        [rest, rest, 23.4],
        step=0.01,
    )
    label = found.labels[10, 10]
    assert found.kinds[label - 1] == "fixed point"
    np.testing.assert_allclose(found.attractors[label - 1][-1], [rest, rest, 23.4], atol=1e-3)
    chaos = found.kinds.index("moves for ever") + 1
    assert found.labels[0, 0] == chaos
    assert found.fractions[chaos] > 0.5


def test_orbits_that_escape_have_a_basin_of_their_own() -> None:
    system = engine.systems()["henon"]
    found = basins(system, ("x", -2.0, 2.0), ("y", -2.0, 2.0), (64, 64))
    assert found.kinds == ("does not repeat",)
    assert 0.2 < found.fractions[0] < 0.8
    assert found.labels[0, 0] == 0
    # The attractor and its fixed point lie in their basin.
    column, row = np.abs(found.x_values - 0.631).argmin(), np.abs(found.y_values - 0.189).argmin()
    assert found.labels[row, column] == 1


def test_a_region_without_attractor_says_so() -> None:
    system = make("flee", "map", {"x": "2*x", "y": "p*y"}, (0.0, 0.0), p=0.5)
    found = basins(system, ("x", 1.0, 2.0), ("y", 0.0, 1.0), (8, 8))
    assert found.fractions.tolist() == [1.0]
    assert "no attractor here" in found.warning


def test_the_answer_depends_on_neither_batches_nor_threads(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    system = engine.systems()["newton-cubic"]

    def labels(batch: int) -> np.ndarray:
        job = basins_job(
            system, ("x", -2.0, 2.0), ("y", -2.0, 2.0), (90, 80), {"h": 1.0}, batch=batch
        )
        return run(job).labels

    reference = labels(8192)
    np.testing.assert_array_equal(labels(333), reference)
    monkeypatch.setattr("engine.integrate.lanes.threads", lambda: 1)
    np.testing.assert_array_equal(labels(8192), reference)


def test_every_picture_is_complete(wells: System) -> None:
    job = basins_job(wells, ("x", -1.5, 1.5), ("y", -1.0, 1.0), (150, 140), batch=2000)
    pictures, shares = [], []
    for partial in job:
        shares.append(partial.fraction)
        if partial.result is not None:
            pictures.append(partial.result)
    assert shares == sorted(shares)
    assert all(picture.labels.shape == (150, 140) for picture in pictures)
    assert all((picture.labels > 0).all() for picture in pictures)
    assert pictures[0].computed.sum() < pictures[-1].computed.sum() == 150 * 140


def test_a_closed_job_leaves_nothing(wells: System) -> None:
    job = basins_job(wells, ("x", -1.5, 1.5), ("y", -1.0, 1.0), (200, 200))
    for _ in range(5):
        next(job)
    job.close()
    with pytest.raises(StopIteration):
        next(job)


@pytest.mark.parametrize(
    ("equation", "expected"),
    [
        ("-x", 0.0),
        ("-x + cos(w*t)", math.pi),
        ("-x + cos(w*t)*sin(3*t + 1)", 2.0 * math.pi),
        ("-x + mod(t, 3)", 3.0),
        ("-x + cos(t) + cos(sqrt(2)*t)", None),
        ("-x + exp(-t)", None),
        ("-x + cos(t^2)", None),
        ("-x + cos(x + t)", 2.0 * math.pi),
        ("-x + cos(x*t)", None),
    ],
)
def test_the_period_of_a_drive(equation: str, expected: float | None) -> None:
    system = make("driven", "flow", {"x": equation}, (0.0,), w=2.0)
    found = forcing_period(system)
    assert found == (None if expected is None else pytest.approx(expected))


def test_angles_are_told_by_the_equations() -> None:
    systems = engine.systems()
    assert turn(systems["pendulum"], "theta") == pytest.approx(2.0 * math.pi)
    assert turn(systems["pendulum"], "omega") == 0.0
    assert turn(systems["driven-pendulum"], "theta") == pytest.approx(2.0 * math.pi)
    assert turn(systems["lorenz"], "x") == 0.0


def test_the_exponent_of_known_shares() -> None:
    distances = np.array([1.0, 2.0, 4.0, 8.0])
    slope, error = exponent(distances, 0.01 * distances**0.6)
    assert slope == pytest.approx(0.6)
    assert error == pytest.approx(0.0, abs=1e-9)
    assert math.isnan(exponent(distances, np.zeros(4))[0])


def _driven(work):
    while True:
        try:
            next(work)
        except StopIteration as stop:
            return stop.value


def test_three_stripes_are_not_wada() -> None:
    labels = np.repeat(np.array([1, 2, 3]), 20)[None, :].repeat(60, axis=0)
    assert _driven(merged_distance(labels, [1, 2, 3])) >= 19
    assert math.isnan(_driven(merged_distance(labels, [1, 2])))
    distances, shares = _driven(uncertain(labels))
    # Two lines: 2 d of the columns on either side of each.
    inside = 60 - 2 * distances
    np.testing.assert_allclose(shares, 4 * distances / inside)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"x": ("z", 0.0, 1.0)}, "no variable 'z'"),
        ({"x": ("x", 1.0, 0.0)}, "lower one first"),
        ({"x": ("y", 0.0, 1.0)}, "two different variables"),
        ({"shape": (3, 0)}, "whole number"),
        ({"settle": 0}, "settle"),
    ],
)
def test_what_cannot_be_used_is_named(wells: System, changes: dict, words: str) -> None:
    settings = {"x": ("x", -1.0, 1.0), "y": ("y", -1.0, 1.0), "shape": (4, 4)} | changes
    with pytest.raises(ParameterError, match=words):
        basins(wells, **settings)


def test_one_variable_is_no_plane() -> None:
    with pytest.raises(ParameterError, match="'logistic' has x alone"):
        methods()["basins"].start(Subject(system=engine.systems()["logistic"])).send(None)


def test_drives_that_do_not_repeat_ask_for_an_interval() -> None:
    system = make("fading", "flow", {"x": "-x + exp(-t)", "y": "-y"}, (0.0, 0.0))
    with pytest.raises(ParameterError, match="give the interval"):
        basins(system, ("x", -1.0, 1.0), ("y", -1.0, 1.0), (4, 4))


def test_the_method_runs_with_what_it_chooses(wells: System) -> None:
    method = methods()["basins"]
    result = run(method.start(Subject(system=wells), {"rows": 32, "columns": 32}))
    assert (result.x, result.y) == ("x", "y")
    names = {scalar.name for scalar in result.scalars()}
    assert names >= {"fraction_1", "fraction_2", "uncertainty_exponent"}
    assert result.plots()[0].items[0].values.shape == (32, 32)
