"""Whether a run can begin: what right-hand sides and event conditions are worth at the start.

Serves whoever reads equations, typed or from a file, and must say at once that they divide by
zero where the system starts. The texts are worked out with numpy, all places of a family
together, so that nothing is compiled while a person types. No run goes through here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from engine.equations.nodes import (
    Apply,
    Call,
    Delayed,
    Index,
    Name,
    Node,
    Number,
    Sum,
    Total,
    postorder,
)
from engine.equations.words import CONSTANTS
from engine.systems.formula import operations

if TYPE_CHECKING:
    from engine.equations.heads import Rule
    from engine.equations.model import Model
    from engine.systems.system import System

__all__ = ["Trouble", "event_values", "right_hand_side", "troubles"]

Array = NDArray[np.float64]
Whole = NDArray[np.int64]

DEEPEST = 6
"""Indices inside each other: that of the equation and those of sums."""
MOST_STEPS = 200_000
"""Operations on whole families, after which nothing is said rather than nobody served."""
AT_ONCE = 1_000_000
"""Numbers held together, roughly."""
_ZERO = 0.0  # by its identity: what is multiplied with a zero that is written is left out
_PARTS = (Index, Sum, Delayed)


@dataclass(frozen=True)
class Trouble:
    """Something without a finite value where the system starts.

    Attributes
    ----------
    head : str
        The equation, as written: ``x``, ``x[i]``; empty of an event.
    event : int
        Which event; -1 of an equation.
    sentence : str
    """

    head: str
    event: int
    sentence: str


def troubles(system: System) -> tuple[Trouble, ...]:
    """What keeps a run from beginning: at most one for each equation and event."""
    found = []
    try:
        values = _Start(system)
        finite = np.isfinite(values.rules(system.model.rules))
        events = values.events()
    except _UnknownError:
        return ()
    for rule in system.model.rules:
        bad = [row for row in rule.rows() if not finite[row]]
        if bad:
            found.append(Trouble(rule.head.strip(), -1, _sentence(system, bad[0])))
    for number, value in enumerate(events):
        if not np.isfinite(value):
            found.append(Trouble("", number, _sentence(system, 0)))
    return tuple(found)


def right_hand_side(system: System) -> Array:
    """The right-hand side at the start, shape ``(n,)``, white noises being zero."""
    return _Start(system).rules(system.model.rules)


def event_values(system: System) -> list[float]:
    """What passes through zero at each event, at the start."""
    return _Start(system).events()


def _sentence(system: System, row: int) -> str:
    name = system.variables[row]
    rows = [row, *(other for other in range(min(4, system.dimension)) if other != row)][:4]
    start = ", ".join(f"{system.variables[k]} = {system.initial[k]:.6g}" for k in sorted(rows))
    family = name.rstrip("0123456789")
    if family in system.families:
        definition = system.family_definitions.get(family)
        size = definition.size if definition else str(system.families[family])
        last = str(int(size) - 1) if size.isdigit() else f"{size} - 1"
        name = f"{family}[0..{last}]"
    return (
        f"this has no finite value at the start ({start}): a division by zero, or a root "
        f"or logarithm out of its range; start elsewhere, as in {name}(0) = 1"
    )


class _UnknownError(Exception):
    """The value cannot be worked out here."""


@dataclass(frozen=True)
class _Place:
    """Where a text is worked out: its indices and arguments, and how many indices there are."""

    indices: Mapping[str, Whole]
    arguments: Mapping[str, Any]
    level: int


_PLAIN = _Place({}, {}, 0)


class _Start:
    """Values of texts at the initial state, t = 0 and the default parameters."""

    def __init__(self, system: System) -> None:
        self.model: Model = system.model
        self.state = np.array(system.initial, dtype=np.float64)
        given = system.values()
        model = self.model
        self.names: dict[str, Any] = dict(zip(model.parameters, given, strict=False))
        self.names |= dict(zip(model.variables, self.state, strict=True))
        self.names |= {name: float(size) for name, size in model.sizes.items()}
        self.names |= dict.fromkeys(model.noise, _ZERO)
        self.places = {
            name: self.state[first : first + size]
            for name, (first, size) in model.family_rows.items()
        }
        self.places |= {name: np.zeros(size) for name, size in model.noise_families.items()}
        self.arrays = {}
        for name, shape in model.arrays.items():
            first = model.array_offsets[name]
            self.arrays[name] = given[first : first + int(np.prod(shape))].reshape(shape)
        self._calls: dict[tuple[Any, ...], tuple[Any, Any]] = {}
        self._steps = 0
        self._longest = max((*model.sizes.values(), *model.place_counts.values(), 1))
        for name, tree in model.quantity_trees.items():
            index, size = model.quantity_places[name]
            if index:
                self.places[name] = self.along(tree, index, np.arange(size))
            else:
                self.names[name] = self.value(tree)

    def rules(self, rules: tuple[Rule, ...]) -> Array:
        """A value for every variable."""
        out = self.state.copy()
        for rule in rules:
            if rule.index:
                places = np.array(rule.places(), dtype=np.int64)
                out[rule.base + places] = self.along(rule.tree, rule.index, places)
            else:
                out[rule.rows()] = self.value(rule.tree)
        return out

    def events(self) -> list[float]:
        """The values that pass through zero."""
        return [self.value(tree) for tree in self.model.event_trees]

    def value(self, tree: Node) -> float:
        """The value of a text without an index."""
        return float(np.asarray(self.work(tree, _PLAIN)).ravel()[0])

    def along(self, tree: Node, index: str, places: Whole) -> Array:
        """The values of a text at places."""
        sums = any(isinstance(node, (Sum, Call)) for node in postorder(tree))
        block = max(1, AT_ONCE // self._longest) if sums else max(1, len(places))
        pieces = []
        for first in range(0, len(places), block):
            some = places[first : first + block]
            place = _Place({index: _axis(some, 0)}, {}, 1)
            self._calls.clear()
            found = np.asarray(self.work(tree, place), dtype=np.float64)
            pieces.append(np.broadcast_to(found.reshape(-1), some.shape))
        return np.concatenate(pieces) if pieces else np.zeros(0)

    # ------------------------------------------------------------ one text

    def work(self, tree: Node, place: _Place) -> Any:
        """The value of a tree: a number, or an array with an axis for every index."""
        done: list[Any] = []
        with np.errstate(all="ignore"):
            for node in postorder(tree, _PARTS):
                self._steps += 1
                if self._steps > MOST_STEPS:
                    raise _UnknownError
                match node:
                    case Number(value):
                        done.append(value if value else _ZERO)
                    case Name(name):
                        done.append(self.named(name, place))
                    case Apply(operation, arguments):
                        done.append(self.applied(operation, _pop(done, len(arguments))))
                    case Call(name, arguments):
                        done.append(self.called(name, _pop(done, len(arguments)), place))
                    case Total(kind, name):
                        values = self.places[name] if name in self.places else self.arrays[name]
                        done.append(getattr(values, kind)())
                    case Index():
                        done.append(self.at(node, place))
                    case Sum():
                        done.append(self.summed(node, place))
                    case Delayed():
                        # Before the start everything is where it starts.
                        done.append(self.work(node.arguments[0], place))
        return done[0]

    def named(self, name: str, place: _Place) -> Any:
        """The value of a name: arguments and indices hide what is outside."""
        for known in (place.arguments, place.indices, self.names, CONSTANTS):
            if name in known:
                return known[name]
        if name == "t":
            return np.float64(0.0)
        raise _UnknownError

    def applied(self, operation: str, given: list[Any]) -> Any:
        """The value of an operation."""
        # As in the graph, where a product with zero is zero whatever the other side is.
        if operation == "*" and any(part is _ZERO for part in given):
            return _ZERO
        if operation in ("/", "negate") and given[0] is _ZERO:
            return _ZERO
        table = operations()
        if operation not in table:
            raise _UnknownError
        # Whole numbers of indices would divide and overflow by other rules.
        return table[operation](*(np.asarray(part, dtype=_kind(part)) for part in given))

    def called(self, name: str, given: list[Any], place: _Place) -> Any:
        """The value of a function or a table of the model."""
        if name in self.model.tables:
            table = self.model.tables[name]
            along = np.linspace(table.low, table.high, len(table.values))
            return np.interp(np.asarray(given[0], dtype=np.float64), along, table.values)
        key = (name, place.level, *map(id, given))
        if key not in self._calls:
            function = self.model.function_trees[name]
            arguments = dict(zip(function.arguments, given, strict=True))
            # What is told apart by its identity is kept.
            inside = replace(place, indices={}, arguments=arguments)
            self._calls[key] = self.work(function.body, inside), given
        return self._calls[key][0]

    def at(self, node: Index, place: _Place) -> Any:
        """One place of a family, a quantity or an array."""
        where = [self.whole(argument, place) for argument in node.arguments]
        if node.name in self.arrays:
            values = self.arrays[node.name]
            inside = [np.clip(w, 0, size - 1) for w, size in zip(where, values.shape, strict=True)]
            return values[tuple(inside)]
        values, edge = self.places[node.name], self.model.edges.get(node.name, "wrap")
        size, index = len(values), where[0]
        outside = (index < 0) | (index >= size)
        match edge:
            case "reflect" if size > 1:
                index = index % (2 * size - 2)
                index = np.where(index < size, index, 2 * size - 2 - index)
            case "wrap":
                index = index % size
        found = values[np.clip(index, 0, size - 1)]
        return np.where(outside, 0.0, found) if edge == "zero" else found

    def summed(self, node: Sum, place: _Place) -> Any:
        """A sum over an index: one more axis, and back."""
        if place.level + 1 > DEEPEST:
            raise _UnknownError
        first, last = (self.whole(argument, place) for argument in node.arguments[:2])
        low, high = int(np.min(first)), int(np.max(last))
        if high < low:
            return _ZERO
        axis = place.level
        running = _axis(np.arange(low, high + 1), axis)
        inner = replace(
            place, indices={**place.indices, node.index: running}, level=place.level + 1
        )
        term = np.asarray(self.work(node.arguments[2], inner), dtype=np.float64)
        asked = (running >= first) & (running <= last)
        return np.where(asked, term, 0.0).sum(axis=axis, keepdims=True)

    def whole(self, tree: Node, place: _Place) -> Whole:
        """The whole numbers that an index expression is worth."""
        done: list[Any] = []
        for node in postorder(tree):
            match node:
                case Number(value):
                    done.append(np.int64(value))
                case Name(name) if name in place.indices:
                    done.append(place.indices[name])
                case Name(name) if name in self.model.sizes:
                    done.append(np.int64(self.model.sizes[name]))
                case Apply("/"):
                    # Only inside floor: both sides wait for it.
                    continue
                case Apply("floor"):
                    left, right = _pop(done, 2)
                    done.append(left // right)
                case Apply(operation, arguments) if operation in _WHOLE:
                    done.append(_WHOLE[operation](*_pop(done, len(arguments))))
                case _:
                    raise _UnknownError
        return np.asarray(done[0], dtype=np.int64)


_WHOLE: Mapping[str, Any] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "negate": np.negative,
    "mod": np.mod,
    "min": np.minimum,
    "max": np.maximum,
    "abs": np.abs,
}


def _axis(numbers: Whole, axis: int) -> Whole:
    """Numbers along one of `DEEPEST` axes."""
    shape = [1] * DEEPEST
    shape[axis] = len(numbers)
    return numbers.reshape(shape)


def _kind(part: Any) -> type:
    return bool if getattr(part, "dtype", None) == np.bool_ else float


def _pop(done: list[Any], count: int) -> list[Any]:
    first = len(done) - count
    given = done[first:]
    del done[first:]
    return given
