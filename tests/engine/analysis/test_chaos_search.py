"""The search for chaos finds chaos, and none where there can be none."""

from __future__ import annotations

import pytest

import engine
from engine.analysis.chaos_search import ChaosSearch, chaos_search, chaos_search_job
from engine.analysis.lyapunov_spectrum import lyapunov_spectrum
from engine.errors import ParameterError
from engine.systems.files import from_text

LINEAR = """
title = "Linear map"
kind = "map"
[variables]
x = 0.3
y = 0.2
[equations]
x = "a*x + b*y"
y = "0.5*x"
[parameters.a]
default = 0.5
low = -2
high = 2
[parameters.b]
default = 0.1
low = -2
high = 2
"""


def test_what_is_found_is_chaotic() -> None:
    system = engine.systems()["general-quadratic-map"]
    found = chaos_search(system, wanted=4, seed=1)
    assert len(found.finds) == 4
    for find in found.finds:
        assert set(find.values) == set(system.parameters)
        assert find.exponent > 3 * find.stderr > 0
        spectrum = lyapunov_spectrum(system, values=find.values, initial=find.state)
        # Two independent methods: a second orbit here, tangent vectors there.
        assert spectrum.exponents[0] == pytest.approx(find.exponent, abs=5 * find.stderr + 0.01)


def test_the_logistic_map_is_chaotic_only_beyond_the_cascade() -> None:
    found = chaos_search(engine.systems()["logistic"], wanted=30, most=20_000, seed=3)
    assert len(found.finds) == 30
    # The cascade of period doublings ends at 3.569945672 (M. Feigenbaum 1978).
    assert min(find.values["r"] for find in found.finds) > 3.5699456


def test_nothing_is_found_where_equations_are_linear() -> None:
    found = chaos_search(from_text(LINEAR, "linear"), most=4000)
    assert found.finds == ()
    assert found.tried == 4000


def test_a_search_nearby_stays_near() -> None:
    system = engine.systems()["general-quadratic-map"]
    found = chaos_search(system, ["a3"], around=0.01, wanted=5, most=20_000)
    assert len(found.finds) == 5
    assert all(abs(find.values["a3"] + 1.4) < 0.2 for find in found.finds)


def test_the_same_seed_finds_the_same() -> None:
    system = engine.systems()["general-quadratic-map"]
    first, second = (chaos_search(system, wanted=3, seed=5).finds for _ in range(2))
    assert first == second


def test_finds_come_while_it_searches() -> None:
    job = chaos_search_job(engine.systems()["general-quadratic-map"], wanted=200)
    seen: list[ChaosSearch] = []
    for partial in job:
        assert partial.result is not None
        if partial.result.finds and partial.result not in seen:
            seen.append(partial.result)
        if len(seen) > 2:
            break
    job.close()
    assert len(seen[0].finds) < len(seen[-1].finds) or len(seen) == 3


def test_what_cannot_be_searched_is_said() -> None:
    lorenz = engine.systems()["lorenz"]
    with pytest.raises(ParameterError, match="no parameter 'tau' to vary"):
        chaos_search(lorenz, ["tau"])
    with pytest.raises(ParameterError, match="around must be a number above 0"):
        chaos_search(lorenz, around=-1.0)
