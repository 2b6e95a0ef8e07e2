"""Tables as NumPy archives: arrays ``t``, ``states``, ``names``, ``provenance`` and so on.

Pickled objects are neither written nor read, so that opening an archive runs no code.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import numpy as np

from engine.errors import FileFormatError
from engine.files.provenance import Provenance
from engine.files.table import KINDS, Table, TableKind, checked

_WORDS = ("kind", "names", "provenance")


def write(path: Path, table: Table) -> Iterator[float]:
    """Write `table` to `path`; the numbers are not compressed, chaos does not compress."""
    provenance = table.provenance.json() if table.provenance is not None else "null"
    with open(path, "wb") as file:
        np.savez(
            file,
            allow_pickle=False,
            kind=np.array(table.kind),
            names=np.array(table.names, dtype=np.str_),
            provenance=np.array(provenance),
            **dict(table.arrays),
        )
    yield 1.0


def read(path: Path) -> Table:
    """The table in `path`.

    Raises
    ------
    FileFormatError
        If it is no archive of ours.
    """
    shown = str(path)
    try:
        with open(path, "rb") as file, np.load(file, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
    except OSError as error:
        raise FileFormatError(f"cannot be read: {error.strerror or error}", shown) from error
    except Exception as error:
        # zipfile, zlib and the array reader raise about ten kinds on damaged archives.
        raise FileFormatError("is no NumPy archive, or is damaged", shown) from error
    missing = [name for name in _WORDS if name not in arrays]
    if missing:
        raise FileFormatError(
            f"has no '{missing[0]}'; expected an archive written by this program", shown
        )
    kind, names, words = (arrays.pop(name) for name in _WORDS)
    if str(kind) not in KINDS:
        raise FileFormatError(f"'{kind}' is none of {', '.join(KINDS)}", shown, "kind")
    try:
        data = json.loads(str(words))
    except (ValueError, RecursionError) as error:
        raise FileFormatError("is not JSON", shown, "provenance") from error
    provenance = Provenance.from_dict(data, shown) if isinstance(data, dict) else None
    columns = tuple(str(name) for name in names.ravel())
    return checked(Table(cast(TableKind, str(kind)), columns, arrays, provenance), shown)
