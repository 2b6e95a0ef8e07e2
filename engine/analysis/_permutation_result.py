"""What ordinal patterns say of a series: two numbers, and their places in pictures."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from engine.analysis._ordinal_plane import bounds
from engine.analysis.method import Bars, Curve, Plot, Points, Scalar

Array = NDArray[np.float64]
IDEAL = (0.3, 0.5)
"""Least and greatest span of a window, in natural times."""
ENOUGH = 5
"""Windows for every pattern, below which numbers are estimates."""
LONG = 1.5
"""Natural times that the whole series spans, below which numbers are estimates."""
_SHOWN = 240  # bars in the picture of the patterns


@dataclass(frozen=True, eq=False)
class PermutationComplexity:
    """Entropy and complexity of the ordinal patterns of a series.

    Attributes
    ----------
    entropy, complexity : float
        Normalised permutation entropy and Jensen-Shannon statistical complexity.
    entropy_stderr, complexity_stderr : float
        From leaving out one of 16 blocks of the series at a time.
    order, delay : int
        Values in a window, and rows between two of them.
    step : float
        Time between two rows.
    counts : array (order!,) of int
        How often each pattern occurred. The number of a pattern is the sum over k of k! times
        how many of the values before the k-th (from 0) are greater than it.
    ties : float
        Share of neighbours, a delay apart, that are equal.
    natural : float
        Natural time: between every second crossing of the mean.
    delays : array (k,) of int
    entropies, complexities : array (k,)
        The two numbers at other delays.
    """

    entropy: float
    complexity: float
    entropy_stderr: float
    complexity_stderr: float
    order: int
    delay: int
    step: float
    counts: NDArray[np.int64]
    ties: float
    natural: float
    delays: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    entropies: Array = field(default_factory=lambda: np.zeros(0))
    complexities: Array = field(default_factory=lambda: np.zeros(0))

    @property
    def missing(self) -> int:
        """How many patterns never occurred."""
        return int(np.count_nonzero(self.counts == 0))

    @property
    def span(self) -> float:
        """Time a window spans."""
        return (self.order - 1) * self.delay * self.step

    @property
    def duration(self) -> float:
        """Time the whole series spans."""
        return self.span + (float(self.counts.sum()) - 1.0) * self.step

    @property
    def ideal(self) -> tuple[float, float]:
        """The delays, in rows, whose windows span 0.3 and 0.5 of the natural time."""
        rows = self.natural / self.step / (self.order - 1)
        return IDEAL[0] * rows, IDEAL[1] * rows

    @property
    def suggested(self) -> int:
        """The delay among `delays` with the greatest complexity of the ideal ones.

        The nearest to the middle of the ideal ones where none of them is among `delays`; 0
        where there are none at all.
        """
        if not len(self.delays):
            return 0
        low, high = self.ideal
        inside = np.flatnonzero((self.delays >= low) & (self.delays <= high))
        if inside.size:
            return int(self.delays[inside[np.argmax(self.complexities[inside])]])
        return int(self.delays[np.argmin(np.abs(self.delays - 0.5 * (low + high)))])

    def scalars(self) -> tuple[Scalar, ...]:
        """Entropy and complexity first."""
        few = self.counts.sum() < ENOUGH * len(self.counts)
        label = "estimate" if few or self.duration < LONG * self.natural else ""
        out = [
            Scalar("entropy", "Permutation entropy", self.entropy, self.entropy_stderr, "", label),
            Scalar(
                "complexity",
                "Statistical complexity",
                self.complexity,
                self.complexity_stderr,
                "",
                label,
            ),
            Scalar("missing", "Patterns that never occur", float(self.missing), label=label),
            Scalar("ties", "Equal neighbours", self.ties),
            Scalar("natural_time", "Natural time", self.natural, label="estimate"),
            Scalar("span", "Windows span, in natural times", self.span / self.natural),
        ]
        if self.suggested:
            out.append(Scalar("delay", "Delay suggested", float(self.suggested), label="estimate"))
        return tuple(out)

    def plots(self) -> tuple[Plot, ...]:
        """The complexity-entropy plane, both numbers over the delay, and the patterns."""
        plots = [self._plane(), self._patterns()]
        if len(self.delays):
            plots.insert(1, self._scan())
        return tuple(plots)

    def _plane(self) -> Plot:
        limits = bounds(len(self.counts))
        cycle = math.log(2 * (2 * self.order - 3)) / math.log(len(self.counts))
        items: list[Curve | Points] = [
            Curve(limits.entropy, limits.upper, "greatest complexity", reference=True),
            Curve(limits.entropy, limits.lower, "least complexity", reference=True),
        ]
        if 0.0 < cycle < 1.0:
            least, most = (
                np.interp(cycle, limits.entropy, y) for y in (limits.lower, limits.upper)
            )
            name = "most a smooth cycle can have in half a period"
            items.append(
                Curve(np.array([cycle, cycle]), np.array([least, most]), name, reference=True)
            )
        if len(self.delays):
            items.append(Curve(self.entropies, self.complexities, "over the delay"))
        items.append(
            Points(
                np.array([self.entropy]),
                np.array([self.complexity]),
                f"order {self.order}, delay {self.delay}",
            )
        )
        return Plot(
            "Complexity-entropy plane",
            "permutation entropy H",
            "statistical complexity C",
            tuple(items),
        )

    def _scan(self) -> Plot:
        window = (self.order - 1) * self.step / self.natural
        spans = np.asarray(window * self.delays, dtype=np.float64)
        ends = np.array([0.0, 1.0])
        return Plot(
            "Entropy and complexity over the delay",
            "time a window spans / natural time",
            "H, C",
            (
                Curve(spans, self.entropies, "permutation entropy H"),
                Curve(spans, self.complexities, "statistical complexity C"),
                Curve(np.full(2, IDEAL[0]), ends, "ideal from here", reference=True),
                Curve(np.full(2, IDEAL[1]), ends, "ideal up to here", reference=True),
            ),
            x_log=True,
        )

    def _patterns(self) -> Plot:
        shares = np.sort(self.counts)[::-1][:_SHOWN] / self.counts.sum()
        edges = 0.5 + np.arange(len(shares) + 1.0)
        even = np.full(2, 1.0 / len(self.counts))
        return Plot(
            f"Patterns of order {self.order}, the most frequent first",
            "rank",
            "probability",
            (
                Bars(edges, shares, "patterns"),
                Curve(edges[[0, -1]], even, "all equally often", reference=True),
            ),
        )
