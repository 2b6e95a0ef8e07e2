"""Nodes of a large model rewritten: without noise, or with another index.

A sum is a symbol of the graph with a term of its own; both are made anew where what is to
be changed lies inside the term.
"""

from __future__ import annotations

import re
from dataclasses import replace

from engine.equations.looped import Looped
from engine.equations.references import Part


def silenced(looped: Looped, node: int) -> int:
    """A node where the noises are zero."""
    graph = looped.graph
    new: dict[int, int] = {}
    for each in graph.reachable([node]):
        leaf = graph.leaves[each]
        arguments = tuple(new[argument] for argument in graph.arguments[each])
        if isinstance(leaf, str) and looped.is_noise(leaf):
            new[each] = graph.number(0.0)
        elif isinstance(leaf, str) and leaf in looped.sums:
            part = looped.sums[leaf]
            term = silenced(looped, part.term)
            new[each] = each if term == part.term else looped.like(part, term)
        elif arguments == graph.arguments[each]:
            new[each] = each
        else:
            new[each] = graph.apply(graph.operations[each], *arguments)
    return new[node]


def lifted(looped: Looped, part: Part, level: int) -> Part:
    """The same sum with another index, ``i<level>``, which nothing else uses."""
    term = _renamed(looped, part.term, part.level, level)
    return replace(part, level=level, term=term)


def _renamed(looped: Looped, node: int, old: int, new: int) -> int:
    """A node with another index in the place of one."""
    graph = looped.graph
    done: dict[int, int] = {}
    for each in graph.reachable([node]):
        leaf = graph.leaves[each]
        given = tuple(done[argument] for argument in graph.arguments[each])
        if isinstance(leaf, str) and old in looped.symbol_free(leaf):
            done[each] = _renamed_symbol(looped, leaf, old, new)
        elif given == graph.arguments[each]:
            done[each] = each
        else:
            done[each] = graph.apply(graph.operations[each], *given)
    return done[node]


def _renamed_symbol(looped: Looped, symbol: str, old: int, new: int) -> int:
    def code(text: str) -> str:
        return re.sub(rf"\bi{old}\b", f"i{new}", text)

    def levels(free: frozenset[int]) -> frozenset[int]:
        return (free - {old}) | {new} if old in free else free

    if symbol in looped.sums:
        part = looped.sums[symbol]
        term = _renamed(looped, part.term, old, new)
        bounds = levels(part.bounds)
        return looped.part(part.level, code(part.first), code(part.last), term, part.most, bounds)
    if symbol in looped.references:
        reference = looped.references[symbol]
        symbol = f"{symbol} {old} is {new}"
        looped.references[symbol] = replace(
            reference, code=code(reference.code), free=levels(reference.free), offset=None
        )
        return looped.graph.symbol(symbol)
    return looped.graph.symbol(f"i{new}")
