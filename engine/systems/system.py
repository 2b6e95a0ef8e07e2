"""A dynamical system as data: what a file in ``assets/systems`` says, checked.

A `System` knows its equations, parameters, ranges, presets and references, and evaluates
its right-hand side and exact Jacobian. It does not integrate (``engine.integrate``) and
does not know views. Reading and writing the files is ``engine.systems.files``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from engine.errors import EquationError, ParameterError, UnknownKeyError
from engine.exhibit import Parameter, Preset, Reference, Values
from engine.systems.parts import ArrayDefinition, Family, Variant

if TYPE_CHECKING:
    from engine.equations.model import Model
    from engine.equations.parts import Event, Table

SystemKind = Literal["flow", "map", "sde", "dde"]
KINDS: tuple[SystemKind, ...] = ("flow", "map", "sde", "dde")


@dataclass(frozen=True)
class RunDefaults:
    """How the system is run unless a person says otherwise.

    Attributes
    ----------
    method : str
        Integration method; ``iterate`` for maps.
    step : float
        Time step; 1 for maps.
    length : int
        Steps kept on screen.
    transient : float
        Time (iterations for maps) discarded by analyses such as the orbit diagram.
    bound : float
        A run stops where ``|state| > bound``.
    speed : float
        Time units (iterations) a second of live watching.
    """

    method: str = "rk4"
    step: float = 0.01
    length: int = 40_000
    transient: float = 100.0
    bound: float = 1e6
    speed: float = 2.0


@dataclass(frozen=True)
class OrbitDiagramDefaults:
    """The orbit diagram a system opens with: over `parameter` from `low` to `high`."""

    parameter: str = ""
    low: float = 0.0
    high: float = 1.0
    variable: str = ""


@dataclass(frozen=True)
class KnownFigure:
    """A published number about the system, for claims: what, value, tolerance, source.

    `values` are the parameter values it holds at. `quantity` is one of

    - ``lyapunov-largest``, ``kaplan-yorke``: per unit of time, natural logarithm;
    - ``divergence``, ``jacobian-determinant``: where they are the same everywhere;
    - ``energy``: departure of the quantity named ``energy`` or ``invariant`` in a default run;
    - ``fixed-point``, ``two-cycle``: first coordinate of one of its states;
    - ``hopf``, ``period-doubling``, ``two-cycle-doubling``: the orbit diagram's parameter;
    - ``period``: of the limit cycle that the default start reaches.

    ``engine.analysis.known`` measures them.
    """

    quantity: str
    value: float
    tolerance: float
    source: str
    values: Values = field(default_factory=dict)
    label: str = "published"


@dataclass(frozen=True)
class System:
    """A flow ``dx/dt = f(t, x)``, a map ``x' = f(x)``, a flow with noise or with delays.

    See the module docstring.

    Attributes
    ----------
    key : str
        The file's name, kebab-case.
    variables : tuple of str
        State variables, in the order of `equations`.
    symbols : mapping of str to str
        LaTeX for variables and parameters whose name does not say it.
    parameters : mapping of str to Parameter
    equations : mapping of str to str
        Variable -> the text of its right-hand side.
    quantities : mapping of str to str
        Named intermediate quantities, usable in the equations, in order.
    functions : mapping of str to str
        ``"f(u, v)"`` -> text.
    initial : tuple of float
    known : tuple of KnownFigure
    families : mapping of str to int
        Variables that differ by an index: ``x`` of size 3 stands for ``x0, x1, x2``, which
        stand together in `variables`.
    arrays : mapping of str to ArrayDefinition
        Array parameters.
    noise : tuple of str
        White noises, families written out.
    history : mapping of str to str
        Variable -> text in ``t`` of what it was before the start.
    options : mapping
        What a file of another program said about running it: total, dt, method.
    """

    key: str
    title: str
    kind: SystemKind
    variables: tuple[str, ...]
    equations: Mapping[str, str]
    parameters: Mapping[str, Parameter]
    initial: tuple[float, ...]
    quantities: Mapping[str, str] = field(default_factory=dict)
    functions: Mapping[str, str] = field(default_factory=dict)
    symbols: Mapping[str, str] = field(default_factory=dict)
    year: int | None = None
    family: str = ""
    summary: str = ""
    notes: str = ""
    tags: tuple[str, ...] = ()
    run: RunDefaults = RunDefaults()
    orbit_diagram: OrbitDiagramDefaults = OrbitDiagramDefaults()
    axes: tuple[str, ...] = ()
    """The three (or two) variables the attractor view opens with."""
    presets: tuple[Preset, ...] = ()
    references: tuple[Reference, ...] = ()
    known: tuple[KnownFigure, ...] = ()
    aliases: Mapping[str, str] = field(default_factory=dict)
    family_definitions: Mapping[str, Family] = field(default_factory=dict)
    edges: Mapping[str, str] = field(default_factory=dict)
    arrays: Mapping[str, ArrayDefinition] = field(default_factory=dict)
    tables: Mapping[str, Table] = field(default_factory=dict)
    noise_definitions: Mapping[str, str] = field(default_factory=dict)
    """Noise -> the size of its family as text, empty for a single one."""
    noise_families: Mapping[str, int] = field(default_factory=dict)
    noise: tuple[str, ...] = ()
    interpretation: str = "ito"
    history: Mapping[str, str] = field(default_factory=dict)
    events: tuple[Event, ...] = ()
    variants: Mapping[str, Variant] = field(default_factory=dict)
    families: Mapping[str, int] = field(default_factory=dict)
    periods: Mapping[str, float] = field(default_factory=dict)
    """Of variables and families that are angles: what a whole turn is."""
    options: Mapping[str, Any] = field(default_factory=dict, compare=False)

    def __hash__(self) -> int:
        return hash((self.key, self.variables, self.initial))

    @property
    def dimension(self) -> int:
        """Number of state variables."""
        return len(self.variables)

    @cached_property
    def model(self) -> Model:
        """The equations parsed and checked."""
        from engine.equations.model import Model

        return Model(
            variables=self.variables,
            parameters=tuple(self.parameters),
            equations=dict(self.equations),
            quantities=dict(self.quantities),
            functions=dict(self.functions),
            **self._grown(),
        )

    def _grown(self) -> dict[str, Any]:
        """What only some models have."""
        parts: dict[str, Any] = {
            "families": dict(self.families),
            "sizes": dict(self.sizes),
            "edges": dict(self.edges),
            "arrays": {name: array.shape for name, array in self.arrays.items()},
            "tables": dict(self.tables),
            "noise": self.noise,
            "noise_families": dict(self.noise_families),
            "delays": self.delayed,
            "history": dict(self.history),
            "events": self.events,
        }
        if self.stochastic:
            parts["interpretation"] = self.interpretation
        return {name: part for name, part in parts.items() if part}

    # ------------------------------------------------------------ what kind it is

    @property
    def stochastic(self) -> bool:
        """Whether noise drives it."""
        return self.kind == "sde"

    @property
    def delayed(self) -> bool:
        """Whether it depends on its past."""
        return self.kind == "dde"

    @property
    def hybrid(self) -> bool:
        """Whether events interrupt it."""
        return bool(self.events)

    @property
    def sizes(self) -> Mapping[str, int]:
        """The parameters that say how many variables there are, with their values."""
        return {name: int(row.default) for name, row in self.parameters.items() if row.size}

    # ------------------------------------------------------------ other forms

    def period(self, variable: str) -> float:
        """What a whole turn of a variable is; 0 where it is no angle."""
        if variable in self.periods:
            return self.periods[variable]
        family = variable.rstrip("0123456789")
        return self.periods.get(family, 0.0) if family in self.families else 0.0

    def resized(self, sizes: Mapping[str, int]) -> System:
        """The same system with other numbers of variables.

        Parameters
        ----------
        sizes : mapping of str to int
            Size parameter -> value; others keep theirs.

        Raises
        ------
        ParameterError
            If a name is no size parameter or a value cannot be used.
        """
        from engine.systems.forms import resized

        return resized(self, tuple(sorted(sizes.items())))

    def at(self, values: Values | None) -> System:
        """This system, or the one of the sizes that `values` ask for."""
        wanted = {
            name: value
            for name, size in self.sizes.items()
            if (value := (values or {}).get(name, size)) != size
        }
        return self.resized(wanted) if wanted else self  # type: ignore[arg-type]

    def variant(self, key: str) -> System:
        """Another form of the system, as its file gives it under ``[variants]``.

        Raises
        ------
        UnknownKeyError
            If the file gives no such form.
        """
        from engine.systems.forms import variant

        if key not in self.variants:
            raise UnknownKeyError(
                f"'{self.key}' has no variant '{key}'; it has {', '.join(self.variants) or 'none'}"
            )
        return variant(self, key)

    # ------------------------------------------------------------ numbers

    def values(self, values: Values | None = None) -> NDArray[np.float64]:
        """Parameter values as one array, which is what kernels take.

        Parameters
        ----------
        values : mapping, optional
            Parameter -> number, array parameter -> array; missing ones take their defaults.

        Returns
        -------
        array
            The parameters in order, the entries of the arrays row by row, and for a system
            with delays one NaN for every delayed term, which whoever integrates fills in.

        Raises
        ------
        ParameterError
            If a name is unknown, a value is not a finite number, or a size is not the one
            this system has (see `at`).
        """
        given: dict[str, Any] = dict(values or {})
        arrays = {name: given.pop(name) for name in self.arrays if name in given}
        scalars = self._scalars(given)
        if not self.arrays and not self.delayed:
            return scalars
        parts = [scalars]
        named = dict(zip(self.parameters, scalars.tolist(), strict=True))
        for name, array in self.arrays.items():
            try:
                entries = (
                    array.checked(name, arrays[name]) if name in arrays else array.entries(named)
                )
            except EquationError as error:
                raise ParameterError(f"'{self.key}': array '{name}': {error.message}") from None
            parts.append(entries.ravel())
        if self.delayed:
            parts.append(np.full(len(self.model.delayed), np.nan))
        return np.concatenate(parts)

    def _scalars(self, given: dict[str, Any]) -> NDArray[np.float64]:
        out = np.empty(len(self.parameters))
        for i, (name, parameter) in enumerate(self.parameters.items()):
            value = given.pop(name, parameter.default)
            out[i] = float(parameter.check(value, self.key))
            if parameter.size and out[i] != parameter.default:
                raise ParameterError(
                    f"'{self.key}' has {name} = {parameter.default} here, got {value}; another "
                    "number of variables is another model: take system.resized first"
                )
        if given:
            raise ParameterError(
                f"'{self.key}' has no parameter '{next(iter(given))}'; it has "
                f"{', '.join((*self.parameters, *self.arrays)) or 'none'}"
            )
        return out

    def state(
        self, initial: Sequence[float] | NDArray[np.float64] | None = None
    ) -> NDArray[np.float64]:
        """The initial state as a fresh array of shape ``(n,)``.

        Raises
        ------
        ParameterError
            If the length is not the system's dimension or a number is not finite.
        """
        state = np.array(self.initial if initial is None else initial, dtype=np.float64)
        if state.shape != (self.dimension,):
            raise ParameterError(
                f"the initial state of '{self.key}' must have {self.dimension} numbers "
                f"({', '.join(self.variables)}), got {state.size}"
            )
        if not np.isfinite(state).all():
            raise ParameterError(
                f"the initial state of '{self.key}' must be finite, got {state.tolist()}"
            )
        return state

    def rhs(
        self, t: float, state: Sequence[float] | NDArray[np.float64], values: Values | None = None
    ) -> NDArray[np.float64]:
        """Right-hand side at one state, shape ``(n,)``; delayed terms have had it for ever."""
        out = np.empty(self.dimension)
        now = self.state(state)
        self.model.compiled.rhs(float(t), now, self._resting(values, now), out)
        return out

    def jacobian(
        self, t: float, state: Sequence[float] | NDArray[np.float64], values: Values | None = None
    ) -> NDArray[np.float64]:
        """Exact Jacobian of the right-hand side at one state, shape ``(n, n)``.

        Derivatives by the present state; delayed terms have had this state for ever.
        """
        out = np.empty((self.dimension, self.dimension))
        now = self.state(state)
        self.model.compiled.jacobian(float(t), now, self._resting(values, now), out)
        return out

    def _resting(self, values: Values | None, state: NDArray[np.float64]) -> NDArray[np.float64]:
        numbers = self.values(values)
        if self.delayed:
            delayed = list(self.model.delayed)
            numbers[len(numbers) - len(delayed) :] = state[delayed]
        return numbers

    @classmethod
    def from_text(cls, text: str, key: str = "untitled") -> System:
        """A system from the text of a file; see ``engine.systems.files``."""
        from engine.systems.files import from_text

        return from_text(text, key)

    @classmethod
    def from_ode(cls, path: str | Path) -> System:
        """A system from an XPPAUT file; see ``engine.files.xppaut``."""
        from engine.files.xppaut import read

        return read(Path(path))

    def to_ode(self) -> str:
        """The system as the text of an XPPAUT file.

        Raises
        ------
        FileFormatError
            If something in it cannot be said there.
        """
        from engine.files.xppaut import write

        return write(self)

    def to_toml(self) -> str:
        """The text of the system's file."""
        from engine.systems.files import to_toml

        return to_toml(self)

    def latex(self) -> tuple[str, ...]:
        """One LaTeX line an equation, ``\\dot{x} = ...`` or ``x' = ...``."""
        return self.model.compiled.latex(self.kind, dict(self.symbols))
