"""How fast the window follows a slider: rho dragged at 60 moves a second over 100,000 steps.

A latency runs from the move to the new orbit in the engine's hands; a view update is all that
the window's thread does to show new pictures, outside OpenGL; a gap is a stretch in which the
window's thread answered nothing, OpenGL left out again.
"""

from __future__ import annotations

import numpy as np

from benchmarks import Row
from benchmarks.window import probe

RESULT_MS, VIEW_MS, GAP_MS = 12.0, 5.0, 16.0
ROWS = 100_000


def run() -> list[Row]:
    """95th percentiles of latency and view update, and the longest gap."""
    found = probe("slider")
    latency = float(np.percentile(found["latency"], 95))
    views = float(np.percentile(found["views"], 95))
    gap = float(np.max(found["gaps"]))
    whole = found["rows"] >= ROWS
    followed = f"{len(found['latency'])} of {found['moves']} moves had a result of their own"
    return [
        Row(f"slider: a move of rho to its {ROWS:,}-step orbit, p95 ({followed})", latency, "ms",
            None, RESULT_MS / latency, f"<= {RESULT_MS:g} ms", whole and latency <= RESULT_MS),
        Row("slider: view update on the window's thread, p95", views, "ms", None,
            VIEW_MS / views, f"<= {VIEW_MS:g} ms", views <= VIEW_MS),
        Row("slider: longest gap of the window's thread", gap, "ms", None, GAP_MS / gap,
            f"<= {GAP_MS:g} ms", gap <= GAP_MS),
    ]  # fmt: skip
