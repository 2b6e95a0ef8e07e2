"""Noise in the equations: coefficients, their slopes, Ito from Stratonovich, and its kind."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine.equations.model import Model
from engine.errors import EquationError
from tests.engine.equations.grown import both, differences, numbers, places, value


def test_a_geometric_brownian_motion_gains_half_sigma_squared() -> None:
    # dx = mu x dt + sigma x o dW is dx = (mu + sigma^2/2) x dt + sigma x dW:
    # B. Oksendal, Stochastic Differential Equations, 6th ed., Springer 2003, chapter 5.
    parts: Any = (("x",), ("mu", "sigma"), {"x": "mu*x + sigma*x*w"})
    state, parameters = np.array([2.0]), np.array([0.5, 0.3])
    ito = Model(*parts, noise=("w",))
    stratonovich = Model(*parts, noise=("w",), interpretation="stratonovich")
    assert value(ito, "rhs", (1,), state, parameters)[0] == pytest.approx(0.5 * 2)
    converted = value(stratonovich, "rhs", (1,), state, parameters)[0]
    assert converted == pytest.approx((0.5 + 0.3**2 / 2) * 2)
    slope = value(stratonovich, "jacobian", (1, 1), state, parameters)
    assert slope[0, 0] == pytest.approx(0.5 + 0.3**2 / 2)
    for model in (ito, stratonovich):
        assert value(model, "diffusion", (1, 1), state, parameters)[0, 0] == pytest.approx(0.6)
        slopes = value(model, "diffusion_slopes", (1, 1), state, parameters)
        assert slopes[0, 0] == pytest.approx(0.3)


def test_a_random_rotation_keeps_its_radius_in_the_sense_of_stratonovich() -> None:
    # dx = -y o dW, dy = x o dW turns by the angle W; in Ito's sense the drift is -(x, y)/2.
    model = Model(
        ("x", "y"), (), {"x": "-y*w", "y": "x*w"}, noise=("w",), interpretation="stratonovich"
    )
    state = np.array([3.0, 4.0])
    assert value(model, "rhs", (2,), state, np.empty(0)).tolist() == [-1.5, -2.0]
    assert model.noise_kind == "commutative"


def field(interpretation: str) -> tuple[Model, Model]:
    """A chain with noises of all sorts: its own, its neighbour's, a common one, in sums."""
    return both(
        (*places("x", 5), "y"),
        ("s",),
        {
            "x[i]": "x[i+1] - x[i] + s*sin(x[i+1])*u[i] + y*sum(j, 0, 4, x[j]*x[i]*u[j])"
            " + q*v*x[i]",
            "y": "-y + y*v*q + s*cos(t)*u[3]",
        },
        {"q": "sum(j, 0, 4, x[j]^2)"},
        noise=(*places("u", 5), "v"),
        noise_families={"u": 5},
        families={"x": 5},
        interpretation=interpretation,
    )


def test_coefficients_and_their_slopes_are_exact_both_ways() -> None:
    models = field("ito")
    state, parameters = numbers(models[0])
    x, y, s, q = state[:5], state[5], parameters[0], (state[:5] ** 2).sum()
    wanted = np.zeros((6, 6))
    wanted[:5, :5] = y * np.outer(x, x) + np.diag(s * np.sin(np.roll(x, -1)))
    wanted[:5, 5] = q * x
    wanted[5, 5], wanted[5, 3] = y * q, s * np.cos(0.3)
    slopes = differences(
        lambda at: value(models[0], "diffusion", (6, 6), at, parameters).ravel(), state
    )
    for model in models:
        found = value(model, "diffusion", (6, 6), state, parameters)
        np.testing.assert_allclose(found, wanted, rtol=1e-13)
        found = value(model, "diffusion_slopes", (36, 6), state, parameters)
        np.testing.assert_allclose(found, slopes, atol=1e-8)
        drift = value(model, "rhs", (6,), state, parameters)
        np.testing.assert_allclose(drift[:5], np.roll(x, -1) - x, atol=1e-14)
        assert model.noise_kind == "general"


def test_the_drift_of_ito_is_that_of_stratonovich_and_half_the_slopes() -> None:
    ito, _ = field("ito")
    state, parameters = numbers(ito, seed=5)
    coefficients = value(ito, "diffusion", (6, 6), state, parameters)
    slopes = value(ito, "diffusion_slopes", (36, 6), state, parameters).reshape(6, 6, 6)
    wanted = value(ito, "rhs", (6,), state, parameters)
    wanted = wanted + 0.5 * np.einsum("jk,ikj->i", coefficients, slopes)
    for model in field("stratonovich"):
        found = value(model, "rhs", (6,), state, parameters)
        np.testing.assert_allclose(found, wanted, rtol=1e-12)


