"""Any system as an exhibit: its parameters, its orbit, its views, presets and claims.

`SystemExhibit` wraps what a system file says; nothing about one particular system stands
here. The run itself is ``_system_process``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache
from types import MappingProxyType
from typing import final

from engine.equations.latex import symbol
from engine.errors import PhasescopeError
from engine.exhibit import (
    Channel,
    Claim,
    Exhibit,
    Measurement,
    Pace,
    Parameter,
    Preset,
    Values,
    ViewSpec,
)
from engine.exhibits._orbit_pictures import EMBEDDING, FIELD
from engine.exhibits._system_process import SystemProcess
from engine.systems.system import KnownFigure, System

ITERATE = "iterate"
SMALL = 8
"""Variables of a family up to which each has a slider of its own."""
PLACES = ("celestial", "mechanics")
"""Families whose two axes of many are a place."""

__all__ = ["SystemExhibit", "SystemProcess"]


@final
class SystemExhibit(Exhibit):
    """A system that can be opened.

    Parameters
    ----------
    system : System
    defaults : System, optional
        The system at the sizes it opens with, where `system` has others.
    """

    def __init__(self, system: System, defaults: System | None = None) -> None:
        flow = system.kind != "map"
        self.system = system
        self._defaults = defaults or system
        self.key = system.key
        self.title = system.title
        self.family = system.family
        self.kind = system.kind
        self.summary = system.summary
        self.tags = system.tags
        self.aliases = system.aliases
        self.references = system.references
        self.parameters = MappingProxyType(_parameters(system, self._defaults))
        self.channels = MappingProxyType(_channels(system))
        self.views = _views(system)
        presets = self._defaults.presets
        shown = _parameters(self._defaults, self._defaults)
        self.presets = tuple(_preset(self._defaults, preset, shown) for preset in presets)
        self.claims = _claims(self._defaults)
        speed = system.run.speed
        self.pace = Pace(
            "time units" if flow else "iterations",
            speed,
            speed / 20,
            speed * 500,
            system.run.step if flow else 1.0,
        )

    def start(self, values: Values, seed: int = 0) -> SystemProcess:
        """Begin a run; `seed` is that of the noise where there is any."""
        assert self.system is not None
        sized = self.sized(values)
        if sized is not self:
            return sized.start(values, seed)
        return SystemProcess(self.system, self.parameters, self.checked(values), seed)

    def sized(self, values: Values) -> SystemExhibit:
        """The exhibit with as many variables as the size parameters in `values` say."""
        assert self.system is not None
        if not self.system.sizes:
            return self
        sizes = {
            name: int(self._defaults.parameters[name].check(value, self.key))
            for name, value in {**self._defaults.sizes, **values}.items()
            if name in self._defaults.sizes
        }
        if sizes == self.system.sizes:
            return self
        if sizes == self._defaults.sizes:
            return _sized(self._defaults, ())
        return _sized(self._defaults, tuple(sorted(sizes.items())))

    def latex(self) -> tuple[str, ...]:
        """One line an equation."""
        assert self.system is not None
        return self.system.latex()


@lru_cache(maxsize=32)
def _sized(defaults: System, sizes: tuple[tuple[str, int], ...]) -> SystemExhibit:
    # One object for one size: whoever compares exhibits sees that nothing changed.
    return SystemExhibit(defaults.resized(dict(sizes)) if sizes else defaults, defaults)


def large_families(system: System) -> tuple[str, ...]:
    """Families of so many variables that they are shown as one picture."""
    return tuple(name for name, size in system.families.items() if size > SMALL)


def _parameters(system: System, defaults: System) -> dict[str, Parameter]:
    found = {
        name: defaults.parameters[name] if row.size else row
        for name, row in system.parameters.items()
    }
    # Of a large family only the first variable has a slider for where it starts.
    hidden = {
        f"{name}{i}" for name in large_families(system) for i in range(1, system.families[name])
    }
    for name, value in zip(system.variables, system.initial, strict=True):
        if name in hidden:
            continue
        reach = max(1.0, 2.0 * abs(value))
        found[f"initial.{name}"] = Parameter(
            f"initial.{name}",
            value,
            value - reach,
            value + reach,
            group="initial",
            symbol=f"{system.symbols.get(name, name)}(0)",
            help=f"Where {name} starts",
        )
    run = system.run
    if system.kind != "map":
        from engine.integrate.methods import default_method, methods_for

        methods = methods_for(system)
        chosen = default_method(system)
        found["run.method"] = Parameter(
            "run.method",
            chosen,
            scale="choice",
            choices=methods,
            group="run",
            help="How the equations are integrated",
        )
        found["run.step"] = Parameter(
            "run.step",
            run.step,
            run.step / 50,
            run.step * 20,
            scale="log",
            group="run",
            unit="time units",
            help="Time between two rows, and the step of fixed-step methods",
        )
    else:
        found["run.method"] = Parameter(
            "run.method",
            ITERATE,
            scale="choice",
            choices=(ITERATE,),
            group="run",
            help="A map is iterated",
        )
    found["run.length"] = Parameter(
        "run.length",
        run.length,
        1000,
        1_000_000,
        scale="integer",
        group="run",
        unit="iterations" if system.kind == "map" else "rows",
        help="How much of the orbit is kept",
    )
    found["run.twins"] = Parameter(
        "run.twins",
        1,
        1,
        12,
        scale="integer",
        group="run",
        help="Orbits a millionth apart that leave together, to see them part",
    )
    found["run.restart"] = Parameter(
        "run.restart",
        "initial state",
        scale="choice",
        choices=("initial state", "last state"),
        group="run",
        help="From where a changed parameter starts; from the last state hysteresis shows",
    )
    return found


def _channels(system: System) -> dict[str, Channel]:
    names = system.variables
    symbols = tuple(symbol(name, system.symbols) for name in names)
    axes = ("n",) if system.kind == "map" else ("t",)
    orbit = Channel(
        "orbit",
        "trajectory",
        "Orbit",
        names,
        symbols,
        axes,
        length=system.run.length,
        bindings=MappingProxyType(
            {name: f"initial.{name}" for name in names if not _in_large_family(system, name)}
        ),
    )
    twins = Channel("twins", "trajectory", "Twins", names, symbols, axes, length=system.run.length)
    families = large_families(system)
    fields = {
        f"{FIELD}{name}": Channel(
            f"{FIELD}{name}",
            "field",
            "Space-time" if len(families) == 1 else f"Space-time of {name}",
            axes=("index", "rows of time, newest below"),
            colormap="romaO" if name in system.periods else "",
        )
        for name in families
    }
    channels = {"orbit": orbit, "twins": twins, **fields}
    if system.delayed and system.dimension == 1:
        name = names[0]
        channels[EMBEDDING] = Channel(
            EMBEDDING,
            "trajectory",
            "Delay coordinates",
            (name, f"{name}_delayed", f"{name}_delayed_twice"),
            tuple(f"{symbols[0]}(t{lag})" for lag in ("", r" - \tau", r" - 2\tau")),
            axes,
            length=system.run.length,
        )
    return channels


def _in_large_family(system: System, name: str) -> bool:
    return any(
        name.removeprefix(family).isdigit() and name.startswith(family)
        for family in large_families(system)
    )


def _views(system: System) -> tuple[ViewSpec, ...]:
    axes = system.axes or system.variables[:3]
    fields = large_families(system)
    if fields:
        space = {f"{axis}_axis": name for axis, name in zip("xyz", axes, strict=False)}
        # Place and time have no unit in common: the picture takes the room there is.
        pictures = [
            ViewSpec("field", f"{FIELD}{name}", {"aspect": "fill", **_turn(system, name)})
            for name in fields
        ]
        # Angles that only grow are a straight line in space.
        turning = fields[0] in system.periods
        return (
            pictures[0],
            *(() if turning else (ViewSpec("attractor", "orbit", space, area="right"),)),
            *(replace(picture, area="bottom") for picture in pictures[1:2]),
            ViewSpec("time_series", "orbit", area="bottom"),
        )
    series = ViewSpec("time_series", "orbit", area="right")
    diagram = system.orbit_diagram
    orbit_diagram = ViewSpec(
        "orbit_diagram",
        "orbit",
        {
            "parameter": diagram.parameter,
            "low": diagram.low,
            "high": diagram.high,
            "variable": diagram.variable or system.variables[0],
        },
        area="bottom",
    )
    plain = system.kind in ("flow", "map") and not system.hybrid
    last = (orbit_diagram,) if diagram.parameter and plain else ()
    if EMBEDDING in _channels(system):
        now, then, earlier = _channels(system)[EMBEDDING].names
        space = {"x_axis": now, "y_axis": then, "z_axis": earlier}
        return (
            ViewSpec("attractor", EMBEDDING, space),
            ViewSpec("phase_portrait", EMBEDDING, {"x": now, "y": then}, area="right"),
            ViewSpec("time_series", "orbit", area="bottom"),
        )
    if system.dimension == 1:
        # Of a map the next value over the last says something new; of a flow there is only time.
        beside = (ViewSpec("attractor", "orbit", area="right"),) if system.kind == "map" else ()
        if not last or system.stochastic:
            return (ViewSpec("time_series", "orbit"), *beside)
        wide = ViewSpec(orbit_diagram.kind, "orbit", orbit_diagram.settings)
        return (wide, *beside, ViewSpec("time_series", "orbit", area="bottom"))
    plane = {"x": axes[0], "y": axes[1]}
    if system.hybrid and "neuron" in system.tags:
        return (
            ViewSpec("time_series", "orbit"),
            ViewSpec("phase_portrait", "orbit", plane, area="right"),
        )
    if len(axes) == 2:
        # Two of more variables: where a body is, in a plane whose units are the same.
        place = system.dimension > 2 and system.family in PLACES
        plane |= {"aspect": "equal"} if place else {}
        return (ViewSpec("phase_portrait", "orbit", plane), series, *last)
    space = {f"{axis}_axis": name for axis, name in zip("xyz", axes, strict=False)}
    edges = {"x": axes[0], "y": axes[-1]}
    return (
        ViewSpec("attractor", "orbit", space),
        ViewSpec("phase_portrait", "orbit", edges, area="right"),
        series,
        *last,
    )


def _turn(system: System, name: str) -> dict[str, float]:
    """Of angles the whole turn: on a part of it a cyclic map has one colour for two values."""
    period = system.period(f"{name}0")
    return {"low": -0.5 * period, "high": 0.5 * period} if period else {}


def _preset(system: System, preset: Preset, shown: Mapping[str, Parameter]) -> Preset:
    """With a value for every parameter and variable, so that nothing of the last one stays."""
    values = {name: parameter.default for name, parameter in system.parameters.items()}
    values |= {
        f"initial.{name}": value
        for name, value in zip(system.variables, system.initial, strict=True)
        if f"initial.{name}" in shown
    }
    return Preset(preset.title, MappingProxyType(values | dict(preset.values)), preset.summary)


_SENTENCES: Mapping[str, str] = MappingProxyType(
    {
        "lyapunov-largest": "The largest Lyapunov exponent",
        "kaplan-yorke": "The Kaplan-Yorke dimension of the attractor",
        "fixed-point": "The first coordinate of a fixed point",
        "two-cycle": "The first coordinate of a two-cycle",
        "hopf": "The parameter value of a Hopf bifurcation",
        "period-doubling": "The parameter value of a period doubling",
        "two-cycle-doubling": "The parameter value at which the two-cycle doubles",
        "divergence": "The divergence of the flow on the attractor",
        "jacobian-determinant": "The determinant of the Jacobian on the attractor",
        "energy": "The drift of the conserved quantity",
        "period": "The period of the oscillation",
    }
)


def _claims(system: System) -> tuple[Claim, ...]:
    claims: list[Claim] = []
    for known in system.known:
        same = sum(claim.name.partition("#")[0] == known.quantity for claim in claims)
        claims.append(
            Claim(
                f"{known.quantity}#{same + 1}" if same else known.quantity,
                _sentence(system, known),
                known.source,
                _measure(system, known),
                label=known.label,
            )
        )
    return tuple(claims)


def _sentence(system: System, known: KnownFigure) -> str:
    what = _SENTENCES.get(known.quantity, known.quantity.replace("-", " "))
    values = ", ".join(f"{name} = {_number(value)}" for name, value in known.values.items())
    at = f" at {values}" if values else ""
    return f"{what} of {system.title}{at} is {known.value:.7g}"


def _number(value: float | int | str) -> str:
    return value if isinstance(value, str) else f"{value:.7g}"


def _measure(system: System, known: KnownFigure) -> Callable[[int], Measurement]:
    def measure(seed: int) -> Measurement:
        from engine.analysis.known import measure as measured_by

        try:
            measured = measured_by(system, known)
        except PhasescopeError as error:
            return Measurement(float("nan"), known.value, known.tolerance, False, str(error))
        passed = abs(measured - known.value) <= known.tolerance
        return Measurement(measured, known.value, known.tolerance, passed)

    return measure
