"""Any scalar of any method of analysis as the measure of a parameter plane.

``zero-one-test.K`` names a method that takes a series, or states of one column, and one of
its scalars. Every cell is analysed on its own, with what the method chooses for it; a cell
that cannot be analysed is left empty. As slow as the method: for planes of some thousand
cells.
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from engine.analysis._plane_measures import SLICE, Slices, Task, Work
from engine.analysis.method import Method, Sampled, Subject
from engine.analysis.methods import methods
from engine.errors import ParameterError
from engine.integrate.lanes import Lanes

MOST_NUMBERS = 4_000_000
"""Numbers of all series that are kept at once."""


def named(measure: str) -> tuple[Method, str]:
    """The method and the name of its scalar.

    Raises
    ------
    ParameterError
        If there is no such method, or it analyses no single series.
    """
    key, _, name = measure.partition(".")
    found = methods()
    if key not in found or not name or found[key].takes not in ("series", "states"):
        raise ParameterError(
            f"'{measure}' is no scalar of a method that analyses a series; write METHOD.SCALAR, "
            "for example 'zero-one-test.K'"
        )
    return found[key], name


def batch(iterations: int) -> int:
    """Orbits whose series are kept at once."""
    return max(1, MOST_NUMBERS // iterations)


class ScalarMeasure:
    """The measure of one scalar."""

    def __init__(self, method: Method, name: str, variable: str) -> None:
        self.method, self.name, self.variable = method, name, variable

    def __call__(self, lanes: Lanes, task: Task) -> Work:
        from engine.analysis import _orbit_kernels as kernels

        count = lanes.lanes
        slices = Slices(count)
        yield from slices.move(lanes, task.transient, lanes.advance)
        samples = np.full((count, task.iterations), np.nan)
        counts, span = np.zeros(count, np.int64), np.zeros((count, 2))

        def take(trace: Any, steps: int, low: int, high: int) -> None:
            kernels.collect(trace, steps, samples, counts, low, high, span)

        def watch(steps: int) -> None:
            lanes.watch(steps, task.variable, take)

        yield from slices.move(lanes, task.transient + task.iterations, watch)
        values, errors = np.full(count, np.nan), np.full(count, np.nan)
        began = time.perf_counter()
        for lane in np.flatnonzero(lanes.failed < 0):
            series = Sampled(samples[lane][:, None], lanes.step, (self.variable,))
            try:
                job = self.method.start(Subject(series))
                while True:
                    next(job)
                    yield float(lanes.made)
            except StopIteration as stop:
                values[lane], errors[lane] = self._read(stop.value)
            except ParameterError:
                continue  # constant, too short for its embedding and the like
            if time.perf_counter() - began > SLICE:
                yield float(lanes.made)
                began = time.perf_counter()
        return values, errors

    def _read(self, result: Any) -> tuple[float, float]:
        scalars = {scalar.name: scalar for scalar in result.scalars()}
        if self.name not in scalars:
            raise ParameterError(
                f"{self.method.title} has no scalar '{self.name}'; it has "
                f"{', '.join(scalars) or 'none'}"
            )
        return scalars[self.name].value, scalars[self.name].stderr
