"""LaTeX that keeps the order of the terms and that mathtext can draw."""

from __future__ import annotations

import pytest

from engine.equations.grammar import parse
from engine.equations.latex import expression, lines, symbol
from engine.equations.model import Model
from engine.equations.words import FUNCTIONS


@pytest.mark.parametrize(
    ("name", "latex"),
    [
        ("x", "x"),
        ("rho", r"\rho"),
        ("Omega", r"\Omega"),
        ("lam", r"\lambda"),
        ("x1", "x_{1}"),
        ("omega_0", r"\omega_{0}"),
        ("theta12", r"\theta_{12}"),
        ("speed", r"\mathrm{speed}"),
        ("x_tau", r"x_{\tau}"),
        ("I_ext", r"I_{\mathrm{ext}}"),
    ],
)
def test_a_name_speaks_for_itself(name: str, latex: str) -> None:
    assert symbol(name) == latex
    assert symbol(name, {name: "Q"}) == "Q"


@pytest.mark.parametrize(
    ("text", "latex"),
    [
        ("sigma*(y - x)", r"\sigma \left(y - x\right)"),
        ("x*y - beta*z", r"x \, y - \beta \, z"),
        ("-a*x - y", r"-a \, x - y"),
        ("a*(-x)", r"a \left(-x\right)"),
        ("a - (b - c)", r"a - \left(b - c\right)"),
        ("a + (-b)", r"a + \left(-b\right)"),
        ("(a + b)/2", r"\frac{a + b}{2}"),
        ("x^2/3", r"\frac{x^{2}}{3}"),
        ("(x/y)^2", r"\left(\frac{x}{y}\right)^{2}"),
        ("(-x)^2", r"\left(-x\right)^{2}"),
        ("-x^2", r"-x^{2}"),
        ("2*3", r"2 \cdot 3"),
        ("1e-5*x", r"10^{-5} \, x"),
        ("exp(-x)", r"e^{-x}"),
        ("sqrt(x + 1)", r"\sqrt{x + 1}"),
        ("abs(x)", r"\left| x \right|"),
        ("sin(2*x)", r"\sin\left(2 \, x\right)"),
        ("pi*x", r"\pi \, x"),
    ],
)
def test_terms_stand_as_they_were_written(text: str, latex: str) -> None:
    assert expression(parse(text)) == latex


LORENZ = Model(
    ("x", "y", "z"),
    ("sigma", "rho", "beta"),
    {"x": "sigma*(y - x)", "y": "x*(rho - z) - y", "z": "x*y - beta*z"},
)


def test_a_flow_has_dots() -> None:
    assert lines(LORENZ, "flow", {}) == (
        r"\dot{x} = \sigma \left(y - x\right)",
        r"\dot{y} = x \left(\rho - z\right) - y",
        r"\dot{z} = x \, y - \beta \, z",
    )


def test_a_map_has_indices() -> None:
    logistic = Model(("x",), ("r",), {"x": "r*x*(1 - x)"})
    assert lines(logistic, "map", {}) == (r"x_{n+1} = r \, x_{n} \left(1 - x_{n}\right)",)
    two = Model(("x1", "x2"), (), {"x1": "x2", "x2": "x1"})
    assert lines(two, "map", {}) == ("x_{1,n+1} = x_{2,n}", "x_{2,n+1} = x_{1,n}")


def test_quantities_and_functions_get_lines_of_their_own() -> None:
    model = Model(("x1",), ("m_0",), {"x1": "q*f(x1)"}, {"q": "m_0^2"}, {"f(u)": "u^3"})
    assert lines(model, "flow", {}) == (
        "f(u) = u^{3}",
        "q = m_{0}^{2}",
        r"\dot{x}_{1} = q \, f\left(x_{1}\right)",
    )


def test_mathtext_draws_every_word() -> None:
    from matplotlib.mathtext import MathTextParser

    parser = MathTextParser("path")
    texts = [
        *(
            f"{name}({', '.join(['x', 'y', 'rho'][:least])})"
            for name, (least, _) in FUNCTIONS.items()
            if name != "where"
        ),
        "where(x > 0 and y <= 1 or not z != 2, x/y, -z)",
        "x % y",
        "x // y",
        "x^y^z",
        "1e10*x",
        "2.5e-7",
        "abs(x)^2",
        "x^0.5",
        "f(x, y)*q",
        "where(0 < x < 1, 1, 0)",
    ]
    for text in texts:
        latex = expression(parse(text, functions={"f": 2}))
        parser.parse(f"${latex}$")


