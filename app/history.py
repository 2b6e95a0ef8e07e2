"""Undo and redo of document edits, as plain data stored by path. No Qt.

An edit is what stood at each path before and after, with a label. Edits that carry the same
merge word are one step until `History.seal`, so a slider drag is undone at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

Path = tuple[str, ...]


class _Absent(Enum):
    # An enumeration, because copying one gives the same one.
    ABSENT = "absent"


ABSENT = _Absent.ABSENT
"""Stands at a path where there was nothing."""


@dataclass(frozen=True)
class Edit:
    """One undoable step: `before` and `after` by path, and what to call it."""

    label: str
    before: Mapping[Path, Any]
    after: Mapping[Path, Any]
    merge: str = ""


class History:
    """Two stacks of `Edit`.

    Parameters
    ----------
    limit : int
        Steps kept.
    """

    def __init__(self, limit: int = 500) -> None:
        self._limit = limit
        self._done: list[Edit] = []
        self._undone: list[Edit] = []
        self._open = False

    def push(self, edit: Edit) -> None:
        """Record an edit that has been made."""
        self._undone.clear()
        last = self._done[-1] if self._done else None
        if self._open and edit.merge and last is not None and last.merge == edit.merge:
            before = {**edit.before, **last.before}
            self._done[-1] = Edit(edit.label, before, {**last.after, **edit.after}, edit.merge)
        else:
            self._done.append(edit)
            del self._done[: -self._limit]
        self._open = bool(edit.merge)

    def seal(self) -> None:
        """End merging: the next edit is a step of its own. A drag that came back is no step."""
        self._open = False
        if self._done and self._done[-1].merge and self._done[-1].before == self._done[-1].after:
            self._done.pop()

    def undo(self) -> Edit | None:
        """The edit to take back, or None."""
        self.seal()
        if not self._done:
            return None
        self._undone.append(self._done.pop())
        return self._undone[-1]

    def redo(self) -> Edit | None:
        """The edit to make again, or None."""
        self.seal()
        if not self._undone:
            return None
        self._done.append(self._undone.pop())
        return self._done[-1]

    def clear(self) -> None:
        """Forget everything."""
        self._done.clear()
        self._undone.clear()
        self._open = False

    @property
    def undo_label(self) -> str:
        """What undo would take back; empty where there is nothing."""
        return self._done[-1].label if self._done else ""

    @property
    def redo_label(self) -> str:
        """What redo would make again; empty where there is nothing."""
        return self._undone[-1].label if self._undone else ""

    def __len__(self) -> int:
        return len(self._done)
