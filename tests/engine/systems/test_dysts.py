"""Our right-hand sides against those of the dysts collection, where it is installed.

Only its equations and default values are read, not its numbers for exponents. A system
whose source dysts departs from is compared through its variant ``dysts``.
"""

from __future__ import annotations

import importlib
import sys
import types
from typing import Any

import numpy as np
import pytest

import engine

pytestmark = pytest.mark.filterwarnings("ignore")

KEYS = [key for key, system in engine.systems().items() if "dysts" in system.aliases]


@pytest.fixture(scope="module")
def dysts() -> Any:
    """The modules of flows and maps; what dysts stores trajectories with is not needed."""
    needless = ("gluonts", "gluonts.dataset", "gluonts.dataset.arrow")
    added = [name for name in needless if name not in sys.modules]
    for name in added:
        sys.modules[name] = types.ModuleType(name)
    sys.modules[needless[-1]].ArrowWriter = None  # type: ignore[attr-defined]
    try:
        flows = importlib.import_module("dysts.flows")
        maps = importlib.import_module("dysts.maps")
    except ImportError as error:
        pytest.skip(f"dysts is not installed ({error})")
    finally:
        for name in added:
            del sys.modules[name]
    return types.SimpleNamespace(flows=flows, maps=maps)


def theirs(dysts: Any, name: str, kind: str, state: Any, past: Any, t: float) -> Any:
    """The right-hand side that dysts gives; `past` is the delayed state."""
    model = getattr(dysts.maps if kind == "map" else dysts.flows, name)()
    rhs = getattr(model._rhs, "py_func", model._rhs)
    if kind == "map":
        return rhs(*state, *model.param_list)
    if kind == "dde":
        return rhs(state, past, t, *model.param_list)
    return model.rhs(state, t)


@pytest.mark.parametrize("key", KEYS)
def test_the_same_right_hand_side_as_dysts(dysts: Any, key: str) -> None:
    system = engine.systems()[key]
    name = system.aliases["dysts"]
    if not hasattr(dysts.maps if system.kind == "map" else dysts.flows, name):
        pytest.skip(f"dysts lists '{name}' and has no equations for it")
    if "dysts" in system.variants:
        system = system.variant("dysts")
    generator = np.random.default_rng(0)
    values = system.values()
    for _ in range(10):
        reach = np.maximum(np.abs(system.initial), 0.1)
        state = np.array(system.initial) + reach * generator.standard_normal(system.dimension)
        t = 10.0 * generator.random()
        past = state + 0.1 * generator.standard_normal(system.dimension)
        if system.delayed:
            values[-len(system.model.delayed) :] = past[list(system.model.delayed)]
        ours = np.empty(system.dimension)
        system.model.compiled.rhs(t, state, values, ours)
        given = np.ravel(theirs(dysts, name, system.kind, state, past, t)).astype(float)
        scale = np.abs(given).max()
        assert np.allclose(ours, given, rtol=1e-9, atol=1e-9 * scale, equal_nan=True), (
            f"{key} gives {ours}, dysts' {name} {given}"
        )


def test_every_flow_and_map_of_dysts_is_here(dysts: Any) -> None:
    named = {engine.systems()[key].aliases["dysts"] for key in KEYS}
    for module, base in ((dysts.flows, "DynSys"), (dysts.maps, "DynMap")):
        classes = {
            name
            for name, cls in vars(module).items()
            if isinstance(cls, type) and base in {b.__name__ for b in cls.__mro__[1:]}
        } - {"DynSysDelay"}
        assert classes - named == set()
