"""Planes through state space: how one is named, its own coordinates, crossings of samples.

A plane is a value of one variable or a normal and an offset. Where only samples are known
the crossing is found on the cubic through the four nearest; orbits of equations are cut by
``poincare_section`` itself.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.errors import ParameterError

Array = NDArray[np.float64]
DIRECTIONS = {"up": 1.0, "down": -1.0, "both": 0.0}


@dataclass(frozen=True, eq=False)
class Plane:
    """A plane ``normal . x = offset``.

    Attributes
    ----------
    normal : array (n,)
    offset : float
    turn : float
        What a whole turn is where the plane is a value of an angle, else 0.
    label : str
        For captions.
    basis : array (n - 1, n)
        Orthonormal rows that span the plane.
    names : tuple of n - 1 str
        Names of the coordinates along these.
    """

    normal: Array
    offset: float
    turn: float
    label: str
    basis: Array
    names: tuple[str, ...]

    def distance(self, states: Array) -> Array:
        """Signed distance of states (m, n), the sine of the angle where it is one."""
        return self.bent(states @ self.normal - self.offset)

    def bent(self, along: Array) -> Array:
        """Distances as they are; the sine where they are differences of an angle."""
        if self.turn > 0.0:
            return np.asarray(np.sin(2.0 * np.pi * along / self.turn))
        return along


def plane_of(
    names: tuple[str, ...],
    plane: tuple[ArrayLike, float] | None,
    variable: str | None,
    value: float,
    turn: float = 0.0,
) -> Plane:
    """A plane as it is asked for.

    Raises
    ------
    ParameterError
        If it is asked for twice, or a name or number cannot be used.
    """
    n = len(names)
    if (plane is None) == (variable is None):
        raise ParameterError(
            "a section needs either a plane (normal, offset) or a variable and its value"
        )
    if variable is not None:
        if variable not in names:
            raise ParameterError(f"there is no variable '{variable}'; there are {', '.join(names)}")
        if not math.isfinite(value):
            raise ParameterError(f"the section's value of {variable} must be finite, got {value}")
        at = names.index(variable)
        normal = np.zeros(n)
        normal[at] = 1.0
        others = [j for j in range(n) if j != at]
        return Plane(
            normal,
            float(value),
            turn,
            f"{variable} = {value:.6g}",
            np.eye(n)[others],
            tuple(names[j] for j in others),
        )
    assert plane is not None
    try:
        normal = np.array(plane[0], dtype=np.float64)
        offset = float(plane[1])
    except (TypeError, ValueError, IndexError) as error:
        raise ParameterError(f"a plane is a normal and an offset, got {plane!r}") from error
    length = float(np.linalg.norm(normal)) if normal.shape == (n,) else math.nan
    if not (math.isfinite(length) and length > 0.0 and math.isfinite(offset)):
        raise ParameterError(
            f"a plane needs a normal of {n} finite numbers ({', '.join(names)}), not all zero, "
            f"and a finite offset, got {plane!r}"
        )
    single = np.flatnonzero(normal)
    if single.size == 1 and normal[single[0]] > 0.0:
        at = int(single[0])
        return plane_of(names, None, names[at], offset / float(normal[at]))
    words = " + ".join(f"{a:.4g} {name}" for a, name in zip(normal, names, strict=True) if a)
    # The rest of an orthonormal frame that begins with the normal.
    frame = np.linalg.qr(np.column_stack([normal, np.eye(n)]))[0][:, 1:n].T
    return Plane(
        normal / length,
        offset / length,
        0.0,
        f"{words} = {offset:.4g}".replace("+ -", "- "),
        np.ascontiguousarray(frame),
        tuple(f"u{i + 1}" for i in range(n - 1)),
    )


def middle(states: Array, names: Sequence[str]) -> tuple[int, float]:
    """The variable that passes its mean most often, and that mean.

    One that is seldom on one side of it, as spikes are, comes after all others; of variables
    that are alike the first is taken.
    """
    best, most = 0, 0.0
    for j in range(len(names)):
        column = states[:, j]
        spread = float(np.ptp(column))
        if not spread > 1e-9 * (1.0 + float(np.abs(column).max())):
            continue
        above = column > column.mean()
        share = min(float(above.mean()), 1.0 - float(above.mean()))
        passages = float(np.count_nonzero(~above[:-1] & above[1:]))
        if share < 0.25:
            passages *= 1e-3
        if passages > 1.2 * most:
            best, most = j, passages
    return best, float(states[:, best].mean())


def sampled_crossings(plane: Plane, times: Array, states: Array, direction: float) -> Array:
    """Where samples cross a plane, rows of time and state, shape (k, 1 + n).

    Between two samples on different sides the cubic through four is solved for its zero by
    bisection; half a turn away from the value of an angle nothing counts.
    """
    distance = plane.distance(states)
    up = (distance[:-1] < 0.0) & (distance[1:] >= 0.0) & (direction >= 0.0)
    down = (distance[:-1] > 0.0) & (distance[1:] <= 0.0) & (direction <= 0.0)
    rows = np.flatnonzero(up | down)
    if rows.size == 0 or len(states) < 4:
        return np.empty((0, 1 + states.shape[1]))
    first = np.clip(rows - 1, 0, len(states) - 4)
    nodes = np.arange(4.0)
    low, high = (rows - first).astype(np.float64), (rows - first + 1).astype(np.float64)

    def weights(place: Array) -> Array:
        out = np.ones((4, place.size))
        for i in range(4):
            for j in range(4):
                if i != j:
                    out[i] *= (place - nodes[j]) / (nodes[i] - nodes[j])
        return out

    # The cubic of the distance is the distance of the cubic.
    along = states @ plane.normal - plane.offset
    near = np.stack([along[first + i] for i in range(4)])
    sign = np.sign(distance[rows])
    for _ in range(60):
        half = 0.5 * (low + high)
        before = np.sign(plane.bent((weights(half) * near).sum(axis=0))) == sign
        low, high = np.where(before, half, low), np.where(before, high, half)
    w = weights(high)
    found = np.zeros((rows.size, 1 + states.shape[1]))
    for i in range(4):
        found[:, 0] += w[i] * times[first + i]
        found[:, 1:] += w[i][:, None] * states[first + i]
    if plane.turn > 0.0:
        found = found[np.cos(2.0 * np.pi * (w * near).sum(axis=0) / plane.turn) > 0.0]
    return found
