"""The local error of a fixed step, by step doubling at given states."""

from __future__ import annotations

from numba import njit, types

_real = types.float64
_vector, _matrix = types.float64[::1], types.float64[:, ::1]
_rhs = types.FunctionType(types.void(_real, _vector, _vector, _vector))


@njit(_real(_rhs, types.float64[:, :, ::1], _matrix, _matrix, _vector, _real, _matrix),
      nogil=True, cache=True, error_model="numpy")
def doubling(rhs, weights, nodes, rows, values, step, work):  # type: ignore[no-untyped-def]
    """Largest difference between one step and two half steps.

    Parameters
    ----------
    weights, nodes : array (2, stages, stages), (2, stages)
        Of the tableau, multiplied by the step and by half of it.
    rows : array (k, 1 + n)
        Times and states to start from.
    work : array (stages + 3, n)
        Scratch.
    """
    n = rows.shape[1] - 1
    stages = nodes.shape[1]
    state, once, new = work[stages], work[stages + 1], work[stages + 2]
    worst = 0.0
    for k in range(rows.shape[0]):
        for attempt in range(3):
            # One whole step, then two half steps from the same state.
            size = 0 if attempt == 0 else 1
            t = rows[k, 0]
            if attempt == 2:
                t += 1 * (0.5 * step)
            for j in range(n):
                if attempt < 2:
                    state[j] = rows[k, j + 1]
                else:
                    state[j] = new[j]
            rhs(t, state, values, work[0])
            for stage in range(1, stages + 1):
                for j in range(n):
                    total = 0.0
                    for earlier in range(stage):
                        total += weights[size, stage - 1, earlier] * work[earlier, j]
                    new[j] = state[j] + total
                if stage < stages:
                    rhs(t + nodes[size, stage], new, values, work[stage])
            if attempt == 0:
                for j in range(n):
                    once[j] = new[j]
        for j in range(n):
            difference = abs(new[j] - once[j])
            if not difference <= worst:
                worst = difference
    return worst
