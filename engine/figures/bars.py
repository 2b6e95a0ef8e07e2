"""Bars on paper: a handful of numbers side by side, with a line at zero."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from engine.figures._content import Content
from engine.figures._style import Style, frame, label, single_axes

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ZERO = 0.003
NUMBERED = 8


def draw(figure: Figure, content: Content, style: Style) -> None:
    """Draw a row of numbers; those at zero are grey, those above warm."""
    values = np.asarray(content.array, dtype=np.float64).ravel()
    look, axes = style.tokens, single_axes(figure)
    frame(axes)
    words = (*content.channel.axes, "", "")[:2]
    axes.set_xlabel(label(words[0]))
    axes.set_ylabel(label(words[1]))
    largest = float(np.abs(values[np.isfinite(values)]).max(initial=0.0))
    colours = [
        look.muted if abs(value) <= ZERO * largest else look.warm if value > 0 else look.accent
        for value in values
    ]
    places = np.arange(1, len(values) + 1)
    bars = axes.bar(places, values, width=0.62, color=colours)
    axes.axhline(0.0, color=look.muted, linewidth=style.hairline)
    if len(values) <= NUMBERED:
        axes.bar_label(bars, fmt="%.3g", padding=2, fontsize=0.85 * style.font_size)
        axes.margins(y=0.12)
    axes.locator_params(axis="x", integer=True, nbins=12)
    if (upward := content.range("bottom", "top")) is not None:
        axes.set_ylim(*upward)
    if (across := content.range("left", "right")) is not None:
        axes.set_xlim(*across)
