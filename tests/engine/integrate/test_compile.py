"""Both tiers give the same numbers, and the second comes by itself."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import engine
from engine.errors import UnknownKeyError
from engine.integrate import compile
from engine.integrate.runs import start_run
from engine.integrate.stream import Stream
from engine.systems.system import System


@pytest.mark.parametrize(
    ("key", "method"),
    [
        ("lorenz", "rk4"),
        ("lorenz", "euler"),
        ("double-pendulum", "rk4"),
        ("duffing", "rk4"),
        ("henon", "iterate"),
        ("ikeda", "iterate"),
        ("standard", "iterate"),
    ],
)
def test_both_tiers_give_the_same_bits(key: str, method: str) -> None:
    system = engine.systems()[key]
    compile.kernel(system, compile.part("trajectory", method))
    results = []
    for fast in (False, True):
        run = start_run(
            system,
            system.values(),
            system.state(),
            key=method,
            step=system.run.step,
            every=3,
            fast=fast,
        )
        rows = np.empty((run.rows(30_000), 1 + system.dimension))
        written = run.advance(10_001, rows)
        written += run.advance(19_999, rows[written:])
        assert written == len(rows) == 10_000
        results.append((rows, run.state, run.time, run.error(rows[:5])))
    for one, two in zip(*results, strict=True):
        np.testing.assert_array_equal(one, two)


@pytest.mark.parametrize("fast", [False, True])
def test_both_tiers_stop_in_the_same_place(explosion: System, fast: bool) -> None:
    compile.kernel(explosion, "trajectory_rk4")
    run = start_run(
        explosion, explosion.values(), explosion.state(), key="rk4", step=1e-3, fast=fast
    )
    rows = np.empty((5000, 2))
    written = run.advance(5000, rows)
    assert run.stopped is not None
    assert written == run.stopped.step
    assert run.stopped.time == pytest.approx((written + 1) * 1e-3)
    assert run.state[0] == rows[written - 1, 1] <= 1e6


def test_a_stream_takes_the_kernel_when_it_is_ready_and_nobody_notices(
    make_system: Callable[..., System],
) -> None:
    # A system nobody has compiled before: the number makes its equations new.
    number = np.random.default_rng().integers(1, 2**40)
    system = make_system(
        "fresh", "flow", {"x": "v", "v": f"-k*x + {number}*1e-30*x"}, (1.0, 0.0), k=1.0
    )
    stream = Stream(system)
    alone = Stream(system, background=False)
    rows = [stream.advance(500)]
    assert compile.wait(60.0)
    assert compile.ready(system, "trajectory_rk4")
    assert compile.on_disk(system, "trajectory_rk4")
    rows.append(stream.advance(500))
    np.testing.assert_array_equal(np.concatenate(rows), alone.advance(1000))


def test_best_compiles_nothing(make_system: Callable[..., System]) -> None:
    number = np.random.default_rng().integers(1, 2**40)
    system = make_system("unseen", "flow", {"x": f"-a*x + {number}*1e-30"}, (1.0,), a=1.0)
    assert compile.best(system, "trajectory_rk4") is None
    assert not compile.on_disk(system, "trajectory_rk4")


def test_an_unknown_kernel_is_named(lorenz: System) -> None:
    for name in ("trajectory_verlet", "cuda_rk4", "lanes"):
        with pytest.raises(UnknownKeyError, match=f"no kernel '{name}'"):
            compile.kernel(lorenz, name)


def test_importing_the_integrators_imports_no_compiler() -> None:
    import subprocess
    import sys

    code = (
        "import sys, engine.integrate.solve, engine.integrate.stream, "
        "engine.analysis.orbit_diagram; print('numba' in sys.modules, 'sympy' in sys.modules)"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.split() == ["False", "False"]
