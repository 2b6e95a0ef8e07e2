"""What an XPPAUT file declares, put together as a `System`.

Names are checked against each other, expressions translated, and the result handed to the
reader of our own files as a document, so that every rule of ours holds for it as well. A
temporary variable that is used before it is defined is refused: the program would take its
value from the evaluation before.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from engine.equations.words import check_name, suggestion
from engine.errors import EquationError, FileFormatError
from engine.files.xppaut import looks, starts
from engine.files.xppaut.draft import Draft
from engine.files.xppaut.families import Plan, Unfolded, plan
from engine.files.xppaut.networks import read_network
from engine.files.xppaut.options import read_options
from engine.files.xppaut.statements import Contents, Entry, Flag
from engine.files.xppaut.tables import Lookup, read_table
from engine.files.xppaut.translate import REMAINDER
from engine.systems.parts import MOST_VARIABLES
from engine.systems.system import System


def assemble(
    contents: Contents, key: str, title: str, path: str, folder: Path | None = None
) -> System:
    """A system from what a file declares.

    Parameters
    ----------
    contents : Contents
    key, title : str
        The title is that of the file's first comment where there is one.
    path : str
        Named in errors.
    folder : Path, optional
        Where files of tables are looked for.

    Raises
    ------
    FileFormatError
        With line and reason, whatever cannot be meant or is not supported.
    """
    families = plan(contents)
    if families is not None:
        try:
            return _assembled(contents, key, title, path, folder, families)
        except (Unfolded, FileFormatError):
            # Written out, it may be right; if not, the error has its line.
            pass
    return _assembled(contents, key, title, path, folder, None)


def _assembled(
    contents: Contents, key: str, title: str, path: str, folder: Path | None, families: Plan | None
) -> System:
    draft = Draft(contents, read_options(contents.options, path), path, folder)
    if families is not None:
        draft.fold(families)
    return _Assembly(draft, key, title).system()


class _Assembly:
    def __init__(self, draft: Draft, key: str, title: str) -> None:
        self.draft = draft
        self.contents = draft.contents
        self.scope = draft.scope
        self.key = key
        self.document: dict[str, Any] = {"title": draft.contents.title[:100] or title}
        self.tables = self.lookups()
        self.scope.specials = {
            entry.key: read_network(entry, self.tables, self.scope.rows, draft.path)
            for entry in self.contents.specials
        }

    def system(self) -> System:
        draft, contents, document = self.draft, self.contents, self.document
        if not contents.equations:
            raise draft.fail("there is no equation: x'=.., dx/dt=.. or x(t+1)=.. is expected")
        if len(contents.equations) > MOST_VARIABLES:
            raise draft.fail(
                f"a system may have {MOST_VARIABLES:,} variables, this has "
                f"{len(contents.equations):,}",
                contents.equations[MOST_VARIABLES].line,
            )
        document["functions"] = self.functions()
        document["quantities"] = self.quantities()
        document["equations"] = self.equations()
        document["quantities"] |= self.auxiliary()
        document["events"] = self.events()
        document["kind"] = kind = self.kind()
        texts = [*document["equations"].values(), *document["quantities"].values()]
        document["history"] = starts.history(draft, texts)
        document["parameters"] = self.parameters()
        document["variables"] = starts.initial(draft)
        self.add_tables()
        if self.scope.uses_remainder:
            document["functions"][f"{self.scope.remainder}(a, b)"] = REMAINDER
        document["noise"] = self.noise()
        folding = self.scope.folding
        if folding is not None:
            document["arrays"] = {
                name: {"values": list(values)} for name, values in folding.arrays.items()
            }
        document["run"] = looks.run(draft, kind, bool(document["events"]))
        document |= looks.look(draft, document["parameters"])
        document["presets"] = looks.presets(draft)
        if contents.boundaries:
            boundaries = tuple(entry.text for entry in contents.boundaries)
            draft.options.values["boundaries"] = boundaries
            draft.notes.append(f"Boundary conditions, kept as text: {'; '.join(boundaries)}.")
        if contents.only:
            draft.options.values["only"] = contents.only
        document["notes"] = " ".join(draft.notes)
        return self.made({name: part for name, part in document.items() if part})

    # ------------------------------------------------------------ formulas

    def functions(self) -> dict[str, str]:
        found = {}
        for entry in self.contents.functions:
            self.scope.used.clear()
            arguments: dict[str, str] = {}
            for argument in entry.arguments:
                spelled = argument
                while not _usable(spelled) or spelled in arguments.values():
                    spelled += "_"
                arguments[argument.lower()] = spelled
            body = self.draft.text(entry, f"function '{entry.name}'", arguments)
            ours = self.scope.functions[entry.key][0]
            found[f"{ours}({', '.join(arguments.values())})"] = body
            self.draft.uses[entry.key] = set(self.scope.used)
        return found

    def quantities(self) -> dict[str, str]:
        """Numbers, derived parameters and temporary variables."""
        contents, scope = self.contents, self.scope
        found = {scope.names[entry.key]: entry.text for entry in contents.numbers}
        for entry in contents.parameters:
            if entry.key in self.draft.frozen:
                found[scope.names[entry.key]] = entry.text
        for entry in contents.derived:
            scope.used.clear()
            found[scope.names[entry.key]] = self.draft.text(
                entry, f"derived parameter '{entry.name}'"
            )
            moving = sorted(self.draft.reach(scope.used) - scope.fixed - set(scope.functions))
            if moving:
                raise self.draft.fail(
                    f"derived parameter '{entry.name}' depends on '{moving[0]}'; it may depend on "
                    "parameters only",
                    entry.line,
                )
        folding = scope.folding
        known = {entry.key for entry in contents.fixed}
        done: set[str] = set()
        for entry in contents.fixed:
            if entry.key in done:
                continue
            scope.used.clear()
            home = folding.plan.home(entry.key) if folding is not None else None
            group = folding.plan.fixed[home[0]] if folding is not None and home else None
            if group is None:
                found[scope.names[entry.key]] = self.draft.text(entry, f"'{entry.name}'")
            else:
                head = f"{group.name}[{self.draft.index} < {group.size}]"
                found[head] = self.draft.along(group, f"'{entry.name}'")
                for place, own in group.own.items():
                    text = self.draft.text(own, f"'{own.name}'")
                    found[head] = f"where({self.draft.index} == {place}, {text}, {found[head]})"
            reached = self.draft.reach(scope.used)
            early = sorted((reached & known) - done)
            if early or reached & set(scope.specials):
                late = early[0] if early else sorted(reached & set(scope.specials))[0]
                raise self.draft.fail(
                    f"'{entry.name}' uses '{late}' before that is worked out; its value would be "
                    "that of the evaluation before. Define it further up",
                    entry.line,
                )
            done.add(entry.key)
            if group is not None:
                done |= {f"{group.key}{place}" for place in range(group.size)}
        return found

    def equations(self) -> dict[str, str]:
        found = {}
        folding = self.scope.folding
        families = folding.plan.variables if folding is not None else {}
        for entry in self.contents.equations:
            home = folding.plan.home(entry.key) if folding is not None else None
            if home is None:
                found[self.scope.names[entry.key]] = self.draft.text(
                    entry, f"equation of '{entry.name}'"
                )
            elif home[1] == 0:
                group = families[home[0]]
                for place, own in group.own.items():
                    text = self.draft.text(own, f"equation of '{own.name}'")
                    found[f"{group.name}[{place}]"] = text
                what = f"equation of '{entry.name}'"
                found[f"{group.name}[{self.draft.index}]"] = self.draft.along(group, what)
        return found

    def noise(self) -> list[str]:
        folding = self.scope.folding
        found: list[str] = []
        for entry in self.contents.noise:
            home = folding.plan.home(entry.key) if folding is not None else None
            if home is None or folding is None:
                found.append(self.scope.names[entry.key])
            elif home[1] == 0:
                found.append(f"{folding.name(home[0])}[{folding.size(home[0])}]")
        return found

    def auxiliary(self) -> dict[str, str]:
        found, names = {}, []
        for entry in self.contents.auxiliary:
            name = self.draft.free(entry.name)
            self.draft.lines[name] = entry.line
            names.append(name)
            found[name] = self.draft.text(entry, f"aux '{entry.name}'")
        if names:
            self.draft.options.values["aux"] = tuple(names)
        return found

    def lookups(self) -> dict[str, Lookup]:
        """The tables, as functions of ours; parameters that they use stay as they are."""
        contents = self.contents
        found: dict[str, Lookup] = {}
        used: set[str] = set()
        for entry in contents.tables:
            table = read_table(
                entry, self.draft.values, self.draft.bodies, self.draft.path, self.draft.folder
            )
            found[entry.key] = table
            used |= table.names
        self.draft.frozen = frozenset(used & {entry.key for entry in contents.parameters})
        if self.draft.frozen:
            spelled = [
                entry.name for entry in contents.parameters if entry.key in self.draft.frozen
            ]
            self.draft.notes.append(
                f"{', '.join(spelled)} cannot be changed here: a table is worked out with it."
            )
        return found

    def add_tables(self) -> None:
        """Tables that are called become ours, with a function around where they go on."""
        tables = {}
        for entry in self.contents.tables:
            ours = self.scope.functions[entry.key][0]
            called = re.compile(rf"(?<!\w){re.escape(ours)}\(")
            texts = (
                *self.document["functions"].values(),
                *self.document["quantities"].values(),
                *self.document["equations"].values(),
                *(event["when"] for event in self.document["events"]),
                *(text for event in self.document["events"] for text in event["set"].values()),
            )
            if not any(called.search(text) for text in texts):
                continue
            table = self.tables[entry.key]
            row = {"low": table.low, "high": table.high, "values": list(table.values)}
            if any(table.slopes):
                inner = self.draft.free(f"{ours}_values")
                self.document["functions"][f"{ours}(u)"] = table.around(inner)
                tables[inner] = row
            else:
                tables[ours] = row
        self.document["tables"] = tables

    def events(self) -> list[dict[str, Any]]:
        found = []
        for flag in self.contents.flags:
            when = self.draft.text(
                Entry("", flag.condition, flag.line), "the condition of the event"
            )
            changes, terminal = self.changes(flag)
            if not changes and not terminal:
                raise self.draft.fail("the event changes nothing", flag.line)
            found.append(
                {
                    "when": when,
                    "direction": "up" if flag.sign > 0 else "down",
                    "set": changes,
                    **({"terminal": True} if terminal else {}),
                }
            )
        return found

    def changes(self, flag: Flag) -> tuple[dict[str, str], bool]:
        """What an event sets, and whether it ends the run.

        There one is set after the other, here all at once: where a later formula has a
        variable that was set before, its new value is put in.
        """
        changes: dict[str, str] = {}
        terminal = False
        names = dict(self.scope.names)
        try:
            for change in flag.changes:
                if change.key == "arret":
                    terminal = True
                    continue
                if change.key not in self.scope.variables:
                    what = "a parameter" if change.key in names else "no variable"
                    hint = suggestion(change.key, self.scope.variables)
                    raise self.draft.fail(
                        f"the event sets '{change.name}', which is {what}; an event sets variables"
                        + (hint if what == "no variable" else ""),
                        flag.line,
                    )
                self.scope.used.clear()
                name = names[change.key]
                text = self.draft.text(change, f"the event's value of '{change.name}'")
                inside = self.scope.used & set(self.draft.uses)
                hidden = self.draft.reach(inside) & {key for key in names if names[key] in changes}
                if hidden:
                    raise self.draft.fail(
                        f"the event's value of '{change.name}' uses '{sorted(hidden)[0]}' through "
                        "a function after setting it; set it last",
                        flag.line,
                    )
                changes[name] = text
                self.scope.names[change.key] = f"({text})"
        finally:
            self.scope.names = names
        return changes, terminal

    def kind(self) -> str:
        contents, options = self.contents, self.draft.options
        discrete = options.method == "discrete"
        if contents.maps:
            first = next(e for e in contents.equations if e.key in contents.maps)
            mixed = len(contents.maps) < len(contents.equations)
            if not discrete and (mixed or "method" in options.lines):
                raise self.draft.fail(
                    f"'{first.name}' is written as a map, but not all of the file is; say "
                    "@ meth=discrete",
                    first.line,
                )
            options.values["method"] = "discrete"
            discrete = True
        if contents.noise and discrete:
            raise self.draft.fail("a map with noise is not supported", contents.noise[0].line)
        if contents.flags and (discrete or contents.noise or self.scope.delays):
            what = "a map" if discrete else "noise" if contents.noise else "delays"
            raise self.draft.fail(
                f"events together with {what} are not supported", contents.flags[0].line
            )
        if self.scope.delays and (discrete or contents.noise):
            what = "a map" if discrete else "noise"
            raise self.draft.fail(f"delays together with {what} are not supported")
        if self.scope.delays and self.draft.options.number("t0"):
            raise self.draft.fail(
                "delays with t0 are not supported", self.draft.options.lines["t0"]
            )
        if discrete:
            return "map"
        if contents.noise:
            return "sde"
        return "dde" if self.scope.delays else "flow"

    def parameters(self) -> dict[str, dict[str, float]]:
        return {
            self.scope.names[entry.key]: {"default": float(entry.text)}
            for entry in self.contents.parameters
            if entry.key not in self.draft.frozen
        }

    def made(self, document: dict[str, Any]) -> System:
        from engine.systems.files import from_document

        try:
            system = from_document(document, self.key, self.draft.path)
        except FileFormatError as error:
            raise self.located(error) from error
        looks.fold(self.draft, system)
        return replace(system, options=MappingProxyType(dict(self.draft.options.values)))

    def located(self, error: FileFormatError) -> FileFormatError:
        """An error of our own reader, with the line it comes from where that is known."""
        message = str(error.__cause__ or error)
        found = re.search(r"(?:equation of|quantity|function|history of) '(\w+)'", message)
        line = self.draft.lines.get(found.group(1)) if found else None
        if error.__cause__ is None and error.field.startswith(("equations.", "events[")):
            # Said of a field of our own format, which this file does not have.
            message = message.removeprefix(f"{error.path}: ").removeprefix(f"{error.field}: ")
            if event := re.match(r"events\[(\d+)\]", error.field):
                message = f"event {int(event[1]) + 1}: {message}"
            line = self.draft.lines.get(error.field.removeprefix("equations.").partition("[")[0])
        return self.draft.fail(message, line)


def _usable(name: str) -> bool:
    try:
        check_name(name, "an argument")
    except EquationError:
        return False
    return True