def ring(**more: object) -> Model:
    names = tuple(f"theta{i}" for i in range(6))
    return Model(
        (*names, "y"),
        ("k", "tau"),
        {
            "theta[i]": "w[i] + k/N*sum(j, 0, N - 1, K[i, j]*sin(theta[j] - theta[i])) + r[i-1]",
            "theta[N - 1]": "sum(theta)*2 - mean(theta)*y + K[0, N - 1]",
            "y": "-y",
        },
        {"r[i < N]": "theta[2*i]^2"},
        families={"theta": 6},
        sizes={"N": 6},
        arrays={"K": (6, 6), "w": (6,)},
        **more,  # type: ignore[arg-type]
    )


def test_families_bear_indices_and_sums_their_ends() -> None:
    assert lines(ring(), "flow", {}) == (
        r"r_{i} = \theta_{2\,i}^{2}",
        r"\dot{\theta}_{i} = w_{i} + \frac{k}{N} \, \sum_{j=0}^{N-1} K_{ij} \, "
        r"\sin\left(\theta_{j} - \theta_{i}\right) + r_{i-1}",
        r"\dot{\theta}_{5} = \left(\sum_{k} \theta_{k}\right) \cdot 2 - "
        r"\langle \theta \rangle \, y + K_{0,N-1}",
        r"\dot{y} = -y",
    )


def test_a_family_of_a_map_bears_two_indices() -> None:
    names = tuple(f"x{i}" for i in range(4))
    lattice = Model(names, ("a",), {"x[i]": "a*x[i]*(1 - x[i+1])"}, families={"x": 4})
    assert lines(lattice, "map", {}) == (r"x_{i,n+1} = a \, x_{i,n} \left(1 - x_{i+1,n}\right)",)


def test_delays_noise_history_and_events_have_their_notation() -> None:
    from engine.equations.parts import Event

    late = Model(("x",), ("tau",), {"x": "-x(t - 2*tau)"}, delays=True, history={"x": "cos(t)"})
    assert lines(late, "dde", {}) == (
        r"\dot{x} = -x\left(t - 2 \, \tau\right)",
        r"x\left(t\right) = \cos\left(t\right) \quad \left(t \leq 0\right)",
    )
    noisy: dict[str, object] = {"x": "s*x*w", "y": "v"}
    model = Model(("x", "y"), ("s",), noisy, noise=("w", "v"), interpretation="stratonovich")  # type: ignore[arg-type]
    assert lines(model, "sde", {}) == (r"\dot{x} = s \, x \circ \xi_{w}", r"\dot{y} = \xi_{v}")
    spike = Model(
        ("v",),
        ("c",),
        {"v": "v^2"},
        events=(Event("v - 30", "up", {"v": "c"}), Event("v + 9", terminal=True)),
    )
    assert lines(spike, "flow", {})[1:] == (
        r"v - 30 = 0 \uparrow : \quad v \mapsto c",
        r"v + 9 = 0 : \quad \mathrm{stop}",
    )


def test_mathtext_draws_what_large_systems_need() -> None:
    from matplotlib.mathtext import MathTextParser

    from engine.equations.parts import Event

    parser = MathTextParser("path")
    model = ring(
        delays=True,
        noise=("u",),
        history={"theta[i]": "i*t"},
        events=(Event("y - 1", "down", {"theta[i]": "-theta[i]"}, True),),
    )
    for kind in ("flow", "map"):
        for line in lines(model, kind, {}):
            parser.parse(f"${line}$")


@pytest.mark.parametrize(
    ("noises", "latex"),
    [
        (("w0", "w1"), (r"\xi_{w0}", r"\xi_{w1}")),
        (("w_1", "speed"), (r"\xi_{w1}", r"\xi_{\mathrm{speed}}")),
        (("I_ext", "J_tau"), (r"\xi_{I{\mathrm{ext}}}", r"\xi_{J\tau}")),
    ],
)
def test_names_of_noises_have_as_many_brackets_open_as_closed(
    noises: tuple[str, str], latex: tuple[str, str]
) -> None:
    equations = {"x": noises[0], "y": noises[1]}
    model = Model(("x", "y"), (), equations, {}, {}, noise=noises)
    assert lines(model, "sde", {}) == (rf"\dot{{x}} = {latex[0]}", rf"\dot{{y}} = {latex[1]}")
