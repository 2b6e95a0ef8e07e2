"""What a stream keeps of itself: taken up again it goes on with the same bits."""

from __future__ import annotations

import numpy as np
import pytest

from engine.errors import ParameterError
from engine.integrate.methods import COMPOSITIONS, FLOW, methods_for
from engine.integrate.stream import Stream
from engine.systems.system import System

EVERY = [
    *(("lorenz", method) for method in FLOW),
    *(("ball", method) for method in FLOW),
    *(("kepler", method) for method in COMPOSITIONS),
    ("ornstein", "euler-maruyama"),
    ("ornstein", "milstein"),
    ("ornstein", "sra1"),
    ("retarded", "steps-rk4"),
    ("henon", "iterate"),
]


@pytest.mark.parametrize(("key", "method"), EVERY)
@pytest.mark.parametrize("step", [0.01, 0.17])
def test_a_stream_taken_up_again_goes_on_with_the_same_bits(
    key: str, method: str, step: float, request: pytest.FixtureRequest
) -> None:
    system: System = request.getfixturevalue(key)

    def stream() -> Stream:
        return Stream(system, method=method, step=step, every=2, seed=11, background=False)

    for before in (0, 1, 13, 700):
        one = stream()
        one.advance(before)
        kept = one.memory()
        assert kept.ndim == 1
        assert kept.dtype == np.float64
        rest = [one.advance(n) for n in (1, 40, 500)]
        other = stream()
        other.advance(7)
        other.recall(kept)
        np.testing.assert_array_equal(other.memory(), kept)
        again = [other.advance(n) for n in (1, 40, 500)]
        for a, b in zip(rest, again, strict=True):
            np.testing.assert_array_equal(a, b)
        assert one.stopped == other.stopped
        assert one.steps == other.steps
        assert one.t == other.t


def test_the_past_is_kept_after_a_change_of_values(retarded: System) -> None:
    one, other = Stream(retarded, step=0.03), Stream(retarded, {"tau": 0.4}, step=0.03)
    one.advance(100)
    one.set_values({"tau": 0.4})
    one.advance(5)
    other.recall(one.memory())
    np.testing.assert_array_equal(one.advance(200), other.advance(200))


def test_the_noise_is_kept_after_a_change_of_values(ornstein: System) -> None:
    one = Stream(ornstein, seed=8)
    one.advance(100)
    one.set_values({"sigma": 0.1})
    one.advance(5)
    other = Stream(ornstein, {"sigma": 0.1}, seed=8)
    other.recall(one.memory())
    np.testing.assert_array_equal(one.advance(5000), other.advance(5000))


def test_a_seed_of_many_digits_is_kept(ornstein: System) -> None:
    seed = 2**63 - 25
    one, other = Stream(ornstein, seed=seed), Stream(ornstein, seed=seed)
    one.advance(10)
    other.recall(one.memory())
    with pytest.raises(ParameterError, match="with another seed"):
        Stream(ornstein, seed=seed - 1).recall(one.memory())


def test_a_stopped_run_is_still_stopped(ball: System) -> None:
    one, other = Stream(ball), Stream(ball)
    one.advance(1000)
    assert one.stopped is not None
    other.recall(one.memory())
    assert other.stopped == one.stopped
    assert len(other.advance(10)) == 0


def test_what_is_no_memory_is_refused_and_changes_nothing(
    lorenz: System, ornstein: System, retarded: System, ball: System
) -> None:
    for system in (lorenz, ornstein, retarded, ball):
        method = methods_for(system)[0]
        stream, other = Stream(system, method=method), Stream(system, method=method)
        kept = stream.memory()
        stream.advance(20)
        other.advance(20)
        bad = [
            np.empty(0),
            np.full(50, np.nan),
            kept[:-1],
            np.append(kept, 0.0),
            np.append(kept[:2], np.full(40, 3.0)),
            Stream(system, method=method, step=0.5).memory(),
            Stream(lorenz, method="rk4").memory(),
        ]
        for memory in bad:
            with pytest.raises(ParameterError, match="what was kept is not a run of"):
                stream.recall(memory)
        np.testing.assert_array_equal(stream.advance(20), other.advance(20))
