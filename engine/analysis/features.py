"""Features of systems: numbers that say which are alike, from spectrum and shape.

Two groups. The *spectrum* features come from the table of reference figures: exponents in
units of the mean rate at which the orbit moves, so that the choice of a time unit does not
count, the Kaplan-Yorke dimension, how many exponents are positive, the divergence. The
*shape* features are measured on the standardised default run, sampled 32 times a dominant
period, so that units of length and time do not count: entropy, peak and centre of the power
spectrum, permutation entropy, how long it remembers, the third and fourth moment,
irreversibility and asymmetry, how unevenly and how crookedly it moves, how many principal
axes it fills. Shape features of built-in systems stand in ``assets/reference/features.json``
and are checked against the files; `python scripts/features.py` computes what is missing.

This compares systems and draws nothing; placing them in the plane is ``embedding``.

References
----------
W. Gilpin, Chaos as an interpretable benchmark for forecasting and data-driven modelling,
arXiv:2110.05266 (2021), compares attractors by features of their time series. P. D. Welch,
IEEE Transactions on Audio and Electroacoustics 15, 70 (1967): power spectrum. T. Inouye et
al., Electroencephalography and Clinical Neurophysiology 79, 204 (1991): spectral entropy.
C. Bandt and B. Pompe, Physical Review Letters 88, 174102 (2002): permutation entropy.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from engine.analysis._feature_rows import (
    GENERATOR,
    PLACE,
    ShapeRow,
    content_of_built_in,
    read,
)
from engine.errors import FileFormatError, ParameterError
from engine.job import Job, Partial

if TYPE_CHECKING:
    from engine.analysis.reference import Row
    from engine.systems.system import System

Array = NDArray[np.float64]

SHAPE = (
    "spectral entropy",
    "spectral peak",
    "spectral centre",
    "permutation entropy",
    "memory",
    "kurtosis",
    "skewness",
    "irreversibility",
    "asymmetry",
    "speed variation",
    "turning",
    "spread of axes",
)
"""Names of the shape features."""
SPECTRUM = (
    "largest exponent",
    "smallest exponent",
    "Kaplan-Yorke dimension",
    "positive exponents",
    "divergence",
    "variables",
)
"""Names of the spectrum features."""
GROUPS: Mapping[str, tuple[str, ...]] = {
    "spectrum and shape": (*SPECTRUM, *SHAPE),
    "spectrum": SPECTRUM,
    "shape": SHAPE,
}
"""Which features a comparison may use."""

ROWS = 4096
A_PERIOD = 32
"""Rows of a dominant period."""
_MOST_VARIABLES = 16
_MOST_STEPS = 3_000_000
_FARTHEST = 3.0
"""Robust deviations beyond which a feature is as far as it can be."""


# --------------------------------------------------------------------------- one system


def shape_job(system: System) -> Job[ShapeRow]:
    """Shape features of a system at its default values, as a job.

    Parameters
    ----------
    system : System

    Returns
    -------
    ShapeRow
        Without a content hash; `ShapeRow.failed` says why there are no features where the
        orbit leaves or rests. Nothing is raised that the system is to blame for.
    """
    from engine.analysis._shape_measures import steps_of
    from engine.analysis.dominant_period import dominant_period_job
    from engine.integrate.solve import simulate_job

    discrete = system.kind == "map"
    period = yield from _watched(dominant_period_job(system))
    step = 1.0 if discrete else system.run.step
    every = 1
    if not discrete:
        span = A_PERIOD if period.value is not None else 0
        grid = period.value / span if span else step * system.run.length / ROWS
        every = max(1, min(round(grid / step), _MOST_STEPS // (ROWS * system.dimension)))
    transient = system.run.transient
    run = simulate_job(system, ROWS * every * step, step, transient=transient)
    trajectory = yield from _watched(run)
    states = trajectory.rows[::every, 1:]
    found = math.nan if period.value is None else float(period.value)
    if len(states) < ROWS // 4:
        reason = trajectory.stopped.reason if trajectory.stopped else "too short"
        return ShapeRow("", failed=f"the default run ends early: {reason}")
    with np.errstate(all="ignore"):
        shape, standard = shape_of(states, 1 if discrete else A_PERIOD // 8)
    if not shape:
        return ShapeRow("", failed="the default run is at rest")
    rate = float(steps_of(standard).mean()) / (every * step)
    return ShapeRow("", GENERATOR, shape, rate, found)


def shape_of(states: Array, delay: int = 1) -> tuple[dict[str, float], Array]:
    """The shape features of evenly sampled states, and the standardised states.

    Parameters
    ----------
    states : array (m, n)
        At least some hundred rows.
    delay : int
        Rows between the values of an order pattern.

    Returns
    -------
    features : dict of str to float
        By the names in `SHAPE`; empty where nothing moves.
    standard : array (m, k)
        The columns that move, with mean zero and deviation one.
    """
    from engine.analysis import _shape_measures as measures

    standard = measures.standardised(states)
    if standard.shape[1] == 0:
        return {}, standard
    seen = standard[:, measures.evenly(standard.shape[1], _MOST_VARIABLES)]
    spectrum = measures.power(seen)
    values = (
        measures.spectral_entropy(spectrum),
        measures.spectral_peak(spectrum),
        math.log10(max(measures.spectral_centre(spectrum), 1e-4)),
        measures.permutation_entropy(seen, delay),
        math.log10(measures.memory(seen)),
        measures.kurtosis(seen),
        measures.skewness(seen),
        measures.irreversibility(seen, delay),
        measures.asymmetry(seen),
        measures.speed_variation(seen),
        measures.folding(seen),
        measures.spread(seen),
    )
    return dict(zip(SHAPE, values, strict=True)), standard


def spectrum_of(row: Row, rate: float, dimension: int) -> dict[str, float]:
    """The spectrum features of a row of reference figures.

    Parameters
    ----------
    row : Row
        Of the table of reference figures.
    rate : float
        By how many deviations the orbit moves in a unit of time; exponents are divided by it.
    dimension : int
        Number of variables.
    """
    if row.failed or not row.exponents or not rate > 0.0:
        return {}
    scaled = np.asarray(row.exponents) / rate
    errors = np.asarray(row.stderr) / rate
    sure = 3.0 * np.where(np.isfinite(errors), errors, 0.0) + 1e-4
    values = (
        _compressed(10.0 * scaled[0]),
        _compressed(scaled[-1]),
        row.kaplan_yorke,
        math.sqrt(float((scaled > sure).sum())),
        _compressed(row.divergence / rate),
        math.log2(dimension),
    )
    return dict(zip(SPECTRUM, values, strict=True))


def _compressed(value: float) -> float:
    return math.asinh(value) if math.isfinite(value) else math.nan


def _watched(job: Job[Any]) -> Generator[Partial[ShapeRow], None, Any]:
    """Drive another job inside this one, passing on its progress."""
    while True:
        try:
            partial = next(job)
        except StopIteration as stop:
            return stop.value
        yield Partial(None, partial.done, partial.total, partial.message)


# -------------------------------------------------------------------------- all systems


@dataclass(frozen=True, eq=False)
class Table:
    """Features of many systems side by side.

    Attributes
    ----------
    keys : tuple of str
    values : array (len(keys), len(names))
        Raw features; not a number where one is unknown.
    names : tuple of str
        Spectrum features, then shape features.
    rates, periods : array (len(keys),)
        Mean rate and dominant period.
    exponents : mapping of str to tuple of float
        Lyapunov exponents of the reference table, largest first, of those that have them.
    lacking : mapping of str to str
        Systems without features, and why.
    """

    keys: tuple[str, ...]
    values: Array
    names: tuple[str, ...] = (*SPECTRUM, *SHAPE)
    rates: Array = field(default_factory=lambda: np.empty(0))
    periods: Array = field(default_factory=lambda: np.empty(0))
    exponents: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    lacking: Mapping[str, str] = field(default_factory=dict)

    def standardised(self, group: str = "spectrum and shape") -> Array:
        """The features of a group, robustly standardised, ``(len(keys), features)``.

        Each is centred on its median, divided by its middle half's width in deviations of a
        Gaussian, and kept within three.

        Raises
        ------
        ParameterError
            If there is no such group.
        """
        if group not in GROUPS:
            raise ParameterError(f"features must be one of {', '.join(GROUPS)}, got '{group}'")
        chosen = [self.names.index(name) for name in GROUPS[group]]
        values = self.values[:, chosen]
        out = np.full(values.shape, np.nan)
        for j, column in enumerate(values.T):
            known = column[np.isfinite(column)]
            if known.size == 0:
                continue
            low, middle, high = np.quantile(known, (0.25, 0.5, 0.75))
            scale = max((high - low) / 1.349, 0.25 * float(known.std()), 1e-9)
            out[:, j] = np.clip((column - middle) / scale, -_FARTHEST, _FARTHEST)
        return out

    def distances(self, group: str = "spectrum and shape") -> Array:
        """Distances between all systems, ``(len(keys), len(keys))``.

        Root mean square over the features that both have; not a number where they share
        less than half of them.
        """
        return distances(self.standardised(group))


def distances(values: Array) -> Array:
    """Root mean square differences of rows over the columns that both rows have.

    Not a number where two rows share less than a third of the columns.
    """
    known = np.isfinite(values)
    filled = np.where(known, values, 0.0)
    both = known.astype(np.float64) @ known.T.astype(np.float64)
    square = filled**2
    mask = known.astype(np.float64)
    total = square @ mask.T + mask @ square.T - 2.0 * filled @ filled.T
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.sqrt(np.maximum(total, 0.0) / both)
    mean[both * 3 < values.shape[1]] = np.nan
    return np.asarray(mean)


def table(keys: Iterable[str] | None = None) -> Table:
    """Features of the built-in systems as the tables that come with the program hold them.

    Reads two files and computes nothing; a row that is no longer true of its system is left
    out, and named in `Table.lacking`.

    Parameters
    ----------
    keys : iterable of str, optional
        All that have a file by default.
    """
    from engine.analysis import reference

    wanted = tuple(reference.keys() if keys is None else keys)
    # Both tables may be computed anew while this runs.
    return _table(wanted, *(_stamp(place) for place in (PLACE, reference.PLACE)))


def _stamp(place: object) -> tuple[int, int]:
    from pathlib import Path

    try:
        status = Path(str(place)).stat()
    except OSError:
        return (0, 0)
    return (status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=4)
def _table(
    keys: tuple[str, ...], shape_stamp: tuple[int, int], spectrum_stamp: tuple[int, int]
) -> Table:
    from engine.analysis import reference

    shapes = read(PLACE)
    try:
        spectra = reference.read(reference.PLACE)
    except FileFormatError:
        spectra = {}
    found: list[str] = []
    rows: list[list[float]] = []
    rates: list[float] = []
    periods: list[float] = []
    exponents: dict[str, tuple[float, ...]] = {}
    lacking: dict[str, str] = {}
    for key in keys:
        shape = shapes.get(key)
        if shape is None:
            lacking[key] = "its features have not been computed yet"
        elif shape.generator != GENERATOR or shape.content != content_of_built_in(key):
            lacking[key] = "it has changed since its features were computed"
        elif shape.failed:
            lacking[key] = shape.failed
        else:
            spectrum = spectra.get(key)
            known: dict[str, float] = {}
            if spectrum is not None and not spectrum.failed:
                exponents[key] = spectrum.exponents
                size = max(1, len(spectrum.exponents))
                known = spectrum_of(spectrum, shape.rate, size)
            known |= shape.shape or {}
            found.append(key)
            rows.append([known.get(name, math.nan) for name in (*SPECTRUM, *SHAPE)])
            rates.append(shape.rate)
            periods.append(shape.period)
    values = np.array(rows, dtype=np.float64).reshape(len(rows), len(SPECTRUM) + len(SHAPE))
    values.setflags(write=False)
    return Table(
        tuple(found),
        values,
        rates=np.array(rates),
        periods=np.array(periods),
        exponents=exponents,
        lacking=lacking,
    )


def neighbours(
    key: str, count: int = 6, group: str = "spectrum and shape", among: Sequence[str] | None = None
) -> list[tuple[str, float]]:
    """The built-in systems most like one of them, nearest first, with their distances.

    Empty where the system has no features. `among` restricts whom to compare with.
    """
    known = table()
    if key not in known.keys:
        return []
    distance = known.distances(group)[known.keys.index(key)]
    order = np.argsort(distance, kind="stable")
    allowed = None if among is None else set(among)
    return [
        (known.keys[k], float(distance[k]))
        for k in order
        if known.keys[k] != key
        and np.isfinite(distance[k])
        and (allowed is None or known.keys[k] in allowed)
    ][:count]
