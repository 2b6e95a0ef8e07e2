"""The catalogue: search, filters and orders over a list of exhibits with pictures.

It is given entries and says which one a person opens, stars or drags, and what is asked of one
in its menu. It opens nothing itself.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence, QResizeEvent, QShortcut, QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from engine.look import Tokens
from engine.look import tokens as theme_tokens
from widgets import icons
from widgets.browser_bar import CatalogueBar
from widgets.browser_delegate import FOLDED_WIDTH, CatalogueDelegate, star_rect
from widgets.browser_filter import FAMILY, Filter, facets, nothing
from widgets.browser_list import CatalogueList, entry_menu
from widgets.browser_model import CatalogueModel, Entry, Header
from widgets.button import Button
from widgets.filter_popup import FilterPopup

__all__ = ["Browser", "Entry"]


class Browser(QWidget):
    """Search and choose an exhibit. Narrower than a title it shows pictures only."""

    opened = Signal(str)
    """The key of the exhibit to open."""
    star_toggled = Signal(str, bool)
    """(key, whether it is starred now)."""
    copied = Signal(str)
    """The key of an exhibit for the clipboard."""
    file_wanted = Signal(str)
    """The key of an own system whose file is to be shown."""
    drag_began = Signal(object)
    """An `Entry` is being dragged."""
    drag_ended = Signal()
    room_wanted = Signal()
    """Folded to pictures, it was asked for its search: please make it wider."""
    sorting = Signal(str)
    """It is going to be sorted by this; exponents may be set now."""

    def __init__(self, tokens: Tokens | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("browser")
        self.setProperty("role", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._current = ""
        self._popup: FilterPopup | None = None
        self.model = CatalogueModel()
        self.delegate = CatalogueDelegate(tokens or theme_tokens("dark"), self.model)
        self.delegate.star_pressed.connect(self._toggle_star)
        self._build_search()
        self._build_bar()
        self._build_list()
        self._build_empty()
        self._stack = QStackedWidget(self)
        self._stack.addWidget(self.list)
        self._stack.addWidget(self._empty)
        column = QVBoxLayout(self)
        column.setSizeConstraint(QVBoxLayout.SizeConstraint.SetNoConstraint)  # folds far below it
        column.setContentsMargins(0, 8, 0, 0)
        column.setSpacing(4)
        holder = QVBoxLayout()
        holder.setContentsMargins(8, 0, 8, 0)
        holder.setSpacing(4)
        row = QHBoxLayout()
        row.setSpacing(4)
        row.addWidget(self.search, 1)
        row.addWidget(self.unfold_button, 0, Qt.AlignmentFlag.AlignHCenter)
        row.addWidget(self.surprise_button)
        holder.addLayout(row)
        holder.addWidget(self.bar)
        column.addLayout(holder)
        column.addWidget(self._stack, 1)
        self.setFocusProxy(self.search)
        star = QShortcut(QKeySequence("Ctrl+D"), self)
        star.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        star.activated.connect(self._star_chosen)
        self.set_theme(self.delegate.tokens)

    def _build_search(self) -> None:
        self.search = QLineEdit(self)
        self.search.setObjectName("browser.search")
        self.search.setProperty("role", "search")
        self.search.setPlaceholderText("Search the catalogue")
        self.search.setAccessibleName("Search the catalogue")
        self.search.setToolTip("A name, an author, a tag, a year or part of an equation")
        self.search.setClearButtonEnabled(True)
        self._glass = QAction(self)
        self.search.addAction(self._glass, QLineEdit.ActionPosition.LeadingPosition)
        self.search.textChanged.connect(self._filter)
        self.search.installEventFilter(self)
        self.surprise_button = self._tool("browser.surprise", "Surprise me: open one of these")
        self.surprise_button.clicked.connect(self.surprise)
        self.unfold_button = self._tool("browser.unfold", "Search the catalogue")
        self.unfold_button.clicked.connect(self.room_wanted)
        self.unfold_button.hide()

    def _tool(self, name: str, hint: str) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName(name)
        button.setToolTip(hint)
        button.setAccessibleName(hint)
        button.setIconSize(QSize(16, 16))
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        return button

    def _build_bar(self) -> None:
        self.bar = CatalogueBar(self.delegate.tokens, self)
        self.bar.filters_wanted.connect(self._open_filters)
        self.bar.chip_removed.connect(self._toggle_choice)
        self.bar.cleared.connect(self.clear_filter)
        self.bar.sort_chosen.connect(self.sort_by)

    def _build_list(self) -> None:
        self.list = CatalogueList(self)
        self.list.setObjectName("browser.list")
        self.list.setAccessibleName("Exhibits")
        self.list.setModel(self.model)
        self.list.setItemDelegate(self.delegate)
        self.list.clicked.connect(self._clicked)
        self.list.menu_wanted.connect(self._open_menu)
        self.list.drag_began.connect(self.drag_began)
        self.list.drag_ended.connect(self.drag_ended)
        self.list.installEventFilter(self)
        self.delegate.thumbnails.arrived.connect(self.list.viewport().update)

    def _build_empty(self) -> None:
        self._empty = QWidget(self)
        column = QVBoxLayout(self._empty)
        column.setContentsMargins(16, 24, 16, 16)
        column.setSpacing(12)
        self.empty_text = QLabel(self._empty)
        self.empty_text.setObjectName("browser.empty")
        self.empty_text.setProperty("role", "muted")
        self.empty_text.setWordWrap(True)
        self.empty_text.setTextFormat(Qt.TextFormat.PlainText)
        self.clear_button = Button("Show everything", self._empty)
        self.clear_button.setObjectName("browser.clear")
        self.clear_button.clicked.connect(self._clear_all)
        column.addWidget(self.empty_text)
        column.addWidget(self.clear_button, 0, Qt.AlignmentFlag.AlignLeft)
        column.addStretch(1)

    # -- what the window calls -------------------------------------------------------------

    def set_entries(self, entries: Sequence[Entry]) -> None:
        """Show these entries; search and current entry stay."""
        self.delegate.forget_pictures()
        self.model.set_entries(entries)
        self._after_filter()

    def set_current(self, key: str) -> None:
        """Mark the entry that is open. Emits nothing."""
        self._current = key
        self.delegate.current_key = key
        self._show_current()
        self.list.viewport().update()

    def set_starred(self, keys: Iterable[str]) -> None:
        """Say which entries are starred. Emits nothing."""
        self.model.set_starred(keys)
        self._after_filter()

    def set_recent(self, keys: Iterable[str]) -> None:
        """Say what was opened lately, newest first; what is in sight stays where it is."""
        place = self.list.place()
        self.model.set_recent(keys)
        self.list.put_back(place, self._current)

    def set_exponents(self, exponents: Mapping[str, float]) -> None:
        """Say the largest exponent of entries by key."""
        self.model.set_exponents(exponents)
        self._after_filter()

    def set_theme(self, tokens: Tokens) -> None:
        """Take the colours of another theme."""
        self.delegate.set_theme(tokens)
        self._glass.setIcon(icons.icon("search", tokens, "muted"))
        self.surprise_button.setIcon(icons.icon("seed", tokens, "muted"))
        self.unfold_button.setIcon(icons.icon("search", tokens, "muted"))
        self.bar.set_theme(tokens)
        self.list.viewport().update()

    def surprise(self) -> None:
        """Open any of the entries that are shown, but not the one that is open."""
        others = [entry.key for entry in self.model.matches() if entry.key != self._current]
        if others:
            self.opened.emit(random.choice(others))

    def sizeHint(self) -> QSize:
        return QSize(260, 480)

    def minimumSizeHint(self) -> QSize:
        return QSize(72, 120)

    # -- searching, filtering, sorting -----------------------------------------------------

    def set_filter(self, chosen: Filter) -> None:
        """Show only entries that pass."""
        self.bar.set_filter(chosen)
        self.model.set_filter(chosen)
        self._after_filter()

    def clear_filter(self) -> None:
        """Let everything through; the search stays."""
        self.set_filter(Filter())

    def sort_by(self, sort: str, reverse: bool = False) -> None:
        """Order the entries by one of `browser_filter.SORTS`."""
        self.sorting.emit(sort)
        self.delegate.sort = sort
        self.bar.set_sort(sort, reverse)
        self.list.setUniformItemSizes(sort != FAMILY)  # without headings all rows are alike
        self.model.set_sort(sort, reverse)
        self._after_filter()
        self.list.scrollToTop()

    def _toggle_choice(self, group: str, value: Any) -> None:
        self.set_filter(self.model.filter.toggled(group, value))

    def _open_filters(self, place: QPoint) -> None:
        if self._popup is not None:
            self._popup.deleteLater()
        model = self.model
        counts = facets(model.found(), model.filter, model.starred)
        every = facets(model.entries, Filter(tags=model.filter.tags), frozenset())
        # Every value there is has its chip, also where the search leaves none of it.
        whole = {group: {v: counts[group].get(v, 0) for v in every[group]} for group in every}
        self._popup = FilterPopup(whole, model.filter, self)
        self._popup.toggled.connect(self._toggle_choice)
        self._popup.cleared.connect(self.clear_filter)
        self._popup.open_at(place)

    def _filter(self, text: str) -> None:
        self.model.set_query(text)
        self._after_filter()

    def _after_filter(self) -> None:
        model = self.model
        query = self.search.text().strip()
        shown = len({row.key for row in model.rows if isinstance(row, Entry)})
        self.bar.set_count(shown, len(model.entries))
        if self._popup is not None and self._popup.isVisible():
            self._popup.show_counts(
                facets(model.found(), model.filter, model.starred), model.filter
            )
        self._stack.setCurrentIndex(0 if shown else 1)
        self.clear_button.setVisible(model.narrowed)
        if not shown:
            self.empty_text.setText(nothing(query, model.filter))
            return
        if query:
            self._reveal(model.first())
        else:
            self._show_current()
        if model.narrowed:
            self.list.scrollToTop()

    def _show_current(self) -> None:
        """Select the open entry, where it is in sight already if it is."""
        row = self.model.shown_at(self._current, self.list.rows_in_sight())
        if row >= 0:
            self._reveal(row)

    def _reveal(self, row: int) -> None:
        """Select a row and bring it into sight, with the heading where it is the first."""
        if row > 0 and isinstance(self.model.rows[row - 1], Header):
            self.list.scrollTo(self.model.index(row - 1))
        self.list.setCurrentIndex(self.model.index(row))
        self.list.scrollTo(self.model.index(row))

    def _clear(self) -> None:
        self.search.clear()
        self.search.setFocus()

    def _clear_all(self) -> None:
        self.clear_filter()
        self._clear()

    def _open(self, row: int) -> None:
        if 0 <= row < len(self.model.rows):
            entry = self.model.rows[row]
            if isinstance(entry, Entry):
                self.opened.emit(entry.key)

    def _open_menu(self, entry: Entry, place: QPoint) -> None:
        menu = entry_menu(entry, entry.key in self.model.starred, self)
        does = {
            "open": self.opened.emit,
            "star": self._toggle_star,
            "copy": self.copied.emit,
            "file": self.file_wanted.emit,
        }
        menu.triggered.connect(lambda action: does[action.objectName()](entry.key))
        menu.popup(place)

    def _star_chosen(self) -> None:
        entry = self.list.entry()
        if entry is not None:
            self._toggle_star(entry.key)

    def _clicked(self, index: QModelIndex) -> None:
        place = self.list.viewport().mapFromGlobal(self.list.cursor().pos())
        on_star = star_rect(self.list.visualRect(index)).adjusted(-6, -6, 6, 6).contains(place)
        if not on_star or self.list.width() < FOLDED_WIDTH:
            self._open(index.row())

    def _toggle_star(self, key: str) -> None:
        starred = key not in self.model.starred
        keys = self.model.starred | {key} if starred else self.model.starred - {key}
        place, chosen = self.list.place(), self.list.entry()
        self.model.set_starred(keys)
        self.list.put_back(place, chosen.key if chosen else "")
        self.star_toggled.emit(key, starred)

    # -- keys ------------------------------------------------------------------------------

    def _move(self, steps: int) -> None:
        """Move the selection by entries, over headings."""
        rows = [i for i, row in enumerate(self.model.rows) if not isinstance(row, Header)]
        if not rows:
            return
        now = self.list.currentIndex().row()
        if now in rows:
            place = min(len(rows) - 1, max(0, rows.index(now) + steps))
        else:
            place = 0
        self.list.setCurrentIndex(self.model.index(rows[place]))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if watched is self.search:
                return self._search_key(event)
            if watched is self.list and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._open(self.list.currentIndex().row())
                return True
        return super().eventFilter(watched, event)

    def _search_key(self, event: QKeyEvent) -> bool:
        moves = {
            Qt.Key.Key_Down: 1,
            Qt.Key.Key_Up: -1,
            Qt.Key.Key_PageDown: 6,
            Qt.Key.Key_PageUp: -6,
        }
        key = Qt.Key(event.key())
        if key in moves:
            self._move(moves[key])
            return True
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            now = self.list.currentIndex().row()
            self._open(now if now >= 0 else self.model.first())
            return True
        if key == Qt.Key.Key_Escape and self.search.text():
            self._clear()
            return True
        if key == Qt.Key.Key_Escape and self.model.filter.active:
            self.clear_filter()
            return True
        return False

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        # Rows have no places before the first layout, so bring the open one into sight now.
        if not self.search.text():
            self._show_current()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        wide = self.width() >= FOLDED_WIDTH
        for part in (self.search, self.surprise_button, self.bar):
            part.setVisible(wide)
        self.unfold_button.setVisible(not wide)
