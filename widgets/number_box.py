"""A box for a number, which also takes arithmetic such as ``8/3`` or ``2*pi``.

It reads through the project's own grammar, never by evaluating what was typed. What cannot
be read is refused with a sentence and the last good value comes back.
"""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from engine.errors import PhasescopeError
from engine.exhibit import Parameter, Value
from widgets import theme
from widgets.number_scale import NumberScale, number_text


class NumberBox(QLineEdit):
    """A line edit that holds the value of a parameter.

    Parameters
    ----------
    parameter : Parameter
        Says what is a valid value.
    """

    entered = Signal(object)
    """A new value was typed and is valid."""
    refused = Signal(str)
    """What was typed is no value, in a sentence; an empty one once it is all right again."""

    def __init__(
        self, parameter: Parameter, scale: NumberScale | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.parameter = parameter
        self._scale = scale
        self._value: Value = parameter.default
        self._shown = ""
        self.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.editingFinished.connect(self._finish)
        self.textEdited.connect(self._edited)

    def value(self) -> Value:
        """The last good value."""
        return self._value

    def set_value(self, value: Value) -> None:
        """Show `value` without telling anyone. Text being typed is not overwritten."""
        self._value = value
        if not (self.hasFocus() and self.isModified()):
            self._show()

    def _show(self) -> None:
        self._shown = number_text(self._value)
        self.setText(self._shown)
        self.setModified(False)
        self.setCursorPosition(0)
        theme.set_flag(self, "invalid", False)

    def _edited(self) -> None:
        theme.set_flag(self, "invalid", False)
        self.refused.emit("")

    def _finish(self) -> None:
        text = self.text().strip()
        if text == self._shown:
            self.setModified(False)
            return
        try:
            value = read_value(self.parameter, text)
        except PhasescopeError as error:
            self._show()
            theme.set_flag(self, "invalid", True)
            self.selectAll()
            self.refused.emit(f"{sentence(error)} Still {self._shown}.")
            return
        changed = value != self._value
        self._value = value
        self._show()
        self.refused.emit("")
        if changed:
            self.entered.emit(value)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down) and self._scale is not None:
            self._finish()
            steps = 1.0 if event.key() == Qt.Key.Key_Up else -1.0
            if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
                steps /= 10
            value = self.parameter.check(self._scale.moved(float(self._value), steps))
            self._value = value
            self._show()
            self.selectAll()
            self.refused.emit("")
            self.entered.emit(value)
            event.accept()
        elif event.key() == Qt.Key.Key_Escape and self.isModified():
            self._show()
            self.selectAll()
            self.refused.emit("")
            event.accept()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason):
            self.selectAll()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.deselect()
        self.setCursorPosition(0)


def read_value(parameter: Parameter, text: str) -> Value:
    """A typed text as a value of `parameter`.

    Raises
    ------
    PhasescopeError
        If it is not arithmetic, or not a value this parameter can have.
    """
    from engine.equations.evaluate import number

    if parameter.scale in ("text", "source", "choice"):
        return parameter.check(text)
    return parameter.check(number(text.replace("\u2212", "-").replace(",", ".")))


def sentence(error: Exception) -> str:
    """What an error says, begun with a capital and ended with a full stop."""
    text = getattr(error, "message", "") or str(error)
    text = text.strip().splitlines()[0] if text.strip() else "This is no number"
    return text[0].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")
