"""The frozen trees that texts of equations become.

Plain data: what an expression is made of, how to walk it, and its canonical form. Reading
text is ``grammar``; meaning is given by ``graph``, ``latex`` and ``symbolic``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Number:
    """A number; `at` is where it stands in the text, counted from 0."""

    value: float
    at: int = field(default=0, compare=False, repr=False)


@dataclass(frozen=True)
class Name:
    """A variable, parameter, quantity, argument, index, ``t`` or a constant."""

    name: str
    at: int = field(default=0, compare=False, repr=False)


@dataclass(frozen=True)
class Apply:
    """An operation of the language: an operator, ``negate``, or a key of `FUNCTIONS`."""

    operation: str
    arguments: tuple[Node, ...]
    at: int = field(default=0, compare=False, repr=False)


@dataclass(frozen=True)
class Call:
    """A call of a function or a table that the model defines."""

    function: str
    arguments: tuple[Node, ...]
    at: int = field(default=0, compare=False, repr=False)


@dataclass(frozen=True)
class Index:
    """One place of a family, an array or an indexed quantity: ``x[i + 1]``, ``K[i, j]``."""

    name: str
    arguments: tuple[Node, ...]
    at: int = field(default=0, compare=False, repr=False)


@dataclass(frozen=True)
class Sum:
    """``sum(index, first, last, term)``; `arguments` are first, last and term."""

    index: str
    arguments: tuple[Node, Node, Node]
    at: int = field(default=0, compare=False, repr=False)


@dataclass(frozen=True)
class Total:
    """``sum(x)`` or ``mean(x)`` over all places of something."""

    kind: str
    name: str
    at: int = field(default=0, compare=False, repr=False)


@dataclass(frozen=True)
class Delayed:
    """A variable at an earlier time; `arguments` are the variable and the time."""

    arguments: tuple[Node, Node]
    at: int = field(default=0, compare=False, repr=False)


Node = Number | Name | Apply | Call | Index | Sum | Total | Delayed
Leaf = (Number, Name, Total)
Special = (Index, Sum, Total, Delayed)
"""What means something only where indices and delays are known."""


def postorder(tree: Node, whole: tuple[type, ...] = ()) -> Iterator[Node]:
    """Every node after its arguments, without recursion: a sum may have 5,000 terms.

    Nodes of the types `whole` are given as they are, without what is inside them.
    """
    stack: list[tuple[Node, bool]] = [(tree, False)]
    while stack:
        node, ready = stack.pop()
        if ready or isinstance(node, Leaf) or type(node) in whole:
            yield node
        else:
            stack.append((node, True))
            stack.extend((argument, False) for argument in reversed(node.arguments))


def canonical(tree: Node) -> str:
    """The tree in postfix notation: equal for texts that differ in spaces or brackets only."""
    words = []
    for node in postorder(tree):
        match node:
            case Number(value):
                words.append(repr(value))
            case Name(name):
                words.append(name)
            case Apply(operation, arguments):
                words.append(f"{operation}/{len(arguments)}")
            case Call(function, arguments):
                words.append(f"@{function}/{len(arguments)}")
            case Index(name, arguments):
                words.append(f"{name}[{len(arguments)}]")
            case Sum(index):
                words.append(f"sum:{index}")
            case Total(kind, name):
                words.append(f"{kind}:{name}")
            case Delayed():
                words.append("delayed")
    return " ".join(words)
