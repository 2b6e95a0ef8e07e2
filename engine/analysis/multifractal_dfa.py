"""Multifractal detrended fluctuation analysis: exponents of large and of small fluctuations.

As detrended fluctuation analysis, but windows are averaged by moments of all orders q: large q
see the windows that fluctuate most, negative q those that fluctuate least. Where the exponents
h(q) differ, the series is multifractal. Memory is a few times that of the series.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.analysis._fluctuations import (
    check_order,
    checked_series,
    lengths,
    profile,
    residuals,
)
from engine.analysis._scaling import straight_line
from engine.analysis.dfa import ORDER, WINDOW_OPTIONS, window_range
from engine.analysis.generalised_dimensions import checked_orders, gradient, spaced
from engine.analysis.method import Curve, Method, Plot, Points, Scalar, Subject
from engine.errors import ParameterError
from engine.exhibit import Parameter, Reference, Value
from engine.job import Job, Partial, run

Array = NDArray[np.float64]
WHAT = "multifractal fluctuation analysis"
_SHOWN = 5  # orders whose fluctuations are drawn


@dataclass(frozen=True, eq=False)
class MultifractalDfa:
    """Exponents of all orders.

    Attributes
    ----------
    orders : array (o,)
        q.
    exponents, stderr : array (o,)
        h(q), the generalised Hurst exponents: slopes of ln F_q over ln n; errors of the lines.
    masses : array (o,)
        tau(q) = q h(q) - 1.
    strengths, spectrum : array (o,)
        Singularity strengths alpha = d tau / d q, and f(alpha).
    windows : array (k,) of int64
        Lengths of windows, in values.
    fluctuations : array (o, k)
        F_q(n), in units of the series.
    order : int
        Of the polynomial trends.
    points : int
    """

    orders: Array
    exponents: Array
    stderr: Array
    masses: Array
    strengths: Array
    spectrum: Array
    windows: NDArray[np.int64]
    fluctuations: Array
    order: int
    points: int

    def scalars(self) -> tuple[Scalar, ...]:
        """h(2) where it is known, and how far the exponents spread."""
        label = "estimate"
        found = []
        for j in np.flatnonzero(np.isclose(self.orders, 2.0)):
            value, error = float(self.exponents[j]), float(self.stderr[j])
            found.append(Scalar("h2", "Exponent h(2)", value, error, label=label))
        spread = float(self.exponents[0] - self.exponents[-1])
        error = math.hypot(float(self.stderr[0]), float(self.stderr[-1]))
        width = float(self.strengths.max() - self.strengths.min())
        return (
            *found,
            Scalar("spread", "Spread of h(q)", spread, error, label=label),
            Scalar("width", "Width of the spectrum", width, label=label),
        )

    def plots(self) -> tuple[Plot, ...]:
        """h(q), the spectrum, and fluctuations of some orders."""
        n = self.windows.astype(np.float64)
        items: list[Points | Curve] = []
        x = np.log(n) - np.log(n).mean()
        for j in np.unique(np.linspace(0, len(self.orders) - 1, _SHOWN).round().astype(int)):
            row = self.fluctuations[j]
            line = np.exp(np.log(row).mean() + self.exponents[j] * x)
            items += [Points(n, row, f"q = {self.orders[j]:g}"), Curve(n, line)]
        low, high = self.exponents - self.stderr, self.exponents + self.stderr
        return (
            Plot(
                "Generalised Hurst exponents",
                "order q",
                "h(q)",
                (Curve(self.orders, self.exponents, "", low, high),),
            ),
            Plot(
                "Spectrum of singularities",
                "strength alpha",
                "f(alpha)",
                (Curve(self.strengths, self.spectrum),),
            ),
            Plot(
                "Fluctuations",
                "window n [samples]",
                "F_q(n)",
                tuple(items),
                x_log=True,
                y_log=True,
            ),
        )


def multifractal_dfa(
    series: object,
    q: Sequence[float] | Array | None = None,
    order: int = 1,
    low: int | None = None,
    high: int | None = None,
) -> MultifractalDfa:
    """Multifractal detrended fluctuation analysis of a series.

    Parameters
    ----------
    series : array-like (m,)
        Evenly sampled.
    q : array-like (o,), optional
        Orders, increasing, at least two; from -5 to 5 in halves by default.
    order : int
        Of the polynomials taken off the windows of the running sum, from 1 to 5.
    low, high : int, optional
        Shortest and longest window, in values; 16 and a tenth of the series by default.

    Returns
    -------
    MultifractalDfa

    Raises
    ------
    ParameterError
        If the series or a setting cannot be used, or windows are free of fluctuations that
        negative orders divide by.

    References
    ----------
    J. W. Kantelhardt, S. A. Zschiegner, E. Koscielny-Bunde, S. Havlin, A. Bunde, H. E. Stanley,
    Multifractal detrended fluctuation analysis of nonstationary time series, Physica A 316,
    87-114 (2002).
    """
    return run(multifractal_dfa_job(series, q, order, low, high))


def multifractal_dfa_job(
    series: object,
    q: Sequence[float] | Array | None = None,
    order: int = 1,
    low: int | None = None,
    high: int | None = None,
) -> Job[MultifractalDfa]:
    """`multifractal_dfa` as a job."""
    values = checked_series(series, WHAT)
    check_order(order, WHAT)
    orders = checked_orders(q, WHAT)
    if len(orders) < 2:
        raise ParameterError(f"{WHAT} compares orders: give at least two")
    windows = lengths(len(values), low, high, WHAT, order + 3, len(values) // 4)
    path, scale = profile(values)
    logs = np.zeros((len(orders), len(windows)))
    for k, length in enumerate(windows):
        squares = yield from residuals(path, int(length), order, k, len(windows))
        empty = int((squares <= 0.0).sum())
        if empty and (orders[0] <= 0.0 or empty == len(squares)):
            raise ParameterError(
                f"{WHAT} found {empty} of {len(squares)} windows of {length} values without any "
                f"fluctuation about trends of order {order}, and orders q of zero and below see "
                "only these: take longer windows, or positive orders"
            )
        for j, mean in enumerate(moment_means(squares[squares > 0.0], empty, orders)):
            logs[j, k] = mean
            yield Partial(None, k + (j + 1) / len(orders), len(windows), "moments")
    x = np.log(windows)
    lines = [straight_line(x, row, 0, len(x) - 1) for row in logs]
    exponents = np.array([line.slope for line in lines])
    masses = orders * exponents - 1.0
    strengths = gradient(orders, masses)
    return MultifractalDfa(
        orders,
        exponents,
        np.array([line.stderr for line in lines]),
        masses,
        strengths,
        orders * strengths - masses,
        windows,
        np.exp(logs) * scale,
        order,
        len(values),
    )


def moment_means(squares: Array, empty: int, orders: Array) -> list[float]:
    """Logarithms of the means of order q of the windows' root mean squares."""
    logs = 0.5 * np.log(squares)
    share = math.log(len(squares) / (len(squares) + empty))
    found = []
    for q in orders:
        if abs(q) < 1e-9:
            found.append(float(logs.mean()))
            continue
        powers = q * logs
        top = float(powers.max())
        found.append((top + math.log(float(np.exp(powers - top).mean())) + share) / float(q))
    return found


