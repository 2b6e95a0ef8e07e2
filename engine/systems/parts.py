"""Parts of a system file beyond plain variables: families, arrays and other forms.

Plain checked data; reading is ``engine.systems.reading``, meaning is ``engine.equations``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from engine.errors import EquationError

if TYPE_CHECKING:
    from engine.exhibit import Value

Array = NDArray[np.float64]
Distribution = Literal["", "normal", "uniform"]
MOST_VARIABLES = 20_000
MOST_ENTRIES = 250_000
MOST_EVENTS = 100
"""Each has two kernels of its own, compiled before a run begins."""
MOST_VARIANTS = 100


@dataclass(frozen=True)
class Family:
    """Variables that differ by an index: how many, and where they start.

    Attributes
    ----------
    size : str
        A whole number, or text in size parameters (``N - 1``).
    initial : str
        Text in the index ``i`` and the parameters.
    """

    size: str
    initial: str = "0"


@dataclass(frozen=True)
class ArrayDefinition:
    """An array parameter: numbers, or a text for every entry.

    Attributes
    ----------
    shape : tuple of int
    sizes : tuple of str
        The same as texts.
    value : str
        Text in ``i``, ``j``, the parameters, and ``r`` where `random` is given; empty where
        `values` are.
    values : tuple of float
        Row by row.
    random : str
        What ``r`` is: standard ``normal``, ``uniform`` between 0 and 1, or nothing.
    seed : int
    help : str
    """

    shape: tuple[int, ...]
    sizes: tuple[str, ...]
    value: str = ""
    values: tuple[float, ...] = ()
    random: Distribution = ""
    seed: int = 0
    help: str = ""

    def entries(self, parameters: Mapping[str, float]) -> Array:
        """All entries at these parameter values, in the array's shape.

        Raises
        ------
        EquationError
            If an entry has no finite value.
        """
        if not self.value:
            return np.array(self.values, dtype=np.float64).reshape(self.shape)
        from engine.systems.formula import evaluate

        names: dict[str, float | Array] = dict(parameters)
        places = np.indices(self.shape, dtype=np.float64)
        names |= dict(zip("ij", places, strict=False))
        if self.random:
            generator = np.random.default_rng(self.seed)
            draw = generator.standard_normal if self.random == "normal" else generator.random
            names["r"] = draw(self.shape)
        return evaluate(self.value, names, self.shape)

    def checked(self, name: str, given: Any) -> Array:
        """Entries given by a caller, in the array's shape.

        Raises
        ------
        EquationError
            If the shape differs or an entry is not finite.
        """
        try:
            array = np.asarray(given, dtype=np.float64)
        except (TypeError, ValueError):
            raise EquationError(f"array '{name}' must be made of numbers") from None
        if array.shape != self.shape:
            raise EquationError(
                f"array '{name}' must have the shape {self.shape}, got {array.shape}"
            )
        if not np.isfinite(array).all():
            raise EquationError(f"array '{name}' must be made of finite numbers")
        return array


@dataclass(frozen=True)
class Variant:
    """Another form of a system; what is given replaces what the file says above.

    Attributes
    ----------
    note : str
        How it differs.
    values : mapping of str to Value
        Other defaults of parameters.
    variables : mapping of str to float
        All variables with their initial values, or none.
    equations, quantities, functions : mapping of str to str
    """

    note: str = ""
    values: Mapping[str, Value] = field(default_factory=dict)
    variables: Mapping[str, float] = field(default_factory=dict)
    equations: Mapping[str, str] = field(default_factory=dict)
    quantities: Mapping[str, str] = field(default_factory=dict)
    functions: Mapping[str, str] = field(default_factory=dict)
