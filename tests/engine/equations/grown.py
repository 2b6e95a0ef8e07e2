"""What the tests of families, noise, delays and events share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.equations.model import Model

Array = NDArray[np.float64]


def places(name: str, size: int) -> tuple[str, ...]:
    """Names of the variables of a family."""
    return tuple(f"{name}{place}" for place in range(size))


def both(*parts: Any, **more: Any) -> tuple[Model, Model]:
    """The same model written out and as loops, whatever its size."""
    out, looped = Model(*parts, **more), Model(*parts, **more)
    vars(out)["loops"] = False
    vars(looped)["loops"] = True
    return out, looped


def value(
    model: Model,
    kernel: str | Callable[..., None],
    shape: tuple[int, ...],
    state: Array,
    parameters: Array,
    t: float = 0.3,
) -> Array:
    """What a kernel writes."""
    out = np.full(shape, np.nan)
    function = getattr(model.compiled, kernel) if isinstance(kernel, str) else kernel
    function(t, state, parameters, out)
    return out


def numbers(model: Model, seed: int = 0) -> tuple[Array, Array]:
    """A state and parameters, delayed terms included."""
    random = np.random.default_rng(seed)
    width = model.parameter_count + len(model.delayed)
    return random.uniform(0.2, 0.9, len(model.variables)), random.uniform(0.5, 1.5, width)


def differences(function: Callable[[Array], Array], at: Array, step: float = 1e-6) -> Array:
    """Central differences, a column for every entry of `at`."""
    columns = []
    for place in range(len(at)):
        shift = np.zeros(len(at))
        shift[place] = step
        columns.append((function(at + shift) - function(at - shift)) / (2 * step))
    return np.stack(columns, axis=-1)
