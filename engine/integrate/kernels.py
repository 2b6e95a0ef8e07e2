"""Tier 2: source of kernels made for one system, with its state in registers.

The equations (a `Program`) are unrolled into the stages of a tableau. Trajectory kernels do
exactly what the drivers of tier 1 do, operation by operation, so both give the same
numbers; lanes kernels run many trajectories at once and trade that for speed in flows.
This module writes text; ``compile`` has it compiled.

Lanes: blocks of 64 trajectories are held as structure of arrays in one local buffer, small
enough for the first-level cache, and LLVM vectorises across them. A lane depends on nothing
but its own numbers: not on its place, its neighbours or the number of threads.
"""

from __future__ import annotations

import re

from engine.equations.emit import Program
from engine.integrate import sine
from engine.integrate.codes import CANCELLED, DONE, LEFT
from engine.integrate.tableaus import Tableau

BLOCK = 64
"""Lanes in a block."""

STRIDE = 16
"""Steps of a flow between two looks at the bound."""

LARGEST = 16
"""State variables up to which unrolling pays."""

SHORT = 80
"""Statements of a step up to which two lanes are computed side by side."""

_LOCAL = re.compile(r"(?<![\w.])(?:[xyskpc]\d\w*|t\d+)(?!\w)")
_NAME = re.compile(r"(?<![\w.])(?:([sc])(\d+)|t)(?!\w)")

_HEAD = """\
import math

import numpy as np
from numba import njit, types

_real, _whole = types.float64, types.int64
_vector, _matrix, _flags = types.float64[::1], types.float64[:, ::1], types.int64[::1]


"""


def trajectory_source(program: Program, parameters: int, tableau: Tableau | None) -> str:
    """Source of a module with ``trajectory``, for one orbit.

    Parameters
    ----------
    program : Program
        The right-hand side.
    parameters : int
        Numbers in the array of parameters, entries of arrays included.
    tableau : Tableau or None
        None for a map. The function takes what the driver of tier 1 takes, save the
        right-hand side.
    """
    n = len(program.outputs)
    used = _used(program, parameters)
    stages = 1 if tableau is None else tableau.stages
    lines = [
        "@njit(types.UniTuple(_whole, 3)("
        + (
            "_vector, _vector, _real, _whole,"
            if tableau is None
            else "_matrix, _vector, _vector, _vector, _real, _real, _whole,"
        ),
        "      _whole, _whole, _real, _flags, _matrix, _matrix),",
        '      nogil=True, cache=True, error_model="numpy")',
        "def trajectory("
        + (
            "state, values, start, first,"
            if tableau is None
            else "weights, nodes, state, values, start, step, first,"
        ),
        "               steps, every, bound, cancel, rows, work):",
        *(f"    x{j} = state[{j}]" for j in range(n)),
        *(f"    p{j} = values[{j}]" for j in used),
    ]
    if tableau is not None:
        lines += [
            f"    w{i}_{j} = weights[{i}, {j}]"
            for i in range(stages)
            for j in range(i + 1)
            if tableau.weights[i, j] != 0.0
        ]
        lines += [f"    d{i} = nodes[{i}]" for i in range(1, stages)]
    clock = "first + i" if tableau is None else "(first + i) * step"
    ahead = "first + i + 1" if tableau is None else "(first + i + 1) * step"
    save = [f"state[{j}] = x{j}" for j in range(n)]
    inside = " & ".join(f"(abs(y{j}) <= bound)" for j in range(n))
    lines += [
        "    row = 0",
        "    since = first % every",
        "    for i in range(steps):",
        "        if (i & 4095) == 0 and cancel[0] != 0:",
        *(f"            {line}" for line in save),
        f"            return {CANCELLED}, i, row",
        f"        t = start + ({clock})",
        *_advance(program, tableau, "        "),
        f"        if not ({inside}):",
        *(f"            {line}" for line in save),
        *(f"            work[{0 if tableau is None else stages}, {j}] = y{j}" for j in range(n)),
        f"            return {LEFT}, i, row",
        *(f"        x{j} = y{j}" for j in range(n)),
        "        since += 1",
        "        if since == every:",
        "            since = 0",
        f"            rows[row, 0] = start + ({ahead})",
        *(f"            rows[row, {j + 1}] = x{j}" for j in range(n)),
        "            row += 1",
        *(f"    {line}" for line in save),
        f"    return {DONE}, steps, row",
    ]
    return _HEAD + program.helpers + "\n".join(["", *lines, ""])


