"""Detrended fluctuation analysis: how a series' fluctuations grow with the time over which.

The running sum of the series is cut into windows, a polynomial trend is taken off each, and
the root mean square F(n) of what is left grows like n to the power alpha: 0.5 without memory,
H for fractional Gaussian noise, 1 + H for fractional Brownian motion. Trends of the order
taken off do not count. Memory is a few times that of the series.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.analysis._fluctuations import (
    SHORTEST,
    WINDOWS,
    block_means,
    check_order,
    checked_series,
    lengths,
    profile,
    residuals,
)
from engine.analysis._scaling import local_slopes, straight_line
from engine.analysis.method import Curve, Method, Plot, Points, Scalar, Subject
from engine.errors import ParameterError
from engine.exhibit import Parameter, Reference, Value
from engine.job import Job, run

Array = NDArray[np.float64]
WHAT = "detrended fluctuation analysis"
_HALF = 3


@dataclass(frozen=True, eq=False)
class Dfa:
    """The exponent of fluctuations and what it was read from.

    Attributes
    ----------
    alpha : float
        Slope of ln F over ln n.
    stderr : float
        From the line and from quarters of the series.
    windows : array (k,) of int64
        Lengths of windows, in values.
    fluctuations : array (k,)
        F(n), in units of the series.
    slopes : array (k,)
        Local slopes.
    low, high : int
        The scaling region.
    order : int
        Of the polynomial trends.
    points : int
    """

    alpha: float
    stderr: float
    windows: NDArray[np.int64]
    fluctuations: Array
    slopes: Array
    low: int
    high: int
    order: int
    points: int

    def scalars(self) -> tuple[Scalar, ...]:
        """The exponent."""
        title = "Fluctuation exponent alpha"
        return (Scalar("alpha", title, self.alpha, self.stderr, label="estimate"),)

    def plots(self) -> tuple[Plot, ...]:
        """F(n) with its line, and local slopes."""
        n = self.windows.astype(np.float64)
        x = np.log(n)
        middle = np.log(self.fluctuations).mean()
        line = np.exp(middle + self.alpha * (x - x.mean()))
        plain = np.exp(middle + 0.5 * (x - x.mean()))
        level = np.full(2, self.alpha)
        name = f"alpha = {self.alpha:.3f} ± {self.stderr:.3f}"
        ends = np.array([n[0], n[-1]])
        return (
            Plot(
                "Fluctuations",
                "window n [samples]",
                "F(n)",
                (
                    Points(n, self.fluctuations),
                    Curve(n, line, name),
                    Curve(n, plain, "no memory: 0.5", reference=True),
                ),
                x_log=True,
                y_log=True,
            ),
            Plot(
                "Local slopes",
                "window n [samples]",
                "d ln F / d ln n",
                (
                    Curve(n, self.slopes),
                    Curve(ends, level, name, level - self.stderr, level + self.stderr),
                    Curve(ends, np.full(2, 0.5), "no memory: 0.5", reference=True),
                ),
                x_log=True,
            ),
        )


def dfa(series: object, order: int = 1, low: int | None = None, high: int | None = None) -> Dfa:
    """Detrended fluctuation analysis of a series.

    Parameters
    ----------
    series : array-like (m,)
        Evenly sampled.
    order : int
        Of the polynomials taken off the windows of the running sum, from 1 to 5.
    low, high : int, optional
        Shortest and longest window, in values; 16 and a tenth of the series by default.

    Returns
    -------
    Dfa

    Raises
    ------
    ParameterError
        If the series or a setting cannot be used.

    References
    ----------
    C.-K. Peng, S. V. Buldyrev, S. Havlin, M. Simons, H. E. Stanley, A. L. Goldberger, Mosaic
    organization of DNA nucleotides, Physical Review E 49, 1685-1689 (1994).
    """
    return run(dfa_job(series, order, low, high))


def dfa_job(
    series: object, order: int = 1, low: int | None = None, high: int | None = None
) -> Job[Dfa]:
    """`dfa` as a job."""
    values = checked_series(series, WHAT)
    check_order(order, WHAT)
    windows = lengths(len(values), low, high, WHAT, order + 3, len(values) // 4)
    path, scale = profile(values)
    means, blocks = np.zeros(len(windows)), []
    for k, length in enumerate(windows):
        squares = yield from residuals(path, int(length), order, k, len(windows))
        means[k] = math.sqrt(float(squares.mean()))
        blocks.append(block_means(squares))
    if (means <= 0.0).any():
        raise ParameterError(
            f"{WHAT} found windows of {windows[int(np.argmax(means <= 0.0))]} values without any "
            f"fluctuation about trends of order {order}: take longer windows, or a lower order"
        )
    x = np.log(windows)
    y = np.log(means)
    line = straight_line(x, y, 0, len(x) - 1)
    quarters = np.array(blocks).T
    whole = quarters[(quarters > 0.0).all(axis=1)]
    slopes = [straight_line(x, np.log(row), 0, len(x) - 1).slope for row in whole]
    chance = float(np.std(slopes, ddof=1)) / math.sqrt(len(slopes)) if len(slopes) > 1 else 0.0
    return Dfa(
        line.slope,
        math.hypot(line.stderr, chance),
        windows,
        means * scale,
        local_slopes(x, y, _HALF),
        int(windows[0]),
        int(windows[-1]),
        order,
        len(values),
    )


def window_range(subject: Subject) -> Mapping[str, Value]:
    """Windows that suit a series."""
    assert subject.sampled is not None
    count = len(subject.sampled.values)
    return {"low": SHORTEST, "high": max(count // WINDOWS, 2 * SHORTEST)}


WINDOW_OPTIONS = (
    Parameter("low", 16, 4, 1000, scale="integer", unit="samples", help="shortest window"),
    Parameter("high", 1000, 8, 100_000, scale="integer", unit="samples", help="longest window"),
)
ORDER = Parameter("order", 1, 1, 5, scale="integer", help="order of the trends that do not count")


def _job(subject: Subject, options: Mapping[str, Value]) -> Job[Dfa]:
    assert subject.sampled is not None
    return dfa_job(
        subject.sampled.series,
        int(options["order"]),
        int(options["low"]),
        int(options["high"]),
    )


METHOD = Method(
    "Detrended fluctuation analysis",
    "Dimension",
    "How the fluctuations of a series about local trends grow with the time over which they "
    "are taken. The exponent alpha is 0.5 for noise without memory, above it where what was "
    "high stays high, 1 for 1/f noise, 1.5 for Brownian motion; for fractional Gaussian noise "
    "it is the Hurst exponent.",
    "Believe it where the points lie on one line over a factor of a hundred in window length, "
    "which needs some thousands of values; a bend says that there are two kinds of memory, and "
    "one exponent is then an average. Short windows bend the line upwards for strong negative "
    "memory, and an oscillation makes a hump at its period. Trends above the order taken off "
    "pass for memory: compare orders.",
    "series",
    _job,
    (ORDER, *WINDOW_OPTIONS),
    window_range,
    (
        Reference(
            "C.-K. Peng, S. V. Buldyrev, S. Havlin, M. Simons, H. E. Stanley and A. L. Goldberger",
            1994,
            "Mosaic organization of DNA nucleotides",
            "Physical Review E 49, 1685-1689",
            "10.1103/PhysRevE.49.1685",
        ),
        Reference(
            "J. W. Kantelhardt, E. Koscielny-Bunde, H. H. A. Rego, S. Havlin and A. Bunde",
            2001,
            "Detecting long-range correlations with detrended fluctuation analysis",
            "Physica A 295, 441-454",
            "10.1016/S0378-4371(01)00144-3",
        ),
    ),
)
