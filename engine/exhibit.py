"""The vocabulary every exhibit is written in: parameters, channels, claims, processes.

Everything on screen is a dynamical system: it has a state, parameters that may change
while it runs, a step, and things to be seen. An `Exhibit` declares them; the `Process` it
starts computes them. This module imports nothing of ours but the errors, so that any part
of the project may speak it.

For developers: to add an exhibit write one file in ``engine/exhibits/<family>/<key>.py``
with a final subclass of `Exhibit` and one of `Process`, and a module-level ``EXHIBIT``
instance. Nothing else needs an edit: the catalogue, the window, the command line, export
and the claims find it there. A process writes these: `Process.advance`, `Process.set`,
`Process.state`, `Process.restore`, `Process.finished`, and `Process.act` where it takes
gestures.
"""

from __future__ import annotations

import math
import re
import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

from numpy.typing import NDArray

from engine.errors import ParameterError

if TYPE_CHECKING:
    from engine.systems.system import System

Value = float | int | str
Values = Mapping[str, Value]
Array = NDArray[Any]

Scale = Literal["linear", "log", "integer", "choice", "text", "source"]
Group = Literal["model", "initial", "run"]
ChannelKind = Literal[
    "trajectory",  # (m, 1 + n) rows appended: time, then the n names
    "scalar",  # (m, 1 + k) rows appended: abscissa, then the k names
    "points",  # (k, d) replaced
    "field",  # (rows, columns) image, replaced
    "band",  # (m, 3 or more): abscissa, centre, low, high, replaced
    "vectors",  # (k, 2 d): places, then directions, replaced
    "surface",  # (rows, columns) heights, replaced
    "spectrum",  # (k,) complex or (k, 2), replaced
    "bars",  # (k,) replaced
    "graph",  # (edges, 2 or 3): from, to, weight, replaced
    "text",  # one string, replaced
]
APPENDED: frozenset[str] = frozenset({"trajectory", "scalar"})


@dataclass(frozen=True)
class Parameter:
    """A value a person may change.

    Attributes
    ----------
    name : str
        Unique within the exhibit; the slider's objectName is ``parameter.<name>``.
    default : float, int or str
        The value an exhibit opens with.
    low, high : float
        Where the slider runs, not where the value must stay.
    symbol : str
        LaTeX, without dollar signs.
    scale : str
        How the slider runs: linear, log, integer, choice, text or source.
    unit, help : str
        Unit, and one line that says what the parameter does.
    live : bool
        True where the value acts while the process runs; False where it restarts it.
    choices : tuple of str
        The values of a choice.
    group : str
        ``model`` (a slider), ``initial`` (an initial state) or ``run`` (how it is computed).
    size : bool
        True where the value says how many variables there are.
    """

    name: str
    default: Value
    low: float | None = None
    high: float | None = None
    symbol: str = ""
    scale: Scale = "linear"
    unit: str = ""
    help: str = ""
    live: bool = True
    choices: tuple[str, ...] = ()
    group: Group = "model"
    size: bool = False

    def check(self, value: object, owner: str = "") -> Value:
        """Return `value` as this parameter's type.

        Raises
        ------
        ParameterError
            If it is not a finite number, a whole number or one of the choices, as needed.
        """
        of = f" of '{owner}'" if owner else ""
        if self.scale in ("text", "source"):
            return str(value)
        if self.scale == "choice":
            if str(value) not in self.choices:
                raise ParameterError(
                    f"parameter '{self.name}'{of} must be one of "
                    f"{', '.join(self.choices)}, got {value!r}"
                )
            return str(value)
        try:
            number = float(value)  # type: ignore[arg-type]
        except (TypeError, ValueError):
            number = math.nan
        except OverflowError:  # a whole number of hundreds of digits, too long to be shown
            raise ParameterError(
                f"parameter '{self.name}'{of} must be a finite number, got one beyond 1e308"
            ) from None
        if not math.isfinite(number):
            raise ParameterError(
                f"parameter '{self.name}'{of} must be a finite number, got {value!r}"
            )
        if self.scale == "integer":
            if number != round(number):
                raise ParameterError(
                    f"parameter '{self.name}'{of} must be a whole number, got {value!r}"
                )
            return round(number)
        return number


