"""Kernels of a model, each compiled or loaded from the cache folder when first asked for.

What there is and which shape it has; the sources are written by ``emit`` (models written
out) and ``loops`` (large models). Importing Numba and compiling wait for the first use.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.equations import kernel_cache

if TYPE_CHECKING:
    from engine.equations.model import Model

Array = NDArray[np.float64]
Kernel = Callable[[float, Array, Array, Array], None]


class Compiled:
    """What a model is compiled to.

    Every kernel is a Numba function ``kernel(t, state, parameters, out)`` of float64 arrays,
    contiguous, with one of the signatures of ``engine.equations.emit``, which drivers take
    as a `types.FunctionType`. `parameters` holds the parameters, the entries of the arrays
    and the values of the delayed terms. n variables, m noises, d delayed terms, e events.

    Attributes
    ----------
    rhs : callable
        Right-hand side, the drift in the sense of Ito; out ``(n,)`` and may be `state`.
    jacobian : callable
        Its derivatives by the state, ``(n, n)``.
    time_derivative : callable
        Its derivative by t, ``(n,)``.
    diffusion : callable
        Coefficients of the noises, ``(n, m)``.
    diffusion_slopes : callable
        Their derivatives by the state, ``(n*m, n)``: row ``i*m + k`` is that of G[i, k].
    delay_jacobian : callable
        Derivatives of the right-hand side by the delayed terms, ``(n, d)``.
    history : callable
        State at t <= 0, ``(n,)``, where `state` is the initial state.
    event : callable
        What passes through zero, ``(e,)``.
    event_gradient : callable
        Its derivatives by the state, in the last column by t: ``(e, n + 1)``.
    resets, reset_jacobians : tuple of callable
        State after event k, ``(n,)``, where out must not be `state`; its derivatives by the
        state before, ``(n, n)``.
    """

    def __init__(self, model: Model) -> None:
        self._model = model

    def loaded(self, name: str) -> bool:
        """Whether a kernel is here already, so that asking for it takes no time."""
        return name in vars(self)

    def _load(self, name: str, number: int | None = None) -> Kernel:
        from engine.equations.sources import source

        model = self._model
        part = name if number is None else f"{name}{number}"
        module = kernel_cache.load(part, model.digest, lambda: source(model, name, number or 0))
        return getattr(module, name)  # type: ignore[no-any-return]

    @cached_property
    def rhs(self) -> Kernel:
        return self._load("rhs")

    @cached_property
    def jacobian(self) -> Kernel:
        return self._load("jacobian")

    @cached_property
    def time_derivative(self) -> Kernel:
        return self._load("time_derivative")

    @cached_property
    def diffusion(self) -> Kernel:
        return self._load("diffusion")

    @cached_property
    def diffusion_slopes(self) -> Kernel:
        return self._load("diffusion_slopes")

    @cached_property
    def delay_jacobian(self) -> Kernel:
        return self._load("delay_jacobian")

    @cached_property
    def history(self) -> Kernel:
        return self._load("history")

    @cached_property
    def event(self) -> Kernel:
        return self._load("event")

    @cached_property
    def event_gradient(self) -> Kernel:
        return self._load("event_gradient")

    @cached_property
    def resets(self) -> tuple[Kernel, ...]:
        return tuple(self._load("reset", k) for k in range(len(self._model.events)))

    @cached_property
    def reset_jacobians(self) -> tuple[Kernel, ...]:
        return tuple(self._load("reset_jacobian", k) for k in range(len(self._model.events)))

    def latex(self, kind: str, symbols: Mapping[str, str] | None = None) -> tuple[str, ...]:
        """LaTeX lines that matplotlib's mathtext can draw, without dollar signs.

        Parameters
        ----------
        kind : str
            ``flow`` for ``\\dot{x} = ...``, ``map`` for ``x_{n+1} = ...``.
        symbols : mapping of str to str, optional
            LaTeX for names; others are derived from the name (``rho`` -> ``\\rho``).

        Returns
        -------
        tuple of str
            One line a function, one a quantity, then one an equation.
        """
        from engine.equations.latex import lines

        return lines(self._model, kind, symbols or {})
