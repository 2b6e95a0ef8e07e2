"""What a figure is drawn from: one `Content`, made the same way by the window and by a script.

The window hands over the arrays its process holds (`content`); the command line and scripts
run the exhibit anew (`content_from_run`). Nothing here draws, and nothing here knows how
many pixels a screen has: figures show the data in full.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.errors import ParameterError
from engine.exhibit import Array, Channel, Exhibit, Value, Values
from engine.files.provenance import Provenance, from_run
from engine.job import Job, Partial, run
from engine.tape import Data

BUDGET = 0.02
"""Seconds a process works between two steps of progress."""
WATCHED = 20.0
"""Seconds of watching that a run from nothing shows, unless told otherwise."""
ENOUGH = 100
"""Rows after which an exhibit is taken to show itself whole at once."""


@dataclass(frozen=True)
class Content:
    """What a figure is drawn from.

    Attributes
    ----------
    exhibit : Exhibit
    channel : Channel
        The channel the figure is of.
    data : mapping of str to array
        By channel name: all rows of appended channels, the latest array of the others.
    settings : mapping
        The view's options; those missing take their defaults.
    values : mapping
        All parameter values.
    provenance : Provenance
    result : object
        What a job of the view returned (an orbit diagram); None to have it computed.
    """

    exhibit: Exhibit
    channel: Channel
    data: Mapping[str, Array]
    settings: Mapping[str, Value] = field(default_factory=dict)
    values: Values = field(default_factory=dict)
    provenance: Provenance = field(default_factory=Provenance)
    result: Any = None

    @property
    def array(self) -> Array:
        """The channel's array.

        Raises
        ------
        ParameterError
            If the channel has shown nothing yet.
        """
        array = self.data.get(self.channel.name)
        if array is None or not np.size(array):
            raise ParameterError(
                f"channel '{self.channel.name}' of '{self.exhibit.key}' holds nothing to draw "
                "yet; run it for a while first"
            )
        return array

    @property
    def rows(self) -> NDArray[np.float64]:
        """The rows of an appended channel, abscissa first, ``(m, 1 + k)``."""
        return np.asarray(self.array, dtype=np.float64)

    @property
    def names(self) -> tuple[str, ...]:
        """A name for every column after the first."""
        width = self.array.shape[1] - 1 if self.array.ndim == 2 else 0
        if len(self.channel.names) == width:
            return self.channel.names
        return tuple(f"c{i + 1}" for i in range(width))

    @property
    def related(self) -> list[tuple[Channel, NDArray[np.float64]]]:
        """Appended channels to be drawn over this one, with their rows."""
        return [
            (other, np.asarray(self.data[name], dtype=np.float64))
            for name, other in self.exhibit.channels.items()
            if other.over == self.channel.name and np.size(self.data.get(name, ()))
        ]

    def option(self, name: str, default: str) -> str:
        """A setting that is a word."""
        return str(self.settings.get(name, default))

    def number(self, name: str, default: float) -> float:
        """A setting that is a number."""
        value = self.settings.get(name, default)
        return default if isinstance(value, str) else float(value)

    def shown(self, most: int) -> list[str]:
        """The columns that are shown: those chosen, or the first `most`."""
        chosen = [
            name
            for i, name in enumerate(self.names)
            if self.option(f"show.{name}", "shown" if i < most else "hidden") != "hidden"
        ]
        return chosen or list(self.names[:most])

    def range(self, low: str, high: str) -> tuple[float, float] | None:
        """A range that two settings ask for; None for the automatic one."""
        a, b = self.number(low, 0.0), self.number(high, 0.0)
        return (a, b) if b > a else None


def content(
    exhibit: Exhibit,
    channel: Channel,
    data: Mapping[str, Array],
    settings: Mapping[str, Value] | None = None,
    values: Values | None = None,
    provenance: Provenance | None = None,
    result: Any = None,
) -> Content:
    """A `Content` from arrays that nobody writes into later; see there."""
    return Content(
        exhibit,
        channel,
        dict(data),
        dict(settings or {}),
        exhibit.checked(values or {}),
        provenance or from_run(exhibit, values or {}),
        result,
    )


def channel_for(exhibit: Exhibit, view_kind: str, channel: str = "") -> Channel:
    """The channel a view of that kind shows: the one named, or the one the exhibit suggests.

    Raises
    ------
    ParameterError
        If the exhibit has no such channel.
    """
    if channel:
        if channel not in exhibit.channels:
            raise ParameterError(
                f"'{exhibit.key}' has no channel '{channel}'; it has {', '.join(exhibit.channels)}"
            )
        return exhibit.channels[channel]
    for spec in exhibit.views:
        if spec.kind == view_kind:
            return exhibit.channels[spec.channel]
    wanted = {
        "attractor": "trajectory",
        "phase_portrait": "trajectory",
        "time_series": "trajectory",
        "orbit_diagram": "trajectory",
        "curves": "scalar",
        "field": "field",
    }.get(view_kind)
    for found in exhibit.channels.values():
        if found.kind == wanted and not found.over:
            return found
    if wanted is not None:
        raise ParameterError(
            f"'{exhibit.key}' has nothing that a view '{view_kind}' could show; its channels are "
            + ", ".join(f"{name} ({found.kind})" for name, found in exhibit.channels.items())
        )
    return next(iter(exhibit.channels.values()))


def content_job(
    exhibit: Exhibit,
    values: Values | None = None,
    seed: int = 0,
    view_kind: str = "",
    channel: str = "",
    settings: Mapping[str, Value] | None = None,
    duration: float | None = None,
) -> Job[Content]:
    """Run an exhibit anew and take what it shows, as a job.

    Parameters
    ----------
    exhibit : Exhibit
    values : mapping, optional
        Parameter values; the others take their defaults.
    seed : int
    view_kind : str
        The view the figure is of; the exhibit's first where empty.
    channel : str
        The channel shown; the one the view suggests where empty.
    settings : mapping, optional
        The view's options; those the exhibit suggests where None.
    duration : float, optional
        How far to run, in units of the exhibit's clock. By default not at all where the
        exhibit shows itself whole at once, else what a person sees in 20 s.

    Raises
    ------
    ParameterError
        If a value, the channel or the duration cannot be used.
    """
    checked = exhibit.checked(values or {})
    kind = view_kind or (exhibit.views[0].kind if exhibit.views else "")
    shown = channel_for(exhibit, kind, channel)
    if settings is None:
        settings = next(
            (
                spec.settings
                for spec in exhibit.views
                if spec.kind == kind and spec.channel == shown.name
            ),
            {},
        )
    if duration is not None and not (np.isfinite(duration) and duration >= 0):
        raise ParameterError(f"the duration must be a number from 0 on, got {duration}")
    process = exhibit.start(checked, seed)
    data = Data()
    data.update(process.advance(BUDGET, 0.0), exhibit.channels)
    if duration is None:
        # A theory may be there at once for all times to come; it is no run.
        whole = any(
            len(tape.rows) > ENOUGH
            for name, tape in data.tapes.items()
            if not exhibit.channels[name].over
        )
        duration = 0.0 if whole else WATCHED * exhibit.pace.default
    start = data.time
    stop = start + duration
    still = 0
    while data.time < stop * (1 - 1e-12) and not process.finished and still < ENOUGH:
        before = data.time
        data.update(process.advance(BUDGET, stop - before), exhibit.channels)
        # A process that stands still without saying so must not hold the caller for ever.
        still = still + 1 if data.time <= before else 0
        yield Partial(None, data.time - start, duration, f"running {exhibit.title}")
    arrays: dict[str, Array] = {name: tape.rows.copy() for name, tape in data.tapes.items()}
    arrays |= data.latest
    made_by = from_run(exhibit, checked, seed, data.status, view=kind, channel=shown.name)
    return Content(exhibit, shown, arrays, dict(settings), checked, made_by)


def content_from_run(
    exhibit: Exhibit,
    values: Values | None = None,
    seed: int = 0,
    view_kind: str = "",
    channel: str = "",
    settings: Mapping[str, Value] | None = None,
    duration: float | None = None,
    progress: Callable[[Partial[Any]], None] | None = None,
) -> Content:
    """Run an exhibit anew and take what it shows; see `content_job`."""
    return run(content_job(exhibit, values, seed, view_kind, channel, settings, duration), progress)


def preparation(kind: str, source: Content) -> Job[Content] | None:
    """What has to be computed before a figure can be drawn, or None.

    The window runs it on its engine thread; `engine.figures.render` runs what is missing.
    """
    if kind != "orbit_diagram" or source.result is not None or source.exhibit.system is None:
        return None
    return _prepare_orbit_diagram(source)


def prepared(kind: str, source: Content) -> Content:
    """`source` with everything that a figure of that kind needs computed."""
    job = preparation(kind, source)
    return source if job is None else run(job)


def _prepare_orbit_diagram(source: Content) -> Job[Content]:
    from engine.figures.orbit_diagram import diagram_job

    result = yield from diagram_job(source)
    return replace(source, result=result)
