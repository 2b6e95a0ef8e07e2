"""Kernels that are compiled, or loaded from the cache, when they are first called.

Numba compiles a function with a signature where it is defined, so that importing a module
waits for every kernel in it. The first picture after an installation needs half of them.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from typing import Any, TypeVar, cast

Kernel = TypeVar("Kernel", bound=Callable[..., Any])

_compiling = threading.Lock()
waiting: list[Callable[[], Callable[..., Any]]] = []
"""What compiles each kernel, called or not, of the modules that were imported."""


def kernel(signature: str, **options: Any) -> Callable[[Kernel], Kernel]:
    """Compile a function for one signature at its first call; for calls from Python only.

    Parameters
    ----------
    signature : str
        In Numba's words; arguments are converted to it.
    **options
        More for Numba, besides ``nogil`` and ``cache``.
    """

    def wrap(function: Kernel) -> Kernel:
        compiled: Callable[..., Any] | None = None

        def prepare() -> Callable[..., Any]:
            nonlocal compiled
            # Two threads draw: one compiles, the other waits for it.
            with _compiling:
                if compiled is None:
                    from numba import njit

                    compiled = njit(signature, nogil=True, cache=True, **options)(function)
            return compiled

        @functools.wraps(function)
        def call(*arguments: Any) -> Any:
            return (compiled or prepare())(*arguments)

        waiting.append(prepare)
        return cast(Kernel, call)

    return wrap
