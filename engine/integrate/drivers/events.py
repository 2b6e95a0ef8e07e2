"""Where within a step an event happens: roots on a polynomial of the state. Not a stepper.

Drivers only see that an event may have happened in a step; this finds the place to the
resolution of time, on the dense output of adaptive methods or on the cubic of Hermite
through both ends of a fixed step.
"""

from __future__ import annotations

from numba import njit, types

from engine.equations.first_class import RIGHT_HAND_SIDE
from engine.integrate.codes import DIRECTION, FRESH, SIGN

_real, _whole = types.float64, types.int64
_vector, _matrix = types.float64[::1], types.float64[:, ::1]
_options = {"nogil": True, "cache": True, "error_model": "numpy"}


@njit(error_model="numpy")
def _measure(  # type: ignore[no-untyped-def]
    event, polynomial, theta, begin, length, values, point, gauge, k
):
    """Event k at a place of the step."""
    degree = polynomial.shape[0] - 1
    for j in range(point.size):
        value = 0.0
        for power in range(degree, 0, -1):
            value = (value + polynomial[power, j]) * theta
        point[j] = polynomial[0, j] + value
    event(begin + theta * length, point, values, gauge[FRESH])
    return gauge[FRESH, k]


@njit(error_model="numpy")
def _root(  # type: ignore[no-untyped-def]
    event, polynomial, low, high, fine, begin, length, values, point, gauge, k, side
):
    """Where event k leaves `side` of zero: false position, halved where that is slow."""
    left = _measure(event, polynomial, low, begin, length, values, point, gauge, k)
    if not left * side > 0.0:
        # It starts at zero and goes to `side` first: look for a place where it is there.
        for _ in range(50):
            middle = low + 0.5 * (high - low)
            left = _measure(event, polynomial, middle, begin, length, values, point, gauge, k)
            if left * side > 0.0:
                low = middle
                break
            high = middle
        if not left * side > 0.0:
            return high
    right = _measure(event, polynomial, high, begin, length, values, point, gauge, k)
    kept = 0
    for turn in range(200):
        if high - low <= fine:
            break
        middle = high - right * (high - low) / (right - left)
        if turn % 4 == 3 or not (low < middle < high):
            middle = 0.5 * (low + high)
        elif kept > 0:
            # Lean over the root, so that both ends close in.
            middle = min(middle + 0.4 * fine, 0.5 * (middle + high))
        elif kept < 0:
            middle = max(middle - 0.4 * fine, 0.5 * (low + middle))
        if not low < middle < high:
            break
        value = _measure(event, polynomial, middle, begin, length, values, point, gauge, k)
        if value * side > 0.0:
            low, left = middle, value
            kept = 1 if kept <= 0 else kept + 1
            if kept > 1:
                right *= 0.5
        else:
            high, right = middle, value
            kept = -1 if kept >= 0 else kept - 1
            if kept < -1:
                left *= 0.5
    return high


@njit(
    types.Tuple((_whole, _real))(
        RIGHT_HAND_SIDE, _matrix, _real, _real, _real, _vector, _vector, _matrix
    ),
    **_options,
)
def locate(event, polynomial, begin, length, fine, values, point, gauge):  # type: ignore[no-untyped-def]
    """The first event within a step.

    Parameters
    ----------
    event : function
        ``event(t, state, values, out)``.
    polynomial : array (degree + 1, n)
        The state at ``begin + theta length`` by powers of theta.
    fine : float
        Width, in theta, to which the place is found.
    point : array (n,)
        Scratch.
    gauge : array (GAUGE, events)
        Signs before the step, and directions.

    Returns
    -------
    (k, theta)
        Index of the event and the first place found behind its zero; k is -1 where none is.
    """
    found, first = -1, 2.0
    for k in range(gauge.shape[1]):
        side, low = gauge[SIGN, k], 0.0
        for half in range(1, 3):
            high = 0.5 * half
            value = _measure(event, polynomial, high, begin, length, values, point, gauge, k)
            now = 1.0 if value > 0.0 else (-1.0 if value < 0.0 else side)
            wanted = gauge[DIRECTION, k] == 0.0 or gauge[DIRECTION, k] == now
            if now != side and side != 0.0 and wanted:
                place = _root(
                    event, polynomial, low, high, fine, begin, length, values, point, gauge, k, side
                )
                if place < first:
                    found, first = k, place
                break
            side, low = now, high
    return found, first


@njit(
    _whole(_matrix, _real, _real, _real, _real, _whole, _whole, _real, _matrix),
    **_options,
)
def fill(polynomial, begin, length, start, step, first, samples, until, rows):  # type: ignore[no-untyped-def]
    """Write up to `samples` rows of the grid that lie within a step and not after `until`.

    Row i is at ``start + (first + i + 1) * step``. Returns how many were written.
    """
    degree = polynomial.shape[0] - 1
    for row in range(samples):
        when = start + (first + row + 1) * step
        if when > until:
            return row
        theta = (when - begin) / length
        rows[row, 0] = when
        for j in range(polynomial.shape[1]):
            value = 0.0
            for power in range(degree, 0, -1):
                value = (value + polynomial[power, j]) * theta
            rows[row, j + 1] = polynomial[0, j] + value
    return samples
