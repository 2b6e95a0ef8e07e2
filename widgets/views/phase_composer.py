"""What the phase portrait shows, drawn into pixels on the engine thread.

The orbit's density, the ghost of the run before, the bright tail and head; the flow of a
two-dimensional system comes from ``phase_field``. No widget is touched here, and NumPy is
all that is needed until something is drawn.
"""

from __future__ import annotations

import time as clock
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.drawing.ranges import Range, SteadyRange, Window, finite_bounds, readable
from engine.look import Tokens
from engine.tape import Data, Tape
from widgets.symbols import plain, symbol_of
from widgets.views.flat import chosen_range
from widgets.views.marks import Mark
from widgets.views.phase_events import last_event, parted
from widgets.views.view import Context

SETTLED = 0.4
"""A run that was looked at for so many seconds is worth a ghost."""

FAINT = 0.25
"""How strong the leap of an event is drawn beside the curve."""


@dataclass(frozen=True)
class Picture:
    """What `compose` returns.

    Attributes
    ----------
    pixels : array of uint32, shape (height, width)
    window : Window
        What the pixels cover.
    marks : tuple of Mark
    caption : str
        Rich text: nullclines, the moment of the field.
    unfinished : bool
        Whether there is more to draw; it is composed again once this one was taken.
    """

    pixels: NDArray[np.uint32]
    window: Window
    marks: tuple[Mark, ...]
    caption: str
    unfinished: bool = False


