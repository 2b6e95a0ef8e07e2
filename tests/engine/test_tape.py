"""Tapes: a ring kept contiguous must hold what a list would hold."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from engine.exhibit import Channel, Frame
from engine.tape import Data, Tape


@given(
    length=st.integers(1, 9),
    sizes=st.lists(st.integers(0, 25), max_size=30),
    restart=st.integers(0, 29),
)
def test_a_tape_holds_the_newest_rows_in_order(length: int, sizes: list[int], restart: int) -> None:
    tape = Tape(2, length)
    shown: list[list[float]] = []
    number = 0
    for turn, size in enumerate(sizes):
        rows = [[float(number + i), -float(number + i)] for i in range(size)]
        number += size
        block = np.array(rows).reshape(-1, 2)
        if turn == restart:
            tape.restart(block)
            shown = []
        else:
            tape.append(block)
        shown += rows
        assert tape.appended == len(shown)
        assert tape.rows.tolist() == shown[-length:]
    assert tape.generation == (1 if restart < len(sizes) else 0)


def test_data_take_appended_rows_replaced_arrays_and_restarts() -> None:
    channels = {
        "orbit": Channel("orbit", "trajectory", length=3),
        "cells": Channel("cells", "field"),
    }
    data = Data()
    first = np.arange(4.0).reshape(2, 2)
    data.update(Frame(0.0, {"orbit": first, "cells": np.zeros((2, 2))}, restarted=True), channels)
    data.update(Frame(1.0, {"orbit": first + 4.0}, status={"step": 0.1}), channels)
    assert data.tapes["orbit"].rows.tolist() == [[2.0, 3.0], [4.0, 5.0], [6.0, 7.0]]
    assert data.latest["cells"].tolist() == [[0.0, 0.0], [0.0, 0.0]]
    assert (data.time, data.status) == (1.0, {"step": 0.1})
    generation = data.tapes["orbit"].generation
    data.update(Frame(0.0, {"orbit": first}, restarted=True, status={"length": 5}), channels)
    tape = data.tapes["orbit"]
    assert (tape.length, tape.rows.tolist()) == (5, first.tolist())
    assert tape.generation > generation
    assert data.status == {"length": 5}
    data.update(Frame(0.0, {}, restarted=True), channels)
    assert "orbit" not in data.tapes
