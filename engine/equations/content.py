"""The content hash of a model: everything that generated kernels depend on."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from engine.equations import kernel_cache
from engine.equations.heads import Rule
from engine.equations.nodes import canonical

if TYPE_CHECKING:
    from engine.equations.model import Model


def digest(model: Model) -> str:
    """Equal for equal mathematics, generator, Numba and Python; different otherwise."""
    functions = (
        f"{f.name}({','.join(f.arguments)})={canonical(f.body)}"
        for f in model.function_trees.values()
    )
    quantities = (
        f"{name}{model.quantity_places[name]}={canonical(tree)}"
        for name, tree in model.quantity_trees.items()
    )
    tables = (
        f"{name}={table.low!r},{table.high!r}:{','.join(map(repr, table.values))}"
        for name, table in model.tables.items()
    )
    events = []
    for event, tree, rules in zip(model.events, model.event_trees, model.event_rules, strict=True):
        events += [f"{event.direction} {event.terminal} {canonical(tree)}", *_rules(rules)]
    return kernel_cache.digest(
        _generator(),
        ",".join(model.variables),
        ",".join(model.parameters),
        f"loops {model.loops}",
        *_rules(model.rules),
        "quantities",
        *quantities,
        "functions",
        *functions,
        "places",
        *(
            f"{what}: {mapping}"
            for what, mapping in (
                ("families", sorted(model.families.items())),
                ("sizes", sorted(model.sizes.items())),
                ("edges", sorted(model.edges.items())),
                ("arrays", list(model.arrays.items())),
                ("noise families", sorted(model.noise_families.items())),
            )
        ),
        "tables",
        *tables,
        "noise",
        ",".join(model.noise),
        model.interpretation,
        str(model.delays),
        "history",
        *_rules(model.history_rules),
        "events",
        *events,
    )


def _rules(rules: Iterable[Rule]) -> list[str]:
    return [
        f"{rule.base} {rule.segments} {rule.index}={canonical(rule.tree)}"
        for rule in sorted(rules, key=lambda rule: (rule.base, rule.segments))
    ]


@lru_cache(maxsize=1)
def _generator() -> str:
    return kernel_cache.fingerprint(Path(__file__).parent.glob("*.py"))
