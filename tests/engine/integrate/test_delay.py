"""Delays: closed forms by the method of steps, order, kinks, jumps, and what is refused."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from numpy.polynomial import Polynomial

from engine.errors import ParameterError
from engine.integrate.delay_run import kinks
from engine.integrate.methods import methods_for
from engine.integrate.solve import simulate
from engine.integrate.stream import Stream
from engine.systems.system import System


def by_steps(t: np.ndarray, tau: float = 1.0) -> np.ndarray:
    """Solution of x' = -x(t - tau) with 1 before the start: a polynomial more every lag."""
    out = np.ones_like(t)
    for k in range(1, int(t.max() / tau) + 2):
        late = np.maximum(t - (k - 1) * tau, 0.0)
        out += (-1.0) ** k * late**k / math.factorial(k)
    return out


@pytest.mark.parametrize("step", [0.1, 0.07, 0.3, 0.9])
def test_a_constant_history_gives_the_polynomials_of_the_method_of_steps(
    retarded: System, step: float
) -> None:
    orbit = simulate(retarded, 3.0, step)
    # Up to t = 3 they have degree 3 at most, which cubic pieces and RK4 hold exactly, as
    # steps land on the kinks at 1 and 2 wherever the grid lies.
    np.testing.assert_allclose(orbit.states[:, 0], by_steps(orbit.t), atol=1e-14)
    assert orbit.method == "steps-rk4"


def test_measured_order_across_kinks(retarded: System) -> None:
    # Where the kinks fall in the grid shakes single pairs: a line through five.
    counts, errors = (30, 60, 120, 240, 480), []
    for steps in counts:
        orbit = simulate(retarded, 9.0, 9.0 / steps, values={"tau": 0.83})
        errors.append(np.abs(orbit.states[:, 0] - by_steps(orbit.t, 0.83)).max())
    assert -np.polyfit(np.log(counts), np.log(errors), 1)[0] == pytest.approx(4.0, abs=0.3)


def test_a_step_longer_than_the_lag_is_made_in_parts(retarded: System) -> None:
    orbit = simulate(retarded, 6.0, 2.0, values={"tau": 0.25})
    np.testing.assert_allclose(orbit.states[:, 0], by_steps(orbit.t, 0.25), atol=4e-6)


@pytest.fixture(scope="module")
def two_lags(read: Callable[..., System]) -> System:
    """x' = a x(t - p) + b x(t - q), y' = -y(t - pi/2): exp(r t) and cos t."""
    return read(
        """
        kind = "dde"
        [variables]
        x = 1.0
        y = 1.0
        [equations]
        x = "a*x(t - p) + (r - a*exp(-r*p))*exp(r*q)*x(t - q)"
        y = "-y(t - pi/2)"
        [history]
        x = "exp(r*t)"
        y = "cos(t)"
        [parameters.a]
        default = -0.7
        [parameters.r]
        default = 0.3
        [parameters.p]
        default = 0.4
        [parameters.q]
        default = 1.1
        """,
        "two-lags",
    )


def test_measured_order_with_several_lags_and_a_history(two_lags: System) -> None:
    counts, errors = (25, 50, 100, 200), []
    for steps in counts:
        orbit = simulate(two_lags, 5.0, 5.0 / steps)
        exact = np.column_stack((np.exp(0.3 * orbit.t), np.cos(orbit.t)))
        errors.append(np.abs(orbit.states - exact).max(axis=0))
    slopes = -np.polyfit(np.log(counts), np.log(errors), 1)[0]
    np.testing.assert_allclose(slopes, 4.0, atol=0.35)


