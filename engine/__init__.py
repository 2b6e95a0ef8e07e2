"""The engine of Phasescope: dynamical systems without a window.

This module is the door for scripts: the names below are found on first use, so that
``import engine`` itself imports no compiler and no algebra. It computes nothing.

>>> import engine
>>> trajectory = engine.simulate(engine.systems()["lorenz"], duration=100.0, step=0.01)
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from engine.analysis.lyapunov_spectrum import LyapunovSpectrum, lyapunov_spectrum
    from engine.analysis.orbit_diagram import orbit_diagram
    from engine.catalogue import catalogue
    from engine.integrate.solve import Trajectory, ensemble, iterate, simulate
    from engine.systems import systems
    from engine.systems.system import System

__version__ = "0.1.0"

__all__ = [
    "LyapunovSpectrum",
    "System",
    "Trajectory",
    "__version__",
    "catalogue",
    "ensemble",
    "iterate",
    "lyapunov_spectrum",
    "orbit_diagram",
    "simulate",
    "systems",
]

_PLACES = {
    "System": "engine.systems.system",
    "Trajectory": "engine.integrate.solve",
    "simulate": "engine.integrate.solve",
    "ensemble": "engine.integrate.solve",
    "iterate": "engine.integrate.solve",
    "LyapunovSpectrum": "engine.analysis.lyapunov_spectrum",
    "lyapunov_spectrum": "engine.analysis.lyapunov_spectrum",
    "orbit_diagram": "engine.analysis.orbit_diagram",
}
"""Name -> the module it lives in."""

_ANALYSIS = Path(__file__).resolve().parent / "analysis"

_CALLABLE = ("catalogue", "systems")
"""Modules that share their name with the one function people want from them."""


class CallableModule(ModuleType):
    """A module that calls its function of the same name: ``engine.systems()``.

    Importing a submodule binds its name in the package, over any function of that name, so
    the module itself has to answer. Such a module takes this class as its own.
    """

    def __call__(self) -> Any:
        return getattr(self, self.__name__.rpartition(".")[2])()


def __getattr__(name: str) -> Any:
    if name in _CALLABLE:
        return import_module(f"{__name__}.{name}")
    if name in _PLACES:
        value = getattr(import_module(_PLACES[name]), name)
        globals()[name] = value
        return value
    # A method of analysis is one file, found by its name; kernels and helpers begin otherwise.
    if name[:1].isalpha() and (_ANALYSIS / f"{name}.py").is_file():
        value = getattr(import_module(f"{__name__}.analysis.{name}"), name, None)
        if value is not None:
            globals()[name] = value
            return value
    raise AttributeError(f"module '{__name__}' has no attribute '{name}'")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
