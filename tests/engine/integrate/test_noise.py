"""Methods for noise: strong and weak order against closed forms, seeds, and the long run.

Weak order is measured without sampling: with few steps the expectation is a sum over the
nodes of a quadrature for normal numbers, which is exact for the moments in question.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable

import numpy as np
import pytest

from engine.errors import ParameterError
from engine.integrate.methods import SCHEMES, methods_for
from engine.integrate.noise_run import BLOCK, NoiseRun, Normals
from engine.integrate.solve import ensemble, simulate
from engine.integrate.stream import Stream
from engine.systems.system import System

Numbers = np.ndarray


class Given(Normals):
    """Normal numbers that a test gives."""

    def __init__(self, rows: Numbers) -> None:
        super().__init__(0, 0, rows.shape[1])
        self.rows = rows

    def after(self, steps: int) -> Numbers:
        return self.rows[steps:]


class Paths:
    """Ends of paths for normal numbers that are given."""

    def __init__(
        self, system: System, method: str, end: float, steps: int, **values: float
    ) -> None:
        self.steps, self.initial = steps, system.state()
        self.run = NoiseRun(
            system,
            system.values(values),
            system.state(),
            0.0,
            end / steps,
            1e12,
            scheme=SCHEMES[method],
        )
        self.rows = np.empty((steps, 1 + system.dimension))

    def end(self, numbers: Numbers) -> Numbers:
        run = self.run
        run.state[:], run.grid = self.initial, 0
        run._normals = Given(np.ascontiguousarray(numbers))
        assert run.advance(self.steps, self.rows) == self.steps
        return run.state.copy()


def coarser(numbers: Numbers, noises: int) -> Numbers:
    """The same Brownian path at half as many steps.

    The first columns are increments; where there are as many again, they hold what the
    integral of the path over the step has beyond half the increment, times sqrt(12).
    """
    one, two = numbers[::2], numbers[1::2]
    first = (one[:, :noises] + two[:, :noises]) / math.sqrt(2)
    if numbers.shape[1] == noises:
        return first
    # The mean path over a half step is (z1 + z2 / sqrt 3) / 2, in roots of its length.
    half = [0.5 * (z[:, :noises] + z[:, noises:] / math.sqrt(3)) for z in (one, two)]
    mean = (half[0] + one[:, :noises] + half[1]) / 2 / math.sqrt(2)
    return np.hstack([first, math.sqrt(3) * (2 * mean - first)])


def strong_errors(
    system: System,
    method: str,
    exact: Callable[[float], float] | None,
    levels: tuple[int, ...],
    paths: int,
    finest: int | None = None,
    **values: float,
) -> Numbers:
    """Mean error at t = 1 over paths, at every number of steps; without `exact` against the
    finest."""
    noises = len(system.noise)
    most = finest or levels[-1]
    runs = {steps: Paths(system, method, 1.0, steps, **values) for steps in {*levels, most}}
    random, errors = np.random.default_rng(7), np.zeros(len(levels))
    for _ in range(paths):
        numbers = random.standard_normal((most, SCHEMES[method].normals * noises))
        if exact is None:
            goal = float(runs[most].end(numbers)[0])
        else:
            goal = exact(float(numbers[:, 0].sum() / math.sqrt(most)))
        steps = most
        while steps >= levels[0]:
            if steps in levels:
                errors[levels.index(steps)] += abs(float(runs[steps].end(numbers)[0]) - goal)
            numbers, steps = coarser(numbers, noises), steps // 2
    return errors / paths


def slope(levels: tuple[int, ...], errors: Numbers) -> float:
    return -float(np.polyfit(np.log(levels), np.log(errors), 1)[0])


@pytest.mark.parametrize(("method", "order"), [("euler-maruyama", 0.5), ("milstein", 1.0)])
def test_strong_order_on_geometric_brownian_motion(
    geometric: System, method: str, order: float
) -> None:
    levels = (16, 32, 64, 128, 256)
    errors = strong_errors(
        geometric, method, lambda w: math.exp(1.0 - 0.125 + 0.5 * w), levels, 400
    )
    assert slope(levels, errors) == pytest.approx(order, abs=0.15)


@pytest.fixture(scope="module")
def fading(read: Callable[..., System]) -> System:
    """Solved by (x(0) + b (t + a W)) / sqrt(1 + t): additive noise that fades.

    A. Rößler, SIAM Journal on Numerical Analysis 48, 922-952 (2010), section 7.
    """
    return read(
        """
        kind = "sde"
        noise = ["w"]
        [variables]
        x = 0.5
        [equations]
        x = "b/sqrt(1 + t) - x/(2*(1 + t)) + a*b/sqrt(1 + t)*w"
        [parameters.a]
        default = 0.1
        [parameters.b]
        default = 0.5
        """,
        "fading",
    )


@pytest.mark.parametrize(
    ("method", "order"), [("euler-maruyama", 1.0), ("milstein", 1.0), ("sra1", 2.0)]
)
def test_strong_order_with_additive_noise(fading: System, method: str, order: float) -> None:
    # In a linear equation SRA1 is better than it has to be: what is left of the integrals has
    # mean zero in every step.
    levels = (4, 8, 16, 32, 64)
    errors = strong_errors(
        fading, method, lambda w: (0.5 + 0.5 * (1.0 + 2.0 * w)) / math.sqrt(2), levels, 300, a=2.0
    )
    assert slope(levels, errors) == pytest.approx(order, abs=0.15)


def test_strong_order_of_sra1_with_a_nonlinear_drift(read: Callable[..., System]) -> None:
    well = read(
        """
        kind = "sde"
        noise = ["w"]
        [variables]
        x = 0.5
        [equations]
        x = "x - x^3 + w"
        """,
        "well",
    )
    levels = (8, 16, 32, 64)
    errors = strong_errors(well, "sra1", None, levels, 300, finest=1024)
    assert slope(levels, errors) == pytest.approx(1.5, abs=0.2)


def expectation(
    system: System, method: str, steps: int, nodes: list[tuple[float, float]], power: int
) -> float:
    """Mean of a power of the end, over all nodes of a quadrature for every normal number."""
    paths, total = Paths(system, method, 1.0, steps), 0.0
    width = paths.run._normals.width
    for choice in itertools.product(nodes, repeat=steps * width):
        numbers = np.array([place for place, _ in choice]).reshape(steps, width)
        weight = math.prod(share for _, share in choice)
        total += weight * float(paths.end(numbers)[0]) ** power
    return total


TWO = [(-1.0, 0.5), (1.0, 0.5)]
THREE = [(-math.sqrt(3), 1 / 6), (0.0, 2 / 3), (math.sqrt(3), 1 / 6)]


@pytest.mark.parametrize(("method", "nodes"), [("euler-maruyama", TWO), ("milstein", THREE)])
def test_weak_order_one_on_geometric_brownian_motion(
    geometric: System, method: str, nodes: list[tuple[float, float]]
) -> None:
    exact = math.exp(2 * 1.0 + 0.5**2)
    errors = [abs(expectation(geometric, method, steps, nodes, 2) - exact) for steps in (2, 4, 6)]
    # e = c / n (1 + d / n) through three points; the exponent at the limit.
    first = [error * steps for error, steps in zip(errors, (2, 4, 6), strict=True)]
    assert first[0] < first[1] < first[2] < 1.35 * first[1]
    mean = [expectation(geometric, method, steps, nodes, 1) for steps in (2, 4, 6)]
    # The mean of both is that of Euler's method for x' = x.
    np.testing.assert_allclose(mean, [(1 + 1 / n) ** n for n in (2, 4, 6)], rtol=1e-12)


def test_weak_order_two_of_sra1_on_the_ornstein_uhlenbeck_process(ornstein: System) -> None:
    # A step is x -> r x + a z1 + b z2, so that one step tells the second moment after any.
    errors = []
    for steps in (8, 16):
        paths = Paths(ornstein, "sra1", 1.0, steps)
        paths.steps = 1
        still, one, two = (
            float(paths.end(z)[0]) for z in np.array([[[0, 0]], [[1, 0]], [[0, 1.0]]])
        )
        grown = still ** (2 * steps)
        second = grown + ((one - still) ** 2 + (two - still) ** 2) * (1 - grown) / (1 - still**2)
        errors.append(abs(second - math.exp(-2.0) - 0.125 * (1 - math.exp(-2.0))))
    assert math.log2(errors[0] / errors[1]) == pytest.approx(2.0, abs=0.2)


@pytest.mark.parametrize("method", ["euler-maruyama", "sra1"])
def test_the_long_run_of_the_ornstein_uhlenbeck_process(ornstein: System, method: str) -> None:
    path = simulate(ornstein, 10_000.0, 0.05, method, transient=10.0, seed=5).states[:, 0]
    # Variance sigma^2 / 2, for Euler's method over 1 - h / 2; correlation exp(-lag).
    variance = 0.125 / (1 - 0.025 if method == "euler-maruyama" else 1.0)
    assert path.mean() == pytest.approx(0.0, abs=4 * math.sqrt(2 * 0.125 / 10_000))
    assert path.var() == pytest.approx(variance, rel=4 * math.sqrt(2 / 10_000))
    lag = path[:-20] @ path[20:] / len(path[20:])
    assert lag / path.var() == pytest.approx(math.exp(-1.0), abs=0.03)


@pytest.fixture(scope="module")
def rotation(read: Callable[..., System]) -> System:
    """A point on a circle that two noises push: in Stratonovich's sense it stays there."""
    return read(
        """
        kind = "sde"
        noise = ["a", "b"]
        interpretation = "stratonovich"
        [variables]
        x = 1.0
        y = 0.0
        [equations]
        x = "-0.5*y*a - y*b"
        y = "0.5*x*a + x*b"
        """,
        "rotation",
    )


