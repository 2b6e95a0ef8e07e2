"""Compiled loops of parameter planes: traces of lanes into one number a lane.

A trace of one variable comes in, as ``Lanes.watch`` shows it. All release the interpreter
lock.
"""

from __future__ import annotations

from typing import Final

from numba import njit, types

_real, _whole = types.float64, types.int64
_vector, _matrix, _flags = types.float64[::1], types.float64[:, ::1], types.int64[::1]
_options = {"nogil": True, "cache": True, "error_model": "numpy"}

BLOCK: Final = 64


@njit(types.void(types.float64[:, :, ::1], _whole, _whole, _whole, _matrix), **_options)
def summarise(trace, steps, low, high, sums):  # type: ignore[no-untyped-def]
    """Take a trace of lanes `low` to `high` into `sums` (3, lanes): sum, least, greatest."""
    for lane in range(low, high):
        block, place = (lane - low) // BLOCK, lane % BLOCK
        total, least, greatest = sums[0, lane], sums[1, lane], sums[2, lane]
        for i in range(steps):
            value = trace[block, i, place]
            total += value
            least = min(least, value)
            greatest = max(greatest, value)
        sums[0, lane], sums[1, lane], sums[2, lane] = total, least, greatest


@njit(types.void(types.Array(types.float64, 2, "A"), _flags, _real, _whole, _vector), **_options)
def repeats(samples, counts, tolerance, longest, periods):  # type: ignore[no-untyped-def]
    """After how many samples they repeat, 0 where they do not.

    Parameters
    ----------
    samples : array (lanes, keep)
        The first ``counts[lane]`` of a row count.
    tolerance : float
        How far values that repeat may differ, as a share of the largest size.
    longest : int
        Period up to which is looked; a period must be seen twice.
    periods : array (lanes,)
        Receives the answers.
    """
    for lane in range(samples.shape[0]):
        count = counts[lane]
        largest = 0.0
        for i in range(count):
            largest = max(largest, abs(samples[lane, i]))
        near = tolerance * largest
        found = 0
        for period in range(1, min(longest, count // 2) + 1):
            same = True
            for i in range(count - period):
                if not abs(samples[lane, i + period] - samples[lane, i]) <= near:
                    same = False
                    break
            if same:
                found = period
                break
        periods[lane] = found
