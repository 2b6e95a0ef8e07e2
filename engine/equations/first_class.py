"""Numba's types for kernels that take equations as an argument.

A kernel with one of these in its signature is compiled once and serves every system. Apart
from ``emit`` because importing this imports the compiler: import it late.
"""

from __future__ import annotations

from numba import types

from engine.equations.emit import JACOBIAN_SIGNATURE, SIGNATURE


def _first_class(signature: str) -> types.FunctionType:
    from numba.core import sigutils

    arguments, result = sigutils.normalize_signature(signature)
    return types.FunctionType(result(*arguments))


RIGHT_HAND_SIDE = _first_class(SIGNATURE)
"""``rhs(t, state, parameters, out)`` of `engine.equations.model.Compiled`."""
JACOBIAN = _first_class(JACOBIAN_SIGNATURE)
"""``jacobian(t, state, parameters, out)``."""
