"""The orbit camera: where the eye is, as numbers and matrices, without any renderer.

Angles, zoom and pan; the projection that frames a box whatever the size of the window; the
presets. It moves no mouse and owns no clock: `widgets.gl.control` does. The world is the
picture's box, centred at the origin, third axis up.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]

FIELD_OF_VIEW = 26.0
"""Vertical angle in degrees: long enough a lens that boxes do not look stretched."""
MARGIN = 0.86
"""Share of the picture's height and width that the box may fill."""

PRESETS: dict[str, tuple[float, float]] = {
    "perspective": (-62.0, 18.0),
    "isometric": (-45.0, 35.264),
    "front": (-90.0, 0.0),
    "side": (0.0, 0.0),
    "top": (-90.0, 90.0),
}
"""Azimuth and elevation in degrees of the eye, by name."""


@dataclass(frozen=True)
class Camera:
    """An eye that looks at the centre of a box.

    Attributes
    ----------
    azimuth, elevation : float
        Degrees; azimuth -90 and elevation 0 look along the second axis, first to the right.
    zoom : float
        1 frames the box.
    pan : tuple of float
        Right and up, in world units at the centre.
    """

    azimuth: float = PRESETS["perspective"][0]
    elevation: float = PRESETS["perspective"][1]
    zoom: float = 1.0
    pan: tuple[float, float] = (0.0, 0.0)

    def turned(self, right: float, up: float) -> Camera:
        """The camera after a drag of so many degrees; it stops at the poles."""
        return replace(
            self,
            azimuth=(self.azimuth - right + 180.0) % 360.0 - 180.0,
            elevation=min(90.0, max(-90.0, self.elevation + up)),
        )

    def zoomed(self, factor: float) -> Camera:
        """The camera closer (above 1) or further away, within limits."""
        return replace(self, zoom=min(60.0, max(0.15, self.zoom * factor)))

    def panned(self, right: float, up: float) -> Camera:
        """The camera moved so that the picture follows by so many world units."""
        return replace(self, pan=(self.pan[0] + right, self.pan[1] + up))

    def towards(self, other: Camera, share: float) -> Camera:
        """Part of the way to another camera, by the shorter turn."""
        turn = (other.azimuth - self.azimuth + 180.0) % 360.0 - 180.0
        return Camera(
            self.azimuth + share * turn,
            self.elevation + share * (other.elevation - self.elevation),
            self.zoom * (other.zoom / self.zoom) ** share,
            (
                self.pan[0] + share * (other.pan[0] - self.pan[0]),
                self.pan[1] + share * (other.pan[1] - self.pan[1]),
            ),
        )

    def axes(self) -> Matrix:
        """Rows: unit vectors right, up and towards the eye, in the world."""
        a, e = math.radians(self.azimuth), math.radians(self.elevation)
        right = (-math.sin(a), math.cos(a), 0.0)
        up = (-math.sin(e) * math.cos(a), -math.sin(e) * math.sin(a), math.cos(e))
        eye = (math.cos(e) * math.cos(a), math.cos(e) * math.sin(a), math.sin(e))
        return np.array([right, up, eye])

    def distance(self, size: tuple[float, float], shape: NDArray[np.float64]) -> float:
        """From the eye to the centre, so that the box stays in the picture as it turns."""
        e = math.radians(self.elevation)
        radius = math.hypot(shape[0], shape[1])
        flat = shape[2] == 0.0
        if flat and abs(self.elevation) > 80.0:
            wide, high = float(shape[0]), float(shape[1])
        else:
            wide = radius
            high = shape[2] * abs(math.cos(e)) + radius * abs(math.sin(e)) * 0.9
        tangent = math.tan(math.radians(FIELD_OF_VIEW) / 2)
        aspect = size[0] / max(1.0, size[1])
        nearer = 0.0 if flat else 0.5 * radius * abs(math.cos(e)) + 0.5 * shape[2] * abs(math.sin(e))
        return (max(high / tangent, wide / (tangent * aspect)) / MARGIN + nearer) / self.zoom

    def matrix(self, size: tuple[float, float], shape: NDArray[np.float64]) -> Matrix:
        """World to clip coordinates, ``clip = matrix @ (x, y, z, 1)``.

        Parameters
        ----------
        size : tuple of float
            Width and height of the picture, any unit.
        shape : ndarray, shape (3,)
            Half the sides of the box that is framed.
        """
        distance = self.distance(size, shape)
        view = np.eye(4)
        view[:3, :3] = self.axes()
        view[0, 3], view[1, 3] = self.pan
        view[2, 3] = -distance
        scale = 1.0 / math.tan(math.radians(FIELD_OF_VIEW) / 2)
        near, far = 0.02 * distance, distance + 20.0
        lens = np.zeros((4, 4))
        lens[0, 0] = scale * size[1] / max(1.0, size[0])
        lens[1, 1] = scale
        lens[2, 2] = -(far + near) / (far - near)
        lens[2, 3] = -2.0 * far * near / (far - near)
        lens[3, 2] = -1.0
        return lens @ view

    def world_per_pixel(self, size: tuple[float, float], shape: NDArray[np.float64]) -> float:
        """World units a pixel at the centre of the box."""
        tangent = math.tan(math.radians(FIELD_OF_VIEW) / 2)
        return 2.0 * tangent * self.distance(size, shape) / max(1.0, size[1])


def project(matrix: Matrix, places: Matrix, size: tuple[float, float]) -> Matrix:
    """Places on the screen.

    Parameters
    ----------
    matrix : ndarray, shape (4, 4)
        World to clip.
    places : ndarray, shape (k, 3)
        In the world.
    size : tuple of float
        Width and height in pixels.

    Returns
    -------
    ndarray, shape (k, 3)
        Pixels from the upper left, and clip-space w (not positive behind the eye).
    """
    clip = places @ matrix[:, :3].T + matrix[:, 3]
    w = clip[:, 3]
    safe = np.where(np.abs(w) < 1e-9, 1e-9, w)
    x = (clip[:, 0] / safe + 1.0) * 0.5 * size[0]
    y = (1.0 - clip[:, 1] / safe) * 0.5 * size[1]
    return np.stack([x, y, w], axis=1)
