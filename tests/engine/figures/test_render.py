"""Figures have the size asked for, keep text as text, and carry what made them."""

from __future__ import annotations

import io
import json
import re
import sys
import threading
import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest
from PIL import Image

from engine import figures
from engine.errors import ParameterError
from engine.exhibit import Channel, Exhibit, Process, Values
from engine.figures import Content
from engine.files.atomic import ExportError
from engine.files.provenance import Provenance
from engine.look import rgb, tokens

MILLIMETRE = 1 / 25.4
MADE_BY = Provenance("toy", "Rössler's <toy> & co", {"a": 8 / 3}, (1.0, 2.0), "rk4", 0.01, 3)


class Toy(Exhibit):
    """Declares one channel of every kind; never started."""

    key, title, family, kind, summary = "toy", "Toy", "tests", "flow", ""
    parameters = MappingProxyType({})
    channels = MappingProxyType(
        {
            channel.name: channel
            for channel in (
                Channel(
                    "orbit", "trajectory", names=("x", "y", "z"), symbols=("x", r"\dot{x}", "z")
                ),
                Channel("plane", "trajectory", names=("x", "y")),
                Channel("line", "trajectory", names=("x",)),
                Channel(
                    "loss",
                    "scalar",
                    names=("train", "test"),
                    axes=("step", "loss"),
                    scale=("linear", "log"),
                ),
                Channel(
                    "theory", "scalar", names=("train", "test"), axes=("step", "loss"), over="loss"
                ),
                Channel("cells", "field", axes=("cell", "time"), categories=("dead", "alive")),
                Channel("weights", "field", colormap="vik"),
                Channel("heights", "surface"),
                Channel("cloud", "points", names=("x", "y")),
                Channel("band", "band"),
                Channel("arrows", "vectors"),
                Channel("eigen", "spectrum"),
                Channel("bars", "bars"),
                Channel("graph", "graph"),
                Channel("words", "text"),
            )
        }
    )

    def start(self, values: Values, seed: int = 0) -> Process:
        raise NotImplementedError


TOY = Toy()
T = np.linspace(0.0, 20.0, 800)
HELIX = np.column_stack([T, np.cos(T), np.sin(T), T])
DATA: dict[str, Any] = {
    "orbit": HELIX,
    "plane": HELIX[:, :3],
    "line": HELIX[:, :2],
    "loss": np.column_stack([T, np.exp(-T), 2 * np.exp(-T)]),
    "theory": np.column_stack([T, np.exp(-T), 2 * np.exp(-T)]),
    "cells": np.eye(20, dtype=np.uint8),
    "weights": np.outer(np.arange(-3, 4), np.arange(5.0)),
    "heights": np.ones((4, 5)),
    "cloud": HELIX[:, 1:3],
    "band": np.column_stack([T, T, T - 1, T + 1]),
    "arrows": HELIX[:9, :4],
    "eigen": np.array([1j, -1j, 0.5]),
    "bars": np.arange(4.0),
    "graph": np.array([[0, 1], [1, 2], [2, 0]]),
    "words": np.array("three words, $ too"),
}


def content(channel: str, **settings: Any) -> Content:
    return Content(TOY, TOY.channels[channel], DATA, settings, {}, MADE_BY)


def picture(kind: str, source: Content, **options: Any) -> np.ndarray:
    buffer = io.BytesIO()
    figures.render(kind, source, buffer, format="png", **options)
    with Image.open(buffer) as image:
        return np.asarray(image.convert("RGB")).astype(int)


CASES = [
    ("attractor", "orbit"),
    ("attractor", "plane"),
    ("phase_portrait", "plane"),
    ("time_series", "orbit"),
    ("curves", "loss"),
    ("field", "cells"),
    ("field", "weights"),
]


@pytest.mark.parametrize("theme", ["print", "dark"])
@pytest.mark.parametrize(("kind", "channel"), CASES)
def test_a_picture_has_the_size_the_background_and_ink(kind: str, channel: str, theme: str) -> None:
    pixels = picture(kind, content(channel), size_mm=(80, 60), dpi=100, theme=theme)
    assert pixels.shape[:2] == (round(60 * MILLIMETRE * 100), round(80 * MILLIMETRE * 100))
    look = tokens("dark").window if theme == "dark" else tokens("light").panel
    background = np.round(np.array(rgb(look)) * 255).astype(int)
    np.testing.assert_array_equal(pixels[0, 0], background)
    ink = (np.abs(pixels - background).max(axis=2) > 40).mean()
    assert 0.005 < ink < 0.9


@pytest.mark.parametrize(("kind", "channel"), CASES)
def test_nothing_is_clipped_at_the_edges(kind: str, channel: str) -> None:
    pixels = picture(kind, content(channel), size_mm=(90, 70), dpi=100)
    edge = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    assert (edge == edge[0]).all()


@pytest.mark.parametrize("channel", [name for name in DATA if name != "theory"])
def test_an_unknown_kind_of_view_falls_back_on_the_kind_of_its_channel(channel: str) -> None:
    pixels = picture("hologram", content(channel), size_mm=(50, 40), dpi=60)
    assert pixels.std() > 0


