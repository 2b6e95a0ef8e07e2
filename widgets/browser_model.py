"""The catalogue as a list: entries by family or in one order, filtered as a person types.

Three hundred entries are filtered in well under a frame because every entry's searchable
text is made once, when the entries are set. What may be chosen is ``browser_filter``;
nothing is painted here.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QAbstractListModel, QMimeData, QModelIndex, QPersistentModelIndex, Qt

from widgets.browser_filter import FAMILY, KIND, Filter, sort_key, words
from widgets.number_scale import number_text

Index = QModelIndex | QPersistentModelIndex
RECENT, STARRED = "Recent", "Starred"
RECENT_SHOWN = 4
TITLE, TITLE_WORD, WORD, ANYWHERE, EQUATION = 0, 1, 2, 3, 4
MIME = "application/x-phasescope-exhibit"
"""The type of what is dragged out of the catalogue: the key of an exhibit."""


@dataclass(frozen=True)
class Entry:
    """One exhibit in the catalogue.

    Attributes
    ----------
    key, title, family, kind : str
    tags : tuple of str
    year : int or None
    authors : str
        Of the first reference.
    thumbnail : Path or None
        A small picture, about 4 by 3; None for a drawn placeholder.
    dimension : int
        Number of variables; 0 where there is no such number.
    equations : str
        For searching.
    words : str
        What else it is found by: further authors, names elsewhere.
    largest : float or None
        Largest Lyapunov exponent, where it is known.
    own : bool
        Whether it is a person's own file.
    """

    key: str
    title: str
    family: str
    kind: str = ""
    tags: tuple[str, ...] = ()
    year: int | None = None
    authors: str = ""
    thumbnail: Path | None = None
    dimension: int = 0
    equations: str = ""
    words: str = ""
    largest: float | None = None
    own: bool = False


@dataclass(frozen=True)
class Header:
    """The heading of a family, with the number of entries under it."""

    title: str
    count: int


def folded(text: str) -> str:
    """Lower case without accents, so that ``rossler`` finds Rössler."""
    if text.isascii():  # nearly all text is, and needs no look at every letter
        return text.lower().replace("-", " ")
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in parts if not unicodedata.combining(c)).replace("-", " ")


def family_title(family: str) -> str:
    """A family's key as a heading: ``chaos-catalogue`` as ``Chaos catalogue``."""
    words = family.replace("-", " ").replace("_", " ").strip() or "Other"
    return words[0].upper() + words[1:]


