"""A slider over real numbers: linear, logarithmic or whole, with marks on its groove.

It is a `QSlider`, so that keyboards, screen readers and tests find what they know, but it
is aimed by pressing anywhere, holds the exact number behind the tick, and says when a drag
is under way (`moving`) and when it is over (`settled`). It holds no limits of its own: a
number outside the range pins the handle to an end, with an arrow that says so.
"""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPolygonF,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QSlider, QWidget

from engine.look import Tokens
from widgets import theme
from widgets.number_scale import NumberScale

RADIUS = 6.0
MARGIN = 8.0  # the handle's centre stays this far from the edges
HEIGHT = 22
STEPS = {
    Qt.Key.Key_Right: 1.0,
    Qt.Key.Key_Up: 1.0,
    Qt.Key.Key_Left: -1.0,
    Qt.Key.Key_Down: -1.0,
    Qt.Key.Key_PageUp: 10.0,
    Qt.Key.Key_PageDown: -10.0,
}


class NumberSlider(QSlider):
    """A horizontal slider that holds a number.

    Parameters
    ----------
    scale : NumberScale
        What the slider runs over.
    """

    moving = Signal(float)
    """Every move while dragging or while a key is held."""
    settled = Signal(float)
    """The number a drag, a key or a program ended on."""

    def __init__(self, scale: NumberScale, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.scale = scale
        self._number = scale.low
        self._marks: tuple[float, ...] = ()
        self._default: float | None = None
        self._tokens: Tokens | None = None
        self._grip = 0.0  # pixels between the pointer and the handle's centre
        self._last_x = 0.0
        self._keyed = False
        self._pending = False  # moved since the last time it settled
        self.set_scale(scale)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setMinimumWidth(80)
        self.valueChanged.connect(self._ticked)

    # -- what a panel uses -----------------------------------------------------------------

    def set_scale(self, scale: NumberScale) -> None:
        """Run over other numbers from now on, without telling anyone."""
        self.scale = scale
        blocked = self.blockSignals(True)
        self.setRange(0, scale.ticks)
        self.setSingleStep(max(1, scale.ticks // 100))
        self.setPageStep(max(1, scale.ticks // 10))
        self.blockSignals(blocked)
        self.set_number(self._number)

    def number(self) -> float:
        """The number the slider holds, which may lie outside its range."""
        return self._number

    def set_number(self, number: float) -> None:
        """Show `number` without telling anyone."""
        self._number = float(number)
        blocked = self.blockSignals(True)
        self.setValue(self.scale.tick(number))
        self.blockSignals(blocked)
        self.update()

    def set_marks(self, default: float | None, others: Iterable[float] = ()) -> None:
        """Mark the default with a line and other numbers (presets) with dots."""
        self._default = default
        self._marks = tuple(dict.fromkeys(float(mark) for mark in others))
        self.update()

    def set_theme(self, tokens: Tokens) -> None:
        """Take the colours of another theme."""
        self._tokens = tokens
        self.update()

    def point_of(self, number: float) -> QPoint:
        """Where on the slider `number` lies, in the widget's coordinates."""
        fraction = min(1.0, max(0.0, self.scale.fraction(number)))
        return QPoint(round(self._place(fraction)), self.height() // 2)

    def sizeHint(self) -> QSize:
        return QSize(160, HEIGHT)

    def minimumSizeHint(self) -> QSize:
        return QSize(80, HEIGHT)

    # -- moving ----------------------------------------------------------------------------

    def _place(self, fraction: float) -> float:
        return MARGIN + fraction * (self.width() - 2 * MARGIN)

    def _handle_x(self) -> float:
        return self._place(min(1.0, max(0.0, self.scale.fraction(self._number))))

    def _move_to(self, number: float) -> None:
        if number == self._number:
            return
        self.set_number(number)
        self._pending = True
        self.moving.emit(number)

    def _ticked(self, tick: int) -> None:
        """The tick was set from outside: by a program, a test or a screen reader."""
        self._number = self.scale.at_tick(tick)
        self.update()
        self._pending = True
        if self.isSliderDown():
            self.moving.emit(self._number)
        else:
            self._settle()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            event.ignore()
            return
        event.accept()
        x = event.position().x()
        offset = self._handle_x() - x
        self._grip = offset if abs(offset) <= RADIUS + 2 else 0.0
        self._last_x = x
        self.setSliderDown(True)
        if self._grip == 0.0:
            self._aim(x)
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if not self.isSliderDown():
            return
        event.accept()
        x = event.position().x()
        span = max(1.0, self.width() - 2 * MARGIN)
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            # A tenth of the speed: the handle no longer sits under the pointer, as meant.
            fraction = self.scale.fraction(self._number) + (x - self._last_x) / span / 10
            self._move_to(self.scale.value(fraction, fine=True))
            self._grip = self._handle_x() - x
        else:
            self._aim(x)
        self._last_x = x

    def _aim(self, x: float) -> None:
        span = max(1.0, self.width() - 2 * MARGIN)
        self._move_to(self.scale.value((x + self._grip - MARGIN) / span))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton or not self.isSliderDown():
            event.ignore()
            return
        event.accept()
        self.setSliderDown(False)
        self._settle()
        self.update()

    def event(self, event: QEvent) -> bool:
        # A slider with the focus keeps its keys from shortcuts of the window (Home, say).
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            plain = not event.modifiers() & Qt.KeyboardModifier.ControlModifier
            if plain and Qt.Key(event.key()) in (*STEPS, Qt.Key.Key_Home, Qt.Key.Key_End):
                event.accept()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if key in STEPS:
            steps = STEPS[key]
            if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
                steps /= 10
            number = self.scale.moved(self._number, steps)
        elif key == Qt.Key.Key_Home:
            number = self.scale.low
        elif key == Qt.Key.Key_End:
            number = self.scale.high
        else:
            super().keyPressEvent(event)
            return
        event.accept()
        # A key stops at an end, but takes a number from beyond it only towards the range.
        low, high = min(self.scale.low, self._number), max(self.scale.high, self._number)
        self._keyed = True
        self._move_to(min(high, max(low, number)))

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if self._keyed and not event.isAutoRepeat():
            self._settle_keys()
        super().keyReleaseEvent(event)

    def focusOutEvent(self, event: QEvent) -> None:
        self._settle_keys()
        super().focusOutEvent(event)  # type: ignore[arg-type]

    def _settle_keys(self) -> None:
        if self._keyed:
            self._keyed = False
            self._settle()

    def _settle(self) -> None:
        if self._pending:
            self._pending = False
            self.settled.emit(self._number)

    def wheelEvent(self, event: QWheelEvent) -> None:
        # The wheel scrolls the panel; a value must not change because a page was scrolled.
        event.ignore()

    # -- painting --------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = self._tokens
        if tokens is None:
            super().paintEvent(event)
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        middle = self.height() / 2
        accent = QColor(tokens.accent if self.isEnabled() else tokens.muted)
        painter.setBrush(QColor(tokens.line))
        painter.drawRoundedRect(QRectF(0, middle - 2, self.width(), 4), 2, 2)
        start, x = self._place(self._origin()), self._handle_x()
        if self._origin() == 0.0:
            start = 2.0
        painter.setBrush(accent)
        painter.drawRoundedRect(QRectF(min(start, x) - 2, middle - 2, abs(x - start) + 4, 4), 2, 2)
        self._paint_marks(painter, tokens, middle)
        self._paint_handle(painter, tokens, accent, QPointF(x, middle))

    def _origin(self) -> float:
        """Where the filled part begins: at zero where the range holds it, else at the left."""
        if self.scale.kind != "log" and self.scale.low < 0.0 < self.scale.high:
            return self.scale.fraction(0.0)
        return 0.0

    def _paint_marks(self, painter: QPainter, tokens: Tokens, middle: float) -> None:
        painter.setBrush(QColor(theme.mix(tokens.panel, tokens.muted, 0.75)))
        for mark in self._marks:
            fraction = self.scale.fraction(mark)
            if 0.0 <= fraction <= 1.0 and mark != self._default:
                painter.drawEllipse(QPointF(self._place(fraction), middle + 7.5), 1.4, 1.4)
        if self._default is not None and 0.0 <= self.scale.fraction(self._default) <= 1.0:
            x = self._place(self.scale.fraction(self._default))
            painter.drawRoundedRect(QRectF(x - 0.75, middle + 5, 1.5, 5), 0.75, 0.75)

    def _paint_handle(
        self, painter: QPainter, tokens: Tokens, accent: QColor, centre: QPointF
    ) -> None:
        fraction = self.scale.fraction(self._number)
        hot = self.isSliderDown() or (self.underMouse() and self.isEnabled())
        if self.hasFocus() or self.isSliderDown():
            halo = QColor(accent)
            halo.setAlphaF(0.28)
            painter.setBrush(halo)
            painter.drawEllipse(centre, RADIUS + 3, RADIUS + 3)
        painter.setBrush(QColor(tokens.panel))
        painter.drawEllipse(centre, RADIUS + 1.5, RADIUS + 1.5)
        painter.setBrush(accent)
        radius = RADIUS + (0.75 if hot else 0.0)
        painter.drawEllipse(centre, radius, radius)
        if fraction < 0.0 or fraction > 1.0:  # the number lies beyond the end
            way = 1.0 if fraction > 1.0 else -1.0
            painter.setBrush(QColor(theme.on_accent(tokens)))
            painter.drawPolygon(
                QPolygonF(
                    [
                        centre + QPointF(way * 3.2, 0),
                        centre + QPointF(-way * 1.8, -3.2),
                        centre + QPointF(-way * 1.8, 3.2),
                    ]
                )
            )
