"""Sources of the kernels that a model can have, by name.

One place that says for every kernel which nodes it computes and what shape it has. Models
that are written out take the road of ``emit``; large ones that of ``loops``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from engine.equations import emit, noise
from engine.equations.emit import matrix, write
from engine.equations.graph import Graph
from engine.equations.unroll import Unrolled

if TYPE_CHECKING:
    from engine.equations.model import Model


def source(model: Model, name: str, number: int = 0) -> str:
    """Source of the module of the kernel `name`, of event `number` where there are many.

    The function in the module is called `name`.
    """
    if model.loops:
        from engine.equations.loops import loop_source

        return loop_source(model, name, number)
    build, flat = _UNROLLED[name]
    graph, outputs = build(model, number)
    program = write(graph, outputs, model.tables)
    return (emit.vector_module if flat else emit.matrix_module)(name, program)


_Built = tuple[Graph, list[int]]


def _states(model: Model) -> list[str]:
    return [f"s{i}" for i in range(len(model.variables))]


def _rhs(model: Model, number: int) -> _Built:
    return model.graph()


def _jacobian(model: Model, number: int) -> _Built:
    graph, outputs = model.graph()
    return graph, matrix(graph, outputs, _states(model))


def _time_derivative(model: Model, number: int) -> _Built:
    graph, outputs = model.graph()
    return graph, graph.derivatives(outputs, "t")


def _coefficients(model: Model) -> tuple[Graph, list[int]]:
    """All coefficients of the noises, row by row."""
    noisy = model.unrolled(noise=True)
    count = len(model.noise)
    zero = noisy.graph.number(0.0)
    flat = [zero] * (len(model.variables) * count)
    for (i, k), node in noise.coefficients(noisy.graph, noisy.outputs, count).items():
        flat[i * count + k] = node
    return noisy.graph, flat


def _diffusion(model: Model, number: int) -> _Built:
    return _coefficients(model)


def _diffusion_slopes(model: Model, number: int) -> _Built:
    graph, flat = _coefficients(model)
    return graph, _sparse(graph, flat, _states(model))


def _delay_jacobian(model: Model, number: int) -> _Built:
    graph, outputs = model.graph()
    first = model.parameter_count
    return graph, matrix(graph, outputs, [f"p{first + k}" for k in range(len(model.delayed))])


def _history(model: Model, number: int) -> _Built:
    unrolled = model.unrolled()
    return unrolled.graph, unrolled.rows(model.history_rules, unrolled.states())


def _events(unrolled: Unrolled) -> list[int]:
    return [unrolled.insert(tree) for tree in unrolled.model.event_trees]


def _event(model: Model, number: int) -> _Built:
    unrolled = model.unrolled()
    return unrolled.graph, _events(unrolled)


def _event_gradient(model: Model, number: int) -> _Built:
    unrolled = model.unrolled()
    return unrolled.graph, matrix(unrolled.graph, _events(unrolled), [*_states(model), "t"])


def _reset(model: Model, number: int) -> _Built:
    unrolled = model.unrolled()
    return unrolled.graph, unrolled.rows(model.event_rules[number], unrolled.states())


def _reset_jacobian(model: Model, number: int) -> _Built:
    graph, outputs = _reset(model, number)
    return graph, matrix(graph, outputs, _states(model))


def _sparse(graph: Graph, outputs: Sequence[int], symbols: Sequence[str]) -> list[int]:
    """As `matrix`, without differentiating what does not depend on a symbol."""
    zero = graph.number(0.0)
    out = []
    for output in outputs:
        present = graph.symbols([output])
        out += [
            graph.derivatives([output], symbol)[0] if symbol in present else zero
            for symbol in symbols
        ]
    return out


_UNROLLED: Mapping[str, tuple[Callable[[Model, int], _Built], bool]] = {
    "rhs": (_rhs, True),
    "jacobian": (_jacobian, False),
    "time_derivative": (_time_derivative, True),
    "diffusion": (_diffusion, False),
    "diffusion_slopes": (_diffusion_slopes, False),
    "delay_jacobian": (_delay_jacobian, False),
    "history": (_history, True),
    "event": (_event, True),
    "event_gradient": (_event_gradient, False),
    "reset": (_reset, True),
    "reset_jacobian": (_reset_jacobian, False),
}
"""Kernel -> what builds its nodes, whether its out has one axis."""
