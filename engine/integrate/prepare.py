"""Compiles, once for a machine, the kernels that all systems share.

Drivers, pictures and analyses are compiled when they are first used, which is seconds of
waiting here and there on a new machine. `prepare` does all of it beforehand: while the
program is installed, or in a process beside the window. What belongs to one system is
compiled when that system is opened (``compile``).
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from engine.equations import kernel_cache

_ENGINE = Path(__file__).resolve().parent.parent
# What is needed first comes first.
_FIRST = (
    "integrate.drivers.fixed",
    "integrate.drivers.iterate",
    "drawing._curve_kernels",
    "drawing.raster",
    "drawing.brush",
    "drawing.decimate",
    "analysis.flow_field",
    "analysis.flow_lines",
    "analysis._orbit_kernels",
    "integrate.drivers.adaptive",
    "integrate.drivers.events",
    "integrate.drivers.hybrid",
    "integrate.drivers.symplectic",
    "integrate.drivers.delay",
    "integrate.drivers.stiff",
    "integrate.drivers.euler_maruyama",
    "integrate.drivers.milstein",
    "integrate.drivers.sra1",
    "analysis._tangent_frame",
    "analysis._tangent_map",
    "analysis._tangent_flow",
    "analysis._tangent_delay",
    "analysis._tangent_noise",
    "analysis._tangent_stiff",
)
_QUICK = _FIRST.index("analysis._orbit_kernels") + 1
MODULES = tuple(
    dict.fromkeys(
        (
            *_FIRST,
            *(f"analysis.{path.stem}" for path in sorted(_ENGINE.glob("analysis/_*_kernels.py"))),
        )
    )
)
"""Modules of the engine with kernels for every system. Those of one exhibit are not here."""


def prepared() -> bool:
    """Whether the kernels of this very program were compiled on this machine."""
    return _mark().exists()


def steps(quick: bool = False) -> Iterator[str]:
    """Compile kernel after kernel; yields the name of the module at work after each.

    Loading takes milliseconds where a kernel is in Numba's cache.

    Parameters
    ----------
    quick : bool
        Only what the first pictures need: seconds instead of a minute.
    """
    from engine.drawing import _kernel

    done = 0
    for name in _FIRST[:_QUICK] if quick else MODULES:
        import_module(f"engine.{name}")
        yield name
        while done < len(_kernel.waiting):
            _kernel.waiting[done]()
            done += 1
            yield name
    if not quick:
        with contextlib.suppress(OSError):
            _mark().touch()


def _mark() -> Path:
    """The file that says that all is compiled; another one after any change of the source."""
    rows = []
    for name in MODULES:
        path = _ENGINE.joinpath(*name.split(".")).with_suffix(".py")
        with contextlib.suppress(OSError):
            # What Numba looks at as well.
            stat = path.stat()
            rows.append(f"{path} {stat.st_mtime_ns} {stat.st_size}")
    return kernel_cache.folder() / f"prepared_{kernel_cache.digest(*rows)}"
