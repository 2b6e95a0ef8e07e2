"""Kernels of the elementary cellular automata, 64 cells a word. No exhibit of its own.

Cell ``i`` is bit ``i % 64`` of word ``i // 64``; the row is a ring of `width` cells and the
unused bits of the last word stay zero. A rule is applied by bitwise logic to 64 cells at
once, from its table of eight entries.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

Words = NDArray[np.uint64]
Cells = NDArray[np.uint8]


def pack(cells: NDArray[Any]) -> Words:
    """Cells of 0 and 1, shape ``(width,)``, as words of 64 cells."""
    width = len(cells)
    padded = np.zeros(-(-width // 64) * 64, dtype=np.uint8)
    padded[:width] = cells
    return np.packbits(padded, bitorder="little").view("<u8").astype(np.uint64)


def unpack(words: Words, width: int) -> Cells:
    """Words, shape ``(..., n)``, as cells of 0 and 1, shape ``(..., width)``."""
    octets = np.ascontiguousarray(words, dtype="<u8").view(np.uint8)
    return np.unpackbits(octets, axis=-1, count=width, bitorder="little")


@njit(nogil=True, cache=True)
def step(row: Words, out: Words, rule: int, width: int) -> None:
    """One generation of `rule` from `row` into `out`."""
    one = np.uint64(1)
    high = np.uint64(63)
    full = np.uint64(0xFFFFFFFFFFFFFFFF)
    none = np.uint64(0)
    table = np.empty(8, np.uint64)
    for pattern in range(8):
        table[pattern] = full if (rule >> pattern) & 1 else none
    words = len(row)
    last = np.uint64((width - 1) % 64)
    for k in range(words):
        centre = row[k]
        before = (row[k - 1] >> high) if k > 0 else ((row[words - 1] >> last) & one)
        left = (centre << one) | before
        right = centre >> one
        if k < words - 1:
            right |= row[k + 1] << high
        else:
            right |= (row[0] & one) << last
        # A multiplexer: the table's eight entries chosen by right, then centre, then left.
        low_left = (~centre & ((~right & table[0]) | (right & table[1]))) | (
            centre & ((~right & table[2]) | (right & table[3]))
        )
        high_left = (~centre & ((~right & table[4]) | (right & table[5]))) | (
            centre & ((~right & table[6]) | (right & table[7]))
        )
        out[k] = (~left & low_left) | (left & high_left)
    if last != high:
        out[words - 1] &= (one << (last + one)) - one


@njit(nogil=True, cache=True)
def _cell(row: Words, i: int) -> int:
    return int((row[i >> 6] >> np.uint64(i & 63)) & np.uint64(1))


@njit(nogil=True, cache=True)
def ones(row: Words) -> int:
    """Number of cells that are 1."""
    count = 0
    for k in range(len(row)):
        word = row[k]
        while word:
            word &= word - np.uint64(1)
            count += 1
    return count


@njit(nogil=True, cache=True)
def block_entropy(row: Words, width: int, length: int) -> float:
    """Shannon entropy of the blocks of `length` cells in a ring, bits a cell."""
    counts = np.zeros(1 << length, np.int64)
    mask = (1 << length) - 1
    code = 0
    for i in range(length - 1):
        code = (code << 1) | _cell(row, i % width)
    for i in range(width):
        code = ((code << 1) | _cell(row, (i + length - 1) % width)) & mask
        counts[code] += 1
    entropy = 0.0
    for count in counts:
        if count > 0:
            share = count / width
            entropy -= share * np.log2(share)
    return entropy / length


@njit(nogil=True, cache=True)
def lempel_ziv(cells: Cells) -> int:
    """Number of phrases in the parsing of Lempel and Ziv (1976), in linear time.

    A phrase is the shortest word not seen before, where "before" may overlap the phrase
    itself up to its last symbol. A suffix automaton of what was read answers "seen before?"
    in constant time per symbol.
    """
    n = len(cells)
    if n == 0:
        return 0
    follow = np.full((2 * n + 2, 2), -1, np.int32)
    link = np.full(2 * n + 2, -1, np.int32)
    longest = np.zeros(2 * n + 2, np.int32)
    states, last = 1, 0
    phrases, place, matched = 1, 0, 0
    for i in range(n):
        symbol = cells[i]
        # Does the phrase so far, with this symbol, occur in what came before it?
        target = follow[place, symbol]
        if target >= 0:
            place = target
            matched += 1
            ended = False
        else:
            ended = True
        # Extend the automaton by this symbol.
        new = states
        states += 1
        longest[new] = longest[last] + 1
        p = last
        while p >= 0 and follow[p, symbol] < 0:
            follow[p, symbol] = new
            p = link[p]
        if p < 0:
            link[new] = 0
        else:
            q = follow[p, symbol]
            if longest[p] + 1 == longest[q]:
                link[new] = q
            else:
                clone = states
                states += 1
                longest[clone] = longest[p] + 1
                follow[clone, 0] = follow[q, 0]
                follow[clone, 1] = follow[q, 1]
                link[clone] = link[q]
                while p >= 0 and follow[p, symbol] == q:
                    follow[p, symbol] = clone
                    p = link[p]
                link[q] = clone
                link[new] = clone
                if place == q and matched <= longest[clone]:
                    place = clone
        last = new
        if ended:
            place, matched = 0, 0
            if i < n - 1:
                phrases += 1
    return phrases


@njit(nogil=True, cache=True)
def normalised_lempel_ziv(cells: Cells) -> float:
    """Phrases over ``n / log2 n``, what a random word of the same length tends to."""
    n = len(cells)
    return float(lempel_ziv(cells) * np.log2(n) / n) if n > 1 else 0.0


@njit(nogil=True, cache=True)
def _window_complexity(history: Words, newest: int, rows: int, columns: int) -> float:
    cells = np.empty(rows * columns, np.uint8)
    for r in range(rows):
        row = history[(newest - rows + 1 + r) % len(history)]
        for i in range(columns):
            cells[r * columns + i] = _cell(row, i)
    return float(normalised_lempel_ziv(cells))


@njit(nogil=True, cache=True)
def measure(
    run: Words,
    twin: Words,
    newest: int,
    generation: int,
    width: int,
    block: int,
    window: int,
    columns: int,
    held: float,
    out: NDArray[np.float64],
) -> float:
    """Fill `out` with generation, density, damage, block entropy and complexity.

    The complexity is that of the last `window` rows and is measured anew at every
    `window`-th generation; `held` is its value until then. Returns it.
    """
    row = run[newest]
    out[0] = generation
    out[1] = ones(row) / width
    out[2] = ones(row ^ twin[newest]) / width
    out[3] = block_entropy(row, width, block)
    if generation == 0:
        held = _window_complexity(run, newest, 1, columns)
    elif generation % window == window - 1:
        held = _window_complexity(run, newest, min(window, len(run)), columns)
    out[4] = held
    return held


@njit(nogil=True, cache=True)
def advance(
    run: Words,
    twin: Words,
    newest: int,
    generation: int,
    rule: int,
    width: int,
    block: int,
    window: int,
    columns: int,
    held: float,
    out: NDArray[np.float64],
) -> float:
    """Run both rings of rows ``len(out)`` generations on from row `newest`.

    Returns the complexity to hold from here.
    """
    height = len(run)
    for k in range(len(out)):
        following = (newest + 1) % height
        step(run[newest], run[following], rule, width)
        step(twin[newest], twin[following], rule, width)
        newest = following
        generation += 1
        held = measure(run, twin, newest, generation, width, block, window, columns, held, out[k])
    return held


@njit(nogil=True, cache=True)
def cone_width(
    rule: int, first: Words, flipped: int, width: int, generations: int, edges: NDArray[np.int64]
) -> None:
    """Left and right edge of the damage that one flipped cell does, by generation.

    `edges` has shape ``(generations + 1, 2)``; the cells are counted from the flipped one
    and both edges are 0 where the damage has healed.
    """
    words = len(first)
    run = first.copy()
    twin = first.copy()
    twin[flipped >> 6] ^= np.uint64(1) << np.uint64(flipped & 63)
    spare = np.empty(words, np.uint64)
    for g in range(generations + 1):
        left, right, found = 0, 0, False
        for i in range(width):
            if _cell(run, i) != _cell(twin, i):
                if not found:
                    left = i - flipped
                    found = True
                right = i - flipped
        edges[g, 0] = left
        edges[g, 1] = right
        step(run, spare, rule, width)
        run, spare = spare, run
        step(twin, spare, rule, width)
        twin, spare = spare, twin
