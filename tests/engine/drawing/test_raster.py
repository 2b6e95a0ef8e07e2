"""The rasteriser draws as much light as there is curve, where it is, and none elsewhere."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.drawing import raster

WHITE = np.ones((16, 4), dtype=np.float32)
STEADY = np.array([0.0, 1.0, 1.0, 1.0])
DEPTH = np.array([0.0, 2.0])


def line(*points: tuple[float, float]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """A strip through points in clip coordinates."""
    place = np.zeros((2 * len(points), 4), dtype=np.float32)
    for i, (x, y) in enumerate(points):
        place[2 * i : 2 * i + 2, :2] = x, y
        place[2 * i : 2 * i + 2, 3] = -1.0, 1.0
    return place, np.zeros_like(place)


def drawn(
    place: NDArray[np.float32], along: NDArray[np.float32], half: float = 0.5, size: int = 64
) -> NDArray[np.float32]:
    out = np.zeros((size, size, 3), dtype=np.float32)
    raster.draw_strip(out, place, along, np.eye(4), WHITE, STEADY, DEPTH, 0.0, half, 1.0, 0.0)
    return out


@pytest.mark.parametrize("half", [0.5, 1.0, 2.5])
@pytest.mark.parametrize("angle", [0.0, 0.3, 0.8, 1.2, 1.57, 2.5, -2.0])
def test_light_is_length_times_width(angle: float, half: float) -> None:
    x, y = 0.7 * np.cos(angle), 0.7 * np.sin(angle)
    light = drawn(*line((-x, -y), (0.1 * x, 0.1 * y), (x, y)), half=half)
    assert light[..., 0].sum() == pytest.approx(1.4 * 32 * 2 * half, rel=0.06)


def test_both_directions_give_the_same_picture() -> None:
    there = drawn(*line((-0.8, -0.31), (0.7, 0.52)))
    back = drawn(*line((0.7, 0.52), (-0.8, -0.31)))
    assert there == pytest.approx(back, abs=1e-4)


def test_a_repeated_vertex_interrupts() -> None:
    place, _ = line((-0.8, 0.0), (-0.4, 0.0), (0.4, 0.0), (0.8, 0.0))
    place = np.vstack([place[:4], place[3:4], place[4:5], place[4:]])
    light = drawn(place, np.zeros_like(place))
    assert light[:, 24:40].sum() == 0.0
    assert light[:, 8:16].sum() > 0.0
    assert light[:, 48:56].sum() > 0.0


def test_what_is_outside_or_behind_is_not_drawn() -> None:
    assert drawn(*line((3.0, 3.0), (5.0, 4.0))).sum() == 0.0
    place, along = line((-0.5, 0.0), (0.5, 0.0))
    out = np.zeros((32, 32, 3), dtype=np.float32)
    behind = np.eye(4)
    behind[3, 3] = -1.0
    raster.draw_strip(out, place, along, behind, WHITE, STEADY, DEPTH, 0.0, 0.5, 1.0, 0.0)
    assert out.sum() == 0.0


def test_covering_paint_never_exceeds_its_colour() -> None:
    out = np.zeros((32, 32, 3), dtype=np.float32)
    place, along = line((-0.5, 0.0), (0.5, 0.0))
    for _ in range(50):
        raster.draw_strip(out, place, along, np.eye(4), WHITE, STEADY, DEPTH, 0.0, 1.0, 0.5, 1.0)
    assert 0.99 < out.max() <= 1.0 + 1e-5


def test_a_dot_is_round_and_where_it_should_be() -> None:
    out = np.zeros((33, 33, 3), dtype=np.float32)
    place = np.zeros((1, 4), dtype=np.float32)
    raster.draw_dots(
        out, place, np.zeros(1, np.float32), np.eye(4), WHITE, STEADY, DEPTH, 0.0, 6.0, 1.0, 0.0
    )
    dot = out[..., 0]
    assert dot == pytest.approx(dot.T, abs=1e-6)
    assert dot == pytest.approx(dot[::-1, ::-1], abs=1e-6)
    assert dot[16, 16] == 1.0
    assert dot[:12].sum() == 0.0


def test_exposure_clips_at_white_and_black() -> None:
    light = np.array([[[-1.0, 0.5, 7.0]]], dtype=np.float32)
    out = np.empty((1, 1, 4), dtype=np.uint8)
    raster.expose(light, out)
    assert out.tolist() == [[[0, 128, 255, 255]]]
