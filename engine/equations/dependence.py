"""What depends on what: the variables that each derivative mentions, through everything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.equations.nodes import Call, Index, Name, Node, Total, postorder

if TYPE_CHECKING:
    from engine.equations.model import Model


def dependence(model: Model) -> dict[str, set[str]]:
    """Family or variable -> the families and variables that its derivative mentions."""
    groups = {name: name for name in (*model.variables, *model.families)}
    for family, (base, size) in model.family_rows.items():
        groups |= dict.fromkeys(model.variables[base : base + size], family)
    inside: dict[str, set[str]] = {}

    def mentioned(tree: Node, hidden: tuple[str, ...] = ()) -> set[str]:
        found: set[str] = set()
        for node in postorder(tree):
            match node:
                case Name(name) if name in hidden:
                    pass
                case Name(name) | Index(name) | Total(_, name) | Call(name):
                    found |= inside.get(name, set())
                    if name in groups:
                        found.add(groups[name])
        return found

    for name in model.order:
        if name in model.function_trees:
            function = model.function_trees[name]
            inside[name] = mentioned(function.body, function.arguments)
        else:
            inside[name] = mentioned(model.quantity_trees[name])
    found: dict[str, set[str]] = {groups[name]: set() for name in model.variables}
    for rule in model.rules:
        found[groups[rule.name]] |= mentioned(rule.tree)
    return found


def partition(model: Model) -> tuple[bool, ...] | None:
    """Positions and momenta of a separable system, see `Model.partition`."""
    if model.noise or model.delays:
        return None
    uses = dependence(model)
    near: dict[str, set[str]] = {name: set() for name in uses}
    for name, others in uses.items():
        for other in others:
            near[name].add(other)
            near[other].add(name)
    side: dict[str, bool] = {}
    for start in uses:
        if start in side:
            continue
        # The first variable of each connected part is called a position.
        side[start] = True
        waiting = [start]
        while waiting:
            name = waiting.pop()
            for other in near[name]:
                if other not in side:
                    side[other] = not side[name]
                    waiting.append(other)
                elif side[other] == side[name]:
                    return None
    if len(set(side.values())) < 2:
        return None
    groups = dict.fromkeys(model.variables, "")
    for family, (base, size) in model.family_rows.items():
        groups |= dict.fromkeys(model.variables[base : base + size], family)
    return tuple(side[groups[name] or name] for name in model.variables)
