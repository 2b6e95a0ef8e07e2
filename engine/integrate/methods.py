"""All integration methods by key, and which of them suit a system.

Methods are data: explicit ones are `Tableau`, the stiff one is `Rosenbrock`, symplectic
ones are `Composition`; methods for noise and delays are a `Scheme`, whose driver is the
method. This module computes no trajectory.

For developers: an explicit method is one entry in ``tableaus``, a symplectic one an entry
in `COMPOSITIONS` here. ``tests/engine/integrate`` measures the order of every entry.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.errors import ParameterError, UnknownKeyError
from engine.integrate.rosenbrock import RODAS5P, Rosenbrock
from engine.integrate.tableaus import TABLEAUS, Tableau

if TYPE_CHECKING:
    from engine.systems.system import System

Array = NDArray[np.float64]

ITERATE = "iterate"
"""The method of maps."""
ALIASES: Mapping[str, str] = MappingProxyType({"dde-rk4": "steps-rk4", "em": "euler-maruyama"})
"""Other names that are understood."""
MOST_STIFF = 500
"""State variables up to which a Jacobian is decomposed at every step."""
MOST_SLOPES = 2_000_000
"""Entries of the derivative of the noise's coefficients up to which Milstein is offered."""


@dataclass(frozen=True, eq=False)
class Composition:
    """A symplectic method: symmetric steps of Störmer and Verlet one after the other.

    Attributes
    ----------
    key, title : str
    order : int
    parts : array (stages,)
        Lengths of the steps, in steps of the whole; they add up to 1.
    reference : str
    """

    key: str
    title: str
    order: int
    parts: Array
    reference: str

    @property
    def adaptive(self) -> bool:
        """False: a changing step would undo what makes the method symplectic."""
        return False


@dataclass(frozen=True)
class Scheme:
    """A method at a fixed step for equations with noise or with delays.

    Attributes
    ----------
    key, title : str
    order : float
        Strong order for noise: the mean error of a path falls as ``h**order``.
    normals : int
        Standard normal numbers that a step takes for every noise; 0 for delays.
    reference : str
    """

    key: str
    title: str
    order: float
    normals: int
    reference: str

    @property
    def adaptive(self) -> bool:
        """False."""
        return False


Method = Tableau | Rosenbrock | Composition | Scheme


def _yoshida(key: str, order: int, half: list[float]) -> Composition:
    """From the outer steps inwards; the middle one is what is missing to 1."""
    parts = np.array([*half, 1.0 - 2.0 * sum(half), *reversed(half)])
    return Composition(
        key, f"Yoshida {order}", order, parts, "H. Yoshida, Physics Letters A 150, 262-268 (1990)"
    )


COMPOSITIONS: Mapping[str, Composition] = MappingProxyType(
    {
        composition.key: composition
        for composition in (
            Composition(
                "verlet",
                "Störmer-Verlet",
                2,
                np.ones(1),
                "L. Verlet, Physical Review 159, 98-103 (1967)",
            ),
            _yoshida("yoshida4", 4, [1.0 / (2.0 - 2.0 ** (1.0 / 3.0))]),
            # Solution A of Yoshida's table for order 6.
            _yoshida("yoshida6", 6, [0.784513610477557, 0.2355732133593581, -1.177679984178871]),
        )
    }
)
"""Symplectic methods for separable systems, by key."""

SCHEMES: Mapping[str, Scheme] = MappingProxyType(
    {
        scheme.key: scheme
        for scheme in (
            Scheme(
                "euler-maruyama",
                "Euler-Maruyama",
                0.5,
                1,
                "G. Maruyama, Rendiconti del Circolo Matematico di Palermo 4, 48-90 (1955)",
            ),
            Scheme(
                "milstein",
                "Milstein",
                1.0,
                1,
                "G. N. Milstein, Theory of Probability and its Applications 19, 557-562 (1974)",
            ),
            Scheme(
                "sra1",
                "SRA1",
                1.5,
                2,
                "A. Rößler, SIAM Journal on Numerical Analysis 48, 922-952 (2010)",
            ),
            Scheme(
                "steps-rk4",
                "RK4 by steps",
                4.0,
                0,
                "A. Bellen, M. Zennaro, Numerical Methods for Delay Differential Equations, "
                "Oxford University Press 2003",
            ),
        )
    }
)
"""Methods for noise and for delays, by key."""

METHODS: Mapping[str, Method] = MappingProxyType(
    {**TABLEAUS, RODAS5P.key: RODAS5P, **COMPOSITIONS, **SCHEMES}
)
"""Every method but the iteration of maps, by key. `methods_for` says which suit a system."""


