"""Being local helps where the law is nonlinear, and only there."""

from __future__ import annotations

import numpy as np
import pytest

from engine.analysis.method import Sampled, Subject
from engine.analysis.s_map_skill import METHOD, s_map_skill
from engine.errors import ParameterError
from engine.job import run


def logistic(count: int = 1000, r: float = 3.9) -> np.ndarray:
    out = np.empty(count)
    x = 0.3
    for i in range(count):
        x = r * x * (1.0 - x)
        out[i] = x
    return out


def autoregressive(count: int = 2000, seed: int = 0) -> np.ndarray:
    from scipy.signal import lfilter

    noise = np.random.default_rng(seed).standard_normal(count)
    return np.asarray(lfilter([1.0], [1.0, -1.2, 0.6], noise))


@pytest.mark.parametrize("library", ["first half", "all others"])
def test_the_logistic_map_is_nonlinear(library: str) -> None:
    found = s_map_skill(logistic(), dimension=2, library=library)
    assert found.best > 1.0
    assert found.gain > 0.8
    assert found.gain > 5.0 * found.gain_stderr
    assert found.skill.max() > 0.99


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("library", ["first half", "all others"])
def test_an_autoregressive_process_is_not(seed: int, library: str) -> None:
    found = s_map_skill(autoregressive(seed=seed), dimension=2, library=library)
    assert found.gain < 0.01
    assert found.error[-1] > found.error[0]


def test_one_map_for_all_is_least_squares() -> None:
    series = autoregressive(400)
    found = s_map_skill(series, dimension=2, thetas=[0.0])
    first, second = series[:200], series[200:]
    rows = np.column_stack([np.ones(198), first[:-2], first[1:-1]])
    fitted = np.linalg.lstsq(rows, first[2:])[0]
    ahead = np.column_stack([np.ones(198), second[:-2], second[1:-1]]) @ fitted
    error = np.sqrt(((ahead - second[2:]) ** 2).mean()) / second[2:].std()
    assert found.error[0] == pytest.approx(error, rel=1e-9)
    # What is left of a second-order process is its noise, of deviation 1.
    assert found.error[0] * second[2:].std() == pytest.approx(1.0, abs=0.15)


def test_a_linear_law_is_found_exactly() -> None:
    # x(t+1) = 2 cos(w) x(t) - x(t-1) of a sine, whatever theta.
    found = s_map_skill(np.sin(0.7 * np.arange(300)), dimension=2)
    assert found.error.max() < 1e-4
    np.testing.assert_allclose(found.skill, 1.0)


def test_neither_unit_nor_origin_counts() -> None:
    one, other = (s_map_skill(s, dimension=2) for s in (logistic(400), 5.0 + 9.0 * logistic(400)))
    np.testing.assert_allclose(one.skill, other.skill, rtol=1e-6)


@pytest.mark.parametrize(
    ("series", "options", "words"),
    [
        (np.ones(100), {}, "numbers that vary"),
        (np.arange(30.0), {}, "at least 40 points"),
        (logistic(60), {"thetas": [1.0, 0.5]}, "rising numbers"),
        (logistic(60), {"dimension": 8}, "needs 40 states"),
        (logistic(60), {"library": "none"}, "first half, all others"),
    ],
)
def test_bad_input_is_told(series: np.ndarray, options: dict[str, object], words: str) -> None:
    with pytest.raises(ParameterError, match=words):
        s_map_skill(series, **options)  # type: ignore[arg-type]


def test_the_method_gives_what_the_function_gives() -> None:
    series = logistic(300)
    found = run(METHOD.start(Subject(Sampled(series[:, None])), {"dimension": 2}))
    np.testing.assert_array_equal(found.skill, s_map_skill(series, dimension=2).skill)
    assert len(found.plots()) == 2
