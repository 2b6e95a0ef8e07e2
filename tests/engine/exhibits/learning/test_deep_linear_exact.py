"""Deep linear networks against their closed forms, and the process around them."""

from __future__ import annotations

import numpy as np
import pytest

from engine.errors import ParameterError
from engine.exhibits.learning import _linear_network as linear
from engine.exhibits.learning.deep_linear_exact import EXHIBIT

STRENGTHS = np.array([3.0, 2.0, 1.0, 0.5, 0.0])


def slope(depth: int, a: np.ndarray) -> np.ndarray:
    return depth * a ** (2 - 2 / depth) * (STRENGTHS - a)


@pytest.mark.parametrize("depth", [1, 2])
def test_the_closed_form_solves_its_equation(depth: int) -> None:
    times, start = np.linspace(0.0, 6.0, 40), np.full(5, 1e-3)
    h = 1e-6
    a = linear.closed_form(depth, STRENGTHS, start, times)
    later = linear.closed_form(depth, STRENGTHS, start, times + h)
    earlier = linear.closed_form(depth, STRENGTHS, start, times - h)
    assert a[0] == pytest.approx(start)
    np.testing.assert_allclose((later - earlier) / (2 * h), slope(depth, a), atol=1e-6)


def test_the_closed_form_of_two_layers_is_the_one_published() -> None:
    t, s, a0 = np.linspace(0.0, 5.0, 30), 2.0, 0.01
    grown = np.exp(2 * s * t)
    np.testing.assert_allclose(
        linear.closed_form(2, np.array([s]), np.array([a0]), t)[:, 0],
        s * grown / (grown - 1 + s / a0),
    )


def test_integrated_layers_agree_with_the_closed_form_where_there_is_one() -> None:
    times, layers = np.linspace(0.1, 6.0, 30), np.full((5, 2), 1e-3**0.5)
    out = np.empty((30, 5))
    linear.integrate_layers(layers, STRENGTHS, times, 0.01, out)
    exact = linear.closed_form(2, STRENGTHS, np.full(5, 1e-3), times)
    np.testing.assert_allclose(out, exact, atol=1e-7)


def test_unequal_layers_keep_the_difference_of_their_squares() -> None:
    layers = np.column_stack([np.full(5, 0.02), np.full(5, 0.3)])
    linear.integrate_layers(layers, STRENGTHS, np.array([7.0]), 0.01, np.empty((1, 5)))
    np.testing.assert_allclose(layers[:, 1] ** 2 - layers[:, 0] ** 2, 0.3**2 - 0.02**2, atol=1e-8)
    np.testing.assert_allclose(layers[:3].prod(axis=1), STRENGTHS[:3], atol=1e-3)


@pytest.mark.parametrize("depth", [1, 2, 3, 5])
def test_the_learning_time_is_when_the_mode_gets_there(depth: int) -> None:
    time = linear.learning_time(depth, 2.0, 1e-2)
    layers = np.full((1, depth), 1e-2 ** (1 / depth))
    out = np.empty((1, 1))
    linear.integrate_layers(layers, np.array([2.0]), np.array([time]), 0.002, out)
    assert out[0, 0] == pytest.approx(0.99 * 2.0, rel=1e-3)


@pytest.mark.parametrize("depth", [1, 2, 4])
@pytest.mark.parametrize("initialisation", ["balanced", "orthogonal", "random"])
def test_a_step_of_training_is_a_step_down_the_gradient(depth: int, initialisation: str) -> None:
    network = linear.make_network(STRENGTHS, depth, 0.2, initialisation, 2.0, seed=3)
    weights = network.weights.copy()

    def loss(trial: np.ndarray) -> float:
        whole = np.eye(6)
        for layer in trial:
            whole = layer @ whole
        return 0.5 * float(((network.target - whole) ** 2).sum())

    linear.descend(network.weights, network.target, 1e-4, 1)
    h = 1e-6
    for place in [(0, 0, 1), (depth - 1, 3, 2), (depth // 2, 2, 5)]:
        up, down = weights.copy(), weights.copy()
        up[place] += h
        down[place] -= h
        gradient = (loss(up) - loss(down)) / (2 * h)
        assert (network.weights[place] - weights[place]) / -1e-4 == pytest.approx(
            gradient, abs=1e-6
        )


def test_learning_lowers_the_loss_and_ends_at_the_map() -> None:
    process = EXHIBIT.start({"learning_rate": 0.01})
    process.advance(1.0, 0.0)
    frame = process.advance(5.0, 4000.0)
    loss = frame.channels["loss"][:, 1]
    assert (np.diff(loss) <= 1e-15).all()
    # What is left is the fifth mode: strength zero, and it fades only as 1 over time.
    assert loss[-1] < 1e-6
    assert "learned" in frame.status["message"]


def test_the_theory_is_there_before_the_run_and_follows_the_learning_rate() -> None:
    process = EXHIBIT.start({})
    first = process.advance(1.0, 0.0)
    assert len(first.channels["theory"]) > 1000
    assert first.channels["theory"][-1, 1:5] == pytest.approx(3.0 * 0.55 ** np.arange(4), rel=0.02)
    process.advance(1.0, 2000.0)
    process.set("learning_rate", 4e-3)
    frame = process.advance(1.0, 0.0)
    assert frame.restarted
    assert frame.channels["modes"][-1, 0] <= 2000.0
    assert frame.channels["theory"][-1, 0] < first.channels["theory"][-1, 0]
    while frame.time < 6000:
        frame = process.advance(1.0, 6000.0 - frame.time)
    assert frame.status["error"] < 0.03


def test_measured_rows_stand_on_the_steps_of_the_theory() -> None:
    process = EXHIBIT.start({"depth": 3})
    theory = process.advance(1.0, 0.0).channels["theory"]
    rows = []
    for _ in range(9):
        rows.append(process.advance(1.0, 1111.0).channels["modes"])
    steps = np.concatenate(rows)[:, 0]
    assert np.isin(steps, theory[:, 0]).all()
    assert len(steps) == len(np.unique(steps))


def test_a_learning_rate_that_is_too_large_is_said_and_mended() -> None:
    process = EXHIBIT.start({"learning_rate": 1.0})
    process.advance(1.0, 0.0)
    frame = process.advance(1.0, 500.0)
    assert process.finished
    assert "learning rate 1 is too large" in frame.status["message"]
    assert np.isfinite(frame.channels["modes"]).all()
    process.set("learning_rate", 0.01)
    assert not process.finished
    assert process.advance(1.0, 0.0).restarted


@pytest.mark.parametrize(("name", "value"), [("depth", 0), ("a0", 0.0), ("modes", 6)])
def test_networks_that_do_not_exist_are_refused(name: str, value: float) -> None:
    with pytest.raises(ParameterError, match=f"'{name}' of 'deep-linear-exact' must"):
        EXHIBIT.start({name: value})
