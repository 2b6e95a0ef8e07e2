"""The correlation dimension: how fast the number of close pairs of points grows with radius.

The correlation sum C(r), the share of pairs of points within a distance r, grows like r to the
power D2. Pairs that are close only because they are close in time are left out. The slope is
shown for every radius and fitted over a scaling region that is chosen by a stated rule, or by
hand. A series is embedded by delays, and the slopes of all smaller embeddings come with it.

All pairs of 44,000 points are counted, and pairs with as many evenly chosen centres as that
work allows of more; memory is that of the points and of a few thousand bins.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.analysis._point_cloud import (
    EMBEDDING,
    NORM,
    REFERENCES,
    REGION,
    THEILER,
    Cloud,
    centres,
    check_norm,
    check_region,
    checked_references,
    cloud,
    given,
    given_whole,
    suited,
)
from engine.analysis._scaling import Line, chosen_line, line_between, local_slopes, straight_line
from engine.analysis.method import Curve, Method, Plot, Points, Scalar, Subject
from engine.errors import ParameterError
from engine.exhibit import Reference, Value
from engine.job import Job, Partial, run

Array = NDArray[np.float64]
WHAT = "the correlation dimension"
WORK = 1e9
"""Pairs that are counted where nothing else is asked for."""
_FEWEST = 30  # pairs within a radius that tells anything
_MOST = 0.1  # share of all pairs within the largest radius of a region chosen here
_LEAST = math.log(4.0)  # shortest region chosen, in logarithms of the radius
_HALF = 4  # radii on either side that a local slope takes in: half an octave
_PICTURES = 8


@dataclass(frozen=True, eq=False)
class CorrelationDimension:
    """A correlation dimension and the sums it was read from.

    Attributes
    ----------
    dimension : float
        Slope of ln C(r) over ln r in the scaling region.
    stderr : float
        From blocks of time, the line, and regions that are nearly as good.
    low, high : float
        The scaling region, in radii.
    radii : array (k,)
    sums : array (l, k)
        C(r), a row for every number of coordinates.
    slopes : array (l, k)
        Local slopes, over half an octave to either side.
    embeddings : array (l,)
        Embedding dimension of the rows; the last is the one asked for.
    dimensions : array (l,)
        Slopes of all rows in the scaling region.
    pairs : int
        Pairs of points that were counted.
    points : int
        Points there were.
    theiler, delay : int
        Rows.
    norm : str
    """

    dimension: float
    stderr: float
    low: float
    high: float
    radii: Array
    sums: Array
    slopes: Array
    embeddings: NDArray[np.int64]
    dimensions: Array
    pairs: int
    points: int
    theiler: int
    delay: int
    norm: str

    def scalars(self) -> tuple[Scalar, ...]:
        """The dimension, and the region it was read from."""
        return (
            Scalar(
                "correlation_dimension",
                "Correlation dimension D2",
                self.dimension,
                self.stderr,
                label="estimate",
            ),
            Scalar("region_low", "Scaling region from", self.low),
            Scalar("region_high", "Scaling region to", self.high),
            Scalar("pairs", "Pairs of points", float(self.pairs)),
        )

    def plots(self) -> tuple[Plot, ...]:
        """Local slopes, correlation sums, and slopes over embedding dimensions."""
        single = len(self.embeddings) == 1
        names = ["" if single else f"m = {m}" for m in self.embeddings]
        region = np.array([self.low, self.high])
        slopes = [
            Curve(self.radii, row, name) for row, name in zip(self.slopes, names, strict=True)
        ]
        level = np.full(2, self.dimension)
        fitted = Curve(
            region,
            level,
            f"D2 = {self.dimension:.3f} ± {self.stderr:.3f}",
            level - self.stderr,
            level + self.stderr,
        )
        sums = [
            Curve(self.radii, np.where(row > 0.0, row, np.nan), name)
            for row, name in zip(self.sums, names, strict=True)
        ]
        inside = (self.radii >= self.low * (1 - 1e-9)) & (self.radii <= self.high * (1 + 1e-9))
        line = np.exp(
            np.log(self.sums[-1][inside]).mean()
            + self.dimension * (np.log(region) - np.log(self.radii[inside]).mean())
        )
        plots = [
            Plot(
                "Local slopes",
                "radius r",
                "d ln C / d ln r",
                (*slopes, fitted),
                x_log=True,
            ),
            Plot(
                "Correlation sum",
                "radius r",
                "C(r)",
                (*sums, Curve(region, line, "scaling region", reference=True)),
                x_log=True,
                y_log=True,
            ),
        ]
        if not single:
            m = self.embeddings.astype(np.float64)
            plots.append(
                Plot(
                    "Slope over embedding dimension",
                    "embedding dimension m",
                    "D2",
                    (
                        Curve(m, self.dimensions),
                        Points(m, self.dimensions),
                        Curve(m, m, "noise: D2 = m", reference=True),
                    ),
                )
            )
        return tuple(plots)


def correlation_dimension(
    states_or_series: object,
    dimension: int | None = None,
    delay: int | None = None,
    theiler: int | None = None,
    low: float | None = None,
    high: float | None = None,
    norm: str = "euclidean",
    references: int | None = None,
) -> CorrelationDimension:
    """The correlation dimension of states or of an embedded series.

    Parameters
    ----------
    states_or_series : array-like (m,) or (m, n)
    dimension, delay : int, optional
        Delay embedding: moments a point is made of and rows between them. States are taken
        as they are by default, a series in 4 dimensions at the delay at which its
        autocorrelation falls below 1/e.
    theiler : int, optional
        Pairs no further apart than this number of rows are left out; three times the delay
        just said by default.
    low, high : float, optional
        The scaling region in radii; chosen from the local slopes by default.
    norm : str
        ``euclidean`` or ``maximum``.
    references : int, optional
        How many points are centres of pairs; as many as make a billion pairs by default.

    Returns
    -------
    CorrelationDimension

    Raises
    ------
    ParameterError
        If the numbers or settings cannot be used, or no radius tells pairs apart.

    References
    ----------
    P. Grassberger, I. Procaccia, Measuring the strangeness of strange attractors, Physica D
    9, 189-208 (1983). J. Theiler, Physical Review A 34, 2427-2432 (1986).
    """
    return run(
        correlation_dimension_job(
            states_or_series, dimension, delay, theiler, low, high, norm, references
        )
    )


def correlation_dimension_job(
    states_or_series: object,
    dimension: int | None = None,
    delay: int | None = None,
    theiler: int | None = None,
    low: float | None = None,
    high: float | None = None,
    norm: str = "euclidean",
    references: int | None = None,
) -> Job[CorrelationDimension]:
    """`correlation_dimension` as a job, yielding estimates from the centres so far."""
    from engine.analysis._pairs import all_radii, pair_counts

    points = cloud(states_or_series, WHAT, dimension, delay, theiler)
    maximum = check_norm(norm, WHAT)
    check_region(low, high, WHAT)
    wanted = checked_references(references, points, WORK / (points.count / 2), WHAT)
    chosen = centres(points.count, wanted)
    levels = points.columns * np.arange(1, points.dimension + 1, dtype=np.int64)
    radii = all_radii(points, maximum)
    shown = 0
    settings = (points, radii, low, high, norm)
    for done, counts in pair_counts(points, chosen, radii, levels, maximum):
        estimate = None
        if done < wanted and done * _PICTURES // wanted > shown:
            shown = done * _PICTURES // wanted
            try:
                estimate = _read(counts, *settings)
            except ParameterError:
                estimate = None  # too few pairs so far
        yield Partial(estimate, done, wanted, "counting pairs of points")
    return _read(counts, *settings)


def _read(
    counts: NDArray[np.int64],
    points: Cloud,
    radii: Array,
    low: float | None,
    high: float | None,
    norm: str,
) -> CorrelationDimension:
    """Slopes of the sums so far."""
    within = counts.sum(axis=0).cumsum(axis=1)
    pairs = int(within[0, -1])
    within, blocks = within[:, :-1], counts.cumsum(axis=2)[:, -1, :-1]
    # Below the least distance there is nothing, or only points that rounding has made one.
    first = int(np.argmax(within[-1] > within[-1, 0]))
    within, blocks, radii = within[:, first:], blocks[:, first:], radii[first:] * points.extent
    if within[-1, 0] > _MOST * pairs:
        raise ParameterError(
            f"{WHAT} needs points that differ; {100.0 * within[-1, 0] / pairs:.3g} % of the "
            "pairs coincide. Points that repeat are a cycle or a rest of dimension 0, or were "
            "rounded: choose another run, or finer numbers"
        )
    x = np.log(radii)
    with np.errstate(divide="ignore"):
        y = np.where(within > 0, np.log(within / pairs), np.nan)
    slopes = np.array([local_slopes(x, row, _HALF) for row in y])
    line = _region(x, y[-1], slopes[-1], within[-1], pairs, low, high)
    region = slice(line.first, line.last + 1)
    stderr = math.hypot(line.stderr, _scatter(x[region], blocks[:, region]))
    fits = [
        straight_line(x, row, line.first, line.last).slope
        if np.isfinite(row[region]).sum() >= 2
        else math.nan
        for row in y
    ]
    return CorrelationDimension(
        line.slope,
        stderr,
        float(radii[line.first]),
        float(radii[line.last]),
        radii,
        within / pairs,
        slopes,
        np.arange(1, len(y) + 1),
        np.array(fits),
        pairs,
        points.count,
        points.theiler,
        points.delay,
        norm,
    )


def _region(
    x: Array,
    y: Array,
    slopes: Array,
    within: NDArray[np.int64],
    pairs: int,
    low: float | None,
    high: float | None,
) -> Line:
    """The line in the scaling region: by hand where either end is given."""
    if low is not None or high is not None:
        ends = (math.exp(x[0]) if low is None else low, math.exp(x[-1]) if high is None else high)
        return line_between(x, y, *ends, "radii with pairs")
    usable = (within >= _FEWEST) & (within <= _MOST * pairs)
    try:
        return chosen_line(x, y, np.where(usable, slopes, np.nan), _LEAST)
    except ParameterError:
        raise ParameterError(
            f"{WHAT} found no scaling region: radii that hold {_FEWEST} pairs to a tenth of all "
            f"{pairs} span less than a factor of 4; take more points, a smaller embedding "
            "dimension, or set the region by hand"
        ) from None


def _scatter(x: Array, blocks: NDArray[np.int64]) -> float:
    """Standard error of the slope from the blocks' own slopes."""
    full = blocks[(blocks > 0).all(axis=1)]
    if len(full) < 3:
        return 0.0
    u = x - x.mean()
    found = np.log(full) @ u / (u @ u)
    return float(found.std(ddof=1) / math.sqrt(len(found)))


