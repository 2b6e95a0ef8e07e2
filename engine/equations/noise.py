"""White noise in the equations: that it enters linearly, its coefficients, its kind.

``x = "mu*x + sigma*x*w"`` means dx = mu x dt + sigma x dW: the coefficient of ``w`` is the
derivative of the right-hand side by ``w``, which is exact because noise enters linearly.
Where the equations are meant in the sense of Stratonovich, the drift that kernels compute
is that of Ito, larger by half the sum over j and k of G_jk dG_ik/dx_j (P. E. Kloeden and
E. Platen, Numerical Solution of Stochastic Differential Equations, Springer 1992, 4.9).
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from engine.equations import evaluate
from engine.equations.nodes import (
    Apply,
    Call,
    Delayed,
    Index,
    Name,
    Node,
    Number,
    Special,
    Sum,
    Total,
    postorder,
)
from engine.equations.words import error_at
from engine.errors import EquationError

if TYPE_CHECKING:
    from engine.equations.graph import Graph
    from engine.equations.model import Model

Coefficients = Mapping[tuple[int, int], int]
"""(variable, noise) -> node, without those that are zero."""


def coefficients(graph: Graph, outputs: Sequence[int], noises: int) -> Coefficients:
    """The coefficients of the noises ``w<k>`` in right-hand sides."""
    zero = graph.number(0.0)
    present = graph.symbols(outputs)
    found: dict[tuple[int, int], int] = {}
    for k in range(noises):
        if f"w{k}" in present:
            for i, slope in enumerate(graph.derivatives(outputs, f"w{k}")):
                if slope != zero:
                    found[i, k] = slope
    return found


def correction(graph: Graph, given: Coefficients, drift: Sequence[int]) -> list[int]:
    """The drift of Ito from that of Stratonovich."""
    out = list(drift)
    zero, half = graph.number(0.0), graph.number(0.5)
    for (i, k), node in given.items():
        for (j, other), factor in given.items():
            if other == k:
                (slope,) = graph.derivatives([node], f"s{j}")
                if slope != zero:
                    part = graph.apply("*", half, graph.apply("*", factor, slope))
                    out[i] = graph.apply("+", out[i], part)
    return out


def kind(graph: Graph, given: Coefficients, noises: int, states: int) -> str:
    """``none``, ``additive``, ``diagonal``, ``commutative`` or ``general``."""
    if not noises:
        return "none"
    state = {f"s{i}" for i in range(states)}
    depends = {place: graph.symbols([node]) & state for place, node in given.items()}
    if not any(depends.values()):
        return "additive"
    rows, columns = [i for i, _ in given], [k for _, k in given]
    one_each = len(set(rows)) == len(rows) and len(set(columns)) == len(columns)
    if one_each and all(names <= {f"s{i}"} for (i, _), names in depends.items()):
        return "diagonal"
    if noises == 1 or _commute(graph, given, noises, states):
        return "commutative"
    return "general"


def _commute(graph: Graph, given: Coefficients, noises: int, states: int) -> bool:
    """Whether L_j G_k = L_k G_j, tried at a few points: identities hold at all of them."""
    if noises * noises * states > 4000:
        return False
    zero = graph.number(0.0)

    def along(j: int, i: int, k: int) -> int:
        """Derivative of G_ik along G_j."""
        total = zero
        if (i, k) in given:
            for row in range(states):
                if (row, j) in given:
                    (slope,) = graph.derivatives([given[i, k]], f"s{row}")
                    total = graph.apply("+", total, graph.apply("*", given[row, j], slope))
        return total

    pairs = [
        (along(j, i, k), along(k, i, j))
        for i in range(states)
        for j in range(noises)
        for k in range(j)
    ]
    wanted = [node for pair in pairs if pair[0] != pair[1] for node in pair]
    names = sorted(graph.symbols(wanted))
    number = random.Random(1)
    for _ in range(4):
        values = evaluate.nodes(graph, wanted, {name: number.uniform(0.3, 0.9) for name in names})
        for left, right in zip(values[::2], values[1::2], strict=True):
            if left is None or right is None:
                return False
            if abs(left - right) > 1e-9 * (abs(left) + abs(right) + 1.0):
                return False
    return True


# ---------------------------------------------------------------- linearity


def check_linear(model: Model) -> None:
    """Refuse white noise that is not multiplied by something free of noise.

    Raises
    ------
    EquationError
        With the place where noise meets noise or enters a function.
    """
    if not model.noise:
        return
    checker = _Checker(model)
    try:
        checker.check()
    except RecursionError:
        raise EquationError("the functions call each other too deeply") from None


class _Checker:
    def __init__(self, model: Model) -> None:
        self.model = model
        self.noisy = {*model.noise, *model.noise_families}
        self.known: dict[tuple[object, ...], bool] = {}

    def check(self) -> None:
        model = self.model
        for name, tree in model.quantity_trees.items():
            if self.depends(tree, model.quantity_texts[name], f"quantity '{name}'", {}):
                self.noisy.add(name)
        for rule in model.rules:
            self.depends(rule.tree, rule.text, f"equation of '{rule.head.strip()}'", {})
        rest = [
            (tree, event.when, f"event {k + 1}")
            for k, (tree, event) in enumerate(zip(model.event_trees, model.events, strict=True))
        ]
        rest += [
            (rule.tree, rule.text, f"'{rule.head.strip()}'")
            for rules in (model.history_rules, *model.event_rules)
            for rule in rules
        ]
        for tree, text, label in rest:
            if self.depends(tree, text, label, {}):
                raise EquationError(
                    f"{label}: white noise has no value at an instant; it belongs in the equations",
                    text,
                )

    def depends(self, tree: Node, text: str, label: str, local: Mapping[str, bool]) -> bool:
        """Whether a text depends on noise; linear, or else an error."""
        done: list[bool] = []
        for node in postorder(tree, Special):
            match node:
                case Number() | Delayed():
                    done.append(False)
                case Name(name):
                    done.append(local.get(name, name in self.noisy))
                case Index(name) | Total(_, name):
                    done.append(name in self.noisy)
                case Sum(_, (_, _, term)):
                    done.append(self.depends(term, text, label, local))
                case Call(function, arguments):
                    given = _take(done, len(arguments))
                    done.append(self.called(function, given, node.at, text, label))
                case Apply(operation, arguments):
                    given = _take(done, len(arguments))
                    if not _linear(operation, given):
                        raise _not_linear(label, text, node.at)
                    done.append(any(given))
        return done[0]

    def called(self, name: str, given: list[bool], at: int, text: str, label: str) -> bool:
        if name in self.model.tables:
            if any(given):
                raise _not_linear(label, text, at)
            return False
        key = (name, *given)
        if key not in self.known:
            function = self.model.function_trees[name]
            local = dict(zip(function.arguments, given, strict=True))
            body_text = self.model.function_texts[name]
            self.known[key] = self.depends(function.body, body_text, f"function '{name}'", local)
        return self.known[key]


def _linear(operation: str, given: list[bool]) -> bool:
    match operation:
        case "+" | "-" | "negate":
            return True
        case "*":
            return not all(given)
        case "/":
            return not given[1]
        case "where":
            return not given[0]
    return not any(given)


def _not_linear(label: str, text: str, at: int) -> EquationError:
    return error_at(
        f"{label}: white noise enters linearly only, as in sigma*x*w: not inside a function, a "
        "power, a condition or a product of noises",
        text,
        at,
    )


def _take(done: list[bool], count: int) -> list[bool]:
    taken = done[len(done) - count :]
    del done[len(done) - count :]
    return taken
