"""An XPPAUT file as numbered lines: bytes to text, continuations, includes, arrays written out.

Everything here is about lines; what a line says is read in ``statements``. What a line of
text costs is bounded before it is looked at: the file's size, the length of a line, the
number of lines that ranges such as ``x[1..100]'`` expand to.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from engine.errors import FileFormatError

MAXIMUM_BYTES = 1_000_000
MAXIMUM_LINE = 10_000
MAXIMUM_LINES = 50_000
MAXIMUM_TEXT = 8_000_000
"""Characters after all ranges are written out."""
MAXIMUM_INCLUDES = 20

_RANGE = re.compile(r"\[\s*(-?\d{1,9})\s*\.\.\s*(-?\d{1,9})\s*\]")
_BLOCK = re.compile(r"%\s*\[\s*(-?\d{1,9})\s*\.\.\s*(-?\d{1,9})\s*\]\s*\Z")
_PLACE = re.compile(r"\[j(?:([-+*])(\d{1,9}))?\]")
_FIXED = re.compile(r"\[(\d{1,9})\]")
_INCLUDE = re.compile(r"#include\s+(.*\S)\s*\Z", re.IGNORECASE)
_END = re.compile(r"d(one)?\s*\Z", re.IGNORECASE)


@dataclass(frozen=True)
class Line:
    """A line of text and where it stands.

    Attributes
    ----------
    text : str
        Without blanks at its ends; continued lines are one.
    number : int
        Where it begins in its file, counted from 1.
    file : str
        The included file's name; empty for the file itself.
    template : str
        The line it comes from, where that has a range, with ``[j]`` for the range.
    place, first, last : int
        Its own j, and the ends of that range.
    """

    text: str
    number: int
    file: str = ""
    template: str = ""
    place: int = 0
    first: int = 0
    last: int = 0

    @property
    def ranged(self) -> bool:
        """Whether it comes from a line with a range."""
        return bool(self.template)

    @property
    def where(self) -> str:
        """Where it is, in words."""
        return f"line {self.number}" + (f" of {self.file}" if self.file else "")


def failure(message: str, path: str, line: Line | None = None) -> FileFormatError:
    """An error at a line of a file."""
    return FileFormatError(message, path, line.where if line else "")


def decode(path: Path) -> tuple[str, str]:
    """The text of a file and its encoding.

    Files of this kind are older than UTF-8: what is no UTF-8 is read as Latin-1.

    Raises
    ------
    FileFormatError
        If it cannot be read, is too large, or is no text.
    """
    try:
        if not path.is_file():
            raise FileFormatError("there is no such file", str(path))
        with path.open("rb") as file:
            content = file.read(MAXIMUM_BYTES + 1)
    except OSError as error:
        raise FileFormatError(f"it cannot be read: {error.strerror}", str(path)) from None
    if len(content) > MAXIMUM_BYTES:
        raise FileFormatError(f"an .ode file may have {MAXIMUM_BYTES:,} bytes", str(path))
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise FileFormatError("this is UTF-16; save it as UTF-8 or Latin-1", str(path))
    if b"\0" in content:
        raise FileFormatError(
            f"this is no text: byte {content.index(0)} is zero; an .ode file is plain text",
            str(path),
        )
    try:
        return content.decode("utf-8-sig"), "utf-8"
    except UnicodeDecodeError:
        return content.decode("latin-1"), "latin-1"


def lines(text: str, path: str, folder: Path | None = None) -> list[Line]:
    """The lines that say something, up to ``done``: includes read, ranges written out.

    Comments stay, as they may hold a title or an action.

    Parameters
    ----------
    text : str
    path : str
        Named in errors.
    folder : Path, optional
        Where included files are looked for; without it they are refused.

    Raises
    ------
    FileFormatError
        With the line, if a bound is passed or a range or include cannot be read.
    """
    return _expanded(_with_includes(text, path, folder), path)


def _with_includes(text: str, path: str, folder: Path | None) -> list[Line]:
    found: list[Line] = []
    opened = [0]

    def take(text: str, name: str, depth: int) -> None:
        for line in _joined(text, path, name):
            match = _INCLUDE.match(line.text)
            if match is None:
                if _END.match(line.text):
                    return
                found.append(line)
                continue
            opened[0] += 1
            if depth > 5 or opened[0] > MAXIMUM_INCLUDES:
                raise failure(
                    f"files include each other too deeply, or more than {MAXIMUM_INCLUDES} of them",
                    path,
                    line,
                )
            take(_included(match.group(1), path, folder, line), match.group(1), depth + 1)

    take(text, "", 0)
    return found


def _included(name: str, path: str, folder: Path | None, line: Line) -> str:
    return beside(name, path, folder, line, "the included file")[0]


def beside(name: str, path: str, folder: Path | None, line: Line, what: str) -> tuple[str, Path]:
    """The text of a file that lies in the folder of the .ode file, and where it is.

    Raises
    ------
    FileFormatError
        If there is none, or the name leads out of the folder.
    """
    if folder is None:
        raise failure(
            f"{what} {name!r} is looked for beside a file, and this is only text", path, line
        )
    target = (folder / name).resolve()
    if not target.is_relative_to(folder.resolve()):
        raise failure(f"{what} {name!r} must lie in the folder of the .ode file", path, line)
    try:
        there = target.is_file()
    except OSError as error:  # as a name too long
        raise failure(
            f"{what} {name!r:.200} cannot be read: {error.strerror}", path, line
        ) from None
    if not there:
        raise failure(f"{what} {name!r} is not in the folder {folder}", path, line)
    try:
        return decode(target)[0], target
    except FileFormatError as error:
        raise failure(f"{what} {name!r}: {error}", path, line) from None


def _joined(text: str, path: str, name: str) -> Iterator[Line]:
    """Lines with content, those that end in a backslash joined with the next."""
    begun, parts = 0, []
    for number, raw in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), 1):
        if len(raw) > MAXIMUM_LINE:
            raise failure(
                f"a line may have {MAXIMUM_LINE:,} characters, this has {len(raw):,}; split it "
                "into named quantities",
                path,
                Line("", number, name),
            )
        begun = begun or number
        piece = raw.rstrip()
        if piece.endswith("\\"):
            parts.append(piece[:-1])
            continue
        parts.append(piece)
        whole = "".join(parts).strip()
        if len(whole) > MAXIMUM_LINE:
            raise failure(
                f"a line and those that continue it may have {MAXIMUM_LINE:,} characters, these "
                f"have {len(whole):,}; split it into named quantities",
                path,
                Line("", begun, name),
            )
        if whole:
            yield Line(whole, begun, name)
        begun, parts = 0, []
    if any(part.strip() for part in parts):
        raise failure(
            "the last line ends in a backslash, but nothing follows", path, Line("", begun, name)
        )


def _expanded(given: list[Line], path: str) -> list[Line]:
    found: list[Line] = []
    size = [0]

    def put(line: Line) -> None:
        size[0] += len(line.text)
        if len(found) >= MAXIMUM_LINES or size[0] > MAXIMUM_TEXT:
            raise failure(
                f"the ranges expand to more than {MAXIMUM_LINES:,} lines or {MAXIMUM_TEXT:,} "
                "characters",
                path,
                line,
            )
        found.append(line)

    at = 0
    while at < len(given):
        line = given[at]
        at += 1
        if line.text[0] in '#"':
            found.append(line)
        elif line.text[0] == "%":
            block = _BLOCK.match(line.text)
            if block is None:
                if line.text != "%":
                    raise failure(
                        "a block is opened by %[first..last] and closed by % alone", path, line
                    )
                continue
            end = at
            while end < len(given) and not given[end].text.startswith("%"):
                end += 1
            if end == len(given):
                raise failure("this block is not closed by a line with % alone", path, line)
            for j in _indices(block, path, line):
                for inner in given[at:end]:
                    if inner.text[0] not in '#"':
                        if _RANGE.search(inner.text):
                            raise failure("a range cannot stand inside a block", path, inner)
                        put(replace(inner, text=_at(inner, j, path)))
            at = end + 1
        else:
            ranges = list(_RANGE.finditer(line.text))
            if not ranges:
                put(replace(line, text=_FIXED.sub(r"\1", line.text)))
                continue
            if len(ranges) > 1:
                raise failure(
                    "one range a line; write the further places with [j], as in "
                    "init u[0..9]=1,v[j]=2",
                    path,
                    line,
                )
            before, after = line.text[: ranges[0].start()], line.text[ranges[0].end() :]
            span = _indices(ranges[0], path, line)
            template = _FIXED.sub(r"\1", f"{before}[j]{after}")
            for j in span:
                text = _at(replace(line, text=f"{before}{j}{after}"), j, path)
                put(Line(text, line.number, line.file, template, j, span[0], span[-1]))
    return found


def _indices(match: re.Match[str], path: str, line: Line) -> range:
    first, last = int(match.group(1)), int(match.group(2))
    if abs(last - first) >= MAXIMUM_LINES:
        raise failure(
            f"a range may have {MAXIMUM_LINES:,} places, {match.group()} has "
            f"{abs(last - first) + 1:,}",
            path,
            line,
        )
    return range(first, last + 1) if first <= last else range(first, last - 1, -1)


def _at(line: Line, j: int, path: str) -> str:
    """The line with its ``[j]``, ``[j+1]``, ``[j-1]`` and ``[j*2]`` filled in."""

    def value(match: re.Match[str]) -> str:
        number = int(match.group(2) or 0)
        match match.group(1):
            case "+":
                return str(j + number)
            case "-":
                return str(j - number)
            case "*":
                return str(j * number)
        return str(j)

    text = _FIXED.sub(r"\1", _PLACE.sub(value, line.text))
    if len(text) > MAXIMUM_LINE:
        raise failure(
            f"the line has more than {MAXIMUM_LINE:,} characters with its places filled in",
            path,
            line,
        )
    return text
