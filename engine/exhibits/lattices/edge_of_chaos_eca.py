"""Elementary cellular automata, all 256, with the damage that one flipped cell does.

A ring of cells, each dead or alive; a cell's next state depends on itself and its two
neighbours, by a table of eight entries whose bits are the rule's number. A twin of the run
starts with one cell flipped, and the difference of the two shows how the rule carries a
mistake: nowhere, a little way, or everywhere. The kernels are in ``_automaton``.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from engine.errors import ParameterError
from engine.exhibit import (
    Array,
    Channel,
    Exhibit,
    Frame,
    Pace,
    Parameter,
    Preset,
    Process,
    Reference,
    Value,
    Values,
    ViewSpec,
)
from engine.exhibits._numbers import from_numbers, to_numbers
from engine.exhibits.lattices._automaton_claims import CLAIMS
from engine.tape import Tape

WINDOW = 16
"""Rows whose Lempel-Ziv complexity is measured together, once every so many generations."""
COLUMNS = 256
"""Columns of them; more would only make the same number slower."""
CHUNK = 16
"""Generations between two looks at the clock."""

PARAMETERS = (
    Parameter(
        "rule",
        110,
        0,
        255,
        symbol="R",
        scale="integer",
        help="The rule's number: its bits are the new cell for the eight neighbourhoods",
    ),
    Parameter(
        "density", 0.5, 0.0, 1.0, symbol=r"\rho", help="Share of live cells in a random first row"
    ),
    Parameter(
        "flip",
        240,
        0,
        479,
        symbol="i_0",
        scale="integer",
        help="The cell that is flipped in the twin, counted round the ring",
    ),
    Parameter(
        "block",
        6,
        1,
        12,
        symbol="k",
        scale="integer",
        help="Length of the blocks whose entropy is measured",
    ),
    Parameter(
        "start",
        "random",
        scale="choice",
        choices=("random", "single cell"),
        group="initial",
        help="The first row",
    ),
    Parameter(
        "restart",
        "first row",
        scale="choice",
        choices=("first row", "newest row"),
        group="run",
        help="From where a changed rule runs: the first row, or the newest",
    ),
    Parameter(
        "width",
        480,
        32,
        2048,
        symbol="N",
        scale="integer",
        unit="cells",
        live=False,
        group="run",
        help="Cells in the ring",
    ),
    Parameter(
        "history",
        640,
        32,
        2048,
        scale="integer",
        unit="generations",
        live=False,
        group="run",
        help="Generations on the picture",
    ),
)

CHANNELS = (
    Channel(
        "space-time",
        "field",
        "Space-time",
        axes=("cell", "generation, newest below"),
        categories=("dead", "alive"),
        gestures=("flip",),
    ),
    Channel(
        "damage",
        "field",
        "Damage of one flipped cell",
        axes=("cell", "generation, newest below"),
        categories=("same", "different"),
        gestures=("probe",),
    ),
    Channel(
        "scalars",
        "scalar",
        "Measures",
        names=("density", "damage", "block entropy", "Lempel-Ziv complexity"),
        symbols=(r"\rho", "d", "H_k / k", "C"),
        axes=("generation", "measure"),
        length=4096,
    ),
)


@final
class EdgeOfChaos(Exhibit):
    """The exhibit; see the module docstring."""

    key = "edge-of-chaos-eca"
    title = "Elementary cellular automata"
    family = "lattices"
    kind = "lattice"
    summary = (
        "A row of cells, each looking at itself and its two neighbours, and a rule of eight "
        "bits. Some of the 256 rules die out, some repeat, some look like noise, and a few, at "
        "the edge of chaos, make particles that meet and compute. One flipped cell shows which: "
        "watch how far its damage gets."
    )
    parameters = MappingProxyType({parameter.name: parameter for parameter in PARAMETERS})
    channels = MappingProxyType({channel.name: channel for channel in CHANNELS})
    views = (
        ViewSpec("field", "space-time"),
        ViewSpec("field", "damage", area="right"),
        ViewSpec("curves", "scalars", area="right"),
    )
    references = (
        Reference(
            "S. Wolfram",
            1983,
            "Statistical mechanics of cellular automata",
            "Reviews of Modern Physics 55, 601-644",
            "10.1103/RevModPhys.55.601",
        ),
        Reference(
            "S. Zhang, A. Patel, S. A. Rizvi, N. Liu, S. He, A. Karbasi, E. Zappala and "
            "D. van Dijk",
            2024,
            "Intelligence at the Edge of Chaos",
            "arXiv:2410.02536",
            "10.48550/arXiv.2410.02536",
        ),
    )
    claims = CLAIMS
    presets = (
        Preset(
            "Rule 110",
            {"rule": 110, "start": "random", "density": 0.5},
            "Gliders on a periodic background; able to compute anything",
        ),
        Preset("Rule 30", {"rule": 30, "start": "single cell"}, "Noise from a single cell"),
        Preset("Rule 90", {"rule": 90, "start": "single cell"}, "Pascal's triangle modulo two"),
        Preset(
            "Rule 54",
            {"rule": 54, "start": "random", "density": 0.5},
            "Particles that cross and collide",
        ),
        Preset(
            "Rule 184",
            {"rule": 184, "start": "random", "density": 0.5},
            "Traffic: cars move on where there is room, jams travel backwards",
        ),
        Preset(
            "Rule 4",
            {"rule": 4, "start": "random", "density": 0.5},
            "Everything stands still at once and damage stays where it was done",
        ),
        Preset("Rule 0", {"rule": 0, "start": "random", "density": 0.5}, "Everything dies at once"),
    )
    pace = Pace("generations", 30.0, 1.0, 2000.0, 1.0)
    tags = ("cellular automaton", "discrete", "complexity", "damage spreading")

    def start(self, values: Values, seed: int = 0) -> Automaton:
        """Begin a run; see `Exhibit.start`."""
        return Automaton(self.parameters, self.checked(values), seed)

    def latex(self) -> tuple[str, ...]:
        """The rule and how it is numbered."""
        return (
            r"c_i' = f(c_{i-1}, c_i, c_{i+1})",
            r"R = \sum_{a,b,c \in \{0,1\}} 2^{4a + 2b + c} f(a, b, c)",
        )


@final
class Automaton(Process):
    """A run and its twin, the newest rows of both in rings of packed words.

    Parameters
    ----------
    parameters : mapping
        Those of the exhibit.
    values : dict
        All of their values, checked.
    seed : int
        Decides the random first row.
    """

    def __init__(
        self, parameters: Mapping[str, Parameter], values: dict[str, Value], seed: int
    ) -> None:
        self._parameters = parameters
        self._values = values
        self._seed = seed
        self._check_sizes(values)
        self._make_rings()
        self._tape = Tape(5, CHANNELS[2].length)
        self._first: NDArray[np.uint8] | None = None
        self._newest = self._generation = 0
        self._held = 0.0
        self._stale, self._touched = True, False
        self._restored = False
        self._rate = 0.0

    # -- what the contract asks ------------------------------------------------------------

    def advance(self, budget: float, limit: float = math.inf) -> Frame:
        """Run on, or show the whole picture anew where something changed."""
        if self._stale or self._restored:
            if self._stale:
                self._fill()
            self._stale = self._restored = self._touched = False
            return self._frame(self._tape.rows.copy(), restarted=True)
        began = time.perf_counter()
        # The limit is a sum of small numbers; a generation is a generation.
        wanted = math.floor(limit * (1 + 1e-9)) if math.isfinite(limit) else None
        rows: list[NDArray[np.float64]] = []
        done = 0
        while wanted is None or done < wanted:
            rows.append(self._run(CHUNK if wanted is None else min(CHUNK, wanted - done)))
            done += len(rows[-1])
            if time.perf_counter() - began >= budget:
                break
        if not done and not self._touched:
            return Frame(float(self._generation), {}, status=self._status())
        self._touched = False
        if done:
            self._rate = done / max(time.perf_counter() - began, 1e-9)
        return self._frame(np.concatenate(rows) if rows else np.empty((0, 5)))

    def set(self, name: str, value: Value) -> None:
        """Change a parameter; the picture is drawn anew at the next `advance`."""
        if name not in self._parameters:
            raise ParameterError(
                f"'{EdgeOfChaos.key}' has no parameter '{name}'; it has "
                f"{', '.join(self._parameters)}"
            )
        checked = self._parameters[name].check(value, EdgeOfChaos.key)
        if checked == self._values[name]:
            return
        self._check_sizes({**self._values, name: checked})
        # Which row a change starts from is settled here: the rings may be remade below.
        newest = self._values["restart"] == "newest row" and name in ("rule", "flip", "block")
        if name == "restart":
            self._values[name] = checked
            return
        if newest and not self._stale:
            self._first = self._cells(self._run_rows[self._newest])
        elif not newest:
            self._first = None
        self._values[name] = checked
        if name in ("width", "history"):
            self._make_rings()
        self._stale = True

    def act(self, name: str, payload: Mapping[str, Any]) -> None:
        """``flip`` a cell of the newest row, or ``probe``: damage a fresh twin there.

        `payload` has ``column``; ``row`` is not used, for the past cannot be changed.
        """
        if name not in ("flip", "probe"):
            raise ParameterError(
                f"'{EdgeOfChaos.key}' has no gesture '{name}'; it has flip and probe"
            )
        column = self._parameters["flip"].check(payload.get("column"), EdgeOfChaos.key)
        if self._stale:
            self._fill()
            self._stale, self._restored = False, True
        cell = int(column) % self._width
        word, bit = cell >> 6, np.uint64(1) << np.uint64(cell & 63)
        if name == "flip":
            self._run_rows[self._newest, word] ^= bit
        else:
            self._twin_rows[self._newest] = self._run_rows[self._newest]
            self._twin_rows[self._newest, word] ^= bit
        self._touched = True

    def state(self) -> dict[str, Array]:
        """Both rings, the measures so far, and the parameter values."""
        if self._stale:
            self._fill()
            self._stale, self._restored = False, True
        return {
            "values": to_numbers(self._parameters, self._values),
            "seed": np.array(self._seed),
            "run": self._run_rows.copy(),
            "twin": self._twin_rows.copy(),
            "place": np.array([self._newest, self._generation]),
            "held": np.array(self._held),
            "rows": self._tape.rows.copy(),
        }

    def restore(self, state: Mapping[str, Array]) -> None:
        """Go back to `state`."""
        self._values = from_numbers(self._parameters, state["values"])
        self._seed = int(state["seed"])
        self._run_rows = np.array(state["run"], dtype=np.uint64)
        self._twin_rows = np.array(state["twin"], dtype=np.uint64)
        self._newest, self._generation = (int(number) for number in state["place"])
        self._held = float(state["held"])
        self._tape.restart(np.asarray(state["rows"], dtype=np.float64))
        self._first = None
        self._stale, self._touched, self._restored = False, False, True

    @property
    def finished(self) -> bool:
        """Never: an automaton runs on, though it may repeat itself."""
        return False

    # -- how it is done --------------------------------------------------------------------

    @property
    def _width(self) -> int:
        return int(self._values["width"])

    @staticmethod
    def _check_sizes(values: Values) -> None:
        for name, low, high in (
            ("rule", 0, 255),
            ("density", 0, 1),
            ("block", 1, 16),
            ("width", 3, 65536),
            ("history", 1, 8192),
        ):
            if not low <= float(values[name]) <= high:
                raise ParameterError(
                    f"parameter '{name}' of '{EdgeOfChaos.key}' must lie between {low} and "
                    f"{high}, got {values[name]}"
                )

    def _make_rings(self) -> None:
        shape = (int(self._values["history"]), -(-self._width // 64))
        self._run_rows = np.zeros(shape, dtype=np.uint64)
        self._twin_rows = np.zeros(shape, dtype=np.uint64)

    def _cells(self, words: NDArray[np.uint64]) -> NDArray[np.uint8]:
        from engine.exhibits.lattices import _automaton

        return _automaton.unpack(words, self._width)

    def _first_row(self) -> NDArray[np.uint8]:
        if self._first is not None:
            return self._first
        if self._values["start"] == "single cell":
            row = np.zeros(self._width, dtype=np.uint8)
            row[self._width // 2] = 1
            return row
        # The same numbers for every density: as it grows, cells only come alive.
        uniform = np.random.default_rng(self._seed).random(self._width)
        return (uniform < float(self._values["density"])).astype(np.uint8)

    def _fill(self) -> None:
        """Draw the whole picture from its first row."""
        from engine.exhibits.lattices import _automaton

        cells = self._first_row()
        self._newest = self._generation = 0
        self._run_rows[:] = 0
        self._twin_rows[:] = 0
        self._run_rows[0] = _automaton.pack(cells)
        cells = cells.copy()
        cells[int(self._values["flip"]) % self._width] ^= 1
        self._twin_rows[0] = _automaton.pack(cells)
        first = np.empty((1, 5))
        self._held = _automaton.measure(
            self._run_rows,
            self._twin_rows,
            0,
            0,
            self._width,
            int(self._values["block"]),
            WINDOW,
            min(COLUMNS, self._width),
            0.0,
            first[0],
        )
        self._tape.restart(first)
        began = time.perf_counter()
        left = len(self._run_rows) - 1
        while left > 0:
            left -= len(self._run(min(64, left)))
        self._rate = (len(self._run_rows) - 1) / max(time.perf_counter() - began, 1e-9)

    def _run(self, generations: int) -> NDArray[np.float64]:
        from engine.exhibits.lattices import _automaton

        rows = np.empty((generations, 5))
        self._held = _automaton.advance(
            self._run_rows,
            self._twin_rows,
            self._newest,
            self._generation,
            int(self._values["rule"]),
            self._width,
            int(self._values["block"]),
            WINDOW,
            min(COLUMNS, self._width),
            self._held,
            rows,
        )
        self._newest = (self._newest + generations) % len(self._run_rows)
        self._generation += generations
        self._tape.append(rows)
        return rows

    def _status(self) -> dict[str, Any]:
        return {
            "method": "64 cells a word",
            "step": 1.0,
            "rate": self._rate,
            "device": "CPU",
            "message": "",
        }

    def _frame(self, rows: NDArray[np.float64], restarted: bool = False) -> Frame:
        run = np.roll(self._run_rows, -1 - self._newest, axis=0)
        twin = np.roll(self._twin_rows, -1 - self._newest, axis=0)
        channels: dict[str, Array] = {
            "space-time": self._cells(run),
            "damage": self._cells(run ^ twin),
            "scalars": rows,
        }
        return Frame(float(self._generation), channels, restarted, self._status())


EXHIBIT = EdgeOfChaos()
