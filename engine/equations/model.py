"""The equations of one system, parsed and checked, and what is derived from them.

A `Model` is made of texts; making one refuses whatever the equations cannot mean. Kernels,
programs and LaTeX are derived from it on demand. It holds no parameter values, ranges or
initial state (``engine.systems``) and does not integrate (``engine.integrate``).

Quantities and functions may stand in any order and use each other, the variables, the
parameters and ``t``, as long as none depends on itself. The arguments of a function hide
other things of the same name.

Small models are written out place by place (``unroll``); large ones with families or sums
become loops (``loops``): `Model.loops` says which.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.equations import content, declared, evaluate
from engine.equations import noise as white_noise
from engine.equations.compiled import Compiled
from engine.equations.examine import Examiner
from engine.equations.texts import Texts
from engine.equations.unroll import Unrolled
from engine.errors import EquationError

if TYPE_CHECKING:
    from engine.equations.graph import Graph
    from engine.equations.looped import Looped
    from engine.equations.symbolic import Symbolic

Array = NDArray[np.float64]

LARGEST_UNROLLED = 24
"""Variables up to which a model with families is written out place by place."""
MOST_UNROLLED = 300
"""Operations up to which it is."""


@dataclass(frozen=True)
class Model(Texts):
    """Equations of a system; its fields are those of `Texts`. See the module docstring.

    Raises
    ------
    EquationError
        If a name is unknown, used twice, reserved or defined through itself, or a text
        cannot be read. The message says which equation, quantity or function is at fault.
    """

    def __post_init__(self) -> None:
        declared.check(self)
        white_noise.check_linear(self)
        if self.loops:
            from engine.equations.loops import check_work

            check_work(self)
            self.looped(noise=True)
        else:
            self.unrolled(noise=True)

    @cached_property
    def loops(self) -> bool:
        """Whether the kernels are loops over places; then there are no programs."""
        examiner = Examiner(self)
        cost = 0
        for name, tree in self.quantity_trees.items():
            index, size = self.quantity_places[name]
            ranges = {index: (0, size - 1)} if index else {}
            text = self.quantity_texts[name]
            cost += max(1, size) * examiner.cost(tree, text, f"quantity '{name}'", ranges)
        labelled = [("equation", rule) for rule in self.rules]
        labelled += [("history", rule) for rule in self.history_rules]
        labelled += [("change at an event", r) for rules in self.event_rules for r in rules]
        for what, rule in labelled:
            count = rule.count
            if not count:
                continue
            ranges = {rule.index: (rule.segments[0][0], rule.segments[-1][1] - 1)}
            label = f"{what} of '{rule.head.strip()}'"
            cost += count * examiner.cost(rule.tree, rule.text, label, ranges if rule.index else {})
        for k, tree in enumerate(self.event_trees):
            cost += examiner.cost(tree, self.events[k].when, f"event {k + 1}")
        if not examiner.indexed:
            return False
        return len(self.variables) > LARGEST_UNROLLED or cost > MOST_UNROLLED

    @cached_property
    def autonomous(self) -> bool:
        """Whether the right-hand side does not depend on ``t``."""
        if self.loops:
            return "t" not in self.looped(noise=True).symbols()
        noisy = self.unrolled(noise=True)
        return "t" not in noisy.graph.symbols(noisy.outputs)

    @cached_property
    def noise_kind(self) -> str:
        """``none``, ``additive``, ``diagonal``, ``commutative`` or ``general``.

        Additive: no coefficient depends on the state. Diagonal: every noise enters one
        equation, every equation has one noise, and its coefficient depends on that variable
        only. Commutative: the coefficients' derivatives along each other are the same.
        """
        if self.loops:
            return self.looped(noise=True).noise_kind()
        noisy = self.unrolled(noise=True)
        found = white_noise.coefficients(noisy.graph, noisy.outputs, len(self.noise))
        return white_noise.kind(noisy.graph, found, len(self.noise), len(self.variables))

    @cached_property
    def delayed(self) -> tuple[int, ...]:
        """Row of the variable of every delayed term."""
        if self.loops:
            return self.looped().delayed
        return tuple(row for row, _ in self.unrolled().delayed)

    def lags(self, parameters: Array) -> Array:
        """How far back every delayed term looks, shape ``(d,)``, for values of the parameters.

        Raises
        ------
        EquationError
            If one is negative or no finite number.
        """
        values = {f"p{i}": float(parameters[i]) for i in range(self.parameter_count)}
        if self.loops:
            lags = self.looped().lags(values)
        else:
            unrolled = self.unrolled()
            lags = evaluate.nodes(unrolled.graph, [lag for _, lag in unrolled.delayed], values)
        for row, lag in zip(self.delayed, lags, strict=True):
            if lag is None or not 0 <= lag < np.inf:
                got = "a value that is not finite" if lag is None else f"{lag:g}"
                raise EquationError(
                    f"the delay of '{self.variables[row]}' must be a number not below zero, got "
                    f"{got}"
                )
        return np.array([lag for lag in lags if lag is not None])

    @cached_property
    def partition(self) -> tuple[bool, ...] | None:
        """True where a variable is a position, or None where there is no such split.

        The derivative of every position depends on momenta and t only, that of every
        momentum on positions and t only.
        """
        from engine.equations.dependence import partition

        return partition(self)

    def unrolled(self, noise: bool = False) -> Unrolled:
        """The model written out in a fresh graph; white noises are zero unless asked for.

        Raises
        ------
        EquationError
            If the model is too large for that.
        """
        if self.loops:
            raise EquationError(
                f"{len(self.variables)} variables are too large to write out: a model of this "
                "size runs in loops"
            )
        if self.interpretation == "stratonovich" and not noise:
            return self._converted()
        return Unrolled(self, noise)

    def _converted(self) -> Unrolled:
        """The model written out with the drift of Ito."""
        noisy = Unrolled(self, noise=True)
        found = white_noise.coefficients(noisy.graph, noisy.outputs, len(self.noise))
        plain = Unrolled(self, graph=noisy.graph)
        plain.outputs = white_noise.correction(noisy.graph, found, plain.outputs)
        return plain

    def looped(self, noise: bool = False) -> Looped:
        """The model as loops in a fresh graph; white noises are zero unless asked for."""
        from engine.equations.loop_noise import convert
        from engine.equations.looped import Looped

        looped = Looped(self, noise)
        if self.interpretation == "stratonovich" and not noise:
            looped.converted = convert(Looped(self, noise=True), looped)
        return looped

    def graph(self) -> tuple[Graph, list[int]]:
        """A fresh graph with the right-hand sides: the graph, and a node per variable.

        The symbols are ``t``, ``s<i>`` for variables and ``p<i>`` for the numbers of the
        parameter array.
        """
        unrolled = self.unrolled()
        return unrolled.graph, unrolled.outputs

    # ------------------------------------------------------------ derived things

    @cached_property
    def digest(self) -> str:
        """Content hash: equal for equal mathematics, generator, Numba and Python."""
        return content.digest(self)

    @cached_property
    def compiled(self) -> Compiled:
        """Kernels of the model, each compiled or loaded when first asked for."""
        return Compiled(self)

    def symbolic(self) -> Symbolic:
        """The equations as sympy expressions."""
        from engine.equations.symbolic import symbolic

        return symbolic(self)
