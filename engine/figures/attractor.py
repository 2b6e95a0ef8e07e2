"""The attractor on paper: an orbit in perspective, near strands over far ones, thin lines.

Strands are drawn from the farthest to the nearest and fade into the background with
distance, so that the eye reads depth without a box around it. A dense curve is rasterised
inside PDF and SVG; letters stay letters. Flat orbits go to ``phase_portrait``.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from engine.errors import ParameterError
from engine.figures import _orbit
from engine.figures._content import Content
from engine.figures._projection import PRESETS, Projection, projection
from engine.figures._style import RASTERISE, Style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Numbers = NDArray[np.float64]

SHORTEST = 0.25
"""Points: shorter steps on paper are joined, no eye can tell."""
FADED = 0.5
"""Share of colour left on the farthest strand."""


def draw(figure: Figure, content: Content, style: Style) -> None:
    """Draw an orbit in space.

    Raises
    ------
    ParameterError
        If the orbit has no finite point.
    """
    content = _orbit.tail(content)
    opened = _orbit.default_axes(content.exhibit, content.names)
    names = tuple(
        content.option(f"{letter}_axis", name) for letter, name in zip("xyz", opened, strict=True)
    )
    if names[2] == _orbit.NONE:
        from engine.figures.phase_portrait import draw_plane

        draw_plane(figure, content, style, names[0], names[1], coloured=True)
        return
    points = np.column_stack([_orbit.column(content, name) for name in names])
    shades, low, high = _orbit.shades(_orbit.colour_values(content)[0])
    alive = np.asarray(np.isfinite(points).all(axis=1))
    if not alive.any():
        raise ParameterError(
            f"no point of '{content.channel.name}' of '{content.exhibit.key}' is finite, so "
            "there is nothing to draw"
        )
    camera = PRESETS.get(content.option("camera", "perspective"), PRESETS["perspective"])
    view = projection(
        points[alive],
        content.number("azimuth", camera[0]),
        content.number("elevation", camera[1]),
        content.option("proportions", "natural"),
        perspective=content.option("camera", "perspective") != "isometric",
    )
    width, height = (72 * float(side) for side in figure.get_size_inches())
    axes = figure.add_axes((0, 0, 1, 1), xlim=(0, width), ylim=(0, height))
    axes.set_axis_off()
    places, depths = view(np.where(alive.reshape(-1, 1), points, np.nan))
    room = _room(style, high > low)
    places = _fitted(places, (width, height), room)
    colours = style.colours(content.option("colour_map", "magma"))
    if _orbit.discrete(content):
        _dots(axes, places, depths, shades, colours, style)
    else:
        _strands(axes, places, depths, shades, colours, style, content.number("width", 1.4))
    if content.option("axes", "on") != "off":
        words = tuple(_orbit.axis(content, name).words for name in names)
        _tripod(axes, view, words, style, places, width - room[1])
        if high > low:
            _scale(figure, low, high, colours, _orbit.colour_values(content)[1], style)


def _room(style: Style, scale: bool) -> tuple[float, float, float, float]:
    """Points left free at the left, right, lower and upper edge."""
    edge = 1.2 * style.font_size
    return edge, edge + (4.6 * style.font_size if scale else 0.0), edge, edge


def _fitted(
    places: Numbers, size: tuple[float, float], room: tuple[float, float, float, float]
) -> Numbers:
    """Places of the plane as points on the page, as large as the room allows."""
    finite = places[np.isfinite(places).all(axis=1)]
    low, high = finite.min(axis=0), finite.max(axis=0)
    left, right, lower, upper = room
    free = np.array(
        [max(size[0] - left - right, 0.3 * size[0]), max(size[1] - lower - upper, 0.3 * size[1])]
    )
    extent = high - low
    wide = extent > 1e-12
    scale = float((free[wide] / extent[wide]).min()) if wide.any() else 1.0
    middle = np.array([left + free[0] / 2, lower + free[1] / 2])
    fitted: Numbers = middle + scale * (places - (low + high) / 2)
    return fitted


def _thinned(places: Numbers) -> NDArray[np.int64]:
    """Rows to keep so that steps on paper are not needlessly short; breaks stay breaks."""
    steps = np.hypot(*np.diff(places, axis=0).T)
    broken = ~np.isfinite(steps)
    bins = np.floor(np.cumsum(np.where(broken, 0.0, steps)) / SHORTEST)
    keep = np.ones(len(places), dtype=bool)
    keep[1:-1] = (np.diff(bins) > 0) | broken[:-1] | broken[1:]
    return np.flatnonzero(keep)


def _strands(
    axes: Axes,
    places: Numbers,
    depths: Numbers,
    shades: Numbers,
    colours: Numbers,
    style: Style,
    width: float,
) -> None:
    """The curve, far segments first."""
    from matplotlib.collections import LineCollection

    kept = _thinned(places)
    places, depths, shades = places[kept], depths[kept], shades[kept]
    segments = np.stack([places[:-1], places[1:]], axis=1)
    good = np.isfinite(segments).all(axis=(1, 2))
    middle = (depths[:-1] + depths[1:])[good] / 2
    segments, shades = segments[good], shades[:-1][good]
    if not len(segments):
        return
    order = np.argsort(middle, kind="stable")
    near = middle[order] - middle.min()
    near /= max(float(near.max()), 1e-300)
    size = (axes.get_xlim()[1], axes.get_ylim()[1])
    thin = _orbit.line_width(places, size, width / 1.4)
    rgb = colours[(shades[order] * 255).astype(int)]
    rgb = _towards(style, rgb, FADED + (1 - FADED) * near)
    lines: Any = segments[order]
    axes.add_collection(
        LineCollection(
            lines,
            colors=rgb,
            linewidths=thin * (0.75 + 0.5 * near),
            capstyle="round",
            rasterized=style.vector and len(segments) > RASTERISE,
        )
    )


def _dots(
    axes: Axes, places: Numbers, depths: Numbers, shades: Numbers, colours: Numbers, style: Style
) -> None:
    """The orbit as points, far ones first."""
    good = np.isfinite(places).all(axis=1)
    places, depths, shades = places[good], depths[good], shades[good]
    order = np.argsort(depths, kind="stable")
    near = depths[order] - depths.min()
    near /= max(float(near.max()), 1e-300)
    size = float(np.clip(300 / math.sqrt(len(places)), 0.35, 2.0))
    rgb = _towards(style, colours[(shades[order] * 255).astype(int)], FADED + (1 - FADED) * near)
    x, y = places[order].T
    axes.scatter(
        x,
        y,
        s=(size * (0.75 + 0.5 * near)) ** 2,
        c=rgb,
        linewidths=0,
        rasterized=style.vector and len(places) > RASTERISE,
    )


def _towards(style: Style, colours: Numbers, share: Numbers) -> Numbers:
    """Colours mixed into the background; share 1 leaves them."""
    background = np.array(style.faded(style.background, 1.0))
    mixed: Numbers = background + share[:, None] * (colours - background)
    return mixed


def _tripod(
    axes: Axes,
    view: Projection,
    words: tuple[str, ...],
    style: Style,
    places: Numbers,
    right: float,
) -> None:
    """Three short axes in the emptiest corner, the farthest first."""
    reach = 2.6 * style.font_size
    tips = view.directions @ np.eye(3)
    flat = reach * tips[:2].T
    margin = 1.9 * style.font_size
    low, high = np.minimum(flat.min(axis=0), 0.0), np.maximum(flat.max(axis=0), 0.0)
    top = axes.get_ylim()[1]
    left_, right_ = margin - low[0], right - 0.6 * style.font_size - high[0]
    lower, upper = margin - low[1], top - margin - high[1]
    corners = [
        np.array(corner)
        for corner in ((left_, lower), (right_, lower), (left_, upper), (right_, upper))
    ]

    def crowd(corner: Numbers) -> int:
        inside = (places > corner + low - margin) & (places < corner + high + margin)
        return int(inside.all(axis=1).sum())

    origin = min(corners, key=crowd)
    for i in np.argsort(tips[2]):
        tip = flat[i]
        length = float(np.hypot(*tip))
        # An axis that points at the reader has no direction on paper.
        if length < 0.12 * reach:
            continue
        axes.annotate(
            "",
            xy=tuple(origin + tip),
            xytext=tuple(origin),
            arrowprops={
                "arrowstyle": "-|>,head_length=0.22,head_width=0.09",
                "mutation_scale": style.font_size,
                "color": style.tokens.muted,
                "linewidth": 1.2 * style.hairline,
                "shrinkA": 0,
                "shrinkB": 0,
            },
        )
        place = origin + tip * (1 + 0.62 * style.font_size / length)
        axes.text(
            float(place[0]),
            float(place[1]),
            words[i],
            ha="center",
            va="center",
            fontsize=style.font_size,
            color=style.tokens.text,
        )


def _scale(
    figure: Figure, low: float, high: float, colours: Numbers, words: str, style: Style
) -> None:
    """A slim colour bar at the right."""
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import ListedColormap, Normalize
    from matplotlib.ticker import MaxNLocator

    width, height = (72 * float(side) for side in figure.get_size_inches())
    bar_width, bar_height = 0.55 * style.font_size, 0.36 * height
    place = figure.add_axes(
        (
            (width - 4.2 * style.font_size) / width,
            0.5 - bar_height / height / 2,
            bar_width / width,
            bar_height / height,
        )
    )
    map_: Any = ScalarMappable(Normalize(low, high), ListedColormap(colours))
    bar = figure.colorbar(map_, cax=place, ticks=MaxNLocator(4))
    bar.outline.set_visible(False)
    bar.ax.tick_params(length=0.25 * style.font_size, width=style.hairline, labelsize=style.small)
    bar.ax.set_title(words, fontsize=style.small, loc="left", pad=0.6 * style.font_size)
