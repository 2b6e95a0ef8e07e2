"""How a row of the catalogue is painted: picture, title, a muted line and a star."""

from __future__ import annotations

from PySide6.QtCore import (
    QAbstractItemModel,
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFont, QFontMetrics, QMouseEvent, QPainter, QPainterPath, QPixmap
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from engine.look import Tokens
from widgets import icons, theme
from widgets.browser_filter import FAMILY
from widgets.browser_model import CatalogueModel, Entry, Header, line_of
from widgets.thumbnails import Thumbnails

PICTURE = QSize(56, 40)
ROW_HEIGHT = 52
HEADER_HEIGHT = 32
HEADER_SIZE = QSize(PICTURE.width(), HEADER_HEIGHT)
ROW_SIZE = QSize(PICTURE.width(), ROW_HEIGHT)
STAR = 16
FOLDED_WIDTH = 132
Index = QModelIndex | QPersistentModelIndex
KIND_ICONS = {
    "flow": "flow",
    "map": "map",
    "lattice": "lattice",
    "automaton": "lattice",
    "cellular-automaton": "lattice",
    "network": "network",
    "training-dynamics": "training",
    "training": "training",
    "dde": "pulse",
    "sde": "scatter",
}


class CatalogueDelegate(QStyledItemDelegate):
    """Paints headers and entries; reports a press on a star."""

    star_pressed = Signal(str)

    def __init__(self, tokens: Tokens, model: CatalogueModel) -> None:
        super().__init__()
        self.model = model
        self.tokens = tokens
        self.current_key = ""
        self.sort = FAMILY
        self.thumbnails = Thumbnails(PICTURE, self)
        self._icons: dict[tuple[str, float], QPixmap] = {}
        self._tiles: dict[tuple[str, float], QPixmap] = {}
        self._fitting: dict[tuple[str, str, int], tuple[str, str]] = {}
        self._title_font = theme.font(theme.BODY, QFont.Weight.Medium)
        self._small_font = theme.font(theme.SMALL)

    def set_theme(self, tokens: Tokens) -> None:
        """Take the colours of another theme."""
        self.tokens = tokens
        self._icons.clear()
        self._tiles.clear()

    def forget_pictures(self) -> None:
        """Read thumbnails again: the files may have changed."""
        self.thumbnails.forget()
        self._tiles.clear()

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        # Asked of every row at every letter typed, so the model is not asked through Qt.
        return HEADER_SIZE if self.model.is_header(index.row()) else ROW_SIZE

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row = index.data(CatalogueModel.RowRole)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect: QRect = option.rect
        if isinstance(row, Header):
            self._paint_header(painter, rect, row)
        elif isinstance(row, Entry):
            self._paint_entry(painter, option, rect, index, row)
        painter.restore()

    def _paint_header(self, painter: QPainter, rect: QRect, header: Header) -> None:
        font = theme.font(theme.SMALL, QFont.Weight.DemiBold)
        place = rect.adjusted(12, 8, -12, 0)
        painter.setFont(font)
        painter.setPen(QColor(self.tokens.muted))
        if rect.width() < FOLDED_WIDTH:
            painter.fillRect(
                QRectF(rect.left() + 12, rect.center().y() + 4, rect.width() - 24, 1),
                QColor(self.tokens.line),
            )
            return
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine
        count = str(header.count)
        room = place.width() - QFontMetrics(font).horizontalAdvance(count) - 12
        title = QFontMetrics(font).elidedText(header.title, Qt.TextElideMode.ElideRight, room)
        painter.drawText(place, flags | Qt.AlignmentFlag.AlignLeft, title)
        painter.setFont(theme.font(theme.SMALL))
        painter.drawText(place, flags | Qt.AlignmentFlag.AlignRight, count)

    def _paint_entry(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        rect: QRect,
        index: Index,
        entry: Entry,
    ) -> None:
        tokens = self.tokens
        state: QStyle.StateFlag = option.state
        selected = bool(state & QStyle.StateFlag.State_Selected)
        hover = bool(state & QStyle.StateFlag.State_MouseOver)
        current = entry.key == self.current_key
        body = QRectF(rect).adjusted(4, 1, -4, -1)
        if selected or hover or current:
            share = 0.16 if selected else 0.10 if current else 0.0
            colour = theme.mix(tokens.panel, tokens.accent, share) if share else tokens.raised
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colour))
            painter.drawRoundedRect(body, 6, 6)
        if current:
            painter.setBrush(QColor(tokens.accent))
            painter.drawRoundedRect(
                QRectF(body.left(), body.top() + 10, 3, body.height() - 20), 1.5, 1.5
            )
        folded = rect.width() < FOLDED_WIDTH
        left = rect.center().x() - PICTURE.width() // 2 + 1 if folded else rect.left() + 12
        place = QRect(
            left,
            rect.top() + (rect.height() - PICTURE.height()) // 2,
            PICTURE.width(),
            PICTURE.height(),
        )
        self._paint_picture(painter, place, entry)
        if folded:
            return
        starred = bool(index.data(CatalogueModel.StarRole))
        star = star_rect(rect)
        with_star = starred or hover or selected
        if with_star:
            name, colour = ("star-filled", tokens.warm) if starred else ("star", tokens.muted)
            painter.drawPixmap(star, self._icon(painter, name, colour, STAR))
        left = place.right() + 12
        right = star.left() - 6 if with_star else rect.right() - 8
        self._paint_words(painter, QRect(left, rect.top(), right - left, rect.height()), entry)

    def _paint_words(self, painter: QPainter, room: QRect, entry: Entry) -> None:
        title, line = self._words(entry, room.width())
        flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.setFont(self._title_font)
        painter.setPen(QColor(self.tokens.text))
        painter.drawText(QRect(room.left(), room.top() + 8, room.width(), 18), flags, title)
        painter.setFont(self._small_font)
        painter.setPen(QColor(self.tokens.muted))
        painter.drawText(QRect(room.left(), room.top() + 27, room.width(), 16), flags, line)

    def _words(self, entry: Entry, width: int) -> tuple[str, str]:
        """Title and muted line as long as there is room; kept, measuring text is slow."""
        key = (entry.title, line_of(entry, sort=self.sort), width)
        if key not in self._fitting:
            if len(self._fitting) > 4000:
                self._fitting.clear()
            title, line, _ = key
            elide = Qt.TextElideMode.ElideRight
            metrics = QFontMetrics(self._small_font)
            if metrics.horizontalAdvance(line) > width:
                line = line.rpartition(" · ")[0] or line  # the picture tells the kind too
            self._fitting[key] = (
                QFontMetrics(self._title_font).elidedText(title, elide, width),
                metrics.elidedText(line, elide, width),
            )
        return self._fitting[key]

    def _paint_picture(self, painter: QPainter, place: QRect, entry: Entry) -> None:
        ratio = painter.device().devicePixelRatioF()
        key = (str(entry.thumbnail or entry.kind), ratio)
        tile = self._tiles.get(key)
        if tile is None:
            picture = self.thumbnails.get(entry.thumbnail, ratio)
            awaited = self.thumbnails.awaited(entry.thumbnail, ratio)
            tile = self._tile(picture, "" if awaited else entry.kind or "orbit", ratio)
            if not awaited:
                self._tiles[key] = tile
        painter.drawPixmap(place, tile)

    def _tile(self, picture: QPixmap | None, kind: str, ratio: float) -> QPixmap:
        """A picture with round corners and an edge; an icon of the kind where there is none."""
        tokens = self.tokens
        tile = QPixmap(PICTURE * ratio)
        tile.setDevicePixelRatio(ratio)
        tile.fill(Qt.GlobalColor.transparent)
        place = QRect(0, 0, PICTURE.width(), PICTURE.height())
        painter = QPainter(tile)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        clip = QPainterPath()
        clip.addRoundedRect(QRectF(place), 4, 4)
        painter.setClipPath(clip)
        painter.fillRect(place, QColor(theme.mix(tokens.panel, tokens.window, 0.8)))
        if picture is not None:
            painter.drawPixmap(place, picture)
        elif kind:
            name = KIND_ICONS.get(kind, "orbit")
            colour = theme.mix(tokens.muted, tokens.panel, 0.25)
            side = 22
            middle = QRect(
                place.center().x() - side // 2 + 1, place.center().y() - side // 2 + 1, side, side
            )
            painter.drawPixmap(middle, icons.pixmap(name, colour, side, ratio))
        painter.setClipping(False)
        painter.setPen(QColor(tokens.line))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(QRectF(place).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        painter.end()
        return tile

    def _icon(self, painter: QPainter, name: str, colour: str, size: int) -> QPixmap:
        ratio = painter.device().devicePixelRatioF()
        key = (f"icon {name} {colour} {size}", ratio)
        if key not in self._icons:
            self._icons[key] = icons.pixmap(name, colour, size, ratio)
        return self._icons[key]

    def editorEvent(
        self, event: QEvent, model: QAbstractItemModel, option: QStyleOptionViewItem, index: Index
    ) -> bool:
        entry = index.data(CatalogueModel.RowRole)
        rect: QRect = option.rect
        if (
            isinstance(event, QMouseEvent)
            and isinstance(entry, Entry)
            and rect.width() >= FOLDED_WIDTH
            and event.button() == Qt.MouseButton.LeftButton
            and star_rect(rect).adjusted(-6, -6, 6, 6).contains(event.position().toPoint())
        ):
            if event.type() == QEvent.Type.MouseButtonRelease:
                self.star_pressed.emit(entry.key)
            return True
        return super().editorEvent(event, model, option, index)


def star_rect(rect: QRect) -> QRect:
    """Where the star of a row stands."""
    return QRect(rect.right() - 12 - STAR, rect.center().y() - STAR // 2 + 1, STAR, STAR)
