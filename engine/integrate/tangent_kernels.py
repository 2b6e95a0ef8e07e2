"""Source of kernels that move many orbits at once, each with a tangent vector.

The right-hand side is extended by the product of its exact Jacobian with one vector, so that
state and vector are moved by the very same method, in the blocks of lanes of ``kernels``.
Where every orbit is to have all its exponents, ``engine.analysis.tangent`` carries as many
vectors as there are variables; this is for the largest exponent of many orbits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.integrate import sine
from engine.integrate.codes import CANCELLED, DONE
from engine.integrate.kernels import _HEAD, BLOCK, STRIDE, _used, _vectors
from engine.integrate.tableaus import Tableau

if TYPE_CHECKING:
    from engine.equations.emit import Program
    from engine.equations.model import Model


def tangent_program(model: Model) -> Program:
    """The right-hand side f, then J v: 2 n outputs, where v stands in ``s<n> .. s<2n-1>``."""
    from engine.equations.emit import matrix, write

    graph, outputs = model.graph()
    n = len(model.variables)
    entries = matrix(graph, outputs, [f"s{j}" for j in range(n)])
    moved = []
    for row in range(n):
        total = graph.number(0.0)
        for column in range(n):
            part = graph.apply("*", entries[row * n + column], graph.symbol(f"s{n + column}"))
            total = graph.apply("+", total, part)
        moved.append(total)
    return write(graph, [*outputs, *moved], model.tables)


def tangent_source(program: Program, parameters: int, tableau: Tableau | None) -> str:
    """Source of a module with ``lanes``, for many orbits with a tangent vector each.

    The function is that of ``kernels.lanes_source`` with a state of 2 n rows, variables and
    then the vector, and a last argument `growth` ``(lanes,)``: the logarithm of what the
    vector's largest component was divided by, every `STRIDE` steps of the lane's own count,
    so that the numbers do not depend on how the steps are cut into calls. The bound is that
    of the variables alone, looked at as often; where a lane is found outside, those steps are
    made once more one by one. Blocks whose lanes are all outside are left alone.
    """
    both = len(program.outputs)
    n = both // 2
    used = _used(program, parameters)
    at = [f"{j * BLOCK} + l" for j in range(both + len(used))]
    inside = " & ".join(f"(abs(block[{at[j]}]) <= bound)" for j in range(n))
    largest = "abs(block[" + at[n] + "])"
    for j in range(n + 1, both):
        largest = f"max({largest}, abs(block[{at[j]}]))"
    flags = "" if tableau is None else ', fastmath={"contract", "nsz", "arcp", "afn"}'
    lines = [
        "@njit(_whole(_matrix, _matrix, _real, _real, _whole, _whole, _real, _flags, _flags,",
        "             _whole, types.float64[:, :, ::1], _whole, _whole, _vector),",
        f'      nogil=True, cache=True, error_model="numpy"{flags})',
        "def lanes(state, values, start, step, first, steps, bound, failed, cancel, variable,",
        "          trace, low, high, growth):",
        f"    block = np.empty({(both + len(used)) * BLOCK})",
        f"    saved = np.empty({both * BLOCK})",
        f"    count = np.empty({BLOCK})",
        f"    alive = np.empty({BLOCK})",
        f"    grown = np.empty({BLOCK})",
    ]
    if tableau is not None:
        lines += [
            f"    w{i}_{j} = {float(tableau.weights[i, j])!r} * step"
            for i in range(tableau.stages)
            for j in range(i + 1)
            if tableau.weights[i, j] != 0.0
        ]
        lines += [
            f"    d{i} = {float(tableau.nodes[i])!r} * step" for i in range(1, tableau.stages)
        ]
    lines += [
        f"    for base in range(low, high, {BLOCK}):",
        f"        width = min({BLOCK}, high - base)",
        "        left = 0.0",
        f"        for l in range({BLOCK}):",
        # A block that is not full carries copies of its first lane.
        "            lane = base + (l if l < width else 0)",
        *(f"            block[{at[j]}] = state[{j}, lane]" for j in range(both)),
        *(f"            block[{at[both + k]}] = values[{j}, lane]" for k, j in enumerate(used)),
        "            alive[l] = 1.0 if failed[lane] < 0 else 0.0",
        "            left += alive[l]",
        "            count[l] = 0.0",
        "            grown[l] = growth[lane]",
        "        done, slow, look = 0, 0, 0",
        "        while done < steps and left > 0.0:",
        "            if done >= look:",
        "                look = done + 4096",
        "                if cancel[0] != 0:",
        f"                    return {CANCELLED}",
        f"            due = {STRIDE} - (first + done) % {STRIDE}",
        "            now = min(1 if done < slow else due, steps - done)",
        f"            for l in range({both * BLOCK}):",
        "                saved[l] = block[l]",
        *_vectors(program, tableau, at, used, []),
        "            outside = 0.0",
        f"            for l in range({BLOCK}):",
        f"                outside += 0.0 if {inside} else alive[l]",
        "            if outside > 0.0 and now > 1:",
        f"                for l in range({both * BLOCK}):",
        "                    block[l] = saved[l]",
        "                slow = done + now",
        "                continue",
        "            if outside > 0.0:",
        "                left = 0.0",
        f"                for l in range({BLOCK}):",
        f"                    if alive[l] > 0.0 and not ({inside}):",
        "                        alive[l] = 0.0",
        "                        count[l] = done",
        "                    left += alive[l]",
        "            if now == due:",
        f"                for l in range({BLOCK}):",
        f"                    size = {largest}",
        "                    grown[l] += math.log(size)",
        # A vector that has vanished stays so: the exponent is minus infinity.
        "                    scale = 1.0 / size if size > 0.0 else 1.0",
        *(f"                    block[{at[j]}] *= scale" for j in range(n, both)),
        "            done += now",
        "        for l in range(width):",
        *(f"            state[{j}, base + l] = block[{at[j]}]" for j in range(both)),
        "            growth[base + l] = grown[l]",
        "            if failed[base + l] < 0 and alive[l] == 0.0:",
        "                failed[base + l] = first + int(count[l])",
        f"    return {DONE}",
    ]
    text = "\n".join([*lines, ""])
    if tableau is not None and (fast := sine.vectorised(text)) != text:
        text = sine.source(flags) + fast
    return _HEAD + program.helpers + text
