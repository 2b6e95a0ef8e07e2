"""Benchmarks: each file measures one thing against a peer or a limit, in the same run.

For developers: a file of this folder with a module-level ``run() -> list[Row]`` is a
benchmark; ``python main.py bench`` finds it by its name. Repetitions of ours and of the
peer alternate, so that a busy machine is busy for both, and medians are compared.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One line of a benchmark.

    Attributes
    ----------
    name : str
        What was measured.
    value : float
        Our figure, in `unit`.
    unit : str
    peer : float or None
        The peer's figure in the same unit, None where there is no peer.
    ratio : float or None
        How many times better than the peer (or than the target, where there is none) we
        are; for a limit on how much slower, our time over the peer's. `target` says which.
    target : str
        In words, for example ``ratio >= 1.0``.
    passed : bool
    """

    name: str
    value: float
    unit: str
    peer: float | None
    ratio: float | None
    target: str
    passed: bool


def seconds(work: Callable[[], object], clock: Callable[[], float] = time.perf_counter) -> float:
    """How long one call takes."""
    began = clock()
    work()
    return clock() - began


def interleaved(
    works: Mapping[str, Callable[[], object]],
    repetitions: int,
    clock: Callable[[], float] = time.perf_counter,
) -> dict[str, list[float]]:
    """Seconds of every call, the works taking turns, after one call each that is not counted.

    Every other round runs backwards, so that none always follows the same one. Short works
    of one thread are best told by ``time.thread_time``, which stands still while another
    program has the processor.
    """
    for work in works.values():
        work()
    found: dict[str, list[float]] = {name: [] for name in works}
    for round_ in range(repetitions):
        for name in list(works)[:: -1 if round_ % 2 else 1]:
            found[name].append(seconds(works[name], clock))
    return found


def median_ratio(over: list[float], under: list[float]) -> float:
    """Median of ``over / under``, round by round."""
    return statistics.median(a / b for a, b in zip(over, under, strict=True))
