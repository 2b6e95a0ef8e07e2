"""Events of a run: on which side they are, what they do, and when there are too many.

Drivers notice that an event may have happened and ``drivers.events`` finds the place; a
`Watch` holds the signs between, applies the resets and keeps a record. It moves no state
through time.

An event counts again only after it left zero. Where a reset leaves it at zero, as when a
ball is turned round on the floor, the slope of the event along the flow says to which side it
goes. Events that fall together are taken one after the other, each on the state that the one
before left.
"""

from __future__ import annotations

import math
from collections import deque
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.integrate import codes

if TYPE_CHECKING:
    from engine.systems.system import System

Array = NDArray[np.float64]

KEPT = 100_000
"""Events that are remembered."""
TOGETHER = 1e-9
"""Share of a step within which events pile up."""

_DIRECTIONS = {"up": 1.0, "down": -1.0, "both": 0.0}


class Watch:
    """The events of one run.

    Parameters
    ----------
    system : System
    values : array (p,)
        Those of the run; the array itself, so that changes are seen.
    step : float
        Of the grid.

    Attributes
    ----------
    event : callable
        ``event(t, state, values, out)``; the right-hand side where there are no events.
    gauge : array (GAUGE, events)
        What drivers share, see ``codes``.
    """

    def __init__(self, system: System, values: Array, step: float) -> None:
        self.system = system
        self.values = values
        self.step = step
        self.count = len(system.events)
        compiled = system.model.compiled
        self.event = compiled.event if self.count else compiled.rhs
        self.gauge = np.zeros((codes.GAUGE, self.count))
        self.gauge[codes.DIRECTION] = [_DIRECTIONS[event.direction] for event in system.events]
        self.log: deque[Array] = deque(maxlen=KEPT)
        self.recent = np.full(2 * self.count + 8, -math.inf)
        self.point = np.empty(system.dimension)

    def __bool__(self) -> bool:
        return self.count > 0

    @property
    def record(self) -> Array:
        """All events that are remembered, ``(k, 2 + n)``."""
        return np.array(self.log).reshape(-1, 2 + self.system.dimension)

    def fine(self, begin: float, length: float) -> float:
        """To what share of a step a place is found: what time resolves."""
        return max(4.0 * math.ulp(max(abs(begin), abs(begin + length))) / length, 4e-16)

    def arm(self, t: float, state: Array) -> None:
        """Take the sides of all events at a state."""
        signs, sizes = self.gauge[codes.SIGN], self.measure(t, state)
        for k in range(self.count):
            near = self._near(k, sizes[k], t, state)
            signs[k] = math.copysign(1.0, self.slope(k, t, state)) if near else np.sign(sizes[k])

    def settle(self, t: float, state: Array, found: bool = False) -> None:
        """Take the sides at the end of a step.

        An event that passed zero by rounding alone, where its place was not found, keeps its
        side and happens in the next step; with `found` it takes the new one.
        """
        signs, sides = self.gauge[codes.SIGN], np.sign(self.measure(t, state))
        ways = self.gauge[codes.DIRECTION]
        counts = (signs * sides < 0.0) & ((ways == 0.0) | (ways == sides))
        moved = (sides != 0.0) & (found | ~counts)
        signs[moved] = sides[moved]

    def crossed(self, t: float, state: Array) -> list[int]:
        """Events that are on another side than they were, in a direction that counts."""
        sizes, signs, ways = (
            self.measure(t, state),
            self.gauge[codes.SIGN],
            self.gauge[codes.DIRECTION],
        )
        return [
            k
            for k in range(self.count)
            if signs[k] * np.sign(sizes[k]) < 0.0 and ways[k] in (0.0, np.sign(sizes[k]))
        ]

    def fire(self, k: int, t: float, state: Array) -> tuple[Array, int]:
        """Let event `k` happen.

        Returns
        -------
        array (n,)
            The state after it.
        int
            ``codes.DONE``, or why the run ends here.
        """
        self.log.append(np.concatenate(([t, float(k)], state)))
        before = self.measure(t, state)
        after = state.copy()
        self.system.model.compiled.resets[k](t, state, self.values, after)
        sizes, signs = self.measure(t, after), self.gauge[codes.SIGN]
        ways = self.gauge[codes.DIRECTION]
        for j in range(self.count):
            if j == k:
                # Found to what time resolves, so what is left of it is as good as zero.
                if abs(sizes[j]) <= 4.0 * abs(before[j]) or self._near(j, sizes[j], t, after):
                    signs[j] = np.sign(self.slope(j, t, after))
                else:
                    signs[j] = np.sign(sizes[j])
            elif not self._near(j, sizes[j], t, after):
                signs[j] = np.sign(sizes[j])
            elif ways[j] == signs[j] and self.slope(j, t, state) * signs[j] < 0.0:
                # Passing zero in the direction that does not count. In the one that does, it
                # keeps its side, and happens next.
                signs[j] = -signs[j]
        self.recent = np.append(self.recent[1:], t)
        if self.system.events[k].terminal:
            return after, codes.TERMINAL
        if t - self.recent[0] < max(TOGETHER * self.step, 64.0 * math.ulp(t)):
            return after, codes.PILED
        return after, codes.DONE

    def measure(self, t: float, state: Array) -> Array:
        """All events at a state; a fresh array."""
        out = np.empty(self.count)
        self.event(t, state, self.values, out)
        return out

    def slope(self, k: int, t: float, state: Array) -> float:
        """How fast event `k` changes along the flow."""
        compiled, n = self.system.model.compiled, state.size
        gradient, flow = np.empty((self.count, n + 1)), np.empty(n)
        compiled.event_gradient(t, state, self.values, gradient)
        compiled.rhs(t, state, self.values, flow)
        return float(gradient[k, :n] @ flow + gradient[k, n])

    def _near(self, k: int, size: float, t: float, state: Array) -> bool:
        """Whether an event is at zero but for rounding."""
        if size == 0.0:
            return True
        # The slope has to be compiled: only where there is some chance.
        if abs(size) > 1e-7 * (1.0 + float(np.abs(state).max())):
            return False
        return abs(size) <= 1e-10 * self.step * abs(self.slope(k, t, state))

    def save(self) -> list[Array]:
        """What a run has to remember of its events."""
        return [self.gauge, self.recent]

    def load(self, parts: list[Array]) -> None:
        """Take back what `save` gave."""
        self.gauge[:] = parts[0].reshape(self.gauge.shape)
        self.recent = parts[1].copy()
