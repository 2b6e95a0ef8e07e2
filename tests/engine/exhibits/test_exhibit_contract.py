"""What every exhibit in the catalogue must do, whatever it is."""

from __future__ import annotations

import math

import numpy as np
import pytest

from engine.catalogue import built_in_modules, catalogue
from engine.errors import ParameterError
from engine.exhibit import APPENDED, Exhibit, Frame, Process, Value
from engine.look import ASSETS

OWN = tuple(built_in_modules())
SYSTEMS = tuple(sorted(path.stem for path in (ASSETS / "systems").glob("*.toml")))
FULL = (*OWN, "lorenz", "duffing", "henon", "logistic")
"""Run at length; the others only have their shapes checked."""


def one_of_each() -> tuple[str, ...]:
    """Systems that differ in how they are run or shown; the rest is the same code."""
    found: dict[object, str] = {}
    for key in SYSTEMS:
        system = catalogue()[key].system
        assert system is not None
        look = (system.kind, min(system.dimension, 4), system.hybrid, bool(system.families))
        found.setdefault((*look, system.run.method), key)
    return tuple(found.values())


def brief(exhibit: Exhibit, **values: Value) -> dict[str, Value]:
    """Values for a short run, quick to compute."""
    short: dict[str, Value] = {"run.length": 300} if exhibit.system is not None else {}
    return short | values


def start(key: str, seed: int = 0, **values: Value) -> tuple[Exhibit, Process]:
    exhibit = catalogue()[key]
    return exhibit, exhibit.start(brief(exhibit, **values), seed)


def is_whole(exhibit: Exhibit, frame: Frame) -> None:
    """The frame starts anew and its arrays have the shapes that the channels declare."""
    assert frame.restarted
    assert frame.channels
    for name, array in frame.channels.items():
        channel = exhibit.channels[name]
        if channel.kind in APPENDED:
            assert array.ndim == 2
            if channel.names and name != "twins":
                assert array.shape[1] == 1 + len(channel.names), name
            # A short orbit may end before two lags have passed.
            assert len(array) >= 1 or name == "embedding", name
            assert np.isfinite(array).all(), name
            assert (np.diff(array[:, 0]) > 0).all(), name
        elif channel.kind == "field":
            assert array.ndim == 2, name
            if channel.categories:
                assert array.min() >= 0
                assert array.max() < len(channel.categories)


def same(one: Frame, other: Frame) -> None:
    assert one.time == other.time
    assert one.restarted == other.restarted
    assert set(one.channels) == set(other.channels)
    for name, array in one.channels.items():
        np.testing.assert_array_equal(array, other.channels[name], err_msg=name)


def units(exhibit: Exhibit, count: float) -> float:
    """`count` small pieces of the exhibit's own time."""
    return count * exhibit.pace.step * (1 + 1e-9)


@pytest.mark.parametrize("key", [*OWN, *SYSTEMS])
def test_it_declares_itself(key: str) -> None:
    exhibit = catalogue()[key]
    assert exhibit.references, key
    assert exhibit.views
    for view in exhibit.views:
        assert view.channel in exhibit.channels
        assert view.area in ("main", "right", "bottom")
    assert exhibit.views[0].area == "main"
    for name, parameter in exhibit.parameters.items():
        assert parameter.name == name
        assert parameter.check(parameter.default) == parameter.default
        assert parameter.help, name
    for channel in exhibit.channels.values():
        assert channel.over == "" or channel.over in exhibit.channels
        assert set(channel.bindings.values()) <= set(exhibit.parameters)
        assert not channel.symbols or len(channel.symbols) == len(channel.names)
    for preset in exhibit.presets:
        exhibit.checked(preset.values)
    assert exhibit.pace.low <= exhibit.pace.default <= exhibit.pace.high
    for preset in exhibit.presets:
        exhibit.checked(preset.values)


@pytest.mark.parametrize("key", [*OWN, *one_of_each()])
def test_it_shows_everything_at_once_and_refuses_what_it_has_not(key: str) -> None:
    exhibit, process = start(key)
    is_whole(exhibit, process.advance(1.0, 0.0))
    for refuse in (lambda: exhibit.start({"nonsense": 1}), lambda: process.set("nonsense", 1)):
        with pytest.raises(ParameterError, match=f"'{key}' has no parameter 'nonsense'; it has"):
            refuse()


@pytest.mark.parametrize("key", FULL)
def test_nothing_moves_without_time(key: str) -> None:
    _, process = start(key)
    first = process.advance(1.0, 0.0)
    still = process.advance(1.0, 0.0)
    assert not still.restarted
    assert still.time == first.time


