"""Draws the small pictures of the catalogue, ``assets/thumbnails/<key>.png``.

Each is 160 by 120, line art on nothing: colours of middle brightness with an alpha channel,
so that one file reads on the dark and the light theme. Brightness is how often the orbit
passes, colour how fast it goes. Run it after a system was added or changed:

    python scripts/thumbnails.py [--missing] [KEY ...]

What is drawn of a system is told in ``thumbnail_orbits``: orbits for most, place against time
for large families. Exhibits without equations have their most telling channel drawn.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "assets" / "thumbnails"
sys.path.insert(0, str(ROOT))

import engine  # noqa: E402
from engine.errors import PhasescopeError  # noqa: E402
from engine.look import colormap  # noqa: E402
from engine.systems.system import System  # noqa: E402
from scripts.thumbnail_orbits import (  # noqa: E402
    curves_of,
    has_large_family,
    place_against_time,
)

Array = NDArray[np.float64]
WIDTH, HEIGHT, FINER = 160, 120, 4
MARGIN = 7  # pixels
SHADES = (0.40, 0.80)  # of magma: neither too dark for the dark theme nor too pale for the light
BRIGHTEST, SOFTNESS = 0.95, 0.5  # passages that are opaque, and how fast fewer fade
SPARSE = 0.08  # less of the raster passed at all is drawn thicker
FAINTEST = 0.35  # opacity of a cell that is passed at all
COLOURS = 96


def main(arguments: list[str]) -> int:
    """Draw what is asked for; 1 where a picture could not be drawn."""
    parser = argparse.ArgumentParser(description="Draw the small pictures of the catalogue.")
    parser.add_argument("keys", nargs="*", metavar="KEY", help="all where none is named")
    parser.add_argument(
        "--missing", action="store_true", help="only those that have no picture or an older one"
    )
    options = parser.parse_args(arguments)
    FOLDER.mkdir(parents=True, exist_ok=True)
    systems = engine.systems()
    keys = options.keys or [*systems, *OTHERS]
    failed = 0
    for key in keys:
        if options.missing and not stale(key):
            continue
        try:
            image = OTHERS[key]() if key in OTHERS else draw(systems[key])
        except (PhasescopeError, ArithmeticError, ValueError, IndexError) as error:
            # One that cannot be drawn must not keep the others from their pictures.
            print(f"{key}: not drawn: {error}", file=sys.stderr)
            failed += 1
            continue
        save(image, FOLDER / f"{key}.png")
    pictures = list(FOLDER.glob("*.png"))
    total = sum(path.stat().st_size for path in pictures)
    print(f"{len(pictures)} pictures, {total / 1000:.0f} kB, {failed} not drawn")
    return 1 if failed else 0


def stale(key: str) -> bool:
    """Whether a picture is missing or older than the file of its system."""
    there, source = FOLDER / f"{key}.png", ROOT / "assets" / "systems" / f"{key}.toml"
    if not there.exists():
        return True
    return source.exists() and source.stat().st_mtime > there.stat().st_mtime


def draw(system: System) -> Array:
    """The picture of a system, shape (HEIGHT, WIDTH, 4), between 0 and 1."""
    if has_large_family(system):
        return painted(place_against_time(system, WIDTH, HEIGHT))
    curves = curves_of(system)
    return picture(
        scaled(curves.points), curves.speed, curves.connected, curves.breaks, few=curves.few
    )


def scaled(points: Array) -> Array:
    """Points without the odd ones far away, which would leave the others no room."""
    low, high = np.quantile(points, [0.0005, 0.9995], axis=0)
    room = 0.5 * (high - low)
    return np.clip(points, low - room, high + room)


def painted(values: Array) -> Array:
    """A field of values between 0 and 1 as an opaque picture with round corners left to others."""
    image = np.ones((*values.shape, 4))
    shade = (0.08 + 0.84 * values) * 255
    image[..., :3] = colormap("magma")[shade.astype(int), :3]
    return image


def automaton() -> Array:
    """What one flipped cell does under rule 90: a triangle of triangles."""
    generations = 64
    damage = frames("edge-of-chaos-eca", {"rule": 90}, generations)["damage"][-1]
    first = int(np.flatnonzero(damage.sum(axis=1) == 1)[0])
    middle = int(damage[first].argmax())
    ink = damage[first : first + generations, middle - generations : middle + generations + 1] > 0
    fine = np.zeros((HEIGHT * FINER, WIDTH * FINER, 4))
    high = (HEIGHT - 2 * MARGIN) * FINER // len(ink)
    wide = (WIDTH - 2 * MARGIN) * FINER // ink.shape[1]
    large = np.repeat(np.repeat(ink, high, axis=0), wide, axis=1)
    down, across = ((np.array(fine.shape[:2]) - large.shape) // 2).tolist()
    part = fine[down : down + large.shape[0], across : across + large.shape[1]]
    # Colour runs with time, as in the pictures of orbits.
    shade = np.linspace(SHADES[1], SHADES[0], len(part))
    part[..., :3] = colormap("magma")[(shade * 255).astype(int), None, :3] * large[..., None]
    part[..., 3] = large
    return averaged(fine)


def staircase() -> Array:
    """The strengths of the modes, learned one after the other."""
    parts = frames("deep-linear-exact", {"modes": 4}, 15_000.0)["modes"]
    rows = np.concatenate(parts)
    time, modes = rows[:, 0], rows[:, 1:5]
    shown = time < 0.9 * time.max()
    pieces = [np.stack([time[shown], mode[shown]], axis=1) for mode in modes.T]
    points = np.concatenate(pieces)
    breaks = np.cumsum([len(piece) for piece in pieces])[:-1]
    speed = np.concatenate([np.full(len(piece), float(-k)) for k, piece in enumerate(pieces)])
    return picture(points, speed, connected=True, breaks=breaks, thicker=7, few=True)


def constellation() -> Array:
    """Every system as a dot where the collection's map puts it."""
    places = frames("dysts-zoo", {}, 400.0)["map"][-1][:, :2]
    places = places[np.isfinite(places).all(axis=1)]
    size = np.ptp(places, axis=0)
    turn = np.linspace(0.0, 2.0 * np.pi, 24, endpoint=False)
    rings = [np.column_stack([np.cos(turn), np.sin(turn)]) * part for part in (0.3, 0.6, 1.0)]
    disc = np.concatenate(rings) * size * (0.009, 0.012)
    points = (places[:, np.newaxis] + disc).reshape(-1, 2)
    # Colour runs across the map.
    shade = np.repeat(places @ (1.0 / size), len(disc))
    return picture(points, shade, connected=False)


