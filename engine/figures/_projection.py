"""Three dimensions on paper: where the eye is, the box it looks at, perspective.

Pure arithmetic, no drawing. Angles and presets are those of the attractor view: azimuth -90
and elevation 0 look along the second axis with the first to the right; the third is up.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

PRESETS: dict[str, tuple[float, float]] = {
    "perspective": (-62.0, 18.0),
    "isometric": (-45.0, 35.264),
    "front": (-90.0, 0.0),
    "side": (0.0, 0.0),
    "top": (-90.0, 90.0),
}
"""Azimuth and elevation in degrees, by name."""
FIELD_OF_VIEW = 26.0
"""Degrees."""
THINNEST = 0.45
"""Shortest side of a box in natural proportions, over the longest."""


@dataclass(frozen=True)
class Projection:
    """From data to the plane of the picture.

    Attributes
    ----------
    centre, scale : array (3,)
        Data coordinates to the world: ``(data - centre) * scale``.
    directions : array (3, 3)
        Rows: right, up and towards the eye, in the world.
    distance : float
        From the eye to the centre; infinite for parallel rays.
    """

    centre: Numbers
    scale: Numbers
    directions: Numbers
    distance: float

    def __call__(self, points: Numbers) -> tuple[Numbers, Numbers]:
        """Points ``(m, 3)`` as places ``(m, 2)`` in the plane and depths ``(m,)``, near large."""
        seen = ((points - self.centre) * self.scale) @ self.directions.T
        nearer = 1.0 if math.isinf(self.distance) else self.distance / (self.distance - seen[:, 2])
        return seen[:, :2] * np.asarray(nearer).reshape(-1, 1), seen[:, 2]


def directions(azimuth: float, elevation: float) -> Numbers:
    """Rows: unit vectors right, up and towards the eye, for angles in degrees."""
    a, e = math.radians(azimuth), math.radians(elevation)
    return np.array(
        [
            (-math.sin(a), math.cos(a), 0.0),
            (-math.sin(e) * math.cos(a), -math.sin(e) * math.sin(a), math.cos(e)),
            (math.cos(e) * math.cos(a), math.cos(e) * math.sin(a), math.sin(e)),
        ]
    )


def projection(
    points: Numbers,
    azimuth: float,
    elevation: float,
    proportions: str = "natural",
    perspective: bool = True,
) -> Projection:
    """A projection that looks at finite points ``(m, 3)``.

    Parameters
    ----------
    points : array (m, 3)
    azimuth, elevation : float
        Degrees.
    proportions : str
        ``natural`` (equal units as far as the box stays a box), ``equal`` or ``cube``.
    perspective : bool
        False for parallel rays.
    """
    low, high = points.min(axis=0), points.max(axis=0)
    extent = high - low
    extent = np.where(extent > 1e-12 * np.maximum(np.abs(low), np.abs(high)), extent, 0.0)
    longest = float(extent.max()) or 1.0
    extent = np.where(extent > 0, extent, longest)
    ratio = extent / longest
    if proportions == "cube":
        shape = np.ones(3)
    else:
        shape = np.maximum(ratio, 0.0 if proportions == "equal" else THINNEST)
    radius = float(np.linalg.norm(shape))
    distance = radius / math.tan(math.radians(FIELD_OF_VIEW) / 2) if perspective else math.inf
    return Projection(
        (low + high) / 2, 2 * shape / extent, directions(azimuth, elevation), distance
    )
