"""The orbit of a system, whole at once and then live.

A change recomputes the whole orbit in one go, so that a picture follows the hand; after
that rows are appended as time goes on. What does not fit into a frame's budget is filled in
by the calls that follow. An orbit is computed in legs of `LEG` steps, each begun at the
place where the one before ended: where a run stands is then a place, a number of steps and
nothing else, and a run that is restored goes on with the same numbers.
"""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, final

import numpy as np
from numpy.typing import NDArray

from engine.errors import ParameterError
from engine.exhibit import Array, Frame, Parameter, Process, Value
from engine.exhibits._numbers import from_numbers, to_numbers
from engine.exhibits._orbit_leg import Leg
from engine.exhibits._orbit_pictures import EMBEDDING, FIELD, Embedding, FamilyField

if TYPE_CHECKING:
    from engine.systems.system import System

Rows = NDArray[np.float64]

FILL = 0.016
"""Seconds that drawing an orbit anew may take before it is shown in part."""
APART = 1e-6
"""Distance of a twin from the next, in the first variable."""
TWIN_ROWS = 5000
"""Rows over which twins are shown from where they leave the orbit."""
LONGEST = 1_000_000
MOST_TWINS = 12
MERGE = 512
"""Pieces of an orbit that are kept apart before they are put into one array."""