def pieces(history: Polynomial, start: float, until: float) -> list[tuple[float, Polynomial]]:
    """x' = -x(t - 1): its polynomials from 0 on, `history` before and `start` at 0."""
    found: list[tuple[float, Polynomial]] = []
    former, value = history, start
    for k in range(math.ceil(until)):
        # On [k, k + 1] the slope is that of the piece before, one lag earlier.
        shifted = former(Polynomial([-1.0, 1.0]))
        piece = -shifted.integ()
        piece = piece - piece(float(k)) + value
        found.append((float(k), piece))
        former, value = piece, float(piece(k + 1.0))
    return found


@pytest.mark.parametrize("start", [0.5, 0.0, 2.0])
def test_a_history_in_t_and_a_jump_at_the_start(read: Callable[..., System], start: float) -> None:
    system = read(
        f"""
        kind = "dde"
        [variables]
        x = {start}
        [equations]
        x = "-x(t - 1)"
        [history]
        x = "0.5 - t"
        """,
        "jump",
    )
    orbit = simulate(system, 2.0, 0.13)
    found = pieces(Polynomial([0.5, -1.0]), start, 3.0)
    exact = [next(p for k, p in reversed(found) if t >= k)(t) for t in orbit.t]
    # Degree 3 up to t = 2, so the only error could be one of kinks and jumps.
    np.testing.assert_allclose(orbit.states[:, 0], exact, atol=1e-14)


def test_a_lag_of_zero_is_no_lag(retarded: System) -> None:
    orbit = simulate(retarded, 3.0, 0.01, values={"tau": 0.0})
    np.testing.assert_allclose(orbit.states[:, 0], np.exp(-orbit.t), atol=1e-9)


def test_the_characteristic_root_of_the_linear_equation(retarded: System) -> None:
    # x = exp(s t) with s = -exp(-s): the slowest root by Newton's method.
    root = -0.3 + 1.3j
    for _ in range(50):
        root -= (root + np.exp(-root)) / (1 - np.exp(-root))
    orbit = simulate(retarded, 60.0, 0.02)
    later = orbit.t > 20
    envelope = orbit.states[later, 0] / np.exp(root.real * orbit.t[later])
    maxima = envelope[1:-1][(envelope[1:-1] > envelope[:-2]) & (envelope[1:-1] > envelope[2:])]
    np.testing.assert_allclose(maxima, maxima[0], rtol=1e-3)


def test_families_have_their_past_place_by_place(read: Callable[..., System]) -> None:
    ring = read(
        """
        kind = "dde"
        [variables]
        "x[N]" = "cos(2*pi*i/N)"
        [equations]
        "x[i]" = "-x[i](t - pi/2)"
        [history]
        "x[i]" = "cos(t)"
        [parameters.N]
        default = 30
        scale = "integer"
        size = true
        """,
        "ring",
    )
    orbit = simulate(ring, 2.0, 0.05, initial=np.ones(30))
    np.testing.assert_allclose(
        orbit.states, np.cos(orbit.t)[:, np.newaxis] * np.ones(30), atol=1e-6
    )


def test_pieces_and_transients_give_the_same_numbers(two_lags: System) -> None:
    whole = simulate(two_lags, 20.0, 0.03)
    stream = Stream(two_lags, step=0.03)
    rows = [stream.row, *(stream.advance(n) for n in (1, 17, 300, 348))]
    np.testing.assert_array_equal(np.concatenate(rows), whole.rows)
    late = simulate(two_lags, 10.0, 0.03, transient=9.99)
    # Times are counted from another start, which rounds otherwise.
    np.testing.assert_allclose(late.states, whole.states[333 : 333 + len(late)], rtol=1e-11)


def test_a_change_of_values_keeps_the_past(retarded: System) -> None:
    stream = Stream(retarded, step=0.05)
    stream.advance(40)
    stream.set_values({"tau": 0.5})
    rows = stream.advance(10)
    # From 2 to 2.5 the slope is -x(t - 1/2), where x is that of the run before.
    past = Polynomial([1.0]) - Polynomial([0.0, 1.0]) + 0.5 * Polynomial([-1.0, 1.0]) ** 2
    rise = -past(Polynomial([-0.5, 1.0])).integ()
    exact = past(2.0) + rise(rows[:, 0]) - rise(2.0)
    np.testing.assert_allclose(rows[:, 1], exact, atol=1e-14)


