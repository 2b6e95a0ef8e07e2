"""Correlation sums against scipy's trees, and fluctuation analysis against nolds or numpy."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

import engine
from benchmarks import Row, interleaved, median_ratio

Array = NDArray[np.float64]
POINTS, LIMIT = 20_000, 2.0
RADII = 25
VALUES = 20_000


def run() -> list[Row]:
    """Seconds of the whole correlation dimension, its ratio to trees, and of fluctuations."""
    return [*_correlation(), _fluctuations()]


def _correlation() -> list[Row]:
    """All pairs of Lorenz states at all radii; trees count those of fewer radii."""
    from scipy.spatial import cKDTree

    lorenz = engine.systems()["lorenz"]
    states = engine.simulate(lorenz, 0.1 * (POINTS - 1), 0.1, transient=50.0).states[:POINTS]
    radii = np.geomspace(0.05, 50.0, RADII)

    def trees() -> Any:
        tree = cKDTree(states)
        return (tree.count_neighbors(tree, radii) - len(states)) // 2

    def ours() -> Any:
        return engine.correlation_dimension(states, theiler=0)

    found = ours()
    near = np.searchsorted(found.radii, radii * (1 + 1e-12), side="right")
    pairs = np.round(found.sums[-1] * found.pairs)
    # Theirs lie between ours at the radii on either side.
    peer = trees()
    assert (pairs[near - 1] <= peer).all()
    assert (peer <= pairs[np.minimum(near, len(pairs) - 1)]).all()
    times = interleaved({"ours": ours, "theirs": trees}, 3)
    seconds = statistics.median(times["ours"])
    ratio = median_ratio(times["theirs"], times["ours"])
    name = f"correlation sum: {POINTS:,} points in 3-D"
    return [
        Row(
            f"{name}, {len(found.radii)} radii, slopes and region",
            seconds,
            "s",
            None,
            LIMIT / seconds,
            f"<= {LIMIT:g} s",
            seconds <= LIMIT,
        ),
        Row(
            f"{name}, peer: scipy cKDTree at {RADII} radii only",
            seconds,
            "s",
            statistics.median(times["theirs"]),
            ratio,
            "ratio >= 1",
            ratio >= 1.0,
        ),
    ]


def _fluctuations() -> Row:
    series = np.random.default_rng(0).standard_normal(VALUES)
    ours = engine.dfa(series)
    windows = [int(n) for n in ours.windows]
    peer, who = _peer(windows)
    assert math.isclose(peer(series), ours.alpha, abs_tol=0.02)
    times = interleaved(
        {"ours": lambda: engine.dfa(series), "theirs": lambda: peer(series)}, 5, time.thread_time
    )
    ratio = median_ratio(times["theirs"], times["ours"])
    return Row(
        f"fluctuation analysis: {VALUES:,} values, {len(windows)} windows, peer: {who}",
        1e3 * statistics.median(times["ours"]),
        "ms",
        1e3 * statistics.median(times["theirs"]),
        ratio,
        "ratio >= 1",
        ratio >= 1.0,
    )


def _peer(windows: list[int]) -> tuple[Callable[[Array], float], str]:
    """The fluctuation exponent as nolds finds it, else by polynomials of numpy."""
    try:
        from nolds import dfa
    except (ImportError, TypeError):  # nolds 0.6.3 does not start on Python 3.11
        return lambda series: _by_polynomials(series, windows), "numpy polyfit by hand"
    return lambda series: float(
        dfa(series, nvals=windows, overlap=False, fit_exp="poly")
    ), "nolds.dfa"


def _by_polynomials(series: Array, windows: list[int]) -> float:
    path = np.cumsum(series - series.mean())
    found = []
    for n in windows:
        count, x = len(path) // n, np.arange(n)
        squares = []
        for start in (0, len(path) - count * n):
            cut = path[start : start + count * n].reshape(count, n).T
            slope, level = np.polyfit(x, cut, 1)
            squares.append(((cut - np.outer(x, slope) - level) ** 2).mean())
        found.append(0.5 * math.log(np.mean(squares)))
    return float(np.polyfit(np.log(windows), found, 1)[0])
