"""Parsing symbols into words that have not been seen before.

All substrings seen so far are kept in a suffix automaton: the smallest graph whose paths from
the root spell them. It grows by one symbol at a time, in the same pass that parses, so that
the work grows with the number of symbols alone.

References
----------
A. Blumer et al., Theoretical Computer Science 40, 31 (1985): the automaton.
"""

from __future__ import annotations

from typing import Any

from numba import njit, types

_shorts, _short_matrix = types.int32[::1], types.int32[:, ::1]
_options: dict[str, Any] = {"nogil": True, "cache": True, "error_model": "numpy"}


@njit(
    types.void(
        types.uint8[::1],
        types.int64,
        types.int64,
        _short_matrix,
        _shorts,
        _shorts,
        types.int64[::1],
        types.int64[::1],
    ),
    **_options,
)
def parse(symbols, first, last, following, links, lengths, state, ends):  # type: ignore[no-untyped-def]
    """Read symbols `first` to `last` - 1 and note after which of them words end.

    The automaton is in `following` (states, alphabet; -1 for none), `links` and `lengths`;
    state 0 is its root. `state` holds how many states there are, the one of all symbols so
    far, the one of the present word, the length of that word, and how many words have ended;
    `ends` holds where.
    """
    alphabet = following.shape[1]
    states, whole, word, length, words = state[0], state[1], state[2], state[3], state[4]
    for place in range(first, last):
        symbol = symbols[place]
        # Has the word with this symbol been seen, in what came before the symbol?
        known = following[word, symbol]
        if known >= 0:
            word = known
            length += 1
        else:
            ends[words] = place + 1
            words += 1
            word = 0
            length = 0
        # The automaton takes in the symbol.
        new = states
        states += 1
        lengths[new] = lengths[whole] + 1
        for each in range(alphabet):
            following[new, each] = -1
        at = whole
        while at >= 0 and following[at, symbol] < 0:
            following[at, symbol] = new
            at = links[at]
        if at < 0:
            links[new] = 0
        else:
            target = following[at, symbol]
            if lengths[at] + 1 == lengths[target]:
                links[new] = target
            else:
                copy = states
                states += 1
                lengths[copy] = lengths[at] + 1
                for each in range(alphabet):
                    following[copy, each] = following[target, each]
                links[copy] = links[target]
                while at >= 0 and following[at, symbol] == target:
                    following[at, symbol] = copy
                    at = links[at]
                links[target] = copy
                links[new] = copy
        whole = new
        # A copy may have taken over the shorter strings of the word's state.
        while word > 0 and length <= lengths[links[word]]:
            word = links[word]
    state[0], state[1], state[2], state[3], state[4] = states, whole, word, length, words
