"""What can be said about a text before anything is built from it: places, lags, cost.

Every place of an array that a text asks for must exist, whatever its indices are; a lag is
made of numbers and parameters; and how many operations the text comes to when it is
written out decides whether it is written out at all. Errors say where in the text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from engine.equations import indices
from engine.equations.indices import Interval
from engine.equations.nodes import (
    Apply,
    Call,
    Delayed,
    Index,
    Name,
    Node,
    Number,
    Special,
    Sum,
    Total,
    postorder,
)
from engine.equations.words import CONSTANTS, error_at
from engine.errors import EquationError

if TYPE_CHECKING:
    from engine.equations.model import Model

COUNTLESS = 10**15
_MOST_TRIED = 100_000
"""Index values looked at one by one where their ends alone do not decide."""


class Examiner:
    """Looks at the texts of one model.

    Attributes
    ----------
    indexed : bool
        Whether any text uses places or sums.
    """

    def __init__(self, model: Model) -> None:
        self.model = model
        self.indexed = bool(model.families or model.noise_families)
        self._sizes = {name: (size, size) for name, size in model.sizes.items()}
        self._calls: dict[str, int] = {}
        self._sums: dict[str, tuple[Node, Node]] = {}
        # In an order in which each function uses earlier ones only.
        for name in model.order:
            if name in model.function_trees:
                text = model.function_texts[name]
                label = f"function '{name}'"
                self._calls[name] = self.cost(model.function_trees[name].body, text, label)

    def cost(
        self, tree: Node, text: str, label: str, ranges: Mapping[str, Interval] | None = None
    ) -> int:
        """Operations of one evaluation of a text, at most `COUNTLESS`.

        Parameters
        ----------
        tree, text, label
            The text and what to call it.
        ranges : mapping of str to (int, int)
            Between which values each index runs, ends included.

        Raises
        ------
        EquationError
            If a place does not exist or a lag depends on what it must not.
        """
        try:
            return min(self._cost(tree, text, ranges or {}), COUNTLESS)
        except _PlaceError as error:
            place = error_at(f"{label}: {error}", text, error.at)
            raise place from None
        except EquationError as error:
            raise EquationError(f"{label}: {error.message}", text) from None

    def _cost(self, tree: Node, text: str, ranges: Mapping[str, Interval]) -> int:
        total = 0
        for node in postorder(tree, Special):
            match node:
                case Apply():
                    total += 1
                case Call(function):
                    total += self._calls.get(function, 5)
                case Index():
                    self.indexed = True
                    self._check_place(node, ranges)
                case Total(_, name):
                    self.indexed = True
                    total += self.model.place_counts[name]
                case Sum(index, (first, last, term)):
                    self.indexed = True
                    low = indices.bounds(first, {**self._sizes, **ranges})
                    high = indices.bounds(last, {**self._sizes, **ranges})
                    count = high[1] - low[0] + 1
                    if count > 0:
                        inner = {**ranges, index: (low[0], high[1])}
                        self._sums[index] = first, last
                        total += count * (1 + self._cost(term, text, inner))
                        del self._sums[index]
                case Delayed((variable, time)):
                    if isinstance(variable, Index):
                        self._check_place(variable, ranges)
                    self._check_lag(time, node.at, ranges)
        return total

    def _check_place(self, node: Index, ranges: Mapping[str, Interval]) -> None:
        known = {**self._sizes, **ranges}
        array = node.name in self.model.arrays
        sizes = self.model.arrays[node.name] if array else (self.model.place_counts[node.name],)
        for argument, size in zip(node.arguments, sizes, strict=True):
            low, high = indices.bounds(argument, known)
            inside = low >= 0 and high < size
            # Families have edges: only a number that is plainly too large is a mistake.
            if inside or not (array or isinstance(argument, Number)):
                continue
            worst = self._worst(argument, ranges, size) if low != high else low
            if worst is not None:
                raise _PlaceError(
                    f"'{node.name}' has the places 0 to {size - 1}, this asks for {worst}",
                    argument.at,
                )

    def _worst(self, argument: Node, ranges: Mapping[str, Interval], size: int) -> int | None:
        """A place beyond the ends that an index really takes, or None."""
        used = self._needed(argument, ranges)
        count = 1
        for name in used:
            count *= max(0, ranges[name][1] - ranges[name][0] + 1)
        if count > _MOST_TRIED:
            return indices.bounds(argument, {**self._sizes, **ranges})[1]
        for known in self._assignments(used, ranges, dict(self.model.sizes)):
            place = indices.whole(argument, known)
            if not 0 <= place < size:
                return place
        return None

    def _needed(self, argument: Node, ranges: Mapping[str, Interval]) -> list[str]:
        """Indices that an expression depends on, outermost first."""
        names: set[str] = set()
        trees = [argument]
        while trees:
            for part in postorder(trees.pop()):
                if isinstance(part, Name) and part.name in ranges and part.name not in names:
                    names.add(part.name)
                    trees.extend(self._sums.get(part.name, ()))
        return [name for name in ranges if name in names]

    def _assignments(
        self, names: list[str], ranges: Mapping[str, Interval], known: dict[str, int]
    ) -> Iterator[dict[str, int]]:
        """All values that indices take together; a sum may end where an outer index stands."""
        if not names:
            yield known
            return
        low, high = ranges[names[0]]
        if names[0] in self._sums:
            first, last = self._sums[names[0]]
            low, high = indices.whole(first, known), indices.whole(last, known)
        for value in range(low, high + 1):
            yield from self._assignments(names[1:], ranges, {**known, names[0]: value})

    def _check_lag(self, time: Node, at: int, ranges: Mapping[str, Interval]) -> None:
        parts: list[Node] = []
        while isinstance(time, Apply) and time.operation == "-":
            parts.append(time.arguments[1])
            time = time.arguments[0]
        if not (isinstance(time, Name) and time.name == "t") or not parts:
            raise _PlaceError("a delayed variable is written x(t - tau), with the time t first", at)
        for part in parts:
            for node in postorder(part, (Index,)):
                match node:
                    case Index() if node.name in self.model.arrays:
                        self._check_place(node, ranges)
                        continue
                    case Name(name) if (
                        name in ranges
                        or name in self.model.parameters
                        or name in self.model.sizes
                        or (name in CONSTANTS and name not in self.model.names)
                    ):
                        continue
                    case Number() | Apply():
                        continue
                what = node.name if isinstance(node, (Name, Index)) else "a function"
                raise _PlaceError(
                    f"a lag is made of numbers and parameters only, not of '{what}'", node.at
                )


class _PlaceError(EquationError):
    """A complaint about a place whose text is not known yet."""

    def __init__(self, message: str, at: int) -> None:
        super().__init__(message)
        self.at = at

    def __str__(self) -> str:
        return self.message
