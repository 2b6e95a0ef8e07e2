"""The panel of a search for chaos: what is free, how to draw, counts, and the finds.

It shows what it is told and says what a person asks. It searches nothing and changes no
parameter itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QRadioButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from engine.exhibit import Parameter
from engine.look import Tokens
from widgets import symbols, theme
from widgets.button import Button
from widgets.flow_layout import FlowLayout
from widgets.number_scale import number_text
from widgets.parameter_row import ParameterRow
from widgets.section import Section

if TYPE_CHECKING:
    from engine.analysis.chaos_search import ChaosSearch, Find

SPREAD = Parameter(
    "search.spread",
    0.05,
    0.002,
    0.5,
    scale="log",
    help="How far from the present values: the deviation as a part of each parameter's range",
)
WANTED = Parameter(
    "search.finds", 60, 1, 500, scale="integer", help="The search ends after so many finds"
)
COUNTS = ("tried", "bounded", "found", "a second")
NOTHING = "Open a flow or a map from the catalogue to search its parameters."


class ChaosPanel(QWidget):
    """See the module docstring."""

    start_requested = Signal()
    stop_requested = Signal()
    chosen = Signal(int)
    """The number of the find, from 0, whose values are wanted."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("chaos-panel")
        self.setProperty("role", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._tokens: Tokens | None = None
        self._shown = 0
        self._running = False
        self.boxes: dict[str, QCheckBox] = {}
        self.counts: dict[str, QLabel] = {}
        page = QWidget()
        page.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._column = QVBoxLayout(page)
        self._column.setContentsMargins(12, 12, 12, 16)
        self._column.setSpacing(12)
        # What one looks at while it runs comes first: the panel is often low.
        self._build_words()
        self._build_button()
        self._build_counts()
        self._build_finds()
        self.settings = Section("What is varied", opened=True)
        self.settings.body.setSpacing(10)
        self._build_free()
        self._build_ways()
        self._column.addWidget(self.settings)
        self._column.addStretch(1)
        self._scroll = QScrollArea(self)
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setWidget(page)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._scroll)
        self.show_parameters({}, NOTHING)

    # -- what the window calls -------------------------------------------------------------

    def show_parameters(self, parameters: Mapping[str, Parameter], refusal: str = "") -> None:
        """Offer these parameters, all of them free at first; forget what was found.

        Parameters
        ----------
        parameters : mapping of str to Parameter
            Those that a search may vary.
        refusal : str
            Why nothing can be searched; empty where it can.
        """
        while (item := self._flow.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self.boxes = {}
        for name, parameter in parameters.items():
            symbol = symbols.plain(symbols.symbol_of(name, parameter.symbol)) or name
            box = QCheckBox(symbol.replace("&", "&&"), self._free)
            box.setObjectName(f"search.free.{name}")
            box.setAccessibleName(f"vary {name}")
            box.setToolTip(
                f"{name}: {number_text(parameter.low or 0.0)} to "
                f"{number_text(parameter.high or 0.0)}"
                + (f"<br>{parameter.help}" if parameter.help else "")
            )
            box.setChecked(True)
            box.toggled.connect(self._show_able)
            self._flow.addWidget(box)
            box.show()
            self.boxes[name] = box
        self.words.setText(refusal or "Draws parameters and keeps those with chaos.")
        theme.set_role(self.words, "warm" if refusal and refusal != NOTHING else "muted")
        self._refused = bool(refusal)
        self.finds.clear()
        self._shown = 0
        for label in self.counts.values():
            label.setText("\u2013")
        self.set_running(False)
        self._show_place()

    def free(self) -> tuple[str, ...]:
        """The parameters that are to be varied."""
        return tuple(name for name, box in self.boxes.items() if box.isChecked())

    def spread(self) -> float | None:
        """How far from the present values to draw; None for the whole ranges."""
        return float(self.spread_row.value()) if self.nearby.isChecked() else None

    def wanted(self) -> int:
        """After how many finds to end."""
        return int(self.wanted_row.value())

    def begin(self) -> None:
        """A search has begun: empty the list."""
        self.finds.clear()
        self._shown = 0
        for label in self.counts.values():
            label.setText("0")
        self.set_running(True, "compiling")

    def set_running(self, running: bool, words: str = "") -> None:
        """Show that a search is under way, or over; and a few words about it."""
        self._running = running
        self.button.setText("Stop" if running else "Search")
        self.button.setToolTip(
            "Keep what was found so far" if running else "Draw parameters and look for chaos"
        )
        self.state.setText(words)
        self._show_able()

    def show_search(self, search: ChaosSearch) -> None:
        """Show counts, and the finds that are new."""
        rate = search.rate
        texts = (
            f"{search.tried:,}",
            f"{search.bounded:,}",
            f"{len(search.finds):,}",
            f"{rate:,.0f}" if rate == rate else "0",
        )
        for name, text in zip(COUNTS, texts, strict=True):
            self.counts[name].setText(text)
        for number in range(self._shown, len(search.finds)):
            self.finds.addItem(_item(number, search.finds[number]))
        self._shown = len(search.finds)
        self._show_place()

    def set_current(self, number: int) -> None:
        """Mark the find whose values are in use, -1 for none; tells no one."""
        blocked = self.finds.blockSignals(True)
        self.finds.setCurrentRow(number)
        self.finds.blockSignals(blocked)
        self._show_place()

    def current(self) -> int:
        """The find that is marked, or -1."""
        return self.finds.currentRow()

    def move(self, steps: int) -> None:  # type: ignore[override]
        """Ask for the next (1) or the previous (-1) find; at the end it starts over."""
        count = self.finds.count()
        if count:
            now = self.current()
            place = (now + steps) % count if now >= 0 else (0 if steps > 0 else count - 1)
            self.finds.setCurrentRow(place)

    def set_theme(self, tokens: Tokens) -> None:
        """Take the colours of another theme."""
        self._tokens = tokens
        for part in (self.spread_row, self.wanted_row, self.settings):
            part.set_theme(tokens)

    def sizeHint(self) -> QSize:
        return QSize(300, 480)

    def minimumSizeHint(self) -> QSize:
        return QSize(220, 160)

    # -- building --------------------------------------------------------------------------

    def _build_words(self) -> None:
        self.words = QLabel()
        self.words.setObjectName("search.words")
        self.words.setWordWrap(True)
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self._column.addWidget(self.words)

    def _build_free(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(4)
        title = QLabel("Free parameters")
        title.setProperty("role", "muted")
        head.addWidget(title, 1)
        self._links: list[Button] = []
        for words, checked in (("All", True), ("None", False)):
            link = Button(words)
            link.setProperty("role", "link")
            link.setObjectName(f"search.{words.lower()}")
            link.clicked.connect(lambda _=False, checked=checked: self._check_all(checked))
            head.addWidget(link)
            self._links.append(link)
        self.settings.body.addLayout(head)
        self._free = QWidget()
        self._flow = FlowLayout(self._free, spacing=12)
        self.settings.body.addWidget(self._free)

    def _build_ways(self) -> None:
        self.anywhere = QRadioButton("Anywhere in their ranges")
        self.anywhere.setObjectName("search.anywhere")
        self.anywhere.setChecked(True)
        self.nearby = QRadioButton("Near the present values")
        self.nearby.setObjectName("search.nearby")
        self.nearby.toggled.connect(self._show_able)
        self.spread_row = ParameterRow(SPREAD)
        self.wanted_row = ParameterRow(WANTED)
        for row in (self.spread_row, self.wanted_row):
            row.changed.connect(lambda _name, value, row=row: row.set_value(value))
            row.changing.connect(lambda _name, value, row=row: row.set_value(value))
            row.reset_requested.connect(lambda _name, row=row: row.set_value(row.parameter.default))
        for widget in (self.anywhere, self.nearby, self.spread_row, self.wanted_row):
            self.settings.body.addWidget(widget)

    def _build_button(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(12)
        self.button = Button("Search")
        self.button.setProperty("role", "primary")
        self.button.setObjectName("search.start")
        self.button.clicked.connect(self._pressed)
        self.state = QLabel()
        self.state.setObjectName("search.state")
        self.state.setProperty("role", "muted")
        self.state.setWordWrap(True)
        row.addWidget(self.button)
        row.addWidget(self.state, 1)
        self._column.addLayout(row)

    def _build_counts(self) -> None:
        card = QFrame()
        card.setProperty("role", "card")
        grid = QGridLayout(card)
        grid.setContentsMargins(12, 8, 12, 8)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(0)
        for column, name in enumerate(COUNTS):
            figure = QLabel("\u2013")
            figure.setObjectName(f"search.count.{name.replace(' ', '-')}")
            figure.setFont(theme.number_font(theme.BODY))
            words = QLabel(name)
            words.setProperty("role", "caption")
            grid.addWidget(figure, 0, column)
            grid.addWidget(words, 1, column)
            grid.setColumnStretch(column, 1)
            self.counts[name] = figure
        self._column.addWidget(card)

    def _build_finds(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(6)
        self.place = QLabel("No finds yet")
        self.place.setObjectName("search.place")
        self.place.setProperty("role", "heading")
        head.addWidget(self.place, 1)
        self.steps: list[Button] = []
        for words, steps in (("Previous", -1), ("Next", 1)):
            button = Button(words)
            button.setObjectName(f"search.{words.lower()}")
            button.clicked.connect(lambda _=False, steps=steps: self.move(steps))
            head.addWidget(button)
            self.steps.append(button)
        self._column.addLayout(head)
        self.finds = QListWidget()
        self.finds.setObjectName("search.finds")
        self.finds.setAccessibleName("Finds: exponent and values")
        self.finds.setUniformItemSizes(True)
        self.finds.setMinimumHeight(112)
        self.finds.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.finds.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.finds.setFont(theme.number_font(theme.SMALL + 1))
        self.finds.currentRowChanged.connect(self._pick)
        self._column.addWidget(self.finds)

    # -- what a person does ----------------------------------------------------------------

    def _pressed(self) -> None:
        if self._running:
            self.stop_requested.emit()
        else:
            self.start_requested.emit()

    def _pick(self, number: int) -> None:
        self._show_place()
        if number >= 0:
            self.chosen.emit(number)

    def _check_all(self, checked: bool) -> None:
        for box in self.boxes.values():
            box.setChecked(checked)

    def _show_able(self) -> None:
        """Grey what cannot be done now."""
        able = not self._refused and not self._running
        for widget in (*self.boxes.values(), *self._links, self.anywhere, self.nearby):
            widget.setEnabled(able)
        self.wanted_row.setEnabled(able)
        self.spread_row.setEnabled(able and self.nearby.isChecked())
        self.button.setEnabled(self._running or (able and bool(self.free())))

    def _show_place(self) -> None:
        count, now = self.finds.count(), self.finds.currentRow()
        if not count:
            words = "No finds yet"
        elif now < 0:
            words = f"{count} find" + ("s" if count > 1 else "")
        else:
            words = f"{now + 1} of {count}"
        self.place.setText(words)
        # An empty list would only push away what is set below it.
        self.finds.setVisible(count > 0)
        for button in self.steps:
            button.setEnabled(count > 0)


def _item(number: int, find: Find) -> QListWidgetItem:
    """A line of the list: exponent with its error, then the values."""
    figure = f"{find.exponent:.3g} ± {find.stderr:.1g}"
    values = "  ".join(f"{name} {number_text(value, 3)}" for name, value in find.values.items())
    item = QListWidgetItem(f"{figure}    {values}")
    full = "<br>".join(f"{name} = {number_text(value, 8)}" for name, value in find.values.items())
    item.setToolTip(
        f"Find {number + 1}: largest exponent {figure}<br>{full}<br>"
        "Choosing it sets these values and a state on the attractor"
    )
    return item
