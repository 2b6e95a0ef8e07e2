"""A flow with events that carries tangent vectors: what an event does to them.

The kernel of ``_tangent_flow`` stops where an event happens; here the state jumps and the
vectors take the saltation matrix, which says where a neighbour, that meets the event a
little earlier or later, is afterwards. A right-hand side that jumps where the state does
not is treated alike, see ``_tangent_switches``.

References
----------
P. C. Müller, Calculation of Lyapunov exponents for dynamic systems with discontinuities,
Chaos, Solitons & Fractals 5, 1671-1681 (1995).
"""

from __future__ import annotations

from time import perf_counter
from typing import final

import numpy as np
from numpy.typing import NDArray

from engine.analysis import _tangent_flow as flow
from engine.analysis._tangent_frame import orthonormalise
from engine.analysis._tangent_switches import SlidingError
from engine.analysis.tangent import SLICE, FlowCarrier
from engine.errors import ParameterError
from engine.systems.system import System

Array = NDArray[np.float64]
_SENSES = {"up": 1.0, "down": -1.0, "both": 0.0}
_CROWD = 1000  # events in next to no time that mean that there will be no end of them


@final
class EventCarrier(FlowCarrier):
    """A flow whose state jumps where an event happens.

    Parameters
    ----------
    switches : bool
        Whether the events are places where the equations jump and not the state.
    """

    def __init__(
        self,
        system: System,
        parameters: Array,
        state: Array,
        step: float | None = None,
        switches: bool = False,
    ) -> None:
        super().__init__(system, parameters, state, step)
        self._switches = switches
        self.method += f", saltation at {'switches' if switches else 'events'}"
        events = system.model.events
        self._compiled = system.model.compiled
        self._gauges = np.zeros((3, len(events)))
        self._gauges[1] = [_SENSES[event.direction] for event in events]
        self._compiled.event(0.0, self.state, parameters, self._gauges[0])
        # Two passages within one step would go unseen; the run's own step sees them.
        self._settings[flow.LONGEST] = 4.0 * system.run.step
        self._crowd = 0
        self._last = -np.inf

    def advance(self, goal: float) -> bool:
        self._settings[flow.GOAL] = goal
        began = perf_counter()
        while True:
            code = self._run()
            if code == flow.EVENT:
                self._jump(self._happened)
            if code == flow.REACHED:
                return True
            if perf_counter() - began > SLICE:
                return False

    def _event(self) -> object:
        return self._compiled.event

    def _jump(self, which: int) -> None:
        """The state jumps, and the vectors with it."""
        event, time = self.system.model.events[which], self.time
        if event.terminal:
            raise ParameterError(
                f"'{self.system.key}' has no Lyapunov exponents from here: the run ends at "
                f"t = {time:.7g}, where {event.when} passes zero"
            )
        self._crowd = self._crowd + 1 if time - self._last < 1e-12 * max(1.0, time) else 0
        self._last = time
        if self._crowd > _CROWD:
            raise ParameterError(
                f"'{self.system.key}' has no Lyapunov exponents from here: events without end "
                f"at t = {time:.7g}"
            )
        before, after = self.state.copy(), np.empty_like(self.state)
        self._compiled.resets[which](time, before, self.parameters, after)
        if self.growth.size or self._switches:
            matrix = self.saltation(which, before, after)
            if self.growth.size:
                self._turn(matrix)
        self.state[:] = after
        values = self._gauges[0]
        near = 1e-9 * (1.0 + np.abs(values[which]))
        self._compiled.event(time, self.state, self.parameters, values)
        if abs(values[which]) <= near:
            # Still on the threshold: not armed until it was left.
            values[which] = 0.0
        self._clock[flow.READY] = flow.NOTHING

    def _turn(self, matrix: Array) -> None:
        n = self.state.size
        whole = self._z[n : self._volume_at].reshape(n, -1)
        whole[:] = (matrix * self.scale / self.scale[:, None]) @ whole
        orthonormalise(whole, self.growth)
        sign, logarithm = np.linalg.slogdet(matrix)
        self._z[self._volume_at] += logarithm if sign else -np.inf

    def saltation(self, which: int, before: Array, after: Array) -> Array:
        """What event `which` does to small differences, shape ``(n, n)``."""
        n, time, compiled = before.size, self.time, self._compiled
        slopes = np.empty((self._gauges.shape[1], n + 1))
        compiled.event_gradient(time, before, self.parameters, slopes)
        gradient, drift = slopes[which, :n], slopes[which, n]
        come, go = np.empty(n), np.empty(n)
        compiled.rhs(time, before, self.parameters, come)
        if self._switches:
            # The slopes on this side of the switch and on the other.
            length = max(float(gradient @ gradient), 1e-300)
            away = gradient * (1e-9 * max(1e-6, float(np.abs(before).max())) / length**0.5)
            away *= 1.0 if gradient @ come + drift >= 0.0 else -1.0
            compiled.rhs(time, before - away, self.parameters, come)
            after = after + away
        compiled.rhs(time, after, self.parameters, go)
        if self._switches and (gradient @ come + drift) * (gradient @ go + drift) <= 0.0:
            raise SlidingError(
                f"'{self.system.key}' slides along {self.system.model.events[which].when} = 0 "
                f"from t = {time:.7g}"
            )
        jump = np.empty((n, n))
        compiled.reset_jacobians[which](time, before, self.parameters, jump)
        # What the reset itself does over time, where it depends on time.
        around = 1e-6 * max(1.0, abs(time))
        late, early = np.empty(n), np.empty(n)
        compiled.resets[which](time + around, before, self.parameters, late)
        compiled.resets[which](time - around, before, self.parameters, early)
        moved = (late - early) / (2.0 * around)
        rate = float(gradient @ come + drift)
        if rate == 0.0:
            raise ParameterError(
                f"'{self.system.key}' has no Lyapunov exponents from here: the orbit only "
                f"touches an event at t = {time:.7g}"
            )
        return np.asarray(jump + np.outer(go - jump @ come - moved, gradient) / rate)
