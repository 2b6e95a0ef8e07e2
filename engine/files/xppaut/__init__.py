"""XPPAUT files: ``.ode`` text to a `System`, and a `System` to text.

`read` follows the format's documentation; its expressions have precedences of their own, its
names know no capital letters. What is not supported (integral and algebraic equations, Markov
variables, random numbers inside formulas, compiled libraries) is refused with line and
reason; nothing is guessed, nothing is evaluated as code. `write` says in that format what it
can say, and refuses the rest.

The way in: ``source`` (lines, continuations, includes, ranges), ``statements`` (what each
declares), ``options``, ``expressions`` and ``translate`` (formulas), ``tables``, ``assembly``
(the system). The way out: ``export``.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.systems.system import System

__all__ = ["read", "read_text", "write"]


def read(path: Path | str) -> System:
    """A system from an XPPAUT file.

    Parameters
    ----------
    path : Path
        The key comes from the file's name. Files that it includes and files of tables are
        looked for in its folder.

    Returns
    -------
    System
        ``options`` carries ``total``, ``dt``, ``method``, ``bound`` and whatever else the
        file says about running it; ``encoding`` where it is not UTF-8.

    Raises
    ------
    FileFormatError
        With path, line and reason.

    References
    ----------
    B. Ermentrout, Simulating, Analyzing, and Animating Dynamical Systems, SIAM 2002.
    """
    from engine.files.xppaut.source import decode

    path = Path(path)
    text, encoding = decode(path)
    system = _read(text, path.stem, str(path), path.parent)
    if encoding == "utf-8":
        return system
    options = {**system.options, "encoding": encoding}
    return replace(system, options=MappingProxyType(options))


def read_text(text: str, name: str = "untitled") -> System:
    """A system from the text of an XPPAUT file, which has no folder to look into.

    Raises
    ------
    FileFormatError
        As `read`.
    """
    return _read(text, name, name, None)


def write(system: System) -> str:
    """A system as the text of an XPPAUT file.

    Raises
    ------
    FileFormatError
        With the reason, if something in it cannot be said there.
    """
    from engine.files.xppaut.export import export

    return export(system)


def _read(text: str, name: str, path: str, folder: Path | None) -> System:
    from engine.files.xppaut.assembly import assemble
    from engine.files.xppaut.source import MAXIMUM_BYTES, failure, lines
    from engine.files.xppaut.statements import statements

    if len(text) > MAXIMUM_BYTES:
        raise failure(f"an .ode file may have {MAXIMUM_BYTES:,} characters", path)
    key = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "untitled"
    contents = statements(lines(text, path, folder), path)
    return assemble(contents, key, name, path, folder)
