"""A run that is fed to a screen: small pieces, parameters that change under way.

`Stream` is what a live exhibit holds. It allocates one array a call and nothing else, so
that ten steps cost microseconds. A finished trajectory is ``solve.simulate``.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from engine.errors import ParameterError
from engine.exhibit import Values
from engine.integrate import compile
from engine.integrate.runs import (
    FixedRun,
    Run,
    Stop,
    checked_method,
    checked_seed,
    checked_step,
    positive,
    start_run,
)

if TYPE_CHECKING:
    from engine.systems.system import System

Array = NDArray[np.float64]

_FORMAT = 1.0
"""What a memory begins with; another number where it holds other things."""


class Stream:
    """An orbit that goes on for as long as it is asked to. Used by one thread at a time.

    Parameters
    ----------
    system : System
    values : mapping, optional
        Parameter values; missing ones take their defaults.
    initial : sequence of n floats, optional
        The system's own initial state where absent.
    method : str, optional
        One of ``engine.integrate.methods.methods_for(system)``; the system's own where absent.
    step : float, optional
        The grid of the rows, and the step of methods that do not choose their own.
    every : int
        A row is stored every so many steps.
    rtol, atol : float
        Tolerances of adaptive methods.
    bound : float, optional
        The run stops where ``|x| > bound`` for any variable.
    cancel : array (1,) of int64, optional
        Another thread sets it to anything but 0 to make `advance` return within microseconds.
    background : bool
        Whether to have a specialised kernel compiled in the background. The numbers are the
        same with and without it.
    seed : int
        Of the noise, where there is any: same seed, same path.

    Raises
    ------
    ParameterError, UnknownKeyError
        If a value, the initial state, the step or the method cannot be used.

    Examples
    --------
    >>> stream = Stream(engine.systems()["lorenz"], {"rho": 99.65})
    >>> rows = stream.advance(1000)          # (1000, 4): t, x, y, z
    >>> stream.set_values({"rho": 28.0})     # from the state it is in
    """

    def __init__(
        self,
        system: System,
        values: Values | None = None,
        initial: Sequence[float] | Array | None = None,
        method: str | None = None,
        step: float | None = None,
        *,
        time: float = 0.0,
        every: int = 1,
        rtol: float = 1e-8,
        atol: float = 1e-8,
        bound: float | None = None,
        cancel: NDArray[np.int64] | None = None,
        background: bool = True,
        seed: int = 0,
    ) -> None:
        self.system = system = system.at(values)
        self._given: dict[str, Any] = dict(values or {})
        self._initial = system.state(initial)
        self._method = checked_method(system, method)
        self._step = checked_step(system, step)
        self._every = max(1, int(every))
        self._rtol, self._atol = positive("rtol", rtol), positive("atol", atol)
        self._bound = bound
        self._cancel = np.zeros(1, np.int64) if cancel is None else cancel
        self._time = float(time)
        self._seed = checked_seed(seed)
        self._past = 0
        self._run = self._start(self._initial, self._time)
        if background and isinstance(self._run, FixedRun) and self._run.specialises:
            compile.request(system, [self._run.part])

    def advance(self, steps: int) -> Array:
        """Go `steps` steps further.

        Parameters
        ----------
        steps : int
            Steps of length `step`. 100,000 RK4 steps of the Lorenz system take 2 to 5 ms.

        Returns
        -------
        array (m, 1 + n)
            Time and state after every `every`-th step; fewer where the run stopped or was
            cancelled. The caller owns it.
        """
        run, goal = self._run, self._run.grid + steps
        rows = np.empty((run.rows(steps), 1 + self.system.dimension))
        written = 0
        while run.grid < goal and run.stopped is None and not self._cancel[0]:
            written += run.advance(goal - run.grid, rows[written:])
        return rows if written == len(rows) else rows[:written].copy()

    @property
    def t(self) -> float:
        """Time of `state`."""
        return self._run.time

    @property
    def state(self) -> Array:
        """A copy of the present state, shape ``(n,)``."""
        return self._run.state.copy()

    @property
    def row(self) -> Array:
        """Present time and state as one row, shape ``(1, 1 + n)``."""
        return np.concatenate(([self._run.time], self._run.state))[np.newaxis]

    @property
    def stopped(self) -> Stop | None:
        """Why the run stopped, None while it can go on."""
        return self._run.stopped

    @property
    def steps(self) -> int:
        """Steps the method made so far."""
        return self._past + self._run.steps

    @property
    def error(self) -> float:
        """Estimated local error of a step at the present state, in units of the state.

        By step doubling for a fixed step; the largest that was accepted for an adaptive one;
        NaN with noise or delays.
        """
        return self._run.error(self.row)

    @property
    def method(self) -> str:
        """Key of the method."""
        return self._method

    @property
    def step(self) -> float:
        """Length of a step of the grid."""
        return self._step

    @property
    def seed(self) -> int:
        """Seed of the noise."""
        return self._seed

    @property
    def suggestion(self) -> str:
        """What would do better than this method, as a sentence; empty where nothing would.

        It is there where an explicit method crawls because the equations are stiff.
        """
        return self._run.suggestion

    @property
    def events(self) -> Array:
        """Events so far, ``(k, 2 + n)``: time, index of the event, the state before it.

        The last 100,000 of them since the start. With noise an event is seen at the end of
        a step.
        """
        return self._run.happened

    @property
    def values(self) -> dict[str, float]:
        """All parameter values but arrays, by name."""
        return dict(zip(self.system.parameters, self._run.values.tolist(), strict=False))

    def set_values(self, values: Values) -> None:
        """Change the parameters named, leave the others, go on from the present state.

        The noise goes on where it was, and the past of a system with delays stays.

        Raises
        ------
        ParameterError
            If a name is unknown or a value is not a finite number; nothing is changed then.
        """
        given = self._given | dict(values)
        checked = self.system.values(given)
        run = self._start(self._run.state, self._run.time, checked, self._run)
        self._given = given
        self._past += self._run.steps
        self._run = run

    def set_method(self, method: str | None = None, step: float | None = None) -> None:
        """Change the method, the step or both, and go on from the present state."""
        former = self._method, self._step
        self._method = checked_method(self.system, method or self._method)
        self._step = checked_step(self.system, step or self._step)
        try:
            run = self._start(self._run.state, self._run.time, self._run.values, self._run)
        except ParameterError:
            self._method, self._step = former
            raise
        self._past += self._run.steps
        self._run = run

    def restart(
        self, initial: Sequence[float] | Array | None = None, time: float | None = None
    ) -> None:
        """Begin anew at `initial`, or where this stream began.

        Noise begins anew with its seed, and what was before is the system's history: to go on
        from a place of the same run, take `memory` and `recall`.
        """
        self._initial = self._initial if initial is None else self.system.state(initial)
        self._past = 0
        self._run = self._start(
            self._initial, self._time if time is None else float(time), self._run.values
        )

    def memory(self) -> Array:
        """Where this stream stands, as one array of numbers that `recall` takes back.

        It holds, beside time and state, whatever else the future depends on: how the step is
        controlled, and an event that was found ahead; on which side of zero every event is;
        how far into the random numbers of its seed a run with noise is; as much of the past
        as the longest lag of a system with delays reaches back. Why a run stopped is in it
        as well. Parameter values are not, nor is the record of `events`.
        """
        head = [_FORMAT, self._mark(), float(self._past)]
        return np.concatenate((head, self._run.memory()))

    def recall(self, memory: Array) -> None:
        """Stand where a stream stood when its `memory` was taken, and go on exactly as it did.

        This stream is to have the same system, parameter values, method, step and seed.

        Raises
        ------
        ParameterError
            If `memory` comes from another system, method, step or seed, or is no memory at
            all; nothing is changed then.
        """
        given = np.asarray(memory, dtype=np.float64).ravel()
        if given.size < 4 or given[0] != _FORMAT or given[1] != self._mark():
            raise ParameterError(
                f"what was kept is not a run of '{self.system.key}' by {self._method}; take a "
                "stream with the same equations and method, or restart it"
            )
        run = self._start(self._run.state, self._run.time, self._run.values.copy())
        run.recall(given[3:])
        self._past = int(given[2])
        self._run = run

    def _mark(self) -> float:
        return float(zlib.crc32(f"{self.system.model.digest} {self._method}".encode()))

    def _start(
        self, state: Array, time: float, values: Array | None = None, former: Run | None = None
    ) -> Run:
        checked = self.system.values(self._given) if values is None else values
        return start_run(
            self.system,
            checked,
            state.copy(),
            key=self._method,
            step=self._step,
            time=time,
            every=self._every,
            rtol=self._rtol,
            atol=self._atol,
            bound=self._bound,
            cancel=self._cancel,
            seed=self._seed,
            former=former,
        )
