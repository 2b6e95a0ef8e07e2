"""The run bar: run or pause, step, reset, and how fast the exhibit's clock goes.

It emits what was pressed and shows what it is told; it starts and stops nothing itself.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QToolButton, QWidget

from engine.look import Tokens
from widgets import icons, theme
from widgets.number_scale import NumberScale, number_text
from widgets.slider import NumberSlider
from widgets.status_line import StatusLine

__all__ = ["StatusLine", "Transport"]


class Transport(QWidget):
    """Run, pause, step, reset and speed."""

    run_toggled = Signal(bool)
    step_clicked = Signal()
    reset_clicked = Signal()
    speed_changing = Signal(float)
    """Units a second, at every move of the slider."""
    speed_changed = Signal(float)
    """Units a second, once the slider rests."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("transport")
        self._tokens: Tokens | None = None
        self._unit = "time units"
        self.run = self._button("run", "Run", "Run or pause (Space)")
        self.run.setCheckable(True)
        self.run.setProperty("role", "run")
        self.run.toggled.connect(self._run_toggled)
        self.step = self._button("step", "Step", "Advance one step (.)")
        self.step.clicked.connect(self.step_clicked)
        self.reset = self._button("reset", "Reset", "Start again from the initial state")
        self.reset.clicked.connect(self.reset_clicked)
        self.gauge = QLabel(self)
        self.speed = NumberSlider(NumberScale(0.1, 100.0, "log"), self)
        self.speed.setObjectName("transport.speed")
        self.speed.setAccessibleName("Speed")
        self.speed.setToolTip("How much of the exhibit's clock passes in a second of watching")
        self.speed.setFixedWidth(160)
        self.speed.moving.connect(self._moving)
        self.speed.settled.connect(self._settled)
        self.reading = QLabel(self)
        self.reading.setFont(theme.number_font())
        self.reading.setProperty("role", "muted")
        self.reading.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 6, 12, 6)
        row.setSpacing(4)
        for button in (self.run, self.step, self.reset):
            row.addWidget(button)
        row.addSpacing(12)
        row.addWidget(self.gauge)
        row.addSpacing(4)
        row.addWidget(self.speed)
        row.addSpacing(4)
        row.addWidget(self.reading)
        row.addStretch(1)
        self.set_pace("time units", 0.1, 100.0, 1.0)

    def _button(self, name: str, words: str, tip: str) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName(f"transport.{name}")
        button.setAccessibleName(words)
        button.setToolTip(tip)
        button.setIconSize(QSize(18, 18))
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        return button

    def set_running(self, running: bool) -> None:
        """Show whether the exhibit runs, without emitting anything."""
        blocked = self.run.blockSignals(True)
        self.run.setChecked(running)
        self.run.blockSignals(blocked)
        self._show_run()

    def set_pace(self, unit: str, low: float, high: float, value: float) -> None:
        """Say what the clock counts and where the speed slider runs, without emitting.

        Parameters
        ----------
        unit : str
            ``time units``, ``iterations``, ``steps`` ...
        low, high, value : float
            Units a second; `low` above zero.
        """
        self._unit = unit
        self.speed.set_scale(NumberScale(low, high, "log" if low > 0 else "linear"))
        self.speed.set_marks(value)
        self.speed.set_number(value)
        # As wide as the widest reading, so that nothing beside it moves.
        widest = max(
            (self._words(v) for v in (low, high, high * 0.888, low * 8.88)),
            key=self.reading.fontMetrics().horizontalAdvance,
        )
        self.reading.setFixedWidth(self.reading.fontMetrics().horizontalAdvance(widest) + 12)
        self._show_speed(value)

    def set_speed(self, value: float) -> None:
        """Show another speed without emitting anything."""
        if not self.speed.isSliderDown():
            self.speed.set_number(value)
            self._show_speed(value)

    def set_theme(self, tokens: Tokens) -> None:
        """Take the colours of another theme."""
        self._tokens = tokens
        self.speed.set_theme(tokens)
        self.step.setIcon(icons.icon("step", tokens))
        self.reset.setIcon(icons.icon("reset", tokens))
        self.gauge.setPixmap(icons.pixmap("speed", tokens.muted, 18, self.devicePixelRatioF()))
        self._show_run()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.DevicePixelRatioChange and self._tokens is not None:
            self.set_theme(self._tokens)  # drawn pictures are made for one screen scale

    def _words(self, value: float) -> str:
        return f"{number_text(float(f'{value:.3g}'), 4)} {self._unit}/s"

    def _show_speed(self, value: float) -> None:
        self.reading.setText(self._words(value))

    def _moving(self, value: float) -> None:
        self._show_speed(value)
        self.speed_changing.emit(value)

    def _settled(self, value: float) -> None:
        self._show_speed(value)
        self.speed_changed.emit(value)

    def _run_toggled(self, running: bool) -> None:
        self._show_run()
        self.run_toggled.emit(running)

    def _show_run(self) -> None:
        running = self.run.isChecked()
        self.run.setAccessibleName("Pause" if running else "Run")
        if self._tokens is not None:
            name = "pause" if running else "play"
            self.run.setIcon(icons.icon(name, self._tokens, theme.on_accent(self._tokens)))
