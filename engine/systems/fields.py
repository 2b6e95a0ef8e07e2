"""Checked fields of a document: each is what it should be, or an error names it.

Shared by whatever reads TOML or JSON of a given form. Knows no format of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from engine.equations.evaluate import number
from engine.errors import EquationError, FileFormatError
from engine.exhibit import Value

_MOST_NAMES = 40


class Fields:
    """Takes checked fields out of a document.

    Every method raises `FileFormatError` with the path and the field at fault.

    Parameters
    ----------
    data : dict
        The document.
    key, path : str
        What it is the document of, and the file named in errors.
    """

    def __init__(self, data: dict[str, Any], key: str, path: str) -> None:
        self.data = data
        self.key = key
        self.path = path

    def fail(self, message: str, where: str) -> FileFormatError:
        """An error at a field of this document."""
        return FileFormatError(message, self.path, where)

    def known_fields(self, table: Mapping[str, Any], known: Iterable[str], where: str) -> None:
        """Refuse a field that does not exist, with the one that was probably meant."""
        known = tuple(known)
        for name in table:
            if name not in known:
                close = get_close_matches(str(name), known, 1)
                hint = f"did you mean '{close[0]}'?" if close else f"there are {listed(known)}"
                raise self.fail(f"there is no such field; {hint}", join(where, str(name)))

    def text(
        self, table: Mapping[str, Any], name: str, where: str = "", *, required: bool = False
    ) -> str:
        """A text field; empty where absent and not required."""
        value = table.get(name, "")
        if not isinstance(value, str):
            raise self.fail(f"must be text, got {shown(value)}", join(where, name))
        if required and not value.strip():
            raise self.fail("is missing", join(where, name))
        return value

    def number(self, value: Any, where: str) -> float:
        """A finite number, or arithmetic in quotes."""
        try:
            return number(value)
        except EquationError as error:
            raise self.fail(
                f"must be a finite number, got {shown(value)} ({error.message})", where
            ) from None

    def numbers(
        self,
        value: Any,
        names: Iterable[str],
        where: str,
        prefix: str = "",
    ) -> dict[str, Value]:
        """A table name = number; `prefix` goes before each name."""
        if not isinstance(value, dict):
            raise self.fail(f"must be a table name = number, got {shown(value)}", where)
        self.known_fields(value, names, where)
        return {
            prefix + name: self.number(entry, join(where, name)) for name, entry in value.items()
        }

    def table(
        self, table: Mapping[str, Any], name: str, *, required: bool = False
    ) -> dict[str, Any]:
        """A sub-table; empty where absent and not required."""
        value = table.get(name, {})
        if not isinstance(value, dict):
            raise self.fail(f"must be a table, got {shown(value)}", name)
        if required and not value:
            raise self.fail("is missing or empty", name)
        return value

    def tables(self, name: str) -> list[dict[str, Any]]:
        """An array of tables; empty where absent."""
        value = self.data.get(name, [])
        if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
            raise self.fail(f"must be tables, each written [[{name}]]", name)
        return value

    def texts(
        self, table: Mapping[str, Any], name: str, *, required: bool = False
    ) -> dict[str, str]:
        """A table name = text."""
        found = self.table(table, name, required=required)
        for entry, value in found.items():
            if not isinstance(value, str):
                raise self.fail(f"must be text in quotes, got {shown(value)}", f"{name}.{entry}")
        return dict(found)

    def words(self, table: Mapping[str, Any], name: str) -> tuple[str, ...]:
        """A list of texts."""
        value = table.get(name, [])
        if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
            raise self.fail(f"must be a list of words, got {shown(value)}", name)
        return tuple(value)

    def year(self, table: Mapping[str, Any], name: str, where: str = "") -> int | None:
        """A whole number, or None where absent."""
        value = table.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.fail(f"must be a whole number, got {shown(value)}", join(where, name))
        return value

    def one_of(self, name: str, known: Iterable[str], what: str, where: str) -> None:
        """Refuse a name that is not among those known."""
        names = tuple(known)
        if name not in names:
            raise self.fail(f"there is no {what} '{name}'; there are {listed(names)}", where)


def listed(names: Sequence[str]) -> str:
    """Names as an error lists them, the first ones of many."""
    more = f" and {len(names) - _MOST_NAMES:,} more" if len(names) > _MOST_NAMES else ""
    return f"{', '.join(names[:_MOST_NAMES])}{more}" or "none"


def join(where: str, name: str) -> str:
    """A dotted place in a document."""
    return f"{where}.{name}" if where else name


def shown(value: Any) -> str:
    """A value as an error shows it, cut short."""
    try:
        text = repr(value)
    except ValueError:  # Python prints no integers of thousands of digits.
        return "a number of thousands of digits"
    return text if len(text) <= 60 else f"{text[:57]}..."


def paragraph(text: str) -> str:
    """Line ends become spaces, empty lines stay."""
    parts = [" ".join(part.split()) for part in text.replace("\r\n", "\n").split("\n\n")]
    return "\n\n".join(part for part in parts if part)
