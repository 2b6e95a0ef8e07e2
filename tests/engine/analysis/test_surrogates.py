"""Surrogates keep what they promise; a control tells chaos from noise, and noise from nothing."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.analysis.method import Sampled, Subject
from engine.analysis.methods import methods
from engine.analysis.permutation_complexity import permutation_complexity
from engine.analysis.surrogate_control import surrogate_control, surrogate_control_job
from engine.analysis.surrogates import KINDS, Kind, surrogates, surrogates_job
from engine.errors import ParameterError, UnknownKeyError
from engine.job import run

Array = NDArray[np.float64]


def coloured(count: int, memory: float = 0.8, seed: int = 0) -> Array:
    chance = np.random.default_rng(seed).normal(size=count)
    out = np.empty(count)
    x = 0.0
    for i, kick in enumerate(chance.tolist()):
        x = memory * x + kick
        out[i] = x
    return out


def logistic(count: int) -> Array:
    x, out = 0.3141, np.empty(count)
    for i in range(count):
        x = 4.0 * x * (1.0 - x)
        out[i] = x
    return out


SERIES = np.exp(0.5 * coloured(2_048)) + 1.0


@pytest.mark.parametrize("kind", ["shuffle", "iaaft"])
@pytest.mark.parametrize("count", [2_048, 2_047])
def test_values_are_kept_exactly(kind: Kind, count: int) -> None:
    found = surrogates(SERIES[:count], kind, 3)
    for row in found.values:
        assert np.array_equal(np.sort(row), np.sort(SERIES[:count]))
        assert not np.array_equal(row, SERIES[:count])


@pytest.mark.parametrize("count", [2_048, 2_047])
@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_phases_keep_the_spectrum_and_the_mean_exactly(count: int, sign: float) -> None:
    series = sign * SERIES[:count]
    found = surrogates(series, "phase", 3)
    wanted = np.abs(np.fft.rfft(series))
    for row in found.values:
        assert np.abs(np.fft.rfft(row)) == pytest.approx(wanted, rel=1e-9, abs=1e-9)
        assert row.mean() == pytest.approx(series.mean())
        assert abs(np.corrcoef(row, series)[0, 1]) < 0.2
    assert found.mismatch.max() < 1e-12


def test_iaaft_keeps_the_spectrum_nearly() -> None:
    for series, most in ((coloured(4_096), 0.02), (SERIES, 0.1)):
        assert surrogates(series, "iaaft", 3).mismatch.max() < most
        assert surrogates(series, "shuffle", 3).mismatch.min() > 0.3


def test_a_surrogate_is_the_same_whatever_the_count() -> None:
    for kind in KINDS:
        few, many = surrogates(SERIES, kind, 2, 7), surrogates(SERIES, kind, 4, 7)
        assert np.array_equal(few.values, many.values[:2])
        assert not np.array_equal(few.values, surrogates(SERIES, kind, 2, 8).values)


def test_independent_values_need_no_more_than_shuffling() -> None:
    series = np.random.default_rng(3).normal(size=1_000)
    found = surrogates(series, "shuffle", 200)
    lag = [np.mean(row[1:] * row[:-1]) for row in found.values]
    assert np.std(lag) == pytest.approx(1.0 / np.sqrt(1_000), rel=0.2)


@pytest.mark.parametrize(
    ("series", "options", "words"),
    [
        (np.ones(50), {}, "all 50 values are 1"),
        (SERIES, {"kind": "fourier"}, "shuffle, phase, iaaft, got 'fourier'"),
        (SERIES, {"count": 0}, "at least 1, got 0"),
        (SERIES, {"count": 1_000_000}, "take 24414 or a part"),
        (SERIES[:5], {}, "at least 8 points"),
    ],
)
def test_what_has_no_surrogates_is_told(
    series: Array, options: dict[str, object], words: str
) -> None:
    with pytest.raises(ParameterError, match=words):
        surrogates(series, **options)  # type: ignore[arg-type]


def test_chaos_is_told_from_its_surrogates() -> None:
    found = surrogate_control(logistic(2_000), "permutation-complexity", "iaaft", 39)
    at = found.names.index("entropy")
    assert found.values[at] == pytest.approx(0.68, abs=0.01)  # order 5
    assert found.probabilities[at] == pytest.approx(2.0 / 40.0)
    assert found.deviations[at] < -10.0
    assert found.controls.shape == (39, len(found.names))
    assert any(scalar.name == "entropy_p" for scalar in found.scalars())
    assert len(found.plots()) >= 3


def test_a_linear_process_is_not_told_from_its_own() -> None:
    # p is even on its values where the series is one of its surrogates' kind.
    probabilities = []
    for seed in range(12):
        found = surrogate_control(
            coloured(512, seed=seed), lambda x: permutation_complexity(x, 4).entropy, "phase", 19
        )
        probabilities.append(found.probabilities[0])
    assert min(probabilities) >= 0.1 - 1e-12
    assert np.mean(probabilities) > 0.3


def test_options_are_chosen_once_for_the_series() -> None:
    series = np.sin(0.05 * np.arange(3_000)) + 0.05 * np.random.default_rng(0).normal(size=3_000)
    found = surrogate_control(series, "permutation-complexity", "shuffle", 3)
    assert int(found.options["delay"]) > 1
    order = int(found.options["order"])
    row = surrogates(series, "shuffle", 3).values[2]
    own = permutation_complexity(row, order, int(found.options["delay"])).entropy
    assert found.controls[2, found.names.index("entropy")] == pytest.approx(own)


def test_what_is_no_measure_of_a_series_is_told() -> None:
    with pytest.raises(UnknownKeyError, match="sample-entropy"):
        surrogate_control(SERIES, "sample-entrop")
    with pytest.raises(ParameterError, match="Surrogates is not"):
        surrogate_control(SERIES, "surrogates")
    with pytest.raises(ParameterError, match="a function has no options"):
        surrogate_control(SERIES, np.mean, options={"m": 2})


def test_leaving_ends_the_work_inside() -> None:
    ended = []

    def measure(x: Array) -> float:
        ended.append(float(x[0]))
        return float(x[0])

    job = surrogate_control_job(SERIES, measure, "shuffle", 19)
    fractions = [next(job).fraction for _ in range(30)]
    job.close()
    calls = len(ended)
    assert fractions == sorted(fractions)
    assert fractions[-1] < 1.0
    with pytest.raises(StopIteration):
        next(job)
    assert len(ended) == calls
    inner = surrogates_job(SERIES, "iaaft", 10)
    next(inner)
    inner.close()


def test_they_run_as_methods() -> None:
    subject = Subject(Sampled(SERIES[:512, None], 0.1))
    found = run(methods()["surrogates"].start(subject, {"count": 2}))
    assert found.values.shape == (2, 512)
    assert [plot.x_log for plot in found.plots()] == [False, True, False]
    control = run(
        methods()["surrogate-control"].start(
            subject, {"method": "sample-entropy", "count": 3, "kind": "shuffle"}
        )
    )
    assert control.method == "Sample entropy"
    assert np.isfinite(control.values[0])
