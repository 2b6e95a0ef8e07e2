"""What the catalogue may be filtered and sorted by. Plain values; no Qt.

Within kinds and dimensions one of the chosen is enough; of the tags an entry must have all.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from widgets.browser_model import Entry

STAR, KIND, DIMENSION, TAG = "starred", "kind", "dimension", "tag"
GROUPS = (STAR, KIND, DIMENSION, TAG)
MANY = 5
"""From this dimension on systems share one chip."""
FEW = 3
"""A tag of fewer entries has no chip of its own; the search finds it."""
KIND_WORDS = MappingProxyType({"sde": "noisy", "dde": "delayed", "ode": "flow"})
FAMILY = "family"
SORTS: Mapping[str, str] = MappingProxyType(
    {
        FAMILY: "Family",
        "name": "Name",
        "year": "Year",
        "largest": "Largest exponent",
        "dimension": "Dimension",
    }
)
"""What entries can be sorted by, in words."""


@dataclass(frozen=True)
class Filter:
    """Which entries are wanted; nothing chosen lets all through."""

    kinds: frozenset[str] = frozenset()
    dimensions: frozenset[int] = frozenset()
    tags: frozenset[str] = frozenset()
    starred: bool = False

    @property
    def active(self) -> bool:
        """Whether it keeps anything back."""
        return bool(self.kinds or self.dimensions or self.tags or self.starred)

    def passes(self, entry: Entry, starred: bool) -> bool:
        """Whether an entry is wanted."""
        return (
            (not self.starred or starred)
            and (not self.kinds or entry.kind in self.kinds)
            and (not self.dimensions or band(entry.dimension) in self.dimensions)
            and (not self.tags or self.tags.issubset(entry.tags))
        )

    def chosen(self) -> tuple[tuple[str, Any], ...]:
        """Every choice as (group, value), in the order of the groups."""
        return (
            *(((STAR, True),) if self.starred else ()),
            *((KIND, kind) for kind in sorted(self.kinds)),
            *((DIMENSION, dimension) for dimension in sorted(self.dimensions)),
            *((TAG, tag) for tag in sorted(self.tags)),
        )

    def toggled(self, group: str, value: Any) -> Filter:
        """With a choice made, or taken back where it was made."""
        if group == STAR:
            return replace(self, starred=not self.starred)
        name = {KIND: "kinds", DIMENSION: "dimensions", TAG: "tags"}[group]
        return replace(self, **{name: getattr(self, name) ^ {value}})

    def without(self, group: str) -> Filter:
        """With nothing chosen in a group."""
        name = {KIND: "kinds", DIMENSION: "dimensions", TAG: "tags"}[group]
        return replace(self, **{name: frozenset()})


def band(dimension: int) -> int:
    """The chip of a dimension: 1 to 4 have their own, larger ones share `MANY`; 0 has none."""
    return min(dimension, MANY)


def words(group: str, value: Any) -> str:
    """A choice in words, as its chip says it."""
    if group == STAR:
        return "starred"
    if group == DIMENSION:
        return f"{value}+ variables" if value == MANY else f"{value} variable{'s' * (value > 1)}"
    return KIND_WORDS.get(value, str(value).replace("-", " "))


def facets(
    entries: Sequence[Entry], chosen: Filter, starred: frozenset[str]
) -> dict[str, dict[Any, int]]:
    """How many entries every choice would leave, by group and value.

    Kinds and dimensions are counted as if nothing were chosen in their own group, because
    choosing there adds; tags are counted among what is left, because choosing there narrows.
    Whatever is in any entry has a row, be it zero, but for tags of fewer than `FEW`.
    """
    kinds: Counter[str] = Counter()
    dimensions: Counter[int] = Counter()
    tags: Counter[str] = Counter()
    any_kind, any_dimension = chosen.without(KIND), chosen.without(DIMENSION)
    stars = 0
    for entry in entries:
        star = entry.key in starred
        kinds[entry.kind] += any_kind.passes(entry, star)
        if entry.dimension:
            dimensions[band(entry.dimension)] += any_dimension.passes(entry, star)
        left = chosen.passes(entry, star)
        stars += star and left
        for tag in entry.tags:
            tags[tag] += left
    kinds.pop("", None)
    held = Counter(tag for entry in entries for tag in entry.tags)
    return {
        STAR: {True: stars},
        KIND: dict(sorted(kinds.items(), key=lambda item: words(KIND, item[0]))),
        DIMENSION: dict(sorted(dimensions.items())),
        TAG: {tag: tags[tag] for tag in sorted(tags) if held[tag] >= FEW or tag in chosen.tags},
    }


def nothing(query: str, chosen: Filter) -> str:
    """Why the list is empty and what to do."""
    filtered = ", ".join(words(group, value) for group, value in chosen.chosen())
    if query and filtered:
        return f"Nothing under {filtered} matches \u201c{query}\u201d."
    if query:
        return (
            f"Nothing matches \u201c{query}\u201d. Try a name, an author, part of an equation or a "
            "word such as \u201cchaotic\u201d."
        )
    if filtered:
        return f"Nothing is all of this at once: {filtered}."
    return "The catalogue is empty."


def sort_key(sort: str, reverse: bool, name_of: Callable[[Entry], str]) -> Callable[[Entry], Any]:
    """A key for `sorted`: names upwards, years and dimensions upwards, exponents downwards.

    What an entry does not say stands last, in either direction.
    """
    sign = -1.0 if (sort == "largest") != reverse else 1.0

    def number(entry: Entry) -> float | None:
        if sort == "year":
            return entry.year
        if sort == "dimension":
            return entry.dimension or None
        return entry.largest if sort == "largest" else None

    def key(entry: Entry) -> tuple[bool, float, str]:
        value = number(entry)
        if value is None or not math.isfinite(value):
            return True, 0.0, name_of(entry)
        return False, sign * value, name_of(entry)

    return key
