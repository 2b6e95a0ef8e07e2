"""The attractor: an orbit in three dimensions as a curve of light, alive and turning.

Shows any trajectory channel: the curve through three variables of a flow, the points of a
map, twins a millionth apart, the orbit from before the last change. The vertices are made on
the engine thread (`engine.drawing.orbit_picture`), the drawing is `widgets.gl`; this file joins
them with the options, the camera presets and the words shown when there is nothing to draw.
Where there is no OpenGL the same picture is rasterised in 2-D, with a note.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Hashable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from engine.exhibit import Channel, Exhibit, Parameter, Value
from engine.look import SPACING, TYPE_SIZES, Tokens
from engine.tape import Data
from widgets.gl.camera import PRESETS, Camera
from widgets.gl.control import OrbitControl, still
from widgets.gl.painted import PaintedOrbit, render_painted
from widgets.gl.probe import available, worthwhile
from widgets.gl.scene import Scene
from widgets.views.view import Context, View

NONE, TIME, SPEED = "none", "time", "speed"
NEXT = "next "
"""Before a variable's name: its value one iteration later, an axis for maps."""
AT_REST_MILLISECONDS = 200
"""After a picture made in a hurry: the hand has come to rest."""
WITHOUT_OPENGL = "no OpenGL here: drawn in 2-D"
ON_OFF = ("on", "off")
MAPS = ("magma", "batlow", "viridis", "plasma", "cividis", "romaO")


def _choice(name: str, default: str, choices: tuple[str, ...], words: str) -> Parameter:
    return Parameter(name, default, scale="choice", choices=choices, help=words)


