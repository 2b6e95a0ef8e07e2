"""One orbit as a live exhibit holds it: in legs that can be gone again from a place.

Part of ``_system_process``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.exhibit import Value

if TYPE_CHECKING:
    from engine.integrate.runs import Stop
    from engine.systems.system import System

Rows = NDArray[np.float64]

LEG = 100_000
"""Steps of a leg; also the most that one call of a kernel computes."""


class Leg:
    """One orbit in legs: a stream, where its leg began, and the steps made since.

    With noise, delays or events the future depends on more than a place: such an orbit is one
    leg for ever, and is restored from the stream's memory.

    Parameters
    ----------
    system, values, method, step
        As for ``engine.integrate.stream.Stream``.
    origin : array (1 + n,)
        Time and state to start from.
    seed : int
        Of the noise.
    """

    def __init__(
        self,
        system: System,
        values: Mapping[str, Value],
        method: str,
        step: float | None,
        origin: Rows,
        seed: int,
    ) -> None:
        from engine.integrate.stream import Stream

        self.origin = np.array(origin, dtype=np.float64)
        self.steps = 0
        self._remembers = system.stochastic or system.delayed or system.hybrid
        self._stream = Stream(
            system, values, self.origin[1:], method, step, time=float(self.origin[0]), seed=seed
        )

    def advance(self, steps: int) -> Rows:
        """Up to `steps` rows, fewer where the orbit stopped or the leg ended."""
        if self._remembers:
            made: Rows = self._stream.advance(min(steps, LEG))
            self.steps += len(made)
            return made
        if self.steps >= LEG and self._stream.stopped is None:
            self.origin = self._stream.row[0]
            self._stream.restart(self.origin[1:], time=float(self.origin[0]))
            self.steps = 0
        rows: Rows = self._stream.advance(min(steps, LEG - self.steps))
        self.steps += len(rows)
        return rows

    def replay(self, steps: int, stopped: bool, memory: Rows) -> None:
        """Go `steps` steps from the origin without showing them, or recall where they led."""
        if self._remembers:
            self._stream.recall(memory)
        else:
            self._stream.advance(steps + int(stopped))
        self.steps = steps

    @property
    def memory(self) -> Rows:
        """What the future depends on where a place is not enough; else nothing."""
        return self._stream.memory() if self._remembers else np.empty(0)

    @property
    def suggestion(self) -> str:
        """What would do better than the method, as a sentence; else nothing."""
        return self._stream.suggestion

    @property
    def row(self) -> Rows:
        """Time and state now, shape ``(1, 1 + n)``."""
        return self._stream.row

    @property
    def stopped(self) -> Stop | None:
        """Why the orbit ended, None while it goes on."""
        return self._stream.stopped

    @property
    def error(self) -> float:
        """Estimated local error of a step here."""
        return float(self._stream.error)

    @property
    def step(self) -> float:
        """Time between two rows."""
        return float(self._stream.step)
