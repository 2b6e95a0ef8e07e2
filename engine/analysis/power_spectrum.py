"""The power spectrum of a series, as a density with a band of confidence.

Two estimates. *Welch* averages the spectra of overlapping pieces; *multitaper* averages those
of the whole series under several Slepian tapers, which resolves more and leaks less. Both are
calibrated: the density of white noise of variance s is ``2 s step`` at every frequency, and
the area under the peak of a sine of amplitude A is A^2/2. For spectra that change in the
course of time see ``spectrogram``.

Memory: a few arrays as long as the series.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.analysis import _tapers as tapering
from engine.analysis._reconstruction import positive, varied, whole
from engine.analysis.method import Curve, Method, Plot, Scalar, Subject
from engine.errors import ParameterError
from engine.exhibit import Parameter, Reference, Value
from engine.job import Job, Partial, run

Array = NDArray[np.float64]
METHODS = ("welch", "multitaper")
_WHAT = "A power spectrum"
_FEWEST = 16
_SHORTEST = 8
_SLICE = 65_536  # numbers transformed at once


@dataclass(frozen=True, eq=False)
class PowerSpectrum:
    """A one-sided spectral density.

    Attributes
    ----------
    frequencies : array (k,)
        Cycles per unit of time, from 0 to half of ``1 / step``.
    density : array (k,)
        Square of the series' unit, per frequency; its area is the variance.
    low, high : array (k,)
        Band in which the density is, each frequency for itself.
    freedom : array (k,)
        Degrees of freedom of every estimate.
    method : str
        ``welch`` or ``multitaper``.
    step : float
        Time between two numbers.
    resolution : float
        Width in frequency over which the estimate is smeared.
    segment, pieces : int
        Length of the pieces, or of the series, and how many spectra were averaged.
    confidence : float
        Of the band.
    """

    frequencies: Array
    density: Array
    low: Array
    high: Array
    freedom: Array
    method: str
    step: float
    resolution: float
    segment: int
    pieces: int
    confidence: float = 0.95

    def power(self, low: float = 0.0, high: float = math.inf) -> float:
        """Area under the density between two frequencies, both included."""
        inside = (self.frequencies >= low) & (self.frequencies <= high)
        return float(self.density[inside].sum() * (self.frequencies[1] - self.frequencies[0]))

    @property
    def peak(self) -> float:
        """Frequency of the highest peak above zero."""
        return tapering.peak(self.frequencies, self.density)[0]

    def scalars(self) -> tuple[Scalar, ...]:
        """Where the highest peak is, how much it holds, and how much there is."""
        top, total = self.peak, self.power()
        held = self.power(top - 1.5 * self.resolution, top + 1.5 * self.resolution)
        share = held / total if total > 0.0 else math.nan
        width = self.resolution / math.sqrt(12.0)
        return (
            Scalar("peak_frequency", "Frequency of the highest peak", top, width),
            Scalar("peak_period", "Period of the highest peak", 1.0 / top, width / top**2),
            Scalar("peak_share", "Share of the power in the highest peak", share),
            Scalar("power", "Total power", total),
            Scalar("flatness", "Flatness (white noise: 1)", self._flatness()),
        )

    def _flatness(self) -> float:
        """Geometric over arithmetic mean of the density, corrected for the scatter of it."""
        inner = self.density[1:-1]
        if not len(inner) or inner.min() <= 0.0:
            return 0.0
        half = 0.5 * float(self.freedom[1])
        scatter = _digamma(half) - math.log(half)
        return float(np.exp(np.log(inner).mean() - scatter) / inner.mean())

    def plots(self) -> tuple[Plot, ...]:
        """The density over frequency with its band, and over the logarithm of frequency."""
        with np.errstate(divide="ignore"):
            some = self.density > 0.0
            y = np.where(some, self.density, np.nan)
            low, high = np.where(some, self.low, np.nan), np.where(some, self.high, np.nan)
        name = f"{self.method}, {self.confidence:.0%} band"
        line = Curve(self.frequencies, y, name, low, high)
        rest = Curve(self.frequencies[1:], y[1:], name, low[1:], high[1:])
        words = ("frequency", "power spectral density")
        return (
            Plot("Power spectrum", *words, (line,), y_log=True),
            Plot("Power spectrum, both axes logarithmic", *words, (rest,), x_log=True, y_log=True),
        )


def power_spectrum(
    series: object,
    step: float = 1.0,
    method: str = "welch",
    segment: int | None = None,
    overlap: float = 0.5,
    window: str = "hann",
    trend: str = "mean",
    bandwidth: float = 4.0,
    confidence: float = 0.95,
) -> PowerSpectrum:
    """The power spectrum of a series.

    Parameters
    ----------
    series : array-like (m,)
    step : float
        Time between two numbers.
    method : str
        ``welch`` or ``multitaper``.
    segment : int, optional
        Length of Welch's pieces; by default the power of two that leaves about eight.
    overlap : float
        Share of a piece that it has in common with the next, below 1.
    window : str
        Of Welch's pieces: ``hann``, ``hamming``, ``blackman`` or ``rectangle``.
    trend : str
        What is taken away first, from every piece: ``mean``, ``line`` or ``none``.
    bandwidth : float
        Of multitaper: half the width of a peak in units of one over the duration; there are
        ``2 bandwidth - 1`` tapers.
    confidence : float
        Of the band.

    Returns
    -------
    PowerSpectrum

    Raises
    ------
    ParameterError
        If the series is too short, constant or not finite, or a setting cannot be used.

    References
    ----------
    P. D. Welch, IEEE Transactions on Audio and Electroacoustics 15, 70-73 (1967).
    D. J. Thomson, Proceedings of the IEEE 70, 1055-1096 (1982).
    """
    return run(
        power_spectrum_job(
            series, step, method, segment, overlap, window, trend, bandwidth, confidence
        )
    )


def power_spectrum_job(
    series: object,
    step: float = 1.0,
    method: str = "welch",
    segment: int | None = None,
    overlap: float = 0.5,
    window: str = "hann",
    trend: str = "mean",
    bandwidth: float = 4.0,
    confidence: float = 0.95,
) -> Job[PowerSpectrum]:
    """`power_spectrum` as a job."""
    numbers = varied(series, _WHAT, _FEWEST)
    step = positive(step, "step", "a power spectrum")
    one_of(method, "method", METHODS)
    one_of(window, "window", tapering.WINDOWS)
    one_of(trend, "trend", tapering.TRENDS)
    if not 0.0 < confidence < 1.0:
        raise ParameterError(
            f"the confidence of a power spectrum must be between 0 and 1, got {confidence!r}"
        )
    yield Partial(None, 0.0, 1.0, "power spectrum")
    if method == "multitaper":
        sums, length, pieces, freedom, width = yield from _multitaper(numbers, trend, bandwidth)
    else:
        length = pieces_of(len(numbers)) if segment is None else segment
        length = whole(length, "segment", "a power spectrum", _SHORTEST, len(numbers))
        hop = hop_of(length, overlap)
        sums, pieces, freedom, width = yield from _welch(numbers, length, hop, window, trend)
    density = tapering.one_sided(length) * sums * step / pieces
    free = np.where(tapering.one_sided(length) > 1.0, freedom, 0.5 * freedom)
    low, high = tapering.band(free, confidence)
    frequencies = np.asarray(np.fft.rfftfreq(length, step), dtype=np.float64)
    return PowerSpectrum(
        frequencies,
        density,
        density * low,
        density * high,
        free,
        method,
        step,
        width / (length * step),
        length,
        pieces,
        confidence,
    )


def _welch(
    numbers: Array, length: int, hop: int, window: str, trend: str
) -> Generator[Partial[Any], None, tuple[Array, int, float, float]]:
    """Summed spectra of the pieces, how many, their freedom, and the width in grid steps."""
    taper = tapering.window(window, length)
    taper /= math.sqrt(float(taper @ taper))
    pieces = 1 + (len(numbers) - length) // hop
    views = np.lib.stride_tricks.sliding_window_view(numbers, length)[::hop]
    sums = np.zeros(length // 2 + 1)
    together = max(1, _SLICE // length)
    for begun in range(0, pieces, together):
        rows = tapering.without_trend(views[begun : begun + together], trend)
        transform = np.fft.rfft(rows * taper, axis=1)
        sums += (transform.real**2 + transform.imag**2).sum(axis=0)
        yield Partial(None, begun, pieces, "power spectrum")
    # The width of white noise that would pass the window: 1.5 steps of the grid for Hann's.
    width = length / float(taper.sum()) ** 2
    return sums, pieces, tapering.freedom_of_average(taper, hop, pieces), width


def _multitaper(
    numbers: Array, trend: str, bandwidth: float
) -> Generator[Partial[Any], None, tuple[Array, int, int, float, float]]:
    """Summed spectra under the tapers, length, how many, their freedom, width in grid steps."""
    length = len(numbers)
    if not 1.0 <= bandwidth <= length / 4:
        raise ParameterError(
            f"the bandwidth of a power spectrum of {length} points must be from 1 to "
            f"{length / 4:g}, got {bandwidth!r}"
        )
    count = max(1, math.floor(2.0 * bandwidth) - 1)
    tapers = tapering.slepian(length, bandwidth, count)
    yield Partial(None, 0.0, count, "power spectrum")
    level = tapering.without_trend(numbers[None, :], trend)[0]
    sums = np.zeros(length // 2 + 1)
    for done, taper in enumerate(tapers):
        transform = np.fft.rfft(level * taper)
        sums += transform.real**2 + transform.imag**2
        yield Partial(None, done, count, "power spectrum")
    return sums, length, count, 2.0 * count, 2.0 * bandwidth


def pieces_of(count: int) -> int:
    """Length of pieces, a power of two, that leaves about eight when they half overlap."""
    return max(_SHORTEST, 1 << max(0, int(2 * count / 9).bit_length() - 1))


def hop_of(length: int, overlap: float) -> int:
    """Numbers from the start of a piece to that of the next."""
    if not 0.0 <= overlap < 1.0:
        raise ParameterError(f"the overlap of pieces must be from 0 to below 1, got {overlap!r}")
    return max(1, length - math.floor(length * overlap))


def one_of(value: str, name: str, choices: tuple[str, ...]) -> None:
    """Raise where a word is none of the choices."""
    if value not in choices:
        raise ParameterError(
            f"the {name} of a spectrum must be one of {', '.join(choices)}, got {value!r}"
        )


def _digamma(x: float) -> float:
    """Logarithmic derivative of the gamma function, x > 0."""
    found = 0.0
    while x < 8.0:
        found -= 1.0 / x
        x += 1.0
    square = 1.0 / (x * x)
    return found + math.log(x) - 0.5 / x - square * (1 / 12 - square * (1 / 120 - square / 252))


def _job(subject: Subject, options: Mapping[str, Value]) -> Job[PowerSpectrum]:
    sampled = subject.sampled
    assert sampled is not None
    return power_spectrum_job(
        sampled.series,
        sampled.step,
        str(options["method"]),
        int(options["segment"]) or None,
        float(options["overlap"]),
        str(options["window"]),
        str(options["trend"]),
        float(options["bandwidth"]),
    )


def _automatic(subject: Subject) -> Mapping[str, Value]:
    return {"segment": pieces_of(len(subject.sampled.values))} if subject.sampled else {}


METHOD = Method(
    "Power spectrum",
    "Spectra",
    "How the variance of a series is shared among frequencies, as a density with a band of "
    "confidence. A peak is a rhythm, a comb of peaks a periodic or quasiperiodic motion, a "
    "broad spectrum chaos or noise. Welch averages pieces; multitaper keeps the whole series "
    "and so tells closer peaks apart.",
    "Peaks closer than the resolution are one; slower motion than the length of a piece is not "
    "seen, and faster than half the sampling rate appears at a wrong place. A single peak above "
    "a 95 % band is expected in one of forty frequencies by chance. A broad spectrum does not "
    "tell chaos from noise: compare with surrogates.",
    "series",
    _job,
    (
        Parameter(
            "method", "welch", scale="choice", choices=METHODS, help="How spectra are averaged"
        ),
        Parameter(
            "segment", 0, 0, 65536, scale="integer", help="Points of Welch's pieces; 0 chooses"
        ),
        Parameter("overlap", 0.5, 0.0, 0.9, help="Share of a piece that the next one has too"),
        Parameter(
            "window",
            "hann",
            scale="choice",
            choices=tapering.WINDOWS,
            help="How Welch's pieces fade in and out",
        ),
        Parameter(
            "trend",
            "mean",
            scale="choice",
            choices=tapering.TRENDS,
            help="What is taken away before the transform",
        ),
        Parameter(
            "bandwidth",
            4.0,
            1.5,
            16.0,
            help="Half the width of a peak of multitaper, in 1/duration",
        ),
    ),
    _automatic,
    (
        Reference(
            "P. D. Welch",
            1967,
            "The use of fast Fourier transform for the estimation of power spectra",
            "IEEE Transactions on Audio and Electroacoustics 15, 70-73",
            "10.1109/TAU.1967.1161901",
        ),
        Reference(
            "D. J. Thomson",
            1982,
            "Spectrum estimation and harmonic analysis",
            "Proceedings of the IEEE 70, 1055-1096",
            "10.1109/PROC.1982.12433",
        ),
    ),
)