@pytest.mark.parametrize("key", FULL)
def test_setting_the_values_it_has_changes_nothing(key: str) -> None:
    exhibit, process = start(key)
    process.advance(1.0, 0.0)
    for name, value in exhibit.checked(brief(exhibit)).items():
        process.set(name, value)
    assert not process.advance(1.0, 0.0).restarted


@pytest.mark.parametrize("key", FULL)
def test_a_value_that_is_none_is_refused_and_nothing_changes(key: str) -> None:
    exhibit, process = start(key)
    process.advance(1.0, 0.0)
    for name, parameter in exhibit.parameters.items():
        with pytest.raises(ParameterError, match=f"'{name}'"):
            process.set(name, "no such choice" if parameter.scale == "choice" else math.nan)
    assert not process.advance(1.0, 0.0).restarted


@pytest.mark.parametrize("key", FULL)
def test_every_number_can_change_under_way_and_back(key: str) -> None:
    exhibit, process = start(key)
    first = process.advance(1.0, 0.0)
    values = exhibit.checked(brief(exhibit))
    for name, parameter in exhibit.parameters.items():
        if parameter.scale == "choice" or parameter.low is None or name == "run.length":
            continue
        other = parameter.low if parameter.low != values[name] else parameter.high
        process.set(name, other)
        process.set(name, values[name])
    again = process.advance(1.0, 0.0)
    assert set(again.channels) >= set(first.channels)
    for name, array in first.channels.items():
        np.testing.assert_array_equal(array, again.channels[name], err_msg=name)


@pytest.mark.parametrize("key", FULL)
def test_the_same_seed_gives_the_same_numbers(key: str) -> None:
    exhibit, one = start(key, 5)
    _, other = start(key, 5)
    for limit in (0.0, units(exhibit, 7), units(exhibit, 40)):
        same(one.advance(1.0, limit), other.advance(1.0, limit))


@pytest.mark.parametrize("key", OWN)
def test_another_seed_gives_another_run(key: str) -> None:
    frames = [start(key, seed)[1].advance(1.0, 0.0) for seed in (1, 2)]
    assert any(
        not np.array_equal(array, frames[1].channels[name])
        for name, array in frames[0].channels.items()
    )


@pytest.mark.parametrize("key", FULL)
def test_a_restored_run_goes_on_with_the_same_numbers(key: str) -> None:
    exhibit, process = start(key, 3)
    process.advance(1.0, 0.0)
    process.advance(1.0, units(exhibit, 23))
    state = process.state()
    assert all(isinstance(array, np.ndarray) for array in state.values())
    copied = {name: array.copy() for name, array in state.items()}
    _, other = start(key, 4)
    other.advance(1.0, units(exhibit, 3))
    other.restore(copied)
    whole = other.advance(1.0, 0.0)
    is_whole(exhibit, whole)
    for limit in (units(exhibit, 11), units(exhibit, 50)):
        same(process.advance(1.0, limit), other.advance(1.0, limit))
    # What was handed out is not what the run goes on writing to.
    for name, array in state.items():
        np.testing.assert_array_equal(array, copied[name], err_msg=name)


@pytest.mark.parametrize("key", FULL)
def test_a_state_taken_before_the_first_picture_is_whole(key: str) -> None:
    exhibit, process = start(key, 3)
    state = process.state()
    _, other = start(key, 9)
    other.restore(state)
    first, second = process.advance(1.0, 0.0), other.advance(1.0, 0.0)
    is_whole(exhibit, second)
    assert first.time == second.time
    for name, array in first.channels.items():
        np.testing.assert_array_equal(array, second.channels[name], err_msg=name)


@pytest.mark.parametrize("key", FULL)
def test_running_on_writes_into_no_frame_already_given(key: str) -> None:
    exhibit, process = start(key)
    frames = [process.advance(1.0, limit) for limit in (0.0, units(exhibit, 6), units(exhibit, 9))]
    kept = [{name: array.copy() for name, array in frame.channels.items()} for frame in frames]
    process.advance(1.0, units(exhibit, 9))
    for frame, copies in zip(frames, kept, strict=True):
        for name, array in frame.channels.items():
            np.testing.assert_array_equal(array, copies[name], err_msg=name)


@pytest.mark.parametrize("key", FULL)
def test_a_small_budget_still_gets_further(key: str) -> None:
    exhibit, process = start(key)
    before = process.advance(1.0, 0.0).time
    after = process.advance(0.0, units(exhibit, 1000)).time
    assert before < after <= before + units(exhibit, 1000) * (1 + 1e-6)