def test_a_longer_lag_than_the_past_that_is_held_takes_the_oldest_state(retarded: System) -> None:
    stream = Stream(retarded, {"tau": 0.1}, step=0.05)
    stream.advance(2000)
    stream.set_values({"tau": 50.0})
    oldest = stream.state[0]
    rows = stream.advance(10)
    assert np.isfinite(rows).all()
    assert rows[-1, 1] == pytest.approx(oldest, abs=1e-3)


def test_mackey_and_glass_s_equation_rests_where_it_should(read: Callable[..., System]) -> None:
    blood = read(
        """
        kind = "dde"
        [variables]
        x = 0.5
        [equations]
        x = "b*x(t - tau)/(1 + x(t - tau)^n) - g*x"
        [parameters]
        tau = { default = 2.0 }
        b = { default = 0.2 }
        g = { default = 0.1 }
        n = { default = 10 }
        """,
        "blood",
    )
    # The fixed point (b/g - 1)^(1/n) = 1 is stable for lags up to 4.53 (Glass and Mackey 1979).
    steady = simulate(blood, 2000.0, 0.05)
    np.testing.assert_allclose(steady.states[-100:, 0], 1.0, atol=1e-6)
    swinging = simulate(blood, 2000.0, 0.05, values={"tau": 6.0})
    assert np.ptp(swinging.states[-5000:, 0]) > 0.3


@pytest.mark.parametrize(
    ("values", "step", "message"),
    [
        ({"tau": -1.0}, 0.1, "delay of 'x' must be a number not below zero, got -1"),
        (
            {"tau": 1e-6},
            0.1,
            "less than a thousandth of the step 0.1; take a step of at most 0.001",
        ),
        ({"tau": 1e9}, 0.01, "the past of 'retarded' over its longest lag 1e.09 would take"),
    ],
)
def test_lags_that_cannot_be_are_refused(
    retarded: System, values: dict[str, float], step: float, message: str
) -> None:
    with pytest.raises(ParameterError, match=message):
        simulate(retarded, 1.0, step, values=values)


def test_a_lag_that_cannot_be_leaves_a_stream_as_it_was(retarded: System) -> None:
    stream, other = Stream(retarded, step=0.1), Stream(retarded, step=0.1)
    stream.advance(10)
    other.advance(10)
    with pytest.raises(ParameterError):
        stream.set_values({"tau": -1.0})
    assert stream.values == {"tau": 1.0}
    np.testing.assert_array_equal(stream.advance(10), other.advance(10))


def test_methods_suit_delays(retarded: System, lorenz: System) -> None:
    assert methods_for(retarded) == ("steps-rk4",)
    with pytest.raises(ParameterError, match="'retarded' is a flow with delays, which takes steps"):
        simulate(retarded, method="rk4")
    with pytest.raises(ParameterError, match="'lorenz' is a flow without delays"):
        simulate(lorenz, method="dde-rk4")


def test_kinks_lie_at_sums_of_lags() -> None:
    found = kinks([2.0], np.array([1.0, 1.5]))
    sums = {2.0 + i + 1.5 * j for i in range(6) for j in range(6) if i + j <= 5}
    np.testing.assert_allclose(found, sorted(sums))
    assert kinks([0.0], np.linspace(1, 2, 200)).size <= 2000


def test_a_solution_that_explodes_stops_with_a_sentence(retarded: System) -> None:
    orbit = simulate(retarded, 2000.0, 0.1, values={"tau": 3.0})
    assert orbit.stopped is not None
    assert orbit.stopped.reason.startswith("left the region |x| > 1e6 at t = ")
    assert np.abs(orbit.states).max() <= 1e6
    assert math.isnan(orbit.error)
