"""Orbit diagrams: period doubling in closed form, Hopf, hysteresis, and what is left empty."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import engine
from engine.analysis._orbit_sweep import nearest, passes
from engine.analysis.orbit_diagram import (
    OrbitImage,
    orbit_diagram,
    orbit_diagram_job,
    orbit_image_job,
)
from engine.errors import ParameterError
from engine.exhibit import Parameter
from engine.integrate.solve import simulate
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
        run=RunDefaults(step=0.01 if kind == "flow" else 1.0, length=20_000),
    )


@pytest.fixture(scope="module")
def logistic() -> System:
    return engine.systems()["logistic"]


@pytest.fixture(scope="module")
def hopf() -> System:
    """The Hopf normal form: a cycle of radius sqrt(mu), a focus at 0 where mu < 0."""
    return make(
        "hopf",
        "flow",
        {"x": "mu*x - w*y - x*(x**2 + y**2)", "y": "w*x + mu*y - y*(x**2 + y**2)"},
        (0.5, 0.0),
        mu=1.0,
        w=1.0,
    )


@pytest.fixture(scope="module")
def bistable() -> System:
    """x' = tanh(2 x + r): two fixed points between folds at r = +-0.5328."""
    return make("bistable", "map", {"x": "tanh(2*x + r)"}, (0.1,), r=0.0)


FOLD = 2**0.5 - float(np.arctanh(0.5**0.5))
"""Where 2 (1 - x^2) = 1 on x = tanh(2 x + r)."""


def test_period_one_is_the_fixed_point(logistic: System) -> None:
    diagram = orbit_diagram(logistic, "r", 1.5, 2.9, columns=50, keep=20)
    r = diagram.parameter_values
    np.testing.assert_allclose(
        diagram.samples, np.repeat((1 - 1 / r)[:, None], 20, axis=1), rtol=1e-12
    )


def test_period_two_is_the_root_of_the_second_iterate(logistic: System) -> None:
    diagram = orbit_diagram(logistic, "r", 3.05, 3.4, columns=40, keep=10)
    r = diagram.parameter_values
    root = np.sqrt((r + 1) * (r - 3))
    low, high = (r + 1 - root) / (2 * r), (r + 1 + root) / (2 * r)
    np.testing.assert_allclose(diagram.samples.min(axis=1), low, rtol=1e-9)
    np.testing.assert_allclose(diagram.samples.max(axis=1), high, rtol=1e-9)
    assert (np.array([len(np.unique(row.round(9))) for row in diagram.samples]) == 2).all()


def test_chaos_fills_the_interval_with_the_arcsine_law(logistic: System) -> None:
    diagram = orbit_diagram(logistic, "r", 3.99, 4.0, columns=2, keep=100_000)
    x = np.sort(diagram.samples[-1])
    # Ulam and von Neumann: the invariant density at r = 4 is 1 / (pi sqrt(x (1 - x))).
    law = 2 / np.pi * np.arcsin(np.sqrt(x))
    assert np.abs(law - np.linspace(0, 1, len(x))).max() < 0.01


def test_the_window_of_period_three(logistic: System) -> None:
    # It opens at 1 + sqrt(8) and its cycle is superstable at 3.8318740552...
    diagram = orbit_diagram(logistic, "r", 3.8318740552, 3.8318740553, columns=2, keep=30)
    assert len(np.unique(diagram.samples[0].round(8))) == 3
    assert np.abs(diagram.samples[0] - 0.5).min() < 1e-4


def test_columns_that_escape_are_told_and_left_empty(logistic: System) -> None:
    diagram = orbit_diagram(logistic, "r", 3.5, 4.5, columns=101, keep=50)
    r = diagram.parameter_values
    escaped = np.isfinite(diagram.stopped)
    assert not escaped[r <= 4].any()
    assert escaped[r > 4.2].all()
    assert np.isnan(diagram.samples[escaped]).all()
    assert (diagram.counts[escaped] == 0).all()
    assert np.isfinite(diagram.samples[~escaped]).all()
    for column in np.flatnonzero(escaped)[::7]:
        orbit = simulate(logistic, 1100, values={"r": r[column]})
        assert diagram.stopped[column] == orbit.stopped.time


def test_samples_of_a_column_are_the_orbit_after_the_transient(logistic: System) -> None:
    diagram = orbit_diagram(logistic, "r", 3.6, 4.0, columns=130, transient=123, keep=77)
    for column in (0, 64, 129):
        orbit = simulate(logistic, 200, values={"r": diagram.parameter_values[column]})
        np.testing.assert_array_equal(diagram.samples[column], orbit.states[124:, 0])


