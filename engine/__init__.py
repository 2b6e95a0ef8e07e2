"""The engine of Phasescope: dynamical systems without a window.

This module is the door for scripts: the names below are found on first use, so that
``import engine`` itself imports no compiler and no algebra. It computes nothing.

>>> import engine
>>> trajectory = engine.simulate(engine.systems()["lorenz"], duration=100.0, step=0.01)
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import Any

__version__ = "0.1.0"

_PLACES = {
    "System": "engine.systems.system",
    "Trajectory": "engine.integrate.solve",
    "simulate": "engine.integrate.solve",
    "ensemble": "engine.integrate.solve",
    "iterate": "engine.integrate.solve",
    "orbit_diagram": "engine.analysis.orbit_diagram",
}
"""Name -> the module it lives in."""

_CALLABLE = ("catalogue", "systems")
"""Modules that share their name with the one function people want from them."""

__all__ = [*_CALLABLE, *_PLACES, "__version__"]


class _CallableModule(ModuleType):
    """A module that calls its function of the same name: ``engine.systems()``."""

    def __call__(self, *args: Any, **keywords: Any) -> Any:
        return getattr(self, self.__name__.rpartition(".")[2])(*args, **keywords)


class _Package(ModuleType):
    """This package; importing a submodule binds its name here, wherever that happens."""

    def __setattr__(self, name: str, value: Any) -> None:
        if name in _CALLABLE and type(value) is ModuleType:
            value.__class__ = _CallableModule
        super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package


def __getattr__(name: str) -> Any:
    if name in _CALLABLE:
        return import_module(f"{__name__}.{name}")
    if name in _PLACES:
        value = getattr(import_module(_PLACES[name]), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module '{__name__}' has no attribute '{name}'")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
