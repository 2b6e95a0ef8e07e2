"""Fixed points and their crossings against closed forms."""

from __future__ import annotations

import math

import numpy as np
import pytest

from engine.analysis.crossings import Solver, bounding_box, crossings, solutions
from engine.errors import ParameterError
from engine.systems import files

CUBIC = """
title = "Pitchfork"
kind = "flow"
[variables]
x = 1.0
y = 0.0
[equations]
x = "mu*x - x^3"
y = "-y"
[parameters.mu]
default = 1.0
low = -2
high = 2
"""
QUADRATIC = """
title = "Quadratic"
kind = "map"
[variables]
x = 0.1
[equations]
x = "c - x^2"
[parameters.c]
default = 1.0
low = 0
high = 2
"""
FOCUS = """
title = "Focus"
kind = "flow"
[variables]
x = 1.0
y = 0.0
[equations]
x = "mu*x - omega*y"
y = "omega*x + mu*y"
[parameters.mu]
default = 1.0
low = -2
high = 2
[parameters.omega]
default = 3.0
low = 0
high = 5
"""
BOX = np.array([[-3.0, -3.0], [3.0, 3.0]])


def test_pitchfork_has_three_points_then_one() -> None:
    system = files.from_text(CUBIC, "pitchfork")
    states = [tuple(point.state) for point in solutions(system, BOX, {"mu": 0.49})]
    assert states == [pytest.approx(s, abs=1e-9) for s in ((-0.7, 0), (0, 0), (0.7, 0))]
    assert len(solutions(system, BOX, {"mu": -0.5})) == 1


def test_eigenvalues_are_those_of_the_jacobian() -> None:
    system = files.from_text(CUBIC, "pitchfork")
    point = Solver(system).newton(np.array([1.1, 0.2]), system.values())
    assert point is not None
    assert sorted(point.eigenvalues.real) == pytest.approx([-2.0, -1.0])


def test_cycles_of_the_quadratic_map() -> None:
    """c - x^2: the two-cycle solves x^2 - x + 1 - c = 0, so x = (1 +- sqrt(4 c - 3)) / 2."""
    system = files.from_text(QUADRATIC, "quadratic")
    box = np.array([[-2.0], [2.0]])
    states = [float(point.state[0]) for point in solutions(system, box, {"c": 1.2}, 2)]
    root = math.sqrt(4 * 1.2 - 3)
    assert states == pytest.approx([(1 - root) / 2, (1 + root) / 2])
    assert solutions(system, box, {"c": 0.5}, 2) == []


def test_doublings_of_the_quadratic_map() -> None:
    """Conjugate to the logistic map: the fixed point doubles at 3/4, the two-cycle at 5/4."""
    system = files.from_text(QUADRATIC, "quadratic")
    box = np.array([[-2.0], [2.0]])
    first = crossings(system, "c", 0.0, 1.9, box, "period-doubling")
    second = crossings(system, "c", 0.0, 1.9, box, "period-doubling", period=2)
    assert first == pytest.approx([0.75])
    assert second == pytest.approx([1.25])


def test_hopf_where_the_real_part_vanishes() -> None:
    system = files.from_text(FOCUS, "focus")
    assert crossings(system, "mu", -1.0, 1.7, BOX, "hopf") == pytest.approx([0.0], abs=1e-9)


def test_real_eigenvalues_make_no_hopf() -> None:
    system = files.from_text(CUBIC, "pitchfork")
    assert crossings(system, "mu", -1.0, 1.7, BOX, "hopf") == []


def test_a_parameter_that_is_not_there_is_named() -> None:
    system = files.from_text(FOCUS, "focus")
    with pytest.raises(ParameterError, match="'focus' has no parameter 'nu'; it has mu, omega"):
        crossings(system, "nu", -1.0, 1.0, BOX, "hopf")


def test_box_is_widened_on_every_side() -> None:
    box = bounding_box([[0.0, 1.0], [2.0, 1.0]], margin=0.5)
    assert box[:, 0] == pytest.approx([-1.0, 3.0])
    assert box[0, 1] < 1.0 < box[1, 1]
