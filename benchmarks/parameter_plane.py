"""The Hénon map's parameter plane: first picture, all of it, and how soon it can be cancelled.

The peer is numpy over all cells at once, the same map and tangent vector by hand, on a part of
the plane and fewer iterations; rates are compared.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator

import numpy as np

import engine
from benchmarks import Row, interleaved
from engine.analysis._plane_order import centres
from engine.analysis.parameter_plane import parameter_plane_job

SIDE, ITERATIONS, TRANSIENT = 512, 2000, 500
PART, FEWER = 128, 250
FIRST, COMPLETE, CANCEL = 0.1, 8.0, 0.05
A, B = ("a", 1.0, 1.4), ("b", 0.0, 0.3)


def run() -> list[Row]:
    """Medians of five planes; rates of the exponents themselves against numpy."""
    henon = engine.systems()["henon"]
    firsts, waits = [], []

    def ours() -> None:
        job = parameter_plane_job(
            henon, A, B, (SIDE, SIDE), iterations=ITERATIONS, transient=TRANSIENT
        )
        first, longest = drive(job)
        firsts.append(first)
        waits.append(longest)

    times = interleaved({"ours": ours, "peer": _by_hand}, 5)
    complete = statistics.median(times["ours"])
    first = statistics.median(firsts[1:])
    wait = statistics.median(waits[1:])
    rate = SIDE * SIDE * (ITERATIONS + TRANSIENT) / complete / 1e6
    peer = PART * PART * FEWER / statistics.median(times["peer"]) / 1e6
    name = f"parameter-plane: Hénon map, {SIDE} x {SIDE}, {ITERATIONS:,} iterations a cell"
    return [
        target(f"{name}, first picture", first, FIRST),
        target(f"{name}, complete", complete, COMPLETE),
        target(f"{name}, longest time between two chances to cancel", wait, CANCEL),
        Row(
            f"{name}, iterations with tangent vector, peer: numpy by hand",
            rate,
            "million/s",
            peer,
            rate / peer,
            "ratio >= 1",
            rate >= peer,
        ),
    ]


def target(name: str, value: float, limit: float) -> Row:
    """A time that is not to exceed a limit."""
    return Row(
        name, 1e3 * value, "ms", None, limit / value, f"value <= {1e3 * limit:g} ms", value <= limit
    )


def drive(job: Iterator) -> tuple[float, float]:
    """Seconds to the first picture of a job, and the longest between two yields."""
    began = last = time.perf_counter()
    first, longest = 0.0, 0.0
    for partial in job:
        now = time.perf_counter()
        longest = max(longest, now - last)
        if not first and partial.result is not None:
            first = now - began
        last = time.perf_counter()
    return first, longest


def _by_hand() -> None:
    a, b = np.meshgrid(centres(*A[1:], PART), centres(*B[1:], PART))
    x, y, u, v = (np.full_like(a, start) for start in (0.1, 0.1, 1.0, 0.5))
    growth = np.zeros_like(a)
    for i in range(FEWER):
        u, v = -2.0 * a * x * u + v, b * u
        x, y = 1.0 - a * x * x + y, b * x
        if i % 16 == 15:
            size = np.maximum(np.abs(u), np.abs(v))
            growth += np.log(size)
            u, v = u / size, v / size
