"""The equation editor: from a finished edit to the first picture of it, and what a key costs.

Every edit brings equations that were never compiled before; the time includes the pause after
which a text counts as finished.
"""

from __future__ import annotations

import statistics

import numpy as np

from benchmarks import Row
from benchmarks.window import probe

PICTURE_S, KEY_MS = 0.5, 16.0


def run() -> list[Row]:
    """Median and worst of the first picture; 95th percentile of a key."""
    found = probe("editor")
    pictures = found["pictures"]
    median, worst = statistics.median(pictures), max(pictures)
    key = 1000 * float(np.percentile(found["keys"], 95))
    return [
        Row(f"editor: first picture of an edit, median of {len(pictures)}", median, "s", None,
            PICTURE_S / median, f"<= {PICTURE_S:g} s", median <= PICTURE_S),
        Row("editor: first picture of an edit, slowest", worst, "s", None,
            PICTURE_S / worst, f"<= {PICTURE_S:g} s", worst <= PICTURE_S),
        Row("editor: a key typed, p95", key, "ms", None, KEY_MS / key, f"<= {KEY_MS:g} ms",
            key <= KEY_MS),
    ]  # fmt: skip
