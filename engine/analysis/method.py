"""What a method of analysis is, and what it leaves: the vocabulary of the analysis bench.

A method is one file of ``engine/analysis`` that declares a `Method` under the name ``METHOD``.
Window, command line and Python find it there: its options become rows, its result becomes
scalars in a table, plots in a view and arrays in a file. Nothing here computes or draws.

For developers: write ``engine/analysis/<name>.py`` with

- a frozen dataclass for the result, with named arrays and the two methods of `Result`;
- a function ``<name>(...)`` for scripts, found as ``engine.<name>`` without another edit, and
  ``<name>_job(...)`` that yields at least every 20 ms;
- ``METHOD = Method(...)``, whose `job` calls that job with the options.

Importing such a file imports no compiler: kernels are in a file ``_<name>_kernels.py`` that is
imported where the work begins and that is compiled when the program is set up. Refuse what cannot
be analysed with a `ParameterError` that names the value and proposes another.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from engine.errors import ParameterError
from engine.exhibit import Parameter, Reference, Value
from engine.job import Job

if TYPE_CHECKING:
    from engine.systems.system import System

Array = NDArray[np.float64]
Takes = Literal["series", "states", "system"]


@dataclass(frozen=True)
class Sampled:
    """Numbers measured or computed at even steps of time.

    Attributes
    ----------
    values : array (m, n)
        A row a moment, a column a variable; C-contiguous float64.
    step : float
        Time between two rows; 1 for maps.
    names : tuple of n str
    start : float
        Time of the first row.
    title : str
        Where they come from, for captions.
    """

    values: Array
    step: float = 1.0
    names: tuple[str, ...] = ()
    start: float = 0.0
    title: str = ""

    @property
    def series(self) -> Array:
        """The first column, shape ``(m,)``, C-contiguous."""
        return np.ascontiguousarray(self.values[:, 0])

    @property
    def times(self) -> Array:
        """Times of the rows, shape ``(m,)``."""
        return np.asarray(self.start + self.step * np.arange(len(self.values)), dtype=np.float64)


@dataclass(frozen=True)
class Subject:
    """What is analysed.

    Attributes
    ----------
    sampled : Sampled or None
        There for methods that take a series or states.
    system : System or None
        There for methods that take a system; known or not to the others.
    values : mapping of str to Value
        The system's parameter values.
    initial : array (n,) or None
        Its initial state, its own where absent.
    """

    sampled: Sampled | None = None
    system: System | None = None
    values: Mapping[str, Value] = field(default_factory=lambda: MappingProxyType({}))
    initial: Array | None = None


# ------------------------------------------------------------------------ what is left


@dataclass(frozen=True)
class Scalar:
    """One number of a result.

    Attributes
    ----------
    name, title : str
        The key in tables and files, and the words shown.
    value, stderr : float
        `stderr` is not a number where no error is known.
    unit : str
    label : str
        ``""`` where the number is what it says, else ``estimate`` or ``qualitative``.
    """

    name: str
    title: str
    value: float
    stderr: float = math.nan
    unit: str = ""
    label: str = ""


@dataclass(frozen=True)
class Curve:
    """A line through points, shape ``(m,)`` each; not finite interrupts it.

    `low` and `high` bound a band around it. `reference` marks theory, a bound or a control,
    drawn dashed and muted.
    """

    x: Array
    y: Array
    name: str = ""
    low: Array | None = None
    high: Array | None = None
    reference: bool = False


@dataclass(frozen=True)
class Points:
    """Single points, shape ``(m,)`` each; `sizes` in points, `words` beside some of them."""

    x: Array
    y: Array
    name: str = ""
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class Bars:
    """Bars between `edges` ``(k + 1,)`` of height `heights` ``(k,)``."""

    edges: Array
    heights: Array
    name: str = ""


@dataclass(frozen=True)
class Image:
    """A field over a rectangle.

    Attributes
    ----------
    values : array (rows, columns)
        Row 0 at the bottom; what is not finite is left empty.
    left, right, bottom, top : float
        Outer edges.
    title : str
        What the colour means.
    categories : tuple of str
        Legend where values are whole numbers: value i is the i-th word.
    diverging : bool
        Whether zero is a middle.
    """

    values: NDArray[Any]
    left: float
    right: float
    bottom: float
    top: float
    title: str = ""
    categories: tuple[str, ...] = ()
    diverging: bool = False


Item = Curve | Points | Bars | Image


@dataclass(frozen=True)
class Plot:
    """A picture of a result: items over two axes.

    Attributes
    ----------
    title, x_label, y_label : str
        With units in brackets where there are any.
    items : tuple of Item
        Drawn in order.
    x_log, y_log : bool
    square : bool
        Whether a unit is as long on both axes.
    """

    title: str
    x_label: str
    y_label: str
    items: tuple[Item, ...]
    x_log: bool = False
    y_log: bool = False
    square: bool = False


class Result(Protocol):
    """What every result can do: a frozen dataclass with named arrays, and these."""

    def scalars(self) -> tuple[Scalar, ...]:
        """The numbers of a result, the most wanted first."""

    def plots(self) -> tuple[Plot, ...]:
        """The pictures of a result, the most telling first."""


# --------------------------------------------------------------------------- a method


def _nothing(subject: Subject) -> Mapping[str, Value]:
    return {}


@dataclass(frozen=True)
class Method:
    """A method of analysis.

    Attributes
    ----------
    title : str
        As the field says it: Permutation entropy.
    group : str
        The heading it stands under: Lyapunov, Recurrence, Complexity, Dimension, Spectra,
        Embedding, Sections, Equilibria, Planes or Change.
    summary : str
        What it tells, in a paragraph.
    trust : str
        When to believe it and when not, in a paragraph: how many points, which noise.
    takes : str
        ``series`` (one column), ``states`` (columns) or ``system``.
    job : callable
        ``job(subject, options)``, a `Job` of a `Result`; `options` holds a value for every
        option.
    options : tuple of Parameter
        What a person may set; `Parameter.default` counts where nothing is chosen
        automatically.
    automatic : callable
        ``automatic(subject)``: values for some of the options that suit these very numbers,
        shown and editable. Quick: milliseconds for 100,000 points.
    references : tuple of Reference
        Where the method was published, the first one cited in captions.
    key : str
        The name of its file in kebab case; filled in when it is found.
    """

    title: str
    group: str
    summary: str
    trust: str
    takes: Takes
    job: Callable[[Subject, Mapping[str, Value]], Job[Any]]
    options: tuple[Parameter, ...] = ()
    automatic: Callable[[Subject], Mapping[str, Value]] = _nothing
    references: tuple[Reference, ...] = ()
    key: str = ""

    def start(self, subject: Subject, options: Mapping[str, Value] | None = None) -> Job[Any]:
        """The job for a subject, with every option filled in.

        Raises
        ------
        ParameterError
            If an option is unknown or has an impossible value, or the subject lacks what the
            method takes.
        """
        given = self.chosen(subject, options)
        return self.job(subject, given)

    def chosen(
        self, subject: Subject, options: Mapping[str, Value] | None = None
    ) -> dict[str, Value]:
        """The value of every option: given, else automatic, else its default.

        Raises
        ------
        ParameterError
            As `start`.
        """
        if self.takes == "system" and subject.system is None:
            raise ParameterError(
                f"{self.title} needs the equations of a system; measured numbers have none"
            )
        if self.takes != "system" and subject.sampled is None:
            raise ParameterError(f"{self.title} needs numbers; there are none yet")
        known = {option.name: option for option in self.options}
        options = dict(options or {})
        for name in options:
            if name not in known:
                raise ParameterError(
                    f"{self.title} has no option '{name}'; it has {', '.join(known) or 'none'}"
                )
        values: dict[str, Value] = {name: option.default for name, option in known.items()}
        if set(options) != set(known):
            values |= self.automatic(subject)
        values |= options
        return {name: known[name].check(value, self.title) for name, value in values.items()}


def measured(
    values: object, what: str, least: int = 2, columns: int | None = None
) -> NDArray[np.float64]:
    """Numbers as a C-contiguous array ``(m, n)``, checked.

    Parameters
    ----------
    values : array-like, (m,) or (m, n)
    what : str
        Who asks, for errors.
    least : int
        Rows needed.
    columns : int, optional
        How many there must be.

    Raises
    ------
    ParameterError
        If there are too few, some are not finite, or the shape is wrong.
    """
    try:
        rows = np.ascontiguousarray(np.asarray(values, dtype=np.float64))
    except (TypeError, ValueError) as error:
        raise ParameterError(f"{what} needs numbers: {error}") from error
    shape = rows.shape
    if rows.ndim == 1:
        rows = rows[:, None]
    if rows.ndim != 2 or (columns is not None and rows.shape[1] != columns):
        wanted = "a series or rows of states" if columns is None else f"{columns} columns"
        raise ParameterError(f"{what} needs {wanted}, got an array of shape {shape}")
    if len(rows) < least:
        raise ParameterError(f"{what} needs at least {least} points, got {len(rows)}")
    broken = ~np.isfinite(rows).all(axis=1)
    if broken.any():
        raise ParameterError(
            f"{what} needs finite numbers; row {int(np.argmax(broken))} and "
            f"{int(broken.sum()) - 1} more are not: fill or cut them first"
        )
    return rows
