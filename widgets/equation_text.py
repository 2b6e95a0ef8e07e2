"""The text area of the equation editor: one plain text, coloured, with errors underlined.

It edits and shows marks; it understands nothing of what is typed. Undo is the text's own. What
is dropped or pasted as a file or as TOML is reported, not inserted.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QEvent, QMimeData, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QFont,
    QFontDatabase,
    QHelpEvent,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QSyntaxHighlighter,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
)
from PySide6.QtWidgets import QPlainTextEdit, QTextEdit, QToolTip, QWidget

from engine.equations.words import FUNCTIONS
from engine.look import Tokens
from widgets import theme

LONGEST_COLOURED = 2_000
"""Characters of a line up to which it is coloured."""
SUFFIXES = (".toml", ".ode")
_TOML = re.compile(r"^\s*\[(variables|equations)\]\s*$", re.MULTILINE)
_COLOURS = (
    (re.compile(r"(?<![\w.])(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"), "warm"),
    (re.compile(rf"\b(?:{'|'.join(FUNCTIONS)}|sum|mean|pi|t)\b(?!\s*')"), "stable"),
    (re.compile(r"^\s*(?:d\s*)?[^\W\d]\w*(?:\[[^\]]*\])?(?:'|\(n ?\+ ?1\)|\s*/\s*dt)"), "accent"),
    (re.compile(r"^\s*(?:[a-z]+(?=\s*:(?!=))|when\b|array\b|table\b)"), "accent"),
    (re.compile(r"\b(?:in|log|integer|size|unit|symbol|up|down|both|stop|with)\b"), "muted"),
    (re.compile(r"#.*"), "muted"),
)


@dataclass(frozen=True)
class Mark:
    """Something wrong between two characters, and what."""

    first: int
    last: int
    words: str


def mono_font(size: int = theme.BODY) -> QFont:
    """The system's font in which all characters have one width."""
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    font.setPixelSize(size)
    return font


class Highlighter(QSyntaxHighlighter):
    """Colours numbers, functions, left sides and remarks, line by line."""

    def __init__(self, document: QTextDocument) -> None:
        super().__init__(document)
        self._formats: dict[str, QTextCharFormat] = {}

    def set_theme(self, tokens: Tokens) -> None:
        """Take the colours of another theme."""
        self._formats = {}
        for name in ("warm", "stable", "accent", "muted"):
            look = QTextCharFormat()
            look.setForeground(QColor(getattr(tokens, name)))
            self._formats[name] = look
        self.rehighlight()

    def highlightBlock(self, text: str) -> None:
        if not self._formats or len(text) > LONGEST_COLOURED:
            return
        for pattern, colour in _COLOURS:
            for match in pattern.finditer(text):
                self.setFormat(match.start(), match.end() - match.start(), self._formats[colour])


class _Gutter(QWidget):
    """Line numbers beside the text."""

    def __init__(self, text: EquationText) -> None:
        super().__init__(text)
        self._text = text

    def paintEvent(self, event: QPaintEvent) -> None:
        self._text.paint_gutter(event)


