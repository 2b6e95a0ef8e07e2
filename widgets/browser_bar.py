"""The line under the catalogue's search: filter, sort, how many are shown, and what is filtered.

Every choice that keeps entries back is a chip that one click takes away.
"""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QToolButton, QVBoxLayout, QWidget

from engine.look import Tokens
from widgets import icons, theme
from widgets.browser_filter import FAMILY, SORTS, Filter, words
from widgets.button import Button
from widgets.flow_layout import FlowLayout


class CatalogueBar(QWidget):
    """Filter and sort buttons, a count, and the chips of what is chosen."""

    filters_wanted = Signal(QPoint)
    """Where the filters may open, in global coordinates."""
    chip_removed = Signal(str, object)
    """(group, value) of a choice taken back."""
    cleared = Signal()
    sort_chosen = Signal(str, bool)
    """(one of `browser_filter.SORTS`, whether reversed)."""

    def __init__(self, tokens: Tokens, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("browser.bar")
        self._tokens = tokens
        self._chosen = Filter()
        self.filter_button = self._button("Filter", "browser.filter")
        self.filter_button.setToolTip("Show only some kinds, dimensions or tags")
        self.filter_button.clicked.connect(self._ask_filters)
        self.sort_button = self._button("Family", "browser.sort")
        self.sort_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.sort_button.setMenu(self._sort_menu())
        self.count = QLabel(self)
        self.count.setObjectName("browser.count")
        self.count.setProperty("role", "caption")
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 4, 0)
        row.setSpacing(2)
        row.addWidget(self.filter_button)
        row.addWidget(self.sort_button)
        row.addStretch(1)
        row.addWidget(self.count)
        self._holder = QWidget(self)
        self._chips = FlowLayout(self._holder, 4)
        self.chips: dict[tuple[str, Any], Button] = {}
        self.clear_button = Button("Clear", self._holder)
        self.clear_button.setObjectName("browser.chips.clear")
        self.clear_button.setProperty("role", "link")
        self.clear_button.setToolTip("Take all filters away (Escape in the search)")
        self.clear_button.clicked.connect(self.cleared)
        self._holder.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(row)
        column.addWidget(self._holder)
        self.set_theme(tokens)

    def _button(self, text: str, name: str) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName(name)
        button.setText(text)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setIconSize(QSize(14, 14))
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        return button

    def _sort_menu(self) -> QMenu:
        menu = QMenu(self)
        menu.setObjectName("browser.sort.menu")
        group = QActionGroup(menu)
        self.sorts: dict[str, QAction] = {}
        for key, name in SORTS.items():
            action = menu.addAction(name)
            action.setCheckable(True)
            group.addAction(action)
            action.triggered.connect(self._sorted)
            self.sorts[key] = action
        menu.addSeparator()
        self.reverse = menu.addAction("Reverse the order")
        self.reverse.setCheckable(True)
        self.reverse.triggered.connect(self._sorted)
        self.sorts[FAMILY].setChecked(True)
        return menu

    # -- what the browser calls ------------------------------------------------------------

    def set_theme(self, tokens: Tokens) -> None:
        """Take the colours of another theme."""
        self._tokens = tokens
        self._show_filter_icon()
        self.sort_button.setIcon(icons.icon("sort", tokens, "muted"))
        for chip in self.chips.values():
            chip.setIcon(icons.icon("close", tokens, "muted"))

    def set_count(self, shown: int, total: int) -> None:
        """Say how many entries are shown."""
        self.count.setText(str(total) if shown == total else f"{shown}/{total}")
        self.count.setToolTip(f"{shown} of {total} exhibits are shown")

    def set_filter(self, chosen: Filter) -> None:
        """Show a choice. Emits nothing."""
        if chosen == self._chosen:
            return
        self._chosen = chosen
        wanted = chosen.chosen()
        while self._chips.takeAt(0) is not None:
            pass
        for choice in [choice for choice in self.chips if choice not in wanted]:
            chip = self.chips.pop(choice)
            chip.hide()
            chip.deleteLater()
        for choice in wanted:
            if choice not in self.chips:
                self.chips[choice] = self._chip(*choice)
            self._chips.addWidget(self.chips[choice])
            self.chips[choice].show()
        self._chips.addWidget(self.clear_button)
        self._holder.setVisible(chosen.active)
        self._show_filter_icon()

    def _chip(self, group: str, value: Any) -> Button:
        chip = Button(words(group, value), self._holder)
        chip.setObjectName("browser.chip")
        chip.setProperty("role", "chip")
        chip.setLayoutDirection(Qt.LayoutDirection.RightToLeft)  # the cross stands last
        chip.setIcon(icons.icon("close", self._tokens, "muted"))
        chip.setIconSize(QSize(10, 10))
        chip.setToolTip("Take this filter away")
        chip.setAccessibleName(f"Take the filter {words(group, value)} away")
        chip.clicked.connect(lambda: self.chip_removed.emit(group, value))
        return chip

    def set_sort(self, sort: str, reverse: bool) -> None:
        """Show an order. Emits nothing."""
        self.sorts[sort].setChecked(True)
        self.reverse.setChecked(reverse)
        self.sort_button.setText("Exponent" if sort == "largest" else SORTS[sort])
        self.sort_button.setToolTip(
            f"Sorted by {SORTS[sort].lower()}{', reversed' if reverse else ''}"
        )
        self.sort_button.setAccessibleName(self.sort_button.toolTip())

    # -- inside ----------------------------------------------------------------------------

    def _show_filter_icon(self) -> None:
        colour = "accent" if self._chosen.active else "muted"
        self.filter_button.setIcon(icons.icon("filter", self._tokens, colour))
        theme.set_flag(self.filter_button, "active", self._chosen.active)

    def _ask_filters(self) -> None:
        button = self.filter_button
        self.filters_wanted.emit(button.mapToGlobal(QPoint(0, button.height() + 4)))

    def _sorted(self) -> None:
        sort = next(key for key, action in self.sorts.items() if action.isChecked())
        self.set_sort(sort, self.reverse.isChecked())
        self.sort_chosen.emit(sort, self.reverse.isChecked())
