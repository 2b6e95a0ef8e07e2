"""Nearest neighbours that are not near in time, and what is built on them, against plain ways.

Peers: scipy's tree, asked for so many neighbours that one of them must be far in time, and
distances of all pairs in numpy, row by row, as small packages for series compute them.
"""

from __future__ import annotations

import math
import statistics

import numpy as np
from numpy.typing import NDArray

from benchmarks import Row, interleaved, median_ratio
from engine.analysis._neighbours import Work, grow
from engine.analysis._reconstruction import vectors
from engine.analysis.rosenstein import rosenstein

Array = NDArray[np.float64]
POINTS, APART, STEPS = 5_000, 60, 100


def lorenz_x(count: int, step: float = 0.02) -> Array:
    """An orbit by RK4, without our integrator."""

    def slope(s: Array) -> Array:
        x, y, z = s
        return np.array([10.0 * (y - x), x * (28.0 - z) - y, x * y - 8.0 / 3.0 * z])

    out, s = np.empty(count), np.array([1.0, 2.0, 20.0])
    for i in range(-500, count):
        a = slope(s)
        b = slope(s + 0.5 * step * a)
        c = slope(s + 0.5 * step * b)
        d = slope(s + step * c)
        s = s + step / 6.0 * (a + 2.0 * b + 2.0 * c + d)
        if i >= 0:
            out[i] = s[0]
    return out


def finished(work: Work[Array]) -> Array:
    """What some work in slices returns."""
    while True:
        try:
            next(work)
        except StopIteration as stop:
            return np.asarray(stop.value)


def ours(states: Array) -> Array:
    """Distances to the nearest neighbours far in time."""

    def work() -> Work[Array]:
        tree = yield from grow(states)
        distances, _ = yield from tree.nearest(count=1, apart=APART)
        return distances

    return finished(work())[:, 0]


def scipys(states: Array) -> Array:
    """The same by scipy's tree."""
    from scipy.spatial import cKDTree

    distances, found = cKDTree(states).query(states, k=2 * APART + 2, workers=-1)
    far = np.abs(found - np.arange(len(states))[:, None]) > APART
    return np.asarray(distances[np.arange(len(states)), far.argmax(axis=1)])


def slope_by_numpy(series: Array, step: float, low: float, high: float) -> float:
    """Rosenstein's estimate from distances of all pairs."""
    states = vectors(series, 3, 8, "a benchmark")
    going = states[: len(states) - STEPS]
    times = np.arange(len(going))
    pairs = np.empty(len(going), dtype=np.int64)
    for i in range(len(going)):
        square = ((going - going[i]) ** 2).sum(axis=1)
        square[np.abs(times - i) <= APART] = np.inf
        pairs[i] = square.argmin()
    curve = np.empty(STEPS + 1)
    for k in range(STEPS + 1):
        square = ((states[times + k] - states[pairs + k]) ** 2).sum(axis=1)
        curve[k] = 0.5 * np.log(square[square > 0.0]).mean()
    inside = slice(round(low / step), round(high / step) + 1)
    return float(np.polyfit(step * np.arange(STEPS + 1)[inside], curve[inside], 1)[0])


def run() -> list[Row]:
    """Ratios with scipy's tree and with all pairs."""
    step = 0.02
    series = lorenz_x(POINTS, step)
    states = vectors(series, 3, 8, "a benchmark")
    assert np.allclose(ours(states), scipys(states), rtol=1e-12)
    trees = interleaved({"ours": lambda: ours(states), "peer": lambda: scipys(states)}, 9)
    options = {"dimension": 3, "delay": 8, "apart": APART, "duration": STEPS * step}
    limits = {"low": 0.4, "high": 1.6}
    one = rosenstein(series, step, **options, **limits).exponent  # type: ignore[arg-type]
    assert math.isclose(one, slope_by_numpy(series, step, **limits), rel_tol=1e-9)
    slopes = interleaved(
        {
            "ours": lambda: rosenstein(series, step, **options, **limits),  # type: ignore[arg-type]
            "peer": lambda: slope_by_numpy(series, step, **limits),
        },
        3,
    )
    rows = []
    for name, found in (
        (f"neighbours far in time, {POINTS:,} states, peer: scipy's tree", trees),
        (f"Rosenstein's estimate, {POINTS:,} points, peer: all pairs in numpy", slopes),
    ):
        ratio = median_ratio(found["peer"], found["ours"])
        times = {key: 1e3 * statistics.median(value) for key, value in found.items()}
        target = "ratio >= 1.0"
        rows.append(Row(name, times["ours"], "ms", times["peer"], ratio, target, ratio >= 1.0))
    return rows
