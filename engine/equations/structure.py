"""What the equations tell about the flow: divergence, Hamiltonian form, positions and momenta.

For a person who types equations, as fast as they type. Divergence and Jacobian are exact;
whether a system is Hamiltonian is decided by the symmetry of its Jacobian at a few points,
which for such expressions holds everywhere or fails at once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from engine.equations import evaluate
from engine.equations.algebra import text
from engine.equations.dependence import partition
from engine.equations.emit import matrix
from engine.equations.grammar import parse
from engine.equations.latex import expression
from engine.equations.vocabulary import Vocabulary
from engine.errors import EquationError

if TYPE_CHECKING:
    from engine.equations.model import Model

Array = NDArray[np.float64]
Volume = Literal["shrinks", "kept", "grows", "varies"]

LARGEST_SHOWN = 8
"""Variables up to which the Jacobian is written out."""
LARGEST_PAIRED = 12
"""Variables up to which any pairing of positions and momenta is tried."""
LARGEST_TRIED = 200
"""Variables of a large model up to which its Jacobian is looked at."""
_POINTS = 4


@dataclass(frozen=True)
class Structure:
    """What is known about the equations of a flow or a map.

    Attributes
    ----------
    divergence : str
        Trace of the Jacobian in the language of equations; empty for maps and where a large
        model has none that is the same everywhere.
    divergence_latex : str
    divergence_value : float or None
        Its value where it depends on nothing but parameters, and these are known.
    jacobian, jacobian_latex : tuple of tuple of str
        Row by row; empty for more than `LARGEST_SHOWN` variables.
    hamiltonian : bool
        Whether the system is Hamiltonian in the variables as they are.
    pairs : tuple of (str, str)
        Position and momentum of every degree of freedom; empty where not Hamiltonian.
    separable : bool
        Whether positions depend on momenta only and momenta on positions only.
    volume : str
        What becomes of volumes in state space: ``shrinks``, ``kept``, ``grows``, or
        ``varies`` from place to place or with parameters that are not known.
    """

    divergence: str
    divergence_latex: str
    divergence_value: float | None
    jacobian: tuple[tuple[str, ...], ...]
    jacobian_latex: tuple[tuple[str, ...], ...]
    hamiltonian: bool
    pairs: tuple[tuple[str, str], ...]
    separable: bool
    volume: Volume

    @property
    def dissipative(self) -> bool:
        """Whether volumes shrink everywhere."""
        return self.volume == "shrinks"


def structure(model: Model, parameters: Array | None = None, kind: str = "flow") -> Structure:
    """Look at a model.

    Parameters
    ----------
    model : Model
    parameters : array, optional
        Values as kernels take them; without them nothing is said that depends on them.
    kind : str
        ``map`` for maps; everything else is a flow (its drift).

    Returns
    -------
    Structure
    """
    separable = kind != "map" and model.partition is not None
    if model.loops:
        return _large(model, parameters, kind, separable)
    graph, outputs = model.graph()
    n = len(outputs)
    nodes = matrix(graph, outputs, [f"s{i}" for i in range(n)])
    names = _names(model)
    rows: tuple[tuple[str, ...], ...] = ()
    if n <= LARGEST_SHOWN:
        rows = tuple(
            tuple(text(graph, node, names) for node in nodes[i * n : (i + 1) * n]) for i in range(n)
        )
    known = {} if parameters is None else {f"p{i}": float(p) for i, p in enumerate(parameters)}
    samples = _sampled(model, lambda symbols: evaluate.nodes(graph, nodes, {**symbols, **known}))
    divergence, value = "", None
    if kind != "map":
        trace = graph.number(0.0)
        for i in range(n):
            trace = graph.apply("+", trace, nodes[i * (n + 1)])
        divergence = text(graph, trace, names)
        present = graph.symbols([trace])
        if present <= set(known) and "t" not in present:
            (value,) = evaluate.nodes(graph, [trace], known)
        elif _is_number(divergence):
            value = float(divergence)
    pairs = _pairs(model, samples) if kind != "map" else ()
    return Structure(
        divergence,
        _latex(model, divergence),
        value,
        rows,
        tuple(tuple(_latex(model, entry) for entry in row) for row in rows),
        bool(pairs),
        pairs,
        separable,
        _volume_of_map(samples) if kind == "map" else _volume(value),
    )


def _large(model: Model, parameters: Array | None, kind: str, separable: bool) -> Structure:
    """From the Jacobian at a few points."""
    samples: list[Array] = []
    n = len(model.variables)
    if parameters is not None and n <= LARGEST_TRIED and not model.delays:
        random = np.random.default_rng(1)
        for _ in range(_POINTS):
            out = np.empty((n, n))
            state = random.uniform(0.3, 0.9, n)
            model.compiled.jacobian(0.5, state, np.array(parameters, dtype=np.float64), out)
            samples.append(out)
    traces = [float(np.trace(sample)) for sample in samples]
    constant = bool(traces) and max(traces) - min(traces) <= 1e-9 * (1 + max(map(abs, traces)))
    value = round(traces[0], 9) + 0.0 if constant and kind != "map" else None
    shown = "" if value is None else f"{value:.9g}"
    pairs = _pairs(model, samples) if kind != "map" else ()
    volume = _volume_of_map(samples) if kind == "map" else _volume(value)
    return Structure(
        shown, _latex(model, shown), value, (), (), bool(pairs), pairs, separable, volume
    )


def _names(model: Model) -> dict[str, str]:
    """What the symbols of the graph are called in texts."""
    names = {f"s{i}": name for i, name in enumerate(model.variables)}
    names |= {f"p{i}": name for i, name in enumerate(model.parameters)}
    for name, base in model.array_offsets.items():
        shape = model.arrays[name]
        for k, place in enumerate(np.ndindex(*shape)):
            if k > 1000:
                break
            names[f"p{base + k}"] = f"{name}[{', '.join(map(str, place))}]"
    for k, row in enumerate(model.delayed):
        names[f"p{model.parameter_count + k}"] = f"{model.variables[row]}_past{k + 1}"
    return names


def _latex(model: Model, shown: str) -> str:
    if not shown:
        return ""
    try:
        return expression(parse(shown, Vocabulary(functions=dict.fromkeys(model.tables, 1))))
    except EquationError:
        # Too long for a line of the language: the text itself has to do.
        return ""


def _is_number(shown: str) -> bool:
    try:
        float(shown)
    except ValueError:
        return False
    return True


def _volume(value: float | None) -> Volume:
    if value is None:
        return "varies"
    return "shrinks" if value < 0 else "grows" if value > 0 else "kept"


def _volume_of_map(samples: list[Array]) -> Volume:
    if not samples:
        return "varies"
    sizes = [abs(float(np.linalg.det(sample))) for sample in samples]
    if all(abs(size - 1) < 1e-9 for size in sizes):
        return "kept"
    if max(sizes) - min(sizes) > 1e-9 * max(sizes):
        return "varies"
    return "shrinks" if sizes[0] < 1 else "grows"


def _sampled(
    model: Model, evaluated: Callable[[dict[str, float]], list[float | None]]
) -> list[Array]:
    """Jacobians at a few points where they are finite, none where there is no such point."""
    n = len(model.variables)
    random = np.random.default_rng(1)
    width = model.parameter_count + len(model.delayed)
    samples: list[Array] = []
    for low, high in ((0.3, 0.9), (1.3, 2.1)):
        for _ in range(_POINTS):
            numbers = random.uniform(low, high, n + width + 1).tolist()
            symbols = {f"s{i}": numbers[i] for i in range(n)}
            symbols |= {f"p{i}": numbers[n + i] for i in range(width)} | {"t": numbers[-1]}
            values = evaluated(symbols)
            finite = [value for value in values if value is not None]
            if len(finite) == len(values):
                samples.append(np.array(finite).reshape(n, n))
        if len(samples) >= _POINTS:
            break
        samples = []
    return samples


def _pairs(model: Model, samples: list[Array]) -> tuple[tuple[str, str], ...]:
    """Positions and momenta of a Hamiltonian system, or nothing.

    With q' = dH/dp and p' = -dH/dq the rows -J[p] and J[q] make the Hessian of H, which is
    symmetric.
    """
    n = len(model.variables)
    if n % 2 or not samples or model.noise or model.delays:
        return ()
    stack = np.array(samples)
    scale = 1e-9 * (1.0 + float(np.abs(stack).max()))

    def fits(pairs: list[tuple[int, int]]) -> bool:
        hessian = {}
        for position, momentum in pairs:
            hessian[position], hessian[momentum] = -stack[:, momentum], stack[:, position]
        places = [place for pair in pairs for place in pair]
        whole = np.array([hessian[place][:, places] for place in places])
        return bool(np.abs(whole - whole.transpose(2, 1, 0)).max() <= scale)

    def search(pairs: list[tuple[int, int]], left: list[int]) -> list[tuple[int, int]] | None:
        if not left:
            return pairs
        first, *rest = left
        for other in rest:
            remaining = [place for place in rest if place != other]
            for pair in ((first, other), (other, first)) if pairs else ((first, other),):
                if fits([*pairs, pair]):
                    found = search([*pairs, pair], remaining)
                    if found is not None:
                        return found
        return None

    half = n // 2
    usual = [[(i, half + i) for i in range(half)], [(2 * i, 2 * i + 1) for i in range(half)]]
    found = next((pairs for pairs in usual if fits(pairs)), None)
    if found is None and n <= LARGEST_PAIRED:
        found = search([], list(range(n)))
    return tuple((model.variables[q], model.variables[p]) for q, p in found or ())


__all__ = ["Structure", "partition", "structure"]
