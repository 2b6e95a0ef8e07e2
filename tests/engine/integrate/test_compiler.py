"""Kernels compiled in another process are loaded in this one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from engine.equations import kernel_cache
from engine.integrate import compile, prepare
from engine.integrate.compiler import Compiler
from engine.systems.system import System


@pytest.fixture
def compiler() -> Iterator[Compiler]:
    made = Compiler()
    yield made
    made.close()


def test_a_kernel_compiled_elsewhere_is_on_disk(
    compiler: Compiler, make_system: Callable[..., System]
) -> None:
    number = np.random.default_rng().integers(1, 2**40)
    system = make_system("other", "map", {"x": f"a*x + {number}*1e-30"}, (1.0,), a=0.5)
    name = compile.part("trajectory", "iterate")
    written = kernel_cache.write(name, *compile.generated(system, name)[1:])
    assert not compile.on_disk(system, name)
    assert compiler.compile(*written)
    assert compile.on_disk(system, name)
    assert compile.best(system, name) is not None


def test_a_module_that_fails_is_reported_and_the_next_one_compiles(
    compiler: Compiler, tmp_path: Path
) -> None:
    bad, good = tmp_path / "bad.py", tmp_path / "good.py"
    bad.write_text("raise ValueError('no')\n")
    good.write_text("print('not an answer')\n")
    assert not compiler.compile("phasescope_bad", bad)
    assert compiler.compile("phasescope_good", good)


def test_a_process_that_died_is_started_again(compiler: Compiler, tmp_path: Path) -> None:
    fine, deadly = tmp_path / "fine.py", tmp_path / "deadly.py"
    fine.write_text("")
    deadly.write_text("import os\nos._exit(3)\n")
    assert not compiler.compile("phasescope_deadly", deadly)
    assert compiler.compile("phasescope_fine", fine)


def test_nothing_is_compiled_elsewhere_after_closing(tmp_path: Path) -> None:
    compiler = Compiler()
    compiler.close()
    (tmp_path / "fine.py").write_text("")
    assert not compiler.compile("phasescope_fine", tmp_path / "fine.py")


def test_everything_with_kernels_for_all_systems_is_prepared() -> None:
    root = Path(prepare.__file__).resolve().parent.parent
    found = {
        ".".join(path.relative_to(root).with_suffix("").parts)
        for path in root.rglob("*.py")
        if any(word in path.read_text() for word in ("\n@njit", "\n@nb.njit", "\n@kernel("))
    }
    own = {name for name in found if name.startswith("exhibits.")}
    written = {"integrate.sine", "equations.emit", "integrate.kernels", "equations.loops"}
    assert found - own - written == set(prepare.MODULES)
