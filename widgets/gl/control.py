"""The hand on the camera and the clock of the picture.

Turns mouse and wheel into camera moves, turns the picture slowly by itself, lets box and
camera glide, and decides when to draw and how finely. It knows neither shaders nor data:
it moves a `Scene` and asks a surface to update.

For developers: a surface has ``widget`` (a QWidget), ``update()`` and a signal
``drawn(seconds)``; `widgets.gl.canvas.OrbitCanvas` and `widgets.gl.painted.PaintedOrbit`
are the two.
"""

from __future__ import annotations

import os
import time
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QEvent, QObject, QPointF, Qt, QTimer, Signal
from PySide6.QtGui import QMouseEvent, QWheelEvent

from widgets.gl.camera import Camera
from widgets.gl.pace import Pace
from widgets.gl.scene import Scene

DEGREES_A_SECOND = 6.0
DEGREES_A_PIXEL = 0.35
RESUME = 1.5
"""Seconds after a drag before the picture turns by itself again."""
SETTLE = 0.25
"""Seconds of rest after which the whole curve is drawn where motion was coarse."""
GLIDE = 0.12
"""Seconds in which a camera on its way to a preset covers two thirds of the rest."""


def still() -> bool:
    """True where nothing should move by itself: ``PHASESCOPE_STILL=1``."""
    return os.environ.get("PHASESCOPE_STILL", "") not in ("", "0")


