"""Delayed terms, history and events: what their kernels give, and their derivatives."""

from __future__ import annotations

import numpy as np
import pytest

from engine.equations.model import Model
from engine.equations.parts import Event
from engine.errors import EquationError
from tests.engine.equations.grown import both, differences, numbers, places, value

MACKEY_GLASS = Model(
    ("x",),
    ("beta", "gamma", "n", "tau"),
    {"x": "beta*x(t - tau)/(1 + x(t - tau)^n) - gamma*x"},
    delays=True,
    history={"x": "0.5 + 0.1*cos(t)*x"},
)


def test_mackey_glass_has_one_delayed_term() -> None:
    # M. C. Mackey and L. Glass, Science 197, 287 (1977).
    assert MACKEY_GLASS.delayed == (0,)
    assert MACKEY_GLASS.lags(np.array([0.2, 0.1, 10.0, 17.0])).tolist() == [17.0]
    assert MACKEY_GLASS.autonomous
    state, parameters = np.array([0.9]), np.array([0.2, 0.1, 10.0, 17.0, 1.1])
    wanted = 0.2 * 1.1 / (1 + 1.1**10) - 0.1 * 0.9
    assert value(MACKEY_GLASS, "rhs", (1,), state, parameters)[0] == pytest.approx(wanted)
    by_past = differences(
        lambda past: value(MACKEY_GLASS, "rhs", (1,), state, np.append(parameters[:4], past)),
        parameters[4:],
    )
    found = value(MACKEY_GLASS, "delay_jacobian", (1, 1), state, parameters)
    np.testing.assert_allclose(found, by_past, atol=1e-9)
    found = value(MACKEY_GLASS, "history", (1,), state, parameters, -2.0)
    assert found[0] == pytest.approx(0.5 + 0.1 * np.cos(2.0) * 0.9)


def test_delayed_terms_are_counted_once_and_read_where_they_belong() -> None:
    models = both(
        (*places("x", 4), "y"),
        ("tau", "a"),
        {
            "x[i]": "x[i+1](t - tau) - a*x[i] + y(t - 2*tau)*x[0](t - tau)",
            "x[0]": "y(t - tau)^2",
            "y": "sum(j, 0, 3, x[j](t - tau)^2) + x2(t - tau - 1)",
        },
        families={"x": 4},
        delays=True,
    )
    tau, a = 1.5, 0.7
    state = np.array([0.1, 0.2, 0.3, 0.4, 0.5])

    def past(row: int, lag: float) -> float:
        return float(np.sin(row + 1 + lag))

    x = np.array([past(row, tau) for row in range(4)])
    wanted = np.empty(5)
    wanted[:4] = np.roll(x, -1) - a * state[:4] + past(4, 3.0) * x[0]
    wanted[0] = past(4, tau) ** 2
    wanted[4] = (x**2).sum() + past(2, tau + 1)
    for model in models:
        lags = model.lags(np.array([tau, a]))
        assert sorted(zip(model.delayed, lags, strict=True)) == [
            *((row, tau) for row in (0, 1)),
            (2, tau),
            (2, tau + 1),
            (3, tau),
            (4, tau),
            (4, 2 * tau),
        ]
        values = [past(row, lag) for row, lag in zip(model.delayed, lags, strict=True)]
        parameters = np.array([tau, a, *values])
        found = value(model, "rhs", (5,), state, parameters)
        np.testing.assert_allclose(found, wanted, rtol=1e-13)
        slopes = differences(
            lambda at, model=model: value(model, "rhs", (5,), state, np.append([tau, a], at)),  # type: ignore[misc]
            parameters[2:],
        )
        found = value(model, "delay_jacobian", (5, len(lags)), state, parameters)
        np.testing.assert_allclose(found, slopes, atol=1e-8)


def test_lags_may_differ_from_place_to_place_in_a_small_model() -> None:
    model = Model(
        places("x", 3),
        (),
        {"x[i]": "x[i](t - w[i])"},
        families={"x": 3},
        arrays={"w": (3,)},
        delays=True,
    )
    assert model.lags(np.array([0.5, 1.5, 2.5])).tolist() == [0.5, 1.5, 2.5]
    with pytest.raises(EquationError, match="not below zero, got -1"):
        model.lags(np.array([0.5, -1.0, 2.5]))


