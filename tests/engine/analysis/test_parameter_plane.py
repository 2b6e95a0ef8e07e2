"""Parameter planes: known exponents and periods, escape by a direct loop, coarse to fine."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import engine
from engine.analysis._plane_order import paint, passes
from engine.analysis._plane_presets import PRESETS
from engine.analysis.lyapunov_spectrum import lyapunov_spectrum
from engine.analysis.method import Sampled, Subject
from engine.analysis.methods import methods
from engine.analysis.parameter_plane import parameter_plane, parameter_plane_job
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
        run=RunDefaults(step=0.01 if kind == "flow" else 1.0),
    )


@pytest.fixture(scope="module")
def henon() -> System:
    return engine.systems()["henon"]


@pytest.fixture(scope="module")
def logistic() -> System:
    """The logistic map with a shift that is to be 0."""
    return make("shifted-logistic", "map", {"x": "r*x*(1 - x) + e"}, (0.3,), r=3.9, e=0.0)


NONE = ("e", -1e-14, 1e-14)


def test_henon_exponent_is_that_of_the_spectrum(henon: System) -> None:
    plane = parameter_plane(
        henon,
        ("a", 1.4 - 1e-9, 1.4 + 1e-9),
        ("b", 0.3 - 1e-9, 0.3 + 1e-9),
        (1, 1),
        iterations=100_000,
    )
    known = lyapunov_spectrum(henon, 100_000)
    error = math.hypot(float(known.stderr[0]), 0.002)
    assert plane.values[0, 0] == pytest.approx(known.exponents[0], abs=3 * error)
    # J. C. Sprott, Chaos and Time-Series Analysis, Oxford University Press 2003, appendix A.
    assert plane.values[0, 0] == pytest.approx(0.41922, abs=0.006)


def test_exponents_of_a_linear_map_are_exact() -> None:
    system = make("linear", "map", {"x": "p*x", "y": "q*y + x"}, (1.0, 1.0), p=0.5, q=0.5)
    plane = parameter_plane(
        system, ("p", 0.1, 0.5), ("q", 0.6, 0.9), (5, 7), iterations=300, transient=400
    )
    expected = np.repeat(np.log(plane.y_values)[:, None], 7, axis=1)
    np.testing.assert_allclose(plane.values, expected, rtol=1e-10)
    assert (plane.errors < 1e-10).all()
    assert plane.computed.all()


def test_periods_of_the_logistic_map(logistic: System) -> None:
    plane = parameter_plane(
        logistic,
        ("r", 2.9, 3.9),
        NONE,
        (1, 500),
        "period",
        transient=20_000,
        longest=8,
    )
    r, found = plane.x_values, plane.values[0]
    # Doublings at 3, 1 + sqrt 6 and 3.544090; the window of three from 1 + sqrt 8 on, which
    # doubles at 3.841499 (R. M. May, Nature 261, 459, 1976).
    for low, high, expected in (
        (2.9, 3.0, 1),
        (3.0, 1 + math.sqrt(6), 2),
        (1 + math.sqrt(6), 3.544090, 4),
        (1 + math.sqrt(8), 3.841499, 3),
    ):
        inside = (r > low + 0.001) & (r < high - 0.001)
        assert inside.sum() > 4
        assert (found[inside] == expected).all()
    below = (r > 3.8284271 - 0.004) & (r < 3.8284271 - 0.0005)
    assert (found[below] != 3).all()


def test_escape_times_are_those_of_a_direct_loop() -> None:
    system = engine.systems()["complex-quadratic"]
    plane = parameter_plane(
        system,
        ("p", -2.0, 0.6),
        ("q", -1.2, 1.2),
        (40, 50),
        "escape-time",
        iterations=100,
        initial=[0.0, 0.0],
        bound=2.0,
    )
    for row in range(0, 40, 3):
        for column in range(0, 50, 3):
            c = complex(plane.x_values[column], plane.y_values[row])
            z, expected = 0j, math.nan
            for n in range(1, 101):
                z = z * z + c
                if max(abs(z.real), abs(z.imag)) > 2.0:
                    expected = n
                    break
            assert plane.values[row, column] == expected or (
                math.isnan(expected) and math.isnan(plane.values[row, column])
            )


def test_statistics_of_a_map_at_rest() -> None:
    system = make("pull", "map", {"x": "p*x + (1 - p)*q"}, (0.0,), p=0.5, q=1.0)
    for measure in ("mean", "minimum", "maximum", "range"):
        plane = parameter_plane(system, ("p", 0.1, 0.5), ("q", 1.0, 3.0), (6, 3), measure)
        expected = np.repeat(plane.y_values[:, None], 3, axis=1) * (measure != "range")
        np.testing.assert_allclose(plane.values, expected, rtol=1e-12, atol=1e-12)


def test_any_scalar_of_a_method_may_be_shown(logistic: System) -> None:
    """K of the 0-1 test is 0 for a cycle of two and 1 for chaos."""
    scalar = methods()["zero-one-test"].start(
        Subject(Sampled(np.random.default_rng(0).random((400, 1))))
    )
    name = run(scalar).scalars()[0].name
    plane = parameter_plane(
        logistic,
        ("r", 3.0, 4.0),
        NONE,
        (1, 5),
        f"zero-one-test.{name}",
        iterations=1000,
    )
    np.testing.assert_allclose(plane.x_values, [3.1, 3.3, 3.5, 3.7, 3.9])
    assert (plane.values[0, :3] < 0.2).all()
    assert (plane.values[0, 3:] > 0.8).all()
    with pytest.raises(ParameterError, match="no scalar 'colour'"):
        parameter_plane(logistic, ("r", 3.7, 4.0), NONE, (1, 2), "zero-one-test.colour")
    with pytest.raises(ParameterError, match="is no scalar of a method"):
        parameter_plane(logistic, ("r", 3.7, 4.0), NONE, (1, 2), "basins.exponent")


def test_turns_of_roessler() -> None:
    """One, two and three turns at c = 2.3, 3.3 and 5.3; none at 5.7."""
    rossler = engine.systems()["rossler"]
    found = [
        parameter_plane(
            rossler,
            ("c", c - 1e-6, c + 1e-6),
            ("a", 0.2 - 1e-6, 0.2 + 1e-6),
            (1, 1),
            "period",
            transient=20_000,
            iterations=12_000,
            longest=12,
        ).values[0, 0]
        for c in (2.3, 3.3, 5.3, 5.7)
    ]
    assert found == [1, 2, 3, 13]


def test_every_picture_is_complete_and_the_last_one_is_all(henon: System) -> None:
    job = parameter_plane_job(
        henon,
        ("a", 0.9, 1.5),
        ("b", 0.1, 0.4),
        (96, 130),
        "escape-time",
        iterations=300,
        batch=1000,
    )
    seen, shares = 0, []
    while True:
        try:
            partial = next(job)
        except StopIteration as stop:
            last = stop.value
            break
        shares.append(partial.fraction)
        if partial.result is not None:
            assert partial.result.values.shape == (96, 130)
            assert partial.result.computed.sum() >= seen
            seen = int(partial.result.computed.sum())
    assert shares == sorted(shares)
    assert last.computed.all()
    whole = run(
        parameter_plane_job(
            henon, ("a", 0.9, 1.5), ("b", 0.1, 0.4), (96, 130), "escape-time", iterations=300
        )
    )
    np.testing.assert_array_equal(last.values, whole.values)


def test_numbers_depend_on_neither_batches_nor_threads(
    henon: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    def plane(batch: int) -> np.ndarray:
        job = parameter_plane_job(
            henon,
            ("a", 1.0, 1.5),
            ("b", 0.1, 0.4),
            (50, 70),
            iterations=200,
            transient=50,
            batch=batch,
        )
        found = run(job)
        return np.concatenate((found.values, found.errors))

    reference = plane(8192)
    np.testing.assert_array_equal(plane(77), reference)
    monkeypatch.setattr("engine.integrate.lanes.threads", lambda: 1)
    np.testing.assert_array_equal(plane(8192), reference)
    assert np.isnan(reference).any()
    assert (reference[:50] > 0.2).any()


@given(rows=st.integers(1, 150), columns=st.integers(1, 150))
def test_passes_compute_every_cell_once_and_show_all_from_the_first_on(
    rows: int, columns: int
) -> None:
    count = np.zeros((rows, columns), int)
    shown = np.full((rows, columns), -1)
    for k, cells in enumerate(passes(rows, columns)):
        np.add.at(count, (cells.rows, cells.columns), 1)
        paint(shown, cells, slice(None), np.full(len(cells.rows), k))
        assert (shown >= 0).all()
        assert (shown[cells.rows, cells.columns] == k).all()
    assert (count == 1).all()


def test_the_limit_of_the_numbers_is_told(henon: System) -> None:
    wide = parameter_plane(
        henon, ("a", 1.0, 1.4), ("b", 0.1, 0.3), (4, 64), "escape-time", iterations=10
    )
    assert not wide.warning
    assert wide.point(1.2001, 0.13) == {"a": pytest.approx(1.203125), "b": pytest.approx(0.125)}
    narrow = parameter_plane(
        henon, ("a", 1.4, 1.4 + 1e-14), ("b", 0.1, 0.3), (4, 64), "escape-time", iterations=10
    )
    assert "64-bit numbers" in narrow.warning
    assert 1e-14 < narrow.narrowest[0] < 1e-12


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"x": ("c", 0.0, 1.0)}, "no parameter 'c'"),
        ({"x": ("a", 1.0, 1.0)}, "lower one first"),
        ({"x": ("b", 0.0, 1.0)}, "two different parameters"),
        ({"measure": "colour"}, "cannot show 'colour'"),
        ({"shape": (0, 5)}, "whole number from 1 on"),
        ({"shape": (10**5, 10**5)}, "too large"),
        ({"variable": "z"}, "no variable 'z'"),
        ({"iterations": 2.5}, "whole number"),
        ({"tolerance": 2.0}, "between 0 and 1"),
    ],
)
def test_what_cannot_be_used_is_named(henon: System, changes: dict, words: str) -> None:
    settings = {"x": ("a", 1.0, 1.4), "y": ("b", 0.1, 0.3), "shape": (4, 4)} | changes
    with pytest.raises(ParameterError, match=words):
        parameter_plane(henon, **settings)


def test_systems_that_have_no_plane_are_refused() -> None:
    with pytest.raises(ParameterError, match="without events"):
        parameter_plane(engine.systems()["izhikevich"], ("a", 0.01, 0.1), ("b", 0.1, 0.3), (4, 4))


def test_one_parameter_is_no_plane() -> None:
    with pytest.raises(ParameterError, match="needs two parameters, and 'logistic' has r"):
        methods()["parameter-plane"].start(Subject(system=engine.systems()["logistic"])).send(None)


def test_the_method_runs_with_what_it_chooses(henon: System) -> None:
    method = methods()["parameter-plane"]
    job = method.start(Subject(system=henon), {"rows": 32, "columns": 32, "iterations": 100})
    result = run(job)
    assert (result.x, result.y) == ("a", "b")
    assert result.y_range == (0.0, 0.4)
    assert {scalar.name for scalar in result.scalars()} >= {"chaotic_share", "escape_share"}
    (plot,) = result.plots()
    assert plot.items[0].values.shape == (32, 32)


def test_a_closed_job_leaves_nothing(henon: System) -> None:
    job = parameter_plane_job(henon, ("a", 1.0, 1.4), ("b", 0.1, 0.3), (64, 64))
    next(job)
    job.close()
    with pytest.raises(StopIteration):
        next(job)


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.title)
def test_presets_name_what_there_is(preset) -> None:
    system = engine.systems()[preset.system]
    job = parameter_plane_job(
        system, preset.x, preset.y, (4, 4), preset.measure, 20, 10, preset.values
    )
    job.close()
    assert set(preset.values) <= set(system.parameters)
    assert preset.x[0] in system.parameters
    assert preset.y[0] in system.parameters
