"""Curves on paper: scalars against their abscissa, theory dashed over measurement, log axes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.errors import ParameterError
from engine.figures import _orbit
from engine.figures._content import Content
from engine.figures._style import RASTERISE, Style, frame, label, single_axes, span

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SHOWN = 8
"""Curves, unless more are asked for."""


def draw(figure: Figure, content: Content, style: Style) -> None:
    """Draw the columns of a scalar channel.

    Raises
    ------
    ParameterError
        If no number is finite.
    """
    rows, names, channel = content.rows, content.names, content.channel
    chosen = content.shown(SHOWN)
    scales = _scales(content)
    axes = single_axes(figure)
    frame(axes)
    axes.set_xscale(scales[0])
    axes.set_yscale(scales[1])
    series = style.tokens.series
    colours = {name: series[i % len(series)] for i, name in enumerate(names)}
    for name in chosen:
        axes.plot(
            rows[:, 0],
            rows[:, 1 + names.index(name)],
            color=colours[name],
            linewidth=1.1,
            label=_words(name, _orbit.symbol_of(channel, name)),
            rasterized=style.vector and len(rows) > RASTERISE,
            zorder=2,
        )
    drawn = [rows]
    for other, theory in content.related:
        if content.option("theory", "shown") == "hidden":
            break
        own = other.names if len(other.names) == theory.shape[1] - 1 else ()
        for i, name in enumerate(own):
            if name in chosen:
                axes.plot(
                    theory[:, 0],
                    theory[:, 1 + i],
                    color=style.tokens.text,
                    linewidth=0.8,
                    linestyle=(0, (4, 2.4)),
                    zorder=3,
                )
        drawn.append(theory)
    _limits(axes, content, rows, chosen, scales)
    axes.set_xlabel(_orbit.time_label(channel))
    words = channel.axes[1] if len(channel.axes) > 1 else ""
    unit = channel.units[1] if len(channel.units) > 1 else ""
    axes.set_ylabel(label(words, "", unit))
    _legend(figure, axes, content, style, len(chosen), len(drawn) > 1)


def _words(name: str, symbol: str) -> str:
    """A curve's name, and its symbol after it."""
    set_ = label(name, symbol)
    return set_ if len(name) == 1 or set_ == name or not symbol else f"{name}  {set_}"


def _scales(content: Content) -> tuple[str, str]:
    """The scales of both axes."""
    scales = []
    for letter, default in zip("xy", content.channel.scale, strict=True):
        scales.append("log" if content.option(f"{letter} scale", default) == "log" else "linear")
    return scales[0], scales[1]


def _limits(
    axes: Axes,
    content: Content,
    rows: NDArray[np.float64],
    chosen: list[str],
    scales: tuple[str, str],
) -> None:
    """Set where the axes run."""
    columns = [1 + content.names.index(name) for name in chosen]
    across = content.range("left", "right") or _whole(rows[:, 0], scales[0] == "log")
    upward = content.range("bottom", "top") or span(
        rows[:, columns].ravel(), 0.05, scales[1] == "log"
    )
    if across is None or upward is None:
        where = " above zero, as a logarithmic axis needs" if "log" in scales else ""
        raise ParameterError(
            f"channel '{content.channel.name}' of '{content.exhibit.key}' has no finite "
            f"number{where}, so there is nothing to draw"
        )
    if across[1] > across[0]:
        axes.set_xlim(across)
    axes.set_ylim(upward)


def _whole(values: NDArray[np.float64], log: bool) -> tuple[float, float] | None:
    """From the first to the last abscissa, without a margin."""
    finite = values[np.isfinite(values) & ((values > 0) if log else True)]
    return (float(finite.min()), float(finite.max())) if finite.size else None


def _legend(
    figure: Figure, axes: Axes, content: Content, style: Style, count: int, theory: bool
) -> None:
    """Names of the curves, outside the picture where there are many."""
    handles, words = axes.get_legend_handles_labels()
    if theory:
        from matplotlib.lines import Line2D

        handles.append(
            Line2D([], [], color=style.tokens.text, linewidth=0.8, linestyle=(0, (4, 2.4)))
        )
        words.append(next(iter(content.related))[0].title.split(" of ")[0].lower() or "theory")
    if count < 2 and not theory:
        return
    figure_width = 72 * float(figure.get_size_inches()[0])
    wide = style.small * (3 + 0.55 * max(len(word.replace("$", "")) for word in words))
    if wide < 0.35 * figure_width:
        axes.legend(handles, words, loc="upper left", bbox_to_anchor=(1.0, 1.0), handlelength=1.6)
    else:
        # No room beside the picture: over it, where the curves are not.
        axes.legend(handles, words, loc="best", handlelength=1.2, labelspacing=0.3)
