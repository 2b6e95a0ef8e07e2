"""Where a person has zoomed to, and the way back: a history of windows.

Kept apart from undo: going back to an earlier window undoes no change of a parameter.
"""

from __future__ import annotations

from engine.drawing.ranges import Window


class ZoomStack:
    """Windows in the order they were asked for; None is the automatic one."""

    def __init__(self) -> None:
        self._windows: list[Window | None] = [None]
        self._place = 0

    @property
    def current(self) -> Window | None:
        """The window to show."""
        return self._windows[self._place]

    @property
    def can_go_back(self) -> bool:
        """True where `back` leads somewhere."""
        return self._place > 0

    @property
    def can_go_forward(self) -> bool:
        """True where `forward` leads somewhere."""
        return self._place + 1 < len(self._windows)

    def push(self, window: Window | None, *, merge: bool = False) -> None:
        """Go to a window; what lay ahead is forgotten.

        Parameters
        ----------
        window : Window or None
        merge : bool
            Replace the current window: one more turn of the same wheel.
        """
        if merge and self._place > 0:
            del self._windows[self._place + 1 :]
            self._windows[self._place] = window
            return
        if window == self.current:
            return
        del self._windows[self._place + 1 :]
        self._windows.append(window)
        self._place += 1

    def back(self) -> Window | None:
        """The window before."""
        self._place = max(0, self._place - 1)
        return self.current

    def forward(self) -> Window | None:
        """The window that `back` left."""
        self._place = min(len(self._windows) - 1, self._place + 1)
        return self.current

    def clear(self, start: Window | None = None) -> None:
        """Forget all, with `start` as the first window."""
        self._windows = [start]
        self._place = 0
