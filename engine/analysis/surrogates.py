"""Surrogates: series that share some properties of a given one and nothing else.

- *shuffle*: its values in random order; what is lost is every dependence on time.
- *phase*: its power spectrum exactly, with random phases; what is left is a Gaussian linear
  process.
- *iaaft*: its values exactly and its spectrum nearly, by turns; what is left is a linear
  process seen through a fixed rising function.

A measure that is the same for a series and for its surrogates has told nothing more than what
they share: see ``surrogate_control``.

Memory: 8 bytes for every value of every surrogate, which must be 50 million at most, of a series
of a million at most.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.analysis.method import Curve, Method, Plot, Scalar, Subject, measured
from engine.errors import ParameterError
from engine.exhibit import Parameter, Reference, Value
from engine.job import Job, Partial, run

Array = NDArray[np.float64]
Kind = Literal["shuffle", "phase", "iaaft"]
KINDS: tuple[Kind, ...] = ("shuffle", "phase", "iaaft")
_TITLE = "Surrogates"
_LEAST = 8
_MOST = 50_000_000
_LONGEST = 1_000_000  # a sort or a transform of more takes too long to be left
_ROUNDS = 1000
_GAIN, _PATIENCE = 0.99, 20  # mismatch that so many iterations must fall to, to go on
_SHOWN = 2_000


@dataclass(frozen=True, eq=False)
class Surrogates:
    """Surrogates of a series.

    Attributes
    ----------
    series : array (m,)
        As it was.
    values : array (count, m)
        A row a surrogate.
    mismatch : array (count,)
        Root mean square difference between the amplitudes of the spectra of a surrogate and
        of the series, relative to that of the series' amplitudes; the mean is left out.
    rounds : array (count,) of int
        Iterations that each took.
    kind : str
    seed : int
    step : float
        Time between two rows.
    """

    series: Array
    values: Array
    mismatch: Array
    rounds: NDArray[np.int64]
    kind: Kind
    seed: int
    step: float = 1.0

    def scalars(self) -> tuple[Scalar, ...]:
        """How much of the spectrum was kept."""
        return (
            Scalar("mismatch", "Relative mismatch of the spectrum", float(self.mismatch.mean())),
            Scalar("count", "Surrogates", float(len(self.values))),
            Scalar("rounds", "Iterations, mean", float(self.rounds.mean())),
        )

    def plots(self) -> tuple[Plot, ...]:
        """The series over one surrogate, both spectra, and both distributions."""
        shown = min(len(self.series), _SHOWN)
        times = np.asarray(self.step * np.arange(shown), dtype=np.float64)
        frequencies = np.asarray(np.fft.rfftfreq(len(self.series), self.step)[1:], np.float64)
        both = (("series", self.series), (self.kind, self.values[0]))
        ranks = (np.arange(len(self.series)) + 0.5) / len(self.series)
        every = max(1, len(self.series) // _SHOWN)
        return (
            Plot(
                f"Series and a surrogate ({self.kind})",
                "time",
                "value",
                tuple(Curve(times, each[:shown], name) for name, each in both),
            ),
            Plot(
                "Amplitudes of both spectra",
                "frequency",
                "amplitude",
                tuple(Curve(frequencies, _amplitudes(each)[1:], name) for name, each in both),
                x_log=True,
                y_log=True,
            ),
            Plot(
                "Distributions of both",
                "value",
                "share below",
                tuple(Curve(np.sort(each)[::every], ranks[::every], name) for name, each in both),
            ),
        )


def surrogates(
    series: ArrayLike, kind: Kind = "iaaft", count: int = 39, seed: int = 0, step: float = 1.0
) -> Surrogates:
    """Surrogates of a series.

    Parameters
    ----------
    series : array (m,)
    kind : str
        ``shuffle``, ``phase`` or ``iaaft``.
    count : int
    seed : int
        Surrogate i of a seed is the same whatever the count.
    step : float
        Time between two rows, for the pictures.

    Returns
    -------
    Surrogates

    Raises
    ------
    ParameterError
        If there is no such kind, or the series is too short, constant or too much.

    References
    ----------
    T. Schreiber and A. Schmitz, Physical Review Letters 77, 635 (1996).
    """
    return run(surrogates_job(series, kind, count, seed, step))


def surrogates_job(
    series: ArrayLike, kind: Kind = "iaaft", count: int = 39, seed: int = 0, step: float = 1.0
) -> Job[Surrogates]:
    """`surrogates` as a job."""
    x = measured(series, _TITLE, _LEAST, 1)[:, 0].copy()
    count = int(count)
    _check(x, kind, count)
    values = np.empty((count, len(x)))
    mismatch = np.empty(count)
    rounds = np.zeros(count, dtype=np.int64)
    amplitudes = _amplitudes(x)
    size = float(np.linalg.norm(amplitudes[1:]))
    for i, chance in enumerate(np.random.SeedSequence(seed).spawn(count)):
        for step_ in _one(x, amplitudes, kind, np.random.default_rng(chance)):
            if step_ is not None:
                values[i], rounds[i] = step_
            yield Partial(None, float(i), float(count), f"surrogate {i + 1} of {count}")
        mismatch[i] = np.linalg.norm(_amplitudes(values[i])[1:] - amplitudes[1:]) / size
    return Surrogates(x, values, mismatch, rounds, kind, int(seed), float(step))


def _one(
    x: Array, amplitudes: Array, kind: Kind, chance: np.random.Generator
) -> Iterator[tuple[Array, int] | None]:
    """One surrogate, better and better, with the number of iterations; None between."""
    if kind == "shuffle":
        yield chance.permutation(x), 0
        return
    if kind == "phase":
        turned = _phases(amplitudes, x, chance)
        yield None
        yield np.asarray(np.fft.irfft(amplitudes * turned, len(x))), 0
        return
    ranked = np.sort(x)
    row = chance.permutation(x)
    former = np.empty(0, dtype=np.int64)
    apart: list[float] = []
    for made in range(1, _ROUNDS + 1):
        spectrum = np.fft.rfft(row)
        size = np.abs(spectrum)
        apart.append(float(np.linalg.norm(size - amplitudes)))
        if made > _PATIENCE and apart[-1] > _GAIN * apart[-1 - _PATIENCE]:
            return
        yield None
        turned = np.where(size > 0.0, spectrum / np.where(size > 0.0, size, 1.0), 1.0)
        wanted = np.fft.irfft(amplitudes * turned, len(x))
        yield None
        order = np.argsort(wanted)
        row = np.empty_like(x)
        row[order] = ranked
        yield row, made
        if np.array_equal(order, former):
            return
        former = order


def _phases(amplitudes: Array, x: Array, chance: np.random.Generator) -> NDArray[np.complex128]:
    """Random phases as complex numbers, those of a real series with the mean of `x`."""
    turned = np.exp(2j * math.pi * chance.random(len(amplitudes)))
    # The mean keeps its sign; of an even number of values the fastest term is real as well.
    turned[0] = math.copysign(1.0, float(x.sum()))
    if len(x) % 2 == 0:
        turned[-1] = 1.0 if turned[-1].real >= 0.0 else -1.0
    return np.asarray(turned, dtype=np.complex128)


def _amplitudes(x: Array) -> Array:
    """Amplitudes of the spectrum, the mean first."""
    return np.asarray(np.abs(np.fft.rfft(x)))


def _check(x: Array, kind: str, count: int) -> None:
    """Refuse what has no surrogates."""
    if kind not in KINDS:
        raise ParameterError(f"a surrogate is of kind {', '.join(KINDS)}, got {kind!r}")
    if count < 1:
        raise ParameterError(f"{_TITLE} are at least 1, got {count}; 39 make a test at 5 %")
    if len(x) > _LONGEST:
        raise ParameterError(
            f"{_TITLE} are of {_LONGEST:,} values at most, got {len(x):,}; take a part of them"
        )
    if count * len(x) > _MOST:
        raise ParameterError(
            f"{count} surrogates of {len(x):,} values are more than {_MOST:,} numbers; take "
            f"{max(1, _MOST // len(x))} or a part of the series"
        )
    if x.min() == x.max():
        raise ParameterError(
            f"{_TITLE} need a series that moves; all {len(x)} values are {x[0]:g}: choose another "
            "column or a longer run"
        )


def _start(subject: Subject, options: Mapping[str, Value]) -> Job[Surrogates]:
    assert subject.sampled is not None
    kind = next(each for each in KINDS if each == options["kind"])
    return surrogates_job(
        subject.sampled.series,
        kind,
        int(options["count"]),
        int(options["seed"]),
        subject.sampled.step,
    )


OPTIONS = (
    Parameter(
        "kind",
        "iaaft",
        scale="choice",
        choices=KINDS,
        help="what is kept: the values (shuffle), the spectrum (phase) or both (iaaft)",
    ),
    Parameter("count", 39, 1, 199, scale="integer", help="how many; 39 make a test at 5 %"),
    Parameter("seed", 0, 0, 1000, scale="integer", help="of the random numbers"),
)

METHOD = Method(
    title=_TITLE,
    group="Complexity",
    summary=(
        "Series made of the given one that keep its values, its spectrum or both, and are "
        "otherwise random: what chance alone would look like. The control for every measure of "
        "complexity."
    ),
    trust=(
        "Spectra belong to a series that begins as it ends: a jump between its two ends, or a "
        "trend, adds fast terms that the surrogates then scatter everywhere; cut the series so "
        "that both ends match. IAAFT keeps the values exactly and the spectrum up to the "
        "mismatch shown; for strongly periodic series all kinds are poor."
    ),
    takes="series",
    job=_start,
    options=OPTIONS,
    references=(
        Reference(
            "T. Schreiber and A. Schmitz",
            1996,
            "Improved surrogate data for nonlinearity tests",
            "Physical Review Letters 77, 635-638",
            "10.1103/PhysRevLett.77.635",
        ),
        Reference(
            "J. Theiler, S. Eubank, A. Longtin, B. Galdrikian and J. D. Farmer",
            1992,
            "Testing for nonlinearity in time series: the method of surrogate data",
            "Physica D 58, 77-94",
            "10.1016/0167-2789(92)90102-S",
        ),
    ),
)