@dataclass(frozen=True)
class Channel:
    """A named thing that a process shows.

    Attributes
    ----------
    name, title : str
        The key in `Frame.channels`, and the words above a view.
    kind : str
        One of `ChannelKind`; says the shape of the array and whether rows are appended.
    names : tuple of str
        Names of the components (columns after the first for trajectory and scalar).
    symbols : tuple of str
        LaTeX for `names`; empty to use the names.
    axes : tuple of str
        Labels: (abscissa, ordinate) for scalars, (columns, rows) for fields; for a
        trajectory the first is the time label.
    units : tuple of str
        Units of the axes, same length as `axes` or empty.
    length : int
        Rows kept for an appended channel.
    over : str
        Channel this one is drawn over as a dashed reference (theory over measurement).
    categories : tuple of str
        Legend of an integer-valued field: category i is the i-th word.
    colormap : str
        Name known to cmap, empty for the view's choice.
    bindings : mapping
        Component or axis name -> parameter set by a click or a zoom there.
    gestures : tuple of str
        Names that `Process.act` accepts from a view of this channel.
    scale : tuple of str
        Suggested axis scales, ("linear" or "log") for (abscissa, ordinate).
    labels : tuple of str
        A word for every row of points.
    opens : tuple of str
        Key of the exhibit that every row of points stands for: a double click opens it. A
        binding of ``row`` names the parameter that a click sets to that key.
    legends : mapping
        Column of points -> the words its whole numbers stand for.
    """

    name: str
    kind: ChannelKind
    title: str = ""
    names: tuple[str, ...] = ()
    symbols: tuple[str, ...] = ()
    axes: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    length: int = 100_000
    over: str = ""
    categories: tuple[str, ...] = ()
    colormap: str = ""
    bindings: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    gestures: tuple[str, ...] = ()
    scale: tuple[str, str] = ("linear", "linear")
    labels: tuple[str, ...] = ()
    opens: tuple[str, ...] = ()
    legends: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True)
class Reference:
    """Where something was published.

    Attributes
    ----------
    authors : str
        As they are read: ``J. Nagumo, S. Arimoto and S. Yoshizawa``.
    year : int
    title, source, doi : str
        `source` is the journal with volume and pages, or the publisher.
    """

    authors: str
    year: int
    title: str
    source: str = ""
    doi: str = ""

    def bibtex(self, key: str = "") -> str:
        """The reference as a BibTeX entry, by default under first author and year."""
        authors = re.split(r",\s+|\s+and\s+", self.authors)
        # Labels of classic BibTeX are plain ASCII, and commas do not part its authors.
        surname = unicodedata.normalize("NFKD", authors[0].split()[-1].lower())
        label = key or f"{surname.encode('ascii', 'ignore').decode()}{self.year}"
        lines = [
            f"@article{{{label},",
            f"  author = {{{' and '.join(authors)}}},",
            f"  title = {{{self.title}}},",
            f"  year = {{{self.year}}},",
        ]
        if self.source:
            lines.append(f"  journal = {{{self.source}}},")
        if self.doi:
            lines.append(f"  doi = {{{self.doi}}},")
        return "\n".join([*lines, "}"])

    def line(self) -> str:
        """The reference as one line of text."""
        tail = f" {self.source}." if self.source else ""
        doi = f" doi:{self.doi}" if self.doi else ""
        return f"{self.authors} ({self.year}). {self.title}.{tail}{doi}"


@dataclass(frozen=True)
class Measurement:
    """What a claim measured on a fresh run."""

    measured: float
    expected: float
    tolerance: float
    passed: bool
    detail: str = ""


@dataclass(frozen=True)
class Claim:
    """A sentence from the paper, and the function that measures it on a fresh run.

    Attributes
    ----------
    name, sentence, source : str
        Short key, the sentence, and where it is published.
    measure : callable
        ``measure(seed) -> Measurement``.
    quick : bool
        True where it takes at most a few seconds, so that the test suite runs it.
    label : str
        How far the expected figure is to be trusted: ``exact``, ``published``,
        ``estimate``, ``qualitative`` or ``not verified``.
    """

    name: str
    sentence: str
    source: str
    measure: Callable[[int], Measurement]
    quick: bool = True
    label: str = "published"


@dataclass(frozen=True)
class Preset:
    """Named parameter values worth a look; `values` may name any parameter."""

    title: str
    values: Values
    summary: str = ""


@dataclass(frozen=True)
class Pace:
    """The exhibit's own clock: what a second of watching advances.

    Attributes
    ----------
    unit : str
        ``time units``, ``iterations``, ``generations``, ``steps``.
    default, low, high : float
        Units a second, and where the speed slider (logarithmic) runs.
    step : float
        Units that the Step button advances.
    """

    unit: str = "time units"
    default: float = 1.0
    low: float = 0.1
    high: float = 100.0
    step: float = 0.01


@dataclass(frozen=True)
class ViewSpec:
    """A view the exhibit suggests: kind, channel, its settings and where it stands.

    `area` is one of ``main``, ``right``, ``bottom``; several in one area are stacked in
    order, and those with the same ``tab`` word share a place.
    """

    kind: str
    channel: str
    settings: Mapping[str, Value] = field(default_factory=dict)
    area: str = "main"
    tab: str = ""


