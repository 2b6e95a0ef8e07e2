"""Large models as loops."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from engine.errors import EquationError

if TYPE_CHECKING:
    from engine.equations.model import Model


class Looped:
    """Large models as loops."""

    delayed: tuple[int, ...]

    def __init__(self, model: Model, noise: bool = False) -> None:
        raise EquationError("models of this size do not run yet")

    def symbols(self) -> set[str]:
        raise NotImplementedError

    def noise_kind(self) -> str:
        raise NotImplementedError

    def lags(self, values: Mapping[str, float]) -> list[float | None]:
        raise NotImplementedError
