"""A table of numbers with its provenance: what every data file of ours holds.

Three kinds are enough: the rows of a trajectory or of scalars, an orbit diagram, a field.
Each format (``csv_file``, ``npz_file``, ``hdf5_file``) writes and reads a `Table` and
nothing else; this module knows no format.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from engine.errors import FileFormatError, ParameterError
from engine.files.provenance import Provenance

TableKind = Literal["rows", "diagram", "field"]
KINDS: tuple[str, ...] = get_args(TableKind)
NEEDED: Mapping[str, tuple[str, ...]] = {
    "rows": ("t", "states"),
    "diagram": ("parameter_values", "samples"),
    "field": ("field",),
}
"""The arrays a table of each kind holds, by the names they have in NPZ and HDF5 files."""


@dataclass(frozen=True)
class Table:
    """Numbers with names and provenance.

    Attributes
    ----------
    kind : str
        ``rows``, ``diagram`` or ``field``.
    names : tuple of str
        For rows the abscissa, then the k columns; for a diagram the parameter, then the
        variable; for a field what runs along its columns, then along its rows.
    arrays : mapping of str to array
        For rows ``t`` (m,) and ``states`` (m, k); for a diagram ``parameter_values``
        (columns,) and ``samples`` (columns, keep); for a field ``field`` (rows, columns)
        and, where known, ``x`` (columns,) and ``y`` (rows,).
    provenance : Provenance or None
        None where a file read was not written by us.
    """

    kind: TableKind
    names: tuple[str, ...]
    arrays: Mapping[str, NDArray[Any]]
    provenance: Provenance | None = field(default=None)

    @property
    def rows(self) -> NDArray[np.float64]:
        """The rows ``(m, 1 + k)``: abscissa, then the columns.

        Raises
        ------
        ParameterError
            If the table is no table of rows.
        """
        if self.kind != "rows":
            raise ParameterError(f"this file holds a {self.kind}, not rows")
        return np.column_stack([self.arrays["t"], self.arrays["states"]])


def table_of_rows(
    names: Sequence[str], rows: NDArray[np.float64], provenance: Provenance | None
) -> Table:
    """A table from rows ``(m, 1 + k)`` and their 1 + k names.

    Raises
    ------
    ParameterError
        If the number of names is not the number of columns.
    """
    rows = np.asarray(rows, dtype=np.float64)
    if rows.ndim != 2 or rows.shape[1] != len(names) or not names:
        raise ParameterError(
            f"{len(names)} column names ({', '.join(names)}) do not fit rows of shape {rows.shape}"
        )
    return Table("rows", tuple(names), {"t": rows[:, 0], "states": rows[:, 1:]}, provenance)


def checked(table: Table, path: str) -> Table:
    """`table` where its arrays fit its kind and names.

    Raises
    ------
    FileFormatError
        If an array is missing or has a shape that does not fit.
    """
    for name in NEEDED[table.kind]:
        if name not in table.arrays:
            raise FileFormatError(f"a {table.kind} file needs the array '{name}'", path)
    shapes = {name: array.shape for name, array in table.arrays.items()}
    for name, array in table.arrays.items():
        if not np.issubdtype(array.dtype, np.number) and array.dtype != np.bool_:
            raise FileFormatError(f"expected numbers, got {array.dtype}", path, name)
    wide, long = {
        "rows": ("states", "t"),
        "diagram": ("samples", "parameter_values"),
        "field": ("field", ""),
    }[table.kind]
    if len(shapes[wide]) != 2:
        raise FileFormatError(f"expected two dimensions, got shape {shapes[wide]}", path, wide)
    if long and shapes[long] != shapes[wide][:1]:
        raise FileFormatError(
            f"shape {shapes[long]} does not fit '{wide}' of shape {shapes[wide]}", path, long
        )
    if table.kind == "rows" and len(table.names) != shapes[wide][1] + 1:
        raise FileFormatError(
            f"expected {shapes[wide][1] + 1} names, got {len(table.names)}", path, "names"
        )
    for axis, place in (("x", 1), ("y", 0)):
        if table.kind == "field" and axis in shapes and shapes[axis] != (shapes[wide][place],):
            raise FileFormatError(f"shape {shapes[axis]} does not fit the field", path, axis)
    return table
