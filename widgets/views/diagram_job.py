"""What the orbit diagram asks of the engine, and the colours of the answer.

Which window is meant, what the computation depends on, the job itself and its counts as
light or ink. Runs on the engine thread, but for recolouring after a change of theme; no
widget is touched.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.drawing.ranges import Range, Window
from engine.exhibit import Value
from engine.job import Job, Partial
from engine.look import Tokens
from engine.systems.system import System
from widgets.views.flat import chosen_range
from widgets.views.view import Context

if TYPE_CHECKING:
    from engine.analysis.orbit_diagram import OrbitImage

REUSE = {"fresh start": "no", "follow up": "up", "follow down": "down"}
"""What a person chooses, and the engine's word for it."""
NUMERIC = ("linear", "log", "integer")


@dataclass(frozen=True)
class Picture:
    """What `job` yields, inside a ``Partial``.

    Attributes
    ----------
    counts : array of float32, shape (rows, columns)
        Samples in each pixel, row 0 at the top.
    pixels : array of uint32, shape (rows, columns)
        The same in colour.
    window : Window
    theme : str
        Whose colours they are.
    """

    counts: NDArray[np.float32]
    pixels: NDArray[np.uint32]
    window: Window
    theme: str


def depends(context: Context) -> Hashable:
    """All that the diagram is computed from; None where there is none to compute."""
    system, settings = context.exhibit.system, context.settings
    if system is None or "parameter" not in settings:
        return None
    parameter = str(settings["parameter"])
    others = tuple(
        (name, value)
        for name, value in context.values.items()
        # The swept parameter is the abscissa: its own value changes nothing.
        if name != parameter and (name in system.parameters or name.startswith("initial."))
    )
    return (
        system.key,
        id(system),
        parameter,
        settings["variable"],
        settings["reuse"],
        window_for(settings, system),
        context.size,
        others,
    )


def diagram_job(context: Context) -> Job[Picture]:
    """The diagram of a context, coarse first."""
    from engine.analysis.orbit_diagram import orbit_image_job

    system, settings, values = context.exhibit.system, context.settings, context.values
    assert system is not None
    parameter = str(settings["parameter"])
    (low, high), upward = window_for(settings, system)
    columns = context.size[0]
    # The engine's columns are values, ours are pixels: the values lie at their middles.
    half = 0.5 * (high - low) / columns
    inner = orbit_image_job(
        system,
        parameter,
        low + half,
        high - half,
        columns=columns,
        rows=context.size[1],
        value_range=upward,
        variable=str(settings["variable"]),
        values={
            name: values[name] for name in system.parameters if name in values and name != parameter
        },
        initial=[
            float(values.get(f"initial.{name}", start))
            for name, start in zip(system.variables, system.initial, strict=True)
        ],
        follow=REUSE[str(settings["reuse"])],
    )

    def picture(image: OrbitImage) -> Picture:
        # Counted upwards from the lowest row; pixels run downwards.
        counts = np.ascontiguousarray(image.image[::-1], dtype=np.float32)
        return Picture(
            counts,
            coloured(counts, context.tokens),
            Window(low, high, *image.value_range),
            context.tokens.name,
        )

    try:
        while True:
            try:
                partial = next(inner)
            except StopIteration as stop:
                return picture(stop.value)
            shown = None if partial.result is None else picture(partial.result)
            yield Partial(shown, partial.done, partial.total, partial.message)
    finally:
        inner.close()


def swept(system: System) -> tuple[str, ...]:
    """The parameters that a diagram can run over."""
    return tuple(
        name for name, parameter in system.parameters.items() if parameter.scale in NUMERIC
    )


def window_for(settings: Mapping[str, Value], system: System) -> tuple[Range, Range | None]:
    """The ranges to compute: of the parameter, and of the variable (None: automatic).

    A window in the settings counts only for the axes it was chosen on: those that
    ``window of`` names or, where nobody has zoomed yet, the diagram's own.
    """
    name = str(settings["parameter"])
    defaults = system.orbit_diagram
    of = str(settings.get("window of", "")) or f"{defaults.parameter} {defaults.variable}"
    across = upward = None
    owner, _, variable = of.partition(" ")
    if owner == name:
        across = chosen_range(settings, "low", "high")
        if variable in ("", settings["variable"]):
            upward = chosen_range(settings, "bottom", "top")
    if across is None and name == defaults.parameter and defaults.high > defaults.low:
        across = (defaults.low, defaults.high)
    if across is None:
        parameter = system.parameters[name]
        low, high = parameter.low, parameter.high
        default = float(parameter.default)
        reach = abs(default) or 1.0
        across = (
            default - reach if low is None else float(low),
            default + reach if high is None else float(high),
        )
    return across, upward


def coloured(counts: NDArray[np.float32], tokens: Tokens) -> NDArray[np.uint32]:
    """Counts as light (dark theme) or ink (light theme), against an even spread."""
    from engine.drawing.brush import colour_density, ramp

    pixels = np.zeros(counts.shape, dtype=np.uint32)
    total = counts.sum(axis=0, dtype=np.float64)
    most = float(total.max(initial=0.0))
    if most <= 0.0:
        return pixels
    rows = counts.shape[0]
    # Of a column spread evenly, every pixel has the weight one; that is already visible.
    weight = (rows / np.maximum(total, 1.0)).astype(np.float32)
    colour_density(
        pixels,
        np.ascontiguousarray(counts * weight),
        ramp(tokens.accent, tokens.text, (0.3, 1.0), turn=0.45),
        0.12 * rows,
        0.25,
    )
    return pixels