@final
class SystemProcess(Process):
    """A running system; see the module docstring.

    Parameters
    ----------
    system : System
    parameters : mapping
        Those of the exhibit.
    values : dict
        All of their values, checked.
    seed : int
        Seed of the noise, where there is any.
    """

    def __init__(
        self,
        system: System,
        parameters: Mapping[str, Parameter],
        values: dict[str, Value],
        seed: int = 0,
    ) -> None:
        self._system = system
        self._parameters = parameters
        self._seed = seed
        self._fields = [
            FamilyField(
                system.variables.index(f"{name}0"),
                size,
                f"{FIELD}{name}",
                system.periods.get(name, 0.0),
            )
            for name, size in system.families.items()
            if f"initial.{name}1" not in parameters and size > 1
        ]
        self._embedding = Embedding(1) if system.delayed and system.dimension == 1 else None
        self._values = values
        self._check(values)
        self._origin = self._initial()
        self._main: Leg | None = None
        self._twins: list[Leg] = []
        self._pieces: deque[Rows] = deque()
        self._count = 0
        self._twin_rows: Rows | None = None
        self._left = 0
        self._stale, self._shown = True, False
        self._rate, self._error = 0.0, 0.0

    # -- what the contract asks ------------------------------------------------------------

    def advance(self, budget: float, limit: float = math.inf) -> Frame:
        """Draw the orbit anew where something changed; else fill it up, or run on."""
        if self._stale:
            self._begin()
            self._fill(max(budget, FILL))
            self._stale, self._shown = False, True
            return self._whole()
        if not self._shown:
            self._shown = True
            return self._whole()
        if self._left:
            pieces = self._fill(budget)
            # Twins appear with a whole picture: a channel cannot begin in the middle of one.
            return self._whole() if self._twins else self._frame({"orbit": _joined(pieces)})
        return self._live(budget, limit)

    def set(self, name: str, value: Value) -> None:
        """Change a parameter; the orbit is drawn anew at the next `advance`."""
        if name not in self._parameters:
            raise ParameterError(
                f"'{self._system.key}' has no parameter '{name}'; it has "
                f"{', '.join(self._parameters)}"
            )
        checked = self._parameters[name].check(value, self._system.key)
        if checked == self._values[name]:
            return
        if self._parameters[name].size:
            raise ParameterError(
                f"'{name}' of '{self._system.key}' says how many variables there are: the run "
                "has to be started anew"
            )
        self._check({**self._values, name: checked})
        self._values[name] = checked
        if name == "run.restart":
            return
        if name == "run.twins":
            if not self._stale and not self._left:
                self._branch()
                self._shown = False
            return
        if self._parameters[name].group == "initial":
            self._origin = self._initial()
        elif name != "run.length" and not self._stale:
            last = self._values["run.restart"] == "last state"
            # A run that stopped has no state worth going on from.
            sound = self._main is not None and self._main.stopped is None
            self._origin = self._main.row[0] if last and sound and self._main else self._initial()
        self._stale = True

    def state(self) -> dict[str, Array]:
        """Rows, where every orbit stands, and the parameter values."""
        legs = [leg for leg in (self._main, *self._twins) if leg is not None]
        memories = [leg.memory for leg in legs]
        return {
            "values": to_numbers(self._parameters, self._values),
            "origin": self._origin.copy(),
            "rows": self._rows().copy(),
            "legs": np.array([leg.origin for leg in legs]).reshape(-1, len(self._origin)),
            "steps": np.array([leg.steps for leg in legs], dtype=np.int64),
            "stopped": np.array([leg.stopped is not None for leg in legs], dtype=np.int64),
            "memory": np.concatenate([np.empty(0), *memories]),
            "memories": np.array([len(memory) for memory in memories], dtype=np.int64),
            "seed": np.array(self._seed),
            "twins": np.empty((0, 0)) if self._twin_rows is None else self._twin_rows.copy(),
            "left": np.array(self._left),
            "stale": np.array(int(self._stale)),
        }

    def restore(self, state: Mapping[str, Array]) -> None:
        """Go back to `state`."""
        self._values = from_numbers(self._parameters, state["values"])
        self._check(self._values)
        self._origin = np.array(state["origin"], dtype=np.float64)
        rows = np.array(state["rows"], dtype=np.float64)
        self._pieces, self._count = deque([rows] if len(rows) else []), len(rows)
        for field in self._fields:
            field.clear(self._length)
            field.take(rows)
        self._seed = int(state["seed"])
        legs = []
        memories = np.split(state["memory"], np.cumsum(state["memories"])[:-1])
        for origin, steps, stopped, memory in zip(
            state["legs"], state["steps"], state["stopped"], memories, strict=False
        ):
            legs.append(self._leg(origin))
            legs[-1].replay(int(steps), bool(stopped), memory)
        self._main, self._twins = (legs[0] if legs else None), legs[1:]
        twins = np.array(state["twins"], dtype=np.float64)
        self._twin_rows = twins if len(twins) else None
        self._left = int(state["left"])
        self._stale, self._shown = bool(state["stale"]), False

    @property
    def finished(self) -> bool:
        """True where the orbit left its bound or the finite numbers."""
        return not self._stale and self._main is not None and self._main.stopped is not None

    # -- how it is done --------------------------------------------------------------------

    def _check(self, values: Mapping[str, Value]) -> None:
        key = self._system.key
        for name, low, high in (("run.length", 2, LONGEST), ("run.twins", 1, MOST_TWINS)):
            if not low <= float(values[name]) <= high:
                raise ParameterError(
                    f"parameter '{name}' of '{key}' must lie between {low} and {high}, got "
                    f"{values[name]}"
                )
        if float(values.get("run.step", 1.0)) <= 0.0:
            raise ParameterError(
                f"parameter 'run.step' of '{key}' must be greater than 0, got {values['run.step']}"
            )

    def _initial(self) -> Rows:
        system = self._system
        state = [
            float(self._values.get(f"initial.{name}", value))
            for name, value in zip(system.variables, system.initial, strict=True)
        ]
        return np.array([0.0, *state])

    def _leg(self, origin: Rows) -> Leg:
        model = {name: self._values[name] for name in self._system.parameters}
        step = self._values.get("run.step")
        return Leg(
            self._system,
            model,
            str(self._values["run.method"]),
            None if step is None else float(step),
            origin,
            self._seed,
        )

    def _lag(self) -> int:
        """Rows in the longest lag."""
        assert self._main is not None
        model = {name: self._values[name] for name in self._system.parameters}
        lags = self._system.model.lags(self._system.values(model))
        return round(float(lags.max()) / self._main.step) if lags.size else 1

    @property
    def _length(self) -> int:
        return int(self._values["run.length"])

    def _begin(self) -> None:
        self._main = self._leg(self._origin)
        self._twins, self._twin_rows = [], None
        self._pieces, self._count = deque(), 0
        for field in self._fields:
            field.clear(self._length)
        self._keep(self._origin[np.newaxis].copy())
        self._left = self._length - 1

    def _fill(self, budget: float) -> list[Rows]:
        """Compute what is left of the orbit, as far as `budget` seconds carry."""
        pieces = self._run(self._left, budget)
        self._left -= sum(len(rows) for rows in pieces)
        if self._main is not None and self._main.stopped is not None:
            self._left = 0
        if self._left == 0:
            self._branch()
        return pieces

    def _run(self, steps: int, budget: float) -> list[Rows]:
        """Up to `steps` new rows, in pieces, within `budget` seconds."""
        assert self._main is not None
        began = time.perf_counter()
        pieces: list[Rows] = []
        done, spent = 0, 0.0
        # At least one piece, however small the budget, so that every call gets further.
        while done < steps and self._main.stopped is None and (not pieces or spent < budget):
            rate = self._rate or 1e6
            piece = int(min(steps - done, max(64.0, rate * max(budget - spent, 0.0))))
            rows = self._main.advance(piece)
            last, spent = spent, time.perf_counter() - began
            if len(rows) >= 500:
                # The first call may have waited for a compiler: the newest measure counts.
                self._rate = len(rows) / max(spent - last, 1e-9)
            if len(rows):
                self._keep(rows)
                pieces.append(rows)
                done += len(rows)
        return pieces

    def _keep(self, rows: Rows) -> None:
        self._pieces.append(rows)
        self._count += len(rows)
        for field in self._fields:
            field.take(rows)
        while self._count - len(self._pieces[0]) >= self._length:
            self._count -= len(self._pieces.popleft())
        if len(self._pieces) > MERGE:
            self._pieces = deque([self._rows()])
            self._count = len(self._pieces[0])

    def _rows(self) -> Rows:
        """All rows kept; nobody writes into them."""
        if not self._pieces:
            return np.empty((0, 1 + self._system.dimension))
        return _joined(self._pieces)[-self._length :]

    def _branch(self) -> None:
        """Let twins leave the orbit some thousand rows ago."""
        count = int(self._values["run.twins"])
        self._twins, self._twin_rows = [], None
        if count < 2 or not self._pieces:
            return
        rows = self._rows()[-TWIN_ROWS:]
        for k in range(1, count):
            origin = rows[0].copy()
            origin[1] += k * APART
            self._twins.append(self._leg(origin))
        self._twin_rows = self._with_twins(rows[1:], rows[0])

    def _with_twins(self, rows: Rows, first: Rows | None = None) -> Rows:
        """Rows of the orbit with those of the twins beside them, NaN where one has ended."""
        n = self._system.dimension
        parts = [rows if first is None else np.vstack([first, rows])]
        for twin in self._twins:
            own = np.full((len(rows), n), np.nan)
            done = 0
            while done < len(rows) and twin.stopped is None:
                piece = twin.advance(len(rows) - done)[:, 1:]
                own[done : done + len(piece)] = piece
                done += len(piece)
            parts.append(own if first is None else np.vstack([twin.origin[1:], own]))
        return np.hstack(parts)

    def _live(self, budget: float, limit: float) -> Frame:
        assert self._main is not None
        # The limit is a sum of small numbers; a step is a step.
        steps = math.floor(min(limit / self._main.step * (1 + 1e-9), 1e9))
        pieces = self._run(steps, budget)
        if not pieces:
            return self._frame({})
        rows = _joined(pieces)
        channels: dict[str, Array] = {"orbit": rows}
        if self._twins:
            channels["twins"] = added = self._with_twins(rows)
            assert self._twin_rows is not None
            self._twin_rows = np.vstack([self._twin_rows, added])[-self._length :]
        return self._frame(channels)

    def _whole(self) -> Frame:
        channels: dict[str, Array] = {"orbit": self._rows()}
        if self._twin_rows is not None:
            channels["twins"] = self._twin_rows
        return self._frame(channels, restarted=True)

    def _frame(self, channels: Mapping[str, Array], restarted: bool = False) -> Frame:
        assert self._main is not None
        if self._embedding is not None and "orbit" in channels:
            if restarted:
                self._embedding.clear(self._lag())
            channels = {**channels, EMBEDDING: self._embedding.take(channels["orbit"])}
        if channels:
            channels = {**channels, **{field.name: field.picture() for field in self._fields}}
        stop = self._main.stopped
        if stop is not None:
            self._error, message = math.nan, stop.reason
        else:
            self._error = self._main.error if channels else self._error
            message = "filling the orbit" if self._left else self._main.suggestion
        status: dict[str, Any] = {
            "method": str(self._values["run.method"]),
            "step": self._main.step,
            "error": self._error,
            "rate": self._rate,
            "device": "CPU",
            "message": message,
            "length": self._length,
        }
        return Frame(float(self._main.row[0, 0]), channels, restarted, status)


def _joined(pieces: Any) -> Rows:
    return pieces[0] if len(pieces) == 1 else np.concatenate(list(pieces))
