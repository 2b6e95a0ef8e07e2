"""The orbit diagram on paper: samples binned to the resolution of the figure, as ink.

The number of samples in a pixel becomes the darkness of the ink, column by column, so that
windows, bands and the curves of the critical point all show. Computed anew where the window
has not done so yet.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from engine.errors import ParameterError
from engine.figures._content import Content
from engine.figures._style import Style, label, single_axes
from engine.job import Job

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COLUMNS = 2000
FOLLOW = {"follow up": "up", "follow down": "down"}
"""The view's words for columns that start from the last state of the one before."""
Numbers = NDArray[np.float64]


def draw(figure: Figure, content: Content, style: Style) -> None:
    """Draw an orbit diagram.

    Raises
    ------
    ParameterError
        If the exhibit has no system behind it or no sample is finite.
    """
    diagram = content.result
    if diagram is None:
        raise ParameterError(f"'{content.exhibit.key}' has no system, so no orbit diagram")
    values = np.asarray(diagram.parameter_values, dtype=np.float64)
    samples = np.asarray(diagram.samples, dtype=np.float64)
    axes = single_axes(figure)
    upward = content.range("bottom", "top") or _span(samples)
    if upward is None or not len(values):
        raise ParameterError(
            f"every run of '{content.exhibit.key}' left its bounds, so the orbit diagram is "
            "empty; choose another range of the parameter"
        )
    half = 0.5 * (values[-1] - values[0]) / max(len(values) - 1, 1) or 0.5
    across = (float(values[0] - half), float(values[-1] + half))
    parameter = content.exhibit.parameters.get(diagram.parameter)
    axes.set(
        xlim=across,
        ylim=upward,
        xlabel=label(
            diagram.parameter,
            parameter.symbol if parameter else "",
            parameter.unit if parameter else "",
        ),
        ylabel=_variable_label(content, diagram.variable),
    )
    wide, high = (float(side) * style.dpi for side in figure.get_size_inches())
    # A pixel of the image is half a point or a pixel of the page, whichever is larger.
    fine = max(1.0, style.dpi / 72 * 0.3)
    shade = ink(samples, upward, max(16, int(0.85 * high / fine)))
    most = max(16, int(0.9 * wide / fine))
    if shade.shape[1] > most:
        shade = _narrowed(shade, most)
    axes.imshow(
        _page(shade, style),
        extent=(*across, *upward),
        aspect="auto",
        origin="lower",
        interpolation="nearest",
        zorder=0,
    )


def ink(samples: Numbers, upward: tuple[float, float], rows: int) -> Numbers:
    """Darkness between 0 and 1 of every pixel, ``(rows, columns)``, lowest row first.

    Parameters
    ----------
    samples : array (columns, keep)
        Numbers that are not finite leave no ink.
    upward : tuple of float
        The range of the ordinate.
    rows : int
    """
    columns = len(samples)
    with np.errstate(invalid="ignore"):
        places = np.floor((samples - upward[0]) / (upward[1] - upward[0]) * rows)
    inside = (places >= 0) & (places < rows)
    column = np.broadcast_to(np.arange(columns)[:, None], samples.shape)[inside]
    flat = places[inside].astype(np.int64) * columns + column
    counts = np.bincount(flat, minlength=rows * columns).reshape(rows, columns)
    # Against an even spread over the column: 1 is what noise would leave.
    total = np.maximum(counts.sum(axis=0), 1)
    dense = counts * (rows / 8) / total
    shade: Numbers = 1 - np.exp(-(dense**0.6))
    return shade


def _narrowed(shade: Numbers, columns: int) -> Numbers:
    """Fewer columns, each the mean of its part; thin lines become lighter, not broken."""
    edges = np.linspace(0, shade.shape[1], columns + 1).astype(int)
    mean: Numbers = np.add.reduceat(shade, edges[:-1], axis=1) / np.diff(edges)
    return mean


def _page(shade: Numbers, style: Style) -> Any:
    """The ink in the colour of the text on the background, ``(rows, columns, 3)`` bytes."""
    ink_colour = np.array(style.faded(style.tokens.text, 1.0))
    paper = np.array(style.faded(style.background, 1.0))
    page = paper + shade[..., None] * (ink_colour - paper)
    return (255 * page + 0.5).astype(np.uint8)


def _span(samples: Numbers) -> tuple[float, float] | None:
    """Where the ordinate runs: all but the rarest samples, with a margin."""
    finite = samples[np.isfinite(samples)]
    if not finite.size:
        return None
    low, high = (float(number) for number in np.percentile(finite, [0.01, 99.99]))
    room = 0.04 * (high - low) or 0.1 * abs(high) or 1.0
    return low - room, high + room


def _variable_label(content: Content, name: str) -> str:
    """The label of the ordinate."""
    symbols = dict(zip(content.channel.names, content.channel.symbols, strict=False))
    words = label(name, symbols.get(name, ""))
    return words if content.exhibit.kind == "map" else f"maxima of {words}"


def diagram_job(content: Content) -> Job[Any]:
    """The orbit diagram that the view's options ask for, as a job."""
    from engine.analysis.orbit_diagram import orbit_diagram_job

    system = content.exhibit.system
    assert system is not None
    opened = system.orbit_diagram
    parameter = content.option("parameter", "") or opened.parameter or next(iter(system.parameters))
    low_high = content.range("low", "high")
    if low_high is None:
        known = system.parameters[parameter]
        low_high = (
            (opened.low, opened.high)
            if parameter == opened.parameter
            else (float(known.low or 0.0), float(known.high if known.high is not None else 1.0))
        )
    values = {
        name: float(content.values[name]) for name in system.parameters if name in content.values
    }
    initial = [
        float(content.values.get(f"initial.{name}", start))
        for name, start in zip(system.variables, system.initial, strict=True)
    ]
    job: Job[Any] = orbit_diagram_job(
        system,
        parameter,
        *low_high,
        columns=int(content.number("columns", COLUMNS)),
        variable=content.option("variable", "") or opened.variable or None,
        values=values,
        initial=initial,
        follow=FOLLOW.get(content.option("reuse", ""), "no"),
    )
    return job
