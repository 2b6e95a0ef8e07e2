"""Measures of the shape of a standardised orbit, each a number. Rows in, numbers out.

Every function takes states of shape ``(m, n)`` whose columns have mean zero and deviation
one, sampled evenly; none integrates. Which of them make up a feature vector is said in
``features``.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def standardised(states: Array) -> Array:
    """The columns that move, each with mean zero and standard deviation one."""
    deviation = states.std(axis=0)
    size = np.abs(states).max(axis=0)
    moving = deviation > 1e-7 * np.maximum(size, 1e-300)
    kept = states[:, moving]
    return np.asarray((kept - kept.mean(axis=0)) / deviation[moving])


def power(states: Array, pieces: int = 8) -> Array:
    """Power spectrum of every column by Welch's method, each summing to one.

    Shape ``(frequencies, n)``; Hann windows that overlap by half, the mean left out.
    """
    size = 2 * (len(states) // (pieces + 1))
    window = np.hanning(size)[:, np.newaxis]
    total = np.zeros((size // 2, states.shape[1]))
    for k in range(pieces):
        piece = states[k * size // 2 : k * size // 2 + size]
        total += np.abs(np.fft.rfft(window * (piece - piece.mean(axis=0)), axis=0)[1:]) ** 2
    return np.asarray(total / np.maximum(total.sum(axis=0), 1e-300))


def spectral_entropy(spectrum: Array) -> float:
    """Shannon entropy of the spectrum over its largest possible value, mean of the columns."""
    safe = np.maximum(spectrum, 1e-300)
    entropy = -(spectrum * np.log(safe)).sum(axis=0) / math.log(len(spectrum))
    return float(entropy.mean())


def spectral_peak(spectrum: Array) -> float:
    """Share of the power in the highest peak and its two neighbours, mean of the columns."""
    wide = spectrum.copy()
    wide[1:] += spectrum[:-1]
    wide[:-1] += spectrum[1:]
    return float(wide.max(axis=0).mean())


def spectral_centre(spectrum: Array) -> float:
    """Mean frequency as a share of the highest, mean of the columns."""
    place = (np.arange(len(spectrum)) + 1.0) / len(spectrum)
    return float((place @ spectrum).mean())


def permutation_entropy(states: Array, delay: int, order: int = 4) -> float:
    """Entropy of the order patterns of `order` values, over its largest, mean of columns."""
    count = len(states) - (order - 1) * delay
    codes = np.zeros((count, states.shape[1]), dtype=np.int64)
    weight = 1
    for i in range(order):
        for j in range(i + 1, order):
            # The signs of all differences name the pattern, and are cheaper than sorting.
            first = states[i * delay : i * delay + count]
            codes += weight * (first < states[j * delay : j * delay + count])
            weight *= 2
    entropies = []
    for column in codes.T:
        _, seen = np.unique(column, return_counts=True)
        share = seen / count
        entropies.append(-(share * np.log(share)).sum() / math.log(math.factorial(order)))
    return float(np.mean(entropies))


def memory(states: Array) -> float:
    """Rows after which no later autocorrelation reaches 1/e again, mean of the columns.

    The envelope and not the first crossing counts: a cycle remembers for ever. At most a
    quarter of the rows.
    """
    most = len(states) // 4
    padded = np.fft.rfft(states, 2 * len(states), axis=0)
    raw = np.fft.irfft(np.abs(padded) ** 2, axis=0)[: most + 1]
    correlation = raw / (len(states) - np.arange(most + 1.0))[:, np.newaxis]
    lags = []
    for column in correlation.T:
        above = np.nonzero(np.abs(column) > column[0] / math.e)[0]
        lags.append(float(above[-1]) + 1.0)
    return float(np.mean(lags))


def kurtosis(states: Array) -> float:
    """Fourth moment less that of a Gaussian, compressed, mean of the columns."""
    return float(np.arcsinh((states**4).mean(axis=0) - 3.0).mean())


def skewness(states: Array) -> float:
    """Size of the third moment, compressed, mean of the columns."""
    return float(np.arcsinh(np.abs((states**3).mean(axis=0))).mean())


def irreversibility(states: Array, delay: int) -> float:
    """Size of the skewness of increments, mean of the columns; 0 where time may be reversed."""
    steps = states[delay:] - states[:-delay]
    deviation = np.maximum(steps.std(axis=0), 1e-300)
    return float(
        np.arcsinh(np.abs(((steps - steps.mean(axis=0)) ** 3).mean(axis=0)) / deviation**3).mean()
    )


def asymmetry(states: Array) -> float:
    """Largest gap between the distributions of x and of -x about the middle, mean of columns."""
    gaps = []
    for column in states.T:
        ordered = np.sort(column - 0.5 * (column.max() + column.min()))
        mirrored = -ordered[::-1]
        grid = np.linspace(ordered[0], ordered[-1], 129)
        here = np.searchsorted(ordered, grid) / len(ordered)
        there = np.searchsorted(mirrored, grid) / len(mirrored)
        gaps.append(float(np.abs(here - there).max()))
    return float(np.mean(gaps))


def steps_of(states: Array) -> Array:
    """Length of every step, root mean square over the columns."""
    return np.asarray(np.sqrt((np.diff(states, axis=0) ** 2).mean(axis=1)))


def speed_variation(states: Array) -> float:
    """Deviation of the logarithm of speed: near 0 for a uniform motion, large for bursts."""
    steps = steps_of(states)
    return float(np.log(steps[steps > 1e-9 * steps.max()]).std()) if steps.max() > 0 else 0.0


def spread(states: Array) -> float:
    """Participation of the principal axes: 1 where all count alike, 1/n where one does."""
    values = np.maximum(np.linalg.eigvalsh(states.T @ states / len(states)), 0.0)
    return float(values.sum() ** 2 / ((values**2).sum() * len(values)))


def folding(states: Array) -> float:
    """Mean turn of direction between two steps, as a share of half a turn."""
    steps = np.diff(states, axis=0)
    length = np.linalg.norm(steps, axis=1)
    good = (length[1:] > 0.0) & (length[:-1] > 0.0)
    if not good.any():
        return 0.0
    cosine = (steps[1:] * steps[:-1]).sum(axis=1)[good] / (length[1:] * length[:-1])[good]
    return float(np.arccos(np.clip(cosine, -1.0, 1.0)).mean() / math.pi)


def evenly(count: int, most: int) -> NDArray[np.int64]:
    """At most `most` of `count` places, evenly spread."""
    return np.unique(np.linspace(0, count - 1, min(count, most)).round().astype(np.int64))
