"""What a process has shown so far, as its readers need it: `Tape` and `Data`.

A `Tape` holds the rows of an appended channel that are still worth showing, newest last. It
is a ring kept contiguous: twice its length is allocated and the tail is moved to the front
now and then, so that `rows` is a view and costs nothing. `Data` holds the tapes and the
newest arrays of the other channels. Both are used by one thread.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.exhibit import APPENDED, Channel, Frame


class Tape:
    """At most `length` rows of `width` columns.

    Parameters
    ----------
    width, length : int
        Columns, and rows kept.
    """

    def __init__(self, width: int, length: int) -> None:
        self.width = width
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


@dataclass
class Data:
    """What the process has shown so far, on the engine thread; read-only for views.

    Attributes
    ----------
    tapes : mapping of str to Tape
        Appended channels.
    latest : mapping of str to array
        Replaced channels.
    time : float
    status : mapping
        Every key of `Frame.status` at its newest value.
    """

    tapes: dict[str, Tape] = field(default_factory=dict)
    latest: dict[str, Any] = field(default_factory=dict)
    time: float = 0.0
    status: dict[str, Any] = field(default_factory=dict)

    def update(self, frame: Frame, channels: Mapping[str, Channel]) -> None:
        """Take in a frame of an exhibit that declares `channels`."""
        self.time = frame.time
        if frame.restarted:
            self.status = {}
            for name in [name for name in self.tapes if name not in frame.channels]:
                del self.tapes[name]
        self.status.update(frame.status)
        for name, array in frame.channels.items():
            channel = channels[name]
            if channel.kind not in APPENDED:
                self.latest[name] = array
                continue
            width, length = array.shape[1], max(channel.length, 1)
            tape = self.tapes.get(name)
            if frame.restarted:
                # A run may ask for more or fewer rows than the channel's default length.
                length = max(int(frame.status.get("length", length)), len(array), 1)
                if tape is None or tape.width != width or tape.length != length:
                    generation = tape.generation if tape else 0
                    tape = self.tapes[name] = Tape(width, length)
                    tape.generation = generation
                tape.restart(array)
            elif tape is not None:
                tape.append(array)