def method(key: str) -> Method:
    """The method `key`.

    Raises
    ------
    UnknownKeyError
        If there is none of that name.
    """
    try:
        lower = key.lower()
        return METHODS[ALIASES.get(lower, lower)]
    except (KeyError, AttributeError):
        raise UnknownKeyError(
            f"there is no integration method {key!r}; flows take {', '.join(FLOW)}, separable "
            f"ones also {', '.join(COMPOSITIONS)}; noise takes {', '.join(NOISE)}; delays take "
            f"{', '.join(DELAY)}"
        ) from None


FLOW = (*TABLEAUS, RODAS5P.key)
NOISE = ("euler-maruyama", "milstein", "sra1")
DELAY = ("steps-rk4",)


def methods_for(system: System) -> tuple[str, ...]:
    """Keys of the methods that suit a system, in the order of `METHODS`.

    Flows take the explicit methods and Rodas5P, and the symplectic ones where positions and
    momenta move each other and nothing interrupts them. Noise takes Euler-Maruyama,
    Milstein where its coefficients commute, SRA1 where it is additive.
    """
    return tuple(key for key in (ITERATE, *METHODS) if not _objection(system, key))


def default_method(system: System) -> str:
    """The system's own method where it suits, else the most accurate that does."""
    own = ALIASES.get(system.run.method.lower(), system.run.method.lower())
    if own in METHODS and not _objection(system, own):
        return own
    for key in ("rk4", "sra1", "milstein", "euler-maruyama", *DELAY):
        if not _objection(system, key):
            return key
    return ITERATE


def checked_method(system: System, key: str | None) -> str:
    """The method's key, or the system's own (see `default_method`) where None.

    Raises
    ------
    UnknownKeyError
        If there is no such method.
    ParameterError
        If it does not suit the system; the sentence says what does.
    """
    if key is None or key == "":
        key = default_method(system)
    key = key.lower()
    if key != ITERATE and system.kind != "map":
        key = method(key).key
    objection = _objection(system, key)
    if objection:
        raise ParameterError(f"'{system.key}' is {objection}, got the method '{key}'")
    return key


def _objection(system: System, key: str) -> str:
    """Why a method does not suit, as what the system is; empty where it does."""
    if system.kind == "map":
        if key != ITERATE:
            return "a map and can only be iterated"
        return "a map with events, which only flows can have" if system.hybrid else ""
    if key == ITERATE:
        return "a flow and cannot be iterated"
    if system.kind == "sde":
        return _noise_objection(system, key)
    if system.kind == "dde":
        if system.hybrid:
            return "a flow with delays and events, which no method here takes together"
        return "" if key in DELAY else f"a flow with delays, which takes {' or '.join(DELAY)}"
    if key in NOISE:
        return f"a flow without noise, which takes {', '.join(FLOW)}"
    if key in DELAY:
        return f"a flow without delays, which takes {', '.join(FLOW)}"
    if key == RODAS5P.key and system.dimension > MOST_STIFF:
        return (
            f"a flow of {system.dimension} variables, of which rodas5p takes {MOST_STIFF} at "
            f"most; {', '.join(TABLEAUS)} take any number"
        )
    if key in COMPOSITIONS:
        if system.hybrid:
            return f"a flow with events, which takes {', '.join(FLOW)}"
        if system.model.partition is None:
            return (
                "not separable into positions and momenta that move each other alone, as "
                f"symplectic methods need; it takes {', '.join(FLOW)}"
            )
    return ""


def _noise_objection(system: System, key: str) -> str:
    if key not in NOISE:
        return f"a flow with noise, which takes {', '.join(_noise(system))}"
    if key in _noise(system):
        return ""
    kind = system.model.noise_kind
    if key == "sra1":
        return (
            "driven by noise whose strength depends on the state, and sra1 takes additive "
            f"noise only; it takes {', '.join(_noise(system))}"
        )
    if kind == "general":
        return (
            "driven by noises that do not commute, as Milstein's method needs; it takes "
            f"{', '.join(_noise(system))}"
        )
    return (
        "too large for Milstein's method, which differentiates every coefficient of the noise; "
        f"it takes {', '.join(_noise(system))}"
    )


def _noise(system: System) -> tuple[str, ...]:
    """Methods for the kind of noise that a system has."""
    model = system.model
    kind = model.noise_kind
    found = ["euler-maruyama"]
    slopes = system.dimension**2 * max(1, len(system.noise))
    if kind != "general" and slopes <= MOST_SLOPES:
        found.append("milstein")
    if kind in ("additive", "none"):
        found.append("sra1")
    return tuple(found)


__all__ = [
    "ALIASES",
    "COMPOSITIONS",
    "DELAY",
    "FLOW",
    "ITERATE",
    "METHODS",
    "NOISE",
    "SCHEMES",
    "Composition",
    "Method",
    "Rosenbrock",
    "Scheme",
    "Tableau",
    "checked_method",
    "default_method",
    "method",
    "methods_for",
]
