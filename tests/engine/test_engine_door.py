"""``import engine`` is light, and its names are what scripts rely on."""

from __future__ import annotations

import subprocess
import sys

import pytest

import engine


def imported_by(code: str) -> set[str]:
    code += "\nimport sys; print(' '.join(sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(run.stdout.split())


def test_importing_the_engine_imports_no_compiler_and_no_algebra() -> None:
    assert not {"numba", "sympy", "scipy", "numpy", "torch"} & imported_by("import engine")


def test_listing_the_catalogue_compiles_nothing() -> None:
    heavy = {"numba", "sympy", "scipy", "torch", "PySide6", "matplotlib"}
    code = "import engine; print(len([e.title for e in engine.catalogue().values()]))"
    assert not heavy & imported_by(code)


@pytest.mark.parametrize(
    "first",
    [
        "import engine",
        "import engine.catalogue",
        "import engine.systems.files",
        "from engine import catalogue, systems",
        "from engine.systems.system import System",
    ],
)
def test_the_door_is_the_same_whatever_was_imported_first(first: str) -> None:
    imported_by(
        f"{first}\nimport engine\n"
        "assert engine.systems()['lorenz'] is engine.catalogue()['lorenz'].system"
    )


def test_modules_named_like_their_function_are_that_function() -> None:
    import engine.catalogue
    import engine.systems.system
    from engine.catalogue import catalogue
    from engine.systems import systems

    assert engine.catalogue() is catalogue()
    assert engine.systems() is systems()
    assert engine.System is engine.systems.system.System


def test_every_public_name_is_there() -> None:
    for name in engine.__all__:
        assert getattr(engine, name) is not None
    assert set(engine.__all__) <= set(dir(engine))
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = engine.nonsense
