"""States whose recurrences are looked for: embedded, checked, and as the kernels want them."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from engine.analysis.method import Subject, measured
from engine.errors import ParameterError
from engine.exhibit import Parameter, Value
from engine.job import Job, Partial

Array = NDArray[np.float64]
Places = NDArray[np.int64]
T = TypeVar("T")

NUMBERS: Final = 10_000_000
"""Most numbers (states times coordinates) that are taken: a diagonal of them takes 10 ms."""
NORMS: Final = ("euclidean", "maximum")
_SLICE = 0.007  # seconds of work between two yields
_START = 3_000_000  # numbers in the first slice
_SMALL = 300_000  # numbers that are not worth a second thread


@dataclass(frozen=True, eq=False)
class States:
    """Two sequences of states, or twice the same, and which pairs of them count.

    Attributes
    ----------
    a, b : array (d, m)
        Coordinates, scaled by a power of two so that squares neither overflow nor vanish.
    exponent : int
        Of that power: states are ``a * 2**exponent``.
    largest : bool
        Whether distances are largest differences of a coordinate, not Euclidean.
    theiler : int
        Pairs nearer in time than this do not count; 0 counts all.
    same : bool
        Whether `a` is `b`: pairs are then counted on one side of the main diagonal.
    """

    a: Array
    b: Array
    exponent: int
    largest: bool
    theiler: int
    same: bool

    @property
    def first(self) -> int:
        """How many states `a` has."""
        return int(self.a.shape[1])

    @property
    def second(self) -> int:
        """How many states `b` has."""
        return int(self.b.shape[1])

    @property
    def lags(self) -> tuple[int, int]:
        """Diagonals that hold every pair of different states once, the main one excluded."""
        if self.same:
            return max(1, self.theiler), self.first
        return 1 - self.first, self.second

    def length(self, lag: int) -> int:
        """How many points a diagonal has."""
        return min(self.first - max(0, -lag), self.second - max(0, lag))

    @property
    def different(self) -> int:
        """Pairs on `lags`."""
        if not self.same:
            return self.first * self.second
        rows = self.first - max(1, self.theiler)
        return rows * (rows + 1) // 2

    @property
    def pairs(self) -> int:
        """Points of the recurrence plot that count, both sides of its main diagonal."""
        if not self.same:
            return self.different
        return 2 * self.different + (self.first if self.theiler == 0 else 0)

    def rank(self, rate: float) -> int:
        """How many of the `different` pairs are recurrent at a rate; 0 where none need be."""
        wanted = math.ceil(rate * self.pairs * (1.0 - 1e-12))
        if not self.same:
            return wanted
        return math.ceil((wanted - (self.first if self.theiler == 0 else 0)) / 2)

    @property
    def extent(self) -> float:
        """The largest range of a coordinate, scaled."""
        low = np.minimum(self.a.min(axis=1), self.b.min(axis=1))
        return float((np.maximum(self.a.max(axis=1), self.b.max(axis=1)) - low).max())

    def distance(self, found: float) -> float:
        """A distance as radii are, from one as kernels have it."""
        return found if self.largest else math.sqrt(found)

    def chance(self, random: np.random.Generator, pairs: int) -> tuple[Places, Places]:
        """Pairs drawn evenly from the `different` ones, with repetitions."""
        if not self.same:
            first = random.integers(self.first, size=pairs)
            return first, random.integers(self.second, size=pairs)
        # Pairs of places at least g apart among m are pairs of different places among m - g + 1.
        gap = max(1, self.theiler)
        one = random.integers(self.first - gap + 1, size=pairs)
        other = random.integers(self.first - gap, size=pairs)
        other = other + (other >= one)
        return np.minimum(one, other), np.maximum(one, other) + gap - 1

    def measured(self, first: Places, second: Places) -> Array:
        """Distances of pairs, as kernels have them."""
        out = np.zeros(len(first))
        for left, right in zip(self.a, self.b, strict=True):
            size = np.abs(right[second] - left[first])
            out = np.maximum(out, size) if self.largest else out + size * size
        return out


def states_of(coordinates: Array, norm: str, theiler: int, other: Array | None = None) -> States:
    """States from coordinates ``(d, m)``, and those of a second sequence if there is one."""
    second = coordinates if other is None else other
    greatest = max(float(np.abs(coordinates).max()), float(np.abs(second).max()), 1e-300)
    exponent = math.frexp(greatest)[1]
    a = np.ldexp(coordinates, -exponent)
    b = a if other is None else np.ldexp(second, -exponent)
    return States(a, b, exponent, norm == "maximum", theiler, other is None)


def embedded(rows: Array, dimension: int, delay: int, what: str, least: int = 2) -> Array:
    """Coordinates ``(n * dimension, m)`` of delay vectors of every column.

    Raises
    ------
    ParameterError
        If fewer than `least` states are left, more than `NUMBERS` numbers would be, or
        every column stands still.
    """
    m = len(rows) - (dimension - 1) * delay
    if m < least:
        raise ParameterError(
            f"{what} needs at least {(dimension - 1) * delay + least} points with dimension "
            f"{dimension} and delay {delay}, got {len(rows)}: lower the dimension, the delay or "
            "the Theiler window, or take a longer series"
        )
    count = m * dimension * rows.shape[1]
    if count > NUMBERS:
        raise ParameterError(
            f"{what} takes {NUMBERS:,} numbers (states times coordinates) at most, got {count:,}: "
            f"take one row of {math.ceil(count / NUMBERS)}, or fewer columns"
        )
    if (rows == rows[0]).all():
        raise ParameterError(
            f"{what} needs a series that varies; this one is {rows[0, 0]:g} throughout, so that "
            "every state recurs at once: take another column or a longer piece"
        )
    out = np.empty((dimension * rows.shape[1], m))
    for k in range(dimension):
        out[k * rows.shape[1] : (k + 1) * rows.shape[1]] = rows[k * delay : k * delay + m].T
    return out


# ------------------------------------------------------------------------ settings


@dataclass(frozen=True)
class Settings:
    """What all recurrence methods are told, checked.

    Attributes
    ----------
    dimension, delay : int
        Of the embedding of every column.
    radius, rate : float or None
        One of the two is None.
    norm : str
    theiler, least_diagonal, least_vertical : int
    """

    dimension: int = 1
    delay: int = 1
    radius: float | None = None
    rate: float | None = None
    norm: str = "euclidean"
    theiler: int = 1
    least_diagonal: int = 2
    least_vertical: int = 2


def settled(settings: Settings, what: str) -> Settings:
    """The settings with a rate of 5 % where neither radius nor rate is given.

    Raises
    ------
    ParameterError
        If one cannot be used.
    """
    for name, low in (
        ("dimension", 1),
        ("delay", 1),
        ("theiler", 0),
        ("least_diagonal", 1),
        ("least_vertical", 1),
    ):
        value = getattr(settings, name)
        if isinstance(value, bool) or value != int(value) or value < low:
            raise ParameterError(
                f"'{name}' of {what} must be a whole number of {low} or more, got {value!r}"
            )
    if settings.norm not in NORMS:
        raise ParameterError(f"'norm' of {what} must be {' or '.join(NORMS)}, got {settings.norm}")
    radius, rate = settings.radius, settings.rate
    if radius is not None and rate is not None:
        raise ParameterError(f"{what} takes a radius or a rate, not both: leave out one")
    if radius is not None and not (math.isfinite(radius) and radius >= 0.0):
        raise ParameterError(f"'radius' of {what} must be zero or more, got {radius}")
    if radius is None:
        rate = 0.05 if rate is None else rate
        if not 0.0 < rate < 1.0:
            raise ParameterError(
                f"'rate' of {what} must be between 0 and 1, got {rate}; 0.05 is usual"
            )
    return Settings(
        int(settings.dimension),
        int(settings.delay),
        radius,
        rate,
        settings.norm,
        int(settings.theiler),
        int(settings.least_diagonal),
        int(settings.least_vertical),
    )


OPTIONS: Final = (
    Parameter(
        "dimension", 1, 1, 10, scale="integer", help="Values that make a state, of every column"
    ),
    Parameter("delay", 1, 1, 100, scale="integer", help="Points between the values of a state"),
    Parameter(
        "threshold",
        "rate",
        scale="choice",
        choices=("rate", "radius"),
        help="Whether the share of recurrent pairs is fixed or the distance within which they are",
    ),
    Parameter("rate", 0.05, 0.001, 0.5, scale="log", help="Share of pairs that are recurrent"),
    Parameter("radius", 0.1, 1e-3, 10.0, scale="log", help="Distance that counts as near"),
    Parameter(
        "norm", "euclidean", scale="choice", choices=NORMS, help="How distances are measured"
    ),
    Parameter(
        "least_diagonal", 2, 2, 50, scale="integer", help="Points of the shortest diagonal line"
    ),
    Parameter(
        "least_vertical", 2, 2, 50, scale="integer", help="Points of the shortest vertical line"
    ),
)
"""Options that all recurrence methods share."""
THEILER: Final = Parameter(
    "theiler",
    1,
    0,
    200,
    scale="integer",
    help="Pairs nearer in time than so many points do not count; 1 leaves out the main diagonal",
)


def settings_of(options: Mapping[str, Value]) -> Settings:
    """Settings from the values of `OPTIONS`."""
    fixed = options["threshold"] == "radius"
    return Settings(
        int(options["dimension"]),
        int(options["delay"]),
        float(options["radius"]) if fixed else None,
        None if fixed else float(options["rate"]),
        str(options["norm"]),
        int(options.get("theiler", 0)),
        int(options["least_diagonal"]),
        int(options["least_vertical"]),
    )


def automatic(subject: Subject) -> dict[str, Value]:
    """Embedding and Theiler window from the autocorrelation, the radius of a rate of 5 %.

    The delay is the first at which the autocorrelation of the slowest of up to four columns
    is below 1/e; the window is as long. A series for which that is not at once is one view of
    a flow, which passes the same value going up and down: three values make a state of it.
    """
    assert subject.sampled is not None
    rows = measured(subject.sampled.values, "Recurrence")[: 1 << 15]
    lag = 1
    for series in rows.T[:4]:
        lag = max(lag, _decay(series))
    lag = min(lag, max(1, len(rows) // 20))
    dimension = 3 if rows.shape[1] == 1 and lag > 1 else 1
    found: dict[str, Value] = {"dimension": dimension, "delay": lag, "theiler": lag}
    if len(rows) > 3 * lag + 1 and (rows != rows[0]).any():
        from engine.analysis._recurrence_radius import estimated

        states = states_of(embedded(rows, dimension, lag, "Recurrence"), "euclidean", lag)
        radius = math.ldexp(estimated(states, 0.05), states.exponent)
        if radius > 0.0:
            found["radius"] = float(f"{radius:.3g}")
    return found


def _decay(series: Array) -> int:
    """The first lag at which the autocorrelation is below 1/e."""
    values = series - series.mean()
    size = 1 << (2 * len(values) - 1).bit_length()
    power = np.abs(np.fft.rfft(values / max(float(np.abs(values).max()), 1e-300), size)) ** 2
    correlation = np.fft.irfft(power)[: len(values)]
    below = correlation < correlation[0] / math.e
    return int(np.argmax(below)) if below.any() else 1


# ------------------------------------------------------------------------ work in slices


def paced(work: Callable[[int, int], None], low: int, high: int, numbers: int) -> Iterator[int]:
    """Do ``work(i, j)`` for ranges that cover `low` to `high`, on all cores; yield what is done.

    Parameters
    ----------
    work : callable
        For one of these, about so many `numbers` are touched.
    """
    from engine.integrate.lanes import spread

    lines = max(1, _START // max(1, numbers))
    while low < high:
        count = min(lines, high - low)
        began = time.perf_counter()
        if count * numbers < _SMALL:
            work(low, low + count)
        else:
            spread(_shifted(work, low), count, 1)
        took = max(time.perf_counter() - began, 1e-6)
        if count == lines:
            lines = max(1, int(lines * min(2.0, max(0.25, _SLICE / took))))
        low += count
        yield low


def staged(job: Job[T], low: float, high: float) -> Generator[Partial[Any], None, T]:
    """A job as a part of a longer one: its progress runs from `low` to `high`."""
    try:
        while True:
            try:
                partial = next(job)
            except StopIteration as stop:
                return stop.value  # type: ignore[no-any-return]
            yield Partial(None, low + (high - low) * partial.fraction, 1.0, partial.message)
    finally:
        job.close()


def _shifted(work: Callable[[int, int], None], by: int) -> Callable[[int, int], None]:
    return lambda low, high: work(low + by, high + by)
