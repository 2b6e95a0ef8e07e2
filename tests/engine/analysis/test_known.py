"""The published figures in the system files, measured."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

import engine
from engine.analysis.known import measure
from engine.errors import ParameterError
from engine.systems import files
from engine.systems.system import KnownFigure, System

FOLDER = Path(engine.__file__).resolve().parent.parent / "assets" / "systems"


@cache
def system(key: str) -> System:
    return files.read(FOLDER / f"{key}.toml")


def figures() -> list[object]:
    return [
        pytest.param(path.stem, known, id=f"{path.stem}-{known.quantity}-{i}")
        for path in sorted(FOLDER.glob("*.toml"))
        for i, known in enumerate(system(path.stem).known)
    ]


@pytest.mark.parametrize(("key", "known"), figures())
def test_known_figure(key: str, known: KnownFigure) -> None:
    assert known.source
    assert measure(system(key), known) == pytest.approx(known.value, abs=known.tolerance)


@pytest.mark.parametrize(
    ("mu", "period", "tolerance"),
    [(0.0, 6.283185307, 1e-6), (0.1, 6.287111, 1e-4), (2.0, 7.62987448, 1e-4)],
)
def test_van_der_pol_period(mu: float, period: float, tolerance: float) -> None:
    """2 pi at mu = 0; 2 pi (1 + mu^2 / 16 - 5 mu^4 / 3072) for small mu; Urabe 1960 at 2."""
    known = KnownFigure("period", period, tolerance, "", {"mu": mu})
    assert measure(system("van-der-pol"), known) == pytest.approx(period, abs=tolerance)


def test_unknown_quantity_is_named() -> None:
    with pytest.raises(ParameterError, match="'taste' of 'lorenz'"):
        measure(system("lorenz"), KnownFigure("taste", 1.0, 0.1, ""))


def test_quantity_that_the_system_does_not_have_is_named() -> None:
    with pytest.raises(ParameterError, match="'lorenz' defines no quantity named energy"):
        measure(system("lorenz"), KnownFigure("energy", 0.0, 0.1, ""))
