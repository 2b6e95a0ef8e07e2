"""Generalised dimensions D_q: how a measure scales where it is dense and where it is thin.

Two ways of reading them. *Fixed mass* takes the radii that hold k neighbours and asks how
their moments grow with k; it serves all orders, negative ones too. *Correlation sums* take the
numbers of neighbours within a radius and ask how their moments grow with it; orders up to one
need every centre to have neighbours, which leaves them few radii. The correlation dimension is
D_2. Not for time series of scaling noise: that is what multifractal fluctuation analysis is for.

Memory is that of the points and of 320 numbers for each of at most 20,000 centres.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.analysis._moments import by_mass, by_sums
from engine.analysis._point_cloud import (
    EMBEDDING,
    NORM,
    REFERENCES,
    REGION,
    THEILER,
    centres,
    check_norm,
    check_region,
    checked_references,
    cloud,
    given,
    given_whole,
    suited,
)
from engine.analysis.method import Curve, Method, Plot, Scalar, Subject
from engine.errors import ParameterError
from engine.exhibit import Parameter, Reference, Value
from engine.job import Job, Partial, run

Array = NDArray[np.float64]
WHAT = "the generalised dimensions"
METHODS = ("mass", "sums")
WORK = 4e8
"""Distances that are found where nothing else is asked for."""
_CENTRES = 5_000
_MOST_CENTRES = 20_000
_MASSES = 24
_ORDERS = np.arange(-5.0, 5.01, 0.5)
_FEWEST = 30  # pairs that a mean of neighbours rests on
_THIN = 8  # every so many-th curve is drawn, at most so many


@dataclass(frozen=True, eq=False)
class GeneralisedDimensions:
    """Dimensions of all orders.

    Attributes
    ----------
    orders : array (o,)
        q.
    dimensions : array (o,)
        D_q; not a number where the points do not tell.
    stderr : array (o,)
    exponents : array (o,)
        tau(q) = (q - 1) D_q.
    strengths, spectrum : array (o,)
        Singularity strengths alpha = d tau / d q and the dimension f(alpha) of where they are.
    scales : array (k,)
        Radii, or masses, that the slopes were read from.
    slopes : array (o, k)
        Local dimensions at these.
    low, high : array (o,)
        The scaling region of every order.
    method : str
    points, centres : int
    theiler : int
    """

    orders: Array
    dimensions: Array
    stderr: Array
    exponents: Array
    strengths: Array
    spectrum: Array
    scales: Array
    slopes: Array
    low: Array
    high: Array
    method: str
    points: int
    centres: int
    theiler: int

    def scalars(self) -> tuple[Scalar, ...]:
        """D_0, D_1 and D_2 where they are among the orders, and the span of all."""
        words = {0.0: "Capacity D0", 1.0: "Information dimension D1", 2.0: "Correlation D2"}
        found = []
        for order, title in words.items():
            for j in np.flatnonzero(np.isclose(self.orders, order)):
                value, error = float(self.dimensions[j]), float(self.stderr[j])
                found.append(Scalar(f"d{order:g}", title, value, error, label="estimate"))
        known = self.dimensions[np.isfinite(self.dimensions)]
        span = float(known.max() - known.min()) if known.size else math.nan
        return (*found, Scalar("span", "Span of D_q", span, label="estimate"))

    def plots(self) -> tuple[Plot, ...]:
        """D_q, local dimensions, and the spectrum of singularities."""
        low, high = self.dimensions - self.stderr, self.dimensions + self.stderr
        step = max(1, -(-len(self.orders) // _THIN))
        local = tuple(
            Curve(self.scales, self.slopes[j], f"q = {self.orders[j]:g}")
            for j in range(0, len(self.orders), step)
        )
        across = "neighbours k" if self.method == "mass" else "radius r"
        return (
            Plot(
                "Generalised dimensions",
                "order q",
                "D_q",
                (Curve(self.orders, self.dimensions, "", low, high),),
            ),
            Plot("Local dimensions", across, "D_q", local, x_log=True),
            Plot(
                "Spectrum of singularities",
                "strength alpha",
                "f(alpha)",
                (Curve(self.strengths, self.spectrum),),
            ),
        )


def generalised_dimensions(
    states_or_series: object,
    q: Sequence[float] | Array | None = None,
    method: str = "mass",
    dimension: int | None = None,
    delay: int | None = None,
    theiler: int | None = None,
    low: float | None = None,
    high: float | None = None,
    norm: str = "euclidean",
    references: int | None = None,
) -> GeneralisedDimensions:
    """Generalised dimensions D_q of states or of an embedded series.

    Parameters
    ----------
    states_or_series : array-like (m,) or (m, n)
    q : array-like (o,), optional
        Orders, increasing; from -5 to 5 in halves by default.
    method : str
        ``mass`` (moments of radii of fixed mass) or ``sums`` (correlation sums).
    dimension, delay, theiler : int, optional
        As `correlation_dimension`.
    low, high : float, optional
        The scaling region, in radii for sums and in numbers of neighbours for masses.
    norm : str
        ``euclidean`` or ``maximum``.
    references : int, optional
        How many points are centres.

    Returns
    -------
    GeneralisedDimensions

    Raises
    ------
    ParameterError
        If the numbers or settings cannot be used.

    References
    ----------
    P. Grassberger, Generalizations of the Hausdorff dimension of fractal measures, Physics
    Letters A 107, 101-105 (1985): moments of radii, with their form for few neighbours.
    H. G. E. Hentschel, I. Procaccia, Physica D 8, 435-444 (1983).
    """
    return run(
        generalised_dimensions_job(
            states_or_series, q, method, dimension, delay, theiler, low, high, norm, references
        )
    )


def generalised_dimensions_job(
    states_or_series: object,
    q: Sequence[float] | Array | None = None,
    method: str = "mass",
    dimension: int | None = None,
    delay: int | None = None,
    theiler: int | None = None,
    low: float | None = None,
    high: float | None = None,
    norm: str = "euclidean",
    references: int | None = None,
) -> Job[GeneralisedDimensions]:
    """`generalised_dimensions` as a job."""
    from engine.analysis._pairs import all_radii, mass_radii, neighbour_counts

    orders = checked_orders(q, WHAT)
    if method not in METHODS:
        raise ParameterError(f"{WHAT} are read by {' or '.join(METHODS)}, got {method!r}")
    points = cloud(states_or_series, WHAT, dimension, delay, theiler)
    maximum = check_norm(norm, WHAT)
    check_region(low, high, WHAT)
    affordable = min(_CENTRES, WORK / points.count)
    wanted = min(_MOST_CENTRES, checked_references(references, points, affordable, WHAT))
    chosen = centres(points.count, wanted)
    if method == "mass":
        most = max(32, (points.count - 1 - 2 * points.theiler) // 20)
        masses = np.unique(np.geomspace(2.0, most, _MASSES).astype(np.int64))
        radii = yield from mass_radii(points, chosen, masses, maximum)
        read = by_mass(radii, masses, orders, low, high)
        scales = masses.astype(np.float64)
    else:
        reach = np.ascontiguousarray(all_radii(points, maximum)[::2])
        counts = yield from neighbour_counts(points, chosen, reach, maximum)
        first = int(np.argmax(counts.sum(axis=0) >= _FEWEST))
        scales = reach[first:] * points.extent
        near = np.minimum(chosen, points.theiler) + np.minimum(
            points.count - 1 - chosen, points.theiler
        )
        others = (points.count - 1 - near)[:, None]
        shares = counts[:, first:] / others
        read = by_sums(shares, scales, points.count, orders, low, high)
    found = np.full((4, len(orders)), np.nan)
    slopes = np.full((len(orders), len(scales)), np.nan)
    for j, (value, error, begin, end, local) in enumerate(read):
        found[:, j] = value, error, begin, end
        slopes[j] = local
        yield Partial(None, j + 1, len(orders), "moments")
    if not np.isfinite(found[0]).any():
        raise ParameterError(
            f"{WHAT} found no scaling region for any order: too few points, or points that "
            "coincide; take a longer run, or set the region by hand"
        )
    exponents = (orders - 1.0) * found[0]
    strengths = gradient(orders, exponents)
    return GeneralisedDimensions(
        orders,
        found[0],
        found[1],
        exponents,
        strengths,
        orders * strengths - exponents,
        scales,
        slopes,
        found[2],
        found[3],
        method,
        points.count,
        wanted,
        points.theiler,
    )


def checked_orders(q: object, what: str) -> Array:
    """Orders as an increasing array.

    Raises
    ------
    ParameterError
        If there are none, they are not finite or do not increase.
    """
    try:
        orders = np.atleast_1d(np.asarray(_ORDERS if q is None else q, dtype=np.float64))
    except (TypeError, ValueError):
        orders = np.empty(0)
    if (
        orders.ndim != 1
        or not len(orders)
        or not (np.abs(orders) <= 100.0).all()
        or (np.diff(orders) <= 0.0).any()
    ):
        raise ParameterError(
            f"{what} takes orders q that increase, between -100 and 100, got {q!r}"
        )
    return orders


def spaced(lowest: float, highest: float, count: int, what: str) -> Array:
    """Evenly spaced orders.

    Raises
    ------
    ParameterError
        If they do not increase.
    """
    if not lowest < highest or count < 2:
        raise ParameterError(
            f"{what} takes at least 2 orders that increase, got {count} from {lowest:g} to "
            f"{highest:g}"
        )
    return np.linspace(lowest, highest, min(count, 201))


def gradient(orders: Array, exponents: Array) -> Array:
    """Derivative of tau(q), from neighbouring orders."""
    if len(orders) < 2:
        return np.full(len(orders), np.nan)
    return np.asarray(np.gradient(exponents, orders))


def _job(subject: Subject, options: Mapping[str, Value]) -> Job[GeneralisedDimensions]:
    assert subject.sampled is not None
    lowest, highest = float(options["lowest"]), float(options["highest"])
    return generalised_dimensions_job(
        subject.sampled.values,
        spaced(lowest, highest, int(options["orders"]), WHAT),
        str(options["method"]),
        int(options["dimension"]),
        int(options["delay"]),
        int(options["theiler"]),
        given(options, "low"),
        given(options, "high"),
        str(options["norm"]),
        given_whole(options, "references"),
    )


METHOD = Method(
    "Generalised dimensions",
    "Dimension",
    "Dimensions D_q of all orders: large q look at where points are dense, negative q at where "
    "they are thin. They are all the same for a uniform measure and fall with q for a "
    "multifractal one, as natural measures of strange attractors are. D_0 is the capacity, D_1 "
    "the information dimension, D_2 the correlation dimension.",
    "Believe orders from 0 to about 3 for some ten thousand points, where the local dimensions "
    "have a plateau. Negative orders rest on a few lonely points and need many more, and no "
    "noise; large orders rest on the few densest places. Radii of fixed mass serve all orders; "
    "correlation sums are the better check for q above one.",
    "states",
    _job,
    (
        Parameter(
            "method", "mass", scale="choice", choices=METHODS, help="fixed mass or correlation sums"
        ),
        Parameter("lowest", -5.0, -20.0, 0.0, help="lowest order q"),
        Parameter("highest", 5.0, 1.0, 20.0, help="highest order q"),
        Parameter("orders", 21, 2, 101, scale="integer", help="how many orders"),
        *EMBEDDING,
        THEILER,
        *REGION,
        NORM,
        REFERENCES,
    ),
    suited,
    (
        Reference(
            "H. G. E. Hentschel and I. Procaccia",
            1983,
            "The infinite number of generalized dimensions of fractals and strange attractors",
            "Physica D 8, 435-444",
            "10.1016/0167-2789(83)90235-X",
        ),
        Reference(
            "P. Grassberger",
            1985,
            "Generalizations of the Hausdorff dimension of fractal measures",
            "Physics Letters A 107, 101-105",
            "10.1016/0375-9601(85)90724-8",
        ),
    ),
)
