"""The OpenGL canvas that draws a scene: curve, points, heads, axes and words.

Our own shaders on a vispy canvas. Everything is one flat pass without depth test: colours
are premultiplied and blended with ONE, ONE_MINUS_SRC_ALPHA, so one setting serves light that
adds up on dark and paint that covers on light. Multisampling is off: the shaders soften
their own edges. What to draw is the `Scene`'s; how often is the view's.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from engine.look import ASSETS, rgb
from widgets.gl.labels import Atlas
from widgets.gl.scene import STEPS, Scene, affordable, export_ratio

if TYPE_CHECKING:
    from engine.drawing.orbit_picture import Piece

Vertices = NDArray[np.float32]


def _source(name: str) -> str:
    return (ASSETS / "shaders" / name).read_text(encoding="utf-8")


class _Uploaded:
    """Vertex buffers of one piece, uploaded once."""

    def __init__(self) -> None:
        self.key: tuple[int, bool] | None = None
        self.place: Any = None
        self.along: Any = None

    def take(self, piece: Piece, coarse: bool) -> None:
        """Hand over the piece's vertices where they are not the ones uploaded."""
        from vispy.gloo import VertexBuffer

        coarse = coarse and piece.coarse is not None
        key = (piece.serial, coarse)
        if key == self.key:
            return
        place, along = piece.coarse if coarse and piece.coarse else (piece.place, piece.along)
        # A new buffer instead of a resized one: the driver may still draw from the old.
        self.place, self.along = VertexBuffer(place), VertexBuffer(along)
        self.key = key


