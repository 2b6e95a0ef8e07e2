"""Equations in the window: drawn away from the GUI thread, kept on disk, crisp everywhere.

A `Formula` shows its lines at once as plain text and changes to the drawn picture as soon
as that is there. Drawings are kept in the user's cache folder under a hash of their
content, without colour, so that a change of theme draws nothing again.
"""

from __future__ import annotations

import contextlib
import hashlib
import threading
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QByteArray, QObject, QRectF, QSize, QSizeF, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QSizePolicy, QWidget

from engine.look import Tokens
from widgets import cache, symbols, theme

FORMAT = 3  # raise it when drawings of older versions must not be used again
SIZE = 16.0
WIDTH_STEP = 80
NARROWEST = 160
FAILED = b""


def key_of(lines: Sequence[str], size: float, width: int) -> str:
    """The name a drawing is kept under."""
    text = "\n".join([f"{FORMAT} {size:g} {width}", *lines])
    return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()[:32]


class Typesetter(QObject):
    """Draws formulas one after the other in a thread that lives only while there is work."""

    ready = Signal(str, bytes)
    """(key, SVG), the SVG empty where the lines cannot be drawn."""

    def __init__(self, folder: Path | None = None) -> None:
        super().__init__()
        self._folder = folder
        self._lock = threading.Lock()
        self._waiting: dict[str, tuple[tuple[str, ...], float, int]] = {}
        self._known: dict[str, bytes] = {}
        self._thread: threading.Thread | None = None

    def drawing(self, lines: Sequence[str], size: float, width: int) -> bytes | None:
        """The drawing if it is there already; else None, and `ready` follows.

        Empty where it is known that these lines cannot be drawn.
        """
        key = key_of(lines, size, width)
        with self._lock:
            if key in self._known:
                return self._known[key]
        kept = self._read(key)
        if kept is not None:
            with self._lock:
                self._known[key] = kept
            return kept
        with self._lock:
            self._waiting[key] = (tuple(lines), size, width)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="formulas")
                self._thread.start()
        return None

    def wait(self, seconds: float | None = None) -> None:
        """Drop what was not begun and wait for what was; before the application ends."""
        with self._lock:
            self._waiting.clear()
            thread = self._thread
        if thread is not None:
            thread.join(seconds)

    def _path(self, key: str) -> Path:
        return (self._folder or cache.folder("formulas")) / f"{key}.svg"

    def _read(self, key: str) -> bytes | None:
        try:
            content = self._path(key).read_bytes()
        except OSError:
            return None
        return content if content.startswith(b"<svg") and content.endswith(b"</svg>") else None

    def _work(self) -> None:
        while True:
            with self._lock:
                if not self._waiting:
                    self._thread = None
                    return
                key = next(reversed(self._waiting))  # what was asked for last is on screen
                lines, size, width = self._waiting.pop(key)
            content = self._draw(key, lines, size, width)
            with self._lock:
                self._known[key] = content
            try:
                self.ready.emit(key, content)
            except RuntimeError:  # the application ended meanwhile
                return

    def _draw(self, key: str, lines: tuple[str, ...], size: float, width: int) -> bytes:
        from widgets.typesetting import svg_of

        try:
            content = svg_of(lines, size, width)
        except Exception:  # mathtext raises what its parser raises: then plain text stays
            return FAILED
        with contextlib.suppress(OSError):  # a full disk costs time at the next start, no more
            cache.write(self._path(key), content)
        return content


_typesetter: Typesetter | None = None


def typesetter() -> Typesetter:
    """The typesetter that all formulas share."""
    global _typesetter
    if _typesetter is None:
        _typesetter = Typesetter()
    return _typesetter


class Formula(QWidget):
    """Shows LaTeX lines, as plain text until they are drawn.

    Parameters
    ----------
    setter : Typesetter, optional
        Draws them; by default the one all formulas share.
    """

    drawn = Signal()
    """The picture took the place of the plain text."""

    def __init__(self, setter: Typesetter | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("formula")
        self._setter = setter or typesetter()
        self._setter.ready.connect(self._arrived)
        self._lines: tuple[str, ...] = ()
        self._width = 0
        self._svg = b""
        self._renderer: QSvgRenderer | None = None
        self._colour = ""
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    @property
    def is_drawn(self) -> bool:
        """True once the picture is shown, False while it is plain text."""
        return self._renderer is not None

    def show_lines(self, lines: Sequence[str], *, keep: bool = False) -> None:
        """Show other lines (LaTeX without dollar signs).

        Parameters
        ----------
        lines : sequence of str
        keep : bool
            Whether the picture of the lines before stays until the new one is drawn: for
            lines that change while a person types.
        """
        if keep and self._lines == tuple(lines):
            return
        self._lines = tuple(lines)
        self._width = 0
        if not keep:
            self._renderer, self._svg = None, b""
        self.setAccessibleName("; ".join(symbols.plain(line) for line in lines))
        self._request()
        self.updateGeometry()
        self.update()

    def set_theme(self, tokens: Tokens) -> None:
        """Take the colours of another theme."""
        self._colour = tokens.text
        self._load()
        self.update()

    def _request(self) -> None:
        if not self._lines or self.width() < 8:
            return
        width = max(NARROWEST, self.width() // WIDTH_STEP * WIDTH_STEP)
        if width == self._width:
            return
        self._width = width
        found = self._setter.drawing(self._lines, SIZE, width)
        if found is not None:
            self._take(found)

    def _arrived(self, key: str, content: bytes) -> None:
        if self._lines and key == key_of(self._lines, SIZE, self._width):
            self._take(content)

    def _take(self, content: bytes) -> None:
        self._svg = content
        if not content:
            self._renderer = None
        self._load()
        self.updateGeometry()
        self.update()
        if self._renderer is not None:
            self.drawn.emit()

    def _load(self) -> None:
        if self._svg and self._colour:
            coloured = self._svg.replace(b"currentColor", self._colour.encode())
            renderer = QSvgRenderer(QByteArray(coloured))
            self._renderer = renderer if renderer.isValid() else None

    def _natural(self) -> QSizeF:
        if self._renderer is not None:
            return QSizeF(self._renderer.viewBoxF().size())
        metrics = QFontMetrics(theme.font())
        return QSizeF(200, max(1, len(self._lines)) * (metrics.height() + 6))

    def _scale(self, width: float) -> float:
        return min(1.0, max(0.4, width / max(1.0, self._natural().width())))

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        if self._renderer is None:
            return int(self._natural().height())
        return int(self._natural().height() * self._scale(width)) + 1

    def sizeHint(self) -> QSize:
        return QSize(240, self.heightForWidth(max(1, self.width())))

    def minimumSizeHint(self) -> QSize:
        return QSize(80, 16)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._request()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        if self._renderer is not None:
            size = self._natural() * self._scale(self.width())
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._renderer.render(painter, QRectF(0, 0, size.width(), size.height()))
            return
        font = theme.font()
        metrics = QFontMetrics(font)
        painter.setFont(font)
        painter.setPen(QColor(self._colour) if self._colour else self.palette().text().color())
        for number, line in enumerate(self._lines):
            text = metrics.elidedText(
                symbols.plain(line), Qt.TextElideMode.ElideRight, self.width()
            )
            painter.drawText(0, number * (metrics.height() + 6) + metrics.ascent() + 2, text)
