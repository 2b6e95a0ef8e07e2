"""The compiled loops behind `engine.drawing.curves`, which explains what they are for.

Each is compiled, or loaded from the cache, at its first call, on whichever thread calls it:
call them off the window's thread.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from engine.drawing._kernel import kernel

Rows = NDArray[np.float64]
Whole = NDArray[np.int64]
Vertices = NDArray[np.float32]

REACH = 0.25
"""Longest chord of the simplified curve in unit-cube units, so that colour still varies."""
BEND = 0.05
"""Length of the directions in ``along``: only their direction matters, on the near side."""
SPEED = -1
"""In place of a column number: colour by speed."""


@kernel("void(f8[:,::1], i8[::1], i8[::1], f8[::1], f8[::1])")
def extent(rows: Rows, columns: Whole, shifts: Whole, low: Rows, high: Rows) -> None:
    """Widen `low` and `high` to the finite values on each axis that is present."""
    count = rows.shape[0]
    for axis in range(3):
        column = columns[axis]
        if column < 0:
            continue
        least, most = np.inf, -np.inf
        for i in range(shifts[axis], count):
            value = rows[i, column]
            # Not a number fails both comparisons; the infinite are left out by the bounds.
            if value < least and value > -np.inf:
                least = value
            if value > most and value < np.inf:
                most = value
        if least < low[axis]:
            low[axis] = least
        if most > high[axis]:
            high[axis] = most


@kernel("i8(f8[:,::1], i8[::1], i8[::1], f8[::1], f8[::1], f8, i8, i8[::1])")
def simplify(
    rows: Rows,
    columns: Whole,
    shifts: Whole,
    centre: Rows,
    scale: Rows,
    limit: float,
    stop: int,
    kept: Whole,
) -> int:
    """Row numbers worth keeping, -1 where the orbit is interrupted; how many were written.

    From the last kept point the orbit is followed as long as it stays in a tube of radius
    `limit` around the direction it set out in and does not turn back: every point left out
    is then within twice `limit` of the chord, and within a quarter of it on a smooth arc.
    """
    c0, c1, c2 = columns[0], columns[1], max(columns[2], 0)
    s0, s1, s2 = shifts[0], shifts[1], shifts[2]
    third = 1.0 if columns[2] >= 0 else 0.0
    limit2, reach2 = limit * limit, REACH * REACH
    count = 0
    open_run = False  # a point has been kept since the last interruption
    directed = False
    before = -1
    ax = ay = az = dx = dy = dz = furthest = 0.0
    px = py = pz = 0.0
    for i in range(stop):
        x = (rows[i + s0, c0] - centre[0]) * scale[0]
        y = (rows[i + s1, c1] - centre[1]) * scale[1]
        z = (rows[i + s2, c2] - centre[2]) * scale[2] * third
        total = x + y + z
        if not (total < np.inf and total > -np.inf):
            if open_run:
                if before >= 0 and kept[count - 1] != before:
                    kept[count] = before
                    count += 1
                kept[count] = -1
                count += 1
                open_run = False
            continue
        if not open_run:
            kept[count] = i
            count += 1
            open_run, directed, before = True, False, i
            ax, ay, az = x, y, z
            px, py, pz = x, y, z
            continue
        vx, vy, vz = x - ax, y - ay, z - az
        far2 = vx * vx + vy * vy + vz * vz
        if directed:
            ahead = vx * dx + vy * dy + vz * dz
            if far2 - ahead * ahead > limit2 or ahead < furthest or far2 > reach2:
                kept[count] = before
                count += 1
                ax, ay, az = px, py, pz
                vx, vy, vz = x - ax, y - ay, z - az
                far2 = vx * vx + vy * vy + vz * vz
                directed = False
            else:
                furthest = ahead
        if not directed and far2 > 1e-16:
            furthest = math.sqrt(far2)
            dx, dy, dz = vx / furthest, vy / furthest, vz / furthest
            directed = True
        before = i
        px, py, pz = x, y, z
    if open_run and kept[count - 1] != before:
        kept[count] = before
        count += 1
    return count


@kernel("void(f8[:,::1], i8[::1], i8[::1], i8, i8, i8[::1], f8[::1])")
def values(
    rows: Rows, columns: Whole, shifts: Whole, stop: int, colour: int, kept: Whole, out: Rows
) -> None:
    """What colours each kept row: speed by central difference, or a column as it stands."""
    for k in range(kept.shape[0]):
        i = kept[k]
        if i < 0:
            out[k] = np.nan
            continue
        if colour >= 0:
            out[k] = rows[i, colour]
            continue
        out[k] = 0.0
        # Beside an interruption the difference on the other side serves.
        for attempt in range(3):
            first = i if attempt == 1 else max(i - 1, 0)
            last = i if attempt == 2 else min(i + 1, stop - 1)
            elapsed = rows[last, 0] - rows[first, 0]
            total = 0.0
            for axis in range(3):
                column = columns[axis]
                if column > 0:  # time itself has no speed
                    step = rows[last + shifts[axis], column] - rows[first + shifts[axis], column]
                    total += step * step
            if total < np.inf and elapsed > 0.0:
                out[k] = math.sqrt(total) / elapsed
                break


@kernel(
    "UniTuple(f8, 2)(f8[:,::1], i8[::1], i8[::1], f8[::1], f8[::1], f8, f8, f8, i8[::1], f8[::1],"
    " f4[:,::1], f4[:,::1])"
)
def strip(
    rows: Rows,
    columns: Whole,
    shifts: Whole,
    centre: Rows,
    scale: Rows,
    origin: float,
    least: float,
    span: float,
    kept: Whole,
    values: Rows,
    place: Vertices,
    along: Vertices,
) -> tuple[float, float]:
    """Fill the strip of the kept rows; how many vertices, and the length of the curve."""
    # Scalars throughout: arrays of three would cost this loop half its speed.
    c0, c1, c2 = columns[0], columns[1], max(columns[2], 0)
    s0, s1, s2 = shifts[0], shifts[1], shifts[2]
    m0, m1, m2 = centre[0], centre[1], centre[2]
    f0, f1 = scale[0], scale[1]
    f2 = scale[2] if columns[2] >= 0 else 0.0
    shade = 1.0 / span
    n = kept.shape[0]
    at = 0
    length = 0.0
    x = y = z = nx = ny = nz = 0.0
    ix = iy = iz = 0.0  # unit direction from the point before
    ox = oy = oz = 0.0  # unit direction to the point after
    came = False  # there is a point before, and here is already known
    for k in range(n):
        i = kept[k]
        if i < 0:
            came = False
            continue
        if not came:
            x = (rows[i + s0, c0] - m0) * f0
            y = (rows[i + s1, c1] - m1) * f1
            z = (rows[i + s2, c2] - m2) * f2
            ix = iy = iz = 0.0
        goes = k + 1 < n and kept[k + 1] >= 0
        ox = oy = oz = 0.0
        if goes:
            j = kept[k + 1]
            nx = (rows[j + s0, c0] - m0) * f0
            ny = (rows[j + s1, c1] - m1) * f1
            nz = (rows[j + s2, c2] - m2) * f2
            ox, oy, oz = nx - x, ny - y, nz - z
            far = math.sqrt(ox * ox + oy * oy + oz * oz)
            length += far
            inverse = 1.0 / far if far > 0.0 else 0.0
            ox, oy, oz = ox * inverse, oy * inverse, oz * inverse
        share = (values[k] - least) * shade
        value = 1.0 + (min(max(share, 0.0), 1.0) if share == share else 0.0)
        moment = rows[i, 0] - origin
        # A turn sharper than a right angle gets both directions, or the strip would pinch.
        twice = came and goes and ix * ox + iy * oy + iz * oz < 0.0
        if twice:
            dx, dy, dz = ix, iy, iz
        else:
            dx, dy, dz = ix + ox, iy + oy, iz + oz
        bridge = not came and at > 0
        if bridge:
            # Repeated vertices on both sides of an interruption: triangles of no area.
            # Element by element: assigning whole rows costs four seconds of compiling.
            for axis in range(4):
                place[at, axis], along[at, axis] = place[at - 1, axis], along[at - 1, axis]
                along[at + 1, axis] = 0.0
            place[at + 1, 0], place[at + 1, 1], place[at + 1, 2] = x, y, z
            place[at + 1, 3] = -value
            at += 2
        for turn in range(2 if twice else 1):
            if turn == 1:
                dx, dy, dz = ox, oy, oz
            size = math.sqrt(dx * dx + dy * dy + dz * dz)
            factor = BEND / size if size > 0.0 else 0.0
            for side in range(2):
                place[at, 0], place[at, 1], place[at, 2] = x, y, z
                place[at, 3] = value if side == 1 else -value
                along[at, 0], along[at, 1], along[at, 2] = dx * factor, dy * factor, dz * factor
                along[at, 3] = moment
                at += 1
            if bridge:
                for axis in range(4):
                    along[at - 3, axis] = along[at - 2, axis]
        x, y, z = nx, ny, nz
        ix, iy, iz = ox, oy, oz
        came = goes
    return float(at), length


@kernel(
    "i8(f8[:,::1], i8[::1], i8[::1], f8[::1], f8[::1], f8, f8, f8, i8[::1], f8[::1],"
    " f4[:,::1], f4[::1])"
)
def dots(
    rows: Rows,
    columns: Whole,
    shifts: Whole,
    centre: Rows,
    scale: Rows,
    origin: float,
    least: float,
    span: float,
    kept: Whole,
    values: Rows,
    place: Vertices,
    moment: Vertices,
) -> int:
    """Fill one vertex a finite row: position and value; how many were written."""
    at = 0
    for k in range(kept.shape[0]):
        i = kept[k]
        total = 0.0
        for axis in range(3):
            place[at, axis] = 0.0
            if columns[axis] >= 0:
                value = (rows[i + shifts[axis], columns[axis]] - centre[axis]) * scale[axis]
                total += value
                place[at, axis] = value
        if not (total < np.inf and total > -np.inf):
            continue
        share = (values[k] - least) / span
        place[at, 3] = min(max(share, 0.0), 1.0) if share == share else 0.0
        moment[at] = rows[i, 0] - origin
        at += 1
    return at


@kernel("f8(f4[:,::1], f8, u1[:,:,::1])")
def crowding(place: Vertices, length: float, seen: NDArray[np.uint8]) -> float:
    """Average strands through a cell that the strip passes."""
    side = seen.shape[0]
    cells = 0
    px = py = pz = 0.0
    joined = False
    for v in range(0, place.shape[0], 2):
        x, y, z = place[v, 0], place[v, 1], place[v, 2]
        if place[v, 3] > 0.0:
            joined = False
            continue
        parts = 1
        if joined:
            chord = math.sqrt((x - px) ** 2 + (y - py) ** 2 + (z - pz) ** 2)
            parts = 1 + int(0.5 * chord * side)
        else:
            px, py, pz = x, y, z
        for part in range(1, parts + 1):
            share = part / parts
            i = int((px + share * (x - px) + 1.0) * 0.5 * side)
            j = int((py + share * (y - py) + 1.0) * 0.5 * side)
            k = int((pz + share * (z - pz) + 1.0) * 0.5 * side)
            i, j, k = min(max(i, 0), side - 1), min(max(j, 0), side - 1), min(max(k, 0), side - 1)
            if seen[i, j, k] == 0:
                seen[i, j, k] = 1
                cells += 1
        px, py, pz = x, y, z
        joined = True
    strands: float = length / (max(cells, 1) * 2.0 / side)
    return strands
