"""Exhibits that are like the open one, as small pictures; a click opens one.

Which are alike is decided elsewhere; this shows them.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QWidget

from engine.look import Tokens
from widgets import icons, theme
from widgets.browser_delegate import KIND_ICONS
from widgets.browser_model import Entry, facts_of
from widgets.flow_layout import FlowLayout
from widgets.thumbnails import Thumbnails

PICTURE = QSize(84, 60)
LINE = 18


@cache
def _thumbnails() -> Thumbnails:
    return Thumbnails(PICTURE)


class PictureButton(QAbstractButton):
    """The picture of an entry with its title under it."""

    def __init__(self, entry: Entry, tokens: Tokens, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.entry = entry
        self.tokens = tokens
        self.setObjectName(f"neighbour.{entry.key}")
        self.setText(entry.title)
        self.setAccessibleName(f"Open {entry.title}")
        facts = facts_of(entry)
        self.setToolTip(f"Open {entry.title}{f' ({facts})' if facts else ''}")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        _thumbnails().arrived.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(PICTURE.width(), PICTURE.height() + LINE)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = self.tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        place = QRect(0, 0, PICTURE.width(), PICTURE.height())
        lively = self.underMouse() or self.hasFocus()
        painter.save()
        clip = QPainterPath()
        clip.addRoundedRect(QRectF(place), 4, 4)
        painter.setClipPath(clip)
        painter.fillRect(place, QColor(theme.mix(tokens.panel, tokens.window, 0.8)))
        picture = _thumbnails().get(self.entry.thumbnail, self.devicePixelRatioF())
        if picture is not None:
            painter.drawPixmap(place, picture)
        else:
            name = KIND_ICONS.get(self.entry.kind, "orbit")
            pixmap = icons.pixmap(name, tokens.muted, 22, self.devicePixelRatioF())
            painter.drawPixmap(
                QRect(place.center().x() - 10, place.center().y() - 10, 22, 22), pixmap
            )
        painter.restore()
        painter.setPen(QColor(tokens.accent if lively else tokens.line))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(QRectF(place).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        font = theme.font(theme.SMALL)
        painter.setFont(font)
        painter.setPen(QColor(tokens.text if lively else tokens.muted))
        words = QFontMetrics(font).elidedText(
            self.entry.title, Qt.TextElideMode.ElideRight, PICTURE.width()
        )
        painter.drawText(
            QRect(0, PICTURE.height() + 2, PICTURE.width(), LINE - 2),
            Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter,
            words,
        )


class Neighbours(QWidget):
    """A row of `PictureButton`, wrapped where it is narrow."""

    opened = Signal(str)
    """The key of the exhibit to open."""

    def __init__(
        self, entries: Sequence[Entry], tokens: Tokens, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("neighbours")
        flow = FlowLayout(self, 8)
        self.buttons = [PictureButton(entry, tokens, self) for entry in entries]
        for button in self.buttons:
            button.clicked.connect(lambda _=False, key=button.entry.key: self.opened.emit(key))
            flow.addWidget(button)

    def set_theme(self, tokens: Tokens) -> None:
        """Take the colours of another theme."""
        for button in self.buttons:
            button.tokens = tokens
            button.update()
