"""The orbit camera: where the eye is, as numbers and matrices, without any renderer.

Angles, zoom and pan; the projection that frames a box whatever the size of the window; the
presets. It moves no mouse and owns no clock: `widgets.gl.control` does. The world is the
picture's box, centred at the origin, third axis up.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]

FIELD_OF_VIEW = 26.0
"""Vertical angle in degrees: long enough a lens that boxes do not look stretched."""
_TANGENT = math.tan(math.radians(FIELD_OF_VIEW) / 2)

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

    def distance(
        self, size: tuple[float, float], shape: NDArray[np.float64], room: float = 0.0
    ) -> float:
        """From the eye to the centre, so that the box stays in the picture as it turns."""
        return self._framing(size, shape, room)[0]

    def _framing(
        self, size: tuple[float, float], shape: NDArray[np.float64], room: float
    ) -> tuple[float, float]:
        """Distance, and how far up the picture is moved in units of half its height."""
        free = (max(0.4 * size[0], size[0] - 2 * room), max(0.4 * size[1], size[1] - 2 * room))
        distance, shift = _framed(
            round(self.elevation, 2),
            round(free[0] / size[1], 3),
            round(free[1] / size[1], 3),
            tuple(round(float(side), 4) for side in shape),
        )
        return distance / self.zoom, shift

    def matrix(
        self, size: tuple[float, float], shape: NDArray[np.float64], room: float = 0.0
    ) -> Matrix:
        """World to clip coordinates, ``clip = matrix @ (x, y, z, 1)``.

        Parameters
        ----------
        size : tuple of float
            Width and height of the picture, any unit.
        shape : ndarray, shape (3,)
            Half the sides of the box that is framed.
        room : float
            Left free on each side, in the unit of `size`.
        """
        distance, shift = self._framing(size, shape, room)
        view = np.eye(4)
        view[:3, :3] = self.axes()
        view[0, 3], view[1, 3] = self.pan
        view[2, 3] = -distance
        lens = np.zeros((4, 4))
        near, far = 0.02 * distance, distance + 20.0
        lens[0, 0] = size[1] / (_TANGENT * max(1.0, size[0]))
        lens[1, 1] = 1.0 / _TANGENT
        # The lens is shifted, as that of a camera for buildings, so that uprights stay so.
        lens[1, 2] = -shift
        lens[2, 2] = -(far + near) / (far - near)
        lens[2, 3] = -2.0 * far * near / (far - near)
        lens[3, 2] = -1.0
        return lens @ view

    def centre(
        self, size: tuple[float, float], shape: NDArray[np.float64], room: float = 0.0
    ) -> tuple[float, float]:
        """Where on the screen the eye looks, in pixels from the upper left."""
        return size[0] / 2, (1.0 - self._framing(size, shape, room)[1]) * size[1] / 2

    def world_per_pixel(
        self, size: tuple[float, float], shape: NDArray[np.float64], room: float = 0.0
    ) -> float:
        """World units a pixel at the centre of the box."""
        return 2.0 * _TANGENT * self.distance(size, shape, room) / max(1.0, size[1])


@lru_cache(maxsize=256)
def _framed(
    elevation: float, wide: float, high: float, shape: tuple[float, ...]
) -> tuple[float, float]:
    """Distance and shift that frame a box turning about the third axis.

    Parameters
    ----------
    elevation : float
        Degrees.
    wide, high : float
        Free width and height over the height of the picture.
    shape : tuple of float
        Half the sides of the box.
    """
    e = math.radians(elevation)
    flat = shape[2] == 0.0
    if flat and abs(elevation) > 75.0:
        across, along = np.array([-1.0, 1.0]) * shape[0], np.array([-1.0, 1.0]) * shape[1]
        radial, side, height = np.repeat(along, 2), np.tile(across, 2), np.zeros(4)
    else:
        turn = np.linspace(0.0, 2.0 * math.pi, 24, endpoint=False)
        radius = math.hypot(shape[0], shape[1])
        radial = np.tile(radius * np.cos(turn), 2)  # towards the eye
        side = np.tile(radius * np.sin(turn), 2)
        height = np.repeat([shape[2], -shape[2]], 24)
    up = height * math.cos(e) - radial * math.sin(e)
    near = radial * math.cos(e) + height * math.sin(e)
    closest = float(near.max()) + 0.2
    distance = closest + 2.0
    shift = 0.0
    for _ in range(12):  # a contraction: four rounds would do
        depth = distance - near
        x, y = side / depth / _TANGENT, up / depth / _TANGENT
        shift = -float(y.max() + y.min()) / 2
        needed = max(float(np.abs(x).max()) / wide, float(y.max() - y.min()) / 2 / high)
        distance = max(closest, distance * needed)
    return distance, shift


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