def test_commuting_noises_keep_a_circle_to_order_one(rotation: System) -> None:
    assert "milstein" in methods_for(rotation)
    off = []
    for step in (0.02, 0.005):
        ends = ensemble(
            rotation,
            steps=round(1 / step),
            step=step,
            values={},
            method="milstein",
            initial=np.repeat([[1.0], [0.0]], 200, axis=1),
        )
        off.append(np.abs(np.hypot(*ends) - 1).mean())
    assert off[1] < off[0] / 2.5
    assert off[1] < 0.05


@pytest.fixture(scope="module")
def crossed(read: Callable[..., System]) -> System:
    """Two noises whose coefficients do not commute."""
    return read(
        """
        kind = "sde"
        noise = ["a", "b"]
        [variables]
        x = 0.0
        y = 0.0
        [equations]
        x = "a"
        y = "x*b"
        """,
        "crossed",
    )


def test_methods_suit_the_noise(geometric: System, ornstein: System, crossed: System) -> None:
    assert methods_for(geometric) == ("euler-maruyama", "milstein")
    assert methods_for(ornstein) == ("euler-maruyama", "milstein", "sra1")
    assert methods_for(crossed) == ("euler-maruyama",)
    for system, method, message in (
        (geometric, "sra1", "strength depends on the state.*takes euler-maruyama, milstein, got"),
        (crossed, "milstein", "noises that do not commute.*it takes euler-maruyama, got"),
        (geometric, "rk4", "a flow with noise, which takes euler-maruyama, milstein, got the"),
        (geometric, "iterate", "'geometric' is a flow"),
    ):
        with pytest.raises(ParameterError, match=message):
            simulate(system, method=method)


