"""Parts of a model that are more than a text: tables and events.

Plain data without behaviour; what they mean is in ``model`` and ``emit``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Direction = Literal["up", "down", "both"]
DIRECTIONS: tuple[Direction, ...] = ("up", "down", "both")
EDGES = ("wrap", "zero", "hold", "reflect")
"""What a place past the ends of a family is: the other end, nothing, the last one, its mirror."""
INTERPRETATIONS = ("ito", "stratonovich")


@dataclass(frozen=True)
class Table:
    """A function given by numbers at even distances, linear between them.

    Attributes
    ----------
    low, high : float
        Where the first and the last value stand; beyond them these two values hold.
    values : tuple of float
        At least two.
    """

    low: float
    high: float
    values: tuple[float, ...]


@dataclass(frozen=True)
class Event:
    """Something that happens where a quantity passes through zero.

    Attributes
    ----------
    when : str
        Text of the quantity.
    direction : str
        ``up``, ``down`` or ``both``: the sense in which it passes.
    changes : mapping of str to str
        Variable -> text of its value after the event; every text sees the state before it.
    terminal : bool
        Whether the run ends there.
    """

    when: str
    direction: Direction = "both"
    changes: Mapping[str, str] = field(default_factory=dict)
    terminal: bool = False

    def __hash__(self) -> int:
        return hash((self.when, self.direction, tuple(self.changes.items()), self.terminal))
