"""Fields on paper: an image with axes and either a colour bar or the words for its colours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from engine.errors import ParameterError
from engine.figures._content import Content
from engine.figures._style import Style, colour_bar, label, single_axes
from engine.look import colormap, rgb

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_CATEGORIES = 12


def draw(figure: Figure, content: Content, style: Style) -> None:
    """Draw a field (rows, columns), row 0 on top.

    Raises
    ------
    ParameterError
        If the channel is no image.
    """
    field = np.asarray(content.array)
    channel = content.channel
    if field.ndim not in (2, 3) or (field.ndim == 3 and field.shape[2] not in (3, 4)):
        raise ParameterError(
            f"channel '{channel.name}' of '{content.exhibit.key}' must be an image to be drawn "
            f"as a field, got shape {field.shape}"
        )
    axes = single_axes(figure)
    for side in axes.spines.values():
        side.set_color(style.tokens.muted)
    names = (*channel.axes, "", "")[:2]
    units = (*channel.units, "", "")[:2]
    axes.set_xlabel(label(names[0], "", units[0]))
    axes.set_ylabel(label(names[1], "", units[1]))
    rows, columns = field.shape[:2]
    aspect = content.option("aspect", "automatic")
    square = aspect == "square cells" or (aspect != "fill" and 1 / 3 < rows / columns < 3)
    if square:
        figure.set_layout_engine("compressed", w_pad=0.05, h_pad=0.05)
    # Sharp cells where there is room, mixed colours and no moiré where there is not.
    shared: dict[str, Any] = {
        "aspect": "equal" if square else "auto",
        "origin": "upper",
        "interpolation": "auto",
        "interpolation_stage": "rgba",
    }
    axes.locator_params(integer=True, nbins=6)
    if field.ndim == 3:
        axes.imshow(field, **shared)
    elif channel.categories:
        _categories(axes, field, content, style, shared)
    else:
        _numbers(figure, axes, field, content, style, shared)
    # The view counts cells from the left and from below.
    if (across := content.range("left", "right")) is not None:
        axes.set_xlim(across[0] - 0.5, across[1] - 0.5)
    if (upward := content.range("bottom", "top")) is not None:
        low, high = upward[0] - 0.5, upward[1] - 0.5
        axes.set_ylim(rows - 1 - low, rows - 1 - high)


def _numbers(
    figure: Figure,
    axes: Axes,
    field: NDArray[Any],
    content: Content,
    style: Style,
    shared: dict[str, Any],
) -> None:
    """Numbers through a colour map with a colour bar."""
    numbers = np.ma.masked_invalid(field.astype(np.float64))
    from matplotlib.colors import ListedColormap

    name = content.option("colours", content.channel.colormap) or "batlow"
    limits = content.range("low", "high") or _limits(numbers, name)
    colours = ListedColormap(np.asarray(colormap(name))[:, :3]).with_extremes(
        bad=style.faded(style.tokens.muted, 0.3)
    )
    image = axes.imshow(numbers, cmap=colours, vmin=limits[0], vmax=limits[1], **shared)
    colour_bar(figure, axes, image, "", style)


def _limits(numbers: Any, name: str) -> tuple[float, float]:
    """The values at both ends of the colours; diverging maps are centred on zero."""
    if not numbers.count():
        return 0.0, 1.0
    low, high = float(numbers.min()), float(numbers.max())
    if name in ("vik", "roma", "broc", "cork", "RdBu", "coolwarm"):
        high = max(abs(low), abs(high))
        low = -high
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def _categories(
    axes: Axes,
    field: NDArray[Any],
    content: Content,
    style: Style,
    shared: dict[str, Any],
) -> None:
    """Whole numbers as flat colours with a legend."""
    from matplotlib.colors import ListedColormap
    from matplotlib.patches import Patch

    words = content.channel.categories[:MOST_CATEGORIES]
    look = style.tokens
    # Two states are paper and ink; more take the colours of the theme.
    palette = [style.background, look.text] if len(words) == 2 else [style.background, *look.series]
    colours = [rgb(palette[i % len(palette)]) for i in range(len(words))]
    axes.imshow(
        np.clip(field, 0, len(words) - 1).astype(int),
        cmap=ListedColormap(colours),
        vmin=-0.5,
        vmax=len(words) - 0.5,
        **shared,
    )
    axes.legend(
        handles=[
            Patch(facecolor=colour, edgecolor=look.muted, linewidth=style.hairline, label=word)
            for colour, word in zip(colours, words, strict=True)
        ],
        loc="lower right",
        bbox_to_anchor=(1.0, 1.0),
        ncols=len(words),
        handlelength=1.0,
        handleheight=1.0,
        borderaxespad=0.2,
        columnspacing=1.2,
        handletextpad=0.5,
    )
