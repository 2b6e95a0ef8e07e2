"""A run that is fed to a screen: small pieces, parameters that change under way.

`Stream` is what a live exhibit holds. It allocates one array a call and nothing else, so
that ten steps cost microseconds. A finished trajectory is ``solve.simulate``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.exhibit import Values
from engine.integrate import compile
from engine.integrate.kernels import LARGEST
from engine.integrate.runs import Run, Stop, checked_method, checked_step, positive, start_run

if TYPE_CHECKING:
    from engine.systems.system import System

Array = NDArray[np.float64]


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
        A key of ``engine.integrate.methods.METHODS``, ``iterate`` for maps.
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
    ) -> None:
        self.system = system
        self._given: dict[str, float | int | str] = dict(values or {})
        self._initial = system.state(initial)
        self._method = checked_method(system, method)
        self._step = checked_step(system, step)
        self._every = max(1, int(every))
        self._rtol, self._atol = positive("rtol", rtol), positive("atol", atol)
        self._bound = bound
        self._cancel = np.zeros(1, np.int64) if cancel is None else cancel
        self._time = float(time)
        self._past = 0
        self._run = self._start(self._initial, self._time)
        if background and system.dimension <= LARGEST and hasattr(self._run, "part"):
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

        By step doubling for a fixed step; the largest that was accepted for an adaptive one.
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
    def values(self) -> dict[str, float]:
        """All parameter values, by name."""
        return dict(zip(self.system.parameters, self._run.values.tolist(), strict=True))

    def set_values(self, values: Values) -> None:
        """Change the parameters named, leave the others, go on from the present state.

        Raises
        ------
        ParameterError
            If a name is unknown or a value is not a finite number; nothing is changed then.
        """
        given = self._given | dict(values)
        checked = self.system.values(given)
        self._given = given
        self._past += self._run.steps
        self._run = self._start(self._run.state, self._run.time, checked)

    def set_method(self, method: str | None = None, step: float | None = None) -> None:
        """Change the method, the step or both, and go on from the present state."""
        self._method = checked_method(self.system, method or self._method)
        self._step = checked_step(self.system, step or self._step)
        self._past += self._run.steps
        self._run = self._start(self._run.state, self._run.time, self._run.values)

    def restart(
        self, initial: Sequence[float] | Array | None = None, time: float | None = None
    ) -> None:
        """Begin anew at `initial`, or where this stream began."""
        self._initial = self._initial if initial is None else self.system.state(initial)
        self._past = 0
        self._run = self._start(
            self._initial, self._time if time is None else float(time), self._run.values
        )

    def _start(self, state: Array, time: float, values: Array | None = None) -> Run:
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
        )
