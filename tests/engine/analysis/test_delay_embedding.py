"""Embeddings of known attractors have their known dimensions and delays."""

from __future__ import annotations

import numpy as np
import pytest

import engine
from engine.analysis.delay_embedding import METHOD, delay_embedding
from engine.analysis.method import Sampled, Subject
from engine.errors import ParameterError
from engine.job import run


def lorenz_x(count: int = 8000, step: float = 0.02) -> np.ndarray:
    system = engine.systems()["lorenz"]
    orbit = engine.simulate(system, count * step, step, method="rk4", transient=20.0)
    return np.ascontiguousarray(orbit.states[:, 0])


def henon_x(count: int = 4000) -> np.ndarray:
    orbit = engine.iterate(engine.systems()["henon"], count, transient=100)
    return np.ascontiguousarray(orbit.states[:, 0])


def test_lorenz_needs_three_dimensions() -> None:
    # M. B. Kennel et al. (1992) and L. Cao (1997) both find 3.
    found = delay_embedding(lorenz_x(), step=0.02)
    assert (found.kennel, found.cao, found.dimension) == (3, 3, 3)
    # A turn of the orbit takes about 0.75; a quarter of that is new and of the same turn.
    assert found.delay * 0.02 == pytest.approx(0.75 / 4.0, abs=0.07)
    assert "minimum" in found.delay_from
    assert np.abs(found.e2 - 1.0).max() > 0.3  # determined


def test_ikeda_needs_four_dimensions() -> None:
    # L. Cao (1997): 4 for the Ikeda map.
    orbit = engine.iterate(engine.systems()["ikeda"], 8000, transient=200).states[:, 0]
    found = delay_embedding(orbit, delay=1)
    assert (found.kennel, found.cao) == (4, 4)


def test_henon_needs_two_dimensions() -> None:
    found = delay_embedding(henon_x())
    assert (found.kennel, found.cao, found.dimension, found.delay) == (2, 2, 2, 1)
    assert np.abs(found.e2 - 1.0).max() > 0.3


def test_noise_is_not_determined() -> None:
    # L. Cao (1997): E2 is 1 in every dimension for independent random numbers.
    found = delay_embedding(np.random.default_rng(0).standard_normal(5000), delay=1)
    assert np.abs(found.e2 - 1.0).max() < 0.1
    assert found.false_neighbours[0] > 0.5


def test_rows_are_the_series_one_delay_after_the_other() -> None:
    found = delay_embedding(np.arange(10.0), 3, 2)
    np.testing.assert_array_equal(found.states[:, 0], np.arange(6.0))
    np.testing.assert_array_equal(found.states[4], [4.0, 6.0, 8.0])
    assert (found.dimension_from, found.delay_from) == ("given", "given")


def test_neither_unit_nor_origin_counts() -> None:
    series = henon_x(1500)
    one, other = delay_embedding(series), delay_embedding(1000.0 - 20.0 * series)
    np.testing.assert_allclose(one.e1, other.e1, rtol=1e-6)
    np.testing.assert_allclose(one.false_neighbours, other.false_neighbours, atol=2e-3)


def test_a_rhythm_has_two_dimensions() -> None:
    # Its period is no whole number of points, so that it does not repeat itself exactly.
    found = delay_embedding(np.sin(2 * np.pi * np.arange(3000) / (20.0 * np.sqrt(2.0))))
    assert found.kennel == 2


@pytest.mark.parametrize(
    ("series", "options", "words"),
    [
        (np.ones(200), {}, "numbers that vary"),
        (np.arange(50.0), {}, "at least 100 points"),
        (np.sin(np.arange(150.0)), {"delay": 45}, "take more points"),
        (np.arange(30.0), {"dimension": 4, "delay": 10}, "leave 0 in 4 dimensions"),
        (np.arange(300.0), {"delay": 0}, "from 1 to 299, got 0"),
    ],
)
def test_bad_input_is_told(series: np.ndarray, options: dict[str, int], words: str) -> None:
    with pytest.raises(ParameterError, match=words):
        delay_embedding(series, **options)  # type: ignore[arg-type]


def test_the_method_gives_what_the_function_gives() -> None:
    series = henon_x(1000)
    found = run(METHOD.start(Subject(Sampled(series[:, None]))))
    np.testing.assert_array_equal(found.states, delay_embedding(series).states)
    assert found.scalars()[0].value == 2
    assert len(found.plots()) == 4


def test_it_can_be_left_at_any_moment() -> None:
    job = METHOD.start(Subject(Sampled(henon_x(1000)[:, None])))
    for _ in range(12):
        next(job)
    job.close()
    with pytest.raises(StopIteration):
        next(job)