class AttractorView(View):
    """An orbit in three dimensions. See `View`."""

    kind = "attractor"
    title = "Attractor"
    accepts = frozenset({"trajectory"})

    def __init__(self, tokens: Tokens, parent: QWidget | None = None) -> None:
        super().__init__(tokens, parent)
        self._scene = Scene(tokens=tokens)
        self._opened: Hashable = None
        self._preset = ""
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._surface: Any = None
        self._control: OrbitControl | None = None
        # Keys go where a person clicked, as in the flat views.
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._note = QLabel(WITHOUT_OPENGL, self)
        self._message = QLabel(self)
        for label in (self._note, self._message):
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            label.hide()
        self._message.setWordWrap(True)
        self._message.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._message.setObjectName("view.attractor.message")
        self._note.setObjectName("view.attractor.note")
        self._style_labels()
        self._at_rest = QTimer(self)
        self._at_rest.setSingleShot(True)
        self._at_rest.setInterval(AT_REST_MILLISECONDS)
        self._at_rest.timeout.connect(self.stale)
        self._make_surface(worthwhile())

    # -- options -----------------------------------------------------------------------------

    @classmethod
    def options_for(cls, exhibit: Exhibit, channel: Channel) -> dict[str, Parameter]:
        """Axes and colours offer the channel's own variables."""
        names = channel.names
        discrete = exhibit.kind == "map"
        first, second, third = _default_axes(exhibit, channel)
        later = tuple(NEXT + name for name in names) if discrete else ()
        axes = (*names, TIME, *later)
        pace = max(exhibit.pace.default, 1e-9)
        tail = 6.0 * pace
        options = (
            _choice("x_axis", first, axes, "What runs to the right"),
            _choice("y_axis", second, axes, "What runs into the picture"),
            _choice("z_axis", third, (*axes, NONE), "What runs upwards; none for a flat picture"),
            _choice("colour", SPEED, (SPEED, TIME, *names), "What the colour shows"),
            _choice("colour_map", "magma", MAPS, "Colours from low to high"),
            _choice(
                "show",
                "whole orbit",
                ("whole orbit", "tail over orbit", "tail"),
                "All of the orbit, or only what was drawn last",
            ),
            Parameter(
                "tail",
                tail,
                tail / 30,
                tail * 30,
                scale="log",
                unit=exhibit.pace.unit,
                help="Length of the tail behind the moving head",
            ),
            _choice(
                "draw",
                "points" if discrete else "curve",
                ("curve", "points"),
                "A curve for flows, points for maps",
            ),
            Parameter("width", 1.4, 0.6, 5.0, unit="px", help="Width of the curve"),
            _choice("glow", "on", ON_OFF, "A soft halo where curves are few"),
            _choice("turning", "on", ON_OFF, "Turn slowly; a drag takes over"),
            _choice("camera", "perspective", tuple(PRESETS), "Where the eye is"),
            _choice("axes", "on", ON_OFF, "Box, ticks and names"),
            _choice(
                "proportions",
                "natural",
                ("natural", "equal", "cube"),
                "Sides of the box: nearly equal units, exactly equal, or equal sides",
            ),
            _choice("ghost", "off", ON_OFF, "Keep the orbit from before the last change, dim"),
        )
        return {option.name: option for option in options}

    def apply_settings(self, settings: Mapping[str, Value]) -> None:
        """Take new settings: all but the vertices follow at once."""
        super().apply_settings(settings)
        chosen, scene = self.settings, self._scene
        scene.colormap = str(chosen.get("colour_map", "magma"))
        scene.show = str(chosen.get("show", "whole orbit"))
        scene.tail = float(chosen.get("tail", 10.0))
        scene.width = float(chosen.get("width", 1.4))
        scene.glow = chosen.get("glow") != "off"
        scene.axes = chosen.get("axes") != "off"
        scene.proportions = str(chosen.get("proportions", "natural"))
        preset = str(chosen.get("camera", "perspective"))
        if self._control is not None:
            self._control.turning = chosen.get("turning") != "off"
            if preset != self._preset:
                self._preset = preset
                self._control.go_to(self._default_camera())
            self._control.request()

    def bind(self, exhibit: Exhibit, channel: Channel, settings: Mapping[str, Value]) -> None:
        """Show another channel: the old picture goes."""
        self._scene.picture = None
        self._scene.cursor = None
        self._scene.dimmed = False
        self._message.hide()
        super().bind(exhibit, channel, settings)

    # -- pictures ----------------------------------------------------------------------------

    def composer(self) -> Callable[[Data, Context], Any]:
        """One that remembers the body of the curve between pictures."""
        return Composer(painted=not self.opengl)

    @staticmethod
    def compose(data: Data, context: Context) -> Any:
        """A picture made from nothing; `composer` is faster for many."""
        return Composer()(data, context)

    def show_picture(self, picture: Any) -> None:
        """Hand the buffers over; nothing is computed here."""
        scene = self._scene
        new = picture.opened != self._opened
        flat_before = scene.flat
        scene.picture = picture
        if new:
            # Another system or other axes: frame it at once, from the default camera if flat.
            self._opened = picture.opened
            scene.box.fit(picture.low, picture.high)
            if scene.flat or flat_before:
                scene.camera = self._default_camera()
            if self._control is not None:
                self._control.pace.forget()
        else:
            scene.box.aim(picture.low, picture.high)
            if still():
                scene.box.arrive()
        if self._control is not None:
            self._control.request(picture=True)
        if picture.quick:
            self._at_rest.start()

    def empty(self, message: str) -> None:
        """Dim the last picture and say why nothing new is drawn; empty words undo it."""
        self._scene.dimmed = bool(message)
        self._message.setText(message[:1].upper() + message[1:])
        self._message.setVisible(bool(message))
        self._place_labels()
        if self._control is not None:
            self._control.request()

    def set_cursor_time(self, time: float | None) -> None:
        """Mark the place of the orbit at that time."""
        picture = self._scene.picture
        self._scene.cursor = None
        if time is not None and picture is not None and picture.body is not None:
            self._scene.cursor = place_at(picture.body, time)
        if self._control is not None:
            self._control.request()

    def reset_view(self) -> None:
        """The preset's camera, and the box exactly around the data."""
        picture = self._scene.picture
        if picture is not None:
            self._scene.box.aim_exactly(picture.low, picture.high)
        if self._control is not None:
            self._control.go_to(self._default_camera())

    def set_theme(self, tokens: Tokens) -> None:
        """Other colours; the vertices stay."""
        super().set_theme(tokens)
        self._scene.tokens = tokens
        self._style_labels()
        if self._control is not None:
            self._control.request()

    def grab_image(self, size: tuple[int, int], supersample: int = 2) -> NDArray[np.uint8]:
        """The picture as it is seen now, at any size.

        Parameters
        ----------
        size : tuple of int
            Width and height in pixels.
        supersample : int
            Drawn so many times larger and averaged, for smooth edges.

        Returns
        -------
        ndarray of uint8, shape (height, width, 4)
            Opaque, rows from the top.
        """
        if self._surface is not None and self._surface.widget.isVisible():
            image: NDArray[np.uint8] = self._surface.render_scene(size, supersample)
            return image
        like = (max(1, self.width()), max(1, self.height()))
        return render_painted(self._scene, size, supersample, like)

    def figure_settings(self) -> dict[str, Value]:
        """The settings and the camera as it stands, turned by hand or by itself."""
        camera = self._scene.camera
        return {
            **self.settings,
            "azimuth": camera.azimuth,
            "elevation": camera.elevation,
        }

    # -- the surface -------------------------------------------------------------------------

    @property
    def opengl(self) -> bool:
        """True where the picture is drawn by OpenGL."""
        return not isinstance(self._surface, PaintedOrbit)

    def _make_surface(self, opengl: bool) -> None:
        surface: Any = None
        if opengl:
            try:
                from widgets.gl.canvas import OrbitCanvas

                surface = OrbitCanvas(self._scene, self)
                surface.broken.connect(self._fall_back, Qt.ConnectionType.QueuedConnection)
            except Exception:
                # A driver may fail in any way; the 2-D picture works everywhere.
                surface = None
        if surface is None:
            surface = PaintedOrbit(self._scene, self)
        self._surface = surface
        self._column.addWidget(surface.widget)
        surface.widget.setMouseTracking(False)
        self._control = OrbitControl(surface, self._scene, self)
        self._control.turning = self.settings.get("turning") != "off"
        self._control.reset.connect(self.reset_view)
        self._note.setVisible(isinstance(surface, PaintedOrbit) and not available())
        self._place_labels()

    def _fall_back(self, reason: str) -> None:
        """The driver gave up while drawing: another canvas, and if that fails too, 2-D.

        A widget that moved to another window may have lost its context and all that was in
        it; a canvas that never drew anything will not begin to.
        """
        if not self.opengl or self.sender() is not self._surface:
            return
        if self._control is not None:
            self._control.stop()
        old = self._surface
        self._column.removeWidget(old.widget)
        old.close()
        self._make_surface(old.frames > 0)
        self._note.setToolTip("" if self.opengl else reason)
        self._control.request()

    def _default_camera(self) -> Camera:
        if self._scene.flat:
            return Camera(*PRESETS["top"])
        return Camera(*PRESETS.get(self._preset or "perspective", PRESETS["perspective"]))

    # -- words over the picture --------------------------------------------------------------

    def _style_labels(self) -> None:
        theme = self.tokens
        self._message.setStyleSheet(
            f"color: {theme.text}; background: {theme.raised}; border: 1px solid {theme.line};"
            f" border-radius: 6px; padding: {3 * SPACING}px {4 * SPACING}px;"
            f" font-size: {TYPE_SIZES[1]}px;"
        )
        self._note.setStyleSheet(
            f"color: {theme.muted}; background: transparent; font-size: {TYPE_SIZES[0]}px;"
        )

    def _place_labels(self) -> None:
        note, message = self._note, self._message
        note.adjustSize()
        note.move(3 * SPACING, self.height() - note.height() - 2 * SPACING)
        note.raise_()
        if not message.text():
            return
        width = max(120, min(420, self.width() - 8 * SPACING))
        message.setFixedWidth(width)
        message.setFixedHeight(max(1, message.heightForWidth(width)))
        message.move((self.width() - width) // 2, (self.height() - message.height()) // 2)
        message.raise_()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_labels()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._place_labels()


class Composer:
    """Makes the pictures of one attractor view; lives on the engine thread.

    Parameters
    ----------
    painted : bool
        The view has no OpenGL, so the rasteriser is made ready here and not in the window.
    """

    def __init__(self, painted: bool = False) -> None:
        self._painted = painted
        self._orbit: Any = None
        self._context: Context | None = None
        self._request: Any = None

    def __call__(self, data: Data, context: Context) -> Any:
        """The picture of what the tapes hold; None where nothing changed."""
        # Imported on the engine thread: the first import loads or compiles kernels.
        from engine.drawing.orbit_picture import OrbitComposer

        tape = data.tapes.get(context.channel.name)
        if tape is None or not len(tape.rows):
            return None
        if self._orbit is None:
            self._orbit = OrbitComposer()
            if self._painted:
                importlib.import_module("engine.drawing.raster")
        if context is not self._context:
            self._context, self._request = context, request_of(context)
        twins = data.tapes.get("twins")
        if context.channel.name == "twins":
            twins = None
        return self._orbit.compose(tape, self._request, twins)


def request_of(context: Context) -> Any:
    """What the options ask `engine.drawing.orbit_picture` for."""
    from engine.drawing import curves
    from engine.drawing.orbit_picture import Request

    settings, names = context.settings, context.channel.names
    axes = tuple(str(settings[f"{axis}_axis"]) for axis in "xyz")
    columns, shifts, words = [], [], []
    symbols = dict(zip(names, context.channel.symbols or names, strict=False))
    for axis in axes:
        later = axis.startswith(NEXT) and axis not in names
        name = axis[len(NEXT) :] if later else axis
        columns.append(
            -1
            if axis == NONE and axis not in names
            else 1 + names.index(name)
            if name in names
            else 0
        )
        shifts.append(int(later))
        word = symbols.get(name, "t" if axis == TIME else "")
        words.append(f"{word}′" if later else word)
    colour = str(settings["colour"])
    discrete = settings["draw"] == "points"
    tail = float(settings["tail"]) if settings["show"] == "tail" else np.inf
    return Request(
        selection=curves.Selection(
            np.array(columns, dtype=np.int64), np.array(shifts, dtype=np.int64)
        ),
        names=(words[0], words[1], words[2]),
        colour=curves.SPEED
        if colour not in (*names, TIME)
        else 1 + names.index(colour)
        if colour in names
        else 0,
        dots=discrete,
        tail=tail,
        limit=_tube(context.size),
        ghost=settings["ghost"] == "on",
        dimension=max(1, len(names)),
        opened=(context.exhibit.key, context.channel.name),
        values=tuple(sorted((name, str(value)) for name, value in context.values.items())),
    )


def _tube(size: tuple[int, int]) -> float:
    """Radius of the simplifying tube: about half a pixel, in three steps."""
    shorter = min(size)
    return 0.006 if shorter < 420 else 0.004 if shorter < 1300 else 0.0015


def _default_axes(exhibit: Exhibit, channel: Channel) -> tuple[str, str, str]:
    """The axes a picture opens with: the system's own choice, or the first variables."""
    names = channel.names
    chosen = tuple(exhibit.system.axes) if exhibit.system is not None else ()
    wanted = [name for name in chosen if name in names] or list(names[:3])
    if len(wanted) == 1:
        second = NEXT + wanted[0] if exhibit.kind == "map" else TIME
        return (wanted[0], second, NONE) if exhibit.kind == "map" else (second, wanted[0], NONE)
    if not wanted:
        return TIME, TIME, NONE
    return wanted[0], wanted[1], wanted[2] if len(wanted) > 2 else NONE


def place_at(piece: Any, time: float) -> NDArray[np.float64] | None:
    """Where a piece of orbit is at a time, (3,) on the three axes; None outside it."""
    moments = piece.along if piece.dots else piece.along[:, 3]
    moment = time - piece.origin
    if not len(moments) or moment < moments[0] - 1e-6 or moment > moments[-1] + 1e-6:
        return None
    after = min(int(np.searchsorted(moments, moment)), len(moments) - 1)
    before = max(0, after - 1)
    span = float(moments[after] - moments[before])
    share = (moment - float(moments[before])) / span if span > 0.0 and not piece.dots else 1.0
    unit = (1.0 - share) * piece.place[before, :3] + share * piece.place[after, :3]
    place: NDArray[np.float64] = unit.astype(np.float64) / piece.scale + piece.centre
    return place


VIEW = AttractorView
