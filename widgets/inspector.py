"""The About panel: what the exhibit is, its equations, where it was published, its claims.

It shows an `Exhibit` and the outcome of its claims. It measures nothing and writes nothing
to the clipboard: it says what was asked for.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from engine.exhibit import Exhibit, Reference
from engine.look import Tokens
from engine.look import tokens as theme_tokens
from widgets import icons
from widgets.browser_model import Entry, family_title
from widgets.button import Button
from widgets.claim_rows import ClaimList
from widgets.latex import Formula
from widgets.neighbours import Neighbours
from widgets.reference_table import ReferenceTable, table_of


class Inspector(QWidget):
    """About the open exhibit."""

    copy_citation = Signal(str)
    """A BibTeX entry for the clipboard."""
    copy_latex = Signal(str)
    """The equations as LaTeX for the clipboard."""
    edit_requested = Signal()
    """Please open the equations in the editor."""
    neighbour_opened = Signal(str)
    """The key of an exhibit that is like this one, to be opened."""
    check_claims = Signal()
    """Please measure the claims; `set_claims` shows what came out."""

    def __init__(self, tokens: Tokens | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("inspector")
        self.setProperty("role", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._tokens = tokens
        self._exhibit: Exhibit | None = None
        self.formula: Formula | None = None
        self.claims: ClaimList | None = None
        self.reference: ReferenceTable | None = None
        self.neighbours: Neighbours | None = None
        self._buttons: list[tuple[Button, str]] = []
        self._links: list[tuple[QLabel, Reference]] = []
        self._scroll = QScrollArea(self)
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._scroll)
        self._show_empty()

    # -- what the window calls -------------------------------------------------------------

    def show_exhibit(self, exhibit: Exhibit | None) -> None:
        """Show another exhibit, or a hint where there is none."""
        self._exhibit = exhibit
        self.formula, self.claims, self.reference = None, None, None
        self.neighbours = None
        self._buttons, self._links = [], []
        if exhibit is None:
            self._show_empty()
            return
        page, column = self._page()
        self._add_head(column, exhibit)
        self._add_equations(column, exhibit)
        self._add_figures(column, exhibit)
        self._alike = QVBoxLayout()
        self._alike.setSpacing(8)
        column.addLayout(self._alike)
        self._add_references(column, exhibit)
        self._add_claims(column, exhibit)
        column.addStretch(1)
        self._scroll.setWidget(page)
        if self._tokens is not None:
            self.set_theme(self._tokens)

    def set_claims(self, rows: Sequence[Any]) -> None:
        """Show what the claims measured.

        Parameters
        ----------
        rows : sequence
            Objects with ``claim``, ``measured``, ``expected``, ``tolerance``, ``passed``,
            ``source`` and ``label``, such as `engine.claims.ClaimResult`.
        """
        if self.claims is not None:
            self.claims.set_results(rows)

    def set_neighbours(self, entries: Sequence[Entry]) -> None:
        """Show exhibits that are like this one; called once for an exhibit, or never."""
        if self._exhibit is None or not entries or self.neighbours is not None:
            return
        self._heading(self._alike, "Alike in spectrum and shape")
        self.neighbours = Neighbours(entries, self._tokens or theme_tokens("dark"))
        self.neighbours.opened.connect(self.neighbour_opened)
        self._alike.addWidget(self.neighbours)

    def set_checking(self, checking: bool, text: str = "") -> None:
        """Show that the claims are being measured; `text` says which one."""
        if self.claims is not None:
            self.claims.set_checking(checking, text)

    def set_theme(self, tokens: Tokens) -> None:
        """Take the colours of another theme."""
        self._tokens = tokens
        if self.formula is not None:
            self.formula.set_theme(tokens)
        if self.claims is not None:
            self.claims.set_theme(tokens)
        if self.reference is not None:
            self.reference.set_theme(tokens)
        if self.neighbours is not None:
            self.neighbours.set_theme(tokens)
        for button, name in self._buttons:
            button.setIcon(icons.icon(name, tokens, "accent"))
        for label, reference in self._links:
            label.setText(reference_text(reference, tokens.accent))

    def sizeHint(self) -> QSize:
        return QSize(300, 400)

    def minimumSizeHint(self) -> QSize:
        return QSize(220, 120)

    # -- building --------------------------------------------------------------------------

    def _page(self) -> tuple[QWidget, QVBoxLayout]:
        page = QWidget()
        # As wide as there is room for, whatever a long word in it would like.
        page.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        column = QVBoxLayout(page)
        column.setContentsMargins(12, 12, 12, 16)
        column.setSpacing(8)
        return page, column

    def _show_empty(self) -> None:
        page, column = self._page()
        words = "Open an exhibit from the catalogue to read about it here."
        column.addWidget(_text(words, "muted"))
        column.addStretch(1)
        self._scroll.setWidget(page)

    def _heading(self, column: QVBoxLayout, words: str) -> QHBoxLayout:
        """A section's heading; buttons may be added to the row that is returned."""
        column.addSpacing(12)
        row = QHBoxLayout()
        row.setSpacing(4)
        label = QLabel(words)
        label.setProperty("role", "heading")
        row.addWidget(label)
        row.addStretch(1)
        column.addLayout(row)
        return row

    def _link(self, words: str, icon: str, name: str) -> Button:
        button = Button(words)
        button.setObjectName(name)
        button.setProperty("role", "link")
        button.setIconSize(QSize(14, 14))
        button.setCursor(Qt.CursorShape.PointingHandCursor)
        self._buttons.append((button, icon))
        return button

    def _add_head(self, column: QVBoxLayout, exhibit: Exhibit) -> None:
        title = _text(exhibit.title, "title")
        title.setObjectName("inspector.title")
        column.addWidget(title)
        year = str(exhibit.references[0].year) if exhibit.references else ""
        facts = (year, exhibit.kind.replace("-", " "), family_title(exhibit.family))
        column.addWidget(_text(" · ".join(filter(None, facts)), "muted"))
        column.addSpacing(4)
        summary = _text("", "")
        summary.setObjectName("inspector.summary")
        summary.setTextFormat(Qt.TextFormat.RichText)
        paragraphs = [" ".join(p.split()) for p in exhibit.summary.strip().split("\n\n")]
        summary.setText(
            "".join(
                f'<p style="line-height:142%; margin:0 0 6px 0">{html.escape(p)}</p>'
                for p in paragraphs
                if p
            )
        )
        column.addWidget(summary)

    def _add_equations(self, column: QVBoxLayout, exhibit: Exhibit) -> None:
        lines = exhibit.latex()
        if not lines:
            return
        row = self._heading(column, "Equations")
        copy = self._link("Copy LaTeX", "copy", "inspector.copy-latex")
        copy.clicked.connect(lambda: self.copy_latex.emit(" \\\\\n".join(lines)))
        if exhibit.system is not None:
            edit = self._link("Edit", "equation", "inspector.edit-equations")
            edit.setToolTip("Open these equations in the editor")
            edit.clicked.connect(self.edit_requested)
            row.addWidget(edit)
        row.addWidget(copy)
        card = QFrame()
        card.setProperty("role", "card")
        inside = QVBoxLayout(card)
        inside.setContentsMargins(12, 12, 12, 12)
        self.formula = Formula()
        inside.addWidget(self.formula)
        column.addWidget(card)
        self.formula.show_lines(lines)

    def _add_figures(self, column: QVBoxLayout, exhibit: Exhibit) -> None:
        self.reference = table_of(exhibit.system)
        if self.reference is not None:
            self._heading(column, "Reference figures")
            column.addWidget(self.reference)

    def _add_references(self, column: QVBoxLayout, exhibit: Exhibit) -> None:
        if not exhibit.references:
            return
        row = self._heading(
            column, "Published in" if len(exhibit.references) == 1 else "References"
        )
        for number, reference in enumerate(exhibit.references):
            label = _text("", "")
            label.setTextFormat(Qt.TextFormat.RichText)
            label.setOpenExternalLinks(True)
            label.setText(reference_text(reference, ""))
            entry = QVBoxLayout()
            entry.setSpacing(0)
            entry.addWidget(label)
            column.addLayout(entry)
            self._links.append((label, reference))
            copy = self._link("Copy citation", "copy", f"inspector.copy-citation.{number}")
            copy.setToolTip("Copy as a BibTeX entry")
            copy.clicked.connect(lambda _=False, r=reference: self.copy_citation.emit(r.bibtex()))
            if len(exhibit.references) == 1:
                row.addWidget(copy)
            else:
                entry.addWidget(copy, 0, Qt.AlignmentFlag.AlignLeft)
        if exhibit.aliases:
            names = ", ".join(f"{name} in {where}" for where, name in exhibit.aliases.items())
            column.addWidget(_text(f"Also known as {names}", "caption"))

    def _add_claims(self, column: QVBoxLayout, exhibit: Exhibit) -> None:
        if not exhibit.claims:
            return
        row = self._heading(column, "Claims")
        self.claims = ClaimList(exhibit.claims)
        self.claims.check_requested.connect(self.check_claims)
        row.addWidget(self.claims.button)
        column.addWidget(self.claims)


def _text(words: str, role: str) -> QLabel:
    """A wrapped label whose text can be selected."""
    label = QLabel(words)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setProperty("role", role)
    label.setTextInteractionFlags(
        Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.LinksAccessibleByMouse
    )
    return label


def breakable(text: str) -> str:
    """A long word with places where a line may end, after punctuation."""
    return re.sub(r"([/:;.,()<>_-])", "\\1\u200b", text)


def reference_text(reference: Reference, colour: str) -> str:
    """A reference as rich text, its DOI a link to doi.org in `colour`."""
    escape = html.escape
    text = f"{escape(reference.authors)} ({reference.year}). <i>{escape(reference.title)}.</i>"
    if reference.source:
        text += f" {escape(reference.source)}."
    if reference.doi:
        style = f' style="color:{colour}; text-decoration:none"' if colour else ""
        text += (
            f' <a href="https://doi.org/{quote(reference.doi, safe="/")}"{style}>'
            f"doi:{escape(breakable(reference.doi))}</a>"
        )
    return f'<p style="line-height:136%; margin:0">{text}</p>'
