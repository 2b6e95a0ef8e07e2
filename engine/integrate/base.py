"""What every run has in common: a state, a clock, an end that is told, a memory.

Runs move one orbit in pieces; each kind of method has a file of its own (``fixed_run``,
``adaptive_run``, ``hybrid_run``, ``noise_run``, ``delay_run``), and ``runs`` chooses among
them. Nothing here integrates.

For developers: a kind of run writes `advance`, `time`, `steps`, `error`, `_save` and `_load`;
whatever the pieces `advance` is asked for, the numbers must be the same.
"""

from __future__ import annotations

import math
import sys
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.errors import ParameterError
from engine.integrate import codes

if TYPE_CHECKING:
    from engine.systems.system import System

Array = NDArray[np.float64]
Flags = NDArray[np.int64]


@dataclass(frozen=True)
class Stop:
    """Why and where a run stopped.

    Attributes
    ----------
    time : float
        Of the state that was refused, or of the event; the last row is before it.
    step : int
        Index of the step that failed, counted from the start of the run.
    variable : str
        The variable at fault, empty where there is none.
    reason : str
        A sentence, for example ``left the region |x| > 1e6 at t = 3.2``. That of an event
        which ends the run begins with ``event``.
    """

    time: float
    step: int
    variable: str
    reason: str


def plain(value: float) -> str:
    """A number as people write it: ``1e6``, not ``1e+06``."""
    mantissa, mark, exponent = f"{value:.6g}".partition("e")
    return f"{mantissa}e{int(exponent)}" if mark else mantissa


def finite_bound(bound: float) -> float:
    """A bound that infinity does not pass."""
    return min(abs(float(bound)), sys.float_info.max)


def positive(name: str, value: float) -> float:
    """`value` as a finite float above 0.

    Raises
    ------
    ParameterError
        If it is none.
    """
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not (math.isfinite(number) and number > 0.0):
        raise ParameterError(f"{name} must be a finite number above 0, got {value!r}")
    return number


