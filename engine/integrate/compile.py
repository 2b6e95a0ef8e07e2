"""From equations and a method to a compiled kernel, now or in the background.

A kernel is asked for by the name of its part: ``trajectory_rk4``, ``trajectory_iterate``,
``lanes_rk4``, ``lanes_iterate``, ``tangent_rk4`` and so on. `best` never compiles: it returns
what is in memory or on disk, so that a caller can start with the drivers of tier 1 and take
the kernel when it is there. This module does not run kernels.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Iterable
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.equations import kernel_cache
from engine.errors import UnknownKeyError
from engine.integrate import kernels, tangent_kernels
from engine.integrate.methods import ITERATE as ITERATE
from engine.integrate.tableaus import TABLEAUS

if TYPE_CHECKING:
    from engine.integrate.compiler import Compiler
    from engine.systems.system import System

Kernel = Callable[..., Any]

_log = logging.getLogger(__name__)
_ready: dict[tuple[str, str], Kernel] = {}
_asked: set[tuple[str, str]] = set()
_absent: set[tuple[str, str]] = set()
_waiting: list[tuple[System, str] | None] = []  # None: what all systems share
_guard = threading.Lock()
_worker: threading.Thread | None = None
_elsewhere: Compiler | None = None
_preparing = False
_may_work = threading.Event()
_may_work.set()
_not_before = 0.0
HELD_AT_MOST = 30.0
"""Seconds after which background compiling goes on whatever `hold` said."""


def part(kind: str, method_key: str) -> str:
    """The name of a kernel: `kind` is ``trajectory``, ``lanes`` or ``tangent``."""
    return f"{kind}_{method_key}"


def specialises(system: System, method_key: str) -> bool:
    """Whether there are kernels of their own for a system and a method.

    Not for large systems, and not where noise, delays or events want to be looked after.
    """
    return (
        (method_key == ITERATE or method_key in TABLEAUS)
        and system.kind in ("flow", "map")
        and not system.hybrid
        and system.dimension <= kernels.LARGEST
        and not system.model.loops
    )


def kernel(system: System, part: str) -> Kernel:
    """The kernel `part` of a system, compiled in this thread where it is not ready.

    Raises
    ------
    UnknownKeyError
        If there is no such part.
    """
    key = system.model.digest, part
    found = _ready.get(key)
    if found is None:
        kind, digest, source = generated(system, part)
        module = kernel_cache.load(part, digest, source)
        found = _ready[key] = getattr(module, kind)
    return found


def best(system: System, part: str) -> Kernel | None:
    """The kernel `part` if it is in memory or was compiled before, else None."""
    key = system.model.digest, part
    found = _ready.get(key)
    if found is None and key not in _asked and key not in _absent:
        if on_disk(system, part):
            return kernel(system, part)
        # Looked for once; what is compiled from now on is in memory.
        _absent.add(key)
    return found


def ready(system: System, part: str) -> bool:
    """Whether the kernel is in memory."""
    return (system.model.digest, part) in _ready


def on_disk(system: System, part: str) -> bool:
    """Whether the kernel was compiled on this machine before."""
    stem = f"{part}_{_digest(system.model.digest, part)}"
    folder = kernel_cache.folder()
    if not (folder / f"{stem}.py").exists():
        return False
    # Numba keeps what it compiled beside the source, unless the person chose a folder for it.
    chosen = os.environ.get("NUMBA_CACHE_DIR")
    places = Path(chosen).glob(f"{folder.name}_*") if chosen else [folder / "__pycache__"]
    return any(next(place.glob(f"{stem}.*.nbc"), None) for place in places)


def request(system: System, parts: Iterable[str]) -> None:
    """Have kernels compiled in the background, one after the other. Returns at once.

    What was asked for last comes first: it is what somebody looks at now.
    """
    with _guard:
        wanted: list[tuple[System, str] | None] = []
        for name in parts:
            key = system.model.digest, name
            if key not in _ready and key not in _asked:
                _asked.add(key)
                wanted.append((system, name))
        _waiting[:0] = wanted
        _begin()


def hold() -> None:
    """Begin no more background compiling until `release`.

    Numba compiles one function at a time: while the first picture waits for its kernels,
    nothing that only makes the next ones faster may stand in their way.
    """
    _may_work.clear()


def release() -> None:
    """Let background compiling go on."""
    _may_work.set()


def hold_back(seconds: float) -> None:
    """Begin no background compiling for that long, whatever `release` says.

    For equations that are being typed: the next ones wait for no kernel of those before.
    With 0 whatever was held back may begin.
    """
    global _not_before
    _not_before = time.monotonic() + seconds


def wait(timeout: float | None = None) -> bool:
    """Wait until nothing is being compiled in the background; False where time ran out."""
    worker = _worker
    if worker is not None:
        worker.join(timeout)
        return not worker.is_alive()
    return True


def _work() -> None:
    global _worker
    while True:
        with _guard:
            # Decided under the lock, so that a request either is seen here or finds no worker.
            if not _waiting:
                _worker = None
                return
        if not _may_work.wait(HELD_AT_MOST):
            # Whoever held has gone or hangs: the next kernels do not wait as long again.
            _may_work.set()
        while (left := _not_before - time.monotonic()) > 0:
            time.sleep(min(left, 0.5))
        with _guard:
            item = _waiting.pop(0)
        if item is None:
            if _elsewhere is not None:
                _elsewhere.prepare()
            continue
        system, name = item
        try:
            if _elsewhere is not None and not ready(system, name):
                _elsewhere.compile(*kernel_cache.write(name, *generated(system, name)[1:]))
            kernel(system, name)
        except Exception:
            # The run goes on with the driver of tier 1.
            _log.exception("the kernel %s of '%s' could not be compiled", name, system.key)


def elsewhere() -> None:
    """Compile in a process of its own what is compiled in the background from now on.

    For programs with a window. Short programs are done before such a process has begun.
    """
    global _elsewhere
    if _elsewhere is None and not getattr(sys, "frozen", False):
        from engine.integrate.compiler import Compiler

        _elsewhere = Compiler()


def prepare() -> None:
    """Have the kernels that all systems share compiled in that process, where there is one."""
    global _preparing
    if _elsewhere is None or _preparing:
        return
    _preparing = True
    from engine.integrate.prepare import prepared

    if not prepared():
        with _guard:
            _waiting.append(None)
            _begin()


def _begin() -> None:
    """Start the worker where there is something to do and none is at it."""
    global _worker
    if (_worker is None or not _worker.is_alive()) and _waiting:
        _worker = threading.Thread(target=_work, name="phasescope-compiler", daemon=True)
        _worker.start()


def generated(system: System, part: str) -> tuple[str, str, Callable[[], str]]:
    """Name of the function in the module, digest of the module, and what writes it."""
    kind, _, key = part.partition("_")
    writers = {
        "trajectory": kernels.trajectory_source,
        "lanes": kernels.lanes_source,
        "tangent": tangent_kernels.tangent_source,
    }
    if kind not in writers or (key != ITERATE and key not in TABLEAUS):
        raise UnknownKeyError(
            f"there is no kernel '{part}'; kernels are called {' or '.join(writers)}, then an "
            f"underscore and one of {ITERATE}, {', '.join(TABLEAUS)}"
        )

    def source() -> str:
        from engine.equations.emit import rhs_program

        tangent = kind == "tangent"
        return writers[kind](
            (tangent_kernels.tangent_program if tangent else rhs_program)(system.model),
            system.values().size,
            None if key == ITERATE else TABLEAUS[key],
        )

    name = "lanes" if kind == "tangent" else kind
    return name, _digest(system.model.digest, part), source


def _digest(model: str, part: str) -> str:
    return kernel_cache.digest(model, part, _generator(part.startswith("tangent")))


@lru_cache(maxsize=2)
def _generator(tangent: bool) -> str:
    here = Path(__file__).parent
    names = ("kernels.py", "sine.py", "tableaus.py", "dop853.py", "codes.py")
    more = ("tangent_kernels.py",) if tangent else ()
    return kernel_cache.fingerprint(here / name for name in (*names, *more))