class CatalogueModel(QAbstractListModel):
    """Rows of `Header` and `Entry`, grouped by family in the order families first appear.

    Sorted by anything else there are no headings. What was opened lately and what is starred
    stand in groups of their own at the top as long as nothing is searched or filtered.
    """

    RowRole = Qt.ItemDataRole.UserRole + 1
    StarRole = Qt.ItemDataRole.UserRole + 2

    def __init__(self) -> None:
        super().__init__()
        self.entries: list[Entry] = []
        self._texts: list[tuple[str, str, str]] = []  # (title, all but equations, equations)
        self._starred: set[str] = set()
        self._recent: tuple[str, ...] = ()
        self._query = ""
        self.filter = Filter()
        self.order = FAMILY
        self.reverse = False
        self.rows: list[Header | Entry] = []

    def set_entries(self, entries: Iterable[Entry]) -> None:
        """Replace all entries; the filter stays."""
        self.entries = list(entries)
        self._texts = [_searchable(entry) for entry in self.entries]
        self._rebuild()

    def set_exponents(self, exponents: Mapping[str, float]) -> None:
        """Say the largest exponent of entries by key, for sorting."""
        self.entries = [replace(e, largest=exponents.get(e.key)) for e in self.entries]
        self._rebuild()

    def set_starred(self, keys: Iterable[str]) -> None:
        """Say which entries are starred; they also stand in a group at the top."""
        self._starred = set(keys)
        self._rebuild()

    @property
    def starred(self) -> frozenset[str]:
        """Keys of the starred entries."""
        return frozenset(self._starred)

    def set_recent(self, keys: Iterable[str]) -> None:
        """Say what was opened lately, newest first; the first few stand at the top."""
        keys = tuple(keys)
        if keys != self._recent:
            self._recent = keys
            self._rebuild()

    def set_query(self, query: str) -> None:
        """Show only entries that hold every word of `query`."""
        if query != self._query:
            self._query = query
            self._rebuild()

    def set_filter(self, chosen: Filter) -> None:
        """Show only entries that pass."""
        if chosen != self.filter:
            self.filter = chosen
            self._rebuild()

    def set_sort(self, sort: str, reverse: bool = False) -> None:
        """Order the entries by one of `browser_filter.SORTS`."""
        if (sort, reverse) != (self.order, self.reverse):
            self.order, self.reverse = sort, reverse
            self._rebuild()

    @property
    def narrowed(self) -> bool:
        """Whether a search or a filter may keep entries back."""
        return self.filter.active or bool(self._query.strip())

    def found(self) -> list[Entry]:
        """The entries that match the query, whatever the filter says."""
        asked = folded(self._query).split()
        return [
            entry
            for entry, (_, text, equations) in zip(self.entries, self._texts, strict=True)
            if all(word in text or word in equations for word in asked)
        ]

    def matches(self) -> list[Entry]:
        """The entries that match, best first: by title, by a word's beginning, by any part."""
        asked = folded(self._query).split()
        chosen, starred = self.filter, self._starred
        ranked = []
        for position, (entry, (title, text, equations)) in enumerate(
            zip(self.entries, self._texts, strict=True)
        ):
            if chosen.active and not chosen.passes(entry, entry.key in starred):
                continue
            if all(word in text or word in equations for word in asked):
                ranked.append((_rank(asked, title, text), position, entry))
        ranked.sort(key=lambda item: item[:2])
        return [entry for _, _, entry in ranked]

    def row_of(self, key: str) -> int:
        """The first row that shows the entry `key` outside the groups at the top, or -1."""
        found = [i for i, row in enumerate(self.rows) if isinstance(row, Entry) and row.key == key]
        return found[-1] if found else -1

    def shown_at(self, key: str, sight: range) -> int:
        """The row of the entry `key` among the rows in sight; else as `row_of`."""
        for row in sight:
            shown = self.rows[row] if row < len(self.rows) else None
            if isinstance(shown, Entry) and shown.key == key:
                return row
        return self.row_of(key)

    def is_header(self, row: int) -> bool:
        """Whether a row is a heading."""
        return isinstance(self.rows[row], Header)

    def first(self) -> int:
        """The first row that holds an entry, or -1."""
        return next((i for i, row in enumerate(self.rows) if isinstance(row, Entry)), -1)

    def _rebuild(self) -> None:
        matches = self.matches()
        rows: list[Header | Entry] = []
        if self.order == FAMILY:
            for title, members in self._groups(matches).items():
                rows += [Header(title, len(members)), *members]
        else:
            rows += sorted(
                matches, key=sort_key(self.order, self.reverse, lambda entry: folded(entry.title))
            )
            if self.order == "name" and self.reverse:
                rows.reverse()
        self.beginResetModel()
        self.rows = rows
        self.endResetModel()

    def _groups(self, matches: Sequence[Entry]) -> dict[str, list[Entry]]:
        groups: dict[str, list[Entry]] = {}
        if not self.narrowed:
            by_key = {entry.key: entry for entry in matches}
            recent = [by_key[key] for key in self._recent if key in by_key][:RECENT_SHOWN]
            starred = [entry for entry in matches if entry.key in self._starred]
            groups = {
                title: list(members)
                for title, members in ((RECENT, recent), (STARRED, starred))
                if members
            }
        families: dict[str, list[Entry]] = {}
        for entry in matches:  # best matches first, so the best family comes first too
            families.setdefault(family_title(entry.family), []).append(entry)
        if self.reverse:
            families = dict(reversed(families.items()))
        return groups | families

    # -- what Qt asks ----------------------------------------------------------------------

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or index.row() >= len(self.rows):
            return None
        row = self.rows[index.row()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return row.title
        if role == self.RowRole:
            return row
        if role == self.StarRole:
            return isinstance(row, Entry) and row.key in self._starred
        if role == Qt.ItemDataRole.ToolTipRole and isinstance(row, Entry):
            return "<br>".join(
                filter(
                    None,
                    (
                        f"<span style='font-weight:600'>{row.title}</span>",
                        line_of(row, full=True),
                        facts_of(row),
                        ", ".join(row.tags),
                    ),
                )
            )
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        if index.isValid() and isinstance(self.rows[index.row()], Entry):
            return (
                Qt.ItemFlag.ItemIsEnabled
                | Qt.ItemFlag.ItemIsSelectable
                | Qt.ItemFlag.ItemIsDragEnabled
            )
        return Qt.ItemFlag.NoItemFlags

    def mimeTypes(self) -> list[str]:
        return [MIME, "text/plain"]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        data = QMimeData()
        entry = indexes[0].data(self.RowRole) if indexes else None
        if isinstance(entry, Entry):
            data.setData(MIME, entry.key.encode())
            data.setText(entry.key)
        return data


def _searchable(entry: Entry) -> tuple[str, str, str]:
    text = (
        entry.title,
        entry.key,
        entry.authors,
        entry.kind,
        words(KIND, entry.kind),
        family_title(entry.family),
        *entry.tags,
        str(entry.year or ""),
        entry.words,
    )
    return folded(entry.title), folded(" ".join(text)), folded(entry.equations.replace(" ", ""))


def _rank(asked: Sequence[str], title: str, text: str) -> int:
    """How near a match is: the title's beginning, words of the title, of the text, parts."""
    if not asked or title.startswith(asked[0]):
        return TITLE
    if all(f" {word}" in f" {title}" for word in asked):
        return TITLE_WORD
    if all(f" {word}" in f" {text}" for word in asked):
        return WORD
    return ANYWHERE if all(word in text for word in asked) else EQUATION


def line_of(entry: Entry, full: bool = False, sort: str = FAMILY) -> str:
    """The muted line under a title: who, when and what kind; first what it is sorted by."""
    first = ""
    if sort == "largest":
        first = exponent_of(entry) or "\u03bb\u2081 unknown"
    elif sort == "dimension" and entry.dimension:
        first = f"{entry.dimension} variable{'s' * (entry.dimension > 1)}"
    return " · ".join(filter(None, (first, who_of(entry, full), words(KIND, entry.kind))))


def exponent_of(entry: Entry) -> str:
    """The largest exponent with its symbol, where it is known."""
    if entry.largest is None:
        return ""
    return f"\u03bb\u2081 {number_text(entry.largest, 3)}".replace("-", "\u2212")


def facts_of(entry: Entry) -> str:
    """Number of variables and largest exponent, where they are known."""
    size = f"{entry.dimension} variable{'s' * (entry.dimension > 1)}" if entry.dimension else ""
    return " · ".join(filter(None, (size, exponent_of(entry))))


def who_of(entry: Entry, full: bool = False) -> str:
    """Authors and year, where they are known."""
    authors = entry.authors if full else short_authors(entry.authors)
    return " ".join(filter(None, (authors, str(entry.year) if entry.year else "")))


def short_authors(authors: str) -> str:
    """Family names: one, two with an ampersand, or the first and ``et al.``"""
    people = [p for part in authors.split(" and ") for p in part.split(",") if p.strip()]
    names: Sequence[str] = [person.split()[-1].strip(". ") for person in people]
    if len(names) <= 2:
        return " & ".join(names)
    return f"{names[0]} et al."
