"""All methods of spectra and embedding refuse the same series, with a reason."""

from __future__ import annotations

import numpy as np
import pytest

from engine.analysis.method import Curve, Points, Sampled, Subject
from engine.analysis.methods import methods
from engine.errors import ParameterError
from engine.job import run

KEYS = (
    "power-spectrum",
    "spectrogram",
    "autocorrelation",
    "mutual-information",
    "delay-embedding",
    "simplex-skill",
    "s-map-skill",
    "rosenstein",
    "wolf",
)


def subject(series: np.ndarray) -> Subject:
    return Subject(Sampled(np.ascontiguousarray(series, dtype=np.float64)[:, None], 0.1))


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize(
    ("series", "words"),
    [
        (np.zeros(0), "points, got 0"),
        (np.full(400, 2.5), "all 400 are 2.5: take another column"),
        (np.r_[np.arange(400.0), np.nan], "row 400 and 0 more are not"),
        (np.r_[np.arange(400.0), np.inf], "row 400 and 0 more are not"),
        (1e200 * np.sin(np.arange(400.0)), "take another unit"),
    ],
)
def test_what_cannot_be_analysed_is_told(key: str, series: np.ndarray, words: str) -> None:
    with pytest.raises(ParameterError, match=words):
        run(methods()[key].start(subject(series)))


@pytest.mark.parametrize("key", KEYS)
def test_results_are_numbers_and_lines_of_one_length(key: str) -> None:
    times = np.arange(800.0)
    series = np.sin(0.3 * times) + np.sin(0.3 * np.sqrt(2.0) * times)
    found = run(methods()[key].start(subject(series)))
    assert found.scalars()
    for plot in found.plots():
        assert plot.title
        assert plot.x_label
        for item in plot.items:
            if isinstance(item, Curve | Points):
                assert item.x.shape == item.y.shape
                assert item.x.ndim == 1
                assert np.isfinite(item.y).any()


@pytest.mark.parametrize("key", KEYS)
def test_a_job_that_is_closed_is_over(key: str) -> None:
    job = methods()[key].start(subject(np.sin(0.3 * np.arange(800.0))))
    next(job)
    job.close()
    with pytest.raises(StopIteration):
        next(job)
