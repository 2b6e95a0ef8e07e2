"""Generalised Hurst exponents of a cascade, which are known in closed form."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.analysis._fluctuations import profile, residuals
from engine.analysis.dfa import dfa
from engine.analysis.method import Sampled, Subject
from engine.analysis.methods import methods
from engine.analysis.multifractal_dfa import moment_means, multifractal_dfa, multifractal_dfa_job
from engine.errors import ParameterError
from engine.job import run
from tests.engine.analysis.fractional_noise import binomial_cascade, fractional_gaussian_noise

Array = NDArray[np.float64]


ORDERS = np.array([-4.0, -3.0, -2.0, -1.0, 1.0, 2.0, 3.0, 4.0, 5.0])


def cascade_exponents(share: float, q: Array) -> Array:
    """h(q) of the binomial cascade: J. W. Kantelhardt et al., Physica A 316, 87 (2002)."""
    return 1.0 / q - np.log(share**q + (1.0 - share) ** q) / (q * np.log(2.0))


def test_the_binomial_cascade() -> None:
    found = multifractal_dfa(binomial_cascade(0.75, 16), ORDERS)
    assert found.exponents == pytest.approx(cascade_exponents(0.75, ORDERS), abs=0.05)
    assert (np.diff(found.exponents) < 0.0).all()


@pytest.mark.parametrize("share", [0.6, 0.75, 0.9])
def test_windows_that_are_cascades_themselves_have_exact_moments(share: float) -> None:
    path, _ = profile(binomial_cascade(share, 16))
    windows = 2 ** np.arange(9, 13)
    logs = [moment_means(run(residuals(path, int(n), 1, 0, 1)), 0, ORDERS) for n in windows]
    slopes = np.polyfit(np.log(windows), logs, 1)[0]
    assert slopes == pytest.approx(cascade_exponents(share, ORDERS), abs=0.006)


def test_the_second_moment_is_the_ordinary_exponent() -> None:
    noise = fractional_gaussian_noise(0.7, 8000, 1)
    found = multifractal_dfa(noise, [0.0, 2.0])
    plain = dfa(noise)
    assert found.exponents[1] == pytest.approx(plain.alpha, abs=1e-12)
    assert found.fluctuations[1] == pytest.approx(plain.fluctuations)


def test_order_zero_lies_between_its_neighbours() -> None:
    found = multifractal_dfa(binomial_cascade(0.7, 13), [-1e-4, 0.0, 1e-4])
    assert found.exponents[1] == pytest.approx(found.exponents[[0, 2]].mean(), abs=1e-6)


def test_a_monofractal_has_one_exponent() -> None:
    found = multifractal_dfa(fractional_gaussian_noise(0.7, 60_000, 2), np.arange(-3.0, 3.5, 0.5))
    assert found.exponents == pytest.approx(np.full(13, 0.7), abs=0.06)
    # tau(q) = q h - 1 is a line; the spectrum is near the point (h, 1).
    assert found.strengths == pytest.approx(np.full(13, 0.7), abs=0.12)
    assert found.spectrum.max() == pytest.approx(1.0, abs=0.05)


def test_the_method_can_be_asked_and_closed() -> None:
    method, noise = methods()["multifractal-dfa"], fractional_gaussian_noise(0.5, 4000, 3)
    found = run(method.start(Subject(Sampled(noise[:, None])), {"orders": 11}))
    assert found.orders.tolist() == np.linspace(-5, 5, 11).tolist()
    assert {scalar.name for scalar in found.scalars()} == {"h2", "spread", "width"}
    assert len(found.plots()) == 3
    job = multifractal_dfa_job(noise)
    next(job)
    job.close()
    with pytest.raises(StopIteration):
        next(job)


@pytest.mark.parametrize(
    ("series", "options", "words"),
    [
        (np.full(500, 2.0), {}, "all values are 2"),
        (np.arange(30.0), {}, "at least 64 points"),
        (np.random.default_rng(0).random(500), {"q": [2.0, 1.0]}, "orders q that increase"),
        (np.random.default_rng(0).random(500), {"q": [2.0]}, "at least two"),
        (np.repeat([0.0, 1.0, 0.0], 200), {}, "only these: take longer windows"),
    ],
)
def test_what_cannot_be_analysed_is_told(series: Array, options: dict, words: str) -> None:
    with pytest.raises(ParameterError, match=words):
        multifractal_dfa(series, **options)