def test_a_cycle_is_as_high_as_its_radius_and_a_focus_is_at_rest(hopf: System) -> None:
    diagram = orbit_diagram(hopf, "mu", -0.5, 1.0, columns=7, keep=5, transient=100)
    for mu, row, count in zip(
        diagram.parameter_values, diagram.samples, diagram.counts, strict=True
    ):
        if mu > 0.1:
            assert count == 5
            np.testing.assert_allclose(row, mu**0.5, rtol=1e-6)
        elif mu < -0.1:
            assert count >= 1
            np.testing.assert_allclose(row[:count], 0.0, atol=1e-9)


def test_an_orbit_at_rest_without_maxima_is_one_sample() -> None:
    system = make("node", "flow", {"x": "a - x"}, (0.0,), a=1.0)
    diagram = orbit_diagram(system, "a", 1.0, 3.0, columns=5, transient=50)
    assert (diagram.counts == 1).all()
    np.testing.assert_allclose(diagram.samples[:, 0], diagram.parameter_values, rtol=1e-9)


def test_maxima_lie_between_the_steps() -> None:
    # x = A cos t sampled coarsely: the parabola finds the height better than the samples.
    system = make("coarse", "flow", {"x": "v", "v": "-k*x"}, (1.0, 0.0), k=1.0)
    diagram = orbit_diagram(system, "k", 0.9, 1.1, columns=3, transient=0, keep=8, step=0.1)
    np.testing.assert_allclose(diagram.samples, 1.0, atol=3e-5)


def test_following_shows_hysteresis_between_the_folds(bistable: System) -> None:
    settings = {"columns": 121, "transient": 2000, "keep": 1}
    up = orbit_diagram(bistable, "r", -1.0, 1.0, follow=True, **settings)
    down = orbit_diagram(bistable, "r", -1.0, 1.0, follow="down", **settings)
    r = up.parameter_values
    between = np.abs(r) < FOLD - 0.01
    outside = np.abs(r) > FOLD + 0.01
    assert (up.samples[between] < -0.5).all()
    assert (down.samples[between] > 0.5).all()
    np.testing.assert_allclose(up.samples[outside], down.samples[outside], rtol=1e-9)
    # Both are fixed points.
    for diagram in (up, down):
        x = diagram.samples[:, 0]
        np.testing.assert_allclose(x, np.tanh(2 * x + r), atol=1e-9)


def test_following_goes_on_after_a_column_that_escapes(logistic: System) -> None:
    diagram = orbit_diagram(logistic, "r", 3.0, 5.0, columns=21, keep=20, follow="down")
    r = diagram.parameter_values
    assert np.isfinite(diagram.stopped[r > 4.01]).all()
    assert (diagram.counts[r < 4] == 20).all()


def test_following_a_flow_gives_the_same_cycles(hopf: System) -> None:
    diagram = orbit_diagram(hopf, "mu", 0.25, 1.0, columns=5, keep=4, transient=50, follow="up")
    expected = np.repeat(diagram.parameter_values[:, None] ** 0.5, 4, axis=1)
    np.testing.assert_allclose(diagram.samples, expected, rtol=1e-6)


@pytest.mark.parametrize("follow", ["no", "up"])
def test_a_job_shows_coarse_columns_first_and_ends_with_all(logistic: System, follow: str) -> None:
    whole = orbit_diagram(logistic, "r", 3.0, 4.0, columns=300, keep=200, follow=follow)
    done = 0.0
    for partial in orbit_diagram_job(logistic, "r", 3.0, 4.0, columns=300, keep=200, follow=follow):
        assert partial.done >= done
        done = partial.done
        if partial.result is not None:
            known = partial.result.computed
            np.testing.assert_array_equal(partial.result.samples[known], whole.samples[known])
    assert whole.computed.all()


def test_a_picture_counts_what_the_samples_say(logistic: System) -> None:
    settings = {"columns": 150, "transient": 300, "keep": 400}
    diagram = orbit_diagram(logistic, "r", 3.4, 4.2, **settings)
    image = run(orbit_image_job(logistic, "r", 3.4, 4.2, rows=90, **settings))
    assert image.image.shape == (90, 150)
    assert image.image.dtype == np.float32
    np.testing.assert_array_equal(image.stopped, diagram.stopped)
    low, high = image.value_range
    assert not image.clipped
    good = np.isnan(diagram.stopped)
    assert (image.image[:, good].sum(axis=0) == 400).all()
    assert (image.image[:, ~good] == 0).all()
    for column in np.flatnonzero(good)[::10]:
        expected = np.floor((diagram.samples[column] - low) * (90 / (high - low)))
        counts = np.bincount(expected.astype(int), minlength=90)
        np.testing.assert_array_equal(image.image[:, column], counts)


def test_a_picture_of_a_part_leaves_out_the_rest_and_says_so(logistic: System) -> None:
    image = run(
        orbit_image_job(
            logistic, "r", 3.9, 4.0, columns=70, rows=50, keep=500, value_range=(0.4, 0.6)
        )
    )
    assert image.value_range == (0.4, 0.6)
    assert image.clipped
    total = image.image.sum(axis=0)
    assert (total < 500).all()
    assert total.max() > 0


