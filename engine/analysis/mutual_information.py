"""What a value of a series tells about the value some time later, linear or not, in nats.

Two estimators. *Bins*: both values are sorted into bins that hold equally many, and the
information of the table of counts is corrected for its finite number (Miller and Madow).
*Kraskov*: from the distances to the k-th nearest neighbours (A. Kraskov et al. 2004, first
form), without bins, nearly unbiased and slower; at most 20,000 pairs evenly picked are used.
Between two series the same at lag 0 and beyond.

Memory: a few arrays as long as the series; no distances of all pairs.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.analysis._neighbours import grow, told
from engine.analysis._reconstruction import (
    MOST_LAGS,
    apart_in_time,
    first_minimum,
    positive,
    varied,
    whole,
)
from engine.analysis.method import Curve, Method, Plot, Points, Scalar, Subject
from engine.errors import ParameterError
from engine.exhibit import Parameter, Reference, Value
from engine.job import Job, Partial, run

Array = NDArray[np.float64]
Bins = NDArray[np.int64]
ESTIMATORS = ("bins", "kraskov")
_WHAT = "Mutual information"
_FEWEST = 50
_PAIRS, _QUICK = 20_000, 4_000
_NEAR = 4
_MOST_BINS = 64


@dataclass(frozen=True, eq=False)
class MutualInformation:
    """Information at every lag.

    Attributes
    ----------
    lags : array (k,)
        In points.
    times : array (k,)
        In units of time.
    values : array (k,)
        In nats. Estimates of nothing scatter around zero, so some are slightly below.
    stderr : float
        About how much one of them scatters.
    first_minimum : int
        Lag of the first minimum, -1 where there is none.
    estimator : str
        ``bins`` or ``kraskov``.
    bins, neighbours : int
        Of the estimator; 0 for that of the other.
    step : float
        Time between two numbers.
    """

    lags: NDArray[np.int64]
    times: Array
    values: Array
    stderr: float
    first_minimum: int
    estimator: str
    bins: int
    neighbours: int
    step: float

    def scalars(self) -> tuple[Scalar, ...]:
        """Where the first minimum is, and the information at the shortest lags."""
        found = self.first_minimum
        first = Scalar(
            "first_minimum", "Time of the first minimum", found * self.step if found > 0 else np.nan
        )
        shown = [
            Scalar(
                f"at_lag_{self.lags[i]}",
                f"Information at lag {self.lags[i]}",
                float(self.values[i]),
                self.stderr,
                "nat",
            )
            for i in range(min(2, len(self.lags)))
        ]
        return (first, *shown)

    def plots(self) -> tuple[Plot, ...]:
        """Information over lag, with the first minimum."""
        items: list[Curve | Points] = [Curve(self.times, self.values, self.estimator)]
        if self.first_minimum > 0:
            at = np.flatnonzero(self.lags == self.first_minimum)
            items.append(Points(self.times[at], self.values[at], "first minimum"))
        title = f"Mutual information ({self.estimator})"
        return (Plot(title, "lag (time)", "information (nats)", tuple(items)),)


def mutual_information(
    series: object,
    step: float = 1.0,
    lags: int | None = None,
    estimator: str = "bins",
    bins: int | None = None,
    neighbours: int = _NEAR,
    other: object = None,
) -> MutualInformation:
    """Mutual information between a series and its own past, or another series.

    Parameters
    ----------
    series : array-like (m,)
    step : float
        Time between two numbers.
    lags : int, optional
        The longest lag; by default three mean periods, 20 at least. Lags are all up to 200,
        else 200 evenly spaced ones.
    estimator : str
        ``bins`` or ``kraskov``.
    bins : int, optional
        Bins on either side; by default the root of a fifth of the points, 64 at most.
    neighbours : int
        The k of Kraskov's estimator.
    other : array-like (m,), optional
        Another series: then what `series` tells about `other` so much later.

    Returns
    -------
    MutualInformation

    Raises
    ------
    ParameterError
        If a series is too short, constant or not finite, or a setting cannot be used.

    References
    ----------
    A. M. Fraser and H. L. Swinney, Physical Review A 33, 1134-1140 (1986): the first minimum
    as a delay. A. Kraskov, H. Stögbauer and P. Grassberger, Physical Review E 69, 066138 (2004).
    """
    return run(mutual_information_job(series, step, lags, estimator, bins, neighbours, other))


def mutual_information_job(
    series: object,
    step: float = 1.0,
    lags: int | None = None,
    estimator: str = "bins",
    bins: int | None = None,
    neighbours: int = _NEAR,
    other: object = None,
) -> Job[MutualInformation]:
    """`mutual_information` as a job, lag by lag."""
    one = varied(series, _WHAT, _FEWEST)
    two = one if other is None else varied(other, f"{_WHAT} with another series", _FEWEST)
    if len(two) != len(one):
        raise ParameterError(
            f"mutual information needs two series of one length, got {len(one)} and {len(two)}"
        )
    step = positive(step, "step", "mutual information")
    if estimator not in ESTIMATORS:
        raise ParameterError(
            f"the estimator of mutual information must be one of {', '.join(ESTIMATORS)}, "
            f"got {estimator!r}"
        )
    longest = longest_lag(one) if lags is None else lags
    longest = whole(longest, "longest lag", "mutual information", 0, len(one) - _FEWEST // 2)
    wanted = _lags_to(longest)
    sides, near = 0, 0
    if estimator == "bins":
        sides = bins_of(len(one)) if bins is None else bins
        sides = whole(sides, "bins", "mutual information", 2, 1024)
        first, second = ranked(one, sides), ranked(two, sides)
    else:
        near = whole(neighbours, "neighbours", "mutual information", 1, 64)
        first_scaled, second_scaled = _scaled(one, 0), _scaled(two, 1 if other is None else 2)
    values = np.full(len(wanted), np.nan)
    for i, lag in enumerate(wanted):
        pairs = len(one) - int(lag)
        if estimator == "bins":
            values[i] = _of_counts(first[:pairs], second[int(lag) :], sides)
            yield Partial(None, i, len(wanted), "mutual information")
        elif lag == 0 and other is None:
            values[i] = np.nan  # a continuous value tells infinitely much about itself
        else:
            work = _kraskov(first_scaled[:pairs], second_scaled[int(lag) :], near)
            share = i / len(wanted)
            values[i] = yield from told(work, "mutual information", share, share + 1 / len(wanted))
    used = min(len(one), _PAIRS) if estimator == "kraskov" else len(one)
    stderr = _scatter(sides, used)
    known = np.where(np.isfinite(values), values, np.inf)
    at = first_minimum(known, rise_that_counts(known, stderr))
    return MutualInformation(
        wanted,
        np.asarray(step * wanted, dtype=np.float64),
        values,
        stderr,
        int(wanted[at]) if at > 0 else -1,
        estimator,
        sides,
        near,
        step,
    )


def until_minimum_job(
    series: Array,
) -> Generator[Partial[Any], None, tuple[int, Bins, Array]]:
    """Lag of the first minimum, -1 without one, with the lags and values looked at.

    Kraskov's estimator on at most 4,000 pairs, which shows shallow minima of short series
    that bins do not; it ends where the minimum is sure.
    """
    wanted = _lags_to(longest_lag(series))[1:]
    yield Partial(None, 0.0, 1.0, "delay")
    scaled = _scaled(series, 0)
    yield Partial(None, 0.0, 1.0, "delay")
    copy = _scaled(series, 1)
    stderr = _scatter(0, min(len(series), _QUICK))
    values: list[float] = []
    for i, lag in enumerate(wanted):
        work = _kraskov(scaled[: len(series) - lag], copy[lag:], _NEAR, _QUICK)
        share = i / len(wanted)
        values.append((yield from told(work, "delay", share, share + 1.0 / len(wanted))))
        known = np.array(values)
        at = first_minimum(known, rise_that_counts(known, stderr))
        if at >= 0:
            return int(wanted[at]), wanted[: i + 1], known
    return -1, wanted, np.array(values)


def _lags_to(longest: int) -> Bins:
    """All lags from 0 to the longest, or 201 of them evenly spaced."""
    count = min(longest, MOST_LAGS) + 1
    return np.unique(np.linspace(0, longest, count).round().astype(np.int64))


def rise_that_counts(values: Array, stderr: float) -> float:
    """How much the information must rise again for a minimum to be one."""
    finite = values[np.isfinite(values)]
    return 6.0 * stderr + (0.02 * float(finite[:2].min()) if len(finite) else 0.0)


def longest_lag(series: Array) -> int:
    """Three mean periods, 20 at least, a quarter of the series at most."""
    return min(max(20, 3 * apart_in_time(series)), len(series) // 4)


def bins_of(count: int) -> int:
    """Bins on either side: so many that five points fall on a cell of the table."""
    return int(min(max(4, round(math.sqrt(count / 5.0))), _MOST_BINS))


def ranked(series: Array, bins: int) -> Bins:
    """The bin of every value; bins hold equally many, equal values share one."""
    _, place, counts = np.unique(series, return_inverse=True, return_counts=True)
    middle = np.cumsum(counts) - 0.5 * counts
    return np.asarray((middle * bins / len(series)).astype(np.int64)[place], dtype=np.int64)


def _of_counts(first: Bins, second: Bins, bins: int) -> float:
    """Information of a table of counts, in nats, with Miller and Madow's correction."""
    table = np.bincount(first * bins + second, minlength=bins * bins).reshape(bins, bins)
    total = int(table.sum())
    rows, columns = table.sum(axis=1), table.sum(axis=0)
    entropies = [_entropy(counts, total) for counts in (rows, columns, table.ravel())]
    # An entropy of K filled cells is too small by (K - 1) / 2N on average.
    filled = int((rows > 0).sum()), int((columns > 0).sum()), int((table > 0).sum())
    correction = (filled[0] + filled[1] - filled[2] - 1) / (2.0 * total)
    return entropies[0] + entropies[1] - entropies[2] + correction


