"""Many Lorenz orbits at once, against the same loop in C.

8,192 lanes, each with its own rho and initial state, 10,000 RK4 steps. Ours also checks
every lane for leaving the bound; the peer does not.
"""

from __future__ import annotations

import ctypes
import shutil
import statistics
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import engine
from benchmarks import Row, interleaved, median_ratio

LANES, STEPS, STEP = 8192, 10_000, 0.01
REPETITIONS = 9
FLAGS = ("-O3", "-march=native", "-ffast-math", "-fopenmp")
SOURCE = Path(__file__).with_name("peer_ensemble.c")
TARGET = "ratio >= 1.0"

Array = NDArray[np.float64]


def run() -> list[Row]:
    """Lane steps a second, ours and the peer's."""
    system = engine.systems()["lorenz"]
    generator = np.random.default_rng(1)
    initial = generator.normal(size=(3, LANES)) + np.array([[0.0], [0.0], [25.0]])
    rho = np.linspace(20.0, 40.0, LANES)
    work = LANES * STEPS / 1e6

    def ours() -> Array:
        return engine.ensemble(system, initial, steps=STEPS, step=STEP, values={"rho": rho})

    name = f"ensemble: {LANES:,} Lorenz lanes x {STEPS:,} RK4 steps"
    unit = "million steps/s"
    with tempfile.TemporaryDirectory(prefix="phasescope-bench-") as folder:
        try:
            peer = _compile(Path(folder))
        except (OSError, subprocess.CalledProcessError) as error:
            rate = work / statistics.median(interleaved({"ours": ours}, 3)["ours"])
            return [Row(f"{name} (no peer: {error})", rate, unit, None, None, TARGET, False)]
        values = np.empty((3, LANES))
        values[0], values[1], values[2] = 10.0, rho, 8.0 / 3.0

        def theirs() -> Array:
            state = initial.copy()
            peer(state, values)
            return state

        _compare(system, peer, initial, values)
        times = interleaved({"ours": ours, "theirs": theirs}, REPETITIONS)
    ratio = median_ratio(times["theirs"], times["ours"])
    return [
        Row(
            f"{name}, peer: C, gcc {' '.join(FLAGS)}",
            work / statistics.median(times["ours"]),
            unit,
            work / statistics.median(times["theirs"]),
            ratio,
            TARGET,
            ratio >= 1.0,
        )
    ]


def _compile(folder: Path) -> Callable[[Array, Array], None]:
    """The peer's function; raises OSError where there is no compiler."""
    if shutil.which("gcc") is None:
        raise OSError("gcc is not installed")
    library = folder / "peer.so"
    subprocess.run(
        ["gcc", *FLAGS, "-shared", "-fPIC", "-o", str(library), str(SOURCE)],
        check=True,
        capture_output=True,
    )
    function = ctypes.CDLL(str(library)).ensemble
    function.restype = None
    function.argtypes = (
        ctypes.c_void_p,
        ctypes.c_void_p,
        ctypes.c_ssize_t,
        ctypes.c_ssize_t,
        ctypes.c_double,
    )

    def call(state: Array, values: Array, steps: int = STEPS) -> None:
        function(state.ctypes.data, values.ctypes.data, LANES, steps, STEP)

    return call


def _compare(
    system: engine.System, peer: Callable[..., None], initial: Array, values: Array
) -> None:
    """Both are to compute the same thing; a fast wrong answer is no benchmark."""
    state = initial.copy()
    peer(state, values, 100)
    ours = engine.ensemble(system, initial, steps=100, step=STEP, values={"rho": values[1]})
    if not np.allclose(ours, state, rtol=1e-9, atol=1e-9):
        raise RuntimeError("the peer of the ensemble benchmark computes something else")
