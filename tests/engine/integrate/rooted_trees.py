"""Rooted trees, by which the order conditions of one-step methods are counted."""

from __future__ import annotations

import math
from collections.abc import Iterator

Tree = tuple["Tree", ...]
"""A rooted tree is the multiset of the trees that hang from its root."""


def trees(order: int) -> list[Tree]:
    """All rooted trees with `order` vertices."""

    def forests(size: int, most: int) -> Iterator[tuple[Tree, ...]]:
        if size == 0:
            yield ()
        for largest in range(min(size, most), 0, -1):
            for tree in trees(largest):
                for rest in forests(size - largest, largest):
                    if not rest or (largest, tree) >= (weight(rest[0]), rest[0]):
                        yield (tree, *rest)

    return [()] if order == 1 else list(dict.fromkeys(forests(order - 1, order - 1)))


def weight(tree: Tree) -> int:
    return 1 + sum(weight(branch) for branch in tree)


def density(tree: Tree) -> int:
    return weight(tree) * math.prod(density(branch) for branch in tree)