def test_a_system_without_noise_takes_no_method_for_it(lorenz: System) -> None:
    with pytest.raises(ParameterError, match="'lorenz' is a flow without noise, which takes"):
        simulate(lorenz, method="milstein")


def test_the_same_seed_is_the_same_path_and_another_is_not(geometric: System) -> None:
    one, two, other = (simulate(geometric, 1.0, 0.01, seed=seed).rows for seed in (4, 4, 5))
    np.testing.assert_array_equal(one, two)
    assert (one[1:, 1] != other[1:, 1]).all()


def test_a_transient_is_the_same_path_from_later_on(ornstein: System) -> None:
    whole = simulate(ornstein, 30.0, 0.01, "sra1", seed=2)
    late = simulate(ornstein, 10.0, 0.01, "sra1", seed=2, transient=20.0)
    np.testing.assert_array_equal(late.states, whole.states[2000:])


def test_a_change_of_values_goes_on_with_new_noise(ornstein: System) -> None:
    changed, whole = Stream(ornstein, seed=3), Stream(ornstein, seed=3)
    rows = changed.advance(300)
    changed.set_values({"sigma": 0.5})
    np.testing.assert_array_equal(
        np.concatenate([rows, changed.advance(300)])[:, 1], whole.advance(600)[:, 1]
    )
    changed.restart()
    np.testing.assert_array_equal(changed.advance(300), rows)


