"""Box counting: how many boxes of a size it takes to cover a set of points.

Boxes are divided into equal parts again and again. One sort by nested addresses serves all
sizes: points in one box are neighbours in that order. The slope of the number of boxes is the
capacity (box-counting) dimension, that of the entropy of the points' shares the information
dimension. Small boxes with a point each tell nothing and are left out of the region.

Memory is some ten times that of the points, of which there may be half a million.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.analysis._point_cloud import (
    EMBEDDING,
    REGION,
    check_region,
    cloud,
    given,
    suited,
)
from engine.analysis._scaling import Line, chosen_line, line_between, local_slopes
from engine.analysis.method import Curve, Method, Plot, Points, Scalar, Subject
from engine.errors import ParameterError
from engine.exhibit import Parameter, Reference, Value
from engine.job import Job, Partial, run

Array = NDArray[np.float64]
WHAT = "box counting"
_MOST_POINTS = 1 << 19
_BITS = 62  # of an address
_FINEST = 40.0  # octaves below the extent
_OCCUPIED = 5.0
"""Points a box holds on average where its size belongs to a region chosen here."""
_LEAST = 3  # levels of division that a region chosen here spans at least


@dataclass(frozen=True, eq=False)
class BoxCounting:
    """Numbers of boxes and the dimensions that follow.

    Attributes
    ----------
    dimension, stderr : float
        Capacity: slope of ln N over -ln of the size.
    information, information_stderr : float
        Information dimension: slope of the entropy.
    low, high : float
        The scaling region, in sizes.
    sizes : array (k,)
        Sides of the boxes, decreasing.
    counts : array (k,) of int64
        Boxes that hold points.
    entropies : array (k,)
        Entropy of the shares of the points in boxes, in natural units.
    slopes : array (k,)
        Local slopes of ln N.
    points : int
    base : int
        Parts a side is divided into from one size to the next.
    """

    dimension: float
    stderr: float
    information: float
    information_stderr: float
    low: float
    high: float
    sizes: Array
    counts: NDArray[np.int64]
    entropies: Array
    slopes: Array
    points: int
    base: int

    def scalars(self) -> tuple[Scalar, ...]:
        """Both dimensions and the region."""
        label = "estimate"
        return (
            Scalar(
                "capacity_dimension",
                "Box-counting dimension D0",
                self.dimension,
                self.stderr,
                label=label,
            ),
            Scalar(
                "information_dimension",
                "Information dimension D1",
                self.information,
                self.information_stderr,
                label=label,
            ),
            Scalar("region_low", "Scaling region from", self.low),
            Scalar("region_high", "Scaling region to", self.high),
        )

    def plots(self) -> tuple[Plot, ...]:
        """Numbers of boxes with the line, and local slopes."""
        counts = self.counts.astype(np.float64)
        inside = (self.sizes >= self.low * (1 - 1e-9)) & (self.sizes <= self.high * (1 + 1e-9))
        x = np.log(self.sizes[inside])
        line = np.exp(np.log(counts[inside]).mean() - self.dimension * (x - x.mean()))
        full = np.full(2, float(self.points))
        ends = np.array([self.sizes[-1], self.sizes[0]])
        region = np.array([self.low, self.high])
        level = np.full(2, self.dimension)
        name = f"D0 = {self.dimension:.3f} ± {self.stderr:.3f}"
        return (
            Plot(
                "Boxes that hold points",
                "size of the boxes",
                "number of boxes",
                (
                    Points(self.sizes, counts),
                    Curve(self.sizes[inside], line, name),
                    Curve(ends, full, "a point a box", reference=True),
                ),
                x_log=True,
                y_log=True,
            ),
            Plot(
                "Local slopes",
                "size of the boxes",
                "-d ln N / d ln size",
                (
                    Curve(self.sizes, self.slopes),
                    Curve(region, level, name, level - self.stderr, level + self.stderr),
                ),
                x_log=True,
            ),
        )


def box_counting(
    states_or_series: object,
    base: int = 2,
    dimension: int = 1,
    delay: int | None = None,
    low: float | None = None,
    high: float | None = None,
) -> BoxCounting:
    """Box-counting and information dimension of points.

    Parameters
    ----------
    states_or_series : array-like (m,) or (m, n)
    base : int
        Parts that a side is divided into at every level; 3 suits the middle-third Cantor set.
    dimension, delay : int
        Delay embedding; none by default.
    low, high : float, optional
        The scaling region in sizes of boxes; chosen by default.

    Returns
    -------
    BoxCounting

    Raises
    ------
    ParameterError
        If the numbers or settings cannot be used, or points are too few for a slope.

    References
    ----------
    L. S. Liebovitch, T. Toth, A fast algorithm to determine fractal dimensions by box
    counting, Physics Letters A 141, 386-390 (1989).
    """
    return run(box_counting_job(states_or_series, base, dimension, delay, low, high))


def box_counting_job(
    states_or_series: object,
    base: int = 2,
    dimension: int = 1,
    delay: int | None = None,
    low: float | None = None,
    high: float | None = None,
) -> Job[BoxCounting]:
    """`box_counting` as a job."""
    points = cloud(states_or_series, WHAT, dimension, delay, 0)
    check_region(low, high, WHAT)
    if not 2 <= base <= 10:
        raise ParameterError(f"{WHAT} divides sides into 2 to 10 parts, got {base}")
    if points.count > _MOST_POINTS:
        raise ParameterError(
            f"{WHAT} takes at most {_MOST_POINTS:,} points, got {points.count:,}: take one row "
            f"of {-(-points.count // _MOST_POINTS)}"
        )
    width = len(points.points)
    levels = int(min(_BITS / (math.log2(base) * width), _FINEST / math.log2(base)))
    if levels < _LEAST + 1:
        raise ParameterError(
            f"{WHAT} takes at most {int(_BITS / (math.log2(base) * (_LEAST + 1)))} coordinates "
            f"with base {base}, got {width}: use the correlation dimension there"
        )
    total = float(levels * 2 + 4)
    yield Partial(None, 0.0, total, "finding the boxes")
    # Digits of the largest coordinate stay below the base.
    places = []
    for row in points.points:
        digits = ((row - row.min()) * base**levels).astype(np.int64)
        places.append(np.minimum(digits, base**levels - 1))
        yield Partial(None, 0.0, total, "finding the boxes")
    address = np.zeros(points.count, dtype=np.int64)
    for level in range(levels - 1, -1, -1):
        for place in places:
            address *= base
            address += place // base**level % base
        yield Partial(None, levels - level, total, "finding the boxes")
    address.sort()
    yield Partial(None, levels + 4, total, "counting boxes")
    counts, entropies = np.ones(levels + 1, dtype=np.int64), np.zeros(levels + 1)
    for level in range(levels, 0, -1):
        starts = np.flatnonzero(np.diff(address)) + 1
        shares = np.diff(np.concatenate([[0], starts, [points.count]])) / points.count
        counts[level] = len(shares)
        entropies[level] = -float((shares * np.log(shares)).sum())
        address //= base**width
        yield Partial(None, 2 * levels + 4 - level, total, "counting boxes")
    sizes = points.extent * float(base) ** -np.arange(levels + 1.0)
    return _read(sizes, counts, entropies, points.count, base, low, high)


def _read(
    sizes: Array,
    counts: NDArray[np.int64],
    entropies: Array,
    points: int,
    base: int,
    low: float | None,
    high: float | None,
) -> BoxCounting:
    # Once every point has a box of its own nothing more is learnt.
    last = min(len(sizes), int(np.searchsorted(counts, counts[-1])) + 2)
    sizes, counts, entropies = sizes[:last], counts[:last], entropies[:last]
    x = np.log(sizes)[::-1]
    number, entropy = -np.log(counts)[::-1], -entropies[::-1]
    slopes = local_slopes(x, number, 1)
    usable = (counts[::-1] * _OCCUPIED <= points) & (counts[::-1] > 1)
    lines: list[Line] = []
    for y in (number, entropy):
        if low is not None or high is not None:
            ends = (low or float(sizes[-1]), high or float(sizes[0]))
            lines.append(line_between(x, y, *ends, "sizes of boxes"))
            continue
        local = np.where(usable, local_slopes(x, y, 1), np.nan)
        try:
            lines.append(chosen_line(x, y, local, _LEAST * math.log(base)))
        except ParameterError:
            raise ParameterError(
                f"{WHAT} needs boxes of {_LEAST + 1} sizes that hold {_OCCUPIED:g} points each "
                f"on average, and {points} points do not fill them: take more points, fewer "
                "coordinates, or set the region by hand"
            ) from None
    line, other = lines
    return BoxCounting(
        line.slope,
        line.stderr,
        other.slope,
        other.stderr,
        math.exp(x[line.first]),
        math.exp(x[line.last]),
        sizes,
        counts,
        entropies,
        slopes[::-1],
        points,
        base,
    )


def _job(subject: Subject, options: Mapping[str, Value]) -> Job[BoxCounting]:
    assert subject.sampled is not None
    return box_counting_job(
        subject.sampled.values,
        int(options["base"]),
        int(options["dimension"]),
        int(options["delay"]),
        given(options, "low"),
        given(options, "high"),
    )


def _automatic(subject: Subject) -> Mapping[str, Value]:
    chosen = suited(subject)
    return {name: chosen[name] for name in ("dimension", "delay")}


METHOD = Method(
    "Box counting",
    "Dimension",
    "How many boxes of a size hold points of the set, for boxes divided again and again: the "
    "slope is the box-counting dimension D0, or capacity, and the slope of the entropy of how "
    "points share the boxes is the information dimension D1.",
    "Believe it for sets in two or three dimensions with some ten thousand points and more, "
    "where the local slopes have a plateau. Boxes that points visit rarely are missed, which "
    "makes D0 too low; it converges slower than the correlation dimension and wants more "
    "points by far. Noise shows as a steeper slope below its own size.",
    "states",
    _job,
    (
        Parameter(
            "base", 2, 2, 5, scale="integer", help="parts a side is divided into at every level"
        ),
        *EMBEDDING,
        *REGION,
    ),
    _automatic,
    (
        Reference(
            "L. S. Liebovitch and T. Toth",
            1989,
            "A fast algorithm to determine fractal dimensions by box counting",
            "Physics Letters A 141, 386-390",
            "10.1016/0375-9601(89)90854-2",
        ),
    ),
)
