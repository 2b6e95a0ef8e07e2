"""A deep linear network in training, beside its theory: the process of the exhibit.

Measured rows are recorded on a grid of steps that reaches the end of learning in some 1500
rows; the theory is evaluated on the same grid, ahead of the run.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, final

import numpy as np
from numpy.typing import NDArray

from engine.errors import ParameterError
from engine.exhibit import Array, Frame, Parameter, Process, Value, Values
from engine.exhibits._numbers import from_numbers, to_numbers
from engine.tape import Tape

if TYPE_CHECKING:
    from engine.exhibits.learning._linear_network import Theory

KEY = "deep-linear-exact"
MODES = 5
ROWS = 1500
"""Rows from the start to the end of learning."""
AHEAD = 200
"""Rows by which the theory is drawn on where the run goes beyond it."""
KEPT = 20_000
BOUND = 100.0
"""A run stops where a mode passes this many times the strongest to be learned."""

_MEASURED = MappingProxyType(
    {
        "modes": (0, *range(2, 2 + MODES)),
        "loss": (0, 2 + MODES),
        "balance": (0, 3 + MODES),
        "layers": (0, 4 + MODES, 5 + MODES),
    }
)
"""Columns of a measured row: step, time in tau, modes, loss, drift, first and last layer."""
_EXPECTED = MappingProxyType(
    {
        "theory": (0, *range(2, 2 + MODES)),
        "loss theory": (0, 2 + MODES),
    }
)


@final
class Training(Process):
    """A network in training and its theory.

    Parameters
    ----------
    parameters : mapping
        Those of the exhibit.
    values : dict
        All of their values, checked.
    seed : int
        Decides the map and the weights.
    """

    def __init__(
        self, parameters: Mapping[str, Parameter], values: dict[str, Value], seed: int
    ) -> None:
        self._parameters = parameters
        self._values = values
        self._seed = seed
        self._check(values)
        self._measured = Tape(6 + MODES, KEPT)
        self._expected = Tape(3 + MODES, KEPT)
        self._rate = 0.0
        self._changed, self._touched, self._diverged = True, False, False
        self._begin()

    # -- what the contract asks ------------------------------------------------------------

    def advance(self, budget: float, limit: float = math.inf) -> Frame:
        """Train on, or show everything anew where something changed."""
        if self._changed:
            self._changed = False
            return self._frame(self._measured.rows, self._expected.rows, restarted=True)
        began = time.perf_counter()
        wanted = math.floor(limit * (1 + 1e-9)) if math.isfinite(limit) else None
        rows: list[NDArray[np.float64]] = []
        theory: list[NDArray[np.float64]] = []
        first = self._step
        while not self._diverged and (wanted is None or self._step - first < wanted):
            left = math.inf if wanted is None else wanted - (self._step - first)
            rows.append(self._train(left))
            while self._expected.rows[-1, 0] < self._measured.rows[-1, 0]:
                theory.append(self._predict(AHEAD))
            if time.perf_counter() - began >= budget:
                break
        done = self._step - first
        if done:
            self._rate = done / max(time.perf_counter() - began, 1e-9)
        elif not self._touched:
            return Frame(float(self._step), {}, status=self._status())
        self._touched = False
        return self._frame(
            np.concatenate(rows) if rows else self._measured.rows[:0],
            np.concatenate(theory) if theory else self._expected.rows[:0],
        )

    def set(self, name: str, value: Value) -> None:
        """Change a parameter: the learning rate at once, what shapes the network by a new run."""
        if name not in self._parameters:
            raise ParameterError(
                f"'{KEY}' has no parameter '{name}'; it has {', '.join(self._parameters)}"
            )
        checked = self._parameters[name].check(value, KEY)
        if checked == self._values[name]:
            return
        self._check({**self._values, name: checked})
        self._values[name] = checked
        if name == "show":
            self._touched = True
        elif name == "learning_rate" and not self._diverged:
            self._time, self._base = self._learned, self._step
            self._plan()
            self._changed = True
        else:
            self._begin()

    def state(self) -> dict[str, Array]:
        """The weights, the rows so far, and the parameter values."""
        return {
            "values": to_numbers(self._parameters, self._values),
            "seed": np.array(self._seed),
            "weights": self._network.weights.copy(),
            "place": np.array([self._step, self._base, self._stride, self._diverged]),
            "time": np.array(self._time),
            "layers": self._theory.layers.copy(),
            "theory time": np.array(self._theory.time),
            "measured": self._measured.rows.copy(),
            "expected": self._expected.rows.copy(),
        }

    def restore(self, state: Mapping[str, Array]) -> None:
        """Go back to `state`."""
        self._values = from_numbers(self._parameters, state["values"])
        self._seed = int(state["seed"])
        self._begin()
        self._network.weights[:] = state["weights"]
        self._step, self._base, self._stride, diverged = (int(x) for x in state["place"])
        self._diverged = bool(diverged)
        self._time = float(state["time"])
        self._theory.layers[:] = state["layers"]
        self._theory.time = float(state["theory time"])
        self._measured.restart(np.asarray(state["measured"], dtype=np.float64))
        self._expected.restart(np.asarray(state["expected"], dtype=np.float64))

    @property
    def finished(self) -> bool:
        """True where the learning rate was too large and the weights ran away."""
        return self._diverged

    # -- how it is done --------------------------------------------------------------------

    @staticmethod
    def _check(values: Values) -> None:
        for name, low, high in (("depth", 1, 16), ("modes", 1, MODES), ("ratio", 0.0, 1.0)):
            if not low <= float(values[name]) <= high:
                raise ParameterError(
                    f"parameter '{name}' of '{KEY}' must lie between {low} and "
                    f"{high}, got {values[name]}"
                )
        for name in ("a0", "learning_rate", "strongest", "imbalance"):
            if float(values[name]) <= 0.0:
                raise ParameterError(
                    f"parameter '{name}' of '{KEY}' must be greater than 0, got {values[name]}"
                )

    @property
    def _eta(self) -> float:
        return float(self._values["learning_rate"])

    @property
    def _learned(self) -> float:
        """Time in units of tau, over every learning rate there was."""
        return self._time + self._eta * (self._step - self._base)

    def _begin(self) -> None:
        """A fresh network and the theory of it."""
        from engine.exhibits.learning import _linear_network as linear

        values = self._values
        strengths = np.zeros(MODES)
        for mode in range(int(values["modes"])):
            strengths[mode] = float(values["strongest"]) * float(values["ratio"]) ** mode
        self._network = linear.make_network(
            strengths,
            int(values["depth"]),
            float(values["a0"]),
            str(values["initialisation"]),
            float(values["imbalance"]),
            self._seed,
        )
        self._step = self._base = 0
        self._time = 0.0
        self._changed, self._touched, self._diverged = True, False, False
        row = np.empty((1, 6 + MODES))
        network = self._network
        linear.measure(
            network.weights, network.target, network.left, network.right, network.start, row[0, 2:]
        )
        row[0, :2] = 0.0
        self._measured.restart(row)
        self._plan()

    def _plan(self) -> None:
        """Where rows are recorded from here on, and the theory over all of them."""
        from engine.exhibits.learning import _linear_network as linear

        strengths = self._network.strengths
        slowest = float(strengths[strengths > 0.0].min())
        depth, start = len(self._network.weights), float(self._values["a0"])
        left = 1.2 * linear.learning_time(depth, slowest, start) - self._time
        steps = min(max(left, 1.0) / self._eta, 1e9)
        self._stride = max(1, round(steps / ROWS))
        self._theory: Theory = linear.Theory(self._network)
        past = self._measured.rows[:, :2]
        self._expected.restart(self._rows_of(past))
        self._predict(math.ceil(steps / self._stride))

    def _predict(self, rows: int) -> NDArray[np.float64]:
        """Draw the theory on."""
        last = max(self._expected.rows[-1, 0], self._base)
        steps = last + self._stride * np.arange(1, rows + 1)
        times = self._time + self._eta * (steps - self._base)
        out = self._rows_of(np.column_stack([steps, times]))
        self._expected.append(out)
        return out

    def _rows_of(self, places: NDArray[np.float64]) -> NDArray[np.float64]:
        modes = self._theory.at(places[:, 1])
        loss = 0.5 * ((self._network.strengths - modes) ** 2).sum(axis=1)
        return np.column_stack([places, modes, loss])

    def _train(self, left: float) -> NDArray[np.float64]:
        """Train by at most `left` steps and a few milliseconds; the rows that came of it."""
        from engine.exhibits.learning import _linear_network as linear

        network = self._network
        # 2000 steps of two layers take 2 ms.
        chunk = max(1, 4000 // len(network.weights))
        offset = (self._step - self._base) % self._stride
        rows = int(min(left, chunk)) // self._stride if offset == 0 else 0
        if rows == 0:
            steps = int(min(left, chunk, self._stride - offset))
            linear.descend(network.weights, network.target, self._eta, steps)
            self._step += steps
            rows = int(offset + steps == self._stride)
            measured = np.empty((rows, 4 + MODES))
            if rows:
                linear.measure(
                    network.weights,
                    network.target,
                    network.left,
                    network.right,
                    network.start,
                    measured[0],
                )
        else:
            measured = np.empty((rows, 4 + MODES))
            linear.learn(
                network.weights,
                network.target,
                network.left,
                network.right,
                network.start,
                self._eta,
                self._stride,
                measured,
            )
            self._step += rows * self._stride
        steps_at = self._step - self._stride * np.arange(rows - 1, -1, -1.0)
        times = self._time + self._eta * (steps_at - self._base)
        out = np.column_stack([steps_at, times, measured])
        bound = BOUND * float(network.strengths.max())
        sound = (np.abs(out[:, 2 : 2 + MODES]) <= bound).all(axis=1)
        if not sound.all() or not np.isfinite(network.weights).all():
            self._diverged = True
            if not sound.all():
                first = int(sound.argmin())
                self._step, out = int(out[first, 0]), out[:first]
        self._measured.append(out)
        return out

    def _status(self) -> dict[str, Any]:
        strengths = self._network.strengths
        now = self._measured.rows[-1, 2 : 2 + MODES]
        if self._diverged:
            message = (
                f"a mode passed {BOUND:g} times the strongest at step {self._step}: the "
                f"learning rate {self._eta:g} is too large; choose a smaller one"
            )
        elif (np.abs(now - strengths) <= 1e-3 * strengths.max()).all():
            message = "learned: every mode is within 0.1 % of the strongest one's strength"
        else:
            message = ""
        theory = "closed form" if self._theory.exact else "RK4"
        place = int(np.searchsorted(self._expected.rows[:, 0], self._measured.rows[-1, 0]))
        expected = self._expected.rows[min(place, len(self._expected.rows) - 1), 2 : 2 + MODES]
        return {
            "method": f"gradient descent, theory by {theory}",
            "step": 1.0,
            "error": float(np.abs(now - expected).max()),
            "rate": self._rate,
            "device": "CPU",
            "message": message,
        }

    def _frame(
        self, measured: NDArray[np.float64], expected: NDArray[np.float64], restarted: bool = False
    ) -> Frame:
        from engine.exhibits.learning._linear_network import OUTPUTS, product

        whole = product(self._network.weights)[:OUTPUTS]
        if self._values["show"] == "error":
            whole = self._network.target[:OUTPUTS] - whole
        channels: dict[str, Array] = {"weights": whole}
        for name, columns in _MEASURED.items():
            channels[name] = measured[:, columns]
        for name, columns in _EXPECTED.items():
            channels[name] = expected[:, columns]
        return Frame(float(self._step), channels, restarted, self._status())
