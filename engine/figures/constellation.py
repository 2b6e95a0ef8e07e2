"""Constellations on paper: points as little pictures where there is room, else as dots."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from engine.drawing.crowd import with_room
from engine.drawing.ranges import finite_bounds, padded
from engine.errors import ParameterError
from engine.figures._content import Content
from engine.figures._style import Style, colour_bar, label, single_axes
from engine.look import ASSETS, colormap, rgb

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SHAPE = 0.75
POINT = 72.0
"""Points an inch; the size of a picture on screen is in pixels of 96 an inch."""


def draw(figure: Figure, content: Content, style: Style) -> None:
    """Draw points (x, y, then columns to colour by).

    Raises
    ------
    ParameterError
        If the channel holds no points in the plane.
    """
    array = np.asarray(content.array, dtype=np.float64)
    channel = content.channel
    if array.ndim != 2 or array.shape[1] < 2:
        raise ParameterError(
            f"channel '{channel.name}' of '{content.exhibit.key}' must hold points to be drawn "
            f"as a constellation, got shape {array.shape}"
        )
    axes = single_axes(figure)
    axes.set_xticks([])
    axes.set_yticks([])
    for side in axes.spines.values():
        side.set_color(style.faded(style.tokens.muted, 0.5))
        side.set_linewidth(style.hairline)
    known = np.isfinite(array[:, :2]).all(axis=1)
    places = array[:, :2]
    bounds = [finite_bounds(np.ascontiguousarray(places[known, k])) for k in (0, 1)]
    x, y = (
        chosen or padded(*(found or (0.0, 1.0)))
        for chosen, found in zip(
            (content.range("left", "right"), content.range("bottom", "top")), bounds, strict=True
        )
    )
    axes.set_xlim(*x)
    axes.set_ylim(*y)
    colours = _colours(figure, axes, content, array, style)
    wide, high = (side * POINT for side in figure.get_size_inches())
    scale = np.array([0.9 * wide / (x[1] - x[0]), 0.9 * high / (y[1] - y[0])])
    width = 0.75 * content.number("size", 48.0)
    named = content.option("names", "shown") == "shown" and bool(channel.labels)
    room = with_room(places * scale, width + 4.0, SHAPE * width + (0.9 * style.font_size * named))
    inside = known & (places[:, 0] > x[0]) & (places[:, 0] < x[1])
    inside &= (places[:, 1] > y[0]) & (places[:, 1] < y[1])
    pictured = np.zeros(len(array), dtype=bool)
    for row in np.nonzero(room & inside)[0].tolist():
        pictured[row] = _picture(axes, content, style, row, places[row], colours[row], width, named)
    dots = inside & ~pictured
    axes.scatter(
        places[dots, 0],
        places[dots, 1],
        s=0.25 * style.font_size**2,
        c=colours[dots],
        linewidths=0.4,
        edgecolors=style.background,
        zorder=4,
    )


def _picture(
    axes: Axes,
    content: Content,
    style: Style,
    row: int,
    place: NDArray[np.float64],
    colour: NDArray[np.float64],
    width: float,
    named: bool,
) -> bool:
    """Put the picture of a row at its place; False where there is none."""
    channel = content.channel
    if row >= len(channel.opens):
        return False
    path = ASSETS / "thumbnails" / f"{channel.opens[row]}.png"
    if not path.exists():
        return False
    from matplotlib.image import imread
    from matplotlib.offsetbox import AnnotationBbox, OffsetImage

    image: Any = imread(str(path))
    box = OffsetImage(image, zoom=width / image.shape[1], resample=True)
    axes.add_artist(
        AnnotationBbox(
            box,
            (float(place[0]), float(place[1])),
            pad=0.12,
            bboxprops={
                "edgecolor": colour,
                "facecolor": style.background,
                "linewidth": 0.8,
                "boxstyle": "round,pad=0.1,rounding_size=0.2",
            },
            zorder=3,
        )
    )
    if named:
        most = max(4, int(1.6 * width / (0.75 * style.font_size)))
        words = channel.labels[row]
        axes.annotate(
            words if len(words) <= most else words[: most - 1] + "…",
            (float(place[0]), float(place[1])),
            (0.0, -0.5 * SHAPE * width - 2.0),
            textcoords="offset points",
            ha="center",
            va="top",
            fontsize=0.7 * style.font_size,
            color=style.tokens.muted,
            zorder=3,
        )
    return True


def _colours(
    figure: Figure, axes: Axes, content: Content, array: NDArray[np.float64], style: Style
) -> NDArray[np.float64]:
    """A colour for every point, and a key to them."""
    channel, look = content.channel, style.tokens
    chosen = content.option("colour", channel.names[2] if len(channel.names) > 2 else "nothing")
    if chosen not in channel.names:
        return np.tile(np.array(rgb(look.accent)), (len(array), 1))
    values = array[:, channel.names.index(chosen)]
    known = np.isfinite(values)
    out = np.tile(np.array(rgb(look.muted)), (len(array), 1))
    words = channel.legends.get(chosen, ())
    if words:
        series = [rgb(name) for name in look.series]
        if len(words) > len(series):
            hues = np.asarray(colormap("romaO"))[:, :3]
            spread = np.linspace(0, len(hues) * (1 - 1 / len(words)), len(words)).astype(int)
            series = [tuple(row) for row in hues[spread].tolist()]
        table = np.array(series[: len(words)])
        out[known] = table[values[known].astype(int) % len(table)]
        _legend(axes, words, table, style)
        return out
    if known.any():
        from matplotlib.cm import ScalarMappable
        from matplotlib.colors import ListedColormap, Normalize

        table = np.asarray(colormap("viridis"))[:, :3]
        low, high = (float(v) for v in np.quantile(values[known], (0.02, 0.96)))
        high = high if high > low else low + 1.0
        share = np.clip((values[known] - low) / (high - low), 0.0, 1.0)
        out[known] = table[(share * (len(table) - 1)).astype(int)]
        mappable = ScalarMappable(Normalize(low, high), ListedColormap(table))
        colour_bar(figure, axes, mappable, label(chosen), style)
    return out


def _legend(axes: Axes, words: tuple[str, ...], table: NDArray[np.float64], style: Style) -> None:
    from matplotlib.patches import Patch

    axes.legend(
        handles=[
            Patch(facecolor=colour, linewidth=0, label=word)
            for word, colour in zip(words, table.tolist(), strict=True)
        ],
        loc="upper left",
        bbox_to_anchor=(1.0, 1.0),
        fontsize=0.85 * style.font_size,
        handlelength=1.0,
        handleheight=1.0,
        borderaxespad=0.4,
        frameon=False,
    )
