"""Lines of a recurrence plot, counted by length, and the measures that follow from them.

Conventions are those of N. Marwan, M. C. Romano, M. Thiel and J. Kurths, Physics Reports 438,
237 (2007): a pair is recurrent where its distance is no larger than the radius; all points of
the plot count but those within the Theiler window, the lines of both sides of the main
diagonal; lines that touch the border or the window count with the length that is seen.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.analysis._recurrence_radius import limit
from engine.analysis._recurrence_states import States, paced
from engine.analysis.method import Bars, Curve, Plot, Scalar
from engine.job import Job, Partial

Array = NDArray[np.float64]
Counts = NDArray[np.int64]

CELLS: Final = 1024
"""Most squares a side of the picture has."""
_BARS = 200


@dataclass(frozen=True, eq=False)
class Lines:
    """What is counted in a recurrence plot.

    Attributes
    ----------
    diagonal, vertical : array (m + 1,)
        Lines by length, over the whole plot.
    longest : int
        Points of the longest diagonal line, the main diagonal excluded.
    recurrent, lined : array
        Recurrent points of every diagonal, and those in lines of the least length and more.
    gaps, returns : array (m + 1,)
        Times between a vertical line and the next in a column: from end to begin, and from
        begin to begin.
    cells : array (k, k) of uint32
        Points in squares of `size` states; row: the state of `a`.
    size : int
    """

    diagonal: Counts
    vertical: Counts
    longest: int
    recurrent: Counts
    lined: Counts
    gaps: Counts
    returns: Counts
    cells: NDArray[np.uint32]
    size: int


def lines_job(states: States, radius: float, least: int, picture: bool = True) -> Job[Lines]:
    """Count all lines at a radius, in two passes over all pairs.

    Memory: for every thread four counts by length and a picture of 4 MB at most, besides the
    coordinates; never a matrix of all pairs.
    """
    from engine.analysis import _recurrence_kernels as kernels

    m = max(states.first, states.second)
    bound = limit(radius, states.largest)
    lags = states.lags
    fold = max(0, (m - 1).bit_length() - CELLS.bit_length() + 1) if picture else 62
    cells = (((states.first - 1) >> fold) + 1, ((states.second - 1) >> fold) + 1)
    numbers = m * len(states.a)
    total = float(states.different + states.first * states.second)

    recurrent = np.zeros(lags[1] - lags[0], np.int64)
    lined = np.zeros_like(recurrent)
    spare: list[Counts] = []

    def diagonals(low: int, high: int) -> None:
        lengths = _spare(spare, m + 1)
        kernels.diagonals(
            states.a,
            states.b,
            low,
            high,
            states.largest,
            bound,
            least,
            lengths,
            recurrent,
            lined,
            -lags[0],
        )
        spare.append(lengths)

    shares = 0
    for done in paced(diagonals, *lags, numbers):
        shares = done - lags[0]
        share = shares / (lags[1] - lags[0])
        # Diagonals of one sequence grow shorter.
        share = share * (2.0 - share) if states.same else share
        yield Partial(None, share * states.different, total, "diagonal lines")
    diagonal = np.sum(spare, axis=0)
    longest = int(np.flatnonzero(diagonal)[-1]) if diagonal.any() else 0
    if states.same:
        diagonal *= 2
        if states.theiler == 0:
            diagonal[m] += 1

    kept: list[tuple[Counts, Counts, Counts, NDArray[np.uint32]]] = []

    def columns(low: int, high: int) -> None:
        try:
            counts = kept.pop()
        except IndexError:
            counts = (*(np.zeros(m + 1, np.int64) for _ in range(3)), np.zeros(cells, np.uint32))  # type: ignore[assignment]
        window = states.theiler if states.same else 0
        vertical, gaps, returns, picture_ = counts
        kernels.columns(
            states.a,
            states.b,
            low,
            high,
            window,
            states.largest,
            bound,
            vertical,
            gaps,
            returns,
            picture_,
            fold,
        )
        kept.append(counts)

    for done in paced(columns, 0, states.first, states.second * len(states.a)):
        yield Partial(None, states.different + float(done) * states.second, total, "vertical lines")
    vertical, gaps, returns, picture_ = kept[0]
    for counts in kept[1:]:
        vertical += counts[0]
        gaps += counts[1]
        returns += counts[2]
        picture_ += counts[3]
    return Lines(diagonal, vertical, longest, recurrent, lined, gaps, returns, picture_, 1 << fold)


def _spare(spare: list[Counts], size: int) -> Counts:
    """Counts that no other thread has at the moment."""
    try:
        return spare.pop()
    except IndexError:
        return np.zeros(size, np.int64)


# ------------------------------------------------------------------------ measures


@dataclass(frozen=True, eq=False)
class Measures:
    """Numbers of a recurrence plot. Not a number where there is no line to measure.

    Attributes
    ----------
    recurrence_rate : float
        RR: recurrent points among all that count.
    determinism : float
        DET: share of the recurrent points in diagonal lines of the least length and more.
    mean_diagonal : float
        L: mean length of these lines, in points.
    longest_diagonal : int
        Lmax, in points, the main diagonal excluded.
    entropy : float
        ENTR: Shannon entropy of the lengths of these lines, in nats.
    laminarity : float
        LAM: share of the recurrent points in vertical lines of the least length and more.
    trapping_time : float
        TT: mean length of these lines, in points.
    longest_vertical : int
        Vmax, in points.
    first_recurrence_time, second_recurrence_time : float
        T1 and T2: mean time from a recurrent point of a column to the next, and from the
        begin of a vertical line to the begin of the next, in points.
    """

    recurrence_rate: float
    determinism: float
    mean_diagonal: float
    longest_diagonal: int
    entropy: float
    laminarity: float
    trapping_time: float
    longest_vertical: int
    first_recurrence_time: float
    second_recurrence_time: float


TITLES: Final = {
    "recurrence_rate": ("Recurrence rate RR", ""),
    "determinism": ("Determinism DET", ""),
    "mean_diagonal": ("Mean diagonal line L", "points"),
    "longest_diagonal": ("Longest diagonal line Lmax", "points"),
    "entropy": ("Entropy of diagonal lines ENTR", "nats"),
    "laminarity": ("Laminarity LAM", ""),
    "trapping_time": ("Trapping time TT", "points"),
    "longest_vertical": ("Longest vertical line Vmax", "points"),
    "first_recurrence_time": ("Recurrence time of the first type T1", "points"),
    "second_recurrence_time": ("Recurrence time of the second type T2", "points"),
}
"""Title and unit of every field of `Measures`."""


def measures_of(lines: Lines, pairs: int, least_diagonal: int, least_vertical: int) -> Measures:
    """The measures of counted lines; `pairs` is how many points of the plot count."""
    diagonal, vertical = lines.diagonal, lines.vertical
    points = _points(diagonal)
    long, high = diagonal[least_diagonal:], vertical[least_vertical:]
    shares = long[long > 0] / max(1, long.sum())
    gaps, within = int(lines.gaps.sum()), _points(vertical) - int(vertical.sum())
    # Points of one line follow each other at once; over a gap it takes one more than its length.
    first = within + _points(lines.gaps) + gaps
    return Measures(
        points / pairs,
        _ratio(_points(long, least_diagonal), points),
        _ratio(_points(long, least_diagonal), int(long.sum())),
        lines.longest,
        float(-(shares * np.log(shares)).sum()) + 0.0 if len(shares) else math.nan,
        _ratio(_points(high, least_vertical), _points(vertical)),
        _ratio(_points(high, least_vertical), int(high.sum())),
        int(np.flatnonzero(vertical)[-1]) if vertical.any() else 0,
        _ratio(first, within + gaps),
        _ratio(_points(lines.returns), int(lines.returns.sum())),
    )


def _points(counts: Counts, least: int = 0) -> int:
    """Sum of the lengths of lines counted from length `least` on."""
    return int((counts * np.arange(least, least + len(counts))).sum())


def _ratio(over: int, under: int) -> float:
    return over / under if under else math.nan


def scalars_of(measures: Measures) -> tuple[Scalar, ...]:
    """The measures as rows of a table."""
    return tuple(
        Scalar(name, title, float(getattr(measures, name)), unit=unit)
        for name, (title, unit) in TITLES.items()
    )


# ------------------------------------------------------------------------ pictures


def trimmed(counts: Counts) -> Counts:
    """Counts up to the greatest length that occurs."""
    return counts[: int(np.flatnonzero(counts)[-1]) + 1 if counts.any() else 1].copy()


def picture(lines: Lines, states: States) -> NDArray[np.float32]:
    """Share of recurrent points in every square, row 0 at the bottom: the state of `b`."""
    # The plot of one sequence is its own mirror image, and copying is faster than turning.
    shares = (lines.cells if states.same else lines.cells.T).astype(np.float32, order="C")
    size = lines.size
    if size > 1:
        shares *= np.float32(1.0 / size**2)
        # The last row and column of squares are narrower.
        shares[-1] *= np.float32(size / (states.second - size * (len(shares) - 1)))
        shares[:, -1] *= np.float32(size / (states.first - size * (shares.shape[1] - 1)))
    return shares


def histogram(counts: Counts, title: str, label: str, expected: Array | None = None) -> Plot:
    """Counts by length as bars; many lengths share a bar, which is as high as their mean."""
    longest = max(1, len(counts) - 1)
    width = -(-longest // _BARS)
    edges = np.arange(1, longest + width + 1, width)
    padded = np.zeros(edges[-1], np.int64)
    padded[: len(counts)] = counts
    heights = padded[1:].reshape(-1, width).sum(axis=1) / width
    bars = Bars(edges.astype(np.float64) - 0.5, heights)
    if expected is None:
        return Plot(title, label, "number", (bars,), y_log=True)
    seen = np.flatnonzero(expected >= 0.5)
    curve = Curve(seen.astype(np.float64), expected[seen], "independent noise", reference=True)
    return Plot(title, label, "number", (bars, curve), y_log=True)


def of_noise(pairs: int, rate: float, longest: int) -> Array:
    """Diagonal lines by length in the plot of independent random numbers, far from borders.

    A line of l points is l recurrent points between two that are not: ``p**l (1 - p)**2``.
    """
    return np.asarray(pairs * (1.0 - rate) ** 2 * rate ** np.arange(longest + 1.0))
