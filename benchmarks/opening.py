"""From a click in the catalogue to the first picture, over a sample of all families.

Cold means that no kernel of any system was compiled before. What all systems share is: that
is part of setting the program up.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile

from benchmarks import Row
from benchmarks.window import ROOT, probe

COLD_S, WARM_S = 1.0, 0.3


def run() -> list[Row]:
    """Median and worst seconds, with no kernel of a system cached and with all of them."""
    with tempfile.TemporaryDirectory(prefix="phasescope-opening-") as cache:
        # As setting the program up does: what is left to compile belongs to one system.
        env = {**os.environ, "PHASESCOPE_CACHE": cache, "NUMBA_CACHE_DIR": cache}
        subprocess.run(
            [sys.executable, "main.py", "prepare"], cwd=ROOT, env=env, check=True, timeout=600
        )
        found = {"cold": probe("opening", cache), "warm": probe("opening", cache)}
    rows = []
    for state, limit in (("cold", COLD_S), ("warm", WARM_S)):
        seconds = sorted(found[state].values())
        slowest = max(found[state], key=lambda key: found[state][key])
        ninetieth = seconds[round(0.9 * (len(seconds) - 1))]
        rows += [
            Row(
                f"opening: one of {len(seconds)} systems, {state} cache, median",
                statistics.median(seconds),
                "s",
                None,
                limit / statistics.median(seconds),
                f"<= {limit:g} s",
                statistics.median(seconds) <= limit,
            ),
            Row(
                f"opening: {state} cache, nine of ten",
                ninetieth,
                "s",
                None,
                limit / ninetieth,
                f"<= {limit:g} s",
                ninetieth <= limit,
            ),
            Row(
                f"opening: {state} cache, slowest ({slowest})",
                seconds[-1],
                "s",
                None,
                limit / seconds[-1],
                f"<= {limit:g} s",
                seconds[-1] <= limit,
            ),
        ]
    return rows  # fmt: skip