@pytest.mark.parametrize("format", ["svg", "pdf"])
def test_text_stays_text(tmp_path: Path, format: str) -> None:
    path = tmp_path / f"a.{format}"
    figures.render("curves", content("loss"), path, size_mm=(80, 60))
    raw = path.read_bytes()
    if format == "svg":
        root = ElementTree.fromstring(raw)
        shown = " ".join(
            "".join(node.itertext()) for node in root.iter() if node.tag.endswith("}text")
        )
        assert "train" in shown
        assert "step" in shown
        assert root.get("width") == f"{80 * MILLIMETRE * 72:.6f}".rstrip("0") + "pt" or (
            abs(float(str(root.get("width")).removesuffix("pt")) - 80 * MILLIMETRE * 72) < 0.01
        )
    else:
        # Type 42 is TrueType: a face that every reader can select and search.
        assert b"/FontFile2" in raw
        assert b"/Type3" not in raw
        box = re.search(rb"/MediaBox \[ 0 0 ([\d.]+) ([\d.]+) \]", raw)
        assert box is not None
        np.testing.assert_allclose(
            [float(side) for side in box.groups()],
            [80 * MILLIMETRE * 72, 60 * MILLIMETRE * 72],
            atol=0.01,
        )


def test_a_dense_curve_is_rasterised_inside_a_vector_file_and_a_short_one_is_not() -> None:
    sizes = {}
    for count in (2_000, 60_000):
        t = np.linspace(0, 400, count)
        rows = np.column_stack([t, np.cos(1.1 * t), np.sin(t), np.cos(0.3 * t)])
        buffer = io.BytesIO()
        figures.render(
            "attractor",
            replace(content("orbit"), data={"orbit": rows}),
            buffer,
            format="svg",
            size_mm=(40, 30),
        )
        sizes[count] = (b"<image" in buffer.getvalue(), b"<text" in buffer.getvalue())
    # The colour bar is an image by itself.
    assert sizes[60_000] == (True, True)
    assert sizes[2_000][1]


def test_every_format_says_what_made_it(tmp_path: Path) -> None:
    for suffix in (".png", ".svg", ".pdf"):
        figures.render("curves", content("loss"), tmp_path / f"a{suffix}", size_mm=(40, 30))
    with Image.open(tmp_path / "a.png") as image:
        assert Provenance.from_dict(json.loads(image.text["Provenance"])) == MADE_BY
        assert image.text["Title"] == MADE_BY.title
    root = ElementTree.parse(tmp_path / "a.svg").getroot()
    (found,) = [node.text for node in root.iter() if node.tag.endswith("}description")]
    assert Provenance.from_dict(json.loads(str(found))) == MADE_BY
    assert b"/Keywords" in (tmp_path / "a.pdf").read_bytes()


def test_the_same_content_gives_the_same_file(monkeypatch: pytest.MonkeyPatch) -> None:
    for format in ("png", "svg", "pdf"):
        written = []
        for _ in range(2):
            buffer = io.BytesIO()
            figures.render("curves", content("loss"), buffer, format=format, size_mm=(40, 30))
            written.append(buffer.getvalue())
        assert written[0] == written[1]


def test_a_stable_orbit_and_values_that_are_not_finite_are_drawn() -> None:
    still = np.column_stack([T, np.ones((len(T), 3))])
    broken = HELIX.copy()
    broken[100:110, 2] = np.nan
    broken[500, 1] = np.inf
    for rows in (still, broken, HELIX[:1], HELIX[:2]):
        for kind in ("attractor", "phase_portrait", "time_series"):
            source = replace(content("orbit"), data={"orbit": rows})
            assert picture(kind, source, size_mm=(40, 30), dpi=60).shape[2] == 3


def test_where_there_is_nothing_to_draw_a_sentence_says_so() -> None:
    nothing = replace(content("orbit"), data={})
    with pytest.raises(ParameterError, match="'orbit' of 'toy' holds nothing to draw yet"):
        picture("attractor", nothing)
    lost = replace(content("orbit"), data={"orbit": np.full((5, 4), np.nan)})
    for kind in ("attractor", "phase_portrait", "time_series"):
        with pytest.raises(ParameterError, match="finite"):
            picture(kind, lost)
    negative = replace(content("loss"), data={"loss": -DATA["loss"]})
    with pytest.raises(ParameterError, match="above zero"):
        picture("curves", negative)
    with pytest.raises(ParameterError, match="must be an image"):
        picture("field", replace(content("weights"), data={"weights": np.ones(3)}))
    with pytest.raises(ParameterError, match="no system"):
        picture("orbit_diagram", content("orbit"))


def test_sizes_and_names_that_cannot_be_used_are_named(tmp_path: Path) -> None:
    source = content("loss")
    with pytest.raises(ParameterError, match="5 to 5000 mm"):
        picture("curves", source, size_mm=(0, 60))
    with pytest.raises(ParameterError, match="million pixels"):
        picture("curves", source, size_mm=(3000, 3000), dpi=1200)
    with pytest.raises(ParameterError, match="dpi"):
        picture("curves", source, dpi=1e9)
    with pytest.raises(ParameterError, match="font size"):
        picture("curves", source, font_size=0)
    with pytest.raises(ParameterError, match="theme must be"):
        picture("curves", source, theme="pink")
    with pytest.raises(ExportError, match=r"\.png, \.svg or \.pdf"):
        figures.render("curves", source, tmp_path / "a.gif")
    with pytest.raises(ExportError, match="does not exist"):
        figures.render("curves", source, tmp_path / "none" / "a.png")
    with pytest.raises(ExportError, match="format must be"):
        figures.render("curves", source, io.BytesIO())
    assert list(tmp_path.glob("*.*")) == []


def test_two_threads_may_draw_at_once() -> None:
    alone = picture("curves", content("loss"), size_mm=(40, 30), dpi=80)
    found: list[np.ndarray] = []

    def draw() -> None:
        found.append(picture("curves", content("loss"), size_mm=(40, 30), dpi=80))

    threads = [threading.Thread(target=draw) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 3
    assert all(np.array_equal(other, alone) for other in found)


def test_pyplot_and_qt_stay_out() -> None:
    picture("curves", content("loss"), size_mm=(40, 30), dpi=60)
    assert "matplotlib.pyplot" not in sys.modules
