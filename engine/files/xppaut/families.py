"""Which ranges of an XPPAUT file become families: ``u[0..199]'`` as ``u[i]``.

A file with many equations runs in loops where its ranges stay what they are, instead of
hundreds of single variables. A range becomes a family where its places run from 0 without a
gap and stand together, each place of its own equation excepted. Files of which some part does
not fit (`Unfolded`) are written out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from engine.files.xppaut.statements import Contents, Entry

FEWEST = 16
"""Equations from which on it matters."""
MOST_OWN = 4
"""Places of a temporary variable with formulas of their own."""
MOST_STEPS = 40
"""Different initial values in a row that are still said in one text."""


class Unfolded(Exception):  # noqa: N818 (it is no error: the file is written out instead)
    """Something does not fit families."""


@dataclass(frozen=True)
class Group:
    """Places 0 to `size` - 1 of one name.

    Attributes
    ----------
    name : str
        As written, without a number.
    size : int
    general : Entry
        One of the places that share a line.
    own : mapping of int to Entry
        Places with lines of their own.
    """

    name: str
    size: int
    general: Entry
    own: dict[int, Entry] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """The name in small letters."""
        return self.name.lower()

    @property
    def body(self) -> str:
        """The formula of the shared line, with ``[j]``."""
        return self.general.line.template.partition("=")[2].strip()


@dataclass(frozen=True)
class Plan:
    """Families of a file, by name in small letters."""

    variables: dict[str, Group]
    fixed: dict[str, Group]
    noise: dict[str, Group]

    def home(self, key: str) -> tuple[str, int] | None:
        """Family and place of ``u12``, for variables and temporary variables."""
        for groups in (self.variables, self.fixed, self.noise):
            for base, group in groups.items():
                rest = key.removeprefix(base)
                number = int(rest) if rest != key and rest.isdigit() else -1
                if str(number) == rest and number < group.size:
                    return base, number
        return None


def plan(contents: Contents) -> Plan | None:
    """The families of a file, or None where it is small or has none."""
    if len(contents.equations) < FEWEST:
        return None
    variables = _groups(contents.equations)
    if not variables:
        return None
    fixed = {base: g for base, g in _groups(contents.fixed).items() if len(g.own) <= MOST_OWN}
    noise = {base: g for base, g in _groups(contents.noise).items() if not g.own}
    return Plan(variables, fixed, noise)


def _groups(entries: Sequence[Entry]) -> dict[str, Group]:
    found: dict[str, Group] = {}
    rows = {entry.key: row for row, entry in enumerate(entries)}
    for entry in entries:
        number = str(entry.line.place)
        base = entry.key.removesuffix(number)
        if not entry.line.ranged or base == entry.key or not base or base in found:
            continue
        members: list[int] = []
        while (row := rows.get(f"{base}{len(members)}")) is not None:
            members.append(row)
        if len(members) < 2 or members != list(range(members[0], members[0] + len(members))):
            continue
        shared: dict[int, list[int]] = {}
        for place, row in enumerate(members):
            line = entries[row].line
            if line.ranged and line.place == place:
                shared.setdefault(id(line.template), []).append(place)
        longest = max(shared.values(), key=len)
        general = entries[members[longest[0]]]
        alike = set(longest)
        own = {place: entries[row] for place, row in enumerate(members) if place not in alike}
        name = general.name.removesuffix(str(general.line.place))
        found[base] = Group(name, len(members), general, own)
    return found


def steps(values: Sequence[float], index: str) -> str:
    """Values along a family as one text in its index.

    Raises
    ------
    Unfolded
        If they change more than `MOST_STEPS` times.
    """
    runs: list[tuple[int, int, float]] = []
    for place, value in enumerate(values):
        if runs and runs[-1][2] == value:
            runs[-1] = runs[-1][0], place, value
        else:
            runs.append((place, place, value))
    if len(runs) > MOST_STEPS:
        raise Unfolded("initial values")
    if len(runs) == 1:
        return repr(runs[0][2])
    parts = [
        f"({value!r})*({index} == {first})"
        if first == last
        else f"({value!r})*({first} <= {index} and {index} <= {last})"
        for first, last, value in runs
        if value
    ]
    return " + ".join(parts) or "0"
