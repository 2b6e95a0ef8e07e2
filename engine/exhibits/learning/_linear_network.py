"""Deep linear networks: gradient descent, and the equations its modes obey. No exhibit.

A network of L layers maps x to ``W_L ... W_1 x`` and learns the map ``U diag(s) V^T`` from
whitened inputs by full-batch gradient descent on half the squared error. All layers are
stored as 6 by 6 matrices; the last has five outputs, its sixth row stays zero.

Along a mode (a singular vector pair) of strength s, layers of strengths ``b_1 ... b_L`` obey
``tau db_l/dt = (prod_{k != l} b_k) (s - prod_k b_k)``, with tau one over the learning rate
and t in steps. From equal strengths the product a has a closed form for one and two layers
(Saxe, McClelland and Ganguli 2014); otherwise the equations are integrated by RK4.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]

SIZE = 6
"""Inputs and hidden units."""
OUTPUTS = 5
MODES = 5


@njit(nogil=True, cache=True)
def _multiply(a: Floats, b: Floats, out: Floats) -> None:
    # The size is read, not known: unrolled loops run no faster and compile for seconds.
    n = len(a)
    for i in range(n):
        for j in range(n):
            total = 0.0
            for k in range(n):
                total += a[i, k] * b[k, j]
            out[i, j] = total


@njit(nogil=True, cache=True)
def _transpose(a: Floats, out: Floats) -> None:
    n = len(a)
    for i in range(n):
        for j in range(n):
            out[i, j] = a[j, i]


@njit(nogil=True, cache=True)
def product(weights: Floats) -> Floats:
    """``W_L ... W_1`` of weights of shape ``(L, 6, 6)``."""
    whole: Floats = weights[0].copy()
    spare = np.empty((SIZE, SIZE))
    for layer in range(1, len(weights)):
        _multiply(weights[layer], whole, spare)
        whole, spare = spare, whole
    return whole


@njit(nogil=True, cache=True)
def descend(weights: Floats, target: Floats, rate: float, steps: int) -> None:
    """`steps` steps of gradient descent on ``|target - product|^2 / 2``, in place."""
    depth, n = len(weights), len(target)
    below = np.zeros((depth + 1, n, n))
    change = np.empty((depth, n, n))
    above = np.empty((n, n))
    spare = np.empty((n, n))
    turned = np.empty((n, n))
    for i in range(n):
        below[0, i, i] = 1.0
    for _ in range(steps):
        for layer in range(depth):
            _multiply(weights[layer], below[layer], below[layer + 1])
        # above starts as the error, and gathers the transposed layers going down.
        for i in range(n):
            for j in range(n):
                above[i, j] = target[i, j] - below[depth, i, j]
        for layer in range(depth - 1, -1, -1):
            _transpose(below[layer], turned)
            _multiply(above, turned, change[layer])
            if layer > 0:
                _transpose(weights[layer], turned)
                _multiply(turned, above, spare)
                above, spare = spare, above
        for layer in range(depth):
            for i in range(n):
                for j in range(n):
                    weights[layer, i, j] += rate * change[layer, i, j]


@njit(nogil=True, cache=True)
def balance(weights: Floats) -> Floats:
    """``W_{l+1}^T W_{l+1} - W_l W_l^T`` for each pair of layers, shape ``(L - 1, 6, 6)``.

    Gradient flow conserves it exactly; gradient descent drifts by the order of its rate.
    """
    out = np.zeros((len(weights) - 1, SIZE, SIZE))
    for layer in range(len(out)):
        for i in range(SIZE):
            for j in range(SIZE):
                for k in range(SIZE):
                    out[layer, i, j] += (
                        weights[layer + 1, k, i] * weights[layer + 1, k, j]
                        - weights[layer, i, k] * weights[layer, j, k]
                    )
    return out


@njit(nogil=True, cache=True)
def measure(
    weights: Floats, target: Floats, left: Floats, right: Floats, start: Floats, out: Floats
) -> None:
    """Fill `out` with five mode strengths, loss, drift of the balance, first and last layer.

    The last two are how strongly the first layer answers the strongest mode's input, and
    the last layer drives its output.
    """
    whole = product(weights)
    loss = 0.0
    out[:] = 0.0
    for i in range(SIZE):
        enters, leaves = 0.0, 0.0
        for j in range(SIZE):
            loss += 0.5 * (target[i, j] - whole[i, j]) ** 2
            enters += weights[0, i, j] * right[0, j]
            leaves += weights[-1, j, i] * left[0, j]
            for mode in range(MODES):
                out[mode] += left[mode, i] * whole[i, j] * right[mode, j]
        out[MODES + 2] += enters * enters
        out[MODES + 3] += leaves * leaves
    out[MODES] = loss
    drift = 0.0
    now = balance(weights)
    for layer in range(len(now)):
        total = 0.0
        for i in range(SIZE):
            for j in range(SIZE):
                total += (now[layer, i, j] - start[layer, i, j]) ** 2
        drift = max(drift, total)
    out[MODES + 1] = np.sqrt(drift)
    out[MODES + 2] = np.sqrt(out[MODES + 2])
    out[MODES + 3] = np.sqrt(out[MODES + 3])


def learn(
    weights: Floats,
    target: Floats,
    left: Floats,
    right: Floats,
    start: Floats,
    rate: float,
    stride: int,
    out: Floats,
) -> None:
    """Descend ``len(out)`` times `stride` steps, measuring after each into a row of `out`."""
    for row in out:
        descend(weights, target, rate, stride)
        measure(weights, target, left, right, start, row)


@njit(nogil=True, cache=True)
def _flow(layers: Floats, strength: float, out: Floats) -> None:
    depth = len(layers)
    whole = 1.0
    for layer in range(depth):
        whole *= layers[layer]
    for layer in range(depth):
        others = 1.0
        for other in range(depth):
            if other != layer:
                others *= layers[other]
        out[layer] = others * (strength - whole)


@njit(nogil=True, cache=True)
def integrate_layers(
    layers: Floats, strengths: Floats, times: Floats, finest: float, out: Floats
) -> None:
    """Strengths of the modes at `times` (in units of tau, from 0 on) into ``(m, modes)``.

    `layers`, shape ``(modes, L)``, holds the layer strengths at the time 0 and afterwards
    those at ``times[-1]``. RK4 with steps of at most `finest`.
    """
    depth = layers.shape[1]
    slopes = np.empty((4, depth))
    trial = np.empty(depth)
    for mode in range(len(strengths)):
        b = layers[mode]
        now = 0.0
        for row in range(len(times)):
            gap = times[row] - now
            pieces = int(np.ceil(gap / finest))
            h = gap / max(pieces, 1)
            for _ in range(pieces):
                _flow(b, strengths[mode], slopes[0])
                for stage in range(1, 4):
                    part = h if stage == 3 else 0.5 * h
                    for layer in range(depth):
                        trial[layer] = b[layer] + part * slopes[stage - 1, layer]
                    _flow(trial, strengths[mode], slopes[stage])
                for layer in range(depth):
                    b[layer] += (
                        h
                        / 6.0
                        * (
                            slopes[0, layer]
                            + 2.0 * (slopes[1, layer] + slopes[2, layer])
                            + slopes[3, layer]
                        )
                    )
            now = times[row]
            whole = 1.0
            for layer in range(depth):
                whole *= b[layer]
            out[row, mode] = whole


def closed_form(depth: int, strengths: Floats, start: Floats, times: Floats) -> Floats:
    """Mode strengths of one or two balanced layers at `times`, shape ``(m, modes)``.

    One layer: ``s + (a0 - s) exp(-t)``. Two: ``s E / (E - 1 + s / a0)`` with
    ``E = exp(2 s t)``, and its limit ``a0 / (1 + 2 a0 t)`` for s = 0. Times in units of tau.
    """
    t = times[:, np.newaxis]
    if depth == 1:
        return strengths + (start - strengths) * np.exp(-t)
    # Divided by E, so that nothing overflows late in a run.
    faded = np.exp(-2.0 * strengths * t)
    share = np.where(strengths > 0.0, strengths, 1.0) / start
    learned = strengths / (1.0 - faded + share * faded)
    return np.where(strengths > 0.0, learned, start / (1.0 + 2.0 * start * t))


def half_time(strength: float, start: float) -> float:
    """When a mode of two balanced layers reaches half its strength, in units of tau."""
    return float(np.log(strength / start - 1.0) / (2.0 * strength))


def learning_time(depth: int, strength: float, start: float, share: float = 0.99) -> float:
    """When a mode of `depth` balanced layers reaches `share` of its strength, in tau.

    The integral of ``db / (b^(L-1) (s - b^L))`` over the strength b of one layer.
    """
    if start >= share * strength:
        return 5.0 / strength
    # Finer towards both ends: b crawls away from its start and into its goal.
    goal = strength ** (1.0 / depth)
    low, high = start ** (1.0 / depth), (share * strength) ** (1.0 / depth)
    logit = np.linspace(np.log(low / (goal - low)), np.log(high / (goal - high)), 4000)
    b = goal / (1.0 + np.exp(-logit))
    speed = b ** (depth - 1) * (strength - b**depth)
    return float(np.trapezoid(1.0 / speed, b))


@dataclass(frozen=True)
class Network:
    """Weights and the map they are to learn.

    Attributes
    ----------
    weights : array, shape (L, 6, 6)
        Changed in place by training.
    target : array, shape (6, 6)
        ``left.T @ diag(strengths) @ right``.
    left, right : arrays, shape (5, 6)
        Singular vectors of the target, one row a mode.
    start : array, shape (L - 1, 6, 6)
        The balance at the start.
    layers : array, shape (5, L)
        Layer strengths along each mode that the theory starts from.
    """

    weights: Floats
    target: Floats
    left: Floats
    right: Floats
    strengths: Floats
    start: Floats
    layers: Floats


def make_network(
    strengths: Floats,
    depth: int,
    start: float,
    initialisation: str = "balanced",
    imbalance: float = 1.0,
    seed: int = 0,
) -> Network:
    """A network about to learn modes of the given strengths.

    Parameters
    ----------
    strengths : array, shape (5,)
        Singular values of the map, zero where there is none.
    depth : int
        Layers of weights.
    start : float
        Strength of the product of all layers along a mode, at the start.
    initialisation : str
        ``balanced``: every layer aligned with the modes; ``orthogonal``: random orthogonal
        layers; ``random``: independent normal weights of the same size.
    imbalance : float
        Strength of the last layer over that of the first.
    seed : int
        Decides the map's singular vectors and the weights.
    """
    random = np.random.default_rng(seed)
    left = np.zeros((MODES, SIZE))
    left[:, :OUTPUTS] = _orthogonal(random, OUTPUTS)
    right = _orthogonal(random, SIZE)[:MODES].copy()
    each = np.full(depth, start ** (1.0 / depth))
    if depth > 1:
        each[0] /= np.sqrt(imbalance)
        each[-1] *= np.sqrt(imbalance)
    weights = np.empty((depth, SIZE, SIZE))
    if initialisation == "balanced":
        # Hidden directions are arbitrary, only neighbours must agree.
        inner = right
        for layer in range(depth):
            outer = left if layer == depth - 1 else _orthogonal(random, SIZE)[:MODES]
            weights[layer] = each[layer] * outer.T @ inner
            inner = outer
    else:
        for layer in range(depth):
            if initialisation == "orthogonal":
                weights[layer] = each[layer] * _orthogonal(random, SIZE)
            else:
                weights[layer] = each[layer] * random.normal(0, SIZE**-0.5, (SIZE, SIZE))
        weights[-1, OUTPUTS:] = 0.0
    layers = np.repeat(each[np.newaxis], MODES, axis=0)
    if initialisation != "balanced" and depth == 1:
        layers[:, 0] = np.einsum("mi,ij,mj->m", left, weights[0], right)
    elif initialisation != "balanced" and depth == 2:
        # While all is small, the sum of what enters and what leaves the hidden layer grows
        # as exp(s t), their difference dies: half of the sum is what the theory starts from.
        hidden = right @ weights[0].T + left @ weights[1]
        layers[:] = np.linalg.norm(hidden, axis=1, keepdims=True) / 2.0
    return Network(
        weights,
        left.T @ np.diag(strengths) @ right,
        left,
        right,
        strengths,
        balance(weights),
        layers,
    )


def _orthogonal(random: np.random.Generator, size: int) -> Floats:
    q, r = np.linalg.qr(random.normal(size=(size, size)))
    return np.asarray(q * np.sign(np.diag(r)))


class Theory:
    """The modes as the equations have them, evaluated from early to late.

    Parameters
    ----------
    network : Network
        At its start.
    """

    def __init__(self, network: Network) -> None:
        self._strengths = network.strengths
        self._start = network.layers.prod(axis=1)
        self.layers = network.layers.copy()
        self.time = 0.0
        depth = network.layers.shape[1]
        balanced = bool(np.ptp(network.layers, axis=1).max() < 1e-12)
        self.exact = depth == 1 or (depth == 2 and balanced)
        """True where a closed form is used."""
        self._depth = depth
        fastest = max(float(network.strengths.max()), float(self._start.max()), 1e-9)
        # The stiffest rate near the goal is the sum of squared products of the others.
        stiff = depth * max(fastest, float(network.layers.max()) ** 2) ** (2 - 2 / depth)
        self._finest = 0.2 / stiff

    def at(self, times: Floats) -> Floats:
        """Mode strengths, shape ``(m, 5)``, at rising `times` not before `time`."""
        if len(times) == 0:
            return np.empty((0, MODES))
        if self.exact:
            out = closed_form(self._depth, self._strengths, self._start, times)
        else:
            out = np.empty((len(times), MODES))
            integrate_layers(self.layers, self._strengths, times - self.time, self._finest, out)
        self.time = float(times[-1])
        return out
