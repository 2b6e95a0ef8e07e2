"""What is drawn: lengths of ink, coverage, counts and premultiplied colours."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from engine.drawing import brush
from engine.drawing.ranges import Window
from engine.look import tokens

WIDTH, HEIGHT = 60, 40
# The first call may have to compile.
compiled = settings(deadline=None)
inside_x = st.floats(2.0, WIDTH - 3.0)
inside_y = st.floats(2.0, HEIGHT - 3.0)
Image = NDArray[np.float32]


def inked(points: list[tuple[float, float]]) -> Image:
    """Ink of a polyline given in pixels, y downwards, corners at whole numbers."""
    density = np.zeros((HEIGHT, WIDTH), dtype=np.float32)
    rows = np.array([(0.0, x, -y) for x, y in points])
    brush.ink(density, rows, 1, 2, 0.0, 1.0, 0.0, 1.0)
    return density


@compiled
@given(inside_x, inside_y, inside_x, inside_y)
def test_ink_of_a_segment_is_its_length(x0: float, y0: float, x1: float, y1: float) -> None:
    length = math.hypot(x1 - x0, y1 - y0)
    # A half-open interval of pixel centres is right to one pixel along the longer direction.
    assert inked([(x0, y0), (x1, y1)]).sum() == pytest.approx(length, abs=math.sqrt(2.0) + 1e-3)


@compiled
@given(inside_x, inside_y, inside_x, inside_y, st.integers(2, 30))
def test_a_segment_in_pieces_leaves_the_same_ink(
    x0: float, y0: float, x1: float, y1: float, pieces: int
) -> None:
    if max(abs(x1 - x0), abs(y1 - y0)) < 1e-3 or abs(abs(x1 - x0) - abs(y1 - y0)) < 1e-3:
        return
    share = np.linspace(0.0, 1.0, pieces + 1)
    whole = inked([(x0, y0), (x1, y1)])
    split = inked([(x0 + s * (x1 - x0), y0 + s * (y1 - y0)) for s in share])
    # Rounding may move one joint across a pixel centre.
    assert split.sum() == pytest.approx(whole.sum(), abs=math.sqrt(2.0) + 1e-3)
    assert np.abs(split - whole).max() <= 1.5


def test_ink_lies_on_the_line() -> None:
    density = inked([(5.0, 10.5), (50.0, 10.5)])
    assert density[10, 5:50] == pytest.approx(np.ones(45))
    assert density.sum() == pytest.approx(45.0)


@compiled
@given(st.lists(st.tuples(st.floats(), st.floats()), min_size=2, max_size=12))
def test_ink_of_anything_is_finite_and_not_negative(points: list[tuple[float, float]]) -> None:
    density = inked(points)
    assert np.isfinite(density).all()
    assert (density >= 0.0).all()


def test_a_missing_point_interrupts_the_line() -> None:
    density = inked([(5.0, 20.0), (20.0, 20.0), (math.nan, 20.0), (40.0, 20.0), (50.0, 20.0)])
    assert density[:, 21:39].sum() == 0.0
    assert density[:, 40:50].sum() > 0.0


def test_dots_count_as_a_histogram_does() -> None:
    rows = np.random.default_rng(0).uniform(1.2, 18.8, (500, 3))
    density = np.zeros((20, 20), dtype=np.float32)
    brush.dots(density, rows, 1, 2, 0.0, 1.0, 20.0, 1.0, 0.0)
    counted, _, _ = np.histogram2d(20.0 - rows[:, 2], rows[:, 1], bins=(range(21), range(21)))
    assert np.array_equal(density, counted)


@compiled
@given(
    st.lists(st.tuples(st.floats(-200, 200), st.floats(-200, 200)), min_size=2, max_size=10),
    st.floats(0.5, 6.0),
    st.sampled_from([0.0, 7.0]),
)
def test_coverage_stays_between_none_and_full(
    points: list[tuple[float, float]], thickness: float, dash: float
) -> None:
    coverage = np.zeros((HEIGHT, WIDTH), dtype=np.float32)
    path = np.array(points)
    brush.stroke(coverage, path[:, 0].copy(), path[:, 1].copy(), thickness, np.ones(1), dash)
    assert coverage.min() >= 0.0
    assert coverage.max() <= 1.0


def test_a_stroke_covers_its_thickness() -> None:
    coverage = np.zeros((HEIGHT, WIDTH), dtype=np.float32)
    brush.stroke(coverage, np.array([5.0, 50.0]), np.array([20.0, 20.0]), 3.0, np.ones(1), 0.0)
    assert coverage[:, 30].sum() == pytest.approx(3.0)


def test_a_dashed_stroke_has_gaps_of_two_thirds() -> None:
    coverage = np.zeros((10, 1000), dtype=np.float32)
    brush.stroke(coverage, np.array([0.0, 999.0]), np.array([5.0, 5.0]), 1.0, np.ones(1), 6.0)
    assert (coverage[5] > 0.5).mean() == pytest.approx(0.6, abs=0.1)


@compiled
@given(
    st.lists(st.floats(0.0, 1e6), min_size=12, max_size=12),
    st.floats(1.5, 1e4),
    st.floats(0.0, 0.9),
    st.sampled_from(["dark", "light"]),
)
def test_colours_are_premultiplied(
    amounts: list[float], top: float, floor: float, theme: str
) -> None:
    look = tokens(theme)
    density = np.array(amounts, dtype=np.float32).reshape(3, 4)
    pixels = np.zeros((3, 4), dtype=np.uint32)
    brush.colour_density(
        pixels, density, brush.ramp(look.accent, look.text, (0.3, 1.0)), top, floor
    )
    alpha = pixels >> 24
    for shift in (16, 8, 0):
        assert (((pixels >> shift) & 255) <= alpha).all()
    assert (pixels[density == 0.0] == 0).all()


def test_an_opaque_colour_covers_what_is_below() -> None:
    pixels = np.full((2, 2), 0xFF102030, dtype=np.uint32)
    brush.colour_coverage(pixels, np.ones((2, 2), dtype=np.float32), brush.colour("#5BB8F5"))
    assert (pixels == 0xFF5BB8F5).all()


def test_a_field_goes_through_its_table() -> None:
    table = np.array([brush.colour(name) for name in ("#000000", "#FF0000", "#00FF00")])
    values = np.array([[-5.0, 0.0, 1.0], [2.0, 9.0, np.nan]], dtype=np.float32)
    pixels = np.zeros((2, 3), dtype=np.uint32)
    brush.colour_field(pixels, values, table, -0.5, 2.5)
    black, red, green = 0xFF000000, 0xFFFF0000, 0xFF00FF00
    assert pixels.tolist() == [[black, black, red], [green, green, 0]]


def test_pixel_coordinates_put_centres_at_whole_numbers() -> None:
    window = Window(0.0, 10.0, 0.0, 5.0)
    assert brush.pixel_x(np.array([0.5, 9.5]), window, 10).tolist() == [0.0, 9.0]
    assert brush.pixel_y(np.array([4.5, 0.5]), window, 5).tolist() == [0.0, 4.0]