def _job(subject: Subject, options: Mapping[str, Value]) -> Job[CorrelationDimension]:
    assert subject.sampled is not None
    return correlation_dimension_job(
        subject.sampled.values,
        int(options["dimension"]),
        int(options["delay"]),
        int(options["theiler"]),
        given(options, "low"),
        given(options, "high"),
        str(options["norm"]),
        given_whole(options, "references"),
    )


METHOD = Method(
    "Correlation dimension",
    "Dimension",
    "How the number of close pairs of points grows with the radius: the share of pairs within "
    "r grows like r to the power D2, the correlation dimension of the attractor. A low value "
    "that stays the same in higher embeddings says that few variables make the motion; noise "
    "fills whatever dimension it is embedded in.",
    "Believe it where the local slopes have a plateau over at least a factor of ten in radius, "
    "and where the slope no longer grows with the embedding dimension. About 10 to the power "
    "D2 / 2 points are the least and a thousand times that are comfortable; noise lifts the "
    "slopes below its own size, and correlated noise without a Theiler window passes for chaos. "
    "The error says how sure the slope is, not whether there is scaling.",
    "states",
    _job,
    (*EMBEDDING, THEILER, *REGION, NORM, REFERENCES),
    suited,
    (
        Reference(
            "P. Grassberger and I. Procaccia",
            1983,
            "Measuring the strangeness of strange attractors",
            "Physica D 9, 189-208",
            "10.1016/0167-2789(83)90298-1",
        ),
        Reference(
            "J. Theiler",
            1986,
            "Spurious dimension from correlation algorithms applied to limited time-series data",
            "Physical Review A 34, 2427-2432",
            "10.1103/PhysRevA.34.2427",
        ),
    ),
)
