"""What may occur in a text: names, functions, places, indices, delays.

Whoever reads a text says what it knows; ``grammar`` refuses everything else. Also what may
stand where a whole number must: in square brackets and as the ends of a sum.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from engine.equations.nodes import Apply, Name, Node, Number, postorder
from engine.equations.words import RESERVED, error_at

WHOLE = frozenset({"+", "-", "*", "negate", "mod", "min", "max", "abs", "floor", "/"})
"""Operations of index arithmetic; a quotient stands inside floor only."""


@dataclass(frozen=True)
class Vocabulary:
    """What may occur in a text, besides ``t``, ``pi``, ``e`` and the functions of the language.

    Attributes
    ----------
    names : collection of str, optional
        Plain names; any where None.
    functions : mapping of str to int
        Functions and tables of the model with their number of arguments.
    indexed : mapping of str to int, optional
        Families, arrays and indexed quantities with their number of indices; any where None.
    whole : collection of str, optional
        Names that are whole numbers and may stand in an index; any where None.
    indices : collection of str
        Index names in force.
    delayed : collection of str
        Variables and families that may be asked for at an earlier time.
    """

    names: Collection[str] | None = None
    functions: Mapping[str, int] = field(default_factory=dict)
    indexed: Mapping[str, int] | None = None
    whole: Collection[str] | None = None
    indices: Collection[str] = ()
    delayed: Collection[str] = ()


def check_whole(tree: Node, words: Vocabulary, indices: Collection[str], text: str) -> None:
    """Refuse what is no whole number made of whole numbers, sizes and the indices in force.

    Raises
    ------
    EquationError
        With the place of the first thing that does not belong.
    """
    divided: set[int] = set()
    for part in postorder(tree):
        match part:
            case Number(value) if value == int(value):
                continue
            case Name(name) if name in indices or words.whole is None or name in words.whole:
                continue
            case Apply("/"):
                divided.add(id(part))
                continue
            case Apply("floor", (Apply("/") as quotient,)):
                divided.discard(id(quotient))
                continue
            case Apply("floor"):
                pass
            case Apply(operation) if operation in WHOLE:
                continue
        raise error_at(
            "a place is a whole number, made of whole numbers, sizes and index names",
            text,
            part.at,
        )
    if divided:
        raise error_at("a place is a whole number; divide with // here", text, tree.at)


def check_index(
    index: str, words: Vocabulary, indices: Collection[str], text: str, at: int
) -> None:
    """Refuse a name of an index that means something else already.

    Raises
    ------
    EquationError
        With its place.
    """
    named = index in (words.names or ()) or index in (words.indexed or ())
    if named or index in RESERVED or index in indices or index in words.functions:
        raise error_at(f"'{index}' cannot be an index here: it is something else already", text, at)