def _entropy(counts: Bins, total: int) -> float:
    share = counts[counts > 0] / total
    return -float(share @ np.log(share))


def _scatter(bins: int, pairs: int) -> float:
    """About the standard deviation of an estimate where there is little information.

    2 N I is a chi-squared variable of ``(bins - 1)**2`` degrees of freedom for a table; that
    of Kraskov's estimator is about that of a correlation coefficient's.
    """
    if bins:
        return (bins - 1) / (math.sqrt(2.0) * pairs)
    return 0.6 / math.sqrt(pairs)


def _scaled(series: Array, seed: int) -> Array:
    """The series with mean 0 and deviation 1, and noise far below it, which parts equal values.

    The distances of the estimator assume that no two values are the same.
    """
    middle = (series - series.mean()) / series.std()
    noise = np.random.default_rng(seed).standard_normal(len(series))
    return np.asarray(middle + 1e-10 * noise)


def _kraskov(
    first: Array, second: Array, neighbours: int, most: int = _PAIRS
) -> Generator[float, None, Any]:
    """Kraskov's first estimator: psi(k) + psi(N) - mean of psi(n_x + 1) + psi(n_y + 1)."""
    if len(first) > most:
        chosen = np.linspace(0, len(first) - 1, most).round().astype(np.int64)
        first, second = first[chosen], second[chosen]
    count = len(first)
    tree = yield from grow(np.column_stack([first, second]))
    distances, _ = yield from tree.nearest(count=neighbours, largest=True)
    # A hair less, so that the neighbour itself, which is that far away, is not counted.
    radius = distances[:, -1] * (1.0 - 1e-10)
    whole_numbers = np.arange(1, count + 1)
    psi = np.concatenate([[0.0], np.cumsum(1.0 / whole_numbers)]) - np.euler_gamma
    total = float(psi[neighbours - 1] + psi[count - 1])
    for values in (first, second):
        ordered = np.sort(values)
        low = np.searchsorted(ordered, values - radius, "left")
        high = np.searchsorted(ordered, values + radius, "right")
        total -= float(psi[high - low - 1].mean())  # psi(n + 1), the value itself not counted
        yield 1.0
    return total