@pytest.mark.parametrize(
    ("equation", "says", "column"),
    [
        ("x(t - x)", "a lag is made of numbers and parameters only, not of 'x'", 7),
        ("x(t - a*t)", "not of 't'", 9),
        ("x(t - q)", "not of 'q'", 7),
        ("1 + x(t + a)", "is written x(t - tau)", 5),
        ("x(2)", "is written x(t - tau)", 1),
        ("x(t, a)", "takes 1 argument, got 2", 1),
        ("q(t - a)", "'q' is not a function", 1),
        ("y(t - a)", "unknown function 'y'", 1),
    ],
)
def test_a_delay_that_means_nothing_is_refused(equation: str, says: str, column: int) -> None:
    with pytest.raises(EquationError) as caught:
        Model(("x",), ("a",), {"x": equation}, {"q": "a"}, delays=True)
    assert says in caught.value.message
    assert caught.value.column == column


def test_without_delays_a_variable_is_no_function() -> None:
    with pytest.raises(EquationError, match="'x' is not a function; write x"):
        Model(("x",), ("a",), {"x": "x(t - a)"})


def spiking() -> tuple[Model, Model]:
    """Izhikevich's neuron beside a family that every spike turns over."""
    return both(
        ("v", "u", *places("x", 4)),
        ("c", "d"),
        {"v": "0.04*v^2 + 5*v + 140 - u", "u": "0.02*(0.2*v - u)", "x[i]": "-x[i]"},
        families={"x": 4},
        events=(
            Event("v - 30 + t*sum(x)", "up", {"v": "c", "u": "u + d", "x[i]": "x[i+1]*v*i"}),
            Event("u", "down", {"x[1]": "cos(t)*u^2"}, terminal=True),
        ),
    )


def test_events_see_the_state_before() -> None:
    # E. M. Izhikevich, IEEE Transactions on Neural Networks 14, 1569 (2003).
    models = spiking()
    state, parameters = numbers(models[0])
    v, u, x, (c, d) = state[0], state[1], state[2:], parameters
    for model in models:
        found = value(model, "event", (2,), state, parameters)
        assert found == pytest.approx([v - 30 + 0.3 * x.sum(), u])
        first, second = (value(model, k, (6,), state, parameters) for k in model.compiled.resets)
        assert first == pytest.approx([c, u + d, *(np.roll(x, -1) * v * np.arange(4))])
        assert second == pytest.approx([v, u, x[0], np.cos(0.3) * u**2, x[2], x[3]])


def test_events_and_resets_have_exact_derivatives() -> None:
    models = spiking()
    state, parameters = numbers(models[0])
    by_state = differences(lambda s: value(models[0], "event", (2,), s, parameters), state)
    resets = [
        differences(lambda s, k=k: value(models[0], k, (6,), s, parameters), state)  # type: ignore[misc]
        for k in models[0].compiled.resets
    ]
    for model in models:
        found = value(model, "event_gradient", (2, 7), state, parameters)
        np.testing.assert_allclose(found[:, :6], by_state, atol=1e-8)
        np.testing.assert_allclose(found[:, 6], [state[2:].sum(), 0.0], rtol=1e-14)
        for kernel, wanted in zip(model.compiled.reset_jacobians, resets, strict=True):
            found = value(model, kernel, (6, 6), state, parameters)
            np.testing.assert_allclose(found, wanted, atol=1e-8)


def test_what_has_no_history_keeps_its_initial_value() -> None:
    for model in both(
        (*places("x", 3), "y"),
        ("tau",),
        {"x[i]": "-x[i](t - tau)", "y": "-y"},
        families={"x": 3},
        delays=True,
        history={"x[i]": "i*exp(t)", "x[0]": "y"},
    ):
        state, parameters = numbers(model)
        found = value(model, "history", (4,), state, parameters, -1.0)
        expected = [state[3], np.exp(-1.0), 2 * np.exp(-1.0), state[3]]
        assert found == pytest.approx(expected)
