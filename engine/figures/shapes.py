"""Channels that no view has a figure for: points, bands, bars, spectra, vectors, graphs, words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from engine.errors import ParameterError
from engine.figures._content import Content
from engine.figures._style import RASTERISE, Style, frame, label, single_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def draw(figure: Figure, content: Content, style: Style) -> None:
    """Draw the channel by its kind.

    Raises
    ------
    ParameterError
        If its array has another shape than its kind says.
    """
    channel = content.channel
    axes = single_axes(figure)
    frame(axes)
    words = (*channel.axes, "", "")[:2]
    axes.set_xlabel(label(words[0]))
    axes.set_ylabel(label(words[1]))
    drawers = {
        "points": _points,
        "band": _band,
        "vectors": _vectors,
        "spectrum": _spectrum,
        "bars": _bars,
        "graph": _graph,
        "text": _text,
    }
    try:
        drawers[channel.kind](axes, content, style)
    except (IndexError, TypeError, KeyError) as error:
        shape = np.shape(content.array)
        raise ParameterError(
            f"channel '{channel.name}' of '{content.exhibit.key}' ({channel.kind}) cannot be "
            f"drawn: its array has shape {shape}"
        ) from error


def _points(axes: Axes, content: Content, style: Style) -> None:
    array = np.asarray(content.array, dtype=np.float64)
    names = (*content.channel.names, "", "")[:2]
    if not content.channel.axes:
        axes.set(xlabel=label(names[0]), ylabel=label(names[1]))
    size = float(np.clip(300 / max(len(array), 1) ** 0.5, 0.4, 3.0))
    axes.plot(
        array[:, 0],
        array[:, 1],
        linestyle="",
        marker="o",
        markersize=size,
        markeredgewidth=0,
        color=style.tokens.accent,
        rasterized=style.vector and len(array) > RASTERISE,
    )


def _band(axes: Axes, content: Content, style: Style) -> None:
    array = np.asarray(content.array, dtype=np.float64)
    look = style.tokens
    axes.fill_between(
        array[:, 0], array[:, 2], array[:, 3], color=style.faded(look.accent, 0.3), linewidth=0
    )
    axes.plot(array[:, 0], array[:, 1], color=look.accent, linewidth=1.1)


def _vectors(axes: Axes, content: Content, style: Style) -> None:
    array = np.asarray(content.array, dtype=np.float64)
    half = array.shape[1] // 2
    axes.quiver(
        array[:, 0],
        array[:, 1],
        array[:, half],
        array[:, half + 1],
        angles="xy",
        color=style.tokens.accent,
        width=0.002,
    )


def _spectrum(axes: Axes, content: Content, style: Style) -> None:
    array = np.asarray(content.array)
    if np.iscomplexobj(array):
        array = np.column_stack([array.real.ravel(), array.imag.ravel()])
    look = style.tokens
    for line in (axes.axhline, axes.axvline):
        line(0, color=style.faded(look.muted, 0.5), linewidth=style.hairline)
    axes.plot(
        array[:, 0],
        array[:, 1],
        linestyle="",
        marker="o",
        color=look.accent,
        markersize=0.4 * style.font_size,
        markeredgewidth=0,
    )
    if not content.channel.axes:
        axes.set(xlabel="real part", ylabel="imaginary part")


def _bars(axes: Axes, content: Content, style: Style) -> None:
    array = np.asarray(content.array, dtype=np.float64).ravel()
    axes.bar(np.arange(len(array)), array, width=0.8, color=style.tokens.accent)
    if len(content.channel.names) == len(array):
        axes.set_xticks(np.arange(len(array)), content.channel.names)


def _graph(axes: Axes, content: Content, style: Style) -> None:
    from matplotlib.collections import LineCollection

    edges = np.asarray(content.array)[:, :2].astype(int)
    count = int(edges.max()) + 1
    turn = np.arange(count) / count * 2 * np.pi
    places = np.column_stack([np.sin(turn), np.cos(turn)])
    axes.add_collection(
        LineCollection(
            places[edges],
            colors=[style.faded(style.tokens.muted, 0.5)],
            linewidths=0.4,
            zorder=1,
        )
    )
    axes.plot(
        *places.T,
        linestyle="",
        marker="o",
        color=style.tokens.accent,
        markeredgewidth=0,
        markersize=0.4 * style.font_size,
        zorder=2,
    )
    axes.set_aspect("equal")
    axes.set_axis_off()


def _text(axes: Axes, content: Content, style: Style) -> None:
    words = str(np.asarray(content.array).item()).replace("$", r"\$")
    axes.set_axis_off()
    axes.text(0.0, 1.0, words, transform=axes.transAxes, va="top", wrap=True)
