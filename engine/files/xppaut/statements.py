"""What the lines of an XPPAUT file declare, sorted; what is not supported is refused here.

A line is an assignment (``x'=..``, ``f(u)=..``, ``x(0)=..``), a declaration that begins with
a word (``par``, ``init``, ``aux``, ..), options after ``@``, or a comment. Texts of
expressions are kept as they are; what they mean is worked out in ``assembly``.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field

from engine.equations.words import suggestion
from engine.files.xppaut.source import Line, failure


@dataclass(frozen=True)
class Entry:
    """A name with the text that belongs to it.

    `name` is as written; compare it by `key`, as the format knows no capital letters.
    """

    name: str
    text: str
    line: Line

    @property
    def key(self) -> str:
        """The name in small letters."""
        return self.name.lower()


@dataclass(frozen=True)
class Definition(Entry):
    """A function of the file."""

    arguments: tuple[str, ...]


@dataclass(frozen=True)
class Flag:
    """A ``global``: `sign` of the passage, `condition`, and the changes."""

    sign: int
    condition: str
    changes: tuple[Entry, ...]
    line: Line


@dataclass(frozen=True)
class Settings:
    """A named set of values: a ``set``, or a comment with an action."""

    title: str
    values: tuple[Entry, ...]
    line: Line


@dataclass
class Contents:
    """All that a file declares, each list in the order of the file."""

    equations: list[Entry] = field(default_factory=list)
    maps: set[str] = field(default_factory=set)
    """Variables declared by ``x(t+1)=``."""
    fixed: list[Entry] = field(default_factory=list)
    functions: list[Definition] = field(default_factory=list)
    parameters: list[Entry] = field(default_factory=list)
    numbers: list[Entry] = field(default_factory=list)
    derived: list[Entry] = field(default_factory=list)
    initial: list[Entry] = field(default_factory=list)
    history: list[Entry] = field(default_factory=list)
    """``x(0)=`` for single variables, which stand in `initial` as well."""
    auxiliary: list[Entry] = field(default_factory=list)
    noise: list[Entry] = field(default_factory=list)
    tables: list[Entry] = field(default_factory=list)
    specials: list[Entry] = field(default_factory=list)
    flags: list[Flag] = field(default_factory=list)
    boundaries: list[Entry] = field(default_factory=list)
    settings: list[Settings] = field(default_factory=list)
    options: list[Entry] = field(default_factory=list)
    only: tuple[str, ...] = ()
    title: str = ""


_NAME = r"[A-Za-z]\w*"
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?\Z")
_DERIVATIVE = re.compile(rf"({_NAME})'\Z", re.ASCII)
_QUOTIENT = re.compile(rf"d({_NAME})/dt\Z", re.ASCII | re.IGNORECASE)
_CALL = re.compile(rf"({_NAME})\(([^()]*)\)\Z", re.ASCII)
_PLAIN = re.compile(rf"{_NAME}\Z", re.ASCII)
_WORD = re.compile(r"([A-Za-z]+)(?:\s+(.*))?\Z", re.DOTALL)
_INTEGRAL = re.compile(r"\bint\s*[\[{]", re.IGNORECASE)
_FLAG = re.compile(r"([-+]?\d+)\s*(?:\{([^{}]*)\}|([^{}]+?))\s*\{([^{}]*)\}\s*\Z", re.DOTALL)
_ACTION = re.compile(r"\"\s*\{([^{}]*)\}(.*)\Z")
_SET = re.compile(r"(\S+?)\s*\{([^{}]*)\}\s*\Z", re.DOTALL)

_WORDS: dict[str, tuple[str, ...]] = {
    "parameter": ("parm", "parameters", "params", "parms"),
    "number": ("numbers", "nums"),
    "initial": ("inits", "ics"),
    "auxiliary": (),
    "wiener": (),
    "global": (),
    "boundary": ("bdry", "bndry"),
    "table": ("tabular",),
    "special": (),
    "set": (),
    "only": (),
    "options": (),
    "volterra": (),
    "markov": (),
    "solve": (),
    "export": (),
}
"""Word -> other ways to write it; what it begins with is one as well."""
_UNSUPPORTED = {
    "options": "a file of options is of an older format; write them after @",
    "volterra": "integral equations (Volterra) are not supported",
    "markov": "Markov variables are not supported",
    "solve": "algebraic equations are not supported",
    "export": "functions of a compiled library are not supported",
}


def statements(given: list[Line], path: str) -> Contents:
    """Sort the lines of a file.

    Raises
    ------
    FileFormatError
        With the line, if one cannot be read or says what is not supported.
    """
    reader = _Reader(path)
    for line in given:
        reader.read(line)
    return reader.contents


class _Reader:
    def __init__(self, path: str) -> None:
        self.path = path
        self.contents = Contents()
        self.begun = False

    def fail(self, message: str, line: Line) -> Exception:
        return failure(message, self.path, line)

    def read(self, line: Line) -> None:
        text = line.text
        if not self.begun and text[0] not in '#"' and re.fullmatch(r"\d+(\s+\d+)*", text):
            raise self.fail(
                "this is the old form of the format, in which a file begins with numbers; "
                "xppaut -convert writes the new one",
                line,
            )
        match text[0]:
            case "#":
                if not self.contents.title and not self.begun:
                    self.contents.title = text.strip("#*-=_ \t.")
                return
            case '"':
                self.comment(line)
                return
        self.begun = True
        match text[0]:
            case "@":
                self.options(line)
            case "!":
                name, body = self.halves(text[1:], line)
                if not _PLAIN.match(name):
                    raise self.fail("a derived parameter is written !name=formula", line)
                self.contents.derived.append(Entry(name, body, line))
            case _:
                if not self.assignment(line):
                    self.declaration(line)

    def comment(self, line: Line) -> None:
        match = _ACTION.match(line.text)
        if match is None:
            title = line.text.strip('" \t')
            if not self.begun:
                self.contents.title = self.contents.title or title
            return
        values = self.pairs(match.group(1), line)
        if values:
            title = match.group(2).strip() or match.group(1).strip()
            self.contents.settings.append(Settings(title, values, line))

    # ------------------------------------------------------------ name = formula

    def halves(self, text: str, line: Line) -> tuple[str, str]:
        name, equals, body = text.partition("=")
        if not equals or not body.strip():
            raise self.fail("a formula is missing after '='", line)
        return name.strip(), body.strip()

    def assignment(self, line: Line) -> bool:
        """Whether the line is an assignment; if so it is taken."""
        contents = self.contents
        head = line.text.partition("=")[0].rstrip()
        found = [p.match(head) for p in (_DERIVATIVE, _QUOTIENT, _CALL, _PLAIN)]
        if not any(found) or "=" not in line.text:
            if head == "0":
                raise self.fail("algebraic equations (0=..) are not supported", line)
            return False
        body = self.halves(line.text, line)[1]
        if _INTEGRAL.search(body):
            raise self.fail("integral equations (int{..}) are not supported", line)
        derivative, quotient, call, plain = found
        if derivative or quotient:
            name = (derivative or quotient).group(1)  # type: ignore[union-attr]
            contents.equations.append(Entry(name, body, line))
        elif call:
            self.call(call.group(1), call.group(2), body, line)
        elif plain:
            contents.fixed.append(Entry(head, body, line))
        return True

    def call(self, name: str, inside: str, body: str, line: Line) -> None:
        contents = self.contents
        match inside.replace(" ", "").lower():
            case "t+1":
                contents.equations.append(Entry(name, body, line))
                contents.maps.add(name.lower())
                return
            case "0":
                entry = Entry(name, body, line)
                contents.initial.append(entry)
                if not line.ranged:
                    contents.history.append(entry)
                return
        arguments = tuple(argument.strip() for argument in inside.split(","))
        if not all(_PLAIN.match(argument) for argument in arguments):
            raise self.fail(
                f"'{name}({inside})' is no head of a formula; there are x', dx/dt, x(t+1), x(0) "
                "and functions such as f(u,v)",
                line,
            )
        if len({argument.lower() for argument in arguments}) < len(arguments):
            raise self.fail(f"function '{name}' names an argument twice", line)
        if len(arguments) > 9:
            raise self.fail(f"a function has up to 9 arguments, '{name}' has more", line)
        contents.functions.append(Definition(name, body, line, arguments))

    # ------------------------------------------------------------ word and what it declares

    def declaration(self, line: Line) -> None:
        match = _WORD.match(line.text)
        word = match.group(1).lower() if match else ""
        rest = (match.group(2) or "").strip() if match else ""
        kinds = [
            kind
            for kind, others in _WORDS.items()
            if word and (kind.startswith(word) or any(other.startswith(word) for other in others))
        ]
        if len(kinds) > 1:
            raise self.fail(f"'{word}' may be {' or '.join(kinds)}; write it out", line)
        if not kinds:
            shown = line.text if len(line.text) <= 60 else f"{line.text[:57]}..."
            raise self.fail(
                f"this line cannot be read: {shown!r}"
                + (suggestion(word, _WORDS) if word and rest else "; a formula is name=.."),
                line,
            )
        kind = kinds[0]
        if kind in _UNSUPPORTED:
            raise self.fail(_UNSUPPORTED[kind], line)
        if not rest:
            raise self.fail(f"nothing is declared after '{word}'", line)
        self.declared(kind, rest, line)

    def declared(self, kind: str, rest: str, line: Line) -> None:
        contents = self.contents
        match kind:
            case "parameter":
                contents.parameters += self.numbers(rest, line)
            case "number":
                contents.numbers += self.numbers(rest, line)
            case "initial":
                contents.initial += self.numbers(rest, line)
            case "auxiliary":
                name, body = self.halves(rest, line)
                contents.auxiliary.append(Entry(name, body, line))
            case "wiener":
                for entry in self.pairs(rest, line):
                    if entry.text:
                        raise self.fail("a Wiener variable has no value", line)
                    contents.noise.append(entry)
            case "only":
                contents.only += tuple(entry.name for entry in self.pairs(rest, line))
            case "global":
                contents.flags.append(self.flag(rest, line))
            case "boundary":
                contents.boundaries.append(Entry("", rest, line))
            case "table":
                name, _, body = rest.partition(" ")
                contents.tables.append(Entry(name, body.strip(), line))
            case "special":
                name, body = self.halves(rest, line)
                contents.specials.append(Entry(name, body, line))
            case "set":
                match = _SET.match(rest)
                if match is None:
                    raise self.fail("a set is written: set name {a=1,b=2}", line)
                values = self.pairs(match.group(2), line)
                contents.settings.append(Settings(match.group(1), values, line))

    def flag(self, rest: str, line: Line) -> Flag:
        match = _FLAG.match(rest)
        if match is None:
            raise self.fail("an event is written: global 1 {x-1} {x=0;y=y+1}", line)
        sign = int(match.group(1))
        if sign not in (1, -1):
            raise self.fail(
                "an event happens where its condition passes zero upwards (1) or downwards (-1); "
                f"{sign} is not supported",
                line,
            )
        changes = []
        for part in match.group(4).split(";"):
            if part.strip():
                name, body = self.halves(part, line)
                changes.append(Entry(name, body, line))
        return Flag(sign, (match.group(2) or match.group(3)).strip(), tuple(changes), line)

    def pairs(self, text: str, line: Line) -> tuple[Entry, ...]:
        """``a=1, b=2 c``: names with the texts of their values, which may be empty."""
        found = []
        for piece in re.split(r"[,\s]+", text.strip().strip(",")):
            name, equals, value = piece.partition("=")
            if (not name and piece) or (equals and not value):
                raise self.fail(
                    f"a value is written name=value without blanks, got {piece!r}", line
                )
            if name:
                found.append(Entry(name, value, line))
        return tuple(found)

    def numbers(self, text: str, line: Line) -> list[Entry]:
        found = []
        for entry in self.pairs(text, line):
            if not _PLAIN.match(entry.name):
                raise self.fail(
                    f"{entry.name!r} is no name; a letter, then letters, digits or underscores",
                    line,
                )
            value = entry.text or "0"
            if not _NUMBER.match(value) or not math.isfinite(float(value)):
                raise self.fail(
                    f"the value of '{entry.name}' must be a number, got {value!r}; what depends on "
                    "others is written !name=formula",
                    line,
                )
            found.append(Entry(entry.name, value, line))
        return found

    def options(self, line: Line) -> None:
        for entry in self.pairs(line.text[1:], line):
            if not entry.text:
                raise self.fail(f"option '{entry.name}' has no value", line)
            self.contents.options.append(entry)
