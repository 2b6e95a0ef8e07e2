"""Sources of the kernels of a large model.

The same kernels as those of models that are written out, with the same meaning; see
``engine.equations.compiled`` for their shapes. How a loop is written is ``loop_writer``,
where the derivatives come from is ``gradients``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from engine.equations.emit import JACOBIAN_SIGNATURE, SIGNATURE, table_source
from engine.equations.gradients import Columns, Gradients
from engine.equations.heads import Rule
from engine.equations.loop_writer import Add, Item, Loop, Writer
from engine.equations.looped import Looped
from engine.equations.rewriting import silenced
from engine.errors import EquationError

if TYPE_CHECKING:
    from engine.equations.model import Model

MOST_SEGMENTS = 3
"""Stretches of places up to which a rule gets one loop each."""
MAXIMUM_WORK = 20_000_000
"""Operations of one right-hand side: about a tenth of a second."""


def loop_source(model: Model, name: str, number: int = 0) -> str:
    """Source of the module of the kernel `name`; see ``engine.equations.sources``."""
    return _KERNELS[name](model, number)


def check_work(model: Model) -> None:
    """Refuse a model whose right-hand side would hold everything up.

    Raises
    ------
    EquationError
        With the number of operations.
    """
    looped = model.looped()
    kernel = _Kernel(looped)
    work = Writer(looped, kernel.value_items(_each(looped, kernel))).work
    if work > MAXIMUM_WORK:
        raise EquationError(
            f"one right-hand side comes to {work:,} operations, at most {MAXIMUM_WORK:,} are "
            "possible; take fewer places or shorter sums"
        )


class _Kernel:
    """One function on its way to source."""

    def __init__(self, looped: Looped, split: bool = False) -> None:
        self.looped = looped
        self.split = split
        self.masks: list[str] = []
        self.setup: list[str] = []

    def each(self, rule: Rule, items: Callable[[str, int], list[Item]]) -> list[Item]:
        """Items for every place of a rule; ``items(row, level)`` says which.

        The row is code in ``i1`` where the rule has an index.
        """
        if not rule.count:
            return []
        if not rule.index:
            return items(str(rule.base + rule.segments[0][0]), 0)
        row = f"{rule.base} + i1" if rule.base else "i1"
        inner = tuple(items(row, 1))
        if not inner:
            return []
        if len(rule.segments) <= MOST_SEGMENTS:
            return [
                Loop(1, str(low), str(high), inner, high - low, split=self.split)
                for low, high in rule.segments
            ]
        low, high = rule.segments[0][0], rule.segments[-1][1]
        own = sorted(set(range(low, high)) - set(rule.places()))
        name = f"mask_{len(self.masks)}"
        self.masks.append(
            f"{name} = np.ones({high}, dtype=np.bool_)\n{name}[np.array({own})] = False\n"
        )
        return [Loop(1, str(low), str(high), inner, high - low, only=name)]

    def value_items(self, items: list[Item]) -> list[Item]:
        """Items with the indexed quantities that they use worked out first."""
        looped = self.looped
        model = looped.model
        nodes = [node for node in _nodes(items) if node is not None]
        names = {
            looped.references[symbol].name
            for symbol in looped.closure(nodes)
            if symbol in looped.references and looped.references[symbol].kind == "quantity"
        }
        before: list[Item] = []
        for name in looped.quantities:
            if name in names:
                size = model.quantity_places[name][1]
                self.setup.append(f"q_{name} = np.empty({size})")
                fill = Add(f"q_{name}[i1] = {{v}}", looped.quantities[name])
                before.append(Loop(1, "0", str(size), (fill,), size, split=self.split))
        return [*before, *items]

    def source(self, name: str, signature: str, items: list[Item], last: Sequence[str] = ()) -> str:
        """The module."""
        writer = Writer(self.looped, self.value_items(items))
        arrays = {"s": "state", "p": "parameters"}
        loads = [f"{s} = {arrays[s[0]]}[{s[1:]}]" for s in sorted(writer.symbols) if s != "t"]
        used = {operation.partition(":")[2] for operation in writer.operations}
        tables = self.looped.model.tables
        lines = [
            "import math",
            "",
            "import numpy as np",
            "from numba import njit",
            "",
            *(table_source(table, value) for table, value in tables.items() if table in used),
            *self.masks,
            "",
            f'@njit("{signature}", nogil=True, cache=True, error_model="numpy")',
            f"def {name}(t, state, parameters, out):",
            *(f"    {line}" for line in (*self.setup, *loads, *writer.lines, *last)),
        ]
        return "\n".join([*lines, ""])


def _nodes(items: Sequence[Item]) -> list[int | None]:
    found: list[int | None] = []
    for item in items:
        found += _nodes(item.items) if isinstance(item, Loop) else [item.node]
    return found


def _each(looped: Looped, kernel: _Kernel, nodes: Sequence[int] | None = None) -> list[Item]:
    """Right-hand sides, or other nodes of the rules, into ``result``."""
    items: list[Item] = []
    nodes = looped.outputs if nodes is None else nodes
    for rule, node in zip(looped.model.rules, nodes, strict=True):
        items += kernel.each(rule, _store(node))
    return items


def _store(node: int) -> Callable[[str, int], list[Item]]:
    return lambda row, level: [Add(f"result[{row}] = {{v}}", node)]


def _rows(gradients: Gradients, node: int, matrix: str) -> Callable[[str, int], list[Item]]:
    return lambda row, level: gradients.rows(node, row, level, matrix)


# ---------------------------------------------------------------- values


def _rhs(model: Model, number: int) -> str:
    looped = model.looped()
    kernel = _Kernel(looped, split=True)
    n = len(model.variables)
    if looped.converted:
        items = _each(looped, kernel)
    else:
        # The noises' coefficients stand beside the drift: one graph holds both.
        looped = model.looped(noise=True)
        kernel = _Kernel(looped)
        drift = [silenced(looped, node) for node in looped.outputs]
        items = [*_each(looped, kernel, drift), *_correction(looped, kernel)]
    # out may be the state: it is written last.
    kernel.setup.append(f"result = np.empty({n})")
    return kernel.source(
        "rhs", SIGNATURE, items, [f"for k in range({n}):", "    out[k] = result[k]"]
    )


def _correction(looped: Looped, kernel: _Kernel) -> list[Item]:
    """What the drift of Ito has more: half the slopes of the coefficients along themselves."""
    model = looped.model
    n, m = len(model.variables), len(model.noise)
    half = looped.graph.number(0.5)
    noises = Gradients(looped, Columns("noise", m), hold=False)
    states = Gradients(looped, Columns("state", n))
    whole: list[Item] = []
    items: list[Item] = []
    for rule, node in zip(model.rules, looped.outputs, strict=True):
        whole += kernel.each(rule, _rows(noises, node, "noise"))

        def along(row: str, level: int, node: int = node) -> list[Item]:
            def each(noise: str, slope: int, level: int) -> list[Item]:
                def add(column: str, steep: int, level: int) -> list[Item]:
                    return [Add(f"result[{row}] += {{v}} * noise[{column}, {noise}]", steep)]

                return states.spread(slope, level, add, half)

            return noises.spread(node, level, each)

        items += kernel.each(rule, along)
    kernel.setup.append(f"noise = np.zeros(({n}, {m}))")
    return [*_gradient_first(kernel, noises), *whole, *_gradient_first(kernel, states), *items]


def _history(model: Model, number: int) -> str:
    return _changes(model, "history", model.history_rules)


def _reset(model: Model, number: int) -> str:
    return _changes(model, "reset", model.event_rules[number])


def _changes(model: Model, name: str, rules: Sequence[Rule]) -> str:
    """The state with some places changed."""
    looped = model.looped()
    kernel = _Kernel(looped)
    n = len(model.variables)
    kernel.setup += [f"result = np.empty({n})", f"for k in range({n}):", "    result[k] = state[k]"]
    items: list[Item] = []
    for rule in rules:
        node = looped.rule(rule)
        items += kernel.each(rule, _store(node))
    return kernel.source(
        name, SIGNATURE, items, [f"for k in range({n}):", "    out[k] = result[k]"]
    )


def _event(model: Model, number: int) -> str:
    looped = model.looped()
    items: list[Item] = [
        Add(f"out[{k}] = {{v}}", looped.insert(tree)) for k, tree in enumerate(model.event_trees)
    ]
    return _Kernel(looped).source("event", SIGNATURE, items)


# ---------------------------------------------------------------- derivatives


def _gradient_first(kernel: _Kernel, gradients: Gradients) -> list[Item]:
    kernel.setup += [f"{name} = np.zeros({shape})" for name, shape in gradients.arrays.items()]
    return gradients.before


def _derivative(model: Model, name: str, columns: Columns, noise: bool = False) -> str:
    """Derivatives of all right-hand sides, a row each."""
    looped = model.looped(noise)
    if not noise and not looped.converted:
        raise EquationError(
            "a model of this size has no derivatives of its drift where noise of this kind is "
            "in the sense of Stratonovich; write the drift of Ito, with the interpretation ito"
        )
    kernel = _Kernel(looped)
    gradients = Gradients(looped, columns)
    items: list[Item] = []
    for rule, node in zip(model.rules, looped.outputs, strict=True):
        items += kernel.each(rule, _rows(gradients, node, "matrix"))
    flat = name == "time_derivative"
    return _matrix(kernel, gradients, name, len(model.variables), items, flat)


def _matrix(
    kernel: _Kernel,
    gradients: Gradients,
    name: str,
    rows: int,
    items: list[Item],
    flat: bool = False,
) -> str:
    count = gradients.columns.count
    kernel.setup += [
        f"matrix = out.reshape(({rows}, {count}))",
        "matrix[:, :] = 0.0",
    ]
    items = [*_gradient_first(kernel, gradients), *items]
    return kernel.source(name, SIGNATURE if flat else JACOBIAN_SIGNATURE, items)


def _diffusion_slopes(model: Model, number: int) -> str:
    looped = model.looped(noise=True)
    kernel = _Kernel(looped)
    n, m = len(model.variables), len(model.noise)
    noises = Gradients(looped, Columns("noise", m), hold=False)
    states = Gradients(looped, Columns("state", n))
    items: list[Item] = []
    for rule, node in zip(model.rules, looped.outputs, strict=True):

        def slopes(row: str, level: int, node: int = node) -> list[Item]:
            def each(noise: str, slope: int, level: int) -> list[Item]:
                return states.rows(slope, f"({row}) * {m} + {noise}", level, "matrix")

            return noises.spread(node, level, each)

        items += kernel.each(rule, slopes)
    return _matrix(kernel, states, "diffusion_slopes", n * m, items)


def _event_gradient(model: Model, number: int) -> str:
    looped = model.looped()
    kernel = _Kernel(looped)
    gradients = Gradients(looped, Columns("state and time", len(model.variables) + 1))
    items: list[Item] = []
    for k, tree in enumerate(model.event_trees):
        items += gradients.rows(looped.insert(tree), str(k), 0, "matrix")
    return _matrix(kernel, gradients, "event_gradient", len(model.events), items)


def _reset_jacobian(model: Model, number: int) -> str:
    looped = model.looped()
    kernel = _Kernel(looped)
    n = len(model.variables)
    gradients = Gradients(looped, Columns("state", n))
    items: list[Item] = [Loop(1, "0", str(n), (Add("matrix[i1, i1] = 1.0"),), n)]
    for rule in model.event_rules[number]:
        node = looped.rule(rule)

        def change(row: str, level: int, node: int = node) -> list[Item]:
            return [Add(f"matrix[{row}, {row}] = 0.0"), *gradients.rows(node, row, level, "matrix")]

        items += kernel.each(rule, change)
    return _matrix(kernel, gradients, "reset_jacobian", n, items)


_KERNELS: Mapping[str, Callable[[Model, int], str]] = {
    "rhs": _rhs,
    "jacobian": lambda model, number: _derivative(
        model, "jacobian", Columns("state", len(model.variables))
    ),
    "time_derivative": lambda model, number: _derivative(
        model, "time_derivative", Columns("time", 1)
    ),
    "delay_jacobian": lambda model, number: _derivative(
        model, "delay_jacobian", Columns("delay", len(model.delayed))
    ),
    "diffusion": lambda model, number: _derivative(
        model, "diffusion", Columns("noise", len(model.noise)), noise=True
    ),
    "diffusion_slopes": _diffusion_slopes,
    "history": _history,
    "event": _event,
    "event_gradient": _event_gradient,
    "reset": _reset,
    "reset_jacobian": _reset_jacobian,
}
