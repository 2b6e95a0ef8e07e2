"""What ``poincare_section`` finds, with its numbers and pictures. Nothing is computed here."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.analysis._section_plane import Plane
from engine.analysis.method import Bars, Curve, Plot, Points, Scalar

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class PoincareSection:
    """Crossings of an orbit through a plane, or its states once a period.

    Attributes
    ----------
    points : array (m, n)
        States in the plane, in the order of time.
    times : array (m,)
    return_times : array (m - 1,)
        Time between one crossing and the next.
    coordinates : array (m, d)
        The points in the plane's own coordinates; the states of a stroboscopic section.
    names : tuple of d str
        Names of these.
    coordinate : int
        The one that the first-return map is drawn of: that which spreads most.
    label : str
        The plane in words.
    how : str
        How crossings were found.
    residual : float
        Largest distance of a point from the plane.
    """

    points: Array
    times: Array
    return_times: Array
    coordinates: Array
    names: tuple[str, ...]
    coordinate: int
    label: str
    how: str
    residual: float

    def __len__(self) -> int:
        return len(self.points)

    @property
    def return_map(self) -> Array:
        """Successive values of the chosen coordinate, shape ``(m - 1, 2)``."""
        values = self.coordinates[:, self.coordinate]
        return np.column_stack([values[:-1], values[1:]])

    def scalars(self) -> tuple[Scalar, ...]:
        """How many crossings, their return times, how exact they are."""
        gaps = self.return_times
        mean = float(gaps.mean()) if gaps.size else math.nan
        scatter = float(gaps.std(ddof=1)) if gaps.size > 1 else math.nan
        return (
            Scalar("crossings", "Points", float(len(self))),
            Scalar(
                "return_time",
                "Mean return time",
                mean,
                scatter / math.sqrt(gaps.size) if gaps.size > 1 else math.nan,
            ),
            Scalar("return_time_scatter", "Scatter of the return times", scatter),
            Scalar(
                "shortest_return", "Shortest return", float(gaps.min()) if gaps.size else math.nan
            ),
            Scalar(
                "longest_return", "Longest return", float(gaps.max()) if gaps.size else math.nan
            ),
            Scalar("residual", "Largest distance from the plane", self.residual),
        )

    def plots(self) -> tuple[Plot, ...]:
        """The section, the first-return map and the histogram of return times."""
        x = self.coordinates[:, 0]
        many = self.coordinates.shape[1] > 1
        y = self.coordinates[:, 1] if many else np.zeros_like(x)
        section = Plot(
            f"Section at {self.label}",
            self.names[0],
            self.names[1] if many else "",
            (Points(x, y, self.how),),
        )
        pairs, name = self.return_map, self.names[self.coordinate]
        ends = np.array([pairs.min(), pairs.max()]) if len(pairs) else np.zeros(2)
        returns = Plot(
            "First-return map",
            name,
            f"next {name}",
            (Curve(ends, ends, "no change", reference=True), Points(pairs[:, 0], pairs[:, 1])),
            square=True,
        )
        gaps = self.return_times
        if gaps.size < 2:
            return section, returns
        spread = float(np.ptp(gaps))
        if spread > 1e-9 * float(gaps.max()):
            edges = np.linspace(gaps.min(), gaps.max(), int(min(80, 4 + gaps.size**0.5)) + 1)
        else:
            edges = gaps.mean() * np.array([0.995, 1.005])
        heights, edges = np.histogram(gaps, edges)
        bars = Bars(edges.astype(np.float64), heights.astype(np.float64))
        return section, returns, Plot("Return times", "time", "crossings", (bars,))


def section_of(rows: Array, plane: Plane, how: str) -> PoincareSection:
    """A section from rows of time and state."""
    times, points = rows[:, 0].copy(), np.ascontiguousarray(rows[:, 1:])
    coordinates = points @ plane.basis.T
    return PoincareSection(
        points,
        times,
        np.diff(times),
        coordinates,
        plane.names,
        int(np.argmax(np.ptp(coordinates, axis=0))),
        plane.label,
        how,
        float(np.abs(plane.distance(points)).max()),
    )
