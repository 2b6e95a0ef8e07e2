"""What is true of the systems that come along: each one checked, and each file a fact sheet.

The first half runs over every system and every preset. The second half holds single
systems to closed forms, conservation laws and symmetries; published numbers with a source
live in the files as ``[[known]]`` rows and are measured in `test_known`.
"""

from __future__ import annotations

import math
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import engine
from engine.exhibit import Preset
from engine.systems import files
from engine.systems.system import System

Array = NDArray[np.float64]
FOLDER = Path(engine.__file__).resolve().parent.parent / "assets" / "systems"
KEYS = sorted(path.stem for path in FOLDER.glob("*.toml"))
FLOWS = (
    "aizawa",
    "chen",
    "chua",
    "double-pendulum",
    "duffing",
    "fitzhugh-nagumo",
    "halvorsen",
    "henon-heiles",
    "hindmarsh-rose",
    "lorenz",
    "lotka-volterra",
    "rabinovich-fabrikant",
    "rossler",
    "sprott-b",
    "thomas",
    "van-der-pol",
)
MAPS = ("chialvo", "henon", "ikeda", "logistic", "lozi", "rulkov", "standard", "tinkerbell")


@cache
def system(key: str) -> System:
    return files.read(FOLDER / f"{key}.toml")


def settings(preset: Preset, of: System) -> tuple[dict[str, float], Array]:
    """Parameter values and initial state of a preset."""
    initial = dict(zip(of.variables, of.initial, strict=True))
    values = {}
    for name, value in preset.values.items():
        if name.startswith("initial."):
            initial[name.removeprefix("initial.")] = float(value)
        else:
            values[name] = float(value)
    return values, np.array(list(initial.values()))


def default_run(of: System, **changes: object) -> Array:
    run = of.run
    step = 1.0 if of.kind == "map" else run.step
    options = {"duration": run.length * step, "step": step, "method": run.method} | changes
    return engine.simulate(of, **options).states


def derivatives(of: System, state: Array) -> tuple[Array, Array]:
    """The Jacobian at t = 0.3 by central differences, and the exact one.

    Only for some of the variables where there are many. What delayed terms are worth stays.
    """
    values = of.values()
    if of.delayed:
        values[-len(of.model.delayed) :] = state[list(of.model.delayed)]
    exact = np.empty((of.dimension, of.dimension))
    of.model.compiled.jacobian(0.3, state, values, exact)
    columns = np.unique(np.linspace(0, of.dimension - 1, 12).astype(int))
    numeric = np.empty((of.dimension, len(columns)))
    plus, minus = np.empty(of.dimension), np.empty(of.dimension)
    for place, j in enumerate(columns):
        h = 1e-5 * max(1.0, abs(state[j]))
        there, back = state.copy(), state.copy()
        there[j] += h
        back[j] -= h
        of.model.compiled.rhs(0.3, there, values, plus)
        of.model.compiled.rhs(0.3, back, values, minus)
        slope = (plus - minus) / (2 * h)
        if of.key == "standard":  # the fold of the torus is no slope
            slope -= 2 * math.pi / (2 * h) * np.round(slope * 2 * h / (2 * math.pi))
        numeric[:, place] = slope
    return numeric, exact[:, columns]


def presets() -> list[object]:
    return [
        pytest.param(key, preset, id=f"{key}-{preset.title}")
        for key in KEYS
        for preset in system(key).presets
    ]


def test_the_systems_promised_are_there() -> None:
    assert set(FLOWS) | set(MAPS) <= set(KEYS)
    assert all(system(key).kind == "flow" for key in FLOWS)
    assert all(system(key).kind == "map" for key in MAPS)


@pytest.mark.parametrize("key", KEYS)
def test_right_hand_side_is_finite_at_the_initial_state(key: str) -> None:
    of = system(key)
    assert np.isfinite(of.rhs(0.0, of.initial)).all()
    assert np.isfinite(of.jacobian(0.0, of.initial)).all()


