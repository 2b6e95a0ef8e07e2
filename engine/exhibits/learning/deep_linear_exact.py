"""Gradient descent in a deep linear network, with the exact solution drawn ahead of it.

The map such a network computes is linear, yet it learns in a staircase: each mode of what
is to be learned waits, then rises, the strongest first. The theory is shown whole from the
start and follows every slider; the run creeps along it. Kernels and equations are in
``_linear_network``, the run is in ``_linear_training``.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import final

from engine.exhibit import Channel, Exhibit, Pace, Parameter, Preset, Reference, Values, ViewSpec
from engine.exhibits.learning._linear_claims import CLAIMS
from engine.exhibits.learning._linear_training import KEPT, KEY, MODES, Training

PARAMETERS = (
    Parameter(
        "depth",
        2,
        1,
        6,
        symbol="L",
        scale="integer",
        live=False,
        help="Layers of weights; one is plain linear regression",
    ),
    Parameter(
        "a0",
        1e-3,
        1e-6,
        0.1,
        symbol="a_0",
        scale="log",
        live=False,
        help="Strength of every mode at the start",
    ),
    Parameter(
        "learning_rate",
        1e-3,
        1e-4,
        0.1,
        symbol=r"\eta",
        scale="log",
        help="Step of gradient descent; tau is one over it",
    ),
    Parameter(
        "strongest", 3.0, 0.5, 10.0, symbol="s_1", live=False, help="Strength of the strongest mode"
    ),
    Parameter(
        "ratio",
        0.55,
        0.1,
        1.0,
        symbol="s_{i+1}/s_i",
        live=False,
        help="Strength of each mode over that of the one before",
    ),
    Parameter(
        "modes",
        4,
        1,
        MODES,
        scale="integer",
        live=False,
        help="Modes to be learned; the others have strength zero",
    ),
    Parameter(
        "imbalance",
        1.0,
        0.1,
        10.0,
        scale="log",
        live=False,
        help="Strength of the last layer over that of the first, at the start",
    ),
    Parameter(
        "initialisation",
        "balanced",
        scale="choice",
        group="initial",
        live=False,
        choices=("balanced", "orthogonal", "random"),
        help="Weights at the start; the theory is exact for balanced ones, which are "
        "aligned with the modes",
    ),
    Parameter(
        "show",
        "map",
        scale="choice",
        choices=("map", "error"),
        group="run",
        help="Show the map the network computes, or what it still lacks",
    ),
)

_NAMES = tuple(f"mode {i + 1}" for i in range(MODES))
_SYMBOLS = tuple(f"a_{i + 1}" for i in range(MODES))
CHANNELS = (
    Channel(
        "modes", "scalar", "Mode strengths", _NAMES, _SYMBOLS, ("step", "strength"), length=KEPT
    ),
    Channel(
        "theory",
        "scalar",
        "Theory",
        _NAMES,
        _SYMBOLS,
        ("step", "strength"),
        length=KEPT,
        over="modes",
    ),
    Channel(
        "loss",
        "scalar",
        "Loss",
        ("loss",),
        (r"\mathcal{L}",),
        ("step", "loss"),
        length=KEPT,
        scale=("linear", "log"),
    ),
    Channel(
        "loss theory",
        "scalar",
        "Theory of the loss",
        ("loss",),
        (r"\mathcal{L}",),
        ("step", "loss"),
        length=KEPT,
        over="loss",
        scale=("linear", "log"),
    ),
    Channel("weights", "field", "Whole network", axes=("input", "output"), colormap="vik"),
    Channel(
        "balance",
        "scalar",
        "Drift of the conserved balance",
        ("drift",),
        (r"\|\Delta(W_{l+1}^T W_{l+1} - W_l W_l^T)\|",),
        ("step", "drift"),
        length=KEPT,
    ),
    Channel(
        "layers",
        "trajectory",
        "First and last layer",
        ("first layer", "last layer"),
        ("b_1", "b_L"),
        ("step",),
        length=KEPT,
    ),
)


@final
class DeepLinear(Exhibit):
    """The exhibit; see the module docstring."""

    key = KEY
    title = "Learning in a deep linear network"
    family = "learning"
    kind = "training-dynamics"
    summary = (
        "Stack a few linear layers and the whole is still linear, but learning is not: the "
        "network waits, then learns one mode after the other, the strongest first. For two "
        "layers that start small and balanced the whole course has a closed form, drawn here "
        "over the run."
    )
    parameters = MappingProxyType({parameter.name: parameter for parameter in PARAMETERS})
    channels = MappingProxyType({channel.name: channel for channel in CHANNELS})
    views = (
        ViewSpec("curves", "modes"),
        ViewSpec("curves", "loss", area="right"),
        ViewSpec("field", "weights", area="right", tab="inside"),
        ViewSpec(
            "phase_portrait",
            "layers",
            {"x": "first layer", "y": "last layer"},
            area="right",
            tab="inside",
        ),
    )
    references = (
        Reference(
            "A. M. Saxe, J. L. McClelland and S. Ganguli",
            2014,
            "Exact solutions to the nonlinear dynamics of learning in deep linear neural networks",
            "International Conference on Learning Representations, arXiv:1312.6120",
            "10.48550/arXiv.1312.6120",
        ),
    )
    claims = CLAIMS
    presets = (
        Preset(
            "Staircase",
            {"depth": 2, "a0": 1e-3, "ratio": 0.55, "imbalance": 1.0, "initialisation": "balanced"},
            "One mode after the other, the strongest first",
        ),
        Preset(
            "One layer",
            {"depth": 1, "a0": 1e-3, "imbalance": 1.0, "initialisation": "balanced"},
            "No waiting: all modes at once, with the same time constant",
        ),
        Preset(
            "Small start",
            {"depth": 2, "a0": 1e-6, "imbalance": 1.0, "initialisation": "balanced"},
            "Long plateaus and sharp steps",
        ),
        Preset(
            "Four layers",
            {"depth": 4, "a0": 0.01, "imbalance": 1.0, "initialisation": "balanced"},
            "Deeper: later, and more abrupt",
        ),
        Preset(
            "Unbalanced",
            {"depth": 2, "a0": 0.01, "imbalance": 8.0, "initialisation": "balanced"},
            "The layers keep the difference of their squares, on a hyperbola",
        ),
        Preset(
            "Random weights",
            {"depth": 2, "a0": 1e-4, "imbalance": 1.0, "initialisation": "random"},
            "Small random weights align by themselves and come close to the theory",
        ),
    )
    pace = Pace("steps", 2000.0, 10.0, 1e6, 100.0)
    tags = ("deep learning", "exact solution", "gradient descent", "neural network")

    def start(self, values: Values, seed: int = 0) -> Training:
        """Begin a run; see `Exhibit.start`."""
        return Training(self.parameters, self.checked(values), seed)

    def latex(self) -> tuple[str, ...]:
        """Gradient descent, what it does to a mode, and the solution for two layers."""
        return (
            r"W_l \leftarrow W_l + \eta\, W_{>l}^T (\Sigma - W_L \cdots W_1) W_{<l}^T",
            r"\tau \frac{da}{dt} = L\, a^{2 - 2/L} (s - a), \quad \tau = 1/\eta",
            r"a(t) = \frac{s\, e^{2st/\tau}}{e^{2st/\tau} - 1 + s/a_0} \quad (L = 2)",
        )


EXHIBIT = DeepLinear()
