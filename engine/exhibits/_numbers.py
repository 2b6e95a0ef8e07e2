"""Parameter values as an array of numbers and back, for the state of a process.

A state holds arrays and numbers only; a choice is stored as its place among the choices.
Text and source parameters have no number and are refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.errors import ParameterError
from engine.exhibit import Parameter, Value, Values


def to_numbers(parameters: Mapping[str, Parameter], values: Values) -> NDArray[np.float64]:
    """The values in the order of `parameters`, shape ``(len(parameters),)``."""
    out = np.empty(len(parameters))
    for i, (name, parameter) in enumerate(parameters.items()):
        value = values[name]
        if parameter.scale == "choice":
            value = parameter.choices.index(str(value))
        out[i] = float(value)
    return out


def from_numbers(parameters: Mapping[str, Parameter], numbers: NDArray[Any]) -> dict[str, Value]:
    """What `to_numbers` was given.

    Raises
    ------
    ParameterError
        If there are more or fewer numbers than parameters, or one cannot be used.
    """
    if np.shape(numbers) != (len(parameters),):
        raise ParameterError(
            f"a state must hold {len(parameters)} parameter values "
            f"({', '.join(parameters)}), got {np.size(numbers)}"
        )
    values: dict[str, Value] = {}
    for (name, parameter), number in zip(parameters.items(), numbers, strict=True):
        if parameter.scale == "choice":
            place = int(number)
            if not 0 <= place < len(parameter.choices):
                raise ParameterError(
                    f"parameter '{name}' in a state must be the number of one of its "
                    f"{len(parameter.choices)} choices, got {place}"
                )
            values[name] = parameter.choices[place]
        else:
            values[name] = parameter.check(number)
    return values
