"""Correlation sums and neighbour counts of a cloud of points, in slices and on all cores.

This drives the compiled loops: it cuts the work so that a caller gets the word every few
milliseconds and adds up what threads find. Sums are whole numbers, so that neither slices nor
threads change a result. What slopes mean is not known here.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Generator, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.analysis._point_cloud import Cloud, Whole, table
from engine.job import Partial

Array = NDArray[np.float64]

OCTAVES = 40
"""How far below the largest distance radii go."""
PER_OCTAVE = 8
"""Radii to an octave."""
BLOCKS = 8
"""Blocks of time whose scatter tells the error."""
_SLICE = 1.2e6
"""Distances of one slice: some milliseconds on one core."""


def all_radii(cloud: Cloud, maximum: bool) -> Array:
    """Radii from the largest distance downwards, in units of the cloud's extent."""
    widths = cloud.points.max(axis=1) - cloud.points.min(axis=1)
    largest = float(widths.max()) if maximum else math.sqrt(float(widths @ widths))
    steps = np.arange(-OCTAVES * PER_OCTAVE, 1)
    return np.asarray(largest * 2.0 ** (steps / PER_OCTAVE))


def _bins(radii: Array, maximum: bool) -> tuple[NDArray[np.int32], int, int, Array]:
    edges = np.ascontiguousarray(radii if maximum else radii**2)
    cells, shift, offset = table(edges)
    return cells, shift, offset, np.append(edges, np.inf)


def pair_counts(
    cloud: Cloud, centres: Whole, radii: Array, levels: Whole, maximum: bool
) -> Iterator[tuple[int, Whole]]:
    """Numbers of pairs within radii, adding up.

    Parameters
    ----------
    cloud : Cloud
    centres : array (c,) of int64
        The points whose pairs are counted.
    radii : array (k,)
    levels : array (l,) of int64
        Numbers of coordinates after which distances are counted.
    maximum : bool
        Maximum norm, else Euclidean.

    Yields
    ------
    int, array (BLOCKS, l, k + 1) of int64
        Centres done, and the pairs so far in the bins that end at the radii and beyond.
    """
    from engine.analysis._correlation_kernels import count_pairs

    bins = _bins(radii, maximum)
    counts = np.zeros((BLOCKS, len(levels), len(radii) + 1), dtype=np.int64)
    guard = threading.Lock()

    def work(low: int, high: int) -> None:
        own = np.zeros_like(counts)
        count_pairs(cloud.points, centres, low, high, cloud.theiler, levels, maximum, *bins, own)
        with guard:
            counts.__iadd__(own)

    each = cloud.count / 2 * (len(levels) + 0.2 * len(cloud.points))
    for done in _slices(work, len(centres), each):
        yield done, counts


def neighbour_counts(
    cloud: Cloud, centres: Whole, radii: Array, maximum: bool
) -> Generator[Partial[Any], None, NDArray[np.int32]]:
    """Numbers of neighbours of every centre within radii, ``(c, k)``."""
    from engine.analysis._correlation_kernels import count_around

    bins = _bins(radii, maximum)
    counts = np.zeros((len(centres), len(radii)), dtype=np.int32)

    def work(low: int, high: int) -> None:
        count_around(cloud.points, centres, low, high, cloud.theiler, maximum, *bins, counts)

    for done in _slices(work, len(centres), cloud.count * (1 + 0.2 * len(cloud.points))):
        yield Partial(None, done, len(centres), "counting neighbours")
    return counts


def mass_radii(
    cloud: Cloud, centres: Whole, masses: Whole, maximum: bool
) -> Generator[Partial[Any], None, Array]:
    """Logarithms of the radii that hold given numbers of points, ``(c, k)``."""
    from engine.analysis._correlation_kernels import CELLS, radii_around

    radii = np.full((len(centres), len(masses)), np.nan)

    def work(low: int, high: int) -> None:
        radii_around(cloud.points, centres, low, high, cloud.theiler, maximum, masses, radii)

    each = cloud.count * (1 + 0.2 * len(cloud.points)) + CELLS
    for done in _slices(work, len(centres), each):
        yield Partial(None, done, len(centres), "finding radii of fixed mass")
    return radii


def _slices(work: Callable[[int, int], None], count: int, each: float) -> Iterator[int]:
    """Do the work for all centres on all cores, stopping after every slice."""
    from engine.integrate.lanes import spread, threads

    cores = threads()
    width = max(1, int(_SLICE * cores / each))
    for begin in range(0, count, width):
        end = min(count, begin + width)

        def part(low: int, high: int, begin: int = begin) -> None:
            work(begin + low, begin + high)

        # Two ranges a core even out what other programs take; each has bins of its own.
        spread(part, end - begin, max(1, -(-(end - begin) // (2 * cores))))
        yield end
