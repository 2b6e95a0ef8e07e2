"""Cards of systems: right, kept, and never older than the file."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.systems import Systems
from engine.systems.index import cards

TEXT = """
title = "{title}"
kind = "map"
year = 1976
family = "maps"
tags = ["chaotic"]
[variables]
x = 0.3
y = 0.1
[equations]
x = "r*x*(1 - x)"
y = "x"
[parameters.r]
default = 3.9
[[references]]
authors = "R. M. May"
year = 1976
title = "Simple mathematical models with very complicated dynamics"
[aliases]
dysts = "Logistic"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    systems = tmp_path / "systems"
    systems.mkdir()
    (systems / "one.toml").write_text(TEXT.format(title="One"))
    return systems


def test_a_card_says_what_a_list_needs(folder: Path, tmp_path: Path) -> None:
    card = cards(Systems((folder,)), tmp_path / "cards.json")["one"]
    assert (card.title, card.kind, card.year, card.dimension) == ("One", "map", 1976, 2)
    assert card.tags == ("chaotic",)
    assert "R. M. May" in card.authors
    assert "r*x*(1 - x)" in card.equations
    assert card.aliases == "Logistic"


def test_kept_cards_are_read_again_and_follow_the_file(folder: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cards.json"
    first = cards(Systems((folder,)), cache)
    assert cards(Systems((folder,)), cache) == first
    (folder / "one.toml").write_text(TEXT.format(title="Another"))
    assert cards(Systems((folder,)), cache)["one"].title == "Another"
    (folder / "one.toml").unlink()
    assert cards(Systems((folder,)), cache) == {}


@pytest.mark.parametrize("text", ["", "[1, 2]", '{"version": 1, "rows": {"one": 3}}', "\x00"])
def test_a_broken_cache_costs_nothing_but_time(folder: Path, tmp_path: Path, text: str) -> None:
    cache = tmp_path / "cards.json"
    cache.write_text(text)
    assert cards(Systems((folder,)), cache)["one"].title == "One"


def test_a_cache_that_cannot_be_written_is_no_error(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert len(cards(Systems((folder,)), tmp_path / "file" / "cards.json")) == 1
