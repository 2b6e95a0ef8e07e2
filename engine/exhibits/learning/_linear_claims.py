"""What is known about learning in deep linear networks, each measured on a fresh run."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.exhibit import Claim, Measurement

SAXE = "A. M. Saxe, J. L. McClelland, S. Ganguli, arXiv:1312.6120 (2014)"
STRENGTHS = np.array([3.0, 2.0, 1.0, 0.5, 0.0])
START = 1e-3


def learn_from_scratch(
    depth: int, rate: float, duration: float, seed: int, imbalance: float = 1.0
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Times in units of tau, what was measured at each step, and the theory.

    A 6-6-5 network (more hidden layers for more depth) learns modes of strengths 3, 2, 1 and
    0.5 from 0.001 at the given learning rate.
    """
    from engine.exhibits.learning import _linear_network as linear

    network = linear.make_network(STRENGTHS, depth, START, "balanced", imbalance, seed)
    theory = linear.Theory(network)
    measured = np.empty((round(duration / rate), linear.MODES + 4))
    times: NDArray[np.float64] = rate * np.arange(1.0, len(measured) + 1.0)
    linear.learn(
        network.weights,
        network.target,
        network.left,
        network.right,
        network.start,
        rate,
        1,
        measured,
    )
    return times, measured, theory.at(times)


def _difference(depth: int, rate: float, seed: int, duration: float = 8.0) -> float:
    _, measured, theory = learn_from_scratch(depth, rate, duration, seed)
    return float(np.abs(measured[:, : theory.shape[1]] - theory).max())


def _within(measured: float, expected: float, tolerance: float, detail: str = "") -> Measurement:
    return Measurement(measured, expected, tolerance, abs(measured - expected) <= tolerance, detail)


def _two_layers(seed: int) -> Measurement:
    return _within(
        _difference(2, 1e-3, seed),
        0.0,
        0.01,
        "largest difference of a mode from the closed form in 8000 steps",
    )


def _one_layer(seed: int) -> Measurement:
    return _within(
        _difference(1, 1e-3, seed),
        0.0,
        0.01,
        "largest difference of a mode from the closed form in 8000 steps",
    )


def _three_layers(seed: int) -> Measurement:
    coarse, fine = _difference(3, 1e-3, seed), _difference(3, 5e-4, seed)
    return _within(
        coarse / fine,
        2.0,
        0.1,
        f"largest differences {coarse:.4f} and {fine:.4f} at rates 0.001 and 0.0005",
    )


def _half_times(seed: int) -> Measurement:
    from engine.exhibits.learning._linear_network import half_time

    times, measured, _ = learn_from_scratch(2, 1e-3, 8.0, seed)
    worst = 0.0
    for mode, strength in enumerate(STRENGTHS[:4]):
        reached = float(np.interp(strength / 2, measured[:, mode], times))
        worst = max(worst, abs(reached / half_time(float(strength), START) - 1.0))
    return _within(worst, 0.0, 0.01, "largest relative difference over four modes")


def _first_order(seed: int) -> Measurement:
    coarse, fine = _difference(2, 1e-3, seed), _difference(2, 5e-4, seed)
    return _within(coarse / fine, 2.0, 0.1, f"differences {coarse:.5f} and {fine:.5f}")


def _conserved(seed: int) -> Measurement:
    drifts = []
    for rate in (1e-3, 5e-4):
        _, measured, _ = learn_from_scratch(2, rate, 8.0, seed, imbalance=4.0)
        drifts.append(float(measured[-1, -3]))
    return _within(
        drifts[0] / drifts[1],
        2.0,
        0.1,
        f"drifts {drifts[0]:.2e} and {drifts[1]:.2e} at rates 0.001 and 0.0005, last "
        "layer four times as strong as the first",
    )


CLAIMS = (
    Claim(
        "closed-form",
        "The modes of two layers follow a(t) = s exp(2st/tau) / (exp(2st/tau) - 1 + s/a0)",
        SAXE,
        _two_layers,
        label="exact",
    ),
    Claim(
        "one-layer",
        "A single layer learns each mode exponentially, with the same time constant",
        SAXE,
        _one_layer,
        label="exact",
    ),
    Claim(
        "half-times",
        "A mode is half learned at (tau/2s) ln(s/a0 - 1): strong modes first, in a staircase",
        SAXE,
        _half_times,
        label="exact",
    ),
    Claim(
        "first-order",
        "What separates gradient descent from the closed form halves with the learning rate",
        SAXE,
        _first_order,
        label="exact",
    ),
    Claim(
        "conserved",
        "Gradient flow conserves W1 W1^T - W2^T W2; the drift of gradient descent halves with "
        "the learning rate",
        SAXE,
        _conserved,
        label="exact",
    ),
    Claim(
        "three-layers",
        "Three layers follow db/dt = b^2 (s - b^3) / tau; the difference halves with the "
        "learning rate",
        SAXE,
        _three_layers,
        label="exact",
    ),
)
