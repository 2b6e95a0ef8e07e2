"""White noise in large models: its kind, and the drift of Ito where that is local."""

from __future__ import annotations

from engine.equations.gradients import Columns, Gradients
from engine.equations.heads import Rule
from engine.equations.loop_writer import Add, Item
from engine.equations.looped import Looped
from engine.equations.rewriting import silenced


def kind(looped: Looped) -> str:
    """``none``, ``additive``, ``diagonal``, ``commutative`` or ``general``, see `Model`.

    `looped` must have its noises.
    """
    model = looped.model
    if not model.noise:
        return "none"
    states = Gradients(looped, Columns("state", len(model.variables)))
    slopes = [slope for node in looped.outputs for slope in _slopes(looped, node)]
    if not any(states.matters(symbol) for symbol in looped.closure(slopes)):
        return "additive"
    if all(_local(looped, rule, node) for rule, node in _both(looped)) and _apart(looped):
        return "diagonal"
    return "commutative" if len(model.noise) == 1 else "general"


def convert(looped: Looped, plain: Looped) -> bool:
    """Turn the drift of `plain` into that of Ito; False where that is not local.

    `looped` is the same model with its noises.
    """
    found = kind(looped)
    if found in ("none", "additive"):
        return True
    if found != "diagonal":
        return False
    graph = looped.graph
    outputs = []
    for rule, node in _both(looped):
        drift = silenced(looped, node)
        for noise in _noises(looped, node):
            (slope,) = graph.derivatives([node], noise)
            (steep,) = graph.derivatives([slope], _own(looped, rule))
            part = graph.apply("*", graph.number(0.5), graph.apply("*", slope, steep))
            drift = graph.apply("+", drift, part)
        outputs.append(drift)
    # Kernels of the drift are written from a graph without noise.
    plain.take(looped, outputs)
    return True


def _both(looped: Looped) -> list[tuple[Rule, int]]:
    return list(zip(looped.model.rules, looped.outputs, strict=True))


def _slopes(looped: Looped, node: int) -> list[int]:
    """Coefficients of the noises in a node, those in sums included."""
    found: list[int] = []

    def sink(column: str, slope: int, level: int) -> list[Item]:
        found.append(slope)
        return [Add("{v}", slope)]

    Gradients(looped, Columns("noise", len(looped.model.noise)), hold=False).spread(node, 0, sink)
    return found


def _noises(looped: Looped, node: int) -> list[str]:
    return sorted(s for s in looped.graph.symbols([node]) if looped.is_noise(s))


def _own(looped: Looped, rule: Rule) -> str:
    """The symbol of the variable whose equation a rule is."""
    if not rule.index:
        return f"s{rule.base + rule.segments[0][0]}"
    return f"state:{rule.base}:{rule.name}[i1]"


def _local(looped: Looped, rule: Rule, node: int) -> bool:
    """Whether an equation has one noise at most, whose coefficient it alone decides."""
    graph = looped.graph
    noises = _noises(looped, node)
    if len(_slopes(looped, node)) != len(noises) or len(noises) > 1:
        return False
    if not noises:
        return True
    reference = looped.references.get(noises[0])
    if rule.index and (reference is None or reference.code != "i1"):
        return False
    states = Gradients(looped, Columns("state", len(looped.model.variables)))
    slopes = graph.derivatives([node], noises[0])
    used = {symbol for symbol in graph.symbols(slopes) if states.matters(symbol)}
    return used <= {_own(looped, rule)}


def _apart(looped: Looped) -> bool:
    """Whether no noise enters two equations."""
    taken: set[int] = set()
    for rule, node in _both(looped):
        for noise in _noises(looped, node):
            reference = looped.references.get(noise)
            if reference is None:
                columns = {int(noise[1:])}
            elif reference.edge:
                return False
            else:
                columns = {reference.base + place for place in rule.places()}
            if columns & taken:
                return False
            taken |= columns
    return True
