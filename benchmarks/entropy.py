"""Sample and permutation entropy against antropy and ordpy, or against numpy without them.

antropy has two ways to find a sample entropy: a compiled loop below 5,000 points and trees
from there on, so that both are compared with.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable
from typing import Any

import numpy as np

import engine
from benchmarks import Row, interleaved, median_ratio

POINTS, PATTERNS, ORDER = 5_000, 100_000, 5
_chance = np.random.default_rng(0)
NOISE = _chance.normal(size=PATTERNS)

try:
    import antropy
except ImportError:
    antropy = None
try:
    import ordpy
except ImportError:
    ordpy = None


def run() -> list[Row]:
    """Milliseconds, and how many times as long the peer takes."""
    return [
        _sample(POINTS, "trees of antropy"),
        _sample(POINTS - 1, "compiled loop of antropy"),
        _permutation("antropy", antropy and _of_antropy, 1.0),
        _permutation("ordpy", ordpy and _of_ordpy, 20.0),
    ]


def _sample(points: int, peer: str) -> Row:
    series = NOISE[:points].copy()

    def ours() -> float:
        return float(engine.sample_entropy(series).entropy)

    def theirs() -> float:
        return float(antropy.sample_entropy(series)) if antropy else _pairs_by_numpy(series)

    peer = peer if antropy else "numpy by hand"
    assert math.isclose(ours(), theirs(), rel_tol=1e-9)
    return _row(f"sample entropy: {points:,} points, peer: {peer}", ours, theirs, 1.0)


def _permutation(name: str, peer: Callable[[], float] | None, bar: float) -> Row:
    def ours() -> float:
        return float(engine.permutation_complexity(NOISE, ORDER).entropy)

    theirs = peer or _patterns_by_numpy
    assert math.isclose(ours(), theirs(), rel_tol=1e-9)
    name = name if peer else f"numpy by hand in place of {name}"
    what = f"permutation entropy: {PATTERNS:,} points, order {ORDER}, peer: {name}"
    return _row(what, ours, theirs, bar)


def _row(name: str, ours: Callable[[], Any], theirs: Callable[[], Any], bar: float) -> Row:
    times = interleaved({"ours": ours, "theirs": theirs}, 9)
    ratio = median_ratio(times["theirs"], times["ours"])
    return Row(
        name,
        1e3 * statistics.median(times["ours"]),
        "ms",
        1e3 * statistics.median(times["theirs"]),
        ratio,
        f"ratio >= {bar:g}",
        ratio >= bar,
    )


def _of_antropy() -> float:
    return float(antropy.perm_entropy(NOISE, order=ORDER, normalize=True))


def _of_ordpy() -> float:
    return float(ordpy.permutation_entropy(NOISE, dx=ORDER))


def _patterns_by_numpy() -> float:
    windows = np.lib.stride_tricks.sliding_window_view(NOISE, ORDER)
    codes = np.argsort(windows, axis=1, kind="stable") @ ORDER ** np.arange(ORDER)
    shares = np.unique(codes, return_counts=True)[1] / len(windows)
    return float(-(shares * np.log(shares)).sum() / math.log(math.factorial(ORDER)))


def _pairs_by_numpy(series: np.ndarray) -> float:
    radius, count = 0.2 * series.std(), len(series) - 2
    short = long = 0
    for lag in range(1, count):
        near = np.abs(series[lag:] - series[:-lag]) <= radius
        pairs = near[: count - lag] & near[1 : count - lag + 1]
        short += int(pairs.sum())
        long += int((pairs & near[2 : count - lag + 2]).sum())
    return math.log(short / long)
