"""Orbits with noise, with delays or of stiff equations that carry tangent vectors.

The carriers beside those of ``tangent`` whose kernels do more than a Runge-Kutta method:
they draw random numbers, keep history, or take exponentials of the Jacobian.
"""

from __future__ import annotations

import math
from typing import final

import numpy as np
from numpy.typing import NDArray

from engine.analysis import _tangent_delay as delay
from engine.analysis import _tangent_noise as noise
from engine.analysis import _tangent_stiff as stiff
from engine.analysis._tangent_frame import orthonormalise
from engine.analysis.tangent import Carrier, Pace
from engine.errors import ParameterError
from engine.systems.system import System

Array = NDArray[np.float64]
_STIFF_TOLERANCE = 1e-7
_LONGEST_HISTORY = 200_000  # steps that the longest delay may take


@final
class NoiseCarrier(Carrier):
    """A path of a stochastic system.

    Parameters
    ----------
    step : float or None
        That of the system's run where None.
    seed : int
        Same seed, same path.
    """

    method = "Heun drift and Euler-Maruyama noise, QR after every step"

    def __init__(
        self, system: System, parameters: Array, state: Array, step: float | None, seed: int
    ) -> None:
        super().__init__(system, parameters, state)
        self._step = system.run.step if step is None else step
        self._random = np.random.default_rng(seed)
        self._vectors = np.zeros((state.size, 0))
        self._volume = np.zeros(1)
        self._made = 0
        self._pace = Pace()

    def _begin(self, vectors: Array) -> None:
        self._vectors = vectors
        self._volume[0] = 0.0

    def advance(self, goal: float) -> bool:
        compiled = self.system.model.compiled
        last = round(goal / self._step)
        steps = min(self._pace.start(), last - self._made)
        increments = self._random.standard_normal((steps, len(self.system.noise)))
        increments *= math.sqrt(self._step)
        code, made = noise.advance(
            compiled.rhs,
            compiled.jacobian,
            compiled.diffusion,
            compiled.diffusion_slopes,
            orthonormalise,
            self.state,
            self._vectors,
            self.parameters,
            self.scale,
            self._made,
            self._step,
            increments,
            self.system.run.bound,
            self.extent,
            self.growth,
            self._volume,
        )
        self._pace.stop(made)
        self._made += made
        self.steps += made
        self.time = self._made * self._step
        complete = self.growth.size == self.state.size
        self.volume = float(self._volume[0]) if complete else math.nan
        if code == noise.LEFT:
            raise self.left()
        return self._made >= last


