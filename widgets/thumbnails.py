"""Small pictures from files, read when they are first seen and kept.

A list that is scrolled fast must not wait for its pictures: in one turn of the event loop only
so many are read, the others are shown as soon as there is time.
"""

from __future__ import annotations

import time
from pathlib import Path

from PySide6.QtCore import QObject, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QPixmap

BUDGET = 0.002  # seconds of reading in one turn


class Thumbnails(QObject):
    """Pictures by file, scaled to fill `size`."""

    arrived = Signal()
    """Pictures that were asked for and not there are there now."""

    def __init__(self, size: QSize, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.size = size
        self._pictures: dict[tuple[Path, float], QPixmap] = {}
        self._wanted: dict[tuple[Path, float], None] = {}
        self._spent = 0.0
        self._turn = QTimer(self)
        self._turn.setSingleShot(True)
        self._turn.timeout.connect(self._next_turn)

    @property
    def reading(self) -> bool:
        """Whether pictures that were asked for are still to be read."""
        return bool(self._wanted)

    def forget(self) -> None:
        """Read all again: the files may have changed."""
        self._pictures.clear()
        self._wanted.clear()

    def get(self, path: Path | None, ratio: float = 1.0) -> QPixmap | None:
        """A picture for a screen of this many pixels a point; None where it is not there (yet)."""
        if path is None:
            return None
        key = (path, ratio)
        if key not in self._pictures:
            if self._spent > BUDGET:
                self._wanted[key] = None
                return None
            self._read(key)
        picture = self._pictures[key]
        return None if picture.isNull() else picture

    def awaited(self, path: Path | None, ratio: float = 1.0) -> bool:
        """Whether a picture will be there soon."""
        return path is not None and (path, ratio) in self._wanted

    def _read(self, key: tuple[Path, float]) -> None:
        began = time.perf_counter()
        path, ratio = key
        picture = QPixmap(str(path))
        if not picture.isNull():
            size = self.size * ratio
            picture = picture.scaled(
                size,
                Qt.AspectRatioMode.KeepAspectRatioByExpanding,
                Qt.TransformationMode.SmoothTransformation,
            )
            picture = picture.copy(
                (picture.width() - size.width()) // 2,
                (picture.height() - size.height()) // 2,
                size.width(),
                size.height(),
            )
            picture.setDevicePixelRatio(ratio)
        self._pictures[key] = picture
        self._spent += time.perf_counter() - began
        if not self._turn.isActive():
            self._turn.start(0)

    def _next_turn(self) -> None:
        self._spent = 0.0
        if not self._wanted:
            return
        # The newest first: they are what is in sight after a fast scroll.
        while self._wanted and self._spent <= BUDGET:
            key, _ = self._wanted.popitem()
            if key not in self._pictures:
                self._read(key)
        if self._wanted:
            self._turn.start(0)
        self.arrived.emit()
