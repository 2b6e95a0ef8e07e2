"""The slim title bar of a dock: its name at the left, small tool buttons at the right.

It only shows and reports; floating, closing and menus are the window's.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QToolButton, QWidget

from engine.look import Tokens
from widgets import icons, theme
from widgets.elided_label import ElidedLabel

BUTTONS = {
    "options": ("sliders", "Options of this view"),
    "export": ("camera", "Export this view"),
    "float": ("float", "Float or dock this panel"),
    "close": ("close", "Close this panel"),
}


NARROW = 120
"""Below this width the buttons give way to the title; menus still do what they do."""


class DockTitle(QFrame):
    """The title bar of a dock.

    Parameters
    ----------
    title : str
        The words at the left.
    buttons : sequence of str
        Which of ``options``, ``export``, ``float``, ``close`` to show, in this order.
    tokens : Tokens, optional
        The theme; `set_theme` gives another.
    """

    options_clicked = Signal(QPoint)
    """Where a menu may open, in global coordinates."""
    export_clicked = Signal()
    float_clicked = Signal()
    close_clicked = Signal()

    def __init__(
        self,
        title: str,
        buttons: Sequence[str] = ("float", "close"),
        tokens: Tokens | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setProperty("role", "dock-title")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.label = ElidedLabel("", self)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 3, 4, 3)
        row.setSpacing(0)
        row.addWidget(self.label, 1)
        self.buttons: dict[str, QToolButton] = {}
        for name in buttons:
            button = QToolButton(self)
            button.setObjectName(f"dock.{name}")
            button.setIconSize(QSize(14, 14))
            button.setToolTip(BUTTONS[name][1])
            button.setAccessibleName(f"{BUTTONS[name][1]}: {title}")
            # Reached by menus and shortcuts; tabbing through every title bar helps no one.
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.clicked.connect(lambda _=False, name=name: self._clicked(name))
            row.addWidget(button)
            self.buttons[name] = button
        self.set_title(title)
        if tokens is not None:
            self.set_theme(tokens)

    def set_title(self, title: str) -> None:
        """Change the words at the left."""
        self.label.setText(title)
        self.label.setToolTip(title)

    def set_current(self, current: bool) -> None:
        """Show whether the dock holds the focus: its title is brighter then."""
        theme.set_flag(self, "current", current)
        self.label.style().unpolish(self.label)
        self.label.style().polish(self.label)

    def set_theme(self, tokens: Tokens) -> None:
        """Take the colours of another theme."""
        for name, button in self.buttons.items():
            button.setIcon(icons.icon(BUTTONS[name][0], tokens, "muted"))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        narrow = self.width() < NARROW
        for button in self.buttons.values():
            button.setVisible(not narrow)
        self.layout().setContentsMargins(*(6, 6, 4, 6) if narrow else (12, 3, 4, 3))

    def _clicked(self, name: str) -> None:
        if name == "options":
            button = self.buttons[name]
            self.options_clicked.emit(button.mapToGlobal(QPoint(0, button.height())))
        else:
            getattr(self, f"{name}_clicked").emit()