@final
class DelayCarrier(Carrier):
    """An orbit of a delay equation. It has as many exponents as one likes to ask for.

    Parameters
    ----------
    step : float or None
        That of the system's run where None; shorter where the shortest delay asks for it.
    """

    method = "RK4 with Hermite history, QR eight times within the longest delay"

    def __init__(self, system: System, parameters: Array, state: Array, step: float | None) -> None:
        super().__init__(system, parameters, state)
        model = system.model
        self._lags = np.asarray(model.lags(parameters), dtype=np.float64)
        positive = self._lags[self._lags > 0.0]
        wanted = system.run.step if step is None else step
        longest = float(positive.max(initial=wanted))
        # A whole number of steps in the longest delay: its ends then fall on steps.
        self._step = longest / math.ceil(
            longest / min(wanted, float(positive.min(initial=wanted))) - 1e-9
        )
        if positive.size and float(positive.min()) < self._step:
            self._step = float(positive.min())
        self._which = np.array(model.delayed, dtype=np.int64)
        self._kept = np.unique(self._which)
        self._slots = np.searchsorted(self._kept, self._which).astype(np.int64)
        rows = math.ceil(longest / self._step) + 4
        if rows > _LONGEST_HISTORY:
            raise ParameterError(
                f"the longest delay of '{system.key}', {longest:g}, takes {rows:,} steps of "
                f"{self._step:g}; at most {_LONGEST_HISTORY:,} can be kept"
            )
        self._every = max(1, rows // 8)
        self._made = 0
        self._past, self._past_slopes = self._history(rows)
        self._vectors = np.zeros((state.size, 0))
        self._old, self._old_slopes = (np.zeros((rows, self._kept.size, 0)) for _ in range(2))
        self._whole = np.zeros((self.room, 0))
        self._pace = Pace()

    @property
    def room(self) -> int:
        return self.state.size + 2 * self._past.size

    def _history(self, rows: int) -> tuple[Array, Array]:
        """What the kept variables and their slopes were at the steps before time 0."""
        history, start = self.system.model.compiled.history, self.state.copy()
        past, slopes = (np.zeros((rows, self._kept.size)) for _ in range(2))
        around = 0.01 * self._step
        out, late, early = np.empty_like(start), np.empty_like(start), np.empty_like(start)
        for back in range(1, rows):
            time = -back * self._step
            history(time, start, self.parameters, out)
            history(time + around, start, self.parameters, late)
            history(time - around, start, self.parameters, early)
            past[-back % rows] = out[self._kept]
            slopes[-back % rows] = (late - early)[self._kept] / (2.0 * around)
        return past, slopes

    def _begin(self, vectors: Array) -> None:
        n, size, count = self.state.size, self._past.size, vectors.shape[1]
        shape = (*self._past.shape, count)
        self.scale = np.ones(n)
        self._vectors = np.ascontiguousarray(vectors[:n])
        self._old = np.ascontiguousarray(vectors[n : n + size].reshape(shape))
        self._old_slopes = np.zeros(shape)
        self._whole = np.zeros((self.room, count))
        self.volume = math.nan

    def advance(self, goal: float) -> bool:
        compiled = self.system.model.compiled
        last = round(goal / self._step)
        code, made = delay.advance(
            compiled.rhs,
            compiled.jacobian,
            compiled.delay_jacobian,
            orthonormalise,
            self.state,
            self._vectors,
            self.parameters,
            self._lags,
            self._which,
            self._slots,
            self._kept,
            self._past,
            self._past_slopes,
            self._old,
            self._old_slopes,
            self._made,
            self._step,
            min(self._pace.start(), last - self._made),
            self._every,
            self.system.run.bound,
            self.extent,
            self.growth,
            self._whole,
        )
        self._pace.stop(made)
        self._made += made
        self.steps += made
        self.time = self._made * self._step
        self.volume = math.nan
        if code == delay.LEFT:
            raise self.left()
        return self._made >= last


@final
class StiffCarrier(Carrier):
    """An orbit of stiff equations."""

    def __init__(self, system: System, parameters: Array, state: Array) -> None:
        super().__init__(system, parameters, state)
        self.method = (
            f"exponential midpoint rule, tolerance {_STIFF_TOLERANCE:g}, QR after every half "
            "step; decay below rounding from the divergence"
        )
        self._clock = np.zeros(3)
        self._forced = not system.model.autonomous
        self._vectors = np.zeros((state.size, 0))
        self._pace = Pace()

    def _begin(self, vectors: Array) -> None:
        self._vectors = vectors
        self._clock[2] = 0.0

    def advance(self, goal: float) -> bool:
        compiled = self.system.model.compiled
        code, tried = stiff.advance(
            compiled.rhs,
            compiled.jacobian,
            compiled.time_derivative if self._forced else compiled.rhs,
            int(self._forced),
            orthonormalise,
            self._clock,
            self.state,
            self._vectors,
            self.parameters,
            self.scale,
            goal,
            _STIFF_TOLERANCE,
            self.system.run.bound,
            self.extent,
            self.growth,
            self._pace.start(),
        )
        self._pace.stop(tried)
        self.steps += tried
        self.time = float(self._clock[0])
        self.volume = float(self._clock[2]) if self.growth.size else math.nan
        if code == stiff.LEFT:
            raise self.left()
        if code == stiff.STUCK:
            raise ParameterError(
                f"'{self.system.key}' has no Lyapunov exponents from here: no step is short "
                f"enough at t = {self.time:.7g}"
            )
        return bool(code == stiff.REACHED)
