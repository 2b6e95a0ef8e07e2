"""The radius at which a given share of all pairs of states is recurrent.

That is a quantile of the distances. Up to `EXACT` states it is found exactly: a sample says
between which two distances it lies, one pass over all pairs counts those below and keeps
those between. Of more states a fixed sample of pairs is taken. No list of all distances is
ever made.
"""

from __future__ import annotations

import math
import threading
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.analysis._recurrence_states import States, paced, staged
from engine.job import Job, Partial

Array = NDArray[np.float64]

EXACT: Final = 20_000
"""States up to which the radius of a rate is exact."""
SAMPLE: Final = 1 << 20
"""Pairs whose distances stand for all where there are more states."""
KEPT: Final = 1 << 21
"""Distances that are kept at once."""
_GUIDE = 1 << 18
ROUNDING: Final = 1e-12
"""Share of the largest extent below which a distance is taken for a rounding error."""


def radius_job(states: States, rate: float) -> Job[tuple[float, int]]:
    """The radius, and how many pairs were drawn for it: 0 where all were counted.

    It is the smallest distance within which are at least so many pairs, but no less than
    `ROUNDING`, so that states that should coincide do.
    """
    rank = states.rank(rate)
    if rank <= 0:
        return states.extent * ROUNDING, 0
    if max(states.first, states.second) > EXACT:
        values = yield from staged(_sampled_job(states, SAMPLE), 0.0, 1.0)
        place = max(0, math.ceil(rank / states.different * len(values) * (1 - 1e-12)) - 1)
        found = float(np.partition(values, place)[place])
        return max(states.distance(found), states.extent * ROUNDING), len(values)
    found = yield from staged(_exact_job(states, rank), 0.0, 1.0)
    return max(states.distance(found), states.extent * ROUNDING), 0


def estimated(states: States, rate: float, pairs: int = 1 << 15) -> float:
    """The radius from a few pairs, for proposals."""
    values = states.measured(*states.chance(np.random.default_rng(0), pairs))
    return states.distance(float(np.quantile(values, rate)))


def _sampled_job(states: States, pairs: int) -> Job[Array]:
    """Distances of so many pairs, drawn evenly from all with a fixed seed."""
    random = np.random.default_rng(0)
    part = max(1024, 200_000 // len(states.a))
    found: list[Array] = []
    for begun in range(0, pairs, part):
        found.append(states.measured(*states.chance(random, min(part, pairs - begun))))
        yield Partial(None, begun, pairs, "distances of sampled pairs")
    return np.concatenate(found)


def _exact_job(states: States, rank: int) -> Job[float]:
    """The distance of a rank, counted from 1."""
    least, most, share = 0.0, math.inf, 1.0
    if states.different > 2 * _GUIDE:
        guide = yield from staged(_sampled_job(states, _GUIDE), 0.0, 0.1)
        middle = rank / states.different
        wide = 5.0 * math.sqrt(middle * (1.0 - middle) / _GUIDE) + 2.0 / _GUIDE
        low, high = math.floor((middle - wide) * _GUIDE), math.ceil((middle + wide) * _GUIDE)
        guide.partition((max(low, 0), min(high, _GUIDE - 1)))
        least = float(guide[low]) if low >= 0 else 0.0
        most = float(guide[high]) if high < _GUIDE else math.inf
        share = 2.0 * wide
    floor, roof = 0.0, math.inf  # the distance looked for is surely between these
    while True:
        below, inside, values = yield from staged(
            _between_job(states, least, most, share), 0.1, 1.0
        )
        if rank <= below:
            roof = math.nextafter(least, 0.0)
        elif rank > below + inside:
            floor = math.nextafter(most, math.inf)
        elif least == most:
            return least
        elif len(values) == inside:
            place = rank - below - 1
            return float(np.partition(values, place)[place])
        else:
            # Too many to keep, most likely equal ones: those kept say where to look.
            floor, roof = max(floor, least), min(roof, most)
            place = min(len(values) - 1, int((rank - below) / inside * len(values)))
            least = most = float(np.partition(values, place)[place])
            continue
        least, most, share = floor, roof, 1.0


def _between_job(
    states: States, least: float, most: float, share: float
) -> Job[tuple[int, int, Array]]:
    """How many distances are below `least`, how many from there to `most`, and these."""
    from engine.analysis import _recurrence_kernels as kernels

    total, held = np.zeros(2, np.int64), 0
    kept: list[Array] = []
    guard = threading.Lock()

    def work(low: int, high: int) -> None:
        nonlocal held
        pairs = sum(states.length(lag) for lag in range(low, high))
        size = min(pairs, 1024 + int(2.0 * share * pairs), KEPT) if least < most else 0
        while True:
            out, found = np.empty(size), np.zeros(2, np.int64)
            kernels.between(states.a, states.b, low, high, states.largest, least, most, out, found)
            if found[1] <= size or held > KEPT or size in (0, KEPT):
                break
            size = min(int(found[1]), KEPT)
        with guard:
            total[:] += found
            values = out[: min(int(found[1]), size, max(0, KEPT - held))].copy()
            held += len(values)
            kept.append(values)

    low, high = states.lags
    for done in paced(work, low, high, min(states.first, states.second) * len(states.a)):
        yield Partial(None, done - low, high - low, "the radius of the rate")
    return int(total[0]), int(total[1]), np.concatenate(kept)


def limit(radius: float, largest: bool) -> float:
    """What the kernels compare with: the largest square whose root is within the radius."""
    if largest or radius < 1e-150:
        return radius if largest else radius * radius
    square = radius * radius
    while math.sqrt(square) > radius:
        square = math.nextafter(square, 0.0)
    while math.sqrt(math.nextafter(square, math.inf)) <= radius:
        square = math.nextafter(square, math.inf)
    return square
