"""Series whose scaling is known: fractional Gaussian noise, cascades, Cantor sets, Hénon."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def fractional_gaussian_noise(hurst: float, count: int, seed: int) -> Array:
    """Fractional Gaussian noise of unit variance, exact in law.

    The covariance is embedded in a circulant matrix, whose eigenvalues are a Fourier
    transform: R. B. Davies and D. S. Harte, Biometrika 74, 95 (1987).
    """
    k = np.arange(count + 1, dtype=np.float64)
    power = 2.0 * hurst
    covariance = 0.5 * (np.abs(k - 1) ** power - 2.0 * k**power + (k + 1) ** power)
    eigenvalues = np.fft.fft(np.concatenate([covariance, covariance[-2:0:-1]])).real
    assert eigenvalues.min() > -1e-9
    size = 2 * count
    random = np.random.default_rng(seed)
    normal = random.standard_normal(size) + 1j * random.standard_normal(size)
    noise = np.fft.fft(np.sqrt(np.maximum(eigenvalues, 0.0) / size) * normal)
    return np.ascontiguousarray(noise.real[:count])


def binomial_cascade(share: float, levels: int) -> Array:
    """Masses of the intervals after a unit mass is split `levels` times."""
    masses = np.ones(1)
    for _ in range(levels):
        masses = np.outer(masses, [share, 1.0 - share]).ravel()
    return masses


def cantor_points(share: float, count: int, seed: int) -> Array:
    """Random points of the middle-third Cantor set, left thirds taken with a probability."""
    random = np.random.default_rng(seed)
    digits = 2.0 * (random.random((count, 34)) >= share)
    return digits @ 3.0 ** -np.arange(1, 35)


def henon_orbit(count: int) -> Array:
    """The Hénon map at a = 1.4, b = 0.3, after 1,000 iterations."""
    x, y = 0.1, 0.1
    states = np.empty((count, 2))
    for i in range(-1000, count):
        x, y = 1.0 - 1.4 * x * x + y, 0.3 * x
        if i >= 0:
            states[i] = x, y
    return states
