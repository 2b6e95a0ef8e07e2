"""What a typed text declares, and the document of a system file from it.

Filled by ``engine.systems.typed_statements``; what the expressions mean is not looked at.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from engine.equations import heads
from engine.equations.grammar import Vocabulary
from engine.errors import EquationError
from engine.systems.system import System
from engine.systems.typed_carry import carried
from engine.systems.typed_lines import NAME, Piece, Statement

_NAMES = re.compile(NAME)


@dataclass(frozen=True)
class Problem:
    """What is wrong, and where.

    Attributes
    ----------
    message : str
    first, last : int
        From which character up to before which.
    line, column : int
        Of `first`, counted from 1.
    unknown : str
        The name that nothing declares, where that is what is wrong.
    """

    message: str
    first: int
    last: int
    line: int
    column: int
    unknown: str = ""


@dataclass
class Draft:
    """Everything a text declares.

    Attributes
    ----------
    bodies : dict of str to Piece
        Label of a text, as errors of the equations begin -> the text.
    fields : dict of str to Piece
        Field of the document -> what it was made of.
    heads : dict of str to Piece
        Name -> where it is declared.
    problems : list of (sentence, first, last)
    """

    base: System | None = None
    variables: dict[str, Any] = field(default_factory=dict)
    families: dict[str, str] = field(default_factory=dict)
    parts: dict[str, dict[str, Any]] = field(default_factory=dict)
    words: dict[str, Any] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)
    kinds: dict[str, Piece] = field(default_factory=dict)
    stepped: set[str] = field(default_factory=set)
    indices: dict[str, str] = field(default_factory=dict)
    bodies: dict[str, Piece] = field(default_factory=dict)
    fields: dict[str, Piece] = field(default_factory=dict)
    heads: dict[str, Piece] = field(default_factory=dict)
    problems: list[tuple[str, int, int]] = field(default_factory=list)
    first: Piece | None = None

    def refuse(self, message: str, piece: Piece, place: int | None = None) -> None:
        """Note a problem at a piece, or at a word of it."""
        self.problems.append((message, *piece.span(place)))

    def part(self, name: str) -> dict[str, Any]:
        """A table of the document."""
        return self.parts.setdefault(name, {})

    def put(self, table: str, name: str, value: Any, statement: Statement, owner: str = "") -> bool:
        """Add a row to a table; False where there is one already."""
        rows = self.part(table)
        if name in rows:
            self.refuse(f"'{name}' stands here a second time", statement.head)
            return False
        rows[name] = value
        self.fields[f"{table}.{name}"] = statement.body if statement.body.text else statement.head
        if owner:
            self.heads.setdefault(owner, statement.head)
        return True

    def body_of(self, variable: str) -> Piece | None:
        """The text of the equation of a variable, of a place of a family too."""
        family = variable.rstrip("0123456789")
        place = variable[len(family) :]
        for head in (variable, f"{family}[{place}]"):
            if f"equation of '{head}'" in self.bodies:
                return self.bodies[f"equation of '{head}'"]
        return next(
            (
                piece
                for label, piece in self.bodies.items()
                if label.startswith(f"equation of '{family}[")
            ),
            None,
        )

    # ------------------------------------------------------------ what is known where

    @cached_property
    def sizes(self) -> tuple[str, ...]:
        """Parameters that say how many: those named in a number of places."""
        texts = [*self.families.values(), *self.words.get("noise_sizes", ())]
        texts += [
            str(size) for row in self.part("arrays").values() for size in row.get("shape", ())
        ]
        texts += [head.partition("<")[2].rstrip("] ") for head in self.part("quantities")]
        named = {name for text in texts for name in _NAMES.findall(text)}
        rows = self.part("parameters")
        return tuple(name for name, row in rows.items() if name in named or row.get("size"))

    @cached_property
    def _vocabulary(self) -> Vocabulary:
        functions: dict[str, int] = dict.fromkeys(self.part("tables"), 1)
        for head in self.part("functions"):
            try:
                name, arguments = heads.function(head)
                functions[name] = len(arguments)
            except EquationError:
                continue
        indexed = dict.fromkeys([*self.families, *self.words.get("noise_families", ())], 1)
        plain: list[str] = []
        for head in self.part("quantities"):
            name, bracket, _ = head.partition("[")
            if bracket:
                indexed[name] = 1
            else:
                plain.append(name)
        for name, row in self.part("arrays").items():
            values = row.get("values", [])
            deep = bool(values) and isinstance(values[0], list)
            indexed[name] = len(row["shape"]) if "shape" in row else 2 if deep else 1
        single = [name for name in self.variables if name not in self.families]
        noise = self.words.get("noise_single", ())
        names = dict.fromkeys([*self.part("parameters"), *plain, *noise, *single])
        flow = "map" not in self.kinds
        return Vocabulary(
            names, functions, indexed, self.sizes, (), tuple(self.variables) if flow else ()
        )

    def vocabulary(self, label: str) -> Vocabulary:
        """What may occur in the text of that label."""
        words = self._vocabulary
        index = self.indices.get(label, "")
        names = words.names or ()
        if label.startswith("function "):
            names = {**dict.fromkeys(names), **dict.fromkeys(self.indices[label].split())}
            index = ""
        if index in names or index in (words.indexed or ()):
            index = ""
        # Places of a small family may be called by their own names, x0.
        places = {
            f"{name}{i}": None
            for name in self.families
            for i in range(100)
            if f"{name}{i}" in self.bodies.get(label, _NOTHING).text
        }
        return replace(
            words,
            names={**dict.fromkeys(names), **places} if places else names,
            indices=(index,) if index else (),
            delayed=() if label.startswith("history") else words.delayed,
        )

    # ------------------------------------------------------------ the document

    def document(self, delayed: bool) -> dict[str, Any]:
        """The document of a system file."""
        kind = self.words.get("kind") or (
            "map"
            if "map" in self.kinds
            else "sde"
            if self.words.get("noise")
            else "dde"
            if delayed or self.part("history")
            else "flow"
        )
        for name in self.sizes:
            self.part("parameters")[name] |= {"size": True, "scale": "integer"}
        document: dict[str, Any] = {
            "title": self.words.get("title") or "Untitled",
            "kind": kind,
            "variables": {
                f"{name}[{self.families[name]}]" if name in self.families else name: value
                for name, value in self.variables.items()
            },
        }
        for word in ("noise", "interpretation", "edges", "axes", "run", "notes"):
            if self.words.get(word):
                document[word] = self.words[word]
        document |= {name: rows for name, rows in self.parts.items() if rows and name != "starts"}
        if self.events:
            document["events"] = self.events
        return carried(document, self.base, self.families) if self.base else document


_NOTHING = Piece("", (), 0)