def test_sums_within_sums_keep_their_indices_apart() -> None:
    # A sum in an argument, in the coefficient of a noise in a sum, in a quantity, in a condition.
    parts: Any = (
        (*places("x", 4), *places("z", 6)),
        ("a",),
        {
            "x[i]": "g(x[i], q)*sum(k, 0, 3, sin(z[3 - k])*u[k]) + x[i]*q"
            " + g(sum(l, 0, 2, z[2*i - 1]*x[l]), sum(l, 1, i, z[l]^2))",
            "z[i]": "where(q > 0.1, z[i+1], x[i]) + sum(k, 0, 3, q*x[k] + r[i]*x[k]*sum(r)*i)",
        },
        {"q": "sum(j, 1, 3, where(w[j] > 1, z[j+1], z[2*j - 1]^2))", "r[i < 6]": "x[i]*q"},
        {"g(u_, v_)": "sum(o, 0, 3, u_*x[o]*v_) - v_"},
    )
    more: Any = {"families": {"x": 4, "z": 6}, "arrays": {"w": (6,)}, "edges": {"z": "zero"}}
    out, looped = both(*parts, **more, noise=places("u", 4), noise_families={"u": 4})
    state, parameters = numbers(out, seed=8)
    for kernel, shape in (
        ("rhs", (10,)),
        ("jacobian", (10, 10)),
        ("diffusion", (10, 4)),
        ("diffusion_slopes", (40, 10)),
    ):
        found = value(looped, kernel, shape, state, parameters)
        wanted = value(out, kernel, shape, state, parameters)
        np.testing.assert_allclose(found, wanted, rtol=1e-11, atol=1e-12)


def test_local_noise_of_a_lattice_is_converted_with_its_derivatives() -> None:
    models = both(
        (*places("x", 6), "y"),
        ("s",),
        {"x[i]": "x[i+1] + s*sin(x[i])*u[i]", "x[2]": "s*x[2]^2*u[2]", "y": "y*v"},
        noise=(*places("u", 6), "v"),
        noise_families={"u": 6},
        families={"x": 6},
        interpretation="stratonovich",
    )
    state, parameters = numbers(models[0])
    s, x = parameters[0], state[:6]
    wanted = np.append(np.roll(x, -1) + s**2 / 2 * np.sin(x) * np.cos(x), state[6] / 2)
    wanted[2] = s**2 * x[2] ** 3
    slopes = differences(lambda at: value(models[0], "rhs", (7,), at, parameters), state)
    for model in models:
        assert model.noise_kind == "diagonal"
        np.testing.assert_allclose(value(model, "rhs", (7,), state, parameters), wanted, rtol=1e-13)
        found = value(model, "jacobian", (7, 7), state, parameters)
        np.testing.assert_allclose(found, slopes, atol=1e-8)


@pytest.mark.parametrize(
    ("equations", "noise", "kind"),
    [
        ({"x": "y", "y": "-x"}, (), "none"),
        ({"x": "y + a*w", "y": "cos(t)*v - x"}, ("w", "v"), "additive"),
        ({"x": "a*w + v", "y": "v"}, ("w", "v"), "additive"),
        ({"x": "x*w", "y": "sin(y)*v"}, ("w", "v"), "diagonal"),
        ({"x": "x*w + x*v", "y": "0"}, ("w", "v"), "commutative"),
        ({"x": "y*w", "y": "x*w"}, ("w",), "commutative"),
        ({"x": "y*w", "y": "v"}, ("w", "v"), "general"),
        ({"x": "x*w + v", "y": "0"}, ("w", "v"), "general"),
    ],
)
def test_the_kind_of_noise_is_known(
    equations: dict[str, str], noise: tuple[str, ...], kind: str
) -> None:
    assert Model(("x", "y"), ("a",), equations, noise=noise).noise_kind == kind


@pytest.mark.parametrize(
    ("equation", "column"),
    [
        ("-x + a*x*w^2", 10),
        ("a + sin(w)", 5),
        ("a + w*v", 5),
        ("where(w > 0, 1, 2)", 7),
        ("a/w", 1),
        ("a + max(w, 0)", 5),
        ("a + f(w)", 1),
        ("a + q*w", 5),
        ("sum(j, 0, 2, u[j]*u[0])", 14),
    ],
)
def test_noise_that_is_not_linear_is_refused_where_it_stands(equation: str, column: int) -> None:
    with pytest.raises(EquationError, match="enters linearly only") as caught:
        Model(
            ("x",),
            ("a",),
            {"x": equation},
            {"q": "x + v"},
            {"f(k)": "k^2"},
            noise=("w", "v", "u0", "u1", "u2"),
            noise_families={"u": 3},
        )
    assert caught.value.column == column


def test_noise_has_no_value_at_an_instant() -> None:
    from engine.equations.parts import Event

    parts: Any = (("x",), (), {"x": "w"}, {"q": "x*w"})
    for more in (
        {"events": (Event("x - w"),)},
        {"events": (Event("x", changes={"x": "q"}),)},
        {"history": {"x": "w"}},
    ):
        with pytest.raises(EquationError, match="no value at an instant"):
            Model(*parts, noise=("w",), **more)
