"""The examples that come with XPPAUT: most import, and agree with what the program answers.

Ours are integrated with the method and the step of the file where that method is one of
fixed step (Euler, RK4, iteration), and with an accurate one where the program's is adaptive,
finds events or has delays; then the program is asked to be accurate too (``conftest``). A run
is compared over its settled span: as long as a second run of ours, started beside the first,
stays within a tenth of the tolerance of it, or within a hundred times its first distance.
That distance is a billionth, or a ten-millionth where the program's error control is part of
the answer. Beyond that span errors decide that are nobody's. The program writes single
precision, which the comparison grants.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from engine.integrate.solve import simulate
from engine.systems.system import System

if TYPE_CHECKING:
    from conftest import Example

Array = NDArray[np.float64]
TOLERANCE = 1e-3
"""Of each variable's range."""
NEARBY, CONTROLLED = 1e-9, 1e-7
"""Where our second run starts, in units of the first state plus one."""
GROWTH = 100.0
SINGLE = 2.0 * np.finfo(np.float32).eps
WANTED = 65
SAME = {"amari2": "amari"}
"""The program's ``fconv`` gives zeros or crashes; a file that says the same without it answers."""


@dataclass(frozen=True)
class Agreement:
    """How far the program's rows and ours are apart, in ranges, over the settled span."""

    error: float
    settled: int
    rows: int
    end: float


def our_run(
    system: System, options: Mapping[str, Any], values: dict[str, float], nearby: float
) -> Array:
    """Rows of two of our own runs on the program's grid: time, states, states nearby."""
    step, total = float(options["dt"]), float(options["total"])
    name = str(options["method"])
    more: dict[str, Any] = {"rtol": 1e-10, "atol": 1e-12}
    if system.kind == "map":
        method, step = "iterate", 1.0
    elif system.kind == "dde":
        method, step = "steps-rk4", step / 2
    elif name == "cvode" and system.dimension <= 3:
        method = "rodas5p"
    elif name in ("rungekutta", "euler") and not system.hybrid:
        method = "euler" if name == "euler" else "rk4"
    else:
        method = "dop853"
    free = replace(system, run=replace(system.run, bound=1e300))
    initial = free.state(
        [values.pop(f"initial.{n}", x) for n, x in zip(free.variables, free.initial, strict=True)]
    )
    runs = [
        simulate(free, total, step, method, values=values, initial=start, **more).rows
        for start in (initial, initial + nearby * (1.0 + np.abs(initial)))
    ]
    count = min(len(rows) for rows in runs)
    every = 2 if system.kind == "dde" else 1
    return np.hstack([runs[0][:count], runs[1][:count, 1:]])[::every]


def agreement(
    system: System, answer: Array, ours: Array, options: Mapping[str, Any], nearby: float
) -> Agreement:
    """Compare on the times that both have, as long as ours is settled."""
    n = system.dimension
    step = 1.0 if system.kind == "map" else float(options["dt"])
    if only := options.get("only"):
        columns = [system.variables.index(name) for name in only]
        # Times are not written: the rows stand on the grid.
        rows = answer
        times = step * np.arange(len(answer)) + float(options.get("transient", 0.0))
    else:
        columns = list(range(n))
        rows, times = answer[:, 1 : 1 + n], answer[:, 0] - float(options.get("t0", 0.0))
    place = np.rint(times / step).astype(int)
    # With events the program's rows may leave the grid for a while.
    inside = (place >= 0) & (place < len(ours)) & (np.abs(times / step - place) < 1e-3)
    place, rows, times = place[inside], rows[inside], times[inside]
    mine, beside = ours[place, 1 : 1 + n], ours[place, 1 + n :]
    largest = np.abs(mine).max(axis=0, initial=0.0)
    span = np.maximum(np.ptp(mine, axis=0), 1e-300)
    allowed = np.maximum(0.1 * TOLERANCE * span, GROWTH * nearby * (1.0 + largest))
    apart = (np.abs(mine - beside) > allowed).any(axis=1)
    settled = int(np.argmax(apart)) if apart.any() else len(apart)
    mine, rows = mine[:settled, columns], rows[:settled]
    if not settled:
        return Agreement(np.inf, 0, len(place), 0.0)
    span = np.ptp(mine, axis=0)
    slack = SINGLE * np.abs(mine).max(axis=0)
    error = np.maximum(np.abs(rows - mine) - slack, 0.0) / np.maximum(span, 1e-300)
    return Agreement(float(error.max()), settled, len(place), float(times[settled - 1]))


def compared(example: Example) -> list[tuple[str, Agreement]]:
    """Agreements of one example, for the file itself and for each of its sets."""
    system = example.system
    assert system is not None
    found = []
    for name, answer in example.answers.items():
        answer = example.tight.get(name, answer)
        nearby = CONTROLLED if example.tight else NEARBY
        options, values = dict(system.options), {}
        if name:
            said = system.options["sets"][name]
            options |= {key: float(said[key]) for key in ("total", "dt") if key in said}
            if "meth" in said:
                options["method"] = {"8": "83dp", "q": "qualrk"}[said["meth"][0]]
            preset = next(p for p in system.presets if p.title == name)
            values = {key: float(value) for key, value in preset.values.items()}
        ours = our_run(system, options, values, nearby)
        found.append((name, agreement(system, answer, ours, options, nearby)))
    return found


def test_most_examples_import(examples: Mapping[str, Example]) -> None:
    refused = [e.refused for e in examples.values() if e.system is None]
    taken = [e for e in examples.values() if e.system is not None]
    assert len(taken) >= WANTED, refused
    # Whatever is refused says where and why.
    assert all(".ode: line " in reason for reason in refused), refused


def test_what_is_not_supported_is_refused_for_what_it_is(
    examples: Mapping[str, Example],
) -> None:
    expected = {
        "angela": "line 3: integral equations",
        "cuplamdif": "line 8: integral equations",
        "dae": "line 2: algebraic equations",
        "gill_bruss": "line 15: special 'gill'",
        "julia": "line 5: 's': 'ran' draws",
        "junk2": "line 2: table 'w': 'ran'",
        "kepler": "line 8: Markov",
        "pHtools_simple": "line 4: this line cannot be read: 'mksol mysol'",
        "testdll": "line 3: functions of a compiled library",
        "tstar": "line 1: equation of 'x0': a place in brackets",
    }
    for name, reason in expected.items():
        assert examples[name].system is None
        assert reason in examples[name].refused


def test_deterministic_examples_agree_with_the_program(examples: Mapping[str, Example]) -> None:
    agreed, apart, silent = [], [], []
    for name, example in examples.items():
        if example.system is None or example.system.stochastic:
            continue
        if name in SAME:
            example = replace(example, answers=examples[SAME[name]].answers)
        if not example.answers:
            silent.append(name)
            continue
        found = compared(example)
        worst = max(found, key=lambda pair: pair[1].error)
        good = worst[1].error <= TOLERANCE and min(a.end for _, a in found) > 0.0
        (agreed if good else apart).append((name, *worst))
    stochastic = [n for n, e in examples.items() if e.system is not None and e.system.stochastic]
    assert not apart
    assert not silent
    assert len(agreed) + len(stochastic) >= WANTED, (len(agreed), stochastic)
