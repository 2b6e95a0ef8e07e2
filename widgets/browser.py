"""The catalogue: a search line over a list of exhibits with pictures, by family.

It is given entries and says which one a person opens or stars. It opens nothing itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from PySide6.QtCore import QEvent, QModelIndex, QObject, QSize, Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QLabel,
    QLineEdit,
    QListView,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from engine.look import Tokens
from engine.look import tokens as theme_tokens
from widgets import icons
from widgets.browser_delegate import FOLDED_WIDTH, CatalogueDelegate, star_rect
from widgets.browser_model import CatalogueModel, Entry, Header
from widgets.button import Button

__all__ = ["Browser", "Entry"]


class Browser(QWidget):
    """Search and choose an exhibit. Narrower than a title it shows pictures only."""

    opened = Signal(str)
    """The key of the exhibit to open."""
    star_toggled = Signal(str, bool)
    """(key, whether it is starred now)."""

    def __init__(self, tokens: Tokens | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("browser")
        self.setProperty("role", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._current = ""
        self.model = CatalogueModel()
        self.delegate = CatalogueDelegate(tokens or theme_tokens("dark"))
        self.delegate.star_pressed.connect(self._toggle_star)
        self._build_search()
        self._build_list()
        self._build_empty()
        self._stack = QStackedWidget(self)
        self._stack.addWidget(self.list)
        self._stack.addWidget(self._empty)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 0)
        column.setSpacing(4)
        holder = QVBoxLayout()
        holder.setContentsMargins(8, 0, 8, 0)
        holder.addWidget(self.search)
        column.addLayout(holder)
        column.addWidget(self._stack, 1)
        self.setFocusProxy(self.search)
        self.set_theme(self.delegate.tokens)

    def _build_search(self) -> None:
        self.search = QLineEdit(self)
        self.search.setObjectName("browser.search")
        self.search.setProperty("role", "search")
        self.search.setPlaceholderText("Search the catalogue")
        self.search.setAccessibleName("Search the catalogue")
        self.search.setClearButtonEnabled(True)
        self._glass = QAction(self)
        self.search.addAction(self._glass, QLineEdit.ActionPosition.LeadingPosition)
        self.search.textChanged.connect(self._filter)
        self.search.installEventFilter(self)

    def _build_list(self) -> None:
        self.list = QListView(self)
        self.list.setObjectName("browser.list")
        self.list.setAccessibleName("Exhibits")
        self.list.setModel(self.model)
        self.list.setItemDelegate(self.delegate)
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.list.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setMouseTracking(True)
        self.list.viewport().setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.list.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.list.clicked.connect(self._clicked)
        self.list.installEventFilter(self)

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
        self.clear_button = Button("Clear the search", self._empty)
        self.clear_button.setObjectName("browser.clear")
        self.clear_button.clicked.connect(self._clear)
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
        row = self.model.row_of(key)
        if row >= 0:
            self._reveal(row)
        self.list.viewport().update()

    def set_starred(self, keys: Iterable[str]) -> None:
        """Say which entries are starred. Emits nothing."""
        self.model.set_starred(keys)
        self._after_filter()

    def set_theme(self, tokens: Tokens) -> None:
        """Take the colours of another theme."""
        self.delegate.set_theme(tokens)
        self._glass.setIcon(icons.icon("search", tokens, "muted"))
        self.list.viewport().update()

    def sizeHint(self) -> QSize:
        return QSize(260, 480)

    def minimumSizeHint(self) -> QSize:
        return QSize(72, 120)

    # -- searching -------------------------------------------------------------------------

    def _filter(self, text: str) -> None:
        self.model.set_query(text)
        self._after_filter()

    def _after_filter(self) -> None:
        query = self.search.text().strip()
        empty = self.model.first() < 0
        self._stack.setCurrentIndex(1 if empty else 0)
        self.clear_button.setVisible(bool(query))
        if empty:
            self.empty_text.setText(
                f"Nothing matches \u201c{query}\u201d. Try a name, an author or a word such as "
                "\u201cchaotic\u201d."
                if query
                else "The catalogue is empty."
            )
            return
        row = self.model.first() if query else self.model.row_of(self._current)
        if row >= 0:
            self._reveal(row)
            if query:
                self.list.scrollToTop()

    def _reveal(self, row: int) -> None:
        """Select a row and bring it into sight, with the heading where it is the first."""
        if row > 0 and isinstance(self.model.rows[row - 1], Header):
            self.list.scrollTo(self.model.index(row - 1))
        self.list.setCurrentIndex(self.model.index(row))
        self.list.scrollTo(self.model.index(row))

    def _clear(self) -> None:
        self.search.clear()
        self.search.setFocus()

    def _open(self, row: int) -> None:
        if 0 <= row < len(self.model.rows):
            entry = self.model.rows[row]
            if isinstance(entry, Entry):
                self.opened.emit(entry.key)

    def _clicked(self, index: QModelIndex) -> None:
        place = self.list.viewport().mapFromGlobal(self.list.cursor().pos())
        on_star = star_rect(self.list.visualRect(index)).adjusted(-6, -6, 6, 6).contains(place)
        if not on_star or self.list.width() < FOLDED_WIDTH:
            self._open(index.row())

    def _toggle_star(self, key: str) -> None:
        starred = key not in self.model.starred
        keys = self.model.starred | {key} if starred else self.model.starred - {key}
        bar = self.list.verticalScrollBar()
        place = bar.value()
        self.model.set_starred(keys)
        bar.setValue(place)
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
        return False

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        # Rows have no places before the first layout, so bring the open one into sight now.
        row = self.model.row_of(self._current)
        if row >= 0 and not self.search.text():
            self._reveal(row)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.search.setVisible(self.width() >= FOLDED_WIDTH)
