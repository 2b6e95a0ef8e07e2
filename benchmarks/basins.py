"""Basins of the forced Duffing oscillator: all of them, and how soon it can be cancelled."""

from __future__ import annotations

import statistics

import engine
from benchmarks import Row, interleaved
from benchmarks.parameter_plane import CANCEL, drive, target
from engine.analysis.basins import basins_job

SIDE = 500
COMPLETE = 20.0
DRIVES = (0.2, 0.3)
"""Sizes of the drive: a swing about each well; chaos about each of them."""


def run() -> list[Row]:
    """Medians of three, with the system's own step."""
    duffing = engine.systems()["duffing"]
    rows = []
    for gamma in DRIVES:
        waits: list[float] = []

        def work(gamma: float = gamma, waits: list[float] = waits) -> None:
            job = basins_job(
                duffing, ("x", -2.0, 2.0), ("v", -2.0, 2.0), (SIDE, SIDE), {"gamma": gamma}
            )
            waits.append(drive(job)[1])

        complete = statistics.median(interleaved({"ours": work}, 3)["ours"])
        name = f"basins: Duffing, gamma = {gamma:g}, {SIDE} x {SIDE}"
        rows += [
            target(f"{name}, complete", complete, COMPLETE),
            target(
                f"{name}, longest time between two chances to cancel",
                statistics.median(waits[1:]),
                CANCEL,
            ),
        ]
    return rows
