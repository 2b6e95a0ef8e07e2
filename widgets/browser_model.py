"""The catalogue as a list: entries by family, filtered as a person types. No painting.

Three hundred entries are filtered in well under a frame because every entry's searchable
text is made once, when the entries are set.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt

Index = QModelIndex | QPersistentModelIndex
STARRED = "Starred"
TITLE, TITLE_WORD, WORD, ANYWHERE = 0, 1, 2, 3


@dataclass(frozen=True)
class Entry:
    """One exhibit in the catalogue.

    Attributes
    ----------
    key, title, family, kind : str
    tags : tuple of str
    year : int or None
    authors : str
    thumbnail : Path or None
        A small picture, about 4 by 3; None for a drawn placeholder.
    """

    key: str
    title: str
    family: str
    kind: str = ""
    tags: tuple[str, ...] = ()
    year: int | None = None
    authors: str = ""
    thumbnail: Path | None = None


@dataclass(frozen=True)
class Header:
    """The heading of a family, with the number of entries under it."""

    title: str
    count: int


def folded(text: str) -> str:
    """Lower case without accents, so that ``rossler`` finds Rössler."""
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in parts if not unicodedata.combining(c)).replace("-", " ")


def family_title(family: str) -> str:
    """A family's key as a heading: ``chaos-catalogue`` as ``Chaos catalogue``."""
    words = family.replace("-", " ").replace("_", " ").strip() or "Other"
    return words[0].upper() + words[1:]


class CatalogueModel(QAbstractListModel):
    """Rows of `Header` and `Entry`, grouped by family in the order families first appear."""

    RowRole = Qt.ItemDataRole.UserRole + 1
    StarRole = Qt.ItemDataRole.UserRole + 2

    def __init__(self) -> None:
        super().__init__()
        self._entries: list[Entry] = []
        self._texts: list[tuple[str, str]] = []  # (title, everything), folded
        self._starred: set[str] = set()
        self._query = ""
        self.rows: list[Header | Entry] = []

    def set_entries(self, entries: Iterable[Entry]) -> None:
        """Replace all entries; the filter stays."""
        self._entries = list(entries)
        self._texts = [
            (
                folded(e.title),
                folded(
                    " ".join(
                        (
                            e.title,
                            e.key,
                            e.authors,
                            e.kind,
                            family_title(e.family),
                            *e.tags,
                            str(e.year or ""),
                        )
                    )
                ),
            )
            for e in self._entries
        ]
        self._rebuild()

    def set_starred(self, keys: Iterable[str]) -> None:
        """Say which entries are starred; they also stand in a group at the top."""
        self._starred = set(keys)
        self._rebuild()

    @property
    def starred(self) -> frozenset[str]:
        """Keys of the starred entries."""
        return frozenset(self._starred)

    def set_query(self, query: str) -> None:
        """Show only entries that hold every word of `query`."""
        if query != self._query:
            self._query = query
            self._rebuild()

    def matches(self) -> list[Entry]:
        """The entries that match, best first: by title, by a word's beginning, by any part."""
        words = folded(self._query).split()
        ranked = []
        for position, (entry, (title, text)) in enumerate(
            zip(self._entries, self._texts, strict=True)
        ):
            if all(word in text for word in words):
                ranked.append((_rank(words, title, text), position, entry))
        ranked.sort(key=lambda item: item[:2])
        return [entry for _, _, entry in ranked]

    def row_of(self, key: str) -> int:
        """The first row that shows the entry `key` outside the starred group, or -1."""
        found = [i for i, row in enumerate(self.rows) if isinstance(row, Entry) and row.key == key]
        return found[-1] if found else -1

    def first(self) -> int:
        """The first row that holds an entry, or -1."""
        return next((i for i, row in enumerate(self.rows) if isinstance(row, Entry)), -1)

    def _rebuild(self) -> None:
        matches = self.matches()
        groups: dict[str, list[Entry]] = {}
        if not self._query.strip():
            starred = [entry for entry in matches if entry.key in self._starred]
            if starred:
                groups[STARRED] = starred
        for entry in matches:  # best matches first, so the best family comes first too
            groups.setdefault(family_title(entry.family), []).append(entry)
        rows: list[Header | Entry] = []
        for title, members in groups.items():
            rows += [Header(title, len(members)), *members]
        self.beginResetModel()
        self.rows = rows
        self.endResetModel()

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
                        ", ".join(row.tags),
                    ),
                )
            )
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        if index.isValid() and isinstance(self.rows[index.row()], Entry):
            return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return Qt.ItemFlag.NoItemFlags


def _rank(words: Sequence[str], title: str, text: str) -> int:
    """How near a match is: the title's beginning, words of the title, of the text, parts."""
    if not words or title.startswith(words[0]):
        return TITLE
    if all(f" {word}" in f" {title}" for word in words):
        return TITLE_WORD
    return WORD if all(f" {word}" in f" {text}" for word in words) else ANYWHERE


def line_of(entry: Entry, full: bool = False) -> str:
    """The muted line under a title: who, when and what kind."""
    return " · ".join(filter(None, (who_of(entry, full), entry.kind.replace("-", " "))))


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
