"""What a thumbnail shows of a system: which orbits, in which coordinates, and for how long.

Every kind has its own most telling picture: an attractor from the side, a portrait of the plane,
an orbit diagram, solutions over time, an orbit against its own past, a path of noise, or place
against time. ``thumbnails`` turns them into pixels.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

import engine
from engine.systems.system import System

Array = NDArray[np.float64]
AZIMUTH, ELEVATION = math.radians(30.0), math.radians(25.0)
LARGE = 8  # variables of a family from which place against time is drawn
FEWEST = 60  # different points of a map whose attractor is worth a picture
COLUMNS = 640  # parameter values of an orbit diagram
TURN = 2 * math.pi


@dataclass(frozen=True)
class Curves:
    """Points in the plane.

    Attributes
    ----------
    points : array (m, 2)
    speed : array (m,)
        What the colour shows.
    breaks : array of int
        Places where a new curve begins.
    connected : bool
        Whether neighbours are joined by lines.
    few : bool
        Whether these are few curves, each worth seeing.
    """

    points: Array
    speed: Array
    breaks: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    connected: bool = True
    few: bool = False


def curves_of(system: System) -> Curves:
    """The most telling curves or points of a system."""
    if system.kind == "map":
        points = orbit_of_a_map(system)
        few = len(np.unique(np.concatenate(points).round(9), axis=0)) < FEWEST
        if few and system.dimension == 2:
            return basins(system)
        return joined(points, connected=False)
    if system.dimension == 1:
        if system.delayed:
            return joined([against_its_past(system)])
        if system.stochastic:
            return joined([path_over_time(system)])
        return joined(solutions(system), few=True)
    plain = not (system.stochastic or system.delayed or system.hybrid)
    if system.dimension == 2 and plain and system.model.autonomous:
        pieces = portrait(system)
        if flat(pieces):
            return joined(relaxation(system), few=True)
        return joined(pieces, few=True)
    rows = trajectory(system)
    if plain and comes_to_rest(system, rows):
        return joined(relaxation(system), few=True)
    return joined(levelled(unwrapped(system, rows)))


def comes_to_rest(system: System, rows: Array) -> bool:
    """Whether nothing moves any more for most of the default run."""
    late = rows[len(rows) // 3 :]
    whole = np.ptp(np.concatenate([start_of(system), rows]), axis=0)
    return bool((np.ptp(late, axis=0) < 0.02 * np.maximum(whole, 1e-9)).all())


def flat(pieces: list[Array]) -> bool:
    """Whether curves in the plane lie on one line, as where a sum is conserved."""
    rows = np.concatenate(pieces)
    level = (rows - rows.mean(axis=0)) / np.maximum(np.ptp(rows, axis=0), 1e-12)
    return bool(np.linalg.svd(level[:: max(1, len(level) // 2000)], compute_uv=False)[-1] < 1e-3)


def start_of(system: System) -> Array:
    """The initial state in the columns of the attractor view, shape (1, k)."""
    axes = system.axes or system.variables[:3]
    return np.array([[system.initial[system.variables.index(name)] for name in axes]])


def relaxation(system: System) -> list[Array]:
    """Each of the variables shown on its way to rest, against time, in its own range."""
    run = system.run
    axes = system.axes or system.variables[:3]
    states = finite(
        engine.simulate(
            system, duration=run.length * run.step, step=run.step, method=run.method
        ).states
    )[:, [system.variables.index(name) for name in axes]]
    low, size = states.min(axis=0), np.maximum(np.ptp(states, axis=0), 1e-12)
    level = (states - low) / size
    moving = np.flatnonzero((np.abs(level - level[-1]) > 0.02).any(axis=1))
    until = max(20, int(1.15 * moving[-1])) if moving.size else len(level)
    time = np.arange(len(level), dtype=float)
    return [np.stack([time, column], axis=1)[:until] for column in level.T]


def joined(pieces: list[Array], connected: bool = True, few: bool = False) -> Curves:
    """Curves of these pieces, coloured by how far the next point is."""
    pieces = [piece for piece in pieces if len(piece) > 1]
    points = np.concatenate(pieces)
    breaks = np.cumsum([len(piece) for piece in pieces])[:-1]
    size = np.maximum(np.ptp(points, axis=0), 1e-12)
    speed = []
    for piece in pieces:
        lengths = np.sqrt((np.diff(piece / size, axis=0) ** 2).sum(axis=1))
        speed.append(np.append(lengths, lengths[-1]))
    return Curves(points, np.concatenate(speed), breaks, connected, few)


def trajectory(system: System) -> Array:
    """The default run, the columns that the attractor view opens with."""
    run = system.run
    states = finite(
        engine.simulate(
            system,
            duration=run.length * run.step,
            step=run.step,
            method=run.method,
            transient=run.transient,
        ).states
    )
    axes = system.axes or system.variables[:3]
    columns: Array = states[:, [system.variables.index(name) for name in axes]]
    return columns


def unwrapped(system: System, rows: Array) -> list[Array]:
    """Angles that run on brought back to one turn, the curve cut where they jump."""
    axes = system.axes or system.variables[:3]
    rows = rows.copy()
    cut = np.zeros(len(rows) - 1, bool)
    for column, name in enumerate(axes):
        if np.ptp(rows[:, column]) > 1.5 * TURN and is_angle(system, [name]):
            rows[:, column] = np.mod(rows[:, column] + math.pi, TURN) - math.pi
            cut |= np.abs(np.diff(rows[:, column])) > math.pi
    return [piece for piece in np.split(rows, np.flatnonzero(cut) + 1) if len(piece) > 1]


def is_angle(system: System, names: list[str]) -> bool:
    """Whether the equations are the same a turn later in these variables."""
    parameters = np.nan_to_num(system.values())
    here = np.random.default_rng(1).normal(size=system.dimension)
    there = here.copy()
    there[[system.variables.index(name) for name in names]] += TURN
    first, second = np.empty_like(here), np.empty_like(here)
    system.model.compiled.rhs(0.3, here, parameters, first)
    system.model.compiled.rhs(0.3, there, parameters, second)
    return bool(np.allclose(first, second, rtol=1e-9, atol=1e-9))


def portrait(system: System) -> list[Array]:
    """Orbits of a flow in the plane, from starts spread round the default one."""
    run = system.run
    around = finite(engine.simulate(system, duration=4000 * run.step, step=run.step).states)
    low, high = around.min(axis=0), around.max(axis=0)
    spread = high - low
    # An orbit that rests shows no size; the start says how large things are.
    spread = np.maximum(spread, 0.2 * np.maximum(spread.max(), 1e-3))
    inside = (low > 0.0).all()  # populations stay positive
    pieces = [around]
    for i in range(12):
        angle = 2.4 * i
        reach = 0.12 + 0.05 * i
        start = (low + high) / 2 + reach * spread * np.array([math.cos(angle), math.sin(angle)])
        if inside:
            start = np.maximum(start, 0.3 * low)
        states = engine.simulate(
            system, duration=700 * run.step, step=run.step, initial=start
        ).states
        pieces.append(within(finite(states), low - spread, high + spread))
    return pieces


def solutions(system: System) -> list[Array]:
    """Solutions of one variable against time, from starts above and below the default one."""
    run = system.run
    start = system.initial[0]
    rows = [finite(engine.simulate(system, duration=run.length * run.step, step=run.step).states)]
    reach = max(1.5 * float(np.ptp(rows[0])), 0.5 * abs(start), 0.5)
    floor = 0.0 if start > 0.0 and rows[0].min() >= 0.0 and start > 0.5 * reach else -math.inf
    starts = [value for value in start + reach * np.linspace(-1.6, 1.6, 13) if value >= floor]
    rows += [
        finite(
            engine.simulate(
                system, duration=run.length * run.step, step=run.step, initial=[value]
            ).states
        )
        for value in starts
    ]
    low, high = np.array([start - 1.7 * reach]), np.array([start + 1.7 * reach])
    rows = [within(states, low, high) for states in rows]
    # Until the last of those that stay has come near to where it goes.
    late = max(
        (
            int(np.flatnonzero(np.abs(states[:, 0] - states[-1, 0]) > 0.03 * reach)[-1])
            for states in rows
            if len(states) > 1 and np.abs(states[:, 0] - states[-1, 0]).max() > 0.03 * reach
        ),
        default=100,
    )
    until = max(20, int(1.2 * late))
    return [
        np.stack([np.arange(len(states)) * run.step, states[:, 0]], axis=1)[:until]
        for states in rows
    ]


def against_its_past(system: System) -> Array:
    """An orbit with delay against itself a lag ago."""
    rows = trajectory(system)[:, 0]
    lag = float(np.max(system.model.lags(np.nan_to_num(system.values()))))
    back = min(max(1, round(lag / system.run.step)), max(1, rows.size // 3))
    return np.stack([rows[back:], rows[:-back]], axis=1)


def path_over_time(system: System) -> Array:
    """A path of one noisy variable against time, short enough to see its steps."""
    rows = trajectory(system)[:, 0][:4000]
    return np.stack([np.arange(rows.size) * system.run.step, rows], axis=1)


def orbit_of_a_map(system: System) -> list[Array]:
    """Points of the attractor; for one variable, the orbit diagram."""
    if system.dimension > 1:
        states = finite(engine.simulate(system, duration=300_000.0, step=1.0).states)[200:]
        axes = system.axes or system.variables[:3]
        rows: Array = states[:, [system.variables.index(name) for name in axes]]
        return levelled(unwrapped(system, rows))
    diagram = system.orbit_diagram
    columns = []
    for value in diagram_values(system):
        states = finite(
            engine.simulate(
                system, duration=900.0, step=1.0, values={diagram.parameter: value}
            ).states
        )[500:, 0]
        columns.append(np.stack([np.full(states.size, value), states], axis=1))
    return [np.concatenate(columns)]


def basins(system: System) -> Curves:
    """Where starts in the plane end, of a map whose orbits come to rest: one colour an end."""
    rhs = system.model.compiled.rhs
    parameters = system.values()
    reach = np.maximum(1.5 * np.abs(np.asarray(system.initial)), 1.5)
    grid = np.stack(
        np.meshgrid(*(np.linspace(-r, r, n) for r, n in zip(reach[:2], (320, 240), strict=True))), 2
    )
    starts = np.tile(np.asarray(system.initial, float), (grid.shape[0] * grid.shape[1], 1))
    starts[:, :2] = grid.reshape(-1, 2)
    ends = np.empty(len(starts))
    for k, start in enumerate(starts):
        state, after = start.copy(), start.copy()
        for step in range(30):
            rhs(float(step), state, parameters, after)
            state, after = after, state
        ends[k] = math.atan2(state[1], state[0]) if np.isfinite(state).all() else 4.0
    return Curves(starts[:, :2], ends, connected=False)


def diagram_values(system: System) -> list[float]:
    """Parameter values of the columns of an orbit diagram; whole ones where they must be."""
    diagram = system.orbit_diagram
    values = np.linspace(diagram.low, diagram.high, COLUMNS).tolist()
    if system.parameters[diagram.parameter].scale == "integer":
        return sorted({float(round(value)) for value in values})
    return [float(value) for value in values]


def place_against_time(system: System, places: int, times: int) -> Array:
    """A large family over place (across) and time (down), shape (times, places), in 0 to 1."""
    name, size = next((n, k) for n, k in system.families.items() if k > LARGE)
    first = system.variables.index(f"{name}0")
    run = system.run
    states = finite(
        engine.simulate(
            system, duration=run.length * run.step, step=run.step, transient=run.transient
        ).states
    )[:, first : first + size]
    if np.ptp(states) > 1.5 * TURN and is_angle(system, [f"{name}{i}" for i in range(size)]):
        states = np.sin(states)
    stride = 1
    most = max(1, len(states) // times)
    while stride < most and _alike(states, stride) > 0.97:
        stride *= 2
    rows = states[:: min(stride, most)][-times:]
    low, high = np.quantile(rows, [0.01, 0.99])
    scaled = np.clip((rows - low) / max(high - low, 1e-12), 0.0, 1.0)
    across = (np.arange(places) * size // places).clip(0, size - 1)
    down = (np.arange(times) * len(rows) // times).clip(0, len(rows) - 1)
    picture: Array = scaled[np.ix_(down, across)]
    return picture


def _alike(states: Array, stride: int) -> float:
    """How alike the pictures of two moments `stride` rows apart are."""
    a, b = states[:-stride] - states.mean(), states[stride:] - states.mean()
    return float((a * b).mean() / max(float((states - states.mean()).var()), 1e-30))


def has_large_family(system: System) -> bool:
    """Whether the system is drawn as place against time."""
    return any(size > LARGE for size in system.families.values())


def levelled(pieces: list[Array]) -> list[Array]:
    """Curves in the plane, every variable as large as the others: units differ."""
    rows = np.concatenate(pieces)
    middle = (rows.max(axis=0) + rows.min(axis=0)) / 2
    half = np.maximum(np.ptp(rows, axis=0) / 2, 1e-12)
    return [project((piece - middle) / half) for piece in pieces]


def project(rows: Array) -> Array:
    """Three columns onto the plane, seen from the side and a little above."""
    if rows.shape[1] < 3:
        return rows
    x, y, z = rows[:, :3].T
    across = x * math.cos(AZIMUTH) + y * math.sin(AZIMUTH)
    away = y * math.cos(AZIMUTH) - x * math.sin(AZIMUTH)
    return np.stack([across, z * math.cos(ELEVATION) + away * math.sin(ELEVATION)], axis=1)


def finite(states: Array) -> Array:
    """The rows before the first that is not finite."""
    bad = np.flatnonzero(~np.isfinite(states).all(axis=1))
    kept: Array = states[: bad[0]] if bad.size else states
    return kept


def within(states: Array, low: Array, high: Array) -> Array:
    """The rows before the first that leaves a box."""
    out = np.flatnonzero(((states < low) | (states > high)).any(axis=1))
    kept: Array = states[: out[0]] if out.size else states
    return kept
