"""One Lorenz orbit: RK4 against a loop written by hand, DOP853 against scipy."""

from __future__ import annotations

import statistics
import time
from typing import Any

import numpy as np
from numba import njit

import engine
from benchmarks import Row, interleaved, median_ratio
from engine.integrate import compile

STEPS, STEP = 100_000, 0.01
SPAN, RTOL = 500.0, 1e-8


@njit(nogil=True, cache=True)
def _by_hand(
    x: float, y: float, z: float, sigma: float, rho: float, beta: float, h: float, steps: int
) -> Any:
    """RK4 of the Lorenz system, every state stored, as one would write it for this alone."""
    out = np.empty((steps + 1, 4))
    out[0, 0], out[0, 1], out[0, 2], out[0, 3] = 0.0, x, y, z
    for i in range(steps):
        x1, y1, z1 = sigma * (y - x), x * (rho - z) - y, x * y - beta * z
        u, v, w = x + 0.5 * h * x1, y + 0.5 * h * y1, z + 0.5 * h * z1
        x2, y2, z2 = sigma * (v - u), u * (rho - w) - v, u * v - beta * w
        u, v, w = x + 0.5 * h * x2, y + 0.5 * h * y2, z + 0.5 * h * z2
        x3, y3, z3 = sigma * (v - u), u * (rho - w) - v, u * v - beta * w
        u, v, w = x + h * x3, y + h * y3, z + h * z3
        x4, y4, z4 = sigma * (v - u), u * (rho - w) - v, u * v - beta * w
        x += h / 6 * (x1 + 2 * x2 + 2 * x3 + x4)
        y += h / 6 * (y1 + 2 * y2 + 2 * y3 + y4)
        z += h / 6 * (z1 + 2 * z2 + 2 * z3 + z4)
        out[i + 1, 0], out[i + 1, 1], out[i + 1, 2], out[i + 1, 3] = (i + 1) * h, x, y, z
    return out


def run() -> list[Row]:
    """Milliseconds of both runs and of their peers."""
    return [_fixed(), _adaptive()]


def _fixed() -> Row:
    system = engine.systems()["lorenz"]
    compile.kernel(system, compile.part("trajectory", "rk4"))
    times = interleaved(
        {
            "ours": lambda: engine.simulate(system, STEPS * STEP, STEP, "rk4"),
            "theirs": lambda: _by_hand(1.0, 1.0, 1.0, 10.0, 28.0, 8 / 3, STEP, STEPS),
        },
        41,
        time.thread_time,
    )
    ratio = median_ratio(times["ours"], times["theirs"])
    return Row(
        f"trajectory: {STEPS:,} RK4 steps of Lorenz stored, peer: Numba by hand",
        1e3 * statistics.median(times["ours"]),
        "ms",
        1e3 * statistics.median(times["theirs"]),
        ratio,
        "ratio <= 1.3",
        ratio <= 1.3,
    )


def _adaptive() -> Row:
    from scipy.integrate import solve_ivp

    system = engine.systems()["lorenz"]
    sigma, rho, beta = system.values()
    grid = np.linspace(0.0, SPAN, round(SPAN / STEP) + 1)

    def lorenz(t: float, s: Any) -> Any:
        return sigma * (s[1] - s[0]), s[0] * (rho - s[2]) - s[1], s[0] * s[1] - beta * s[2]

    times = interleaved(
        {
            "ours": lambda: engine.simulate(system, SPAN, STEP, "dop853", rtol=RTOL, atol=RTOL),
            "theirs": lambda: solve_ivp(
                lorenz,
                (0.0, SPAN),
                system.initial,
                method="DOP853",
                t_eval=grid,
                rtol=RTOL,
                atol=RTOL,
            ),
        },
        3,
    )
    ratio = median_ratio(times["theirs"], times["ours"])
    return Row(
        f"trajectory: DOP853 of Lorenz over {SPAN:g} time units at rtol {RTOL:g}, peer: "
        "scipy solve_ivp",
        1e3 * statistics.median(times["ours"]),
        "ms",
        1e3 * statistics.median(times["theirs"]),
        ratio,
        "ratio >= 40",
        ratio >= 40.0,
    )
