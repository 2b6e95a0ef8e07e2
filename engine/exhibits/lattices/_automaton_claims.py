"""What is known about elementary cellular automata, each measured on a fresh run."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from engine.exhibit import Claim, Measurement

WOLFRAM_1983 = "S. Wolfram, Reviews of Modern Physics 55, 601 (1983)"
WOLFRAM_2002 = "S. Wolfram, A New Kind of Science, Wolfram Media 2002"


def equivalents(rule: int) -> frozenset[int]:
    """The rules that are `rule` seen in a mirror, in negative, or both."""
    reflected = sum(
        (rule >> pattern & 1) << ((pattern & 1) << 2 | pattern & 2 | pattern >> 2)
        for pattern in range(8)
    )
    return frozenset({rule, reflected, _negative(rule), _negative(reflected)})


def _negative(rule: int) -> int:
    return sum((1 - (rule >> pattern & 1)) << (7 - pattern) for pattern in range(8))


def cone_growth(rule: int, seed: int, runs: int, generations: int) -> float:
    """Growth of the damaged region, both edges together, in cells a generation.

    One cell of a random row is flipped; the mean is over the runs in which the damage did
    not heal, 0 if it always did. The ring is wide enough for the edges not to meet.
    """
    from engine.exhibits.lattices._automaton import cone_width, pack

    width = 2 * generations + 130
    random = np.random.default_rng(seed)
    edges = np.zeros((generations + 1, 2), dtype=np.int64)
    widths: list[float] = []
    for _ in range(runs):
        row = pack(random.integers(0, 2, width))
        cone_width(rule, row, width // 2, width, generations, edges)
        if edges[-1, 1] > edges[-1, 0]:
            widths.append(float(edges[-1, 1] - edges[-1, 0]))
    return float(np.mean(widths)) / generations if widths else 0.0


def complexity(
    rule: int, seed: int, width: int = 256, rows: int = 64, transient: int = 256
) -> float:
    """Normalised Lempel-Ziv complexity of a block of space-time after a transient."""
    from engine.exhibits.lattices._automaton import normalised_lempel_ziv

    picture = evolve(np.random.default_rng(seed).integers(0, 2, width), rule, transient + rows)
    return float(normalised_lempel_ziv(np.ascontiguousarray(picture[-rows:]).ravel()))


def evolve(first: NDArray[np.integer], rule: int, generations: int) -> NDArray[np.uint8]:
    """Space-time from the row `first`, shape ``(generations + 1, width)``."""
    from engine.exhibits.lattices._automaton import pack, step, unpack

    words = np.empty((generations + 1, -(-len(first) // 64)), dtype=np.uint64)
    words[0] = pack(first)
    for row, following in pairwise(words):
        step(row, following, rule, len(first))
    return unpack(words, len(first))


def _close(measured: float, expected: float, tolerance: float, detail: str) -> Measurement:
    return Measurement(
        float(measured), expected, tolerance, abs(measured - expected) <= tolerance, detail
    )


def _cone(
    rule: int,
    expected: float,
    tolerance: float,
    runs: int,
    generations: int,
    sentence: str,
    source: str,
    label: str,
) -> Claim:
    def measure(seed: int) -> Measurement:
        return _close(
            cone_growth(rule, seed, runs, generations),
            expected,
            tolerance,
            f"mean of {runs} random rows over {generations} generations, healed runs left out",
        )

    return Claim(f"cone-{rule}", sentence, source, measure, label=label)


def _still_cones(seed: int) -> Measurement:
    from engine.exhibits.lattices._automaton import cone_width, pack

    random = np.random.default_rng(seed)
    edges = np.zeros((201, 2), dtype=np.int64)
    widest = 0
    for rule in (0, 4, 170):
        for _ in range(20):
            row = pack(random.integers(0, 2, 600))
            cone_width(rule, row, 300, 600, 200, edges)
            widths = edges[1:, 1] - edges[1:, 0]
            widest = max(widest, int(np.abs(widths - widths[0]).max()))
    return _close(
        widest,
        0.0,
        0.0,
        "cells by which the damage widens after the first "
        "generation, 20 random rows of each rule, 200 generations",
    )


def _classes(seed: int) -> Measurement:
    return _close(len({equivalents(rule) for rule in range(256)}), 88.0, 0.0, "")


def _pascal(seed: int) -> Measurement:
    generations = 255
    first = np.zeros(2 * generations + 3, dtype=np.uint8)
    first[generations + 1] = 1
    picture = evolve(first, 90, generations)
    row = np.array([1], dtype=np.uint8)
    wrong = 0
    for g in range(generations + 1):
        expected = np.zeros_like(first)
        expected[generations + 1 - g : generations + 2 + g : 2] = row
        wrong += int((picture[g] != expected).sum())
        row = np.concatenate([[1], row[1:] ^ row[:-1], [1]]).astype(np.uint8)
    return _close(wrong, 0.0, 0.0, "cells that differ in the first 256 generations")


def _order(seed: int) -> Measurement:
    values = [complexity(rule, seed) for rule in (0, 4, 110, 30)]
    steps = int(sum(low < high for low, high in pairwise(values)))
    named = ", ".join(
        f"rule {rule}: {value:.3f}" for rule, value in zip((0, 4, 110, 30), values, strict=True)
    )
    return _close(steps, 3.0, 0.0, named)


CLAIMS = (
    _cone(
        90,
        2.0,
        0.0,
        10,
        1000,
        "The damage of one flipped cell grows by exactly two cells a generation under rule 90, "
        "because the rule is additive",
        WOLFRAM_1983,
        "exact",
    ),
    _cone(
        30,
        1.2428,
        0.02,
        60,
        1500,
        "Under rule 30 the right edge of the damage moves one cell a generation and the left "
        "edge 0.2428 cells on average",
        f"{WOLFRAM_2002}, page 949",
        "published",
    ),
    _cone(
        22,
        1.532,
        0.03,
        60,
        1000,
        "Under rule 22 both edges of the damage move 0.766 cells a generation on average",
        f"{WOLFRAM_2002}, page 949",
        "published",
    ),
    _cone(
        110,
        0.45,
        0.1,
        100,
        700,
        "Under rule 110 damage travels only with the gliders: the cone grows by about 0.45 "
        "cells a generation over some hundred generations, and ever more slowly",
        "measured for this exhibit",
        "estimate",
    ),
    Claim(
        "cone-still",
        "Damage does not spread under rules 0, 4 and 170; 170 carries it along unchanged",
        WOLFRAM_1983,
        _still_cones,
        label="exact",
    ),
    Claim(
        "classes",
        "Mirror image and negative leave 88 of the 256 rules really different",
        f"{WOLFRAM_2002}, page 57",
        _classes,
        label="exact",
    ),
    Claim(
        "pascal",
        "From a single cell, rule 90 draws Pascal's triangle modulo two",
        WOLFRAM_1983,
        _pascal,
        label="exact",
    ),
    Claim(
        "complexity-order",
        "The Lempel-Ziv complexity of space-time rises from rule 0 over 4 and 110 to 30",
        "S. Zhang et al., Intelligence at the Edge of Chaos, arXiv:2410.02536 (2024)",
        _order,
        label="qualitative",
    ),
)
