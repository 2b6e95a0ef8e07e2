"""Search for chaos: parameter values of a system whose orbits stay bounded and part.

Candidates are drawn at random from the ranges of the parameters, or near given values, and
move side by side in lanes. Whoever leaves the bound is dropped early; of the others the
largest Lyapunov exponent is measured with a second orbit that is pulled back to the first
again and again. What is found is a candidate with an estimate and its standard error, not a
proof. The exponents of one system are ``lyapunov_spectrum``'s business.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from time import perf_counter
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from engine.errors import ParameterError
from engine.exhibit import Parameter, Value, Values
from engine.integrate import compile
from engine.integrate.lanes import Lanes
from engine.integrate.lanes import part as lanes_part
from engine.job import Job, Partial, run
from engine.systems.system import System

Array = NDArray[np.float64]
Ranges = Mapping[str, tuple[float, float]]

BATCH = 1024
"""Candidates that start together."""
APART = 1e-7
"""Distance of the second orbit, in units of the size of the first."""
PIECE = 64
"""Steps between two looks at the caller."""
SLICE = 0.015
_WEED = (300, 3000)
"""Steps after which those that left are dropped: soon, and once on the attractor."""
_SCREEN, _MEASURE = 60, 400
"""Pulls of the first look and of the final measurement."""
_SURE = 3.0
"""Standard errors by which an exponent must exceed the threshold."""


@dataclass(frozen=True)
class Find:
    """Values at which the system is chaotic.

    Attributes
    ----------
    values : mapping of str to float
        Of the parameters that were searched.
    exponent, stderr : float
        Estimate of the largest Lyapunov exponent (natural logarithm per unit of time or per
        iteration) and its standard error.
    state : tuple of float
        A state on the attractor.
    """

    values: Mapping[str, float]
    exponent: float
    stderr: float
    state: tuple[float, ...]


@dataclass(frozen=True)
class ChaosSearch:
    """What a search has found so far.

    Attributes
    ----------
    finds : tuple of Find
        In the order they were found.
    tried, bounded : int
        Candidates drawn, and those whose orbit stayed bounded.
    seconds : float
    """

    finds: tuple[Find, ...]
    tried: int
    bounded: int
    seconds: float

    @property
    def rate(self) -> float:
        """Candidates a second."""
        return self.tried / self.seconds if self.seconds > 0 else math.nan


def chaos_search_job(
    system: System,
    parameters: Sequence[str] | None = None,
    *,
    values: Values | None = None,
    initial: Sequence[float] | Array | None = None,
    around: float | None = None,
    wanted: int = 12,
    most: int = 200_000,
    threshold: float | None = None,
    step: float | None = None,
    seed: int = 0,
) -> Job[ChaosSearch]:
    """Search as a job that yields what has been found so far.

    Parameters
    ----------
    system : System
        A flow or a map without events.
    parameters : sequence of str, optional
        Which to vary; all by default.
    values, initial
        Values of the parameters that stay, the middle of a search nearby, and the start.
    around : float, optional
        Search near `values`: the standard deviation as a part of each parameter's range.
        The whole ranges, evenly, where absent.
    wanted, most : int
        Ends after so many finds or candidates.
    threshold : float, optional
        Exponents above it count. By default a thousandth of the rate at which the orbit
        moves (0.01 per iteration for maps).
    step : float, optional
        Of RK4; the system's own where absent.
    seed : int

    Raises
    ------
    ParameterError
        If the system cannot be searched or a name or number cannot be used.

    References
    ----------
    J. C. Sprott, Automatic generation of strange attractors, Computers & Graphics 17, 325-332
    (1993). G. Benettin, L. Galgani, J.-M. Strelcyn, Physical Review A 14, 2338 (1976).
    """
    names = _checked(system, parameters, wanted, most, around)
    start = system.state(initial)
    centre = dict(zip(system.parameters, system.values(values).tolist(), strict=False))
    generator = np.random.default_rng(seed)
    began = perf_counter()
    finds: list[Find] = []
    tried = bounded = 0

    def result() -> ChaosSearch:
        return ChaosSearch(tuple(finds), tried, bounded, perf_counter() - began)

    def partial(words: str) -> Partial[ChaosSearch]:
        done = max(len(finds) / wanted, tried / most)
        return Partial(result(), done, 1.0, words)

    name = lanes_part(system)
    if compile.best(system, name) is None:
        compile.request(system, [name])
        while not compile.ready(system, name) and not compile.wait(SLICE):
            yield partial("compiling")
    began = perf_counter()
    while len(finds) < wanted and tried < most:
        count = min(BATCH, most - tried)
        drawn = _draw(generator, system, names, centre, around, count)
        search = _Batch(system, centre, drawn, start, step, threshold, generator)
        for words in search.weed():
            yield partial(words)
        tried += count
        bounded += search.size
        for words in search.measure():
            yield partial(words)
        finds.extend(search.finds()[: wanted - len(finds)])
        yield partial("searching")
    return result()


def chaos_search(
    system: System,
    parameters: Sequence[str] | None = None,
    *,
    values: Values | None = None,
    initial: Sequence[float] | Array | None = None,
    around: float | None = None,
    wanted: int = 12,
    most: int = 200_000,
    threshold: float | None = None,
    step: float | None = None,
    seed: int = 0,
) -> ChaosSearch:
    """Parameter values at which a system is chaotic; see `chaos_search_job`."""
    return run(
        chaos_search_job(
            system,
            parameters,
            values=values,
            initial=initial,
            around=around,
            wanted=wanted,
            most=most,
            threshold=threshold,
            step=step,
            seed=seed,
        )
    )


class _Batch:
    """Candidates that are weeded and measured together."""

    def __init__(
        self,
        system: System,
        centre: Mapping[str, Value],
        drawn: dict[str, Array],
        start: Array,
        step: float | None,
        threshold: float | None,
        generator: np.random.Generator,
    ) -> None:
        self.system, self.step, self.generator = system, step, generator
        self.centre = {name: value for name, value in centre.items() if name not in drawn}
        self.drawn = drawn
        self.threshold = threshold
        size = len(next(iter(drawn.values())))
        self.states = np.repeat(start[:, np.newaxis], size, axis=1)
        self.exponents = self.errors = np.empty(0)

    @property
    def size(self) -> int:
        return int(self.states.shape[1])

    def lanes(self, states: Array) -> Lanes:
        values = {**self.centre, **self.drawn}
        return Lanes(self.system, states, values, self.step)

    def keep(self, which: NDArray[np.bool_]) -> None:
        self.states = np.ascontiguousarray(self.states[:, which])
        self.drawn = {name: values[which] for name, values in self.drawn.items()}

    def weed(self) -> Iterator[str]:
        """Move everyone onto the attractor; drop who leaves or comes to rest."""
        made = 0
        for steps in _WEED:
            if not self.size:
                return
            lanes = self.lanes(self.states)
            while lanes.made < steps - made:
                lanes.advance(min(PIECE, steps - made - lanes.made))
                yield "letting orbits settle"
            made = steps
            before = self.states
            self.states = lanes.state
            moving = np.abs(self.states - before).max(axis=0) > 1e-9
            self.keep((lanes.failed < 0) & moving)

    def measure(self) -> Iterator[str]:
        """Exponents, first roughly, then of those that look chaotic."""
        for pulls in (_SCREEN, _MEASURE):
            if not self.size:
                break
            yield from self._pull(pulls)
            least = self._least()
            sure = self.exponents > least
            if pulls == _MEASURE:
                sure = self.exponents - _SURE * self.errors > least
            self.keep(sure)
            self.exponents, self.errors = self.exponents[sure], self.errors[sure]

    def finds(self) -> list[Find]:
        if not self.size:
            return []
        return [
            Find(
                MappingProxyType({name: float(v[k]) for name, v in self.drawn.items()}),
                float(self.exponents[k]),
                float(self.errors[k]),
                tuple(self.states[:, k].tolist()),
            )
            for k in range(self.size)
        ]

    def _pull(self, pulls: int) -> Iterator[str]:
        every = 2 if self.system.kind == "map" else 10
        first = self.lanes(self.states)
        size = 1e-12 + np.abs(self.states).max(axis=0)
        away = self.generator.standard_normal(self.states.shape)
        away *= APART * size / np.linalg.norm(away, axis=0)
        second = self.lanes(self.states + away)
        growth = np.empty((pulls, self.size))
        path, last = np.zeros(self.size), self.states.copy()
        reach = APART * size
        for k in range(pulls):
            first.advance(every)
            second.advance(every)
            # Lanes that left hold huge numbers until they are weeded out below.
            with np.errstate(over="ignore", invalid="ignore"):
                apart = second.state - first.state
                distance = np.maximum(np.linalg.norm(apart, axis=0), 1e-300)
                growth[k] = np.log(distance / reach)
                second.state[:] = first.state + apart * (reach / distance)
                path += np.linalg.norm(first.state - last, axis=0)
            last = first.state.copy()
            if k % 8 == 0:
                yield "measuring exponents"
        unit = every * (first.step if self.system.kind != "map" else 1.0)
        used = growth[pulls // 6 :] / unit
        blocks = np.array([part.mean(axis=0) for part in np.array_split(used, 10)])
        self.exponents = used.mean(axis=0)
        self.errors = blocks.std(axis=0, ddof=1) / math.sqrt(len(blocks))
        self.states = first.state
        spread = np.maximum(np.abs(self.states).max(axis=0), 1e-12)
        self.turns = path / (pulls * unit * spread)
        bad = (first.failed >= 0) | (second.failed >= 0) | ~np.isfinite(self.exponents)
        self.exponents = np.where(bad, -np.inf, self.exponents)

    def _least(self) -> Array | float:
        if self.threshold is not None:
            return self.threshold
        return 0.01 if self.system.kind == "map" else 1e-3 * self.turns


def _draw(
    generator: np.random.Generator,
    system: System,
    names: Sequence[str],
    centre: Mapping[str, float],
    around: float | None,
    count: int,
) -> dict[str, Array]:
    drawn = {}
    for name in names:
        row = system.parameters[name]
        low, high = float(row.low or 0.0), float(row.high or 1.0)
        log = row.scale == "log" and low > 0
        if log:
            low, high = math.log(low), math.log(high)
        if around is None:
            points = generator.uniform(low, high, count)
        else:
            middle = math.log(centre[name]) if log else centre[name]
            points = middle + around * (high - low) * generator.standard_normal(count)
        drawn[name] = np.exp(points) if log else points
    return drawn


def searchable(parameter: Parameter) -> bool:
    """Whether a search may vary this parameter: one with a range that is no whole number."""
    return (
        parameter.scale in ("linear", "log")
        and parameter.low is not None
        and parameter.high is not None
    )


def free_parameters(system: System) -> tuple[str, ...]:
    """The parameters of a system that a search may vary."""
    return tuple(name for name, row in system.parameters.items() if searchable(row))


def refusal(system: System) -> str:
    """Why a system cannot be searched, in a sentence; empty where it can."""
    if system.kind not in ("flow", "map") or system.hybrid:
        return (
            f"'{system.key}' cannot be searched: only flows and maps without events, noise and "
            "delays can"
        )
    if not free_parameters(system):
        return f"'{system.key}' has no parameter to vary"
    return ""


def _checked(
    system: System,
    parameters: Sequence[str] | None,
    wanted: int,
    most: int,
    around: float | None,
) -> tuple[str, ...]:
    if words := refusal(system):
        raise ParameterError(words)
    free = free_parameters(system)
    names = free if parameters is None else tuple(parameters)
    for name in names:
        if name not in free:
            raise ParameterError(
                f"'{system.key}' has no parameter '{name}' to vary; it has "
                f"{', '.join(free) or 'none'}"
            )
    if not names:
        raise ParameterError(f"'{system.key}' has no parameter to vary")
    if wanted < 1 or most < 1:
        raise ParameterError(
            f"a search wants at least one find and one candidate, got {wanted} and {most}"
        )
    if around is not None and not (math.isfinite(around) and around > 0):
        raise ParameterError(f"around must be a number above 0, got {around}")
    return names
