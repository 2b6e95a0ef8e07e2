"""One orbit in pieces: the run that suits a system and a method.

A run advances by as many rows as it is asked for, writes them into an array it is given,
and knows where and why it stopped. `Stream` and `simulate` are made of runs; whatever the
pieces and whichever tier computes them, the numbers are the same. What runs have in common
is ``base``; this module only chooses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.integrate.adaptive_run import AdaptiveRun
from engine.integrate.base import Array, Flags, Run, Stop, finite_bound, plain, positive
from engine.integrate.delay_run import DelayRun
from engine.integrate.fixed_run import FixedRun, SymplecticRun
from engine.integrate.hybrid_run import HybridRun
from engine.integrate.methods import (
    Composition,
    Rosenbrock,
    Scheme,
    Tableau,
    checked_method,
    method,
)
from engine.integrate.noise_run import NoiseRun, checked_seed

if TYPE_CHECKING:
    from engine.systems.system import System


def start_run(
    system: System,
    values: Array,
    state: Array,
    *,
    key: str,
    step: float,
    time: float = 0.0,
    every: int = 1,
    rtol: float = 1e-8,
    atol: float = 1e-8,
    bound: float | None = None,
    cancel: Flags | None = None,
    fast: bool = True,
    seed: int = 0,
    lane: int = 0,
    former: Run | None = None,
) -> Run:
    """A run by the method `key`, which `checked_method` has checked.

    Parameters
    ----------
    values, state : array (p,), (n,)
        Belong to the run from then on.
    seed, lane : int
        Of the noise; runs of other seeds or lanes are independent.
    former : Run, optional
        The run that this one goes on from: its noise goes on, and its past stays.
    """
    limit = finite_bound(system.run.bound if bound is None else bound)
    common = (system, values, state, time)
    run: Run
    if system.kind == "map":
        return FixedRun(*common, 1.0, limit, cancel, every=every, fast=fast)
    found = method(key)
    if isinstance(found, Scheme):
        if found.normals:
            run = NoiseRun(
                *common, step, limit, cancel, scheme=found, seed=seed, lane=lane, every=every
            )
        else:
            run = DelayRun(*common, step, limit, cancel, every=every)
    elif isinstance(found, Composition):
        run = SymplecticRun(*common, step, limit, cancel, composition=found, every=every)
    elif found.adaptive:
        assert isinstance(found, Rosenbrock | Tableau)
        run = AdaptiveRun(
            *common, step, limit, cancel, tableau=found, every=every, rtol=rtol, atol=atol
        )
    else:
        assert isinstance(found, Tableau)
        if system.hybrid:
            run = HybridRun(*common, step, limit, cancel, tableau=found, every=every)
        else:
            run = FixedRun(*common, step, limit, cancel, every=every, tableau=found, fast=fast)
    if former is not None:
        run.follow(former)
    return run


def checked_step(system: System, step: float | None) -> float:
    """A step above 0, the system's own where None; 1 for maps.

    Raises
    ------
    ParameterError
        If it is not a finite number above 0.
    """
    if system.kind == "map":
        return 1.0
    return positive("step", system.run.step if step is None else step)


__all__ = [
    "AdaptiveRun",
    "DelayRun",
    "FixedRun",
    "HybridRun",
    "NoiseRun",
    "Run",
    "Stop",
    "SymplecticRun",
    "checked_method",
    "checked_seed",
    "checked_step",
    "finite_bound",
    "plain",
    "positive",
    "start_run",
]
