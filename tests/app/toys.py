"""A small exhibit whose every number is known, for tests of the document and the host."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from engine.exhibit import (
    Array,
    Channel,
    Exhibit,
    Frame,
    Pace,
    Parameter,
    Process,
    Value,
    Values,
    ViewSpec,
)


class CounterProcess(Process):
    """Counts: row k is (k, k * gain). A negative gain makes it fail on purpose."""

    def __init__(self, values: dict[str, Value]) -> None:
        self.values = values
        self.count = 0
        self.restarted = True

    def advance(self, budget: float, limit: float = math.inf) -> Frame:
        gain = float(self.values["gain"])
        if gain < 0:
            raise RuntimeError("the gain is negative")
        first = 0 if self.restarted else self.count
        self.count += int(min(limit, 1000))
        index = np.arange(first, self.count + (1 if self.restarted else 0), dtype=float)
        if not self.restarted:
            index += 1
        frame = Frame(
            float(self.count),
            {"count": np.column_stack([index, index * gain])},
            self.restarted,
            {"method": "counting", "step": 1.0},
        )
        self.restarted = False
        return frame

    def set(self, name: str, value: Value) -> None:
        self.values[name] = EXHIBIT.parameters[name].check(value)
        self.count, self.restarted = 0, True

    def state(self) -> dict[str, Array]:
        return {"count": np.array(self.count)}

    def restore(self, state: Mapping[str, Array]) -> None:
        self.count, self.restarted = int(state["count"]), True

    @property
    def finished(self) -> bool:
        return self.count >= 10_000


class Counter(Exhibit):
    """Counts."""

    key = "counter"
    title = "Counter"
    family = "toys"
    kind = "map"
    summary = "Counts."
    parameters: ClassVar[Mapping[str, Parameter]] = {
        "gain": Parameter("gain", 1.0, 0.0, 10.0),
        "mode": Parameter("mode", "a", scale="choice", choices=("a", "b")),
    }
    channels: ClassVar[Mapping[str, Channel]] = {
        "count": Channel("count", "scalar", names=("count",))
    }
    views = (ViewSpec("curves", "count"), ViewSpec("curves", "count", area="right"))
    pace = Pace("counts", 100.0, 1.0, 1000.0, 1.0)

    def start(self, values: Values, seed: int = 0) -> Process:
        return CounterProcess(self.checked(values))


EXHIBIT = Counter()
EXHIBITS: dict[str, Exhibit] = {"counter": EXHIBIT}
