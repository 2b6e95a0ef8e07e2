"""What a live orbit is shown as beside its rows: delay coordinates, a family over place and time.

Part of ``_system_process``; both take rows as they come and never look back at the orbit.
"""

from __future__ import annotations

from collections import deque

import numpy as np
from numpy.typing import NDArray

from engine.systems.angles import within_turn

Rows = NDArray[np.float64]

EMBEDDING = "embedding"
"""The channel of delay coordinates."""
FIELD = "field."
"""What the channel of a family is called, before the family's name."""
FIELD_ROWS = 360
"""Rows of the picture of a family over place and time."""
FIELD_SPAN = 1800
"""Rows of the orbit that the picture spans: few enough that waves are seen as waves."""


class Embedding:
    """An orbit in delay coordinates: a variable now, a lag ago and two lags ago.

    Parameters
    ----------
    column : int
        Of the variable in the rows.
    """

    def __init__(self, column: int) -> None:
        self._column = column
        self._lag = 1
        self._tail = np.empty(0)

    def clear(self, lag: int) -> None:
        """Forget everything; a lag is so many rows."""
        self._lag = max(1, lag)
        self._tail = np.empty(0)

    def take(self, rows: Rows) -> Rows:
        """The new rows in delay coordinates, ``(k, 4)``; fewer until two lags have passed."""
        values = np.concatenate([self._tail, rows[:, self._column]])
        count = min(len(rows), max(0, len(values) - 2 * self._lag))
        self._tail = values[-2 * self._lag :]
        now = len(values) - count
        parts = [values[now - k * self._lag : len(values) - k * self._lag] for k in range(3)]
        return np.column_stack([rows[len(rows) - count :, 0], *parts])


class FamilyField:
    """A picture of a family over place and time: every so many rows of the orbit, newest last.

    Parameters
    ----------
    first, size : int
        Where its variables stand in the state, and how many there are.
    name : str
        Of the channel.
    period : float
        Of an angle, whose whole turns are not shown; 0 for anything else.
    """

    def __init__(self, first: int, size: int, name: str, period: float = 0.0) -> None:
        self.name = name
        self._period = period
        self._columns = slice(1 + first, 1 + first + size)
        self._size = size
        self.clear(FIELD_ROWS)

    def clear(self, length: int) -> None:
        """Forget everything; the picture is to span about `length` rows."""
        stride = max(1, min(length, FIELD_SPAN) // FIELD_ROWS)
        # Even: what comes back after two steps of a map stays one colour.
        self._stride = stride - stride % 2 if stride > 1 else 1
        self._phase = 0
        self._kept: deque[Rows] = deque(maxlen=FIELD_ROWS)

    def take(self, rows: Rows) -> None:
        """Look at new rows of the orbit."""
        first = -self._phase % self._stride
        self._kept.extend(rows[first :: self._stride, self._columns][-FIELD_ROWS:])
        self._phase = (self._phase + len(rows)) % self._stride

    def picture(self) -> Rows:
        """Time down, place across; NaN where nothing has happened yet."""
        image = np.full((FIELD_ROWS, self._size), np.nan)
        if self._kept:
            kept = np.array(self._kept)
            image[-len(kept) :] = within_turn(kept, self._period) if self._period else kept
        return image