class EquationText(QPlainTextEdit):
    """Where equations are typed."""

    left = Signal()
    """The cursor left the text."""
    save_requested = Signal()
    file_dropped = Signal(str)
    """Path of a file that was dropped or pasted."""
    toml_given = Signal(str)
    """The text of a system file that was dropped or pasted."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("equations.text")
        self.setAccessibleName("Equations")
        self._tokens: Tokens | None = None
        self._marks: tuple[Mark, ...] = ()
        self._wrong_lines: frozenset[int] = frozenset()
        self.setFont(mono_font())
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        # Tab goes on to the next control: nothing here needs one.
        self.setTabChangesFocus(True)
        self.setPlaceholderText("x' = sigma*(y - x)\ny' = x*(rho - z) - y\nz' = x*y - beta*z")
        self.highlighter = Highlighter(self.document())
        self._gutter = _Gutter(self)
        self.blockCountChanged.connect(self._make_room)
        self.updateRequest.connect(self._scrolled)
        self._make_room()

    # -- what the editor calls -------------------------------------------------------------

    def set_theme(self, tokens: Tokens) -> None:
        """Take the colours of another theme."""
        self._tokens = tokens
        self.highlighter.set_theme(tokens)
        self.set_marks(self._marks)

    @property
    def marks(self) -> tuple[Mark, ...]:
        """What is underlined."""
        return self._marks

    def set_marks(self, marks: Sequence[Mark]) -> None:
        """Underline what is wrong; places are counted in characters of the text."""
        self._marks = tuple(marks)
        look = QTextCharFormat()
        look.setUnderlineStyle(QTextCharFormat.UnderlineStyle.WaveUnderline)
        if self._tokens is not None:
            look.setUnderlineColor(QColor(self._tokens.unstable))
        text = self.toPlainText() if marks else ""
        selections = []
        lines = set()
        for mark in marks:
            selection = QTextEdit.ExtraSelection()
            cursor = QTextCursor(self.document())
            last = self.document().characterCount() - 1
            cursor.setPosition(min(_units(text, mark.first), last))
            lines.add(cursor.blockNumber())
            cursor.setPosition(min(_units(text, mark.last), last), QTextCursor.MoveMode.KeepAnchor)
            selection.cursor = cursor
            selection.format = look
            selections.append(selection)
        self.setExtraSelections(selections)
        self._wrong_lines = frozenset(lines)
        self._gutter.update()

    def replace_all(self, text: str) -> None:
        """Another text, as one step that undo takes back."""
        cursor = QTextCursor(self.document())
        cursor.select(QTextCursor.SelectionType.Document)
        cursor.insertText(text)

    def insert_lines(self, lines: Sequence[str], at: int) -> None:
        """New lines before the line of number `at`, as one step."""
        cursor = QTextCursor(self.document())
        words = "\n".join(lines)
        if at >= self.blockCount():
            cursor.movePosition(QTextCursor.MoveOperation.End)
            cursor.insertText(words if not self.toPlainText() else f"\n{words}")
        else:
            cursor.setPosition(self.document().findBlockByNumber(at).position())
            cursor.insertText(f"{words}\n")

    # -- files and TOML --------------------------------------------------------------------

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        return bool(_file_in(source)) or super().canInsertFromMimeData(source)

    def insertFromMimeData(self, source: QMimeData) -> None:
        path = _file_in(source)
        if path:
            self.file_dropped.emit(path)
        elif source.hasText() and _TOML.search(source.text()):
            self.toml_given.emit(source.text())
        else:
            super().insertFromMimeData(source)

    # -- keys and tips ---------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.matches(QKeySequence.StandardKey.Save)
        ):
            # While typing, to save is to save these equations.
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Save):
            self.save_requested.emit()
            return
        super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.left.emit()

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            words = self.words_at(self.cursorForPosition(event.pos()).position())
            QToolTip.showText(event.globalPos(), words, self)
            return True
        return super().viewportEvent(event)

    def words_at(self, position: int) -> str:
        """What is wrong at a place of the document; empty where nothing is."""
        for selection, mark in zip(self.extraSelections(), self._marks, strict=False):
            cursor: QTextCursor = selection.cursor
            if cursor.selectionStart() <= position <= cursor.selectionEnd():
                return mark.words
        return ""

    # -- line numbers ----------------------------------------------------------------------

    def _gutter_width(self) -> int:
        digits = max(2, len(str(self.blockCount())))
        return 12 + self.fontMetrics().horizontalAdvance("9") * digits

    def _make_room(self, _count: int = 0) -> None:
        self.setViewportMargins(self._gutter_width(), 0, 0, 0)
        self._place_gutter()

    def _place_gutter(self) -> None:
        inside = self.contentsRect()
        self._gutter.setGeometry(
            QRect(inside.left(), inside.top(), self._gutter_width(), inside.height())
        )

    def _scrolled(self, area: QRect, moved: int) -> None:
        if moved:
            self._gutter.scroll(0, moved)
        else:
            self._gutter.update(0, area.y(), self._gutter.width(), area.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_gutter()

    def sizeHint(self) -> QSize:
        return QSize(360, 320)

    def paint_gutter(self, event: QPaintEvent) -> None:
        """Draw the numbers of the lines in sight; those with an error stand out."""
        if self._tokens is None:
            return
        painter = QPainter(self._gutter)
        painter.setFont(mono_font(theme.SMALL + 1))
        quiet = QColor(theme.mix(self._tokens.muted, self._tokens.panel, 0.3))
        wrong = QColor(self._tokens.unstable)
        block = self.firstVisibleBlock()
        offset = self.contentOffset()
        while block.isValid():
            frame = self.blockBoundingGeometry(block).translated(offset)
            if frame.top() > event.rect().bottom():
                break
            if block.isVisible() and not self.document().isEmpty():
                number = block.blockNumber()
                painter.setPen(wrong if number in self._wrong_lines else quiet)
                painter.drawText(
                    QRect(0, round(frame.top()), self._gutter.width() - 6, round(frame.height())),
                    int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter),
                    str(number + 1),
                )
            block = block.next()


def _units(text: str, place: int) -> int:
    """A place in characters as Qt counts it, in units of UTF-16."""
    return place if text.isascii() else len(text[:place].encode("utf-16-le")) // 2


def _file_in(source: QMimeData) -> str:
    """The first system file among what is dropped."""
    paths = [url.toLocalFile() for url in source.urls() if url.isLocalFile()]
    return next((path for path in paths if Path(path).suffix.lower() in SUFFIXES), "")
