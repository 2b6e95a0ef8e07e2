"""Drawing takes at most two fifths of the time, and a fast card is not held back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from widgets.gl.pace import FRAME, SHARE, Pace


@given(st.floats(0.013, 1.0))
def test_a_slow_renderer_leaves_three_fifths_of_the_time(cost: float) -> None:
    pace = Pace()
    for _ in range(3):
        pace.note(cost, coarse=False)
    assert cost / pace.interval(coarse=False) <= SHARE + 1e-9


@given(st.floats(1e-4, 0.012))
def test_a_fast_one_runs_at_sixty_frames(cost: float) -> None:
    pace = Pace()
    pace.note(cost, coarse=False)
    pace.note(cost, coarse=False)
    assert pace.interval(coarse=False) == pytest.approx(FRAME)
    assert not pace.needs_coarse


def test_the_first_drawing_after_a_change_does_not_count() -> None:
    pace = Pace()
    pace.note(3.0, coarse=False)
    assert pace.fine == 0.0
    pace.note(0.004, coarse=False)
    assert pace.fine == 0.004
    pace.forget()
    pace.note(3.0, coarse=False)
    assert not pace.needs_coarse