class Run(ABC):
    """One orbit in pieces.

    Attributes
    ----------
    state : array (n,)
        Where the orbit is at `time`.
    stopped : Stop or None
    grid : int
        Steps of the grid, each `step` long, made so far.
    cancel : array (1,) of int64
        Anything but 0 makes `advance` return soon; another thread may set it.
    """

    stopped: Stop | None = None
    grid: int = 0

    def __init__(
        self,
        system: System,
        values: Array,
        state: Array,
        start: float,
        step: float,
        bound: float,
        cancel: Flags | None,
        every: int,
    ) -> None:
        self.system = system
        self.values = values
        self.state = state
        self.start = start
        self.step = step
        self.bound = bound
        self.cancel = np.zeros(1, np.int64) if cancel is None else cancel
        self.every = every
        self._end = (0, 0.0, 0, 0)

    def rows(self, steps: int) -> int:
        """How many rows the next `steps` steps of the grid write, one every `every`."""
        return (self.grid + steps) // self.every - self.grid // self.every

    @abstractmethod
    def advance(self, steps: int, rows: Array) -> int:
        """Make `steps` steps of the grid, write `rows`, return how many rows were written.

        Fewer come where the run stops, is cancelled or has worked long enough for one call:
        look at `stopped` and `grid`, and call again.
        """

    @property
    @abstractmethod
    def time(self) -> float:
        """Time of `state`."""

    @property
    @abstractmethod
    def steps(self) -> int:
        """Steps the method made so far, rejected ones included."""

    @abstractmethod
    def error(self, rows: Array) -> float:
        """Estimated local error of one step, in units of the state; NaN where none is known.

        `rows` ``(k, 1 + n)`` are places of the orbit where a fixed step is examined.
        """

    @property
    def suggestion(self) -> str:
        """What would do better than this method, as a sentence; empty where nothing would."""
        return ""

    @property
    def happened(self) -> Array:
        """Events so far, ``(k, 2 + n)``: time, index of the event, the state before it."""
        return np.empty((0, 2 + self.system.dimension))

    def follow(self, former: Run) -> None:  # noqa: B027  (nothing to take over by default)
        """Take over what a former run of the same orbit knows beside its state."""

    # ------------------------------------------------------------ memory

    def memory(self) -> Array:
        """All that this run needs to go on exactly as it would, as one array."""
        parts = [
            np.array([self.start, self.step, self.every, self.grid, *self._end], np.float64),
            self.state,
            *self._save(),
        ]
        sizes = [float(len(parts)), *(float(part.size) for part in parts)]
        return np.concatenate([sizes, *(np.ravel(part) for part in parts)]).astype(np.float64)

    def recall(self, memory: Array) -> None:
        """Stand where a run of the same system, method and step stood.

        Raises
        ------
        ParameterError
            If `memory` is not that of such a run; the run then is where it was.
        """
        parts = self._taken_apart(memory)
        head, state = parts[0], parts[1]
        if len(head) != 8 or state.size != self.state.size or head[1] != self.step:
            raise self._foreign()
        self._load(parts[2:])
        self.state[:] = state
        self.start, self.every, self.grid = float(head[0]), int(head[2]), int(head[3])
        code, time, step, index = int(head[4]), float(head[5]), int(head[6]), int(head[7])
        self.stopped = None
        if code:
            self._stop_at(code, time, step, index)

    @abstractmethod
    def _save(self) -> list[Array]:
        """What there is beside state, clock and end."""

    @abstractmethod
    def _load(self, parts: list[Array]) -> None:
        """Take back what `_save` gave; raise `_foreign()` and change nothing if it is not that."""

    def _taken_apart(self, memory: Array) -> list[Array]:
        whole = np.asarray(memory, dtype=np.float64).ravel()
        count = int(whole[0]) if whole.size and math.isfinite(whole[0]) else 0
        if count < 2 or whole.size < 1 + count or not np.isfinite(whole[: 1 + count]).all():
            raise self._foreign()
        ends = 1 + count + np.cumsum(whole[1 : 1 + count]).astype(np.int64)
        if ends[-1] != whole.size:
            raise self._foreign()
        return np.split(whole[1 + count :], ends[:-1] - (1 + count))

    def _foreign(self) -> ParameterError:
        return ParameterError(
            f"what was kept is not a run of '{self.system.key}' with this method and step; take "
            "a new start instead"
        )

    @staticmethod
    def _fit(parts: Sequence[Array], wanted: Sequence[Array]) -> bool:
        """Whether parts have the sizes of the arrays they go into."""
        return len(parts) == len(wanted) and all(
            part.size == array.size for part, array in zip(parts, wanted, strict=True)
        )

    # ------------------------------------------------------------ ends

    def _stop(self, code: int, time: float, step: int, refused: Array) -> None:
        """Stop at a state that was refused."""
        index = 0
        if code == codes.LEFT or not np.isfinite(refused).all():
            bad = np.flatnonzero(~(np.abs(refused) <= self.bound))
            index = int(bad[0]) if bad.size else 0
            code = codes.NO_NUMBER if math.isnan(refused[index]) else codes.LEFT
        self._stop_at(code, time, step, index)

    def _stop_at(self, code: int, time: float, step: int, index: int) -> None:
        time = float(time)
        self._end = (code, time, step, index)
        map_ = self.system.kind == "map"
        where = f"at iteration {round(time)}" if map_ else f"at t = {plain(time)}"
        name = ""
        if code == codes.STUCK:
            reason = (
                f"the step fell below what time resolves {where}; "
                "the equations may be stiff or singular there"
            )
        elif code == codes.TERMINAL:
            reason = f"event {self.system.events[index].when} ended the run {where}"
        elif code == codes.PILED:
            reason = (
                f"event {self.system.events[index].when} happens ever faster and piles up "
                f"{where}; what comes after would need equations of its own, or an event that "
                "ends the run"
            )
        else:
            name = self.system.variables[index]
            if code == codes.NO_NUMBER:
                reason = f"{name} stopped being a number {where}"
            else:
                reason = f"left the region |{name}| > {plain(self.bound)} {where}"
        self.stopped = Stop(time, step, name, reason)
