"""The equation editor: a text, what is wrong with it, and what it says.

It shows what it is given and reports what a person does: a text that came to rest, a wish to
save. Reading, running and writing files are the window's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QMenu,
    QSizePolicy,
    QSplitter,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from engine.look import Tokens
from engine.systems.understanding import Understood
from widgets import icons, theme
from widgets.button import Button
from widgets.elided_label import ElidedLabel
from widgets.equation_facts import EquationFacts
from widgets.equation_text import EquationText, Mark
from widgets.flow_layout import FlowLayout

REST_MILLISECONDS = 100
"""A pause in typing after which the text is read."""
MOST_CHIPS = 12
_PARAMETER = re.compile(r"\s*[^\W\d]\w*\s*=(?!=)")
_START = re.compile(r"\s*[^\W\d]\w*(?:\[[^\]]*\])?\s*\(\s*0\s*\)\s*=")


class EquationEditor(QWidget):
    """Where a person types a system."""

    typing = Signal()
    """At every key."""
    left = Signal()
    """The cursor left the text."""
    edited = Signal(str)
    """The text, at rest for a moment."""
    save_requested = Signal()
    revert_requested = Signal()
    new_requested = Signal()
    draft_chosen = Signal(str)
    """Key of a draft."""
    file_dropped = Signal(str)
    toml_given = Signal(str)

    def __init__(self, tokens: Tokens | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("equations")
        self.setProperty("role", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._tokens = tokens
        self._unknown: tuple[str, ...] = ()
        self._quiet = False
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST_MILLISECONDS)
        self._rest.timeout.connect(self._rested)
        self.text = EquationText()
        self.text.textChanged.connect(self._typed)
        self.text.left.connect(self.left)
        self.text.save_requested.connect(self.save_requested)
        self.text.file_dropped.connect(self.file_dropped)
        self.text.toml_given.connect(self.toml_given)
        self.facts = EquationFacts()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 0)
        column.setSpacing(8)
        column.addLayout(self._head())
        split = QSplitter(Qt.Orientation.Vertical)
        split.setChildrenCollapsible(False)
        split.setHandleWidth(1)
        split.addWidget(self._upper())
        split.addWidget(self.facts)
        split.setStretchFactor(0, 3)
        split.setStretchFactor(1, 2)
        column.addWidget(split, 1)
        self.setMinimumWidth(280)
        if tokens is not None:
            self.set_theme(tokens)

    # -- building --------------------------------------------------------------------------

    def _head(self) -> QHBoxLayout:
        self.title = ElidedLabel("New system")
        self.title.setObjectName("equations.title")
        self.title.setProperty("role", "heading")
        self.state = QLabel("")
        self.state.setObjectName("equations.state")
        self.state.setProperty("role", "caption")
        self.new_button = self._tool("equations.new", "New system")
        self.new_button.clicked.connect(self.new_requested)
        self.drafts_button = self._tool("equations.drafts", "Drafts: systems that are not saved")
        self.drafts_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._menu = QMenu(self.drafts_button)
        self.drafts_button.setMenu(self._menu)
        row = QHBoxLayout()
        row.setContentsMargins(12, 0, 8, 0)
        row.setSpacing(4)
        row.addWidget(self.title, 1)
        row.addWidget(self.state)
        row.addSpacing(4)
        row.addWidget(self.drafts_button)
        row.addWidget(self.new_button)
        return row

    def _tool(self, name: str, tip: str) -> QToolButton:
        button = QToolButton()
        button.setObjectName(name)
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        button.setIconSize(QSize(14, 14))
        return button

    def _upper(self) -> QWidget:
        upper = QWidget()
        column = QVBoxLayout(upper)
        column.setContentsMargins(12, 0, 12, 8)
        column.setSpacing(8)
        column.addWidget(self.text, 1)
        self.mark = QLabel()
        self.mark.setFixedWidth(16)
        self.message = QLabel("")
        self.message.setObjectName("equations.message")
        self.message.setWordWrap(True)
        self.message.setTextFormat(Qt.TextFormat.PlainText)
        self.message.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        # As wide as there is room for, whatever a long word in it would like.
        self.message.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        row = QHBoxLayout()
        row.setSpacing(4)
        row.addWidget(self.mark, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.message, 1)
        column.addLayout(row)
        self._chip_area = QWidget()
        self._chips = FlowLayout(self._chip_area, 8)
        self._chip_area.hide()
        column.addWidget(self._chip_area)
        self.save_button = Button("Save to my systems")
        self.save_button.setObjectName("equations.save")
        self.save_button.setProperty("role", "primary")
        self.save_button.setToolTip("Write a TOML file into your own folder (Ctrl+S here)")
        self.save_button.clicked.connect(self.save_requested)
        self.revert_button = Button("Revert")
        self.revert_button.setObjectName("equations.revert")
        self.revert_button.setToolTip("Back to the text before it was edited")
        self.revert_button.clicked.connect(self.revert_requested)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self.save_button)
        buttons.addWidget(self.revert_button)
        buttons.addStretch(1)
        column.addLayout(buttons)
        self.set_changed(False)
        return upper

    # -- what the window calls -------------------------------------------------------------

    @property
    def content(self) -> str:
        """The text as it stands."""
        return self.text.toPlainText()

    def set_content(self, text: str, *, undoable: bool = False) -> None:
        """Show another text. Emits nothing."""
        self._quiet = True
        if undoable:
            self.text.replace_all(text)
        else:
            self.text.setPlainText(text)
        self._quiet = False
        self._rest.stop()
        self.text.set_marks(())
        self._show_chips(())
        self._say("", "")
        if not text.strip():
            self.facts.clear()

    def set_title(self, title: str) -> None:
        """Name the system in the head."""
        self.title.setText(title)

    def set_changed(self, changed: bool, saveable: bool = False) -> None:
        """Say whether the text differs from what was saved, and whether it can be saved."""
        self.state.setText("not saved" if changed else "")
        self.revert_button.setEnabled(changed)
        self.save_button.setEnabled(saveable)

    def set_drafts(self, drafts: Mapping[str, str]) -> None:
        """List drafts: key -> title."""
        self._menu.clear()
        for key, title in drafts.items():
            self._menu.addAction(title).triggered.connect(
                lambda _=False, key=key: self.draft_chosen.emit(key)
            )
        self.drafts_button.setVisible(bool(drafts))

    def show_understood(self, found: Understood) -> None:
        """Show what was made of the text, unless another was typed since."""
        if found.text != self.content:
            return
        self.text.set_marks(
            [Mark(row.first, row.last, row.message) for row in found.problems]
            if found.text.strip()
            else []
        )
        self._show_chips(found.typed.unknown)
        if not found.text.strip():
            self.facts.clear()
            self._say("Type an equation, such as x' = -x. It runs as you type.", "muted")
        elif found.problems:
            first = found.problems[0]
            more = len(found.problems) - 1
            rest = f" ({more} more)" if more else ""
            self._say(f"Line {first.line}: {first.message}{rest}", "bad")
        else:
            self._say("No errors", "good")
        self.facts.set_dimmed(bool(found.problems))
        self.facts.show_understood(found)

    def set_theme(self, tokens: Tokens) -> None:
        """Take the colours of another theme."""
        self._tokens = tokens
        self.text.set_theme(tokens)
        self.facts.set_theme(tokens)
        self.new_button.setIcon(icons.icon("plus", tokens, "muted"))
        self.drafts_button.setIcon(icons.icon("clock", tokens, "muted"))
        self._say(self.message.text(), str(self.message.property("role") or ""))

    def add_parameters(self, names: Sequence[str]) -> None:
        """Declare names as parameters of value 1, in the text, as one step of undo."""
        lines = self.content.split("\n")
        place = max((k + 1 for k, line in enumerate(lines) if _PARAMETER.match(line)), default=-1)
        if place < 0:
            starts = (k for k, line in enumerate(lines) if _START.match(line))
            place = next(starts, len(lines))
        self.text.insert_lines([f"{name} = 1 in 0..2" for name in names], place)
        self._rested()

    def sizeHint(self) -> QSize:
        return QSize(392, 640)

    # -- inside ----------------------------------------------------------------------------

    def _typed(self) -> None:
        # All that a key costs: everything else waits for a pause.
        if not self._quiet:
            self._rest.start()
            self.typing.emit()

    def _rested(self) -> None:
        self._rest.stop()
        self.typing.emit()
        self.edited.emit(self.content)

    def _say(self, words: str, role: str) -> None:
        self.message.setText(words)
        theme.set_role(self.message, role)
        self.message.setVisible(bool(words))
        self.mark.setVisible(role in ("bad", "good") and bool(words))
        if self._tokens is not None and role in ("bad", "good"):
            name, colour = (
                ("warning", self._tokens.unstable)
                if role == "bad"
                else ("check", self._tokens.stable)
            )
            self.mark.setPixmap(icons.pixmap(name, colour, 14, self.devicePixelRatioF()))

    def _show_chips(self, unknown: Sequence[str]) -> None:
        names = tuple(unknown)
        if names == self._unknown:
            return
        self._unknown = names
        while (item := self._chips.takeAt(0)) is not None:
            gone = item.widget()
            if gone is not None:
                gone.hide()
                gone.deleteLater()
        rows: list[tuple[str, tuple[str, ...]]] = [
            (f"Make {name} a parameter", (name,)) for name in names[:MOST_CHIPS]
        ]
        if len(names) > 1:
            rows.append((f"All {len(names)}", names))
        for words, given in rows:
            chip = Button(words)
            chip.setObjectName(f"equations.make.{given[0] if len(given) == 1 else 'all'}")
            chip.setProperty("role", "chip")
            chip.setToolTip(f"Add {', '.join(given)} with the value 1 and a slider")
            chip.clicked.connect(lambda _=False, given=given: self.add_parameters(given))
            self._chips.addWidget(chip)
            chip.show()
        self._chip_area.setVisible(bool(rows))
        self._chip_area.updateGeometry()
