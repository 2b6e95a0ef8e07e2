"""Small parts of writing for XPPAUT: numbers, tables as formulas, what a tree is made of."""

from __future__ import annotations

import re
from collections.abc import Iterable

import numpy as np

from engine.equations.nodes import (
    Apply,
    Call,
    Delayed,
    Index,
    Name,
    Node,
    Sum,
    Total,
    postorder,
)
from engine.equations.parts import Table
from engine.files.xppaut.formulas import MAXIMUM_BODY


def is_argument(name: str) -> bool:
    """Whether a name is one of the formal arguments arg1 .. arg9."""
    return re.fullmatch(r"arg\d", name, re.IGNORECASE) is not None


def numeral(number: float) -> str:
    """A number as it is written."""
    whole = number == int(number) and abs(number) < 1e15
    return str(int(number)) if whole else repr(float(number))


def bracketed(text: str) -> str:
    """A number that can stand after an operator."""
    return f"({text})" if text.startswith("-") else text


def used_names(trees: Iterable[Node]) -> set[str]:
    """Names of all kinds that occur in trees."""
    found = set()
    for tree in trees:
        for node in postorder(tree):
            match node:
                case Name(name) | Index(name) | Total(_, name) | Call(name):
                    found.add(name)
    return found


def made_of(tree: Node, constant: set[str]) -> bool:
    """Whether a tree depends on parameters only."""
    for node in postorder(tree):
        match node:
            case Name(name) if name not in constant and name not in ("pi", "e"):
                return False
            case Call() | Index() | Total() | Sum() | Delayed():
                return False
    return isinstance(tree, (Apply, Name))


def pieces(table: Table) -> list[str]:
    """Formulas whose sum is the table: the first value, then each change of slope."""
    count = len(table.values)
    step = (table.high - table.low) / (count - 1)
    slopes = [0.0, *np.diff(table.values) / step, 0.0]
    texts, text = [], bracketed(numeral(table.values[0]))
    for k in range(count):
        bend = float(slopes[k + 1] - slopes[k])
        if not bend:
            continue
        place = table.low + k * step
        term = f"+{bracketed(numeral(bend))}*max(u-{bracketed(numeral(place))},0)"
        if len(text) + len(term) > MAXIMUM_BODY:
            texts.append(text)
            text = ""
        text += term
    return [piece.removeprefix("+") for piece in (*texts, text)]
