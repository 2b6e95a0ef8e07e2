"""Heads of entries: what ``x[i]``, ``x[N - 1]``, ``r[i < N]`` and ``f(u, v)`` stand for.

A head says for which places of a family a text holds. `rules` turns the entries of one
table of a system (its equations, its history, the changes of an event) into `Rule` objects
that cover each place at most once: an own text for one place stands before the general one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from engine.equations import indices
from engine.equations.grammar import parse
from engine.equations.nodes import Node
from engine.equations.words import MAXIMUM_LENGTH, check_name, suggestion
from engine.errors import EquationError

MAXIMUM_SIZE = 20_000
"""Places of a family."""

_HEAD = re.compile(r"\s*([^\W\d]\w*)\s*(?:\[([^\[\]]*)\])?\s*\Z")
_FUNCTION = re.compile(r"\s*([^\W\d]\w*)\s*\(([^()]*)\)\s*\Z")
_NAME = re.compile(r"\s*([^\W\d]\w*)\s*\Z")
_COUNTED = re.compile(r"\s*([^\W\d]\w*)\s*<([^<=>]+)\Z")


@dataclass(frozen=True)
class Rule:
    """A text and the places it holds for.

    Attributes
    ----------
    head : str
        As written.
    name : str
        The family, or the plain name.
    index : str
        Name of the index; empty for a plain name and for one place.
    base : int
        Row of the family's first place, or of the plain name.
    segments : tuple of (int, int)
        Places from the first up to before the second, in order.
    text : str
    tree : Node
    """

    head: str
    name: str
    index: str
    base: int
    segments: tuple[tuple[int, int], ...]
    text: str
    tree: Node

    @property
    def count(self) -> int:
        """How many places there are."""
        return sum(last - first for first, last in self.segments)

    def rows(self) -> list[int]:
        """Rows of all places, in order."""
        return [self.base + place for place in self.places()]

    def places(self) -> list[int]:
        """All places, in order."""
        return [place for first, last in self.segments for place in range(first, last)]


def split(head: str) -> tuple[str, str | None]:
    """Name and what stands in its square brackets, None where there are none.

    Raises
    ------
    EquationError
        If the head is neither a name nor a name with one pair of brackets.
    """
    match = _HEAD.match(head) if len(head) < 200 else None
    if match is None:
        raise EquationError(
            f'a name is expected, as "x", or a family, as "x[i]", got {head[:60]!r}', head
        )
    return match.group(1), match.group(2)


def size(text: str, sizes: Mapping[str, int]) -> int:
    """A number of places: a whole number, a size, or a sum or product of such.

    Raises
    ------
    EquationError
        If it is none, or not between 1 and `MAXIMUM_SIZE`.
    """
    count = _whole(text, sizes)
    if not 1 <= count <= MAXIMUM_SIZE:
        raise EquationError(
            f"a family has 1 to {MAXIMUM_SIZE} places, '{text.strip()}' gives {count}", text
        )
    return count


def function(head: str) -> tuple[str, tuple[str, ...]]:
    """Name and arguments of ``f(u, v)``."""
    match = _FUNCTION.match(head) if len(head) < MAXIMUM_LENGTH else None
    arguments = [a.strip() for a in match.group(2).split(",")] if match else []
    if match is None or not all(arguments):
        raise EquationError(
            f'a function is declared as "f(u)" or "f(u, v)", got {head[:60]!r}', head
        )
    return match.group(1), tuple(arguments)


def quantity(head: str, sizes: Mapping[str, int]) -> tuple[str, str, int]:
    """Name, index and number of places of ``r[i < N]``; no index and 0 for a plain name."""
    name, inside = split(head)
    if inside is None:
        return name, "", 0
    match = _COUNTED.match(inside)
    if match is None:
        raise EquationError(
            f'a quantity with places is declared as "{name}[i < N]", got {head[:60]!r}', head
        )
    return name, match.group(1), size(match.group(2), sizes)


def rules(
    what: str,
    texts: Mapping[str, str],
    rows: Mapping[str, int],
    families: Mapping[str, tuple[int, int]],
    sizes: Mapping[str, int],
    read: Callable[[str, str, str], Node],
) -> tuple[Rule, ...]:
    """Rules of one table, own texts of single places first.

    Parameters
    ----------
    what : str
        ``equation``, ``history`` or ``change``: for messages.
    texts : mapping of str to str
        Head -> text.
    rows : mapping of str to int
        Plain name (of expanded places too) -> row.
    families : mapping of str to (int, int)
        Family -> row of the first place, number of places.
    sizes : mapping of str to int
    read : callable
        ``read(label, text, index)`` -> tree; the index is empty where there is none.
    """
    single: dict[int, Rule] = {}
    general: dict[str, Rule] = {}
    for head, text in texts.items():
        name, inside = split(head)
        label = f"{what} of '{head.strip()}'"
        if inside is None or name not in families:
            if name not in rows or inside is not None:
                raise EquationError(_stranger(what, name, inside, rows, families), head)
            rule = Rule(head, name, "", rows[name], ((0, 1),), text, read(label, text, ""))
        else:
            base, count = families[name]
            match = _NAME.match(inside)
            if match is not None and match.group(1) not in sizes:
                index = match.group(1)
                check_name(index, "an index")
                if name in general:
                    raise EquationError(
                        f"there are two texts for every place of '{name}': "
                        f"'{general[name].head}' and '{head}'",
                        head,
                    )
                tree = read(label, text, index)
                general[name] = Rule(head, name, index, base, ((0, count),), text, tree)
                continue
            place = _whole(inside, sizes)
            if not 0 <= place < count:
                raise EquationError(
                    f"'{name}' has the places 0 to {count - 1}, '{head}' asks for {place}", head
                )
            # The segment says which row; the base stays the family's.
            rule = Rule(head, name, "", base, ((place, place + 1),), text, read(label, text, ""))
        row = rule.base + rule.segments[0][0]
        if row in single:
            raise EquationError(
                f"there are two texts for the same place: '{single[row].head}' and '{head}'", head
            )
        single[row] = rule
    return (*single.values(), *(_without(rule, single) for rule in general.values()))


def _without(rule: Rule, single: Mapping[int, Rule]) -> Rule:
    """A general rule without the places that have texts of their own."""
    last = rule.segments[0][1]
    own = sorted(row - rule.base for row in single if rule.base <= row < rule.base + last)
    segments = []
    first = 0
    for place in (*own, last):
        if place > first:
            segments.append((first, place))
        first = place + 1
    return Rule(rule.head, rule.name, rule.index, rule.base, tuple(segments), rule.text, rule.tree)


def _stranger(
    what: str,
    name: str,
    inside: str | None,
    rows: Mapping[str, int],
    families: Mapping[str, tuple[int, int]],
) -> str:
    article = "an" if what[0] in "aeiou" else "a"
    if inside is None and name in families:
        return f"'{name}' has many places; write \"{name}[i]\" for the {what} of all of them"
    if inside is not None and name in rows:
        return f"there is {article} {what} for '{name}[{inside}]', but '{name}' is one variable"
    known = [*families, *list(rows)[:200]]
    return f"there is {article} {what} for '{name[:60]}', which is no variable" + suggestion(
        name, known
    )


def _whole(text: str, sizes: Mapping[str, int]) -> int:
    try:
        return indices.whole(parse(text), sizes)
    except EquationError as error:
        raise EquationError(f"'{text.strip()[:60]}': {error.message}", text) from None
