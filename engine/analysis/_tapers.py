"""Windows and tapers of spectra, the freedom of averages of them, and the bands that follow.

Closed forms and short sums; the spectra themselves are in ``power_spectrum`` and
``spectrogram``.

References
----------
P. D. Welch, IEEE Transactions on Audio and Electroacoustics 15, 70-73 (1967): the variance of
an average of overlapping pieces. D. J. Thomson, Proceedings of the IEEE 70, 1055-1096 (1982):
Slepian tapers.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

WINDOWS = ("hann", "hamming", "blackman", "rectangle")
TRENDS = ("mean", "line", "none")
_LONGEST = 8_192
"""Tapers of longer series are those of this length, drawn out."""

_COSINES = {
    "hann": (0.5, -0.5),
    "hamming": (0.54, -0.46),
    "blackman": (0.42, -0.5, 0.08),
    "rectangle": (1.0,),
}


def window(name: str, length: int) -> Array:
    """A window that repeats after `length`: a sum of cosines, by one of `WINDOWS`."""
    turn = 2.0 * np.pi * np.arange(length) / length
    terms = [share * np.cos(k * turn) for k, share in enumerate(_COSINES[name])]
    return np.asarray(np.sum(terms, axis=0), dtype=np.float64)


def slepian(length: int, bandwidth: float, count: int) -> Array:
    """Slepian tapers ``(count, length)``, the sum of squares of each is 1."""
    from scipy.signal.windows import dpss

    short = min(length, _LONGEST)
    tapers = np.asarray(dpss(short, bandwidth, count), dtype=np.float64)
    if short < length:
        # They are smooth: straight lines between these values are within a millionth.
        old = (np.arange(short) + 0.5) / short
        new = (np.arange(length) + 0.5) / length
        tapers = np.stack([np.interp(new, old, taper) for taper in tapers])
    return np.asarray(tapers / np.sqrt((tapers**2).sum(axis=1, keepdims=True)))


def without_trend(pieces: Array, trend: str) -> Array:
    """Rows ``(k, length)`` less their mean, less the line through them, or as they are."""
    if trend == "none":
        return pieces
    middle = pieces - pieces.mean(axis=-1, keepdims=True)
    if trend == "mean":
        return np.asarray(middle)
    t = np.linspace(-1.0, 1.0, pieces.shape[-1])
    slope = (middle @ t) / (t @ t)
    return np.asarray(middle - slope[..., None] * t)


def freedom_of_average(taper: Array, hop: int, pieces: int) -> float:
    """Degrees of freedom of an average over pieces of noise that overlap."""
    total = 1.0
    for k in range(1, pieces):
        shared = len(taper) - k * hop
        if shared <= 0:
            break
        overlap = float(taper[:shared] @ taper[k * hop :]) / float(taper @ taper)
        total += 2.0 * (1.0 - k / pieces) * overlap**2
    return 2.0 * pieces / total


def band(freedom: Array, confidence: float) -> tuple[Array, Array]:
    """Factors of an estimate between which the density is, with this confidence.

    The estimate over the density is a chi-squared variable over its degrees of freedom.
    """
    from scipy.special import gammaincinv

    tail = 0.5 * (1.0 - confidence)
    kinds, place = np.unique(freedom, return_inverse=True)  # two or three, of many
    half = 0.5 * kinds
    low = half / gammaincinv(half, 1.0 - tail)
    high = half / gammaincinv(half, tail)
    return np.asarray(low[place], dtype=np.float64), np.asarray(high[place], dtype=np.float64)


def one_sided(length: int) -> Array:
    """Weights of the frequencies of a real transform: twice but at zero and at the last."""
    weights = np.full(length // 2 + 1, 2.0)
    weights[0] = 1.0
    if length % 2 == 0:
        weights[-1] = 1.0
    return weights


def peak(frequencies: Array, density: Array) -> tuple[float, int]:
    """Frequency of the highest peak above zero, between the grid's, and its index."""
    top = 1 + int(density[1:].argmax())
    shift = 0.0
    if 1 < top < len(density) - 1 and density[top - 1 : top + 2].min() > 0.0:
        a, b, c = np.log(density[top - 1 : top + 2])
        bend = a - 2.0 * b + c
        shift = float(0.5 * (a - c) / bend) if bend < 0.0 else 0.0
    return float(frequencies[top] + shift * (frequencies[1] - frequencies[0])), top
