"""What the symbols of a large model stand for: places that depend on an index, and sums.

Plain data for ``looped``, which makes them, and ``loop_writer``, which writes them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.equations import indices
from engine.equations.indices import Interval
from engine.equations.nodes import Apply, Name, Node, Number, postorder


@dataclass(frozen=True)
class Reference:
    """A place that depends on an index.

    Attributes
    ----------
    kind : str
        ``state``, ``noise``, ``delay``, ``quantity`` or ``entry`` (of an array parameter).
    name : str
        Family, quantity or array.
    code : str
        The index as Python on ``i1``, ``i2`` ...
    base, size : int
        Where the family begins in its array, and its places.
    edge : str
        What a place past the ends is; empty where none is ever asked for.
    free : frozenset of int
        Levels of the indices that it depends on.
    offset : int or None
        c where the index is ``i1 + c``.
    """

    kind: str
    name: str
    code: str
    base: int
    size: int
    edge: str
    free: frozenset[int]
    offset: int | None

    @property
    def depth(self) -> int:
        """The innermost index that it depends on; 0 for none."""
        return max(self.free, default=0)


@dataclass(frozen=True)
class Part:
    """A sum: ``i<level>`` runs from `first` to `last` (code), at most `most` values.

    `free` are the levels of the indices that its value depends on, `bounds` those of them
    that its ends depend on.
    """

    level: int
    first: str
    last: str
    term: int
    free: frozenset[int]
    most: int
    bounds: frozenset[int]

    @property
    def depth(self) -> int:
        """The innermost of these; 0 for none."""
        return max(self.free, default=0)


@dataclass(frozen=True)
class Place:
    """Where a text is inserted: the indices in force.

    Attributes
    ----------
    level : int
        How many indices there are.
    names : mapping of str to str
        Index -> ``i1``, ``i2`` ...
    ranges : mapping of str to (int, int)
        Index -> between which values it runs.
    """

    level: int
    names: Mapping[str, str]
    ranges: Mapping[str, Interval]

    def inside(self, index: str, low: int, high: int) -> Place:
        """One more index."""
        level = self.level + 1
        names = {**self.names, index: f"i{level}"} if index else self.names
        ranges = {**self.ranges, index: (low, high)} if index else self.ranges
        return Place(level, names, ranges)


NOWHERE = Place(0, {}, {})
ALONE = Place(1, {}, {})
"""Where a text without an index stands: i1 is left to the places of families."""


def offset(tree: Node, place: Place, sizes: Mapping[str, int]) -> int | None:
    """c where an index is the first index plus c, else None."""
    for part in postorder(tree):
        match part:
            case Number():
                pass
            case Apply("+" | "-"):
                pass
            case Name(name) if name in sizes or place.names.get(name) == "i1":
                pass
            case _:
                return None
    running = [name for name, text in place.names.items() if text == "i1"]
    if not running:
        return None
    at = [indices.whole(tree, {**sizes, running[0]: value}) for value in (0, 1)]
    return at[0] if at[1] - at[0] == 1 else None