class OrbitControl(QObject):
    """Mouse, wheel and time for one surface.

    Parameters
    ----------
    surface : object
        See the module docstring.
    scene : Scene
    """

    reset = Signal()
    """A double click: back to the default camera."""
    moved = Signal()
    """The person moved the camera."""

    def __init__(self, surface: Any, scene: Scene, parent: QObject) -> None:
        super().__init__(parent)
        self._surface = surface
        self._scene = scene
        self.pace = Pace()
        self.turning = True
        self._goal: Camera | None = None
        self._grip: QPointF | None = None
        self._panning = False
        self._resume = 0.0
        self._dirty = True
        self._last_tick = self._last_draw = time.monotonic()
        self._last_picture = 0.0
        self._due = 0.0
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        surface.widget.installEventFilter(self)
        surface.drawn.connect(self._drawn)

    # -- what the view calls -----------------------------------------------------------------

    def request(self, picture: bool = False) -> None:
        """Draw as soon as the pace allows; `picture` where new data arrived."""
        self._dirty = True
        now = time.monotonic()
        if picture:
            self._last_picture = now
        self._schedule(self._last_draw + self.pace.interval(self._scene.coarse), now)

    def go_to(self, camera: Camera) -> None:
        """Glide to a camera, or be there at once where nothing should move."""
        if still() or not self._surface.widget.isVisible():
            self._scene.camera = camera
            self._goal = None
        else:
            self._goal = camera
        self.request()

    def stop(self) -> None:
        """No more drawing and no more events."""
        self._timer.stop()
        self._surface.widget.removeEventFilter(self)

    @property
    def active(self) -> bool:
        """True where something will still be drawn without anybody asking."""
        return self._timer.isActive()

    # -- time --------------------------------------------------------------------------------

    def _schedule(self, due: float, now: float) -> None:
        if not self._surface.widget.isVisible():
            return
        if self._timer.isActive() and self._due <= due:
            return
        self._due = due
        self._timer.start(max(0, round(1000 * (due - now))))

    def _tick(self) -> None:
        widget, scene = self._surface.widget, self._scene
        if not widget.isVisible() or widget.window().isMinimized():
            return
        now = time.monotonic()
        elapsed = min(0.25, now - self._last_tick)
        self._last_tick = now
        moving = self._move(elapsed, now)
        lively = moving or self._grip is not None or now - self._last_picture < SETTLE
        coarse = lively and self.pace.needs_coarse
        settled = scene.coarse and not coarse
        scene.coarse = coarse
        if self._dirty or moving or settled:
            self._dirty = False
            self._last_draw = now
            self._surface.update()
        if moving:
            self._schedule(now + self.pace.interval(coarse), now)
        elif coarse:
            self._schedule(now + SETTLE, now)
        elif self._waiting(now):
            self._schedule(self._resume, now)

    def _waiting(self, now: float) -> bool:
        return self._may_turn() and now < self._resume

    def _may_turn(self) -> bool:
        return self.turning and not self._scene.flat and not still() and not self._scene.dimmed

    def _move(self, elapsed: float, now: float) -> bool:
        """Everything that moves by itself; True where it will move on."""
        scene = self._scene
        moving = False
        if not scene.box.settled:
            if still():
                scene.box.arrive()
            else:
                scene.box.glide(elapsed)
            self._dirty = True
            moving = not scene.box.settled
        if self._goal is not None:
            share = 1.0 - 0.37 ** (elapsed / GLIDE)
            scene.camera = scene.camera.towards(self._goal, share)
            if _close(scene.camera, self._goal):
                scene.camera, self._goal = self._goal, None
                self._resume = now + RESUME
            self._dirty = moving = True
        elif self._may_turn() and self._grip is None and now >= self._resume:
            # From rest it sets off gently.
            ease = min(1.0, 0.15 + (now - self._resume) / 1.2)
            scene.camera = scene.camera.turned(-DEGREES_A_SECOND * elapsed * ease, 0.0)
            moving = True
        return moving

    def _drawn(self, seconds: float) -> None:
        self.pace.note(seconds, self._scene.coarse)

    # -- the hand ----------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind == QEvent.Type.Show:
            self._last_tick = time.monotonic()
            self._due = 0.0
            self._timer.stop()
            self.request()
        elif kind == QEvent.Type.Hide:
            self._timer.stop()
        elif kind == QEvent.Type.Resize:
            self.request()
        elif isinstance(event, QMouseEvent):
            return self._mouse(event)
        elif isinstance(event, QWheelEvent):
            return self._wheel(event)
        return False

    def _mouse(self, event: QMouseEvent) -> bool:
        kind = event.type()
        left_or_middle = event.button() in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton)
        if kind == QEvent.Type.MouseButtonDblClick and event.button() == Qt.MouseButton.LeftButton:
            self._grip = None
            self.reset.emit()
            return True
        if kind == QEvent.Type.MouseButtonPress and left_or_middle:
            self._grip = event.position()
            self._goal = None
            shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self._panning = (
                shift or event.button() == Qt.MouseButton.MiddleButton or self._scene.flat
            )
            return True
        if kind == QEvent.Type.MouseMove and self._grip is not None:
            step = event.position() - self._grip
            self._grip = event.position()
            self._drag(step.x(), step.y())
            return True
        if kind == QEvent.Type.MouseButtonRelease and self._grip is not None and left_or_middle:
            self._grip = None
            self._resume = time.monotonic() + RESUME
            self.moved.emit()
            self.request()
            return True
        return False

    def _drag(self, right: float, down: float) -> None:
        scene = self._scene
        if self._panning:
            unit = self._world_per_pixel()
            scene.camera = scene.camera.panned(right * unit, -down * unit)
        else:
            scene.camera = scene.camera.turned(right * DEGREES_A_PIXEL, down * DEGREES_A_PIXEL)
        self.request()

    def _wheel(self, event: QWheelEvent) -> bool:
        notches = (event.angleDelta().y() or event.angleDelta().x()) / 120.0
        if not notches:
            return False
        scene = self._scene
        self._goal = None
        before = scene.camera
        unit = self._world_per_pixel()
        after = before.zoomed(1.15**notches)
        factor = after.zoom / before.zoom
        # What is under the pointer stays under it.
        size = self._size()
        middle = before.centre(size, scene.shape(size), scene.room(size))
        ratio = self._surface.widget.devicePixelRatioF()
        x = (event.position().x() - middle[0] / ratio) * unit
        y = -(event.position().y() - middle[1] / ratio) * unit
        pan = (before.pan[0] + x / factor - x, before.pan[1] + y / factor - y)
        scene.camera = replace(after, pan=pan)
        self._resume = time.monotonic() + RESUME
        self.moved.emit()
        self.request()
        return True

    def _size(self) -> tuple[int, int]:
        widget = self._surface.widget
        ratio = widget.devicePixelRatioF()
        return max(1, round(widget.width() * ratio)), max(1, round(widget.height() * ratio))

    def _world_per_pixel(self) -> float:
        """World units a logical pixel at the centre."""
        scene, size = self._scene, self._size()
        ratio = self._surface.widget.devicePixelRatioF()
        return ratio * scene.camera.world_per_pixel(size, scene.shape(size), scene.room(size))


def _close(one: Camera, other: Camera) -> bool:
    turn = (one.azimuth - other.azimuth + 180.0) % 360.0 - 180.0
    return (
        abs(turn) < 0.05
        and abs(one.elevation - other.elevation) < 0.05
        and abs(one.zoom / other.zoom - 1.0) < 1e-3
        and max(abs(one.pan[0] - other.pan[0]), abs(one.pan[1] - other.pan[1])) < 1e-3
    )
