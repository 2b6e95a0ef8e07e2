"""Whether an orbit rests at a fixed point, and the exponents it has there.

An orbit rests where Newton's method finds a fixed point so near that the rest of the way
cannot matter, and the fixed point holds it. It serves ``lyapunov_spectrum``; for all fixed
points of a region there is ``fixed_points``.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.systems.system import System

if TYPE_CHECKING:
    from engine.analysis.tangent import Carrier

Array = NDArray[np.float64]
_NEAR = 1e-5  # distance to the fixed point, in units of the variable's size
_LARGEST = 400  # variables; Newton's method costs their number cubed


def resting(system: System, orbit: Carrier) -> Array | None:
    """The fixed point at which `orbit` rests; None where it moves."""
    if (
        system.kind not in ("flow", "map")
        or system.hybrid
        or not system.model.autonomous
        or system.dimension > _LARGEST
    ):
        return None
    point = _newton(system, orbit.parameters, orbit.state)
    if point is None:
        return None
    size = np.maximum(np.abs(point), orbit.extent[2] * 50.0)
    size = np.maximum(size, 1e-3 * size.max(initial=0.0))
    distance = float((np.abs(point - orbit.state) / np.maximum(size, 1e-300)).max())
    if distance > _NEAR:
        return None
    rates, _ = multipliers(system, point, orbit.parameters)
    # One that repels is only passed by, unless the orbit began just there.
    if rates[0] > 1e-9 * max(1.0, float(np.abs(rates[np.isfinite(rates)]).max(initial=0.0))):
        return point if distance < 1e-14 else None
    return point


def multipliers(system: System, point: Array, parameters: Array) -> tuple[Array, float]:
    """Exponents of a fixed point, largest first, and the divergence there.

    Real parts of the eigenvalues for a flow, logarithms of their sizes for a map.
    """
    matrix = np.empty((point.size, point.size))
    system.model.compiled.jacobian(0.0, point, parameters, matrix)
    eigenvalues = np.linalg.eigvals(matrix)
    if system.kind == "flow":
        return np.sort(eigenvalues.real)[::-1].copy(), float(np.trace(matrix))
    with np.errstate(divide="ignore"):
        rates = np.log(np.abs(eigenvalues))
    sign, logarithm = np.linalg.slogdet(matrix)
    return np.sort(rates)[::-1].copy(), float(logarithm) if sign else -math.inf


def _newton(system: System, parameters: Array, state: Array) -> Array | None:
    """The fixed point that Newton's method reaches from `state`."""
    compiled = system.model.compiled
    n = state.size
    point, image, matrix = state.copy(), np.empty(n), np.empty((n, n))
    before = math.inf
    for _ in range(12):
        compiled.rhs(0.0, point, parameters, image)
        compiled.jacobian(0.0, point, parameters, matrix)
        if system.kind == "map":
            image -= point
            matrix[np.diag_indices(n)] -= 1.0
        if not (np.isfinite(image).all() and np.isfinite(matrix).all()):
            return None
        # Least squares: a line of fixed points has no single nearest one.
        change = np.linalg.lstsq(matrix, -image, rcond=1e-12)[0]
        length = float(np.linalg.norm(change))
        if length > 1e3 * (1.0 + float(np.linalg.norm(point))):
            return None
        point = point + change
        if length <= 1e-13 * (1.0 + float(np.linalg.norm(point))) or (
            length >= before and length < 1e-9
        ):
            return point
        before = length
    return point if before < 1e-9 else None