def frames(key: str, values: dict[str, float], until: float) -> dict[str, list[Array]]:
    """What an exhibit shows by `until` on its own clock, by channel."""
    process = engine.catalogue()[key].start(values, 0)
    found: dict[str, list[Array]] = {}
    now = 0.0
    while now < until and not process.finished:
        frame = process.advance(0.1, until - now)
        now = frame.time if frame.time > now or found else now
        for name, array in frame.channels.items():
            found.setdefault(name, []).append(np.asarray(array))
    return found


def picture(
    points: Array,
    speed: Array,
    connected: bool,
    breaks: NDArray[np.int64] | None = None,
    thicker: int = 4,
    few: bool = False,
) -> Array:
    """Count passages in a finer raster, colour by mean speed, and average down."""
    size = np.array([WIDTH, HEIGHT]) * FINER
    edge = MARGIN * FINER
    low, high = points.min(axis=0), points.max(axis=0)
    place = edge + (points - low) / np.maximum(high - low, 1e-12) * (size - 2 * edge)
    place[:, 1] = size[1] - place[:, 1]
    if connected:
        place, speed = densified(place, speed, breaks)
    cells = place[:, 1].astype(int).clip(0, size[1] - 1) * size[0] + place[:, 0].astype(int).clip(
        0, size[0] - 1
    )
    count: Array = np.bincount(cells, minlength=size[0] * size[1]).astype(np.float64)
    total: Array = np.bincount(cells, weights=speed, minlength=count.size).astype(np.float64)
    if few:
        rounds = thicker
    else:
        rounds = 1 if (count > 0).mean() > SPARSE else 4
    for _ in range(rounds):
        count, total = (thickened(grid.reshape(size[::-1])).ravel() for grid in (count, total))
    mean = np.divide(total, count, out=np.zeros_like(total), where=count > 0)
    seen = mean[count > 0]
    slow, fast = np.quantile(seen, [0.02, 0.98])
    shade = SHADES[0] + (SHADES[1] - SHADES[0]) * np.clip(
        (mean - slow) / max(fast - slow, 1e-12), 0.0, 1.0
    )
    colour = colormap("magma")[(shade * 255).astype(int), :3].astype(float)
    if few:  # each curve is worth seeing
        alpha = 1.0 - np.exp(-count / np.median(count[count > 0]))
    else:
        often = np.quantile(count[count > 0], BRIGHTEST)
        alpha = np.minimum(1.0, count / often) ** SOFTNESS
        alpha[count > 0] = np.maximum(alpha[count > 0], FAINTEST)
    fine = np.concatenate([colour * alpha[:, None], alpha[:, None]], axis=1)
    return averaged(fine)


def averaged(fine: Array) -> Array:
    """The picture from its finer raster, colours there already multiplied by opacity."""
    image: Array = fine.reshape(HEIGHT, FINER, WIDTH, FINER, 4).mean(axis=(1, 3))
    opacity = image[..., 3:]
    image[..., :3] = np.divide(
        image[..., :3], opacity, out=np.zeros_like(image[..., :3]), where=opacity > 1e-3
    )
    image[..., 3] = np.minimum(1.0, 1.6 * image[..., 3])
    return image


def densified(place: Array, speed: Array, breaks: NDArray[np.int64] | None) -> tuple[Array, Array]:
    """A point at least every cell along the curve, each weighted alike."""
    gaps = np.abs(np.diff(place, axis=0)).max(axis=1)
    if breaks is not None and breaks.size:
        gaps[breaks - 1] = 0.0
    parts = np.maximum(1, np.ceil(gaps).astype(int))
    at = np.repeat(np.arange(gaps.size), parts)
    fraction = (np.arange(at.size) - np.repeat(np.cumsum(parts) - parts, parts)) / parts[at]
    jumped = gaps[at] == 0.0
    fraction[jumped] = 0.0
    between = place[at] + fraction[:, None] * (place[at + 1] - place[at])
    return between, speed[at]


def thickened(field: Array) -> Array:
    """Every cell joined with its right and lower neighbours, so that lines are two wide."""
    out = field.copy()
    out[1:] += field[:-1]
    out[:, 1:] += out[:, :-1].copy()
    return out


def save(image: Array, path: Path) -> None:
    """Write a PNG of few colours."""
    from PIL import Image

    pixels = Image.fromarray((image.clip(0.0, 1.0) * 255).round().astype(np.uint8), "RGBA")
    few = pixels.quantize(COLOURS, method=Image.Quantize.FASTOCTREE)
    few.save(path, optimize=True)


OTHERS = {
    "edge-of-chaos-eca": automaton,
    "deep-linear-exact": staircase,
    "dysts-zoo": constellation,
}
"""Exhibits that are no system of equations, by key."""


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
