"""From the start of the process to the first picture, warm and cold, and the memory it takes."""

from __future__ import annotations

import statistics
import tempfile

from benchmarks import Row
from benchmarks.window import probe

WARM_S, COLD_S, MEMORY_MB = 2.5, 10.0, 500.0
REPETITIONS = 3


def run() -> list[Row]:
    """Seconds warm and cold, megabytes when idle, and whether torch was imported."""
    probe("startup")  # whatever is to be cached is cached now
    warm = [probe("startup") for _ in range(REPETITIONS)]
    with tempfile.TemporaryDirectory(prefix="phasescope-cold-") as cache:
        cold = probe("startup", cache)["seconds"]
    seconds = statistics.median(found["seconds"] for found in warm)
    megabytes = max(found["megabytes"] for found in warm)
    torch = any(found["torch"] for found in warm)
    return [
        Row("startup: to the first picture, warm cache", seconds, "s", None, WARM_S / seconds,
            f"<= {WARM_S:g} s", seconds <= WARM_S),
        Row("startup: to the first picture, cold cache", cold, "s", None, COLD_S / cold,
            f"<= {COLD_S:g} s", cold <= COLD_S),
        Row("startup: memory of the idle window", megabytes, "MB", None, MEMORY_MB / megabytes,
            f"<= {MEMORY_MB:g} MB", megabytes <= MEMORY_MB),
        Row("startup: torch imported in the window's process", float(torch), "", None, None,
            "no", not torch),
    ]  # fmt: skip