def _job(subject: Subject, options: Mapping[str, Value]) -> Job[MultifractalDfa]:
    assert subject.sampled is not None
    lowest, highest = float(options["lowest"]), float(options["highest"])
    return multifractal_dfa_job(
        subject.sampled.series,
        spaced(lowest, highest, int(options["orders"]), WHAT),
        int(options["order"]),
        int(options["low"]),
        int(options["high"]),
    )


METHOD = Method(
    "Multifractal fluctuation analysis",
    "Dimension",
    "How large and small fluctuations of a series grow with the time over which they are taken: "
    "exponents h(q) of moments of all orders q. One and the same exponent for all q is a "
    "monofractal series; exponents that fall with q say that quiet and stormy stretches have "
    "memories of their own, as in turbulence. h(2) is the exponent of ordinary detrended "
    "fluctuation analysis.",
    "Believe it for series of ten thousand values and more and orders between -5 and 5, where "
    "all lines are straight. Heavy tails alone make h(q) fall: compare with a shuffled series, "
    "whose spread is due to the distribution. Negative orders see the quietest windows and are "
    "ruined by rounding and by stretches that rest.",
    "series",
    _job,
    (
        Parameter("lowest", -5.0, -20.0, 0.0, help="lowest order q"),
        Parameter("highest", 5.0, 1.0, 20.0, help="highest order q"),
        Parameter("orders", 21, 2, 101, scale="integer", help="how many orders"),
        ORDER,
        *WINDOW_OPTIONS,
    ),
    window_range,
    (
        Reference(
            "J. W. Kantelhardt, S. A. Zschiegner, E. Koscielny-Bunde, S. Havlin, A. Bunde and "
            "H. E. Stanley",
            2002,
            "Multifractal detrended fluctuation analysis of nonstationary time series",
            "Physica A 316, 87-114",
            "10.1016/S0378-4371(02)01383-3",
        ),
    ),
)
