"""The filters of the catalogue: every kind, dimension and tag as a chip with its count.

It stays open while one chooses, so that the list narrows behind it. It reports choices; the
browser applies them and says what they leave.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from widgets.browser_filter import DIMENSION, GROUPS, KIND, STAR, TAG, Filter, words
from widgets.button import Button
from widgets.flow_layout import FlowLayout

WIDTH, HIGHEST = 336, 640
HEADINGS = {STAR: "", KIND: "Kind", DIMENSION: "Dimension", TAG: "Tags, all of them"}


class FilterPopup(QFrame):
    """A pop-up of chips.

    Parameters
    ----------
    counts : mapping
        What `browser_filter.facets` returns.
    chosen : Filter
    """

    toggled = Signal(str, object)
    """(group, value): chosen, or no longer."""
    cleared = Signal()

    def __init__(
        self,
        counts: Mapping[str, Mapping[Any, int]],
        chosen: Filter,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("browser.filters")
        self.setProperty("role", "popup")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 4, 12)
        column.setSpacing(8)
        head = QHBoxLayout()
        head.setContentsMargins(0, 0, 8, 0)
        title = QLabel("Show only", self)
        title.setProperty("role", "heading")
        head.addWidget(title)
        head.addStretch(1)
        self.clear_button = Button("Clear all", self)
        self.clear_button.setObjectName("browser.filters.clear")
        self.clear_button.setProperty("role", "link")
        self.clear_button.clicked.connect(self.cleared)
        head.addWidget(self.clear_button)
        column.addLayout(head)
        self._page = QWidget()
        page = QVBoxLayout(self._page)
        page.setContentsMargins(0, 0, 8, 0)
        page.setSpacing(6)
        self.chips: dict[tuple[str, Any], Button] = {}
        for group in GROUPS:
            if not counts.get(group):
                continue
            if HEADINGS[group]:
                heading = QLabel(HEADINGS[group], self._page)
                heading.setProperty("role", "caption")
                page.addSpacing(4)
                page.addWidget(heading)
            holder = QWidget(self._page)
            flow = FlowLayout(holder, 6)
            for value in counts[group]:
                flow.addWidget(self._chip(group, value, holder))
            page.addWidget(holder)
        page.addStretch(1)
        self._scroll = QScrollArea(self)
        self._scroll.setWidgetResizable(True)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setWidget(self._page)
        column.addWidget(self._scroll, 1)
        self.show_counts(counts, chosen)

    def _chip(self, group: str, value: Any, parent: QWidget) -> Button:
        chip = Button("", parent)
        chip.setObjectName(f"browser.filters.{group}.{value}")
        chip.setProperty("role", "chip")
        chip.setCheckable(True)
        chip.clicked.connect(lambda: self.toggled.emit(group, value))
        self.chips[group, value] = chip
        return chip

    def show_counts(self, counts: Mapping[str, Mapping[Any, int]], chosen: Filter) -> None:
        """Say what every choice would leave, and which are made."""
        made = set(chosen.chosen())
        for (group, value), chip in self.chips.items():
            count = counts.get(group, {}).get(value, 0)
            text = f"{words(group, value)}  {count}"
            if chip.text() != text:
                chip.setText(text)
            chip.setChecked((group, value) in made)
            # What would leave nothing cannot be chosen; what is chosen can be taken back.
            chip.setEnabled(bool(count) or chip.isChecked())
        self.clear_button.setEnabled(chosen.active)

    def open_at(self, place: QPoint) -> None:
        """Show it with its upper left corner at `place`, kept on the screen."""
        screen = QGuiApplication.screenAt(place) or QGuiApplication.primaryScreen()
        room = screen.availableGeometry()
        self.ensurePolished()
        inner = WIDTH - 12 - 4 - 10
        wanted = self._page.layout().totalHeightForWidth(inner) + 64
        height = min(wanted, HIGHEST, room.height() - 48, room.bottom() - place.y() - 8)
        height = max(height, min(wanted, 320))
        x = min(max(place.x(), room.left() + 4), room.right() - WIDTH - 4)
        y = min(max(place.y(), room.top() + 4), room.bottom() - height - 4)
        self.resize(QSize(WIDTH, height))
        self.move(x, y)
        self.show()
        # Not a chip: with the focus on it, it would look chosen. The next key goes to the first.
        self.setFocus(Qt.FocusReason.PopupFocusReason)

    def focusNextPrevChild(self, forward: bool) -> bool:
        moved = bool(super().focusNextPrevChild(forward))
        now = self.focusWidget()
        if now is not None and self._page.isAncestorOf(now):
            self._scroll.ensureWidgetVisible(now, 0, 24)
        return moved

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Right, Qt.Key.Key_Down):
            self.focusNextPrevChild(True)
        elif event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Up):
            self.focusNextPrevChild(False)
        else:
            super().keyPressEvent(event)