class OrbitCanvas(QObject):
    """A widget with OpenGL that draws a `Scene`.

    Parameters
    ----------
    scene : Scene
        Read at every drawing.
    parent : QWidget
        Parent of `widget`.

    Attributes
    ----------
    widget : QWidget
        The native widget, to be put in a layout.
    failed : str
        Why nothing can be drawn, or empty.
    """

    drawn = Signal(float)
    """Seconds that a drawing took, up to the moment it was on screen."""
    broken = Signal(str)
    """The driver refused a shader or a buffer: fall back."""

    def __init__(self, scene: Scene, parent: QWidget) -> None:
        super().__init__(parent)
        from vispy import app

        app.use_app("pyside6")
        self.scene = scene
        self.failed = ""
        self.frames = 0
        """Drawings that succeeded."""
        self._canvas = app.Canvas(
            keys=None,
            show=False,
            parent=parent,
            vsync=False,
            config={"samples": 0, "depth_size": 0, "stencil_size": 0},
        )
        self.widget: QWidget = self._canvas.native
        self._canvas.events.draw.connect(self._on_draw)
        self.widget.frameSwapped.connect(self._on_swapped)  # type: ignore[attr-defined]
        self._started = 0.0
        self._programs: dict[str, Any] = {}
        self._textures: dict[str, tuple[object, Any]] = {}
        self._uploads: dict[str, _Uploaded] = {}
        self._atlas = Atlas()

    # -- what the view calls -----------------------------------------------------------------

    def update(self) -> None:
        """Draw soon."""
        self.widget.update()

    def render_scene(self, size: tuple[int, int], supersample: int = 2) -> NDArray[np.uint8]:
        """The picture at any size, ``(height, width, 4)``.

        Parameters
        ----------
        size : tuple of int
            Width and height in pixels; widths and words scale with it.
        supersample : int
            Drawn so many times larger and averaged.
        """
        from vispy import gloo

        width, height = size
        supersample = affordable(size, supersample)
        wide, high = width * supersample, height * supersample
        ratio = supersample * export_ratio(size, (self.widget.width(), self.widget.height()))
        self._canvas.set_current()
        target = gloo.FrameBuffer(gloo.Texture2D(shape=(high, wide, 4), format="rgba"))
        coarse, self.scene.coarse = self.scene.coarse, False
        try:
            with target:
                self._paint((wide, high), ratio)
                image = gloo.read_pixels((0, 0, wide, high), alpha=True)
        finally:
            self.scene.coarse = coarse
            target.color_buffer.delete()
            target.delete()
        parts = image.reshape(height, supersample, width, supersample, 4).astype(np.float32)
        out = np.round(parts.mean(axis=(1, 3))).astype(np.uint8)
        out[..., 3] = 255
        return out

    def close(self) -> None:
        """Give up the widget and what it holds on the card."""
        self._canvas.events.draw.disconnect(self._on_draw)
        # Not the canvas's own close: it runs the event loop from here. A native widget
        # without its canvas draws nothing any more.
        self.widget._vispy_canvas = None  # type: ignore[attr-defined]
        self.widget.setParent(None)
        self.widget.deleteLater()

    # -- drawing -----------------------------------------------------------------------------

    def _on_draw(self, event: object) -> None:
        if self.failed:
            return
        self._started = time.perf_counter()
        ratio = self.widget.devicePixelRatioF()
        size = (
            max(1, round(self.widget.width() * ratio)),
            max(1, round(self.widget.height() * ratio)),
        )
        try:
            self._paint(size, ratio)
            self._canvas.context.flush_commands()
            self.frames += 1
        except Exception as error:  # a driver may refuse anything at any time
            self.failed = str(error).strip().splitlines()[0] if str(error) else repr(error)
            self.broken.emit(self.failed)

    def _on_swapped(self) -> None:
        if self._started:
            self.drawn.emit(time.perf_counter() - self._started)
            self._started = 0.0

    def _paint(self, size: tuple[int, int], ratio: float) -> None:
        scene = self.scene
        scene.ratio = ratio
        context = self._canvas.context
        context.set_viewport(0, 0, *size)
        context.set_state(
            depth_test=False, cull_face=False, blend=True, blend_func=("one", "one_minus_src_alpha")
        )
        context.clear(color=(*rgb(scene.tokens.window), 1.0), depth=False, stencil=False)
        picture = scene.picture
        if picture is None:
            return
        if scene.axes:
            self._axes(size, ratio)
        if picture.ghost is not None and picture.twins is None:
            self._piece(picture.ghost, "ghost", size, ratio)
        if picture.body is not None:
            self._piece(picture.body, "body", size, ratio)
        if picture.fresh is not None:
            self._piece(picture.fresh, "fresh", size, ratio)
        if picture.twins is not None:
            self._piece(picture.twins, "twins", size, ratio)
        if scene.dimmed:
            veil = np.array([[0, 0], [size[0], 0], [0, size[1]], size], dtype=np.float32)
            tint = np.tile(np.array([*rgb(scene.tokens.window), 0.62], np.float32), (4, 1))
            spots = np.column_stack([veil, np.zeros(4), np.full(4, 9.0)]).astype(np.float32)
            self._flat("line", spots, tint, size, "triangle_strip")
            return
        self._heads(size, ratio)

    def _piece(self, piece: Piece, name: str, size: tuple[int, int], ratio: float) -> None:
        scene = self.scene
        kind = "body" if name == "fresh" else name
        uploaded = self._uploads.setdefault(name, _Uploaded())
        uploaded.take(piece, scene.coarse or kind == "ghost")
        main = scene.picture.body if scene.picture else None
        program = self._program("dots" if piece.dots else "curve")
        program["u_matrix"] = _columns(scene.matrix(piece, size))
        program["u_depth"] = scene.depth(size)
        program["u_colours"] = self._colours(kind)
        if piece.dots:
            count = main.length if main is not None else piece.length
            diameter, alpha = scene.dot_size(size, count)
            fade = scene.fade(piece, ghost=kind == "ghost")
            program["a_place"], program["a_moment"] = uploaded.place, uploaded.along
            program["u_size"] = diameter
            program["u_alpha"] = alpha * (0.3 if kind == "ghost" else 1.0)
            program["u_cover"] = 0.75 if scene.tokens.dark else 1.0
            program["u_core"], program["u_white"] = 0.55, 0.0
            program["u_light"] = (1.0, 1.0, 1.0)
            program["u_fade"], program["u_cue"] = fade, 0.0 if scene.flat else 1.0
            program.draw("points")
            return
        # The continuation is drawn as strongly as the body it continues.
        like = main if name == "fresh" and main is not None and not main.dots else piece
        stroke = scene.stroke(like, size, kind)
        fade = stroke.fade if like is piece else scene.fade(piece)
        program["a_place"], program["a_along"] = uploaded.place, uploaded.along
        program["u_canvas"] = size
        program["u_half"] = stroke.half
        program["u_alpha"], program["u_cover"] = stroke.alpha, stroke.cover
        program["u_halo"] = (*stroke.halo, stroke.radius)
        program["u_fade"], program["u_cue"] = fade, stroke.cue
        program.draw("triangle_strip")

    def _heads(self, size: tuple[int, int], ratio: float) -> None:
        scene, picture = self.scene, self.scene.picture
        assert picture is not None
        if len(picture.twin_heads):
            count = len(picture.twin_heads)
            shades = (np.arange(count) + 0.5) / count
            self._spots(picture.twin_heads, shades, "twins", 22.0, size, ratio)
        elif picture.head is not None:
            self._spots(picture.head[None], np.array([0.85]), "head", 30.0, size, ratio)
        if scene.cursor is not None:
            self._spots(scene.cursor[None], np.array([0.5]), "cursor", 18.0, size, ratio)

    def _spots(
        self,
        places: NDArray[np.float64],
        shades: NDArray[np.float64],
        kind: str,
        diameter: float,
        size: tuple[int, int],
        ratio: float,
    ) -> None:
        """Glowing points: heads and the linked cursor."""
        from vispy.gloo import VertexBuffer

        scene = self.scene
        dark = scene.tokens.dark
        world = scene.world(places, size)
        place = np.column_stack([world, shades]).astype(np.float32)
        program = self._program("dots")
        program["a_place"] = VertexBuffer(place)
        program["a_moment"] = VertexBuffer(np.zeros(len(place), np.float32))
        program["u_matrix"] = _columns(scene.projection(size))
        program["u_depth"], program["u_cue"] = scene.depth(size), 0.0
        program["u_colours"] = self._colours(kind)
        program["u_size"] = diameter * ratio
        program["u_alpha"], program["u_cover"] = 1.0, 0.35 if dark else 1.0
        program["u_light"] = (1.0, 1.0, 1.0)
        program["u_fade"] = (0.0, 1.0, 1.0, 1.0)
        # Dark ink on dark ink is not seen: on light, a white ring sets the core off.
        rings = ((0.2, 0.8 if kind != "cursor" else 0.0),) if dark else ((0.38, 1.0), (0.28, 0.0))
        for core, white in rings:
            program["u_core"], program["u_white"] = core, white
            program.draw("points")

    def _axes(self, size: tuple[int, int], ratio: float) -> None:
        scene = self.scene
        axes = scene.axes_picture(size, ratio)
        if not len(axes.lines):
            return
        muted, text = rgb(scene.tokens.muted), rgb(scene.tokens.text)
        # Hairlines: six vertices each, half a pixel wider than they are for soft edges.
        start, stop = axes.lines[:, :2], axes.lines[:, 2:]
        run = stop - start
        across = np.stack([-run[:, 1], run[:, 0]], axis=1)
        across /= np.maximum(np.hypot(run[:, 0], run[:, 1]), 1e-9)[:, None]
        half = 0.5 * ratio
        reach = half + 1.0
        corners = [(start, -1), (start, 1), (stop, -1), (stop, -1), (start, 1), (stop, 1)]
        spots = np.empty((len(run), 6, 4), dtype=np.float32)
        for k, (end, side) in enumerate(corners):
            spots[:, k, :2] = end + side * reach * across
            spots[:, k, 2] = side * reach
            spots[:, k, 3] = half
        tint = np.empty((len(run), 6, 4), dtype=np.float32)
        tint[..., :3] = muted
        tint[..., 3] = (0.62 * axes.strength)[:, None]
        self._flat("line", spots.reshape(-1, 4), tint.reshape(-1, 4), size, "triangles")
        if not axes.labels:
            return
        quads: list[list[float]] = []
        tints: list[tuple[float, ...]] = []
        atlas = self._atlas
        for _ in range(2):  # twice where the atlas was full and started anew
            version = atlas.version
            spots_of = [atlas.spot(label.text, label.name, ratio) for label in axes.labels]
            if atlas.version == version:
                break
        for label, spot in zip(axes.labels, spots_of, strict=True):
            x = round(label.x - label.anchor[0] * spot.width)
            y = round(label.y - label.anchor[1] * spot.height)
            u, v = spot.x / atlas.width, spot.y / atlas.height
            right, low = x + spot.width, y + spot.height
            u2, v2 = (spot.x + spot.width) / atlas.width, (spot.y + spot.height) / atlas.height
            quads += [
                [x, y, u, v],
                [right, y, u2, v],
                [x, low, u, v2],
                [x, low, u, v2],
                [right, y, u2, v],
                [right, low, u2, v2],
            ]
            tints += [(*text, 0.86) if label.name else (*muted, 0.95)] * 6
        self._flat(
            "label", np.array(quads, np.float32), np.array(tints, np.float32), size, "triangles"
        )

    def _flat(
        self, name: str, spots: Vertices, tints: Vertices, size: tuple[int, int], mode: str
    ) -> None:
        from vispy.gloo import VertexBuffer

        program = self._program(name)
        program["a_spot"], program["a_tint"] = VertexBuffer(spots), VertexBuffer(tints)
        program["u_canvas"] = size
        if name == "label":
            program["u_atlas"] = self._texture("atlas", self._atlas.version, None)
        program.draw(mode)

    # -- what is made once -------------------------------------------------------------------

    def _program(self, name: str) -> Any:
        if name not in self._programs:
            from vispy.gloo import Program

            vertex = "flat" if name in ("line", "label") else name
            self._programs[name] = Program(_source(f"{vertex}.vert"), _source(f"{name}.frag"))
        return self._programs[name]

    def _colours(self, kind: str) -> Any:
        """The colours of a kind of piece as a texture of one row."""
        scene = self.scene
        theme = scene.tokens
        if kind == "twins":
            count = len(scene.picture.twin_heads) if scene.picture is not None else 1
            return self._texture(kind, (theme.name, count), scene.series(max(1, count)))
        if kind == "ghost":
            return self._texture(kind, theme.name, scene.plain(theme.muted))
        if kind == "cursor":
            return self._texture(kind, theme.name, scene.plain(theme.accent))
        if kind == "head" and not theme.dark:
            return self._texture(kind, theme.name, scene.plain(theme.text))
        return self._texture("body", (theme.name, scene.colormap), scene.colours())

    def _texture(self, name: str, key: object, table: NDArray[np.float32] | None) -> Any:
        kept = self._textures.get(name)
        if kept is not None and kept[0] == key:
            return kept[1]
        from vispy.gloo import Texture2D

        if table is None:
            pixels = self._atlas.pixels
        else:
            pixels = np.round(table * 255).astype(np.uint8).reshape(1, STEPS, 4)
        interpolation = "nearest" if name in ("atlas", "twins") else "linear"
        texture = Texture2D(pixels, interpolation=interpolation, wrapping="clamp_to_edge")
        self._textures[name] = (key, texture)
        return texture


def _columns(matrix: NDArray[np.float64]) -> NDArray[np.float32]:
    """A matrix that multiplies columns, as vispy hands it to the shader."""
    return np.ascontiguousarray(matrix.T, dtype=np.float32)
