"""Dimensions of all orders from radii of fixed mass, and from numbers of neighbours.

The arithmetic behind ``generalised_dimensions``, which explains what it is for: moments, the
curves that must be straight, and their slopes. Knows neither points nor distances.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from engine.analysis._scaling import chosen_line, line_between, local_slopes, straight_line
from engine.errors import ParameterError

Array = NDArray[np.float64]
Reading = tuple[float, float, float, float, Array]
"""Dimension, error, ends of the scaling region, local dimensions at all scales."""

_ROUNDS = 50
_EXACT = 1e-7
_HALF = 3  # scales on either side that a local slope takes in
_SHARE = 0.6  # of all masses that a region chosen holds at least, in logarithms
_LEAST = math.log(4.0)  # shortest region of radii chosen
_FILLED = 20.0
"""Neighbours, as seen by an order, that its moments need not to feel that they are whole."""
_MOST = 0.1  # share of all points that the largest radii may hold on average
_GROUPS = 8  # of centres, whose scatter tells the error


def by_mass(
    logs: Array, masses: NDArray[np.int64], orders: Array, low: float | None, high: float | None
) -> Iterator[Reading]:
    """Read D_q from radii that hold `masses` neighbours, order after order.

    The mean of r to the power (1 - q) D_q grows as Gamma(k + 1 - q) / Gamma(k), which says
    how few neighbours are counted for; D_q is what makes that a line of slope one.

    Parameters
    ----------
    logs : array (c, k)
        Logarithms of the radii round every centre.
    masses : array (k,)
    orders : array (o,)
    low, high : float or None
        Ends of the scaling region, in neighbours.
    """
    known = np.isfinite(logs).all(axis=0)
    guess = 1.0
    for q in orders:
        # From twice the order on, the moment has a variance.
        usable = np.flatnonzero(known & (masses > 2.0 * (q - 1.0)))
        local = np.full(len(masses), np.nan)
        if len(usable) < 3:
            yield math.nan, math.nan, math.nan, math.nan, local
            continue
        x = np.array([_gamma_ratio(float(k), float(q)) for k in masses[usable]])
        part = np.ascontiguousarray(logs[:, usable])
        guess, y = _solved(part, x, float(q), guess, 0, len(x) - 1)
        slopes = local_slopes(x, y, _HALF)
        with np.errstate(divide="ignore"):
            local[usable] = np.where(slopes > 0.0, guess / slopes, np.nan)
        try:
            if low is None and high is None:
                line = chosen_line(x, y, slopes, _SHARE * float(x[-1] - x[0]))
            else:
                ends = (low or float(masses[usable[0]]), high or float(masses[usable[-1]]))
                line = line_between(np.log(masses[usable]), y, *ends, "numbers of neighbours")
        except ParameterError:
            if low is not None or high is not None:
                raise
            yield math.nan, math.nan, math.nan, math.nan, local
            continue
        region = slice(line.first, line.last + 1)
        inside = part[:, region]
        value, _ = _solved(inside, x[region], float(q), guess, 0, inside.shape[1] - 1)
        groups = [
            straight_line(
                x[region], _curve(inside[g::_GROUPS], float(q), value), 0, inside.shape[1] - 1
            ).slope
            for g in range(min(_GROUPS, len(inside)))
        ]
        chance = float(np.std(groups, ddof=1)) / math.sqrt(len(groups)) if len(groups) > 2 else 0.0
        error = value * math.hypot(chance, line.stderr)
        ends = float(masses[usable[line.first]]), float(masses[usable[line.last]])
        yield value, error, *ends, local


def _solved(
    logs: Array, x: Array, q: float, guess: float, first: int, last: int
) -> tuple[float, Array]:
    """The dimension whose curve has slope one, and that curve."""
    value = guess
    for _ in range(_ROUNDS):
        y = _curve(logs, q, value)
        slope = straight_line(x, y, first, last).slope
        if not slope > 0.0:
            break
        former, value = value, min(max(value / slope, 1e-3), 1e3)
        if abs(value - former) <= _EXACT * value:
            break
    return value, _curve(logs, q, value)


def _curve(logs: Array, q: float, dimension: float) -> Array:
    """Logarithm of the generalised mean of r to the power of the dimension."""
    if abs(q - 1.0) < 1e-6:
        return np.asarray(dimension * logs.mean(axis=0))
    powers = ((1.0 - q) * dimension) * logs
    top = powers.max(axis=0)
    return np.asarray((top + np.log(np.exp(powers - top).mean(axis=0))) / (1.0 - q))


def _gamma_ratio(k: float, q: float) -> float:
    """Logarithm of Gamma(k + 1 - q) / Gamma(k), over 1 - q; digamma where q is one."""
    if abs(q - 1.0) < 1e-6:
        return (math.lgamma(k + 1e-4) - math.lgamma(k - 1e-4)) / 2e-4
    return (math.lgamma(k + 1.0 - q) - math.lgamma(k)) / (1.0 - q)


def by_sums(
    shares: Array, radii: Array, points: int, orders: Array, low: float | None, high: float | None
) -> Iterator[Reading]:
    """Read D_q from shares of all points within radii round every centre, ``(c, k)``."""
    x = np.log(radii)
    full = (shares > 0.0).all(axis=0)
    mean = shares.mean(axis=0)
    for q in orders:
        known = full if q <= 1.0 else mean > 0.0
        if q > 1.0 and abs(q - 2.0) >= 1e-6:
            known = known & (_seen(shares, float(q)) * points >= _FILLED)
        y = np.full(len(x), np.nan)
        if abs(q - 1.0) < 1e-6:
            y[known] = np.log(shares[:, known]).mean(axis=0)
        elif abs(q - 2.0) < 1e-6:
            y[known] = np.log(mean[known])
        else:
            y[known] = np.log((shares[:, known] ** (q - 1.0)).mean(axis=0)) / (q - 1.0)
        local = local_slopes(x, y, _HALF)
        try:
            if not known.any():
                raise ParameterError("no radius holds enough points")
            if low is None and high is None:
                line = chosen_line(x, y, np.where(mean <= _MOST, local, np.nan), _LEAST)
            else:
                span = np.exp(x[known][[0, -1]])
                ends = (low or float(span[0]), high or float(span[1]))
                line = line_between(x, y, *ends, "radii where every centre has neighbours")
        except ParameterError:
            if (low is not None or high is not None) and known.any():
                raise
            yield math.nan, math.nan, math.nan, math.nan, local
            continue
        yield line.slope, line.stderr, float(radii[line.first]), float(radii[line.last]), local


def _seen(shares: Array, q: float) -> Array:
    """Mean share with the weights that an order gives to the centres."""
    weights = shares ** (q - 1.0)
    total = weights.sum(axis=0)
    return np.asarray((weights * shares).sum(axis=0) / np.where(total > 0.0, total, 1.0))
