"""Recurrence quantification of 4,000 points against pyunicorn, or numpy where it is not there."""

from __future__ import annotations

import math
import statistics
from typing import Any

import numpy as np
from numpy.typing import NDArray

import engine
from benchmarks import Row, interleaved, median_ratio

POINTS, RADIUS = 4000, 0.1
BAR = 8.0

Array = NDArray[np.float64]


def run() -> list[Row]:
    """Milliseconds for all measures of the Lorenz system's x at a fixed radius."""
    states = engine.simulate(engine.systems()["lorenz"], POINTS * 0.05, 0.05).states
    x = states[:POINTS, 0] / states[:POINTS, 0].std()
    peer, name = _peer()
    ours = engine.recurrence_quantification(x, radius=RADIUS, norm="maximum")
    theirs = peer(x)
    if not all(math.isclose(ours.__dict__[key], theirs[key], rel_tol=1e-5) for key in theirs):
        raise ArithmeticError(f"the measures differ from those of {name}")
    times = interleaved(
        {
            "ours": lambda: engine.recurrence_quantification(x, radius=RADIUS, norm="maximum"),
            "theirs": lambda: peer(x),
        },
        7,
    )
    ratio = median_ratio(times["theirs"], times["ours"])
    return [
        Row(
            f"recurrence: plot and measures of {POINTS:,} points, peer: {name}",
            1e3 * statistics.median(times["ours"]),
            "ms",
            1e3 * statistics.median(times["theirs"]),
            ratio,
            f"ratio >= {BAR:g}",
            ratio >= BAR,
        )
    ]


def _peer() -> tuple[Any, str]:
    try:
        from pyunicorn.timeseries import RecurrencePlot
    except ImportError:
        return _by_numpy, "numpy by hand (pyunicorn is not installed)"

    def quantify(x: Array) -> dict[str, float]:
        plot = RecurrencePlot(x, metric="supremum", threshold=RADIUS, silence_level=3)
        plot.recurrence_rate(), plot.laminarity(2), plot.trapping_time(2)
        # Its vertical lines run through the main diagonal; diagonal ones leave it out as ours.
        return {
            "determinism": plot.determinism(2),
            "mean_diagonal": plot.average_diaglength(2),
            "longest_diagonal": plot.max_diaglength(),
            "entropy": plot.diag_entropy(2),
        }

    return quantify, "pyunicorn"


def _by_numpy(x: Array) -> dict[str, float]:
    """The same definitions on the whole matrix, as one would write them with numpy."""
    near = np.abs(x[:, None] - x[None, :]) <= RADIUS
    diagonal = np.concatenate([_lengths(np.diagonal(near, k)) for k in range(1, len(x))])
    vertical = np.concatenate([_lengths(row) for row in near])
    long, high = diagonal[diagonal > 1], vertical[vertical > 1]
    shares = np.bincount(long)
    shares = shares[shares > 0] / len(long)
    _ = high.sum() / vertical.sum(), high.mean(), near.mean()
    return {
        "determinism": long.sum() / diagonal.sum(),
        "mean_diagonal": float(long.mean()),
        "longest_diagonal": int(diagonal.max()),
        "entropy": float(-(shares * np.log(shares)).sum()),
    }


def _lengths(bits: NDArray[np.bool_]) -> NDArray[np.int64]:
    edges = np.flatnonzero(np.diff(bits, prepend=False, append=False))
    return edges[1::2] - edges[::2]
