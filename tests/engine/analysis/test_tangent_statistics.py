"""Means of blocks and their errors, against numbers whose scatter is known."""

from __future__ import annotations

import math

import numpy as np
import pytest

from engine.analysis._tangent_statistics import (
    boundaries,
    dimension_error,
    settled,
    sheared,
    standard_error,
)


def test_blocks_are_uneven_and_fill_the_time() -> None:
    ends = boundaries(64)
    lengths = np.diff(ends, prepend=0.0)
    assert ends[-1] == 1.0
    assert (lengths > 0.4 / 64).all()
    assert lengths.std() > 0.1 / 64


def test_error_of_independent_blocks_is_that_of_their_mean() -> None:
    random = np.random.default_rng(3)
    lengths = np.full(64, 2.0)
    found = standard_error(2.0 * random.normal(1.0, 0.8, (64, 400)), lengths)
    # The largest of four estimates: never much below, a fifth above on the mean.
    assert found.mean() == pytest.approx(1.2 * 0.8 / 8.0, rel=0.15)
    assert found.min() > 0.7 * 0.8 / 8.0


def test_error_of_related_blocks_is_larger() -> None:
    """Four neighbours alike: sixteen independent values, an error twice as large."""
    random = np.random.default_rng(5)
    growth = np.repeat(random.normal(0.0, 1.0, (16, 200)), 4, axis=0)
    assert standard_error(growth, np.ones(64)).mean() == pytest.approx(0.25, rel=0.25)


def test_periodic_growth_does_not_feign_certainty() -> None:
    """A period that fits the mean block: even blocks would see no scatter at all."""
    times = boundaries(64) * 64.0
    cumulated = np.sin(2.0 * math.pi * times)
    growth = np.diff(cumulated, prepend=0.0)[:, None]
    assert standard_error(growth, np.diff(times, prepend=0.0))[0] > 0.05


def test_one_block_tells_nothing() -> None:
    assert np.isnan(standard_error(np.ones((1, 2)), np.ones(1))).all()


def test_small_exponents_of_regular_orbits_are_zero() -> None:
    errors = np.full(3, 0.01)
    assert settled(np.array([-0.001, -0.5, -1.0]), errors).tolist() == [0.0, -0.5, -1.0]
    chaotic = np.array([0.9, -0.001, -14.0])
    assert settled(chaotic, errors).tolist() == chaotic.tolist()


def test_dimension_inherits_the_scatter_of_the_exponents() -> None:
    """D = 1 + l1 / |l2|: with l2 fixed its error is that of l1 over |l2|."""
    random = np.random.default_rng(7)
    growth = np.column_stack([random.normal(0.5, 0.2, 64), np.full(64, -2.0)])
    expected = 0.2 / 8.0 / 2.0
    found = dimension_error(growth, np.ones(64), np.zeros(2))
    assert found == pytest.approx(expected, rel=0.5)


def test_errors_allow_for_shear() -> None:
    """What grew no more than in proportion to time may not grow at all."""
    exponents, errors = np.array([0.7, 2e-4, -2e-4]), np.array([0.02, 5e-5, 5e-5])
    found = sheared(exponents, errors, 12_000.0, 300_000)
    assert found == pytest.approx([0.02, 2e-4, 2e-4])
    assert sheared(exponents, errors, 1e6, 300_000) == pytest.approx(errors)
