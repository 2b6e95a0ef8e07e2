"""The options of a view, in a small panel under its title bar.

It shows the same rows as the parameter panel, so that an option is dragged, typed and reset
the way a parameter is. It reports edits and changes nothing itself.
"""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from engine.exhibit import Parameter, Value
from engine.look import Tokens
from widgets.parameter_row import ParameterRow

WIDTH = 300


class OptionsPopup(QFrame):
    """A pop-up with a row for each option.

    Parameters
    ----------
    title : str
        The view's title.
    options : mapping of str to Parameter
    settings : mapping of str to value
    tokens : Tokens
    """

    edited = Signal(str, object)
    """(option, value), at every move of a drag too."""
    settled = Signal()
    """A drag ended: the next edit is another step."""
    reset_view = Signal()
    """Please go back to the automatic range or the default camera."""

    def __init__(
        self,
        title: str,
        options: Mapping[str, Parameter],
        settings: Mapping[str, Value],
        tokens: Tokens,
    ) -> None:
        super().__init__(None, Qt.WindowType.Popup)
        self.setObjectName("options")
        self.setProperty("role", "popup")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 12)
        column.setSpacing(12)
        heading = QLabel(title, self)
        heading.setProperty("role", "heading")
        column.addWidget(heading)
        page = QWidget()
        rows = QVBoxLayout(page)
        rows.setContentsMargins(0, 0, 4, 0)
        rows.setSpacing(12)
        self.rows: dict[str, ParameterRow] = {}
        for name, option in options.items():
            row = ParameterRow(option, page)
            row.set_theme(tokens)
            if row.slider is not None and option.low is None and option.high is None:
                row.slider.hide()  # edges of a window have no range: a slider would mislead
            row.set_value(settings.get(name, option.default))
            row.changing.connect(self.edited)
            row.changed.connect(self._changed)
            row.reset_requested.connect(
                lambda option_name, row=row, default=option.default: (
                    row.set_value(default),
                    self._changed(option_name, default),
                )
            )
            rows.addWidget(row)
            self.rows[name] = row
        if not options:
            rows.addWidget(QLabel("This view has no options.", page))
        rows.addStretch(1)
        self._scroll = QScrollArea(self)
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setWidget(page)
        column.addWidget(self._scroll, 1)
        button = QPushButton("Reset the view", self)
        button.clicked.connect(self._reset)
        column.addWidget(button)
        self._page = page

    def open_at(self, place: QPoint) -> None:
        """Show it with its upper right corner at `place`, kept on the screen."""
        chrome = 12 * 4 + 24 + 36
        screen = QGuiApplication.screenAt(place) or QGuiApplication.primaryScreen()
        room = screen.availableGeometry()
        height = min(self._page.sizeHint().height() + chrome + 8, room.height() - 40)
        self.resize(QSize(WIDTH, height))
        x = min(max(place.x() - WIDTH, room.left() + 4), room.right() - WIDTH - 4)
        y = min(max(place.y(), room.top() + 4), room.bottom() - height - 4)
        self.move(x, y)
        self.show()

    def _changed(self, name: str, value: Value) -> None:
        self.edited.emit(name, value)
        self.settled.emit()

    def _reset(self) -> None:
        self.reset_view.emit()
        self.close()
