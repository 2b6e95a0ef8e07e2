"""Tables of XPPAUT.

A table is a function given by numbers at even distances, from a file beside the .ode file or
from a formula. Between the numbers it is linear, and beyond its ends it goes on along the
first and the last piece; ours hold the end values, so that what goes on is added by a
function around the table.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine.errors import EquationError
from engine.files.xppaut.evaluation import Numbers, evaluate
from engine.files.xppaut.source import beside, failure
from engine.files.xppaut.statements import Entry

MOST_VALUES = 100_000
_FORMULA = re.compile(r"%\s*(\S+)\s+(\S+)\s+(\S+)\s+(.+)\Z", re.DOTALL)


@dataclass(frozen=True)
class Lookup:
    """A table of numbers; `names` are the parameters that its formula uses, small letters."""

    low: float
    high: float
    values: tuple[float, ...]
    names: frozenset[str] = frozenset()

    @property
    def slopes(self) -> tuple[float, float]:
        """How steep the first and the last piece are."""
        step = (self.high - self.low) / (len(self.values) - 1)
        first, last = self.values[1] - self.values[0], self.values[-1] - self.values[-2]
        return first / step, last / step

    def around(self, table: str, argument: str = "u") -> str:
        """The text that goes on beyond the ends of our table of that name."""
        first, last = self.slopes
        text = f"{table}({argument})"
        if first:
            text += f" + ({first!r})*min({argument} - ({self.low!r}), 0)"
        if last:
            text += f" + ({last!r})*max({argument} - ({self.high!r}), 0)"
        return text


def read_table(
    entry: Entry,
    names: Mapping[str, float],
    functions: Mapping[str, tuple[tuple[str, ...], str]],
    path: str,
    folder: Path | None,
) -> Lookup:
    """The table that a line declares.

    Parameters
    ----------
    entry : Entry
        Its text is a file's name, or ``% points low high formula``.
    names : mapping of str to float
        What the formula may use, besides ``t``.
    functions : mapping of str to (arguments, body)

    Raises
    ------
    FileFormatError
        With the line.
    """
    match = _FORMULA.match(entry.text)
    if match is None:
        if entry.text.startswith("%") or not entry.text:
            raise failure(
                "a table is written: table f file, or table f % points low high formula",
                path,
                entry.line,
            )
        return _from_file(entry, path, folder)
    counts, formula = match.groups()[:3], match.group(4)
    count, low, high = _numbers(counts, path, entry)
    used: set[str] = set()
    places = low + (high - low) * np.arange(count) / (count - 1)
    seen = _Watched({**names, "t": places}, used)
    try:
        values = evaluate(formula, seen, functions)
    except EquationError as error:
        raise failure(
            f"table '{entry.name}': {error.message}\n{error.picture()}", path, entry.line
        ) from error
    numbers = np.broadcast_to(np.asarray(values, dtype=np.float64), (count,))
    if not np.isfinite(numbers).all():
        raise failure(f"table '{entry.name}' has a value that is not finite", path, entry.line)
    return Lookup(low, high, tuple(numbers.tolist()), frozenset(used - {"t"}))


class _Watched(dict[str, Numbers]):
    """Names that note which of them were used."""

    def __init__(self, names: Mapping[str, Numbers], used: set[str]) -> None:
        super().__init__(names)
        self.used = used

    def __getitem__(self, name: str) -> Numbers:
        self.used.add(name)
        return super().__getitem__(name)


def _numbers(words: Sequence[str], path: str, entry: Entry) -> tuple[int, float, float]:
    try:
        count, low, high = int(words[0]), float(words[1]), float(words[2])
    except (ValueError, IndexError):
        raise failure(
            f"table '{entry.name}' needs a whole number of points and two ends that are numbers, "
            f"got {' '.join(words[:3])[:60]!r}",
            path,
            entry.line,
        ) from None
    if not 2 <= count <= MOST_VALUES or not low < high or not np.isfinite([low, high]).all():
        raise failure(
            f"table '{entry.name}' needs 2 to {MOST_VALUES:,} points and low < high, "
            f"got {count:,} from {low:g} to {high:g}",
            path,
            entry.line,
        )
    return count, low, high


def _from_file(entry: Entry, path: str, folder: Path | None) -> Lookup:
    text = beside(entry.text, path, folder, entry.line, "the table's file")[0]
    words = text.split()
    if words and not words[0].isdigit():
        raise failure(
            f"the file of table '{entry.name}' begins with {words[0][:20]!r}; only linear "
            "interpolation is supported: number of points, low, high, values",
            path,
            entry.line,
        )
    count, low, high = _numbers(words, path, entry)
    if len(words) < 3 + count:
        raise failure(
            f"the file of table '{entry.name}' has {len(words) - 3} values, {count} are announced",
            path,
            entry.line,
        )
    try:
        values = tuple(float(word) for word in words[3 : 3 + count])
    except ValueError as error:
        raise failure(f"the file of table '{entry.name}': {error}", path, entry.line) from None
    return Lookup(low, high, values)