@pytest.mark.parametrize("key", KEYS)
def test_jacobian_is_the_derivative_of_the_right_hand_side(key: str) -> None:
    """Central differences agree to eight digits, at states a little off the orbit.

    Off it, because the orbits of the Lozi map and of Chua's circuit may touch a corner.
    """
    of = system(key)
    rows = default_run(of, duration=200.0 if of.kind == "map" else 200 * of.run.step)
    for k, state in enumerate(rows[::40]):
        state = state + 1e-3 * np.sin(np.arange(of.dimension) + k)
        numeric, exact = derivatives(of, state)
        assert np.abs(numeric - exact).max() <= 1e-6 * (1.0 + np.abs(exact).max())


@pytest.mark.parametrize("key", KEYS)
def test_default_run_stays_bounded(key: str) -> None:
    of = system(key)
    states = default_run(of)
    assert len(states) >= of.run.length
    assert np.isfinite(states).all()
    assert np.abs(states).max() < of.run.bound


@pytest.mark.parametrize(("key", "preset"), presets())
def test_every_preset_stays_bounded(key: str, preset: Preset) -> None:
    of = system(key)
    values, initial = settings(preset, of)
    states = default_run(of, values=values, initial=initial)
    assert len(states) >= of.run.length
    assert np.abs(states).max() < of.run.bound


@pytest.mark.parametrize("key", KEYS)
def test_written_and_read_again_it_is_the_same(key: str) -> None:
    of = system(key)
    again = files.from_text(files.to_toml(of), key)
    assert again == of


@pytest.mark.parametrize("key", KEYS)
def test_file_says_all_that_the_window_shows(key: str) -> None:
    of = system(key)
    assert of.title
    assert of.year
    assert of.family
    assert of.tags
    assert 150 < len(of.summary) < 700
    assert of.references
    assert 2 <= len(of.presets) <= 8
    assert all(preset.summary for preset in of.presets)
    for parameter in of.parameters.values():
        assert parameter.help
        assert parameter.low is not None
        assert parameter.high is not None
        assert parameter.low <= float(parameter.default) <= parameter.high
    for preset in of.presets:
        for name, value in preset.values.items():
            if name in of.parameters:
                low, high = of.parameters[name].low, of.parameters[name].high
                assert low is not None
                assert high is not None
                assert low <= float(value) <= high, name


# -- single systems ------------------------------------------------------------------------


def test_henon_heiles_and_double_pendulum_keep_their_energy() -> None:
    """The Hamiltonian, written here by hand, over the whole default run."""
    of = system("henon-heiles")
    x, y, px, py = default_run(of).T
    energy = (px**2 + py**2 + x**2 + y**2) / 2 + x**2 * y - y**3 / 3
    assert np.ptp(energy) < 1e-6

    of = system("double-pendulum")
    a, b, u, v = default_run(of).T
    energy = u**2 + v**2 / 2 + u * v * np.cos(a - b) - 9.81 * (2 * np.cos(a) + np.cos(b))
    assert np.ptp(energy) < 1e-6


def test_double_pendulum_swings_small_in_its_two_normal_modes() -> None:
    """Equal rods and bobs: theta2 = +- sqrt(2) theta1, omega^2 = (2 -+ sqrt(2)) g / l."""
    of = system("double-pendulum")
    for sign in (1.0, -1.0):
        mode = np.array([1.0, sign * math.sqrt(2.0)])
        matrix = of.jacobian(0.0, [0.0] * 4)
        acceleration = matrix[2:, :2] @ mode
        assert acceleration == pytest.approx(-(2.0 - sign * math.sqrt(2.0)) * 9.81 * mode)