@pytest.mark.parametrize("follow", ["no", "up"])
def test_a_picture_of_a_flow(hopf: System, follow: str) -> None:
    pictures: list[OrbitImage] = []
    image = run(
        orbit_image_job(
            hopf, "mu", 0.04, 1.0, columns=80, rows=200, keep=10, transient=200, follow=follow
        ),
        lambda p: pictures.append(p.result) if p.result is not None else None,
    )
    low, high = image.value_range
    peak = image.image.argmax(axis=0)
    heights = low + (peak + 0.5) * (high - low) / 200
    np.testing.assert_allclose(heights, image.parameter_values**0.5, atol=(high - low) / 200)
    for picture in pictures:
        assert picture.image.shape == (200, 80)


def test_the_same_diagram_twice_is_the_same(hopf: System) -> None:
    lorenz = engine.systems()["lorenz"]
    settings = {"columns": 70, "keep": 20, "transient": 10}
    one, two = (orbit_diagram(lorenz, "rho", 20, 60, **settings) for _ in range(2))
    np.testing.assert_array_equal(one.samples, two.samples)


def test_a_closed_job_leaves_nothing_behind(logistic: System) -> None:
    job = orbit_image_job(logistic, "r", 3.0, 4.0)
    next(job)
    job.close()
    with pytest.raises(StopIteration):
        next(job)


@given(st.integers(1, 5000))
def test_passes_cover_every_column_once(columns: int) -> None:
    seen = np.concatenate([np.arange(columns)[part] for part in passes(columns)])
    assert sorted(seen) == list(range(columns))
    # None is so small that the threads would idle.
    assert all(len(np.arange(columns)[part]) >= min(columns, 63) for part in passes(columns))


@given(st.lists(st.booleans(), min_size=1, max_size=60))
def test_columns_not_computed_show_the_nearest_that_is(done: list[bool]) -> None:
    flags = np.array(done)
    found = nearest(flags)
    for column, source in enumerate(found):
        if not flags.any():
            assert source == -1
        else:
            assert flags[source]
            closest = np.abs(np.flatnonzero(flags) - column).min()
            assert abs(source - column) == closest


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"parameter": "q"}, "'logistic' has no parameter 'q'; it has r"),
        ({"variable": "z"}, "'logistic' has no variable 'z'; it has x"),
        ({"low": 4.0, "high": 4.0}, "runs from low to high, got 4 to 4"),
        ({"low": float("nan")}, "low must be a finite number, got nan"),
        ({"columns": 0}, "columns must be a whole number of at least 1, got 0"),
        ({"columns": 2.5}, "columns must be a whole number"),
        ({"keep": -1}, "keep must be a whole number"),
        ({"transient": -1}, "transient must be at least 0, got -1"),
        ({"follow": "left"}, "follow must be up, down or no, got 'left'"),
        ({"columns": 10**6, "keep": 10**6}, "GiB.*fewer columns or keep fewer samples"),
        ({"values": {"s": 1.0}}, "'logistic' has no parameter 's'"),
        ({"initial": [1.0, 2.0]}, "must have 1 numbers"),
    ],
)
def test_what_cannot_be_used_is_refused_with_a_sentence(
    logistic: System, settings: dict[str, object], message: str
) -> None:
    given: dict[str, object] = {"parameter": "r", "low": 3.0, "high": 4.0} | settings
    call: Callable[..., object] = orbit_diagram
    with pytest.raises(ParameterError, match=message):
        call(logistic, **given)


def test_a_sketch_is_shown_while_the_kernel_compiles() -> None:
    """The logistic map rests at 1 - 1/r for r between 1 and 3."""
    # A system nobody has compiled before: the number makes its equations new.
    number = np.random.default_rng().integers(1, 2**40)
    equations = {"x": f"r*x*(1 - x) + {number}*1e-40"}
    system = make("fresh", "map", equations, (0.4,), r=2.0)
    # As in a window: the orbit is there before its diagram.
    simulate(system, duration=10.0)
    sketches = []
    for partial in orbit_image_job(system, "r", 1.5, 2.8, columns=600, rows=200, keep=1000):
        if partial.message != "compiling":
            break
        if partial.result is not None:
            sketches.append(partial.result)
    assert sketches
    image = sketches[-1]
    assert 64 <= image.computed.sum() < 600
    low, high = image.value_range
    for column in np.flatnonzero(image.computed):
        (row,) = np.flatnonzero(image.image[:, column])
        rest = 1.0 - 1.0 / image.parameter_values[column]
        assert low + (row - 1) * (high - low) / 200 <= rest <= low + (row + 2) * (high - low) / 200


def test_columns_of_a_whole_parameter_are_whole() -> None:
    for follow in ("no", "up"):
        found = orbit_diagram(
            engine.systems()["doubling"], "m", 2, 8, columns=25, keep=20, follow=follow
        )
        assert set(found.parameter_values) == {2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0}
        assert found.computed.all()