class Composer:
    """Draws phase portraits, keeping what did not change. Engine thread only.

    Parameters
    ----------
    now : callable
        Seconds on a clock that never goes back.
    """

    def __init__(self, now: Callable[[], float] = clock.monotonic) -> None:
        self._now = now
        self._ranges = (SteadyRange(), SteadyRange())
        self._axes: tuple[str, str] = ("", "")
        self._context: Context | None = None
        self._seen = (-1, -1)
        self._born = 0.0
        self._density: NDArray[np.float32] | None = None
        self._density_key: object = None
        self._inked = 0
        self._top = 10.0
        self._ghost: tuple[NDArray[np.float32], Window, float] | None = None
        self._under: NDArray[np.uint32] | None = None
        self._under_key: object = None
        self._marks: tuple[Mark, ...] = ()
        self._begun: object = None
        self._unfinished = False

    def __call__(self, data: Data, context: Context) -> Picture | None:
        tape = data.tapes.get(context.channel.name)
        if tape is None or len(tape.rows) == 0:
            return None
        seen = (tape.generation, tape.appended)
        if context is self._context and seen == self._seen and not self._unfinished:
            return None
        axes = (str(context.settings["x"]), str(context.settings["y"]))
        if axes != self._axes:
            self._axes, self._ghost, self._density = axes, None, None
            for steady in self._ranges:
                steady.forget()
        now = self._now()
        if seen[0] != self._seen[0]:
            self._keep_ghost(now)
            self._born = now
        self._context, self._seen = context, seen
        names = context.channel.names
        columns = (1 + names.index(axes[0]), 1 + names.index(axes[1]))
        window = self._window(tape, context, columns)
        self._draw_orbit(tape, context, columns, window)
        canvas = self._below(data, context, window).copy()
        self._draw_light(canvas, context, tape, columns, window)
        return Picture(canvas, window, self._marks, self._caption(data, context), self._unfinished)

    def _keep_ghost(self, now: float) -> None:
        # Of a drag, the run before it is what a person wants to compare with.
        if self._density is not None and now - self._born > SETTLED and self._density_key:
            window = self._density_key[2]  # type: ignore[index]
            self._ghost = (self._density, window, self._top)
            self._density = None

    def _window(self, tape: Tape, context: Context, columns: tuple[int, int]) -> Window:
        out: list[Range] = []
        free = True
        rows = tape.rows
        for steady, column, edges in zip(
            self._ranges, columns, (("left", "right"), ("bottom", "top")), strict=True
        ):
            chosen = chosen_range(context.settings, *edges)
            free &= chosen is None
            out.append(chosen or steady.follow(finite_bounds(rows[:, column])))
        window = Window(*out[0], *out[1])
        if free and context.settings.get("aspect") == "equal":
            return _equal(window, context.size)
        return window

    def _draw_orbit(
        self, tape: Tape, context: Context, columns: tuple[int, int], window: Window
    ) -> None:
        """Bring the density up to date, adding only new rows where that is enough."""
        from engine.drawing.brush import dots, ink

        rows = tape.rows
        key = (tape.generation, context.size, window, columns)
        width, height = context.size
        fresh = self._density is None or key != self._density_key
        # What fell off the tape's end stays drawn until a fiftieth of the rows is new.
        fresh |= tape.appended - self._inked > len(rows) // 50 and len(rows) == tape.length
        new = len(rows) if fresh else min(len(rows), tape.appended - self._inked)
        if fresh:
            self._density = np.zeros((height, width), dtype=np.float32)
        assert self._density is not None
        place = (*columns, window.left, width / window.width, window.top, height / window.height)
        if _is_map(context):
            spread = 0.45 if len(rows) < 30_000 else 0.0
            dots(self._density, rows[len(rows) - new :], *place, spread)
        elif new or fresh:
            begin = max(0, len(rows) - new - 1)
            if _has_events(context):
                # Two rows before the first drawn one tell whether what follows is an event.
                before = min(2, begin)
                smooth, leaps = parted(rows[begin - before :], columns, window, before)
                if len(leaps):
                    faint = np.zeros_like(self._density)
                    ink(faint, leaps, *place)
                    self._density += np.float32(FAINT) * np.minimum(faint, np.float32(1.0))
                ink(self._density, smooth, *place)
            else:
                ink(self._density, rows[begin:], *place)
        if fresh:
            drawn = np.count_nonzero(self._density)
            mean = float(self._density.sum()) / drawn if drawn else 1.0
            # A curve drawn once, half a unit a pixel, is seen as well as one drawn often.
            often = min(1.0, max(0.0, (mean - 0.5) / 0.7))
            self._top = max(1.5 + 4.5 * often, 5.0 * mean)
        self._density_key, self._inked = key, tape.appended

    def _below(self, data: Data, context: Context, window: Window) -> NDArray[np.uint32]:
        """What lies under the orbit: the flow and the ghost."""
        from engine.analysis.phase_plane import depends_on_time

        system, settings = context.exhibit.system, context.settings
        plane = system is not None and system.dimension == 2 and self._axes[0] != self._axes[1]
        moment = data.time if plane and system and depends_on_time(system) else 0.0
        ghost = self._ghost if settings.get("ghost", "shown") == "shown" else None
        values = {}
        if plane and system is not None:
            values = {
                name: context.values[name] for name in system.parameters if name in context.values
            }
        wanted = tuple(
            str(settings.get(name, "")) for name in ("field", "nullclines", "fixed points")
        )
        key = (
            window,
            context.size,
            context.tokens.name,
            id(ghost),
            moment,
            wanted,
            self._axes,
            tuple(values.items()),
        )
        if self._under is not None and key == self._under_key:
            return self._under
        canvas = np.zeros((context.size[1], context.size[0]), dtype=np.uint32)
        self._marks = ()
        self._unfinished = False
        if plane and system is not None:
            from widgets.views import phase_field

            # The orbit and its field first: what needs the Jacobian may have to compile it.
            compiled = system.model.compiled
            if self._begun is not compiled and not compiled.loaded("jacobian"):
                self._unfinished = "shown" in wanted[1:]
            self._begun = compiled

            swapped = self._axes[0] == system.variables[1]
            points = phase_field.draw(
                canvas,
                system,
                values,
                moment,
                phase_field.Plane(window, context.size, swapped),
                phase_field.Wishes(
                    wanted[0] or "none",
                    wanted[1] == "shown" and not self._unfinished,
                    wanted[2] == "shown" and not self._unfinished,
                    context.ratio,
                ),
                context.tokens,
            )
            self._marks = tuple(_mark(point, swapped, system.kind) for point in points)
        if ghost is not None:
            _draw_ghost(canvas, ghost, window, context.tokens)
        self._under, self._under_key = canvas, None if self._unfinished else key
        return canvas

    def _draw_light(
        self,
        canvas: NDArray[np.uint32],
        context: Context,
        tape: Tape,
        columns: tuple[int, int],
        window: Window,
    ) -> None:
        """The orbit, its bright tail and the head."""
        from engine.drawing import brush

        tokens, ratio, rows = context.tokens, context.ratio, tape.rows
        assert self._density is not None
        strong = tokens.text
        low = 0.34 if tokens.dark else 0.45
        maps = _is_map(context)
        brush.colour_density(
            canvas,
            self._density,
            brush.ramp(tokens.accent, strong, (low, 1.0), turn=0.5),
            self._top,
            0.45 if maps else 0.08,
        )
        near = rows[max(0, len(rows) - _tail_rows(rows, context, maps)) :]
        if _has_events(context):
            near = near[last_event(near, columns, window) :]
        x = brush.pixel_x(near[:, columns[0]], window, context.size[0])
        y = brush.pixel_y(near[:, columns[1]], window, context.size[1])
        reach = int(12 * ratio)
        # Only the rows of pixels that tail and head can touch.
        low_y, high_y = np.clip(finite_bounds(y) or (0.0, 0.0), 0.0, canvas.shape[0])
        first, stop = max(0, int(low_y) - reach), int(high_y) + reach
        canvas, y = canvas[first:stop], y - first
        coverage = np.zeros(canvas.shape, dtype=np.float32)
        rise = np.linspace(0.0, 1.0, len(near)) ** 1.5
        if maps:
            for px, py, share in zip(x, y, rise, strict=True):
                brush.disc(coverage, px, py, (0.6 + 1.4 * share) * ratio, 1.0)
        else:
            brush.stroke(coverage, x, y, 1.8 * ratio, rise, 0.0)
        head = tokens.warm
        brush.colour_coverage(canvas, coverage, brush.colour(head, 0.95))
        if len(near):
            coverage[:] = 0.0
            brush.disc(coverage, x[-1], y[-1], 1.0 * ratio, 9.0 * ratio)
            brush.colour_coverage(canvas, coverage, brush.colour(head, 0.55))
            coverage[:] = 0.0
            brush.disc(coverage, x[-1], y[-1], 2.6 * ratio, 1.2 * ratio)
            bright = tokens.text if tokens.dark else head
            brush.colour_coverage(canvas, coverage, brush.colour(bright, 1.0))

    def _caption(self, data: Data, context: Context) -> str:
        system = context.exhibit.system
        if system is None or system.dimension != 2 or system.kind != "flow":
            return ""
        from engine.analysis.phase_plane import depends_on_time
        from widgets.views.phase_field import nullcline_colours

        words = []
        if context.settings.get("nullclines") == "shown":
            for name, colour in zip(
                system.variables, nullcline_colours(context.tokens), strict=True
            ):
                symbol = plain(system.symbols.get(name) or symbol_of(name)) or name
                words.append(f"<span style='color:{colour}'>d{symbol}/dt = 0</span>")
        drawn = any(
            context.settings.get(name) in ("shown", "arrows", "streamlines")
            for name in ("field", "nullclines", "fixed points")
        )
        if drawn and depends_on_time(system):
            words.append(f"flow at t = {data.time:.2f}")
        return " &nbsp; ".join(words)