def test_lotka_volterra_returns_to_its_start_and_averages_to_its_centre() -> None:
    """Volterra's theorem: over whole cycles the means are gamma/delta and alpha/beta."""
    of = system("lotka-volterra")
    states = default_run(of)
    x, y = states.T
    invariant = 0.1 * x - 0.4 * np.log(x) + 0.4 * y - 1.1 * np.log(y)
    assert np.ptp(invariant) < 1e-6
    peaks = np.nonzero((y[1:-1] > y[:-2]) & (y[1:-1] >= y[2:]))[0] + 1
    whole = states[peaks[0] : peaks[-1]]
    assert whole.mean(axis=0) == pytest.approx([4.0, 2.75], rel=1e-3)


@pytest.mark.parametrize(
    ("key", "expected"),
    [("standard", 1.0), ("henon", -0.3), ("lozi", -0.5), ("ikeda", 0.81)],
)
def test_area_is_multiplied_by_the_same_number_everywhere(key: str, expected: float) -> None:
    of = system(key)
    for state in default_run(of, duration=500.0)[::10]:
        assert np.linalg.det(of.jacobian(0.0, state)) == pytest.approx(expected, abs=1e-12)


def test_lorenz_divergence_fixed_points_and_hopf() -> None:
    """E. N. Lorenz 1963: -(sigma + 1 + beta); +-sqrt(beta (rho - 1)); rho = 470/19."""
    of = system("lorenz")
    for state in default_run(of, duration=5.0)[::50]:
        assert np.trace(of.jacobian(0.0, state)) == pytest.approx(-41 / 3)
    for rho, growing in ((470 / 19 - 1e-3, False), (470 / 19 + 1e-3, True)):
        side = math.sqrt(8 / 3 * (rho - 1))
        values = {"rho": rho}
        assert of.rhs(0.0, [side, side, rho - 1], values) == pytest.approx([0, 0, 0], abs=1e-12)
        spectrum = np.linalg.eigvals(of.jacobian(0.0, [side, side, rho - 1], values))
        pair = spectrum[np.abs(spectrum.imag) > 1e-6]
        assert pair.size == 2
        assert (pair.real > 0).all() == growing


def test_closed_forms_of_fixed_points() -> None:
    a, b, c = 0.2, 0.2, 5.7
    root = math.sqrt(c * c - 4 * a * b)
    for x in ((c + root) / 2, (c - root) / 2):
        assert system("rossler").rhs(0.0, [x, -x / a, x / a]) == pytest.approx([0] * 3, abs=1e-12)
    for sign in (1, -1):
        x = (0.3 - 1 + sign * math.sqrt(0.7**2 + 5.6)) / 2.8
        assert system("henon").rhs(0.0, [x, 0.3 * x]) == pytest.approx([x, 0.3 * x])
    x = math.sqrt(3.0 * 21.0)
    assert system("chen").rhs(0.0, [x, x, 21.0]) == pytest.approx([0] * 3, abs=1e-11)
    assert system("chua").rhs(0.0, [1.5, 0.0, -1.5]) == pytest.approx([0] * 3, abs=1e-12)
    assert system("lotka-volterra").rhs(0.0, [4.0, 2.75]) == pytest.approx([0, 0], abs=1e-12)
    assert system("rulkov").rhs(0.0, [-1.0, -3.05]) == pytest.approx([-1.0, -3.05])


def test_logistic_map_at_its_closed_forms() -> None:
    of = system("logistic")
    for r in (2.8, 3.2, 3.9):
        x = 1 - 1 / r
        assert of.rhs(0.0, [x], {"r": r})[0] == pytest.approx(x)
        assert of.jacobian(0.0, [x], {"r": r})[0, 0] == pytest.approx(2 - r)
    r = 3.2
    low, high = ((r + 1 - s * math.sqrt((r - 3) * (r + 1))) / (2 * r) for s in (1, -1))
    assert of.rhs(0.0, [low], {"r": r})[0] == pytest.approx(high)
    assert of.rhs(0.0, [high], {"r": r})[0] == pytest.approx(low)
    # At r = 4 the orbit of sin^2(u) is sin^2(2^n u).
    states = engine.simulate(
        of, duration=20.0, step=1.0, values={"r": 4.0}, initial=[math.sin(0.3) ** 2]
    ).states[:, 0]
    exact = np.sin(0.3 * 2.0 ** np.arange(states.size)) ** 2
    assert states == pytest.approx(exact, abs=1e-8)


