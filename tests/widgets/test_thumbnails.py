"""The pictures that come with the program: small, of one size, each of something there is."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from engine.catalogue import catalogue
from engine.look import ASSETS

PICTURES = sorted((ASSETS / "thumbnails").glob("*.png"))
SIZE = (160, 120)
MOST = 3_000_000
PALETTE = 3


def test_all_together_are_small() -> None:
    assert sum(path.stat().st_size for path in PICTURES) < MOST


def test_every_picture_is_of_an_exhibit() -> None:
    assert {path.stem for path in PICTURES} <= set(catalogue())


@pytest.mark.parametrize("path", PICTURES, ids=lambda path: path.stem)
def test_a_picture_has_few_colours_and_one_size(path: Path) -> None:
    head = path.read_bytes()[:33]
    assert head.startswith(b"\x89PNG\r\n\x1a\n")
    width, height, depth, kind = struct.unpack(">IIBB", head[16:26])
    assert (width, height) == SIZE
    assert (depth, kind) == (8, PALETTE)
