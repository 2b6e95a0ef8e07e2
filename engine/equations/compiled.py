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
    """What a model is compiled to. Importing Numba and compiling wait for the first use.

    Attributes
    ----------
    rhs : callable
        ``rhs(t, state, parameters, out)``; state and out of shape ``(n,)``, contiguous
        float64. A Numba function with the one signature ``engine.equations.emit.SIGNATURE``
        that drivers take as a `types.FunctionType`; `out` may be `state`.
    jacobian : callable
        ``jacobian(t, state, parameters, out)`` with out of shape ``(n, n)``.
    """

    def __init__(self, model: Model) -> None:
        self._model = model

    @cached_property
    def rhs(self) -> Kernel:
        from engine.equations.emit import rhs_module

        module = kernel_cache.load("rhs", self._model.digest, lambda: rhs_module(self._model))
        return module.rhs  # type: ignore[no-any-return]

    @cached_property
    def jacobian(self) -> Kernel:
        from engine.equations.emit import jacobian_module

        module = kernel_cache.load(
            "jacobian", self._model.digest, lambda: jacobian_module(self._model)
        )
        return module.jacobian  # type: ignore[no-any-return]

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
