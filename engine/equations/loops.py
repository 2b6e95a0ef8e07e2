"""Source of loops."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.equations.model import Model


def loop_source(model: Model, name: str, number: int) -> str:
    raise NotImplementedError
