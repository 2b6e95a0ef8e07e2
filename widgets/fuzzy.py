"""Fuzzy search: the letters of a query, in order, anywhere in a text. No Qt.

Consecutive letters and letters at the beginnings of words count most, so that ``exf``
finds "Export figure" before "Next fixed point".
"""

from __future__ import annotations

from dataclasses import dataclass

START, WORD, RUN, PLAIN = 10.0, 8.0, 6.0, 1.0
HINT_SHARE = 0.3


@dataclass(frozen=True)
class Match:
    """How well a text matches, and which of its characters were meant."""

    score: float
    places: tuple[int, ...] = ()


def match(query: str, text: str) -> Match | None:
    """The best way to find the letters of `query` in `text`, or None where there is none.

    Parameters
    ----------
    query : str
        Blanks in it are ignored; an empty query matches everything with score 0.
    text : str
    """
    letters = [c for c in query.casefold() if not c.isspace()]
    if not letters:
        return Match(0.0)
    low = text.casefold()
    if len(low) != len(text):  # a letter that folds to two would shift the places
        low = text.lower() if len(text.lower()) == len(text) else text
    # best[j]: best score and places with the letters so far, the last one at position j
    best: dict[int, tuple[float, tuple[int, ...]]] = {}
    for depth, letter in enumerate(letters):
        now: dict[int, tuple[float, tuple[int, ...]]] = {}
        reach: tuple[float, tuple[int, ...]] | None = (0.0, ()) if depth == 0 else None
        for j, character in enumerate(low):
            if character == letter:
                here = START if j == 0 else WORD if not low[j - 1].isalnum() else PLAIN
                ways = []
                if reach is not None:
                    ways.append((reach[0] + here, reach[1]))
                if j - 1 in best:
                    score, places = best[j - 1]
                    ways.append((score + max(here, RUN), places))
                if ways:
                    score, places = max(ways, key=lambda way: way[0])
                    now[j] = (score, (*places, j))
            if j in best and (reach is None or best[j][0] > reach[0]):
                reach = best[j]
        best = now
        if not best:
            return None
    score, places = max(best.values(), key=lambda way: way[0])
    return Match(score - 0.02 * len(text), places)


def best(query: str, text: str, hint: str = "") -> Match | None:
    """A match in `text`, or a weaker one in `hint`, whose places are not reported."""
    found = match(query, text)
    if found is None and hint:
        weak = match(query, hint)
        return None if weak is None else Match(weak.score * HINT_SHARE)
    return found
