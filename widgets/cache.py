"""The folder for pictures that can be made again: drawn formulas, recoloured icons."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from functools import lru_cache
from pathlib import Path


def folder(part: str) -> Path:
    """The folder `part` of the cache, made if absent.

    ``PHASESCOPE_CACHE`` names another folder than the user's cache folder. Where neither
    can be written, a temporary folder serves until the program ends.
    """
    return _usable(os.environ.get("PHASESCOPE_CACHE", ""), part)


@lru_cache(maxsize=16)
def _usable(override: str, part: str) -> Path:
    if override:
        wanted = Path(override).expanduser() / part
    else:
        from platformdirs import user_cache_path

        wanted = user_cache_path("phasescope", appauthor=False) / part
    try:
        wanted.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=wanted):
            return wanted
    except OSError:
        spare = Path(tempfile.mkdtemp(prefix=f"phasescope-{part}-"))
        atexit.register(shutil.rmtree, spare, ignore_errors=True)
        return spare


def write(path: Path, content: bytes) -> None:
    """Write a file under a temporary name and rename it, so that no reader sees half of it."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.replace(name, path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
