"""A dynamical system as data: what a file in ``assets/systems`` says, checked.

A `System` knows its equations, parameters, ranges, presets and references, and evaluates
its right-hand side and exact Jacobian. It does not integrate (``engine.integrate``) and
does not know views. Reading and writing the files is ``engine.systems.files``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from engine.errors import ParameterError
from engine.exhibit import Parameter, Preset, Reference, Values

if TYPE_CHECKING:
    from engine.equations.model import Model

SystemKind = Literal["flow", "map"]


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
    """A flow ``dx/dt = f(t, x)`` or a map ``x' = f(x)``. See the module docstring.

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
        )

    def values(self, values: Values | None = None) -> NDArray[np.float64]:
        """Parameter values as one array, in the order of `parameters`.

        Raises
        ------
        ParameterError
            If a name is unknown or a value is not a finite number.
        """
        given = dict(values or {})
        out = np.empty(len(self.parameters))
        for i, (name, parameter) in enumerate(self.parameters.items()):
            out[i] = float(parameter.check(given.pop(name, parameter.default), self.key))
        if given:
            raise ParameterError(
                f"'{self.key}' has no parameter '{next(iter(given))}'; it has "
                f"{', '.join(self.parameters) or 'none'}"
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
        """Right-hand side at one state, shape ``(n,)``."""
        out = np.empty(self.dimension)
        self.model.compiled.rhs(float(t), self.state(state), self.values(values), out)
        return out

    def jacobian(
        self, t: float, state: Sequence[float] | NDArray[np.float64], values: Values | None = None
    ) -> NDArray[np.float64]:
        """Exact Jacobian of the right-hand side at one state, shape ``(n, n)``."""
        out = np.empty((self.dimension, self.dimension))
        self.model.compiled.jacobian(float(t), self.state(state), self.values(values), out)
        return out

    @classmethod
    def from_text(cls, text: str, key: str = "untitled") -> System:
        """A system from the text of a file; see ``engine.systems.files``."""
        from engine.systems.files import from_text

        return from_text(text, key)

    def to_toml(self) -> str:
        """The text of the system's file."""
        from engine.systems.files import to_toml

        return to_toml(self)

    def latex(self) -> tuple[str, ...]:
        """One LaTeX line an equation, ``\\dot{x} = ...`` or ``x' = ...``."""
        return self.model.compiled.latex(self.kind, dict(self.symbols))
