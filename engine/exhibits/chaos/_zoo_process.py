"""The collection while it runs: points on their way, and the picked system. No exhibit."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, final

import numpy as np

from engine.analysis.embedding import NEIGHBOURS, Layout
from engine.errors import ParameterError, PhasescopeError
from engine.exhibit import Array, Frame, Process, Value, Values
from engine.exhibits._numbers import from_numbers, to_numbers
from engine.exhibits.chaos._zoo_portrait import portrait
from engine.tape import Tape

if TYPE_CHECKING:
    from engine.exhibits.chaos.dysts_zoo import Zoo

KEPT = 20_000
"""Rows of the cost and of the picked system."""
PATIENT = 0.1
"""Seconds of a budget from which on the first frame holds everything."""


@final
class ZooProcess(Process):
    """The points on their way, and the picked system.

    Parameters
    ----------
    exhibit : Zoo
    values : dict
        All parameter values, checked.
    seed : int
        Of the small differences at the start.
    """

    def __init__(self, exhibit: Zoo, values: dict[str, Value], seed: int) -> None:
        self._exhibit, self._values, self._seed = exhibit, values, seed
        self._check(values)
        self._attributes = exhibit.attributes()
        self._layout = Layout(
            exhibit.distances(str(values["features"])),
            str(values["method"]),
            float(values["neighbours"]),
            seed,
        )
        self._tape = Tape(2, KEPT)
        self._tape.restart(self._cost())
        self._portrait: Array = np.empty((0, 4))
        self._words = ""
        self._drawn: tuple[Value, Value] | None = None
        self._fresh, self._shown = True, False
        self._rate = 0.0

    def advance(self, budget: float, limit: float = math.inf) -> Frame:
        """Let the points drift; show everything anew where something changed."""
        if self._fresh and not self._shown and budget < PATIENT:
            # Someone is watching: the map comes first, the picked system with the next frame.
            self._shown = True
            return self._frame(self._tape.rows.copy(), restarted=True)
        if self._fresh:
            self._draw()
            self._fresh, self._shown = False, True
            return self._frame(self._tape.rows.copy(), restarted=True)
        wanted = math.floor(limit * (1 + 1e-9)) if math.isfinite(limit) else None
        began, done, rows = time.perf_counter(), 0, []
        while wanted is None or done < wanted:
            self._layout.advance()
            done += 1
            rows.append(self._cost())
            if time.perf_counter() - began >= budget:
                break
        if not done:
            return Frame(float(self._layout.iteration), {}, status=self._status())
        self._rate = done / max(time.perf_counter() - began, 1e-9)
        new = np.concatenate(rows)
        self._tape.append(new)
        return self._frame(new)

    def set(self, name: str, value: Value) -> None:
        """Change a parameter; points go on from where they are."""
        parameters = self._exhibit.parameters
        if name not in parameters:
            raise ParameterError(
                f"'{self._exhibit.key}' has no parameter '{name}'; it has {', '.join(parameters)}"
            )
        checked = parameters[name].check(value, self._exhibit.key)
        if checked == self._values[name]:
            return
        self._check({**self._values, name: checked})
        self._values[name] = checked
        if name in ("features", "method", "neighbours"):
            self._layout.change(
                self._exhibit.distances(str(self._values["features"])),
                str(self._values["method"]),
                float(self._values["neighbours"]),
            )
            # The last row is of another aim.
            rows = self._tape.rows.copy()
            rows[-1] = self._cost()[0]
            self._tape.restart(rows)
        self._fresh = True

    def state(self) -> dict[str, Array]:
        """Places and what drives them, the cost so far, the parameter values."""
        return {
            "values": to_numbers(self._exhibit.parameters, self._values),
            "rows": self._tape.rows.copy(),
            **self._layout.state(),
        }

    def restore(self, state: Mapping[str, Array]) -> None:
        """Go back to `state`.

        Raises
        ------
        ParameterError
            If it is of another collection.
        """
        if np.shape(state["places"]) != self._layout.places.shape:
            raise ParameterError(
                f"a state of '{self._exhibit.key}' with {len(state['places'])} systems does not "
                f"fit this collection of {len(self._layout.places)}"
            )
        self._values = from_numbers(self._exhibit.parameters, state["values"])
        self._layout.change(
            self._exhibit.distances(str(self._values["features"])),
            str(self._values["method"]),
            float(self._values["neighbours"]),
        )
        self._layout.restore(state)
        self._tape.restart(np.array(state["rows"], dtype=np.float64))
        self._fresh = True

    @property
    def finished(self) -> bool:
        """Never: the points come to rest, but may be pushed on."""
        return False

    # -- how it is done --------------------------------------------------------------------

    def _check(self, values: Values) -> None:
        for name, low, high in (("neighbours", 1.1, 1000.0), ("points", 2, 2000)):
            if not low <= float(values[name]) <= high:
                raise ParameterError(
                    f"parameter '{name}' of '{self._exhibit.key}' must lie between {low} and "
                    f"{high}, got {values[name]}"
                )

    def _cost(self) -> Array:
        return np.array([[float(self._layout.iteration), self._layout.cost]])

    def _draw(self) -> None:
        """Run the picked system, where it is not the one already drawn."""
        key, points = str(self._values["system"]), int(self._values["points"])
        if self._drawn == (key, points):
            return
        from engine.systems import systems

        self._drawn = (key, points)
        known = self._exhibit.table
        try:
            period = float(known.periods[known.keys.index(key)])
            self._portrait, self._words = portrait(systems()[key], period, points)
        except (PhasescopeError, ArithmeticError, ValueError) as error:
            self._portrait, self._words = np.empty((0, 4)), str(error).partition("\n")[0]

    def _frame(self, cost: Array, restarted: bool = False) -> Frame:
        places = self._layout.places.copy()
        places[self._exhibit.unknown(str(self._values["features"]))] = np.nan
        channels: dict[str, Array] = {
            "map": np.column_stack([places, self._attributes]),
            "cost": cost,
        }
        if restarted:
            if len(self._portrait):
                channels["portrait"] = self._portrait
            exponents = self._exhibit.table.exponents.get(str(self._values["system"]), ())
            channels["exponents"] = np.array(exponents, dtype=np.float64)
        return Frame(float(self._layout.iteration), channels, restarted, self._status())

    def _status(self) -> dict[str, Any]:
        return {
            "method": "t-SNE" if self._values["method"] == NEIGHBOURS else "stress",
            "step": 1.0,
            "rate": self._rate,
            "message": self._words,
            "left_out": len(self._exhibit.table.lacking),
        }
