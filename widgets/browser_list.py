"""The list of the catalogue: entries that can be dragged out and have a menu.

It reports what is asked of an entry; the browser and the window do it.
"""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QDrag
from PySide6.QtWidgets import QAbstractItemView, QListView, QMenu, QWidget

from widgets.browser_model import CatalogueModel, Entry


class CatalogueList(QListView):
    """Shows a `CatalogueModel`."""

    drag_began = Signal(object)
    """An `Entry` is being dragged."""
    drag_ended = Signal()
    menu_wanted = Signal(object, QPoint)
    """(Entry, where in global coordinates)."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setMouseTracking(True)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setDragEnabled(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)

    def entry(self) -> Entry | None:
        """The entry under the keyboard's cursor."""
        row = self.currentIndex().data(CatalogueModel.RowRole)
        return row if isinstance(row, Entry) else None

    def rows_in_sight(self) -> range:
        """The rows that can be seen whole or in part; the first ones before it was laid out."""
        first = self.indexAt(QPoint(4, 2))
        if not first.isValid():
            return range(6)
        last = self.indexAt(QPoint(4, self.viewport().height() - 4))
        return range(first.row(), (last.row() if last.isValid() else self.model().rowCount()) + 1)

    def place(self) -> tuple[str, int]:
        """Which entry is at the top of what is in sight, and how far down; for `put_back`."""
        index = self.indexAt(QPoint(4, 4))
        if index.isValid() and not isinstance(index.data(CatalogueModel.RowRole), Entry):
            index = self.model().index(index.row() + 1, 0)
        entry = index.data(CatalogueModel.RowRole) if index.isValid() else None
        if not isinstance(entry, Entry):
            return "", 0
        return entry.key, self.visualRect(index).top()

    def put_back(self, place: tuple[str, int], chosen: str = "") -> None:
        """After the rows changed: choose an entry, and scroll to where things were.

        A list that was at its very top stays there.
        """
        model = self.model()
        assert isinstance(model, CatalogueModel)
        bar = self.verticalScrollBar()
        now = bar.value()
        row = model.row_of(chosen)
        if row >= 0:
            self.setCurrentIndex(model.index(row))
        bar.setValue(now)
        row = model.row_of(place[0])
        if row >= 0 and now > 0:
            bar.setValue(now + self.visualRect(model.index(row)).top() - place[1])

    def startDrag(self, actions: Qt.DropAction) -> None:
        entry = self.entry()
        if entry is None:
            return
        index = self.currentIndex()
        drag = QDrag(self)
        drag.setMimeData(self.model().mimeData([index]))
        # The row itself follows the hand.
        drag.setPixmap(self.viewport().grab(self.visualRect(index)))
        drag.setHotSpot(QPoint(24, 26))
        self.drag_began.emit(entry)
        try:
            drag.exec(Qt.DropAction.CopyAction)
        finally:
            self.drag_ended.emit()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            index = self.currentIndex()
            place = self.viewport().mapToGlobal(self.visualRect(index).center())
        else:
            index = self.indexAt(event.pos())
            place = event.globalPos()
        entry = index.data(CatalogueModel.RowRole) if index.isValid() else None
        if isinstance(entry, Entry):
            self.setCurrentIndex(index)
            self.menu_wanted.emit(entry, place)
        event.accept()


def entry_menu(entry: Entry, starred: bool, parent: QWidget) -> QMenu:
    """The menu of an entry; its actions are named ``open``, ``star``, ``copy`` and ``file``."""
    menu = QMenu(parent)
    menu.setObjectName("browser.menu")
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    rows = [
        ("open", "Open", "Return"),
        ("star", "Remove from favourites" if starred else "Add to favourites", "Ctrl+D"),
        ("", "", ""),
        ("copy", "Copy the key", ""),
    ]
    if entry.own:
        rows.append(("file", "Show the file", ""))
    for name, words, keys in rows:
        if not name:
            menu.addSeparator()
            continue
        action = menu.addAction(words)
        action.setObjectName(name)
        if keys:
            action.setShortcut(keys)
    return menu
