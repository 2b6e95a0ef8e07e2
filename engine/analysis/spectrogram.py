"""How the power spectrum of a series changes in the course of time.

The series is cut into overlapping pieces; every column of the picture is the spectral density
of one piece, scaled as in ``power_spectrum``. One chooses between sharp frequencies (long
pieces) and sharp times (short ones). Memory: the picture, of at most 2,000 columns and
4,097 frequencies.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.analysis import _tapers as tapering
from engine.analysis._reconstruction import positive, varied, whole
from engine.analysis.method import Curve, Image, Method, Plot, Scalar, Subject
from engine.analysis.power_spectrum import hop_of, one_of
from engine.exhibit import Parameter, Reference, Value
from engine.job import Job, Partial, run

Array = NDArray[np.float64]
_WHAT = "A spectrogram"
_FEWEST = 32
_SHORTEST, _LONGEST = 8, 8192
_MOST = 2000  # columns
_SLICE = 65_536
_DEEP = 1e-10  # of the highest density: what is below is shown as this


@dataclass(frozen=True, eq=False)
class Spectrogram:
    """Spectral densities of the pieces of a series.

    Attributes
    ----------
    times : array (c,)
        Middles of the pieces, from the first number of the series on.
    frequencies : array (k,)
        Cycles per unit of time.
    density : array (k, c)
        Square of the series' unit, per frequency.
    ridge : array (c,)
        Frequency of the highest peak of every piece; not a number where there is no power.
    step : float
        Time between two numbers.
    segment, hop : int
        Length of the pieces, and from the start of one to that of the next.
    """

    times: Array
    frequencies: Array
    density: Array
    ridge: Array
    step: float
    segment: int
    hop: int

    def scalars(self) -> tuple[Scalar, ...]:
        """The strongest frequency, and how far it wanders."""
        known = self.ridge[np.isfinite(self.ridge)]
        low, middle, high = np.quantile(known, (0.05, 0.5, 0.95)) if len(known) else [np.nan] * 3
        return (
            Scalar("ridge", "Median frequency of the highest peak", float(middle)),
            Scalar("ridge_low", "5 % of the time it is below", float(low)),
            Scalar("ridge_high", "5 % of the time it is above", float(high)),
        )

    def plots(self) -> tuple[Plot, ...]:
        """The picture in decibels below the highest density, with the ridge."""
        highest = max(float(self.density.max()), 1e-300)
        decibels = 10.0 * np.log10(np.maximum(self.density / highest, _DEEP))
        half = 0.5 * self.hop * self.step
        tall = 0.5 * float(self.frequencies[1] - self.frequencies[0])
        image = Image(
            decibels,
            float(self.times[0]) - half,
            float(self.times[-1]) + half,
            float(self.frequencies[0]) - tall,
            float(self.frequencies[-1]) + tall,
            "density in dB below the highest",
        )
        ridge = Curve(self.times, self.ridge, "highest peak")
        return (
            Plot("Spectrogram", "time", "frequency", (image,)),
            Plot("Highest peak", "time", "frequency", (ridge,)),
        )


def spectrogram(
    series: object,
    step: float = 1.0,
    segment: int | None = None,
    overlap: float = 0.75,
    window: str = "hann",
    trend: str = "mean",
) -> Spectrogram:
    """The power spectrum of a series in the course of time.

    Parameters
    ----------
    series : array-like (m,)
    step : float
        Time between two numbers.
    segment : int, optional
        Length of the pieces; by default a power of two near the root of four times the length.
    overlap : float
        Share of a piece that it has in common with the next; less where there would be more
        than 2,000 pieces.
    window : str
        ``hann``, ``hamming``, ``blackman`` or ``rectangle``.
    trend : str
        What is taken away from every piece: ``mean``, ``line`` or ``none``.

    Raises
    ------
    ParameterError
        If the series is too short, constant or not finite, or a setting cannot be used.
    """
    return run(spectrogram_job(series, step, segment, overlap, window, trend))


def spectrogram_job(
    series: object,
    step: float = 1.0,
    segment: int | None = None,
    overlap: float = 0.75,
    window: str = "hann",
    trend: str = "mean",
) -> Job[Spectrogram]:
    """`spectrogram` as a job."""
    numbers = varied(series, _WHAT, _FEWEST)
    step = positive(step, "step", "a spectrogram")
    one_of(window, "window", tapering.WINDOWS)
    one_of(trend, "trend", tapering.TRENDS)
    length = segment_of(len(numbers)) if segment is None else segment
    most = min(len(numbers), _LONGEST)
    length = whole(length, "segment", "a spectrogram", _SHORTEST, most)
    room = len(numbers) - length
    hop = max(hop_of(length, overlap), -(-room // (_MOST - 1)), 1)
    taper = tapering.window(window, length)
    taper /= np.sqrt(float(taper @ taper))
    views = np.lib.stride_tricks.sliding_window_view(numbers, length)[::hop]
    pieces = len(views)
    density = np.empty((length // 2 + 1, pieces))
    weights = step * tapering.one_sided(length)
    together = max(1, _SLICE // length)
    for begun in range(0, pieces, together):
        rows = tapering.without_trend(views[begun : begun + together], trend)
        transform = np.fft.rfft(rows * taper, axis=1)
        power = weights * (transform.real**2 + transform.imag**2)
        density[:, begun : begun + len(rows)] = power.T
        yield Partial(None, begun, pieces, "spectrogram")
    frequencies = np.asarray(np.fft.rfftfreq(length, step), dtype=np.float64)
    floor = 1e-24 * float(density.max())
    ridge = np.array(
        [
            tapering.peak(frequencies, column)[0] if column[1:].max() > floor else np.nan
            for column in density.T
        ]
    )
    times = np.asarray(step * (0.5 * (length - 1) + hop * np.arange(pieces)), dtype=np.float64)
    return Spectrogram(times, frequencies, density, ridge, step, length, hop)


def segment_of(count: int) -> int:
    """Length of pieces, a power of two, that shows times and frequencies about as finely."""
    bits = round(0.5 * math.log2(4.0 * max(count, 1)))
    return min(max(_SHORTEST, 1 << bits), _LONGEST, count)


def _job(subject: Subject, options: Mapping[str, Value]) -> Job[Spectrogram]:
    sampled = subject.sampled
    assert sampled is not None
    return spectrogram_job(
        sampled.series,
        sampled.step,
        int(options["segment"]) or None,
        float(options["overlap"]),
        str(options["window"]),
        str(options["trend"]),
    )


def _automatic(subject: Subject) -> Mapping[str, Value]:
    return {"segment": segment_of(len(subject.sampled.values))} if subject.sampled else {}


METHOD = Method(
    "Spectrogram",
    "Spectra",
    "The power spectrum of a series in the course of time: a column is the spectrum of a short "
    "piece. It shows rhythms that begin, end or drift, bursts, and intermittency, where one "
    "spectrum of the whole would show their mixture.",
    "Times are known to the length of a piece and frequencies to one over it; one cannot have "
    "both. A piece should hold a few periods of the slowest rhythm of interest. Every column is "
    "a single estimate that scatters by 100 %: only what lasts for several columns counts.",
    "series",
    _job,
    (
        Parameter("segment", 0, 0, 8192, scale="integer", help="Points of a piece; 0 chooses"),
        Parameter("overlap", 0.75, 0.0, 0.95, help="Share of a piece that the next one has too"),
        Parameter(
            "window",
            "hann",
            scale="choice",
            choices=tapering.WINDOWS,
            help="How the pieces fade in and out",
        ),
        Parameter(
            "trend",
            "mean",
            scale="choice",
            choices=tapering.TRENDS,
            help="What is taken away from every piece",
        ),
    ),
    _automatic,
    (
        Reference(
            "J. B. Allen and L. R. Rabiner",
            1977,
            "A unified approach to short-time Fourier analysis and synthesis",
            "Proceedings of the IEEE 65, 1558-1564",
            "10.1109/PROC.1977.10770",
        ),
    ),
)