@dataclass(frozen=True)
class Frame:
    """What a process shows after an `advance`: a time, and an array per changed channel.

    A frame owns its arrays: nobody writes into them afterwards. For appended channels the
    array holds the new rows only, unless `restarted`, when it holds all rows so far.

    Attributes
    ----------
    time : float
        On the exhibit's own clock.
    channels : mapping of str to array
        By channel name; channels that did not change may be absent.
    restarted : bool
        True where appended channels start anew with this frame.
    status : mapping
        For the status line: ``method``, ``step``, ``error`` (local error estimate),
        ``rate`` (steps a second), ``device``, ``message`` (why a run stopped); ``length``
        where a run keeps another number of rows than its channels declare; ``left_out``
        (how many things that should be points are none).
    """

    time: float
    channels: Mapping[str, Array]
    restarted: bool = False
    status: Mapping[str, Any] = field(default_factory=dict)


class Process(ABC):
    """A running exhibit. Concrete classes are final. Used by one thread at a time."""

    @abstractmethod
    def advance(self, budget: float, limit: float = math.inf) -> Frame:
        """Work for at most `budget` seconds and `limit` units of the exhibit's clock.

        The first call after `start`, `set` of a restarting parameter or `restore` returns a
        frame with ``restarted=True`` that holds everything there is to show; with
        ``limit=0`` that is all it does, so that a paused exhibit still follows its sliders.
        """

    @abstractmethod
    def set(self, name: str, value: Value) -> None:
        """Change a parameter while running.

        Raises
        ------
        ParameterError
            If there is no such parameter or the value cannot be used.
        """

    @abstractmethod
    def state(self) -> dict[str, Array]:
        """Everything needed to go on from here: arrays and numbers only."""

    @abstractmethod
    def restore(self, state: Mapping[str, Array]) -> None:
        """Go back to a state that `state` returned."""

    @property
    @abstractmethod
    def finished(self) -> bool:
        """True where `advance` has nothing left to do."""

    def act(self, name: str, payload: Mapping[str, Any]) -> None:
        """Take a gesture (brush a cell, place a state). The process decides what it means.

        Raises
        ------
        ParameterError
            If the process knows no such gesture.
        """
        raise ParameterError(f"this exhibit has no gesture '{name}' ({dict(payload)!r})")


class Exhibit(ABC):
    """What can be opened. Concrete classes are final and stateless; runs live in `Process`.

    Subclasses set these as class or instance attributes.

    Attributes
    ----------
    key, title, family, summary, kind : str
        `key` in kebab-case; `kind` a word for the list: flow, map, lattice, training-dynamics ...
    parameters : mapping of str to Parameter
    channels : mapping of str to Channel
    views : tuple of ViewSpec
        Suggested views, the main one first.
    references : tuple of Reference
    claims : tuple of Claim
    presets : tuple of Preset
    pace : Pace
    tags : tuple of str
    aliases : mapping
        Names other collections use, e.g. ``{"dysts": "Lorenz"}``.
    system : System or None
        The system behind the exhibit where it is one, for analyses.
    """

    key: str
    title: str
    family: str
    kind: str
    summary: str
    parameters: Mapping[str, Parameter]
    channels: Mapping[str, Channel]
    views: tuple[ViewSpec, ...] = ()
    references: tuple[Reference, ...] = ()
    claims: tuple[Claim, ...] = ()
    presets: tuple[Preset, ...] = ()
    pace: Pace = Pace()
    tags: tuple[str, ...] = ()
    aliases: Mapping[str, str] = MappingProxyType({})
    system: System | None = None

    @abstractmethod
    def start(self, values: Values, seed: int = 0) -> Process:
        """Begin a run.

        Parameters
        ----------
        values : mapping
            Parameter values; missing ones take their defaults.
        seed : int
            Same values, seed, versions and device: same numbers.

        Raises
        ------
        ParameterError
            If a name is unknown or a value cannot be used.
        """

    def sized(self, values: Values) -> Exhibit:
        """The exhibit at the sizes that `values` ask for; itself where nothing changes.

        Overridden where a parameter says how many variables there are: its channels then
        have other columns.
        """
        return self

    def latex(self) -> tuple[str, ...]:
        """The equations as LaTeX lines, without dollar signs."""
        return ()

    def checked(self, values: Values) -> dict[str, Value]:
        """All parameter values, those given checked and the others at their defaults."""
        unknown = [name for name in values if name not in self.parameters]
        if unknown:
            raise ParameterError(
                f"'{self.key}' has no parameter '{unknown[0]}'; it has {', '.join(self.parameters)}"
            )
        return {
            name: parameter.check(values[name], self.key) if name in values else parameter.default
            for name, parameter in self.parameters.items()
        }