@pytest.mark.parametrize("width", [1, 3, BLOCK + 5])
def test_normal_numbers_depend_on_their_place_only(width: int) -> None:
    one, two = Normals(9, 0, width), Normals(9, 0, width)
    size = one.size
    far = two.after(3 * size + 1)[0].copy()
    for place in (0, size - 1, size, 3 * size + 1):
        np.testing.assert_array_equal(one.after(place)[0], Normals(9, 0, width).after(place)[0])
    np.testing.assert_array_equal(one.after(3 * size + 1)[0], far)
    assert not np.array_equal(Normals(9, 1, width).after(0)[0], one.after(0)[0])
    assert not np.array_equal(one.after(0)[0], one.after(size)[0])


def test_normal_numbers_are_normal() -> None:
    numbers = np.concatenate([Normals(1, lane, 4).after(0) for lane in range(100)]).ravel()
    assert numbers.mean() == pytest.approx(0.0, abs=4 / math.sqrt(numbers.size))
    assert numbers.var() == pytest.approx(1.0, abs=4 * math.sqrt(2 / numbers.size))
    assert (numbers**4).mean() == pytest.approx(3.0, abs=4 * math.sqrt(96 / numbers.size))


@pytest.mark.parametrize("seed", [-1, 1.5, "x", 2**63, None])
def test_a_seed_is_a_whole_number(ornstein: System, seed: object) -> None:
    with pytest.raises(ParameterError, match=r"seed must be a whole number from 0 to 2\^63"):
        simulate(ornstein, 1.0, seed=seed)  # type: ignore[arg-type]


def test_events_are_seen_at_the_ends_of_steps(read: Callable[..., System]) -> None:
    noisy = read(
        """
        kind = "sde"
        noise = ["w"]
        [variables]
        v = 0.0
        [equations]
        v = "1 + 0*v + s*w"
        [parameters.s]
        default = 0.0
        [[events]]
        when = "v - 1"
        direction = "up"
        set = { v = "0" }
        """,
        "noisy",
    )
    still = simulate(noisy, 10.5, 0.03, "euler-maruyama")
    # v = 1 is first passed by step 34, at v = 1.02.
    np.testing.assert_allclose(still.events[:, 0], 1.02 * np.arange(1, 11))
    np.testing.assert_allclose(still.events[:, 2], 1.02)
    pushed = simulate(noisy, 2000.0, 0.002, "euler-maruyama", values={"s": 0.5}, seed=1)
    # The first passage of a drift of 1 to a distance of 1 takes 1 on average, variance s^2;
    # steps see it late by 0.58 s sqrt(h) (Siegmund 1985, section X.2).
    between = np.diff(pushed.events[:, 0])
    assert between.mean() == pytest.approx(1.0 + 0.5826 * 0.5 * math.sqrt(0.002), abs=0.05)
    assert between.var() == pytest.approx(0.25, rel=0.25)
