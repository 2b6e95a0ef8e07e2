"""Typed equations cut into statements, every character with its place in the text.

The first half of ``engine.systems.typed``: what kind of line each is and what stands left
and right of its sign. Nothing here knows what a name means.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

MOST_CHARACTERS = 200_000
NAME = r"[^\W\d]\w*"

_PLACE = rf"(?P<name>{NAME})\s*(?P<place>\[[^\[\]=]*\])?\s*"
_FORMS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern))
    for kind, pattern in (
        ("when", r"when\b\s*(?P<head>[^:]*):(?!=)"),
        ("array", rf"array\s+(?P<name>{NAME})\s*(?:\[(?P<place>[^\[\]=]*)\])?\s*:?=(?!=)"),
        ("table", rf"table\s+(?P<name>{NAME})\s*\((?P<place>[^()=]*)\)\s*:?=(?!=)"),
        ("word", r"(?P<name>[a-z]+)\s*:(?!=)"),
        ("second", rf"{_PLACE}(?:''+|[\u2032\u2019]{{2,}}|\")\s*=(?!=)"),
        ("flow", rf"{_PLACE}['\u2032\u2019]\s*=(?!=)"),
        ("flow", rf"d\s*{_PLACE}/\s*dt\s*=(?!=)"),
        ("map", rf"{_PLACE}\(\s*n\s*\+\s*1\s*\)\s*=(?!=)"),
        (
            "family",
            rf"(?P<name>{NAME})\s*\[\s*0\s*\.\.(?P<place>[^\[\]=]+)\]\s*(?:\(\s*0\s*\)\s*=(?!=)|\Z)",
        ),
        ("start", rf"{_PLACE}\(\s*0\s*\)\s*=(?!=)"),
        ("history", rf"{_PLACE}\(\s*t\s*<=?\s*0\s*\)\s*=(?!=)"),
        ("function", rf"(?P<name>{NAME})\s*(?P<place>\([^()=]*\))\s*:?=(?!=)"),
        ("quantity", rf"{_PLACE}:="),
        ("value", rf"(?P<name>{NAME})\s*=(?!=)"),
        ("placed", rf"{_PLACE}=(?!=)"),
    )
)
_LONE_EQUALS = re.compile(r"(?<![=<>!])=(?!=)|:=")
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Piece:
    """A part of the text: its characters, and where each of them was typed.

    Attributes
    ----------
    text : str
        Runs of white space are one space each.
    places : sequence of int
        One for every character.
    end : int
        Where the text goes on after the last one.
    """

    text: str
    places: Sequence[int]
    end: int

    def part(self, first: int, last: int | None = None) -> Piece:
        """Characters `first` up to before `last`, without white space at the ends."""
        last = len(self.text) if last is None else last
        while first < last and self.text[first] == " ":
            first += 1
        while last > first and self.text[last - 1] == " ":
            last -= 1
        here = self.places[first:last]
        return Piece(self.text[first:last], here, here[-1] + 1 if here else self.at(first))

    def at(self, place: int) -> int:
        """Where a character was typed."""
        return self.places[place] if 0 <= place < len(self.places) else self.end

    def span(self, place: int | None = None) -> tuple[int, int]:
        """From where to where the word at a place runs in the text; all of it for None."""
        if not self.text:
            return max(0, self.end - 1), max(1, self.end)
        if place is None:
            return self.places[0], self.end
        place = min(max(place, 0), len(self.text) - 1)
        word = _WORD.match(self.text, place)
        last = word.end() - 1 if word else place
        return self.at(place), self.at(last) + 1

    def without(self, pattern: re.Pattern[str], names: Collection[str]) -> Piece:
        """The piece without the group ``gone`` of every match whose ``name`` is among `names`."""
        text: list[str] = []
        places: list[int] = []
        at = 0
        for match in pattern.finditer(self.text):
            if match["name"] not in names:
                continue
            first, last = match.span("gone")
            text.append(self.text[at:first])
            places.extend(self.places[at:first])
            at = last
        text.append(self.text[at:])
        places.extend(self.places[at:])
        return Piece("".join(text), places, self.end)


@dataclass(frozen=True)
class Statement:
    """One statement.

    Attributes
    ----------
    kind : str
        ``flow``, ``map``, ``start``, ``history``, ``family``, ``function``, ``quantity``,
        ``value``, ``when``, ``array``, ``table``, ``word`` (``title: ...``), or what is none:
        ``second``, ``placed``, ``nothing``.
    name : str
        What it is about.
    place : str
        What stands in brackets after the name.
    head, body : Piece
        Left and right of the sign.
    comment : str
        What follows ``#`` at the end of the line.
    """

    kind: str
    name: str
    place: str
    head: Piece
    body: Piece
    comment: str = ""


@dataclass(frozen=True)
class Lines:
    """The statements of a text, and the paragraphs of its lines of comment."""

    statements: tuple[Statement, ...]
    notes: tuple[str, ...] = field(default=())


def cut(text: str) -> Lines:
    """Cut a text into statements.

    A line that is indented deeper than the one before and has no sign of its own goes on
    with it. A line that begins with ``#`` is a note.
    """
    groups: list[list[tuple[int, str]]] = []
    notes: list[list[str]] = []
    indent, open_note = 0, False
    offset = 0
    for line in text.split("\n"):
        shown = line.lstrip()
        if shown.startswith("#"):
            words = shown.lstrip("#").strip()
            if words and open_note:
                notes[-1].append(words)
            elif words:
                notes.append([words])
            open_note = bool(words)
        elif shown:
            deeper = len(line) - len(shown) > indent
            goes_on = (
                groups
                and deeper
                and (
                    groups[-1][0][1].lstrip().startswith("when ") or not _LONE_EQUALS.search(shown)
                )
            )
            if goes_on:
                groups[-1].append((offset, line))
            else:
                indent = len(line) - len(shown)
                groups.append([(offset, line)])
            open_note = False
        else:
            open_note = False
        offset += len(line) + 1
    statements = tuple(_statement(group) for group in groups)
    return Lines(statements, tuple(" ".join(note) for note in notes))


def _statement(group: list[tuple[int, str]]) -> Statement:
    first = group[0][1].lstrip()
    word = _FORMS[3][1].match(first)
    keeps = word is not None and word["name"] != "when"  # a title may hold a number sign
    characters: list[str] = []
    places: list[int] = []
    comments: list[str] = []
    for offset, line in group:
        code, sign, comment = (line, "", "") if keeps else line.partition("#")
        if sign:
            comments.append(comment.strip())
        if characters and characters[-1] != " ":
            characters.append(" ")
            places.append(places[-1] + 1)
        for at, character in enumerate(code):
            if not character.isspace():
                characters.append(character)
                places.append(offset + at)
            elif characters and characters[-1] != " ":
                characters.append(" ")
                places.append(offset + at)
    whole = Piece("".join(characters), places, places[-1] + 1 if places else group[0][0])
    whole = whole.part(0)
    comment = " ".join(filter(None, comments))
    for kind, pattern in _FORMS:
        match = pattern.match(whole.text)
        if match is None:
            continue
        found = match.groupdict()
        name, place = found.get("name") or "", found.get("place") or ""
        if kind == "when":
            head = whole.part(*match.span("head"))
        else:
            head = whole.part(0, match.end())
        if kind in ("flow", "map", "second", "start", "history", "quantity", "placed"):
            place = place.strip().removeprefix("[").removesuffix("]").strip()
        elif kind == "function":
            place = place[1:-1].strip()
        return Statement(kind, name, place.strip(), head, whole.part(match.end()), comment)
    return Statement("nothing", "", "", whole, whole.part(len(whole.text)), comment)
