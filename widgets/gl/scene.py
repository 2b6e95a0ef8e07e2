"""What there is to draw of an orbit and how, in numbers that any renderer can follow.

The scene is what the view sets and the renderers read: the newest picture, the camera, the
box, the colours, the way the curve is shown. From it come the few numbers a renderer needs
for each piece: its matrix, width, strength and fading. No OpenGL and no widget here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.look import Tokens, colormap, rgb, tokens
from widgets.gl.axes import AxesPicture, axes_picture
from widgets.gl.box import EasedBox, shape_of
from widgets.gl.camera import Camera
from widgets.symbols import plain

if TYPE_CHECKING:
    # Its kernels are compiled or loaded on the engine thread, not here.
    from engine.drawing.orbit_picture import OrbitPicture, Piece

Numbers = NDArray[np.float64]

STEPS = 256
COVER = 0.72
"""Of the light of a layer on dark, the share that covers what lies under it: crossing
curves brighten each other and yet keep their hue, however many there are."""
BUSY = 0.4
"""Layers of curve in a small cell, on average, beyond which each becomes fainter."""
CROWD = 0.6
ROOM = 38.0
"""Logical pixels around the box for ticks and names; less in small pictures."""


@dataclass(frozen=True)
class Stroke:
    """How a piece is drawn, in device pixels.

    Attributes
    ----------
    half : float
        Half the width.
    alpha, cover : float
        Strength of one layer, and how much it covers what is under it.
    halo : tuple of float
        Strength of the halo along the curve and at the head.
    radius : float
        Of the halo.
    fade : tuple of float
        Head time, tail length, brightness beyond the tail, brightness at the head.
    cue : float
        0 for no depth cue, 1 for the full one.
    """

    half: float
    alpha: float
    cover: float
    halo: tuple[float, float]
    radius: float
    fade: tuple[float, float, float, float]
    cue: float


@dataclass
class Scene:
    """The state of the picture; the view writes, renderers read, all on the GUI thread."""

    tokens: Tokens = field(default_factory=lambda: tokens("dark"))
    camera: Camera = field(default_factory=Camera)
    box: EasedBox = field(default_factory=EasedBox)
    picture: OrbitPicture | None = None
    colormap: str = "magma"
    show: str = "whole orbit"
    tail: float = 10.0
    width: float = 1.4
    glow: bool = True
    axes: bool = True
    proportions: str = "natural"
    dimmed: bool = False
    coarse: bool = False
    ratio: float = 1.0
    """Device pixels a logical pixel, set by whoever draws."""
    cursor: Numbers | None = None
    """Place of the linked cursor on the three axes."""

    # -- geometry ----------------------------------------------------------------------------

    @property
    def flat(self) -> bool:
        """True where there is no third axis."""
        return self.picture is not None and self.picture.flat

    def room(self, size: tuple[int, int]) -> float:
        """Device pixels kept free around the box."""
        if not self.axes:
            return 12.0 * self.ratio
        if self.flat:  # words stand outside on two sides, all along them
            return min(1.35 * ROOM * self.ratio, 0.19 * min(size))
        return min(ROOM * self.ratio, 0.09 * min(size) + 6.0 * self.ratio)

    def projection(self, size: tuple[int, int]) -> Numbers:
        """World to clip coordinates, (4, 4)."""
        return self.camera.matrix(size, self.shape(size), self.room(size))

    def shape(self, size: tuple[int, int]) -> Numbers:
        """Half the sides of the box in the world."""
        return shape_of(
            self.box.low, self.box.high, self.proportions, self.flat, size[0] / max(1, size[1])
        )

    def world(self, places: Numbers, size: tuple[int, int]) -> Numbers:
        """Places on the three axes, (k, 3), as places in the world."""
        low, high = self.box.low, self.box.high
        return (places - (low + high) / 2) * (2 * self.shape(size) / (high - low))

    def matrix(self, piece: Piece, size: tuple[int, int]) -> Numbers:
        """From the piece's unit cube to clip coordinates, (4, 4)."""
        low, high = self.box.low, self.box.high
        factor = 2 * self.shape(size) / (high - low)
        model = np.eye(4)
        model[:3, :3] = np.diag(factor / piece.scale)
        model[:3, 3] = (piece.centre - (low + high) / 2) * factor
        return self.projection(size) @ model

    def depth(self, size: tuple[int, int]) -> tuple[float, float]:
        """Clip-space w of the near and the far side of what is shown."""
        shape = self.shape(size)
        distance = self.camera.distance(size, shape, self.room(size))
        reach = 0.85 * math.hypot(*shape)
        return max(0.05, distance - reach), distance + reach

    def axes_picture(self, size: tuple[int, int], ratio: float) -> AxesPicture:
        """Lines and words of the axes."""
        names = self.picture.names if self.picture else ("", "", "")
        return axes_picture(
            self.camera,
            size,
            self.shape(size),
            self.box.low,
            self.box.high,
            (plain(names[0]), plain(names[1]), plain(names[2])),
            ratio,
            self.room(size),
        )

    # -- colour ------------------------------------------------------------------------------

    def colours(self) -> NDArray[np.float32]:
        """The colour map's part that stands out from the window, (256, 4)."""
        table = colormap(self.colormap, STEPS)
        low, high = (0.35, 0.95) if self.tokens.dark else (0.08, 0.70)
        at = np.linspace(low, high, STEPS) * (STEPS - 1)
        chosen = table[np.clip(np.round(at).astype(int), 0, STEPS - 1)].copy()
        chosen[:, 3] = 1.0
        return chosen

    def series(self, count: int) -> NDArray[np.float32]:
        """The colours of `count` twins as a map in as many flat parts, (256, 4)."""
        names = self.tokens.series
        which = np.minimum((np.arange(STEPS) * count) // STEPS, count - 1) % len(names)
        table = np.array([(*rgb(name), 1.0) for name in names], dtype=np.float32)
        return table[which]

    def plain(self, colour: str) -> NDArray[np.float32]:
        """A map of one colour, (256, 4)."""
        return np.tile(np.array([*rgb(colour), 1.0], dtype=np.float32), (STEPS, 1))

    # -- strokes -----------------------------------------------------------------------------

    def fade(self, piece: Piece, ghost: bool = False) -> tuple[float, float, float, float]:
        """Head time, tail length, brightness beyond the tail, brightness at the head."""
        head = (self.picture.time if self.picture else 0.0) - piece.origin
        tail = max(self.tail, 1e-12)
        if ghost:
            return 1e30, 1.0, 1.0, 1.0
        if self.picture is not None and self.picture.twins is not None:
            dim = 0.3 if self.tokens.dark else 0.13
            return head, tail, dim, dim
        if self.show == "tail":
            return head, tail, 0.0, 1.6
        if self.show == "tail over orbit":
            return head, tail, 0.22, 1.7
        return head, 0.25 * tail, 1.0, 1.35

    def stroke(self, piece: Piece, size: tuple[int, int], kind: str = "body") -> Stroke:
        """How to draw a piece; `kind` is body, ghost or twins."""
        half = 0.5 * self.width * self.ratio
        dark, tailed = self.tokens.dark, self.show == "tail"
        shines = 1.0 if dark and self.glow else 0.0
        radius = 3.4 * self.ratio
        if kind == "twins":
            # Twins have a clock of their own: their heads are where their rows end.
            fade = (float(piece.along[-1, 3]), max(self.tail, 1e-12), 0.0, 1.5 if dark else 1.0)
            return Stroke(
                1.35 * half,
                0.95,
                0.6 if dark else 1.0,
                (0.12 * shines, 0.3 * shines),
                radius,
                fade,
                self._cue(),
            )
        # In a crowd each curve is finer and fainter, so that the layers can be told apart.
        cell = 0.3 * min(size) * piece.cell
        layers = piece.strands * 2.0 * half / max(cell, 2.0 * half)
        over = 1.0 if tailed else min(1.0, BUSY / max(layers, 1e-9))
        crowded = over**CROWD
        half *= max(0.62, over**0.30)
        if kind == "ghost":
            return Stroke(
                half,
                (0.20 if dark else 0.28) * crowded,
                1.0,
                (0.0, 0.0),
                radius,
                self.fade(piece, ghost=True),
                self._cue(),
            )
        if not dark:
            return Stroke(
                half,
                0.30 + 0.60 * crowded,
                1.0,
                (0.0, 0.0),
                radius,
                self.fade(piece),
                0.75 * self._cue(),
            )
        # Among many strands a halo is not seen and only costs time; the head always has one.
        halo = 0.16 * shines * max(0.0, 1.0 - (piece.strands - 1.0) / 3.0)
        return Stroke(
            half,
            0.92 * crowded,
            COVER,
            (min(0.16, halo), 0.28 * shines),
            radius,
            self.fade(piece),
            self._cue(),
        )

    def dot_size(self, size: tuple[int, int], count: float) -> tuple[float, float]:
        """Diameter in device pixels and strength of the points of a map."""
        room = math.sqrt(size[0] * size[1] / max(1.0, count)) / self.ratio
        diameter = min(4.5, max(1.7, 1.1 * room)) * self.width / 1.4
        return diameter * self.ratio, min(0.92, max(0.35, 0.3 * room))

    def _cue(self) -> float:
        return 0.0 if self.flat else 1.0


def export_ratio(size: tuple[int, int], like: tuple[int, int]) -> float:
    """How much larger than on screen widths and words are drawn in a picture of `size`.

    A picture five times as large shows more and not only everything larger, so it is less
    than the ratio of the sizes.
    """
    larger = min(size[0] / max(1, like[0]), size[1] / max(1, like[1]))
    return float(larger**0.7) if larger > 1.0 else max(0.5, larger)


def affordable(size: tuple[int, int], supersample: int) -> int:
    """The supersampling that neither framebuffers nor a person's patience refuse."""
    while supersample > 1 and (
        max(size) * supersample > 8192 or size[0] * size[1] * supersample**2 > 20_000_000
    ):
        supersample -= 1
    return supersample