def _equal(window: Window, size: tuple[int, int]) -> Window:
    """The window with as many units a pixel to the right as upwards, made larger for it."""
    unit = max(window.width / max(1, size[0]), window.height / max(1, size[1]))
    x, y = (window.left + window.right) / 2, (window.bottom + window.top) / 2
    across, up = unit * size[0] / 2, unit * size[1] / 2
    return Window(x - across, x + across, y - up, y + up)


def _has_events(context: Context) -> bool:
    return context.exhibit.system is not None and context.exhibit.system.hybrid


def _is_map(context: Context) -> bool:
    system = context.exhibit.system
    return (system.kind if system is not None else context.exhibit.kind) == "map"


def _tail_rows(rows: NDArray[np.float64], context: Context, maps: bool) -> int:
    if maps:
        return 6
    if len(rows) < 2:
        return 1
    recent = rows[-min(len(rows), 200) :, 0]
    step = (recent[-1] - recent[0]) / max(1, len(recent) - 1)
    if not step > 0.0:
        return 40
    return int(min(600, max(12, 0.3 * context.exhibit.pace.default / step)))


def _mark(point: Any, swapped: bool, kind: str) -> Mark:
    x, y = reversed(point.state) if swapped else point.state
    sign = "λ" if kind == "flow" else "μ"
    first, second = point.eigenvalues
    if abs(first.imag) > 0.0:
        values = f"{readable(first.real, 3)} ± {readable(abs(first.imag), 3)}i"
    else:
        values = f"{readable(first.real, 3)}, {readable(second.real, 3)}"
    words = f"{point.kind} ({readable(x, 4)}, {readable(y, 4)}) &nbsp; {sign} = {values}"
    return Mark(x, y, point.stability, words)


def _draw_ghost(
    canvas: NDArray[np.uint32],
    ghost: tuple[NDArray[np.float32], Window, float],
    window: Window,
    tokens: Tokens,
) -> None:
    """The density of the last run, moved to another window by taking the nearest pixel."""
    from engine.drawing import brush

    density, old, top = ghost
    height, width = canvas.shape
    x = window.left + (np.arange(width) + 0.5) * (window.width / width)
    y = window.top - (np.arange(height) + 0.5) * (window.height / height)
    columns = np.floor((x - old.left) * (density.shape[1] / old.width)).astype(np.int64)
    rows = np.floor((old.top - y) * (density.shape[0] / old.height)).astype(np.int64)
    inside = ((rows >= 0) & (rows < density.shape[0]))[:, None] & (
        (columns >= 0) & (columns < density.shape[1])
    )
    moved = density[
        np.clip(rows, 0, density.shape[0] - 1)[:, None], np.clip(columns, 0, density.shape[1] - 1)
    ]
    brush.colour_density(
        canvas,
        np.where(inside, moved, np.float32(0.0)),
        brush.ramp(tokens.muted, tokens.muted, (0.16, 0.3)),
        top,
        0.12,
    )
