"""The time a series takes to come round once, told from how often it crosses its mean.

A rough scale for choosing delays and sampling, in rows; it holds for cycles, chaos and noise
alike. Not a period: for that see ``dominant_period``.

References
----------
S. Ó. Hyman, K. J. Daniel and D. A. Schaffner, The Astrophysical Journal 987, 195 (2025).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def natural_time(series: NDArray[np.float64]) -> float:
    """Rows between every second crossing of the mean.

    Parameters
    ----------
    series : array (m,)
        At least two values.

    Returns
    -------
    float
        At least 2; the whole length where the mean is crossed once at most.
    """
    above = series > series.mean()
    crossings = int(np.count_nonzero(above[1:] != above[:-1]))
    rows = float(len(series) - 1)
    return rows if crossings < 2 else max(2.0, 2.0 * rows / crossings)


def quarter(series: NDArray[np.float64]) -> int:
    """A quarter of the natural time in whole rows, at least 1."""
    return max(1, round(0.25 * natural_time(series)))