def _job(subject: Subject, options: Mapping[str, Value]) -> Job[MutualInformation]:
    sampled = subject.sampled
    assert sampled is not None
    lags = int(options["lags"])
    return mutual_information_job(
        sampled.series,
        sampled.step,
        lags or None,
        str(options["estimator"]),
        int(options["bins"]) or None,
        int(options["neighbours"]),
    )


def _automatic(subject: Subject) -> Mapping[str, Value]:
    if subject.sampled is None:
        return {}
    series = subject.sampled.series
    return {"lags": longest_lag(series), "bins": bins_of(len(series))}


METHOD = Method(
    "Mutual information",
    "Embedding",
    "What a value tells about the value some time later, linear or not, in nats. Its first "
    "minimum is the usual delay for embedding: late enough to bring something new, early enough "
    "to belong to the same motion. Independent values tell nothing, at any lag.",
    "Some thousand points. Bins underestimate strong dependence, which falls within one bin, and "
    "their number changes the height of the curve more than its minimum; Kraskov's estimator "
    "is nearly unbiased where the information is not many nats. Maps often have no minimum, "
    "only a decay. Two estimates differ surely when they are several standard errors apart.",
    "series",
    _job,
    (
        Parameter(
            "estimator",
            "bins",
            scale="choice",
            choices=ESTIMATORS,
            help="Counts in bins, or nearest neighbours",
        ),
        Parameter("lags", 0, 0, 1000, scale="integer", help="The longest lag; 0 chooses"),
        Parameter("bins", 0, 0, 64, scale="integer", help="Bins on either side; 0 chooses"),
        Parameter("neighbours", _NEAR, 1, 16, scale="integer", help="The k of Kraskov's estimator"),
    ),
    _automatic,
    (
        Reference(
            "A. M. Fraser and H. L. Swinney",
            1986,
            "Independent coordinates for strange attractors from mutual information",
            "Physical Review A 33, 1134-1140",
            "10.1103/PhysRevA.33.1134",
        ),
        Reference(
            "A. Kraskov, H. Stögbauer and P. Grassberger",
            2004,
            "Estimating mutual information",
            "Physical Review E 69, 066138",
            "10.1103/PhysRevE.69.066138",
        ),
    ),
)
