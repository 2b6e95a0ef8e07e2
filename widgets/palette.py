"""The command palette: type a few letters of what you want, press Enter.

Commands are given as data; the one chosen is named in a signal. Nothing is run here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFont, QFontMetrics, QKeyEvent, QKeySequence, QPainter
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QLabel,
    QLayout,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from engine.look import Tokens
from engine.look import tokens as theme_tokens
from widgets import theme
from widgets.fuzzy import Match, best

Index = QModelIndex | QPersistentModelIndex
RECENT_KEPT = 8
ROW_HEIGHT = 34
ROWS_SHOWN = 10
MATCH_ROLE = Qt.ItemDataRole.UserRole + 1


@dataclass(frozen=True)
class Command:
    """Something the palette can start.

    Attributes
    ----------
    id, text : str
        What is emitted, and the words that are searched and shown.
    shortcut, hint : str
        The keys at the right (``Ctrl+S``), and a few muted words after the text.
    enabled : bool
        False to show it greyed; it cannot be started then.
    """

    id: str
    text: str
    shortcut: str = ""
    hint: str = ""
    enabled: bool = True


class _CommandModel(QAbstractListModel):
    """The matches, best first."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[Command, Match]] = []

    def show(self, found: list[tuple[Command, Match]]) -> None:
        self.beginResetModel()
        self.found = found
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.found)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or index.row() >= len(self.found):
            return None
        command, _ = self.found[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return command.text
        if role == MATCH_ROLE:
            return self.found[index.row()]
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        if index.isValid() and self.found[index.row()][0].enabled:
            return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return Qt.ItemFlag.NoItemFlags


class _CommandDelegate(QStyledItemDelegate):
    """Paints a command: the letters that matched in the accent, its keys at the right."""

    def __init__(self, tokens: Tokens) -> None:
        super().__init__()
        self.tokens = tokens

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(200, ROW_HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        command, match = index.data(MATCH_ROLE)
        tokens = self.tokens
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if state & (QStyle.StateFlag.State_Selected | QStyle.StateFlag.State_MouseOver):
            chosen = bool(state & QStyle.StateFlag.State_Selected)
            painter.setPen(Qt.PenStyle.NoPen)
            share = 0.2 if chosen else 0.07
            painter.setBrush(QColor(theme.mix(tokens.raised, tokens.accent, share)))
            painter.drawRoundedRect(QRectF(rect).adjusted(0, 1, 0, -1), 6, 6)
        faded = theme.mix(tokens.muted, tokens.raised, 0.45)
        x, right = rect.left() + 12, rect.right() - 12
        right = self._paint_keys(painter, rect, right, command, faded)
        x = self._paint_text(painter, rect, x, right, command, match, faded)
        small = theme.font(theme.SMALL + 1)
        if command.hint and x + 24 < right:
            painter.setFont(small)
            painter.setPen(QColor(tokens.muted if command.enabled else faded))
            place = QRect(x + 12, rect.top(), right - x - 24, rect.height())
            painter.drawText(
                place,
                Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft,
                QFontMetrics(small).elidedText(
                    command.hint, Qt.TextElideMode.ElideRight, place.width()
                ),
            )
        painter.restore()

    def _paint_text(
        self,
        painter: QPainter,
        rect: QRect,
        x: int,
        right: int,
        command: Command,
        match: Match,
        faded: str,
    ) -> int:
        """Paint the words letter group by letter group; return where they end."""
        plain, strong = theme.font(), theme.font(weight=QFont.Weight.DemiBold)
        hits = set(match.places)
        tokens = self.tokens
        at, text = float(x), command.text
        start = 0
        while start < len(text):
            hit = start in hits
            end = start
            while end < len(text) and (end in hits) == hit:
                end += 1
            font = strong if hit else plain
            colour = faded if not command.enabled else tokens.accent if hit else tokens.text
            painter.setFont(font)
            painter.setPen(QColor(colour))
            part = text[start:end]
            if at + QFontMetrics(font).horizontalAdvance(part) > right - 8:
                part = QFontMetrics(font).elidedText(
                    part, Qt.TextElideMode.ElideRight, max(0, right - 8 - int(at))
                )
                end = len(text)
            painter.drawText(
                QRectF(at, rect.top(), right - at, rect.height()),
                Qt.AlignmentFlag.AlignVCenter,
                part,
            )
            at += QFontMetrics(font).horizontalAdvance(part)
            start = end
        return int(at)

    def _paint_keys(
        self, painter: QPainter, rect: QRect, right: int, command: Command, faded: str
    ) -> int:
        """Paint the shortcut as key caps from the right; return where they begin."""
        if not command.shortcut:
            return right
        tokens = self.tokens
        font = theme.font(theme.SMALL)
        metrics = QFontMetrics(font)
        shown = QKeySequence(command.shortcut).toString(QKeySequence.SequenceFormat.NativeText)
        keys = (shown or command.shortcut).replace("++", "+Plus").split("+")
        painter.setFont(font)
        for key in reversed([key.replace("Plus", "+") or "+" for key in keys]):
            width = max(20, metrics.horizontalAdvance(key) + 12)
            cap = QRectF(right - width, rect.center().y() - 9, width, 20)
            painter.setPen(QColor(theme.mix(tokens.line, tokens.muted, 0.25)))
            painter.setBrush(QColor(tokens.panel))
            painter.drawRoundedRect(cap.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
            painter.setPen(QColor(tokens.muted if command.enabled else faded))
            painter.drawText(cap, Qt.AlignmentFlag.AlignCenter, key)
            right -= width + 4
        return right - 8


class CommandPalette(QDialog):
    """A frameless dialog over the window with a search line and the matching commands."""

    triggered = Signal(str)
    """The id of the command chosen."""

    def __init__(self, parent: QWidget | None = None, tokens: Tokens | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Popup | Qt.WindowType.FramelessWindowHint)
        self.setObjectName("palette")
        self.setProperty("role", "palette")
        self.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)
        self._commands: list[Command] = []
        self.recent: list[str] = []
        self.model = _CommandModel()
        self.delegate = _CommandDelegate(tokens or theme_tokens("dark"))
        frame = QFrame(self)
        frame.setProperty("role", "palette")
        self.search = QLineEdit(frame)
        self.search.setObjectName("palette.search")
        self.search.setProperty("role", "bare")
        self.search.setPlaceholderText("Type a command")
        self.search.setAccessibleName("Type a command")
        self.search.textChanged.connect(self._filter)
        self.search.installEventFilter(self)
        rule = QFrame(frame)
        rule.setProperty("role", "line")
        self.list = QListView(frame)
        self.list.setObjectName("palette.list")
        self.list.setAccessibleName("Commands")
        self.list.setModel(self.model)
        self.list.setItemDelegate(self.delegate)
        self.list.setMouseTracking(True)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setUniformItemSizes(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.clicked.connect(lambda index: self._trigger(index.row()))
        self.empty = QLabel("No command matches. Try another word.", frame)
        self.empty.setProperty("role", "muted")
        self.empty.setContentsMargins(8, 12, 8, 12)
        inner = QVBoxLayout(frame)
        inner.setContentsMargins(8, 8, 8, 8)
        inner.setSpacing(6)
        search_row = QVBoxLayout()
        search_row.setContentsMargins(8, 2, 8, 2)
        search_row.addWidget(self.search)
        inner.addLayout(search_row)
        inner.addWidget(rule)
        inner.addWidget(self.list)
        inner.addWidget(self.empty)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSizeConstraint(QLayout.SizeConstraint.SetFixedSize)  # shrinks with the matches
        outer.addWidget(frame)
        self._frame = frame
        self._layouts = (inner, outer)

    def open_with(self, commands: Sequence[Command]) -> None:
        """Open over the parent with these commands, those used last first."""
        self._commands = list(commands)
        self.search.clear()
        self._filter("")
        self._place()
        self.open()
        self.search.setFocus()

    def set_theme(self, tokens: Tokens) -> None:
        """Take the colours of another theme."""
        self.delegate.tokens = tokens
        self.list.viewport().update()

    def _place(self) -> None:
        """Top middle of the parent's window, as wide as is readable."""
        parent = self.parentWidget()
        width = 560
        if parent is not None:
            window = parent.window()
            width = min(width, max(280, window.width() - 48))
            corner = window.mapToGlobal(window.rect().topLeft())
            self.move(corner.x() + (window.width() - width) // 2, corner.y() + 56)
        self._frame.setFixedWidth(width)

    def _filter(self, query: str) -> None:
        order = {key: place for place, key in enumerate(self.recent)}
        found = [
            (match.score, order.get(command.id, RECENT_KEPT), place, command, match)
            for place, command in enumerate(self._commands)
            if (match := best(query, command.text, command.hint)) is not None
        ]
        found.sort(key=lambda item: (-item[0], item[1], item[2]))
        self.model.show([(command, match) for *_, command, match in found])
        first = next((i for i, item in enumerate(self.model.found) if item[0].enabled), -1)
        if first >= 0:
            self.list.setCurrentIndex(self.model.index(first))
        shown = min(ROWS_SHOWN, len(found))
        self.list.setFixedHeight(shown * ROW_HEIGHT + 2)
        self.list.setVisible(bool(found))
        self.empty.setVisible(not found)
        for layout in self._layouts:  # at once, not when the event loop comes round
            layout.activate()

    def _trigger(self, row: int) -> None:
        if not 0 <= row < len(self.model.found):
            return
        command = self.model.found[row][0]
        if not command.enabled:
            return
        self.recent = [command.id, *(key for key in self.recent if key != command.id)]
        del self.recent[RECENT_KEPT:]
        self.accept()
        self.triggered.emit(command.id)

    def _move(self, steps: int) -> None:
        rows = [i for i, (command, _) in enumerate(self.model.found) if command.enabled]
        if not rows:
            return
        now = self.list.currentIndex().row()
        place = rows.index(now) + steps if now in rows else 0
        place = place % len(rows) if abs(steps) == 1 else min(len(rows) - 1, max(0, place))
        self.list.setCurrentIndex(self.model.index(rows[place]))
        self.list.scrollTo(self.list.currentIndex())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if (
            watched is self.search
            and isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.KeyPress
        ):
            moves = {
                Qt.Key.Key_Down: 1,
                Qt.Key.Key_Up: -1,
                Qt.Key.Key_PageDown: ROWS_SHOWN,
                Qt.Key.Key_PageUp: -ROWS_SHOWN,
            }
            key = Qt.Key(event.key())
            if key in moves:
                self._move(moves[key])
                return True
            if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._trigger(self.list.currentIndex().row())
                return True
        return super().eventFilter(watched, event)
