"""Time series on paper: one panel a variable, stacked over a common time axis."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from engine.errors import ParameterError
from engine.figures import _orbit
from engine.figures._content import Content
from engine.figures._style import RASTERISE, Style, frame, span
from engine.systems.angles import broken_at_turns

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST = 6
"""Panels, unless more are asked for."""
ROWS = 4_000
"""Rows of a flow shown where no time is asked for: enough to see single swings."""
ITERATIONS = 200
"""Iterations of a map."""


def draw(figure: Figure, content: Content, style: Style) -> None:
    """Draw every variable against time.

    Raises
    ------
    ParameterError
        If no time is finite.
    """
    rows = content.rows
    time = rows[:, 0]
    window = _window(content)
    if window is None:
        raise ParameterError(f"'{content.channel.name}' has no finite time to draw over")
    names = content.shown(MOST)
    shown = rows[(time >= window[0]) & (time <= window[1])]
    figure.set_layout_engine("constrained", w_pad=0.04, h_pad=0.03, hspace=0.02)
    overlaid = content.option("layout", "stacked") == "overlaid" and len(names) > 1
    panels = figure.subplots(1 if overlaid else len(names), 1, sharex=True, squeeze=False)[:, 0]
    if overlaid:
        panels = np.repeat(panels, len(names))
    discrete = _orbit.discrete(content)
    system = content.exhibit.system
    for panel, name, colour in zip(panels, names, _colours(style, len(names)), strict=True):
        frame(panel)
        x, y = shown[:, 0], shown[:, 1 + content.names.index(name)]
        if system is not None and (period := system.period(name)):
            x, y = broken_at_turns(x, y, period)
        panel.plot(
            x,
            y,
            color=colour,
            linewidth=0.5 if discrete else 0.8,
            marker="o" if discrete else "",
            markersize=1.6,
            markeredgewidth=0,
            rasterized=style.vector and len(shown) > RASTERISE,
            clip_on=False,
            label=_orbit.axis(content, name).words,
        )
        if overlaid:
            continue
        if (upward := span(y)) is not None:
            panel.set_ylim(upward)
        panel.set_ylabel(_orbit.axis(content, name).words, rotation=0, ha="right", va="center")
        panel.locator_params(axis="y", nbins=4)
        panel.tick_params(axis="x", labelbottom=panel is panels[-1])
        if panel is not panels[-1]:
            panel.spines["bottom"].set_visible(False)
            panel.tick_params(axis="x", length=0)
    if overlaid:
        panels[-1].legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), handlelength=1.4)
    panels[-1].set_xlim(window)
    panels[-1].set_xlabel(_orbit.time_label(content.channel))


def _window(content: Content) -> tuple[float, float] | None:
    """The stretch of time shown: the last rows of the run."""
    time = content.rows[:, 0]
    time = time[np.isfinite(time)]
    if not time.size:
        return None
    last = float(time[-1]) - max(0.0, content.number("behind", 0.0))
    time = time[time <= max(last, float(time[0]))]
    wanted = content.number("window", 0.0)
    count = ITERATIONS if content.exhibit.kind == "map" else ROWS
    first = float(time[max(0, len(time) - count)])
    if wanted > 0:
        first = max(float(time[0]), last - wanted)
    return (first, last) if last > first else (first - 0.5, first + 0.5)


def _colours(style: Style, count: int) -> list[str]:
    """Colours in the order of the theme, again from the start where they run out."""
    series = style.tokens.series
    return [series[i % len(series)] for i in range(count)]
