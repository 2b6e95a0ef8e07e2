"""What lies over the views while an entry of the catalogue is dragged: drop it here to open it.

It covers the views so that none of them takes the drop for something else.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QFontMetrics,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QWidget

from engine.look import Tokens
from widgets import theme
from widgets.browser_model import MIME


class DropArea(QWidget):
    """Covers `parent` while it is shown."""

    dropped = Signal(str)
    """The key of the exhibit to open."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("drop-area")
        self.setAcceptDrops(True)
        self._tokens: Tokens | None = None
        self._title = ""
        self._over = False
        parent.installEventFilter(self)
        self.hide()

    def offer(self, title: str, tokens: Tokens) -> None:
        """Show it for an exhibit of this title."""
        self._title, self._tokens, self._over = title, tokens, False
        self.setGeometry(self.parentWidget().rect())
        self.raise_()
        self.show()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and watched is self.parentWidget():
            self.setGeometry(self.parentWidget().rect())
        return False

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasFormat(MIME):
            self._over = True
            event.acceptProposedAction()
            self.update()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._over = False
        self.update()

    def dropEvent(self, event: QDropEvent) -> None:
        data = event.mimeData()
        if data.hasFormat(MIME):
            event.acceptProposedAction()
            self.hide()
            self.dropped.emit(bytes(data.data(MIME).data()).decode("utf-8", "replace"))

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._tokens is None:
            return
        tokens = self._tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        veil = QColor(tokens.window)
        veil.setAlphaF(0.72 if self._over else 0.5)
        painter.fillRect(self.rect(), veil)
        frame = QRectF(self.rect()).adjusted(12, 12, -12, -12)
        colour = tokens.accent if self._over else tokens.muted
        painter.setPen(QPen(QColor(colour), 2.0 if self._over else 1.5, Qt.PenStyle.DashLine))
        painter.drawRoundedRect(frame, 6, 6)
        words, font = f"Drop to open {self._title}", theme.font(theme.LARGE)
        size = QFontMetrics(font).size(Qt.TextFlag.TextSingleLine, words)
        card = QRectF(0, 0, size.width() + 40, size.height() + 24)
        card.moveCenter(frame.center())
        painter.setPen(QPen(QColor(tokens.line), 1.0))
        painter.setBrush(QColor(tokens.panel))
        painter.drawRoundedRect(card, 6, 6)
        painter.setFont(font)
        painter.setPen(QColor(tokens.text))
        painter.drawText(card, Qt.AlignmentFlag.AlignCenter, words)
