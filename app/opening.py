"""What a word on the command line opens: a key of the catalogue, or a file of equations.

Files are a system's own format (``.toml``) or XPPAUT's (``.ode``). Sessions are
``session_file``'s business. No Qt.
"""

from __future__ import annotations

from pathlib import Path

from engine.catalogue import catalogue
from engine.errors import UnknownKeyError
from engine.exhibit import Exhibit
from engine.systems.system import System

EQUATIONS = (".toml", ".ode")
"""Suffixes of files of equations."""


def exhibit_of(word: str) -> Exhibit:
    """The exhibit of a key, or of a file of equations.

    Raises
    ------
    UnknownKeyError
        If it is neither.
    FileFormatError
        If the file cannot be read.
    """
    path = Path(word)
    if path.suffix.lower() not in EQUATIONS:
        return catalogue()[word]
    if not path.exists():
        raise UnknownKeyError(f"there is no file '{word}'")
    from engine.exhibits.system import SystemExhibit

    return SystemExhibit(system_from(path))


def system_from(path: Path) -> System:
    """The system in a file of equations.

    Raises
    ------
    FileFormatError
        With path, place and reason.
    """
    if path.suffix.lower() == ".ode":
        return System.from_ode(path)
    from engine.systems import key_of
    from engine.systems.files import read

    return read(path, key_of(path.stem))


def write_system(system: System, path: Path) -> None:
    """Write a system as TOML or, where the name ends in ``.ode``, for XPPAUT.

    Raises
    ------
    FileFormatError
        If the system cannot be said in that format.
    ExportError
        If the file cannot be written, or its name says neither.
    """
    from engine.files.atomic import suffix_of, write_bytes

    text = system.to_ode() if suffix_of(path, EQUATIONS) == ".ode" else system.to_toml()
    write_bytes(path, text.encode())
