"""The names of an XPPAUT file and what they mean: the ground that its parts are built on.

A `Draft` checks the names against each other, gives each the name it has with us, and
translates formulas, so that an error is told with the line it stands in. What is made of
them is in ``assembly``, ``starts`` and ``looks``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from functools import cached_property
from pathlib import Path

import numpy as np

from engine.equations.words import check_name
from engine.errors import EquationError, FileFormatError
from engine.files.xppaut.evaluation import evaluate
from engine.files.xppaut.expressions import WORDS
from engine.files.xppaut.families import Group, Plan, Unfolded
from engine.files.xppaut.options import Options
from engine.files.xppaut.places import Folding
from engine.files.xppaut.scope import Scope
from engine.files.xppaut.source import Line, failure
from engine.files.xppaut.statements import Contents, Entry
from engine.files.xppaut.translate import translate


class Draft:
    """What is known of a file while its system is put together.

    Attributes
    ----------
    contents : Contents
    options : Options
    path : str
        Named in errors.
    folder : Path or None
        Where other files are looked for.
    scope : Scope
    notes : list of str
        Sentences for the system's notes.
    lines : dict of str to Line
        Our name -> where it is declared.
    uses : dict of str to set of str
        Function -> what its body uses, in small letters.
    frozen : frozenset of str
        Parameters that cannot be changed, as a table is worked out with them.
    """

    def __init__(
        self, contents: Contents, options: Options, path: str, folder: Path | None
    ) -> None:
        self.contents = contents
        self.options = options
        self.path = path
        self.folder = folder
        self.notes: list[str] = []
        self.lines: dict[str, Line] = {}
        self.uses: dict[str, set[str]] = {}
        self.frozen: frozenset[str] = frozenset()
        self._taken: set[str] = set()
        self.index = ""
        self.scope = self._names()

    def fail(self, message: str, line: Line | None = None) -> FileFormatError:
        """An error at a line."""
        return failure(message, self.path, line)

    # ------------------------------------------------------------ names

    def _names(self) -> Scope:
        contents = self.contents
        groups: tuple[tuple[str, Iterable[Entry]], ...] = (
            ("a variable", contents.equations),
            ("a parameter", contents.parameters),
            ("a number", contents.numbers),
            ("a derived parameter", contents.derived),
            ("a temporary variable", contents.fixed),
            ("a Wiener variable", contents.noise),
            ("a function", contents.functions),
            ("a table", contents.tables),
            ("a special", contents.specials),
        )
        owners: dict[str, tuple[str, Line]] = {}
        scope = Scope()
        for what, entries in groups:
            for entry in entries:
                if entry.key in WORDS:
                    raise self.fail(
                        f"{what} cannot be called '{entry.name}', a word of the format", entry.line
                    )
                if entry.key in owners:
                    other, line = owners[entry.key]
                    raise self.fail(
                        f"'{entry.name}' is {what} and also {other} ({line.where}); capital "
                        "letters make no difference",
                        entry.line,
                    )
                owners[entry.key] = what, entry.line
                ours = self.ours(entry)
                if what in ("a function", "a table"):
                    arguments = getattr(entry, "arguments", ("u",))
                    scope.functions[entry.key] = ours, len(arguments)
                elif what != "a special":
                    scope.names[entry.key] = ours
        scope.variables = tuple(entry.key for entry in contents.equations)
        scope.constants = {entry.key: float(entry.text) for entry in contents.numbers}
        constant = (*contents.parameters, *contents.numbers, *contents.derived)
        scope.fixed = frozenset(entry.key for entry in constant)
        scope.rows = [
            [entry.key for entry in entries]
            for entries in (contents.equations, contents.fixed, contents.parameters)
        ]
        if self.options.number("t0"):
            scope.start = repr(self.options.number("t0"))
            self.notes.append(
                f"The file starts at t0 = {scope.start}; here t counts from the start, and the "
                f"equations hold t + {scope.start}."
            )
        scope.remainder = self.free("remainder")
        return scope

    def ours(self, entry: Entry) -> str:
        """The name a thing has with us; noted where it differs."""
        name = self.free(entry.name)
        if name != entry.name:
            self.notes.append(f"'{entry.name}' is called '{name}' here.")
        self.lines[name] = entry.line
        return name

    def free(self, name: str) -> str:
        """A name that our language allows and nothing has yet."""
        name = re.sub(r"\W+", "_", name, flags=re.ASCII).strip("_")[:50] or "x"
        if name[0].isdigit():
            name = f"x{name}"
        while True:
            try:
                check_name(name, "this")
            except EquationError:
                name += "_"
                continue
            if name not in self._taken:
                self._taken.add(name)
                return name
            name += "_"

    def fold(self, families: Plan) -> None:
        """Keep ranges as families.

        Raises
        ------
        Unfolded
            If a name is taken, or not what it is in the file.
        """
        for groups in (families.variables, families.fixed, families.noise):
            for group in groups.values():
                # Places bear the family's name and a number, with us as in the file.
                names = (f"{group.key}{place}" for place in range(group.size))
                spelled = all(
                    self.scope.names[name] == f"{group.name}{place}"
                    for place, name in enumerate(names)
                )
                if not spelled or self.free(group.name) != group.name:
                    raise Unfolded(group.name)
        self.index = self.free("i")
        arrays: dict[str, str] = {}

        def array(table: str) -> str:
            if table not in arrays:
                arrays[table] = self.free(f"{table}_weights")
            return arrays[table]

        self.scope.folding = Folding(families, self.index, self.free("k"), array)

    # ------------------------------------------------------------ texts and numbers

    def along(self, group: Group, what: str) -> str:
        """The text of a family's shared line, in its index."""
        folding = self.scope.folding
        assert folding is not None
        line = group.general.line
        folding.span = line.first, line.last
        try:
            return self.text(replace(group.general, text=group.body), what)
        finally:
            folding.span = None

    def text(self, entry: Entry, what: str, arguments: dict[str, str] | None = None) -> str:
        """A text in our language, errors told with line and place."""
        try:
            return translate(entry.text, self.scope, arguments)
        except EquationError as error:
            raise self.fail(f"{what}: {error.message}\n{error.picture()}", entry.line) from error

    def reach(self, used: set[str]) -> set[str]:
        """Everything used, also through functions."""
        reached: set[str] = set()
        stack = list(used)
        while stack:
            name = stack.pop()
            if name not in reached:
                reached.add(name)
                stack.extend(self.uses.get(name, ()))
        return reached

    @cached_property
    def bodies(self) -> dict[str, tuple[tuple[str, ...], str]]:
        """Functions with arguments and body, in small letters but for the body."""
        return {
            entry.key: (tuple(name.lower() for name in entry.arguments), entry.text)
            for entry in self.contents.functions
        }

    @cached_property
    def values(self) -> dict[str, float]:
        """The numbers that are known before a run, in small letters."""
        contents = self.contents
        constant = (*contents.parameters, *contents.numbers)
        names = {entry.key: float(entry.text) for entry in constant}
        left = list(contents.derived)
        for _ in range(len(left)):
            for entry in tuple(left):
                try:
                    names[entry.key] = float(np.asarray(evaluate(entry.text, names, self.bodies)))
                except (EquationError, TypeError):
                    continue
                left.remove(entry)
        return names
