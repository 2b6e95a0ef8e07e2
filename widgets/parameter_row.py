"""One row of the parameter panel: a symbol, a name, a box for the value and a slider.

A row shows one `Parameter` and reports what a person does with it; it keeps no history and
changes nothing but itself.
"""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QGuiApplication, QMouseEvent
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMenu,
    QVBoxLayout,
    QWidget,
)

from engine.exhibit import Parameter, Value
from engine.look import Tokens
from widgets import icons, symbols
from widgets.elided_label import ElidedLabel
from widgets.number_box import NumberBox
from widgets.number_scale import NumberScale, number_text
from widgets.slider import NumberSlider

BOX_WIDTH = 88


class ParameterRow(QWidget):
    """A parameter's row.

    Parameters
    ----------
    parameter : Parameter
        What it shows. The slider, combo box or line edit is called ``parameter.<name>``,
        a slider's number box ``parameter.<name>.value``.
    """

    changing = Signal(str, object)
    changed = Signal(str, object)
    reset_requested = Signal(str)

    def __init__(self, parameter: Parameter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.parameter = parameter
        self.slider: NumberSlider | None = None
        self.box: NumberBox | None = None
        self.choice: QComboBox | None = None
        self.line: QLineEdit | None = None
        self._tokens: Tokens | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._top = QHBoxLayout()
        self._top.setSpacing(8)
        self._column.addLayout(self._top)
        self._build_label()
        {"choice": self._build_choice, "text": self._build_line, "source": self._build_line}.get(
            parameter.scale, self._build_number
        )()
        self.error = QLabel(self)
        self.error.setProperty("role", "error")
        self.error.setObjectName(f"parameter.{parameter.name}.error")
        self.error.setWordWrap(True)
        self.error.hide()
        self._column.addWidget(self.error)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._open_menu)
        self.set_value(parameter.default)

    # -- building --------------------------------------------------------------------------

    def _build_label(self) -> None:
        parameter = self.parameter
        symbol = symbols.symbol_of(parameter.name, parameter.symbol)
        words = symbols.words_of(parameter.name)
        head = QWidget(self)
        row = QHBoxLayout(head)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        if symbol:
            label = QLabel(symbols.rich(symbol), head)
            label.setTextFormat(Qt.TextFormat.RichText)
            label.setProperty("role", "symbol")
            label.setMinimumWidth(16)
            row.addWidget(label)
        self.name_label = ElidedLabel("" if symbols.plain(symbol) == words else words, head)
        self.name_label.setProperty("role", "muted" if symbol else "")
        row.addWidget(self.name_label, 1)
        if parameter.unit:
            unit = QLabel(parameter.unit, head)
            unit.setProperty("role", "caption")
            row.addWidget(unit)
        head.setToolTip(self._tip())
        head.installEventFilter(self)
        self.head = head
        self._top.addWidget(head, 1)

    def _build_number(self) -> None:
        parameter = self.parameter
        scale = NumberScale.of(parameter)
        self.box = NumberBox(parameter, scale, self)
        self.box.setObjectName(f"parameter.{parameter.name}.value")
        self.box.setAccessibleName(f"{symbols.words_of(parameter.name)}, value")
        self.box.setAccessibleDescription(parameter.help)
        self.box.setFixedWidth(BOX_WIDTH)
        self.box.setToolTip(f"{self._tip()}<br>Takes arithmetic too: 8/3, 2*pi")
        self.box.entered.connect(self._entered)
        self.box.refused.connect(self._refused)
        self._top.addWidget(self.box)
        self.slider = NumberSlider(scale, self)
        self.slider.setObjectName(f"parameter.{parameter.name}")
        self.slider.setAccessibleName(symbols.words_of(parameter.name))
        self.slider.setAccessibleDescription(parameter.help)
        self.slider.setToolTip(f"{self._tip()}<br>Hold Shift to move ten times finer")
        self.slider.set_marks(float(parameter.default))
        self.slider.moving.connect(self._moving)
        self.slider.settled.connect(self._settled)
        self._column.addWidget(self.slider)

    def _build_choice(self) -> None:
        parameter = self.parameter
        self.choice = QComboBox(self)
        self.choice.setObjectName(f"parameter.{parameter.name}")
        self.choice.setAccessibleName(symbols.words_of(parameter.name))
        self.choice.setAccessibleDescription(parameter.help)
        self.choice.setToolTip(self._tip())
        self.choice.setMinimumWidth(BOX_WIDTH)
        self.choice.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.choice.setMinimumContentsLength(
            min(16, max((len(choice) for choice in parameter.choices), default=1))
        )
        self.choice.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.choice.installEventFilter(self)
        for choice in parameter.choices:
            self.choice.addItem(choice)
        self.choice.activated.connect(
            lambda index: self.changed.emit(parameter.name, parameter.choices[index])
        )
        self._top.addWidget(self.choice)

    def _build_line(self) -> None:
        parameter = self.parameter
        self.line = QLineEdit(self)
        self.line.setObjectName(f"parameter.{parameter.name}")
        self.line.setAccessibleName(symbols.words_of(parameter.name))
        self.line.setAccessibleDescription(parameter.help)
        self.line.setToolTip(self._tip())
        self.line.editingFinished.connect(self._line_finished)
        self._column.addWidget(self.line)

    def _tip(self) -> str:
        """Help, range, unit and default as rich text."""
        parameter = self.parameter
        lines = [f"<span style='font-weight:600'>{symbols.words_of(parameter.name)}</span>"]
        if parameter.help:
            lines.append(parameter.help)
        unit = f" {parameter.unit}" if parameter.unit else ""
        facts = []
        if parameter.low is not None and parameter.high is not None:
            facts.append(f"{number_text(parameter.low)} to {number_text(parameter.high)}{unit}")
        if parameter.scale != "text":
            facts.append(f"default {number_text(parameter.default)}{unit}")
        if not parameter.live:
            facts.append("restarts the run")
        if facts:
            lines.append(", ".join(facts))
        return "<br>".join(lines)

    # -- what the panel uses ---------------------------------------------------------------

    def value(self) -> Value:
        """The value shown."""
        if self.box is not None:
            return self.box.value()
        if self.choice is not None:
            return self.choice.currentText()
        assert self.line is not None
        return self.line.text()

    def set_value(self, value: Value) -> None:
        """Show a value without telling anyone."""
        if self.box is not None and self.slider is not None:
            if not self.slider.isSliderDown():
                self.slider.set_number(float(value))
            self.box.set_value(value)
            self._refused("")
        elif self.choice is not None:
            self.choice.setCurrentIndex(self.choice.findText(str(value)))
        elif self.line is not None and self.line.text() != str(value):
            self.line.setText(str(value))

    def set_preset_marks(self, marks: Iterable[float]) -> None:
        """Mark the values that presets give this parameter."""
        if self.slider is not None:
            self.slider.set_marks(float(self.parameter.default), marks)

    def set_theme(self, tokens: Tokens) -> None:
        """Take the colours of another theme."""
        self._tokens = tokens
        if self.slider is not None:
            self.slider.set_theme(tokens)

    # -- what a person does ----------------------------------------------------------------

    def _checked(self, number: float) -> Value:
        return self.parameter.check(number)

    def _moving(self, number: float) -> None:
        value = self._checked(number)
        assert self.box is not None
        self.box.set_value(value)
        self._refused("")
        self.changing.emit(self.parameter.name, value)

    def _settled(self, number: float) -> None:
        value = self._checked(number)
        assert self.box is not None
        self.box.set_value(value)
        self._refused("")
        self.changed.emit(self.parameter.name, value)

    def _entered(self, value: object) -> None:
        assert self.slider is not None
        self.slider.set_number(float(value))  # type: ignore[arg-type]
        self.changed.emit(self.parameter.name, value)

    def _line_finished(self) -> None:
        assert self.line is not None
        if self.line.isModified():
            self.line.setModified(False)
            self.changed.emit(self.parameter.name, self.line.text())

    def _refused(self, sentence: str) -> None:
        self.error.setText(sentence)
        self.error.setVisible(bool(sentence))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if (
            watched is self.head
            and event.type() == QEvent.Type.MouseButtonDblClick
            and isinstance(event, QMouseEvent)
            and event.button() == Qt.MouseButton.LeftButton
        ):
            self.reset_requested.emit(self.parameter.name)
            return True
        if watched is self.choice and event.type() == QEvent.Type.Wheel:
            event.ignore()  # the wheel scrolls the panel
            return True
        return super().eventFilter(watched, event)

    def menu(self) -> QMenu:
        """The context menu: back to the default, copy the value."""
        menu = QMenu(self)
        reset = menu.addAction(f"Reset to {number_text(self.parameter.default)}")
        reset.setEnabled(self.value() != self.parameter.default)
        reset.triggered.connect(lambda: self.reset_requested.emit(self.parameter.name))
        copy = menu.addAction("Copy value")
        copy.triggered.connect(lambda: QGuiApplication.clipboard().setText(str(self.value())))
        if self._tokens is not None:
            reset.setIcon(icons.icon("reset", self._tokens, "muted"))
            copy.setIcon(icons.icon("copy", self._tokens, "muted"))
        return menu

    def _open_menu(self, place: QPoint) -> None:
        menu = self.menu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.mapToGlobal(place))
