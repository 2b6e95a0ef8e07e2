"""A heading that opens and closes what is under it."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from engine.look import Tokens
from widgets import icons
from widgets.button import Button


class Section(QWidget):
    """A collapsible section; put widgets into `body`.

    Parameters
    ----------
    title : str
        The heading; it is a button that the keyboard reaches too.
    opened : bool
        Whether it starts open.
    """

    toggled = Signal(bool)

    def __init__(self, title: str, opened: bool = True, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tokens: Tokens | None = None
        self.button = Button(title, self)
        self.button.setProperty("role", "section")
        self.button.setCheckable(True)
        self.button.setChecked(opened)
        self.button.setIconSize(QSize(12, 12))
        self.button.setCursor(Qt.CursorShape.PointingHandCursor)
        self.button.toggled.connect(self._toggle)
        self.content = QWidget(self)
        self.body = QVBoxLayout(self.content)
        self.body.setContentsMargins(0, 4, 0, 4)
        self.body.setSpacing(8)
        self.content.setVisible(opened)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.button)
        column.addWidget(self.content)

    @property
    def opened(self) -> bool:
        """Whether the section shows its content."""
        return self.button.isChecked()

    def set_theme(self, tokens: Tokens) -> None:
        """Take the colours of another theme."""
        self._tokens = tokens
        name = "chevron-down" if self.opened else "chevron-right"
        self.button.setIcon(icons.icon(name, tokens, "muted"))

    def _toggle(self, opened: bool) -> None:
        self.content.setVisible(opened)
        if self._tokens is not None:
            self.set_theme(self._tokens)
        self.toggled.emit(opened)
