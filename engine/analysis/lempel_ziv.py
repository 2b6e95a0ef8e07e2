"""Lempel-Ziv complexity: into how many new words a series of symbols falls.

Reading from the left, a word ends as soon as it has not occurred before. A series that
repeats itself has few words; a random one has about n / log n, by which the number is
divided. Values become symbols by equally frequent ranges: above and below the median with
two of them.

Memory: (8 a + 30) bytes a point with a symbols. The work grows with the number of points.

References
----------
A. Lempel and J. Ziv, IEEE Transactions on Information Theory 22, 75 (1976).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.analysis.method import Curve, Method, Plot, Scalar, Subject, measured
from engine.errors import ParameterError
from engine.exhibit import Parameter, Reference, Value
from engine.job import Job, Partial, run

Array = NDArray[np.float64]
_TITLE = "Lempel-Ziv complexity"
_AT_ONCE = 25_000  # symbols read between two returns, some milliseconds
_MOST_POINTS = 5_000_000
_MOST_SYMBOLS = 32
_FIRST = 1_000  # values looked at for being few different ones
_SHOWN = 500


@dataclass(frozen=True, eq=False)
class LempelZiv:
    """Lempel-Ziv complexity of a series.

    Attributes
    ----------
    complexity : float
        Words divided by n / log_a n; 0 for repetition, about 1 for independent symbols.
    words : int
        How many words there are, a last unfinished one included.
    ends : array (words,) of int
        Symbols read when each word was complete.
    symbols : array (n,) of uint8
        The series as symbols 0 to a - 1.
    edges : array (a - 1,)
        Values that part the symbols; a value at an edge belongs to the upper one.
    """

    complexity: float
    words: int
    ends: NDArray[np.int64]
    symbols: NDArray[np.uint8]
    edges: Array

    def scalars(self) -> tuple[Scalar, ...]:
        """The normalised complexity first."""
        points, alphabet = len(self.symbols), len(self.edges) + 1
        rate = self.complexity * math.log2(alphabet)
        return (
            Scalar("complexity", "Lempel-Ziv complexity", self.complexity),
            Scalar("words", "Words", float(self.words)),
            Scalar("rate", "Entropy rate", rate, unit="bit/symbol", label="estimate"),
            Scalar("mean_length", "Mean length of a word", points / self.words),
        )

    def plots(self) -> tuple[Plot, ...]:
        """The number of words over the symbols read."""
        points, alphabet = len(self.symbols), len(self.edges) + 1
        read = np.unique(np.linspace(1, points, min(points, _SHOWN)).astype(np.int64))
        words = np.searchsorted(self.ends, read, "right").astype(np.float64)
        x = read.astype(np.float64)
        chance = x * math.log(alphabet) / np.log(np.maximum(x, alphabet))
        return (
            Plot(
                "Words over symbols read",
                "symbols",
                "words",
                (
                    Curve(x, chance, "independent symbols, n / log n", reference=True),
                    Curve(x, words, f"{alphabet} symbols"),
                ),
            ),
        )


def lempel_ziv(series: ArrayLike, symbols: int = 2) -> LempelZiv:
    """Lempel-Ziv complexity of a series.

    Parameters
    ----------
    series : array (n,)
    symbols : int
        How many equally frequent ranges of values there are, 2 to 32. A series of just so
        many different values, or fewer, keeps them as its symbols.

    Returns
    -------
    LempelZiv

    Raises
    ------
    ParameterError
        If the series is too short, too long or constant, or the symbols cannot be told apart.
    """
    return run(lempel_ziv_job(series, symbols))


def lempel_ziv_job(series: ArrayLike, symbols: int = 2) -> Job[LempelZiv]:
    """`lempel_ziv` as a job."""
    from engine.analysis._lempel_ziv_kernels import parse

    x = measured(series, _TITLE, 4, 1)[:, 0]
    symbols = int(symbols)
    if not 2 <= symbols <= _MOST_SYMBOLS:
        raise ParameterError(
            f"{_TITLE} takes 2 to {_MOST_SYMBOLS} symbols, got {symbols}; 2 is usual"
        )
    if len(x) > _MOST_POINTS:
        raise ParameterError(
            f"{_TITLE} takes at most {_MOST_POINTS:,} points, got {len(x):,}; take a part of them"
        )
    yield Partial(None, 0.0, 1.0, "symbols")
    read, edges = symbolised(x, symbols)
    alphabet = len(edges) + 1
    points = len(read)
    following = np.empty((2 * points + 1, alphabet), dtype=np.int32)
    following[0] = -1
    links, lengths = np.empty((2, 2 * points + 1), dtype=np.int32)
    links[0], lengths[0] = -1, 0
    state = np.array([1, 0, 0, 0, 0], dtype=np.int64)
    ends = np.empty(points + 1, dtype=np.int64)
    for first in range(0, points, _AT_ONCE):
        last = min(points, first + _AT_ONCE)
        parse(read, first, last, following, links, lengths, state, ends)
        yield Partial(None, float(last), float(points), "words")
    words = int(state[4])
    if state[3]:
        ends[words] = points
        words += 1
    complexity = words * math.log(points) / (points * math.log(alphabet))
    return LempelZiv(complexity, words, ends[:words].copy(), read, edges)


def symbolised(series: Array, symbols: int) -> tuple[NDArray[np.uint8], Array]:
    """Values as symbols of equally frequent ranges, and the values that part them.

    Raises
    ------
    ParameterError
        If too many values are equal.
    """
    if series.min() == series.max():
        raise ParameterError(
            f"{_TITLE} needs a series that moves; all {len(series)} values are {series[0]:g}: "
            "choose another column or a longer run"
        )
    kinds = _kinds(series, symbols)
    if kinds is not None:
        edges = kinds[1:]
    else:
        # Where half of the values are the least one, the second range begins with the next.
        least = series[series > series.min()].min()
        edges = np.maximum(np.quantile(series, np.arange(1, symbols) / symbols), least)
        if (np.diff(edges) <= 0.0).any():
            raise ParameterError(
                f"so many values are equal that {symbols} equally frequent ranges cannot be told "
                f"apart; take {symbols - 1} symbols"
            )
    found = np.searchsorted(edges, series, "right").astype(np.uint8)
    return found, np.ascontiguousarray(edges)


def _kinds(series: Array, most: int) -> Array | None:
    """The different values, sorted, where there are `most` at most; None where there are more."""
    kinds = np.unique(series[:_FIRST])
    while len(kinds) <= most:
        others = series[kinds[np.searchsorted(kinds[:-1], series)] != series]
        if not len(others):
            return kinds
        kinds = np.union1d(kinds, others[:_FIRST])
    return None


def _start(subject: Subject, options: Mapping[str, Value]) -> Job[LempelZiv]:
    assert subject.sampled is not None
    return lempel_ziv_job(subject.sampled.series, int(options["symbols"]))


METHOD = Method(
    title=_TITLE,
    group="Complexity",
    summary=(
        "How many words the series falls into when each word is the shortest that has not "
        "occurred before, divided by n / log n: near 0 for what repeats itself, near 1 for "
        "independent symbols, and for a long series its entropy rate per symbol."
    ),
    trust=(
        "With some thousand points; the ratio falls slowly to its limit, by a few per cent too "
        "high at 100,000 points and more at fewer, so that only series of the same length "
        "compare. It sees the symbols alone: with two of them all that happens on one side of "
        "the median is lost. A finely sampled flow repeats its symbols and looks simple."
    ),
    takes="series",
    job=_start,
    options=(
        Parameter("symbols", 2, 2, 8, scale="integer", help="equally frequent ranges of values"),
    ),
    references=(
        Reference(
            "A. Lempel and J. Ziv",
            1976,
            "On the complexity of finite sequences",
            "IEEE Transactions on Information Theory 22, 75-81",
            "10.1109/TIT.1976.1055501",
        ),
        Reference(
            "F. Kaspar and H. G. Schuster",
            1987,
            "Easily calculable measure for the complexity of spatiotemporal patterns",
            "Physical Review A 36, 842-848",
            "10.1103/PhysRevA.36.842",
        ),
    ),
)
