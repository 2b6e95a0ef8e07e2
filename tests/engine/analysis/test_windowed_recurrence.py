"""Measures in windows are those of their pieces, and tell where the dynamics change."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.analysis._recurrence_lines import TITLES
from engine.analysis._recurrence_states import Settings
from engine.analysis.method import Sampled, Subject
from engine.analysis.methods import methods
from engine.analysis.recurrence_quantification import recurrence_quantification
from engine.analysis.windowed_recurrence import windowed_recurrence, windowed_recurrence_job
from engine.errors import ParameterError
from engine.job import run

Array = NDArray[np.float64]


def noise(count: int, seed: int = 0) -> Array:
    return np.random.default_rng(seed).standard_normal(count)


@pytest.mark.parametrize("choice", [{"rate": 0.1}, {"radius": 0.4}])
def test_a_window_is_the_plot_of_its_piece(choice: dict[str, float]) -> None:
    x = np.sin(0.2 * np.arange(700)) + 0.3 * noise(700)
    found = windowed_recurrence(x, 200, 90, dimension=2, delay=3, theiler=4, step=0.1, **choice)
    assert len(found.times) == 6
    for k, time in enumerate(found.times):
        # 200 states of two values three points apart are 203 points.
        piece = x[90 * k : 90 * k + 203]
        one = recurrence_quantification(piece, dimension=2, delay=3, theiler=4, **choice)
        for name in (*TITLES, "radius"):
            assert getattr(found, name)[k] == pytest.approx(getattr(one, name), rel=1e-12), name
        assert time == pytest.approx(0.1 * (90 * k + 101))


def test_determinism_rises_where_noise_gives_way_to_a_sine() -> None:
    x = np.concatenate([noise(1000), np.sin(0.3 * np.arange(1000))])
    found = windowed_recurrence(x, 250, 125, dimension=2, delay=5, rate=0.05)
    assert (found.determinism[found.times < 850] < 0.25).all()
    assert (found.determinism[found.times > 1150] > 0.9).all()


def test_a_piece_that_stands_still_recurs_everywhere() -> None:
    x = np.concatenate([noise(200), np.full(200, 0.1)])
    found = windowed_recurrence(x, 100, 100, rate=0.05)
    assert found.recurrence_rate[1] == pytest.approx(0.05, abs=1e-3)
    assert (found.recurrence_rate[2:] == 1.0).all()
    # All but the points in the two corners are in lines.
    assert found.determinism[2:] == pytest.approx(1.0 - 2.0 / (100 * 99))
    assert found.laminarity[2:] == pytest.approx(1.0 - 2.0 / (100 * 99))


def test_a_window_without_recurrences_has_no_lines() -> None:
    x = np.concatenate([np.sin(np.arange(100.0)), 10.0 * np.arange(100.0)])
    found = windowed_recurrence(x, 100, 100, radius=0.5)
    assert found.recurrence_rate[1] == 0.0
    assert np.isnan([found.determinism[1], found.trapping_time[1], found.entropy[1]]).all()
    assert np.isfinite([scalar.value for scalar in found.scalars()]).all()


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"window": 500}, "at least 500 points"),
        ({"window": 2}, "'window'.*3 or more, got 2"),
        ({"window": 50, "shift": 0}, "'shift'.*1 or more, got 0"),
        ({"window": 50, "rate": 0.0}, "between 0 and 1"),
    ],
)
def test_what_cannot_be_used_is_told(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(ParameterError, match=words):
        windowed_recurrence(noise(300), **settings)


def test_the_method_chooses_windows() -> None:
    subject = Subject(Sampled(noise(2000)[:, None], 0.5, ("x",), 100.0))
    found = run(methods()["windowed-recurrence"].start(subject))
    assert (found.window, found.shift) == (200, 18)
    assert found.times[0] == pytest.approx(100.0 + 0.5 * 99.5)
    assert len(found.plots()) == len(TITLES) + 1


def test_a_job_shows_windows_and_can_be_left() -> None:
    job = windowed_recurrence_job(noise(3000), Settings(rate=0.1), 200, 20)
    partial = next(step.result for step in job if step.result is not None)
    assert np.isfinite(partial.determinism[:10]).all()
    assert np.isnan(partial.determinism[10:]).all()
    job.close()
    with pytest.raises(StopIteration):
        next(job)