def test_ikeda_map_turns_and_shrinks() -> None:
    """|z' - A| = u |z|: the round trip adds light, turns it and loses some of it."""
    of = system("ikeda")
    for x, y in default_run(of, duration=100.0)[::10]:
        after = of.rhs(0.0, [x, y])
        assert math.hypot(after[0] - 1.0, after[1]) == pytest.approx(0.9 * math.hypot(x, y))


@pytest.mark.parametrize("key", ["thomas", "halvorsen"])
def test_turning_the_variables_round_turns_the_velocity_round(key: str) -> None:
    of = system(key)
    state = np.array([0.3, -1.1, 2.0])
    assert of.rhs(0.0, np.roll(state, 1)) == pytest.approx(np.roll(of.rhs(0.0, state), 1))


@pytest.mark.parametrize(
    ("key", "signs"),
    [
        ("lorenz", (-1, -1, 1)),
        ("chen", (-1, -1, 1)),
        ("sprott-b", (-1, -1, 1)),
        ("chua", (-1, -1, -1)),
        ("thomas", (-1, -1, -1)),
        ("rabinovich-fabrikant", (-1, -1, 1)),
    ],
)
def test_mirror_image_of_a_velocity(key: str, signs: tuple[int, ...]) -> None:
    of = system(key)
    state = np.array([0.7, -0.4, 1.3])
    mirror = np.array(signs, dtype=float)
    assert of.rhs(0.0, mirror * state) == pytest.approx(mirror * of.rhs(0.0, state))


def test_aizawa_without_f_does_not_care_about_the_angle() -> None:
    """With f = 0 turning a state about the axis turns its velocity by the same angle."""
    of = system("aizawa")
    angle = 0.7
    turn = np.array(
        [
            [math.cos(angle), -math.sin(angle), 0.0],
            [math.sin(angle), math.cos(angle), 0.0],
            [0.0, 0.0, 1.0],
        ]
    )
    state = np.array([0.5, -0.2, 0.9])
    assert of.rhs(0.0, turn @ state, {"f": 0.0}) == pytest.approx(
        turn @ of.rhs(0.0, state, {"f": 0.0})
    )


def test_duffing_is_pushed_with_the_beat_of_the_clock() -> None:
    of = system("duffing")
    force = [of.rhs(t, [0.0, 0.0])[1] for t in (0.0, math.pi / 1.2, 2 * math.pi / 1.2)]
    assert force == pytest.approx([0.5, -0.5, 0.5])


def test_presets_settle_where_they_say() -> None:
    """Cycles close after as many iterations as the preset's title counts."""
    counted = {
        ("logistic", "Steady"): 1,
        ("logistic", "Every other year"): 2,
        ("logistic", "Four in turn"): 4,
        ("logistic", "Period three"): 3,
        ("henon", "Two in turn"): 2,
        ("henon", "Four in turn"): 4,
        ("henon", "Seven in turn"): 7,
        ("lozi", "Two in turn"): 2,
        ("ikeda", "Two in turn"): 2,
        ("ikeda", "Bright rest"): 1,
        ("tinkerbell", "Six in turn"): 6,
        ("chialvo", "Stuck high"): 1,
        ("rulkov", "Silence"): 1,
    }
    for (key, title), period in counted.items():
        of = system(key)
        preset = next(preset for preset in of.presets if preset.title == title)
        values, initial = settings(preset, of)
        rows = engine.simulate(
            of, duration=60_000.0, step=1.0, values=values, initial=initial
        ).states[-50:]
        assert rows[-1] == pytest.approx(rows[-1 - period], abs=1e-7), (key, title)
        for shorter in range(1, period):
            if period % shorter == 0:
                assert np.abs(rows[-1] - rows[-1 - shorter]).max() > 1e-3, (key, title)
