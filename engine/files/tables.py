"""Trajectories, diagrams and fields as CSV, NPZ or HDF5, by the suffix of the file's name.

Every file carries its `Provenance`, is written under a temporary name and renamed, and
reads back with `read`. Formats live in ``csv_file``, ``npz_file`` and ``hdf5_file``;
pictures in ``engine.figures``.

For developers: a new format is one module with ``write(path, table)``, a generator of the
fraction done, and ``read(path)``, and its line in `FORMATS`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from engine.errors import FileFormatError, ParameterError
from engine.files import csv_file, hdf5_file, npz_file
from engine.files.atomic import replacing, suffix_of
from engine.files.provenance import Provenance
from engine.files.table import Table, table_of_rows
from engine.job import Job, Partial, run

if TYPE_CHECKING:
    from engine.analysis.orbit_diagram import OrbitDiagram
    from engine.integrate.solve import Trajectory

FORMATS: Mapping[str, ModuleType] = {
    ".csv": csv_file,
    ".npz": npz_file,
    ".h5": hdf5_file,
    ".hdf5": hdf5_file,
}
SUFFIXES = (".csv", ".npz", ".h5")
"""The suffixes to offer."""


def writing(path: str | os.PathLike[str], table: Table) -> Job[None]:
    """Write `table` as a job, for large ones; closing it leaves no file behind.

    Raises
    ------
    ExportError
        If the suffix is unknown, the folder missing or not writable, the disk full.
    """
    form = FORMATS[suffix_of(path, (*SUFFIXES, ".hdf5"))]
    with replacing(path) as temporary:
        for fraction in form.write(temporary, table):
            yield Partial(None, fraction, 1.0, f"writing {Path(path).name}")


def write(path: str | os.PathLike[str], table: Table) -> None:
    """Write `table` in the format that the suffix of `path` names; see `writing`."""
    run(writing(path, table))


def write_rows(
    path: str | os.PathLike[str],
    names: Sequence[str],
    rows: NDArray[np.float64],
    provenance: Provenance | None = None,
) -> None:
    """Write the rows of an appended channel.

    Parameters
    ----------
    path : path
        Ends in ``.csv``, ``.npz`` or ``.h5``.
    names : sequence of str
        Of the abscissa and the k columns.
    rows : array (m, 1 + k)
    provenance : Provenance, optional

    Raises
    ------
    ExportError
        If the file cannot be written.
    ParameterError
        If names and columns differ in number.
    """
    write(path, table_of_rows(names, rows, provenance))


def trajectory_table(trajectory: Trajectory, provenance: Provenance | None = None) -> Table:
    """A trajectory as a table, without copying it."""
    return Table(
        "rows",
        ("t", *trajectory.names),
        {"t": np.asarray(trajectory.t), "states": np.asarray(trajectory.states)},
        provenance,
    )


def diagram_table(diagram: OrbitDiagram, provenance: Provenance | None = None) -> Table:
    """An orbit diagram as a table."""
    samples = np.asarray(diagram.samples)
    values = np.asarray(diagram.parameter_values)
    return Table(
        "diagram",
        (diagram.parameter, diagram.variable),
        {"parameter_values": values, "samples": samples},
        provenance,
    )


def write_field(
    path: str | os.PathLike[str],
    field: NDArray[Any],
    provenance: Provenance | None = None,
    names: Sequence[str] = ("column", "row"),
    x: NDArray[np.float64] | None = None,
    y: NDArray[np.float64] | None = None,
) -> None:
    """Write a field (rows, columns).

    Parameters
    ----------
    path : path
    field : array (rows, columns)
    provenance : Provenance, optional
    names : sequence of str
        What runs along the columns and along the rows.
    x, y : array, optional
        Where the columns and rows are.

    Raises
    ------
    ExportError
        If the file cannot be written.
    ParameterError
        If the field has not two dimensions.
    """
    field = np.asarray(field)
    if field.ndim != 2:
        raise ParameterError(f"a field must have two dimensions, got shape {field.shape}")
    arrays: dict[str, NDArray[Any]] = {"field": field}
    arrays |= {name: np.asarray(axis) for name, axis in (("x", x), ("y", y)) if axis is not None}
    write(path, Table("field", tuple(names), arrays, provenance))


def read(path: str | os.PathLike[str]) -> Table:
    """Read a file that one of the functions here wrote, or any CSV table of numbers.

    Raises
    ------
    FileFormatError
        If the file does not exist, has another format or is damaged.
    """
    file = Path(path)
    form = FORMATS.get(file.suffix.lower())
    if form is None:
        raise FileFormatError(
            f"the suffix '{file.suffix}' is none of {', '.join(SUFFIXES)}", str(file)
        )
    try:
        if not file.is_file():
            raise FileFormatError("there is no such file", str(file))
        table: Table = form.read(file)
    except (OSError, ValueError) as error:
        if isinstance(error, FileFormatError):
            raise
        raise FileFormatError(f"cannot be read: {error}", str(file)) from error
    return table
