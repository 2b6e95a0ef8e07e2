"""Points in state space made ready for measuring distances between them.

A series becomes points by delays, states are taken as they are; all are shifted and scaled by
one factor so that the longest side of their box is one, which keeps squares of distances far
from the limits of floating-point numbers. Delays and the Theiler window are chosen here from
how fast the numbers forget themselves.

References
----------
F. Takens, in Lecture Notes in Mathematics 898, Springer (1981), 366: delays. J. Theiler,
Physical Review A 34, 2427 (1986): points near in time are to be left out.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.analysis.method import Subject, measured
from engine.errors import ParameterError
from engine.exhibit import Parameter, Value

Array = NDArray[np.float64]
Whole = NDArray[np.int64]
SERIES_DIMENSION = 4
"""Delays that a single column is given: more than twice the dimension of low chaos."""
_LONGEST = 65_536  # rows that tell how fast numbers forget themselves
EMBEDDING = (
    Parameter(
        "dimension",
        1,
        1,
        10,
        "m",
        scale="integer",
        help="embedding dimension: moments a point is made of; 1 takes states as they are",
    ),
    Parameter(
        "delay", 1, 1, 100, r"\tau", scale="integer", unit="rows", help="rows between these moments"
    ),
)
THEILER = Parameter(
    "theiler",
    0,
    0,
    1000,
    "w",
    scale="integer",
    unit="rows",
    help="pairs no further apart in time than this are left out",
)
NORM = Parameter(
    "norm",
    "euclidean",
    scale="choice",
    choices=("euclidean", "maximum"),
    help="how distances are measured",
)
REFERENCES = Parameter(
    "references",
    0,
    0,
    20_000,
    scale="integer",
    help="points that are centres of pairs; 0 takes as many as a few seconds allow",
)
REGION = (
    Parameter("low", 0.0, 0.0, help="where the scaling region begins; 0 chooses it"),
    Parameter("high", 0.0, 0.0, help="where the scaling region ends; 0 chooses it"),
)


def suited(subject: Subject) -> Mapping[str, Value]:
    """Embedding and Theiler window that suit the numbers."""
    assert subject.sampled is not None
    rows = subject.sampled.values
    time = forgetting(rows)
    embed = rows.shape[1] == 1
    return {
        "dimension": SERIES_DIMENSION if embed else 1,
        "delay": time if embed else 1,
        "theiler": 3 * time,
    }


def given(options: Mapping[str, Value], name: str) -> float | None:
    """An option whose zero means that it is chosen."""
    return float(options[name]) or None


def given_whole(options: Mapping[str, Value], name: str) -> int | None:
    """A whole option whose zero means that it is chosen."""
    return int(options[name]) or None


@dataclass(frozen=True, eq=False)
class Cloud:
    """Points ready for distances.

    Attributes
    ----------
    points : array (n, m)
        A row a coordinate, in units of `extent`, C-contiguous.
    extent : float
        Longest side of the points' box.
    columns : int
        Coordinates of one moment; n is a multiple of it.
    dimension, delay : int
        Moments a point is made of, and the rows between them.
    theiler : int
        Pairs no further apart in time than this are left out.
    """

    points: Array
    extent: float
    columns: int
    dimension: int
    delay: int
    theiler: int

    @property
    def count(self) -> int:
        """How many points there are."""
        return int(self.points.shape[1])


def cloud(
    states_or_series: object,
    what: str,
    dimension: int | None = None,
    delay: int | None = None,
    theiler: int | None = None,
    least: int = 100,
) -> Cloud:
    """Points from a series or from states.

    Parameters
    ----------
    states_or_series : array-like (m,) or (m, n)
    what : str
        Who asks, for errors.
    dimension : int, optional
        Moments a point is made of; 1 for states and `SERIES_DIMENSION` for a series, which
        has one axis.
    delay : int, optional
        Rows between moments; the time of forgetting by default.
    theiler : int, optional
        Three times that by default.
    least : int
        Points needed.

    Raises
    ------
    ParameterError
        If the numbers or settings cannot be used.
    """
    rows = measured(states_or_series, what, least)
    series = np.ndim(states_or_series) == 1  # type: ignore[arg-type]
    if dimension is None:
        dimension = SERIES_DIMENSION if series else 1
    if not 1 <= dimension <= 64:
        raise ParameterError(
            f"{what} takes an embedding dimension from 1 to 64, got {dimension}; 4 is a good start"
        )
    low, high = rows.min(axis=0), rows.max(axis=0)
    with np.errstate(over="ignore"):
        extent = float((high - low).max())
    if not math.isfinite(extent):
        raise ParameterError(f"{what} needs numbers within 1e307 of each other: scale them first")
    if extent <= 1e-13 * float(np.abs(rows).max()):
        raise ParameterError(
            f"{what} needs numbers that change; all are {rows[0, 0]:g}: choose another column, "
            "or a run that does not rest"
        )
    if delay is None or theiler is None:
        time = forgetting(rows)
        delay = (time if dimension > 1 else 1) if delay is None else delay
        theiler = 3 * time if theiler is None else theiler
    if delay < 1:
        raise ParameterError(f"{what} needs a delay of at least 1 row, got {delay}")
    count = len(rows) - (dimension - 1) * delay
    if count < least:
        raise ParameterError(
            f"{what} needs at least {least} points; {len(rows)} rows embedded in {dimension} "
            f"dimensions at delay {delay} leave {max(0, count)}: take a shorter delay, a smaller "
            "dimension or a longer series"
        )
    if not 0 <= theiler <= count // 4:
        raise ParameterError(
            f"{what} takes a Theiler window from 0 to {count // 4} rows, a quarter of its "
            f"{count} points, got {theiler}"
        )
    scaled = ((rows - low) / extent).T
    points = np.empty((dimension * rows.shape[1], count))
    for k in range(dimension):
        points[k * rows.shape[1] : (k + 1) * rows.shape[1]] = scaled[:, k * delay :][:, :count]
    return Cloud(points, extent, rows.shape[1], dimension, delay, theiler)


def forgetting(rows: Array) -> int:
    """Rows after which the autocorrelation of every column has fallen below 1/e.

    At least 1, and at most a twentieth of the rows.
    """
    rows = rows[:_LONGEST]
    most = max(1, len(rows) // 20)
    size = 1 << (2 * len(rows) - 1).bit_length()
    longest = 1
    for column in rows.T:
        with np.errstate(all="ignore"):  # numbers that are none are told by who takes them
            middle = column - column.mean()
            scale = float(np.abs(middle).max())
            if not 0.0 < scale < math.inf:
                continue
            power = np.abs(np.fft.rfft(middle / scale, size)) ** 2
            memory = np.fft.irfft(power, size)[: most + 1]
        below = np.flatnonzero(memory < memory[0] / math.e)
        longest = max(longest, int(below[0]) if below.size else most)
    return min(longest, most)


def centres(count: int, wanted: int) -> Whole:
    """Indices of `wanted` of `count` points, evenly spread, in an order that stays even.

    Any first part of them is spread over all the time, so that a partial sum is a fair one.
    """
    wanted = min(count, wanted)
    even = np.arange(wanted, dtype=np.int64) * count // wanted
    golden = np.arange(wanted) * ((math.sqrt(5.0) - 1.0) / 2.0) % 1.0
    return np.ascontiguousarray(even[np.argsort(golden, kind="stable")])


def check_norm(norm: str, what: str) -> bool:
    """Whether distances are those of the maximum norm."""
    if norm not in NORM.choices:
        raise ParameterError(f"{what} knows the norms {' and '.join(NORM.choices)}, got {norm!r}")
    return norm == "maximum"


def check_region(low: float | None, high: float | None, what: str) -> None:
    """Refuse ends of a scaling region that are none."""
    for name, end in (("low", low), ("high", high)):
        if end is not None and not (math.isfinite(end) and end > 0.0):
            raise ParameterError(f"{what}: '{name}' must be a positive number, got {end}")
    if low is not None and high is not None and low >= high:
        raise ParameterError(
            f"{what}: the scaling region must begin below its end, got {low:g} to {high:g}"
        )


def checked_references(references: int | None, points: Cloud, affordable: float, what: str) -> int:
    """How many centres there are."""
    if references is None:
        return int(min(points.count, max(1.0, affordable)))
    if not 1 <= references <= points.count:
        raise ParameterError(
            f"{what} takes from 1 to all {points.count} points as centres, got {references}"
        )
    return references


def table(edges: Array) -> tuple[NDArray[np.int32], int, int]:
    """What turns the bits of a number into the bin it is in, with one comparison.

    Numbers whose leading bits agree lie in one cell, and cells are made so small that none
    holds two edges.

    Parameters
    ----------
    edges : array (k,)
        Positive and increasing, each by a thousandth at least.

    Returns
    -------
    array (cells,) of int32
        Index of the first edge not below the beginning of a cell.
    int, int
        How far the bits are shifted, and what is subtracted.
    """
    bits = edges.view(np.int64)
    shift = 52
    while (np.diff(bits >> shift) < 1).any():
        shift -= 1
    cells = bits >> shift
    begin = np.arange(cells[0], cells[-1] + 2, dtype=np.int64) << shift
    found = np.searchsorted(edges, begin.view(np.float64), side="left")
    return found.astype(np.int32), shift, int(cells[0])
