"""Tables as HDF5: a dataset an array, and what made them as attributes any tool can show.

The root carries ``exhibit``, ``method``, ``step``, ``seed`` and so on, the group
``values`` one attribute a parameter; the dataset ``provenance`` holds the same as JSON,
which is what reading uses. h5py is imported late.
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

_LONGEST_ATTRIBUTE = 1000
"""HDF5 holds 64 kB in an attribute; longer initial states stand in the JSON only."""


def write(path: Path, table: Table) -> Iterator[float]:
    """Write `table` to `path`; whole numbers are compressed, chaos does not compress."""
    import h5py

    with h5py.File(path, "w") as file:
        file.attrs["kind"] = table.kind
        file.attrs["names"] = list(table.names)
        if table.provenance is not None:
            data = table.provenance.as_dict()
            values = file.create_group("values")
            for name, value in data["values"].items():
                values.attrs[name] = value
            for name, value in data.items():
                if name in ("values", "extra") or value is None:
                    continue
                if not isinstance(value, list) or len(value) <= _LONGEST_ATTRIBUTE:
                    file.attrs[name] = value
            file["provenance"] = table.provenance.json()
        for i, (name, array) in enumerate(table.arrays.items()):
            whole = np.issubdtype(array.dtype, np.integer) or array.dtype == np.bool_
            file.create_dataset(
                name, data=array, compression="gzip" if whole and array.size else None
            )
            yield (i + 1) / len(table.arrays)


def read(path: Path) -> Table:
    """The table in `path`.

    Raises
    ------
    FileFormatError
        If it is no file of ours.
    """
    import h5py

    shown = str(path)
    try:
        with h5py.File(path, "r") as file:
            kind = str(file.attrs.get("kind", ""))
            names = tuple(str(name) for name in np.ravel(file.attrs.get("names", ())))
            words = file["provenance"][()] if "provenance" in file else b"null"
            arrays = {
                name: item[()]
                for name, item in file.items()
                if isinstance(item, h5py.Dataset) and name != "provenance"
            }
    except Exception as error:
        # h5py raises OSError, KeyError, RuntimeError, ValueError and more on damaged files.
        raise FileFormatError("is no HDF5 file, or is damaged", shown) from error
    if kind not in KINDS:
        raise FileFormatError(
            f"'{kind}' is none of {', '.join(KINDS)}; expected a file written by this program",
            shown,
            "kind",
        )
    try:
        data = json.loads(words)
    except (TypeError, ValueError, RecursionError) as error:
        raise FileFormatError("is not JSON", shown, "provenance") from error
    provenance = Provenance.from_dict(data, shown) if isinstance(data, dict) else None
    numbers = {name: np.asarray(array) for name, array in arrays.items()}
    return checked(Table(cast(TableKind, kind), names, numbers, provenance), shown)
