"""Constellations and bars on paper, in every colouring, and what they refuse."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pytest

import engine
from engine import figures
from engine.errors import ParameterError


@pytest.fixture(scope="module")
def content() -> figures.Content:
    exhibit = engine.catalogue()["dysts-zoo"]
    return figures.content_from_run(exhibit, {}, 0, "constellation", duration=20.0)


@pytest.mark.parametrize("colour", ["kind", "family", "dimension", "nothing"])
@pytest.mark.parametrize("form", ["png", "svg"])
def test_a_map_is_drawn(content: figures.Content, colour: str, form: str) -> None:
    buffer = io.BytesIO()
    shown = replace(content, settings={"colour": colour, "size": 80.0})
    figures.render("constellation", shown, buffer, format=form, size_mm=(60, 45), dpi=60)
    drawn = buffer.getvalue()
    assert drawn.startswith(b"\x89PNG" if form == "png" else b"<?xml")
    if form == "svg" and colour == "kind":
        assert b"flow" in drawn


def test_what_is_no_plane_is_refused(content: figures.Content) -> None:
    wrong = replace(content, data={"map": np.zeros(3)})
    with pytest.raises(ParameterError, match="must hold points"):
        figures.render("constellation", wrong, io.BytesIO(), format="png", size_mm=(60, 45))


def test_bars_carry_their_numbers(content: figures.Content) -> None:
    channel = content.exhibit.channels["exponents"]
    bars = replace(content, channel=channel, data={"exponents": np.array([0.9056, 0.0, -14.57])})
    buffer = io.BytesIO()
    figures.render("bars", bars, buffer, format="svg", size_mm=(60, 45))
    assert b"0.906" in buffer.getvalue()
