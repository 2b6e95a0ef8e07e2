"""The orbit diagram of the logistic map, from nothing to the picture."""

from __future__ import annotations

import statistics

import engine
from benchmarks import Row, interleaved
from engine.analysis.orbit_diagram import orbit_image_job
from engine.job import run as drive

COLUMNS, TRANSIENT, KEEP = 2000, 1000, 5000
TARGET = 250.0


def run() -> list[Row]:
    """Million iterations a second, picture included."""
    system = engine.systems()["logistic"]
    times = interleaved(
        {
            "ours": lambda: drive(
                orbit_image_job(
                    system, "r", 2.5, 4.0, columns=COLUMNS, transient=TRANSIENT, keep=KEEP
                )
            ),
        },
        21,
    )
    rate = COLUMNS * (TRANSIENT + KEEP) / 1e6 / statistics.median(times["ours"])
    return [
        Row(
            f"orbit-diagram: logistic map, {COLUMNS:,} columns x {TRANSIENT + KEEP:,} "
            "iterations, range found and binned",
            rate,
            "million iterations/s",
            None,
            rate / TARGET,
            f"value >= {TARGET:g}",
            rate >= TARGET,
        )
    ]
