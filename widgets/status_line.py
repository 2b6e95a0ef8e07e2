"""The status line: how the numbers on screen are made, and what is being computed.

Method, step, local error, rate and device stand in fields of fixed width with figures of
one width, so that a line that changes sixty times a second stays still. It formats what it
is given and measures nothing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QProgressBar, QSizePolicy, QWidget

from engine.look import Tokens
from widgets import icons, theme
from widgets.elided_label import ElidedLabel
from widgets.number_scale import number_text

# Field -> the widest text it must hold.
FIELDS = {
    "method": "Forward Euler",
    "step": "step 0.00005",
    "error": "local error unknown",
    "rate": "888.8 M steps/s",
    "device": "CUDA",
}
DROPPED_FIRST = ("device", "step", "error", "rate")
BETWEEN = 17  # pixels a field takes besides its own width
ROOM = 200  # pixels kept for a message or a progress bar
NAMES = {
    "rk4": "RK4",
    "euler": "Euler",
    "tsit5": "Tsit5",
    "dop853": "DOP853",
    "iterate": "iteration",
    "cpu": "CPU",
    "cuda": "CUDA",
    "gpu": "GPU",
}
TIPS = {
    "method": "Integration method",
    "step": "Step of the method, in the exhibit's own time",
    "error": "Estimate of the error made in one step",
    "rate": "Steps computed in a second",
    "device": "Where it is computed",
}


class StatusLine(QWidget):
    """One line of facts about the run."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("status")
        self._tokens: Tokens | None = None
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 4, 12, 4)
        row.setSpacing(8)
        self.fields: dict[str, QLabel] = {}
        self._rules: dict[str, QFrame] = {}
        for name, widest in FIELDS.items():
            label = QLabel(self)
            label.setObjectName(f"status.{name}")
            label.setFont(theme.number_font(theme.SMALL + 1))
            label.setProperty("role", "muted")
            label.setToolTip(TIPS[name])
            label.setFixedWidth(label.fontMetrics().horizontalAdvance(widest) + 2)
            if name in ("rate",):
                label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            if self.fields:
                rule = QFrame(self)
                rule.setProperty("role", "upright")
                rule.setFixedHeight(12)
                row.addWidget(rule)
                self._rules[name] = rule
            row.addWidget(label)
            self.fields[name] = label
        self.mark = QLabel(self)
        self.mark.hide()
        self.message = ElidedLabel("", self)
        self.message.setObjectName("status.message")
        self.message.setFont(theme.font(theme.SMALL + 1))
        self.message.setProperty("role", "warm")
        self.message.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.computing = ElidedLabel("", self)
        self.computing.setObjectName("status.computing")
        self.computing.setFont(theme.font(theme.SMALL + 1))
        self.computing.setProperty("role", "muted")
        self.computing.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.computing.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        self.computing.hide()
        self.progress = QProgressBar(self)
        self.progress.setObjectName("status.progress")
        self.progress.setRange(0, 1000)
        self.progress.setFixedWidth(96)
        self.progress.setTextVisible(False)
        self.progress.hide()
        row.addSpacing(8)
        row.addWidget(self.mark)
        row.addWidget(self.message, 1)
        row.addWidget(self.computing)
        row.addWidget(self.progress)

    def update_status(self, status: Mapping[str, Any]) -> None:
        """Show what `status` says; fields that it does not name stay as they are.

        Parameters
        ----------
        status : mapping
            ``method`` (a word), ``step`` (exhibit time), ``error`` (local error estimate),
            ``rate`` (steps a second), ``device`` (a word), ``message`` (a warning
            sentence, empty for none), ``computing`` (what is being computed: a text, or a
            pair of text and fraction done, or empty).
        """
        for name in FIELDS:
            if name in status:
                self._set(name, field_text(name, status[name]))
        if "message" in status:
            self._show_message(str(status["message"] or ""))
        if "computing" in status:
            self._show_computing(status["computing"])

    def clear(self) -> None:
        """Forget everything: another exhibit is being opened."""
        self.update_status(dict.fromkeys((*FIELDS, "message", "computing")))

    def set_theme(self, tokens: Tokens) -> None:
        """Take the colours of another theme."""
        self._tokens = tokens
        self.mark.setPixmap(icons.pixmap("warning", tokens.warm, 14, self.devicePixelRatioF()))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.DevicePixelRatioChange and self._tokens is not None:
            self.set_theme(self._tokens)  # drawn pictures are made for one screen scale

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Leave out the fields that there is no room for."""
        gone = _dropped(self.width(), {name: label.width() for name, label in self.fields.items()})
        for name, label in self.fields.items():
            label.setVisible(name not in gone)
            if name in self._rules:
                self._rules[name].setVisible(name not in gone)

    def minimumSizeHint(self) -> QSize:
        return QSize(160, super().minimumSizeHint().height())

    def _set(self, name: str, text: str) -> None:
        label = self.fields[name]
        if label.text() != text:  # a label that is set to its own text still repaints
            label.setText(text)
            if name == "method":
                # It changes with the exhibit only, and may be any words.
                label.setFixedWidth(label.fontMetrics().horizontalAdvance(text) + 2)
                self._fit()

    def _show_message(self, text: str) -> None:
        if self.message.text() != text:
            self.message.setText(text)
            self.message.setToolTip(text)
            self.mark.setVisible(bool(text))

    def _show_computing(self, computing: Any) -> None:
        text, fraction = (
            ("", None)
            if not computing
            else ((computing, None) if isinstance(computing, str) else tuple(computing))
        )
        if self.computing.text() != text:
            self.computing.setText(text)
            self.computing.setToolTip(text)
        self.computing.setVisible(bool(text))
        self.progress.setVisible(bool(text))
        if fraction is None or not math.isfinite(fraction):
            self.progress.setValue(0)
        else:
            self.progress.setValue(round(1000 * min(1.0, max(0.0, fraction))))


def _dropped(width: int, widths: Mapping[str, int]) -> set[str]:
    """The fields that a line of `width` pixels has no room for, the least needed first."""
    gone: set[str] = set()
    for name in DROPPED_FIRST:
        if sum(w + BETWEEN for n, w in widths.items() if n not in gone) + ROOM <= width:
            break
        gone.add(name)
    return gone


def field_text(name: str, value: Any) -> str:
    """A status value as words with its unit; empty where there is nothing to say."""
    if value is None or value == "":
        return ""
    if name in ("method", "device"):
        return NAMES.get(str(value).lower(), str(value))
    number = float(value)
    if not math.isfinite(number):
        return "local error unknown" if name == "error" else ""
    if name == "step":
        return f"step {number_text(number, 3)}"
    if name == "error":
        return f"local error {number_text(number, 1)}"
    return f"{count_text(number)} steps/s"


def count_text(number: float) -> str:
    """A large count in three figures: 950, 12.0 k, 1.25 M, 3.40 G."""
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if number >= size * 0.9995:
            part = number / size
            places = 2 if part < 9.995 else 1 if part < 99.95 else 0
            return f"{part:.{places}f} {letter}"
    return f"{number:.0f}"
