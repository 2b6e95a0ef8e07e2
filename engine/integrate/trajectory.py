"""What a run hands back: an orbit on an even grid of times, and how it came about.

Data without behaviour; ``solve`` makes it, ``engine.files`` writes it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from engine.integrate.base import Stop

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Trajectory:
    """An orbit sampled on an even grid of times, the initial point included.

    Attributes
    ----------
    rows : array (m, 1 + n)
        Time, then the state.
    names : tuple of str
        The n variables.
    system : str
        Key of the system.
    values : mapping of str to float
        All parameter values but arrays.
    initial : array (n,)
        Where it began, before the transient.
    method : str
    step : float
        Grid of the rows; also the step of methods that do not choose their own.
    transient : float
        Time discarded before the first row.
    rtol, atol : float
        Tolerances; NaN for methods of fixed step.
    stopped : Stop or None
        Why the run ended early.
    error : float
        Estimated local error of a step, in units of the state: the largest of a few step
        doublings along the orbit, or the largest the step control accepted; 0 for maps, NaN
        with noise or delays.
    steps : int
        Steps the method made, the transient included.
    seconds : float
        How long it took.
    seed : int
        Of the noise; without noise it changes nothing.
    suggestion : str
        What would do better than this method, as a sentence: where an explicit method crawls
        because the equations are stiff. Empty where nothing would.
    events : array (k, 2 + n)
        Time, index of the event and the state before it, for every event after the
        transient, the last 100,000 of them. With noise an event is seen at the end of a step.
    """

    rows: Array = field(repr=False)
    names: tuple[str, ...]
    system: str
    values: Mapping[str, float]
    initial: Array
    method: str
    step: float
    transient: float = 0.0
    rtol: float = math.nan
    atol: float = math.nan
    stopped: Stop | None = None
    error: float = math.nan
    steps: int = 0
    seconds: float = 0.0
    seed: int = 0
    suggestion: str = ""
    events: Array = field(default_factory=lambda: np.empty((0, 2)), repr=False)

    @property
    def t(self) -> Array:
        """Times, shape ``(m,)``: iterations for maps."""
        return self.rows[:, 0]

    @property
    def states(self) -> Array:
        """States, shape ``(m, n)``."""
        return self.rows[:, 1:]

    @property
    def variables(self) -> dict[str, Array]:
        """Every variable by name, shape ``(m,)`` each."""
        return {name: self.rows[:, 1 + j] for j, name in enumerate(self.names)}

    def __len__(self) -> int:
        return len(self.rows)
