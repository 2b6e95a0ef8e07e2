"""Places in the plane for things of which only distances are known, as a moving system.

Two ways. *Distances* (classical scaling, then majorisation) tries to keep all distances as
they are; *neighbours* (t-SNE) keeps who is near whom and lets far be far. Both are
iterations x -> f(x) of all places at once: `Layout` holds their state and makes steps, so
that one can watch points drift, change a parameter under way, and go back. What the
distances mean is not this module's business.

References
----------
W. S. Torgerson, Psychometrika 17, 401 (1952): classical scaling. J. de Leeuw, in Recent
Developments in Statistics, North-Holland (1977), 133: majorisation. L. van der Maaten and
G. Hinton, Journal of Machine Learning Research 9, 2579 (2008): t-SNE.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

NEIGHBOURS, DISTANCES = "neighbours", "distances"
METHODS = (NEIGHBOURS, DISTANCES)
EXAGGERATION, EXAGGERATED = 4.0, 100
"""How much stronger attraction is at first, and for how many iterations."""
_START = 1e-2
"""Deviation of the places that t-SNE starts from."""


def classical_scaling(distances: Array) -> Array:
    """Places whose distances are as near to `distances` as a linear map can make them.

    Parameters
    ----------
    distances : array (k, k)
        Symmetric, finite.

    Returns
    -------
    array (k, 2)
        Centred; exact where the distances are those of points in a plane. The sign of each
        column is chosen so that its largest entry is positive.
    """
    count = len(distances)
    if count < 2:
        return np.zeros((count, 2))
    square = distances**2
    mean = square.mean(axis=0)
    values, vectors = _leading(-0.5 * (square - mean - mean[:, None] + mean.mean()))
    places = np.zeros((count, 2))
    places[:, : len(values)] = vectors * np.sqrt(np.maximum(values, 0.0))
    largest = np.abs(places).argmax(axis=0)
    signs = np.sign(places[largest, (0, 1)])
    return np.asarray(places * np.where(signs == 0.0, 1.0, signs))


def _leading(matrix: Array, wanted: int = 2, rounds: int = 60) -> tuple[Array, Array]:
    """Largest eigenvalues of a symmetric matrix, with vectors, by subspace iteration.

    Only two of hundreds are needed, and these few products take milliseconds where a full
    decomposition may wait seconds for processors that others use.
    """
    count = len(matrix)
    if count > 24:
        block = np.random.default_rng(0).standard_normal((count, 10))
        for _ in range(rounds):
            block = np.linalg.qr(matrix @ block)[0]
        values, within = np.linalg.eigh(block.T @ matrix @ block)
        vectors = block @ within
    else:
        values, vectors = np.linalg.eigh(matrix)
    first = np.argsort(values)[::-1][:wanted]
    return values[first], vectors[:, first]


def affinities(distances: Array, perplexity: float) -> Array:
    """How strongly each pair attracts: symmetric, summing to one.

    Parameters
    ----------
    distances : array (k, k)
    perplexity : float
        The effective number of neighbours of each; at most ``k - 1``.
    """
    count = len(distances)
    if count < 2:
        return np.zeros((count, count))
    square = distances**2
    others = ~np.eye(count, dtype=bool)
    wanted = math.log(min(max(perplexity, 1.01), 0.95 * (count - 1) + 0.06))
    conditional = np.zeros((count, count))
    excess = square - np.where(others, square, np.inf).min(axis=1, keepdims=True)
    excess[~others] = np.inf
    size = np.maximum(np.median(excess, axis=1), 1e-300)
    low, high = np.full(count, -6.0), np.full(count, 16.0)
    for _ in range(26):
        # Bisection of all widths at once, on the logarithm of the precision.
        precision = 0.5 * (low + high)
        # Beyond 700 there is nothing left, and the processor is slow to say so.
        power = np.minimum((np.exp(precision) / size)[:, None] * excess, 700.0)
        weight = np.exp(-power)
        weight[~others] = 0.0
        total = weight.sum(axis=1)
        mean = np.einsum("ij,ij->i", weight, power) / total
        wide = mean + np.log(total) > wanted
        conditional = weight / total[:, None]
        low, high = np.where(wide, precision, low), np.where(wide, high, precision)
    joint = conditional + conditional.T
    return np.asarray(np.maximum(joint / joint.sum(), 1e-12))


class Layout:
    """Places that move towards an arrangement. Used by one thread.

    Parameters
    ----------
    distances : array (k, k)
        Symmetric, finite.
    method : str
        ``neighbours`` or ``distances``.
    perplexity : float
        Effective number of neighbours, for ``neighbours``.
    seed : int
        Of the small differences at the start.

    Attributes
    ----------
    places : array (k, 2)
    iteration : int
    cost : float
        Kullback-Leibler divergence in nats, or stress as a share of all distances.
    """

    def __init__(
        self,
        distances: Array,
        method: str = NEIGHBOURS,
        perplexity: float = 15.0,
        seed: int = 0,
    ) -> None:
        self.iteration = 0
        self._since = 0
        count = len(distances)
        start = classical_scaling(distances)
        chance = np.random.default_rng(seed).standard_normal((count, 2))
        size = max(float(start.std()), 1e-12) if count else 1.0
        self.places: Array = start + 1e-3 * size * chance
        self._velocity = np.zeros((count, 2))
        self._gain = np.ones((count, 2))
        self._distances, self._method = distances, method
        self._joint = np.zeros((0, 0))
        if method == NEIGHBOURS:
            self.places *= _START / size
        self.change(distances, method, perplexity)

    def change(self, distances: Array, method: str, perplexity: float) -> None:
        """Aim at another arrangement from the places as they are."""
        self._distances, self._method = distances, method
        if method == NEIGHBOURS:
            self._joint = affinities(distances, perplexity)
        # Whoever has settled must be able to leave.
        self._since = 0
        self._gain = np.ones_like(self._gain)
        self._velocity = np.zeros_like(self._velocity)
        self.cost = self._cost()

    def advance(self, steps: int = 1) -> None:
        """Make so many iterations."""
        if len(self.places) > 1:
            for _ in range(steps):
                if self._method == NEIGHBOURS:
                    self._attract()
                else:
                    self._majorise()
                self._since += 1
        self.iteration += steps

    def _attract(self) -> None:
        """A step of gradient descent with momentum and a gain for every coordinate."""
        early = self._since < EXAGGERATED
        kernel, shares = _kernel(self.places)
        joint = EXAGGERATION * self._joint if early else self._joint
        force = (joint - shares) * kernel
        gradient = 4.0 * (force.sum(axis=1)[:, None] * self.places - force @ self.places)
        same = np.sign(gradient) == np.sign(self._velocity)
        self._gain = np.maximum(np.where(same, 0.8 * self._gain, self._gain + 0.2), 0.01)
        rate = max(len(self.places) / EXAGGERATION / 4.0, 10.0)
        momentum = 0.5 if early else 0.8
        self._velocity = momentum * self._velocity - rate * self._gain * gradient
        # A step larger than the picture would only throw points out of it.
        reach = 0.2 * float(self.places.std()) + 0.05
        self._velocity = np.clip(self._velocity, -reach, reach)
        self.places = self.places + self._velocity
        self.places = self.places - self.places.mean(axis=0)
        self.cost = float((self._joint * np.log(self._joint / shares)).sum())

    def _majorise(self) -> None:
        """A tenth of a Guttman transform, after which the stress is never larger."""
        apart = _apart(self.places)
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = np.where(apart > 0.0, self._distances / apart, 0.0)
        moved = (ratio.sum(axis=1)[:, None] * self.places - ratio @ self.places) / len(self.places)
        self.places = self.places + 0.2 * (moved - self.places)
        self.cost = self._cost()

    def _cost(self) -> float:
        if len(self.places) < 2:
            return 0.0
        if self._method == NEIGHBOURS:
            _, shares = _kernel(self.places)
            return float((self._joint * np.log(self._joint / shares)).sum())
        gap = _apart(self.places) - self._distances
        return float((gap**2).sum() / max(float((self._distances**2).sum()), 1e-300))

    def state(self) -> dict[str, NDArray[Any]]:
        """Everything needed to go on from here."""
        return {
            "places": self.places.copy(),
            "velocity": self._velocity.copy(),
            "gain": self._gain.copy(),
            "count": np.array([self.iteration, self._since]),
        }

    def restore(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Go back to a state of a layout of as many places."""
        self.places = np.array(state["places"], dtype=np.float64)
        self._velocity = np.array(state["velocity"], dtype=np.float64)
        self._gain = np.array(state["gain"], dtype=np.float64)
        self.iteration, self._since = (int(number) for number in state["count"])
        self.cost = self._cost()


def _apart(places: Array) -> Array:
    square = (places**2).sum(axis=1)
    apart = square[:, None] + square - 2.0 * places @ places.T
    return np.asarray(np.sqrt(np.maximum(apart, 0.0)))


def _kernel(places: Array) -> tuple[Array, Array]:
    """Student kernel of all pairs, and the share of each pair in it."""
    square = (places**2).sum(axis=1)
    kernel = 1.0 / (1.0 + np.maximum(square[:, None] + square - 2.0 * places @ places.T, 0.0))
    np.fill_diagonal(kernel, 0.0)
    return kernel, np.asarray(np.maximum(kernel / kernel.sum(), 1e-12))
