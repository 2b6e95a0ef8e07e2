"""The rows of an appended channel that are still worth showing, newest last.

A `Tape` is a ring kept contiguous: twice its length is allocated and the tail is moved to
the front now and then, so that `rows` is a view and costs nothing. Used by one thread.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


class Tape:
    """At most `length` rows of `width` columns.

    Parameters
    ----------
    width, length : int
        Columns, and rows kept.
    """

    def __init__(self, width: int, length: int) -> None:
        self.length = length
        self.generation = 0
        """Grows at every restart, so that a reader can tell a new run from more rows."""
        self.appended = 0
        """Rows appended since the last restart, kept or not."""
        self._buffer = np.empty((2 * length, width))
        self._start = 0
        self._stop = 0

    @property
    def rows(self) -> NDArray[np.float64]:
        """The rows kept, as a view; copy what must outlive the next `append`."""
        return self._buffer[self._start : self._stop]

    def append(self, rows: NDArray[np.float64]) -> None:
        """Add rows at the end, dropping the oldest beyond `length`."""
        self.appended += len(rows)
        rows = rows[-self.length :]
        if self._stop + len(rows) > len(self._buffer):
            kept = self._buffer[max(self._start, self._stop - self.length + len(rows)) : self._stop]
            self._buffer[: len(kept)] = kept
            self._start, self._stop = 0, len(kept)
        self._buffer[self._stop : self._stop + len(rows)] = rows
        self._stop += len(rows)
        self._start = max(self._start, self._stop - self.length)

    def restart(self, rows: NDArray[np.float64]) -> None:
        """Forget everything and hold `rows`."""
        self.generation += 1
        self.appended = 0
        self._start = self._stop = 0
        self.append(rows)
