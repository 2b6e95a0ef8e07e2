"""Stroboscopic sections against linear oscillators, which are known in closed form."""

from __future__ import annotations

import math

import numpy as np
import pytest

import engine
from engine.analysis.method import Subject
from engine.analysis.methods import methods
from engine.analysis.stroboscopic import stroboscopic
from engine.errors import ParameterError
from engine.job import run
from engine.systems import files
from engine.systems.system import System

DRIVEN = files.from_text(
    "title = 'Driven'\nkind = 'flow'\n[variables]\nx = 1.0\nv = 0.0\n[equations]\n"
    'x = "v"\nv = "-x - v + cos(w*t)"\n'
    "[parameters.w]\ndefault = 1.7\nlow = 0\nhigh = 9\n[run]\nstep = 0.05\ntransient = 80\n",
    "driven",
)


def named(key: str) -> System:
    found: System = engine.systems()[key]
    return found


def test_two_frequencies_without_a_common_period_need_one_given() -> None:
    both = files.from_text(
        "title = 'Both'\nkind = 'flow'\n[variables]\nx = 0.0\n[equations]\n"
        'x = "-x + cos(t) + cos(sqrt(2)*t)"\n',
        "both",
    )
    with pytest.raises(ParameterError, match="give the period"):
        stroboscopic(both)
    # Strobed by one of them the other is left: an orbit that does not repeat itself.
    assert stroboscopic(both, 2.0 * math.pi, points=60).cycle == 0


def test_a_linear_oscillator_leaves_one_point() -> None:
    """The answer to cos w t is the real part of e^(i w t) / (1 - w^2 + i w)."""
    w = 1.7
    found = engine.stroboscopic(DRIVEN, points=20)
    answer = 1.0 / (1.0 - w * w + 1j * w)
    np.testing.assert_allclose(found.points[:, 0], answer.real, atol=1e-7)
    np.testing.assert_allclose(found.points[:, 1], (1j * w * answer).real, atol=1e-7)
    assert found.cycle == 1
    np.testing.assert_allclose(np.diff(found.times), 2.0 * math.pi / w)


def test_the_phase_moves_along_the_answer() -> None:
    w = 1.7
    found = stroboscopic(DRIVEN, points=4, phase=0.25)
    answer = np.exp(0.5j * math.pi) / (1.0 - w * w + 1j * w)
    np.testing.assert_allclose(found.points[:, 0], answer.real, atol=1e-7)


def test_half_the_period_of_a_force_is_a_cycle_of_two() -> None:
    found = stroboscopic(DRIVEN, period=math.pi / 1.7, points=40)
    assert found.cycle == 2


def test_the_chaotic_duffing_oscillator_does_not_repeat() -> None:
    """gamma = 0.5 at delta = 0.3, omega = 1.2 is the textbook's chaotic value."""
    found = stroboscopic(
        named("duffing"),
        points=300,
        values={"gamma": 0.5, "delta": 0.3, "omega": 1.2, "alpha": -1.0, "beta": 1.0},
    )
    assert found.cycle == 0
    assert found.period == pytest.approx(2.0 * math.pi / 1.2, rel=1e-12)


def test_the_method_shows_the_period_it_found() -> None:
    method = methods()["stroboscopic"]
    subject = Subject(system=DRIVEN)
    assert method.chosen(subject)["period"] == pytest.approx(2.0 * math.pi / 1.7, rel=1e-12)
    found = run(method.start(subject, {"points": 10}))
    assert [scalar.name for scalar in found.scalars()] == ["period", "points", "cycle"]
    assert len(found.plots()) == 2


@pytest.mark.parametrize(
    ("key", "options", "words"),
    [
        ("lorenz", {}, "nothing drives 'lorenz'"),
        ("henon", {}, "is a map"),
        ("duffing", {"period": -1.0}, "positive number"),
        ("duffing", {"phase": 1.5}, "from 0 to 1"),
    ],
)
def test_refusals(key: str, options: dict[str, float], words: str) -> None:
    with pytest.raises(ParameterError, match=words):
        stroboscopic(named(key), **options)  # type: ignore[arg-type]