def lanes_source(program: Program, parameters: int, tableau: Tableau | None) -> str:
    """Source of a module with ``lanes``, for many orbits at once.

    ``lanes(state, values, start, step, first, steps, bound, failed, cancel, variable, trace,
    low, high)`` advances lanes `low` to `high` of `state` ``(n, lanes)`` in place with
    `values` ``(p, lanes)``. `failed` ``(lanes,)`` holds -1, or the index of the step that
    left the bound or the finite numbers; such a lane no longer means anything. Where
    `variable` is not negative, that variable of every state is written to `trace`
    ``(blocks from low on, steps, BLOCK)``, so that whoever reads it runs through memory in
    order.

    Maps are checked at every iteration. Flows are checked every `STRIDE` steps, and where a
    lane is found outside, those steps are made once more one by one to tell which it was.
    """
    n = len(program.outputs)
    used = _used(program, parameters)
    at = [f"{j * BLOCK} + l" for j in range(n + len(used))]
    # No nnan and no ninf: the bound is checked on what really comes out. No reassoc: it
    # would undo the sums of `_combination`.
    flags = "" if tableau is None else ', fastmath={"contract", "nsz", "arcp", "afn"}'
    lines = [
        "@njit(_whole(_matrix, _matrix, _real, _real, _whole, _whole, _real, _flags, _flags,",
        "             _whole, types.float64[:, :, ::1], _whole, _whole),",
        f'      nogil=True, cache=True, error_model="numpy"{flags})',
        "def lanes(state, values, start, step, first, steps, bound, failed, cancel, variable,",
        "          trace, low, high):",
        f"    block = np.empty({(n + len(used)) * BLOCK})",
        f"    saved = np.empty({n * BLOCK})",
        f"    count = np.empty({BLOCK})",
        f"    alive = np.empty({BLOCK})",
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
        f"        for l in range({BLOCK}):",
        # A block that is not full carries copies of its first lane.
        "            lane = base + (l if l < width else 0)",
        *(f"            block[{at[j]}] = state[{j}, lane]" for j in range(n)),
        *(f"            block[{at[n + k]}] = values[{j}, lane]" for k, j in enumerate(used)),
        "            alive[l] = 1.0 if failed[lane] < 0 else 0.0",
        "            count[l] = 0.0",
        "        done, slow, look = 0, 0, 0",
        "        while done < steps:",
        "            if done >= look:",
        "                look = done + 4096",
        "                if cancel[0] != 0:",
        f"                    return {CANCELLED}",
        *(
            _steps_of_map(program, at, used)
            if tableau is None
            else _steps_of_flow(program, tableau, at, used)
        ),
        "            done += now",
        "        for l in range(width):",
        *(f"            state[{j}, base + l] = block[{at[j]}]" for j in range(n)),
        "            if failed[base + l] < 0 and alive[l] == 0.0:",
        "                failed[base + l] = first + int(count[l])",
        f"    return {DONE}",
    ]
    text = "\n".join([*lines, ""])
    if tableau is not None and (fast := sine.vectorised(text)) != text:
        text = sine.source(flags) + fast
    return _HEAD + program.helpers + text


def _steps_of_map(program: Program, at: list[str], used: list[int]) -> list[str]:
    """Iterations between two looks at the cancel flag; every one looks at the bound."""
    n = len(program.outputs)
    inside = " & ".join(f"(abs(y{j}) <= bound)" for j in range(n))
    return [
        "            now = min(4096, steps - done)",
        *_vectors(
            program,
            None,
            at,
            used,
            [f"good = alive[l] if {inside} else 0.0", "alive[l] = good", "count[l] += good"],
        ),
    ]


def _steps_of_flow(program: Program, tableau: Tableau, at: list[str], used: list[int]) -> list[str]:
    """`STRIDE` steps, then a look at the bound; where it is left, back and one by one."""
    n = len(program.outputs)
    inside = " & ".join(f"(abs(block[{at[j]}]) <= bound)" for j in range(n))
    return [
        f"            now = min(1 if done < slow else {STRIDE}, steps - done)",
        f"            for l in range({n * BLOCK}):",
        "                saved[l] = block[l]",
        *_vectors(program, tableau, at, used, []),
        "            outside = 0.0",
        f"            for l in range({BLOCK}):",
        f"                outside += 0.0 if {inside} else alive[l]",
        "            if outside > 0.0 and now > 1:",
        f"                for l in range({n * BLOCK}):",
        "                    block[l] = saved[l]",
        "                slow = done + now",
        "                continue",
        "            if outside > 0.0:",
        f"                for l in range({BLOCK}):",
        f"                    if alive[l] > 0.0 and not ({inside}):",
        "                        alive[l] = 0.0",
        "                        count[l] = done",
    ]


