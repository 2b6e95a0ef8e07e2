"""Fixed points and Poincaré sections of the Lorenz system against scipy on the same equations.

The peer's right-hand side and Jacobian are ours, called through numpy, so that what is
compared are the searches. Without scipy, plain Newton's method in numpy stands in for the
first and there is no second.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable

import numpy as np

import engine
from benchmarks import Row, interleaved, median_ratio
from engine.analysis.crossings import spread

STARTS = 64
LIMIT = 50.0
CROSSINGS = 200
LOW, HIGH = np.array([-60.0, -60.0, -30.0]), np.array([60.0, 60.0, 90.0])


def run() -> list[Row]:
    """Times in milliseconds; ratios are how many times faster we are."""
    rows = [_points()]
    try:
        from scipy.integrate import solve_ivp
    except ImportError:
        return rows
    return [*rows, _section(solve_ivp)]


def _points() -> Row:
    lorenz = engine.systems()["lorenz"]
    values, compiled = lorenz.values(), lorenz.model.compiled
    starts = LOW + spread(STARTS, 3) * (HIGH - LOW)

    def slopes(state: np.ndarray) -> np.ndarray:
        out = np.empty(3)
        compiled.rhs(0.0, np.ascontiguousarray(state), values, out)
        return out

    def matrix(state: np.ndarray) -> np.ndarray:
        out = np.empty((3, 3))
        compiled.jacobian(0.0, np.ascontiguousarray(state), values, out)
        return out

    try:
        from scipy.optimize import root

        def solve(start: np.ndarray) -> np.ndarray:
            found: np.ndarray = root(slopes, start, jac=matrix, tol=1e-12).x
            return found

        name = "scipy.optimize.root"
    except ImportError:

        def solve(start: np.ndarray) -> np.ndarray:
            for _ in range(60):
                move = np.linalg.solve(matrix(start), slopes(start))
                start = start - move
                if np.abs(move).max() < 1e-12:
                    break
            return start

        name = "Newton's method in numpy"

    def peer() -> None:
        found = {tuple(np.round(solve(start), 6) + 0.0) for start in starts}
        assert len(found) >= 3

    def ours() -> None:
        assert len(engine.fixed_points(lorenz, [LOW, HIGH], starts=STARTS)) == 3

    return _row(f"fixed points of Lorenz, {STARTS} starts, peer: {name}", ours, peer, 15, LIMIT)


def _section(solve_ivp: Callable[..., object]) -> Row:
    lorenz = engine.systems()["lorenz"]
    values, compiled = lorenz.values(), lorenz.model.compiled
    out = np.empty(3)

    def slopes(t: float, state: np.ndarray) -> np.ndarray:
        compiled.rhs(t, np.ascontiguousarray(state), values, out)
        return out.copy()

    def crossing(t: float, state: np.ndarray) -> float:
        return float(state[2] - 27.0)

    crossing.direction = 1.0  # type: ignore[attr-defined]

    def peer() -> None:
        found = solve_ivp(
            slopes, (0.0, 0.76 * CROSSINGS), lorenz.state(), "DOP853", events=crossing,
            rtol=1e-10, atol=1e-10,
        )  # fmt: skip
        assert len(found.t_events[0]) > 0.9 * CROSSINGS  # type: ignore[attr-defined]

    def ours() -> None:
        found = engine.poincare_section(
            lorenz, variable="z", value=27.0, crossings=CROSSINGS, transient=0.0, tolerance=1e-10
        )
        assert len(found) == CROSSINGS

    return _row(f"{CROSSINGS} crossings of Lorenz, peer: scipy's events", ours, peer, 5, None)


def _row(
    name: str,
    ours: Callable[[], None],
    peer: Callable[[], None],
    times: int,
    limit: float | None,
) -> Row:
    found = interleaved({"ours": ours, "peer": peer}, times)
    value = 1e3 * statistics.median(found["ours"])
    ratio = median_ratio(found["peer"], found["ours"])
    return Row(
        name,
        value,
        "ms",
        1e3 * statistics.median(found["peer"]),
        ratio,
        "ratio >= 1" if limit is None else f"under {limit:g} ms",
        ratio >= 1.0 if limit is None else value < limit,
    )
