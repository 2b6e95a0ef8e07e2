"""The exceptions the engine raises on purpose: one family, each a whole sentence.

A message names the thing, the value, what was expected and what to do, because it is
shown to a person as it stands. Anything else that escapes the engine is a defect.
"""

from __future__ import annotations


class PhasescopeError(Exception):
    """Base of every error raised on purpose."""


class ParameterError(PhasescopeError, ValueError):
    """A parameter, an initial state or a run setting has a value that cannot be used."""


class UnknownKeyError(PhasescopeError, KeyError):
    """A key names no exhibit, system, view or method."""

    def __str__(self) -> str:
        # KeyError shows the repr of its argument; a person is to read a sentence.
        return str(self.args[0]) if self.args else ""


class FileFormatError(PhasescopeError, ValueError):
    """A file cannot be read, with the file and the field at fault.

    Parameters
    ----------
    message : str
        What is wrong and what was expected.
    path : str
        The file.
    field : str
        Where in the file, for example ``parameters.rho.default``.
    """

    def __init__(self, message: str, path: str = "", field: str = "") -> None:
        self.path = path
        self.field = field
        where = ": ".join(part for part in (path, field) if part)
        super().__init__(f"{where}: {message}" if where else message)


class EquationError(PhasescopeError, ValueError):
    """An equation cannot be understood, with line, column and a caret under the place.

    Parameters
    ----------
    message : str
        What is wrong and what was expected.
    text : str
        The equation as typed.
    line, column : int
        Where in `text`, both counted from 1.
    """

    def __init__(self, message: str, text: str = "", line: int = 1, column: int = 1) -> None:
        self.message = message
        self.text = text
        self.line = line
        self.column = column
        super().__init__(f"line {line}, column {column}: {message}")

    def picture(self) -> str:
        """The line at fault with a caret under the column."""
        lines = self.text.splitlines() or [""]
        shown = lines[min(self.line, len(lines)) - 1]
        start = max(0, self.column - 61)
        return f"{shown[start : start + 100]}\n{' ' * (self.column - 1 - start)}^"