def _vectors(
    program: Program, tableau: Tableau | None, at: list[str], used: list[int], after: list[str]
) -> list[str]:
    """`now` steps of a whole block from step `done` on: the loop that is to vectorise."""
    n = len(program.outputs)
    body = [
        *(f"x{j} = block[{at[j]}]" for j in range(n)),
        *(f"p{j} = block[{at[n + k]}]" for k, j in enumerate(used)),
        *_advance(program, tableau, "", grouped=True),
        *(f"block[{at[j]}] = y{j}" for j in range(n)),
        *after,
    ]
    ways = 2 if tableau is not None and len(body) <= SHORT else 1
    return [
        "            for i in range(done, done + now):",
        "                t = start + (first + i) * step",
        f"                for l in range({BLOCK // ways}):",
        *(" " * 20 + line for line in _side_by_side(body, ways)),
        "                if variable >= 0:",
        f"                    for l in range({BLOCK}):",
        f"                        trace[(base - low) // {BLOCK}, i, l] = (",
        f"                            block[variable * {BLOCK} + l])",
    ]


def _side_by_side(body: list[str], ways: int) -> list[str]:
    """Statements for `ways` lanes a part of a block apart, each beside its twin.

    A step is a long chain of operations that wait for each other; two chains fill the gaps
    of one another better than the processor finds out by itself.
    """

    def twin(line: str, way: int) -> str:
        line = _LOCAL.sub(lambda match: f"{match.group()}{chr(97 + way)}", line)
        return line.replace("+ l]", f"+ l + {way * BLOCK // ways}]")

    return [twin(line, way) if way else line for line in body for way in range(ways)]


def _used(program: Program, parameters: int) -> list[int]:
    return [j for j in range(parameters) if f"p{j}" in program.symbols]


def _advance(
    program: Program, tableau: Tableau | None, indent: str, grouped: bool = False
) -> list[str]:
    """Statements from ``x0 ..`` at time ``t`` to ``y0 ..`` one step later.

    With `grouped`, slopes of equal weight are added before they are multiplied: additions
    run beside the multiplications that lanes are bound by, at the price of another rounding.
    """
    n = len(program.outputs)
    if tableau is None:
        lines = [f"s0_{j} = x{j}" for j in range(n)]
        lines += ["t0 = t", *_stage(program, 0, "y")]
        return [indent + line for line in lines]
    lines = ["t0 = t", *(f"s0_{j} = x{j}" for j in range(n)), *_stage(program, 0, "k0_")]
    for stage in range(1, tableau.stages + 1):
        last = stage == tableau.stages
        for j in range(n):
            total = _combination(tableau.weights[stage - 1, :stage].tolist(), stage - 1, j, grouped)
            target = f"y{j}" if last else f"s{stage}_{j}"
            lines.append(f"{target} = x{j} + ({total})")
        if not last:
            lines += [f"t{stage} = t + d{stage}", *_stage(program, stage, f"k{stage}_")]
    return [indent + line for line in lines]


def _combination(weights: list[float], row: int, variable: int, grouped: bool) -> str:
    """Weights times slopes."""
    groups: dict[float | int, list[int]] = {}
    for i, weight in enumerate(weights):
        if weight != 0.0:
            groups.setdefault(weight if grouped else i, []).append(i)
    terms: dict[float | int, str] = {}
    for weight, members in groups.items():
        slopes = " + ".join(f"k{i}_{variable}" for i in members)
        terms[weight] = f"({slopes})" if len(members) > 1 else slopes
    if grouped:
        for weight in sorted(groups, reverse=True):
            if weight / 2 in groups:
                # Adding a thing twice costs no multiplication either.
                twice = terms.pop(weight)
                terms[weight / 2] = f"({terms[weight / 2]} + ({twice} + {twice}))"
    return " + ".join(f"w{row}_{groups[weight][0]} * {slopes}" for weight, slopes in terms.items())


def _stage(program: Program, stage: int, result: str) -> list[str]:
    """The program with the names of one stage."""

    def rename(match: re.Match[str]) -> str:
        letter, index = match.groups()
        return f"t{stage}" if letter is None else f"{letter}{stage}_{index}"

    lines = [
        f"{_NAME.sub(rename, name)} = {_NAME.sub(rename, text)}"
        for name, text in program.temporaries
    ]
    lines += [f"{result}{j} = {_NAME.sub(rename, text)}" for j, text in enumerate(program.outputs)]
    return lines
