"""What the composer of orbits promises: cheap continuations, ghosts, exact boxes."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.drawing import curves
from engine.drawing.orbit_picture import FRESH_ROWS, REST, OrbitComposer, Piece, Request
from engine.tape import Tape

Rows = NDArray[np.float64]


def spiral(start: int, stop: int) -> Rows:
    """Rows of a torus knot, one a hundredth of a time unit, never twice the same."""
    t = 0.01 * np.arange(start, stop)
    radius = 2 + np.cos(math.sqrt(2) * t)
    return np.column_stack([t, radius * np.cos(t), radius * np.sin(t), np.sin(math.sqrt(2) * t)])


def tape_of(rows: Rows, length: int = 20_000) -> Tape:
    tape = Tape(rows.shape[1], length)
    tape.restart(rows)
    return tape


def request(**changes: Any) -> Request:
    selection = curves.Selection(np.array([1, 2, 3]), np.zeros(3, dtype=np.int64))
    return Request(selection, ("x", "y", "z"), **changes)


def places(piece: Piece) -> Rows:
    """Vertices in the system's units."""
    return piece.place[:, :3] / piece.scale + piece.centre


def test_nothing_new_gives_no_picture() -> None:
    tape, wanted, composer = tape_of(spiral(0, 5_000)), request(), OrbitComposer()
    assert composer.compose(tape, wanted) is not None
    assert composer.compose(tape, wanted) is None
    tape.append(spiral(5_000, 5_003))
    assert composer.compose(tape, wanted) is not None


def test_a_live_head_keeps_the_body_and_goes_on_where_it_ends() -> None:
    tape, wanted, composer = tape_of(spiral(0, 5_000)), request(), OrbitComposer()
    first = composer.compose(tape, wanted)
    tape.append(spiral(5_000, 5_400))
    second = composer.compose(tape, wanted)
    assert first is not None
    assert second is not None
    assert second.body is first.body
    assert second.fresh is not None
    assert places(second.fresh)[0] == pytest.approx(spiral(4_999, 5_000)[0, 1:], abs=1e-5)
    assert second.head == pytest.approx(spiral(5_399, 5_400)[0, 1:])
    assert second.time == pytest.approx(53.99)


def test_the_body_is_rebuilt_when_enough_came() -> None:
    tape, wanted, composer = tape_of(spiral(0, 5_000)), request(), OrbitComposer()
    first = composer.compose(tape, wanted)
    tape.append(spiral(5_000, 5_001 + FRESH_ROWS))
    second = composer.compose(tape, wanted)
    assert first is not None
    assert second is not None
    assert second.body is not first.body
    assert second.fresh is None


def test_the_box_holds_body_and_continuation_exactly() -> None:
    tape, wanted, composer = tape_of(spiral(0, 300)), request(), OrbitComposer()
    composer.compose(tape, wanted)
    tape.append(spiral(300, 900))
    picture = composer.compose(tape, wanted)
    assert picture is not None
    rows = spiral(0, 900)
    assert picture.low == pytest.approx(rows[:, 1:].min(axis=0))
    assert picture.high == pytest.approx(rows[:, 1:].max(axis=0))


def test_the_ghost_is_the_orbit_before_the_drag() -> None:
    wanted, composer = request(ghost=True, values=1), OrbitComposer()
    tape = tape_of(spiral(0, 3_000))
    before = composer.compose(tape, wanted, now=0.0)
    assert before is not None
    assert before.ghost is None
    # A drag: three changes in quick succession after a rest.
    for step, now in enumerate((REST + 1.0, REST + 1.1, REST + 1.2)):
        tape.restart(spiral(100 * step, 3_000))
        picture = composer.compose(tape, replace(wanted, values=2 + step), now=now)
        assert picture is not None
        assert picture.ghost is before.body
    # Another change after another rest: now the last orbit of the drag is the ghost.
    last = picture.body
    tape.restart(spiral(500, 3_000))
    picture = composer.compose(tape, replace(wanted, values=9), now=2 * REST + 2.0)
    assert picture is not None
    assert picture.ghost is last


def test_a_restart_with_the_same_values_leaves_no_ghost() -> None:
    wanted, composer = request(ghost=True, values=1), OrbitComposer()
    tape = tape_of(spiral(0, 3_000))
    composer.compose(tape, wanted, now=0.0)
    tape.restart(spiral(0, 3_000))
    picture = composer.compose(tape, wanted, now=10.0)
    assert picture is not None
    assert picture.ghost is None


def test_a_tail_holds_only_its_time() -> None:
    picture = OrbitComposer().compose(tape_of(spiral(0, 9_000)), request(tail=5.0))
    assert picture is not None
    assert picture.body is not None
    assert picture.body.origin == pytest.approx(89.99 - 5.0, abs=0.011)


def test_twins_are_apart_and_never_joined() -> None:
    rows = spiral(0, 1_000)
    pair = np.column_stack([rows, rows[:, 1:] + [0.0, 0.0, 5.0]])
    tape, twins = tape_of(rows), tape_of(pair)
    picture = OrbitComposer().compose(tape, request(), twins)
    assert picture is not None
    assert picture.twins is not None
    assert picture.twin_heads == pytest.approx(pair[-1, 1:].reshape(2, 3))
    shades = np.abs(picture.twins.place[:, 3]) - 1.0
    assert set(np.round(shades, 4)) == {0.25, 0.75}
    # Between the two only triangles with repeated corners.
    change = int(np.flatnonzero(np.diff(shades) > 0.1)[0])
    assert (picture.twins.place[change] == picture.twins.place[change - 1]).all()
    assert (picture.twins.place[change + 1] == picture.twins.place[change + 2]).all()


@pytest.mark.parametrize(
    "rows",
    [
        np.zeros((0, 4)),
        np.full((3, 4), math.nan),
        np.ones((1, 4)),
        np.ones((500, 4)),
    ],
)
def test_an_orbit_that_is_none_still_makes_a_picture(rows: Rows) -> None:
    picture = OrbitComposer().compose(tape_of(rows), request())
    assert picture is not None
    if picture.body is not None:
        assert np.isfinite(picture.body.place).all()
