"""The phase portrait on paper: two variables against each other, with the flow around them.

Two-dimensional flows get arrows or streamlines, nullclines and their fixed points, filled
where stable, open where unstable, half filled for saddles. A dense orbit is rasterised
inside PDF and SVG.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from engine.errors import ParameterError
from engine.figures import _orbit
from engine.figures._content import Content
from engine.figures._style import RASTERISE, Style, colour_bar, frame, single_axes, span

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from engine.drawing.ranges import Window

Numbers = NDArray[np.float64]

PIECE = 400
"""Rows a path."""
PAGE = (640, 480)
"""Pixels in which streamlines keep their distance."""


def draw(figure: Figure, content: Content, style: Style) -> None:
    """Draw two variables against each other.

    Raises
    ------
    ParameterError
        If no point is finite.
    """
    names = content.names
    opened = _orbit.default_axes(content.exhibit, names)
    second = opened[2] if opened[2] != _orbit.NONE else opened[1]
    first, second = content.option("x", opened[0]), content.option("y", second)
    draw_plane(figure, content, style, first, second)


def draw_plane(
    figure: Figure,
    content: Content,
    style: Style,
    first: str,
    second: str,
    coloured: bool = False,
) -> None:
    """Draw the variables `first` and `second`, in colours where wanted."""
    x, y = _orbit.column(content, first), _orbit.column(content, second)
    across = content.range("left", "right") or span(x)
    upward = content.range("bottom", "top") or span(y)
    if across is None or upward is None:
        raise ParameterError(
            f"no point of '{content.channel.name}' of '{content.exhibit.key}' is finite, so "
            "there is nothing to draw"
        )
    axes = single_axes(figure)
    frame(axes)
    axes.set(
        xlim=across,
        ylim=upward,
        xlabel=_orbit.axis(content, first).words,
        ylabel=_orbit.axis(content, second).words,
    )
    if content.option("aspect", "fill") == "equal":
        axes.set_aspect("equal", adjustable="datalim")
    system = content.exhibit.system
    if system is not None and (first, second) == tuple(system.variables):
        _flow(axes, content, style, across, upward)
    if coloured:
        _coloured(figure, axes, content, style, x, y)
    elif _orbit.discrete(content):
        size = float(np.clip(300 / math.sqrt(max(len(x), 1)), 0.35, 2.0))
        axes.plot(
            x,
            y,
            linestyle="",
            marker="o",
            markersize=size,
            markeredgewidth=0,
            color=style.tokens.accent,
            zorder=3,
            rasterized=style.vector and len(x) > RASTERISE,
        )
    else:
        width = _width(x, y, across, upward, figure)
        # In pieces: within one path a second pass over the same place would leave no more ink.
        for start in range(0, max(len(x) - 1, 1), PIECE):
            axes.plot(
                x[start : start + PIECE + 1],
                y[start : start + PIECE + 1],
                linewidth=width,
                color=style.tokens.accent,
                zorder=3,
                alpha=0.8,
                solid_capstyle="butt",
                rasterized=style.vector and len(x) > RASTERISE,
            )


def _width(
    x: Numbers,
    y: Numbers,
    across: tuple[float, float],
    upward: tuple[float, float],
    figure: Figure,
) -> float:
    """Width of a curve in points; see `_orbit.line_width`."""
    wide, high = (72 * float(side) for side in figure.get_size_inches())
    places = np.column_stack(
        [
            (x - across[0]) / (across[1] - across[0]) * wide,
            (y - upward[0]) / (upward[1] - upward[0]) * high,
        ]
    )
    return _orbit.line_width(places, (wide, high))


def _coloured(
    figure: Figure, axes: Axes, content: Content, style: Style, x: Numbers, y: Numbers
) -> None:
    """The orbit in the colours of the attractor view."""
    from matplotlib.cm import ScalarMappable
    from matplotlib.collections import LineCollection
    from matplotlib.colors import ListedColormap, Normalize

    values, words = _orbit.colour_values(content)
    shades, low, high = _orbit.shades(values)
    colours = style.colours(content.option("colour_map", "magma"))
    rgb = colours[(shades * 255).astype(int)]
    dense = style.vector and len(x) > RASTERISE
    if _orbit.discrete(content):
        size = float(np.clip(300 / math.sqrt(max(len(x), 1)), 0.35, 2.0))
        axes.scatter(x, y, s=size**2, c=rgb, linewidths=0, rasterized=dense, zorder=3)
    else:
        points = np.column_stack([x, y])
        segments = np.stack([points[:-1], points[1:]], axis=1)
        good = np.isfinite(segments).all(axis=(1, 2))
        across, upward = axes.get_xlim(), axes.get_ylim()
        lines: Any = segments[good]
        axes.add_collection(
            LineCollection(
                lines,
                colors=rgb[:-1][good],
                capstyle="round",
                rasterized=dense,
                zorder=3,
                linewidths=_width(x, y, across, upward, figure),
            ),
            autolim=False,
        )
    if high > low:
        colour_bar(
            figure,
            axes,
            ScalarMappable(Normalize(low, high), ListedColormap(colours)),
            words,
            style,
            shrink=0.4,
            anchor=(0.0, 0.5),
        )


def _flow(
    axes: Axes,
    content: Content,
    style: Style,
    across: tuple[float, float],
    upward: tuple[float, float],
) -> None:
    """What a two-dimensional system does around the orbit."""
    from engine.analysis.phase_plane import arrows, phase_plane, streamlines
    from engine.drawing.ranges import Window

    system = content.exhibit.system
    assert system is not None
    flow = system.kind == "flow"
    values = {name: value for name, value in content.values.items() if name in system.parameters}
    window = Window(*across, *upward)
    time = float(content.rows[-1, 0])
    faint = style.faded(style.tokens.muted, 0.55)
    drawn = content.option("field", "arrows" if flow else "none")
    if drawn == "arrows":
        xs, ys, u, v = arrows(system, window, values, time)
        _arrows(axes, window, xs, ys, u, v, faint, style)
    elif drawn == "streamlines" and flow:
        _streamlines(
            axes,
            window,
            streamlines(system, window, values, time, PAGE, spacing=0.045 * PAGE[0]),
            faint,
            style,
        )
    shown = [content.option(name, "shown") != "hidden" for name in ("nullclines", "fixed points")]
    if not any(shown):
        return
    found = phase_plane(system, window, values, time)
    if shown[0] and flow:
        from matplotlib.collections import LineCollection

        for name, segments, colour in zip(
            system.variables,
            found.nullclines,
            (style.tokens.warm, style.tokens.stable),
            strict=True,
        ):
            words = _orbit.axis(content, name).words
            pieces: Any = segments.reshape(-1, 2, 2)
            axes.add_collection(
                LineCollection(
                    pieces,
                    colors=colour,
                    linewidths=0.8,
                    capstyle="round",
                    zorder=2,
                    label=f"{words} nullcline",
                ),
                autolim=False,
            )
        axes.legend(
            loc="lower right",
            bbox_to_anchor=(1.0, 1.0),
            ncols=2,
            borderaxespad=0.1,
            handlelength=1.4,
        )
    if shown[1]:
        for point in found.fixed_points:
            _mark(axes, point.state, point.stability, style)


def _streamlines(
    axes: Axes,
    window: Window,
    found: tuple[Numbers, Numbers],
    colour: tuple[float, float, float],
    style: Style,
) -> None:
    """Streamlines from pixels to data, each with an arrow head."""
    lines, heads = found
    unit = np.array([window.width / PAGE[0], -window.height / PAGE[1]])
    corner = np.array([window.left, window.top])
    places = corner + lines * unit
    axes.plot(places[:, 0], places[:, 1], color=colour, linewidth=0.6, zorder=1)
    for x, y, u, v in heads:
        length = float(np.hypot(u, v)) or 1.0
        tip = corner + (np.array([x, y]) + np.array([u, v]) / length) * unit
        axes.annotate(
            "",
            xy=tuple(tip),
            xytext=tuple(corner + np.array([x, y]) * unit),
            zorder=1,
            arrowprops={
                "arrowstyle": "-|>,head_length=0.22,head_width=0.1",
                "shrinkA": 0,
                "shrinkB": 0,
                "mutation_scale": 0.9 * style.font_size,
                "color": colour,
                "linewidth": 0.3,
            },
        )


def _arrows(
    axes: Axes,
    window: Window,
    xs: Numbers,
    ys: Numbers,
    u: Numbers,
    v: Numbers,
    colour: tuple[float, float, float],
    style: Style,
) -> None:
    """Arrows of lengths that grow with the speed, but not as fast."""
    across, upward = u / window.width, v / window.height
    speed = np.hypot(across, upward)
    finite = speed[np.isfinite(speed)]
    if not finite.size or finite.max() == 0:
        return
    with np.errstate(invalid="ignore", divide="ignore"):
        length = (speed / finite.max()) ** 0.35 / speed
    length = np.where(np.isfinite(length), length, 0.0)
    cell = 0.85 / max(len(xs), 1)
    axes.quiver(
        xs,
        ys,
        np.nan_to_num(across * length),
        np.nan_to_num(upward * length),
        color=colour,
        scale=1 / cell,
        scale_units="width",
        units="width",
        width=0.0016,
        headwidth=4.5,
        headlength=5,
        headaxislength=4.2,
        pivot="middle",
        zorder=1,
    )


def _mark(axes: Axes, state: tuple[float, ...], stability: str, style: Style) -> None:
    """A fixed point: filled where stable, open where unstable, half filled for a saddle."""
    look = style.tokens
    colour = (
        look.stable
        if stability == "stable"
        else (look.muted if stability == "neutral" else look.unstable)
    )
    axes.plot(
        *state[:2],
        marker="o",
        markersize=0.62 * style.font_size,
        linestyle="",
        fillstyle="left" if stability == "saddle" else "full",
        color=colour,
        markerfacecolor=colour if stability in ("stable", "saddle") else style.background,
        markerfacecoloralt=style.background,
        markeredgecolor=colour,
        markeredgewidth=0.1 * style.font_size,
        zorder=5,
        clip_on=False,
    )
