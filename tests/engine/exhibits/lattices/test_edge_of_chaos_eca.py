"""Elementary cellular automata against their definition, and the process around them."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import ParameterError
from engine.exhibits.lattices import _automaton
from engine.exhibits.lattices._automaton_claims import equivalents, evolve
from engine.exhibits.lattices.edge_of_chaos_eca import EXHIBIT

ROWS = st.integers(3, 200).flatmap(lambda n: st.lists(st.integers(0, 1), min_size=n, max_size=n))


def by_definition(cells: np.ndarray, rule: int) -> np.ndarray:
    code = 4 * np.roll(cells, 1) + 2 * cells + np.roll(cells, -1)
    return (rule >> code) & 1


def phrases_by_definition(word: str) -> int:
    """Lempel and Ziv 1976: the shortest word that does not occur before it ends."""
    place = count = 0
    while place < len(word):
        length = 1
        while (
            place + length <= len(word)
            and word[place : place + length] in word[: place + length - 1]
        ):
            length += 1
        count += 1
        place += length
    return count


@settings(deadline=None, max_examples=100)
@given(cells=ROWS, rule=st.integers(0, 255))
def test_sixty_four_cells_at_once_follow_the_table(cells: list[int], rule: int) -> None:
    row = np.array(cells, dtype=np.uint8)
    assert (evolve(row, rule, 1)[1] == by_definition(row, rule)).all()


@settings(deadline=None, max_examples=50)
@given(cells=ROWS)
def test_packing_is_undone_by_unpacking(cells: list[int]) -> None:
    row = np.array(cells, dtype=np.uint8)
    assert (_automaton.unpack(_automaton.pack(row), len(row)) == row).all()
    assert _automaton.ones(_automaton.pack(row)) == row.sum()


@settings(deadline=None, max_examples=100)
@given(
    word=st.one_of(
        st.text("01", min_size=1, max_size=120),
        st.tuples(st.text("01", min_size=1, max_size=7), st.integers(1, 30)).map(
            lambda pair: pair[0] * pair[1]
        ),
    )
)
def test_the_suffix_automaton_counts_the_phrases_of_the_definition(word: str) -> None:
    cells = np.array([int(letter) for letter in word], dtype=np.uint8)
    assert _automaton.lempel_ziv(cells) == phrases_by_definition(word)


def test_lempel_and_zivs_own_example_has_six_phrases() -> None:
    # 0.001.10.100.1000.101 in their paper of 1976
    cells = np.array([int(letter) for letter in "0001101001000101"], dtype=np.uint8)
    assert _automaton.lempel_ziv(cells) == 6


def test_block_entropy_of_rings_that_can_be_counted() -> None:
    quiet = _automaton.pack(np.zeros(96, dtype=np.uint8))
    striped = _automaton.pack(np.arange(96) % 2)
    assert _automaton.block_entropy(quiet, 96, 4) == 0.0
    # Two blocks, each half of the time: one bit, spread over four cells.
    assert _automaton.block_entropy(striped, 96, 4) == pytest.approx(0.25)
    # A de Bruijn ring holds every block of three once.
    ring = _automaton.pack(np.array([0, 0, 0, 1, 0, 1, 1, 1]))
    assert _automaton.block_entropy(ring, 8, 3) == pytest.approx(1.0)


@given(rule=st.integers(0, 255))
def test_equivalent_rules_are_equivalent_to_each_other(rule: int) -> None:
    assert all(equivalents(other) == equivalents(rule) for other in equivalents(rule))


def test_rule_110_is_equivalent_to_124_137_and_193() -> None:
    assert equivalents(110) == {110, 124, 137, 193}


@pytest.mark.parametrize("rule", [30, 110, 184])
def test_a_rule_seen_in_a_mirror_runs_as_its_mirror_rule(rule: int) -> None:
    row = np.random.default_rng(1).integers(0, 2, 90).astype(np.uint8)
    pictures = {other: evolve(row[::-1].copy(), other, 40)[:, ::-1] for other in equivalents(rule)}
    assert any((picture == evolve(row, rule, 40)).all() for picture in pictures.values())


def test_traffic_keeps_its_cars() -> None:
    # Rule 184 moves ones about and makes none: the density is conserved.
    process = EXHIBIT.start({"rule": 184, "density": 0.3}, seed=4)
    density = process.advance(1.0, 0.0).channels["scalars"][:, 1]
    assert (density == density[0]).all()


def test_damage_of_an_additive_rule_is_the_rule_run_on_the_damage() -> None:
    values = {"rule": 90, "flip": 100, "width": 300, "history": 120}
    frame = EXHIBIT.start(values, seed=2).advance(1.0, 0.0)
    spot = np.zeros(300, dtype=np.uint8)
    spot[100] = 1
    assert (frame.channels["damage"] == evolve(spot, 90, 119)).all()


def test_a_flipped_cell_shows_in_the_run_and_a_probe_only_in_the_twin() -> None:
    process = EXHIBIT.start({"rule": 170})
    before = process.advance(1.0, 0.0).channels
    process.act("flip", {"row": 5, "column": 7})
    after = process.advance(1.0, 0.0).channels
    assert after["space-time"][-1, 7] != before["space-time"][-1, 7]
    assert (after["space-time"] != before["space-time"]).sum() == 1
    process.act("probe", {"column": 11})
    damage = process.advance(1.0, 0.0).channels["damage"][-1]
    assert damage.nonzero()[0].tolist() == [11]
    with pytest.raises(ParameterError, match="no gesture 'kick'"):
        process.act("kick", {})


def test_a_changed_rule_starts_from_the_first_or_the_newest_row() -> None:
    process = EXHIBIT.start({"rule": 110}, seed=1)
    first = process.advance(1.0, 0.0).channels["space-time"]
    process.set("rule", 30)
    again = process.advance(1.0, 0.0)
    assert again.restarted
    assert (again.channels["space-time"][0] == first[0]).all()
    process.set("restart", "newest row")
    process.set("rule", 54)
    assert (
        process.advance(1.0, 0.0).channels["space-time"][0] == again.channels["space-time"][-1]
    ).all()


def test_the_limit_is_in_generations_and_the_budget_in_seconds() -> None:
    process = EXHIBIT.start({})
    start = process.advance(1.0, 0.0).time
    assert process.advance(1.0, 3.0).time == start + 3
    assert process.advance(1.0, 0.5).time == start + 3
    assert process.advance(1e-9, math.inf).time > start + 3


@pytest.mark.parametrize(("name", "value"), [("rule", 256), ("density", -0.1), ("width", 1)])
def test_values_that_no_automaton_has_are_refused(name: str, value: float) -> None:
    with pytest.raises(ParameterError, match=f"'{name}'.*must lie between"):
        EXHIBIT.start({name: value})
    with pytest.raises(ParameterError, match=f"'{name}'.*must lie between"):
        EXHIBIT.start({}).set(name, value)
